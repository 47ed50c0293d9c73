#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "segment_run.h"

static size_t
add(struct cs_segment_run *r, const struct cs_stanza *s,
    const struct cs_expr *e, enum cs_role role, const char *behind)
{
	char *label = cs_arena_printf(
	    &r->k->run, "%s %.*s%s", s->kind->name, CS_ARG(s->name), behind);

	label[0] = (char)(label[0] | 0x20); /* kinds are ASCII words */
	return cs_eval_add(r->eval, e, role, label);
}

/* The segments' stand one behind the other: they are asked together. */
static void
add_all(struct cs_segment_run *r, struct cs_segments *p)
{
	for (size_t i = 0; i < p->n; i++)
		p->v[i].expr = add(
		    r, p->v[i].stanza, p->v[i].when->expr, CS_CONDITION, "");
	for (size_t a = 0; a < p->naxes; a++)
		for (size_t i = 0; i < p->axis[a].n; i++) {
			struct cs_level *l = &p->axis[a].level[i];

			l->expr =
			    add(r, l->stanza, l->when->expr, CS_CONDITION, "");
		}
	for (size_t i = 0; i < p->ngates; i++)
		p->gate[i].expr = add(r, p->gate[i].stanza,
		    p->gate[i].when->expr, CS_CONDITION, "");
	for (size_t i = 0; i < p->n; i++)
		for (size_t j = 0; j < p->v[i].norder; j++) {
			struct cs_segment *g = &p->v[i];
			size_t n = add(r, g->stanza, g->order[j].expr, CS_VALUE,
			    " (Order)");

			if (j == 0)
				g->order_expr = n;
		}
}

void
cs_segment_run_start(struct cs_segment_run *r, struct cs_kit *k,
    struct cs_segments *plan, struct cs_eval *eval, bool all)
{
	size_t most = 1;

	*r = (struct cs_segment_run){.plan = plan,
	    .eval = eval,
	    .k = k,
	    .counts = eval == k->eval,
	    .all = all,
	    .first = CS_NO_SEGMENT,
	    .best = cs_best_new(plan),
	    .yes = cs_calloc(plan->n, sizeof(*r->yes)),
	    .level = cs_calloc(plan->naxes, sizeof(*r->level))};
	for (size_t i = 0; i < plan->n; i++)
		if (plan->v[i].norder > most)
			most = plan->v[i].norder;
	r->order = cs_calloc(most, sizeof(*r->order));
	add_all(r, plan);
}

static bool
ask(struct cs_segment_run *r, const struct cs_stanza *s, size_t expr,
    const struct cs_stanza **stop)
{
	enum cs_answer a =
	    r->counts ? cs_kit_ask(r->k, expr) : cs_eval_ask(r->eval, expr);
	bool halt = false, yes;

	if (a != CS_UNKNOWN)
		return a == CS_YES;
	yes = cs_kit_settle(a, s->missing, false, &halt);
	if (halt)
		*stop = s;
	return yes;
}

static void
wish(struct cs_segment_run *r, size_t i)
{
	const struct cs_segment *g = &r->plan->v[i];

	for (size_t j = 0; j < g->norder; j++)
		r->order[j] = r->counts
				  ? cs_kit_value(r->k, g->order_expr + j)
				  : cs_eval_get(r->eval, g->order_expr + j);
	cs_best_wish(r->best, i, r->order);
}

/* Up to the first that says yes and takes all who come: what stands behind it
 * is not asked, so it is no unknown either. */
static void
ask_segments(struct cs_segment_run *r, const struct cs_stanza **stop)
{
	const struct cs_segments *p = r->plan;
	size_t n = p->n, base = n > 0 ? p->v[0].expr : 0;

	for (size_t i = 0; i < n && *stop == NULL; i++) {
		i = cs_eval_next(r->eval, base + i, base + n) - base;
		if (i == n || !ask(r, p->v[i].stanza, p->v[i].expr, stop))
			continue;
		if (p->v[i].limit == CS_NO_LIMIT) {
			r->yes[i] = true;
			if (r->first == CS_NO_SEGMENT)
				r->first = i;
			if (!r->all)
				return;
		} else if (r->first == CS_NO_SEGMENT) {
			wish(r, i);
		}
	}
}

