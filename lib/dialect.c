#include <stdlib.h>

#include "dialect_private.h"

/* How one delimiter with one quote fits the records. */
struct fit {
	char delimiter, quote;
	size_t width;	/* cells of the record that sets the width */
	size_t same;	/* records from there on with as many */
	size_t records; /* records looked at */
	size_t quoted;
};

static void
add_cell(struct cs_dialect_rows *r, struct cs_dialect_row *at, const char *p,
    const char *end, char quote)
{
	struct cs_str cell = {p, (size_t)(end - p)};

	if (cell.n > 0 && cell.p[cell.n - 1] == '\r')
		cell.n--;
	if (cell.n > 1 && *p == quote && cell.p[cell.n - 1] == quote) {
		cell = (struct cs_str){p + 1, cell.n - 2};
		at->quoted++;
	}
	r->cell = cs_grow(r->cell, r->cells, &r->cap, sizeof(*r->cell));
	r->cell[r->cells++] = cell;
}

/* Ends the record, unless it is a blank line. */
static void
end_row(struct cs_dialect_rows *r, struct cs_dialect_row *at)
{
	at->n = r->cells - at->first;
	if (at->n == 1 && r->cell[at->first].n == 0)
		r->cells = at->first;
	else
		r->v[r->n++] = *at;
	r->quoted += at->quoted;
	at->quoted = 0;
	at->first = r->cells;
}

static void
read_rows(struct cs_dialect_rows *r, struct cs_str s, char delimiter,
    char quote, bool is_all)
{
	const char *cell = s.p;
	size_t line = 0, begin = 0;
	bool in_quotes = false;
	struct cs_dialect_row at = {0};

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
			add_cell(r, &at, cell, s.p + i, quote);
			cell = s.p + i + 1;
		}
		if (c == '\n' && !in_quotes) {
			end_row(r, &at);
			at.line = line;
			begin = i + 1;
		}
	}
}

/* How many records have the width of the header? is_top: of the first. */
static struct fit
weigh(const struct cs_dialect_rows *r, char delimiter, char quote, bool is_top)
{
	size_t k = is_top ? 0 : cs_dialect_header(r, &(bool){false});
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
best_delimiter(struct cs_dialect_rows *r, struct cs_str s, bool is_all,
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
best(struct cs_dialect_rows *r, struct cs_str s, bool is_all,
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

void
cs_dialect_find(struct cs_str sample, bool is_all,
    const struct cs_dialect_conf *conf, struct cs_dialect *d)
{
	struct cs_dialect_rows r = {0};
	struct fit f = best(&r, sample, is_all, conf);
	size_t header = 0;

	*d = (struct cs_dialect){.delimiter = (unsigned char)f.delimiter,
	    .quote = (unsigned char)f.quote};
	read_rows(&r, sample, f.delimiter, f.quote, is_all);
	d->records = r.n;
	if (r.n > 0 && !conf->is_top) {
		header = cs_dialect_header(&r, &d->has_two_lines);
		d->titles = header > 0 ? r.v[header].line : 0;
		cs_dialect_shape(&r, header, d);
	}
	if (r.n > 0)
		d->width = r.v[header].n;
	free(r.cell);
}
