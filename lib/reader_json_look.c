/* reader_json_look: is a text a record, and what are its members? Two engines
 */
#include "json.h"
#include "json_ref.h"
#include "reader_private.h"

static const char *
kind_name(enum cs_json_kind k)
{
	static const char *const name[] = {"null", "false", "true", "a number",
	    "a text", "an array", "an object"};

	return name[k];
}

/* libjq's parser has room for 256 levels, but an object takes two: what is
 * nested more than half as deep is judged by the check before alone. */
static bool
is_deep(struct cs_str s)
{
	size_t depth = 0, deepest = 0;
	bool in_text = false;

	for (size_t i = 0; i < s.n; i++) {
		if (in_text && s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			in_text = !in_text;
		else if (!in_text && (s.p[i] == '[' || s.p[i] == '{'))
			deepest = ++depth > deepest ? depth : deepest;
		else if (!in_text && (s.p[i] == ']' || s.p[i] == '}'))
			depth--;
	}
	return deepest >= CS_MAX_JSON_DEPTH / 2;
}

/* Where and why a text is no JSON; where it has several lines, in which. */
static void
tell_place(struct cs_refused *f, size_t line, struct cs_str text, size_t at,
    const char *why)
{
	size_t from = 0, lines = 0;

	for (size_t i = 0; i < at; i++)
		if (text.p[i] == '\n') {
			from = i + 1;
			lines++;
		}
	if (lines == 0)
		CS_REFUSED_TEXT(f, "not JSON: %s (byte %zu)", why, at + 1);
	else
		CS_REFUSED_TEXT(f, "not JSON: %s (line %zu, byte %zu)", why,
		    line + lines, at - from + 1);
}

/* Why a text is not a record; NULL: it is one. */
static const char *
bad_json(struct cs_reader *r, const struct cs_line *line, struct cs_refused *f)
{
	struct cs_str text = line->text;
	struct cs_str raw = line->raw.p == text.p && r->jsonl.is_by_line
				? (struct cs_str){"", 0} /* not as it was */
				: line->raw;
	const char *reason = cs_reader_bad_bytes(r, text, raw, line->bad, f);
	const char *why;
	enum cs_json_kind kind;
	size_t at;

	if (reason != NULL)
		return reason;
	if (!cs_json_check(text, &at, &why)) {
		tell_place(f, line->line, text, at, why);
		return "json";
	}
	kind = cs_json_kind(text);
	if (kind != CS_JSON_OBJECT) {
		CS_REFUSED_TEXT(
		    f, "an object is needed, not %s", kind_name(kind));
		return "json";
	}
	if (!cs_json_ref_check(text) && !is_deep(text)) {
		CS_REFUSED_TEXT(f, "not JSON: libjq does not take it");
		return "json";
	}
	return NULL;
}

/* Over the limits? Says so in f. */
static bool
is_long_json(struct cs_str text, struct cs_refused *f)
{
	struct cs_str key, value;
	size_t pos = 0, n = 0;

	/* A member has five bytes or more. */
	if (text.n < 4 * CS_MAX_COLUMNS)
		return false;
	while (cs_json_next(text, &pos, &key, &value)) {
		if (value.n > CS_MAX_CELL) {
			CS_REFUSED_TEXT(f, "member %zu is over %zu bytes",
			    n + 1, CS_MAX_CELL);
			return true;
		}
		n++;
	}
	if (n > CS_MAX_COLUMNS) {
		CS_REFUSED_TEXT(
		    f, "%zu members, the limit is %zu", n, CS_MAX_COLUMNS);
		return true;
	}
	return false;
}

/* The authority's way to judge a text: why it is none of ours, or NULL. */
static const char *
judge(struct cs_reader *r, const struct cs_line *line, struct cs_refused *f)
{
	const char *reason = bad_json(r, line, f);

	return reason == NULL && is_long_json(line->text, f) ? "long" : reason;
}

/* The members of a text that was judged good, without the scanner. */
static void
walk(struct cs_str text, struct cs_json_members *m)
{
	struct cs_str key, value;
	size_t pos = 0;

	for (m->n = 0; cs_json_next(text, &pos, &key, &value); m->n++) {
		m->v = cs_grow(m->v, m->n, &m->cap, sizeof(*m->v));
		m->v[m->n] =
		    (struct cs_json_member){.key = {key.p + 1, key.n - 2},
			.value = value,
			.number = CS_JSON_UNKNOWN,
			.has_escapes = cs_str_chr(key, '\\') != NULL};
	}
	m->unknown = m->n;
}

/* Are the members the scanner found those that libjq sees? */
static bool
is_same(struct cs_jsonl *j, struct cs_str text)
{
	struct cs_buf *b = &j->again, want = {0}, got = {0};
	bool good;

	cs_buf_reset(b);
	cs_buf_putc(b, '{');
	for (size_t i = 0; i < j->members.n; i++) {
		const struct cs_json_member *m = &j->members.v[i];

		if (i > 0)
			cs_buf_putc(b, ',');
		cs_buf_putc(b, '"');
		cs_buf_str(b, m->key);
		cs_buf_puts(b, "\":");
		cs_buf_str(b, m->value);
	}
	cs_buf_putc(b, '}');
	good = cs_json_ref_compact(cs_buf_get(b), false, &got) &&
	       cs_json_ref_compact(text, false, &want) &&
	       cs_str_eq(cs_buf_get(&got), cs_buf_get(&want));
	cs_buf_free(&got);
	cs_buf_free(&want);
	return good;
}

/* The two engines side by side. */
static bool
compare(struct cs_reader *r, const struct cs_line *line, bool is_taken,
    const char *reason, struct cs_err *err)
{
	struct cs_str text = line->text;
	struct cs_place at = {r->name, line->line, 0};
	const char *scanner = is_taken ? "takes" : "refuses",
		   *libjq = reason == NULL ? "takes" : "refuses";

	if (line->bad > 0)
		return true; /* never the scanner's */
	if (is_taken != (reason == NULL))
		return cs_fail_at(err, CS_STOP, at,
		    "the JSON engines differ: the scanner %s it, libjq %s it: "
		    "%.*s",
		    scanner, libjq, CS_ARG(text));
	if (is_taken && !is_deep(text) && !is_same(&r->jsonl, text))
		return cs_fail_at(err, CS_STOP, at,
		    "the JSON engines differ: the scanner sees other members "
		    "than libjq: %.*s",
		    CS_ARG(text));
	return true;
}

bool
cs_reader_json_look(struct cs_reader *r, const struct cs_line *line,
    const char **reason, struct cs_refused *f, struct cs_err *err)
{
	struct cs_json_members *m = &r->jsonl.members;
	bool is_taken = r->conf.json != CS_ENGINE_REF && line->bad == 0 &&
			cs_json_scan(cs_json_set_best(), line->text, m);

	*reason = NULL;
	if (!is_taken || r->conf.json == CS_ENGINE_BOTH)
		*reason = judge(r, line, f);
	if (r->conf.json == CS_ENGINE_BOTH &&
	    !compare(r, line, is_taken, *reason, err))
		return false;
	if (*reason == NULL && !is_taken)
		walk(line->text, m);
	return true;
}
