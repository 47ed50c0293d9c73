#include <stdlib.h>
#include <string.h>

#include "backlog.h"
#include "change.h"
#include "json.h"
#include "set.h"
#include "text.h"

enum kind { ADD, UPDATE, DELETE };
static const char *const kind_name[] = {"add", "update", "delete"};

/* A record that is kept stands as its mark, the length of its text (eight
 * bytes) and its text; in the set its key leads to its place in the buffer. */
enum { LENGTH = sizeof(uint64_t), HEAD = 1 + LENGTH };
/* Its mark: nobody asked for it yet, or what it is. */
enum { UNSEEN = 'u', SEEN = 's' };

struct cs_change {
	struct cs_kit *k;
	struct cs_change_conf conf;
	struct cs_reader *reader; /* of the old state */
	bool is_alone;		  /* the other input has not one byte */
	size_t columns;		  /* of the other input */
	size_t slot[2];		  /* diff: _change and _changed */

	struct cs_set keys; /* with the place of the record, or NO_RECORD */
	struct cs_buf kept;
	struct cs_backlog *later; /* what comes out at the end */

	/* The old state's record at hand, and the keys before, if sorted. */
	struct cs_arena one;
	struct cs_rec old;
	struct cs_str old_key;
	bool has_old;
	struct cs_buf last_old, last;
	bool has_last_old, has_last;
	struct cs_buf line, names, a, b;
};

#define NO_RECORD UINT64_MAX

struct cs_change *
cs_change_open(
    struct cs_kit *k, const struct cs_change_conf *conf, struct cs_err *err)
{
	struct cs_change *c = cs_calloc(1, sizeof(*c));
	struct cs_in *in = cs_in_open(conf->old, err);

	c->k = k;
	c->conf = *conf;
	c->columns = cs_header_n(&k->head);
	c->keys.extra = sizeof(uint64_t);
	c->old.arena = &c->one;
	c->later = cs_backlog_new(CS_BACKLOG_MEMORY);
	if (in != NULL)
		c->reader = cs_reader_open(in, &k->in, &k->head, err);
	if (c->reader == NULL) {
		cs_change_free(c);
		return NULL;
	}
	if (k->in_form == CS_FORM_AUTO && !cs_reader_is_empty(c->reader)) {
		c->is_alone = true;
		k->in_form = cs_reader_form(c->reader);
		k->delimiter = cs_reader_delimiter(c->reader);
	}
	return c;
}

/* --- keys and records --------------------------------------------------- */

static struct cs_place
place_of(const struct cs_rec *rec)
{
	return (struct cs_place){rec->file, rec->line, 0};
}

static bool
key_of(struct cs_change *c, struct cs_rec *rec, struct cs_str *key,
    struct cs_err *err)
{
	*key = cs_kit_id(c->k, rec);
	if (key->n > 0)
		return true;
	return cs_fail_at(err, CS_STOP, place_of(rec),
	    "no key: \"%.*s\" is empty or not there (--id=COL names it)",
	    CS_ARG(c->k->id_name));
}

static bool
twice(const struct cs_rec *rec, struct cs_str key, struct cs_err *err)
{
	return cs_fail_at(err, CS_STOP, place_of(rec),
	    "the key \"%.*s\" stands twice", CS_ARG(key));
}

/* Sorted: does the key stand behind the one before? */
static bool
follows(struct cs_buf *last, bool *has_last, const struct cs_rec *rec,
    struct cs_str key, struct cs_err *err)
{
	int order = *has_last ? cs_str_cmp(cs_buf_get(last), key) : -1;

	if (order == 0)
		return twice(rec, key, err);
	if (order > 0)
		return cs_fail_at(err, CS_STOP, place_of(rec),
		    "the key \"%.*s\" stands after \"%s\": not in the order of "
		    "bytes (without --sorted any order will do)",
		    CS_ARG(key), cs_buf_z(last));
	*has_last = true;
	cs_buf_reset(last);
	cs_buf_str(last, key);
	return true;
}

