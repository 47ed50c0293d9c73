/* segment_best: Limit and Order: who is within the limit of a segment
 *
 * A segment with a limit takes the best of those who wish to be in it; who is
 * not taken wishes for the next one. Records may come in any order: somebody
 * better sends the last one on. What stands in memory is a wish (its values to
 * order by and its id) for each record that is within a limit at the time, so
 * never more than the sum of the limits. */
#ifndef CS_SEGMENT_BEST_H
#define CS_SEGMENT_BEST_H

#include "segment.h"

struct cs_best;

/* NULL: no segment of the plan has a limit. The plan must outlive it. */
struct cs_best *cs_best_new(const struct cs_segments *plan);

/* A record's wishes, in file order: begin, then add for each limited segment
 * it may come to, with a value for each expression of its Order. Null stands
 * last, and so does an array or an object; false before true before numbers
 * before texts (by bytes). Ties go by id (bytes), then by row. */
void cs_best_begin(struct cs_best *b, uint64_t row, struct cs_str id);
void cs_best_wish(
    struct cs_best *b, size_t segment, const struct cs_val *value);
/* The wishes of the record at hand as bytes, until the next begin; empty: it
 * has none. */
struct cs_str cs_best_wishes(const struct cs_best *b);
/* Takes part with them. */
void cs_best_enter(struct cs_best *b);

/* All have come. Then for rows in rising order: the segment that took the row,
 * or CS_NO_SEGMENT. */
void cs_best_close(struct cs_best *b);
size_t cs_best_taken(struct cs_best *b, uint64_t row);
/* How many wished to be in the segment, and were not taken before. */
uint64_t cs_best_wished(const struct cs_best *b, size_t segment);
/* The last one within the limit: the first value of its Order (the id without
 * one); false: the segment took everybody. The text lives as long as b. */
bool cs_best_cut(const struct cs_best *b, size_t segment, struct cs_val *v);

/* Which wish for the segment is the better: below 0 the first, over 0 the
 * second. Both must have one. */
int cs_best_compare(
    const struct cs_best *b, size_t segment, struct cs_str x, struct cs_str y);
/* The first value of the wish for the segment; false: there is no such wish. */
bool cs_best_value(const struct cs_best *b, size_t segment,
    struct cs_str wishes, struct cs_val *v);
/* NULL is fine. */
void cs_best_free(struct cs_best *b);

#endif
