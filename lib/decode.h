/* decode: what encoding an export has, and UTF-8 out of it (iconv, uchardet)
 *
 * Order (CONTRACT, cs-ingest): BOM; NUL pattern (UTF-16/32); 7-bit with ESC $
 * or ESC (: ISO-2022-JP; valid UTF-8 to the end; the one of CP932 and
 * EUC-JP-MS that decodes all that was read, else the one with more kana and
 * level-1 kanji; uchardet among 8-bit sets; in doubt: fault, exit 2. */
#ifndef CS_DECODE_H
#define CS_DECODE_H

#include "buf.h"
#include "in.h"
#include "msg.h"

struct cs_decode;

/* iconv's name for one that people and programs write ("sjis": "CP932"; without
 * regard to case, - and _), or NULL: not one of those we know. */
const char *cs_decode_alias(const char *written);

/* Looks at the start of in (several MiB), decides or takes the name forced
 * (NULL: decide; "sjis", "shift_jis", "ms932", "windows-31j", "cp932", "x-sjis"
 * mean CP932; "eucjp", "euc-jp" mean EUC-JP-MS; without regard to case, - and
 * _), takes a BOM off and sets the filter where lines cannot be seen in the raw
 * bytes (UTF-16/32). Any other name is iconv's. NULL with err: in doubt, or not
 * a name iconv knows (exit 2). Close it after the last line was read from in:
 * the filter lives in it. */
struct cs_decode *cs_decode_open(
    struct cs_in *in, const char *forced, struct cs_err *err);
/* "UTF-8", "CP932" ... and why, as -v prints it. */
const char *cs_decode_name(const struct cs_decode *d);
const char *cs_decode_reason(const struct cs_decode *d);
/* One physical line to UTF-8 (each line begins in the encoding's first
 * state). *text is raw itself when nothing had to be changed, else it lives
 * until the next call. Returns the count of places that did not decode, each
 * of which became U+FFFD in *text. NUL and controls pass. */
size_t cs_decode_line(
    struct cs_decode *d, struct cs_str raw, struct cs_str *text);

/* Where in raw, one or more lines that cs_decode_line found places in, the
 * first is; *n bytes show it, 0 where they are not to be had (UTF-16/32). */
size_t cs_decode_where(struct cs_decode *d, struct cs_str raw, size_t *n);

/* Whole physical lines at once, for the fast way. Where cs_decode_is_plain
 * says yes the lines of the input are UTF-8 already (or are broken), and there
 * is nothing to do but to check them. */
bool cs_decode_is_plain(const struct cs_decode *d);
/* Not where a character, in the middle of a line, could be or hold a line end
 * (ISO-2022-JP, UTF-7), nor for sets of several bytes without a table: UTF-8,
 * UTF-16/32, CP932, EUC-JP-MS and the sets of 8 bits have blocks. */
bool cs_decode_has_blocks(const struct cs_decode *d);
/* Decodes raw, which ends behind an LF or at the end of the input, and appends
 * to out. Stops before the first line with a place that does not decode
 * (cs_decode_line tells more about it) and returns the raw bytes used; 0: the
 * first line is such a one. Each line gives what cs_decode_line gives, and as
 * many LF come out as went in. Only where cs_decode_has_blocks says yes. */
size_t cs_decode_block(
    struct cs_decode *d, struct cs_str raw, struct cs_buf *out);
/* Another one for lines of the same input in another thread; only where
 * cs_decode_has_blocks says yes. d must outlive it. */
struct cs_decode *cs_decode_twin(const struct cs_decode *d);
void cs_decode_close(struct cs_decode *d);

/* For commands that take UTF-8 only: a short word on what the bytes look like
 * ("CP932"), or NULL when nothing better than UTF-8 is seen. */
const char *cs_decode_guess(struct cs_str bytes);

#endif