/* The next record of the old state into c->old; has_old: there is one. */
static bool
next_old(struct cs_change *c, struct cs_err *err)
{
	struct cs_refused f;

	cs_arena_reset(&c->one);
	c->has_old = false;
	switch (cs_reader_next(c->reader, &c->old, &f, err)) {
	case CS_READ_END:
		return true;
	case CS_READ_FAILED:
		return false;
	case CS_READ_REFUSED:
		return cs_fail_at(err, CS_STOP,
		    (struct cs_place){cs_reader_name(c->reader), f.line, 0},
		    "%s: the old state must be whole", f.text);
	case CS_READ:
		break;
	}
	if (!key_of(c, &c->old, &c->old_key, err))
		return false;
	c->has_old = true;
	return !c->conf.is_sorted || follows(&c->last_old, &c->has_last_old,
					 &c->old, c->old_key, err);
}

/* Appends a record to what is kept; its place. */
static uint64_t
keep(struct cs_change *c, char mark, struct cs_str text)
{
	uint64_t at = c->kept.n, n = text.n;

	cs_buf_putc(&c->kept, mark);
	cs_buf_add(&c->kept, &n, LENGTH);
	cs_buf_str(&c->kept, text);
	return at;
}

static struct cs_str
kept_at(const struct cs_change *c, uint64_t at)
{
	uint64_t n;

	memcpy(&n, c->kept.p + at + 1, LENGTH);
	return (struct cs_str){c->kept.p + at + HEAD, n};
}

/* The end of the cell that begins at i. */
static size_t
cell_end(struct cs_str raw, size_t i, char delimiter)
{
	const char *p;

	if (i < raw.n && raw.p[i] == '"')
		do {
			p = memchr(raw.p + i + 1, '"', raw.n - i - 1);
			i = p == NULL ? raw.n : (size_t)(p - raw.p) + 1;
		} while (i < raw.n && raw.p[i] == '"');
	p = i < raw.n ? memchr(raw.p + i, delimiter, raw.n - i) : NULL;
	return p == NULL ? raw.n : (size_t)(p - raw.p);
}

static void
thaw_csv(struct cs_change *c, struct cs_rec *rec)
{
	size_t most = cs_header_n(&c->k->head), at = 0;
	uint32_t *end = cs_arena_array(rec->arena, most, sizeof(*end));

	for (rec->n = 0; rec->n < most && at <= rec->raw.n; rec->n++) {
		at = cell_end(rec->raw, at, (char)c->k->head.delimiter);
		end[rec->n] = (uint32_t)at++;
	}
	rec->base = rec->raw.p;
	rec->end = end;
	rec->quote = '"';
}

static void
thaw_json(struct cs_change *c, struct cs_rec *rec)
{
	struct cs_header *head = &c->k->head;
	struct cs_str key, value;
	size_t pos = 0;

	rec->n = cs_header_n(head);
	rec->cell = cs_arena_array(rec->arena, rec->n, sizeof(*rec->cell));
	while (cs_json_next(rec->raw, &pos, &key, &value))
		rec->cell[cs_header_find(head, cs_json_text(rec->arena, key))] =
		    value;
}

/* A record of the run's columns from the text that was kept of it. */
static struct cs_rec
thaw(struct cs_change *c, struct cs_str raw, struct cs_arena *a)
{
	struct cs_rec rec = {.head = &c->k->head,
	    .form = c->k->in_form,
	    .file = c->conf.old,
	    .raw = raw,
	    .eol = CS_S("\n"),
	    .arena = a};

	if (rec.form == CS_FORM_JSONL)
		thaw_json(c, &rec);
	else
		thaw_csv(c, &rec);
	rec.val = cs_arena_array(a, rec.n, sizeof(*rec.val));
	rec.touched = cs_arena_array(a, rec.n, 1);
	return rec;
}

/* --- diff --------------------------------------------------------------- */

/* JSON without the blanks between its parts, its strings written one way. */
static void
plain_json(struct cs_buf *b, struct cs_str s, struct cs_arena *a)
{
	for (size_t i = 0, from; i < s.n; i++) {
		if (s.p[i] != '"') {
			if (memchr(" \t\r\n", s.p[i], 4) == NULL)
				cs_buf_putc(b, s.p[i]);
			continue;
		}
		for (from = i++; s.p[i] != '"'; i++)
			i += s.p[i] == '\\';
		cs_text_json(b,
		    cs_json_text(a, (struct cs_str){s.p + from, i + 1 - from}));
	}
}

