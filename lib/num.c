#include <ctype.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "num.h"

/* A number of JSON's grammar, taken apart: digits * 10^exp. */
struct parts {
	bool is_negative;
	size_t digits;	   /* of the mantissa, first non-zero to last */
	uint64_t mantissa; /* its value while digits <= 19 */
	long long exp;
};

/* Past this every exponent is zero or infinity; no sum below overflows. */
enum { EXP_MAX = 1000000000 };

static bool
is_digit(struct cs_str s, size_t i)
{
	return i < s.n && s.p[i] >= '0' && s.p[i] <= '9';
}

static size_t
take_digits(struct cs_str s, size_t i, struct parts *p)
{
	for (; is_digit(s, i); i++) {
		unsigned d = (unsigned)(s.p[i] - '0');

		if (p->digits == 0 && d == 0)
			continue;
		if (p->digits++ < 19)
			p->mantissa = p->mantissa * 10 + d;
	}
	return i;
}

/* The exponent behind e; i when it has no digits. */
static size_t
take_exponent(struct cs_str s, size_t i, struct parts *p)
{
	bool is_negative = false;
	long long e = 0;
	size_t at = i;

	if (at < s.n && (s.p[at] == '+' || s.p[at] == '-'))
		is_negative = s.p[at++] == '-';
	if (!is_digit(s, at))
		return i;
	for (; is_digit(s, at); at++)
		if (e < EXP_MAX)
			e = e * 10 + (s.p[at] - '0');
	p->exp += is_negative ? -e : e;
	return at;
}

static bool
take_apart(struct cs_str s, struct parts *p)
{
	size_t i = 0, start;

	*p = (struct parts){0};
	if (i < s.n && s.p[i] == '-') {
		p->is_negative = true;
		i++;
	}
	if (!is_digit(s, i) || (s.p[i] == '0' && is_digit(s, i + 1)))
		return false;
	i = take_digits(s, i, p);
	if (i < s.n && s.p[i] == '.') {
		start = ++i;
		i = take_digits(s, i, p);
		if (i == start)
			return false;
		p->exp = -(long long)(i - start);
	}
	if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
		start = ++i;
		i = take_exponent(s, i, p);
		if (i == start)
			return false;
	}
	return i == s.n;
}

/* strtod under the C locale whatever the process chose. In glibc the C locale
 * is a constant, so nothing is allocated for it. */
static double
read_double(struct cs_str s)
{
	struct cs_buf b = {0};
	locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	char few[64];
	double v;

	if (c == (locale_t)0)
		cs_nomem();
	if (s.n < sizeof(few)) {
		memcpy(few, s.p, s.n);
		few[s.n] = '\0';
		v = strtod_l(few, NULL, c);
	} else {
		cs_buf_str(&b, s);
		v = strtod_l(cs_buf_z(&b), NULL, c);
		cs_buf_free(&b);
	}
	freelocale(c);
	return v;
}

/* s is what p was taken from. */
static double
value(struct cs_str s, const struct parts *p)
{
	static const double ten[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7,
	    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
	    1e19, 1e20, 1e21, 1e22};
	double v;

	/* Both operands exact, so one correctly rounded operation is the
	 * nearest double (Clinger 1990). */
	if (FLT_EVAL_METHOD != 0 || p->digits > 15 || p->exp < -22 ||
	    p->exp > 22)
		return read_double(s);
	v = (double)p->mantissa;
	v = p->exp < 0 ? v / ten[-p->exp] : v * ten[p->exp];
	return p->is_negative ? -v : v;
}

/* A whole number of one to eight digits without zeros in front, all at once:
 * most of the numbers there are. False: perhaps another number. */
