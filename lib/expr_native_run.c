/* expr_native_run: the nodes that are no functions: paths, logic, comparisons,
 * streams. Each says the same as its definition in prelude.h. */
#include <limits.h>
#include <math.h>
#include <string.h>

#include "date.h"
#include "expr_fault.h"
#include "expr_native_node.h"
#include "json.h"

static const struct cs_val null_value;

static int
answer(bool yes)
{
	return yes ? YES : NO;
}

static void
put_answer(struct cs_val *out, int a)
{
	*out = a == UNKNOWN ? cs_val_null() : cs_val_bool(a == YES);
}

static int
answer_of(const struct cs_val *v)
{
	return v->kind == CS_BOOL ? answer(v->yes) : UNKNOWN;
}

/* --- paths -------------------------------------------------------------- */

static inline const struct cs_val *
column(struct cs_native *m, size_t col)
{
	return col < m->rec->n ? cs_rec_look(m->rec, col) : &null_value;
}

static void
field(struct cs_native *m, const struct node *n, const struct cs_val *v,
    struct cs_val *out)
{
	struct cs_str raw;

	*out = cs_val_null();
	if (v->kind == CS_NULL)
		return;
	if (v->kind == CS_JSON && !cs_nat_is_array(v)) {
		raw = cs_nat_member(m, v->text, n->k.text);
		if (raw.p != NULL)
			*out = cs_nat_json_val(m, raw);
		return;
	}
	/* Not by printf: a name may hold a NUL. */
	cs_buf_reset(&m->text);
	cs_buf_puts(&m->text, "there is no .");
	cs_buf_str(&m->text, n->k.text);
	cs_buf_printf(&m->text, " in a %s", cs_nat_type(v));
	cs_nat_fault_text(m, n);
}

/* Item k of an array, negative from its end, as jq 1.6 has it: a number that is
 * not whole finds nothing. */
static void
item(struct cs_native *m, const struct cs_val *v, double k, struct cs_val *out)
{
	const struct cs_str *items;
	size_t n;

	if (!(fabs(k) < INT_MAX)) {
		m->is_not_mine = true;
		return;
	}
	if (k != trunc(k)) {
		/* jq takes what is nearly whole, by an epsilon. */
		if (fabs(k - round(k)) < 1e-9)
			m->is_not_mine = true;
		return;
	}
	n = cs_nat_items(m, v->text, &items);
	if (k < 0)
		k += (double)n;
	if (k >= 0 && k < (double)n)
		*out = cs_nat_json_val(m, items[(size_t)k]);
}

static void
at(struct cs_native *m, const struct cs_val *v, const struct cs_val *k,
    struct cs_val *out)
{
	struct cs_str raw;

	*out = cs_val_null();
	if (v->kind == CS_NULL || k->kind == CS_NULL)
		return;
	if (k->kind == CS_NUM && cs_nat_is_array(v))
		item(m, v, k->num, out);
	else if (k->kind == CS_TEXT && v->kind == CS_JSON &&
		 !cs_nat_is_array(v)) {
		raw = cs_nat_member(m, v->text, k->text);
		if (raw.p != NULL)
			*out = cs_nat_json_val(m, raw);
	} else
		m->is_not_mine = true; /* a fault in jq's words, or a search */
}

/* The Let's faults are the owner's too. */
static void
note_look(struct cs_native *m, size_t k)
{
	const struct look *last = m->nlooks ? &m->look[m->nlooks - 1] : NULL;

	if (last != NULL && last->owner == m->owner && last->let == k)
		return;
	m->look = cs_grow(m->look, m->nlooks, &m->looks_cap, sizeof(*m->look));
	m->look[m->nlooks++] = (struct look){m->owner, k};
}

static const struct cs_val *
let(struct cs_native *m, const struct node *n)
{
	struct own *o;

	if (n->at != NULL)
		note_look(m, n->let);
	o = cs_nat_own(m, m->n + n->let);
	if (o->is_not_mine)
		m->is_not_mine = true;
	return &o->v;
}