static bool
is_same_cell(
    struct cs_change *c, struct cs_rec *a, struct cs_rec *b, size_t col)
{
	struct cs_str x = {0}, y = {0};

	if (col < a->n)
		x = cs_rec_cell(a, col);
	if (col < b->n)
		y = cs_rec_cell(b, col);
	if (a->form != CS_FORM_JSONL || x.p == NULL || y.p == NULL)
		return cs_str_eq(x, y) &&
		       (a->form != CS_FORM_JSONL || x.p == y.p);
	if (cs_str_eq(x, y))
		return true;
	cs_buf_reset(&c->a);
	cs_buf_reset(&c->b);
	plain_json(&c->a, x, &c->k->one);
	plain_json(&c->b, y, &c->k->one);
	return cs_str_eq(cs_buf_get(&c->a), cs_buf_get(&c->b));
}

/* The names of the columns in which the two differ, into c->names. */
static bool
is_same(struct cs_change *c, struct cs_rec *old, struct cs_rec *rec)
{
	struct cs_header *head = &c->k->head;
	bool is_json = c->k->out_form == CS_FORM_JSONL;
	size_t found = 0;

	if (old->n == rec->n && cs_str_eq(old->raw, rec->raw))
		return true;
	cs_buf_reset(&c->names);
	for (size_t i = 0; i < cs_header_n(head); i++) {
		if (is_same_cell(c, old, rec, i))
			continue;
		cs_buf_puts(&c->names,
		    found++ > 0 ? (is_json ? "," : ";") : (is_json ? "[" : ""));
		if (is_json)
			cs_text_json(&c->names, cs_header_name(head, i));
		else
			cs_buf_str(&c->names, cs_header_name(head, i));
	}
	if (is_json)
		cs_buf_puts(&c->names, "]");
	return found == 0;
}

static bool
tell(
    struct cs_change *c, enum kind kind, struct cs_rec *rec, struct cs_err *err)
{
	struct cs_val names = cs_val_null();

	if (kind == UPDATE && c->k->out_form == CS_FORM_JSONL)
		names = (struct cs_val){
		    .kind = CS_JSON, .text = cs_buf_get(&c->names)};
	else if (kind == UPDATE)
		names = cs_val_text(cs_buf_get(&c->names));
	cs_plan_set(
	    c->k->plan, c->slot[0], cs_val_text(cs_str(kind_name[kind])));
	cs_plan_set(c->k->plan, c->slot[1], names);
	return cs_kit_write(c->k, rec, err);
}

static bool
tell_unless_same(struct cs_change *c, struct cs_rec *old, struct cs_rec *rec,
    struct cs_err *err)
{
	return is_same(c, old, rec) || tell(c, UPDATE, rec, err);
}

/* The old state into memory. */
static bool
read_old(struct cs_change *c, struct cs_err *err)
{
	bool is_new;

	for (;;) {
		size_t place;
		uint64_t at;

		if (!next_old(c, err))
			return false;
		if (!c->has_old)
			return true;
		place = cs_set_add(&c->keys, c->old_key, &is_new);
		if (!is_new)
			return twice(&c->old, c->old_key, err);
		at = keep(c, UNSEEN, c->old.raw);
		memcpy(cs_set_extra(&c->keys, place), &at, sizeof(at));
	}
}

static bool
diff_record(struct cs_change *c, struct cs_rec *rec, struct cs_str key,
    struct cs_err *err)
{
	uint64_t at = NO_RECORD;
	bool is_new;
	size_t place = cs_set_add(&c->keys, key, &is_new);
	struct cs_rec old;

