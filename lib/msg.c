#include <bsd/stdlib.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "msg.h"

static size_t
place_text(char *buf, size_t size, struct cs_place at)
{
	int n = 0;

	buf[0] = '\0';
	if (at.file == NULL)
		return 0;
	if (at.line == 0)
		n = snprintf(buf, size, "%s: ", at.file);
	else if (at.col == 0)
		n = snprintf(buf, size, "%s:%zu: ", at.file, at.line);
	else
		n = snprintf(
		    buf, size, "%s:%zu:%zu: ", at.file, at.line, at.col);
	return n < 0 ? 0 : (size_t)n >= size ? size - 1 : (size_t)n;
}

bool
cs_fail(struct cs_err *e, int exit, const char *fmt, ...)
{
	va_list ap;

	e->exit = exit;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	return false;
}

bool
cs_fail_at(struct cs_err *e, int exit, struct cs_place at, const char *fmt, ...)
{
	va_list ap;
	size_t n = place_text(e->text, sizeof(e->text), at);

	e->exit = exit;
	va_start(ap, fmt);
	vsnprintf(e->text + n, sizeof(e->text) - n, fmt, ap);
	va_end(ap);
	return false;
}

void
cs_diag(struct cs_diags *d, enum cs_severity severity, const char *code,
    struct cs_place at, const char *fmt, ...)
{
	struct cs_buf b = {0};
	va_list ap;

	va_start(ap, fmt);
	cs_buf_vprintf(&b, fmt, ap);
	va_end(ap);
	cs_buf_z(&b);
	/* One -e may be bound twice, for its answer and for its reasons. */
	for (size_t i = 0; i < d->n; i++)
		if (d->v[i].at.line == at.line && d->v[i].at.col == at.col &&
		    d->v[i].at.file == at.file &&
		    strcmp(d->v[i].text, b.p) == 0) {
			cs_buf_free(&b);
			return;
		}
	d->v = cs_grow(d->v, d->n, &d->cap, sizeof(*d->v));
	d->v[d->n++] = (struct cs_diag){at, severity, code, b.p};
	d->errors += severity == CS_ERROR;
}

static void
emit(struct cs_str s)
{
	struct cs_buf b = {0};
	size_t done = 0;

	cs_buf_puts(&b, getprogname());
	cs_buf_puts(&b, ": ");
	cs_escape(&b, s);
	cs_buf_putc(&b, '\n');
	while (done < b.n) {
		ssize_t r = write(STDERR_FILENO, b.p + done, b.n - done);

		if (r <= 0)
			break; /* nowhere left to complain */
		done += (size_t)r;
	}
	cs_buf_free(&b);
}

void
cs_diags_print(const struct cs_diags *d)
{
	static const char *const word[] = {"error", "warning", "info"};

	for (size_t i = 0; i < d->n; i++)
		if (d->v[i].at.file == NULL)
			cs_say("%s: %s", word[d->v[i].severity], d->v[i].text);
		else {
			char at[1024];

			place_text(at, sizeof(at), d->v[i].at);
			cs_say("%s%s: %s", at, word[d->v[i].severity],
			    d->v[i].text);
		}
}

void
cs_diags_free(struct cs_diags *d)
{
	for (size_t i = 0; i < d->n; i++)
		free(d->v[i].text);
	free(d->v);
	*d = (struct cs_diags){0};
}

void
cs_say(const char *fmt, ...)
{
	struct cs_buf b = {0};
	va_list ap;

	va_start(ap, fmt);
	cs_buf_vprintf(&b, fmt, ap);
	va_end(ap);
	emit(cs_buf_get(&b));
	cs_buf_free(&b);
}

/* Length of the UTF-8 sequence at s, 0 if it is none; *cp is its value. */
static size_t
sequence(struct cs_str s, uint32_t *cp)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t n = p[0] < 0x80			 ? 1
		   : p[0] >= 0xc2 && p[0] < 0xe0 ? 2
		   : (p[0] & 0xf0) == 0xe0	 ? 3
		   : p[0] >= 0xf0 && p[0] < 0xf5 ? 4
						 : 0;

	if (n == 0 || n > s.n)
		return 0;
	*cp = n == 1 ? p[0] : p[0] & (0xffu >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*cp = *cp << 6 | (p[i] & 0x3f);
	}
	if ((n == 3 && *cp < 0x800) || (n == 4 && *cp < 0x10000) ||
	    *cp > 0x10ffff || (*cp >= 0xd800 && *cp < 0xe000))
		return 0;
	return n;
}

