#include <assert.h>
#include <stdlib.h>

#include "eval_int.h"
#include "re.h"

/* What the names in expressions mean: columns, variables, lists. */

/* --- names -------------------------------------------------------------- */

static size_t
find_arg(const struct cs_eval_conf *conf, struct cs_str name)
{
	size_t i;

	for (i = 0; i < conf->nargs; i++)
		if (cs_str_eq(conf->args[i].name, name))
			return i;
	return CS_JQ_NONE;
}

/* $today and its like are never a Let: check_names sees to it. */
size_t
cs_eval_find_let(const struct cs_eval_conf *conf, struct cs_str name)
{
	size_t i;

	for (i = 0; i < conf->nlets; i++)
		if (cs_str_eq(conf->lets[i].name, name))
			return i;
	return CS_JQ_NONE;
}

static bool
is_today(struct cs_str name)
{
	return cs_str_is(name, "today") || cs_str_is(name, "as_of");
}

static bool
is_clock(struct cs_str name)
{
	return is_today(name) || cs_str_is(name, "now");
}

/* Is this fault new? The same name in the same expression is told once. */
static bool
is_news(struct cs_ref *ev, const char *what, struct cs_str name)
{
	struct cs_buf b = {0};
	bool is_new;

	cs_buf_printf(&b, "%td %s ", ev->at - ev->owner, what);
	cs_buf_str(&b, name);
	cs_map_add(&ev->told, cs_buf_get(&b), &is_new);
	cs_buf_free(&b);
	return is_new;
}

/* "a.b.c" of the first n names, in the run's arena. */
static struct cs_str
dotted(struct cs_ref *ev, const struct cs_str *names, size_t n)
{
	struct cs_buf b = {0};
	struct cs_str s;
	size_t i;

	for (i = 0; i < n; i++) {
		if (i > 0)
			cs_buf_putc(&b, '.');
		cs_buf_str(&b, names[i]);
	}
	s = cs_keep(&ev->run, cs_buf_get(&b));
	cs_buf_free(&b);
	return s;
}

static struct cs_str
nearest_column(const struct cs_header *h, struct cs_str name)
{
	size_t n = cs_header_n(h), i;
	struct cs_str *v = cs_calloc(n, sizeof(*v)), s;

	for (i = 0; i < n; i++)
		v[i] = cs_header_name(h, i);
	s = cs_nearest(name, v, n);
	free(v);
	return s;
}

static void
unknown_column(struct cs_ref *ev, const struct cs_expr *at, struct cs_str name)
{
	struct cs_str near = nearest_column(ev->head, name);

	if (!is_news(ev, "column", name))
		return;
	if (near.p != NULL)
		cs_diag(ev->diags, CS_ERROR, "unknown-column", at->at,
		    "unknown column \"%.*s\" (did you mean \"%.*s\"?)",
		    CS_ARG(name), CS_ARG(near));
	else
		cs_diag(ev->diags, CS_ERROR, "unknown-column", at->at,
		    "unknown column \"%.*s\"", CS_ARG(name));
}

/* RULES, Values: `.a.b` on CSV reads column "a.b" if there is no column "a".
 * The longest name wins. */
static void
closed_column(struct cs_ref *ev, const struct cs_expr *at,
    const struct cs_str *names, size_t n, size_t *col, size_t *used,
    struct cs_str *key)
{
	struct cs_str whole = {0};
	size_t first = cs_header_find(ev->head, names[0]), k;

	*col = CS_NO_COLUMN;
	for (k = n; k > 1 && *col == CS_NO_COLUMN; k--) {
		whole = dotted(ev, names, k);
		*col = cs_header_find(ev->head, whole);
		*used = k;
	}
	if (*col == CS_NO_COLUMN) {
		*col = first;
		*used = 1;
	} else if (first != CS_NO_COLUMN && is_news(ev, "both", whole))
		cs_diag(ev->diags, CS_ERROR, "unknown-column", at->at,
		    "there is a column \"%.*s\" and a column \"%.*s\": "
		    "write .[\"%.*s\"]",
		    CS_ARG(names[0]), CS_ARG(whole), CS_ARG(whole));
	if (*col == CS_NO_COLUMN) {
		unknown_column(
		    ev, at, n == 1 ? names[0] : dotted(ev, names, n));
		*used = n;
		*key = names[0];
		return;
	}
	*key = cs_header_name(ev->head, *col);
}

void
cs_eval_on_column(void *self, const struct cs_expr *at,
    const struct cs_str *names, size_t n, size_t *col, size_t *used,
    struct cs_str *key)
{
	struct cs_ref *ev = self;

