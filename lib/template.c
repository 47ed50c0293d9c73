#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "template_private.h"
#include "text.h"

static const char *const special_names[CS_TEMPLATE_SPECIALS] = {
    [CS_TEMPLATE_UNSUBSCRIBE_URL] = "unsubscribe_url",
    [CS_TEMPLATE_TODAY] = "today",
    [CS_TEMPLATE_TOKEN] = "token",
    [CS_TEMPLATE_MAIL] = "mail",
    [CS_TEMPLATE_CLASS] = "class",
};

struct cs_templates *
cs_templates_new(const char *dir)
{
	struct cs_templates *set = cs_calloc(1, sizeof(*set));

	set->dir = dir;
	return set;
}

void
cs_templates_free(struct cs_templates *set)
{
	struct cs_template *t, *next;

	if (set == NULL)
		return;
	for (t = set->all; t != NULL; t = next) {
		next = t->next;
		free(t->step);
		free(t);
	}
	free(set->file);
	free(set->field);
	free(set->loaded);
	cs_arena_free(&set->arena);
	free(set);
}

void
cs_templates_offer(struct cs_templates *set, enum cs_template_special which)
{
	set->is_offered[which] = true;
}

struct cs_place
cs_tplace(const struct cs_tsource *s, const char *p)
{
	struct cs_place at = {s->file, 1, 1};
	const char *q;

	if (s->pair != NULL)
		return cs_pair_place(s->pair, (size_t)(p - s->text.p));
	for (q = s->begin; q < p; q++) {
		at.col++;
		if (*q == '\n') {
			at.line++;
			at.col = 1;
		}
	}
	return at;
}

struct cs_template *
cs_tnew(struct cs_templates *set, enum cs_template_part part)
{
	struct cs_template *t = cs_calloc(1, sizeof(*t));

	t->set = set;
	t->part = part;
	t->next = set->all;
	set->all = t;
	return t;
}

size_t
cs_tfield(struct cs_templates *set, struct cs_str name)
{
	struct cs_tfield *f;
	size_t i;

	for (i = 0; i < set->nfields; i++)
		if (cs_str_eq(set->field[i].name, name))
			return i;
	set->field = cs_grow(
	    set->field, set->nfields, &set->capfields, sizeof(*set->field));
	f = &set->field[set->nfields];
	*f = (struct cs_tfield){.name = name,
	    .col = CS_NO_COLUMN,
	    .first_col = CS_NO_COLUMN,
	    .special = -1};
	return set->nfields++;
}

struct cs_template *
cs_template_compile(struct cs_templates *set, const struct cs_pair *source,
    enum cs_template_part part, struct cs_diags *diags)
{
	struct cs_template *t = cs_tnew(set, part);
	struct cs_tsource s = {.text = source->value, .pair = source};

	cs_tparse(t, &s, diags);
	return t;
}

struct cs_pair
cs_template_pair(struct cs_str text, const char *where, struct cs_arena *arena)
{
	struct cs_place *at = cs_arena_array(arena, 1, sizeof(*at));

	*at = (struct cs_place){where, 0, 0};
	return (struct cs_pair){.key = cs_str(where),
	    .value = text,
	    .key_at = *at,
	    .value_at = at,
	    .lines = 1};
}

void
cs_template_holes(const struct cs_template *t, cs_template_hole *f, void *self)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->step[i].kind == CS_T_HOLE)
			f(self, t->set->field[t->step[i].field].name,
			    t->step[i].at);
}

/* --- columns --- */

/* JSON lines: .a.b is member a.b, or b inside a. */
static void
bind_open(struct cs_templates *set, struct cs_tfield *f, struct cs_header *head)
{
	struct cs_str rest = f->name, piece;
	size_t n = 0;

	f->col = cs_header_add(head, f->name);
	for (size_t i = 0; i < f->name.n; i++)
		n += f->name.p[i] == '.';
	if (n == 0)
		return;
	f->path = cs_arena_array(&set->arena, n, sizeof(*f->path));
	cs_str_next(&rest, '.', &piece);
	f->first_col = cs_header_add(head, piece);
	while (cs_str_next(&rest, '.', &piece))
		f->path[f->npath++] = piece;
}

static void
bind_field(
    struct cs_templates *set, struct cs_tfield *f, struct cs_header *head)
{
	f->col = cs_header_find(head, f->name);
	for (int i = 0; i < CS_TEMPLATE_SPECIALS; i++)
		if (set->is_offered[i] && f->col == CS_NO_COLUMN &&
		    cs_str_is(f->name, special_names[i]))
			f->special = i;
	if (head->is_open && f->special < 0)
		bind_open(set, f, head);
}

