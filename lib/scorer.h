/* scorer: the scores of a rule file for one record after the other
 *
 * score computes, scorer asks: it binds the rules of all scores to an
 * evaluator and takes the answers from there. A run may have several, each with
 * rules, columns and a date of its own (an older snapshot, older rules). */
#ifndef CS_SCORER_H
#define CS_SCORER_H

#include "kit.h"
#include "score.h"

struct cs_score_entry;

/* What the present record has of one score. */
struct cs_scoring {
	const struct cs_score *score;
	struct cs_part *part;		  /* of the profile's rules */
	const struct cs_profile *profile; /* the record's; NULL: none fits,
					     and nothing else is set */
	struct cs_score_result result;
	const struct cs_override *override; /* NULL: none said yes */
};

struct cs_scorer {
	struct cs_scores scores;
	struct cs_scoring *v; /* by score */
	struct cs_eval *eval;
	struct cs_kit *k; /* counts unknowns for its summary; or NULL */
};

/* Builds the scores; faults go to k->diags. */
void cs_scorer_build(
    struct cs_scorer *s, const struct cs_rules *rules, struct cs_kit *k);
/* Adds the expressions of all scores, or only of `only`, to an evaluator that
 * is not yet compiled: NULL is k's own, whose unknowns the summary counts. */
void cs_scorer_bind(struct cs_scorer *s, const struct cs_score *only,
    struct cs_eval *eval, struct cs_kit *k);
/* Score i of the record that was last run. *stop is set to the stanza whose
 * Missing: error applies. */
void cs_scorer_run(
    struct cs_scorer *s, size_t i, const struct cs_stanza **stop);
/* What a rule's expression gave. */
struct cs_val cs_scorer_value(
    const struct cs_scorer *s, const struct cs_score_rule *r);
/* Score i of that record entry by entry (score_why.h), in a; it has a profile.
 * Returns their number. */
size_t cs_scorer_entries(const struct cs_scorer *s, size_t i,
    struct cs_arena *a, struct cs_score_entry **v);
/* The number of a score's name; s->scores.n: none has it. */
size_t cs_scorer_find(const struct cs_scorer *s, struct cs_str name);
void cs_scorer_free(struct cs_scorer *s);

#endif
