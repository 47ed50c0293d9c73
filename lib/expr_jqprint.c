#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "date.h"
#include "expr_jqprint.h"
#include "num.h"
#include "text.h"

/* A variable the expression binds itself. */
struct bound {
	struct cs_str name;
	size_t n; /* $u_N */
	const struct bound *next;
};

/* Where a node stands. */
struct ctx {
	bool is_rec;   /* . is the record */
	bool is_quiet; /* under a postfix ? */
	bool is_plain; /* jq's own meaning */
	size_t col;    /* . is this column's value, or CS_JQ_NONE */
	const struct bound *bound;
};

static void put(struct cs_jq_print *p, struct ctx c, const struct cs_expr *e);
static void put_one(
    struct cs_jq_print *p, struct ctx c, const struct cs_expr *e);
static void put_condition(
    struct cs_jq_print *p, struct ctx c, const struct cs_expr *e);

/* --- functions --------------------------------------------------------- */

/* How a call is printed. Arguments, one letter each: v a value (one, . is the
 * same), d a closure on the same ., i one on items, c a condition on the same
 * ., k one on items, p a regular expression, f its flags. */
enum form {
	F_PRELUDE, /* _name(site; args) */
	F_PLAIN,   /* _plain(site; name(args)): jq's meaning, one value */
	F_STREAM,  /* _stream(site; name(args)): any number of values */
	F_BARE,	   /* name(args): cannot fail, one value */
	F_OWN	   /* put_own */
};

/* What it gives and needs. */
enum {
	STREAM = 1, /* may give none or several values */
	YES_NO = 2, /* gives a boolean or null */
	FREE = 4    /* does not look at . itself (its arguments may) */
};

struct func {
	const char *name;
	const char *args;
	enum form form;
	int flags;
};

static const struct func funcs[] = {
    {"not", "", F_OWN, YES_NO},
    {"any", "", F_OWN, YES_NO},
    {"any", "k", F_OWN, YES_NO},
    {"any", "dk", F_OWN, YES_NO | FREE},
    {"all", "", F_OWN, YES_NO},
    {"all", "k", F_OWN, YES_NO},
    {"all", "dk", F_OWN, YES_NO | FREE},
    {"IN", "d", F_OWN, YES_NO},
    {"in_list", "v", F_OWN, YES_NO | FREE},
    {"bucket", "vv", F_OWN, FREE},
    {"nfkc", "", F_OWN, 0},
    {"days_since", "v", F_OWN, FREE},
    {"days_until", "v", F_OWN, FREE},
    {"days_between", "vv", F_OWN, FREE},
    {"months_since", "v", F_OWN, FREE},
    {"in_last", "vv", F_OWN, YES_NO | FREE},
    {"weekday", "v", F_OWN, FREE},
    {"error", "", F_OWN, 0},
    {"error", "v", F_OWN, FREE},
    {"select", "c", F_OWN, STREAM},
    {"first", "", F_PLAIN, 0},
    {"first", "d", F_STREAM, STREAM | FREE},
    {"last", "", F_PLAIN, 0},
    {"last", "d", F_PLAIN, FREE},
    {"nth", "v", F_PLAIN, 0},
    {"nth", "vd", F_STREAM, STREAM | FREE},
    {"tostring", "", F_OWN, 0},
    {"length", "", F_PRELUDE, 0},
    {"type", "", F_BARE, 0},
    {"has", "v", F_PLAIN, YES_NO},
    {"tonumber", "", F_PRELUDE, 0},
    {"floor", "", F_PRELUDE, 0},
    {"ceil", "", F_PRELUDE, 0},
    {"round", "", F_PRELUDE, 0},
    {"sqrt", "", F_PRELUDE, 0},
    {"fabs", "", F_PRELUDE, 0},
    {"ascii_downcase", "", F_PRELUDE, 0},
    {"ascii_upcase", "", F_PRELUDE, 0},
    {"startswith", "v", F_PRELUDE, YES_NO},
    {"endswith", "v", F_PRELUDE, YES_NO},
    {"ltrimstr", "v", F_PRELUDE, 0},
    {"rtrimstr", "v", F_PRELUDE, 0},
    {"contains", "v", F_PRELUDE, YES_NO},
    {"test", "p", F_PRELUDE, YES_NO},
    {"test", "pf", F_PRELUDE, YES_NO},
    {"split", "v", F_PRELUDE, 0},
    {"index", "v", F_PRELUDE, 0},
    {"indices", "v", F_PRELUDE, 0},
    {"add", "", F_PLAIN, 0},
    {"flatten", "", F_PLAIN, 0},
    {"flatten", "v", F_PLAIN, 0},
    {"to_entries", "", F_PLAIN, 0},
    {"from_entries", "", F_PLAIN, 0},
    {"with_entries", "i", F_PLAIN, 0},
    {"group_by", "i", F_PLAIN, 0},
    {"inside", "v", F_PLAIN, YES_NO},
    {"join", "v", F_PLAIN, 0},
    {"keys", "", F_PLAIN, 0},
    {"map", "i", F_OWN, 0},
    {"map_values", "i", F_PLAIN, 0},
    {"max", "", F_PLAIN, 0},
    {"max_by", "i", F_PLAIN, 0},
    {"min", "", F_PLAIN, 0},
    {"min_by", "i", F_PLAIN, 0},
    {"reverse", "", F_PLAIN, 0},
    {"sort", "", F_PLAIN, 0},
    {"sort_by", "i", F_PLAIN, 0},
    {"unique", "", F_PLAIN, 0},
    {"unique_by", "i", F_PLAIN, 0},
    {"tojson", "", F_PLAIN, 0},
    {"fromjson", "", F_PLAIN, 0},
    {"ascii", "", F_PRELUDE, 0},
    {"values", "", F_STREAM, STREAM},
    {"splits", "p", F_STREAM, STREAM},
    {"splits", "pf", F_STREAM, STREAM},
    {"capture", "p", F_STREAM, STREAM},
    {"capture", "pf", F_STREAM, STREAM},
    {"scan", "p", F_STREAM, STREAM},
    {"match", "p", F_STREAM, STREAM},
    {"match", "pf", F_STREAM, STREAM},
    {"sub", "pi", F_PLAIN, 0},
    {"sub", "pif", F_PLAIN, 0},
};