/* --- comparisons -------------------------------------------------------- */

bool
cs_nat_holds(enum cs_op op, int order)
{
	switch (op) {
	case CS_E_LT:
		return order < 0;
	case CS_E_LE:
		return order <= 0;
	case CS_E_GT:
		return order > 0;
	case CS_E_GE:
		return order >= 0;
	case CS_E_EQ:
		return order == 0;
	default:
		return order != 0;
	}
}

static int
type_fault(struct cs_native *m, const struct node *n, const struct cs_val *a,
    const struct cs_val *b)
{
	cs_nat_fault(
	    m, n, "type: %s against %s", cs_nat_type(a), cs_nat_type(b));
	return UNKNOWN;
}

static int
compare_texts(enum cs_op op, struct cs_str a, struct cs_str b)
{
	if (op == CS_E_EQ)
		return answer(cs_str_eq(a, b));
	if (op == CS_E_NE)
		return answer(!cs_str_eq(a, b));
	return answer(cs_nat_holds(op, cs_str_cmp(a, b)));
}

/* Two values of one type that is neither number nor text. */
static int
compare_others(struct cs_native *m, const struct node *n, enum cs_op op,
    const struct cs_val *a, const struct cs_val *b)
{
	if (op != CS_E_EQ && op != CS_E_NE) {
		cs_nat_fault(m, n, "type: %s against %s, which have no order",
		    cs_nat_type(a), cs_nat_type(b));
		return UNKNOWN;
	}
	if (a->kind == CS_BOOL)
		return answer((a->yes == b->yes) == (op == CS_E_EQ));
	if (!cs_str_eq(a->text, b->text))
		m->is_not_mine = true; /* perhaps only written differently */
	return answer(op == CS_E_EQ);
}

static int
compare(struct cs_native *m, const struct node *n, enum cs_op op,
    const struct cs_val *a, const struct cs_val *b)
{
	if (a->kind == CS_NULL || b->kind == CS_NULL)
		return UNKNOWN;
	if (a->kind != b->kind)
		return type_fault(m, n, a, b);
	if (a->kind == CS_NUM)
		return answer(
		    cs_nat_holds(op, (a->num > b->num) - (a->num < b->num)));
	if (a->kind == CS_TEXT)
		return compare_texts(op, a->text, b->text);
	if (a->kind == CS_JSON && cs_nat_is_array(a) != cs_nat_is_array(b))
		return type_fault(m, n, a, b);
	return compare_others(m, n, op, a, b);
}

/* Two texts of which one looks like a date and one does not. */
static int
compare_dates(struct cs_native *m, const struct node *n, enum cs_op op,
    const struct cs_val *a, const struct cs_val *b)
{
	bool left, right;

	if (a->kind == CS_TEXT && b->kind == CS_TEXT) {
		left = cs_looks_like_date(a->text);
		right = cs_looks_like_date(b->text);
		if (left != right) {
			cs_nat_fault_value(m, n, "type: ", left ? b : a,
			    " against a date (YYYY-MM-DD)");
			return UNKNOWN;
		}
	}
	return compare(m, n, op, a, b);
}

/* A column that is no number, against a number. */
static int
no_number(struct cs_native *m, const struct node *n, const struct cs_val *v)
{
	return v->kind == CS_NULL ? UNKNOWN : type_fault(m, n, v, &n->k);
}

static int
text_equal(struct cs_native *m, const struct node *n)
{
	const struct cs_val *v = column(m, n->col);

	if (v->kind == CS_TEXT)
		return answer(v->text.n == n->k.text.n &&
			      memcmp(v->text.p, n->k.text.p, v->text.n) == 0);
	return v->kind == CS_NULL ? UNKNOWN : type_fault(m, n, v, &n->k);
}

static int
opposite(int a)
{
	return a == UNKNOWN ? a : answer(a == NO);
}

/* --- streams ------------------------------------------------------------ */

