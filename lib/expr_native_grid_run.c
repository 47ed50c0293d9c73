/* expr_native_grid_run: a record against the grid */
#include <string.h>

#include "date.h"
#include "expr_native_grid.h"

/* --- a record: values of any kind --------------------------------------- */

enum { FEW = 8 };

static size_t
number_range(const struct line *l, double v)
{
	const double *k = l->number;
	size_t n = l->n, r = 0, i;

	/* Halves without a jump until few are left, which are counted. */
	while (n > FEW) {
		size_t half = n / 2;

		k = v >= k[half] ? k + half : k;
		n -= half;
	}
	for (i = 0; i < n; i++)
		r += v >= k[i];
	return (size_t)(k - l->number) + r;
}

static bool
is_from(struct cs_str s, const struct text_mark *k)
{
	/* The heads are equal: within them the length decides. */
	if (s.n <= 8 || k->text.n <= 8)
		return s.n >= k->text.n;
	return cs_str_cmp(s, k->text) >= 0;
}

static inline size_t
text_range(const struct line *l, struct cs_str s, uint64_t head)
{
	const struct text_mark *k = l->text, *end = l->text + l->n;
	size_t n = l->n, r = 0, i;

	while (n > FEW) {
		size_t half = n / 2;

		k = head > k[half].head ? k + half : k;
		n -= half;
	}
	for (i = 0; i < n; i++)
		r += head > k[i].head;
	for (k += r; k < end && k->head == head && is_from(s, k); k++)
		continue;
	return (size_t)(k - l->text);
}

/* The row of v; SIZE_MAX: it is odd. */
static size_t
row_of(const struct line *l, const struct cs_val *v)
{
	if (v->kind == CS_NULL)
		return 0;
	switch (l->sort) {
	case NUMBERS:
		if (v->kind != CS_NUM)
			return SIZE_MAX;
		return 1 + number_range(l, v->num);
	case TEXTS:
		if (v->kind != CS_TEXT ||
		    (l->is_dated && !cs_looks_like_date(v->text)))
			return SIZE_MAX;
		return 1 + text_range(l, v->text, head_of(v->text));
	case YES_NO:
		return v->kind == CS_BOOL ? 1 + (size_t)v->yes : SIZE_MAX;
	default:
		return 1;
	}
}

struct run {
	const struct grid *g;
	struct cs_rec *r;
	struct cs_native_word *word;
	/* Of a record in bytes: where its first cell begins, where the others
	 * are, and the last place with eight bytes. */
	const char *first, *base, *last;
	const uint32_t *end;
	unsigned char quote;
	size_t step; /* stride */
};

static __attribute__((noinline)) void
choose_value(const struct run *x, const struct line *l)
{
	const struct grid *g = x->g;
	size_t row = 0, w;

	if (l->col < x->r->n)
		row = row_of(l, cs_rec_look(x->r, l->col));
	for (w = 0; row == SIZE_MAX && w < g->words; w++)
		x->word[w].open |= l->lookers[w];
	g->chosen[l - g->line] = l->row + (row == SIZE_MAX ? 0 : row * x->step);
}

/* --- a record: the bytes of CSV ----------------------------------------- */

/* A cell of no type of its own is most often a few digits, true, a date, a word
 * that begins with a letter, in quotes or not: its row is found without making
 * a value of it. What looks different, doubled quotes included, is left to
 * choose_value. */

static inline struct cs_str
raw_of(const struct run *x, size_t col)
{
	const char *p = col == 0 ? x->first : x->base + x->end[col - 1] + 1;

	return (struct cs_str){p, (size_t)(x->base + x->end[col] - p)};
}

/* The first eight bytes of s. Inside the record they are read without a jump
 * that depends on s.n, which no processor foresees; then there are more bytes
 * behind them. */
static inline uint64_t
word_of(const struct run *x, struct cs_str s)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	uint64_t w;

	if (s.p <= x->last) {
		memcpy(&w, s.p, 8);
		return w;
	}
#else
	(void)x;
#endif
	return cs_few_bytes(s.p, s.n < 8 ? s.n : 8);
}

