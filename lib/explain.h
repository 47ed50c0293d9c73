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

/* One leaf, as seen in a record. Texts live until the next get, seen's until
 * the evaluator's next run. */
struct cs_reason {
	struct cs_str condition; /* normal text: .product_count >= 20 */
	enum { CS_ANSWER_NO, CS_ANSWER_YES, CS_ANSWER_UNKNOWN } answer;
	/* Kleene's tables trace the answer back to it: of an `and` that says
	 * no, the operands that say no; of one that says yes, all; of an
	 * unknown one, the unknown operands; of an `if`, the head and the
	 * branch taken; of an unknown left of `//`, all that left it so. */
	bool decided;
	bool is_constant; /* true, false: it stands in the rule as it is */
	bool is_value; /* left of //, neither yes nor no, but a value: // does
			  not replace it */
	struct cs_str subject; /* what is looked at: product_count */
	struct cs_val seen;    /* the value of it */
	struct cs_str value;   /* the same as text; "" when unknown */
	struct cs_val days;    /* in_last: how long ago; else null */
	struct cs_str needs;   /* ">= 20" as a person would say; "" if it holds
				  (under `not`: what the leaf must say instead) */
	/* To pass: the difference of two numbers, days between two dates; 0 if
	 * it holds; NAN for all else. < and > need more than that. */
	double distance;
	struct cs_str
	    column;	     /* the empty column behind an unknown, or absent */
	struct cs_str fault; /* behind an unknown: "text against number", or
				absent */
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
/* "product_count is 18, needs >= 20", the deciding ones joined with "; ".
 * Constants only where nothing else decided. */
void cs_explain_text(struct cs_buf *b, const struct cs_reason *v, size_t n);
/* [{"condition":".product_count >= 20","answer":"no","value":18,"needs":">=
 * 20", "distance":2,"column":null,"fault":null}]: the deciding ones; all: every
 * leaf, with "decided" behind the answer. What there is none of is null. */
void cs_explain_json(
    struct cs_buf *b, const struct cs_reason *v, size_t n, bool all);
/* The first column that is empty and so leaves the condition unknown, or
 * absent. */
struct cs_str cs_explain_column(const struct cs_reason *v, size_t n);
/* The same of e's answer in the record last run, without the reasons' words. */
struct cs_str cs_explain_empty(struct cs_explain *x, struct cs_rec *rec);
/* "yes", "no", "unknown". */
struct cs_str cs_reason_answer(const struct cs_reason *r);
/* needs for a cell of a table: behind it, where value does not show it, the
 * empty column or the fault: "> 3 (nps is empty)". In b, or needs itself. */
struct cs_str cs_reason_needs(const struct cs_reason *r, struct cs_buf *b);
void cs_explain_free(struct cs_explain *x);

#endif
