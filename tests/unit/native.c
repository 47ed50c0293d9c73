/* native: what the native engine takes, and how the two engines stand behind
 * one table */
#include "eval.h"
#include "json.h"
#include "tap.h"

static struct cs_arena arena;
static struct cs_as_of as_of;

struct table {
	struct cs_eval_conf conf;
	struct cs_header head;
	struct cs_eval *ev;
	struct cs_diags diags;
	struct cs_err err;
	struct cs_let let[2];
	struct cs_val val[8];
	unsigned char touched[8];
	struct cs_str cell[8];
	struct cs_rec rec;
};

static const struct cs_expr *
parse(const char *text, enum cs_role role)
{
	struct cs_pair pair = cs_expr_pair(cs_str(text), "t", &arena);
	struct cs_diags d = {0};
	const struct cs_expr *e = cs_expr_parse(&pair, role, &arena, &d);

	if (e == NULL)
		printf("# %s: %s\n", text, d.v[0].text);
	cs_diags_free(&d);
	return e;
}

static struct table *
table(enum cs_engine engine, const char *columns)
{
	struct table *t = cs_calloc(1, sizeof(*t));
	struct cs_str rest = cs_str(columns), name;

	while (cs_str_next(&rest, ',', &name))
		cs_header_add(&t->head, name);
	t->conf = (struct cs_eval_conf){.engine = engine, .as_of = &as_of};
	t->ev = cs_eval_new(&t->conf);
	return t;
}

static size_t
add(struct table *t, const char *text)
{
	return cs_eval_add(t->ev, parse(text, CS_VALUE), CS_VALUE, text);
}

static bool
compile(struct table *t)
{
	return ok(cs_eval_compile(t->ev, &t->head, &t->diags, &t->err),
	    "compile %s", t->err.text);
}

/* One line of CSV without quotes, or of JSON cells when `form` says so. */
static bool
run(struct table *t, const char *line, enum cs_form form)
{
	struct cs_str rest = cs_str(line);
	size_t n = 0;

	memset(t->touched, 0, sizeof(t->touched));
	memset(t->cell, 0, sizeof(t->cell));
	while (n < cs_header_n(&t->head) &&
	       cs_str_next(&rest, form == CS_FORM_CSV ? ',' : ';', &t->cell[n]))
		n++;
	t->rec = (struct cs_rec){.head = &t->head,
	    .form = form,
	    .file = "t.csv",
	    .line = 2,
	    .n = cs_header_n(&t->head),
	    .cell = t->cell,
	    .raw_cell = t->cell,
	    .arena = &arena,
	    .val = t->val,
	    .touched = t->touched};
	return cs_eval_run(t->ev, &t->rec, &t->err);
}

static void
gives(struct table *t, size_t id, const char *want, const char *what)
{
	struct cs_buf b = {0};

	cs_val_put_json(&b, cs_eval_get(t->ev, id));
	is_str(cs_buf_get(&b), want, what);
	cs_buf_free(&b);
}

static void
end(struct table *t)
{
	cs_eval_free(t->ev);
	cs_header_free(&t->head);
	cs_diags_free(&t->diags);
	free(t);
}

