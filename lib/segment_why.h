/* segment_why: why a record is in its segment: --why and --why=ID
 *
 * A condition is told by its parts (explain), a limit by the record's rank, the
 * line of the cut and what the next ten would add. */
#ifndef CS_SEGMENT_WHY_H
#define CS_SEGMENT_WHY_H

#include "explain.h"
#include "segment_run.h"

struct cs_segment_why {
	struct cs_segment_run *run;
	struct cs_explain **explain; /* of segments, levels, gates */
	size_t n;
	struct cs_table *table; /* with ID */
	/* The record asked for, and the limits. */
	struct cs_buf wishes;
	uint64_t row; /* UINT64_MAX: it was not there, or refused */
	size_t taken; /* by which segment, or CS_NO_SEGMENT */
	struct cs_limit_why *limit; /* by segment; segment_why's own */
};

/* Before the evaluator is compiled. */
void cs_segment_why_start(
    struct cs_segment_why *w, struct cs_segment_run *run, struct cs_kit *k);
/* Appends why a segment says yes to the record last run: text, or an array in
 * JSON lines. CS_NO_SEGMENT: nothing. */
void cs_segment_why_text(struct cs_segment_why *w, struct cs_rec *rec,
    size_t segment, bool is_json, struct cs_buf *b);
/* ID: the rows of the record's conditions. */
void cs_segment_why_rows(
    struct cs_segment_why *w, struct cs_kit *k, struct cs_rec *rec);
/* The same record, right after it was asked and not refused: the limits are
 * told for it. */
void cs_segment_why_takes_part(struct cs_segment_why *w);
/* ID with limits, when all were asked: the wishes of the record thawed last. */
void cs_segment_why_seen(struct cs_segment_why *w, struct cs_str wishes);
/* The rows of the limits, when all were seen; none without a limit. */
void cs_segment_why_limits(struct cs_segment_why *w);
/* The zero value is fine. */
void cs_segment_why_free(struct cs_segment_why *w);

#endif
