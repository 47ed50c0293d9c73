/* expr_native_lower: a tree as nodes. NULL is an operand outside the native
 * subset; the smallest one around it that is an expression of the record
 * becomes a leaf. It follows expr_jqprint node by node: what there is printed
 * as a call of the prelude is here the node that does the same, with the same
 * place for its faults. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "expr_native_node.h"

struct lower {
	struct cs_native *m;
	const struct cs_jq_names *names;
};

/* Where a node stands; as in expr_jqprint. */
struct ctx {
	bool is_rec;   /* . is the record */
	bool is_quiet; /* under a postfix ? */
	size_t col;    /* . is this column's value, or CS_JQ_NONE */
};

static struct node *lower(
    struct lower *l, struct ctx c, const struct cs_expr *e);
static struct node *lower_one(
    struct lower *l, struct ctx c, const struct cs_expr *e);
static struct node *lower_condition(
    struct lower *l, struct ctx c, const struct cs_expr *e);

/* --- nodes -------------------------------------------------------------- */

static struct node *
node(struct lower *l, struct ctx c, enum node_op op, const struct cs_expr *e)
{
	struct node *n = cs_arena_array(&l->m->run, 1, sizeof(*n));

	n->op = op;
	n->at = c.is_quiet ? NULL : e;
	n->col = CS_JQ_NONE;
	n->is_fixed = true;
	return n;
}

static void
needs(struct node *n, const struct node *kid)
{
	n->is_fixed = n->is_fixed && kid->is_fixed;
	n->reads = n->reads || kid->reads;
	n->looks = n->looks || kid->looks;
	n->has_leaf = n->has_leaf || kid->has_leaf;
}

static struct node *
constant(struct lower *l, struct cs_val v)
{
	struct node *n = node(l, (struct ctx){0}, N_CONST, NULL);

	n->k = v;
	return n;
}

/* A node that needs neither record nor input is computed now, if that goes
 * without a fault. */
static struct node *
fold(struct lower *l, struct node *n)
{
	struct cs_native *m = l->m;
	struct cs_val v;

	if (n == NULL || n->op == N_CONST || !n->is_fixed || n->reads ||
	    n->is_stream)
		return n;
	cs_nat_places(m);
	cs_native_begin(m, NULL);
	m->is_not_mine = false;
	cs_nat_value(m, n, NULL, &v);
	if (m->is_not_mine || m->nfaults > 0)
		return n;
	v.text = cs_keep(&m->run, v.text);
	return constant(l, v);
}

/* A node of one or two operands; NULL (not mine) if one of them is. */
static struct node *
with(struct lower *l, struct ctx c, enum node_op op, const struct cs_expr *e,
    struct node *a, struct node *b)
{
	struct node *n = node(l, c, op, e);

	n->a = a;
	n->b = b;
	if (a != NULL)
		needs(n, a);
	if (b != NULL)
		needs(n, b);
	return n;
}

static struct node *
unary(struct lower *l, struct ctx c, enum node_op op, const struct cs_expr *e,
    struct node *a)
{
	return a == NULL ? NULL : with(l, c, op, e, a, NULL);
}

static struct node *
binary(struct lower *l, struct ctx c, enum node_op op, const struct cs_expr *e,
    struct node *a, struct node *b)
{
	return a == NULL || b == NULL ? NULL : with(l, c, op, e, a, b);
}

/* . inside is something made by the expression. */
static struct ctx
elsewhere(struct ctx c)
{
	c.is_rec = false;
	c.col = CS_JQ_NONE;
	return c;
}

static bool
is_self(const struct cs_expr *e)
{
	return e == NULL || e->op == CS_E_SELF;
}

/* The input: the record itself is libjq's, unless it is null. */
static struct node *
self(struct lower *l, struct ctx c)
{
	struct node *n;

	if (c.is_rec)
		return l->m->conf.head == NULL ? constant(l, cs_val_null())
					       : NULL;
	n = node(l, c, N_SELF, NULL);
	n->reads = true;
	return n;
}

/* A function that looks at its input. */
static struct node *
reader(struct lower *l, struct ctx c, enum node_op op, const struct cs_expr *e)
{
	struct node *n;

	if (c.is_rec)
		return NULL;
	n = node(l, c, op, e);
	n->reads = true;
	n->col = CS_JQ_NONE;
	return n;
}

