#include <string.h>

#include "json_cut.h"

/* Brackets that are followed; what is nested deeper is refused anyway. */
enum { DEEPEST = 64 << 10 };

static bool
is_white(char b)
{
	return b == ' ' || b == '\t' || b == '\n' || b == '\r';
}

static void
pass_line_end(struct cs_json_cut *c)
{
	if (c->state == CS_CUT_OBJECT && c->lines + 1 == c->line)
		c->is_block = c->open.n == 1 && c->last == '{';
	c->lines++;
	c->is_on_line = false;
	c->blanks = 0;
}

static void
push(struct cs_json_cut *c, char b)
{
	if (c->open.n < DEEPEST)
		cs_buf_putc(&c->open, b);
}

/* Closes the nearest bracket of its kind; false: there is none. */
static bool
pop(struct cs_json_cut *c, char b)
{
	char opens = b == '}' ? '{' : '[';

	for (size_t i = c->open.n; i-- > 0;)
		if (c->open.p[i] == opens) {
			c->open.n = i;
			return true;
		}
	return false;
}

static void
begin(struct cs_json_cut *c, char b)
{
	c->line = c->lines + 1;
	c->indent = c->blanks;
	c->is_on_line = true;
	c->is_block = c->is_in_text = c->is_escaped = false;
	c->last = b;
	cs_buf_reset(&c->open);
	if (b == '{') {
		c->state = CS_CUT_OBJECT;
		push(c, b);
	} else
		c->state = c->is_array ? CS_CUT_ITEM : CS_CUT_LINE;
}

/* A sign that stands where a value should. */
static void
begin_sign(struct cs_json_cut *c, const char *why)
{
	c->line = c->lines + 1;
	c->state = CS_CUT_SIGN;
	c->why = why;
}

/* Outside of an array, does this [ begin one? It does with an object, nothing
 * or the end of the line behind it; else it is no record like another. */
static bool
is_array(struct cs_str s, size_t i)
{
	for (i++; i < s.n && s.p[i] != '\n'; i++)
		if (!is_white(s.p[i]))
			return s.p[i] == '{' || s.p[i] == ']';
	return true;
}

/* The sign s.p[i] between two texts, no blank; true: a text begins with it. */
static bool
between(struct cs_json_cut *c, struct cs_str s, size_t i)
{
	char b = s.p[i];
	bool wants_value = c->want == CS_CUT_FIRST || c->want == CS_CUT_VALUE;

	c->why = NULL;
	if (!c->is_array && b == '[' && is_array(s, i)) {
		c->is_array = true;
		c->array_line = c->lines + 1;
		c->want = CS_CUT_FIRST;
	} else if (!c->is_array || (b != ',' && b != ']')) {
		if (c->is_array && c->want == CS_CUT_COMMA)
			c->why = "a comma or ] is expected before it";
		begin(c, b);
		/* Bytes of a first item that is no object. */
		if (c->state == CS_CUT_ITEM && b == '"')
			c->is_in_text = true;
		if (c->state == CS_CUT_ITEM && b == '[')
			push(c, b);
		return true;
	} else if (b == ',') {
		if (wants_value)
			begin_sign(c, "a value is expected, not a comma");
		c->want = CS_CUT_VALUE;
		return wants_value;
	} else {
		c->is_array = false;
		if (c->want == CS_CUT_VALUE)
			begin_sign(c, "a value is expected, not ]");
		return c->want == CS_CUT_VALUE;
	}
	return false;
}

/* A line that begins with {: does it begin another record? */
static bool
is_next(const struct cs_json_cut *c)
{
	char inner = c->open.n > 0 ? c->open.p[c->open.n - 1] : 0;

	if (c->is_on_line || c->blanks > c->indent)
		return false;
	if (inner == '{')
		return c->last != ':';
	/* Of items without indentation nobody can tell. */
	return inner == 0 || (c->last != '[' && c->last != ',' && !c->is_block);
}

/* A sign of a text, no blank and not in quotes; false: the text has ended
 * before it. */
static bool
step(struct cs_json_cut *c, char b)
{
	if ((c->open.n == 0 && (b == ',' || b == ']')) ||
	    (b == '{' && is_next(c))) {
		c->want = b == '{' ? CS_CUT_ANY : CS_CUT_COMMA;
		return false;
	}
	if (b == '"')
		c->is_in_text = true;
	else if (b == '{' || b == '[')
		push(c, b);
	else if ((b == '}' || b == ']') && !pop(c, b) && b == ']' &&
		 c->is_array) {
		c->want = CS_CUT_ANY;
		return false;
	}
	c->last = b;
	c->is_on_line = true;
	return true;
}

