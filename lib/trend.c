#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "num.h"
#include "score_why.h"
#include "set.h"
#include "snapshot.h"
#include "trend.h"

/* With each key: where its scores are kept, and whether it is there now. */
struct where {
	uint64_t place;
	bool is_found;
};

struct cs_trend {
	const struct cs_trend_conf *conf;
	struct cs_kit *k;
	char date[40];
	struct cs_rules rules; /* --old-rules */
	struct cs_scorer *now; /* new rules, the command's */
	struct cs_scorer then; /* old rules, old records */
	struct cs_scorer mid;  /* old rules, new records; if --old-rules */
	struct cs_eval_conf conf_mid;
	struct cs_eval *eval_mid;
	struct cs_set keys; /* with a struct where */
	struct cs_buf kept;
	uint64_t added, found;
	bool has_old; /* the record at hand has an old one, loaded in then */
};

/* --- the request -------------------------------------------------------- */

static bool
load_old_rules(struct cs_trend *t, struct cs_err *err)
{
	for (size_t i = 0; i < t->conf->nold_rules; i++)
		cs_kit_reads(t->k, t->conf->old_rules[i]);
	return t->conf->nold_rules == 0 ||
	       cs_rules_load(&t->rules, t->conf->old_rules, t->conf->nold_rules,
		   &t->k->run, &t->k->diags, err);
}

bool
cs_trend_new(struct cs_trend **t, const struct cs_trend_conf *conf,
    struct cs_kit *k, struct cs_err *err)
{
	struct cs_as_of a;

	if (conf->old == NULL)
		return cs_fail(err, CS_USAGE,
		    "trend: --old=FILE is needed: the older records");
	*t = cs_calloc(1, sizeof(**t));
	(*t)->conf = conf;
	(*t)->k = k;
	if (conf->old_as_of != NULL) {
		if (!cs_as_of_set(&a, conf->old_as_of, err))
			return cs_fail(err, CS_USAGE,
			    "--old-as-of=%s is not a date: write YYYY-MM-DD",
			    conf->old_as_of);
	} else if (!cs_snapshot_date(conf->old, (*t)->date)) {
		return cs_fail(err, CS_USAGE,
		    "trend: --old-as-of=DATE is needed: the date of %s",
		    conf->old);
	}
	return load_old_rules(*t, err);
}

static const struct cs_rules *
old_rules(const struct cs_trend *t)
{
	return t->conf->nold_rules > 0 ? &t->rules : &t->k->rules;
}

/* --- the old records ---------------------------------------------------- */

/* What is kept of a score: this, then a number for each rule, NAN if it was
 * unknown. */
struct kept {
	uint32_t profile, override; /* + 1; 0: none */
};

static void
keep(struct cs_trend *t)
{
	for (size_t i = 0; i < t->then.scores.n; i++) {
		const struct cs_scoring *g = &t->then.v[i];
		struct kept k = {0};

		if (g->profile != NULL)
			k.profile =
			    (uint32_t)(g->profile - g->score->profile) + 1;
		if (g->profile != NULL && g->override != NULL)
			k.override =
			    (uint32_t)(g->override - g->profile->override) + 1;
		cs_buf_add(&t->kept, &k, sizeof(k));
		for (size_t j = 0; k.profile > 0 && j < g->profile->nrules;
		     j++) {
			double x = g->part[j].is_known ? g->part[j].x : NAN;

			cs_buf_add(&t->kept, &x, sizeof(x));
		}
	}
}

/* The other way round. */
static void
load(struct cs_trend *t, const char *p)
{
	for (size_t i = 0; i < t->then.scores.n; i++) {
		struct cs_scoring *g = &t->then.v[i];
		struct kept k;

		memcpy(&k, p, sizeof(k));
		p += sizeof(k);
		g->profile =
		    k.profile > 0 ? &g->score->profile[k.profile - 1] : NULL;
		if (g->profile == NULL)
			continue;
		g->override = k.override > 0
				  ? &g->profile->override[k.override - 1]
				  : NULL;
		for (size_t j = 0; j < g->profile->nrules; j++) {
			double x;

			memcpy(&x, p, sizeof(x));
			p += sizeof(x);
			g->part[j] = (struct cs_part){
			    .is_known = !isnan(x), .x = isnan(x) ? 0 : x};
		}
		cs_score_compute(g->profile, g->part, g->override, &g->result);
	}
}

static bool
keep_record(struct cs_trend *t, struct cs_snapshot *s, struct cs_err *err)
{
	struct cs_place at = {s->path, s->rec.line, 0};
	const struct cs_stanza *stop = NULL;
	struct where w = {.place = t->kept.n};
	bool is_new;
	size_t key = cs_set_add(&t->keys, s->id, &is_new);

	if (!is_new)
		return cs_fail_at(err, CS_STOP, at,
		    "the key \"%.*s\" stands twice", CS_ARG(s->id));
	memcpy(cs_set_extra(&t->keys, key), &w, sizeof(w));
	for (size_t i = 0; i < t->then.scores.n; i++) {
		cs_scorer_run(&t->then, i, &stop);
		if (stop != NULL)
			return cs_fail_at(err, CS_STOP, at,
			    "unknown: %.*s says Missing: error",
			    CS_ARG(stop->name));
	}
	keep(t);
	return true;
}

