/* reader: forms, headers, refusals with their texts, several files */
#include "reader.h"
#include "tap.h"

struct run {
	struct cs_header head;
	struct cs_buf b;
	struct cs_reader_stats stats;
	int exit; /* of a failed open */
	enum cs_form form;
	int delimiter;
};

static void
show_header(struct run *t)
{
	cs_buf_putc(&t->b, '(');
	for (size_t i = 0; i < cs_header_n(&t->head); i++) {
		cs_buf_puts(&t->b, i > 0 ? "|" : "");
		cs_buf_str(&t->b, cs_header_name(&t->head, i));
	}
	cs_buf_putc(&t->b, ')');
}

static void
show_record(struct run *t, const struct cs_rec *rec)
{
	cs_buf_printf(&t->b, " %zu", rec->line);
	for (size_t i = 0; i < rec->n; i++)
		if (cs_rec_cell(rec, i).p == NULL)
			cs_buf_puts(&t->b, "[-]");
		else
			cs_buf_printf(
			    &t->b, "[%.*s]", CS_ARG(cs_rec_cell(rec, i)));
	cs_buf_printf(&t->b, "<%.*s>", CS_ARG(rec->raw));
}

static void
read_bytes(struct run *t, const char *name, struct cs_str bytes,
    const struct cs_reader_conf *conf)
{
	struct cs_err err = {0};
	struct cs_arena a = {0};
	struct cs_rec rec = {.arena = &a};
	struct cs_refused f;
	struct cs_reader *r =
	    cs_reader_open(cs_in_memory(name, bytes), conf, &t->head, &err);
	enum cs_read got;

	if (r == NULL) {
		cs_buf_printf(&t->b, "fault %d: %s", err.exit, err.text);
		t->exit = err.exit;
		return;
	}
	t->form = cs_reader_form(r);
	t->delimiter = cs_reader_delimiter(r);
	if (cs_reader_is_empty(r))
		cs_buf_puts(&t->b, "empty");
	else if (t->form != CS_FORM_JSONL)
		show_header(t);
	while ((got = cs_reader_next(r, &rec, &f, &err)) != CS_READ_END) {
		if (got == CS_READ_FAILED) {
			cs_buf_printf(&t->b, " failed %s", err.text);
			break;
		}
		if (got == CS_READ)
			show_record(t, &rec);
		else
			cs_buf_printf(&t->b, " %zu!%s: %s<%.*s>", f.line,
			    f.reason, f.text, CS_ARG(f.raw));
		cs_arena_reset(&a);
	}
	if (t->form == CS_FORM_JSONL)
		show_header(t);
	t->stats = *cs_reader_stats(r);
	cs_reader_close(r);
	cs_arena_free(&a);
}

static void
run_free(struct run *t)
{
	cs_header_free(&t->head);
	cs_buf_free(&t->b);
	*t = (struct run){0};
}

static void
is_read(struct cs_str bytes, const struct cs_reader_conf *conf,
    const char *want, const char *what)
{
	struct run t = {0};

	read_bytes(&t, "f", bytes, conf);
	is_str(cs_buf_get(&t.b), want, what);
	run_free(&t);
}

static void
plain(const char *text, const char *want, const char *what)
{
	is_read(cs_str(text), &(struct cs_reader_conf){0}, want, what);
}

