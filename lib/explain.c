#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "date.h"
#include "explain.h"

/* Evaluated parts of one leaf, to find the empty column: more would make a
 * long rule's program grow with its square. */
enum { MAX_GUARDS = 32, MAX_SEARCHED = 10 * CS_MAX_WHY };

enum shape { LEAF, AND, OR, NOT, IF, ALT };

enum { NONE = -1 };

/* Beside enum CS_ANSWER_: a value that is neither yes nor no. Left of // it
 * stands; a condition that is one is unknown. */
enum { OTHER = CS_ANSWER_UNKNOWN + 1 };

/* A condition as its leaves and what joins them. */
struct node {
	enum shape shape;
	struct node **part; /* IF: as CS_E_IF's list */
	size_t n;
	size_t leaf; /* number of the leaf */
	int answer;  /* of enum CS_ANSWER_, or OTHER */
};

/* Where an unknown may come from. With an id: only when that is unknown. */
struct cause {
	enum { PATH, FIRST_OF, TAKEN } kind;
	size_t id;	    /* of the path or the whole; SIZE_MAX: none */
	struct cs_str name; /* PATH */
	struct cause **part;
	size_t *head; /* TAKEN: ids of the heads; part as in CS_E_IF's list */
	size_t n;
};

/* What a leaf compares, in the words of its needs. */
enum form {
	COMPARES, /* subject OP right */
	IS_NULL,  /* subject == null */
	IS_GIVEN, /* subject != null */
	ONE_OF,	  /* subject | right, an IN(...) */
	LISTED,	  /* subject | right, an in_list(...) */
	RECENT,	  /* in_last(subject; right) */
	PIPED,	  /* subject | right */
	BARE	  /* subject */
};

struct leaf {
	const struct cs_expr *e;
	const struct cs_expr *subject, *right;
	enum form form;
	enum cs_op op;	  /* COMPARES: with the subject on the left */
	bool is_negative; /* under an odd number of nots */
	bool is_head;	  /* of an if: it has no need of its own */
	bool is_value;	  /* left of // */
	size_t id;	  /* its answer */
	size_t subject_id, right_id; /* SIZE_MAX: not evaluated */
	size_t days_id;		     /* RECENT: days_since(subject) */
	struct cause *cause;
	unsigned guards;
};

struct cs_explain {
	struct cs_eval *ev;
	const char *label;
	struct node *root;
	struct leaf *leaf;
	size_t n, cap;
	size_t seen;	 /* parts of the condition */
	size_t searched; /* nodes looked at for causes */
	struct cs_reason *reason;
	struct cs_arena arena; /* the tree */
	struct cs_arena texts; /* until the next get */
};

/* Where a node stands. */
struct ctx {
	bool is_negative, is_head;
	bool is_value; /* left of //: any value stands */
	unsigned depth;
};

/* --- leaves ------------------------------------------------------------- */

static bool
is_call(const struct cs_expr *e, const char *name, size_t n)
{
	return e->op == CS_E_CALL && e->n == n && cs_str_is(e->text, name);
}

static bool
is_literal(const struct cs_expr *e)
{
	switch (e->op) {
	case CS_E_NULL:
	case CS_E_TRUE:
	case CS_E_FALSE:
	case CS_E_NUMBER:
	case CS_E_TEXT:
		return true;
	case CS_E_NEG:
		return is_literal(e->a);
	default:
		return false;
	}
}

static enum cs_op
opposite(enum cs_op op)
{
	switch (op) {
	case CS_E_LT:
		return CS_E_GE;
	case CS_E_LE:
		return CS_E_GT;
	case CS_E_GT:
		return CS_E_LE;
	case CS_E_GE:
		return CS_E_LT;
	case CS_E_EQ:
		return CS_E_NE;
	default:
		return CS_E_EQ;
	}
}

