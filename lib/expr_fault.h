/* expr_fault: the words of runtime faults that both engines say */
#ifndef CS_EXPR_FAULT_H
#define CS_EXPR_FAULT_H

#include "arena.h"
#include "buf.h"
#include "expr.h"
#include "val.h"

#define CS_FAULT_STEPS "the pattern takes too many steps on this text"
/* A text of more than CS_MAX_TEXT bytes, which is unknown. */
#define CS_FAULT_LONG "the text is over 16 MiB long"

/* A fault's text in the arena, cut at a character when it is long. */
struct cs_str cs_fault_keep(struct cs_arena *a, struct cs_str s);
/* ".x is 0, not yes/no: write .x == 1": v stands where a condition is needed,
 * at is its expression. v's arrays and objects are as jq prints them. */
void cs_fault_not_yes_no(
    struct cs_buf *b, const struct cs_expr *at, const struct cs_val *v);

#endif
