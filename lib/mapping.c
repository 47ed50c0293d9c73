#include <stdlib.h>
#include <string.h>

#include "mapping.h"

/* The first From that the header has; the column itself when there is no
 * From. */
static size_t
source_of(const struct cs_stanza *s, struct cs_header *head, size_t *froms)
{
	size_t found = CS_NO_COLUMN;

	*froms = 0;
	for (size_t i = 0; i < s->n; i++) {
		if (strcmp(s->kv[i].key->name, "from") != 0)
			continue;
		(*froms)++;
		if (found == CS_NO_COLUMN)
			found = cs_header_find(head, s->kv[i].value);
	}
	/* JSON lines: members may come later, the first From is taken. */
	if (found == CS_NO_COLUMN && head->is_open && *froms > 0)
		found = cs_header_add(head, cs_stanza_get(s, "from")->value);
	if (*froms == 0)
		return head->is_open ? cs_header_add(head, s->name)
				     : cs_header_find(head, s->name);
	return found;
}

/* No From of the stanza is a column. With a Default or an Expr that may well be
 * so, but not where a name is nearly right. */
static void
not_there(const struct cs_stanza *s, bool is_optional,
    const struct cs_header *head, struct cs_diags *diags)
{
	const struct cs_kv *first = cs_stanza_get(s, "from");
	struct cs_str from = first != NULL ? first->value : s->name;
	struct cs_str near = cs_nearest(from, head->map.key, head->map.n);
	struct cs_place at = cs_stanza_place(s, "from");

	if (is_optional && near.p != NULL)
		cs_diag(diags, CS_WARNING, "unknown-column", at,
		    "the input has no column \"%.*s\" (did you mean \"%.*s\"?)",
		    CS_ARG(from), CS_ARG(near));
	else if (is_optional)
		return;
	else if (near.p != NULL)
		cs_diag(diags, CS_ERROR, "unknown-column", at,
		    "the input has no column \"%.*s\" (did you mean \"%.*s\"? "
		    "or give a Default:)",
		    CS_ARG(from), CS_ARG(near));
	else
		cs_diag(diags, CS_ERROR, "unknown-column", at,
		    "the input has no column \"%.*s\" (a Default: makes it "
		    "optional)",
		    CS_ARG(from));
}

/* Gives the header its new names. used: which stanza took a column. */
static void
rename_all(const struct cs_mapping *m, struct cs_header *head,
    struct cs_arena *run, struct cs_diags *diags)
{
	size_t n = cs_header_n(head);
	struct cs_str *name = cs_arena_array(run, n, sizeof(*name));
	const struct cs_mapped **used =
	    cs_calloc(n, sizeof(const struct cs_mapped *));
	struct cs_map seen = {0};

	for (size_t i = 0; i < n; i++)
		name[i] = cs_header_name(head, i);
	for (size_t i = 0; i < m->n; i++) {
		const struct cs_mapped *c = &m->v[i];

		if (c->col == CS_NO_COLUMN)
			continue;
		if (used[c->col] != NULL)
			cs_diag(diags, CS_ERROR, "duplicate", c->stanza->at,
			    "column \"%.*s\" is taken by Column: %.*s already",
			    CS_ARG(cs_header_name(head, c->col)),
			    CS_ARG(used[c->col]->name));
		used[c->col] = c;
		name[c->col] = c->name;
	}
	for (size_t i = 0; i < n; i++) {
		bool is_new;
		size_t before = cs_map_add(&seen, name[i], &is_new);

		/* One of the two has its name from a stanza. */
		if (!is_new)
			cs_diag(diags, CS_ERROR, "duplicate",
			    (used[i] ? used[i] : used[before])->stanza->at,
			    "two columns would be called \"%.*s\"",
			    CS_ARG(name[i]));
	}
	if (diags->errors == 0)
		cs_header_rename(head, name, n);
	cs_map_free(&seen);
	free(used);
}

