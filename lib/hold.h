/* hold: records that wait until all of them were seen
 *
 * What needs all records first (limits, comparisons) reads them once, keeps
 * what it must in memory, and lets the records themselves wait here: they come
 * out in the order they were put in, once. They stand in a backlog: in memory
 * up to a size, then in a file without a name. */
#ifndef CS_HOLD_H
#define CS_HOLD_H

#include "backlog.h"
#include "rec.h"

struct cs_hold;

/* The bytes that --memory=MIB means. */
bool cs_hold_memory(const char *arg, size_t *bytes, struct cs_err *err);
/* memory: bytes that stand in memory (CS_BACKLOG_MEMORY). */
struct cs_hold *cs_hold_new(size_t memory);
/* One more. note is the caller's, any bytes; rec may be NULL. Only before the
 * first cs_hold_next. False with err (exit 3). */
bool cs_hold_put(struct cs_hold *h, struct cs_str note,
    const struct cs_rec *rec, struct cs_err *err);
/* The next one: its note and, where there was one, its record, which is as it
 * was read (rec->arena must be set by the caller). They live until the next
 * call; the record's file is still named by the reader, which must be open. */
enum cs_got cs_hold_next(struct cs_hold *h, struct cs_str *note,
    struct cs_rec *rec, struct cs_err *err);
/* NULL is fine. */
void cs_hold_free(struct cs_hold *h);

#endif
