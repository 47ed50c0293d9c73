#include <string.h>

#include "segment.h"

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

static void
add_segment(struct cs_segments *s, const struct cs_stanza *st,
    struct cs_header *head, struct cs_arena *run, struct cs_diags *diags)
{
	struct cs_segment *g = &s->v[s->n++];

	g->stanza = st;
	g->when = cs_stanza_get(st, "when");
	fill_parse(&g->action, st, "action", head, run, diags);
	fill_parse(&g->owner, st, "owner", head, run, diags);
	s->has_action |= g->action.n > 0;
	s->has_owner |= g->owner.n > 0;
	/* Both need all records first; a limit that is not kept would be worse
	 * than none. */
	if (cs_stanza_get(st, "limit") != NULL)
		cs_diag(diags, CS_ERROR, "syntax", cs_stanza_place(st, "limit"),
		    "Limit: is not in this version");
	else if (cs_stanza_get(st, "order") != NULL)
		cs_diag(diags, CS_ERROR, "syntax", cs_stanza_place(st, "order"),
		    "Order: goes with Limit:, which is not in this version");
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
	for (size_t i = 0; i < rules->n; i++)
		if (cs_stanza_is(rules->v[i], "Segment"))
			add_segment(s, rules->v[i], head, run, diags);
		else if (cs_stanza_is(rules->v[i], "Axis"))
			add_axis(s, rules->v[i], rules, run);
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
