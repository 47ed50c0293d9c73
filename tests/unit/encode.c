/* encode: UTF-8 out in old encodings, iconv as the authority */
#include <iconv.h>

#include "decode.h"
#include "encode.h"
#include "tap.h"
#include "text.h"

static struct cs_encode *
open_named(const char *name)
{
	struct cs_err err;
	struct cs_encode *e = cs_encode_open(name, &err);

	if (e == NULL) {
		printf("# %s\n", err.text);
		exit(1);
	}
	return e;
}

/* text comes out as want; at < text.n: it stops there and adds nothing. */
static void
gives(const char *name, struct cs_str text, struct cs_str want, size_t at,
    const char *what)
{
	struct cs_encode *e = open_named(name);
	struct cs_buf out = {0};
	size_t n;

	cs_buf_putc(&out, '>');
	n = cs_encode_text(e, text, &out);
	if (!ok(n == at && out.n == want.n + 1 &&
		    memcmp(out.p + 1, want.p, want.n) == 0,
		"%s: %s", name, what)) {
		printf("# stops at %zu of %zu:", n, text.n);
		for (size_t i = 0; i < out.n; i++)
			printf(" %02x", (unsigned char)out.p[i]);
		printf("\n");
	}
	cs_buf_free(&out);
	cs_encode_free(e);
}

static void
test_texts(void)
{
	static const char *const name[] = {
	    "cp932", "sjis", "Shift_JIS", "windows-31j", "MS932"};

	for (size_t i = 0; i < sizeof(name) / sizeof(*name); i++)
		gives(name[i], CS_S("1,髙①ｱ\\\n"),
		    CS_S("1,\xfb\xfc\x87\x40\xb1\\\n"), 13,
		    "what Windows adds");
	gives("cp932", CS_S(""), CS_S(""), 0, "nothing");
	gives("cp932", CS_S("a😀"), CS_S(""), 1, "beyond the basic plane");
	gives("cp932", CS_S("表é"), CS_S(""), 3, "no such letter");
	gives("cp932", CS_S("ab\xe3\x81"), CS_S(""), 2, "UTF-8 cut off");
	gives("cp932", CS_S("a\x80"), CS_S(""), 1, "no UTF-8");
	gives("cp932", CS_S("\xc1\x81"), CS_S(""), 0, "an overlong A");
	gives("cp932", CS_S("\xe0\x81\x81"), CS_S(""), 0, "and a longer one");
	gives("cp932", CS_S("\xed\xa0\x80"), CS_S(""), 0, "a surrogate");
	gives("eucjp", CS_S("①é表\n"), CS_S("\xad\xa1\x8f\xab\xb1\xc9\xbd\n"),
	    9, "characters of two and three bytes");
	gives("EUC-JP", CS_S("a\xc2\x8e"), CS_S(""), 1, "a C1 control");
	gives("latin1", CS_S("café\n"), CS_S("caf\xe9\n"), 6, "8 bits");
	gives("latin1", CS_S("caf€\n"), CS_S(""), 3, "8 bits that lack it");
	gives("iso-2022-jp", CS_S("山\n"), CS_S("\033$B;3\033(B\n"), 4,
	    "escapes");
	gives("iso-2022-jp", CS_S("1山"), CS_S("1\033$B;3\033(B"), 4,
	    "back to ASCII at the end");
	gives("utf-16", CS_S("a😀"), CS_S("a\0\x3d\xd8\0\xde"), 5,
	    "little-endian");
	gives("utf-16be", CS_S("a\n"), CS_S("\0a\0\n"), 2, "big-endian");
	gives("utf-8", CS_S("é\n"), CS_S("é\n"), 3, "itself");
}

static void
has_mark(const char *name, struct cs_str want, bool is_plain)
{
	struct cs_encode *e = open_named(name);

	ok(cs_str_eq(cs_encode_mark(e), want) &&
		cs_encode_is_plain(e) == is_plain,
	    "%s: %zu bytes stand before the text", cs_encode_name(e), want.n);
	cs_encode_free(e);
}

static void
is_unknown(const char *name)
{
	struct cs_err err = {0};
	char want[128];

	snprintf(want, sizeof(want),
	    "unknown encoding \"%s\" (iconv -l lists the names)", name);
	ok(cs_encode_open(name, &err) == NULL && err.exit == CS_USAGE,
	    "\"%s\" is no encoding", name);
	is_str(cs_str(err.text), want, "  it says");
}

