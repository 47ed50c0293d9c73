/* buf: a growing run of bytes */
#ifndef CS_BUF_H
#define CS_BUF_H

#include <stdarg.h>
#include <string.h>

#include "base.h"

/* The zero value is empty and usable. p may be NULL while n is 0. */
struct cs_buf {
	char *p;
	size_t n, cap;
};

void cs_buf_printf(struct cs_buf *b, const char *fmt, ...) CS_PRINTF(2, 3);
void cs_buf_vprintf(struct cs_buf *b, const char *fmt, va_list ap)
    CS_PRINTF(2, 0);
/* Room for n more bytes at b->p + b->n, not yet counted. */
char *cs_buf_grow(struct cs_buf *b, size_t n);
static inline char *
cs_buf_room(struct cs_buf *b, size_t n)
{
	/* One is left for the NUL of cs_buf_z. */
	return n < b->cap - b->n ? b->p + b->n : cs_buf_grow(b, n);
}
static inline void
cs_buf_add(struct cs_buf *b, const void *p, size_t n)
{
	if (n == 0)
		return;
	memcpy(cs_buf_room(b, n), p, n);
	b->n += n;
}
static inline void
cs_buf_str(struct cs_buf *b, struct cs_str s)
{
	cs_buf_add(b, s.p, s.n);
}
static inline void
cs_buf_putc(struct cs_buf *b, char c)
{
	*cs_buf_room(b, 1) = c;
	b->n++;
}
void cs_buf_puts(struct cs_buf *b, const char *z);
/* Empty again, memory kept. */
void cs_buf_reset(struct cs_buf *b);
void cs_buf_free(struct cs_buf *b);
/* The content as a slice, valid until the next change; never absent. */
struct cs_str cs_buf_get(const struct cs_buf *b);
/* The content as a C string, valid until the next change. */
const char *cs_buf_z(struct cs_buf *b);

#endif
