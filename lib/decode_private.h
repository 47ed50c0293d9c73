/* decode_private: what the files of decode share, encode among them */
#ifndef CS_DECODE_PRIVATE_H
#define CS_DECODE_PRIVATE_H

#include "buf.h"
#include "in.h"

/* ---- decode_conv: one encoding on its way to UTF-8, through iconv ---- */

/* What a family of encodings needs that iconv does not tell. */
enum cs_set { CS_UTF8, CS_UNITS, CS_CP932, CS_EUC, CS_JIS, CS_OTHER };

struct cs_conv;

/* NULL where iconv does not know the name. */
struct cs_conv *cs_conv_open(const char *name);
void cs_conv_close(struct cs_conv *c);
enum cs_set cs_conv_set(const struct cs_conv *c);
/* Not for UTF-8 itself (cs_mend_utf8): appends s as UTF-8, from the first
 * state, hole where nothing decodes, and returns the count of holes; ends early
 * after `most` of them. With *left, an unfinished character at the end is no
 * hole: *left is its length. */
size_t cs_conv_run(struct cs_conv *c, struct cs_str s, const char *hole,
    size_t most, struct cs_buf *out, size_t *left);
/* The offset of the first hole in s, a line, of which *n bytes show it; s.n if
 * there is none. */
size_t cs_conv_where(struct cs_conv *c, struct cs_str s, size_t *n);
/* Is every 7-bit byte the same in UTF-8? */
bool cs_conv_keeps_ascii(struct cs_conv *c);
/* Does LF end a line in the raw bytes? Not in UTF-16 or EBCDIC. */
bool cs_conv_has_lines(struct cs_conv *c);
/* Does every byte by itself become a character, or none, whatever stands
 * before and behind it? */
bool cs_conv_is_bytewise(struct cs_conv *c);

/* Appends text that is UTF-8 but for some places, which become U+FFFD; their
 * count. */
size_t cs_mend_utf8(struct cs_str s, struct cs_buf *out);

bool cs_is_ascii(struct cs_str s);
/* Bytes of the form that CP932 gives a character of two? */
bool cs_is_cp932_pair(const unsigned char *p, size_t n);
/* Bytes of the EUC character at p by its form alone, 1 if it has none. */
size_t cs_euc_length(const unsigned char *p, size_t n);
/* Length of what Unicode calls the maximal subpart of a broken sequence. */
size_t cs_bad_utf8_length(struct cs_str s);

static inline bool
cs_in_range(unsigned char c, unsigned char lo, unsigned char hi)
{
	return c >= lo && c <= hi;
}

/* ---- decode_table: the same answers from a table ---- */

struct cs_conv_table;

/* Asks c for every character it has: CP932, EUC-JP-MS and sets of 8 bits that
 * keep ASCII. NULL for all others. c is not kept. */
struct cs_conv_table *cs_conv_table_new(struct cs_conv *c);
void cs_conv_table_free(struct cs_conv_table *t);
/* Appends the lines of raw up to the first with a place that does not decode,
 * and returns the bytes used: the start of that line, or raw.n. */
size_t cs_conv_table_run(
    const struct cs_conv_table *t, struct cs_str raw, struct cs_buf *out);

/* Copies ASCII from p, of which n are readable and as many writable at to;
 * the bytes copied. Up to 15 bytes behind them may be written as well. */
size_t cs_copy_ascii(char *to, const unsigned char *p, size_t n);

/* ---- decode_guess: which encoding it is ---- */

/* What was decided, and why. */
struct cs_verdict {
	char name[64];
	char reason[256];
};

/* The start of an input; is_cut: it goes on behind its end, perhaps in the
 * middle of a character. */
struct cs_sample {
	struct cs_str s;
	bool is_cut;
};

/* A byte order mark. */
struct cs_mark {
	const char *bytes;
	size_t n;
	const char *name;
};

/* False when in doubt. */
bool cs_decode_decide(struct cs_sample in, struct cs_verdict *v);
void cs_verdict_set(struct cs_verdict *v, const char *name, const char *fmt,
    ...) CS_PRINTF(3, 4);
/* The mark that text begins with, or NULL. */
const struct cs_mark *cs_decode_mark(struct cs_str text);
/* UTF-16LE, UTF-32BE ..., what fits units of 2 or 4 bytes best, or NULL. */
const char *cs_decode_guess_units(struct cs_str s, size_t unit);
/* The name of units of 2 or 4 bytes. */
const char *cs_decode_unit_name(size_t unit, bool is_little);

#endif