/* --- sharing ------------------------------------------------------------ */

static size_t key_of(struct lower *l, struct node *n);

static void
put_bytes(struct cs_buf *b, const void *p, size_t n)
{
	cs_buf_add(b, p, n);
}

static void
put_constant(struct cs_buf *b, const struct cs_val *k)
{
	put_bytes(b, &k->kind, sizeof(k->kind));
	put_bytes(b, &k->yes, sizeof(k->yes));
	put_bytes(b, &k->num, sizeof(k->num));
	put_bytes(b, &k->text.n, sizeof(k->text.n));
	cs_buf_str(b, k->text);
}

/* All that a node's answer depends on, and whether it tells its faults. */
static void
put_node(struct lower *l, struct cs_buf *b, struct node *n)
{
	bool is_quiet = n->at == NULL;
	size_t kid[2] = {
	    n->a ? key_of(l, n->a) : 0, n->b ? key_of(l, n->b) : 0};
	size_t i;

	put_bytes(b, &n->op, sizeof(n->op));
	put_bytes(b, &n->cmp, sizeof(n->cmp));
	put_bytes(b, &n->is_left, sizeof(n->is_left));
	put_bytes(b, &n->is_date, sizeof(n->is_date));
	put_bytes(b, &n->may_lack, sizeof(n->may_lack));
	put_bytes(b, &is_quiet, sizeof(is_quiet));
	put_bytes(b, &n->col, sizeof(n->col));
	put_bytes(b, &n->let, sizeof(n->let));
	put_bytes(b, &n->math, sizeof(n->math));
	put_bytes(b, &n->set, sizeof(n->set));
	put_bytes(b, &n->re, sizeof(n->re));
	put_bytes(b, kid, sizeof(kid));
	put_constant(b, &n->k);
	for (i = 0; i < n->n; i++) {
		kid[0] = key_of(l, n->list[i]);
		put_bytes(b, kid, sizeof(*kid));
	}
}

static size_t
key_of(struct lower *l, struct node *n)
{
	struct cs_buf b = {0};

	if (n->key != 0)
		return n->key;
	put_node(l, &b, n);
	n->key = 1 + cs_map_add(&l->m->keys, cs_buf_get(&b), NULL);
	cs_buf_free(&b);
	return n->key;
}

/* Worth more than looking whether it is there? Columns and constants are not,
 * and what only joins others has them shared already. */
static bool
is_dear(enum node_op op)
{
	switch (op) {
	case N_CONST:
	case N_SELF:
	case N_COL:
	case N_LET:
	case N_LEAF:
	case N_ALT:
	case N_IF:
	case N_ONE:
	case N_TYPE_REC:
	case N_NOT:
	case N_AND:
	case N_OR:
		return false;
	default:
		return true;
	}
}

static struct node *
share(struct lower *l, struct node *n)
{
	struct cs_native *m = l->m;
	size_t key, old = m->shared_cap;

	if (n == NULL || n->reads || n->is_fixed || n->is_stream || n->looks ||
	    !is_dear(n->op))
		return n;
	key = key_of(l, n);
	while (key >= m->shared_cap)
		m->shared_of = cs_grow(m->shared_of, m->shared_cap,
		    &m->shared_cap, sizeof(*m->shared_of));
	if (m->shared_cap > old)
		memset(m->shared_of + old, 0,
		    (m->shared_cap - old) * sizeof(*m->shared_of));
	if (m->shared_of[key] == 0) {
		m->shared_of[key] = (uint32_t)m->nshared + 1;
		/* A value may be asked for as a condition, too. */
		m->nshared += n->op < N_TRUTH ? 2 : 1;
	}
	n->shared = m->shared_of[key];
	return n;
}

/* --- paths -------------------------------------------------------------- */

static size_t
path_length(const struct cs_expr *e)
{
	size_t n = 0;

	for (; !is_self(e); e = e->a, n++)
		if (e->op != CS_E_FIELD)
			return 0;
	return n;
}

/* The column that path e names whole; CS_JQ_NONE for another expression.
 * *is_path tells whether it is a path that ends in no column. */
