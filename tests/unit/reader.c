/* reader: forms, headers, refusals with their texts, several files */
#include <fcntl.h>
#include <unistd.h>

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
read_in(struct run *t, struct cs_in *in, const struct cs_reader_conf *conf)
{
	struct cs_err err = {0};
	struct cs_arena a = {0};
	struct cs_rec rec = {.arena = &a};
	struct cs_refused f;
	struct cs_reader *r = cs_reader_open(in, conf, &t->head, &err);
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
read_bytes(struct run *t, const char *name, struct cs_str bytes,
    const struct cs_reader_conf *conf)
{
	read_in(t, cs_in_memory(name, bytes), conf);
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

/* In any other layout than a line each. */
static void
json_layouts(void)
{
	struct cs_reader_conf c = {.form = CS_FORM_JSONL};

	plain("[{\"a\":1},{ \"a\": 2 }]\n",
	    " 1[1]<{\"a\":1}> 1[2]<{ \"a\": 2 }>(a)", "an array on a line");
	plain("[\n  {\n    \"a\": [1, \"x y\\\" \"],\n    \"b\" : 2\n  },\n"
	      "  {\"a\": 3}, {}\n]",
	    " 2[[1,\"x y\\\" \"]][2]<{\"a\":[1,\"x y\\\" \"],\"b\":2}>"
	    " 6[3][-]<{\"a\": 3}> 6[-][-]<{}>(a|b)",
	    "over several lines: blanks between signs go");
	plain("{\"a\":1}{\"b\":2}\n{\"a\":\n3}[{}]",
	    " 1[1]<{\"a\":1}> 1[-][2]<{\"b\":2}> 2[3][-]<{\"a\":3}>"
	    " 3[-][-]<{}>(a|b)",
	    "one behind the other");
	plain("[]", "()", "an empty array");
	plain(" [\r\n ]\r\n", "()", "with blanks");
	plain("\xef\xbb\xbf[{}]", " 1<{}>()", "a BOM before an array");
	plain("[1],b\n2,3\n", "([1]|b) 2[2][3]<2,3>", "no array: CSV");
	plain("[],b\n2,3\n", "([]|b) 2[2][3]<2,3>", "the same");
	is_read(CS_S("[1]\n"), &c,
	    " 1!json: an object is needed, not an array<[1]>()",
	    "an array of no objects");
	plain("[{\"a\":1\n},\n{\"a\":\n01},{\"a\":2,}\n,{\"a\":1 2}]",
	    " 1[1]<{\"a\":1}>"
	    " 3!json: not JSON: a number has a leading zero (line 4, byte 1)"
	    "<{\"a\":\n01}>"
	    " 4!json: not JSON: a key in quotes is expected (byte 8)"
	    "<{\"a\":2,}>"
	    " 5!json: not JSON: a comma or } is expected (byte 8)"
	    "<{\"a\":1 2}>(a)",
	    "broken elements");
	plain("[{},,{}\n{},null,]x",
	    " 1<{}> 1!json: not JSON: a value is expected, not a comma<,>"
	    " 1<{}>"
	    " 2!json: not JSON: a comma or ] is expected before it<{}>"
	    " 2!json: an object is needed, not null<null>"
	    " 2!json: not JSON: a value is expected, not ]<]>"
	    " 2!json: not JSON: a value is expected (byte 1)<x>()",
	    "a broken array");
	plain("{}\n[{\"a\":1},{\"a\":",
	    " 1<{}> 2[1]<{\"a\":1}>"
	    " 2!json: not JSON: a value is expected (byte 6)<{\"a\":>"
	    " failed f:2: the array that begins here is never closed (cut "
	    "file?)(a)",
	    "an array that is not whole");
	plain("[{\"a\":\"\xff\"},{\"a\":\n\"\xff\"},{\"a\":2}]",
	    " 1!encoding: bytes that are not UTF-8 (ff at byte 7 of the record)"
	    "<{\"a\":\"\xff\"}>"
	    " 1!encoding: bytes that are not UTF-8 (ff at byte 8 of the record)"
	    "<{\"a\":\n\"\xff\"}> 2[2]<{\"a\":2}>(a)",
	    "bad bytes in an array");
	c = (struct cs_reader_conf){.decode = true, .encoding = "utf-8"};
	is_read(CS_S("[{\"a\":\"\xe6\x9c\x80\"},\n{\"a\":\"\xff\"}]"), &c,
	    " 1[\"\xe6\x9c\x80\"]<{\"a\":\"\xe6\x9c\x80\"}>"
	    " 2!encoding: bytes that are not UTF-8 (ff at byte 7 of the record)"
	    "<{\"a\":\"\xff\"}>(a)",
	    "the same, decoded");
	c.keep_bad = true;
	is_read(CS_S("[{\"a\":\"\xff\"},{\"a\":\n\"\xff\"}]"), &c,
	    " 1[\"\xef\xbf\xbd\"]<{\"a\":\"\xef\xbf\xbd\"}>"
	    " 1[\"\xef\xbf\xbd\"]<{\"a\":\"\xef\xbf\xbd\"}>(a)",
	    "and kept");
	c = (struct cs_reader_conf){.decode = true, .encoding = "sjis"};
	is_read(CS_S("[{\"a\":\"\x8e\x52\"},{\"b\":\"\x83\x7b\"},\n"
		     "{\"a\":\"\xff\"},{\"a\":\n1}]"),
	    &c,
	    " 1[\"\xe5\xb1\xb1\"]<{\"a\":\"\xe5\xb1\xb1\"}>"
	    " 1[-][\"\xe3\x83\x9c\"]<{\"b\":\"\xe3\x83\x9c\"}>"
	    " 2!encoding: bytes that are not CP932 (ff at byte 7 of the record)"
	    "<{\"a\":\"\xff\"},{\"a\":> 2[1][-]<{\"a\":1}>(a|b)",
	    "CP932: what does not decode with the bytes of its line");
}

/* The bytes through a pipe that gives n of them, then the rest. */
static void
read_pipe(struct run *t, struct cs_str s, size_t n)
{
	struct cs_err err = {0};
	char path[32];
	int fd[2];
	bool good = pipe2(fd, O_DIRECT) == 0;

	good = good && write(fd[1], s.p, n) == (ssize_t)n &&
	       write(fd[1], s.p + n, s.n - n) == (ssize_t)(s.n - n);
	close(fd[1]);
	snprintf(path, sizeof(path), "/dev/fd/%d", fd[0]);
	if (good)
		read_in(t, cs_in_open(path, &err), &(struct cs_reader_conf){0});
	close(fd[0]);
}

/* Wherever a pipe makes a pause. */
static void
json_pipe(void)
{
	struct cs_str s =
	    CS_S(" [ {\"a\":1,\"b\":[{},{}]},\n{\"a\":\n\"x\\\"}\",\"b\":01} , "
		 "{},]\n"
		 "{\"a\":2}{\"b\":\"\xe6\x9c\x80\"} "
		 "\n{\"a\":3,\n{\"a\":4}\n[{}\n]\r\n");
	struct run want = {0}, t = {0};
	bool is_same = true;

	read_bytes(&want, "f", s, &(struct cs_reader_conf){0});
	ok(want.stats.records == 6 && want.stats.refused == 3,
	    "six records, three refused");
	for (size_t n = 1; n < s.n; n++) {
		read_pipe(&t, s, n);
		is_same =
		    is_same && cs_str_eq(cs_buf_get(&t.b), cs_buf_get(&want.b));
		run_free(&t);
	}
	ok(is_same, "the same through a pipe cut at every byte");
	run_free(&want);
}

static bool
ends(struct cs_str s, struct cs_str with)
{
	return s.n >= with.n && memcmp(s.p + s.n - with.n, with.p, with.n) == 0;
}

/* Pieces of a line are no matter of the reader's answers, nor is a record over
 * the limit the end. */
static void
json_long(void)
{
	struct cs_buf s = {0}, want = {0};
	struct run t = {0};

	cs_buf_puts(&s, "[");
	for (size_t i = 0; s.n < (3 << 20); i++) {
		cs_buf_printf(&s, "%s{\"a\":%zu}", i ? "," : "", i);
		cs_buf_printf(&want, " 1[%zu]<{\"a\":%zu}>", i, i);
	}
	cs_buf_puts(&s, "]");
	cs_buf_puts(&want, "(a)");
	read_bytes(&t, "f", cs_buf_get(&s), &(struct cs_reader_conf){0});
	ok(cs_str_eq(cs_buf_get(&t.b), cs_buf_get(&want)),
	    "an array of 3 MiB on one line");
	run_free(&t);
	cs_buf_reset(&s);
	cs_buf_puts(&s, "[{\"a\":\"");
	memset(cs_buf_room(&s, CS_MAX_RECORD), 'x', CS_MAX_RECORD);
	s.n += CS_MAX_RECORD;
	cs_buf_puts(&s, "\"},{\"a\":1}]");
	read_bytes(&t, "f", cs_buf_get(&s), &(struct cs_reader_conf){0});
	ok(cs_str_starts(cs_buf_get(&t.b),
	       CS_S(" 1!long: a record is over 67108864 bytes<")) &&
		ends(cs_buf_get(&t.b), CS_S("> 1[1]<{\"a\":1}>(a)")),
	    "a record over the limit");
	run_free(&t);
	cs_buf_free(&s);
	cs_buf_free(&want);
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
	json_layouts();
	json_pipe();
	json_long();
	several();
	return done();
}
