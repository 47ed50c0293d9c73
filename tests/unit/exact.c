/* exact: decimal sums without rounding */
#include "exact.h"
#include "tap.h"

static bool
prints(cs_exact_sum sum, const char *want)
{
	struct cs_buf b = {0};
	bool is_good;

	cs_exact_print(&b, sum);
	is_good = strcmp(cs_buf_z(&b), want) == 0;
	if (!is_good)
		printf("# got %s\n", cs_buf_z(&b));
	cs_buf_free(&b);
	return is_good;
}

static void
reads(const char *text, const char *want)
{
	struct cs_exact x;
	cs_exact_sum sum = 0;

	ok(cs_exact_parse(cs_str(text), &x) && cs_exact_add(&sum, x) &&
		prints(sum, want),
	    "%s is %s", text, want);
}

static void
refuses(const char *text)
{
	struct cs_exact x;

	ok(!cs_exact_parse(cs_str(text), &x), "\"%s\" is not taken", text);
}

static void
product(const char *a, const char *b, const char *want)
{
	struct cs_exact x, y;
	cs_exact_sum sum = 0;

	ok(cs_exact_parse(cs_str(a), &x) && cs_exact_parse(cs_str(b), &y) &&
		cs_exact_mul(&x, y) && cs_exact_add(&sum, x) &&
		prints(sum, want),
	    "%s * %s = %s", a, b, want);
}

static void
sums(void)
{
	struct cs_exact x, big;
	cs_exact_sum sum = 0, most;

	cs_exact_parse(CS_S("0.1"), &x);
	for (int i = 0; i < 10; i++)
		cs_exact_add(&sum, x);
	ok(prints(sum, "1"), "ten times 0.1 is 1");
	cs_exact_parse(CS_S("1e20"), &big);
	cs_exact_add(&sum, big);
	cs_exact_parse(CS_S("-1e20"), &big);
	cs_exact_add(&sum, big);
	ok(prints(sum, "1"), "nothing is lost beside 1e20");
	most = (cs_exact_sum)(~(unsigned __int128)0 >> 1);
	ok(!cs_exact_add(&most, x) && prints(most, "170141183460469231731."
						   "687303715884105727"),
	    "a sum that does not fit is left as it was");
	ok(prints(-most - 1, "-170141183460469231731.687303715884105728"),
	    "the lowest sum prints");
}

int
main(void)
{
	struct cs_exact x, y;

	reads("0", "0");
	reads("-0.0", "0");
	reads("12.50", "12.5");
	reads("-0.05", "-0.05");
	reads("100", "100");
	reads("1e3", "1000");
	reads("1.25E-2", "0.0125");
	reads("0e999", "0");
	reads("0e9999", "0");
	reads("170141183460469231731", "170141183460469231731");
	reads("0.000000000000000001", "0.000000000000000001");
	reads("0.10000000000000000000000", "0.1");
	refuses("0.0000000000000000001");
	refuses("1e400");
	refuses("1e9999");
	refuses("1e-9999");
	refuses("99999999999999999999999999999999999999999");
	refuses("1,200");
	refuses("+1");
	refuses(" 1");
	refuses("");
	product("6", "2.55", "15.3");
	product("-3", "0.85", "-2.55");
	product("0.5", "0.5", "0.25");
	product("0.000000001", "0.000000001", "0.000000000000000001");
	ok(cs_exact_parse(CS_S("0.0000000001"), &x) && (y = x, true) &&
		!cs_exact_mul(&x, y) && x.places == 10,
	    "a product with 20 decimals does not fit");
	sums();
	return done();
}