/* For the items of a or of the input: what any, all, IN and _one do. */
struct gather {
	struct sink sink;
	const struct node *n;
	const struct cs_val *x; /* IN: is it among them? */
	int answer;
	size_t seen;
	struct cs_val v;
};

static int
item_answer(struct cs_native *m, const struct gather *g, const struct cs_val *v)
{
	const struct node *n = g->n;

	if (n->op != N_IN)
		return cs_nat_cond(m, n->b, v);
	if (n->is_date && v->kind == CS_TEXT && cs_looks_like_date(v->text))
		return compare_dates(m, n, CS_E_EQ, g->x, v);
	return compare(m, n, CS_E_EQ, g->x, v);
}

static bool
put_any(struct cs_native *m, struct sink *s, const struct cs_val *v)
{
	struct gather *g = (struct gather *)s;
	int decisive = g->n->op == N_ALL ? NO : YES, a;

	/* All items are made, even when nothing is asked of them any more:
	 * one that is not there makes the whole unknown. */
	if (g->answer == decisive)
		return true;
	a = item_answer(m, g, v);
	if (a == decisive || a == UNKNOWN)
		g->answer = a;
	return true;
}

static int
any_all(struct cs_native *m, const struct node *n, const struct cs_val *in)
{
	struct gather g = {.sink.put = put_any,
	    .n = n,
	    .x = in,
	    .answer = n->op == N_ALL ? YES : NO};

	return cs_nat_stream(m, n->a, in, &g.sink) ? g.answer : UNKNOWN;
}

static bool
put_one(struct cs_native *m, struct sink *s, const struct cs_val *v)
{
	struct gather *g = (struct gather *)s;

	(void)m;
	g->v = *v;
	g->seen++;
	return true;
}

static void
one(struct cs_native *m, const struct node *n, const struct cs_val *in,
    struct cs_val *out)
{
	struct gather g = {.sink.put = put_one, .n = n};

	*out = cs_val_null();
	if (!cs_nat_stream(m, n->a, in, &g.sink) || g.seen == 0)
		return;
	if (g.seen == 1)
		*out = g.v;
	else
		cs_nat_fault(m, n, "several values: use any(...) or [0]");
}

static bool
each(struct cs_native *m, const struct node *n, const struct cs_val *v,
    struct sink *s)
{
	const struct cs_str *items;
	struct cs_val x;
	size_t k, i;

	if (v->kind != CS_JSON) {
		if (v->kind != CS_NULL)
			cs_nat_fault(
			    m, n, "there are no items in a %s", cs_nat_type(v));
		return n->may_lack;
	}
	k = cs_nat_items(m, v->text, &items);
	for (i = 0; i < k; i++) {
		x = cs_nat_json_val(m, items[i]);
		if (!s->put(m, s, &x))
			return false;
	}
	return true;
}

/* What comes next to each value of a stream: n of it goes on to next. */
struct then {
	struct sink sink;
	const struct node *n;
	const struct cs_val *key;
	struct sink *next;
};

static bool
put_then(struct cs_native *m, struct sink *s, const struct cs_val *v)
{
	struct then *t = (struct then *)s;
	struct cs_val x;

	switch (t->n->op) {
	case N_PIPE:
		return cs_nat_stream(m, t->n->b, v, t->next);
	case N_EACH:
		return each(m, t->n, v, t->next);
	case N_FIELD:
		field(m, t->n, v, &x);
		break;
	default: /* N_AT */
		at(m, v, t->key, &x);
		break;
	}
	return t->next->put(m, t->next, &x);
}

static bool
then(struct cs_native *m, const struct node *n, const struct cs_val *in,
    const struct cs_val *key, struct sink *s)
{
	struct then t = {.sink.put = put_then, .n = n, .key = key, .next = s};

	return cs_nat_stream(m, n->a, in, &t.sink);
}

/* The branch an if takes, NULL when a head is unknown. */
static const struct node *
branch(struct cs_native *m, const struct node *n, const struct cs_val *in)
{
	size_t i;

	for (i = 0; i + 1 < n->n; i += 2)
		switch (cs_nat_cond(m, n->list[i], in)) {
		case YES:
			return n->list[i + 1];
		case UNKNOWN:
			return NULL;
		default:
			break;
		}
	return n->list[i];
}

