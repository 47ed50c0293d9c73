/* leaks: the guard against rules that know what came later
 *
 * Looks at the columns that the rules of a score name, one by one, beside the
 * outcome: has it dates after the as-of date, does it alone tell the outcome?
 *
 * Memory: 16 bytes a record for each column with numbers or dates. */
#ifndef CS_LEAKS_H
#define CS_LEAKS_H

#include "kit.h"
#include "score.h"

struct cs_leaks;

/* ahead: columns that are known ahead, a list with commas, or absent. */
struct cs_leaks *cs_leaks_new(
    const struct cs_score *score, struct cs_str ahead, struct cs_kit *k);
/* The columns of the rules, by the header of the evaluator's records; again
 * when that changes. */
void cs_leaks_bind(
    struct cs_leaks *l, struct cs_header *head, const struct cs_eval *eval);
void cs_leaks_add(
    struct cs_leaks *l, struct cs_rec *rec, bool yes, const struct cs_as_of *a);

struct cs_leak {
	struct cs_str column;
	uint64_t after; /* cells dated after the as-of date */
	double auc; /* by which it alone tells the outcome; 0: it does not */
	uint64_t n; /* its records */
};
/* The columns that leak, in the run's arena. Returns their number. */
size_t cs_leaks_find(struct cs_leaks *l, struct cs_leak **v);
/* Notes, and exit 1 where there is a leak. */
void cs_leaks_tell(struct cs_kit *k, const struct cs_leak *v, size_t n);
/* NULL is fine. */
void cs_leaks_free(struct cs_leaks *l);

#endif
