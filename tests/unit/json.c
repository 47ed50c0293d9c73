/* json, json_ref: the strict check and the slices */
#include "json.h"
#include "json_ref.h"
#include "json_scan.h"
#include "tap.h"

static void
bad(const char *text, size_t want_at, const char *want_why)
{
	size_t at = 0;
	const char *why = "";
	bool good = cs_json_check(cs_str(text), &at, &why);

	if (!ok(!good && at == want_at && strcmp(why, want_why) == 0,
		"refused: %s", text))
		printf("# got %zu %s\n", at, why);
}

static void
good(const char *text)
{
	ok(cs_json_check(cs_str(text), NULL, NULL), "taken: %s", text);
	ok(cs_json_ref_check(cs_str(text)), "libjq too: %s", text);
}

static void
faults(void)
{
	bad("", 0, "a value is expected");
	bad("  ", 2, "a value is expected");
	bad("01", 0, "a number has a leading zero");
	bad("[-012]", 2, "a number has a leading zero");
	bad("+1", 0, "a value is expected");
	bad(".5", 0, "a value is expected");
	bad("2.", 2, "a digit is expected after the point");
	bad("-", 1, "a digit is expected after -");
	bad("1e", 2, "a digit is expected in the exponent");
	bad("NaN", 0, "a value is expected");
	bad("nan", 0, "a value is expected");
	bad("-Infinity", 1, "a digit is expected after -");
	bad("tru", 0, "a value is expected");
	bad("\"a\tb\"", 2, "a control byte in a text");
	bad("\"a\nb\"", 2, "a line end in a text, which is written \\n");
	bad("\"a\rb\"", 2, "a line end in a text, which is written \\n");
	bad("\"a", 0, "a text is never closed");
	bad("\"\\x\"", 1, "an unknown escape");
	bad("\"\\u12g4\"", 1, "four hex digits are expected after \\u");
	bad("\"\\ud800\"", 1, "half of a surrogate pair");
	bad("\"\\udc00\"", 1, "half of a surrogate pair");
	bad("\"\\ud800\\u0041\"", 1, "half of a surrogate pair");
	bad("\"ab\xff\"", 3, "bytes that are not UTF-8");
	bad("\"\xed\xa0\x80\"", 1, "bytes that are not UTF-8");
	bad("1 2", 2, "text behind the value");
	bad("{\"a\":1,}", 7, "a key in quotes is expected");
	bad("{a:1}", 1, "a key in quotes is expected");
	bad("{\"a\" 1}", 5, "a colon is expected");
	bad("{\"a\":1 \"b\":2}", 7, "a comma or } is expected");
	bad("[1 2]", 3, "a comma or ] is expected");
	bad("[1,]", 3, "a value is expected");
	bad("\xef\xbb\xbf{}", 0, "a value is expected");
	ok(!cs_json_check((struct cs_str){"1\0", 2}, NULL, NULL),
	    "a NUL behind the value is refused");
	ok(!cs_json_check((struct cs_str){"\"\0\"", 3}, NULL, NULL),
	    "a NUL in a text is refused");
}

static void
depth(void)
{
	for (size_t n = CS_MAX_JSON_DEPTH - 1; n <= CS_MAX_JSON_DEPTH + 1;
	     n++) {
		char z[2 * CS_MAX_JSON_DEPTH + 8] = {0};
		const char *why = "";
		bool is_good;

		memset(z, '[', n);
		memset(z + n, ']', n);
		is_good = cs_json_check(cs_str(z), NULL, &why);
		ok(is_good == (n <= CS_MAX_JSON_DEPTH), "depth %zu", n);
		if (!is_good)
			is_str(
			    cs_str(why), "nested deeper than 256", "says so");
		else
			ok(cs_json_ref_check(cs_str(z)), "libjq takes it too");
	}
}

static void
walking(void)
{
	struct cs_str key, value;
	struct cs_str s = CS_S(" { \"a\" : 1 , \"b\\n\":[1,{\"c\":\"]}\"}],"
			       "\"c\":\"\\\"\",\"d\":{} } ");
	size_t pos = 0;
	struct cs_arena a = {0};

	ok(cs_json_check(s, NULL, NULL), "the object is good");
	ok(cs_json_next(s, &pos, &key, &value), "first member");
	is_str(key, "\"a\"", "its key, raw");
	is_str(value, "1", "its value");
	ok(cs_json_next(s, &pos, &key, &value), "second");
	is_str(cs_json_text(&a, key), "b\n", "escape undone");
	is_str(value, "[1,{\"c\":\"]}\"}]", "brackets in texts do not count");
	ok(cs_json_next(s, &pos, &key, &value), "third");
	is_str(value, "\"\\\"\"", "an escaped quote");
	is_str(cs_json_text(&a, value), "\"", "and undone");
	ok(cs_json_next(s, &pos, &key, &value), "fourth");
	is_str(value, "{}", "an empty object");
	ok(!cs_json_next(s, &pos, &key, &value), "the end");
	pos = 0;
	ok(!cs_json_next(CS_S("[ ]"), &pos, &key, &value), "empty array");
	pos = 0;
	ok(cs_json_next(CS_S("[null,2]"), &pos, &key, &value) && key.p == NULL,
	    "items have no key");
	is_str(value, "null", "an item");
	is_str(cs_json_text(&a, CS_S("\"\\ud83d\\ude00\\u0041\\/\"")),
	    "\xf0\x9f\x98\x80"
	    "A/",
	    "a surrogate pair");
	ok(cs_json_text(&a, CS_S("\"\\u0000\"")).n == 1, "\\u0000 is a NUL");
	cs_arena_free(&a);
}

