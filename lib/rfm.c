#include <stdlib.h>
#include <string.h>

#include "rfm.h"
#include "set.h"

struct customer {
	cs_exact_sum money;
	uint64_t orders; /* or days */
	long first, last;
	bool has_order, is_active, was_active;
	unsigned char class[CS_RFM_MEASURES];
};

struct cs_rfm {
	const struct cs_rfm_conf *conf;
	struct cs_map id;
	struct customer *v; /* by number in id */
	size_t cap;
	struct cs_set seen; /* customer and order, or customer and day */
	struct cs_buf key;
	size_t in_use[CS_RFM_MEASURES], classes[CS_RFM_MEASURES];
};

/* --- what is asked ------------------------------------------------------ */

/* The cuts of one measure, "30,90,365". */
static bool
read_cuts(struct cs_rfm_conf *conf, int measure, struct cs_str list,
    struct cs_err *err)
{
	struct cs_str one;
	struct cs_exact x;
	cs_exact_sum cut;

	if (conf->ncuts[measure] > 0)
		return cs_fail(
		    err, CS_USAGE, "--cuts has \"%c\" twice", "rfm"[measure]);
	while (cs_str_next(&list, ',', &one)) {
		size_t n = conf->ncuts[measure];

		cut = 0;
		if (!cs_exact_parse(one, &x) || !cs_exact_add(&cut, x))
			return cs_fail(err, CS_USAGE,
			    "--cuts: \"%.*s\" is not a number", CS_ARG(one));
		if (n > 0 && cut <= conf->cut[measure][n - 1])
			return cs_fail(err, CS_USAGE,
			    "--cuts: the cuts of \"%c\" do not rise at %.*s",
			    "rfm"[measure], CS_ARG(one));
		if (n == CS_RFM_MAX_BINS - 1)
			return cs_fail(err, CS_USAGE,
			    "--cuts: \"%c\" has more than %d cuts",
			    "rfm"[measure], CS_RFM_MAX_BINS - 1);
		conf->cut[measure][conf->ncuts[measure]++] = cut;
	}
	return true;
}

bool
cs_rfm_cuts(struct cs_rfm_conf *conf, struct cs_str text, struct cs_err *err)
{
	static const char letter[] = "rfm";
	struct cs_str rest = text, part;

	while (cs_str_next(&rest, '/', &part)) {
		const char *at = part.n > 1 && part.p[1] == ':'
				     ? memchr(letter, part.p[0], 3)
				     : NULL;

		if (at == NULL)
			return cs_fail(err, CS_USAGE,
			    "--cuts=%.*s is not like "
			    "r:30,90,365/f:2,5,10/m:50,200,1000",
			    CS_ARG(text));
		part.p += 2;
		part.n -= 2;
		if (!read_cuts(conf, (int)(at - letter), part, err))
			return false;
	}
	for (int i = 0; i < CS_RFM_MEASURES; i++)
		if (conf->ncuts[i] == 0)
			return cs_fail(err, CS_USAGE,
			    "--cuts has no cuts for \"%c\"", letter[i]);
	return true;
}

/* The first day of the period of d that ends on a day. */
static long
begin_of(struct cs_duration d, long end)
{
	if (d.unit == 'm')
		return cs_civil_days(cs_add_months(cs_days_civil(end), -d.n)) +
		       1;
	return end - d.n * (d.unit == 'w' ? 7 : 1) + 1;
}

void
cs_rfm_period(struct cs_rfm_conf *conf, struct cs_duration d)
{
	struct cs_duration both = {d.n * 2, d.unit};

	conf->from = begin_of(d, conf->today);
	conf->before = begin_of(both, conf->today);
}

/* --- rows --------------------------------------------------------------- */

struct cs_rfm *
cs_rfm_new(const struct cs_rfm_conf *conf)
{
	struct cs_rfm *rfm = cs_calloc(1, sizeof(*rfm));

	rfm->conf = conf;
	return rfm;
}

