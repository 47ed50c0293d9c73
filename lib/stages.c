#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "stages.h"

/* How many took so many days to the next stage, or have waited so many. Days
 * are whole, so the memory is bounded by the dates, not by the records. */
struct spans {
	struct cs_map map; /* key: the day count's bytes, then 'e' or 'c' */
	uint64_t *n;
	size_t cap;
};

struct cs_stage_counts {
	const struct cs_funnel *f;
	uint64_t *stock, *open, *lost; /* by stage; open, lost: of the step
					  into it */
	struct spans *spans;	       /* by stage: days from the one before */
};

static void
spans_add_key(struct spans *s, struct cs_str key, uint64_t n)
{
	bool is_new;
	size_t i = cs_map_add(&s->map, key, &is_new);

	if (is_new) {
		s->n = cs_grow(s->n, i, &s->cap, sizeof(*s->n));
		s->n[i] = 0;
	}
	s->n[i] += n;
}

static void
spans_add(struct spans *s, long days, bool event)
{
	char key[sizeof(days) + 1];

	memcpy(key, &days, sizeof(days));
	key[sizeof(days)] = event ? 'e' : 'c';
	spans_add_key(s, (struct cs_str){key, sizeof(key)}, 1);
}

static void
add_stage(
    struct cs_funnel *f, const struct cs_stanza *s, struct cs_diags *diags)
{
	static const char *const later[] = {"needs", "value"};
	struct cs_stage *g = &f->stage[f->n++];

	g->stanza = s;
	g->when = cs_stanza_get(s, "when");
	g->at = cs_stanza_get(s, "at");
	g->exit = cs_stanza_get(s, "exit");
	g->has_goal = cs_stanza_get(s, "goal") != NULL;
	g->goal = cs_stanza_number(s, "goal", 0);
	g->has_within = cs_stanza_duration(s, "within", &g->within);
	for (size_t i = 0; i < 2; i++)
		if (cs_stanza_get(s, later[i]) != NULL)
			cs_diag(diags, CS_ERROR, "syntax",
			    cs_stanza_place(s, later[i]),
			    "the key %s of a Stage is not in this version",
			    later[i]);
}

void
cs_funnels_build(struct cs_funnels *f, const struct cs_rules *rules,
    struct cs_arena *run, struct cs_diags *diags)
{
	*f = (struct cs_funnels){0};
	f->v = cs_arena_array(run, rules->n, sizeof(*f->v));
	for (size_t i = 0; i < rules->n; i++) {
		const struct cs_stanza *s = rules->v[i];
		struct cs_funnel *g = &f->v[f->n];
		bool is_events = false;

		if (!cs_stanza_is(s, "Funnel"))
			continue;
		f->n++;
		g->stanza = s;
		g->is_strict = cs_str_isi(cs_stanza_text(s, "order"), "strict");
		g->stage = cs_arena_array(run, rules->n, sizeof(*g->stage));
		for (size_t j = i + 1; j < rules->n; j++)
			if (rules->v[j]->owner == s &&
			    cs_stanza_is(rules->v[j], "Stage"))
				add_stage(g, rules->v[j], diags);
			else if (rules->v[j]->owner == s) {
				cs_diag(diags, CS_ERROR, "syntax",
				    rules->v[j]->at,
				    "event funnels (Step:, Exclude:) are not "
				    "in this version");
				is_events = true;
			}
		if (g->n == 0 && !is_events)
			cs_diag(diags, CS_ERROR, "syntax", s->at,
			    "funnel %.*s has no Stage", CS_ARG(s->name));
	}
}

size_t
cs_funnel_stage(const struct cs_funnel *f, const bool *yes)
{
	size_t at = CS_NO_STAGE;

	for (size_t i = 0; i < f->n; i++)
		if (yes[i])
			at = i;
		else if (f->is_strict)
			break;
	return at;
}

struct cs_stage_counts *
cs_stage_counts_new(const struct cs_funnel *f)
{
	struct cs_stage_counts *c = cs_calloc(1, sizeof(*c));

	c->f = f;
	c->stock = cs_calloc(f->n, sizeof(*c->stock));
	c->open = cs_calloc(f->n, sizeof(*c->open));
	c->lost = cs_calloc(f->n, sizeof(*c->lost));
	c->spans = cs_calloc(f->n, sizeof(*c->spans));
	return c;
}

void
cs_stage_counts_join(
    struct cs_stage_counts *c, const struct cs_stage_counts *from)
{
	for (size_t i = 0; i < c->f->n; i++) {
		const struct spans *s = &from->spans[i];

		c->stock[i] += from->stock[i];
		c->open[i] += from->open[i];
		c->lost[i] += from->lost[i];
		for (size_t j = 0; j < s->map.n; j++)
			spans_add_key(&c->spans[i], s->map.key[j], s->n[j]);
	}
}

void
cs_stage_counts_free(struct cs_stage_counts *c)
{
	for (size_t i = 0; i < c->f->n; i++) {
		cs_map_free(&c->spans[i].map);
		free(c->spans[i].n);
	}
	free(c->spans);
	free(c->stock);
	free(c->open);
	free(c->lost);
	free(c);
}

/* A record that stands at the stage before g: may it still come, or has it
 * stopped? Its day must be known for a Within. */
