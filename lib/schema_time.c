/* schema_time: the forms of dates and times that a schema may name */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "foreign.h"
#include "schema_private.h"
#include "text.h"

static const char *const months[] = {"january", "february", "march", "april",
    "may", "june", "july", "august", "september", "october", "november",
    "december"};
static const char *const days[] = {"monday", "tuesday", "wednesday", "thursday",
    "friday", "saturday", "sunday"};

static bool
is_digit(struct cs_str s)
{
	return s.n > 0 && s.p[0] >= '0' && s.p[0] <= '9';
}

static bool
is_letter(struct cs_str s)
{
	return s.n > 0 && (s.p[0] | 0x20) >= 'a' && (s.p[0] | 0x20) <= 'z';
}

static struct cs_str
skip(struct cs_str s, size_t n)
{
	return (struct cs_str){s.p + n, s.n - n};
}

static void
blanks(struct cs_str *s)
{
	while (s->n > 0 && (*s->p == ' ' || *s->p == '\t'))
		*s = skip(*s, 1);
}

/* 1 to max digits. */
static bool
take_number(struct cs_str *s, size_t max, int *v, size_t *digits)
{
	*v = 0;
	for (*digits = 0; is_digit(*s) && *digits < max; (*digits)++) {
		*v = *v * 10 + (s->p[0] - '0');
		*s = skip(*s, 1);
	}
	return *digits > 0;
}

static bool
take_char(struct cs_str *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	*s = skip(*s, 1);
	return true;
}

static struct cs_str
take_digits(struct cs_str *s)
{
	struct cs_str d = {s->p, 0};

	while (is_digit(*s)) {
		*s = skip(*s, 1);
		d.n++;
	}
	return d;
}

/* A name in full or its first three letters, whichever is longer in s. */
static bool
take_name(struct cs_str *s, const char *const *name, size_t n, int *which)
{
	for (size_t i = 0; i < n; i++) {
		size_t full = strlen(name[i]);

		if (s->n >= full && strncasecmp(s->p, name[i], full) == 0) {
			*s = skip(*s, full);
			*which = (int)i + 1;
			return true;
		}
	}
	for (size_t i = 0; i < n; i++)
		if (s->n >= 3 && strncasecmp(s->p, name[i], 3) == 0) {
			*s = skip(*s, 3);
			*which = (int)i + 1;
			return true;
		}
	return false;
}

static bool
take_half(struct cs_str *s, int *half)
{
	if (s->n < 2 || (s->p[1] | 0x20) != 'm')
		return false;
	if ((s->p[0] | 0x20) == 'a')
		*half = 1;
	else if ((s->p[0] | 0x20) == 'p')
		*half = 2;
	else
		return false;
	*s = skip(*s, 2);
	return true;
}

/* Z, +HH:MM, +HHMM. */
static bool
take_zone(struct cs_str *s, struct cs_moment *m)
{
	int hour, minute, sign;
	size_t digits;

	m->has_zone = true;
	m->offset = 0;
	if (take_char(s, 'Z') || take_char(s, 'z'))
		return true;
	sign = s->n > 0 && s->p[0] == '-' ? -1 : 1;
	if ((!take_char(s, '+') && !take_char(s, '-')) ||
	    !take_number(s, 2, &hour, &digits) || digits != 2)
		return false;
	take_char(s, ':');
	if (!take_number(s, 2, &minute, &digits) || digits != 2 || hour > 23 ||
	    minute > 59)
		return false;
	m->offset = sign * (hour * 60 + minute);
	return true;
}

#define DATE_LETTERS "YymdbBjaAh"
#define TIME_LETTERS "HIMSfpz"

/* Does the pattern say all that a value of t needs? */
static bool
says_enough(const char *seen, enum cs_field_type t)
{
	bool has_day =
	    (strchr(seen, 'd') && strpbrk(seen, "mbBh")) || strchr(seen, 'j');
	bool has_date = strpbrk(seen, "Yy") && has_day;
	bool has_time =
	    strchr(seen, 'H') || (strchr(seen, 'I') && strchr(seen, 'p'));

	if (t == CS_FIELD_DATE)
		return has_date;
	if (t == CS_FIELD_TIME)
		return has_time;
	return has_date && has_time;
}

bool
cs_pattern_ok(struct cs_str pattern, enum cs_field_type t, size_t *at)
{
	const char *allowed = t == CS_FIELD_DATE   ? DATE_LETTERS
			      : t == CS_FIELD_TIME ? TIME_LETTERS
						   : DATE_LETTERS TIME_LETTERS;
	char seen[32] = "";
	size_t n = 0;

	for (*at = 0; *at < pattern.n; (*at)++) {
		char c;

		if (pattern.p[*at] != '%')
			continue;
		c = *at + 1 < pattern.n ? pattern.p[*at + 1] : '\0';
		if (c == '\0' || (c != '%' && strchr(allowed, c) == NULL) ||
		    (c != '%' && strchr(seen, c) != NULL))
			return false;
		if (c != '%')
			seen[n++] = c;
		(*at)++;
	}
	return says_enough(seen, t);
}

