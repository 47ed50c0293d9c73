#include <stdlib.h>
#include <string.h>

#include "json_scan.h"
#include "text.h"

#if defined(__x86_64__) && defined(__SSE2__)
#define HAS_VECTORS 1
#include <emmintrin.h>
#else
#define HAS_VECTORS 0
#endif

/* Each function of this kind is compiled once for every instruction set: `set`
 * is a constant where they are called, and what it does not want is left out.
 *
 * No AVX2: texts and keys are mostly under 32 bytes, and 100,000 lines of 537
 * bytes took as long (258 ns a line with SSE2, 267 with AVX2; 346 by words). */
#define EACH static inline __attribute__((always_inline))

/* The text being read. Its last byte is the closing brace, which ends every
 * run of blanks, digits or letters: only what may pass over a brace (a text,
 * the end of what is nested) looks at end. */
struct scan {
	const char *end;
	bool has_escapes; /* in the text read last */
};

/* A byte that a text does not just go on with: its end, an escape, a control
 * byte, or one that is not ASCII. */
static inline bool
is_special(char c)
{
	return (signed char)c < 0x20 || c == '"' || c == '\\';
}

static inline const char *
special_byte(const char *p, const char *end)
{
	while (p < end && !is_special(*p))
		p++;
	return p;
}

/* The first special byte at or behind p, or end: eight bytes at a time. */
static inline const char *
special_word(const char *p, const char *end)
{
	const uint64_t ones = 0x0101010101010101u, high = ones << 7;

	for (; end - p >= 8; p += 8) {
		uint64_t w, quote, slash;

		memcpy(&w, p, sizeof(w));
		quote = w ^ ones * '"';
		slash = w ^ ones * '\\';
		/* One of the eight, not which: order of bytes does not matter,
		 * and a borrow makes no byte special where none is. */
		if ((w | (w - ones * 0x20) | (quote - ones) | (slash - ones)) &
		    high)
			break;
	}
	return special_byte(p, end);
}

#if HAS_VECTORS
static inline const char *
special_sse2(const char *p, const char *end)
{
	const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'),
		      low = _mm_set1_epi8(0x20);

	for (; end - p >= 16; p += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
		__m128i is_in = _mm_or_si128(_mm_cmplt_epi8(v, low),
		    _mm_or_si128(
			_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, slash)));
		unsigned bits = (unsigned)_mm_movemask_epi8(is_in);

		if (bits != 0)
			return p + __builtin_ctz(bits);
	}
	return special_word(p, end);
}
#endif

EACH const char *
special(enum cs_json_set set, const char *p, const char *end)
{
#if HAS_VECTORS
	if (set == CS_JSON_SSE2)
		return special_sse2(p, end);
#endif
	(void)set;
	return special_word(p, end);
}

