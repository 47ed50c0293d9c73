/* expr_native_grid: the conditions of a table at once, column by column
 *
 * Most conditions are `column against constant` under and/or/not. The constants
 * cut a column's values into a few ranges; which range a value is in says what
 * all tests of that column answer. So each range has a row of bits, two for
 * each condition: is every part of it that looks at this column only a yes, and
 * is none of them a no? A record is one range for each column, and its answers
 * are the rows, and-ed: no condition is walked.
 *
 * In detail: a condition becomes parts that are and-ed, each of tests that are
 * or-ed (conjunctive normal form; it keeps Kleene's three values, too). A part
 * whose tests are all about one column is a bit of that column's rows. A part
 * over several columns has a layer: there the rows are or-ed first.
 *
 * Nothing here can fail. A value that a test of its column does not expect, so
 * that there would be a fault to tell, is odd: the conditions that look at this
 * column are walked for this record (expr_native_run), as are those that are
 * not of this form. Whoever is not odd meets no fault, so it does not matter
 * that the columns are looked at whether or not an `and` would have.
 *
 * What was tried, for 12 rules over 14 columns and for 119 conditions to the
 * first yes, nanoseconds a record on one busy machine (bench/eval): nodes
 * walked, each distinct test remembered, 500 and 2700; rows, over values typed
 * as always, 390 and 670; over the bytes of the cells, with a switch a column,
 * 160 and 350; columns of one sort together, numbers compared as digits, yes
 * and no without jumps, conditions that say no passed over, 125 and 175. Heads
 * of sixteen bytes for texts instead of eight cost more than they saved (137
 * and 214). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "date.h"
#include "expr_native_grid.h"

/* Larger conditions are walked: and-ed parts of one, their or-ed tests in all,
 * parts over several columns, members of an IN. */
enum { PARTS = 32, TESTS = 128, LAYERS = 4, MEMBERS = 64 };
/* Of all rows, in words: they should stay in the cache. */
enum { ROOM = 1 << 18 };

/* --- tests -------------------------------------------------------------- */

enum test_kind { T_NULL, T_GIVEN, T_TRUTH, T_COMPARE, T_AMONG };

struct test {
	enum test_kind kind;
	size_t col;
	enum sort sort;
	bool is_dated;
	enum cs_op cmp;
	struct cs_val k;
	const struct node *among;
	struct cs_val instead; /* of a null; or null */
	bool is_not;
	size_t line;
};

static enum sort
sort_of(enum cs_kind_of_val kind)
{
	return kind == CS_BOOL ? YES_NO : kind == CS_NUM ? NUMBERS : TEXTS;
}

/* A column, or a column // constant. */
static bool
take_subject(const struct node *n, struct test *t)
{
	if (n->op == N_ALT && n->b->op == N_CONST && n->b->k.kind != CS_NULL) {
		t->instead = n->b->k;
		n = n->a;
	}
	t->col = n->col;
	return n->op == N_COL;
}

static bool
is_plain(const struct cs_val *k)
{
	return k->kind == CS_TEXT || k->kind == CS_BOOL ||
	       (k->kind == CS_NUM && isfinite(k->num));
}

static bool
take_constant(const struct cs_val *k, struct test *t)
{
	t->k = *k;
	t->sort = sort_of(k->kind);
	return is_plain(k) &&
	       (t->instead.kind == CS_NULL || t->instead.kind == k->kind);
}

static bool
take_comparison(const struct node *n, struct test *t)
{
	const struct node *a = n->a, *b = n->b;

	t->cmp = n->cmp;
	if (a->op == N_CONST) {
		a = n->b;
		b = n->a;
		t->cmp = cs_op_mirrored(n->cmp);
	}
	if (b->op != N_CONST || !take_subject(a, t) || !take_constant(&b->k, t))
		return false;
	if (t->sort == YES_NO)
		return t->cmp == CS_E_EQ || t->cmp == CS_E_NE;
	if (n->op != N_CMP_DATE)
		return true;
	t->is_dated = true;
	return t->sort == TEXTS && cs_looks_like_date(t->k.text) &&
	       (t->instead.kind == CS_NULL ||
		   cs_looks_like_date(t->instead.text));
}