/* A cell, its first eight bytes, and what stands behind them. */
struct bytes {
	struct cs_str s;
	uint64_t w;
	bool is_quoted; /* it was; s is between the quotes */
};

static inline __attribute__((always_inline)) struct bytes
bytes_of(const struct run *x, size_t col)
{
	struct bytes b = {.s = raw_of(x, col)};

	b.w = word_of(x, b.s);
	/* Of an empty cell this is what ends it, never a quote. */
	b.is_quoted = (unsigned char)b.w == x->quote;
	if (b.is_quoted) {
		b.s.p++;
		b.s.n -= 2;
		b.w = word_of(x, b.s);
	}
	return b;
}

static inline uint64_t
head_only(uint64_t w, size_t n)
{
	return n >= 8 ? w : w & ~(~(uint64_t)0 << 8 * n);
}

/* A number of one to eight digits without zeros in front as its digits; w are
 * the bytes of the cell, and what is behind. */
static inline bool
digits_of(uint64_t w, size_t n, uint64_t *digits)
{
	const uint64_t zeros = 0x3030303030303030, tens = 0x7676767676767676,
		       high = 0x8080808080808080;
	unsigned shift = (64 - 8 * (unsigned)n) & 63;
	uint64_t t = (w ^ zeros) << shift;
	bool has_zero = ((w & 0xff) == '0') & (n > 1);

	*digits = __builtin_bswap64(w) >> shift;
	return (((t | (t + tens)) & high) == 0) & !has_zero & (n - 1 < 8);
}

static inline size_t
digits_range(const struct line *l, uint64_t v)
{
	const uint64_t *k = l->digits;
	size_t n = l->n, r;

	while (n > FEW) {
		size_t half = n / 2;

		k = v >= k[half] ? k + half : k;
		n -= half;
	}
	for (;; k += 4, n -= 4) {
		r = (size_t)(v >= k[0]) + (v >= k[1]) + (v >= k[2]) +
		    (v >= k[3]);
		if (n <= 4 || r < 4)
			return r + (size_t)(k - l->digits);
	}
}

static void
choose_numbers(const struct run *x, size_t i, size_t end)
{
	const struct line *l = x->g->line + i, *stop = x->g->line + end;
	const pair **out = x->g->chosen + i;

	for (; l < stop; l++, out++) {
		struct bytes b = bytes_of(x, l->col);
		uint64_t v;
		size_t row;

		if (!(digits_of(b.w, b.s.n, &v) | (b.s.n == 0))) {
			choose_value(x, l);
			continue;
		}
		row = 1 + digits_range(l, v);
		*out = l->row + (b.s.n == 0 ? 0 : row * x->step);
	}
}

static void
choose_yes_no(const struct run *x, size_t i, size_t end)
{
	const struct line *l = x->g->line + i, *stop = x->g->line + end;
	const pair **out = x->g->chosen + i;

	for (; l < stop; l++, out++) {
		struct bytes b = bytes_of(x, l->col);
		size_t n = b.s.n;
		bool yes = (n == 4) & ((uint32_t)b.w == CS_TRUE_WORD);
		bool no = (n == 5) & (b.w << 24 == CS_FALSE_WORD << 24);

		if (!(yes | no | (n == 0)))
			choose_value(x, l);
		else
			*out = l->row + ((size_t)(n != 0) + yes) * x->step;
	}
}

/* Is b, w its first eight bytes and no more, a text that l's tests take? */
static inline bool
is_text(const struct run *x, const struct line *l, const struct bytes *b,
    uint64_t w)
{
	if (b->is_quoted && memchr(b->s.p, x->quote, b->s.n) != NULL)
		return false;
	if (l->is_dated)
		return cs_looks_like_date(b->s);
	return (unsigned char)w > '9' && w != CS_TRUE_WORD &&
	       w != CS_FALSE_WORD;
}

