/* clean: cells without the dirt of exports (--clean), each change counted */
#ifndef CS_CLEAN_H
#define CS_CLEAN_H

#include "arena.h"
#include "msg.h"

enum cs_clean_step {
	CS_CLEAN_CONTROL, /* C0 but tab and line ends, DEL, U+200B and U+FEFF
			     are dropped, C1 becomes what it is in Windows-1252
			     (U+0096 is a dash that was read as Latin-1) */
	CS_CLEAN_NFKC,	  /* full width to ASCII, half-width kana to kana ... */
	CS_CLEAN_VARIANTS, /* every hyphen is -, every wave is ~ */
	CS_CLEAN_TRIM,	  /* no white space at the ends, of any width */
	CS_CLEAN_BLANK,	  /* records without anything but white space go */
	CS_CLEAN_STEPS
};

struct cs_clean {
	bool does[CS_CLEAN_STEPS];
	uint64_t n[CS_CLEAN_STEPS]; /* cells it changed; records for BLANK */
};

/* "trim,nfkc": the words trim nfkc blank control variants, and ja for all of
 * them. Adds to c. An unknown word: exit 2. */
bool cs_clean_parse(struct cs_clean *c, const char *words, struct cs_err *err);
/* "trim" ...: the word of a step. */
const char *cs_clean_word(enum cs_clean_step step);
/* A cell (UTF-8) as the steps leave it, in that order: s itself, a piece of it
 * or a text in the arena. Counts each step that changed it. */
struct cs_str cs_clean_text(
    struct cs_clean *c, struct cs_arena *a, struct cs_str s);
/* Is the record to go? Counts it. */
bool cs_clean_is_blank(
    struct cs_clean *c, const struct cs_str *cell, size_t n);

#endif