static void
comparison(struct leaf *l)
{
	const struct cs_expr *e = l->e;

	l->form = COMPARES;
	l->op = e->op;
	l->subject = e->a;
	l->right = e->b;
	if (is_literal(e->a) && !is_literal(e->b)) {
		l->subject = e->b;
		l->right = e->a;
		l->op = cs_op_mirrored(e->op);
	}
	if (l->right->op == CS_E_NULL && e->op == CS_E_EQ)
		l->form = IS_NULL;
	if (l->right->op == CS_E_NULL && e->op == CS_E_NE)
		l->form = IS_GIVEN;
}

/* a | b | c without the last step, which goes to *last. */
static const struct cs_expr *
without_last(
    struct cs_explain *x, const struct cs_expr *e, const struct cs_expr **last)
{
	struct cs_expr *rest;

	if (e->b->op != CS_E_PIPE) {
		*last = e->b;
		return e->a;
	}
	rest = cs_arena_array(&x->arena, 1, sizeof(*rest));
	*rest = *e;
	rest->b = (struct cs_expr *)without_last(x, e->b, last);
	return rest;
}

/* Splits the leaf into what is looked at and what is asked of it. */
static void
look(struct cs_explain *x, struct leaf *l)
{
	const struct cs_expr *e = l->e;

	l->form = BARE;
	l->subject = e;
	if (e->op >= CS_E_EQ && e->op <= CS_E_GE)
		comparison(l);
	else if (is_call(e, "in_last", 2)) {
		l->form = RECENT;
		l->subject = e->list[0];
		l->right = e->list[1];
	} else if (e->op == CS_E_PIPE) {
		l->subject = without_last(x, e, &l->right);
		l->form = is_call(l->right, "IN", 1)	    ? ONE_OF
			  : is_call(l->right, "in_list", 1) ? LISTED
							    : PIPED;
	}
}

/* May a Let be looked into from a node that is so deep? Circles of Lets, and
 * those that are too deep, are told when the rules are compiled, later. */
static bool
may_enter(unsigned depth)
{
	return depth <= CS_MAX_LET_CHAIN - CS_MAX_EXPR_CHAIN;
}

/* --- causes ------------------------------------------------------------- */

/* j.o of .j.o, as the records of a nested form call it; [ ] as in the rule. */
static struct cs_str
path_name(struct cs_explain *x, const struct cs_expr *e)
{
	bool is_first = e->a == NULL || e->a->op == CS_E_SELF;
	struct cs_buf b = {0};
	struct cs_str s;

	if (e->op == CS_E_FIELD && is_first)
		return e->text;
	if (e->op == CS_E_FIELD && e->a->op == CS_E_FIELD) {
		cs_buf_str(&b, path_name(x, e->a));
		cs_buf_putc(&b, '.');
		cs_buf_str(&b, e->text);
	} else {
		cs_expr_print(&b, e);
	}
	s = cs_keep(&x->arena, cs_buf_get(&b));
	cs_buf_free(&b);
	return s;
}

static bool
is_path(const struct cs_expr *e)
{
	switch (e->op) {
	case CS_E_FIELD:
		return e->a == NULL || e->a->op == CS_E_SELF || is_path(e->a);
	case CS_E_INDEX:
		return is_literal(e->b) && is_path(e->a);
	case CS_E_OPTIONAL:
		return is_path(e->a);
	default:
		return false;
	}
}

static struct cause *cause_of(struct cs_explain *x, struct leaf *l,
    const struct cs_expr *e, unsigned depth);

static size_t
guard(struct cs_explain *x, struct leaf *l, const struct cs_expr *e,
    enum cs_role role)
{
	if (l->guards >= MAX_GUARDS)
		return SIZE_MAX;
	l->guards++;
	return cs_eval_add(x->ev, e, role, x->label);
}

static struct cause *
first_of(struct cs_explain *x, struct leaf *l, size_t id,
    struct cs_expr *const *v, size_t n, unsigned depth)
{
	struct cause *c = cs_arena_array(&x->arena, 1, sizeof(*c));
	struct cause *one;
	size_t i;

