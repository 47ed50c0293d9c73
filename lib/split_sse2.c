/* The scan with what every x86-64 has. */
#ifdef __x86_64__
#include <emmintrin.h>

#include "split_rows.h"

/* Four times 16 bits as 64. */
CS_SCAN_INLINE uint64_t
bits(__m128i a, __m128i b, __m128i c, __m128i d)
{
	uint64_t low = (uint32_t)_mm_movemask_epi8(a) |
		       (uint32_t)_mm_movemask_epi8(b) << 16;
	uint64_t high = (uint32_t)_mm_movemask_epi8(c) |
			(uint32_t)_mm_movemask_epi8(d) << 16;

	return low | high << 32;
}

CS_SCAN_INLINE uint64_t
equal(const __m128i v[4], __m128i sign)
{
	return bits(_mm_cmpeq_epi8(v[0], sign), _mm_cmpeq_epi8(v[1], sign),
	    _mm_cmpeq_epi8(v[2], sign), _mm_cmpeq_epi8(v[3], sign));
}

void
cs_scan_sse2(
    struct cs_scan *s, struct cs_scan_state *t, const char *p, size_t blocks)
{
	const __m128i delimiter = _mm_set1_epi8((char)s->delimiter);
	const __m128i quote = _mm_set1_epi8((char)s->quote);
	const __m128i lf = _mm_set1_epi8('\n'), nul = _mm_setzero_si128();
	struct cs_scan_state now = *t;

	for (size_t i = 0; i < blocks; i++, p += CS_SCAN_BLOCK) {
		const __m128i *from = (const __m128i *)(const void *)p;
		const __m128i v[4] = {_mm_loadu_si128(from),
		    _mm_loadu_si128(from + 1), _mm_loadu_si128(from + 2),
		    _mm_loadu_si128(from + 3)};
		__m128i least = _mm_min_epu8(
		    _mm_min_epu8(v[0], v[1]), _mm_min_epu8(v[2], v[3]));
		struct cs_scan_masks m = {
		    .delimiter = equal(v, delimiter),
		    .quote = equal(v, quote),
		    .lf = equal(v, lf),
		    .high = bits(v[0], v[1], v[2], v[3]),
		};

		if (_mm_movemask_epi8(_mm_cmpeq_epi8(least, nul)) != 0)
			m.nul = equal(v, nul);
		m.pairs = cs_scan_pairs(m.quote);
		if (!cs_scan_step(s, &now, p, &m))
			break;
	}
	*t = now;
}
#endif
