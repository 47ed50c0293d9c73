#include <stdlib.h>

#include "overlap.h"

bool
cs_overlap_start(
    struct cs_overlap *o, const struct cs_segments *plan, struct cs_err *err)
{
	size_t n = plan->n;

	if (n == 0)
		return cs_fail(err, CS_USAGE,
		    "--overlap: there is no Segment: in the rules");
	o->plan = plan;
	o->n = cs_realloc(NULL, n, n * sizeof(*o->n));
	memset(o->n, 0, n * n * sizeof(*o->n));
	return true;
}

void
cs_overlap_add(struct cs_overlap *o, const bool *yes)
{
	size_t n = o->plan->n;

	for (size_t a = 0; a < n; a++)
		for (size_t b = a; yes[a] && b < n; b++)
			o->n[a * n + b] += yes[b];
}

static struct cs_val
rate(uint64_t part, uint64_t all)
{
	return all > 0 ? cs_val_num((double)part / (double)all) : cs_val_null();
}

struct cs_table *
cs_overlap_table(const struct cs_overlap *o)
{
	static const char *const columns[] = {"a", "b", "a_count", "b_count",
	    "both", "a_share", "b_share", "jaccard"};
	struct cs_table *t = cs_table_new(columns, 8);
	size_t n = o->plan->n;

	for (size_t a = 0; a < n; a++)
		for (size_t b = a + 1; b < n; b++) {
			uint64_t na = o->n[a * n + a], nb = o->n[b * n + b];
			uint64_t both = o->n[a * n + b];
			struct cs_val row[] = {
			    cs_val_text(o->plan->v[a].stanza->name),
			    cs_val_text(o->plan->v[b].stanza->name),
			    cs_val_num((double)na), cs_val_num((double)nb),
			    cs_val_num((double)both), rate(both, na),
			    rate(both, nb), rate(both, na + nb - both)};

			cs_table_row(t, row);
		}
	return t;
}

void
cs_overlap_free(struct cs_overlap *o)
{
	free(o->n);
}
