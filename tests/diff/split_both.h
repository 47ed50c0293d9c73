/* split_both: a text read by split_ref and by the scanner, compared
 *
 * split_diff and the fuzz target bring the text. Each block is a copy of just
 * its bytes, for the sanitizers to see what is read beside it. Each row that
 * the scanner gives is compared with that of split_ref; a row that it calls odd
 * must be one that the header says is. */
#ifndef CS_TESTS_SPLIT_BOTH_H
#define CS_TESTS_SPLIT_BOTH_H

#include <stdio.h>
#include <stdlib.h>

#include "msg.h"
#include "split.h"
#include "split_ref.h"

/* What split_ref said: a row, or a refusal. */
struct want {
	bool is_odd;		     /* refused, or not for the scanner */
	size_t begin, text_n, eol_n; /* in the text */
	size_t line, lines;
	size_t first, n; /* cells */
	unsigned flags;
};

/* A cell that split_ref gave. */
struct want_cell {
	struct cs_str raw;	/* in the text */
	size_t cell_at, cell_n; /* in cells */
};

struct diff {
	uint64_t state; /* of the generator of random numbers */
	struct cs_buf text;
	struct cs_split_conf conf;
	bool is_regular; /* as a program writes it: nothing may be odd */
	/* What split_ref said. */
	struct want *want;
	size_t wants, want_cap;
	struct want_cell *cell;
	size_t ncells, cell_cap;
	struct cs_buf cells;
	/* The line source of split_ref. */
	size_t at, line;
	/* The scanner. */
	struct cs_scan scan;
	struct cs_arena arena;
	const char *how; /* for the report of a fault */
	size_t how_n;

	uint64_t texts, rows, refused, compared, odd;
};

/* --- what split_ref says ------------------------------------------------ */

static enum cs_got
next_line(void *self, struct cs_line *line, struct cs_err *err)
{
	struct diff *f = self;
	const char *p = f->text.p + f->at, *lf;
	size_t rest = f->text.n - f->at, n;

	(void)err;
	if (rest == 0)
		return CS_END;
	lf = memchr(p, '\n', rest);
	n = lf != NULL ? (size_t)(lf - p) + 1 : rest;
	*line = (struct cs_line){.text = {p, n}, .line = ++f->line};
	line->raw = line->text;
	f->at += n;
	return CS_GOT;
}

/* Is this row one that the header of split calls odd? */
static bool
is_odd(const struct diff *f, const struct cs_row *row)
{
	if (row->reason != NULL || cs_str_chr(row->text, '\0') != NULL)
		return true;
	if (row->text.n > f->scan.max_row || row->n > f->scan.max_columns)
		return true;
	for (size_t i = 0; i < row->n; i++) {
		struct cs_str raw = row->raw_cell[i];

		if (raw.n > 0 && raw.p[0] != (char)f->conf.quote &&
		    cs_str_chr(raw, (char)f->conf.quote) != NULL)
			return true;
	}
	return false;
}

static unsigned
flags(const struct diff *f, struct cs_str text)
{
	unsigned all = 0;

	for (size_t i = 0; i < text.n; i++) {
		if ((unsigned char)text.p[i] >= 0x80)
			all |= CS_SCAN_HIGH;
		if (text.p[i] == (char)f->conf.quote)
			all |= CS_SCAN_QUOTE;
	}
	return all;
}

static void
keep_want(struct diff *f, const struct cs_row *row, size_t begin)
{
	const char *text = f->text.p + begin;
	struct want *w;

	f->want = cs_grow(f->want, f->wants, &f->want_cap, sizeof(*f->want));
	w = &f->want[f->wants++];
	*w = (struct want){.is_odd = is_odd(f, row),
	    .begin = begin,
	    .text_n = row->text.n,
	    .eol_n = row->eol.n,
	    .line = row->line,
	    .lines = row->lines,
	    .first = f->ncells,
	    .n = row->n,
	    .flags = flags(f, row->text)};
	for (size_t i = 0; i < row->n; i++) {
		struct cs_str raw = row->raw_cell[i];

		f->cell =
		    cs_grow(f->cell, f->ncells, &f->cell_cap, sizeof(*f->cell));
		f->cell[f->ncells++] =
		    (struct want_cell){{text + (raw.p - row->text.p), raw.n},
			f->cells.n, row->cell[i].n};
		cs_buf_str(&f->cells, row->cell[i]);
	}
}

static void
ask_ref(struct diff *f)
{
	struct cs_split *s = cs_split_new(next_line, f);
	struct cs_row row;
	struct cs_err err;
	size_t begin = 0;
	enum cs_split_got got;

	f->wants = f->ncells = f->cells.n = f->at = f->line = 0;
	cs_split_set(s, &f->conf);
	while ((got = cs_split_next(s, &row, &err)) == CS_SPLIT_ROW ||
	       got == CS_SPLIT_REFUSED) {
		f->rows += got == CS_SPLIT_ROW;
		f->refused += got == CS_SPLIT_REFUSED;
		keep_want(f, &row, begin);
		begin += row.text.n + row.eol.n;
	}
	cs_split_free(s);
}

