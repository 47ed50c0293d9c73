#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "in.h"
#include "out.h"

enum {
	HOLD = 128 << 10, /* bytes held back before a write */
	FIRST = 32 << 10, /* but first of a short run: less memory is touched */
	SHORT = 512 << 10, /* bytes written that are still a short run */
	PIPE = 256 << 10   /* asked of a pipe, 64 KiB by itself */
};

struct cs_out {
	char *name;
	int fd;	   /* -1: memory */
	int fault; /* errno of the first failed write, 0 if none */
	bool has_written;
	uint64_t written;
	char *held; /* own, or the memory */
	size_t n, cap;
	char own[];
};

static struct cs_out *
new_out(const char *name, int fd, size_t hold)
{
	struct cs_out *o = cs_realloc(NULL, sizeof(*o) + hold, 1);

	o->name = strdup(name);
	if (o->name == NULL)
		cs_nomem();
	o->fd = fd;
	o->fault = 0;
	o->has_written = false;
	o->held = o->own;
	o->cap = hold < FIRST ? hold : FIRST;
	o->written = 0;
	o->n = 0;
	return o;
}

struct cs_out *
cs_out_stdout(void)
{
	/* A write then seldom waits in the middle: a third less of its CPU. It
	 * is no fault where this is no pipe, or the user has too many. */
	fcntl(STDOUT_FILENO, F_SETPIPE_SZ, PIPE);
	return new_out("stdout", STDOUT_FILENO, HOLD);
}

struct cs_out *
cs_out_create(const char *path, struct cs_err *err)
{
	int fd =
	    cs_in_openfd(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600);

	if (fd != -1)
		return new_out(path, fd, HOLD);
	if (errno == ELOOP)
		cs_fail(
		    err, CS_STOP, "%s: is a symbolic link, not followed", path);
	else if (errno == EISDIR)
		cs_fail(err, CS_STOP, "%s: is a directory", path);
	else
		cs_fail(err, CS_STOP, "%s: %s", path, strerror(errno));
	return NULL;
}

struct cs_out *
cs_out_memory(void)
{
	struct cs_out *o = new_out("memory", -1, 0);

	o->held = NULL;
	return o;
}

void
cs_out_swap(struct cs_out *o, struct cs_buf *b)
{
	struct cs_buf made = {.p = o->held, .n = o->n, .cap = o->cap};

	o->held = b->p;
	o->cap = b->cap;
	o->n = 0;
	*b = made;
}

int
cs_out_fd(const struct cs_out *o)
{
	return o->fd;
}

const char *
cs_out_name(const struct cs_out *o)
{
	return o->name;
}

/* The reader has gone: end as a filter should, without a word, even where
 * someone has set SIGPIPE to be ignored. */
static _Noreturn void
broken_pipe(void)
{
	sigset_t set;

	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(SIGPIPE);
	_exit(128 + SIGPIPE);
}

static void
write_all(struct cs_out *o, const char *p, size_t n)
{
	while (n > 0 && o->fault == 0) {
		ssize_t w = write(o->fd, p, n);

		if (w == -1 && errno == EPIPE)
			broken_pipe();
		if (w == -1 && errno != EINTR)
			o->fault = errno;
		else if (w == 0)
			o->fault = EIO;
		else if (w > 0) {
			p += w;
			n -= (size_t)w;
			o->written += (uint64_t)w;
		}
		o->has_written = true;
	}
}

static void
write_held(struct cs_out *o)
{
	write_all(o, o->held, o->n);
	o->n = 0;
}

/* Room for n more bytes; false: they are written already. Apart, or the small
 * adds that nearly all are cost a call more. */
static __attribute__((noinline)) bool
make_room(struct cs_out *o, const void *p, size_t n)
{
	struct cs_buf b = {.p = o->held, .n = o->n, .cap = o->cap};

	if (o->fd == -1) {
		cs_buf_room(&b, n);
		o->held = b.p;
		o->cap = b.cap;
		return true;
	}
	write_held(o);
	o->cap = o->written < SHORT ? FIRST : HOLD;
	if (n < o->cap)
		return true;
	write_all(o, p, n);
	return false;
}

void
cs_out_add(struct cs_out *o, const void *p, size_t n)
{
	if (n == 0 || o->fault != 0)
		return;
	if (n > o->cap - o->n && !make_room(o, p, n))
		return;
	memcpy(o->held + o->n, p, n);
	o->n += n;
}

void
cs_out_str(struct cs_out *o, struct cs_str s)
{
	cs_out_add(o, s.p, s.n);
}

void
cs_out_puts(struct cs_out *o, const char *z)
{
	cs_out_add(o, z, strlen(z));
}

void
cs_out_putc(struct cs_out *o, char c)
{
	cs_out_add(o, &c, 1);
}

static bool
told(const struct cs_out *o, struct cs_err *err)
{
	if (o->fault == 0)
		return true;
	return cs_fail(err, CS_STOP, "%s: %s", o->name, strerror(o->fault));
}

bool
cs_out_flush(struct cs_out *o, struct cs_err *err)
{
	if (o->fd != -1)
		write_held(o);
	return told(o, err);
}

bool
cs_out_failed(const struct cs_out *o)
{
	return o->fault != 0;
}

void
cs_out_drop(struct cs_out *o)
{
	o->n = 0;
}

bool
cs_out_close(struct cs_out *o, struct cs_err *err)
{
	bool good;

	if (o->fd == -1) {
		free(o->held);
		free(o->name);
		free(o);
		return true;
	}
	write_held(o);
	/* A closed standard output to which nothing was said is no fault. */
	if (close(o->fd) == -1 && o->fault == 0 && errno != EINTR &&
	    (errno != EBADF || o->has_written))
		o->fault = errno;
	good = told(o, err);
	free(o->name);
	free(o);
	return good;
}
