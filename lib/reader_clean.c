/* reader_clean: records with the cells that --clean changed written anew */
#include "json.h"
#include "reader_private.h"
#include "text.h"

bool
cs_reader_clean(struct cs_reader *r, struct cs_rec *rec)
{
	struct cs_arena *a = rec->arena;
	struct cs_str *cell = cs_arena_array(a, rec->n, sizeof(*cell));
	struct cs_str *raw = cs_arena_array(a, rec->n, sizeof(*raw));
	struct cs_buf *b = &r->cleaned;

	cs_buf_reset(b);
	for (size_t i = 0; i < rec->n; i++) {
		struct cs_str was = cs_rec_cell(rec, i);
		size_t at = b->n;

		cell[i] = cs_clean_text(r->conf.clean, a, was);
		if (cs_str_eq(cell[i], was))
			cs_buf_str(b, cs_rec_raw(rec, i));
		else
			cs_split_put(b, cell[i], r->head->delimiter);
		raw[i].n = b->n - at;
		if (i + 1 < rec->n)
			cs_buf_putc(b, (char)r->head->delimiter);
	}
	if (cs_clean_is_blank(r->conf.clean, cell, rec->n))
		return false;
	/* A lone empty cell would be a blank line. */
	if (rec->n == 1 && b->n == 0 && rec->raw.n > 0) {
		cs_buf_puts(b, "\"\"");
		raw[0].n = 2;
	}
	rec->raw = cs_buf_get(b);
	for (size_t i = 0, at = 0; i < rec->n; i++) {
		raw[i].p = rec->raw.p + at;
		at += raw[i].n + 1;
	}
	rec->cell = cell;
	rec->raw_cell = raw;
	return true;
}

/* The end of the string that begins at s.p[i]. */
static size_t
string_end(struct cs_str s, size_t i)
{
	for (i++; s.p[i] != '"'; i++)
		i += s.p[i] == '\\';
	return i + 1;
}

struct cs_str
cs_reader_clean_json(struct cs_reader *r, struct cs_arena *a, struct cs_str s)
{
	struct cs_buf *b = &r->cleaned;

	if (!cs_json_check(s, NULL, NULL))
		return s; /* refused as it is */
	cs_buf_reset(b);
	for (size_t i = 0, end; i < s.n; i = end) {
		struct cs_str raw = {s.p + i, 1}, was, text;

		end = i + 1;
		if (s.p[i] != '"') {
			cs_buf_putc(b, s.p[i]);
			continue;
		}
		end = string_end(s, i);
		raw.n = end - i;
		was = cs_json_text(a, raw);
		text = cs_clean_text(r->conf.clean, a, was);
		if (cs_str_eq(text, was))
			cs_buf_str(b, raw);
		else
			cs_text_json(b, text);
	}
	return cs_buf_get(b);
}
