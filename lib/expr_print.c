#include <string.h>

#include "expr_int.h"
#include "num.h"
#include "text.h"

/* How strongly a node holds together, weak to strong. NEG stands below MUL,
 * because jq reads -a * b as -(a * b). */
enum strength {
	S_PIPE,
	S_COMMA,
	S_ALT,
	S_OR,
	S_AND,
	S_COMPARE,
	S_ADD,
	S_NEG,
	S_MUL,
	S_IF,
	S_TERM
};

static const struct {
	const char *text;
	enum strength self, left, right;
} binary[] = {
    [CS_E_PIPE] = {" | ", S_PIPE, S_COMMA, S_PIPE},
    [CS_E_COMMA] = {", ", S_COMMA, S_COMMA, S_ALT},
    [CS_E_ALT] = {" // ", S_ALT, S_OR, S_ALT},
    [CS_E_OR] = {" or ", S_OR, S_OR, S_AND},
    [CS_E_AND] = {" and ", S_AND, S_AND, S_COMPARE},
    [CS_E_EQ] = {" == ", S_COMPARE, S_ADD, S_ADD},
    [CS_E_NE] = {" != ", S_COMPARE, S_ADD, S_ADD},
    [CS_E_LT] = {" < ", S_COMPARE, S_ADD, S_ADD},
    [CS_E_LE] = {" <= ", S_COMPARE, S_ADD, S_ADD},
    [CS_E_GT] = {" > ", S_COMPARE, S_ADD, S_ADD},
    [CS_E_GE] = {" >= ", S_COMPARE, S_ADD, S_ADD},
    [CS_E_ADD] = {" + ", S_ADD, S_ADD, S_NEG},
    [CS_E_SUB] = {" - ", S_ADD, S_ADD, S_NEG},
    [CS_E_MUL] = {" * ", S_MUL, S_MUL, S_IF},
    [CS_E_DIV] = {" / ", S_MUL, S_MUL, S_IF},
    [CS_E_MOD] = {" % ", S_MUL, S_MUL, S_IF},
};

static bool
is_binary(enum cs_op op)
{
	return op >= CS_E_PIPE && op <= CS_E_MOD;
}

static enum strength
strength(const struct cs_expr *e)
{
	if (is_binary(e->op))
		return binary[e->op].self;
	switch (e->op) {
	case CS_E_AS:
		return S_PIPE; /* its body takes all that follows */
	case CS_E_NEG:
		return S_NEG;
	case CS_E_IF:
		return S_IF; /* jq 1.6 takes nothing behind its end */
	default:
		return S_TERM;
	}
}

static void print(struct cs_buf *b, const struct cs_expr *e);
static void print_pattern(struct cs_buf *b, const struct cs_expr *e);

/* e where at least `least` is needed. */
static void
print_at(struct cs_buf *b, const struct cs_expr *e, enum strength least)
{
	bool needs = strength(e) < least;

	if (needs)
		cs_buf_putc(b, '(');
	print(b, e);
	if (needs)
		cs_buf_putc(b, ')');
}

static void
print_number(struct cs_buf *b, const struct cs_expr *e)
{
	struct cs_str s = e->text;

	if (cs_num_is_json(s)) {
		cs_buf_str(b, s);
		return;
	}
	/* 007, .5, 1.: the same number in JSON's grammar. */
	while (s.n > 1 && s.p[0] == '0' && s.p[1] >= '0' && s.p[1] <= '9') {
		s.p++;
		s.n--;
	}
	if (s.n > 0 && s.p[0] == '.')
		cs_buf_putc(b, '0');
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '.' ||
		    (i + 1 < s.n && s.p[i + 1] >= '0' && s.p[i + 1] <= '9'))
			cs_buf_putc(b, s.p[i]);
}

/* The inside of a text: JSON's escapes. */
static void
print_inside(struct cs_buf *b, struct cs_str s)
{
	struct cs_buf json = {0};

	cs_text_json(&json, s);
	cs_buf_add(b, json.p + 1, json.n - 2);
	cs_buf_free(&json);
}

static void
print_interp(struct cs_buf *b, const struct cs_expr *e)
{
	if (e->text.p != NULL) {
		cs_buf_str(b, e->text);
		cs_buf_putc(b, ' ');
	}
	cs_buf_putc(b, '"');
	for (size_t i = 0; i < e->n; i++)
		if (i % 2 == 0)
			print_inside(b, e->list[i]->text);
		else {
			cs_buf_puts(b, "\\(");
			print(b, e->list[i]);
			cs_buf_putc(b, ')');
		}
	cs_buf_putc(b, '"');
}

