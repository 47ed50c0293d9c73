/* segment_wait: records that wait until the limits are known */
#ifndef CS_SEGMENT_WAIT_H
#define CS_SEGMENT_WAIT_H

#include "hold.h"
#include "segment_run.h"

struct cs_segment_wait {
	struct cs_segment_run *run;
	bool only_wishes;     /* the records themselves are not wanted back */
	struct cs_hold *hold; /* NULL: the plan has no limit, nothing waits */
	struct cs_buf note;
	bool is_over; /* no more are put in */
};

/* memory: bytes of records that stand in memory. The zero value is fine for
 * free, and waits for nothing. */
void cs_segment_wait_start(struct cs_segment_wait *w,
    struct cs_segment_run *run, size_t memory, bool only_wishes);
/* The record that was asked last. False with err (exit 3). */
bool cs_segment_wait_put(
    struct cs_segment_wait *w, struct cs_rec *rec, struct cs_err *err);
/* All were put in: the next one, in their order, its state in run, limits kept.
 * With only_wishes its wishes (see segment_best) instead of the record. They
 * live until the next call. */
enum cs_got cs_segment_wait_next(struct cs_segment_wait *w, struct cs_rec *rec,
    struct cs_str *wishes, struct cs_err *err);
void cs_segment_wait_free(struct cs_segment_wait *w);

#endif
