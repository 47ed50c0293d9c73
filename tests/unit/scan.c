/* split: what the header says, by example; split_diff does the rest */
#include "msg.h"
#include "split.h"
#include "tap.h"

/* Rows as text: [a][b] for cells, $ for LF, ^ for CRLF, *N for N lines, h and
 * q for the flags; then what is left, with ! if that is odd. */
static void
dump(struct cs_buf *b, const struct cs_scan *s, struct cs_str bytes)
{
	struct cs_arena a = {0};

	for (size_t i = 0; i < s->nrows; i++) {
		const struct cs_scan_row *r = &s->row[i];

		for (size_t k = 0; k < r->n; k++) {
			struct cs_str cell =
			    cs_scan_cell(s, cs_scan_raw(s, r, k), &a);

			cs_buf_printf(b, "[%.*s]", CS_ARG(cell));
		}
		if (r->lines > 1)
			cs_buf_printf(b, "*%u", r->lines);
		cs_buf_puts(b, r->flags & CS_SCAN_HIGH ? "h" : "");
		cs_buf_puts(b, r->flags & CS_SCAN_QUOTE ? "q" : "");
		cs_buf_puts(b, r->eol_n == 2 ? "^" : r->eol_n == 1 ? "$" : "");
	}
	cs_buf_printf(b, "%s<%.*s>", s->is_odd ? "!" : "",
	    CS_ARG(((struct cs_str){bytes.p + s->used, bytes.n - s->used})));
	cs_arena_free(&a);
}

static void
scan_signs(struct cs_str bytes, bool is_last, int delimiter, int quote,
    const char *want)
{
	struct cs_buf b = {0}, name = {0};

	cs_escape(&name, bytes);
	for (enum cs_scan_isa isa = CS_SCAN_WORD; isa <= CS_SCAN_AVX2; isa++) {
		struct cs_scan s;

		cs_scan_init(&s, delimiter, quote, isa);
		cs_scan_block(&s, bytes, is_last);
		cs_buf_reset(&b);
		dump(&b, &s, bytes);
		cs_scan_free(&s);
		if (!cs_str_is(cs_buf_get(&b), want))
			break;
	}
	is_str(cs_buf_get(&b), want, cs_buf_z(&name));
	cs_buf_free(&b);
	cs_buf_free(&name);
}

static void
scan(const char *text, const char *whole, const char *part)
{
	scan_signs(cs_str(text), true, 0, 0, whole);
	scan_signs(cs_str(text), false, 0, 0, part);
}

static void
rows(void)
{
	scan("", "<>", "<>");
	scan("a,b\n1,2", "[a][b]$[1][2]<>", "[a][b]$<1,2>");
	scan(
	    "a,b\r\n\n\r\n,\n", "[a][b]^[]$[]^[][]$<>", "[a][b]^[]$[]^[][]$<>");
	scan("\"a\",\"b,c\"\r\n", "[a][b,c]q^<>", "[a][b,c]q^<>");
	scan("\"a\"\"b\",\"\"\"\"\n\"\"\n", "[a\"b][\"]q$[]q$<>",
	    "[a\"b][\"]q$[]q$<>");
	scan("\"a\nb\r\n\",c\nd\n", "[a\nb\r\n][c]*3q$[d]$<>",
	    "[a\nb\r\n][c]*3q$[d]$<>");
	scan("a,\xe5\xba\x97\nb,\"c\"\nd,e\n",
	    "[a][\xe5\xba\x97]h$[b][c]q$[d][e]$<>",
	    "[a][\xe5\xba\x97]h$[b][c]q$[d][e]$<>");
	scan(" a , b ", "[ a ][ b ]<>", "< a , b >");
	/* A CR alone is data. */
	scan("\ra,b\rc\r\r\n\r", "[\ra][b\rc\r]^[\r]<>", "[\ra][b\rc\r]^<\r>");
	scan("a,\"b\"", "[a][b]q<>", "<a,\"b\">");
	scan("\"a\"\r", "!<\"a\"\r>", "<\"a\"\r>");
}

