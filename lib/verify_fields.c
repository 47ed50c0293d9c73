#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "date.h"
#include "expr.h"
#include "hash.h"
#include "text.h"
#include "verify_fields.h"

enum { EXAMPLE = 60 }; /* columns of a terminal */

/* A set of hashes: two of a million values fall together once in 10^7 runs. */
struct seen {
	uint64_t *slot; /* 0: empty */
	size_t slots, n;
	bool is_full;
};

enum sort { TEXT, NUMBER, BOOLEAN, DATE, TIME, JSON, SORTS };

struct cs_field {
	uint64_t filled;
	unsigned sorts; /* 1 << sort */
	struct seen seen;
	struct cs_str example; /* allocated */
};

static void
put(struct seen *s, uint64_t h)
{
	size_t i = (size_t)h & (s->slots - 1);

	while (s->slot[i] != 0 && s->slot[i] != h)
		i = (i + 1) & (s->slots - 1);
	if (s->slot[i] == 0)
		s->n++;
	s->slot[i] = h;
}

static void
see(struct seen *s, struct cs_str text)
{
	uint64_t h = cs_hash(text);
	struct seen old = *s;

	if (s->is_full)
		return;
	if (s->n * 2 >= s->slots) {
		s->slots = s->slots ? s->slots * 2 : 16;
		s->slot = cs_calloc(s->slots, sizeof(*s->slot));
		s->n = 0;
		for (size_t i = 0; i < old.slots; i++)
			if (old.slot[i] != 0)
				put(s, old.slot[i]);
		free(old.slot);
	}
	put(s, h ? h : 1);
	s->is_full = s->n > CS_MAX_DISTINCT;
}

static enum sort
sort_of(struct cs_val v)
{
	struct cs_time t;

	switch (v.kind) {
	case CS_NUM:
		return NUMBER;
	case CS_BOOL:
		return BOOLEAN;
	case CS_JSON:
		return JSON;
	default:
		if (cs_time_parse(v.text, &t) != CS_DATE_OK)
			return TEXT;
		return t.has_time ? TIME : DATE;
	}
}

static void
keep_example(struct cs_field *f, struct cs_str text)
{
	struct cs_str rest = text;
	struct cs_buf b = {0};

	while (rest.n > 0 && cs_text_width((struct cs_str){
				 text.p, text.n - rest.n}) < EXAMPLE) {
		size_t n = cs_text_grapheme(rest);

		rest.p += n;
		rest.n -= n;
	}
	cs_buf_add(&b, text.p, text.n - rest.n);
	if (rest.n > 0)
		cs_buf_puts(&b, "...");
	f->example = cs_buf_get(&b); /* the buffer's own memory */
	if (b.p == NULL)
		f->example = (struct cs_str){cs_calloc(1, 1), 0};
}

static void
add_value(struct cs_field *f, struct cs_rec *rec, size_t col)
{
	struct cs_val v = cs_rec_val(rec, col);
	struct cs_str text = cs_rec_text(rec, col);

	/* A cell that does not fit its Column: type is null, not empty. */
	if (v.kind == CS_NULL && text.n > 0 && rec->form != CS_FORM_JSONL)
		v = cs_val_text(text);
	if (v.kind == CS_NULL)
		return;
	if (f->filled++ == 0)
		keep_example(f, text);
	f->sorts |= 1u << sort_of(v);
	see(&f->seen, text);
}

void
cs_fields_add(struct cs_fields *f, struct cs_rec *rec)
{
	f->records++;
	for (size_t col = 0; col < rec->n; col++) {
		while (f->n <= col) {
			f->v = cs_grow(f->v, f->n, &f->cap, sizeof(*f->v));
			f->v[f->n++] = (struct cs_field){0};
		}
		add_value(&f->v[col], rec, col);
	}
}

static struct cs_val
type_of(const struct cs_field *f)
{
	static const char *const word[SORTS] = {
	    "text", "number", "boolean", "date", "time", "json"};

	if (f->sorts == 0)
		return cs_val_null();
	for (size_t i = 0; i < SORTS; i++)
		if (f->sorts == 1u << i)
			return cs_val_text(cs_str(word[i]));
	if (f->sorts == (1u << DATE | 1u << TIME))
		return cs_val_text(CS_S("time"));
	/* Dates among other texts are texts. */
	if ((f->sorts & ~(1u << TEXT | 1u << DATE | 1u << TIME)) == 0)
		return cs_val_text(CS_S("text"));
	return cs_val_text(CS_S("mixed"));
}

struct cs_table *
cs_fields_table(struct cs_fields *f, const struct cs_header *head)
{
	static const char *const columns[] = {
	    "column", "type", "filled", "empty", "distinct", "example", "path"};
	struct cs_table *t = cs_table_new(columns, 7);
	struct cs_field none = {0};

	for (size_t col = 0; col < cs_header_n(head); col++) {
		struct cs_field *c = col < f->n ? &f->v[col] : &none;
		struct cs_expr path = {
		    .op = CS_E_FIELD, .text = cs_header_name(head, col)};
		struct cs_buf b = {0};
		char many[32];
		struct cs_val row[7] = {cs_val_text(path.text), type_of(c),
		    cs_val_num((double)c->filled),
		    cs_val_num((double)(f->records - c->filled)),
		    cs_val_num((double)c->seen.n), cs_val_null(),
		    cs_val_null()};

		if (c->seen.is_full) {
			snprintf(many, sizeof(many), "%zu+", CS_MAX_DISTINCT);
			row[4] = cs_val_text(cs_str(many));
		}
		if (c->example.p != NULL)
			row[5] = cs_val_text(c->example);
		cs_expr_print(&b, &path);
		row[6] = cs_val_text(cs_buf_get(&b));
		cs_table_row(t, row);
		cs_buf_free(&b);
	}
	return t;
}

void
cs_fields_free(struct cs_fields *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].seen.slot);
		free((char *)f->v[i].example.p);
	}
	free(f->v);
}
