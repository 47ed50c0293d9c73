#include <stdlib.h>
#include <string.h>

#include "expr_int.h"
#include "expr_lex.h"
#include "text.h"

/* Recursive descent over jq 1.6's grammar. Binary operators climb by level;
 * every recursion passes through deeper(), so the C stack is bounded. */

struct parser {
	struct cs_lex lex;
	struct cs_arena *arena;
	unsigned depth;
};

/* From weak to strong (jq 1.6, parser.y). */
enum level { L_PIPE, L_COMMA, L_ALT, L_OR, L_AND, L_COMPARE, L_ADD, L_MUL };

static struct cs_expr *parse_all(struct parser *p);
static struct cs_expr *parse_level(struct parser *p, enum level level);
static struct cs_expr *parse_right(
    struct parser *p, enum level level, enum level above);
static struct cs_expr *parse_pattern(struct parser *p);

static void
next(struct parser *p)
{
	cs_lex_next(&p->lex);
}

static enum cs_tok
kind(const struct parser *p)
{
	return p->lex.tok.kind;
}

static bool
is_word(const struct parser *p, const char *word)
{
	return cs_lex_is(&p->lex.tok, word);
}

static struct cs_place
place(struct parser *p, size_t offset)
{
	return cs_lex_place(&p->lex, offset);
}

static void *
stop(struct parser *p)
{
	return cs_lex_stop(&p->lex);
}

/* One more nesting; balanced by p->depth--. */
static bool
deeper(struct parser *p)
{
	/* The expression itself is not a nesting. */
	if (++p->depth <= CS_MAX_EXPR_DEPTH + 1)
		return true;
	if (!p->lex.failed)
		cs_diag(p->lex.diags, CS_ERROR, "syntax",
		    place(p, p->lex.tok.from),
		    "nested deeper than %d: take a part out into a Let: stanza",
		    CS_MAX_EXPR_DEPTH);
	stop(p);
	return false;
}

static unsigned
height_of(const struct cs_expr *e)
{
	return e ? e->height : 0;
}

/* Called when a node's children are in place. */
static struct cs_expr *
finish(struct parser *p, struct cs_expr *e)
{
	unsigned h = height_of(e->a), x = height_of(e->b);

	h = x > h ? x : h;
	x = height_of(e->c);
	h = x > h ? x : h;
	for (size_t i = 0; i < e->n; i++)
		if (height_of(e->list[i]) > h)
			h = height_of(e->list[i]);
	e->height = h + 1;
	if (e->height <= CS_MAX_EXPR_CHAIN || p->lex.failed)
		return e;
	cs_diag(p->lex.diags, CS_ERROR, "syntax", e->at,
	    "more than %d operands in a chain: put the values into a file "
	    "and use in_list, or take a part out into a Let: stanza",
	    CS_MAX_EXPR_CHAIN);
	return stop(p);
}

static struct cs_expr *
node(struct parser *p, enum cs_op op, size_t from)
{
	struct cs_expr *e = cs_arena_array(p->arena, 1, sizeof(*e));

	e->op = op;
	e->from = from;
	e->to = p->lex.last.to;
	e->at = place(p, from);
	e->height = 1;
	return e;
}

static struct cs_expr *
text_node(struct parser *p, enum cs_op op, size_t from, struct cs_str text)
{
	struct cs_expr *e = node(p, op, from);

	e->text = cs_keep(p->arena, text);
	if (e->text.p == NULL)
		e->text = CS_S("");
	return e;
}

static void
add(struct parser *p, struct cs_expr *e, size_t *cap, struct cs_expr *item)
{
	if (e->n == *cap) {
		struct cs_expr **v;

		*cap = *cap < 4 ? 4 : *cap * 2;
		v = cs_arena_array(p->arena, *cap, sizeof(*v));
		if (e->n > 0)
			memcpy(v, e->list, e->n * sizeof(*v));
		e->list = v;
	}
	e->list[e->n++] = item;
}

/* What people write behind a value, where an operator should stand. */
static const struct {
	const char *word, *hint;
} infix[] = {
    {"in", "write .x | IN(\"a\", \"b\")"},
    {"is", "write .x == null or .x != null"},
    {"isnull", "write .x == null"},
    {"between", "write (.x >= 1 and .x <= 5)"},
    {"like", "write .x | contains(\"a\"), startswith, endswith or test"},
    {"ilike", "write .x | test(\"a\"; \"i\")"},
    {"matches", "write .x | test(\"a\")"},
    {"contain", "write .x | contains(\"a\")"},
    {"eq", "write =="},
    {"equals", "write =="},
    {"ne", "write !="},
    {"lt", "write <"},
    {"le", "write <="},
    {"gt", "write >"},
    {"ge", "write >="},
    {"mod", "write %"},
    {"not", "write (.x | not), or .x | IN(\"a\") | not"},
    {"unless", "write if .x then .y else .z end"},
    {"when", "write if .x then .y else .z end"},
    {"elseif", "write elif"},
    {"elsif", "write elif"},
    {"endif", "write end"},
    {"fi", "write end"},
};