static struct customer *
customer_of(struct cs_rfm *rfm, struct cs_str id, size_t *number)
{
	bool is_new;

	*number = cs_map_add(&rfm->id, id, &is_new);
	if (is_new) {
		rfm->v = cs_grow(rfm->v, *number, &rfm->cap, sizeof(*rfm->v));
		rfm->v[*number] = (struct customer){0};
	}
	return &rfm->v[*number];
}

/* Is it the customer's first row of this order, or of this day? */
static bool
is_first(struct cs_rfm *rfm, size_t number, long day, struct cs_str order)
{
	bool is_new;

	if (!rfm->conf->by_days && order.p == NULL)
		return true;
	cs_buf_reset(&rfm->key);
	cs_buf_add(&rfm->key, &number, sizeof(number));
	if (rfm->conf->by_days)
		cs_buf_add(&rfm->key, &day, sizeof(day));
	else
		cs_buf_str(&rfm->key, order);
	cs_set_add(&rfm->seen, cs_buf_get(&rfm->key), &is_new);
	return is_new;
}

enum cs_rfm_row
cs_rfm_add(struct cs_rfm *rfm, struct cs_str id, long day, struct cs_str order,
    struct cs_exact amount)
{
	const struct cs_rfm_conf *conf = rfm->conf;
	struct customer *c;
	size_t number;

	if (day > conf->today)
		return CS_RFM_LATER;
	if (amount.v < 0 && conf->no_refunds)
		return CS_RFM_REFUND;
	c = customer_of(rfm, id, &number);
	if (!cs_exact_add(&c->money, amount))
		return CS_RFM_OVER;
	if (amount.v < 0)
		return CS_RFM_TAKEN;
	if (!c->has_order || day < c->first)
		c->first = day;
	if (!c->has_order || day > c->last)
		c->last = day;
	c->has_order = true;
	c->is_active |= day >= conf->from;
	c->was_active |= day >= conf->before && day < conf->from;
	c->orders += is_first(rfm, number, day, order);
	return CS_RFM_TAKEN;
}

/* --- classes ------------------------------------------------------------ */

/* A customer's value of one measure; the higher, the better. */
struct place {
	cs_exact_sum value;
	size_t number;
	struct cs_str id;
};

static int
by_value(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	return cs_str_cmp(x->id, y->id);
}

static cs_exact_sum
whole(long long n)
{
	cs_exact_sum v = n;

	for (int i = 0; i < CS_EXACT_PLACES; i++)
		v *= 10;
	return v;
}

static cs_exact_sum
value_of(const struct cs_rfm *rfm, const struct customer *c, int measure)
{
	switch (measure) {
	case CS_RFM_R:
		return -whole(rfm->conf->today - c->last);
	case CS_RFM_F:
		return whole((long long)c->orders);
	default:
		return c->money;
	}
}

/* Recency is turned round, and its cuts with it. */
static size_t
fixed_class(const struct cs_rfm_conf *conf, int measure, cs_exact_sum value)
{
	size_t class = 1;

	for (size_t i = 0; i < conf->ncuts[measure]; i++) {
		cs_exact_sum cut = conf->cut[measure][i];

		class += value >= (measure == CS_RFM_R ? -cut : cut);
	}
	return class;
}

/* SQL: of n rows in b buckets the first n % b have one more. */
static size_t
ntile(size_t row, size_t n, size_t b)
{
	size_t small = n / b, large = n % b;

	if (row < large * (small + 1))
		return row / (small + 1) + 1;
	return large + (row - large * (small + 1)) / small + 1;
}

static void
give_classes(struct cs_rfm *rfm, struct place *v, size_t n, int measure)
{
	const struct cs_rfm_conf *conf = rfm->conf;
	size_t worse = 0, last = 0;

	for (size_t i = 0; i < n; i++)
		v[i].value = value_of(rfm, &rfm->v[v[i].number], measure);
	if (n > 1)
		qsort(v, n, sizeof(*v), by_value);
	for (size_t i = 0; i < n; i++) {
		size_t class;

		if (i > 0 && v[i].value != v[i - 1].value)
			worse = i;
		if (conf->method == CS_RFM_FIXED)
			class = fixed_class(conf, measure, v[i].value);
		else if (conf->method == CS_RFM_NTILE)
			class = ntile(i, n, conf->bins);
		else
			class = 1 + conf->bins * worse / n;
		rfm->v[v[i].number].class[measure] = (unsigned char)class;
		rfm->in_use[measure] += class != last; /* they rise */
		last = class;
	}
	rfm->classes[measure] = conf->method == CS_RFM_FIXED
				    ? conf->ncuts[measure] + 1
				    : conf->bins;
	if (rfm->classes[measure] > n)
		rfm->classes[measure] = n;
}