static const struct func *
func(const struct cs_expr *e)
{
	size_t i;

	for (i = 0; i < sizeof(funcs) / sizeof(*funcs); i++)
		if (strlen(funcs[i].args) == e->n &&
		    cs_str_is(e->text, funcs[i].name))
			return &funcs[i];
	return NULL;
}

/* --- what the form of a tree shows ------------------------------------- */

/* Exactly one value? */
static bool
is_one(const struct cs_expr *e)
{
	const struct func *f;
	size_t i;

	switch (e->op) {
	case CS_E_EACH:
	case CS_E_COMMA:
		return false;
	case CS_E_FIELD:
	case CS_E_INDEX:
	case CS_E_SLICE:
	case CS_E_OPTIONAL:
		return e->a == NULL || is_one(e->a);
	case CS_E_PIPE:
		return is_one(e->a) && is_one(e->b);
	case CS_E_AS:
		return is_one(e->a) && is_one(e->c);
	case CS_E_IF:
		for (i = 1; i < e->n; i += i + 2 < e->n ? 2 : 1)
			if (!is_one(e->list[i]))
				return false;
		return true;
	case CS_E_OBJECT:
		for (i = 0; i < e->n; i++)
			if (e->list[i] != NULL && !is_one(e->list[i]))
				return false;
		return true;
	case CS_E_CALL:
		f = func(e);
		return f != NULL && !(f->flags & STREAM);
	default:
		return true;
	}
}

bool
cs_jq_is_yes_no(const struct cs_expr *e)
{
	const struct func *f;
	size_t i;

	switch (e->op) {
	case CS_E_NULL:
	case CS_E_TRUE:
	case CS_E_FALSE:
	case CS_E_OR:
	case CS_E_AND:
	case CS_E_EQ:
	case CS_E_NE:
	case CS_E_LT:
	case CS_E_LE:
	case CS_E_GT:
	case CS_E_GE:
		return true;
	case CS_E_OPTIONAL:
		return e->a != NULL && cs_jq_is_yes_no(e->a);
	case CS_E_PIPE:
		return cs_jq_is_yes_no(e->b);
	case CS_E_AS:
		return cs_jq_is_yes_no(e->c);
	case CS_E_ALT:
		return cs_jq_is_yes_no(e->a) && cs_jq_is_yes_no(e->b);
	case CS_E_IF:
		for (i = 1; i < e->n; i += i + 2 < e->n ? 2 : 1)
			if (!cs_jq_is_yes_no(e->list[i]))
				return false;
		return true;
	case CS_E_CALL:
		f = func(e);
		return f != NULL && (f->flags & YES_NO);
	default:
		return false;
	}
}

bool
cs_jq_is_date(const struct cs_expr *e)
{
	if (e->op == CS_E_VAR)
		return cs_str_is(e->text, "today") ||
		       cs_str_is(e->text, "as_of") || cs_str_is(e->text, "now");
	return e->op == CS_E_TEXT && cs_looks_like_date(e->text);
}

static bool
is_self(const struct cs_expr *e)
{
	return e == NULL || e->op == CS_E_SELF;
}

/* Constant names of a path that begins at `.`: how many, 0 for another
 * expression. */
static size_t
path_length(const struct cs_expr *e)
{
	size_t n = 0;

	for (; !is_self(e); e = e->a, n++)
		if (e->op != CS_E_FIELD)
			return 0;
	return n;
}

/* --- small prints ------------------------------------------------------- */

static void
puts_(struct cs_jq_print *p, const char *z)
{
	cs_buf_puts(p->out, z);
}

static void
put_text(struct cs_jq_print *p, struct cs_str s)
{
	cs_text_json(p->out, s);
}

static void
put_number(struct cs_jq_print *p, double v)
{
	/* A literal over the range of numbers is unknown. */
	if (!isfinite(v))
		puts_(p, "null");
	else if (signbit(v)) {
		puts_(p, "(-");
		cs_num_print(p->out, -v);
		puts_(p, ")");
	} else
		cs_num_print(p->out, v);
}

/* The number of a new site, or null where faults do not count. */
static void
put_site(struct cs_jq_print *p, struct ctx c, const struct cs_expr *e)
{
	struct cs_jq_sites *s = p->sites;

	if (c.is_quiet || c.is_plain) {
		puts_(p, "null");
		return;
	}
	s->v = cs_grow(s->v, s->n, &s->cap, sizeof(*s->v));
	s->v[s->n] = (struct cs_jq_site){e, p->owner, CS_JQ_NONE};
	cs_buf_printf(p->out, "%zu", s->n++);
}

/* "_name(SITE" */
static void
put_call(struct cs_jq_print *p, struct ctx c, const char *name,
    const struct cs_expr *e)
{
	cs_buf_printf(p->out, "%s(", name);
	put_site(p, c, e);
}

/* . inside e is something made by the expression. */
static struct ctx
elsewhere(struct ctx c)
{
	c.is_rec = false;
	c.col = CS_JQ_NONE;
	return c;
}

/* --- paths -------------------------------------------------------------- */

/* Asks for the column that path e names; key and used as cs_jq_names. */
static size_t
column(struct cs_jq_print *p, const struct cs_expr *e, size_t *used,
    struct cs_str *key)
{
	size_t n = path_length(e), i = n, col;
	const struct cs_expr *x;
	struct cs_str *names = cs_arena_array(p->arena, n, sizeof(*names));

