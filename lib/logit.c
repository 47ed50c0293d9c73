#include <math.h>
#include <stdlib.h>

#include "logit.h"
#include "stat_gsl.h"

/* Past this a coefficient of a measure of 0..1 has no end: odds of three
 * million to one for the whole of it. */
static const double endless = 15;

struct newton {
	const struct cs_logit_data *d;
	double lambda;
	size_t m; /* p + 1 */
	double *b, *step, *tried;
	long double *slope, *curve; /* of the penalised likelihood */
	double *info;		    /* curve for cs_cholesky */
};

static double
eta_of(const struct cs_logit_data *d, size_t i, const double *b)
{
	const double *x = d->x + i * d->p;
	long double eta = b[0];

	for (size_t j = 0; j < d->p; j++)
		eta += (long double)x[j] * b[j + 1];
	return (double)eta;
}

static double
log_likelihood(const struct cs_logit_data *d, const double *b)
{
	long double sum = 0;

	for (size_t i = 0; i < d->n; i++) {
		double eta = eta_of(d, i, b);
		/* log(1 + exp(eta)) that does not overflow */
		double soft = fmax(eta, 0) + log1p(exp(-fabs(eta)));

		sum += d->yes[i] * (long double)eta -
		       d->all[i] * (long double)soft;
	}
	return (double)sum;
}

static double
penalised(const struct newton *w, const double *b)
{
	long double sum = 0;

	for (size_t j = 1; j < w->m; j++)
		sum += (long double)b[j] * b[j];
	return log_likelihood(w->d, b) - (double)(w->lambda / 2 * sum);
}

/* One pattern's part of slope and curve. */
static void
add_pattern(struct newton *w, size_t i)
{
	const struct cs_logit_data *d = w->d;
	const double *x = d->x + i * d->p;
	double eta = eta_of(d, i, w->b), e = exp(-fabs(eta));
	long double p =
	    eta >= 0 ? 1 / (1 + (long double)e) : e / (1 + (long double)e);
	long double rest = d->yes[i] - d->all[i] * p;
	long double weight = d->all[i] * (long double)e /
			     ((1 + (long double)e) * (1 + (long double)e));

	w->slope[0] += rest;
	w->curve[0] += weight;
	for (size_t j = 0; j < d->p; j++) {
		long double xw = x[j] * weight;

		if (x[j] == 0)
			continue;
		w->slope[j + 1] += rest * x[j];
		w->curve[(j + 1) * w->m] += xw;
		for (size_t k = 0; k <= j; k++)
			w->curve[(j + 1) * w->m + k + 1] += xw * x[k];
	}
}

/* slope and curve at b; info, as doubles and whole. */
static void
differentiate(struct newton *w)
{
	size_t m = w->m;

	for (size_t j = 0; j < m; j++)
		w->slope[j] = 0;
	for (size_t j = 0; j < m * m; j++)
		w->curve[j] = 0;
	for (size_t i = 0; i < w->d->n; i++)
		add_pattern(w, i);
	for (size_t j = 1; j < m; j++) {
		w->slope[j] -= (long double)w->lambda * w->b[j];
		w->curve[j * m + j] += w->lambda;
	}
	for (size_t j = 0; j < m; j++)
		for (size_t k = 0; k <= j; k++)
			w->info[j * m + k] = w->info[k * m + j] =
			    (double)w->curve[j * m + k];
}

/* Goes up along step, half of it as often as needed; false: nowhere. */
static bool
climb(struct newton *w)
{
	double now = penalised(w, w->b);

	for (int half = 0; half < 40; half++) {
		for (size_t j = 0; j < w->m; j++)
			w->tried[j] = w->b[j] + w->step[j];
		/* At the top only rounding is left. */
		if (penalised(w, w->tried) >= now - 1e-12 * fabs(now))
			break;
		for (size_t j = 0; j < w->m; j++)
			w->step[j] /= 2;
		if (half == 39)
			return false;
	}
	for (size_t j = 0; j < w->m; j++)
		w->b[j] = w->tried[j];
	return true;
}

/* The slope that is left, against what rounding leaves of it. */
static bool
is_top(const struct newton *w)
{
	for (size_t j = 0; j < w->m; j++)
		if (fabs(w->step[j]) > 1e-11 * (1 + fabs(w->b[j])))
			return false;
	return true;
}

static size_t
largest(const struct newton *w)
{
	size_t at = 1;

	for (size_t j = 2; j < w->m; j++)
		if (fabs(w->b[j]) > fabs(w->b[at]))
			at = j;
	return at;
}

