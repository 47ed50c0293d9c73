/* decode: how often short Japanese texts are read right
 *
 * Random texts of a cell, a row and a small file are written in each encoding
 * and read without its name. Right is the very text; in doubt is exit 2; wrong
 * is another text without a word, of which there are limits. The rates stand in
 * cs-ingest(1). The seed is fixed: the same texts each time. */
#include <iconv.h>

#include "arena.h"
#include "decode.h"
#include "tap.h"

enum { TEXTS = 400 };

static const char *const surname[] = {"佐藤", "鈴木", "髙橋", "田中", "伊藤",
    "渡邊", "山本", "中村", "小林", "加藤", "吉田", "山田", "佐々木", "山口",
    "松本", "井上", "木村", "林", "斎藤", "清水", "山﨑", "森", "池田", "橋本",
    "阿部", "石川", "前田", "藤田", "小川", "後藤", "岡田", "長谷川", "村上",
    "近藤", "石井", "坂本", "遠藤", "青木", "藤井", "西村", "福田", "太田",
    "三浦", "岡本", "松田", "中川", "中野", "原田", "小野", "田村", "竹内",
    "金子", "和田", "中山", "石田", "上田", "森田", "柴田", "酒井", "工藤",
    "横山", "宮崎", "宮本", "内田", "高木", "安藤", "島田", "谷口", "大野",
    "丸山", "今井", "河野", "藤原", "小山", "久保", "新井", "菅原", "千葉"};
static const char *const given[] = {"陽子", "健太", "美咲", "大輔", "由美",
    "翔太", "真由美", "拓也", "直樹", "恵", "裕子", "誠", "さくら", "和也",
    "久美子", "浩", "愛", "亮", "千尋", "学", "香織", "修", "ひかり", "隆",
    "優子", "智子", "剛", "めぐみ", "秀樹", "彩", "葵", "陸", "凛", "蓮"};
static const char *const place[] = {"東京都千代田区丸の内", "大阪府大阪市北区",
    "北海道札幌市中央区", "愛知県名古屋市中区", "福岡県福岡市博多区",
    "神奈川県横浜市西区", "京都府京都市下京区", "兵庫県神戸市中央区",
    "宮城県仙台市青葉区", "広島県広島市中区", "静岡県浜松市", "新潟県長岡市",
    "石川県金沢市", "長野県松本市", "熊本県熊本市", "沖縄県那覇市", "青森県",
    "埼玉県さいたま市浦和区", "千葉県船橋市", "岡山県倉敷市", "鹿児島県",
    "茨城県つくば市", "群馬県前橋市", "栃木県宇都宮市", "岐阜県高山市",
    "三重県伊勢市", "滋賀県大津市", "奈良県生駒市", "和歌山県", "香川県高松市"};
static const char *const word[] = {"売上", "在庫", "商品名", "株式会社",
    "有限会社", "㈱青空", "カレンダー", "ノート", "手づくり", "こもれび",
    "ハンドメイド", "雑貨", "アクセサリー", "焼き菓子", "コーヒー豆", "紅茶",
    "写真", "本", "古着", "革製品", "陶器", "石けん", "ｷﾞﾌﾄ", "送料無料",
    "入金済", "未払い", "解約", "契約中", "無料プラン", "有料", "退会", "①",
    "予約販売", "Tシャツ", "はい", "いいえ", "男性", "女性", "その他", "～円"};
static const char *const kana[] = {"ｻﾄｳ", "ｽｽﾞｷ", "ﾀｶﾊｼ", "ﾀﾅｶ", "ｲﾄｳ", "ﾜﾀﾅﾍﾞ",
    "ﾔﾏﾓﾄ", "ﾅｶﾑﾗ", "ｺﾊﾞﾔｼ", "ｶﾄｳ", "ﾖｼﾀﾞ", "ﾔﾏﾀﾞ", "ｻｻｷ", "ﾔﾏｸﾞﾁ", "ﾏﾂﾓﾄ",
    "ｲﾉｳｴ", "ｷﾑﾗ", "ﾊﾔｼ", "ｻｲﾄｳ", "ｼﾐｽﾞ", "ﾔﾏｻﾞｷ", "ﾓﾘ", "ｲｹﾀﾞ", "ﾊｼﾓﾄ", "ｱﾍﾞ",
    "ｲｼｶﾜ", "ﾖｳｺ", "ｹﾝﾀ", "ﾐｻｷ", "ﾀﾞｲｽｹ", "ﾕﾐ", "ｼｮｳﾀ", "ﾏｺﾄ", "ｶ)ｱｵｿﾞﾗｼｮｳｶｲ",
    "ﾕ)ﾐﾅﾄｻﾞﾂｶ", "ｶﾌﾞｼｷｶﾞｲｼｬ"};

