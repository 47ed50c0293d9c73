#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uchardet/uchardet.h>

#include "decode.h"
#include "text.h"

enum { PEEK = 4 << 20 }; /* bytes looked at before deciding */

/* What a family of encodings needs that iconv does not tell. */
enum set { UTF8, UNITS, CP932, EUC, JIS, OTHER };

/* One encoding on its way to UTF-8. */
struct conv {
	enum set set;
	size_t unit; /* bytes in a code unit */
	size_t most; /* holes to go on after */
	iconv_t cd;
	struct cs_buf euc; /* JIS, EUC: the line as iconv takes it */
};

struct cs_decode {
	char name[64];
	char reason[256];
	struct conv conv;
	bool is_filtered;    /* lines come as UTF-8 already */
	bool is_ascii_plain; /* 7-bit bytes are ASCII in it */
	struct cs_buf line;
};

/* What was decided, and why. */
struct verdict {
	char name[64];
	char reason[256];
};

/* Names that people and programs use, without regard to case, - and _. */
static const struct alias {
	const char *alias, *name;
} aliases[] = {
    {"utf8", "UTF-8"},
    {"utf8sig", "UTF-8"},
    {"utf8bom", "UTF-8"},
    {"ascii", "UTF-8"},
    {"usascii", "UTF-8"},
    {"utf16", "UTF-16"},
    {"utf16le", "UTF-16LE"},
    {"utf16be", "UTF-16BE"},
    {"utf32", "UTF-32"},
    {"utf32le", "UTF-32LE"},
    {"utf32be", "UTF-32BE"},
    {"sjis", "CP932"},
    {"shiftjis", "CP932"},
    {"xsjis", "CP932"},
    {"mskanji", "CP932"},
    {"ms932", "CP932"},
    {"windows31j", "CP932"},
    {"cswindows31j", "CP932"},
    {"windows932", "CP932"},
    {"cp932", "CP932"},
    {"932", "CP932"},
    {"eucjp", "EUC-JP-MS"},
    {"xeucjp", "EUC-JP-MS"},
    {"eucjpms", "EUC-JP-MS"},
    {"eucjpwin", "EUC-JP-MS"},
    {"ujis", "EUC-JP-MS"},
    {"cp51932", "EUC-JP-MS"},
    {"jis", "ISO-2022-JP"},
    {"iso2022jp", "ISO-2022-JP"},
    {"csiso2022jp", "ISO-2022-JP"},
    {"iso2022jpms", "ISO-2022-JP"},
    {"cp50220", "ISO-2022-JP"},
    {"cp50221", "ISO-2022-JP"},
};

/* Longer marks first: FF FE begins both. */
static const struct mark {
	const char *bytes;
	size_t n;
	const char *name;
} marks[] = {
    {"\xff\xfe\0\0", 4, "UTF-32LE"},
    {"\0\0\xfe\xff", 4, "UTF-32BE"},
    {"\xef\xbb\xbf", 3, "UTF-8"},
    {"\xff\xfe", 2, "UTF-16LE"},
    {"\xfe\xff", 2, "UTF-16BE"},
};

/* Kanji of level 1 that addresses, companies, people's names and the words of
 * an export are made of, in the order of JIS X 0208. Two half-width kana of
 * CP932 read as one kanji of EUC-JP, but seldom as one of these. */
