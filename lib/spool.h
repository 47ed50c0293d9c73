/* spool: output that may still be taken back
 *
 * Where a late fault must leave nothing written (Missing: error), output waits
 * in a file without a name until the run is known to be good. */
#ifndef CS_SPOOL_H
#define CS_SPOOL_H

#include "out.h"

struct cs_spool;

/* What is added goes to `to`: at once, or with holds at cs_spool_commit. NULL
 * with err (exit 3) when the file cannot be made. */
struct cs_spool *cs_spool_new(
    struct cs_out *to, bool holds, struct cs_err *err);
void cs_spool_str(struct cs_spool *s, struct cs_str text);
/* Copies what was held back. Nothing to do without holds. */
bool cs_spool_commit(struct cs_spool *s, struct cs_err *err);
/* Without commit: what was held back is gone. */
void cs_spool_free(struct cs_spool *s);

#endif
