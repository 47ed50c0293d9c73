#include <string.h>

#include "eval_int.h"
#include "expr_fault.h"
#include "re.h"
#include "text.h"

/* The other side of the program: the faults it tells, the calls it makes. */

/* --- faults ------------------------------------------------------------- */

static void
add_fault(struct cs_ref *ev, const struct cs_val *site, struct cs_str text)
{
	const struct cs_jq_site *s;
	struct cs_eval_befell *f;

	if (site->kind != CS_NUM || site->num < 0 ||
	    site->num >= (double)ev->sites.n)
		return; /* under a postfix ? */
	s = &ev->sites.v[(size_t)site->num];
	ev->fault =
	    cs_grow(ev->fault, ev->nfaults, &ev->faults_cap, sizeof(*f));
	f = &ev->fault[ev->nfaults++];
	f->owner = s->owner;
	f->f.at = s->at;
	f->f.text = cs_fault_keep(&ev->one, text);
}

/* A condition that is a value. */
static void
not_yes_no(struct cs_ref *ev, const struct cs_val *site, const struct cs_val *v)
{
	struct cs_buf b = {0};

	if (site->kind != CS_NUM || site->num >= (double)ev->sites.n)
		return;
	cs_fault_not_yes_no(&b, ev->sites.v[(size_t)site->num].at, v);
	add_fault(ev, site, cs_buf_get(&b));
	cs_buf_free(&b);
}

/* libjq's and oniguruma's words for cs_re_limits; the whole text, for a fault
 * may quote any value. */
static bool
is_retry_limit(struct cs_str s)
{
	return cs_str_is(s, "Regex failure: retry-limit-in-match over") ||
	       cs_str_is(s, "Regex failure: retry-limit-in-search over");
}

/* [site]: a Let was looked at. [site, text]: a fault. [site, null, value]: a
 * condition that is no yes/no. */
void
cs_eval_note(void *self, const struct cs_val *v, size_t n)
{
	struct cs_ref *ev = self;
	const struct cs_jq_site *s;
	struct cs_buf b = {0};

	if (v[0].kind != CS_NUM || v[0].num >= (double)ev->sites.n)
		return;
	s = &ev->sites.v[(size_t)v[0].num];
	if (n == 1) {
		ev->look = cs_grow(
		    ev->look, ev->nlooks, &ev->looks_cap, sizeof(*ev->look));
		ev->look[ev->nlooks++] =
		    (struct cs_eval_look){s->owner, s->let};
	} else if (n == 3)
		not_yes_no(ev, &v[0], &v[2]);
	else if (v[1].kind == CS_TEXT && is_retry_limit(v[1].text))
		add_fault(ev, &v[0], CS_S(CS_FAULT_STEPS));
	else if (v[1].kind == CS_TEXT)
		add_fault(ev, &v[0], v[1].text);
	else {
		cs_val_put_json(&b, v[1]);
		add_fault(ev, &v[0], cs_buf_get(&b));
		cs_buf_free(&b);
	}
}

/* --- calls from the program --------------------------------------------- */

static struct cs_val
bad(struct cs_ref *ev, const struct cs_val *site, const char *before,
    const struct cs_val *v, const char *after)
{
	struct cs_buf b = {0};

	cs_buf_puts(&b, before);
	cs_val_put_json(&b, *v);
	cs_buf_puts(&b, after);
	add_fault(ev, site, cs_buf_get(&b));
	cs_buf_free(&b);
	return cs_val_null();
}

/* The civil day v means; false: unknown, or a fault that was noted. */
static bool
civil(struct cs_ref *ev, const struct cs_val *site, const struct cs_val *v,
    struct cs_civil *c)
{
	if (v->kind == CS_NULL)
		return false;
	if (v->kind != CS_TEXT) {
		bad(ev, site, "", v, " is not a date (YYYY-MM-DD)");
		return false;
	}
	switch (cs_zone_civil(v->text, c)) {
	case CS_DATE_OK:
		return true;
	case CS_DATE_NO_DAY:
		bad(ev, site, "", v, " is a day that does not exist");
		return false;
	default:
		bad(ev, site, "", v, " is not a date (YYYY-MM-DD)");
		return false;
	}
}

static struct cs_val
between(struct cs_ref *ev, const struct cs_val *v, bool is_months)
{
	struct cs_civil from, to;
	bool is_known = civil(ev, &v[1], &v[2], &from);

	/* Both are looked at: both may be wrong. */
	if (!civil(ev, &v[1], &v[3], &to) || !is_known)
		return cs_val_null();
	if (is_months)
		return cs_val_num((double)cs_months_between(from, to));
	return cs_val_num((double)(cs_civil_days(to) - cs_civil_days(from)));
}