static void
add_waiting(struct cs_stage_counts *c, const struct cs_standing *s, long today)
{
	size_t next = s->stage + 1;
	const struct cs_stage *g = &c->f->stage[next];

	if (s->has_left)
		c->lost[next]++;
	else if (!g->has_within)
		c->open[next]++;
	else if (!s->has_day[s->stage])
		return; /* neither can be said; told as an unknown */
	else if (today <= cs_duration_end(g->within, s->day[s->stage]))
		c->open[next]++;
	else
		c->lost[next]++;
}

void
cs_stage_counts_add(
    struct cs_stage_counts *c, const struct cs_standing *s, long today)
{
	if (s->stage == CS_NO_STAGE)
		return;
	c->stock[s->stage]++;
	if (s->stage + 1 < c->f->n)
		add_waiting(c, s, today);
	for (size_t i = 1; i < c->f->n && i <= s->stage + 1; i++) {
		if (!s->has_day[i - 1])
			continue;
		if (i <= s->stage && s->has_day[i])
			spans_add(
			    &c->spans[i], s->day[i] - s->day[i - 1], true);
		else if (i > s->stage && today >= s->day[i - 1])
			spans_add(&c->spans[i], today - s->day[i - 1], false);
	}
}

/* The product of the later steps' rates: what one record more here is worth
 * at the last stage. */
static double
passing(const struct cs_stage_row *row, size_t n, size_t from)
{
	double p = 1;

	for (size_t i = from; i < n; i++)
		p *= row[i].has_rate ? row[i].rate : 0;
	return p;
}

/* Gain at the last stage if the step into i met its goal, or did as well as
 * the best other step where no stage has a goal. */
static double
gain(const struct cs_funnel *f, const struct cs_stage_row *row, size_t i,
    bool has_goals)
{
	double want = 0;

	if (!row[i].has_rate)
		return 0;
	if (has_goals)
		want = f->stage[i].has_goal ? f->stage[i].goal : row[i].rate;
	else
		for (size_t j = 1; j < f->n; j++)
			if (j != i && row[j].has_rate && row[j].rate > want)
				want = row[j].rate;
	return (double)row[i - 1].reached * (want - row[i].rate) *
	       passing(row, f->n, i + 1);
}

/* Gains that are equal on paper differ in their last bits in binary. */
static bool
is_more(double a, double b)
{
	return a - b > fabs(a) * 1e-13;
}

static void
rank(const struct cs_funnel *f, struct cs_stage_row *row)
{
	double *g = cs_calloc(f->n, sizeof(*g));
	bool has_goals = false;

	for (size_t i = 1; i < f->n; i++)
		has_goals |= f->stage[i].has_goal;
	for (size_t i = 1; i < f->n; i++)
		g[i] = gain(f, row, i, has_goals);
	for (size_t i = 1; i < f->n; i++) {
		if (g[i] <= 0)
			continue;
		row[i].bottleneck = 1;
		for (size_t j = 1; j < f->n; j++)
			row[i].bottleneck += is_more(g[j], g[i]) ||
					     (j < i && !is_more(g[i], g[j]));
	}
	free(g);
}

static void
quantiles(const struct spans *s, struct cs_stage_row *row)
{
	struct cs_span *v = cs_calloc(s->map.n, sizeof(*v));

	for (size_t i = 0; i < s->map.n; i++) {
		long days;

		memcpy(&days, s->map.key[i].p, sizeof(days));
		v[i] = (struct cs_span){(double)days,
		    s->map.key[i].p[sizeof(days)] == 'e', s->n[i]};
	}
	row->has_median = cs_km_quantile(v, s->map.n, 0.5, &row->median);
	row->has_p90 = cs_km_quantile(v, s->map.n, 0.9, &row->p90);
	free(v);
}

static void
one_row(const struct cs_stage_counts *c, struct cs_stage_row *row, size_t i)
{
	const struct cs_stage *g = &c->f->stage[i];
	struct cs_stage_row *r = &row[i];

	if (i > 0 && row[i - 1].reached > 0) {
		r->has_rate = true;
		r->rate = (double)r->reached / (double)row[i - 1].reached;
		cs_wilson((double)r->reached, (double)row[i - 1].reached,
		    &r->low, &r->high);
	}
	if (row[0].reached > 0) {
		r->has_first = true;
		r->first = (double)r->reached / (double)row[0].reached;
	}
	if (i > 0 && c->f->stage[i - 1].at != NULL) {
		r->has_open = true;
		r->open = c->open[i];
		r->lost = c->lost[i];
		if (g->at != NULL)
			quantiles(&c->spans[i], r);
	}
	r->has_gap = g->has_goal && r->has_rate;
	r->gap = r->has_gap ? g->goal - r->rate : 0;
}

void
cs_stage_counts_rows(struct cs_stage_counts *c, struct cs_stage_row *row)
{
	uint64_t reached = 0;

	memset(row, 0, c->f->n * sizeof(*row));
	for (size_t i = c->f->n; i > 0; i--) {
		reached += c->stock[i - 1];
		row[i - 1].stock = c->stock[i - 1];
		row[i - 1].reached = reached;
	}
	for (size_t i = 0; i < c->f->n; i++)
		one_row(c, row, i);
	rank(c->f, row);
}
