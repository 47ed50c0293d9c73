/* reader_fast: regular rows without libcsv
 *
 * split indexes a block of the input, and its rows become records where they
 * lie. At the first thing out of the ordinary (a quote in the wrong place, a
 * row of another width, bytes that do not decode, a row longer than a block
 * can be, the last line without its end) the input stands at the beginning of
 * that row and split_ref takes it: so every message and every odd case has one
 * home. */
#include <stdlib.h>
#include <string.h>

#include "reader_private.h"
#include "text.h"

/* Bytes that are indexed at once. Behind a row for split_ref blocks are small
 * again: what stands behind the next one is indexed twice. */
enum { BLOCK_MIN = 4 << 10, BLOCK_MAX = 64 << 10, BLOCK_ALL = 1 << 20 };

void
cs_reader_fast_open(struct cs_reader *r)
{
	const struct cs_decode *d = r->decode;
	bool is_plain = d == NULL || cs_decode_is_plain(d);

	if (r->conf.split == CS_ENGINE_REF ||
	    !(is_plain || cs_decode_has_blocks(d)))
		return;
	r->is_fast = true;
	r->is_decoded = !is_plain;
	r->window = BLOCK_MAX;
	r->quote = r->conf.quote ? r->conf.quote : '"';
	cs_scan_init(&r->scan, r->delimiter, r->quote, CS_SCAN_AUTO);
	r->val = cs_calloc(r->width, sizeof(*r->val));
	r->touched = cs_calloc(r->width, 1);
}

void
cs_reader_fast_close(struct cs_reader *r)
{
	if (r->is_fast)
		cs_scan_free(&r->scan);
	cs_buf_free(&r->text);
	free(r->val);
	free(r->touched);
}

/* --- blocks ------------------------------------------------------------- */

/* Where the n-th physical line of s ends. */
static size_t
end_of_lines(struct cs_str s, size_t n)
{
	const char *p = s.p;

	for (; n > 0; n--)
		p = (const char *)memchr(p, '\n', s.n - (size_t)(p - s.p)) + 1;
	return (size_t)(p - s.p);
}

/* The rows before offset `used` of the block are done with. */
static void
end_block(struct cs_reader *r, size_t used)
{
	if (r->is_decoded)
		used = used == r->text.n
			   ? r->block.n
			   : end_of_lines(r->block, r->block_lines);
	cs_in_skip(r->in, used);
	r->has_block = false;
}

void
cs_reader_fast_leave(struct cs_reader *r)
{
	if (r->has_block)
		end_block(r, r->row < r->scan.nrows ? r->scan.row[r->row].begin
						    : r->scan.used);
}

/* Puts what s decodes to in its place; false: its first line does not, or does
 * not end in it. */
static bool
decode(struct cs_reader *r, struct cs_str *s, bool *is_short)
{
	const char *lf = memrchr(s->p, '\n', s->n);
	size_t whole = lf == NULL ? 0 : (size_t)(lf - s->p) + 1;

	*is_short = whole == 0;
	if (whole == 0)
		return false;
	cs_buf_reset(&r->text);
	r->block.p = s->p;
	r->block.n =
	    cs_decode_block(r->decode, (struct cs_str){s->p, whole}, &r->text);
	/* What stands behind a line that does not decode is no help. */
	*is_short = r->block.n == whole;
	*s = cs_buf_get(&r->text);
	return r->block.n > 0;
}

/* Indexes s; false: there is not one row for us in it, *is_short: but there
 * may be one if it were longer. */
static bool
index_block(struct cs_reader *r, struct cs_str s, bool *is_short)
{
	*is_short = true;
	if (r->is_decoded && !decode(r, &s, is_short))
		return false;
	cs_scan_block(&r->scan, s, false);
	r->block_lines = 0;
	r->row = 0;
	r->has_block = r->scan.nrows > 0;
	*is_short = *is_short && !r->scan.is_odd;
	return r->has_block;
}

bool
cs_reader_fast_all(struct cs_reader *r, struct cs_str bytes)
{
	bool is_short;

	return index_block(r, bytes, &is_short) && !r->scan.is_odd &&
	       (!r->is_decoded || r->block.n == bytes.n) &&
	       r->scan.used == (r->is_decoded ? r->text.n : bytes.n);
}

/* More of the input; false: the next row is not for us. */
static bool
next_block(struct cs_reader *r)
{
	size_t want = 1, most = r->window;
	bool is_short;

	for (;;) {
		struct cs_str s = cs_in_peek(r->in, want), part = s;

		if (s.n < want)
			return false; /* the end, or a fault */
		if (part.n > most)
			part.n = most;
		if (index_block(r, part, &is_short))
			break;
		if (!is_short || part.n >= BLOCK_ALL)
			return false;
		if (part.n == s.n)
			want = s.n + 1;
		if (most < want || part.n == most)
			most *= 2;
	}
	r->window = most < BLOCK_MAX ? most * 2 : BLOCK_MAX;
	return true;
}

