/* Rule files as keys and values: what is read, and where it stands. */
#include <stdlib.h>

#include "stanza.h"
#include "tap.h"

struct world {
	struct cs_arena run;
	struct cs_diags diags;
	struct cs_raw_stanzas s;
};

static void
read_text(struct world *w, struct cs_str text)
{
	cs_diags_free(&w->diags);
	cs_stanzas_read(text, "f", &w->run, &w->s, &w->diags);
}

static void
read_z(struct world *w, const char *text)
{
	read_text(w, cs_str(text));
}

/* The n-th finding as "line:col text". */
static void
is_diag(struct world *w, size_t n, const char *want)
{
	char got[512] = "none";

	if (n < w->diags.n)
		snprintf(got, sizeof(got), "%zu:%zu %s", w->diags.v[n].at.line,
		    w->diags.v[n].at.col, w->diags.v[n].text);
	is_str(cs_str(got), want, want);
}

static void
is_good(struct world *w, size_t stanzas, const char *what)
{
	if (!ok(w->diags.n == 0 && w->s.n == stanzas, "%s: %zu stanzas", what,
		stanzas))
		printf("# got %zu, %zu findings: %s\n", w->s.n, w->diags.n,
		    w->diags.n ? w->diags.v[0].text : "");
}

static void
is_pair(struct world *w, size_t s, size_t p, const char *key, const char *value)
{
	if (!ok(s < w->s.n && p < w->s.v[s].n, "there is %s", key))
		return;
	is_str(w->s.v[s].pair[p].key, key, key);
	is_str(w->s.v[s].pair[p].value, value, "its value");
}

/* The place of byte offset of a value. */
static void
is_at(
    struct world *w, size_t s, size_t p, size_t offset, size_t line, size_t col)
{
	struct cs_place at = {0};

	if (s < w->s.n && p < w->s.v[s].n)
		at = cs_pair_place(&w->s.v[s].pair[p], offset);
	if (!ok(at.line == line && at.col == col, "byte %zu is at %zu:%zu",
		offset, line, col))
		printf("# got %zu:%zu\n", at.line, at.col);
}

static void
test_lines(struct world *w)
{
	read_z(w, "# a comment\n\nRule: a\nWhen:  .x > 1\n  and .y  \n"
		  "# between\n\t or .z\nNote: n\n\n\n \t\nRule: b\n");
	is_good(w, 2, "two stanzas");
	is_pair(w, 0, 0, "Rule", "a");
	is_pair(w, 0, 1, "When", ".x > 1\nand .y\nor .z");
	is_pair(w, 0, 2, "Note", "n");
	is_pair(w, 1, 0, "Rule", "b");
	is_at(w, 0, 1, 0, 4, 8);
	is_at(w, 0, 1, 6, 4, 14);
	is_at(w, 0, 1, 7, 5, 3);
	is_at(w, 0, 1, 14, 7, 3);
	is_at(w, 0, 1, 999, 7, 8);
	ok(w->s.v[1].pair[0].key_at.line == 12, "the key's line");

	read_z(w,
	    "\xef\xbb\xbfLet: a\r\nValue: .b\r\n\r\nLet: c\r\nValue:\r\n .d");
	is_good(w, 2, "BOM and CRLF");
	is_pair(w, 0, 0, "Let", "a");
	is_pair(w, 0, 1, "Value", ".b");
	is_pair(w, 1, 1, "Value", ".d");
	is_at(w, 1, 1, 0, 6, 2);

	read_z(w, "Segment: a:b\nNote:\n\nScore:x");
	is_good(w, 2, "colons in values, an empty value, no blank");
	is_pair(w, 0, 0, "Segment", "a:b");
	is_pair(w, 0, 1, "Note", "");
	is_pair(w, 1, 0, "Score", "x");

	read_z(w, "");
	is_good(w, 0, "nothing");
	read_z(w, "# only a comment");
	is_good(w, 0, "a comment without line end");
}

