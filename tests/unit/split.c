/* split_ref: the dialect, the limits, reading on after a fault */
#include "split_ref.h"
#include "tap.h"

struct source {
	struct cs_str rest;
	size_t line;
	bool fails; /* instead of the end */
};

static enum cs_got
next_line(void *self, struct cs_line *line, struct cs_err *err)
{
	struct source *s = self;
	const char *lf;
	size_t n;

	if (s->rest.n == 0) {
		if (s->fails)
			cs_fail(err, CS_STOP, "cut");
		return s->fails ? CS_FAILED : CS_END;
	}
	lf = cs_str_chr(s->rest, '\n');
	n = lf ? (size_t)(lf - s->rest.p) + 1 : s->rest.n;
	*line = (struct cs_line){.text = {s->rest.p, n}, .line = ++s->line};
	line->raw = line->text;
	s->rest.p += n;
	s->rest.n -= n;
	return CS_GOT;
}

/* All rows as text: 1[a][b] for cells, {raw} for raw cells that differ, the
 * end of the line as $ (LF), ^ (CRLF) or nothing; 2!quote(why) for refusals. */
static void
dump(struct cs_split *s, struct cs_buf *b)
{
	struct cs_err err = {0};
	struct cs_row row;

	for (;;)
		switch (cs_split_next(s, &row, &err)) {
		case CS_SPLIT_END:
			return;
		case CS_SPLIT_FAILED:
			cs_buf_printf(b, "FAILED(%s)", err.text);
			return;
		case CS_SPLIT_REFUSED:
			cs_buf_printf(b, "%zu!%s(%s)<%.*s>", row.line,
			    row.reason, row.why, CS_ARG(row.text));
			break;
		case CS_SPLIT_ROW:
			cs_buf_printf(b, "%zu", row.line);
			for (size_t i = 0; i < row.n; i++) {
				cs_buf_printf(b, "[%.*s]", CS_ARG(row.cell[i]));
				if (!cs_str_eq(row.cell[i], row.raw_cell[i]))
					cs_buf_printf(b, "{%.*s}",
					    CS_ARG(row.raw_cell[i]));
			}
			cs_buf_puts(b, row.is_blank ? "_" : "");
			cs_buf_puts(b, row.eol.n == 2	? "^"
				       : row.eol.n == 1 ? "$"
							: "");
			break;
		}
}

static void
split_conf(const char *text, const struct cs_split_conf *conf, const char *want)
{
	struct source src = {.rest = cs_str(text)};
	struct cs_split *s = cs_split_new(next_line, &src);
	struct cs_buf b = {0}, name = {0};

	cs_split_set(s, conf);
	dump(s, &b);
	cs_escape(&name, cs_str(text));
	is_str(cs_buf_get(&b), want, cs_buf_z(&name));
	cs_buf_free(&b);
	cs_buf_free(&name);
	cs_split_free(s);
}

static void
split(const char *text, const char *want)
{
	split_conf(text, &(struct cs_split_conf){0}, want);
}

