#include <stdlib.h>
#include <string.h>

#include "backtest_private.h"

struct cs_backtest {
	const struct cs_backtest_conf *conf;
	struct cs_kit *k;
	struct cs_scorer *scorer;
	size_t score; /* its number */
	size_t outcome, outcome_at;
	struct cs_tally tally;
	struct cs_leaks *leaks;
	struct cs_history *history; /* NULL: the inputs have the measures */
	bool is_bound;
};

bool
cs_backtest_new(struct cs_backtest **b, const struct cs_backtest_conf *conf,
    struct cs_kit *k, struct cs_err *err)
{
	if (k->has_why)
		return cs_fail(
		    err, CS_USAGE, "--why does not go with backtest");
	if ((conf->nhistory > 0) != (conf->outcome_at != NULL))
		return cs_fail(err, CS_USAGE,
		    "--history and --outcome-at go together: the snapshots and "
		    "the date of the outcome");
	*b = cs_calloc(1, sizeof(**b));
	(*b)->conf = conf;
	(*b)->k = k;
	k->output = CS_OUT_TABLE;
	if (conf->nhistory == 0)
		return true;
	(*b)->history = cs_history_new(k, conf->history, conf->nhistory, err);
	return (*b)->history != NULL;
}

static bool
choose_score(struct cs_backtest *b, struct cs_err *err)
{
	const struct cs_scores *s = &b->scorer->scores;
	struct cs_str name = b->conf->score;
	struct cs_buf names = {0};

	b->score = name.p != NULL ? cs_scorer_find(b->scorer, name) : 0;
	if (b->score < s->n && (name.p != NULL || s->n == 1))
		return true;
	for (size_t i = 0; i < s->n; i++)
		cs_buf_printf(
		    &names, "%s%.*s", i ? ", " : "", CS_ARG(s->v[i].name));
	if (name.p != NULL)
		cs_fail(err, CS_USAGE,
		    "--score: there is no score \"%.*s\", only %s",
		    CS_ARG(name), cs_buf_z(&names));
	else
		cs_fail(err, CS_USAGE,
		    "backtest: which of the scores %s? (--score=NAME)",
		    cs_buf_z(&names));
	cs_buf_free(&names);
	return false;
}

/* An expression of an option, added to the run's evaluator. */
static size_t
add(struct cs_backtest *b, const char *text, const char *option,
    const char *label, enum cs_role role)
{
	struct cs_pair *pair = cs_arena_array(&b->k->run, 1, sizeof(*pair));

	*pair = cs_expr_pair(cs_str(text), option, &b->k->run);
	return cs_eval_add(b->k->eval,
	    cs_expr_parse(pair, role, &b->k->run, &b->k->diags), role, label);
}

/* The option, or the first Outcome: of the score's stanzas. */
static bool
add_outcome(
    struct cs_backtest *b, const struct cs_score *score, struct cs_err *err)
{
	const struct cs_kv *kv = NULL;

	if (b->conf->outcome != NULL) {
		b->outcome = add(
		    b, b->conf->outcome, "--outcome", "outcome", CS_CONDITION);
		return true;
	}
	for (size_t i = 0; i < score->n && kv == NULL; i++)
		kv = cs_stanza_get(score->profile[i].stanza, "outcome");
	if (kv == NULL)
		return cs_fail(err, CS_USAGE,
		    "backtest: --outcome=EXPR is needed, or Outcome: in the "
		    "Score: the condition for what the score should tell");
	b->outcome = cs_eval_add(b->k->eval, kv->expr, CS_CONDITION, "outcome");
	return true;
}

bool
cs_backtest_start(
    struct cs_backtest *b, struct cs_scorer *scorer, struct cs_err *err)
{
	const struct cs_score *score;

	b->scorer = scorer;
	if (!choose_score(b, err))
		return false;
	score = &scorer->scores.v[b->score];
	if (!add_outcome(b, score, err))
		return false;
	if (b->history != NULL)
		b->outcome_at = add(b, b->conf->outcome_at, "--outcome-at",
		    "outcome-at", CS_VALUE);
	else
		cs_scorer_bind(scorer, score, NULL, b->k);
	cs_tally_init(&b->tally, score, &b->k->run);
	if (b->history != NULL)
		cs_history_bands(b->history, b->tally.nbands);
	b->leaks = cs_leaks_new(score, b->conf->ahead, b->k);
	return true;
}

