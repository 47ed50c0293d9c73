#include <stdlib.h>

#include "leaks.h"
#include "stat.h"

/* A column alone tells the outcome when its AUC, or that of its values ranked
 * by their outcome, is so near to 1; of fewer cases than FEW a side chance
 * could do it, and of VALUES values that hardly repeat any could. */
#define TELLS 0.995
enum { FEW = 5, VALUES = 32, REPEATS = 5 };

/* How many had the outcome. */
struct share {
	uint64_t yes, n;
};

struct value {
	struct cs_str text;
	struct share share;
};

struct column {
	struct cs_str name;
	size_t col;
	struct cs_case *v; /* numbers, and dates as days */
	size_t n, cap;
	struct value value[VALUES];
	size_t nvalues; /* VALUES + 1: too many to be a kind of thing */
	struct share filled[2], all;
	uint64_t after; /* cells dated after the as-of date */
};

struct cs_leaks {
	const struct cs_score *score;
	struct cs_str ahead;
	struct cs_kit *k;
	struct column **v; /* stay when snapshots change their columns */
	size_t n, cap;
	/* While columns are looked for. */
	struct cs_header *head;
	const struct cs_eval *eval;
};

struct cs_leaks *
cs_leaks_new(
    const struct cs_score *score, struct cs_str ahead, struct cs_kit *k)
{
	struct cs_leaks *l = cs_calloc(1, sizeof(*l));

	*l = (struct cs_leaks){.score = score, .ahead = ahead, .k = k};
	return l;
}

static bool
is_ahead(const struct cs_leaks *l, struct cs_str name)
{
	struct cs_str rest = l->ahead, piece;

	while (rest.p != NULL && cs_str_next(&rest, ',', &piece))
		if (cs_str_eq(piece, name))
			return true;
	return false;
}

static void
add_column(struct cs_leaks *l, size_t col)
{
	struct cs_str name = cs_header_name(l->head, col);
	struct column *c;

	if (is_ahead(l, name))
		return;
	for (size_t i = 0; i < l->n; i++)
		if (cs_str_eq(l->v[i]->name, name)) {
			l->v[i]->col = col;
			return;
		}
	c = cs_arena_array(&l->k->run, 1, sizeof(*c));
	*c = (struct column){.name = cs_keep(&l->k->run, name), .col = col};
	l->v = cs_grow(l->v, l->n, &l->cap, sizeof(struct column *));
	l->v[l->n++] = c;
}

/* .a.b of CSV may be the column a.b; in JSON lines a is the member. */
static void
on_path(void *self, const struct cs_expr *at, const struct cs_str *names,
    size_t n, bool whole)
{
	struct cs_leaks *l = self;
	struct cs_buf b = {0};
	size_t col = CS_NO_COLUMN;

	(void)at;
	for (size_t i = 0; whole && i < cs_header_n(l->head); i++)
		add_column(l, i);
	for (size_t i = 0; i < n && col == CS_NO_COLUMN; i++) {
		cs_buf_puts(&b, i > 0 ? "." : "");
		cs_buf_str(&b, names[i]);
		col = cs_header_find(l->head, cs_buf_get(&b));
	}
	if (col != CS_NO_COLUMN)
		add_column(l, col);
	cs_buf_free(&b);
}

static void look(struct cs_leaks *l, const struct cs_expr *e);

static void
on_var(void *self, const struct cs_expr *at)
{
	struct cs_leaks *l = self;

	look(l, cs_eval_let(l->eval, at->text));
}

static void
look(struct cs_leaks *l, const struct cs_expr *e)
{
	if (e == NULL)
		return;
	cs_expr_paths(e, on_path, l);
	cs_expr_vars(e, on_var, l);
}

static void
look_kv(struct cs_leaks *l, const struct cs_kv *kv)
{
	if (kv != NULL)
		look(l, kv->expr);
}

void
cs_leaks_bind(
    struct cs_leaks *l, struct cs_header *head, const struct cs_eval *eval)
{
	l->head = head;
	l->eval = eval;
	for (size_t i = 0; i < l->n; i++)
		l->v[i]->col = CS_NO_COLUMN;
	for (size_t i = 0; i < l->score->n; i++) {
		const struct cs_profile *p = &l->score->profile[i];

		look_kv(l, p->when);
		for (size_t j = 0; j < p->nrules; j++)
			look_kv(l, p->rule[j].kv);
		for (size_t j = 0; j < p->noverrides; j++)
			look_kv(l, p->override[j].when);
	}
}

static void
add_value(struct column *c, struct cs_str text, bool yes, struct cs_arena *a)
{
	size_t i = 0;

	c->all.n++;
	c->all.yes += yes;
	c->filled[text.n > 0].n++;
	c->filled[text.n > 0].yes += yes;
	if (c->nvalues > VALUES)
		return;
	while (i < c->nvalues && !cs_str_eq(c->value[i].text, text))
		i++;
	if (i == VALUES) {
		c->nvalues = VALUES + 1;
		return;
	}
	if (i == c->nvalues)
		c->value[c->nvalues++] =
		    (struct value){.text = cs_keep(a, text)};
	c->value[i].share.n++;
	c->value[i].share.yes += yes;
}

