#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "text.h"
#include "text_avx2.h"

static struct cs_str
behind(struct cs_str s, size_t n)
{
	return (struct cs_str){s.p + n, s.n - n};
}

static size_t
ascii_length(struct cs_str s)
{
	const uint64_t high = 0x8080808080808080u;
	size_t i = 0;
	uint64_t w;

	for (; s.n - i >= sizeof(w); i += sizeof(w)) {
		memcpy(&w, s.p + i, sizeof(w));
		if (w & high)
			break;
	}
	while (i < s.n && (unsigned char)s.p[i] < 0x80)
		i++;
	return i;
}

/* Bytes of the sequence at the front, or 0 with the bytes of the longest part
 * that could have begun one in *bad: table 3-7 of the Unicode standard. */
static size_t
sequence(struct cs_str s, size_t *bad)
{
	const unsigned char *p = (const unsigned char *)s.p;
	unsigned char lo = 0x80, hi = 0xbf;
	size_t n;

	*bad = 1;
	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	n = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (p[0] == 0xe0)
		lo = 0xa0; /* overlong below */
	else if (p[0] == 0xed)
		hi = 0x9f; /* surrogates above */
	else if (p[0] == 0xf0)
		lo = 0x90; /* overlong below */
	else if (p[0] == 0xf4)
		hi = 0x8f; /* over U+10FFFF above */
	for (size_t i = 1; i < n; i++) {
		*bad = i;
		if (i == s.n || p[i] < lo || p[i] > hi)
			return 0;
		lo = 0x80;
		hi = 0xbf;
	}
	return n;
}

/* Bytes of the three-byte characters at the front: kana and kanji. */
static size_t
three_length(struct cs_str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t i = 0;

	for (; s.n - i >= 3; i += 3) {
		uint32_t v =
		    (uint32_t)p[i] << 16 | (uint32_t)p[i + 1] << 8 | p[i + 2];
		uint32_t high = v & 0x0f2000;

		/* 1110xxxx 10xxxxxx 10xxxxxx, no overlong form, no surrogate */
		if ((v & 0xf0c0c0) != 0xe08080 || high == 0 || high == 0x0d2000)
			break;
	}
	return i;
}

size_t
cs_utf8_valid(struct cs_str s)
{
	size_t i = 0, n, bad;

#ifdef __x86_64__
	if (s.n >= 32 && __builtin_cpu_supports("avx2"))
		i = cs_utf8_valid_avx2(s);
#endif
	for (;;) {
		i += ascii_length(behind(s, i));
		i += three_length(behind(s, i));
		if (i == s.n)
			return i;
		n = sequence(behind(s, i), &bad);
		if (n == 0)
			return i;
		i += n;
	}
}

uint32_t
cs_utf8_next(struct cs_str s, size_t *n)
{
	const unsigned char *p = (const unsigned char *)s.p;
	uint32_t cp;
	size_t bad;

	*n = sequence(s, &bad);
	if (*n == 1)
		return p[0];
	if (*n == 0) {
		*n = bad;
		return 0xfffd;
	}
	cp = p[0] & (0xffu >> (*n + 1));
	for (size_t i = 1; i < *n; i++)
		cp = cp << 6 | (p[i] & 0x3f);
	return cp;
}

void
cs_utf8_put(struct cs_buf *b, uint32_t cp)
{
	utf8proc_uint8_t p[4];

	if (cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000))
		cp = 0xfffd;
	cs_buf_add(b, p, (size_t)utf8proc_encode_char((int32_t)cp, p));
}

size_t
cs_utf8_count(struct cs_str s)
{
	size_t count = 0;

	for (size_t i = 0; i < s.n; i++)
		count += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return count;
}

size_t
cs_text_grapheme(struct cs_str s)
{
	utf8proc_int32_t state = 0;
	size_t n, done;
	uint32_t a = cs_utf8_next(s, &done), b;

	while (done < s.n) {
		b = cs_utf8_next(behind(s, done), &n);
		if (utf8proc_grapheme_break_stateful(
			(int32_t)a, (int32_t)b, &state))
			break;
		done += n;
		a = b;
	}
	return done;
}

/* A terminal gives a cluster one cell or two, however many scalars it has:
 * families, flags, a letter with marks. */
static size_t
cluster_width(struct cs_str s)
{
	size_t width = 0, n;

	for (; s.n > 0; s = behind(s, n)) {
		uint32_t cp = cs_utf8_next(s, &n);

		/* VS16 asks for the emoji form, which is wide. */
		width +=
		    cp == 0xfe0f ? 1 : (size_t)utf8proc_charwidth((int32_t)cp);
	}
	return width < 2 ? width : 2;
}

size_t
cs_text_width(struct cs_str s)
{
	size_t width = 0, n;

	for (; s.n > 0; s = behind(s, n)) {
		n = cs_text_grapheme(s);
		width += cluster_width((struct cs_str){s.p, n});
	}
	return width;
}

/* Characters that stay as they are in both forms and never join a neighbour:
 * most of Japanese text is made of them. */
static bool
is_inert(uint32_t cp)
{
	return cp < 0x80 || (cp >= 0x3041 && cp <= 0x3096) ||
	       (cp >= 0x30a1 && cp <= 0x30fc) || (cp >= 0x4e00 && cp <= 0x9fff);
}