	*c = (struct cause){.kind = FIRST_OF, .id = id};
	c->part = cs_arena_array(&x->arena, n, sizeof(struct cause *));
	for (i = 0; i < n; i++)
		if (v[i] != NULL && (one = cause_of(x, l, v[i], depth)) != NULL)
			c->part[c->n++] = one;
	return c->n > 0 ? c : NULL;
}

static struct cause *
cause_of_if(struct cs_explain *x, struct leaf *l, const struct cs_expr *e,
    unsigned depth)
{
	struct cause *c = cs_arena_array(&x->arena, 1, sizeof(*c));
	size_t i;

	*c = (struct cause){.kind = TAKEN, .n = e->n};
	c->id = guard(x, l, e, CS_VALUE);
	c->part = cs_arena_array(&x->arena, e->n, sizeof(struct cause *));
	c->head = cs_arena_array(&x->arena, e->n, sizeof(*c->head));
	for (i = 0; i < e->n; i++) {
		c->part[i] = cause_of(x, l, e->list[i], depth);
		c->head[i] = SIZE_MAX;
		if (i % 2 == 0 && i + 1 < e->n)
			c->head[i] = guard(x, l, e->list[i], CS_CONDITION);
	}
	return c;
}

/* The arguments that are evaluated where the call stands. */
static struct cause *
cause_of_call(struct cs_explain *x, struct leaf *l, const struct cs_expr *e,
    unsigned depth)
{
	const struct cs_func *f = cs_func_find(e->text, e->n);
	struct cs_expr **v = cs_arena_array(&x->arena, e->n, sizeof(*v));
	size_t i;

	for (i = 0; i < e->n; i++)
		v[i] = f != NULL && strchr("vgcs", f->args[i]) != NULL
			   ? e->list[i]
			   : NULL;
	return first_of(x, l, SIZE_MAX, v, e->n, depth);
}

/* NULL: nothing in e can be empty, or it is not known what. */
static struct cause *
cause_of(struct cs_explain *x, struct leaf *l, const struct cs_expr *e,
    unsigned depth)
{
	struct cs_expr *ab[] = {e->a, e->b, e->c};
	const struct cs_expr *let;
	struct cause *c;

	x->searched++;
	depth++;
	if (is_path(e)) {
		c = cs_arena_array(&x->arena, 1, sizeof(*c));
		*c = (struct cause){.kind = PATH,
		    .id = guard(x, l, e, CS_VALUE),
		    .name = path_name(x, e)};
		return c->id == SIZE_MAX ? NULL : c;
	}
	switch (e->op) {
	case CS_E_EQ:
	case CS_E_NE:
		if (e->a->op == CS_E_NULL || e->b->op == CS_E_NULL)
			return NULL; /* is never unknown */
		return first_of(x, l, SIZE_MAX, ab, 2, depth);
	case CS_E_ALT:
	case CS_E_AND:
	case CS_E_OR:
		return first_of(x, l, guard(x, l, e, CS_VALUE), ab, 2, depth);
	case CS_E_IF:
		return cause_of_if(x, l, e, depth);
	case CS_E_CALL:
		return cause_of_call(x, l, e, depth);
	case CS_E_INTERP:
		return first_of(x, l, SIZE_MAX, e->list, e->n, depth);
	case CS_E_PIPE: /* behind the | the . is another */
	case CS_E_AS:
		return cause_of(x, l, e->a, depth);
	case CS_E_VAR:
		let = cs_eval_let(x->ev, e->text);
		if (let == NULL || x->searched > MAX_SEARCHED ||
		    !may_enter(depth))
			return NULL;
		return cause_of(x, l, let, depth);
	case CS_E_ARRAY:
	case CS_E_OBJECT:
		return NULL;
	default:
		return first_of(x, l, SIZE_MAX, ab, 3, depth);
	}
}