static void
dialect(void)
{
	split("", "");
	split("a,b\n1,2\n", "1[a][b]$2[1][2]$");
	split("a,b\r\n1,2", "1[a][b]^2[1][2]");
	split("a,\n,\n", "1[a][]$2[][]$");
	split(" a , b \n", "1[ a ][ b ]$");
	split("\"a\",\"b,c\"\n", "1[a]{\"a\"}[b,c]{\"b,c\"}$");
	split("\"a\"\"b\",c\n", "1[a\"b]{\"a\"\"b\"}[c]$");
	split("\"\",x\n", "1[]{\"\"}[x]$");
	split("\"\"\"\"\n", "1[\"]{\"\"\"\"}$");
	split("\"a\nb\",c\nd,e\n", "1[a\nb]{\"a\nb\"}[c]$3[d][e]$");
	split("\"a\r\nb\",c\r\n", "1[a\r\nb]{\"a\r\nb\"}[c]^");
	split("\"a\n\n\nb\"\n\nc\n", "1[a\n\n\nb]{\"a\n\n\nb\"}$5[]_$6[c]$");
	split("\n\r\n", "1[]_$2[]_^");
	split("a\n\n", "1[a]$2[]_$");
	/* A CR alone is data, wherever it stands. */
	split("\ra,b\rc,d\r,\r\n", "1[\ra][b\rc][d\r][]^");
	split("a\r", "1[a\r]");
	split("a,b\r\r\n", "1[a][b\r]^");
	split("\"\r\",\r\"x\"\n", "1[\r]{\"\r\"}[\r\"x\"]$");
	/* A bare quote in an unquoted cell is text. */
	split("1,19\"\xe3\x83\xa2,x\n2,b,c\n",
	    "1[1][19\"\xe3\x83\xa2][x]$2[2][b][c]$");
	split("1,a \"b\" c\n2,d\n", "1[1][a \"b\" c]$2[2][d]$");
	split("a\"\n", "1[a\"]$");
	split(" \"a\"\n", "1[ \"a\"]$");
	split("1,19\",\"x\ny\"\n2,b,c\n",
	    "1[1][19\"][x\ny]{\"x\ny\"}$3[2][b][c]$");
	split("\"x\ny\",19\"\n2,b\n", "1[x\ny]{\"x\ny\"}[19\"]$3[2][b]$");
	split(
	    "\"x\r\ny\"\"z\",19\"\r\n", "1[x\r\ny\"z]{\"x\r\ny\"\"z\"}[19\"]^");
}

static void
faults(void)
{
	split("a,\"b\nc,d\ne,f\n",
	    "1!quote(the quote opened on line 1 is never closed)<a,\"b>"
	    "2[c][d]$3[e][f]$");
	split("a,\"b",
	    "1!quote(the quote opened on line 1 is never closed)<a,\"b>");
	split("\"a\nb\",\"c\nd\n",
	    "1!quote(the quote opened on line 2 is never closed)<\"a>"
	    "2!quote(the quote opened on line 2 is never closed)<b\",\"c>"
	    "3[d]$");
	split("1,\"Hey, I missed \" it\",3\n4,5,6\n",
	    "1!quote(text after a closing quote (opened on line 1))"
	    "<1,\"Hey, I missed \" it\",3>2[4][5][6]$");
	split("\"a\" ,b\nc,d\n",
	    "1!quote(text after a closing quote (opened on line 1))<\"a\" ,b>"
	    "2[c][d]$");
	split("\"a\"\r,b\nc,d\n",
	    "1!quote(text after a closing quote (opened on line 1))"
	    "<\"a\"\r,b>2[c][d]$");
	split("1,\"open\n2,\"x\"y\n3,z\n",
	    "1!quote(text after a closing quote (opened on line 1))"
	    "<1,\"open>"
	    "2!quote(text after a closing quote (opened on line 2))"
	    "<2,\"x\"y>3[3][z]$");
	/* After a fault in the loose parser all is well again. */
	split("a\",\"b\"c\n\"d\ne\"\n",
	    "1!quote(text after a closing quote (opened on line 1))"
	    "<a\",\"b\"c>2[d\ne]{\"d\ne\"}$");
}

static void
other_signs(void)
{
	split_conf("a;b,c\td\n", &(struct cs_split_conf){.delimiter = ';'},
	    "1[a][b,c\td]$");
	split_conf(" \ta\t\"b\tc\"\t\n",
	    &(struct cs_split_conf){.delimiter = '\t'},
	    "1[ ][a][b\tc]{\"b\tc\"}[]$");
	split_conf("'a,''b',\"c\"\n", &(struct cs_split_conf){.quote = '\''},
	    "1[a,'b]{'a,''b'}[\"c\"]$");
}

