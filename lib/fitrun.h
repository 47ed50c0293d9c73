/* fitrun: cs-score fit: rules and records with an outcome in, the rules with
 * points out */
#ifndef CS_FITRUN_H
#define CS_FITRUN_H

#include "fit.h"
#include "leaks.h"
#include "scorer.h"

/* Its options besides --outcome, --score and --ahead. */
enum cs_fit_opt {
	CS_FIT_LAMBDA = CS_OPT_OWN + 200,
	CS_FIT_FOLDS,
	CS_FIT_SPLIT,
	CS_FIT_AT,
	CS_FIT_OPT_END
};

/* The zero value is a run without options. */
struct cs_fitrun {
	const char *outcome_text, *lambda, *folds, *split, *at;
	struct cs_str outcome_shown;
	struct cs_str score; /* --score; absent: the only one */
	struct cs_str ahead; /* --ahead; may be absent */
	struct cs_fit_conf conf;
	struct cs_fit *fit;
	struct cs_leaks *leaks;
	bool is_bound;
	struct cs_scorer *scorer; /* the command's */
	size_t number;		  /* of the score */
	size_t outcome;		  /* its expression */
	size_t split_col;
	long at_day;
	uint64_t unknown, undated;
};

bool cs_fitrun_option(
    struct cs_fitrun *f, int id, const char *arg, struct cs_err *err);
bool cs_fitrun_ready(struct cs_fitrun *f, struct cs_kit *k, struct cs_err *err);
/* scorer is built, not yet bound. */
bool cs_fitrun_start(struct cs_fitrun *f, struct cs_scorer *scorer,
    struct cs_kit *k, struct cs_err *err);
bool cs_fitrun_record(struct cs_fitrun *f, struct cs_kit *k, struct cs_rec *rec,
    struct cs_err *err);
/* Prints the rule file. A leak makes the run end with 1. */
bool cs_fitrun_finish(
    struct cs_fitrun *f, struct cs_kit *k, struct cs_err *err);
void cs_fitrun_free(struct cs_fitrun *f);

#endif
