/* explain_diff: random conditions times nasty records: the reasons reproduce
 * the decision
 *
 *	explain_diff [seed=N] [seconds=N]
 *
 * 1. The leaves' answers, put back into the condition by Kleene's tables, give
 *    what the evaluator says.
 * 2. A yes or no stays when every leaf that did not decide says something else,
 *    and when all columns that no deciding leaf names hold something else.
 * 3. A value moved by its distance makes its leaf say what is needed.
 * 4. The column that is called empty is.
 *
 * The conditions and records are expr_diff's. */
#define main expr_diff_main
int expr_diff_main(int argc, char **argv);
#include "../diff/expr_diff.c"
#undef main

#include <math.h>

#include "date.h"
#include "explain.h"

enum { NO = CS_ANSWER_NO, YES = CS_ANSWER_YES, UNKNOWN = CS_ANSWER_UNKNOWN };
/* Left of //: a value that is neither yes nor no. */
enum { OTHER = UNKNOWN + 1 };

enum { MAX_LEAVES = 1024, ROWS = 100, FEWEST = 6 };

struct play {
	struct diff *f;
	struct table t;
	struct cs_eval *ev;
	struct cs_explain *x[EXPRESSIONS];
	size_t id[EXPRESSIONS];
	/* one condition */
	size_t i;
	const struct cs_reason *v;
	size_t n, at;
	int answer[MAX_LEAVES];
	bool is_good;
	/* how often each property was looked at */
	uint64_t replayed, shuffled, changed, moved, emptied;
	uint64_t asked[3];
};

/* --- replay ------------------------------------------------------------- */

static int
condition(int a)
{
	return a == OTHER ? UNKNOWN : a;
}

/* a | b | not without its not, or NULL. */
static const struct cs_expr *
negated(struct cs_arena *a, const struct cs_expr *e)
{
	const struct cs_expr *b;
	struct cs_expr *c;

	if (e->op != CS_E_PIPE)
		return NULL;
	if (e->b->op == CS_E_CALL && cs_str_is(e->b->text, "not"))
		return e->a;
	b = negated(a, e->b);
	if (b == NULL)
		return NULL;
	c = cs_arena_array(a, 1, sizeof(*c));
	*c = *e;
	c->b = (struct cs_expr *)b;
	return c;
}

static int
leaf(struct play *p, const struct cs_expr *e)
{
	struct cs_buf b = {0};

	cs_expr_print(&b, e);
	if (p->at >= p->n ||
	    !cs_str_eq(cs_buf_get(&b), p->v[p->at].condition)) {
		printf("# leaf %zu of %zu should be %s\n", p->at, p->n,
		    cs_buf_z(&b));
		p->is_good = false;
		cs_buf_free(&b);
		return UNKNOWN;
	}
	cs_buf_free(&b);
	return p->answer[p->at++];
}

static const struct cs_expr *
let_of(const struct play *p, struct cs_str name)
{
	for (size_t i = 0; i < LETS; i++)
		if (cs_str_eq(p->t.let[i].name, name))
			return p->t.let[i].expr;
	return NULL;
}

static int
replay(struct play *p, const struct cs_expr *e)
{
	const struct cs_expr *inner = negated(&p->f->arena, e);
	int a, b, taken = NO;
	size_t i;

	if (inner != NULL) {
		a = condition(replay(p, inner));
		return a == UNKNOWN ? a : a == YES ? NO : YES;
	}
	switch (e->op) {
	case CS_E_AND:
		a = condition(replay(p, e->a));
		b = condition(replay(p, e->b));
		return a == NO || b == NO ? NO : a == YES ? b : UNKNOWN;
	case CS_E_OR:
		a = condition(replay(p, e->a));
		b = condition(replay(p, e->b));
		return a == YES || b == YES ? YES : a == NO ? b : UNKNOWN;
	case CS_E_ALT:
		a = replay(p, e->a);
		b = replay(p, e->b);
		return a == UNKNOWN ? b : a;
	case CS_E_IF:
		/* taken: NO no head said yes so far, else the head's answer */
		a = UNKNOWN;
		for (i = 0; i < e->n; i++) {
			b = replay(p, e->list[i]);
			if (i % 2 == 0 && i + 1 < e->n) {
				if (taken == NO && condition(b) == YES)
					taken = OTHER; /* the next branch */
				else if (taken == NO && condition(b) != NO)
					taken = UNKNOWN;
			} else if (taken == OTHER || taken == NO) {
				if (taken == OTHER || i + 1 == e->n) {
					a = b;
					taken = YES; /* done */
				}
			}
		}
		return a;
	case CS_E_VAR:
		if (let_of(p, e->text) != NULL)
			return replay(p, let_of(p, e->text));
		return leaf(p, e);
	default:
		return leaf(p, e);
	}
}

