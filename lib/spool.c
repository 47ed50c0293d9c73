#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "in.h"
#include "spool.h"

enum { PIECE = 64 << 10 };

struct cs_spool {
	struct cs_out *to;
	struct cs_out *held; /* NULL: not holding */
	char *path;
	struct cs_arena arena;
};

struct cs_spool *
cs_spool_new(struct cs_out *to, bool holds, struct cs_err *err)
{
	struct cs_spool *s = cs_calloc(1, sizeof(*s));
	const char *dir = getenv("TMPDIR");
	int fd;

	s->to = to;
	if (!holds)
		return s;
	s->path = cs_arena_printf(&s->arena, "%s/cs-mailgen.XXXXXX",
	    dir != NULL && *dir != '\0' ? dir : "/tmp");
	fd = mkstemp(s->path);
	if (fd < 0) {
		cs_fail(err, CS_STOP, "%s: %s", s->path, strerror(errno));
		cs_spool_free(s);
		return NULL;
	}
	close(fd);
	s->held = cs_out_create(s->path, err);
	/* Without a name nothing stays behind, whatever ends the run. */
	unlink(s->path);
	if (s->held == NULL) {
		cs_spool_free(s);
		return NULL;
	}
	return s;
}

void
cs_spool_str(struct cs_spool *s, struct cs_str text)
{
	cs_out_str(s->held ? s->held : s->to, text);
}

bool
cs_spool_commit(struct cs_spool *s, struct cs_err *err)
{
	struct cs_in *in;
	struct cs_str piece;
	struct cs_out *held = s->held;

	if (held == NULL)
		return true;
	if (!cs_out_flush(held, err))
		return false;
	s->path =
	    cs_arena_printf(&s->arena, "/proc/self/fd/%d", cs_out_fd(held));
	in = cs_in_open(s->path, err);
	if (in == NULL)
		return false;
	s->held = NULL;
	if (!cs_out_close(held, err)) {
		cs_in_close(in);
		return false;
	}
	while ((piece = cs_in_peek(in, PIECE)).n > 0) {
		cs_out_str(s->to, piece);
		cs_in_skip(in, piece.n);
	}
	cs_in_close(in);
	return true;
}

void
cs_spool_free(struct cs_spool *s)
{
	struct cs_err ignored;

	if (s == NULL)
		return;
	if (s->held != NULL)
		cs_out_close(s->held, &ignored);
	cs_arena_free(&s->arena);
	free(s);
}
