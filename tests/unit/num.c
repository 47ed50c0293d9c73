/* num: grammar, cells, options, printing */
#include <float.h>
#include <locale.h>
#include <math.h>

#include "num.h"
#include "tap.h"

static void
grammar(void)
{
	static const char *const yes[] = {"0", "-0", "10", "-1.5", "1e5",
	    "1E+05", "0.0", "0e0", "123.456e-7", "1e99999999999999999999"};
	static const char *const no[] = {"", "-", "+1", "01", "007", "-01",
	    ".5", "5.", "1e", "1e+", "1.e3", "0x10", "inf", "nan", "1 ", " 1",
	    "1,000", "1_0", "１２", "--1", "1.2.3"};

	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		ok(cs_num_is_json(cs_str(yes[i])), "JSON: %s", yes[i]);
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		ok(!cs_num_is_json(cs_str(no[i])), "not JSON: \"%s\"", no[i]);
	ok(!cs_num_is_json((struct cs_str){0}), "not JSON: absent");
	ok(!cs_num_is_json((struct cs_str){"1\0", 2}), "not JSON: 1 NUL");
	ok(cs_num_is_json((struct cs_str){"123", 2}), "a slice ends at n");
}

static void
value(const char *text, double want)
{
	double v = -1;

	ok(cs_num_parse(cs_str(text), &v) && v == want, "value of %s", text);
}

static void
values(void)
{
	static char ones[401];
	double v;

	value("0.1", 0.1);
	value("-123456789012345", -123456789012345.0);
	value("123456789012345e22", 123456789012345e22);
	value("3e-22", 3e-22);
	/* Past the exact operation. */
	value("1e23", 1e23);
	value("9007199254740993", 9007199254740992.0);
	value("9007199254740993.0000000000000000000000001", 9007199254740994.0);
	value("5e-324", 5e-324);
	value("2e-324", 0);
	value("1e400", HUGE_VAL);
	value("-1e400", -HUGE_VAL);
	value("0e999999999999", 0);
	memset(ones, '1', sizeof(ones) - 1);
	value(ones, HUGE_VAL);
	ones[200] = '\0';
	ok(cs_num_parse(cs_str(ones), &v) && v > 1.1e199 && v < 1.2e199,
	    "200 digits");
	ok(cs_num_parse(cs_str("-0"), &v) && signbit(v), "-0 keeps its sign");
	v = 42;
	ok(!cs_num_parse(cs_str("x"), &v) && v == 42, "no number, no change");
}

static void
cells(void)
{
	static const char *const no[] = {"007", "-0", "-0.0", "-0e5", "1e400",
	    "-1e400", "1234567890123456", "1000000000000000", "+81", "",
	    "1.000000000000000", "-1e-400", " 1", "TRUE"};
	static const struct {
		const char *text;
		double v;
	} yes[] = {{"0", 0}, {"0.0", 0}, {"1.50", 1.5}, {"-7", -7},
	    {"123456789012345", 123456789012345.0},
	    {"0.000000000000000000123", 1.23e-19}, {"1e5", 1e5},
	    {"100000000000000", 1e14}, {"1e-400", 0}, {"0e9", 0},
	    {"12345678.9012345", 12345678.9012345}};
	double v;

	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		ok(!cs_num_cell(cs_str(no[i]), &v), "cell is text: \"%s\"",
		    no[i]);
	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++) {
		v = -1;
		ok(cs_num_cell(cs_str(yes[i].text), &v) && v == yes[i].v &&
			!signbit(v) == !signbit(yes[i].v),
		    "cell is a number: %s", yes[i].text);
	}
}

static void
people(void)
{
	static const char *const no[] = {"", "+", "-", ".5", "5.", "1e3", "+-1",
	    "1,5", "0x1", " 1", "1 ", "nan", "--1"};
	static char nines[400];
	double v;
	long long n;

	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		ok(!cs_num_person(cs_str(no[i]), &v), "no person's: \"%s\"",
		    no[i]);
	ok(cs_num_person(cs_str("+007.50"), &v) && v == 7.5, "+007.50");
	ok(cs_num_person(cs_str("-70.5"), &v) && v == -70.5, "-70.5");
	ok(cs_num_person(cs_str("-0"), &v) && !signbit(v), "-0 is 0");
	ok(cs_num_person(cs_str("+12345678901234567890"), &v) &&
		v == 12345678901234567890.0,
	    "+ and twenty digits");
	memset(nines, '9', sizeof(nines) - 1);
	ok(!cs_num_person(cs_str(nines), &v), "over the range");

	ok(cs_num_whole(cs_str("+042"), 0, 100, &n) && n == 42, "+042");
	ok(cs_num_whole(cs_str("-5"), -5, 5, &n) && n == -5, "-5 in -5..5");
	ok(!cs_num_whole(cs_str("-6"), -5, 5, &n), "-6 not in -5..5");
	ok(!cs_num_whole(cs_str("6"), -5, 5, &n), "6 not in -5..5");
	ok(cs_num_whole(cs_str("9223372036854775807"), 0, INT64_MAX, &n) &&
		n == INT64_MAX,
	    "the largest");
	ok(cs_num_whole(cs_str("-9223372036854775808"), INT64_MIN, 0, &n) &&
		n == INT64_MIN,
	    "the smallest");
	ok(!cs_num_whole(cs_str("9223372036854775808"), 0, INT64_MAX, &n),
	    "one more");
	ok(!cs_num_whole(cs_str("1.0"), 0, 5, &n), "1.0 is not whole");
	ok(!cs_num_whole(cs_str(""), 0, 5, &n), "nothing");
	ok(!cs_num_whole(cs_str("-"), -5, 5, &n), "a sign alone");
	ok(!cs_num_whole(cs_str("3 "), 0, 5, &n), "a blank behind");
}

