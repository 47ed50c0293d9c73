/* eval_ref: the libjq engine, the authority on what rules mean
 *
 * The same calls as eval.h has, and what the dispatcher in eval.c needs
 * besides: binding apart from compiling, because names are bound once for both
 * engines and libjq's compile costs 13 ms and more. */
#ifndef CS_EVAL_REF_H
#define CS_EVAL_REF_H

#include "eval.h"
#include "expr_jqprint.h"

struct cs_ref;

struct cs_ref *cs_ref_new(const struct cs_eval_conf *conf);
size_t cs_ref_add(struct cs_ref *ev, const struct cs_expr *e, enum cs_role role,
    const char *label);
/* Binds all names and prints the program. False when diags got errors. */
bool cs_ref_bind(
    struct cs_ref *ev, struct cs_header *head, struct cs_diags *diags);
/* After bind: the program goes into libjq. */
bool cs_ref_compile(struct cs_ref *ev, struct cs_err *err);
/* Both, for names that were bound once without a fault. */
bool cs_ref_start(
    struct cs_ref *ev, struct cs_header *head, struct cs_err *err);
/* After compile: all expressions for rec. */
bool cs_ref_run(struct cs_ref *ev, struct cs_rec *rec, struct cs_err *err);
struct cs_val cs_ref_get(const struct cs_ref *ev, size_t i);
size_t cs_ref_faults(
    const struct cs_ref *ev, size_t i, const struct cs_eval_fault **v);

/* What binding found; after bind. */
struct cs_str cs_ref_empty_column(
    const struct cs_ref *ev, size_t i, struct cs_rec *rec);
size_t cs_ref_empty(
    const struct cs_ref *ev, size_t i, struct cs_rec *rec, bool *only);
const char *cs_ref_label(const struct cs_ref *ev, size_t i);
const struct cs_expr *cs_ref_expr(const struct cs_ref *ev, size_t i);
enum cs_role cs_ref_role(const struct cs_ref *ev, size_t i);
size_t cs_ref_count(const struct cs_ref *ev);
const struct cs_expr *cs_ref_let(const struct cs_ref *ev, struct cs_str name);
struct cs_str cs_ref_program(const struct cs_ref *ev);
/* The Lets that the expressions use, each behind what it needs. */
const size_t *cs_ref_lets(const struct cs_ref *ev, size_t *n);
/* What names mean to owner: an expression, or count + k for Let k. Valid until
 * the next call. */
const struct cs_jq_names *cs_ref_names(struct cs_ref *ev, size_t owner);
/* Gives every named column with a type of its own its value, so that cells that
 * do not fit are counted whichever engine looks at what. */
void cs_ref_touch(struct cs_ref *ev, struct cs_rec *rec);
void cs_ref_free(struct cs_ref *ev);

#endif
