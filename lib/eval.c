#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval.h"
#include "expr_jq.h"
#include "expr_jqprint.h"
#include "num.h"
#include "prelude.h"
#include "re.h"
#include "text.h"

/* A growing list of numbers. */
struct numbers {
	size_t *v;
	size_t n, cap;
};

/* An expression of the table, or a Let. */
struct owner {
	const struct cs_expr *expr;
	enum cs_role role;
	const char *label;
	struct numbers cols; /* columns it names, in order */
	struct numbers lets; /* Lets it uses, in order */
	bool is_whole;	     /* it uses the record itself */
};

/* What befell in the record last run. */
struct fault {
	size_t owner;
	struct cs_eval_fault f;
};
struct look {
	size_t owner, let;
};

enum state { UNSEEN, OPEN, DONE };

struct cs_eval {
	const struct cs_eval_conf *conf;
	struct owner *owner;  /* expressions, after compile the Lets behind */
	size_t n, cap;	      /* expressions */
	struct numbers order; /* used Lets, each behind what it needs */
	unsigned char *let_state;
	/* binding */
	struct cs_header *head;
	struct cs_diags *diags;
	struct owner *at;    /* being printed */
	struct cs_map told;  /* what was reported */
	struct cs_arena run; /* as long as the evaluator */
	struct numbers cols; /* columns of the object */
	struct numbers keys; /* their names inside cs_jq */
	bool is_whole;
	/* program */
	struct cs_jq *jq;
	struct cs_jq_host host;
	struct cs_jq_sites sites;
	struct cs_buf program;
	/* record */
	struct cs_rec *rec;
	struct cs_arena one; /* until the next run */
	struct cs_val *result;
	struct fault *fault;
	size_t nfaults, faults_cap;
	struct look *look;
	size_t nlooks, looks_cap;
	struct cs_buf answer; /* a host call's text */
	struct cs_arena work; /* a host call's */
};

static bool
has(const struct numbers *v, size_t x)
{
	size_t i;

	for (i = 0; i < v->n; i++)
		if (v->v[i] == x)
			return true;
	return false;
}

static void
push(struct numbers *v, size_t x)
{
	v->v = cs_grow(v->v, v->n, &v->cap, sizeof(*v->v));
	v->v[v->n++] = x;
}

static void
push_once(struct numbers *v, size_t x)
{
	if (!has(v, x))
		push(v, x);
}

struct cs_eval *
cs_eval_new(const struct cs_eval_conf *conf)
{
	struct cs_eval *ev = cs_calloc(1, sizeof(*ev));

	ev->conf = conf;
	return ev;
}

size_t
cs_eval_add(struct cs_eval *ev, const struct cs_expr *e, enum cs_role role,
    const char *label)
{
	ev->owner = cs_grow(ev->owner, ev->n, &ev->cap, sizeof(*ev->owner));
	ev->owner[ev->n] =
	    (struct owner){.expr = e, .role = role, .label = label};
	return ev->n++;
}

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