struct parsed {
	struct cs_moment *m;
	int half; /* 1 am, 2 pm */
	int of_year;
};

/* One letter of a pattern. */
static bool
letter(char c, struct cs_str *s, struct parsed *p)
{
	struct cs_moment *m = p->m;
	size_t digits;
	int which;

	switch (c) {
	case 'Y':
		return take_number(s, 4, &m->civil.year, &digits) &&
		       digits == 4;
	case 'y':
		if (!take_number(s, 2, &m->civil.year, &digits) || digits != 2)
			return false;
		m->civil.year += m->civil.year < 69 ? 2000 : 1900; /* POSIX */
		return true;
	case 'm':
		return take_number(s, 2, &m->civil.month, &digits);
	case 'd':
		return take_number(s, 2, &m->civil.day, &digits);
	case 'j':
		return take_number(s, 3, &p->of_year, &digits) &&
		       p->of_year > 0;
	case 'b':
	case 'B':
	case 'h':
		return take_name(s, months, 12, &m->civil.month);
	case 'a':
	case 'A':
		return take_name(s, days, 7, &which);
	case 'H':
	case 'I':
		return take_number(s, 2, &m->hour, &digits) &&
		       (c == 'H' || (m->hour >= 1 && m->hour <= 12));
	case 'M':
		return take_number(s, 2, &m->minute, &digits);
	case 'S':
		return take_number(s, 2, &m->second, &digits);
	case 'f':
		m->fraction = take_digits(s);
		return m->fraction.n > 0;
	case 'p':
		return take_half(s, &p->half);
	case 'z':
		return take_zone(s, m);
	default:
		return take_char(s, '%');
	}
}

static void
settle_half(struct parsed *p)
{
	if (p->half == 1 && p->m->hour == 12)
		p->m->hour = 0;
	else if (p->half == 2 && p->m->hour < 12)
		p->m->hour += 12;
}

static bool
is_time(const struct cs_moment *m)
{
	return m->hour <= 23 && m->minute <= 59 && m->second <= 60;
}

static bool
is_day(const struct cs_moment *m)
{
	return m->civil.day >= 1 &&
	       m->civil.day <= cs_days_in_month(m->civil.year, m->civil.month);
}

bool
cs_moment_pattern(struct cs_str pattern, struct cs_str s, struct cs_moment *m)
{
	struct parsed p = {.m = m};

	*m = (struct cs_moment){.civil = {2000, 1, 1}};
	for (size_t i = 0; i < pattern.n; i++) {
		if (pattern.p[i] == '%') {
			i++;
			if (!letter(pattern.p[i], &s, &p))
				return false;
		} else if (!take_char(&s, pattern.p[i])) {
			return false;
		}
	}
	settle_half(&p);
	if (p.of_year > 0) {
		int year = m->civil.year;

		m->civil =
		    cs_days_civil(cs_civil_days((struct cs_civil){year, 1, 1}) +
				  p.of_year - 1);
		if (m->civil.year != year)
			return false;
	}
	return s.n == 0 && is_day(m) && is_time(m);
}

/* [.f] behind a second. */
static bool
take_fraction(struct cs_str *s, struct cs_moment *m)
{
	if (!take_char(s, '.'))
		return true;
	m->fraction = take_digits(s);
	return m->fraction.n > 0;
}

/* HH:MM[:SS[.f]], loosely also 9:00 and 9 am. */
static bool
take_time(struct cs_str *s, bool is_loose, struct parsed *p)
{
	struct cs_moment *m = p->m;
	size_t digits;
	bool has_minute;

	if (!take_number(s, 2, &m->hour, &digits) || (!is_loose && digits != 2))
		return false;
	has_minute = take_char(s, ':');
	if (has_minute) {
		if (!take_number(s, 2, &m->minute, &digits) || digits != 2)
			return false;
		if (take_char(s, ':') &&
		    (!take_number(s, 2, &m->second, &digits) || digits != 2 ||
			!take_fraction(s, m)))
			return false;
	}
	if (is_loose) {
		struct cs_str behind = *s;

		blanks(&behind);
		if (take_half(&behind, &p->half))
			*s = behind;
		if (p->half != 0 && (m->hour < 1 || m->hour > 12))
			return false;
	}
	if (!has_minute && p->half == 0)
		return false;
	settle_half(p);
	return is_time(m);
}

bool
cs_moment_time(struct cs_str s, bool is_loose, struct cs_moment *m)
{
	struct parsed p = {.m = m};

	*m = (struct cs_moment){.civil = {2000, 1, 1}};
	if (!take_time(&s, is_loose, &p))
		return false;
	return s.n == 0 || (take_zone(&s, m) && s.n == 0);
}

