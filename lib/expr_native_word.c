/* expr_native_word: arithmetic, text functions, dates, lists */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "expr_fault.h"
#include "expr_jq.h"
#include "expr_native_node.h"
#include "num.h"
#include "text.h"

/* A number the language has: not NaN, not over the range (the prelude's _k). */
static struct cs_val
number(double v)
{
	return isfinite(v) ? cs_val_num(v) : cs_val_null();
}

/* v as a call of the host has it: an infinite number is null there. */
static const struct cs_val *
outside(const struct cs_val *v)
{
	static const struct cs_val null_value;

	return v->kind == CS_NUM && !isfinite(v->num) ? &null_value : v;
}

/* --- arithmetic --------------------------------------------------------- */

void
cs_nat_add(struct cs_native *m, const struct node *n, const struct cs_val *a,
    const struct cs_val *b, struct cs_val *out)
{
	char *p;

	if (a->kind == CS_NUM && b->kind == CS_NUM) {
		*out = number(a->num + b->num);
		return;
	}
	if (a->kind == CS_TEXT && b->kind == CS_TEXT) {
		size_t size = a->text.n + b->text.n;

		if (!cs_nat_fits(m, n, size, out))
			return;
		p = cs_arena_alloc(cs_nat_arena(m), size);
		if (a->text.n > 0)
			memcpy(p, a->text.p, a->text.n);
		if (b->text.n > 0)
			memcpy(p + a->text.n, b->text.p, b->text.n);
		*out = cs_val_text((struct cs_str){p, size});
		return;
	}
	if (a->kind != CS_NULL && b->kind != CS_NULL)
		cs_nat_fault(m, n,
		    "+ takes two numbers or two texts, not %s and %s",
		    cs_nat_type(a), cs_nat_type(b));
	*out = cs_val_null();
}

/* jq's %: both cut to whole numbers. */
static double
modulo(double a, double b)
{
	const double most = 9223372036854775808.0;

	if (fabs(b) < 1 || fabs(a) >= most || fabs(b) >= most)
		return NAN;
	return (double)((long long)a % (long long)b);
}

void
cs_nat_arith(struct cs_native *m, const struct node *n, const struct cs_val *a,
    const struct cs_val *b, struct cs_val *out)
{
	static const char sign[] = {[CS_E_SUB - CS_E_SUB] = '-',
	    [CS_E_MUL - CS_E_SUB] = '*',
	    [CS_E_DIV - CS_E_SUB] = '/',
	    [CS_E_MOD - CS_E_SUB] = '%'};
	double v;

	*out = cs_val_null();
	if (a->kind == CS_NULL || b->kind == CS_NULL)
		return;
	if (a->kind != CS_NUM || b->kind != CS_NUM) {
		cs_nat_fault(m, n, "%c takes two numbers, not %s and %s",
		    sign[n->cmp - CS_E_SUB], cs_nat_type(a), cs_nat_type(b));
		return;
	}
	switch (n->cmp) {
	case CS_E_SUB:
		v = a->num - b->num;
		break;
	case CS_E_MUL:
		v = a->num * b->num;
		break;
	case CS_E_DIV:
		v = b->num < 0 || b->num > 0 ? a->num / b->num : NAN;
		break;
	default:
		v = modulo(a->num, b->num);
		break;
	}
	*out = number(v);
}

/* --- functions of one value --------------------------------------------- */

static void
math(struct cs_native *m, const struct node *n, const struct cs_val *v,
    struct cs_val *out)
{
	*out = cs_val_null();
	if (v->kind == CS_NUM)
		*out = number(n->op == N_NEG ? -v->num : n->math(v->num));
	else if (v->kind != CS_NULL)
		cs_nat_fault(
		    m, n, "%s takes a number, not %s", n->name, cs_nat_type(v));
}

/* C's functions stop at a NUL; libjq 1.6 uses them in places. */
static struct cs_str
c_text(struct cs_str s)
{
	const char *end = cs_str_chr(s, '\0');

	if (end != NULL)
		s.n = (size_t)(end - s.p);
	return s;
}

