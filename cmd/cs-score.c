/* cs-score: measures -> score, band, coverage, and why */
#include <stdlib.h>
#include <string.h>

#include "explain.h"
#include "kit.h"
#include "num.h"
#include "rfmrun.h"
#include "score_why.h"

static const struct cs_opt opts[] = {
    {"date", 0, "COL", CS_RFM_DATE, "rfm: the day of an order"},
    {"amount", 0, "COL", CS_RFM_AMOUNT,
	"rfm: what was paid; A*B: the product of two columns"},
    {"order", 0, "COL", CS_RFM_ORDER,
	"rfm: the order a row belongs to (else each row is one)"},
    {"method", 0, "WORD", CS_RFM_METHOD, "rfm: quantile, ntile or fixed"},
    {"bins", 0, "N", CS_RFM_BINS, "rfm: classes of each measure, 5"},
    {"cuts", 0, "LIST", CS_RFM_CUTS,
	"rfm: of --method=fixed: r:30,90/f:2,5/m:50,200"},
    {"frequency", 0, "WORD", CS_RFM_FREQUENCY, "rfm: orders or days"},
    {"refunds", 0, "WORD", CS_RFM_REFUNDS,
	"rfm: negative amounts: subtract or ignore"},
    {"period", 0, "TIME", CS_RFM_PERIOD,
	"rfm: of is_active and was_active, 30d"},
    {NULL, 0, NULL, 0, NULL},
};

/* The columns of one score, and what one record has. */
struct one {
	const struct cs_score *score;
	size_t score_col, band_col, coverage_col, profile_col, why_col;
	struct cs_part *part;		  /* room for the largest profile */
	const struct cs_profile *profile; /* the record's; NULL: none fits */
	struct cs_score_result result;
};

struct score {
	struct cs_scores scores;
	struct one *one;
	struct cs_explain ***explain; /* by score, profile-major rule */
	size_t *nexplain;
	struct cs_table *why; /* --why=ID */
	struct cs_buf text;
	struct cs_rfmrun rfm;
};

static bool
is_word(const struct cs_kit *k, const char *word)
{
	return k->word != NULL && strcmp(k->word, word) == 0;
}

/* The fault of an option that is another form's. */
static bool
misplaced(int id, const char *word, struct cs_err *err)
{
	size_t i = 0;

	while (opts[i].id != id)
		i++;
	return cs_fail(
	    err, CS_USAGE, "--%s goes with cs-score %s", opts[i].name, word);
}

static bool
option(
    void *self, struct cs_kit *k, int id, const char *arg, struct cs_err *err)
{
	struct score *s = self;

	if (!is_word(k, "rfm"))
		return misplaced(id, "rfm", err);
	return cs_rfmrun_option(&s->rfm, id, arg, err);
}

static bool
ready(void *self, struct cs_kit *k, struct cs_err *err)
{
	struct score *s = self;

	if (is_word(k, "rfm"))
		return cs_rfmrun_ready(&s->rfm, k, err);
	if (k->nrule_files == 0)
		return cs_fail(err, CS_USAGE,
		    "a rule file is needed: -r FILE (std:health is a shipped "
		    "one)");
	if (k->has_why && k->why_id.p != NULL)
		k->output = CS_OUT_TABLE;
	return true;
}

static void
add_profile(struct cs_profile *p, struct cs_kit *k)
{
	if (p->when != NULL && p->when->expr != NULL)
		p->expr = cs_kit_add(k, p->stanza, p->when);
	for (size_t i = 0; i < p->nrules; i++)
		if (p->rule[i].kv != NULL && p->rule[i].kv->expr != NULL)
			p->rule[i].expr =
			    cs_kit_add(k, p->rule[i].stanza, p->rule[i].kv);
	for (size_t i = 0; i < p->noverrides; i++)
		if (p->override[i].when != NULL &&
		    p->override[i].when->expr != NULL)
			p->override[i].expr = cs_kit_add(
			    k, p->override[i].stanza, p->override[i].when);
}

static size_t
add_column(struct cs_kit *k, struct cs_str name, const char *tail)
{
	return cs_plan_add(k->plan,
	    cs_str(cs_arena_printf(&k->run, "%.*s%s", CS_ARG(name), tail)));
}