bool
cs_nat_stream(struct cs_native *m, const struct node *n,
    const struct cs_val *in, struct sink *s)
{
	struct cs_val room;
	const struct node *x;

	if (!n->is_stream)
		return s->put(m, s, cs_nat_ref(m, n, in, &room));
	switch (n->op) {
	case N_COMMA:
		return cs_nat_stream(m, n->a, in, s) &&
		       cs_nat_stream(m, n->b, in, s);
	case N_SELECT:
		return cs_nat_cond(m, n->a, in) != YES || s->put(m, s, in);
	case N_AT:
		return then(m, n, in, cs_nat_ref(m, n->b, in, &room), s);
	case N_IF:
		x = branch(m, n, in);
		return x != NULL ? cs_nat_stream(m, x, in, s)
				 : s->put(m, s, &null_value);
	default: /* N_PIPE, N_EACH, N_FIELD */
		return then(m, n, in, NULL, s);
	}
}

/* --- conditions --------------------------------------------------------- */

static int
truth(struct cs_native *m, const struct node *n, const struct cs_val *in)
{
	struct cs_val room, shown;
	const struct cs_val *v = cs_nat_ref(m, n->a, in, &room);

	if (v->kind == CS_BOOL || v->kind == CS_NULL)
		return answer_of(v);
	if (n->at == NULL)
		return UNKNOWN;
	/* Its value as libjq hands it to the host. */
	shown = *v;
	shown.text = (struct cs_str){0};
	if (v->kind == CS_NUM && !isfinite(v->num))
		shown = cs_val_null();
	else if (v->kind == CS_TEXT)
		shown.text = v->text;
	else if (v->kind == CS_JSON) {
		cs_buf_reset(&m->text);
		cs_nat_put_json(m, &m->text, v);
		shown.text = cs_keep(cs_nat_arena(m), cs_buf_get(&m->text));
	}
	cs_buf_reset(&m->text);
	cs_fault_not_yes_no(&m->text, n->at, &shown);
	cs_nat_fault_text(m, n);
	return UNKNOWN;
}

static int
and_or(struct cs_native *m, const struct node *n, const struct cs_val *in)
{
	int decisive = n->op == N_AND ? NO : YES, a, r = opposite(decisive);
	size_t i;

	for (i = 0; i < n->n; i++) {
		a = m->seen[n->ids[i]];
		if (a == UNSEEN)
			a = cs_nat_cond(m, n->list[i], in);
		if (a == decisive)
			return a;
		if (a == UNKNOWN)
			r = a;
	}
	return r;
}

static int
is_among(struct cs_native *m, const struct node *n, const struct cs_val *v)
{
	static const struct cs_val text = {.kind = CS_TEXT},
				   number = {.kind = CS_NUM};
	size_t i;

	if (v->kind == CS_NULL)
		return UNKNOWN;
	if (n->op == N_IN_TEXTS) {
		if (v->kind != CS_TEXT)
			return type_fault(m, n, v, &text);
		return answer(cs_set_has(n->set, v->text));
	}
	if (v->kind != CS_NUM)
		return type_fault(m, n, v, &number);
	for (i = 0; i < n->n; i++)
		if (!(v->num < n->list[i]->k.num) &&
		    !(v->num > n->list[i]->k.num))
			return YES;
	return NO;
}

static int
in_last(struct cs_native *m, const struct node *n, const struct cs_val *in)
{
	struct cs_val days, room;
	const struct cs_val *most;

	cs_nat_value(m, n->a, in, &days);
	if (days.kind == CS_NUM && days.num < 0)
		return NO;
	most = cs_nat_ref(m, n->b, in, &room);
	return compare(m, n, CS_E_LT, &days, most);
}