static void
classify(struct cs_rfm *rfm)
{
	struct place *v = cs_calloc(rfm->id.n, sizeof(*v));
	size_t n = 0;

	for (size_t i = 0; i < rfm->id.n; i++)
		if (rfm->v[i].has_order)
			v[n++] = (struct place){0, i, rfm->id.key[i]};
	for (int i = 0; i < CS_RFM_MEASURES; i++)
		give_classes(rfm, v, n, i);
	free(v);
}

/* --- the table ---------------------------------------------------------- */

static int
by_id(const void *a, const void *b, void *self)
{
	const struct cs_rfm *rfm = self;

	return cs_str_cmp(
	    rfm->id.key[*(const size_t *)a], rfm->id.key[*(const size_t *)b]);
}

static struct cs_val
date_of(char text[16], long day)
{
	cs_civil_print(text, cs_days_civil(day));
	return cs_val_text(cs_str(text));
}

/* The values of a customer with an order that one without does not have. */
static void
order_cells(const struct cs_rfm *rfm, const struct customer *c,
    struct cs_val *row, char text[3][16])
{
	row[1] = cs_val_num((double)(rfm->conf->today - c->last));
	for (int i = 0; i < CS_RFM_MEASURES; i++) {
		row[4 + i] = cs_val_num(c->class[i]);
		text[0][i] = (char)('0' + c->class[i]);
	}
	row[7] = cs_val_text((struct cs_str){text[0], CS_RFM_MEASURES});
	row[8] = date_of(text[1], c->first);
	row[9] = date_of(text[2], c->last);
}

static void
add_row(struct cs_rfm *rfm, struct cs_table *t, size_t number)
{
	const struct customer *c = &rfm->v[number];
	struct cs_val row[13] = {{0}};
	char text[3][16];

	cs_buf_reset(&rfm->key);
	cs_exact_print(&rfm->key, c->money);
	row[0] = cs_val_text(rfm->id.key[number]);
	row[2] = cs_val_num((double)c->orders);
	row[3] = (struct cs_val){.kind = CS_NUM, .text = cs_buf_get(&rfm->key)};
	if (c->has_order)
		order_cells(rfm, c, row, text);
	row[10] = cs_val_bool(c->is_active);
	row[11] = cs_val_bool(c->was_active);
	row[12] = cs_val_bool(c->has_order && c->first >= rfm->conf->from);
	cs_table_row(t, row);
}

struct cs_table *
cs_rfm_table(struct cs_rfm *rfm)
{
	static const char *const columns[] = {"id", "recency_days", "frequency",
	    "monetary", "r", "f", "m", "rfm", "first_order", "last_order",
	    "is_active", "was_active", "is_new"};
	struct cs_table *t = cs_table_new(columns, 13);
	size_t *order = cs_calloc(rfm->id.n, sizeof(*order));

	classify(rfm);
	for (size_t i = 0; i < rfm->id.n; i++)
		order[i] = i;
	if (rfm->id.n > 1)
		qsort_r(order, rfm->id.n, sizeof(*order), by_id, rfm);
	for (size_t i = 0; i < rfm->id.n; i++)
		add_row(rfm, t, order[i]);
	free(order);
	return t;
}

size_t
cs_rfm_classes(const struct cs_rfm *rfm, int measure, size_t *most)
{
	*most = rfm->classes[measure];
	return rfm->in_use[measure];
}

void
cs_rfm_free(struct cs_rfm *rfm)
{
	if (rfm == NULL)
		return;
	cs_map_free(&rfm->id);
	free(rfm->v);
	cs_set_free(&rfm->seen);
	cs_buf_free(&rfm->key);
	free(rfm);
}
