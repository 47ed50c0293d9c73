#include <math.h>
#include <stdlib.h>

#include "stat.h"

static const double z95 = 1.959963984540054;

bool
cs_wilson(double x, double n, double *low, double *high)
{
	const double z = z95;
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

static int
by_score(const void *a, const void *b)
{
	const struct cs_case *x = a, *y = b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return (int)y->yes - (int)x->yes;
}

/* The cases of one score, from the highest down. */
struct tie {
	uint64_t yes, no;
	/* For each yes here: twice the no below it and the no beside it once;
	 * for each no: the same of the yes above. */
	uint64_t beats, loses;
};

/* The tie that begins at v[i]; *seen has what stood above and gets the tie's.
 * Returns where the next begins. */
static size_t
next_tie(const struct cs_case *v, size_t n, size_t i, const struct cs_auc *all,
    struct tie *seen, struct tie *t)
{
	double score = v[i].score;

	*t = (struct tie){0};
	for (; i < n && v[i].score == score; i++) {
		t->yes += v[i].yes;
		t->no += !v[i].yes;
	}
	t->beats = 2 * (all->no - seen->no - t->no) + t->no;
	t->loses = 2 * seen->yes + t->yes;
	seen->yes += t->yes;
	seen->no += t->no;
	return i;
}

/* Variance of the mean of n numbers whose squared distances sum to sum. */
static long double
of_mean(long double sum, uint64_t n)
{
	return sum / (long double)(n - 1) / (long double)n;
}

bool
cs_auc(struct cs_case *v, size_t n, struct cs_auc *a)
{
	struct tie seen = {0}, t;
	uint64_t twice = 0; /* of the pairs that are in order */
	long double mean, yes = 0, no = 0;

	*a = (struct cs_auc){0};
	if (n > 1)
		qsort(v, n, sizeof(*v), by_score);
	for (size_t i = 0; i < n; i++)
		a->yes += v[i].yes;
	a->no = n - a->yes;
	if (a->yes == 0 || a->no == 0)
		return false;
	for (size_t i = 0; i < n;) {
		i = next_tie(v, n, i, a, &seen, &t);
		twice += t.yes * t.beats;
	}
	mean =
	    (long double)twice / 2 / (long double)a->yes / (long double)a->no;
	a->auc = (double)mean;
	a->has_interval = a->yes > 1 && a->no > 1;
	if (!a->has_interval)
		return true;
	seen = (struct tie){0};
	for (size_t i = 0; i < n;) {
		long double d;

		i = next_tie(v, n, i, a, &seen, &t);
		d = (long double)t.beats / 2 / (long double)a->no - mean;
		yes += (long double)t.yes * d * d;
		d = (long double)t.loses / 2 / (long double)a->yes - mean;
		no += (long double)t.no * d * d;
	}
	a->se = (double)sqrtl(of_mean(yes, a->yes) + of_mean(no, a->no));
	a->low = fmax(0, a->auc - z95 * a->se);
	a->high = fmin(1, a->auc + z95 * a->se);
	return true;
}
