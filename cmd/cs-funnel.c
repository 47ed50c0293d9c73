/* cs-funnel: stages -> stock, rates, time, and where they stop */
#include <stdlib.h>
#include <string.h>

#include "kit.h"
#include "stages_table.h"

enum { OPT_BY = CS_OPT_OWN, OPT_COHORT, OPT_PERIOD, OPT_EACH, OPT_FUNNEL };

static const struct cs_opt opts[] = {
    {"by", 0, "COL,...", OPT_BY, "one table per value of the columns"},
    {"cohort", 0, "EXPR", OPT_COHORT,
	"one table per period that the date EXPR is in"},
    {"period", 0, "KIND", OPT_PERIOD,
	"of --cohort: week, month (the default), quarter or year"},
    {"each", 0, NULL, OPT_EACH,
	"the records, with stage, stage_at and stage_days"},
    {"funnel", 0, "NAME", OPT_FUNNEL, "only this one of the rule files"},
    {NULL, 0, NULL, 0, NULL},
};

/* What one record is found to be; arrays by stage. */
struct scratch {
	bool *yes, *has_day;
	long *day;
};

struct funnel {
	struct cs_str by, only;
	const char *cohort, *period; /* NULL: not given */
	enum cs_period kind;
	size_t cohort_expr;
	bool each;
	struct cs_funnels funnels;
	struct scratch *scratch; /* by funnel */
	struct cs_stage_tables tables;
	uint64_t *in_none; /* by funnel */
	long today;
	size_t stage_col, at_col, days_col;
};

static bool
option(
    void *self, struct cs_kit *k, int id, const char *arg, struct cs_err *err)
{
	struct funnel *f = self;

	(void)k;
	(void)err;
	if (id == OPT_BY)
		f->by = cs_str(arg);
	else if (id == OPT_COHORT)
		f->cohort = arg;
	else if (id == OPT_PERIOD)
		f->period = arg;
	else if (id == OPT_EACH)
		f->each = true;
	else
		f->only = cs_str(arg);
	return true;
}

static bool
ready(void *self, struct cs_kit *k, struct cs_err *err)
{
	struct funnel *f = self;

	if (k->nrule_files == 0)
		return cs_fail(err, CS_USAGE,
		    "a stage file is needed: -r FILE (Funnel: and Stage: "
		    "stanzas)");
	if (f->each && (f->by.p != NULL || f->cohort != NULL))
		return cs_fail(err, CS_USAGE,
		    "%s makes a table, --each gives the records: not both",
		    f->by.p != NULL ? "--by" : "--cohort");
	if (f->period != NULL && f->cohort == NULL)
		return cs_fail(err, CS_USAGE,
		    "--period goes with --cohort=EXPR, a date like "
		    ".created_at");
	f->kind = CS_PERIOD_MONTH;
	if (f->period != NULL && !cs_period_parse(f->period, &f->kind))
		return cs_fail(err, CS_USAGE,
		    "--period: \"%s\" is not one of week, month, quarter, year",
		    f->period);
	k->output = f->each ? CS_OUT_RECORDS : CS_OUT_TABLE;
	return true;
}

static bool
choose(struct funnel *f, struct cs_kit *k, struct cs_err *err)
{
	size_t n = 0;

	if (f->funnels.n == 0)
		return k->diags.errors > 0 ||
		       cs_fail(err, CS_USAGE, "no Funnel: in the rule files");
	for (size_t i = 0; i < f->funnels.n; i++)
		if (f->only.p == NULL ||
		    cs_str_eq(f->funnels.v[i].stanza->name, f->only))
			f->funnels.v[n++] = f->funnels.v[i];
	if (n == 0)
		return cs_fail(err, CS_USAGE,
		    "--funnel: there is no Funnel: %.*s in the rule files",
		    CS_ARG(f->only));
	f->funnels.n = n;
	if (f->each && n > 1)
		return cs_fail(err, CS_USAGE,
		    "--each takes one funnel and there are %zu: --funnel=NAME",
		    n);
	return true;
}

static void
add_expressions(struct cs_funnel *g, struct cs_kit *k)
{
	for (size_t i = 0; i < g->n; i++) {
		struct cs_stage *s = &g->stage[i];

		if (s->when != NULL && s->when->expr != NULL)
			s->when_expr = cs_kit_add(k, s->stanza, s->when);
		if (s->at != NULL && s->at->expr != NULL)
			s->at_expr = cs_kit_add(k, s->stanza, s->at);
		if (s->exit != NULL && s->exit->expr != NULL)
			s->exit_expr = cs_kit_add(k, s->stanza, s->exit);
	}
}