static void
first(void)
{
	size_t end = 0, at = 0;
	const char *why = "";

	ok(cs_json_first(CS_S(" {\"a\":1}{\"b\":2}"), &end, &at, &why) &&
		end == 8,
	    "the end of the first object");
	ok(cs_json_first(CS_S("12 13"), &end, &at, &why) && end == 2,
	    "a number ends at a blank");
	ok(cs_json_first(CS_S("12"), &end, &at, &why) && end == 2,
	    "or at the end");
	ok(!cs_json_first(CS_S("12abc"), &end, &at, &why) && at == 2,
	    "12abc is no value");
	ok(!cs_json_first(CS_S("truefalse"), &end, &at, &why),
	    "truefalse is no value");
	ok(cs_json_first(CS_S("1[2]"), &end, &at, &why) && end == 1,
	    "1[2] begins with 1");
	ok(cs_json_first((struct cs_str){"\"\"\0", 3}, &end, &at, &why) &&
		end == 2,
	    "what is behind a closed value is not looked at");
}

/* A member as big as a cell may be, and one byte more; as many members as
 * there may be columns, and one more. */
static void
scan_limits(void)
{
	struct cs_json_members m = {0};
	struct cs_buf b = {0};

	for (size_t n = CS_MAX_CELL; n <= CS_MAX_CELL + 1; n++) {
		cs_buf_reset(&b);
		cs_buf_puts(&b, "{\"a\":\"");
		memset(cs_buf_room(&b, n - 2), 'x', n - 2);
		b.n += n - 2;
		cs_buf_puts(&b, "\"}");
		for (int set = CS_JSON_WORDS; set <= CS_JSON_SSE2; set++)
			ok(cs_json_scan((enum cs_json_set)set, cs_buf_get(&b),
			       &m) == (n == CS_MAX_CELL),
			    "a member of %zu bytes", n);
	}
	for (size_t n = CS_MAX_COLUMNS; n <= CS_MAX_COLUMNS + 1; n++) {
		cs_buf_reset(&b);
		for (size_t i = 0; i < n; i++)
			cs_buf_puts(&b, i == 0 ? "{\"a\":1" : ",\"a\":1");
		cs_buf_putc(&b, '}');
		for (int set = CS_JSON_WORDS; set <= CS_JSON_SSE2; set++)
			ok(cs_json_scan((enum cs_json_set)set, cs_buf_get(&b),
			       &m) == (n == CS_MAX_COLUMNS),
			    "%zu members", n);
	}
	cs_buf_free(&b);
	cs_json_members_free(&m);
}

static void
kinds(void)
{
	ok(cs_json_kind(CS_S(" null")) == CS_JSON_NULL, "null");
	ok(cs_json_kind(CS_S("false")) == CS_JSON_FALSE, "false");
	ok(cs_json_kind(CS_S("true")) == CS_JSON_TRUE, "true");
	ok(cs_json_kind(CS_S("-1")) == CS_JSON_NUMBER, "number");
	ok(cs_json_kind(CS_S("\"\"")) == CS_JSON_STRING, "string");
	ok(cs_json_kind(CS_S("[]")) == CS_JSON_ARRAY, "array");
	ok(cs_json_kind(CS_S("{}")) == CS_JSON_OBJECT, "object");
}

static void
compact(void)
{
	struct cs_buf b = {0};

	ok(cs_json_ref_compact(
	       CS_S("{ \"b\" : 1.50, \"a\":[ 1e2 ] }"), false, &b),
	    "libjq prints");
	is_str(cs_buf_get(&b), "{\"b\":1.5,\"a\":[100]}", "compact");
	cs_buf_reset(&b);
	ok(cs_json_ref_compact(CS_S("{\"b\":1,\"a\":2}"), true, &b), "sorted");
	is_str(cs_buf_get(&b), "{\"a\":2,\"b\":1}", "by key");
	cs_buf_reset(&b);
	ok(!cs_json_ref_compact(CS_S("{"), true, &b) && b.n == 0,
	    "what libjq refuses leaves nothing");
	ok(!cs_json_ref_check(CS_S("1 2")), "two values are not one");
	ok(!cs_json_ref_check(CS_S("")), "nothing is not one");
	cs_buf_free(&b);
}

int
main(void)
{
	good("{\"a\":[1,-0,0.5,1e9,1E+9,2e-3,true,false,null,\"x\\u00e9\"]}");
	good(" [ ] ");
	good("\"\\ud834\\udd1e\"");
	good("1e400");
	good("123456789012345678901234567890");
	faults();
	depth();
	walking();
	first();
	scan_limits();
	kinds();
	compact();
	return done();
}
