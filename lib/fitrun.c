#include "fitrun.h"
#include "num.h"

/* --- the request -------------------------------------------------------- */

bool
cs_fitrun_option(
    struct cs_fitrun *f, int id, const char *arg, struct cs_err *err)
{
	const char **to[] = {&f->lambda, &f->folds, &f->split, &f->at};

	(void)err;
	*to[id - CS_FIT_LAMBDA] = arg;
	return true;
}

static bool
read_split(struct cs_fitrun *f, struct cs_err *err)
{
	struct cs_civil day;

	if ((f->split == NULL) != (f->at == NULL))
		return cs_fail(err, CS_USAGE,
		    "--split and --at go together: the column of dates and "
		    "the first day of the test");
	if (f->split == NULL)
		return true;
	if (f->folds != NULL)
		return cs_fail(
		    err, CS_USAGE, "--folds does not go with --split");
	if (cs_zone_civil(cs_str(f->at), &day) != CS_DATE_OK)
		return cs_fail(err, CS_USAGE, "--at=%s is not a date", f->at);
	f->at_day = cs_civil_days(day);
	f->conf.is_split = true;
	return true;
}

bool
cs_fitrun_ready(struct cs_fitrun *f, struct cs_kit *k, struct cs_err *err)
{
	long long folds = 5;

	f->conf.lambda = 1;
	if (f->lambda != NULL &&
	    (!cs_num_person(cs_str(f->lambda), &f->conf.lambda) ||
		f->conf.lambda < 0))
		return cs_fail(err, CS_USAGE,
		    "--lambda=%s is not a number of 0 or more", f->lambda);
	if (f->folds != NULL &&
	    !cs_num_whole(cs_str(f->folds), 2, 1000, &folds))
		return cs_fail(err, CS_USAGE,
		    "--folds=%s is not a whole number from 2 to 1000",
		    f->folds);
	f->conf.groups = (unsigned)folds;
	if (!read_split(f, err))
		return false;
	if (k->has_why || k->out_word != NULL || k->columns.p != NULL)
		return cs_fail(err, CS_USAGE,
		    "fit prints a rule file: --why, -o and --columns do not go "
		    "with it");
	k->output = CS_OUT_OWN;
	return true;
}

/* The one profile of the one score. */
static struct cs_profile *
pick(struct cs_fitrun *f, struct cs_err *err)
{
	struct cs_scores *s = &f->scorer->scores;
	struct cs_score *score;

	f->number = f->score.p == NULL && s->n == 1
			? 0
			: cs_scorer_find(f->scorer, f->score);
	if (f->score.p == NULL && s->n > 1) {
		cs_fail(err, CS_USAGE,
		    "there are %zu scores: --score=NAME says which is fitted",
		    s->n);
		return NULL;
	}
	if (f->number == s->n) {
		cs_fail(err, CS_USAGE, "--score=%.*s: no such score",
		    CS_ARG(f->score));
		return NULL;
	}
	score = &s->v[f->number];
	if (score->n > 1 || score->profile[0].when != NULL) {
		cs_fail(err, CS_USAGE,
		    "score %.*s has profiles: fit one without, and give it "
		    "the records of one",
		    CS_ARG(score->name));
		return NULL;
	}
	if (score->profile[0].nrules > CS_FIT_MAX_RULES) {
		cs_fail(err, CS_USAGE,
		    "score %.*s has %zu rules; %d can be fitted",
		    CS_ARG(score->name), score->profile[0].nrules,
		    CS_FIT_MAX_RULES);
		return NULL;
	}
	return &score->profile[0];
}

/* A number for Missing: is one of 0..100 of a Weight. */
static bool
missing_ok(const struct cs_profile *p, struct cs_err *err)
{
	for (size_t i = 0; i < p->nrules; i++)
		if (p->rule[i].stanza->missing == CS_MISSING_NUMBER)
			return cs_fail_at(err, CS_USAGE,
			    cs_stanza_place(p->rule[i].stanza, "missing"),
			    "a rule of points cannot have a number for "
			    "Missing: write no or yes");
	return true;
}

