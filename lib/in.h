/* in: bytes from a file or standard input, gzip seen through
 *
 * Knows the name, reads in blocks, inflates with zlib's inflate itself (never
 * gzread) so that every fault is seen: cut header, cut body, flipped byte,
 * junk behind the last member (all exit 3 after the good bytes were given),
 * many members (read through). EINTR and short reads are invisible. */
#ifndef CS_IN_H
#define CS_IN_H

#include "arena.h"
#include "base.h"
#include "msg.h"

struct cs_in;

/* Opens path; "-" is standard input. NULL with err (exit 3, name and reason)
 * when it cannot be opened or is a directory. Never follows with reading:
 * only the first block is read, to see gzip. */
struct cs_in *cs_in_open(const char *path, struct cs_err *err);
/* The same over bytes in memory (tests, JSON of a rule file); p must live. */
struct cs_in *cs_in_memory(const char *name, struct cs_str bytes);
/* The same, never taken for gzip, and shown where they lie. */
struct cs_in *cs_in_bytes(const char *name, struct cs_str bytes);
/* As messages show it: the path, or "stdin". */
const char *cs_in_name(const struct cs_in *in);
/* The file descriptor behind it, -1 for memory (for "same file" checks and
 * progress). */
int cs_in_fd(const struct cs_in *in);
bool cs_in_is_gzip(const struct cs_in *in);
/* Bytes taken from the file so far (compressed ones for gzip). */
uint64_t cs_in_taken(const struct cs_in *in);

/* Shows the next bytes without taking them: at least `want` unless the input
 * ends first (or breaks: what came before the fault is shown, the fault is
 * told by a later read). Valid until the next call on this input. */
struct cs_str cs_in_peek(struct cs_in *in, size_t want);
/* Takes n bytes of those shown by peek. */
void cs_in_skip(struct cs_in *in, size_t n);
/* Takes n bytes, n > 0, with the memory they lie in: for another thread,
 * without copying them all. The memory that piece had goes to the input. */
struct cs_piece {
	struct cs_str bytes;
	char *memory;
	size_t cap;
};
void cs_in_take(struct cs_in *in, size_t n, struct cs_piece *piece);
void cs_piece_free(struct cs_piece *piece);
/* Gives bytes back that were taken: they come next, again. */
void cs_in_unskip(struct cs_in *in, struct cs_str bytes);

enum cs_got { CS_GOT, CS_END, CS_FAILED };
/* One physical line with its line end (LF; the last may lack it). Valid until
 * the next call. A line over CS_MAX_RECORD, its end counted: CS_FAILED. All
 * whole lines come before a fault; a piece of a line that a cut or a failed
 * read left over is no line (a value could be cut in two) and is not given. */
enum cs_got cs_in_line(
    struct cs_in *in, struct cs_str *line, struct cs_err *err);
/* All that is left, up to max bytes, in the arena (rule files, templates,
 * lists). More than max is a fault. */
bool cs_in_all(struct cs_in *in, size_t max, struct cs_arena *a,
    struct cs_str *all, struct cs_err *err);
void cs_in_close(struct cs_in *in);

/* open(2), close-on-exec, EINTR invisible, and never as descriptor 0, 1 or 2:
 * where standard output is closed, a file must not become it. -1 and errno. */
int cs_in_openfd(const char *path, int flags, unsigned mode);

/* The rest of the stream goes through f: it turns the raw bytes it is given
 * into other bytes appended to out (UTF-16 to UTF-8). `last` marks the end of
 * the input. f returns how many raw bytes it used. For decode only. */
typedef size_t cs_in_filter(
    void *self, struct cs_str raw, bool last, struct cs_buf *out);
void cs_in_set_filter(struct cs_in *in, cs_in_filter *f, void *self);

#endif
