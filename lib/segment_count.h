/* segment_count: the tables of cs-segment --count and --count=cells */
#ifndef CS_SEGMENT_COUNT_H
#define CS_SEGMENT_COUNT_H

#include "group.h"
#include "segment.h"
#include "table.h"

struct cs_segment_counts {
	const struct cs_segments *plan;
	bool is_cells; /* count the axes' levels, not the segments */
	size_t width;  /* places of one group; 0: not yet set up */
	uint64_t *n;   /* group-major */
	size_t groups, cap;
};

/* Does the table have a column of this name, but for the groups'? */
bool cs_segment_counts_has(
    const struct cs_segment_counts *c, struct cs_str name);
/* Counts one record in its group. first: its first segment or CS_NO_SEGMENT;
 * yes: all segments it is in (NULL: only the first counts); level: by axis. */
void cs_segment_counts_add(struct cs_segment_counts *c, size_t group,
    size_t first, const bool *yes, const size_t *level);
/* segment,count,share in file order, zeros included, the empty name last, and
 * capacity where a Capacity is in the rules and no group; or the axes' names,
 * count,share, first axis outer, the empty level of an axis only where it has
 * records. The groups' columns come first, groups by bytes. share is of all
 * records, 0 records give an empty cell. */
struct cs_table *cs_segment_counts_table(struct cs_segment_counts *c,
    const struct cs_groups *groups, uint64_t records);
/* Adds what another counted, of the same plan. */
void cs_segment_counts_join(struct cs_segment_counts *c,
    struct cs_groups *groups, const struct cs_segment_counts *from,
    const struct cs_groups *from_groups);
void cs_segment_counts_free(struct cs_segment_counts *c);

#endif
