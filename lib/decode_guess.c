#include <dlfcn.h>
#include <iconv.h>
#include <stdio.h>
#include <string.h>
#include <uchardet/uchardet.h>

#include "decode.h"
#include "decode_private.h"
#include "lazy.h"
#include "text.h"

/* Longer marks first: FF FE begins both. */
static const struct cs_mark marks[] = {
    {"\xff\xfe\0\0", 4, "UTF-32LE"},
    {"\0\0\xfe\xff", 4, "UTF-32BE"},
    {"\xef\xbb\xbf", 3, "UTF-8"},
    {"\xff\xfe", 2, "UTF-16LE"},
    {"\xfe\xff", 2, "UTF-16BE"},
};

/* Kanji that addresses, companies, people's names and the words of an export
 * are made of, in the order of JIS X 0208: level 1, and what names keep of
 * level 2. Two half-width kana of CP932 read as one kanji of EUC-JP, but seldom
 * as one of these. */
static const char common_kanji[] =
    "阿愛葵悪旭安暗以伊位維違医井域育一稲茨印員因引飲院右宇羽雨浦運雲営栄"
    "永英衛益駅越円園遠塩央応横王黄岡沖屋卸温音下化価加可夏家科果歌河火花"
    "課霞賀雅介会解回械海絵開階外垣各格獲確角較学楽額笠潟割活滑葛株蒲茅刈"
    "寒完管観間関館丸岸岩企喜器基岐希期機帰気紀記亀技義議菊吉客丘久休宮弓"
    "急求究旧牛居魚京共協強教橋狭興郷業局玉均錦近金銀九区駒空釧熊栗桑群郡"
    "係兄契形恵経計警軽芸結月件健券建検犬研県見険元原減言限古庫戸虎顧五互"
    "午呉後御語交光公効厚口向孝工幸広康弘更校構江浩港甲考荒行鋼香高号合麹"
    "告国黒込今根佐左差砂座再最歳済災斎細裁際在材財坂阪堺崎埼作削索桜刷察"
    "札三参山産仕使司四士始姉子市師志思支枝止氏祉私糸紙資事児字寺時次滋治"
    "示耳自鹿式七失室質実柴芝舎社者車若弱取守手種酒寿樹州修洲秀秋終衆週住"
    "十渋重宿出術春駿準純初所暑署書諸女除勝商小少庄昭松沼照証象上城場常情"
    "条状飾織職色食尻信心振新森深申真神人仁諏須図吹水瑞数杉菅世瀬勢姓性成"
    "政星晴正清生盛精製西誠請青静斉税石績赤設雪仙先千専川泉浅繊船前然全曽"
    "組倉早相総草荘走送増蔵造則足速属族存村他多太体対帯態袋退隊代台大第題"
    "鷹滝拓沢達脱谷丹担短団段男知地智池遅築竹筑茶着中昼注虫丁庁張朝町調長"
    "鳥直津追通塚槻辻鶴低定弟提哲鉄天店添点田電渡登都度土冬島投東湯当等藤"
    "豆頭働動同堂道得徳特独読栃奈那内縄南二尼肉日入認猫熱年之能農覇波馬配"
    "梅買売博柏白函箱幡畑八発抜判半反板般販飯番否比非樋備尾美彦菱必姫媛百"
    "標表評病品浜不富布府敷普父阜附武部風伏服福払物分文聞兵平並米別変辺便"
    "保舗歩輔穂母報宝放方法訪豊邦望防北墨牧堀幌本摩磨麻妹毎末万満未箕密湊"
    "民務無名命明模茂毛網木目問門也夜野矢役約薬柳油輸優勇友有由裕遊郵雄融"
    "予容曜様洋用葉要陽養淀来落嵐利梨理里離陸率立流留隆了料療良量力緑林輪"
    "鈴齢劣練連路労浪老郎六録和話"
    "廣惠條櫻淺澤濱眞齋邊邉齊";

const struct cs_mark *
cs_decode_mark(struct cs_str text)
{
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (cs_str_starts(
			text, (struct cs_str){marks[i].bytes, marks[i].n}))
			return &marks[i];
	return NULL;
}

