/* logit: logistic regression with a ridge, by Newton's method
 *
 * Finds the b that maximise
 *	sum (yes_i eta_i - all_i log(1 + exp(eta_i))) - lambda/2 sum_j b_j^2
 * with eta_i = b_0 + sum_j x_ij b_j: the intercept b_0 is not penalised. This
 *is iteratively reweighted least squares (McCullagh and Nelder 1989), its ridge
 * that of le Cessie and van Houwelingen (1992). With lambda 0 it is R's glm
 *with family binomial; scikit-learn's C is 1/lambda. */
#ifndef CS_LOGIT_H
#define CS_LOGIT_H

#include "base.h"

/* n patterns of p measures. */
struct cs_logit_data {
	size_t n, p;
	const double *x;   /* pattern after pattern */
	const double *yes; /* records of the pattern with the outcome */
	const double *all; /* its records */
};

enum cs_logit_end {
	CS_LOGIT_FOUND,
	/* The outcome is the same on all records. */
	CS_LOGIT_ONE_CLASS,
	/* lambda 0, and measure `at` follows from those before it (or is the
	 * same on all records). */
	CS_LOGIT_COLLINEAR,
	/* lambda 0, and measure `at` grows without end: it parts the yes from
	 * the no. */
	CS_LOGIT_SEPARATED,
	CS_LOGIT_LOST /* no step leads up: not seen */
};

struct cs_logit {
	double *b;	   /* p + 1, the intercept first */
	double *se;	   /* the same: roots of the inverse of the penalised
			      information */
	double likelihood; /* log, without the ridge */
	double null;	   /* log likelihood of the intercept alone */
	size_t steps;
	size_t at; /* COLLINEAR, SEPARATED: the measure */
};

/* The sums go through the patterns as they stand, in long double: the same
 * order, the same bits. Only when FOUND all of l is set; cs_logit_free in any
 * case. */
enum cs_logit_end cs_logit_fit(
    const struct cs_logit_data *d, double lambda, struct cs_logit *l);
void cs_logit_free(struct cs_logit *l);
/* The first measure that follows from those before it and the intercept (less
 * than 1e-9 of its variance is its own), or p. A measure without variance
 * does. */
size_t cs_logit_dependent(const struct cs_logit_data *d);

#endif
