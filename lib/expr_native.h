/* expr_native: rules evaluated without libjq
 *
 * A tree of RULES' native subset becomes a tree of nodes with columns bound to
 * numbers, constants folded, patterns compiled. The answers and the faults are
 * those of the printed program under prelude.h. What is outside the subset is
 * a leaf: the smallest operand that is an expression of the record, so that
 * libjq can answer for it alone, when the nodes around it ask. "Not mine" is
 * said for one record when a value turns up that only libjq knows what to do
 * with (contains of a list, .x["a"] of a number): the caller asks libjq for the
 * whole expression then. */
#ifndef CS_EXPR_NATIVE_H
#define CS_EXPR_NATIVE_H

#include "expr_jqprint.h"
#include "rec.h"
#include "set.h"
#include "zone.h"

struct cs_native;

/* What befell in owner's expression; at is the failing node. */
struct cs_native_fault {
	size_t owner;
	const struct cs_expr *at;
	struct cs_str text;
};

/* What libjq says of a leaf, for one record. */
struct cs_native_leaf {
	struct cs_val v;  /* texts live as long as the record */
	bool is_not_mine; /* v is not all of it */
	/* The tree that was evaluated: it equals the leaf's, but the places of
	 * the faults are its. */
	const struct cs_expr *expr;
	const struct cs_native_fault *fault; /* owner: not set */
	size_t nfaults;
	const size_t *let; /* Lets it looked at */
	size_t nlets;
};

/* Leaves: operands outside the native subset. They are expressions of the
 * record with one value, and have numbers. */
struct cs_native_leaves {
	void *self;
	/* The number of e; equal trees may have the same. */
	size_t (*add)(void *self, const struct cs_expr *e);
	/* How many there are; and back to n of them: the larger operand around
	 * the ones behind became a leaf itself. */
	size_t (*count)(void *self);
	void (*drop)(void *self, size_t n);
	/* Leaf k for the record, asked by owner. */
	void (*ask)(
	    void *self, size_t k, size_t owner, struct cs_native_leaf *answer);
};

/* What the nodes need from outside; all of it outlives them. */
struct cs_native_conf {
	struct cs_header *head;	      /* NULL: the record is null */
	const struct cs_as_of *as_of; /* NULL: no date is known */
	const struct cs_str *arg;     /* by number, as cs_jq_names.var gives */
	const struct cs_set *const *list; /* by number */
	size_t lets; /* number of Lets; each is an owner behind the others */
	const struct cs_native_leaves *leaves;
};

/* n expressions; Let k is owner n + k. */
struct cs_native *cs_native_new(const struct cs_native_conf *conf, size_t n);
/* Compiles e for owner i; a Let before all that uses it. names says what names
 * mean while this call lasts. */
void cs_native_add(struct cs_native *m, size_t i, const struct cs_expr *e,
    enum cs_role role, const struct cs_jq_names *names);
/* After all were added: prepares what makes many conditions quick. It need not
 * be called; the answers are the same. */
void cs_native_ready(struct cs_native *m);
/* Is there a leaf in owner i, or in a Let it uses? */
bool cs_native_has_leaf(const struct cs_native *m, size_t i);
/* rec (NULL: null) is the record of the calls that follow. */
void cs_native_begin(struct cs_native *m, struct cs_rec *rec);
/* The value of owner i, computed when first asked. False: not mine for this
 * record. Texts live until the next begin. */
bool cs_native_get(struct cs_native *m, size_t i, struct cs_val *v);

/* The value of Let k, for a leaf that uses it; as cs_native_get. */
bool cs_native_let(struct cs_native *m, size_t k, struct cs_val *v);

/* Answers of 64 expressions, a bit each: is it yes, is it not no; and where it
 * is not known here, but only by asking. */
struct cs_native_word {
	uint64_t yes, may_be, open;
};
/* Those of all expressions, complete when begin returns; expression i is in
 * word i / 64. NULL: none is known. */
const struct cs_native_word *cs_native_words(const struct cs_native *m);

/* Where the number of faults of this record so far is counted: for those who
 * look at it behind every answer. */
const size_t *cs_native_fault_count(const struct cs_native *m);
/* All faults of this record so far, in order of their time. */
const struct cs_native_fault *cs_native_faults(
    const struct cs_native *m, size_t *n);
/* Did owner i look at Let k, so that its faults are i's too? */
bool cs_native_looked(const struct cs_native *m, size_t i, size_t k);
void cs_native_free(struct cs_native *m);

#endif
