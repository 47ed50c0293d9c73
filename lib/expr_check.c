#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expr_int.h"
#include "re.h"

/* What the tree alone shows. Only the first fault of an expression is told, so
 * everything stops at the first false. */

struct checker {
	const struct cs_pair *source;
	struct cs_diags *diags;
	bool is_plain; /* jq's own meaning: names only */
};

/* An operand that must have one value, and what it is an operand of (NULL: the
 * whole expression). NULL instead of this: any number of values. */
struct one {
	const struct cs_expr *operand, *of;
	bool is_condition;
};

static bool check(
    struct checker *c, const struct cs_expr *e, const struct one *one);
static bool need_yes_no(struct checker *c, const struct cs_expr *e);

static struct cs_place
begin(const struct checker *c, const struct cs_expr *e)
{
	return cs_pair_place(c->source, e->from);
}

/* Appends e for a message; long ones are cut. */
static void
show(struct cs_buf *b, const struct cs_expr *e)
{
	enum { MOST = 120 };
	size_t from = b->n, n = MOST;

	cs_expr_print(b, e);
	if (b->n - from <= MOST)
		return;
	while (n > 0 && (b->p[from + n] & 0xc0) == 0x80)
		n--;
	b->n = from + n;
	cs_buf_puts(b, "...");
}

/* --- kinds of value ---------------------------------------------------- */

static unsigned kinds(const struct cs_expr *e);

static unsigned
call_kinds(const struct cs_expr *e)
{
	const struct cs_func *f = cs_func_find(e->text, e->n);

	if (e->n > 0 &&
	    (cs_str_is(e->text, "first") || cs_str_is(e->text, "last")))
		return kinds(e->list[0]) | CS_GIVES_NULL;
	return f ? f->gives : CS_GIVES_ANY;
}

static unsigned
add_kinds(const struct cs_expr *e)
{
	unsigned both =
	    (CS_GIVES_NUMBER | CS_GIVES_TEXT) & kinds(e->a) & kinds(e->b);

	return both | CS_GIVES_NULL;
}

/* What e may give, under the meaning of the rule language. */
static unsigned
kinds(const struct cs_expr *e)
{
	unsigned k = 0;

	switch (e->op) {
	case CS_E_NULL:
		return CS_GIVES_NULL;
	case CS_E_TRUE:
	case CS_E_FALSE:
		return CS_GIVES_BOOL;
	case CS_E_NUMBER:
		return CS_GIVES_NUMBER;
	case CS_E_TEXT:
	case CS_E_FORMAT:
		return CS_GIVES_TEXT;
	case CS_E_INTERP:
		return CS_GIVES_TEXT | CS_GIVES_NULL;
	case CS_E_SLICE:
		return CS_GIVES_TEXT | CS_GIVES_ARRAY | CS_GIVES_NULL;
	case CS_E_OPTIONAL:
		return kinds(e->a) | CS_GIVES_NULL;
	case CS_E_CALL:
		return call_kinds(e);
	case CS_E_PIPE:
		return kinds(e->b);
	case CS_E_COMMA:
	case CS_E_ALT:
		return kinds(e->a) | kinds(e->b);
	case CS_E_OR:
	case CS_E_AND:
	case CS_E_EQ:
	case CS_E_NE:
	case CS_E_LT:
	case CS_E_LE:
	case CS_E_GT:
	case CS_E_GE:
		return CS_GIVES_BOOL | CS_GIVES_NULL;
	case CS_E_ADD:
		return add_kinds(e);
	case CS_E_NEG:
	case CS_E_SUB:
	case CS_E_MUL:
	case CS_E_DIV:
	case CS_E_MOD:
		return CS_GIVES_NUMBER | CS_GIVES_NULL;
	case CS_E_IF:
		for (size_t i = 1; i < e->n; i += 2)
			k |= kinds(e->list[i]);
		return k | kinds(e->list[e->n - 1]) | CS_GIVES_NULL;
	case CS_E_AS:
		return kinds(e->c);
	case CS_E_ARRAY:
		return CS_GIVES_ARRAY;
	case CS_E_OBJECT:
		return CS_GIVES_OBJECT;
	default:
		return CS_GIVES_ANY;
	}
}

/* "a number or a text" */
static const char *
kinds_text(char *buf, size_t size, unsigned k)
{
	static const struct {
		unsigned kind;
		const char *text;
	} names[] = {
	    {CS_GIVES_BOOL, "a yes/no value"},
	    {CS_GIVES_NUMBER, "a number"},
	    {CS_GIVES_TEXT, "a text"},
	    {CS_GIVES_ARRAY, "an array"},
	    {CS_GIVES_OBJECT, "an object"},
	};

	buf[0] = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (k & names[i].kind) {
			if (buf[0] != '\0')
				strncat(buf, " or ", size - strlen(buf) - 1);
			strncat(buf, names[i].text, size - strlen(buf) - 1);
		}
	return buf;
}

