/* decode: which encoding, and what comes out of it */
#include <iconv.h>
#include <zlib.h>

#include "decode.h"
#include "tap.h"

#define CANNOT                                                                 \
	"m: cannot tell the encoding (tried UTF-8, CP932, EUC-JP-MS); give "   \
	"--encoding=NAME"

static const char *
shared(void)
{
	const char *dir = getenv("CSOPS_SHARED");

	return dir ? dir : "../shared";
}

/* UTF-8 text in another encoding, appended to b. */
static void
encode(struct cs_buf *b, struct cs_str s, const char *to)
{
	iconv_t cd = iconv_open(to, "UTF-8");
	size_t n = s.n, space = s.n * 4 + 64;
	char *from = (char *)s.p, *at = cs_buf_room(b, space);

	if (cd == (iconv_t)-1 ||
	    iconv(cd, &from, &n, &at, &space) == (size_t)-1 ||
	    iconv(cd, NULL, NULL, &at, &space) == (size_t)-1) {
		printf("# %.*s has no form in %s\n", CS_ARG(s), to);
		exit(1);
	}
	b->n = (size_t)(at - b->p);
	iconv_close(cd);
}

/* All lines decoded; what was decided. */
struct result {
	struct cs_buf text;
	size_t bad, lines;
	char name[64], reason[256];
	bool is_open;
	enum cs_got end;
	struct cs_err err;
};

static struct result
decode_in(struct cs_in *in, const char *forced)
{
	struct result r = {0};
	struct cs_decode *d = cs_decode_open(in, forced, &r.err);
	struct cs_str raw, text;

	if (d != NULL) {
		r.is_open = true;
		snprintf(r.name, sizeof(r.name), "%s", cs_decode_name(d));
		snprintf(r.reason, sizeof(r.reason), "%s", cs_decode_reason(d));
		while ((r.end = cs_in_line(in, &raw, &r.err)) == CS_GOT) {
			r.bad += cs_decode_line(d, raw, &text);
			cs_buf_str(&r.text, text);
			r.lines++;
		}
		cs_decode_close(d);
	}
	cs_in_close(in);
	return r;
}

static struct result
decode(struct cs_str bytes, const char *forced)
{
	return decode_in(cs_in_memory("m", bytes), forced);
}

/* bytes are seen as name and give want, with bad places. */
static void
gives(struct cs_str bytes, const char *forced, const char *name,
    struct cs_str want, size_t bad, const char *what)
{
	struct result r = decode(bytes, forced);

	if (!ok(r.is_open && strcmp(r.name, name) == 0, "%s: is %s", what,
		name))
		printf("# got %s (%s)\n", r.name,
		    r.is_open ? r.reason : r.err.text);
	if (!ok(cs_str_eq(cs_buf_get(&r.text), want) && r.bad == bad,
		"  and gives its text, %zu places bad", bad))
		printf("# got (%zu bad): %.*s\n", r.bad,
		    CS_ARG(cs_buf_get(&r.text)));
	cs_buf_free(&r.text);
}

/* The text, written in an encoding, is found to be in it. */
static void
is_found(const char *text, const char *iconv_name, const char *name)
{
	struct cs_buf b = {0};
	char what[128];

	snprintf(what, sizeof(what), "\"%.40s\"", text);
	for (char *c = what; *c != '\0'; c++)
		if (*c == '\n' || *c == '\r')
			*c = ' ';
	encode(&b, cs_str(text), iconv_name);
	gives(cs_buf_get(&b), NULL, name, cs_str(text), 0, what);
	cs_buf_free(&b);
}

static void
is_refused(
    struct cs_str bytes, const char *forced, const char *want, const char *what)
{
	struct result r = decode(bytes, forced);

	ok(!r.is_open && r.err.exit == CS_USAGE, "%s: refused with 2", what);
	if (r.is_open)
		printf("# got %s (%s)\n", r.name, r.reason);
	is_str(cs_str(r.err.text), want, "  the reason");
	cs_buf_free(&r.text);
}