static bool
has_any(struct cs_str s, const char *bytes)
{
	for (; *bytes != '\0'; bytes++)
		if (cs_str_chr(s, *bytes) != NULL)
			return true;
	return false;
}

static bool
parse_number(struct cs_str s, double *d)
{
	if (cs_num_parse(s, d))
		return true;
	s = c_text(s);
	/* " 12", "007", "+5", "nan": what libjq's parser takes besides. */
	return !has_any(s, "[{\"") && cs_jq_number(s, d);
}

static void
tonumber(struct cs_native *m, const struct node *n, const struct cs_val *v,
    struct cs_val *out)
{
	double d;

	*out = cs_val_null();
	if (v->kind == CS_NUM)
		*out = *v;
	else if (v->kind == CS_TEXT) {
		if (parse_number(v->text, &d))
			*out = number(d);
		else
			cs_nat_fault_value(m, n, "", v, " is not a number");
	} else if (v->kind != CS_NULL)
		cs_nat_fault(
		    m, n, "tonumber takes text, not %s", cs_nat_type(v));
}

static void
tostring(struct cs_native *m, const struct cs_val *v, struct cs_val *out)
{
	*out = *v;
	if (v->kind == CS_NULL || v->kind == CS_TEXT)
		return;
	cs_buf_reset(&m->text);
	cs_nat_put_json(m, &m->text, v);
	*out = cs_val_text(cs_keep(cs_nat_arena(m), cs_buf_get(&m->text)));
}

static void
length(struct cs_native *m, const struct node *n, const struct cs_val *v,
    struct cs_val *out)
{
	const struct cs_str *items;

	*out = cs_val_null();
	switch (v->kind) {
	case CS_NULL:
		break;
	case CS_BOOL:
		cs_nat_fault(
		    m, n, "length takes text, a list or a number, not boolean");
		break;
	case CS_NUM:
		*out = cs_val_num(fabs(v->num));
		break;
	case CS_TEXT:
		*out = cs_val_num((double)cs_utf8_count(v->text));
		break;
	case CS_JSON:
		*out = cs_val_num((double)cs_nat_items(m, v->text, &items));
		break;
	}
}

static void
change_case(struct cs_native *m, const struct node *n, const struct cs_val *v,
    struct cs_val *out)
{
	char from = n->is_left ? 'A' : 'a', *p;
	size_t i;

	*out = cs_val_null();
	if (v->kind == CS_NULL)
		return;
	if (v->kind != CS_TEXT) {
		cs_nat_fault(
		    m, n, "%s takes text, not %s", n->name, cs_nat_type(v));
		return;
	}
	p = cs_arena_alloc(cs_nat_arena(m), v->text.n);
	for (i = 0; i < v->text.n; i++) {
		char c = v->text.p[i];

		p[i] = c >= from && c < from + 26 ? (char)(c ^ 0x20) : c;
	}
	*out = cs_val_text((struct cs_str){p, v->text.n});
}

static void
nfkc(struct cs_native *m, const struct node *n, const struct cs_val *v,
    struct cs_val *out)
{
	*out = cs_val_null();
	v = outside(v);
	if (v->kind == CS_TEXT) {
		struct cs_str s = cs_text_nfkc(cs_nat_arena(m), v->text);

		if (cs_nat_fits(m, n, s.n, out))
			*out = cs_val_text(s);
	} else if (v->kind != CS_NULL)
		cs_nat_fault_value(m, n, "nfkc takes text, not ", v, "");
}

/* --- dates -------------------------------------------------------------- */

/* The civil day v means; false: unknown, or a fault that was noted. */
static bool
civil(struct cs_native *m, const struct node *n, const struct cs_val *v,
    struct cs_civil *c)
{
	enum cs_date_fault fault = CS_DATE_FORM;

	v = outside(v);
	if (v->kind == CS_NULL)
		return false;
	if (v->kind == CS_TEXT)
		fault = cs_zone_civil(v->text, c);
	if (fault == CS_DATE_OK)
		return true;
	cs_nat_fault_value(m, n, "", v,
	    fault == CS_DATE_NO_DAY ? " is a day that does not exist"
				    : " is not a date (YYYY-MM-DD)");
	return false;
}