static int
decide(struct play *p)
{
	int a;

	p->at = 0;
	a = condition(replay(p, p->t.e[p->i]));
	return p->at == p->n ? a : -1;
}

static bool
bad(struct play *p, const struct cs_rec *r, const char *what)
{
	static const char *const word[] = {"no", "yes", "unknown"};

	ok(false, "%s", what);
	printf("# %s\n", p->f->text[p->i]);
	for (size_t i = 0; i < LETS; i++)
		printf("# $let%zu: %s\n", i, p->f->text[EXPRESSIONS + i]);
	for (size_t i = 0; i < p->n; i++)
		printf("# %s %s %.*s: value %.*s needs %.*s distance %g\n",
		    p->v[i].decided ? "*" : " ", word[p->v[i].answer],
		    CS_ARG(p->v[i].condition), CS_ARG(p->v[i].value),
		    CS_ARG(p->v[i].needs), p->v[i].distance);
	show(r);
	p->is_good = false;
	return false;
}

/* The same record in cells of its own: the next one reuses the bytes. */
static void
lay_out(struct play *p, struct cs_rec *r)
{
	struct cs_str *cell =
	    cs_arena_array(&p->f->rows, r->n, sizeof(*r->cell));

	for (size_t i = 0; i < r->n; i++)
		if (cs_rec_cell(r, i).p != NULL)
			cell[i] = cs_keep(&p->f->rows, cs_rec_cell(r, i));
	r->cell = r->raw_cell = cell;
}

/* --- other columns -------------------------------------------------------- */

struct uses {
	struct play *p;
	bool is_whole;
	bool col[NCOLUMNS + 64];
};

static void uses_of(struct uses *u, const struct cs_expr *e);

static void
on_path(void *self, const struct cs_expr *at, const struct cs_str *names,
    size_t n, bool whole)
{
	struct uses *u = self;
	struct cs_buf b = {0};

	(void)at;
	u->is_whole |= whole;
	for (size_t i = 0; i < n; i++) {
		size_t col;

		if (i > 0)
			cs_buf_putc(&b, '.');
		cs_buf_str(&b, names[i]);
		col = cs_header_find(&u->p->t.head, cs_buf_get(&b));
		if (col < sizeof(u->col))
			u->col[col] = true;
	}
	cs_buf_free(&b);
}

static void
on_var(void *self, const struct cs_expr *at)
{
	struct uses *u = self;
	const struct cs_expr *let = let_of(u->p, at->text);

	if (let != NULL)
		uses_of(u, let);
}

static void
uses_of(struct uses *u, const struct cs_expr *e)
{
	cs_expr_paths(e, on_path, u);
	cs_expr_vars(e, on_var, u);
}

static const struct cs_expr *
parse_leaf(struct play *p, size_t i)
{
	struct cs_diags d = {0};
	struct cs_pair *pair = cs_arena_alloc(&p->f->arena, sizeof(*pair));
	const struct cs_expr *e;

	*pair = cs_expr_pair(
	    cs_keep(&p->f->arena, p->v[i].condition), "leaf", &p->f->arena);
	e = cs_expr_parse(pair, CS_VALUE, &p->f->arena, &d);
	if (e == NULL)
		printf("# %.*s does not parse: %s\n", CS_ARG(p->v[i].condition),
		    d.v[0].text);
	cs_diags_free(&d);
	return e;
}

