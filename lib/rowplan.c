#include <stdlib.h>
#include <string.h>

#include "backlog.h"
#include "encode.h"
#include "json.h"
#include "nest.h"
#include "rowplan.h"
#include "split_ref.h"
#include "table.h"
#include "text.h"

#define NOT_HERE SIZE_MAX

/* A column the command adds or replaces. */
struct slot {
	struct cs_str name;
	struct cs_str key; /* the name as JSON, with its colon */
	size_t col;	   /* of the header, CS_NO_COLUMN: none */
	bool is_over;	   /* the cell itself while not set */
	bool is_set;
	struct cs_val v;
};

/* One column of the output. */
struct place {
	struct cs_str name;
	struct cs_str key; /* the name as JSON, with its colon */
	size_t col;	   /* of the header, or NOT_HERE */
	size_t slot;	   /* or NOT_HERE */
	bool is_seen;	   /* JSON lines: had a record such a member? */
	bool is_hollow;	   /* none had another value than {} */
};

struct cs_plan {
	struct cs_plan_conf conf;
	struct cs_header *head;
	struct cs_arena arena;
	struct slot *slot;
	size_t slots, slot_cap;
	bool *keep; /* of the first keep_n columns; NULL: all */
	size_t keep_n;

	struct place *place;
	size_t places, place_cap;
	size_t copied;	 /* so many places are the raw row, 0: none */
	bool is_touched; /* is a slot of cs_plan_over set? */
	bool is_narrow;	 /* JSON lines: --columns chose the places */
	bool has_header; /* has the header been written? */
	bool has_row;	 /* and a record? */
	int delimiter;	 /* of the output */
	bool is_raw;	 /* raw cells of the input fit the output */
	bool is_excel;
	uint64_t guarded;

	struct cs_map flat;   /* JSON to CSV: a.b -> place */
	struct cs_str *value; /* and the raw JSON of each, by place */
	struct cs_nest *nest; /* CSV to JSON: the places as a tree, or NULL */
	/* Rows that wait: values by place, then by slot; columns that come up
	 * later are empty in them. NULL: none wait. */
	struct cs_backlog *backlog;
	size_t *moved; /* of a place then, the place now, or NOT_HERE */
	struct cs_table *table;
	struct cs_val *row; /* of the table */
	struct cs_buf line, cell, text, coded;
	struct cs_plan_gap gap;
	bool has_gap;
};

static bool
is_json_in(const struct cs_plan *p)
{
	return p->conf.in == CS_FORM_JSONL;
}

static bool
is_json_out(const struct cs_plan *p)
{
	return p->conf.out == CS_FORM_JSONL;
}

/* JSON lines to a form with a fixed row of columns. */
static bool
is_flattened(const struct cs_plan *p)
{
	return is_json_in(p) && !is_json_out(p);
}

static int
in_delimiter(const struct cs_plan_conf *c)
{
	if (c->delimiter != 0)
		return c->delimiter;
	return c->in == CS_FORM_TSV ? '\t' : ',';
}

static int
out_delimiter(const struct cs_plan_conf *c)
{
	if (c->out == CS_FORM_EXCEL || (c->is_clean && c->out == CS_FORM_CSV))
		return ',';
	if (c->in == c->out)
		return in_delimiter(c);
	return c->out == CS_FORM_TSV ? '\t' : ',';
}

struct cs_plan *
cs_plan_new(const struct cs_plan_conf *conf, struct cs_header *head)
{
	struct cs_plan *p = cs_calloc(1, sizeof(*p));

	p->conf = *conf;
	p->head = head;
	p->delimiter = out_delimiter(conf);
	p->is_excel = conf->out == CS_FORM_EXCEL;
	p->is_raw = !p->is_excel && conf->in != CS_FORM_JSONL &&
		    p->delimiter == in_delimiter(conf);
	return p;
}

/* `"name":`, in the plan's arena. */
static struct cs_str
json_key(struct cs_plan *p, struct cs_str name)
{
	struct cs_buf b = {0};
	struct cs_str key;

	if (!is_json_out(p))
		return (struct cs_str){0};
	cs_text_json(&b, name);
	cs_buf_putc(&b, ':');
	key = cs_keep(&p->arena, cs_buf_get(&b));
	cs_buf_free(&b);
	return key;
}

size_t
cs_plan_add(struct cs_plan *p, struct cs_str name)
{
	struct slot *s;

	p->slot = cs_grow(p->slot, p->slots, &p->slot_cap, sizeof(*p->slot));
	s = &p->slot[p->slots];
	*s = (struct slot){
	    .name = cs_keep(&p->arena, name), .key = json_key(p, name)};
	s->col = p->head->is_open ? cs_header_add(p->head, name)
				  : cs_header_find(p->head, name);
	return p->slots++;
}

