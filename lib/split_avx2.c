/* The scan with AVX2; split.c asks the machine first. */
#ifdef __x86_64__
#include <immintrin.h>

#include "split_rows.h"

#define TARGET __attribute__((target("avx2,bmi,popcnt,pclmul")))

TARGET CS_SCAN_INLINE uint64_t
bits(__m256i a, __m256i b)
{
	return (uint32_t)_mm256_movemask_epi8(a) |
	       (uint64_t)(uint32_t)_mm256_movemask_epi8(b) << 32;
}

TARGET CS_SCAN_INLINE uint64_t
equal(__m256i a, __m256i b, __m256i sign)
{
	return bits(_mm256_cmpeq_epi8(a, sign), _mm256_cmpeq_epi8(b, sign));
}

/* A product without carries by all ones is the running exclusive or. */
TARGET CS_SCAN_INLINE uint64_t
pairs(uint64_t quote)
{
	__m128i x = _mm_set_epi64x(0, (long long)quote);

	return (uint64_t)_mm_cvtsi128_si64(
	    _mm_clmulepi64_si128(x, _mm_set1_epi8(-1), 0));
}

TARGET void
cs_scan_avx2(
    struct cs_scan *s, struct cs_scan_state *t, const char *p, size_t blocks)
{
	const __m256i delimiter = _mm256_set1_epi8((char)s->delimiter);
	const __m256i quote = _mm256_set1_epi8((char)s->quote);
	const __m256i lf = _mm256_set1_epi8('\n');
	const __m256i nul = _mm256_setzero_si256();
	struct cs_scan_state now = *t;

	for (size_t i = 0; i < blocks; i++, p += CS_SCAN_BLOCK) {
		const __m256i *from = (const __m256i *)(const void *)p;
		__m256i a = _mm256_loadu_si256(from);
		__m256i b = _mm256_loadu_si256(from + 1);
		__m256i is_nul = _mm256_cmpeq_epi8(_mm256_min_epu8(a, b), nul);
		struct cs_scan_masks m = {
		    .delimiter = equal(a, b, delimiter),
		    .quote = equal(a, b, quote),
		    .lf = equal(a, b, lf),
		    .high = bits(a, b),
		};

		if (!_mm256_testz_si256(is_nul, is_nul))
			m.nul = equal(a, b, nul);
		m.pairs = pairs(m.quote);
		if (!cs_scan_step(s, &now, p, &m))
			break;
	}
	*t = now;
}
#endif
