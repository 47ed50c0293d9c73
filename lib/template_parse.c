/* from the text of a template to its steps */
#include <string.h>

#include "num.h"
#include "template_private.h"
#include "text.h"

enum { MAX_DEPTH = 8 }; /* partials inside partials */

struct parser {
	struct cs_template *t;
	const struct cs_tsource *src;
	struct cs_diags *diags; /* NULL: tell nothing */
	struct cs_str all;
	size_t pos;
	struct cs_str indent; /* put before each line (standalone partial) */
	bool at_line_start;   /* of the output, for indent */
	const struct parser *parent;
	struct cs_str partial; /* its own name; absent outside partials */
};

/* One tag: {{ inner }}. */
struct tag {
	size_t from, to;     /* all of it, braces included */
	struct cs_str whole; /* with braces, for messages */
	struct cs_str inner; /* without braces, sigil and blanks */
	char sigil;	     /* ! > & { # ^ / = @ < or 0 */
};

static struct cs_str
slice(struct cs_str s, size_t from, size_t to)
{
	return (struct cs_str){s.p + from, to - from};
}

#define FAULT(who, tag, ...)                                                   \
	do {                                                                   \
		if ((who)->diags != NULL)                                      \
			cs_diag((who)->diags, CS_ERROR, "syntax",              \
			    place_of(who, tag), __VA_ARGS__);                  \
	} while (0)

static struct cs_place
place_of(const struct parser *p, const struct tag *g)
{
	return cs_tplace(p->src, p->all.p + g->from);
}

/* Steps of kinds to come: a template that uses them must not go out. */
static void
later(struct parser *p, const struct tag *g)
{
	FAULT(p, g, "%.*s: sections and conditions are not in this version",
	    CS_ARG(g->whole));
}

static struct cs_tstep *
add_step(struct cs_template *t)
{
	t->step = cs_grow(t->step, t->n, &t->cap, sizeof(*t->step));
	t->step[t->n] = (struct cs_tstep){0};
	return &t->step[t->n++];
}

static void
add_piece(struct cs_template *t, struct cs_str s)
{
	struct cs_tstep *step;

	if (s.n == 0)
		return;
	step = add_step(t);
	step->kind = CS_T_TEXT;
	step->text = s;
}

/* Adds the text from..to, each line that begins in it after the indent. */
static void
add_text(struct parser *p, size_t from, size_t to)
{
	struct cs_str s = slice(p->all, from, to);

	if (p->indent.n == 0) {
		add_piece(p->t, s);
		return;
	}
	while (s.n > 0) {
		const char *nl = memchr(s.p, '\n', s.n);
		size_t n = nl ? (size_t)(nl - s.p) + 1 : s.n;

		if (p->at_line_start)
			add_piece(p->t, p->indent);
		add_piece(p->t, (struct cs_str){s.p, n});
		p->at_line_start = nl != NULL;
		s.p += n;
		s.n -= n;
	}
}

/* Where the tag that begins at from ends (behind the braces), 0: nowhere. A
 * brace inside "quotes" does not end it, nor may it run over a line, except a
 * comment, which is free text. */
static size_t
tag_end(struct cs_str s, size_t inner, bool is_comment, const char *close)
{
	size_t i, n = strlen(close);
	bool in_quotes = false;

	for (i = inner; i + n <= s.n; i++) {
		if (!is_comment && s.p[i] == '\n')
			return 0;
		if (!is_comment && in_quotes && s.p[i] == '\\')
			i++;
		else if (!is_comment && s.p[i] == '"')
			in_quotes = !in_quotes;
		else if (!in_quotes && memcmp(s.p + i, close, n) == 0)
			return i + n;
	}
	return 0;
}

static size_t
line_end(struct cs_str s, size_t from)
{
	const char *nl = memchr(s.p + from, '\n', s.n - from);

	return nl ? (size_t)(nl - s.p) : s.n;
}

