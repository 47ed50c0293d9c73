#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "buf.h"
#include "in.h"

enum {
	BLOCK = 256 << 10, /* bytes asked of the system at once */
	PAD = 64 /* readable bytes behind a window, for vector reads */
};

/* Bytes read and not yet taken: p[at] to p[end - 1]. */
struct window {
	char *p;
	size_t cap, at, end;
};

struct cs_in {
	char *name;
	int fd; /* -1: memory */
	struct cs_str memory;
	uint64_t taken;
	struct window win; /* what lines and peek show */
	bool is_borrowed;  /* win's bytes are the caller's */
	struct window pre; /* before the filter, when there is one */
	cs_in_filter *filter;
	void *filter_self;
	struct cs_buf made; /* what the filter made in one call */
	bool is_gzip;
	struct window packed; /* gzip: bytes of the file */
	z_stream z;
	bool in_member; /* between a member's first byte and its last */
	bool drained;	/* no more bytes behind win (or behind pre) */
	bool is_over;	/* no more bytes behind win */
	bool has_fault; /* drained by a fault, not by the end */
	bool is_whole;	/* the fault came after the last byte of the data */
	struct cs_err fault;
};

int
cs_in_openfd(const char *path, int flags, unsigned mode)
{
	int fd, up;

	do
		fd = open(path, flags | O_CLOEXEC, mode);
	while (fd == -1 && errno == EINTR);
	if (fd == -1 || fd > STDERR_FILENO)
		return fd;
	up = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	close(fd);
	return up;
}

static size_t
held(const struct window *w)
{
	return w->end - w->at;
}

/* Room for n bytes at w->p + w->end. */
static void
room(struct window *w, size_t n)
{
	size_t cap = w->cap;

	if (cap - w->end >= n)
		return;
	if (w->at > 0) {
		memmove(w->p, w->p + w->at, held(w));
		w->end -= w->at;
		w->at = 0;
	}
	/* Half of it stays free, or sliding would cost too often. */
	while (cap - w->end < n || w->end > cap / 2)
		cap = cap == 0 ? BLOCK : cap * 2;
	if (cap == w->cap)
		return;
	w->p = cs_realloc(w->p, cap + PAD, 1);
	w->cap = cap;
	memset(w->p + cap, 0, PAD);
}

/* Takes note of a fault that ends the input. Always false. */
#define broken(in, whole, ...)                                                 \
	((in)->drained = (in)->has_fault = true, (in)->is_whole = (whole),     \
	    cs_fail(&(in)->fault, CS_STOP, __VA_ARGS__))

/* Puts the next bytes of the file into w; false at the end or a fault. */
static bool
read_block(struct cs_in *in, struct window *w)
{
	ssize_t n;

	room(w, BLOCK);
	if (in->fd == -1) {
		n = in->memory.n < BLOCK ? (ssize_t)in->memory.n : BLOCK;
		if (n > 0) {
			memcpy(w->p + w->end, in->memory.p, (size_t)n);
			in->memory.p += n;
			in->memory.n -= (size_t)n;
		}
	} else {
		do
			n = read(in->fd, w->p + w->end, BLOCK);
		while (n == -1 && errno == EINTR);
	}
	if (n == -1)
		return broken(in, false, "%s: %s", in->name, strerror(errno));
	w->end += (size_t)n;
	in->taken += (size_t)n;
	return n > 0;
}

/* Everything after the last member: zeros only, or worse? */
static bool
junk(struct cs_in *in)
{
	struct window *w = &in->packed;

	do {
		for (; w->at < w->end; w->at++)
			if (w->p[w->at] != '\0')
				return broken(in, true,
				    "%s: junk after the gzip data", in->name);
	} while (read_block(in, w));
	if (in->has_fault)
		return false;
	return broken(in, true, "%s: zero bytes after the gzip data (padding?)",
	    in->name);
}

static bool
has_gzip_magic(const struct window *w)
{
	return held(w) >= 2 && memcmp(w->p + w->at, "\x1f\x8b", 2) == 0;
}

/* Between members: is there one more? False at the end or a fault. */
static bool
next_member(struct cs_in *in)
{
	struct window *w = &in->packed;

	while (held(w) < 2 && read_block(in, w))
		;
	if (in->has_fault)
		return false;
	if (held(w) == 0) {
		in->drained = true;
		return false;
	}
	if (!has_gzip_magic(w))
		return junk(in);
	in->in_member = inflateReset(&in->z) == Z_OK;
	return in->in_member;
}

