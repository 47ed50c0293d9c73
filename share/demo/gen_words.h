/* gen_words: what the demo's shops are called; only what CP932 has */
#ifndef GEN_WORDS_H
#define GEN_WORDS_H

struct person {
	const char *kanji, *romaji;
};

static const struct person surnames[] = {{"佐藤", "sato"}, {"鈴木", "suzuki"},
    {"髙橋", "takahashi"}, {"田中", "tanaka"}, {"伊藤", "ito"},
    {"渡邊", "watanabe"}, {"山本", "yamamoto"}, {"中村", "nakamura"},
    {"小林", "kobayashi"}, {"加藤", "kato"}, {"吉田", "yoshida"},
    {"山田", "yamada"}, {"佐々木", "sasaki"}, {"山口", "yamaguchi"},
    {"松本", "matsumoto"}, {"井上", "inoue"}, {"木村", "kimura"},
    {"林", "hayashi"}, {"斎藤", "saito"}, {"清水", "shimizu"},
    {"山﨑", "yamazaki"}, {"森", "mori"}, {"池田", "ikeda"},
    {"橋本", "hashimoto"}, {"阿部", "abe"}, {"石川", "ishikawa"},
    {"前田", "maeda"}, {"藤田", "fujita"}, {"小川", "ogawa"}, {"後藤", "goto"},
    {"岡田", "okada"}, {"長谷川", "hasegawa"}, {"村上", "murakami"},
    {"近藤", "kondo"}, {"石井", "ishii"}, {"坂本", "sakamoto"},
    {"遠藤", "endo"}, {"青木", "aoki"}, {"藤井", "fujii"},
    {"西村", "nishimura"}, {"福田", "fukuda"}, {"太田", "ota"},
    {"三浦", "miura"}, {"岡本", "okamoto"}, {"松田", "matsuda"},
    {"中川", "nakagawa"}, {"中野", "nakano"}, {"原田", "harada"},
    {"小野", "ono"}, {"田村", "tamura"}};

static const char *const given_names[] = {"陽子", "健太", "美咲", "大輔",
    "由美", "翔太", "真由美", "拓也", "直樹", "恵", "裕子", "誠", "さくら",
    "和也", "久美子", "浩", "愛", "亮", "千尋", "学", "香織", "修", "ひかり",
    "隆", "優子", "智子", "剛", "めぐみ", "秀樹", "彩"};

static const char *const kana_names[] = {
    "ｻﾄｳ ﾖｳｺ", "ﾔﾏﾀﾞ ｹﾝﾀ", "ﾅｶﾑﾗ ﾕﾐ", "ｺﾊﾞﾔｼ ﾏｺﾄ", "ﾏﾂﾓﾄ ｱﾔ"};

static const char *const places[] = {"札幌", "小樽", "盛岡", "仙台", "会津",
    "日光", "川越", "浅草", "下北沢", "鎌倉", "箱根", "信州", "高山", "金沢",
    "能登", "伊勢", "京都", "宇治", "大阪", "神戸", "奈良", "倉敷", "尾道",
    "萩", "讃岐", "松山", "土佐", "博多", "有田", "長崎", "阿蘇", "別府",
    "屋久島", "石垣"};

static const char *const kana_words[] = {"こもれび", "つむぎ", "ひなた",
    "ことり", "みずたま", "ほしぞら", "たんぽぽ", "やまびこ", "しろつめ",
    "なぎさ", "ふくろう", "まるさんかく", "あけぼの", "いとぐるま", "うみねこ",
    "かざぐるま", "くるみ", "さざなみ", "すずらん", "そらいろ", "とまりぎ",
    "ねこのて", "はなうた", "ひだまり", "ほっこり", "みつばち", "むぎわら",
    "ゆきのした", "らんぷ", "わたぐも"};

static const char *const latin_words[] = {"Lumiere", "Komorebi",
    "Petit Bonheur", "Blue Lantern", "Mokume", "Nord & Sud", "Rivage", "Sol",
    "Tsukimi", "Verde", "Atelier N", "Kumo", "Merci", "Harbor 8", "Ichigo",
    "Nami", "Oak+Linen", "Poco a Poco", "Quill", "Slow Days", "Tuck", "Umi",
    "Woolly", "Yoake", "Zakka Lab"};

/* In a pattern: P place, S surname, K kana word, L Latin word. */
struct category {
	const char *name;
	unsigned yen; /* what one order is worth */
	const char *pattern[8];
};

static const struct category categories[] = {
    {"ハンドメイド", 2800,
	{"アトリエ K", "Kの手仕事", "手づくり工房 K", "L handmade",
	    "刺繍と布小物 K", "P 革工房 S", "木のおもちゃ K", "あみもの K"}},
    {"ファッション", 7400,
	{"L TOKYO", "古着屋 K", "L & Co.", "P デニム S", "セレクトショップ L",
	    "きものの S", "L ONLINE STORE", "こども服 K"}},
    {"食品", 3900,
	{"P S製菓", "Kベーカリー", "P の味 S商店", "S醤油店", "珈琲豆 L",
	    "P 海産物問屋 S", "おやつの K", "SのP みやげ"}},
    {"雑貨", 2400,
	{"K雑貨店", "L 雑貨とくらし", "文具の S", "P うつわ K",
	    "L GENERAL STORE", "てぬぐい K", "Kマーケット", "暮らしの道具 S"}},
    {"コスメ・健康", 4600,
	{"L COSME", "石けん工房 K", "S漢方堂", "P 椿油 S", "アロマ K",
	    "L organics", "Kの森 ハーブ", "サプリの S"}},
    {"家具・インテリア", 18500,
	{"P 家具 S", "L FURNITURE", "木工房 S", "あかりの K", "L INTERIOR",
	    "畳の S", "Kの椅子", "アンティーク L"}},
    {"ペット用品", 3300,
	{"ねこ用品 K", "わんこ服 L", "P ペットフード S", "L PETS", "ことりの K",
	    "犬のおやつ K", "めだか専門店 S", "L Cat Works"}},
    {"本・音楽", 2100,
	{"古書 K", "S書店", "L RECORDS", "えほんの K", "P 古本市 S", "楽譜の S",
	    "L BOOKS", "ZINE L"}},
    {"スポーツ・趣味", 6200,
	{"P 釣具 S", "L OUTDOOR", "山道具 K", "模型の S", "L CYCLE", "剣道具 S",
	    "手芸材料 K", "L SURF"}},
    {"農産物", 3600,
	{"S農園", "P りんご園 S", "K ファーム", "L FARM", "P 茶舗 S",
	    "お米の S", "P みかん S農園", "はちみつ K"}}};

/* Names that break careless readers. */
static const char *const awkward[] = {"Bread, Butter & K", "雑貨店 \"K\"",
    "Kベーカリー\n(旧店名: S製パン)", "L, \"the\" store", "ｱﾄﾘｴ K",
    "まるいち①号店 S", "No.① S商会", "L ～ P から世界へ～", "#L", "'K'",
    "S\"亭\", P 本店", "ｼｮｯﾌﾟ L Ⅱ", "100% L", "K；うつわ、布、紙",
    "=L=", "K\n― P の小さな店 ―"};

static const char *const legal_forms[] = {"株式会社S", "㈱S商店", "(株)L",
    "S物産株式会社", "有限会社 S", "合同会社L", "㈲S屋"};

/* Who looks after shops. */
static const char *const staff[] = {"青山", "石橋", "上田", "江口", "髙木"};

#endif