static void
test_faults(struct world *w)
{
	read_z(w, "Rule: a\nWhen: .x\nand .y\n\n  .z\n");
	is_diag(w, 0,
	    "3:1 not \"Key: value\"; a line that continues the one above "
	    "begins with a blank");
	is_diag(w, 1, "5:3 the line begins with a blank but continues nothing");
	ok(w->diags.n == 2, "two findings");
	ok(w->s.n == 1 && w->s.v[0].n == 2, "the rest is read");

	read_z(w, "Rule：a\n");
	is_diag(w, 0, "1:1 a full-width colon: write \":\"");
	read_z(w, "Rule: a\nWhen: .x\n　and .y\n");
	is_diag(w, 0,
	    "3:1 a line that continues the one above begins with a plain "
	    "blank, not a full-width one");
	read_z(w, "what is this\n");
	is_diag(w, 0, "1:1 not \"Key: value\"");
	read_z(w, ": x\n\nRule: a\n");
	ok(w->diags.n == 1, "no key before the colon");

	read_z(w, "Rule: a\nWhen: \x83\x5c\n");
	is_diag(w, 0, "2:7 not UTF-8 (byte 0x83): rule files are UTF-8");
	ok(w->s.n == 0, "nothing of it is read");
	read_text(w, CS_S("Rule: a\nNote: b\0c\n"));
	is_diag(w, 0, "2:8 a control character (0x00) in a rule file");
	read_z(w, "Rule: a\rNote: b\n");
	is_diag(w, 0, "1:8 a control character (0x0d) in a rule file");
	read_z(w, "Note: \x1b[31m\n");
	is_diag(w, 0, "1:7 a control character (0x1b) in a rule file");
}

static void
test_limit(struct world *w)
{
	size_t n = CS_MAX_RULE;
	char *z = malloc(n + 64), want[128];
	size_t head = (size_t)sprintf(z, "Rule: a\nNote: ");

	memset(z + head, 'x', n + 1);
	read_text(w, (struct cs_str){z, head + n});
	is_good(w, 1, "a value of 64 KiB");
	read_text(w, (struct cs_str){z, head + n + 1});
	snprintf(want, sizeof(want),
	    "2:7 the value of \"Note\" has %zu bytes, more than %zu", n + 1, n);
	is_diag(w, 0, want);
	free(z);
}

static void
test_part(struct world *w)
{
	struct cs_pair part, inner;
	struct cs_place at;

	read_z(w, "Segment: a\nOrder: .a desc,\n  .b asc\n");
	part = cs_pair_part(&w->s.v[0].pair[1], 8, 15);
	is_str(part.value, ".b asc", "a part is trimmed");
	at = cs_pair_place(&part, 3);
	ok(at.line == 3 && at.col == 6, "places in a part: %zu:%zu", at.line,
	    at.col);
	inner = cs_pair_part(&part, 2, 6);
	is_str(inner.value, "asc", "a part of a part");
	at = cs_pair_place(&inner, 0);
	ok(at.line == 3 && at.col == 6, "places in it: %zu:%zu", at.line,
	    at.col);
}

static void
test_csv(struct world *w)
{
	read_z(w, "Mail,When,Note\r\n"
		  "a, .x == \"\"y\"\" ,\r\n"
		  "b,\".x == \"\"y\"\"\r\n and .z\",n\r\n"
		  ",,\r\n\r\n");
	is_good(w, 2, "CSV with CRLF and empty rows");
	is_pair(w, 0, 0, "Mail", "a");
	is_pair(w, 0, 1, "When", ".x == \"\"y\"\"");
	ok(w->s.n == 2 && w->s.v[0].n == 2, "an empty cell is an absent key");
	is_at(w, 0, 0, 0, 2, 1);
	is_at(w, 0, 1, 0, 2, 4);
	is_pair(w, 1, 1, "When", ".x == \"y\"\n and .z");
	is_at(w, 1, 1, 0, 3, 4);
	is_at(w, 1, 1, 6, 3, 10);
	is_at(w, 1, 1, 7, 3, 12);
	is_at(w, 1, 1, 10, 4, 1);
	is_at(w, 1, 1, 11, 4, 2);
	is_pair(w, 1, 2, "Note", "n");
	ok(w->s.v[1].pair[1].key_at.line == 1 &&
		w->s.v[1].pair[1].key_at.col == 6,
	    "a key stands in the header");

	read_z(
	    w, "# why\nKind,Name,When,Value\nLet,a,,.b\n\"Segment\",s,$a,\n");
	is_good(w, 2, "kinds mixed");
	is_pair(w, 0, 0, "Let", "a");
	is_pair(w, 0, 1, "Value", ".b");
	is_pair(w, 1, 0, "Segment", "s");
	is_pair(w, 1, 1, "When", "$a");
	is_at(w, 1, 0, 0, 4, 11);
	ok(w->s.v[1].pair[0].key_at.line == 4, "a kind stands in its row");

	read_z(w, "Axis\nusage\n");
	is_good(w, 1, "one column");
	is_pair(w, 0, 0, "Axis", "usage");

	read_z(w, "Mail,When\na,.x,y\n");
	is_diag(w, 0, "2:1 3 cells, the header has 2");
	read_z(w, "Kind,When\na,.x\n");
	is_diag(w, 0, "1:1 the column Kind needs the column Name behind it");
	read_z(w, "Kind,Name,When\n,b,.x\n");
	is_diag(w, 0, "2:1 the row has no kind");
	read_z(w, "Mail;When\n");
	is_diag(w, 0, "1:1 a rule table has commas between its cells");
	read_z(w, "Mail\tWhen\na\t.x\n");
	is_diag(w, 0, "1:1 a rule table has commas between its cells");
	read_z(w, "Mail,,When\na,,.x\nb,c,.x\n");
	is_diag(w, 0, "1:6 a column without a name, but with cells");
	ok(w->diags.n == 1, "empty cells under no name do no harm");
	read_z(w, "Mail,When\na,\".x\nb,.y\n");
	ok(w->diags.n == 1 && w->diags.v[0].at.line == 2,
	    "a quote that is not closed: line 2");
	ok(w->s.n == 1, "the next row is read");
}