static size_t
column(struct lower *l, const struct cs_expr *e, bool *is_whole)
{
	size_t n = path_length(e), i = n, used = 0, col = CS_JQ_NONE;
	const struct cs_expr *x;
	struct cs_str *names, key;

	*is_whole = false;
	if (n == 0)
		return CS_JQ_NONE;
	names = cs_arena_array(&l->m->run, n, sizeof(*names));
	for (x = e; !is_self(x); x = x->a)
		names[--i] = x->text;
	l->names->column(l->names->self, e, names, n, &col, &used, &key);
	*is_whole = used == n;
	return col;
}

/* The column whose value e is and nothing else, or CS_JQ_NONE. */
static size_t
column_of(struct lower *l, struct ctx c, const struct cs_expr *e)
{
	bool is_whole;
	size_t col;

	if (is_self(e))
		return c.col;
	if (!c.is_rec)
		return CS_JQ_NONE;
	col = column(l, e, &is_whole);
	return is_whole ? col : CS_JQ_NONE;
}

static struct node *
lower_field(struct lower *l, struct ctx c, const struct cs_expr *e)
{
	bool is_whole = false;
	size_t col = c.is_rec ? column(l, e, &is_whole) : CS_JQ_NONE;
	struct node *n, *a;

	if (is_whole) {
		if (col == CS_JQ_NONE) /* there is no record */
			return constant(l, cs_val_null());
		n = node(l, c, N_COL, e);
		n->col = col;
		n->is_fixed = false;
		return n;
	}
	a = is_self(e->a) ? self(l, c) : lower(l, c, e->a);
	n = unary(l, c, N_FIELD, e, a);
	if (n != NULL) {
		n->k = cs_val_text(cs_keep(&l->m->run, e->text));
		n->is_stream = a->is_stream;
	}
	return n;
}

static struct node *
lower_base(struct lower *l, struct ctx c, const struct cs_expr *e)
{
	return e->a == NULL ? self(l, c) : lower(l, c, e->a);
}

static struct node *
lower_index(struct lower *l, struct ctx c, const struct cs_expr *e)
{
	struct node *n =
	    binary(l, c, N_AT, e, lower_base(l, c, e), lower_one(l, c, e->b));

	if (n != NULL)
		n->is_stream = n->a->is_stream;
	return n;
}

static struct node *
stream(struct node *n)
{
	if (n != NULL)
		n->is_stream = true;
	return n;
}

/* Faults below do not count. .[]? of what has no items has none; without the ?
 * they are unknown. */
static struct node *
lower_optional(struct lower *l, struct ctx c, const struct cs_expr *e)
{
	struct node *n;

	c.is_quiet = true;
	if (e->a->op != CS_E_EACH)
		return lower(l, c, e->a);
	n = stream(unary(l, c, N_EACH, e->a, lower_base(l, c, e->a)));
	if (n != NULL)
		n->may_lack = true;
	return n;
}

/* --- variables ---------------------------------------------------------- */

static struct node *
lower_var(struct lower *l, struct ctx c, const struct cs_expr *e)
{
	struct cs_native *m = l->m;
	struct node *n;
	size_t k = 0;

	switch (l->names->var(l->names->self, e, &k)) {
	case CS_JQ_VAR_TODAY:
		return constant(l, cs_val_text(cs_str(m->conf.as_of->date)));
	case CS_JQ_VAR_NOW:
		return constant(l, cs_val_text(cs_str(m->conf.as_of->now)));
	case CS_JQ_VAR_ARG:
		return constant(l, cs_val_text(m->conf.arg[k]));
	case CS_JQ_VAR_LET:
		n = node(l, c, N_LET, e);
		n->let = k;
		n->has_leaf = cs_native_has_leaf(m, m->n + k);
		n->is_fixed = false;
		n->looks = true;
		return n;
	default:
		return NULL;
	}
}

/* --- operators ---------------------------------------------------------- */

/* Operands of a chain `a op b op c`, from left to right. */
static size_t
flatten(const struct cs_expr *e, enum cs_op op, const struct cs_expr **v)
{
	const struct cs_expr *x;
	size_t n = 1, i;

	for (x = e; x->op == op; x = x->a)
		n++;
	if (v != NULL) {
		i = n;
		for (x = e; x->op == op; x = x->a)
			v[--i] = x->b;
		v[0] = x;
	}
	return n;
}

