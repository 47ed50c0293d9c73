/* schema_cell: a cell's value under a field */
#include <math.h>
#include <string.h>

#include "foreign.h"
#include "json.h"
#include "num.h"
#include "schema_private.h"
#include "text.h"

static bool
is_one_of(const struct cs_texts *t, struct cs_str s)
{
	for (size_t i = 0; i < t->n; i++)
		if (cs_str_eq(t->v[i], s))
			return true;
	return false;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_hex(char c)
{
	return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

static bool
is_word(char c)
{
	return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* bareNumber false: what stands around the digits goes; a minus stays. */
static struct cs_str
stripped(struct cs_str s)
{
	while (s.n > 0 && !is_digit(s.p[0]) && s.p[0] != '-') {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && !is_digit(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* Digits with the group text between them, to o. */
static char *
put_digits(struct cs_str *s, struct cs_str group, char *o)
{
	for (bool had = false; s->n > 0;) {
		size_t skip = 0;

		if (had && group.n > 0 && cs_str_starts(*s, group))
			skip = group.n;
		if (skip >= s->n || !is_digit(s->p[skip]))
			break;
		*o++ = s->p[skip];
		s->p += skip + 1;
		s->n -= skip + 1;
		had = true;
	}
	return o;
}

/* [+-]digits[.digits][e[+-]digits] with the field's signs, as JSON's number.
 * Absent: it is none. */
static struct cs_str
number_text(const struct cs_field *f, struct cs_arena *a, struct cs_str s)
{
	struct cs_str none = {0};
	char *z = cs_arena_alloc(a, s.n + 4), *o = z, *from;

	if (s.n > 0 && (*s.p == '-' || *s.p == '+')) {
		if (*s.p == '-')
			*o++ = '-';
		s.p++;
		s.n--;
	}
	from = o;
	o = put_digits(&s, f->group, o);
	/* JSON has no leading zeros, and one digit at least. */
	while (o - from > 1 && *from == '0') {
		memmove(from, from + 1, (size_t)(o - from) - 1);
		o--;
	}
	if (f->type == CS_FIELD_NUMBER && s.n > f->decimal.n &&
	    cs_str_starts(s, f->decimal) && is_digit(s.p[f->decimal.n])) {
		if (o == from)
			*o++ = '0';
		*o++ = '.';
		s.p += f->decimal.n;
		s.n -= f->decimal.n;
		o = put_digits(&s, none, o);
	}
	if (o == from)
		return none;
	if (f->type == CS_FIELD_NUMBER && s.n > 1 && (*s.p | 0x20) == 'e') {
		*o++ = *s.p++;
		s.n--;
		if (*s.p == '-' || *s.p == '+') {
			*o++ = *s.p++;
			s.n--;
		}
		if (s.n == 0)
			return none;
		o = put_digits(&s, none, o);
	}
	return s.n > 0 ? none : (struct cs_str){z, (size_t)(o - z)};
}

static bool
is_whole(struct cs_str s)
{
	for (size_t i = s.n > 0 && s.p[0] == '-'; i < s.n; i++)
		if (!is_digit(s.p[i]))
			return false;
	return true;
}

static bool
set_number(struct cs_val *v, struct cs_str s)
{
	double num;

	if (!cs_num_parse(s, &num) || !isfinite(num))
		return false;
	*v = (struct cs_val){.kind = CS_NUM, .num = num, .text = s};
	return true;
}

static bool
number(const struct cs_field *f, struct cs_arena *a, struct cs_str cell,
    struct cs_val *v)
{
	struct cs_str s;

	if (f->format == CS_FORMAT_JA) {
		s = cs_foreign_number(a, cell);
		if (s.p == NULL)
			return false;
		if (cs_str_eq(s, cell))
			s = cell;
		return (f->type == CS_FIELD_NUMBER || is_whole(s)) &&
		       set_number(v, s);
	}
	/* Most cells are JSON's numbers as they stand. */
	if (f->group.p == NULL && f->decimal.n == 1 && *f->decimal.p == '.' &&
	    set_number(v, cell))
		return f->type == CS_FIELD_NUMBER || is_whole(cell);
	s = cs_str_trim(cell);
	if (!f->is_bare)
		s = stripped(s);
	s = number_text(f, a, s);
	return s.p != NULL && set_number(v, s);
}

static bool
boolean(const struct cs_field *f, struct cs_str s, struct cs_val *v)
{
	bool is_yes = is_one_of(&f->yes, s);

	if (!is_yes && !is_one_of(&f->no, s))
		return false;
	*v = cs_val_bool(is_yes);
	return true;
}

/* A local part and a domain with a dot-atom's letters; what a mail server would
 * say is another matter. */
static bool
is_email(struct cs_str s)
{
	const char *at = memrchr(s.p, '@', s.n);
	size_t local;

	if (at == NULL || at == s.p || at + 1 == s.p + s.n)
		return false;
	local = (size_t)(at - s.p);
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool is_local = i < local;

		if (c <= ' ' || c == 0x7f || (is_local && c == '@') ||
		    strchr("()<>[]:;,\\\"", c) != NULL)
			return false;
		if (i > local && c < 0x80 && !is_word((char)c) && c != '-' &&
		    c != '.')
			return false;
		if (c == '.' && (i == 0 || i + 1 == s.n || s.p[i - 1] == '.' ||
				    i + 1 == local || i == local + 1))
			return false;
	}
	return true;
}

/* scheme ":" and something, no blanks or controls (RFC 3986). */
static bool
is_uri(struct cs_str s)
{
	size_t i = 0;

	if (s.n == 0 || is_digit(s.p[0]))
		return false;
	while (i < s.n &&
	       (is_word(s.p[i]) || (i > 0 && memchr("+-.", s.p[i], 3) != NULL)))
		i++;
	if (i == 0 || i + 1 >= s.n || s.p[i] != ':')
		return false;
	for (; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f ||
		    strchr("<>\"{}|\\^`", s.p[i]) != NULL)
			return false;
	return true;
}

static bool
is_uuid(struct cs_str s)
{
	if (s.n != 36)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (i == 8 || i == 13 || i == 18 || i == 23 ? s.p[i] != '-'
							    : !is_hex(s.p[i]))
			return false;
	return true;
}

/* Base64 with its padding (RFC 4648). */
static bool
is_base64(struct cs_str s)
{
	size_t pad = 0;

	while (pad < 2 && pad < s.n && s.p[s.n - 1 - pad] == '=')
		pad++;
	if (s.n % 4 != 0)
		return false;
	for (size_t i = 0; i + pad < s.n; i++)
		if (!is_word(s.p[i]) && s.p[i] != '+' && s.p[i] != '/')
			return false;
	return true;
}

static bool
string(const struct cs_field *f, struct cs_str s, struct cs_val *v)
{
	*v = cs_val_text(s);
	switch (f->format) {
	case CS_FORMAT_EMAIL:
		return is_email(s);
	case CS_FORMAT_URI:
		return is_uri(s);
	case CS_FORMAT_UUID:
		return is_uuid(s);
	case CS_FORMAT_BINARY:
		return is_base64(s);
	default:
		return true;
	}
}

/* The default forms: RULES' dates, times of a day. A blank between day and time
 * becomes T; a time of day gets its seconds. */
static bool
iso(const struct cs_field *f, struct cs_arena *a, struct cs_str s,
    struct cs_val *v)
{
	struct cs_moment m;
	struct cs_time t;
	char *z;

	*v = cs_val_text(s);
	if (f->type == CS_FIELD_TIME) {
		if (!cs_moment_time(s, false, &m))
			return false;
		/* Compared as text: seconds always. */
		if (s.n < 8 || s.p[5] != ':')
			v->text = cs_moment_text(a, &m, f->type);
		return true;
	}
	if (cs_time_parse(s, &t) != CS_DATE_OK ||
	    t.has_time != (f->type == CS_FIELD_DATETIME))
		return false;
	if (t.has_time && s.p[10] != 'T') {
		z = cs_arena_alloc(a, s.n);
		memcpy(z, s.p, s.n);
		z[10] = 'T';
		v->text.p = z;
	}
	return true;
}

static bool
moment(const struct cs_field *f, struct cs_arena *a, struct cs_str s,
    struct cs_val *v)
{
	struct cs_moment m;
	struct cs_str text;
	bool fits;

	if (f->format != CS_FORMAT_PATTERN && iso(f, a, s, v))
		return true;
	if (f->format == CS_FORMAT_DEFAULT)
		return false;
	if (f->format == CS_FORMAT_PATTERN)
		fits = cs_moment_pattern(f->pattern, s, &m);
	else if (f->format == CS_FORMAT_JA)
		fits = cs_moment_ja(a, s, f->type, &m);
	else
		fits = cs_moment_any(a, s, f->type, &m);
	if (!fits)
		return false;
	text = cs_moment_text(a, &m, f->type);
	*v = cs_val_text(cs_str_eq(text, s) ? s : text);
	return true;
}

/* YYYY; YYYY-MM. */
static bool
year(const struct cs_field *f, struct cs_str s, struct cs_val *v)
{
	struct cs_str y = {s.p, 4};
	long long month;

	if (f->type == CS_FIELD_YEAR) {
		*v = (struct cs_val){.kind = CS_NUM, .text = s};
		return s.n == 4 && is_digit(s.p[0]) && s.p[0] != '0' &&
		       set_number(v, s) && is_whole(s);
	}
	*v = cs_val_text(s);
	return s.n == 7 && is_whole(y) && s.p[0] != '-' && s.p[4] == '-' &&
	       is_digit(s.p[5]) &&
	       cs_num_whole((struct cs_str){s.p + 5, 2}, 1, 12, &month);
}

/* P1Y2M3DT4H5M6.7S, P2W (ISO 8601): letters in order, one at least. */
static bool
is_duration(struct cs_str s)
{
	const char *order = "YMWD";
	bool had = false, in_time = false;

	if (s.n > 0 && s.p[0] == '-')
		s = (struct cs_str){s.p + 1, s.n - 1};
	if (s.n < 3 || s.p[0] != 'P')
		return false;
	for (s.p++, s.n--; s.n > 0;) {
		const char *at;
		size_t i = 0;

		if (s.p[0] == 'T' && !in_time) {
			in_time = true;
			order = "HMS";
			had = false;
			s.p++;
			s.n--;
		}
		while (i < s.n && is_digit(s.p[i]))
			i++;
		if (i == 0 || i == s.n)
			return false;
		if (s.p[i] == '.' || s.p[i] == ',') {
			size_t point = i++;

			while (i < s.n && is_digit(s.p[i]))
				i++;
			if (i == point + 1 || i + 1 != s.n)
				return false;
		}
		at = strchr(order, s.p[i]);
		if (at == NULL || s.p[i] == '\0')
			return false;
		order = at + 1;
		had = true;
		s.p += i + 1;
		s.n -= i + 1;
	}
	return had;
}

static bool
json(enum cs_json_kind want, struct cs_str s, struct cs_val *v)
{
	s = cs_str_trim(s);
	if (!cs_json_check(s, NULL, NULL) || cs_json_kind(s) != want)
		return false;
	*v = (struct cs_val){.kind = CS_JSON, .text = s};
	return true;
}

static bool
is_degrees(struct cs_str s, const char *most)
{
	struct cs_str limit = cs_str(most);

	s = cs_str_trim(s);
	if (!cs_num_is_json(s))
		return false;
	if (s.p[0] == '-') {
		s.p++;
		s.n--;
	}
	return cs_decimal_cmp(s, limit) <= 0;
}

/* "lon, lat"; [lon, lat]; {"lon": lon, "lat": lat}. */
static bool
geopoint(const struct cs_field *f, struct cs_str s, struct cs_val *v)
{
	struct cs_str key, value, part[2] = {{0}, {0}};
	size_t pos = 0, n = 0;

	if (f->format == CS_FORMAT_DEFAULT) {
		struct cs_str rest = s;

		*v = cs_val_text(s);
		while (n < 2 && cs_str_next(&rest, ',', &value))
			part[n++] = value;
		return n == 2 && rest.p == NULL && is_degrees(part[0], "180") &&
		       is_degrees(part[1], "90");
	}
	if (!json(f->format == CS_FORMAT_ARRAY ? CS_JSON_ARRAY : CS_JSON_OBJECT,
		s, v))
		return false;
	for (; cs_json_next(v->text, &pos, &key, &value); n++) {
		size_t at = n;

		if (key.p != NULL)
			at = cs_str_is(key, "\"lon\"")	 ? 0
			     : cs_str_is(key, "\"lat\"") ? 1
							 : 2;
		if (at > 1)
			return false;
		part[at] = value;
	}
	return n == 2 && part[0].p != NULL && part[1].p != NULL &&
	       is_degrees(part[0], "180") && is_degrees(part[1], "90");
}

static bool
typed(const struct cs_field *f, struct cs_arena *a, struct cs_str s,
    struct cs_val *v)
{
	switch (f->type) {
	case CS_FIELD_ANY:
		*v = cs_val_cell(s, CS_TYPE_ANY, &(bool){false});
		return true;
	case CS_FIELD_STRING:
		return string(f, s, v);
	case CS_FIELD_NUMBER:
	case CS_FIELD_INTEGER:
		return number(f, a, s, v);
	case CS_FIELD_BOOLEAN:
		return boolean(f, s, v);
	case CS_FIELD_DATE:
	case CS_FIELD_TIME:
	case CS_FIELD_DATETIME:
		return moment(f, a, s, v);
	case CS_FIELD_YEAR:
	case CS_FIELD_YEARMONTH:
		return year(f, s, v);
	case CS_FIELD_DURATION:
		*v = cs_val_text(s);
		return is_duration(s);
	case CS_FIELD_OBJECT:
		return json(CS_JSON_OBJECT, s, v);
	case CS_FIELD_ARRAY:
		return json(CS_JSON_ARRAY, s, v);
	case CS_FIELD_GEOPOINT:
		return geopoint(f, s, v);
	}
	return false;
}

bool
cs_field_is_missing(const struct cs_field *f, struct cs_str cell)
{
	return cell.n == 0 || is_one_of(&f->missing, cell);
}

bool
cs_field_cell(const struct cs_field *f, struct cs_arena *a, struct cs_str cell,
    struct cs_val *v)
{
	*v = cs_val_null();
	if (cs_field_is_missing(f, cell))
		return true;
	if (typed(f, a, cell, v))
		return true;
	*v = cs_val_null();
	return false;
}

bool
cs_field_json(const struct cs_field *f, struct cs_arena *a, struct cs_str json,
    struct cs_val *v)
{
	*v = cs_val_null();
	switch (cs_json_kind(json)) {
	case CS_JSON_NULL:
		return true;
	case CS_JSON_STRING:
		if (f->type != CS_FIELD_ANY)
			return cs_field_cell(f, a, cs_json_text(a, json), v);
		*v = cs_val_text(cs_json_text(a, json));
		return true;
	case CS_JSON_TRUE:
	case CS_JSON_FALSE:
		if (f->type != CS_FIELD_BOOLEAN && f->type != CS_FIELD_ANY)
			return false;
		*v = cs_val_bool(cs_json_kind(json) == CS_JSON_TRUE);
		return true;
	case CS_JSON_NUMBER:
		if (f->type == CS_FIELD_NUMBER || f->type == CS_FIELD_ANY)
			return set_number(v, json);
		if (f->type == CS_FIELD_INTEGER)
			return is_whole(json) && set_number(v, json);
		return cs_field_cell(f, a, json, v);
	case CS_JSON_ARRAY:
	case CS_JSON_OBJECT:
		if (f->type != CS_FIELD_ANY)
			return (f->type == CS_FIELD_ARRAY ||
				   f->type == CS_FIELD_OBJECT ||
				   f->type == CS_FIELD_GEOPOINT) &&
			       cs_field_cell(f, a, json, v);
		*v = (struct cs_val){.kind = CS_JSON, .text = json};
		return true;
	}
	return false;
}

const char *
cs_field_kind(const struct cs_field *f, struct cs_arena *a)
{
	static const char *const kind[] = {"", "a string", "a number",
	    "a whole number", "true or false", "a date", "a time of day",
	    "a date with a time", "a year (YYYY)", "a month (YYYY-MM)",
	    "a duration (P1DT2H)", "a JSON object", "a JSON array",
	    "a place (lon,lat)"};
	const char *k = kind[f->type];

	switch (f->format) {
	case CS_FORMAT_EMAIL:
		return "an e-mail address";
	case CS_FORMAT_URI:
		return "a URI";
	case CS_FORMAT_UUID:
		return "a UUID";
	case CS_FORMAT_BINARY:
		return "Base64";
	case CS_FORMAT_JA:
		return cs_arena_printf(a, "%s (ja)", k);
	case CS_FORMAT_ANY:
		return cs_arena_printf(a, "%s with one meaning", k);
	case CS_FORMAT_PATTERN:
		return cs_arena_printf(a, "%s (%.*s)", k, CS_ARG(f->pattern));
	default:
		break;
	}
	if (f->type == CS_FIELD_BOOLEAN && f->yes.n > 0 && f->no.n > 0 &&
	    !is_one_of(&f->yes, CS_S("true")))
		return cs_arena_printf(
		    a, "%.*s or %.*s", CS_ARG(f->yes.v[0]), CS_ARG(f->no.v[0]));
	if (f->type == CS_FIELD_DATE)
		return "a date (YYYY-MM-DD)";
	if (f->type == CS_FIELD_TIME)
		return "a time of day (HH:MM:SS)";
	if (f->type == CS_FIELD_DATETIME)
		return "a date with a time (YYYY-MM-DDTHH:MM:SS)";
	return k;
}
