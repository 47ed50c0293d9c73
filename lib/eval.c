/* eval: who evaluates what, and the comparison of the two engines */
#include <stdlib.h>

#include "eval_leaf.h"
#include "eval_ref.h"
#include "expr_native.h"
#include "prelude.h"

struct cs_eval {
	const struct cs_eval_conf *conf;
	/* All expressions, bound; compiled for ref and both only. */
	struct cs_ref *all;
	struct cs_native *native;
	struct cs_leaves *leaves;
	/* Expressions that for some record were not: made then. */
	struct cs_ref **alone;
	uint64_t *alone_run; /* the record alone[i] has run for */
	bool has_run_alone;  /* one of them, for this record */
	/* The fast engine's answers that are known already, or NULL. */
	const struct cs_native_word *word;
	const size_t *nfaults; /* native's; NULL: there are others */
	struct cs_header *head;
	struct cs_rec *rec; /* the record last run */
	uint64_t run;
	uint64_t compared;
	struct cs_str *arg;
	const struct cs_set **list;
	struct cs_arena one; /* until the next run */
	bool is_one_used;
	/* What befell in a call that cannot tell. */
	bool is_broken;
	struct cs_err err;
};

struct cs_eval *
cs_eval_new(const struct cs_eval_conf *conf)
{
	struct cs_eval *ev = cs_calloc(1, sizeof(*ev));

	ev->conf = conf;
	ev->all = cs_ref_new(conf);
	return ev;
}

size_t
cs_eval_add(struct cs_eval *ev, const struct cs_expr *e, enum cs_role role,
    const char *label)
{
	return cs_ref_add(ev->all, e, role, label);
}

/* --- compile ------------------------------------------------------------ */

static size_t
add_to(struct cs_ref *ref, const struct cs_eval *ev, size_t i)
{
	return cs_ref_add(ref, cs_ref_expr(ev->all, i), cs_ref_role(ev->all, i),
	    cs_ref_label(ev->all, i));
}

static void
compile_native(struct cs_eval *ev)
{
	const struct cs_eval_conf *conf = ev->conf;
	size_t n = cs_ref_count(ev->all), nlets, i;
	const size_t *let = cs_ref_lets(ev->all, &nlets);
	struct cs_native_conf nc = {
	    .head = ev->head, .as_of = conf->as_of, .lets = conf->nlets};

	ev->leaves = cs_leaves_new(conf, ev->all);
	nc.leaves = cs_leaves_native(ev->leaves);

	ev->arg = cs_calloc(conf->nargs, sizeof(*ev->arg));
	for (i = 0; i < conf->nargs; i++)
		ev->arg[i] = conf->args[i].value;
	ev->list = cs_calloc(conf->nlists, sizeof(struct cs_set *));
	for (i = 0; i < conf->nlists; i++)
		ev->list[i] = &conf->lists[i].set;
	nc.arg = ev->arg;
	nc.list = ev->list;
	ev->native = cs_native_new(&nc, n);
	for (i = 0; i < nlets; i++)
		cs_native_add(ev->native, n + let[i], conf->lets[let[i]].expr,
		    CS_VALUE, cs_ref_names(ev->all, n + let[i]));
	for (i = 0; i < n; i++)
		cs_native_add(ev->native, i, cs_ref_expr(ev->all, i),
		    cs_ref_role(ev->all, i), cs_ref_names(ev->all, i));
	if (!conf->no_short)
		cs_native_ready(ev->native);
	if (conf->engine != CS_ENGINE_FAST)
		return;
	ev->word = cs_native_words(ev->native);
	ev->nfaults = cs_native_fault_count(ev->native);
}

bool
cs_eval_compile(struct cs_eval *ev, struct cs_header *head,
    struct cs_diags *diags, struct cs_err *err)
{
	size_t n = cs_ref_count(ev->all);

