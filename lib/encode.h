/* encode: UTF-8 into the encoding that an old tool wants (iconv)
 *
 * What CP932 and EUC-JP have at all is asked of iconv once and then stands in a
 * table; other names go through iconv text by text. */
#ifndef CS_ENCODE_H
#define CS_ENCODE_H

#include "buf.h"
#include "msg.h"

struct cs_encode;

/* The names are those of cs_decode_open; UTF-16 and UTF-32 without an order
 * are little-endian with a byte order mark. NULL with err (exit 2): no such
 * name. */
struct cs_encode *cs_encode_open(const char *name, struct cs_err *err);
/* "CP932" ... */
const char *cs_encode_name(const struct cs_encode *e);
/* Is it UTF-8 itself, so that there is nothing to do? */
bool cs_encode_is_plain(const struct cs_encode *e);
/* What stands before the first text; mostly nothing. */
struct cs_str cs_encode_mark(const struct cs_encode *e);
/* Appends the text, which begins and ends in the encoding's first state, and
 * returns text.n; or appends nothing and returns where the first character
 * stands that it does not have (or that is not UTF-8). */
size_t cs_encode_text(
    struct cs_encode *e, struct cs_str text, struct cs_buf *out);
void cs_encode_free(struct cs_encode *e);

#endif
