/* reader_csv: rows -> records */
#include "reader_private.h"

static enum cs_read
refuse_row(struct cs_reader *r, struct cs_refused *f, const struct cs_row *row,
    const char *reason)
{
	cs_buf_reset(&r->raw);
	cs_split_raw(r->split, row, &r->raw);
	return cs_reader_refuse(r, f, row->line, reason, cs_buf_get(&r->raw));
}

/* Drops surplus empty cells; false when the row still does not fit. */
static bool
fits(struct cs_reader *r, struct cs_row *row)
{
	size_t n = row->n;
	const struct cs_str *last;

	if (n == r->width)
		return true;
	if (n < r->width || !r->conf.trim_surplus)
		return false;
	while (n > r->width && row->cell[n - 1].n == 0)
		n--;
	if (n != r->width)
		return false;
	row->n = n;
	last = &row->raw_cell[n - 1];
	row->text.n = (size_t)(last->p - row->text.p) + last->n;
	r->stats.trimmed++;
	return true;
}

/* n cells, those empty that the file does not have. */
static void
make_room(struct cs_reader *r, size_t n)
{
	if (n > r->cells) {
		r->cell = cs_arena_array(&r->arena, n, sizeof(*r->cell));
		r->raw_cell = cs_arena_array(&r->arena, n, sizeof(*r->cell));
		r->cells = n;
	}
	for (size_t i = 0; n > r->width && i < n; i++)
		r->cell[i] = r->raw_cell[i] = CS_S("");
}

/* The run's order, delimiter and quotes for a record that has others. */
static void
rebuild(struct cs_reader *r, struct cs_rec *rec)
{
	bool is_same = r->delimiter == r->head->delimiter &&
		       (r->conf.quote == 0 || r->conf.quote == '"');
	int delimiter = r->head->delimiter;
	size_t n = r->place ? cs_header_n(r->head) : rec->n;

	make_room(r, n);
	for (size_t i = 0; i < rec->n; i++) {
		size_t to = r->place ? r->place[i] : i;

		r->cell[to] = cs_rec_cell(rec, i);
		r->raw_cell[to] = cs_rec_raw(rec, i);
	}
	cs_buf_reset(&r->raw);
	for (size_t i = 0; i < n; i++) {
		size_t at = r->raw.n;

		if (is_same)
			cs_buf_str(&r->raw, r->raw_cell[i]);
		else
			cs_split_put(&r->raw, r->cell[i], delimiter);
		r->raw_cell[i].n = r->raw.n - at;
		if (i + 1 < n)
			cs_buf_putc(&r->raw, (char)delimiter);
	}
	rec->raw = cs_buf_get(&r->raw);
	for (size_t i = 0, at = 0; i < n; i++) {
		r->raw_cell[i].p = rec->raw.p + at;
		at += r->raw_cell[i].n + 1;
	}
	rec->cell = r->cell;
	rec->raw_cell = r->raw_cell;
	if (n > rec->n) {
		rec->n = n;
		cs_reader_values(rec);
	}
}

/* The last touches; false: a blank record, left out by --clean. */
static bool
done(struct cs_reader *r, struct cs_rec *rec)
{
	if (r->is_foreign)
		rebuild(r, rec);
	if (r->conf.clean != NULL && !cs_reader_clean(r, rec))
		return false;
	r->stats.records++;
	return true;
}

/* CS_READ_END: nothing, read on. */
static enum cs_read
take_row(struct cs_reader *r, struct cs_row *row, struct cs_rec *rec,
    struct cs_refused *f)
{
	struct cs_str raw = row->text;
	const char *reason;

	if (row->bad > 0) {
		cs_buf_reset(&r->raw);
		cs_split_raw(r->split, row, &r->raw);
		raw = cs_buf_get(&r->raw);
	}
	reason = cs_reader_bad_bytes(r, row->text, raw, row->bad, f);
	if (reason != NULL)
		return refuse_row(r, f, row, reason);
	if (!fits(r, row)) {
		CS_REFUSED_TEXT(f, "%zu cell%s, the header has %zu", row->n,
		    row->n == 1 ? "" : "s", r->width);
		return refuse_row(r, f, row, "cells");
	}
	rec->head = r->head;
	rec->form = r->form;
	rec->file = r->name;
	rec->line = row->line;
	rec->eol = row->eol;
	rec->n = row->n;
	rec->raw = row->text;
	rec->cell = row->cell;
	rec->raw_cell = row->raw_cell;
	cs_reader_values(rec);
	return done(r, rec) ? CS_READ : CS_READ_END;
}

enum cs_read
cs_reader_csv(struct cs_reader *r, struct cs_rec *rec, struct cs_refused *f,
    struct cs_err *err)
{
	struct cs_row row;
	enum cs_read got;

	for (;;) {
		if (r->is_fast && cs_split_is_idle(r->split))
			switch (cs_reader_fast(r, rec, err)) {
			case CS_FAST_ROW:
				if (!done(r, rec))
					continue;
				return CS_READ;
			case CS_FAST_DIFFERS:
				return CS_READ_FAILED;
			case CS_FAST_NOT_MINE:
				break;
			}
		switch (cs_split_next(r->split, &row, err)) {
		case CS_SPLIT_FAILED:
			return CS_READ_FAILED;
		case CS_SPLIT_END:
			return CS_READ_END;
		case CS_SPLIT_REFUSED:
			CS_REFUSED_TEXT(f, "%s", row.why);
			return refuse_row(r, f, &row, row.reason);
		case CS_SPLIT_ROW:
			if (row.is_blank && r->width > 1)
				break;
			got = take_row(r, &row, rec, f);
			if (got != CS_READ_END)
				return got;
		}
	}
}