static bool
leaf_yes_no(struct checker *c, const struct cs_expr *e)
{
	unsigned k = kinds(e);
	char text[80];

	if ((k & CS_GIVES_BOOL) || k == CS_GIVES_NULL)
		return true;
	cs_diag(c->diags, CS_ERROR, "type", begin(c, e),
	    "a yes/no value is needed, not %s",
	    kinds_text(text, sizeof(text), k));
	return false;
}

/* Can e be yes or no at all? Told where it is decided: in the branch. */
static bool
need_yes_no(struct checker *c, const struct cs_expr *e)
{
	switch (e->op) {
	case CS_E_PIPE:
		return need_yes_no(c, e->b);
	case CS_E_AS:
		return need_yes_no(c, e->c);
	case CS_E_OPTIONAL:
		return need_yes_no(c, e->a);
	case CS_E_COMMA:
	case CS_E_ALT:
		return need_yes_no(c, e->a) && need_yes_no(c, e->b);
	case CS_E_IF:
		for (size_t i = 1; i < e->n; i += 2)
			if (!need_yes_no(c, e->list[i]))
				return false;
		return need_yes_no(c, e->list[e->n - 1]);
	default:
		return leaf_yes_no(c, e);
	}
}

/* --- several values ---------------------------------------------------- */

static const char *
sign(enum cs_op op, bool is_turned)
{
	switch (op) {
	case CS_E_EQ:
		return "==";
	case CS_E_NE:
		return "!=";
	case CS_E_LT:
		return is_turned ? ">" : "<";
	case CS_E_LE:
		return is_turned ? ">=" : "<=";
	case CS_E_GT:
		return is_turned ? "<" : ">";
	case CS_E_GE:
		return is_turned ? "<=" : ">=";
	default:
		return NULL;
	}
}

/* The number at the right end of e, as in .pv >= 1,000. */
static const struct cs_expr *
rightmost(const struct cs_expr *e)
{
	while (!e->in_brackets &&
	       ((e->op >= CS_E_PIPE && e->op <= CS_E_MOD) || e->op == CS_E_NEG))
		e = e->op == CS_E_NEG ? e->a : e->b;
	return e;
}

static bool
is_thousands(const struct cs_expr *comma)
{
	const struct cs_expr *a = rightmost(comma->a), *b = comma->b;

	while (b->a != NULL && !b->in_brackets && b->op >= CS_E_ALT)
		b = b->a;
	return a->op == CS_E_NUMBER && b->op == CS_E_NUMBER && b->text.n == 3 &&
	       b->from == a->to + 1;
}

static bool
tell_thousands(struct checker *c, const struct cs_expr *comma)
{
	const struct cs_expr *n = rightmost(comma->a);
	struct cs_str text = {c->source->value.p, n->to + 4 /* ,000 */};

	/* 12,345,678 */
	while (comma->a->op == CS_E_COMMA && is_thousands(comma->a)) {
		comma = comma->a;
		n = rightmost(comma->a);
	}
	text.p += n->from;
	text.n -= n->from;
	cs_diag(c->diags, CS_ERROR, "syntax", begin(c, n),
	    "%.*s are several values: numbers are written without commas",
	    CS_ARG(text));
	return false;
}

static bool
tell_comma(
    struct checker *c, const struct cs_expr *comma, const struct one *one)
{
	struct cs_buf b = {0}, v = {0};

	if (one->of != NULL && one->of->op == CS_E_EQ && one->of->b == comma) {
		show(&b, one->of->a);
		show(&v, comma);
		cs_diag(c->diags, CS_ERROR, "type", begin(c, comma),
		    "%s gives several values: use %s | IN(%s)", cs_buf_z(&v),
		    cs_buf_z(&b), cs_buf_z(&v));
	} else if (one->is_condition)
		cs_diag(c->diags, CS_ERROR, "type", comma->at,
		    "a comma gives several values: write and, or, or "
		    ".x | IN(\"a\", \"b\")");
	else
		cs_diag(c->diags, CS_ERROR, "type", comma->at,
		    "a comma gives several values: one is needed (a list is "
		    "[1, 2])");
	cs_buf_free(&b);
	cs_buf_free(&v);
	return false;
}