static struct cs_str
find_cause(
    const struct cs_explain *x, const struct cause *c, struct cs_rec *rec)
{
	struct cs_str name = {0};
	size_t i;

	if (c == NULL ||
	    (c->id != SIZE_MAX && cs_eval_get(x->ev, c->id).kind != CS_NULL))
		return name;
	switch (c->kind) {
	case PATH:
		name = cs_eval_empty_column(x->ev, c->id, rec);
		return name.p != NULL ? name : c->name;
	case FIRST_OF:
		for (i = 0; i < c->n && name.p == NULL; i++)
			name = find_cause(x, c->part[i], rec);
		return name;
	default:
		for (i = 0; i + 1 < c->n && c->head[i] != SIZE_MAX; i += 2) {
			struct cs_val v = cs_eval_get(x->ev, c->head[i]);

			if (v.kind == CS_NULL)
				break;
			if (v.yes) {
				i++;
				break;
			}
		}
		return find_cause(x, c->part[i], rec);
	}
}

/* --- the tree ----------------------------------------------------------- */

/* days_since(subject) */
static const struct cs_expr *
days_since(struct cs_explain *x, const struct cs_expr *in_last)
{
	struct cs_expr *e = cs_arena_array(&x->arena, 1, sizeof(*e));

	*e = *in_last;
	e->text = CS_S("days_since");
	e->n = 1;
	return e;
}

static struct node *
add_leaf(struct cs_explain *x, const struct cs_expr *e, struct ctx c)
{
	struct node *n = cs_arena_array(&x->arena, 1, sizeof(*n));
	struct leaf *l;

	x->leaf = cs_grow(x->leaf, x->n, &x->cap, sizeof(*x->leaf));
	n->leaf = x->n;
	l = &x->leaf[x->n++];
	*l = (struct leaf){.e = e,
	    .is_negative = c.is_negative,
	    .is_head = c.is_head,
	    .is_value = c.is_value,
	    .right_id = SIZE_MAX,
	    .days_id = SIZE_MAX};
	look(x, l);
	l->id = cs_eval_add(
	    x->ev, e, c.is_value ? CS_VALUE : CS_CONDITION, x->label);
	l->subject_id = cs_eval_add(x->ev, l->subject, CS_VALUE, x->label);
	if (l->form == COMPARES || l->form == RECENT)
		l->right_id = cs_eval_add(x->ev, l->right, CS_VALUE, x->label);
	if (l->form == RECENT)
		l->days_id =
		    cs_eval_add(x->ev, days_since(x, e), CS_VALUE, x->label);
	l->cause = cause_of(x, l, e, 0);
	return n;
}

static struct node *
join(struct cs_explain *x, enum shape shape, size_t n)
{
	struct node *j = cs_arena_array(&x->arena, 1, sizeof(*j));

	j->shape = shape;
	j->n = n;
	j->part = cs_arena_array(&x->arena, n, sizeof(struct node *));
	return j;
}

static struct node *build(
    struct cs_explain *x, const struct cs_expr *e, struct ctx c);

static struct node *
build_if(struct cs_explain *x, const struct cs_expr *e, struct ctx c)
{
	struct node *j = join(x, IF, e->n);
	struct ctx head = c;
	size_t i;

	head.is_head = true;
	head.is_value = false;
	for (i = 0; i < e->n; i++)
		j->part[i] =
		    build(x, e->list[i], i % 2 == 0 && i + 1 < e->n ? head : c);
	return j;
}

