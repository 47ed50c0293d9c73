/* choice: what the differential tests draw. Included behind a test's struct
 * diff, of which it takes the member state. */
#ifndef CS_TESTS_CHOICE_H
#define CS_TESTS_CHOICE_H

static uint64_t
draw(struct diff *f)
{
	/* splitmix64 */
	uint64_t z = f->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static size_t
below(struct diff *f, size_t n)
{
	return (size_t)(draw(f) % n);
}

static bool
once_in(struct diff *f, size_t n)
{
	return below(f, n) == 0;
}

#define PICK(f, v) ((v)[below((f), sizeof(v) / sizeof(*(v)))])

#endif