static bool
inflate_fault(struct cs_in *in, int rc)
{
	const char *why = in->z.msg ? in->z.msg : "stream error";

	if (rc == Z_MEM_ERROR)
		cs_nomem();
	if (strcmp(why, "incorrect data check") == 0 ||
	    strcmp(why, "incorrect length check") == 0)
		return broken(in, true,
		    "%s: gzip checksum does not match (damaged file?)",
		    in->name);
	return broken(
	    in, false, "%s: gzip data is damaged (%s)", in->name, why);
}

/* Puts more unpacked bytes into w; false at the end or a fault. */
static bool
inflate_block(struct cs_in *in, struct window *w)
{
	struct window *from = &in->packed;
	size_t n;
	int rc;

	room(w, BLOCK);
	for (;;) {
		if (!in->in_member && !next_member(in))
			return false;
		in->z.next_in = (Bytef *)from->p + from->at;
		in->z.avail_in = (uInt)held(from);
		in->z.next_out = (Bytef *)w->p + w->end;
		in->z.avail_out = BLOCK;
		rc = inflate(&in->z, Z_NO_FLUSH);
		from->at = from->end - in->z.avail_in;
		n = BLOCK - in->z.avail_out;
		w->end += n;
		if (rc == Z_STREAM_END)
			in->in_member = false;
		else if (rc != Z_OK && rc != Z_BUF_ERROR) {
			inflate_fault(in, rc);
			return n > 0;
		}
		if (n > 0)
			return true;
		if (rc != Z_STREAM_END && held(from) == 0 &&
		    !read_block(in, from)) {
			if (!in->has_fault)
				broken(in, false,
				    "%s: gzip data ends too early (cut file?)",
				    in->name);
			return false;
		}
	}
}

/* Puts more bytes, not yet filtered, into w; false at the end or a fault. */
static bool
more_plain(struct cs_in *in, struct window *w)
{
	if (in->drained)
		return false;
	if (in->is_gzip)
		return inflate_block(in, w);
	if (read_block(in, w))
		return true;
	in->drained = true;
	return false;
}

static bool
more_filtered(struct cs_in *in)
{
	struct window *pre = &in->pre;

	for (;;) {
		bool last = in->drained;

		cs_buf_reset(&in->made);
		if (held(pre) > 0)
			pre->at += in->filter(in->filter_self,
			    (struct cs_str){pre->p + pre->at, held(pre)}, last,
			    &in->made);
		if (in->made.n > 0) {
			room(&in->win, in->made.n);
			memcpy(in->win.p + in->win.end, in->made.p, in->made.n);
			in->win.end += in->made.n;
			return true;
		}
		if (in->drained)
			return false;
		more_plain(in, pre);
	}
}

/* Puts more bytes into the window; false when there are none. */
static bool
more(struct cs_in *in)
{
	if (in->is_over)
		return false;
	if (in->filter ? more_filtered(in) : more_plain(in, &in->win))
		return true;
	in->is_over = true;
	return false;
}

static struct cs_in *
new_in(const char *name, int fd)
{
	struct cs_in *in = cs_calloc(1, sizeof(*in));

	in->name = strdup(name);
	if (in->name == NULL)
		cs_nomem();
	in->fd = fd;
	return in;
}

/* Reads until two bytes say whether this is gzip. */
static void
see_gzip(struct cs_in *in)
{
	while (held(&in->win) < 2 && more_plain(in, &in->win))
		;
	if (!has_gzip_magic(&in->win))
		return;
	in->is_gzip = in->in_member = true;
	in->packed = in->win;
	in->win = (struct window){0};
	if (inflateInit2(&in->z, 32 + 15) != Z_OK)
		cs_nomem();
}

