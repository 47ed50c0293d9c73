#include <string.h>

#include "rules.h"
#include "rules_load.h"

struct cs_title
cs_rules_title(const char *name)
{
	struct cs_title t = {""};

	strncpy(t.z, name, sizeof(t.z) - 1);
	if (t.z[0] >= 'a' && t.z[0] <= 'z')
		t.z[0] = (char)(t.z[0] - 'a' + 'A');
	return t;
}

void
cs_rules_types(const struct cs_rules *r, struct cs_header *head)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct cs_stanza *s = r->v[i];
		enum cs_type t;
		size_t col;

		if (!cs_stanza_is(s, "Column") ||
		    !cs_type_parse(cs_stanza_text(s, "type"), &t))
			continue;
		col = cs_header_find(head, s->name);
		if (col == CS_NO_COLUMN)
			continue;
		if (s->field != NULL)
			cs_field_bind(s->field, head, col);
		else
			cs_header_set_type(head, col, t);
	}
}

bool
cs_stanza_is(const struct cs_stanza *s, const char *kind)
{
	return strcmp(s->kind->name, kind) == 0;
}

const struct cs_kv *
cs_stanza_each(const struct cs_stanza *s, const char *key, size_t *i)
{
	while (*i < s->n) {
		const struct cs_kv *kv = &s->kv[(*i)++];

		if (strcmp(kv->key->name, key) == 0)
			return kv;
	}
	return NULL;
}

const struct cs_kv *
cs_stanza_get(const struct cs_stanza *s, const char *key)
{
	size_t i = 0;

	return cs_stanza_each(s, key, &i);
}

struct cs_str
cs_stanza_text(const struct cs_stanza *s, const char *key)
{
	const struct cs_kv *kv = cs_stanza_get(s, key);

	return kv ? kv->value : (struct cs_str){0};
}

double
cs_stanza_number(const struct cs_stanza *s, const char *key, double other)
{
	const struct cs_kv *kv = cs_stanza_get(s, key);

	return kv && !kv->is_faulty ? kv->num : other;
}

bool
cs_stanza_duration(
    const struct cs_stanza *s, const char *key, struct cs_duration *d)
{
	const struct cs_kv *kv = cs_stanza_get(s, key);

	if (kv == NULL || kv->is_faulty)
		return false;
	*d = kv->duration;
	return true;
}

bool
cs_stanza_range(
    const struct cs_stanza *s, const char *key, double *lo, double *hi)
{
	const struct cs_kv *kv = cs_stanza_get(s, key);

	if (kv == NULL || kv->is_faulty)
		return false;
	*lo = kv->lo;
	*hi = kv->hi;
	return true;
}

bool
cs_stanza_yes(const struct cs_stanza *s, const char *key, bool other)
{
	const struct cs_kv *kv = cs_stanza_get(s, key);

	return kv ? cs_str_is(kv->value, "yes") : other;
}

struct cs_place
cs_stanza_place(const struct cs_stanza *s, const char *key)
{
	const struct cs_kv *kv = cs_stanza_get(s, key);

	return kv ? cs_pair_place(kv->pair, 0) : s->at;
}