size_t
cs_plan_over(struct cs_plan *p, size_t col)
{
	size_t slot = cs_plan_add(p, cs_header_name(p->head, col));

	p->slot[slot].is_over = true;
	return slot;
}

/* The slot that counts for this record. */
static size_t
live(const struct cs_plan *p, size_t slot)
{
	return slot != NOT_HERE && p->slot[slot].is_over &&
		       !p->slot[slot].is_set
		   ? NOT_HERE
		   : slot;
}

void
cs_plan_keep(struct cs_plan *p, const bool *keep)
{
	size_t n = cs_header_n(p->head);

	if (keep == NULL) {
		p->keep = NULL;
		return;
	}
	p->keep = cs_arena_array(&p->arena, n, sizeof(*p->keep));
	p->keep_n = n;
	for (size_t i = 0; i < n; i++)
		p->keep[i] = keep[i];
}

static bool
is_kept(const struct cs_plan *p, size_t col)
{
	return p->keep == NULL || (col < p->keep_n && p->keep[col]);
}

static size_t
slot_of(const struct cs_plan *p, size_t col)
{
	for (size_t i = 0; i < p->slots; i++)
		if (p->slot[i].col == col)
			return i;
	return NOT_HERE;
}

static void
add_place(struct cs_plan *p, struct cs_str name, size_t col, size_t slot)
{
	p->place =
	    cs_grow(p->place, p->places, &p->place_cap, sizeof(*p->place));
	p->place[p->places++] = (struct place){.name = name,
	    .key = json_key(p, name),
	    .col = col,
	    .slot = slot,
	    .is_hollow = true};
}

static size_t
find_place(const struct place *v, size_t n, struct cs_str name)
{
	for (size_t i = 0; i < n; i++)
		if (cs_str_eq(v[i].name, name))
			return i;
	return NOT_HERE;
}

/* The slots that replace nothing, on the right. */
static void
add_slots(struct cs_plan *p)
{
	for (size_t i = 0; i < p->slots; i++)
		if (find_place(p->place, p->places, p->slot[i].name) ==
			NOT_HERE &&
		    (!p->slot[i].is_over || is_json_in(p)))
			add_place(p, p->slot[i].name, NOT_HERE, i);
}

/* All columns that come out when --columns does not choose. */
static void
lay_out(struct cs_plan *p)
{
	size_t n = cs_header_n(p->head);
	bool is_raw = p->is_raw;

	for (size_t col = 0; col < n; col++) {
		size_t slot = slot_of(p, col);

		if (!is_kept(p, col)) {
			is_raw = false;
			continue;
		}
		add_place(p, cs_header_name(p->head, col), col, slot);
		is_raw = is_raw && (slot == NOT_HERE || p->slot[slot].is_over);
	}
	p->copied = is_raw ? n : 0;
	add_slots(p);
}

static bool
unknown_column(
    const struct place *all, size_t n, struct cs_str name, struct cs_err *err)
{
	struct cs_str *names = cs_calloc(n, sizeof(*names));

	for (size_t i = 0; i < n; i++)
		names[i] = all[i].name;
	cs_fail_column(err, name, "--columns", names, n);
	free(names);
	return false;
}

/* --columns: these, in this order. With JSON lines every name is good. */
static bool
choose(struct cs_plan *p, struct cs_err *err)
{
	struct place *all = p->place;
	size_t n = p->places;
	struct cs_str rest = p->conf.columns, piece;
	bool good = true;

	p->place = NULL;
	p->places = p->place_cap = p->copied = 0;
	p->is_narrow = true;
	while (good && cs_names_next(&rest, &p->arena, &piece)) {
		size_t i = find_place(all, n, piece);

		if (find_place(p->place, p->places, piece) != NOT_HERE)
			good = cs_fail(err, CS_USAGE,
			    "column \"%.*s\" stands twice in --columns",
			    CS_ARG(piece));
		else if (i != NOT_HERE)
			add_place(p, all[i].name, all[i].col, all[i].slot);
		else if (is_json_in(p))
			add_place(
			    p, cs_keep(&p->arena, piece), NOT_HERE, NOT_HERE);
		else
			good = unknown_column(all, n, piece, err);
	}
	free(all);
	return good;
}

static void
put_eol(struct cs_plan *p, struct cs_str eol)
{
	if (p->is_excel)
		eol = CS_S("\r\n");
	else if (p->conf.is_clean)
		eol = CS_S("\n");
	else if (eol.n == 0)
		eol = p->head->eol.n > 0 ? p->head->eol : CS_S("\n");
	cs_buf_str(&p->line, eol);
}

