#include <math.h>
#include <string.h>
#include <strings.h>

#include "segment.h"
#include "text.h"

/* Cuts "write to {{owner}}" into pieces; unknown columns are findings. */
static void
fill_parse(struct cs_fill *f, const struct cs_stanza *s, const char *key,
    struct cs_header *head, struct cs_arena *run, struct cs_diags *diags)
{
	struct cs_str rest = cs_stanza_text(s, key), name;
	size_t most = 1;

	if (rest.p == NULL)
		return;
	for (size_t i = 0; i + 1 < rest.n; i++)
		most += 2u * (rest.p[i] == '{' && rest.p[i + 1] == '{');
	f->piece = cs_arena_array(run, most, sizeof(*f->piece));
	while (rest.n > 0 || f->n == 0) {
		const char *open =
		    rest.n ? memmem(rest.p, rest.n, "{{", 2) : NULL;
		const char *close =
		    open == NULL
			? NULL
			: memmem(
			      open, rest.n - (size_t)(open - rest.p), "}}", 2);
		size_t lit = close == NULL ? rest.n : (size_t)(open - rest.p);
		struct cs_err err;

		if (open != NULL && close == NULL)
			cs_diag(diags, CS_ERROR, "syntax",
			    cs_stanza_place(s, key), "{{ without }}");
		if (lit > 0 || rest.n == 0)
			f->piece[f->n++] =
			    (struct cs_fill_piece){{rest.p, lit}, CS_NO_COLUMN};
		if (close == NULL)
			return;
		name = cs_str_trim(
		    (struct cs_str){open + 2, (size_t)(close - open) - 2});
		if (head->is_open) {
			f->piece[f->n++].col = cs_header_add(head, name);
		} else if (cs_header_need(
			       head, name, &f->piece[f->n].col, key, &err)) {
			f->n++;
		} else {
			cs_diag(diags, CS_ERROR, "unknown-column",
			    cs_stanza_place(s, key), "%s", err.text);
		}
		rest.n -= (size_t)(close + 2 - rest.p);
		rest.p = close + 2;
	}
}

struct cs_str
cs_fill_text(const struct cs_fill *f, struct cs_rec *rec)
{
	struct cs_buf b = {0};
	struct cs_str s;

	if (f->n == 0)
		return (struct cs_str){0};
	if (f->n == 1 && f->piece[0].col == CS_NO_COLUMN)
		return f->piece[0].text;
	for (size_t i = 0; i < f->n; i++)
		cs_buf_str(&b, f->piece[i].col == CS_NO_COLUMN
				   ? f->piece[i].text
				   : cs_rec_text(rec, f->piece[i].col));
	s = cs_keep(rec->arena, cs_buf_get(&b));
	cs_buf_free(&b);
	return s;
}

static size_t
count_kind(const struct cs_rules *rules, const char *kind)
{
	size_t n = 0;

	for (size_t i = 0; i < rules->n; i++)
		n += cs_stanza_is(rules->v[i], kind);
	return n;
}

/* The records that a Capacity has room for: the touches its people can make
 * (staff x minutes / minutes per touch), and the accounts they can hold. */
static double
capacity_of(const struct cs_stanza *c)
{
	double staff = cs_stanza_number(c, "staff", 1), room = INFINITY;

	if (cs_stanza_get(c, "per-touch") != NULL)
		room = staff * cs_stanza_number(c, "minutes", 0) /
		       cs_stanza_number(c, "per-touch", 1);
	if (cs_stanza_get(c, "accounts") != NULL)
		room = fmin(room, staff * cs_stanza_number(c, "accounts", 0));
	/* 0.3 x 10 is a little less than 3, and means 3. */
	return fmin(floor(room * (1 + 1e-12)), 1e15);
}