/* The groups: columns of the records, then the period. */
static bool
add_groups(struct funnel *f, struct cs_kit *k, struct cs_err *err)
{
	struct cs_groups *g = &f->tables.groups;
	struct cs_pair *pair = cs_arena_alloc(&k->run, sizeof(*pair));

	cs_groups_init(g, f->by, &k->run);
	for (size_t i = 0; i < g->n; i++) {
		if (!cs_kit_need(k, g->name[i], "--by", &g->col[i], err))
			return false;
		if (f->cohort != NULL && cs_str_is(g->name[i], "period"))
			return cs_fail(err, CS_USAGE,
			    "--by: the column period is --cohort's");
	}
	if (f->cohort == NULL)
		return true;
	cs_groups_add_own(g, CS_S("period"));
	*pair = cs_expr_pair(cs_str(f->cohort), "--cohort", &k->run);
	f->cohort_expr = cs_eval_add(k->eval,
	    cs_expr_parse(pair, CS_VALUE, &k->run, &k->diags), CS_VALUE,
	    "--cohort");
	return true;
}

static bool
start(void *self, struct cs_kit *k, struct cs_err *err)
{
	struct funnel *f = self;

	cs_funnels_build(&f->funnels, &k->rules, &k->run, &k->diags);
	if (!choose(f, k, err))
		return false;
	f->tables.funnels = &f->funnels;
	if (!add_groups(f, k, err))
		return false;
	f->today = cs_civil_days(k->as_of.today);
	f->in_none = cs_calloc(f->funnels.n, sizeof(*f->in_none));
	f->scratch = cs_calloc(f->funnels.n, sizeof(*f->scratch));
	for (size_t i = 0; i < f->funnels.n; i++) {
		size_t n = f->funnels.v[i].n;

		add_expressions(&f->funnels.v[i], k);
		f->scratch[i].yes = cs_calloc(n, sizeof(bool));
		f->scratch[i].has_day = cs_calloc(n, sizeof(bool));
		f->scratch[i].day = cs_calloc(n, sizeof(long));
	}
	if (f->each) {
		f->stage_col = cs_plan_add(k->plan, CS_S("stage"));
		f->at_col = cs_plan_add(k->plan, CS_S("stage_at"));
		f->days_col = cs_plan_add(k->plan, CS_S("stage_days"));
	}
	return true;
}

/* The civil date that an expression gives; another text than a date is counted
 * and unknown. */
static bool
civil_of(struct cs_kit *k, size_t expr, struct cs_civil *c)
{
	struct cs_str s;

	return cs_kit_date(k, expr, &s) && cs_zone_civil(s, c) == CS_DATE_OK;
}

static bool
day_of(struct cs_kit *k, size_t expr, long *day)
{
	struct cs_civil c;

	if (!civil_of(k, expr, &c))
		return false;
	*day = cs_civil_days(c);
	return true;
}

/* Where the record stands in a funnel. False: *stop says Missing: error. */
static bool
stand(const struct cs_funnel *g, const struct scratch *x, struct cs_kit *k,
    struct cs_standing *s, const struct cs_stanza **stop)
{
	*s = (struct cs_standing){.day = x->day, .has_day = x->has_day};
	for (size_t i = 0; i < g->n; i++) {
		bool halt = false;

		x->yes[i] = cs_kit_settle(cs_kit_ask(k, g->stage[i].when_expr),
		    g->stage[i].stanza->missing, false, &halt);
		if (halt) {
			*stop = g->stage[i].stanza;
			return false;
		}
	}
	s->stage = cs_funnel_stage(g, x->yes);
	memset(x->has_day, 0, g->n * sizeof(*x->has_day));
	if (s->stage == CS_NO_STAGE)
		return true;
	for (size_t i = 0; i <= s->stage; i++)
		if (g->stage[i].at != NULL)
			x->has_day[i] =
			    day_of(k, g->stage[i].at_expr, &x->day[i]);
	if (g->stage[s->stage].exit != NULL)
		s->has_left =
		    cs_kit_ask(k, g->stage[s->stage].exit_expr) == CS_YES;
	return true;
}

