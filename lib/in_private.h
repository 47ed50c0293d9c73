/* in_private: what the files of in share */
#ifndef CS_IN_PRIVATE_H
#define CS_IN_PRIVATE_H

#include <sys/types.h>

#include "base.h"
#include "msg.h"

/* Bytes asked of the system at once: more are no faster, and where a page that
 * is touched first costs much (virtual machines) a short run feels them. */
enum { CS_IN_READ = 64 << 10 };
/* Bytes unpacked at once: 64 KiB cost a tenth more CPU on gzip, 1 MiB as much
 * and more memory. */
enum { CS_IN_BLOCK = 256 << 10 };

/* Bytes read and not yet taken: p[at] to p[end - 1]. */
struct cs_window {
	char *p;
	size_t cap, at, end;
};

static inline size_t
cs_held(const struct cs_window *w)
{
	return w->end - w->at;
}

/* A window of cap bytes, and some more that vector reads may touch. */
struct cs_window cs_window_new(size_t cap);
/* Room for n bytes at w->p + w->end. */
void cs_window_room(struct cs_window *w, size_t n);

/* ---- the bytes as the system gives them ---- */

struct cs_source {
	char *name;
	int fd;	  /* -1: memory */
	int wake; /* reading ends when this becomes readable; -1: none */
	struct cs_str memory;
	off_t begin;	/* offset of the first byte; -1: cannot be read twice */
	uint64_t taken; /* atomic: the main thread asks for it */
	/* How it ended. */
	bool has_fault;
	bool is_whole; /* the fault came after the last byte of the data */
	struct cs_err fault;
};

/* Appends the next bytes to w; false at the end or a fault. */
bool cs_source_read(struct cs_source *s, struct cs_window *w);
/* Goes back to the byte that was the at-th taken (begin is not -1). */
bool cs_source_back(struct cs_source *s, uint64_t at);
/* Takes note of a fault that ends the input. Always false. */
#define cs_source_broken(s, whole, ...)                                        \
	((s)->has_fault = true, (s)->is_whole = (whole),                       \
	    cs_fail(&(s)->fault, CS_STOP, __VA_ARGS__))

/* ---- in_gzip: what gzip made of them ---- */

struct cs_gzip;

bool cs_gzip_is_it(const struct cs_window *w);
/* The packed bytes begin in w, which is the new one's now. */
struct cs_gzip *cs_gzip_open(struct cs_source *s, struct cs_window *w);
/* Puts up to space unpacked bytes at to, *n at least 1; false, with *n 0, at
 * the end or a fault of s. */
bool cs_gzip_more(struct cs_gzip *g, char *to, size_t space, size_t *n);
void cs_gzip_close(struct cs_gzip *g);

/* ---- in_ahead: the same in a thread of its own ---- */

struct cs_ahead;

/* NULL where there is but one processor, or no thread is to be had. g and s
 * are the thread's until cs_ahead_stop or the end. */
struct cs_ahead *cs_ahead_start(struct cs_gzip *g, struct cs_source *s);
/* Appends the next block to w; false at the end or a fault of s. */
bool cs_ahead_take(struct cs_ahead *a, struct cs_window *w);
void cs_ahead_stop(struct cs_ahead *a);

#endif
