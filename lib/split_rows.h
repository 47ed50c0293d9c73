/* split_rows: from the masks of 64 bytes to cells and rows; inlined into the
 * loop of each instruction set */
#ifndef CS_SPLIT_ROWS_H
#define CS_SPLIT_ROWS_H

#include "split.h"

enum { CS_SCAN_BLOCK = 64, CS_SCAN_BATCH = 8 };

/* Bit i is byte i of the block. */
struct cs_scan_masks {
	uint64_t delimiter, quote, lf, nul, high;
	uint64_t pairs; /* bit i: an odd number of quotes in bytes 0 .. i */
};

/* Between two blocks. */
struct cs_scan_state {
	uint32_t at;	       /* of the next block */
	uint64_t inside;       /* all ones: in quotes */
	uint64_t after_sep;    /* bit 0: a cell begins */
	uint64_t after_close;  /* bit 0: a quote was closed */
	uint64_t after_cr;     /* bit 0: closed, then CR: LF must come */
	uint32_t begin, first; /* of the row at hand */
	uint32_t lines;	       /* line ends in it so far */
	uint64_t high, quote;  /* not 0: it has some */
	bool is_odd;
	uint32_t odd; /* where, if is_odd */
};

#ifdef __x86_64__
cs_scan_fn cs_scan_sse2, cs_scan_avx2;
#endif
cs_scan_fn cs_scan_word;

/* Makes room for one block and the batch written too far. */
void cs_scan_grow(struct cs_scan *s);

#define CS_SCAN_INLINE static inline __attribute__((always_inline))

/* gcc makes one instruction of this where the function may use it. */
CS_SCAN_INLINE unsigned
cs_scan_count(uint64_t x)
{
	x -= x >> 1 & 0x5555555555555555u;
	x = (x & 0x3333333333333333u) + (x >> 2 & 0x3333333333333333u);
	x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fu;
	return (unsigned)(x * 0x0101010101010101u >> 56);
}

CS_SCAN_INLINE unsigned
cs_scan_lowest(uint64_t x)
{
	return (unsigned)__builtin_ctzll(x);
}

/* What stands at a bit: the parity of the bits up to it. */
CS_SCAN_INLINE uint64_t
cs_scan_pairs(uint64_t quote)
{
	for (unsigned k = 1; k < 64; k *= 2)
		quote ^= quote << k;
	return quote;
}

/* Writes the places of the bits. Always a whole batch, as a loop whose count
 * changes from block to block costs a wrong guess each; what is written too
 * far is written over by the next. */
CS_SCAN_INLINE unsigned
cs_scan_places(uint32_t *out, uint32_t at, uint64_t bits)
{
	const uint64_t top = (uint64_t)1 << 63;
	unsigned n = cs_scan_count(bits);

	for (unsigned i = 0; i < n; i += CS_SCAN_BATCH)
#pragma GCC unroll 8
		for (unsigned k = i; k < i + CS_SCAN_BATCH; k++) {
			out[k] = at + cs_scan_lowest(bits | top);
			bits &= bits - 1;
		}
	return n;
}

/* The bits below the lowest bit of x. x is not 0. */
CS_SCAN_INLINE uint64_t
cs_scan_below(uint64_t x)
{
	return (x & -x) - 1;
}

/* Behind a closing quote stands no delimiter, LF or second quote at `other`:
 * what is wrong with it? Nothing if it is a CR and then an LF. */
CS_SCAN_INLINE uint64_t
cs_scan_crlf(
    struct cs_scan_state *t, const char *p, uint64_t other, uint64_t lf)
{
	uint64_t cr = 0, after;

	for (; other != 0; other &= other - 1) {
		if (p[cs_scan_lowest(other)] != '\r')
			break;
		cr |= other & -other;
	}
	after = cr << 1 | t->after_cr;
	t->after_cr = cr >> 63;
	return other | (after & ~lf);
}

/* A row ends with the LF that is byte b of the block; its cells are those up
 * to ends, not counted. */
CS_SCAN_INLINE bool
cs_scan_end_row(struct cs_scan *s, struct cs_scan_state *t, uint32_t lf,
    uint32_t ends, unsigned flags)
{
	struct cs_scan_row *r = &s->row[s->nrows];
	uint32_t cr = lf > t->begin && s->base[lf - 1] == '\r';

	s->end[ends - 1] -= cr;
	*r = (struct cs_scan_row){
	    .begin = t->begin,
	    .text_n = lf - cr - t->begin,
	    .first = t->first,
	    .n = ends - t->first,
	    .lines = t->lines + 1,
	    .eol_n = (uint8_t)(1 + cr),
	    .flags = (uint8_t)flags,
	};
	if (r->text_n > s->max_row || r->n > s->max_columns)
		return false;
	s->nrows++;
	t->begin = lf + 1;
	t->first = ends;
	t->lines = 0;
	return true;
}

/* Takes a block whose bytes are at p (maybe a copy; in the end at base +
 * t->at). False: the row at hand is odd. */
CS_SCAN_INLINE bool
cs_scan_step(struct cs_scan *s, struct cs_scan_state *t, const char *p,
    const struct cs_scan_masks *m)
{
	uint64_t inside = m->pairs ^ t->inside;
	uint64_t open = m->quote & inside, close = m->quote & ~inside;
	uint64_t sep = (m->delimiter | m->lf) & ~inside;
	uint64_t after_sep = sep << 1 | t->after_sep;
	uint64_t after_close = close << 1 | t->after_close;
	uint64_t other = after_close & ~(sep | m->quote);
	uint64_t odd = m->nul | (open & ~(after_sep | after_close));
	uint64_t ends, held = m->lf & inside, row = ~(uint64_t)0;
	uint32_t *end, at = t->at;

	if ((other | t->after_cr) != 0)
		odd |= cs_scan_crlf(t, p, other, m->lf);
	t->inside = (uint64_t)((int64_t)inside >> 63);
	t->after_sep = sep >> 63;
	t->after_close = close >> 63;
	t->at = at + CS_SCAN_BLOCK;
	if (odd != 0) {
		t->is_odd = true;
		t->odd = at + cs_scan_lowest(odd);
		sep &= cs_scan_below(odd);
	}
	if (s->end_cap - s->ends < CS_SCAN_BLOCK + CS_SCAN_BATCH ||
	    s->row_cap - s->nrows < CS_SCAN_BLOCK)
		cs_scan_grow(s);
	end = s->end + s->ends;
	s->ends += cs_scan_places(end, at, sep);
	for (ends = sep & m->lf; ends != 0; ends &= ends - 1) {
		uint64_t here = row & cs_scan_below(ends);
		uint32_t n = (uint32_t)(end - s->end) +
			     cs_scan_count(sep & cs_scan_below(ends)) + 1;
		unsigned flags =
		    ((m->high & here) | t->high ? CS_SCAN_HIGH : 0) |
		    ((m->quote & here) | t->quote ? CS_SCAN_QUOTE : 0);

		if (held != 0)
			t->lines += cs_scan_count(held & here);
		if (!cs_scan_end_row(
			s, t, at + cs_scan_lowest(ends), n, flags)) {
			t->is_odd = true;
			t->odd = t->begin;
			return false;
		}
		t->high = t->quote = 0;
		row = ~(ends ^ (ends - 1));
	}
	if (held != 0)
		t->lines += cs_scan_count(held & row);
	t->high |= m->high & row;
	t->quote |= m->quote & row;
	return odd == 0;
}

#endif
