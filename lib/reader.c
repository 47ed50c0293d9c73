#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "num.h"
#include "reader_private.h"
#include "text.h"

enum { SNIFF_LINES = 20, SNIFF_BYTES = 1 << 20 };

enum cs_got
cs_reader_line(void *self, struct cs_line *line, struct cs_err *err)
{
	struct cs_reader *r = self;
	enum cs_got got = cs_in_line(r->in, &line->raw, err);

	if (got != CS_GOT)
		return got;
	line->line = ++r->lines;
	line->text = line->raw;
	line->bad = 0;
	if (r->decode != NULL)
		line->bad = cs_decode_line(r->decode, line->raw, &line->text);
	return CS_GOT;
}

/* The first *n physical lines of s, or what there is; *n is then how many are
 * missing. */
static struct cs_str
first_lines(struct cs_str s, size_t *n)
{
	const char *p = s.p, *end = s.p + s.n, *lf;

	for (; *n > 0 && p < end; --*n) {
		lf = memchr(p, '\n', (size_t)(end - p));
		if (lf == NULL)
			return s;
		p = lf + 1;
	}
	return (struct cs_str){s.p, (size_t)(p - s.p)};
}

/* Shows the beginning of the input, decoded: so many lines or bytes, whichever
 * comes first. Where nothing has to be decoded the lines stay in the input. */
static struct cs_str
sample(struct cs_reader *r, size_t lines, size_t bytes, bool *is_all)
{
	size_t want = 1, missing;
	struct cs_str s, part;

	if (r->decode != NULL && !cs_decode_is_plain(r->decode))
		return cs_split_ahead(r->split, lines, bytes, is_all);
	for (;; want = s.n + 1) {
		s = cs_in_peek(r->in, want);
		missing = lines;
		part = first_lines(s, &missing);
		*is_all = s.n < want && part.n == s.n;
		if (s.n < want || missing == 0 || s.n >= bytes)
			return part;
	}
}

/* The first n signs of s that are no white space; fewer if there are not so
 * many. */
static size_t
first_signs(struct cs_str s, char *sign, size_t n)
{
	size_t k = 0;

	for (size_t i = 0; i < s.n && k < n; i++)
		if (memchr(" \t\r\n", s.p[i], 4) == NULL)
			sign[k++] = s.p[i];
	return k;
}

/* Does it begin with an object, an array of objects or an empty one? */
static bool
looks_like_json(struct cs_reader *r)
{
	bool is_all = false;
	struct cs_str s;
	char sign[3] = "";
	size_t n;

	for (size_t lines = 1;; lines++) {
		s = sample(r, lines, SNIFF_BYTES, &is_all);
		n = first_signs(s, sign, 3);
		if (n > 0 && sign[0] != '[')
			return sign[0] == '{';
		if (n > 1 && sign[1] != ']')
			return sign[1] == '{';
		if (n > 2)
			return sign[2] == '[' || sign[2] == '{';
		if (is_all || s.n >= SNIFF_BYTES || lines > SNIFF_BYTES)
			return n == 2;
	}
}

/* Delimiter, quote, titles, header: what was not said is found. Where nothing
 * is decoded the input is ours already: the first line is the header. */
static void
find_dialect(struct cs_reader *r)
{
	struct cs_reader_conf *c = &r->conf;
	struct cs_dialect_conf know = {.delimiter = r->delimiter,
	    .quote = c->quote == 0 && !c->decode ? '"' : c->quote,
	    .is_top =
		!c->decode || c->as_is || c->no_header || c->names.p != NULL};
	bool is_all;
	struct cs_str start;

	if (!c->decode && know.delimiter != 0)
		return;
	start = sample(r, SNIFF_LINES, SNIFF_BYTES, &is_all);
	cs_dialect_find(start, is_all, &know, &r->dialect);
	r->delimiter = r->dialect.delimiter;
	if (!c->decode)
		return;
	if (c->quote == 0 && r->dialect.quote != '"')
		c->quote = r->stats.quote = r->dialect.quote;
	r->stats.titles = r->dialect.titles;
	r->stats.is_headless = r->dialect.is_headless;
	r->stats.has_two_lines = r->dialect.has_two_lines;
	r->stats.unnamed = r->dialect.unnamed;
	c->no_header = c->no_header || r->dialect.is_headless;
}

