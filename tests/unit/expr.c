/* The expression parser: tests/expr/parse.test, the jq and gojq suites
 * as grammar, limits from both sides. */
#include <errno.h>

#include "expr_int.h"
#include "json.h"
#include "tap.h"
#include "text.h"

/* --- helpers ----------------------------------------------------------- */

static struct cs_expr *
parse(struct cs_str text, enum cs_role role, struct cs_arena *a,
    struct cs_diags *d)
{
	struct cs_pair *p = cs_arena_alloc(a, sizeof(*p));

	*p = cs_expr_pair(text, NULL, a);
	return cs_expr_parse(p, role, a, d);
}

/* The normal form, or the message with its place: "1:5: text". */
static struct cs_str
outcome(struct cs_str text, enum cs_role role, struct cs_arena *a)
{
	struct cs_diags d = {0};
	struct cs_buf b = {0};
	struct cs_expr *e = parse(text, role, a, &d);
	struct cs_str s;

	if (e != NULL)
		cs_expr_print(&b, e);
	else if (d.n == 1)
		cs_buf_printf(&b, "%zu:%zu: %s", d.v[0].at.line, d.v[0].at.col,
		    d.v[0].text);
	else
		cs_buf_printf(&b, "%zu findings", d.n);
	if (e != NULL && d.n > 0)
		cs_buf_puts(&b, " (and findings)");
	s = cs_keep(a, cs_buf_get(&b));
	cs_buf_free(&b);
	cs_diags_free(&d);
	return s;
}

/* parse(print(tree)) is the same tree? */
static bool
is_round(struct cs_str text, enum cs_role role, struct cs_arena *a)
{
	struct cs_diags d = {0};
	struct cs_buf b = {0}, again = {0};
	struct cs_expr *e = parse(text, role, a, &d), *f = NULL;
	bool same = true;

	if (e != NULL) {
		cs_expr_print(&b, e);
		f = parse(cs_buf_get(&b), role, a, &d);
		same = f != NULL && cs_expr_equal(e, f);
		if (f != NULL)
			cs_expr_print(&again, f);
		same = same && cs_str_eq(cs_buf_get(&b), cs_buf_get(&again));
		if (!same)
			printf("# %.*s\n# -> %s\n# %s\n", CS_ARG(text),
			    cs_buf_z(&b), d.n ? d.v[0].text : "differs");
	}
	cs_buf_free(&b);
	cs_buf_free(&again);
	cs_diags_free(&d);
	return same;
}

static bool
slurp(const char *path, struct cs_buf *b)
{
	FILE *f = fopen(path, "rb");
	char block[4096];
	size_t n;

	if (f == NULL)
		return false;
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		cs_buf_add(b, block, n);
	fclose(f);
	return true;
}