/* A word where an operator should be; true if it was explained. */
static bool
wrong_word(struct parser *p)
{
	struct cs_str word = p->lex.tok.text;
	struct cs_place at = place(p, p->lex.tok.from);
	static const char *const upper[] = {
	    "and", "or", "if", "then", "else", "elif", "end", "as"};

	for (size_t i = 0; i < sizeof(upper) / sizeof(*upper); i++)
		if (cs_str_isi(word, upper[i]) && !cs_str_is(word, upper[i])) {
			cs_diag(p->lex.diags, CS_ERROR, "syntax", at,
			    "%.*s is written in small letters: %s",
			    CS_ARG(word), upper[i]);
			return true;
		}
	for (size_t i = 0; i < sizeof(infix) / sizeof(*infix); i++)
		if (cs_str_isi(word, infix[i].word)) {
			cs_diag(p->lex.diags, CS_ERROR, "syntax", at,
			    "%.*s is not an operator of the rule language: %s",
			    CS_ARG(word), infix[i].hint);
			return true;
		}
	if (cs_expr_arities(word, NULL) == 0)
		return false;
	cs_diag(p->lex.diags, CS_ERROR, "syntax", at,
	    "%.*s is a function: it stands behind a |, as in .x | %.*s",
	    CS_ARG(word), CS_ARG(word));
	return true;
}

static const struct {
	const char *word, *instead;
} refused[] = {
    {"def", "use a Let: stanza"},
    {"reduce", "use add, any, all, min, max, length or map"},
    {"foreach", "use add, any, all, min, max, length or map"},
    {"try", "use // or a ? behind the operand"},
    {"catch", "use // or a ? behind the operand"},
    {"label", "use first(...), any or all"},
    {"import", "use a Let: stanza"},
    {"include", "use a Let: stanza"},
    {"__loc__", "leave it out"},
};

/* A keyword of jq that the language does not have; true if told. */
static bool
refused_word(struct parser *p)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		if (is_word(p, refused[i].word)) {
			cs_diag(p->lex.diags, CS_ERROR, "syntax",
			    place(p, p->lex.tok.from),
			    "%s is not in the rule language: %s",
			    refused[i].word, refused[i].instead);
			return true;
		}
	return false;
}

static bool
begins_operand(enum cs_tok k)
{
	return k == CS_T_FIELD || k == CS_T_QUOTE || k == CS_T_FORMAT ||
	       k == CS_T_NUMBER || k == CS_T_VAR || k == CS_T_NAME ||
	       k == CS_T_DOT || k == CS_T_OPEN || k == CS_T_OPEN_SQUARE ||
	       k == CS_T_OPEN_BRACE;
}

#define AN_OPERATOR "an operator"

/* The present token is not what the grammar allows behind an operand. */
static void *
unexpected(struct parser *p, const char *wanted)
{
	const struct cs_token *t = &p->lex.tok, *last = &p->lex.last;
	struct cs_str text = cs_lex_text(&p->lex, t);
	struct cs_place at = place(p, t->from);

	if (p->lex.failed || refused_word(p))
		return stop(p);
	if (t->kind == CS_T_NAME && wrong_word(p))
		return stop(p);
	if (last->kind == CS_T_NAME && cs_str_isi(last->text, "not") &&
	    begins_operand(t->kind)) {
		struct cs_str x = cs_lex_path(&p->lex, t->from);

		if (t->kind == CS_T_VAR || t->kind == CS_T_NAME)
			x = text;
		cs_diag(p->lex.diags, CS_ERROR, "syntax", place(p, last->from),
		    "write (%.*s | not)", CS_ARG(x));
	} else if (t->kind == CS_T_END)
		cs_diag(p->lex.diags, CS_ERROR, "syntax", at,
		    "%s is missing at the end", wanted);
	else if (t->kind == CS_T_COLON && strcmp(wanted, AN_OPERATOR) == 0)
		cs_diag(p->lex.diags, CS_ERROR, "syntax", at,
		    ": stands in objects and slices only (a choice is "
		    "written if .x then .y else .z end)");
	else if (t->kind == CS_T_SEMICOLON)
		cs_diag(p->lex.diags, CS_ERROR, "syntax", at,
		    "; stands between the arguments of a function only");
	else if ((t->kind == CS_T_CLOSE || t->kind == CS_T_CLOSE_SQUARE ||
		     t->kind == CS_T_CLOSE_BRACE) &&
		 strcmp(wanted, AN_OPERATOR) == 0)
		cs_diag(p->lex.diags, CS_ERROR, "syntax", at,
		    "%.*s closes nothing", CS_ARG(text));
	else if (begins_operand(t->kind)) {
		if (t->kind == CS_T_QUOTE)
			text = CS_S("the text");
		cs_diag(p->lex.diags, CS_ERROR, "syntax", at,
		    "%s is missing before %.*s", wanted, CS_ARG(text));
	} else if (t->kind == CS_T_KEYWORD &&
		   strcmp(wanted, AN_OPERATOR) == 0 && !is_word(p, "if") &&
		   !is_word(p, "as"))
		cs_diag(p->lex.diags, CS_ERROR, "syntax", at,
		    "%.*s without an if (in small letters) before it",
		    CS_ARG(text));
	else
		cs_diag(p->lex.diags, CS_ERROR, "syntax", at,
		    "%.*s cannot stand here: %s is missing before it",
		    CS_ARG(text), wanted);
	return stop(p);
}