static void
test_marks(void)
{
	gives(CS_S("\xef\xbb\xbfid\n\xe4\xba\x8c\n"), NULL, "UTF-8",
	    CS_S("id\n\xe4\xba\x8c\n"), 0, "UTF-8 with a mark");
	gives(CS_S("\xef\xbb\xbf"), NULL, "UTF-8", CS_S(""), 0, "a mark alone");
	gives(CS_S("\xff\xfei\0d\0\n\0\x8c\x4e\n\0"), NULL, "UTF-16LE",
	    CS_S("id\n\xe4\xba\x8c\n"), 0, "UTF-16LE with a mark");
	gives(CS_S("\xfe\xff\0i\0d\0\n\x4e\x8c\0\n"), NULL, "UTF-16BE",
	    CS_S("id\n\xe4\xba\x8c\n"), 0, "UTF-16BE with a mark");
	gives(CS_S("\xff\xfe\0\0i\0\0\0\n\0\0\0"), NULL, "UTF-32LE",
	    CS_S("i\n"), 0, "UTF-32LE with a mark");
	gives(CS_S("\0\0\xfe\xff\0\0\0i\0\0\0\n"), NULL, "UTF-32BE",
	    CS_S("i\n"), 0, "UTF-32BE with a mark");
	gives(CS_S("\xef\xbb\xbf\x81\n"), NULL, "UTF-8", CS_S("\xef\xbf\xbd\n"),
	    1, "a mark decides, whatever follows");
}

static void
test_units(void)
{
	/* Full-width blanks (3000), 4E00 and 4E0A hold 00 and 0A. */
	const char *text = "id,名前\r\n1,一　上　一\r\n2,😀\r\n";

	is_found(text, "UTF-16LE", "UTF-16LE");
	is_found(text, "UTF-16BE", "UTF-16BE");
	is_found(text, "UTF-32LE", "UTF-32LE");
	is_found(text, "UTF-32BE", "UTF-32BE");
	gives(CS_S("a,b\n12,\0\n\0,\0\n"), NULL, "UTF-8",
	    CS_S("a,b\n12,\0\n\0,\0\n"), 0, "ASCII with NULs in it");
	gives(
	    CS_S("\0\0\0\0"), NULL, "UTF-8", CS_S("\0\0\0\0"), 0, "NULs only");
	gives(CS_S("\xff\xfe\n\0\x01\xd8\n\0a\0\n\0\x01\xdc"), NULL, "UTF-16LE",
	    CS_S("\n\xef\xbf\xbd\na\n\xef\xbf\xbd"), 2, "lone surrogates");
	gives(CS_S("\xff\xfe"
		   "a\0\n\0b"),
	    NULL, "UTF-16LE", CS_S("a\n\xef\xbf\xbd"), 1,
	    "half a unit at the end");
	gives(CS_S("\xff\xfe"
		   "a\0\n\0\x3d\xd8"),
	    NULL, "UTF-16LE", CS_S("a\n\xef\xbf\xbd"), 1,
	    "half a pair at the end");
	gives(CS_S("i\0d\0\n\0"), "utf16", "UTF-16LE", CS_S("id\n"), 0,
	    "--encoding=utf16 looks for the order");
	gives(CS_S("\0i\0d\0\n"), "UTF-16", "UTF-16BE", CS_S("id\n"), 0,
	    "--encoding=UTF-16 looks for the order");
	gives(CS_S("\xfe\xff\0i\0\n"), "UTF-16", "UTF-16BE", CS_S("i\n"), 0,
	    "--encoding=UTF-16 looks for the mark");
	gives(CS_S("\x81\x82\x25\x83"), "EBCDIC-US", "EBCDIC-US", CS_S("ab\nc"),
	    0, "EBCDIC, whose line end is 25");
}

/* UTF-16 in blocks, units and pairs across their borders. */
static void
test_long_units(void)
{
	struct cs_buf text = {0}, b = {0};

	for (size_t i = 0; text.n < (6u << 20); i++)
		cs_buf_printf(&text, "%zu,😀上%.*s\n", i, (int)(i % 3), "xy");
	cs_buf_putc(&b, '\xff');
	cs_buf_putc(&b, '\xfe');
	encode(&b, cs_buf_get(&text), "UTF-16LE");
	gives(cs_buf_get(&b), NULL, "UTF-16LE", cs_buf_get(&text), 0,
	    "6 MiB of UTF-16LE");
	cs_buf_free(&b);
	cs_buf_free(&text);
}