/* RULES' native subset needs no libjq. */
static void
test_subset(void)
{
	static const char *const native[] = {".a", ".a.b.c", ".a[0]", ".a[.b]",
	    ".a == null", ".a < 3", "3 < .a", ".a == .b",
	    ".a == \"2026-03-01\"", ".a and .b or (.c | not)",
	    "any(.a[]; . == \"vip\")", "all(.a[]; .k > 2 and .ok)", ".a | any",
	    ".a | all(. > 1)", "any(.a[]?.b[]; . == 1)", "any(.a, .b; . == 1)",
	    "any(.a[] | select(.k == 1); .v > 2)", "(.a // 0) < 20",
	    "if .a then 1 elif .b then 2 else 3 end",
	    ".a + .b * 2 - -.c / 3 % 4", ".a + \"x\"", ".a | IN(\"x\", \"y\")",
	    ".a | IN(1, 2)", ".a | IN(\"x\", 1, null)", ".a | length",
	    ".a | type", "type", "has(\"a\")", ".a | has(\"k\")",
	    ".a | tonumber", ".a | tostring", ".a | floor", ".a | ceil",
	    ".a | round", ".a | sqrt", ".a | fabs", ".a | ascii_downcase",
	    ".a | ascii_upcase", ".a | startswith(\"x\")", ".a | endswith(.b)",
	    ".a | contains(\"x\")", ".a | ltrimstr(\"x\")",
	    ".a | rtrimstr(\"x\")", ".a | test(\"^x\")",
	    ".a | test(\"x\"; \"i\")", ".a | split(\",\")[1]", ".a | nfkc",
	    "\"<\\(.a)>\"", "days_since(.a) > 3", "days_until(.a)",
	    "days_between(.a; .b)", "months_since(.a)", "in_last(.a; 30)",
	    "weekday(.a)", "bucket(\"s\"; .a)", "$today", ".a < $today",
	    "(.a | ascii_downcase)?"};
	static const char *const not_native[] = {".", ".a[1:]", "[.a[]]",
	    "{a: 1}", ".a as $x | $x", ".a | map(. + 1)", "first(.a[])",
	    ".b as $p | .a | test($p)", "@json \"\\(.a)\"", "keys", ".a | add",
	    "if .a then 1 else . end"};
	enum { N = sizeof(native) / sizeof(*native) };
	enum { OTHERS = sizeof(not_native) / sizeof(*not_native) };
	struct table *t = table(CS_ENGINE_FAST, "a,b,c");
	size_t i;

	for (i = 0; i < N; i++)
		add(t, native[i]);
	for (i = 0; i < OTHERS; i++)
		add(t, not_native[i]);
	compile(t);
	for (i = 0; i < N; i++)
		ok(cs_eval_is_native(t->ev, i), "native: %s", native[i]);
	for (i = 0; i < OTHERS; i++)
		ok(!cs_eval_is_native(t->ev, N + i), "libjq: %s",
		    not_native[i]);
	end(t);
}

/* A leaf in a Let is one of all that use it. */
static void
test_lets(void)
{
	struct table *t = table(CS_ENGINE_FAST, "a,b");
	size_t one, two, three;
	const struct cs_eval_fault *f;

	t->let[0] = (struct cs_let){
	    CS_S("low"), parse(".a | ascii_downcase", CS_VALUE), {"f", 1, 1}};
	t->let[1] = (struct cs_let){
	    CS_S("all"), parse("[$low, .b] | length", CS_VALUE), {"f", 2, 1}};
	t->conf.lets = t->let;
	t->conf.nlets = 2;
	one = add(t, "$low == \"x\"");
	two = add(t, "$all == 2");
	three = add(t, ".b or $low == \"x\"");
	compile(t);
	ok(cs_eval_is_native(t->ev, one), "a native Let");
	ok(!cs_eval_is_native(t->ev, two), "a Let of libjq's");
	ok(run(t, "X,true", CS_FORM_CSV), "run");
	gives(t, one, "true", "through a Let");
	gives(t, two, "true", "through a Let of libjq's");
	ok(run(t, "5,true", CS_FORM_CSV), "run");
	gives(t, three, "true", "the Let is not looked at");
	ok(cs_eval_faults(t->ev, three, &f) == 0, "so its fault is not told");
	ok(cs_eval_faults(t->ev, one, &f) == 1, "of the one that looks, it is");
	is_str(f[0].text, "ascii_downcase takes text, not number", "the fault");
	ok(run(t, "5,false", CS_FORM_CSV), "run");
	ok(cs_eval_faults(t->ev, three, &f) == 1,
	    "asked for first, faults are there too");
	end(t);
}

