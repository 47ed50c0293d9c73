/* split_diff: the scanner against split_ref (libcsv), on random bytes
 *
 *	split_diff [seed=N] [seconds=N] [-v]
 *
 * split_ref reads a text once. Then the scanner reads it again and again: with
 * every instruction set, cut in two at every place, in blocks of 1 to 70 bytes
 * and of the real sizes. Each block is a copy of just its bytes, for the
 * sanitizers to see what is read beside it. Each row that the scanner gives is
 * compared with that of split_ref; a row that it calls odd must be one that
 * the header says is. */

#include "../unit/tap.h"
#include "msg.h"
#include "split.h"
#include "split_ref.h"

/* What split_ref said: a row, or a refusal. */
struct want {
	bool is_odd;		     /* refused, or not for the scanner */
	size_t begin, text_n, eol_n; /* in the text */
	size_t line, lines;
	size_t first, n; /* cells */
	unsigned flags;
};

/* A cell that split_ref gave. */
struct want_cell {
	struct cs_str raw;	/* in the text */
	size_t cell_at, cell_n; /* in cells */
};

struct diff {
	uint64_t state; /* of the generator of random numbers */
	struct cs_buf text;
	struct cs_split_conf conf;
	bool is_regular; /* as a program writes it: nothing may be odd */
	/* What split_ref said. */
	struct want *want;
	size_t wants, want_cap;
	struct want_cell *cell;
	size_t ncells, cell_cap;
	struct cs_buf cells;
	/* The line source of split_ref. */
	size_t at, line;
	/* The scanner. */
	struct cs_scan scan;
	struct cs_arena arena;
	const char *how; /* for the report of a fault */
	size_t how_n;

	uint64_t texts, rows, refused, compared, odd;
};

#include "choice.h"
#include "runs.h"

/* --- choices ------------------------------------------------------------ */

static int
any_sign(struct diff *f)
{
	int c;

	/* What the scanner fills its last block with. */
	if (once_in(f, 4))
		return "xyz"[below(f, 3)];
	do
		c = 1 + (int)below(f, 127);
	while (c == '\n' || c == '\r');
	return c;
}

/* Mostly comma and double quote and no limits but the real ones. */
static void
choose_conf(struct diff *f)
{
	struct cs_split_conf *c = &f->conf;

	*c = (struct cs_split_conf){.delimiter = ',', .quote = '"'};
	if (once_in(f, 4))
		c->delimiter = ";\t|: "[below(f, 5)];
	if (once_in(f, 8))
		c->quote = '\'';
	if (once_in(f, 16)) {
		c->delimiter = any_sign(f);
		do
			c->quote = any_sign(f);
		while (c->quote == c->delimiter);
	}
	if (once_in(f, 8))
		c->max_columns = 1 + below(f, 6);
	if (once_in(f, 8))
		c->max_cell = 1 + below(f, 100);
}

/* --- texts -------------------------------------------------------------- */

static void
put_sign(struct diff *f, int sign)
{
	cs_buf_putc(&f->text, (char)sign);
}

static const char *const pieces[] = {"a", "b", " ", "x y", "12", "\t", "\r",
    "\xe3\x81\x82", "\xe6\x9c\x80\xe5\xa4\xa7", "\xef\xbb\xbf", "\xff",
    "\xf0\x9f\x91\x8d", "abcdefghijklmnopqrstuvwxyz", ";", "|", "'", "\\"};

static const char *
piece(struct diff *f)
{
	return pieces[below(f, sizeof(pieces) / sizeof(*pieces))];
}

/* Bytes weighted to those that mean something. */
static void
put_noise(struct diff *f, size_t n)
{
	size_t quotes = 1 + below(f, 12), nuls = once_in(f, 4) ? 1 : 0;
	size_t until = f->text.n + n;

	if (once_in(f, 16))
		cs_buf_puts(&f->text, "\xef\xbb\xbf");
	while (f->text.n < until) {
		size_t k = below(f, 24 + quotes + nuls);

		if (k < 5)
			put_sign(f, f->conf.delimiter);
		else if (k < 8)
			put_sign(f, '\n');
		else if (k < 10)
			cs_buf_puts(&f->text, "\r\n");
		else if (k < 11)
			put_sign(f, '\r');
		else if (k < 24)
			cs_buf_puts(&f->text, piece(f));
		else if (k < 24 + quotes)
			put_sign(f, f->conf.quote);
		else if (once_in(f, 20))
			put_sign(f, '\0');
	}
	f->text.n = until;
}

