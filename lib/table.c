#include <stdlib.h>
#include <string.h>

#include "date.h"
#include "num.h"
#include "split_ref.h"
#include "table.h"
#include "text.h"

struct cs_table {
	struct cs_arena arena;
	struct cs_arena kept; /* of the table before cs_table_select */
	struct cs_str *name;
	size_t n, cap;
	struct cs_val *v; /* rows of n values */
	size_t values, values_cap;
	size_t rows;
};

struct cs_table *
cs_table_new(const char *const *columns, size_t n)
{
	struct cs_table *t = cs_calloc(1, sizeof(*t));

	for (size_t i = 0; i < n; i++)
		cs_table_column(t, cs_str(columns[i]));
	return t;
}

void
cs_table_column(struct cs_table *t, struct cs_str name)
{
	t->name = cs_grow(t->name, t->n, &t->cap, sizeof(*t->name));
	t->name[t->n++] = cs_keep(&t->arena, name);
}

void
cs_table_row(struct cs_table *t, const struct cs_val *v)
{
	for (size_t i = 0; i < t->n; i++) {
		t->v = cs_grow(t->v, t->values, &t->values_cap, sizeof(*t->v));
		t->v[t->values] = v[i];
		t->v[t->values++].text = cs_keep(&t->arena, v[i].text);
	}
	t->rows++;
}

/* The place of a chosen name. */
static bool
find_column(const struct cs_table *t, struct cs_str name, size_t *at,
    struct cs_err *err)
{
	for (*at = 0; *at < t->n; ++*at)
		if (cs_str_eq(t->name[*at], name))
			return true;
	return cs_fail_column(err, name, "--columns", t->name, t->n);
}

bool
cs_table_select(struct cs_table *t, struct cs_str columns, struct cs_err *err)
{
	struct cs_table s = {0};
	struct cs_str rest = columns, name;
	size_t *from = cs_calloc(columns.n + 1, sizeof(*from));
	bool is_good = true;

	while (is_good && cs_names_next(&rest, &s.arena, &name)) {
		is_good = find_column(t, name, &from[s.n], err);
		if (is_good)
			cs_table_column(&s, name);
	}
	for (size_t i = 0; is_good && i < t->rows; i++)
		for (size_t j = 0; j < s.n; j++) {
			s.v =
			    cs_grow(s.v, s.values, &s.values_cap, sizeof(*s.v));
			s.v[s.values++] = t->v[i * t->n + from[j]];
		}
	free(from);
	if (!is_good) {
		cs_arena_free(&s.arena);
		free(s.name);
		free(s.v);
		return false;
	}
	/* The texts of the rows stay in the old arena: keep it alive. */
	free(t->name);
	free(t->v);
	s.kept = t->arena;
	s.rows = t->rows;
	*t = s;
	return true;
}

size_t
cs_table_rows(const struct cs_table *t)
{
	return t->rows;
}

void
cs_table_free(struct cs_table *t)
{
	if (t == NULL)
		return;
	cs_arena_free(&t->arena);
	cs_arena_free(&t->kept);
	free(t->name);
	free(t->v);
	free(t);
}

bool
cs_is_formula(struct cs_str text)
{
	static const char *const sign[] = {"=", "+", "-", "@", "\t", "\r",
	    "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"};
	struct cs_time t;

	for (size_t i = 0; i < sizeof(sign) / sizeof(sign[0]); i++)
		if (cs_str_starts(text, cs_str(sign[i])))
			return !cs_num_is_json(text) &&
			       cs_time_parse(text, &t) != CS_DATE_OK;
	return false;
}

/* A number that came from a cell stays as it was written. */
static bool
is_written(struct cs_val v)
{
	return v.kind != CS_NUM || v.text.p != NULL;
}

static void
put_text(struct cs_buf *b, struct cs_val v)
{
	if (is_written(v))
		cs_val_put_text(b, v);
	else
		cs_num_print6(b, v.num);
}

static void
put_json(struct cs_buf *b, struct cs_val v)
{
	if (is_written(v))
		cs_val_put_json(b, v);
	else
		cs_num_print6(b, v.num);
}

static const struct cs_val *
row(const struct cs_table *t, size_t i)
{
	return t->v + i * t->n;
}

/* One line of CSV, TSV or excel; v NULL: the header. */
static void
csv_line(const struct cs_table *t, const struct cs_val *v, enum cs_form form,
    struct cs_buf *cell, struct cs_buf *line)
{
	int delimiter = form == CS_FORM_TSV ? '\t' : ',';
	bool is_excel = form == CS_FORM_EXCEL;