static void
test_utf8(void)
{
	struct result r;

	gives(CS_S(""), NULL, "UTF-8", CS_S(""), 0, "nothing");
	r = decode(CS_S("a,b\n"), NULL);
	is_str(cs_str(r.reason), "all 4 bytes read are 7-bit", "reason: 7-bit");
	cs_buf_free(&r.text);
	r = decode(CS_S("\xe4\xba\x8c\n"), NULL);
	is_str(cs_str(r.reason), "all 4 bytes read are UTF-8", "reason: UTF-8");
	cs_buf_free(&r.text);
	/* Each maximal subpart is one place (Unicode, table 3-8). */
	gives(CS_S("a\x80z \xc0\xaf \xf0\x80\x80\x41 \xed\xa0\x80 \xf0\x90\x80"
		   " \xe4\xba\n"),
	    "utf-8", "UTF-8",
	    CS_S("a\xef\xbf\xbdz \xef\xbf\xbd\xef\xbf\xbd "
		 "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\x41 "
		 "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd \xef\xbf\xbd "
		 "\xef\xbf\xbd\n"),
	    11, "broken UTF-8");
	gives(CS_S("\xef\xbb\xbfx\n"), "utf8", "UTF-8", CS_S("x\n"), 0,
	    "the mark is taken off a named UTF-8 too");
}

/* Only the first 4 MiB decide; what comes later is told per line. */
static void
test_late(void)
{
	struct cs_buf b = {0}, want = {0};

	while (b.n < (4u << 20) - 2)
		cs_buf_puts(&b, "0123456\n");
	cs_buf_str(&want, cs_buf_get(&b));
	cs_buf_puts(&b, "\x8e\x52,\n");
	cs_buf_puts(&want, "\xef\xbf\xbdR,\n");
	gives(cs_buf_get(&b), NULL, "UTF-8", cs_buf_get(&want), 1,
	    "CP932 after 4 MiB of ASCII");
	cs_buf_free(&b);
	cs_buf_free(&want);

	/* A character across the border of what was read. */
	cs_buf_puts(&b, "x\nx");
	for (int i = 0; i < 1500000; i++)
		cs_buf_puts(&b, "\xe3\x81\x82");
	gives(cs_buf_get(&b), NULL, "UTF-8", cs_buf_get(&b), 0,
	    "UTF-8 cut inside a character by the border");
	cs_buf_reset(&want);
	encode(&want, cs_buf_get(&b), "CP932");
	gives(cs_buf_get(&want), NULL, "CP932", cs_buf_get(&b), 0,
	    "CP932 of 3 MiB in one line");
	for (int i = 0; i < 1500000; i++)
		cs_buf_puts(&b, "\xe3\x81\x84");
	cs_buf_reset(&want);
	encode(&want, cs_buf_get(&b), "EUC-JP-MS");
	gives(cs_buf_get(&want), NULL, "EUC-JP-MS", cs_buf_get(&b), 0,
	    "EUC-JP cut inside a character by the border");
	cs_buf_free(&b);
	cs_buf_free(&want);
}

static void
test_japanese(void)
{
	static const char *const both[] = {
	    "id,氏名,住所\r\n1,佐藤 花子,東京都千代田区\r\n",
	    "あいうえお\n",
	    "はい\nいいえ\nはい\n",
	    "サンプル\n",
	    "会員番号,売上\n1,2\n",
	    "株式会社\n",
	    "山田\n",
	    "都\n",
	    "売上①,㈱髙島屋,～\n",
	    "ﾒﾓ,商品名\n1,在庫切れ\n",
	};
	static const char *const half[] = {
	    "ｶﾌﾞｼｷｶﾞｲｼｬ\n",
	    "ﾔﾏﾀﾞ ﾀﾛｳ\n",
	    "ｻﾄｳ ﾊﾅｺ\n",
	    "ﾃｽﾄ\n",
	    "ﾒﾓ\n",
	    "1,ｽｽﾞｷ ｲﾁﾛｳ\r\n2,ﾀｶﾊｼ ﾖｳｺ\r\n",
	    "ﾐﾂﾋﾞｼ\n",
	    "ｶ)ﾔﾏﾀﾞｼﾖｳｶｲ\n",
	    "ｱｲｳｴｵ\nｶｷｸｹｺ\n",
	};

	for (size_t i = 0; i < sizeof(both) / sizeof(both[0]); i++) {
		is_found(both[i], "CP932", "CP932");
		is_found(both[i], "EUC-JP-MS", "EUC-JP-MS");
	}
	for (size_t i = 0; i < sizeof(half) / sizeof(half[0]); i++)
		is_found(half[i], "CP932", "CP932");
}