static void
unknown(const struct cs_template *t, const struct cs_tstep *step,
    struct cs_str name, const struct cs_header *head, struct cs_diags *diags)
{
	size_t i, n = cs_header_n(head);
	struct cs_str *names, near;

	if (cs_str_is(name, special_names[CS_TEMPLATE_UNSUBSCRIBE_URL])) {
		cs_diag(diags, CS_ERROR, "unknown-column", step->at,
		    "%.*s needs --unsub-url", CS_ARG(step->text));
		return;
	}
	names = cs_arena_array(
	    &t->set->arena, n + CS_TEMPLATE_SPECIALS, sizeof(*names));
	for (i = 0; i < n; i++)
		names[i] = cs_header_name(head, i);
	for (int k = 0; k < CS_TEMPLATE_SPECIALS; k++)
		if (t->set->is_offered[k])
			names[n++] = cs_str(special_names[k]);
	near = cs_nearest(name, names, n);
	if (near.p != NULL)
		cs_diag(diags, CS_ERROR, "unknown-column", step->at,
		    "%.*s: unknown column \"%.*s\" (did you mean \"%.*s\"?)",
		    CS_ARG(step->text), CS_ARG(name), CS_ARG(near));
	else
		cs_diag(diags, CS_ERROR, "unknown-column", step->at,
		    "%.*s: unknown column \"%.*s\"", CS_ARG(step->text),
		    CS_ARG(name));
}

/* A partial is compiled once for each place that names it. */
static bool
is_told(const struct cs_diags *diags, struct cs_place at)
{
	for (size_t i = 0; i < diags->n; i++)
		if (diags->v[i].at.file == at.file &&
		    diags->v[i].at.line == at.line &&
		    diags->v[i].at.col == at.col)
			return true;
	return false;
}

/* Oldest first, so that findings come in the order of loading. */
static void
check_holes(const struct cs_template *t, const struct cs_header *head,
    struct cs_diags *diags)
{
	if (t == NULL)
		return;
	check_holes(t->next, head, diags);
	for (size_t i = 0; i < t->n; i++) {
		const struct cs_tstep *step = &t->step[i];
		const struct cs_tfield *f;

		if (step->kind != CS_T_HOLE)
			continue;
		f = &t->set->field[step->field];
		if (f->col == CS_NO_COLUMN && f->special < 0 &&
		    !is_told(diags, step->at))
			unknown(t, step, f->name, head, diags);
	}
}

void
cs_templates_bind(
    struct cs_templates *set, struct cs_header *head, struct cs_diags *diags)
{
	for (size_t i = 0; i < set->nfields; i++)
		bind_field(set, &set->field[i], head);
	check_holes(set->all, head, diags);
}

/* --- values --- */

/* Member name of a checked JSON object; the last one wins. */
static struct cs_str
member(struct cs_str json, struct cs_str name, struct cs_arena *a)
{
	struct cs_str key, value, found = {NULL, 0};
	size_t pos = 0;

	if (cs_json_kind(json) != CS_JSON_OBJECT)
		return found;
	while (cs_json_next(json, &pos, &key, &value))
		if (cs_str_eq(cs_json_text(a, key), name))
			found = value;
	return found;
}

static struct cs_str
cell(const struct cs_rec *rec, size_t col)
{
	return col < rec->n ? cs_rec_cell(rec, col) : (struct cs_str){NULL, 0};
}

static struct cs_tvalue
json_value(const struct cs_tfield *f, const struct cs_template_env *env)
{
	struct cs_str json = cell(env->rec, f->col);
	struct cs_tvalue v = {0};

	if (json.p == NULL && f->first_col != CS_NO_COLUMN) {
		json = cell(env->rec, f->first_col);
		for (size_t i = 0; i < f->npath && json.p != NULL; i++)
			json = member(json, f->path[i], env->arena);
	}
	if (json.p == NULL || cs_json_kind(json) == CS_JSON_NULL)
		return v;
	if (cs_json_kind(json) == CS_JSON_STRING) {
		v.text = cs_json_text(env->arena, json);
		return v;
	}
	v.text = json;
	v.is_json = true;
	return v;
}

static struct cs_tvalue
value(const struct cs_tfield *f, const struct cs_template_env *env)
{
	struct cs_tvalue v = {0};

	if (f->special >= 0)
		v.text = env->special[f->special];
	else if (env->rec->form == CS_FORM_JSONL)
		return json_value(f, env);
	else if (f->col != CS_NO_COLUMN)
		v.text = cs_rec_text(env->rec, f->col);
	return v;
}

