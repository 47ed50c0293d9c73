/* eval_leaf: the operands that libjq evaluates one by one
 *
 * One program for all leaves of a table, because libjq's compile is dear: its
 * input says which leaf is wanted, and carries the columns and the Lets that
 * this leaf names and no others. A Let's value is the native engine's, so a
 * leaf is computed from what the skeleton sees. */
#ifndef CS_EVAL_LEAF_H
#define CS_EVAL_LEAF_H

#include "eval_ref.h"
#include "expr_native.h"

struct cs_leaves;

/* all: the expressions and Lets, bound, for the names that messages give. */
struct cs_leaves *cs_leaves_new(
    const struct cs_eval_conf *conf, const struct cs_ref *all);
/* For cs_native_new. */
const struct cs_native_leaves *cs_leaves_native(struct cs_leaves *v);
/* Once native knows all expressions; no leaf, no program. */
bool cs_leaves_compile(struct cs_leaves *v, struct cs_native *native,
    struct cs_header *head, struct cs_err *err);
void cs_leaves_begin(struct cs_leaves *v, struct cs_rec *rec);
/* False when libjq failed over a leaf: asking cannot tell. */
bool cs_leaves_good(const struct cs_leaves *v, struct cs_err *err);
/* Number of leaves, the tree of one, what was done so far. */
size_t cs_leaves_count(const struct cs_leaves *v);
const struct cs_expr *cs_leaves_expr(const struct cs_leaves *v, size_t k);
struct cs_leaf_work cs_leaves_work(const struct cs_leaves *v);
void cs_leaves_free(struct cs_leaves *v);

#endif
