#include <stdlib.h>

#include "split.h"
#include "split_rows.h"

/* The best that the machine has, not over the one asked for. */
static enum cs_scan_isa
choose(enum cs_scan_isa isa)
{
#ifdef __x86_64__
	if (isa == CS_SCAN_WORD || isa == CS_SCAN_SSE2)
		return isa;
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
	    __builtin_cpu_supports("popcnt") &&
	    __builtin_cpu_supports("pclmul"))
		return CS_SCAN_AVX2;
	return CS_SCAN_SSE2;
#else
	(void)isa;
	return CS_SCAN_WORD;
#endif
}

static cs_scan_fn *
function(enum cs_scan_isa isa)
{
#ifdef __x86_64__
	if (isa == CS_SCAN_AVX2)
		return cs_scan_avx2;
	if (isa == CS_SCAN_SSE2)
		return cs_scan_sse2;
#endif
	(void)isa;
	return cs_scan_word;
}

const char *
cs_scan_isa_name(enum cs_scan_isa isa)
{
	switch (choose(isa)) {
	case CS_SCAN_AVX2:
		return "AVX2";
	case CS_SCAN_SSE2:
		return "SSE2";
	default:
		return "plain C";
	}
}

static bool
is_able(int sign)
{
	return sign > 0 && sign < 0x80 && sign != '\r' && sign != '\n';
}

void
cs_scan_init(struct cs_scan *s, int delimiter, int quote, enum cs_scan_isa isa)
{
	*s = (struct cs_scan){0};
	delimiter = delimiter == 0 ? ',' : delimiter;
	quote = quote == 0 ? '"' : quote;
	s->delimiter = (unsigned char)delimiter;
	s->quote = (unsigned char)quote;
	s->filler = 'x';
	while (s->filler == s->delimiter || s->filler == s->quote)
		s->filler++;
	s->is_able = is_able(delimiter) && is_able(quote) && delimiter != quote;
	s->max_row = CS_MAX_CELL;
	s->max_columns = CS_MAX_COLUMNS;
	s->isa = choose(isa);
	s->scan = function(s->isa);
}

void
cs_scan_free(struct cs_scan *s)
{
	free(s->end);
	free(s->row);
	s->end = NULL;
	s->row = NULL;
	s->end_cap = s->row_cap = 0;
}

void
cs_scan_grow(struct cs_scan *s)
{
	while (s->end_cap - s->ends < CS_SCAN_BLOCK + CS_SCAN_BATCH)
		s->end =
		    cs_grow(s->end, s->end_cap, &s->end_cap, sizeof(*s->end));
	while (s->row_cap - s->nrows < CS_SCAN_BLOCK)
		s->row =
		    cs_grow(s->row, s->row_cap, &s->row_cap, sizeof(*s->row));
}

/* The last row, which no line end ends. */
static bool
last_row(struct cs_scan *s, struct cs_scan_state *t, uint32_t n)
{
	const char *p = s->base;
	uint32_t cell = s->ends > t->first ? s->end[s->ends - 1] + 1 : t->begin;
	struct cs_scan_row *r;

	/* A CR alone is data, so behind a closing quote it is one too many. */
	if (t->inside || n - t->begin > s->max_row ||
	    s->ends + 1 - t->first > s->max_columns ||
	    (p[n - 1] == '\r' && (unsigned char)p[cell] == s->quote))
		return false;
	cs_scan_grow(s);
	s->end[s->ends++] = n;
	r = &s->row[s->nrows++];
	*r = (struct cs_scan_row){
	    .begin = t->begin,
	    .text_n = n - t->begin,
	    .first = t->first,
	    .n = (uint32_t)s->ends - t->first,
	    .lines = t->lines + 1,
	};
	r->flags = (uint8_t)((t->high ? CS_SCAN_HIGH : 0) |
			     (t->quote ? CS_SCAN_QUOTE : 0));
	t->begin = n;
	return true;
}

void
cs_scan_block(struct cs_scan *s, struct cs_str bytes, bool is_last)
{
	struct cs_scan_state t = {.after_sep = 1};
	size_t rest = bytes.n % CS_SCAN_BLOCK;
	uint32_t n = (uint32_t)bytes.n;
	char tail[CS_SCAN_BLOCK];

	s->base = bytes.p;
	s->ends = s->nrows = s->used = 0;
	s->is_odd = !s->is_able && bytes.n > 0;
	if (bytes.n == 0 || s->is_odd)
		return;
	s->scan(s, &t, bytes.p, bytes.n / CS_SCAN_BLOCK);
	if (!t.is_odd && rest > 0) {
		memset(tail, s->filler, sizeof(tail));
		memcpy(tail, bytes.p + bytes.n - rest, rest);
		s->scan(s, &t, tail, 1);
		/* The filler behind a closing quote is not the data's fault. */
		t.is_odd = t.is_odd && t.odd < n;
	}
	if (!t.is_odd && t.begin < n) {
		if (is_last)
			t.is_odd = !last_row(s, &t, n);
		else
			t.is_odd = n - t.begin > s->max_row + 1; /* a CR */
	}
	s->used = t.begin;
	s->is_odd = t.is_odd;
}

struct cs_str
cs_unquote(struct cs_str raw, int quote, struct cs_arena *a)
{
	struct cs_str text = {raw.p + 1, raw.n - 2};
	const char *from = text.p, *stop = text.p + text.n, *q;
	char *to;

	q = memchr(from, quote, text.n);
	if (q == NULL)
		return text;
	text.p = to = cs_arena_alloc(a, text.n);
	for (; q != NULL; q = memchr(from, quote, (size_t)(stop - from))) {
		size_t n = (size_t)(q - from) + 1; /* the first of the two */

		memcpy(to, from, n);
		to += n;
		from += n + 1;
	}
	memcpy(to, from, (size_t)(stop - from));
	to += stop - from;
	text.n = (size_t)(to - text.p);
	return text;
}