/* What a step is taken from; `.` before [ needs no more. */
static void
print_base(struct cs_buf *b, const struct cs_expr *e)
{
	/* 1.a would not be read; nothing may stand behind "not". */
	bool needs = e->op == CS_E_NUMBER ||
		     (e->op == CS_E_CALL && cs_str_is(e->text, "not"));

	if (needs)
		cs_buf_putc(b, '(');
	print_at(b, e, S_TERM);
	if (needs)
		cs_buf_putc(b, ')');
}

static bool
is_step(const struct cs_expr *e)
{
	return e->op == CS_E_FIELD || e->op == CS_E_INDEX ||
	       e->op == CS_E_SLICE || e->op == CS_E_EACH;
}

static void
print_field(struct cs_buf *b, const struct cs_expr *e)
{
	bool is_bare = cs_expr_is_bare(e->text);

	if (e->a != NULL)
		print_base(b, e->a);
	if (is_bare || e->a == NULL)
		cs_buf_putc(b, '.');
	if (is_bare)
		cs_buf_str(b, e->text);
	else {
		cs_buf_putc(b, '[');
		cs_text_json(b, e->text);
		cs_buf_putc(b, ']');
	}
}

static void
print_index(struct cs_buf *b, const struct cs_expr *e)
{
	print_base(b, e->a);
	cs_buf_putc(b, '[');
	if (e->b != NULL)
		print(b, e->b);
	if (e->op == CS_E_SLICE)
		cs_buf_putc(b, ':');
	if (e->c != NULL)
		print(b, e->c);
	cs_buf_putc(b, ']');
}

static void
print_call(struct cs_buf *b, const struct cs_expr *e)
{
	cs_buf_str(b, e->text);
	for (size_t i = 0; i < e->n; i++) {
		cs_buf_puts(b, i == 0 ? "(" : "; ");
		print(b, e->list[i]);
	}
	if (e->n > 0)
		cs_buf_putc(b, ')');
}

static void
print_if(struct cs_buf *b, const struct cs_expr *e)
{
	for (size_t i = 0; i + 1 < e->n; i += 2) {
		cs_buf_puts(b, i == 0 ? "if " : " elif ");
		print(b, e->list[i]);
		cs_buf_puts(b, " then ");
		print(b, e->list[i + 1]);
	}
	cs_buf_puts(b, " else ");
	print(b, e->list[e->n - 1]);
	cs_buf_puts(b, " end");
}

/* Is name a key without quotes to jq 1.6 too? */
static bool
is_plain_key(struct cs_str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] & 0x80)
			return false;
	return cs_expr_is_bare(name) && !cs_expr_is_keyword(name);
}

static void
print_key(
    struct cs_buf *b, const struct cs_expr *key, bool is_short, bool is_pattern)
{
	if (key->op == CS_E_TEXT && is_plain_key(key->text))
		cs_buf_str(b, key->text);
	else if (key->op == CS_E_TEXT || key->op == CS_E_INTERP ||
		 (key->op == CS_E_VAR &&
		     (is_short || (is_pattern && !key->in_brackets))))
		print(b, key);
	else {
		cs_buf_putc(b, '(');
		print(b, key);
		cs_buf_putc(b, ')');
	}
}

static void
print_object(struct cs_buf *b, const struct cs_expr *e, bool is_pattern)
{
	cs_buf_putc(b, '{');
	for (size_t i = 0; i < e->n; i += 2) {
		const struct cs_expr *v = e->list[i + 1];

		if (i > 0)
			cs_buf_puts(b, ", ");
		print_key(b, e->list[i], v == NULL, is_pattern);
		if (v == NULL)
			continue;
		cs_buf_puts(b, ": ");
		if (is_pattern)
			print_pattern(b, v);
		else /* jq 1.6 takes terms only */
			print_at(b, v, S_TERM);
	}
	cs_buf_putc(b, '}');
}

static void
print_pattern(struct cs_buf *b, const struct cs_expr *e)
{
	switch (e->op) {
	case CS_E_ARRAY:
		cs_buf_putc(b, '[');
		print_pattern(b, e->a);
		cs_buf_putc(b, ']');
		break;
	case CS_E_COMMA:
		print_pattern(b, e->a);
		cs_buf_puts(b, ", ");
		print_pattern(b, e->b);
		break;
	case CS_E_OBJECT:
		print_object(b, e, true);
		break;
	default:
		print(b, e);
	}
}