/* What only libjq knows is asked of it for that one record. */
static void
test_not_mine(void)
{
	struct table *t = table(CS_ENGINE_FAST, "a,b");
	const struct cs_eval_fault *f;
	size_t same, has, at;

	same = add(t, ".a == .b");
	has = add(t, ".a | contains(2)");
	at = add(t, ".a[.b]");
	compile(t);
	ok(cs_eval_is_native(t->ev, same) && cs_eval_is_native(t->ev, has),
	    "native");
	ok(run(t, "[1, 2.0];[1,2]", CS_FORM_JSONL), "run");
	gives(t, same, "true", "lists that are written differently");
	ok(cs_eval_faults(t->ev, has, &f) == 1, "contains of a list");
	ok(run(t, "\"abc\";\"b\"", CS_FORM_JSONL), "run");
	gives(t, same, "false", "texts again");
	ok(cs_eval_faults(t->ev, at, &f) == 1, "a fault in jq's words");
	is_str(f[0].text, "Cannot index string with string \"b\"", "its text");
	ok(run(t, "2;1", CS_FORM_JSONL), "run");
	gives(t, has, "true", "contains of numbers");
	ok(run(t, "{\"k\": 1e2};\"k\"", CS_FORM_JSONL), "run");
	gives(t, at, "100", "native again");
	end(t);
}

/* Numbers at the edges, as jq has them. */
static void
test_numbers(void)
{
	struct table *t = table(CS_ENGINE_BOTH, "a,b");
	size_t over, big, zero, text;

	over = add(t, ".a.x > 5");
	big = add(t, ".a.x + 1");
	zero = add(t, "-.b");
	text = add(t, "\"\\(.b)\"");
	compile(t);
	ok(run(t, "{\"x\":1e999};0", CS_FORM_JSONL), "run %s", t->err.text);
	gives(t, over, "true", "over the range, inside: a number");
	gives(t, big, "null", "but no result");
	gives(t, zero, "-0", "minus nothing");
	ok(run(t, "{};1.50", CS_FORM_JSONL), "run %s", t->err.text);
	gives(t, text, "\"1.5\"", "a number's text is jq's, not the cell's");
	end(t);
}

/* --- many conditions at once -------------------------------------------- */

/* A line of CSV as the splitter leaves it: bytes, and where its cells end; in
 * memory that ends with it. */
static bool
run_bytes(struct table *t, const char *line, char **bytes)
{
	static uint32_t end[8];
	size_t len = strlen(line), n = 0, i;

	free(*bytes);
	*bytes = cs_realloc(NULL, len + (len == 0), 1);
	memcpy(*bytes, line, len);
	memset(t->touched, 0, sizeof(t->touched));
	for (i = 0; i <= len; i++)
		if (i == len || line[i] == ',')
			end[n++] = (uint32_t)i;
	t->rec = (struct cs_rec){.head = &t->head,
	    .form = CS_FORM_CSV,
	    .file = "t.csv",
	    .line = 2,
	    .raw = {*bytes, len},
	    .base = *bytes,
	    .end = end,
	    .quote = '"',
	    .n = n,
	    .arena = &arena,
	    .val = t->val,
	    .touched = t->touched};
	return cs_eval_run(t->ev, &t->rec, &t->err);
}

static size_t
when(struct table *t, const char *text)
{
	return cs_eval_add(
	    t->ev, parse(text, CS_CONDITION), CS_CONDITION, text);
}

/* The line with each cell in quotes, a quote in it doubled. */
static void
in_quotes(const char *line, struct cs_buf *b)
{
	cs_buf_putc(b, '"');
	for (; *line != '\0'; line++) {
		if (*line == ',')
			cs_buf_puts(b, "\",\"");
		else if (*line == '"')
			cs_buf_puts(b, "\"\"");
		else
			cs_buf_putc(b, *line);
	}
	cs_buf_puts(b, "\"");
	cs_buf_putc(b, '\0');
}

/* Answers as letters: yes, no, unknown; a capital letter tells of a fault. The
 * same for cells, for bytes, and for bytes in quotes. */
static void
answers(struct table *t, const char *line, const char *want)
{
	static const char *const way[] = {"cells", "bytes", "quoted"};
	const struct cs_eval_fault *f;
	char *bytes = NULL, got[200] = "";
	size_t n = cs_eval_count(t->ev), i, k;
	struct cs_buf quoted = {0};

	in_quotes(line, &quoted);
	for (k = 0; k < 3; k++) {
		ok(k == 0 ? run(t, line, CS_FORM_CSV)
			  : run_bytes(t, k == 1 ? line : quoted.p, &bytes),
		    "run %s: %s", line, t->err.text);
		for (i = 0; i < n; i++) {
			enum cs_answer a = cs_eval_ask(t->ev, i);

			got[i] = "nyu"[a];
			if (cs_eval_faults(t->ev, i, &f) > 0)
				got[i] = "NYU"[a];
		}
		ok(strcmp(got, want) == 0, "%s: %s, not %s (%s)", line, want,
		    got, way[k]);
	}
	free(bytes);
	cs_buf_free(&quoted);
}