static const char common_kanji[] =
    "阿愛葵悪旭安暗以伊位維違医井域育一稲茨印員因引飲院右宇羽雨浦運雲営栄"
    "永英衛益駅越円園遠塩央応横王黄岡沖屋卸温音下化価加可夏家科果歌河火花"
    "課霞賀雅介会解回械海絵開階外垣各格獲確角較学楽額笠潟割活滑葛株蒲茅刈"
    "寒完管観間関館丸岸岩企喜器基岐希期機帰気紀記亀技義議吉客丘久休宮弓急"
    "求究旧牛居魚京共協強教橋狭興郷業局玉均錦近金銀九区駒空釧熊栗桑群郡係"
    "兄契形恵経計警軽芸結月件健券建検犬研県見険元原減言限古庫戸虎顧五互午"
    "呉後御語交光公効厚口向孝工幸広康弘更校構江浩港甲考荒行鋼香高号合麹告"
    "国黒込今根佐左差砂座再最歳済災細裁際在材財坂阪堺崎埼作削索桜刷察札三"
    "参山産仕使司四士始姉子市師志思支枝止氏祉私糸紙資事児字寺時次滋治示耳"
    "自鹿式七失室質実芝舎社者車若弱取守手種酒寿樹州修洲秀秋終衆週住十渋重"
    "宿出術春駿準純初所暑署書諸女除勝商小少庄昭松沼照証象上城場常情条状飾"
    "織職色食尻信心振新森深申真神人仁諏須図吹水瑞数杉世瀬勢姓性成政星晴正"
    "清生盛精製西誠請青静斉税石績赤設雪仙先千専川泉浅繊船前然全曽組倉早相"
    "総草荘走送増蔵造則足速属族存村他多太体対帯態袋退隊代台大第題鷹滝拓沢"
    "達脱谷丹担短団段男知地智池遅築竹筑茶着中昼注虫丁庁張朝町調長鳥直津追"
    "通塚槻鶴低定弟提哲鉄天店添点田電渡登都度土冬島投東湯当等藤豆頭働動同"
    "堂道得徳特独読栃奈那内縄南二尼肉日入認猫熱年之能農覇波馬配梅買売博柏"
    "白函箱幡畑八発抜判半反板般販飯番否比非備尾美彦菱必姫媛百標表評病品浜"
    "不富布府敷普父阜附武部風伏服福払物分文聞兵平並米別変辺便保舗歩輔穂母"
    "報宝放方法訪豊邦望防北墨牧堀幌本摩磨麻妹毎末万満未箕密湊民務無名命明"
    "模茂毛網木目問門也夜野矢役約薬柳油輸優勇友有由裕遊郵雄融予容曜様洋用"
    "葉要陽養淀来落利梨理里離陸率立流留隆了料療良量力緑林輪鈴齢劣練連路労"
    "浪老郎六録和話";

static const struct mark *
find_mark(struct cs_str text)
{
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (cs_str_starts(
			text, (struct cs_str){marks[i].bytes, marks[i].n}))
			return &marks[i];
	return NULL;
}

static const char *
find_alias(const char *written)
{
	char folded[64];
	size_t n = 0;

	for (const char *c = written; *c != '\0'; c++)
		if (*c != '-' && *c != '_' && n < sizeof(folded))
			folded[n++] = *c;
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (cs_str_isi((struct cs_str){folded, n}, aliases[i].alias))
			return aliases[i].name;
	return NULL;
}

static enum set
set_of(const char *name, size_t *unit)
{
	static const struct {
		const char *name;
		enum set set;
		size_t unit;
	} known[] = {
	    {"UTF-8", UTF8, 1},
	    {"UTF-16LE", UNITS, 2},
	    {"UTF-16BE", UNITS, 2},
	    {"UTF-32LE", UNITS, 4},
	    {"UTF-32BE", UNITS, 4},
	    {"CP932", CP932, 1},
	    {"EUC-JP-MS", EUC, 1},
	    {"ISO-2022-JP", JIS, 1},
	};

	*unit = 1;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(name, known[i].name) == 0) {
			*unit = known[i].unit;
			return known[i].set;
		}
	return OTHER;
}

static bool
conv_open(struct conv *c, const char *name)
{
	*c = (struct conv){0};
	c->cd = (iconv_t)-1;
	c->most = SIZE_MAX;
	c->set = set_of(name, &c->unit);
	if (c->set == UTF8)
		return true;
	/* iconv's own ISO-2022-JP knows neither (1) nor half-width kana. */
	c->cd = iconv_open("UTF-8", c->set == JIS ? "EUC-JP-MS" : name);
	return c->cd != (iconv_t)-1;
}

static void
conv_close(struct conv *c)
{
	if (c->cd != (iconv_t)-1)
		iconv_close(c->cd);
	cs_buf_free(&c->euc);
}

static bool
is_ascii(struct cs_str s)
{
	const uint64_t high = 0x8080808080808080u;
	unsigned char rest = 0;
	size_t i = 0;
	uint64_t w;

	for (; s.n - i >= sizeof(w); i += sizeof(w)) {
		memcpy(&w, s.p + i, sizeof(w));
		if (w & high)
			return false;
	}
	for (; i < s.n; i++)
		rest |= (unsigned char)s.p[i];
	return rest < 0x80;
}

static bool
in_range(unsigned char c, unsigned char lo, unsigned char hi)
{
	return c >= lo && c <= hi;
}

static bool
is_cp932_pair(const unsigned char *p, size_t n)
{
	return n > 1 && (in_range(p[0], 0x81, 0x9f) || p[0] >= 0xe0) &&
	       p[0] <= 0xfc && in_range(p[1], 0x40, 0xfc) && p[1] != 0x7f;
}

/* Bytes of the EUC character at p by its form alone, 1 if it has none. */
static size_t
euc_length(const unsigned char *p, size_t n)
{
	if (n > 2 && p[0] == 0x8f && in_range(p[1], 0xa1, 0xfe) &&
	    in_range(p[2], 0xa1, 0xfe))
		return 3;
	if (n > 1 && (p[0] == 0x8e || in_range(p[0], 0xa1, 0xfe)) &&
	    in_range(p[1], 0xa1, 0xfe))
		return 2;
	return 1;
}

