#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "date.h"
#include "expr_jqprint_int.h"

/* The functions: one table, and how each is printed. */

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
bool
cs_jq_is_one(const struct cs_expr *e)
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
		return e->a == NULL || cs_jq_is_one(e->a);
	case CS_E_PIPE:
		return cs_jq_is_one(e->a) && cs_jq_is_one(e->b);
	case CS_E_AS:
		return cs_jq_is_one(e->a) && cs_jq_is_one(e->c);
	case CS_E_IF:
		for (i = 1; i < e->n; i += i + 2 < e->n ? 2 : 1)
			if (!cs_jq_is_one(e->list[i]))
				return false;
		return true;
	case CS_E_OBJECT:
		for (i = 0; i < e->n; i++)
			if (e->list[i] != NULL && !cs_jq_is_one(e->list[i]))
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
put_host(struct cs_jq_print *p, struct cs_jqp_ctx c, const char *word,
    const struct cs_expr *e)
{
	cs_buf_printf(p->out, "_call([\"%s\",", word);
	cs_jqp_site(p, c, e);
	cs_jqp_puts(p, ",");
}

/* A pattern that comes from the record: the host looks at it first, because
 * libjq 1.6 loses memory over a wrong one. */
static void
put_pattern_arg(
    struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *e)
{
	if (e->op == CS_E_TEXT) {
		cs_jqp_put(p, c, e);
		return;
	}
	put_host(p, c, "pattern", e);
	cs_jqp_one(p, c, e);
	cs_jqp_puts(p, "])");
}

static void
put_arg(struct cs_jq_print *p, struct cs_jqp_ctx c, char how,
    const struct cs_expr *e)
{
	if (c.is_plain) {
		cs_jqp_put(
		    p, how == 'i' || how == 'k' ? cs_jqp_elsewhere(c) : c, e);
		return;
	}
	switch (how) {
	case 'd':
		cs_jqp_put(p, c, e);
		break;
	case 'i':
		cs_jqp_put(p, cs_jqp_elsewhere(c), e);
		break;
	case 'c':
		cs_jqp_condition(p, c, e);
		break;
	case 'k':
		cs_jqp_condition(p, cs_jqp_elsewhere(c), e);
		break;
	case 'p':
		put_pattern_arg(p, c, e);
		break;
	default:
		cs_jqp_one(p, c, e);
		break;
	}
}

/* jq's own, or the prelude's that looks at the sum of lengths first. */
static const char *
name_of(struct cs_jqp_ctx c, const struct func *f)
{
	if (!c.is_plain && strcmp(f->name, "add") == 0)
		return "_sum";
	if (!c.is_plain && strcmp(f->name, "join") == 0)
		return "_join";
	return f->name;
}

/* "name(args)" */
static void
put_args(struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *e,
    const struct func *f)
{
	size_t i;

	cs_jqp_puts(p, name_of(c, f));
	for (i = 0; i < e->n; i++) {
		cs_jqp_puts(p, i == 0 ? "(" : ";");
		put_arg(p, c, f->args[i], e->list[i]);
	}
	if (e->n > 0)
		cs_jqp_puts(p, ")");
}

/* any, all: over items, or over a generator. */
static void
put_any(struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *e,
    const struct func *f)
{
	struct cs_jqp_ctx in = cs_jqp_elsewhere(c);

	cs_jqp_call(p, c, f->name[1] == 'n' ? "_any" : "_all", e);
	cs_jqp_puts(p, ";");
	if (e->n == 2)
		cs_jqp_put(p, c, e->list[0]);
	else {
		cs_jqp_call(p, c, "_each", e);
		cs_jqp_puts(p, ")");
	}
	cs_jqp_puts(p, ";");
	if (e->n == 0) {
		cs_jqp_call(p, in, ".|_b", e);
		cs_jqp_puts(p, ")");
	} else
		cs_jqp_condition(p, in, e->list[e->n - 1]);
	cs_jqp_puts(p, ")");
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
put_in(struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *e,
    const struct cs_expr *s)
{
	size_t n = cs_jqp_flatten(s, CS_E_COMMA, NULL), i;
	const struct cs_expr **v = cs_calloc(n, sizeof(*v));

	cs_jqp_flatten(s, CS_E_COMMA, v);
	if (is_set(v, n)) {
		bool is_text = v[0]->op == CS_E_TEXT;

		cs_jqp_call(p, c, is_text ? "_inset" : "_inlist", e);
		cs_jqp_puts(p, is_text ? ";{" : ";[");
		for (i = 0; i < n; i++) {
			if (i > 0)
				cs_jqp_puts(p, ",");
			cs_jqp_put(p, c, v[i]);
			if (is_text)
				cs_jqp_puts(p, ":0");
		}
		cs_jqp_puts(p, is_text ? "})" : "])");
	} else {
		cs_jqp_call(p, c, has_date(v, n) ? "_indate" : "_in", e);
		cs_jqp_puts(p, ";");
		cs_jqp_put(p, c, s);
		cs_jqp_puts(p, ")");
	}
	free(v);
}

/* A value that the host takes as text: of a column it looks at the cell, since
 * "1.50" as a number would be "1.5". */
static void
put_as_text(struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *e)
{
	size_t col = cs_jqp_column_of(p, c, e);

	if (col != CS_JQ_NONE && !c.is_plain) {
		cs_buf_printf(p->out, "null,%zu", col);
		return;
	}
	if (e == NULL)
		cs_jqp_self(p, c);
	else
		cs_jqp_one(p, c, e);
	cs_jqp_puts(p, ",null");
}

/* The words that ask about dates: two texts, one of them perhaps today. */
static void
put_days(struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *e,
    const char *word, const struct cs_expr *from, const struct cs_expr *to)
{
	put_host(p, c, word, e);
	if (from != NULL)
		cs_jqp_one(p, c, from);
	else
		cs_jqp_puts(p, "$today");
	cs_jqp_puts(p, ",");
	if (to != NULL)
		cs_jqp_one(p, c, to);
	else
		cs_jqp_puts(p, "$today");
	cs_jqp_puts(p, "])");
}

static void
put_date_word(
    struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *e)
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
		cs_jqp_one(p, c, x);
		cs_jqp_puts(p, "])");
	} else { /* in_last */
		cs_jqp_call(p, c, "_inlast", e);
		cs_jqp_puts(p, ";");
		put_days(p, c, e, "days", x, NULL);
		cs_jqp_puts(p, ";");
		cs_jqp_one(p, c, e->list[1]);
		cs_jqp_puts(p, ")");
	}
}

