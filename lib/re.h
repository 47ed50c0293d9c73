/* re: regular expressions (oniguruma, as jq uses it) and their limits */
#ifndef CS_RE_H
#define CS_RE_H

#include "base.h"
#include "msg.h"

#define CS_MAX_PATTERN ((size_t)4096) /* bytes of a pattern */
#define CS_RE_RETRIES 100000UL        /* backtracking, one match or search */

/* Sets oniguruma's limits for the whole process, libjq's use included. Call
 * once at start; calling again does no harm. */
void cs_re_limits(void);
/* Would the pattern compile with jq's flags (letters of "gimnpslx")? For
 * errors at load. False with the reason in err->text (no place). */
bool cs_re_check(struct cs_str pattern, struct cs_str flags,
    struct cs_err *err);

#endif