static struct node *
build(struct cs_explain *x, const struct cs_expr *whole, struct ctx c)
{
	const struct cs_expr *e = whole;
	const struct cs_expr *let, *last;
	struct node *j;
	struct ctx left;

	x->seen++;
	c.depth++;
	left = c;
	switch (e->op) {
	case CS_E_AND:
	case CS_E_OR:
		c.is_value = left.is_value = false;
		break;
	case CS_E_ALT:
		left.is_value = true;
		break;
	case CS_E_PIPE:
		e = without_last(x, whole, &last);
		if (!is_call(last, "not", 0))
			return add_leaf(x, whole, c);
		c.is_negative = !c.is_negative;
		c.is_value = false;
		j = join(x, NOT, 1);
		j->part[0] = build(x, e, c);
		return j;
	case CS_E_IF:
		return build_if(x, e, c);
	case CS_E_VAR:
		/* Lets that each use the one above twice have no end too. */
		let = cs_eval_let(x->ev, e->text);
		if (let == NULL || x->seen > CS_MAX_WHY || !may_enter(c.depth))
			return add_leaf(x, e, c);
		return build(x, let, c);
	default:
		return add_leaf(x, e, c);
	}
	j = join(x, e->op == CS_E_AND ? AND : e->op == CS_E_OR ? OR : ALT, 2);
	j->part[0] = build(x, e->a, left);
	j->part[1] = build(x, e->b, c);
	return j;
}

struct cs_explain *
cs_explain_new(struct cs_eval *ev, const struct cs_expr *e, const char *label)
{
	struct cs_explain *x = cs_calloc(1, sizeof(*x));

	x->ev = ev;
	x->label = label;
	if (e != NULL)
		x->root = build(x, e, (struct ctx){0});
	x->reason = cs_calloc(x->n, sizeof(*x->reason));
	return x;
}

/* --- answers ------------------------------------------------------------ */

static int
answer_of(struct cs_val v)
{
	if (v.kind != CS_BOOL)
		return CS_ANSWER_UNKNOWN;
	return v.yes ? CS_ANSWER_YES : CS_ANSWER_NO;
}

/* As a condition. */
static int
condition_of(const struct node *n)
{
	return n->answer == OTHER ? CS_ANSWER_UNKNOWN : n->answer;
}

static int
opposite_answer(int a)
{
	if (a == CS_ANSWER_UNKNOWN)
		return a;
	return a == CS_ANSWER_YES ? CS_ANSWER_NO : CS_ANSWER_YES;
}

/* The branch an if takes, or NONE when its head is unknown; *head is the last
 * head asked. */
static int
branch(const struct node *n, size_t *head)
{
	size_t i;

	*head = 0;
	for (i = 0; i + 1 < n->n; i += 2) {
		*head = i;
		if (condition_of(n->part[i]) == CS_ANSWER_UNKNOWN)
			return NONE;
		if (n->part[i]->answer == CS_ANSWER_YES)
			return (int)i + 1;
	}
	return (int)i;
}

static void
solve(const struct cs_explain *x, struct node *n)
{
	int decisive = n->shape == AND ? CS_ANSWER_NO : CS_ANSWER_YES, a, b;
	size_t i, head;

	for (i = 0; i < n->n; i++)
		solve(x, n->part[i]);
	switch (n->shape) {
	case LEAF:
		n->answer = x->reason[n->leaf].is_value
				? OTHER
				: (int)x->reason[n->leaf].answer;
		return;
	case NOT:
		n->answer = opposite_answer(condition_of(n->part[0]));
		return;
	case IF:
		a = branch(n, &head);
		n->answer = a == NONE ? CS_ANSWER_UNKNOWN : n->part[a]->answer;
		return;
	case ALT:
		a = n->part[0]->answer;
		n->answer = a == CS_ANSWER_UNKNOWN ? n->part[1]->answer : a;
		return;
	default:
		a = condition_of(n->part[0]);
		b = condition_of(n->part[1]);
		if (a == decisive || b == decisive)
			n->answer = decisive;
		else if (a == CS_ANSWER_UNKNOWN || b == CS_ANSWER_UNKNOWN)
			n->answer = CS_ANSWER_UNKNOWN;
		else
			n->answer = a;
		return;
	}
}