/* How a program writes CSV. */
struct writer {
	enum { MINIMAL, ALL, SOME } quoting;
	bool is_crlf, ends, is_short;
	size_t columns;
};

static void
put_cell(struct diff *f, const struct writer *w)
{
	char data[256];
	size_t n = 0;
	bool must = false;

	for (size_t k = below(f, w->is_short ? 2 : 5); k > 0; k--) {
		const char *z = piece(f);
		size_t len = strlen(z);

		if (once_in(f, 20)) {
			data[n++] = '\n';
			continue;
		}
		if (once_in(f, 20))
			data[n++] = (char)f->conf.quote;
		if (once_in(f, 20))
			data[n++] = (char)f->conf.delimiter;
		memcpy(data + n, z, len);
		n += len;
	}
	for (size_t i = 0; i < n; i++)
		must = must || data[i] == (char)f->conf.quote ||
		       data[i] == (char)f->conf.delimiter || data[i] == '\n' ||
		       data[i] == '\r';
	if (!must &&
	    (w->quoting == MINIMAL || (w->quoting == SOME && !once_in(f, 3)))) {
		cs_buf_add(&f->text, data, n);
		return;
	}
	put_sign(f, f->conf.quote);
	for (size_t i = 0; i < n; i++) {
		if (data[i] == (char)f->conf.quote)
			put_sign(f, data[i]);
		put_sign(f, data[i]);
	}
	put_sign(f, f->conf.quote);
}

static void
put_regular(struct diff *f, size_t n)
{
	struct writer w = {.quoting = (int)below(f, 3),
	    .is_crlf = once_in(f, 2),
	    .ends = !once_in(f, 3),
	    .is_short = once_in(f, 2),
	    .columns = 1 + below(f, once_in(f, 8) ? 40 : 6)};
	size_t until = f->text.n + n, end;

	do {
		for (size_t i = 0; i < w.columns; i++) {
			if (i > 0)
				put_sign(f, f->conf.delimiter);
			put_cell(f, &w);
		}
		end = f->text.n;
		cs_buf_puts(&f->text, w.is_crlf ? "\r\n" : "\n");
	} while (f->text.n < until);
	if (!w.ends)
		f->text.n = end;
}

/* Some bytes of the text made others. */
static void
spoil(struct diff *f)
{
	for (size_t k = 1 + below(f, 4); k > 0 && f->text.n > 0; k--) {
		char *p = f->text.p + below(f, f->text.n);

		switch (below(f, 6)) {
		case 0:
			*p = '\n';
			break;
		case 1:
			*p = '\r';
			break;
		case 2:
			*p = (char)f->conf.delimiter;
			break;
		case 3:
			*p = once_in(f, 8) ? '\0' : 'z';
			break;
		default:
			*p = (char)f->conf.quote;
		}
	}
}

/* The first line is as long as can be. */
static void
limit_to_line(struct diff *f)
{
	const char *p = f->text.n > 0 ? f->text.p : "";
	const char *lf = memchr(p, '\n', f->text.n);
	struct cs_str line = {p, lf != NULL ? (size_t)(lf - p) + 1 : 0};

	line = cs_line_body(line, NULL);
	if (line.n > 0)
		f->conf.max_cell = line.n;
}