static void
write_stage(struct funnel *f, struct cs_kit *k, const struct cs_standing *s)
{
	char *date;

	if (s->stage == CS_NO_STAGE)
		return;
	cs_plan_set(k->plan, f->stage_col,
	    cs_val_text(f->funnels.v[0].stage[s->stage].stanza->name));
	if (!s->has_day[s->stage])
		return;
	date = cs_arena_alloc(&k->one, 16);
	cs_civil_print(date, cs_days_civil(s->day[s->stage]));
	cs_plan_set(k->plan, f->at_col, cs_val_text(cs_str(date)));
	cs_plan_set(k->plan, f->days_col,
	    cs_val_num((double)(f->today - s->day[s->stage])));
}

/* A record without a date is in the period without a name. */
static void
count(struct funnel *f, struct cs_kit *k, struct cs_rec *rec,
    const struct cs_standing *s)
{
	char period[16] = "";
	struct cs_civil c;

	if (f->cohort != NULL) {
		if (civil_of(k, f->cohort_expr, &c))
			cs_period_print(period, f->kind, c);
		f->tables.groups.own = cs_str(period);
	}
	cs_stage_tables_add(&f->tables, rec, s, f->today);
}

static bool
record(void *self, struct cs_kit *k, struct cs_rec *rec, struct cs_err *err)
{
	struct funnel *f = self;
	struct cs_standing *s =
	    cs_arena_array(&k->one, f->funnels.n, sizeof(*s));
	const struct cs_stanza *stop = NULL;

	for (size_t i = 0; i < f->funnels.n; i++)
		if (!stand(&f->funnels.v[i], &f->scratch[i], k, &s[i], &stop))
			return cs_kit_refuse_unknown(k, rec, stop, err);
	for (size_t i = 0; i < f->funnels.n; i++)
		f->in_none[i] += s[i].stage == CS_NO_STAGE;
	if (f->each) {
		write_stage(f, k, &s[0]);
		return cs_kit_write(k, rec, err);
	}
	count(f, k, rec, s);
	return true;
}

static bool
table(struct funnel *f, struct cs_kit *k, struct cs_err *err)
{
	return cs_kit_table_once(k, cs_stage_tables_make(&f->tables), err);
}

static bool
finish(void *self, struct cs_kit *k, struct cs_err *err)
{
	struct funnel *f = self;

	for (size_t i = 0; i < f->funnels.n; i++)
		if (f->in_none[i] > 0)
			cs_kit_note(k, "funnel %.*s: %ju record%s in no stage",
			    CS_ARG(f->funnels.v[i].stanza->name),
			    (uintmax_t)f->in_none[i],
			    f->in_none[i] == 1 ? "" : "s");
	return f->each || table(f, k, err);
}

static void
end(void *self, struct cs_kit *k)
{
	struct funnel *f = self;

	(void)k;
	for (size_t i = 0; f->scratch != NULL && i < f->funnels.n; i++) {
		free(f->scratch[i].yes);
		free(f->scratch[i].has_day);
		free(f->scratch[i].day);
	}
	free(f->scratch);
	free(f->in_none);
	cs_stage_tables_free(&f->tables);
}

static void *
twin(const void *self)
{
	const struct funnel *f = self;
	struct funnel *t = cs_calloc(1, sizeof(*t));

	t->by = f->by;
	t->only = f->only;
	t->each = f->each;
	t->cohort = f->cohort;
	t->period = f->period;
	t->kind = f->kind;
	return t;
}

static void
join(void *self, const void *other)
{
	struct funnel *f = self;
	const struct funnel *t = other;

	for (size_t i = 0; i < f->funnels.n; i++)
		f->in_none[i] += t->in_none[i];
	if (!f->each)
		cs_stage_tables_join(&f->tables, &t->tables);
}

static const struct cs_cmd cmd = {
    .name = "cs-funnel",
    .purpose = "Counts records by stage: stock, rates, time, bottlenecks",
    .synopsis = "-r FILE [--by=COL,...] [--cohort=EXPR [--period=KIND]] "
		"[--each] [--funnel=NAME] [FILE...]",
    .examples = "  cs-funnel -r growth.stages shops.csv\n"
		"  cs-funnel -r growth.stages --by=plan shops.csv\n"
		"  cs-funnel -r growth.stages --cohort=.created_at "
		"--period=quarter shops.csv\n",
    .opts = opts,
    .no_why = "--each gives the stage of each record",
    .output = CS_OUT_TABLE,
    .option = option,
    .ready = ready,
    .start = start,
    .record = record,
    .finish = finish,
    .end = end,
    .twin_opts = "by each funnel cohort period",
    .twin = twin,
    .join = join,
};

int
main(int argc, char **argv)
{
	struct funnel f = {0};

	return cs_kit_main(&cmd, &f, argc, argv);
}