static uint64_t state;

static size_t
below(size_t n)
{
	/* splitmix64 */
	uint64_t z = state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (size_t)((z ^ z >> 31) % n);
}

#define ANY(v) ((v)[below(sizeof(v) / sizeof(*(v)))])

/* ---- texts ---- */

static void
name(struct cs_buf *b)
{
	cs_buf_printf(b, "%s\n", ANY(surname));
}

/* Kanji of level 1, whether people write them or not. */
static void
any_kanji(struct cs_buf *b)
{
	iconv_t cd = iconv_open("UTF-8", "EUC-JP-MS");
	char euc[8], *from = euc;
	size_t n = 4 + 2 * below(3), space = 16;
	char *at = cs_buf_room(b, space);

	for (size_t i = 0; i < n; i += 2) {
		euc[i] = (char)(0xb0 + below(31));
		euc[i + 1] = (char)(0xa1 + below(94));
	}
	iconv(cd, &from, &n, &at, &space);
	b->n = (size_t)(at - b->p);
	cs_buf_putc(b, '\n');
	iconv_close(cd);
}

static void
half(struct cs_buf *b)
{
	cs_buf_printf(b, "%zu,%s %s\n", below(900), ANY(kana), ANY(kana));
}

static void
row(struct cs_buf *b)
{
	cs_buf_printf(b, "%zu,%s %s,%s%zu-%zu,%s,%zu\n", 1000 + below(9000),
	    ANY(surname), ANY(given), ANY(place), below(9) + 1, below(30) + 1,
	    ANY(word), below(100000));
}

static void
file(struct cs_buf *b)
{
	cs_buf_puts(b, "id,name,address,status,mrr\n");
	for (size_t i = 3 + below(8); i > 0; i--)
		row(b);
}

/* One word in 200 rows of ASCII. */
static void
one_word(struct cs_buf *b)
{
	size_t at = below(200);

	for (size_t i = 0; i < 200; i++)
		cs_buf_printf(b, "%zu,abc,2020-01-01,%s\n", i,
		    i == at ? ANY(surname) : "");
}

/* JIGYOSYO.CSV, where it is. */
static struct cs_str offices;

static struct cs_str
office(void)
{
	struct cs_str s = offices, line;

	s.p += below(offices.n - 2000);
	s.n = (size_t)(offices.p + offices.n - s.p);
	cs_str_next(&s, '\n', &line);
	cs_str_next(&s, '\n', &line);
	return line;
}

static void
office_row(struct cs_buf *b)
{
	cs_buf_str(b, office());
	cs_buf_putc(b, '\n');
}

static void
cell(struct cs_buf *b, size_t n)
{
	struct cs_str s = office(), piece = s;

	for (size_t i = 0; i <= n; i++)
		cs_str_next(&s, ',', &piece);
	cs_buf_str(b, piece);
	cs_buf_putc(b, '\n');
}

static void
office_kana(struct cs_buf *b)
{
	cell(b, 1);
}

static void
office_name(struct cs_buf *b)
{
	cell(b, 2);
}

/* ---- rates ---- */

enum verdict { RIGHT, DOUBT, WRONG };

static bool
encode(struct cs_buf *b, struct cs_str s, const char *to)
{
	iconv_t cd = iconv_open(to, "UTF-8");
	size_t n = s.n, space = s.n * 4 + 64, rc;
	char *from = (char *)s.p, *at;

	cs_buf_reset(b);
	at = cs_buf_room(b, space);
	rc = iconv(cd, &from, &n, &at, &space);
	if (rc != (size_t)-1)
		rc = iconv(cd, NULL, NULL, &at, &space);
	b->n = (size_t)(at - b->p);
	iconv_close(cd);
	return rc != (size_t)-1;
}

static enum verdict
judge(struct cs_str bytes, struct cs_str want, char found[64])
{
	struct cs_in *in = cs_in_memory("m", bytes);
	struct cs_err err;
	struct cs_decode *d = cs_decode_open(in, NULL, &err);
	enum verdict v = d == NULL ? DOUBT : RIGHT;
	struct cs_buf got = {0};
	struct cs_str line, text;
	size_t bad = 0;

	while (d != NULL && cs_in_line(in, &line, &err) == CS_GOT) {
		bad += cs_decode_line(d, line, &text);
		cs_buf_str(&got, text);
	}
	if (d != NULL)
		snprintf(found, 64, "%s", cs_decode_name(d));
	if (d != NULL && (bad > 0 || !cs_str_eq(cs_buf_get(&got), want)))
		v = WRONG;
	cs_buf_free(&got);
	cs_decode_close(d);
	cs_in_close(in);
	return v;
}

