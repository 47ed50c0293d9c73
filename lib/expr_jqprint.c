#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "expr_jqprint_int.h"
#include "num.h"
#include "text.h"

/* --- small prints ------------------------------------------------------- */

void
cs_jqp_puts(struct cs_jq_print *p, const char *z)
{
	cs_buf_puts(p->out, z);
}

void
cs_jqp_text(struct cs_jq_print *p, struct cs_str s)
{
	cs_text_json(p->out, s);
}

static void
put_number(struct cs_jq_print *p, double v)
{
	/* A literal over the range of numbers is unknown. */
	if (!isfinite(v))
		cs_jqp_puts(p, "null");
	else if (signbit(v)) {
		cs_jqp_puts(p, "(-");
		cs_num_print(p->out, -v);
		cs_jqp_puts(p, ")");
	} else
		cs_num_print(p->out, v);
}

/* The number of a new site, or null where faults do not count. */
void
cs_jqp_site(struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *e)
{
	struct cs_jq_sites *s = p->sites;

	if (c.is_quiet || c.is_plain) {
		cs_jqp_puts(p, "null");
		return;
	}
	s->v = cs_grow(s->v, s->n, &s->cap, sizeof(*s->v));
	s->v[s->n] = (struct cs_jq_site){e, p->owner, CS_JQ_NONE};
	cs_buf_printf(p->out, "%zu", s->n++);
}

/* "_name(SITE" */
void
cs_jqp_call(struct cs_jq_print *p, struct cs_jqp_ctx c, const char *name,
    const struct cs_expr *e)
{
	cs_buf_printf(p->out, "%s(", name);
	cs_jqp_site(p, c, e);
}

/* . inside e is something made by the expression. */
struct cs_jqp_ctx
cs_jqp_elsewhere(struct cs_jqp_ctx c)
{
	c.is_rec = false;
	c.col = CS_JQ_NONE;
	return c;
}

/* The format's name from our own text, never from the source. */
static const char *
format_name(struct cs_str s)
{
	static const char *const names[] = {
	    "@json", "@html", "@uri", "@csv", "@tsv", "@base64"};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (cs_str_is(s, names[i]))
			return names[i];
	return "@text";
}

/* --- operators ---------------------------------------------------------- */

static const char *
operator_name(enum cs_op op, bool is_plain)
{
	switch (op) {
	case CS_E_EQ:
		return is_plain ? "==" : "_eq";
	case CS_E_NE:
		return is_plain ? "!=" : "_ne";
	case CS_E_LT:
		return is_plain ? "<" : "_lt";
	case CS_E_LE:
		return is_plain ? "<=" : "_le";
	case CS_E_GT:
		return is_plain ? ">" : "_gt";
	case CS_E_GE:
		return is_plain ? ">=" : "_ge";
	case CS_E_ADD:
		return is_plain ? "+" : "_add";
	case CS_E_SUB:
		return is_plain ? "-" : "_sub";
	case CS_E_MUL:
		return is_plain ? "*" : "_mul";
	case CS_E_DIV:
		return is_plain ? "/" : "_div";
	case CS_E_MOD:
		return is_plain ? "%" : "_mod";
	case CS_E_AND:
		return is_plain ? " and " : "_and";
	case CS_E_OR:
		return is_plain ? " or " : "_or";
	case CS_E_ALT:
		return is_plain ? "//" : "_alt";
	default:
		return NULL;
	}
}

/* Operands of a chain `a op b op c` from left to right: how many; into v if it
 * is not NULL. A loop, because a chain may be long. */
size_t
cs_jqp_flatten(const struct cs_expr *e, enum cs_op op, const struct cs_expr **v)
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

/* A chain as a balanced tree of `name`: libjq's parser counts brackets, and its
 * code has a longest jump. and, or and the comma are associative, order of
 * evaluation included. */
static void
put_balanced(struct cs_jq_print *p, struct cs_jqp_ctx c, const char *name,
    const struct cs_expr **v, size_t n,
    void (*put_it)(
	struct cs_jq_print *, struct cs_jqp_ctx, const struct cs_expr *))
{
	if (n == 1) {
		put_it(p, c, v[0]);
		return;
	}
	cs_jqp_puts(p, name);
	cs_jqp_puts(p, "(");
	put_balanced(p, c, name, v, n / 2, put_it);
	cs_jqp_puts(p, ";");
	put_balanced(p, c, name, v + n / 2, n - n / 2, put_it);
	cs_jqp_puts(p, ")");
}

