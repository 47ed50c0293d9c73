#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fit.h"

/* What equal records have in common, in front of their measures. */
struct head {
	uint32_t group;
	uint32_t yes;
	uint64_t override; /* its number + 1, or 0 */
};

struct pattern {
	struct head head;
	const double *x; /* -1: unknown */
	uint64_t n;
};

struct cs_fit {
	struct cs_profile *p;
	struct cs_fit_conf conf;
	struct cs_arena arena;
	struct cs_map map; /* of heads with measures behind */
	uint64_t *n;	   /* by number in map */
	size_t cap;
	struct cs_buf key;
	struct pattern *v; /* in the order of their bytes */
	uint64_t records;
	struct cs_fit_result r;
};

struct cs_fit *
cs_fit_new(struct cs_profile *p, const struct cs_fit_conf *conf)
{
	struct cs_fit *f = cs_calloc(1, sizeof(*f));

	f->p = p;
	f->conf = *conf;
	f->r.rule = cs_arena_array(&f->arena, p->nrules, sizeof(*f->r.rule));
	p->is_points = true;
	p->lo = p->start = 0;
	p->hi = 100000000;
	for (size_t i = 0; i < p->nrules; i++) {
		p->rule[i].is_points = true;
		p->rule[i].amount = 1;
	}
	return f;
}

void
cs_fit_add(struct cs_fit *f, const struct cs_part *part,
    const struct cs_override *override, bool yes, unsigned group)
{
	struct head head = {group, yes, 0};
	bool is_new, is_blank = true;
	size_t at;

	if (override != NULL)
		head.override = (uint64_t)(override - f->p->override) + 1;
	cs_buf_reset(&f->key);
	cs_buf_add(&f->key, &head, sizeof(head));
	for (size_t i = 0; i < f->p->nrules; i++) {
		double x = part[i].is_known ? part[i].x : -1;

		x = x == 0 ? 0 : x; /* -0 has other bytes */
		is_blank = is_blank && x < 0;
		cs_buf_add(&f->key, &x, sizeof(x));
	}
	if (is_blank) {
		f->r.blank++;
		return;
	}
	at = cs_map_add(&f->map, cs_buf_get(&f->key), &is_new);
	if (is_new) {
		f->n = cs_grow(f->n, at, &f->cap, sizeof(*f->n));
		f->n[at] = 0;
	}
	f->n[at]++;
	f->records++;
}

/* --- the model ---------------------------------------------------------- */

static int
by_bytes(const void *a, const void *b, void *self)
{
	const struct cs_fit *f = self;

	return cs_str_cmp(
	    f->map.key[*(const size_t *)a], f->map.key[*(const size_t *)b]);
}

static void
sort(struct cs_fit *f)
{
	size_t *order = cs_calloc(f->map.n, sizeof(*order)),
	       width = f->p->nrules * sizeof(double);

	for (size_t i = 0; i < f->map.n; i++)
		order[i] = i;
	if (f->map.n > 1)
		qsort_r(order, f->map.n, sizeof(*order), by_bytes, f);
	f->v = cs_arena_array(&f->arena, f->map.n, sizeof(*f->v));
	for (size_t i = 0; i < f->map.n; i++) {
		const char *key = f->map.key[order[i]].p;
		double *x = cs_arena_alloc(&f->arena, width);

		memcpy(&f->v[i].head, key, sizeof(f->v[i].head));
		memcpy(x, key + sizeof(f->v[i].head), width);
		f->v[i].x = x;
		f->v[i].n = f->n[order[i]];
	}
	free(order);
}

/* Does a pattern teach when a group is left out? */
static bool
teaches(const struct cs_fit *f, const struct pattern *v, unsigned left)
{
	return f->conf.is_split ? v->head.group == 0 : v->head.group != left;
}

enum { NONE_LEFT = -1 };

/* The patterns that teach and the measures that are not constant on them. */
struct lesson {
	struct cs_logit_data d;
	double *x, *yes, *all;
	size_t *rule; /* of a measure */
};

static double
measure(const struct pattern *v, size_t i)
{
	return v->x[i] < 0 ? 0 : v->x[i];
}