static void
csv(void)
{
	plain("", "empty", "no bytes");
	plain("\xef\xbb\xbf", "empty", "a BOM alone");
	plain("a,b\n", "(a|b)", "header only");
	plain("a,b", "(a|b)", "header only, no line end");
	plain("\xef\xbb\xbf"
	      "a,b\n1,2\n",
	    "(a|b) 2[1][2]<1,2>", "a BOM is dropped");
	plain("\xef\xbb\xbf\"a\",b\n1,2\n", "(a|b) 2[1][2]<1,2>",
	    "a BOM before a quote");
	plain("a,b\n1,\"x\ny\"\n3,4",
	    "(a|b) 2[1][x\ny]<1,\"x\ny\"> 4[3][4]<3,4>",
	    "line numbers are physical");
	plain("a,b\n1,2,3\n4\n5,6\n",
	    "(a|b) 2!cells: 3 cells, the header has 2<1,2,3>"
	    " 3!cells: 1 cell, the header has 2<4> 4[5][6]<5,6>",
	    "ragged rows");
	plain("a,b\n\n1,2\n\r\n3,4\n", "(a|b) 3[1][2]<1,2> 5[3][4]<3,4>",
	    "blank lines are skipped");
	plain("a\n\n1\n", "(a) 2[]<> 3[1]<1>", "but a cell in one column");
	plain("\n\na,b\n1,2\n", "(a|b) 4[1][2]<1,2>",
	    "blank lines before the header");
	plain("\n\n", "() 2[]<>", "blank lines only: one column without name");
	plain("a,,b\n1,2,3\n", "(a||b) 2[1][2][3]<1,2,3>", "an empty name");
	plain("\"a\nb\",c\n1,2\n", "(a\nb|c) 3[1][2]<1,2>",
	    "a header of two lines");
	plain("a,b\n1,\"2\n3,4\n",
	    "(a|b) 2!quote: the quote opened on line 2 is never closed<1,\"2>"
	    " 3[3][4]<3,4>",
	    "an open quote");
	plain("a,b\n1,\"2\"x\n3,4\n",
	    "(a|b) 2!quote: text after a closing quote (opened on line 2)"
	    "<1,\"2\"x> 3[3][4]<3,4>",
	    "text after a quote");
	plain("a,b\r\n1,2\r\n", "(a|b) 2[1][2]<1,2>", "CRLF");
}

static void
bad_bytes(void)
{
	struct run t = {0};

	read_bytes(
	    &t, "f", CS_S("a,b\n1,x\0y\n2,z\n"), &(struct cs_reader_conf){0});
	ok(t.stats.refused == 1 && t.stats.records == 1, "NUL is refused");
	ok(strstr(cs_buf_z(&t.b), "2!nul: a NUL byte (byte 4 of the record)") !=
		NULL,
	    "with its place");
	run_free(&t);
	plain("a,b\n1,\x82\xa0\n2,\xe3\x81\x82\n",
	    "(a|b) 2!encoding: bytes that are not UTF-8, perhaps CP932 (82 at "
	    "byte 3 of the record)"
	    "<1,\x82\xa0> 3[2][\xe3\x81\x82]<2,\xe3\x81\x82>",
	    "bytes that are not UTF-8");
	read_bytes(&t, "f.csv",
	    CS_S("id,\x96\xbc\x91\x4f,\x8f\x5a\x8f\x8a\n"
		 "1,\x8e\x52\x93\x63\x91\xbe\x98\x59,"
		 "\x93\x8c\x8b\x9e\x93\x73\x82\xcc\x92\x86\n"),
	    &(struct cs_reader_conf){0});
	is_str(cs_buf_get(&t.b),
	    "fault 3: f.csv:1: bytes are not UTF-8 (line 1, byte 4); they fit "
	    "CP932: use cs-ingest first",
	    "a file in CP932");
	run_free(&t);
	read_bytes(&t, "f.csv", CS_S("a\0,b\n"), &(struct cs_reader_conf){0});
	is_str(cs_buf_get(&t.b),
	    "fault 3: f.csv:1: the header cannot be read: it has a NUL byte",
	    "NUL in the header");
	run_free(&t);
}

