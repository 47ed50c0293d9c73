#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>
#include <math.h>

#include "stat_gsl.h"

/* GSL's own way to tell a fault is to end the program. */
static void
quiet(void)
{
	gsl_set_error_handler_off();
}

bool
cs_cholesky(double *a, size_t n)
{
	gsl_matrix_view m = gsl_matrix_view_array(a, n, n);

	quiet();
	return gsl_linalg_cholesky_decomp1(&m.matrix) == GSL_SUCCESS;
}

void
cs_cholesky_solve(const double *factor, size_t n, double *x)
{
	gsl_matrix_const_view m = gsl_matrix_const_view_array(factor, n, n);
	gsl_vector_view v = gsl_vector_view_array(x, n);

	gsl_linalg_cholesky_svx(&m.matrix, &v.vector);
}

void
cs_cholesky_invert(double *factor, size_t n)
{
	gsl_matrix_view m = gsl_matrix_view_array(factor, n, n);

	gsl_linalg_cholesky_invert(&m.matrix);
}

double
cs_normal_tails(double z)
{
	quiet();
	return 2 * gsl_cdf_ugaussian_Q(fabs(z));
}

double
cs_chi2_tail(double x, double df)
{
	quiet();
	return gsl_cdf_chisq_Q(fmax(x, 0), df);
}