static bool
is_constant(const struct cs_fit *f, size_t rule, unsigned left)
{
	const struct pattern *first = NULL;

	for (size_t i = 0; i < f->map.n; i++) {
		if (!teaches(f, &f->v[i], left))
			continue;
		if (first == NULL)
			first = &f->v[i];
		else if (measure(&f->v[i], rule) != measure(first, rule))
			return false;
	}
	return true;
}

static void
prepare(const struct cs_fit *f, unsigned left, struct lesson *l)
{
	size_t n = f->map.n, p = 0;

	*l = (struct lesson){0};
	l->rule = cs_calloc(f->p->nrules, sizeof(*l->rule));
	for (size_t j = 0; j < f->p->nrules; j++)
		if (!is_constant(f, j, left))
			l->rule[p++] = j;
	l->x = cs_calloc(n * p, sizeof(*l->x));
	l->yes = cs_calloc(n, sizeof(*l->yes));
	l->all = cs_calloc(n, sizeof(*l->all));
	l->d = (struct cs_logit_data){0, p, l->x, l->yes, l->all};
	for (size_t i = 0; i < n; i++) {
		const struct pattern *v = &f->v[i];

		if (!teaches(f, v, left))
			continue;
		for (size_t j = 0; j < p; j++)
			l->x[l->d.n * p + j] = measure(v, l->rule[j]);
		l->all[l->d.n] = (double)v->n;
		l->yes[l->d.n++] = v->head.yes ? (double)v->n : 0;
	}
}

static void
dismiss(struct lesson *l)
{
	free(l->x);
	free(l->yes);
	free(l->all);
	free(l->rule);
}

/* --- points ------------------------------------------------------------- */

/* b by rule -> whole points, absolute values 100 together. False: all are 0. */
static bool
round_points(const double *b, size_t n, long *points)
{
	double sum = 0;
	long left = 100;

	for (size_t i = 0; i < n; i++)
		sum += fabs(b[i]);
	if (!(sum > 0))
		return false;
	for (size_t i = 0; i < n; i++) {
		points[i] = (long)floor(100 * fabs(b[i]) / sum + 1e-9);
		left -= points[i];
	}
	while (left > 0) {
		size_t best = n;
		double most = -1;

		for (size_t i = 0; i < n; i++) {
			double rest =
			    100 * fabs(b[i]) / sum - (double)points[i];

			if (rest > most + 1e-9) {
				most = rest;
				best = i;
			}
		}
		points[best]++;
		left--;
	}
	for (size_t i = 0; i < n; i++)
		if (b[i] < 0)
			points[i] = -points[i];
	return true;
}

static void
set_points(struct cs_fit *f, const long *points)
{
	f->p->start = 0;
	for (size_t i = 0; i < f->p->nrules; i++) {
		f->p->rule[i].amount = (double)points[i];
		if (points[i] < 0)
			f->p->start -= points[i] * 1000000LL;
	}
}

/* The score of a pattern, as cs-score has it. */
static bool
score_of(const struct cs_fit *f, const struct pattern *v, struct cs_part *part,
    double *score)
{
	const struct cs_override *o =
	    v->head.override > 0 ? &f->p->override[v->head.override - 1] : NULL;
	struct cs_score_result r;

	for (size_t i = 0; i < f->p->nrules; i++)
		part[i] = (struct cs_part){.is_known = v->x[i] >= 0,
		    .x = measure(v, i) * f->p->rule[i].amount};
	cs_score_compute(f->p, part, o, &r);
	*score = (double)r.score / 1e6;
	return r.has_score;
}

/* --- areas -------------------------------------------------------------- */

/* The area over the patterns of one group (all: NONE_LEFT), by the points that
 * are set, or by b if given. */
