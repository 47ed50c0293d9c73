/* re: regular expressions (oniguruma, as jq uses it) and their limits */
#ifndef CS_RE_H
#define CS_RE_H

#include "base.h"
#include "msg.h"

#define CS_MAX_PATTERN ((size_t)4096) /* bytes of a pattern */
#define CS_RE_RETRIES 100000UL	      /* backtracking, one match or search */

/* Sets oniguruma's limits for the whole process, libjq's use included. Call
 * once at start; calling again does no harm. */
void cs_re_limits(void);
/* Would the pattern compile with jq's flags (letters of "gimnpslx")? For
 * errors at load. False with the reason in err->text (no place). */
bool cs_re_check(
    struct cs_str pattern, struct cs_str flags, struct cs_err *err);

/* A pattern compiled once, for jq's test(). */
struct cs_re;
enum cs_re_answer {
	CS_RE_NO,
	CS_RE_YES,
	CS_RE_STEPS, /* over CS_RE_RETRIES */
	CS_RE_FAILED /* another error of oniguruma's */
};
/* NULL when cs_re_check refuses it, or libjq might read it otherwise. */
struct cs_re *cs_re_new(struct cs_str pattern, struct cs_str flags);
enum cs_re_answer cs_re_search(struct cs_re *re, struct cs_str s);
void cs_re_free(struct cs_re *re);

#endif
