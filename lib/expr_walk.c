#include <stdlib.h>
#include <string.h>

#include "expr_int.h"

/* --- paths ------------------------------------------------------------- */

struct paths {
	cs_expr_path *f;
	void *self;
};

/* Goes only where `.` is the record. */
static void walk(const struct paths *p, const struct cs_expr *e);

/* The steps of .a.b.c down to the record; 0 when it does not begin there. */
static size_t
steps(const struct cs_expr *e)
{
	size_t n = 0;

	for (; e != NULL; e = e->a, n++)
		if (e->op != CS_E_FIELD)
			return 0;
	return n;
}

static struct cs_str *
names_of(const struct cs_expr *e, size_t n)
{
	struct cs_str *names = cs_calloc(n, sizeof(*names));

	for (size_t i = n; i > 0; i--, e = e->a)
		names[i - 1] = e->text;
	return names;
}

static void
walk_field(const struct paths *p, const struct cs_expr *e)
{
	size_t n = steps(e);
	struct cs_str *names;

	if (n == 0) {
		walk(p, e->a);
		return;
	}
	names = names_of(e, n);
	p->f(p->self, e, names, n, false);
	free(names);
}

static void
walk_call(const struct paths *p, const struct cs_expr *e)
{
	const struct cs_func *f = cs_func_find(e->text, e->n);

	if (f == NULL || f->reads)
		p->f(p->self, e, NULL, 0, true);
	for (size_t i = 0; i < e->n; i++)
		if (f == NULL || strchr("CF", f->args[i]) == NULL)
			walk(p, e->list[i]);
}

static void
walk_object(const struct paths *p, const struct cs_expr *e)
{
	for (size_t i = 0; i < e->n; i += 2) {
		const struct cs_expr *key = e->list[i], *v = e->list[i + 1];

		if (v == NULL && key->op == CS_E_TEXT) {
			p->f(p->self, key, &key->text, 1, false);
			continue;
		}
		if (v == NULL && key->op == CS_E_INTERP)
			p->f(p->self, key, NULL, 0, true);
		walk(p, key);
		walk(p, v);
	}
}

static void
walk(const struct paths *p, const struct cs_expr *e)
{
	if (e == NULL)
		return;
	switch (e->op) {
	case CS_E_SELF:
	case CS_E_FORMAT:
		p->f(p->self, e, NULL, 0, true);
		return;
	case CS_E_FIELD:
		walk_field(p, e);
		return;
	case CS_E_CALL:
		walk_call(p, e);
		return;
	case CS_E_PIPE:
		/* Behind a pipe `.` is something else, but for `. | f`. */
		walk(p, e->a->op == CS_E_SELF ? e->b : e->a);
		return;
	case CS_E_AS:
		walk(p, e->a);
		walk(p, e->c);
		return;
	case CS_E_OBJECT:
		walk_object(p, e);
		return;
	default:
		walk(p, e->a);
		walk(p, e->b);
		walk(p, e->c);
		for (size_t i = 0; i < e->n; i++)
			walk(p, e->list[i]);
	}
}

void
cs_expr_paths(const struct cs_expr *e, cs_expr_path *f, void *self)
{
	struct paths p = {f, self};

	walk(&p, e);
}

bool
cs_expr_is_step_optional(const struct cs_expr *e)
{
	return e->op == CS_E_OPTIONAL && !e->a->in_brackets &&
	       (e->a->op == CS_E_FIELD || e->a->op == CS_E_INDEX ||
		   e->a->op == CS_E_SLICE || e->a->op == CS_E_EACH);
}

/* --- .max-pv ----------------------------------------------------------- */

/* The path under a chain of minus signs without blanks, NULL if e is none;
 * *name grows to what the column would be called. */
static const struct cs_expr *
dashed(const struct cs_expr *e, struct cs_buf *name)
{
	const struct cs_expr *base, *b = e->b;

	if (e->in_brackets)
		return NULL;
	if (e->op == CS_E_FIELD && steps(e) > 0) {
		cs_buf_str(name, e->text);
		return e;
	}
	if (e->op != CS_E_SUB || b->in_brackets || b->n > 0 ||
	    (b->op != CS_E_CALL && b->op != CS_E_NUMBER) ||
	    b->from != e->a->to + 1)
		return NULL;
	base = dashed(e->a, name);
	cs_buf_putc(name, '-');
	cs_buf_str(name, b->text);
	return base;
}