/* A cell of our own making; guarded against formulas in the excel form. */
static void
put_cell(struct cs_plan *p, struct cs_str s)
{
	if (s.n == 0 && p->places == 1) {
		cs_buf_puts(&p->line, "\"\"");
		return;
	}
	if (!p->is_excel || !cs_is_formula(s)) {
		cs_split_put(&p->line, s, p->delimiter);
		return;
	}
	p->guarded++;
	cs_buf_reset(&p->cell);
	cs_buf_putc(&p->cell, '\'');
	cs_buf_str(&p->cell, s);
	cs_split_put(&p->line, cs_buf_get(&p->cell), p->delimiter);
}

static void
put_val_cell(struct cs_plan *p, struct cs_val v)
{
	if (v.kind == CS_TEXT) {
		put_cell(p, v.text);
		return;
	}
	cs_buf_reset(&p->text);
	cs_val_put_text(&p->text, v);
	put_cell(p, cs_buf_get(&p->text));
}

/* Does the output's encoding have all of s? If not: what it lacks. */
static bool
has_form(struct cs_plan *p, struct cs_str s, struct cs_plan_gap *gap)
{
	size_t n, used;

	cs_buf_reset(&p->coded);
	n = cs_encode_text(p->conf.encode, s, &p->coded);
	if (n == s.n)
		return true;
	s.p += n;
	s.n -= n;
	gap->code = cs_utf8_next(s, &used);
	return false;
}

/* The line as the output has it; false: it has no form. */
static bool
encode_line(struct cs_plan *p, struct cs_plan_gap *gap)
{
	return p->conf.encode == NULL || has_form(p, cs_buf_get(&p->line), gap);
}

static void
put_line(struct cs_plan *p, struct cs_out *out)
{
	cs_out_str(
	    out, cs_buf_get(p->conf.encode != NULL ? &p->coded : &p->line));
}

/* The header line of CSV forms, or the table's names. */
static bool
write_header(struct cs_plan *p, struct cs_out *out, struct cs_err *err)
{
	const struct cs_header *h = p->head;
	size_t i = 0;
	bool is_raw = h->raw_name != NULL && p->is_raw;
	struct cs_plan_gap gap;

	p->has_header = true;
	p->row = cs_calloc(p->places, sizeof(*p->row));
	if (p->conf.out == CS_FORM_TABLE) {
		p->table = cs_table_new(NULL, 0);
		for (; i < p->places; i++)
			cs_table_column(p->table, p->place[i].name);
		return true;
	}
	/* Nothing was read that has columns: no output. */
	if (p->places == 0)
		return true;
	cs_buf_reset(&p->line);
	if (p->is_excel && p->conf.encode == NULL)
		cs_buf_puts(&p->line, "\xef\xbb\xbf");
	for (; i < p->places; i++) {
		const struct place *at = &p->place[i];

		if (i > 0)
			cs_buf_putc(&p->line, (char)p->delimiter);
		if (is_raw && at->col != NOT_HERE && h->raw_name[at->col].n > 0)
			cs_buf_str(&p->line, h->raw_name[at->col]);
		else
			put_cell(p, at->name);
	}
	put_eol(p, h->eol);
	if (!encode_line(p, &gap))
		return cs_fail(err, CS_USAGE,
		    "header: U+%04X does not exist in %s; rename the column "
		    "with a map, or leave it out with --columns",
		    (unsigned)gap.code, cs_encode_name(p->conf.encode));
	if (p->conf.encode != NULL)
		cs_out_str(out, cs_encode_mark(p->conf.encode));
	put_line(p, out);
	return true;
}

void
cs_plan_columns(struct cs_plan *p, struct cs_str columns)
{
	p->conf.columns = columns;
}

static bool
make_nest(struct cs_plan *p, struct cs_err *err)
{
	struct cs_str *name = cs_calloc(p->places, sizeof(*name));

	for (size_t i = 0; i < p->places; i++)
		name[i] = p->place[i].name;
	p->nest = cs_nest_new(name, p->places, err);
	free(name);
	return p->nest != NULL;
}

void
cs_plan_nest(struct cs_plan *p)
{
	p->conf.nests = true;
}

bool
cs_plan_begin(struct cs_plan *p, struct cs_out *out, struct cs_err *err)
{
	bool is_chosen = p->conf.columns.p != NULL;

	if (!is_json_in(p))
		lay_out(p);
	else if (is_chosen)
		add_slots(p);
	if (is_chosen && !choose(p, err))
		return false;
	if (p->conf.nests && !make_nest(p, err))
		return false;
	if (is_flattened(p) && is_chosen) {
		for (size_t i = 0; i < p->places; i++)
			cs_map_add(&p->flat, p->place[i].name, NULL);
		p->value = cs_calloc(p->places, sizeof(*p->value));
	}
	if (!is_json_out(p) && (is_chosen || !is_json_in(p)) &&
	    !write_header(p, out, err))
		return false;
	if (is_flattened(p) && p->conf.unites && !is_chosen)
		p->backlog = cs_backlog_new(CS_BACKLOG_MEMORY);
	return true;
}