/* Bytes to pass over where nothing decodes: a whole character of the right
 * form, so that its second byte is not taken for a first one. */
static size_t
bad_length(const struct conv *c, const char *at, size_t n)
{
	const unsigned char *p = (const unsigned char *)at;

	if (c->set == CP932 && is_cp932_pair(p, n))
		return 2;
	if (c->set == EUC || c->set == JIS)
		return euc_length(p, n);
	return c->unit < n ? c->unit : n;
}

/* Length of what Unicode calls the maximal subpart of a broken sequence. */
static size_t
bad_utf8_length(struct cs_str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	unsigned char lo = p[0] == 0xe0 ? 0xa0 : p[0] == 0xf0 ? 0x90 : 0x80;
	unsigned char hi = p[0] == 0xed ? 0x9f : p[0] == 0xf4 ? 0x8f : 0xbf;
	size_t want, n = 1;

	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 1;
	want = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	while (n < want && n < s.n && in_range(p[n], lo, hi)) {
		lo = 0x80;
		hi = 0xbf;
		n++;
	}
	return n;
}

/* Text that is UTF-8 but for some places. */
static size_t
mend_utf8(struct cs_str s, struct cs_buf *out)
{
	size_t bad = 0;

	for (;;) {
		size_t n = cs_utf8_valid(s);

		cs_buf_add(out, s.p, n);
		if (n == s.n)
			return bad;
		s.p += n;
		s.n -= n;
		n = bad_utf8_length(s);
		cs_buf_puts(out, "\xef\xbf\xbd");
		bad++;
		s.p += n;
		s.n -= n;
	}
}

/* What the converter still holds: some sets wait for a combining mark. */
static void
flush_iconv(struct conv *c, struct cs_buf *out)
{
	size_t space = 64;
	char *to = cs_buf_room(out, space);

	iconv(c->cd, NULL, NULL, &to, &space);
	out->n = (size_t)(to - out->p);
}

/* Appends s as UTF-8, hole where nothing decodes, and counts the holes. With
 * *left, an unfinished character at the end is no hole: *left is its length. */
static size_t
run_iconv(struct conv *c, struct cs_str s, const char *hole, struct cs_buf *out,
    size_t *left)
{
	char *from = (char *)s.p;
	size_t n = s.n, bad = 0;

	if (left != NULL)
		*left = 0;
	iconv(c->cd, NULL, NULL, NULL, NULL);
	while (n > 0 && bad < c->most) {
		size_t space = n + n / 2 + 16, rc;
		char *to = cs_buf_room(out, space);

		rc = iconv(c->cd, &from, &n, &to, &space);
		out->n = (size_t)(to - out->p);
		if (rc != (size_t)-1 || errno == E2BIG)
			continue;
		if (errno == EINVAL && left != NULL) {
			*left = n;
			break;
		}
		rc = errno == EINVAL ? n : bad_length(c, from, n);
		flush_iconv(c, out);
		cs_buf_puts(out, hole);
		bad++;
		from += rc;
		n -= rc;
	}
	flush_iconv(c, out);
	return bad;
}

/* Where the escape sequence at s leads; its length in *n. */
enum jis { ROMAN, KANA, KANJI, MORE_KANJI, NO_ESCAPE };

