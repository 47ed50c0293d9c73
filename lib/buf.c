#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"

char *
cs_buf_grow(struct cs_buf *b, size_t n)
{
	size_t want, cap = b->cap;

	if (n > SIZE_MAX - b->n - 1)
		cs_nomem();
	want = b->n + n + 1; /* one for the NUL of cs_buf_z */
	if (want > cap) {
		cap = cap < 64 ? 64 : cap;
		while (cap < want)
			cap = cap > SIZE_MAX / 2 ? want : cap * 2;
		b->p = cs_realloc(b->p, cap, 1);
		b->cap = cap;
	}
	return b->p + b->n;
}

void
cs_buf_puts(struct cs_buf *b, const char *z)
{
	cs_buf_add(b, z, strlen(z));
}

void
cs_buf_vprintf(struct cs_buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n < 0)
		cs_nomem();
	cs_buf_room(b, (size_t)n);
	vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
	va_end(again);
	b->n += (size_t)n;
}

void
cs_buf_printf(struct cs_buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	cs_buf_vprintf(b, fmt, ap);
	va_end(ap);
}

void
cs_buf_reset(struct cs_buf *b)
{
	b->n = 0;
}

void
cs_buf_free(struct cs_buf *b)
{
	free(b->p);
	*b = (struct cs_buf){0};
}

struct cs_str
cs_buf_get(const struct cs_buf *b)
{
	return (struct cs_str){b->p ? b->p : "", b->n};
}

const char *
cs_buf_z(struct cs_buf *b)
{
	*cs_buf_room(b, 0) = '\0';
	return b->p;
}
