/* hash: keyed hash for tables, SHA-256 for what must be the same tomorrow */
#ifndef CS_HASH_H
#define CS_HASH_H

#include "arena.h"
#include "base.h"

/* SipHash-1-3 under a key drawn once per process: for tables only. The order
 * of output never depends on it. */
uint64_t cs_hash(struct cs_str s);
/* The same under a key of the caller's. */
uint64_t cs_siphash13(const unsigned char key[16], struct cs_str s);

void cs_sha256(const void *p, size_t n, unsigned char out[32]);
/* RULES: first 8 bytes, big endian, of SHA-256(salt 0x00 id) mod 10000. */
unsigned cs_bucket(struct cs_str salt, struct cs_str id);
/* The first 160 bits as 32 characters of lower-case base32 (RFC 4648). */
void cs_base32(const unsigned char sum[32], char out[33]);

/* A set of texts with a number each: 0, 1, 2 ... in order of first sight. The
 * zero value is empty; texts are kept in the map's own arena. */
struct cs_map {
	struct cs_arena arena;
	struct cs_str *key; /* by number */
	size_t n, cap;
	uint64_t *slot; /* hash.c's own; 0 empty */
	size_t slots;
};
/* The number of s, added if it is new (*is_new may be NULL). */
size_t cs_map_add(struct cs_map *m, struct cs_str s, bool *is_new);
/* The number of s, or SIZE_MAX. */
size_t cs_map_find(const struct cs_map *m, struct cs_str s);
void cs_map_free(struct cs_map *m);

#endif
