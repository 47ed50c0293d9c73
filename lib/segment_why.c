#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "num.h"
#include "segment_why.h"

enum { NEXT = 10 };
#define NO_ROW UINT64_MAX

/* What the report tells of a limit. */
struct cs_limit_why {
	uint64_t better;	  /* than the record, among those who wished */
	struct cs_str next[NEXT]; /* the best of those not taken, by rank */
	size_t n;
};

static struct cs_explain *
explain(struct cs_kit *k, const struct cs_kv *when, size_t expr)
{
	if (when->expr == NULL)
		return NULL; /* faulty; the run ends before it is asked */
	return cs_explain_new(
	    k->eval, when->expr, cs_eval_label(k->eval, expr));
}

void
cs_segment_why_start(
    struct cs_segment_why *w, struct cs_segment_run *run, struct cs_kit *k)
{
	static const char *const columns[] = {
	    "segment", "answer", "decided", "condition", "value", "needs"};
	const struct cs_segments *p = run->plan;
	size_t most = p->n + p->ngates;

	for (size_t a = 0; a < p->naxes; a++)
		most += p->axis[a].n;
	*w = (struct cs_segment_why){
	    .run = run, .row = NO_ROW, .taken = CS_NO_SEGMENT};
	w->explain = cs_calloc(most, sizeof(struct cs_explain *));
	w->limit = cs_calloc(p->n, sizeof(*w->limit));
	for (size_t i = 0; i < p->n; i++)
		w->explain[w->n++] = explain(k, p->v[i].when, p->v[i].expr);
	if (k->why_id.p == NULL)
		return; /* the added column tells of the segment only */
	w->table = cs_table_new(columns, 6);
	for (size_t a = 0; a < p->naxes; a++)
		for (size_t i = 0; i < p->axis[a].n; i++) {
			const struct cs_level *l = &p->axis[a].level[i];

			w->explain[w->n++] = explain(k, l->when, l->expr);
		}
	for (size_t i = 0; i < p->ngates; i++)
		w->explain[w->n++] =
		    explain(k, p->gate[i].when, p->gate[i].expr);
}

void
cs_segment_why_text(struct cs_segment_why *w, struct cs_rec *rec,
    size_t segment, bool is_json, struct cs_buf *b)
{
	const struct cs_reason *v = NULL;
	size_t n = 0;

	if (segment != CS_NO_SEGMENT)
		n = cs_explain_get(w->explain[segment], rec, &v);
	if (is_json)
		cs_explain_json(b, v, n, false);
	else
		cs_explain_text(b, v, n);
}

/* The rows of one condition: its leaves. */
static void
leaves(struct cs_segment_why *w, struct cs_str name, struct cs_explain *why,
    struct cs_rec *rec)
{
	const struct cs_reason *v;
	struct cs_buf needs = {0};
	size_t n = cs_explain_get(why, rec, &v);

	for (size_t j = 0; j < n; j++) {
		struct cs_val row[] = {cs_val_text(name),
		    cs_val_text(cs_reason_answer(&v[j])),
		    cs_val_text(v[j].decided ? CS_S("yes") : CS_S("no")),
		    cs_val_text(v[j].condition), cs_val_text(v[j].value),
		    cs_val_text(cs_reason_needs(&v[j], &needs))};

		cs_table_row(w->table, row);
	}
	cs_buf_free(&needs);
}

/* The segments, then the levels as AXIS=LEVEL, then the gates. */
void
cs_segment_why_rows(
    struct cs_segment_why *w, struct cs_kit *k, struct cs_rec *rec)
{
	const struct cs_segments *p = w->run->plan;
	size_t at = 0;

	for (size_t i = 0; i < p->n; i++)
		leaves(w, p->v[i].stanza->name, w->explain[at++], rec);
	for (size_t a = 0; a < p->naxes; a++)
		for (size_t i = 0; i < p->axis[a].n; i++)
			leaves(w,
			    cs_str(cs_arena_printf(&k->one, "%.*s=%.*s",
				CS_ARG(p->axis[a].name),
				CS_ARG(p->axis[a].level[i].stanza->name))),
			    w->explain[at++], rec);
	for (size_t i = 0; i < p->ngates; i++)
		leaves(w,
		    cs_str(cs_arena_printf(
			&k->one, "gate %.*s", CS_ARG(p->gate[i].stanza->name))),
		    w->explain[at++], rec);
}

