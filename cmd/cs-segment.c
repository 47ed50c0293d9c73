/* cs-segment: conditions -> segments, matrix cells, counts, moves */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "hold.h"
#include "kit.h"
#include "num.h"
#include "overlap.h"
#include "segment_columns.h"
#include "segment_count.h"
#include "segment_moves.h"

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
	bool *is_wanted; /* --only, by segment; [n]: in none */
	struct cs_segment_columns columns;
	struct cs_segment_why why;
	bool has_columns, has_why;
	struct cs_groups groups; /* --by */
	struct cs_segment_counts counts;
	struct cs_overlap overlap;
	struct cs_moves *moves;
	struct cs_hold *hold; /* with limits: the records, until the end */
	struct cs_buf note;
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

static bool
set_memory(struct segment *s, const char *arg, struct cs_err *err)
{
	long long mib;

	if (!cs_num_whole(cs_str(arg), 0, 1 << 20, &mib))
		return cs_fail(err, CS_USAGE,
		    "--memory=%s: a number of MiB up to 1048576 is meant", arg);
	s->moves_conf.memory = (size_t)mib << 20;
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
		return set_memory(s, arg, err);
	default:
		add_text(&s->expr, &s->nexprs, &s->exprs_cap, arg);
		return true;
	}
}

/* Options of --moves without it, and the other way round. */
static bool
moves_ready(struct segment *s, struct cs_kit *k, struct cs_err *err)
{
	const struct cs_moves_conf *c = &s->moves_conf;

	if (s->mode != MOVES)
		return (c->old == NULL && s->nold_rules == 0 &&
			   c->old_as_of == NULL && !c->is_each) ||
		       cs_fail(err, CS_USAGE,
			   "--old, --old-rules, --old-as-of and --each go with "
			   "--moves");
	if (c->old == NULL)
		return cs_fail(
		    err, CS_USAGE, "--moves needs --old=FILE, the older state");
	if (strcmp(c->old, "-") == 0)
		return cs_fail(err, CS_USAGE,
		    "--old=-: standard input is for the newer state");
	if (s->only.p != NULL || s->all)
		return cs_fail(
		    err, CS_USAGE, "--moves does not go with --only and --all");
	cs_kit_reads(k, c->old);
	for (size_t i = 0; i < s->nold_rules; i++)
		cs_kit_reads(k, s->old_rules[i]);
	s->moves_conf.old_rules = s->old_rules;
	s->moves_conf.nold_rules = s->nold_rules;
	return true;
}

static bool
ready(void *self, struct cs_kit *k, struct cs_err *err)
{
	struct segment *s = self;

	for (size_t i = 0; i < s->nexprs; i++)
		cs_rules_add_segment(&k->rules, s->expr[i], &k->run, &k->diags);
	if (s->by.p != NULL && s->mode != COUNT && s->mode != CELLS)
		return cs_fail(err, CS_USAGE, "--by goes with --count");
	if (!moves_ready(s, k, err))
		return false;
	if (k->has_why && s->mode != RECORDS)
		return cs_fail(err, CS_USAGE,
		    "--why does not go with --count, --overlap and --moves");
	if (k->why_id.p != NULL)
		s->mode = WHY;
	if (s->mode != RECORDS && !s->moves_conf.is_each)
		k->output = CS_OUT_TABLE;
	return true;
}

static bool
read_only(struct segment *s, struct cs_err *err)
{
	struct cs_str rest = s->only, name;

	if (s->only.p == NULL)
		return true;
	s->is_wanted = cs_calloc(s->plan.n + 1, sizeof(*s->is_wanted));
	while (cs_str_next(&rest, ',', &name)) {
		size_t i =
		    name.n ? cs_segments_find(&s->plan, name) : s->plan.n;

		if (i == CS_NO_SEGMENT)
			return cs_fail(err, CS_USAGE,
			    "--only: there is no segment \"%.*s\"",
			    CS_ARG(name));
		s->is_wanted[i] = true;
	}
	return true;
}

