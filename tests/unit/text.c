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

/* Said another way than the library does: by the value of each character. */
static size_t
slow_valid(struct cs_str s)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *p = (const unsigned char *)s.p;
	size_t i = 0;

	while (i < s.n) {
		size_t n = p[i] < 0x80	 ? 1
			   : p[i] < 0xc0 ? 0
			   : p[i] < 0xe0 ? 2
			   : p[i] < 0xf0 ? 3
			   : p[i] < 0xf8 ? 4
					 : 0;
		uint32_t cp = n > 1 ? p[i] & (0x7fu >> n) : p[i];

		if (n == 0 || s.n - i < n)
			return i;
		for (size_t k = 1; k < n; k++) {
			if ((p[i + k] & 0xc0) != 0x80)
				return i;
			cp = cp << 6 | (p[i + k] & 0x3f);
		}
		if (cp < least[n] || cp > 0x10ffff || (cp >> 11) == 0x1b)
			return i;
		i += n;
	}
	return i;
}

/* Puts the four bytes at each of some places of a text, long ones for the
 * vector code, and ends texts behind each of them. */
static bool
four_bytes(const unsigned char seq[4], char *text, size_t size)
{
	static const size_t place[] = {0, 5, 28, 29, 31, 32, 62, 95};
	bool same = true;

	for (size_t i = 0; i < sizeof(place) / sizeof(*place) && same; i++) {
		char kept[4], *at = text + place[i];

		memcpy(kept, at, sizeof(kept));
		memcpy(at, seq, sizeof(kept));
		for (size_t n = 1; n <= 5 && same; n++) {
			struct cs_str s = {text, n == 5 ? size : place[i] + n};

			same = cs_utf8_valid(s) == slow_valid(s);
		}
		memcpy(at, kept, sizeof(kept));
	}
	return same;
}

static void
valid_edges(void)
{
	static const unsigned char edge[] = {0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90,
	    0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed,
	    0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff};
	enum { N = sizeof(edge), SIZE = 102 };
	char ascii[SIZE], kana[SIZE];
	bool same = true;

	memset(ascii, 'a', SIZE);
	for (size_t i = 0; i < SIZE; i++)
		kana[i] = "\xe3\x81\x82"[i % 3];
	for (size_t i = 0; i < N * N * N * N && same; i++) {
		unsigned char seq[4] = {edge[i % N], edge[i / N % N],
		    edge[i / N / N % N], edge[i / N / N / N]};

		same = four_bytes(seq, i % 2 == 0 ? ascii : kana, SIZE);
		if (!same)
			printf("# %02x %02x %02x %02x\n", seq[0], seq[1],
			    seq[2], seq[3]);
	}
	ok(same, "four bytes at the edges of what is valid, at many places");
	for (size_t i = 0; i < 0x1000000 && same; i += 1 + i % 7) {
		unsigned char seq[4] = {(unsigned char)(i >> 16),
		    (unsigned char)(i >> 8), (unsigned char)i, 'a'};
		struct cs_str s = {ascii, 70};

		memcpy(ascii + 30, seq, sizeof(seq));
		same = cs_utf8_valid(s) == slow_valid(s);
		s = (struct cs_str){ascii + 30, 4};
		same = same && cs_utf8_valid(s) == slow_valid(s);
	}
	ok(same, "every fourth of all three bytes");
}

static void
valid_random(void)
{
	static const char *const piece[] = {"a", "xyz", "\xc3\x84",
	    "\xe3\x81\x82", "\xe5\xba\x97", "\xf0\xa0\xae\xb7", "\xef\xbf\xbf",
	    "\xed\x9f\xbf", "0123456789012345678901234567890123456789"};
	uint32_t state = 1;
	struct cs_buf b = {0};
	bool same = true;

	for (size_t i = 0; i < 100000 && same; i++) {
		cs_buf_reset(&b);
		for (size_t k = 0; k < i % 60; k++) {
			state = state * 1664525 + 1013904223;
			cs_buf_puts(&b, piece[(state >> 16) % 9]);
		}
		same = cs_utf8_valid(cs_buf_get(&b)) == b.n;
		if (b.n == 0)
			continue;
		state = state * 1664525 + 1013904223;
		b.p[(state >> 8) % b.n] = (char)state;
		same = same && cs_utf8_valid(cs_buf_get(&b)) ==
				   slow_valid(cs_buf_get(&b));
	}
	ok(same, "texts of all kinds, whole and with one byte made another");
	cs_buf_free(&b);
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

/* a,b,c as an option gives it. */
static void
names(void)
{
	static const struct {
		const char *list;
		const char *name[4];
	} t[] = {
	    {"a,b", {"a", "b"}},
	    {"", {""}},
	    {"a,", {"a", ""}},
	    {"\"a,b\",c", {"a,b", "c"}},
	    {"c,\"a,b\"", {"c", "a,b"}},
	    {"\"say \"\"hi\"\", all\"", {"say \"hi\", all"}},
	    {"\"\",x", {"", "x"}},
	    {"19\"tv,x", {"19\"tv", "x"}},
	    {"\"a,b", {"\"a", "b"}},
	    {"\"a\"b,c", {"\"a\"b", "c"}},
	    {"\"a\"\",c", {"\"a\"\"", "c"}},
	    {"\"", {"\""}},
	};
	struct cs_arena a = {0};
	struct cs_buf b = {0};

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		struct cs_str rest = cs_str(t[i].list), name;
		size_t n = 0;
		bool good = true;

		while (cs_names_next(&rest, &a, &name)) {
			good = good && n < 4 && t[i].name[n] != NULL &&
			       cs_str_is(name, t[i].name[n]);
			n++;
		}
		ok(good && t[i].name[n] == NULL && rest.p == NULL,
		    "names of %s", t[i].list);
	}
	cs_names_put(&b, CS_S("a"));
	cs_names_put(&b, CS_S("b,c"));
	cs_names_put(&b, CS_S("19\"tv"));
	cs_names_put(&b, CS_S("\"q\""));
	is_str(cs_buf_get(&b), "a,\"b,c\",19\"tv,\"\"\"q\"\"\"",
	    "a list of names, quoted where they must be");
	cs_buf_free(&b);
	cs_arena_free(&a);
}

int
main(void)
{
	valid();
	valid_edges();
	valid_random();
	utf8_suite();
	scalars();
	widths();
	clusters();
	forms();
	forms_suite();
	blanks();
	jsons();
	names();
	return done();
}