/* Takes the closing bracket of the one that was opened at `open`. */
static bool
closed(struct parser *p, enum cs_tok k, const char *closing, size_t open)
{
	if (kind(p) == k) {
		next(p);
		return true;
	}
	if (kind(p) == CS_T_END) {
		cs_diag(p->lex.diags, CS_ERROR, "syntax", place(p, open),
		    "%c is not closed: %s is missing", p->lex.s.p[open],
		    closing);
		stop(p);
	} else
		unexpected(p, closing);
	return false;
}

/* --- texts ------------------------------------------------------------- */

static int
hex4(const char *s, size_t n, uint32_t *v)
{
	*v = 0;
	if (n < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = s[i];
		int d = c >= '0' && c <= '9'   ? c - '0'
			: c >= 'a' && c <= 'f' ? c - 'a' + 10
			: c >= 'A' && c <= 'F' ? c - 'A' + 10
					       : -1;

		if (d < 0)
			return -1;
		*v = *v << 4 | (uint32_t)d;
	}
	return 0;
}

/* \uXXXX, pairs of surrogates joined; *at stands behind \u. */
static bool
unescape_u(struct parser *p, size_t *at, struct cs_buf *b)
{
	struct cs_str s = p->lex.s;
	size_t from = *at - 2;
	uint32_t hi, lo;

	if (hex4(s.p + *at, s.n - *at, &hi) < 0) {
		cs_diag(p->lex.diags, CS_ERROR, "syntax", place(p, from),
		    "\\u needs four digits 0-9 a-f");
		return false;
	}
	*at += 4;
	if (hi >= 0xd800 && hi < 0xdc00 && s.n - *at >= 6 && s.p[*at] == '\\' &&
	    s.p[*at + 1] == 'u' && hex4(s.p + *at + 2, 4, &lo) == 0 &&
	    lo >= 0xdc00 && lo < 0xe000) {
		*at += 6;
		hi = 0x10000 + ((hi - 0xd800) << 10) + (lo - 0xdc00);
	}
	if (hi >= 0xd800 && hi < 0xe000) {
		cs_diag(p->lex.diags, CS_ERROR, "syntax", place(p, from),
		    "\\u%04x is half a character: two of them make one",
		    (unsigned)hi);
		return false;
	}
	if (hi == 0) {
		cs_diag(p->lex.diags, CS_ERROR, "syntax", place(p, from),
		    "\\u0000 cannot stand in a text");
		return false;
	}
	cs_utf8_put(b, hi);
	return true;
}

/* The escape at *at (the backslash), but not \( . */
static bool
unescape(struct parser *p, size_t *at, struct cs_buf *b)
{
	static const char from[] = "nrtbf\"\\/", to[] = "\n\r\t\b\f\"\\/";
	struct cs_str s = p->lex.s;
	const char *f;
	char c;

	if (*at + 1 >= s.n) {
		(*at)++; /* the end is told as a text not closed */
		return true;
	}
	c = s.p[*at + 1];
	*at += 2;
	if (c == 'u')
		return unescape_u(p, at, b);
	f = c ? strchr(from, c) : NULL;
	if (f == NULL) {
		cs_diag(p->lex.diags, CS_ERROR, "syntax", place(p, *at - 2),
		    "\\%.*s is no escape (there are \\n \\t \\r \\b \\f \\\\ "
		    "\\/ \\\" \\uXXXX and \\(...)); in a pattern write \\\\",
		    (c & 0x80) ? 0 : 1, &s.p[*at - 1]);
		return false;
	}
	cs_buf_putc(b, to[f - from]);
	return true;
}

static struct cs_expr *
not_closed(struct parser *p, size_t open)
{
	cs_diag(p->lex.diags, CS_ERROR, "syntax", place(p, open),
	    "the text that begins here is not closed: \" is missing");
	return stop(p);
}

/* The expression of "...\(here)..."; *at stands behind the opening bracket,
 * afterwards behind the closing one. */
