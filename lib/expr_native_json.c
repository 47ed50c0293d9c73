#include <float.h>
#include <math.h>
#include <string.h>

#include "expr_native_node.h"
#include "json.h"
#include "num.h"
#include "text.h"

bool
cs_nat_is_array(const struct cs_val *v)
{
	return v->kind == CS_JSON && cs_json_kind(v->text) == CS_JSON_ARRAY;
}

/* Unlike a column's, a number inside may be infinite: jq has it so. */
struct cs_val
cs_nat_json_val(struct cs_native *m, struct cs_str raw)
{
	double d;

	switch (cs_json_kind(raw)) {
	case CS_JSON_NULL:
		return cs_val_null();
	case CS_JSON_FALSE:
		return cs_val_bool(false);
	case CS_JSON_TRUE:
		return cs_val_bool(true);
	case CS_JSON_NUMBER:
		return cs_num_parse(raw, &d) ? cs_val_num(d) : cs_val_null();
	case CS_JSON_STRING:
		return cs_val_text(cs_json_text(cs_nat_arena(m), raw));
	default:
		return (struct cs_val){.kind = CS_JSON, .text = raw};
	}
}

static void
put_number(struct cs_buf *b, double v)
{
	/* As jq prints what JSON has no word for. */
	if (v > DBL_MAX)
		v = DBL_MAX;
	if (v < -DBL_MAX)
		v = -DBL_MAX;
	cs_num_print(b, v);
}

/* The members of an object, the last of equal keys at the first one's place. */
static size_t
members(struct cs_native *m, struct cs_str raw, struct cs_map *keys,
    struct cs_str **value)
{
	struct cs_str key, v, *found;
	size_t pos = 0, n = 0, i;

	while (cs_json_next(raw, &pos, &key, &v))
		n++;
	found = cs_arena_array(cs_nat_arena(m), n, sizeof(*found));
	pos = 0;
	while (cs_json_next(raw, &pos, &key, &v)) {
		i = cs_map_add(keys, cs_json_text(cs_nat_arena(m), key), NULL);
		found[i] = v;
	}
	*value = found;
	return keys->n;
}

size_t
cs_nat_items(struct cs_native *m, struct cs_str raw, const struct cs_str **out)
{
	struct cs_str key, v, *found;
	struct cs_map keys = {0};
	size_t pos = 0, n = 0;

	if (cs_json_kind(raw) == CS_JSON_OBJECT) {
		n = members(m, raw, &keys, &found);
		cs_map_free(&keys);
		*out = found;
		return n;
	}
	while (cs_json_next(raw, &pos, &key, &v))
		n++;
	found = cs_arena_array(cs_nat_arena(m), n, sizeof(*found));
	pos = n = 0;
	while (cs_json_next(raw, &pos, &key, &v))
		found[n++] = v;
	*out = found;
	return n;
}

struct cs_str
cs_nat_member(struct cs_native *m, struct cs_str raw, struct cs_str key)
{
	struct cs_str k, v, found = {0};
	size_t pos = 0;

	while (cs_json_next(raw, &pos, &k, &v))
		if (cs_str_chr(k, '\\') == NULL
			? k.n == key.n + 2 && memcmp(k.p + 1, key.p, key.n) == 0
			: cs_str_eq(cs_json_text(cs_nat_arena(m), k), key))
			found = v;
	return found;
}

static void
put_container(struct cs_native *m, struct cs_buf *b, struct cs_str raw)
{
	bool is_object = cs_json_kind(raw) == CS_JSON_OBJECT;
	struct cs_map keys = {0};
	const struct cs_str *v;
	struct cs_str *value = NULL;
	struct cs_val item;
	size_t n, i;

	if (is_object) {
		n = members(m, raw, &keys, &value);
		v = value;
	} else
		n = cs_nat_items(m, raw, &v);
	cs_buf_putc(b, is_object ? '{' : '[');
	for (i = 0; i < n; i++) {
		if (i > 0)
			cs_buf_putc(b, ',');
		if (is_object) {
			cs_text_json(b, keys.key[i]);
			cs_buf_putc(b, ':');
		}
		item = cs_nat_json_val(m, v[i]);
		cs_nat_put_json(m, b, &item);
	}
	cs_buf_putc(b, is_object ? '}' : ']');
	cs_map_free(&keys);
}

void
cs_nat_put_json(struct cs_native *m, struct cs_buf *b, const struct cs_val *v)
{
	switch (v->kind) {
	case CS_NUM:
		put_number(b, v->num);
		break;
	case CS_JSON:
		put_container(m, b, v->text);
		break;
	default:
		cs_val_put_json(b, *v);
		break;
	}
}
