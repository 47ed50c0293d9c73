/* schema, foreign: the edges that no suite has */
#include "foreign.h"
#include "schema.h"
#include "tap.h"

static struct cs_arena a;

static void
number(const char *s, const char *want)
{
	struct cs_str got = cs_foreign_number(&a, cs_str(s));

	if (want == NULL)
		ok(got.p == NULL, "number %s: none", s);
	else
		is_str(got, want, s);
}

static void
day(const char *s, const char *want)
{
	struct cs_civil c;
	char out[16];

	if (!cs_foreign_date(&a, cs_str(s), &c, NULL)) {
		ok(want == NULL, "date %s: none", s);
		return;
	}
	cs_civil_print(out, c);
	ok(want != NULL && strcmp(out, want) == 0, "date %s is %s", s, out);
}

static void
numbers(void)
{
	number("1200", "1200");
	number("1,200", "1200");
	number("12,34,567", NULL);
	number("1,2000", NULL);
	number(",200", NULL);
	number("1,", NULL);
	number("1234,567", NULL);
	number("１２，３４５．６０", "12345.60");
	number("¥1,200", "1200");
	number("￥ 1,200", "1200");
	number("\\1,200", "1200");
	number("¥-5", "-5");
	number("-¥5", "-5");
	number("-¥-5", NULL);
	number("1,200円", "1200");
	number("1,200 円", "1200");
	number("¥12%", NULL);
	number("12円%", NULL);
	number("12%", "0.12");
	number("5%", "0.05");
	number("0.5％", "0.005");
	number("100%", "1");
	number("0%", "0");
	number("-12.50%", "-0.125");
	number("△3", "-3");
	number("▲3", "-3");
	number("−3", "-3");
	number("007", "7");
	number("000", "0");
	number("0.10", "0.10");
	number("1.", NULL);
	number(".5", NULL);
	number("", NULL);
	number("円", NULL);
	number("1e3", NULL);
	number("123456789012345678901234567890.12",
	    "123456789012345678901234567890.12");
	number("　1 ", "1");
}

static void
days(void)
{
	day("2020年4月1日", "2020-04-01");
	day("２０２０年４月１日", "2020-04-01");
	day("2020 年 4 月 1 日", "2020-04-01");
	day("2020/4/1", "2020-04-01");
	day("2020-04-01", "2020-04-01");
	day("2020.4.1", "2020-04-01");
	day("2020/4-1", NULL);
	day("2020年4/1", NULL);
	day("2020年4月", NULL);
	day("2020年4月1日x", NULL);
	day("20/4/1", NULL);
	day("02020/4/1", NULL);
	day("2020/004/1", NULL);
	day("2019/2/29", NULL);
	day("2020/2/29", "2020-02-29");
	day("2020/13/1", NULL);
	day("2020/0/1", NULL);
	day("明治元年1月25日", "1868-01-25");
	day("明治元年1月24日", NULL);
	day("明治45年7月30日", "1912-07-30");
	day("明治45年7月31日", NULL);
	day("大正元年7月30日", "1912-07-30");
	day("大正元年7月29日", NULL);
	day("大正15年12月25日", "1926-12-25");
	day("大正15年12月26日", NULL);
	day("昭和元年12月25日", "1926-12-25");
	day("昭和1年12月24日", NULL);
	day("昭和64年1月7日", "1989-01-07");
	day("昭和64年1月8日", NULL);
	day("平成元年1月8日", "1989-01-08");
	day("平成元年1月7日", NULL);
	day("平成31年4月30日", "2019-04-30");
	day("平成31年5月1日", NULL);
	day("令和元年5月1日", "2019-05-01");
	day("令和元年4月30日", NULL);
	day("令和2年2月29日", "2020-02-29");
	day("㋿2年4月1日", "2020-04-01");
	day("令和0年5月1日", NULL);
	day("令和100年5月1日", NULL);
	day("R2.4.1", "2020-04-01");
	day("r2/4/1", "2020-04-01");
	day("Ｒ２．４．１", "2020-04-01");
	day("H31.4.30", "2019-04-30");
	day("H31.5.1", NULL);
	day("R元.5.1", NULL);
	day("X2.4.1", NULL);
	day("", NULL);
	day("令和", NULL);
}