static void
make_text(struct diff *f, size_t n)
{
	size_t kind = below(f, 4);

	choose_conf(f);
	f->text.n = 0;
	/* A quote that is never closed makes split_ref read to the end, maybe
	 * for each line anew. */
	if (kind < 2 && n > 40000)
		n /= 10;
	if (kind == 0)
		put_noise(f, n);
	else
		put_regular(f, n);
	f->is_regular = kind > 1 && f->conf.max_columns == 0 &&
			f->conf.max_cell == 0 && f->conf.delimiter < 'a' &&
			f->conf.quote < 'a';
	if (kind == 1)
		spoil(f);
	if (kind < 2 && once_in(f, 4)) {
		put_sign(f, f->conf.quote);
		put_sign(f, '\r');
	}
	if (f->conf.max_cell > 0 && once_in(f, 2))
		limit_to_line(f);
	f->texts++;
}

/* --- what split_ref says ------------------------------------------------ */

static enum cs_got
next_line(void *self, struct cs_line *line, struct cs_err *err)
{
	struct diff *f = self;
	const char *p = f->text.p + f->at, *lf;
	size_t rest = f->text.n - f->at, n;

	(void)err;
	if (rest == 0)
		return CS_END;
	lf = memchr(p, '\n', rest);
	n = lf != NULL ? (size_t)(lf - p) + 1 : rest;
	*line = (struct cs_line){.text = {p, n}, .line = ++f->line};
	line->raw = line->text;
	f->at += n;
	return CS_GOT;
}

/* Is this row one that the header of split calls odd? */
static bool
is_odd(const struct diff *f, const struct cs_row *row)
{
	if (row->reason != NULL || cs_str_chr(row->text, '\0') != NULL)
		return true;
	if (row->text.n > f->scan.max_row || row->n > f->scan.max_columns)
		return true;
	for (size_t i = 0; i < row->n; i++) {
		struct cs_str raw = row->raw_cell[i];

		if (raw.n > 0 && raw.p[0] != (char)f->conf.quote &&
		    cs_str_chr(raw, (char)f->conf.quote) != NULL)
			return true;
	}
	return false;
}

static unsigned
flags(const struct diff *f, struct cs_str text)
{
	unsigned all = 0;

	for (size_t i = 0; i < text.n; i++) {
		if ((unsigned char)text.p[i] >= 0x80)
			all |= CS_SCAN_HIGH;
		if (text.p[i] == (char)f->conf.quote)
			all |= CS_SCAN_QUOTE;
	}
	return all;
}

static void
keep_want(struct diff *f, const struct cs_row *row, size_t begin)
{
	const char *text = f->text.p + begin;
	struct want *w;

	f->want = cs_grow(f->want, f->wants, &f->want_cap, sizeof(*f->want));
	w = &f->want[f->wants++];
	*w = (struct want){.is_odd = is_odd(f, row),
	    .begin = begin,
	    .text_n = row->text.n,
	    .eol_n = row->eol.n,
	    .line = row->line,
	    .lines = row->lines,
	    .first = f->ncells,
	    .n = row->n,
	    .flags = flags(f, row->text)};
	for (size_t i = 0; i < row->n; i++) {
		struct cs_str raw = row->raw_cell[i];

		f->cell =
		    cs_grow(f->cell, f->ncells, &f->cell_cap, sizeof(*f->cell));
		f->cell[f->ncells++] =
		    (struct want_cell){{text + (raw.p - row->text.p), raw.n},
			f->cells.n, row->cell[i].n};
		cs_buf_str(&f->cells, row->cell[i]);
	}
}

static void
ask_ref(struct diff *f)
{
	struct cs_split *s = cs_split_new(next_line, f);
	struct cs_row row;
	struct cs_err err;
	size_t begin = 0;
	enum cs_split_got got;

	f->wants = f->ncells = f->cells.n = f->at = f->line = 0;
	cs_split_set(s, &f->conf);
	while ((got = cs_split_next(s, &row, &err)) == CS_SPLIT_ROW ||
	       got == CS_SPLIT_REFUSED) {
		f->rows += got == CS_SPLIT_ROW;
		f->refused += got == CS_SPLIT_REFUSED;
		keep_want(f, &row, begin);
		begin += row.text.n + row.eol.n;
	}
	cs_split_free(s);
}

/* --- what the scanner says ---------------------------------------------- */

