/* rowplan: what comes out for what went in, in every form */
#include <unistd.h>

#include "reader.h"
#include "rowplan.h"
#include "tap.h"

/* What a case asks for; add: NAME=VALUE cells, given to every record. */
struct want {
	enum cs_form out;
	const char *columns;
	const char *add[4];
	const char *drop; /* a column not kept */
	bool lf, no_header, number;
	const char *more; /* a second file */
};

static struct cs_str
slot_name(const char *add)
{
	const char *eq = strchr(add, '=');

	return (struct cs_str){add, (size_t)(eq - add)};
}

static bool
write_file(struct cs_plan *p, struct cs_reader *r, const struct want *w,
    struct cs_out *out, struct cs_err *err)
{
	struct cs_arena a = {0};
	struct cs_rec rec = {.arena = &a};
	struct cs_refused f;
	bool good = true;

	while (good && cs_reader_next(r, &rec, &f, err) == CS_READ) {
		for (size_t i = 0; i < 4 && w->add[i]; i++) {
			const char *v = strchr(w->add[i], '=') + 1;

			if (strcmp(v, "?") == 0)
				continue;
			cs_plan_set(p, i,
			    w->number ? cs_val_num(strtod(v, NULL))
				      : cs_val_text(cs_str(v)));
		}
		good = cs_plan_write(p, &rec, out, err);
		cs_arena_reset(&a);
	}
	cs_arena_free(&a);
	return good;
}

static void
keep_all_but(struct cs_plan *p, struct cs_header *head, const char *name)
{
	bool keep[16] = {0};

	for (size_t i = 0; i < cs_header_n(head); i++)
		keep[i] = !cs_str_is(cs_header_name(head, i), name);
	cs_plan_keep(p, keep);
}

/* Runs text through a reader and a plan into file `path`. Returns the count
 * of guarded cells. */
static uint64_t
run(const char *text, const struct want *w, const char *path,
    struct cs_err *err)
{
	struct cs_header head = {0};
	struct cs_reader_conf rc = {.no_header = w->no_header};
	struct cs_reader *r =
	    cs_reader_open(cs_in_memory("in", cs_str(text)), &rc, &head, err);
	struct cs_reader *more =
	    w->more ? cs_reader_open(cs_in_memory("more", cs_str(w->more)), &rc,
			  &head, err)
		    : NULL;
	struct cs_plan_conf pc = {.in = cs_reader_form(r),
	    .out = w->out ? w->out : cs_reader_form(r),
	    .delimiter = cs_reader_delimiter(r),
	    .columns = cs_str(w->columns),
	    .has_header_line = true,
	    .is_clean = w->lf};
	struct cs_plan *p = cs_plan_new(&pc, &head);
	struct cs_out *out = cs_out_create(path, err);
	uint64_t guarded;
	bool good;

	for (size_t i = 0; i < 4 && w->add[i]; i++)
		cs_plan_add(p, slot_name(w->add[i]));
	if (w->drop != NULL)
		keep_all_but(p, &head, w->drop);
	good = cs_plan_begin(p, out, err) && write_file(p, r, w, out, err) &&
	       (more == NULL || write_file(p, more, w, out, err));
	if (good)
		cs_plan_end(p, out, err);
	guarded = cs_plan_guarded(p);
	cs_plan_free(p);
	cs_reader_close(r);
	cs_reader_close(more);
	cs_out_close(out, err);
	cs_header_free(&head);
	return guarded;
}

static uint64_t
expect(
    const char *text, const struct want *w, const char *want, const char *what)
{
	char path[] = "/tmp/rowplan-XXXXXX";
	int fd = mkstemp(path);
	struct cs_err err = {0};
	char got[4096];
	ssize_t n;
	uint64_t guarded = run(text, w, path, &err);

	n = read(fd, got, sizeof(got));
	close(fd);
	unlink(path);
	if (n < 0)
		n = 0;
	if (err.text[0] != '\0')
		n += snprintf(got + n, sizeof(got) - (size_t)n, "!%d %s",
		    err.exit, err.text);
	is_str((struct cs_str){got, (size_t)n}, want, what);
	return guarded;
}

#define W(...) (&(struct want){__VA_ARGS__})

