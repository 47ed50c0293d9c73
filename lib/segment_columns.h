/* segment_columns: the columns that cs-segment adds to a record */
#ifndef CS_SEGMENT_COLUMNS_H
#define CS_SEGMENT_COLUMNS_H

#include "segment_why.h"

struct cs_segment_columns {
	const struct cs_segment_run *run;
	struct cs_segment_why *why; /* NULL: no column segment_why */
	size_t segment, action, owner, blocked, segments, why_col, cell;
	size_t *axis;
	/* What the gates kept back. */
	struct cs_gate_count {
		uint64_t n;
		struct cs_str example[3]; /* ids */
		size_t nexamples;
	} * gate;
	uint64_t blocked_n;
};

/* Adds them to k's plan. Before that is begun. */
void cs_segment_columns_start(struct cs_segment_columns *c, struct cs_kit *k,
    const struct cs_segment_run *run, struct cs_segment_why *why);
/* Does writing this record need the evaluator's run on it (reasons, a gate)? */
bool cs_segment_columns_needs_run(
    struct cs_segment_columns *c, struct cs_rec *rec);
/* Writes the record with its state in run; the evaluator has run on it, if that
 * was needed. An action that a gate forbids is left empty. */
bool cs_segment_columns_write(struct cs_segment_columns *c, struct cs_kit *k,
    struct cs_rec *rec, struct cs_err *err);
/* The summary of the gates. */
void cs_segment_columns_tell(
    const struct cs_segment_columns *c, struct cs_kit *k);
/* The zero value is fine. */
void cs_segment_columns_free(struct cs_segment_columns *c);

#endif
