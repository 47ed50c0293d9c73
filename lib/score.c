#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "score.h"

static long long
micro(double points)
{
	return llrint(points * 1e6);
}

static size_t
count_of(const struct cs_rules *rules, const struct cs_stanza *owner,
    const char *kind)
{
	size_t n = 0;

	for (size_t i = 0; i < rules->n; i++)
		n += rules->v[i]->owner == owner &&
		     cs_stanza_is(rules->v[i], kind);
	return n;
}

static double
half_life_of(const struct cs_stanza *s)
{
	struct cs_duration d;

	if (!cs_stanza_duration(s, "half-life", &d))
		return 0;
	return d.unit == 'h'   ? (double)d.n / 24
	       : d.unit == 'w' ? (double)d.n * 7
			       : (double)d.n;
}

/* The group of that name; a rule without one is a group of its own. */
static size_t
group_of(struct cs_profile *p, const struct cs_stanza *rule, double weight)
{
	struct cs_str name = cs_stanza_text(rule, "group");

	if (name.p == NULL) {
		p->group[p->ngroups] = (struct cs_score_group){NULL, weight};
		return p->ngroups++;
	}
	for (size_t i = 0; i < p->ngroups; i++)
		if (p->group[i].stanza != NULL &&
		    cs_str_eq(p->group[i].stanza->name, name))
			return i;
	return 0; /* a fault that was found at loading */
}

static void
add_rule(
    struct cs_profile *p, const struct cs_stanza *s, struct cs_diags *diags)
{
	struct cs_score_rule *r = &p->rule[p->nrules++];
	const struct cs_kv *steps;

	*r = (struct cs_score_rule){.stanza = s, .lo = 0, .hi = 100};
	r->is_points = cs_stanza_get(s, "points") != NULL;
	r->kv = cs_stanza_get(s, "when");
	r->is_value = r->kv == NULL;
	if (r->is_value)
		r->kv = cs_stanza_get(s, "value");
	r->amount = cs_stanza_number(s, r->is_points ? "points" : "weight", 0);
	if (r->is_points && cs_stanza_get(s, "group") != NULL)
		cs_diag(diags, CS_ERROR, "syntax", cs_stanza_place(s, "group"),
		    "groups are for Weight rules; Points are simply added");
	else
		r->group = group_of(p, s, r->amount);
	cs_stanza_range(s, "scale", &r->lo, &r->hi);
	steps = cs_stanza_get(s, "steps");
	if (steps != NULL) {
		r->step = steps->steps;
		r->nsteps = steps->nsteps;
	}
	r->half_life = half_life_of(s);
}

static void
add_band(
    struct cs_profile *p, const struct cs_stanza *s, struct cs_diags *diags)
{
	struct cs_band *b = &p->band[p->nbands++];

	b->name = s->name;
	b->has_from = cs_stanza_get(s, "from") != NULL;
	b->from = micro(cs_stanza_number(s, "from", 0));
	for (size_t i = 0; i + 1 < p->nbands; i++)
		if (p->band[i].has_from == b->has_from &&
		    p->band[i].from == b->from)
			cs_diag(diags, CS_ERROR, "syntax",
			    cs_stanza_place(s, "from"),
			    b->has_from
				? "two bands begin at the same score (%.*s)"
				: "two bands are without From: (%.*s)",
			    CS_ARG(p->band[i].name));
}

static void
add_override(struct cs_profile *p, const struct cs_stanza *s)
{
	struct cs_override *o = &p->override[p->noverrides++];

	o->stanza = s;
	o->when = cs_stanza_get(s, "when");
	o->band = cs_stanza_text(s, "band");
	o->has_score = cs_stanza_get(s, "score") != NULL;
	o->score = micro(cs_stanza_number(s, "score", 0));
}

