#include <stdlib.h>

#include "dialect.h"
#include "hash.h"
#include "num.h"
#include "text.h"

enum {
	RECORDS = 20, /* of the sample that are looked at */
	LEAST = 3     /* header and two records below, to speak of titles */
};

/* The first records, split by one delimiter and one quote. */
struct row {
	size_t line;  /* physical lines before it */
	size_t first; /* its cells begin here */
	size_t n;
};

struct rows {
	struct cs_str *cell;
	size_t cells, cap;
	size_t quoted; /* cells with an opening and a closing quote */
	struct row v[RECORDS];
	size_t n;
};

/* How one delimiter with one quote fits the records. */
struct fit {
	char delimiter, quote;
	size_t width;	/* cells of the record that sets the width */
	size_t same;	/* records from there on with as many */
	size_t records; /* records looked at */
	size_t quoted;
};

static void
add_cell(struct rows *r, const char *p, const char *end, char quote)
{
	struct cs_str cell = {p, (size_t)(end - p)};

	if (cell.n > 0 && cell.p[cell.n - 1] == '\r')
		cell.n--;
	if (cell.n > 1 && *p == quote && cell.p[cell.n - 1] == quote) {
		cell = (struct cs_str){p + 1, cell.n - 2};
		r->quoted++;
	}
	r->cell = cs_grow(r->cell, r->cells, &r->cap, sizeof(*r->cell));
	r->cell[r->cells++] = cell;
}

/* Ends the record, unless it is a blank line. */
static void
end_row(struct rows *r, struct row *at)
{
	at->n = r->cells - at->first;
	if (at->n == 1 && r->cell[at->first].n == 0)
		r->cells = at->first;
	else
		r->v[r->n++] = *at;
	at->first = r->cells;
}

static void
read_rows(
    struct rows *r, struct cs_str s, char delimiter, char quote, bool is_all)
{
	const char *cell = s.p;
	size_t line = 0, begin = 0;
	bool in_quotes = false;
	struct row at = {0};

	r->cells = r->quoted = r->n = 0;
	for (size_t i = 0; i <= s.n && r->n < RECORDS; i++) {
		char c = i < s.n ? s.p[i] : '\n';

		/* What is cut off by the end of the sample says nothing. */
		if (i == s.n && (begin == s.n || (!is_all && r->n > 0)))
			break;
		line += c == '\n';
		if (in_quotes && i < s.n) {
			in_quotes = c != quote;
			continue;
		}
		if (c == quote &&
		    (s.p + i == cell || (i > 0 && s.p[i - 1] == quote))) {
			in_quotes = true;
		} else if (c == delimiter || c == '\n') {
			add_cell(r, cell, s.p + i, quote);
			cell = s.p + i + 1;
		}
		if (c == '\n' && !in_quotes) {
			end_row(r, &at);
			at.line = line;
			begin = i + 1;
		}
	}
}

static const struct cs_str *
cells(const struct rows *r, size_t row)
{
	return r->cell + r->v[row].first;
}

/* A number, a date, an amount: digits and what stands around them. */
static bool
is_figure(struct cs_str s)
{
	bool has_digit = false;

	for (size_t i = 0, n; i < s.n; i += n) {
		struct cs_str rest = {s.p + i, s.n - i};
		uint32_t c = cs_utf8_next(rest, &n);

		if (c >= '0' && c <= '9')
			has_digit = true;
		else if (c != 0xa3 && c != 0xa5 && c != 0x20ac &&
			 (c > 0x7f || c == 0 || !strchr(" +-.,/:%$eE", (int)c)))
			return false;
	}
	return has_digit;
}

static size_t
filled(const struct rows *r, size_t row)
{
	size_t n = 0;

	for (size_t i = 0; i < r->v[row].n; i++)
		n += !cs_text_is_blank(cells(r, row)[i]);
	return n;
}

/* The cells of column col below a row: all figures, and at least two? */
static bool
is_figures(const struct rows *r, size_t row, size_t col)
{
	size_t n = 0;

	for (size_t i = row + 1; i < r->n; i++) {
		if (col >= r->v[i].n || cs_text_is_blank(cells(r, i)[col]))
			continue;
		if (!is_figure(cells(r, i)[col]))
			return false;
		n++;
	}
	return n > 1;
}