/* With history: what came of the record, and when. */
static bool
keep_outcome(struct cs_backtest *b, struct cs_rec *rec, struct cs_err *err)
{
	enum cs_answer a = cs_kit_ask(b->k, b->outcome);
	struct cs_civil c;
	struct cs_str date;
	long day = 0;

	if (a == CS_YES) {
		if (cs_kit_date(b->k, b->outcome_at, &date) &&
		    cs_zone_civil(date, &c) == CS_DATE_OK)
			day = cs_civil_days(c);
		else
			a = CS_UNKNOWN; /* it came, nobody knows when */
	}
	return cs_history_outcome(
	    b->history, rec, cs_kit_id(b->k, rec), a, day, err);
}

bool
cs_backtest_record(
    struct cs_backtest *b, struct cs_rec *rec, struct cs_err *err)
{
	const struct cs_stanza *stop = NULL;
	const struct cs_scoring *g = &b->scorer->v[b->score];
	enum cs_answer a;

	if (b->history != NULL)
		return keep_outcome(b, rec, err);
	if (!b->is_bound)
		cs_leaks_bind(b->leaks, &b->k->head, b->k->eval);
	b->is_bound = true;
	cs_scorer_run(b->scorer, b->score, &stop);
	if (stop != NULL)
		return cs_kit_refuse_unknown(b->k, rec, stop, err);
	b->tally.records++;
	a = cs_kit_ask(b->k, b->outcome);
	if (a == CS_UNKNOWN)
		return true;
	cs_leaks_add(b->leaks, rec, a == CS_YES, &b->k->as_of);
	if (g->profile != NULL)
		cs_tally_add(&b->tally, g, a == CS_YES);
	return true;
}

static void
leak_rows(struct cs_backtest *b, struct cs_table *t)
{
	struct cs_leak *v;
	size_t n = cs_leaks_find(b->leaks, &v);

	for (size_t i = 0; i < n; i++)
		if (v[i].after > 0)
			cs_backtest_row(t, "leak_date", v[i].column,
			    cs_val_num((double)v[i].after), cs_val_null(),
			    cs_val_null(), v[i].n);
	for (size_t i = 0; i < n; i++)
		if (v[i].auc > 0)
			cs_backtest_row(t, "leak", v[i].column,
			    cs_val_num(v[i].auc), cs_val_null(), cs_val_null(),
			    v[i].n);
	cs_leaks_tell(b->k, v, n);
}

/* A health score beside the condition for leaving. */
static void
note_against(const struct cs_backtest *b)
{
	const struct cs_auc *a = &b->tally.auc;
	struct cs_buf text = {0};

	if (!a->has_interval || a->high >= 0.5)
		return;
	cs_buf_printf(&text, "%.3f", 1 - a->auc);
	cs_kit_note(b->k,
	    "a lower score goes with the outcome (AUC %s the other way "
	    "round): is the outcome the one that a high score promises?",
	    cs_buf_z(&text));
	cs_buf_free(&text);
}

bool
cs_backtest_finish(struct cs_backtest *b, struct cs_err *err)
{
	static const char *const columns[] = {
	    "section", "name", "value", "low", "high", "n"};
	struct cs_table *t;
	bool is_good;

	if (b->history != NULL &&
	    !cs_history_read(b->history, b->scorer->scores.v[b->score].name,
		&b->tally, b->leaks, err))
		return false;
	t = cs_table_new(columns, 6);
	cs_tally_rows(&b->tally, t);
	if (b->history != NULL)
		cs_history_rows(b->history, &b->tally, t);
	leak_rows(b, t);
	note_against(b);
	is_good = cs_kit_table(b->k, t, err);
	cs_table_free(t);
	return is_good;
}

void
cs_backtest_free(struct cs_backtest *b)
{
	if (b == NULL)
		return;
	cs_tally_free(&b->tally);
	cs_leaks_free(b->leaks);
	cs_history_free(b->history);
	free(b);
}