static bool
is_control(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x061c ||
	       (cp >= 0x200e && cp <= 0x200f) ||
	       (cp >= 0x202a && cp <= 0x202e) ||
	       (cp >= 0x2066 && cp <= 0x2069) || cp == 0x2028 || cp == 0x2029;
}

void
cs_escape(struct cs_buf *b, struct cs_str s)
{
	while (s.n > 0) {
		uint32_t cp;
		size_t n = sequence(s, &cp);

		if (n == 0)
			cs_buf_printf(b, "\\x%02x", (unsigned char)s.p[0]);
		else if (!is_control(cp))
			cs_buf_add(b, s.p, n);
		else if (cp == '\n' || cp == '\t' || cp == '\r')
			cs_buf_puts(b, cp == '\n'   ? "\\n"
				       : cp == '\t' ? "\\t"
						    : "\\r");
		else if (cp < 0x80)
			cs_buf_printf(b, "\\x%02x", (unsigned)cp);
		else
			cs_buf_printf(b, "\\u%04x", (unsigned)cp);
		n = n ? n : 1;
		s.p += n;
		s.n -= n;
	}
}

static int
fold(char c)
{
	return c == '-' || c == '_' || c == ' ' ? '_'
						: tolower((unsigned char)c);
}

/* Edit distance with neighbouring swaps as one step; at most limit + 1. */
static size_t
distance(struct cs_str a, struct cs_str b, size_t limit)
{
	enum { MAX = 96 };
	size_t row[3][MAX + 1], *pp = row[0], *p = row[1], *c = row[2], *t;

	if (a.n > MAX || b.n > MAX ||
	    (a.n > b.n ? a.n - b.n : b.n - a.n) > limit)
		return limit + 1;
	for (size_t j = 0; j <= b.n; j++)
		p[j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		c[0] = i;
		for (size_t j = 1; j <= b.n; j++) {
			int x = fold(a.p[i - 1]), y = fold(b.p[j - 1]);
			size_t d = p[j - 1] + (x != y);

			d = p[j] + 1 < d ? p[j] + 1 : d;
			d = c[j - 1] + 1 < d ? c[j - 1] + 1 : d;
			if (i > 1 && j > 1 && x == fold(b.p[j - 2]) &&
			    y == fold(a.p[i - 2]) && pp[j - 2] + 1 < d)
				d = pp[j - 2] + 1;
			c[j] = d;
		}
		t = pp;
		pp = p;
		p = c;
		c = t;
	}
	return p[b.n];
}

struct cs_str
cs_nearest(struct cs_str written, const struct cs_str *names, size_t n)
{
	/* A third of the bytes may differ, one letter always. A letter of
	 * Japanese has three bytes. */
	size_t limit = written.n / 3 > 1 ? written.n / 3 : 1;
	struct cs_str best = {0};

	if (written.n > 0 && (written.p[0] & 0x80) && limit < 3)
		limit = 3;
	if (limit > 6)
		limit = 6;
	for (size_t i = 0; i < n && written.n > 0; i++) {
		size_t d = distance(written, names[i], limit);
		size_t longer = written.n > names[i].n ? written.n : names[i].n;

		/* Nothing in common: x is not meant for n. */
		if (d > limit || d == longer)
			continue;
		best = names[i];
		if (d == 0)
			break;
		limit = d - 1;
	}
	return best;
}

/* The first few names: a, b, c ... */
static void
put_few(struct cs_buf *b, const struct cs_str *names, size_t n)
{
	enum { FEW = 8 };

	for (size_t i = 0; i < n && i < FEW; i++) {
		cs_buf_puts(b, i > 0 ? ", " : "");
		cs_buf_str(b, names[i]);
	}
	if (n > FEW)
		cs_buf_printf(b, " and %zu more", n - FEW);
}

bool
cs_fail_column(struct cs_err *e, struct cs_str name, const char *where,
    const struct cs_str *names, size_t n)
{
	struct cs_str near = cs_nearest(name, names, n);
	struct cs_buf b = {0};

	if (near.p != NULL)
		return cs_fail(e, CS_USAGE,
		    "unknown column \"%.*s\" in %s (did you mean \"%.*s\"?)",
		    CS_ARG(name), where, CS_ARG(near));
	put_few(&b, names, n);
	cs_fail(e, CS_USAGE,
	    "unknown column \"%.*s\" in %s (the columns are %s)", CS_ARG(name),
	    where, cs_buf_z(&b));
	cs_buf_free(&b);
	return false;
}
