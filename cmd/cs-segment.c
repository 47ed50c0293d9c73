/* cs-segment: conditions -> segments, matrix cells, counts */
#include <stdlib.h>
#include <string.h>

#include "explain.h"
#include "kit.h"
#include "segment_count.h"

enum { OPT_ALL = CS_OPT_OWN, OPT_COUNT, OPT_ONLY, OPT_BY, OPT_EXPR };

static const struct cs_opt opts[] = {
    {"all", 0, NULL, OPT_ALL, "append segments: every one that says yes"},
    {"count", 0, "[cells]", OPT_COUNT, "a table of counts, or of the cells"},
    {"only", 0, "NAME,...", OPT_ONLY,
	"only these segments' records (an empty name: in none)"},
    {"by", 0, "COL,...", OPT_BY, "count per value of the columns"},
    {"expr", 'e', "NAME=EXPR", OPT_EXPR, "one more segment, after the files'"},
    {NULL, 0, NULL, 0, NULL},
};

struct segment {
	bool all, count, cells;
	struct cs_str only, by;
	const char **expr;
	size_t nexprs, exprs_cap;

	struct cs_segments plan;
	bool *yes;		     /* by segment */
	size_t *level;		     /* by axis */
	bool *is_wanted;	     /* --only, by segment; [n]: in none */
	struct cs_explain **explain; /* with --why */
	size_t nexplain;
	size_t segment_col, action_col, owner_col, all_col, why_col, cell_col;
	size_t *axis_col;

	struct cs_groups groups; /* --by */
	struct cs_segment_counts counts;
	struct cs_table *why; /* --why=ID */
};

static bool
option(
    void *self, struct cs_kit *k, int id, const char *arg, struct cs_err *err)
{
	struct segment *s = self;

	(void)k;
	if (id == OPT_ALL) {
		s->all = true;
	} else if (id == OPT_COUNT) {
		s->count = true;
		s->cells = arg != NULL;
		if (arg != NULL && strcmp(arg, "cells") != 0)
			return cs_fail(err, CS_USAGE,
			    "--count=%s: --count or --count=cells is meant",
			    arg);
	} else if (id == OPT_ONLY) {
		s->only = cs_str(arg);
	} else if (id == OPT_BY) {
		s->by = cs_str(arg);
	} else {
		s->expr = cs_grow(
		    s->expr, s->nexprs, &s->exprs_cap, sizeof(*s->expr));
		s->expr[s->nexprs++] = arg;
	}
	return true;
}