static struct node *
lower_chain(struct lower *l, struct ctx c, const struct cs_expr *e)
{
	struct cs_arena *a = &l->m->run;
	size_t k = flatten(e, e->op, NULL), i;
	const struct cs_expr **v = cs_arena_array(a, k, sizeof(*v));
	struct node *n = node(l, c, e->op == CS_E_AND ? N_AND : N_OR, e);
	uint32_t *ids;

	flatten(e, e->op, v);
	n->list = cs_arena_array(a, k, sizeof(*n->list));
	ids = cs_arena_array(a, k, sizeof(*ids));
	n->ids = ids;
	n->n = k;
	for (i = 0; i < k; i++) {
		n->list[i] = lower_condition(l, c, v[i]);
		if (n->list[i] == NULL)
			return NULL;
		needs(n, n->list[i]);
	}
	cs_nat_order(l->m, n->list, k);
	for (i = 0; i < k; i++)
		ids[i] = cs_nat_place(n->list[i]);
	return n;
}

/* A column against a constant: most of what rules are made of. */
static struct node *
shorten(struct node *n)
{
	const struct node *k = n->b;

	if (n->a->op != N_COL || k->op != N_CONST)
		return n;
	if (k->k.kind == CS_NUM)
		n->op = n->cmp == CS_E_LT   ? N_NUM_LT
			: n->cmp == CS_E_LE ? N_NUM_LE
			: n->cmp == CS_E_GT ? N_NUM_GT
			: n->cmp == CS_E_GE ? N_NUM_GE
			: n->cmp == CS_E_EQ ? N_NUM_EQ
					    : N_NUM_NE;
	else if (k->k.kind == CS_TEXT && n->cmp == CS_E_EQ)
		n->op = N_TEXT_EQ;
	else if (k->k.kind == CS_TEXT && n->cmp == CS_E_NE)
		n->op = N_TEXT_NE;
	else
		return n;
	n->col = n->a->col;
	n->k = k->k;
	return n;
}

static struct node *
lower_comparison(struct lower *l, struct ctx c, const struct cs_expr *e)
{
	bool is_equal = e->op == CS_E_EQ || e->op == CS_E_NE;
	const struct cs_expr *other = e->a->op == CS_E_NULL ? e->b : e->a;
	struct node *n;

	if (is_equal && (e->a->op == CS_E_NULL || e->b->op == CS_E_NULL))
		return unary(l, c, e->op == CS_E_EQ ? N_IS_NULL : N_IS_GIVEN, e,
		    lower_one(l, c, other));
	n = binary(l, c,
	    cs_jq_is_date(e->a) || cs_jq_is_date(e->b) ? N_CMP_DATE : N_CMP, e,
	    lower_one(l, c, e->a), lower_one(l, c, e->b));
	if (n == NULL)
		return NULL;
	n->cmp = e->op;
	return n->op == N_CMP ? shorten(n) : n;
}

static struct node *
lower_arithmetic(struct lower *l, struct ctx c, const struct cs_expr *e)
{
	struct node *n = binary(l, c, e->op == CS_E_ADD ? N_ADD : N_ARITH, e,
	    lower_one(l, c, e->a), lower_one(l, c, e->b));

	if (n != NULL)
		n->cmp = e->op;
	return n;
}

static struct node *
lower_minus(struct lower *l, struct ctx c, const struct cs_expr *e)
{
	struct node *n = unary(l, c, N_NEG, e, lower_one(l, c, e->a));

	if (n != NULL)
		n->name = "-";
	return n;
}

static struct node *
lower_if(struct lower *l, struct ctx c, const struct cs_expr *e)
{
	struct node *n = node(l, c, N_IF, e), *x;
	size_t i;

	n->n = e->n;
	n->list = cs_arena_array(&l->m->run, e->n, sizeof(*n->list));
	for (i = 0; i < e->n; i++) {
		bool is_head = i % 2 == 0 && i + 1 < e->n;

		x = is_head ? lower_condition(l, c, e->list[i])
			    : lower(l, c, e->list[i]);
		if (x == NULL)
			return NULL;
		needs(n, x);
		n->is_stream = n->is_stream || x->is_stream;
		n->list[i] = x;
	}
	return n;
}