	ev->head = head;
	if (!cs_ref_bind(ev->all, head, diags))
		return false;
	compile_native(ev); /* for ref too: cs_eval_is_native tells */
	if (ev->conf->engine == CS_ENGINE_REF)
		return cs_ref_compile(ev->all, err);
	ev->alone = cs_calloc(n, sizeof(struct cs_ref *));
	ev->alone_run = cs_calloc(n, sizeof(*ev->alone_run));
	if (ev->conf->engine == CS_ENGINE_BOTH && !cs_ref_compile(ev->all, err))
		return false;
	return cs_leaves_compile(ev->leaves, ev->native, head, err);
}

bool
cs_eval_is_native(const struct cs_eval *ev, size_t i)
{
	return !cs_native_has_leaf(ev->native, i);
}

size_t
cs_eval_leaves(const struct cs_eval *ev)
{
	return cs_leaves_count(ev->leaves);
}

const struct cs_expr *
cs_eval_leaf(const struct cs_eval *ev, size_t k)
{
	return cs_leaves_expr(ev->leaves, k);
}

struct cs_leaf_work
cs_eval_leaf_work(const struct cs_eval *ev)
{
	return cs_leaves_work(ev->leaves);
}

uint64_t
cs_eval_compared(const struct cs_eval *ev)
{
	return ev->compared;
}

/* --- who answers for expression i --------------------------------------- */

/* A native node met a value it leaves to libjq: from now on there is a
 * program of the whole expression alone, run for the records that need it. */
static struct cs_ref *
run_alone(struct cs_eval *ev, size_t i)
{
	ev->has_run_alone = true;
	if (ev->alone[i] == NULL) {
		ev->alone[i] = cs_ref_new(ev->conf);
		add_to(ev->alone[i], ev, i);
		if (!cs_ref_start(ev->alone[i], ev->head, &ev->err)) {
			cs_ref_free(ev->alone[i]);
			ev->alone[i] = NULL;
			ev->is_broken = true;
			return NULL;
		}
	}
	if (ev->alone_run[i] != ev->run &&
	    !cs_ref_run(ev->alone[i], ev->rec, &ev->err))
		ev->is_broken = true;
	ev->alone_run[i] = ev->run;
	return ev->alone[i];
}

/* Whose answer counts: NULL for the native engine's, which is in *v then; else
 * the libjq engine and the number there. */
static struct cs_ref *
answerer(struct cs_eval *ev, size_t i, size_t *id, struct cs_val *v)
{
	*id = i;
	if (ev->conf->engine != CS_ENGINE_FAST)
		return ev->all;
	if (cs_native_get(ev->native, i, v))
		return NULL;
	*id = 0;
	*v = cs_val_null();
	return run_alone(ev, i);
}

struct cs_val
cs_eval_get(const struct cs_eval *cev, size_t i)
{
	/* Answers are computed when they are asked for. */
	struct cs_eval *ev = (struct cs_eval *)cev;
	struct cs_val v;
	size_t id;
	struct cs_ref *ref = answerer(ev, i, &id, &v);

	return ref == NULL ? v : cs_ref_get(ref, id);
}

/* Apart, so that the quick way needs no stack. */
static __attribute__((noinline)) enum cs_answer
ask_value(struct cs_eval *ev, size_t i)
{
	struct cs_val v = cs_eval_get(ev, i);

	return v.kind == CS_NULL ? CS_UNKNOWN : v.yes ? CS_YES : CS_NO;
}

enum cs_answer
cs_eval_ask(struct cs_eval *ev, size_t i)
{
	const struct cs_native_word *w = ev->word;
	unsigned bit = i % 64;

	if (w == NULL || (w[i / 64].open >> bit & 1) != 0)
		return ask_value(ev, i);
	w += i / 64;
	/* What is yes is not no, too. */
	return (enum cs_answer)(
	    2 * (w->may_be >> bit & 1) - (w->yes >> bit & 1));
}