static void
forget(struct cs_rec *r)
{
	r->val = cs_arena_array(r->arena, r->n, sizeof(*r->val));
	r->touched = cs_arena_array(r->arena, r->n, 1);
}

/* All columns that no deciding leaf names are another record's. */
static bool
change_others(struct play *p, struct cs_rec *r, int want)
{
	struct uses u = {.p = p};
	struct cs_rec other;
	struct cs_err err;
	struct cs_val v;

	for (size_t i = 0; i < p->n; i++) {
		const struct cs_expr *e;

		if (!p->v[i].decided)
			continue;
		e = parse_leaf(p, i);
		if (e == NULL)
			return bad(p, r, "a leaf's text is an expression");
		uses_of(&u, e);
	}
	if (u.is_whole)
		return true;
	other = record(p->f, &p->t.head, r->line);
	lay_out(p, &other);
	for (size_t i = 0; i < r->n; i++)
		if (i < sizeof(u.col) && u.col[i])
			other.cell[i] = r->cell[i];
	if (!cs_eval_run(p->ev, &other, &err))
		return bad(p, &other, err.text);
	v = cs_eval_get(p->ev, p->id[p->i]);
	p->changed++;
	if (v.kind != CS_BOOL || v.yes != (want == YES)) {
		bad(p, r, "columns that decided nothing change the decision");
		printf("# the other record:\n");
		show(&other);
		return false;
	}
	return cs_eval_run(p->ev, r, &err);
}

/* --- distance ------------------------------------------------------------- */

static bool
is_column(const struct cs_expr *e)
{
	return e->op == CS_E_FIELD && (e->a == NULL || e->a->op == CS_E_SELF);
}

/* The value of a leaf moved by its distance, as a cell. */
static bool
moved_cell(struct play *p, const struct cs_reason *r, const struct cs_expr *e,
    struct cs_str *cell)
{
	bool is_less = r->needs.n > 0 && r->needs.p[0] == '<';
	bool is_more = r->needs.n > 0 && r->needs.p[0] == '>';
	bool is_strict = r->needs.n < 2 || r->needs.p[1] != '=';
	struct cs_civil c;
	struct cs_val v, was = r->seen;
	bool misfit;
	double x;
	char z[40];

	if (e->op == CS_E_CALL || was.kind == CS_TEXT) {
		double ago = r->days.num;

		if (was.kind != CS_TEXT || was.text.n != 10 ||
		    cs_zone_civil(was.text, &c) != CS_DATE_OK)
			return false;
		x = (double)cs_civil_days(c);
		if (e->op == CS_E_CALL) {
			/* Into the window, or out of it behind. */
			if (cs_str_starts(r->needs, CS_S("not")))
				x -= r->distance;
			else
				x += ago < 0 ? -r->distance : r->distance;
		} else {
			/* Days only: no time of day beside them. */
			if ((!is_less && !is_more) || e->b->text.n != 10)
				return false;
			x += (is_less ? -1 : 1) * (r->distance + is_strict);
		}
		if (fabs(x) > 500000)
			return false;
		cs_civil_print(z, cs_days_civil((long)x));
	} else {
		/* Where doubles are too coarse it says nothing. */
		if (was.kind != CS_NUM || fabs(was.num) + r->distance >= 1e15 ||
		    was.num + (e->b->num - was.num) != e->b->num)
			return false;
		if (is_less)
			x = was.num - r->distance - is_strict;
		else if (is_more)
			x = was.num + r->distance + is_strict;
		else
			x = was.num +
			    (e->b->num > was.num ? r->distance : -r->distance);
		snprintf(z, sizeof(z), "%.15g", x);
	}
	*cell = cs_keep(&p->f->rows, cs_str(z));
	if (e->op == CS_E_CALL || was.kind == CS_TEXT)
		return true;
	/* Cells have 15 digits. */
	v = cs_val_cell(*cell, CS_TYPE_ANY, &misfit);
	return v.kind == CS_NUM && v.num == x;
}