static enum jis
escape(struct cs_str s, size_t *n)
{
	static const struct {
		const char *bytes;
		enum jis to;
	} known[] = {
	    {"\033(B", ROMAN},
	    {"\033(J", ROMAN},
	    {"\033(I", KANA},
	    {"\033$@", KANJI},
	    {"\033$B", KANJI},
	    {"\033$(B", KANJI},
	    {"\033$(O", KANJI},
	    {"\033$(Q", KANJI},
	    {"\033$(D", MORE_KANJI},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (cs_str_starts(s, cs_str(known[i].bytes))) {
			*n = strlen(known[i].bytes);
			return known[i].to;
		}
	*n = 1;
	return NO_ESCAPE;
}

/* ISO-2022-JP to EUC-JP-MS, which knows the characters that Windows adds to
 * it. What has no meaning becomes FF, which EUC does not know either. */
static struct cs_str
jis_to_euc(struct conv *c, struct cs_str s)
{
	enum jis state = ROMAN, next;
	struct cs_buf *b = &c->euc;
	size_t n;

	cs_buf_reset(b);
	for (; s.n > 0; s.p += n, s.n -= n) {
		unsigned char p = (unsigned char)s.p[0];

		n = 1;
		if (p == '\033' && (next = escape(s, &n)) != NO_ESCAPE)
			state = next;
		else if (p >= 0x80 || p == '\033')
			cs_buf_putc(b, '\xff');
		else if (state == ROMAN || p <= ' ' || p == 0x7f)
			cs_buf_putc(b, s.p[0]);
		else if (state == KANA) {
			cs_buf_putc(b, '\x8e');
			cs_buf_putc(b, (char)(p | 0x80));
		} else if (s.n < 2 ||
			   !in_range((unsigned char)s.p[1], 0x21, 0x7e))
			cs_buf_putc(b, '\xff');
		else {
			if (state == MORE_KANJI)
				cs_buf_putc(b, '\x8f');
			cs_buf_putc(b, (char)(p | 0x80));
			cs_buf_putc(b, (char)((unsigned char)s.p[1] | 0x80));
			n = 2;
		}
	}
	return cs_buf_get(b);
}

/* EUC with FF in place of bytes that no character of it has: iconv passes
 * them as controls, and so would take much of CP932 for EUC. */
static struct cs_str
without_c1(struct conv *c, struct cs_str s)
{
	struct cs_buf *b = &c->euc;

	cs_buf_reset(b);
	cs_buf_str(b, s);
	for (size_t i = 0; i < b->n; i++) {
		unsigned char p = (unsigned char)b->p[i];

		if (in_range(p, 0x80, 0x9f) && p != 0x8e && p != 0x8f)
			b->p[i] = '\xff';
	}
	return cs_buf_get(b);
}

/* Appends s as UTF-8 and counts the places that do not decode. */
static size_t
convert(struct conv *c, struct cs_str s, struct cs_buf *out, size_t *left)
{
	if (c->set == UTF8)
		return mend_utf8(s, out);
	if (c->set == JIS)
		s = jis_to_euc(c, s);
	if (c->set == EUC)
		s = without_c1(c, s);
	return run_iconv(c, s, "\xef\xbf\xbd", out, left);
}

/* The start of an input; is_cut: it goes on behind its end, perhaps in the
 * middle of a character. */
struct sample {
	struct cs_str s;
	bool is_cut;
};

/* Places that do not decode as name; SIZE_MAX when there are too many to think
 * of it, or iconv does not know it. */
static size_t
count_bad(const char *name, struct sample in)
{
	struct conv c;
	struct cs_buf out = {0};
	size_t bad = SIZE_MAX, left, most = 1000 + in.s.n / 100;

	if (conv_open(&c, name)) {
		c.most = most;
		bad = convert(&c, in.s, &out, in.is_cut ? &left : NULL);
	}
	conv_close(&c);
	cs_buf_free(&out);
	return bad < most ? bad : SIZE_MAX;
}

/* ---- UTF-16 and UTF-32 without a mark ---- */

/* A reading of the bytes as units of 2 or 4 bytes. */
struct reading {
	size_t units, ascii, line_ends, nuls, wrong;
	size_t odd; /* units whose high byte is LF, CR or a comma */
};

static uint32_t
unit_at(const unsigned char *p, size_t unit, bool is_little)
{
	uint32_t v = 0;

	for (size_t i = 0; i < unit; i++)
		v |= (uint32_t)p[i] << 8 * (is_little ? i : unit - 1 - i);
	return v;
}

static struct reading
read_units(struct cs_str s, size_t unit, bool is_little)
{
	struct reading r = {0};
	bool want_low = false;

	for (size_t i = 0; s.n - i >= unit; i += unit) {
		uint32_t v =
		    unit_at((const unsigned char *)s.p + i, unit, is_little);
		bool is_low = v >= 0xdc00 && v < 0xe000;

		r.units++;
		r.nuls += v == 0;
		r.odd += v >> 8 == '\n' || v >> 8 == '\r' || v >> 8 == ',';
		r.line_ends += v == '\n' || v == '\r';
		r.ascii += (v >= ' ' && v < 0x7f) || v == '\n' || v == '\r' ||
			   v == '\t';
		if (unit == 4)
			r.wrong += v > 0x10ffff || (v >= 0xd800 && v < 0xe000);
		else
			r.wrong += is_low != want_low;
		r.wrong += v == 0xfffe || v == 0xffff;
		want_low = unit == 2 && v >= 0xd800 && v < 0xdc00;
	}
	return r;
}

/* A text of another kind with some NULs in it has hardly a unit of ASCII, and
 * its line ends and commas are halves of units. */
static bool
is_likely(struct reading r, size_t unit, bool has_lf)
{
	if (r.wrong > 0 || r.ascii == 0 || r.nuls * 50 > r.ascii)
		return false;
	if (unit == 4)
		return true;
	return r.ascii * 100 >= r.units && r.odd * 10 <= r.ascii &&
	       (r.line_ends > 0 || !has_lf);
}

static const char *
unit_name(size_t unit, bool is_little)
{
	if (unit == 4)
		return is_little ? "UTF-32LE" : "UTF-32BE";
	return is_little ? "UTF-16LE" : "UTF-16BE";
}

/* The name that fits units of this size best, NULL if none does. */
static const char *
guess_units(struct cs_str s, size_t unit)
{
	bool has_lf = cs_str_chr(s, '\n') != NULL;
	struct reading little = read_units(s, unit, true);
	struct reading big = read_units(s, unit, false);
	bool is_little = is_likely(little, unit, has_lf);
	bool is_big = is_likely(big, unit, has_lf);

	if (!is_little && !is_big)
		return NULL;
	if (is_little && is_big)
		is_little = little.ascii >= big.ascii;
	return unit_name(unit, is_little);
}

/* ---- CP932 or EUC-JP ---- */

/* How Japanese a reading looks. */
struct tally {
	size_t bad;	 /* places that do not decode */
	size_t places;	 /* characters that are not ASCII */
	size_t accents;	 /* those that may be a Latin letter in a word */
	size_t touching; /* those right behind a small ASCII letter */
	long score;
};

/* 94 bits for each row of level 1 (16 to 47). */
struct common {
	bool is[32 * 94];
};

static void
load_common(struct common *c)
{
	char euc[sizeof(common_kanji)], *to = euc;
	char *from = (char *)common_kanji;
	size_t n = sizeof(common_kanji) - 1, space = sizeof(euc);
	iconv_t cd = iconv_open("EUC-JP-MS", "UTF-8");

	*c = (struct common){0};
	if (cd == (iconv_t)-1)
		return;
	iconv(cd, &from, &n, &to, &space);
	iconv_close(cd);
	for (char *p = euc; p < to; p += 2) {
		int row = (unsigned char)p[0] - 0xb0;
		int cell = (unsigned char)p[1] - 0xa1;

		if (row >= 0 && row < 32)
			c->is[row * 94 + cell] = true;
	}
}

/* Points of the character at row and cell (from 1) of JIS X 0208 and of what
 * Windows adds to it. A half-width kana, one byte, has 2. */
static long
points_of(const struct common *c, int row, int cell)
{
	if (row == 4 || row == 5)
		return 5; /* kana */
	if (row >= 16 && row <= 47)
		return c->is[(row - 16) * 94 + cell - 1] ? 5 : -3;
	if (row <= 3 || row == 13)
		return 2; /* punctuation, signs, full-width letters, (1) (2) */
	if (row >= 48 && row <= 84)
		return -8; /* level 2 */
	if ((row >= 6 && row <= 8) || (row >= 89 && row <= 92) || row >= 115)
		return -2; /* Greek, Russian, lines, names in kanji of IBM */
	return -10;	   /* people's own characters, or none */
}

/* Can the kana before take the sound mark c (DE, DF)? */
static bool
takes_mark(unsigned char before, unsigned char c)
{
	if (in_range(before, 0xca, 0xce)) /* ha to ho */
		return true;
	return c == 0xde && (in_range(before, 0xb6, 0xc4) || before == 0xb3);
}

static long
half_points(unsigned char before, unsigned char c)
{
	if (c <= 0xa5)
		return -4; /* punctuation: the first byte of kana in EUC */
	if (c >= 0xde)
		return takes_mark(before, c) ? 2 : -8;
	return 2;
}

static bool
is_letter(unsigned char c)
{
	return in_range(c | 0x20, 'a', 'z');
}

/* An accented letter at p[i], alone inside or at the front of a word? */
static bool
is_accent(const unsigned char *p, size_t i, size_t n)
{
	if (i + 1 >= n || !is_letter(p[i + 1]))
		return false;
	return (i > 0 && is_letter(p[i - 1])) ||
	       (i + 2 < n && is_letter(p[i + 2]));
}

/* The points of the character at p[i], its length in *n. */
static long
cp932_points(const struct common *c, const unsigned char *p, size_t i,
    size_t end, size_t *n)
{
	int row, cell;

	*n = 1;
	if (in_range(p[i], 0xa1, 0xdf))
		return half_points(i > 0 ? p[i - 1] : 0, p[i]);
	if (!is_cp932_pair(p + i, end - i))
		return 0; /* counted as bad */
	*n = 2;
	row = (p[i] - (p[i] < 0xa0 ? 0x81 : 0xc1)) * 2 + 1;
	if (p[i + 1] >= 0x9f)
		return points_of(c, row + 1, p[i + 1] - 0x9e);
	cell = p[i + 1] - (p[i + 1] >= 0x80 ? 0x40 : 0x3f);
	return points_of(c, row, cell);
}

static long
euc_points(const struct common *c, const unsigned char *p, size_t i, size_t end,
    size_t *n)
{
	*n = euc_length(p + i, end - i);
	if (*n == 1)
		return 0; /* counted as bad */
	if (*n == 3)
		return -4; /* JIS X 0212, rare */
	if (p[i] == 0x8e)  /* alone more likely a kanji of CP932 */
		return (i > 1 && p[i - 2] == 0x8e) ||
			       (end - i > 2 && p[i + 2] == 0x8e)
			   ? half_points(i > 1 ? p[i - 1] : 0, p[i + 1])
			   : -4;
	return points_of(c, p[i] - 0xa0, p[i + 1] - 0xa0);
}

static struct tally
tally(enum set set, const struct common *c, struct sample in)
{
	struct cs_str s = in.s;
	const unsigned char *p = (const unsigned char *)s.p;
	struct tally t = {0};
	size_t n;

	t.bad = count_bad(set == CP932 ? "CP932" : "EUC-JP-MS", in);
	for (size_t i = 0; i < s.n; i += n) {
		if (p[i] < 0x80) {
			n = 1;
			continue;
		}
		t.places++;
		t.accents += is_accent(p, i, s.n);
		t.touching += i > 0 && in_range(p[i - 1], 'a', 'z');
		t.score += set == CP932 ? cp932_points(c, p, i, s.n, &n)
					: euc_points(c, p, i, s.n, &n);
	}
	if (t.bad != SIZE_MAX)
		t.score -= 20 * (long)t.bad;
	return t;
}

/* Is it Japanese, or a Latin, Chinese or Korean text that happens to decode?
 * A few characters that decode are taken as they are, and so are many of
 * CP932: no other text of that length fits it. Korean fits EUC at any. */
static bool
is_believed(enum set set, struct tally t)
{
	enum { FEW = 8, MANY = 200 };

	if (t.bad == SIZE_MAX || t.accents * 2 > t.places ||
	    (t.accents + t.touching > 0 && t.score < 0))
		return false;
	if (t.bad == 0 &&
	    (t.places < FEW || (set == CP932 && t.places >= MANY)))
		return true;
	return t.score > (long)t.places / 2;
}

static const char *
grouped(char text[32], size_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%zu", n), at = 0;

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			text[at++] = ',';
		text[at++] = digits[i];
	}
	text[at] = '\0';
	return text;
}

