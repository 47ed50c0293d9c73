/* eval_int: what the files of eval share among themselves
 *
 * eval: who evaluates what; eval_ref: the table, libjq's program, runs;
 * eval_leaf: operands one by one, for the native engine; eval_bind: what names
 * mean; eval_host: the program's calls and faults; eval_plain: jq's own
 * meaning. */
#ifndef CS_EVAL_INT_H
#define CS_EVAL_INT_H

#include "eval.h"
#include "expr_jq.h"
#include "expr_jqprint.h"

/* A growing list of numbers. */
struct cs_numbers {
	size_t *v;
	size_t n, cap;
};

/* An expression of the table, or a Let. */
struct cs_owner {
	const struct cs_expr *expr;
	enum cs_role role;
	const char *label;
	struct cs_numbers cols; /* columns it names, in order */
	struct cs_numbers lets; /* Lets it uses, in order */
	bool is_whole;		/* it uses the record itself */
};

/* What befell in the record last run. */
struct cs_eval_befell {
	size_t owner;
	struct cs_eval_fault f;
};
struct cs_eval_look {
	size_t owner, let;
};

struct cs_ref {
	const struct cs_eval_conf *conf;
	struct cs_owner *owner; /* expressions, after compile the Lets behind */
	size_t n, cap;		/* expressions */
	struct cs_numbers order; /* used Lets, each behind what it needs */
	unsigned char *let_state;
	unsigned *let_height; /* with the Lets it uses put in */
	/* binding */
	struct cs_header *head;
	struct cs_diags *diags;
	struct cs_jq_names names;
	struct cs_owner *at;	/* being printed */
	struct cs_map told;	/* what was reported */
	struct cs_arena run;	/* as long as the evaluator */
	struct cs_numbers cols; /* columns of the object */
	struct cs_numbers keys; /* their names inside cs_jq */
	bool is_whole;
	/* program */
	bool is_menu; /* one expression a run: eval_leaf */
	struct cs_jq *jq;
	struct cs_jq_host host;
	struct cs_jq_sites sites;
	struct cs_buf program;
	/* record */
	struct cs_rec *rec;
	struct cs_arena one; /* until the next run */
	struct cs_val *result;
	struct cs_eval_befell *fault;
	size_t nfaults, faults_cap;
	struct cs_eval_look *look;
	size_t nlooks, looks_cap;
	struct cs_buf answer; /* a host call's text */
	struct cs_arena work; /* a host call's */
};

static inline bool
cs_has(const struct cs_numbers *v, size_t x)
{
	size_t i;

	for (i = 0; i < v->n; i++)
		if (v->v[i] == x)
			return true;
	return false;
}

static inline void
cs_push(struct cs_numbers *v, size_t x)
{
	v->v = cs_grow(v->v, v->n, &v->cap, sizeof(*v->v));
	v->v[v->n++] = x;
}

static inline void
cs_push_once(struct cs_numbers *v, size_t x)
{
	if (!cs_has(v, x))
		cs_push(v, x);
}

/* --- eval_bind: the answers of cs_jq_names, with ev as self */

void cs_eval_on_column(void *self, const struct cs_expr *at,
    const struct cs_str *names, size_t n, size_t *col, size_t *used,
    struct cs_str *key);
void cs_eval_on_whole(void *self);
enum cs_jq_var_kind cs_eval_on_var(
    void *self, const struct cs_expr *at, size_t *n);
size_t cs_eval_on_list(
    void *self, const struct cs_expr *at, struct cs_str name);
void cs_eval_on_pattern(void *self, const struct cs_expr *at,
    struct cs_str pattern, struct cs_str flags);
/* A path behind which a minus and a name stand: perhaps a column's name. */
void cs_eval_on_dashed(void *self, const struct cs_expr *at,
    const struct cs_str *names, size_t n, bool whole);
/* Names of Lets and --arg that are taken. */
void cs_eval_check_names(struct cs_ref *ev);
/* Orders the Lets that the expressions use; circles are faults in any Let. */
void cs_eval_order_lets(struct cs_ref *ev);
/* The number of the Let, or CS_JQ_NONE. */
size_t cs_eval_find_let(const struct cs_eval_conf *conf, struct cs_str name);

/* --- eval_host: the other side of the program */

void cs_eval_note(void *self, const struct cs_val *v, size_t n);
struct cs_val cs_eval_call(void *self, const struct cs_val *v, size_t n);

/* Bytes of printed expressions that go into one function of the program:
 * libjq limits the length of one (65535 words) and takes time that grows with
 * its square. */
enum { CS_JQ_CHUNK = 8 << 10 };

/* --- eval_leaf */

/* The program of a menu: its input is [number, record, Lets ...]. */
void cs_eval_print_menu(struct cs_ref *ev, struct cs_jq_print *p);

/* --- eval_ref */

/* Fails: libjq ended without an answer, or with text. */
bool cs_eval_no_answer(const char *label, enum cs_jq_state state,
    struct cs_str text, struct cs_err *err);
/* Appends the expression of owner to the program. */
void cs_eval_print_owner(
    struct cs_ref *ev, struct cs_jq_print *p, size_t owner);
/* Keys for the columns that have none yet. */
void cs_eval_bind_keys(struct cs_ref *ev);
/* rec becomes the next run's input, with these columns; key[i] is the key of
 * the i-th. */
void cs_eval_give(struct cs_ref *ev, struct cs_rec *rec,
    const struct cs_numbers *cols, const size_t *key);

/* Compiles with what every program sees: $today, $now, and $a_0 .. of --arg;
 * and arms the guard. */
struct cs_jq *cs_eval_start_jq(const struct cs_eval_conf *conf,
    const char *text, const struct cs_jq_host *host, struct cs_arena *arena,
    struct cs_err *err);

#endif
