#include <stdlib.h>

#include "num.h"
#include "score_columns.h"
#include "score_why.h"

struct cs_score_column_set {
	size_t score, band, coverage, profile, why;
	size_t old, effect[CS_TREND_EFFECTS], change_why; /* trend */
};

static size_t
add(struct cs_kit *k, struct cs_str name, const char *tail)
{
	return cs_plan_add(k->plan,
	    cs_str(cs_arena_printf(&k->run, "%.*s%s", CS_ARG(name), tail)));
}

static void
add_score(
    struct cs_score_column_set *o, const struct cs_score *s, struct cs_kit *k)
{
	o->score = add(k, s->name, "");
	if (s->has_bands)
		o->band = add(k, s->name, "_band");
	o->coverage = add(k, s->name, "_coverage");
	if (s->has_profiles)
		o->profile = add(k, s->name, "_profile");
	if (k->has_why)
		o->why = add(k, s->name, "_why");
}

static void
add_trend(
    struct cs_score_column_set *o, const struct cs_score *s, struct cs_kit *k)
{
	o->old = add(k, s->name, "_old");
	o->effect[0] = add(k, s->name, "_change");
	for (size_t i = 1; i < CS_TREND_EFFECTS; i++)
		o->effect[i] = add(k, s->name,
		    cs_arena_printf(
			&k->run, "_change_%s", cs_trend_effect_name(i)));
	if (k->has_why)
		o->change_why = add(k, s->name, "_change_why");
}

void
cs_score_columns_start(struct cs_score_columns *c, struct cs_kit *k,
    const struct cs_scorer *scorer, const struct cs_trend *trend)
{
	*c = (struct cs_score_columns){.scorer = scorer, .trend = trend};
	c->score = cs_calloc(scorer->scores.n, sizeof(*c->score));
	for (size_t i = 0; i < scorer->scores.n; i++) {
		add_score(&c->score[i], &scorer->scores.v[i], k);
		if (trend != NULL)
			add_trend(&c->score[i], &scorer->scores.v[i], k);
	}
}

/* At most six decimals and no exponent, in every form. */
static struct cs_val
printed(struct cs_score_columns *c, struct cs_kit *k, double v)
{
	struct cs_val val = cs_val_num(v);

	cs_buf_reset(&c->text);
	cs_num_print6(&c->text, v);
	val.text = cs_keep(&k->one, cs_buf_get(&c->text));
	return val;
}

static struct cs_val
micro(struct cs_score_columns *c, struct cs_kit *k, long long v)
{
	return printed(c, k, (double)v / 1e6);
}

static struct cs_val
text_or_null(struct cs_str s)
{
	return s.p ? cs_val_text(s) : cs_val_null();
}

static bool
is_json(const struct cs_kit *k)
{
	return k->out_form == CS_FORM_JSONL;
}

/* The text of c: an array in JSON lines. */
static struct cs_val
told(const struct cs_score_columns *c, struct cs_kit *k)
{
	return (struct cs_val){.kind = is_json(k) ? CS_JSON : CS_TEXT,
	    .text = cs_keep(&k->one, cs_buf_get(&c->text))};
}

static struct cs_val
why(struct cs_score_columns *c, size_t i, struct cs_kit *k)
{
	struct cs_score_entry *e;
	size_t n = cs_scorer_entries(c->scorer, i, &k->one, &e);

	cs_buf_reset(&c->text);
	if (is_json(k))
		cs_score_why_json(&c->text, e, n);
	else
		cs_score_why_text(&c->text, e, n);
	return told(c, k);
}

static void
set_score(struct cs_score_columns *c, size_t i, struct cs_kit *k)
{
	const struct cs_score_column_set *o = &c->score[i];
	const struct cs_scoring *g = &c->scorer->v[i];
	const struct cs_score_result *r = &g->result;

	if (r->has_score)
		cs_plan_set(k->plan, o->score, micro(c, k, r->score));
	if (g->score->has_bands)
		cs_plan_set(k->plan, o->band, text_or_null(r->band_name));
	cs_plan_set(k->plan, o->coverage, printed(c, k, r->coverage));
	if (g->score->has_profiles)
		cs_plan_set(
		    k->plan, o->profile, text_or_null(g->profile->name));
	if (k->has_why)
		cs_plan_set(k->plan, o->why, why(c, i, k));
}

static struct cs_val
change_why(struct cs_score_columns *c, const struct cs_trend_score *t,
    struct cs_kit *k)
{
	cs_buf_reset(&c->text);
	if (is_json(k))
		cs_trend_json(&c->text, t);
	else
		cs_trend_text(&c->text, t);
	return told(c, k);
}

static void
set_trend(struct cs_score_columns *c, size_t i, struct cs_kit *k)
{
	const struct cs_score_column_set *o = &c->score[i];
	struct cs_trend_score t;

	cs_trend_get(c->trend, i, &t);
	if (t.has_old)
		cs_plan_set(k->plan, o->old, micro(c, k, t.step[0]));
	if (!t.has_old || !t.has_new)
		return;
	for (size_t j = 0; j < CS_TREND_EFFECTS; j++)
		cs_plan_set(k->plan, o->effect[j],
		    micro(c, k, cs_trend_effect(t.step, j)));
	if (k->has_why)
		cs_plan_set(k->plan, o->change_why, change_why(c, &t, k));
}

void
cs_score_columns_set(struct cs_score_columns *c, struct cs_kit *k)
{
	for (size_t i = 0; i < c->scorer->scores.n; i++) {
		if (c->scorer->v[i].profile != NULL)
			set_score(c, i, k);
		if (c->trend != NULL)
			set_trend(c, i, k);
	}
}

void
cs_score_columns_free(struct cs_score_columns *c)
{
	free(c->score);
	cs_buf_free(&c->text);
}
