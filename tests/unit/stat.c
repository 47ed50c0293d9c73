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

int
main(void)
{
	wilsons();
	small();
	real();
	return done();
}