/* The operand is a | b | c: up to the element with gen, and what follows.
 * False when nothing follows. */
static bool
split_pipe(const struct cs_expr *e, const struct cs_expr *gen,
    struct cs_buf *head, struct cs_buf *tail)
{
	for (; e->op == CS_E_PIPE; e = e->b) {
		if (head->n > 0)
			cs_buf_puts(head, " | ");
		show(head, e->a);
		if (gen->from >= e->a->from && gen->to <= e->a->to) {
			show(tail, e->b);
			return true;
		}
	}
	cs_buf_reset(head);
	return false;
}

/* `gen` gives several values where `one` asks for one. */
static bool
tell_several(
    struct checker *c, const struct cs_expr *gen, const struct one *one)
{
	const struct cs_expr *operand = one->operand, *of = one->of;
	const char *op = of ? sign(of->op, of->b == operand) : NULL;
	struct cs_buf b = {0}, x = {0};

	if (gen->op == CS_E_COMMA)
		return tell_comma(c, gen, one);
	if (operand->op == CS_E_PIPE && one->is_condition &&
	    split_pipe(operand, gen, &b, &x)) {
		cs_diag(c->diags, CS_ERROR, "type", begin(c, operand),
		    "%s gives several values: use any(%s; %s)", cs_buf_z(&b),
		    cs_buf_z(&b), cs_buf_z(&x));
	} else if (op != NULL) {
		show(&b, operand);
		show(&x, of->b == operand ? of->a : of->b);
		cs_diag(c->diags, CS_ERROR, "type", begin(c, operand),
		    "%s gives several values: use any(%s; . %s %s)",
		    cs_buf_z(&b), cs_buf_z(&b), op, cs_buf_z(&x));
	} else if (one->is_condition) {
		show(&b, operand);
		cs_diag(c->diags, CS_ERROR, "type", begin(c, operand),
		    "%s gives several values: use any(%s; .) or all(%s; .)",
		    cs_buf_z(&b), cs_buf_z(&b), cs_buf_z(&b));
	} else {
		show(&b, gen);
		cs_diag(c->diags, CS_ERROR, "type", begin(c, gen),
		    "%s gives several values: use first(%s), or [%s] with "
		    "add, min, max or length",
		    cs_buf_z(&b), cs_buf_z(&b), cs_buf_z(&b));
	}
	cs_buf_free(&b);
	cs_buf_free(&x);
	return false;
}

/* An operand of `of` that must have one value. */
static bool
check_one(struct checker *c, const struct cs_expr *e, const struct cs_expr *of,
    bool is_condition)
{
	struct one one = {e, of, is_condition};

	return check(c, e, c->is_plain ? NULL : &one);
}

/* --- calls ------------------------------------------------------------- */

static const char *
arities_text(char *buf, size_t size, const int *v, size_t n)
{
	size_t at = 0;

	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(buf + at, size - at, "%s%d",
		    i == 0	 ? ""
		    : i + 1 == n ? " or "
				 : ", ",
		    v[i]);
	snprintf(buf + at, size - at, " %s",
	    v[n - 1] == 1 ? "argument" : "arguments");
	return buf;
}

static int
commas(const struct cs_expr *e)
{
	int n = 1;

	for (; e->op == CS_E_COMMA && !e->in_brackets; e = e->a)
		n++;
	return n;
}

/* startswith(.name; "a"): written as in other languages, with n pieces? */
static bool
is_subject_first(const struct cs_expr *e, size_t n)
{
	const struct cs_func *f = n > 1 ? cs_func_find(e->text, n - 1) : NULL;
	const struct cs_expr *first = e->n > 0 ? e->list[0] : NULL;

	if (first == NULL)
		return false;
	if (first->op == CS_E_COMMA && !first->in_brackets)
		first = first->a;
	return f != NULL && f->reads && f->args[0] == 'v' &&
	       (first->op == CS_E_FIELD || first->op == CS_E_VAR ||
		   first->op == CS_E_INDEX);
}