static void decided(struct verdict *v, const char *name, const char *fmt, ...)
    CS_PRINTF(3, 4);

static void
decided(struct verdict *v, const char *name, const char *fmt, ...)
{
	__builtin_va_list ap;

	snprintf(v->name, sizeof(v->name), "%s", name);
	__builtin_va_start(ap, fmt);
	vsnprintf(v->reason, sizeof(v->reason), fmt, ap);
	__builtin_va_end(ap);
}

static bool
decide_japanese(struct sample in, struct verdict *v)
{
	struct common common;
	struct tally cp932, euc, best;
	const char *name, *other;
	char n[32], m[32];
	bool is_euc;

	load_common(&common);
	cp932 = tally(CP932, &common, in);
	euc = tally(EUC, &common, in);
	if ((cp932.bad == 0) != (euc.bad == 0))
		is_euc = euc.bad == 0;
	else
		is_euc = euc.score > cp932.score;
	best = is_euc ? euc : cp932;
	if (!is_believed(is_euc ? EUC : CP932, best))
		return false;
	name = is_euc ? "EUC-JP-MS" : "CP932";
	other = is_euc ? "CP932" : "EUC-JP-MS";
	if (best.bad > 0)
		decided(v, name,
		    "%s of %s bytes read do not decode as %s, but more kana "
		    "and kanji than as %s",
		    grouped(m, best.bad), grouped(n, in.s.n), name, other);
	else if (cp932.bad == 0 && euc.bad == 0)
		decided(v, name,
		    "all %s bytes read decode as %s with more kana and kanji "
		    "than as %s",
		    grouped(n, in.s.n), name, other);
	else
		decided(v, name, "all %s bytes read decode as %s, not as UTF-8",
		    grouped(n, in.s.n), name);
	return true;
}