static bool
read_old(struct cs_trend *t, struct cs_snapshot *s, struct cs_err *err)
{
	const struct cs_rules *rules = old_rules(t);
	const char *date = t->conf->old_as_of;
	enum cs_got got;

	if (!cs_snapshot_eval(s, rules, date != NULL ? date : t->date, err))
		return false;
	cs_scorer_build(&t->then, rules, t->k);
	cs_scorer_bind(&t->then, NULL, s->eval, t->k);
	if (!cs_snapshot_compile(s, rules, err))
		return false;
	while ((got = cs_snapshot_next(s, err)) == CS_GOT)
		if (!keep_record(t, s, err))
			return false;
	return got == CS_END;
}

/* Old rules on new records: an evaluator of their own beside the run's. */
static bool
begin_mid(struct cs_trend *t, struct cs_err *err)
{
	size_t before = t->k->diags.errors;

	t->conf_mid = t->k->eval_conf;
	t->conf_mid.lets = t->rules.lets;
	t->conf_mid.nlets = t->rules.nlets;
	t->eval_mid = cs_eval_new(&t->conf_mid);
	cs_scorer_build(&t->mid, &t->rules, t->k);
	cs_scorer_bind(&t->mid, NULL, t->eval_mid, t->k);
	err->exit = CS_USAGE;
	err->text[0] = '\0';
	if (cs_eval_count(t->eval_mid) == 0 ||
	    cs_eval_compile(t->eval_mid, &t->k->head, &t->k->diags, err))
		return true;
	if (t->k->diags.errors > before)
		cs_fail(err, CS_USAGE,
		    "--old-rules: they do not fit the columns of the new "
		    "records");
	return false;
}

bool
cs_trend_start(struct cs_trend *t, struct cs_scorer *scorer, struct cs_err *err)
{
	struct cs_snapshot *s;
	bool is_good;

	t->now = scorer;
	t->keys.extra = sizeof(struct where);
	if (t->conf->nold_rules > 0 && !begin_mid(t, err))
		return false;
	s = cs_snapshot_open(t->k, "--old", t->conf->old, err);
	is_good = s != NULL && read_old(t, s, err);
	cs_snapshot_free(s);
	/* Only what was kept is asked from here on. */
	t->then.eval = NULL;
	return is_good;
}

/* --- the new ones ------------------------------------------------------- */

bool
cs_trend_record(struct cs_trend *t, struct cs_rec *rec,
    const struct cs_stanza **stop, struct cs_err *err)
{
	size_t at = cs_set_find(&t->keys, cs_kit_id(t->k, rec));
	struct where w;

	t->has_old = at != SIZE_MAX;
	t->added += !t->has_old;
	if (t->has_old) {
		memcpy(&w, cs_set_extra(&t->keys, at), sizeof(w));
		t->found += !w.is_found;
		w.is_found = true;
		memcpy(cs_set_extra(&t->keys, at), &w, sizeof(w));
	}
	if (*stop != NULL || !t->has_old)
		return true;
	load(t, t->kept.p + w.place);
	if (t->eval_mid != NULL && cs_eval_count(t->eval_mid) > 0 &&
	    !cs_eval_run(t->eval_mid, rec, err))
		return false;
	for (size_t i = 0; i < t->mid.scores.n && *stop == NULL; i++)
		cs_scorer_run(&t->mid, i, stop);
	return true;
}

/* One of the four scores of the way. */
struct stop {
	bool has_score;
	long long score;
	struct cs_score_entry *v;
	size_t n;
};

static struct stop
stop_of(const struct cs_profile *p, const struct cs_part *part,
    const struct cs_score_result *r, struct cs_arena *a)
{
	struct stop s = {.has_score = r->has_score, .score = r->score};

	s.n = cs_score_entries(p, part,
	    cs_arena_array(a, p->nrules, sizeof(struct cs_val)), r, a, &s.v);
	return s;
}

static struct stop
stop_of_scoring(const struct cs_scoring *g, struct cs_arena *a)
{
	if (g == NULL || g->profile == NULL)
		return (struct stop){0};
	return stop_of(g->profile, g->part, &g->result, a);
}

/* Old rules and what was known then, with the new values of it. */
static struct stop
new_values(const struct cs_scoring *then, const struct cs_scoring *mid,
    struct cs_arena *a)
{
	const struct cs_profile *p = then->profile;
	struct cs_score_result r;
	struct cs_part *part;

	/* The values lead to other rules: all of that is their effect. */
	if (p == NULL || mid == NULL || mid->profile == NULL ||
	    p - then->score->profile != mid->profile - mid->score->profile)
		return stop_of_scoring(mid, a);
	part = cs_arena_array(a, p->nrules, sizeof(*part));
	for (size_t i = 0; i < p->nrules; i++) {
		bool is_new = mid->part[i].is_known;

		part[i].is_known = then->part[i].is_known;
		part[i].x = !part[i].is_known ? 0
			    : is_new	      ? mid->part[i].x
					      : then->part[i].x;
	}
	cs_score_compute(p, part,
	    mid->override == NULL
		? NULL
		: &p->override[mid->override - mid->profile->override],
	    &r);
	return stop_of(p, part, &r, a);
}

