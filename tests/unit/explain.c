/* explain: leaves, what they need, which decided, in words */
#include <math.h>

#include "explain.h"
#include "tap.h"

static struct cs_arena arena;

static const char columns[] =
    "product_count,has_free_page,status,opened,a b,x,y,z";

/* One condition over one CSV record. */
struct case_ {
	struct cs_eval_conf conf;
	struct cs_as_of as_of;
	struct cs_eval *ev;
	struct cs_explain *x;
	struct cs_header head;
	struct cs_diags diags;
	struct cs_err err;
	struct cs_rec rec;
	const struct cs_reason *v;
	size_t n;
};

static struct cs_expr *
parse(const char *text)
{
	struct cs_diags d = {0};
	struct cs_pair pair = cs_expr_pair(cs_str(text), "t", &arena);
	struct cs_expr *e = cs_expr_parse(&pair, CS_CONDITION, &arena, &d);

	if (e == NULL)
		printf("# %s: %s\n", text, d.v[0].text);
	cs_diags_free(&d);
	return e;
}

static void
fill(struct case_ *c, const char *cells)
{
	struct cs_str rest = cs_str(columns), piece;
	size_t n = 0;

	while (cs_str_next(&rest, ',', &piece))
		cs_header_add(&c->head, piece);
	n = cs_header_n(&c->head);
	c->rec = (struct cs_rec){.head = &c->head,
	    .form = CS_FORM_CSV,
	    .file = "t",
	    .line = 2,
	    .n = n,
	    .arena = &arena};
	c->rec.cell = cs_arena_array(&arena, n, sizeof(*c->rec.cell));
	c->rec.val = cs_arena_array(&arena, n, sizeof(*c->rec.val));
	c->rec.touched = cs_arena_array(&arena, n, 1);
	rest = cs_str(cells);
	for (n = 0; cs_str_next(&rest, ',', &piece); n++)
		c->rec.cell[n] = piece;
}

static struct case_ *
explain(const char *text, const char *cells)
{
	static struct cs_let lets[2];
	struct case_ *c = cs_calloc(1, sizeof(*c));

	lets[0] = (struct cs_let){CS_S("active"),
	    parse(".status == \"active\" and (.has_free_page | not)"),
	    {"f", 1, 1}};
	lets[1] = (struct cs_let){CS_S("limit"), parse(".x"), {"f", 2, 1}};
	cs_as_of_set(&c->as_of, "2026-03-31", &c->err);
	c->conf.as_of = &c->as_of;
	c->conf.lets = lets;
	c->conf.nlets = 2;
	c->ev = cs_eval_new(&c->conf);
	fill(c, cells);
	c->x = cs_explain_new(c->ev, parse(text), "rule r");
	if (!ok(cs_eval_compile(c->ev, &c->head, &c->diags, &c->err),
		"%s compiles %s%s", text, c->err.text,
		c->diags.n ? c->diags.v[0].text : ""))
		return c;
	ok(cs_eval_run(c->ev, &c->rec, &c->err), "%s runs", text);
	c->n = cs_explain_get(c->x, &c->rec, &c->v);
	return c;
}

static void
end(struct case_ *c)
{
	cs_explain_free(c->x);
	cs_eval_free(c->ev);
	cs_header_free(&c->head);
	cs_diags_free(&c->diags);
	free(c);
}

/* The whole in words. */
static void
says(const char *text, const char *cells, const char *want)
{
	struct case_ *c = explain(text, cells);
	struct cs_buf b = {0};

	cs_explain_text(&b, c->v, c->n);
	is_str(cs_buf_get(&b), want, text);
	cs_buf_free(&b);
	end(c);
}