/* Two characters \n in a test file stand for a newline, \xNN for a byte. */
static struct cs_str
unescaped(struct cs_str s, struct cs_arena *a)
{
	char *p = cs_arena_alloc(a, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		if (i + 1 < s.n && s.p[i] == '%' && s.p[i + 1] == 'n') {
			p[n++] = '\n';
			i++;
		} else if (i + 3 < s.n && s.p[i] == '%' && s.p[i + 1] == 'x') {
			char hex[3] = {s.p[i + 2], s.p[i + 3], '\0'};

			p[n++] = (char)strtoul(hex, NULL, 16);
			i += 3;
		} else
			p[n++] = s.p[i];
	return (struct cs_str){p, n};
}

/* --- table files ------------------------------------------------------- */

static const struct {
	const char *word;
	enum cs_role role;
} roles[] = {
    {"condition", CS_CONDITION},
    {"value", CS_VALUE},
    {"plain", CS_PLAIN},
};

/* Blocks: a line "condition: EXPR" (value, plain; several share one outcome),
 * then
 * "= NORMAL FORM" or "! LINE:COL: MESSAGE". # is a comment. %n and %xNN in
 * EXPR stand for bytes. */
static void
run_table(const char *path)
{
	struct cs_arena a = {0};
	struct cs_buf b = {0};
	struct cs_str rest, line, text = {0};
	enum cs_role role = CS_VALUE;
	size_t n = 0;

	if (!slurp(path, &b)) {
		ok(false, "%s: %s", path, strerror(errno));
		return;
	}
	rest = cs_buf_get(&b);
	while (cs_str_next(&rest, '\n', &line)) {
		const char *colon = cs_str_chr(line, ':');
		struct cs_str want, got;
		char name[400];

		n++;
		if (line.n == 0 || line.p[0] == '#')
			continue;
		if (line.p[0] != '=' && line.p[0] != '!') {
			size_t r = 0, k = colon ? (size_t)(colon - line.p) : 0;

			while (r < 3 && !cs_str_is((struct cs_str){line.p, k},
					    roles[r].word))
				r++;
			if (r == 3 || line.n < k + 2) {
				ok(false, "%s:%zu: no expression", path, n);
				break;
			}
			role = roles[r].role;
			text = unescaped(
			    (struct cs_str){line.p + k + 2, line.n - k - 2},
			    &a);
			continue;
		}
		want = (struct cs_str){line.p + 2, line.n - 2};
		snprintf(
		    name, sizeof(name), "%s:%zu %.*s", path, n, CS_ARG(text));
		got = outcome(text, role, &a);
		is_str(got, cs_keepz(&a, want), name);
		if (line.p[0] == '=')
			ok(is_round(text, role, &a), "%s:%zu round", path, n);
		cs_arena_reset(&a);
	}
	cs_buf_free(&b);
	cs_arena_free(&a);
}

/* --- the suites of jq and gojq as grammar ------------------------------- */

struct suite {
	size_t taken, refused;
	bool is_well;
};

/* Every program is taken or refused with one clear finding, and what is taken
 * is printed so that it reads back as the same tree. */
static void
one_program(struct suite *s, struct cs_str program)
{
	struct cs_arena a = {0};
	struct cs_diags d = {0};
	struct cs_expr *e = parse(program, CS_PLAIN, &a, &d);

	s->taken += e != NULL;
	s->refused += e == NULL;
	if (e == NULL ? d.n != 1 || d.v[0].at.line == 0 || d.v[0].at.col == 0
		      : d.n != 0 || !is_round(program, CS_PLAIN, &a)) {
		printf("# %.*s\n", CS_ARG(program));
		s->is_well = false;
	}
	cs_diags_free(&d);
	cs_arena_free(&a);
}

/* Blocks parted by empty lines; the first line is the program. */
static void
jq_file(struct suite *s, struct cs_str rest)
{
	bool is_first = true;
	struct cs_str line;

	while (cs_str_next(&rest, '\n', &line)) {
		if (cs_str_starts(line, CS_S("%%FAIL")) || line.n == 0) {
			is_first = true;
			continue;
		}
		if (is_first)
			one_program(s, line);
		is_first = false;
	}
}

static void
gojq_file(struct suite *s, struct cs_str rest)
{
	struct cs_arena a = {0};
	struct cs_str line, key, value;
	size_t pos;

	while (cs_str_next(&rest, '\n', &line))
		for (pos = 0;
		     line.n > 0 && cs_json_next(line, &pos, &key, &value);)
			if (cs_str_is(key, "\"program\""))
				one_program(s, cs_json_text(&a, value));
	cs_arena_free(&a);
}

static void
test_suite(
    const char *name, void (*f)(struct suite *, struct cs_str), size_t programs)
{
	const char *shared = getenv("CSOPS_SHARED");
	struct suite s = {.is_well = true};
	struct cs_buf b = {0};
	char path[4096];

	snprintf(path, sizeof(path), "%s/suites/%s",
	    shared ? shared : "../shared", name);
	if (!slurp(path, &b)) {
		skip(name, "not there");
		return;
	}
	f(&s, cs_buf_get(&b));
	ok(s.is_well && s.taken + s.refused == programs,
	    "%s: %zu programs taken, %zu refused", name, s.taken, s.refused);
	cs_buf_free(&b);
}

/* --- limits, from both sides -------------------------------------------- */

static struct cs_str
repeat(struct cs_buf *b, const char *head, const char *part, size_t n,
    const char *tail, const char *end)
{
	cs_buf_reset(b);
	cs_buf_puts(b, head);
	for (size_t i = 0; i < n; i++)
		cs_buf_puts(b, part);
	cs_buf_puts(b, tail);
	for (size_t i = 0; i < n && end[0] != '\0'; i++)
		cs_buf_puts(b, end);
	return cs_buf_get(b);
}

static void
limit(const char *what, struct cs_str taken, struct cs_str refused,
    const char *message)
{
	struct cs_arena a = {0};
	struct cs_diags d = {0};

	ok(parse(taken, CS_PLAIN, &a, &d) != NULL && d.n == 0,
	    "%s: the most is taken", what);
	ok(is_round(taken, CS_PLAIN, &a), "%s: and printed", what);
	ok(parse(refused, CS_PLAIN, &a, &d) == NULL && d.n == 1,
	    "%s: one more is refused", what);
	is_str(cs_str(d.n ? d.v[0].text : "nothing"), message, what);
	cs_diags_free(&d);
	cs_arena_free(&a);
}

static void
test_limits(void)
{
	static const char deep[] = "nested deeper than 256: take a part out "
				   "into a Let: stanza";
	static const char chain[] =
	    "more than 1024 operands in a chain: put the values into a file "
	    "and use in_list, or take a part out into a Let: stanza";
	static const struct {
		const char *what, *head, *part, *tail, *end;
		size_t most;
		const char *message;
	} v[] = {
	    {"brackets", "", "(", "1", ")", 256, deep},
	    {"arrays", "", "[", "1", "]", 256, deep},
	    {"minus", "", "- ", "1", "", 256, deep},
	    {"objects", "", "{a:", "1", "}", 256, deep},
	    {"texts", "", "\"\\(", "1", ")\"", 256, deep},
	    {"calls", "", "first(", "1", ")", 256, deep},
	    {"if", "", "if ", "1", " then 2 end", 256, deep},
	    {"as", "", ". as $x | ", "1", "", 256, deep},
	    {"or", "1", " or 1", "", "", 1023, chain},
	    {"plus", "1", "+1", "", "", 1023, chain},
	    {"comma", "IN(1", ",1", ")", "", 1022, chain},
	    {"pipe", ".", "|.", "", "", 1023, chain},
	    {"alternatives", "1", "//1", "", "", 1023, chain},
	    {"steps", "", ".a", "", "", 1024, chain},
	    {"question marks", ".", "?", "", "", 1023, chain},
	    {"indexes", ".", "[0]", "", "", 1023, chain},
	};
	struct cs_buf b = {0}, c = {0};

	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++) {
		limit(v[i].what,
		    repeat(&b, v[i].head, v[i].part, v[i].most, v[i].tail,
			v[i].end),
		    repeat(&c, v[i].head, v[i].part, v[i].most + 1, v[i].tail,
			v[i].end),
		    v[i].message);
	}
	limit("pattern",
	    (repeat(&b, ". as ", "[", 256, "$x", "]"), cs_buf_puts(&b, "|1"),
		cs_buf_get(&b)),
	    (repeat(&c, ". as ", "[", 257, "$x", "]"), cs_buf_puts(&c, "|1"),
		cs_buf_get(&c)),
	    deep);
	/* A list without a chain, up to the limit of bytes. */
	limit("bytes", repeat(&b, "1 #", "x", CS_MAX_RULE - 3, "", ""),
	    repeat(&c, "1 #", "x", CS_MAX_RULE - 2, "", ""),
	    "the expression has 65537 bytes, at most 65536 are allowed");
	/* Far over the limits: no crash. */
	{
		static const char *const parts[] = {"(", "[", "{a:", "-", "f(",
		    "\"\\(", "if ", ".a", "[0]", "?", ".as[", "1|", "1,", "1//",
		    "1 as $x|", ". as [", "!", "not ", "elif ", "1+"};
		struct cs_arena a = {0};
		bool well = true;

		for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
			struct cs_diags d = {0};
			struct cs_str s = repeat(&b, "", parts[i],
			    CS_MAX_RULE / strlen(parts[i]), "", "");

			well = parse(s, CS_CONDITION, &a, &d) == NULL &&
			       d.n == 1 && well;
			cs_diags_free(&d);
			cs_arena_reset(&a);
		}
		ok(well, "64 KiB of nesting: one finding each");
		cs_arena_free(&a);
	}
	cs_buf_free(&b);
	cs_buf_free(&c);
}