static void
find_form(struct cs_reader *r)
{
	const struct cs_reader_conf *c = &r->conf;
	struct cs_split_conf split = {0};

	r->form = c->form;
	r->delimiter = c->delimiter;
	if (r->form == CS_FORM_JSONL ||
	    (r->form == CS_FORM_AUTO && c->delimiter == 0 &&
		looks_like_json(r))) {
		r->form = CS_FORM_JSONL;
		r->delimiter = 0;
		return;
	}
	if (r->delimiter == 0 && r->form == CS_FORM_TSV)
		r->delimiter = '\t';
	find_dialect(r);
	if (r->form != CS_FORM_CSV && r->form != CS_FORM_TSV)
		r->form = r->delimiter == '\t' ? CS_FORM_TSV : CS_FORM_CSV;
	split.delimiter = r->delimiter;
	split.quote = c->quote;
	cs_split_set(r->split, &split);
}

static bool
header_fail(
    struct cs_reader *r, size_t line, struct cs_err *err, const char *text)
{
	struct cs_place at = {r->name, line, 0};

	return cs_fail_at(
	    err, CS_STOP, at, "the header cannot be read: %s", text);
}

/* Are the bytes of the header row such as we want them? */
static bool
header_bytes(struct cs_reader *r, const struct cs_row *row, struct cs_err *err)
{
	size_t bad = cs_utf8_valid(row->text), line = row->line, col = bad + 1;
	struct cs_buf sample = {0};
	const char *guess;
	bool is_all;

	if (row->bad > 0 && !r->conf.keep_bad)
		return cs_fail_at(err, CS_STOP,
		    (struct cs_place){r->name, row->line, 0},
		    "the header has bytes that are not %s",
		    cs_decode_name(r->decode));
	r->stats.replaced += row->bad;
	if (cs_str_chr(row->text, '\0') != NULL)
		return header_fail(r, row->line, err, "it has a NUL byte");
	if (bad == row->text.n)
		return true;
	for (size_t i = 0; i < bad; i++)
		if (row->text.p[i] == '\n') {
			line++;
			col = bad - i;
		}
	cs_buf_str(&sample, row->text);
	cs_buf_str(&sample,
	    cs_split_ahead(r->split, SNIFF_LINES, SNIFF_BYTES, &is_all));
	guess = cs_decode_guess(cs_buf_get(&sample));
	cs_buf_free(&sample);
	if (guess != NULL)
		return cs_fail_at(err, CS_STOP,
		    (struct cs_place){r->name, line, 0},
		    "bytes are not UTF-8 (line %zu, byte %zu); they fit %s: "
		    "use cs-ingest first",
		    line, col, guess);
	return cs_fail_at(err, CS_STOP, (struct cs_place){r->name, line, 0},
	    "bytes are not UTF-8 (line %zu, byte %zu): use cs-ingest first",
	    line, col);
}

/* The column names of one file, in its order. */
struct names {
	struct cs_str *v;
	struct cs_map map;
	bool is_renamed;
};

/* a, then a_2, a_3: the first that is free. */
static struct cs_str
rename_column(struct cs_reader *r, struct names *names, struct cs_str name)
{
	for (size_t k = 2;; k++) {
		struct cs_str s = cs_str(
		    cs_arena_printf(&r->arena, "%.*s_%zu", CS_ARG(name), k));

		if (cs_map_find(&names->map, s) == SIZE_MAX)
			return s;
	}
}

/* What to do about two columns of one name: a title line has empty names, a
 * first record numbers. */
static const char *
duplicate_hint(const struct cs_reader *r, struct cs_str name)
{
	double v;

	if (cs_num_cell(name, &v))
		return "; is there no header? --no-header";
	if (!r->conf.decode)
		return "";
	if (name.n == 0)
		return "; a title line? --skip=N passes over it, "
		       "--rename-duplicates numbers the columns";
	return "; --rename-duplicates numbers them";
}