static void
odd(void)
{
	scan(
	    "x\n1,19\",y\nz\n", "[x]$!<1,19\",y\nz\n>", "[x]$!<1,19\",y\nz\n>");
	scan("x\n \"a\"\n", "[x]$!< \"a\"\n>", "[x]$!< \"a\"\n>");
	scan("x\n\"a\" \ny\n", "[x]$!<\"a\" \ny\n>", "[x]$!<\"a\" \ny\n>");
	scan("x\n\"a\"\r\r\n", "[x]$!<\"a\"\r\r\n>", "[x]$!<\"a\"\r\r\n>");
	scan("x\n\"a\ny\n", "[x]$!<\"a\ny\n>", "[x]$<\"a\ny\n>");
	scan_signs((struct cs_str){"x\na\0b\ny\n", 8}, true, 0, 0, "[x]$!<a>");
}

static void
signs(void)
{
	scan_signs(CS_S("a;b,c\td\n"), true, ';', 0, "[a][b,c\td]$<>");
	scan_signs(
	    CS_S("'a\t''b'\t\"c\"\n"), true, '\t', '\'', "[a\t'b][\"c\"]q$<>");
	scan_signs(CS_S("xaxyxyxyb"), true, 'y', 'x', "[a][y][b]q<>");
	scan_signs(CS_S("a,b\n"), true, '"', '"', "!<a,b\n>");
	scan_signs(CS_S("a,b\n"), true, 0xff, 0, "!<a,b\n>");
	scan_signs(CS_S("a,b\n"), true, '\n', 0, "!<a,b\n>");
	scan_signs(CS_S("a,b\n"), true, 0, '\r', "!<a,b\n>");
}

/* The limits of the manual. */
static void
limits(void)
{
	struct cs_buf b = {0};
	struct cs_scan s;

	cs_scan_init(&s, 0, 0, CS_SCAN_AUTO);
	memset(cs_buf_room(&b, CS_MAX_CELL), 'a', CS_MAX_CELL);
	b.n = CS_MAX_CELL;
	cs_scan_block(&s, cs_buf_get(&b), false);
	ok(s.nrows == 0 && !s.is_odd, "a row of CS_MAX_CELL bytes may end yet");
	cs_buf_puts(&b, "\r\n");
	cs_scan_block(&s, cs_buf_get(&b), false);
	ok(s.nrows == 1 && s.row[0].text_n == CS_MAX_CELL, "it did");
	b.n = CS_MAX_CELL;
	cs_buf_puts(&b, "a\n");
	cs_scan_block(&s, cs_buf_get(&b), false);
	ok(s.nrows == 0 && s.is_odd, "one byte more is odd");
	cs_buf_reset(&b);
	for (size_t i = 1; i < CS_MAX_COLUMNS; i++)
		cs_buf_putc(&b, ',');
	cs_scan_block(&s, cs_buf_get(&b), true);
	ok(s.nrows == 1 && s.row[0].n == CS_MAX_COLUMNS && !s.is_odd,
	    "CS_MAX_COLUMNS cells");
	cs_buf_putc(&b, ',');
	cs_scan_block(&s, cs_buf_get(&b), true);
	ok(s.nrows == 0 && s.is_odd, "one more is odd");
	cs_scan_free(&s);
	cs_buf_free(&b);
}

static void
isa_names(void)
{
	struct cs_scan s;

	cs_scan_init(&s, 0, 0, CS_SCAN_AUTO);
	ok(s.isa != CS_SCAN_AUTO, "something is chosen");
	ok(cs_scan_isa_name(CS_SCAN_AUTO) == cs_scan_isa_name(s.isa), "%s here",
	    cs_scan_isa_name(s.isa));
	is_str(cs_str(cs_scan_isa_name(CS_SCAN_WORD)), "plain C", "its name");
}

int
main(void)
{
	rows();
	odd();
	signs();
	limits();
	isa_names();
	return done();
}