static void
put_chain(struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *e,
    const char *name,
    void (*put_it)(
	struct cs_jq_print *, struct cs_jqp_ctx, const struct cs_expr *))
{
	size_t n = cs_jqp_flatten(e, e->op, NULL);
	const struct cs_expr **v = cs_calloc(n, sizeof(*v));

	cs_jqp_flatten(e, e->op, v);
	put_balanced(p, c, name, v, n, put_it);
	free(v);
}

/* The comparison of a value with a number or text literal: a function of its
 * own for the literal's type. */
static bool
put_with_literal(
    struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *e)
{
	bool is_text = e->b->op == CS_E_TEXT;
	bool is_number = e->b->op == CS_E_NUMBER && isfinite(e->b->num);

	if (!p->has_short || (!is_text && !is_number) || !cs_jq_is_one(e->a))
		return false;
	cs_jqp_puts(p, "(");
	cs_jqp_put(p, c, e->a);
	cs_jqp_puts(p, "|");
	cs_jqp_puts(p, operator_name(e->op, false));
	cs_jqp_call(p, c, is_text ? "_s" : "_n", e);
	cs_jqp_puts(p, ";");
	cs_jqp_put(p, c, e->b);
	cs_jqp_puts(p, "))");
	return true;
}

static void
put_comparison(
    struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *e)
{
	bool is_date = cs_jq_is_date(e->a) || cs_jq_is_date(e->b);
	const struct cs_expr *other = e->a;

	if ((e->op == CS_E_EQ || e->op == CS_E_NE) &&
	    (e->a->op == CS_E_NULL || e->b->op == CS_E_NULL)) {
		/* The literal asks whether something is known. */
		if (e->a->op == CS_E_NULL)
			other = e->b;
		cs_jqp_puts(p, "(");
		cs_jqp_one(p, c, other);
		cs_buf_printf(p->out, "%snull)", operator_name(e->op, true));
		return;
	}
	if (!is_date && put_with_literal(p, c, e))
		return;
	if (is_date) {
		cs_jqp_call(p, c, "_date2", e);
		cs_jqp_puts(p, ";");
		cs_jqp_one(p, c, e->a);
		cs_jqp_puts(p, ";");
		cs_jqp_one(p, c, e->b);
		cs_jqp_puts(p, ";");
		cs_jqp_call(p, c, operator_name(e->op, false), e);
		cs_jqp_puts(p, ";.[0];.[1]))");
		return;
	}
	cs_jqp_call(p, c, operator_name(e->op, false), e);
	cs_jqp_puts(p, ";");
	cs_jqp_one(p, c, e->a);
	cs_jqp_puts(p, ";");
	cs_jqp_one(p, c, e->b);
	cs_jqp_puts(p, ")");
}

static void
put_arithmetic(
    struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *e)
{
	cs_jqp_call(p, c, operator_name(e->op, false), e);
	cs_jqp_puts(p, ";");
	cs_jqp_one(p, c, e->a);
	cs_jqp_puts(p, ";");
	cs_jqp_one(p, c, e->b);
	cs_jqp_puts(p, ")");
}

static void
put_if(struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *e,
    size_t i)
{
	if (i + 1 >= e->n) {
		cs_jqp_put(p, c, e->list[i]);
		return;
	}
	cs_jqp_puts(p, "_if(");
	cs_jqp_condition(p, c, e->list[i]);
	cs_jqp_puts(p, ";");
	cs_jqp_put(p, c, e->list[i + 1]);
	cs_jqp_puts(p, ";");
	put_if(p, c, e, i + 2);
	cs_jqp_puts(p, ")");
}

/* A hole of a text: its value under the format, or as text. */
static void
put_hole(struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *text,
    const struct cs_expr *e)
{
	cs_jqp_puts(p, "(");
	cs_jqp_one(p, c, e);
	if (text->text.p == NULL || cs_str_is(text->text, "@text"))
		cs_jqp_puts(p, "|_tostring)");
	else {
		cs_jqp_puts(p, "|if .==null then . else ");
		cs_jqp_call(p, c, "_plain", text);
		cs_jqp_puts(p, ";");
		cs_jqp_puts(p, format_name(text->text));
		cs_jqp_puts(p, ") end)");
	}
}

