#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "explain.h"

enum shape { LEAF, AND, OR, NOT, IF, ALT };

enum { NONE = -1 };

/* A condition as its leaves and what joins them. */
struct node {
	enum shape shape;
	struct node **part; /* IF: as CS_E_IF's list */
	size_t n;
	size_t leaf; /* number of the leaf */
	int answer;  /* of enum CS_ANSWER_ */
};

/* What a leaf compares, in the words of its needs. */
enum form {
	COMPARES, /* subject OP right */
	IS_NULL,  /* subject == null */
	IS_GIVEN, /* subject != null */
	ONE_OF,	  /* subject | IN(...) */
	LISTED,	  /* subject | in_list(...) */
	RECENT,	  /* in_last(subject; right) */
	PIPED,	  /* subject | f */
	BARE	  /* subject */
};

struct leaf {
	const struct cs_expr *e;
	const struct cs_expr *subject, *right;
	enum form form;
	enum cs_op op;	  /* COMPARES: with the subject on the left */
	bool is_negative; /* under an odd number of nots */
	bool is_head;	  /* of an if: it has no need of its own */
	size_t id;	  /* its answer */
	size_t subject_id, right_id; /* SIZE_MAX: not evaluated */
};

struct cs_explain {
	struct cs_eval *ev;
	const char *label;
	struct node *root;
	struct leaf *leaf;
	size_t n, cap;
	size_t seen; /* nodes looked at */
	struct cs_reason *reason;
	struct cs_arena arena; /* the tree */
	struct cs_arena texts; /* until the next get */
};

/* Where a node stands. */
struct ctx {
	bool is_negative, is_head;
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

/* The operator when the sides change places. */
static enum cs_op
mirrored(enum cs_op op)
{
	switch (op) {
	case CS_E_LT:
		return CS_E_GT;
	case CS_E_LE:
		return CS_E_GE;
	case CS_E_GT:
		return CS_E_LT;
	case CS_E_GE:
		return CS_E_LE;
	default:
		return op;
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
		l->op = mirrored(e->op);
	}
	if (l->right->op == CS_E_NULL && e->op == CS_E_EQ)
		l->form = IS_NULL;
	if (l->right->op == CS_E_NULL && e->op == CS_E_NE)
		l->form = IS_GIVEN;
}

/* Splits the leaf into what is looked at and what is asked of it. */
static void
look(struct leaf *l)
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
	} else if (e->op == CS_E_PIPE && e->b->op == CS_E_CALL) {
		l->subject = e->a;
		l->form = PIPED;
		if (is_call(e->b, "IN", 1))
			l->form = ONE_OF;
		else if (is_call(e->b, "in_list", 1))
			l->form = LISTED;
	}
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
	    .subject_id = SIZE_MAX,
	    .right_id = SIZE_MAX};
	look(l);
	l->id = cs_eval_add(x->ev, e, CS_CONDITION, x->label);
	l->subject_id = cs_eval_add(x->ev, l->subject, CS_VALUE, x->label);
	if (l->right != NULL)
		l->right_id = cs_eval_add(x->ev, l->right, CS_VALUE, x->label);
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
	for (i = 0; i < e->n; i++)
		j->part[i] =
		    build(x, e->list[i], i % 2 == 0 && i + 1 < e->n ? head : c);
	return j;
}

static struct node *
build(struct cs_explain *x, const struct cs_expr *e, struct ctx c)
{
	const struct cs_expr *let;
	struct node *j;

	x->seen++;
	c.depth++;
	switch (e->op) {
	case CS_E_AND:
	case CS_E_OR:
	case CS_E_ALT:
		j = join(x,
		    e->op == CS_E_AND  ? AND
		    : e->op == CS_E_OR ? OR
				       : ALT,
		    2);
		j->part[0] = build(x, e->a, c);
		j->part[1] = build(x, e->b, c);
		return j;
	case CS_E_PIPE:
		if (!is_call(e->b, "not", 0))
			break;
		c.is_negative = !c.is_negative;
		j = join(x, NOT, 1);
		j->part[0] = build(x, e->a, c);
		return j;
	case CS_E_IF:
		return build_if(x, e, c);
	case CS_E_VAR:
		/* A circle of Lets is reported when the rules are compiled;
		 * here it must only come to an end. So must Lets that each use
		 * the one above twice. */
		let = cs_eval_let(x->ev, e->text);
		if (let == NULL || x->seen > CS_MAX_WHY ||
		    c.depth > CS_MAX_LET_CHAIN - CS_MAX_EXPR_CHAIN)
			break;
		return build(x, let, c);
	default:
		break;
	}
	return add_leaf(x, e, c);
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
		if (n->part[i]->answer == CS_ANSWER_UNKNOWN)
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
		n->answer = (int)x->reason[n->leaf].answer;
		return;
	case NOT:
		n->answer = opposite_answer(n->part[0]->answer);
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
		a = n->part[0]->answer;
		b = n->part[1]->answer;
		if (a == decisive || b == decisive)
			n->answer = decisive;
		else if (a == CS_ANSWER_UNKNOWN || b == CS_ANSWER_UNKNOWN)
			n->answer = CS_ANSWER_UNKNOWN;
		else
			n->answer = a;
		return;
	}
}