/* The language asks for brackets that jq does not need: comparisons, and, or
 * beside //; and, or before | not. */
static bool
asks_brackets(const struct cs_expr *e, const struct cs_expr *side)
{
	const struct cs_expr *next = e->b;

	if (e->op == CS_E_ALT)
		return side->op >= CS_E_OR && side->op <= CS_E_GE;
	if (e->op != CS_E_PIPE || side != e->a ||
	    (side->op != CS_E_OR && side->op != CS_E_AND))
		return false;
	if (next->op == CS_E_PIPE)
		next = next->a;
	return next->op == CS_E_CALL && cs_str_is(next->text, "not");
}

static void
print_binary(struct cs_buf *b, const struct cs_expr *e)
{
	print_at(b, e->a, asks_brackets(e, e->a) ? S_TERM : binary[e->op].left);
	cs_buf_puts(b, binary[e->op].text);
	print_at(
	    b, e->b, asks_brackets(e, e->b) ? S_TERM : binary[e->op].right);
}

static void
print(struct cs_buf *b, const struct cs_expr *e)
{
	if (is_binary(e->op)) {
		print_binary(b, e);
		return;
	}
	switch (e->op) {
	case CS_E_NULL:
		cs_buf_puts(b, "null");
		break;
	case CS_E_TRUE:
		cs_buf_puts(b, "true");
		break;
	case CS_E_FALSE:
		cs_buf_puts(b, "false");
		break;
	case CS_E_NUMBER:
		print_number(b, e);
		break;
	case CS_E_TEXT:
		cs_text_json(b, e->text);
		break;
	case CS_E_INTERP:
		print_interp(b, e);
		break;
	case CS_E_FORMAT:
		cs_buf_str(b, e->text);
		break;
	case CS_E_SELF:
		cs_buf_putc(b, '.');
		break;
	case CS_E_FIELD:
		print_field(b, e);
		break;
	case CS_E_INDEX:
	case CS_E_SLICE:
	case CS_E_EACH:
		print_index(b, e);
		break;
	case CS_E_OPTIONAL:
		if (!cs_expr_is_step_optional(e) && is_step(e->a)) {
			cs_buf_putc(b, '(');
			print(b, e->a);
			cs_buf_putc(b, ')');
		} else {
			print_base(b, e->a);
		}
		cs_buf_putc(b, '?');
		break;
	case CS_E_VAR:
		cs_buf_putc(b, '$');
		cs_buf_str(b, e->text);
		break;
	case CS_E_CALL:
		print_call(b, e);
		break;
	case CS_E_NEG:
		cs_buf_putc(b, '-');
		print_at(b, e->a, e->a->op == CS_E_NEG ? S_NEG : S_IF);
		break;
	case CS_E_IF:
		print_if(b, e);
		break;
	case CS_E_AS:
		print_base(b, e->a);
		cs_buf_puts(b, " as ");
		print_pattern(b, e->b);
		cs_buf_puts(b, " | ");
		print(b, e->c);
		break;
	case CS_E_ARRAY:
		cs_buf_putc(b, '[');
		if (e->a != NULL)
			print(b, e->a);
		cs_buf_putc(b, ']');
		break;
	default:
		print_object(b, e, false);
	}
}

void
cs_expr_print(struct cs_buf *b, const struct cs_expr *e)
{
	print(b, e);
}

static bool
equal_lists(const struct cs_expr *a, const struct cs_expr *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!cs_expr_equal(a->list[i], b->list[i]))
			return false;
	return true;
}

/* In patterns {$k: p} binds $k, {($k): p} uses it. */
static bool
equal_keys(const struct cs_expr *a, const struct cs_expr *b)
{
	if (a->op != CS_E_OBJECT)
		return true;
	for (size_t i = 0; i < a->n; i += 2)
		if (a->list[i]->op == CS_E_VAR &&
		    a->list[i]->in_brackets != b->list[i]->in_brackets)
			return false;
	return true;
}

static bool
equal_patterns(const struct cs_expr *a, const struct cs_expr *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	if (!cs_expr_equal(a, b) || !equal_keys(a, b))
		return false;
	if (!equal_patterns(a->a, b->a) || !equal_patterns(a->b, b->b))
		return false;
	for (size_t i = 1; i < a->n && a->op == CS_E_OBJECT; i += 2)
		if (!equal_patterns(a->list[i], b->list[i]))
			return false;
	return true;
}