static void
headers(void)
{
	struct cs_reader_conf c = {.no_header = true};

	is_read(CS_S("1,2\n3,4\n"), &c, "(c1|c2) 1[1][2]<1,2> 2[3][4]<3,4>",
	    "no header");
	is_read(CS_S("\n1,2\n"), &c, "(c1|c2) 2[1][2]<1,2>",
	    "no header, a blank line first");
	is_read(CS_S("\n1\n"), &c, "(c1) 1[]<> 2[1]<1>",
	    "no header, one column, an empty cell first");
	is_read(CS_S("\n\n"), &c, "(c1) 1[]<> 2[]<>", "no header, all blank");
	is_read(CS_S("\"x\n1,2\n"), &c,
	    "(c1|c2) 1!quote: the quote opened on line 1 is never closed<\"x>"
	    " 2[1][2]<1,2>",
	    "no header, the first row refused");
	c = (struct cs_reader_conf){.names = CS_S("x,y")};
	is_read(CS_S("1,2\n3\n"), &c,
	    "(x|y) 1[1][2]<1,2> 2!cells: 1 cell, the header has 2<3>",
	    "--header");
	c = (struct cs_reader_conf){.names = CS_S("x,x")};
	is_read(CS_S("1,2\n"), &c,
	    "fault 2: --header: two names are \"x\" (1 and 2)",
	    "--header with a name twice");
	plain("a,b,a\n1,2,3\n",
	    "fault 2: f:1: two columns are called \"a\" (columns 1 and 3)",
	    "two columns of one name");
	plain("a,\"b\n1,2\n",
	    "fault 3: f:1: the header cannot be read: the quote opened on line "
	    "1 is never closed",
	    "a header with an open quote");
	c = (struct cs_reader_conf){.rename_duplicates = true};
	is_read(CS_S("a,b,a,a,a_2\n1,2,3,4,5\n"), &c,
	    "(a|b|a_2|a_3|a_2_2) 2[1][2][3][4][5]<1,2,3,4,5>",
	    "duplicates renamed");
	c = (struct cs_reader_conf){.skip = 2};
	is_read(CS_S("report\n\na,b\n1,2\n"), &c, "(a|b) 4[1][2]<1,2>",
	    "lines passed over");
	is_read(CS_S("report\n\n"), &c, "empty", "all passed over");
	c = (struct cs_reader_conf){.trim_surplus = true};
	is_read(CS_S("a,b\n1,2,,\"\"\n3,,\n4,5,6\n,,,\n"), &c,
	    "(a|b) 2[1][2]<1,2> 3[3][]<3,>"
	    " 4!cells: 3 cells, the header has 2<4,5,6> 5[][]<,>",
	    "surplus empty cells");
}

static void
found(const char *text, int delimiter, const char *what)
{
	struct run t = {0};

	read_bytes(&t, "f", cs_str(text), &(struct cs_reader_conf){0});
	ok(t.delimiter == delimiter, "%s", what);
	run_free(&t);
}

static void
sniffing(void)
{
	struct run t = {0};
	struct cs_reader_conf c = {.delimiter = ';'};

	found("a,b\n1,2\n", ',', "comma");
	found("a;b\n1,5;2,5\n", ';', "semicolon with decimal commas");
	found("a\tb\n1,5\t2\n", '\t', "tab");
	found("a|b|c\n1|2|3\n", '|', "bar");
	found("name\nx;y\nz\n", ',', "one column");
	found("a\n1\n", ',', "one column, nothing else");
	found("a,b;c\n1,2\n3,4;5\n", ',', "the more even one");
	found("\"a;b;c\",d\n\"1;2;3\",4\n", ',', "signs inside quotes");
	found("a;b\n\"x,\ny\";2\n3;\"4\n,,,\"\n", ';',
	    "records of several lines");
	found("a;b\n1;2;3\n4;5\n", ';', "ragged rows");
	found("", 0, "nothing");
	read_bytes(&t, "f", CS_S("a\tb\n1\t2\n"), &(struct cs_reader_conf){0});
	ok(t.form == CS_FORM_TSV, "tab is TSV");
	run_free(&t);
	read_bytes(
	    &t, "f", CS_S(" \n\n {\"a\":1}\n"), &(struct cs_reader_conf){0});
	ok(t.form == CS_FORM_JSONL, "a brace is JSON lines");
	run_free(&t);
	is_read(CS_S("a,b;c\n1,2;3\n"), &c, "(a,b|c) 2[1,2][3]<1,2;3>",
	    "-d decides");
	c = (struct cs_reader_conf){.quote = '\''};
	is_read(CS_S("a,'b;c'\n'1,0',\"2\n"), &c,
	    "(a|b;c) 2[1,0][\"2]<\"1,0\",\"\"\"2\">",
	    "another quote is written as the usual one");
}

