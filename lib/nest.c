#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "hash.h"
#include "json.h"
#include "nest.h"
#include "text.h"

struct cs_nest {
	struct cs_arena arena;
	struct cs_nest_leaf *leaf;
	struct cs_str end;
};

/* An object, or one that holds the names of an object. */
struct node {
	struct cs_str name; /* the whole path */
	size_t leaf;	    /* of the names; SIZE_MAX: an object */
	size_t child, last; /* the first and last in it; 0: none */
	size_t next;	    /* behind it in the same object; 0: none */
};

struct tree {
	struct node *v; /* v[0] is the whole */
	size_t n, cap;
	struct cs_map map; /* path -> node, from 1 */
};

/* The node of a path, made where it is new. */
static size_t
add(struct tree *t, size_t parent, struct cs_str path, bool *is_new)
{
	size_t i = 1 + cs_map_add(&t->map, path, is_new);

	if (!*is_new)
		return i;
	t->v = cs_grow(t->v, t->n, &t->cap, sizeof(*t->v));
	t->v[t->n++] = (struct node){t->map.key[i - 1], SIZE_MAX, 0, 0, 0};
	if (t->v[parent].child == 0)
		t->v[parent].child = i;
	else
		t->v[t->v[parent].last].next = i;
	t->v[parent].last = i;
	return i;
}

static bool
is_both(struct cs_str column, struct cs_str other, struct cs_err *err)
{
	return cs_fail(err, CS_USAGE,
	    "--nest: column \"%.*s\" would be an object because of column "
	    "\"%.*s\"",
	    CS_ARG(column), CS_ARG(other));
}

/* A column below an object: it, or one below it. */
static struct cs_str
any_leaf(const struct tree *t, size_t i)
{
	while (t->v[i].leaf == SIZE_MAX)
		i = t->v[i].child;
	return t->v[i].name;
}

static bool
add_path(struct tree *t, struct cs_str name, size_t leaf, struct cs_err *err)
{
	size_t at = 0, depth = 1;
	bool is_new;

	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] != '.')
			continue;
		if (++depth > CS_MAX_JSON_DEPTH)
			return cs_fail(err, CS_USAGE,
			    "--nest: column %zu would be nested deeper than %d",
			    leaf + 1, CS_MAX_JSON_DEPTH);
		at = add(t, at, (struct cs_str){name.p, i}, &is_new);
		if (t->v[at].leaf != SIZE_MAX)
			return is_both(t->v[at].name, name, err);
	}
	at = add(t, at, name, &is_new);
	if (!is_new)
		return is_both(name, any_leaf(t, at), err);
	t->v[at].leaf = leaf;
	return true;
}

/* The last name of a path as a key. */
static void
put_key(struct cs_buf *b, struct cs_str path)
{
	const char *dot = memrchr(path.p, '.', path.n);
	size_t from = dot != NULL ? (size_t)(dot - path.p) + 1 : 0;

	cs_text_json(b, (struct cs_str){path.p + from, path.n - from});
	cs_buf_putc(b, ':');
}

/* Writes all down, b before each leaf being what stands before its value.
 * Without recursion: a name may have more dots than the stack has room. */
static void
write_down(const struct tree *t, struct cs_nest *nest, struct cs_buf *b)
{
	size_t *up = cs_calloc(t->n, sizeof(*up)), depth = 0, n = 0;
	size_t i = t->v[0].child;

	cs_buf_putc(b, '{');
	while (i != 0) {
		const struct node *node = &t->v[i];

		put_key(b, node->name);
		if (node->leaf == SIZE_MAX) {
			cs_buf_putc(b, '{');
			up[depth++] = i;
			i = node->child;
			continue;
		}
		nest->leaf[n++] = (struct cs_nest_leaf){
		    node->leaf, cs_keep(&nest->arena, cs_buf_get(b))};
		cs_buf_reset(b);
		while (t->v[i].next == 0 && depth > 0) {
			cs_buf_putc(b, '}');
			i = up[--depth];
		}
		i = t->v[i].next;
		if (i != 0)
			cs_buf_putc(b, ',');
	}
	cs_buf_putc(b, '}');
	nest->end = cs_keep(&nest->arena, cs_buf_get(b));
	free(up);
}

struct cs_nest *
cs_nest_new(const struct cs_str *name, size_t n, struct cs_err *err)
{
	struct cs_nest *nest = cs_calloc(1, sizeof(*nest));
	struct tree t = {0};
	struct cs_buf b = {0};
	bool good = true;

	t.v = cs_grow(t.v, 0, &t.cap, sizeof(*t.v));
	t.v[t.n++] = (struct node){.leaf = SIZE_MAX};
	nest->leaf = cs_arena_array(&nest->arena, n + 1, sizeof(*nest->leaf));
	for (size_t i = 0; i < n && good; i++)
		good = add_path(&t, name[i], i, err);
	if (good)
		write_down(&t, nest, &b);
	cs_buf_free(&b);
	cs_map_free(&t.map);
	free(t.v);
	if (good)
		return nest;
	cs_nest_free(nest);
	return NULL;
}

const struct cs_nest_leaf *
cs_nest_leaf(const struct cs_nest *t, size_t k)
{
	return &t->leaf[k];
}

struct cs_str
cs_nest_end(const struct cs_nest *t)
{
	return t->end;
}

void
cs_nest_free(struct cs_nest *t)
{
	if (t == NULL)
		return;
	cs_arena_free(&t->arena);
	free(t);
}

bool
cs_nest_is_json(struct cs_str cell)
{
	if (cs_str_is(cell, "{}"))
		return true;
	return cell.n > 1 && cell.p[0] == '[' && cell.p[cell.n - 1] == ']' &&
	       cs_str_chr(cell, '\n') == NULL &&
	       cs_json_check(cell, NULL, NULL);
}
