/* segment_run: asks a plan's conditions, record by record
 *
 * Without limits a record's places are known at once. With them they are known
 * when all records were asked: a record's state is frozen, and thawed in the
 * same order after cs_segment_run_close. */
#ifndef CS_SEGMENT_RUN_H
#define CS_SEGMENT_RUN_H

#include "kit.h"
#include "segment_best.h"

struct cs_segment_run {
	const struct cs_segments *plan;
	struct cs_eval *eval;
	struct cs_kit *k;
	bool counts; /* unknowns, for the summary of k, whose evaluator it is */
	bool all;    /* ask every segment, not up to the first yes */
	struct cs_best *best; /* NULL: no limits */
	/* Of the record at hand. */
	size_t first;	      /* its segment, or CS_NO_SEGMENT */
	bool *yes;	      /* all its segments; without all up to first */
	size_t *level;	      /* by axis, or CS_NO_SEGMENT */
	struct cs_val *order; /* segment_run's own */
	uint64_t asked, thawed;
};

/* Adds the plan's conditions to the evaluator (and so before it is compiled)
 * and sets their numbers in the plan. k's own evaluator counts unknowns. */
void cs_segment_run_start(struct cs_segment_run *r, struct cs_kit *k,
    struct cs_segments *plan, struct cs_eval *eval, bool all);
/* Asks. The record is the one the evaluator has last run on; id decides ties of
 * a limit. False: a stanza says Missing: error (in *stop), nothing is set. With
 * limits first and yes are what they will be if no limit takes it. */
bool cs_segment_run_ask(
    struct cs_segment_run *r, struct cs_str id, const struct cs_stanza **stop);
/* Appends the state of the record asked last. */
void cs_segment_run_freeze(const struct cs_segment_run *r, struct cs_buf *b);
/* All were asked. */
void cs_segment_run_close(struct cs_segment_run *r);
/* The next one of the frozen: its state, limits kept. Returns the bytes of
 * p that were taken. */
size_t cs_segment_run_thaw(struct cs_segment_run *r, const char *p);
/* -v, when all were asked: how far the limits reached. */
void cs_segment_run_tell(const struct cs_segment_run *r);
void cs_segment_run_free(struct cs_segment_run *r);

#endif
