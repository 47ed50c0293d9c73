/* overlap: how many records two segments share */
#ifndef CS_OVERLAP_H
#define CS_OVERLAP_H

#include "segment.h"
#include "table.h"

struct cs_overlap {
	const struct cs_segments *plan;
	uint64_t *n; /* of a pair, at a * plan->n + b; of one, at a == b */
};

bool cs_overlap_start(
    struct cs_overlap *o, const struct cs_segments *plan, struct cs_err *err);
/* One record: all segments it is in. */
void cs_overlap_add(struct cs_overlap *o, const bool *yes);
/* a,b,a_count,b_count,both,a_share,b_share,jaccard: every pair once, in file
 * order, zeros included. a_share: of the records in a, those in b too; jaccard:
 * of those in one of them, those in both. */
struct cs_table *cs_overlap_table(const struct cs_overlap *o);
void cs_overlap_free(struct cs_overlap *o);

#endif