/* Bytes of s to convert at once: whole lines where there are any. */
static size_t
part(struct cs_str s)
{
	enum { PART = 64 << 10 };
	const char *lf;

	if (s.n <= PART)
		return s.n;
	lf = memrchr(s.p, '\n', PART);
	return lf ? (size_t)(lf + 1 - s.p) : PART;
}

/* Places that do not decode as name; SIZE_MAX when there are `most`, or iconv
 * does not know it. */
static size_t
count_bad(const char *name, struct cs_sample in, size_t most)
{
	struct cs_conv *c = cs_conv_open(name);
	struct cs_conv_table *t = NULL;
	struct cs_buf out = {0};
	size_t bad = 0, parts = 0;

	if (c == NULL)
		return SIZE_MAX;
	while (in.s.n > 0 && bad < most) {
		struct cs_str s = {in.s.p, part(in.s)};
		size_t left = 0;
		bool goes_on = s.n < in.s.n || in.is_cut;

		/* A short text, or one of another encoding, needs no table. */
		if (parts++ == 1)
			t = cs_conv_table_new(c);
		cs_buf_reset(&out);
		if (t == NULL || cs_conv_table_run(t, s, &out) < s.n)
			bad += cs_conv_run(
			    c, s, "", most - bad, &out, goes_on ? &left : NULL);
		if (left == in.s.n)
			break;
		in.s.p += s.n - left;
		in.s.n -= s.n - left;
	}
	cs_conv_table_free(t);
	cs_conv_close(c);
	cs_buf_free(&out);
	return bad < most ? bad : SIZE_MAX;
}