/* ---- sets of 8 bits ---- */

static bool
is_eight_bit(const char *name)
{
	static const char *const families[] = {"WINDOWS-", "ISO-8859-", "KOI8-",
	    "IBM8", "MAC-", "TIS-620", "VISCII"};

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (strncmp(name, families[i], strlen(families[i])) == 0)
			return true;
	return false;
}

/* Bytes of s from lo to hi. */
static size_t
count_range(struct cs_str s, unsigned char lo, unsigned char hi)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += in_range((unsigned char)s.p[i], lo, hi);
	return n;
}

/* Can it be believed? uchardet is wrong on every fifth text of one to three
 * letters ("Jose" with an accent is MAC-CENTRALEUROPE to it), and C1 controls
 * do not stand in texts. */
static bool
is_confident(struct cs_str s, const char *name)
{
	enum { FEWEST = 4 };

	return count_range(s, 0x80, 0xff) >= FEWEST &&
	       (strncmp(name, "ISO-8859-", 9) != 0 ||
		   count_range(s, 0x80, 0x9f) == 0);
}

/* The piece for uchardet, which takes two seconds for a MiB of noise: from the
 * first byte that is not ASCII, with some text before it. */
static struct cs_str
piece(struct cs_str s)
{
	enum { BEFORE = 4 << 10, PIECE = 256 << 10 };
	size_t i = 0;

	while (i < s.n && (unsigned char)s.p[i] < 0x80)
		i++;
	i = i > BEFORE ? i - BEFORE : 0;
	return (struct cs_str){s.p + i, s.n - i < PIECE ? s.n - i : PIECE};
}