static struct cs_expr *
parse_hole(struct parser *p, size_t *at)
{
	size_t open = *at - 1;
	struct cs_expr *e;

	p->lex.at = *at;
	next(p);
	e = parse_all(p);
	if (e == NULL)
		return NULL;
	if (kind(p) == CS_T_END || kind(p) == CS_T_QUOTE) {
		cs_diag(p->lex.diags, CS_ERROR, "syntax", place(p, open - 1),
		    "\\( is not closed: ) is missing");
		return stop(p);
	}
	if (kind(p) != CS_T_CLOSE)
		return unexpected(p, ")");
	*at = p->lex.tok.to;
	return e;
}

/* A text; the present token is its opening quote. format is absent or @name.
 * Gives TEXT, or INTERP. */
static struct cs_expr *
parse_text(struct parser *p, size_t from, struct cs_str format)
{
	size_t open = p->lex.tok.from, at = open + 1, cap = 0;
	struct cs_expr *e = NULL, *part = node(p, CS_E_INTERP, from), *hole;
	struct cs_str s = p->lex.s;
	struct cs_buf b = {0};

	part->text = cs_keep(p->arena, format);
	for (;;) {
		if (at >= s.n) {
			not_closed(p, open);
			goto out;
		}
		if (s.p[at] == '"')
			break;
		if (s.p[at] != '\\')
			cs_buf_putc(&b, s.p[at++]);
		else if (at + 1 < s.n && s.p[at + 1] == '(') {
			add(p, part, &cap,
			    text_node(p, CS_E_TEXT, at, cs_buf_get(&b)));
			cs_buf_reset(&b);
			at += 2;
			if ((hole = parse_hole(p, &at)) == NULL)
				goto out;
			add(p, part, &cap, hole);
		} else if (!unescape(p, &at, &b)) {
			stop(p);
			goto out;
		}
	}
	if (part->n == 0 && format.p == NULL)
		e = text_node(p, CS_E_TEXT, from, cs_buf_get(&b));
	else {
		add(p, part, &cap, text_node(p, CS_E_TEXT, at, cs_buf_get(&b)));
		e = part;
	}
	p->lex.at = at + 1;
	p->lex.tok.to = at + 1;
	next(p);
	e->to = at + 1;
	e = finish(p, e);
out:
	cs_buf_free(&b);
	return e;
}

static struct cs_expr *
parse_format(struct parser *p)
{
	struct cs_token t = p->lex.tok;

	next(p);
	if (kind(p) == CS_T_QUOTE)
		return parse_text(p, t.from, t.text);
	return text_node(p, CS_E_FORMAT, t.from, t.text);
}

/* --- terms ------------------------------------------------------------- */

static struct cs_expr *
parse_call(struct parser *p)
{
	struct cs_token t = p->lex.tok;
	struct cs_expr *e, *arg;
	size_t cap = 0, open;

	next(p);
	e = text_node(p, CS_E_CALL, t.from, t.text);
	if (kind(p) != CS_T_OPEN) {
		if (cs_str_is(t.text, "null"))
			e->op = CS_E_NULL;
		else if (cs_str_is(t.text, "true"))
			e->op = CS_E_TRUE;
		else if (cs_str_is(t.text, "false"))
			e->op = CS_E_FALSE;
		if (e->op != CS_E_CALL)
			e->text = (struct cs_str){0};
		return e;
	}
	open = p->lex.tok.from;
	next(p);
	if (kind(p) == CS_T_CLOSE) {
		cs_diag(p->lex.diags, CS_ERROR, "syntax", place(p, open),
		    "empty brackets: write %.*s", CS_ARG(t.text));
		return stop(p);
	}
	for (;;) {
		if ((arg = parse_all(p)) == NULL)
			return NULL;
		add(p, e, &cap, arg);
		if (kind(p) != CS_T_SEMICOLON)
			break;
		next(p);
	}
	if (!closed(p, CS_T_CLOSE, ")", open))
		return NULL;
	e->to = p->lex.last.to;
	return finish(p, e);
}

static struct cs_expr *
parse_brackets(struct parser *p)
{
	size_t open = p->lex.tok.from;
	struct cs_expr *e;

	next(p);
	e = parse_all(p);
	if (e == NULL || !closed(p, CS_T_CLOSE, ")", open))
		return NULL;
	e->in_brackets = true;
	e->from = open;
	e->to = p->lex.last.to;
	return e;
}

static struct cs_expr *
parse_array(struct parser *p)
{
	struct cs_expr *e = node(p, CS_E_ARRAY, p->lex.tok.from);

	next(p);
	if (kind(p) != CS_T_CLOSE_SQUARE && (e->a = parse_all(p)) == NULL)
		return NULL;
	if (!closed(p, CS_T_CLOSE_SQUARE, "]", e->from))
		return NULL;
	e->to = p->lex.last.to;
	return finish(p, e);
}

static bool
word_then(struct parser *p, const char *word, const char *wanted)
{
	if (is_word(p, word)) {
		next(p);
		return true;
	}
	unexpected(p, wanted);
	return false;
}

