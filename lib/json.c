#include <string.h>

#include "json.h"
#include "text.h"

/* One pass over a text; the first fault ends it. */
struct scan {
	struct cs_str s;
	size_t i; /* next byte */
	size_t at;
	const char *why; /* set by the first fault */
};

static bool
fault(struct scan *p, size_t at, const char *why)
{
	p->at = at;
	p->why = why;
	return false;
}

static bool
is_ws(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void
skip_ws(struct scan *p)
{
	while (p->i < p->s.n && is_ws(p->s.p[p->i]))
		p->i++;
}

/* The next byte, or NUL at the end (a NUL in the text is a fault anyway). */
static char
look(const struct scan *p)
{
	return p->i < p->s.n ? p->s.p[p->i] : '\0';
}

static bool
word(struct scan *p, const char *w)
{
	size_t n = strlen(w);

	if (p->s.n - p->i < n || memcmp(p->s.p + p->i, w, n) != 0)
		return fault(p, p->i, "a value is expected");
	p->i += n;
	return true;
}

static bool
digits(struct scan *p, const char *why)
{
	if (!is_digit(look(p)))
		return fault(p, p->i, why);
	while (is_digit(look(p)))
		p->i++;
	return true;
}

static bool
number(struct scan *p)
{
	if (look(p) == '-')
		p->i++;
	if (look(p) == '0') {
		p->i++;
		if (is_digit(look(p)))
			return fault(
			    p, p->i - 1, "a number has a leading zero");
	} else if (!digits(p, "a digit is expected after -"))
		return false;
	if (look(p) == '.') {
		p->i++;
		if (!digits(p, "a digit is expected after the point"))
			return false;
	}
	if (look(p) == 'e' || look(p) == 'E') {
		p->i++;
		if (look(p) == '+' || look(p) == '-')
			p->i++;
		if (!digits(p, "a digit is expected in the exponent"))
			return false;
	}
	return true;
}

static int
hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The four hex digits at p, or -1. */
static int
hex4(const char *p, size_t n)
{
	int v = 0;

	if (n < 4)
		return -1;
	for (size_t i = 0; i < 4; i++) {
		int d = hex_digit(p[i]);

		if (d < 0)
			return -1;
		v = v << 4 | d;
	}
	return v;
}

/* The bytes of the escape at p (which begins with a backslash); 0 when it is
 * none. *cp is what it stands for. */
static size_t
escape(const char *p, size_t n, uint32_t *cp, const char **why)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at;
	int v, low;

	*why = "an unknown escape";
	if (n < 2)
		return 0;
	at = memchr(from, p[1], sizeof(from) - 1);
	if (at != NULL) {
		*cp = (unsigned char)to[at - from];
		return 2;
	}
	if (p[1] != 'u')
		return 0;
	*why = "four hex digits are expected after \\u";
	v = hex4(p + 2, n - 2);
	if (v < 0)
		return 0;
	*cp = (uint32_t)v;
	if (v < 0xd800 || v > 0xdfff)
		return 6;
	*why = "half of a surrogate pair";
	if (v > 0xdbff || n < 12 || p[6] != '\\' || p[7] != 'u')
		return 0;
	low = hex4(p + 8, n - 8);
	if (low < 0xdc00 || low > 0xdfff)
		return 0;
	*cp =
	    0x10000 + (((uint32_t)v - 0xd800) << 10) + ((uint32_t)low - 0xdc00);
	return 12;
}

static bool
string(struct scan *p)
{
	size_t begin = p->i++, bad;
	struct cs_str body;

	for (;;) {
		unsigned char c;
		uint32_t cp;
		const char *why;
		size_t n;

		if (p->i >= p->s.n)
			return fault(p, begin, "a text is never closed");
		c = (unsigned char)p->s.p[p->i];
		if (c == '"')
			break;
		if (c < 0x20)
			return fault(p, p->i,
			    c == '\n' || c == '\r'
				? "a line end in a text, which is written \\n"
				: "a control byte in a text");
		if (c != '\\') {
			p->i++;
			continue;
		}
		n = escape(p->s.p + p->i, p->s.n - p->i, &cp, &why);
		if (n == 0)
			return fault(p, p->i, why);
		p->i += n;
	}
	body = (struct cs_str){p->s.p + begin + 1, p->i - begin - 1};
	bad = cs_utf8_valid(body);
	if (bad < body.n)
		return fault(p, begin + 1 + bad, "bytes that are not UTF-8");
	p->i++;
	return true;
}

static bool value(struct scan *p, size_t depth);

static bool
member(struct scan *p, size_t depth)
{
	skip_ws(p);
	if (look(p) != '"')
		return fault(p, p->i, "a key in quotes is expected");
	if (!string(p))
		return false;
	skip_ws(p);
	if (look(p) != ':')
		return fault(p, p->i, "a colon is expected");
	p->i++;
	return value(p, depth);
}

static bool
container(struct scan *p, size_t depth)
{
	bool is_object = look(p) == '{';
	char close = is_object ? '}' : ']';

	if (depth >= CS_MAX_JSON_DEPTH)
		return fault(p, p->i, "nested deeper than 256");
	p->i++;
	skip_ws(p);
	if (look(p) == close) {
		p->i++;
		return true;
	}
	for (;;) {
		if (!(is_object ? member(p, depth + 1) : value(p, depth + 1)))
			return false;
		skip_ws(p);
		if (look(p) == close)
			break;
		if (look(p) != ',')
			return fault(p, p->i,
			    is_object ? "a comma or } is expected"
				      : "a comma or ] is expected");
		p->i++;
	}
	p->i++;
	return true;
}