static void
test_one_kanji(void)
{
	static const char *const kanji[] = {
	    "山", "東", "店", "上", "表", "写", "髙", "聖", "淡", "陰", "菊"};
	/* In EUC some are letters of UTF-8 too, which comes first. */
	static const char *const euc[] = {"山", "東", "上", "社", "田"};

	for (size_t i = 0; i < sizeof(kanji) / sizeof(kanji[0]); i++) {
		struct cs_buf b = {0};

		for (int row = 0; row < 200; row++)
			cs_buf_printf(&b, "%d,abc,2020-01-01,%s\r\n", row,
			    row == 150 ? kanji[i] : "");
		is_found(cs_buf_z(&b), "CP932", "CP932");
		cs_buf_free(&b);
	}
	for (size_t i = 0; i < sizeof(euc) / sizeof(euc[0]); i++) {
		struct cs_buf b = {0};

		for (int row = 0; row < 200; row++)
			cs_buf_printf(&b, "%d,abc,2020-01-01,%s\r\n", row,
			    row == 150 ? euc[i] : "");
		is_found(cs_buf_z(&b), "EUC-JP-MS", "EUC-JP-MS");
		cs_buf_free(&b);
	}
}

static void
test_damaged(void)
{
	struct cs_buf b = {0}, want = {0};
	struct result r;

	for (int i = 0; i < 100; i++)
		cs_buf_puts(&want, "1,売上の表,カナ\n");
	encode(&b, cs_buf_get(&want), "CP932");
	cs_buf_puts(&b, "\x8e,\xff\"\n");
	cs_buf_puts(&want, "\xef\xbf\xbd,\xef\xbf\xbd\"\n");
	gives(cs_buf_get(&b), NULL, "CP932", cs_buf_get(&want), 2,
	    "CP932 with a broken line");
	r = decode(cs_buf_get(&b), NULL);
	is_str(cs_str(r.reason),
	    "2 of 1,605 bytes read do not decode as CP932, but more kana and "
	    "kanji than as EUC-JP-MS",
	    "  the reason");
	cs_buf_free(&r.text);
	cs_buf_free(&b);
	cs_buf_free(&want);
	/* EB40 has the form of a character and is none: one place. The first
	 * byte alone takes no comma, quote or line end with it. */
	gives(CS_S("\xeb\x40|\x8e,\x8e\"\x8e\n\x8e"), "cp932", "CP932",
	    CS_S("\xef\xbf\xbd|\xef\xbf\xbd,\xef\xbf\xbd\"\xef\xbf\xbd\n"
		 "\xef\xbf\xbd"),
	    5, "broken CP932");
	gives(CS_S("\xa9\xa1,\xb0,\x92\x8f\xa2\n"), "eucjp", "EUC-JP-MS",
	    CS_S("\xef\xbf\xbd,\xef\xbf\xbd,\xef\xbf\xbd\xef\xbf\xbd"
		 "\xef\xbf\xbd\n"),
	    5, "broken EUC-JP");
}

static void
test_jis(void)
{
	/* A line that ends outside ASCII does not leak into the next. */
	gives(CS_S("\033$B;3ED\n1,\033(I6E\033(B,\033$B-!\033(J~\n"), NULL,
	    "ISO-2022-JP", CS_S("山田\n1,ｶﾅ,①~\n"), 0,
	    "ISO-2022-JP with half-width kana and (1)");
	gives(CS_S("\033$B;\n\033$B;3\033(Bx\033$Zy\xb1\n"), "iso-2022-jp",
	    "ISO-2022-JP",
	    CS_S("\xef\xbf\xbd\n山x\xef\xbf\xbd$Zy\xef\xbf\xbd\n"), 3,
	    "broken ISO-2022-JP");
	gives(CS_S("a\033[1mb\n"), NULL, "UTF-8", CS_S("a\033[1mb\n"), 0,
	    "an ESC of a terminal");
}