static const struct cs_str *
clean_names(
    struct cs_reader *r, struct names *names, const struct cs_str *v, size_t n)
{
	struct cs_str *clean;

	if (r->conf.clean == NULL)
		return v;
	clean = cs_arena_array(&r->arena, n, sizeof(*clean));
	for (size_t i = 0; i < n; i++) {
		clean[i] = cs_clean_text(r->conf.clean, &r->arena, v[i]);
		if (!cs_str_eq(clean[i], v[i]))
			names->is_renamed = true;
	}
	return clean;
}

static bool
names_take(struct cs_reader *r, struct names *names, const struct cs_str *v,
    size_t n, size_t line, struct cs_err *err)
{
	/* Places are told as the header has them. */
	size_t shift = r->stats.unnamed == 1;

	names->v = cs_arena_array(&r->arena, n, sizeof(*names->v));
	v = clean_names(r, names, v, n);
	for (size_t i = 0; i < n; i++) {
		size_t before = cs_map_find(&names->map, v[i]);
		struct cs_str name = cs_keep(&r->arena, v[i]);
		if (before != SIZE_MAX && !r->conf.rename_duplicates &&
		    line == 0)
			return cs_fail(err, CS_USAGE,
			    "--header: two names are \"%.*s\" (%zu and %zu)",
			    CS_ARG(name), before + 1, i + 1);
		if (before != SIZE_MAX && !r->conf.rename_duplicates)
			return cs_fail_at(err, CS_USAGE,
			    (struct cs_place){r->name, line, 0},
			    "two columns are called \"%.*s\" (columns %zu and "
			    "%zu)%s",
			    CS_ARG(name), before + 1 - shift, i + 1 - shift,
			    duplicate_hint(r, name));
		if (before != SIZE_MAX) {
			name = rename_column(r, names, name);
			names->is_renamed = true;
		}
		names->v[i] = name;
		cs_map_add(&names->map, name, NULL);
	}
	r->width = n;
	return true;
}

/* Names that are in one of the sets and not in the other, quoted. */
static void
missing_names(struct cs_buf *b, const struct cs_map *have,
    const struct cs_map *other, const char *word)
{
	enum { FEW = 5 };
	size_t n = 0;

	for (size_t i = 0; i < have->n; i++) {
		if (cs_map_find(other, have->key[i]) != SIZE_MAX)
			continue;
		if (n < FEW)
			cs_buf_printf(b, "%s\"%.*s\"",
			    n > 0      ? ", "
			    : b->n > 0 ? "; "
				       : "",
			    CS_ARG(have->key[i]));
		n++;
	}
	if (n > FEW)
		cs_buf_printf(b, " and %zu more", n - FEW);
	if (n > 0)
		cs_buf_printf(b, " %s", word);
}

/* The first file gives the run its columns. */
static void
header_first(
    struct cs_reader *r, const struct names *names, const struct cs_row *row)
{
	struct cs_header *h = r->head;
	struct cs_arena *a = &h->map.arena;
	struct cs_buf b = {0};
	bool is_same =
	    !names->is_renamed && (r->conf.quote == 0 || r->conf.quote == '"');

	for (size_t i = 0; i < r->width; i++)
		cs_header_add(h, names->v[i]);
	if (row == NULL)
		return;
	h->raw_name = cs_arena_array(a, r->width, sizeof(*h->raw_name));
	for (size_t i = 0; i < r->width; i++) {
		size_t at = b.n;

		if (is_same)
			cs_buf_str(&b, row->raw_cell[i]);
		else
			cs_split_put(&b, names->v[i], r->delimiter);
		h->raw_name[i] = (struct cs_str){NULL, b.n - at};
		if (i + 1 < r->width)
			cs_buf_putc(&b, (char)r->delimiter);
	}
	h->raw = cs_keep(a, cs_buf_get(&b));
	cs_buf_free(&b);
	for (size_t i = 0, at = 0; i < r->width; i++) {
		h->raw_name[i].p = h->raw.p + at;
		at += h->raw_name[i].n + 1;
	}
}

