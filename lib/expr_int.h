/* expr_int: what the files of expr share among themselves */
#ifndef CS_EXPR_INT_H
#define CS_EXPR_INT_H

#include "expr.h"

/* The second half of cs_expr_parse: allow list, arity, one value, yes/no,
 * brackets. False after a fault went to diags. */
bool cs_expr_check(const struct cs_expr *e, const struct cs_pair *source,
    enum cs_role role, struct cs_diags *diags);

/* The numbers of arguments name is allowed with, at most CS_MAX_ARITIES of
 * them into v (may be NULL); 0: no such function. */
#define CS_MAX_ARITIES 4
size_t cs_expr_arities(struct cs_str name, int *v);
/* What to use instead of a name that is not in the language: "" when there is
 * nothing to say, NULL when it is not a name of jq or other languages. */
const char *cs_expr_instead(struct cs_str name);
/* Is @name a format of the language? */
bool cs_expr_is_format(struct cs_str name);
/* A word that jq keeps for itself: if, and, reduce ... */
bool cs_expr_is_keyword(struct cs_str name);
/* Can the pattern (oniguruma) match nothing at all? True when in doubt. */
bool cs_expr_may_match_empty(struct cs_str pattern, bool is_extended);

#endif
