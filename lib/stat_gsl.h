/* stat_gsl: what stat takes from the GNU Scientific Library: linear algebra and
 * distributions. Matrices are n by n, row after row. */
#ifndef CS_STAT_GSL_H
#define CS_STAT_GSL_H

#include "base.h"

/* Replaces a symmetric matrix by its Cholesky factor (for the two below).
 * False: it is not positive definite, and what stands in a is of no use. */
bool cs_cholesky(double *a, size_t n);
/* x becomes the solution of A x = (the x that came). */
void cs_cholesky_solve(const double *factor, size_t n, double *x);
/* The factor becomes the inverse of A. */
void cs_cholesky_invert(double *factor, size_t n);

/* The chance of a standard normal value at least as far from 0 as z. */
double cs_normal_tails(double z);
/* The chance of a chi-squared value of df degrees above x. */
double cs_chi2_tail(double x, double df);

#endif
