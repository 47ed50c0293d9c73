#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "schema_check.h"
#include "set.h"

struct column {
	size_t col, slot;	      /* slot SIZE_MAX: another sets it */
	const struct cs_field *field; /* NULL: a type alone */
	bool has_limits;	      /* others than required and unique */
	bool is_text;		      /* any text will do that is not empty */
};

/* unique, uniqueKeys, primaryKey. */
struct key {
	const char *reason;
	size_t *col, n;
	struct cs_set seen;
};

struct cs_checks {
	struct cs_header *head;
	struct cs_plan *plan;
	struct column *column;
	size_t n;
	struct key *key;
	size_t nkeys;
	struct cs_arena arena;
	struct cs_buf text, written;
};

/* JSON lines: a member may come later. */
static size_t
column_of(struct cs_checks *c, const struct cs_field *f)
{
	return c->head->is_open ? cs_header_add(c->head, f->name)
				: cs_header_find(c->head, f->name);
}

static void
add_key(struct cs_checks *c, const struct cs_schema *s, const char *reason,
    const size_t *field, size_t n)
{
	struct key *k = &c->key[c->nkeys];

	*k = (struct key){.reason = reason,
	    .col = cs_arena_array(&c->arena, n, sizeof(*k->col))};
	for (size_t i = 0; i < n; i++)
		if (s->field[field[i]].is_made)
			return;
	for (size_t i = 0; i < n; i++) {
		size_t col = column_of(c, &s->field[field[i]]);

		if (col != CS_NO_COLUMN)
			k->col[k->n++] = col;
	}
	if (k->n > 0)
		c->nkeys++;
}

static void
add_keys(struct cs_checks *c, const struct cs_schema *s)
{
	c->key =
	    cs_arena_array(&c->arena, s->n + s->nunique + 1, sizeof(*c->key));
	for (size_t i = 0; i < s->n; i++)
		if (s->field[i].limits.is_unique)
			add_key(c, s, "unique", &i, 1);
	for (size_t i = 0; i < s->nunique; i++)
		add_key(c, s, "unique", s->unique[i].v, s->unique[i].n);
	if (s->primary.n > 0)
		add_key(c, s, "primaryKey", s->primary.v, s->primary.n);
}

/* Can the field's values be written otherwise than they are? In JSON a string
 * may stand as a number. */
static bool
may_change(const struct cs_field *f, bool is_json)
{
	return f != NULL &&
	       (f->missing.n > 0 || (is_json && f->type == CS_FIELD_STRING) ||
		   (f->type != CS_FIELD_ANY && f->type != CS_FIELD_STRING));
}

static bool
has_limits(const struct cs_limits *l)
{
	return l->minimum.p != NULL || l->maximum.p != NULL ||
	       l->has_min_length || l->has_max_length || l->re != NULL ||
	       l->has_list;
}

struct cs_checks *
cs_checks_new(const struct cs_schema *s, struct cs_header *head,
    struct cs_plan *plan, const bool *taken)
{
	struct cs_checks *c = cs_calloc(1, sizeof(*c));
	const struct cs_field **of;
	size_t known = cs_header_n(head), n;

	c->head = head;
	c->plan = plan;
	for (size_t i = 0; s != NULL && i < s->n; i++)
		if (!s->field[i].is_made)
			column_of(c, &s->field[i]);
	if (s != NULL) {
		cs_schema_bind(s, head);
		add_keys(c, s);
	}
	n = cs_header_n(head);
	of = cs_arena_array(&c->arena, n + 1, sizeof(const struct cs_field *));
	c->column = cs_arena_array(&c->arena, n + 1, sizeof(*c->column));
	for (size_t i = 0; s != NULL && i < s->n; i++) {
		size_t col = cs_header_find(head, s->field[i].name);

		if (col != CS_NO_COLUMN && !s->field[i].is_made)
			of[col] = &s->field[i];
	}
	for (size_t i = 0; i < n; i++) {
		struct column *k = &c->column[c->n];

		*k =
		    (struct column){.col = i, .slot = SIZE_MAX, .field = of[i]};
		/* A map's Format: is a reading without a schema. */
		if (head->how[i] != NULL)
			k->field = of[i] != NULL ? of[i] : head->how[i];
		if (k->field == NULL && head->type[i] == CS_TYPE_ANY)
			continue;
		if (may_change(k->field, head->is_open) &&
		    (taken == NULL || i >= known || !taken[i]))
			k->slot = cs_plan_over(plan, i);
		k->has_limits =
		    k->field != NULL && has_limits(&k->field->limits);
		k->is_text = k->slot == SIZE_MAX && !k->has_limits &&
			     head->how[i] == NULL &&
			     head->type[i] == CS_TYPE_TEXT && !head->is_open;
		c->n++;
	}
	return c;
}