void
cs_plan_set(struct cs_plan *p, size_t slot, struct cs_val v)
{
	p->slot[slot].v = v;
	p->slot[slot].is_set = true;
	p->is_touched = p->is_touched || p->slot[slot].is_over;
}

void
cs_plan_forget(struct cs_plan *p)
{
	for (size_t i = 0; i < p->slots; i++) {
		p->slot[i].v = cs_val_null();
		p->slot[i].is_set = false;
	}
	p->is_touched = false;
}

bool
cs_plan_unseen(const struct cs_plan *p, size_t *i, struct cs_str *name)
{
	while (p->is_narrow && p->has_row && is_json_in(p) && *i < p->places) {
		const struct place *at = &p->place[(*i)++];

		*name = at->name;
		if (at->slot == NOT_HERE && !at->is_seen)
			return true;
	}
	return false;
}

uint64_t
cs_plan_guarded(const struct cs_plan *p)
{
	return p->guarded;
}

/* CSV to CSV: the raw row and what is added, or cell by cell. */
static void
csv_to_csv(struct cs_plan *p, struct cs_rec *rec)
{
	size_t i = p->is_touched ? 0 : p->copied;

	if (i > 0) {
		cs_buf_str(&p->line, rec->raw);
		/* Of another file than the one with the last column. */
		i = rec->n < i ? rec->n : i;
	}
	for (; i < p->places; i++) {
		const struct place *at = &p->place[i];
		size_t slot = live(p, at->slot);

		if (i > 0)
			cs_buf_putc(&p->line, (char)p->delimiter);
		if (slot != NOT_HERE)
			put_val_cell(p, p->slot[slot].v);
		else if (at->col >= rec->n)
			put_cell(p, (struct cs_str){"", 0});
		else if (p->is_raw && cs_rec_raw(rec, at->col).n > 0)
			cs_buf_str(&p->line, cs_rec_raw(rec, at->col));
		else
			put_cell(p, cs_rec_cell(rec, at->col));
	}
	put_eol(p, rec->eol);
}

/* The value of a cell for people and for JSON: a cell that does not fit its
 * type is not lost, it is its text. */
static struct cs_val
cell_val(struct cs_rec *rec, size_t col)
{
	struct cs_val v;

	if (col >= rec->n)
		return cs_val_null();
	v = cs_rec_val(rec, col);
	if (v.kind == CS_NULL && cs_rec_cell(rec, col).n > 0)
		return cs_val_text(cs_rec_cell(rec, col));
	return v;
}

static struct cs_val
place_val(struct cs_plan *p, const struct place *at, struct cs_rec *rec)
{
	size_t slot = live(p, at->slot);

	if (slot != NOT_HERE)
		return p->slot[slot].v;
	return cell_val(rec, at->col);
}

static void
put_member(struct cs_plan *p, struct cs_str key, bool *is_first)
{
	if (!*is_first)
		cs_buf_putc(&p->line, ',');
	*is_first = false;
	cs_buf_str(&p->line, key);
}

/* a.b as members of objects; a cell that is a JSON array or {} is that. */
static void
csv_to_nested(struct cs_plan *p, struct cs_rec *rec)
{
	for (size_t i = 0; i < p->places; i++) {
		const struct cs_nest_leaf *leaf = cs_nest_leaf(p->nest, i);
		struct cs_val v = place_val(p, &p->place[leaf->i], rec);

		cs_buf_str(&p->line, leaf->before);
		if (v.kind == CS_TEXT && cs_nest_is_json(v.text))
			cs_buf_str(&p->line, v.text);
		else
			cs_val_put_json(&p->line, v);
	}
	cs_buf_str(&p->line, cs_nest_end(p->nest));
	put_eol(p, rec->eol);
}

static void
csv_to_json(struct cs_plan *p, struct cs_rec *rec)
{
	bool is_first = true;

	if (p->nest != NULL) {
		csv_to_nested(p, rec);
		return;
	}
	cs_buf_putc(&p->line, '{');
	for (size_t i = 0; i < p->places; i++) {
		put_member(p, p->place[i].key, &is_first);
		cs_val_put_json(&p->line, place_val(p, &p->place[i], rec));
	}
	cs_buf_putc(&p->line, '}');
	put_eol(p, rec->eol);
}

/* Adds the slots that are not in the record before its closing brace. */
static void
append_members(struct cs_plan *p, struct cs_rec *rec, bool is_first)
{
	for (size_t i = 0; i < p->slots; i++) {
		const struct slot *s = &p->slot[i];

		if (s->col < rec->n && cs_rec_cell(rec, s->col).p != NULL &&
		    is_kept(p, s->col))
			continue;
		if (s->is_over)
			continue;
		put_member(p, s->key, &is_first);
		cs_val_put_json(&p->line, s->v);
	}
}