void
cs_leaks_add(
    struct cs_leaks *l, struct cs_rec *rec, bool yes, const struct cs_as_of *a)
{
	long today = cs_civil_days(a->today);

	for (size_t i = 0; i < l->n; i++) {
		struct column *c = l->v[i];
		struct cs_civil civil;
		struct cs_str text;
		struct cs_val v;
		double x;

		if (c->col == CS_NO_COLUMN)
			continue;
		v = cs_rec_val(rec, c->col);
		text = cs_rec_text(rec, c->col);
		add_value(c, text.p ? text : CS_S(""), yes, &l->k->run);
		if (v.kind == CS_TEXT &&
		    cs_zone_civil(v.text, &civil) == CS_DATE_OK) {
			x = (double)cs_civil_days(civil);
			c->after += cs_civil_days(civil) > today;
		} else if (v.kind == CS_NUM) {
			x = v.num;
		} else {
			continue;
		}
		c->v = cs_grow(c->v, c->n, &c->cap, sizeof(*c->v));
		c->v[c->n++] = (struct cs_case){x, yes};
	}
}

static bool
is_enough(uint64_t yes, uint64_t n)
{
	return yes >= FEW && n - yes >= FEW;
}

/* How often a case of a has a higher share of outcomes than one of b, twice,
 * times the pairs of a yes in a and a no in b. */
static long double
pairs(const struct share *a, const struct share *b)
{
	uint64_t x = a->yes * b->n, y = b->yes * a->n;

	return (long double)a->yes * (long double)(b->n - b->yes) *
	       (x > y ? 2 : x == y);
}

/* AUC of groups ranked by their share of outcomes. */
static double
auc_of_groups(const struct column *c, const struct share *const *v, size_t n)
{
	long double twice = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			twice += pairs(v[i], v[j]);
	return (double)(twice / 2 / (long double)c->all.yes /
			(long double)(c->all.n - c->all.yes));
}

/* How well the column alone tells the outcome: by being filled or not, by its
 * value, or by its size, up or down; 0: not known. */
static double
telling(struct column *c)
{
	const struct share *v[VALUES] = {&c->filled[0], &c->filled[1]};
	double best, x;
	struct cs_auc a;

	if (!is_enough(c->all.yes, c->all.n))
		return 0;
	best = auc_of_groups(c, v, 2);
	for (size_t i = 0; i < c->nvalues && i < VALUES; i++)
		v[i] = &c->value[i].share;
	x = c->nvalues <= VALUES && c->nvalues * REPEATS <= c->all.n
		? auc_of_groups(c, v, c->nvalues)
		: 0;
	best = x > best ? x : best;
	if (cs_auc(c->v, c->n, &a) && is_enough(a.yes, a.yes + a.no)) {
		x = a.auc > 0.5 ? a.auc : 1 - a.auc;
		best = x > best ? x : best;
	}
	return best;
}

size_t
cs_leaks_find(struct cs_leaks *l, struct cs_leak **v)
{
	size_t n = 0;

	*v = cs_arena_array(&l->k->run, l->n, sizeof(**v));
	for (size_t i = 0; i < l->n; i++) {
		double auc = telling(l->v[i]);

		if (auc < TELLS)
			auc = 0;
		if (l->v[i]->after > 0 || auc > 0)
			(*v)[n++] = (struct cs_leak){
			    l->v[i]->name, l->v[i]->after, auc, l->v[i]->all.n};
	}
	return n;
}

static void
tell_telling(struct cs_kit *k, const struct cs_leak *leak)
{
	struct cs_buf b = {0};

	cs_buf_printf(&b, "%.3f", leak->auc);
	cs_kit_note(k,
	    "leak: column %.*s alone tells the outcome (AUC %s): was it known "
	    "before? (--ahead=%.*s if it was)",
	    CS_ARG(leak->column), cs_buf_z(&b), CS_ARG(leak->column));
	cs_buf_free(&b);
}

void
cs_leaks_tell(struct cs_kit *k, const struct cs_leak *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].after > 0)
			cs_kit_note(k,
			    "leak: column %.*s has %ju date%s after the as-of "
			    "date (--ahead=%.*s if that is known ahead)",
			    CS_ARG(v[i].column), (uintmax_t)v[i].after,
			    v[i].after == 1 ? "" : "s", CS_ARG(v[i].column));
	for (size_t i = 0; i < n; i++)
		if (v[i].auc > 0)
			tell_telling(k, &v[i]);
	k->is_partly |= n > 0;
}

void
cs_leaks_free(struct cs_leaks *l)
{
	if (l == NULL)
		return;
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]->v);
	free(l->v);
	free(l);
}