	if (is_new) {
		memcpy(cs_set_extra(&c->keys, place), &at, sizeof(at));
		return tell(c, ADD, rec, err);
	}
	memcpy(&at, cs_set_extra(&c->keys, place), sizeof(at));
	if (at == NO_RECORD || c->kept.p[at] == SEEN)
		return twice(rec, key, err);
	c->kept.p[at] = SEEN;
	old = thaw(c, kept_at(c, at), &c->k->one);
	return tell_unless_same(c, &old, rec, err);
}

static bool
delete_old(struct cs_change *c, struct cs_err *err)
{
	return cs_backlog_put(c->later, c->old.raw, err) && next_old(c, err);
}

static bool
diff_sorted(struct cs_change *c, struct cs_rec *rec, struct cs_str key,
    struct cs_err *err)
{
	while (c->has_old && cs_str_cmp(c->old_key, key) < 0)
		if (!delete_old(c, err))
			return false;
	if (!c->has_old || !cs_str_eq(c->old_key, key))
		return tell(c, ADD, rec, err);
	return tell_unless_same(c, &c->old, rec, err) && next_old(c, err);
}

/* --- apply -------------------------------------------------------------- */

static struct cs_str
text_of(struct cs_change *c, struct cs_rec *rec, const char *name)
{
	size_t col = cs_header_find(&c->k->head, cs_str(name));

	return col == CS_NO_COLUMN ? (struct cs_str){0} : cs_rec_text(rec, col);
}

/* The record's text without the two columns of the change set, which a CSV
 * plan leaves out by itself. */
static struct cs_str
bare(struct cs_change *c, struct cs_rec *rec)
{
	struct cs_str key, value, name;
	size_t pos = 0;

	if (rec->form != CS_FORM_JSONL)
		return rec->raw;
	cs_buf_reset(&c->line);
	while (cs_json_next(rec->raw, &pos, &key, &value)) {
		name = cs_json_text(rec->arena, key);
		if (cs_str_is(name, "_change") || cs_str_is(name, "_changed"))
			continue;
		cs_buf_putc(&c->line, c->line.n > 0 ? ',' : '{');
		cs_buf_str(&c->line, key);
		cs_buf_putc(&c->line, ':');
		cs_buf_str(&c->line, value);
	}
	cs_buf_puts(&c->line, c->line.n > 0 ? "}" : "{}");
	return cs_buf_get(&c->line);
}

static bool
write_text(struct cs_change *c, struct cs_str text, struct cs_err *err)
{
	struct cs_rec rec = thaw(c, text, &c->k->one);

	return cs_kit_write(c->k, &rec, err);
}

static bool
kind_of(struct cs_change *c, struct cs_rec *rec, enum kind *kind,
    struct cs_err *err)
{
	struct cs_str word = text_of(c, rec, "_change");

	for (size_t i = 0; i < 3; i++)
		if (cs_str_is(word, kind_name[i])) {
			*kind = (enum kind)i;
			return true;
		}
	return cs_fail_at(err, CS_STOP, place_of(rec),
	    "_change is \"%.*s\", not one of: add update delete", CS_ARG(word));
}

/* The change set is of another old state. */
static bool
not_there(
    struct cs_change *c, enum kind kind, struct cs_str key, struct cs_err *err)
{
	return cs_fail(err, CS_STOP,
	    "the change set does not fit: it has %s of \"%.*s\", which is not "
	    "in %s",
	    kind_name[kind], CS_ARG(key), c->conf.old);
}

static bool
there_already(struct cs_change *c, struct cs_str key, struct cs_err *err)
{
	return cs_fail(err, CS_STOP,
	    "the change set does not fit: it has add of \"%.*s\", which is in "
	    "%s",
	    CS_ARG(key), c->conf.old);
}

static const char mark_of[] = "aud"; /* by kind */

static bool
apply_record(struct cs_change *c, struct cs_rec *rec, struct cs_str key,
    struct cs_err *err)
{
	enum kind kind;
	bool is_new;
	size_t place = cs_set_add(&c->keys, key, &is_new);
	uint64_t at;

	if (!is_new)
		return twice(rec, key, err);
	if (!kind_of(c, rec, &kind, err))
		return false;
	at = keep(c, mark_of[kind], bare(c, rec));
	memcpy(cs_set_extra(&c->keys, place), &at, sizeof(at));
	return true;
}

