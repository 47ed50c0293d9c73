/* kit_blame: the empty column behind an unknown
 *
 * Where one of a condition's columns is empty, it is that one. Where several
 * are, the condition is taken apart: in `.note != null or .nps > 6` an empty
 * note leaves nothing unknown. Most conditions need no such work, so what does
 * it is made with the first that does. */
#include <stdlib.h>

#include "explain.h"
#include "kit_private.h"

struct cs_kit_blame {
	struct cs_eval *eval; /* NULL: could not be made */
	struct cs_explain **explain;
	size_t n;
	uint64_t turn; /* of the record it last ran */
};

static struct cs_kit_blame *
blame_new(struct cs_kit *k)
{
	struct cs_kit_blame *b = cs_calloc(1, sizeof(*b));
	struct cs_eval_conf *conf = cs_arena_array(&k->run, 1, sizeof(*conf));
	struct cs_diags diags = {0}; /* nothing new: it compiled before */
	struct cs_err err;

	*conf = k->eval_conf;
	conf->engine = CS_ENGINE_FAST;
	b->eval = cs_eval_new(conf);
	b->n = cs_eval_count(k->eval);
	b->explain = cs_calloc(b->n, sizeof(struct cs_explain *));
	for (size_t i = 0; i < b->n; i++)
		b->explain[i] = cs_explain_new(b->eval,
		    cs_eval_expr(k->eval, i), cs_eval_label(k->eval, i));
	if (!cs_eval_compile(b->eval, &k->head, &diags, &err)) {
		cs_eval_free(b->eval);
		b->eval = NULL;
	}
	cs_diags_free(&diags);
	return b;
}

void
cs_kit_blame_free(struct cs_kit_blame *b)
{
	if (b == NULL)
		return;
	for (size_t i = 0; i < b->n; i++)
		cs_explain_free(b->explain[i]);
	free(b->explain);
	if (b->eval != NULL)
		cs_eval_free(b->eval);
	free(b);
}

/* Comparisons of columns, joined by nothing but op. If the whole is unknown,
 * no operand has decided, so each that has an empty column is unknown too. */
static bool
is_flat(const struct cs_expr *e, enum cs_op op)
{
	if (e->op == op && (op == CS_E_AND || op == CS_E_OR))
		return is_flat(e->a, op) && is_flat(e->b, op);
	switch (e->op) {
	case CS_E_EQ:
	case CS_E_NE:
	case CS_E_LT:
	case CS_E_LE:
	case CS_E_GT:
	case CS_E_GE:
		return is_flat(e->a, e->op) && is_flat(e->b, e->op);
	case CS_E_FIELD:
		return e->a == NULL || e->a->op == CS_E_SELF;
	case CS_E_NUMBER:
	case CS_E_TEXT:
		return true;
	default:
		return false;
	}
}

size_t
cs_kit_first_empty(struct cs_kit *k, size_t i, bool *sure)
{
	struct cs_kit_asked *a = &k->p->asked[i];
	const struct cs_expr *e;
	size_t col = cs_eval_empty(k->eval, i, k->p->rec, sure);

	if (*sure)
		return col;
	if (a->flat == CS_FLAT_UNTRIED) {
		e = cs_eval_expr(k->eval, i);
		a->flat = is_flat(e, e->op) ? CS_FLAT_YES : CS_FLAT_NO;
	}
	*sure = a->flat == CS_FLAT_YES;
	return col;
}

struct cs_str
cs_kit_empty(struct cs_kit *k, size_t i)
{
	struct cs_kit_private *p = k->p;
	struct cs_str name = {0};
	struct cs_err err;
	bool sure;
	size_t col = cs_kit_first_empty(k, i, &sure);

	if (!sure && p->blame == NULL)
		p->blame = blame_new(k);
	if (!sure && p->blame->eval != NULL) {
		if (p->blame->turn != p->turn &&
		    !cs_eval_run(p->blame->eval, p->rec, &err))
			return name;
		p->blame->turn = p->turn;
		name = cs_explain_empty(p->blame->explain[i], p->rec);
	}
	if (name.p == NULL && col != CS_NO_COLUMN)
		name = cs_header_name(&k->head, col);
	return name;
}