/* --- what readers of the tree ask --------------------------------------- */

static void
note_path(void *self, const struct cs_expr *at, const struct cs_str *names,
    size_t n, bool whole)
{
	struct cs_buf *b = self;

	cs_buf_printf(b, "%s%zu:", b->n ? " " : "", at->from);
	if (whole)
		cs_buf_puts(b, "*");
	for (size_t i = 0; i < n; i++)
		cs_buf_printf(b, "%s%.*s", i ? "/" : "", CS_ARG(names[i]));
}

static void
note_var(void *self, const struct cs_expr *at)
{
	struct cs_buf *b = self;

	cs_buf_printf(b, "%s%.*s", b->n ? " " : "", CS_ARG(at->text));
}

static void
test_walks(void)
{
	static const struct {
		const char *text, *paths;
	} v[] = {
	    {".a == 1 and .b.c > 2", "0:a 12:b/c"},
	    {".[\"x y\"].z", "0:x y/z"},
	    {".a[0].b", "0:a"},
	    {".a[.b]", "0:a 3:b"},
	    {".a[] | .b", "0:a"},
	    {".a?.b", "0:a"},
	    {".", "0:*"},
	    {". | .a", "4:a"},
	    {"length", "0:*"},
	    {".a | length", "0:a"},
	    {".[$x]", "0:*"},
	    {"has(\"a\")", "0:*"},
	    {"any(.a[]; .b == $x)", "4:a"},
	    {"any(.b)", "0:*"},
	    {"days_since(.a)", "11:a"},
	    {"in_last(.a; .n)", "8:a 12:n"},
	    {".a | IN(.b, .c)", "0:a"},
	    {"IN(.b)", "0:* 3:b"},
	    {".x as $x | .y + $x", "0:x 11:y"},
	    {".x as {($k): $v, (.z): $w} | 1", "0:x"},
	    {"{a, \"b c\": .d, (.e): 1, \"f\\(.g)\": 2}", "1:a 11:d 15:e 28:g"},
	    {"{\"f\\(.g)\"}", "1:* 5:g"},
	    {"if .a then .b else .c end", "3:a 11:b 19:c"},
	    {"\"\\(.a)\"", "3:a"},
	    {"@json \"\\(.a)\"", "9:a"},
	    {"@json", "0:*"},
	    {"map(.a)", "0:*"},
	    {"[.a, .b] | map(.c)", "1:a 5:b"},
	    {"select(.a) | .b", "0:* 7:a"},
	    {"first(.a[])", "6:a"},
	    {".a[1:.n]", "0:a 5:n"},
	    {"-.a // .b", "1:a 7:b"},
	};
	struct cs_arena a = {0};
	struct cs_diags d = {0};
	struct cs_buf b = {0};

	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++) {
		struct cs_expr *e = parse(cs_str(v[i].text), CS_PLAIN, &a, &d);

		cs_buf_reset(&b);
		if (e != NULL)
			cs_expr_paths(e, note_path, &b);
		is_str(cs_buf_get(&b), v[i].paths, v[i].text);
	}
	cs_buf_reset(&b);
	cs_expr_vars(parse(CS_S("$a + (.x as [$b, {c: $c, $d, $e: [$f], "
				"(\"\\($g)\"): $h}] | $a, $b, $c, $d, $e, $f, "
				"$g, $h) + $b + ([$i] | map($j)) + {$k}"),
			 CS_PLAIN, &a, &d),
	    note_var, &b);
	is_str(cs_buf_get(&b), "a g a g b i j k", "free variables");
	cs_buf_reset(&b);
	cs_expr_dashed(
	    parse(CS_S(".max-length > 1 and .a.b-1 == 2 and "
		       ".c - first == 3 and (.d)-first == 1 and "
		       ".e-first-last == 1 and .f-(first) == .g[0]-1"),
		CS_PLAIN, &a, &d),
	    note_path, &b);
	is_str(cs_buf_get(&b),
	    "0:max-length 20:a/b-1 76:e-first-last 76:e-first",
	    "paths that a minus may belong to");
	ok(d.n == 0, "no findings");
	cs_diags_free(&d);
	cs_buf_free(&b);
	cs_arena_free(&a);
}