static struct node *
lower_interp(struct lower *l, struct ctx c, const struct cs_expr *e)
{
	struct node *n = node(l, c, N_CAT, e), *x;
	size_t i;

	if (e->text.p != NULL && !cs_str_is(e->text, "@text"))
		return NULL;
	n->n = e->n;
	n->list = cs_arena_array(&l->m->run, e->n, sizeof(*n->list));
	for (i = 0; i < e->n; i++) {
		x = lower_one(l, c, e->list[i]);
		if (x == NULL)
			return NULL;
		needs(n, x);
		n->list[i] = x;
	}
	return n;
}

static bool
is_not(const struct cs_expr *e)
{
	return e->op == CS_E_CALL && e->n == 0 && cs_str_is(e->text, "not");
}

static struct node *
lower_pipe(struct lower *l, struct ctx c, const struct cs_expr *e)
{
	struct ctx right = c;
	struct node *n;

	if (is_self(e->a))
		return lower(l, c, e->b);
	/* The fault of `.x | not` is at .x. */
	if (is_not(e->b))
		return unary(l, c, N_NOT, e, lower_condition(l, c, e->a));
	right.is_rec = false;
	right.col = column_of(l, c, e->a);
	n = binary(l, c, N_PIPE, e, lower(l, c, e->a), lower(l, right, e->b));
	if (n == NULL)
		return NULL;
	n->reads = n->a->reads;
	n->is_stream = n->a->is_stream || n->b->is_stream;
	return n;
}

/* --- functions ---------------------------------------------------------- */

/* any, all: over items of the input, or over a generator. */
static struct node *
lower_any(struct lower *l, struct ctx c, const struct cs_expr *e)
{
	struct ctx in = elsewhere(c);
	struct node *g, *k, *n;

	if (e->n == 2)
		g = lower(l, c, e->list[0]);
	else
		g = stream(unary(l, c, N_EACH, e, self(l, c)));
	if (e->n == 0)
		k = unary(l, in, N_TRUTH, e, self(l, in));
	else
		k = lower_condition(l, in, e->list[e->n - 1]);
	n = binary(l, c, e->text.p[1] == 'n' ? N_ANY : N_ALL, e, g, k);
	if (n != NULL)
		n->reads = g->reads;
	return n;
}

/* Literals of one type and none a date: as in expr_jqprint, which decides by
 * what is written. */
static bool
is_set(const struct cs_expr **v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!((v[i]->op == CS_E_NUMBER && isfinite(v[i]->num)) ||
			v[i]->op == CS_E_TEXT) ||
		    v[i]->op != v[0]->op || cs_jq_is_date(v[i]))
			return false;
	return true;
}

static struct node *
lower_set(struct lower *l, struct node *n, const struct cs_expr **v, size_t k)
{
	struct cs_native *m = l->m;
	struct cs_set *set;
	size_t i;

	n->n = k;
	n->list = cs_arena_array(&m->run, k, sizeof(*n->list));
	for (i = 0; i < k; i++)
		n->list[i] = constant(l, v[i]->op == CS_E_NUMBER
					     ? cs_val_num(v[i]->num)
					     : cs_val_text(v[i]->text));
	n->op = v[0]->op == CS_E_NUMBER ? N_IN_NUMBERS : N_IN_TEXTS;
	if (n->op == N_IN_NUMBERS)
		return n;
	set = cs_arena_array(&m->run, 1, sizeof(*set));
	for (i = 0; i < k; i++)
		cs_set_add(set, v[i]->text, NULL);
	m->sets =
	    cs_grow(m->sets, m->nsets, &m->sets_cap, sizeof(struct cs_set *));
	m->sets[m->nsets++] = set;
	n->set = set;
	return n;
}

static struct node *
lower_in(struct lower *l, struct ctx c, const struct cs_expr *e)
{
	const struct cs_expr *s = e->list[0];
	size_t k = flatten(s, CS_E_COMMA, NULL), i;
	const struct cs_expr **v = cs_arena_array(&l->m->run, k, sizeof(*v));
	struct node *n = reader(l, c, N_IN, e);

	flatten(s, CS_E_COMMA, v);
	if (n == NULL || is_set(v, k))
		return n == NULL ? NULL : lower_set(l, n, v, k);
	n->a = lower(l, c, s);
	if (n->a == NULL)
		return NULL;
	needs(n, n->a);
	for (i = 0; i < k; i++)
		if (cs_jq_is_date(v[i]))
			n->is_date = true;
	return n;
}

