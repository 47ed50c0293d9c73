/* arena: memory with one end. Three are in use: run, record, group (HOUSE). */
#ifndef CS_ARENA_H
#define CS_ARENA_H

#include "base.h"

struct cs_arena_block;

/* The zero value is an empty arena. */
struct cs_arena {
	struct cs_arena_block *head; /* newest block */
};

/* n bytes, aligned for any type, not cleared; never NULL. */
void *cs_arena_alloc(struct cs_arena *a, size_t n);
/* n products of size, cleared. */
void *cs_arena_array(struct cs_arena *a, size_t n, size_t size);
/* Copies s into the arena: the one place where text gets a longer life. The
 * copy is followed by a NUL that is not counted. Absent stays absent. */
struct cs_str cs_keep(struct cs_arena *a, struct cs_str s);
/* The same, as a C string ("" for the absent text). */
char *cs_keepz(struct cs_arena *a, struct cs_str s);
/* Text made by printf, in the arena, NUL-terminated. */
char *cs_arena_printf(struct cs_arena *a, const char *fmt, ...)
    CS_PRINTF(2, 3);
/* Gives everything back but one block for the next round. */
void cs_arena_reset(struct cs_arena *a);
/* Gives everything back. */
void cs_arena_free(struct cs_arena *a);

#endif
