/* The figures of a back-test: AUC, Brier, deciles, bands, calibration. */
#include <math.h>
#include <stdlib.h>

#include "backtest_private.h"

enum { NANO = 1000000000 };

static size_t
find(const struct cs_tally *t, struct cs_str name)
{
	for (size_t i = 0; i < t->nbands; i++)
		if (cs_str_eq(t->band[i], name))
			return i;
	return t->nbands;
}

void
cs_tally_init(
    struct cs_tally *t, const struct cs_score *score, struct cs_arena *run)
{
	size_t most = 0;

	*t = (struct cs_tally){0};
	for (size_t i = 0; i < score->n; i++)
		most += score->profile[i].nbands;
	t->band = cs_arena_array(run, most + 1, sizeof(*t->band));
	t->banded = cs_arena_array(run, most + 1, sizeof(*t->banded));
	for (size_t i = 0; i < score->n; i++)
		for (size_t j = 0; j < score->profile[i].nbands; j++) {
			struct cs_str name = score->profile[i].band[j].name;

			if (find(t, name) == t->nbands)
				t->band[t->nbands++] = name;
		}
	t->band[t->nbands] = CS_S("");
}

size_t
cs_tally_band(const struct cs_tally *t, const struct cs_scoring *g)
{
	return find(t, g->result.band_name);
}

static void
count(struct cs_share *s, bool yes)
{
	s->n++;
	s->yes += yes;
}

/* The score's place in its Range as a probability: whole numbers, so that sums
 * do not depend on the order of the records. */
static uint64_t
place(const struct cs_profile *p, long long score)
{
	long double x =
	    (long double)(score - p->lo) / (long double)(p->hi - p->lo);

	/* An override's Score may lie outside. */
	return x <= 0 ? 0 : x >= 1 ? NANO : (uint64_t)llroundl(x * NANO);
}

static void
add_place(struct cs_tally *t, uint64_t p, bool yes)
{
	uint64_t miss = yes ? NANO - p : p, square = miss * miss;
	size_t bin = (size_t)(p / (NANO / CS_BINS));

	if (bin == CS_BINS) /* the last bin has the end of the range */
		bin--;
	count(&t->bin[bin], yes);
	t->told[bin] += p;
	t->square_whole += square / NANO;
	t->square_rest += square % NANO;
}

void
cs_tally_add(struct cs_tally *t, const struct cs_scoring *g, bool yes)
{
	count(&t->banded[cs_tally_band(t, g)], yes);
	if (!g->result.has_score)
		return;
	t->v = cs_grow(t->v, t->n, &t->cap, sizeof(*t->v));
	t->v[t->n++] = (struct cs_case){(double)g->result.score, yes};
	t->yes += yes;
	add_place(t, place(g->profile, g->result.score), yes);
}

void
cs_backtest_row(struct cs_table *t, const char *section, struct cs_str name,
    struct cs_val value, struct cs_val low, struct cs_val high, uint64_t n)
{
	struct cs_val row[] = {cs_val_text(cs_str(section)), cs_val_text(name),
	    value, low, high, cs_val_num((double)n)};

	cs_table_row(t, row);
}

static void
number(struct cs_table *t, const char *section, struct cs_str name,
    double value, uint64_t n)
{
	cs_backtest_row(t, section, name, cs_val_num(value), cs_val_null(),
	    cs_val_null(), n);
}

static void
nothing(struct cs_table *t, const char *section, struct cs_str name, uint64_t n)
{
	cs_backtest_row(
	    t, section, name, cs_val_null(), cs_val_null(), cs_val_null(), n);
}

void
cs_backtest_share(struct cs_table *t, const char *section, struct cs_str name,
    const struct cs_share *s)
{
	double low, high;

	if (!cs_wilson((double)s->yes, (double)s->n, &low, &high)) {
		nothing(t, section, name, s->n);
		return;
	}
	cs_backtest_row(t, section, name,
	    cs_val_num((double)s->yes / (double)s->n), cs_val_num(low),
	    cs_val_num(high), s->n);
}

