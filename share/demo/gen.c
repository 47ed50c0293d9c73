/* gen: the demo's export: 3,000 shops of a shop builder that never were.
 *	gen shops	as of 2026-04-15
 *	gen last	the same shops as of 2026-03-15
 * CSV in UTF-8 with CRLF on standard output. Whole numbers, its own random
 * numbers, no clock, no locale: the bytes are the same on every machine. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "gen_words.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define PICK(r, a) ((a)[below(r, (unsigned)COUNT(a))])

enum { SHOPS = 3000, NEVER = -1, HIDDEN = -1 };

/* --- random numbers (splitmix64) --- */

struct rng {
	uint64_t state;
};

static uint64_t
next(struct rng *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* 0 .. n-1 */
static unsigned
below(struct rng *r, unsigned n)
{
	return (unsigned)((next(r) >> 32) * n >> 32);
}

static int
between(struct rng *r, int lo, int hi)
{
	return hi <= lo ? lo : lo + (int)below(r, (unsigned)(hi - lo) + 1);
}

static bool
chance(struct rng *r, int percent)
{
	return (int)below(r, 100) < percent;
}

/* A stream of its own for each shop and purpose, so that a change to one
 * column does not move all others. */
static struct rng
stream(int shop, unsigned purpose)
{
	struct rng r = {0x63736f70u + (uint64_t)shop * 1000 + purpose};

	next(&r);
	return r;
}

enum { FACTS = 1, WORDS, SETTINGS, HOLES, MONTH_AGO };

/* --- days, counted from 2020-01-01 --- */

static bool
is_leap(int y)
{
	return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
}

static int
month_days(int y, int m)
{
	static const int n[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return n[m - 1] + (m == 2 && is_leap(y));
}

static int
day(int y, int m, int d)
{
	int n = d - 1;

	while (--m > 0)
		n += month_days(y, m);
	while (--y >= 2020)
		n += 365 + is_leap(y);
	return n;
}

static void
put_day(int n)
{
	int y = 2020, m = 1;

	if (n == NEVER)
		return;
	for (; n >= 365 + is_leap(y); y++)
		n -= 365 + is_leap(y);
	for (; n >= month_days(y, m); m++)
		n -= month_days(y, m);
	printf("%04d-%02d-%02d", y, m, n + 1);
}

/* --- a shop --- */

enum status { APPLIED, TRIAL, ACTIVE, CANCELLED };

struct shop {
	int number;
	int drive; /* 0..99: how seriously it is run; never printed */
	bool is_company;
	const struct category *category;
	int plan; /* HIDDEN: none yet */
	int applied, trial, contracted, opened, first_sale,
	    cancelled; /* days */
	int products, max_pv, sales, logins, last_login;
	int free_pages;
	bool has_logo, has_domain, has_sns;
	int consented, nps;
	bool is_opted_out;
};

static enum status
status_of(const struct shop *s)
{
	return s->cancelled != NEVER	? CANCELLED
	       : s->contracted != NEVER ? ACTIVE
	       : s->trial != NEVER	? TRIAL
					: APPLIED;
}

/* d, or NEVER when that lies in the future. */
static int
until(int d, int today)
{
	return d > today ? NEVER : d;
}

/* The way from the application to the opening. */
static void
begin(struct shop *s, struct rng *r, int today)
{
	int first = day(2022, 1, 10), a = between(r, first, today - 1),
	    b = between(r, first, today - 1);

	s->drive = (int)(below(r, 100) + below(r, 100)) / 2;
	s->applied = a > b ? a : b; /* the service grows */
	s->trial = s->contracted = s->opened = s->first_sale = NEVER;
	if (chance(r, 93))
		s->trial = until(s->applied + between(r, 0, 5), today);
	if (s->trial != NEVER && chance(r, 42 + s->drive * 2 / 5))
		s->contracted = until(s->trial + between(r, 3, 30), today);
	if (s->contracted != NEVER && chance(r, 62 + s->drive / 3))
		s->opened = until(s->contracted + between(r, 2, 20) +
				      between(r, 0, 100 - s->drive),
		    today);
}

/* Page views grow with drive and time, in powers of two. */
static void
grow(struct shop *s, struct rng *r, int today)
{
	int months, k, likely;

	s->max_pv = s->contracted == NEVER ? 0 : between(r, 0, 40);
	if (s->opened == NEVER)
		return;
	months = (today - s->opened) / 30;
	k = (s->drive + (months > 36 ? 36 : months) + between(r, 0, 55)) / 18;
	s->max_pv = between(r, 16, 31) << k;
	s->max_pv += between(r, 0, s->max_pv / 4);
	likely = s->max_pv >= 1000 ? 90 : s->max_pv >= 300 ? 52 : 20;
	if (chance(r, likely))
		s->first_sale = until(s->opened + between(r, 1, 20) +
					  between(r, 0, 6000 / (s->drive + 30)),
		    today);
}

/* A shop that is seen stays; one that does not open goes. */
static void
leave(struct shop *s, struct rng *r, int today)
{
	int since = s->contracted, percent = 38;

	s->cancelled = NEVER;
	if (s->trial == NEVER) {
		s->cancelled = until(s->applied + 60, today);
	} else if (s->contracted == NEVER) {
		s->cancelled = until(s->trial + 30, today);
	} else {
		if (s->opened != NEVER) {
			since = s->opened;
			percent = s->max_pv >= 1000  ? 7
				  : s->max_pv >= 300 ? 18
						     : 33;
		}
		if (s->first_sale != NEVER)
			since = s->first_sale;
		since += 20;
		if (since < today && chance(r, percent))
			s->cancelled = between(r, since, today);
	}
}

/* What a living shop does in a month. */
static void
live(struct shop *s, struct rng *r, int today)
{
	int age = today - s->applied;
	enum status status = status_of(s);

	s->products = s->contracted == NEVER
			  ? between(r, 0, 6)
			  : 1 + s->drive * s->drive * between(r, 1, 90) / 9000;
	s->sales = 0;
	s->logins = 0;
	if (status == CANCELLED) {
		s->last_login = s->cancelled - between(r, 0, 40);
	} else {
		s->logins = between(r, 0, 3 + s->drive / 4);
		if (chance(r, 34 - s->drive / 4))
			s->logins = 0;
		s->last_login =
		    today - (s->logins > 0 ? between(r, 0, 40 / s->logins)
					   : between(r, 31, 160));
		if (s->first_sale != NEVER)
			s->sales = s->max_pv / between(r, 60, 240) *
				   (int)(s->category->yen +
					 below(r, s->category->yen));
	}
	if (s->last_login < s->applied)
		s->last_login = s->applied + (age > 2 ? between(r, 0, 2) : 0);
}

static void
set_up(struct shop *s, struct rng *r)
{
	bool is_open = s->opened != NEVER;

	s->is_company = chance(r, 22 + s->drive / 5);
	s->category = &PICK(r, categories);
	s->plan = s->contracted == NEVER	 ? HIDDEN
		  : chance(r, 30 - s->drive / 4) ? 0
		  : chance(r, 88 - s->drive / 6) ? 1
						 : 2;
	s->has_logo = chance(r, (is_open ? 35 : 10) + s->drive / 2);
	s->free_pages =
	    chance(r, (is_open ? 25 : 5) + s->drive / 2) ? between(r, 1, 6) : 0;
	s->has_domain = s->contracted != NEVER &&
			chance(r, (is_open ? 5 : 0) + s->drive / 3);
	s->has_sns = chance(r, 20 + s->drive / 2);
	s->consented = chance(r, 84) ? s->applied : NEVER;
	s->is_opted_out = chance(r, 6);
	s->nps = HIDDEN;
	if (is_open && chance(r, 24)) {
		s->nps = between(r, 2, 6) + s->drive / 20 + (s->max_pv >= 1000);
		s->nps = s->nps > 10 ? 10 : s->nps;
	}
}

static void
make(struct shop *s, int number, int today)
{
	struct rng facts = stream(number, FACTS),
		   settings = stream(number, SETTINGS);

	s->number = number;
	begin(s, &facts, today);
	grow(s, &facts, today);
	leave(s, &facts, today);
	set_up(s, &settings);
	live(s, &facts, today);
}

/* The shop as it was a month earlier; false: it was not there yet. */
static bool
rewind_to(struct shop *s, int then)
{
	struct rng r = stream(s->number, MONTH_AGO);
	int *day_of[] = {&s->trial, &s->contracted, &s->opened, &s->first_sale,
	    &s->cancelled, &s->consented};
	bool was_open;

	if (s->applied > then)
		return false;
	was_open = s->opened != NEVER && s->opened <= then;
	for (size_t i = 0; i < COUNT(day_of); i++)
		*day_of[i] = until(*day_of[i], then);
	if (s->contracted == NEVER)
		s->plan = HIDDEN;
	if (!was_open) {
		s->max_pv = s->contracted == NEVER ? 0 : s->max_pv % 41;
		s->nps = HIDDEN;
	} else if (chance(&r, 55)) {
		s->max_pv -= s->max_pv * between(&r, 1, 25) / 100;
	}
	if (s->products > 0 && chance(&r, 70))
		s->products -= between(&r, 1, 1 + s->products / 8);
	else if (chance(&r, 25))
		s->products +=
		    between(&r, 1, 3); /* some were taken out since */
	s->sales =
	    s->first_sale == NEVER ? 0 : s->sales / 100 * between(&r, 60, 115);
	if (status_of(s) != CANCELLED && chance(&r, 80))
		s->logins = between(&r, 0, 3 + s->drive / 4);
	if (s->last_login > then)
		s->last_login = then - between(&r, 0, 9);
	if (s->last_login < s->applied)
		s->last_login = s->applied;
	return true;
}

/* --- printing --- */

/* Writes a pattern with its words; returns how it ends. */
static size_t
fill(char *to, size_t cap, const char *pattern, struct rng *r)
{
	size_t n = 0;

	for (const char *p = pattern; *p != '\0'; p++) {
		char one[2] = {*p, '\0'};
		const char *word = one;

		/* A capital followed by another belongs to the pattern. */
		if (strchr("PSKL", *p) == NULL ||
		    (p[1] >= 'A' && p[1] <= 'Z') ||
		    (p > pattern && p[-1] >= 'A' && p[-1] <= 'z'))
			;
		else if (*p == 'P')
			word = PICK(r, places);
		else if (*p == 'S')
			word = PICK(r, surnames).kanji;
		else if (*p == 'K')
			word = PICK(r, kana_words);
		else
			word = PICK(r, latin_words);
		n += (size_t)snprintf(to + n, cap - n, "%s", word);
	}
	return n;
}

static void
put_quoted(const char *s)
{
	putchar('"');
	for (; *s != '\0'; s++) {
		if (*s == '"')
			putchar('"');
		putchar(*s);
	}
	putchar('"');
}

static void
put_name(const struct shop *s, struct rng *r)
{
	char name[400];
	size_t n = 0;

	name[0] = '\0';
	if (s->is_company && chance(r, 35)) {
		n = fill(name, sizeof(name), PICK(r, legal_forms), r);
		n += (size_t)snprintf(name + n, sizeof(name) - n, " ");
	}
	fill(name + n, sizeof(name) - n,
	    s->number % 37 == 11
		? awkward[(size_t)s->number / 37 % COUNT(awkward)]
		: PICK(r, s->category->pattern),
	    r);
	put_quoted(name);
}

static void
put_number(int n)
{
	if (n != HIDDEN)
		printf("%d", n);
}

/* The columns, in order. */
enum column {
	C_ID,
	C_SHOP,
	C_NAME,
	C_EMAIL,
	C_KIND,
	C_CATEGORY,
	C_STATUS,
	C_PLAN,
	C_APPLIED,
	C_TRIAL,
	C_CONTRACTED,
	C_OPENED,
	C_FIRST_SALE,
	C_CANCELLED,
	C_PRODUCTS,
	C_MAX_PV,
	C_SALES,
	C_LOGINS,
	C_LAST_LOGIN,
	C_LOGO,
	C_FREE_PAGES,
	C_DOMAIN,
	C_SNS,
	C_CONSENTED,
	C_OPTED_OUT,
	C_NPS,
	C_STAFF,
	COLUMNS
};

/* Names, and the percentage of cells that the export has lost. */
static const struct {
	const char *name;
	int holes;
} columns[COLUMNS] = {[C_ID] = {"ショップID", 0},
    [C_SHOP] = {"ショップ名", 1},
    [C_NAME] = {"担当者名", 3},
    [C_EMAIL] = {"メールアドレス", 1},
    [C_KIND] = {"区分", 2},
    [C_CATEGORY] = {"業種", 2},
    [C_STATUS] = {"契約状態", 1},
    [C_PLAN] = {"プラン", 1},
    [C_APPLIED] = {"申込日", 1},
    [C_TRIAL] = {"お試し開始日", 1},
    [C_CONTRACTED] = {"契約日", 1},
    [C_OPENED] = {"開店日", 2},
    [C_FIRST_SALE] = {"初受注日", 1},
    [C_CANCELLED] = {"解約日", 1},
    [C_PRODUCTS] = {"登録商品数", 2},
    [C_MAX_PV] = {"最大PV", 2},
    [C_SALES] = {"月商", 3},
    [C_LOGINS] = {"ログイン回数", 2},
    [C_LAST_LOGIN] = {"最終ログイン日", 2},
    [C_LOGO] = {"ロゴ設定", 2},
    [C_FREE_PAGES] = {"フリーページ数", 3},
    [C_DOMAIN] = {"独自ドメイン", 1},
    [C_SNS] = {"SNS連携", 2},
    [C_CONSENTED] = {"メルマガ同意日", 1},
    [C_OPTED_OUT] = {"配信停止", 1},
    [C_NPS] = {"NPS", 2},
    [C_STAFF] = {"CS担当", 1}};

/* The words of one shop, drawn whether its cells are shown or not. */
struct words {
	struct rng name; /* where the shop's name begins */
	const struct person *person;
	const char *given, *kana;
};

static void
put_cell(const struct shop *s, const struct words *w, enum column c)
{
	static const char *const status[] = {"申込", "お試し", "契約中",
	    "解約"},
				 *const plan[] = {
				     "フリー", "レギュラー", "ラージ"};
	struct rng name = w->name;

	switch (c) {
	case C_ID:
		printf("s%04d", s->number);
		break;
	case C_SHOP:
		put_name(s, &name);
		break;
	case C_NAME:
		if (w->kana != NULL)
			printf("%s", w->kana);
		else
			printf("%s %s", w->person->kanji, w->given);
		break;
	case C_EMAIL:
		printf("%s.%04d@%s", w->person->romaji, s->number,
		    s->is_company ? "shop.example.jp" : "example.com");
		break;
	case C_KIND:
		printf("%s", s->is_company ? "法人" : "個人");
		break;
	case C_CATEGORY:
		printf("%s", s->category->name);
		break;
	case C_STATUS:
		printf("%s", status[status_of(s)]);
		break;
	case C_PLAN:
		printf("%s", s->plan == HIDDEN ? "" : plan[s->plan]);
		break;
	case C_APPLIED:
		put_day(s->applied);
		break;
	case C_TRIAL:
		put_day(s->trial);
		break;
	case C_CONTRACTED:
		put_day(s->contracted);
		break;
	case C_OPENED:
		put_day(s->opened);
		break;
	case C_FIRST_SALE:
		put_day(s->first_sale);
		break;
	case C_CANCELLED:
		put_day(s->cancelled);
		break;
	case C_PRODUCTS:
		put_number(s->products);
		break;
	case C_MAX_PV:
		put_number(s->max_pv);
		break;
	case C_SALES:
		put_number(s->sales);
		break;
	case C_LOGINS:
		put_number(s->logins);
		break;
	case C_LAST_LOGIN:
		put_day(s->last_login);
		break;
	case C_LOGO:
		put_number(s->has_logo);
		break;
	case C_FREE_PAGES:
		put_number(s->free_pages);
		break;
	case C_DOMAIN:
		put_number(s->has_domain);
		break;
	case C_SNS:
		put_number(s->has_sns);
		break;
	case C_CONSENTED:
		put_day(s->consented);
		break;
	case C_OPTED_OUT:
		put_number(s->is_opted_out);
		break;
	case C_NPS:
		put_number(s->nps);
		break;
	case C_STAFF:
		if (s->contracted != NEVER)
			printf("%s", staff[(size_t)s->number % COUNT(staff)]);
		break;
	case COLUMNS:
		break;
	}
}

static void
put_shop(const struct shop *s)
{
	struct rng r = stream(s->number, WORDS),
		   holes = stream(s->number, HOLES);
	struct words w = {.person = &PICK(&r, surnames),
	    .given = PICK(&r, given_names),
	    .kana = s->number % 67 == 5 ? PICK(&r, kana_names) : NULL};

	w.name = r;
	for (int c = 0; c < COLUMNS; c++) {
		if (c > 0)
			putchar(',');
		if (!chance(&holes, columns[c].holes))
			put_cell(s, &w, (enum column)c);
	}
	printf("\r\n");
}

static void
put_header(void)
{
	for (int c = 0; c < COLUMNS; c++)
		printf("%s%s", c > 0 ? "," : "", columns[c].name);
	printf("\r\n");
}

int
main(int argc, char **argv)
{
	int today = day(2026, 4, 15), then = day(2026, 3, 15);
	bool is_last = argc == 2 && strcmp(argv[1], "last") == 0;

	if (!is_last && (argc != 2 || strcmp(argv[1], "shops") != 0)) {
		fprintf(stderr, "usage: gen shops | last\n");
		return 2;
	}
	put_header();
	for (int i = 1; i <= SHOPS; i++) {
		struct shop s;

		make(&s, i, today);
		if (!is_last || rewind_to(&s, then))
			put_shop(&s);
	}
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "gen: cannot write\n");
		return 3;
	}
	return 0;
}
