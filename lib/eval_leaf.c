#include <stdlib.h>

#include "eval_int.h"
#include "eval_leaf.h"

struct leaf {
	const struct cs_expr *expr;
	struct cs_str text; /* printed: equal leaves have equal ones */
	size_t *key;	    /* of its columns, for cs_jq */
	bool is_fixed;	    /* the same answer for every record */
	/* for the record of stamp */
	uint64_t stamp;
	struct cs_native_leaf answer;
};

struct cs_leaves {
	const struct cs_eval_conf *conf;
	const struct cs_ref *all;
	struct cs_native_leaves for_native;
	struct cs_native *native;
	struct leaf *leaf;
	size_t n, cap;
	/* Binds and runs the program; its expressions are the leaves. NULL:
	 * there are none. */
	struct cs_ref *ref;
	struct cs_arena run;
	struct cs_rec *rec;
	uint64_t stamp;
	bool is_used; /* the record's arena */
	struct cs_leaf_work work;
	bool is_broken;
	struct cs_err err;
};

/* --- which there are ---------------------------------------------------- */

static size_t
add(void *self, const struct cs_expr *e)
{
	struct cs_leaves *v = self;
	struct cs_buf b = {0};
	size_t k;

	cs_expr_print(&b, e);
	for (k = 0; k < v->n; k++)
		if (cs_str_eq(v->leaf[k].text, cs_buf_get(&b)))
			break;
	if (k == v->n) {
		v->leaf = cs_grow(v->leaf, v->n, &v->cap, sizeof(*v->leaf));
		v->leaf[v->n++] = (struct leaf){
		    .expr = e, .text = cs_keep(&v->run, cs_buf_get(&b))};
	}
	cs_buf_free(&b);
	return k;
}

static size_t
count(void *self)
{
	return ((struct cs_leaves *)self)->n;
}

static void
drop(void *self, size_t n)
{
	struct cs_leaves *v = self;

	v->n = n < v->n ? n : v->n;
}

/* --- program ------------------------------------------------------------ */

/* The leaves' programs, one behind the other. */
struct bodies {
	struct cs_buf text;
	size_t *end; /* of each */
};

/* Leaf k of .[1], its Lets from .[2] on: which they are is known when the
 * expression is printed. */
static void
print_body(struct cs_ref *ev, struct cs_jq_print *p, size_t k, struct bodies *v)
{
	const struct cs_numbers *lets = &ev->owner[k].lets;
	struct cs_buf one = {0}, *out = p->out;
	size_t i;

	p->out = &one;
	cs_eval_print_owner(ev, p, k);
	p->out = out;
	for (i = 0; i < lets->n; i++)
		cs_buf_printf(&v->text, ".[%zu] as $l_%zu|", i + 2, lets->v[i]);
	cs_buf_puts(&v->text, ".[1]|");
	cs_buf_str(&v->text, cs_buf_get(&one));
	v->end[k] = v->text.n;
	cs_buf_free(&one);
}

static size_t
begin_of(const struct bodies *v, size_t k)
{
	return k == 0 ? 0 : v->end[k - 1];
}

/* if $k<2 then if $k<1 then 0 else 1 end else ... */
static void
print_choice(struct cs_buf *out, const struct bodies *v, size_t from, size_t to)
{
	size_t half = from + (to - from) / 2, at = begin_of(v, from);

	if (to - from == 1) {
		cs_buf_str(
		    out, (struct cs_str){v->text.p + at, v->end[from] - at});
		cs_buf_putc(out, '\n');
		return;
	}
	cs_buf_printf(out, "if $k<%zu then ", half);
	print_choice(out, v, from, half);
	cs_buf_puts(out, "else ");
	print_choice(out, v, half, to);
	cs_buf_puts(out, "end\n");
}

/* The same for functions i .. j - 1; the first leaf of each is in first. */
static void
print_call(struct cs_buf *out, const size_t *first, size_t i, size_t j)
{
	size_t half = i + (j - i) / 2;

	if (j - i == 1) {
		cs_buf_printf(out, "_g%zu", first[i]);
		return;
	}
	cs_buf_printf(out, "if $k<%zu then ", first[half]);
	print_call(out, first, i, half);
	cs_buf_puts(out, " else ");
	print_call(out, first, half, j);
	cs_buf_puts(out, " end");
}