/* More bad places than these are too many to think of it. */
static size_t
too_many(struct cs_sample in)
{
	return 1000 + in.s.n / 100;
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

const char *
cs_decode_unit_name(size_t unit, bool is_little)
{
	if (unit == 4)
		return is_little ? "UTF-32LE" : "UTF-32BE";
	return is_little ? "UTF-16LE" : "UTF-16BE";
}

const char *
cs_decode_guess_units(struct cs_str s, size_t unit)
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
	return cs_decode_unit_name(unit, is_little);
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

/* 94 bits for each row of kanji (16 to 84). */
enum { KANJI_ROWS = 69 };

struct common {
	bool is[KANJI_ROWS * 94];
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

		if (row >= 0 && row < KANJI_ROWS)
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
	if (row >= 16 && row <= 84 && c->is[(row - 16) * 94 + cell - 1])
		return 5;
	if (row >= 16 && row <= 47)
		return -3;
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
	if (cs_in_range(before, 0xca, 0xce)) /* ha to ho */
		return true;
	return c == 0xde && (cs_in_range(before, 0xb6, 0xc4) || before == 0xb3);
}

/* Can the half-width kana c stand behind that one? Small ones, the long mark
 * and n begin no word, and small ya, yu, yo stand behind an i. */
static bool
is_in_place(unsigned char before, unsigned char c)
{
	static const char behind_i[] = "\xb7\xbc\xc1\xc6\xcb\xd0\xd8\xde\xdf";
	static const char behind_a[] = "\xb3\xc3\xc4\xcc\xde\xdf";

	if (c >= 0xde)
		return takes_mark(before, c);
	if (c == 0xaf || c == 0xb0 || c == 0xdd)
		return cs_in_range(before, 0xa7, 0xdf);
	if (c >= 0xac && c <= 0xae)
		return before != 0 && strchr(behind_i, (char)before) != NULL;
	if (c >= 0xa7 && c <= 0xab)
		return before != 0 && strchr(behind_a, (char)before) != NULL;
	return c > 0xa6; /* punctuation and wo: the first byte of kana in EUC */
}

static long
half_points(unsigned char before, unsigned char c)
{
	if (is_in_place(before, c))
		return 2;
	return c >= 0xde ? -8 : -4;
}

static bool
is_letter(unsigned char c)
{
	return cs_in_range(c | 0x20, 'a', 'z');
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
	if (cs_in_range(p[i], 0xa1, 0xdf))
		return half_points(i > 0 ? p[i - 1] : 0, p[i]);
	if (!cs_is_cp932_pair(p + i, end - i))
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
	*n = cs_euc_length(p + i, end - i);
	if (*n == 1)
		return 0; /* counted as bad */
	if (*n == 3)
		return p[i + 1] >= 0xf3 ? 0 : -4; /* IBM's; JIS X 0212, rare */
	if (p[i] == 0x8e) /* alone more likely a kanji of CP932 */
		return (i > 1 && p[i - 2] == 0x8e) ||
			       (end - i > 2 && p[i + 2] == 0x8e)
			   ? half_points(i > 1 ? p[i - 1] : 0, p[i + 1])
			   : -4;
	return points_of(c, p[i] - 0xa0, p[i + 1] - 0xa0);
}

static struct tally
tally(enum cs_set set, const struct common *c, struct cs_sample in, size_t bad)
{
	struct cs_str s = in.s;
	const unsigned char *p = (const unsigned char *)s.p;
	struct tally t = {.bad = bad};
	size_t n;

	for (size_t i = 0; i < s.n; i += n) {
		if (p[i] < 0x80) {
			n = 1;
			continue;
		}
		t.places++;
		t.accents += is_accent(p, i, s.n);
		t.touching += i > 0 && cs_in_range(p[i - 1], 'a', 'z');
		t.score += set == CS_CP932 ? cp932_points(c, p, i, s.n, &n)
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
is_believed(enum cs_set set, struct tally t)
{
	enum { FEW = 8, MANY = 200 };

	if (t.bad == SIZE_MAX || t.accents * 2 > t.places ||
	    (t.accents + t.touching > 0 && t.score < 0))
		return false;
	if (t.bad == 0 &&
	    (t.places < FEW || (set == CS_CP932 && t.places >= MANY)))
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

void
cs_verdict_set(struct cs_verdict *v, const char *name, const char *fmt, ...)
{
	__builtin_va_list ap;

	snprintf(v->name, sizeof(v->name), "%s", name);
	__builtin_va_start(ap, fmt);
	vsnprintf(v->reason, sizeof(v->reason), fmt, ap);
	__builtin_va_end(ap);
}

/* Both decode all: is the better hardly better, or poor itself? Two kana may be
 * one kanji; one kanji says too little to be poor. */
static bool
is_close(struct tally best, struct tally other)
{
	return (best.score == other.score && best.score > 0) ||
	       (best.places > 1 && best.score < (long)best.places);
}

enum japanese { NO, YES, IN_DOUBT };

static enum japanese
decide_japanese(struct cs_sample in, struct cs_verdict *v)
{
	bool is_cp932_good = count_bad("CP932", in, 1) == 0;
	bool is_euc_good = count_bad("EUC-JP-MS", in, 1) == 0, is_euc;
	struct common common;
	struct tally cp932, euc, best;
	const char *name, *other;
	char n[32], m[32];

	load_common(&common);
	if (is_cp932_good != is_euc_good) {
		is_euc = is_euc_good;
		best = tally(is_euc ? CS_EUC : CS_CP932, &common, in, 0);
	} else {
		size_t most = is_euc_good ? 1 : too_many(in);

		cp932 =
		    tally(CS_CP932, &common, in, count_bad("CP932", in, most));
		euc = tally(
		    CS_EUC, &common, in, count_bad("EUC-JP-MS", in, most));
		is_euc = euc.score > cp932.score;
		best = is_euc ? euc : cp932;
		if (is_euc_good && is_close(best, is_euc ? cp932 : euc))
			return IN_DOUBT;
	}
	if (!is_believed(is_euc ? CS_EUC : CS_CP932, best))
		return NO;
	name = is_euc ? "EUC-JP-MS" : "CP932";
	other = is_euc ? "CP932" : "EUC-JP-MS";
	if (best.bad > 0)
		cs_verdict_set(v, name,
		    "%s of %s bytes read do not decode as %s, but more kana "
		    "and kanji than as %s",
		    grouped(m, best.bad), grouped(n, in.s.n), name, other);
	else if (is_cp932_good && is_euc_good)
		cs_verdict_set(v, name,
		    "all %s bytes read decode as %s with more kana and kanji "
		    "than as %s",
		    grouped(n, in.s.n), name, other);
	else
		cs_verdict_set(v, name,
		    "all %s bytes read decode as %s, not as UTF-8",
		    grouped(n, in.s.n), name);
	return YES;
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
		n += cs_in_range((unsigned char)s.p[i], lo, hi);
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

/* uchardet, loaded when it is needed: it and the C++ it wants would take more
 * of a command's start than all other libraries. */
struct charset {
	__typeof__(uchardet_new) *make;
	__typeof__(uchardet_handle_data) *take;
	__typeof__(uchardet_data_end) *end;
	__typeof__(uchardet_get_charset) *name;
	__typeof__(uchardet_delete) *drop;
};

static const struct cs_lazy_name charset_names[] = {
    {"uchardet_new", offsetof(struct charset, make)},
    {"uchardet_handle_data", offsetof(struct charset, take)},
    {"uchardet_data_end", offsetof(struct charset, end)},
    {"uchardet_get_charset", offsetof(struct charset, name)},
    {"uchardet_delete", offsetof(struct charset, drop)},
};

/* uchardet does not look at the one sign that they differ in most: the currency
 * sign is in no text, the euro sign is. */
static const char *
mend_name(struct cs_str s, const char *name)
{
	if (strcmp(name, "ISO-8859-1") == 0 && cs_str_chr(s, '\xa4') != NULL)
		return "ISO-8859-15";
	return name;
}

static bool
decide_eight_bit(struct cs_sample in, struct cs_verdict *v)
{
	struct cs_str s = piece(in.s);
	struct charset c;
	void *lib = cs_lazy_open("libuchardet.so.0", charset_names,
	    sizeof(charset_names) / sizeof(charset_names[0]), &c);
	uchardet_t ud;
	const char *name;
	bool is_it;

	if (lib == NULL)
		return false; /* in doubt, then */
	ud = c.make();
	if (ud == NULL)
		cs_nomem();
	c.take(ud, s.p, s.n);
	c.end(ud);
	name = mend_name(s, c.name(ud));
	is_it = is_eight_bit(name) && is_confident(s, name) &&
		count_bad(name, in, 1) == 0;
	if (is_it)
		cs_verdict_set(v, name,
		    "neither UTF-8, CP932 nor EUC-JP-MS; uchardet says %s",
		    name);
	c.drop(ud);
	dlclose(lib);
	return is_it;
}

static bool
has_escape(struct cs_str s)
{
	return s.n > 1 &&
	       (memmem(s.p, s.n, "\033$", 2) || memmem(s.p, s.n, "\033(", 2));
}

/* UTF-8 up to its end, where the last character may be cut? */
static bool
is_utf8(struct cs_sample in)
{
	struct cs_str s = in.s;
	size_t n = cs_utf8_valid(s);

	if (n == s.n)
		return true;
	s.p += n;
	s.n -= n;
	return in.is_cut && s.n < 4 && (unsigned char)s.p[0] >= 0xc2 &&
	       cs_bad_utf8_length(s) == s.n;
}

bool
cs_decode_decide(struct cs_sample in, struct cs_verdict *v)
{
	struct cs_str s = in.s;
	const struct cs_mark *mark = cs_decode_mark(s);
	const char *name = NULL;
	char n[32];

	if (mark != NULL) {
		cs_verdict_set(v, mark->name, "byte order mark");
		return true;
	}
	if (cs_str_chr(s, '\0') != NULL) {
		name = cs_decode_guess_units(s, 4);
		name = name ? name : cs_decode_guess_units(s, 2);
	}
	if (name != NULL) {
		cs_verdict_set(v, name, "the pattern of NUL bytes");
		return true;
	}
	if (cs_is_ascii(s)) {
		if (has_escape(s))
			cs_verdict_set(v, "ISO-2022-JP",
			    "7-bit with the escapes of ISO-2022-JP");
		else
			cs_verdict_set(v, "UTF-8",
			    "all %s bytes read are 7-bit", grouped(n, s.n));
		return true;
	}
	if (is_utf8(in)) {
		cs_verdict_set(
		    v, "UTF-8", "all %s bytes read are UTF-8", grouped(n, s.n));
		return true;
	}
	switch (decide_japanese(in, v)) {
	case YES:
		return true;
	case IN_DOUBT:
		return false;
	default:
		return decide_eight_bit(in, v);
	}
}

const char *
cs_decode_guess(struct cs_str bytes)
{
	static const char *const names[] = {"CP932", "EUC-JP-MS", "ISO-2022-JP",
	    "UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"};
	struct cs_verdict v;

	if (!cs_decode_decide((struct cs_sample){bytes, true}, &v))
		return NULL;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(v.name, names[i]) == 0)
			return names[i];
	return NULL;
}
