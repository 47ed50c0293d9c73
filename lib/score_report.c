#include <stdlib.h>

#include "num.h"
#include "score_report.h"
#include "score_why.h"

static size_t
nrules(const struct cs_score *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += s->profile[i].nrules;
	return n;
}

static void
add_explains(struct cs_explain **to, const struct cs_score *s, struct cs_kit *k)
{
	for (size_t i = 0; i < s->n; i++)
		for (size_t j = 0; j < s->profile[i].nrules; j++, to++) {
			const struct cs_score_rule *r = &s->profile[i].rule[j];

			if (!r->is_value && r->kv->expr != NULL)
				*to = cs_explain_new(k->eval, r->kv->expr,
				    cs_eval_label(k->eval, r->expr));
		}
}

void
cs_score_report_start(struct cs_score_report *r, struct cs_kit *k,
    const struct cs_scorer *scorer, const struct cs_trend *trend)
{
	static const char *const why[] = {
	    "score", "rule", "points", "value", "reason"};
	const char *change[4 + CS_TREND_EFFECTS] = {
	    "score", "rule", "old", "new"};
	const struct cs_scores *s = &scorer->scores;

	*r = (struct cs_score_report){.scorer = scorer, .trend = trend};
	for (size_t i = 0; i < CS_TREND_EFFECTS; i++)
		change[4 + i] = cs_trend_effect_name(i);
	r->table = trend != NULL ? cs_table_new(change, 4 + CS_TREND_EFFECTS)
				 : cs_table_new(why, 5);
	r->explain = cs_calloc(s->n, sizeof(struct cs_explain **));
	for (size_t i = 0; i < s->n; i++) {
		r->explain[i] =
		    cs_calloc(nrules(&s->v[i]), sizeof(struct cs_explain *));
		if (trend == NULL)
			add_explains(r->explain[i], &s->v[i], k);
	}
}

static void
row(struct cs_score_report *r, struct cs_str score,
    const struct cs_score_entry *e, struct cs_str reason)
{
	struct cs_val v[] = {cs_val_text(score), cs_val_text(e->name),
	    e->is_known ? cs_val_num((double)e->micro / 1e6) : cs_val_null(),
	    e->value, cs_val_text(reason)};

	cs_table_row(r->table, v);
}

/* The last row of a score: the sum, what is known, the band. */
static void
sum_row(struct cs_score_report *r, const struct cs_scoring *g)
{
	const struct cs_score_result *result = &g->result;
	struct cs_score_entry sum = {.name = CS_S("="),
	    .is_known = result->has_score,
	    .micro = result->score};
	struct cs_buf b = {0};

	cs_buf_puts(&b, "coverage ");
	cs_num_print6(&b, result->coverage);
	if (result->band_name.p != NULL)
		cs_buf_printf(&b, ", band %.*s%s", CS_ARG(result->band_name),
		    result->is_held ? " (held from before)" : "");
	else if (result->has_score &&
		 result->coverage < g->profile->min_coverage)
		cs_buf_puts(&b, ", too low for a band");
	row(r, g->score->name, &sum, cs_buf_get(&b));
	cs_buf_free(&b);
}

/* Why a rule gives what it gives: its conditions, or its value's place. */
static void
put_reason(struct cs_buf *b, const struct cs_score_rule *rule,
    const struct cs_part *part, struct cs_explain *why, struct cs_kit *k,
    struct cs_rec *rec)
{
	const struct cs_reason *v;
	struct cs_str column;

	if (why != NULL) {
		size_t n = cs_explain_get(why, rec, &v);

		cs_explain_text(b, v, n);
	} else if (part->is_known) {
		cs_num_print6(b, part->x);
		cs_buf_puts(b, " of ");
		cs_num_print6(b, rule->is_points ? rule->amount : 100);
	} else {
		column = cs_kit_empty(k, rule->expr);
		cs_buf_str(b, column);
		cs_buf_puts(b, column.p != NULL ? " is empty" : "no number");
	}
}

/* A row an entry, a rule's with its reason. */
static void
why_rows(
    struct cs_score_report *r, size_t i, struct cs_kit *k, struct cs_rec *rec)
{
	const struct cs_scoring *g = &r->scorer->v[i];
	const struct cs_profile *p = g->profile;
	struct cs_explain **explain = r->explain[i];
	struct cs_score_entry *e;
	size_t n = cs_scorer_entries(r->scorer, i, &k->one, &e);
	struct cs_buf b = {0};

	for (const struct cs_profile *q = g->score->profile; q != p; q++)
		explain += q->nrules;
	for (size_t j = 0; j < n; j++) {
		cs_buf_reset(&b);
		if (j < p->nrules)
			put_reason(
			    &b, &p->rule[j], &g->part[j], explain[j], k, rec);
		row(r, g->score->name, &e[j], cs_buf_get(&b));
	}
	sum_row(r, g);
	cs_buf_free(&b);
}

static void
change_row(struct cs_score_report *r, struct cs_str score, struct cs_str name,
    const long long *step, bool was, bool is, bool has_both)
{
	struct cs_val v[4 + CS_TREND_EFFECTS] = {cs_val_text(score),
	    cs_val_text(name),
	    was ? cs_val_num((double)step[0] / 1e6) : cs_val_null(),
	    is ? cs_val_num((double)step[3] / 1e6) : cs_val_null()};

	for (size_t i = 0; i < CS_TREND_EFFECTS && has_both; i++)
		v[4 + i] = cs_val_num((double)cs_trend_effect(step, i) / 1e6);
	cs_table_row(r->table, v);
}

static void
change_rows(struct cs_score_report *r, size_t i)
{
	struct cs_str name = r->scorer->v[i].score->name;
	struct cs_trend_score t;
	bool has_both;

	cs_trend_get(r->trend, i, &t);
	has_both = t.has_old && t.has_new;
	for (size_t j = 0; j < t.n; j++)
		change_row(r, name, t.v[j].name, t.v[j].step, t.v[j].was,
		    t.v[j].is, has_both);
	change_row(r, name, CS_S("="), t.step, t.has_old, t.has_new, has_both);
}

void
cs_score_report_rows(
    struct cs_score_report *r, struct cs_kit *k, struct cs_rec *rec)
{
	for (size_t i = 0; i < r->scorer->scores.n; i++)
		if (r->trend != NULL)
			change_rows(r, i);
		else if (r->scorer->v[i].profile != NULL)
			why_rows(r, i, k, rec);
}

bool
cs_score_report_finish(
    struct cs_score_report *r, struct cs_kit *k, struct cs_err *err)
{
	return cs_table_rows(r->table) > 0 ? cs_kit_table(k, r->table, err)
					   : cs_kit_why_missing(k, err);
}

void
cs_score_report_free(struct cs_score_report *r)
{
	if (r->table == NULL)
		return;
	for (size_t i = 0; i < r->scorer->scores.n; i++) {
		size_t n = nrules(&r->scorer->scores.v[i]);

		for (size_t j = 0; j < n; j++)
			if (r->explain[i][j] != NULL)
				cs_explain_free(r->explain[i][j]);
		free(r->explain[i]);
	}
	free(r->explain);
	cs_table_free(r->table);
}