/* In functions of bounded size, as the table's expressions. */
static void
print_functions(struct cs_buf *out, const struct bodies *v, size_t n)
{
	size_t *first = cs_calloc(n + 1, sizeof(*first)), from = 0, to, m = 0;

	while (from < n) {
		to = from + 1;
		while (to < n && v->end[to] - begin_of(v, from) <= CS_JQ_CHUNK)
			to++;
		first[m++] = from;
		cs_buf_printf(out, "def _g%zu: .[0] as $k|\n", from);
		print_choice(out, v, from, to);
		cs_buf_puts(out, ";\n");
		from = to;
	}
	first[m] = n;
	cs_buf_puts(out, ".[0] as $k|");
	print_call(out, first, 0, m);
	free(first);
}

void
cs_eval_print_menu(struct cs_ref *ev, struct cs_jq_print *p)
{
	struct bodies v = {.end = cs_calloc(ev->n, sizeof(*v.end))};
	size_t k;

	for (k = 0; k < ev->n; k++)
		print_body(ev, p, k, &v);
	print_functions(p->out, &v, ev->n);
	cs_buf_free(&v.text);
	free(v.end);
}

/* The keys of leaf k's columns among those of all leaves. */
static void
find_keys(struct cs_leaves *v, size_t k)
{
	const struct cs_ref *ref = v->ref;
	const struct cs_numbers *cols = &ref->owner[k].cols;
	size_t i, j;

	v->leaf[k].key =
	    cs_arena_array(&v->run, cols->n, sizeof(*v->leaf[k].key));
	for (i = 0; i < cols->n; i++) {
		for (j = 0; ref->cols.v[j] != cols->v[i];)
			j++;
		v->leaf[k].key[i] = ref->keys.v[j];
	}
}

bool
cs_leaves_compile(struct cs_leaves *v, struct cs_native *native,
    struct cs_header *head, struct cs_err *err)
{
	size_t k;

	v->native = native;
	if (v->n == 0)
		return true;
	v->ref = cs_ref_new(v->conf);
	v->ref->is_menu = true;
	for (k = 0; k < v->n; k++)
		cs_ref_add(v->ref, v->leaf[k].expr, CS_VALUE, NULL);
	if (!cs_ref_start(v->ref, head, err))
		return false;
	for (k = 0; k < v->n; k++)
		find_keys(v, k);
	return true;
}

/* --- record ------------------------------------------------------------- */

void
cs_leaves_begin(struct cs_leaves *v, struct cs_rec *rec)
{
	v->rec = rec;
	v->stamp++;
	if (!v->is_used)
		return;
	cs_arena_reset(&v->ref->one);
	v->ref->nfaults = v->ref->nlooks = 0;
	v->is_used = false;
}

/* Makes sure of the Lets' values: they may need leaves, and libjq runs one at
 * a time. False: one is not the native engine's for this record. */
static bool
prepare_lets(struct cs_leaves *v, const struct cs_numbers *lets)
{
	struct cs_val x;
	bool is_good = true;
	size_t i;

	for (i = 0; i < lets->n; i++)
		if (!cs_native_let(v->native, lets->v[i], &x))
			is_good = false;
	return is_good;
}

static void
give(struct cs_leaves *v, size_t k)
{
	struct cs_ref *ref = v->ref;
	const struct cs_owner *o = &ref->owner[k];
	const struct cs_numbers *cols = &o->cols;
	const size_t *key = v->leaf[k].key;
	struct cs_val x;
	size_t i;

	if (o->is_whole && ref->head != NULL) {
		if (ref->cols.n < cs_header_n(ref->head))
			cs_eval_bind_keys(ref);
		cols = &ref->cols;
		key = ref->keys.v;
	}
	cs_eval_give(ref, v->rec, cols, key);
	v->work.columns += v->rec != NULL ? cols->n : 0;
	cs_jq_wrap(ref->jq, k);
	for (i = 0; i < o->lets.n; i++) {
		cs_native_let(v->native, o->lets.v[i], &x);
		cs_jq_push(ref->jq, x);
	}
}