/* product_count,has_free_page,status,opened,a b,x,y,z */
static void
test_words(void)
{
	const char *r = "18,,trial,2026-01-05,3,true,false,";

	says(".product_count >= 20", r, "product_count is 18, needs >= 20");
	says("20 <= .product_count", r, "product_count is 18, needs >= 20");
	says(".product_count < 18", r, "product_count is 18, needs < 18");
	says(".product_count >= 10", r, "product_count is 18");
	says(".product_count >= 20 | not", r, "product_count is 18");
	says(
	    ".product_count >= 10 | not", r, "product_count is 18, needs < 10");
	says(".status == \"active\"", r, "status is trial, needs active");
	says(".status != \"trial\"", r, "status is trial, needs not trial");
	says(".has_free_page", r, "has_free_page is empty");
	says(".has_free_page == null", r, "has_free_page is empty");
	says(".has_free_page != null", r,
	    "has_free_page is empty, needs a value");
	says(".status == null", r, "status is trial, needs no value");
	says(".y", r, "y is false, needs true");
	says(".x | not", r, "x is true, needs false");
	says(".[\"a b\"] > 5", r, "a b is 3, needs > 5");
	says(".status | IN(\"active\", \"paused\")", r,
	    "status is trial, needs one of \"active\", \"paused\"");
	says("in_last(.opened; 30)", r,
	    "opened is 2026-01-05 (85 days ago), needs to be in the last 30 "
	    "days");
	says("in_last(.opened; 90)", r, "opened is 2026-01-05 (85 days ago)");
	says("in_last(.opened; 90)", ",,,2026-04-05,,,,",
	    "opened is 2026-04-05 (in 5 days), needs to be in the last 90 "
	    "days");
	says("days_since(.opened) >= 90", r,
	    "days_since(.opened) is 85, needs >= 90");
	says(".status | startswith(\"act\")", r,
	    "status is trial, needs startswith(\"act\")");
	says(".status | startswith(\"tri\") | not", r,
	    "status is trial, needs not startswith(\"tri\")");
	says(".status | ascii_upcase | endswith(\"L\") | not", r,
	    ".status | ascii_upcase is TRIAL, needs not endswith(\"L\")");
	says(".status | IN(\"trial\") | not", r,
	    "status is trial, needs none of \"trial\"");
	says("(.product_count // 0) + 1 > 30", r,
	    "(.product_count // 0) + 1 is 19, needs > 30");
	says(".product_count > .[\"a b\"] * 10", r,
	    "product_count is 18, needs > 30");
	says(".product_count > .z", r, "z is empty");
	says(".status < 5", r,
	    "status is trial (text against number), needs < 5");
	says(".product_count == \"18\"", r,
	    "product_count is 18 (number against text), needs \"18\"");
	says(".status | not", r, "status is trial (not yes/no), needs false");
	says(".status >= \"2026-01-01\"", r,
	    "status is trial (not a date), needs >= 2026-01-01");
	says("days_since(.status) > 3", r,
	    "days_since(.status) is unknown: \"trial\" is not a date "
	    "(YYYY-MM-DD)");
	says(".status == \"\"", ",, ,,,,,", "status is \" \", needs \"\"");
	/* Binary fractions: 19.8 and 0.30000000000000004. */
	says(".product_count * 1.1 > 20", r,
	    ".product_count * 1.1 is 19.8, needs > 20");
	says(".[\"a b\"] * 0.1 > 0.3", r,
	    ".[\"a b\"] * 0.1 is 0.30000000000000004");
	says(".product_count == 9007199254740993", r,
	    "product_count is 18, needs 9007199254740993");
}

static void
test_kleene(void)
{
	const char *r = "18,,trial,2026-01-05,3,true,false,";

	says(".product_count >= 20 and .x", r,
	    "product_count is 18, needs >= 20");
	says(".product_count >= 20 and .y", r,
	    "product_count is 18, needs >= 20; y is false, needs true");
	says(
	    ".product_count >= 10 and .x", r, "product_count is 18; x is true");
	says(".x and .z", r, "z is empty");
	says(".y and .z", r, "y is false, needs true");
	says(".y or .z", r, "z is empty");
	says(".y or .x", r, "x is true");
	says(".y or .product_count >= 20", r,
	    "y is false, needs true; product_count is 18, needs >= 20");
	says("(.y and .z) or .x", r, "x is true");
	says("(.y or .x) and (.y or .product_count >= 20)", r,
	    "y is false, needs true; product_count is 18, needs >= 20");
	says("if .x then .product_count >= 20 else .y end", r,
	    "x is true; product_count is 18, needs >= 20");
	says("if .y then .x else .product_count >= 20 end", r,
	    "y is false; product_count is 18, needs >= 20");
	says("if .z then .x else .y end", r, "z is empty");
	says(".z // (.product_count >= 20)", r,
	    "z is empty; product_count is 18, needs >= 20");
	says("$active", r, "status is trial, needs active");
	says("$active", "1,true,active,,,,,",
	    "has_free_page is true, needs false");
	says("$active and .x", "1,false,active,,,true,,",
	    "status is active; has_free_page is false; x is true");
	says("$active | not", "1,false,active,,,true,,",
	    "status is active, needs not active; "
	    "has_free_page is false, needs true");
	says("$limit", r, "x is true");
}

