/* cs-score: measures -> score, band, coverage, and why */
#include <stdlib.h>
#include <string.h>

#include "backtest.h"
#include "explain.h"
#include "kit.h"
#include "num.h"
#include "oldband.h"
#include "score_why.h"
#include "scorer.h"
#include "trend.h"

enum {
	OPT_OUTCOME = CS_OPT_OWN,
	OPT_OUTCOME_AT,
	OPT_SCORE,
	OPT_HISTORY,
	OPT_AHEAD,
	OPT_OLD,
	OPT_OLD_AS_OF,
	OPT_OLD_RULES
};

static const struct cs_opt opts[] = {
    {"outcome", 0, "EXPR", OPT_OUTCOME, "backtest: what came of a record"},
    {"outcome-at", 0, "EXPR", OPT_OUTCOME_AT,
	"backtest: the date it came; with --history"},
    {"score", 0, "NAME", OPT_SCORE, "backtest: which of several scores"},
    {"history", 0, "DIR|FILE", OPT_HISTORY,
	"backtest: dated snapshots (repeatable)"},
    {"ahead", 0, "COL,...", OPT_AHEAD,
	"backtest: columns that are known ahead, no leaks"},
    {"old", 0, "FILE", OPT_OLD,
	"what cs-score gave before: for Hysteresis, and for trend"},
    {"old-as-of", 0, "DATE", OPT_OLD_AS_OF,
	"trend: the date of the old records"},
    {"old-rules", 0, "FILE", OPT_OLD_RULES,
	"trend: the rules of then (repeatable)"},
    {NULL, 0, NULL, 0, NULL},
};

/* What trend adds, and the effects: differences of struct cs_trend_score's
 * steps. */
static const struct effect {
	const char *tail; /* of the column's name */
	size_t from, to;
} effects[] = {
    {"_change", 0, 3},
    {"_change_value", 0, 1},
    {"_change_weight", 2, 3},
    {"_change_coverage", 1, 2},
};
enum { EFFECTS = sizeof(effects) / sizeof(effects[0]) };

/* The columns of one score. */
struct one {
	size_t score_col, band_col, coverage_col, profile_col, why_col;
	size_t old_col, effect_col[EFFECTS], change_why_col; /* trend */
	struct cs_explain **explain; /* of all rules, profile by profile */
	size_t nexplain;
};

struct score {
	struct cs_scorer scorer;
	struct one *one;      /* by score */
	struct cs_table *why; /* --why=ID */
	struct cs_buf text;
	struct cs_backtest_conf backtest_conf;
	struct cs_backtest *backtest;
	struct cs_trend_conf trend_conf;
	struct cs_trend *trend;
	struct cs_oldband *oldband; /* --old and a Hysteresis */
};

static bool
option(
    void *self, struct cs_kit *k, int id, const char *arg, struct cs_err *err)
{
	struct cs_backtest_conf *b = &((struct score *)self)->backtest_conf;
	struct cs_trend_conf *t = &((struct score *)self)->trend_conf;

	(void)k;
	(void)err;
	switch (id) {
	case OPT_OUTCOME:
		b->outcome = arg;
		break;
	case OPT_OUTCOME_AT:
		b->outcome_at = arg;
		break;
	case OPT_SCORE:
		b->score = cs_str(arg);
		break;
	case OPT_HISTORY:
		b->history = cs_grow(b->history, b->nhistory, &b->history_cap,
		    sizeof(*b->history));
		b->history[b->nhistory++] = arg;
		break;
	case OPT_AHEAD:
		b->ahead = cs_str(arg);
		break;
	case OPT_OLD:
		t->old = arg;
		break;
	case OPT_OLD_AS_OF:
		t->old_as_of = arg;
		break;
	default:
		t->old_rules = cs_grow(t->old_rules, t->nold_rules,
		    &t->old_rules_cap, sizeof(*t->old_rules));
		t->old_rules[t->nold_rules++] = arg;
	}
	return true;
}

static bool
is_word(const struct cs_kit *k, const char *word)
{
	return k->word != NULL && strcmp(k->word, word) == 0;
}

