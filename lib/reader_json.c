/* reader_json: JSON lines -> records */
#include <string.h>

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

/* Why a line is not a record; NULL: it is one. */
static const char *
bad_json(struct cs_reader *r, const struct cs_line *line, struct cs_str text,
    struct cs_refused *f)
{
	const char *reason = cs_reader_bad_bytes(r, text, line->bad, f), *why;
	enum cs_json_kind kind;
	size_t at;

	if (reason != NULL)
		return reason;
	if (!cs_json_check(text, &at, &why)) {
		CS_REFUSED_TEXT(f, "not JSON: %s (byte %zu)", why, at + 1);
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

/* Binds the members to the open header; false when it would grow over the
 * limit (nothing is added then). */
static bool
bind_members(struct cs_reader *r, struct cs_str text, struct cs_rec *rec)
{
	struct cs_str key, value, *name;
	size_t pos = 0, n = 0, fresh = 0, cap = 0;

	while (cs_json_next(text, &pos, &key, &value))
		cap++;
	name = cs_arena_alloc(rec->arena, cap * sizeof(*name));
	for (pos = 0; cs_json_next(text, &pos, &key, &value); n++) {
		name[n] = cs_json_text(rec->arena, key);
		fresh += cs_header_find(r->head, name[n]) == CS_NO_COLUMN;
	}
	if (cs_header_n(r->head) + fresh > CS_MAX_COLUMNS)
		return false;
	for (size_t i = 0; i < n; i++)
		cs_header_add(r->head, name[i]);
	rec->n = cs_header_n(r->head);
	rec->cell = cs_arena_array(rec->arena, rec->n, sizeof(*rec->cell));
	rec->raw_cell = NULL;
	n = 0;
	for (pos = 0; cs_json_next(text, &pos, &key, &value); n++)
		rec->cell[cs_header_find(r->head, name[n])] = value;
	return true;
}

static enum cs_read
take_json(struct cs_reader *r, const struct cs_line *line, struct cs_rec *rec,
    struct cs_refused *f)
{
	struct cs_str eol, text = cs_line_body(line->text, &eol);
	const char *reason = bad_json(r, line, text, f);
	struct cs_str raw = cs_line_body(line->raw, NULL);

	if (reason == NULL && is_long_json(text, f))
		reason = "long";
	if (reason != NULL)
		return cs_reader_refuse(r, f, line->line, reason, raw);
	if (!bind_members(r, text, rec)) {
		CS_REFUSED_TEXT(
		    f, "new members: over %zu columns in all", CS_MAX_COLUMNS);
		return cs_reader_refuse(r, f, line->line, "long", raw);
	}
	rec->head = r->head;
	rec->form = CS_FORM_JSONL;
	rec->file = r->name;
	rec->line = line->line;
	rec->raw = text;
	rec->eol = eol;
	cs_reader_values(rec);
	r->stats.records++;
	return CS_READ;
}

static bool
is_blank_line(struct cs_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (memchr(" \t\r\n", s.p[i], 4) == NULL)
			return false;
	return true;
}

enum cs_read
cs_reader_json(struct cs_reader *r, struct cs_rec *rec, struct cs_refused *f,
    struct cs_err *err)
{
	struct cs_line line;

	for (;;)
		switch (cs_split_line(r->split, &line, err)) {
		case CS_FAILED:
			return CS_READ_FAILED;
		case CS_END:
			return CS_READ_END;
		case CS_GOT:
			if (!is_blank_line(line.text))
				return take_json(r, &line, rec, f);
		}
}