static void
test_names(void)
{
	static const char *const cp932[] = {"sjis", "Shift_JIS", "shift-jis",
	    "MS932", "windows-31j", "Windows_31J", "CP932", "x-sjis"};
	static const char *const euc[] = {
	    "eucjp", "EUC-JP", "euc_jp", "EUC-JP-MS"};

	for (size_t i = 0; i < sizeof(cp932) / sizeof(cp932[0]); i++)
		gives(CS_S("\x87\x40\\~\n"), cp932[i], "CP932", CS_S("①\\~\n"),
		    0, cp932[i]);
	for (size_t i = 0; i < sizeof(euc) / sizeof(euc[0]); i++)
		gives(CS_S("\xad\xa1\n"), euc[i], "EUC-JP-MS", CS_S("①\n"), 0,
		    euc[i]);
	gives(CS_S("caf\xe9\n"), "latin1", "latin1", CS_S("café\n"), 0,
	    "a name of iconv's");
	gives(CS_S("\xb0\xa1\n"), "euc_kr", "euc-kr", CS_S("가\n"), 0,
	    "a name with _ where iconv has -");
	is_refused(CS_S("x\n"), "klingon",
	    "unknown encoding \"klingon\" (iconv -l lists the names)",
	    "an unknown name");
	is_refused(CS_S("x\n"), "",
	    "unknown encoding \"\" (iconv -l lists the names)", "no name");
	is_refused(CS_S("x\n"), "UTF-8//IGNORE",
	    "unknown encoding \"UTF-8//IGNORE\" (iconv -l lists the names)",
	    "a name with iconv's switches");
}

static void
test_latin(void)
{
	const char *text = "Nombre;Precio\nJosé Muñoz;30 €\nÍñigo Pérez, "
			   "peón en A Coruña;25 €\nMaría Núñez;5 €\n";

	is_found(text, "ISO-8859-15", "ISO-8859-15");
	is_found("Nombre;Precio\nJosé Muñoz;30\nÍñigo Pérez, peón en A "
		 "Coruña;25\nMaría Núñez;5\n",
	    "ISO-8859-1", "ISO-8859-1");
	is_found("nom;note\nZoë;l’été à Genève\nFrançois;cœur “à cœur”\n",
	    "WINDOWS-1252", "WINDOWS-1252");
}

static void
test_doubt(void)
{
	is_refused(CS_S("name\nJos\xe9\n"), NULL, CANNOT, "one letter");
	is_refused(CS_S("Gr\xf6\xdf"
			"e\n"),
	    NULL, CANNOT, "two letters that are one character of CP932");

	is_refused(CS_S("\xb3\xbb\xc6\xa3\n"), NULL, CANNOT,
	    "kana of CP932 or kanji of EUC-JP");
	is_refused(CS_S("\x81\xff\xfe\xfd\x80\xff\n"), NULL, CANNOT, "noise");
	/* Simplified Chinese (GB 2312) decodes as EUC-JP. */
	is_refused(CS_S("\xbf\xcd\xbb\xa7\xc3\xfb\xb3\xc6\xb5\xd8\xd6\xb7\xb5"
			"\xe7\xbb\xb0\xba\xc5\xc2\xeb\n"),
	    NULL, CANNOT, "Chinese");
}

static void
test_guess(void)
{
	is_str(cs_str(cs_decode_guess(CS_S("\x8e\x52\x93\x63,1\n"))), "CP932",
	    "guess CP932");
	is_str(cs_str(cs_decode_guess(CS_S("\xa4\xa2\xa4\xa4\n"))), "EUC-JP-MS",
	    "guess EUC-JP-MS");
	is_str(cs_str(cs_decode_guess(CS_S("i\0d\0\n\0"))), "UTF-16LE",
	    "guess UTF-16LE");
	ok(cs_decode_guess(CS_S("abc\n")) == NULL, "guess nothing for ASCII");
	ok(cs_decode_guess(CS_S("\xe4\xba\x8c\n")) == NULL, "nor for UTF-8");
	ok(cs_decode_guess(CS_S("\xe4\xba\x8c\xe4\xba")) == NULL,
	    "nor for UTF-8 that is cut");
	ok(cs_decode_guess(CS_S("Jos\xe9\n")) == NULL, "nor in doubt");
}