/* Options that belong to another form of the command. */
static bool
options_fit(const struct score *s, const struct cs_kit *k, struct cs_err *err)
{
	const struct cs_backtest_conf *b = &s->backtest_conf;
	const struct cs_trend_conf *t = &s->trend_conf;

	if (!is_word(k, "backtest") &&
	    (b->outcome != NULL || b->outcome_at != NULL ||
		b->score.p != NULL || b->nhistory > 0 || b->ahead.p != NULL))
		return cs_fail(err, CS_USAGE,
		    "--outcome, --outcome-at, --score, --history and --ahead "
		    "go with cs-score backtest");
	if (!is_word(k, "trend") && (t->old_as_of != NULL || t->nold_rules > 0))
		return cs_fail(err, CS_USAGE,
		    "--old-as-of and --old-rules go with cs-score trend");
	if (t->old == NULL)
		return true;
	if (is_word(k, "backtest"))
		return cs_fail(err, CS_USAGE,
		    "--old does not go with backtest (--history does)");
	if (strcmp(t->old, "-") == 0)
		return cs_fail(err, CS_USAGE,
		    "--old=-: standard input is for the other state");
	return true;
}

static bool
ready(void *self, struct cs_kit *k, struct cs_err *err)
{
	struct score *s = self;

	if (k->nrule_files == 0)
		return cs_fail(err, CS_USAGE,
		    "a rule file is needed: -r FILE (std:health is a shipped "
		    "one)");
	if (!options_fit(s, k, err))
		return false;
	if (is_word(k, "backtest"))
		return cs_backtest_new(&s->backtest, &s->backtest_conf, k, err);
	if (s->trend_conf.old != NULL)
		cs_kit_reads(k, s->trend_conf.old);
	if (k->has_why && k->why_id.p != NULL)
		k->output = CS_OUT_TABLE;
	return !is_word(k, "trend") ||
	       cs_trend_new(&s->trend, &s->trend_conf, k, err);
}

static size_t
add_column(struct cs_kit *k, struct cs_str name, const char *tail)
{
	return cs_plan_add(k->plan,
	    cs_str(cs_arena_printf(&k->run, "%.*s%s", CS_ARG(name), tail)));
}

static void
add_columns(struct one *o, const struct cs_score *s, struct cs_kit *k)
{
	o->score_col = add_column(k, s->name, "");
	if (s->has_bands)
		o->band_col = add_column(k, s->name, "_band");
	o->coverage_col = add_column(k, s->name, "_coverage");
	if (s->has_profiles)
		o->profile_col = add_column(k, s->name, "_profile");
	if (k->has_why)
		o->why_col = add_column(k, s->name, "_why");
}

static void
add_trend_columns(struct one *o, const struct cs_score *s, struct cs_kit *k)
{
	o->old_col = add_column(k, s->name, "_old");
	for (size_t i = 0; i < EFFECTS; i++)
		o->effect_col[i] = add_column(k, s->name, effects[i].tail);
	if (k->has_why)
		o->change_why_col = add_column(k, s->name, "_change_why");
}

/* Explains of all rules of all profiles, for the report of one record. */
static void
add_explains(struct one *o, const struct cs_score *s, struct cs_kit *k)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		o->nexplain += s->profile[i].nrules;
	o->explain = cs_calloc(o->nexplain, sizeof(struct cs_explain *));
	for (size_t i = 0; i < s->n; i++)
		for (size_t j = 0; j < s->profile[i].nrules; j++, n++) {
			const struct cs_score_rule *r = &s->profile[i].rule[j];

			if (!r->is_value && r->kv->expr != NULL)
				o->explain[n] =
				    cs_explain_new(k->eval, r->kv->expr,
					cs_eval_label(k->eval, r->expr));
		}
}

static bool
has_hysteresis(const struct cs_scores *s)
{
	for (size_t i = 0; i < s->n; i++)
		for (size_t j = 0; j < s->v[i].n; j++)
			if (s->v[i].profile[j].hysteresis > 0)
				return true;
	return false;
}

/* --old: the records of then, and the bands they had. */
static bool
start_old(struct score *s, struct cs_kit *k, struct cs_err *err)
{
	const char *old = s->trend_conf.old;
	bool holds = has_hysteresis(&s->scorer.scores);

	if (s->trend == NULL && !holds)
		return cs_fail(err, CS_USAGE,
		    "--old goes with Hysteresis: in a Score, or with cs-score "
		    "trend");
	if (k->id == CS_NO_COLUMN && !k->head.is_open)
		return cs_fail(err, CS_USAGE,
		    "--old=%s: the new records have no column \"%.*s\" "
		    "(--id=COL names the key)",
		    old, CS_ARG(k->id_name));
	if (s->trend != NULL && !cs_trend_start(s->trend, &s->scorer, err))
		return false;
	if (holds)
		s->oldband = cs_oldband_read(k, old, &s->scorer.scores, err);
	return !holds || s->oldband != NULL;
}

