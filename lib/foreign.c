#include <string.h>

#include "foreign.h"
#include "text.h"

struct era {
	const char *name;
	char letter;
	struct cs_civil first, last;
};

/* Meiji's years before 1873 are read in the Gregorian calendar too. */
static const struct era eras[] = {
    {"明治", 'M', {1868, 1, 25}, {1912, 7, 30}},
    {"大正", 'T', {1912, 7, 30}, {1926, 12, 25}},
    {"昭和", 'S', {1926, 12, 25}, {1989, 1, 7}},
    {"平成", 'H', {1989, 1, 8}, {2019, 4, 30}},
    {"令和", 'R', {2019, 5, 1}, {9999, 12, 31}},
};

static bool
take(struct cs_str *s, const char *z)
{
	size_t n = strlen(z);

	if (s->n < n || memcmp(s->p, z, n) != 0)
		return false;
	s->p += n;
	s->n -= n;
	return true;
}

static bool
is_digit(struct cs_str s)
{
	return s.n > 0 && s.p[0] >= '0' && s.p[0] <= '9';
}

static void
blanks(struct cs_str *s)
{
	while (s->n > 0 && *s->p == ' ') {
		s->p++;
		s->n--;
	}
}

/* One to max digits. */
static bool
take_number(struct cs_str *s, size_t max, int *v, size_t *digits)
{
	*v = 0;
	for (*digits = 0; is_digit(*s) && *digits < max; (*digits)++) {
		*v = *v * 10 + (s->p[0] - '0');
		s->p++;
		s->n--;
	}
	return *digits > 0 && !is_digit(*s);
}

static struct cs_str
folded(struct cs_arena *a, struct cs_str s)
{
	return cs_text_trim(cs_text_nfkc(a, cs_text_trim(s)));
}

static bool
take_minus(struct cs_str *s)
{
	return take(s, "-") || take(s, "−") || take(s, "▲") || take(s, "△");
}

/* Digits without their commas to out; false where the groups are not of
 * three. */
static bool
take_groups(struct cs_str *s, char *out, size_t *n)
{
	size_t in_group = 0, groups = 0;

	*n = 0;
	for (;; s->p++, s->n--) {
		if (is_digit(*s)) {
			out[(*n)++] = s->p[0];
			in_group++;
		} else if (s->n > 1 && s->p[0] == ',') {
			if (groups > 0 ? in_group != 3
				       : in_group < 1 || in_group > 3)
				return false;
			groups++;
			in_group = 0;
		} else {
			return *n > 0 && (groups == 0 || in_group == 3);
		}
	}
}

/* digits with the point before the last `scale` of them. */
static struct cs_str
point(struct cs_arena *a, bool is_minus, const char *digits, size_t n,
    size_t scale)
{
	char *out = cs_arena_alloc(a, n + scale + 4), *o = out;
	size_t i = 0;

	if (is_minus)
		*o++ = '-';
	while (i + scale + 1 < n && digits[i] == '0')
		i++;
	if (n <= scale) {
		*o++ = '0';
	} else {
		memcpy(o, digits + i, n - scale - i);
		o += n - scale - i;
		i = n - scale;
	}
	if (scale > 0) {
		*o++ = '.';
		for (size_t zeros = n; zeros < scale; zeros++)
			*o++ = '0';
		memcpy(o, digits + i, n - i);
		o += n - i;
	}
	return (struct cs_str){out, (size_t)(o - out)};
}

struct cs_str
cs_foreign_number(struct cs_arena *a, struct cs_str s)
{
	struct cs_str none = {0}, made;
	bool is_minus, has_yen, is_percent;
	char *digits;
	size_t n, scale = 0;

	s = folded(a, s);
	if (s.n == 0)
		return none;
	digits = cs_arena_alloc(a, s.n);
	is_minus = take_minus(&s);
	/* A backslash is the yen sign of CP932. */
	has_yen = take(&s, "¥") || take(&s, "\\");
	blanks(&s);
	if (has_yen && !is_minus)
		is_minus = take_minus(&s);
	if (!take_groups(&s, digits, &n))
		return none;
	if (s.n > 1 && s.p[0] == '.') {
		for (s.p++, s.n--; is_digit(s); s.p++, s.n--, scale++)
			digits[n++] = s.p[0];
		if (scale == 0)
			return none;
	}
	blanks(&s);
	is_percent = !has_yen && take(&s, "%");
	if (!is_percent)
		take(&s, "円");
	if (s.n > 0)
		return none;
	if (!is_percent)
		return point(a, is_minus, digits, n, scale);
	made = point(a, is_minus, digits, n, scale + 2);
	while (made.p[made.n - 1] == '0')
		made.n--;
	if (made.p[made.n - 1] == '.')
		made.n--;
	return made;
}

static bool
is_before(struct cs_civil a, struct cs_civil b)
{
	return cs_civil_days(a) < cs_civil_days(b);
}

/* The era that s begins with: its name, or its letter before a digit. */
static const struct era *
take_era(struct cs_str *s, bool *is_letter)
{
	for (size_t i = 0; i < sizeof(eras) / sizeof(eras[0]); i++) {
		const struct era *e = &eras[i];

		*is_letter = false;
		if (take(s, e->name))
			return e;
		if (s->n > 1 && (s->p[0] & 0xdf) == e->letter &&
		    s->p[1] >= '0' && s->p[1] <= '9') {
			*is_letter = true;
			s->p++;
			s->n--;
			return e;
		}
	}
	return NULL;
}

/* What parts year and month, then month and day. */
static bool
take_month_day(struct cs_str *s, struct cs_civil *c)
{
	size_t digits;
	char sep;

	blanks(s);
	if (take(s, "年")) {
		blanks(s);
		if (!take_number(s, 2, &c->month, &digits))
			return false;
		blanks(s);
		if (!take(s, "月"))
			return false;
		blanks(s);
		if (!take_number(s, 2, &c->day, &digits))
			return false;
		blanks(s);
		return take(s, "日");
	}
	if (s->n == 0 || memchr("-/.", s->p[0], 3) == NULL)
		return false;
	sep = s->p[0];
	s->p++;
	s->n--;
	if (!take_number(s, 2, &c->month, &digits) || s->n == 0 ||
	    s->p[0] != sep)
		return false;
	s->p++;
	s->n--;
	return take_number(s, 2, &c->day, &digits);
}

static bool
exists(struct cs_civil c)
{
	return c.day >= 1 && c.day <= cs_days_in_month(c.year, c.month);
}

bool
cs_foreign_date(struct cs_arena *a, struct cs_str s, struct cs_civil *c,
    struct cs_str *rest)
{
	const struct era *era;
	bool is_letter;
	size_t digits;

	s = folded(a, s);
	era = take_era(&s, &is_letter);
	blanks(&s);
	if (era != NULL && !is_letter && take(&s, "元"))
		c->year = 1;
	else if (!take_number(&s, 4, &c->year, &digits) ||
		 (era == NULL ? digits != 4 : digits > 2 || c->year == 0))
		return false;
	if (era != NULL)
		c->year += era->first.year - 1;
	if (!take_month_day(&s, c) || !exists(*c))
		return false;
	if (era != NULL &&
	    (is_before(*c, era->first) || is_before(era->last, *c)))
		return false;
	if (rest != NULL)
		*rest = cs_text_trim(s);
	return rest != NULL ? s.n == 0 || !is_digit(s) : s.n == 0;
}