static void
put_own(struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *e,
    const struct func *f)
{
	struct cs_str w = e->text;

	if (cs_str_is(w, "not")) {
		cs_jqp_call(p, c, "(.|_b", e);
		cs_jqp_puts(p, ")|_not)");
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
		cs_jqp_puts(p, "])");
	} else if (cs_str_is(w, "bucket")) {
		put_host(p, c, "bucket", e);
		cs_jqp_one(p, c, e->list[0]);
		cs_jqp_puts(p, ",");
		put_as_text(p, c, e->list[1]);
		cs_jqp_puts(p, "])");
	} else if (cs_str_is(w, "nfkc")) {
		put_host(p, c, "nfkc", e);
		cs_jqp_puts(p, ".])");
	} else if (cs_str_is(w, "error")) {
		cs_jqp_call(p, c, "_bad", e);
		cs_jqp_puts(p, ";");
		if (e->n == 0)
			cs_jqp_puts(p, ".");
		else
			cs_jqp_one(p, c, e->list[0]);
		cs_jqp_puts(p, ")");
	} else if (cs_str_is(w, "map")) {
		cs_jqp_call(p, c, "_vals", e);
		cs_jqp_puts(p, ";");
		cs_jqp_call(p, c, "_each", e);
		cs_jqp_puts(p, ")|");
		cs_jqp_put(p, cs_jqp_elsewhere(c), e->list[0]);
		cs_jqp_puts(p, ")");
	} else if (cs_str_is(w, "select")) {
		cs_jqp_puts(p, "select(");
		cs_jqp_condition(p, c, e->list[0]);
		cs_jqp_puts(p, ")");
	} else if (cs_str_is(w, "tostring"))
		cs_jqp_puts(p, "_tostring");
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

void
cs_jqp_func(struct cs_jq_print *p, struct cs_jqp_ctx c, const struct cs_expr *e)
{
	const struct func *f = func(e);

	if (f == NULL) {
		/* The parser's allow list is the wider one only by mistake. */
		cs_jqp_puts(p, "null");
		return;
	}
	check_pattern(p, e, f);
	if (c.is_rec && !(f->flags & FREE))
		p->names->whole(p->names->self);
	if (c.is_plain && !is_ours(e->text)) {
		cs_jqp_puts(p, "(");
		put_args(p, c, e, f);
		cs_jqp_puts(p, ")");
		return;
	}
	switch (f->form) {
	case F_OWN:
		put_own(p, c, e, f);
		break;
	case F_PRELUDE: {
		size_t i;

		cs_buf_printf(p->out, "_%s(", f->name);
		cs_jqp_site(p, c, e);
		for (i = 0; i < e->n; i++) {
			cs_jqp_puts(p, ";");
			put_arg(p, c, f->args[i], e->list[i]);
		}
		cs_jqp_puts(p, ")");
		break;
	}
	case F_BARE:
		put_args(p, c, e, f);
		break;
	default:
		cs_jqp_call(
		    p, c, f->form == F_STREAM ? "_stream" : "_plain", e);
		cs_jqp_puts(p, ";");
		put_args(p, c, e, f);
		cs_jqp_puts(p, ")");
		break;
	}
}