size_t
cs_eval_next(const struct cs_eval *ev, size_t i, size_t end)
{
	uint64_t rest;
	size_t w;

	if (ev->word == NULL)
		return i;
	for (w = i / 64; w * 64 < end; w++) {
		rest = ev->word[w].may_be | ev->word[w].open;
		if (w == i / 64)
			rest &= ~(uint64_t)0 << i % 64;
		if (rest == 0)
			continue;
		i = w * 64 + (size_t)__builtin_ctzll(rest);
		return i < end ? i : end;
	}
	return end;
}

/* --- faults of the native engine ---------------------------------------- */

static bool
is_told(
    const struct cs_eval_fault *v, size_t n, const struct cs_native_fault *f)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (v[i].at == f->at && cs_str_eq(v[i].text, f->text))
			return true;
	return false;
}

struct list {
	struct cs_eval_fault *v;
	size_t n;
};

static void
take(struct list *l, const struct cs_native_fault *f, size_t n, size_t owner)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (f[i].owner == owner && !is_told(l->v, l->n, &f[i]))
			l->v[l->n++] =
			    (struct cs_eval_fault){f[i].at, f[i].text};
}

/* Did i look at Let k, directly or through another Let? The Lets behind k are
 * the ones that may use it. */
static bool
looked(const struct cs_eval *ev, size_t i, const size_t *let, size_t nlets,
    size_t k)
{
	size_t n = cs_ref_count(ev->all), j;

	if (cs_native_looked(ev->native, i, let[k]))
		return true;
	for (j = k + 1; j < nlets; j++)
		if (cs_native_looked(ev->native, n + let[j], let[k]) &&
		    looked(ev, i, let, nlets, j))
			return true;
	return false;
}

/* As libjq tells them: first the Lets', in their order, then its own. */
static size_t
native_faults(struct cs_eval *ev, size_t i, const struct cs_eval_fault **out)
{
	size_t n, count = cs_ref_count(ev->all), nlets, k;
	const struct cs_native_fault *f = cs_native_faults(ev->native, &n);
	const size_t *let = cs_ref_lets(ev->all, &nlets);
	struct list l = {0};

	*out = NULL;
	if (n == 0)
		return 0;
	ev->is_one_used = true;
	l.v = cs_arena_array(&ev->one, n, sizeof(*l.v));
	for (k = 0; k < nlets; k++)
		if (looked(ev, i, let, nlets, k))
			take(&l, f, n, count + let[k]);
	take(&l, f, n, i);
	*out = l.v;
	return l.n;
}

size_t
cs_eval_faults(
    const struct cs_eval *cev, size_t i, const struct cs_eval_fault **out)
{
	struct cs_eval *ev = (struct cs_eval *)cev;
	struct cs_val v;
	size_t id;
	struct cs_ref *ref = answerer(ev, i, &id, &v);

	if (ref != NULL)
		return cs_ref_faults(ref, id, out);
	return native_faults(ev, i, out);
}

bool
cs_eval_is_calm(const struct cs_eval *ev)
{
	return ev->nfaults != NULL && *ev->nfaults == 0 && !ev->has_run_alone;
}

/* --- both --------------------------------------------------------------- */

/* Value and faults as text: what is compared and shown. */
static void
put_answer(
    struct cs_buf *b, struct cs_val v, const struct cs_eval_fault *f, size_t n)
{
	size_t i;

	cs_val_put_json(b, v);
	for (i = 0; i < n; i++) {
		cs_buf_puts(b, " | ");
		if (f[i].at != NULL)
			cs_buf_printf(
			    b, "%zu:%zu: ", f[i].at->at.line, f[i].at->at.col);
		cs_buf_str(b, f[i].text);
	}
}

static bool
differ(const struct cs_eval *ev, size_t i, struct cs_str native,
    struct cs_str libjq, struct cs_err *err)
{
	const struct cs_place *at = &cs_ref_expr(ev->all, i)->at;
	const char *label = cs_ref_label(ev->all, i);

	return cs_fail(err, CS_STOP,
	    "%s:%zu: the engines differ over %s (%s:%zu): native says %.*s, "
	    "libjq %.*s",
	    ev->rec ? ev->rec->file : "no record", ev->rec ? ev->rec->line : 0,
	    label ? label : "a rule", at->file, at->line, CS_ARG(native),
	    CS_ARG(libjq));
}

