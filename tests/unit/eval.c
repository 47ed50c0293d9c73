/* eval: tests/expr/eval.test, and what one expression cannot show */
#include <sys/wait.h>
#include <unistd.h>

#include "eval.h"
#include "json.h"
#include "tap.h"

static struct cs_arena arena;

/* --- tests/expr/eval.test ----------------------------------------------- */

struct line {
	size_t number;
	bool is_condition;
	struct cs_str expr, record, want, fault;
	const struct cs_expr *tree;
};

/* The lines up to the next directive, and what holds for them. */
struct group {
	struct line v[600];
	size_t n;
	struct cs_let let[8];
	size_t nlets;
	struct cs_arg arg[8];
	size_t nargs;
	struct cs_list list[8];
	size_t nlists;
	struct cs_as_of as_of;
};

/* Binds the members of a JSON object to an open header. */
static struct cs_rec
record(struct cs_header *h, struct cs_str json)
{
	struct cs_rec r = {.head = h,
	    .form = CS_FORM_JSONL,
	    .file = "t",
	    .line = 1,
	    .raw = json,
	    .arena = &arena};
	struct cs_str key, value;
	size_t pos = 0;

	while (cs_json_next(json, &pos, &key, &value))
		cs_header_add(h, cs_json_text(&arena, key));
	r.n = cs_header_n(h);
	r.cell = cs_arena_array(&arena, r.n, sizeof(*r.cell));
	r.val = cs_arena_array(&arena, r.n, sizeof(*r.val));
	r.touched = cs_arena_array(&arena, r.n, 1);
	pos = 0;
	while (cs_json_next(json, &pos, &key, &value))
		r.cell[cs_header_find(h, cs_json_text(&arena, key))] = value;
	return r;
}

/* One of a CSV file: cells by column. */
static struct cs_rec
csv(struct cs_header *h, struct cs_str *cell)
{
	struct cs_rec r = {.head = h,
	    .form = CS_FORM_CSV,
	    .file = "t.csv",
	    .line = 2,
	    .n = cs_header_n(h),
	    .cell = cell,
	    .raw_cell = cell,
	    .arena = &arena};

	r.val = cs_arena_array(&arena, r.n, sizeof(*r.val));
	r.touched = cs_arena_array(&arena, r.n, 1);
	return r;
}

static struct cs_str
faults(const struct cs_eval *ev, size_t id)
{
	const struct cs_eval_fault *f;
	struct cs_buf b = {0};
	size_t n = cs_eval_faults(ev, id, &f), i;
	struct cs_str s;

	for (i = 0; i < n; i++) {
		if (i > 0)
			cs_buf_puts(&b, " | ");
		cs_buf_str(&b, f[i].text);
	}
	s = cs_keep(&arena, cs_buf_get(&b));
	cs_buf_free(&b);
	return s;
}

static struct cs_expr *
parse(struct cs_str text, enum cs_role role, struct cs_diags *diags)
{
	struct cs_pair pair = cs_expr_pair(text, "t", &arena);

	return cs_expr_parse(&pair, role, &arena, diags);
}

static struct cs_expr *
parse_z(const char *text, enum cs_role role)
{
	struct cs_diags d = {0};
	struct cs_expr *e = parse(cs_str(text), role, &d);

	if (e == NULL)
		printf("# %s: %s\n", text, d.v[0].text);
	cs_diags_free(&d);
	return e;
}

static struct cs_eval_conf
conf_of(struct group *g, enum cs_engine engine, bool no_short)
{
	return (struct cs_eval_conf){.engine = engine,
	    .as_of = &g->as_of,
	    .args = g->arg,
	    .nargs = g->nargs,
	    .lists = g->list,
	    .nlists = g->nlists,
	    .lets = g->let,
	    .nlets = g->nlets,
	    .no_short = no_short};
}

static void
check_line(
    const struct line *l, const struct cs_eval *ev, size_t id, const char *mode)
{
	struct cs_buf got = {0};
	struct cs_str fault = faults(ev, id);
	bool same;

	cs_val_put_json(&got, cs_eval_get(ev, id));
	same =
	    cs_str_eq(cs_buf_get(&got), l->want) && cs_str_eq(fault, l->fault);
	ok(same, "%zu (%s): %.*s of %.*s", l->number, mode, CS_ARG(l->expr),
	    CS_ARG(l->record));
	if (!same)
		printf("# got:  %.*s  %.*s\n# want: %.*s  %.*s\n",
		    CS_ARG(cs_buf_get(&got)), CS_ARG(fault), CS_ARG(l->want),
		    CS_ARG(l->fault));
	cs_buf_free(&got);
}