static bool
move(struct play *p, struct cs_rec *r, size_t i)
{
	const struct cs_reason *why = &p->v[i];
	const struct cs_expr *e, *column, *other;
	struct cs_rec there = *r;
	struct cs_reason was;
	struct cs_err err;
	struct cs_str cell;
	size_t col;
	bool is_there;

	if (why->needs.n == 0 || isnan(why->distance) || p->f->is_json ||
	    why->answer == CS_ANSWER_UNKNOWN)
		return true;
	e = parse_leaf(p, i);
	column = e == NULL ? NULL : e->op == CS_E_CALL ? e->list[0] : e->a;
	other = e == NULL ? NULL : e->op == CS_E_CALL ? e->list[1] : e->b;
	if (e == NULL || !is_column(column) ||
	    (other->op != CS_E_NUMBER && other->op != CS_E_TEXT) ||
	    !moved_cell(p, why, e, &cell))
		return true;
	col = cs_header_find(&p->t.head, column->text);
	lay_out(p, &there);
	there.cell[col] = cell;
	forget(&there);
	was = *why;
	was.needs = cs_keep(&p->f->rows, why->needs);
	if (!cs_eval_run(p->ev, &there, &err))
		return bad(p, r, err.text);
	p->n = cs_explain_get(p->x[p->i], &there, &p->v);
	is_there = p->v[i].needs.n == 0;
	p->moved++;
	if (!is_there) {
		printf("# was: needs %.*s, distance %g; now %.*s\n",
		    CS_ARG(was.needs), was.distance, CS_ARG(cell));
		return bad(p, &there, "a value moved by its distance");
	}
	if (!cs_eval_run(p->ev, r, &err))
		return bad(p, r, err.text);
	p->n = cs_explain_get(p->x[p->i], r, &p->v);
	return true;
}

/* --- one condition, one record -------------------------------------------- */

static bool
check_column(struct play *p, struct cs_rec *r, const struct cs_reason *why)
{
	size_t col = cs_header_find(&p->t.head, why->column);

	if (why->column.p == NULL || col == CS_NO_COLUMN)
		return true;
	p->emptied++;
	return cs_rec_val(r, col).kind == CS_NULL ||
	       bad(p, r, "a column that is called empty is");
}

static bool
check_json(struct play *p, struct cs_rec *r)
{
	struct cs_buf b = {0};
	bool is_good;

	cs_explain_json(&b, p->v, p->n, true);
	is_good = cs_json_check(cs_buf_get(&b), NULL, NULL);
	cs_buf_free(&b);
	return is_good || bad(p, r, "the reasons are JSON");
}

static bool
check(struct play *p, struct cs_rec *r)
{
	struct cs_val v = cs_eval_get(p->ev, p->id[p->i]);
	int want = v.kind != CS_BOOL ? UNKNOWN : v.yes ? YES : NO;

	p->n = cs_explain_get(p->x[p->i], r, &p->v);
	p->asked[want]++;
	if (p->n > MAX_LEAVES)
		return true;
	for (size_t i = 0; i < p->n; i++) {
		p->answer[i] = p->v[i].is_value ? OTHER : (int)p->v[i].answer;
		if (!check_column(p, r, &p->v[i]))
			return false;
	}
	p->replayed++;
	if (decide(p) != want || !check_json(p, r))
		return bad(p, r, "the reasons reproduce the decision");
	for (int k = 0; want != UNKNOWN && k < 4; k++) {
		for (size_t i = 0; i < p->n; i++)
			if (!p->v[i].decided)
				p->answer[i] = (int)below(p->f, 4);
		p->shuffled++;
		if (decide(p) != want)
			return bad(p, r, "the deciding leaves alone decide");
	}
	if (want != UNKNOWN && !change_others(p, r, want))
		return false;
	/* The other record's texts are gone. */
	p->n = cs_explain_get(p->x[p->i], r, &p->v);
	for (size_t i = 0; i < p->n; i++)
		if (!move(p, r, i))
			return false;
	return true;
}