/* Left of // any value stands; a condition that is none is unknown. */
static void
test_alternative(void)
{
	const char *r = "18,,trial,2026-01-05,3,true,false,";

	says(".product_count // true", r,
	    "product_count is 18 (not yes/no), needs true");
	says(".z // true", r, "z is empty");
	says(".y // true", r, "y is false, needs true");
	says("(.product_count // .x) and .x", r,
	    "product_count is 18 (not yes/no), needs true");
	says("(.z // .y) or .x", r, "x is true");
	says("(.z or .y) // .x", r,
	    "z is empty; y is false, needs true; x is true");
	says("((.z and .x) or .y) // .y", r,
	    "z is empty; x is true; y is false, needs true");
	says("if .x then true else false end", r, "x is true");
	says("if .y then true else false end", r, "y is false");
	says("true", r, "true is true");
	says("$active or $active", r, "status is trial, needs active");
}

/* The column that is empty and stops it, not one that is empty beside it. */
static void
test_columns(void)
{
	const char *r = ",,trial,,3,true,false,";

	says("(.z // 0) + .product_count > 3", r, "product_count is empty");
	says("(.z // .opened) == .status", r, "z is empty");
	says("(if .y then .z else .opened end) == .status", r,
	    "opened is empty");
	says("(if .x then .z else .opened end) == .status", r, "z is empty");
	says("(if .opened then .z else .y end) == .x", r, "opened is empty");
	says("days_since(.opened) >= 30", r, "opened is empty");
	says("any(.z[]; . == 3)", r, "z is empty");
	says("\"\\(.status) \\(.z)\" == \"a\"", r, "z is empty");
	says("(.z == null) == .product_count", r, "product_count is empty");
	says("$limit == .z", r, "z is empty");
}

static void
test_json(void)
{
	struct case_ *c = explain(".product_count >= 20 and .z > 3 and .status "
				  "== \"trial\" and (.status > 5 or .x)",
	    "18,,trial,,,false,,");
	struct cs_buf b = {0};

	cs_explain_json(&b, c->v, c->n, false);
	is_str(cs_buf_get(&b),
	    "[{\"condition\":\".product_count >= 20\",\"answer\":\"no\","
	    "\"value\":18,\"needs\":\">= 20\",\"distance\":2,"
	    "\"column\":null,\"fault\":null}]",
	    "the deciding one");
	cs_buf_reset(&b);
	cs_explain_json(&b, c->v + 1, 3, true);
	is_str(cs_buf_get(&b),
	    "[{\"condition\":\".z > 3\",\"answer\":\"unknown\","
	    "\"decided\":false,\"value\":null,\"needs\":\"> 3\","
	    "\"distance\":null,\"column\":\"z\",\"fault\":null},"
	    "{\"condition\":\".status == \\\"trial\\\"\",\"answer\":\"yes\","
	    "\"decided\":false,\"value\":\"trial\",\"needs\":null,"
	    "\"distance\":null,\"column\":null,\"fault\":null},"
	    "{\"condition\":\".status > 5\",\"answer\":\"unknown\","
	    "\"decided\":false,\"value\":\"trial\",\"needs\":\"> 5\","
	    "\"distance\":null,\"column\":null,"
	    "\"fault\":\"text against number\"}]",
	    "all");
	cs_buf_reset(&b);
	cs_explain_json(&b, NULL, 0, false);
	is_str(cs_buf_get(&b), "[]", "none");
	cs_buf_free(&b);
	end(c);
}

