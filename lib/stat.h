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

/* One record of a back-test: what the score said, what came of it. */
struct cs_case {
	double score; /* finite */
	bool yes;
};
/* Area under the ROC curve: how often a yes has the higher score than a no,
 * equal ones counting one half. */
struct cs_auc {
	uint64_t yes, no;
	double auc;
	bool has_interval; /* two of each are needed */
	double se;
	double low, high; /* 95%, clipped to 0..1 */
};
/* Mann-Whitney with integer doubled ranks; standard error of DeLong, DeLong and
 * Clarke-Pearson (1988), interval auc -+ z se as R's pROC has it. Does not
 * depend on the order of the cases. Sorts v by score, highest first, and yes
 * before no. False when one of the two is empty (the counts are set). */
bool cs_auc(struct cs_case *v, size_t n, struct cs_auc *a);

#endif
