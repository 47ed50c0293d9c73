#include <stdlib.h>

#include "segment_only.h"

bool
cs_segment_only_start(struct cs_segment_only *o, const struct cs_segments *plan,
    struct cs_str names, struct cs_err *err)
{
	struct cs_str rest = names, name;

	if (names.p == NULL)
		return true;
	o->is_wanted = cs_calloc(plan->n + 1, sizeof(*o->is_wanted));
	while (cs_str_next(&rest, ',', &name)) {
		size_t i = name.n ? cs_segments_find(plan, name) : plan->n;

		if (i == CS_NO_SEGMENT)
			return cs_fail(err, CS_USAGE,
			    "--only: there is no segment \"%.*s\"",
			    CS_ARG(name));
		o->is_wanted[i] = true;
	}
	return true;
}

bool
cs_segment_only_wants(
    const struct cs_segment_only *o, const struct cs_segment_run *run)
{
	size_t n = run->plan->n;

	if (o->is_wanted == NULL)
		return true;
	if (run->first == CS_NO_SEGMENT)
		return o->is_wanted[n];
	if (!run->all)
		return o->is_wanted[run->first];
	for (size_t i = 0; i < n; i++)
		if (run->yes[i] && o->is_wanted[i])
			return true;
	return false;
}

void
cs_segment_only_free(struct cs_segment_only *o)
{
	free(o->is_wanted);
}