static bool
civil_or_today(struct cs_native *m, const struct node *n,
    const struct cs_val *v, struct cs_civil *c)
{
	if (v != NULL)
		return civil(m, n, v, c);
	*c = m->today;
	return m->has_today;
}

void
cs_nat_days(struct cs_native *m, const struct node *n,
    const struct cs_val *from, const struct cs_val *to, struct cs_val *out)
{
	struct cs_civil a, b;
	bool is_known = civil_or_today(m, n, from, &a);

	*out = cs_val_null();
	/* Both are looked at: both may be wrong. */
	if (!civil_or_today(m, n, to, &b) || !is_known)
		return;
	*out = cs_val_num(
	    (double)(n->op == N_MONTHS ? cs_months_between(a, b)
				       : cs_civil_days(b) - cs_civil_days(a)));
}

static void
weekday(struct cs_native *m, const struct node *n, const struct cs_val *v,
    struct cs_val *out)
{
	struct cs_civil c;

	*out = cs_val_null();
	if (civil(m, n, v, &c))
		*out = cs_val_num(cs_weekday(cs_civil_days(c)));
}

void
cs_nat_word(struct cs_native *m, const struct node *n, const struct cs_val *v,
    struct cs_val *out)
{
	switch (n->op) {
	case N_TONUMBER:
		tonumber(m, n, v, out);
		break;
	case N_TOSTRING:
		tostring(m, v, out);
		break;
	case N_LENGTH:
		length(m, n, v, out);
		break;
	case N_TYPE:
		*out = cs_val_text(v->kind == CS_TEXT ? CS_S("string")
						      : cs_str(cs_nat_type(v)));
		break;
	case N_CASE:
		change_case(m, n, v, out);
		break;
	case N_NFKC:
		nfkc(m, n, v, out);
		break;
	case N_WEEKDAY:
		weekday(m, n, v, out);
		break;
	default:
		math(m, n, v, out);
		break;
	}
}

/* --- functions of two texts --------------------------------------------- */

/* Two texts? Else unknown, with a fault when both are known. */
static bool
are_texts(struct cs_native *m, const struct node *n, const struct cs_val *v,
    const struct cs_val *a)
{
	if (v->kind == CS_TEXT && a->kind == CS_TEXT)
		return true;
	if (v->kind != CS_NULL && a->kind != CS_NULL)
		cs_nat_fault(m, n, "%s takes text, not %s", n->name,
		    cs_nat_type(v->kind == CS_TEXT ? a : v));
	return false;
}

static bool
ends(struct cs_str s, struct cs_str tail)
{
	return s.n >= tail.n &&
	       (tail.n == 0 || memcmp(s.p + s.n - tail.n, tail.p, tail.n) == 0);
}

static void
trim(const struct node *n, const struct cs_val *v, const struct cs_val *a,
    struct cs_val *out)
{
	*out = *v;
	if (a->kind == CS_NULL)
		*out = cs_val_null();
	if (v->kind != CS_TEXT || a->kind != CS_TEXT)
		return;
	if (n->is_left && cs_str_starts(v->text, a->text)) {
		out->text.p += a->text.n;
		out->text.n -= a->text.n;
	} else if (!n->is_left && ends(v->text, a->text))
		out->text.n -= a->text.n;
}

static void
put_piece(struct cs_buf *b, struct cs_str s)
{
	if (b->n > 1)
		cs_buf_putc(b, ',');
	cs_text_json(b, s);
}

/* jq's: no piece of the empty text, every character when sep is empty. */
static void
split(
    struct cs_native *m, struct cs_str s, struct cs_str sep, struct cs_val *out)
{
	struct cs_buf b = {0};
	const char *at;
	size_t n;
	bool is_more = s.n > 0;

	cs_buf_putc(&b, '[');
	while (is_more) {
		if (sep.n == 0) {
			cs_utf8_next(s, &n);
			is_more = n < s.n;
		} else {
			at = memmem(s.p, s.n, sep.p, sep.n);
			is_more = at != NULL;
			n = is_more ? (size_t)(at - s.p) : s.n;
		}
		put_piece(&b, (struct cs_str){s.p, n});
		n += is_more ? sep.n : 0;
		s.p += n;
		s.n -= n;
	}
	cs_buf_putc(&b, ']');
	*out = (struct cs_val){
	    .kind = CS_JSON, .text = cs_keep(cs_nat_arena(m), cs_buf_get(&b))};
	cs_buf_free(&b);
}