static bool
ready(void *self, struct cs_kit *k, struct cs_err *err)
{
	struct segment *s = self;

	for (size_t i = 0; i < s->nexprs; i++)
		cs_rules_add_segment(&k->rules, s->expr[i], &k->run, &k->diags);
	if (s->by.p != NULL && !s->count)
		return cs_fail(err, CS_USAGE, "--by goes with --count");
	if (s->count || (k->has_why && k->why_id.p != NULL))
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

static struct cs_explain *
explain(struct cs_kit *k, const struct cs_kv *when, size_t expr)
{
	if (when->expr == NULL)
		return NULL; /* faulty; the run ends before it is asked */
	return cs_explain_new(
	    k->eval, when->expr, cs_eval_label(k->eval, expr));
}

/* Of the segments, then of the levels, axis by axis. */
static void
add_explains(struct segment *s, struct cs_kit *k)
{
	s->nexplain = s->plan.n;
	for (size_t a = 0; a < s->plan.naxes; a++)
		s->nexplain += s->plan.axis[a].n;
	s->explain = cs_calloc(s->nexplain, sizeof(struct cs_explain *));
	s->nexplain = 0;
	for (size_t i = 0; i < s->plan.n; i++)
		s->explain[s->nexplain++] =
		    explain(k, s->plan.v[i].when, s->plan.v[i].expr);
	/* The added column tells of the segment only. */
	for (size_t a = 0; a < s->plan.naxes && k->why_id.p != NULL; a++)
		for (size_t i = 0; i < s->plan.axis[a].n; i++) {
			struct cs_level *l = &s->plan.axis[a].level[i];

			s->explain[s->nexplain++] =
			    explain(k, l->when, l->expr);
		}
}

static void
add_expressions(struct segment *s, struct cs_kit *k)
{
	for (size_t i = 0; i < s->plan.n; i++)
		if (s->plan.v[i].when->expr != NULL)
			s->plan.v[i].expr = cs_kit_add(
			    k, s->plan.v[i].stanza, s->plan.v[i].when);
	for (size_t a = 0; a < s->plan.naxes; a++)
		for (size_t i = 0; i < s->plan.axis[a].n; i++) {
			struct cs_level *l = &s->plan.axis[a].level[i];

			if (l->when->expr != NULL)
				l->expr = cs_kit_add(k, l->stanza, l->when);
		}
	if (k->has_why)
		add_explains(s, k);
}

static void
add_columns(struct segment *s, struct cs_kit *k)
{
	if (s->plan.n > 0)
		s->segment_col = cs_plan_add(k->plan, CS_S("segment"));
	if (s->plan.has_action)
		s->action_col = cs_plan_add(k->plan, CS_S("action"));
	if (s->plan.has_owner)
		s->owner_col = cs_plan_add(k->plan, CS_S("owner"));
	if (s->all)
		s->all_col = cs_plan_add(k->plan, CS_S("segments"));
	for (size_t i = 0; i < s->plan.naxes; i++)
		s->axis_col[i] = cs_plan_add(k->plan, s->plan.axis[i].name);
	if (s->plan.naxes == 2)
		s->cell_col = cs_plan_add(k->plan, CS_S("cell"));
	if (k->has_why)
		s->why_col = cs_plan_add(k->plan, CS_S("segment_why"));
}

/* A --by column must not have the name of a column of the table. */
static bool
by_fits(const struct segment *s, struct cs_err *err)
{
	for (size_t i = 0; i < s->groups.n; i++) {
		struct cs_str name = s->groups.name[i];
		bool is_taken = cs_str_is(name, "count") ||
				cs_str_is(name, "share") ||
				(!s->cells && cs_str_is(name, "segment"));

		for (size_t a = 0; s->cells && a < s->plan.naxes; a++)
			is_taken |= cs_str_eq(name, s->plan.axis[a].name);
		if (is_taken)
			return cs_fail(err, CS_USAGE,
			    "--by=%.*s: the table has a column of that name",
			    CS_ARG(name));
	}
	return true;
}

static bool
start(void *self, struct cs_kit *k, struct cs_err *err)
{
	static const char *const why[] = {
	    "segment", "answer", "decided", "condition", "value", "needs"};
	struct segment *s = self;

	cs_segments_build(&s->plan, &k->rules, &k->head, &k->run, &k->diags);
	if (s->plan.n == 0 && s->plan.naxes == 0)
		return k->diags.errors > 0 ||
		       cs_fail(err, CS_USAGE,
			   "no Segment: and no Axis: in the rules (-r FILE, -e "
			   "NAME=EXPR)");
	if (s->cells && s->plan.naxes == 0)
		return cs_fail(err, CS_USAGE,
		    "--count=cells: there is no Axis: in the rules");
	s->yes = cs_calloc(s->plan.n, sizeof(*s->yes));
	s->level = cs_calloc(s->plan.naxes, sizeof(*s->level));
	s->axis_col = cs_calloc(s->plan.naxes, sizeof(*s->axis_col));
	if (!read_only(s, err))
		return false;
	add_expressions(s, k);
	s->counts.plan = &s->plan;
	s->counts.is_cells = s->cells;
	cs_groups_init(&s->groups, s->by, &k->run);
	if (!by_fits(s, err))
		return false;
	for (size_t i = 0; i < s->groups.n; i++)
		if (!cs_kit_need(
			k, s->groups.name[i], "--by", &s->groups.col[i], err))
			return false;
	if (k->plan != NULL)
		add_columns(s, k);
	if (!s->count && k->plan == NULL)
		s->why = cs_table_new(why, 6);
	return true;
}

/* Asks the conditions. *stop is the stanza that says Missing: error. */
static void
decide(struct segment *s, struct cs_kit *k, const struct cs_stanza **stop)
{
	size_t n = s->plan.n, first = n > 0 ? s->plan.v[0].expr : 0;
	bool halt = false;

	memset(s->yes, 0, n * sizeof(*s->yes));
	/* Segments stand in the table one behind the other. */
	for (size_t i = 0; i < n && !halt; i++) {
		const struct cs_segment *g;

		i = cs_kit_next(k, first + i, first + n) - first;
		if (i == n)
			break;
		g = &s->plan.v[i];

		s->yes[i] = cs_kit_settle(
		    cs_kit_ask(k, g->expr), g->stanza->missing, false, &halt);
		if (halt)
			*stop = g->stanza;
		/* What stands behind the first yes is not asked, so it is no
		 * unknown either. */
		if (s->yes[i] && !s->all)
			break;
	}
	for (size_t a = 0; a < s->plan.naxes && !halt; a++) {
		s->level[a] = CS_NO_SEGMENT;
		for (size_t i = 0; i < s->plan.axis[a].n && !halt; i++) {
			const struct cs_level *l = &s->plan.axis[a].level[i];

			if (cs_kit_settle(cs_kit_ask(k, l->expr),
				l->stanza->missing, false, &halt)) {
				s->level[a] = i;
				break;
			}
			if (halt)
				*stop = l->stanza;
		}
	}
}

static bool
is_wanted(const struct segment *s, size_t first)
{
	if (s->is_wanted == NULL)
		return true;
	if (!s->all || first == CS_NO_SEGMENT)
		return s->is_wanted[first == CS_NO_SEGMENT ? s->plan.n : first];
	for (size_t i = 0; i < s->plan.n; i++)
		if (s->yes[i] && s->is_wanted[i])
			return true;
	return false;
}

static void
set_text(struct cs_kit *k, size_t slot, struct cs_str s)
{
	cs_plan_set(k->plan, slot, s.p ? cs_val_text(s) : cs_val_null());
}

/* All names that say yes: a;b in CSV, an array in JSON. */
static void
set_all(struct segment *s, struct cs_kit *k)
{
	bool is_json = k->out_form == CS_FORM_JSONL;
	struct cs_buf b = {0};
	struct cs_str text;

	for (size_t i = 0; i < s->plan.n; i++) {
		if (!s->yes[i])
			continue;
		if (b.n > 0)
			cs_buf_putc(&b, is_json ? ',' : ';');
		else if (is_json)
			cs_buf_putc(&b, '[');
		if (is_json)
			cs_val_put_json(
			    &b, cs_val_text(s->plan.v[i].stanza->name));
		else
			cs_buf_str(&b, s->plan.v[i].stanza->name);
	}
	if (is_json)
		cs_buf_puts(&b, b.n ? "]" : "[]");
	text = cs_keep(&k->one, cs_buf_get(&b));
	cs_buf_free(&b);
	cs_plan_set(k->plan, s->all_col,
	    is_json ? (struct cs_val){.kind = CS_JSON, .text = text}
		    : cs_val_text(text));
}

/* Why the segment said yes: text, or an array in JSON lines. */
static void
set_why(struct segment *s, struct cs_kit *k, struct cs_rec *rec, size_t first)
{
	bool is_json = k->out_form == CS_FORM_JSONL;
	const struct cs_reason *v = NULL;
	struct cs_buf b = {0};
	struct cs_str text;
	size_t n = 0;

	if (first != CS_NO_SEGMENT)
		n = cs_explain_get(s->explain[first], rec, &v);
	if (is_json)
		cs_explain_json(&b, v, n, false);
	else
		cs_explain_text(&b, v, n);
	text = cs_keep(&k->one, cs_buf_get(&b));
	cs_buf_free(&b);
	cs_plan_set(k->plan, s->why_col,
	    is_json ? (struct cs_val){.kind = CS_JSON, .text = text}
		    : cs_val_text(text));
}

static bool
write_record(struct segment *s, struct cs_kit *k, struct cs_rec *rec,
    size_t first, struct cs_err *err)
{
	const struct cs_segment *g =
	    first == CS_NO_SEGMENT ? NULL : &s->plan.v[first];
	const struct cs_cell *c = NULL;
	struct cs_str cell = {0};

	if (s->plan.n > 0)
		set_text(k, s->segment_col,
		    g ? g->stanza->name : (struct cs_str){0});
	if (s->all)
		set_all(s, k);
	for (size_t a = 0; a < s->plan.naxes; a++)
		if (s->level[a] != CS_NO_SEGMENT)
			set_text(k, s->axis_col[a],
			    s->plan.axis[a].level[s->level[a]].stanza->name);
	if (s->plan.naxes == 2 && s->level[0] != CS_NO_SEGMENT &&
	    s->level[1] != CS_NO_SEGMENT) {
		struct cs_axis *x = s->plan.axis;

		c = cs_segments_cell(&s->plan, s->level[0], s->level[1]);
		cell = cs_str(cs_arena_printf(&k->one, "%.*s/%.*s",
		    CS_ARG(x[0].level[s->level[0]].stanza->name),
		    CS_ARG(x[1].level[s->level[1]].stanza->name)));
		set_text(k, s->cell_col, cell);
	}
	if (s->plan.has_action)
		set_text(k, s->action_col,
		    cs_fill_text(g && g->action.n ? &g->action
				 : c		  ? &c->action
						  : &(struct cs_fill){0},
			rec));
	if (s->plan.has_owner)
		set_text(k, s->owner_col,
		    cs_fill_text(g && g->owner.n ? &g->owner
				 : c		 ? &c->owner
						 : &(struct cs_fill){0},
			rec));
	if (k->has_why)
		set_why(s, k, rec, first);
	return cs_kit_write(k, rec, err);
}

/* The rows of one condition: its leaves. */
static void
why_leaves(struct segment *s, struct cs_str name, struct cs_explain *why,
    struct cs_rec *rec)
{
	const struct cs_reason *v;
	struct cs_buf needs = {0};
	size_t n = cs_explain_get(why, rec, &v);

	for (size_t j = 0; j < n; j++) {
		struct cs_val row[] = {cs_val_text(name),
		    cs_val_text(cs_reason_answer(&v[j])),
		    cs_val_text(v[j].decided ? CS_S("yes") : CS_S("no")),
		    cs_val_text(v[j].condition), cs_val_text(v[j].value),
		    cs_val_text(cs_reason_needs(&v[j], &needs))};

		cs_table_row(s->why, row);
	}
	cs_buf_free(&needs);
}

/* --why=ID: the segments, then the levels as AXIS=LEVEL. */
static void
why_rows(struct segment *s, struct cs_kit *k, struct cs_rec *rec)
{
	size_t at = s->plan.n;

	for (size_t i = 0; i < s->plan.n; i++)
		why_leaves(s, s->plan.v[i].stanza->name, s->explain[i], rec);
	for (size_t a = 0; a < s->plan.naxes; a++)
		for (size_t i = 0; i < s->plan.axis[a].n; i++)
			why_leaves(s,
			    cs_str(cs_arena_printf(&k->one, "%.*s=%.*s",
				CS_ARG(s->plan.axis[a].name),
				CS_ARG(s->plan.axis[a].level[i].stanza->name))),
			    s->explain[at++], rec);
}

static bool
record(void *self, struct cs_kit *k, struct cs_rec *rec, struct cs_err *err)
{
	struct segment *s = self;
	const struct cs_stanza *stop = NULL;
	size_t first;

	if (s->why != NULL) {
		why_rows(s, k, rec);
		return true;
	}
	decide(s, k, &stop);
	if (stop != NULL)
		return cs_kit_refuse_unknown(k, rec, stop, err);
	first = cs_segment_first(s->yes, s->plan.n);
	if (!is_wanted(s, first))
		return true;
	if (s->count) {
		cs_segment_counts_add(&s->counts, cs_groups_of(&s->groups, rec),
		    first, s->all ? s->yes : NULL, s->level);
		return true;
	}
	return write_record(s, k, rec, first, err);
}

static bool
count_table(struct segment *s, struct cs_kit *k, struct cs_err *err)
{
	struct cs_table *t =
	    cs_segment_counts_table(&s->counts, &s->groups, k->records);
	bool is_good = cs_kit_table(k, t, err);

	cs_table_free(t);
	return is_good;
}

static bool
finish(void *self, struct cs_kit *k, struct cs_err *err)
{
	struct segment *s = self;

	if (s->count)
		return count_table(s, k, err);
	if (s->why == NULL)
		return true;
	if (cs_table_rows(s->why) == 0)
		return cs_kit_why_missing(k, err);
	return cs_kit_table(k, s->why, err);
}

static void
end(void *self, struct cs_kit *k)
{
	struct segment *s = self;

	(void)k;
	for (size_t i = 0; i < s->nexplain; i++)
		if (s->explain[i] != NULL)
			cs_explain_free(s->explain[i]);
	free(s->explain);
	free(s->expr);
	free(s->yes);
	free(s->level);
	free(s->axis_col);
	free(s->is_wanted);
	cs_segment_counts_free(&s->counts);
	cs_groups_free(&s->groups);
	if (s->why != NULL)
		cs_table_free(s->why);
}

static void *
twin(const void *self)
{
	const struct segment *s = self;
	struct segment *t = cs_calloc(1, sizeof(*t));

	t->all = s->all;
	t->count = s->count;
	t->cells = s->cells;
	t->only = s->only;
	t->by = s->by;
	return t;
}

static void
join(void *self, const void *other)
{
	struct segment *s = self;
	const struct segment *t = other;

	if (s->count)
		cs_segment_counts_join(
		    &s->counts, &s->groups, &t->counts, &t->groups);
}

static const struct cs_cmd cmd = {
    .name = "cs-segment",
    .purpose = "Puts records into segments and matrix cells by conditions",
    .synopsis = "[-r FILE]... [-e NAME=EXPR]... [--all | --count[=cells] | "
		"--only=NAME,...] [FILE...]",
    .examples = "  cs-segment -r touch.rules shops.csv\n"
		"  cs-segment -e 'big=.mrr >= 10000' --count shops.csv\n",
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
	struct segment s = {0};

	return cs_kit_main(&cmd, &s, argc, argv);
}
