/* stages_table: the table of cs-funnel: groups, funnels, stages */
#ifndef CS_STAGES_TABLE_H
#define CS_STAGES_TABLE_H

#include "group.h"
#include "stages.h"
#include "table.h"

struct cs_stage_tables {
	const struct cs_funnels *funnels;
	struct cs_groups
	    groups; /* --by; its columns are the caller's to find */
	struct cs_stage_counts **counts; /* group-major, by funnel */
	size_t cap;
};

/* Counts a record: where it stands in each funnel. */
void cs_stage_tables_add(struct cs_stage_tables *t, struct cs_rec *rec,
    const struct cs_standing *s, long today);
/* The groups' columns, then funnel, stage, position ... (CONTRACT); groups by
 * bytes. Without a record and without groups: all stages with 0. */
struct cs_table *cs_stage_tables_make(struct cs_stage_tables *t);
/* Adds what another counted, of the same funnels. */
void cs_stage_tables_join(
    struct cs_stage_tables *t, const struct cs_stage_tables *from);
void cs_stage_tables_free(struct cs_stage_tables *t);

#endif