/* product_count 18, opened 85 days ago. */
static void
distance(const char *text, double want)
{
	struct case_ *c = explain(text, "18,,trial,2026-01-05,3,true,false,");

	if (isnan(want))
		ok(isnan(c->v[0].distance), "%s: no distance", text);
	else
		ok(c->v[0].distance == want, "%s: %g to go, not %g", text, want,
		    c->v[0].distance);
	end(c);
}

static void
test_distance(void)
{
	distance(".product_count >= 20", 2);
	distance(".product_count < 10", 8);
	distance(".product_count > 18", 0);
	distance(".product_count == 20", 2);
	distance(".product_count != 18", NAN);
	distance(".product_count == 18 | not", NAN);
	distance(".product_count >= 10", 0);
	distance(".product_count >= 10 | not", 8);
	distance("days_since(.opened) >= 90", 5);
	distance(".opened >= \"2026-02-05\"", 31);
	distance(".opened >= \"2026-01-01\"", 0);
	distance("in_last(.opened; 30)", 56);
	distance("in_last(.opened; 86)", 0);
	distance("in_last(.opened; 85)", 1);
	distance("in_last(.opened; 0)", NAN);
	distance("in_last(.opened; 86) | not", 1);
	distance("in_last(\"2026-04-05\"; 10)", 5);
	distance(".status == \"active\"", NAN);
	distance(".z > 3", NAN);
}

/* What a table shows as needs. */
static void
test_needs(void)
{
	static const char *const v[][2] = {
	    {".z > 3", "> 3"},
	    {".z + .x > 3", "> 3 (z is empty)"},
	    {".status > 3", "> 3 (text against number)"},
	    {"if .z > 3 then .x else .y end", ""},
	    {"if .z + .[\"a b\"] > 3 then .x else .y end", "(z is empty)"},
	};
	struct cs_buf b = {0};

	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++) {
		struct case_ *c =
		    explain(v[i][0], "18,,trial,2026-01-05,3,true,false,");

		is_str(cs_reason_needs(&c->v[0], &b), v[i][1], v[i][0]);
		end(c);
	}
	cs_buf_free(&b);
}

static void
test_reasons(void)
{
	struct case_ *c =
	    explain(".product_count >= 20 and .status == \"trial\" and .z > 3",
		"18,,trial,,,,,");

	if (ok(c->n == 3, "three leaves")) {
		is_str(c->v[0].condition, ".product_count >= 20", "condition");
		is_str(c->v[0].subject, "product_count", "subject");
		is_str(c->v[0].value, "18", "value");
		is_str(c->v[0].needs, ">= 20", "needs");
		ok(c->v[0].answer == CS_ANSWER_NO, "no");
		ok(c->v[0].distance == 2, "two to go");
		ok(c->v[0].decided, "it decides");
		ok(c->v[0].column.p == NULL, "no empty column");
		ok(c->v[1].answer == CS_ANSWER_YES, "yes");
		is_str(c->v[1].needs, "", "nothing needed");
		ok(!c->v[1].decided, "does not decide");
		ok(isnan(c->v[1].distance), "no distance between texts");
		ok(c->v[2].answer == CS_ANSWER_UNKNOWN, "unknown");
		is_str(c->v[2].column, "z", "the empty column");
		is_str(c->v[2].value, "", "no value");
		is_str(c->v[2].needs, "> 3", "needs");
		ok(!c->v[2].decided, "an unknown beside a no");
	}
	end(c);
	c = explain(".product_count >= 20", "25,,,,,,,");
	ok(c->n == 1 && c->v[0].distance == 0, "holds: distance 0");
	end(c);
}

int
main(void)
{
	struct cs_err err;

	cs_zone_set("Asia/Tokyo", &err);
	test_words();
	test_kleene();
	test_alternative();
	test_columns();
	test_reasons();
	test_json();
	test_distance();
	test_needs();
	cs_arena_free(&arena);
	return done();
}