static bool
start_table(struct play *p, enum cs_engine engine)
{
	struct cs_diags d = {0};
	struct cs_err err = {0};
	bool is_good;

	fill(p->f, &p->t);
	p->t.conf.engine = engine;
	p->ev = cs_eval_new(&p->t.conf);
	for (size_t i = 0; i < EXPRESSIONS; i++) {
		p->x[i] = NULL;
		if (p->t.role[i] != CS_CONDITION)
			continue;
		p->id[i] =
		    cs_eval_add(p->ev, p->t.e[i], CS_CONDITION, p->f->text[i]);
		p->x[i] = cs_explain_new(p->ev, p->t.e[i], p->f->text[i]);
	}
	is_good = cs_eval_compile(p->ev, &p->t.head, &d, &err);
	if (!is_good)
		ok(false, "compile: %s%s", err.text, d.n ? d.v[0].text : "");
	cs_diags_free(&d);
	return is_good;
}

static bool
explain_table(struct play *p, size_t number)
{
	/* The leaves are expressions of their own: the engines agree on them
	 * too. Both is dear: seldom. */
	bool is_both = number % 40 == 11;
	struct cs_err err = {0};

	p->f->is_json = number % 3 == 0;
	p->f->is_simple = number % 4 == 1;
	cs_arena_reset(&p->f->arena);
	p->is_good = start_table(p, is_both ? CS_ENGINE_BOTH : CS_ENGINE_FAST);
	for (size_t k = 0; p->is_good && k < (is_both ? 3 : ROWS); k++) {
		struct cs_rec r;

		cs_arena_reset(&p->f->rows);
		r = record(p->f, &p->t.head, k + 1);
		lay_out(p, &r);
		p->i = 0;
		p->n = 0;
		if (!cs_eval_run(p->ev, &r, &err))
			bad(p, &r, err.text);
		for (p->i = 0; p->is_good && p->i < EXPRESSIONS; p->i++)
			if (p->x[p->i] != NULL && !check(p, &r))
				p->is_good = false;
	}
	for (size_t i = 0; i < EXPRESSIONS; i++)
		cs_explain_free(p->x[i]);
	cs_eval_free(p->ev);
	cs_header_free(&p->t.head);
	cs_set_free(&p->t.list.set);
	return p->is_good;
}

static void
explain_tables(struct play *p, unsigned long long seed, double seconds)
{
	double end = seconds_now() + seconds;
	size_t tables = 0;

	do {
		p->f->state = seed + tables;
		if (!explain_table(p, tables)) {
			printf("# table %zu of seed=%llu\n", tables, seed);
			return;
		}
		tables++;
	} while (tables < FEWEST || seconds_now() < end);
	ok(true,
	    "%zu tables: %llu decisions (%llu no, %llu yes, %llu unknown) "
	    "replayed",
	    tables, (unsigned long long)p->replayed,
	    (unsigned long long)p->asked[NO], (unsigned long long)p->asked[YES],
	    (unsigned long long)p->asked[UNKNOWN]);
	ok(p->shuffled > 0, "%llu with other answers where none decided",
	    (unsigned long long)p->shuffled);
	ok(p->changed > 0, "%llu with other columns where none decided",
	    (unsigned long long)p->changed);
	ok(p->moved > 0, "%llu values moved by their distance",
	    (unsigned long long)p->moved);
	ok(p->emptied > 0, "%llu columns that are empty",
	    (unsigned long long)p->emptied);
}

int
main(int argc, char **argv)
{
	struct play *p = cs_calloc(1, sizeof(*p));
	struct runs run = {.seed = 1, .seconds = 3};
	int i;

	p->f = cs_calloc(1, sizeof(*p->f));
	for (i = 1; i < argc; i++)
		if (!runs_take(&run, argv[i])) {
			fputs("usage: explain_diff [seed=N] [seconds=N]\n",
			    stderr);
			return 2;
		}
	printf("# seed=%llu\n", run.seed);
	explain_tables(p, run.seed, run.seconds);
	cs_buf_free(&p->f->b);
	cs_arena_free(&p->f->arena);
	cs_arena_free(&p->f->rows);
	free(p->f->bytes);
	free(p->f);
	free(p);
	i = done();
	fflush(stdout);
	return i;
}