/* 10th, Jan, Jan. */
static void
take_ordinal(struct cs_str *s)
{
	static const char *const end[] = {"st", "nd", "rd", "th"};

	for (size_t i = 0; i < 4; i++)
		if (s->n >= 2 && strncasecmp(s->p, end[i], 2) == 0 &&
		    !is_letter(skip(*s, 2))) {
			*s = skip(*s, 2);
			return;
		}
}

static void
separators(struct cs_str *s)
{
	while (s->n > 0 && memchr(" ,.-/", s->p[0], 5) != NULL)
		*s = skip(*s, 1);
}

/* 10 Jan 1969, Jan 10th, 1969, 31/12/2020: day and month in an order that only
 * one of the two allows. */
static bool
take_western(struct cs_str *s, struct cs_civil *c)
{
	int a = 0, b = 0;
	size_t digits;
	bool is_named = take_name(s, months, 12, &c->month);

	separators(s);
	if (!take_number(s, 2, &a, &digits))
		return false;
	take_ordinal(s);
	separators(s);
	if (is_named)
		c->day = a;
	else if (take_name(s, months, 12, &c->month)) {
		c->day = a;
		is_named = true;
	} else if (!take_number(s, 2, &b, &digits))
		return false;
	separators(s);
	if (!take_number(s, 4, &c->year, &digits) || digits != 4)
		return false;
	if (is_named)
		return true;
	if (a == b || (a > 12) != (b > 12)) {
		c->day = a > 12 ? a : b;
		c->month = a > 12 ? b : a;
		return true;
	}
	return false;
}

bool
cs_moment_ja(struct cs_arena *a, struct cs_str s, enum cs_field_type t,
    struct cs_moment *m)
{
	struct parsed p = {.m = m};
	struct cs_str rest;
	size_t digits;

	*m = (struct cs_moment){.civil = {2000, 1, 1}};
	if (t == CS_FIELD_DATE)
		return cs_foreign_date(a, s, &m->civil, NULL);
	if (!cs_foreign_date(a, s, &m->civil, &rest))
		return false;
	s = rest;
	if (!take_number(&s, 2, &m->hour, &digits))
		return false;
	if (!cs_str_starts(s, CS_S("時"))) {
		s = rest;
		return take_time(&s, true, &p) && s.n == 0;
	}
	s = skip(s, sizeof("時") - 1);
	if (s.n > 0) {
		if (!take_number(&s, 2, &m->minute, &digits) ||
		    !cs_str_starts(s, CS_S("分")))
			return false;
		s = skip(s, sizeof("分") - 1);
	}
	if (s.n > 0) {
		if (!take_number(&s, 2, &m->second, &digits) ||
		    !cs_str_is(s, "秒"))
			return false;
		s.n = 0;
	}
	return is_time(m);
}

bool
cs_moment_any(struct cs_arena *a, struct cs_str s, enum cs_field_type t,
    struct cs_moment *m)
{
	struct parsed p = {.m = m};

	s = cs_text_trim(s);
	if (t == CS_FIELD_TIME)
		return cs_moment_time(s, true, m);
	if (cs_moment_ja(a, s, t, m))
		return true;
	*m = (struct cs_moment){.civil = {2000, 1, 1}};
	if (!take_western(&s, &m->civil) || !is_day(m))
		return false;
	if (t == CS_FIELD_DATE)
		return s.n == 0;
	separators(&s);
	take_char(&s, 'T');
	return take_time(&s, true, &p) &&
	       (s.n == 0 || (take_zone(&s, m) && s.n == 0));
}

struct cs_str
cs_moment_text(
    struct cs_arena *a, const struct cs_moment *m, enum cs_field_type t)
{
	size_t n = 0, max = 48 + m->fraction.n;
	char *z = cs_arena_alloc(a, max);

	if (t != CS_FIELD_TIME) {
		cs_civil_print(z, m->civil);
		n = 10;
	}
	if (t == CS_FIELD_DATETIME)
		z[n++] = 'T';
	if (t != CS_FIELD_DATE)
		n += (size_t)snprintf(z + n, max - n, "%02d:%02d:%02d", m->hour,
		    m->minute, m->second);
	if (t != CS_FIELD_DATE && m->fraction.n > 0) {
		z[n++] = '.';
		memcpy(z + n, m->fraction.p, m->fraction.n);
		n += m->fraction.n;
	}
	if (t != CS_FIELD_DATE && m->has_zone && m->offset == 0)
		z[n++] = 'Z';
	else if (t != CS_FIELD_DATE && m->has_zone) {
		int minutes = m->offset < 0 ? -m->offset : m->offset;

		n += (size_t)snprintf(z + n, max - n, "%c%02d:%02d",
		    m->offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
	}
	return (struct cs_str){z, n};
}
