/* score: measures -> points -> score, coverage, band; every micro-point told
 *
 * Source: CONTRACT cs-score and reference formulas D10. A micro-point is 1e-6
 * of a point. Pure: the caller evaluates and hands the values in. */
#ifndef CS_SCORE_H
#define CS_SCORE_H

#include "rules.h"

struct cs_score_rule {
	const struct cs_stanza *stanza;
	const struct cs_kv *kv; /* its When or Value */
	size_t expr;		/* set by the caller */
	bool is_points;		/* Points, else Weight */
	bool is_value;		/* Value, else When */
	double amount;		/* points or weight */
	size_t group;		/* index into group */
	/* How a Value becomes 0..100: Steps if nsteps, Half-life if > 0, else
	 * the Scale. */
	double lo, hi;
	const struct cs_score_step *step; /* of the rules */
	size_t nsteps;
	double half_life; /* days */
};

struct cs_score_group {
	const struct cs_stanza *stanza; /* NULL: a rule of its own */
	double weight;
};

struct cs_band {
	struct cs_str name;
	bool has_from;	/* false: the rest */
	long long from; /* micro-points, included */
};

struct cs_override {
	const struct cs_stanza *stanza;
	const struct cs_kv *when;
	size_t expr;	    /* set by the caller */
	struct cs_str band; /* absent: follows from the score */
	bool has_score;
	long long score; /* micro-points */
};

/* One Score stanza: a score, or one profile of it. */
struct cs_profile {
	const struct cs_stanza *stanza;
	struct cs_str name;	  /* Profile:, absent if none */
	const struct cs_kv *when; /* NULL: always */
	size_t expr;		  /* set by the caller */
	long long lo, hi, start;  /* micro-points */
	double min_coverage;
	long long hysteresis; /* micro-points; 0: none */
	bool is_points;
	struct cs_score_rule *rule;
	size_t nrules;
	struct cs_score_group *group;
	size_t ngroups;
	struct cs_band *band;
	size_t nbands;
	struct cs_override *override;
	size_t noverrides;
};

/* All profiles of one score name, in file order. */
struct cs_score {
	struct cs_str name;
	struct cs_profile *profile;
	size_t n;
	bool has_bands, has_profiles;
};

struct cs_scores {
	struct cs_score *v;
	size_t n;
};

void cs_scores_build(struct cs_scores *s, const struct cs_rules *rules,
    struct cs_arena *run, struct cs_diags *diags);

/* What a rule measured: the answer of a When, or the number of a Value. */
struct cs_measure {
	bool is_known;
	bool yes;
	double value;
};

/* The measure under the stanza's Missing:. False: Missing: error applies.
 * A number given there is already 0..100 (is_scaled). */
struct cs_part {
	bool is_known;	 /* counts for coverage and mean */
	double x;	 /* points added, or 0..100 */
	long long micro; /* share of the score, set by cs_score_compute */
	/* cs_score_compute's own: the share on paper, what its micro-points
	 * leave of it, and whether it got one more. */
	long double exact, rest;
	bool is_raised;
};
bool cs_score_part(const struct cs_score_rule *r, const struct cs_measure *m,
    struct cs_part *part);

struct cs_score_result {
	bool has_score;
	long long score;		    /* micro-points */
	double coverage;		    /* 0..1 */
	const struct cs_band *band;	    /* NULL: none */
	struct cs_str band_name;	    /* override's or band's; absent */
	bool is_held;			    /* cs_score_hold kept the band */
	const struct cs_override *override; /* NULL: none said yes */
	/* What the parts do not tell; all parts and these sum to score. */
	long long start, clamp, range, overridden;
};

/* part has one entry a rule and gets its micro set; override is the first
 * that said yes, or NULL. */
void cs_score_compute(const struct cs_profile *p, struct cs_part *part,
    const struct cs_override *override, struct cs_score_result *r);

/* Hysteresis: the band that the record had is left only when the score is m
 * points beyond its border: a band [from, to) is kept in [from - m, to + m).
 * Where the coverage is too low or an override said yes, nothing is held. old
 * may be absent, or no band of p. */
void cs_score_hold(
    const struct cs_profile *p, struct cs_str old, struct cs_score_result *r);

#endif
