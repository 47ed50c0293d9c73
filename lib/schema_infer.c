#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "num.h"
#include "schema_infer.h"
#include "text.h"

/* The narrowest first; any at the end takes what is left. */
static const struct {
	enum cs_field_type type;
	const char *format;
} candidates[] = {
    {CS_FIELD_INTEGER, NULL},
    {CS_FIELD_NUMBER, NULL},
    {CS_FIELD_BOOLEAN, NULL},
    {CS_FIELD_DATE, NULL},
    {CS_FIELD_DATETIME, NULL},
    {CS_FIELD_TIME, NULL},
    {CS_FIELD_INTEGER, "ja"},
    {CS_FIELD_NUMBER, "ja"},
    {CS_FIELD_DATE, "%Y/%m/%d"},
    {CS_FIELD_DATE, "ja"},
    {CS_FIELD_DATETIME, "%Y/%m/%d %H:%M:%S"},
    {CS_FIELD_DATETIME, "ja"},
    {CS_FIELD_OBJECT, NULL},
    {CS_FIELD_ARRAY, NULL},
    {CS_FIELD_STRING, NULL},
    {CS_FIELD_ANY, NULL},
};
enum { CANDIDATES = sizeof(candidates) / sizeof(candidates[0]) };
enum { STRING = CANDIDATES - 2, ANY = CANDIDATES - 1 };

/* What people write where nothing is; taken as that only where the other cells
 * have a type that such a word does not fit. */
static const char *const nothing[] = {
    "NA", "N/A", "n/a", "NULL", "null", "#N/A", "-", "なし"};
enum { NOTHING = sizeof(nothing) / sizeof(nothing[0]) };

struct column {
	unsigned left;	  /* candidates, bit by bit */
	unsigned words;	  /* of nothing[], those seen */
	uint64_t filled;  /* cells that are not empty, words left out */
	uint64_t present; /* cells that are not empty */
};

struct cs_infer {
	struct cs_header *head;
	struct cs_field field[CANDIDATES];
	struct column *column;
	size_t n, cap;
	uint64_t records;
};

struct cs_infer *
cs_infer_new(struct cs_header *head)
{
	struct cs_infer *g = cs_calloc(1, sizeof(*g));
	const char *why;

	g->head = head;
	for (size_t i = 0; i < CANDIDATES; i++)
		cs_field_make(&g->field[i], candidates[i].type,
		    cs_str(candidates[i].format), &why);
	return g;
}

static void
make_columns(struct cs_infer *g)
{
	for (; g->n < cs_header_n(g->head); g->n++) {
		g->column =
		    cs_grow(g->column, g->n, &g->cap, sizeof(*g->column));
		g->column[g->n] =
		    (struct column){.left = (1u << CANDIDATES) - 1};
	}
}

static bool
is_code(struct cs_arena *a, struct cs_str s)
{
	s = cs_text_nfkc(a, cs_text_trim(s));
	return s.n > 1 && s.p[0] == '0' && s.p[1] >= '0' && s.p[1] <= '9';
}

/* Would reading the cell so keep what it is? */
static bool
takes(const struct cs_infer *g, size_t i, struct cs_arena *a,
    struct cs_str cell, bool is_json)
{
	const struct cs_field *f = &g->field[i];
	bool is_text = !is_json || cs_json_kind(cell) == CS_JSON_STRING;
	struct cs_val v;
	double num;

	if (!(is_json ? cs_field_json(f, a, cell, &v)
		      : cs_field_cell(f, a, cell, &v)))
		return false;
	switch (f->type) {
	case CS_FIELD_INTEGER:
	case CS_FIELD_NUMBER:
		if (is_json && is_text)
			return false;
		/* Ids of many digits and codes are no amounts. */
		if (!cs_num_cell(v.text, &num))
			return is_json;
		return f->format == CS_FORMAT_JA ? !is_code(a, cell)
						 : cs_str_eq(v.text, cell);
	case CS_FIELD_BOOLEAN:
		return cs_str_is(cell, "true") || cs_str_is(cell, "false");
	case CS_FIELD_ANY:
		return true;
	case CS_FIELD_OBJECT:
	case CS_FIELD_ARRAY:
		return !is_json || !is_text;
	default:
		return is_text;
	}
}

static size_t
nothing_word(struct cs_str s)
{
	for (size_t i = 0; i < NOTHING; i++)
		if (cs_str_is(s, nothing[i]))
			return i;
	return NOTHING;
}

void
cs_infer_record(struct cs_infer *g, struct cs_rec *rec)
{
	bool is_json = rec->form == CS_FORM_JSONL;

	g->records++;
	make_columns(g);
	for (size_t i = 0; i < g->n && i < rec->n; i++) {
		struct column *c = &g->column[i];
		struct cs_str text = cs_rec_text(rec, i);
		struct cs_str cell = cs_rec_cell(rec, i);
		size_t word;

		if (text.n == 0)
			continue;
		c->present++;
		word = nothing_word(text);
		if (word < NOTHING) {
			c->words |= 1u << word;
			continue;
		}
		c->filled++;
		for (size_t k = 0; k < CANDIDATES; k++)
			if ((c->left >> k & 1) != 0 &&
			    !takes(g, k, rec->arena, cell, is_json))
				c->left &= ~(1u << k);
	}
}

/* The first candidate left; a column of words only is text. */
static size_t
choice(const struct column *c)
{
	size_t i = 0;

	if (c->filled == 0)
		return c->present > 0 ? STRING : ANY;
	while ((c->left >> i & 1) == 0)
		i++;
	return i;
}

static void
put_missing(struct cs_buf *b, const struct column *c)
{
	cs_buf_puts(b, ", \"missingValues\": [\"\"");
	for (size_t i = 0; i < NOTHING; i++)
		if ((c->words >> i & 1) != 0)
			cs_buf_printf(b, ", \"%s\"", nothing[i]);
	cs_buf_puts(b, "]");
}

static void
put_field(struct cs_buf *b, const struct cs_infer *g, size_t i)
{
	const struct column *c = &g->column[i];
	size_t k = choice(c);
	bool has_missing = c->words != 0 && k < STRING;
	uint64_t values = has_missing ? c->filled : c->present;

	cs_buf_puts(b, "    {\"name\": ");
	cs_text_json(b, cs_header_name(g->head, i));
	cs_buf_printf(
	    b, ", \"type\": \"%s\"", cs_field_type_name(candidates[k].type));
	if (candidates[k].format != NULL)
		cs_buf_printf(b, ", \"format\": \"%s\"", candidates[k].format);
	if (has_missing)
		put_missing(b, c);
	if (g->records > 0 && values == g->records)
		cs_buf_puts(b, ", \"constraints\": {\"required\": true}");
	cs_buf_puts(b, "}");
}

void
cs_infer_print(struct cs_infer *g, struct cs_out *out)
{
	struct cs_buf b = {0};

	make_columns(g);
	cs_buf_puts(&b, "{\n  \"fields\": [\n");
	for (size_t i = 0; i < g->n; i++) {
		put_field(&b, g, i);
		cs_buf_puts(&b, i + 1 < g->n ? ",\n" : "\n");
	}
	cs_buf_puts(&b, "  ]\n}\n");
	cs_out_str(out, cs_buf_get(&b));
	cs_buf_free(&b);
}

void
cs_infer_free(struct cs_infer *g)
{
	if (g == NULL)
		return;
	free(g->column);
	free(g);
}