static bool
decide_eight_bit(struct sample in, struct verdict *v)
{
	struct cs_str s = piece(in.s);
	uchardet_t ud = uchardet_new();
	const char *name;
	bool is_it;

	if (ud == NULL)
		cs_nomem();
	uchardet_handle_data(ud, s.p, s.n);
	uchardet_data_end(ud);
	name = uchardet_get_charset(ud);
	is_it = is_eight_bit(name) && is_confident(s, name) &&
		count_bad(name, in) == 0;
	if (is_it)
		decided(v, name,
		    "neither UTF-8, CP932 nor EUC-JP-MS; uchardet says %s",
		    name);
	uchardet_delete(ud);
	return is_it;
}

/* ---- all of it ---- */

static bool
has_escape(struct cs_str s)
{
	return s.n > 1 &&
	       (memmem(s.p, s.n, "\033$", 2) || memmem(s.p, s.n, "\033(", 2));
}

/* UTF-8 up to its end, where the last character may be cut? */
static bool
is_utf8(struct sample in)
{
	struct cs_str s = in.s;
	size_t n = cs_utf8_valid(s);

	if (n == s.n)
		return true;
	s.p += n;
	s.n -= n;
	return in.is_cut && s.n < 4 && (unsigned char)s.p[0] >= 0xc2 &&
	       bad_utf8_length(s) == s.n;
}

/* What it is and why. False when in doubt. */
static bool
decide(struct sample in, struct verdict *v)
{
	struct cs_str s = in.s;
	const struct mark *mark = find_mark(s);
	const char *name = NULL;
	char n[32];

	if (mark != NULL) {
		decided(v, mark->name, "byte order mark");
		return true;
	}
	if (cs_str_chr(s, '\0') != NULL) {
		name = guess_units(s, 4);
		name = name ? name : guess_units(s, 2);
	}
	if (name != NULL) {
		decided(v, name, "the pattern of NUL bytes");
		return true;
	}
	if (is_ascii(s)) {
		if (has_escape(s))
			decided(v, "ISO-2022-JP",
			    "7-bit with the escapes of ISO-2022-JP");
		else
			decided(v, "UTF-8", "all %s bytes read are 7-bit",
			    grouped(n, s.n));
		return true;
	}
	if (is_utf8(in)) {
		decided(
		    v, "UTF-8", "all %s bytes read are UTF-8", grouped(n, s.n));
		return true;
	}
	return decide_japanese(in, v) || decide_eight_bit(in, v);
}

/* The name that the user gave, as iconv takes it. UTF-16 and UTF-32 without an
 * order look for it. */
static bool
take_forced(struct cs_in *in, const char *forced, struct verdict *v)
{
	const char *name = find_alias(forced);
	struct cs_str text;
	const struct mark *mark;
	size_t unit;

	decided(v, name ? name : forced, "given by --encoding");
	if (name == NULL)
		return strchr(forced, '/') == NULL && forced[0] != '\0' &&
		       strlen(forced) < sizeof(v->name);
	if (strcmp(name, "UTF-16") != 0 && strcmp(name, "UTF-32") != 0)
		return true;
	unit = strcmp(name, "UTF-16") == 0 ? 2 : 4;
	text = cs_in_peek(in, PEEK);
	mark = find_mark(text);
	if (mark != NULL && strncmp(mark->name, name, 6) == 0)
		name = mark->name;
	else
		name = guess_units(text, unit);
	decided(v, name ? name : unit_name(unit, true), "given by --encoding");
	return true;
}