static struct node *
lower_in_list(struct lower *l, struct ctx c, const struct cs_expr *e)
{
	struct node *n = reader(l, c, N_IN_LIST, e);
	size_t k;

	if (n == NULL || e->list[0]->op != CS_E_TEXT)
		return NULL;
	k = l->names->list(l->names->self, e, e->list[0]->text);
	n->set = l->m->conf.list[k];
	n->col = c.col;
	n->is_fixed = false; /* it may look at the cell */
	return n;
}

static struct node *
lower_bucket(struct lower *l, struct ctx c, const struct cs_expr *e)
{
	struct node *n = binary(l, c, N_BUCKET, e, lower_one(l, c, e->list[0]),
	    lower_one(l, c, e->list[1]));

	if (n != NULL) {
		n->col = column_of(l, c, e->list[1]);
		n->is_fixed = n->is_fixed && n->col == CS_JQ_NONE;
	}
	return n;
}

/* from and to: NULL is today. */
static struct node *
lower_days(struct lower *l, struct ctx c, const struct cs_expr *e,
    enum node_op op, const struct cs_expr *from, const struct cs_expr *to)
{
	struct node *a = from ? lower_one(l, c, from) : NULL;
	struct node *b = to ? lower_one(l, c, to) : NULL;

	if ((from && a == NULL) || (to && b == NULL))
		return NULL;
	return with(l, c, op, e, a, b);
}

static struct node *
lower_date_word(struct lower *l, struct ctx c, const struct cs_expr *e)
{
	const struct cs_expr *x = e->list[0];

	if (cs_str_is(e->text, "days_since"))
		return lower_days(l, c, e, N_DAYS, x, NULL);
	if (cs_str_is(e->text, "days_until"))
		return lower_days(l, c, e, N_DAYS, NULL, x);
	if (cs_str_is(e->text, "days_between"))
		return lower_days(l, c, e, N_DAYS, x, e->list[1]);
	if (cs_str_is(e->text, "months_since"))
		return lower_days(l, c, e, N_MONTHS, x, NULL);
	if (cs_str_is(e->text, "weekday"))
		return unary(l, c, N_WEEKDAY, e, lower_one(l, c, x));
	/* in_last */
	return binary(l, c, N_IN_LAST, e, lower_days(l, c, e, N_DAYS, x, NULL),
	    lower_one(l, c, e->list[1]));
}

static struct node *
lower_test(struct lower *l, struct ctx c, const struct cs_expr *e)
{
	struct cs_native *m = l->m;
	struct cs_str flags = CS_S("");
	struct node *n = reader(l, c, N_TEST, e);

	if (n == NULL || e->list[0]->op != CS_E_TEXT ||
	    (e->n > 1 && e->list[1]->op != CS_E_TEXT))
		return NULL;
	if (e->n > 1)
		flags = e->list[1]->text;
	n->re = cs_re_new(e->list[0]->text, flags);
	if (n->re == NULL)
		return NULL;
	m->res = cs_grow(m->res, m->nres, &m->res_cap, sizeof(struct cs_re *));
	m->res[m->nres++] = n->re;
	return n;
}

/* type and has may look at the record itself. */
static struct node *
lower_has(struct lower *l, struct ctx c, const struct cs_expr *e)
{
	struct node *n, *key;

	if (!c.is_rec) {
		n = reader(l, c, N_HAS, e);
		key = lower_one(l, c, e->list[0]);
		if (key == NULL)
			return NULL;
		n->a = key;
		needs(n, key);
		return n;
	}
	if (e->list[0]->op != CS_E_TEXT)
		return NULL;
	l->names->whole(l->names->self);
	n = node(l, c, N_HAS_REC, e);
	n->k = cs_val_text(cs_keep(&l->m->run, e->list[0]->text));
	n->is_fixed = false;
	return n;
}

static struct node *
lower_type(struct lower *l, struct ctx c, const struct cs_expr *e)
{
	struct node *n;

	if (!c.is_rec)
		return reader(l, c, N_TYPE, e);
	l->names->whole(l->names->self);
	n = node(l, c, N_TYPE_REC, e);
	n->is_fixed = false;
	return n;
}