static void
put_interp(struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *e)
{
	size_t i;

	cs_jqp_call(p, c, "_cat", e);
	for (i = 0; i < e->n; i++) {
		cs_jqp_puts(p, i > 0 ? "," : ";");
		/* A hole may be a text too: it goes through the format. */
		if (i % 2 == 0)
			cs_jqp_text(p, e->list[i]->text);
		else
			put_hole(p, c, e, e->list[i]);
	}
	cs_jqp_puts(p, ")");
}

/* --- objects ------------------------------------------------------------ */

/* The value of {a}, {$a}, {"a b"}: the member (or variable) of that name. */
static void
put_short_member(
    struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *key)
{
	struct cs_expr e = *key;

	if (key->op == CS_E_VAR) {
		cs_jqp_var(p, c, key);
		return;
	}
	e.op = key->op == CS_E_TEXT ? CS_E_FIELD : CS_E_INDEX;
	e.a = NULL;
	e.c = NULL;
	e.n = 0;
	if (e.op == CS_E_INDEX)
		e.b = cs_arena_alloc(p->arena, sizeof(*e.b)),
		memcpy(e.b, key, sizeof(*key));
	cs_jqp_put(
	    p, c, memcpy(cs_arena_alloc(p->arena, sizeof(e)), &e, sizeof(e)));
}

static void
put_member(struct cs_jq_print *p, struct cs_jqp_ctx c,
    const struct cs_expr *key, const struct cs_expr *value)
{
	if (key->op == CS_E_TEXT || (key->op == CS_E_VAR && value == NULL))
		cs_jqp_text(p, key->text);
	else {
		cs_jqp_puts(p, "(");
		cs_jqp_one(p, c, key);
		cs_jqp_puts(p, c.is_plain ? ")" : "|_key)");
	}
	cs_jqp_puts(p, ":(");
	if (value != NULL)
		cs_jqp_put(p, c, value);
	else
		put_short_member(p, c, key);
	cs_jqp_puts(p, ")");
}

static void
put_object(struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *e)
{
	bool is_safe = true;
	size_t i;

	for (i = 0; i + 1 < e->n; i += 2)
		if (e->list[i]->op != CS_E_TEXT && e->list[i + 1] != NULL)
			is_safe = false; /* a key may be no text */
	if (!is_safe && !c.is_plain) {
		cs_jqp_call(p, c, cs_jq_is_one(e) ? "_plain" : "_stream", e);
		cs_jqp_puts(p, ";");
	}
	cs_jqp_puts(p, "{");
	for (i = 0; i + 1 < e->n; i += 2) {
		if (i > 0)
			cs_jqp_puts(p, ",");
		put_member(p, c, e->list[i], e->list[i + 1]);
	}
	cs_jqp_puts(p, is_safe || c.is_plain ? "}" : "})");
}

/* --- nodes -------------------------------------------------------------- */

static bool
is_not(const struct cs_expr *e)
{
	return e->op == CS_E_CALL && e->n == 0 && cs_str_is(e->text, "not");
}

static void
put_pipe(struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *e)
{
	struct cs_jqp_ctx right = c;

	if (cs_jqp_is_self(e->a)) {
		cs_jqp_put(p, c, e->b);
		return;
	}
	right.is_rec = false;
	right.col = cs_jqp_column_of(p, c, e->a);
	cs_jqp_puts(p, "(");
	if (!c.is_plain && is_not(e->b)) {
		/* The fault of `.x | not` is at .x. */
		cs_jqp_condition(p, c, e->a);
		cs_jqp_puts(p, "|_not)");
		return;
	}
	cs_jqp_put(p, c, e->a);
	cs_jqp_puts(p, "|");
	cs_jqp_put(p, right, e->b);
	cs_jqp_puts(p, ")");
}

/* a?: faults in it do not count. .[]? of what has no items has none; without
 * the ? they are unknown. */
static void
put_optional(
    struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *e)
{
	c.is_quiet = true;
	if (e->a->op != CS_E_EACH) {
		cs_jqp_put(p, c, e->a);
		return;
	}
	cs_jqp_base(p, c, e->a);
	cs_jqp_puts(p, "_items)");
}