/* The program's one output. */
static void
run(struct cs_leaves *v, const char *label, struct cs_native_leaf *a)
{
	struct cs_ref *ref = v->ref;
	enum cs_jq_state state;
	bool is_exact;

	ref->rec = v->rec;
	cs_jq_guard_label(ref->jq, label);
	cs_jq_start(ref->jq);
	v->work.runs++;
	state = cs_jq_next_exact(ref->jq, &ref->one, &a->v, &is_exact);
	if (state != CS_JQ_OUTPUT) {
		v->is_broken = true;
		cs_eval_no_answer(label, state, a->v.text, &v->err);
		a->v = cs_val_null();
		return;
	}
	/* JSON has no word for what is not finite, and libjq would go on
	 * computing with it. */
	a->is_not_mine = !is_exact;
}

/* What befell in the run since the nf-th fault and the nl-th look. */
static void
tell(struct cs_leaves *v, size_t nf, size_t nl, struct cs_native_leaf *a)
{
	struct cs_ref *ref = v->ref;
	struct cs_native_fault *f;
	size_t *let, i;

	a->nfaults = ref->nfaults - nf;
	a->nlets = ref->nlooks - nl;
	if (a->nfaults + a->nlets == 0)
		return;
	f = cs_arena_array(&ref->one, a->nfaults, sizeof(*f));
	let = cs_arena_array(&ref->one, a->nlets, sizeof(*let));
	for (i = 0; i < a->nfaults; i++)
		f[i] = (struct cs_native_fault){.at = ref->fault[nf + i].f.at,
		    .text = ref->fault[nf + i].f.text};
	for (i = 0; i < a->nlets; i++)
		let[i] = ref->look[nl + i].let;
	a->fault = f;
	a->let = let;
}

/* What names nothing of the record is computed once: [4, 5]. */
static void
fix(struct cs_leaves *v, size_t k)
{
	const struct cs_owner *o = &v->ref->owner[k];
	struct cs_native_leaf *a = &v->leaf[k].answer;

	if (o->cols.n + o->lets.n + a->nfaults > 0 || o->is_whole)
		return;
	a->v.text = cs_keep(&v->run, a->v.text);
	v->leaf[k].is_fixed = true;
}

static void
ask(void *self, size_t k, size_t owner, struct cs_native_leaf *answer)
{
	struct cs_leaves *v = self;
	struct leaf *l = &v->leaf[k];
	size_t nf, nl;

	if (l->stamp != v->stamp && !l->is_fixed) {
		l->stamp = v->stamp;
		l->answer = (struct cs_native_leaf){.expr = l->expr};
		if (prepare_lets(v, &v->ref->owner[k].lets)) {
			v->is_used = true;
			nf = v->ref->nfaults;
			nl = v->ref->nlooks;
			give(v, k);
			run(v, cs_ref_label(v->all, owner), &l->answer);
			tell(v, nf, nl, &l->answer);
			fix(v, k);
		} else
			l->answer.is_not_mine = true;
	}
	*answer = l->answer;
}

/* --- the rest ----------------------------------------------------------- */

struct cs_leaves *
cs_leaves_new(const struct cs_eval_conf *conf, const struct cs_ref *all)
{
	struct cs_leaves *v = cs_calloc(1, sizeof(*v));

	v->conf = conf;
	v->all = all;
	v->for_native = (struct cs_native_leaves){v, add, count, drop, ask};
	return v;
}

const struct cs_native_leaves *
cs_leaves_native(struct cs_leaves *v)
{
	return &v->for_native;
}

bool
cs_leaves_good(const struct cs_leaves *v, struct cs_err *err)
{
	if (v->is_broken)
		*err = v->err;
	return !v->is_broken;
}

size_t
cs_leaves_count(const struct cs_leaves *v)
{
	return v->n;
}

const struct cs_expr *
cs_leaves_expr(const struct cs_leaves *v, size_t k)
{
	return v->leaf[k].expr;
}

struct cs_leaf_work
cs_leaves_work(const struct cs_leaves *v)
{
	return v->work;
}

void
cs_leaves_free(struct cs_leaves *v)
{
	if (v == NULL)
		return;
	cs_ref_free(v->ref);
	free(v->leaf);
	cs_arena_free(&v->run);
	free(v);
}