static struct cs_expr *
parse_if(struct parser *p)
{
	struct cs_expr *e = node(p, CS_E_IF, p->lex.tok.from), *x;
	size_t cap = 0;

	do {
		next(p);
		if ((x = parse_all(p)) == NULL)
			return NULL;
		add(p, e, &cap, x);
		if (!word_then(p, "then", "then"))
			return NULL;
		if ((x = parse_all(p)) == NULL)
			return NULL;
		add(p, e, &cap, x);
	} while (is_word(p, "elif"));
	if (is_word(p, "else")) {
		next(p);
		x = parse_all(p);
	} else
		x = node(p, CS_E_SELF, p->lex.tok.from);
	if (x == NULL)
		return NULL;
	add(p, e, &cap, x);
	if (!word_then(p, "end", "end (of the if)"))
		return NULL;
	e->to = p->lex.last.to;
	return finish(p, e);
}

/* --- objects and patterns ---------------------------------------------- */

/* The key of a member; *is_computed: it stood in brackets. */
static struct cs_expr *
parse_key(struct parser *p, bool *is_computed)
{
	struct cs_token t = p->lex.tok;

	*is_computed = false;
	switch (t.kind) {
	case CS_T_NAME:
	case CS_T_KEYWORD:
		next(p);
		return text_node(p, CS_E_TEXT, t.from, t.text);
	case CS_T_VAR:
		next(p);
		return text_node(p, CS_E_VAR, t.from, t.text);
	case CS_T_QUOTE:
		return parse_text(p, t.from, (struct cs_str){0});
	case CS_T_FORMAT:
		next(p);
		if (kind(p) != CS_T_QUOTE)
			return unexpected(p, "a text");
		return parse_text(p, t.from, t.text);
	case CS_T_OPEN:
		*is_computed = true;
		return parse_brackets(p);
	case CS_T_FIELD:
		cs_diag(p->lex.diags, CS_ERROR, "syntax", place(p, t.from),
		    "a member is named without the dot: {%.*s} or "
		    "{%.*s: ...}",
		    CS_ARG(t.text), CS_ARG(t.text));
		return stop(p);
	case CS_T_NUMBER:
		cs_diag(p->lex.diags, CS_ERROR, "syntax", place(p, t.from),
		    "a member's name is a text: write \"%.*s\"",
		    CS_ARG(t.text));
		return stop(p);
	default:
		return unexpected(p, "a member's name");
	}
}

/* A pipe may stand in a member's value, a comma not. */
static struct cs_expr *
parse_value(struct parser *p)
{
	struct cs_expr *e = NULL;

	if (deeper(p))
		e = parse_right(p, L_PIPE, L_ALT);
	p->depth--;
	return e;
}

/* {k: v, "k", $k, (k): v}; with is_pattern the values are patterns. */
static struct cs_expr *
parse_members(struct parser *p, bool is_pattern)
{
	struct cs_expr *e = node(p, CS_E_OBJECT, p->lex.tok.from), *key, *v;
	bool is_computed, needs;
	size_t cap = 0;

	next(p);
	while (kind(p) != CS_T_CLOSE_BRACE) {
		if ((key = parse_key(p, &is_computed)) == NULL)
			return NULL;
		v = NULL;
		needs = is_computed || (is_pattern && key->op != CS_E_VAR);
		if (kind(p) == CS_T_COLON) {
			next(p);
			v = is_pattern ? parse_pattern(p) : parse_value(p);
			if (v == NULL)
				return NULL;
		} else if (needs)
			return unexpected(p, ":");
		add(p, e, &cap, key);
		add(p, e, &cap, v);
		if (kind(p) != CS_T_COMMA)
			break;
		next(p);
	}
	if (is_pattern && e->n == 0)
		return unexpected(p, "a $name");
	if (!closed(p, CS_T_CLOSE_BRACE, "}", e->from))
		return NULL;
	e->to = p->lex.last.to;
	return finish(p, e);
}

static struct cs_expr *
join(struct parser *p, enum cs_op op, size_t at, struct cs_expr *a,
    struct cs_expr *b)
{
	struct cs_expr *e = node(p, op, a->from);

	e->at = place(p, at);
	e->a = a;
	e->b = b;
	e->to = b->to;
	return finish(p, e);
}

/* [$a, $b]: the shape of the expression, ARRAY over COMMA. */
static struct cs_expr *
parse_array_pattern(struct parser *p)
{
	struct cs_expr *e = node(p, CS_E_ARRAY, p->lex.tok.from), *x;
	size_t at;

	next(p);
	if ((e->a = parse_pattern(p)) == NULL)
		return NULL;
	while (kind(p) == CS_T_COMMA) {
		at = p->lex.tok.from;
		next(p);
		if ((x = parse_pattern(p)) == NULL)
			return NULL;
		if ((e->a = join(p, CS_E_COMMA, at, e->a, x)) == NULL)
			return NULL;
	}
	if (!closed(p, CS_T_CLOSE_SQUARE, "]", e->from))
		return NULL;
	e->to = p->lex.last.to;
	return finish(p, e);
}