static void
add_columns(struct one *o, struct cs_kit *k)
{
	const struct cs_score *s = o->score;

	o->score_col = add_column(k, s->name, "");
	if (s->has_bands)
		o->band_col = add_column(k, s->name, "_band");
	o->coverage_col = add_column(k, s->name, "_coverage");
	if (s->has_profiles)
		o->profile_col = add_column(k, s->name, "_profile");
	if (k->has_why)
		o->why_col = add_column(k, s->name, "_why");
}

/* Explains of all rules of all profiles, for the report of one record. */
static struct cs_explain **
add_explains(const struct cs_score *s, struct cs_kit *k, size_t *count)
{
	struct cs_explain **x;
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += s->profile[i].nrules;
	x = cs_calloc(n, sizeof(struct cs_explain *));
	*count = n;
	n = 0;
	for (size_t i = 0; i < s->n; i++)
		for (size_t j = 0; j < s->profile[i].nrules; j++, n++) {
			const struct cs_score_rule *r = &s->profile[i].rule[j];

			if (!r->is_value && r->kv->expr != NULL)
				x[n] = cs_explain_new(k->eval, r->kv->expr,
				    cs_eval_label(k->eval, r->expr));
		}
	return x;
}

static bool
start(void *self, struct cs_kit *k, struct cs_err *err)
{
	static const char *const columns[] = {
	    "score", "rule", "points", "value", "reason"};
	struct score *s = self;

	if (is_word(k, "rfm"))
		return cs_rfmrun_start(&s->rfm, k, err);
	cs_scores_build(&s->scores, &k->rules, &k->run, &k->diags);
	if (s->scores.n == 0)
		return k->diags.errors > 0 ||
		       cs_fail(err, CS_USAGE, "no Score: in the rule files");
	s->one = cs_calloc(s->scores.n, sizeof(*s->one));
	s->explain = cs_calloc(s->scores.n, sizeof(*s->explain));
	s->nexplain = cs_calloc(s->scores.n, sizeof(*s->nexplain));
	for (size_t i = 0; i < s->scores.n; i++) {
		struct cs_score *score = &s->scores.v[i];
		size_t most = 0;

		s->one[i].score = score;
		for (size_t j = 0; j < score->n; j++) {
			add_profile(&score->profile[j], k);
			if (score->profile[j].nrules > most)
				most = score->profile[j].nrules;
		}
		s->one[i].part = cs_calloc(most, sizeof(struct cs_part));
		if (k->plan != NULL)
			add_columns(&s->one[i], k);
		else
			s->explain[i] = add_explains(score, k, &s->nexplain[i]);
	}
	if (k->plan == NULL)
		s->why = cs_table_new(columns, 5);
	return true;
}

/* The first profile that says yes; NULL: none. */
static const struct cs_profile *
pick(const struct cs_score *s, struct cs_kit *k, const struct cs_stanza **stop)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct cs_profile *p = &s->profile[i];
		bool halt = false;

		if (p->when == NULL || cs_kit_settle(cs_kit_ask(k, p->expr),
					   p->stanza->missing, false, &halt))
			return p;
		if (halt) {
			*stop = p->stanza;
			return NULL;
		}
	}
	return NULL;
}

static struct cs_measure
measure(const struct cs_score_rule *r, struct cs_kit *k)
{
	struct cs_measure m = {0};

	if (r->is_value) {
		m.is_known = cs_kit_number(k, r->expr, &m.value);
	} else {
		enum cs_answer a = cs_kit_ask(k, r->expr);

		m.is_known = a != CS_UNKNOWN;
		m.yes = a == CS_YES;
	}
	return m;
}

/* All of one score for one record; *stop: a stanza with Missing: error. */
static void
evaluate(const struct cs_profile *p, struct one *o, struct cs_kit *k,
    struct cs_score_result *r, const struct cs_stanza **stop)
{
	const struct cs_override *override = NULL;

	for (size_t i = 0; i < p->nrules; i++) {
		struct cs_measure m = measure(&p->rule[i], k);

		if (!cs_score_part(&p->rule[i], &m, &o->part[i])) {
			*stop = p->rule[i].stanza;
			return;
		}
	}
	for (size_t i = 0; i < p->noverrides && override == NULL; i++) {
		const struct cs_override *x = &p->override[i];
		bool halt = false;

		if (cs_kit_settle(cs_kit_ask(k, x->expr), x->stanza->missing,
			false, &halt))
			override = x;
		if (halt) {
			*stop = x->stanza;
			return;
		}
	}
	cs_score_compute(p, o->part, override, r);
}