static bool
compare(struct cs_eval *ev, size_t i, struct cs_err *err)
{
	const struct cs_eval_fault *f;
	struct cs_buf native = {0}, libjq = {0};
	struct cs_val v;
	size_t n;
	bool same;

	if (!cs_native_get(ev->native, i, &v))
		return true;
	ev->compared++;
	n = native_faults(ev, i, &f);
	put_answer(&native, v, f, n);
	n = cs_ref_faults(ev->all, i, &f);
	put_answer(&libjq, cs_ref_get(ev->all, i), f, n);
	same = cs_str_eq(cs_buf_get(&native), cs_buf_get(&libjq));
	if (!same)
		differ(ev, i, cs_buf_get(&native), cs_buf_get(&libjq), err);
	cs_buf_free(&native);
	cs_buf_free(&libjq);
	return same;
}

static bool
run_both(struct cs_eval *ev, struct cs_err *err)
{
	size_t n = cs_ref_count(ev->all), i;

	if (!cs_ref_run(ev->all, ev->rec, err))
		return false;
	cs_native_begin(ev->native, ev->rec);
	cs_leaves_begin(ev->leaves, ev->rec);
	for (i = 0; i < n; i++)
		if (!compare(ev, i, err))
			return false;
	return cs_leaves_good(ev->leaves, err);
}

/* --- record ------------------------------------------------------------- */

bool
cs_eval_run(struct cs_eval *ev, struct cs_rec *rec, struct cs_err *err)
{
	ev->rec = rec;
	ev->run++;
	if (ev->is_one_used)
		cs_arena_reset(&ev->one);
	ev->is_one_used = false;
	ev->has_run_alone = false;
	if (ev->conf->engine == CS_ENGINE_REF)
		return cs_ref_run(ev->all, rec, err);
	if (ev->conf->engine == CS_ENGINE_BOTH)
		return run_both(ev, err);
	if (ev->is_broken) {
		*err = ev->err;
		return false;
	}
	if (rec != NULL && ev->head->has_types)
		cs_ref_touch(ev->all, rec);
	cs_native_begin(ev->native, rec);
	cs_leaves_begin(ev->leaves, rec);
	return cs_leaves_good(ev->leaves, err);
}

struct cs_str
cs_eval_empty_column(const struct cs_eval *ev, size_t i, struct cs_rec *rec)
{
	return cs_ref_empty_column(ev->all, i, rec);
}

size_t
cs_eval_empty(
    const struct cs_eval *ev, size_t i, struct cs_rec *rec, bool *only)
{
	return cs_ref_empty(ev->all, i, rec, only);
}

const struct cs_expr *
cs_eval_expr(const struct cs_eval *ev, size_t i)
{
	return cs_ref_expr(ev->all, i);
}

const char *
cs_eval_label(const struct cs_eval *ev, size_t i)
{
	return cs_ref_label(ev->all, i);
}

size_t
cs_eval_count(const struct cs_eval *ev)
{
	return cs_ref_count(ev->all);
}

const struct cs_expr *
cs_eval_let(const struct cs_eval *ev, struct cs_str name)
{
	return cs_ref_let(ev->all, name);
}

struct cs_str
cs_eval_program(const struct cs_eval *ev)
{
	return cs_ref_program(ev->all);
}

const char *
cs_eval_prelude(void)
{
	return CS_PRELUDE;
}

void
cs_eval_free(struct cs_eval *ev)
{
	size_t i;

	if (ev == NULL)
		return;
	for (i = 0; ev->alone != NULL && i < cs_ref_count(ev->all); i++)
		cs_ref_free(ev->alone[i]);
	free(ev->alone);
	free(ev->alone_run);
	cs_leaves_free(ev->leaves);
	cs_ref_free(ev->all);
	cs_native_free(ev->native);
	free(ev->arg);
	free(ev->list);
	cs_arena_free(&ev->one);
	free(ev);
}
