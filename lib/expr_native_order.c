/* expr_native_order: cheap operands of and, or before dear ones
 *
 * The answer of and, or does not depend on the order, but the faults do: who is
 * not asked tells none. So only neighbours that can tell none change places:
 * tests of columns whose type is fixed (a cell is of that type or unknown), of
 * what is there, and whatever stands under a postfix ?. An operand that may
 * fail stays where it is, and nothing passes it. What that leaves: a leaf, or a
 * comparison of a column without a type, is asked in its turn, though a cheap
 * test behind it would decide; who writes the rule puts the cheap test first.
 */
#include "expr_native_node.h"

static enum cs_type
type_of(const struct cs_native *m, const struct node *n)
{
	const struct cs_header *h = m->conf.head;

	if (h == NULL || n->col >= cs_header_n(h))
		return CS_TYPE_ANY;
	return h->type[n->col];
}

static bool
is_text_column(const struct cs_native *m, const struct node *n)
{
	enum cs_type t = type_of(m, n);

	return t == CS_TYPE_TEXT || t == CS_TYPE_DATE || t == CS_TYPE_TIME;
}

static bool
has_text(const struct node *n)
{
	return n->a != NULL && n->a->op == N_CONST && n->a->k.kind == CS_TEXT;
}

/* Does b of any value of column a tell nothing? */
static bool
is_safe_word(
    const struct cs_native *m, const struct node *a, const struct node *b)
{
	if (a->op != N_COL)
		return false;
	switch (b->op) {
	case N_TYPE:
		return true;
	case N_IN_TEXTS:
		return is_text_column(m, a);
	case N_IN_NUMBERS:
		return type_of(m, a) == CS_TYPE_NUMBER;
	case N_STARTS:
	case N_CONTAINS:
		return is_text_column(m, a) && has_text(b);
	default:
		return false;
	}
}

static bool
is_silent(const struct cs_native *m, const struct node *n)
{
	size_t i;

	if (n->at == NULL)
		return true; /* a constant, or under a postfix ? */
	switch (n->op) {
	case N_COL:
	case N_HAS_REC:
		return true;
	case N_NUM_LT:
	case N_NUM_LE:
	case N_NUM_GT:
	case N_NUM_GE:
	case N_NUM_EQ:
	case N_NUM_NE:
		return type_of(m, n) == CS_TYPE_NUMBER;
	case N_TEXT_EQ:
	case N_TEXT_NE:
		return is_text_column(m, n);
	case N_TRUTH:
		return n->a->op == N_COL && type_of(m, n->a) == CS_TYPE_BOOLEAN;
	case N_NOT:
	case N_IS_NULL:
	case N_IS_GIVEN:
		return is_silent(m, n->a);
	case N_PIPE:
		return is_safe_word(m, n->a, n->b);
	case N_AND:
	case N_OR:
		for (i = 0; i < n->n; i++)
			if (!is_silent(m, n->list[i]))
				return false;
		return true;
	default:
		return false;
	}
}

/* What asking may take, in tests of a column. */
static size_t
cost(const struct node *n)
{
	size_t sum, i;

	switch (n->op) {
	case N_CONST:
		return 0;
	case N_LEAF:
		return 1000;
	case N_ANY:
	case N_ALL:
	case N_TEST:
	case N_EACH:
		sum = 20;
		break;
	case N_PIPE:
		sum = 3;
		break;
	default:
		sum = 1;
		break;
	}
	sum += n->a ? cost(n->a) : 0;
	sum += n->b ? cost(n->b) : 0;
	for (i = 0; i < n->n; i++)
		sum += cost(n->list[i]);
	return sum;
}

void
cs_nat_order(const struct cs_native *m, struct node **v, size_t n)
{
	struct node *x;
	size_t i, k, dear;

	for (i = 1; i < n; i++) {
		x = v[i];
		if (!is_silent(m, x))
			continue;
		dear = cost(x);
		for (k = i;
		     k > 0 && is_silent(m, v[k - 1]) && cost(v[k - 1]) > dear;
		     k--)
			v[k] = v[k - 1];
		v[k] = x;
	}
}