/* All expressions in one table, each line's record in turn. */
static void
run_group(struct group *g, enum cs_engine engine, bool no_short)
{
	static const char *const mode[] = {
	    [CS_ENGINE_FAST] = "fast", [CS_ENGINE_REF] = "ref", "both"};
	struct cs_eval_conf conf = conf_of(g, engine, no_short);
	struct cs_eval *ev = cs_eval_new(&conf);
	struct cs_header head = {.is_open = true};
	struct cs_diags d = {0};
	struct cs_err err = {0};
	size_t i;

	for (i = 0; i < g->n; i++)
		cs_eval_add(ev, g->v[i].tree,
		    g->v[i].is_condition ? CS_CONDITION : CS_VALUE,
		    cs_keepz(&arena, g->v[i].expr));
	if (!ok(cs_eval_compile(ev, &head, &d, &err), "compile: %s%s", err.text,
		d.n > 0 ? d.v[0].text : ""))
		goto out;
	for (i = 0; i < g->n; i++) {
		struct cs_rec r = record(&head, g->v[i].record);

		if (ok(cs_eval_run(ev, &r, &err), "run %zu %s", g->v[i].number,
			err.text))
			check_line(&g->v[i], ev, i,
			    no_short ? "general" : mode[engine]);
	}
out:
	cs_eval_free(ev);
	cs_header_free(&head);
	cs_diags_free(&d);
}

static void
end_group(struct group *g)
{
	if (g->n > 0) {
		run_group(g, CS_ENGINE_REF, false);
		run_group(g, CS_ENGINE_REF, true);
		run_group(g, CS_ENGINE_FAST, false);
		run_group(g, CS_ENGINE_BOTH, false);
	}
	g->n = 0;
}

/* %as-of DATE, %tz ZONE, %let NAME EXPR, %arg NAME TEXT, %list NAME a,b */
static void
directive(struct group *g, struct cs_str rest, size_t number)
{
	struct cs_str word, name;
	struct cs_diags d = {0};
	struct cs_err err;

	cs_str_next(&rest, ' ', &word);
	if (cs_str_is(word, "%as-of"))
		ok(cs_as_of_set(&g->as_of, cs_keepz(&arena, rest), &err),
		    "line %zu", number);
	else if (cs_str_is(word, "%tz"))
		ok(cs_zone_set(cs_keepz(&arena, rest), &err), "line %zu",
		    number);
	else {
		cs_str_next(&rest, ' ', &name);
		if (cs_str_is(word, "%let"))
			g->let[g->nlets++] = (struct cs_let){name,
			    parse(rest, CS_VALUE, &d), {"lets", number, 1}};
		else if (cs_str_is(word, "%arg"))
			g->arg[g->nargs++] = (struct cs_arg){name, rest};
		else if (cs_str_is(word, "%list")) {
			g->list[g->nlists].name = name;
			while (cs_str_next(&rest, ',', &word))
				cs_set_add(&g->list[g->nlists].set, word, NULL);
			g->nlists++;
		} else
			ok(false, "line %zu: unknown directive", number);
	}
	ok(d.errors == 0, "line %zu parses", number);
	cs_diags_free(&d);
}

static void
one_line(struct group *g, struct cs_str text, size_t number)
{
	struct line *l;
	struct cs_diags d = {0};

	if (text.n == 0 || text.p[0] == '#')
		return;
	if (text.p[0] == '%') {
		end_group(g);
		directive(g, text, number);
		return;
	}
	l = &g->v[g->n];
	*l = (struct line){.number = number, .fault = CS_S("")};
	cs_str_next(&text, '\t', &l->expr);
	cs_str_next(&text, '\t', &l->record);
	cs_str_next(&text, '\t', &l->want);
	cs_str_next(&text, '\t', &l->fault);
	if (l->fault.p == NULL)
		l->fault = CS_S("");
	l->is_condition = cs_str_starts(l->expr, CS_S("? "));
	if (l->is_condition)
		l->expr = (struct cs_str){l->expr.p + 2, l->expr.n - 2};
	l->tree = parse(l->expr, l->is_condition ? CS_CONDITION : CS_VALUE, &d);
	if (ok(l->tree != NULL && l->want.p != NULL, "line %zu: %.*s %s",
		number, CS_ARG(l->expr), d.n > 0 ? d.v[0].text : ""))
		g->n++;
	cs_diags_free(&d);
}

static void
test_file(const char *name)
{
	struct group *g = cs_calloc(1, sizeof(*g));
	FILE *f = fopen(name, "r");
	char *text = NULL;
	size_t cap = 0, number = 0, i;
	ssize_t n;

	if (!ok(f != NULL, "%s", name))
		return;
	while ((n = getline(&text, &cap, f)) > 0) {
		if (text[n - 1] == '\n')
			n--;
		one_line(g, cs_keep(&arena, (struct cs_str){text, (size_t)n}),
		    ++number);
	}
	end_group(g);
	fclose(f);
	free(text);
	for (i = 0; i < g->nlists; i++)
		cs_set_free(&g->list[i].set);
	free(g);
}

/* --- binding ------------------------------------------------------------ */

/* A table over a CSV header, and what is found in it. */
struct table {
	struct cs_eval_conf conf;
	struct cs_as_of as_of;
	struct cs_eval *ev;
	struct cs_header head;
	struct cs_diags diags;
	struct cs_err err;
};

static struct table *
table(const char *columns)
{
	struct table *t = cs_calloc(1, sizeof(*t));
	struct cs_str rest = cs_str(columns), name;

	while (cs_str_next(&rest, ',', &name))
		cs_header_add(&t->head, name);
	cs_as_of_set(&t->as_of, "2026-03-31", &t->err);
	t->conf.as_of = &t->as_of;
	t->ev = cs_eval_new(&t->conf);
	return t;
}

static size_t
add(struct table *t, const char *text, enum cs_role role)
{
	return cs_eval_add(t->ev, parse_z(text, role), role, text);
}