	for (x = e; !is_self(x); x = x->a)
		names[--i] = x->text;
	p->names->column(p->names->self, e, names, n, &col, used, key);
	return col;
}

/* The column whose value e is and nothing else, or CS_JQ_NONE. */
static size_t
column_of(struct cs_jq_print *p, struct ctx c, const struct cs_expr *e)
{
	struct cs_str key;
	size_t used, col;

	if (is_self(e))
		return c.col;
	if (!c.is_rec || path_length(e) == 0)
		return CS_JQ_NONE;
	col = column(p, e, &used, &key);
	return used == path_length(e) ? col : CS_JQ_NONE;
}

static void
put_self(struct cs_jq_print *p, struct ctx c)
{
	if (c.is_rec)
		p->names->whole(p->names->self);
	puts_(p, ".");
}

static void
put_field(struct cs_jq_print *p, struct ctx c, const struct cs_expr *e)
{
	size_t n = path_length(e), used;
	struct cs_str key;

	if (c.is_rec && n > 0) {
		column(p, e, &used, &key);
		if (used == n) {
			puts_(p, ".[");
			put_text(p, key);
			puts_(p, "]");
			return;
		}
	}
	puts_(p, "(");
	if (is_self(e->a))
		put_self(p, c);
	else
		put(p, c, e->a);
	puts_(p, "|");
	put_call(p, c, "_field", e);
	puts_(p, ";");
	put_text(p, e->text);
	puts_(p, "))");
}

static void
put_base(struct cs_jq_print *p, struct ctx c, const struct cs_expr *e)
{
	puts_(p, "(");
	if (e->a == NULL)
		put_self(p, c);
	else
		put(p, c, e->a);
	puts_(p, "|");
}

/* a[b], a[b:c]: b and c see the . of the whole, so they are bound first. */
static void
put_index(struct cs_jq_print *p, struct ctx c, const struct cs_expr *e)
{
	size_t n = p->bound;

	p->bound += 2;
	puts_(p, "(");
	if (e->b != NULL) {
		put_one(p, c, e->b);
		cs_buf_printf(p->out, " as $u_%zu|", n);
	}
	if (e->c != NULL) {
		put_one(p, c, e->c);
		cs_buf_printf(p->out, " as $u_%zu|", n + 1);
	}
	put_base(p, c, e);
	put_call(p, c, e->op == CS_E_SLICE ? "_slice" : "_at", e);
	if (e->b != NULL)
		cs_buf_printf(p->out, ";$u_%zu", n);
	else
		puts_(p, ";null");
	if (e->c != NULL)
		cs_buf_printf(p->out, ";$u_%zu", n + 1);
	else if (e->op == CS_E_SLICE)
		puts_(p, ";null");
	puts_(p, ")))");
}

/* --- variables ---------------------------------------------------------- */

static void
put_var(struct cs_jq_print *p, struct ctx c, const struct cs_expr *e)
{
	const struct bound *b;
	size_t n = 0;

	for (b = c.bound; b != NULL; b = b->next)
		if (cs_str_eq(b->name, e->text)) {
			cs_buf_printf(p->out, "$u_%zu", b->n);
			return;
		}
	switch (p->names->var(p->names->self, e, &n)) {
	case CS_JQ_VAR_TODAY:
		puts_(p, "$today");
		break;
	case CS_JQ_VAR_NOW:
		puts_(p, "$now");
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
		puts_(p, "([");
		put_site(p, c, e);
		p->sites->v[p->sites->n - 1].let = n;
		cs_buf_printf(p->out, "]|debug|$l_%zu)", n);
		break;
	case CS_JQ_VAR_BAD:
		puts_(p, "null");
		break;
	}
}