/* Of the slots that stand in the record at or behind `from`, the next one. */
static const struct slot *
next_slot(const struct cs_plan *p, const struct cs_rec *rec, const char *from)
{
	const struct slot *next = NULL;

	for (size_t i = 0; i < p->slots; i++) {
		const struct slot *s = &p->slot[i];
		const char *at =
		    s->col < rec->n ? cs_rec_cell(rec, s->col).p : NULL;

		if (at == NULL || at < from || live(p, i) == NOT_HERE)
			continue;
		if (next == NULL || at < cs_rec_cell(rec, next->col).p)
			next = s;
	}
	return next;
}

/* JSON to JSON, all members: the raw line, replaced values in their place. */
static void
json_patched(struct cs_plan *p, struct cs_rec *rec)
{
	const char *from = rec->raw.p, *end = rec->raw.p + rec->raw.n, *last;
	const struct slot *s;

	while ((s = next_slot(p, rec, from)) != NULL) {
		struct cs_str value = cs_rec_cell(rec, s->col);

		cs_buf_add(&p->line, from, (size_t)(value.p - from));
		cs_val_put_json(&p->line, s->v);
		from = value.p + value.n;
	}
	while (end[-1] != '}')
		end--;
	end--;
	cs_buf_add(&p->line, from, (size_t)(end - from));
	for (last = end - 1; memchr(" \t\r\n", *last, 4) != NULL;)
		last--;
	append_members(p, rec, *last == '{');
	cs_buf_putc(&p->line, '}');
}

/* JSON to JSON with keep or new names: the members kept, values as they were
 * written. */
static void
json_kept(struct cs_plan *p, struct cs_rec *rec)
{
	struct cs_str key, value;
	size_t pos = 0;
	bool is_first = true;

	cs_buf_putc(&p->line, '{');
	while (cs_json_next(rec->raw, &pos, &key, &value)) {
		size_t col =
		    cs_header_find(p->head, cs_json_text(rec->arena, key));
		size_t slot = live(p, slot_of(p, col));

		if (!is_kept(p, col) || cs_rec_cell(rec, col).p != value.p)
			continue;
		if (!is_first)
			cs_buf_putc(&p->line, ',');
		is_first = false;
		if (p->head->alias.n > 0)
			cs_text_json(&p->line, cs_header_name(p->head, col));
		else
			cs_buf_str(&p->line, key);
		cs_buf_putc(&p->line, ':');
		if (slot == NOT_HERE)
			cs_buf_str(&p->line, value);
		else
			cs_val_put_json(&p->line, p->slot[slot].v);
	}
	append_members(p, rec, is_first);
	cs_buf_putc(&p->line, '}');
}

/* JSON to JSON with --columns: members in that order; what a record does not
 * have it does not get. */
static void
json_chosen(struct cs_plan *p, struct cs_rec *rec)
{
	bool is_first = true;

	cs_buf_putc(&p->line, '{');
	for (size_t i = 0; i < p->places; i++) {
		const struct place *at = &p->place[i];
		size_t col, slot = live(p, at->slot);

		if (slot != NOT_HERE) {
			put_member(p, at->key, &is_first);
			cs_val_put_json(&p->line, p->slot[slot].v);
			continue;
		}
		col = cs_header_find(p->head, at->name);
		if (col >= rec->n || cs_rec_cell(rec, col).p == NULL ||
		    !is_kept(p, col))
			continue;
		p->place[i].is_seen = true;
		put_member(p, at->key, &is_first);
		cs_buf_str(&p->line, cs_rec_cell(rec, col));
	}
	cs_buf_putc(&p->line, '}');
}

static void
json_to_json(struct cs_plan *p, struct cs_rec *rec)
{
	if (p->is_narrow)
		json_chosen(p, rec);
	else if (p->keep != NULL || p->head->alias.n > 0)
		json_kept(p, rec);
	else
		json_patched(p, rec);
	put_eol(p, rec->eol);
}

/* The row at hand goes out. */
static bool
write_row(struct cs_plan *p, struct cs_out *out, struct cs_err *err)
{
	if (p->table != NULL)
		cs_table_row(p->table, p->row);
	else
		put_line(p, out);
	return !cs_out_failed(out) || cs_out_flush(out, err);
}

static bool
is_empty_object(struct cs_str value)
{
	struct cs_str key, first;
	size_t pos = 0;

	return cs_json_kind(value) == CS_JSON_OBJECT &&
	       !cs_json_next(value, &pos, &key, &first);
}

/* Takes note of a value at its place. */
static void
see(struct place *at, struct cs_str value)
{
	at->is_seen = true;
	at->is_hollow = at->is_hollow && is_empty_object(value);
}

