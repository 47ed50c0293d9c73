#include <inttypes.h>
#include <stdlib.h>

#include "segment_columns.h"

void
cs_segment_columns_start(struct cs_segment_columns *c, struct cs_kit *k,
    const struct cs_segment_run *run, struct cs_segment_why *why)
{
	const struct cs_segments *p = run->plan;

	*c = (struct cs_segment_columns){.run = run, .why = why};
	c->axis = cs_calloc(p->naxes, sizeof(*c->axis));
	c->gate = cs_calloc(p->ngates, sizeof(*c->gate));
	if (p->n > 0)
		c->segment = cs_plan_add(k->plan, CS_S("segment"));
	if (p->has_action)
		c->action = cs_plan_add(k->plan, CS_S("action"));
	if (p->has_owner)
		c->owner = cs_plan_add(k->plan, CS_S("owner"));
	if (p->ngates > 0)
		c->blocked = cs_plan_add(k->plan, CS_S("blocked"));
	if (run->all)
		c->segments = cs_plan_add(k->plan, CS_S("segments"));
	for (size_t i = 0; i < p->naxes; i++)
		c->axis[i] = cs_plan_add(k->plan, p->axis[i].name);
	if (p->naxes == 2)
		c->cell = cs_plan_add(k->plan, CS_S("cell"));
	if (why != NULL)
		c->why_col = cs_plan_add(k->plan, CS_S("segment_why"));
}

/* The Cell stanza the record stands in, or NULL. */
static const struct cs_cell *
cell_of(const struct cs_segment_run *r)
{
	if (r->plan->naxes != 2 || r->level[0] == CS_NO_SEGMENT ||
	    r->level[1] == CS_NO_SEGMENT)
		return NULL;
	return cs_segments_cell(r->plan, r->level[0], r->level[1]);
}

/* A segment's comes before a cell's. */
static struct cs_str
action_of(const struct cs_segment_run *r, struct cs_rec *rec)
{
	const struct cs_cell *c = cell_of(r);

	if (r->first != CS_NO_SEGMENT && r->plan->v[r->first].action.n > 0)
		return cs_fill_text(&r->plan->v[r->first].action, rec);
	return c != NULL ? cs_fill_text(&c->action, rec) : (struct cs_str){0};
}

static struct cs_str
owner_of(const struct cs_segment_run *r, struct cs_rec *rec)
{
	const struct cs_cell *c = cell_of(r);

	if (r->first != CS_NO_SEGMENT && r->plan->v[r->first].owner.n > 0)
		return cs_fill_text(&r->plan->v[r->first].owner, rec);
	return c != NULL ? cs_fill_text(&c->owner, rec) : (struct cs_str){0};
}

/* The first gate from i on that forbids the action, whomever it is for. */
static size_t
next_gate(const struct cs_segments *p, size_t i, struct cs_str action,
    struct cs_rec *rec)
{
	if (action.n == 0)
		return p->ngates;
	while (
	    i < p->ngates && !cs_gate_forbids(&p->gate[i], action, rec->arena))
		i++;
	return i;
}

bool
cs_segment_columns_needs_run(struct cs_segment_columns *c, struct cs_rec *rec)
{
	const struct cs_segments *p = c->run->plan;

	return c->why != NULL ||
	       (p->ngates > 0 &&
		   next_gate(p, 0, action_of(c->run, rec), rec) < p->ngates);
}

static void
count_blocked(struct cs_segment_columns *c, struct cs_kit *k,
    struct cs_rec *rec, size_t gate)
{
	struct cs_gate_count *g = &c->gate[gate];
	struct cs_str id = cs_kit_id(k, rec);

	g->n++;
	c->blocked_n++;
	if (g->nexamples < 3 && id.n > 0)
		g->example[g->nexamples++] = cs_keep(&k->run, id);
}

/* The gate that keeps the action back, or ngates. A condition that is not known
 * keeps it back too, unless the gate says otherwise: a missing cell must not
 * open it. */
static bool
ask_gates(struct cs_segment_columns *c, struct cs_kit *k, struct cs_rec *rec,
    struct cs_str action, size_t *gate, const struct cs_stanza **stop)
{
	const struct cs_segments *p = c->run->plan;
	bool halt = false;

	for (*gate = next_gate(p, 0, action, rec); *gate < p->ngates;
	     *gate = next_gate(p, *gate + 1, action, rec)) {
		const struct cs_gate *g = &p->gate[*gate];

		if (cs_kit_settle(cs_kit_ask(k, g->expr), g->stanza->missing,
			true, &halt))
			return true;
		if (halt) {
			*stop = g->stanza;
			return false;
		}
	}
	return true;
}

