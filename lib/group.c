#include <stdlib.h>
#include <string.h>

#include "group.h"
#include "text.h"

void
cs_groups_init(struct cs_groups *g, struct cs_str list, struct cs_arena *run)
{
	struct cs_str rest = list, name;
	size_t most = 2; /* of a list without a comma, and the caller's own */

	*g = (struct cs_groups){0};
	for (size_t i = 0; i < list.n; i++)
		most += list.p[i] == ',';
	g->name = cs_arena_array(run, most, sizeof(*g->name));
	g->col = cs_arena_array(run, most, sizeof(*g->col));
	while (cs_names_next(&rest, run, &name)) {
		g->col[g->n] = CS_NO_COLUMN;
		g->name[g->n++] = name;
	}
}

void
cs_groups_add_own(struct cs_groups *g, struct cs_str name)
{
	g->has_own = true;
	g->col[g->n] = CS_NO_COLUMN;
	g->name[g->n++] = name;
}

size_t
cs_groups_of(struct cs_groups *g, struct cs_rec *rec)
{
	cs_buf_reset(&g->key);
	for (size_t i = 0; i < g->n; i++) {
		/* NUL stands below every byte a cell can hold, so the order
		 * of the joined keys is the order of the columns. */
		cs_buf_str(&g->key, g->has_own && i == g->n - 1
					? g->own
					: cs_rec_text(rec, g->col[i]));
		cs_buf_putc(&g->key, '\0');
	}
	return cs_map_add(&g->map, cs_buf_get(&g->key), NULL);
}

size_t
cs_groups_alike(
    struct cs_groups *g, const struct cs_groups *other, size_t group)
{
	return cs_map_add(&g->map, other->map.key[group], NULL);
}

size_t
cs_groups_count(const struct cs_groups *g)
{
	return g->map.n;
}

static int
by_key(const void *a, const void *b, void *map)
{
	const struct cs_map *m = map;

	return cs_str_cmp(
	    m->key[*(const size_t *)a], m->key[*(const size_t *)b]);
}

size_t *
cs_groups_order(const struct cs_groups *g)
{
	size_t *order = cs_calloc(g->map.n, sizeof(*order));

	for (size_t i = 0; i < g->map.n; i++)
		order[i] = i;
	if (g->map.n > 1)
		qsort_r(order, g->map.n, sizeof(*order), by_key,
		    (void *)(uintptr_t)&g->map);
	return order;
}

struct cs_str
cs_groups_cell(const struct cs_groups *g, size_t group, size_t i)
{
	struct cs_str rest = g->map.key[group], cell = {0};

	for (size_t j = 0; j <= i; j++)
		cs_str_next(&rest, '\0', &cell);
	return cell;
}

void
cs_groups_free(struct cs_groups *g)
{
	cs_map_free(&g->map);
	cs_buf_free(&g->key);
}