void
cs_nat_word2(struct cs_native *m, const struct node *n, const struct cs_val *v,
    const struct cs_val *a, struct cs_val *out)
{
	if (n->op == N_TRIM)
		trim(n, v, a, out);
	else if (are_texts(m, n, v, a))
		split(m, v->text, a->text, out);
	else
		*out = cs_val_null();
}

static int
answer(bool yes)
{
	return yes ? YES : NO;
}

static int
contains(struct cs_native *m, const struct cs_val *v, const struct cs_val *a)
{
	struct cs_str s, part;

	if (v->kind == CS_NULL || a->kind == CS_NULL)
		return UNKNOWN;
	if (v->kind != CS_TEXT || a->kind != CS_TEXT) {
		m->is_not_mine = true;
		return UNKNOWN;
	}
	s = c_text(v->text);
	part = c_text(a->text);
	return answer(part.n == 0 || memmem(s.p, s.n, part.p, part.n) != NULL);
}

int
cs_nat_text_cond(struct cs_native *m, const struct node *n,
    const struct cs_val *v, const struct cs_val *a)
{
	if (n->op == N_CONTAINS)
		return contains(m, v, a);
	if (!are_texts(m, n, v, a))
		return UNKNOWN;
	return answer(n->is_left ? cs_str_starts(v->text, a->text)
				 : ends(v->text, a->text));
}

int
cs_nat_test(struct cs_native *m, const struct node *n, const struct cs_val *v)
{
	if (v->kind == CS_NULL)
		return UNKNOWN;
	if (v->kind != CS_TEXT) {
		cs_nat_fault(m, n, "test takes text, not %s", cs_nat_type(v));
		return UNKNOWN;
	}
	switch (cs_re_search(n->re, v->text)) {
	case CS_RE_NO:
		return NO;
	case CS_RE_YES:
		return YES;
	case CS_RE_STEPS:
		cs_nat_fault(m, n, "%s", CS_FAULT_STEPS);
		return UNKNOWN;
	default:
		m->is_not_mine = true; /* in jq's words */
		return UNKNOWN;
	}
}

/* --- keys --------------------------------------------------------------- */

/* The text of node n's column, or of v. False: unknown, or a fault that was
 * noted. */
static bool
as_text(struct cs_native *m, const struct node *n, const struct cs_val *v,
    struct cs_str *s)
{
	bool is_column = n->col != CS_JQ_NONE;

	v = outside(v);
	if (v->kind == CS_NULL)
		return false;
	if (v->kind == CS_JSON) {
		if (is_column) /* as it is written */
			cs_nat_fault(m, n, "a text is needed, not %.*s",
			    CS_ARG(v->text));
		else
			cs_nat_fault_value(
			    m, n, "a text is needed, not ", v, "");
		return false;
	}
	if (is_column)
		*s = cs_rec_text(m->rec, n->col);
	else if (v->kind == CS_TEXT)
		*s = v->text;
	else {
		cs_buf_reset(&m->text);
		cs_nat_put_json(m, &m->text, v);
		*s = cs_buf_get(&m->text);
	}
	return s->p != NULL;
}

int
cs_nat_in_list(
    struct cs_native *m, const struct node *n, const struct cs_val *v)
{
	struct cs_str s;

	if (!as_text(m, n, v, &s))
		return UNKNOWN;
	return answer(cs_set_has(n->set, s));
}

void
cs_nat_bucket(struct cs_native *m, const struct node *n,
    const struct cs_val *salt, const struct cs_val *id, struct cs_val *out)
{
	struct cs_str s;

	*out = cs_val_null();
	salt = outside(salt);
	if (salt->kind == CS_NULL || !as_text(m, n, id, &s))
		return;
	if (salt->kind != CS_TEXT)
		cs_nat_fault_value(m, n, "a salt is a text, not ", salt, "");
	else
		*out = cs_val_num(cs_bucket(salt->text, s));
}
