/* logit: against R's glm, and against the equations a ridge must solve */
#include <math.h>

#include "logit.h"
#include "stat_gsl.h"
#include "tap.h"

enum { N = 16, P = 3 };

static const double a[N] = {0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1},
		    b[N] = {0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1},
		    z[N] = {0, .25, .5, 1, .1, .3, .7, .9, .2, .8, .6, .4, 1, 0,
			.35, .15},
		    yes[N] = {1, 0, 3, 2, 4, 5, 2, 7, 0, 3, 1, 2, 6, 3, 8, 2},
		    all[N] = {9, 4, 7, 5, 6, 9, 5, 8, 6, 10, 4, 7, 9, 8, 10, 4};

static void
fill(double *x)
{
	for (size_t i = 0; i < N; i++) {
		x[i * P] = a[i];
		x[i * P + 1] = b[i];
		x[i * P + 2] = z[i];
	}
}

static bool
near(double got, double want, double by)
{
	if (fabs(got - want) <= by)
		return true;
	printf("# got %.15g, want %.15g\n", got, want);
	return false;
}

static void
expect(const struct cs_logit_data *d, double lambda, const double *beta,
    const double *se, double by)
{
	struct cs_logit l;
	bool is_good = cs_logit_fit(d, lambda, &l) == CS_LOGIT_FOUND;

	for (size_t j = 0; j <= d->p && is_good; j++)
		is_good =
		    near(l.b[j], beta[j], 1e-9) && near(l.se[j], se[j], by);
	ok(is_good, "lambda %g: coefficients and their errors", lambda);
	cs_logit_free(&l);
}

/* How far the equations X'(y - all p) = lambda b are from holding. */
static double
slope(const struct cs_logit_data *d, double lambda, const double *beta)
{
	double worst = 0;

	for (size_t j = 0; j <= d->p; j++) {
		long double sum = j == 0 ? 0 : -lambda * beta[j];

		for (size_t i = 0; i < d->n; i++) {
			long double eta = beta[0];

			for (size_t k = 0; k < d->p; k++)
				eta += beta[k + 1] * d->x[i * d->p + k];
			sum += (d->yes[i] - d->all[i] / (1 + expl(-eta))) *
			       (j == 0 ? 1 : d->x[i * d->p + j - 1]);
		}
		worst = fmax(worst, (double)fabsl(sum));
	}
	return worst;
}

/* The figures of R 4.2.2:
 *	m <- glm(cbind(yes, all - yes) ~ a + b + z, family = binomial,
 *	    control = glm.control(epsilon = 1e-14))
 *	print(summary(m)$coefficients, digits = 15); print(logLik(m))
 * (logLik has the binomial coefficients in it, which do not depend on the fit:
 * the null deviance less the deviance is compared.) The ridge in R:
 *	X <- cbind(1, a, b, z); t <- rep(0, 4)
 *	for (i in 1:50) {
 *		p <- as.vector(1 / (1 + exp(-X %*% t)))
 *		g <- t(X) %*% (yes - all * p) - l * c(0, t[-1])
 *		H <- t(X) %*% (X * (all * p * (1-p))) + l * diag(c(0, 1, 1, 1))
 *		t <- t + solve(H, g)
 *	}
 *	print(cbind(t, sqrt(diag(solve(H)))), digits = 15) */
static void
known(const struct cs_logit_data *d)
{
	static const double glm[] = {-2.073017539592657, 1.834572547885325,
	    0.656337117207674, 1.081775093521348},
			    glm_se[] = {0.510752339323583, 0.447172662308333,
				0.449021814395226, 0.664377119483969},
			    one[] = {-1.692253427126626, 1.513643072619064,
				0.571298609108957, 0.756632832335368},
			    one_se[] = {0.432409679706975, 0.390755351138285,
				0.394035218059258, 0.534608418849956},
			    fifty[] = {-0.4058714383323335, 0.1927159402604703,
				0.0849498190063058, 0.0634131843468878},
			    fifty_se[] = {0.221702753580832, 0.132705212842898,
				0.132770384202718, 0.137184235058525};

	expect(d, 0, glm, glm_se, 1e-7);
	expect(d, 1, one, one_se, 1e-9);
	expect(d, 50, fifty, fifty_se, 1e-9);
}

static void
equations(const struct cs_logit_data *d)
{
	static const double lambda[] = {0, .001, 1, 10, 1e6};
	struct cs_logit l;

	for (size_t i = 0; i < 5; i++) {
		ok(cs_logit_fit(d, lambda[i], &l) == CS_LOGIT_FOUND &&
			slope(d, lambda[i], l.b) < 1e-8,
		    "lambda %g: the slope is 0 within 1e-8", lambda[i]);
		cs_logit_free(&l);
	}
}