static void
test_draw(void)
{
	static const char want[] = "and\n"
				   "  >=\n"
				   "    path .max_pv\n"
				   "    number 1000\n"
				   "  |\n"
				   "    path .a.b\n"
				   "    call test\n"
				   "      text \"x\"\n"
				   "      value $f\n";
	static const char more[] = "as\n"
				   "  member x\n"
				   "    index\n"
				   "      path .a\n"
				   "      number 0\n"
				   "  names [$p, {k: $q}]\n"
				   "  if\n"
				   "    when value $p\n"
				   "    then object\n"
				   "      key text \"k\"\n"
				   "      is text of @json\n"
				   "        text \"<\"\n"
				   "        value $q\n"
				   "        text \">\"\n"
				   "    else array\n"
				   "      slice\n"
				   "        path .\n"
				   "        to minus\n"
				   "          number 1\n";
	struct cs_arena a = {0};
	struct cs_diags d = {0};
	struct cs_buf b = {0};

	cs_expr_draw(
	    &b, parse(CS_S(".max_pv >= 1000 and (.a.b | test(\"x\"; $f))"),
		    CS_CONDITION, &a, &d));
	is_str(cs_buf_get(&b), want, "drawing");
	cs_buf_reset(&b);
	cs_expr_draw(
	    &b, parse(CS_S(".a[0].x as [$p, {k: $q}] | if $p then "
			   "{k: @json \"<\\($q)>\"} else [.[:-1]] end"),
		    CS_PLAIN, &a, &d));
	is_str(cs_buf_get(&b), more, "another drawing");
	cs_buf_free(&b);
	cs_arena_free(&a);
	cs_diags_free(&d);
}

