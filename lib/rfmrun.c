#include <string.h>

#include "num.h"
#include "rfmrun.h"
#include "zone.h"

/* --- the request -------------------------------------------------------- */

bool
cs_rfmrun_option(
    struct cs_rfmrun *r, int id, const char *arg, struct cs_err *err)
{
	const char **to[] = {&r->date, &r->amount, &r->order, &r->method,
	    &r->bins, &r->cuts, &r->frequency, &r->refunds, &r->period};

	(void)err;
	*to[id - CS_RFM_DATE] = arg;
	return true;
}

/* The place of a word among those of an option; NULL is the first. */
static bool
word_of(const char *option, const char *arg, const char *words, size_t *i,
    struct cs_err *err)
{
	struct cs_str rest = cs_str(words), word;

	for (*i = 0; cs_str_next(&rest, ' ', &word); ++*i)
		if (arg == NULL || cs_str_is(word, arg))
			return true;
	return cs_fail(
	    err, CS_USAGE, "--%s=%s is not one of: %s", option, arg, words);
}

static bool
read_classes(struct cs_rfmrun *r, struct cs_err *err)
{
	size_t method;
	long long bins = 5;

	if (!word_of("method", r->method, "quantile ntile fixed", &method, err))
		return false;
	r->conf.method = (enum cs_rfm_method)method;
	if (r->conf.method == CS_RFM_FIXED) {
		if (r->cuts == NULL)
			return cs_fail(err, CS_USAGE,
			    "--method=fixed needs the cuts: "
			    "--cuts=r:30,90,365/f:2,5,10/m:50,200,1000");
		if (r->bins != NULL)
			return cs_fail(err, CS_USAGE,
			    "--bins does not go with --method=fixed: the cuts "
			    "say how many");
		return cs_rfm_cuts(&r->conf, cs_str(r->cuts), err);
	}
	if (r->cuts != NULL)
		return cs_fail(
		    err, CS_USAGE, "--cuts goes with --method=fixed");
	if (r->bins != NULL &&
	    !cs_num_whole(cs_str(r->bins), 2, CS_RFM_MAX_BINS, &bins))
		return cs_fail(err, CS_USAGE,
		    "--bins=%s is not a whole number from 2 to %d", r->bins,
		    CS_RFM_MAX_BINS);
	r->conf.bins = (unsigned)bins;
	return true;
}

static bool
read_period(struct cs_rfmrun *r, const struct cs_kit *k, struct cs_err *err)
{
	struct cs_duration d = {30, 'd'};

	if (r->period != NULL && (!cs_duration_parse(cs_str(r->period), &d) ||
				     d.unit == 'h' || d.n > 36525))
		return cs_fail(err, CS_USAGE,
		    "--period=%s is not like 30d, 4w or 1mo", r->period);
	r->conf.today = cs_civil_days(k->as_of.today);
	cs_rfm_period(&r->conf, d);
	return true;
}

bool
cs_rfmrun_ready(struct cs_rfmrun *r, struct cs_kit *k, struct cs_err *err)
{
	size_t frequency, refunds;

	if (r->date == NULL || r->amount == NULL)
		return cs_fail(err, CS_USAGE,
		    "rfm needs the columns of orders: --date=COL --amount=COL "
		    "(and --id=COL, the customer)");
	if (!read_classes(r, err) || !read_period(r, k, err) ||
	    !word_of(
		"frequency", r->frequency, "orders days", &frequency, err) ||
	    !word_of("refunds", r->refunds, "subtract ignore", &refunds, err))
		return false;
	r->conf.by_days = frequency == 1;
	r->conf.no_refunds = refunds == 1;
	if (r->conf.by_days && r->order != NULL)
		return cs_fail(
		    err, CS_USAGE, "--order does not go with --frequency=days");
	if (k->has_why)
		return cs_fail(err, CS_USAGE, "--why does not go with rfm");
	k->output = CS_OUT_TABLE;
	return true;
}

/* The amount is a column, or the product of two: "Quantity*UnitPrice". */
static bool
find_amount(struct cs_rfmrun *r, struct cs_kit *k, struct cs_err *err)
{
	struct cs_str all = cs_str(r->amount), rest = all, name;

	r->factors = 1;
	if (cs_str_chr(all, '*') == NULL ||
	    cs_header_find(&k->head, all) != CS_NO_COLUMN)
		return cs_kit_need(k, all, "--amount", &r->factor[0], err);
	for (r->factors = 0; cs_str_next(&rest, '*', &name); r->factors++) {
		if (r->factors == 2)
			return cs_fail(err, CS_USAGE,
			    "--amount=%s: a column, or two with * between",
			    r->amount);
		if (!cs_kit_need(k, cs_str_trim(name), "--amount",
			&r->factor[r->factors], err))
			return false;
	}
	return true;
}

bool
cs_rfmrun_start(struct cs_rfmrun *r, struct cs_kit *k, struct cs_err *err)
{
	if (!cs_kit_need(k, k->id_name, "--id", &k->id, err) ||
	    !cs_kit_need(k, cs_str(r->date), "--date", &r->date_col, err) ||
	    !find_amount(r, k, err) ||
	    (r->order != NULL && !cs_kit_need(k, cs_str(r->order), "--order",
				     &r->order_col, err)))
		return false;
	r->rfm = cs_rfm_new(&r->conf);
	return true;
}

