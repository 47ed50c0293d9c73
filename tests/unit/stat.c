/* stat: vectors from the reference formulas and real survival data */
#include <math.h>

#include "num.h"
#include "stat.h"
#include "tap.h"

static void
wilson(double x, double n, double low, double high)
{
	double lo = -1, hi = -1;

	ok(cs_wilson(x, n, &lo, &hi) && fabs(lo - low) < 5e-7 &&
		fabs(hi - high) < 5e-7,
	    "wilson %g of %g: %.6f to %.6f", x, n, lo, hi);
}

static void
wilsons(void)
{
	double lo = 7, hi = 7;

	wilson(5, 83, .026003, .133384);
	wilson(0, 10, 0, .277533);
	wilson(10, 10, 1 - .277533, 1);
	wilson(15, 100, .093060, .232836);
	wilson(1, 1, .206549, 1);
	ok(cs_wilson(0, 10, &lo, &hi) && lo == 0 && !signbit(lo),
	    "the limit of 0 is exactly 0");
	ok(cs_wilson(7, 7, &lo, &hi) && hi == 1, "the limit of n is exactly 1");
	lo = 7;
	ok(!cs_wilson(0, 0, &lo, &hi) && lo == 7, "nothing of nothing");
}

static void
small(void)
{
	struct cs_span ten[10],
	    tie[] = {{5, false, 1}, {5, true, 2}},
	    open[] = {{1, false, 1}, {2, false, 1}},
	    half[] = {{1, true, 1}, {2, false, 1}, {3, false, 1}};
	double t = -1;

	for (int i = 0; i < 10; i++)
		ten[i] = (struct cs_span){10 - i, true, 1};
	ok(cs_km_quantile(ten, 10, .5, &t) && t == 5,
	    "S = 1/2 on paper counts as reached");
	ok(cs_km_quantile(ten, 10, .9, &t) && t == 9, "S = 1/10 too");
	ok(cs_km_quantile(ten, 10, .91, &t) && t == 10, "the last");
	ok(ten[0].t == 1 && ten[9].t == 10, "sorts");
	/* At 5 three are at risk and two go: S = 1/3. */
	ok(cs_km_quantile(tie, 2, .6, &t) && t == 5, "ties: events first");
	ok(!cs_km_quantile(tie, 2, .7, &t), "ties: the censored one stays");
	t = -1;
	ok(!cs_km_quantile(open, 2, .5, &t) && t == -1, "nothing happened");
	ok(!cs_km_quantile(half, 3, .5, &t), "never falls that low");
	ok(cs_km_quantile(half, 3, .3, &t) && t == 1, "but this low");
	ok(!cs_km_quantile(NULL, 0, .5, &t), "nobody");
}

struct set {
	struct cs_span v[512];
	size_t n;
};

/* Field k of a line, cut at sep. */
static double
field(struct cs_str line, char sep, int k)
{
	struct cs_str piece = {0};
	double v = NAN;

	for (int i = 0; i <= k; i++)
		if (!cs_str_next(&line, sep, &piece))
			return NAN;
	return cs_num_parse(piece, &v) ? v : NAN;
}

struct source {
	const char *name;
	char sep;
	int time, event, group; /* fields from 0 */
	double only;		/* NAN: all */
	size_t n, events;
	double median;
};

static bool
load(const struct source *src, const char *dir, struct set *s)
{
	char path[1024], text[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/data/survival/%s", dir, src->name);
	f = fopen(path, "r");
	if (f == NULL)
		return false;
	s->n = 0;
	while (fgets(text, sizeof(text), f) != NULL && s->n < 512) {
		struct cs_str line = cs_str(text);
		double t, e;

		line.n = strcspn(text, "\r\n");
		t = field(line, src->sep, src->time);
		e = field(line, src->sep, src->event);
		if (isnan(t) || isnan(e)) /* the header */
			continue;
		if (!isnan(src->only) &&
		    field(line, src->sep, src->group) != src->only)
			continue;
		s->v[s->n++] = (struct cs_span){t, e == 1, 1};
	}
	fclose(f);
	return true;
}

/* Medians as R and the textbooks print them. */
static void
real(void)
{
	static const struct source v[] = {
	    {"lung.csv", ',', 1, 2, 4, NAN, 228, 165, 310},
	    {"lung.csv", ',', 1, 2, 4, 1, 138, 112, 270},
	    {"lung.csv", ',', 1, 2, 4, 2, 90, 53, 426},
	    {"gehan.dat", ' ', 1, 2, 0, 2, 21, 9, 23},
	    {"gehan.dat", ' ', 1, 2, 0, 1, 21, 21, 8},
	    {"waltons_dataset.csv", ',', 0, 1, 2, NAN, 163, 156, 56},
	    {"larynx.csv", ',', 0, 2, 0, NAN, 90, 50, 6},
	};
	const char *dir = getenv("CSOPS_SHARED");
	static struct set s;

	if (dir == NULL)
		dir = "../shared";
	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++) {
		size_t events = 0;
		double t = -1;

		if (!load(&v[i], dir, &s)) {
			skip(v[i].name, "no survival data in CSOPS_SHARED");
			continue;
		}
		for (size_t k = 0; k < s.n; k++)
			events += s.v[k].event;
		ok(s.n == v[i].n && events == v[i].events,
		    "%s: %zu rows, %zu events", v[i].name, s.n, events);
		ok(cs_km_quantile(s.v, s.n, .5, &t) && t == v[i].median,
		    "%s: median %g", v[i].name, t);
	}
}

