/* expr_native: owners, records, faults */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "expr_fault.h"
#include "expr_native_node.h"
#include "json.h"

struct cs_native *
cs_native_new(const struct cs_native_conf *conf, size_t n)
{
	struct cs_native *m = cs_calloc(1, sizeof(*m));

	m->conf = *conf;
	m->n = n;
	m->own = cs_calloc(n + conf->lets, sizeof(*m->own));
	m->rec = &m->none;
	m->is_null = true;
	if (conf->as_of != NULL)
		m->has_today = cs_zone_civil(cs_str(conf->as_of->date),
				   &m->today) == CS_DATE_OK;
	return m;
}

void
cs_nat_places(struct cs_native *m)
{
	size_t n = m->nshared + 1;

	if (n > m->places) {
		m->places = n * 2;
		m->seen = cs_realloc(m->seen, m->places, 1);
		m->value = cs_realloc(m->value, m->places, sizeof(*m->value));
	}
	memset(m->seen, UNSEEN, n);
	m->is_seen_used = true;
}

bool
cs_native_has_leaf(const struct cs_native *m, size_t i)
{
	return m->own[i].root->has_leaf;
}

void
cs_native_begin(struct cs_native *m, struct cs_rec *rec)
{
	m->stamp++;
	m->is_null = rec == NULL;
	m->rec = rec != NULL ? rec : &m->none;
	m->nfaults = m->nlooks = 0;
	if (m->is_seen_used)
		memset(m->seen, UNSEEN, m->nshared + 1);
	m->is_seen_used = false;
	if (m->is_one_used)
		cs_arena_reset(&m->one);
	m->is_one_used = false;
	if (m->grid != NULL)
		cs_nat_grid_run(m->grid, m->rec, m->word);
}

struct cs_arena *
cs_nat_arena(struct cs_native *m)
{
	m->is_one_used = true;
	return &m->one;
}

/* --- faults ------------------------------------------------------------- */

const char *
cs_nat_type(const struct cs_val *v)
{
	switch (v->kind) {
	case CS_NULL:
		return "null";
	case CS_BOOL:
		return "boolean";
	case CS_NUM:
		return "number";
	case CS_TEXT:
		return "text";
	default:
		return cs_nat_is_array(v) ? "array" : "object";
	}
}

void
cs_nat_fault_text(struct cs_native *m, const struct node *n)
{
	struct cs_native_fault *f;

	if (n->at == NULL)
		return; /* under a postfix ? */
	m->fault =
	    cs_grow(m->fault, m->nfaults, &m->faults_cap, sizeof(*m->fault));
	f = &m->fault[m->nfaults++];
	f->owner = m->owner;
	f->at = n->at;
	f->text = cs_fault_keep(cs_nat_arena(m), cs_buf_get(&m->text));
}

void
cs_nat_fault(struct cs_native *m, const struct node *n, const char *fmt, ...)
{
	va_list ap;

	if (n->at == NULL)
		return;
	cs_buf_reset(&m->text);
	va_start(ap, fmt);
	cs_buf_vprintf(&m->text, fmt, ap);
	va_end(ap);
	cs_nat_fault_text(m, n);
}

void
cs_nat_fault_value(struct cs_native *m, const struct node *n,
    const char *before, const struct cs_val *v, const char *after)
{
	if (n->at == NULL)
		return;
	cs_buf_reset(&m->text);
	cs_buf_puts(&m->text, before);
	cs_nat_put_json(m, &m->text, v);
	cs_buf_puts(&m->text, after);
	cs_nat_fault_text(m, n);
}

bool
cs_nat_fits(
    struct cs_native *m, const struct node *n, size_t size, struct cs_val *out)
{
	if (size <= CS_MAX_TEXT)
		return true;
	cs_nat_fault(m, n, "%s", CS_FAULT_LONG);
	*out = cs_val_null();
	return false;
}

const size_t *
cs_native_fault_count(const struct cs_native *m)
{
	return &m->nfaults;
}

const struct cs_native_fault *
cs_native_faults(const struct cs_native *m, size_t *n)
{
	*n = m->nfaults;
	return m->fault;
}

