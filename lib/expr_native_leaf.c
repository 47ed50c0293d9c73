/* expr_native_leaf: what libjq says of a leaf, as if it had befallen here */
#include "expr_native_node.h"

/* The node of b that stands where at stands in a, an equal tree. By number: at
 * may be a copy that the printer made. NULL: it is not below a. */
static const struct cs_expr *
counterpart(
    const struct cs_expr *a, const struct cs_expr *b, const struct cs_expr *at)
{
	const struct cs_expr *x;
	size_t i;

	if (a == NULL || b == NULL)
		return NULL;
	if (a->id == at->id)
		return b;
	if ((x = counterpart(a->a, b->a, at)) != NULL ||
	    (x = counterpart(a->b, b->b, at)) != NULL ||
	    (x = counterpart(a->c, b->c, at)) != NULL)
		return x;
	for (i = 0; i < a->n && i < b->n; i++)
		if ((x = counterpart(a->list[i], b->list[i], at)) != NULL)
			return x;
	return NULL;
}

static void
look(struct cs_native *m, size_t let)
{
	m->look = cs_grow(m->look, m->nlooks, &m->looks_cap, sizeof(*m->look));
	m->look[m->nlooks++] = (struct look){m->owner, let};
}

static void
fault(struct cs_native *m, const struct node *n, const struct cs_native_leaf *a,
    const struct cs_native_fault *f)
{
	const struct cs_expr *at = f->at;

	if (at != NULL && a->expr != n->at)
		at = counterpart(a->expr, n->at, at);
	m->fault =
	    cs_grow(m->fault, m->nfaults, &m->faults_cap, sizeof(*m->fault));
	m->fault[m->nfaults++] =
	    (struct cs_native_fault){m->owner, at, f->text};
}

void
cs_nat_leaf(struct cs_native *m, const struct node *n, struct cs_val *out)
{
	const struct cs_native_leaves *v = m->conf.leaves;
	struct cs_native_leaf a;
	size_t i;

	v->ask(v->self, n->let, m->owner, &a);
	*out = a.v;
	if (a.is_not_mine)
		m->is_not_mine = true;
	if (n->at == NULL)
		return; /* under a postfix ? */
	for (i = 0; i < a.nlets; i++)
		look(m, a.let[i]);
	for (i = 0; i < a.nfaults; i++)
		fault(m, n, &a, &a.fault[i]);
}