void
cs_mapping_build(struct cs_mapping *m, const struct cs_rules *rules,
    struct cs_header *head, struct cs_arena *run, struct cs_diags *diags)
{
	*m = (struct cs_mapping){0};
	m->v = cs_arena_array(run, rules->n, sizeof(*m->v));
	for (size_t i = 0; i < rules->n; i++) {
		const struct cs_stanza *s = rules->v[i];
		struct cs_mapped *c = &m->v[m->n];
		size_t froms;

		if (!cs_stanza_is(s, "Column"))
			continue;
		*c = (struct cs_mapped){.stanza = s,
		    .name = s->name,
		    .col = source_of(s, head, &froms),
		    .dflt = cs_stanza_text(s, "default"),
		    .kv = cs_stanza_get(s, "expr")};
		c->has_slot = c->kv != NULL || c->dflt.p != NULL;
		if (c->col == CS_NO_COLUMN && froms > 0 && c->dflt.p != NULL)
			c->kv = NULL; /* made of what is not there */
		c->is_required = cs_stanza_yes(s, "required", false);
		if (c->col == CS_NO_COLUMN && (froms > 0 || c->is_required))
			not_there(s, c->has_slot, head, diags);
		if (c->col == CS_NO_COLUMN && !c->has_slot)
			continue;
		m->n++;
	}
	if (m->n > 0)
		rename_all(m, head, run, diags);
}

size_t
cs_mapping_unused(const struct cs_mapping *m, const struct cs_header *head,
    struct cs_arena *a, const char **names)
{
	enum { FEW = 10 };
	size_t n = cs_header_n(head), unused = 0;
	bool *used = cs_calloc(n, sizeof(*used));
	struct cs_buf b = {0};

	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].col != CS_NO_COLUMN)
			used[m->v[i].col] = true;
	for (size_t i = 0; i < n; i++) {
		if (used[i])
			continue;
		if (unused < FEW)
			cs_buf_printf(&b, "%s%.*s", unused > 0 ? ", " : "",
			    CS_ARG(cs_header_name(head, i)));
		unused++;
	}
	if (unused > FEW)
		cs_buf_printf(&b, " and %zu more", unused - FEW);
	if (names != NULL)
		*names = cs_keepz(a, cs_buf_get(&b));
	cs_buf_free(&b);
	free(used);
	return unused;
}

struct cs_froms *
cs_mapping_froms(const struct cs_rules *rules, struct cs_arena *run, size_t *n)
{
	struct cs_froms *v = cs_arena_array(run, rules->n, sizeof(*v));

	*n = 0;
	for (size_t i = 0; i < rules->n; i++) {
		const struct cs_stanza *s = rules->v[i];
		struct cs_froms *f = &v[*n];
		const struct cs_kv *kv;
		size_t at = 0;

		if (!cs_stanza_is(s, "Column"))
			continue;
		*f = (struct cs_froms){
		    cs_arena_array(run, s->n, sizeof(*f->name)), 0};
		while ((kv = cs_stanza_each(s, "from", &at)) != NULL)
			f->name[f->n++] = kv->value;
		*n += f->n > 1;
	}
	return v;
}

static bool
is_in(const struct cs_key_fields *k, size_t field)
{
	for (size_t i = 0; i < k->n; i++)
		if (k->v[i] == field)
			return true;
	return false;
}

static bool
is_in_key(const struct cs_schema *s, size_t field)
{
	for (size_t i = 0; i < s->nunique; i++)
		if (is_in(&s->unique[i], field))
			return true;
	return s->field[field].limits.is_unique || is_in(&s->primary, field);
}

void
cs_mapping_schema(struct cs_mapping *m, struct cs_schema *schema,
    const struct cs_header *head, struct cs_diags *diags)
{
	const struct cs_map *input =
	    head->alias.n > 0 ? &head->alias : &head->map;

	for (size_t i = 0; i < m->n; i++) {
		struct cs_mapped *c = &m->v[i];

		if (!c->has_slot || cs_map_find(input, c->name) != SIZE_MAX)
			continue;
		for (size_t j = 0; j < schema->n; j++) {
			struct cs_field *f = &schema->field[j];

			if (!cs_str_eq(f->name, c->name))
				continue;
			f->is_made = true;
			c->field = f;
			if (is_in_key(schema, j))
				cs_diag(diags, CS_WARNING, "type",
				    (struct cs_place){schema->file, 0, 0},
				    "keys over \"%.*s\" are not checked: the "
				    "map sets that column",
				    CS_ARG(f->name));
		}
	}
}
