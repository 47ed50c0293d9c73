/* schema_limits: constraints, and numbers compared digit for digit */
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "schema_private.h"
#include "text.h"

/* A number as 0.DDD times ten to the point: its digits from the first that is
 * not zero, a point among them passed over. */
struct decimal {
	bool is_minus;
	struct cs_str digits; /* n 0: zero */
	long point;
};

static struct decimal
decimal(struct cs_str s)
{
	struct decimal d = {.is_minus = s.n > 0 && s.p[0] == '-'};
	size_t i = d.is_minus, end = i, start;
	bool is_behind = false;
	long e = 0;

	while (end < s.n && (s.p[end] | 0x20) != 'e')
		end++;
	if (end < s.n) {
		size_t k = end + 1;
		bool is_less = s.p[k] == '-';

		for (k += s.p[k] == '-' || s.p[k] == '+'; k < s.n; k++)
			if (e < 100000000)
				e = e * 10 + (s.p[k] - '0');
		e = is_less ? -e : e;
	}
	for (; i < end && (s.p[i] == '0' || s.p[i] == '.'); i++) {
		e -= is_behind;
		is_behind = is_behind || s.p[i] == '.';
	}
	while (end > i && (s.p[end - 1] == '0' || s.p[end - 1] == '.') &&
	       (is_behind || memchr(s.p + i, '.', end - i) != NULL)) {
		bool is_point = s.p[end - 1] == '.';

		end--;
		if (is_point)
			break;
	}
	start = i;
	d.digits = (struct cs_str){s.p + start, end - start};
	for (d.point = e; !is_behind && i < end && s.p[i] != '.'; i++)
		d.point++;
	return d;
}

/* The next digit, 0 behind the last. */
static char
next_digit(struct cs_str *d)
{
	char c = '0';

	if (d->n > 0 && *d->p == '.')
		*d = (struct cs_str){d->p + 1, d->n - 1};
	if (d->n > 0) {
		c = *d->p;
		*d = (struct cs_str){d->p + 1, d->n - 1};
	}
	return c;
}

int
cs_decimal_cmp(struct cs_str a, struct cs_str b)
{
	struct decimal x = decimal(a), y = decimal(b);
	int up = x.is_minus ? -1 : 1;

	if (x.digits.n == 0 || y.digits.n == 0) {
		if (x.digits.n == 0 && y.digits.n == 0)
			return 0;
		if (x.digits.n == 0)
			return y.is_minus ? 1 : -1;
		return up;
	}
	if (x.is_minus != y.is_minus)
		return up;
	if (x.point != y.point)
		return x.point < y.point ? -up : up;
	while (x.digits.n > 0 || y.digits.n > 0) {
		char p = next_digit(&x.digits), q = next_digit(&y.digits);

		if (p != q)
			return p < q ? -up : up;
	}
	return 0;
}

void
cs_decimal_key(struct cs_buf *b, struct cs_str s)
{
	struct decimal d = decimal(s);
	size_t end;

	if (d.digits.n == 0) {
		cs_buf_putc(b, '0');
		return;
	}
	if (d.is_minus)
		cs_buf_putc(b, '-');
	while (d.digits.n > 0)
		cs_buf_putc(b, next_digit(&d.digits));
	for (end = b->n; b->p[end - 1] == '0';)
		end--;
	b->n = end;
	cs_buf_printf(b, "e%ld", d.point);
}

/* Days with times: those with a zone by their instant. */
static int
moment_cmp(struct cs_str a, struct cs_str b)
{
	struct cs_time x, y;
	long long p, q;

	if (cs_time_parse(a, &x) != CS_DATE_OK ||
	    cs_time_parse(b, &y) != CS_DATE_OK)
		return cs_str_cmp(a, b);
	p = cs_time_epoch(&x);
	q = cs_time_epoch(&y);
	return p < q ? -1 : p > q;
}

static int
value_cmp(const struct cs_field *f, const struct cs_val *v, struct cs_str limit)
{
	if (v->kind == CS_NUM)
		return cs_decimal_cmp(v->text, limit);
	if (f->type == CS_FIELD_DATETIME)
		return moment_cmp(v->text, limit);
	return cs_str_cmp(v->text, limit);
}

/* Characters of a text, items of an array, members of an object. */
static size_t
length(const struct cs_val *v)
{
	struct cs_str key, value;
	size_t pos = 0, n = 0;

	if (v->kind == CS_TEXT)
		return cs_utf8_count(v->text);
	if (v->kind == CS_JSON)
		while (cs_json_next(v->text, &pos, &key, &value))
			n++;
	return n;
}

static bool
is_listed(const struct cs_field *f, const struct cs_val *v)
{
	struct cs_str s = v->text;

	if (v->kind == CS_BOOL)
		s = v->yes ? CS_S("true") : CS_S("false");
	for (size_t i = 0; i < f->limits.list.n; i++) {
		struct cs_str one = f->limits.list.v[i];

		if (v->kind == CS_NUM ? cs_decimal_cmp(s, one) == 0
				      : cs_str_eq(s, one))
			return true;
	}
	return false;
}

const char *
cs_field_breaks(const struct cs_field *f, const struct cs_val *v,
    struct cs_arena *a, const char **what)
{
	const struct cs_limits *l = &f->limits;

	if (v->kind == CS_NULL) {
		*what = "empty, and a value is required";
		return l->is_required ? "required" : NULL;
	}
	if (l->minimum.p != NULL && value_cmp(f, v, l->minimum) < 0) {
		*what = cs_arena_printf(
		    a, "under the minimum %.*s", CS_ARG(l->minimum));
		return "minimum";
	}
	if (l->maximum.p != NULL && value_cmp(f, v, l->maximum) > 0) {
		*what = cs_arena_printf(
		    a, "over the maximum %.*s", CS_ARG(l->maximum));
		return "maximum";
	}
	if (l->has_min_length && length(v) < l->min_length) {
		*what = cs_arena_printf(
		    a, "shorter than %zu (minLength)", l->min_length);
		return "minLength";
	}
	if (l->has_max_length && length(v) > l->max_length) {
		*what = cs_arena_printf(
		    a, "longer than %zu (maxLength)", l->max_length);
		return "maxLength";
	}
	if (l->re != NULL && cs_re_search(l->re, v->text) != CS_RE_YES) {
		*what = cs_arena_printf(
		    a, "not of the pattern %.*s", CS_ARG(l->pattern));
		return "pattern";
	}
	if (l->has_list && !is_listed(f, v)) {
		*what = "none of the values in enum";
		return "enum";
	}
	return NULL;
}