static void
cmp(const char *x, const char *y, int want)
{
	int got = cs_decimal_cmp(cs_str(x), cs_str(y));
	int back = cs_decimal_cmp(cs_str(y), cs_str(x));
	struct cs_buf p = {0}, q = {0};

	ok(got == want && back == -want, "%s to %s: %d", x, y, got);
	cs_decimal_key(&p, cs_str(x));
	cs_decimal_key(&q, cs_str(y));
	ok(cs_str_eq(cs_buf_get(&p), cs_buf_get(&q)) == (want == 0),
	    "keys of %s and %s: %s %s", x, y, cs_buf_z(&p), cs_buf_z(&q));
	cs_buf_free(&p);
	cs_buf_free(&q);
}

static void
decimals(void)
{
	cmp("1", "1.0", 0);
	cmp("100", "1e2", 0);
	cmp("0.05", "5e-2", 0);
	cmp("0", "-0.000", 0);
	cmp("0", "0e5", 0);
	cmp("10", "9", 1);
	cmp("-10", "-9", -1);
	cmp("-1", "0", -1);
	cmp("0", "0.0000001", -1);
	cmp("9007199254740993", "9007199254740992", 1);
	cmp("0.1", "0.10000000000000000001", -1);
	cmp("1.10", "1.1", 0);
	cmp("120", "12", 1);
	cmp("1.5e1", "15", 0);
}

/* One cell under a field of a schema text. */
static void
cell(const char *field, const char *s, const char *want)
{
	struct cs_schema schema;
	struct cs_diags diags = {0};
	struct cs_val v;
	struct cs_buf b = {0};
	bool fits;

	cs_schema_parse(&schema,
	    cs_str(cs_arena_printf(
		&a, "{\"fields\":[{\"name\":\"x\",%s}]}", field)),
	    "x", &a, &diags);
	if (!ok(diags.errors == 0, "%s is good", field))
		return;
	fits = cs_field_cell(&schema.field[0], &a, cs_str(s), &v);
	cs_val_put_text(&b, v);
	ok(fits == (want != NULL) &&
		(want == NULL || strcmp(cs_buf_z(&b), want) == 0),
	    "%s of %s: %s", s, field, fits ? cs_buf_z(&b) : "no");
	cs_buf_free(&b);
	cs_schema_free(&schema);
	cs_diags_free(&diags);
}