	*used = 1;
	*key = names[0];
	*col = CS_NO_COLUMN;
	if (ev->head == NULL)
		return;
	if (ev->head->is_open)
		*col = cs_header_add(ev->head, names[0]);
	else
		closed_column(ev, at, names, n, col, used, key);
	if (*col == CS_NO_COLUMN)
		return;
	cs_push_once(&ev->at->cols, *col);
	cs_push_once(&ev->cols, *col);
}

void
cs_eval_on_whole(void *self)
{
	struct cs_ref *ev = self;

	ev->at->is_whole = true;
	ev->is_whole = true;
}

static void
unknown_variable(struct cs_ref *ev, const struct cs_expr *at)
{
	const struct cs_eval_conf *conf = ev->conf;
	size_t n = 0, i;
	struct cs_str *v = cs_calloc(conf->nargs + conf->nlets + 3, sizeof(*v));
	struct cs_str near;

	for (i = 0; i < conf->nlets; i++)
		v[n++] = conf->lets[i].name;
	for (i = 0; i < conf->nargs; i++)
		v[n++] = conf->args[i].name;
	v[n++] = CS_S("today");
	v[n++] = CS_S("as_of");
	v[n++] = CS_S("now");
	near = cs_nearest(at->text, v, n);
	free(v);
	if (!is_news(ev, "variable", at->text))
		return;
	if (near.p != NULL)
		cs_diag(ev->diags, CS_ERROR, "syntax", at->at,
		    "unknown variable $%.*s (did you mean $%.*s?)",
		    CS_ARG(at->text), CS_ARG(near));
	else
		cs_diag(ev->diags, CS_ERROR, "syntax", at->at,
		    "unknown variable $%.*s: write a Let: stanza, or give it "
		    "with --arg=%.*s=TEXT",
		    CS_ARG(at->text), CS_ARG(at->text));
}

enum cs_jq_var_kind
cs_eval_on_var(void *self, const struct cs_expr *at, size_t *n)
{
	struct cs_ref *ev = self;
	const struct cs_as_of *as_of = ev->conf->as_of;

	if (is_clock(at->text)) {
		if (as_of == NULL ||
		    (!is_today(at->text) && !as_of->has_time)) {
			if (is_news(ev, "variable", at->text))
				cs_diag(ev->diags, CS_ERROR, "syntax", at->at,
				    is_today(at->text)
					? "$%.*s needs --as-of"
					: "$%.*s needs --as-of with a time",
				    CS_ARG(at->text));
			return CS_JQ_VAR_BAD;
		}
		return is_today(at->text) ? CS_JQ_VAR_TODAY : CS_JQ_VAR_NOW;
	}
	if ((*n = cs_eval_find_let(ev->conf, at->text)) != CS_JQ_NONE) {
		cs_push_once(&ev->at->lets, *n);
		return CS_JQ_VAR_LET;
	}
	if ((*n = find_arg(ev->conf, at->text)) != CS_JQ_NONE)
		return CS_JQ_VAR_ARG;
	unknown_variable(ev, at);
	return CS_JQ_VAR_BAD;
}

size_t
cs_eval_on_list(void *self, const struct cs_expr *at, struct cs_str name)
{
	struct cs_ref *ev = self;
	const struct cs_eval_conf *conf = ev->conf;
	struct cs_str *v, near;
	size_t i;

	/* The parser's checks let only a text stand here. */
	assert(name.p != NULL);
	for (i = 0; i < conf->nlists; i++)
		if (cs_str_eq(conf->lists[i].name, name))
			return i;
	v = cs_calloc(conf->nlists, sizeof(*v));
	for (i = 0; i < conf->nlists; i++)
		v[i] = conf->lists[i].name;
	near = cs_nearest(name, v, conf->nlists);
	free(v);
	if (!is_news(ev, "list", name))
		return 0;
	if (near.p != NULL)
		cs_diag(ev->diags, CS_ERROR, "syntax", at->at,
		    "unknown list \"%.*s\" (did you mean \"%.*s\"?)",
		    CS_ARG(name), CS_ARG(near));
	else
		cs_diag(ev->diags, CS_ERROR, "syntax", at->at,
		    "unknown list \"%.*s\": give it with --list=%.*s=FILE",
		    CS_ARG(name), CS_ARG(name));
	return 0;
}

void
cs_eval_on_pattern(void *self, const struct cs_expr *at, struct cs_str pattern,
    struct cs_str flags)
{
	struct cs_ref *ev = self;
	struct cs_err err;

	if (!cs_re_check(pattern, flags, &err) &&
	    is_news(ev, "pattern", pattern))
		cs_diag(ev->diags, CS_ERROR, "syntax", at->at, "%s", err.text);
}

