#include <stdlib.h>

#include "eval_int.h"
#include "eval_ref.h"
#include "prelude.h"
#include "re.h"

struct cs_ref *
cs_ref_new(const struct cs_eval_conf *conf)
{
	struct cs_ref *ev = cs_calloc(1, sizeof(*ev));

	ev->conf = conf;
	return ev;
}

size_t
cs_ref_add(struct cs_ref *ev, const struct cs_expr *e, enum cs_role role,
    const char *label)
{
	ev->owner = cs_grow(ev->owner, ev->n, &ev->cap, sizeof(*ev->owner));
	ev->owner[ev->n] =
	    (struct cs_owner){.expr = e, .role = role, .label = label};
	return ev->n++;
}

/* --- program ------------------------------------------------------------ */

void
cs_eval_print_owner(struct cs_ref *ev, struct cs_jq_print *p, size_t owner)
{
	p->owner = owner;
	ev->at = &ev->owner[owner];
	cs_jq_print(p, ev->at->expr, ev->at->role);
}

static void
print_lets(struct cs_ref *ev, struct cs_jq_print *p)
{
	size_t i, k;

	for (i = 0; i < ev->order.n; i++) {
		k = ev->order.v[i];
		cs_eval_print_owner(ev, p, ev->n + k);
		cs_buf_printf(p->out, " as $l_%zu|\n", k);
	}
}

/* One output an expression, in order, in functions of bounded size. */
static void
print_expressions(struct cs_ref *ev, struct cs_jq_print *p)
{
	size_t i, begin = 0, chunks = 0;

	for (i = 0; i < ev->n; i++) {
		if (i == 0 || p->out->n - begin > CS_JQ_CHUNK) {
			cs_buf_printf(p->out, "%sdef _g%zu:\n",
			    i == 0 ? "" : ";\n", chunks++);
			begin = p->out->n;
		} else
			cs_buf_puts(p->out, ",\n");
		cs_eval_print_owner(ev, p, i);
	}
	for (i = 0; i < chunks; i++)
		cs_buf_printf(p->out, "%s_g%zu", i == 0 ? ";\n" : ",", i);
	if (chunks == 0)
		cs_buf_puts(p->out, "empty");
}

static void
print_program(struct cs_ref *ev)
{
	struct cs_jq_print p = {.out = &ev->program,
	    .sites = &ev->sites,
	    .names = &ev->names,
	    .arena = &ev->run,
	    .has_short = !ev->conf->no_short};
	size_t i;

	if (ev->is_menu) {
		cs_eval_print_menu(ev, &p);
		return;
	}
	print_lets(ev, &p);
	print_expressions(ev, &p);
	if (ev->head == NULL || ev->head->is_open)
		return;
	for (i = 0; i < ev->n + ev->conf->nlets; i++) {
		ev->at = &ev->owner[i];
		if (i < ev->n || cs_has(&ev->order, i - ev->n))
			cs_expr_dashed(ev->at->expr, cs_eval_on_dashed, ev);
	}
}

/* --- compile ------------------------------------------------------------ */

struct cs_jq *
cs_eval_start_jq(const struct cs_eval_conf *conf, const char *text,
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
	    !cs_jq_guard(jq,
		conf->cpu_seconds ? conf->cpu_seconds : CS_MAX_JQ_SECONDS,
		conf->mebibytes ? conf->mebibytes : CS_MAX_JQ_MEMORY, err)) {
		cs_jq_free(jq);
		return NULL;
	}
	return jq;
}

void
cs_eval_bind_keys(struct cs_ref *ev)
{
	size_t i, n = ev->is_whole && ev->head ? cs_header_n(ev->head) : 0;

	/* The record itself has its columns in the header's order, whatever
	 * other expressions name: its items can be seen. */
	if (n > ev->keys.n)
		ev->cols.n = ev->keys.n;
	for (i = ev->keys.n; i < n; i++)
		cs_push(&ev->cols, i);
	for (i = ev->keys.n; i < ev->cols.n; i++)
		cs_push(&ev->keys,
		    cs_jq_key(ev->jq, cs_header_name(ev->head, ev->cols.v[i])));
}

/* Is there a tree for everything? If not, the parser has said why. */
static bool
is_whole(const struct cs_ref *ev)
{
	size_t i;

	for (i = 0; i < ev->n; i++)
		if (ev->owner[i].expr == NULL)
			return false;
	for (i = 0; i < ev->order.n; i++)
		if (ev->owner[ev->n + ev->order.v[i]].expr == NULL)
			return false;
	return true;
}