/* Marks the leaves that the answer of n comes from. whole: of an unknown one
 * also the operands that could have decided, but did not: left of // they are
 * why the right side counts. */
static void
trace(struct cs_explain *x, const struct node *n, bool whole)
{
	bool all = whole && n->answer == CS_ANSWER_UNKNOWN;
	size_t i, head;
	int taken;

	switch (n->shape) {
	case LEAF:
		x->reason[n->leaf].decided = true;
		return;
	case NOT:
		trace(x, n->part[0], whole);
		return;
	case IF:
		taken = branch(n, &head);
		for (i = 0; i <= head; i += 2)
			trace(x, n->part[i], whole);
		if (taken != NONE)
			trace(x, n->part[taken], whole);
		return;
	case ALT:
		trace(x, n->part[0], true);
		if (n->part[0]->answer == CS_ANSWER_UNKNOWN)
			trace(x, n->part[1], whole);
		return;
	default:
		/* The operands that say what the whole says: the ones that
		 * decide, the unknown ones, or all. */
		for (i = 0; i < n->n; i++)
			if (all || condition_of(n->part[i]) == n->answer)
				trace(x, n->part[i], whole);
		return;
	}
}

/* --- words -------------------------------------------------------------- */

static struct cs_str
keep_buf(struct cs_explain *x, struct cs_buf *b)
{
	struct cs_str s = cs_keep(&x->texts, cs_buf_get(b));

	cs_buf_free(b);
	return s;
}

static struct cs_str
normal(struct cs_explain *x, const struct cs_expr *e)
{
	struct cs_buf b = {0};

	cs_expr_print(&b, e);
	return keep_buf(x, &b);
}

/* A number that was computed has digits nobody wrote: 716.4000000000001. */
static double
rounded(double v)
{
	char text[40];

	snprintf(text, sizeof(text), "%.15g", v);
	return strtod(text, NULL);
}

/* As a person writes it; beside what it is compared with, if that would then
 * look the same, exactly. */
static struct cs_val
plain(struct cs_val v, struct cs_val other)
{
	double r;

	if (v.kind != CS_NUM || v.text.p != NULL)
		return v;
	r = rounded(v.num);
	if (other.kind == CS_NUM && other.num != v.num &&
	    rounded(other.num) == r)
		return v;
	return isfinite(r) ? cs_val_num(r) : v;
}

static struct cs_val
right_of(const struct cs_explain *x, const struct leaf *l)
{
	return l->right_id == SIZE_MAX ? cs_val_null()
				       : cs_eval_get(x->ev, l->right_id);
}

static struct cs_str
text_of(struct cs_explain *x, struct cs_val v)
{
	struct cs_buf b = {0};

	cs_val_put_text(&b, v);
	return keep_buf(x, &b);
}

/* A column by its bare name, anything else in normal form. */
static struct cs_str
subject_of(struct cs_explain *x, const struct cs_expr *e)
{
	if (e->op == CS_E_FIELD && (e->a == NULL || e->a->op == CS_E_SELF))
		return e->text;
	return normal(x, e);
}

static const char *
operator_words(enum cs_op op)
{
	switch (op) {
	case CS_E_LT:
		return "< ";
	case CS_E_LE:
		return "<= ";
	case CS_E_GT:
		return "> ";
	case CS_E_GE:
		return ">= ";
	case CS_E_NE:
		return "not ";
	default:
		return "";
	}
}

/* The right side as it is in this record; a number of the rule as it is written
 * there, an unknown one as its source. A text that is compared with something
 * else, in quotes: n is 5, needs "5". */
