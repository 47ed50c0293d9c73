#include <stdlib.h>

#include "exact.h"
#include "num.h"

/* *v * 10^n; false when it does not fit. */
static bool
shift(__int128 *v, long n)
{
	for (; n > 0 && *v != 0; n--)
		if (__builtin_mul_overflow(*v, 10, v))
			return false;
	return true;
}

/* The places that a sum has no room for must be zeros. */
static bool
settle(struct cs_exact *x)
{
	if (x->v == 0)
		x->places = 0;
	for (; x->places > CS_EXACT_PLACES && x->v % 10 == 0; x->places--)
		x->v /= 10;
	return x->places <= CS_EXACT_PLACES;
}

bool
cs_exact_parse(struct cs_str s, struct cs_exact *x)
{
	bool is_negative, is_behind = false;
	long long exponent = 0;
	size_t i;

	if (!cs_num_is_json(s))
		return false;
	*x = (struct cs_exact){0, 0};
	is_negative = s.p[0] == '-';
	for (i = is_negative; i < s.n && s.p[i] != 'e' && s.p[i] != 'E'; i++) {
		if (s.p[i] == '.') {
			is_behind = true;
			continue;
		}
		if (!shift(&x->v, 1) ||
		    __builtin_add_overflow(x->v, s.p[i] - '0', &x->v))
			return false;
		x->places += is_behind;
	}
	if (is_negative)
		x->v = -x->v;
	if (i < s.n && x->v != 0 &&
	    !cs_num_whole((struct cs_str){s.p + i + 1, s.n - i - 1}, -1000,
		1000, &exponent))
		return false;
	x->places -= (int)exponent;
	if (x->places < 0) {
		if (!shift(&x->v, -x->places))
			return false;
		x->places = 0;
	}
	return settle(x);
}

bool
cs_exact_mul(struct cs_exact *x, struct cs_exact y)
{
	struct cs_exact r = {.places = x->places + y.places};

	if (__builtin_mul_overflow(x->v, y.v, &r.v) || !settle(&r))
		return false;
	*x = r;
	return true;
}

bool
cs_exact_add(cs_exact_sum *sum, struct cs_exact x)
{
	cs_exact_sum r;

	if (!shift(&x.v, CS_EXACT_PLACES - x.places) ||
	    __builtin_add_overflow(*sum, x.v, &r))
		return false;
	*sum = r;
	return true;
}

void
cs_exact_print(struct cs_buf *b, cs_exact_sum sum)
{
	char digit[48];
	size_t n = 0, places = CS_EXACT_PLACES;
	unsigned __int128 v =
	    sum < 0 ? -(unsigned __int128)sum : (unsigned __int128)sum;

	for (; places > 0 && v % 10 == 0; places--)
		v /= 10;
	for (; v > 0 || n <= places; v /= 10)
		digit[n++] = (char)('0' + (int)(v % 10));
	if (sum < 0)
		cs_buf_putc(b, '-');
	while (n > 0) {
		cs_buf_putc(b, digit[--n]);
		if (n == places && n > 0)
			cs_buf_putc(b, '.');
	}
}