/* What R 4.2 and pROC 1.18 print for one set of cases:
 *	r <- roc(y, s, direction = "<"); auc(r); sqrt(var(r)); ci(r) */
struct by_r {
	double auc, se, low, high;
};

static void
same_as_r(const char *what, struct cs_case *v, size_t n, const struct by_r *r)
{
	struct cs_auc a = {0};
	bool is_known = cs_auc(v, n, &a);

	ok(is_known && a.has_interval && fabs(a.auc - r->auc) < 1e-13 &&
		fabs(a.se - r->se) < 1e-13 && fabs(a.low - r->low) < 1e-13 &&
		fabs(a.high - r->high) < 1e-13,
	    "%s: auc %.15g se %.15g (%.15g to %.15g)", what, a.auc, a.se, a.low,
	    a.high);
}

static void
auc(void)
{
	struct cs_case v[] = {{10, 0}, {20, 0}, {20, 1}, {30, 0}, {30, 1},
	    {30, 0}, {40, 1}, {50, 0}, {50, 1}, {60, 1}, {70, 0}, {80, 1}},
		       two[] = {{1, 0}, {2, 0}, {3, 1}, {4, 1}},
		       equal[] = {{5, 0}, {5, 1}, {5, 0}, {5, 1}, {5, 1}},
		       few[] = {{1, 0}, {2, 1}, {3, 0}};
	struct cs_auc a;

	same_as_r("ties in and between the classes", v, 12,
	    &(struct by_r){.666666666666667, .168049816247269, .337295079213446,
		.996038254119887});
	ok(v[0].score == 80 && v[11].score == 10 && v[6].score == 30 &&
		v[6].yes && !v[8].yes,
	    "sorted, the highest first, yes before no");
	same_as_r("parted cleanly", two, 4, &(struct by_r){1, 0, 1, 1});
	for (int i = 0; i < 4; i++)
		two[i].score = -two[i].score;
	same_as_r("the wrong way round", two, 4, &(struct by_r){0, 0, 0, 0});
	same_as_r("all equal", equal, 5, &(struct by_r){.5, 0, .5, .5});
	ok(cs_auc(few, 3, &a) && a.auc == .5 && !a.has_interval && a.se == 0,
	    "one yes: no interval");
	ok(!cs_auc(few, 1, &a) && a.yes + a.no == 1, "one class is no curve");
	ok(!cs_auc(NULL, 0, &a) && a.yes == 0 && a.no == 0, "nobody");
}

/* Telco churn by a column: R's figures.
 *	t <- read.csv("WA_Fn-UseC_-Telco-Customer-Churn.csv")
 *	roc(t$Churn, -t$tenure, levels = c("No", "Yes"), direction = "<")
 *	roc(t$Churn, t$MonthlyCharges, ...) */
static void
telco(const char *what, int col, double sign, const struct by_r *r)
{
	const char *dir = getenv("CSOPS_SHARED");
	static struct cs_case v[8192];
	char path[1024], text[512];
	size_t n = 0;
	FILE *f;

	snprintf(path, sizeof(path),
	    "%s/data/telco-churn/WA_Fn-UseC_-Telco-Customer-Churn.csv",
	    dir ? dir : "../shared");
	f = fopen(path, "r");
	if (f == NULL) {
		skip(what, "no telco-churn data in CSOPS_SHARED");
		return;
	}
	while (fgets(text, sizeof(text), f) != NULL && n < 8192) {
		double x = field(cs_str(text), ',', col);

		if (!isnan(x)) /* not the header */
			v[n++] = (struct cs_case){
			    sign * x, strstr(text, ",Yes\n") != NULL ||
					  strstr(text, ",Yes\r") != NULL};
	}
	fclose(f);
	ok(n == 7043, "%s: %zu customers", what, n);
	same_as_r(what, v, n, r);
}

int
main(void)
{
	wilsons();
	small();
	real();
	auc();
	telco("telco by -tenure", 5, -1,
	    &(struct by_r){.739867175528629, .00650242525283873,
		.727122656220901, .752611694836356});
	telco("telco by monthly charges", 18, 1,
	    &(struct by_r){.620785689570626, .00700121796968573,
		.607063554502127, .634507824639124});
	return done();
}