/* A later file's columns that the run does not have yet. */
static bool
header_unite(struct cs_reader *r, const struct names *names, struct cs_err *err)
{
	struct cs_header *h = r->head;
	size_t n = cs_header_n(h), fresh = 0;
	struct cs_str *raw;

	for (size_t i = 0; i < r->width; i++)
		fresh += cs_header_find(h, names->v[i]) == CS_NO_COLUMN;
	if (n + fresh > CS_MAX_COLUMNS)
		return cs_fail(err, CS_STOP,
		    "%s: over %zu columns in all files, the limit", r->name,
		    CS_MAX_COLUMNS);
	if (h->raw_name != NULL && fresh > 0) {
		/* Those of no bytes are written anew. */
		raw = cs_arena_array(&h->map.arena, n + fresh, sizeof(*raw));
		memcpy(raw, h->raw_name, n * sizeof(*raw));
		h->raw_name = raw;
	}
	for (size_t i = 0; i < r->width; i++)
		cs_header_add(h, names->v[i]);
	return true;
}

/* A later file: the same set, maybe in another order. */
static bool
header_same(struct cs_reader *r, const struct names *names, struct cs_err *err)
{
	struct cs_header *h = r->head;
	struct cs_buf b = {0};
	bool is_same;

	missing_names(&b, &h->map, &names->map, "missing");
	missing_names(&b, &names->map, &h->map, "too many");
	is_same = b.n == 0;
	if (!is_same)
		cs_fail(err, CS_STOP,
		    "%s: its columns are not those of %.*s: %s", r->name,
		    CS_ARG(h->file), cs_buf_z(&b));
	cs_buf_free(&b);
	return is_same;
}

static bool
header_later(struct cs_reader *r, const struct names *names, struct cs_err *err)
{
	struct cs_header *h = r->head;
	bool is_same = true;

	if (!(r->conf.unites ? header_unite : header_same)(r, names, err))
		return false;
	r->place = cs_arena_array(&r->arena, r->width, sizeof(*r->place));
	for (size_t i = 0; i < r->width; i++) {
		r->place[i] = cs_header_find(h, names->v[i]);
		is_same = is_same && r->place[i] == i;
	}
	if (is_same)
		r->place = NULL;
	r->is_foreign = r->place != NULL || r->delimiter != h->delimiter;
	return true;
}

/* Binds the names of this file to the run's header. */
static bool
header_bind(struct cs_reader *r, const struct names *names,
    const struct cs_row *row, struct cs_str eol, struct cs_err *err)
{
	struct cs_header *h = r->head;
	bool is_first = h->file.p == NULL && cs_header_n(h) == 0;

	if (h->file.p == NULL)
		h->delimiter = r->delimiter;
	if (is_first) {
		header_first(r, names, row);
		h->eol = cs_keep(&h->map.arena, eol);
	} else if (!header_later(r, names, err))
		return false;
	if (h->file.p == NULL)
		h->file = cs_keep(&h->map.arena, cs_str(r->name));
	if (r->conf.quote != 0 && r->conf.quote != '"')
		r->is_foreign = true;
	return true;
}

/* The first row that is not blank; if all are blank, the first. Without a
 * header line what is refused is passed over too: it is told when the records
 * are read. */
static enum cs_split_got
first_row(
    struct cs_reader *r, struct cs_row *row, bool is_header, struct cs_err *err)
{
	enum cs_split_got got;
	struct cs_row blank = {0}, refused = {0};

	cs_split_hold(r->split);
	for (;;) {
		got = cs_split_next(r->split, row, err);
		if (got == CS_SPLIT_ROW && row->is_blank)
			blank = blank.lines > 0 ? blank : *row;
		else if (got == CS_SPLIT_REFUSED && !is_header)
			refused = *row;
		else
			break;
	}
	if (got != CS_SPLIT_END || blank.lines + refused.lines == 0)
		return got;
	if (blank.lines == 0) {
		/* Of its slices nothing may be used any more. */
		*row = refused;
		row->eol = row->text = (struct cs_str){0};
		return CS_SPLIT_REFUSED;
	}
	cs_split_back(r->split);
	cs_split_hold(r->split);
	do
		got = cs_split_next(r->split, row, err);
	while (got == CS_SPLIT_REFUSED);
	return got;
}

