#include <stdlib.h>
#include <string.h>

#include "stages_table.h"

/* The counts of a group, made on first sight of it. */
static struct cs_stage_counts **
counts_of(struct cs_stage_tables *t, size_t group)
{
	size_t n = t->funnels->n, from = group * n;

	if (from + n > t->cap) {
		size_t cap = (from + n) * 2;

		t->counts = cs_realloc(
		    t->counts, cap, sizeof(struct cs_stage_counts *));
		memset(t->counts + t->cap, 0,
		    (cap - t->cap) * sizeof(struct cs_stage_counts *));
		t->cap = cap;
	}
	for (size_t i = 0; i < n; i++)
		if (t->counts[from + i] == NULL)
			t->counts[from + i] =
			    cs_stage_counts_new(&t->funnels->v[i]);
	return t->counts + from;
}

void
cs_stage_tables_add(struct cs_stage_tables *t, struct cs_rec *rec,
    const struct cs_standing *s, long today)
{
	struct cs_stage_counts **c =
	    counts_of(t, cs_groups_of(&t->groups, rec));

	for (size_t i = 0; i < t->funnels->n; i++)
		cs_stage_counts_add(c[i], &s[i], today);
}

void
cs_stage_tables_join(
    struct cs_stage_tables *t, const struct cs_stage_tables *from)
{
	size_t n = t->funnels->n;

	for (size_t i = 0; i < cs_groups_count(&from->groups); i++) {
		struct cs_stage_counts **c =
		    counts_of(t, cs_groups_alike(&t->groups, &from->groups, i));

		for (size_t j = 0; j < n; j++)
			cs_stage_counts_join(c[j], from->counts[i * n + j]);
	}
}

static struct cs_val
number(bool has, double v)
{
	return has ? cs_val_num(v) : cs_val_null();
}

static void
rows(const struct cs_funnel *g, struct cs_stage_counts *c, struct cs_table *t,
    struct cs_val *cell, size_t first)
{
	struct cs_stage_row *row = cs_calloc(g->n, sizeof(*row));

	cs_stage_counts_rows(c, row);
	for (size_t j = 0; j < g->n; j++) {
		const struct cs_stage_row *r = &row[j];
		struct cs_val v[] = {cs_val_text(g->stanza->name),
		    cs_val_text(g->stage[j].stanza->name),
		    cs_val_num((double)(j + 1)), cs_val_num((double)r->stock),
		    cs_val_num((double)r->reached),
		    number(r->has_rate, r->rate), number(r->has_rate, r->low),
		    number(r->has_rate, r->high),
		    number(r->has_first, r->first),
		    number(r->has_open, (double)r->open),
		    number(r->has_open, (double)r->lost),
		    number(g->stage[j].has_goal, g->stage[j].goal),
		    number(r->has_gap, r->gap),
		    number(r->has_median, r->median),
		    number(r->has_p90, r->p90),
		    number(r->bottleneck > 0, (double)r->bottleneck)};

		memcpy(cell + first, v, sizeof(v));
		cs_table_row(t, cell);
	}
	free(row);
}

struct cs_table *
cs_stage_tables_make(struct cs_stage_tables *t)
{
	static const char *const column[] = {"funnel", "stage", "position",
	    "stock", "reached", "rate_prev", "rate_prev_low", "rate_prev_high",
	    "rate_first", "open", "lost", "goal", "gap", "median_days",
	    "p90_days", "bottleneck"};
	enum { COLUMNS = sizeof(column) / sizeof(column[0]) };
	const struct cs_groups *g = &t->groups;
	struct cs_table *table = cs_table_new(NULL, 0);
	size_t n = cs_groups_count(g), *order = cs_groups_order(g);
	struct cs_val *cell = cs_calloc(g->n + COLUMNS, sizeof(*cell));

	for (size_t i = 0; i < g->n; i++)
		cs_table_column(table, g->name[i]);
	for (size_t i = 0; i < COLUMNS; i++)
		cs_table_column(table, cs_str(column[i]));
	/* Without records and groups there is still the one group, empty. */
	for (size_t i = 0; i < n || (i == 0 && g->n == 0); i++) {
		size_t group = n > 0 ? order[i] : 0;

		for (size_t j = 0; j < g->n; j++)
			cell[j] = cs_val_text(cs_groups_cell(g, group, j));
		for (size_t j = 0; j < t->funnels->n; j++)
			rows(&t->funnels->v[j], counts_of(t, group)[j], table,
			    cell, g->n);
	}
	free(cell);
	free(order);
	return table;
}

void
cs_stage_tables_free(struct cs_stage_tables *t)
{
	for (size_t i = 0; i < t->cap; i++)
		if (t->counts[i] != NULL)
			cs_stage_counts_free(t->counts[i]);
	free(t->counts);
	cs_groups_free(&t->groups);
}