static bool
apply_sorted(struct cs_change *c, struct cs_rec *rec, struct cs_str key,
    struct cs_err *err)
{
	enum kind kind;
	bool is_there;

	while (c->has_old && cs_str_cmp(c->old_key, key) < 0)
		if (!cs_kit_write(c->k, &c->old, err) || !next_old(c, err))
			return false;
	if (!kind_of(c, rec, &kind, err))
		return false;
	is_there = c->has_old && cs_str_eq(c->old_key, key);
	if (kind == ADD)
		return is_there ? there_already(c, key, err)
				: cs_backlog_put(c->later, bare(c, rec), err);
	if (!is_there)
		return not_there(c, kind, key, err);
	return (kind == DELETE || write_text(c, bare(c, rec), err)) &&
	       next_old(c, err);
}

/* A record of the old state, and what the change set says of it. */
static bool
apply_old(struct cs_change *c, struct cs_err *err)
{
	size_t place = cs_set_find(&c->keys, c->old_key);
	uint64_t at;
	char mark;

	if (place == SIZE_MAX) {
		at = NO_RECORD;
		place = cs_set_add(&c->keys, c->old_key, NULL);
		memcpy(cs_set_extra(&c->keys, place), &at, sizeof(at));
		return cs_kit_write(c->k, &c->old, err);
	}
	memcpy(&at, cs_set_extra(&c->keys, place), sizeof(at));
	mark = at == NO_RECORD ? SEEN : c->kept.p[at];
	if (mark == SEEN)
		return twice(&c->old, c->old_key, err);
	if (mark == mark_of[ADD])
		return there_already(c, c->old_key, err);
	c->kept.p[at] = SEEN;
	return mark == mark_of[DELETE] || write_text(c, kept_at(c, at), err);
}

/* The old state goes by; what is left of the change set must be additions. */
static bool
apply_all(struct cs_change *c, struct cs_err *err)
{
	struct cs_rec rec;

	for (;;) {
		if (!next_old(c, err))
			return false;
		if (!c->has_old)
			break;
		if (!apply_old(c, err))
			return false;
		cs_arena_reset(&c->k->one);
	}
	for (uint64_t at = 0; at < c->kept.n;) {
		struct cs_str text = kept_at(c, at);
		char mark = c->kept.p[at];

		at += HEAD + text.n;
		if (mark == SEEN)
			continue;
		rec = thaw(c, text, &c->k->one);
		if (mark != mark_of[ADD])
			return not_there(c,
			    mark == mark_of[UPDATE] ? UPDATE : DELETE,
			    cs_kit_id(c->k, &rec), err);
		if (!cs_kit_write(c->k, &rec, err))
			return false;
		cs_arena_reset(&c->k->one);
	}
	return true;
}

/* --- the run ------------------------------------------------------------ */

/* The columns that come out: of the old state's only those that the other
 * input has too. */
static void
choose_columns(struct cs_change *c)
{
	struct cs_header *head = &c->k->head;
	size_t all = cs_header_n(head);
	bool *keep_it = cs_arena_array(&c->k->run, all + 1, sizeof(*keep_it));

	for (size_t i = 0; i < all; i++)
		keep_it[i] =
		    (c->is_alone || i < c->columns) &&
		    (!c->conf.is_apply ||
			(!cs_str_is(cs_header_name(head, i), "_change") &&
			    !cs_str_is(cs_header_name(head, i), "_changed")));
	if (!head->is_open)
		cs_plan_keep(c->k->plan, keep_it);
}

static bool
own_name(struct cs_change *c, const struct cs_rec *rec, struct cs_err *err)
{
	static const char *const name[] = {"_change", "_changed"};

	for (size_t i = 0; i < 2; i++) {
		size_t col = cs_header_find(&c->k->head, cs_str(name[i]));

		if (col == CS_NO_COLUMN ||
		    (rec != NULL &&
			(col >= rec->n || cs_rec_cell(rec, col).p == NULL)))
			continue;
		return cs_fail(err, CS_STOP,
		    "%s: a column called %s: is it a change set itself?",
		    rec ? rec->file : "--diff", name[i]);
	}
	return true;
}