static bool
wrong_arity(struct checker *c, const struct cs_expr *e, const int *v, size_t n)
{
	struct cs_buf b = {0};
	char text[80];

	if (cs_str_is(e->text, "not")) {
		show(&b, e->list[0]);
		cs_diag(c->diags, CS_ERROR, "syntax", begin(c, e),
		    "not takes no argument: write (%s | not)", cs_buf_z(&b));
		cs_buf_free(&b);
		return false;
	}
	if (n == 1 && v[0] == 0) {
		show(&b, e->list[0]);
		cs_diag(c->diags, CS_ERROR, "syntax", begin(c, e),
		    "%.*s takes no argument: write %s | %.*s", CS_ARG(e->text),
		    cs_buf_z(&b), CS_ARG(e->text));
		cs_buf_free(&b);
		return false;
	}
	arities_text(text, sizeof(text), v, n);
	if (is_subject_first(e, e->n)) {
		show(&b, e->list[0]);
		cs_diag(c->diags, CS_ERROR, "syntax", begin(c, e),
		    "%.*s takes %s, not %zu: what it looks at stands before "
		    "it, %s | %.*s(...)",
		    CS_ARG(e->text), text, e->n, cs_buf_z(&b), CS_ARG(e->text));
		cs_buf_free(&b);
	} else if (e->n == 1 && commas(e->list[0]) == v[n - 1] && v[n - 1] > 1)
		cs_diag(c->diags, CS_ERROR, "syntax", begin(c, e),
		    "%.*s takes %s, not %zu: they are separated by ;",
		    CS_ARG(e->text), text, e->n);
	else
		cs_diag(c->diags, CS_ERROR, "syntax", begin(c, e),
		    "%.*s takes %s, not %zu", CS_ARG(e->text), text, e->n);
	return false;
}

static struct cs_str
nearest_function(struct cs_str name)
{
	const struct cs_func *f;
	struct cs_str *names, best;
	size_t n;

	f = cs_funcs(&n);
	names = cs_calloc(n, sizeof(*names));
	for (size_t i = 0; i < n; i++)
		names[i] = cs_str(f[i].name);
	best = cs_nearest(name, names, n);
	free(names);
	return best;
}

/* any(.tags[], . == "vip"), startswith(.name, "a") */
static bool
wrong_separator(struct checker *c, const struct cs_expr *e)
{
	struct cs_buf a = {0}, b = {0};

	if (is_subject_first(e, 2)) {
		show(&a, e->list[0]->a);
		show(&b, e->list[0]->b);
		cs_diag(c->diags, CS_ERROR, "syntax", begin(c, e),
		    "%.*s looks at what stands before it: write %s | "
		    "%.*s(%s)",
		    CS_ARG(e->text), cs_buf_z(&a), CS_ARG(e->text),
		    cs_buf_z(&b));
		cs_buf_free(&a);
		cs_buf_free(&b);
		return false;
	}
	show(&a, e->list[0]->a);
	show(&b, e->list[0]->b);
	cs_diag(c->diags, CS_ERROR, "syntax", e->list[0]->at,
	    "arguments are separated by ;: write %.*s(%s; %s)", CS_ARG(e->text),
	    cs_buf_z(&a), cs_buf_z(&b));
	cs_buf_free(&a);
	cs_buf_free(&b);
	return false;
}

static bool
unknown_name(struct checker *c, const struct cs_expr *e)
{
	const char *instead = cs_expr_instead(e->text);
	struct cs_str near = nearest_function(e->text);
	/* Three bytes of Japanese are near to any short word. */
	bool is_near = near.p != NULL && !(e->text.p[0] & 0x80);
	int v[CS_MAX_ARITIES];
	size_t n = cs_expr_arities(e->text, v);

	if (n > 0)
		return wrong_arity(c, e, v, n);
	if (instead != NULL)
		cs_diag(c->diags, CS_ERROR, "syntax", begin(c, e),
		    "%.*s is not in the rule language%s%s", CS_ARG(e->text),
		    instead[0] ? ": " : "", instead);
	else if (is_near && e->n == 0)
		cs_diag(c->diags, CS_ERROR, "syntax", begin(c, e),
		    "unknown function \"%.*s\" (did you mean \"%.*s\"? a "
		    "column is written .%.*s)",
		    CS_ARG(e->text), CS_ARG(near), CS_ARG(e->text));
	else if (is_near)
		cs_diag(c->diags, CS_ERROR, "syntax", begin(c, e),
		    "unknown function \"%.*s\" (did you mean \"%.*s\"?)",
		    CS_ARG(e->text), CS_ARG(near));
	else if (e->n == 0)
		cs_diag(c->diags, CS_ERROR, "syntax", begin(c, e),
		    "unknown function \"%.*s\" (a column is written .%.*s, a "
		    "text \"%.*s\")",
		    CS_ARG(e->text), CS_ARG(e->text), CS_ARG(e->text));
	else
		cs_diag(c->diags, CS_ERROR, "syntax", begin(c, e),
		    "unknown function \"%.*s\"", CS_ARG(e->text));
	return false;
}