static bool
fault(const struct diff *f, const char *what, size_t at)
{
	struct cs_buf b = {0};
	size_t n = f->text.n < 2000 ? f->text.n : 0;

	cs_escape(&b, (struct cs_str){f->text.p, n});
	printf("# %s at byte %zu, %s, %s %zu, delimiter %d, quote %d, "
	       "max_columns %zu, max_cell %zu, %zu bytes: %s\n",
	    what, at, cs_scan_isa_name(f->scan.isa), f->how, f->how_n,
	    f->conf.delimiter, f->conf.quote, f->conf.max_columns,
	    f->conf.max_cell, f->text.n, cs_buf_z(&b));
	cs_buf_free(&b);
	return false;
}

static bool
same_cells(struct diff *f, const struct want *w, const struct cs_scan_row *r)
{
	for (size_t i = 0; i < w->n; i++) {
		const struct want_cell *c = &f->cell[w->first + i];
		struct cs_str raw = cs_scan_raw(&f->scan, r, i);
		struct cs_str cell = cs_scan_cell(&f->scan, raw, &f->arena);

		if (!cs_str_eq(raw, c->raw) || cell.n != c->cell_n ||
		    (cell.n > 0 &&
			memcmp(cell.p, f->cells.p + c->cell_at, cell.n) != 0))
			return false;
	}
	return true;
}

/* Compares a row of the block that began at `from` of the text. */
static bool
same_row(struct diff *f, const struct want *w, const struct cs_scan_row *r,
    size_t from)
{
	struct cs_str text = cs_scan_text(&f->scan, r);

	f->compared++;
	if (w->is_odd)
		return fault(f, "given, but odd", w->begin);
	if (from + r->begin != w->begin || text.n != w->text_n ||
	    cs_scan_eol(&f->scan, r).n != w->eol_n)
		return fault(f, "other text", w->begin);
	if (r->lines != w->lines)
		return fault(f, "other lines", w->begin);
	if (r->flags != w->flags)
		return fault(f, "other flags", w->begin);
	if (r->n != w->n || !same_cells(f, w, r))
		return fault(f, "other cells", w->begin);
	return true;
}

/* Shows the scanner a copy of these bytes; *k is the row it comes to. */
static bool
one_block(struct diff *f, size_t from, size_t n, size_t *k, size_t *line)
{
	struct cs_scan *s = &f->scan;
	bool is_last = from + n == f->text.n, all_good = true;
	char *copy = cs_realloc(NULL, n, 1);

	memcpy(copy, f->text.p + from, n);
	cs_scan_block(s, (struct cs_str){copy, n}, is_last);
	for (size_t i = 0; i < s->nrows && all_good; i++) {
		const struct want *w = &f->want[*k];

		if (*k == f->wants)
			all_good = fault(f, "a row too many", from);
		else if (w->line != *line)
			all_good = fault(f, "other line", w->begin);
		else
			all_good = same_row(f, w, &s->row[i], from);
		*line += s->row[i].lines;
		++*k;
	}
	free(copy);
	cs_arena_reset(&f->arena);
	return all_good;
}

/* The whole text: the first block has `first` bytes, the others `size`. */
static bool
read_in_blocks(struct diff *f, size_t first, size_t size)
{
	size_t at = 0, k = 0, n = first, line = 1;

	while (at < f->text.n) {
		const struct want *w;
		bool is_last;

		n = n < f->text.n - at ? n : f->text.n - at;
		is_last = at + n == f->text.n;
		if (!one_block(f, at, n, &k, &line))
			return false;
		at += f->scan.used;
		if (k < f->wants && at != f->want[k].begin)
			return fault(f, "used", at);
		if (!f->scan.is_odd) {
			if (is_last && f->scan.used < n)
				return fault(f, "not to the end", at);
			if (f->scan.used > 0)
				n = size;
			else
				n += size < 4096 ? size : n;
			continue;
		}
		/* The reader gives this row to split_ref. */
		if (k == f->wants)
			return fault(f, "odd at the end", at);
		w = &f->want[k++];
		if (f->is_regular || !w->is_odd)
			return fault(f, "odd without need", at);
		f->odd++;
		at += w->text_n + w->eol_n;
		line += w->lines;
		n = size;
	}
	return k == f->wants || fault(f, "a row too few", at);
}