/* Different texts, different trees. */
static void
test_equal(void)
{
	static const char *const v[] = {".a", ".b", ".a.b", ".a[]", ".a?",
	    "(.a)?", ".a[0]", ".a[0:]", ".a[:0]", "$a", "a(1)", "\"a\"",
	    "@text", "1", "2", "null", "true", "false", ".", "-1", "1 + 2",
	    "1 - 2", "1 - 2 - 3", "1 - (2 - 3)", "[1]", "[]", "{}", "{a}",
	    "{a: 1}", "{a: 2}", "{(\"a\", 1): 2}", "{$a}", "{(.a): 1}",
	    "{($a): 1}", "if 1 then 2 end", "if 1 then 2 else 3 end",
	    "\"\\(1)\"", "@json \"\\(1)\"", "\"\\(1)x\"", ". as $a | 1",
	    ". as $b | 1", ". as [$a] | 1", ". as {$a} | 1",
	    ". as {$a: [$b]} | 1", ". as {($a): [$b]} | 1", "1, 2", "1 | 2",
	    "1 // 2", "1 and 2", "1 or 2", "first(1)", "first", "nth(1; 2)",
	    "nth(2; 1)"};
	const size_t n = sizeof(v) / sizeof(*v);
	struct cs_arena a = {0};
	struct cs_diags d = {0};
	bool well = true;

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++) {
			const struct cs_expr *x = NULL, *y = NULL;

			if (strncmp(v[i], "a(", 2) == 0 ||
			    strncmp(v[j], "a(", 2) == 0)
				continue;
			x = parse(cs_str(v[i]), CS_PLAIN, &a, &d);
			y = parse(cs_str(v[j]), CS_PLAIN, &a, &d);
			if (x == NULL || y == NULL ||
			    cs_expr_equal(x, y) != (i == j)) {
				printf("# %s %s\n", v[i], v[j]);
				well = false;
			}
		}
	ok(well, "equal only with itself");
	cs_diags_free(&d);
	cs_arena_free(&a);
}

static void
count_nodes(const struct cs_expr *e, unsigned *id, bool *well)
{
	if (e == NULL)
		return;
	*well = *well && e->id == *id && e->from < e->to;
	(*id)++;
	count_nodes(e->a, id, well);
	count_nodes(e->b, id, well);
	count_nodes(e->c, id, well);
	for (size_t i = 0; i < e->n; i++)
		count_nodes(e->list[i], id, well);
}

static void
test_places(void)
{
	struct cs_str text = CS_S("(.a + .b) *\n  .c\nand .d");
	struct cs_arena a = {0};
	struct cs_diags d = {0};
	struct cs_expr *e = parse(text, CS_PLAIN, &a, &d), *mul, *add;
	unsigned id = 0;
	bool well = true;

	if (!ok(e != NULL && e->op == CS_E_AND, "a tree of three lines"))
		return;
	mul = e->a;
	add = mul->a;
	ok(e->from == 0 && e->to == text.n && e->at.line == 3 && e->at.col == 1,
	    "and: all bytes, at its operator");
	ok(mul->at.line == 1 && mul->at.col == 11 && mul->from == 0 &&
		mul->to == 16,
	    "*: at its operator");
	ok(add->in_brackets && add->from == 0 && add->to == 9 &&
		add->at.col == 5,
	    "+: with its brackets");
	ok(mul->b->at.line == 2 && mul->b->at.col == 3, ".c: line 2");
	count_nodes(e, &id, &well);
	ok(well && id == 7, "nodes are numbered in order");
	cs_arena_free(&a);
	cs_diags_free(&d);
}