/* test match capture scan splits sub: which argument holds the flags. */
static bool
takes_pattern(const struct cs_expr *e, size_t *flags)
{
	static const char *const names[] = {
	    "test", "match", "capture", "scan", "splits", "sub"};

	*flags = cs_str_is(e->text, "sub") ? 2 : 1;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (cs_str_is(e->text, names[i]))
			return true;
	return false;
}

static bool
check_sub(struct checker *c, const struct cs_expr *e, struct cs_str flags)
{
	const struct cs_expr *re = e->list[0];

	if (re->op != CS_E_TEXT) {
		cs_diag(c->diags, CS_ERROR, "type", begin(c, re),
		    "the pattern of sub must be a text written here");
		return false;
	}
	if (e->n > 2 && e->list[2]->op != CS_E_TEXT &&
	    e->list[2]->op != CS_E_NULL) {
		cs_diag(c->diags, CS_ERROR, "type", begin(c, e->list[2]),
		    "the flags of sub must be a text written here");
		return false;
	}
	if (cs_expr_may_match_empty(re->text, cs_str_chr(flags, 'x') != NULL)) {
		cs_diag(c->diags, CS_ERROR, "type", begin(c, re),
		    "the pattern of sub may match nothing at all: write one "
		    "that takes at least one character (+ for *)");
		return false;
	}
	return true;
}

static bool
check_pattern(struct checker *c, const struct cs_expr *e)
{
	struct cs_str flags = CS_S("");
	struct cs_err err;
	size_t at;

	if (!takes_pattern(e, &at))
		return true;
	if (e->n > at && e->list[at]->op == CS_E_TEXT)
		flags = e->list[at]->text;
	if (e->list[0]->op == CS_E_TEXT &&
	    !cs_re_check(e->list[0]->text, flags, &err)) {
		cs_diag(c->diags, CS_ERROR, "syntax", begin(c, e->list[0]),
		    "%s", err.text);
		return false;
	}
	return !cs_str_is(e->text, "sub") || check_sub(c, e, flags);
}

/* May this call give several values (match with "g", scan ...)? */
static bool
gives_many(const struct cs_expr *e, const struct cs_func *f)
{
	const struct cs_expr *last = e->n > 0 ? e->list[e->n - 1] : NULL;

	if (!f->many || last == NULL || cs_str_is(e->text, "scan") ||
	    cs_str_is(e->text, "splits"))
		return f->many;
	/* match, capture: only with flag g, or a computed argument. */
	if (e->n == 1)
		return last->op != CS_E_TEXT;
	return last->op != CS_E_NULL &&
	       (last->op != CS_E_TEXT || cs_str_chr(last->text, 'g') != NULL);
}

static bool
check_arg(struct checker *c, const struct cs_expr *e, size_t i, char mode,
    const struct one *one)
{
	const struct cs_expr *arg = e->list[i];

	switch (mode) {
	case 'c':
	case 'C':
		return check_one(c, arg, e, true) &&
		       (c->is_plain || need_yes_no(c, arg));
	case 's':
		return check(c, arg, one);
	case 'g':
	case 'F':
		return check(c, arg, NULL);
	default:
		return check_one(c, arg, e, false);
	}
}

static bool
check_call(struct checker *c, const struct cs_expr *e, const struct one *one)
{
	const struct cs_func *f = cs_func_find(e->text, e->n);

	if (f == NULL)
		return unknown_name(c, e);
	if (!c->is_plain && e->n == 1 && strchr("gFs", f->args[0]) == NULL &&
	    commas(e->list[0]) == 2 &&
	    (cs_func_find(e->text, 2) != NULL || is_subject_first(e, 2)))
		return wrong_separator(c, e);
	if (one != NULL && gives_many(e, f))
		return tell_several(c, e, one);
	for (size_t i = 0; i < e->n; i++)
		if (!check_arg(c, e, i, f->args[i], one))
			return false;
	if (cs_str_is(e->text, "in_list") && e->list[0]->op != CS_E_TEXT) {
		cs_diag(c->diags, CS_ERROR, "type", begin(c, e->list[0]),
		    "in_list takes the name of a --list as a text");
		return false;
	}
	return check_pattern(c, e);
}

/* --- operators --------------------------------------------------------- */