static bool
compile(struct table *t)
{
	return cs_eval_compile(t->ev, &t->head, &t->diags, &t->err);
}

/* Runs the record with these cells. */
static bool
run(struct table *t, const char *cells)
{
	struct cs_str rest = cs_str(cells), piece;
	struct cs_str *cell =
	    cs_arena_array(&arena, cs_header_n(&t->head), sizeof(*cell));
	struct cs_rec *r = cs_arena_array(&arena, 1, sizeof(*r));
	size_t n = 0;

	while (cs_str_next(&rest, ',', &piece))
		cell[n++] = piece;
	*r = csv(&t->head, cell);
	return cs_eval_run(t->ev, r, &t->err);
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

/* The one finding for a table of one expression. */
static void
refuses(
    const char *columns, const char *text, const char *code, const char *want)
{
	struct table *t = table(columns);

	add(t, text, CS_VALUE);
	ok(!compile(t), "%s is refused", text);
	if (ok(t->diags.n == 1, "one finding for %s: %zu", text, t->diags.n)) {
		is_str(cs_str(t->diags.v[0].text), want, want);
		is_str(cs_str(t->diags.v[0].code), code, code);
	}
	end(t);
}

static void
test_columns(void)
{
	struct table *t = table("id,max_pv,a.b,c d,x.y.z");
	size_t id = add(t, ".id", CS_VALUE);
	size_t ab = add(t, ".a.b", CS_VALUE);
	size_t cd = add(t, ".[\"c d\"] + 1", CS_VALUE);
	size_t xyz = add(t, ".x.y.z", CS_VALUE);
	size_t deep = add(t, ".a.b.q", CS_VALUE);
	size_t whole = add(t, "keys | length", CS_VALUE);
	const struct cs_eval_fault *f;

	ok(compile(t), "columns bind: %s", t->err.text);
	ok(run(t, "007,3,q,5,true"), "run");
	gives(t, id, "\"007\"", "a text of digits");
	gives(t, ab, "\"q\"", "column a.b");
	gives(t, cd, "6", "column with a blank");
	gives(t, xyz, "true", "column x.y.z");
	gives(t, whole, "5", "all columns are there");
	gives(t, deep, "null", "inside a text is nothing");
	ok(cs_eval_faults(t->ev, deep, &f) == 1, "and that is a fault");
	is_str(f[0].text, "there is no .q in a text", "its text");
	ok(f[0].at != NULL && f[0].at->op == CS_E_FIELD, "its node");
	ok(cs_eval_faults(t->ev, ab, &f) == 0, "the others have none");
	ok(run(t, "8,3,q,,true"), "run again");
	gives(t, cd, "null", "an empty cell is unknown");
	ok(cs_eval_count(t->ev) == 6, "count");
	is_str(cs_str(cs_eval_label(t->ev, ab)), ".a.b", "label");
	end(t);

	refuses("id,max_pv", ".max_pw >= 3", "unknown-column",
	    "unknown column \"max_pw\" (did you mean \"max_pv\"?)");
	refuses("id,max_pv", ".zzzzzzz", "unknown-column",
	    "unknown column \"zzzzzzz\"");
	refuses("id,max_pv", ".max_pw < 3 or .max_pw > 5", "unknown-column",
	    "unknown column \"max_pw\" (did you mean \"max_pv\"?)");
	refuses("id,max_pv", ".q.r.s", "unknown-column",
	    "unknown column \"q.r.s\"");
	refuses("a,a.b", ".a.b", "unknown-column",
	    "there is a column \"a\" and a column \"a.b\": "
	    "write .[\"a.b\"]");
	refuses("id", "$today2", "syntax",
	    "unknown variable $today2 (did you mean $today?)");
	refuses("id", "$limit_of_all", "syntax",
	    "unknown variable $limit_of_all: write a Let: stanza, or give it "
	    "with --arg=limit_of_all=TEXT");
	refuses("id", "$now", "syntax", "$now needs --as-of with a time");
	refuses("id", ".id | in_list(\"won\")", "syntax",
	    "unknown list \"won\": give it with --list=won=FILE");
}

static void
test_dashed(void)
{
	struct table *t = table("id,max-1");
	bool found = false;
	size_t i;

	add(t, ".max-1 > 3", CS_VALUE);
	ok(!compile(t), ".max-1 is no column");
	for (i = 0; i < t->diags.n; i++)
		found |=
		    strcmp(t->diags.v[i].text,
			".max-1 is a subtraction: write .[\"max-1\"]") == 0;
	ok(found, "the right spelling is told");
	end(t);
}

static void
test_empty_column(void)
{
	struct table *t = table("id,a,b,c");
	struct cs_let let = {
	    CS_S("big"), parse_z(".c > 3", CS_VALUE), {"f", 1, 1}};
	struct cs_rec r;
	struct cs_str cell[] = {CS_S("1"), CS_S("2"), CS_S(""), CS_S("")};
	size_t ab, big;

	t->conf.lets = &let;
	t->conf.nlets = 1;
	ab = add(t, ".a > 1 and .b > 1", CS_CONDITION);
	big = add(t, ".a > 1 and $big", CS_CONDITION);
	ok(compile(t), "compile");
	r = csv(&t->head, cell);
	ok(cs_eval_run(t->ev, &r, &t->err), "run");
	is_str(cs_eval_empty_column(t->ev, ab, &r), "b", "the empty column");
	is_str(cs_eval_empty_column(t->ev, big, &r), "c",
	    "the empty column of a Let");
	ok(cs_eval_empty_column(t->ev, ab, NULL).p == NULL, "no record");
	end(t);
}

/* Ids are the cell's text: 1.50 is not 1.5, 12e3 not 12000. */
static void
test_cell_text(void)
{
	struct table *t = table("id");
	struct cs_list list = {.name = CS_S("l")};
	size_t in, b, n;

	cs_set_add(&list.set, CS_S("1.50"), NULL);
	cs_set_add(&list.set, CS_S("12e3"), NULL);
	t->conf.lists = &list;
	t->conf.nlists = 1;
	in = add(t, ".id | in_list(\"l\")", CS_CONDITION);
	b = add(t, "bucket(\"s\"; .id)", CS_VALUE);
	n = add(t, ".id", CS_VALUE);
	ok(compile(t), "compile");
	ok(run(t, "1.50"), "run");
	gives(t, in, "true", "1.50 as written is in the list");
	ok(cs_eval_get(t->ev, b).num == cs_bucket(CS_S("s"), CS_S("1.50")),
	    "bucket of the text as written");
	gives(t, n, "1.5", "and is the number 1.5 elsewhere");
	ok(run(t, "1.5"), "run");
	gives(t, in, "false", "1.5 is not");
	ok(run(t, "12e3"), "run");
	gives(t, in, "true", "12e3 is");
	ok(run(t, ""), "run");
	gives(t, in, "null", "an empty id is unknown");
	gives(t, b, "null", "and has no bucket");
	cs_set_free(&list.set);
	end(t);
}

static void
test_types(void)
{
	struct table *t = table("zip");
	size_t id = add(t, ".zip == \"123\"", CS_CONDITION);

	cs_header_set_type(&t->head, 0, CS_TYPE_TEXT);
	ok(compile(t) && run(t, "123"), "a column with a type");
	gives(t, id, "true", "is text");
	end(t);
}

/* Members that come later in the file have their place in the object. */
static void
test_open_header(void)
{
	struct table *t = table("a");
	struct cs_rec r;
	size_t b, n;

	t->head.is_open = true;
	b = add(t, ".b + 1", CS_VALUE);
	n = add(t, "keys | length", CS_VALUE);
	ok(compile(t), "an unknown name of JSON lines is no fault");
	r = record(&t->head, CS_S("{\"a\":1}"));
	ok(cs_eval_run(t->ev, &r, &t->err), "run");
	gives(t, b, "null", "absent is unknown");
	gives(t, n, "1", "and not there");
	r = record(&t->head, CS_S("{\"b\":2,\"later\":{\"x\":\"\\u3042\"}}"));
	ok(cs_eval_run(t->ev, &r, &t->err), "run");
	gives(t, b, "3", "present");
	gives(t, n, "2", "a member never seen at compile is seen");
	end(t);
}

static void
test_lets(void)
{
	struct table *t = table("id");
	struct cs_let circle[] = {
	    {CS_S("a"), parse_z("$b", CS_VALUE), {"f", 1, 1}},
	    {CS_S("b"), parse_z("$c + 1", CS_VALUE), {"f", 2, 1}},
	    {CS_S("c"), parse_z("$a", CS_VALUE), {"f", 3, 1}}};
	struct cs_let unused = {
	    CS_S("other"), parse_z(".nowhere", CS_VALUE), {"f", 1, 1}};
	struct cs_let today = {
	    CS_S("today"), parse_z("1", CS_VALUE), {"f", 1, 1}};
	size_t id;

	t->conf.lets = circle;
	t->conf.nlets = 3;
	add(t, ".id", CS_VALUE);
	ok(!compile(t), "a circle of Lets is refused, used or not");
	is_str(
	    cs_str(t->diags.v[0].text), "the Let \"a\" needs itself", "circle");
	end(t);

	t = table("id");
	t->conf.lets = &unused;
	t->conf.nlets = 1;
	id = add(t, ".id", CS_VALUE);
	ok(compile(t) && run(t, "4"), "a Let nobody uses binds no column");
	gives(t, id, "4", "and the rest runs");
	end(t);

	t = table("id");
	t->conf.lets = &today;
	t->conf.nlets = 1;
	add(t, ".id", CS_VALUE);
	ok(!compile(t), "a Let cannot be called today");
	end(t);
}

/* --- leaves ------------------------------------------------------------- */

static void
worked(const struct table *t, uint64_t runs, uint64_t columns, const char *what)
{
	struct cs_leaf_work w = cs_eval_leaf_work(t->ev);

	ok(w.runs == runs && w.columns == columns,
	    "%s: %llu leaves, %llu columns", what, (unsigned long long)w.runs,
	    (unsigned long long)w.columns);
}

#define VIP "(.tags | split(\";\") | map(ascii_downcase) | index(\"vip\"))"

/* Not before it is needed, once a record, with its columns only. */
static void
test_leaf_need(void)
{
	struct table *t = table("status,x,tags,more");
	size_t a, b, c;

	a = add(t, ".status == \"active\" and .x > 3 and " VIP " != null",
	    CS_CONDITION);
	b = add(t, ".x < 0 or " VIP " == 1", CS_CONDITION);
	c = add(t, "if .x == 7 then ([.more, .x] | max) else " VIP " end",
	    CS_VALUE);
	ok(compile(t), "compile %s", t->err.text);
	ok(cs_eval_leaves(t->ev) == 2, "two leaves, one in three places");
	ok(!cs_eval_is_native(t->ev, a), "a rule with a leaf needs libjq");
	ok(run(t, "idle,9,x;VIP,1"), "run");
	gives(t, a, "false", "the skeleton has decided");
	worked(t, 0, 0, "nothing was asked of libjq");
	ok(run(t, "active,9,x;VIP,1"), "run");
	worked(t, 0, 0, "nor in a run without a question");
	gives(t, a, "true", "the leaf decides");
	worked(t, 1, 1, "one leaf, its column");
	gives(t, b, "true", "another rule");
	gives(t, c, "1", "a third");
	gives(t, a, "true", "the first again");
	worked(t, 1, 1, "still evaluated once");
	ok(run(t, "active,7,,12"), "run");
	gives(t, c, "12", "the other leaf");
	worked(t, 2, 3, "two columns more");
	gives(t, a, "false", "index of unknown is unknown, not null");
	worked(t, 3, 4, "the first leaf for this record");
	end(t);
}

/* An equal leaf is evaluated once; its faults are told by each that meets
 * it, at its own place. */
static void
test_leaf_faults(void)
{
	struct table *t = table("a,b");
	const struct cs_eval_fault *f;
	size_t one, two, quiet, idle;

	one = add(t, "[.a | ascii_downcase] | first", CS_VALUE);
	two = add(t, ".b == 1 and ([.a|ascii_downcase] | first) == \"x\"",
	    CS_CONDITION);
	quiet = add(t, "([.a | ascii_downcase] | first)? // 5", CS_VALUE);
	idle = add(t, ".b == 2 and ([.a | ascii_downcase] | first) == \"x\"",
	    CS_CONDITION);
	ok(compile(t), "compile %s", t->err.text);
	ok(cs_eval_leaves(t->ev) == 1, "one leaf");
	ok(run(t, "5,1"), "run");
	ok(cs_eval_faults(t->ev, quiet, &f) == 0, "under a ? none is told");
	gives(t, quiet, "5", "and the value is unknown");
	ok(cs_eval_faults(t->ev, two, &f) == 1, "one fault");
	is_str(f[0].text, "ascii_downcase takes text, not number", "its text");
	ok(f[0].at->at.col == 18, "its place: %zu", f[0].at->at.col);
	ok(cs_eval_faults(t->ev, one, &f) == 1, "one fault");
	ok(f[0].at->at.col == 7, "its place: %zu", f[0].at->at.col);
	ok(cs_eval_faults(t->ev, idle, &f) == 0, "not asked, not told");
	worked(t, 1, 1, "evaluated once");
	end(t);
}

static void
test_leaf_lets(void)
{
	struct cs_let let[] = {
	    {CS_S("tags"), parse_z(".a | split(\";\") | sort", CS_VALUE),
		{"t", 1, 1}},
	    {CS_S("low"), parse_z(".b | ascii_downcase", CS_VALUE),
		{"t", 2, 1}},
	    {CS_S("pair"), parse_z("[$tags[0], $low] | join(\"-\")", CS_VALUE),
		{"t", 3, 1}}};
	struct table *t = table("a,b,c");
	const struct cs_eval_fault *f;
	size_t all, some;

	t->conf.lets = let;
	t->conf.nlets = 3;
	all = add(t, ".c == 1 and ([$pair, $tags[1]] | index(\"q-x\")) == 0",
	    CS_CONDITION);
	some = add(t, "[if .c == 1 then $low else 8 end] | first", CS_VALUE);
	ok(compile(t), "compile %s", t->err.text);
	ok(run(t, "z;q,X,1"), "run");
	gives(t, all, "true", "a leaf of a Let of a leaf");
	worked(t, 3, 1, "each once, a Let is handed over");
	gives(t, some, "\"x\"", "a Let in a leaf");
	ok(run(t, "z;q,5,1"), "run");
	ok(cs_eval_faults(t->ev, some, &f) == 1 && f[0].at->at.line == 1,
	    "the Let's fault belongs to who looks");
	is_str(f[0].text, "ascii_downcase takes text, not number", "its text");
	ok(run(t, "z;q,5,2"), "run");
	gives(t, some, "8", "it does not look");
	ok(cs_eval_faults(t->ev, some, &f) == 0, "and has no fault");
	end(t);
}

/* What a value cannot say in JSON is libjq's with all that stands around. */
static void
test_leaf_not_finite(void)
{
	struct table *t = table("a");
	size_t id = add(t, "(.a | fromjson)[0] < 3", CS_VALUE);

	ok(compile(t), "compile %s", t->err.text);
	ok(cs_eval_leaves(t->ev) == 1, "a leaf");
	ok(run(t, "[2]"), "run");
	gives(t, id, "true", "a number");
	ok(run(t, "[nan]"), "run");
	gives(t, id, "true", "nan is less than all, in jq");
	ok(run(t, "[5]"), "run");
	gives(t, id, "false", "a number again");
	end(t);
}

/* The record's items have the header's order, whatever other rules name. */
static void
test_leaf_whole(void)
{
	struct table *t = table("a,b,c");
	size_t id, other;

	other = add(t, "[.c, .b] | length", CS_VALUE);
	id =
	    add(t, ".b == 2 and ([.[]] | join(\"\")) == \"123\"", CS_CONDITION);
	ok(compile(t), "compile %s", t->err.text);
	ok(run(t, "1,2,3"), "run");
	gives(t, id, "true", "the order of the header");
	worked(t, 1, 3, "the record itself is all columns");
	gives(t, other, "2", "another");
	worked(t, 2, 5, "its two columns");
	end(t);
	t = table("a");
	id = add(t, "[.a] == [4]", CS_CONDITION);
	ok(compile(t), "compile %s", t->err.text);
	ok(run(t, "3"), "run");
	gives(t, id, "false", "an array");
	worked(t, 2, 1, "two leaves");
	ok(run(t, "4"), "run");
	gives(t, id, "true", "an array");
	worked(t, 3, 2, "the one without columns is the same again");
	end(t);
}

/* A cheap test goes before a dear one where neither can fail, and nowhere
 * else: a fault that is not told is seen. */
static void
test_leaf_order(void)
{
	struct table *t = table("a,n,b");
	const struct cs_eval_fault *f;
	size_t quiet, loud, any, id;

	cs_header_set_type(&t->head, 1, CS_TYPE_NUMBER);
	quiet = add(t, "([.a | floor] | max > 1)? and .n == 3", CS_CONDITION);
	loud = add(t, "([.a | floor] | max > 1) and .n == 3", CS_CONDITION);
	any = add(t, "([.a | floor] | max > 1)? and .b == 3", CS_CONDITION);
	id = add(t, "([.a | floor] | max > 1)? or .n > 3", CS_CONDITION);
	ok(compile(t), "compile %s", t->err.text);
	ok(run(t, "x,4,y"), "run");
	gives(t, quiet, "false", "the cheap one decides");
	gives(t, id, "true", "or");
	worked(t, 0, 0, "the leaf is not needed");
	gives(t, loud, "false", "a leaf that can fail");
	worked(t, 1, 1, "is asked in its turn");
	ok(cs_eval_faults(t->ev, loud, &f) == 1, "and its fault is told");
	ok(run(t, "0,4,y"), "run");
	gives(t, any, "false", "a column without a type");
	ok(cs_eval_faults(t->ev, any, &f) == 0, "is not asked too early");
	ok(run(t, "9,3,0"), "run");
	gives(t, quiet, "true", "both are asked");
	end(t);
}

static void
test_leaf_many(void)
{
	struct table *t = table("a,b");
	enum { N = 300 };
	size_t i, good = 0;

	for (i = 0; i < N; i++)
		add(t,
		    cs_arena_printf(&arena,
			".a == %zu and ([.b, %zu] | max) > 3", i % 3, i),
		    CS_CONDITION);
	ok(compile(t), "%d leaves compile: %s", N, t->err.text);
	ok(cs_eval_leaves(t->ev) == N, "all different");
	ok(run(t, "1,2"), "run");
	for (i = 0; i < N; i++)
		good += cs_eval_get(t->ev, i).yes == (i % 3 == 1 && i > 3);
	ok(good == N, "answers: %zu", good);
	worked(t, N / 3, N / 3, "a third was needed");
	end(t);
}

/* --- size and safety ---------------------------------------------------- */

static void
test_large_table(void)
{
	struct table *t = table("a,b");
	enum { N = 1200 };
	size_t i, yes = 0;

	for (i = 0; i < N; i++)
		add(t,
		    cs_arena_printf(&arena, ".a < %zu or .b == \"x%zu\"", i, i),
		    CS_CONDITION);
	ok(compile(t), "%d rules compile: %s", N, t->err.text);
	ok(run(t, "1000,x10"), "and run: %s", t->err.text);
	for (i = 0; i < N; i++)
		yes += cs_eval_get(t->ev, i).yes;
	ok(yes == N - 1001 + 1, "answers: %zu", yes);
	end(t);
}

static void
test_long_expression(void)
{
	struct table *t = table("a");
	struct cs_buf any = {0}, sum = {0}, list = {0}, in = {0};
	size_t i, ids[4];

	cs_buf_puts(&any, ".a == 0");
	cs_buf_puts(&sum, ".a");
	cs_buf_puts(&list, "[.a < 0");
	cs_buf_puts(&in, ".a | IN(0");
	for (i = 1; i < 1000; i++) {
		cs_buf_printf(&any, " or .a == %zu", i);
		cs_buf_puts(&sum, " + 1");
		cs_buf_printf(&list, ", .a < %zu", i);
		cs_buf_printf(&in, ", %zu", i);
	}
	cs_buf_puts(&list, "] | length");
	cs_buf_puts(&in, ")");
	ids[0] = add(t, cs_buf_z(&any), CS_CONDITION);
	ids[1] = add(t, cs_buf_z(&sum), CS_VALUE);
	ids[2] = add(t, cs_buf_z(&list), CS_VALUE);
	ids[3] = add(t, cs_buf_z(&in), CS_VALUE);
	ok(compile(t), "1000 operands compile: %s", t->err.text);
	ok(run(t, "999"), "run");
	gives(t, ids[0], "true", "or");
	gives(t, ids[1], "1998", "+");
	gives(t, ids[2], "1000", "list");
	gives(t, ids[3], "true", "IN");
	cs_buf_free(&any);
	cs_buf_free(&sum);
	cs_buf_free(&list);
	cs_buf_free(&in);
	end(t);
}

/* What the child says on stderr, and its exit code. */
static struct cs_str
child(void (*f)(void), int *code)
{
	static char text[4096];
	int fd[2], status;
	size_t n = 0;
	ssize_t r;
	pid_t pid;

	fflush(stdout);
	if (pipe(fd) != 0 || (pid = fork()) < 0)
		abort();
	if (pid == 0) {
		dup2(fd[1], STDERR_FILENO);
		close(fd[0]);
		f();
		_exit(99);
	}
	close(fd[1]);
	while ((r = read(fd[0], text + n, sizeof(text) - n)) > 0)
		n += (size_t)r;
	close(fd[0]);
	waitpid(pid, &status, 0);
	*code = WIFEXITED(status) ? WEXITSTATUS(status) : -status;
	return (struct cs_str){text, n};
}

static void
run_away(void)
{
	struct table *t = table("a");

	t->conf.cpu_seconds = 1;
	add(t, ".a", CS_VALUE);
	/* Cubes of 3,000 items: hours. */
	cs_eval_add(t->ev,
	    parse_z(".a | split(\"\") as $x"
		    " | [$x[] as $p | $x[] as $q | $x[] as $r"
		    " | $p + $q + $r] | length",
		CS_VALUE),
	    CS_VALUE, "rule cubes");
	if (compile(t)) {
		char *text = cs_calloc(3001, 1);

		memset(text, 'y', 3000);
		run(t, text);
		cs_eval_get(t->ev, 1);
	}
}

static void
run_full(void)
{
	static char text[4 << 20];
	struct table *t = table("a");
	struct cs_buf b = {0};

	t->conf.mebibytes = 64;
	memset(text, 'y', sizeof(text) - 1);
	cs_buf_puts(&b, ".a | [.[1:]");
	for (int i = 2; i < 1000; i++)
		cs_buf_printf(&b, ", .[%d:]", i);
	cs_buf_puts(&b, "] | length");
	cs_eval_add(
	    t->ev, parse_z(cs_buf_z(&b), CS_VALUE), CS_VALUE, "rule slices");
	if (compile(t)) {
		run(t, text);
		cs_eval_get(t->ev, 0);
	}
}

static void
test_guard(void)
{
	int code;
	struct cs_str said = child(run_away, &code);

	ok(code == CS_STOP, "a rule that runs away ends the program: %d", code);
	ok(said.n > 0 &&
		memmem(said.p, said.n,
		    ": t.csv:2: rule cubes: more than 1 s of computing", 48),
	    "and is named: %.*s", CS_ARG(said));
	said = child(run_full, &code);
	ok(code == CS_STOP, "one that fills the memory too: %d", code);
	ok(memmem(said.p, said.n,
	       ": t.csv:2: rule slices: more than 64 MiB of memory", 50),
	    "and is named: %.*s", CS_ARG(said));
}

/* $HOME/.jq may replace builtins; it must not be read. */
static void
test_home(void)
{
	struct table *t = table("a");
	char dir[] = "/tmp/eval-home-XXXXXX", *path;
	FILE *f;
	size_t id;

	if (!ok(mkdtemp(dir) != NULL, "a directory"))
		return;
	path = cs_arena_printf(&arena, "%s/.jq", dir);
	if ((f = fopen(path, "w")) != NULL) {
		fputs("def floor: 666; def ascii_downcase: \"bad\";\n", f);
		fclose(f);
	}
	setenv("HOME", dir, 1);
	id = add(t, ".a | floor", CS_VALUE);
	ok(compile(t) && run(t, "1.5"), "HOME/.jq exists");
	gives(t, id, "1", "and does not matter");
	is_str(cs_str(getenv("HOME")), dir, "HOME is given back");
	unlink(path);
	rmdir(dir);
	end(t);
}

static void
test_no_record(void)
{
	struct table *t = table("");
	size_t a = add(t, ".a.b < 3", CS_CONDITION);
	size_t b = add(t, "$today", CS_VALUE);
	size_t c = add(t, ". == null", CS_VALUE);

	ok(cs_eval_compile(t->ev, NULL, &t->diags, &t->err), "no header");
	ok(cs_eval_run(t->ev, NULL, &t->err), "no record");
	gives(t, a, "null", "a path in nothing");
	gives(t, b, "\"2026-03-31\"", "today");
	gives(t, c, "true", ". is null");
	end(t);

	t = table("a");
	ok(compile(t) && run(t, "1"), "a table without expressions");
	end(t);
}

/* --- jq's own meaning --------------------------------------------------- */

static void
collect(void *self, struct cs_str json)
{
	cs_buf_str(self, json);
	cs_buf_putc(self, ' ');
}

/* All outputs, then "!ERROR". */
static void
plain(const char *text, const char *json, const char *want)
{
	struct cs_as_of as_of;
	struct cs_arg arg = {CS_S("x"), CS_S("v\"\\(1)")};
	struct cs_eval_conf conf = {.as_of = &as_of, .args = &arg, .nargs = 1};
	struct cs_buf b = {0};
	struct cs_err err = {0};
	struct cs_expr *e = parse_z(text, CS_PLAIN);
	struct cs_plain *p;

	cs_as_of_set(&as_of, "2026-03-31", &err);
	if (!ok(e != NULL, "%s parses", text))
		return;
	p = cs_plain_compile(e, &conf, &err);
	if (p == NULL || !cs_plain_run(p, cs_str(json), collect, &b, &err))
		cs_buf_printf(&b, "!%s", err.text);
	is_str(cs_buf_get(&b), want, text);
	cs_plain_free(p);
	cs_buf_free(&b);
}

static void
test_plain(void)
{
	plain(".a < 3", "{}", "true ");
	plain(".[] + 1", "[1,2]", "2 3 ");
	plain(".a, .b", "{\"a\":1}", "1 null ");
	plain(".a // 5", "{\"a\":false}", "5 ");
	plain(".[0] as [$p, {q: $r}] | $p - $r", "[[5,{\"q\":2}]]", "3 ");
	plain("[.[] | select(. > 1)]", "[1,2,3]", "[2,3] ");
	plain("if . then 1 else 2 end", "null", "2 ");
	plain("1 + 2 * 3 - 4", "null", "3 ");
	plain("10 - (4 - 3)", "null", "9 ");
	plain("-(1 + 2)", "null", "-3 ");
	plain(". as $x | [$x, $x]", "1", "[1,1] ");
	plain("{a, \"b c\": 1, (.k): 2, \"x\\(1)\": 3}",
	    "{\"a\":7,\"k\":\"z\"}", "{\"a\":7,\"b c\":1,\"z\":2,\"x1\":3} ");
	plain("\"<\\(.a)>\\\\(\"", "{\"a\":\"q\"}", "\"<q>\\\\(\" ");
	plain("@json \"x\\(.)y\"", "[1]", "\"x[1]y\" ");
	plain(".a[1:]?, .b[0]?", "{\"a\":5,\"b\":[6]}", "6 ");
	plain("$x", "null", "\"v\\\"\\\\(1)\" ");
	plain("$today", "null", "\"2026-03-31\" ");
	plain("days_since(.d)", "{\"d\":\"2026-03-01\"}", "30 ");
	plain(".[] | 1 / .", "[1,0]",
	    "1 !number (1) and number (0) cannot be divided because the "
	    "divisor is zero");
	plain("error({a: 1})", "null", "!(not a string): {\"a\":1}");
	plain("1, error(null), 2", "null", "1 2 ");
	plain("$nowhere", "null",
	    "!t:1:1: unknown variable $nowhere: write a Let: stanza, or give "
	    "it with --arg=nowhere=TEXT");
}

/* A call of f with arguments of its own kind. */
static const char *
call_text(const struct cs_func *f)
{
	struct cs_buf b = {0};
	const char *text;
	int i;

	cs_buf_puts(&b, f->name);
	for (i = 0; i < f->arity; i++) {
		cs_buf_puts(&b, i == 0 ? "(" : "; ");
		if (cs_str_is(cs_str(f->name), "in_list"))
			cs_buf_puts(&b, "\"l\"");
		else
			cs_buf_puts(
			    &b, strchr("cCs", f->args[i]) ? "true" : "\"g\"");
	}
	if (f->arity > 0)
		cs_buf_puts(&b, ")");
	text = cs_arena_printf(&arena, "[.a | %s]", cs_buf_z(&b));
	cs_buf_free(&b);
	return text;
}

/* The allow list, the printer's table and libjq know the same names: each call
 * compiles and runs without libjq stopping. */
static void
test_every_function(void)
{
	size_t n, i;
	const struct cs_func *f = cs_funcs(&n);
	struct table *t = table("a");
	struct cs_list list = {.name = CS_S("l")};

	t->conf.lists = &list;
	t->conf.nlists = 1;
	for (i = 0; i < n; i++)
		add(t, call_text(&f[i]), CS_VALUE);
	ok(compile(t), "%zu functions compile: %s", n, t->err.text);
	ok(run(t, ""), "on null: %s", t->err.text);
	ok(run(t, "x"), "on text: %s", t->err.text);
	ok(run(t, "3"), "on a number: %s", t->err.text);
	ok(run(t, "true"), "on a boolean: %s", t->err.text);
	for (i = 0; i < n; i++) {
		struct cs_expr *e = parse_z(call_text(&f[i]), CS_PLAIN);
		struct cs_plain *p =
		    e ? cs_plain_compile(e, &t->conf, &t->err) : NULL;

		ok(p != NULL, "%s/%d compiles in jq's meaning %s", f[i].name,
		    f[i].arity, p ? "" : t->err.text);
		cs_plain_free(p);
	}
	end(t);
}

int
main(void)
{
	struct cs_err err;

	test_file("tests/expr/eval.test");
	cs_zone_set("Asia/Tokyo", &err);
	test_columns();
	test_dashed();
	test_empty_column();
	test_cell_text();
	test_types();
	test_open_header();
	test_lets();
	test_leaf_need();
	test_leaf_faults();
	test_leaf_lets();
	test_leaf_not_finite();
	test_leaf_whole();
	test_leaf_order();
	test_leaf_many();
	test_large_table();
	test_long_expression();
	test_guard();
	test_home();
	test_no_record();
	test_plain();
	test_every_function();
	cs_arena_free(&arena);
	return done();
}