/* The names that a pattern binds, for the body. */
static const struct bound *
bind(struct cs_jq_print *p, const struct cs_expr *pat, const struct bound *b)
{
	struct bound *x;
	size_t i;

	if (pat == NULL)
		return b;
	switch (pat->op) {
	case CS_E_VAR:
		x = cs_arena_alloc(p->arena, sizeof(*x));
		*x = (struct bound){pat->text, p->bound++, b};
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
put_pattern(struct cs_jq_print *p, struct ctx c, struct ctx outside,
    const struct cs_expr *pat)
{
	size_t i;

	switch (pat->op) {
	case CS_E_VAR:
		put_var(p, c, pat);
		break;
	case CS_E_ARRAY:
		puts_(p, "[");
		put_pattern(p, c, outside, pat->a);
		puts_(p, "]");
		break;
	case CS_E_COMMA:
		put_pattern(p, c, outside, pat->a);
		puts_(p, ",");
		put_pattern(p, c, outside, pat->b);
		break;
	case CS_E_OBJECT:
		puts_(p, "{");
		for (i = 0; i + 1 < pat->n; i += 2) {
			const struct cs_expr *k = pat->list[i];

			if (i > 0)
				puts_(p, ",");
			if (k->op == CS_E_VAR) {
				/* {$name}: the key is the name. */
				put_text(p, k->text);
				puts_(p, ":");
				put_var(p, c, k);
				if (pat->list[i + 1] != NULL) {
					puts_(p, ",");
					put_text(p, k->text);
				}
			} else if (k->op == CS_E_TEXT)
				put_text(p, k->text);
			else {
				puts_(p, "(");
				put_one(p, outside, k);
				puts_(p, ")");
			}
			if (pat->list[i + 1] != NULL) {
				puts_(p, ":");
				put_pattern(p, c, outside, pat->list[i + 1]);
			}
		}
		puts_(p, "}");
		break;
	default:
		break;
	}
}

static void
put_as(struct cs_jq_print *p, struct ctx c, const struct cs_expr *e)
{
	struct ctx in = c;
	bool is_simple = e->b->op == CS_E_VAR;

	in.bound = bind(p, e->b, c.bound);
	puts_(p, "(");
	if (!is_simple && !c.is_plain) {
		/* Taking a text apart as a list fails. */
		put_call(p, c, is_one(e) ? "_plain" : "_stream", e);
		puts_(p, ";");
	}
	put(p, c, e->a);
	puts_(p, " as ");
	put_pattern(p, in, c, e->b);
	puts_(p, "|");
	put(p, in, e->c);
	puts_(p, is_simple || c.is_plain ? ")" : "))");
}

/* The format's name from our own text, never from the source. */
static const char *
format_name(struct cs_str s)
{
	static const char *const names[] = {
	    "@json", "@html", "@uri", "@csv", "@tsv", "@base64"};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (cs_str_is(s, names[i]))
			return names[i];
	return "@text";
}

/* --- operators ---------------------------------------------------------- */

static const char *
operator_name(enum cs_op op, bool is_plain)
{
	switch (op) {
	case CS_E_EQ:
		return is_plain ? "==" : "_eq";
	case CS_E_NE:
		return is_plain ? "!=" : "_ne";
	case CS_E_LT:
		return is_plain ? "<" : "_lt";
	case CS_E_LE:
		return is_plain ? "<=" : "_le";
	case CS_E_GT:
		return is_plain ? ">" : "_gt";
	case CS_E_GE:
		return is_plain ? ">=" : "_ge";
	case CS_E_ADD:
		return is_plain ? "+" : "_add";
	case CS_E_SUB:
		return is_plain ? "-" : "_sub";
	case CS_E_MUL:
		return is_plain ? "*" : "_mul";
	case CS_E_DIV:
		return is_plain ? "/" : "_div";
	case CS_E_MOD:
		return is_plain ? "%" : "_mod";
	case CS_E_AND:
		return is_plain ? " and " : "_and";
	case CS_E_OR:
		return is_plain ? " or " : "_or";
	case CS_E_ALT:
		return is_plain ? "//" : "_alt";
	default:
		return NULL;
	}
}

/* Operands of a chain `a op b op c` from left to right: how many; into v if it
 * is not NULL. A loop, because a chain may be long. */
static size_t
flatten(const struct cs_expr *e, enum cs_op op, const struct cs_expr **v)
{
	const struct cs_expr *x;
	size_t n = 1, i;

	for (x = e; x->op == op; x = x->a)
		n++;
	if (v != NULL) {
		i = n;
		for (x = e; x->op == op; x = x->a)
			v[--i] = x->b;
		v[0] = x;
	}
	return n;
}

/* A chain as a balanced tree of `name`: libjq's parser counts brackets, and its
 * code has a longest jump. and, or and the comma are associative, order of
 * evaluation included. */
static void
put_balanced(struct cs_jq_print *p, struct ctx c, const char *name,
    const struct cs_expr **v, size_t n,
    void (*put_it)(struct cs_jq_print *, struct ctx, const struct cs_expr *))
{
	if (n == 1) {
		put_it(p, c, v[0]);
		return;
	}
	puts_(p, name);
	puts_(p, "(");
	put_balanced(p, c, name, v, n / 2, put_it);
	puts_(p, ";");
	put_balanced(p, c, name, v + n / 2, n - n / 2, put_it);
	puts_(p, ")");
}

static void
put_chain(struct cs_jq_print *p, struct ctx c, const struct cs_expr *e,
    const char *name,
    void (*put_it)(struct cs_jq_print *, struct ctx, const struct cs_expr *))
{
	size_t n = flatten(e, e->op, NULL);
	const struct cs_expr **v = cs_calloc(n, sizeof(*v));

	flatten(e, e->op, v);
	put_balanced(p, c, name, v, n, put_it);
	free(v);
}

/* The comparison of a value with a number or text literal: a function of its
 * own for the literal's type. */
static bool
put_with_literal(struct cs_jq_print *p, struct ctx c, const struct cs_expr *e)
{
	bool is_text = e->b->op == CS_E_TEXT;
	bool is_number = e->b->op == CS_E_NUMBER && isfinite(e->b->num);

	if (!p->has_short || (!is_text && !is_number) || !is_one(e->a))
		return false;
	puts_(p, "(");
	put(p, c, e->a);
	puts_(p, "|");
	puts_(p, operator_name(e->op, false));
	put_call(p, c, is_text ? "_s" : "_n", e);
	puts_(p, ";");
	put(p, c, e->b);
	puts_(p, "))");
	return true;
}

static void
put_comparison(struct cs_jq_print *p, struct ctx c, const struct cs_expr *e)
{
	bool is_date = cs_jq_is_date(e->a) || cs_jq_is_date(e->b);
	const struct cs_expr *other = e->a;

	if ((e->op == CS_E_EQ || e->op == CS_E_NE) &&
	    (e->a->op == CS_E_NULL || e->b->op == CS_E_NULL)) {
		/* The literal asks whether something is known. */
		if (e->a->op == CS_E_NULL)
			other = e->b;
		puts_(p, "(");
		put_one(p, c, other);
		cs_buf_printf(p->out, "%snull)", operator_name(e->op, true));
		return;
	}
	if (!is_date && put_with_literal(p, c, e))
		return;
	if (is_date) {
		put_call(p, c, "_date2", e);
		puts_(p, ";");
		put_one(p, c, e->a);
		puts_(p, ";");
		put_one(p, c, e->b);
		puts_(p, ";");
		put_call(p, c, operator_name(e->op, false), e);
		puts_(p, ";.[0];.[1]))");
		return;
	}
	put_call(p, c, operator_name(e->op, false), e);
	puts_(p, ";");
	put_one(p, c, e->a);
	puts_(p, ";");
	put_one(p, c, e->b);
	puts_(p, ")");
}

static void
put_arithmetic(struct cs_jq_print *p, struct ctx c, const struct cs_expr *e)
{
	put_call(p, c, operator_name(e->op, false), e);
	puts_(p, ";");
	put_one(p, c, e->a);
	puts_(p, ";");
	put_one(p, c, e->b);
	puts_(p, ")");
}

static void
put_if(struct cs_jq_print *p, struct ctx c, const struct cs_expr *e, size_t i)
{
	if (i + 1 >= e->n) {
		put(p, c, e->list[i]);
		return;
	}
	puts_(p, "_if(");
	put_condition(p, c, e->list[i]);
	puts_(p, ";");
	put(p, c, e->list[i + 1]);
	puts_(p, ";");
	put_if(p, c, e, i + 2);
	puts_(p, ")");
}

/* A hole of a text: its value under the format, or as text. */
static void
put_hole(struct cs_jq_print *p, struct ctx c, const struct cs_expr *text,
    const struct cs_expr *e)
{
	puts_(p, "(");
	put_one(p, c, e);
	if (text->text.p == NULL || cs_str_is(text->text, "@text"))
		puts_(p, "|_tostring)");
	else {
		puts_(p, "|if .==null then . else ");
		put_call(p, c, "_plain", text);
		puts_(p, ";");
		puts_(p, format_name(text->text));
		puts_(p, ") end)");
	}
}

static void
put_interp(struct cs_jq_print *p, struct ctx c, const struct cs_expr *e)
{
	size_t i;

	puts_(p, "_cat(");
	for (i = 0; i < e->n; i++) {
		if (i > 0)
			puts_(p, ",");
		if (e->list[i]->op == CS_E_TEXT)
			put_text(p, e->list[i]->text);
		else
			put_hole(p, c, e, e->list[i]);
	}
	puts_(p, ")");
}

/* --- objects ------------------------------------------------------------ */

/* The value of {a}, {$a}, {"a b"}: the member (or variable) of that name. */
static void
put_short_member(struct cs_jq_print *p, struct ctx c, const struct cs_expr *key)
{
	struct cs_expr e = *key;

	if (key->op == CS_E_VAR) {
		put_var(p, c, key);
		return;
	}
	e.op = key->op == CS_E_TEXT ? CS_E_FIELD : CS_E_INDEX;
	e.a = NULL;
	e.c = NULL;
	e.n = 0;
	if (e.op == CS_E_INDEX)
		e.b = cs_arena_alloc(p->arena, sizeof(*e.b)),
		memcpy(e.b, key, sizeof(*key));
	put(p, c, memcpy(cs_arena_alloc(p->arena, sizeof(e)), &e, sizeof(e)));
}

static void
put_member(struct cs_jq_print *p, struct ctx c, const struct cs_expr *key,
    const struct cs_expr *value)
{
	if (key->op == CS_E_TEXT || (key->op == CS_E_VAR && value == NULL))
		put_text(p, key->text);
	else {
		puts_(p, "(");
		put_one(p, c, key);
		puts_(p, c.is_plain ? ")" : "|_key)");
	}
	puts_(p, ":(");
	if (value != NULL)
		put(p, c, value);
	else
		put_short_member(p, c, key);
	puts_(p, ")");
}

static void
put_object(struct cs_jq_print *p, struct ctx c, const struct cs_expr *e)
{
	bool is_safe = true;
	size_t i;

	for (i = 0; i + 1 < e->n; i += 2)
		if (e->list[i]->op != CS_E_TEXT && e->list[i + 1] != NULL)
			is_safe = false; /* a key may be no text */
	if (!is_safe && !c.is_plain) {
		put_call(p, c, is_one(e) ? "_plain" : "_stream", e);
		puts_(p, ";");
	}
	puts_(p, "{");
	for (i = 0; i + 1 < e->n; i += 2) {
		if (i > 0)
			puts_(p, ",");
		put_member(p, c, e->list[i], e->list[i + 1]);
	}
	puts_(p, is_safe || c.is_plain ? "}" : "})");
}

/* --- calls -------------------------------------------------------------- */

static void
check_pattern(
    struct cs_jq_print *p, const struct cs_expr *e, const struct func *f)
{
	const char *at = strchr(f->args, 'p'), *flags = strchr(f->args, 'f');
	const struct cs_expr *re, *fl = NULL;

	if (at == NULL)
		return;
	re = e->list[at - f->args];
	if (flags != NULL)
		fl = e->list[flags - f->args];
	if (re->op == CS_E_TEXT && (fl == NULL || fl->op == CS_E_TEXT))
		p->names->pattern(
		    p->names->self, re, re->text, fl ? fl->text : CS_S(""));
}

/* _call(["word",SITE */
static void
put_host(struct cs_jq_print *p, struct ctx c, const char *word,
    const struct cs_expr *e)
{
	cs_buf_printf(p->out, "_call([\"%s\",", word);
	put_site(p, c, e);
	puts_(p, ",");
}

/* A pattern that comes from the record: the host looks at it first, because
 * libjq 1.6 loses memory over a wrong one. */
static void
put_pattern_arg(struct cs_jq_print *p, struct ctx c, const struct cs_expr *e)
{
	if (e->op == CS_E_TEXT) {
		put(p, c, e);
		return;
	}
	put_host(p, c, "pattern", e);
	put_one(p, c, e);
	puts_(p, "])");
}

static void
put_arg(struct cs_jq_print *p, struct ctx c, char how, const struct cs_expr *e)
{
	if (c.is_plain) {
		put(p, how == 'i' || how == 'k' ? elsewhere(c) : c, e);
		return;
	}
	switch (how) {
	case 'd':
		put(p, c, e);
		break;
	case 'i':
		put(p, elsewhere(c), e);
		break;
	case 'c':
		put_condition(p, c, e);
		break;
	case 'k':
		put_condition(p, elsewhere(c), e);
		break;
	case 'p':
		put_pattern_arg(p, c, e);
		break;
	default:
		put_one(p, c, e);
		break;
	}
}

/* "name(args)" */
static void
put_args(struct cs_jq_print *p, struct ctx c, const struct cs_expr *e,
    const struct func *f)
{
	size_t i;

	puts_(p, f->name);
	for (i = 0; i < e->n; i++) {
		puts_(p, i == 0 ? "(" : ";");
		put_arg(p, c, f->args[i], e->list[i]);
	}
	if (e->n > 0)
		puts_(p, ")");
}

/* any, all: over items, or over a generator. */
static void
put_any(struct cs_jq_print *p, struct ctx c, const struct cs_expr *e,
    const struct func *f)
{
	struct ctx in = elsewhere(c);

	put_call(p, c, f->name[1] == 'n' ? "_any" : "_all", e);
	puts_(p, ";");
	if (e->n == 2)
		put(p, c, e->list[0]);
	else {
		put_call(p, c, "_each", e);
		puts_(p, ")");
	}
	puts_(p, ";");
	if (e->n == 0) {
		put_call(p, in, ".|_b", e);
		puts_(p, ")");
	} else
		put_condition(p, in, e->list[e->n - 1]);
	puts_(p, ")");
}

static bool
is_plain_literal(const struct cs_expr *e)
{
	return (e->op == CS_E_NUMBER && isfinite(e->num)) || e->op == CS_E_TEXT;
}

/* Are all of v literals of one type and none a date? Then membership is one
 * look through a constant. */
static bool
is_set(const struct cs_expr **v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!is_plain_literal(v[i]) || v[i]->op != v[0]->op ||
		    cs_jq_is_date(v[i]))
			return false;
	return true;
}

static bool
has_date(const struct cs_expr **v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (cs_jq_is_date(v[i]))
			return true;
	return false;
}

/* IN(s): is . one of them? */
static void
put_in(struct cs_jq_print *p, struct ctx c, const struct cs_expr *e,
    const struct cs_expr *s)
{
	size_t n = flatten(s, CS_E_COMMA, NULL), i;
	const struct cs_expr **v = cs_calloc(n, sizeof(*v));

	flatten(s, CS_E_COMMA, v);
	if (is_set(v, n)) {
		bool is_text = v[0]->op == CS_E_TEXT;

		put_call(p, c, is_text ? "_inset" : "_inlist", e);
		puts_(p, is_text ? ";{" : ";[");
		for (i = 0; i < n; i++) {
			if (i > 0)
				puts_(p, ",");
			put(p, c, v[i]);
			if (is_text)
				puts_(p, ":0");
		}
		puts_(p, is_text ? "})" : "])");
	} else {
		put_call(p, c, has_date(v, n) ? "_indate" : "_in", e);
		puts_(p, ";");
		put(p, c, s);
		puts_(p, ")");
	}
	free(v);
}

/* A value that the host takes as text: of a column it looks at the cell, since
 * "1.50" as a number would be "1.5". */
static void
put_as_text(struct cs_jq_print *p, struct ctx c, const struct cs_expr *e)
{
	size_t col = column_of(p, c, e);

	if (col != CS_JQ_NONE && !c.is_plain) {
		cs_buf_printf(p->out, "null,%zu", col);
		return;
	}
	if (e == NULL)
		put_self(p, c);
	else
		put_one(p, c, e);
	puts_(p, ",null");
}

/* The words that ask about dates: two texts, one of them perhaps today. */
static void
put_days(struct cs_jq_print *p, struct ctx c, const struct cs_expr *e,
    const char *word, const struct cs_expr *from, const struct cs_expr *to)
{
	put_host(p, c, word, e);
	if (from != NULL)
		put_one(p, c, from);
	else
		puts_(p, "$today");
	puts_(p, ",");
	if (to != NULL)
		put_one(p, c, to);
	else
		puts_(p, "$today");
	puts_(p, "])");
}

static void
put_date_word(struct cs_jq_print *p, struct ctx c, const struct cs_expr *e)
{
	const struct cs_expr *x = e->list[0];

	if (cs_str_is(e->text, "days_since"))
		put_days(p, c, e, "days", x, NULL);
	else if (cs_str_is(e->text, "days_until"))
		put_days(p, c, e, "days", NULL, x);
	else if (cs_str_is(e->text, "days_between"))
		put_days(p, c, e, "days", x, e->list[1]);
	else if (cs_str_is(e->text, "months_since"))
		put_days(p, c, e, "months", x, NULL);
	else if (cs_str_is(e->text, "weekday")) {
		put_host(p, c, "weekday", e);
		put_one(p, c, x);
		puts_(p, "])");
	} else { /* in_last */
		put_call(p, c, "_inlast", e);
		puts_(p, ";");
		put_days(p, c, e, "days", x, NULL);
		puts_(p, ";");
		put_one(p, c, e->list[1]);
		puts_(p, ")");
	}
}

static void
put_own(struct cs_jq_print *p, struct ctx c, const struct cs_expr *e,
    const struct func *f)
{
	struct cs_str w = e->text;

	if (cs_str_is(w, "not")) {
		put_call(p, c, "(.|_b", e);
		puts_(p, ")|_not)");
	} else if (cs_str_is(w, "any") || cs_str_is(w, "all"))
		put_any(p, c, e, f);
	else if (cs_str_is(w, "IN"))
		put_in(p, c, e, e->list[0]);
	else if (cs_str_is(w, "in_list")) {
		put_host(p, c, "list", e);
		cs_buf_printf(p->out, "%zu,",
		    p->names->list(p->names->self, e,
			e->list[0]->op == CS_E_TEXT ? e->list[0]->text
						    : (struct cs_str){0}));
		put_as_text(p, c, NULL);
		puts_(p, "])");
	} else if (cs_str_is(w, "bucket")) {
		put_host(p, c, "bucket", e);
		put_one(p, c, e->list[0]);
		puts_(p, ",");
		put_as_text(p, c, e->list[1]);
		puts_(p, "])");
	} else if (cs_str_is(w, "nfkc")) {
		put_host(p, c, "nfkc", e);
		puts_(p, ".])");
	} else if (cs_str_is(w, "error")) {
		put_call(p, c, "_bad", e);
		puts_(p, ";");
		if (e->n == 0)
			puts_(p, ".");
		else
			put_one(p, c, e->list[0]);
		puts_(p, ")");
	} else if (cs_str_is(w, "map")) {
		put_call(p, c, "_vals", e);
		puts_(p, ";");
		put_call(p, c, "_each", e);
		puts_(p, ")|");
		put(p, elsewhere(c), e->list[0]);
		puts_(p, ")");
	} else if (cs_str_is(w, "select")) {
		puts_(p, "select(");
		put_condition(p, c, e->list[0]);
		puts_(p, ")");
	} else if (cs_str_is(w, "tostring"))
		puts_(p, "_tostring");
	else
		put_date_word(p, c, e);
}

/* Words that jq 1.6 does not have (ascii: only in its manual) keep the rule
 * language's meaning everywhere. */
static bool
is_ours(struct cs_str w)
{
	return cs_str_is(w, "in_list") || cs_str_is(w, "bucket") ||
	       cs_str_is(w, "nfkc") || cs_str_is(w, "in_last") ||
	       cs_str_is(w, "weekday") || cs_str_is(w, "months_since") ||
	       cs_str_is(w, "ascii") || cs_str_starts(w, CS_S("days_"));
}

static void
put_func(struct cs_jq_print *p, struct ctx c, const struct cs_expr *e)
{
	const struct func *f = func(e);

	if (f == NULL) {
		/* The parser's allow list is the wider one only by mistake. */
		puts_(p, "null");
		return;
	}
	check_pattern(p, e, f);
	if (c.is_rec && !(f->flags & FREE))
		p->names->whole(p->names->self);
	if (c.is_plain && !is_ours(e->text)) {
		puts_(p, "(");
		put_args(p, c, e, f);
		puts_(p, ")");
		return;
	}
	switch (f->form) {
	case F_OWN:
		put_own(p, c, e, f);
		break;
	case F_PRELUDE: {
		size_t i;

		cs_buf_printf(p->out, "_%s(", f->name);
		put_site(p, c, e);
		for (i = 0; i < e->n; i++) {
			puts_(p, ";");
			put_arg(p, c, f->args[i], e->list[i]);
		}
		puts_(p, ")");
		break;
	}
	case F_BARE:
		put_args(p, c, e, f);
		break;
	default:
		put_call(p, c, f->form == F_STREAM ? "_stream" : "_plain", e);
		puts_(p, ";");
		put_args(p, c, e, f);
		puts_(p, ")");
		break;
	}
}

/* --- nodes -------------------------------------------------------------- */

static bool
is_not(const struct cs_expr *e)
{
	return e->op == CS_E_CALL && e->n == 0 && cs_str_is(e->text, "not");
}

static void
put_pipe(struct cs_jq_print *p, struct ctx c, const struct cs_expr *e)
{
	struct ctx right = c;

	if (is_self(e->a)) {
		put(p, c, e->b);
		return;
	}
	right.is_rec = false;
	right.col = column_of(p, c, e->a);
	puts_(p, "(");
	if (!c.is_plain && is_not(e->b)) {
		/* The fault of `.x | not` is at .x. */
		put_condition(p, c, e->a);
		puts_(p, "|_not)");
		return;
	}
	put(p, c, e->a);
	puts_(p, "|");
	put(p, right, e->b);
	puts_(p, ")");
}

static void
put_three(struct cs_jq_print *p, struct ctx c, const struct cs_expr *e)
{
	struct ctx quiet = c;

	switch (e->op) {
	case CS_E_FIELD:
		put_field(p, c, e);
		break;
	case CS_E_INDEX:
	case CS_E_SLICE:
		put_index(p, c, e);
		break;
	case CS_E_EACH:
		put_base(p, c, e);
		put_call(p, c, "_each", e);
		puts_(p, "))");
		break;
	case CS_E_OPTIONAL:
		quiet.is_quiet = true;
		put(p, quiet, e->a);
		break;
	case CS_E_INTERP:
		put_interp(p, c, e);
		break;
	case CS_E_FORMAT:
		put_call(p, c, "_plain", e);
		puts_(p, ";");
		puts_(p, format_name(e->text));
		puts_(p, ")");
		if (c.is_rec)
			p->names->whole(p->names->self);
		break;
	case CS_E_NEG:
		puts_(p, "(");
		put_one(p, c, e->a);
		puts_(p, "|");
		put_call(p, c, "_neg", e);
		puts_(p, "))");
		break;
	case CS_E_COMMA:
		put_chain(p, c, e, "_comma", put);
		break;
	case CS_E_OR:
	case CS_E_AND:
		put_chain(p, c, e, operator_name(e->op, false), put_condition);
		break;
	case CS_E_ALT:
		puts_(p, "_alt(");
		put_one(p, c, e->a);
		puts_(p, ";");
		put_one(p, c, e->b);
		puts_(p, ")");
		break;
	case CS_E_IF:
		put_if(p, c, e, 0);
		break;
	case CS_E_ARRAY:
		if (e->a == NULL) {
			puts_(p, "[]");
			break;
		}
		put_call(p, c, "_vals", e);
		puts_(p, ";");
		put(p, c, e->a);
		puts_(p, ")");
		break;
	default:
		if (e->op >= CS_E_EQ && e->op <= CS_E_GE)
			put_comparison(p, c, e);
		else
			put_arithmetic(p, c, e);
		break;
	}
}

static void
put_plain_if(struct cs_jq_print *p, struct ctx c, const struct cs_expr *e)
{
	size_t i;

	for (i = 0; i + 1 < e->n; i += 2) {
		puts_(p, i == 0 ? "if " : " elif ");
		put(p, c, e->list[i]);
		puts_(p, " then ");
		put(p, c, e->list[i + 1]);
	}
	puts_(p, " else ");
	put(p, c, e->list[i]);
	puts_(p, " end");
}

static void
put_plain_interp(struct cs_jq_print *p, struct ctx c, const struct cs_expr *e)
{
	size_t i;

	if (e->text.p != NULL)
		puts_(p, format_name(e->text));
	puts_(p, "\"");
	for (i = 0; i < e->n; i++) {
		if (e->list[i]->op == CS_E_TEXT) {
			/* The literal without its quotes. */
			struct cs_buf b = {0};

			cs_text_json(&b, e->list[i]->text);
			cs_buf_add(p->out, b.p + 1, b.n - 2);
			cs_buf_free(&b);
			continue;
		}
		puts_(p, "\\(");
		put(p, c, e->list[i]);
		puts_(p, ")");
	}
	puts_(p, "\"");
}

static void
put_plain_index(struct cs_jq_print *p, struct ctx c, const struct cs_expr *e)
{
	if (e->a == NULL)
		puts_(p, ".");
	else
		put(p, c, e->a);
	puts_(p, "[");
	if (e->op == CS_E_FIELD)
		put_text(p, e->text);
	else if (e->op != CS_E_EACH) {
		if (e->b != NULL)
			put(p, c, e->b);
		if (e->op == CS_E_SLICE)
			puts_(p, ":");
		if (e->c != NULL)
			put(p, c, e->c);
	}
	puts_(p, "]");
}

/* jq's own form of what put_three prints, inside the brackets of put. */
static void
put_plain(struct cs_jq_print *p, struct ctx c, const struct cs_expr *e)
{
	switch (e->op) {
	case CS_E_FIELD:
	case CS_E_INDEX:
	case CS_E_SLICE:
	case CS_E_EACH:
		put_plain_index(p, c, e);
		break;
	case CS_E_OPTIONAL:
		put(p, c, e->a);
		puts_(p, "?");
		break;
	case CS_E_INTERP:
		put_plain_interp(p, c, e);
		break;
	case CS_E_FORMAT:
		puts_(p, format_name(e->text));
		break;
	case CS_E_NEG:
		puts_(p, "-");
		put(p, c, e->a);
		break;
	case CS_E_COMMA:
		put(p, c, e->a);
		puts_(p, ",");
		put(p, c, e->b);
		break;
	case CS_E_IF:
		put_plain_if(p, c, e);
		break;
	case CS_E_ARRAY:
		puts_(p, "[");
		if (e->a != NULL)
			put(p, c, e->a);
		puts_(p, "]");
		break;
	default:
		put(p, c, e->a);
		puts_(p, operator_name(e->op, true));
		put(p, c, e->b);
		break;
	}
}

/* Any number of values; raises nothing but the marker of an unknown stream
 * (jq's own errors in the plain meaning). Binds tighter than any operator. */
static void
put(struct cs_jq_print *p, struct ctx c, const struct cs_expr *e)
{
	switch (e->op) {
	case CS_E_NULL:
		puts_(p, "null");
		break;
	case CS_E_TRUE:
		puts_(p, "true");
		break;
	case CS_E_FALSE:
		puts_(p, "false");
		break;
	case CS_E_NUMBER:
		put_number(p, e->num);
		break;
	case CS_E_TEXT:
		put_text(p, e->text);
		break;
	case CS_E_SELF:
		put_self(p, c);
		break;
	case CS_E_VAR:
		put_var(p, c, e);
		break;
	case CS_E_CALL:
		put_func(p, c, e);
		break;
	case CS_E_PIPE:
		put_pipe(p, c, e);
		break;
	case CS_E_AS:
		put_as(p, c, e);
		break;
	case CS_E_OBJECT:
		put_object(p, c, e);
		break;
	default:
		if (!c.is_plain) {
			put_three(p, c, e);
			break;
		}
		puts_(p, "(");
		put_plain(p, c, e);
		puts_(p, ")");
		break;
	}
}

static void
put_one(struct cs_jq_print *p, struct ctx c, const struct cs_expr *e)
{
	if (c.is_plain || is_one(e)) {
		put(p, c, e);
		return;
	}
	put_call(p, c, "_one", e);
	puts_(p, ";");
	put(p, c, e);
	puts_(p, ")");
}

static void
put_condition(struct cs_jq_print *p, struct ctx c, const struct cs_expr *e)
{
	if (cs_jq_is_yes_no(e)) {
		put_one(p, c, e);
		return;
	}
	puts_(p, "(");
	put_one(p, c, e);
	puts_(p, "|");
	put_call(p, c, "_b", e);
	puts_(p, "))");
}

void
cs_jq_print(struct cs_jq_print *p, const struct cs_expr *e, enum cs_role role)
{
	struct ctx c = {.is_rec = true, .col = CS_JQ_NONE};

	if (role == CS_CONDITION)
		put_condition(p, c, e);
	else
		put_one(p, c, e);
}

void
cs_jq_print_plain(struct cs_jq_print *p, const struct cs_expr *e)
{
	struct ctx c = {.is_plain = true, .col = CS_JQ_NONE};

	put(p, c, e);
}