/* A function of the input and perhaps one value. */
struct word {
	const char *name;
	enum node_op op;
	bool is_left;
	double (*math)(double);
};

static const struct word words[] = {
    {"tostring", N_TOSTRING, false, NULL},
    {"tonumber", N_TONUMBER, false, NULL},
    {"length", N_LENGTH, false, NULL},
    {"nfkc", N_NFKC, false, NULL},
    {"floor", N_MATH, false, floor},
    {"ceil", N_MATH, false, ceil},
    {"round", N_MATH, false, round},
    {"sqrt", N_MATH, false, sqrt},
    {"fabs", N_MATH, false, fabs},
    {"ascii_downcase", N_CASE, true, NULL},
    {"ascii_upcase", N_CASE, false, NULL},
    {"startswith", N_STARTS, true, NULL},
    {"endswith", N_STARTS, false, NULL},
    {"ltrimstr", N_TRIM, true, NULL},
    {"rtrimstr", N_TRIM, false, NULL},
    {"contains", N_CONTAINS, false, NULL},
    {"split", N_SPLIT, false, NULL},
};

static struct node *
lower_word(struct lower *l, struct ctx c, const struct cs_expr *e)
{
	const struct word *w = words, *end = words + sizeof(words) / sizeof(*w);
	struct node *n;

	while (w < end && !cs_str_is(e->text, w->name))
		w++;
	if (w == end || e->n > 1)
		return NULL;
	n = reader(l, c, w->op, e);
	if (n == NULL)
		return NULL;
	n->name = w->name;
	n->is_left = w->is_left;
	n->math = w->math;
	if (e->n == 0)
		return n;
	n->a = lower_one(l, c, e->list[0]);
	if (n->a == NULL)
		return NULL;
	needs(n, n->a);
	return n;
}

static struct node *
lower_select(struct lower *l, struct ctx c, const struct cs_expr *e)
{
	struct node *n = reader(l, c, N_SELECT, e);

	if (n == NULL)
		return NULL;
	n->a = lower_condition(l, c, e->list[0]);
	return n->a == NULL ? NULL : stream(n);
}

static bool
is_date_word(struct cs_str s)
{
	return cs_str_starts(s, CS_S("days_")) || cs_str_is(s, "in_last") ||
	       cs_str_is(s, "months_since") || cs_str_is(s, "weekday");
}

static struct node *
lower_call(struct lower *l, struct ctx c, const struct cs_expr *e)
{
	struct cs_str w = e->text;

	if (is_not(e))
		return unary(
		    l, c, N_NOT, e, unary(l, c, N_TRUTH, e, self(l, c)));
	if (cs_str_is(w, "any") || cs_str_is(w, "all"))
		return lower_any(l, c, e);
	if (cs_str_is(w, "IN") && e->n == 1)
		return lower_in(l, c, e);
	if (cs_str_is(w, "in_list"))
		return lower_in_list(l, c, e);
	if (cs_str_is(w, "bucket"))
		return lower_bucket(l, c, e);
	if (cs_str_is(w, "test"))
		return lower_test(l, c, e);
	if (cs_str_is(w, "has"))
		return lower_has(l, c, e);
	if (cs_str_is(w, "type"))
		return lower_type(l, c, e);
	if (cs_str_is(w, "select"))
		return lower_select(l, c, e);
	if (is_date_word(w))
		return lower_date_word(l, c, e);
	return lower_word(l, c, e);
}

/* --- all ---------------------------------------------------------------- */