/* Cuts the tag at from out of the text. False: it has no end. */
static bool
cut_tag(struct parser *p, size_t from, struct tag *g)
{
	struct cs_str s = p->all;
	size_t inner = from + 2, end;
	const char *close = "}}";

	g->from = from;
	g->sigil = 0;
	while (inner < s.n && (s.p[inner] == ' ' || s.p[inner] == '\t'))
		inner++;
	if (inner < s.n && strchr("!>&{#^/=@<", s.p[inner]) != NULL)
		g->sigil = s.p[inner++];
	if (g->sigil == '{')
		close = "}}}";
	end = tag_end(s, inner, g->sigil == '!', close);
	if (end == 0) {
		g->to = line_end(s, from);
		g->whole = slice(s, from, g->to);
		FAULT(
		    p, g, "%.*s: no %s on this line", CS_ARG(g->whole), close);
		return false;
	}
	g->to = end;
	g->whole = slice(s, from, end);
	g->inner = cs_text_trim(slice(s, inner, end - strlen(close)));
	return true;
}

/* --- filters --- */

struct args {
	struct parser *p;
	const struct tag *g;
	struct cs_str rest; /* of the tag, not yet read */
};

static void
skip_blanks(struct args *a)
{
	while (a->rest.n > 0 && (a->rest.p[0] == ' ' || a->rest.p[0] == '\t')) {
		a->rest.p++;
		a->rest.n--;
	}
}

static void
advance(struct args *a, size_t n)
{
	a->rest.p += n;
	a->rest.n -= n;
}

/* Reads "text" with \" and \\ in it. The quote stands first. */
static bool
quoted(struct args *a, struct cs_str *out)
{
	struct cs_str s = a->rest;
	char *to = cs_arena_alloc(&a->p->t->set->arena, s.n + 1);
	size_t i, n = 0;

	for (i = 1; i < s.n && s.p[i] != '"'; i++) {
		if (s.p[i] == '\\' && i + 1 < s.n &&
		    (s.p[i + 1] == '"' || s.p[i + 1] == '\\'))
			i++;
		to[n++] = s.p[i];
	}
	if (i >= s.n) {
		FAULT(a->p, a->g, "%.*s: a quote is not closed",
		    CS_ARG(a->g->whole));
		return false;
	}
	*out = (struct cs_str){to, n};
	advance(a, i + 1);
	skip_blanks(a);
	return true;
}

/* Reads up to one of the stop bytes. */
static struct cs_str
bare(struct args *a, const char *stop)
{
	size_t i = 0;
	struct cs_str s;

	while (i < a->rest.n && strchr(stop, a->rest.p[i]) == NULL)
		i++;
	s = cs_text_trim(slice(a->rest, 0, i));
	advance(a, i);
	return s;
}

static const struct cs_tfilter *
find_filter(struct cs_str name)
{
	size_t i, n;
	const struct cs_tfilter *f = cs_tfilters(&n);

	for (i = 0; i < n; i++)
		if (cs_str_is(name, f[i].name))
			return &f[i];
	return NULL;
}

/* “x”, 「x」 and 'x' are what people type for "x". */
static struct cs_str
unwrap(struct cs_str s)
{
	static const char *const quotes[] = {
	    "“", "”", "「", "」", "'", "‘", "’"};

	for (size_t i = 0; i < sizeof(quotes) / sizeof(quotes[0]); i++) {
		size_t n = strlen(quotes[i]);

		if (cs_str_starts(s, cs_str(quotes[i])))
			s = slice(s, n, s.n);
		if (s.n >= n && memcmp(s.p + s.n - n, quotes[i], n) == 0)
			s.n -= n;
	}
	return s;
}

