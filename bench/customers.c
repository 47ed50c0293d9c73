/* customers: the bench's input: N customers of a shop builder that never were.
 *	customers N [csv|quoteall|jsonl|cp932] >FILE
 * Whole numbers, its own random numbers, a stream for each row: the bytes are
 * the same on every machine, and row i is the same whatever N is. cp932 is
 * what an old back office exports: CP932, CRLF, quotes where needed. */
#include <iconv.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) ((unsigned)(sizeof(a) / sizeof((a)[0])))
#define PICK(r, a) ((a)[below(r, COUNT(a))])

enum { CELL = 160, BLOCK = 1 << 18, ROW_MAX = 1 << 14 };
enum { DAYS = 900 }; /* from 2024-01-13 to the last day, 2026-06-30 */

enum form { CSV, QUOTEALL, JSONL, CP932 };

/* How a column looks in JSON. */
enum type { TEXT, NUMBER, TRUTH };

static const struct {
	const char *name;
	enum type type;
} column[] = {
    {"id", TEXT},
    {"shop_name", TEXT},
    {"plan", TEXT},
    {"contract_status", TEXT},
    {"opened_at", TEXT},
    {"trial_started_at", TEXT},
    {"contract_at", TEXT},
    {"cancelled_at", TEXT},
    {"product_count", NUMBER},
    {"has_logo", TRUTH},
    {"has_free_page", TRUTH},
    {"max_pv", NUMBER},
    {"monthly_sales", NUMBER},
    {"login_count_30d", NUMBER},
    {"last_login_at", TEXT},
    {"nps", NUMBER},
    {"email", TEXT},
    {"phone", TEXT},
    {"prefecture", TEXT},
    {"sns_count", NUMBER},
    {"seo_set", TRUTH},
    {"mail_opt_out", TRUTH},
    {"mrr", NUMBER},
    {"tenure_months", NUMBER},
};

enum {
	ID,
	SHOP_NAME,
	PLAN,
	CONTRACT_STATUS,
	OPENED_AT,
	TRIAL_STARTED_AT,
	CONTRACT_AT,
	CANCELLED_AT,
	PRODUCT_COUNT,
	HAS_LOGO,
	HAS_FREE_PAGE,
	MAX_PV,
	MONTHLY_SALES,
	LOGIN_COUNT_30D,
	LAST_LOGIN_AT,
	NPS,
	EMAIL,
	PHONE,
	PREFECTURE,
	SNS_COUNT,
	SEO_SET,
	MAIL_OPT_OUT,
	MRR,
	TENURE_MONTHS,
	COLUMNS
};

/* The cells of a row: text, with what must be quoted in it. Names have what
 * CP932 alone has, and characters whose second byte there is a backslash. */
static const char *const company[] = {
    "", "", "", "", "株式会社", "合同会社", "㈱", "有限会社"};
static const char *const place[] = {"ひなた", "髙橋", "能見台", "海辺",
    "山の手", "十条", "さくら坂", "ソラ", "予讃", "貼絵", "Harbour", "ﾐﾅﾄ",
    "噂", "№8"};
static const char *const trade[] = {"雑貨店", "製菓", "古書", "コーヒー焙煎所",
    "園芸", "Workshop", "珈琲", "染物", "本舗", "食堂", "ストア", "工芸"};
static const char *const prefecture[] = {"北海道", "青森県", "宮城県", "福島県",
    "茨城県", "埼玉県", "千葉県", "東京都", "神奈川県", "新潟県", "石川県",
    "長野県", "静岡県", "愛知県", "京都府", "大阪府", "兵庫県", "奈良県",
    "和歌山県", "岡山県", "広島県", "香川県", "愛媛県", "福岡県", "熊本県",
    "鹿児島県", "沖縄県"};
static const char *const domain[] = {
    "example.com", "example.jp", "mail.example.net", "post.example.org"};

static const struct {
	const char *name;
	unsigned fee;
} plan[] = {
    {"free", 0},
    {"free", 0},
    {"free", 0},
    {"light", 980},
    {"light", 980},
    {"standard", 2980},
    {"standard", 4980},
    {"pro", 9800},
};

/* --- random numbers (splitmix64) --- */

struct row {
	uint64_t state;
	char cell[COLUMNS][CELL];
};