static bool
area(const struct cs_fit *f, unsigned group, const double *b, struct cs_auc *a)
{
	struct cs_case *v = cs_calloc(f->records, sizeof(*v));
	struct cs_part *part = cs_calloc(f->p->nrules, sizeof(*part));
	bool is_good;
	size_t n = 0;

	for (size_t i = 0; i < f->map.n; i++) {
		const struct pattern *w = &f->v[i];
		struct cs_case c = {0, w->head.yes};

		if (group != (unsigned)NONE_LEFT && w->head.group != group)
			continue;
		if (b == NULL) {
			if (!score_of(f, w, part, &c.score))
				continue;
		} else {
			for (size_t j = 0; j < f->p->nrules; j++)
				c.score += b[j] * measure(w, j);
			/* What is equal on paper differs in its last bits. */
			c.score = round(c.score * 1e9) / 1e9;
		}
		for (uint64_t k = 0; k < w->n; k++)
			v[n++] = c;
	}
	is_good = cs_auc(v, n, a);
	free(v);
	free(part);
	return is_good;
}

/* Points learned without a group, tried on it. */
static bool
try_group(struct cs_fit *f, unsigned group, struct cs_auc *a)
{
	double *b = cs_calloc(f->p->nrules, sizeof(*b));
	long *points = cs_calloc(f->p->nrules, sizeof(*points));
	struct lesson lesson;
	struct cs_logit l;
	bool is_good;

	prepare(f, group, &lesson);
	is_good = cs_logit_fit(&lesson.d, f->conf.lambda, &l) == CS_LOGIT_FOUND;
	for (size_t j = 0; j < lesson.d.p && is_good; j++)
		b[lesson.rule[j]] = l.b[j + 1];
	is_good = is_good && round_points(b, f->p->nrules, points);
	if (is_good) {
		set_points(f, points);
		is_good = area(f, group, NULL, a);
	}
	cs_logit_free(&l);
	dismiss(&lesson);
	free(points);
	free(b);
	return is_good;
}

static void
try_groups(struct cs_fit *f)
{
	struct cs_fit_result *r = &f->r;
	const double z = 1.959963984540054;
	double pairs = 0, sum = 0, var = 0;

	r->out.has_interval = true;
	for (unsigned g = 0; g < f->conf.groups; g++) {
		struct cs_auc a;
		double w;

		if (!try_group(f, g, &a))
			continue;
		w = (double)a.yes * (double)a.no;
		pairs += w;
		sum += w * a.auc;
		var += w * a.se * w * a.se;
		r->out.yes += a.yes;
		r->out.no += a.no;
		r->out.has_interval &= a.has_interval;
		r->groups_used++;
	}
	if (pairs <= 0)
		return;
	r->out.auc = sum / pairs;
	r->out.se = sqrt(var) / pairs;
	r->out.low = fmax(0, r->out.auc - z * r->out.se);
	r->out.high = fmin(1, r->out.auc + z * r->out.se);
}

/* --- the run ------------------------------------------------------------ */

static struct cs_str
name_of(const struct cs_fit *f, size_t rule)
{
	return f->p->rule[rule].stanza->name;
}

static bool
failed(const struct cs_fit *f, enum cs_logit_end end, const struct cs_logit *l,
    const struct lesson *lesson, struct cs_err *err)
{
	switch (end) {
	case CS_LOGIT_FOUND:
		return true;
	case CS_LOGIT_ONE_CLASS:
		return cs_fail(err, CS_STOP,
		    "the outcome is always %s (%ju record%s): nothing to "
		    "learn",
		    f->r.yes > 0 ? "yes" : "no", (uintmax_t)f->r.records,
		    f->r.records == 1 ? "" : "s");
	case CS_LOGIT_COLLINEAR:
		return cs_fail(err, CS_STOP,
		    "rule %.*s follows from the rules before it: --lambda "
		    "above 0 shares the points between them",
		    CS_ARG(name_of(f, lesson->rule[l->at])));
	case CS_LOGIT_SEPARATED:
		return cs_fail(err, CS_STOP,
		    "rule %.*s parts the outcomes: without --lambda above 0 "
		    "its points have no limit",
		    CS_ARG(name_of(f, lesson->rule[l->at])));
	case CS_LOGIT_LOST:
		break;
	}
	return cs_fail(
	    err, CS_STOP, "no coefficients were found: try a larger --lambda");
}

