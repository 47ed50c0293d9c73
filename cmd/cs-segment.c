/* cs-segment: conditions -> segments, matrix cells, counts, moves */
#include <stdlib.h>
#include <string.h>

#include "kit.h"
#include "overlap.h"
#include "segment_columns.h"
#include "segment_count.h"
#include "segment_moves.h"
#include "segment_only.h"
#include "segment_wait.h"

enum {
	OPT_ALL = CS_OPT_OWN,
	OPT_COUNT,
	OPT_ONLY,
	OPT_BY,
	OPT_EXPR,
	OPT_OVERLAP,
	OPT_MOVES,
	OPT_EACH,
	OPT_OLD,
	OPT_OLD_RULES,
	OPT_OLD_AS_OF,
	OPT_GATE,
	OPT_MEMORY
};

static const struct cs_opt opts[] = {
    {"all", 0, NULL, OPT_ALL, "append segments: every one that says yes"},
    {"count", 0, "[cells]", OPT_COUNT, "a table of counts, or of the cells"},
    {"only", 0, "NAME,...", OPT_ONLY,
	"only these segments' records (an empty name: in none)"},
    {"by", 0, "COL,...", OPT_BY, "count per value of the columns"},
    {"expr", 'e', "NAME=EXPR", OPT_EXPR, "one more segment, after the files'"},
    {"overlap", 0, NULL, OPT_OVERLAP,
	"a table of the records that two segments share"},
    {"moves", 0, "[AXIS]", OPT_MOVES,
	"a table of who moved since --old=FILE, and why"},
    {"each", 0, NULL, OPT_EACH, "with --moves: the records, not the table"},
    {"old", 0, "FILE", OPT_OLD, "the older state, for --moves"},
    {"old-rules", 0, "FILE", OPT_OLD_RULES, "the rules of that time"},
    {"old-as-of", 0, "DATE", OPT_OLD_AS_OF,
	"the date of the older state (default: --as-of)"},
    {"gate", 0, "strict", OPT_GATE, "exit 1 when a gate kept an action back"},
    {"memory", 0, "MIB", OPT_MEMORY,
	"what waits for a limit in memory; more goes into a file (default: "
	"64)"},
    {NULL, 0, NULL, 0, NULL},
};

struct segment {
	bool all, is_strict;
	enum { RECORDS, COUNT, CELLS, OVERLAP, MOVES, WHY } mode;
	struct cs_str only, by;
	const char **expr, **old_rules;
	size_t nexprs, exprs_cap, nold_rules, old_rules_cap;
	struct cs_moves_conf moves_conf;

	struct cs_segments plan;
	struct cs_segment_run run;
	struct cs_segment_only wanted; /* --only */
	struct cs_segment_wait wait;   /* with limits, until all were asked */
	struct cs_segment_columns columns;
	struct cs_segment_why why;
	struct cs_segment_counts counts;
	struct cs_overlap overlap;
	struct cs_moves *moves;
};

/* One table at most. */
static bool
set_mode(struct segment *s, int mode, struct cs_err *err)
{
	if (s->mode != RECORDS && s->mode != (unsigned)mode)
		return cs_fail(err, CS_USAGE,
		    "only one of --count, --overlap and --moves");
	s->mode = (unsigned)mode;
	return true;
}

static void
add_text(const char ***v, size_t *n, size_t *cap, const char *arg)
{
	*v = cs_grow(*v, *n, cap, sizeof(const char *));
	(*v)[(*n)++] = arg;
}

static bool
option(
    void *self, struct cs_kit *k, int id, const char *arg, struct cs_err *err)
{
	struct segment *s = self;

	(void)k;
	switch (id) {
	case OPT_ALL:
		s->all = true;
		return true;
	case OPT_COUNT:
		if (arg != NULL && strcmp(arg, "cells") != 0)
			return cs_fail(err, CS_USAGE,
			    "--count=%s: --count or --count=cells is meant",
			    arg);
		return set_mode(s, arg != NULL ? CELLS : COUNT, err);
	case OPT_OVERLAP:
		return set_mode(s, OVERLAP, err);
	case OPT_MOVES:
		s->moves_conf.axis = cs_str(arg);
		return set_mode(s, MOVES, err);
	case OPT_EACH:
		s->moves_conf.is_each = true;
		return true;
	case OPT_OLD:
		s->moves_conf.old = arg;
		return true;
	case OPT_OLD_RULES:
		add_text(&s->old_rules, &s->nold_rules, &s->old_rules_cap, arg);
		return true;
	case OPT_OLD_AS_OF:
		s->moves_conf.old_as_of = arg;
		return true;
	case OPT_ONLY:
		s->only = cs_str(arg);
		return true;
	case OPT_BY:
		s->by = cs_str(arg);
		return true;
	case OPT_GATE:
		s->is_strict = strcmp(arg, "strict") == 0;
		return s->is_strict ||
		       cs_fail(err, CS_USAGE,
			   "--gate=%s: --gate=strict is meant", arg);
	case OPT_MEMORY:
		return cs_hold_memory(arg, &s->moves_conf.memory, err);
	default:
		add_text(&s->expr, &s->nexprs, &s->exprs_cap, arg);
		return true;
	}
}