static void
test_names(void)
{
	has_mark("utf8", CS_S(""), true);
	has_mark("cp932", CS_S(""), false);
	has_mark("utf-16", CS_S("\xff\xfe"), false);
	has_mark("UTF16LE", CS_S(""), false);
	has_mark("utf32", CS_S("\xff\xfe\0\0"), false);
	is_unknown("klingon");
	is_unknown("");
	is_unknown("cp932//TRANSLIT");
	is_unknown("unicode"); /* iconv would put a mark before each text */
}

/* ---- every character of the basic plane ---- */

/* What iconv makes of c, 0 bytes: nothing. */
static size_t
by_iconv(iconv_t cd, struct cs_str s, char *to, size_t space)
{
	char *from = (char *)s.p, *at = to;
	size_t n = s.n;

	iconv(cd, NULL, NULL, NULL, NULL);
	if (iconv(cd, &from, &n, &at, &space) == (size_t)-1)
		return 0;
	return (size_t)(at - to);
}

/* Each character alone, as iconv has it, and back again; those that come back
 * as another are told in `others`. */
static void
compare_plane(
    const char *name, const char *iconv_name, size_t want, const char *others)
{
	iconv_t to = iconv_open(iconv_name, "UTF-8");
	iconv_t back = iconv_open("UTF-8", iconv_name);
	struct cs_encode *e = open_named(name);
	struct cs_buf text = {0}, out = {0}, other = {0};
	bool is_euc = strncmp(iconv_name, "EUC", 3) == 0;
	size_t has = 0, wrong = 0;

	for (uint32_t c = 1; c < 0x10000; c++) {
		char there[16], here[16];
		size_t n, m;
		bool has_it;

		if (c == 0xd800)
			c = 0xe000;
		cs_buf_reset(&text);
		cs_buf_reset(&out);
		cs_utf8_put(&text, c);
		n = by_iconv(to, cs_buf_get(&text), there, sizeof(there));
		if (is_euc && c >= 0x80 && c < 0xa0)
			n = 0; /* what decode takes for no text */
		has_it = cs_encode_text(e, cs_buf_get(&text), &out) == text.n;
		has += has_it;
		if (has_it != (n > 0) || out.n != n ||
		    (n > 0 && memcmp(out.p, there, n) != 0)) {
			if (wrong++ < 5)
				printf("# U+%04X differs\n", (unsigned)c);
			continue;
		}
		if (n == 0)
			continue;
		m = by_iconv(
		    back, (struct cs_str){there, n}, here, sizeof(here));
		if (!cs_str_eq((struct cs_str){here, m}, cs_buf_get(&text)))
			cs_buf_printf(&other, "%s%.*s %.*s", other.n ? "," : "",
			    CS_ARG(cs_buf_get(&text)), (int)m, here);
	}
	if (!ok(wrong == 0 && has == want, "%s: the basic plane as iconv",
		name))
		printf("# %zu differ, has %zu\n", wrong, has);
	is_str(cs_buf_get(&other), others, "  what comes back as another");
	cs_buf_free(&text);
	cs_buf_free(&out);
	cs_buf_free(&other);
	cs_encode_free(e);
	iconv_close(to);
	iconv_close(back);
}

/* Long texts of what the set has, with ASCII between, as iconv has them. */
static void
compare_long(const char *name, const char *iconv_name)
{
	iconv_t to = iconv_open(iconv_name, "UTF-8");
	struct cs_encode *e = open_named(name);
	struct cs_buf text = {0}, out = {0}, want = {0};
	uint32_t x = 5;
	size_t at, n;

	while (text.n < 200000) {
		char c[8], there[16];

		x = x * 1664525u + 1013904223u;
		for (n = x >> 27; n > 0; n--)
			cs_buf_putc(&text, (char)(' ' + (x >> 8) % 90));
		for (n = x >> 8 & 7; n > 0; n--) {
			struct cs_buf one = {0};

			x = x * 1664525u + 1013904223u;
			cs_utf8_put(&one, 0xa0 + (x >> 8) % 0xcf00);
			memcpy(c, one.p, one.n);
			if (by_iconv(to, cs_buf_get(&one), there, 16) > 0)
				cs_buf_str(&text, cs_buf_get(&one));
			cs_buf_free(&one);
		}
	}
	want.n = by_iconv(
	    to, cs_buf_get(&text), cs_buf_room(&want, 4 * text.n), 4 * text.n);
	at = cs_encode_text(e, cs_buf_get(&text), &out);
	ok(at == text.n && cs_str_eq(cs_buf_get(&out), cs_buf_get(&want)),
	    "%s: %zu bytes at once as iconv has them", name, text.n);
	cs_buf_puts(&text, "\xff");
	n = out.n;
	ok(cs_encode_text(e, cs_buf_get(&text), &out) == at && out.n == n,
	    "  and nothing of them where the last byte is none");
	cs_buf_free(&text);
	cs_buf_free(&out);
	cs_buf_free(&want);
	cs_encode_free(e);
	iconv_close(to);
}