static void
test_json(struct world *w)
{
	read_z(w, "{\"Rule\":\"a\",\"Points\":-2.5,\"Note\":null,"
		  "\"When\":\" .x == \\\"\\u3042\\\"\\n and .y\"}\n\n"
		  "{\"Column\":\"c\",\"From\":[\"d\",\"e\"],\"ok\":true}");
	is_good(w, 2, "JSON lines");
	is_pair(w, 0, 0, "Rule", "a");
	is_pair(w, 0, 1, "Points", "-2.5");
	is_pair(w, 0, 2, "When", ".x == \"あ\"\n and .y");
	is_at(w, 0, 1, 0, 1, 22);
	is_at(w, 0, 2, 0, 1, 48);
	is_at(w, 0, 2, 6, 1, 54);
	is_at(w, 0, 2, 7, 1, 56);
	is_at(w, 0, 2, 10, 1, 62);
	is_at(w, 0, 2, 12, 1, 66);
	is_pair(w, 1, 1, "From", "d");
	is_pair(w, 1, 2, "From", "e");
	is_pair(w, 1, 3, "ok", "true");
	is_at(w, 1, 0, 0, 3, 12);

	read_z(w, "# why\n{\n \"Let\": \"a\",\n \"Value\": \".b\"\n}");
	is_good(w, 1, "an object over several lines");
	is_at(w, 0, 1, 0, 4, 12);

	read_z(w, "{\"Let\":\"a\",}\n{\"Let\":\"b\"}\n");
	ok(w->diags.n == 1 && w->diags.v[0].at.line == 1 && w->s.n == 1,
	    "after a fault reading goes on at the next line");
	ok(w->diags.n == 1 &&
		strncmp(w->diags.v[0].text, "not JSON: ", 10) == 0,
	    "it says that it is not JSON");
	read_z(w, "[{\"Let\":\"a\"}]\n");
	is_diag(w, 0, "1:1 a stanza in JSON is an object, one a line");
	read_z(w, "{\"Let\":{\"a\":1}}");
	is_diag(
	    w, 0, "1:8 the value of \"Let\" is text, a number, true or false");
	read_z(w, "{\"Column\":\"c\",\"From\":[[1]]}");
	is_diag(w, 0,
	    "1:23 the value of \"From\" is text, a number, true or false");
	read_z(w, "{\"Note\":\"a\\u0007\"}");
	is_diag(w, 0, "1:10 a control character (0x07) in a rule file");
}

int
main(void)
{
	struct world w = {0};

	test_lines(&w);
	test_faults(&w);
	test_csv(&w);
	test_json(&w);
	test_limit(&w);
	test_part(&w);
	cs_diags_free(&w.diags);
	cs_arena_free(&w.run);
	return done();
}