/* A --by column must not have the name of a column of the table. */
static bool
by_fits(const struct segment *s, struct cs_err *err)
{
	for (size_t i = 0; i < s->groups.n; i++) {
		struct cs_str name = s->groups.name[i];

		if (cs_segment_counts_has(&s->counts, name))
			return cs_fail(err, CS_USAGE,
			    "--by=%.*s: the table has a column of that name",
			    CS_ARG(name));
	}
	return true;
}

static bool
start_groups(struct segment *s, struct cs_kit *k, struct cs_err *err)
{
	s->counts.plan = &s->plan;
	s->counts.is_cells = s->mode == CELLS;
	cs_groups_init(&s->groups, s->by, &k->run);
	if (!by_fits(s, err))
		return false;
	for (size_t i = 0; i < s->groups.n; i++)
		if (!cs_kit_need(
			k, s->groups.name[i], "--by", &s->groups.col[i], err))
			return false;
	return true;
}

static bool
start_moves(struct segment *s, struct cs_kit *k, struct cs_err *err)
{
	if (k->diags.errors > 0)
		return true; /* what is wrong is told when it is compiled */
	s->moves = cs_moves_start(k, &s->moves_conf, &s->run, err);
	return s->moves != NULL;
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
	if (s->mode == CELLS && s->plan.naxes == 0)
		return cs_fail(err, CS_USAGE,
		    "--count=cells: there is no Axis: in the rules");
	if (s->mode == OVERLAP && s->plan.n == 0)
		return cs_fail(err, CS_USAGE,
		    "--overlap: there is no Segment: in the rules");
	cs_segment_run_start(
	    &s->run, k, &s->plan, k->eval, s->all || s->mode == OVERLAP);
	if (!read_only(s, err) || !start_groups(s, k, err))
		return false;
	if (s->mode == OVERLAP)
		cs_overlap_init(&s->overlap, &s->plan);
	s->has_why = k->has_why;
	if (s->has_why)
		cs_segment_why_start(&s->why, &s->run, k);
	if (s->mode == RECORDS)
		cs_segment_columns_start(
		    &s->columns, k, &s->run, s->has_why ? &s->why : NULL);
	s->has_columns = s->mode == RECORDS;
	if (s->run.best != NULL) {
		s->hold = cs_hold_new(s->moves_conf.memory);
		k->why_needs_all = true;
	}
	return s->mode != MOVES || start_moves(s, k, err);
}

static bool
is_wanted(const struct segment *s)
{
	size_t first = s->run.first;

	if (s->is_wanted == NULL)
		return true;
	if (!s->all || first == CS_NO_SEGMENT)
		return s->is_wanted[first == CS_NO_SEGMENT ? s->plan.n : first];
	for (size_t i = 0; i < s->plan.n; i++)
		if (s->run.yes[i] && s->is_wanted[i])
			return true;
	return false;
}

/* A record whose places are known. */
static bool
settle(
    struct segment *s, struct cs_kit *k, struct cs_rec *rec, struct cs_err *err)
{
	if (!is_wanted(s))
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
		cs_segment_counts_add(&s->counts, cs_groups_of(&s->groups, rec),
		    s->run.first, s->all ? s->run.yes : NULL, s->run.level);
		return true;
	}
}

/* With limits the places are known when all were asked. A report needs the
 * others' wishes only. */
static bool
wait(struct segment *s, struct cs_rec *rec, struct cs_err *err)
{
	cs_buf_reset(&s->note);
	cs_segment_run_freeze(&s->run, &s->note);
	if (s->mode == WHY)
		cs_buf_str(&s->note, cs_best_wishes(s->run.best));
	return cs_hold_put(
	    s->hold, cs_buf_get(&s->note), s->mode == WHY ? NULL : rec, err);
}

static bool
record(void *self, struct cs_kit *k, struct cs_rec *rec, struct cs_err *err)
{
	struct segment *s = self;
	const struct cs_stanza *stop = NULL;
	bool is_asked;

