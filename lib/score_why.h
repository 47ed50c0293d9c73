/* score_why: what a score is made of, entry by entry */
#ifndef CS_SCORE_WHY_H
#define CS_SCORE_WHY_H

#include "score.h"
#include "val.h"

struct cs_score_entry {
	struct cs_str name;  /* the rule, or _start _clamp _range !OVERRIDE */
	struct cs_val value; /* what the rule saw; null for the others */
	bool is_known;
	long long micro; /* all that are known sum to the score */
};

/* The rules in file order, then _start, _clamp, _range where they add
 * something, then the override that said yes. value has what each rule's
 * expression gave. The entries live in the arena. Returns their number. */
size_t cs_score_entries(const struct cs_profile *p, const struct cs_part *part,
    const struct cs_val *value, const struct cs_score_result *r,
    struct cs_arena *a, struct cs_score_entry **v);
/* RULE:+12.5;RULE:+0;RULE:? */
void cs_score_why_text(
    struct cs_buf *b, const struct cs_score_entry *v, size_t n);
/* [{"rule":...,"value":...,"points":...}]; points null when unknown */
void cs_score_why_json(
    struct cs_buf *b, const struct cs_score_entry *v, size_t n);

#endif