static void
csv(void)
{
	const char *in = "id,\"na me\",n\r\n1,\"a, b\",1.50\r\n2,\"q\",\n";

	expect(in, W(.lf = false), in, "nothing added: byte for byte");
	expect(in, W(.add = {"s=x"}),
	    "id,\"na me\",n,s\r\n1,\"a, b\",1.50,x\r\n2,\"q\",,x\n",
	    "one appended");
	expect(in, W(.add = {"s=a,\"b", "t= x", "u=?"}),
	    "id,\"na me\",n,s,t,u\r\n"
	    "1,\"a, b\",1.50,\"a,\"\"b\",\" x\",\r\n"
	    "2,\"q\",,\"a,\"\"b\",\" x\",\n",
	    "added cells are quoted if needed");
	expect(in, W(.add = {"n=7", "s=x"}, .number = true),
	    "id,\"na me\",n,s\r\n1,\"a, b\",7,0\r\n2,\"q\",7,0\n",
	    "one replaced in its place");
	expect(in, W(.columns = "s,na me", .add = {"s=x"}),
	    "s,\"na me\"\r\nx,\"a, b\"\r\nx,\"q\"\n", "--columns");
	expect(in, W(.columns = "n"), "n\r\n1.50\r\n\"\"\n",
	    "one empty cell is not a blank line");
	expect(in, W(.columns = "idd"),
	    "!2 unknown column \"idd\" in --columns (did you mean \"id\"?)",
	    "--columns with an unknown name");
	expect(in, W(.columns = "id,n,id"),
	    "!2 column \"id\" stands twice in --columns",
	    "--columns with a name twice");
	expect(in, W(.drop = "na me", .add = {"s=x"}),
	    "id,n,s\r\n1,1.50,x\r\n2,,x\n", "a column not kept");
	expect(in, W(.drop = "id", .add = {"id=x"}),
	    "\"na me\",n,id\r\n\"a, b\",1.50,x\r\n\"q\",,x\n",
	    "a column not kept, then added");
	expect(in, W(.lf = true), "id,\"na me\",n\n1,\"a, b\",1.50\n2,\"q\",\n",
	    "LF for all");
	expect("a,b\r\n1,2", W(.add = {"s=x"}), "a,b,s\r\n1,2,x\r\n",
	    "a last row without line end gets the header's");
	expect("a", W(.add = {"s=x"}), "a,s\n", "header only");
	expect("a\n\n1\n", W(.lf = false), "a\n\n1\n", "one column");
	expect("a\n\n1\n", W(.add = {"s=x"}), "a,s\n,x\n1,x\n",
	    "one column and one more");
	expect("a;b\n1;2\n", W(.add = {"s=x;y"}), "a;b;s\n1;2;\"x;y\"\n",
	    "the delimiter stays");
	expect("1,2\n3,4\n", W(.no_header = true, .add = {"s=x"}),
	    "c1,c2,s\n1,2,x\n3,4,x\n", "no header: one is written");
	expect("a,b\n1,2\n", W(.more = "b,a\n\"4\",3\n", .add = {"s=x"}),
	    "a,b,s\n1,2,x\n3,\"4\",x\n", "a second file in another order");
	expect("a,b\n1,2\n", W(.more = "b;a\n4,5;3\n"), "a,b\n1,2\n3,\"4,5\"\n",
	    "a second file with another delimiter");
}

static void
delimiters(void)
{
	expect("a,b\n\"x,\ty\",\"p,q\"\n", W(.out = CS_FORM_TSV),
	    "a\tb\n\"x,\ty\"\tp,q\n", "CSV to TSV: quotes decided anew");
	expect("a\tb\nx,y\t1\n", W(.out = CS_FORM_CSV), "a,b\n\"x,y\",1\n",
	    "TSV to CSV");
	expect("a\tb\n\"x\"\t1\n", W(.add = {"s=x\ty"}),
	    "a\tb\ts\n\"x\"\t1\t\"x\ty\"\n", "TSV stays TSV");
}

static void
json(void)
{
	const char *in = "{\"a\": 1.50, \"b\":\"x\"} \r\n{}\n{\"c\":[1, 2]}";

	expect(in, W(.lf = false),
	    "{\"a\": 1.50, \"b\":\"x\"}\r\n{}\n{\"c\":[1, 2]}\n",
	    "nothing added");
	expect(in, W(.add = {"s=x"}),
	    "{\"a\": 1.50, \"b\":\"x\",\"s\":\"x\"}\r\n{\"s\":\"x\"}\n"
	    "{\"c\":[1, 2],\"s\":\"x\"}\n",
	    "appended before the closing brace");
	expect(in, W(.add = {"b=y", "a=?", "s=z"}),
	    "{\"a\": null, \"b\":\"y\",\"s\":\"z\"}\r\n"
	    "{\"b\":\"y\",\"a\":null,\"s\":\"z\"}\n"
	    "{\"c\":[1, 2],\"b\":\"y\",\"a\":null,\"s\":\"z\"}\n",
	    "replaced members keep their position");
	expect("{\"a\":1,\"a\":2}\n", W(.add = {"a=x"}),
	    "{\"a\":1,\"a\":\"x\"}\n", "of duplicates the last");
	expect(in, W(.columns = "s,c,a", .add = {"s=z"}),
	    "{\"s\":\"z\",\"a\":1.50}\r\n{\"s\":\"z\"}\n"
	    "{\"s\":\"z\",\"c\":[1, 2]}\n",
	    "--columns");
}