/* The slot of cs_plan_over that is this column's. */
static size_t
over_slot(const struct cs_plan *p, struct cs_str name)
{
	for (size_t i = 0; i < p->slots; i++)
		if (p->slot[i].is_over && cs_str_eq(p->slot[i].name, name))
			return i;
	return NOT_HERE;
}

/* Flattening: where the value of a path goes. The first record makes the
 * columns; later ones must do with them, unless --columns chose. */
static bool
flat_leaf(struct cs_plan *p, struct cs_rec *rec, struct cs_str path,
    struct cs_str value, struct cs_err *err)
{
	size_t at = cs_map_find(&p->flat, path), cap;
	struct cs_place here = {rec->file, rec->line, 0};

	if (at != SIZE_MAX) {
		p->value[at] = value;
		see(&p->place[at], value);
		return true;
	}
	/* {} has no columns of its own where the columns are known. */
	if (p->is_narrow || (p->has_header && is_empty_object(value)))
		return true;
	if (p->has_header)
		return cs_fail_at(err, CS_STOP, here,
		    "new member \"%.*s\": the first record gave the columns; "
		    "name them with --columns",
		    CS_ARG(path));
	if (p->places == CS_MAX_COLUMNS)
		return cs_fail_at(err, CS_STOP, here,
		    "over %zu columns, the limit", CS_MAX_COLUMNS);
	at = cs_map_add(&p->flat, path, NULL);
	cap = p->place_cap;
	add_place(p, p->flat.key[at], NOT_HERE, over_slot(p, path));
	if (p->place_cap != cap)
		p->value =
		    cs_realloc(p->value, p->place_cap, sizeof(*p->value));
	p->value[at] = value;
	see(&p->place[at], value);
	return true;
}

static struct cs_str
join(struct cs_arena *a, struct cs_str prefix, struct cs_str name)
{
	char *z = cs_arena_alloc(a, prefix.n + 1 + name.n);

	memcpy(z, prefix.p, prefix.n);
	z[prefix.n] = '.';
	if (name.n > 0)
		memcpy(z + prefix.n + 1, name.p, name.n);
	return (struct cs_str){z, prefix.n + 1 + name.n};
}

/* Objects as a.b, all else a leaf, {} too. */
static bool
flat_walk(struct cs_plan *p, struct cs_rec *rec, struct cs_str prefix,
    struct cs_str object, struct cs_err *err)
{
	struct cs_str key, value;
	size_t pos = 0;

	while (cs_json_next(object, &pos, &key, &value)) {
		struct cs_str name = cs_json_text(rec->arena, key);

		if (prefix.p != NULL)
			name = join(rec->arena, prefix, name);
		else {
			size_t col = cs_header_find(p->head, name);

			/* Of one key given twice the last counts. */
			if (!is_kept(p, col) || col >= rec->n ||
			    cs_rec_cell(rec, col).p != value.p)
				continue;
			name = cs_header_name(p->head, col);
		}
		/* --columns may name an object: its JSON text then. */
		if (cs_json_kind(value) == CS_JSON_OBJECT &&
		    !is_empty_object(value) &&
		    !(p->is_narrow &&
			cs_map_find(&p->flat, name) != SIZE_MAX)) {
			if (!flat_walk(p, rec, name, value, err))
				return false;
		} else if (!flat_leaf(p, rec, name, value, err))
			return false;
	}
	return true;
}

/* The first record has made its places: now the slots find theirs. */
static void
flat_slots(struct cs_plan *p)
{
	for (size_t i = 0; i < p->slots; i++) {
		size_t at = cs_map_find(&p->flat, p->slot[i].name);

		if (at == SIZE_MAX && p->slot[i].is_over)
			continue;
		if (at == SIZE_MAX) {
			at = cs_map_add(&p->flat, p->slot[i].name, NULL);
			add_place(p, p->slot[i].name, NOT_HERE, i);
		}
		p->place[at].slot = i;
	}
	p->value = cs_realloc(p->value, p->place_cap, sizeof(*p->value));
}

static struct cs_val
flat_val(struct cs_plan *p, struct cs_rec *rec, size_t i)
{
	bool misfit;
	struct cs_val v;

	size_t slot = live(p, p->place[i].slot);

	if (slot != NOT_HERE)
		return p->slot[slot].v;
	if (p->value[i].p == NULL)
		return cs_val_null();
	v = cs_val_json(rec->arena, p->value[i], CS_TYPE_ANY, &misfit);
	/* A number over the range of doubles is still its digits. */
	if (v.kind == CS_NULL && cs_json_kind(p->value[i]) == CS_JSON_NUMBER)
		return cs_val_text(p->value[i]);
	return v;
}