static int
has(struct cs_native *m, const struct node *n, const struct cs_val *in)
{
	struct cs_val room;
	const struct cs_val *k = cs_nat_ref(m, n->a, in, &room);

	if (in->kind == CS_NULL)
		return NO; /* as jq says: it sees the null */
	if (k->kind == CS_TEXT && in->kind == CS_JSON && !cs_nat_is_array(in))
		return answer(cs_nat_member(m, in->text, k->text).p != NULL);
	m->is_not_mine = true;
	return UNKNOWN;
}

/* A CSV record has all columns; one of JSON lines the members it has. */
static int
has_column(const struct cs_native *m, const struct node *n)
{
	const struct cs_rec *r = m->rec;
	size_t col;

	if (m->is_null)
		return NO;
	col = cs_map_find(&m->conf.head->map, n->k.text);
	if (r->form != CS_FORM_JSONL)
		return answer(col != SIZE_MAX);
	return answer(col < r->n && cs_rec_cell(r, col).p != NULL);
}

static int
compare_sides(
    struct cs_native *m, const struct node *n, const struct cs_val *in)
{
	struct cs_val left, right;
	const struct cs_val *a = cs_nat_ref(m, n->a, in, &left);
	const struct cs_val *b = cs_nat_ref(m, n->b, in, &right);

	if (n->op == N_CMP_DATE)
		return compare_dates(m, n, n->cmp, a, b);
	return compare(m, n, n->cmp, a, b);
}

/* Functions that give yes or no of the input. */
static int
word_cond(struct cs_native *m, const struct node *n, const struct cs_val *in)
{
	struct cs_val room;

	switch (n->op) {
	case N_IN_TEXTS:
	case N_IN_NUMBERS:
		return is_among(m, n, in);
	case N_IN:
		return in->kind == CS_NULL ? UNKNOWN : any_all(m, n, in);
	case N_IN_LIST:
		return cs_nat_in_list(m, n, in);
	case N_IN_LAST:
		return in_last(m, n, in);
	case N_STARTS:
	case N_CONTAINS:
		return cs_nat_text_cond(
		    m, n, in, cs_nat_ref(m, n->a, in, &room));
	case N_TEST:
		return cs_nat_test(m, n, in);
	case N_HAS:
		return has(m, n, in);
	case N_HAS_REC:
		return has_column(m, n);
	default:
		cs_nat_value(m, n, in, &room);
		return answer_of(&room);
	}
}

static int
pipe_cond(struct cs_native *m, const struct node *n, const struct cs_val *in)
{
	struct cs_val room;

	return cs_nat_cond(m, n->b, cs_nat_ref(m, n->a, in, &room));
}

static int
if_cond(struct cs_native *m, const struct node *n, const struct cs_val *in)
{
	const struct node *x = branch(m, n, in);

	return x == NULL ? UNKNOWN : cs_nat_cond(m, x, in);
}

static bool
is_given(struct cs_native *m, const struct node *n, const struct cs_val *in)
{
	struct cs_val room;

	if (n->a->op == N_COL)
		return column(m, n->a->col)->kind != CS_NULL;
	return cs_nat_ref(m, n->a, in, &room)->kind != CS_NULL;
}

/* No room for values here and in and_or: it would cost a check of the stack in
 * every call. */
#define NUMBER_CASE(name, sign)                                                \
	case name:                                                             \
		v = column(m, n->col);                                         \
		if (v->kind == CS_NUM)                                         \
			return v->num sign n->k.num;                           \
		return no_number(m, n, v)