static struct cs_expr *
parse_pattern(struct parser *p)
{
	struct cs_token t = p->lex.tok;
	struct cs_expr *e = NULL;

	if (t.kind == CS_T_VAR) {
		next(p);
		return text_node(p, CS_E_VAR, t.from, t.text);
	}
	if (t.kind != CS_T_OPEN_SQUARE && t.kind != CS_T_OPEN_BRACE)
		return unexpected(p, "a $name");
	if (deeper(p))
		e = t.kind == CS_T_OPEN_SQUARE ? parse_array_pattern(p)
					       : parse_members(p, true);
	p->depth--;
	return e;
}

/* a as b | c: reaches as far to the right as it can. */
static struct cs_expr *
parse_as(struct parser *p, struct cs_expr *a)
{
	struct cs_expr *e = node(p, CS_E_AS, a->from);
	size_t q;

	e->at = place(p, p->lex.tok.from);
	next(p);
	e->a = a;
	if ((e->b = parse_pattern(p)) == NULL)
		return NULL;
	q = p->lex.tok.from;
	if (kind(p) == CS_T_QUESTION) {
		next(p);
		if (kind(p) == CS_T_ALT && p->lex.tok.from == q + 1) {
			cs_diag(p->lex.diags, CS_ERROR, "syntax", place(p, q),
			    "?// is not in the rule language: use if");
			return stop(p);
		}
		return unexpected(p, "|");
	}
	if (kind(p) != CS_T_PIPE)
		return unexpected(p, "|");
	next(p);
	if ((e->c = parse_all(p)) == NULL)
		return NULL;
	e->to = e->c->to;
	return finish(p, e);
}

/* --- what stands behind a term ----------------------------------------- */

/* a.name or a["name"]; . as a is NULL. */
static struct cs_expr *
field(struct parser *p, struct cs_expr *a, struct cs_str name)
{
	struct cs_expr *e = text_node(p, CS_E_FIELD, a->from, name);

	if (a->op != CS_E_SELF)
		e->a = a;
	return finish(p, e);
}

static struct cs_expr *
indexed(struct parser *p, struct cs_expr *a, struct cs_expr *key)
{
	struct cs_expr *e;

	if (key->op == CS_E_TEXT)
		return field(p, a, key->text);
	e = node(p, CS_E_INDEX, a->from);
	e->a = a;
	e->b = key;
	return finish(p, e);
}

/* a[], a[b], a[b:c], a[b:], a[:c] */
static struct cs_expr *
parse_index(struct parser *p, struct cs_expr *a)
{
	size_t open = p->lex.tok.from;
	struct cs_expr *e, *b = NULL;

	next(p);
	if (kind(p) == CS_T_CLOSE_SQUARE) {
		next(p);
		e = node(p, CS_E_EACH, a->from);
		e->a = a;
		return finish(p, e);
	}
	if (kind(p) != CS_T_COLON && (b = parse_all(p)) == NULL)
		return NULL;
	if (kind(p) != CS_T_COLON) {
		if (!closed(p, CS_T_CLOSE_SQUARE, "]", open))
			return NULL;
		return indexed(p, a, b);
	}
	next(p);
	e = node(p, CS_E_SLICE, a->from);
	e->a = a;
	e->b = b;
	if ((b == NULL || kind(p) != CS_T_CLOSE_SQUARE) &&
	    (e->c = parse_all(p)) == NULL)
		return NULL;
	if (!closed(p, CS_T_CLOSE_SQUARE, "]", open))
		return NULL;
	e->to = p->lex.last.to;
	return finish(p, e);
}

/* a."name", a."x\(y)"; the dot is taken. */
static struct cs_expr *
parse_named(struct parser *p, struct cs_expr *a)
{
	struct cs_expr *key = NULL;

	if (kind(p) == CS_T_QUOTE)
		key = parse_text(p, p->lex.tok.from, (struct cs_str){0});
	else if (kind(p) == CS_T_FORMAT)
		key = parse_format(p);
	else if (kind(p) == CS_T_NAME || kind(p) == CS_T_KEYWORD) {
		cs_diag(p->lex.diags, CS_ERROR, "syntax",
		    place(p, p->lex.last.from),
		    "a name follows its dot without a blank: .%.*s",
		    CS_ARG(p->lex.tok.text));
		stop(p);
	} else
		unexpected(p, "a name");
	if (key == NULL)
		return NULL;
	if (key->op == CS_E_FORMAT)
		return unexpected(p, "a text");
	return indexed(p, a, key);
}