static bool
value(struct scan *p, size_t depth)
{
	skip_ws(p);
	switch (look(p)) {
	case '{':
	case '[':
		return container(p, depth);
	case '"':
		return string(p);
	case 't':
		return word(p, "true");
	case 'f':
		return word(p, "false");
	case 'n':
		return word(p, "null");
	default:
		if (look(p) == '-' || is_digit(look(p)))
			return number(p);
		return fault(p, p->i, "a value is expected");
	}
}

static void
tell(const struct scan *p, size_t *at, const char **why)
{
	if (at != NULL)
		*at = p->at;
	if (why != NULL)
		*why = p->why;
}

bool
cs_json_check(struct cs_str s, size_t *at, const char **why)
{
	struct scan p = {.s = s};
	bool good = value(&p, 0);

	if (good) {
		skip_ws(&p);
		if (p.i < s.n)
			good = fault(&p, p.i, "text behind the value");
	}
	if (!good)
		tell(&p, at, why);
	return good;
}

bool
cs_json_first(struct cs_str s, size_t *end, size_t *at, const char **why)
{
	struct scan p = {.s = s};
	bool good = value(&p, 0);

	/* "12abc", "truefalse": a word or number must end here. */
	if (good && p.i < s.n && p.s.p[p.i - 1] != '}' &&
	    p.s.p[p.i - 1] != ']' && p.s.p[p.i - 1] != '"' &&
	    !is_ws(look(&p)) && memchr(",:]}[{\"", look(&p), 7) == NULL)
		good = fault(&p, p.i, "text behind the value");
	if (!good)
		tell(&p, at, why);
	else
		*end = p.i;
	return good;
}

enum cs_json_kind
cs_json_kind(struct cs_str v)
{
	size_t i = 0;

	while (i < v.n && is_ws(v.p[i]))
		i++;
	switch (i < v.n ? v.p[i] : '\0') {
	case '{':
		return CS_JSON_OBJECT;
	case '[':
		return CS_JSON_ARRAY;
	case '"':
		return CS_JSON_STRING;
	case 't':
		return CS_JSON_TRUE;
	case 'f':
		return CS_JSON_FALSE;
	case 'n':
		return CS_JSON_NULL;
	default:
		return CS_JSON_NUMBER;
	}
}

/* Behind the string that begins at i, of checked text. */
static size_t
pass_string(struct cs_str s, size_t i)
{
	for (i++; i < s.n && s.p[i] != '"'; i++)
		if (s.p[i] == '\\')
			i++;
	return i < s.n ? i + 1 : s.n;
}

/* Behind the value that begins at i, of checked text. */
static size_t
pass_value(struct cs_str s, size_t i)
{
	size_t depth = 0;

	if (s.p[i] == '"')
		return pass_string(s, i);
	if (s.p[i] != '{' && s.p[i] != '[') {
		while (i < s.n && !is_ws(s.p[i]) && s.p[i] != ',' &&
		       s.p[i] != ']' && s.p[i] != '}')
			i++;
		return i;
	}
	while (i < s.n) {
		char c = s.p[i];

		if (c == '"') {
			i = pass_string(s, i);
			continue;
		}
		i++;
		if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']') && --depth == 0)
			break;
	}
	return i;
}

bool
cs_json_next(
    struct cs_str whole, size_t *pos, struct cs_str *key, struct cs_str *val)
{
	struct scan p = {.s = whole, .i = 0};
	bool is_object;
	size_t begin;

	*key = (struct cs_str){0};
	skip_ws(&p);
	is_object = look(&p) == '{';
	if (*pos > 0) {
		p.i = *pos;
		skip_ws(&p);
	}
	if (*pos == 0)
		p.i++; /* the bracket */
	else if (look(&p) == ',')
		p.i++;
	skip_ws(&p);
	if (p.i >= whole.n || look(&p) == '}' || look(&p) == ']')
		return false;
	if (is_object) {
		begin = p.i;
		p.i = pass_string(whole, p.i);
		*key = (struct cs_str){whole.p + begin, p.i - begin};
		skip_ws(&p);
		p.i++; /* the colon */
		skip_ws(&p);
	}
	begin = p.i;
	p.i = pass_value(whole, p.i);
	*val = (struct cs_str){whole.p + begin, p.i - begin};
	*pos = p.i;
	return true;
}

struct cs_str
cs_json_text(struct cs_arena *a, struct cs_str s)
{
	struct cs_str body = {s.p + 1, s.n - 2};
	char *out;
	struct cs_buf b = {0};

	if (cs_str_chr(body, '\\') == NULL)
		return body;
	for (size_t i = 0; i < body.n;) {
		const char *at, *why;
		uint32_t cp = 0;
		size_t n;

		if (body.p[i] == '\\') {
			n = escape(body.p + i, body.n - i, &cp, &why);
			cs_utf8_put(&b, cp);
			i += n > 0 ? n : 1;
			continue;
		}
		at = memchr(body.p + i, '\\', body.n - i);
		n = at ? (size_t)(at - (body.p + i)) : body.n - i;
		cs_buf_add(&b, body.p + i, n);
		i += n;
	}
	out = cs_keepz(a, cs_buf_get(&b));
	body = (struct cs_str){out, b.n};
	cs_buf_free(&b);
	return body;
}