static void
put_right(struct cs_explain *x, struct cs_buf *b, const struct leaf *l)
{
	struct cs_val v = right_of(x, l);
	struct cs_val seen = cs_eval_get(x->ev, l->subject_id);

	if (v.kind == CS_NULL || (v.kind == CS_NUM && is_literal(l->right)))
		cs_expr_print(b, l->right);
	else if (v.kind == CS_TEXT &&
		 (v.text.n == 0 ||
		     (seen.kind != CS_NULL && seen.kind != CS_TEXT)))
		cs_val_put_json(b, v);
	else
		cs_val_put_text(b, plain(v, seen));
}

/* What the leaf must be for the condition to get nearer to yes. */
static struct cs_str
needs_of(struct cs_explain *x, const struct leaf *l)
{
	bool want = !l->is_negative;
	struct cs_buf b = {0};

	switch (l->form) {
	case COMPARES:
		cs_buf_puts(&b, operator_words(want ? l->op : opposite(l->op)));
		put_right(x, &b, l);
		break;
	case IS_NULL:
	case IS_GIVEN:
		cs_buf_puts(
		    &b, (l->form == IS_NULL) == want ? "no value" : "a value");
		break;
	case ONE_OF:
		cs_buf_puts(&b, want ? "one of " : "none of ");
		cs_expr_print(&b, l->right->list[0]);
		break;
	case LISTED:
		cs_buf_printf(&b, "%sin the list \"%.*s\"",
		    want ? "to be " : "not to be ",
		    CS_ARG(l->right->list[0]->text));
		break;
	case RECENT:
		cs_buf_puts(
		    &b, want ? "to be in the last " : "not to be in the last ");
		put_right(x, &b, l);
		cs_buf_puts(&b, " days");
		break;
	case PIPED:
		if (!want)
			cs_buf_puts(&b, "not ");
		cs_expr_print(&b, l->right);
		break;
	case BARE:
		cs_buf_puts(&b, want ? "true" : "false");
		break;
	}
	return keep_buf(x, &b);
}

/* Days between two texts that are dates; NAN if one is none. */
static double
days_between(struct cs_val a, struct cs_val b)
{
	struct cs_civil x, y;

	if (a.kind != CS_TEXT || b.kind != CS_TEXT ||
	    cs_zone_civil(a.text, &x) != CS_DATE_OK ||
	    cs_zone_civil(b.text, &y) != CS_DATE_OK)
		return NAN;
	return fabs((double)(cs_civil_days(y) - cs_civil_days(x)));
}

/* in_last: the days that the date is beside the window, or inside it. */
static double
distance_of_date(struct cs_val days, struct cs_val window, bool is_negative)
{
	double d = days.num, last;

	if (days.kind != CS_NUM || window.kind != CS_NUM)
		return NAN;
	last = ceil(window.num) - 1;
	if (is_negative)
		return last - d + 1;
	if (last < 0)
		return NAN;
	return d < 0 ? -d : d - last;
}

static double
distance_of(struct cs_explain *x, const struct leaf *l, bool holds)
{
	enum cs_op op = l->is_negative ? opposite(l->op) : l->op;
	struct cs_val a, b;
	double d;

	if (l->form != COMPARES && l->form != RECENT)
		return NAN;
	a = cs_eval_get(x->ev, l->subject_id);
	b = right_of(x, l);
	if (l->form == RECENT) {
		a = cs_eval_get(x->ev, l->days_id);
		d = distance_of_date(a, b, l->is_negative);
		return holds ? 0 : d;
	}
	d = a.kind == CS_NUM && b.kind == CS_NUM ? fabs(b.num - a.num)
						 : days_between(a, b);
	if (isnan(d) || holds)
		return isnan(d) ? d : 0;
	return op == CS_E_NE || isinf(d) ? NAN : d;
}