static struct cs_expr *
parse_behind(struct parser *p, struct cs_expr *e)
{
	struct cs_token t;

	while (e != NULL) {
		t = p->lex.tok;
		/* jq reads `not .x` as (not).x, which never works. */
		if (e->op == CS_E_CALL && cs_str_isi(e->text, "not") &&
		    !e->in_brackets && begins_operand(t.kind))
			return unexpected(p, AN_OPERATOR);
		if (t.kind == CS_T_FIELD) {
			next(p);
			e = field(p, e, t.text);
		} else if (t.kind == CS_T_DOT) {
			next(p);
			/* jq 1.7 has .a.[0] too. */
			e = kind(p) == CS_T_OPEN_SQUARE ? parse_index(p, e)
							: parse_named(p, e);
		} else if (t.kind == CS_T_OPEN_SQUARE)
			e = parse_index(p, e);
		else if (t.kind == CS_T_QUESTION) {
			struct cs_expr *o;

			next(p);
			o = node(p, CS_E_OPTIONAL, e->from);
			o->a = e;
			e = finish(p, o);
		} else
			break;
	}
	if (e != NULL && is_word(p, "as"))
		return parse_as(p, e);
	return e;
}

static struct cs_expr *
parse_first(struct parser *p)
{
	struct cs_token t = p->lex.tok;
	struct cs_expr *e;

	switch (t.kind) {
	case CS_T_FIELD:
		next(p);
		return text_node(p, CS_E_FIELD, t.from, t.text);
	case CS_T_DOT:
		next(p);
		e = node(p, CS_E_SELF, t.from);
		if (kind(p) == CS_T_QUOTE || kind(p) == CS_T_FORMAT)
			return parse_named(p, e);
		return e;
	case CS_T_NUMBER:
		next(p);
		e = text_node(p, CS_E_NUMBER, t.from, t.text);
		e->num = t.num;
		return e;
	case CS_T_VAR:
		next(p);
		return text_node(p, CS_E_VAR, t.from, t.text);
	case CS_T_NAME:
		return parse_call(p);
	case CS_T_QUOTE:
		return parse_text(p, t.from, (struct cs_str){0});
	case CS_T_FORMAT:
		return parse_format(p);
	case CS_T_OPEN:
		return parse_brackets(p);
	case CS_T_OPEN_SQUARE:
		return parse_array(p);
	case CS_T_OPEN_BRACE:
		return parse_members(p, false);
	case CS_T_KEYWORD:
		if (is_word(p, "if"))
			return parse_if(p);
		return unexpected(p, "an operand");
	default:
		return unexpected(p, "an operand");
	}
}

/* A term, or a minus before what binds as strongly as * (jq 1.6). */
static struct cs_expr *
parse_operand(struct parser *p)
{
	size_t from = p->lex.tok.from;
	struct cs_expr *e;

	if (kind(p) != CS_T_SUB)
		return parse_behind(p, parse_first(p));
	if (!deeper(p))
		return NULL;
	next(p);
	e = node(p, CS_E_NEG, from);
	e->a = parse_level(p, L_MUL);
	p->depth--;
	if (e->a == NULL)
		return NULL;
	e->to = e->a->to;
	return finish(p, e);
}

/* --- operators --------------------------------------------------------- */

/* The operator of this level that stands here, or false. */
static bool
operator_at(const struct parser *p, enum level level, enum cs_op *op)
{
	static const struct {
		enum cs_tok tok;
		enum level level;
		enum cs_op op;
	} table[] = {
	    {CS_T_PIPE, L_PIPE, CS_E_PIPE},
	    {CS_T_COMMA, L_COMMA, CS_E_COMMA},
	    {CS_T_ALT, L_ALT, CS_E_ALT},
	    {CS_T_EQ, L_COMPARE, CS_E_EQ},
	    {CS_T_NE, L_COMPARE, CS_E_NE},
	    {CS_T_LT, L_COMPARE, CS_E_LT},
	    {CS_T_LE, L_COMPARE, CS_E_LE},
	    {CS_T_GT, L_COMPARE, CS_E_GT},
	    {CS_T_GE, L_COMPARE, CS_E_GE},
	    {CS_T_ADD, L_ADD, CS_E_ADD},
	    {CS_T_SUB, L_ADD, CS_E_SUB},
	    {CS_T_MUL, L_MUL, CS_E_MUL},
	    {CS_T_DIV, L_MUL, CS_E_DIV},
	    {CS_T_MOD, L_MUL, CS_E_MOD},
	};

	if (kind(p) == CS_T_KEYWORD) {
		*op = level == L_OR ? CS_E_OR : CS_E_AND;
		return (level == L_OR && is_word(p, "or")) ||
		       (level == L_AND && is_word(p, "and"));
	}
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (table[i].tok == kind(p)) {
			*op = table[i].op;
			return table[i].level == level;
		}
	return false;
}

static struct cs_expr *
parse_above(struct parser *p, enum level level)
{
	return level == L_MUL ? parse_operand(p) : parse_level(p, level + 1);
}

/* a | b | c and a // b // c lean to the right: without recursion, so that a
 * chain is not a nesting. */
