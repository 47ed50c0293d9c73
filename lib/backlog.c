#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backlog.h"
#include "buf.h"

/* Bytes read at once. */
enum { BLOCK = 256 << 10 };

/* A piece stands as its length and its bytes. */
struct cs_backlog {
	size_t memory;
	struct cs_buf held; /* not in the file: the last ones put in, */
	size_t at;	    /* or, when it is read, the next ones */
	int fd;		    /* -1: all is in memory */
	bool is_read;
	bool is_over; /* nothing is left in the file */
};

struct cs_backlog *
cs_backlog_new(size_t memory)
{
	struct cs_backlog *b = cs_calloc(1, sizeof(*b));

	b->memory = memory;
	b->fd = -1;
	return b;
}

static const char *
folder(void)
{
	const char *dir = getenv("TMPDIR");

	return dir != NULL && *dir != '\0' ? dir : "/tmp";
}

static bool
file_fault(struct cs_err *err)
{
	return cs_fail(err, CS_STOP,
	    "the file for what waits, in %s (TMPDIR names another folder): %s",
	    folder(), strerror(errno));
}

/* A file without a name. */
static bool
open_file(struct cs_backlog *b, struct cs_err *err)
{
	struct cs_buf path = {0};
	char *z;

	cs_buf_printf(&path, "%s/csops.XXXXXX", folder());
	cs_buf_z(&path);
	z = path.p;
	b->fd = mkostemp(z, O_CLOEXEC);
	if (b->fd == -1)
		file_fault(err);
	else
		unlink(z);
	cs_buf_free(&path);
	return b->fd != -1;
}

/* Moves what is held into the file. */
static bool
spill(struct cs_backlog *b, struct cs_err *err)
{
	ssize_t n;

	if (b->fd == -1 && !open_file(b, err))
		return false;
	for (size_t at = 0; at < b->held.n; at += (size_t)n) {
		do
			n = write(b->fd, b->held.p + at, b->held.n - at);
		while (n == -1 && errno == EINTR);
		if (n == -1)
			return file_fault(err);
	}
	cs_buf_reset(&b->held);
	return true;
}

bool
cs_backlog_put(struct cs_backlog *b, struct cs_str piece, struct cs_err *err)
{
	cs_buf_add(&b->held, &piece.n, sizeof(piece.n));
	cs_buf_str(&b->held, piece);
	return b->held.n <= b->memory || spill(b, err);
}

/* From writing to reading. */
static bool
turn(struct cs_backlog *b, struct cs_err *err)
{
	b->is_read = true;
	b->is_over = b->fd == -1;
	if (b->fd == -1)
		return true;
	return spill(b, err) &&
	       (lseek(b->fd, 0, SEEK_SET) == 0 || file_fault(err));
}

/* Sees to it that n bytes stand at b->at, unless the file ends before. */
static bool
fill(struct cs_backlog *b, size_t n, struct cs_err *err)
{
	ssize_t got;

	if (b->is_over || b->held.n - b->at >= n)
		return true;
	memmove(b->held.p, b->held.p + b->at, b->held.n - b->at);
	b->held.n -= b->at;
	b->at = 0;
	while (b->held.n < n && !b->is_over) {
		do
			got = read(b->fd, cs_buf_room(&b->held, BLOCK), BLOCK);
		while (got == -1 && errno == EINTR);
		if (got == -1)
			return file_fault(err);
		b->held.n += (size_t)got;
		b->is_over = got == 0;
	}
	return true;
}

enum cs_got
cs_backlog_next(struct cs_backlog *b, struct cs_str *piece, struct cs_err *err)
{
	size_t n;

	if ((!b->is_read && !turn(b, err)) || !fill(b, sizeof(n), err))
		return CS_FAILED;
	if (b->held.n == b->at)
		return CS_END;
	memcpy(&n, b->held.p + b->at, sizeof(n));
	if (!fill(b, sizeof(n) + n, err))
		return CS_FAILED;
	*piece = (struct cs_str){b->held.p + b->at + sizeof(n), n};
	b->at += sizeof(n) + n;
	return CS_GOT;
}

void
cs_backlog_free(struct cs_backlog *b)
{
	if (b == NULL)
		return;
	if (b->fd != -1)
		close(b->fd);
	cs_buf_free(&b->held);
	free(b);
}