static void
put_three(struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *e)
{
	switch (e->op) {
	case CS_E_FIELD:
		cs_jqp_field(p, c, e);
		break;
	case CS_E_INDEX:
	case CS_E_SLICE:
		cs_jqp_index(p, c, e);
		break;
	case CS_E_EACH:
		cs_jqp_base(p, c, e);
		cs_jqp_call(p, c, "_each", e);
		cs_jqp_puts(p, "))");
		break;
	case CS_E_OPTIONAL:
		put_optional(p, c, e);
		break;
	case CS_E_INTERP:
		put_interp(p, c, e);
		break;
	case CS_E_FORMAT:
		cs_jqp_call(p, c, "_plain", e);
		cs_jqp_puts(p, ";");
		cs_jqp_puts(p, format_name(e->text));
		cs_jqp_puts(p, ")");
		if (c.is_rec)
			p->names->whole(p->names->self);
		break;
	case CS_E_NEG:
		cs_jqp_puts(p, "(");
		cs_jqp_one(p, c, e->a);
		cs_jqp_puts(p, "|");
		cs_jqp_call(p, c, "_neg", e);
		cs_jqp_puts(p, "))");
		break;
	case CS_E_COMMA:
		put_chain(p, c, e, "_comma", cs_jqp_put);
		break;
	case CS_E_OR:
	case CS_E_AND:
		put_chain(
		    p, c, e, operator_name(e->op, false), cs_jqp_condition);
		break;
	case CS_E_ALT:
		cs_jqp_puts(p, "_alt(");
		cs_jqp_one(p, c, e->a);
		cs_jqp_puts(p, ";");
		cs_jqp_one(p, c, e->b);
		cs_jqp_puts(p, ")");
		break;
	case CS_E_IF:
		put_if(p, c, e, 0);
		break;
	case CS_E_ARRAY:
		if (e->a == NULL) {
			cs_jqp_puts(p, "[]");
			break;
		}
		cs_jqp_call(p, c, "_vals", e);
		cs_jqp_puts(p, ";");
		cs_jqp_put(p, c, e->a);
		cs_jqp_puts(p, ")");
		break;
	default:
		if (e->op >= CS_E_EQ && e->op <= CS_E_GE)
			put_comparison(p, c, e);
		else
			put_arithmetic(p, c, e);
		break;
	}
}

static void
put_plain_if(
    struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *e)
{
	size_t i;

	for (i = 0; i + 1 < e->n; i += 2) {
		cs_jqp_puts(p, i == 0 ? "if " : " elif ");
		cs_jqp_put(p, c, e->list[i]);
		cs_jqp_puts(p, " then ");
		cs_jqp_put(p, c, e->list[i + 1]);
	}
	cs_jqp_puts(p, " else ");
	cs_jqp_put(p, c, e->list[i]);
	cs_jqp_puts(p, " end");
}

static void
put_plain_interp(
    struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *e)
{
	size_t i;

	if (e->text.p != NULL)
		cs_jqp_puts(p, format_name(e->text));
	cs_jqp_puts(p, "\"");
	for (i = 0; i < e->n; i++) {
		if (i % 2 == 0) {
			/* The literal without its quotes. */
			struct cs_buf b = {0};

			cs_text_json(&b, e->list[i]->text);
			cs_buf_add(p->out, b.p + 1, b.n - 2);
			cs_buf_free(&b);
			continue;
		}
		cs_jqp_puts(p, "\\(");
		cs_jqp_put(p, c, e->list[i]);
		cs_jqp_puts(p, ")");
	}
	cs_jqp_puts(p, "\"");
}

static void
put_plain_index(
    struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *e)
{
	if (e->a == NULL)
		cs_jqp_puts(p, ".");
	else
		cs_jqp_put(p, c, e->a);
	cs_jqp_puts(p, "[");
	if (e->op == CS_E_FIELD)
		cs_jqp_text(p, e->text);
	else if (e->op != CS_E_EACH) {
		if (e->b != NULL)
			cs_jqp_put(p, c, e->b);
		if (e->op == CS_E_SLICE)
			cs_jqp_puts(p, ":");
		if (e->c != NULL)
			cs_jqp_put(p, c, e->c);
	}
	cs_jqp_puts(p, "]");
}