static void
limits(void)
{
	struct cs_split_conf c = {.max_cell = 4};
	struct cs_split_conf r = {.max_record = 5};
	struct cs_split_conf k = {.max_columns = 3};

	split_conf("abc\nabcd\nabcde\nx\n", &c,
	    "1[abc]$2[abcd]$3!long(cell 1 is over 4 bytes)<abcde>4[x]$");
	split_conf("\"a\"\"bc\"\n\"a\"\"bcd\"\nx\n", &c,
	    "1[a\"bc]{\"a\"\"bc\"}$"
	    "2!long(cell 1 is over 4 bytes)<\"a\"\"bcd\">3[x]$");
	split_conf("\"ab\nc\"\n\"ab\ncd\"\nx\n", &c,
	    "1[ab\nc]{\"ab\nc\"}$"
	    "3!long(cell 1 is over 4 bytes)<\"ab\ncd\">5[x]$");
	split_conf("y,\"abcdefghij\nk\nl\n", &c,
	    "1!long(cell 2 is over 4 bytes (quote opened on line 1))"
	    "<y,\"abcdefghij>2[k]$3[l]$");
	split_conf("a,bc\na,bcd\na,bcde\nx\n", &r,
	    "1[a][bc]$2[a][bcd]$3!long(the record is over 5 bytes)<a,bcde>"
	    "4[x]$");
	split_conf("a,b\na,b,c\na,b,c,d\nx\n", &k,
	    "1[a][b]$2[a][b][c]$3!long(4 cells, the limit is 3)<a,b,c,d>"
	    "4[x]$");
	split_conf(",,,,,,,,,,,,\nx\n", &k,
	    "1!long(13 cells, the limit is 3)<,,,,,,,,,,,,>2[x]$");
}

/* The limit of the manual, with a cell of its size. */
static void
real_limit(void)
{
	for (size_t n = CS_MAX_CELL - 1; n <= CS_MAX_CELL + 1; n++) {
		char *z = cs_calloc(n + 8, 1);
		struct source src = {.rest = {z, n + 3}};
		struct cs_split *s = cs_split_new(next_line, &src);
		struct cs_err err = {0};
		struct cs_row row;
		enum cs_split_got got;

		memset(z, 'x', n);
		memcpy(z + n, ",y\n", 3);
		got = cs_split_next(s, &row, &err);
		ok(got == (n > CS_MAX_CELL ? CS_SPLIT_REFUSED : CS_SPLIT_ROW),
		    "a cell of %zu bytes", n);
		if (got == CS_SPLIT_ROW)
			ok(row.n == 2 && row.cell[0].n == n, "is whole");
		else
			is_str(cs_str(row.why), "cell 1 is over 16777216 bytes",
			    "says why");
		ok(cs_split_next(s, &row, &err) == CS_SPLIT_END, "the end");
		cs_split_free(s);
		free(z);
	}
}

static void
columns_limit(void)
{
	for (size_t n = CS_MAX_COLUMNS - 1; n <= CS_MAX_COLUMNS + 1; n++) {
		char *z = cs_calloc(n + 1, 1);
		struct source src = {.rest = {z, n}};
		struct cs_split *s = cs_split_new(next_line, &src);
		struct cs_err err = {0};
		struct cs_row row;

		memset(z, ',', n - 1);
		z[n - 1] = '\n';
		ok(cs_split_next(s, &row, &err) ==
			(n > CS_MAX_COLUMNS ? CS_SPLIT_REFUSED : CS_SPLIT_ROW),
		    "%zu columns", n);
		cs_split_free(s);
		free(z);
	}
}