static void
count(struct cs_fit *f)
{
	struct cs_fit_result *r = &f->r;
	uint64_t known = 0;

	for (size_t i = 0; i < f->map.n; i++) {
		const struct pattern *v = &f->v[i];

		if (!teaches(f, v, (unsigned)NONE_LEFT)) {
			r->test_records += v->n;
			r->test_yes += v->head.yes ? v->n : 0;
			continue;
		}
		r->records += v->n;
		r->yes += v->head.yes ? v->n : 0;
		for (size_t j = 0; j < f->p->nrules; j++)
			r->rule[j].known += v->x[j] >= 0 ? v->n : 0;
	}
	for (size_t j = 0; j < f->p->nrules; j++)
		known += r->rule[j].known;
	if (r->records > 0)
		r->coverage =
		    (double)known / (double)r->records / (double)f->p->nrules;
}

static bool
learn(struct cs_fit *f, double *b, struct cs_err *err)
{
	struct cs_fit_result *r = &f->r;
	struct lesson lesson;
	struct cs_logit l;
	enum cs_logit_end end;

	prepare(f, (unsigned)NONE_LEFT, &lesson);
	end = cs_logit_fit(&lesson.d, f->conf.lambda, &l);
	for (size_t j = 0; j < f->p->nrules; j++)
		r->rule[j].is_constant = true;
	for (size_t j = 0; j < lesson.d.p; j++) {
		struct cs_fit_rule *rule = &r->rule[lesson.rule[j]];

		rule->is_constant = false;
		rule->b = b[lesson.rule[j]] = l.b[j + 1];
		rule->se = l.se[j + 1];
	}
	r->in_use = lesson.d.p;
	r->b = l.b[0];
	r->se = l.se[0];
	r->ratio = 2 * (l.likelihood - l.null);
	r->dependent = f->p->nrules;
	if (end == CS_LOGIT_FOUND && lesson.d.p > 0) {
		size_t at = cs_logit_dependent(&lesson.d);

		if (at < lesson.d.p)
			r->dependent = lesson.rule[at];
	}
	failed(f, end, &l, &lesson, err);
	cs_logit_free(&l);
	dismiss(&lesson);
	return end == CS_LOGIT_FOUND;
}

bool
cs_fit_run(struct cs_fit *f, struct cs_err *err)
{
	struct cs_fit_result *r = &f->r;
	size_t n = f->p->nrules;
	double *b = cs_arena_array(&f->arena, n, sizeof(*b));
	long *points = cs_arena_array(&f->arena, n, sizeof(*points));
	double sum = 0;

	sort(f);
	count(f);
	if (r->records == 0)
		return cs_fail(err, CS_STOP,
		    "no record to learn from: the outcome or all rules are "
		    "unknown");
	if (!learn(f, b, err))
		return false;
	if (!round_points(b, n, points))
		return cs_fail(err, CS_STOP,
		    "no rule tells the records apart: each is the same on all "
		    "%ju",
		    (uintmax_t)r->records);
	if (!f->conf.is_split)
		try_groups(f);
	set_points(f, points);
	for (size_t i = 0; i < n; i++) {
		r->rule[i].points = points[i];
		sum += fabs(b[i]);
	}
	r->start = (long)(f->p->start / 1000000);
	r->unit = sum / 100;
	r->base = r->b - r->unit * (double)r->start;
	if (f->conf.is_split) {
		r->groups_used = area(f, 1, NULL, &r->out);
		area(f, 0, NULL, &r->in);
		area(f, 0, b, &r->unrounded);
	} else {
		area(f, (unsigned)NONE_LEFT, NULL, &r->in);
		area(f, (unsigned)NONE_LEFT, b, &r->unrounded);
	}
	return true;
}

const struct cs_fit_result *
cs_fit_result(const struct cs_fit *f)
{
	return &f->r;
}

void
cs_fit_free(struct cs_fit *f)
{
	if (f == NULL)
		return;
	cs_map_free(&f->map);
	cs_buf_free(&f->key);
	cs_arena_free(&f->arena);
	free(f->n);
	free(f);
}