static void
no_filter(struct args *a, struct cs_str field, struct cs_str name)
{
	struct cs_str names[64], near, inner;
	size_t i, n;
	const struct cs_tfilter *f = cs_tfilters(&n);

	for (i = 0; i < n && i < 64; i++)
		names[i] = cs_str(f[i].name);
	near = cs_nearest(name, names, i);
	if (near.p != NULL) {
		FAULT(a->p, a->g,
		    "%.*s: no filter \"%.*s\" (did you mean \"%.*s\"?)",
		    CS_ARG(a->g->whole), CS_ARG(name), CS_ARG(near));
		return;
	}
	inner = unwrap(name);
	FAULT(a->p, a->g,
	    "%.*s: no filter \"%.*s\"; for a fallback write {{%.*s|\"%.*s\"}}",
	    CS_ARG(a->g->whole), CS_ARG(name), CS_ARG(field), CS_ARG(inner));
}

static bool
check_arg(struct args *a, const char *name, char kind, struct cs_targ *arg)
{
	struct cs_str s = arg->text;

	if (kind == 'n' && !cs_num_whole(s, 0, 1000000, &arg->num)) {
		FAULT(a->p, a->g,
		    "%.*s: \"%.*s\" is not a whole number, as %s needs it",
		    CS_ARG(a->g->whole), CS_ARG(s), name);
		return false;
	}
	if (kind == 'd') {
		arg->is_negative = s.n > 0 && s.p[0] == '-';
		if (arg->is_negative)
			s = slice(s, 1, s.n);
		if (!cs_duration_parse(s, &arg->span)) {
			FAULT(a->p, a->g,
			    "%.*s: \"%.*s\" is no duration: 3mo, 10d, 2w",
			    CS_ARG(a->g->whole), CS_ARG(arg->text));
			return false;
		}
	}
	return true;
}

/* Reads :arg,arg behind a filter's name. */
static bool
read_args(struct args *a, struct cs_tcall *call)
{
	const char *kinds = call->filter->args;
	size_t min = strcspn(kinds, "?"),
	       max = strlen(kinds) - (strchr(kinds, '?') != NULL);
	struct cs_targ arg[4];

	if (a->rest.n > 0 && a->rest.p[0] == ':') {
		do {
			struct cs_targ one = {0};

			advance(a, 1);
			skip_blanks(a);
			if (a->rest.n > 0 && a->rest.p[0] == '"') {
				if (!quoted(a, &one.text))
					return false;
			} else {
				one.text = bare(a, ",|");
			}
			if (call->n < 4)
				arg[call->n] = one;
			call->n++;
		} while (a->rest.n > 0 && a->rest.p[0] == ',');
	}
	if (call->n < min || call->n > max) {
		if (max == 0)
			FAULT(a->p, a->g, "%.*s: %s takes no argument",
			    CS_ARG(a->g->whole), call->filter->name);
		else
			FAULT(a->p, a->g, "%.*s: %s takes %s%zu argument%s",
			    CS_ARG(a->g->whole), call->filter->name,
			    min < max ? "at most " : "", max,
			    max > 1 ? "s" : "");
		return false;
	}
	for (size_t i = 0; i < call->n; i++)
		if (!check_arg(
			a, call->filter->name, kinds[i + (i >= min)], &arg[i]))
			return false;
	call->arg =
	    cs_arena_array(&a->p->t->set->arena, call->n, sizeof(arg[0]));
	if (call->n > 0)
		memcpy(call->arg, arg, call->n * sizeof(arg[0]));
	return true;
}

/* Reads |filter or |"fallback". */
static bool
read_call(struct args *a, struct cs_str field, struct cs_tcall *call)
{
	struct cs_str name;

	*call = (struct cs_tcall){0};
	advance(a, 1);
	skip_blanks(a);
	if (a->rest.n > 0 && a->rest.p[0] == '"') {
		call->filter = find_filter(CS_S("default"));
		call->n = 1;
		call->arg =
		    cs_arena_array(&a->p->t->set->arena, 1, sizeof(*call->arg));
		if (!quoted(a, &call->arg->text))
			return false;
	} else {
		name = bare(a, ":|");
		call->filter = find_filter(name);
		if (call->filter == NULL) {
			no_filter(a, field, name);
			return false;
		}
		if (!read_args(a, call))
			return false;
	}
	if (a->rest.n > 0 && a->rest.p[0] != '|') {
		FAULT(a->p, a->g, "%.*s: \"%.*s\" is left over",
		    CS_ARG(a->g->whole), CS_ARG(a->rest));
		return false;
	}
	return true;
}