struct kind {
	const char *what;
	void (*make)(struct cs_buf *b);
	/* The least right and the most wrong of TEXTS, in parts of 1,000. */
	struct {
		size_t right, wrong;
	} cp932, euc;
};

/* A text in an encoding that lacks a character of it is made anew. */
static void
rate(const struct kind *k, const char *to, size_t least, size_t most)
{
	size_t n[3] = {0};
	struct cs_buf text = {0}, bytes = {0};

	state = 42;
	for (size_t i = 0; i < TEXTS; i++) {
		char found[64] = "in doubt";
		enum verdict v;

		do {
			cs_buf_reset(&text);
			k->make(&text);
		} while (!encode(&bytes, cs_buf_get(&text), to));
		v = judge(cs_buf_get(&bytes), cs_buf_get(&text), found);
		n[v]++;
		if (v == WRONG && getenv("RATES_SHOW") != NULL && text.n < 80)
			printf("# %s as %s: %s:%.*s", to, found, k->what,
			    CS_ARG(cs_buf_get(&text)));
	}
	ok(1000 * n[RIGHT] >= least * TEXTS && 1000 * n[WRONG] <= most * TEXTS,
	    "%s, %s: %.1f %% right, %.1f %% in doubt, %.1f %% wrong", k->what,
	    to, (double)n[RIGHT] * 100 / TEXTS, (double)n[DOUBT] * 100 / TEXTS,
	    (double)n[WRONG] * 100 / TEXTS);
	cs_buf_free(&text);
	cs_buf_free(&bytes);
}

static bool
read_offices(struct cs_buf *b)
{
	const char *dir = getenv("CSOPS_SHARED");
	char path[512];
	struct cs_str raw, text;
	struct cs_decode *d;
	struct cs_err err;
	struct cs_in *in;

	snprintf(path, sizeof(path),
	    "%s/data/japanpost-jigyosyo/JIGYOSYO.CSV.gz",
	    dir ? dir : "../shared");
	in = cs_in_open(path, &err);
	if (in == NULL)
		return false;
	d = cs_decode_open(in, "cp932", &err);
	while (cs_in_line(in, &raw, &err) == CS_GOT) {
		cs_decode_line(d, raw, &text);
		cs_buf_str(b, text);
	}
	cs_decode_close(d);
	cs_in_close(in);
	return true;
}

int
main(void)
{
	static const struct kind kinds[] = {
	    {"a name alone", name, {995, 0}, {995, 0}},
	    {"2 to 4 kanji, any", any_kanji, {780, 85}, {470, 260}},
	    {"a name in half-width kana", half, {990, 5}, {990, 5}},
	    {"a row", row, {1000, 0}, {1000, 0}},
	    {"a file of 3 to 10 rows", file, {1000, 0}, {1000, 0}},
	    {"a name in 200 rows of ASCII", one_word, {995, 0}, {995, 0}},
	};
	static const struct kind real[] = {
	    {"an office's name", office_name, {990, 0}, {1000, 0}},
	    {"its half-width kana", office_kana, {1000, 0}, {1000, 0}},
	    {"its row", office_row, {1000, 0}, {1000, 0}},
	};
	struct cs_buf b = {0};
	size_t n;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		rate(&kinds[i], "CP932", kinds[i].cp932.right,
		    kinds[i].cp932.wrong);
		rate(&kinds[i], "EUC-JP-MS", kinds[i].euc.right,
		    kinds[i].euc.wrong);
		rate(&kinds[i], "UTF-8", 1000, 0);
	}
	rate(&kinds[4], "ISO-2022-JP", 1000, 0);
	rate(&kinds[4], "UTF-16LE", 1000, 0);
	rate(&kinds[4], "UTF-32BE", 1000, 0);
	n = sizeof(real) / sizeof(*real);
	if (!read_offices(&b))
		skip("names and rows of post offices", "no shared data");
	offices = cs_buf_get(&b);
	for (size_t i = 0; i < n && offices.n > 0; i++) {
		rate(&real[i], "CP932", real[i].cp932.right,
		    real[i].cp932.wrong);
		rate(&real[i], "EUC-JP-MS", real[i].euc.right,
		    real[i].euc.wrong);
	}
	cs_buf_free(&b);
	return done();
}