/* The cell as a person sees it. */
static struct cs_str
shown(struct cs_rec *rec, size_t col)
{
	struct cs_str s = cs_rec_text(rec, col);

	return s.p == NULL ? (struct cs_str){"", 0} : s;
}

static void
tell(struct cs_rec *rec, struct cs_str name, struct cs_str value,
    const char *reason, const char *what, struct cs_violation *bad)
{
	if (value.n == 0)
		bad->text = cs_arena_printf(
		    rec->arena, "%.*s is %s", CS_ARG(name), what);
	else
		bad->text = cs_arena_printf(rec->arena, "%.*s is \"%.*s\", %s",
		    CS_ARG(name), CS_ARG(value), what);
	bad->reason = reason;
	bad->column = name;
	bad->value = value;
}

static void
violate(struct cs_checks *c, struct cs_rec *rec, size_t col, const char *reason,
    const char *what, struct cs_violation *bad)
{
	tell(rec, cs_header_name(c->head, col), shown(rec, col), reason, what,
	    bad);
}

static void
misfit(struct cs_checks *c, struct cs_rec *rec, const struct column *k,
    struct cs_violation *bad)
{
	static const char *const kind[] = {"", "a text",
	    "a number (Format: ja reads 1,200)",
	    "true or false (Format: default reads TRUE and 1)",
	    "a date (YYYY-MM-DD; Format: ja reads 2020/4/1)",
	    "a time (YYYY-MM-DDTHH:MM)", ""};
	const char *what = c->head->how[k->col] != NULL
			       ? cs_field_kind(k->field, rec->arena)
			       : kind[c->head->type[k->col]];

	/* Told with the record: not one more unknown. */
	if (c->head->misfits[k->col] > 0)
		c->head->misfits[k->col]--;
	if (bad->reason == NULL)
		violate(c, rec, k->col, "type",
		    cs_arena_printf(rec->arena, "not %s", what), bad);
}

/* A cell that is not empty and yet null: does it not fit? */
static bool
is_misfit(struct cs_checks *c, struct cs_rec *rec, const struct column *k)
{
	struct cs_str cell = shown(rec, k->col);

	if (cell.n == 0)
		return false;
	return c->head->how[k->col] == NULL ||
	       !cs_field_is_missing(k->field, cell);
}

/* Is v's text what stands in the cell? */
static bool
is_as_written(struct cs_rec *rec, struct cs_str cell, const struct cs_val *v)
{
	bool is_json = rec->form == CS_FORM_JSONL;

	switch (v->kind) {
	case CS_NULL:
		return is_json ? cs_json_kind(cell) == CS_JSON_NULL
			       : cell.n == 0;
	case CS_BOOL:
		return cs_str_is(cell, v->yes ? "true" : "false");
	case CS_NUM:
	case CS_JSON:
		return v->text.n == cell.n &&
		       (v->text.p == cell.p || cs_str_eq(v->text, cell));
	case CS_TEXT:
		if (!is_json)
			return v->text.n == cell.n &&
			       (v->text.p == cell.p ||
				   cs_str_eq(v->text, cell));
		return cs_json_kind(cell) == CS_JSON_STRING &&
		       cs_str_eq(cs_json_text(rec->arena, cell), v->text);
	}
	return false;
}

static void
check(struct cs_checks *c, struct cs_rec *rec, const struct column *k,
    struct cs_violation *bad)
{
	struct cs_val none = {0};
	const struct cs_val *v;
	const char *reason, *what;