/* Are two of the cells (two numbers, if asked so) the same? */
static bool
has_twice(const struct cs_str *c, size_t n, bool is_number)
{
	struct cs_map seen = {0};
	bool is_twice = false;
	double v;

	for (size_t i = 0; i < n && !is_twice; i++) {
		if (is_number && !cs_num_cell(c[i], &v))
			continue;
		is_twice = cs_map_find(&seen, c[i]) != SIZE_MAX;
		if (!is_twice)
			cs_map_add(&seen, c[i], NULL);
	}
	cs_map_free(&seen);
	return is_twice;
}

/* Could these be names: no figures, none twice, at most one missing? */
static bool
is_names(const struct rows *r, size_t row)
{
	const struct cs_str *c = cells(r, row);
	size_t n = r->v[row].n;

	if (n < 2 || n - filled(r, row) > 1)
		return false;
	for (size_t i = 0; i < n; i++)
		if (is_figure(c[i]))
			return false;
	return !has_twice(c, n, false);
}

static bool
has_figures_below(const struct rows *r, size_t row)
{
	for (size_t i = 0; i < r->v[row].n; i++)
		if (is_figures(r, row, i))
			return true;
	return false;
}

/* As many cells from here to the end of what was read; surplus empty ones do
 * not count. */
static bool
is_even(const struct rows *r, size_t row)
{
	size_t width = r->v[row].n;

	for (size_t i = row + 1; i < r->n; i++) {
		size_t n = r->v[i].n;

		while (n > width && cells(r, i)[n - 1].n == 0)
			n--;
		if (n != width)
			return false;
	}
	return r->n - row >= LEAST;
}

/* Are the rows above this one titles? Rows filled up with empty cells are
 * (their names would be empty, and twice); a row of another width is where the
 * names have figures below them: a list of "Smith, John" under one name has
 * none. */
static bool
is_below_titles(const struct rows *r, size_t row)
{
	size_t width = r->v[row].n;
	bool has_empty = false, is_padded = true;

	for (size_t i = 0; i < row; i++) {
		size_t n = filled(r, i);

		if (r->v[i].n == width && n > 1)
			return false;
		has_empty = has_empty || n == 0;
		is_padded = is_padded && r->v[i].n == width;
	}
	if (is_padded)
		return width > 2 || has_empty;
	return has_figures_below(r, row);
}

/* The row that is the header; 0 where there is nothing above it. */
static size_t
find_header(const struct rows *r)
{
	for (size_t k = 1; k < r->n; k++)
		if (is_even(r, k) && is_names(r, k) && is_below_titles(r, k))
			return k;
	return 0;
}

/* How many records have the width of the header? is_top: of the first. */
static struct fit
weigh(const struct rows *r, char delimiter, char quote, bool is_top)
{
	size_t k = is_top ? 0 : find_header(r);
	struct fit f = {.delimiter = delimiter,
	    .quote = quote,
	    .records = r->n,
	    .quoted = r->quoted};

	if (r->n > 0)
		f.width = r->v[k].n;
	for (size_t i = k; i < r->n; i++)
		f.same += r->v[i].n == f.width;
	return f;
}

/* Is a the better explanation? Every candidate that splits the record is
 * weighed by the share of records with as many cells, then by the cells. */
static bool
is_better(struct fit a, struct fit b)
{
	size_t x = a.same * b.records, y = b.same * a.records;

	if (a.width < 2)
		return false;
	if (b.width < 2 || x != y)
		return b.width < 2 || x > y;
	return a.width > b.width;
}

static struct fit
best_delimiter(struct rows *r, struct cs_str s, bool is_all,
    const struct cs_dialect_conf *conf, char quote)
{
	static const char candidate[] = ",;\t|";
	struct fit best = {.quote = quote, .delimiter = ','};

	if (conf->delimiter != 0) {
		read_rows(r, s, (char)conf->delimiter, quote, is_all);
		return weigh(r, (char)conf->delimiter, quote, conf->is_top);
	}
	for (size_t i = 0; candidate[i] != '\0'; i++) {
		struct fit f;

		read_rows(r, s, candidate[i], quote, is_all);
		f = weigh(r, candidate[i], quote, conf->is_top);
		if (is_better(f, best))
			best = f;
	}
	return best;
}

/* An apostrophe is a quote only where it makes every record fit, which the
 * double quote does not, and stands around cells. */
static struct fit
best(struct rows *r, struct cs_str s, bool is_all,
    const struct cs_dialect_conf *conf)
{
	char quote = conf->quote != 0 ? (char)conf->quote : '"';
	struct fit a = best_delimiter(r, s, is_all, conf, quote), b;

	if (conf->quote != 0 || a.quoted > 0 ||
	    (a.width > 1 && a.same == a.records) || conf->delimiter == '\'')
		return a;
	b = best_delimiter(r, s, is_all, conf, '\'');
	return b.width > 1 && b.same == b.records && b.records >= LEAST &&
		       b.quoted >= LEAST
		   ? b
		   : a;
}