static void
decoding(void)
{
	struct run t = {0};
	struct cs_reader_conf c = {.decode = true, .encoding = "sjis"};

	is_read(CS_S("a,\x96\xbc\n1,\x8e\x52\r\n"), &c,
	    "(a|\xe5\x90\x8d) 2[1][\xe5\xb1\xb1]<1,\xe5\xb1\xb1>", "CP932");
	is_read(CS_S("a,b\n1,\x8e\x52\xff\n\"x\ny\",\x81\n2,3\n"), &c,
	    "(a|b) 2!encoding: bytes that are not CP932 (ff at byte 5 of the "
	    "record)"
	    "<1,\x8e\x52\xff>"
	    " 3!encoding: bytes that are not CP932 (81 at byte 7 of the record)"
	    "<\"x\ny\",\x81>"
	    " 5[2][3]<2,3>",
	    "places that do not decode: refused with the raw bytes");
	c.keep_bad = true;
	read_bytes(&t, "f", CS_S("a,b\n1,\x8e\x52\xff\n"), &c);
	is_str(cs_buf_get(&t.b),
	    "(a|b) 2[1][\xe5\xb1\xb1\xef\xbf\xbd]"
	    "<1,\xe5\xb1\xb1\xef\xbf\xbd>",
	    "kept with U+FFFD");
	ok(t.stats.replaced == 1 && t.stats.refused == 0, "and counted");
	run_free(&t);
	c = (struct cs_reader_conf){.decode = true, .encoding = "klingon"};
	read_bytes(&t, "f", CS_S("a,b\n"), &c);
	ok(t.exit == CS_USAGE, "an unknown encoding is exit 2");
	run_free(&t);
}

static void
json(void)
{
	plain("{\"a\":1,\"b\":\"x\"}\n\n{\"b\":2,\"c\":[1]}\n",
	    " 1[1][\"x\"]<{\"a\":1,\"b\":\"x\"}>"
	    " 3[-][2][[1]]<{\"b\":2,\"c\":[1]}>(a|b|c)",
	    "members become columns");
	plain("{\"a\":1,\"a\":2,\"\\u0061\":3}\n",
	    " 1[3]<{\"a\":1,\"a\":2,\"\\u0061\":3}>(a)", "the last one wins");
	plain("{}\n", " 1<{}>()", "an empty object");
	plain(
	    "{\"a\":1,\"b\":2,\"c\":3}\n{\"c\":4,\"a\":5}\n{\"a\":6,\"c\":7}\n"
	    "{\"x\":8,\"b\":9}\n{\"c\" :1, \"b\": 2}\n",
	    " 1[1][2][3]<{\"a\":1,\"b\":2,\"c\":3}>"
	    " 2[5][-][4]<{\"c\":4,\"a\":5}>"
	    " 3[6][-][7]<{\"a\":6,\"c\":7}>"
	    " 4[-][9][-][8]<{\"x\":8,\"b\":9}>"
	    " 5[-][2][1][-]<{\"c\" :1, \"b\": 2}>(a|b|c|x)",
	    "members in another order, left out, new");
	/* The name of the second is what the third is written like. */
	plain("{\"a\\nb\":1,\"a\\\\nb\":2}\n{\"a\\\\nb\":3,\"a\\u000ab\":4}\n"
	      "{\"a\\nb\":5}\n",
	    " 1[1][2]<{\"a\\nb\":1,\"a\\\\nb\":2}>"
	    " 2[4][3]<{\"a\\\\nb\":3,\"a\\u000ab\":4}>"
	    " 3[5][-]<{\"a\\nb\":5}>(a\nb|a\\nb)",
	    "keys with escapes");
	plain("{\"a\":01}\n[1]\n7\n{\"a\":1} x\n{\"a\":2}",
	    " 1!json: not JSON: a number has a leading zero (byte 6)"
	    "<{\"a\":01}>"
	    " 2!json: an object is needed, not an array<[1]>"
	    " 3!json: an object is needed, not a number<7>"
	    " 4!json: not JSON: text behind the value (byte 9)<{\"a\":1} x>"
	    " 5[2]<{\"a\":2}>(a)",
	    "lines that are refused");
	plain("{\"a\":\"\xff\"}\r\n{\"a\":2}\r\n",
	    " 1!encoding: bytes that are not UTF-8 (ff at byte 7 of the record)"
	    "<{\"a\":\"\xff\"}> 2[2]<{\"a\":2}>(a)",
	    "bad bytes");
}

static void
two(const char *one, const char *other, const char *want, const char *what)
{
	struct run t = {0};

	read_bytes(&t, "a.csv", cs_str(one), &(struct cs_reader_conf){0});
	cs_buf_reset(&t.b);
	read_bytes(&t, "b.csv", cs_str(other), &(struct cs_reader_conf){0});
	is_str(cs_buf_get(&t.b), want, what);
	run_free(&t);
}