static bool
is_all_inert(struct cs_str s)
{
	size_t n;

	for (; s.n > 0; s = behind(s, n))
		if (!is_inert(cs_utf8_next(s, &n)))
			return false;
	return true;
}

static struct cs_str
normal(struct cs_arena *a, struct cs_str s, utf8proc_option_t form)
{
	utf8proc_uint8_t *p = NULL;
	utf8proc_ssize_t n;
	struct cs_str kept;

	if (is_all_inert(s))
		return s;
	n = utf8proc_map((const utf8proc_uint8_t *)s.p, (utf8proc_ssize_t)s.n,
	    &p, UTF8PROC_STABLE | UTF8PROC_COMPOSE | form);
	if (n == UTF8PROC_ERROR_NOMEM || n == UTF8PROC_ERROR_OVERFLOW)
		cs_nomem();
	if (n < 0) /* not UTF-8 */
		return s;
	kept = cs_keep(a, (struct cs_str){(const char *)p, (size_t)n});
	free(p);
	return kept;
}

struct cs_str
cs_text_nfc(struct cs_arena *a, struct cs_str s)
{
	return normal(a, s, 0);
}

struct cs_str
cs_text_nfkc(struct cs_arena *a, struct cs_str s)
{
	return normal(a, s, UTF8PROC_COMPAT);
}

/* Unicode's White_Space. */
static bool
is_space(uint32_t cp)
{
	return (cp >= 0x09 && cp <= 0x0d) || cp == 0x20 || cp == 0x85 ||
	       cp == 0xa0 || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200a) ||
	       cp == 0x2028 || cp == 0x2029 || cp == 0x202f || cp == 0x205f ||
	       cp == 0x3000;
}

static struct cs_str
trim_left(struct cs_str s)
{
	size_t n;

	while (s.n > 0 && is_space(cs_utf8_next(s, &n)))
		s = behind(s, n);
	return s;
}

bool
cs_text_is_blank(struct cs_str s)
{
	return trim_left(s).n == 0;
}

/* Where the last character begins. s.n > 0. */
static struct cs_str
last(struct cs_str s)
{
	size_t n = 1, bad;

	while (n < 4 && n < s.n && (s.p[s.n - n] & 0xc0) == 0x80)
		n++;
	if (sequence(behind(s, s.n - n), &bad) != n)
		n = 1;
	return behind(s, s.n - n);
}

struct cs_str
cs_text_trim(struct cs_str s)
{
	s = trim_left(s);
	while (s.n > 0) {
		struct cs_str tail = last(s);
		size_t n;

		if (!is_space(cs_utf8_next(tail, &n)))
			break;
		s.n -= tail.n;
	}
	return s;
}

static void
put_escape(struct cs_buf *b, unsigned char c)
{
	static const char letter[] = {['\b'] = 'b',
	    ['\f'] = 'f',
	    ['\n'] = 'n',
	    ['\r'] = 'r',
	    ['\t'] = 't',
	    ['"'] = '"',
	    ['\\'] = '\\'};

	if (c < sizeof(letter) && letter[c] != '\0')
		cs_buf_printf(b, "\\%c", letter[c]);
	else
		cs_buf_printf(b, "\\u%04x", c);
}

void
cs_text_json(struct cs_buf *b, struct cs_str s)
{
	size_t start = 0;

	cs_buf_putc(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f)
			continue;
		cs_buf_add(b, s.p + start, i - start);
		put_escape(b, c);
		start = i + 1;
	}
	cs_buf_add(b, s.p + start, s.n - start);
	cs_buf_putc(b, '"');
}

/* The bytes of a list's first name, quotes and all; 0: it is not quoted. */
static size_t
quoted_name(struct cs_str s)
{
	size_t i = 1;

	if (s.n == 0 || s.p[0] != '"')
		return 0;
	for (; i < s.n; i++) {
		if (s.p[i] != '"')
			continue;
		if (i + 1 < s.n && s.p[i + 1] == '"')
			i++;
		else
			return i + 1 == s.n || s.p[i + 1] == ',' ? i + 1 : 0;
	}
	return 0;
}

bool
cs_names_next(struct cs_str *rest, struct cs_arena *a, struct cs_str *name)
{
	size_t n = rest->p == NULL ? 0 : quoted_name(*rest), at = 0;
	char *p;

	if (n == 0)
		return cs_str_next(rest, ',', name);
	p = cs_arena_alloc(a, n);
	for (size_t i = 1; i < n - 1; i++) {
		p[at++] = rest->p[i];
		i += rest->p[i] == '"';
	}
	*name = (struct cs_str){p, at};
	if (n == rest->n)
		*rest = (struct cs_str){0};
	else
		*rest = (struct cs_str){rest->p + n + 1, rest->n - n - 1};
	return true;
}

void
cs_names_put(struct cs_buf *b, struct cs_str name)
{
	bool is_quoted =
	    cs_str_chr(name, ',') != NULL || (name.n > 0 && name.p[0] == '"');

	if (b->n > 0)
		cs_buf_putc(b, ',');
	if (!is_quoted) {
		cs_buf_str(b, name);
		return;
	}
	cs_buf_putc(b, '"');
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] == '"')
			cs_buf_putc(b, '"');
		cs_buf_putc(b, name.p[i]);
	}
	cs_buf_putc(b, '"');
}
