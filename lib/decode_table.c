#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "decode_private.h"

/* A character in UTF-8; n is 0 where there is none. What iconv makes of it is
 * never longer: all of these sets lie in the basic plane. */
struct entry {
	char utf8[3];
	unsigned char n;
};

enum {
	HALF = 128, /* bytes that are not ASCII */
	SIDE = 256
};

struct cs_conv_table {
	struct entry one[HALF];
	struct entry *two;   /* [HALF][SIDE], NULL for a set of 8 bits */
	struct entry *three; /* behind 8F, EUC only */
};

/* Puts the characters of raw, each with an LF behind it, into those of v. */
static void
ask(struct cs_conv *c, struct cs_str raw, struct entry *const *v, size_t n)
{
	struct cs_buf out = {0};
	const char *at, *lf;

	cs_conv_run(c, raw, "", SIZE_MAX, &out, NULL);
	at = out.p;
	for (size_t i = 0; i < n; i++, at = lf + 1) {
		lf = memchr(at, '\n', (size_t)(out.p + out.n - at));
		if (lf == NULL)
			break;
		if (lf - at > (ptrdiff_t)sizeof(v[i]->utf8))
			continue;
		v[i]->n = (unsigned char)(lf - at);
		memcpy(v[i]->utf8, at, v[i]->n);
	}
	cs_buf_free(&out);
}

static void
ask_singles(struct cs_conv *c, struct entry one[HALF])
{
	struct entry *to[HALF];
	char raw[HALF][2];

	for (size_t i = 0; i < HALF; i++) {
		raw[i][0] = (char)(HALF + i);
		raw[i][1] = '\n';
		to[i] = &one[i];
	}
	ask(c, (struct cs_str){raw[0], sizeof(raw)}, to, HALF);
}

/* One character by its form? Of others iconv would make several. */
static bool
has_form(enum cs_set set, const char *p, size_t n)
{
	const unsigned char *u = (const unsigned char *)p;

	return set == CS_CP932 ? cs_is_cp932_pair(u, n)
			       : cs_euc_length(u, n) == n;
}

/* All characters of head and two bytes more. */
static struct entry *
ask_rows(struct cs_conv *c, struct cs_str head, const struct entry one[HALF])
{
	enum { FROM = 0x40 }; /* the least second byte */
	struct entry *v = cs_calloc((size_t)HALF * SIDE, sizeof(*v));
	struct entry *to[SIDE];
	struct cs_buf raw = {0};

	for (size_t i = 0; i < HALF; i++) {
		size_t n = 0;

		cs_buf_reset(&raw);
		for (size_t k = FROM; k < SIDE && one[i].n == 0; k++) {
			size_t at = raw.n;

			cs_buf_str(&raw, head);
			cs_buf_putc(&raw, (char)(HALF + i));
			cs_buf_putc(&raw, (char)k);
			if (!has_form(cs_conv_set(c), raw.p + at, raw.n - at)) {
				raw.n = at;
				continue;
			}
			cs_buf_putc(&raw, '\n');
			to[n++] = &v[i * SIDE + k];
		}
		ask(c, cs_buf_get(&raw), to, n);
	}
	cs_buf_free(&raw);
	return v;
}

struct cs_conv_table *
cs_conv_table_new(struct cs_conv *c)
{
	enum cs_set set = cs_conv_set(c);
	bool is_japanese = set == CS_CP932 || set == CS_EUC;
	struct cs_conv_table *t;

	if (!cs_conv_keeps_ascii(c) ||
	    (!is_japanese && !cs_conv_is_bytewise(c)))
		return NULL;
	t = cs_calloc(1, sizeof(*t));
	ask_singles(c, t->one);
	if (is_japanese)
		t->two = ask_rows(c, CS_S(""), t->one);
	if (set == CS_EUC)
		t->three = ask_rows(c, CS_S("\x8f"), t->one);
	return t;
}

void
cs_conv_table_free(struct cs_conv_table *t)
{
	if (t == NULL)
		return;
	free(t->two);
	free(t->three);
	free(t);
}

size_t
cs_copy_ascii(char *to, const unsigned char *p, size_t n)
{
	size_t i = 0;

#ifdef __SSE2__
	for (; n - i >= 16; i += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(p + i));
		unsigned high = (unsigned)_mm_movemask_epi8(v);

		_mm_storeu_si128((__m128i *)(to + i), v);
		if (high != 0)
			return i + (size_t)__builtin_ctz(high);
	}
#else
	for (; n - i >= 8; i += 8) {
		uint64_t v;

		memcpy(&v, p + i, 8);
		if (v & 0x8080808080808080u)
			break;
		memcpy(to + i, &v, 8);
	}
#endif
	for (; i < n && p[i] < HALF; i++)
		to[i] = (char)p[i];
	return i;
}

/* The character at p, whose first byte is not ASCII, and its length in *used;
 * one of no length where there is none. */
static inline const struct entry *
look_up(const struct cs_conv_table *t, const unsigned char *p, size_t n,
    size_t *used)
{
	const struct entry *e = &t->one[p[0] - HALF];

	*used = 1;
	if (e->n > 0 || t->two == NULL || n < 2)
		return e;
	e = &t->two[(size_t)(p[0] - HALF) * SIDE + p[1]];
	*used = 2;
	if (e->n > 0 || t->three == NULL || n < 3 || p[0] != 0x8f ||
	    p[1] < HALF)
		return e;
	*used = 3;
	return &t->three[(size_t)(p[1] - HALF) * SIDE + p[2]];
}

/* Converts up to the first place that does not decode; the bytes used. *to
 * has room for three bytes for each of raw, and 16. */
static size_t
run(const struct cs_conv_table *t, struct cs_str raw, char **to)
{
	const unsigned char *p = (const unsigned char *)raw.p;
	size_t n = raw.n, i = 0;
	char *at = *to;

	while (i < n) {
		const struct entry *e;
		size_t used;

		if (p[i] < HALF) {
			used = cs_copy_ascii(at, p + i, n - i);
			at += used;
			i += used;
			continue;
		}
		e = look_up(t, p + i, n - i, &used);
		if (e->n == 0)
			break;
		memcpy(at, e, sizeof(*e));
		at += e->n;
		i += used;
	}
	*to = at;
	return i;
}

/* Up to and with the last LF of n bytes at p. */
static size_t
whole_lines(const char *p, size_t n)
{
	const char *lf = memrchr(p, '\n', n);

	return lf ? (size_t)(lf + 1 - p) : 0;
}

size_t
cs_conv_table_run(
    const struct cs_conv_table *t, struct cs_str raw, struct cs_buf *out)
{
	size_t first = out->n, used, whole;
	char *to = cs_buf_room(out, 3 * raw.n + 16);

	used = run(t, raw, &to);
	out->n = (size_t)(to - out->p);
	if (used == raw.n)
		return used;
	/* No character is an LF but LF itself. */
	whole = whole_lines(raw.p, used);
	out->n = first + whole_lines(out->p + first, out->n - first);
	return whole;
}