static void
choose_texts(const struct run *x, size_t i, size_t end)
{
	const struct line *l = x->g->line + i, *stop = x->g->line + end;
	const pair **out = x->g->chosen + i;

	for (; l < stop; l++, out++) {
		struct bytes b = bytes_of(x, l->col);
		uint64_t w = head_only(b.w, b.s.n);

		if (b.s.n == 0)
			*out = l->row;
		else if (!is_text(x, l, &b, w))
			choose_value(x, l);
		else
			*out =
			    l->row + x->step * (1 + text_range(l, b.s,
							__builtin_bswap64(w)));
	}
}

static void
choose_any(const struct run *x, size_t i, size_t end)
{
	const struct line *l = x->g->line + i, *stop = x->g->line + end;
	const pair **out = x->g->chosen + i;

	for (; l < stop; l++, out++) {
		struct cs_str s = raw_of(x, l->col);
		/* Quotes around nothing are nothing, too. */
		bool is_null =
		    s.n == 0 || (s.n == 2 && (unsigned char)*s.p == x->quote);

		*out = l->row + (is_null ? 0 : x->step);
	}
}

/* Lines i .. end - 1 of one sort. */
static void
choose_sort(const struct run *x, enum sort sort, size_t i, size_t end)
{
	switch (sort) {
	case ANY:
		choose_any(x, i, end);
		break;
	case YES_NO:
		choose_yes_no(x, i, end);
		break;
	case NUMBERS:
		choose_numbers(x, i, end);
		break;
	case TEXTS:
		choose_texts(x, i, end);
		break;
	}
}

/* --- a record ----------------------------------------------------------- */

static void
choose_values(const struct run *x)
{
	size_t i;

	for (i = 0; i < x->g->nlines; i++)
		choose_value(x, &x->g->line[i]);
}

/* Columns with a type of their own by their values. */
static void
choose_typed(const struct run *x)
{
	const struct line *l = x->g->line;
	size_t i;

	for (i = 0; i < x->g->nlines; i++, l++)
		if (x->r->head->type[l->col] != CS_TYPE_ANY)
			choose_value(x, l);
		else
			choose_sort(x, l->sort, i, i + 1);
}

static void
choose_all(struct run *x)
{
	const struct cs_rec *r = x->r;
	const size_t *at = x->g->begin;

	if (r->form == CS_FORM_JSONL || r->cell != NULL ||
	    x->g->most_col >= r->n) {
		choose_values(x);
		return;
	}
	x->first = r->raw.p;
	x->base = r->base;
	x->end = r->end;
	x->quote = (unsigned char)r->quote;
	x->last = r->raw.n >= 8 ? r->raw.p + r->raw.n - 8 : NULL;
	if (r->head->has_types) {
		choose_typed(x);
		return;
	}
	choose_any(x, at[ANY], at[YES_NO]);
	choose_yes_no(x, at[YES_NO], at[NUMBERS]);
	choose_numbers(x, at[NUMBERS], at[TEXTS]);
	choose_texts(x, at[TEXTS], at[TEXTS + 1]);
}

/* And of all rows, for the conditions of word w. */
static inline pair
answer_of(const struct grid *g, size_t w)
{
	const pair *const *row = g->chosen, *const *end = row + g->nlines;
	pair a = ~(pair){0, 0}, any;
	size_t layer, at;

	if (g->layers == 0) {
		for (; row < end; row++)
			a &= (*row)[w];
		return a;
	}
	/* The first layer, mostly the only one, in the same turn. */
	any = g->open[w];
	at = g->words + w;
	for (; row < end; row++) {
		a &= (*row)[w];
		any |= (*row)[at];
	}
	a &= any;
	for (layer = 1; layer < g->layers; layer++) {
		any = g->open[layer * g->words + w];
		at += g->words;
		for (row = g->chosen; row < end; row++)
			any |= (*row)[at];
		a &= any;
	}
	return a;
}

void
cs_nat_grid_run(struct grid *g, struct cs_rec *r, struct cs_native_word *word)
{
	struct run x = {.g = g, .r = r, .word = word, .step = stride(g)};
	size_t i;

	for (i = 0; i < g->words; i++)
		word[i].open = g->outside[i];
	choose_all(&x);
	for (i = 0; i < g->words; i++) {
		pair a = answer_of(g, i);

		word[i].yes = a[IS_YES];
		word[i].may_be = a[MAY_BE];
	}
}
