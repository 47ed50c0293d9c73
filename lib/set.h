/* set: many texts in little memory (lists, suppression files)
 *
 * A text takes its own bytes, one or a few for its length, and 8 to 21 of the
 * table; nothing is kept for each that is not needed to find it. Keyed like
 * cs_hash: who chooses the texts cannot make them collide. For few texts whose
 * order matters there is cs_map. */
#ifndef CS_SET_H
#define CS_SET_H

#include "base.h"
#include "buf.h"

/* The zero value is empty. */
struct cs_set {
	size_t extra; /* bytes of the caller's with each text, zero at first;
			 said before the first text comes */
	size_t n;
	struct cs_buf text; /* set.c's own, as what follows */
	uint64_t *slot;
	size_t slots;
};

/* The place of s, added if it is new (*is_new may be NULL). */
size_t cs_set_add(struct cs_set *set, struct cs_str s, bool *is_new);
/* The place of s, or SIZE_MAX. */
size_t cs_set_find(const struct cs_set *set, struct cs_str s);
bool cs_set_has(const struct cs_set *set, struct cs_str s);
/* The caller's bytes at a place, aligned for nothing: use memcpy. Valid until
 * the next text is added. */
void *cs_set_extra(const struct cs_set *set, size_t place);
void cs_set_free(struct cs_set *set);

#endif
