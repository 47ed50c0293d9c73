/* eval: the seam between rules and engines: record in, results out
 *
 * Add expressions, compile once, then per record run and ask. Two engines stand
 * behind the calls, and nobody else knows: the native one (expr_native), which
 * computes what is asked for when it is asked for, and libjq (eval_ref), the
 * authority, for the leaves of an expression that the native one does not do
 * (eval_leaf), or for all. */
#ifndef CS_EVAL_H
#define CS_EVAL_H

#include "expr.h"
#include "rec.h"
#include "set.h"
#include "zone.h"

enum cs_answer { CS_NO, CS_YES, CS_UNKNOWN };

struct cs_eval;

/* $NAME of --arg: always text. */
struct cs_arg {
	struct cs_str name, value;
};
/* in_list("NAME") of --list: one value a line, compared as text. */
struct cs_list {
	struct cs_str name;
	struct cs_set set;
};
/* A Let: stanza. */
struct cs_let {
	struct cs_str name;
	const struct cs_expr *expr;
	struct cs_place at;
};

struct cs_eval_conf {
	enum cs_engine engine;
	const struct cs_as_of *as_of;
	const struct cs_arg *args;
	size_t nargs;
	const struct cs_list *lists;
	size_t nlists;
	const struct cs_let *lets; /* in any order; circles are faults */
	size_t nlets;
	/* What libjq may use for one record; 0: CS_MAX_JQ_ of expr_jq. */
	unsigned cpu_seconds, mebibytes;
	bool no_short; /* every operator by its general form: the same answers,
			  slower; for tests */
};

/* conf and what it points to must outlive the evaluator. */
struct cs_eval *cs_eval_new(const struct cs_eval_conf *conf);
/* Returns the expression's number: 0, 1, 2 ... label names it in summaries
 * ("rule pv1000"); it must outlive the evaluator. e NULL (it did not parse):
 * compile will return false. */
size_t cs_eval_add(struct cs_eval *ev, const struct cs_expr *e,
    enum cs_role role, const char *label);
/* Binds columns and compiles. head NULL: no record will come, `.` is null.
 * Unknown columns (closed header, with suggestion; "unknown-column"), unknown
 * $names and lists, circles in lets: diags. False with err when libjq itself
 * fails; also false when diags got errors (err untouched, exit CS_USAGE). */
bool cs_eval_compile(struct cs_eval *ev, struct cs_header *head,
    struct cs_diags *diags, struct cs_err *err);
/* rec (NULL: the null record) is what the calls below are about, until the next
 * run. False with err: over the CPU limit (exit 3, names the rule), out of
 * memory, engines differ. */
bool cs_eval_run(struct cs_eval *ev, struct cs_rec *rec, struct cs_err *err);
/* Result i for the record last run: null is unknown. A condition gives only
 * null or a boolean. Texts live until the next run. */
struct cs_val cs_eval_get(const struct cs_eval *ev, size_t i);
/* The same of a condition, the quick way. */
enum cs_answer cs_eval_ask(struct cs_eval *ev, size_t i);
/* The first of the expressions i .. end - 1 that is worth asking: those before
 * it are conditions that say no without a fault. end: none. */
size_t cs_eval_next(const struct cs_eval *ev, size_t i, size_t end);

/* Runtime and type errors that befell expression i in the record last run. */
struct cs_eval_fault {
	const struct cs_expr *at; /* node, or NULL when not known */
	struct cs_str text;	  /* "type: text against number" */
};
size_t cs_eval_faults(
    const struct cs_eval *ev, size_t i, const struct cs_eval_fault **v);
/* Is it sure that no expression asked so far had one? */
bool cs_eval_is_calm(const struct cs_eval *ev);
/* The name of the first column that expression i (or a Let it uses) names and
 * that is null in rec; absent when there is none. Where several are, another
 * may be why result i is unknown: cs_explain_empty knows. */
struct cs_str cs_eval_empty_column(
    const struct cs_eval *ev, size_t i, struct cs_rec *rec);
/* Its number, or CS_NO_COLUMN; *only: is it the only one that is null? */
size_t cs_eval_empty(
    const struct cs_eval *ev, size_t i, struct cs_rec *rec, bool *only);
const struct cs_expr *cs_eval_expr(const struct cs_eval *ev, size_t i);
const char *cs_eval_label(const struct cs_eval *ev, size_t i);
size_t cs_eval_count(const struct cs_eval *ev);
/* Does expression i need no libjq, if the engine is fast? After compile. */
bool cs_eval_is_native(const struct cs_eval *ev, size_t i);
/* The leaves of all expressions: operands that libjq evaluates, if the engine
 * is fast, once a record and only when they are asked for. Equal ones count
 * once. After compile. */
size_t cs_eval_leaves(const struct cs_eval *ev);
const struct cs_expr *cs_eval_leaf(const struct cs_eval *ev, size_t k);
/* What they have cost so far: evaluations, and columns given to libjq. */
struct cs_leaf_work {
	uint64_t runs, columns;
};
struct cs_leaf_work cs_eval_leaf_work(const struct cs_eval *ev);
/* With CS_ENGINE_BOTH: how many answers were compared so far. */
uint64_t cs_eval_compared(const struct cs_eval *ev);
/* The expression of the Let that $name means, or NULL. For explain. */
const struct cs_expr *cs_eval_let(const struct cs_eval *ev, struct cs_str name);
/* The program that libjq runs, for cs-check explain. After compile. */
struct cs_str cs_eval_program(const struct cs_eval *ev);
/* The prelude in front of it. */
const char *cs_eval_prelude(void);
void cs_eval_free(struct cs_eval *ev);

/* cs-check eval --jq: jq's own two-valued meaning of e on any JSON value;
 * calls f with each output as compact JSON. args as $NAME. False with err:
 * jq's runtime error (exit 1, text as jq says it) after the outputs so far, or
 * a fault of libjq (exit 3). */
typedef void cs_plain_output(void *self, struct cs_str json);
struct cs_plain;
struct cs_plain *cs_plain_compile(const struct cs_expr *e,
    const struct cs_eval_conf *conf, struct cs_err *err);
bool cs_plain_run(struct cs_plain *p, struct cs_str json, cs_plain_output *f,
    void *self, struct cs_err *err);
void cs_plain_free(struct cs_plain *p);

#endif