/* 1,2,3 or 2019,2020 over columns are names as good as any. */
static bool
is_counting(const struct rows *r)
{
	const struct cs_str *c = cells(r, 0);
	long long before = -1, n;

	for (size_t i = 0; i < r->v[0].n; i++, before = n)
		if (!cs_num_whole(c[i], 0, 1000000, &n) || n <= before)
			return false;
	return true;
}

/* Is the first record one like those below it? It is all numbers, or has one
 * twice, and a number wherever the others have only figures. */
static bool
is_headless(const struct rows *r)
{
	const struct cs_str *c = cells(r, 0);
	size_t width = r->v[0].n, numbers = 0, figures = 0;
	double v;

	if (width < 2 || !is_even(r, 0))
		return false;
	for (size_t i = 0; i < width; i++) {
		numbers += cs_num_cell(c[i], &v);
		if (!is_figures(r, 0, i))
			continue;
		if (!is_figure(c[i]))
			return false;
		figures++;
	}
	return figures > 0 && ((numbers == width && !is_counting(r)) ||
				  has_twice(c, width, true));
}

void
cs_dialect_find(struct cs_str sample, bool is_all,
    const struct cs_dialect_conf *conf, struct cs_dialect *d)
{
	struct rows r = {0};
	struct fit f = best(&r, sample, is_all, conf);
	size_t header;

	*d = (struct cs_dialect){.delimiter = (unsigned char)f.delimiter,
	    .quote = (unsigned char)f.quote};
	read_rows(&r, sample, f.delimiter, f.quote, is_all);
	d->records = r.n;
	if (r.n > 0 && !conf->is_top) {
		header = find_header(&r);
		d->titles = header > 0 ? r.v[header].line : 0;
		d->width = r.v[header].n;
		d->is_headless = header == 0 && is_headless(&r);
	} else if (r.n > 0)
		d->width = r.v[0].n;
	free(r.cell);
}

static void
member(struct cs_buf *b, const char *name)
{
	cs_buf_putc(b, b->n > 0 ? ',' : '{');
	cs_text_json(b, cs_str(name));
	cs_buf_putc(b, ':');
}

static void
put_text(struct cs_buf *b, const char *name, struct cs_str s)
{
	member(b, name);
	if (s.p == NULL)
		cs_buf_puts(b, "null");
	else
		cs_text_json(b, s);
}

static void
put_bool(struct cs_buf *b, const char *name, bool is_so)
{
	member(b, name);
	cs_buf_puts(b, is_so ? "true" : "false");
}

static void
put_count(struct cs_buf *b, const char *name, size_t n)
{
	member(b, name);
	cs_buf_printf(b, "%zu", n);
}

/* A sign of the dialect; 0: there is none. */
static void
put_sign(struct cs_buf *b, const char *name, int c)
{
	char sign = (char)c;

	put_text(b, name, (struct cs_str){c != 0 ? &sign : NULL, 1});
}

void
cs_dialect_json(struct cs_buf *b, const struct cs_dialect_report *r)
{
	const struct cs_dialect *d = &r->found;
	struct cs_buf line = {0};

	put_text(&line, "file", cs_str(r->file));
	put_text(&line, "form", r->form);
	put_text(&line, "encoding", cs_str(r->encoding));
	put_text(&line, "reason", cs_str(r->reason));
	put_bool(&line, "bom", r->has_bom);
	put_sign(&line, "delimiter", d->delimiter);
	put_sign(&line, "quote", d->quote);
	put_text(&line, "line_end", cs_str(r->line_end));
	put_bool(&line, "header", r->has_header);
	member(&line, "header_line");
	if (r->header_line > 0)
		cs_buf_printf(&line, "%zu", r->header_line);
	else
		cs_buf_puts(&line, "null");
	put_count(&line, "preamble", r->passed);
	member(&line, "columns");
	cs_buf_putc(&line, '[');
	for (size_t i = 0; i < r->columns; i++) {
		cs_buf_puts(&line, i > 0 ? "," : "");
		cs_text_json(&line, r->column[i]);
	}
	cs_buf_putc(&line, ']');
	put_count(&line, "records", d->records);
	cs_buf_puts(&line, "}\n");
	cs_buf_str(b, cs_buf_get(&line));
	cs_buf_free(&line);
}
