#include <string.h>

#include "expr_int.h"
#include "expr_lex.h"
#include "num.h"
#include "text.h"

/* What cannot stand in a word: longest first where one begins another. */
static const struct {
	const char *wrong, *right;
} spellings[] = {
    {"===", "=="},
    {"!==", "!="},
    {"&&", "and"},
    {"||", "or"},
    {"<>", "!="},
    {"=<", "<="},
    {"=>", ">="},
    {"=~", "test(\"pattern\"), as in .x | test(\"^a\")"},
    {"!~", "test(\"pattern\"), as in (.x | test(\"^a\") | not)"},
    {"**", "* (there are no powers)"},
    {"^", "* (there are no powers)"},
    {"&", "and"},
    {"~", "test(\"pattern\"), as in .x | test(\"^a\")"},
};

static const char *const assignments[] = {
    "|=", "+=", "-=", "*=", "/=", "%=", "//=", ":=", "="};

static const struct {
	const char *text;
	enum cs_tok kind;
} operators[] = {
    {"//", CS_T_ALT},
    {"==", CS_T_EQ},
    {"!=", CS_T_NE},
    {"<=", CS_T_LE},
    {">=", CS_T_GE},
    {"<", CS_T_LT},
    {">", CS_T_GT},
    {"|", CS_T_PIPE},
    {",", CS_T_COMMA},
    {";", CS_T_SEMICOLON},
    {":", CS_T_COLON},
    {"+", CS_T_ADD},
    {"-", CS_T_SUB},
    {"*", CS_T_MUL},
    {"/", CS_T_DIV},
    {"%", CS_T_MOD},
    {"?", CS_T_QUESTION},
    {"(", CS_T_OPEN},
    {")", CS_T_CLOSE},
    {"[", CS_T_OPEN_SQUARE},
    {"]", CS_T_CLOSE_SQUARE},
    {"{", CS_T_OPEN_BRACE},
    {"}", CS_T_CLOSE_BRACE},
    {"\"", CS_T_QUOTE},
};

static const char *const keywords[] = {"and", "or", "if", "then", "elif",
    "else", "end", "as", "def", "reduce", "foreach", "try", "catch", "label",
    "import", "include", "__loc__"};

/* Signs that are no letters, and what was meant. */
static const struct {
	uint32_t cp;
	const char *right;
} signs[] = {
    {0x2265, ">="}, /* greater or equal */
    {0x2264, "<="},
    {0x2260, "!="},
    {0x2267, ">="}, /* the forms Japanese keyboards give */
    {0x2266, "<="},
    {0x00d7, "*"},
    {0x00f7, "/"},
    {0x2212, "-"}, /* minus, dashes */
    {0x2010, "-"},
    {0x2011, "-"},
    {0x2012, "-"},
    {0x2013, "-"},
    {0x2014, "-"},
    {0x2015, "-"},
    {0x2227, "and"},
    {0x2228, "or"},
    {0x00ac, "(.x | not)"},
    {0x3001, ","}, /* ideographic comma, full stop */
    {0x3002, "."},
    {0x2026, "the whole path"},
};

struct cs_place
cs_lex_place(struct cs_lex *lex, size_t offset)
{
	const struct cs_pair *p = lex->pair;
	struct cs_place at;

	if (p->whole != NULL || p->form != CS_PAIR_LINES || p->lines == 0 ||
	    offset > p->value.n)
		return cs_pair_place(p, offset);
	if (offset < lex->line_from)
		lex->line = lex->line_from = lex->scanned = 0;
	for (; lex->scanned < offset; lex->scanned++)
		if (p->value.p[lex->scanned] == '\n' &&
		    lex->line + 1 < p->lines) {
			lex->line++;
			lex->line_from = lex->scanned + 1;
		}
	at = p->value_at[lex->line];
	at.col += offset - lex->line_from;
	return at;
}

void *
cs_lex_stop(struct cs_lex *lex)
{
	lex->failed = true;
	lex->tok.kind = CS_T_BAD;
	return NULL;
}

struct cs_str
cs_lex_text(const struct cs_lex *lex, const struct cs_token *t)
{
	return (struct cs_str){lex->s.p + t->from, t->to - t->from};
}