struct cs_in *
cs_in_open(const char *path, struct cs_err *err)
{
	bool is_stdin = strcmp(path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : cs_in_openfd(path, O_RDONLY, 0);
	struct cs_in *in = new_in(is_stdin ? "stdin" : path, fd);
	struct stat st;

	if (fd == -1 || fstat(fd, &st) == -1) {
		cs_fail(err, CS_STOP, "%s: %s", in->name, strerror(errno));
		cs_in_close(in);
		return NULL;
	}
	if (S_ISDIR(st.st_mode)) {
		cs_fail(err, CS_STOP, "%s: is a directory", in->name);
		cs_in_close(in);
		return NULL;
	}
	see_gzip(in);
	if (in->has_fault && held(&in->win) == 0 && !in->is_gzip) {
		*err = in->fault;
		cs_in_close(in);
		return NULL;
	}
	return in;
}

struct cs_in *
cs_in_bytes(const char *name, struct cs_str bytes)
{
	struct cs_in *in = new_in(name, -1);

	in->win.p = (char *)(uintptr_t)bytes.p; /* only read, as is_over says */
	in->win.cap = in->win.end = bytes.n;
	in->is_borrowed = in->drained = in->is_over = true;
	return in;
}

struct cs_in *
cs_in_memory(const char *name, struct cs_str bytes)
{
	struct cs_in *in = new_in(name, -1);

	in->memory = bytes;
	see_gzip(in);
	return in;
}

const char *
cs_in_name(const struct cs_in *in)
{
	return in->name;
}

int
cs_in_fd(const struct cs_in *in)
{
	return in->fd;
}

bool
cs_in_is_gzip(const struct cs_in *in)
{
	return in->is_gzip;
}

uint64_t
cs_in_taken(const struct cs_in *in)
{
	return in->taken;
}

struct cs_str
cs_in_peek(struct cs_in *in, size_t want)
{
	struct window *w = &in->win;

	while (held(w) < want && more(in))
		;
	return (struct cs_str){w->p ? w->p + w->at : "", held(w)};
}

void
cs_in_skip(struct cs_in *in, size_t n)
{
	in->win.at += n;
}

/* The last bytes, which lack a line end: a line at the end of the data, but
 * not before a fault, where a value could be cut in two. */
static enum cs_got
last_line(struct cs_in *in, struct cs_str *line, struct cs_err *err)
{
	struct window *w = &in->win;

	if (in->has_fault && (!in->is_whole || held(w) == 0)) {
		*err = in->fault;
		return CS_FAILED;
	}
	if (held(w) == 0)
		return CS_END;
	*line = (struct cs_str){w->p + w->at, held(w)};
	w->at = w->end;
	return CS_GOT;
}

static enum cs_got
too_long(struct cs_in *in, struct cs_err *err)
{
	in->is_over = true;
	in->win.at = in->win.end;
	broken(in, false, "%s: a line is over the limit of %zu bytes", in->name,
	    CS_MAX_RECORD);
	*err = in->fault;
	return CS_FAILED;
}

enum cs_got
cs_in_line(struct cs_in *in, struct cs_str *line, struct cs_err *err)
{
	struct window *w = &in->win;
	size_t seen = 0; /* bytes known to hold no line end */

	for (;;) {
		const char *from = NULL, *lf = NULL;

		if (held(w) > seen) {
			from = w->p + w->at;
			lf = memchr(from + seen, '\n', held(w) - seen);
		}
		seen = lf ? (size_t)(lf - from) + 1 : held(w);
		if (seen > CS_MAX_RECORD)
			return too_long(in, err);
		if (lf != NULL) {
			*line = (struct cs_str){from, seen};
			w->at += seen;
			return CS_GOT;
		}
		if (!more(in))
			return last_line(in, line, err);
	}
}

bool
cs_in_all(struct cs_in *in, size_t max, struct cs_arena *a, struct cs_str *all,
    struct cs_err *err)
{
	struct cs_str got = cs_in_peek(in, max < SIZE_MAX ? max + 1 : max);

	if (got.n > max)
		return cs_fail(err, CS_STOP, "%s: over the limit of %zu bytes",
		    in->name, max);
	if (in->has_fault) {
		*err = in->fault;
		return false;
	}
	*all = cs_keep(a, got);
	cs_in_skip(in, got.n);
	return true;
}

void
cs_in_close(struct cs_in *in)
{
	if (in == NULL)
		return;
	if (in->fd > STDERR_FILENO)
		close(in->fd);
	if (in->is_gzip)
		inflateEnd(&in->z);
	if (!in->is_borrowed)
		free(in->win.p);
	free(in->pre.p);
	free(in->packed.p);
	cs_buf_free(&in->made);
	free(in->name);
	free(in);
}

void
cs_in_set_filter(struct cs_in *in, cs_in_filter *f, void *self)
{
	in->filter = f;
	in->filter_self = self;
	in->pre = in->win;
	in->win = (struct window){0};
	in->is_over = false;
}