static size_t
find_let(const struct cs_eval_conf *conf, struct cs_str name)
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
is_news(struct cs_eval *ev, const char *what, struct cs_str name)
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
dotted(struct cs_eval *ev, const struct cs_str *names, size_t n)
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
unknown_column(struct cs_eval *ev, const struct cs_expr *at, struct cs_str name)
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
closed_column(struct cs_eval *ev, const struct cs_expr *at,
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

static void
on_column(void *self, const struct cs_expr *at, const struct cs_str *names,
    size_t n, size_t *col, size_t *used, struct cs_str *key)
{
	struct cs_eval *ev = self;

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
	push_once(&ev->at->cols, *col);
	push_once(&ev->cols, *col);
}

static void
on_whole(void *self)
{
	struct cs_eval *ev = self;

	ev->at->is_whole = true;
	ev->is_whole = true;
}

static void
unknown_variable(struct cs_eval *ev, const struct cs_expr *at)
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

static enum cs_jq_var_kind
on_var(void *self, const struct cs_expr *at, size_t *n)
{
	struct cs_eval *ev = self;
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
	if ((*n = find_let(ev->conf, at->text)) != CS_JQ_NONE) {
		push_once(&ev->at->lets, *n);
		return CS_JQ_VAR_LET;
	}
	if ((*n = find_arg(ev->conf, at->text)) != CS_JQ_NONE)
		return CS_JQ_VAR_ARG;
	unknown_variable(ev, at);
	return CS_JQ_VAR_BAD;
}

static size_t
on_list(void *self, const struct cs_expr *at, struct cs_str name)
{
	struct cs_eval *ev = self;
	const struct cs_eval_conf *conf = ev->conf;
	struct cs_str *v, near;
	size_t i;

	for (i = 0; name.p != NULL && i < conf->nlists; i++)
		if (cs_str_eq(conf->lists[i].name, name))
			return i;
	v = cs_calloc(conf->nlists, sizeof(*v));
	for (i = 0; i < conf->nlists; i++)
		v[i] = conf->lists[i].name;
	near = cs_nearest(name, v, conf->nlists);
	free(v);
	if (!is_news(ev, "list", name))
		return 0;
	if (name.p == NULL)
		cs_diag(ev->diags, CS_ERROR, "syntax", at->at,
		    "in_list takes the name of a list: in_list(\"won\")");
	else if (near.p != NULL)
		cs_diag(ev->diags, CS_ERROR, "syntax", at->at,
		    "unknown list \"%.*s\" (did you mean \"%.*s\"?)",
		    CS_ARG(name), CS_ARG(near));
	else
		cs_diag(ev->diags, CS_ERROR, "syntax", at->at,
		    "unknown list \"%.*s\": give it with --list=%.*s=FILE",
		    CS_ARG(name), CS_ARG(name));
	return 0;
}

static void
on_pattern(void *self, const struct cs_expr *at, struct cs_str pattern,
    struct cs_str flags)
{
	struct cs_eval *ev = self;
	struct cs_err err;

	if (!cs_re_check(pattern, flags, &err) &&
	    is_news(ev, "pattern", pattern))
		cs_diag(ev->diags, CS_ERROR, "syntax", at->at, "%s", err.text);
}

/* A path behind which a minus and a name stand: perhaps a column's name. */
static void
on_dashed(void *self, const struct cs_expr *at, const struct cs_str *names,
    size_t n, bool whole)
{
	struct cs_eval *ev = self;
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

struct visit {
	struct cs_eval *ev;
	size_t let; /* whose expression is walked, or CS_JQ_NONE */
};

static void visit_let(struct cs_eval *ev, size_t k, bool used);

static void
on_let_used(void *self, const struct cs_expr *at)
{
	const struct visit *v = self;
	struct cs_eval *ev = v->ev;
	size_t k;

	if (is_clock(at->text))
		return;
	k = find_let(ev->conf, at->text);
	if (k == CS_JQ_NONE)
		return;
	if (ev->let_state[k] == OPEN) {
		const struct cs_let *let = &ev->conf->lets[k];

		cs_diag(ev->diags, CS_ERROR, "syntax", at->at,
		    "the Let \"%.*s\" needs itself", CS_ARG(let->name));
		return;
	}
	visit_let(ev, k, true);
}

/* Depth first: what a Let needs comes before it. */
static void
visit_let(struct cs_eval *ev, size_t k, bool used)
{
	struct visit v = {ev, k};

	if (ev->let_state[k] != UNSEEN)
		return;
	ev->let_state[k] = OPEN;
	cs_expr_vars(ev->conf->lets[k].expr, on_let_used, &v);
	ev->let_state[k] = DONE;
	if (used)
		push(&ev->order, k);
}

static void
check_names(struct cs_eval *ev)
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

/* Orders the Lets that the expressions use; circles are faults in any Let. */
static void
order_lets(struct cs_eval *ev)
{
	struct visit v = {ev, CS_JQ_NONE};
	size_t i;

	ev->let_state = cs_calloc(ev->conf->nlets, 1);
	for (i = 0; i < ev->n; i++)
		cs_expr_vars(ev->owner[i].expr, on_let_used, &v);
	/* on_let_used finds circles among the unused ones too, but they are
	 * not put into the program. */
	i = ev->order.n;
	for (size_t k = 0; k < ev->conf->nlets; k++)
		visit_let(ev, k, false);
	ev->order.n = i;
}

/* --- program ------------------------------------------------------------ */

/* Bytes of printed expressions that go into one function of the program:
 * libjq limits the length of one (65535 words) and takes time that grows with
 * its square. */
enum { CHUNK = 8 << 10 };

static void
print_lets(struct cs_eval *ev, struct cs_jq_print *p)
{
	size_t i, k;

	for (i = 0; i < ev->order.n; i++) {
		k = ev->order.v[i];
		p->owner = ev->n + k;
		ev->at = &ev->owner[p->owner];
		cs_jq_print(p, ev->at->expr, CS_VALUE);
		cs_buf_printf(p->out, " as $l_%zu|\n", k);
	}
}

/* One output an expression, in order, in functions of bounded size. */
static void
print_expressions(struct cs_eval *ev, struct cs_jq_print *p)
{
	size_t i, begin = 0, chunks = 0;

	for (i = 0; i < ev->n; i++) {
		if (i == 0 || p->out->n - begin > CHUNK) {
			cs_buf_printf(p->out, "%sdef _g%zu:\n",
			    i == 0 ? "" : ";\n", chunks++);
			begin = p->out->n;
		} else
			cs_buf_puts(p->out, ",\n");
		p->owner = i;
		ev->at = &ev->owner[i];
		cs_jq_print(p, ev->at->expr, ev->at->role);
	}
	for (i = 0; i < chunks; i++)
		cs_buf_printf(p->out, "%s_g%zu", i == 0 ? ";\n" : ",", i);
	if (chunks == 0)
		cs_buf_puts(p->out, "empty");
}

static void
print_program(struct cs_eval *ev)
{
	struct cs_jq_names names = {
	    ev, on_column, on_whole, on_var, on_list, on_pattern};
	struct cs_jq_print p = {.out = &ev->program,
	    .sites = &ev->sites,
	    .names = &names,
	    .arena = &ev->run,
	    .has_short = !ev->conf->no_short};
	size_t i;

	print_lets(ev, &p);
	print_expressions(ev, &p);
	if (ev->head == NULL || ev->head->is_open)
		return;
	for (i = 0; i < ev->n + ev->conf->nlets; i++) {
		ev->at = &ev->owner[i];
		if (i < ev->n || has(&ev->order, i - ev->n))
			cs_expr_dashed(ev->at->expr, on_dashed, ev);
	}
}

static struct cs_val host_call(void *self, const struct cs_val *v, size_t n);
static void host_note(void *self, const struct cs_val *v, size_t n);

/* --- the prelude, as much of it as is used ------------------------------ */

enum { MAX_DEFS = 128 };

/* One line of the prelude: def _name... */
struct def {
	struct cs_str line, name;
	bool is_used;
};

static size_t
split_prelude(struct def *v)
{
	struct cs_str rest = cs_str(CS_PRELUDE), line;
	size_t n = 0;

	while (n < MAX_DEFS && cs_str_next(&rest, '\n', &line)) {
		const char *name = line.p + sizeof("def ") - 1;

		if (line.n == 0)
			continue;
		v[n].line = (struct cs_str){line.p, line.n + 1};
		v[n].name = (struct cs_str){name, strcspn(name, "(:")};
		v[n++].is_used = false;
	}
	return n;
}

static bool
is_word(char c)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Marks the definitions that text names, and what they name. A word inside a
 * literal marks one too many at worst. */
static void
mark(struct def *v, size_t n, struct cs_str text)
{
	struct cs_str word;
	size_t i = 0, k;

	while (i < text.n) {
		size_t begin = i;

		while (i < text.n && is_word(text.p[i]))
			i++;
		word = (struct cs_str){text.p + begin, i - begin};
		if (word.n == 0)
			i++;
		else if (word.p[0] == '_')
			for (k = 0; k < n; k++)
				if (!v[k].is_used &&
				    cs_str_eq(v[k].name, word)) {
					v[k].is_used = true;
					mark(v, n, v[k].line);
				}
	}
}

/* libjq binds every definition over all that stands behind it: unused ones cost
 * half the time of a small table's compile. */
static void
put_prelude(struct cs_buf *b, struct cs_str program)
{
	struct def v[MAX_DEFS];
	size_t n = split_prelude(v), i;

	mark(v, n, program);
	for (i = 0; i < n; i++)
		if (v[i].is_used)
			cs_buf_str(b, v[i].line);
}

/* --- compile ------------------------------------------------------------ */

/* Programs see $today, $now, and $a_0 .. of --arg. */
static struct cs_jq *
compile(const struct cs_eval_conf *conf, const char *text,
    const struct cs_jq_host *host, struct cs_arena *arena, struct cs_err *err)
{
	struct cs_jq_arg *v = cs_calloc(conf->nargs + 2, sizeof(*v));
	struct cs_jq *jq;
	size_t n = 0, i;

	v[n++] = (struct cs_jq_arg){
	    "today", conf->as_of ? cs_val_text(cs_str(conf->as_of->date))
				 : cs_val_null()};
	v[n++] = (struct cs_jq_arg){
	    "now", conf->as_of && conf->as_of->has_time
		       ? cs_val_text(cs_str(conf->as_of->now))
		       : cs_val_null()};
	for (i = 0; i < conf->nargs; i++)
		v[n++] = (struct cs_jq_arg){cs_arena_printf(arena, "a_%zu", i),
		    cs_val_text(conf->args[i].value)};
	cs_re_limits();
	jq = cs_jq_compile(text, v, n, host, err);
	free(v);
	if (jq != NULL &&
	    !cs_jq_guard(jq, conf->cpu_seconds ? conf->cpu_seconds : 10, err)) {
		cs_jq_free(jq);
		return NULL;
	}
	return jq;
}

static void
bind_keys(struct cs_eval *ev)
{
	size_t i, n = ev->is_whole && ev->head ? cs_header_n(ev->head) : 0;

	for (i = 0; i < n; i++)
		push_once(&ev->cols, i);
	for (i = ev->keys.n; i < ev->cols.n; i++)
		push(&ev->keys,
		    cs_jq_key(ev->jq, cs_header_name(ev->head, ev->cols.v[i])));
}

bool
cs_eval_compile(struct cs_eval *ev, struct cs_header *head,
    struct cs_diags *diags, struct cs_err *err)
{
	struct cs_buf text = {0};
	size_t errors = diags->errors, i;

	ev->head = head;
	ev->diags = diags;
	ev->owner = cs_realloc(
	    ev->owner, ev->n + ev->conf->nlets + 1, sizeof(*ev->owner));
	for (i = 0; i < ev->conf->nlets; i++)
		ev->owner[ev->n + i] =
		    (struct owner){.expr = ev->conf->lets[i].expr,
			.role = CS_VALUE,
			.label = cs_arena_printf(&ev->run, "Let %.*s",
			    CS_ARG(ev->conf->lets[i].name))};
	ev->result = cs_calloc(ev->n, sizeof(*ev->result));
	check_names(ev);
	order_lets(ev);
	if (diags->errors == errors)
		print_program(ev);
	if (diags->errors > errors)
		return false;
	put_prelude(&text, cs_buf_get(&ev->program));
	cs_buf_str(&text, cs_buf_get(&ev->program));
	ev->host = (struct cs_jq_host){ev, host_note, host_call};
	ev->jq = compile(ev->conf, cs_buf_z(&text), &ev->host, &ev->run, err);
	cs_buf_free(&text);
	if (ev->jq == NULL)
		return false;
	bind_keys(ev);
	return true;
}

struct cs_str
cs_eval_program(const struct cs_eval *ev)
{
	return cs_buf_get(&ev->program);
}

const char *
cs_eval_prelude(void)
{
	return CS_PRELUDE;
}

/* --- faults ------------------------------------------------------------- */

enum { LONGEST_FAULT = 300 };

/* Keeps a fault's text for this record, cut at a character. */
static struct cs_str
keep_text(struct cs_eval *ev, struct cs_str s)
{
	if (s.n > LONGEST_FAULT) {
		s.n = LONGEST_FAULT;
		while (s.n > 0 && ((unsigned char)s.p[s.n] & 0xc0) == 0x80)
			s.n--;
	}
	return cs_keep(&ev->one, s);
}

static void
add_fault(struct cs_eval *ev, const struct cs_val *site, struct cs_str text)
{
	const struct cs_jq_site *s;
	struct fault *f;

	if (site->kind != CS_NUM || site->num < 0 ||
	    site->num >= (double)ev->sites.n)
		return; /* under a postfix ? */
	s = &ev->sites.v[(size_t)site->num];
	ev->fault =
	    cs_grow(ev->fault, ev->nfaults, &ev->faults_cap, sizeof(*f));
	f = &ev->fault[ev->nfaults++];
	f->owner = s->owner;
	f->f.at = s->at;
	f->f.text = keep_text(ev, text);
}

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

/* A condition that is a value: says what to write instead. */
static void
not_yes_no(
    struct cs_eval *ev, const struct cs_val *site, const struct cs_val *v)
{
	struct cs_buf b = {0}, name = {0};
	const struct cs_expr *e;
	struct cs_str value;

	if (site->kind != CS_NUM || site->num >= (double)ev->sites.n)
		return;
	e = ev->sites.v[(size_t)site->num].at;
	cs_val_put_json(&b, *v);
	value = keep_text(ev, cs_buf_get(&b));
	cs_buf_reset(&b);
	if (e->op == CS_E_SELF || !is_named(e)) {
		cs_buf_printf(&b, "%.*s is not yes/no", CS_ARG(value));
	} else {
		cs_expr_print(&name, e);
		cs_buf_printf(&b, "%.*s is %.*s, not yes/no",
		    CS_ARG(cs_buf_get(&name)), CS_ARG(value));
		if (v->kind == CS_NUM)
			cs_buf_printf(&b, ": write %.*s %s",
			    CS_ARG(cs_buf_get(&name)),
			    v->num == 0 || v->num == 1 ? "== 1" : "> 0");
		else if (v->kind == CS_TEXT)
			cs_buf_printf(&b, ": write %.*s == %.*s",
			    CS_ARG(cs_buf_get(&name)), CS_ARG(value));
	}
	add_fault(ev, site, cs_buf_get(&b));
	cs_buf_free(&name);
	cs_buf_free(&b);
}

/* oniguruma's words for cs_re_limits. */
static bool
is_retry_limit(struct cs_str s)
{
	static const char words[] = "retry-limit-in-";

	return s.n > 0 && memmem(s.p, s.n, words, sizeof(words) - 1) != NULL;
}

/* [site]: a Let was looked at. [site, text]: a fault. [site, null, value]: a
 * condition that is no yes/no. */
static void
host_note(void *self, const struct cs_val *v, size_t n)
{
	struct cs_eval *ev = self;
	const struct cs_jq_site *s;
	struct cs_buf b = {0};

	if (v[0].kind != CS_NUM || v[0].num >= (double)ev->sites.n)
		return;
	s = &ev->sites.v[(size_t)v[0].num];
	if (n == 1) {
		ev->look = cs_grow(
		    ev->look, ev->nlooks, &ev->looks_cap, sizeof(*ev->look));
		ev->look[ev->nlooks++] = (struct look){s->owner, s->let};
	} else if (n == 3)
		not_yes_no(ev, &v[0], &v[2]);
	else if (v[1].kind == CS_TEXT && is_retry_limit(v[1].text))
		add_fault(ev, &v[0],
		    CS_S("the pattern takes too many steps on this text"));
	else if (v[1].kind == CS_TEXT)
		add_fault(ev, &v[0], v[1].text);
	else {
		cs_val_put_json(&b, v[1]);
		add_fault(ev, &v[0], cs_buf_get(&b));
		cs_buf_free(&b);
	}
}

/* --- calls from the program --------------------------------------------- */

static struct cs_val
bad(struct cs_eval *ev, const struct cs_val *site, const char *before,
    const struct cs_val *v, const char *after)
{
	struct cs_buf b = {0};

	cs_buf_puts(&b, before);
	cs_val_put_json(&b, *v);
	cs_buf_puts(&b, after);
	add_fault(ev, site, cs_buf_get(&b));
	cs_buf_free(&b);
	return cs_val_null();
}

/* The civil day v means; false: unknown, or a fault that was noted. */
static bool
civil(struct cs_eval *ev, const struct cs_val *site, const struct cs_val *v,
    struct cs_civil *c)
{
	if (v->kind == CS_NULL)
		return false;
	if (v->kind != CS_TEXT) {
		bad(ev, site, "", v, " is not a date (YYYY-MM-DD)");
		return false;
	}
	switch (cs_zone_civil(v->text, c)) {
	case CS_DATE_OK:
		return true;
	case CS_DATE_NO_DAY:
		bad(ev, site, "", v, " is a day that does not exist");
		return false;
	default:
		bad(ev, site, "", v, " is not a date (YYYY-MM-DD)");
		return false;
	}
}

static struct cs_val
between(struct cs_eval *ev, const struct cs_val *v, bool is_months)
{
	struct cs_civil from, to;
	bool is_known = civil(ev, &v[1], &v[2], &from);

	/* Both are looked at: both may be wrong. */
	if (!civil(ev, &v[1], &v[3], &to) || !is_known)
		return cs_val_null();
	if (is_months)
		return cs_val_num((double)cs_months_between(from, to));
	return cs_val_num((double)(cs_civil_days(to) - cs_civil_days(from)));
}

/* The text of a column's cell (v[1] its number), or of the value v[0]. False:
 * unknown, or a fault that was noted. */
static bool
as_text(struct cs_eval *ev, const struct cs_val *site, const struct cs_val *v,
    struct cs_str *s)
{
	struct cs_val x = v[0];

	if (v[1].kind == CS_NUM) {
		if (ev->rec == NULL)
			return false;
		x = cs_rec_val(ev->rec, (size_t)v[1].num);
	}
	if (x.kind == CS_NULL)
		return false;
	if (x.kind == CS_JSON) {
		bad(ev, site, "a text is needed, not ", &x, "");
		return false;
	}
	if (v[1].kind == CS_NUM)
		*s = cs_rec_text(ev->rec, (size_t)v[1].num);
	else {
		cs_buf_reset(&ev->answer);
		cs_val_put_text(&ev->answer, x);
		*s = cs_buf_get(&ev->answer);
	}
	return s->p != NULL;
}

static struct cs_val
call_list(struct cs_eval *ev, const struct cs_val *v)
{
	struct cs_str s;
	size_t k = (size_t)v[2].num;

	if (k >= ev->conf->nlists || !as_text(ev, &v[1], &v[3], &s))
		return cs_val_null();
	return cs_val_bool(cs_map_find(&ev->conf->lists[k].set, s) != SIZE_MAX);
}

static struct cs_val
call_bucket(struct cs_eval *ev, const struct cs_val *v)
{
	struct cs_str s;

	if (v[2].kind == CS_NULL || !as_text(ev, &v[1], &v[3], &s))
		return cs_val_null();
	if (v[2].kind != CS_TEXT)
		return bad(ev, &v[1], "a salt is a text, not ", &v[2], "");
	return cs_val_num(cs_bucket(v[2].text, s));
}

static struct cs_val
call_nfkc(struct cs_eval *ev, const struct cs_val *v)
{
	if (v[2].kind == CS_NULL)
		return cs_val_null();
	if (v[2].kind != CS_TEXT)
		return bad(ev, &v[1], "nfkc takes text, not ", &v[2], "");
	cs_arena_reset(&ev->work);
	return cs_val_text(cs_text_nfkc(&ev->work, v[2].text));
}

static struct cs_val
call_weekday(struct cs_eval *ev, const struct cs_val *v)
{
	struct cs_civil c;

	if (!civil(ev, &v[1], &v[2], &c))
		return cs_val_null();
	return cs_val_num(cs_weekday(cs_civil_days(c)));
}

static struct cs_val
call_pattern(struct cs_eval *ev, const struct cs_val *v)
{
	struct cs_err err;

	if (v[2].kind == CS_NULL)
		return cs_val_null();
	if (v[2].kind != CS_TEXT)
		return bad(ev, &v[1], "a pattern is a text, not ", &v[2], "");
	if (cs_re_check(v[2].text, CS_S(""), &err))
		return v[2];
	add_fault(ev, &v[1], cs_str(err.text));
	return cs_val_null();
}

/* [word, site, arguments...]; "looks" has no site. */
static struct cs_val
host_call(void *self, const struct cs_val *v, size_t n)
{
	struct cs_eval *ev = self;
	struct cs_str word = v[0].text;

	if (n == 2 && cs_str_is(word, "looks"))
		return cs_val_bool(
		    v[1].kind == CS_TEXT && cs_looks_like_date(v[1].text));
	if (n == 4 && cs_str_is(word, "days"))
		return between(ev, v, false);
	if (n == 4 && cs_str_is(word, "months"))
		return between(ev, v, true);
	if (n == 3 && cs_str_is(word, "weekday"))
		return call_weekday(ev, v);
	if (n == 3 && cs_str_is(word, "nfkc"))
		return call_nfkc(ev, v);
	if (n == 3 && cs_str_is(word, "pattern"))
		return call_pattern(ev, v);
	if (n == 5 && cs_str_is(word, "list"))
		return call_list(ev, v);
	if (n == 5 && cs_str_is(word, "bucket"))
		return call_bucket(ev, v);
	return cs_val_null();
}

/* --- record ------------------------------------------------------------- */

static void
give_record(struct cs_eval *ev, struct cs_rec *rec)
{
	size_t i, col;

	if (rec == NULL) {
		cs_jq_begin_null(ev->jq);
		cs_jq_guard_place(ev->jq, NULL, 0);
		return;
	}
	cs_jq_guard_place(ev->jq, rec->file, rec->line);
	if (ev->is_whole && ev->cols.n < cs_header_n(ev->head))
		bind_keys(ev);
	cs_jq_begin_object(ev->jq);
	for (i = 0; i < ev->cols.n; i++) {
		col = ev->cols.v[i];
		/* A member that a JSON record does not have stays away: `.x`
		 * is null all the same, has("x") is not. */
		if (rec->form == CS_FORM_JSONL &&
		    (col >= rec->n || rec->cell[col].p == NULL))
			continue;
		cs_jq_set(ev->jq, ev->keys.v[i], cs_rec_val(rec, col));
	}
}

bool
cs_eval_run(struct cs_eval *ev, struct cs_rec *rec, struct cs_err *err)
{
	size_t i;

	cs_arena_reset(&ev->one);
	ev->nfaults = ev->nlooks = 0;
	ev->rec = rec;
	give_record(ev, rec);
	cs_jq_start(ev->jq);
	for (i = 0; i < ev->n; i++) {
		struct cs_val *v = &ev->result[i];

		cs_jq_guard_label(ev->jq, ev->owner[i].label);
		switch (cs_jq_next(ev->jq, &ev->one, v)) {
		case CS_JQ_OUTPUT:
			break;
		case CS_JQ_FAILED:
			return cs_fail(err, CS_STOP, "%s: libjq: %.*s",
			    ev->owner[i].label ? ev->owner[i].label : "rule",
			    CS_ARG(v->text));
		case CS_JQ_END:
			return cs_fail(err, CS_STOP, "%s: libjq gave no answer",
			    ev->owner[i].label ? ev->owner[i].label : "rule");
		}
	}
	return true;
}

struct cs_val
cs_eval_get(const struct cs_eval *ev, size_t i)
{
	return ev->result[i];
}

/* The owner and the Lets it looked at, directly or through others. */
static void
reached(const struct cs_eval *ev, size_t owner, struct numbers *v)
{
	size_t i, k;

	push(v, owner);
	for (k = 0; k < v->n; k++)
		for (i = 0; i < ev->nlooks; i++)
			if (ev->look[i].owner == v->v[k])
				push_once(v, ev->n + ev->look[i].let);
}

static bool
is_told(const struct cs_eval_fault *v, size_t n, const struct cs_eval_fault *f)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (v[i].at == f->at && cs_str_eq(v[i].text, f->text))
			return true;
	return false;
}

size_t
cs_eval_faults(
    const struct cs_eval *ev, size_t i, const struct cs_eval_fault **out)
{
	/* The list lives as long as the record's answers. */
	struct cs_arena *one = &((struct cs_eval *)ev)->one;
	struct numbers from = {0};
	struct cs_eval_fault *v;
	size_t n = 0, k;

	*out = NULL;
	if (ev->nfaults == 0)
		return 0;
	reached(ev, i, &from);
	v = cs_arena_array(one, ev->nfaults, sizeof(*v));
	for (k = 0; k < ev->nfaults; k++)
		if (has(&from, ev->fault[k].owner) &&
		    !is_told(v, n, &ev->fault[k].f))
			v[n++] = ev->fault[k].f;
	free(from.v);
	*out = v;
	return n;
}

static struct cs_str
empty_column(
    const struct cs_eval *ev, const struct owner *o, struct cs_rec *rec)
{
	struct cs_str name;
	size_t i;

	for (i = 0; i < o->cols.n; i++)
		if (cs_rec_val(rec, o->cols.v[i]).kind == CS_NULL)
			return cs_header_name(ev->head, o->cols.v[i]);
	for (i = 0; i < o->lets.n; i++) {
		name = empty_column(ev, &ev->owner[ev->n + o->lets.v[i]], rec);
		if (name.p != NULL)
			return name;
	}
	return (struct cs_str){0};
}

struct cs_str
cs_eval_empty_column(const struct cs_eval *ev, size_t i, struct cs_rec *rec)
{
	if (rec == NULL)
		return (struct cs_str){0};
	return empty_column(ev, &ev->owner[i], rec);
}

const char *
cs_eval_label(const struct cs_eval *ev, size_t i)
{
	return ev->owner[i].label;
}

const struct cs_expr *
cs_eval_expr(const struct cs_eval *ev, size_t i)
{
	return ev->owner[i].expr;
}

size_t
cs_eval_count(const struct cs_eval *ev)
{
	return ev->n;
}

const struct cs_expr *
cs_eval_let(const struct cs_eval *ev, struct cs_str name)
{
	size_t k = is_clock(name) ? CS_JQ_NONE : find_let(ev->conf, name);

	return k == CS_JQ_NONE ? NULL : ev->conf->lets[k].expr;
}

void
cs_eval_free(struct cs_eval *ev)
{
	size_t i;

	if (ev == NULL)
		return;
	cs_jq_free(ev->jq);
	for (i = 0; i < ev->n + (ev->result ? ev->conf->nlets : 0); i++) {
		free(ev->owner[i].cols.v);
		free(ev->owner[i].lets.v);
	}
	free(ev->owner);
	free(ev->order.v);
	free(ev->let_state);
	cs_map_free(&ev->told);
	free(ev->cols.v);
	free(ev->keys.v);
	free(ev->sites.v);
	cs_buf_free(&ev->program);
	free(ev->result);
	free(ev->fault);
	free(ev->look);
	cs_buf_free(&ev->answer);
	cs_arena_free(&ev->run);
	cs_arena_free(&ev->one);
	cs_arena_free(&ev->work);
	free(ev);
}

/* --- jq's own meaning --------------------------------------------------- */

/* The words that jq does not have (dates, lists) go through the same host
 * calls, so a plain program is an evaluator without rules. */
struct cs_plain {
	struct cs_eval ev;
	struct owner owner;
	struct cs_diags diags;
};

static void
no_column(void *self, const struct cs_expr *at, const struct cs_str *names,
    size_t n, size_t *col, size_t *used, struct cs_str *key)
{
	(void)self;
	(void)at;
	(void)n;
	*col = CS_JQ_NONE;
	*used = 1;
	*key = names[0];
}

static void
no_pattern(void *self, const struct cs_expr *at, struct cs_str pattern,
    struct cs_str flags)
{
	(void)self;
	(void)at;
	(void)pattern;
	(void)flags;
}

static bool
print_plain(struct cs_plain *p, const struct cs_expr *e)
{
	struct cs_jq_names names = {
	    &p->ev, no_column, on_whole, on_var, on_list, no_pattern};
	struct cs_jq_print pr = {.out = &p->ev.program,
	    .sites = &p->ev.sites,
	    .names = &names,
	    .arena = &p->ev.run};

	p->ev.at = &p->owner;
	p->ev.owner = &p->owner;
	p->ev.diags = &p->diags;
	cs_jq_print_plain(&pr, e);
	return p->diags.errors == 0;
}

struct cs_plain *
cs_plain_compile(const struct cs_expr *e, const struct cs_eval_conf *conf,
    struct cs_err *err)
{
	struct cs_plain *p = cs_calloc(1, sizeof(*p));
	struct cs_buf text = {0};

	p->ev.conf = conf;
	if (!print_plain(p, e)) {
		cs_fail_at(
		    err, CS_USAGE, p->diags.v[0].at, "%s", p->diags.v[0].text);
		cs_plain_free(p);
		return NULL;
	}
	put_prelude(&text, cs_buf_get(&p->ev.program));
	cs_buf_str(&text, cs_buf_get(&p->ev.program));
	p->ev.host = (struct cs_jq_host){&p->ev, host_note, host_call};
	p->ev.jq = compile(conf, cs_buf_z(&text), &p->ev.host, &p->ev.run, err);
	cs_buf_free(&text);
	if (p->ev.jq != NULL)
		return p;
	cs_plain_free(p);
	return NULL;
}

bool
cs_plain_run(struct cs_plain *p, struct cs_str json, cs_plain_output *f,
    void *self, struct cs_err *err)
{
	struct cs_buf b = {0};
	enum cs_jq_state s;

	if (!cs_jq_begin_json(p->ev.jq, json))
		return cs_fail(
		    err, CS_STOP, "libjq does not take: %.*s", CS_ARG(json));
	cs_jq_start(p->ev.jq);
	while ((s = cs_jq_next_json(p->ev.jq, &b)) == CS_JQ_OUTPUT) {
		f(self, cs_buf_get(&b));
		cs_buf_reset(&b);
	}
	if (s == CS_JQ_FAILED)
		cs_fail(err, CS_PARTLY, "%.*s", CS_ARG(cs_buf_get(&b)));
	cs_buf_free(&b);
	return s == CS_JQ_END;
}

void
cs_plain_free(struct cs_plain *p)
{
	if (p == NULL)
		return;
	cs_jq_free(p->ev.jq);
	free(p->ev.sites.v);
	free(p->ev.look);
	free(p->ev.fault);
	free(p->owner.cols.v);
	free(p->owner.lets.v);
	cs_map_free(&p->ev.told);
	cs_buf_free(&p->ev.program);
	cs_buf_free(&p->ev.answer);
	cs_arena_free(&p->ev.run);
	cs_arena_free(&p->ev.one);
	cs_arena_free(&p->ev.work);
	cs_diags_free(&p->diags);
	free(p);
}