/* The entries behind the result of one record. */
static size_t
entries(const struct cs_profile *p, const struct one *o, struct cs_kit *k,
    const struct cs_score_result *r, struct cs_score_entry **v)
{
	struct cs_val *value =
	    cs_arena_array(&k->one, p->nrules, sizeof(*value));

	for (size_t i = 0; i < p->nrules; i++)
		value[i] = cs_eval_get(k->eval, p->rule[i].expr);
	return cs_score_entries(p, o->part, value, r, &k->one, v);
}

static struct cs_val
why_value(const struct cs_profile *p, const struct one *o, struct cs_kit *k,
    const struct cs_score_result *r)
{
	struct cs_val v = {.kind = CS_TEXT};
	struct cs_score_entry *e;
	size_t n = entries(p, o, k, r, &e);
	struct cs_buf b = {0};

	if (k->out_form == CS_FORM_JSONL) {
		v.kind = CS_JSON;
		cs_score_why_json(&b, e, n);
	} else {
		cs_score_why_text(&b, e, n);
	}
	v.text = cs_keep(&k->one, cs_buf_get(&b));
	cs_buf_free(&b);
	return v;
}

static struct cs_val
text_or_null(struct cs_str s)
{
	return s.p ? cs_val_text(s) : cs_val_null();
}

/* At most six decimals and no exponent, in every form. */
static struct cs_val
printed(struct score *s, struct cs_kit *k, double v)
{
	struct cs_val val = cs_val_num(v);

	cs_buf_reset(&s->text);
	cs_num_print6(&s->text, v);
	val.text = cs_keep(&k->one, cs_buf_get(&s->text));
	return val;
}

static void
set_columns(struct score *s, const struct one *o, struct cs_kit *k)
{
	const struct cs_profile *p = o->profile;
	const struct cs_score_result *r = &o->result;

	if (r->has_score)
		cs_plan_set(k->plan, o->score_col,
		    printed(s, k, (double)r->score / 1e6));
	if (o->score->has_bands)
		cs_plan_set(k->plan, o->band_col, text_or_null(r->band_name));
	cs_plan_set(k->plan, o->coverage_col, printed(s, k, r->coverage));
	if (o->score->has_profiles)
		cs_plan_set(k->plan, o->profile_col, text_or_null(p->name));
	if (k->has_why)
		cs_plan_set(k->plan, o->why_col, why_value(p, o, k, r));
}

static void
why_row(struct score *s, struct cs_str score, const struct cs_score_entry *e,
    struct cs_str reason)
{
	struct cs_val row[] = {cs_val_text(score), cs_val_text(e->name),
	    e->is_known ? cs_val_num((double)e->micro / 1e6) : cs_val_null(),
	    e->value, cs_val_text(reason)};

	cs_table_row(s->why, row);
}

/* The last row of the report: the score, what is known, the band. */
static void
why_sum(struct score *s, struct cs_str score, const struct cs_profile *p,
    const struct cs_score_result *r)
{
	struct cs_score_entry sum = {
	    .name = CS_S("="), .is_known = r->has_score, .micro = r->score};
	struct cs_buf b = {0};

	cs_buf_puts(&b, "coverage ");
	cs_num_print6(&b, r->coverage);
	if (r->band_name.p != NULL)
		cs_buf_printf(&b, ", band %.*s", CS_ARG(r->band_name));
	else if (r->has_score && r->coverage < p->min_coverage)
		cs_buf_puts(&b, ", too low for a band");
	why_row(s, score, &sum, cs_buf_get(&b));
	cs_buf_free(&b);
}

/* Why rule j gives what it gives: its conditions, or its value's place. */
static void
put_reason(struct cs_buf *b, const struct cs_score_rule *r,
    const struct cs_part *part, struct cs_explain *why, struct cs_kit *k,
    struct cs_rec *rec)
{
	const struct cs_reason *v;
	struct cs_str column;