static void
build_profile(struct cs_profile *p, const struct cs_stanza *s,
    const struct cs_rules *rules, struct cs_arena *run, struct cs_diags *diags)
{
	double lo = 0, hi = 100;
	size_t nrules = count_of(rules, s, "Rule");

	cs_stanza_range(s, "range", &lo, &hi);
	*p = (struct cs_profile){.stanza = s,
	    .name = cs_stanza_text(s, "profile"),
	    .when = cs_stanza_get(s, "when"),
	    .lo = micro(lo),
	    .hi = micro(hi),
	    .start = micro(cs_stanza_number(s, "start", 0)),
	    .min_coverage = cs_stanza_number(s, "coverage", 0),
	    .hysteresis = micro(cs_stanza_number(s, "hysteresis", 0))};
	if (nrules == 0)
		cs_diag(diags, CS_ERROR, "syntax", s->at,
		    "score %.*s has no Rule", CS_ARG(s->name));
	p->rule = cs_arena_array(run, nrules, sizeof(*p->rule));
	p->group = cs_arena_array(
	    run, nrules + count_of(rules, s, "Group") + 1, sizeof(*p->group));
	p->band =
	    cs_arena_array(run, count_of(rules, s, "Band"), sizeof(*p->band));
	p->override = cs_arena_array(
	    run, count_of(rules, s, "Override"), sizeof(*p->override));
	for (size_t i = 0; i < rules->n; i++)
		if (rules->v[i]->owner == s &&
		    cs_stanza_is(rules->v[i], "Group"))
			p->group[p->ngroups++] =
			    (struct cs_score_group){rules->v[i],
				cs_stanza_number(rules->v[i], "weight", 1)};
		else if (rules->v[i]->owner == s &&
			 cs_stanza_is(rules->v[i], "Band"))
			add_band(p, rules->v[i], diags);
	for (size_t i = 0; i < rules->n; i++)
		if (rules->v[i]->owner != s)
			continue;
		else if (cs_stanza_is(rules->v[i], "Rule"))
			add_rule(p, rules->v[i], diags);
		else if (cs_stanza_is(rules->v[i], "Override"))
			add_override(p, rules->v[i]);
	p->is_points = p->nrules > 0 && p->rule[0].is_points;
	if (!p->is_points && cs_stanza_get(s, "start") != NULL)
		cs_diag(diags, CS_ERROR, "syntax", cs_stanza_place(s, "start"),
		    "Start: goes with Points rules");
	if (p->hysteresis > 0 && p->nbands == 0)
		cs_diag(diags, CS_ERROR, "syntax",
		    cs_stanza_place(s, "hysteresis"),
		    "Hysteresis: goes with Band: stanzas");
}

void
cs_scores_build(struct cs_scores *s, const struct cs_rules *rules,
    struct cs_arena *run, struct cs_diags *diags)
{
	size_t n = count_of(rules, NULL, "Score");

	*s = (struct cs_scores){0};
	s->v = cs_arena_array(run, n, sizeof(*s->v));
	for (size_t i = 0; i < rules->n; i++) {
		struct cs_score *score = NULL;
		struct cs_profile *p;

		if (!cs_stanza_is(rules->v[i], "Score"))
			continue;
		for (size_t j = 0; j < s->n; j++)
			if (cs_str_eq(s->v[j].name, rules->v[i]->name))
				score = &s->v[j];
		if (score == NULL) {
			score = &s->v[s->n++];
			score->name = rules->v[i]->name;
			score->profile =
			    cs_arena_array(run, n, sizeof(*score->profile));
		}
		p = &score->profile[score->n++];
		build_profile(p, rules->v[i], rules, run, diags);
		score->has_bands |= p->nbands > 0;
		score->has_profiles |= p->name.p != NULL;
	}
}

/* A Value on the 0..100 scale of its rule. */
static double
scaled(const struct cs_score_rule *r, double v)
{
	double x;

	if (r->nsteps > 0) {
		x = 0;
		for (size_t i = 0; i < r->nsteps && r->step[i].at <= v; i++)
			x = r->step[i].result;
		return x;
	}
	if (r->half_life > 0)
		return v < 0 ? 100 : 100 * exp2(-v / r->half_life);
	x = 100 * (v - r->lo) / (r->hi - r->lo);
	return x < 0 ? 0 : x > 100 ? 100 : x;
}