/* --- tags --- */

static bool
is_later(struct cs_str s)
{
	return cs_str_is(s, "else") || cs_str_starts(s, CS_S("elif ")) ||
	       cs_str_starts(s, CS_S("abort ")) || cs_str_is(s, "abort");
}

static void
hole(struct parser *p, const struct tag *g)
{
	struct args a = {p, g, g->inner};
	struct cs_str name = bare(&a, "|");
	struct cs_tcall call[16];
	struct cs_tstep *step;
	size_t n = 0;

	if (name.n == 0) {
		FAULT(p, g, "%.*s: no name", CS_ARG(g->whole));
		return;
	}
	if (cs_str_is(name, ".") || is_later(name)) {
		later(p, g);
		return;
	}
	if (memmem(name.p, name.n, "｜", strlen("｜")) != NULL) {
		FAULT(p, g, "%.*s: write | instead of the full-width ｜",
		    CS_ARG(g->whole));
		return;
	}
	while (a.rest.n > 0) {
		if (n == sizeof(call) / sizeof(call[0])) {
			FAULT(p, g, "%.*s: too many filters", CS_ARG(g->whole));
			return;
		}
		if (!read_call(&a, name, &call[n++]))
			return;
	}
	if (p->at_line_start && p->indent.n > 0)
		add_piece(p->t, p->indent);
	p->at_line_start = false;
	step = add_step(p->t);
	step->kind = CS_T_HOLE;
	step->text = g->whole;
	step->at = cs_tplace(p->src, p->all.p + g->from);
	step->is_raw = g->sigil == '{' || g->sigil == '&';
	step->field = cs_tfield(p->t->set, name);
	step->call = cs_arena_array(&p->t->set->arena, n, sizeof(call[0]));
	if (n > 0)
		memcpy(step->call, call, n * sizeof(call[0]));
	step->ncalls = n;
}

static void parse(struct parser *p);

/* NAME.txt or _NAME.txt: of the part's kind. */
static struct cs_tfile *
find_partial(struct parser *p, const struct tag *g, struct cs_err *err)
{
	const char *ext = p->t->part == CS_TEMPLATE_HTML ? "html" : "txt";
	struct cs_templates *set = p->t->set;

	for (int i = 0; i < 2; i++) {
		char *name = cs_arena_printf(&set->arena, "%s%.*s.%s",
		    i == 1 ? "_" : "", CS_ARG(g->inner), ext);
		struct cs_tfile *f = cs_tfile(set, cs_str(name), p->diags, err);

		if (f == NULL || f->text.p != NULL)
			return f;
	}
	FAULT(p, g, "%.*s: no file %.*s.%s or _%.*s.%s in %s", CS_ARG(g->whole),
	    CS_ARG(g->inner), ext, CS_ARG(g->inner), ext, set->dir);
	return NULL;
}

static bool
is_inside(const struct parser *p, struct cs_str name, int *depth)
{
	for (*depth = 0; p != NULL; p = p->parent, (*depth)++)
		if (p->partial.p != NULL && cs_str_eq(p->partial, name))
			return true;
	return false;
}

