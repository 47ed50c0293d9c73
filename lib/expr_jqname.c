
#include "expr_jqprint_int.h"

/* Paths to columns, and variables. */

/* --- paths -------------------------------------------------------------- */

bool
cs_jqp_is_self(const struct cs_expr *e)
{
	return e == NULL || e->op == CS_E_SELF;
}

/* Constant names of a path that begins at `.`: how many, 0 for another
 * expression. */
static size_t
path_length(const struct cs_expr *e)
{
	size_t n = 0;

	for (; !cs_jqp_is_self(e); e = e->a, n++)
		if (e->op != CS_E_FIELD)
			return 0;
	return n;
}

/* Asks for the column that path e names; key and used as cs_jq_names. */
static size_t
column(struct cs_jq_print *p, const struct cs_expr *e, size_t *used,
    struct cs_str *key)
{
	size_t n = path_length(e), i = n, col;
	const struct cs_expr *x;
	struct cs_str *names = cs_arena_array(p->arena, n, sizeof(*names));

	for (x = e; !cs_jqp_is_self(x); x = x->a)
		names[--i] = x->text;
	p->names->column(p->names->self, e, names, n, &col, used, key);
	return col;
}

/* The column whose value e is and nothing else, or CS_JQ_NONE. */
size_t
cs_jqp_column_of(
    struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *e)
{
	struct cs_str key;
	size_t used, col;

	if (cs_jqp_is_self(e))
		return c.col;
	if (!c.is_rec || path_length(e) == 0)
		return CS_JQ_NONE;
	col = column(p, e, &used, &key);
	return used == path_length(e) ? col : CS_JQ_NONE;
}

void
cs_jqp_self(struct cs_jq_print *p, struct cs_jqp_ctx c)
{
	if (c.is_rec)
		p->names->whole(p->names->self);
	cs_jqp_puts(p, ".");
}

void
cs_jqp_field(
    struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *e)
{
	size_t n = path_length(e), used;
	struct cs_str key;

	if (c.is_rec && n > 0) {
		column(p, e, &used, &key);
		if (used == n) {
			cs_jqp_puts(p, ".[");
			cs_jqp_text(p, key);
			cs_jqp_puts(p, "]");
			return;
		}
	}
	cs_jqp_puts(p, "(");
	if (cs_jqp_is_self(e->a))
		cs_jqp_self(p, c);
	else
		cs_jqp_put(p, c, e->a);
	cs_jqp_puts(p, "|");
	cs_jqp_call(p, c, "_field", e);
	cs_jqp_puts(p, ";");
	cs_jqp_text(p, e->text);
	cs_jqp_puts(p, "))");
}

void
cs_jqp_base(struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *e)
{
	cs_jqp_puts(p, "(");
	if (e->a == NULL)
		cs_jqp_self(p, c);
	else
		cs_jqp_put(p, c, e->a);
	cs_jqp_puts(p, "|");
}

/* a[b], a[b:c]: b and c see the . of the whole, so they are bound first. */
void
cs_jqp_index(
    struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *e)
{
	size_t n = p->bound;

	p->bound += 2;
	cs_jqp_puts(p, "(");
	if (e->b != NULL) {
		cs_jqp_one(p, c, e->b);
		cs_buf_printf(p->out, " as $u_%zu|", n);
	}
	if (e->c != NULL) {
		cs_jqp_one(p, c, e->c);
		cs_buf_printf(p->out, " as $u_%zu|", n + 1);
	}
	cs_jqp_base(p, c, e);
	cs_jqp_call(p, c, e->op == CS_E_SLICE ? "_slice" : "_at", e);
	if (e->b != NULL)
		cs_buf_printf(p->out, ";$u_%zu", n);
	else
		cs_jqp_puts(p, ";null");
	if (e->c != NULL)
		cs_buf_printf(p->out, ";$u_%zu", n + 1);
	else if (e->op == CS_E_SLICE)
		cs_jqp_puts(p, ";null");
	cs_jqp_puts(p, ")))");
}

/* --- variables ---------------------------------------------------------- */