static void
test_functions(void)
{
	const struct cs_func *f;
	bool well = true;
	size_t n;

	f = cs_funcs(&n);
	for (size_t i = 0; i < n; i++) {
		int c = i ? strcmp(f[i - 1].name, f[i].name) : -1;

		well = well && (size_t)f[i].arity == strlen(f[i].args) &&
		       (c < 0 || (c == 0 && f[i - 1].arity < f[i].arity)) &&
		       strspn(f[i].args, "vgcpsCF") == strlen(f[i].args) &&
		       cs_func_find(cs_str(f[i].name), (size_t)f[i].arity) ==
			   &f[i];
		if (!well) {
			printf("# %s\n", f[i].name);
			break;
		}
	}
	ok(well && n > 80, "the table of functions is in order");
	ok(cs_func_find(CS_S("split"), 2) == NULL, "split/2 is not there");
	ok(cs_func_find(CS_S("range"), 1) == NULL, "range is not there");
	ok(cs_func_find(CS_S("test"), 2)->native, "test is native");
	ok(cs_func_find(CS_S("has"), 1)->plain, "has sees null");
}

/* cs-expr(5) names every function: Ic NAME. */
static void
test_manual(void)
{
	struct cs_buf page = {0};
	const struct cs_func *f;
	bool well = slurp("man/cs-expr.5", &page);
	size_t n;

	f = cs_funcs(&n);
	for (size_t i = 0; well && i < n; i++) {
		char name[80];
		const char *at;
		size_t len =
		    (size_t)snprintf(name, sizeof(name), "Ic %s", f[i].name);

		at = strstr(cs_buf_z(&page), name);
		while (at != NULL && at[len] != ' ' && at[len] != '\n')
			at = strstr(at + 1, name);
		if (at == NULL) {
			printf("# not there: %s\n", f[i].name);
			well = false;
		}
	}
	ok(well, "man/cs-expr.5 names every function");
	cs_buf_free(&page);
}

/* --- patterns that may match nothing ------------------------------------ */

static void
test_patterns(void)
{
	static const char *const takes[] = {"a", "a+", "[ab]", "[^]]", "a|b",
	    "(a)", "(?:a|bc)+", "(?<x>.)", "^a$", "\\d+", "a{1,}", "a{2}",
	    "a*b", "(a*b)+", "\\ba", "(?=x)y", "a?b", "最大", "\\p{Han}",
	    "[[:alpha:]]", "[a[b]]", "a+?", "\\.", "(?>a)", "(?<!b)a",
	    "x\\x41"};
	static const char *const may[] = {"", "a*", "a?", "(a)*", "a|", "|a",
	    "^", "$", "^$", "\\b", "(?=a)", "a{0,}", "a{0}", "a{,2}", "()",
	    "(|a)", "a*|b", "(a*)", "\\1", "(a)\\1*|b*", "[a]*", "(?i)",
	    "(?i)a", "a**", "\\x41*", "\\Qa\\E", "(?~a)", "(a", "a)", "[a",
	    "a??", "a{0,1}", "(?(1)a|b)", "a{1,2}?", "(?#x)", "\\K"};
	bool well = true;

	for (size_t i = 0; i < sizeof(takes) / sizeof(*takes); i++)
		if (strcmp(takes[i], "x\\x41") != 0 &&
		    cs_expr_may_match_empty(cs_str(takes[i]), false)) {
			printf("# takes: %s\n", takes[i]);
			well = false;
		}
	ok(well, "patterns that take a character");
	well = true;
	for (size_t i = 0; i < sizeof(may) / sizeof(*may); i++)
		if (strcmp(may[i], "a{1,2}?") != 0 &&
		    !cs_expr_may_match_empty(cs_str(may[i]), false)) {
			printf("# may: %s\n", may[i]);
			well = false;
		}
	ok(well, "patterns that may match nothing, or are in doubt");
	ok(cs_expr_may_match_empty(CS_S("a |b"), true) &&
		!cs_expr_may_match_empty(CS_S("a |b"), false),
	    "blanks under x");
}

/* --- mutations ----------------------------------------------------------- */