static enum cs_logit_end
ascend(struct newton *w, struct cs_logit *l)
{
	for (l->steps = 1; l->steps <= 100; l->steps++) {
		differentiate(w);
		if (w->lambda == 0 && w->m > 1 &&
		    fabs(w->b[largest(w)]) > endless) {
			l->at = largest(w) - 1;
			return CS_LOGIT_SEPARATED;
		}
		if (!cs_cholesky(w->info, w->m))
			return CS_LOGIT_LOST;
		for (size_t j = 0; j < w->m; j++)
			w->step[j] = (double)w->slope[j];
		cs_cholesky_solve(w->info, w->m, w->step);
		if (is_top(w))
			return CS_LOGIT_FOUND;
		if (!climb(w))
			return CS_LOGIT_LOST;
	}
	return CS_LOGIT_LOST;
}

static void
finish(struct newton *w, struct cs_logit *l)
{
	cs_cholesky_invert(w->info, w->m);
	for (size_t j = 0; j < w->m; j++)
		l->se[j] = sqrt(w->info[j * w->m + j]);
	l->likelihood = log_likelihood(w->d, w->b);
}

enum cs_logit_end
cs_logit_fit(const struct cs_logit_data *d, double lambda, struct cs_logit *l)
{
	struct newton w = {.d = d, .lambda = lambda, .m = d->p + 1};
	long double yes = 0, all = 0;
	enum cs_logit_end end;

	*l = (struct cs_logit){.b = cs_calloc(w.m, sizeof(double)),
	    .se = cs_calloc(w.m, sizeof(double))};
	for (size_t i = 0; i < d->n; i++) {
		yes += d->yes[i];
		all += d->all[i];
	}
	if (yes <= 0 || yes >= all)
		return CS_LOGIT_ONE_CLASS;
	if (lambda == 0 && (l->at = cs_logit_dependent(d)) < d->p)
		return CS_LOGIT_COLLINEAR;
	w.b = l->b;
	w.b[0] = (double)logl(yes / (all - yes));
	l->null = log_likelihood(d, w.b);
	w.step = cs_calloc(w.m, sizeof(*w.step));
	w.tried = cs_calloc(w.m, sizeof(*w.tried));
	w.slope = cs_calloc(w.m, sizeof(*w.slope));
	w.curve = cs_calloc(w.m * w.m, sizeof(*w.curve));
	w.info = cs_calloc(w.m * w.m, sizeof(*w.info));
	end = ascend(&w, l);
	if (end == CS_LOGIT_FOUND)
		finish(&w, l);
	free(w.step);
	free(w.tried);
	free(w.slope);
	free(w.curve);
	free(w.info);
	return end;
}

void
cs_logit_free(struct cs_logit *l)
{
	free(l->b);
	free(l->se);
}

/* Covariances of the measures, the lower half. */
static void
covariances(const struct cs_logit_data *d, long double *mean, long double *c)
{
	long double all = 0;

	for (size_t i = 0; i < d->n; i++) {
		all += d->all[i];
		for (size_t j = 0; j < d->p; j++)
			mean[j] += (long double)d->all[i] * d->x[i * d->p + j];
	}
	for (size_t j = 0; j < d->p; j++)
		mean[j] /= all;
	for (size_t i = 0; i < d->n; i++) {
		const double *x = d->x + i * d->p;

		for (size_t j = 0; j < d->p; j++)
			for (size_t k = 0; k <= j; k++)
				c[j * d->p + k] += (x[j] - mean[j]) *
						   (x[k] - mean[k]) * d->all[i];
	}
}

/* By the pivots of Cholesky's decomposition: what of a measure's variance those
 * before it leave. GSL tells that there is a bad one, not which. */
size_t
cs_logit_dependent(const struct cs_logit_data *d)
{
	size_t p = d->p, at = p;
	long double *mean = cs_calloc(p, sizeof(*mean)),
		    *c = cs_calloc(p * p, sizeof(*c));

	covariances(d, mean, c);
	for (size_t j = 0; j < p && at == p; j++) {
		long double own = c[j * p + j];

		for (size_t k = 0; k <= j; k++) {
			long double sum = c[j * p + k];

			for (size_t i = 0; i < k; i++)
				sum -= c[j * p + i] * c[k * p + i];
			if (k < j)
				c[j * p + k] = sum / c[k * p + k];
			else if (own <= 0 || sum < 1e-9L * own)
				at = j;
			else
				c[j * p + j] = sqrtl(sum);
		}
	}
	free(mean);
	free(c);
	return at;
}
