/* stages: stage funnels: where records stand and where they stop
 *
 * Source: CONTRACT cs-funnel, reference formulas D6 and D7. Pure: the caller
 * evaluates conditions and dates and hands the answers in. */
#ifndef CS_STAGES_H
#define CS_STAGES_H

#include "date.h"
#include "rules.h"
#include "stat.h"

struct cs_stage {
	const struct cs_stanza *stanza;
	const struct cs_kv *when, *at, *exit; /* at, exit may be NULL */
	size_t when_expr, at_expr, exit_expr; /* set by the caller */
	bool has_goal;
	double goal; /* rate 0..1 of the step into this stage */
	bool has_within;
	struct cs_duration within;
};

struct cs_funnel {
	const struct cs_stanza *stanza;
	bool is_strict; /* a later stage does not imply the earlier ones */
	struct cs_stage *stage;
	size_t n;
};

struct cs_funnels {
	struct cs_funnel *v;
	size_t n;
};

void cs_funnels_build(struct cs_funnels *f, const struct cs_rules *rules,
    struct cs_arena *run, struct cs_diags *diags);

#define CS_NO_STAGE SIZE_MAX
/* The furthest stage reached, given the answer of each, or CS_NO_STAGE. */
size_t cs_funnel_stage(const struct cs_funnel *f, const bool *yes);

/* What is known of one record at its furthest stage. Days are civil days. */
struct cs_standing {
	size_t stage; /* CS_NO_STAGE: in none */
	/* By stage: the day it was reached (has_day false: not known). */
	const long *day;
	const bool *has_day;
	bool has_left; /* Exit of the stage where it stands says yes */
};

/* The counts of one funnel in one group. */
struct cs_stage_counts;
struct cs_stage_counts *cs_stage_counts_new(const struct cs_funnel *f);
void cs_stage_counts_add(
    struct cs_stage_counts *c, const struct cs_standing *s, long today);
/* Adds what another counted, of the same funnel. */
void cs_stage_counts_join(
    struct cs_stage_counts *c, const struct cs_stage_counts *from);
void cs_stage_counts_free(struct cs_stage_counts *c);

/* One line of the table. A has_ that is false is an empty cell. */
struct cs_stage_row {
	uint64_t stock, reached;
	bool has_rate; /* not of the first stage, nor with nobody before */
	double rate, low, high;
	bool has_first;
	double first;  /* of those at the first stage */
	bool has_open; /* open and lost */
	uint64_t open, lost;
	bool has_gap;
	double gap;
	bool has_median, has_p90;
	double median, p90; /* days */
	size_t bottleneck;  /* rank from 1; 0: none */
};
/* Fills row[0..n-1] for the funnel's n stages. */
void cs_stage_counts_rows(struct cs_stage_counts *c, struct cs_stage_row *row);

#endif
