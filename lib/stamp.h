/* stamp: the newest date of a column, and how old it is
 *
 * Dates are RULES' texts; with a zone in it, its civil date in --tz. */
#ifndef CS_STAMP_H
#define CS_STAMP_H

#include "val.h"
#include "zone.h"

/* The zero value has seen nothing. */
struct cs_stamp {
	uint64_t dates, empty, others;
	struct cs_time newest; /* if there are dates */
};

void cs_stamp_see(struct cs_stamp *s, struct cs_val v);
/* Appends "2026-02-20 (9 days before 2026-03-01), 3 empty, 1 no date". */
void cs_stamp_tell(
    const struct cs_stamp *s, const struct cs_as_of *as_of, struct cs_buf *b);

#endif