/* Marks the leaves that the answer of n comes from. */
static void
trace(struct cs_explain *x, const struct node *n)
{
	size_t i, head;
	int taken;

	switch (n->shape) {
	case LEAF:
		x->reason[n->leaf].decided = true;
		return;
	case NOT:
		trace(x, n->part[0]);
		return;
	case IF:
		taken = branch(n, &head);
		for (i = 0; i <= head; i += 2)
			trace(x, n->part[i]);
		if (taken != NONE)
			trace(x, n->part[taken]);
		return;
	case ALT:
		trace(x, n->part[0]);
		if (n->part[0]->answer == CS_ANSWER_UNKNOWN)
			trace(x, n->part[1]);
		return;
	default:
		/* The operands that say what the whole says: the ones that
		 * decide, the unknown ones, or all. */
		for (i = 0; i < n->n; i++)
			if (n->part[i]->answer == n->answer)
				trace(x, n->part[i]);
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

/* The right side as it is in this record; its source when it is unknown. */
static void
put_right(struct cs_explain *x, struct cs_buf *b, const struct leaf *l)
{
	struct cs_val v = cs_eval_get(x->ev, l->right_id);

	if (v.kind == CS_NULL)
		cs_expr_print(b, l->right);
	else
		cs_val_put_text(b, v);
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
		cs_expr_print(&b, l->e->b->list[0]);
		break;
	case LISTED:
		cs_buf_printf(&b, "%sin the list \"%.*s\"",
		    want ? "to be " : "not to be ",
		    CS_ARG(l->e->b->list[0]->text));
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
		cs_expr_print(&b, l->e->b);
		break;
	case BARE:
		cs_buf_puts(&b, want ? "true" : "false");
		break;
	}
	return keep_buf(x, &b);
}

static double
distance_of(struct cs_explain *x, const struct leaf *l, bool holds)
{
	struct cs_val a, b;

	if (l->form != COMPARES)
		return NAN;
	a = cs_eval_get(x->ev, l->subject_id);
	b = cs_eval_get(x->ev, l->right_id);
	if (a.kind != CS_NUM || b.kind != CS_NUM)
		return NAN;
	return holds ? 0 : fabs(b.num - a.num);
}

static void
see(struct cs_explain *x, struct cs_rec *rec, size_t i)
{
	const struct leaf *l = &x->leaf[i];
	struct cs_reason *r = &x->reason[i];
	int wanted = l->is_negative ? CS_ANSWER_NO : CS_ANSWER_YES;
	int answer = answer_of(cs_eval_get(x->ev, l->id));

	*r = (struct cs_reason){.condition = normal(x, l->e),
	    .subject = subject_of(x, l->subject),
	    .value = text_of(x, cs_eval_get(x->ev, l->subject_id)),
	    .needs = CS_S(""),
	    .distance = distance_of(x, l, answer == wanted)};
	r->answer = answer == CS_ANSWER_YES  ? CS_ANSWER_YES
		    : answer == CS_ANSWER_NO ? CS_ANSWER_NO
					     : CS_ANSWER_UNKNOWN;
	if (answer == CS_ANSWER_UNKNOWN)
		r->column = cs_eval_empty_column(x->ev, l->id, rec);
	if (answer != wanted && !l->is_head)
		r->needs = needs_of(x, l);
}

size_t
cs_explain_get(
    struct cs_explain *x, struct cs_rec *rec, const struct cs_reason **v)
{
	size_t i;

	cs_arena_reset(&x->texts);
	for (i = 0; i < x->n; i++)
		see(x, rec, i);
	if (x->root == NULL)
		return 0;
	solve(x, x->root);
	trace(x, x->root);
	*v = x->reason;
	return x->n;
}

static void
put_reason(struct cs_buf *b, const struct cs_reason *r)
{
	if (r->answer == CS_ANSWER_UNKNOWN && r->column.p != NULL) {
		cs_buf_printf(b, "%.*s is empty", CS_ARG(r->column));
		return;
	}
	cs_buf_str(b, r->subject);
	if (r->value.n > 0)
		cs_buf_printf(b, " is %.*s", CS_ARG(r->value));
	else
		cs_buf_puts(b, r->answer == CS_ANSWER_UNKNOWN ? " is unknown"
							      : " is empty");
	if (r->answer == CS_ANSWER_UNKNOWN && r->value.n > 0)
		cs_buf_puts(b, " (not of the kind that is needed)");
	if (r->needs.n > 0)
		cs_buf_printf(b, ", needs %.*s", CS_ARG(r->needs));
}

void
cs_explain_text(struct cs_buf *b, const struct cs_reason *v, size_t n)
{
	size_t i, written = 0;

	for (i = 0; i < n; i++) {
		if (!v[i].decided)
			continue;
		if (written++ > 0)
			cs_buf_puts(b, "; ");
		put_reason(b, &v[i]);
	}
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