	cs_buf_reset(line);
	for (size_t i = 0; i < t->n; i++) {
		struct cs_str s;

		cs_buf_reset(cell);
		if (v == NULL)
			cs_buf_str(cell, t->name[i]);
		else
			put_text(cell, v[i]);
		if (is_excel && cs_is_formula(cs_buf_get(cell))) {
			cs_buf_putc(cell, '\0');
			memmove(cell->p + 1, cell->p, cell->n - 1);
			cell->p[0] = '\'';
		}
		s = cs_buf_get(cell);
		if (i > 0)
			cs_buf_putc(line, (char)delimiter);
		if (t->n == 1 && s.n == 0)
			cs_buf_puts(line, "\"\"");
		else
			cs_split_put(line, s, delimiter);
	}
	cs_buf_puts(line, is_excel ? "\r\n" : "\n");
}

static void
json_line(const struct cs_table *t, const struct cs_val *v, struct cs_buf *line)
{
	cs_buf_reset(line);
	cs_buf_putc(line, '{');
	for (size_t i = 0; i < t->n; i++) {
		if (i > 0)
			cs_buf_putc(line, ',');
		cs_text_json(line, t->name[i]);
		cs_buf_putc(line, ':');
		put_json(line, v[i]);
	}
	cs_buf_puts(line, "}\n");
}

/* One aligned cell; *due are the blanks owed before the next text, so that no
 * line ends in blanks. */
static void
aligned(struct cs_buf *line, struct cs_str text, size_t width, bool is_right,
    size_t *due)
{
	size_t w = cs_text_width(text), pad = width > w ? width - w : 0;

	if (is_right)
		*due += pad;
	if (text.n > 0) {
		memset(cs_buf_room(line, *due), ' ', *due);
		line->n += *due;
		*due = 0;
		cs_buf_str(line, text);
	}
	*due += 2 + (is_right ? 0 : pad) + (text.n == 0 ? w : 0);
}

/* The shown texts of all rows, the header first. */
struct shown {
	struct cs_arena arena;
	struct cs_str *text;
	size_t *width;
	bool *is_number; /* the column has numbers and no text */
};

static void
show(const struct cs_table *t, struct shown *s)
{
	struct cs_buf b = {0}, e = {0};

	s->text = cs_calloc((t->rows + 1) * t->n, sizeof(*s->text));
	s->width = cs_calloc(t->n, sizeof(*s->width));
	s->is_number = cs_calloc(t->n, sizeof(*s->is_number));
	for (size_t i = 0; i < t->n; i++) {
		bool has_number = false, has_text = false;

		for (size_t r = 0; r <= t->rows; r++) {
			struct cs_val v =
			    r == 0 ? cs_val_text(t->name[i]) : row(t, r - 1)[i];
			struct cs_str *text = &s->text[r * t->n + i];
			size_t w;

			cs_buf_reset(&b);
			cs_buf_reset(&e);
			put_text(&b, v);
			cs_escape(&e, cs_buf_get(&b));
			*text = cs_keep(&s->arena, cs_buf_get(&e));
			w = cs_text_width(*text);
			s->width[i] = w > s->width[i] ? w : s->width[i];
			has_number = has_number || v.kind == CS_NUM;
			has_text = has_text || (r > 0 && v.kind != CS_NUM &&
						   v.kind != CS_NULL);
		}
		s->is_number[i] = has_number && !has_text;
	}
	cs_buf_free(&b);
	cs_buf_free(&e);
}

static void
print_aligned(const struct cs_table *t, struct cs_out *out)
{
	struct shown s = {0};
	struct cs_buf line = {0};

	show(t, &s);
	for (size_t r = 0; r <= t->rows && !cs_out_failed(out); r++) {
		size_t due = 0;

		cs_buf_reset(&line);
		for (size_t i = 0; i < t->n; i++)
			aligned(&line, s.text[r * t->n + i], s.width[i],
			    r == 0 ? s.is_number[i]
				   : row(t, r - 1)[i].kind == CS_NUM,
			    &due);
		cs_buf_putc(&line, '\n');
		cs_out_str(out, cs_buf_get(&line));
	}
	cs_buf_free(&line);
	cs_arena_free(&s.arena);
	free(s.text);
	free(s.width);
	free(s.is_number);
}

bool
cs_table_print(const struct cs_table *t, enum cs_form form, struct cs_out *out,
    struct cs_err *err)
{
	struct cs_buf cell = {0}, line = {0};

	if (form == CS_FORM_EXCEL)
		cs_out_puts(out, "\xef\xbb\xbf");
	if (form == CS_FORM_TABLE)
		print_aligned(t, out);
	else if (form != CS_FORM_JSONL) {
		csv_line(t, NULL, form, &cell, &line);
		cs_out_str(out, cs_buf_get(&line));
	}
	for (size_t r = 0; r < t->rows && form != CS_FORM_TABLE; r++) {
		if (form == CS_FORM_JSONL)
			json_line(t, row(t, r), &line);
		else
			csv_line(t, row(t, r), form, &cell, &line);
		cs_out_str(out, cs_buf_get(&line));
		if (cs_out_failed(out))
			break;
	}
	cs_buf_free(&cell);
	cs_buf_free(&line);
	return !cs_out_failed(out) || cs_out_flush(out, err);
}