void
cs_backtest_auc(struct cs_table *t, const char *section, struct cs_str name,
    const struct cs_auc *a, uint64_t n)
{
	if (a == NULL)
		nothing(t, section, name, n);
	else if (!a->has_interval)
		number(t, section, name, a->auc, n);
	else
		cs_backtest_row(t, section, name, cs_val_num(a->auc),
		    cs_val_num(a->low), cs_val_num(a->high), n);
}

/* The share against that of all. */
static void
lift(struct cs_table *table, const char *section, struct cs_str name,
    const struct cs_share *s, const struct cs_share *all)
{
	if (s->n == 0 || all->yes == 0)
		nothing(table, section, name, s->n);
	else
		number(table, section, name,
		    (double)s->yes * (double)all->n /
			((double)s->n * (double)all->yes),
		    s->n);
}

static void
overall(struct cs_tally *t, const struct cs_share *all, struct cs_table *table)
{
	bool has_auc = cs_auc(t->v, t->n, &t->auc);

	cs_backtest_auc(
	    table, "overall", CS_S("auc"), has_auc ? &t->auc : NULL, t->n);
	if (t->n == 0)
		nothing(table, "overall", CS_S("brier"), 0);
	else
		number(table, "overall", CS_S("brier"),
		    (double)(((long double)t->square_whole +
				 (long double)t->square_rest / NANO) /
			     NANO / (long double)t->n),
		    t->n);
	number(
	    table, "overall", CS_S("records"), (double)t->records, t->records);
	number(table, "overall", CS_S("unknown"), (double)(t->records - t->n),
	    t->records);
	cs_backtest_share(table, "overall", CS_S("rate"), all);
}

/* Cases of one score stay together, in the decile where the first of them
 * stands. The cases are sorted. */
static void
deciles(struct cs_tally *t, const struct cs_share *all, struct cs_table *table)
{
	static const char *const name[CS_BINS] = {
	    "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"};
	struct cs_share part[CS_BINS] = {{0}};
	size_t at = 0;

	for (size_t i = 0; i < t->n; i++) {
		if (i == 0 || t->v[i].score != t->v[i - 1].score)
			at = (size_t)((uint64_t)i * CS_BINS / t->n);
		count(&part[at], t->v[i].yes);
	}
	for (size_t i = 0; i < CS_BINS; i++)
		cs_backtest_share(table, "decile", cs_str(name[i]), &part[i]);
	for (size_t i = 0; i < CS_BINS; i++)
		lift(table, "lift", cs_str(name[i]), &part[i], all);
}

static void
bands(struct cs_tally *t, struct cs_table *table)
{
	struct cs_share all = {0};

	if (t->nbands == 0)
		return;
	for (size_t i = 0; i <= t->nbands; i++) {
		all.yes += t->banded[i].yes;
		all.n += t->banded[i].n;
		cs_backtest_share(table, "band", t->band[i], &t->banded[i]);
	}
	for (size_t i = 0; i <= t->nbands; i++)
		lift(table, "band_lift", t->band[i], &t->banded[i], &all);
}

static void
calibration(struct cs_tally *t, struct cs_table *table)
{
	static const char *const name[CS_BINS] = {"0..0.1", "0.1..0.2",
	    "0.2..0.3", "0.3..0.4", "0.4..0.5", "0.5..0.6", "0.6..0.7",
	    "0.7..0.8", "0.8..0.9", "0.9..1"};

	for (size_t i = 0; i < CS_BINS; i++)
		cs_backtest_share(
		    table, "calibration", cs_str(name[i]), &t->bin[i]);
	for (size_t i = 0; i < CS_BINS; i++)
		if (t->bin[i].n == 0)
			nothing(table, "predicted", cs_str(name[i]), 0);
		else
			number(table, "predicted", cs_str(name[i]),
			    (double)t->told[i] / NANO / (double)t->bin[i].n,
			    t->bin[i].n);
}

void
cs_tally_rows(struct cs_tally *t, struct cs_table *table)
{
	struct cs_share all = {t->yes, t->n};

	overall(t, &all, table);
	deciles(t, &all, table);
	bands(t, table);
	calibration(t, table);
}

void
cs_tally_free(struct cs_tally *t)
{
	free(t->v);
}