void
cs_segment_why_takes_part(struct cs_segment_why *w)
{
	if (w->row != NO_ROW)
		return; /* the id stands twice: the first one's */
	w->row = w->run->asked - 1;
	cs_buf_str(&w->wishes, cs_best_wishes(w->run->best));
}

/* Puts the wishes among the next ones of the segment, if they are among the
 * best. */
static void
put_next(struct cs_segment_why *w, size_t segment, struct cs_str wishes)
{
	struct cs_limit_why *l = &w->limit[segment];
	size_t i = l->n;
	char *copy;

	while (i > 0 && cs_best_compare(
			    w->run->best, segment, wishes, l->next[i - 1]) < 0)
		i--;
	if (i == NEXT)
		return;
	if (l->n == NEXT)
		free((char *)(uintptr_t)l->next[--l->n].p);
	memmove(&l->next[i + 1], &l->next[i], (l->n - i) * sizeof(*l->next));
	copy = cs_realloc(NULL, wishes.n, 1);
	memcpy(copy, wishes.p, wishes.n);
	l->next[i] = (struct cs_str){copy, wishes.n};
	l->n++;
}

void
cs_segment_why_seen(struct cs_segment_why *w, struct cs_str wishes)
{
	const struct cs_best *b = w->run->best;
	size_t taken = w->run->first;
	size_t last = taken == CS_NO_SEGMENT ? w->run->plan->n : taken + 1;
	struct cs_str mine = cs_buf_get(&w->wishes);
	struct cs_val ignored;

	if (w->row == w->run->thawed - 1)
		w->taken = taken;
	/* It wished for what stands before the segment that took it, and for
	 * that one. */
	for (size_t i = 0; i < last; i++) {
		if (!cs_best_value(b, i, wishes, &ignored))
			continue;
		if (i != taken)
			put_next(w, i, wishes);
		if (cs_best_value(b, i, mine, &ignored) &&
		    cs_best_compare(b, i, wishes, mine) < 0)
			w->limit[i].better++;
	}
}

static void
row(struct cs_segment_why *w, size_t i, const char *answer, bool decided,
    struct cs_buf *cell)
{
	struct cs_val v[] = {cs_val_text(w->run->plan->v[i].stanza->name),
	    cs_val_text(cs_str(answer)),
	    cs_val_text(decided ? CS_S("yes") : CS_S("no")),
	    cs_val_text(cs_buf_get(&cell[0])),
	    cs_val_text(cs_buf_get(&cell[1])),
	    cs_val_text(cs_buf_get(&cell[2]))};

	cs_table_row(w->table, v);
	for (size_t c = 0; c < 3; c++)
		cs_buf_reset(&cell[c]);
}

/* What the segment is ordered by first. */
static void
put_order(const struct cs_segment *g, struct cs_buf *b)
{
	if (g->norder == 0)
		cs_buf_puts(b, "id");
	else
		cs_expr_print(b, g->order[0].expr);
}

/* "10 records, .mrr sum 43210, last 3900" */
static void
put_sum(struct cs_segment_why *w, size_t i, struct cs_buf *b)
{
	const struct cs_limit_why *l = &w->limit[i];
	const struct cs_segment *g = &w->run->plan->v[i];
	struct cs_val v = cs_val_null();
	double sum = 0;
	size_t numbers = 0;

	for (size_t j = 0; j < l->n; j++) {
		cs_best_value(w->run->best, i, l->next[j], &v);
		numbers += v.kind == CS_NUM;
		sum += v.kind == CS_NUM ? v.num : 0;
	}
	cs_buf_printf(b, "%zu record%s, ", l->n, l->n == 1 ? "" : "s");
	put_order(g, b);
	if (numbers > 0) {
		cs_buf_puts(b, " sum ");
		cs_num_print6(b, sum);
		cs_buf_putc(b, ',');
	}
	cs_buf_puts(b, " last ");
	if (v.kind == CS_NULL)
		cs_buf_puts(b, "unknown");
	cs_val_put_text(b, v);
}