/* The option, or the score's Outcome:. */
static bool
add_outcome(struct cs_fitrun *f, const struct cs_profile *p, struct cs_kit *k,
    struct cs_err *err)
{
	const struct cs_kv *kv = cs_stanza_get(p->stanza, "outcome");
	struct cs_expr *e;

	if (f->outcome_text == NULL && kv == NULL)
		return cs_fail(err, CS_USAGE,
		    "fit needs what to learn from: --outcome=EXPR, or Outcome: "
		    "in the Score");
	if (f->outcome_text != NULL) {
		struct cs_pair *pair = cs_arena_alloc(&k->run, sizeof(*pair));

		f->outcome_shown = cs_str(f->outcome_text);
		*pair = cs_expr_pair(f->outcome_shown, "--outcome", &k->run);
		e = cs_expr_parse(pair, CS_CONDITION, &k->run, &k->diags);
	} else {
		f->outcome_shown = kv->value;
		e = kv->expr;
	}
	f->outcome = cs_eval_add(k->eval, e, CS_CONDITION, "outcome");
	return true;
}

bool
cs_fitrun_start(struct cs_fitrun *f, struct cs_scorer *scorer, struct cs_kit *k,
    struct cs_err *err)
{
	struct cs_profile *p;

	if (k->diags.errors > 0)
		return true;
	f->scorer = scorer;
	p = pick(f, err);
	if (p == NULL || !missing_ok(p, err))
		return false;
	if (f->split != NULL ? !cs_kit_need(k, cs_str(f->split), "--split",
				   &f->split_col, err)
			     : !cs_kit_need(k, k->id_name, "--id", &k->id, err))
		return false;
	if (!add_outcome(f, p, k, err))
		return false;
	f->fit = cs_fit_new(p, &f->conf);
	f->leaks = cs_leaks_new(&scorer->scores.v[f->number], f->ahead, k);
	cs_scorer_bind(scorer, &scorer->scores.v[f->number], NULL, k);
	return true;
}

/* --- records ------------------------------------------------------------ */

/* The group of a record; false: its date is not known. */
static bool
group_of(const struct cs_fitrun *f, struct cs_kit *k, struct cs_rec *rec,
    unsigned *group)
{
	struct cs_civil day;
	struct cs_val v;

	if (!f->conf.is_split) {
		*group =
		    cs_bucket(CS_S("fit"), cs_kit_id(k, rec)) % f->conf.groups;
		return true;
	}
	v = cs_rec_val(rec, f->split_col);
	if (v.kind != CS_TEXT || cs_zone_civil(v.text, &day) != CS_DATE_OK)
		return false;
	*group = cs_civil_days(day) >= f->at_day;
	return true;
}

bool
cs_fitrun_record(struct cs_fitrun *f, struct cs_kit *k, struct cs_rec *rec,
    struct cs_err *err)
{
	const struct cs_scoring *g = &f->scorer->v[f->number];
	enum cs_answer outcome = cs_kit_ask(k, f->outcome);
	const struct cs_stanza *stop = NULL;
	unsigned group;

	if (outcome == CS_UNKNOWN) {
		f->unknown++;
		return true;
	}
	if (!group_of(f, k, rec, &group)) {
		f->undated++;
		return true;
	}
	if (!f->is_bound)
		cs_leaks_bind(f->leaks, &k->head, k->eval);
	f->is_bound = true;
	cs_scorer_run(f->scorer, f->number, &stop);
	if (stop != NULL)
		return cs_kit_refuse_unknown(k, rec, stop, err);
	cs_leaks_add(f->leaks, rec, outcome == CS_YES, &k->as_of);
	cs_fit_add(f->fit, g->part, g->override, outcome == CS_YES, group);
	return true;
}

/* --- the end ------------------------------------------------------------ */

static void
note_left(struct cs_kit *k, uint64_t n, const char *why)
{
	if (n > 0)
		cs_kit_note(k, "%ju record%s left out: %s", (uintmax_t)n,
		    n == 1 ? "" : "s", why);
}

