/* the filters of templates: {{value|filter:argument}} */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "num.h"
#include "template_private.h"
#include "text.h"

#define UNUSED(x) (void)(x)

/* Everything that a buffer holds, as the value's new text. */
static const char *
set_text(
    struct cs_tvalue *v, struct cs_buf *b, const struct cs_template_env *env)
{
	v->text = cs_keep(env->arena, cs_buf_get(b));
	v->is_json = false;
	cs_buf_free(b);
	return NULL;
}

static const char *
set_z(struct cs_tvalue *v, const char *z, const struct cs_template_env *env)
{
	v->text = cs_keep(env->arena, cs_str(z));
	v->is_json = false;
	return NULL;
}

/* --- numbers --- */

static bool
number(struct cs_str s, double *v)
{
	s = cs_text_trim(s);
	return cs_num_person(s, v) || (cs_num_parse(s, v) && isfinite(*v));
}

/* 1234567.5 -> 1,234,567.5; s is [-]digits[.digits]. */
static void
group(struct cs_buf *b, struct cs_str s)
{
	size_t i, n;

	if (s.n > 0 && (s.p[0] == '-' || s.p[0] == '+')) {
		if (s.p[0] == '-')
			cs_buf_putc(b, '-');
		s.p++;
		s.n--;
	}
	while (s.n > 1 && s.p[0] == '0' && s.p[1] != '.') {
		s.p++;
		s.n--;
	}
	for (n = 0; n < s.n && s.p[n] != '.'; n++)
		;
	for (i = 0; i < n; i++) {
		if (i > 0 && (n - i) % 3 == 0)
			cs_buf_putc(b, ',');
		cs_buf_putc(b, s.p[i]);
	}
	cs_buf_add(b, s.p + n, s.n - n);
}

/* v with that many decimals, half to even on its exact value, grouped. */
static void
rounded(struct cs_buf *b, double v, int decimals)
{
	char text[400];
	int n = snprintf(
	    text, sizeof(text), "%.*f", decimals > 15 ? 15 : decimals, v);
	struct cs_str s = {text, n < 0 ? 0 : (size_t)n};

	/* -0.4 must not print as -0 */
	if (s.p[0] == '-' && strspn(s.p + 1, "0.") == s.n - 1) {
		s.p++;
		s.n--;
	}
	group(b, s);
}