bool
cs_lex_is(const struct cs_token *t, const char *word)
{
	return (t->kind == CS_T_NAME || t->kind == CS_T_KEYWORD) &&
	       cs_str_is(t->text, word);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* A sign that is no ASCII but cannot be a letter of a name: blanks, quotes,
 * brackets, dashes, mathematics, full-width punctuation. The middle dot and the
 * long-vowel mark of Japanese are letters here. */
static bool
is_sign(uint32_t cp)
{
	return (cp >= 0x80 && cp < 0xa1) || cp == 0xab || cp == 0xac ||
	       cp == 0xbb || cp == 0xd7 || cp == 0xf7 ||
	       (cp >= 0x2000 && cp < 0x2070) || (cp >= 0x2190 && cp < 0x2300) ||
	       (cp >= 0x3000 && cp < 0x3004) || (cp >= 0x3008 && cp < 0x3012) ||
	       (cp >= 0x3014 && cp < 0x3020) || (cp >= 0xff01 && cp < 0xff10) ||
	       (cp >= 0xff1a && cp < 0xff21) ||
	       (cp >= 0xff3b && cp < 0xff41 && cp != 0xff3f) ||
	       (cp >= 0xff5b && cp < 0xff65) || cp == 0xfeff || cp == 0x061c ||
	       (cp >= 0xfff0 && cp < 0x10000);
}

/* Bytes of the name that begins at `at`, 0 if none does. */
static size_t
name_length(struct cs_str s, size_t at)
{
	size_t i = at, n;

	while (i < s.n)
		if (is_letter(s.p[i]) || (i > at && is_digit(s.p[i])))
			i++;
		else if ((s.p[i] & 0x80) == 0)
			break;
		else if (is_sign(cs_utf8_next(
			     (struct cs_str){s.p + i, s.n - i}, &n)))
			break;
		else
			i += n;
	return i - at;
}

bool
cs_expr_is_bare(struct cs_str name)
{
	return name.n > 0 && cs_utf8_valid(name) == name.n &&
	       name_length(name, 0) == name.n;
}

struct cs_str
cs_lex_path(const struct cs_lex *lex, size_t at)
{
	struct cs_str s = lex->s;
	size_t i, n;

	while (at < s.n && is_blank(s.p[at]))
		at++;
	i = at;
	while (i < s.n && s.p[i] == '.' && (n = name_length(s, i + 1)) > 0)
		i += n + 1;
	return i > at ? (struct cs_str){s.p + at, i - at} : CS_S(".x");
}

static bool
is_here(const struct cs_lex *lex, const char *z)
{
	size_t n = strlen(z);

	return lex->s.n - lex->at >= n && memcmp(lex->s.p + lex->at, z, n) == 0;
}

static void
skip_blanks(struct cs_lex *lex)
{
	struct cs_str s = lex->s;

	for (; lex->at < s.n; lex->at++)
		if (s.p[lex->at] == '#')
			while (lex->at + 1 < s.n && s.p[lex->at + 1] != '\n')
				lex->at++;
		else if (!is_blank(s.p[lex->at]))
			break;
}

/* What stands between the quote at lex->at (n bytes) and the closing one, for a
 * message; the rest of the line if there is none. */
static struct cs_str
quoted(const struct cs_lex *lex, size_t n, const char *closing)
{
	size_t from = lex->at + n, z = strlen(closing), i;
	struct cs_str s = lex->s;

	for (i = from; i < s.n && s.p[i] != '\n' && i - from < 60; i++)
		if (s.n - i >= z && memcmp(s.p + i, closing, z) == 0)
			break;
	while (i > from && i < s.n && (s.p[i] & 0xc0) == 0x80)
		i--;
	return (struct cs_str){s.p + from, i - from};
}

/* The name that a full-width sign right behind a bare name seems to belong to:
 * .sales(yen) in full-width brackets. */
static struct cs_str
wide_name(const struct cs_lex *lex)
{
	size_t i = lex->last.from + 1, n;
	struct cs_str s = lex->s;

	while (i < s.n &&
	       ((s.p[i] & 0x80) || is_letter(s.p[i]) || is_digit(s.p[i]))) {
		n = 1;
		if ((s.p[i] & 0x80) &&
		    cs_utf8_next((struct cs_str){s.p + i, s.n - i}, &n) ==
			0x3000)
			break;
		i += n;
	}
	return (struct cs_str){
	    s.p + lex->last.from + 1, i - lex->last.from - 1};
}

static void
wrong_wide(struct cs_lex *lex, struct cs_str sign, char ascii)
{
	struct cs_place at = cs_lex_place(lex, lex->at);

	if (ascii == '"') {
		struct cs_str in = quoted(lex, sign.n,
		    sign.p[2] == '\x82' ? "\xef\xbc\x82" : "\xef\xbc\x87");

		cs_diag(lex->diags, CS_ERROR, "syntax", at,
		    "full-width %.*s: text stands in plain double quotes: "
		    "\"%.*s\"",
		    CS_ARG(sign), CS_ARG(in));
	} else if (lex->last.kind == CS_T_FIELD && lex->last.to == lex->at) {
		struct cs_str name = wide_name(lex);

		cs_diag(lex->diags, CS_ERROR, "syntax", at,
		    "full-width %.*s: write %c, or .[\"%.*s\"] if it belongs "
		    "to the name",
		    CS_ARG(sign), ascii, CS_ARG(name));
	} else
		cs_diag(lex->diags, CS_ERROR, "syntax", at,
		    "full-width %.*s: write %c%s", CS_ARG(sign), ascii,
		    ascii == '=' ? "=" : "");
	cs_lex_stop(lex);
}

static bool
is_opening_quote(uint32_t cp, const char **closing)
{
	static const struct {
		uint32_t cp;
		const char *closing;
	} quotes[] = {
	    {0x201c, "\xe2\x80\x9d"},
	    {0x201d, "\xe2\x80\x9d"},
	    {0x201e, "\xe2\x80\x9c"},
	    {0x2018, "\xe2\x80\x99"},
	    {0x2019, "\xe2\x80\x99"},
	    {0x00ab, "\xc2\xbb"},
	    {0x300c, "\xe3\x80\x8d"},
	    {0x300e, "\xe3\x80\x8f"},
	};

	for (size_t i = 0; i < sizeof(quotes) / sizeof(*quotes); i++)
		if (quotes[i].cp == cp) {
			*closing = quotes[i].closing;
			return true;
		}
	return false;
}

/* A sign that is not ASCII. */
static void
wrong_sign(struct cs_lex *lex)
{
	struct cs_str rest = {lex->s.p + lex->at, lex->s.n - lex->at}, sign;
	struct cs_place at = cs_lex_place(lex, lex->at);
	const char *closing;
	uint32_t cp;
	size_t n;

	cp = cs_utf8_next(rest, &n);
	sign = (struct cs_str){rest.p, n};
	if (cp >= 0xff01 && cp <= 0xff5e) {
		char c = (char)(cp - 0xfee0);

		wrong_wide(lex, sign, c == '\'' ? '"' : c);
		return;
	}
	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++)
		if (signs[i].cp == cp) {
			cs_diag(lex->diags, CS_ERROR, "syntax", at,
			    "%.*s is not in the rule language: write %s",
			    CS_ARG(sign), signs[i].right);
			cs_lex_stop(lex);
			return;
		}
	if (is_opening_quote(cp, &closing)) {
		struct cs_str in = quoted(lex, n, closing);

		cs_diag(lex->diags, CS_ERROR, "syntax", at,
		    "text stands in plain double quotes: \"%.*s\"", CS_ARG(in));
	} else if (cp == 0x3000)
		cs_diag(lex->diags, CS_ERROR, "syntax", at,
		    "a full-width blank: write a plain one");
	else if (cp == 0xa0 || (cp >= 0x2000 && cp < 0x200b) || cp == 0x202f ||
		 cp == 0x205f)
		cs_diag(lex->diags, CS_ERROR, "syntax", at,
		    "a special blank (U+%04X): write a plain one",
		    (unsigned)cp);
	else if (cp < 0xa0 || (cp >= 0x200b && cp < 0x2010) ||
		 (cp >= 0x2028 && cp < 0x2030) ||
		 (cp >= 0x2060 && cp < 0x2070) || cp == 0xfeff || cp == 0x061c)
		cs_diag(lex->diags, CS_ERROR, "syntax", at,
		    "an invisible character (U+%04X): remove it", (unsigned)cp);
	else
		cs_diag(lex->diags, CS_ERROR, "syntax", at,
		    "%.*s cannot stand here; a name with signs in it is "
		    "written .[\"...\"]",
		    CS_ARG(sign));
	cs_lex_stop(lex);
}

