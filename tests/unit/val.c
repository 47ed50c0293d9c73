/* val: how a cell and a JSON value get a type (RULES, Values) */
#include "val.h"
#include "tap.h"

static struct cs_val
cell(const char *s, enum cs_type t, bool *misfit)
{
	return cs_val_cell(cs_str(s), t, misfit);
}

static void
any(const char *s, enum cs_kind_of_val kind)
{
	bool misfit = true;
	struct cs_val v = cell(s, CS_TYPE_ANY, &misfit);

	ok(v.kind == kind && !misfit, "cell <%s>", s);
}

static void
fixed(const char *s, enum cs_type t, enum cs_kind_of_val kind, bool want)
{
	bool misfit = !want;
	struct cs_val v = cell(s, t, &misfit);

	ok(v.kind == kind && misfit == want, "cell <%s> as type %d", s, (int)t);
}

static void
json(const char *s, enum cs_type t, enum cs_kind_of_val kind, bool want)
{
	struct cs_arena a = {0};
	bool misfit = !want;
	struct cs_val v = cs_val_json(&a, cs_str(s), t, &misfit);

	ok(v.kind == kind && misfit == want, "JSON %s as type %d", s, (int)t);
	cs_arena_free(&a);
}

static void
cells(void)
{
	any("", CS_NULL);
	any("true", CS_BOOL);
	any("false", CS_BOOL);
	any("True", CS_TEXT);
	any("null", CS_TEXT);
	any("0", CS_NUM);
	any("-1.5e3", CS_NUM);
	any("1.50", CS_NUM);
	any("-0", CS_TEXT);
	any("007", CS_TEXT);
	any("+81-3-1234", CS_TEXT);
	any("1e999", CS_TEXT);
	any("999999999999999", CS_NUM);
	any("1234567890123456", CS_TEXT);
	any("12345678901234567890", CS_TEXT);
	any(" 1", CS_TEXT);
	any("\xef\xbc\x91\xef\xbc\x92", CS_TEXT);
	any("NaN", CS_TEXT);
	fixed("007", CS_TYPE_TEXT, CS_TEXT, false);
	fixed("12", CS_TYPE_TEXT, CS_TEXT, false);
	fixed("", CS_TYPE_TEXT, CS_NULL, false);
	fixed("12345678901234567890", CS_TYPE_NUMBER, CS_NUM, false);
	fixed("1e999", CS_TYPE_NUMBER, CS_NULL, true);
	fixed("007", CS_TYPE_NUMBER, CS_NULL, true);
	fixed("", CS_TYPE_NUMBER, CS_NULL, false);
	fixed("true", CS_TYPE_BOOLEAN, CS_BOOL, false);
	fixed("1", CS_TYPE_BOOLEAN, CS_NULL, true);
	fixed("2026-03-01", CS_TYPE_DATE, CS_TEXT, false);
	fixed("2026-02-30", CS_TYPE_DATE, CS_NULL, true);
	fixed("2026/03/01", CS_TYPE_DATE, CS_NULL, true);
	fixed("2026-03-01T10:00:00Z", CS_TYPE_TIME, CS_TEXT, false);
}

static void
values(void)
{
	json("null", CS_TYPE_ANY, CS_NULL, false);
	json("\"\"", CS_TYPE_ANY, CS_TEXT, false);
	json("\"12\"", CS_TYPE_ANY, CS_TEXT, false);
	json("\"12\"", CS_TYPE_NUMBER, CS_NULL, true);
	json("\"\"", CS_TYPE_NUMBER, CS_NULL, false);
	json("007.5", CS_TYPE_ANY, CS_NULL, false);
	json("1e400", CS_TYPE_ANY, CS_NULL, false);
	json("12345678901234567890", CS_TYPE_ANY, CS_NUM, false);
	json("12", CS_TYPE_TEXT, CS_TEXT, false);
	json("true", CS_TYPE_TEXT, CS_NULL, true);
	json("true", CS_TYPE_BOOLEAN, CS_BOOL, false);
	json("[1]", CS_TYPE_ANY, CS_JSON, false);
	json("{\"a\":1}", CS_TYPE_TEXT, CS_NULL, true);
	json("\"2026-03-01\"", CS_TYPE_DATE, CS_TEXT, false);
	json("20260301", CS_TYPE_DATE, CS_NULL, true);
}

static struct cs_str
put(struct cs_buf *b, struct cs_val v, bool is_json)
{
	cs_buf_reset(b);
	if (is_json)
		cs_val_put_json(b, v);
	else
		cs_val_put_text(b, v);
	return cs_buf_get(b);
}

static void
printing(void)
{
	struct cs_buf b = {0};
	bool misfit;
	struct cs_val v = cell("1.50", CS_TYPE_ANY, &misfit);

	is_str(put(&b, v, true), "1.50", "a number as it was written, JSON");
	is_str(put(&b, v, false), "1.50", "and as text");
	is_str(put(&b, cs_val_num(0.1), true), "0.1", "a number of ours");
	is_str(put(&b, cs_val_null(), true), "null", "null");
	is_str(put(&b, cs_val_null(), false), "", "null as text");
	is_str(put(&b, cs_val_bool(true), false), "true", "true as text");
	v = cs_val_text(CS_S("a\"b\n"));
	is_str(put(&b, v, true), "\"a\\\"b\\n\"", "text as JSON");
	is_str(put(&b, v, false), "a\"b\n", "text as text");
	v = (struct cs_val){.kind = CS_JSON, .text = CS_S("[1, 2]")};
	is_str(put(&b, v, true), "[1, 2]", "an array as it is");
	is_str(put(&b, v, false), "[1, 2]", "and as text");
	cs_buf_free(&b);
}

static void
equality(void)
{
	bool misfit;
	struct cs_val a = cell("1.50", CS_TYPE_ANY, &misfit);

	ok(cs_val_eq(a, cs_val_num(1.5)), "1.50 is 1.5");
	ok(!cs_val_eq(a, cs_val_text(CS_S("1.50"))), "but not the text");
	ok(cs_val_eq(cs_val_null(), cs_val_null()), "null is null");
	ok(!cs_val_eq(cs_val_bool(true), cs_val_bool(false)), "true, false");
	ok(!cs_val_eq(cs_val_text(CS_S("a")), cs_val_text(CS_S("b"))), "texts");
}

static void
words(void)
{
	enum cs_type t = CS_TYPE_ANY;

	ok(cs_type_parse(CS_S("Number"), &t) && t == CS_TYPE_NUMBER, "Number");
	ok(cs_type_parse(CS_S("time"), &t) && t == CS_TYPE_TIME, "time");
	ok(!cs_type_parse(CS_S("any"), &t), "any is not written");
	ok(!cs_type_parse(CS_S(""), &t), "nothing is no type");
}

int
main(void)
{
	cells();
	values();
	printing();
	equality();
	words();
	return done();
}
