/* segment_only: the records of some segments: cs-segment --only */
#ifndef CS_SEGMENT_ONLY_H
#define CS_SEGMENT_ONLY_H

#include "segment_run.h"

struct cs_segment_only {
	bool *is_wanted; /* by segment; [n]: in none. NULL: all */
};

/* names: "a,b"; an empty one means the records in no segment; absent: all. */
bool cs_segment_only_start(struct cs_segment_only *o,
    const struct cs_segments *plan, struct cs_str names, struct cs_err *err);
/* Is the record whose state stands in run in one of them? With run's all any
 * segment that says yes counts, else the first. */
bool cs_segment_only_wants(
    const struct cs_segment_only *o, const struct cs_segment_run *run);
void cs_segment_only_free(struct cs_segment_only *o);

#endif
