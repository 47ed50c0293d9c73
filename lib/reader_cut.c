/* reader_cut: whole rows of an input for readers in other threads
 *
 * Where rows end is asked of split, so quoted line ends are no matter. What it
 * calls odd is not cut: the whole reader reads it. */
#include <stdlib.h>
#include <string.h>

#include "reader_private.h"

enum { PIECE = 64 << 10 }; /* bytes that are indexed at once */

bool
cs_reader_can_cut(struct cs_reader *r, size_t bytes)
{
	if (r->is_empty || !r->is_fast || r->conf.split != CS_ENGINE_FAST)
		return false;
	cs_reader_fast_leave(r);
	return cs_in_peek(r->in, bytes).n >= bytes;
}

/* May the part read this row, decoded? Of a row that is refused the raw bytes
 * are told, and those it has not. */
static bool
is_whole(const struct cs_reader *r, const struct cs_scan_row *row)
{
	return !r->is_decoded || row->n == r->width ||
	       (row->n == 1 && row->text_n == 0);
}

/* How many bytes at the front of s are rows that may be cut, and their physical
 * lines. Indexed piece by piece: the index of all is larger than a cache. */
static size_t
count_rows(struct cs_reader *r, struct cs_str s, size_t *lines)
{
	size_t done = 0, piece = PIECE;

	*lines = 0;
	while (done < s.n) {
		struct cs_str part = {s.p + done, s.n - done};
		size_t i;

		if (part.n > piece)
			part.n = piece;
		cs_scan_block(&r->scan, part, false);
		for (i = 0; i < r->scan.nrows; i++) {
			if (!is_whole(r, &r->scan.row[i]))
				return done + r->scan.row[i].begin;
			*lines += r->scan.row[i].lines;
		}
		done += r->scan.used;
		if (r->scan.is_odd)
			break;
		if (r->scan.used == 0 && part.n == s.n - done)
			break;
		piece = r->scan.used == 0 ? piece * 2 : PIECE;
	}
	return done;
}

/* Decodes the whole lines of *raw, which is shortened to what was decoded. */
static bool
decode_lines(struct cs_reader *r, struct cs_cut *cut, struct cs_str *raw)
{
	const char *lf = memrchr(raw->p, '\n', raw->n);

	raw->n = lf == NULL ? 0 : (size_t)(lf - raw->p) + 1;
	if (raw->n > 0)
		raw->n = cs_decode_block(r->decode, *raw, &cut->bytes);
	return raw->n > 0;
}

bool
cs_reader_cut(struct cs_reader *r, size_t size, struct cs_cut *cut)
{
	struct cs_str raw, all;
	size_t lines, used;

	cut->of = r;
	cut->lines = r->lines;
	cs_buf_reset(&cut->bytes);
	if (!cs_split_is_idle(r->split))
		return false;
	cs_reader_fast_leave(r);
	raw = cs_in_peek(r->in, size);
	if (raw.n > size)
		raw.n = size;
	if (raw.n == 0 || (r->is_decoded && !decode_lines(r, cut, &raw)))
		return false;
	all = r->is_decoded ? cs_buf_get(&cut->bytes) : raw;
	used = count_rows(r, all, &lines);
	if (used == 0)
		return false;
	if (!r->is_decoded) {
		cs_buf_add(&cut->bytes, raw.p, used);
		cs_in_skip(r->in, used);
	} else {
		cut->bytes.n = used;
		cs_in_skip(r->in,
		    used == all.n ? raw.n : cs_reader_end_of_lines(raw, lines));
	}
	r->lines += lines;
	return true;
}

static struct cs_reader *
new_part(const struct cs_reader *r, struct cs_header *head)
{
	struct cs_reader *part = cs_calloc(1, sizeof(*part));

	part->name = r->name;
	part->conf = r->conf;
	part->head = head;
	part->form = r->form;
	part->delimiter = r->delimiter;
	part->width = r->width;
	part->place = r->place;
	part->is_foreign = r->is_foreign;
	part->whole = r;
	if (r->decode != NULL && !r->is_decoded)
		part->decode = cs_decode_twin(r->decode);
	if (r->is_foreign) {
		part->cell =
		    cs_arena_array(&part->arena, r->width, sizeof(*part->cell));
		part->raw_cell = cs_arena_array(
		    &part->arena, r->width, sizeof(*part->raw_cell));
	}
	cs_reader_fast_open(part);
	return part;
}

/* The memory of a part is kept for the next: to get it anew costs more than
 * the rows do. */
struct cs_reader *
cs_reader_part(
    struct cs_reader *before, const struct cs_cut *cut, struct cs_header *head)
{
	const struct cs_reader *r = cut->of;
	struct cs_split_conf split = {
	    .delimiter = r->delimiter, .quote = r->conf.quote};
	struct cs_reader *part = before;

	if (part != NULL && part->whole != r) {
		cs_reader_close(part);
		part = NULL;
	}
	if (part == NULL)
		part = new_part(r, head);
	cs_in_close(part->in);
	cs_split_free(part->split);
	part->in = cs_in_bytes(r->name, cs_buf_get(&cut->bytes));
	part->split = cs_split_new(cs_reader_line, part);
	cs_split_set(part->split, &split);
	part->lines = cut->lines;
	part->stats = (struct cs_reader_stats){0};
	part->has_block = false;
	return part;
}

void
cs_reader_join(struct cs_reader *r, const struct cs_reader_stats *part)
{
	r->stats.records += part->records;
	r->stats.refused += part->refused;
	r->stats.trimmed += part->trimmed;
	r->stats.replaced += part->replaced;
}