void
cs_eval_on_dashed(void *self, const struct cs_expr *at,
    const struct cs_str *names, size_t n, bool whole)
{
	struct cs_ref *ev = self;
	struct cs_str name = dotted(ev, names, n);

	(void)whole;
	if (cs_header_find(ev->head, name) == CS_NO_COLUMN ||
	    !is_news(ev, "dash", name))
		return;
	cs_diag(ev->diags, CS_ERROR, "unknown-column", at->at,
	    ".%.*s is a subtraction: write .[\"%.*s\"]", CS_ARG(name),
	    CS_ARG(name));
}

/* --- Lets --------------------------------------------------------------- */

enum state { UNSEEN, OPEN, DONE };

/* The Lets that one expression uses, while it is walked. */
struct uses {
	struct cs_ref *ev;
	struct cs_numbers let;
};

static void
on_let_used(void *self, const struct cs_expr *at)
{
	struct uses *u = self;
	struct cs_ref *ev = u->ev;
	size_t k;

	if (is_clock(at->text))
		return;
	k = cs_eval_find_let(ev->conf, at->text);
	if (k == CS_JQ_NONE)
		return;
	if (ev->let_state[k] == OPEN)
		cs_diag(ev->diags, CS_ERROR, "syntax", at->at,
		    "the Let \"%.*s\" needs itself",
		    CS_ARG(ev->conf->lets[k].name));
	else
		cs_push_once(&u->let, k);
}

static unsigned visit_let(struct cs_ref *ev, size_t k);

/* Visits the Lets that e uses, and returns how deep e is with them put in. Not
 * during the walk: both may be deep. */
static unsigned
visit_used(struct cs_ref *ev, const struct cs_expr *e)
{
	struct uses u = {.ev = ev};
	unsigned deepest = 0, h;
	size_t i;

	cs_expr_vars(e, on_let_used, &u);
	for (i = 0; i < u.let.n; i++) {
		h = visit_let(ev, u.let.v[i]);
		deepest = h > deepest ? h : deepest;
	}
	free(u.let.v);
	/* Told once, where it is passed. */
	if (deepest <= CS_MAX_LET_CHAIN &&
	    deepest + e->height > CS_MAX_LET_CHAIN)
		cs_diag(ev->diags, CS_ERROR, "syntax", e->at,
		    "with the Lets it uses this is a chain of %u operands, "
		    "more than %d: let fewer of them build on each other",
		    deepest + e->height, CS_MAX_LET_CHAIN);
	return deepest + e->height;
}

/* Depth first: what a Let needs comes before it. */
static unsigned
visit_let(struct cs_ref *ev, size_t k)
{
	const struct cs_expr *e = ev->conf->lets[k].expr;

	if (ev->let_state[k] != UNSEEN)
		return ev->let_height[k];
	ev->let_state[k] = OPEN;
	if (e != NULL)
		ev->let_height[k] = visit_used(ev, e);
	ev->let_state[k] = DONE;
	cs_push(&ev->order, k);
	return ev->let_height[k];
}

void
cs_eval_check_names(struct cs_ref *ev)
{
	const struct cs_eval_conf *conf = ev->conf;
	size_t i, k;

	for (i = 0; i < conf->nlets; i++) {
		const struct cs_let *let = &conf->lets[i];

		if (is_clock(let->name))
			cs_diag(ev->diags, CS_ERROR, "syntax", let->at,
			    "$%.*s is the kit's own name: choose another",
			    CS_ARG(let->name));
		k = find_arg(conf, let->name);
		if (k != CS_JQ_NONE)
			cs_diag(ev->diags, CS_ERROR, "syntax", let->at,
			    "$%.*s is a Let and an --arg: choose another name",
			    CS_ARG(let->name));
	}
	for (i = 0; i < conf->nargs; i++)
		if (is_clock(conf->args[i].name))
			cs_diag(ev->diags, CS_ERROR, "syntax",
			    (struct cs_place){"--arg", 0, 0},
			    "$%.*s is the kit's own name: choose another",
			    CS_ARG(conf->args[i].name));
}

void
cs_eval_order_lets(struct cs_ref *ev)
{
	size_t i, used;

	ev->let_state = cs_calloc(ev->conf->nlets, 1);
	ev->let_height = cs_calloc(ev->conf->nlets, sizeof(*ev->let_height));
	for (i = 0; i < ev->n; i++)
		if (ev->owner[i].expr != NULL)
			visit_used(ev, ev->owner[i].expr);
	/* Circles are found among the unused ones too, but those do not get
	 * into the program. */
	used = ev->order.n;
	if (used > CS_MAX_LETS)
		cs_diag(ev->diags, CS_ERROR, "syntax",
		    ev->conf->lets[ev->order.v[CS_MAX_LETS]].at,
		    "%zu Let: stanzas are in use, at most %zu may be", used,
		    CS_MAX_LETS);
	for (i = 0; i < ev->conf->nlets; i++)
		visit_let(ev, i);
	ev->order.n = used;
}