void
cs_jqp_var(struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *e)
{
	const struct cs_jqp_bound *b;
	size_t n = 0;

	for (b = c.bound; b != NULL; b = b->next)
		if (cs_str_eq(b->name, e->text)) {
			cs_buf_printf(p->out, "$u_%zu", b->n);
			return;
		}
	switch (p->names->var(p->names->self, e, &n)) {
	case CS_JQ_VAR_TODAY:
		cs_jqp_puts(p, "$today");
		break;
	case CS_JQ_VAR_NOW:
		cs_jqp_puts(p, "$now");
		break;
	case CS_JQ_VAR_ARG:
		cs_buf_printf(p->out, "$a_%zu", n);
		break;
	case CS_JQ_VAR_LET:
		if (c.is_quiet) {
			cs_buf_printf(p->out, "$l_%zu", n);
			break;
		}
		/* Tells the host that the Let's faults are this rule's. */
		cs_jqp_puts(p, "([");
		cs_jqp_site(p, c, e);
		p->sites->v[p->sites->n - 1].let = n;
		cs_buf_printf(p->out, "]|debug|$l_%zu)", n);
		break;
	case CS_JQ_VAR_BAD:
		cs_jqp_puts(p, "null");
		break;
	}
}

/* The names that a pattern binds, for the body. */
static const struct cs_jqp_bound *
bind(struct cs_jq_print *p, const struct cs_expr *pat,
    const struct cs_jqp_bound *b)
{
	struct cs_jqp_bound *x;
	size_t i;

	if (pat == NULL)
		return b;
	switch (pat->op) {
	case CS_E_VAR:
		x = cs_arena_alloc(p->arena, sizeof(*x));
		*x = (struct cs_jqp_bound){pat->text, p->bound++, b};
		return x;
	case CS_E_ARRAY:
		return bind(p, pat->a, b);
	case CS_E_COMMA:
		return bind(p, pat->b, bind(p, pat->a, b));
	case CS_E_OBJECT:
		for (i = 0; i + 1 < pat->n; i += 2) {
			if (pat->list[i]->op == CS_E_VAR)
				b = bind(p, pat->list[i], b);
			b = bind(p, pat->list[i + 1], b);
		}
		return b;
	default:
		return b;
	}
}

/* c.bound holds the pattern's own names; keys see only the ones outside. */
static void
put_pattern(struct cs_jq_print *p, struct cs_jqp_ctx c,
    struct cs_jqp_ctx outside, const struct cs_expr *pat)
{
	size_t i;

	switch (pat->op) {
	case CS_E_VAR:
		cs_jqp_var(p, c, pat);
		break;
	case CS_E_ARRAY:
		cs_jqp_puts(p, "[");
		put_pattern(p, c, outside, pat->a);
		cs_jqp_puts(p, "]");
		break;
	case CS_E_COMMA:
		put_pattern(p, c, outside, pat->a);
		cs_jqp_puts(p, ",");
		put_pattern(p, c, outside, pat->b);
		break;
	case CS_E_OBJECT:
		cs_jqp_puts(p, "{");
		for (i = 0; i + 1 < pat->n; i += 2) {
			const struct cs_expr *k = pat->list[i];

			if (i > 0)
				cs_jqp_puts(p, ",");
			if (k->op == CS_E_VAR) {
				/* {$name}: the key is the name. */
				cs_jqp_text(p, k->text);
				cs_jqp_puts(p, ":");
				cs_jqp_var(p, c, k);
				if (pat->list[i + 1] != NULL) {
					cs_jqp_puts(p, ",");
					cs_jqp_text(p, k->text);
				}
			} else if (k->op == CS_E_TEXT)
				cs_jqp_text(p, k->text);
			else {
				cs_jqp_puts(p, "(");
				cs_jqp_one(p, outside, k);
				cs_jqp_puts(p, ")");
			}
			if (pat->list[i + 1] != NULL) {
				cs_jqp_puts(p, ":");
				put_pattern(p, c, outside, pat->list[i + 1]);
			}
		}
		cs_jqp_puts(p, "}");
		break;
	default:
		break;
	}
}

void
cs_jqp_as(struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *e)
{
	struct cs_jqp_ctx in = c;
	bool is_simple = e->b->op == CS_E_VAR;

	in.bound = bind(p, e->b, c.bound);
	cs_jqp_puts(p, "(");
	if (!is_simple && !c.is_plain) {
		/* Taking a text apart as a list fails. */
		cs_jqp_call(p, c, cs_jq_is_one(e) ? "_plain" : "_stream", e);
		cs_jqp_puts(p, ";");
	}
	cs_jqp_put(p, c, e->a);
	cs_jqp_puts(p, " as ");
	put_pattern(p, in, c, e->b);
	cs_jqp_puts(p, "|");
	cs_jqp_put(p, in, e->c);
	cs_jqp_puts(p, is_simple || c.is_plain ? ")" : "))");
}