/* --- the two engines side by side --------------------------------------- */

/* A line source over the bytes of one row. */
struct twin {
	struct cs_str rest;
	size_t line;
};

static enum cs_got
twin_line(void *self, struct cs_line *line, struct cs_err *err)
{
	struct twin *t = self;
	const char *lf;
	size_t n;

	(void)err;
	if (t->rest.n == 0)
		return CS_END;
	lf = memchr(t->rest.p, '\n', t->rest.n);
	n = lf == NULL ? t->rest.n : (size_t)(lf - t->rest.p) + 1;
	*line = (struct cs_line){.line = t->line++};
	line->text = line->raw = (struct cs_str){t->rest.p, n};
	t->rest.p += n;
	t->rest.n -= n;
	return CS_GOT;
}

static bool
is_same(
    const struct cs_rec *rec, const struct cs_scan_row *row, struct cs_row *ref)
{
	if (ref->n != rec->n || ref->lines != row->lines ||
	    !cs_str_eq(ref->text, rec->raw) || !cs_str_eq(ref->eol, rec->eol))
		return false;
	for (size_t i = 0; i < rec->n; i++)
		if (!cs_str_eq(ref->cell[i], cs_rec_cell(rec, i)) ||
		    !cs_str_eq(ref->raw_cell[i], cs_rec_raw(rec, i)))
			return false;
	return true;
}

/* Does libcsv see the same in the row's bytes? */
static bool
check(struct cs_reader *r, const struct cs_rec *rec,
    const struct cs_scan_row *row, struct cs_err *err)
{
	struct twin t = {{rec->raw.p, rec->raw.n + rec->eol.n}, rec->line};
	struct cs_split *split = cs_split_new(twin_line, &t);
	struct cs_split_conf conf = {
	    .delimiter = r->delimiter, .quote = r->quote};
	struct cs_row ref;
	bool good;

	cs_split_set(split, &conf);
	good = cs_split_next(split, &ref, err) == CS_SPLIT_ROW &&
	       is_same(rec, row, &ref) && t.rest.n == 0;
	cs_split_free(split);
	return good || cs_fail_at(err, CS_STOP,
			   (struct cs_place){r->name, rec->line, 0},
			   "the CSV engines differ over this row: split has "
			   "%zu cells of it, libcsv reads it otherwise",
			   rec->n);
}

/* --- rows --------------------------------------------------------------- */

static void
take(struct cs_reader *r, const struct cs_scan_row *row, struct cs_rec *rec)
{
	const char *p = r->scan.base + row->begin;

	rec->head = r->head;
	rec->form = r->form;
	rec->file = r->name;
	rec->line = r->lines + 1;
	rec->raw = (struct cs_str){p, row->text_n};
	rec->eol = (struct cs_str){p + row->text_n, row->eol_n};
	rec->cell = rec->raw_cell = NULL;
	rec->base = r->scan.base;
	rec->end = r->scan.end + row->first;
	rec->quote = (char)r->quote;
	rec->n = row->n;
	rec->val = r->val;
	rec->touched = r->touched;
}

static void
pass(struct cs_reader *r, const struct cs_scan_row *row)
{
	r->row++;
	r->lines += row->lines;
	r->block_lines += row->lines;
}

/* The next row begins at offset at of the block, and is split_ref's. */
static enum cs_fast
hand_over(struct cs_reader *r, size_t at)
{
	end_block(r, at);
	r->window = BLOCK_MIN;
	return CS_FAST_NOT_MINE;
}

static bool
is_mine(struct cs_reader *r, const struct cs_scan_row *row,
    const struct cs_rec *rec)
{
	return row->n == r->width &&
	       ((row->flags & CS_SCAN_HIGH) == 0 || r->is_decoded ||
		   cs_utf8_valid(rec->raw) == rec->raw.n);
}

enum cs_fast
cs_reader_fast(struct cs_reader *r, struct cs_rec *rec, struct cs_err *err)
{
	for (;;) {
		const struct cs_scan_row *row;

		if (!r->has_block && !next_block(r)) {
			r->window = BLOCK_MIN;
			return CS_FAST_NOT_MINE;
		}
		if (r->row == r->scan.nrows && r->scan.is_odd)
			return hand_over(r, r->scan.used);
		if (r->row == r->scan.nrows) {
			end_block(r, r->scan.used);
			continue;
		}
		row = &r->scan.row[r->row];
		take(r, row, rec);
		if (r->conf.split == CS_ENGINE_BOTH && !check(r, rec, row, err))
			return CS_FAST_DIFFERS;
		if (row->n == 1 && row->text_n == 0 && r->width > 1) {
			pass(r, row); /* a blank line */
			continue;
		}
		if (!is_mine(r, row, rec))
			return hand_over(r, row->begin);
		memset(r->touched, 0, row->n);
		pass(r, row);
		return CS_FAST_ROW;
	}
}
