#include <math.h>
#include <stdlib.h>

#include "stat.h"

bool
cs_wilson(double x, double n, double *low, double *high)
{
	const double z = 1.959963984540054;
	double p, scale, centre, half;

	if (!(n > 0))
		return false;
	p = x / n;
	scale = 1 + z * z / n;
	centre = (p + z * z / (2 * n)) / scale;
	half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / scale;
	/* At 0 and n the limit is exact; rounding would leave 1e-18. */
	*low = x <= 0 ? 0 : fmax(0, centre - half);
	*high = x >= n ? 1 : fmin(1, centre + half);
	return true;
}

static int
by_time(const void *a, const void *b)
{
	const struct cs_span *x = a, *y = b;

	if (x->t != y->t)
		return x->t < y->t ? -1 : 1;
	return (int)y->event - (int)x->event;
}

bool
cs_km_quantile(struct cs_span *v, size_t n, double q, double *t)
{
	/* S is a product of up to n rounded factors and 1 - q is rounded too:
	 * an S that equals 1 - q on paper must count as having reached it. In
	 * 64 bits a million factors stay within 1e-13. */
	const long double slack = 1e-12L;
	long double s = 1, want = 1 - (long double)q + slack;
	uint64_t at_risk = 0;

	if (n > 1)
		qsort(v, n, sizeof(*v), by_time);
	for (size_t i = 0; i < n; i++)
		at_risk += v[i].n;
	for (size_t i = 0; i < n && at_risk > 0;) {
		double now = v[i].t;
		uint64_t events = 0, gone = 0;

		for (; i < n && v[i].t == now; i++) {
			events += v[i].event ? v[i].n : 0;
			gone += v[i].n;
		}
		s *= (long double)(at_risk - events) / (long double)at_risk;
		at_risk -= gone;
		if (events > 0 && s <= want) {
			*t = now;
			return true;
		}
	}
	return false;
}