static void
prints(double v, const char *want)
{
	struct cs_buf b = {0};
	double back;

	cs_num_print(&b, v);
	is_str(cs_buf_get(&b), want, want);
	ok(cs_num_parse(cs_buf_get(&b), &back) && back == v, "reads back");
	cs_buf_free(&b);
}

static void
prints6(double v, const char *want)
{
	struct cs_buf b = {0};

	cs_num_print6(&b, v);
	is_str(cs_buf_get(&b), want, want);
	cs_buf_free(&b);
}

/* The layouts are what jq 1.6 prints. */
static void
shortest(void)
{
	prints(0, "0");
	prints(-0.0, "-0");
	prints(100000, "100000");
	prints(-12.5, "-12.5");
	prints(0.1, "0.1");
	prints(0.1 + 0.2, "0.30000000000000004");
	prints(1e15, "1000000000000000");
	prints(1e16, "1e+16");
	prints(123456789012345680.0, "123456789012345680");
	prints(9007199254740993.0, "9007199254740992");
	prints(1e300, "1e+300");
	prints(-1.5e17, "-1.5e+17");
	prints(0.0001, "0.0001");
	prints(0.00012345, "0.00012345");
	prints(0.00001, "1e-05");
	prints(1.0 / 3, "0.3333333333333333");
	/* %.17g would give one digit more. */
	prints(0x1p-44, "5.684341886080802e-14");
	prints(5e-324, "5e-324");
	prints(DBL_MIN, "2.2250738585072014e-308");
	prints(DBL_MAX, "1.7976931348623157e+308");
}

static void
decimals(void)
{
	prints6(0, "0");
	prints6(-0.0, "0");
	prints6(12.5, "12.5");
	prints6(100, "100");
	prints6(2.0 / 3, "0.666667");
	prints6(-0.0000001, "0");
	prints6(-0.000001, "-0.000001");
	/* Ties of the exact value: to even. */
	prints6(1.0 / 128, "0.007812");
	prints6(3.0 / 128, "0.023438");
	/* No tie: 0.0000005 lies just under its name. */
	prints6(0.0000005, "0");
	prints6(0.0000015, "0.000002");
	prints6(99.9999996, "100");
	prints6(-99.9999996, "-100");
	prints6(1e20, "100000000000000000000");
}

/* Against printf, where the short way stands beside it. */
static void
decimals_like_printf(void)
{
	uint64_t x = 88172645463325252u;
	size_t wrong = 0;

	for (size_t i = 0; i < 200000; i++) {
		struct cs_buf b = {0};
		char z[400], *end;
		double v;

		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		v = (double)(int64_t)x / (double)(1ull << (x % 61));
		if (i % 3 == 0) /* near half of the last decimal */
			v = ((double)(x % 100000000) + 0.5) / 1e6;
		snprintf(z, sizeof(z), "%.6f", v);
		end = z + strlen(z);
		while (end[-1] == '0')
			end--;
		if (end[-1] == '.')
			end--;
		*end = '\0';
		cs_num_print6(&b, v);
		wrong += strcmp(cs_buf_z(&b), strcmp(z, "-0") ? z : "0") != 0;
		cs_buf_free(&b);
	}
	ok(wrong == 0, "six decimals as printf says");
}

/* A comma for a point must not reach the data. */
static void
locales(void)
{
	if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL &&
	    setlocale(LC_ALL, "fr_FR.UTF-8") == NULL) {
		skip("a locale with a decimal comma", "none is installed");
		return;
	}
	prints(1234.5678, "1234.5678");
	prints(1.5e-300, "1.5e-300");
	prints6(1234.5, "1234.5");
	value("1234567890123456.5", 1234567890123456.5);
	setlocale(LC_ALL, "C");
}

int
main(void)
{
	grammar();
	values();
	cells();
	people();
	shortest();
	decimals();
	decimals_like_printf();
	locales();
	return done();
}
