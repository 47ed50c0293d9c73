/* score_columns: the columns that cs-score adds to a record
 *
 * NAME, NAME_band, NAME_coverage, NAME_profile and, with --why, NAME_why for
 * each score; with a trend also NAME_old, NAME_change and its parts. */
#ifndef CS_SCORE_COLUMNS_H
#define CS_SCORE_COLUMNS_H

#include "trend.h"

struct cs_score_columns {
	const struct cs_scorer *scorer;
	const struct cs_trend *trend;	   /* NULL: none */
	struct cs_score_column_set *score; /* by score */
	struct cs_buf text;
};

/* Adds them to k's plan; scorer is built. */
void cs_score_columns_start(struct cs_score_columns *c, struct cs_kit *k,
    const struct cs_scorer *scorer, const struct cs_trend *trend);
/* Sets those of the record that scorer and trend have last run on. Where no
 * profile fits they stay empty. */
void cs_score_columns_set(struct cs_score_columns *c, struct cs_kit *k);
void cs_score_columns_free(struct cs_score_columns *c);

#endif
