/* expr_jqprint: a tree as jq program text
 *
 * Two forms: the three-valued one, calls of prelude.h, and the plain one, jq's
 * own operators. No source text reaches the program: names become quoted keys
 * and numbered variables, literals are printed again. */
#ifndef CS_EXPR_JQPRINT_H
#define CS_EXPR_JQPRINT_H

#include "expr.h"

/* One place of the program that can tell the host something. */
struct cs_jq_site {
	const struct cs_expr *at;
	size_t owner; /* as the caller of cs_jq_print said */
	size_t let;   /* the Let that is looked at here, or CS_JQ_NONE */
};

#define CS_JQ_NONE SIZE_MAX

struct cs_jq_sites {
	struct cs_jq_site *v;
	size_t n, cap;
};

enum cs_jq_var_kind {
	CS_JQ_VAR_BAD,	 /* reported already */
	CS_JQ_VAR_TODAY, /* $today of the program */
	CS_JQ_VAR_NOW,	 /* $now */
	CS_JQ_VAR_ARG,	 /* $a_N */
	CS_JQ_VAR_LET	 /* $l_N */
};

/* What the names in a tree mean; cs-eval answers. Each may be asked several
 * times about one node. What is unknown is reported there; the answer is used
 * for printing on. */
struct cs_jq_names {
	void *self;
	/* A path that begins at the record, constant names. The first *used
	 * of them (1 or more) are column *col, *key in the record's object.
	 * col CS_JQ_NONE: not known. */
	void (*column)(void *self, const struct cs_expr *at,
	    const struct cs_str *names, size_t n, size_t *col, size_t *used,
	    struct cs_str *key);
	/* The record itself is used, every column is needed. */
	void (*whole)(void *self);
	enum cs_jq_var_kind (*var)(
	    void *self, const struct cs_expr *at, size_t *n);
	/* Number of the list that in_list names. */
	size_t (*list)(
	    void *self, const struct cs_expr *at, struct cs_str name);
	/* A regular expression written as a literal. */
	void (*pattern)(void *self, const struct cs_expr *at,
	    struct cs_str pattern, struct cs_str flags);
};

struct cs_jq_print {
	struct cs_buf *out;
	struct cs_jq_sites *sites;
	const struct cs_jq_names *names;
	struct cs_arena *arena;
	size_t owner;	/* for the sites */
	size_t bound;	/* variables bound so far, for fresh names */
	bool has_short; /* comparisons with a literal by their own functions:
			   the same answers in less time */
};

/* Appends e for the record: an expression that gives one value and raises no
 * error; for CS_CONDITION a boolean or null. */
void cs_jq_print(
    struct cs_jq_print *p, const struct cs_expr *e, enum cs_role role);
/* Appends e in jq's own meaning. */
void cs_jq_print_plain(struct cs_jq_print *p, const struct cs_expr *e);
/* Does e give exactly one value, by its form? */
bool cs_jq_is_one(const struct cs_expr *e);
/* Does e give nothing but booleans and null, by its form? */
bool cs_jq_is_yes_no(const struct cs_expr *e);
/* Is e a text that looks like a date by what is written: such a literal, or
 * $today, $as_of, $now? */
bool cs_jq_is_date(const struct cs_expr *e);

#endif