/* Is one of the wrong spellings here? */
static bool
wrong_spelling(struct cs_lex *lex)
{
	struct cs_place at = cs_lex_place(lex, lex->at);

	for (size_t i = 0; i < sizeof(spellings) / sizeof(*spellings); i++)
		if (is_here(lex, spellings[i].wrong)) {
			cs_diag(lex->diags, CS_ERROR, "syntax", at,
			    "%s is not in the rule language: write %s",
			    spellings[i].wrong, spellings[i].right);
			cs_lex_stop(lex);
			return true;
		}
	if (is_here(lex, "=="))
		return false;
	for (size_t i = 0; i < sizeof(assignments) / sizeof(*assignments); i++)
		if (is_here(lex, assignments[i])) {
			cs_diag(lex->diags, CS_ERROR, "syntax", at,
			    "%s is an assignment, which rules do not have (did "
			    "you mean ==?)",
			    assignments[i]);
			cs_lex_stop(lex);
			return true;
		}
	return false;
}

static void
wrong_byte(struct cs_lex *lex)
{
	struct cs_place at = cs_lex_place(lex, lex->at);
	char c = lex->s.p[lex->at];

	if (c == '!') {
		struct cs_str path = cs_lex_path(lex, lex->at + 1);

		cs_diag(lex->diags, CS_ERROR, "syntax", at,
		    "! is not in the rule language: write (%.*s | not)",
		    CS_ARG(path));
	} else if (c == '\'' || c == '`') {
		char closing[2] = {c, '\0'};
		struct cs_str in = quoted(lex, 1, closing);

		cs_diag(lex->diags, CS_ERROR, "syntax", at,
		    "text stands in double quotes: \"%.*s\"", CS_ARG(in));
	} else if ((unsigned char)c < 0x20 || c == 0x7f)
		cs_diag(lex->diags, CS_ERROR, "syntax", at,
		    "a control character (0x%02x) in the expression",
		    (unsigned)(unsigned char)c);
	else
		cs_diag(lex->diags, CS_ERROR, "syntax", at,
		    "%c is not in the rule language", c);
	cs_lex_stop(lex);
}