static bool
ready(void *self, struct cs_kit *k, struct cs_err *err)
{
	struct segment *s = self;

	for (size_t i = 0; i < s->nexprs; i++)
		cs_rules_add_segment(&k->rules, s->expr[i], &k->run, &k->diags);
	if (s->by.p != NULL && s->mode != COUNT && s->mode != CELLS)
		return cs_fail(err, CS_USAGE, "--by goes with --count");
	if (s->mode == MOVES && (s->only.p != NULL || s->all))
		return cs_fail(
		    err, CS_USAGE, "--moves does not go with --only and --all");
	s->moves_conf.old_rules = s->old_rules;
	s->moves_conf.nold_rules = s->nold_rules;
	if (!cs_moves_ready(&s->moves_conf, s->mode == MOVES, k, err))
		return false;
	if (k->has_why && s->mode != RECORDS)
		return cs_fail(err, CS_USAGE,
		    "--why does not go with --count, --overlap and --moves");
	if (k->why_id.p != NULL)
		s->mode = WHY;
	if (s->is_strict && s->mode != RECORDS)
		return cs_fail(err, CS_USAGE,
		    "--gate goes with records, not with a table or --why=ID");
	if (s->mode != RECORDS && !s->moves_conf.is_each)
		k->output = CS_OUT_TABLE;
	return true;
}

static bool
start(void *self, struct cs_kit *k, struct cs_err *err)
{
	struct segment *s = self;

	cs_segments_build(&s->plan, &k->rules, &k->head, &k->run, &k->diags);
	if (s->plan.n == 0 && s->plan.naxes == 0)
		return k->diags.errors > 0 ||
		       cs_fail(err, CS_USAGE,
			   "no Segment: and no Axis: in the rules (-r FILE, -e "
			   "NAME=EXPR)");
	cs_segment_run_start(
	    &s->run, k, &s->plan, k->eval, s->all || s->mode == OVERLAP);
	if (s->mode == WHY)
		s->run.counts = false; /* the report is about one record */
	if (!cs_segment_only_start(&s->wanted, &s->plan, s->only, err))
		return false;
	if ((s->mode == COUNT || s->mode == CELLS) &&
	    !cs_segment_counts_start(
		&s->counts, k, &s->plan, s->mode == CELLS, s->by, err))
		return false;
	if (s->mode == OVERLAP && !cs_overlap_start(&s->overlap, &s->plan, err))
		return false;
	if (k->has_why)
		cs_segment_why_start(&s->why, &s->run, k);
	if (s->mode == RECORDS)
		cs_segment_columns_start(
		    &s->columns, k, &s->run, k->has_why ? &s->why : NULL);
	cs_segment_wait_start(
	    &s->wait, &s->run, s->moves_conf.memory, s->mode == WHY);
	k->why_needs_all = s->wait.hold != NULL;
	return s->mode != MOVES ||
	       cs_moves_start(&s->moves, k, &s->moves_conf, &s->run, err);
}

/* A record whose places are known. */
static bool
settle(
    struct segment *s, struct cs_kit *k, struct cs_rec *rec, struct cs_err *err)
{
	if (!cs_segment_only_wants(&s->wanted, &s->run))
		return true;
	switch (s->mode) {
	case RECORDS:
		return cs_segment_columns_write(&s->columns, k, rec, err);
	case OVERLAP:
		cs_overlap_add(&s->overlap, s->run.yes);
		return true;
	case MOVES:
		return cs_moves_record(s->moves, rec, err);
	default:
		cs_segment_counts_add(&s->counts, &s->run, rec);
		return true;
	}
}

/* --why=ID without limits needs that record only, with them all. */
static bool
record_why(
    struct segment *s, struct cs_kit *k, struct cs_rec *rec, struct cs_err *err)
{
	bool is_it = cs_kit_is_why(k, rec), is_asked;
	const struct cs_stanza *stop;

	if (is_it)
		cs_segment_why_rows(&s->why, k, rec);
	if (s->wait.hold == NULL)
		return true;
	is_asked = cs_segment_run_ask(&s->run, cs_kit_id(k, rec), &stop);
	if (is_asked && is_it)
		cs_segment_why_takes_part(&s->why);
	return !is_asked || cs_segment_wait_put(&s->wait, rec, err);
}

static bool
record(void *self, struct cs_kit *k, struct cs_rec *rec, struct cs_err *err)
{
	struct segment *s = self;
	const struct cs_stanza *stop = NULL;
	bool waits = s->wait.hold != NULL;