/* Is v[at] the name of another column? */
static bool
is_among(const struct cs_str *v, size_t n, size_t at)
{
	for (size_t i = 0; i < n; i++)
		if (i != at && cs_str_eq(v[i], v[at]))
			return true;
	return false;
}

/* The second line of a header: its names behind those of the first that stand
 * over them. Where it is not what the sample showed the first is all. */
static bool
join_lines(struct cs_reader *r, struct cs_str *v, struct cs_row *row,
    struct cs_err *err)
{
	size_t width = row->n;
	struct cs_str over = {0};
	enum cs_split_got got;

	cs_split_hold(r->split);
	do
		got = cs_split_next(r->split, row, err);
	while (got == CS_SPLIT_ROW && row->is_blank);
	if (got == CS_SPLIT_FAILED)
		return false;
	r->stats.has_two_lines = got == CS_SPLIT_ROW && row->n == width;
	if (!r->stats.has_two_lines) {
		cs_split_back(r->split);
		row->eol = (struct cs_str){0};
		return true;
	}
	cs_split_go_on(r->split);
	for (size_t i = 0; i < width; i++) {
		if (!cs_text_is_blank(v[i]))
			over = v[i];
		if (cs_text_is_blank(row->cell[i]))
			continue;
		v[i] = cs_str(cs_arena_printf(&r->arena, "%.*s %.*s",
		    CS_ARG(over), CS_ARG(row->cell[i])));
	}
	return header_bytes(r, row, err);
}

/* The names that the header gives: its cells, those of two lines joined, one
 * more for a column that it does not name. *n of them. */
static struct cs_str *
header_names(struct cs_reader *r, struct names *names, struct cs_row *row,
    size_t *n, struct cs_err *err)
{
	size_t unnamed, to = 0;
	struct cs_str *v;

	*n = row->n;
	if (row->n != r->dialect.width) {
		/* The sample was taken for something else than libcsv says. */
		r->stats.has_two_lines = false;
		r->stats.unnamed = 0;
	}
	unnamed = r->stats.unnamed;
	if (!r->stats.has_two_lines && unnamed == 0)
		return row->cell;
	v = cs_arena_array(&r->arena, row->n + 1, sizeof(*v));
	for (size_t i = 0; i < row->n; i++, to++) {
		to += unnamed == i + 1;
		v[to] = cs_keep(&r->arena, row->cell[i]);
	}
	names->is_renamed = true;
	if (r->stats.has_two_lines)
		return join_lines(r, v, row, err) ? v : NULL;
	++*n;
	v[unnamed - 1] = cs_str(cs_arena_printf(&r->arena, "c%zu", unnamed));
	while (is_among(v, *n, unnamed - 1))
		v[unnamed - 1] = cs_str(cs_arena_printf(
		    &r->arena, "%.*s_", CS_ARG(v[unnamed - 1])));
	r->stats.name = v[unnamed - 1];
	return v;
}

/* The first of the names that is a column; CS_NO_COLUMN: none is. */
static size_t
best_name(const struct cs_froms *f, const struct cs_str *v, size_t n)
{
	for (size_t i = 0; i < f->n; i++)
		for (size_t j = 0; j < n; j++)
			if (cs_str_eq(f->name[i], v[j]))
				return j;
	return CS_NO_COLUMN;
}

/* A column that is known by several names gets the best of them, so that the
 * files of a run meet in it. */