bool
cs_native_looked(const struct cs_native *m, size_t i, size_t k)
{
	size_t j;

	for (j = 0; j < m->nlooks; j++)
		if (m->look[j].owner == i && m->look[j].let == k)
			return true;
	return false;
}

/* --- owners ------------------------------------------------------------- */

/* Computes o's root; not for an owner inside another. */
static void
compute(struct cs_native *m, struct own *o)
{
	int a;

	m->owner = (size_t)(o - m->own);
	m->is_not_mine = false;
	m->is_seen_used = true;
	if (o->is_condition) {
		/* v has never held anything but an answer. */
		a = cs_nat_cond(m, o->root, NULL);
		o->v.kind = a == UNKNOWN ? CS_NULL : CS_BOOL;
		o->v.yes = a == YES;
	} else
		cs_nat_value(m, o->root, NULL, &o->v);
	o->stamp = m->stamp;
	o->is_not_mine = m->is_not_mine;
}

struct own *
cs_nat_own(struct cs_native *m, size_t i)
{
	struct own *o = &m->own[i];
	size_t owner = m->owner;
	bool is_not_mine = m->is_not_mine;

	if (o->stamp == m->stamp)
		return o;
	compute(m, o);
	m->owner = owner;
	m->is_not_mine = is_not_mine;
	return o;
}

/* As jq gives it: a number without the way it was written, an array or object
 * as jq prints it. No node looks at an expression's value, so it can be changed
 * in its place. */
static void
finish(struct cs_native *m, struct cs_val *v)
{
	if (v->kind == CS_NUM)
		*v = isfinite(v->num) ? cs_val_num(v->num) : cs_val_null();
	else if (v->kind == CS_JSON) {
		cs_buf_reset(&m->text);
		cs_nat_put_json(m, &m->text, v);
		v->text = cs_keep(cs_nat_arena(m), cs_buf_get(&m->text));
	}
}

/* Owner i from its word; false: it is not there. */
static bool
take_answer(struct cs_native *m, size_t i)
{
	const struct cs_native_word *w = &m->word[i / 64];
	struct own *o = &m->own[i];

	if ((w->open >> i % 64 & 1) != 0)
		return false;
	o->v.yes = w->yes >> i % 64 & 1;
	o->v.kind =
	    o->v.yes || (w->may_be >> i % 64 & 1) == 0 ? CS_BOOL : CS_NULL;
	o->stamp = m->stamp;
	o->is_not_mine = false;
	return true;
}

bool
cs_native_get(struct cs_native *m, size_t i, struct cs_val *v)
{
	struct own *o = &m->own[i];

	if (o->stamp != m->stamp && (m->grid == NULL || !take_answer(m, i))) {
		compute(m, o);
		if (!o->is_condition)
			finish(m, &o->v);
	}
	*v = o->v;
	return !o->is_not_mine;
}

bool
cs_native_let(struct cs_native *m, size_t k, struct cs_val *v)
{
	const struct own *o = cs_nat_own(m, m->n + k);

	*v = o->v;
	return !o->is_not_mine;
}

const struct cs_native_word *
cs_native_words(const struct cs_native *m)
{
	return m->word;
}

void
cs_native_ready(struct cs_native *m)
{
	m->grid = cs_nat_grid_new(m);
	if (m->grid != NULL)
		m->word =
		    cs_arena_array(&m->run, (m->n + 63) / 64, sizeof(*m->word));
}

void
cs_native_free(struct cs_native *m)
{
	size_t i;

	if (m == NULL)
		return;
	for (i = 0; i < m->nsets; i++)
		cs_set_free(m->sets[i]);
	for (i = 0; i < m->nres; i++)
		cs_re_free(m->res[i]);
	free(m->sets);
	free(m->res);
	cs_nat_grid_free(m->grid);
	cs_map_free(&m->keys);
	free(m->shared_of);
	free(m->seen);
	free(m->value);
	free(m->own);
	free(m->fault);
	free(m->look);
	cs_buf_free(&m->text);
	cs_arena_free(&m->run);
	cs_arena_free(&m->one);
	free(m);
}
