/* split: the structure of CSV, 64 bytes at a time
 *
 * The fast engine beside split_ref (libcsv): finds the ends of cells and rows
 * in vector code, quotes included. It takes what is regular: a quoted cell has
 * its opening quote right at its start and the closing one right before the
 * delimiter, LF, CRLF or the end; quotes inside are doubled. Of that it says
 * what split_ref says, byte by byte. Anything else (a bare quote, text behind
 * a closing quote, a quote never closed, a NUL, a row over the limits) is odd:
 * the rows before are given, and split_ref says what this one is. */
#ifndef CS_SPLIT_H
#define CS_SPLIT_H

#include <string.h>

#include "arena.h"
#include "base.h"

enum cs_scan_isa {
	CS_SCAN_AUTO, /* the best this machine has */
	CS_SCAN_WORD, /* plain C, eight bytes a word */
	CS_SCAN_SSE2,
	CS_SCAN_AVX2
};

enum cs_scan_flags {
	CS_SCAN_HIGH = 1, /* bytes >= 0x80: UTF-8 is not yet checked */
	CS_SCAN_QUOTE = 2 /* a cell is quoted */
};

/* Offsets count from base. */
struct cs_scan_row {
	uint32_t begin;	 /* of the first byte */
	uint32_t text_n; /* bytes without the line end */
	uint32_t first;	 /* its cells end at end[first .. first + n - 1] */
	uint32_t n;	 /* cells; a blank line has one, empty */
	uint32_t lines;	 /* physical lines: 1 and those ended in quotes */
	uint8_t eol_n;	 /* 0 (the last), 1: LF, 2: CRLF */
	uint8_t flags;
};

struct cs_scan;
struct cs_scan_state;
typedef void cs_scan_fn(
    struct cs_scan *s, struct cs_scan_state *t, const char *p, size_t blocks);

struct cs_scan {
	/* The answer of cs_scan_block, good until the next one. */
	const char *base;
	struct cs_scan_row *row;
	size_t nrows;
	size_t used;   /* bytes that the rows cover, line ends included */
	bool is_odd;   /* the row that begins at `used` is for split_ref */
	uint32_t *end; /* of each cell: where the delimiter or line end is */

	/* From cs_scan_init; the limits may be changed before a block. */
	size_t max_row;	    /* bytes of text; CS_MAX_CELL, so that no cell can
			     * be too long */
	size_t max_columns; /* CS_MAX_COLUMNS */
	unsigned char delimiter, quote;
	unsigned char filler; /* none of the signs that mean something */
	bool is_able;	      /* delimiter and quote are such as we can */
	enum cs_scan_isa isa; /* in use */
	cs_scan_fn *scan;
	size_t ends, end_cap, row_cap;
};

/* delimiter 0: comma; quote 0: the double quote. An isa that the machine lacks
 * gives the next below it. Two equal signs, CR, LF or bytes over 0x7f make
 * every row odd. */
void cs_scan_init(
    struct cs_scan *s, int delimiter, int quote, enum cs_scan_isa isa);
void cs_scan_free(struct cs_scan *s);
/* "AVX2", "SSE2", "plain C": the isa in use. */
const char *cs_scan_isa_name(enum cs_scan_isa isa);

/* Indexes the whole rows at the front of bytes, up to the first that is odd or
 * not ended here (when is_last, the end of the bytes ends a row). bytes.p must
 * be at the start of a row; bytes.n < 2^31; only these bytes are read. What
 * follows `used` comes again in the next call, with more behind it: twice as
 * much, if used is 0, lest a long row be read again and again. A row not ended
 * within max_row bytes is odd. */
void cs_scan_block(struct cs_scan *s, struct cs_str bytes, bool is_last);

/* Cell i of a row as written, i < r->n. */
static inline struct cs_str
cs_scan_raw(const struct cs_scan *s, const struct cs_scan_row *r, size_t i)
{
	const uint32_t *end = s->end + r->first + i;
	uint32_t begin = i == 0 ? r->begin : end[-1] + 1;

	return (struct cs_str){s->base + begin, *end - begin};
}

/* The row without its line end. */
static inline struct cs_str
cs_scan_text(const struct cs_scan *s, const struct cs_scan_row *r)
{
	return (struct cs_str){s->base + r->begin, r->text_n};
}

static inline struct cs_str
cs_scan_eol(const struct cs_scan *s, const struct cs_scan_row *r)
{
	return (struct cs_str){s->base + r->begin + r->text_n, r->eol_n};
}

static inline bool
cs_scan_is_quoted(const struct cs_scan *s, struct cs_str raw)
{
	return raw.n > 0 && (unsigned char)raw.p[0] == s->quote;
}

/* The text between the quotes, doubled ones undone: in the arena if there are
 * any, else a slice of raw. */
struct cs_str cs_unquote(struct cs_str raw, int quote, struct cs_arena *a);

/* What the cell says: raw, or without its quotes. */
static inline struct cs_str
cs_scan_cell(const struct cs_scan *s, struct cs_str raw, struct cs_arena *a)
{
	return cs_scan_is_quoted(s, raw) ? cs_unquote(raw, s->quote, a) : raw;
}

#endif
