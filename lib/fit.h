/* fit: points for the rules of a score from what came of its records
 *
 * A logistic regression (logit) on the measures of the rules: a When is 0 or 1,
 * a Value its 0..100 divided by 100, an unknown 0, as the score has it. The
 * coefficients become whole points whose absolute values sum to 100, by largest
 * remainder, ties in file order; Start is what makes the lowest score 0.
 *
 * Equal records are kept once with their number, and all sums go through them
 * in the order of their bytes: neither points nor figures depend on the order
 * of the records. Memory: 8 bytes a rule and 40 more for each pattern, and 16
 * for each record while areas are computed. */
#ifndef CS_FIT_H
#define CS_FIT_H

#include "logit.h"
#include "score.h"
#include "stat.h"

#define CS_FIT_MAX_RULES 500

struct cs_fit_conf {
	double lambda;
	unsigned groups; /* of records: each is left out once */
	bool is_split;	 /* but with this 0 teaches and 1 is the test */
};

struct cs_fit_rule {
	double b, se;
	long points;
	uint64_t known;	  /* of the records that taught */
	bool is_constant; /* the same on all of them: no points */
};

struct cs_fit_result {
	uint64_t records, yes; /* that taught; with a split also test_ */
	uint64_t test_records, test_yes;
	uint64_t blank;	 /* left out: no rule was known */
	double coverage; /* mean share of known rules */
	struct cs_fit_rule *rule;
	size_t in_use; /* rules that are not constant */
	double b, se;  /* the intercept */
	double ratio;  /* twice the log likelihood over the intercept's */
	long start;
	double unit;	  /* log odds of a point */
	double base;	  /* log odds at score 0 */
	size_t dependent; /* a rule that follows from those before it, or the
			     number of rules */
	/* Areas under the ROC curve of the score. */
	struct cs_auc in, unrounded;
	/* Out of sample: with a split the test's; else the mean over groups,
	 * each scored by the points of the others, weighted by their pairs. */
	struct cs_auc out;
	unsigned groups_used; /* the others had one outcome only */
};

struct cs_fit;

/* p, whose rules become ones of Points (amount 1): so cs_score_part gives
 * measures of 0..1 for cs_fit_add. p must outlive it. */
struct cs_fit *cs_fit_new(struct cs_profile *p, const struct cs_fit_conf *conf);
/* One record: a part a rule, the override that said yes or NULL. */
void cs_fit_add(struct cs_fit *f, const struct cs_part *part,
    const struct cs_override *override, bool yes, unsigned group);
/* False with err (exit 3): nothing can be learned from the records. */
bool cs_fit_run(struct cs_fit *f, struct cs_err *err);
const struct cs_fit_result *cs_fit_result(const struct cs_fit *f);
void cs_fit_free(struct cs_fit *f);

/* Appends the stanzas that the fitted score needs, Lets and Columns too, with
 * its points in place of Points, Weight, Group, Range and Start. */
void cs_fit_print_rules(struct cs_buf *b, const struct cs_rules *rules,
    const struct cs_profile *p, const struct cs_fit_result *r);
/* Appends comments: outcome, records, areas, coefficients. out_text names what
 * the second area is of. */
void cs_fit_print_head(struct cs_buf *b, const struct cs_profile *p,
    const struct cs_fit_result *r, double lambda, struct cs_str outcome,
    const char *out_text);

#endif