static void
several(void)
{
	two("a,b\n1,2\n", "a,b\n3,\"4\"\n", "(a|b) 2[3][4]<3,\"4\">",
	    "the same columns");
	two("a,b,c\n", "c,a,b\n3,\"1\",2\n", "(a|b|c) 2[1][2][3]<\"1\",2,3>",
	    "another order");
	two("a,b\n", "b;a\n\"x;y\";1,5\n", "(a|b) 2[1,5][x;y]<\"1,5\",x;y>",
	    "another delimiter");
	two("a,b\n", "a,c,d\n",
	    "fault 3: b.csv: its columns are not those of a.csv: \"b\" "
	    "missing; "
	    "\"c\", \"d\" too many",
	    "another set");
	two("a,b\n", "a\n",
	    "fault 3: b.csv: its columns are not those of a.csv: \"b\" missing",
	    "one missing");
	two("a,b\n", "{\"a\":1}\n",
	    "fault 3: b.csv is JSON lines, a.csv is CSV: one kind in a run",
	    "two kinds");
	two("", "a,b\n1,2\n", "(a|b) 2[1][2]<1,2>",
	    "an empty file gives no columns");
	two("a,b\n", "", "empty", "an empty second file");
	two("{\"a\":1}\n", "{\"b\":1}\n", " 1[-][1]<{\"b\":1}>(a|b)",
	    "JSON lines need not agree");
}

/* A JSON line of n members: {"0":0,"1":0 ...}. */
static void
members(struct cs_buf *b, size_t n)
{
	cs_buf_reset(b);
	for (size_t i = 0; i < n; i++)
		cs_buf_printf(b, "%s\"%zu\":0", i ? "," : "{", i);
	cs_buf_puts(b, "}\n");
}

static void
limits(void)
{
	struct run t = {0};
	struct cs_buf b = {0};
	struct cs_reader_conf c = {0};

	for (size_t n = CS_MAX_COLUMNS - 1; n <= CS_MAX_COLUMNS + 1; n++) {
		members(&b, n);
		read_bytes(&t, "f", cs_buf_get(&b), &c);
		ok(t.stats.records == (n <= CS_MAX_COLUMNS), "%zu members", n);
		run_free(&t);
	}
	members(&b, CS_MAX_COLUMNS);
	cs_buf_puts(&b, "{\"new\":1}\n{\"1\":1}\n");
	read_bytes(&t, "f", cs_buf_get(&b), &c);
	ok(t.stats.records == 2 && t.stats.refused == 1 &&
		strstr(cs_buf_z(&t.b),
		    " 2!long: new members: over 16384 columns in all<"),
	    "one member too many in all records");
	run_free(&t);
	for (size_t n = CS_MAX_CELL - 1; n <= CS_MAX_CELL + 1; n++) {
		cs_buf_reset(&b);
		cs_buf_puts(&b, "{\"a\":\"");
		memset(cs_buf_room(&b, n - 2), 'x', n - 2);
		b.n += n - 2;
		cs_buf_puts(&b, "\"}\n");
		read_bytes(&t, "f", cs_buf_get(&b), &c);
		ok(t.stats.records == (n <= CS_MAX_CELL),
		    "a member of %zu bytes", n);
		if (n > CS_MAX_CELL)
			ok(strncmp(cs_buf_z(&t.b),
			       " 1!long: member 1 is over 16777216 bytes<",
			       41) == 0,
			    "says why");
		run_free(&t);
	}
	cs_buf_reset(&b);
	memset(cs_buf_room(&b, CS_MAX_COLUMNS), ',', CS_MAX_COLUMNS);
	b.n = CS_MAX_COLUMNS;
	read_bytes(&t, "f", cs_buf_get(&b), &c);
	is_str(cs_buf_get(&t.b),
	    "fault 3: f:1: the header cannot be read: 16385 cells, the limit "
	    "is 16384",
	    "a header with one column too many");
	run_free(&t);
	cs_buf_free(&b);
}

int
main(void)
{
	limits();
	csv();
	bad_bytes();
	headers();
	sniffing();
	decoding();
	json();
	several();
	return done();
}