static void
ask_levels(struct cs_segment_run *r, const struct cs_stanza **stop)
{
	for (size_t a = 0; a < r->plan->naxes && *stop == NULL; a++) {
		r->level[a] = CS_NO_SEGMENT;
		for (size_t i = 0; i < r->plan->axis[a].n; i++) {
			const struct cs_level *l = &r->plan->axis[a].level[i];

			if (ask(r, l->stanza, l->expr, stop)) {
				r->level[a] = i;
				break;
			}
			if (*stop != NULL)
				return;
		}
	}
}

bool
cs_segment_run_ask(
    struct cs_segment_run *r, struct cs_str id, const struct cs_stanza **stop)
{
	*stop = NULL;
	r->first = CS_NO_SEGMENT;
	memset(r->yes, 0, r->plan->n * sizeof(*r->yes));
	if (r->best != NULL)
		cs_best_begin(r->best, r->asked, id);
	ask_segments(r, stop);
	if (*stop == NULL)
		ask_levels(r, stop);
	if (*stop != NULL)
		return false;
	if (r->best != NULL && cs_best_wishes(r->best).n > 0)
		cs_best_enter(r->best);
	r->asked++;
	return true;
}

void
cs_segment_run_freeze(const struct cs_segment_run *r, struct cs_buf *b)
{
	cs_buf_add(b, &r->first, sizeof(r->first));
	cs_buf_add(b, r->level, r->plan->naxes * sizeof(*r->level));
	if (r->all)
		cs_buf_add(b, r->yes, r->plan->n * sizeof(*r->yes));
}

void
cs_segment_run_close(struct cs_segment_run *r)
{
	if (r->best != NULL)
		cs_best_close(r->best);
}

/* memcpy of nothing from or to nowhere is undefined. */
static const char *
take(void *to, const char *p, size_t n)
{
	if (n > 0)
		memcpy(to, p, n);
	return p + n;
}

size_t
cs_segment_run_thaw(struct cs_segment_run *r, const char *p)
{
	const struct cs_segments *plan = r->plan;
	const char *from = p;
	size_t taken = CS_NO_SEGMENT;

	p = take(&r->first, p, sizeof(r->first));
	p = take(r->level, p, plan->naxes * sizeof(*r->level));
	if (r->all)
		p = take(r->yes, p, plan->n * sizeof(*r->yes));
	else
		memset(r->yes, 0, plan->n * sizeof(*r->yes));
	if (r->best != NULL)
		taken = cs_best_taken(r->best, r->thawed);
	r->thawed++;
	if (taken != CS_NO_SEGMENT)
		r->first = taken;
	if (r->first != CS_NO_SEGMENT)
		r->yes[r->first] = true;
	return (size_t)(p - from);
}

void
cs_segment_run_tell(const struct cs_segment_run *r)
{
	for (size_t i = 0; i < r->plan->n && r->k->verbose > 0; i++) {
		const struct cs_segment *g = &r->plan->v[i];
		struct cs_buf cut = {0};
		struct cs_val v;

		if (g->limit == CS_NO_LIMIT)
			continue;
		if (cs_best_cut(r->best, i, &v)) {
			cs_buf_puts(&cut, ", the last at ");
			if (v.kind == CS_NULL)
				cs_buf_puts(&cut, "unknown");
			cs_val_put_text(&cut, v);
		}
		cs_kit_note(r->k,
		    "segment %.*s: room for %" PRIu64 ", wished for by %" PRIu64
		    "%s",
		    CS_ARG(g->stanza->name), g->limit,
		    cs_best_wished(r->best, i), cs_buf_z(&cut));
		cs_buf_free(&cut);
	}
}

void
cs_segment_run_free(struct cs_segment_run *r)
{
	cs_best_free(r->best);
	free(r->yes);
	free(r->level);
	free(r->order);
}