static bool
lacks(struct cs_plan *p, struct cs_str column, struct cs_str s)
{
	if (has_form(p, s, &p->gap))
		return false;
	p->gap.column = column;
	p->gap.value = s;
	return true;
}

static struct cs_str
val_text(struct cs_plan *p, struct cs_val v)
{
	cs_buf_reset(&p->text);
	cs_val_put_text(&p->text, v);
	return cs_buf_get(&p->text);
}

static struct cs_str
place_text(struct cs_plan *p, struct cs_rec *rec, size_t i)
{
	const struct place *at = &p->place[i];
	size_t slot = live(p, at->slot);

	if (is_flattened(p))
		return val_text(p, flat_val(p, rec, i));
	if (slot != NOT_HERE)
		return val_text(p, p->slot[slot].v);
	if (at->col < rec->n)
		return cs_rec_cell(rec, at->col);
	return CS_S("");
}

static bool
has_slot_named(const struct cs_plan *p, struct cs_str name)
{
	for (size_t i = 0; i < p->slots; i++)
		if (cs_str_eq(p->slot[i].name, name))
			return true;
	return false;
}

/* Is there a cell with a character that has no form? Where rows wait, slots
 * have no places yet. */
static bool
find_gap(struct cs_plan *p, struct cs_rec *rec)
{
	bool waits = p->backlog != NULL;

	for (size_t i = 0; i < p->places; i++)
		if (!(waits && has_slot_named(p, p->place[i].name)) &&
		    lacks(p, p->place[i].name, place_text(p, rec, i)))
			return true;
	for (size_t i = 0; waits && i < p->slots; i++)
		if (lacks(p, p->slot[i].name, val_text(p, p->slot[i].v)))
			return true;
	return false;
}

/* A value that waits: its kind, what a number is, the length of its text, the
 * text. */
static void
keep_val(struct cs_buf *b, struct cs_val v)
{
	uint32_t n = (uint32_t)v.text.n; /* within CS_MAX_RECORD */

	cs_buf_putc(b, (char)v.kind);
	cs_buf_putc(b, v.yes);
	if (v.kind == CS_NUM)
		cs_buf_add(b, &v.num, sizeof(v.num));
	cs_buf_add(b, &n, sizeof(n));
	cs_buf_putc(b, v.text.p != NULL);
	cs_buf_str(b, v.text);
}

static void
take(const char **from, void *to, size_t n)
{
	memcpy(to, *from, n);
	*from += n;
}

static struct cs_val
take_val(const char **from)
{
	struct cs_val v = {0};
	unsigned char kind, yes, has_text;
	uint32_t n;

	take(from, &kind, 1);
	take(from, &yes, 1);
	v.kind = (enum cs_kind_of_val)kind;
	v.yes = yes != 0;
	if (v.kind == CS_NUM)
		take(from, &v.num, sizeof(v.num));
	take(from, &n, sizeof(n));
	take(from, &has_text, 1);
	if (has_text)
		v.text = (struct cs_str){*from, n};
	*from += n;
	return v;
}

static bool
keep_row(struct cs_plan *p, struct cs_rec *rec, struct cs_err *err)
{
	cs_buf_add(&p->line, &p->places, sizeof(p->places));
	for (size_t i = 0; i < p->places; i++)
		keep_val(&p->line, flat_val(p, rec, i));
	for (size_t i = 0; i < p->slots; i++)
		keep_val(&p->line, p->slot[i].v);
	return cs_backlog_put(p->backlog, cs_buf_get(&p->line), err);
}

/* A row of the flat forms. */
static void
put_row(struct cs_plan *p, struct cs_str eol)
{
	if (p->table != NULL)
		return;
	for (size_t i = 0; i < p->places; i++) {
		if (i > 0)
			cs_buf_putc(&p->line, (char)p->delimiter);
		put_val_cell(p, p->row[i]);
	}
	put_eol(p, eol);
}

/* Is {} all that a column a had, and there is a column a.b? */
static bool
is_needless(const struct cs_plan *p, const struct place *at)
{
	struct cs_str n = at->name;

	if (!at->is_seen || !at->is_hollow || at->slot != NOT_HERE)
		return false;
	for (size_t i = 0; i < p->places; i++) {
		struct cs_str other = p->place[i].name;

		if (other.n > n.n && other.p[n.n] == '.' &&
		    cs_str_starts(other, n))
			return true;
	}
	return false;
}

/* All columns are known now. */
static void
drop_needless(struct cs_plan *p)
{
	size_t n = 0;

	p->moved = cs_calloc(p->places, sizeof(*p->moved));
	for (size_t i = 0; i < p->places; i++)
		p->moved[i] = is_needless(p, &p->place[i]) ? NOT_HERE : n++;
	for (size_t i = 0; i < p->places; i++)
		if (p->moved[i] != NOT_HERE)
			p->place[p->moved[i]] = p->place[i];
	p->places = n;
}

