/* trend: a score at two dates, and what changed it
 *
 * Source: reference formulas D10 (Change), features C13. The way from the old
 * score to the new one has four scores on it, each an exact sum of its rules:
 *	0  old rules, old records
 *	1  old rules, new values where a rule was known in the old record
 *	2  old rules, new records
 *	3  new rules, new records
 * 0 to 1 is the effect of values, 1 to 2 of coverage (what became known or
 * unknown), 2 to 3 of weights (all that changed in the rules). A score between
 * that does not exist is taken as equal to the one before, so the three always
 * sum to the change, in all and for every rule.
 *
 * Memory: the keys of the old records with 8 bytes a rule. */
#ifndef CS_TREND_H
#define CS_TREND_H

#include "scorer.h"

struct cs_trend;

struct cs_trend_conf {
	const char *old;	/* the older snapshot */
	const char *old_as_of;	/* its date; NULL: in its file's name */
	const char **old_rules; /* none: the same; the command's to free */
	size_t nold_rules, old_rules_cap;
};

/* From ready: dates and old rules. */
bool cs_trend_new(struct cs_trend **t, const struct cs_trend_conf *conf,
    struct cs_kit *k, struct cs_err *err);
/* From start: reads the old records. scorer has the new rules, bound. */
bool cs_trend_start(
    struct cs_trend *t, struct cs_scorer *scorer, struct cs_err *err);

/* The steps of one entry (a rule, _start, !OVERRIDE ...) in micro-points. */
struct cs_trend_entry {
	struct cs_str name;
	bool was, is; /* known then, known now */
	long long step[4];
};
/* What of a score and its entries changed. The entries of new rules come first,
 * in their order; those that are gone follow. */
struct cs_trend_score {
	bool has_old, has_new;
	long long
	    step[4]; /* the sums of the entries; all when both are there */
	struct cs_trend_entry *v; /* lives for the record */
	size_t n;
};
/* The record at hand: once, after the scorer has run for all scores; *stop as
 * it left it (a record that is refused is still there), or set by old rules.
 * False: err. */
bool cs_trend_record(struct cs_trend *t, struct cs_rec *rec,
    const struct cs_stanza **stop, struct cs_err *err);
/* Its score i, of the new rules. */
void cs_trend_get(const struct cs_trend *t, size_t i, struct cs_trend_score *s);
/* The change of steps and its parts: what effect i is called, and its size in
 * micro-points. Columns and reports have them in this order. */
enum { CS_TREND_EFFECTS = 4 };
const char *cs_trend_effect_name(size_t i);
long long cs_trend_effect(const long long *step, size_t i);
/* RULE:-12.5;...: the entries whose part of the score changed. */
void cs_trend_text(struct cs_buf *b, const struct cs_trend_score *s);
/* Its entries as [{"rule":...,"change":...,"value":...,"weight":...,
 * "coverage":...}], those without any effect left out. */
void cs_trend_json(struct cs_buf *b, const struct cs_trend_score *s);
/* Says how many records are new and how many are gone. */
void cs_trend_summary(struct cs_trend *t);
/* NULL is fine. */
void cs_trend_free(struct cs_trend *t);

#endif
