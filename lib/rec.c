#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "rec.h"

static const char *const form_word[] = {
    "auto", "csv", "tsv", "jsonl", "table", "excel"};

bool
cs_form_parse(const char *word, enum cs_form *f)
{
	for (size_t i = 0; i < sizeof(form_word) / sizeof(form_word[0]); i++)
		if (strcmp(word, form_word[i]) == 0) {
			*f = (enum cs_form)i;
			return true;
		}
	return false;
}

const char *
cs_form_name(enum cs_form f)
{
	return form_word[f];
}

size_t
cs_header_n(const struct cs_header *h)
{
	return h->map.n;
}

struct cs_str
cs_header_name(const struct cs_header *h, size_t col)
{
	return h->map.key[col];
}

size_t
cs_header_find(const struct cs_header *h, struct cs_str name)
{
	size_t col = cs_map_find(&h->map, name);

	if (col == SIZE_MAX && h->alias.n > 0)
		col = cs_map_find(&h->alias, name);
	return col == SIZE_MAX ? CS_NO_COLUMN : col;
}

void
cs_header_rename(struct cs_header *h, const struct cs_str *name, size_t n)
{
	h->alias = h->map;
	h->map = (struct cs_map){0};
	for (size_t i = 0; i < n; i++) {
		cs_map_add(&h->map, name[i], NULL);
		/* An empty raw name is written from the name itself. */
		if (h->raw_name != NULL && !cs_str_eq(name[i], h->alias.key[i]))
			h->raw_name[i].n = 0;
	}
}

size_t
cs_header_add(struct cs_header *h, struct cs_str name)
{
	size_t col = cs_header_find(h, name), cap = h->cap;

	if (col == CS_NO_COLUMN)
		col = cs_map_add(&h->map, name, NULL);

	if (col < cap)
		return col;
	h->cap = cap < 16 ? 32 : cap * 2;
	h->type = cs_realloc(h->type, h->cap, sizeof(*h->type));
	h->misfits = cs_realloc(h->misfits, h->cap, sizeof(*h->misfits));
	h->how = cs_realloc(h->how, h->cap, sizeof(*h->how));
	for (size_t i = cap; i < h->cap; i++) {
		h->type[i] = CS_TYPE_ANY;
		h->how[i] = NULL;
		h->misfits[i] = 0;
	}
	return col;
}

void
cs_header_set_type(struct cs_header *h, size_t col, enum cs_type t)
{
	h->type[col] = t;
	h->how[col] = NULL;
	h->has_types = h->has_types || t != CS_TYPE_ANY;
}

static void
copy_names(struct cs_map *to, const struct cs_map *from)
{
	for (size_t i = 0; i < from->n; i++)
		cs_map_add(to, from->key[i], NULL);
}

void
cs_header_copy(struct cs_header *to, const struct cs_header *h)
{
	size_t n = cs_header_n(h);

	*to = *h;
	to->map = to->alias = (struct cs_map){0};
	copy_names(&to->map, &h->map);
	copy_names(&to->alias, &h->alias);
	to->misfits = cs_calloc(h->cap, sizeof(*to->misfits));
	to->type = cs_calloc(h->cap, sizeof(*to->type));
	to->how = cs_calloc(h->cap, sizeof(*to->how));
	if (h->cap > 0) {
		memcpy(to->type, h->type, h->cap * sizeof(*to->type));
		memcpy(to->how, h->how, h->cap * sizeof(*to->how));
	}
	if (h->raw_name == NULL)
		return;
	to->raw_name = cs_arena_array(&to->map.arena, n, sizeof(*to->raw_name));
	memcpy(to->raw_name, h->raw_name, n * sizeof(*to->raw_name));
}

void
cs_header_set_reading(struct cs_header *h, size_t col, enum cs_type t,
    cs_read_fn *read, const void *how)
{
	cs_header_set_type(h, col, t);
	h->read = read;
	h->how[col] = how;
}

void
cs_header_free(struct cs_header *h)
{
	cs_map_free(&h->map);
	cs_map_free(&h->alias);
	free(h->type);
	free(h->how);
	free(h->misfits);
	*h = (struct cs_header){0};
}

bool
cs_header_need(struct cs_header *h, struct cs_str name, size_t *col,
    const char *where, struct cs_err *err)
{
	*col = h->is_open ? cs_header_add(h, name) : cs_header_find(h, name);
	return *col != CS_NO_COLUMN ||
	       cs_fail_column(err, name, where, h->map.key, h->map.n);
}

const struct cs_val *
cs_rec_touch(struct cs_rec *r, size_t col)
{
	struct cs_header *h = r->head;
	struct cs_val *v = &r->val[col];
	struct cs_str cell = cs_rec_cell(r, col);
	bool misfit = false;

	if (cell.p == NULL)
		*v = cs_val_null();
	else if (h->how[col] != NULL)
		misfit = !h->read(
		    h->how[col], r->arena, cell, r->form == CS_FORM_JSONL, v);
	else if (r->form == CS_FORM_JSONL)
		cs_val_set_json(v, r->arena, cell, h->type[col], &misfit);
	else
		cs_val_set_cell(v, cell, h->type[col], &misfit);
	h->misfits[col] += misfit && !r->is_again;
	r->touched[col] = 1;
	return v;
}

struct cs_val
cs_rec_val(struct cs_rec *r, size_t col)
{
	return col < r->n ? *cs_rec_look(r, col) : cs_val_null();
}

struct cs_str
cs_rec_text(struct cs_rec *r, size_t col)
{
	struct cs_str s;

	if (col >= r->n)
		return (struct cs_str){0};
	s = cs_rec_cell(r, col);
	if (r->form != CS_FORM_JSONL || s.p == NULL)
		return s;
	switch (cs_json_kind(s)) {
	case CS_JSON_NULL:
		return (struct cs_str){0};
	case CS_JSON_STRING:
		return cs_json_text(r->arena, s);
	default:
		return s;
	}
}