bool
cs_expr_is_keyword(struct cs_str name)
{
	for (size_t i = 0; i < sizeof(keywords) / sizeof(*keywords); i++)
		if (cs_str_is(name, keywords[i]))
			return true;
	return false;
}

static size_t
digits(struct cs_str s, size_t at)
{
	size_t i = at;

	while (i < s.n && is_digit(s.p[i]))
		i++;
	return i - at;
}

/* The value of a number of jq's grammar (01000, .5, 1.), brought to JSON's. */
static double
number(struct cs_str s)
{
	struct cs_buf b = {0};
	double v = 0;
	size_t i = 0;

	while (i + 1 < s.n && s.p[i] == '0' && is_digit(s.p[i + 1]))
		i++;
	if (s.p[i] == '.')
		cs_buf_putc(&b, '0');
	for (; i < s.n; i++) {
		cs_buf_putc(&b, s.p[i]);
		if (s.p[i] == '.' && (i + 1 == s.n || !is_digit(s.p[i + 1])))
			cs_buf_putc(&b, '0');
	}
	cs_num_parse(cs_buf_get(&b), &v);
	cs_buf_free(&b);
	return v;
}

static void
lex_number(struct cs_lex *lex)
{
	struct cs_str s = lex->s, word;
	size_t i = lex->at, e, n;

	i += digits(s, i);
	if (i < s.n && s.p[i] == '.')
		i += 1 + digits(s, i + 1);
	if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
		e = i + 1;
		e += e < s.n && (s.p[e] == '+' || s.p[e] == '-');
		if (digits(s, e) > 0)
			i = e + digits(s, e);
	}
	n = name_length(s, i);
	word = (struct cs_str){s.p + i, n};
	if (n > 0 && !cs_expr_is_keyword(word)) {
		cs_diag(lex->diags, CS_ERROR, "syntax",
		    cs_lex_place(lex, lex->at),
		    "%.*s is neither a number nor a name",
		    CS_ARG(((struct cs_str){s.p + lex->at, i + n - lex->at})));
		cs_lex_stop(lex);
		return;
	}
	lex->tok.kind = CS_T_NUMBER;
	lex->tok.text = (struct cs_str){s.p + lex->at, i - lex->at};
	lex->tok.num = number(lex->tok.text);
	lex->at = i;
}

/* A name behind the sign at lex->at: .name, $name, @name; 0 if none. */
static size_t
lex_behind(struct cs_lex *lex, enum cs_tok kind, size_t blanks)
{
	size_t n = name_length(lex->s, lex->at + 1 + blanks);

	if (n == 0)
		return 0;
	lex->tok.kind = kind;
	lex->tok.text = (struct cs_str){lex->s.p + lex->at + 1 + blanks, n};
	lex->at += 1 + blanks + n;
	return n;
}