static struct cs_str *
one_name(struct cs_reader *r, struct names *names, struct cs_str *v, size_t n)
{
	bool is_own = false;

	for (size_t i = 0; i < r->conf.nfroms; i++) {
		const struct cs_froms *f = &r->conf.froms[i];
		size_t at = best_name(f, v, n);
		struct cs_str *own;

		if (at == CS_NO_COLUMN || cs_str_eq(v[at], f->name[0]))
			continue;
		if (!is_own) {
			own = cs_arena_array(&r->arena, n, sizeof(*own));
			memcpy(own, v, n * sizeof(*own));
			v = own;
		}
		is_own = names->is_renamed = true;
		v[at] = f->name[0];
	}
	return v;
}

static bool
header_line(struct cs_reader *r, struct cs_err *err)
{
	struct cs_str *v;
	size_t n;
	struct cs_row row;
	struct names names = {0};
	bool good = false;

	switch (first_row(r, &row, true, err)) {
	case CS_SPLIT_FAILED:
		return false;
	case CS_SPLIT_END:
		r->is_empty = true;
		return true;
	case CS_SPLIT_REFUSED:
		return header_fail(r, row.line, err, row.why);
	case CS_SPLIT_ROW:
		break;
	}
	cs_split_go_on(r->split);
	r->header_line = row.line;
	good = header_bytes(r, &row, err) &&
	       (v = header_names(r, &names, &row, &n, err)) != NULL &&
	       names_take(r, &names, one_name(r, &names, v, n), n,
		   r->header_line, err) &&
	       header_bind(r, &names, &row, row.eol, err);
	cs_map_free(&names.map);
	return good;
}

/* --header=a,b,c, or c1, c2 ... as many as the first row has. */
static size_t
given_names(struct cs_reader *r, const struct cs_row *row, struct cs_str **v)
{
	struct cs_str rest = r->conf.names, piece;
	size_t n = 0, cap = 0;

	if (rest.p == NULL) {
		*v = cs_arena_array(&r->arena, row->n, sizeof(**v));
		for (n = 0; n < row->n; n++)
			(*v)[n] =
			    cs_str(cs_arena_printf(&r->arena, "c%zu", n + 1));
		return n;
	}
	for (*v = NULL; cs_names_next(&rest, &r->arena, &piece); n++) {
		*v = cs_grow(*v, n, &cap, sizeof(**v));
		(*v)[n] = piece;
	}
	return n;
}

static bool
header_absent(struct cs_reader *r, struct cs_err *err)
{
	struct cs_row row;
	struct names names = {0};
	struct cs_str *v;
	size_t n;
	bool good;

	switch (first_row(r, &row, false, err)) {
	case CS_SPLIT_FAILED:
		return false;
	case CS_SPLIT_END:
		r->is_empty = true;
		return true;
	case CS_SPLIT_REFUSED:
		if (r->conf.names.p == NULL)
			return header_fail(r, row.line, err, row.why);
		break;
	case CS_SPLIT_ROW:
		break;
	}
	n = given_names(r, &row, &v);
	if (n > CS_MAX_COLUMNS)
		good = cs_fail(err, CS_USAGE,
		    "--header has %zu names, the limit is %zu", n,
		    CS_MAX_COLUMNS);
	else
		good = names_take(r, &names, v, n, 0, err) &&
		       header_bind(r, &names, NULL, row.eol, err);
	if (r->conf.names.p != NULL)
		free(v);
	cs_map_free(&names.map);
	cs_split_back(r->split);
	return good;
}

static bool
check_kind(struct cs_reader *r, struct cs_err *err)
{
	struct cs_header *h = r->head;
	bool is_json = r->form == CS_FORM_JSONL;

	if (h->file.p == NULL || h->is_open == is_json)
		return true;
	return cs_fail(err, CS_STOP, "%s is %s, %.*s is %s: one kind in a run",
	    r->name, is_json ? "JSON lines" : "CSV", CS_ARG(h->file),
	    is_json ? "CSV" : "JSON lines");
}

/* The lines above the header, which the sample showed. */
static bool
pass_titles(struct cs_reader *r, struct cs_err *err)
{
	struct cs_line line;

	for (size_t i = 0; i < r->stats.titles; i++)
		if (cs_split_line(r->split, &line, err) != CS_GOT)
			return false;
	return true;
}