static bool
few_digits(struct cs_str s, double *v)
{
	const uint64_t zeros = 0x3030303030303030, tens = 0x7676767676767676,
		       high = 0x8080808080808080, lows = 0x000000ff000000ff;
	uint64_t w;

	if (s.n - 1 >= 8 || (s.p[0] == '0' && s.n > 1))
		return false;
	/* Digits as bytes, the last one uppermost, zeros in front. */
	w = (cs_few_bytes(s.p, s.n) ^ zeros) << (64 - 8 * s.n);
	if (((w | (w + tens)) & high) != 0)
		return false;
	/* To pairs of digits, then to fours, then to eight. */
	w = w * 10 + (w >> 8);
	w = (w & lows) * (100 + (1000000ULL << 32)) +
	    (w >> 16 & lows) * (1 + (10000ULL << 32));
	*v = (double)(uint32_t)(w >> 32);
	return true;
}

bool
cs_num_is_json(struct cs_str s)
{
	struct parts p;

	return take_apart(s, &p);
}

bool
cs_num_parse(struct cs_str s, double *v)
{
	struct parts p;

	if (few_digits(s, v))
		return true;
	if (!take_apart(s, &p))
		return false;
	*v = value(s, &p);
	return true;
}

bool
cs_num_cell(struct cs_str s, double *v)
{
	struct parts p;
	double d;

	if (few_digits(s, v))
		return true;
	if (!take_apart(s, &p) || p.digits > 15)
		return false;
	d = value(s, &p);
	if (!isfinite(d) || (d == 0 && p.is_negative))
		return false;
	*v = d;
	return true;
}

bool
cs_num_person(struct cs_str s, double *v)
{
	struct parts p = {0};
	struct cs_str t = s;
	size_t i, start;
	double d;

	if (t.n > 0 && (t.p[0] == '+' || t.p[0] == '-')) {
		p.is_negative = t.p[0] == '-';
		t.p++;
		t.n--;
	}
	i = take_digits(t, 0, &p);
	if (i == 0)
		return false;
	if (i < t.n && t.p[i] == '.') {
		start = ++i;
		i = take_digits(t, i, &p);
		if (i == start)
			return false;
		p.exp = -(long long)(i - start);
	}
	if (i != t.n)
		return false;
	d = value(s, &p);
	if (!isfinite(d))
		return false;
	*v = d == 0 ? 0 : d; /* a person's -0 is 0 */
	return true;
}

bool
cs_num_whole(struct cs_str s, long long lo, long long hi, long long *v)
{
	bool is_negative = false;
	long long n = 0;
	size_t i = 0;

	if (i < s.n && (s.p[i] == '+' || s.p[i] == '-'))
		is_negative = s.p[i++] == '-';
	if (!is_digit(s, i))
		return false;
	for (; is_digit(s, i); i++) {
		int d = s.p[i] - '0';

		/* Downwards on the negative side, where LLONG_MIN is. */
		if (__builtin_mul_overflow(n, 10LL, &n) ||
		    __builtin_add_overflow(n, is_negative ? -d : d, &n))
			return false;
	}
	if (i != s.n || n < lo || n > hi)
		return false;
	*v = n;
	return true;
}

/* v's n digits, correctly rounded, and the exponent of the first. Reads only
 * digits out of printf's text: the locale's point does not matter. */
static int
some_digits(double v, int n, char digits[32])
{
	char text[64];
	const char *p;
	int i = 0;

	snprintf(text, sizeof(text), "%.*e", n - 1, v);
	for (p = text; *p != 'e'; p++)
		if (isdigit((unsigned char)*p))
			digits[i++] = *p;
	digits[i] = '\0';
	return (int)strtol(p + 1, NULL, 10);
}

static bool
reads_back(const char *digits, int exp, double v)
{
	char text[64];
	int n = snprintf(
	    text, sizeof(text), "%se%d", digits, exp - (int)strlen(digits) + 1);
	double got;

	return cs_num_parse((struct cs_str){text, (size_t)n}, &got) && got == v;
}