static void
set_row(struct cs_plan *p, size_t place, struct cs_val v)
{
	if (p->moved[place] != NOT_HERE)
		p->row[p->moved[place]] = v;
}

/* One that waited. */
static void
put_kept(struct cs_plan *p, struct cs_str kept)
{
	const char *from = kept.p;
	struct cs_val v;
	size_t n;

	take(&from, &n, sizeof(n));
	for (size_t i = 0; i < p->places; i++)
		p->row[i] = cs_val_null();
	for (size_t i = 0; i < n; i++)
		set_row(p, i, take_val(&from));
	for (size_t i = 0; i < p->slots; i++) {
		v = take_val(&from);
		/* Those of cs_plan_over are in their places already. */
		if (!p->slot[i].is_over)
			set_row(p, cs_map_find(&p->flat, p->slot[i].name), v);
	}
	put_row(p, CS_S("\n"));
}

static bool
put_backlog(struct cs_plan *p, struct cs_out *out, struct cs_err *err)
{
	struct cs_str kept;
	enum cs_got got = cs_backlog_next(p->backlog, &kept, err);

	if (got != CS_GOT)
		return got == CS_END;
	flat_slots(p);
	drop_needless(p);
	if (!write_header(p, out, err))
		return false;
	for (; got == CS_GOT; got = cs_backlog_next(p->backlog, &kept, err)) {
		cs_buf_reset(&p->line);
		put_kept(p, kept);
		/* It had a form when it was put there. */
		encode_line(p, &p->gap);
		if (!write_row(p, out, err))
			return false;
	}
	return got == CS_END;
}

/* JSON to CSV, TSV, table or excel. */
static bool
json_to_csv(struct cs_plan *p, struct cs_rec *rec, struct cs_out *out,
    struct cs_err *err)
{
	for (size_t i = 0; i < p->places; i++)
		p->value[i] = (struct cs_str){0};
	if (!flat_walk(p, rec, (struct cs_str){0}, rec->raw, err))
		return false;
	if (p->backlog != NULL) {
		p->has_gap = p->conf.encode != NULL && find_gap(p, rec);
		return p->has_gap || keep_row(p, rec, err);
	}
	if (!p->has_header) {
		flat_slots(p);
		if (!write_header(p, out, err))
			return false;
		cs_buf_reset(&p->line);
	}
	for (size_t i = 0; i < p->places; i++)
		p->row[i] = flat_val(p, rec, i);
	put_row(p, rec->eol);
	return true;
}

bool
cs_plan_write(struct cs_plan *p, struct cs_rec *rec, struct cs_out *out,
    struct cs_err *err)
{
	cs_buf_reset(&p->line);
	p->has_row = true;
	p->has_gap = false;
	p->gap = (struct cs_plan_gap){0};
	if (is_flattened(p)) {
		if (!json_to_csv(p, rec, out, err))
			return false;
	} else if (p->table != NULL) {
		for (size_t i = 0; i < p->places; i++)
			p->row[i] = place_val(p, &p->place[i], rec);
	} else if (is_json_in(p))
		json_to_json(p, rec);
	else if (is_json_out(p))
		csv_to_json(p, rec);
	else
		csv_to_csv(p, rec);
	if (p->backlog == NULL && !encode_line(p, &p->gap)) {
		p->has_gap = true;
		find_gap(p, rec);
	}
	cs_plan_forget(p);
	return p->backlog != NULL || p->has_gap || write_row(p, out, err);
}

const struct cs_plan_gap *
cs_plan_gap(const struct cs_plan *p)
{
	return p->has_gap ? &p->gap : NULL;
}

bool
cs_plan_end(struct cs_plan *p, struct cs_out *out, struct cs_err *err)
{
	if (p->backlog != NULL && !put_backlog(p, out, err))
		return false;
	if (p->table != NULL)
		return cs_table_print(p->table, CS_FORM_TABLE, out, err);
	return !cs_out_failed(out) || cs_out_flush(out, err);
}

void
cs_plan_free(struct cs_plan *p)
{
	if (p == NULL)
		return;
	cs_backlog_free(p->backlog);
	cs_table_free(p->table);
	cs_nest_free(p->nest);
	cs_map_free(&p->flat);
	cs_arena_free(&p->arena);
	cs_buf_free(&p->line);
	cs_buf_free(&p->cell);
	cs_buf_free(&p->text);
	cs_buf_free(&p->coded);
	free(p->slot);
	free(p->place);
	free(p->value);
	free(p->row);
	free(p->moved);
	free(p);
}

void
cs_csv_cell(struct cs_buf *b, struct cs_str text, int delimiter)
{
	cs_split_put(b, text, delimiter);
}