bool
cs_score_part(const struct cs_score_rule *r, const struct cs_measure *m,
    struct cs_part *part)
{
	*part = (struct cs_part){0};
	if (m->is_known) {
		part->is_known = true;
		if (r->is_value)
			part->x = scaled(r, m->value) *
				  (r->is_points ? r->amount / 100 : 1);
		else if (r->is_points)
			part->x = m->yes ? r->amount : 0;
		else
			part->x = m->yes ? 100 : 0;
		return true;
	}
	switch (r->stanza->missing) {
	case CS_MISSING_ERROR:
		return false;
	case CS_MISSING_NO:
		part->is_known = true;
		break;
	case CS_MISSING_YES:
		part->is_known = true;
		part->x = r->is_points ? r->amount : 100;
		break;
	case CS_MISSING_NUMBER:
		part->is_known = true;
		part->x = cs_stanza_number(r->stanza, "missing", 0);
		break;
	case CS_MISSING_DEFAULT:
		break;
	}
	return true;
}

/* Shares that are equal on paper differ in their last bits in binary; ties are
 * decided on paper, so a smaller difference is none. */
static long double
slack_of(const struct cs_profile *p)
{
	return (long double)(p->hi - p->lo) * 4e-15L + 1e-9L;
}

/* The nearest whole number, half to even. */
static long long
whole(long double v, long double slack)
{
	long long down = (long long)floorl(v);

	if (fabsl(v - (long double)down - 0.5L) < slack)
		return down + (down & 1);
	return llrintl(v);
}

/* The largest remainder that was not raised, the first of equal ones; n: all
 * are raised. */
static size_t
largest(const struct cs_part *part, size_t n, long double slack)
{
	size_t best = n;

	for (size_t i = 0; i < n; i++)
		if (part[i].is_known && !part[i].is_raised &&
		    (best == n || part[i].rest > part[best].rest + slack))
			best = i;
	return best;
}

/* Decides shares in micro-points: floors first, then one more for the largest
 * remainders (ties by file order), so that they sum to `sum`. */
static void
distribute(struct cs_part *part, size_t n, long long sum, long double slack)
{
	long long given = 0;

	for (size_t i = 0; i < n; i++) {
		part[i].micro = (long long)floorl(part[i].exact + slack);
		part[i].rest =
		    fmaxl(part[i].exact - (long double)part[i].micro, 0);
		given += part[i].micro;
	}
	while (given < sum) {
		size_t best = largest(part, n, slack);

		if (best == n) { /* all raised once: floor lost a whole one */
			for (size_t i = 0; i < n; i++)
				part[i].is_raised = false;
			continue;
		}
		part[best].is_raised = true;
		part[best].micro++;
		given++;
	}
	/* Rounding in binary may have given one too many. */
	for (size_t i = n; given > sum && i > 0; i--)
		if (part[i - 1].is_known && part[i - 1].micro > 0) {
			part[i - 1].micro--;
			given--;
		}
}

static void
points(
    const struct cs_profile *p, struct cs_part *part, struct cs_score_result *r)
{
	double known = 0, all = 0;
	long long sum = p->start;

	for (size_t i = 0; i < p->nrules; i++) {
		all += fabs(p->rule[i].amount);
		if (!part[i].is_known)
			continue;
		known += fabs(p->rule[i].amount);
		r->has_score = true;
		part[i].micro = whole(1e6L * part[i].x, slack_of(p));
		sum += part[i].micro;
	}
	r->coverage = all > 0 ? known / all : r->has_score;
	if (!r->has_score)
		return;
	r->start = p->start;
	r->score = sum < p->lo ? p->lo : sum > p->hi ? p->hi : sum;
	r->clamp = r->score - sum;
}

/* Known and whole weight of one group. */
struct sums {
	long double known, all;
};