static bool
take_among(const struct node *n, struct test *t)
{
	t->among = n->b;
	t->sort = n->b->op == N_IN_TEXTS ? TEXTS : NUMBERS;
	if (n->b->op == N_IN_TEXTS)
		return take_subject(n->a, t) && n->b->set->n <= MEMBERS;
	return n->b->op == N_IN_NUMBERS && take_subject(n->a, t) &&
	       n->b->n <= MEMBERS;
}

/* Is n a test of a column? */
static bool
take_test(const struct node *n, struct test *t)
{
	*t = (struct test){.kind = T_COMPARE};
	switch (n->op) {
	case N_NUM_LT:
	case N_NUM_LE:
	case N_NUM_GT:
	case N_NUM_GE:
	case N_NUM_EQ:
	case N_NUM_NE:
	case N_TEXT_EQ:
	case N_TEXT_NE:
		t->cmp = n->cmp;
		t->col = n->col;
		return take_constant(&n->k, t);
	case N_CMP:
	case N_CMP_DATE:
		return take_comparison(n, t);
	case N_IS_NULL:
	case N_IS_GIVEN:
		t->kind = n->op == N_IS_NULL ? T_NULL : T_GIVEN;
		t->sort = ANY;
		t->col = n->a->col;
		return n->a->op == N_COL;
	case N_TRUTH:
		t->kind = T_TRUTH;
		t->sort = YES_NO;
		return take_subject(n->a, t) && (t->instead.kind == CS_NULL ||
						    t->instead.kind == CS_BOOL);
	case N_PIPE:
		t->kind = T_AMONG;
		return take_among(n, t) &&
		       (t->instead.kind == CS_NULL ||
			   sort_of(t->instead.kind) == t->sort);
	default:
		return false;
	}
}

static int
order(const struct cs_val *a, const struct cs_val *b)
{
	if (a->kind == CS_TEXT)
		return cs_str_cmp(a->text, b->text);
	if (a->kind == CS_NUM)
		return (a->num > b->num) - (a->num < b->num);
	return a->yes - b->yes;
}

static bool
is_member(const struct node *n, const struct cs_val *v)
{
	size_t i;

	if (n->op == N_IN_TEXTS)
		return cs_set_has(n->set, v->text);
	for (i = 0; i < n->n; i++)
		if (order(v, &n->list[i]->k) == 0)
			return true;
	return false;
}

/* What t says to v, which is null or of its sort. */
static int
answer_to(const struct test *t, const struct cs_val *v)
{
	bool yes;

	if (v->kind == CS_NULL && t->instead.kind != CS_NULL)
		v = &t->instead;
	if (t->kind == T_NULL || t->kind == T_GIVEN)
		yes = (v->kind == CS_NULL) == (t->kind == T_NULL);
	else if (v->kind == CS_NULL)
		return UNKNOWN;
	else if (t->kind == T_TRUTH)
		yes = v->yes;
	else if (t->kind == T_AMONG)
		yes = is_member(t->among, v);
	else
		yes = cs_nat_holds(t->cmp, order(v, &t->k));
	return yes != t->is_not ? YES : NO;
}

/* --- a condition as parts ----------------------------------------------- */

/* Tests that are or-ed; the parts of a condition are and-ed. */
struct part {
	struct test *v;
	size_t n;
};

struct parts {
	struct part v[PARTS];
	size_t n;
};

struct maker {
	struct cs_native *m;
	struct grid *g;
	struct cs_arena tmp;
	struct parts **of; /* by condition, NULL: not in the grid */
	size_t values;	   /* rows, not counting that marks may be equal */
};

static bool take_parts(
    struct maker *k, const struct node *n, bool is_not, struct parts *out);

static bool
add_all(struct parts *to, const struct parts *from)
{
	size_t i;

	if (to->n + from->n > PARTS)
		return false;
	for (i = 0; i < from->n; i++)
		to->v[to->n++] = from->v[i];
	return true;
}

/* a or b: each part of a with each of b. */
static bool
distribute(struct maker *k, const struct parts *a, const struct parts *b,
    struct parts *out)
{
	size_t i, j;

	out->n = 0;
	if (a->n * b->n > PARTS)
		return false;
	for (i = 0; i < a->n; i++)
		for (j = 0; j < b->n; j++) {
			const struct part *x = &a->v[i], *y = &b->v[j];
			struct part *p = &out->v[out->n++];

			p->n = x->n + y->n;
			if (p->n > TESTS)
				return false;
			p->v = cs_arena_array(&k->tmp, p->n, sizeof(*p->v));
			memcpy(p->v, x->v, x->n * sizeof(*p->v));
			memcpy(p->v + x->n, y->v, y->n * sizeof(*p->v));
		}
	return true;
}

