/* text: UTF-8, widths, clusters, normal forms, JSON strings */
#include <stdio.h>

#include "tap.h"
#include "text.h"

static const char *
shared(void)
{
	const char *dir = getenv("CSOPS_SHARED");

	return dir != NULL ? dir : "../shared";
}

static void
valid(void)
{
	static char ascii[1000];

	ok(cs_utf8_valid((struct cs_str){0}) == 0, "absent is valid");
	ok(cs_utf8_valid(CS_S("店舗 €𠮷\0x")) == 16, "one to four bytes, NUL");
	ok(cs_utf8_valid(CS_S("ab\xff"
			      "c")) == 2,
	    "FF");
	ok(cs_utf8_valid(CS_S("ab\xe5\xba")) == 2, "cut off at the end");
	ok(cs_utf8_valid((struct cs_str){"ab\xe5\xba\x97", 4}) == 2,
	    "reads nothing behind the slice");
	ok(cs_utf8_valid(CS_S("\xed\xa0\x80")) == 0, "a surrogate");
	ok(cs_utf8_valid(CS_S("\xc0\x80")) == 0, "an overlong NUL");
	ok(cs_utf8_valid(CS_S("\xf4\x90\x80\x80")) == 0, "over U+10FFFF");
	ok(cs_utf8_valid(CS_S("\xf4\x8f\xbf\xbf")) == 4, "U+10FFFF");
	memset(ascii, 'a', sizeof(ascii));
	for (size_t i = 0; i < 40; i++) {
		ascii[i] = '\x80';
		if (cs_utf8_valid((struct cs_str){ascii, 1000}) != i)
			break;
		ascii[i] = 'a';
		if (i == 39)
			ok(true, "a bad byte at any place of a word");
	}
}

static size_t
unhex(const char *p, char *out)
{
	size_t n = 0;
	unsigned v;

	for (;;) {
		p += strspn(p, " \t\r\n");
		if (sscanf(p, "%2x", &v) != 1)
			return n;
		out[n++] = (char)v;
		p += 2;
	}
}

/* NUM:valid hex:BYTES or NUM:invalid hex:BYTES:DROPPED:REPLACED */
static void
utf8_case(char *line, struct cs_buf *b)
{
	char *save, *num = strtok_r(line, ":", &save),
		    *kind = strtok_r(NULL, ":", &save),
		    *bytes = strtok_r(NULL, ":", &save);
	char in[256], out[256];
	struct cs_str s = {in, unhex(bytes, in)};
	bool want_valid = strstr(kind, "invalid") == NULL;
	size_t used, first = cs_utf8_valid(s);

	if (!ok((first == s.n) == want_valid, "%s:%s", num, kind))
		return;
	if (want_valid)
		return;
	strtok_r(NULL, ":", &save);
	cs_buf_reset(b);
	while (s.n > 0) {
		cs_utf8_put(b, cs_utf8_next(s, &used));
		s.p += used;
		s.n -= used;
	}
	used = unhex(strtok_r(NULL, ":", &save), out);
	ok(cs_str_eq(cs_buf_get(b), (struct cs_str){out, used}), "%s: replaced",
	    num);
}

static void
utf8_suite(void)
{
	char path[1024], line[1024];
	struct cs_buf b = {0};
	int cases = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/suites/utf8/utf8tests.txt", shared());
	f = fopen(path, "r");
	if (f == NULL) {
		skip("UTF-8 suite", "no suites/utf8 in CSOPS_SHARED");
		return;
	}
	while (fgets(line, sizeof(line), f) != NULL)
		if (strstr(line, "valid hex:") != NULL && line[0] != '#') {
			utf8_case(line, &b);
			cases++;
		}
	ok(cases >= 100, "UTF-8 suite: %d cases", cases);
	fclose(f);
	cs_buf_free(&b);
}