static void
set_limit(struct cs_segments *s, struct cs_segment *g,
    const struct cs_stanza *st, struct cs_diags *diags)
{
	const struct cs_kv *order = cs_stanza_get(st, "order");
	double limit = cs_stanza_number(st, "limit", INFINITY);

	for (size_t i = 0; i < s->ncapacities; i++)
		if (cs_str_eq(s->capacity[i]->name, st->name))
			g->capacity = capacity_of(s->capacity[i]);
	if (g->capacity >= 0)
		limit = fmin(limit, g->capacity);
	if (isfinite(limit))
		g->limit = (uint64_t)limit;
	s->has_limit |= g->limit != CS_NO_LIMIT;
	s->has_capacity |= g->capacity >= 0;
	if (order == NULL)
		return;
	if (g->limit == CS_NO_LIMIT && cs_stanza_get(st, "limit") == NULL)
		cs_diag(diags, CS_ERROR, "syntax", cs_stanza_place(st, "order"),
		    "Order needs a Limit, or a Capacity of the segment");
	g->order = order->order;
	g->norder = order->norder;
}

static void
add_segment(struct cs_segments *s, const struct cs_stanza *st,
    struct cs_header *head, struct cs_arena *run, struct cs_diags *diags)
{
	struct cs_segment *g = &s->v[s->n++];

	*g = (struct cs_segment){.stanza = st,
	    .when = cs_stanza_get(st, "when"),
	    .limit = CS_NO_LIMIT,
	    .capacity = -1};
	fill_parse(&g->action, st, "action", head, run, diags);
	fill_parse(&g->owner, st, "owner", head, run, diags);
	s->has_action |= g->action.n > 0;
	s->has_owner |= g->owner.n > 0;
	set_limit(s, g, st, diags);
}

static void
add_axis(struct cs_segments *s, const struct cs_stanza *st,
    const struct cs_rules *rules, struct cs_arena *run)
{
	struct cs_axis *a = &s->axis[s->naxes++];
	size_t n = 0;

	for (size_t i = 0; i < rules->n; i++)
		n += rules->v[i]->owner == st &&
		     cs_stanza_is(rules->v[i], "Level");
	a->name = st->name;
	a->level = cs_arena_array(run, n, sizeof(*a->level));
	for (size_t i = 0; i < rules->n; i++)
		if (rules->v[i]->owner == st &&
		    cs_stanza_is(rules->v[i], "Level"))
			a->level[a->n++] = (struct cs_level){
			    rules->v[i], cs_stanza_get(rules->v[i], "when"), 0};
}

static size_t
level_find(const struct cs_axis *a, struct cs_str name)
{
	for (size_t i = 0; i < a->n; i++)
		if (cs_str_eq(a->level[i].stanza->name, name))
			return i;
	return CS_NO_SEGMENT;
}

static void
add_cell(struct cs_segments *s, const struct cs_stanza *st,
    struct cs_header *head, struct cs_arena *run, struct cs_diags *diags)
{
	struct cs_cell *c = &s->cell[s->ncells++];
	struct cs_str rest = st->name, item, name[2] = {{0}, {0}};
	size_t n = 0;

	fill_parse(&c->action, st, "action", head, run, diags);
	fill_parse(&c->owner, st, "owner", head, run, diags);
	s->has_action |= c->action.n > 0;
	s->has_owner |= c->owner.n > 0;
	while (cs_list_next(&rest, &item, run)) {
		if (n < 2)
			name[n] = item;
		n++;
	}
	if (s->naxes != 2) {
		cs_diag(diags, CS_ERROR, "syntax", st->at,
		    "a Cell needs two Axis stanzas, there are %zu", s->naxes);
		return;
	}
	if (n != 2)
		return; /* a fault that was found at loading */
	for (size_t i = 0; i < 2; i++) {
		c->level[i] = level_find(&s->axis[i], name[i]);
		if (c->level[i] == CS_NO_SEGMENT)
			cs_diag(diags, CS_ERROR, "syntax", st->at,
			    "axis %.*s has no level \"%.*s\"",
			    CS_ARG(s->axis[i].name), CS_ARG(name[i]));
	}
}

static void
add_gate(
    struct cs_segments *s, const struct cs_stanza *st, struct cs_arena *run)
{
	struct cs_gate *g = &s->gate[s->ngates++];
	const struct cs_kv *kv;
	size_t i = 0;

