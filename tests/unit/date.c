/* date: calendar, forms, months, durations */
#include "date.h"
#include "tap.h"

static struct cs_civil
civil(int y, int m, int d)
{
	return (struct cs_civil){y, m, d};
}

/* Day numbers and weekdays from Python's datetime. */
static void
calendar(void)
{
	static const struct {
		struct cs_civil c;
		long days;
		int weekday;
	} v[] = {{{1970, 1, 1}, 0, 4}, {{2026, 3, 1}, 20513, 7},
	    {{2000, 2, 29}, 11016, 2}, {{1, 1, 1}, -719162, 1},
	    {{9999, 12, 31}, 2932896, 5}, {{1969, 12, 31}, -1, 3},
	    {{1600, 3, 1}, -135080, 3}, {{0, 1, 1}, -719528, 6}};
	struct cs_civil c, last = {-1, 12, 31};
	bool is_even = true;

	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++) {
		c = cs_days_civil(v[i].days);
		ok(cs_civil_days(v[i].c) == v[i].days &&
			c.year == v[i].c.year && c.month == v[i].c.month &&
			c.day == v[i].c.day &&
			cs_weekday(v[i].days) == v[i].weekday,
		    "day %ld", v[i].days);
	}
	for (long d = -719528; d <= 2932896; d++) {
		c = cs_days_civil(d);
		is_even &= cs_civil_days(c) == d &&
			   (c.day == last.day + 1
				   ? c.month == last.month
				   : c.day == 1 &&
					 last.day == cs_days_in_month(last.year,
							 last.month));
		last = c;
	}
	ok(is_even, "every day of the years 0000..9999, there and back");
	ok(cs_days_in_month(2024, 2) == 29 && cs_days_in_month(2026, 2) == 28 &&
		cs_days_in_month(1900, 2) == 28 &&
		cs_days_in_month(2000, 2) == 29,
	    "leap years");
	ok(cs_days_in_month(2026, 0) == 0 && cs_days_in_month(2026, 13) == 0,
	    "no month 0 or 13");
}