bool
cs_ref_bind(struct cs_ref *ev, struct cs_header *head, struct cs_diags *diags)
{
	size_t errors = diags->errors, i;

	ev->head = head;
	ev->diags = diags;
	ev->names =
	    (struct cs_jq_names){ev, cs_eval_on_column, cs_eval_on_whole,
		cs_eval_on_var, cs_eval_on_list, cs_eval_on_pattern};
	ev->owner = cs_realloc(
	    ev->owner, ev->n + ev->conf->nlets + 1, sizeof(*ev->owner));
	for (i = 0; i < ev->conf->nlets; i++)
		ev->owner[ev->n + i] =
		    (struct cs_owner){.expr = ev->conf->lets[i].expr,
			.role = CS_VALUE,
			.label = cs_arena_printf(&ev->run, "Let %.*s",
			    CS_ARG(ev->conf->lets[i].name))};
	ev->result = cs_calloc(ev->n, sizeof(*ev->result));
	cs_eval_check_names(ev);
	cs_eval_order_lets(ev);
	if (diags->errors > errors || !is_whole(ev))
		return false;
	print_program(ev);
	return diags->errors == errors;
}

bool
cs_ref_compile(struct cs_ref *ev, struct cs_err *err)
{
	struct cs_buf text = {0};

	cs_prelude_put(&text, cs_buf_get(&ev->program));
	cs_buf_str(&text, cs_buf_get(&ev->program));
	ev->host = (struct cs_jq_host){ev, cs_eval_note, cs_eval_call};
	ev->jq = cs_eval_start_jq(
	    ev->conf, cs_buf_z(&text), &ev->host, &ev->run, err);
	cs_buf_free(&text);
	if (ev->jq == NULL)
		return false;
	cs_eval_bind_keys(ev);
	return true;
}

bool
cs_ref_start(struct cs_ref *ev, struct cs_header *head, struct cs_err *err)
{
	struct cs_diags diags = {0};
	bool is_good = cs_ref_bind(ev, head, &diags);

	if (!is_good)
		cs_fail(err, CS_STOP, "libjq's rules: %s", diags.v[0].text);
	cs_diags_free(&diags);
	return is_good && cs_ref_compile(ev, err);
}

const size_t *
cs_ref_lets(const struct cs_ref *ev, size_t *n)
{
	*n = ev->order.n;
	return ev->order.v;
}

const struct cs_jq_names *
cs_ref_names(struct cs_ref *ev, size_t owner)
{
	ev->at = &ev->owner[owner];
	return &ev->names;
}

struct cs_str
cs_ref_program(const struct cs_ref *ev)
{
	return cs_buf_get(&ev->program);
}

/* --- record ------------------------------------------------------------- */

void
cs_eval_give(struct cs_ref *ev, struct cs_rec *rec,
    const struct cs_numbers *cols, const size_t *key)
{
	size_t i, col;

	if (rec == NULL) {
		cs_jq_begin_null(ev->jq);
		cs_jq_guard_place(ev->jq, NULL, 0);
		return;
	}
	cs_jq_guard_place(ev->jq, rec->file, rec->line);
	cs_jq_begin_object(ev->jq);
	for (i = 0; i < cols->n; i++) {
		col = cols->v[i];
		/* A member that a JSON record does not have stays away: `.x`
		 * is null all the same, has("x") is not. */
		if (rec->form == CS_FORM_JSONL &&
		    (col >= rec->n || cs_rec_cell(rec, col).p == NULL))
			continue;
		cs_jq_set(ev->jq, key[i], cs_rec_val(rec, col));
	}
}

void
cs_ref_touch(struct cs_ref *ev, struct cs_rec *rec)
{
	const struct cs_header *h = ev->head;
	size_t i, n = ev->is_whole && h != NULL ? cs_header_n(h) : 0;

	for (i = 0; i < n; i++)
		if (h->type[i] != CS_TYPE_ANY)
			cs_rec_val(rec, i);
	for (i = 0; i < ev->cols.n; i++)
		if (h->type[ev->cols.v[i]] != CS_TYPE_ANY)
			cs_rec_val(rec, ev->cols.v[i]);
}

bool
cs_eval_no_answer(const char *label, enum cs_jq_state state, struct cs_str text,
    struct cs_err *err)
{
	if (label == NULL)
		label = "rule";
	if (state == CS_JQ_FAILED)
		return cs_fail(
		    err, CS_STOP, "%s: libjq: %.*s", label, CS_ARG(text));
	return cs_fail(err, CS_STOP, "%s: libjq gave no answer", label);
}

