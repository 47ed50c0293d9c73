/* backlog: pieces of text that wait for their turn
 *
 * What is put in comes out again in the same order, once. It stands in memory
 * up to a limit, then in a file of the folder $TMPDIR (else /tmp) that nobody
 * else may read (0600) and that has no name: nothing stays behind, whatever
 * ends the run. */
#ifndef CS_BACKLOG_H
#define CS_BACKLOG_H

#include "in.h"

/* Bytes that stand in memory. */
#define CS_BACKLOG_MEMORY ((size_t)64 << 20)

struct cs_backlog;

struct cs_backlog *cs_backlog_new(size_t memory);
/* One more piece; only before the first cs_backlog_next. False with err (exit
 * 3): the file cannot be made or written. */
bool cs_backlog_put(
    struct cs_backlog *b, struct cs_str piece, struct cs_err *err);
/* The next piece, valid until the next call; the end; or a fault of the
 * file. */
enum cs_got cs_backlog_next(
    struct cs_backlog *b, struct cs_str *piece, struct cs_err *err);
/* NULL is fine. */
void cs_backlog_free(struct cs_backlog *b);

#endif