void
cs_expr_dashed(const struct cs_expr *e, cs_expr_path *f, void *self)
{
	const struct cs_expr *base;
	struct cs_buf name = {0};
	struct cs_str *names;
	size_t n;

	if (e == NULL)
		return;
	if (e->op == CS_E_SUB && (base = dashed(e, &name)) != NULL) {
		n = steps(base);
		names = names_of(base, n);
		names[n - 1] = cs_buf_get(&name);
		f(self, e, names, n, false);
		free(names);
	}
	cs_buf_free(&name);
	cs_expr_dashed(e->a, f, self);
	cs_expr_dashed(e->b, f, self);
	cs_expr_dashed(e->c, f, self);
	for (size_t i = 0; i < e->n; i++)
		cs_expr_dashed(e->list[i], f, self);
}

/* --- variables --------------------------------------------------------- */

/* Patterns around the place, the innermost first. */
struct scope {
	const struct cs_expr *pattern;
	const struct scope *outer;
};

struct vars {
	cs_expr_var *f;
	void *self;
};

static void walk_vars(
    const struct vars *v, const struct cs_expr *e, const struct scope *scope);

static bool
binds(const struct cs_expr *pattern, struct cs_str name)
{
	if (pattern == NULL)
		return false;
	if (pattern->op == CS_E_VAR)
		return cs_str_eq(pattern->text, name);
	if (pattern->op != CS_E_OBJECT)
		return binds(pattern->a, name) || binds(pattern->b, name);
	for (size_t i = 0; i < pattern->n; i += 2) {
		const struct cs_expr *key = pattern->list[i];

		if ((key->op == CS_E_VAR && !key->in_brackets &&
			cs_str_eq(key->text, name)) ||
		    binds(pattern->list[i + 1], name))
			return true;
	}
	return false;
}

static bool
is_bound(const struct scope *scope, struct cs_str name)
{
	for (; scope != NULL; scope = scope->outer)
		if (binds(scope->pattern, name))
			return true;
	return false;
}

/* What a pattern uses: keys in brackets, holes of texts. */
static void
walk_pattern(
    const struct vars *v, const struct cs_expr *e, const struct scope *scope)
{
	if (e == NULL || e->op == CS_E_VAR)
		return;
	walk_pattern(v, e->a, scope);
	walk_pattern(v, e->b, scope);
	for (size_t i = 0; i + 1 < e->n; i += 2) {
		if (e->list[i]->op != CS_E_VAR || e->list[i]->in_brackets)
			walk_vars(v, e->list[i], scope);
		walk_pattern(v, e->list[i + 1], scope);
	}
}

static void
walk_vars(
    const struct vars *v, const struct cs_expr *e, const struct scope *scope)
{
	struct scope inner;

	if (e == NULL)
		return;
	if (e->op == CS_E_VAR && !is_bound(scope, e->text))
		v->f(v->self, e);
	walk_vars(v, e->a, scope);
	if (e->op == CS_E_AS) {
		walk_pattern(v, e->b, scope);
		inner = (struct scope){e->b, scope};
		walk_vars(v, e->c, &inner);
		return;
	}
	walk_vars(v, e->b, scope);
	walk_vars(v, e->c, scope);
	for (size_t i = 0; i < e->n; i++)
		walk_vars(v, e->list[i], scope);
}

void
cs_expr_vars(const struct cs_expr *e, cs_expr_var *f, void *self)
{
	struct vars v = {f, self};

	walk_vars(&v, e, NULL);
}

enum cs_op
cs_op_mirrored(enum cs_op op)
{
	switch (op) {
	case CS_E_LT:
		return CS_E_GT;
	case CS_E_LE:
		return CS_E_GE;
	case CS_E_GT:
		return CS_E_LT;
	case CS_E_GE:
		return CS_E_LE;
	default:
		return op;
	}
}