static bool
open_header(struct cs_reader *r, struct cs_err *err)
{
	struct cs_header *h = r->head;

	find_form(r);
	if (!check_kind(r, err))
		return false;
	if (r->form == CS_FORM_JSONL) {
		h->is_open = true;
		if (h->file.p == NULL)
			h->file = cs_keep(&h->map.arena, cs_str(r->name));
		return true;
	}
	if (r->conf.no_header || r->conf.names.p != NULL)
		return header_absent(r, err);
	return pass_titles(r, err) && header_line(r, err);
}

/* Files people take for an export. What they are, and what to do. */
static bool
is_foreign_file(struct cs_str head, const char **what)
{
	static const struct {
		const char *begins;
		size_t n;
		const char *what;
	} known[] = {
	    {"PK\3\4", 4,
		"a workbook (.xlsx) or another zip file: save it as CSV UTF-8, "
		"or unpack it first"},
	    {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8,
		"a workbook (.xls): save it as CSV UTF-8"},
	    {"%PDF-", 5, "a PDF: export the table as CSV"},
	    {"<!DOCTYPE html", 14, "a web page: export the table as CSV"},
	    {"<html", 5, "a web page: export the table as CSV"},
	    {"<table", 6, "a web page: export the table as CSV"},
	    {"<?xml", 5, "XML: export the table as CSV"}};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (head.n < known[i].n ||
		    strncasecmp(head.p, known[i].begins, known[i].n) != 0)
			continue;
		*what = known[i].what;
		return true;
	}
	return false;
}

/* Encoding, BOM, lines to pass over. *is_end: nothing is left. */
static bool
open_bytes(struct cs_reader *r, bool *is_end, struct cs_err *err)
{
	struct cs_str head = cs_in_peek(r->in, 16), line;
	enum cs_got got = CS_GOT;
	const char *what;

	if (is_foreign_file(head, &what))
		return cs_fail(err, CS_STOP, "%s: this is %s", r->name, what);

	r->has_bom = cs_reader_has_bom(head);
	if (head.n > 0 && r->conf.decode) {
		r->decode = cs_decode_open(r->in, r->conf.encoding, err);
		if (r->decode == NULL)
			return false;
	} else if (cs_str_starts(head, CS_S("\xef\xbb\xbf")))
		cs_in_skip(r->in, 3);
	for (; r->lines < r->conf.skip && got == CS_GOT; r->lines++)
		got = cs_in_line(r->in, &line, err);
	if (got == CS_GOT && cs_in_peek(r->in, 1).n == 0)
		/* The end, or a fault before the first byte. */
		got = cs_in_line(r->in, &line, err);
	*is_end = got == CS_END;
	return got != CS_FAILED;
}

struct cs_reader *
cs_reader_open(struct cs_in *in, const struct cs_reader_conf *conf,
    struct cs_header *head, struct cs_err *err)
{
	struct cs_reader *r = cs_calloc(1, sizeof(*r));
	bool good;

	r->in = in;
	r->name = cs_in_name(in);
	r->conf = *conf;
	r->head = head;
	r->split = cs_split_new(cs_reader_line, r);
	good = open_bytes(r, &r->is_empty, err) &&
	       (r->is_empty || open_header(r, err));
	if (good && !r->is_empty && r->form != CS_FORM_JSONL)
		cs_reader_fast_open(r);
	if (good)
		return r;
	cs_reader_close(r);
	return NULL;
}

bool
cs_reader_is_empty(const struct cs_reader *r)
{
	return r->is_empty;
}

enum cs_form
cs_reader_form(const struct cs_reader *r)
{
	return r->form;
}

int
cs_reader_delimiter(const struct cs_reader *r)
{
	return r->delimiter;
}

const char *
cs_reader_name(const struct cs_reader *r)
{
	return r->name;
}

const struct cs_decode *
cs_reader_decode(const struct cs_reader *r)
{
	return r->is_empty ? NULL : r->decode;
}

const struct cs_reader_stats *
cs_reader_stats(const struct cs_reader *r)
{
	return &r->stats;
}