static void
forms(void)
{
	static const char *const good[] = {"2026-03-01", "0000-01-01",
	    "9999-12-31", "2024-02-29", "2026-03-01T09:30",
	    "2026-03-01 09:30:59", "2026-03-01T09:30:59.123456789012",
	    "2026-03-01T23:59:60Z", "2026-03-01T00:00+09:00",
	    "2026-03-01 00:00:00.5-23:59", "2026-03-01t00:00z"};
	static const char *const bad[] = {"", "2026", "2026-3-1", "2026/03/01",
	    "26-03-01", "2026-03-01 ", " 2026-03-01", "2026-03-01T",
	    "2026-03-01T9:30", "2026-03-01T09", "2026-03-01T24:00",
	    "2026-03-01T09:60", "2026-03-01T09:30:61",
	    "2026-03-01T09:30:", "2026-03-01T09:30:00.", "2026-03-01  09:30",
	    "2026-03-01Z", "2026-03-01+09:00", "2026-03-01T09:30+0900",
	    "2026-03-01T09:30+9:00", "2026-03-01T09:30+24:00",
	    "2026-03-01T09:30+09:60", "2026-03-01T09:30 Z",
	    "2026-03-01T09:30ZZ", "2026-03-01x", "+2026-03-01",
	    "2026-03-01T09:30+09:00x", "2026-02-30T9"};
	static const char *const none[] = {"2026-02-29", "2026-13-01",
	    "2026-00-10", "2026-04-31", "2026-01-00", "2026-02-30T10:00Z"};
	struct cs_time t;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		ok(cs_time_parse(cs_str(good[i]), &t) == CS_DATE_OK, "form: %s",
		    good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ok(cs_time_parse(cs_str(bad[i]), &t) == CS_DATE_FORM,
		    "no form: \"%s\"", bad[i]);
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		ok(cs_time_parse(cs_str(none[i]), &t) == CS_DATE_NO_DAY,
		    "no day: %s", none[i]);
	ok(cs_time_parse(CS_S("2026-03-01\n"), &t) == CS_DATE_FORM,
	    "a newline behind");
	ok(cs_time_parse((struct cs_str){0}, &t) == CS_DATE_FORM, "absent");
	ok(cs_time_parse(CS_S("2026-03-01\0"), &t) == CS_DATE_FORM, "a NUL");

	ok(cs_time_parse(CS_S("2026-03-01"), &t) == CS_DATE_OK && !t.has_time &&
		!t.has_zone && t.civil.year == 2026 && t.civil.month == 3 &&
		t.civil.day == 1,
	    "a date alone");
	ok(cs_time_parse(CS_S("2026-03-01 09:05:07"), &t) == CS_DATE_OK &&
		t.has_time && !t.has_zone && t.hour == 9 && t.minute == 5 &&
		t.second == 7,
	    "a time without zone");
	ok(cs_time_parse(CS_S("2026-03-01T09:05-03:30"), &t) == CS_DATE_OK &&
		t.has_zone && t.offset == -12600 &&
		cs_time_epoch(&t) == 1772368500,
	    "a time west of UTC");
	ok(cs_time_parse(CS_S("1970-01-01T00:00:00Z"), &t) == CS_DATE_OK &&
		t.has_zone && cs_time_epoch(&t) == 0,
	    "the epoch");
}

static void
looks(void)
{
	ok(cs_looks_like_date(CS_S("2026-03-01")), "looks: a date");
	ok(cs_looks_like_date(CS_S("2026-99-99")), "looks: no such day");
	ok(cs_looks_like_date(CS_S("2026-03-01 9 o'clock")), "looks: a blank");
	ok(cs_looks_like_date(CS_S("2026-03-01Tx")), "looks: a T");
	ok(!cs_looks_like_date(CS_S("2026/03/01")), "looks not: slashes");
	ok(!cs_looks_like_date(CS_S("2026-03-012")), "looks not: a digit more");
	ok(!cs_looks_like_date(CS_S("2026-03")), "looks not: a month");
	ok(!cs_looks_like_date((struct cs_str){0}), "looks not: absent");
}

static void
plus(struct cs_civil c, long n, const char *want)
{
	char text[16];

	cs_civil_print(text, cs_add_months(c, n));
	is_str(cs_str(text), want, want);
}

static void
months(void)
{
	ok(cs_months_between(civil(2026, 1, 31), civil(2026, 2, 28)) == 1,
	    "31 Jan is 1 month before 28 Feb");
	ok(cs_months_between(civil(2026, 1, 31), civil(2026, 2, 27)) == 0,
	    "27 Feb is too early");
	ok(cs_months_between(civil(2024, 1, 31), civil(2024, 2, 28)) == 0,
	    "28 Feb of a leap year is too early");
	ok(cs_months_between(civil(2024, 2, 29), civil(2025, 2, 28)) == 12,
	    "29 Feb to 28 Feb a year later");
	ok(cs_months_between(civil(2025, 11, 15), civil(2026, 3, 14)) == 3,
	    "a day short of 4");
	ok(cs_months_between(civil(2026, 3, 15), civil(2026, 2, 15)) == -1,
	    "back");
	ok(cs_months_between(civil(2026, 3, 15), civil(2026, 2, 14)) == -2,
	    "back, a day more");
	ok(cs_months_between(civil(2026, 3, 15), civil(2026, 3, 15)) == 0,
	    "the same day");
	plus(civil(2026, 1, 31), 1, "2026-02-28");
	plus(civil(2026, 12, 31), 2, "2027-02-28");
	plus(civil(2024, 2, 29), -12, "2023-02-28");
	plus(civil(2026, 1, 15), -1, "2025-12-15");
	plus(civil(2026, 3, 31), 0, "2026-03-31");
}

static void
lasts(const char *text, struct cs_civil from, const char *want)
{
	struct cs_duration d = {0};
	char got[16] = "";

	if (cs_duration_parse(cs_str(text), &d))
		cs_civil_print(got,
		    cs_days_civil(cs_duration_end(d, cs_civil_days(from))));
	is_str(cs_str(got), want, text);
}

static void
durations(void)
{
	static const char *const no[] = {"", "30", "d", "0d", "-3d", "+3d",
	    "3m", "3y", "30 d", "30D", "1.5d", "30dd", "1mo2d",
	    "99999999999999999999d", "3 ", "mo"};
	struct cs_duration d;

	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		ok(!cs_duration_parse(cs_str(no[i]), &d), "no duration: \"%s\"",
		    no[i]);
	ok(!cs_duration_parse((struct cs_str){0}, &d), "no duration: absent");
	lasts("30d", civil(2026, 3, 1), "2026-03-31");
	lasts("1d", civil(2026, 2, 28), "2026-03-01");
	lasts("4w", civil(2026, 3, 1), "2026-03-29");
	lasts("1mo", civil(2026, 1, 31), "2026-02-28");
	lasts("12mo", civil(2024, 2, 29), "2025-02-28");
	lasts("1h", civil(2026, 3, 1), "2026-03-02");
	lasts("24h", civil(2026, 3, 1), "2026-03-02");
	lasts("25h", civil(2026, 3, 1), "2026-03-03");
	lasts("030d", civil(2026, 3, 1), "2026-03-31");
}

static void
periods(void)
{
	/* By kind in the order of the enum. */
	static const struct {
		struct cs_civil c;
		const char *name[4];
	} v[] = {
	    {{2026, 3, 5}, {"2026-W10", "2026-03", "2026-Q1", "2026"}},
	    {{2026, 1, 1}, {"2026-W01", "2026-01", "2026-Q1", "2026"}},
	    {{2025, 12, 28}, {"2025-W52", "2025-12", "2025-Q4", "2025"}},
	    {{2025, 12, 29}, {"2026-W01", "2025-12", "2025-Q4", "2025"}},
	    {{2026, 12, 31}, {"2026-W53", "2026-12", "2026-Q4", "2026"}},
	    {{2027, 1, 3}, {"2026-W53", "2027-01", "2027-Q1", "2027"}},
	    {{2027, 1, 4}, {"2027-W01", "2027-01", "2027-Q1", "2027"}},
	    {{2023, 1, 1}, {"2022-W52", "2023-01", "2023-Q1", "2023"}},
	    {{2024, 2, 29}, {"2024-W09", "2024-02", "2024-Q1", "2024"}},
	    {{2024, 4, 1}, {"2024-W14", "2024-04", "2024-Q2", "2024"}},
	    {{2024, 9, 30}, {"2024-W40", "2024-09", "2024-Q3", "2024"}},
	    {{9999, 12, 31}, {"9999-W52", "9999-12", "9999-Q4", "9999"}},
	    {{0, 1, 2}, {"0000-W00", "0000-01", "0000-Q1", "0000"}},
	    {{0, 1, 3}, {"0000-W01", "0000-01", "0000-Q1", "0000"}},
	};
	static const char *const word[] = {"week", "month", "quarter", "year"};
	enum cs_period p;
	char out[16], last[16] = "";
	bool is_in_order = true;
	long day;

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		for (size_t k = 0; k < 4; k++) {
			ok(cs_period_parse(word[k], &p), "%s", word[k]);
			cs_period_print(out, p, v[i].c);
			ok(strcmp(out, v[i].name[k]) == 0,
			    "%d-%d-%d: %s not %s", v[i].c.year, v[i].c.month,
			    v[i].c.day, out, v[i].name[k]);
		}
	ok(!cs_period_parse("Month", &p) && !cs_period_parse("", &p) &&
		!cs_period_parse("day", &p),
	    "other words");
	/* A week lasts seven days and the next has a greater name. */
	for (day = cs_civil_days((struct cs_civil){1990, 1, 1});
	     day < cs_civil_days((struct cs_civil){2060, 1, 1}); day++) {
		cs_period_print(out, CS_PERIOD_WEEK, cs_days_civil(day));
		is_in_order = is_in_order &&
			      (cs_weekday(day) == 1 ? strcmp(out, last) > 0
						    : strcmp(out, last) == 0);
		strcpy(last, out);
	}
	ok(is_in_order, "weeks in order");
}

int
main(void)
{
	periods();
	calendar();
	forms();
	looks();
	months();
	durations();
	return done();
}
