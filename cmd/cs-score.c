/* cs-score: measures -> score, band, coverage, and why */
#include <stdlib.h>
#include <string.h>

#include "backtest.h"
#include "fitrun.h"
#include "oldband.h"
#include "rfmrun.h"
#include "score_columns.h"
#include "score_report.h"

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
    {"outcome", 0, "EXPR", OPT_OUTCOME, "backtest, fit: what came of a record"},
    {"outcome-at", 0, "EXPR", OPT_OUTCOME_AT,
	"backtest: the date it came; with --history"},
    {"score", 0, "NAME", OPT_SCORE, "backtest, fit: which of several scores"},
    {"history", 0, "DIR|FILE", OPT_HISTORY,
	"backtest: dated snapshots (repeatable)"},
    {"ahead", 0, "COL,...", OPT_AHEAD,
	"backtest, fit: columns that are known ahead, no leaks"},
    {"old", 0, "FILE", OPT_OLD,
	"what cs-score gave before: for Hysteresis, and for trend"},
    {"old-as-of", 0, "DATE", OPT_OLD_AS_OF,
	"trend: the date of the old records"},
    {"old-rules", 0, "FILE", OPT_OLD_RULES,
	"trend: the rules of then (repeatable)"},
    {"lambda", 0, "N", CS_FIT_LAMBDA, "fit: the ridge; 1, 0 is none"},
    {"folds", 0, "N", CS_FIT_FOLDS, "fit: parts that are left out in turn, 5"},
    {"split", 0, "COL", CS_FIT_SPLIT, "fit: the date that parts off a test"},
    {"at", 0, "DATE", CS_FIT_AT, "fit: the first day of the test"},
    {"date", 0, "COL", CS_RFM_DATE, "rfm: the day of an order"},
    {"amount", 0, "COL", CS_RFM_AMOUNT,
	"rfm: what was paid; A*B: the product of two columns"},
    {"order", 0, "COL", CS_RFM_ORDER,
	"rfm: the order a row belongs to (else each row is one)"},
    {"method", 0, "WORD", CS_RFM_METHOD, "rfm: quantile, ntile or fixed"},
    {"bins", 0, "N", CS_RFM_BINS, "rfm: classes of each measure, 5"},
    {"cuts", 0, "LIST", CS_RFM_CUTS,
	"rfm: of --method=fixed: r:30,90/f:2,5/m:50,200"},
    {"frequency", 0, "WORD", CS_RFM_FREQUENCY, "rfm: orders or days"},
    {"refunds", 0, "WORD", CS_RFM_REFUNDS,
	"rfm: negative amounts: subtract or ignore"},
    {"period", 0, "TIME", CS_RFM_PERIOD,
	"rfm: of is_active and was_active, 30d"},
    {NULL, 0, NULL, 0, NULL},
};

struct score {
	struct cs_scorer scorer;
	struct cs_score_columns columns;
	struct cs_score_report report; /* --why=ID */
	struct cs_backtest_conf backtest_conf;
	struct cs_backtest *backtest;
	struct cs_trend_conf trend_conf;
	struct cs_trend *trend;
	struct cs_oldband *oldband; /* --old and a Hysteresis */
	struct cs_fitrun fit;
	struct cs_rfmrun rfm;
};

static bool
is_word(const struct cs_kit *k, const char *word)
{
	return k->word != NULL && strcmp(k->word, word) == 0;
}

/* The forms of the command that an option goes with. */
static const char *
forms_of(int id)
{
	if (id >= CS_RFM_DATE && id < CS_RFM_OPT_END)
		return "rfm";
	if (id >= CS_FIT_LAMBDA && id < CS_FIT_OPT_END)
		return "fit";
	switch (id) {
	case OPT_OUTCOME:
	case OPT_SCORE:
	case OPT_AHEAD:
		return "backtest, fit";
	case OPT_OUTCOME_AT:
	case OPT_HISTORY:
		return "backtest";
	default:
		return "trend";
	}
}

static bool
is_in_place(const struct cs_kit *k, int id, struct cs_err *err)
{
	struct cs_str rest = cs_str(forms_of(id)), form;
	size_t i = 0;

	if (id == OPT_OLD && k->word == NULL)
		return true; /* for Hysteresis */
	while (cs_str_next(&rest, ',', &form))
		if (k->word != NULL && cs_str_is(cs_str_trim(form), k->word))
			return true;
	while (opts[i].id != id)
		i++;
	return cs_fail(err, CS_USAGE, "--%s goes with cs-score %s",
	    opts[i].name, forms_of(id));
}