enum cs_read
cs_reader_refuse(struct cs_reader *r, struct cs_refused *f, size_t line,
    const char *reason, struct cs_str raw)
{
	f->line = line;
	f->reason = reason;
	f->column = f->value = (struct cs_str){0};
	f->raw = raw;
	r->stats.refused++;
	return CS_READ_REFUSED;
}

/* What a record that is not UTF-8 looks like. Nobody reads more than the first
 * few, and a guess takes time. */
static const char *
looks_like(const struct cs_reader *r, const char *name, struct cs_str raw)
{
	enum { MOST = 10 };
	const char *guess = NULL;

	if (strcmp(name, "UTF-8") == 0 && r->stats.refused < MOST)
		guess = cs_decode_guess(raw);
	return guess != NULL ? guess : "";
}

/* The bytes that do not decode: n of them at `at` of raw, the first of so many
 * places. */
static const char *
tell_bytes(struct cs_reader *r, struct cs_refused *f, const char *name,
    struct cs_str raw, size_t at, size_t n, size_t places)
{
	const char *guess = looks_like(r, name, raw);
	const char *perhaps = *guess != '\0' ? ", perhaps " : "";
	enum { SHOWN = 8 };
	struct cs_buf b = {0};

	for (size_t i = at; i < at + n && i < at + SHOWN; i++)
		cs_buf_printf(&b, "%02x ", (unsigned char)raw.p[i]);
	if (n == 0)
		CS_REFUSED_TEXT(f, "bytes that are not %s (%zu place%s)", name,
		    places, places == 1 ? "" : "s");
	else if (places < 2)
		CS_REFUSED_TEXT(f,
		    "bytes that are not %s%s%s (%sat byte %zu of the record)",
		    name, perhaps, guess, cs_buf_z(&b), at + 1);
	else
		CS_REFUSED_TEXT(f,
		    "bytes that are not %s%s%s (%sat byte %zu of the record, "
		    "the first of %zu places)",
		    name, perhaps, guess, cs_buf_z(&b), at + 1, places);
	cs_buf_free(&b);
	return "encoding";
}

const char *
cs_reader_bad_bytes(struct cs_reader *r, struct cs_str text, struct cs_str raw,
    size_t bad, struct cs_refused *f)
{
	const char *nul;
	size_t at, n;

	if (bad > 0 && !r->conf.keep_bad) {
		at = cs_decode_where(r->decode, raw, &n);
		return tell_bytes(
		    r, f, cs_decode_name(r->decode), raw, at, n, bad);
	}
	nul = cs_str_chr(text, '\0');
	if (nul != NULL) {
		CS_REFUSED_TEXT(f, "a NUL byte (byte %zu of the record)",
		    (size_t)(nul - text.p) + 1);
		return "nul";
	}
	at = cs_utf8_valid(text);
	if (at < text.n)
		return tell_bytes(r, f, "UTF-8", text, at, 1, 1);
	r->stats.replaced += bad;
	return NULL;
}

void
cs_reader_values(struct cs_rec *rec)
{
	rec->val = cs_arena_alloc(rec->arena, rec->n * sizeof(*rec->val));
	rec->touched = cs_arena_array(rec->arena, rec->n, 1);
}

enum cs_read
cs_reader_next(struct cs_reader *r, struct cs_rec *rec,
    struct cs_refused *refused, struct cs_err *err)
{
	if (r->is_empty)
		return CS_READ_END;
	if (r->form == CS_FORM_JSONL)
		return cs_reader_json(r, rec, refused, err);
	return cs_reader_csv(r, rec, refused, err);
}

void
cs_reader_close(struct cs_reader *r)
{
	if (r == NULL)
		return;
	cs_reader_fast_close(r);
	cs_split_free(r->split);
	cs_decode_close(r->decode);
	cs_in_close(r->in);
	cs_reader_json_free(&r->jsonl);
	cs_buf_free(&r->raw);
	cs_buf_free(&r->cleaned);
	cs_arena_free(&r->arena);
	free(r);
}