static void
set_text(struct cs_kit *k, size_t slot, struct cs_str s)
{
	cs_plan_set(k->plan, slot, s.p ? cs_val_text(s) : cs_val_null());
}

static void
set_made(struct cs_kit *k, size_t slot, struct cs_buf *b, bool is_json)
{
	struct cs_str text = cs_keep(&k->one, cs_buf_get(b));

	cs_plan_set(k->plan, slot,
	    is_json ? (struct cs_val){.kind = CS_JSON, .text = text}
		    : cs_val_text(text));
	cs_buf_free(b);
}

/* All names that say yes: a;b in CSV, an array in JSON. */
static void
set_all(struct cs_segment_columns *c, struct cs_kit *k)
{
	const struct cs_segments *p = c->run->plan;
	bool is_json = k->out_form == CS_FORM_JSONL;
	struct cs_buf b = {0};

	for (size_t i = 0; i < p->n; i++) {
		if (!c->run->yes[i])
			continue;
		if (b.n > 0)
			cs_buf_putc(&b, is_json ? ',' : ';');
		else if (is_json)
			cs_buf_putc(&b, '[');
		if (is_json)
			cs_val_put_json(&b, cs_val_text(p->v[i].stanza->name));
		else
			cs_buf_str(&b, p->v[i].stanza->name);
	}
	if (is_json)
		cs_buf_puts(&b, b.n ? "]" : "[]");
	set_made(k, c->segments, &b, is_json);
}

static void
set_levels(struct cs_segment_columns *c, struct cs_kit *k)
{
	const struct cs_axis *x = c->run->plan->axis;
	const size_t *level = c->run->level;
	size_t n = c->run->plan->naxes;

	for (size_t a = 0; a < n; a++)
		if (level[a] != CS_NO_SEGMENT)
			set_text(
			    k, c->axis[a], x[a].level[level[a]].stanza->name);
	if (n == 2 && level[0] != CS_NO_SEGMENT && level[1] != CS_NO_SEGMENT)
		set_text(k, c->cell,
		    cs_str(cs_arena_printf(&k->one, "%.*s/%.*s",
			CS_ARG(x[0].level[level[0]].stanza->name),
			CS_ARG(x[1].level[level[1]].stanza->name))));
}

static void
set_why(struct cs_segment_columns *c, struct cs_kit *k, struct cs_rec *rec)
{
	bool is_json = k->out_form == CS_FORM_JSONL;
	struct cs_buf b = {0};

	cs_segment_why_text(c->why, rec, c->run->first, is_json, &b);
	set_made(k, c->why_col, &b, is_json);
}

bool
cs_segment_columns_write(struct cs_segment_columns *c, struct cs_kit *k,
    struct cs_rec *rec, struct cs_err *err)
{
	const struct cs_segment_run *r = c->run;
	const struct cs_segments *p = r->plan;
	const struct cs_stanza *stop = NULL;
	struct cs_str action = {0};
	size_t gate = p->ngates;

	if (p->has_action) {
		action = action_of(r, rec);
		if (!ask_gates(c, k, rec, action, &gate, &stop))
			return cs_kit_refuse_unknown(k, rec, stop, err);
	}
	if (p->n > 0 && r->first != CS_NO_SEGMENT)
		set_text(k, c->segment, p->v[r->first].stanza->name);
	if (gate < p->ngates) {
		count_blocked(c, k, rec, gate);
		set_text(k, c->blocked, p->gate[gate].stanza->name);
	} else if (p->has_action) {
		set_text(k, c->action, action);
	}
	if (p->has_owner)
		set_text(k, c->owner, owner_of(r, rec));
	if (r->all)
		set_all(c, k);
	set_levels(c, k);
	if (c->why != NULL)
		set_why(c, k, rec);
	return cs_kit_write(k, rec, err);
}

void
cs_segment_columns_tell(const struct cs_segment_columns *c, struct cs_kit *k)
{
	for (size_t i = 0; i < c->run->plan->ngates; i++) {
		const struct cs_gate_count *g = &c->gate[i];
		struct cs_buf ids = {0};

		for (size_t j = 0; j < g->nexamples; j++) {
			cs_buf_puts(&ids, j == 0 ? ": " : ", ");
			cs_buf_str(&ids, g->example[j]);
		}
		if (g->n > g->nexamples && g->nexamples > 0)
			cs_buf_puts(&ids, " ...");
		if (g->n > 0)
			cs_kit_note(k,
			    "gate %.*s: %" PRIu64 " action%s kept back%s",
			    CS_ARG(c->run->plan->gate[i].stanza->name), g->n,
			    g->n == 1 ? "" : "s", cs_buf_z(&ids));
		cs_buf_free(&ids);
	}
}

void
cs_segment_columns_free(struct cs_segment_columns *c)
{
	free(c->axis);
	free(c->gate);
}
