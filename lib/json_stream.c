#include "json.h"
#include "json_stream.h"

static bool
is_white(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void
take(struct cs_json_stream *s, struct cs_str shown, size_t n)
{
	for (size_t i = 0; i < n; i++)
		s->lines += shown.p[i] == '\n';
	cs_in_skip(s->in, n);
}

/* All that is left was shown: is it the end, or did the input break? */
static enum cs_got
at_end(struct cs_json_stream *s, struct cs_err *err)
{
	struct cs_str line;
	enum cs_got got;

	while ((got = cs_in_line(s->in, &line, err)) == CS_GOT)
		;
	return got;
}

static enum cs_got
no_json(
    struct cs_json_stream *s, size_t line, const char *why, struct cs_err *err)
{
	struct cs_place at = {cs_in_name(s->in), line, 0};

	if (at_end(s, err) == CS_FAILED)
		return CS_FAILED;
	cs_fail_at(err, CS_PARTLY, at, "not JSON: %s", why);
	return CS_FAILED;
}

static enum cs_got
too_long(struct cs_json_stream *s, struct cs_err *err)
{
	struct cs_place at = {cs_in_name(s->in), s->lines, 0};

	cs_fail_at(err, CS_STOP, at, "a JSON value has more than %zu bytes",
	    CS_MAX_RECORD);
	return CS_FAILED;
}

enum cs_got
cs_json_stream_next(
    struct cs_json_stream *s, struct cs_str *value, struct cs_err *err)
{
	size_t want = 64 << 10, white = 0, end, at = 0, line;
	const char *why = "";
	struct cs_str b, rest;
	bool is_first = s->lines == 0, is_all, is_value;

	b = cs_in_peek(s->in, s->pending);
	take(s, b, s->pending);
	s->pending = 0;
	s->lines += is_first;
	for (;;) {
		b = cs_in_peek(s->in, want);
		is_all = b.n < want;
		if (is_first && cs_str_starts(b, CS_S("\xef\xbb\xbf")))
			white = 3;
		while (white < b.n && is_white(b.p[white]))
			white++;
		if (white == b.n && is_all)
			return at_end(s, err);
		is_first = false;
		take(s, b, white);
		b = cs_in_peek(s->in, want);
		white = 0;
		is_all = b.n < want;
		rest = b;
		if (rest.n == 0 || is_white(rest.p[0]))
			continue;
		is_value = cs_json_first(rest, &end, &at, &why);
		if (is_value ? end > CS_MAX_RECORD : want > CS_MAX_RECORD)
			return too_long(s, err);
		/* A number at the end of what is shown may go on. */
		if (is_value && (end < rest.n || is_all))
			break;
		if (is_all) {
			line = s->lines;
			for (size_t i = 0; i < at && i < rest.n; i++)
				line += rest.p[i] == '\n';
			return no_json(s, line, why, err);
		}
		want *= 2;
	}
	s->line = s->lines;
	s->pending = end;
	*value = (struct cs_str){rest.p, end};
	return CS_GOT;
}
