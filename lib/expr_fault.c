#include "expr_fault.h"

enum { LONGEST_FAULT = 300 };

/* s, or its first characters. */
static struct cs_str
cut(struct cs_str s)
{
	if (s.n > LONGEST_FAULT) {
		s.n = LONGEST_FAULT;
		while (s.n > 0 && ((unsigned char)s.p[s.n] & 0xc0) == 0x80)
			s.n--;
	}
	return s;
}

struct cs_str
cs_fault_keep(struct cs_arena *a, struct cs_str s)
{
	return cs_keep(a, cut(s));
}

/* A path or a variable: it can be written again in the advice. */
static bool
is_named(const struct cs_expr *e)
{
	for (; e != NULL && e->op != CS_E_SELF; e = e->a)
		if (e->op == CS_E_VAR)
			return true;
		else if (e->op != CS_E_FIELD)
			return false;
	return true;
}

void
cs_fault_not_yes_no(
    struct cs_buf *b, const struct cs_expr *at, const struct cs_val *v)
{
	struct cs_buf all = {0}, name = {0};
	struct cs_str value;

	cs_val_put_json(&all, *v);
	value = cut(cs_buf_get(&all));
	if (at->op == CS_E_SELF || !is_named(at)) {
		cs_buf_printf(b, "%.*s is not yes/no", CS_ARG(value));
	} else {
		cs_expr_print(&name, at);
		cs_buf_printf(b, "%.*s is %.*s, not yes/no",
		    CS_ARG(cs_buf_get(&name)), CS_ARG(value));
		if (v->kind == CS_NUM)
			cs_buf_printf(b, ": write %.*s %s",
			    CS_ARG(cs_buf_get(&name)),
			    v->num == 0 || v->num == 1 ? "== 1" : "> 0");
		else if (v->kind == CS_TEXT)
			cs_buf_printf(b, ": write %.*s == %.*s",
			    CS_ARG(cs_buf_get(&name)), CS_ARG(value));
	}
	cs_buf_free(&name);
	cs_buf_free(&all);
}