static bool
is_whole(struct cs_str s)
{
	size_t i = s.n > 0 && (s.p[0] == '-' || s.p[0] == '+');

	for (; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n > 0;
}

static const char not_number[] = "is not a number";

static const char *
do_num(struct cs_tvalue *v, const struct cs_targ *arg, size_t n,
    const struct cs_template_env *env)
{
	struct cs_str s = cs_text_trim(v->text);
	struct cs_buf b = {0};
	double d;

	if (!number(s, &d))
		return not_number;
	if (n > 0)
		rounded(&b, d, (int)arg[0].num);
	else if (memchr(s.p, 'e', s.n) || memchr(s.p, 'E', s.n))
		rounded(&b, d, 0);
	else
		group(&b, s); /* digits as they came: money is not rounded */
	return set_text(v, &b, env);
}

static const char *
do_yen(struct cs_tvalue *v, const struct cs_targ *arg, size_t n,
    const struct cs_template_env *env)
{
	struct cs_str s = cs_text_trim(v->text);
	struct cs_buf b = {0};
	double d;

	UNUSED(arg), UNUSED(n);
	if (!number(s, &d))
		return not_number;
	if (is_whole(s))
		group(&b, s);
	else
		rounded(&b, d, 0);
	cs_buf_puts(&b, "円");
	return set_text(v, &b, env);
}

static const char *
do_man(struct cs_tvalue *v, const struct cs_targ *arg, size_t n,
    const struct cs_template_env *env)
{
	struct cs_buf b = {0};
	double d;

	if (!number(v->text, &d))
		return not_number;
	rounded(&b, d / 10000, n > 0 ? (int)arg[0].num : 1);
	if (n == 0 && b.n > 2 && memcmp(b.p + b.n - 2, ".0", 2) == 0)
		b.n -= 2;
	cs_buf_puts(&b, "万円");
	return set_text(v, &b, env);
}

static const char *
do_pct(struct cs_tvalue *v, const struct cs_targ *arg, size_t n,
    const struct cs_template_env *env)
{
	struct cs_buf b = {0};
	double d;

	if (!number(v->text, &d))
		return not_number;
	rounded(&b, d * 100, n > 0 ? (int)arg[0].num : 0);
	cs_buf_putc(&b, '%');
	return set_text(v, &b, env);
}

static const char *
do_plural(struct cs_tvalue *v, const struct cs_targ *arg, size_t n,
    const struct cs_template_env *env)
{
	double d;

	UNUSED(n), UNUSED(env);
	if (!number(v->text, &d))
		return not_number;
	v->text = arg[d == 1 || d == -1 ? 0 : 1].text;
	v->is_json = false;
	return NULL;
}

/* --- dates --- */

static const char not_date[] = "is not a date (YYYY-MM-DD)";

/* Civil day and time of a text, in --tz where it names a zone. */
static bool
moment(struct cs_str s, struct cs_time *t)
{
	if (cs_time_parse(cs_text_trim(s), t) != CS_DATE_OK)
		return false;
	if (t->has_zone && t->has_time)
		*t = cs_zone_local(cs_time_epoch(t));
	return true;
}

static void
wareki(struct cs_buf *b, struct cs_civil c)
{
	static const struct {
		const char *name;
		struct cs_civil from;
	} era[] = {
	    {"令和", {2019, 5, 1}},
	    {"平成", {1989, 1, 8}},
	    {"昭和", {1926, 12, 25}},
	    {"大正", {1912, 7, 30}},
	    {"明治", {1868, 1, 25}},
	};
	long days = cs_civil_days(c);

	for (size_t i = 0; i < sizeof(era) / sizeof(era[0]); i++) {
		int year = c.year - era[i].from.year + 1;

		if (days < cs_civil_days(era[i].from))
			continue;
		cs_buf_puts(b, era[i].name);
		if (year == 1)
			cs_buf_puts(b, "元");
		else
			cs_buf_printf(b, "%d", year);
		cs_buf_printf(b, "年%d月%d日", c.month, c.day);
		return;
	}
	cs_buf_printf(b, "%d年%d月%d日", c.year, c.month, c.day);
}

static const char *const months[] = {"January", "February", "March", "April",
    "May", "June", "July", "August", "September", "October", "November",
    "December"};
static const char *const days[] = {"Monday", "Tuesday", "Wednesday", "Thursday",
    "Friday", "Saturday", "Sunday"};
static const char *const youbi[] = {"月", "火", "水", "木", "金", "土", "日"};

enum token {
	T_MONTH,
	T_MON,
	T_YEAR,
	T_DAY_NAME,
	T_DAY_SHORT,
	T_YOUBI,
	T_MM,
	T_DD,
	T_HH,
	T_MIN,
	T_SS,
	T_M,
	T_D,
	T_H
};

/* The longer before the shorter that begins it. */
static const struct {
	const char *word;
	enum token token;
} tokens[] = {{"MMMM", T_MONTH}, {"MMM", T_MON}, {"YYYY", T_YEAR},
    {"dddd", T_DAY_NAME}, {"ddd", T_DAY_SHORT}, {"曜", T_YOUBI}, {"MM", T_MM},
    {"DD", T_DD}, {"HH", T_HH}, {"mm", T_MIN}, {"ss", T_SS}, {"M", T_M},
    {"D", T_D}, {"H", T_H}};

static void
put_token(struct cs_buf *b, enum token token, const struct cs_time *t)
{
	int day = cs_weekday(cs_civil_days(t->civil)) - 1;
	const struct cs_civil *c = &t->civil;

	switch (token) {
	case T_MONTH:
		cs_buf_puts(b, months[c->month - 1]);
		break;
	case T_MON:
		cs_buf_add(b, months[c->month - 1], 3);
		break;
	case T_YEAR:
		cs_buf_printf(b, "%04d", c->year);
		break;
	case T_DAY_NAME:
		cs_buf_puts(b, days[day]);
		break;
	case T_DAY_SHORT:
		cs_buf_add(b, days[day], 3);
		break;
	case T_YOUBI:
		cs_buf_puts(b, youbi[day]);
		break;
	case T_MM:
		cs_buf_printf(b, "%02d", c->month);
		break;
	case T_DD:
		cs_buf_printf(b, "%02d", c->day);
		break;
	case T_HH:
		cs_buf_printf(b, "%02d", t->hour);
		break;
	case T_MIN:
		cs_buf_printf(b, "%02d", t->minute);
		break;
	case T_SS:
		cs_buf_printf(b, "%02d", t->second);
		break;
	case T_M:
		cs_buf_printf(b, "%d", c->month);
		break;
	case T_D:
		cs_buf_printf(b, "%d", c->day);
		break;
	case T_H:
		cs_buf_printf(b, "%d", t->hour);
		break;
	}
}

static void
put_date(struct cs_buf *b, struct cs_str format, const struct cs_time *t)
{
	while (format.n > 0) {
		size_t i, n = sizeof(tokens) / sizeof(tokens[0]);

		for (i = 0; i < n; i++)
			if (cs_str_starts(format, cs_str(tokens[i].word)))
				break;
		if (i < n) {
			size_t used = strlen(tokens[i].word);

			put_token(b, tokens[i].token, t);
			format.p += used;
			format.n -= used;
		} else {
			cs_buf_putc(b, format.p[0]);
			format.p++;
			format.n--;
		}
	}
}

static const char *
do_date(struct cs_tvalue *v, const struct cs_targ *arg, size_t n,
    const struct cs_template_env *env)
{
	struct cs_buf b = {0};
	struct cs_time t;

	if (!moment(v->text, &t))
		return not_date;
	if (n > 0 && cs_str_is(arg[0].text, "wareki"))
		wareki(&b, t.civil);
	else
		put_date(&b, n > 0 ? arg[0].text : CS_S("YYYY年M月D日"), &t);
	return set_text(v, &b, env);
}

static const char *
do_add(struct cs_tvalue *v, const struct cs_targ *arg, size_t n,
    const struct cs_template_env *env)
{
	struct cs_time t;
	struct cs_civil c;
	char text[16];
	long sign = arg[0].is_negative ? -1 : 1;

	UNUSED(n);
	if (!moment(v->text, &t))
		return not_date;
	switch (arg[0].span.unit) {
	case 'm':
		c = cs_add_months(t.civil, sign * arg[0].span.n);
		break;
	case 'w':
		c = cs_days_civil(
		    cs_civil_days(t.civil) + sign * 7 * arg[0].span.n);
		break;
	case 'd':
		c = cs_days_civil(
		    cs_civil_days(t.civil) + sign * arg[0].span.n);
		break;
	default:
		return "is a day: add takes days, weeks or months";
	}
	if (c.year < 0 || c.year > 9999)
		return "leaves the years 0000 to 9999";
	cs_civil_print(text, c);
	return set_z(v, text, env);
}

static const char *
day_count(struct cs_tvalue *v, const struct cs_template_env *env, long sign)
{
	struct cs_time t;
	struct cs_buf b = {0};

	if (!moment(v->text, &t))
		return not_date;
	cs_buf_printf(&b, "%ld",
	    sign * (cs_civil_days(t.civil) - cs_civil_days(env->as_of->today)));
	return set_text(v, &b, env);
}

static const char *
do_days_until(struct cs_tvalue *v, const struct cs_targ *arg, size_t n,
    const struct cs_template_env *env)
{
	UNUSED(arg), UNUSED(n);
	return day_count(v, env, 1);
}

static const char *
do_days_since(struct cs_tvalue *v, const struct cs_targ *arg, size_t n,
    const struct cs_template_env *env)
{
	UNUSED(arg), UNUSED(n);
	return day_count(v, env, -1);
}

/* --- text --- */

static const char *
do_trunc(struct cs_tvalue *v, const struct cs_targ *arg, size_t n,
    const struct cs_template_env *env)
{
	struct cs_str s = v->text;
	size_t keep = 0, at = 0, count = 0;
	struct cs_buf b = {0};

	UNUSED(n);
	if (arg[0].num < 1)
		return "cannot be cut to 0 characters";
	while (at < s.n && count <= (size_t)arg[0].num) {
		if (count + 1 == (size_t)arg[0].num)
			keep = at; /* the last place is for the … */
		at += cs_text_grapheme((struct cs_str){s.p + at, s.n - at});
		count++;
	}
	if (count <= (size_t)arg[0].num)
		return NULL;
	cs_buf_add(&b, s.p, keep);
	cs_buf_puts(&b, "…");
	return set_text(v, &b, env);
}

static const char *
change_case(
    struct cs_tvalue *v, char from, char to, const struct cs_template_env *env)
{
	char *p = cs_keepz(env->arena, v->text);

	for (size_t i = 0; i < v->text.n; i++)
		if (p[i] >= from && p[i] < from + 26)
			p[i] = (char)(p[i] - from + to);
	v->text.p = p;
	return NULL;
}

static const char *
do_upper(struct cs_tvalue *v, const struct cs_targ *arg, size_t n,
    const struct cs_template_env *env)
{
	UNUSED(arg), UNUSED(n);
	return change_case(v, 'a', 'A', env);
}

static const char *
do_lower(struct cs_tvalue *v, const struct cs_targ *arg, size_t n,
    const struct cs_template_env *env)
{
	UNUSED(arg), UNUSED(n);
	return change_case(v, 'A', 'a', env);
}

static const char *
do_nfkc(struct cs_tvalue *v, const struct cs_targ *arg, size_t n,
    const struct cs_template_env *env)
{
	UNUSED(arg), UNUSED(n);
	v->text = cs_text_nfkc(env->arena, v->text);
	return NULL;
}

static bool
holds_any(struct cs_str s, const char *const *word)
{
	for (; *word != NULL; word++)
		if (memmem(s.p, s.n, *word, strlen(*word)) != NULL)
			return true;
	return false;
}

/* A form of address: 御中 for what is no person. */
static const char *
do_sama(struct cs_tvalue *v, const struct cs_targ *arg, size_t n,
    const struct cs_template_env *env)
{
	static const char *const body[] = {"株式会社", "有限会社", "合同会社",
	    "合資会社", "合名会社", "（株）", "(株)", "㈱", "（有）", "(有)",
	    "㈲", "（同）", "(同)", "法人", "協会", "組合", "財団", "学校",
	    "大学", "病院", "事務所", "役所", "銀行", NULL};
	static const char *const titled[] = {"様", "御中", "さま", "殿", NULL};
	struct cs_str s = cs_text_trim(v->text);
	struct cs_buf b = {0};

	UNUSED(arg), UNUSED(n);
	cs_buf_str(&b, s);
	for (size_t i = 0; titled[i] != NULL; i++) {
		size_t len = strlen(titled[i]);

		if (s.n >= len && memcmp(s.p + s.n - len, titled[i], len) == 0)
			return set_text(v, &b, env);
	}
	cs_buf_puts(&b, holds_any(s, body) ? " 御中" : " 様");
	return set_text(v, &b, env);
}

static const char *
do_url(struct cs_tvalue *v, const struct cs_targ *arg, size_t n,
    const struct cs_template_env *env)
{
	struct cs_buf b = {0};

	UNUSED(arg), UNUSED(n);
	cs_turl(&b, v->text);
	return set_text(v, &b, env);
}

static const char *
do_html(struct cs_tvalue *v, const struct cs_targ *arg, size_t n,
    const struct cs_template_env *env)
{
	struct cs_buf b = {0};

	UNUSED(arg), UNUSED(n);
	cs_thtml(&b, v->text);
	v->is_escaped = true;
	return set_text(v, &b, env);
}

static const char *
do_json(struct cs_tvalue *v, const struct cs_targ *arg, size_t n,
    const struct cs_template_env *env)
{
	struct cs_buf b = {0};

	UNUSED(arg), UNUSED(n);
	if (v->is_json)
		return NULL;
	cs_text_json(&b, v->text);
	return set_text(v, &b, env);
}

static bool
is_array(const struct cs_tvalue *v)
{
	return v->is_json && v->text.n > 0 &&
	       cs_json_kind(v->text) == CS_JSON_ARRAY;
}

/* One item of an array as a value. */
static struct cs_tvalue
item(struct cs_str json, struct cs_arena *a)
{
	struct cs_tvalue v = {.text = json, .is_json = true};

	switch (cs_json_kind(json)) {
	case CS_JSON_NULL:
		return (struct cs_tvalue){0};
	case CS_JSON_STRING:
		v.text = cs_json_text(a, json);
		v.is_json = false;
		break;
	default:
		break;
	}
	return v;
}

static const char *
do_first(struct cs_tvalue *v, const struct cs_targ *arg, size_t n,
    const struct cs_template_env *env)
{
	struct cs_str key, value;
	size_t pos = 0;

	UNUSED(arg), UNUSED(n);
	if (!is_array(v))
		return NULL;
	if (cs_json_next(v->text, &pos, &key, &value))
		*v = item(value, env->arena);
	else
		*v = (struct cs_tvalue){0};
	return NULL;
}

static const char *
do_join(struct cs_tvalue *v, const struct cs_targ *arg, size_t n,
    const struct cs_template_env *env)
{
	struct cs_str key, value, between = n > 0 ? arg[0].text : CS_S("、");
	struct cs_buf b = {0};
	size_t pos = 0;

	if (!is_array(v))
		return NULL;
	while (cs_json_next(v->text, &pos, &key, &value)) {
		struct cs_tvalue one = item(value, env->arena);

		if (one.text.p == NULL)
			continue;
		if (b.n > 0)
			cs_buf_str(&b, between);
		cs_buf_str(&b, one.text);
	}
	return set_text(v, &b, env);
}

/* --- escapes --- */

void
cs_turl(struct cs_buf *b, struct cs_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		    (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
		    c == '_' || c == '~')
			cs_buf_putc(b, (char)c);
		else
			cs_buf_printf(b, "%%%02X", c);
	}
}