static bool
is_missing(const struct cs_tvalue *v)
{
	return v->text.p == NULL || cs_text_is_blank(v->text);
}

/* Runs the filters; a missing value passes all but the fallback. */
static const char *
filter(const struct cs_tstep *step, struct cs_tvalue *v,
    const struct cs_template_env *env)
{
	for (size_t i = 0; i < step->ncalls; i++) {
		const struct cs_tcall *c = &step->call[i];
		const char *why;

		if (c->filter->apply == NULL) {
			if (is_missing(v))
				*v = (struct cs_tvalue){.text = c->arg[0].text};
			continue;
		}
		if (is_missing(v))
			continue;
		why = c->filter->apply(v, c->arg, c->n, env);
		if (why != NULL)
			return why;
	}
	return NULL;
}

static bool
has_fallback(const struct cs_tstep *step)
{
	for (size_t i = 0; i < step->ncalls; i++)
		if (step->call[i].filter->apply == NULL)
			return true;
	return false;
}

/* --- rendering --- */

static bool
fail(struct cs_template_fault *fault, const char *reason,
    const struct cs_tstep *step, struct cs_str name, struct cs_str got,
    const char *why, struct cs_arena *arena)
{
	struct cs_buf b = {0};

	cs_buf_str(&b, name);
	if (got.p != NULL)
		cs_buf_printf(&b, " \"%.*s\"", CS_ARG(got));
	cs_buf_printf(&b, " %s (%s", why, step->at.file);
	if (step->at.line > 0)
		cs_buf_printf(&b, ":%zu:%zu", step->at.line, step->at.col);
	cs_buf_putc(&b, ')');
	fault->reason = reason;
	fault->field = name;
	fault->detail = cs_keep(arena, cs_buf_get(&b));
	cs_buf_free(&b);
	return false;
}

/* A cell written on Windows may hold CR LF; mail lines end with LF here. */
static void
put_lines(struct cs_buf *out, struct cs_str s)
{
	size_t i, from = 0;

	for (i = 0; i + 1 < s.n; i++)
		if (s.p[i] == '\r' && s.p[i + 1] == '\n') {
			cs_buf_add(out, s.p + from, i - from);
			from = i + 1;
		}
	cs_buf_add(out, s.p + from, s.n - from);
}

static void
put(struct cs_buf *out, const struct cs_tvalue *v, enum cs_template_part part,
    bool is_raw)
{
	struct cs_buf lines = {0};

	switch (part) {
	case CS_TEMPLATE_HEADER:
		cs_buf_str(out, v->text);
		break;
	case CS_TEMPLATE_TEXT:
		put_lines(out, v->text);
		break;
	case CS_TEMPLATE_HTML:
		put_lines(&lines, v->text);
		if (is_raw || v->is_escaped)
			cs_buf_str(out, cs_buf_get(&lines));
		else
			cs_thtml(out, cs_buf_get(&lines));
		break;
	case CS_TEMPLATE_URL:
		cs_turl(out, v->text);
		break;
	}
	cs_buf_free(&lines);
}

static bool
render_hole(const struct cs_template *t, const struct cs_tstep *step,
    const struct cs_template_env *env, struct cs_buf *out,
    struct cs_template_fault *fault)
{
	const struct cs_tfield *f = &t->set->field[step->field];
	struct cs_tvalue v = value(f, env), was = v;
	const char *why = filter(step, &v, env);

	if (why != NULL)
		return fail(fault, "bad_value", step, f->name, was.text, why,
		    env->arena);
	if (is_missing(&v) && !has_fallback(step)) {
		if (env->missing == CS_TEMPLATE_EMPTY)
			return true;
		return fail(fault, "missing_field", step, f->name,
		    (struct cs_str){0}, "is empty", env->arena);
	}
	if (v.text.p != NULL)
		put(out, &v, t->part, step->is_raw);
	return true;
}

bool
cs_template_render(const struct cs_template *t,
    const struct cs_template_env *env, struct cs_buf *out,
    struct cs_template_fault *fault)
{
	size_t from = out->n;

	for (size_t i = 0; i < t->n; i++) {
		const struct cs_tstep *step = &t->step[i];

		switch (step->kind) {
		case CS_T_TEXT:
			cs_buf_str(out, step->text);
			break;
		case CS_T_HOLE:
			if (!render_hole(t, step, env, out, fault))
				return false;
			break;
		}
	}
	if (t->is_body && out->n > from && out->p[out->n - 1] != '\n')
		cs_buf_putc(out, '\n');
	return true;
}