static void
note_rules(
    const struct cs_profile *p, const struct cs_fit_result *r, struct cs_kit *k)
{
	uint64_t no = r->records - r->yes, fewer = r->yes < no ? r->yes : no;

	for (size_t i = 0; i < p->nrules; i++)
		if (r->rule[i].is_constant)
			cs_kit_note(k,
			    "rule %.*s is the same on every record: no points",
			    CS_ARG(p->rule[i].stanza->name));
	if (r->dependent < p->nrules)
		cs_kit_note(k,
		    "rule %.*s follows from the rules before it: they share "
		    "points that are no one's own",
		    CS_ARG(p->rule[r->dependent].stanza->name));
	if (fewer < 10 * r->in_use)
		cs_kit_note(k,
		    "%zu rule%s, and %ju records of the rarer outcome: with "
		    "fewer than 10 a rule do not rely on the points",
		    r->in_use, r->in_use == 1 ? "" : "s", (uintmax_t)fewer);
}

static void
notes(struct cs_fitrun *f, const struct cs_profile *p, struct cs_kit *k)
{
	const struct cs_fit_result *r = cs_fit_result(f->fit);

	note_left(k, f->unknown, "the outcome is unknown");
	note_left(k, f->undated, "no date to split by");
	note_left(k, r->blank, "no rule is known");
	note_rules(p, r, k);
	if (!f->conf.is_split && r->groups_used < f->conf.groups)
		cs_kit_note(k,
		    "%u of %u folds say nothing: one outcome only, or no "
		    "coefficients without them",
		    f->conf.groups - r->groups_used, f->conf.groups);
	if (f->conf.is_split && r->groups_used == 0)
		cs_kit_note(
		    k, "the test has not both outcomes: its AUC is not known");
	if (p->nbands > 0)
		cs_kit_note(
		    k, "the bands are as they were: look where they begin");
}

/* The file tells of them as well: it outlives the messages. */
static void
put_leaks(struct cs_buf *b, const struct cs_leak *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		cs_buf_puts(b, "# leak\t");
		cs_escape(b, v[i].column);
		if (v[i].auc > 0) {
			cs_buf_puts(b, " alone tells the outcome: AUC ");
			cs_num_print6(b, v[i].auc);
		}
		if (v[i].after > 0)
			cs_buf_printf(b, "%s %ju date%s after the as-of date",
			    v[i].auc > 0 ? "," : " has", (uintmax_t)v[i].after,
			    v[i].after == 1 ? "" : "s");
		cs_buf_putc(b, '\n');
	}
}

bool
cs_fitrun_finish(struct cs_fitrun *f, struct cs_kit *k, struct cs_err *err)
{
	const struct cs_profile *p = &f->scorer->scores.v[f->number].profile[0];
	const struct cs_fit_result *r = cs_fit_result(f->fit);
	struct cs_buf b = {0};
	struct cs_leak *v;
	size_t n = cs_leaks_find(f->leaks, &v);
	const char *out;

	/* A leak may be why nothing can be learned: told in any case. */
	cs_leaks_tell(k, v, n);
	if (!cs_fit_run(f->fit, err)) {
		note_left(k, f->unknown, "the outcome is unknown");
		return false;
	}
	out = f->conf.is_split
		  ? cs_arena_printf(&k->run, "%s from %s on", f->split, f->at)
		  : cs_arena_printf(&k->run, "%u folds by the bucket of %.*s",
			r->groups_used, CS_ARG(k->id_name));
	cs_fit_print_head(&b, p, r, f->conf.lambda, f->outcome_shown, out);
	put_leaks(&b, v, n);
	cs_fit_print_rules(&b, &k->rules, p, r);
	cs_out_str(k->out, cs_buf_get(&b));
	cs_buf_free(&b);
	notes(f, p, k);
	return true;
}

void
cs_fitrun_free(struct cs_fitrun *f)
{
	cs_fit_free(f->fit);
	cs_leaks_free(f->leaks);
}