static void
csv_to_json(void)
{
	expect("id,n,b,e,t\r\n007,1.50,true,,\"a\"\"b\"\r\n",
	    W(.out = CS_FORM_JSONL, .add = {"s=x"}),
	    "{\"id\":\"007\",\"n\":1.50,\"b\":true,\"e\":null,"
	    "\"t\":\"a\\\"b\",\"s\":\"x\"}\r\n",
	    "types by RULES, a number's text is copied");
	expect("a,b\n1,2\n", W(.out = CS_FORM_JSONL, .columns = "b"),
	    "{\"b\":2}\n", "--columns");
	expect("a,b\n", W(.out = CS_FORM_JSONL), "", "header only");
}

static void
json_to_csv(void)
{
	expect("{\"id\":1,\"o\":{\"x\":\"p\",\"y\":{\"z\":true}},\"l\":[1,2],"
	       "\"n\":null,\"e\":\"\"}\n{\"id\":\"2,\",\"o\":{\"x\":1e2}}\n",
	    W(.out = CS_FORM_CSV, .add = {"s=x"}),
	    "id,o.x,o.y.z,l,n,e,s\n1,p,true,\"[1,2]\",,,x\n"
	    "\"2,\",1e2,,,,,x\n",
	    "objects as a.b, arrays as JSON");
	expect("{\"a\":1}\n{\"a\":2,\"b\":3}\n", W(.out = CS_FORM_CSV),
	    "a\n1\n!3 in:2: new member \"b\": the first record gave the "
	    "columns; name them with --columns",
	    "a later new member");
	expect("{\"a\":1}\n{\"a\":2,\"b\":{\"c\":[]}}\n{\"z\":0}\n",
	    W(.out = CS_FORM_CSV, .columns = "b.c,a,b"),
	    "b.c,a,b\n,1,\n,2,\"{\"\"c\"\":[]}\"\n,,\n",
	    "--columns overrides; an object by its name");
	expect("{\"a\":1,\"b\":2}\n{\"s\":9,\"a\":3}\n",
	    W(.out = CS_FORM_CSV, .add = {"b=x", "s=y"}),
	    "a,b,s\n1,x,y\n3,x,y\n", "slots in their places");
	expect("{\"a\":1,\"a\":{\"b\":2}}\n", W(.out = CS_FORM_CSV), "a.b\n2\n",
	    "of duplicates the last");
	expect("{\"a\":null}\n{}\n", W(.out = CS_FORM_CSV), "a\n\"\"\n\"\"\n",
	    "one empty cell");
	expect("{\"a\":\"x\\ty\",\"b\":\"\\u3042\"}\n", W(.out = CS_FORM_TSV),
	    "a\tb\n\"x\ty\"\t\xe3\x81\x82\n", "to TSV");
	expect("{\"id\":12345678901234567890,\"x\":1e999}\n",
	    W(.out = CS_FORM_CSV), "id,x\n12345678901234567890,1e999\n",
	    "digits are not lost");
}

static void
excel(void)
{
	uint64_t guarded =
	    expect("id,x\n-5,=1+2\n+81-3,@a\n2026-01-01,\"a,b\"\n",
		W(.out = CS_FORM_EXCEL, .add = {"s=\xef\xbc\x9dx"}),
		"\xef\xbb\xbf"
		"id,x,s\r\n-5,'=1+2,'\xef\xbc\x9dx\r\n"
		"'+81-3,'@a,'\xef\xbc\x9dx\r\n"
		"2026-01-01,\"a,b\",'\xef\xbc\x9dx\r\n",
		"BOM, CRLF, formulas guarded");

	ok(guarded == 6, "and counted (%d)", (int)guarded);
	expect("{\"x\":\"-1\",\"y\":\"\\tz\"}\n", W(.out = CS_FORM_EXCEL),
	    "\xef\xbb\xbfx,y\r\n-1,'\tz\r\n", "from JSON lines");
}

static void
table(void)
{
	expect("id,\xe5\x90\x8d,n\n1,\xe5\xb1\xb1\xe7\x94\xb0,5\n"
	       "22,b\x1b,12.50\n3,,\n",
	    W(.out = CS_FORM_TABLE, .add = {"s=x"}),
	    "id  \xe5\x90\x8d         n  s\n"
	    " 1  \xe5\xb1\xb1\xe7\x94\xb0       5  x\n"
	    "22  b\\x1b  12.50  x\n"
	    " 3                x\n",
	    "aligned by width, controls as escapes");
	expect("{\"a\":{\"b\":1}}\n{}\n", W(.out = CS_FORM_TABLE),
	    "a.b\n  1\n\n", "from JSON lines");
}

int
main(void)
{
	csv();
	delimiters();
	json();
	csv_to_json();
	json_to_csv();
	excel();
	table();
	return done();
}