bool
cs_expr_equal(const struct cs_expr *a, const struct cs_expr *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	if (a->op != b->op)
		return false;
	if (a->op == CS_E_NUMBER)
		return a->num == b->num;
	if ((a->text.p == NULL) != (b->text.p == NULL) ||
	    !cs_str_eq(a->text, b->text))
		return false;
	if (cs_expr_is_step_optional(a) != cs_expr_is_step_optional(b))
		return false;
	if (a->op == CS_E_AS && !equal_patterns(a->b, b->b))
		return false;
	return cs_expr_equal(a->a, b->a) && cs_expr_equal(a->b, b->b) &&
	       cs_expr_equal(a->c, b->c) && equal_lists(a, b);
}

/* --- the drawing ------------------------------------------------------- */

static void draw(struct cs_buf *b, const struct cs_expr *e, unsigned indent,
    const char *role);

static const char *
leaf_word(enum cs_op op)
{
	switch (op) {
	case CS_E_NUMBER:
		return "number ";
	case CS_E_TEXT:
		return "text ";
	case CS_E_FORMAT:
		return "format ";
	case CS_E_VAR:
		return "value ";
	case CS_E_CALL:
		return "call ";
	case CS_E_SELF:
	case CS_E_FIELD:
		return "path ";
	default:
		return "";
	}
}

/* Drawn on one line? Leaves, and paths that begin at the record. */
static bool
is_leaf(const struct cs_expr *e)
{
	if (e->op == CS_E_FIELD)
		return e->a == NULL ||
		       (e->a->op == CS_E_FIELD && is_leaf(e->a));
	return e->a == NULL && e->n == 0;
}

static const char *
node_word(const struct cs_expr *e)
{
	if (is_binary(e->op))
		return binary[e->op].text;
	switch (e->op) {
	case CS_E_INTERP:
		return "text of";
	case CS_E_FIELD:
		return "member";
	case CS_E_INDEX:
		return "index";
	case CS_E_SLICE:
		return "slice";
	case CS_E_EACH:
		return "each";
	case CS_E_OPTIONAL:
		return "?";
	case CS_E_NEG:
		return "minus";
	case CS_E_IF:
		return "if";
	case CS_E_AS:
		return "as";
	case CS_E_ARRAY:
		return "array";
	case CS_E_OBJECT:
		return "object";
	default:
		return "call";
	}
}

static void
draw_list(struct cs_buf *b, const struct cs_expr *e, unsigned indent)
{
	for (size_t i = 0; i < e->n; i++) {
		const char *role = "";

		if (e->list[i] == NULL)
			continue;
		if (e->op == CS_E_OBJECT)
			role = i % 2 == 0 ? "key " : "is ";
		else if (e->op == CS_E_IF)
			role = i + 1 == e->n ? "else "
			       : i % 2 == 0  ? "when "
					     : "then ";
		draw(b, e->list[i], indent, role);
	}
}

static void
draw(struct cs_buf *b, const struct cs_expr *e, unsigned indent,
    const char *role)
{
	for (unsigned i = 0; i < indent; i++)
		cs_buf_puts(b, "  ");
	cs_buf_puts(b, role);
	if (is_leaf(e)) {
		cs_buf_puts(b, leaf_word(e->op));
		print(b, e);
		cs_buf_putc(b, '\n');
		return;
	}
	cs_buf_str(b, cs_str_trim(cs_str(node_word(e))));
	if (e->op == CS_E_CALL || e->op == CS_E_FIELD ||
	    (e->op == CS_E_INTERP && e->text.p != NULL)) {
		cs_buf_putc(b, ' ');
		cs_buf_str(b, e->text);
	}
	cs_buf_putc(b, '\n');
	if (e->a != NULL)
		draw(b, e->a, indent + 1, "");
	if (e->op == CS_E_AS) {
		for (unsigned i = 0; i <= indent; i++)
			cs_buf_puts(b, "  ");
		cs_buf_puts(b, "names ");
		print_pattern(b, e->b);
		cs_buf_putc(b, '\n');
	} else if (e->b != NULL)
		draw(b, e->b, indent + 1, e->op == CS_E_SLICE ? "from " : "");
	if (e->c != NULL)
		draw(b, e->c, indent + 1, e->op == CS_E_SLICE ? "to " : "");
	draw_list(b, e, indent + 1);
}

void
cs_expr_draw(struct cs_buf *b, const struct cs_expr *e)
{
	draw(b, e, 0, "");
}
