/* expr_jqprint_int: what the three files of the printer share
 *
 * expr_jqprint: nodes and operators; expr_jqname: paths and variables;
 * expr_jqcall: functions. */
#ifndef CS_EXPR_JQPRINT_INT_H
#define CS_EXPR_JQPRINT_INT_H

#include "expr_jqprint.h"

/* A variable the expression binds itself. */
struct cs_jqp_bound {
	struct cs_str name;
	size_t n; /* $u_N */
	const struct cs_jqp_bound *next;
};

/* Where a node stands. */
struct cs_jqp_ctx {
	bool is_rec;   /* . is the record */
	bool is_quiet; /* under a postfix ? */
	bool is_plain; /* jq's own meaning */
	size_t col;    /* . is this column's value, or CS_JQ_NONE */
	const struct cs_jqp_bound *bound;
};

typedef void cs_jqp_print(
    struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *e);

/* Any number of values. Raises nothing but the marker of an unknown stream
 * (jq's own errors in the plain meaning); binds tighter than any operator. */
cs_jqp_print cs_jqp_put;
/* Exactly one value, raises nothing. */
cs_jqp_print cs_jqp_one;
/* The same, and it is a boolean or null. */
cs_jqp_print cs_jqp_condition;
/* CS_E_FIELD; CS_E_INDEX and CS_E_SLICE; CS_E_VAR; CS_E_AS; CS_E_CALL. */
cs_jqp_print cs_jqp_field;
cs_jqp_print cs_jqp_index;
cs_jqp_print cs_jqp_var;
cs_jqp_print cs_jqp_as;
cs_jqp_print cs_jqp_func;
/* "(A|" of the node's operand a, or of . */
cs_jqp_print cs_jqp_base;
/* The number of a new site, or null where faults do not count. */
cs_jqp_print cs_jqp_site;

void cs_jqp_puts(struct cs_jq_print *p, const char *z);
/* As a literal. */
void cs_jqp_text(struct cs_jq_print *p, struct cs_str s);
/* "name(SITE" */
void cs_jqp_call(struct cs_jq_print *p, struct cs_jqp_ctx c, const char *name,
    const struct cs_expr *e);
/* . */
void cs_jqp_self(struct cs_jq_print *p, struct cs_jqp_ctx c);
/* c where . is something made by the expression. */
struct cs_jqp_ctx cs_jqp_elsewhere(struct cs_jqp_ctx c);
/* The column whose value e (NULL: .) is and nothing else, or CS_JQ_NONE. */
size_t cs_jqp_column_of(
    struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *e);
/* Operands of a chain `a op b op c` from left to right: how many; into v if it
 * is not NULL. */
size_t cs_jqp_flatten(
    const struct cs_expr *e, enum cs_op op, const struct cs_expr **v);
bool cs_jqp_is_self(const struct cs_expr *e);

#endif