static struct node *
lower_node(struct lower *l, struct ctx c, const struct cs_expr *e)
{
	switch (e->op) {
	case CS_E_NULL:
		return constant(l, cs_val_null());
	case CS_E_TRUE:
	case CS_E_FALSE:
		return constant(l, cs_val_bool(e->op == CS_E_TRUE));
	case CS_E_NUMBER:
		/* A literal over the range of numbers is unknown. */
		return constant(
		    l, isfinite(e->num) ? cs_val_num(e->num) : cs_val_null());
	case CS_E_TEXT:
		return constant(l, cs_val_text(e->text));
	case CS_E_SELF:
		return self(l, c);
	case CS_E_FIELD:
		return lower_field(l, c, e);
	case CS_E_INDEX:
		return lower_index(l, c, e);
	case CS_E_EACH:
		return stream(unary(l, c, N_EACH, e, lower_base(l, c, e)));
	case CS_E_OPTIONAL:
		return lower_optional(l, c, e);
	case CS_E_INTERP:
		return lower_interp(l, c, e);
	case CS_E_VAR:
		return lower_var(l, c, e);
	case CS_E_CALL:
		return lower_call(l, c, e);
	case CS_E_NEG:
		return lower_minus(l, c, e);
	case CS_E_PIPE:
		return lower_pipe(l, c, e);
	case CS_E_COMMA:
		return stream(binary(
		    l, c, N_COMMA, e, lower(l, c, e->a), lower(l, c, e->b)));
	case CS_E_ALT:
		return binary(l, c, N_ALT, e, lower_one(l, c, e->a),
		    lower_one(l, c, e->b));
	case CS_E_OR:
	case CS_E_AND:
		return lower_chain(l, c, e);
	case CS_E_IF:
		return lower_if(l, c, e);
	case CS_E_SLICE:
	case CS_E_AS:
	case CS_E_ARRAY:
	case CS_E_OBJECT:
	case CS_E_FORMAT:
		return NULL;
	default:
		if (e->op >= CS_E_EQ && e->op <= CS_E_GE)
			return lower_comparison(l, c, e);
		return lower_arithmetic(l, c, e);
	}
}

/* --- leaves ------------------------------------------------------------- */

struct search {
	struct lower *l;
	bool looks;
};

static void
on_var(void *self, const struct cs_expr *at)
{
	struct search *s = self;
	size_t k;

	if (s->l->names->var(s->l->names->self, at, &k) == CS_JQ_VAR_LET)
		s->looks = true;
}

/* e as a leaf. The leaves below it, from number n on, are nobody's then. */
static struct node *
leaf(struct lower *l, struct ctx c, const struct cs_expr *e, size_t n)
{
	const struct cs_native_leaves *v = l->m->conf.leaves;
	struct node *x = node(l, c, N_LEAF, e);
	struct search s = {.l = l};

	cs_expr_vars(e, on_var, &s);
	v->drop(v->self, n);
	x->let = v->add(v->self, e);
	x->looks = s.looks;
	x->is_fixed = false;
	x->has_leaf = true;
	return x;
}

static struct node *
lower(struct lower *l, struct ctx c, const struct cs_expr *e)
{
	const struct cs_native_leaves *v = l->m->conf.leaves;
	size_t before = v->count(v->self);
	struct node *n = lower_node(l, c, e);

	/* Several values cannot be handed over: what wants one is a leaf. */
	if (n == NULL && c.is_rec && cs_jq_is_one(e))
		return leaf(l, c, e, before);
	return share(l, fold(l, n));
}

static struct node *
lower_one(struct lower *l, struct ctx c, const struct cs_expr *e)
{
	const struct cs_native_leaves *v = l->m->conf.leaves;
	size_t before = v->count(v->self);
	struct node *n = lower(l, c, e);

	if (n == NULL && c.is_rec)
		return leaf(l, c, e, before);
	if (n == NULL || !n->is_stream)
		return n;
	return unary(l, c, N_ONE, e, n);
}

static struct node *
lower_condition(struct lower *l, struct ctx c, const struct cs_expr *e)
{
	struct node *n = lower_one(l, c, e);

	if (n == NULL || cs_jq_is_yes_no(e))
		return n;
	return share(l, fold(l, unary(l, c, N_TRUTH, e, n)));
}

void
cs_native_add(struct cs_native *m, size_t i, const struct cs_expr *e,
    enum cs_role role, const struct cs_jq_names *names)
{
	struct lower l = {m, names};
	struct ctx c = {.is_rec = true, .col = CS_JQ_NONE};
	struct own *o = &m->own[i];

	o->is_condition = role == CS_CONDITION;
	o->root =
	    o->is_condition ? lower_condition(&l, c, e) : lower_one(&l, c, e);
	/* The root is an expression of the record: a leaf at worst. */
	assert(o->root != NULL);
	cs_nat_places(m);
}