static void
cells(void)
{
	const char *n = "\"type\":\"number\"", *i = "\"type\":\"integer\"";
	const char *fr = "\"type\":\"number\",\"decimalChar\":\",\","
			 "\"groupChar\":\".\"";
	const char *at = "\"type\":\"datetime\"";
	const char *p = "\"type\":\"datetime\",\"format\":"
			"\"%d %b %Y %I:%M:%S.%f %p %z\"";
	const char *any = "\"type\":\"date\",\"format\":\"any\"";
	const char *du = "\"type\":\"duration\"";
	const char *day_of = "\"type\":\"date\",\"format\":\"%Y%j\"";
	const char *mail = "\"type\":\"string\",\"format\":\"email\"";

	cell(n, "1.50", "1.50");
	cell(n, "+1", "1");
	cell(n, "-007.50", "-7.50");
	cell(n, "1e5", "1e5");
	cell(n, "01E+5", "1E+5");
	cell(n, "1e", NULL);
	cell(n, "1e+", NULL);
	cell(n, "1e999", NULL);
	cell(n, "NaN", NULL);
	cell(n, "INF", NULL);
	cell(n, "-", NULL);
	cell(n, ".5", "0.5");
	cell(n, "5.", NULL);
	cell(n, "0x10", NULL);
	cell(n, "1 2", NULL);
	cell(fr, "1.234.567,80", "1234567.80");
	cell(fr, "1.234.567.80", "123456780");
	cell(fr, ".1", NULL);
	cell(fr, "1..2", NULL);
	cell(fr, "1.", NULL);
	cell(i, "12345678901234567890123", "12345678901234567890123");
	cell(i, "1.0", NULL);
	cell(i, "1e3", NULL);
	cell(i, "-0", "-0");
	cell("\"type\":\"integer\",\"format\":\"ja\"", "12%", NULL);
	cell(at, "2026-03-01 09:00", "2026-03-01T09:00");
	cell(at, "2026-03-01T09:00:00.5+09:00", "2026-03-01T09:00:00.5+09:00");
	cell(at, "2026-03-01", NULL);
	cell("\"type\":\"date\"", "2026-03-01T09:00", NULL);
	cell("\"type\":\"date\"", "2026-02-29", NULL);
	cell("\"type\":\"time\"", "24:00:00", NULL);
	cell("\"type\":\"time\"", "9:00", NULL);
	cell(p, "01 Mar 2026 12:05:06.70 am +0900",
	    "2026-03-01T00:05:06.70+09:00");
	cell(p, "01 march 2026 12:05:06.7 PM Z", "2026-03-01T12:05:06.7Z");
	cell(p, "01 Mar 2026 13:05:06.7 PM Z", NULL);
	cell(p, "31 Feb 2026 01:05:06.7 PM Z", NULL);
	cell(day_of, "2024366", "2024-12-31");
	cell(day_of, "2023366", NULL);
	cell("\"type\":\"date\",\"format\":\"%y年%m月%d日\"", "68年1月2日",
	    "2068-01-02");
	cell("\"type\":\"date\",\"format\":\"%y%%%m-%d\"", "69%1-2",
	    "1969-01-02");
	cell(any, "03/04/2026", NULL);
	cell(any, "04/04/2026", "2026-04-04");
	cell(any, "13/04/2026", "2026-04-13");
	cell(any, "04/13/2026", "2026-04-13");
	cell(any, "13/13/2026", NULL);
	cell(any, "Mar 3rd, 2026", "2026-03-03");
	cell(any, "1 Sept 2026", NULL);
	cell(any, "令和8年3月3日", "2026-03-03");
	cell(du, "P1Y2M3DT4H5M6.5S", "P1Y2M3DT4H5M6.5S");
	cell(du, "PT0.5H", "PT0.5H");
	cell(du, "PT0.5H1M", NULL);
	cell(du, "P", NULL);
	cell(du, "PT", NULL);
	cell(du, "P1DT", NULL);
	cell(du, "P1M1Y", NULL);
	cell(mail, "a.b+c@example.co.jp", "a.b+c@example.co.jp");
	cell(mail, "a..b@example.com", NULL);
	cell(mail, "a@b@example.com", NULL);
	cell(mail, "@example.com", NULL);
	cell(mail, "a b@example.com", NULL);
	cell("\"type\":\"string\",\"format\":\"uri\"", "https://x.test/?q=1",
	    "https://x.test/?q=1");
	cell("\"type\":\"string\",\"format\":\"uri\"", "https:// x", NULL);
	cell("\"type\":\"string\",\"format\":\"uuid\"",
	    "95ecc380-afe9-11e4-9b6c-751b66dd541e",
	    "95ecc380-afe9-11e4-9b6c-751b66dd541e");
	cell("\"type\":\"string\",\"format\":\"uuid\"",
	    "95ecc380-afe9-11e4-9b6c-751b66dd541", NULL);
	cell("\"type\":\"geopoint\",\"format\":\"array\"", "[180,-90]",
	    "[180,-90]");
	cell("\"type\":\"geopoint\",\"format\":\"array\"",
	    "[180.0000000000000000001,0]", NULL);
	cell("\"type\":\"geopoint\",\"format\":\"object\"",
	    "{\"lon\":1,\"lon\":2}", NULL);
	cell("\"type\":\"boolean\"", "TRUE", "true");
	cell("\"type\":\"boolean\"", "0", "false");
	cell("\"type\":\"boolean\"", "yes", NULL);
	cell("\"type\":\"year\"", "0999", NULL);
}

int
main(void)
{
	numbers();
	days();
	decimals();
	cells();
	cs_arena_free(&a);
	return done();
}
