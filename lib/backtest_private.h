/* backtest_private: what the files of the back-test share */
#ifndef CS_BACKTEST_PRIVATE_H
#define CS_BACKTEST_PRIVATE_H

#include "backtest.h"
#include "leaks.h"
#include "snapshot.h"
#include "stat.h"

/* How many had the outcome. */
struct cs_share {
	uint64_t yes, n;
};

enum { CS_BINS = 10 };

/* Scores beside outcomes, and the figures of them. */
struct cs_tally {
	struct cs_case *v; /* scores in micro-points */
	size_t n, cap;
	uint64_t yes;		 /* of v */
	uint64_t records;	 /* all that were asked about */
	struct cs_auc auc;	 /* all 0 where there is none; cs_tally_rows */
	struct cs_str *band;	 /* names in file order; then "" for none */
	struct cs_share *banded; /* by band */
	size_t nbands;		 /* without "" */
	/* By the score's place in its Range, in 1e-9. */
	struct cs_share bin[CS_BINS];
	uint64_t told[CS_BINS];		    /* sum of what was predicted */
	uint64_t square_whole, square_rest; /* sum of squares in 1e-9, 1e-18 */
};

void cs_tally_init(
    struct cs_tally *t, const struct cs_score *score, struct cs_arena *run);
/* A record whose outcome is known. g has a profile. */
void cs_tally_add(struct cs_tally *t, const struct cs_scoring *g, bool yes);
/* The band of a record; nbands: none. */
size_t cs_tally_band(const struct cs_tally *t, const struct cs_scoring *g);
/* All sections but leaks and history. Sorts the cases. */
void cs_tally_rows(struct cs_tally *t, struct cs_table *table);
void cs_tally_free(struct cs_tally *t);

/* A row of the table; a share with its Wilson interval (empty when n is 0). */
void cs_backtest_row(struct cs_table *t, const char *section,
    struct cs_str name, struct cs_val value, struct cs_val low,
    struct cs_val high, uint64_t n);
void cs_backtest_share(struct cs_table *t, const char *section,
    struct cs_str name, const struct cs_share *s);
/* a NULL: one of the two classes is empty. */
void cs_backtest_auc(struct cs_table *t, const char *section,
    struct cs_str name, const struct cs_auc *a, uint64_t n);

/* What came of each key, and the snapshots. */
struct cs_history;
/* Finds and orders the files. NULL with err (exit 2). */
struct cs_history *cs_history_new(
    struct cs_kit *k, const char *const *path, size_t n, struct cs_err *err);
/* Before the first record. */
void cs_history_bands(struct cs_history *h, size_t nbands);
/* A record of the inputs: its key, its outcome, the day it came (only for a
 * yes). False: the key stands twice (exit 3). */
bool cs_history_outcome(struct cs_history *h, const struct cs_rec *rec,
    struct cs_str id, enum cs_answer outcome, long day, struct cs_err *err);
/* Reads all snapshots: score `name` of each record against what came later.
 * Each key counts once in t, as it stood in the first snapshot that has it. */
bool cs_history_read(struct cs_history *h, struct cs_str name,
    struct cs_tally *t, struct cs_leaks *l, struct cs_err *err);
/* The sections snapshot, warned, lead and ever. */
void cs_history_rows(
    struct cs_history *h, const struct cs_tally *t, struct cs_table *table);
void cs_history_free(struct cs_history *h);

#endif