static struct cs_expr *
parse_right(struct parser *p, enum level level, enum level above)
{
	struct cs_expr *chain = node(p, CS_E_ARRAY, p->lex.tok.from), *e;
	size_t *at = NULL, cap = 0, atcap = 0;
	enum cs_op op = CS_E_PIPE;

	for (;;) {
		if ((e = parse_level(p, above)) == NULL)
			break;
		add(p, chain, &cap, e);
		if (!operator_at(p, level, &op))
			break;
		at = cs_grow(at, chain->n, &atcap, sizeof(*at));
		at[chain->n] = p->lex.tok.from;
		next(p);
	}
	op = level == L_PIPE ? CS_E_PIPE : CS_E_ALT;
	for (size_t i = chain->n; e != NULL && i > 1; i--)
		e = join(p, op, at[i - 1], chain->list[i - 2], e);
	free(at);
	return e;
}

static struct cs_expr *
parse_left(struct parser *p, enum level level)
{
	struct cs_expr *e = parse_above(p, level), *b;
	enum cs_op op, other;
	size_t at;

	while (e != NULL && operator_at(p, level, &op)) {
		at = p->lex.tok.from;
		next(p);
		if ((b = parse_above(p, level)) == NULL)
			return NULL;
		e = join(p, op, at, e, b);
		if (level == L_COMPARE && e != NULL &&
		    operator_at(p, level, &other)) {
			cs_diag(p->lex.diags, CS_ERROR, "syntax",
			    place(p, p->lex.tok.from),
			    "comparisons do not chain: write "
			    "1 <= .x and .x < 5, or brackets");
			return stop(p);
		}
	}
	return e;
}

static struct cs_expr *
parse_level(struct parser *p, enum level level)
{
	if (level == L_PIPE || level == L_ALT)
		return parse_right(p, level, level + 1);
	return parse_left(p, level);
}

static struct cs_expr *
parse_all(struct parser *p)
{
	struct cs_expr *e = NULL;

	if (deeper(p))
		e = parse_level(p, L_PIPE);
	p->depth--;
	return e;
}

/* --- the whole --------------------------------------------------------- */

static void
number_nodes(struct cs_expr *e, unsigned *id)
{
	if (e == NULL)
		return;
	e->id = (*id)++;
	number_nodes(e->a, id);
	number_nodes(e->b, id);
	number_nodes(e->c, id);
	for (size_t i = 0; i < e->n; i++)
		number_nodes(e->list[i], id);
}

static bool
is_readable(const struct cs_pair *source, struct cs_diags *diags)
{
	size_t bad = cs_utf8_valid(source->value);
	const char *nul = cs_str_chr(source->value, '\0');

	if (source->value.n > CS_MAX_RULE) {
		cs_diag(diags, CS_ERROR, "syntax", cs_pair_place(source, 0),
		    "the expression has %zu bytes, at most %zu are allowed",
		    source->value.n, CS_MAX_RULE);
		return false;
	}
	if (bad < source->value.n) {
		cs_diag(diags, CS_ERROR, "syntax", cs_pair_place(source, bad),
		    "the expression is not UTF-8 here (byte 0x%02x)",
		    (unsigned)(unsigned char)source->value.p[bad]);
		return false;
	}
	if (nul != NULL) {
		bad = (size_t)(nul - source->value.p);
		cs_diag(diags, CS_ERROR, "syntax", cs_pair_place(source, bad),
		    "a NUL byte in the expression");
		return false;
	}
	return true;
}

struct cs_expr *
cs_expr_parse(const struct cs_pair *source, enum cs_role role,
    struct cs_arena *arena, struct cs_diags *diags)
{
	struct parser p = {
	    .lex = {.pair = source, .s = source->value, .diags = diags},
	    .arena = arena};
	struct cs_expr *e;
	unsigned id = 0;

	if (!is_readable(source, diags))
		return NULL;
	next(&p);
	if (kind(&p) == CS_T_END) {
		cs_diag(diags, CS_ERROR, "syntax", cs_pair_place(source, 0),
		    "the expression is empty");
		return NULL;
	}
	e = parse_all(&p);
	if (e == NULL)
		return NULL;
	if (kind(&p) != CS_T_END)
		return unexpected(&p, AN_OPERATOR);
	number_nodes(e, &id);
	return cs_expr_check(e, source, role, diags) ? e : NULL;
}

struct cs_pair
cs_expr_pair(struct cs_str text, const char *file, struct cs_arena *arena)
{
	struct cs_pair pair = {.value = cs_keep(arena, text), .lines = 1};

	pair.key_at = (struct cs_place){file, 1, 1};
	for (size_t i = 0; i < text.n; i++)
		pair.lines += text.p[i] == '\n';
	pair.value_at =
	    cs_arena_array(arena, pair.lines, sizeof(*pair.value_at));
	for (size_t i = 0; i < pair.lines; i++)
		pair.value_at[i] = (struct cs_place){file, i + 1, 1};
	return pair;
}
