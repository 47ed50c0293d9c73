/* reader_cut: whole rows of an input for readers in other threads
 *
 * Where rows end cannot be seen without reading all of them, which is a good
 * part of the work. So a cut is a guess: a line end with an even number of
 * quotes before it. Bare quotes (19"x) and such that are never closed can make
 * it wrong; then the part's own reading, from its known beginning, does not end
 * with a row at its end, and the bytes go back. */
#include <stdlib.h>
#include <string.h>

#include "reader_private.h"

bool
cs_reader_can_cut(struct cs_reader *r, size_t bytes)
{
	if (r->is_empty || !r->is_fast || r->conf.split != CS_ENGINE_FAST)
		return false;
	cs_reader_fast_leave(r);
	return cs_in_peek(r->in, bytes).n >= bytes;
}

typedef unsigned char lanes __attribute__((vector_size(16)));
typedef unsigned long long halves __attribute__((vector_size(16)));

/* Is the number of quotes in s odd? */
static bool
is_odd(struct cs_str s, int quote)
{
	lanes sum = {0}, one, sign;
	halves h;
	size_t i = 0;
	unsigned n = 0;

	memset(&one, 1, sizeof(one));
	memset(&sign, quote, sizeof(sign));
	for (; i + sizeof(sum) <= s.n; i += sizeof(sum)) {
		lanes v;

		memcpy(&v, s.p + i, sizeof(v));
		sum ^= (lanes)(v == sign);
	}
	for (; i < s.n; i++)
		n += (unsigned char)s.p[i] == quote;
	h = (halves)(sum & one);
	return ((unsigned)__builtin_popcountll(h[0] ^ h[1]) + n) % 2 != 0;
}

/* The bytes at the front of s that end behind a line end which ends a row, if
 * quotes are as they should be; 0: there is none. */
static size_t
find_cut(struct cs_str s, int quote)
{
	bool odd = is_odd(s, quote);

	for (;;) {
		const char *lf = memrchr(s.p, '\n', s.n);
		size_t n = lf == NULL ? 0 : (size_t)(lf - s.p) + 1;

		if (n == 0)
			return 0;
		odd ^= is_odd((struct cs_str){s.p + n, s.n - n}, quote);
		if (!odd)
			return n;
		s.n = n - 1;
	}
}

bool
cs_reader_cut(struct cs_reader *r, size_t size, struct cs_cut *cut)
{
	struct cs_str s;

	if (!cs_split_is_idle(r->split))
		return false;
	cs_reader_fast_leave(r);
	s = cs_in_peek(r->in, size);
	if (s.n > size)
		s.n = size;
	s.n = find_cut(s, r->quote);
	if (s.n == 0)
		return false;
	cut->of = r;
	cs_in_take(r->in, s.n, &cut->piece);
	return true;
}

void
cs_reader_uncut(struct cs_reader *r, const struct cs_cut *cut)
{
	cs_in_unskip(r->in, cut->piece.bytes);
}

size_t
cs_reader_lines(const struct cs_reader *r)
{
	return r->lines;
}

/* --- parts -------------------------------------------------------------- */

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
	if (r->conf.clean != NULL) {
		/* Not its counts: the main thread adds to them meanwhile. */
		memcpy(part->own_clean.does, r->conf.clean->does,
		    sizeof(part->own_clean.does));
		part->conf.clean = &part->own_clean;
	}
	if (r->decode != NULL)
		part->decode = cs_decode_twin(r->decode);
	cs_reader_fast_open(part);
	return part;
}

/* At the beginning of its bytes, with nothing counted. */
static void
rewind_part(struct cs_reader *part, struct cs_str bytes)
{
	struct cs_split_conf split = {
	    .delimiter = part->delimiter, .quote = part->conf.quote};

	cs_in_close(part->in);
	cs_split_free(part->split);
	part->in = cs_in_bytes(part->name, bytes);
	part->split = cs_split_new(cs_reader_line, part);
	cs_split_set(part->split, &split);
	part->lines = 0;
	part->stats = (struct cs_reader_stats){0};
	memset(part->own_clean.n, 0, sizeof(part->own_clean.n));
	part->has_block = false;
}

/* The memory of a part is kept for the next: to get it anew costs more than
 * the rows do. */
struct cs_reader *
cs_reader_part(
    struct cs_reader *before, const struct cs_cut *cut, struct cs_header *head)
{
	struct cs_reader *part = before;

	if (part != NULL && part->whole != cut->of) {
		cs_reader_close(part);
		part = NULL;
	}
	if (part == NULL)
		part = new_part(cut->of, head);
	rewind_part(part, cut->piece.bytes);
	return part;
}

/* Reads it to its end for no other reason than to see where that is. */
static bool
read_through(struct cs_reader *part, struct cs_str bytes, size_t *lines)
{
	struct cs_arena arena = {0};
	struct cs_rec rec = {.arena = &arena};
	struct cs_refused refused;
	struct cs_err err;
	enum cs_read got;
	bool is_right;

	do {
		got = cs_reader_csv(part, &rec, &refused, &err);
		cs_arena_reset(&arena);
	} while (got == CS_READ || got == CS_READ_REFUSED);
	is_right = got == CS_READ_END && !cs_split_met_end(part->split);
	*lines = part->lines;
	cs_arena_free(&arena);
	rewind_part(part, bytes);
	return is_right;
}

bool
cs_reader_part_check(struct cs_reader *part, size_t *lines)
{
	struct cs_str bytes = cs_in_peek(part->in, 1);

	if (!cs_reader_fast_all(part, bytes))
		return read_through(part, bytes, lines);
	*lines = 0;
	for (size_t i = 0; i < part->scan.nrows; i++)
		*lines += part->scan.row[i].lines;
	return true;
}

void
cs_reader_part_begin(struct cs_reader *part, size_t lines)
{
	part->lines = lines;
}

void
cs_reader_part_end(const struct cs_reader *part, struct cs_part_stats *s)
{
	s->stats = part->stats;
	memcpy(s->cleaned, part->own_clean.n, sizeof(s->cleaned));
	s->lines = part->lines;
}

void
cs_reader_join(struct cs_reader *r, const struct cs_part_stats *s)
{
	r->lines = s->lines;
	r->stats.records += s->stats.records;
	r->stats.refused += s->stats.refused;
	r->stats.trimmed += s->stats.trimmed;
	r->stats.replaced += s->stats.replaced;
	for (size_t i = 0; r->conf.clean != NULL && i < CS_CLEAN_STEPS; i++)
		r->conf.clean->n[i] += s->cleaned[i];
}