	if (k->is_text && k->col < rec->n && cs_rec_cell(rec, k->col).n > 0)
		return;
	v = k->col < rec->n ? cs_rec_look(rec, k->col) : &none;
	if (v->kind == CS_NULL && is_misfit(c, rec, k)) {
		misfit(c, rec, k, bad);
		return;
	}
	if (bad->reason != NULL || k->field == NULL ||
	    (v->kind != CS_NULL && !k->has_limits))
		return;
	reason = cs_field_breaks(k->field, v, rec->arena, &what);
	if (reason != NULL)
		violate(c, rec, k->col, reason, what, bad);
}

/* A record that goes out: values in their canonical form. */
static void
settle(struct cs_checks *c, struct cs_rec *rec, const struct column *k)
{
	const struct cs_val *v;
	struct cs_str cell;

	if (k->slot == SIZE_MAX || k->col >= rec->n)
		return;
	cell = cs_rec_cell(rec, k->col);
	if (cell.p == NULL)
		return;
	v = cs_rec_look(rec, k->col);
	if (!is_as_written(rec, cell, v))
		cs_plan_set(c->plan, k->slot, *v);
}

/* The key's text: canonical, columns apart. False: a column is empty. */
static bool
key_text(struct cs_checks *c, struct cs_rec *rec, const struct key *k)
{
	cs_buf_reset(&c->text);
	for (size_t i = 0; i < k->n; i++) {
		struct cs_val v = cs_rec_val(rec, k->col[i]);

		if (v.kind == CS_NULL)
			return false;
		cs_buf_reset(&c->written);
		if (v.kind == CS_NUM && v.text.p != NULL)
			cs_decimal_key(&c->written, v.text);
		else
			cs_val_put_text(&c->written, v);
		if (k->n > 1)
			cs_buf_printf(&c->text, "%zu:", c->written.n);
		cs_buf_str(&c->text, cs_buf_get(&c->written));
	}
	return true;
}

/* A record that goes out must be new by every key before one remembers it. */
static void
check_keys(struct cs_checks *c, struct cs_rec *rec, struct cs_violation *bad)
{
	for (size_t i = 0; i < c->nkeys; i++) {
		struct key *k = &c->key[i];

		if (!key_text(c, rec, k) ||
		    !cs_set_has(&k->seen, cs_buf_get(&c->text)))
			continue;
		violate(c, rec, k->col[0], k->reason,
		    "and a record before has the same", bad);
		return;
	}
	for (size_t i = 0; i < c->nkeys; i++)
		if (key_text(c, rec, &c->key[i]))
			cs_set_add(&c->key[i].seen, cs_buf_get(&c->text), NULL);
}

void
cs_checks_record(
    struct cs_checks *c, struct cs_rec *rec, struct cs_violation *bad)
{
	*bad = (struct cs_violation){0};
	for (size_t i = 0; i < c->n; i++)
		check(c, rec, &c->column[i], bad);
	if (bad->reason == NULL && c->nkeys > 0)
		check_keys(c, rec, bad);
	for (size_t i = 0; i < c->n && bad->reason == NULL; i++)
		settle(c, rec, &c->column[i]);
}

void
cs_checks_made(struct cs_checks *c, const struct cs_field *f,
    struct cs_rec *rec, struct cs_val *v, struct cs_violation *bad)
{
	struct cs_str text;
	const char *reason, *what;

	cs_buf_reset(&c->text);
	cs_val_put_text(&c->text, *v);
	text = cs_keep(rec->arena, cs_buf_get(&c->text));
	*bad = (struct cs_violation){0};
	if (!cs_field_cell(f, rec->arena, text, v)) {
		tell(rec, f->name, text, "type",
		    cs_arena_printf(
			rec->arena, "not %s", cs_field_kind(f, rec->arena)),
		    bad);
		return;
	}
	reason = cs_field_breaks(f, v, rec->arena, &what);
	if (reason != NULL)
		tell(rec, f->name, text, reason, what, bad);
}

bool
cs_checks_has_keys(const struct cs_checks *c)
{
	return c->nkeys > 0;
}

void
cs_checks_free(struct cs_checks *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->nkeys; i++)
		cs_set_free(&c->key[i].seen);
	cs_arena_free(&c->arena);
	cs_buf_free(&c->text);
	cs_buf_free(&c->written);
	free(c);
}
