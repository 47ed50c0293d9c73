/* Texts without the dirt of exports: lib/clean */
#include "clean.h"
#include "tap.h"

static void
steps(void)
{
	static const struct {
		const char *words, *text, *want;
		uint64_t n; /* cells changed, over the steps */
	} t[] = {
	    {"ja", "", "", 0},
	    {"ja", "plain text", "plain text", 0},
	    {"ja", " ", "", 1},
	    {"trim", "\xe3\x80\x80 x\t\n", "x", 1},
	    {"trim", "\xef\xbc\xa1", "\xef\xbc\xa1", 0},
	    {"nfkc", "\xef\xbc\xa1 ", "A ", 1},
	    {"nfkc", "\xef\xbd\xb6\xef\xbe\x9e", "\xe3\x82\xac", 1},
	    {"control", "a\x01\tb\r\n\x7f", "a\tb\r\n", 1},
	    {"control", "\xef\xbb\xbfid\xe2\x80\x8b", "id", 1},
	    {"control", "a\xc2\x96z\xc2\x81", "a\xe2\x80\x93z", 1},
	    {"control", " x ", " x ", 0},
	    {"variants",
		"1\xe2\x88\x92"
		"2\xe3\x80\x9c",
		"1-2~", 1},
	    {"variants",
		"03\xe3\x83\xbc"
		"12",
		"03-12", 1},
	    {"variants", "\xe3\x83\xbc\x31\xe3\x83\xbc",
		"\xe3\x83\xbc\x31\xe3\x83\xbc", 0},
	    {"nfkc,variants", "\xef\xbc\x91\xef\xbd\xb0\xef\xbc\x92", "1-2", 2},
	    {"control,trim", "\x01 x", "x", 2},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		struct cs_clean c = {0};
		struct cs_arena a = {0};
		struct cs_err err;
		uint64_t n = 0;
		struct cs_str got;
		bool good = cs_clean_parse(&c, t[i].words, &err);

		got = cs_clean_text(&c, &a, cs_str(t[i].text));
		for (size_t k = 0; k < CS_CLEAN_STEPS; k++)
			n += c.n[k];
		ok(good && cs_str_is(got, t[i].want) && n == t[i].n,
		    "%s of text %zu: %zu bytes, %zu changes", t[i].words, i,
		    got.n, (size_t)n);
		cs_arena_free(&a);
	}
}

static void
blanks(void)
{
	struct cs_str v[] = {CS_S(" "), CS_S(""), CS_S("\xe3\x80\x80")};
	struct cs_clean c = {0};
	struct cs_err err;

	ok(!cs_clean_is_blank(&c, v, 3), "nothing goes unasked");
	ok(cs_clean_parse(&c, "blank", &err) && cs_clean_is_blank(&c, v, 3),
	    "white space of any kind is blank");
	v[1] = CS_S("0");
	ok(!cs_clean_is_blank(&c, v, 3) && c.n[CS_CLEAN_BLANK] == 1,
	    "a 0 is not; one was counted");
	ok(!cs_clean_parse(&c, "trim,,nfkc", &err) && err.exit == CS_USAGE,
	    "an empty word");
	is_str(cs_str(err.text),
	    "--clean=trim,,nfkc: \"\" is not one of: trim nfkc blank control "
	    "variants ja",
	    "and what is said");
}

int
main(void)
{
	steps();
	blanks();
	return done();
}