/* Python writes euc_kr where iconv writes EUC-KR. */
static const char *
with_dashes(char *name)
{
	for (char *c = name; *c != '\0'; c++)
		if (*c == '_')
			*c = '-';
	return name;
}

static size_t
filter(void *self, struct cs_str raw, bool last, struct cs_buf *out)
{
	struct cs_decode *d = self;
	size_t left;

	run_iconv(&d->conv, raw, "\xff", out, &left);
	if (left > 0 && last) {
		cs_buf_putc(out, '\xff');
		left = 0;
	}
	return raw.n - left;
}

/* Is every 7-bit byte the same in UTF-8? */
static bool
keeps_ascii(struct conv *c)
{
	struct cs_buf out = {0};
	bool good = true;

	for (int i = 0; i < 128 && good; i++) {
		char b = (char)i;
		cs_buf_reset(&out);
		good =
		    run_iconv(c, (struct cs_str){&b, 1}, "", &out, NULL) == 0 &&
		    out.n == 1 && out.p[0] == b;
	}
	cs_buf_free(&out);
	return good;
}

/* Does LF end a line in the raw bytes? Not in UTF-16 or EBCDIC. */
static bool
has_lines(struct conv *c)
{
	struct cs_buf out = {0};
	bool good;

	run_iconv(c, CS_S("\n"), "", &out, NULL);
	good = out.n == 1 && out.p[0] == '\n';
	cs_buf_free(&out);
	return good;
}

struct cs_decode *
cs_decode_open(struct cs_in *in, const char *forced, struct cs_err *err)
{
	struct cs_str text = cs_in_peek(in, forced ? 4 : PEEK);
	const struct mark *mark;
	struct cs_decode *d;
	struct verdict v;

	if (forced == NULL &&
	    !decide((struct sample){text, text.n >= PEEK}, &v)) {
		cs_fail(err, CS_USAGE,
		    "%s: cannot tell the encoding (tried UTF-8, CP932, "
		    "EUC-JP-MS); give --encoding=NAME",
		    cs_in_name(in));
		return NULL;
	}
	d = cs_calloc(1, sizeof(*d));
	if ((forced != NULL && !take_forced(in, forced, &v)) ||
	    !(conv_open(&d->conv, v.name) ||
		conv_open(&d->conv, with_dashes(v.name)))) {
		cs_fail(err, CS_USAGE,
		    "unknown encoding \"%s\" (iconv -l lists the names)",
		    forced ? forced : v.name);
		free(d);
		return NULL;
	}
	memcpy(d->name, v.name, sizeof(d->name));
	memcpy(d->reason, v.reason, sizeof(d->reason));
	mark = find_mark(cs_in_peek(in, 4));
	if (mark != NULL && strcmp(mark->name, d->name) == 0)
		cs_in_skip(in, mark->n);
	if (d->conv.set == UTF8)
		return d;
	d->is_filtered = !has_lines(&d->conv);
	d->is_ascii_plain = keeps_ascii(&d->conv);
	if (d->is_filtered)
		cs_in_set_filter(in, filter, d);
	return d;
}

const char *
cs_decode_name(const struct cs_decode *d)
{
	return d->name;
}

const char *
cs_decode_reason(const struct cs_decode *d)
{
	return d->reason;
}

size_t
cs_decode_line(struct cs_decode *d, struct cs_str raw, struct cs_str *text)
{
	bool is_utf8_already = d->conv.set == UTF8 || d->is_filtered;
	size_t bad;

	*text = raw;
	if (raw.n == 0)
		return 0;
	if (is_utf8_already) {
		if (cs_utf8_valid(raw) == raw.n)
			return 0;
	} else if (d->is_ascii_plain && is_ascii(raw) &&
		   (d->conv.set != JIS || cs_str_chr(raw, '\033') == NULL))
		return 0;
	cs_buf_reset(&d->line);
	bad = is_utf8_already ? mend_utf8(raw, &d->line)
			      : convert(&d->conv, raw, &d->line, NULL);
	*text = cs_buf_get(&d->line);
	return bad;
}

void
cs_decode_close(struct cs_decode *d)
{
	if (d == NULL)
		return;
	conv_close(&d->conv);
	cs_buf_free(&d->line);
	free(d);
}

const char *
cs_decode_guess(struct cs_str bytes)
{
	static const char *const names[] = {"CP932", "EUC-JP-MS", "ISO-2022-JP",
	    "UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"};
	struct verdict v;

	if (!decide((struct sample){bytes, true}, &v))
		return NULL;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(v.name, names[i]) == 0)
			return names[i];
	return NULL;
}