/* Operands of an and (is_or: of an or). */
static bool
take_list(struct maker *k, const struct node *n, bool is_not, bool is_or,
    struct parts *out)
{
	struct parts *one = cs_arena_array(&k->tmp, 1, sizeof(*one));
	struct parts *all = cs_arena_array(&k->tmp, 1, sizeof(*all));
	size_t i;

	out->n = 0;
	for (i = 0; i < n->n; i++) {
		if (!take_parts(k, n->list[i], is_not, one))
			return false;
		if (!is_or || i == 0) {
			if (!add_all(out, one))
				return false;
			continue;
		}
		if (!distribute(k, out, one, all))
			return false;
		*out = *all;
	}
	return true;
}

static bool
take_parts(
    struct maker *k, const struct node *n, bool is_not, struct parts *out)
{
	struct test *t;

	if (n->op == N_NOT)
		return take_parts(k, n->a, !is_not, out);
	if (n->op == N_AND || n->op == N_OR)
		return take_list(k, n, is_not, (n->op == N_OR) != is_not, out);
	if (n->op == N_TRUTH && n->a->op == N_LET) {
		/* A Let's faults are those of who looks at it: its columns are
		 * as if written here. */
		n = k->m->own[k->m->n + n->a->let].root;
		if (n->op >= N_TRUTH)
			return take_parts(k, n, is_not, out);
		if (n->op != N_COL)
			return false;
	}
	t = cs_arena_array(&k->tmp, 1, sizeof(*t));
	if (n->op == N_COL)
		*t = (struct test){
		    .kind = T_TRUTH, .sort = YES_NO, .col = n->col};
	else if (!take_test(n, t))
		return false;
	t->is_not = is_not;
	out->n = 1;
	out->v[0] = (struct part){t, 1};
	return true;
}

/* --- columns ------------------------------------------------------------ */

static size_t
line_of(struct grid *g, size_t col)
{
	size_t i;

	for (i = 0; i < g->nlines; i++)
		if (g->line[i].col == col)
			return i;
	g->line = cs_grow(g->line, g->nlines, &g->cap, sizeof(*g->line));
	g->line[i] = (struct line){.col = col};
	return g->nlines++;
}

/* Can all tests of a column say something to one sort of values? */
static bool
is_one_sort(struct grid *g, const struct parts *p)
{
	size_t i, j;

	for (i = 0; i < p->n; i++)
		for (j = 0; j < p->v[i].n; j++) {
			struct test *t = &p->v[i].v[j];
			struct line *l;

			t->line = line_of(g, t->col);
			l = &g->line[t->line];
			if (t->sort == ANY)
				continue;
			if (l->sort != ANY && l->sort != t->sort)
				return false;
			l->sort = t->sort;
		}
	return true;
}

static bool
is_over_several(const struct part *p)
{
	size_t i;

	for (i = 1; i < p->n; i++)
		if (p->v[i].line != p->v[0].line)
			return true;
	return false;
}

static size_t
count_layers(const struct parts *p)
{
	size_t n = 0, i;

	for (i = 0; i < p->n; i++)
		n += is_over_several(&p->v[i]);
	return n;
}

static void
add_mark(struct maker *k, struct line *l, struct cs_val v)
{
	l->mark = cs_grow(l->mark, l->n, &l->cap, sizeof(*l->mark));
	l->mark[l->n++] = v;
	k->values++;
}

/* The least value above v. */
static struct cs_val
next_to(struct maker *k, struct cs_val v)
{
	if (v.kind == CS_NUM)
		return cs_val_num(nextafter(v.num, INFINITY));
	/* cs_keep puts a NUL behind. */
	v.text = cs_keep(&k->m->run, v.text);
	v.text.n++;
	return v;
}

static void
add_marks(struct maker *k, struct line *l, enum cs_op op, struct cs_val v)
{
	if (op != CS_E_GT && op != CS_E_LE)
		add_mark(k, l, v);
	if (op != CS_E_GE && op != CS_E_LT)
		add_mark(k, l, next_to(k, v));
}