static struct cs_trend_entry *
entry(struct cs_trend_score *s, struct cs_str name)
{
	for (size_t i = 0; i < s->n; i++)
		if (cs_str_eq(s->v[i].name, name))
			return &s->v[i];
	s->v[s->n] = (struct cs_trend_entry){.name = name};
	return &s->v[s->n++];
}

static const struct cs_scoring *
find(const struct cs_scorer *s, struct cs_str name)
{
	size_t i = cs_scorer_find(s, name);

	return i < s->scores.n ? &s->v[i] : NULL;
}

void
cs_trend_get(const struct cs_trend *t, size_t i, struct cs_trend_score *s)
{
	static const size_t order[] = {3, 2, 1, 0}; /* new names first */
	struct cs_arena *a = &t->k->one;
	const struct cs_scoring *now = &t->now->v[i], *then = NULL, *mid = now;
	struct stop way[4] = {{0}};
	size_t most = 0;

	if (t->has_old)
		then = find(&t->then, now->score->name);
	if (t->conf->nold_rules > 0)
		mid = find(&t->mid, now->score->name);
	way[0] = stop_of_scoring(then, a);
	if (way[0].has_score) {
		way[1] = new_values(then, mid, a);
		way[2] = stop_of_scoring(mid, a);
	}
	way[3] = stop_of_scoring(now, a);
	*s = (struct cs_trend_score){
	    .has_old = way[0].has_score, .has_new = way[3].has_score};
	for (size_t j = 0; j < 4; j++) {
		if (j > 0 && j < 3 && !way[j].has_score)
			way[j] = way[j - 1];
		most += way[j].n;
	}
	s->v = cs_arena_array(a, most, sizeof(*s->v));
	for (size_t o = 0; o < 4; o++) {
		size_t j = order[o];

		s->step[j] = way[j].score;
		for (size_t k = 0; k < way[j].n; k++) {
			struct cs_trend_entry *e = entry(s, way[j].v[k].name);

			e->step[j] = way[j].v[k].micro;
			e->was |= j == 0 && way[j].v[k].is_known;
			e->is |= j == 3 && way[j].v[k].is_known;
		}
	}
}

static const struct effect {
	const char *name;
	size_t from, to; /* steps */
} effects[CS_TREND_EFFECTS] = {
    {"change", 0, 3},
    {"value", 0, 1},
    {"weight", 2, 3},
    {"coverage", 1, 2},
};

const char *
cs_trend_effect_name(size_t i)
{
	return effects[i].name;
}

long long
cs_trend_effect(const long long *step, size_t i)
{
	return step[effects[i].to] - step[effects[i].from];
}

void
cs_trend_text(struct cs_buf *b, const struct cs_trend_score *s)
{
	const char *before = "";

	for (size_t i = 0; i < s->n; i++) {
		long long change = cs_trend_effect(s->v[i].step, 0);

		if (change == 0)
			continue;
		cs_buf_puts(b, before);
		before = ";";
		cs_buf_str(b, s->v[i].name);
		cs_buf_puts(b, change < 0 ? ":" : ":+");
		cs_num_print6(b, (double)change / 1e6);
	}
}

void
cs_trend_json(struct cs_buf *b, const struct cs_trend_score *s)
{
	const char *before = "[{\"rule\":";

	for (size_t i = 0; i < s->n; i++) {
		const long long *step = s->v[i].step;

		if (step[0] == step[1] && step[1] == step[2] &&
		    step[2] == step[3])
			continue;
		cs_buf_puts(b, before);
		before = ",{\"rule\":";
		cs_val_put_json(b, cs_val_text(s->v[i].name));
		for (size_t j = 0; j < CS_TREND_EFFECTS; j++) {
			cs_buf_printf(b, ",\"%s\":", effects[j].name);
			cs_num_print6(
			    b, (double)cs_trend_effect(step, j) / 1e6);
		}
		cs_buf_putc(b, '}');
	}
	cs_buf_puts(b, *before == '[' ? "[]" : "]");
}

void
cs_trend_summary(struct cs_trend *t)
{
	uint64_t gone = t->keys.n - t->found;

	if (t->added > 0)
		cs_kit_note(t->k, "%ju record%s not in %s", (uintmax_t)t->added,
		    t->added == 1 ? " is" : "s are", t->conf->old);
	if (gone > 0)
		cs_kit_note(t->k, "%ju record%s of %s not here any more",
		    (uintmax_t)gone, gone == 1 ? "" : "s", t->conf->old);
}

void
cs_trend_free(struct cs_trend *t)
{
	if (t == NULL)
		return;
	cs_scorer_free(&t->then);
	cs_scorer_free(&t->mid);
	if (t->eval_mid != NULL)
		cs_eval_free(t->eval_mid);
	cs_set_free(&t->keys);
	cs_buf_free(&t->kept);
	free(t);
}
