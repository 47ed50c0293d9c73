/* reader_json: JSON lines -> records */
#include <stdlib.h>
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
	struct cs_str raw = cs_line_body(line->raw, NULL);
	const char *reason = cs_reader_bad_bytes(r, text, raw, line->bad, f);
	const char *why;
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

/* The authority's way to judge a line: why it is none of ours, or NULL. */
static const char *
judge(struct cs_reader *r, const struct cs_line *line, struct cs_str text,
    struct cs_refused *f)
{
	const char *reason = bad_json(r, line, text, f);

	return reason == NULL && is_long_json(text, f) ? "long" : reason;
}

/* The members of a line that was judged good, without the scanner. */
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
compare(struct cs_reader *r, const struct cs_line *line, struct cs_str text,
    bool is_taken, const char *reason, struct cs_err *err)
{
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

static struct cs_str
name_of(const struct cs_json_member *m, struct cs_arena *a)
{
	if (!m->has_escapes)
		return m->key;
	return cs_json_text(a, (struct cs_str){m->key.p - 1, m->key.n + 2});
}

/* Gives the members that were not foreseen their columns; false when the open
 * header would grow over the limit (nothing is added then). */
static bool
number(struct cs_reader *r, struct cs_arena *a)
{
	struct cs_json_members *m = &r->jsonl.members;
	size_t fresh = 0;

	for (size_t i = 0; m->unknown > 0 && i < m->n; i++) {
		size_t col;

		if (m->v[i].number != CS_JSON_UNKNOWN)
			continue;
		col = cs_header_find(r->head, name_of(&m->v[i], a));
		if (col == CS_NO_COLUMN)
			fresh++;
		else
			m->v[i].number = (uint32_t)col;
	}
	if (m->unknown == 0)
		return true;
	if (cs_header_n(r->head) + fresh > CS_MAX_COLUMNS)
		return false;
	for (size_t i = 0; fresh > 0 && i < m->n; i++)
		if (m->v[i].number == CS_JSON_UNKNOWN)
			m->v[i].number = (uint32_t)cs_header_add(
			    r->head, name_of(&m->v[i], a));
	cs_json_learn(m);
	return true;
}

static void
grow_columns(struct cs_jsonl *j, size_t n)
{
	size_t cap = j->cap;

	if (n < cap)
		return;
	j->cap = n < 32 ? 64 : 2 * n;
	j->cell = cs_realloc(j->cell, j->cap, sizeof(*j->cell));
	j->val = cs_realloc(j->val, j->cap, sizeof(*j->val));
	j->touched = cs_realloc(j->touched, j->cap, sizeof(*j->touched));
	memset(j->cell + cap, 0, (j->cap - cap) * sizeof(*j->cell));
}

/* Puts the members into their columns; of one name the last one counts. */
static void
bind(struct cs_reader *r, struct cs_rec *rec)
{
	struct cs_jsonl *j = &r->jsonl;

	rec->n = cs_header_n(r->head);
	grow_columns(j, rec->n);
	for (size_t i = 0; i < j->members.n; i++)
		j->cell[j->members.v[i].number] = j->members.v[i].value;
	j->set = j->members.n;
	memset(j->touched, 0, rec->n);
	rec->cell = j->cell;
	rec->raw_cell = NULL;
	rec->val = j->val;
	rec->touched = j->touched;
}

/* Before the members of the record before are overwritten. */
static void
unbind(struct cs_jsonl *j)
{
	for (size_t i = 0; i < j->set; i++)
		j->cell[j->members.v[i].number] = (struct cs_str){0};
	j->set = 0;
}

static enum cs_read
take_json(struct cs_reader *r, const struct cs_line *line, struct cs_rec *rec,
    struct cs_refused *f, struct cs_err *err)
{
	struct cs_str eol, text = cs_line_body(line->text, &eol);
	struct cs_str raw = cs_line_body(line->raw, NULL);
	struct cs_json_members *m = &r->jsonl.members;
	const char *reason = NULL;
	bool is_taken;

	if (r->conf.clean != NULL)
		text = cs_reader_clean_json(r, rec->arena, text);
	unbind(&r->jsonl);
	is_taken = r->conf.json != CS_ENGINE_REF && line->bad == 0 &&
		   cs_json_scan(cs_json_set_best(), text, m);
	if (!is_taken || r->conf.json == CS_ENGINE_BOTH)
		reason = judge(r, line, text, f);
	if (r->conf.json == CS_ENGINE_BOTH &&
	    !compare(r, line, text, is_taken, reason, err))
		return CS_READ_FAILED;
	if (reason != NULL)
		return cs_reader_refuse(r, f, line->line, reason, raw);
	if (!is_taken)
		walk(text, m);
	if (!number(r, rec->arena)) {
		CS_REFUSED_TEXT(
		    f, "new members: over %zu columns in all", CS_MAX_COLUMNS);
		return cs_reader_refuse(r, f, line->line, "long", raw);
	}
	bind(r, rec);
	rec->head = r->head;
	rec->form = CS_FORM_JSONL;
	rec->file = r->name;
	rec->line = line->line;
	rec->raw = text;
	rec->eol = eol;
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
				return take_json(r, &line, rec, f, err);
		}
}

void
cs_reader_json_free(struct cs_jsonl *j)
{
	cs_json_members_free(&j->members);
	free(j->cell);
	free(j->val);
	free(j->touched);
	cs_buf_free(&j->again);
}
