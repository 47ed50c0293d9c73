/* verify_show: an expression and its reasons, for people (cs-check explain) */
#ifndef CS_VERIFY_SHOW_H
#define CS_VERIFY_SHOW_H

#include "explain.h"
#include "out.h"

/* Writes the normal text, the tree, which parts are native and which libjq's,
 * and the program that libjq runs where it runs all; alone is an evaluator of
 * nothing but e, compiled. */
void cs_show_expression(struct cs_out *out, const struct cs_expr *e,
    const struct cs_eval *alone, bool with_prelude);
/* The same as the beginning of a JSON object: expression, engine, program. */
void cs_show_json(
    struct cs_out *out, const struct cs_expr *e, const struct cs_eval *alone);
/* The rest of that object, and the line's end: file, line, id, value and the
 * reasons (x NULL: null). */
void cs_show_record_json(struct cs_out *out, struct cs_rec *rec,
    struct cs_str id, struct cs_val value, struct cs_explain *x);
/* Writes the leaves as a table, and what decided. rec was last run. */
void cs_show_reasons(
    struct cs_out *out, struct cs_explain *x, struct cs_rec *rec);

#endif