static void
test_ranges(enum cs_engine engine)
{
	struct table *t = table(engine, "a,b");

	when(t, ".a < 10");
	when(t, ".a <= 10");
	when(t, ".a == 10");
	when(t, ".a != 10");
	when(t, ".a >= 10");
	when(t, "10 < .a");
	when(t, ".a > 1.5");
	when(t, "(.a // 2) > 1.5");
	when(t, ".a | IN(9, 10)");
	when(t, ".a == null");
	when(t, ".a > 99999999");
	when(t, ".b");
	compile(t);
	answers(t, "9,true", "yynynnyyynny");
	answers(t, "10,false", "nyynynyyynnn");
	answers(t, "10.0,false", "nyynynyyynnn");
	answers(t, "10.5,", "nnnyyyyynnnu");
	answers(t, ",true", "uuuuuuuyuyuy");
	answers(t, "-1,true", "yynynnnnnnny");
	answers(t, "0,true", "yynynnnnnnny");
	answers(t, "1,true", "yynynnnnnnny");
	answers(t, "2,true", "yynynnyynnny");
	answers(t, "99999999,true", "nnnyyyyynnny");
	answers(t, "100000000,true", "nnnyyyyynnyy");
	end(t);
}

static void
test_texts(enum cs_engine engine)
{
	struct table *t = table(engine, "a,b");

	when(t, ".a == \"abcdefgh\"");
	when(t, ".a > \"abcdefgh\"");
	when(t, ".a >= \"abcdefghi\"");
	when(t, ".a == \"abcdefghi\"");
	when(t, ".a != \"\"");
	when(t, ".a | IN(\"ab\", \"abc\")");
	when(t, ".b >= \"2026-03-31\"");
	when(t, "(.b < \"2026-03-31\" | not) and .a != null");
	compile(t);
	answers(t, "abcdefgh,2026-03-31", "ynnnynyy");
	answers(t, "abcdefghi,2026-03-30", "nyyyynnn");
	answers(t, "abcdefghj,2026-03-31T00:00", "nyynynyy");
	answers(t, "abcdefg,2026-04-01", "nnnnynyy");
	answers(t, "abc,", "nnnnyyuu");
	answers(t, ",2026-01-01", "uuuuuunn");
	end(t);
}

/* A value that a test cannot take is a fault of the conditions that look at it,
 * and as before only where an and or an or had looked. */
static void
test_odd(enum cs_engine engine)
{
	struct table *t = table(engine, "a,b,c");

	when(t, ".a >= 10");
	when(t, ".c and .a >= 10");
	when(t, ".a >= 10 and .c");
	when(t, ".c or .a >= 10");
	when(t, ".c or .b == \"x\"");
	when(t, ".a == null");
	when(t, ".b < \"y\" or (.b == \"z\" and .c)");
	compile(t);
	answers(t, "10,x,true", "yyyyyny");
	answers(t, "1x,x,true", "UUUyyny");
	answers(t, "1x,x,false", "UnNUyny");
	answers(t, "true,z,false", "UnNUnnn");
	answers(t, "007,5,", "UUUUUnU");
	answers(t, "10,2026-01-01,1", "yUUYUny");
	end(t);
}

