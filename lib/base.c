#include <bsd/stdlib.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base.h"

struct cs_str
cs_str(const char *z)
{
	return (struct cs_str){z, z ? strlen(z) : 0};
}

bool
cs_str_eq(struct cs_str a, struct cs_str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool
cs_str_is(struct cs_str a, const char *z)
{
	return cs_str_eq(a, cs_str(z));
}

bool
cs_str_isi(struct cs_str a, const char *z)
{
	return a.n == strlen(z) && (a.n == 0 || strncasecmp(a.p, z, a.n) == 0);
}

int
cs_str_cmp(struct cs_str a, struct cs_str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n == 0 ? 0 : memcmp(a.p, b.p, n);

	if (c != 0)
		return c;
	return a.n < b.n ? -1 : a.n > b.n;
}

bool
cs_str_starts(struct cs_str a, struct cs_str head)
{
	return a.n >= head.n &&
	       (head.n == 0 || memcmp(a.p, head.p, head.n) == 0);
}

const char *
cs_str_chr(struct cs_str a, char c)
{
	return a.n == 0 ? NULL : memchr(a.p, c, a.n);
}

struct cs_str
cs_str_trim(struct cs_str a)
{
	while (a.n > 0 && (a.p[0] == ' ' || a.p[0] == '\t')) {
		a.p++;
		a.n--;
	}
	while (a.n > 0 && (a.p[a.n - 1] == ' ' || a.p[a.n - 1] == '\t'))
		a.n--;
	return a;
}

bool
cs_str_next(struct cs_str *rest, char sep, struct cs_str *piece)
{
	const char *at;

	if (rest->p == NULL)
		return false;
	at = cs_str_chr(*rest, sep);
	if (at == NULL) {
		*piece = *rest;
		*rest = (struct cs_str){0};
		return true;
	}
	*piece = (struct cs_str){rest->p, (size_t)(at - rest->p)};
	rest->n -= piece->n + 1;
	rest->p = at + 1;
	return true;
}

_Noreturn void
cs_nomem(void)
{
	/* No formatting: it may allocate. */
	const char *name = getprogname();
	static const char text[] = ": out of memory\n";
	ssize_t r = write(STDERR_FILENO, name, strlen(name));

	r = write(STDERR_FILENO, text, sizeof(text) - 1);
	(void)r;
	_exit(CS_STOP);
}

void *
cs_realloc(void *p, size_t n, size_t size)
{
	if (n == 0 || size == 0)
		n = size = 1;
	p = reallocarray(p, n, size);
	if (p == NULL)
		cs_nomem();
	return p;
}

void *
cs_calloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	if (p == NULL)
		cs_nomem();
	return p;
}

void *
cs_grow(void *v, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return v;
	*cap = *cap < 8 ? 8 : *cap * 2;
	return cs_realloc(v, *cap, size);
}
