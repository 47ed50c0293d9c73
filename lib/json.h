/* json: strict JSON texts (RFC 8259) cut into raw slices
 *
 * Our own check stands before libjq everywhere, because libjq 1.6 accepts 27
 * of 188 texts that must be refused and repairs bad UTF-8 wrongly. Refused
 * here: leading zeros, +1, .5, 2., NaN words, raw controls, bytes that are not
 * UTF-8, NUL, lone surrogate escapes, text behind the value, nesting deeper
 * than CS_MAX_JSON_DEPTH. */
#ifndef CS_JSON_H
#define CS_JSON_H

#include "arena.h"
#include "buf.h"

/* Is s exactly one JSON value, white space around it allowed? On false *at is
 * the offset of the fault and *why a short text ("a number has a leading
 * zero"). at and why may be NULL. */
bool cs_json_check(struct cs_str s, size_t *at, const char **why);

enum cs_json_kind {
	CS_JSON_NULL,
	CS_JSON_FALSE,
	CS_JSON_TRUE,
	CS_JSON_NUMBER,
	CS_JSON_STRING,
	CS_JSON_ARRAY,
	CS_JSON_OBJECT
};
/* The kind of a checked value, from its first byte. */
enum cs_json_kind cs_json_kind(struct cs_str value);
/* Walks the members of a checked object, or the items of a checked array (key
 * absent then). *pos begins at 0. False at the end. key and value are raw
 * slices; key still has its quotes and escapes. */
bool cs_json_next(struct cs_str whole, size_t *pos, struct cs_str *key,
    struct cs_str *value);
/* The text of a checked JSON string (quotes included in s): s itself without
 * quotes when nothing is escaped, else a copy in the arena. */
struct cs_str cs_json_text(struct cs_arena *a, struct cs_str s);
/* Like cs_json_check, but finds the end of the first value in s: *end is the
 * offset behind it. For concatenated values and eval's input stream. */
bool cs_json_first(struct cs_str s, size_t *end, size_t *at,
    const char **why);

#endif