	if (s->mode == WHY && s->hold == NULL) {
		cs_segment_why_rows(&s->why, k, rec);
		return true;
	}
	is_asked = cs_segment_run_ask(
	    &s->run, s->hold != NULL ? cs_kit_id(k, rec) : CS_S(""), &stop);
	if (s->mode == WHY) {
		if (cs_kit_is_why(k, rec))
			cs_segment_why_rows(&s->why, k, rec);
		return !is_asked || wait(s, rec, err);
	}
	if (!is_asked && s->moves != NULL)
		cs_moves_refused(s->moves, rec);
	if (!is_asked)
		return cs_kit_refuse_unknown(k, rec, stop, err);
	return s->hold != NULL ? wait(s, rec, err) : settle(s, k, rec, err);
}

/* What waited, in its order. */
static bool
settle_all(struct segment *s, struct cs_kit *k, struct cs_err *err)
{
	struct cs_rec rec = {.arena = &k->one};
	struct cs_str note;
	enum cs_got got;

	cs_segment_run_close(&s->run);
	while ((got = cs_hold_next(s->hold, &note, &rec, err)) == CS_GOT) {
		size_t n = cs_segment_run_thaw(&s->run, note.p);

		if (s->mode == WHY) {
			cs_segment_why_seen(
			    &s->why, (struct cs_str){note.p + n, note.n - n});
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

/* -v: how far the limits reached. */
static void
tell_limits(struct segment *s, struct cs_kit *k)
{
	for (size_t i = 0; i < s->plan.n && k->verbose > 0; i++) {
		const struct cs_segment *g = &s->plan.v[i];
		struct cs_buf cut = {0};
		struct cs_val v;

		if (g->limit == CS_NO_LIMIT)
			continue;
		if (cs_best_cut(s->run.best, i, &v)) {
			cs_buf_puts(&cut, ", the last at ");
			cs_val_put_text(&cut, v);
		}
		cs_kit_note(k,
		    "segment %.*s: room for %" PRIu64 ", wished for by %" PRIu64
		    "%s",
		    CS_ARG(g->stanza->name), g->limit,
		    cs_best_wished(s->run.best, i), cs_buf_z(&cut));
		cs_buf_free(&cut);
	}
}

static bool
print(struct cs_kit *k, struct cs_table *t, struct cs_err *err)
{
	bool is_good = cs_kit_table(k, t, err);

	cs_table_free(t);
	return is_good;
}

static bool
finish(void *self, struct cs_kit *k, struct cs_err *err)
{
	struct segment *s = self;

	if (s->hold != NULL) {
		if (!settle_all(s, k, err))
			return false;
		tell_limits(s, k);
	}
	switch (s->mode) {
	case RECORDS:
		cs_segment_columns_tell(&s->columns, k);
		k->is_partly |= s->is_strict && s->columns.blocked_n > 0;
		return true;
	case OVERLAP:
		return print(k, cs_overlap_table(&s->overlap), err);
	case MOVES:
		return cs_moves_finish(s->moves, err);
	case WHY:
		if (cs_table_rows(s->why.table) == 0)
			return cs_kit_why_missing(k, err);
		if (s->hold != NULL)
			cs_segment_why_limits(&s->why);
		return cs_kit_table(k, s->why.table, err);
	default:
		return print(k,
		    cs_segment_counts_table(&s->counts, &s->groups, k->records),
		    err);
	}
}

static void
end(void *self, struct cs_kit *k)
{
	struct segment *s = self;

	(void)k;
	free(s->expr);
	free(s->old_rules);
	free(s->is_wanted);
	cs_moves_free(s->moves);
	if (s->has_columns)
		cs_segment_columns_free(&s->columns);
	if (s->has_why)
		cs_segment_why_free(&s->why);
	cs_segment_counts_free(&s->counts);
	cs_groups_free(&s->groups);
	cs_overlap_free(&s->overlap);
	cs_segment_run_free(&s->run);
	cs_hold_free(s->hold);
	cs_buf_free(&s->note);
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
		cs_segment_counts_join(
		    &s->counts, &s->groups, &t->counts, &t->groups);
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
