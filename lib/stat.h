/* stat: the statistics of reference formulas, each with its source */
#ifndef CS_STAT_H
#define CS_STAT_H

#include "base.h"

/* Wilson score interval, 95% (z = 1.959963984540054), of x out of n, clipped
 * to 0..1 (Wilson 1927; statsmodels proportion_confint "wilson"). False when
 * n is 0. */
bool cs_wilson(double x, double n, double *low, double *high);

/* n subjects of a survival curve: days until the event, or until they were
 * last seen without one. */
struct cs_span {
	double t;
	bool event;
	uint64_t n;
};
/* Kaplan-Meier quantile: the smallest t with S(t) <= 1 - q. Events before
 * censorings at equal times. Sorts v. False when S never falls that low. */
bool cs_km_quantile(struct cs_span *v, size_t n, double q, double *t);

#endif