/* Source; NFC; NFD; NFKC; NFKD */
static bool
forms_case(char *line, struct cs_arena *a)
{
	struct cs_buf col[5] = {{0}};
	char *save, *p = strtok_r(line, ";", &save);
	bool good = true;

	for (int i = 0; i < 5 && p != NULL; i++) {
		for (char *end;; p = end) {
			unsigned long cp = strtoul(p, &end, 16);

			if (end == p)
				break;
			cs_utf8_put(&col[i], (uint32_t)cp);
		}
		p = strtok_r(NULL, ";", &save);
	}
	for (int i = 0; i < 5; i++) {
		struct cs_str s = cs_buf_get(&col[i]);

		good &= cs_str_eq(cs_text_nfkc(a, s), cs_buf_get(&col[3]));
		good &= cs_str_eq(
		    cs_text_nfc(a, s), cs_buf_get(&col[i < 3 ? 1 : 3]));
	}
	for (int i = 0; i < 5; i++)
		cs_buf_free(&col[i]);
	return good;
}

static void
forms_suite(void)
{
	char path[1024], line[4096], copy[4096];
	struct cs_arena a = {0};
	int cases = 0, bad = 0;
	FILE *f;

	snprintf(path, sizeof(path),
	    "%s/suites/unicode-nfkc/NormalizationTest-subset.txt", shared());
	f = fopen(path, "r");
	if (f == NULL) {
		skip("normal forms suite",
		    "no suites/unicode-nfkc in CSOPS_SHARED");
		return;
	}
	while (fgets(line, sizeof(line), f) != NULL) {
		if (line[0] == '#' || line[0] == '@' || line[0] == '\n')
			continue;
		memcpy(copy, line, sizeof(copy));
		cases++;
		if (!forms_case(line, &a)) {
			bad++;
			printf("# %s", copy);
		}
		cs_arena_reset(&a);
	}
	ok(bad == 0 && cases == 1235, "normal forms suite: %d of %d lines",
	    cases - bad, cases);
	fclose(f);
	cs_arena_free(&a);
}

static void
scalars(void)
{
	struct cs_buf b = {0};
	size_t n;

	ok(cs_utf8_next(CS_S("a"), &n) == 'a' && n == 1, "a");
	ok(cs_utf8_next(CS_S("é"), &n) == 0xe9 && n == 2, "é");
	ok(cs_utf8_next(CS_S("店x"), &n) == 0x5e97 && n == 3, "店");
	ok(cs_utf8_next(CS_S("𠮷"), &n) == 0x20bb7 && n == 4, "𠮷");
	cs_utf8_put(&b, 'a');
	cs_utf8_put(&b, 0xe9);
	cs_utf8_put(&b, 0x5e97);
	cs_utf8_put(&b, 0x20bb7);
	cs_utf8_put(&b, 0xd800);
	cs_utf8_put(&b, 0x110000);
	is_str(cs_buf_get(&b), "aé店𠮷\ufffd\ufffd", "put");
	ok(cs_utf8_count(CS_S("aé店𠮷")) == 4, "count");
	ok(cs_utf8_count((struct cs_str){0}) == 0, "count of absent");
	cs_buf_free(&b);
}

static void
width(const char *text, size_t want)
{
	size_t got = cs_text_width(cs_str(text));

	if (!ok(got == want, "width %zu: %s", want, text))
		printf("# got %zu\n", got);
}

static void
widths(void)
{
	width("", 0);
	width("abc 1", 5);
	width("店舗", 4);
	width("ﾃﾝﾎﾟ", 4);
	width("テンポ", 6);
	width("ホ\u309a", 2);
	width("ＡＢ　", 6);
	width("e\u0301", 1);
	width("한국", 4);
	width("\u1112\u1161\u11ab", 2);
	width("😀", 2);
	width("👨‍👩‍👧", 2);
	width("🇯🇵", 2);
	width("👍🏽", 2);
	width("❤️", 2);
	width("①", 1);
	width("𠮷", 2);
	width("\u200b", 0);
}

