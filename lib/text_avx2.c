/* After Keiser and Lemire, "Validating UTF-8 in less than one instruction per
 * byte" (2021): whether two neighbours can stand together is looked up by three
 * half bytes, each of which names the faults it allows; a fault that all three
 * allow is one. */
#ifdef __x86_64__
#include <immintrin.h>

#include "text_avx2.h"

#define TARGET __attribute__((target("avx2")))

enum { STEP = 32, AHEAD = 3 };

/* Faults of two neighbours. */
enum {
	SHORT = 1 << 0,	 /* a first byte, then none that continues */
	LONG = 1 << 1,	 /* ASCII, then one that continues */
	LONG_3 = 1 << 2, /* 11100000 100_____ overlong */
	BEYOND = 1 << 3, /* 11110100 1001____ and above */
	HALF = 1 << 4,	 /* 11101101 101_____ a surrogate */
	LONG_2 = 1 << 5, /* 1100000_ 10______ overlong */
	LONG_4 = 1 << 6, /* 11110000 1000____ overlong; with BEYOND: over f4 */
	TWO = 1 << 7,	 /* two that continue: right if 3 or 4 bytes say so */
	CARRY = SHORT | LONG | TWO
};

/* By the first byte's upper half, its lower half, the second's upper half. */
static const unsigned char first_high[16] = {LONG, LONG, LONG, LONG, LONG, LONG,
    LONG, LONG, TWO, TWO, TWO, TWO, SHORT | LONG_2, SHORT,
    SHORT | LONG_3 | HALF, SHORT | BEYOND | LONG_4};
#define OVER_F4 (CARRY | BEYOND | LONG_4)
static const unsigned char first_low[16] = {CARRY | LONG_3 | LONG_2 | LONG_4,
    CARRY | LONG_2, CARRY, CARRY, CARRY | BEYOND, OVER_F4, OVER_F4, OVER_F4,
    OVER_F4, OVER_F4, OVER_F4, OVER_F4, OVER_F4, OVER_F4 | HALF, OVER_F4,
    OVER_F4};
#define SECOND (LONG | LONG_2 | TWO)
static const unsigned char second_high[16] = {SHORT, SHORT, SHORT, SHORT, SHORT,
    SHORT, SHORT, SHORT, SECOND | LONG_3 | LONG_4, SECOND | LONG_3 | BEYOND,
    SECOND | HALF | BEYOND, SECOND | HALF | BEYOND, SHORT, SHORT, SHORT, SHORT};

TARGET static inline __m256i
table(const unsigned char half[16])
{
	return _mm256_broadcastsi128_si256(
	    _mm_loadu_si128((const __m128i *)(const void *)half));
}

TARGET static inline __m256i
upper(__m256i v)
{
	return _mm256_and_si256(
	    _mm256_srli_epi16(v, 4), _mm256_set1_epi8(0x0f));
}

/* Each byte's neighbour k places before: k bytes of `before`, then v. */
#define BACK(v, before, k)                                                     \
	_mm256_alignr_epi8(                                                    \
	    v, _mm256_permute2x128_si256(before, v, 0x21), 16 - (k))

/* Not zero where something is wrong with v and what stands before it. */
TARGET static inline __m256i
faults(__m256i v, __m256i before)
{
	__m256i b1 = BACK(v, before, 1);
	__m256i low = _mm256_and_si256(b1, _mm256_set1_epi8(0x0f));
	__m256i pair = _mm256_and_si256(
	    _mm256_and_si256(_mm256_shuffle_epi8(table(first_high), upper(b1)),
		_mm256_shuffle_epi8(table(first_low), low)),
	    _mm256_shuffle_epi8(table(second_high), upper(v)));
	/* Bytes that must be the third or the fourth have the high bit. */
	__m256i third = _mm256_subs_epu8(
	    BACK(v, before, 2), _mm256_set1_epi8((char)(0xe0 - 0x80)));
	__m256i fourth = _mm256_subs_epu8(
	    BACK(v, before, 3), _mm256_set1_epi8((char)(0xf0 - 0x80)));
	__m256i must = _mm256_and_si256(
	    _mm256_or_si256(third, fourth), _mm256_set1_epi8((char)0x80));

	return _mm256_xor_si256(must, pair);
}

TARGET static inline __m256i
load(const unsigned char *p)
{
	return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

/* The last bytes, read over again with some before them: is all well, and the
 * last character whole? n >= 2 * STEP, valid before the last STEP. */
TARGET static inline bool
is_end_valid(const unsigned char *p, size_t n)
{
	__m256i bad = faults(load(p + n - STEP), load(p + n - 2 * STEP));

	return _mm256_testz_si256(bad, bad) && p[n - 1] < 0xc0 &&
	       p[n - 2] < 0xe0 && p[n - 3] < 0xf0;
}

TARGET size_t
cs_utf8_valid_avx2(struct cs_str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	__m256i before = _mm256_setzero_si256();
	bool was_ascii = true;
	size_t i = 0;

	for (; s.n - i >= STEP; i += STEP) {
		__m256i v = load(p + i);
		bool is_ascii = _mm256_movemask_epi8(v) == 0;

		/* What the bytes before left open shows in this step. */
		if (!(is_ascii && was_ascii)) {
			__m256i bad = faults(v, before);

			if (!_mm256_testz_si256(bad, bad))
				break;
		}
		before = v;
		was_ascii = is_ascii;
	}
	if (s.n - i < STEP && s.n >= 2 * STEP && is_end_valid(p, s.n))
		return s.n;
	/* Back to the front of the last character, which may go on. */
	for (size_t k = 0; k <= AHEAD && i > 0; k++)
		if ((p[--i] & 0xc0) != 0x80)
			break;
	return i;
}
#endif