static int
condition(struct cs_native *m, const struct node *n, const struct cs_val *in)
{
	const struct cs_val *v;
	int a;

	switch (n->op) {
		NUMBER_CASE(N_NUM_LT, <);
		NUMBER_CASE(N_NUM_LE, <=);
		NUMBER_CASE(N_NUM_GT, >);
		NUMBER_CASE(N_NUM_GE, >=);
		NUMBER_CASE(N_NUM_EQ, ==);
		NUMBER_CASE(N_NUM_NE, !=);
	case N_TEXT_EQ:
		return text_equal(m, n);
	case N_TEXT_NE:
		return opposite(text_equal(m, n));
	case N_AND:
	case N_OR:
		return and_or(m, n, in);
	case N_NOT:
		return opposite(cs_nat_cond(m, n->a, in));
	case N_COL:
		return answer_of(column(m, n->col));
	case N_CONST:
		return answer_of(&n->k);
	case N_TRUTH:
		return truth(m, n, in);
	case N_IS_NULL:
		return answer(!is_given(m, n, in));
	case N_IS_GIVEN:
		return answer(is_given(m, n, in));
	case N_CMP:
	case N_CMP_DATE:
		return compare_sides(m, n, in);
	case N_ANY:
	case N_ALL:
		return any_all(m, n, in);
	case N_PIPE:
		return pipe_cond(m, n, in);
	case N_IF:
		return if_cond(m, n, in);
	case N_ALT:
		a = cs_nat_cond(m, n->a, in);
		return a != UNKNOWN ? a : cs_nat_cond(m, n->b, in);
	default:
		return word_cond(m, n, in);
	}
}

/* A table asks the same of a record again and again: 119 mails look at a few
 * columns. What came with a fault is computed again, because the fault belongs
 * to each place that meets it. */
int
cs_nat_cond(struct cs_native *m, const struct node *n, const struct cs_val *in)
{
	bool is_not_mine = m->is_not_mine;
	size_t faults = m->nfaults;
	uint32_t place = cs_nat_place(n);
	int a;

	if (n->op == N_AND || n->op == N_OR)
		return and_or(m, n, in);
	if (place == 0)
		return condition(m, n, in);
	if (m->seen[place] != UNSEEN)
		return m->seen[place];
	m->is_not_mine = false;
	a = condition(m, n, in);
	if (m->nfaults == faults && !m->is_not_mine)
		m->seen[place] = (unsigned char)a;
	m->is_not_mine = m->is_not_mine || is_not_mine;
	return a;
}

/* --- values ------------------------------------------------------------- */

static void
alternative(struct cs_native *m, const struct node *n, const struct cs_val *in,
    struct cs_val *out)
{
	cs_nat_value(m, n->a, in, out);
	if (out->kind == CS_NULL)
		cs_nat_value(m, n->b, in, out);
}

static struct cs_str
hole(struct cs_native *m, const struct cs_val *v)
{
	if (v->kind == CS_TEXT)
		return v->text;
	cs_buf_reset(&m->text);
	cs_nat_put_json(m, &m->text, v);
	return cs_keep(cs_nat_arena(m), cs_buf_get(&m->text));
}

static void
cat(struct cs_native *m, const struct node *n, const struct cs_val *in,
    struct cs_val *out)
{
	struct cs_str *part =
	    cs_arena_array(cs_nat_arena(m), n->n, sizeof(*part));
	bool is_known = true;
	size_t i, all = 0, at = 0;
	struct cs_val room;
	char *p;

	for (i = 0; i < n->n; i++) {
		const struct cs_val *v = cs_nat_ref(m, n->list[i], in, &room);

		if (v->kind == CS_NULL)
			is_known = false;
		else
			part[i] = hole(m, v);
		all += part[i].n;
	}
	*out = cs_val_null();
	if (!is_known || !cs_nat_fits(m, n, all, out))
		return;
	p = cs_arena_alloc(cs_nat_arena(m), all);
	for (i = 0; i < n->n; i++) {
		if (part[i].n > 0)
			memcpy(p + at, part[i].p, part[i].n);
		at += part[i].n;
	}
	*out = cs_val_text((struct cs_str){p, all});
}

static void
if_value(struct cs_native *m, const struct node *n, const struct cs_val *in,
    struct cs_val *out)
{
	const struct node *x = branch(m, n, in);

	*out = cs_val_null();
	if (x != NULL)
		cs_nat_value(m, x, in, out);
}

static bool
is_condition(enum node_op op)
{
	return op >= N_TRUTH;
}

static const struct cs_val *
shared_value(struct cs_native *m, const struct node *n, const struct cs_val *in,
    struct cs_val *room)
{
	bool is_not_mine = m->is_not_mine;
	size_t faults = m->nfaults;