static void
mark_test(struct maker *k, const struct test *t)
{
	struct line *l = &k->g->line[t->line];
	size_t i;

	l->is_dated = l->is_dated || t->is_dated;
	if (t->kind == T_COMPARE && t->sort != YES_NO)
		add_marks(k, l, t->cmp, t->k);
	if (t->kind != T_AMONG)
		return;
	for (i = 0; i < t->among->n; i++)
		add_marks(k, l, CS_E_EQ, t->among->list[i]->k);
}

static int
by_value(const void *a, const void *b)
{
	return order(a, b);
}

/* The digits of the least whole number from v on, the last one lowest: numbers
 * of up to eight digits without zeros in front are in order as their digits
 * are. */
static uint64_t
least_digits(double v)
{
	uint64_t digits = 0, left;
	unsigned shift = 0;

	if (v > 99999999)
		return UINT64_MAX;
	for (left = v <= 0 ? 0 : (uint64_t)ceil(v); left > 0; left /= 10) {
		digits |= ('0' + left % 10) << shift;
		shift += 8;
	}
	return digits;
}

/* Marks in order, each once, in the form in which they are looked for. */
static void
settle_marks(struct cs_native *m, struct line *l)
{
	size_t n = 0, i;

	if (l->n > 0)
		qsort(l->mark, l->n, sizeof(*l->mark), by_value);
	for (i = 0; i < l->n; i++)
		if (i == 0 || order(&l->mark[n - 1], &l->mark[i]) != 0)
			l->mark[n++] = l->mark[i];
	l->n = n;
	l->values = l->sort == ANY ? 2 : l->sort == YES_NO ? 3 : n + 2;
	l->number = cs_arena_array(&m->run, n, sizeof(*l->number));
	l->digits = cs_arena_array(&m->run, n + 4, sizeof(*l->digits));
	memset(l->digits, 0xff, (n + 4) * sizeof(*l->digits));
	l->text = cs_arena_array(&m->run, n, sizeof(*l->text));
	for (i = 0; i < n; i++) {
		struct cs_str s = l->mark[i].text;

		l->number[i] = l->mark[i].num;
		l->digits[i] = least_digits(l->mark[i].num);
		if (l->sort == TEXTS)
			l->text[i] = (struct text_mark){head_of(s), s};
	}
}

/* A value for which row i stands. */
static struct cs_val
value_of(const struct line *l, size_t i)
{
	if (i == 0)
		return cs_val_null();
	if (l->sort == ANY || l->sort == YES_NO)
		return cs_val_bool(i == 2);
	if (i > 1)
		return l->mark[i - 2];
	/* Below all marks; if the first is the empty text, nothing is. */
	return l->sort == NUMBERS ? cs_val_num(-INFINITY)
				  : cs_val_text(CS_S(""));
}

/* --- rows --------------------------------------------------------------- */

static void
set(pair *p, size_t i, int what, bool on)
{
	uint64_t bit = (uint64_t)1 << i % 64;

	p[i / 64][what] = on ? p[i / 64][what] | bit : p[i / 64][what] & ~bit;
}

/* Or of the tests of a part about line l, for the value of row v. */
static int
part_answer(const struct part *p, size_t line, const struct cs_val *v)
{
	int a = NO, b;
	size_t i;

	for (i = 0; i < p->n && a != YES; i++) {
		if (p->v[i].line != line)
			continue;
		b = answer_to(&p->v[i], v);
		if (b != NO)
			a = b;
	}
	return a;
}

/* Part p of condition i, in the rows of one of its columns. */
static void
fill_part(
    struct grid *g, size_t i, const struct part *p, size_t line, size_t layer)
{
	struct line *l = &g->line[line];
	size_t v;

	for (v = 0; v < l->values; v++) {
		struct cs_val x = value_of(l, v);
		int a = part_answer(p, line, &x);
		pair *row = l->row + v * stride(g) + layer * g->words;

		if (layer > 0) {
			if (a == YES)
				set(row, i, IS_YES, true);
			if (a != NO)
				set(row, i, MAY_BE, true);
			continue;
		}
		if (a != YES)
			set(row, i, IS_YES, false);
		if (a == NO)
			set(row, i, MAY_BE, false);
	}
}