static void
lex_dot(struct cs_lex *lex)
{
	if (lex_behind(lex, CS_T_FIELD, 0) > 0)
		return;
	if (is_here(lex, "..")) {
		cs_diag(lex->diags, CS_ERROR, "syntax",
		    cs_lex_place(lex, lex->at),
		    ".. is not in the rule language: name the path, as in "
		    ".a.b");
		cs_lex_stop(lex);
		return;
	}
	lex->tok.kind = CS_T_DOT;
	lex->at++;
}

static void
lex_var(struct cs_lex *lex)
{
	size_t blanks = 0;

	while (lex->at + 1 + blanks < lex->s.n &&
	       is_blank(lex->s.p[lex->at + 1 + blanks]))
		blanks++;
	if (lex_behind(lex, CS_T_VAR, blanks) == 0) {
		cs_diag(lex->diags, CS_ERROR, "syntax",
		    cs_lex_place(lex, lex->at), "a name is missing behind $");
		cs_lex_stop(lex);
	} else if (cs_str_is(lex->tok.text, "__loc__")) {
		cs_diag(lex->diags, CS_ERROR, "syntax",
		    cs_lex_place(lex, lex->tok.from),
		    "$__loc__ is not in the rule language");
		cs_lex_stop(lex);
	} else if (cs_str_is(lex->tok.text, "ENV")) {
		cs_diag(lex->diags, CS_ERROR, "syntax",
		    cs_lex_place(lex, lex->tok.from),
		    "$ENV is not in the rule language: give values with "
		    "--arg=NAME=VALUE");
		cs_lex_stop(lex);
	} else if (cs_expr_is_keyword(lex->tok.text)) {
		cs_diag(lex->diags, CS_ERROR, "syntax",
		    cs_lex_place(lex, lex->tok.from),
		    "$%.*s: a word of the language cannot name a value",
		    CS_ARG(lex->tok.text));
		cs_lex_stop(lex);
	}
}

static void
lex_word(struct cs_lex *lex, size_t n)
{
	struct cs_str word = {lex->s.p + lex->at, n};

	/* U+FF10 .. U+FF19: nobody means a function named so. */
	if (n >= 3 && memcmp(word.p, "\xef\xbc", 2) == 0 &&
	    (unsigned char)word.p[2] >= 0x90 &&
	    (unsigned char)word.p[2] <= 0x99) {
		wrong_wide(lex, (struct cs_str){word.p, 3},
		    (char)('0' + (word.p[2] & 0xf)));
		return;
	}
	lex->tok.text = word;
	lex->tok.kind = cs_expr_is_keyword(word) ? CS_T_KEYWORD : CS_T_NAME;
	lex->at += n;
}

static void
lex_operator(struct cs_lex *lex)
{
	if (wrong_spelling(lex))
		return;
	for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++)
		if (is_here(lex, operators[i].text)) {
			lex->tok.kind = operators[i].kind;
			lex->at += strlen(operators[i].text);
			return;
		}
	wrong_byte(lex);
}

static void
lex_format(struct cs_lex *lex)
{
	if (lex_behind(lex, CS_T_FORMAT, 0) > 0) {
		lex->tok.text.p--;
		lex->tok.text.n++;
		return;
	}
	cs_diag(lex->diags, CS_ERROR, "syntax", cs_lex_place(lex, lex->at),
	    "a format is missing behind @, as in @json");
	cs_lex_stop(lex);
}

void
cs_lex_next(struct cs_lex *lex)
{
	struct cs_str s = lex->s;
	size_t n;
	char c;

	if (lex->failed)
		return;
	lex->last = lex->tok;
	skip_blanks(lex);
	lex->tok = (struct cs_token){.kind = CS_T_END, .from = lex->at};
	if (lex->at < s.n) {
		c = s.p[lex->at];
		if ((n = name_length(s, lex->at)) > 0)
			lex_word(lex, n);
		else if (c & 0x80)
			wrong_sign(lex);
		else if (is_digit(c) || (c == '.' && lex->at + 1 < s.n &&
					    is_digit(s.p[lex->at + 1])))
			lex_number(lex);
		else if (c == '.')
			lex_dot(lex);
		else if (c == '$')
			lex_var(lex);
		else if (c == '@')
			lex_format(lex);
		else
			lex_operator(lex);
	}
	lex->tok.to = lex->at;
}
