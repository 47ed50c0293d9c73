/* out: the one checked way out
 *
 * Errors are sticky: after the first failed write nothing more is written and
 * close tells the fault (exit 3, with the name and the reason). EINTR and
 * short writes are invisible; EPIPE ends the program by SIGPIPE, quietly. */
#ifndef CS_OUT_H
#define CS_OUT_H

#include "base.h"
#include "buf.h"
#include "msg.h"

struct cs_out;

/* Standard output (checked: a closed one is a fault at the first flush). */
struct cs_out *cs_out_stdout(void);
/* Creates path for people's data: mode 0600, not through a link, emptied if it
 * is a plain file. NULL with err. Make sure before that it is no input. */
struct cs_out *cs_out_create(const char *path, struct cs_err *err);
/* Into memory, until cs_out_swap. Never fails. */
struct cs_out *cs_out_memory(void);
/* What came since the last swap becomes *b's; the memory b had is filled
 * next. */
void cs_out_swap(struct cs_out *o, struct cs_buf *b);
/* -1: memory. */
int cs_out_fd(const struct cs_out *o);
const char *cs_out_name(const struct cs_out *o);
void cs_out_add(struct cs_out *o, const void *p, size_t n);
void cs_out_str(struct cs_out *o, struct cs_str s);
void cs_out_puts(struct cs_out *o, const char *z);
void cs_out_putc(struct cs_out *o, char c);
/* Writes what is held back. False with err when a write has failed. */
bool cs_out_flush(struct cs_out *o, struct cs_err *err);
/* Has a write failed already? (cheap; commands stop early on it) */
bool cs_out_failed(const struct cs_out *o);
/* Forgets what is held back and was not written yet. */
void cs_out_drop(struct cs_out *o);
/* Flushes, closes (stdout too, so that close's own error is seen), frees. */
bool cs_out_close(struct cs_out *o, struct cs_err *err);

#endif