bool
cs_change_start(struct cs_change *c, struct cs_err *err)
{
	struct cs_kit *k = c->k;
	size_t col;

	if (!cs_kit_need(k, k->id_name, "--id", &k->id, err))
		return false;
	if (c->conf.is_apply && !c->is_alone && !k->head.is_open &&
	    !cs_kit_need(k, CS_S("_change"), "the change set", &col, err))
		return false;
	if (!c->conf.is_apply) {
		if (!k->head.is_open && !own_name(c, NULL, err))
			return false;
		c->slot[0] = cs_plan_add(k->plan, CS_S("_change"));
		c->slot[1] = cs_plan_add(k->plan, CS_S("_changed"));
	}
	choose_columns(c);
	if (c->conf.is_sorted)
		return next_old(c, err);
	return c->conf.is_apply || read_old(c, err);
}

bool
cs_change_record(struct cs_change *c, struct cs_rec *rec, struct cs_err *err)
{
	struct cs_str key;

	if (!key_of(c, rec, &key, err))
		return false;
	if (!c->conf.is_apply && rec->form == CS_FORM_JSONL &&
	    !own_name(c, rec, err))
		return false;
	if (c->conf.is_sorted &&
	    !follows(&c->last, &c->has_last, rec, key, err))
		return false;
	if (c->conf.is_apply)
		return (c->conf.is_sorted ? apply_sorted : apply_record)(
		    c, rec, key, err);
	return (c->conf.is_sorted ? diff_sorted : diff_record)(
	    c, rec, key, err);
}

/* What waited: deletions or additions. */
static bool
finish_later(struct cs_change *c, struct cs_err *err)
{
	struct cs_str text;
	enum cs_got got;

	while ((got = cs_backlog_next(c->later, &text, err)) == CS_GOT) {
		struct cs_rec rec = thaw(c, text, &c->k->one);

		if (c->conf.is_apply ? !cs_kit_write(c->k, &rec, err)
				     : !tell(c, DELETE, &rec, err))
			return false;
		cs_arena_reset(&c->k->one);
	}
	return got == CS_END;
}

static bool
finish_sorted(struct cs_change *c, struct cs_err *err)
{
	while (c->has_old) {
		if (c->conf.is_apply
			? !cs_kit_write(c->k, &c->old, err) || !next_old(c, err)
			: !delete_old(c, err))
			return false;
	}
	return finish_later(c, err);
}

static bool
finish_diff(struct cs_change *c, struct cs_err *err)
{
	for (uint64_t at = 0; at < c->kept.n;) {
		struct cs_str text = kept_at(c, at);
		struct cs_rec rec;
		char mark = c->kept.p[at];

		at += HEAD + text.n;
		if (mark == SEEN)
			continue;
		rec = thaw(c, text, &c->k->one);
		if (!tell(c, DELETE, &rec, err))
			return false;
		cs_arena_reset(&c->k->one);
	}
	return true;
}

bool
cs_change_finish(struct cs_change *c, struct cs_err *err)
{
	if (c->k->refused > 0 && c->conf.is_apply)
		return cs_fail(err, CS_STOP,
		    "records of the change set were refused: it must be whole");
	if (c->k->refused > 0)
		return cs_fail(err, CS_STOP,
		    "records of the new state were refused: what was deleted "
		    "cannot be told");
	if (c->conf.is_sorted)
		return finish_sorted(c, err);
	return c->conf.is_apply ? apply_all(c, err) : finish_diff(c, err);
}

void
cs_change_free(struct cs_change *c)
{
	if (c == NULL)
		return;
	cs_reader_close(c->reader);
	cs_set_free(&c->keys);
	cs_backlog_free(c->later);
	cs_arena_free(&c->one);
	cs_buf_free(&c->kept);
	cs_buf_free(&c->last_old);
	cs_buf_free(&c->last);
	cs_buf_free(&c->line);
	cs_buf_free(&c->names);
	cs_buf_free(&c->a);
	cs_buf_free(&c->b);
	free(c);
}
