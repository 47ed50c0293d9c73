#include <stdio.h>
#include <string.h>

#include "date.h"

enum { DAYS_MAX = 10000000 }; /* of a duration: more than all years */

int
cs_days_in_month(int year, int month)
{
	static const int days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	if (month < 1 || month > 12)
		return 0;
	return month == 2 && is_leap ? 29 : days[month - 1];
}

/* Years of 400, beginning in March so that the leap day comes last. */
long
cs_civil_days(struct cs_civil c)
{
	long y = c.month <= 2 ? (long)c.year - 1 : c.year;
	long era = (y >= 0 ? y : y - 399) / 400;
	long of_era = y - era * 400;
	long month = c.month > 2 ? c.month - 3 : c.month + 9;
	long of_year = (153 * month + 2) / 5 + c.day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	       of_year - 719468;
}

struct cs_civil
cs_days_civil(long days)
{
	long z = days + 719468;
	long era = (z >= 0 ? z : z - 146096) / 146097;
	long of_era = z - era * 146097;
	long year =
	    (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	long of_year = of_era - (365 * year + year / 4 - year / 100);
	long month = (5 * of_year + 2) / 153;
	struct cs_civil c;

	c.day = (int)(of_year - (153 * month + 2) / 5 + 1);
	c.month = (int)(month < 10 ? month + 3 : month - 9);
	c.year = (int)(year + era * 400 + (c.month <= 2));
	return c;
}

int
cs_weekday(long days)
{
	long w = (days + 3) % 7; /* 1970-01-01 was a Thursday */

	return (int)(w < 0 ? w + 7 : w) + 1;
}

/* Takes exactly n digits off the front. */
static bool
take(struct cs_str *s, int n, int *v)
{
	if (s->n < (size_t)n)
		return false;
	*v = 0;
	for (int i = 0; i < n; i++) {
		if (s->p[i] < '0' || s->p[i] > '9')
			return false;
		*v = *v * 10 + (s->p[i] - '0');
	}
	s->p += n;
	s->n -= (size_t)n;
	return true;
}

static bool
take_char(struct cs_str *s, const char *any)
{
	if (s->n == 0 || s->p[0] == '\0' || strchr(any, s->p[0]) == NULL)
		return false;
	s->p++;
	s->n--;
	return true;
}

static bool
take_civil(struct cs_str *s, struct cs_civil *c)
{
	return take(s, 4, &c->year) && take_char(s, "-") &&
	       take(s, 2, &c->month) && take_char(s, "-") &&
	       take(s, 2, &c->day);
}

/* :SS[.f] */
static bool
take_second(struct cs_str *s, struct cs_time *t)
{
	int digit;

	if (!take_char(s, ":"))
		return true;
	if (!take(s, 2, &t->second) || t->second > 60) /* leap second */
		return false;
	if (!take_char(s, "."))
		return true;
	if (!take(s, 1, &digit))
		return false;
	while (take(s, 1, &digit))
		continue;
	return true;
}

static bool
take_zone(struct cs_str *s, struct cs_time *t)
{
	int hour, minute, sign;

	t->has_zone = s->n > 0;
	if (s->n == 0 || take_char(s, "Zz"))
		return true;
	sign = s->p[0] == '-' ? -1 : 1;
	if (!take_char(s, "+-") || !take(s, 2, &hour) || !take_char(s, ":") ||
	    !take(s, 2, &minute) || hour > 23 || minute > 59)
		return false;
	t->offset = sign * (hour * 3600 + minute * 60);
	return true;
}

enum cs_date_fault
cs_time_parse(struct cs_str s, struct cs_time *t)
{
	struct cs_civil *c = &t->civil;

	*t = (struct cs_time){0};
	if (!take_civil(&s, c))
		return CS_DATE_FORM;
	if (s.n > 0) {
		t->has_time = true;
		if (!take_char(&s, "Tt ") || !take(&s, 2, &t->hour) ||
		    !take_char(&s, ":") || !take(&s, 2, &t->minute) ||
		    t->hour > 23 || t->minute > 59 || !take_second(&s, t) ||
		    !take_zone(&s, t) || s.n > 0)
			return CS_DATE_FORM;
	}
	if (c->day < 1 || c->day > cs_days_in_month(c->year, c->month))
		return CS_DATE_NO_DAY;
	return CS_DATE_OK;
}

/* Asked of every cell that a rule compares with a date: eight bytes at once. */
bool
cs_looks_like_date(struct cs_str s)
{
	static const char zeros[8] = "0000-00-",
			  same[8] = "\xf0\xf0\xf0\xf0"
				    "\xff\xf0\xf0\xff",
			  sixes[8] = "\6\6\6\6\0\6\6\0";
	uint64_t w, z, m, x;

	if (s.n < 10)
		return false;
	memcpy(&w, s.p, 8);
	memcpy(&z, zeros, 8);
	memcpy(&m, same, 8);
	memcpy(&x, sixes, 8);
	w ^= z; /* digits are 0..9 now, dashes 0 */
	if ((w & m) != 0 || ((w + x) & m) != 0)
		return false;
	if (s.p[8] < '0' || s.p[8] > '9' || s.p[9] < '0' || s.p[9] > '9')
		return false;
	return s.n == 10 || s.p[10] == 'T' || s.p[10] == 't' || s.p[10] == ' ';
}

long long
cs_time_epoch(const struct cs_time *t)
{
	return cs_civil_days(t->civil) * 86400LL + t->hour * 3600 +
	       t->minute * 60 + t->second - t->offset;
}

long
cs_months_between(struct cs_civil from, struct cs_civil to)
{
	int last = cs_days_in_month(to.year, to.month);
	int day = from.day < last ? from.day : last;

	return ((long)to.year - from.year) * 12 + to.month - from.month -
	       (to.day < day);
}

struct cs_civil
cs_add_months(struct cs_civil c, long n)
{
	long m = c.year * 12L + c.month - 1 + n;
	long year = (m >= 0 ? m : m - 11) / 12;
	int last;

	c.year = (int)year;
	c.month = (int)(m - year * 12) + 1;
	last = cs_days_in_month(c.year, c.month);
	c.day = c.day < last ? c.day : last;
	return c;
}

bool
cs_duration_parse(struct cs_str s, struct cs_duration *d)
{
	long n = 0;
	int digit;

	while (take(&s, 1, &digit)) {
		n = n * 10 + digit;
		if (n > DAYS_MAX)
			return false;
	}
	if (n < 1)
		return false;
	if (cs_str_is(s, "mo"))
		*d = (struct cs_duration){n, 'm'};
	else if (cs_str_is(s, "h") || cs_str_is(s, "d") || cs_str_is(s, "w"))
		*d = (struct cs_duration){n, s.p[0]};
	else
		return false;
	return true;
}

long
cs_duration_end(struct cs_duration d, long days)
{
	switch (d.unit) {
	case 'h':
		return days + (d.n + 23) / 24;
	case 'w':
		return days + d.n * 7;
	case 'm':
		return cs_civil_days(cs_add_months(cs_days_civil(days), d.n));
	default:
		return days + d.n;
	}
}

void
cs_civil_print(char out[16], struct cs_civil c)
{
	snprintf(out, 16, "%04d-%02d-%02d", c.year, c.month, c.day);
}

bool
cs_period_parse(const char *word, enum cs_period *p)
{
	static const char *const name[] = {"week", "month", "quarter", "year"};

	for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		if (strcmp(word, name[i]) == 0) {
			*p = (enum cs_period)i;
			return true;
		}
	return false;
}

/* n digits of v into out; where they end. */
static char *
put_digits(char *out, int v, int n)
{
	for (int i = n - 1; i >= 0; i--, v /= 10)
		out[i] = (char)('0' + v % 10);
	return out + n;
}

void
cs_period_print(char out[16], enum cs_period p, struct cs_civil c)
{
	long day = cs_civil_days(c);
	struct cs_civil thursday = cs_days_civil(day - cs_weekday(day) + 4);
	int year = p == CS_PERIOD_WEEK ? thursday.year : c.year;
	long since = cs_civil_days(thursday) -
		     cs_civil_days((struct cs_civil){thursday.year, 1, 1});

	/* 1 and 2 January of the year 0 are in a week of the year before. */
	out = put_digits(out, year < 0 ? 0 : year, 4);
	if (p != CS_PERIOD_YEAR)
		*out++ = '-';
	if (p == CS_PERIOD_WEEK) {
		*out++ = 'W';
		out = put_digits(out, year < 0 ? 0 : (int)(since / 7) + 1, 2);
	} else if (p == CS_PERIOD_MONTH) {
		out = put_digits(out, c.month, 2);
	} else if (p == CS_PERIOD_QUARTER) {
		*out++ = 'Q';
		out = put_digits(out, (c.month + 2) / 3, 1);
	}
	*out = '\0';
}
