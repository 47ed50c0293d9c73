#include <stdlib.h>

#include "score_why.h"
#include "scorer.h"

void
cs_scorer_build(
    struct cs_scorer *s, const struct cs_rules *rules, struct cs_kit *k)
{
	*s = (struct cs_scorer){0};
	cs_scores_build(&s->scores, rules, &k->run, &k->diags);
	s->v = cs_calloc(s->scores.n, sizeof(*s->v));
	for (size_t i = 0; i < s->scores.n; i++) {
		const struct cs_score *score = &s->scores.v[i];
		size_t most = 0;

		for (size_t j = 0; j < score->n; j++)
			if (score->profile[j].nrules > most)
				most = score->profile[j].nrules;
		s->v[i].score = score;
		s->v[i].part = cs_calloc(most, sizeof(struct cs_part));
	}
}

static size_t
add(struct cs_scorer *s, struct cs_kit *k, const struct cs_stanza *stanza,
    const struct cs_kv *kv)
{
	enum cs_role role;

	if (kv == NULL || kv->expr == NULL)
		return 0; /* a fault that was told; the run ends */
	if (s->k != NULL)
		return cs_kit_add(s->k, stanza, kv);
	role = kv->key->type == CS_KEY_CONDITION ? CS_CONDITION : CS_VALUE;
	return cs_eval_add(s->eval, kv->expr, role,
	    cs_arena_printf(
		&k->run, "%s %.*s", stanza->kind->name, CS_ARG(stanza->name)));
}

static void
bind_profile(struct cs_scorer *s, struct cs_profile *p, struct cs_kit *k)
{
	if (p->when != NULL)
		p->expr = add(s, k, p->stanza, p->when);
	for (size_t i = 0; i < p->nrules; i++)
		p->rule[i].expr = add(s, k, p->rule[i].stanza, p->rule[i].kv);
	for (size_t i = 0; i < p->noverrides; i++)
		p->override[i].expr =
		    add(s, k, p->override[i].stanza, p->override[i].when);
}

void
cs_scorer_bind(struct cs_scorer *s, const struct cs_score *only,
    struct cs_eval *eval, struct cs_kit *k)
{
	s->eval = eval != NULL ? eval : k->eval;
	s->k = eval != NULL ? NULL : k;
	for (size_t i = 0; i < s->scores.n; i++)
		for (size_t j = 0; j < s->scores.v[i].n; j++)
			if (only == NULL || only == &s->scores.v[i])
				bind_profile(s, &s->scores.v[i].profile[j], k);
}

static enum cs_answer
ask(const struct cs_scorer *s, size_t expr)
{
	return s->k != NULL ? cs_kit_ask(s->k, expr)
			    : cs_eval_ask(s->eval, expr);
}

static bool
number(const struct cs_scorer *s, size_t expr, double *v)
{
	struct cs_val val;

	if (s->k != NULL)
		return cs_kit_number(s->k, expr, v);
	val = cs_eval_get(s->eval, expr);
	if (val.kind != CS_NUM)
		return false;
	*v = val.num;
	return true;
}

/* The first profile that says yes; NULL: none. */
static const struct cs_profile *
pick(const struct cs_scorer *s, const struct cs_score *score,
    const struct cs_stanza **stop)
{
	for (size_t i = 0; i < score->n; i++) {
		const struct cs_profile *p = &score->profile[i];
		bool halt = false;

		if (p->when == NULL || cs_kit_settle(ask(s, p->expr),
					   p->stanza->missing, false, &halt))
			return p;
		if (halt) {
			*stop = p->stanza;
			return NULL;
		}
	}
	return NULL;
}

static struct cs_measure
measure(const struct cs_scorer *s, const struct cs_score_rule *r)
{
	struct cs_measure m = {0};

	if (r->is_value) {
		m.is_known = number(s, r->expr, &m.value);
	} else {
		enum cs_answer a = ask(s, r->expr);

		m.is_known = a != CS_UNKNOWN;
		m.yes = a == CS_YES;
	}
	return m;
}

void
cs_scorer_run(struct cs_scorer *s, size_t i, const struct cs_stanza **stop)
{
	struct cs_scoring *v = &s->v[i];
	const struct cs_profile *p = pick(s, v->score, stop);

	v->profile = p;
	v->override = NULL;
	if (p == NULL)
		return;
	for (size_t j = 0; j < p->nrules; j++) {
		struct cs_measure m = measure(s, &p->rule[j]);

		if (!cs_score_part(&p->rule[j], &m, &v->part[j])) {
			*stop = p->rule[j].stanza;
			return;
		}
	}
	for (size_t j = 0; j < p->noverrides && v->override == NULL; j++) {
		const struct cs_override *x = &p->override[j];
		bool halt = false;

		if (cs_kit_settle(
			ask(s, x->expr), x->stanza->missing, false, &halt))
			v->override = x;
		if (halt) {
			*stop = x->stanza;
			return;
		}
	}
	cs_score_compute(p, v->part, v->override, &v->result);
}

struct cs_val
cs_scorer_value(const struct cs_scorer *s, const struct cs_score_rule *r)
{
	return cs_eval_get(s->eval, r->expr);
}

size_t
cs_scorer_entries(const struct cs_scorer *s, size_t i, struct cs_arena *a,
    struct cs_score_entry **v)
{
	const struct cs_scoring *g = &s->v[i];
	const struct cs_profile *p = g->profile;
	struct cs_val *value = cs_arena_array(a, p->nrules, sizeof(*value));

	for (size_t j = 0; j < p->nrules; j++)
		value[j] = cs_scorer_value(s, &p->rule[j]);
	return cs_score_entries(p, g->part, value, &g->result, a, v);
}

size_t
cs_scorer_find(const struct cs_scorer *s, struct cs_str name)
{
	size_t i = 0;

	while (i < s->scores.n && !cs_str_eq(s->scores.v[i].name, name))
		i++;
	return i;
}

void
cs_scorer_free(struct cs_scorer *s)
{
	for (size_t i = 0; i < s->scores.n; i++)
		free(s->v[i].part);
	free(s->v);
	s->v = NULL;
	s->scores.n = 0;
}