void
cs_thtml(struct cs_buf *b, struct cs_str s)
{
	size_t i, from = 0;

	for (i = 0; i < s.n; i++) {
		const char *to;

		switch (s.p[i]) {
		case '&':
			to = "&amp;";
			break;
		case '<':
			to = "&lt;";
			break;
		case '>':
			to = "&gt;";
			break;
		case '"':
			to = "&quot;";
			break;
		case '\'':
			to = "&#39;";
			break;
		default:
			continue;
		}
		cs_buf_add(b, s.p + from, i - from);
		cs_buf_puts(b, to);
		from = i + 1;
	}
	cs_buf_add(b, s.p + from, s.n - from);
}

static const struct cs_tfilter filters[] = {
    {"add", "d", do_add, "a date moved: add:3mo, add:-1w"},
    {"date", "?t", do_date, "a date in words: date:\"M月D日(曜)\""},
    {"days_since", "", do_days_since, "days from the date to today"},
    {"days_until", "", do_days_until, "days from today to the date"},
    {"default", "t", NULL, "text for what is empty; short: |\"text\""},
    {"first", "", do_first, "the first item of a list"},
    {"html", "", do_html, "& < > \" ' escaped"},
    {"join", "?t", do_join, "a list in one line: join:\"、\""},
    {"json", "", do_json, "as a JSON value"},
    {"lower", "", do_lower, "small letters (A to Z)"},
    {"man", "?n", do_man, "12000 as 1.2万円"},
    {"nfkc", "", do_nfkc, "full and half width made one"},
    {"num", "?n", do_num, "12345 as 12,345; num:1 one decimal"},
    {"pct", "?n", do_pct, "0.052 as 5%; pct:1 as 5.2%"},
    {"plural", "tt", do_plural, "plural:\"item\",\"items\""},
    {"sama", "", do_sama, "with 様 or 御中"},
    {"trunc", "n", do_trunc, "at most so many characters"},
    {"upper", "", do_upper, "capital letters (a to z)"},
    {"url", "", do_url, "as part of a URL"},
    {"yen", "", do_yen, "12345 as 12,345円"},
};

const struct cs_tfilter *
cs_tfilters(size_t *n)
{
	*n = sizeof(filters) / sizeof(filters[0]);
	return filters;
}