/* What stands in quotes, from i on; returns behind what was looked at. */
static size_t
quoted(struct cs_json_cut *c, struct cs_str s, size_t i)
{
	for (; i < s.n; i++) {
		char b = s.p[i];

		if (b == '\n') {
			/* Never closed: not the colon that it may hold. */
			c->is_in_text = c->is_escaped = false;
			c->last = '"';
			return i;
		}
		if (c->is_escaped)
			c->is_escaped = false;
		else if (b == '\\')
			c->is_escaped = true;
		else if (b == '"') {
			c->is_in_text = false;
			c->last = '"';
			return i + 1;
		}
	}
	return i;
}

/* Of an object or item, from i on; returns where it ends, or s.n. */
static size_t
inside(struct cs_json_cut *c, struct cs_str s, size_t i, bool *is_end)
{
	while (i < s.n) {
		char b = s.p[i];

		if (c->is_in_text) {
			i = quoted(c, s, i);
			continue;
		}
		if (b == '\n')
			pass_line_end(c);
		else if (is_white(b))
			c->blanks += !c->is_on_line;
		else if (!step(c, b)) {
			*is_end = true;
			return i;
		}
		i++;
		if (c->state == CS_CUT_OBJECT && c->open.n == 0) {
			c->state = CS_CUT_BEHIND;
			return i;
		}
	}
	return i;
}

/* Behind an object, on its line. */
static size_t
behind(struct cs_json_cut *c, struct cs_str s, size_t i, bool *is_end)
{
	const char *good = c->is_array ? "\n,]" : "\n{[";

	while (i < s.n && s.p[i] != '\n' && is_white(s.p[i]))
		i++;
	if (i == s.n)
		return i;
	c->want = CS_CUT_COMMA;
	*is_end = memchr(good, s.p[i], 3) != NULL;
	if (!*is_end)
		c->state = c->is_array ? CS_CUT_ITEM : CS_CUT_LINE;
	return i;
}

/* Goes on in the text at hand from i on; returns where it ends, or as far as
 * the state is the same. */
static size_t
go_on(struct cs_json_cut *c, struct cs_str s, size_t i, bool *is_end)
{
	const char *lf;

	switch (c->state) {
	case CS_CUT_OBJECT:
	case CS_CUT_ITEM:
		return inside(c, s, i, is_end);
	case CS_CUT_BEHIND:
		return behind(c, s, i, is_end);
	case CS_CUT_SIGN:
		*is_end = true;
		return i + 1;
	default:
		lf = memchr(s.p + i, '\n', s.n - i);
		*is_end = lf != NULL;
		return lf != NULL ? (size_t)(lf - s.p) : s.n;
	}
}

bool
cs_json_cut(struct cs_json_cut *c, struct cs_str s, size_t *from, size_t *used)
{
	bool is_end = false;
	size_t i = 0;

	*from = c->state == CS_CUT_BETWEEN ? s.n : 0;
	while (i < s.n && c->state == CS_CUT_BETWEEN) {
		char b = s.p[i];

		if (b == '\n')
			pass_line_end(c);
		else if (is_white(b))
			c->blanks += !c->is_on_line;
		else if (between(c, s, i)) {
			*from = i;
			i -= c->state == CS_CUT_SIGN;
		} else
			c->is_on_line = true;
		i++;
	}
	while (i < s.n && !is_end)
		i = go_on(c, s, i, &is_end);
	*used = i;
	if (is_end)
		c->state = CS_CUT_BETWEEN;
	return is_end;
}

bool
cs_json_cut_end(struct cs_json_cut *c)
{
	bool is_text = c->state != CS_CUT_BETWEEN;

	c->state = CS_CUT_BETWEEN;
	return is_text;
}

bool
cs_json_cut_is_free(const struct cs_json_cut *c)
{
	return c->state == CS_CUT_BETWEEN && !c->is_on_line &&
	       (!c->is_array || c->want != CS_CUT_COMMA);
}

void
cs_json_cut_line(struct cs_json_cut *c, bool has_comma)
{
	c->lines++;
	c->blanks = 0;
	c->want = has_comma ? CS_CUT_VALUE : CS_CUT_COMMA;
}

void
cs_json_cut_free(struct cs_json_cut *c)
{
	cs_buf_free(&c->open);
	*c = (struct cs_json_cut){0};
}
