#include <stdlib.h>
#include <string.h>

#include "oldband.h"
#include "set.h"

struct cs_oldband {
	struct cs_set keys; /* with a number for each score: name + 1, or 0 */
	struct cs_map names;
	const struct cs_scores *scores;
	size_t *col; /* by score; CS_NO_COLUMN: no Hysteresis */
};

static bool
has_hysteresis(const struct cs_score *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->profile[i].hysteresis > 0)
			return true;
	return false;
}

bool
cs_oldband_applies(const struct cs_scores *scores)
{
	for (size_t i = 0; i < scores->n; i++)
		if (has_hysteresis(&scores->v[i]))
			return true;
	return false;
}

static bool
find_columns(struct cs_oldband *o, struct cs_snapshot *s, struct cs_err *err)
{
	for (size_t i = 0; i < o->scores->n; i++) {
		const struct cs_score *score = &o->scores->v[i];
		struct cs_str name;

		o->col[i] = CS_NO_COLUMN;
		if (!has_hysteresis(score))
			continue;
		name = cs_str(cs_arena_printf(
		    &s->k->run, "%.*s_band", CS_ARG(score->name)));
		if (s->head.is_open)
			o->col[i] = cs_header_add(&s->head, name);
		else
			o->col[i] = cs_header_find(&s->head, name);
		if (o->col[i] == CS_NO_COLUMN && cs_header_n(&s->head) > 0)
			return cs_fail(err, CS_USAGE,
			    "--old=%s: there is no column \"%.*s\": Hysteresis "
			    "needs what cs-score gave out then",
			    s->path, CS_ARG(name));
	}
	return true;
}

static void
keep(struct cs_oldband *o, struct cs_snapshot *s, size_t at)
{
	for (size_t i = 0; i < o->scores->n; i++) {
		char *place =
		    (char *)cs_set_extra(&o->keys, at) + i * sizeof(uint32_t);
		struct cs_str band = {0};
		uint32_t n;

		if (o->col[i] != CS_NO_COLUMN)
			band = cs_rec_text(&s->rec, o->col[i]);
		if (band.n == 0)
			continue;
		n = (uint32_t)cs_map_add(&o->names, band, NULL) + 1;
		memcpy(place, &n, sizeof(n));
	}
}

static bool
read_all(struct cs_oldband *o, struct cs_snapshot *s, struct cs_err *err)
{
	enum cs_got got;

	while ((got = cs_snapshot_next(s, err)) == CS_GOT) {
		bool is_new;
		size_t at = cs_set_add(&o->keys, s->id, &is_new);

		if (!is_new)
			return cs_fail_at(err, CS_STOP,
			    (struct cs_place){s->path, s->rec.line, 0},
			    "the key \"%.*s\" stands twice", CS_ARG(s->id));
		keep(o, s, at);
	}
	return got == CS_END;
}

struct cs_oldband *
cs_oldband_read(struct cs_kit *k, const char *path,
    const struct cs_scores *scores, struct cs_err *err)
{
	struct cs_oldband *o = cs_calloc(1, sizeof(*o));
	struct cs_snapshot *s = cs_snapshot_open(k, "--old", path, err);
	bool is_good;

	o->scores = scores;
	o->keys.extra = scores->n * sizeof(uint32_t);
	o->col = cs_arena_array(&k->run, scores->n, sizeof(*o->col));
	is_good = s != NULL && find_columns(o, s, err) && read_all(o, s, err);
	cs_snapshot_free(s);
	if (is_good)
		return o;
	cs_oldband_free(o);
	return NULL;
}

struct cs_str
cs_oldband_get(const struct cs_oldband *o, struct cs_str id, size_t i)
{
	size_t at = cs_set_find(&o->keys, id);
	uint32_t n;

	if (at == SIZE_MAX)
		return (struct cs_str){0};
	memcpy(
	    &n, (char *)cs_set_extra(&o->keys, at) + i * sizeof(n), sizeof(n));
	return n > 0 ? o->names.key[n - 1] : (struct cs_str){0};
}

void
cs_oldband_free(struct cs_oldband *o)
{
	if (o == NULL)
		return;
	cs_set_free(&o->keys);
	cs_map_free(&o->names);
	free(o);
}
