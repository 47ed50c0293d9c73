#include <stdlib.h>
#include <string.h>

#include "segment_count.h"

/* Segments and "none", or the cells with one more place an axis for "no
 * level". */
static size_t
width_of(const struct cs_segment_counts *c)
{
	size_t n = 1;

	if (!c->is_cells)
		return c->plan->n + 1;
	for (size_t a = 0; a < c->plan->naxes; a++)
		n *= c->plan->axis[a].n + 1;
	return n;
}

/* The counts of a group, zeroed on first sight. */
static uint64_t *
row_of(struct cs_segment_counts *c, size_t group)
{
	if (c->width == 0)
		c->width = width_of(c);
	if (group >= c->cap) {
		c->cap = group < 8 ? 16 : group * 2;
		c->n = cs_realloc(c->n, c->cap * c->width, sizeof(*c->n));
	}
	for (; c->seen <= group; c->seen++)
		memset(c->n + c->seen * c->width, 0, c->width * sizeof(*c->n));
	return c->n + group * c->width;
}

/* What the people for a segment can look after stands beside how many there
 * are; it is the whole's, so not where groups are counted. */
static bool
has_capacity(const struct cs_segment_counts *c)
{
	return c->plan->has_capacity && !c->is_cells && c->groups.n == 0;
}

/* Does the table have a column of this name, but for the groups'? */
static bool
has_column(const struct cs_segment_counts *c, struct cs_str name)
{
	if (cs_str_is(name, "count") || cs_str_is(name, "share"))
		return true;
	if (!c->is_cells)
		return cs_str_is(name, "segment");
	for (size_t a = 0; a < c->plan->naxes; a++)
		if (cs_str_eq(name, c->plan->axis[a].name))
			return true;
	return false;
}

bool
cs_segment_counts_start(struct cs_segment_counts *c, struct cs_kit *k,
    const struct cs_segments *plan, bool is_cells, struct cs_str by,
    struct cs_err *err)
{
	struct cs_groups *g = &c->groups;

	if (is_cells && plan->naxes == 0)
		return cs_fail(err, CS_USAGE,
		    "--count=cells: there is no Axis: in the rules");
	c->plan = plan;
	c->is_cells = is_cells;
	cs_groups_init(g, by, &k->run);
	for (size_t i = 0; i < g->n; i++)
		if (has_column(c, g->name[i]))
			return cs_fail(err, CS_USAGE,
			    "--by=%.*s: the table has a column of that name",
			    CS_ARG(g->name[i]));
	for (size_t i = 0; i < g->n; i++)
		if (!cs_kit_need(k, g->name[i], "--by", &g->col[i], err))
			return false;
	return true;
}

void
cs_segment_counts_add(struct cs_segment_counts *c,
    const struct cs_segment_run *run, struct cs_rec *rec)
{
	uint64_t *n = row_of(c, cs_groups_of(&c->groups, rec));
	size_t at = 0, first = run->first;

	if (c->is_cells) {
		for (size_t a = 0; a < c->plan->naxes; a++) {
			size_t levels = c->plan->axis[a].n;

			at = at * (levels + 1) + (run->level[a] == CS_NO_SEGMENT
							 ? levels
							 : run->level[a]);
		}
		n[at]++;
	} else if (first == CS_NO_SEGMENT || !run->all) {
		n[first == CS_NO_SEGMENT ? c->plan->n : first]++;
	} else {
		for (size_t i = 0; i < c->plan->n; i++)
			n[i] += run->yes[i];
	}
}

/* The level of axis a at a place of the cells; absent: none. */
static struct cs_str
level_name(const struct cs_segments *p, size_t at, size_t a)
{
	size_t i = at;

	for (size_t b = p->naxes - 1; b > a; b--)
		i /= p->axis[b].n + 1;
	i %= p->axis[a].n + 1;
	return i == p->axis[a].n ? (struct cs_str){0}
				 : p->axis[a].level[i].stanza->name;
}

static bool
is_hidden(const struct cs_segment_counts *c, size_t at, uint64_t n)
{
	if (!c->is_cells || n > 0)
		return false;
	for (size_t a = 0; a < c->plan->naxes; a++)
		if (level_name(c->plan, at, a).p == NULL)
			return true;
	return false;
}

static struct cs_val
capacity(const struct cs_segments *p, size_t at)
{
	return at < p->n && p->v[at].capacity >= 0
		   ? cs_val_num(p->v[at].capacity)
		   : cs_val_null();
}

static void
group_rows(const struct cs_segment_counts *c, const uint64_t *n,
    uint64_t records, struct cs_table *t, struct cs_val *row, size_t first)
{
	const struct cs_segments *p = c->plan;

	for (size_t at = 0; at < c->width; at++) {
		size_t col = first;

		if (is_hidden(c, at, n[at]))
			continue;
		for (size_t a = 0; c->is_cells && a < p->naxes; a++) {
			struct cs_str name = level_name(p, at, a);

			row[col++] = cs_val_text(name.p ? name : CS_S(""));
		}
		if (!c->is_cells)
			row[col++] = cs_val_text(
			    at == p->n ? CS_S("") : p->v[at].stanza->name);
		row[col++] = cs_val_num((double)n[at]);
		row[col++] = records > 0
				 ? cs_val_num((double)n[at] / (double)records)
				 : cs_val_null();
		row[col] = capacity(p, at);
		cs_table_row(t, row);
	}
}

struct cs_table *
cs_segment_counts_table(struct cs_segment_counts *c, uint64_t records)
{
	const struct cs_groups *groups = &c->groups;
	struct cs_table *t = cs_table_new(NULL, 0);
	size_t n = cs_groups_count(groups), *order = cs_groups_order(groups);
	struct cs_val *row =
	    cs_calloc(groups->n + c->plan->naxes + 4, sizeof(*row));

	for (size_t i = 0; i < groups->n; i++)
		cs_table_column(t, groups->name[i]);
	for (size_t a = 0; c->is_cells && a < c->plan->naxes; a++)
		cs_table_column(t, c->plan->axis[a].name);
	if (!c->is_cells)
		cs_table_column(t, CS_S("segment"));
	cs_table_column(t, CS_S("count"));
	cs_table_column(t, CS_S("share"));
	if (has_capacity(c))
		cs_table_column(t, CS_S("capacity"));
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < groups->n; j++)
			row[j] =
			    cs_val_text(cs_groups_cell(groups, order[i], j));
		group_rows(c, row_of(c, order[i]), records, t, row, groups->n);
	}
	if (n == 0 && groups->n == 0) /* a header only: all zero */
		group_rows(c, row_of(c, 0), records, t, row, 0);
	free(order);
	free(row);
	return t;
}

void
cs_segment_counts_join(
    struct cs_segment_counts *c, const struct cs_segment_counts *from)
{
	for (size_t i = 0; i < from->seen; i++) {
		uint64_t *n =
		    row_of(c, cs_groups_alike(&c->groups, &from->groups, i));

		for (size_t at = 0; at < c->width; at++)
			n[at] += from->n[i * from->width + at];
	}
}

void
cs_segment_counts_free(struct cs_segment_counts *c)
{
	cs_groups_free(&c->groups);
	free(c->n);
}