bool
cs_ref_run(struct cs_ref *ev, struct cs_rec *rec, struct cs_err *err)
{
	enum cs_jq_state state;
	size_t i;

	cs_arena_reset(&ev->one);
	ev->nfaults = ev->nlooks = 0;
	ev->rec = rec;
	if (rec != NULL && ev->is_whole && ev->cols.n < cs_header_n(ev->head))
		cs_eval_bind_keys(ev);
	cs_eval_give(ev, rec, &ev->cols, ev->keys.v);
	cs_jq_start(ev->jq);
	for (i = 0; i < ev->n; i++) {
		struct cs_val *v = &ev->result[i];

		cs_jq_guard_label(ev->jq, ev->owner[i].label);
		state = cs_jq_next(ev->jq, &ev->one, v);
		if (state != CS_JQ_OUTPUT)
			return cs_eval_no_answer(
			    ev->owner[i].label, state, v->text, err);
	}
	return true;
}

struct cs_val
cs_ref_get(const struct cs_ref *ev, size_t i)
{
	return ev->result[i];
}

/* The owner and the Lets it looked at, directly or through others. */
static void
reached(const struct cs_ref *ev, size_t owner, struct cs_numbers *v)
{
	size_t i, k;

	cs_push(v, owner);
	for (k = 0; k < v->n; k++)
		for (i = 0; i < ev->nlooks; i++)
			if (ev->look[i].owner == v->v[k])
				cs_push_once(v, ev->n + ev->look[i].let);
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
cs_ref_faults(
    const struct cs_ref *ev, size_t i, const struct cs_eval_fault **out)
{
	/* The list lives as long as the record's answers. */
	struct cs_arena *one = &((struct cs_ref *)ev)->one;
	struct cs_numbers from = {0};
	struct cs_eval_fault *v;
	size_t n = 0, k;

	*out = NULL;
	if (ev->nfaults == 0)
		return 0;
	reached(ev, i, &from);
	v = cs_arena_array(one, ev->nfaults, sizeof(*v));
	for (k = 0; k < ev->nfaults; k++)
		if (cs_has(&from, ev->fault[k].owner) &&
		    !is_told(v, n, &ev->fault[k].f))
			v[n++] = ev->fault[k].f;
	free(from.v);
	*out = v;
	return n;
}

/* The first column of o that is null into *first; *only: is there no other? */
static void
empty_column(const struct cs_ref *ev, const struct cs_owner *o,
    struct cs_rec *rec, size_t *first, bool *only)
{
	size_t i, col;

	for (i = 0; i < o->cols.n; i++) {
		col = o->cols.v[i];
		if (col < rec->n && cs_rec_look(rec, col)->kind != CS_NULL)
			continue;
		if (*first == CS_NO_COLUMN)
			*first = col;
		else if (*first != col)
			*only = false;
	}
	for (i = 0; i < o->lets.n; i++)
		empty_column(
		    ev, &ev->owner[ev->n + o->lets.v[i]], rec, first, only);
}

size_t
cs_ref_empty(const struct cs_ref *ev, size_t i, struct cs_rec *rec, bool *only)
{
	size_t col = CS_NO_COLUMN;

	*only = true;
	if (rec != NULL)
		empty_column(ev, &ev->owner[i], rec, &col, only);
	return col;
}

struct cs_str
cs_ref_empty_column(const struct cs_ref *ev, size_t i, struct cs_rec *rec)
{
	bool only;
	size_t col = cs_ref_empty(ev, i, rec, &only);

	return col == CS_NO_COLUMN ? (struct cs_str){0}
				   : cs_header_name(ev->head, col);
}

const char *
cs_ref_label(const struct cs_ref *ev, size_t i)
{
	return ev->owner[i].label;
}

const struct cs_expr *
cs_ref_expr(const struct cs_ref *ev, size_t i)
{
	return ev->owner[i].expr;
}

enum cs_role
cs_ref_role(const struct cs_ref *ev, size_t i)
{
	return ev->owner[i].role;
}

size_t
cs_ref_count(const struct cs_ref *ev)
{
	return ev->n;
}

const struct cs_expr *
cs_ref_let(const struct cs_ref *ev, struct cs_str name)
{
	size_t k = cs_eval_find_let(ev->conf, name);

	return k == CS_JQ_NONE ? NULL : ev->conf->lets[k].expr;
}

void
cs_ref_free(struct cs_ref *ev)
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
	free(ev->let_height);
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