/* The first fault of the leaf, in few words. */
static struct cs_str
fault_of(struct cs_explain *x, const struct leaf *l)
{
	static const char type[] = "type: ", truth[] = ", not yes/no",
			  date[] = "against a date (YYYY-MM-DD)";
	const struct cs_eval_fault *f;
	struct cs_str s;

	if (cs_eval_faults(x->ev, l->id, &f) == 0)
		return (struct cs_str){0};
	s = f[0].text;
	if (memmem(s.p, s.n, date, strlen(date)) != NULL)
		return CS_S("not a date");
	if (memmem(s.p, s.n, truth, strlen(truth)) != NULL)
		return CS_S("not yes/no");
	if (cs_str_starts(s, cs_str(type)))
		return (struct cs_str){s.p + strlen(type), s.n - strlen(type)};
	return s;
}

/* Why a leaf is unknown: for want of a value, or of the right kind. */
static void
see_unknown(struct cs_explain *x, struct cs_reason *r, const struct leaf *l,
    struct cs_rec *rec)
{
	r->column = find_cause(x, l->cause, rec);
	if (r->column.p != NULL)
		return;
	r->fault = fault_of(x, l);
	if (r->fault.p == NULL && l->form == BARE && r->seen.kind != CS_NULL)
		r->fault = CS_S("not yes/no");
}

/* What the tree's answer is made of. */
static void
judge(struct cs_explain *x, size_t i)
{
	const struct leaf *l = &x->leaf[i];
	struct cs_reason *r = &x->reason[i];
	struct cs_val v = cs_eval_get(x->ev, l->id);
	int answer = answer_of(v);

	*r = (struct cs_reason){.is_constant = is_literal(l->e),
	    .is_value = l->is_value && v.kind > CS_BOOL,
	    .answer = answer == CS_ANSWER_YES  ? CS_ANSWER_YES
		      : answer == CS_ANSWER_NO ? CS_ANSWER_NO
					       : CS_ANSWER_UNKNOWN};
}

static void
judge_all(struct cs_explain *x)
{
	size_t i;

	for (i = 0; i < x->n; i++)
		judge(x, i);
	if (x->root == NULL)
		return;
	solve(x, x->root);
	trace(x, x->root, false);
}

/* The words beside the answer. */
static void
see(struct cs_explain *x, struct cs_rec *rec, size_t i)
{
	const struct leaf *l = &x->leaf[i];
	struct cs_reason *r = &x->reason[i];
	int wanted = l->is_negative ? CS_ANSWER_NO : CS_ANSWER_YES;
	int answer = (int)r->answer;

	r->condition = normal(x, l->e);
	r->subject = subject_of(x, l->subject);
	r->seen = cs_eval_get(x->ev, l->subject_id);
	r->needs = CS_S("");
	r->distance = distance_of(x, l, answer == wanted);
	r->value = text_of(x, plain(r->seen, right_of(x, l)));
	if (answer == CS_ANSWER_UNKNOWN)
		see_unknown(x, r, l, rec);
	if (answer != wanted && !l->is_head)
		r->needs = needs_of(x, l);
	if (l->form == RECENT)
		r->days = cs_eval_get(x->ev, l->days_id);
}

size_t
cs_explain_get(
    struct cs_explain *x, struct cs_rec *rec, const struct cs_reason **v)
{
	size_t i;

	cs_arena_reset(&x->texts);
	judge_all(x);
	for (i = 0; i < x->n; i++)
		see(x, rec, i);
	*v = x->reason;
	return x->root == NULL ? 0 : x->n;
}

struct cs_str
cs_explain_empty(struct cs_explain *x, struct cs_rec *rec)
{
	struct cs_str name = {0};
	size_t i;

	judge_all(x);
	for (i = 0; i < x->n && name.p == NULL; i++)
		if (x->reason[i].decided &&
		    x->reason[i].answer == CS_ANSWER_UNKNOWN)
			name = find_cause(x, x->leaf[i].cause, rec);
	return name;
}

void
cs_explain_free(struct cs_explain *x)
{
	if (x == NULL)
		return;
	free(x->leaf);
	free(x->reason);
	cs_arena_free(&x->arena);
	cs_arena_free(&x->texts);
	free(x);
}
