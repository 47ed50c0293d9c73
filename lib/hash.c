#include <endian.h>
#include <errno.h>
#include <sha2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

#include "hash.h"

static inline uint64_t
rotl(uint64_t x, int n)
{
	return x << n | x >> (64 - n);
}

static inline uint64_t
load64(const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

/* The last n < 8 bytes. */
static inline uint64_t
load_rest(const char *p, size_t n)
{
	uint64_t v = 0;

	for (size_t i = n; i > 0; i--)
		v = v << 8 | (unsigned char)p[i - 1];
	return v;
}

/* In registers: as a function over an array it took twice the time. */
#define SIP_ROUND(a, b, c, d)                                                  \
	do {                                                                   \
		a += b;                                                        \
		c += d;                                                        \
		b = rotl(b, 13) ^ a;                                           \
		d = rotl(d, 16) ^ c;                                           \
		a = rotl(a, 32);                                               \
		c += b;                                                        \
		a += d;                                                        \
		b = rotl(b, 17) ^ c;                                           \
		d = rotl(d, 21) ^ a;                                           \
		c = rotl(c, 32);                                               \
	} while (0)

uint64_t
cs_siphash13(const unsigned char key[16], struct cs_str s)
{
	uint64_t k0 = load64(key), k1 = load64(key + 8), m;
	uint64_t a = k0 ^ 0x736f6d6570736575, b = k1 ^ 0x646f72616e646f6d,
		 c = k0 ^ 0x6c7967656e657261, d = k1 ^ 0x7465646279746573;
	size_t i = 0;

	for (; s.n - i >= 8; i += 8) {
		m = load64(s.p + i);
		d ^= m;
		SIP_ROUND(a, b, c, d);
		a ^= m;
	}
	m = load_rest(s.p + i, s.n - i) | (uint64_t)s.n << 56;
	d ^= m;
	SIP_ROUND(a, b, c, d);
	a ^= m;
	c ^= 0xff;
	for (i = 0; i < 3; i++)
		SIP_ROUND(a, b, c, d);
	return a ^ b ^ c ^ d;
}

/* The one thing here that lives as long as the process. */
static unsigned char process_key[16];
static once_flag process_key_once = ONCE_FLAG_INIT;

static void
draw_key(void)
{
	size_t done = 0;

	while (done < sizeof(process_key)) {
		ssize_t r = getrandom(
		    process_key + done, sizeof(process_key) - done, 0);

		if (r > 0) {
			done += (size_t)r;
		} else if (errno != EINTR) {
			/* A kernel without it: hard to guess will do. */
			struct timespec now;
			pid_t pid = getpid();

			clock_gettime(CLOCK_REALTIME, &now);
			memcpy(process_key, &now.tv_nsec, 8);
			memcpy(process_key + 8, &pid, sizeof(pid));
			return;
		}
	}
}

uint64_t
cs_hash(struct cs_str s)
{
	call_once(&process_key_once, draw_key);
	return cs_siphash13(process_key, s);
}

void
cs_sha256(const void *p, size_t n, unsigned char out[32])
{
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	if (n > 0)
		SHA256Update(&ctx, p, n);
	SHA256Final(out, &ctx);
}

unsigned
cs_bucket(struct cs_str salt, struct cs_str id)
{
	unsigned char sum[32];
	uint64_t v = 0;
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	if (salt.n > 0)
		SHA256Update(&ctx, (const uint8_t *)salt.p, salt.n);
	SHA256Update(&ctx, (const uint8_t *)"", 1);
	if (id.n > 0)
		SHA256Update(&ctx, (const uint8_t *)id.p, id.n);
	SHA256Final(sum, &ctx);
	for (int i = 0; i < 8; i++)
		v = v << 8 | sum[i];
	return (unsigned)(v % 10000);
}

void
cs_base32(const unsigned char sum[32], char out[33])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	unsigned bits = 0;
	int have = 0, n = 0;

	for (int i = 0; i < 20; i++) {
		bits = bits << 8 | sum[i];
		for (have += 8; have >= 5; have -= 5)
			out[n++] = letters[bits >> (have - 5) & 31];
	}
	out[n] = '\0';
}

/* A slot holds the upper half of the hash, the tag, over the number + 1. The
 * tag alone says where the slot belongs, so that growing reads no texts, and
 * nearly every text that is not the one wanted is passed over unread: a
 * million texts go in twice as fast. */
static size_t
home(const struct cs_map *m, uint32_t tag)
{
	return (size_t)((uint64_t)tag * m->slots >> 32);
}

static size_t
number(uint64_t slot)
{
	return (size_t)(slot & UINT32_MAX) - 1;
}

static size_t
next(const struct cs_map *m, size_t i)
{
	return i + 1 == m->slots ? 0 : i + 1;
}

/* The slot where s is, or the empty one where it would go. */
static size_t
find_slot(const struct cs_map *m, struct cs_str s, uint32_t tag)
{
	size_t i = home(m, tag);

	while (
	    m->slot[i] != 0 && (m->slot[i] >> 32 != tag ||
				   !cs_str_eq(m->key[number(m->slot[i])], s)))
		i = next(m, i);
	return i;
}

static void
grow(struct cs_map *m)
{
	uint64_t *old = m->slot;
	size_t n = m->slots, i;

	m->slots = n ? n * 2 : 16;
	m->slot = cs_calloc(m->slots, sizeof(*m->slot));
	for (size_t k = 0; k < n; k++) {
		if (old[k] == 0)
			continue;
		i = home(m, (uint32_t)(old[k] >> 32));
		while (m->slot[i] != 0)
			i = next(m, i);
		m->slot[i] = old[k];
	}
	free(old);
}

size_t
cs_map_add(struct cs_map *m, struct cs_str s, bool *is_new)
{
	uint32_t tag = (uint32_t)(cs_hash(s) >> 32);
	size_t i;

	if (m->n >= UINT32_MAX / 2) /* more slots than tags */
		cs_nomem();
	if (m->n >= m->slots / 2)
		grow(m);
	i = find_slot(m, s, tag);
	if (is_new != NULL)
		*is_new = m->slot[i] == 0;
	if (m->slot[i] != 0)
		return number(m->slot[i]);
	m->key = cs_grow(m->key, m->n, &m->cap, sizeof(*m->key));
	m->key[m->n] = cs_keep(&m->arena, s);
	m->slot[i] = (uint64_t)tag << 32 | (m->n + 1);
	return m->n++;
}

size_t
cs_map_find(const struct cs_map *m, struct cs_str s)
{
	uint64_t slot;

	if (m->n == 0)
		return SIZE_MAX;
	slot = m->slot[find_slot(m, s, (uint32_t)(cs_hash(s) >> 32))];
	return slot == 0 ? SIZE_MAX : number(slot);
}

void
cs_map_free(struct cs_map *m)
{
	cs_arena_free(&m->arena);
	free(m->key);
	free(m->slot);
	*m = (struct cs_map){0};
}