static void
test_raw(void)
{
	struct cs_in *in = cs_in_memory("m", CS_S("abc\n\x8e\x52\n"));
	struct cs_err err;
	struct cs_decode *d = cs_decode_open(in, "cp932", &err);
	struct cs_str raw, text;

	cs_in_line(in, &raw, &err);
	ok(cs_decode_line(d, raw, &text) == 0 && text.p == raw.p,
	    "an ASCII line is not copied");
	is_str(cs_str(cs_decode_reason(d)), "given by --encoding",
	    "reason of a name given");
	cs_decode_close(d);
	cs_in_close(in);
}

/* Bytes that are refused are named: where, and how many show it. */
static void
is_where(const char *name, struct cs_str raw, size_t at, size_t n)
{
	struct cs_in *in = cs_in_memory("m", CS_S("x"));
	struct cs_err err;
	struct cs_decode *d = cs_decode_open(in, name, &err);
	size_t got_n, got = cs_decode_where(d, raw, &got_n);

	if (!ok(got == at && got_n == n, "%s: %zu bytes at %zu", name, n, at))
		printf("# got %zu at %zu\n", got_n, got);
	cs_decode_close(d);
	cs_in_close(in);
}

static void
test_where(void)
{
	is_where("cp932", CS_S("1,\x8e\x52\x8e,"), 4, 2);
	is_where("cp932", CS_S("a\nb\xeb\x40\xff"), 3, 2);
	is_where("cp932", CS_S("ab\xff"), 2, 1);
	is_where("cp932", CS_S("ab\x81"), 2, 1);
	is_where("cp932", CS_S("ab"), 2, 0);
	is_where("eucjp", CS_S("\xa4\xa2\x8f\xa1\xa1\xa1"), 2, 3);
	is_where("eucjp", CS_S("\x8f\xa2"), 0, 2);
	is_where("jis", CS_S("a\n\033$B;3;\n"), 7, 1);
	is_where("utf-8", CS_S("a\xe4\xba\n\xff"), 1, 2);
	is_where("windows-1252", CS_S("caf\xe9\x81"), 4, 1);
	is_where("euc-kr", CS_S("\xb0\xa1\xff\xb0"), 2, 2);
	is_where("utf-16le", CS_S("a\xff"), 0, 0);
}

/* ---- blocks: the table against iconv itself ---- */

/* What iconv makes of s; false where it refuses some of it. */
static bool
by_iconv(iconv_t cd, struct cs_str s, struct cs_buf *out)
{
	size_t n = s.n, space = s.n * 4 + 16;
	char *from = (char *)s.p, *at;

	cs_buf_reset(out);
	at = cs_buf_room(out, space);
	iconv(cd, NULL, NULL, NULL, NULL);
	if (iconv(cd, &from, &n, &at, &space) == (size_t)-1 ||
	    iconv(cd, NULL, NULL, &at, &space) == (size_t)-1)
		return false;
	out->n = (size_t)(at - out->p);
	return true;
}

/* Controls of EUC that iconv passes and no text has (see decode_conv.c). */
static bool
has_c1(struct cs_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c >= 0x80 && c < 0xa0 && c != 0x8e && c != 0x8f)
			return true;
	}
	return false;
}

/* An encoding both ways. */
struct both {
	const char *name;
	bool is_euc;
	struct cs_in *in;
	struct cs_decode *d;
	iconv_t cd;
	struct cs_buf want, got;
	size_t seen, wrong;
};

static struct both
open_both(const char *name)
{
	struct both b = {.name = name};
	struct cs_err err;

	b.is_euc = strncmp(name, "EUC", 3) == 0;
	b.in = cs_in_memory("m", CS_S("x"));
	b.d = cs_decode_open(b.in, name, &err);
	b.cd = iconv_open("UTF-8", name);
	if (b.d == NULL || b.cd == (iconv_t)-1)
		abort();
	return b;
}

static void
close_both(struct both *b)
{
	cs_decode_close(b->d);
	cs_in_close(b->in);
	iconv_close(b->cd);
	cs_buf_free(&b->want);
	cs_buf_free(&b->got);
}