static void
cluster(const char *text, size_t want)
{
	ok(cs_text_grapheme(cs_str(text)) == want, "cluster of %zu bytes: %s",
	    want, text);
}

static void
clusters(void)
{
	cluster("ab", 1);
	cluster("\r\nx", 2);
	cluster("店舗", 3);
	cluster("e\u0301x", 3);
	cluster("が\u3099", 6);
	cluster("👨‍👩‍👧x", 18);
	cluster("🇯🇵🇰🇷", 8);
	cluster("ﾎﾟ", 6);
}

static void
forms(void)
{
	struct cs_arena a = {0};
	struct cs_str s = CS_S("plain ASCII"), ja = CS_S("店舗のテンポー");

	ok(cs_text_nfc(&a, s).p == s.p && cs_text_nfkc(&a, s).p == s.p,
	    "ASCII is not copied");
	ok(cs_text_nfc(&a, ja).p == ja.p && cs_text_nfkc(&a, ja).p == ja.p,
	    "plain Japanese neither");
	is_str(cs_text_nfc(&a, CS_S("か\u3099ﾊﾟ①")), "がﾊﾟ①", "NFC");
	is_str(cs_text_nfkc(&a, CS_S("か\u3099ﾊﾟ①Ａ１　㈱")), "がパ1A1 (株)",
	    "NFKC");
	ok(cs_text_nfc(&a, (struct cs_str){0}).p == NULL, "absent stays so");
	ok(cs_text_nfkc(&a, CS_S("")).p != NULL, "empty stays so");
	ok(cs_text_nfkc(&a, CS_S("Ａ\0Ｂ")).n == 3, "a NUL does not end it");
	s = CS_S("é\xff");
	ok(cs_str_eq(cs_text_nfc(&a, s), s), "what is not UTF-8 comes back");
	cs_arena_free(&a);
}

static void
blanks(void)
{
	ok(cs_text_is_blank(CS_S("")), "empty is blank");
	ok(cs_text_is_blank((struct cs_str){0}), "absent is blank");
	ok(cs_text_is_blank(CS_S(" \t\r\n\u00a0\u3000\u2003\u2028")),
	    "white space is blank");
	ok(!cs_text_is_blank(CS_S("\u3000x")), "x is not");
	ok(!cs_text_is_blank(CS_S("\u200b")), "nor is a zero width space");
	is_str(cs_text_trim(CS_S("\u3000 店 舗\u00a0\t")), "店 舗", "trim");
	is_str(cs_text_trim(CS_S("店")), "店", "nothing to trim");
	is_str(cs_text_trim(CS_S(" \u3000 ")), "", "all to trim");
	ok(cs_text_trim((struct cs_str){0}).p == NULL, "absent stays absent");
	ok(cs_text_trim(CS_S(" ")).p != NULL, "empty does not become absent");
	is_str(cs_text_trim(CS_S("\xff \x80\x80 ")), "\xff \x80\x80",
	    "broken bytes are no space");
}

static void
json(struct cs_str s, const char *want)
{
	struct cs_buf b = {0};

	cs_text_json(&b, s);
	is_str(cs_buf_get(&b), want, want);
	cs_buf_free(&b);
}

static void
jsons(void)
{
	json(CS_S(""), "\"\"");
	json((struct cs_str){0}, "\"\"");
	json(CS_S("店 \"x\" \\ /"), "\"店 \\\"x\\\" \\\\ /\"");
	json(CS_S("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"");
	json(CS_S("\0\x01\x0b\x1f\x7f"),
	    "\"\\u0000\\u0001\\u000b\\u001f\\u007f\"");
	json(CS_S("\xc2\x80\u2028𠮷"), "\"\xc2\x80\u2028𠮷\"");
}

int
main(void)
{
	valid();
	utf8_suite();
	scalars();
	widths();
	clusters();
	forms();
	forms_suite();
	blanks();
	jsons();
	return done();
}
