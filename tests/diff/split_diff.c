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
#include "split_both.h"

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

/* --- ways to read it ---------------------------------------------------- */

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
	free_diff(f);
	free(f);
	i = done();
	fflush(stdout); /* before a sanitizer ends the process */
	return i;
}
