#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "in.h"
#include "in_private.h"

enum { PAD = 64 }; /* readable bytes behind a window, for vector reads */

struct cs_in {
	struct cs_source source;
	struct cs_window win; /* what lines and peek show */
	bool is_borrowed;     /* win's bytes are the caller's */
	struct cs_window pre; /* before the filter, when there is one */
	cs_in_filter *filter;
	void *filter_self;
	struct cs_buf made;	/* what the filter made in one call */
	struct cs_gzip *gzip;	/* NULL: not packed */
	struct cs_ahead *ahead; /* the thread that unpacks, if any */
	size_t blocks;		/* unpacked so far */
	bool drained;		/* no more bytes behind win (or behind pre) */
	bool is_over;		/* no more bytes behind win */
	bool has_fault;		/* drained by a fault, not by the end */
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

struct cs_window
cs_window_new(size_t cap)
{
	struct cs_window w = {.p = cs_realloc(NULL, cap + PAD, 1), .cap = cap};

	memset(w.p + cap, 0, PAD);
	return w;
}

void
cs_window_room(struct cs_window *w, size_t n)
{
	size_t tail = cs_held(w), cap = w->cap;

	if (cap - w->end >= n && tail > w->at)
		return;
	/* The next bytes go where the last ones were: that is in the cache. */
	if (tail > 0)
		memmove(w->p, w->p + w->at, tail);
	w->at = 0;
	w->end = tail;
	/* Half of it stays free, or sliding would cost too often. */
	while (cap < n + tail || tail > cap / 2)
		cap = cap == 0 ? CS_IN_BLOCK : cap * 2;
	/* What a long line or a look ahead has made of it does not stay. */
	if (cap > 8 * CS_IN_BLOCK && n + tail <= 2 * CS_IN_BLOCK)
		cap = 2 * CS_IN_BLOCK;
	if (cap == w->cap)
		return;
	w->p = cs_realloc(w->p, cap + PAD, 1);
	w->cap = cap;
	memset(w->p + cap, 0, PAD);
}

/* Waits until the file has something to read; false when it shall not be read
 * any more. */
static bool
wait_for(const struct cs_source *s)
{
	struct pollfd p[2] = {{s->fd, POLLIN, 0}, {s->wake, POLLIN, 0}};
	int rc;

	do
		rc = poll(p, 2, -1);
	while (rc == -1 && errno == EINTR);
	return rc == -1 || p[1].revents == 0;
}

static ssize_t
read_memory(struct cs_source *s, char *to)
{
	size_t n = s->memory.n < CS_IN_READ ? s->memory.n : CS_IN_READ;

	if (n > 0) {
		memcpy(to, s->memory.p, n);
		s->memory.p += n;
		s->memory.n -= n;
	}
	return (ssize_t)n;
}

bool
cs_source_read(struct cs_source *s, struct cs_window *w)
{
	ssize_t n;

	cs_window_room(w, CS_IN_READ);
	if (s->fd == -1)
		n = read_memory(s, w->p + w->end);
	else {
		if (s->wake != -1 && !wait_for(s))
			return false;
		do
			n = read(s->fd, w->p + w->end, CS_IN_READ);
		while (n == -1 && errno == EINTR);
	}
	if (n == -1)
		return cs_source_broken(
		    s, false, "%s: %s", s->name, strerror(errno));
	w->end += (size_t)n;
	__atomic_store_n(&s->taken, s->taken + (uint64_t)n, __ATOMIC_RELAXED);
	return n > 0;
}

bool
cs_source_back(struct cs_source *s, uint64_t at)
{
	if (s->fd == -1) {
		size_t n = (size_t)(s->taken - at);

		s->memory.p -= n;
		s->memory.n += n;
	} else if (lseek(s->fd, s->begin + (off_t)at, SEEK_SET) == -1)
		return cs_source_broken(
		    s, false, "%s: %s", s->name, strerror(errno));
	__atomic_store_n(&s->taken, at, __ATOMIC_RELAXED);
	return true;
}

/* Unpacks the first block, and more in the other thread: most small files
 * never have one. */
static bool
more_unpacked(struct cs_in *in, struct cs_window *w)
{
	size_t n;

	if (in->blocks++ == 1)
		in->ahead = cs_ahead_start(in->gzip, &in->source);
	if (in->ahead != NULL)
		return cs_ahead_take(in->ahead, w);
	cs_window_room(w, CS_IN_BLOCK);
	if (!cs_gzip_more(in->gzip, w->p + w->end, CS_IN_BLOCK, &n))
		return false;
	w->end += n;
	return true;
}

/* Puts more bytes, not yet filtered, into w; false at the end or a fault. */
static bool
more_plain(struct cs_in *in, struct cs_window *w)
{
	if (in->drained)
		return false;
	if (in->gzip ? more_unpacked(in, w) : cs_source_read(&in->source, w))
		return true;
	in->drained = true;
	in->has_fault = in->source.has_fault;
	return false;
}

static bool
more_filtered(struct cs_in *in)
{
	struct cs_window *pre = &in->pre;

	for (;;) {
		bool last = in->drained;

		cs_buf_reset(&in->made);
		if (cs_held(pre) > 0)
			pre->at += in->filter(in->filter_self,
			    (struct cs_str){pre->p + pre->at, cs_held(pre)},
			    last, &in->made);
		if (in->made.n > 0) {
			cs_window_room(&in->win, in->made.n);
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

	in->source.name = strdup(name);
	if (in->source.name == NULL)
		cs_nomem();
	in->source.fd = fd;
	in->source.wake = -1;
	in->source.begin = -1;
	return in;
}

/* Reads until two bytes say whether this is gzip. */
static void
see_gzip(struct cs_in *in)
{
	while (cs_held(&in->win) < 2 && more_plain(in, &in->win))
		;
	if (cs_gzip_is_it(&in->win))
		in->gzip = cs_gzip_open(&in->source, &in->win);
}

struct cs_in *
cs_in_open(const char *path, struct cs_err *err)
{
	bool is_stdin = strcmp(path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : cs_in_openfd(path, O_RDONLY, 0);
	struct cs_in *in = new_in(is_stdin ? "stdin" : path, fd);
	struct stat st;

	if (fd == -1 || fstat(fd, &st) == -1) {
		cs_fail(
		    err, CS_STOP, "%s: %s", in->source.name, strerror(errno));
		cs_in_close(in);
		return NULL;
	}
	if (S_ISDIR(st.st_mode)) {
		cs_fail(err, CS_STOP, "%s: is a directory", in->source.name);
		cs_in_close(in);
		return NULL;
	}
	if (S_ISREG(st.st_mode))
		in->source.begin = lseek(fd, 0, SEEK_CUR);
	see_gzip(in);
	if (in->has_fault && cs_held(&in->win) == 0 && in->gzip == NULL) {
		*err = in->source.fault;
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

	in->source.memory = bytes;
	in->source.begin = 0;
	see_gzip(in);
	return in;
}

const char *
cs_in_name(const struct cs_in *in)
{
	return in->source.name;
}

int
cs_in_fd(const struct cs_in *in)
{
	return in->source.fd;
}

bool
cs_in_is_gzip(const struct cs_in *in)
{
	return in->gzip != NULL;
}

uint64_t
cs_in_taken(const struct cs_in *in)
{
	return __atomic_load_n(&in->source.taken, __ATOMIC_RELAXED);
}

struct cs_str
cs_in_peek(struct cs_in *in, size_t want)
{
	struct cs_window *w = &in->win;

	while (cs_held(w) < want && more(in))
		;
	return (struct cs_str){w->p ? w->p + w->at : "", cs_held(w)};
}

void
cs_in_skip(struct cs_in *in, size_t n)
{
	in->win.at += n;
}

void
cs_in_take(struct cs_in *in, size_t n, struct cs_piece *piece)
{
	struct cs_window *w = &in->win, was = *w,
			 got = {.p = piece->memory, .cap = piece->cap};
	size_t tail = cs_held(w) - n;

	if (got.p == NULL)
		got = cs_window_new(2 * CS_IN_BLOCK);
	if (tail <= n) {
		cs_window_room(&got, tail);
		memcpy(got.p, was.p + was.at + n, tail);
		got.end = tail;
		*w = got;
	} else { /* much was looked at ahead: that stays where it is */
		cs_window_room(&got, n);
		memcpy(got.p, was.p + was.at, n);
		w->at += n;
		was = got;
	}
	*piece = (struct cs_piece){{was.p + was.at, n}, was.p, was.cap};
}

void
cs_piece_free(struct cs_piece *piece)
{
	free(piece->memory);
	*piece = (struct cs_piece){0};
}

void
cs_in_unskip(struct cs_in *in, struct cs_str bytes)
{
	struct cs_window *w = &in->win;
	size_t held = cs_held(w);

	if (bytes.n > w->at) {
		cs_window_room(w, bytes.n);
		memmove(w->p + bytes.n, w->p + w->at, held);
		w->at = bytes.n;
		w->end = bytes.n + held;
	}
	w->at -= bytes.n;
	memcpy(w->p + w->at, bytes.p, bytes.n);
}

/* The last bytes, which lack a line end: a line at the end of the data, but
 * not before a fault, where a value could be cut in two. */
static enum cs_got
last_line(struct cs_in *in, struct cs_str *line, struct cs_err *err)
{
	struct cs_window *w = &in->win;

	if (in->has_fault && (!in->source.is_whole || cs_held(w) == 0)) {
		*err = in->source.fault;
		return CS_FAILED;
	}
	if (cs_held(w) == 0)
		return CS_END;
	*line = (struct cs_str){w->p + w->at, cs_held(w)};
	w->at = w->end;
	return CS_GOT;
}

static enum cs_got
too_long(struct cs_in *in, struct cs_err *err)
{
	in->is_over = true;
	in->win.at = in->win.end;
	cs_ahead_stop(in->ahead);
	in->ahead = NULL;
	in->drained = in->has_fault = true;
	cs_source_broken(&in->source, false,
	    "%s: a line is over the limit of %zu bytes", in->source.name,
	    CS_MAX_RECORD);
	*err = in->source.fault;
	return CS_FAILED;
}

enum cs_got
cs_in_line(struct cs_in *in, struct cs_str *line, struct cs_err *err)
{
	struct cs_window *w = &in->win;
	size_t seen = 0; /* bytes known to hold no line end */

	for (;;) {
		const char *from = NULL, *lf = NULL;

		if (cs_held(w) > seen) {
			from = w->p + w->at;
			lf = memchr(from + seen, '\n', cs_held(w) - seen);
		}
		seen = lf ? (size_t)(lf - from) + 1 : cs_held(w);
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
		    in->source.name, max);
	if (in->has_fault) {
		*err = in->source.fault;
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
	cs_ahead_stop(in->ahead);
	cs_gzip_close(in->gzip);
	if (in->source.fd > STDERR_FILENO)
		close(in->source.fd);
	if (!in->is_borrowed)
		free(in->win.p);
	free(in->pre.p);
	cs_buf_free(&in->made);
	free(in->source.name);
	free(in);
}

void
cs_in_set_filter(struct cs_in *in, cs_in_filter *f, void *self)
{
	in->filter = f;
	in->filter_self = self;
	in->pre = in->win;
	in->win = (struct cs_window){0};
	in->is_over = false;
}
