/* backtest: does the score tell what came of the customers?
 *
 * Sources: reference formulas D7 (Wilson), D9 (AUC, lift, Brier, calibration).
 * A higher score is taken to go with the outcome. Without history the inputs
 * give measures and outcome; with history dated snapshots give the measures,
 * the inputs the outcome and its date.
 *
 * Memory: 16 bytes a record for the score and 16 for each column that its rules
 * name (the leak guard); with history also the keys and 16 bytes and 4 a band
 * for each. */
#ifndef CS_BACKTEST_H
#define CS_BACKTEST_H

#include "scorer.h"

struct cs_backtest;

struct cs_backtest_conf {
	const char *outcome, *outcome_at; /* expressions; NULL: not given */
	struct cs_str score;		  /* its name; absent: the only one */
	const char **history; /* files, directories; the command's to free */
	size_t nhistory, history_cap;
	struct cs_str ahead; /* columns that are known ahead: a list */
};

/* From ready: checks the request and sets the kit's output. */
bool cs_backtest_new(struct cs_backtest **b,
    const struct cs_backtest_conf *conf, struct cs_kit *k, struct cs_err *err);
/* From start: scorer is built, not yet bound. */
bool cs_backtest_start(
    struct cs_backtest *b, struct cs_scorer *scorer, struct cs_err *err);
bool cs_backtest_record(
    struct cs_backtest *b, struct cs_rec *rec, struct cs_err *err);
/* Prints section,name,value,low,high,n. A leak makes the run end with 1. */
bool cs_backtest_finish(struct cs_backtest *b, struct cs_err *err);
/* NULL is fine. */
void cs_backtest_free(struct cs_backtest *b);

#endif
