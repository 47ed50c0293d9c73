/* score_report: --why=ID: one record's scores, or their changes, rule by rule
 *
 * score,rule,points,value,reason; of a trend
 * score,rule,old,new,change,value,weight,coverage. The last row of a score is
 * "=", the sum. */
#ifndef CS_SCORE_REPORT_H
#define CS_SCORE_REPORT_H

#include "explain.h"
#include "trend.h"

struct cs_score_report {
	const struct cs_scorer *scorer;
	const struct cs_trend *trend; /* NULL: none */
	/* By score: of all rules, profile by profile; NULL for a Value. */
	struct cs_explain ***explain;
	struct cs_table *table; /* NULL: not started */
};

/* Before the evaluator is compiled; scorer is built and bound. */
void cs_score_report_start(struct cs_score_report *r, struct cs_kit *k,
    const struct cs_scorer *scorer, const struct cs_trend *trend);
/* The rows of the record that scorer and trend have last run on. */
void cs_score_report_rows(
    struct cs_score_report *r, struct cs_kit *k, struct cs_rec *rec);
/* Prints the table; without a row it says that there was no such record. */
bool cs_score_report_finish(
    struct cs_score_report *r, struct cs_kit *k, struct cs_err *err);
void cs_score_report_free(struct cs_score_report *r);

#endif