/* .max-pv where pv is no function: a column was meant. */
static bool
check_dash(struct checker *c, const struct cs_expr *e)
{
	const struct cs_expr *a = e->a, *b = e->b;

	while (b->a != NULL && (b->op == CS_E_FIELD || b->op == CS_E_INDEX ||
				   b->op == CS_E_OPTIONAL))
		b = b->a;
	if (a->op != CS_E_FIELD || a->in_brackets || b->op != CS_E_CALL ||
	    b->in_brackets || b->n > 0 || b->from != a->to + 1 ||
	    cs_expr_arities(b->text, NULL) > 0)
		return true;
	cs_diag(c->diags, CS_ERROR, "syntax", begin(c, a),
	    ".%.*s-%.*s is a subtraction and %.*s is no function: write "
	    ".[\"%.*s-%.*s\"] if that column is meant",
	    CS_ARG(a->text), CS_ARG(b->text), CS_ARG(b->text), CS_ARG(a->text),
	    CS_ARG(b->text));
	return false;
}

/* 2026-01-01 without quotes is 2024 in a rule. */
static bool
check_bare_date(struct checker *c, const struct cs_expr *e)
{
	const struct cs_expr *a = e->a;

	if (c->is_plain || a->op != CS_E_SUB || a->in_brackets ||
	    e->b->op != CS_E_NUMBER || a->a->op != CS_E_NUMBER ||
	    a->b->op != CS_E_NUMBER || a->a->text.n != 4 || a->b->text.n != 2 ||
	    e->b->text.n != 2 || e->b->to != a->a->from + strlen("2026-01-01"))
		return true;
	cs_diag(c->diags, CS_ERROR, "type", begin(c, a->a),
	    "a date is a text: write \"%.*s-%.*s-%.*s\"", CS_ARG(a->a->text),
	    CS_ARG(a->b->text), CS_ARG(e->b->text));
	return false;
}

static bool
check_numbers(struct checker *c, const struct cs_expr *e, const char *op)
{
	const struct cs_expr *side[2] = {e->a, e->b};
	char text[80];

	for (int i = 0; i < 2; i++) {
		unsigned k = side[i] ? kinds(side[i]) : CS_GIVES_NUMBER;

		if ((k & CS_GIVES_NUMBER) || k == CS_GIVES_NULL)
			continue;
		cs_diag(c->diags, CS_ERROR, "type", begin(c, side[i]),
		    "%s takes numbers, not %s", op,
		    kinds_text(text, sizeof(text), k));
		return false;
	}
	return true;
}

static bool
check_plus(struct checker *c, const struct cs_expr *e)
{
	const unsigned fit = CS_GIVES_NUMBER | CS_GIVES_TEXT;
	unsigned a = kinds(e->a), b = kinds(e->b);
	char ta[80], tb[80];

	if (a == CS_GIVES_NULL || b == CS_GIVES_NULL || (a & b & fit))
		return true;
	cs_diag(c->diags, CS_ERROR, "type", e->at,
	    "+ takes two numbers or two texts, not %s and %s",
	    kinds_text(ta, sizeof(ta), a), kinds_text(tb, sizeof(tb), b));
	return false;
}

static bool
check_zero(struct checker *c, const struct cs_expr *e)
{
	/* libjq refuses to compile 1 / 0 in jq's own meaning; in ours it is
	 * unknown, as any division by 0. */
	if (!c->is_plain || e->a->op != CS_E_NUMBER ||
	    e->b->op != CS_E_NUMBER || e->b->num != 0)
		return true;
	cs_diag(
	    c->diags, CS_ERROR, "type", e->at, "a division by 0 has no value");
	return false;
}

static bool
check_arithmetic(struct checker *c, const struct cs_expr *e)
{
	if (e->op == CS_E_SUB && !(check_dash(c, e) && check_bare_date(c, e)))
		return false;
	if (!check_one(c, e->a, e, false) || !check_one(c, e->b, e, false))
		return false;
	if ((e->op == CS_E_DIV || e->op == CS_E_MOD) && !check_zero(c, e))
		return false;
	if (c->is_plain)
		return true;
	if (e->op == CS_E_ADD)
		return check_plus(c, e);
	return check_numbers(c, e,
	    e->op == CS_E_SUB	? "-"
	    : e->op == CS_E_MUL ? "*"
	    : e->op == CS_E_DIV ? "/"
				: "%");
}

static bool
check_logic(struct checker *c, const struct cs_expr *e)
{
	return check_one(c, e->a, e, true) &&
	       (c->is_plain || need_yes_no(c, e->a)) &&
	       check_one(c, e->b, e, true) &&
	       (c->is_plain || need_yes_no(c, e->b));
}

static bool
is_loose(const struct cs_expr *e)
{
	return e->op >= CS_E_OR && e->op <= CS_E_GE && !e->in_brackets;
}

static const char *
word(enum cs_op op)
{
	return op == CS_E_AND ? "and" : op == CS_E_OR ? "or" : sign(op, false);
}