	if (m->seen[n->shared] != UNSEEN)
		return &m->value[n->shared];
	m->is_not_mine = false;
	cs_nat_value(m, n, in, room);
	if (m->nfaults == faults && !m->is_not_mine) {
		m->seen[n->shared] = YES;
		m->value[n->shared] = *room;
	}
	m->is_not_mine = m->is_not_mine || is_not_mine;
	return room;
}

const struct cs_val *
cs_nat_ref(struct cs_native *m, const struct node *n, const struct cs_val *in,
    struct cs_val *room)
{
	switch (n->op) {
	case N_COL:
		return column(m, n->col);
	case N_CONST:
		return &n->k;
	case N_SELF:
		return in;
	case N_LET:
		return let(m, n);
	default:
		if (n->shared != 0 && !is_condition(n->op))
			return shared_value(m, n, in, room);
		cs_nat_value(m, n, in, room);
		return room;
	}
}

/* Operators and functions of two values, a evaluated first. */
static void
two(struct cs_native *m, const struct node *n, const struct cs_val *in,
    struct cs_val *out)
{
	struct cs_val left, right;
	const struct cs_val *a = n->a ? cs_nat_ref(m, n->a, in, &left) : NULL;
	const struct cs_val *b = n->b ? cs_nat_ref(m, n->b, in, &right) : NULL;

	switch (n->op) {
	case N_ADD:
		cs_nat_add(m, n, a, b, out);
		break;
	case N_ARITH:
		cs_nat_arith(m, n, a, b, out);
		break;
	case N_DAYS:
	case N_MONTHS:
		cs_nat_days(m, n, a, b, out);
		break;
	default:
		cs_nat_bucket(m, n, a, b, out);
		break;
	}
}

void
cs_nat_value(struct cs_native *m, const struct node *n, const struct cs_val *in,
    struct cs_val *out)
{
	struct cs_val room;
	const struct cs_val *v;

	switch (n->op) {
	case N_CONST:
	case N_SELF:
	case N_COL:
	case N_LET:
		*out = *cs_nat_ref(m, n, in, out);
		break;
	case N_LEAF:
		cs_nat_leaf(m, n, out);
		break;
	case N_FIELD:
		v = cs_nat_ref(m, n->a, in, &room);
		field(m, n, v, out);
		break;
	case N_AT: {
		struct cs_val key;
		const struct cs_val *k = cs_nat_ref(m, n->b, in, &key);

		v = cs_nat_ref(m, n->a, in, &room);
		at(m, v, k, out);
		break;
	}
	case N_PIPE:
		v = cs_nat_ref(m, n->a, in, &room);
		cs_nat_value(m, n->b, v, out);
		break;
	case N_ALT:
		alternative(m, n, in, out);
		break;
	case N_IF:
		if_value(m, n, in, out);
		break;
	case N_CAT:
		cat(m, n, in, out);
		break;
	case N_ONE:
		one(m, n, in, out);
		break;
	case N_ADD:
	case N_ARITH:
	case N_DAYS:
	case N_MONTHS:
	case N_BUCKET:
		two(m, n, in, out);
		break;
	case N_TYPE_REC:
		*out = cs_val_text(m->is_null ? CS_S("null") : CS_S("object"));
		break;
	case N_TRIM:
	case N_SPLIT:
		v = cs_nat_ref(m, n->a, in, &room);
		cs_nat_word2(m, n, in, v, out);
		break;
	case N_NEG:
	case N_WEEKDAY:
		v = cs_nat_ref(m, n->a, in, &room);
		cs_nat_word(m, n, v, out);
		break;
	case N_MATH:
	case N_TONUMBER:
	case N_TOSTRING:
	case N_LENGTH:
	case N_TYPE:
	case N_CASE:
	case N_NFKC:
		cs_nat_word(m, n, in, out);
		break;
	default:
		put_answer(out, cs_nat_cond(m, n, in));
		break;
	}
}