static inline bool
is_tail(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Behind the characters at p that are not ASCII; NULL: not UTF-8. */
static inline const char *
pass_utf8(const char *p, const char *end)
{
	while (p < end && (signed char)*p < 0) {
		unsigned char c = (unsigned char)*p;
		size_t n = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

		if (n > (size_t)(end - p))
			return NULL;
		/* Kana, kanji and most of the rest have neither overlong forms
		 * nor surrogates to look for. */
		if (c > 0xe0 && c < 0xf0 && c != 0xed) {
			if (!is_tail(p[1]) || !is_tail(p[2]))
				return NULL;
		} else if (cs_utf8_valid((struct cs_str){p, n}) != n)
			return NULL;
		p += n;
	}
	return p;
}

/* The four hex digits at p, or -1. */
static int
hex4(const char *p)
{
	int v = 0;

	for (int i = 0; i < 4; i++) {
		int c = p[i] | 0x20, d;

		if (p[i] >= '0' && p[i] <= '9')
			d = p[i] - '0';
		else if (c >= 'a' && c <= 'f')
			d = c - 'a' + 10;
		else
			return -1;
		v = v << 4 | d;
	}
	return v;
}

/* Behind the escape at p, or NULL. */
static const char *
pass_escape(const char *p, const char *end)
{
	int v;

	if (end - p < 2)
		return NULL;
	switch (p[1]) {
	case '"':
	case '\\':
	case '/':
	case 'b':
	case 'f':
	case 'n':
	case 'r':
	case 't':
		return p + 2;
	case 'u':
		break;
	default:
		return NULL;
	}
	v = end - p < 6 ? -1 : hex4(p + 2);
	if (v < 0)
		return NULL;
	if (v < 0xd800 || v > 0xdfff)
		return p + 6;
	/* A high half needs its low half. */
	if (v > 0xdbff || end - p < 12 || p[6] != '\\' || p[7] != 'u')
		return NULL;
	v = hex4(p + 8);
	return v >= 0xdc00 && v <= 0xdfff ? p + 12 : NULL;
}

/* The quote that ends the text whose first byte is at p, or NULL. */
EACH const char *
pass_text(enum cs_json_set set, struct scan *s, const char *p)
{
	s->has_escapes = false;
	for (;;) {
		p = special(set, p, s->end);
		if (p == s->end)
			return NULL;
		if (*p == '"')
			return p;
		if (*p == '\\') {
			s->has_escapes = true;
			p = pass_escape(p, s->end);
		} else if ((signed char)*p < 0)
			p = pass_utf8(p, s->end);
		else
			return NULL;
		if (p == NULL)
			return NULL;
	}
}

EACH const char *
pass_white(const char *p)
{
	while ((unsigned char)*p <= ' ' &&
	       (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
		p++;
	return p;
}

EACH bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* How many digits a number has is hard to foretell, a loop over them costs a
 * wrong guess each time: here the count comes from a comparison. */
EACH const char *
pass_digits(enum cs_json_set set, const struct scan *s, const char *p)
{
#if HAS_VECTORS
	if (set != CS_JSON_WORDS && s->end - p >= 16) {
		__m128i v = _mm_sub_epi8(
		    _mm_loadu_si128((const __m128i *)(const void *)p),
		    _mm_set1_epi8('0'));
		__m128i is_in =
		    _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(9)), v);
		unsigned bits = ~(unsigned)_mm_movemask_epi8(is_in);

		p += __builtin_ctz(bits);
		if (bits != 0xffff0000u)
			return p;
	}
#endif
	(void)set;
	(void)s;
	while (is_digit(*p))
		p++;
	return p;
}

EACH const char *
pass_number(enum cs_json_set set, const struct scan *s, const char *p)
{
	const char *from;

	p += *p == '-';
	from = p;
	p = pass_digits(set, s, p);
	if (p == from || (*from == '0' && p != from + 1))
		return NULL;
	if (*p == '.') {
		from = ++p;
		p = pass_digits(set, s, p);
		if (p == from)
			return NULL;
	}
	if ((*p | 0x20) == 'e') {
		p++;
		p += *p == '+' || *p == '-';
		from = p;
		p = pass_digits(set, s, p);
		if (p == from)
			return NULL;
	}
	return p;
}

/* true, false, null; at least the closing brace stands behind. */
EACH const char *
pass_word(const struct scan *s, const char *p)
{
	size_t left = (size_t)(s->end - p);

	if (left > 4 && memcmp(p, "true", 4) == 0)
		return p + 4;
	if (left > 4 && memcmp(p, "null", 4) == 0)
		return p + 4;
	if (left > 5 && memcmp(p, "false", 5) == 0)
		return p + 5;
	return NULL;
}

/* Behind a value that is no array and no object, or NULL. */
EACH const char *
pass_plain(enum cs_json_set set, struct scan *s, const char *p)
{
	if (*p == '"') {
		p = pass_text(set, s, p + 1);
		return p == NULL ? NULL : p + 1;
	}
	if (is_digit(*p) || *p == '-')
		return pass_number(set, s, p);
	return pass_word(s, p);
}

/* Behind a key and its colon, and the blanks there, or NULL. */
EACH const char *
pass_key(enum cs_json_set set, struct scan *s, const char *p)
{
	if (*p != '"')
		return NULL;
	p = pass_text(set, s, p + 1);
	if (p == NULL)
		return NULL;
	p = pass_white(p + 1);
	return *p == ':' ? pass_white(p + 1) : NULL;
}

/* Behind the array or object at p, or NULL. Nothing is kept of it but which
 * kind each level is. */
EACH const char *
pass_nested(enum cs_json_set set, struct scan *s, const char *p)
{
	bool is_object[CS_MAX_JSON_DEPTH];
	size_t depth = 0;

	for (;;) {
		/* A value begins at p. */
		if (*p == '{' || *p == '[') {
			bool is_brace = *p == '{';

			/* The record itself is one level. */
			if (depth + 1 >= CS_MAX_JSON_DEPTH)
				return NULL;
			is_object[depth++] = is_brace;
			p = pass_white(p + 1);
			if (*p != (is_brace ? '}' : ']')) {
				if (is_brace)
					p = pass_key(set, s, p);
				if (p == NULL)
					return NULL;
				continue;
			}
		} else {
			p = pass_plain(set, s, p);
			if (p == NULL)
				return NULL;
			p = pass_white(p);
		}
		/* A value has ended: what it stands in may end too. */
		while (*p == (is_object[depth - 1] ? '}' : ']')) {
			if (++p == s->end)
				return NULL;
			if (--depth == 0)
				return p;
			p = pass_white(p);
		}
		if (*p != ',')
			return NULL;
		p = pass_white(p + 1);
		if (is_object[depth - 1])
			p = pass_key(set, s, p);
		if (p == NULL)
			return NULL;
	}
}

EACH bool
is_white(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Does the line go on with this key? Texts of keys can be read to the end of
 * their last 16 bytes. */
EACH bool
is_key(enum cs_json_set set, const struct scan *s, const char *p,
    struct cs_str key)
{
	size_t left = (size_t)(s->end - p);

	if (key.n > left)
		return false;
#if HAS_VECTORS
	if (set != CS_JSON_WORDS && key.n <= 32 && left >= 16) {
		const __m128i *a = (const void *)p, *b = (const void *)key.p;
		unsigned same = (unsigned)_mm_movemask_epi8(
		    _mm_cmpeq_epi8(_mm_loadu_si128(a), _mm_loadu_si128(b)));

		if (key.n <= 16)
			return (~same & ((1u << key.n) - 1)) == 0;
		a = (const void *)(p + key.n - 16);
		b = (const void *)(key.p + key.n - 16);
		return same == 0xffff &&
		       _mm_movemask_epi8(_mm_cmpeq_epi8(
			   _mm_loadu_si128(a), _mm_loadu_si128(b))) == 0xffff;
	}
#endif
	(void)set;
	return memcmp(p, key.p, key.n) == 0;
}

/* Is it the key expected next, or one of those behind it (a member may have
 * been left out)? */
EACH uint32_t
known_key(enum cs_json_set set, const struct scan *s, const char *p,
    const struct cs_json_members *m, uint32_t next)
{
	for (int i = 0; i < 3 && next < m->keys; i++) {
		if (is_key(set, s, p, m->key[next].text))
			return next;
		next = m->key[next].next;
	}
	return CS_JSON_UNKNOWN;
}

EACH bool
scan(enum cs_json_set set, struct cs_str text, struct cs_json_members *m)
{
	struct scan s;
	const char *p = text.p;
	uint32_t next = m->keys > 0 ? m->first : CS_JSON_UNKNOWN;

	m->n = m->unknown = 0;
	while (text.n > 0 && is_white(text.p[text.n - 1]))
		text.n--;
	if (text.n < 2 || text.p[text.n - 1] != '}')
		return false;
	s.end = text.p + text.n;
	p = pass_white(p);
	if (*p != '{' || ++p == s.end)
		return false;
	p = pass_white(p);
	if (*p == '}')
		return p + 1 == s.end;
	for (;;) {
		struct cs_json_member *v;
		uint32_t number = known_key(set, &s, p, m, next);

		if (m->n == m->cap)
			m->v = cs_grow(m->v, m->n, &m->cap, sizeof(*m->v));
		v = &m->v[m->n];
		v->number = number;
		v->key.p = p + 1;
		if (number != CS_JSON_UNKNOWN) {
			v->key.n = m->key[number].text.n - 3;
			next = m->key[number].next;
			p = pass_white(p + v->key.n + 3);
		} else {
			if (*p != '"')
				return false;
			p = pass_text(set, &s, p + 1);
			if (p == NULL)
				return false;
			v->key.n = (size_t)(p - v->key.p);
			v->has_escapes = s.has_escapes;
			m->unknown++;
			p = pass_white(p + 1);
			if (*p != ':')
				return false;
			p = pass_white(p + 1);
		}
		v->value.p = p;
		p = *p == '{' || *p == '[' ? pass_nested(set, &s, p)
					   : pass_plain(set, &s, p);
		if (p == NULL)
			return false;
		v->value.n = (size_t)(p - v->value.p);
		if (v->value.n > CS_MAX_CELL || ++m->n > CS_MAX_COLUMNS)
			return false;
		p = pass_white(p);
		if (*p == '}')
			return p + 1 == s.end;
		if (*p != ',')
			return false;
		p = pass_white(p + 1);
	}
}

/* One copy of it all for each instruction set. */
static bool
scan_words(struct cs_str s, struct cs_json_members *m)
{
	return scan(CS_JSON_WORDS, s, m);
}

#if HAS_VECTORS
static bool
scan_sse2(struct cs_str s, struct cs_json_members *m)
{
	return scan(CS_JSON_SSE2, s, m);
}
#endif

bool
cs_json_scan(enum cs_json_set set, struct cs_str s, struct cs_json_members *m)
{
#if HAS_VECTORS
	if (set == CS_JSON_SSE2)
		return scan_sse2(s, m);
#endif
	(void)set;
	return scan_words(s, m);
}

enum cs_json_set
cs_json_set_best(void)
{
	return HAS_VECTORS ? CS_JSON_SSE2 : CS_JSON_WORDS;
}

/* The text of a key as most lines write it, for is_key. */
static struct cs_str
key_text(struct cs_arena *a, struct cs_str key)
{
	char *p = cs_arena_array(a, key.n + 3 < 16 ? 16 : key.n + 3, 1);

	p[0] = '"';
	if (key.n > 0)
		memcpy(p + 1, key.p, key.n);
	memcpy(p + 1 + key.n, "\":", 2);
	return (struct cs_str){p, key.n + 3};
}

void
cs_json_learn(struct cs_json_members *m)
{
	uint32_t *next = &m->first;

	for (size_t i = 0; i < m->n; i++) {
		uint32_t number = m->v[i].number;

		while (number >= m->keys) {
			m->key = cs_grow(
			    m->key, m->keys, &m->key_cap, sizeof(*m->key));
			m->key[m->keys++] =
			    (struct cs_json_key){.next = CS_JSON_UNKNOWN};
		}
	}
	for (size_t i = 0; i < m->n; i++) {
		struct cs_json_key *key = &m->key[m->v[i].number];

		if (key->text.p == NULL)
			key->text = key_text(&m->arena, m->v[i].key);
		*next = m->v[i].number;
		next = &key->next;
	}
}

void
cs_json_members_free(struct cs_json_members *m)
{
	cs_arena_free(&m->arena);
	free(m->key);
	free(m->v);
	*m = (struct cs_json_members){0};
}