/* .x // 0 < 20 is .x // (0 < 20): nobody means that. */
static bool
check_alt(struct checker *c, const struct cs_expr *e)
{
	const struct cs_expr *side = is_loose(e->b) ? e->b : e->a;
	struct cs_buf x = {0}, y = {0}, l = {0}, r = {0};

	if (!check_one(c, e->a, e, false) || !check_one(c, e->b, e, false))
		return false;
	if (c->is_plain || !is_loose(side))
		return true;
	/* The operator nearest to the //. */
	if (side == e->b)
		while (is_loose(side->a))
			side = side->a;
	else
		while (is_loose(side->b))
			side = side->b;
	show(&l, side->a);
	show(&r, side->b);
	show(&x, e->a);
	show(&y, e->b);
	if (is_loose(e->b))
		cs_diag(c->diags, CS_ERROR, "syntax", e->at,
		    "// beside %s needs brackets: (%s // %s) %s %s, or "
		    "%s // (%s)",
		    word(side->op), cs_buf_z(&x), cs_buf_z(&l), word(side->op),
		    cs_buf_z(&r), cs_buf_z(&x), cs_buf_z(&y));
	else
		cs_diag(c->diags, CS_ERROR, "syntax", e->at,
		    "// beside %s needs brackets: %s %s (%s // %s), or "
		    "(%s) // %s",
		    word(side->op), cs_buf_z(&l), word(side->op), cs_buf_z(&r),
		    cs_buf_z(&y), cs_buf_z(&x), cs_buf_z(&y));
	cs_buf_free(&x);
	cs_buf_free(&y);
	cs_buf_free(&l);
	cs_buf_free(&r);
	return false;
}

static bool
is_not(const struct cs_expr *e)
{
	return e->op == CS_E_CALL && e->n == 0 && cs_str_is(e->text, "not");
}

/* .x and .y | not: which of the two does it turn round? */
static bool
check_not(struct checker *c, const struct cs_expr *e)
{
	const struct cs_expr *first =
	    e->b->op == CS_E_PIPE && !e->b->in_brackets ? e->b->a : e->b;
	struct cs_buf all = {0}, l = {0}, r = {0};

	if (!is_not(first))
		return true;
	if (!need_yes_no(c, e->a))
		return false;
	if ((e->a->op != CS_E_AND && e->a->op != CS_E_OR) || e->a->in_brackets)
		return true;
	show(&all, e->a);
	show(&l, e->a->a);
	show(&r, e->a->b);
	cs_diag(c->diags, CS_ERROR, "syntax", first->at,
	    "| not behind %s needs brackets: %s %s (%s | not), or "
	    "(%s) | not",
	    e->a->op == CS_E_AND ? "and" : "or", cs_buf_z(&l),
	    e->a->op == CS_E_AND ? "and" : "or", cs_buf_z(&r), cs_buf_z(&all));
	cs_buf_free(&all);
	cs_buf_free(&l);
	cs_buf_free(&r);
	return false;
}

static bool
check_if(struct checker *c, const struct cs_expr *e, const struct one *one)
{
	for (size_t i = 0; i + 1 < e->n; i += 2)
		if (!check_one(c, e->list[i], e, true) ||
		    (!c->is_plain && !need_yes_no(c, e->list[i])) ||
		    !check(c, e->list[i + 1], one))
			return false;
	return check(c, e->list[e->n - 1], one);
}

static bool
check_format(struct checker *c, const struct cs_expr *e)
{
	static const struct cs_str near[] = {{"@text", 5}, {"@json", 5},
	    {"@html", 5}, {"@uri", 4}, {"@csv", 4}, {"@tsv", 4},
	    {"@base64", 7}};
	struct cs_str best;

	if (e->text.p == NULL || cs_expr_is_format(e->text))
		return true;
	best = cs_nearest(e->text, near, sizeof(near) / sizeof(*near));
	if (best.p == NULL || cs_str_is(e->text, "@base64d"))
		cs_diag(c->diags, CS_ERROR, "syntax", begin(c, e),
		    "%.*s is not in the rule language (there are @text @json "
		    "@html @uri @csv @tsv @base64)",
		    CS_ARG(e->text));
	else
		cs_diag(c->diags, CS_ERROR, "syntax", begin(c, e),
		    "unknown format \"%.*s\" (did you mean \"%.*s\"?)",
		    CS_ARG(e->text), CS_ARG(best));
	return false;
}