/* Any data: a small generator, so that it is the same everywhere. */
static void
many(void)
{
	enum { ROWS = 400, COLS = 12 };
	static double x[ROWS * COLS], y[ROWS], n[ROWS];
	struct cs_logit_data d = {ROWS, COLS, x, y, n};
	uint32_t seed = 7;

	for (int round = 0; round < 5; round++) {
		enum cs_logit_end end;
		struct cs_logit l;

		for (size_t i = 0; i < ROWS * COLS; i++) {
			seed = seed * 1664525 + 1013904223;
			x[i] = i % 3 == 0 ? (double)(seed >> 31)
					  : (double)(seed >> 8) / (1 << 24);
		}
		for (size_t i = 0; i < ROWS; i++) {
			seed = seed * 1664525 + 1013904223;
			n[i] = 1 + (seed >> 30);
			y[i] = (double)(seed >> 20) / 4096 < x[i * COLS] ? n[i]
									 : 0;
		}
		end = cs_logit_fit(&d, 1, &l);
		ok(end == CS_LOGIT_FOUND && slope(&d, 1, l.b) < 1e-8 &&
			l.b[1] > 1,
		    "round %d: 400 patterns of 12 measures in %zu steps", round,
		    l.steps);
		cs_logit_free(&l);
	}
}

static void
no_answer(void)
{
	/* The second is the first turned round; the third parts yes and no. */
	static const double two[] = {0, 1, 1, 0, 0, 1, 1, 0},
			    part[] = {0, 0, 1, 1}, y[] = {1, 2, 1, 2},
			    n[] = {3, 4, 3, 3}, none[4] = {0},
			    split[] = {0, 0, 3, 3}, half[] = {1, 0, 3, 3},
			    same[] = {.5, .5, .5, .5};
	struct cs_logit_data d = {4, 2, two, y, n};
	struct cs_logit l;

	ok(cs_logit_fit(&d, 0, &l) == CS_LOGIT_COLLINEAR && l.at == 1,
	    "the second measure follows from the first");
	cs_logit_free(&l);
	ok(cs_logit_fit(&d, 1, &l) == CS_LOGIT_FOUND &&
		near(l.b[1], -l.b[2], 1e-12) && slope(&d, 1, l.b) < 1e-8,
	    "a ridge shares it between them");
	cs_logit_free(&l);
	d = (struct cs_logit_data){4, 1, part, split, n};
	ok(cs_logit_fit(&d, 0, &l) == CS_LOGIT_SEPARATED && l.at == 0,
	    "yes and no are parted: no end");
	cs_logit_free(&l);
	ok(cs_logit_fit(&d, 1, &l) == CS_LOGIT_FOUND && l.b[1] < 5 &&
		slope(&d, 1, l.b) < 1e-8,
	    "a ridge gives it one");
	cs_logit_free(&l);
	d.yes = half;
	ok(cs_logit_fit(&d, 0, &l) == CS_LOGIT_SEPARATED && l.at == 0,
	    "parted on one side");
	cs_logit_free(&l);
	d.yes = none;
	ok(cs_logit_fit(&d, 1, &l) == CS_LOGIT_ONE_CLASS, "nobody said yes");
	cs_logit_free(&l);
	d.yes = n;
	ok(cs_logit_fit(&d, 1, &l) == CS_LOGIT_ONE_CLASS, "all said yes");
	cs_logit_free(&l);
	d = (struct cs_logit_data){4, 1, same, y, n};
	ok(cs_logit_fit(&d, 0, &l) == CS_LOGIT_COLLINEAR && l.at == 0,
	    "a measure that is the same on all records");
	cs_logit_free(&l);
	d = (struct cs_logit_data){4, 0, same, y, n};
	ok(cs_logit_fit(&d, 0, &l) == CS_LOGIT_FOUND &&
		near(l.b[0], log(6. / 7), 1e-12) && l.likelihood == l.null,
	    "without a measure the share remains");
	cs_logit_free(&l);
	d = (struct cs_logit_data){0, 1, same, y, n};
	ok(cs_logit_fit(&d, 1, &l) == CS_LOGIT_ONE_CLASS, "no record");
	cs_logit_free(&l);
}

int
main(void)
{
	double x[N * P];
	struct cs_logit_data d = {N, P, x, yes, all};
	struct cs_logit l;

	fill(x);
	known(&d);
	equations(&d);
	/* R: m$null.deviance - m$deviance */
	ok(cs_logit_fit(&d, 0, &l) == CS_LOGIT_FOUND &&
		near(2 * (l.likelihood - l.null), 24.9768839584247, 1e-9),
	    "the likelihood ratio");
	cs_logit_free(&l);
	many();
	no_answer();
	/* R: 2 * pnorm(-1.3); pchisq(7.2, 3, lower.tail = FALSE) */
	ok(near(cs_normal_tails(1.3), 0.193600969171221, 1e-14) &&
		cs_normal_tails(-1.3) == cs_normal_tails(1.3) &&
		cs_normal_tails(0) == 1,
	    "the tails of the normal distribution");
	ok(near(cs_chi2_tail(7.2, 3), 0.065789052685071, 1e-14) &&
		cs_chi2_tail(-1, 3) == 1,
	    "the tail of chi-squared");
	return done();
}
