/* The scan in plain C, for machines without vectors of ours, and to show in
 * the tests that it does not depend on them. */
#include <endian.h>

#include "split_rows.h"

#define EACH(byte) ((byte) * (uint64_t)0x0101010101010101u)

/* The high bit of each byte that is 0, exactly. */
static inline uint64_t
zeros(uint64_t w)
{
	const uint64_t low = EACH(0x7f);

	return ~(((w & low) + low) | w | low);
}

/* The high bits of the bytes as bits 0 .. 7. */
static inline uint64_t
gather(uint64_t high)
{
	return (high >> 7) * 0x0102040810204080u >> 56;
}

static inline void
look(const struct cs_scan *s, const char *p, struct cs_scan_masks *m)
{
	const uint64_t delimiter = EACH(s->delimiter), quote = EACH(s->quote);

	*m = (struct cs_scan_masks){0};
	for (unsigned i = 0; i < CS_SCAN_BLOCK; i += 8) {
		uint64_t w;

		memcpy(&w, p + i, sizeof(w));
		w = le64toh(w);
		m->delimiter |= gather(zeros(w ^ delimiter)) << i;
		m->quote |= gather(zeros(w ^ quote)) << i;
		m->lf |= gather(zeros(w ^ EACH('\n'))) << i;
		m->nul |= gather(zeros(w)) << i;
		m->high |= gather(w & EACH(0x80)) << i;
	}
	m->pairs = cs_scan_pairs(m->quote);
}

void
cs_scan_word(
    struct cs_scan *s, struct cs_scan_state *t, const char *p, size_t blocks)
{
	struct cs_scan_state now = *t;

	for (size_t i = 0; i < blocks; i++, p += CS_SCAN_BLOCK) {
		struct cs_scan_masks m;

		look(s, p, &m);
		if (!cs_scan_step(s, &now, p, &m))
			break;
	}
	*t = now;
}