	if (s->mode == WHY)
		return record_why(s, k, rec, err);
	if (cs_segment_run_ask(
		&s->run, waits ? cs_kit_id(k, rec) : CS_S(""), &stop))
		return waits ? cs_segment_wait_put(&s->wait, rec, err)
			     : settle(s, k, rec, err);
	if (s->moves != NULL)
		cs_moves_refused(s->moves, rec);
	return cs_kit_refuse_unknown(k, rec, stop, err);
}

/* What waited, in its order. */
static bool
settle_all(struct segment *s, struct cs_kit *k, struct cs_err *err)
{
	struct cs_rec rec = {.arena = &k->one};
	struct cs_str wishes;
	enum cs_got got;

	while ((got = cs_segment_wait_next(&s->wait, &rec, &wishes, err)) ==
	       CS_GOT) {
		if (s->mode == WHY) {
			cs_segment_why_seen(&s->why, wishes);
			continue;
		}
		if (s->mode == RECORDS &&
		    cs_segment_columns_needs_run(&s->columns, &rec) &&
		    !cs_kit_again(k, &rec, err))
			return false;
		if (!settle(s, k, &rec, err))
			return false;
		cs_arena_reset(&k->one);
	}
	return got == CS_END;
}

static bool
finish(void *self, struct cs_kit *k, struct cs_err *err)
{
	struct segment *s = self;

	if (s->wait.hold != NULL) {
		if (!settle_all(s, k, err))
			return false;
		cs_segment_run_tell(&s->run);
	}
	switch (s->mode) {
	case RECORDS:
		cs_segment_columns_tell(&s->columns, k);
		k->is_partly |= s->is_strict && s->columns.blocked_n > 0;
		return true;
	case OVERLAP:
		return cs_kit_table_once(k, cs_overlap_table(&s->overlap), err);
	case MOVES:
		return cs_moves_finish(s->moves, err);
	case WHY:
		if (cs_table_rows(s->why.table) == 0)
			return cs_kit_why_missing(k, err);
		cs_segment_why_limits(&s->why);
		return cs_kit_table(k, s->why.table, err);
	default:
		return cs_kit_table_once(
		    k, cs_segment_counts_table(&s->counts, k->records), err);
	}
}

static void
end(void *self, struct cs_kit *k)
{
	struct segment *s = self;

	(void)k;
	free(s->expr);
	free(s->old_rules);
	cs_moves_free(s->moves);
	cs_segment_columns_free(&s->columns);
	cs_segment_why_free(&s->why);
	cs_segment_only_free(&s->wanted);
	cs_segment_counts_free(&s->counts);
	cs_overlap_free(&s->overlap);
	cs_segment_wait_free(&s->wait);
	cs_segment_run_free(&s->run);
}

/* Limits need all records, and of what a gate keeps back the first are told. */
static void *
twin(const void *self)
{
	const struct segment *s = self;
	struct segment *t;

	if (s->run.best != NULL || s->plan.ngates > 0)
		return NULL;
	t = cs_calloc(1, sizeof(*t));
	t->all = s->all;
	t->mode = s->mode;
	t->only = s->only;
	t->by = s->by;
	return t;
}

static void
join(void *self, const void *other)
{
	struct segment *s = self;
	const struct segment *t = other;

	if (s->mode == COUNT || s->mode == CELLS)
		cs_segment_counts_join(&s->counts, &t->counts);
}

static const struct cs_cmd cmd = {
    .name = "cs-segment",
    .purpose = "Puts records into segments and matrix cells by conditions",
    .synopsis =
	"[-r FILE]... [-e NAME=EXPR]... [--all | --only=NAME,...] [FILE...]\n"
	"--count[=cells] [--all] [--by=COL,...] [-r FILE]... [FILE...]\n"
	"--overlap [-r FILE]... [FILE...]\n"
	"--moves[=AXIS] --old=FILE [--old-rules=FILE]... [--each] [-r FILE]... "
	"[FILE...]",
    .examples =
	"  cs-segment -r touch.rules shops.csv\n"
	"  cs-segment -e 'big=.mrr >= 10000' --count shops.csv\n"
	"  cs-segment -r touch.rules --moves --old=last.csv shops.csv\n",
    .opts = opts,
    .why_is_alone = true,
    .output = CS_OUT_RECORDS,
    .option = option,
    .ready = ready,
    .start = start,
    .record = record,
    .finish = finish,
    .end = end,
    .twin_opts = "all count only by expr",
    .twin = twin,
    .join = join,
};

int
main(int argc, char **argv)
{
	struct segment s = {.moves_conf = {.memory = CS_BACKLOG_MEMORY}};

	return cs_kit_main(&cmd, &s, argc, argv);
}