static bool
start(void *self, struct cs_kit *k, struct cs_err *err)
{
	static const char *const why[] = {
	    "score", "rule", "points", "value", "reason"};
	static const char *const change[] = {"score", "rule", "old", "new",
	    "change", "value", "weight", "coverage"};
	struct score *s = self;

	cs_scorer_build(&s->scorer, &k->rules, k);
	if (s->scorer.scores.n == 0)
		return k->diags.errors > 0 ||
		       cs_fail(err, CS_USAGE, "no Score: in the rule files");
	if (s->backtest != NULL)
		return cs_backtest_start(s->backtest, &s->scorer, err);
	cs_scorer_bind(&s->scorer, NULL, NULL, k);
	s->one = cs_calloc(s->scorer.scores.n, sizeof(*s->one));
	for (size_t i = 0; i < s->scorer.scores.n; i++) {
		const struct cs_score *score = s->scorer.v[i].score;

		if (k->plan == NULL) {
			add_explains(&s->one[i], score, k);
			continue;
		}
		add_columns(&s->one[i], score, k);
		if (s->trend != NULL)
			add_trend_columns(&s->one[i], score, k);
	}
	if (k->plan == NULL)
		s->why = s->trend != NULL ? cs_table_new(change, 8)
					  : cs_table_new(why, 5);
	/* Faults of the rules first: they would be told of OLD as well. */
	return k->diags.errors > 0 || s->trend_conf.old == NULL ||
	       start_old(s, k, err);
}

/* The entries behind the result of one record. */
static size_t
entries(const struct score *s, size_t i, struct cs_kit *k,
    struct cs_score_entry **v)
{
	const struct cs_scoring *g = &s->scorer.v[i];
	const struct cs_profile *p = g->profile;
	struct cs_val *value =
	    cs_arena_array(&k->one, p->nrules, sizeof(*value));

	for (size_t j = 0; j < p->nrules; j++)
		value[j] = cs_scorer_value(&s->scorer, &p->rule[j]);
	return cs_score_entries(p, g->part, value, &g->result, &k->one, v);
}

static struct cs_val
why_value(const struct score *s, size_t i, struct cs_kit *k)
{
	struct cs_val v = {.kind = CS_TEXT};
	struct cs_score_entry *e;
	size_t n = entries(s, i, k, &e);
	struct cs_buf b = {0};

	if (k->out_form == CS_FORM_JSONL) {
		v.kind = CS_JSON;
		cs_score_why_json(&b, e, n);
	} else {
		cs_score_why_text(&b, e, n);
	}
	v.text = cs_keep(&k->one, cs_buf_get(&b));
	cs_buf_free(&b);
	return v;
}

static struct cs_val
text_or_null(struct cs_str s)
{
	return s.p ? cs_val_text(s) : cs_val_null();
}

/* At most six decimals and no exponent, in every form. */
static struct cs_val
printed(struct score *s, struct cs_kit *k, double v)
{
	struct cs_val val = cs_val_num(v);

	cs_buf_reset(&s->text);
	cs_num_print6(&s->text, v);
	val.text = cs_keep(&k->one, cs_buf_get(&s->text));
	return val;
}

static void
set_columns(struct score *s, size_t i, struct cs_kit *k)
{
	const struct one *o = &s->one[i];
	const struct cs_scoring *g = &s->scorer.v[i];
	const struct cs_score_result *r = &g->result;

	if (r->has_score)
		cs_plan_set(k->plan, o->score_col,
		    printed(s, k, (double)r->score / 1e6));
	if (g->score->has_bands)
		cs_plan_set(k->plan, o->band_col, text_or_null(r->band_name));
	cs_plan_set(k->plan, o->coverage_col, printed(s, k, r->coverage));
	if (g->score->has_profiles)
		cs_plan_set(
		    k->plan, o->profile_col, text_or_null(g->profile->name));
	if (k->has_why)
		cs_plan_set(k->plan, o->why_col, why_value(s, i, k));
}

static void
why_row(struct score *s, struct cs_str score, const struct cs_score_entry *e,
    struct cs_str reason)
{
	struct cs_val row[] = {cs_val_text(score), cs_val_text(e->name),
	    e->is_known ? cs_val_num((double)e->micro / 1e6) : cs_val_null(),
	    e->value, cs_val_text(reason)};

	cs_table_row(s->why, row);
}