/* One line, with or without its end. */
static void
compare(struct both *b, struct cs_str s)
{
	bool good = by_iconv(b->cd, s, &b->want) && !(b->is_euc && has_c1(s));
	struct cs_str text;
	size_t used, bad;

	if (s.n > 1 && memchr(s.p, '\n', s.n - 1) != NULL)
		return; /* two lines */
	cs_buf_reset(&b->got);
	cs_buf_putc(&b->got, '>');
	used = cs_decode_block(b->d, s, &b->got);
	b->seen++;
	if (good && used == s.n && b->got.n == b->want.n + 1 &&
	    memcmp(b->got.p + 1, b->want.p, b->want.n) == 0)
		;
	else if (good || used != 0 || b->got.n != 1)
		b->wrong++;
	bad = cs_decode_line(b->d, s, &text);
	b->wrong += (bad == 0) != good;
	b->wrong += good && !cs_str_eq(text, cs_buf_get(&b->want));
	if (b->wrong == 1) {
		printf("# %s:", b->name);
		for (size_t i = 0; i < s.n; i++)
			printf(" %02x", (unsigned char)s.p[i]);
		printf("\n");
		b->wrong++;
	}
}

/* Every line of one, two and (first, where given) three bytes. */
static void
compare_short(const char *name, int first)
{
	struct both b = open_both(name);
	char s[4];

	for (int i = 0; i < 256; i++) {
		s[0] = (char)i;
		s[1] = '\n';
		compare(&b, (struct cs_str){s, 1});
		compare(&b, (struct cs_str){s, 2});
		for (int k = 0; k < 256; k++) {
			s[1] = (char)k;
			s[2] = '\n';
			compare(&b, (struct cs_str){s, 2});
			compare(&b, (struct cs_str){s, 3});
			if (first == 0)
				continue;
			s[0] = (char)first;
			s[1] = (char)i;
			s[2] = (char)k;
			s[3] = '\n';
			compare(&b, (struct cs_str){s, 3});
			compare(&b, (struct cs_str){s, 4});
			s[0] = (char)i;
		}
	}
	ok(b.wrong == 0, "%s: all short lines (%zu) as iconv has them", name,
	    b.seen);
	close_both(&b);
}

static uint32_t
next_random(uint32_t *x)
{
	*x = *x * 1664525u + 1013904223u;
	return *x >> 8;
}

/* Appends a line: runs of ASCII of many lengths, characters, some noise. */
static void
random_line(struct both *b, uint32_t *x, unsigned noise, struct cs_buf *line)
{
	size_t runs = next_random(x) % 12;

	for (size_t i = 0; i < runs; i++) {
		size_t n = next_random(x) % 40;

		while (n-- > 0 && i % 2 == 0)
			cs_buf_putc(line, (char)(' ' + next_random(x) % 90));
		for (n = next_random(x) % 9; n > 0; n--) {
			char c[2];
			c[0] = (char)(0x80 + next_random(x) % 0x80);
			c[1] = (char)(0x40 + next_random(x) % 0xc0);
			if (next_random(x) % 1000 < noise ||
			    by_iconv(b->cd, (struct cs_str){c, 2}, &b->want))
				cs_buf_add(line, c, 2);
		}
	}
	cs_buf_putc(line, '\n');
}

/* Blocks of many lines, cut at the lines that do not decode. */
static void
compare_blocks(const char *name, unsigned noise)
{
	struct both b = open_both(name);
	struct cs_buf raw = {0}, got = {0}, want = {0};
	struct cs_str rest, line, text;
	size_t blocks = 0, bad = 0, want_bad = 0;
	uint32_t x = 7 + noise;

	for (int i = 0; i < 3000; i++)
		random_line(&b, &x, noise, &raw);
	raw.n--; /* the last line lacks its end */
	rest = cs_buf_get(&raw);
	while (rest.n > 0) {
		size_t n = cs_decode_block(b.d, rest, &got);

		blocks++;
		if (n == 0) {
			const char *lf = cs_str_chr(rest, '\n');

			n = lf ? (size_t)(lf + 1 - rest.p) : rest.n;
			bad += cs_decode_line(
			    b.d, (struct cs_str){rest.p, n}, &text);
			cs_buf_str(&got, text);
		}
		rest.p += n;
		rest.n -= n;
	}
	rest = cs_buf_get(&raw);
	while (cs_str_next(&rest, '\n', &line)) {
		if (rest.p != NULL)
			line.n++;
		want_bad += cs_decode_line(b.d, line, &text);
		cs_buf_str(&want, text);
		compare(&b, line);
	}
	ok(b.wrong == 0 && bad == want_bad && (bad > 0) == (noise > 0) &&
		cs_str_eq(cs_buf_get(&got), cs_buf_get(&want)),
	    "%s: %zu bytes in %zu blocks as by lines, %zu places bad", name,
	    raw.n, blocks, bad);
	cs_buf_free(&raw);
	cs_buf_free(&got);
	cs_buf_free(&want);
	close_both(&b);
}