static bool
is_same(struct cs_val x, struct cs_val y)
{
	if (x.kind != y.kind)
		return false;
	return x.kind == CS_NUM	   ? x.num >= y.num && x.num <= y.num
	       : x.kind == CS_TEXT ? cs_str_eq(x.text, y.text)
	       : x.kind == CS_BOOL ? x.yes == y.yes
				   : true;
}

/* What is needed to be within the limit. Who has as much as the last one and is
 * not: more. */
static void
put_cut(const struct cs_segment *g, struct cs_val cut, bool is_tie,
    struct cs_buf *b)
{
	bool is_desc = g->norder > 0 && g->order[0].is_desc;

	if (cut.kind == CS_NULL) {
		cs_buf_puts(b, is_tie ? "a value" : "any value");
		return;
	}
	cs_buf_puts(
	    b, is_desc ? (is_tie ? "> " : ">= ") : (is_tie ? "< " : "<= "));
	cs_val_put_text(b, cut);
}

/* The line of the cut, and those who stand behind it. */
static void
cut_rows(struct cs_segment_why *w, size_t i, bool wished, struct cs_buf *cell)
{
	const struct cs_segment *g = &w->run->plan->v[i];
	struct cs_val mine = cs_val_null(), cut;

	put_order(g, &cell[0]);
	if (g->norder > 0 && g->order[0].is_desc)
		cs_buf_puts(&cell[0], " desc");
	if (wished)
		cs_best_value(w->run->best, i, cs_buf_get(&w->wishes), &mine);
	cs_val_put_text(&cell[1], mine);
	if (cs_best_cut(w->run->best, i, &cut))
		put_cut(g, cut, wished && i != w->taken && is_same(mine, cut),
		    &cell[2]);
	row(w, i, i == w->taken ? "yes" : "no", false, cell);
	cs_buf_printf(&cell[0], "the next %d", NEXT);
	put_sum(w, i, &cell[1]);
	row(w, i, "", false, cell);
}

/* Is it the Capacity that holds, not a Limit? */
static bool
is_capacity(const struct cs_segment *g)
{
	return g->capacity >= 0 &&
	       g->capacity < cs_stanza_number(g->stanza, "limit", INFINITY);
}

void
cs_segment_why_limits(struct cs_segment_why *w)
{
	const struct cs_segments *p = w->run->plan;
	struct cs_buf cell[3] = {{0}, {0}, {0}};
	struct cs_val v;

	for (size_t i = 0; i < p->n; i++) {
		bool wished =
		    cs_best_value(w->run->best, i, cs_buf_get(&w->wishes), &v);

		if (p->v[i].limit == CS_NO_LIMIT)
			continue;
		cs_buf_printf(&cell[0], "%s: %" PRIu64,
		    is_capacity(&p->v[i]) ? "Capacity" : "Limit",
		    p->v[i].limit);
		if (wished && w->taken != CS_NO_SEGMENT && w->taken < i) {
			wished = false;
			cs_buf_printf(&cell[1], "taken by %.*s",
			    CS_ARG(p->v[w->taken].stanza->name));
		} else if (wished) {
			cs_buf_printf(&cell[1], "rank %" PRIu64 " of %" PRIu64,
			    w->limit[i].better + 1,
			    cs_best_wished(w->run->best, i));
		}
		if (wished && i != w->taken)
			cs_buf_printf(
			    &cell[2], "rank <= %" PRIu64, p->v[i].limit);
		row(w, i, i == w->taken ? "yes" : "no", wished, cell);
		if (w->limit[i].n > 0)
			cut_rows(w, i, wished, cell);
	}
	for (size_t c = 0; c < 3; c++)
		cs_buf_free(&cell[c]);
}

void
cs_segment_why_free(struct cs_segment_why *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->explain[i] != NULL)
			cs_explain_free(w->explain[i]);
	for (size_t i = 0; w->limit != NULL && i < w->run->plan->n; i++)
		for (size_t j = 0; j < w->limit[i].n; j++)
			free((char *)(uintptr_t)w->limit[i].next[j].p);
	free(w->limit);
	free(w->explain);
	cs_buf_free(&w->wishes);
	if (w->table != NULL)
		cs_table_free(w->table);
}
