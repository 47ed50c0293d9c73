/* reader_json: JSON -> records: one object a line, or in any other layout */
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "reader_private.h"

/* Of a line that is longer, so much is looked at at once. */
enum { PIECE = 1 << 20 };

static bool
is_white(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct cs_str
trimmed(struct cs_str s)
{
	while (s.n > 0 && is_white(s.p[s.n - 1]))
		s.n--;
	for (; s.n > 0 && is_white(*s.p); s.n--)
		s.p++;
	return s;
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

/* Is what was cut out of one line that could not all be decoded? Then its own
 * bytes are those of the line. */
static struct cs_str
raw_of(const struct cs_jsonl *j, struct cs_str text, bool is_whole)
{
	return is_whole && j->line.bad > 0 ? cs_line_body(j->line.raw, NULL)
					   : text;
}

/* Gives the record of line, which was looked at and is good. */
static enum cs_read
give(struct cs_reader *r, const struct cs_line *line, struct cs_str eol,
    struct cs_rec *rec, struct cs_refused *f)
{
	if (!number(r, rec->arena)) {
		CS_REFUSED_TEXT(
		    f, "new members: over %zu columns in all", CS_MAX_COLUMNS);
		return cs_reader_refuse(
		    r, f, line->line, "long", trimmed(line->raw));
	}
	bind(r, rec);
	rec->head = r->head;
	rec->form = CS_FORM_JSONL;
	rec->file = r->name;
	rec->line = line->line;
	rec->raw = line->text;
	rec->eol = eol;
	r->stats.records++;
	return CS_READ;
}

/* Appends s without the blanks between its signs. */
static void
put_flat(struct cs_buf *b, struct cs_str s)
{
	bool is_in_text = false;

	cs_buf_room(b, s.n);
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (is_in_text && c == '\\')
			b->p[b->n++] = s.p[i++];
		else if (c == '"')
			is_in_text = !is_in_text;
		else if (!is_in_text && is_white(c))
			continue;
		b->p[b->n++] = s.p[i];
	}
}

/* Gives the record, good as it stands, in the form in which it is passed on:
 * on one line, cleaned. */
static enum cs_read
give_anew(struct cs_reader *r, struct cs_line *line, struct cs_str eol,
    struct cs_rec *rec, struct cs_refused *f, struct cs_err *err)
{
	struct cs_buf *b = &r->jsonl.flat;
	struct cs_str was = line->text;
	const char *reason;

	if (cs_str_chr(was, '\n') != NULL) {
		cs_buf_reset(b);
		put_flat(b, was);
		line->text = cs_buf_get(b);
	}
	if (r->conf.clean != NULL)
		line->text = cs_reader_clean_json(r, rec->arena, line->text);
	if (line->text.p == was.p)
		return give(r, line, eol, rec, f);
	line->bad = 0;
	if (!cs_reader_json_look(r, line, &reason, f, err))
		return CS_READ_FAILED;
	if (reason != NULL)
		return cs_reader_refuse(
		    r, f, line->line, reason, trimmed(line->raw));
	return give(r, line, eol, rec, f);
}

/* A line that may be a record by itself: nearly all are. If not, it is for
 * json_cut to say what it holds. */
static enum cs_read
take_line(struct cs_reader *r, struct cs_rec *rec, struct cs_refused *f,
    bool *is_taken, struct cs_err *err)
{
	struct cs_jsonl *j = &r->jsonl;
	struct cs_line line = j->line;
	struct cs_str eol;
	uint64_t replaced = r->stats.replaced;
	const char *reason;
	bool has_comma = false;

	if (r->decode != NULL && line.raw.p == line.text.p)
		line.bad = cs_decode_line(r->decode, line.raw, &line.text);
	line.text = cs_line_body(line.text, &eol);
	if (j->cut.is_array) {
		line.text = trimmed(line.text);
		has_comma =
		    line.text.n > 0 && line.text.p[line.text.n - 1] == ',';
		line.text.n -= has_comma;
		line.raw = line.text;
		eol = CS_S("\n");
	}
	if (r->conf.json == CS_ENGINE_FAST && line.bad == 0)
		*is_taken =
		    cs_json_scan(cs_json_set_best(), line.text, &j->members);
	else if (cs_reader_json_look(r, &line, &reason, f, err))
		*is_taken = reason == NULL;
	else
		return CS_READ_FAILED;
	if (!*is_taken) {
		r->stats.replaced = replaced;
		return CS_READ_REFUSED;
	}
	cs_json_cut_line(&j->cut, has_comma);
	j->rest.n = 0;
	if (r->conf.clean == NULL)
		return give(r, &line, eol, rec, f);
	return give_anew(r, &line, eol, rec, f, err);
}

/* What was cut out. */
static enum cs_read
take_text(struct cs_reader *r, struct cs_str text, bool is_whole,
    struct cs_rec *rec, struct cs_refused *f, struct cs_err *err)
{
	struct cs_jsonl *j = &r->jsonl;
	struct cs_line line = {.line = j->cut.line};
	const char *reason;

	line.text = trimmed(text);
	line.raw = raw_of(j, line.text, is_whole);
	line.bad = j->bad;
	j->bad = 0;
	if (text.n > CS_MAX_RECORD) {
		CS_REFUSED_TEXT(f, "a record is over %zu bytes", CS_MAX_RECORD);
		return cs_reader_refuse(r, f, line.line, "long", line.raw);
	}
	if (r->decode != NULL && cs_decode_is_plain(r->decode))
		line.bad = cs_decode_line(r->decode, line.raw, &line.text);
	if (j->cut.why != NULL) {
		CS_REFUSED_TEXT(f, "not JSON: %s", j->cut.why);
		return cs_reader_refuse(r, f, line.line, "json", line.raw);
	}
	if (!cs_reader_json_look(r, &line, &reason, f, err))
		return CS_READ_FAILED;
	if (reason != NULL)
		return cs_reader_refuse(r, f, line.line, reason, line.raw);
	return give_anew(r, &line, CS_S("\n"), rec, f, err);
}

/* The next physical line, or, where nothing needs to be decoded by the line, a
 * piece of a long one. */
static enum cs_got
next_piece(struct cs_reader *r, struct cs_err *err)
{
	struct cs_jsonl *j = &r->jsonl;
	struct cs_line *line = &j->line;
	enum cs_got got;

	if (j->is_by_line)
		got = cs_split_line(r->split, line, err);
	else {
		got = cs_in_piece(r->in, PIECE, &line->raw, err);
		line->text = line->raw;
		line->line = r->lines + 1;
		line->bad = 0;
	}
	if (got != CS_GOT)
		return got;
	if (j->cut.lines == 0)
		j->cut.lines = line->line - 1;
	r->lines += !j->is_by_line && line->raw.p[line->raw.n - 1] == '\n';
	j->rest = line->text;
	return got;
}

/* Is what has come a line from its beginning to its end? */
static bool
is_line(const struct cs_reader *r)
{
	const struct cs_jsonl *j = &r->jsonl;
	struct cs_str s = j->line.text;

	return cs_json_cut_is_free(&j->cut) &&
	       (j->is_by_line || s.n < PIECE || s.p[s.n - 1] == '\n');
}

static size_t
count_replaced(struct cs_str s)
{
	size_t n = 0;

	for (size_t i = 0; i + 3 <= s.n; i++)
		n += memcmp(s.p + i, "\xef\xbf\xbd", 3) == 0;
	return n;
}

/* Cuts the next text out of the rest of the piece; false: it goes on. */
static bool
cut(struct cs_jsonl *j, struct cs_str *text, bool *is_whole)
{
	size_t from, used;
	bool is_end;
	struct cs_str part;

	*is_whole = j->cut.state == CS_CUT_BETWEEN;
	if (*is_whole)
		cs_buf_reset(&j->text);
	is_end = cs_json_cut(&j->cut, j->rest, &from, &used);
	part = (struct cs_str){j->rest.p + from, used - from};
	j->rest.p += used;
	j->rest.n -= used;
	if (j->line.bad > 0)
		j->bad += count_replaced(part);
	*text = part;
	if (is_end && *is_whole)
		return true;
	/* Of one over the limit no more is kept. */
	if (j->text.n <= CS_MAX_RECORD)
		cs_buf_str(&j->text, part);
	*text = cs_buf_get(&j->text);
	return is_end;
}

/* The input has ended, or broken: what is left is a record or is told. */
static enum cs_read
at_end(struct cs_reader *r, enum cs_got got, struct cs_rec *rec,
    struct cs_refused *f, struct cs_err *err)
{
	struct cs_jsonl *j = &r->jsonl;

	if (j->cut.state == CS_CUT_BEHIND ||
	    (j->cut.state != CS_CUT_BETWEEN && got == CS_END)) {
		cs_json_cut_end(&j->cut);
		return take_text(r, cs_buf_get(&j->text), false, rec, f, err);
	}
	if (got == CS_FAILED)
		return CS_READ_FAILED;
	if (!j->cut.is_array)
		return CS_READ_END;
	cs_fail_at(err, CS_STOP,
	    (struct cs_place){r->name, j->cut.array_line, 0},
	    "the array that begins here is never closed (cut file?)");
	return CS_READ_FAILED;
}

enum cs_read
cs_reader_json(struct cs_reader *r, struct cs_rec *rec, struct cs_refused *f,
    struct cs_err *err)
{
	struct cs_jsonl *j = &r->jsonl;
	struct cs_str text;
	enum cs_got got;
	enum cs_read read;
	bool is;

	unbind(j);
	if (j->cut.lines == 0)
		j->is_by_line =
		    r->decode != NULL && !cs_decode_is_plain(r->decode);
	for (;;) {
		if (j->rest.n > 0) {
			if (cut(j, &text, &is))
				return take_text(r, text, is, rec, f, err);
			continue;
		}
		got = next_piece(r, err);
		if (got != CS_GOT)
			return at_end(r, got, rec, f, err);
		if (!is_line(r) ||
		    (*j->rest.p != '{' && trimmed(j->rest).n == 0))
			continue;
		read = take_line(r, rec, f, &is, err);
		if (is || read == CS_READ_FAILED)
			return read;
	}
}

void
cs_reader_json_free(struct cs_jsonl *j)
{
	cs_json_members_free(&j->members);
	cs_json_cut_free(&j->cut);
	free(j->cell);
	free(j->val);
	free(j->touched);
	cs_buf_free(&j->again);
	cs_buf_free(&j->text);
	cs_buf_free(&j->flat);
}