/* What kind of encoding the name is for the fast way. */
static void
has_blocks(const char *name, struct cs_str bytes, bool is_plain, bool has)
{
	struct cs_in *in = cs_in_memory("m", bytes);
	struct cs_err err;
	struct cs_decode *d = cs_decode_open(in, name, &err);

	ok(d != NULL && cs_decode_is_plain(d) == is_plain &&
		cs_decode_has_blocks(d) == has,
	    "%s: %s", name,
	    is_plain ? "plain"
	    : has    ? "blocks"
		     : "lines only");
	cs_decode_close(d);
	cs_in_close(in);
}

static void
test_blocks(void)
{
	struct cs_in *in = cs_in_memory("m", CS_S("x"));
	struct cs_buf out = {0};
	struct cs_err err;
	struct cs_decode *d = cs_decode_open(in, "utf-8", &err);

	ok(cs_decode_block(d, CS_S("a\n\xe4\xba\x8c\nb\xff\nc\n"), &out) == 6,
	    "a block of UTF-8 ends before the line that is not");
	is_str(cs_buf_get(&out), "a\n\xe4\xba\x8c\n", "  its lines");
	ok(cs_decode_block(d, CS_S("b\xff\nc\n"), &out) == 0 && out.n == 6,
	    "  and then gives nothing");
	cs_buf_free(&out);
	cs_decode_close(d);
	cs_in_close(in);
	has_blocks("utf-8", CS_S("a\n"), true, true);
	has_blocks("utf-16le", CS_S("a\0"), true, true);
	has_blocks("cp932", CS_S("a\n"), false, true);
	has_blocks("euc-jp", CS_S("a\n"), false, true);
	has_blocks("windows-1252", CS_S("a\n"), false, true);
	has_blocks("koi8-r", CS_S("a\n"), false, true);
	/* A base letter waits for its mark. */
	has_blocks("windows-1258", CS_S("a\n"), false, false);
	has_blocks("iso-2022-jp", CS_S("a\n"), false, false);
	has_blocks("utf-7", CS_S("a\n"), false, false);
	has_blocks("gbk", CS_S("a\n"), false, false);
	compare_short("CP932", 0);
	compare_short("EUC-JP-MS", 0x8f);
	compare_short("ISO-8859-15", 0);
	compare_short("WINDOWS-1252", 0);
	compare_blocks("CP932", 0);
	compare_blocks("CP932", 20);
	compare_blocks("EUC-JP-MS", 20);
}

static void
test_post_offices(void)
{
	char path[512];
	struct cs_buf raw = {0}, back = {0};
	struct result r;
	struct cs_in *in;
	struct cs_err err;

	snprintf(path, sizeof(path),
	    "%s/data/japanpost-jigyosyo/JIGYOSYO.CSV.gz", shared());
	in = cs_in_open(path, &err);
	if (in == NULL) {
		skip("JIGYOSYO.CSV", "no shared data");
		return;
	}
	cs_buf_str(&raw, cs_in_peek(in, 10u << 20));
	ok(raw.n == 3019304, "JIGYOSYO.CSV has 3,019,304 bytes");
	r = decode_in(in, NULL);
	is_str(cs_str(r.name), "CP932", "  is CP932");
	is_str(cs_str(r.reason),
	    "all 3,019,304 bytes read decode as CP932, not as UTF-8",
	    "  the reason");
	ok(r.lines == 21845 && r.bad == 0, "  21,845 lines, none bad");
	encode(&back, cs_buf_get(&r.text), "CP932");
	ok(cs_str_eq(cs_buf_get(&back), cs_buf_get(&raw)),
	    "  and back to the same bytes");
	cs_buf_free(&back);
	cs_buf_free(&raw);
	cs_buf_free(&r.text);
}

int
main(void)
{
	test_marks();
	test_units();
	test_long_units();
	test_utf8();
	test_late();
	test_japanese();
	test_one_kanji();
	test_damaged();
	test_jis();
	test_names();
	test_latin();
	test_doubt();
	test_guess();
	test_raw();
	test_where();
	test_blocks();
	test_post_offices();
	return done();
}