/* The text of a column's cell (v[1] its number), or of the value v[0]. False:
 * unknown, or a fault that was noted. */
static bool
as_text(struct cs_ref *ev, const struct cs_val *site, const struct cs_val *v,
    struct cs_str *s)
{
	struct cs_val x = v[0];

	if (v[1].kind == CS_NUM) {
		if (ev->rec == NULL)
			return false;
		x = cs_rec_val(ev->rec, (size_t)v[1].num);
	}
	if (x.kind == CS_NULL)
		return false;
	if (x.kind == CS_JSON) {
		bad(ev, site, "a text is needed, not ", &x, "");
		return false;
	}
	if (v[1].kind == CS_NUM)
		*s = cs_rec_text(ev->rec, (size_t)v[1].num);
	else {
		cs_buf_reset(&ev->answer);
		cs_val_put_text(&ev->answer, x);
		*s = cs_buf_get(&ev->answer);
	}
	return s->p != NULL;
}

static struct cs_val
call_list(struct cs_ref *ev, const struct cs_val *v)
{
	struct cs_str s;
	size_t k = (size_t)v[2].num;

	if (k >= ev->conf->nlists || !as_text(ev, &v[1], &v[3], &s))
		return cs_val_null();
	return cs_val_bool(cs_set_has(&ev->conf->lists[k].set, s));
}

static struct cs_val
call_bucket(struct cs_ref *ev, const struct cs_val *v)
{
	struct cs_str s;

	if (v[2].kind == CS_NULL || !as_text(ev, &v[1], &v[3], &s))
		return cs_val_null();
	if (v[2].kind != CS_TEXT)
		return bad(ev, &v[1], "a salt is a text, not ", &v[2], "");
	return cs_val_num(cs_bucket(v[2].text, s));
}

static struct cs_val
call_nfkc(struct cs_ref *ev, const struct cs_val *v)
{
	struct cs_str s;

	if (v[2].kind == CS_NULL)
		return cs_val_null();
	if (v[2].kind != CS_TEXT)
		return bad(ev, &v[1], "nfkc takes text, not ", &v[2], "");
	cs_arena_reset(&ev->work);
	s = cs_text_nfkc(&ev->work, v[2].text);
	if (s.n <= CS_MAX_TEXT)
		return cs_val_text(s);
	add_fault(ev, &v[1], CS_S(CS_FAULT_LONG));
	return cs_val_null();
}

static struct cs_val
call_weekday(struct cs_ref *ev, const struct cs_val *v)
{
	struct cs_civil c;

	if (!civil(ev, &v[1], &v[2], &c))
		return cs_val_null();
	return cs_val_num(cs_weekday(cs_civil_days(c)));
}

static struct cs_val
call_pattern(struct cs_ref *ev, const struct cs_val *v)
{
	struct cs_err err;

	if (v[2].kind == CS_NULL)
		return cs_val_null();
	if (v[2].kind != CS_TEXT)
		return bad(ev, &v[1], "a pattern is a text, not ", &v[2], "");
	if (cs_re_check(v[2].text, CS_S(""), &err))
		return v[2];
	add_fault(ev, &v[1], cs_str(err.text));
	return cs_val_null();
}

/* [word, site, arguments...]; "looks" has no site. */
struct cs_val
cs_eval_call(void *self, const struct cs_val *v, size_t n)
{
	struct cs_ref *ev = self;
	struct cs_str word = v[0].text;

	if (n == 2 && cs_str_is(word, "looks"))
		return cs_val_bool(
		    v[1].kind == CS_TEXT && cs_looks_like_date(v[1].text));
	if (n == 4 && cs_str_is(word, "days"))
		return between(ev, v, false);
	if (n == 4 && cs_str_is(word, "months"))
		return between(ev, v, true);
	if (n == 3 && cs_str_is(word, "weekday"))
		return call_weekday(ev, v);
	if (n == 3 && cs_str_is(word, "nfkc"))
		return call_nfkc(ev, v);
	if (n == 3 && cs_str_is(word, "pattern"))
		return call_pattern(ev, v);
	if (n == 5 && cs_str_is(word, "list"))
		return call_list(ev, v);
	if (n == 5 && cs_str_is(word, "bucket"))
		return call_bucket(ev, v);
	return cs_val_null();
}