/* Every instruction set, every cut or every size, or the real sizes. */
static bool
all_ways(struct diff *f, size_t way)
{
	static const size_t real[] = {4096, 65536, 262144, 1048576};

	f->how = way == 0 ? "cut at" : "blocks of";
	if (way == 0)
		for (f->how_n = 0; f->how_n <= f->text.n; f->how_n++)
			if (!read_in_blocks(f, f->how_n, f->text.n))
				return false;
	if (way == 1)
		for (f->how_n = 1; f->how_n <= 70; f->how_n++)
			if (!read_in_blocks(f, f->how_n, f->how_n))
				return false;
	if (way == 2)
		for (size_t i = 0; i < sizeof(real) / sizeof(*real); i++) {
			f->how_n = real[i];
			if ((i == 0 || real[i - 1] < f->text.n) &&
			    !read_in_blocks(f, real[i], real[i]))
				return false;
		}
	return true;
}

static void
new_scan(struct diff *f, enum cs_scan_isa isa)
{
	struct cs_scan *s = &f->scan;

	cs_scan_free(s);
	cs_scan_init(s, f->conf.delimiter, f->conf.quote, isa);
	if (f->conf.max_columns > 0)
		s->max_columns = f->conf.max_columns;
	if (f->conf.max_cell > 0)
		s->max_row = f->conf.max_cell;
}

static bool
one_text(struct diff *f, size_t way)
{
	static const size_t longest[] = {200, 400, 400000};

	make_text(f, below(f, longest[way]));
	new_scan(f, CS_SCAN_WORD);
	ask_ref(f);
	for (enum cs_scan_isa isa = CS_SCAN_WORD; isa <= CS_SCAN_AVX2; isa++) {
		new_scan(f, isa);
		if (f->scan.isa == isa && !all_ways(f, way))
			return false;
	}
	return true;
}

/* One seed: a long text, and short ones in every way. */
static bool
one_table(struct diff *f)
{
	enum { SHORT = 8 };

	for (size_t i = 0; i < SHORT; i++)
		if (!one_text(f, i % 2))
			return false;
	return one_text(f, 2);
}

int
main(int argc, char **argv)
{
	struct diff *f = cs_calloc(1, sizeof(*f));
	struct runs run = {.seed = 1, .seconds = 4};
	double end;
	size_t tables = 0;
	bool all_good = true;
	int i;

	for (i = 1; i < argc; i++)
		if (!runs_take(&run, argv[i])) {
			fputs("usage: split_diff [seed=N] [seconds=N] [-v]\n",
			    stderr);
			return 2;
		}
	printf("# seed=%llu\n", run.seed);
	end = seconds_now() + run.seconds;
	do {
		/* A seed of its own for each table, so that one that fails can
		 * be had again without those before it. */
		f->state = run.seed + tables;
		all_good = one_table(f);
		if (!all_good)
			printf("# seed=%llu finds it at once\n",
			    run.seed + tables);
		tables++;
	} while (seconds_now() < end && all_good);
	ok(all_good,
	    "%llu rows of split_ref, read again in every way: %llu compared",
	    (unsigned long long)f->rows, (unsigned long long)f->compared);
	ok(f->odd > 0 && f->refused > 0 && f->compared > 0,
	    "there were rows of every kind");
	if (run.is_loud)
		printf("# %llu texts, %llu refused by split_ref, %llu times "
		       "odd\n",
		    (unsigned long long)f->texts,
		    (unsigned long long)f->refused, (unsigned long long)f->odd);
	cs_scan_free(&f->scan);
	cs_arena_free(&f->arena);
	cs_buf_free(&f->text);
	cs_buf_free(&f->cells);
	free(f->want);
	free(f->cell);
	free(f);
	i = done();
	fflush(stdout); /* before a sanitizer ends the process */
	return i;
}