static void
ahead(void)
{
	struct source src = {.rest = CS_S("a\nb\nc\nd\n"), .fails = true};
	struct cs_split *s = cs_split_new(next_line, &src);
	struct cs_err err = {0};
	struct cs_line line;
	struct cs_row row;
	struct cs_buf b = {0};
	bool is_all = true;

	is_str(cs_split_ahead(s, 2, 1000, &is_all), "a\nb\n", "two lines");
	ok(!is_all, "not all");
	is_str(cs_split_ahead(s, 99, 5, &is_all), "a\nb\nc\n", "five bytes");
	ok(cs_split_line(s, &line, &err) == CS_GOT && line.line == 1,
	    "a plain line");
	is_str(line.text, "a\n", "as it is");
	cs_split_hold(s);
	ok(cs_split_next(s, &row, &err) == CS_SPLIT_ROW && row.line == 2,
	    "a row");
	cs_split_next(s, &row, &err);
	cs_split_back(s);
	dump(s, &b);
	is_str(cs_buf_get(&b), "2[b]$3[c]$4[d]$FAILED(cut)",
	    "back to the held place, the fault in its place");
	cs_split_free(s);
	src = (struct source){.rest = CS_S("a\n\"b\n"), .fails = true};
	s = cs_split_new(next_line, &src);
	cs_buf_reset(&b);
	dump(s, &b);
	is_str(cs_buf_get(&b), "1[a]$FAILED(cut)",
	    "a record that is cut by a fault is not one");
	cs_split_free(s);
	cs_buf_free(&b);
}

/* The raw cell with its quotes undone, as RFC 4180 says. */
static void
undo(struct cs_buf *b, struct cs_str raw)
{
	bool in_quotes = raw.n > 0 && raw.p[0] == '"';

	cs_buf_reset(b);
	for (size_t i = in_quotes; i < raw.n - in_quotes; i++) {
		cs_buf_putc(b, raw.p[i]);
		if (in_quotes && raw.p[i] == '"')
			i++;
	}
}

/* Cells of a row that our walk does not have where libcsv has them. */
static size_t
wrong_cells(const struct cs_row *row, struct cs_buf *b)
{
	size_t at = 0, wrong = 0;

	for (size_t i = 0; i < row->n; i++) {
		struct cs_str raw = row->raw_cell[i];

		undo(b, raw);
		wrong += raw.p != row->text.p + at ||
			 !cs_str_eq(cs_buf_get(b), row->cell[i]);
		at += raw.n + 1;
	}
	return wrong + (at != row->text.n + 1);
}

/* Our own walk and libcsv must see the same cells in any mess. */
static void
same_cells(void)
{
	static const char piece[] = ",\"\"\n\r a,\"b\n";
	uint64_t seed = 20261124;
	size_t rows = 0, wrong = 0;
	struct cs_buf b = {0};

	for (size_t round = 0; round < 20000; round++) {
		char z[32];
		size_t n = 0;
		struct source src = {0};
		struct cs_split *s = cs_split_new(next_line, &src);
		struct cs_err err;
		struct cs_row row;
		enum cs_split_got got;

		while (n < 1 + round % 30) {
			seed =
			    seed * 6364136223846793005u + 1442695040888963407u;
			z[n++] = piece[(seed >> 33) % (sizeof(piece) - 1)];
		}
		src.rest = (struct cs_str){z, n};
		while ((got = cs_split_next(s, &row, &err)) != CS_SPLIT_END)
			if (got == CS_SPLIT_ROW) {
				rows++;
				wrong += wrong_cells(&row, &b);
			}
		cs_split_free(s);
	}
	cs_buf_free(&b);
	ok(rows > 10000 && wrong == 0,
	    "seed 20261124: %zu rows, %zu cells not where libcsv has them",
	    rows, wrong);
}

static void
put(const char *text, const char *want)
{
	struct cs_buf b = {0}, name = {0};

	cs_split_put(&b, cs_str(text), ',');
	cs_escape(&name, cs_str(want));
	is_str(cs_buf_get(&b), want, cs_buf_z(&name));
	cs_buf_free(&b);
	cs_buf_free(&name);
}

int
main(void)
{
	dialect();
	faults();
	other_signs();
	limits();
	real_limit();
	columns_limit();
	ahead();
	same_cells();
	put("", "");
	put("a b;c\td", "a b;c\td");
	put("a,b", "\"a,b\"");
	put("a\"b", "\"a\"\"b\"");
	put("\"", "\"\"\"\"");
	put("a\nb", "\"a\nb\"");
	put("a\rb", "\"a\rb\"");
	put(" a", "\" a\"");
	put("a\t", "\"a\t\"");
	return done();
}