/* Fewest digits that read back as v > 0, without zeros at the end. */
static int
shortest(double v, char digits[32])
{
	/* 15 digits always come back from a normal double; below that the
	 * zeros at the end are cut. Subnormals have fewer. */
	int exp = 0, n = v < DBL_MIN ? 1 : 15;

	for (; n <= 17; n++) {
		exp = some_digits(v, n, digits);
		if (reads_back(digits, exp, v))
			break;
		/* Under a power of two doubles lie closer than above: the
		 * upper neighbour may read back where the nearest does not. */
		if (n == 16 && digits[n - 1] < '9') {
			digits[n - 1]++;
			if (reads_back(digits, exp, v))
				break;
		}
	}
	for (size_t i = strlen(digits); i > 1 && digits[i - 1] == '0'; i--)
		digits[i - 1] = '\0';
	return exp;
}

/* The layout of jq 1.6, so that tostring is the same in both engines: plain
 * unless there would be more than 15 zeros behind the digits or 4 in front. */
static void
lay_out(struct cs_buf *b, const char *digits, int exp)
{
	int n = (int)strlen(digits), point = exp + 1;

	if (point <= -4 || point > n + 15) {
		cs_buf_putc(b, digits[0]);
		if (n > 1)
			cs_buf_printf(b, ".%s", digits + 1);
		cs_buf_printf(b, "e%+03d", exp);
	} else if (point <= 0) {
		cs_buf_printf(b, "0.%.*s%s", -point, "0000", digits);
	} else if (point >= n) {
		cs_buf_printf(
		    b, "%s%.*s", digits, point - n, "000000000000000");
	} else {
		cs_buf_printf(b, "%.*s.%s", point, digits, digits + point);
	}
}

/* The digits of v, at least `least` of them. */
static void
put_digits(struct cs_buf *b, uint64_t v, int least)
{
	char text[24], *p = text + sizeof(text);

	for (; v > 0 || least > 0; v /= 10, least--)
		*--p = (char)('0' + v % 10);
	cs_buf_add(b, p, (size_t)(text + sizeof(text) - p));
}

void
cs_num_print(struct cs_buf *b, double v)
{
	char digits[32];
	int exp;

	if (signbit(v))
		cs_buf_putc(b, '-');
	v = fabs(v);
	if (v < 1e15 && v == floor(v)) {
		put_digits(b, (uint64_t)v, 1);
		return;
	}
	exp = shortest(v, digits);
	lay_out(b, digits, exp);
}

/* Six decimals without printf, where a product that is off by 2^-53 cannot
 * change the last of them. False: too large, or too near to half. */
static bool
print6_short(struct cs_buf *b, double v)
{
	double micro = fabs(v) * 1e6, whole;
	uint64_t n;
	int decimals = 6;

	if (!(micro < 1e14))
		return false;
	whole = nearbyint(micro);
	if (fabs(micro - whole) > 0.45)
		return false;
	n = (uint64_t)whole;
	if (v < 0 && n > 0)
		cs_buf_putc(b, '-');
	put_digits(b, n / 1000000, 1);
	n %= 1000000;
	if (n == 0)
		return true;
	for (; n % 10 == 0; n /= 10)
		decimals--;
	cs_buf_putc(b, '.');
	put_digits(b, n, decimals);
	return true;
}

void
cs_num_print6(struct cs_buf *b, double v)
{
	char text[512]; /* 309 digits, a point of any locale, 6 decimals */
	size_t n, whole, decimals = 6;
	const char *frac;

	if (print6_short(b, v))
		return;
	/* glibc rounds the exact value half to even. */
	n = (size_t)snprintf(text, sizeof(text), "%.6f", fabs(v));
	whole = strspn(text, "0123456789");
	frac = text + n - decimals;
	while (decimals > 0 && frac[decimals - 1] == '0')
		decimals--;
	if (v < 0 && (decimals > 0 || text[0] != '0'))
		cs_buf_putc(b, '-');
	cs_buf_add(b, text, whole);
	if (decimals == 0)
		return;
	cs_buf_putc(b, '.');
	cs_buf_add(b, frac, decimals);
}
