/* dialect_head: titles, header and columns without a name, told by the cells */
#include "dialect_private.h"
#include "hash.h"
#include "num.h"
#include "text.h"

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
filled(const struct cs_dialect_rows *r, size_t row)
{
	size_t n = 0;

	for (size_t i = 0; i < r->v[row].n; i++)
		n += !cs_text_is_blank(cs_dialect_cells(r, row)[i]);
	return n;
}

/* The cells of column col below a row: all figures, and at least two? */
static bool
is_figures(const struct cs_dialect_rows *r, size_t row, size_t col)
{
	size_t n = 0;

	for (size_t i = row + 1; i < r->n; i++) {
		if (col >= r->v[i].n ||
		    cs_text_is_blank(cs_dialect_cells(r, i)[col]))
			continue;
		if (!is_figure(cs_dialect_cells(r, i)[col]))
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
is_names(const struct cs_dialect_rows *r, size_t row)
{
	const struct cs_str *c = cs_dialect_cells(r, row);
	size_t n = r->v[row].n;

	if (n < 2 || n - filled(r, row) > 1)
		return false;
	for (size_t i = 0; i < n; i++)
		if (is_figure(c[i]))
			return false;
	return !has_twice(c, n, false);
}

static bool
has_figures_below(const struct cs_dialect_rows *r, size_t row)
{
	for (size_t i = 0; i < r->v[row].n; i++)
		if (is_figures(r, row, i))
			return true;
	return false;
}

/* As many cells in this row and in at least `below` more, to the end of what
 * was read; surplus empty ones do not count. */
static bool
is_even(const struct cs_dialect_rows *r, size_t row, size_t below)
{
	size_t width = r->v[row].n;

	for (size_t i = row + 1; i < r->n; i++) {
		size_t n = r->v[i].n;

		while (n > width && cs_dialect_cells(r, i)[n - 1].n == 0)
			n--;
		if (n != width)
			return false;
	}
	return r->n - row > below;
}

/* Are the rows above this one titles? Rows filled up with empty cells are
 * (their names would be empty, and twice); a row of another width is where the
 * names have figures below them: a list of "Smith, John" under one name has
 * none. */
static bool
is_below_titles(const struct cs_dialect_rows *r, size_t row)
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

/* Could the first row not be a header, as two of its names would be empty? */
static bool
is_nameless(const struct cs_dialect_rows *r, size_t row)
{
	return r->v[row].n - filled(r, row) > 1;
}

/* A header in one line. Where the first row cannot be one, a single record
 * below it is enough. */
static size_t
find_names(const struct cs_dialect_rows *r)
{
	size_t below = is_nameless(r, 0) ? 1 : 2;

	for (size_t k = 1; k < r->n; k++)
		if (is_even(r, k, below) && is_names(r, k) &&
		    is_below_titles(r, k))
			return k;
	return 0;
}

/* The cells of a row from i on that one name of the line above is over. */
static size_t
span(const struct cs_str *top, size_t width, size_t i)
{
	size_t n = 1;

	while (i + n < width && cs_text_is_blank(top[i + n]))
		n++;
	return n;
}

static size_t
filled_of(const struct cs_str *c, size_t n)
{
	size_t has = 0;

	for (size_t i = 0; i < n; i++)
		has += !cs_text_is_blank(c[i]);
	return has;
}

/* Do the names below each name of the upper line repeat? */
static bool
is_repeating(const struct cs_str *c, size_t width, size_t period)
{
	if (width % period != 0 || width == period)
		return false;
	for (size_t i = period; i < width; i++)
		if (!cs_str_eq(c[i], c[i - period]))
			return false;
	return true;
}

/* Are this row and the next the two lines of one header? Names of the upper
 * line are over several of the lower (at least two cells of the upper are
 * empty, so that it cannot be a header alone), or over none; or the same names
 * are below each. And there are figures below them, but none in them. */
static bool
is_two_lines(const struct cs_dialect_rows *r, size_t row)
{
	const struct cs_str *top = cs_dialect_cells(r, row), *low;
	size_t width = r->v[row].n, singles = 0, period = 0, n;
	bool has_figures = false;

	if (!is_nameless(r, row) || filled(r, row) < 2 ||
	    cs_text_is_blank(top[0]) || !is_even(r, row, 3))
		return false;
	low = cs_dialect_cells(r, row + 1);
	for (size_t i = 0; i < width; i += n) {
		size_t below;

		n = span(top, width, i);
		below = filled_of(low + i, n);
		if (below != (n > 1 ? n : 0))
			return false;
		singles += n == 1;
		period = period == 0 || period == n ? n : width;
	}
	for (size_t i = 0; i < width; i++) {
		if (is_figure(top[i]) || is_figure(low[i]))
			return false;
		has_figures = has_figures || (!cs_text_is_blank(low[i]) &&
						 is_figures(r, row + 1, i));
	}
	return has_figures && (singles > 0 || is_repeating(low, width, period));
}

size_t
cs_dialect_header(const struct cs_dialect_rows *r, bool *has_two_lines)
{
	size_t k = r->n > 0 ? find_names(r) : 0;

	if (k > 0)
		return k;
	for (; k < r->n; k++) {
		*has_two_lines = is_two_lines(r, k);
		if (*has_two_lines)
			return k;
		/* Above it there are titles only. */
		if (filled(r, k) > 1 || r->v[k].n != r->v[0].n)
			break;
	}
	return 0;
}

/* 1,2,3 or 2019,2020 over columns are names as good as any. */
static bool
is_counting(const struct cs_dialect_rows *r)
{
	const struct cs_str *c = cs_dialect_cells(r, 0);
	long long before = -1, n;

	for (size_t i = 0; i < r->v[0].n; i++, before = n)
		if (!cs_num_whole(c[i], 0, 1000000, &n) || n <= before)
			return false;
	return true;
}

/* Is the first record one like those below it? It is all numbers, or has one
 * twice, and a number wherever the others have only figures. */
static bool
is_headless(const struct cs_dialect_rows *r)
{
	const struct cs_str *c = cs_dialect_cells(r, 0);
	size_t width = r->v[0].n, numbers = 0, figures = 0;
	double v;

	if (width < 2 || !is_even(r, 0, 2))
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

/* The place of a column that the header does not name, from 1: the rows have
 * one cell more. As every cell is quoted no delimiter of a cell can be what
 * parts them. White space at the end of all rows is such a column; else it is
 * the first, which no two rows share: the names of rows, as R writes them. 0:
 * there is none. */
static size_t
find_unnamed(const struct cs_dialect_rows *r, size_t header)
{
	size_t width = r->v[header].n, below = r->n - header - 1, blank = 0,
	       empty = 0;
	struct cs_map seen = {0};

	for (size_t i = header; i < r->n; i++) {
		const struct cs_str *c = cs_dialect_cells(r, i);

		if (r->v[i].quoted != r->v[i].n ||
		    r->v[i].n != width + (i > header))
			return 0;
		if (i == header)
			continue;
		blank += cs_text_is_blank(c[width]);
		empty += c[width].n == 0;
	}
	if (below == 0 || empty == below)
		return 0;
	if (blank == below)
		return width + 1;
	for (size_t i = header + 1; i < r->n; i++)
		cs_map_add(&seen, cs_dialect_cells(r, i)[0], NULL);
	below = below >= 2 && seen.n == below;
	cs_map_free(&seen);
	return below;
}

void
cs_dialect_shape(
    const struct cs_dialect_rows *r, size_t header, struct cs_dialect *d)
{
	d->is_headless = header == 0 && !d->has_two_lines && is_headless(r);
	if (!d->is_headless && !d->has_two_lines)
		d->unnamed = find_unnamed(r, header);
}