/* The last row of the report: the score, what is known, the band. */
static void
why_sum(struct score *s, struct cs_str score, const struct cs_profile *p,
    const struct cs_score_result *r)
{
	struct cs_score_entry sum = {
	    .name = CS_S("="), .is_known = r->has_score, .micro = r->score};
	struct cs_buf b = {0};

	cs_buf_puts(&b, "coverage ");
	cs_num_print6(&b, r->coverage);
	if (r->band_name.p != NULL)
		cs_buf_printf(&b, ", band %.*s%s", CS_ARG(r->band_name),
		    r->is_held ? " (held from before)" : "");
	else if (r->has_score && r->coverage < p->min_coverage)
		cs_buf_puts(&b, ", too low for a band");
	why_row(s, score, &sum, cs_buf_get(&b));
	cs_buf_free(&b);
}

/* Why rule j gives what it gives: its conditions, or its value's place. */
static void
put_reason(struct cs_buf *b, const struct cs_score_rule *r,
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
		cs_buf_puts(b, " of 100");
	} else {
		column = cs_kit_empty(k, r->expr);
		cs_buf_str(b, column);
		cs_buf_puts(b, column.p != NULL ? " is empty" : "no number");
	}
}

/* The report of one record: a row an entry, a rule's with its reason. */
static void
why_rows(struct score *s, size_t i, struct cs_kit *k, struct cs_rec *rec)
{
	const struct cs_scoring *g = &s->scorer.v[i];
	const struct cs_profile *p = g->profile;
	struct cs_str name = g->score->name;
	struct cs_score_entry *e;
	size_t n = entries(s, i, k, &e), x = 0;
	struct cs_buf b = {0};

	for (size_t j = 0; &g->score->profile[j] != p; j++)
		x += g->score->profile[j].nrules;
	for (size_t j = 0; j < n; j++) {
		cs_buf_reset(&b);
		if (j < p->nrules)
			put_reason(&b, &p->rule[j], &g->part[j],
			    s->one[i].explain[x + j], k, rec);
		why_row(s, name, &e[j], cs_buf_get(&b));
	}
	why_sum(s, name, p, &g->result);
	cs_buf_free(&b);
}

static struct cs_val
micro(struct score *s, struct cs_kit *k, long long v)
{
	return printed(s, k, (double)v / 1e6);
}

static struct cs_val
change_why(struct cs_kit *k, const struct cs_trend_score *t)
{
	bool is_json = k->out_form == CS_FORM_JSONL;
	struct cs_val v = {.kind = is_json ? CS_JSON : CS_TEXT};
	struct cs_buf b = {0};

	if (is_json)
		cs_trend_json(&b, t);
	else
		cs_trend_text(&b, t);
	v.text = cs_keep(&k->one, cs_buf_get(&b));
	cs_buf_free(&b);
	return v;
}

static void
set_trend_columns(struct score *s, size_t i, struct cs_kit *k)
{
	const struct one *o = &s->one[i];
	struct cs_trend_score t;

	cs_trend_get(s->trend, i, &t);
	if (t.has_old)
		cs_plan_set(k->plan, o->old_col, micro(s, k, t.step[0]));
	if (!t.has_old || !t.has_new)
		return;
	for (size_t j = 0; j < EFFECTS; j++)
		cs_plan_set(k->plan, o->effect_col[j],
		    micro(
			s, k, t.step[effects[j].to] - t.step[effects[j].from]));
	if (k->has_why)
		cs_plan_set(k->plan, o->change_why_col, change_why(k, &t));
}

static void
change_row(struct score *s, struct cs_str score, struct cs_str name,
    const long long *step, bool was, bool is, bool has_both)
{
	struct cs_val row[4 + EFFECTS] = {cs_val_text(score), cs_val_text(name),
	    was ? cs_val_num((double)step[0] / 1e6) : cs_val_null(),
	    is ? cs_val_num((double)step[3] / 1e6) : cs_val_null()};

	for (size_t i = 0; i < EFFECTS && has_both; i++)
		row[4 + i] = cs_val_num(
		    (double)(step[effects[i].to] - step[effects[i].from]) /
		    1e6);
	cs_table_row(s->why, row);
}

/* The report of one record: an entry a row, then the sums. */
static void
change_rows(struct score *s, size_t i)
{
	struct cs_str name = s->scorer.v[i].score->name;
	struct cs_trend_score t;
	bool has_both;

	cs_trend_get(s->trend, i, &t);
	has_both = t.has_old && t.has_new;
	for (size_t j = 0; j < t.n; j++)
		change_row(s, name, t.v[j].name, t.v[j].step, t.v[j].was,
		    t.v[j].is, has_both);
	change_row(s, name, CS_S("="), t.step, t.has_old, t.has_new, has_both);
}