/* --- rows --------------------------------------------------------------- */

static bool
refuse(struct cs_kit *k, struct cs_rec *rec, const char *reason, size_t col,
    const char *text, struct cs_err *err)
{
	struct cs_str value = cs_rec_text(rec, col);
	struct cs_buf b = {0};
	bool is_good;

	cs_buf_printf(&b, "%.*s ", CS_ARG(cs_header_name(&k->head, col)));
	if (value.n == 0)
		cs_buf_puts(&b, "is empty");
	else
		cs_buf_printf(&b, "\"%.*s\" %s", CS_ARG(value), text);
	is_good = cs_kit_refuse(k, rec, reason, cs_header_name(&k->head, col),
	    value, cs_buf_z(&b), err);
	cs_buf_free(&b);
	return is_good;
}

/* The number of a column, as it is written: RULES' value may be text where
 * there are too many digits for a double. */
static bool
read_number(struct cs_rec *rec, size_t col, struct cs_exact *x)
{
	struct cs_val v = cs_rec_val(rec, col);
	struct cs_buf b = {0};
	bool is_good;

	if (v.text.p != NULL && cs_exact_parse(v.text, x))
		return true;
	if (v.kind != CS_NUM)
		return false;
	cs_num_print(&b, v.num); /* read by a Format: */
	is_good = cs_exact_parse(cs_buf_get(&b), x);
	cs_buf_free(&b);
	return is_good;
}

/* False: *bad is the column that is at fault. */
static bool
read_amount(const struct cs_rfmrun *r, struct cs_rec *rec, struct cs_exact *x,
    size_t *bad)
{
	struct cs_exact y;

	for (size_t i = 0; i < r->factors; i++) {
		*bad = r->factor[i];
		if (!read_number(rec, r->factor[i], i == 0 ? x : &y) ||
		    (i > 0 && !cs_exact_mul(x, y)))
			return false;
	}
	return true;
}

static bool
read_day(const struct cs_rfmrun *r, struct cs_rec *rec, long *day)
{
	struct cs_val v = cs_rec_val(rec, r->date_col);
	struct cs_civil c;

	if (v.kind != CS_TEXT || cs_zone_civil(v.text, &c) != CS_DATE_OK)
		return false;
	*day = cs_civil_days(c);
	return true;
}

bool
cs_rfmrun_record(struct cs_rfmrun *r, struct cs_kit *k, struct cs_rec *rec,
    struct cs_err *err)
{
	struct cs_str id = cs_kit_id(k, rec), order = {0};
	struct cs_exact amount;
	size_t bad;
	long day;

	if (id.n == 0) {
		r->nameless++;
		return true;
	}
	if (!read_day(r, rec, &day))
		return refuse(
		    k, rec, "date", r->date_col, "is not a date", err);
	if (!read_amount(r, rec, &amount, &bad))
		return refuse(k, rec, "amount", bad,
		    "is not a number that can be summed", err);
	if (r->order != NULL) {
		order = cs_rec_text(rec, r->order_col);
		if (order.n == 0)
			return refuse(k, rec, "order", r->order_col, "", err);
	}
	switch (cs_rfm_add(r->rfm, id, day, order, amount)) {
	case CS_RFM_TAKEN:
		break;
	case CS_RFM_LATER:
		r->later++;
		break;
	case CS_RFM_REFUND:
		r->refunds_left++;
		break;
	case CS_RFM_OVER:
		return cs_fail_at(err, CS_STOP,
		    (struct cs_place){rec->file, rec->line, 0},
		    "the sum of customer \"%.*s\" does not fit in 20 digits "
		    "before the point",
		    CS_ARG(id));
	}
	return true;
}

/* --- the end ------------------------------------------------------------ */

static void
note_left(struct cs_kit *k, uint64_t n, const char *why)
{
	if (n > 0)
		cs_kit_note(k, "%ju row%s left out: %s", (uintmax_t)n,
		    n == 1 ? "" : "s", why);
}

static void
notes(struct cs_rfmrun *r, struct cs_kit *k)
{
	char *nameless =
	    cs_arena_printf(&k->run, "%.*s is empty", CS_ARG(k->id_name));
	char *later = cs_arena_printf(&k->run, "after %s", k->as_of.date);

	note_left(k, r->nameless, nameless);
	note_left(k, r->later, later);
	note_left(k, r->refunds_left, "a negative amount");
	for (int i = 0; i < CS_RFM_MEASURES; i++) {
		size_t most, n = cs_rfm_classes(r->rfm, i, &most);

		if (r->conf.method == CS_RFM_QUANTILE && n < most)
			cs_kit_note(k,
			    "%c: %zu of %zu classes have customers (equal "
			    "values stay together; --method=ntile parts them)",
			    "rfm"[i], n, most);
	}
}

bool
cs_rfmrun_finish(struct cs_rfmrun *r, struct cs_kit *k, struct cs_err *err)
{
	struct cs_table *t = cs_rfm_table(r->rfm);
	bool is_good = cs_kit_table(k, t, err);

	cs_table_free(t);
	if (is_good)
		notes(r, k);
	return is_good;
}

void
cs_rfmrun_free(struct cs_rfmrun *r)
{
	cs_rfm_free(r->rfm);
}