/* ---- there and back ---- */

/* Pairs of CP932 that come back as others: what NEC and IBM gave it twice. */
static void
test_duplicates(void)
{
	struct cs_encode *e = open_named("cp932");
	struct cs_in *in = cs_in_memory("m", CS_S("x"));
	struct cs_err err;
	struct cs_decode *d = cs_decode_open(in, "cp932", &err);
	struct cs_buf back = {0};
	size_t same = 0, math = 0, ibm = 0, others = 0;

	for (unsigned i = 0; i < 0x10000; i++) {
		char c[2] = {(char)(i >> 8), (char)i};
		struct cs_str raw = {c, 2}, text;

		if (i >> 8 < 0x81 || (i >> 8 >= 0xa0 && i >> 8 < 0xe0) ||
		    cs_decode_line(d, raw, &text) > 0 || text.n < 2)
			continue;
		cs_buf_reset(&back);
		cs_encode_text(e, text, &back);
		if (cs_str_eq(cs_buf_get(&back), raw))
			same++;
		else if (i >> 8 == 0x87)
			math++; /* as the signs of JIS */
		else if (i >> 8 == 0xed || i >> 8 == 0xee)
			ibm++; /* NEC's copy, as IBM's own */
		else
			others++;
	}
	if (!ok(same == 9206 && math == 9 && ibm == 374 && others == 15,
		"CP932 comes back, but for what it has twice"))
		printf("# %zu same, %zu of row 13, %zu of NEC, %zu others\n",
		    same, math, ibm, others);
	cs_buf_free(&back);
	cs_decode_close(d);
	cs_in_close(in);
	cs_encode_free(e);
}

static void
test_post_offices(void)
{
	const char *dir = getenv("CSOPS_SHARED");
	struct cs_encode *e = open_named("cp932");
	struct cs_buf back = {0};
	struct cs_str raw, line, text;
	struct cs_err err;
	struct cs_in *in, *again;
	struct cs_decode *d;
	char path[512];
	bool is_good = true;

	snprintf(path, sizeof(path),
	    "%s/data/japanpost-jigyosyo/JIGYOSYO.CSV.gz",
	    dir ? dir : "../shared");
	in = cs_in_open(path, &err);
	if (in == NULL) {
		skip("JIGYOSYO.CSV there and back", "no shared data");
		cs_encode_free(e);
		return;
	}
	raw = cs_in_peek(in, 10u << 20);
	again = cs_in_memory("m", raw);
	d = cs_decode_open(again, NULL, &err);
	while (cs_in_line(again, &line, &err) == CS_GOT) {
		is_good = is_good && cs_decode_line(d, line, &text) == 0 &&
			  cs_encode_text(e, text, &back) == text.n;
	}
	ok(is_good && cs_str_eq(cs_buf_get(&back), raw),
	    "JIGYOSYO.CSV there and back: the same %zu bytes", raw.n);
	cs_decode_close(d);
	cs_in_close(again);
	cs_in_close(in);
	cs_buf_free(&back);
	cs_encode_free(e);
}

int
main(void)
{
	test_texts();
	test_names();
	compare_plane("cp932", "CP932", 9405,
	    "¢ ￠,£ ￡,¥ \\,¬ ￢,— ―,‖ ∥,‾ ~,− －,〜 ～");
	compare_plane("eucjp", "EUC-JP-MS", 15191,
	    "¢ ￠,£ ￡,¥ \\,¦ ￤,¬ ￢,— ―,‖ ∥,‾ ~,− －,〜 ～");
	compare_long("cp932", "CP932");
	compare_long("eucjp", "EUC-JP-MS");
	compare_long("gb18030", "GB18030");
	test_duplicates();
	test_post_offices();
	return done();
}