static void
partial(struct parser *p, const struct tag *g, struct cs_str indent)
{
	struct cs_err err = {0};
	struct cs_tfile *f;
	struct cs_tsource src;
	struct parser sub = {
	    .t = p->t, .parent = p, .at_line_start = true, .partial = g->inner};
	struct cs_buf in = {0};
	int depth;

	if (p->t->part != CS_TEMPLATE_TEXT && p->t->part != CS_TEMPLATE_HTML) {
		FAULT(p, g, "%.*s: no partials in a header", CS_ARG(g->whole));
		return;
	}
	if (!cs_tfile_name(g->inner)) {
		FAULT(p, g,
		    "%.*s: a partial's name is made of A-Z a-z 0-9 . _ -",
		    CS_ARG(g->whole));
		return;
	}
	if (is_inside(p, g->inner, &depth) || depth >= MAX_DEPTH) {
		FAULT(p, g, "%.*s: partials go in a circle or too deep",
		    CS_ARG(g->whole));
		return;
	}
	f = find_partial(p, g, &err);
	if (f == NULL) {
		if (err.text[0] != '\0')
			FAULT(p, g, "%s", err.text);
		return;
	}
	cs_buf_str(&in, p->indent);
	cs_buf_str(&in, indent);
	src = (struct cs_tsource){
	    .text = f->text, .file = f->path, .begin = f->text.p};
	sub.src = &src;
	sub.all = f->text;
	sub.indent = cs_keep(&p->t->set->arena, cs_buf_get(&in));
	cs_buf_free(&in);
	/* The faults of a shared file are told once. */
	sub.diags = f->is_told ? NULL : p->diags;
	f->is_told = true;
	parse(&sub);
}

static void
run_tag(struct parser *p, const struct tag *g, struct cs_str indent)
{
	switch (g->sigil) {
	case '!':
		return;
	case '>':
		partial(p, g, indent);
		return;
	case '#':
	case '^':
	case '/':
	case '=':
	case '@':
	case '<':
		later(p, g);
		return;
	default:
		hole(p, g);
	}
}

/* Does the tag stand alone on its line? Then *from is the line's begin and *to
 * is behind its end, as Mustache wants for comments and partials. */
static bool
is_standalone(const struct parser *p, const struct tag *g, size_t done,
    size_t *from, size_t *to)
{
	size_t i = g->from, k = g->to;

	if (g->sigil != '!' && g->sigil != '>')
		return false;
	while (i > done && (p->all.p[i - 1] == ' ' || p->all.p[i - 1] == '\t'))
		i--;
	if (i > 0 && p->all.p[i - 1] != '\n')
		return false;
	while (k < p->all.n && (p->all.p[k] == ' ' || p->all.p[k] == '\t'))
		k++;
	if (k < p->all.n && p->all.p[k] != '\n')
		return false;
	*from = i;
	*to = k + (k < p->all.n);
	return true;
}

/* ｛｛name｝｝ from a Japanese keyboard would go out as it stands. */
static void
wide_braces(struct parser *p, size_t from, size_t to)
{
	const char *at = memmem(p->all.p + from, to - from, "｛｛", 6);

	if (at != NULL) {
		struct tag g = {.from = (size_t)(at - p->all.p)};

		FAULT(p, &g, "full-width ｛｛: write {{");
	}
}

static void
parse(struct parser *p)
{
	while (p->pos < p->all.n) {
		struct cs_str rest = slice(p->all, p->pos, p->all.n);
		const char *open = memmem(rest.p, rest.n, "{{", 2);
		size_t at = open ? (size_t)(open - p->all.p) : p->all.n;
		size_t from = at, next;
		struct cs_str indent = {"", 0};
		struct tag g;

		wide_braces(p, p->pos, at);
		if (open == NULL) {
			add_text(p, p->pos, at);
			break;
		}
		if (!cut_tag(p, at, &g)) {
			p->pos = g.to;
			continue;
		}
		next = g.to;
		if (is_standalone(p, &g, p->pos, &from, &next))
			indent = slice(p->all, from, at);
		add_text(p, p->pos, from);
		run_tag(p, &g, indent);
		p->pos = next;
	}
}

void
cs_tparse(
    struct cs_template *t, const struct cs_tsource *s, struct cs_diags *diags)
{
	struct parser p = {.t = t,
	    .src = s,
	    .diags = diags,
	    .all = s->text,
	    .at_line_start = true};

	parse(&p);
}