static void
fill_condition(struct grid *g, size_t i, const struct parts *p)
{
	size_t layer = 0, j, t;

	for (j = 0; j < p->n; j++) {
		const struct part *x = &p->v[j];

		for (t = 0; t < x->n; t++)
			g->line[x->v[t].line].lookers[i / 64] |= (uint64_t)1
								 << i % 64;
		if (!is_over_several(x)) {
			fill_part(g, i, x, x->v[0].line, 0);
			continue;
		}
		set(g->open + layer * g->words, i, IS_YES, false);
		set(g->open + layer * g->words, i, MAY_BE, false);
		layer++;
		for (t = 0; t < x->n; t++)
			fill_part(g, i, x, x->v[t].line, layer);
	}
}

static int
by_sort(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->sort != y->sort)
		return x->sort < y->sort ? -1 : 1;
	return (x->col > y->col) - (x->col < y->col);
}

/* Lines of one sort together, so that a record goes through them without
 * asking. */
static void
sort_lines(struct grid *g)
{
	size_t i, s;

	if (g->nlines > 0)
		qsort(g->line, g->nlines, sizeof(*g->line), by_sort);
	for (i = 0; i < g->nlines; i++) {
		for (s = g->line[i].sort + 1; s < TEXTS + 2; s++)
			g->begin[s]++;
		if (g->line[i].col > g->most_col)
			g->most_col = g->line[i].col;
	}
}

static void
make_rows(struct maker *k)
{
	struct grid *g = k->g;
	struct cs_arena *a = &k->m->run;
	size_t i, v;

	g->open = cs_arena_array(a, g->layers * g->words, sizeof(*g->open));
	memset(g->open, 0xff, g->layers * g->words * sizeof(*g->open));
	g->chosen = cs_arena_array(a, g->nlines, sizeof(*g->chosen));
	for (i = 0; i < g->nlines; i++) {
		struct line *l = &g->line[i];

		settle_marks(k->m, l);
		l->lookers = cs_arena_array(a, g->words, sizeof(*l->lookers));
		l->row =
		    cs_arena_array(a, l->values * stride(g), sizeof(*l->row));
		for (v = 0; v < l->values; v++)
			memset(l->row + v * stride(g), 0xff,
			    g->words * sizeof(*l->row));
	}
	for (i = 0; i < k->m->n; i++)
		if (k->of[i] != NULL)
			fill_condition(g, i, k->of[i]);
	for (i = 0; i < g->nlines; i++) {
		free(g->line[i].mark);
		g->line[i].mark = NULL;
	}
	sort_lines(g);
}

/* Is there room for one more? */
static bool
has_room(const struct maker *k)
{
	const struct grid *g = k->g;

	return (k->values + 3 * g->nlines) * 2 * stride(g) < ROOM;
}

static bool
take_condition(struct maker *k, size_t i)
{
	const struct own *o = &k->m->own[i];
	struct parts *p;
	size_t layers, j, t;

	if (o->root == NULL || !o->is_condition || !has_room(k))
		return false;
	p = cs_arena_array(&k->tmp, 1, sizeof(*p));
	if (!take_parts(k, o->root, false, p) || !is_one_sort(k->g, p))
		return false;
	layers = count_layers(p);
	if (layers > LAYERS)
		return false;
	if (layers > k->g->layers)
		k->g->layers = layers;
	for (j = 0; j < p->n; j++)
		for (t = 0; t < p->v[j].n; t++)
			mark_test(k, &p->v[j].v[t]);
	k->of[i] = p;
	return true;
}

struct grid *
cs_nat_grid_new(struct cs_native *m)
{
	struct grid *g = cs_calloc(1, sizeof(*g));
	struct maker k = {.m = m, .g = g};
	size_t n = 0, i;

	g->words = (m->n + 63) / 64;
	g->outside = cs_arena_array(&m->run, g->words, sizeof(*g->outside));
	k.of = cs_calloc(m->n, sizeof(struct parts *));
	for (i = 0; i < m->n; i++)
		if (take_condition(&k, i))
			n++;
		else
			g->outside[i / 64] |= (uint64_t)1 << i % 64;
	make_rows(&k);
	free(k.of);
	cs_arena_free(&k.tmp);
	if (n > 0)
		return g;
	cs_nat_grid_free(g);
	return NULL;
}

void
cs_nat_grid_free(struct grid *g)
{
	if (g == NULL)
		return;
	free(g->line);
	free(g);
}