/* More conditions than bits in a word, parts over several columns, a Let. */
static void
test_many(enum cs_engine engine)
{
	enum { MANY = 150 };
	struct table *t = table(engine, "a,b,c");
	char *bytes = NULL;
	size_t i;

	t->let[0] = (struct cs_let){CS_S("big"),
	    parse(".a > 100 and .b != \"x\"", CS_VALUE), {"f", 1, 1}};
	t->conf.lets = t->let;
	t->conf.nlets = 1;
	for (i = 0; i < MANY; i++)
		when(t,
		    cs_arena_printf(&arena,
			"(.a == %zu or .b == \"k%zu\") and (.c | not)", i, i));
	when(t, "$big and (.a < 120 or .c)");
	compile(t);
	ok(run_bytes(t, "64,k131,false", &bytes), "run %s", t->err.text);
	for (i = 0; i < MANY; i++)
		if (cs_eval_ask(t->ev, i) !=
		    (i == 64 || i == 131 ? CS_YES : CS_NO))
			ok(false, "condition %zu", i);
	ok(cs_eval_ask(t->ev, MANY) == CS_NO, "of the Let");
	if (engine == CS_ENGINE_FAST) {
		ok(cs_eval_next(t->ev, 0, MANY) == 64, "next");
		ok(cs_eval_next(t->ev, 64, MANY) == 64, "next from a yes");
		ok(cs_eval_next(t->ev, 65, MANY) == 131, "next in a word");
		ok(cs_eval_next(t->ev, 132, MANY) == MANY, "no next");
		ok(cs_eval_next(t->ev, 65, 131) == 131, "next is the end");
		ok(cs_eval_next(t->ev, 131, 131) == 131, "next of none");
		ok(cs_eval_is_calm(t->ev), "calm");
	}
	ok(run_bytes(t, "110,,false", &bytes), "run %s", t->err.text);
	ok(cs_eval_ask(t->ev, MANY) == CS_UNKNOWN, "unknown in a Let");
	ok(cs_eval_ask(t->ev, 110) == CS_YES, "yes or unknown");
	ok(cs_eval_ask(t->ev, 111) == CS_UNKNOWN, "no or unknown");
	if (engine == CS_ENGINE_FAST)
		ok(cs_eval_next(t->ev, 0, MANY) == 0, "next is an unknown");
	ok(run_bytes(t, "110,x,", &bytes), "run %s", t->err.text);
	ok(cs_eval_ask(t->ev, 110) == CS_UNKNOWN, "yes and unknown");
	ok(cs_eval_ask(t->ev, 111) == CS_NO, "no and unknown");
	ok(run_bytes(t, "one,x,false", &bytes), "run %s", t->err.text);
	if (engine == CS_ENGINE_FAST) {
		ok(cs_eval_next(t->ev, 3, MANY) == 3, "next is one to walk");
		cs_eval_ask(t->ev, 3);
		ok(!cs_eval_is_calm(t->ev), "not calm");
	}
	free(bytes);
	end(t);
}

/* Doubled quotes are one: heads of eight bytes do not see it. */
static void
test_doubled_quotes(void)
{
	struct table *t = table(CS_ENGINE_BOTH, "a,b");

	when(t, ".a == \"a\\\"b\"");
	when(t, ".a >= \"a\\\"b\"");
	when(t, ".a == \"eight by\\\"te\"");
	when(t, ".b == 1");
	compile(t);
	answers(t, "a\"b,1", "yyny");
	answers(t, "a\"\"b,1", "nnny");
	answers(t, "eight by\"te,", "nyyu");
	answers(t, "a,1\"", "nnnU");
	end(t);
}

/* A column with a type of its own has it whichever way it is read. */
static void
test_typed(void)
{
	struct table *t = table(CS_ENGINE_BOTH, "a,b");

	cs_header_set_type(&t->head, 0, CS_TYPE_TEXT);
	cs_header_set_type(&t->head, 1, CS_TYPE_NUMBER);
	when(t, ".a == \"12\"");
	when(t, ".b > 6");
	compile(t);
	answers(t, "12,007", "yu");
	answers(t, "012,7", "ny");
	ok(t->head.misfits[1] == 3, "misfits are counted");
	end(t);
}

int
main(void)
{
	struct cs_err err;
	enum cs_engine e;

	cs_zone_set("Asia/Tokyo", &err);
	cs_as_of_set(&as_of, "2026-03-31", &err);
	test_subset();
	test_lets();
	test_not_mine();
	test_numbers();
	for (e = CS_ENGINE_FAST; e <= CS_ENGINE_BOTH; e++) {
		test_ranges(e);
		test_texts(e);
		test_odd(e);
		test_many(e);
	}
	test_typed();
	test_doubled_quotes();
	cs_arena_free(&arena);
	return done();
}