static uint64_t
next(struct row *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* 0 .. n-1 */
static unsigned
below(struct row *r, unsigned n)
{
	return (unsigned)((next(r) >> 32) * n >> 32);
}

static bool
chance(struct row *r, unsigned percent)
{
	return below(r, 100) < percent;
}

/* --- cells --- */

static void
put_number(struct row *r, int k, unsigned n)
{
	snprintf(r->cell[k], CELL, "%u", n);
}

static void
put_truth(struct row *r, int k, bool is_true)
{
	strcpy(r->cell[k], is_true ? "true" : "false");
}

/* Day 0 is 2024-01-13. */
static void
put_day(struct row *r, int k, unsigned day)
{
	static const unsigned length[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	unsigned y = 2024, mo = 0, d = day + 12;

	for (;; mo = (mo + 1) % 12, y += mo == 0) {
		unsigned n = length[mo] + (mo == 1 && y % 4 == 0);

		if (d < n)
			break;
		d -= n;
	}
	snprintf(r->cell[k], CELL, "%04u-%02u-%02u", y, mo + 1, d + 1);
}

static void
put_second(struct row *r, int k, unsigned day, unsigned s)
{
	put_day(r, k, day);
	snprintf(r->cell[k] + 10, CELL - 10, "T%02u:%02u:%02u", s / 3600,
	    s / 60 % 60, s % 60);
}

/* One name in seven must be quoted: a comma, quotes, or a line end in it. */
static void
put_name(struct row *r)
{
	const char *c = PICK(r, company), *a = PICK(r, place),
		   *b = PICK(r, place), *t = PICK(r, trade);
	unsigned branch = below(r, 1000), kind = below(r, 100);
	const char *quote = kind >= 9 && kind < 13 ? "\"" : "";
	const char *join = kind < 9    ? ", "
			   : kind < 13 ? "\" "
			   : kind < 15 ? "\n"
				       : " ";

	snprintf(r->cell[SHOP_NAME], CELL, "%s%s%s%s%s%s%u号店", c, quote, a,
	    join, b, t, branch);
}

/* Most logins are of late. */
static void
put_last_login(struct row *r, unsigned left)
{
	unsigned ago = 1 + below(r, below(r, left) + 1);

	put_second(r, LAST_LOGIN_AT, DAYS - ago, below(r, 86400));
}

static void
put_contract(struct row *r)
{
	unsigned p = below(r, COUNT(plan)), status = below(r, 8),
		 opened = below(r, DAYS), left = DAYS - opened,
		 signed_on = opened + below(r, left);
	bool is_trial = status >= 6;

	strcpy(r->cell[PLAN], plan[p].name);
	put_number(r, MRR, plan[p].fee + (chance(r, 10) ? below(r, 6000) : 0));
	strcpy(r->cell[CONTRACT_STATUS], is_trial      ? "trial"
					 : status == 5 ? "cancelled"
					 : status == 4 ? "suspended"
						       : "active");
	put_day(r, OPENED_AT, opened);
	put_number(r, TENURE_MONTHS, left / 30);
	if (!chance(r, 20))
		put_day(r, TRIAL_STARTED_AT,
		    opened + below(r, left < 30 ? left : 30));
	if (!is_trial && !chance(r, 25))
		put_day(r, CONTRACT_AT, signed_on);
	if (status == 5)
		put_day(
		    r, CANCELLED_AT, signed_on + below(r, DAYS - signed_on));
	if (!chance(r, 8))
		put_last_login(r, left);
}

static void
put_use(struct row *r)
{
	put_number(r, PRODUCT_COUNT,
	    chance(r, 15)   ? 0
	    : chance(r, 70) ? below(r, 30)
			    : below(r, 2000));
	put_truth(r, HAS_LOGO, chance(r, 60));
	put_truth(r, HAS_FREE_PAGE, chance(r, 35));
	if (!chance(r, 5))
		put_number(r, MAX_PV, below(r, chance(r, 50) ? 500 : 60000));
	if (!chance(r, 10))
		put_number(r, MONTHLY_SALES,
		    chance(r, 30)   ? 0
		    : chance(r, 50) ? below(r, 20000)
				    : below(r, 3000000));
	put_number(r, LOGIN_COUNT_30D, below(r, below(r, 60) + 1));
	if (!chance(r, 40))
		put_number(r, NPS, below(r, 11));
	put_number(r, SNS_COUNT, below(r, 5));
	put_truth(r, SEO_SET, chance(r, 40));
}

static void
put_contact(struct row *r, uint64_t i)
{
	unsigned box = below(r, 100), prefix = 7 + below(r, 3);
	const char *at = PICK(r, domain);

	snprintf(r->cell[EMAIL], CELL, "tencho%02u.%llu@%s", box,
	    (unsigned long long)i, at);
	snprintf(r->cell[PHONE], CELL, "0%u0%08u", prefix, below(r, 100000000));
}

static void
fill(struct row *r, uint64_t i)
{
	r->state = i * 0xa0761d6478bd642fu;
	for (int k = 0; k < COLUMNS; k++)
		r->cell[k][0] = '\0';
	snprintf(r->cell[ID], CELL, "C%07llu", (unsigned long long)i);
	put_name(r);
	put_contract(r);
	put_use(r);
	put_contact(r, i);
	strcpy(r->cell[PREFECTURE], PICK(r, prefecture));
	put_truth(r, MAIL_OPT_OUT, chance(r, 12));
}

/* --- forms --- */

struct text {
	size_t n;
	char at[BLOCK + ROW_MAX];
};

static void
add(struct text *t, const char *s)
{
	size_t n = strlen(s);

	memcpy(t->at + t->n, s, n);
	t->n += n;
}

/* The cell between quotes, with `escape` before what stands in `special`. */
static void
add_quoted(struct text *t, const char *s, const char *special, char escape)
{
	t->at[t->n++] = '"';
	for (; *s != '\0'; s++) {
		if (strchr(special, *s) != NULL)
			t->at[t->n++] = escape;
		t->at[t->n++] = *s == '\n' && escape == '\\' ? 'n' : *s;
	}
	t->at[t->n++] = '"';
}

static void
add_csv(struct text *t, const char *s, enum form form)
{
	if (form == QUOTEALL || strpbrk(s, ",\"\n") != NULL)
		add_quoted(t, s, "\"", '"');
	else
		add(t, s);
}

static void
add_json(struct text *t, const char *s, int k)
{
	add_quoted(t, column[k].name, "", '\0');
	add(t, ":");
	if (*s == '\0')
		add(t, "null");
	else if (column[k].type == TEXT)
		add_quoted(t, s, "\"\\\n", '\\');
	else
		add(t, s);
}

/* A row, or with NULL the header. */
static void
add_row(struct text *t, const struct row *r, enum form form)
{
	if (form == JSONL && r == NULL)
		return;
	for (int k = 0; k < COLUMNS; k++) {
		add(t, k > 0 ? "," : form == JSONL ? "{" : "");
		if (form == JSONL)
			add_json(t, r->cell[k], k);
		else
			add_csv(
			    t, r == NULL ? column[k].name : r->cell[k], form);
	}
	add(t, form == JSONL ? "}\n" : form == CP932 ? "\r\n" : "\n");
}

/* Writes t, converted if to is open, and empties it. */
static bool
flush(struct text *t, iconv_t to)
{
	static char converted[BLOCK + ROW_MAX];
	char *in = t->at, *out = converted;
	size_t n = t->n, room = sizeof(converted);

	t->n = 0;
	if (to == NULL)
		return fwrite(in, 1, n, stdout) == n;
	if (iconv(to, &in, &n, &out, &room) == (size_t)-1)
		return false;
	n = sizeof(converted) - room;
	return fwrite(converted, 1, n, stdout) == n;
}

static bool
write_all(uint64_t n, enum form form, iconv_t to)
{
	static struct text t;
	static struct row r;

	add_row(&t, NULL, form);
	for (uint64_t i = 1; i <= n; i++) {
		fill(&r, i);
		add_row(&t, &r, form);
		if (t.n >= BLOCK && !flush(&t, to))
			return false;
	}
	return flush(&t, to) && fflush(stdout) == 0;
}

int
main(int argc, char **argv)
{
	static const char *const name[] = {"csv", "quoteall", "jsonl", "cp932"};
	unsigned form = CSV;
	iconv_t to = NULL;
	bool is_good;
	char *end = NULL;
	uint64_t n = argc > 1 ? strtoull(argv[1], &end, 10) : 0;

	while (
	    argc == 3 && form < COUNT(name) && strcmp(name[form], argv[2]) != 0)
		form++;
	if (argc < 2 || argc > 3 || *end != '\0' || form == COUNT(name)) {
		fputs(
		    "usage: customers N [csv|quoteall|jsonl|cp932]\n", stderr);
		return 2;
	}
	if (form == CP932 &&
	    (to = iconv_open("CP932", "UTF-8")) == (iconv_t)-1) {
		perror("customers: CP932");
		return 3;
	}
	is_good = write_all(n, (enum form)form, to);
	if (!is_good)
		perror("customers");
	if (to != NULL)
		iconv_close(to);
	return is_good ? 0 : 3;
}