/* jq's own form of what put_three prints, inside the brackets of put. */
static void
put_plain(struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *e)
{
	switch (e->op) {
	case CS_E_FIELD:
	case CS_E_INDEX:
	case CS_E_SLICE:
	case CS_E_EACH:
		put_plain_index(p, c, e);
		break;
	case CS_E_OPTIONAL:
		/* jq's .[].a? goes on behind an item without .a, (.[].a)?
		 * does not. */
		if (cs_expr_is_step_optional(e))
			put_plain_index(p, c, e->a);
		else
			cs_jqp_put(p, c, e->a);
		cs_jqp_puts(p, "?");
		break;
	case CS_E_INTERP:
		put_plain_interp(p, c, e);
		break;
	case CS_E_FORMAT:
		cs_jqp_puts(p, format_name(e->text));
		break;
	case CS_E_NEG:
		cs_jqp_puts(p, "-");
		cs_jqp_put(p, c, e->a);
		break;
	case CS_E_COMMA:
		cs_jqp_put(p, c, e->a);
		cs_jqp_puts(p, ",");
		cs_jqp_put(p, c, e->b);
		break;
	case CS_E_IF:
		put_plain_if(p, c, e);
		break;
	case CS_E_ARRAY:
		cs_jqp_puts(p, "[");
		if (e->a != NULL)
			cs_jqp_put(p, c, e->a);
		cs_jqp_puts(p, "]");
		break;
	default:
		cs_jqp_put(p, c, e->a);
		cs_jqp_puts(p, operator_name(e->op, true));
		cs_jqp_put(p, c, e->b);
		break;
	}
}

/* Any number of values; raises nothing but the marker of an unknown stream
 * (jq's own errors in the plain meaning). Binds tighter than any operator. */
void
cs_jqp_put(struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *e)
{
	switch (e->op) {
	case CS_E_NULL:
		cs_jqp_puts(p, "null");
		break;
	case CS_E_TRUE:
		cs_jqp_puts(p, "true");
		break;
	case CS_E_FALSE:
		cs_jqp_puts(p, "false");
		break;
	case CS_E_NUMBER:
		put_number(p, e->num);
		break;
	case CS_E_TEXT:
		cs_jqp_text(p, e->text);
		break;
	case CS_E_SELF:
		cs_jqp_self(p, c);
		break;
	case CS_E_VAR:
		cs_jqp_var(p, c, e);
		break;
	case CS_E_CALL:
		cs_jqp_func(p, c, e);
		break;
	case CS_E_PIPE:
		put_pipe(p, c, e);
		break;
	case CS_E_AS:
		cs_jqp_as(p, c, e);
		break;
	case CS_E_OBJECT:
		put_object(p, c, e);
		break;
	default:
		if (!c.is_plain) {
			put_three(p, c, e);
			break;
		}
		cs_jqp_puts(p, "(");
		put_plain(p, c, e);
		cs_jqp_puts(p, ")");
		break;
	}
}

void
cs_jqp_one(struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *e)
{
	if (c.is_plain || cs_jq_is_one(e)) {
		cs_jqp_put(p, c, e);
		return;
	}
	cs_jqp_call(p, c, "_one", e);
	cs_jqp_puts(p, ";");
	cs_jqp_put(p, c, e);
	cs_jqp_puts(p, ")");
}

void
cs_jqp_condition(
    struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *e)
{
	if (cs_jq_is_yes_no(e)) {
		cs_jqp_one(p, c, e);
		return;
	}
	cs_jqp_puts(p, "(");
	cs_jqp_one(p, c, e);
	cs_jqp_puts(p, "|");
	cs_jqp_call(p, c, "_b", e);
	cs_jqp_puts(p, "))");
}

void
cs_jq_print(struct cs_jq_print *p, const struct cs_expr *e, enum cs_role role)
{
	struct cs_jqp_ctx c = {.is_rec = true, .col = CS_JQ_NONE};

	if (role == CS_CONDITION)
		cs_jqp_condition(p, c, e);
	else
		cs_jqp_one(p, c, e);
}

void
cs_jq_print_plain(struct cs_jq_print *p, const struct cs_expr *e)
{
	struct cs_jqp_ctx c = {.is_plain = true, .col = CS_JQ_NONE};

	cs_jqp_put(p, c, e);
}
