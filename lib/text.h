/* text: UTF-8 (utf8proc behind it) */
#ifndef CS_TEXT_H
#define CS_TEXT_H

#include "arena.h"
#include "buf.h"

/* Offset of the first byte that is not UTF-8 (surrogates, overlong forms and
 * values over U+10FFFF are not), or s.n when all is well. */
size_t cs_utf8_valid(struct cs_str s);
/* The scalar value at the front of valid text; *n its bytes. s.n > 0. Bytes
 * that are not UTF-8 give U+FFFD for each longest part that could have begun a
 * character (what Unicode recommends, and Python and browsers do). */
uint32_t cs_utf8_next(struct cs_str s, size_t *n);
void cs_utf8_put(struct cs_buf *b, uint32_t cp);
/* Scalar values in s. */
size_t cs_utf8_count(struct cs_str s);
/* Columns on a terminal: East Asian wide and full width 2, combining 0; a
 * grapheme cluster (flag, family, letter with marks) is never over 2. */
size_t cs_text_width(struct cs_str s);
/* Bytes of the first grapheme cluster of valid text. s.n > 0. */
size_t cs_text_grapheme(struct cs_str s);
/* Normal forms, in the arena, or s itself when it is made only of ASCII, kana
 * and kanji that both forms leave alone. */
struct cs_str cs_text_nfc(struct cs_arena *a, struct cs_str s);
struct cs_str cs_text_nfkc(struct cs_arena *a, struct cs_str s);
/* Is there anything but white space (Unicode, full-width blank too)? */
bool cs_text_is_blank(struct cs_str s);
/* Without white space (Unicode) at both ends. */
struct cs_str cs_text_trim(struct cs_str s);
/* Takes the first name off a list a,b,c as people give it to an option; false
 * when *rest is absent. A name within double quotes may hold commas, and a
 * quote written twice; it then lives in the arena, else in the list. A quote
 * that does not close before a comma or the end is text. */
bool cs_names_next(
    struct cs_str *rest, struct cs_arena *a, struct cs_str *name);
/* Appends a name to such a list. */
void cs_names_put(struct cs_buf *b, struct cs_str name);
/* Appends s as a JSON string with quotes; as jq prints it: \" \\ \b \f \n \r
 * \t, other controls and DEL as \u00XX, all else as it is. s must be valid
 * UTF-8. */
void cs_text_json(struct cs_buf *b, struct cs_str s);

#endif
