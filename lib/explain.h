/* explain: why a condition said yes, no or unknown
 *
 * The leaves of a condition are its comparisons and other yes/no operands
 * under and, or, not, if, //. Each is evaluated with its two sides; Kleene's
 * tables say which of them decided. */
#ifndef CS_EXPLAIN_H
#define CS_EXPLAIN_H

#include "eval.h"

struct cs_explain;

/* Parts of a condition after which a Let is a leaf as it stands. */
#define CS_MAX_WHY 1000

/* One leaf, as seen in a record. Texts live until the next get. */
struct cs_reason {
	struct cs_str condition; /* normal text: .product_count >= 20 */
	enum { CS_ANSWER_NO, CS_ANSWER_YES, CS_ANSWER_UNKNOWN } answer;
	/* Kleene's tables trace the answer back to it: of an `and` that says
	 * no, the operands that say no; of one that says yes, all; of an
	 * unknown one, the unknown operands; of an `if`, the head and the
	 * branch taken. */
	bool decided;
	struct cs_str subject; /* what is looked at: product_count */
	struct cs_str value;   /* of the left side, as text; "" when unknown */
	struct cs_str needs;   /* ">= 20" as a person would say; "" if it holds
				  (under `not`: what the leaf must say instead) */
	double distance;       /* to pass, for numbers, 0 if it holds; NAN
				  otherwise */
	struct cs_str
	    column; /* the empty column behind an unknown, or absent */
};

/* Prepares e: adds its leaves and their sides to ev. Before compile. They are
 * evaluated with every record that ev runs: to explain a few records only, give
 * them an evaluator of their own. */
struct cs_explain *cs_explain_new(
    struct cs_eval *ev, const struct cs_expr *e, const char *label);
/* The reasons for the record last run, in order of the source; Lets are shown
 * by their own leaves, up to CS_MAX_WHY. */
size_t cs_explain_get(
    struct cs_explain *x, struct cs_rec *rec, const struct cs_reason **v);
/* "product_count is 18, needs >= 20", the deciding ones joined with "; ". */
void cs_explain_text(struct cs_buf *b, const struct cs_reason *v, size_t n);
void cs_explain_free(struct cs_explain *x);

#endif