/* Keys in brackets inside a pattern are expressions. */
static bool
check_bound(struct checker *c, const struct cs_expr *e)
{
	if (e == NULL || e->op == CS_E_VAR)
		return true;
	if (e->op != CS_E_OBJECT)
		return check_bound(c, e->a) && check_bound(c, e->b);
	for (size_t i = 0; i < e->n; i += 2)
		if ((e->list[i]->op != CS_E_VAR &&
			!check_one(c, e->list[i], e, false)) ||
		    !check_bound(c, e->list[i + 1]))
			return false;
	return true;
}

static bool
check_list(struct checker *c, const struct cs_expr *e, const struct one *one)
{
	for (size_t i = 0; i < e->n; i++)
		if (e->list[i] != NULL && !check(c, e->list[i], one))
			return false;
	return true;
}

static bool
check_interp(struct checker *c, const struct cs_expr *e)
{
	for (size_t i = 1; i < e->n; i += 2)
		if (!check_one(c, e->list[i], e, false))
			return false;
	return check_format(c, e);
}

static bool
check_number(struct checker *c, const struct cs_expr *e)
{
	if (c->is_plain)
		return true;
	/* jq reads 01101 as 1101; in a rule it is a code, and a cell with it
	 * is a text. */
	if (e->text.n > 1 && e->text.p[0] == '0' && e->text.p[1] >= '0' &&
	    e->text.p[1] <= '9') {
		cs_diag(c->diags, CS_ERROR, "type", begin(c, e),
		    "%.*s begins with 0: a code is a text, write \"%.*s\"",
		    CS_ARG(e->text), CS_ARG(e->text));
		return false;
	}
	if (isfinite(e->num))
		return true;
	cs_diag(c->diags, CS_ERROR, "type", begin(c, e),
	    "%.*s is over the largest number, 1.797e308", CS_ARG(e->text));
	return false;
}

static bool
check_maybe(
    struct checker *c, const struct cs_expr *e, const struct cs_expr *of)
{
	return e == NULL || check_one(c, e, of, false);
}

static bool
check(struct checker *c, const struct cs_expr *e, const struct one *one)
{
	switch (e->op) {
	case CS_E_NUMBER:
		return check_number(c, e);
	case CS_E_FORMAT:
		return check_format(c, e);
	case CS_E_INTERP:
		return check_interp(c, e);
	case CS_E_FIELD:
	case CS_E_OPTIONAL:
		return e->a == NULL || check(c, e->a, one);
	case CS_E_INDEX:
	case CS_E_SLICE:
		return check(c, e->a, one) && check_maybe(c, e->b, e) &&
		       check_maybe(c, e->c, e);
	case CS_E_EACH:
		return check(c, e->a, one) &&
		       (one == NULL || tell_several(c, e, one));
	case CS_E_CALL:
		return check_call(c, e, one);
	case CS_E_NEG:
		return check_one(c, e->a, e, false) &&
		       (c->is_plain || check_numbers(c, e, "-"));
	case CS_E_PIPE:
		return check(c, e->a, one) && check(c, e->b, one) &&
		       (c->is_plain || check_not(c, e));
	case CS_E_COMMA:
		if (one != NULL && is_thousands(e))
			return tell_thousands(c, e);
		if (one != NULL)
			return check(c, e->a, NULL) && check(c, e->b, NULL) &&
			       tell_several(c, e, one);
		return check(c, e->a, one) && check(c, e->b, one);
	case CS_E_ALT:
		return check_alt(c, e);
	case CS_E_OR:
	case CS_E_AND:
		return check_logic(c, e);
	case CS_E_EQ:
	case CS_E_NE:
	case CS_E_LT:
	case CS_E_LE:
	case CS_E_GT:
	case CS_E_GE:
		return check_one(c, e->a, e, false) &&
		       check_one(c, e->b, e, false);
	case CS_E_ADD:
	case CS_E_SUB:
	case CS_E_MUL:
	case CS_E_DIV:
	case CS_E_MOD:
		return check_arithmetic(c, e);
	case CS_E_IF:
		return check_if(c, e, one);
	case CS_E_AS:
		return check(c, e->a, one) && check_bound(c, e->b) &&
		       check(c, e->c, one);
	case CS_E_ARRAY:
		return e->a == NULL || check(c, e->a, NULL);
	case CS_E_OBJECT:
		return check_list(c, e, one);
	default:
		return true;
	}
}

bool
cs_expr_check(const struct cs_expr *e, const struct cs_pair *source,
    enum cs_role role, struct cs_diags *diags)
{
	struct checker c = {source, diags, role == CS_PLAIN};

	return check_one(&c, e, NULL, role == CS_CONDITION) &&
	       (role != CS_CONDITION || need_yes_no(&c, e));
}
