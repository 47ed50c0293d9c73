#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "set.h"

/* All texts stand in one piece of memory, each as its length (7 bits a byte,
 * low ones first, 0x80: more follow), the caller's bytes, the text. A slot
 * holds 24 bits of the hash, the tag, over the place + 1. The tag alone says
 * where the slot belongs: growing reads no texts and walks both tables from
 * front to back, and nearly every text that is not the one wanted is passed
 * over unread. */
enum { PLACE_BITS = 40, TAG_BITS = 64 - PLACE_BITS };

static const uint64_t place_mask = ((uint64_t)1 << PLACE_BITS) - 1;

static size_t
place_of(uint64_t slot)
{
	return (size_t)(slot & place_mask) - 1;
}

static uint64_t
tag_of(struct cs_str s)
{
	return cs_hash(s) >> PLACE_BITS;
}

static size_t
home(const struct cs_set *set, uint64_t tag)
{
	return (size_t)(tag * set->slots >> TAG_BITS);
}

static size_t
next(const struct cs_set *set, size_t i)
{
	return i + 1 == set->slots ? 0 : i + 1;
}

/* The length that stands at p; *p goes behind it. */
static size_t
take_length(const char **p)
{
	size_t n = 0;
	unsigned char c;
	int shift = 0;

	do {
		c = (unsigned char)*(*p)++;
		n |= (size_t)(c & 0x7f) << shift;
		shift += 7;
	} while (c & 0x80);
	return n;
}

static void
put_length(struct cs_buf *b, size_t n)
{
	for (; n > 0x7f; n >>= 7)
		cs_buf_putc(b, (char)(n | 0x80));
	cs_buf_putc(b, (char)n);
}

static bool
is_at(const struct cs_set *set, size_t place, struct cs_str s)
{
	const char *p = set->text.p + place;

	return take_length(&p) == s.n &&
	       (s.n == 0 || memcmp(p + set->extra, s.p, s.n) == 0);
}

/* The slot where s is, or the empty one where it would go. */
static size_t
find_slot(const struct cs_set *set, struct cs_str s, uint64_t tag)
{
	size_t i = home(set, tag);

	while (set->slot[i] != 0 && (set->slot[i] >> PLACE_BITS != tag ||
					!is_at(set, place_of(set->slot[i]), s)))
		i = next(set, i);
	return i;
}

static void
grow(struct cs_set *set)
{
	uint64_t *old = set->slot;
	size_t n = set->slots, i;

	if (n > SIZE_MAX >> (TAG_BITS + 1)) /* home multiplies */
		cs_nomem();
	set->slots = n ? n * 2 : 8;
	set->slot = cs_calloc(set->slots, sizeof(*set->slot));
	for (size_t k = 0; k < n; k++) {
		if (old[k] == 0)
			continue;
		i = home(set, old[k] >> PLACE_BITS);
		while (set->slot[i] != 0)
			i = next(set, i);
		set->slot[i] = old[k];
	}
	free(old);
}

static size_t
append(struct cs_set *set, struct cs_str s)
{
	size_t place = set->text.n;

	if (place >= place_mask)
		cs_nomem();
	put_length(&set->text, s.n);
	for (size_t i = 0; i < set->extra; i++)
		cs_buf_putc(&set->text, '\0');
	cs_buf_add(&set->text, s.p, s.n);
	return place;
}

size_t
cs_set_add(struct cs_set *set, struct cs_str s, bool *is_new)
{
	uint64_t tag = tag_of(s);
	size_t i;

	/* Three quarters full at most: some 8 slots, one or two lines of the
	 * cache, for a text that is not there. */
	if (set->n >= set->slots - set->slots / 4)
		grow(set);
	i = find_slot(set, s, tag);
	if (is_new != NULL)
		*is_new = set->slot[i] == 0;
	if (set->slot[i] == 0) {
		set->slot[i] = tag << PLACE_BITS | (append(set, s) + 1);
		set->n++;
	}
	return place_of(set->slot[i]);
}

size_t
cs_set_find(const struct cs_set *set, struct cs_str s)
{
	uint64_t slot;

	if (set->n == 0)
		return SIZE_MAX;
	slot = set->slot[find_slot(set, s, tag_of(s))];
	return slot == 0 ? SIZE_MAX : place_of(slot);
}

bool
cs_set_has(const struct cs_set *set, struct cs_str s)
{
	return cs_set_find(set, s) != SIZE_MAX;
}

void *
cs_set_extra(const struct cs_set *set, size_t place)
{
	char *p = set->text.p + place;

	while ((unsigned char)*p & 0x80)
		p++;
	return p + 1;
}

void
cs_set_free(struct cs_set *set)
{
	cs_buf_free(&set->text);
	free(set->slot);
	*set = (struct cs_set){.extra = set->extra};
}