/* All scores of the record; *stop: a stanza with Missing: error. */
static bool
run(struct score *s, struct cs_kit *k, struct cs_rec *rec,
    const struct cs_stanza **stop, struct cs_err *err)
{
	for (size_t i = 0; i < s->scorer.scores.n && *stop == NULL; i++) {
		struct cs_scoring *g = &s->scorer.v[i];

		cs_scorer_run(&s->scorer, i, stop);
		if (s->oldband != NULL && g->profile != NULL && *stop == NULL)
			cs_score_hold(g->profile,
			    cs_oldband_get(s->oldband, cs_kit_id(k, rec), i),
			    &g->result);
	}
	return s->trend == NULL || cs_trend_record(s->trend, rec, stop, err);
}

static bool
record(void *self, struct cs_kit *k, struct cs_rec *rec, struct cs_err *err)
{
	struct score *s = self;
	const struct cs_stanza *stop = NULL;

	if (s->backtest != NULL)
		return cs_backtest_record(s->backtest, rec, err);
	/* Nothing is set before all are known: a later one may refuse. */
	if (!run(s, k, rec, &stop, err))
		return false;
	if (stop != NULL)
		return cs_kit_refuse_unknown(k, rec, stop, err);
	for (size_t i = 0; i < s->scorer.scores.n; i++) {
		bool has_profile = s->scorer.v[i].profile != NULL;

		if (s->why != NULL && s->trend != NULL)
			change_rows(s, i);
		else if (s->why != NULL && has_profile)
			why_rows(s, i, k, rec);
		else if (s->why == NULL && has_profile)
			set_columns(s, i, k); /* else they are empty */
		if (s->why == NULL && s->trend != NULL)
			set_trend_columns(s, i, k);
	}
	return s->why != NULL || cs_kit_write(k, rec, err);
}

static bool
finish(void *self, struct cs_kit *k, struct cs_err *err)
{
	struct score *s = self;

	if (s->backtest != NULL)
		return cs_backtest_finish(s->backtest, err);
	if (s->trend != NULL && s->why == NULL)
		cs_trend_summary(s->trend);
	if (s->why == NULL)
		return true;
	if (cs_table_rows(s->why) == 0)
		return cs_kit_why_missing(k, err);
	return cs_kit_table(k, s->why, err);
}

static void
end(void *self, struct cs_kit *k)
{
	struct score *s = self;

	(void)k;
	for (size_t i = 0; s->one != NULL && i < s->scorer.scores.n; i++) {
		for (size_t j = 0; j < s->one[i].nexplain; j++)
			if (s->one[i].explain[j] != NULL)
				cs_explain_free(s->one[i].explain[j]);
		free(s->one[i].explain);
	}
	free(s->one);
	cs_scorer_free(&s->scorer);
	cs_buf_free(&s->text);
	if (s->why != NULL)
		cs_table_free(s->why);
	cs_backtest_free(s->backtest);
	free(s->backtest_conf.history);
	cs_trend_free(s->trend);
	cs_oldband_free(s->oldband);
	free(s->trend_conf.old_rules);
}

static void *
twin(const void *self)
{
	(void)self; /* it has no options */
	return cs_calloc(1, sizeof(struct score));
}

static const struct cs_cmd cmd = {
    .name = "cs-score",
    .purpose = "Turns measures into scores with bands, coverage and reasons",
    .synopsis = "-r FILE [--old=FILE] [--why[=ID]] [FILE...]\n"
		"trend -r FILE --old=FILE [--old-as-of=DATE] "
		"[--old-rules=FILE]... [--why[=ID]] [FILE...]\n"
		"backtest -r FILE [--outcome=EXPR] [--score=NAME] "
		"[--ahead=COL,...] [FILE...]\n"
		"backtest -r FILE [--outcome=EXPR] --outcome-at=EXPR "
		"--history=DIR|FILE... [FILE...]",
    .examples = "  cs-score -r health.rules shops.csv\n"
		"  cs-score -r health.rules --why=s0042 shops.csv\n"
		"  cs-score backtest -r risk.rules --outcome=.churned "
		"shops.csv\n",
    .opts = opts,
    .words = "backtest trend",
    .why_is_alone = true,
    .output = CS_OUT_RECORDS,
    .option = option,
    .ready = ready,
    .start = start,
    .record = record,
    .finish = finish,
    .end = end,
    .twin = twin,
};

int
main(int argc, char **argv)
{
	struct score s = {0};

	return cs_kit_main(&cmd, &s, argc, argv);
}