	if (why != NULL) {
		size_t n = cs_explain_get(why, rec, &v);

		cs_explain_text(b, v, n);
	} else if (part->is_known) {
		cs_num_print6(b, part->x);
		cs_buf_puts(b, " of ");
		cs_num_print6(b, r->is_points ? r->amount : 100);
	} else {
		column = cs_eval_empty_column(k->eval, r->expr, rec);
		cs_buf_str(b, column);
		cs_buf_puts(b, column.p != NULL ? " is empty" : "no number");
	}
}

/* The report of one record: a row an entry, a rule's with its reason. */
static void
why_rows(struct score *s, size_t i, const struct cs_profile *p,
    struct cs_kit *k, struct cs_rec *rec, const struct cs_score_result *r)
{
	const struct one *o = &s->one[i];
	struct cs_score_entry *e;
	size_t n = entries(p, o, k, r, &e), x = 0;
	struct cs_buf b = {0};

	for (size_t j = 0; &o->score->profile[j] != p; j++)
		x += o->score->profile[j].nrules;
	for (size_t j = 0; j < n; j++) {
		cs_buf_reset(&b);
		if (j < p->nrules)
			put_reason(&b, &p->rule[j], &o->part[j],
			    s->explain[i][x + j], k, rec);
		why_row(s, o->score->name, &e[j], cs_buf_get(&b));
	}
	why_sum(s, o->score->name, p, r);
	cs_buf_free(&b);
}

static bool
record(void *self, struct cs_kit *k, struct cs_rec *rec, struct cs_err *err)
{
	struct score *s = self;

	if (is_word(k, "rfm"))
		return cs_rfmrun_record(&s->rfm, k, rec, err);
	/* Nothing is set before all are known: a later one may refuse. */
	for (size_t i = 0; i < s->scores.n; i++) {
		const struct cs_stanza *stop = NULL;
		struct one *o = &s->one[i];

		o->profile = pick(o->score, k, &stop);
		if (o->profile != NULL)
			evaluate(o->profile, o, k, &o->result, &stop);
		if (stop != NULL)
			return cs_kit_refuse_unknown(k, rec, stop, err);
	}
	for (size_t i = 0; i < s->scores.n; i++) {
		const struct one *o = &s->one[i];

		if (o->profile == NULL)
			continue; /* empty columns */
		if (s->why != NULL)
			why_rows(s, i, o->profile, k, rec, &o->result);
		else
			set_columns(s, o, k);
	}
	return s->why != NULL || cs_kit_write(k, rec, err);
}

static bool
finish(void *self, struct cs_kit *k, struct cs_err *err)
{
	struct score *s = self;

	if (is_word(k, "rfm"))
		return cs_rfmrun_finish(&s->rfm, k, err);
	if (s->why == NULL)
		return true;
	if (cs_table_rows(s->why) == 0)
		return cs_kit_why_missing(k, err);
	return cs_kit_table(k, s->why, err);
}

static void
end(void *self, struct cs_kit *k)
{
	struct score *s = self;

	(void)k;
	for (size_t i = 0; s->one != NULL && i < s->scores.n; i++) {
		for (size_t j = 0; j < s->nexplain[i]; j++)
			if (s->explain[i][j] != NULL)
				cs_explain_free(s->explain[i][j]);
		free(s->explain[i]);
		free(s->one[i].part);
	}
	free(s->one);
	free(s->explain);
	free(s->nexplain);
	cs_buf_free(&s->text);
	if (s->why != NULL)
		cs_table_free(s->why);
	cs_rfmrun_free(&s->rfm);
}

static const struct cs_cmd cmd = {
    .name = "cs-score",
    .purpose = "Turns measures into scores with bands, coverage and reasons",
    .synopsis = "-r FILE [--why[=ID]] [FILE...]\n"
		"rfm --id=COL --date=COL --amount=COL[*COL] [--order=COL] "
		"[FILE...]",
    .examples = "  cs-score -r health.rules shops.csv\n"
		"  cs-score -r health.rules --why=s0042 shops.csv\n"
		"  cs-score rfm --id=customer --date=day --amount=paid "
		"orders.csv\n",
    .opts = opts,
    .words = "rfm",
    .why_is_alone = true,
    .output = CS_OUT_RECORDS,
    .option = option,
    .ready = ready,
    .start = start,
    .record = record,
    .finish = finish,
    .end = end,
};

int
main(int argc, char **argv)
{
	struct score s = {0};

	return cs_kit_main(&cmd, &s, argc, argv);
}