/* --- what the scanner says ---------------------------------------------- */

static bool
fault(const struct diff *f, const char *what, size_t at)
{
	struct cs_buf b = {0};
	size_t n = f->text.n < 2000 ? f->text.n : 0;

	cs_escape(&b, (struct cs_str){f->text.p, n});
	printf("# %s at byte %zu, %s, %s %zu, delimiter %d, quote %d, "
	       "max_columns %zu, max_cell %zu, %zu bytes: %s\n",
	    what, at, cs_scan_isa_name(f->scan.isa), f->how, f->how_n,
	    f->conf.delimiter, f->conf.quote, f->conf.max_columns,
	    f->conf.max_cell, f->text.n, cs_buf_z(&b));
	cs_buf_free(&b);
	return false;
}

static bool
same_cells(struct diff *f, const struct want *w, const struct cs_scan_row *r)
{
	for (size_t i = 0; i < w->n; i++) {
		const struct want_cell *c = &f->cell[w->first + i];
		struct cs_str raw = cs_scan_raw(&f->scan, r, i);
		struct cs_str cell = cs_scan_cell(&f->scan, raw, &f->arena);

		if (!cs_str_eq(raw, c->raw) || cell.n != c->cell_n ||
		    (cell.n > 0 &&
			memcmp(cell.p, f->cells.p + c->cell_at, cell.n) != 0))
			return false;
	}
	return true;
}

/* Compares a row of the block that began at `from` of the text. */
static bool
same_row(struct diff *f, const struct want *w, const struct cs_scan_row *r,
    size_t from)
{
	struct cs_str text = cs_scan_text(&f->scan, r);

	f->compared++;
	if (w->is_odd)
		return fault(f, "given, but odd", w->begin);
	if (from + r->begin != w->begin || text.n != w->text_n ||
	    cs_scan_eol(&f->scan, r).n != w->eol_n)
		return fault(f, "other text", w->begin);
	if (r->lines != w->lines)
		return fault(f, "other lines", w->begin);
	if (r->flags != w->flags)
		return fault(f, "other flags", w->begin);
	if (r->n != w->n || !same_cells(f, w, r))
		return fault(f, "other cells", w->begin);
	return true;
}

/* Shows the scanner a copy of these bytes; *k is the row it comes to. */
static bool
one_block(struct diff *f, size_t from, size_t n, size_t *k, size_t *line)
{
	struct cs_scan *s = &f->scan;
	bool is_last = from + n == f->text.n, all_good = true;
	char *copy = cs_realloc(NULL, n, 1);

	memcpy(copy, f->text.p + from, n);
	cs_scan_block(s, (struct cs_str){copy, n}, is_last);
	for (size_t i = 0; i < s->nrows && all_good; i++) {
		const struct want *w = &f->want[*k];

		if (*k == f->wants)
			all_good = fault(f, "a row too many", from);
		else if (w->line != *line)
			all_good = fault(f, "other line", w->begin);
		else
			all_good = same_row(f, w, &s->row[i], from);
		*line += s->row[i].lines;
		++*k;
	}
	free(copy);
	cs_arena_reset(&f->arena);
	return all_good;
}

/* The whole text: the first block has `first` bytes, the others `size`. */
static bool
read_in_blocks(struct diff *f, size_t first, size_t size)
{
	size_t at = 0, k = 0, n = first, line = 1;

	while (at < f->text.n) {
		const struct want *w;
		bool is_last;

		n = n < f->text.n - at ? n : f->text.n - at;
		is_last = at + n == f->text.n;
		if (!one_block(f, at, n, &k, &line))
			return false;
		at += f->scan.used;
		if (k < f->wants && at != f->want[k].begin)
			return fault(f, "used", at);
		if (!f->scan.is_odd) {
			if (is_last && f->scan.used < n)
				return fault(f, "not to the end", at);
			if (f->scan.used > 0)
				n = size;
			else
				n += size < 4096 ? size : n;
			continue;
		}
		/* The reader gives this row to split_ref. */
		if (k == f->wants)
			return fault(f, "odd at the end", at);
		w = &f->want[k++];
		if (f->is_regular || !w->is_odd)
			return fault(f, "odd without need", at);
		f->odd++;
		at += w->text_n + w->eol_n;
		line += w->lines;
		n = size;
	}
	return k == f->wants || fault(f, "a row too few", at);
}

static void
new_scan(struct diff *f, enum cs_scan_isa isa)
{
	struct cs_scan *s = &f->scan;

	cs_scan_free(s);
	cs_scan_init(s, f->conf.delimiter, f->conf.quote, isa);
	if (f->conf.max_columns > 0)
		s->max_columns = f->conf.max_columns;
	if (f->conf.max_cell > 0)
		s->max_row = f->conf.max_cell;
}

static void
free_diff(struct diff *f)
{
	cs_scan_free(&f->scan);
	cs_arena_free(&f->arena);
	cs_buf_free(&f->text);
	cs_buf_free(&f->cells);
	free(f->want);
	free(f->cell);
}

#endif
