/* segment_count: the tables of cs-segment --count and --count=cells */
#ifndef CS_SEGMENT_COUNT_H
#define CS_SEGMENT_COUNT_H

#include "group.h"
#include "segment_run.h"
#include "table.h"

struct cs_segment_counts {
	const struct cs_segments *plan;
	bool is_cells; /* count the axes' levels, not the segments */
	struct cs_groups groups;
	size_t width;	  /* places of one group; 0: not yet set up */
	uint64_t *n;	  /* group-major */
	size_t seen, cap; /* groups that have a place */
};

/* by: the columns of the groups, "a,b"; absent: one group. False with err: an
 * unknown column, or the table has one of that name. The zero value is fine for
 * free. */
bool cs_segment_counts_start(struct cs_segment_counts *c, struct cs_kit *k,
    const struct cs_segments *plan, bool is_cells, struct cs_str by,
    struct cs_err *err);
/* Counts one record in its group: its state in run, with run's all in each of
 * its segments, else in the first. */
void cs_segment_counts_add(struct cs_segment_counts *c,
    const struct cs_segment_run *run, struct cs_rec *rec);
/* segment,count,share in file order, zeros included, the empty name last, and
 * capacity where a Capacity is in the rules and no group; or the axes' names,
 * count,share, first axis outer, the empty level of an axis only where it has
 * records. The groups' columns come first, groups by bytes. share is of all
 * records, 0 records give an empty cell. */
struct cs_table *cs_segment_counts_table(
    struct cs_segment_counts *c, uint64_t records);
/* Adds what another counted, of the same plan and groups. */
void cs_segment_counts_join(
    struct cs_segment_counts *c, const struct cs_segment_counts *from);
void cs_segment_counts_free(struct cs_segment_counts *c);

#endif
