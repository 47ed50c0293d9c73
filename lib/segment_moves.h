/* segment_moves: who went from which segment to which since an older state
 *
 * The older state's records are asked too: under its own rules (from), and
 * under today's, which tells what caused a move. A move is caused by the data
 * where the old record stands under today's rules where it stood, by the rules
 * where it already stands there where the record is now, else by both.
 *
 * Stays in memory: the old ids with two numbers each. */
#ifndef CS_SEGMENT_MOVES_H
#define CS_SEGMENT_MOVES_H

#include "segment_run.h"

struct cs_moves;

struct cs_moves_conf {
	const char *old;
	const char *const *old_rules; /* none: the run's */
	size_t nold_rules;
	const char *old_as_of; /* NULL: the run's */
	struct cs_str axis;    /* its levels instead of segments; or absent */
	bool is_each;	       /* records come out, with from, to, cause */
	size_t memory;	       /* for what waits */
};

/* Does the request make sense? is_moves: --moves was given, else none of the
 * others may be. The files are told to k. */
bool cs_moves_ready(const struct cs_moves_conf *conf, bool is_moves,
    struct cs_kit *k, struct cs_err *err);
/* Reads the old state. run is the run's own, not yet asked. False with err;
 * faults in rules stand in k->diags and are no error here: *m may be NULL. */
bool cs_moves_start(struct cs_moves **m, struct cs_kit *k,
    const struct cs_moves_conf *conf, const struct cs_segment_run *run,
    struct cs_err *err);
/* A record of the run, its state in run. */
bool cs_moves_record(
    struct cs_moves *m, struct cs_rec *rec, struct cs_err *err);
/* One that was refused: it has no place, and is not gone. */
void cs_moves_refused(struct cs_moves *m, struct cs_rec *rec);
/* The end: the records that are gone, or the table from,to,cause,count,share:
 * from and to in file order, the empty name last, then stay, data, rules, both,
 * new, gone; share of all rows. */
bool cs_moves_finish(struct cs_moves *m, struct cs_err *err);
/* NULL is fine. */
void cs_moves_free(struct cs_moves *m);

#endif