static bool
option(
    void *self, struct cs_kit *k, int id, const char *arg, struct cs_err *err)
{
	struct score *s = self;
	struct cs_backtest_conf *b = &s->backtest_conf;
	struct cs_trend_conf *t = &s->trend_conf;

	if (!is_in_place(k, id, err))
		return false;
	if (is_word(k, "rfm"))
		return cs_rfmrun_option(&s->rfm, id, arg, err);
	if (id >= CS_FIT_LAMBDA && id < CS_FIT_OPT_END)
		return cs_fitrun_option(&s->fit, id, arg, err);
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
ready(void *self, struct cs_kit *k, struct cs_err *err)
{
	struct score *s = self;
	const char *old = s->trend_conf.old;

	if (is_word(k, "rfm"))
		return cs_rfmrun_ready(&s->rfm, k, err);
	if (k->nrule_files == 0)
		return cs_fail(err, CS_USAGE,
		    "a rule file is needed: -r FILE (std:health is a shipped "
		    "one)");
	if (is_word(k, "fit")) {
		s->fit.outcome_text = s->backtest_conf.outcome;
		s->fit.score = s->backtest_conf.score;
		s->fit.ahead = s->backtest_conf.ahead;
		return cs_fitrun_ready(&s->fit, k, err);
	}
	if (is_word(k, "backtest"))
		return cs_backtest_new(&s->backtest, &s->backtest_conf, k, err);
	if (old != NULL && strcmp(old, "-") == 0)
		return cs_fail(err, CS_USAGE,
		    "--old=-: standard input is for the other state");
	if (old != NULL)
		cs_kit_reads(k, old);
	if (k->has_why && k->why_id.p != NULL)
		k->output = CS_OUT_TABLE;
	return !is_word(k, "trend") ||
	       cs_trend_new(&s->trend, &s->trend_conf, k, err);
}

/* --old: the records of then, and the bands they had. */
static bool
start_old(struct score *s, struct cs_kit *k, struct cs_err *err)
{
	const char *old = s->trend_conf.old;
	bool holds = cs_oldband_applies(&s->scorer.scores);

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
	struct score *s = self;

	if (is_word(k, "rfm"))
		return cs_rfmrun_start(&s->rfm, k, err);
	cs_scorer_build(&s->scorer, &k->rules, k);
	if (s->scorer.scores.n == 0)
		return k->diags.errors > 0 ||
		       cs_fail(err, CS_USAGE, "no Score: in the rule files");
	if (is_word(k, "fit"))
		return cs_fitrun_start(&s->fit, &s->scorer, k, err);
	if (s->backtest != NULL)
		return cs_backtest_start(s->backtest, &s->scorer, err);
	cs_scorer_bind(&s->scorer, NULL, NULL, k);
	if (k->plan != NULL)
		cs_score_columns_start(&s->columns, k, &s->scorer, s->trend);
	else
		cs_score_report_start(&s->report, k, &s->scorer, s->trend);
	/* Faults of the rules first: they would be told of OLD as well. */
	return k->diags.errors > 0 || s->trend_conf.old == NULL ||
	       start_old(s, k, err);
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

	if (is_word(k, "rfm"))
		return cs_rfmrun_record(&s->rfm, k, rec, err);
	if (is_word(k, "fit"))
		return cs_fitrun_record(&s->fit, k, rec, err);
	if (s->backtest != NULL)
		return cs_backtest_record(s->backtest, rec, err);
	/* Nothing is set before all are known: a later one may refuse. */
	if (!run(s, k, rec, &stop, err))
		return false;
	if (stop != NULL)
		return cs_kit_refuse_unknown(k, rec, stop, err);
	if (k->plan == NULL) {
		cs_score_report_rows(&s->report, k, rec);
		return true;
	}
	cs_score_columns_set(&s->columns, k);
	return cs_kit_write(k, rec, err);
}

static bool
finish(void *self, struct cs_kit *k, struct cs_err *err)
{
	struct score *s = self;

	if (is_word(k, "rfm"))
		return cs_rfmrun_finish(&s->rfm, k, err);
	if (is_word(k, "fit"))
		return cs_fitrun_finish(&s->fit, k, err);
	if (s->backtest != NULL)
		return cs_backtest_finish(s->backtest, err);
	if (k->plan == NULL)
		return cs_score_report_finish(&s->report, k, err);
	if (s->trend != NULL)
		cs_trend_summary(s->trend);
	return true;
}

static void
end(void *self, struct cs_kit *k)
{
	struct score *s = self;

	(void)k;
	cs_score_columns_free(&s->columns);
	cs_score_report_free(&s->report);
	cs_scorer_free(&s->scorer);
	cs_fitrun_free(&s->fit);
	cs_rfmrun_free(&s->rfm);
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
		"--history=DIR|FILE... [FILE...]\n"
		"fit -r FILE [--outcome=EXPR] [--score=NAME] "
		"[--ahead=COL,...] [--lambda=N] [--folds=N] [FILE...]\n"
		"fit -r FILE [--outcome=EXPR] --split=COL --at=DATE [FILE...]\n"
		"rfm --id=COL --date=COL --amount=COL[*COL] [--order=COL] "
		"[FILE...]",
    .examples = "  cs-score -r health.rules shops.csv\n"
		"  cs-score -r health.rules --why=s0042 shops.csv\n"
		"  cs-score backtest -r risk.rules --outcome=.churned "
		"shops.csv\n"
		"  cs-score fit -r risk.rules --outcome=.churned shops.csv "
		">fitted.rules\n"
		"  cs-score rfm --id=customer --date=day --amount=paid "
		"orders.csv\n",
    .opts = opts,
    .words = "backtest trend fit rfm",
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