static void
weights(
    const struct cs_profile *p, struct cs_part *part, struct cs_score_result *r)
{
	struct sums few[16] = {{0}}, *g = few;
	long double known = 0, all = 0, covered = 0, total = 0;
	long double span = (long double)(p->hi - p->lo) / 100;

	if (p->ngroups > sizeof(few) / sizeof(few[0]))
		g = cs_calloc(p->ngroups, sizeof(*g));
	for (size_t i = 0; i < p->nrules; i++) {
		g[p->rule[i].group].all += p->rule[i].amount;
		if (part[i].is_known)
			g[p->rule[i].group].known += p->rule[i].amount;
	}
	for (size_t i = 0; i < p->ngroups; i++) {
		if (g[i].all <= 0)
			continue;
		all += p->group[i].weight;
		covered += p->group[i].weight * (g[i].known / g[i].all);
		if (g[i].known > 0)
			known += p->group[i].weight;
	}
	r->coverage = all > 0 ? (double)(covered / all) : 0;
	r->has_score = known > 0;
	for (size_t i = 0; i < p->nrules && r->has_score; i++) {
		size_t j = p->rule[i].group;

		if (!part[i].is_known || g[j].known <= 0)
			continue;
		part[i].exact = p->group[j].weight *
				(long double)p->rule[i].amount * part[i].x *
				span / (known * g[j].known);
		total += part[i].exact;
	}
	if (r->has_score) {
		r->range = p->lo;
		r->score = p->lo + whole(total, slack_of(p));
		distribute(part, p->nrules, r->score - p->lo, slack_of(p));
	}
	if (g != few)
		free(g);
}

static const struct cs_band *
band_of(const struct cs_profile *p, long long score)
{
	const struct cs_band *best = NULL, *rest = NULL;

	for (size_t i = 0; i < p->nbands; i++) {
		const struct cs_band *b = &p->band[i];

		if (!b->has_from)
			rest = b;
		else if (score >= b->from &&
			 (best == NULL || b->from > best->from))
			best = b;
	}
	return best ? best : rest;
}

void
cs_score_compute(const struct cs_profile *p, struct cs_part *part,
    const struct cs_override *override, struct cs_score_result *r)
{
	*r = (struct cs_score_result){0};
	if (p->is_points)
		points(p, part, r);
	else
		weights(p, part, r);
	/* 0.1 and 0.7 of 1 are 0.8 on paper. */
	if (fabs(r->coverage - p->min_coverage) < 1e-12)
		r->coverage = p->min_coverage;
	if (r->has_score && r->coverage >= p->min_coverage)
		r->band = band_of(p, r->score);
	r->override = override;
	if (override != NULL && override->has_score) {
		r->overridden = override->score - r->score;
		r->score = override->score;
		r->has_score = true;
		r->band = band_of(p, r->score);
	}
	if (r->band != NULL)
		r->band_name = r->band->name;
	if (override != NULL && override->band.p != NULL)
		r->band_name = override->band;
}

static const struct cs_band *
find_band(const struct cs_profile *p, struct cs_str name)
{
	for (size_t i = 0; i < p->nbands; i++)
		if (cs_str_eq(p->band[i].name, name))
			return &p->band[i];
	return NULL;
}

/* Where band b ends: the lowest From above its own, for the rest the lowest of
 * all. False: it has no upper end. */
static bool
end_of(const struct cs_profile *p, const struct cs_band *b, long long *end)
{
	bool has_end = false;

	for (size_t i = 0; i < p->nbands; i++) {
		const struct cs_band *x = &p->band[i];

		if (!x->has_from || (b->has_from && x->from <= b->from) ||
		    (has_end && x->from >= *end))
			continue;
		*end = x->from;
		has_end = true;
	}
	return has_end;
}

void
cs_score_hold(
    const struct cs_profile *p, struct cs_str old, struct cs_score_result *r)
{
	const struct cs_band *b = old.p != NULL ? find_band(p, old) : NULL;
	long long end;

	if (p->hysteresis == 0 || b == NULL || b == r->band ||
	    r->override != NULL || !r->has_score ||
	    r->coverage < p->min_coverage)
		return;
	if ((b->has_from && r->score < b->from - p->hysteresis) ||
	    (end_of(p, b, &end) && r->score >= end + p->hysteresis))
		return;
	r->band = b;
	r->band_name = b->name;
	r->is_held = true;
}
