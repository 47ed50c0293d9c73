#include <ctype.h>
#include <math.h>

#include "fit.h"
#include "num.h"
#include "stat_gsl.h"

/* --- the stanzas -------------------------------------------------------- */

/* Further lines of a value begin with a blank. */
static void
put_pair(struct cs_buf *b, const char *key, struct cs_str value)
{
	cs_buf_putc(b, (char)toupper((unsigned char)key[0]));
	cs_buf_printf(b, "%s: ", key + 1);
	for (size_t i = 0; i < value.n; i++) {
		cs_buf_putc(b, value.p[i]);
		if (value.p[i] == '\n')
			cs_buf_putc(b, '\t');
	}
	cs_buf_putc(b, '\n');
}

static bool
is_replaced(const struct cs_stanza *s, const char *key)
{
	static const char *const score[] = {"range", "start"}, *const rule[] = {
								   "points",
								   "weight",
								   "group"};
	bool is_score = cs_stanza_is(s, "Score");
	size_t n = is_score ? 2 : cs_stanza_is(s, "Rule") ? 3 : 0;

	for (size_t i = 0; i < n; i++)
		if (strcmp(key, is_score ? score[i] : rule[i]) == 0)
			return true;
	return false;
}

static void
put_stanza(struct cs_buf *b, const struct cs_stanza *s,
    const struct cs_profile *p, const struct cs_fit_result *r)
{
	cs_buf_putc(b, '\n');
	put_pair(b, s->kind->name, s->pair->value);
	if (cs_stanza_is(s, "Score"))
		cs_buf_printf(b, "Range: 0..100\nStart: %ld\n", r->start);
	for (size_t i = 0; i < p->nrules; i++)
		if (p->rule[i].stanza == s)
			cs_buf_printf(b, "Points: %ld\n", r->rule[i].points);
	for (size_t i = 0; i < s->n; i++)
		if (!is_replaced(s, s->kv[i].key->name))
			put_pair(b, s->kv[i].key->name, s->kv[i].pair->value);
}

void
cs_fit_print_rules(struct cs_buf *b, const struct cs_rules *rules,
    const struct cs_profile *p, const struct cs_fit_result *r)
{
	for (size_t i = 0; i < rules->n; i++) {
		const struct cs_stanza *s = rules->v[i];

		if (s == p->stanza ||
		    (s->owner == p->stanza && !cs_stanza_is(s, "Group")) ||
		    cs_stanza_is(s, "Let") || cs_stanza_is(s, "Column"))
			put_stanza(b, s, p, r);
	}
}

/* --- the comments ------------------------------------------------------- */

static void
put_num(struct cs_buf *b, const char *before, double v)
{
	cs_buf_puts(b, before);
	cs_num_print6(b, v);
}

static void
put_area(struct cs_buf *b, const struct cs_auc *a)
{
	cs_num_print6(b, a->auc);
	if (a->has_interval) {
		put_num(b, " (", a->low);
		put_num(b, " to ", a->high);
		cs_buf_putc(b, ')');
	}
}

static void
put_records(struct cs_buf *b, const char *what, uint64_t records, uint64_t yes)
{
	cs_buf_printf(b, "# %s\t%ju, with the outcome %ju", what,
	    (uintmax_t)records, (uintmax_t)yes);
	if (records > 0)
		put_num(b, " = ", (double)yes / (double)records);
	cs_buf_putc(b, '\n');
}

static void
put_rule(struct cs_buf *b, const struct cs_profile *p,
    const struct cs_fit_result *r, size_t i)
{
	const struct cs_fit_rule *rule = &r->rule[i];

	cs_buf_puts(b, "#\t");
	cs_escape(b, p->rule[i].stanza->name);
	cs_buf_printf(b, "\t%ld", rule->points);
	if (rule->is_constant) {
		cs_buf_puts(b, "\tthe same on every record");
	} else {
		double tails = cs_normal_tails(rule->b / rule->se);

		put_num(b, "\t", rule->b);
		put_num(b, "\t", rule->se);
		if (tails < 5e-7)
			cs_buf_puts(b, "\t<0.000001");
		else
			put_num(b, "\t", tails);
	}
	put_num(b, "\t", (double)rule->known / (double)r->records);
	cs_buf_putc(b, '\n');
}

void
cs_fit_print_head(struct cs_buf *b, const struct cs_profile *p,
    const struct cs_fit_result *r, double lambda, struct cs_str outcome,
    const char *out_text)
{
	cs_buf_puts(b, "# Points by cs-score fit: the higher the score, the "
		       "likelier is\n#\t");
	cs_escape(b, outcome);
	cs_buf_puts(b, "\n#\n");
	put_records(b, "records", r->records, r->yes);
	if (r->test_records > 0)
		put_records(b, "test", r->test_records, r->test_yes);
	put_num(b, "# coverage\t", r->coverage);
	put_num(b,
	    " of the answers known; an unknown one adds no points\n"
	    "# method\tlogistic regression, ridge ",
	    lambda);
	if (lambda == 0) {
		put_num(b, ", likelihood ratio ", r->ratio);
		cs_buf_printf(b, " on %zu", r->in_use);
		put_num(b, ", p ", cs_chi2_tail(r->ratio, (double)r->in_use));
	}
	cs_buf_puts(b, "\n# AUC\t");
	put_area(b, &r->in);
	put_num(b, " in sample, before rounding ", r->unrounded.auc);
	cs_buf_puts(b, "\n# AUC\t");
	if (r->groups_used > 0)
		put_area(b, &r->out);
	else
		cs_buf_puts(b, "not known");
	cs_buf_printf(b, " out of sample, %s\n", out_text);
	put_num(b, "# log odds\t", r->base);
	put_num(b, r->unit < 0 ? " " : " + ", r->unit);
	cs_buf_puts(b, " a point\n#\n"
		       "#\trule\tpoints\tcoefficient\terror\tp\tknown\n");
	put_num(b, "#\t_start\t", (double)r->start);
	put_num(b, "\t", r->b);
	put_num(b, "\t", r->se);
	cs_buf_putc(b, '\n');
	for (size_t i = 0; i < p->nrules; i++)
		put_rule(b, p, r, i);
}