static unsigned
draw_lot(uint64_t *state, unsigned n)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(*state >> 33) % n;
}

/* The text with pieces put in and bytes taken out. */
static void
mutate(struct cs_buf *b, struct cs_str text, uint64_t *state)
{
	static const char *const pieces[] = {"(", ")", "[", "]", "{", "}", "|",
	    ",", "//", " and ", " or ", " not ", "==", "<", "-", "+", "*", "?",
	    "\"", "\\(", ".a", "$x", " as ", "if ", " then ", " else ", " end",
	    ".[]", "1", ",000", ";", ":", "@json", "\xe3\x80\x82", "any(",
	    "IN(", "sub(", "test", "\n", "#", ".", "max"};
	const unsigned n = sizeof(pieces) / sizeof(*pieces);

	cs_buf_reset(b);
	for (size_t i = 0; i < text.n; i++) {
		if (draw_lot(state, 12) == 0)
			cs_buf_puts(b, pieces[draw_lot(state, n)]);
		if (draw_lot(state, 16) != 0)
			cs_buf_putc(b, text.p[i]);
	}
}

/* One finding or a tree that reads back, whatever stands there. */
static void
test_mutations(void)
{
	struct cs_arena a = {0};
	struct cs_buf file = {0}, b = {0};
	uint64_t state = 1;
	size_t taken = 0;
	bool well = slurp("tests/expr/parse.test", &file);

	for (int round = 0; round < 40; round++) {
		struct cs_str rest = cs_buf_get(&file), line;

		while (cs_str_next(&rest, '\n', &line)) {
			const char *colon = cs_str_chr(line, ':');
			enum cs_role role = roles[draw_lot(&state, 3)].role;
			struct cs_diags d = {0};
			struct cs_expr *e;

			if (colon == NULL || strchr("#=!", line.p[0]) != NULL)
				continue;
			line.n -= (size_t)(colon + 1 - line.p);
			line.p = colon + 1;
			mutate(&b, line, &state);
			e = parse(cs_buf_get(&b), role, &a, &d);
			taken += e != NULL;
			if (d.n != (e == NULL) ||
			    !is_round(cs_buf_get(&b), role, &a)) {
				printf("# %.*s\n", CS_ARG(cs_buf_get(&b)));
				well = false;
			}
			cs_diags_free(&d);
			cs_arena_reset(&a);
		}
	}
	ok(well && taken > 1000, "mutations: one finding or a tree");
	cs_buf_free(&file);
	cs_buf_free(&b);
	cs_arena_free(&a);
}

/* --- an expression inside a rule file ----------------------------------- */

static void
test_stanza(void)
{
	struct cs_str bytes = CS_S("Segment: x\n"
				   "When: .a == 1 and\n"
				   "   .b = 2\n");
	struct cs_arena a = {0};
	struct cs_diags d = {0};
	struct cs_raw_stanzas s = {0};

	cs_stanzas_read(bytes, "t.rules", &a, &s, &d);
	if (!ok(d.n == 0 && s.n == 1 && s.v[0].n == 2, "a stanza"))
		return;
	cs_expr_parse(&s.v[0].pair[1], CS_CONDITION, &a, &d);
	ok(d.n == 1 && d.v[0].at.line == 3 && d.v[0].at.col == 7 &&
		strcmp(d.v[0].at.file, "t.rules") == 0 &&
		strcmp(d.v[0].code, "syntax") == 0,
	    "the fault is on line 3, column 7");
	cs_arena_free(&a);
	cs_diags_free(&d);
}

int
main(void)
{
	run_table("tests/expr/parse.test");
	test_limits();
	test_walks();
	test_draw();
	test_equal();
	test_places();
	test_functions();
	test_manual();
	test_patterns();
	test_stanza();
	test_mutations();
	test_suite("jq/rules-jq.test", jq_file, 117);
	test_suite("jq/rules-manual-1.6.test", jq_file, 80);
	test_suite("jq/rules-onig.test", jq_file, 11);
	test_suite("jq/rules-optional.test", jq_file, 2);
	test_suite("jq/other-jq.test", jq_file, 34);
	test_suite("jq/other-manual-1.6.test", jq_file, 19);
	test_suite("jq/other-base64.test", jq_file, 4);
	test_suite("jq/fail-jq.test", jq_file, 7);
	test_suite("gojq/cases.jsonl", gojq_file, 92);
	return done();
}