	g->stanza = st;
	g->when = cs_stanza_get(st, "when");
	g->forbids = cs_arena_array(run, st->n, sizeof(*g->forbids));
	while ((kv = cs_stanza_each(st, "forbid", &i)) != NULL)
		g->forbids[g->n++] =
		    cs_text_nfc(run, cs_text_trim(kv->value));
}

/* A Capacity names its segment. */
static void
check_capacity(const struct cs_segments *s, const struct cs_stanza *st,
    struct cs_diags *diags)
{
	if (cs_segments_find(s, st->name) == CS_NO_SEGMENT)
		cs_diag(diags, CS_ERROR, "syntax", cs_pair_place(st->pair, 0),
		    "Capacity: there is no segment \"%.*s\"", CS_ARG(st->name));
}

void
cs_segments_build(struct cs_segments *s, const struct cs_rules *rules,
    struct cs_header *head, struct cs_arena *run, struct cs_diags *diags)
{
	*s = (struct cs_segments){0};
	s->v = cs_arena_array(run, count_kind(rules, "Segment"), sizeof(*s->v));
	s->axis =
	    cs_arena_array(run, count_kind(rules, "Axis"), sizeof(*s->axis));
	s->cell =
	    cs_arena_array(run, count_kind(rules, "Cell"), sizeof(*s->cell));
	s->gate =
	    cs_arena_array(run, count_kind(rules, "Gate"), sizeof(*s->gate));
	s->capacity = cs_arena_array(run, count_kind(rules, "Capacity"),
	    sizeof(const struct cs_stanza *));
	for (size_t i = 0; i < rules->n; i++)
		if (cs_stanza_is(rules->v[i], "Capacity"))
			s->capacity[s->ncapacities++] = rules->v[i];
	for (size_t i = 0; i < rules->n; i++)
		if (cs_stanza_is(rules->v[i], "Segment"))
			add_segment(s, rules->v[i], head, run, diags);
		else if (cs_stanza_is(rules->v[i], "Axis"))
			add_axis(s, rules->v[i], rules, run);
		else if (cs_stanza_is(rules->v[i], "Gate"))
			add_gate(s, rules->v[i], run);
	for (size_t i = 0; i < s->ncapacities; i++)
		check_capacity(s, s->capacity[i], diags);
	for (size_t i = 0; i < rules->n; i++)
		if (cs_stanza_is(rules->v[i], "Cell"))
			add_cell(s, rules->v[i], head, run, diags);
}

size_t
cs_segment_first(const bool *yes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (yes[i])
			return i;
	return CS_NO_SEGMENT;
}

const struct cs_cell *
cs_segments_cell(const struct cs_segments *s, size_t level0, size_t level1)
{
	for (size_t i = 0; i < s->ncells; i++)
		if (s->cell[i].level[0] == level0 &&
		    s->cell[i].level[1] == level1)
			return &s->cell[i];
	return NULL;
}

size_t
cs_segments_find(const struct cs_segments *s, struct cs_str name)
{
	for (size_t i = 0; i < s->n; i++)
		if (cs_str_eq(s->v[i].stanza->name, name))
			return i;
	return CS_NO_SEGMENT;
}

/* Is text the pattern, * in it for any piece? Goes back to the last * only. */
static bool
matches(struct cs_str pattern, struct cs_str text)
{
	size_t i = 0, j = 0, star = SIZE_MAX, from = 0;

	while (j < text.n) {
		if (i < pattern.n && pattern.p[i] == '*') {
			star = i++;
			from = j;
		} else if (i < pattern.n &&
			   strncasecmp(pattern.p + i, text.p + j, 1) == 0) {
			i++;
			j++;
		} else if (star != SIZE_MAX) {
			i = star + 1;
			j = ++from;
		} else {
			return false;
		}
	}
	while (i < pattern.n && pattern.p[i] == '*')
		i++;
	return i == pattern.n;
}

bool
cs_gate_forbids(
    const struct cs_gate *g, struct cs_str action, struct cs_arena *a)
{
	struct cs_str text = cs_text_nfc(a, cs_text_trim(action));

	for (size_t i = 0; i < g->n; i++)
		if (matches(g->forbids[i], text))
			return true;
	return false;
}
