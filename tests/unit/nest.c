/* nest: columns a.b as objects, and there and back */
#include <unistd.h>

#include "nest.h"
#include "reader.h"
#include "rowplan.h"
#include "tap.h"

/* The names written down, each with # for its value. */
static void
is_tree(const char *names, const char *want)
{
	struct cs_str rest = cs_str(names), name[16];
	struct cs_err err = {.text = ""};
	struct cs_nest *t;
	struct cs_buf b = {0};
	size_t n = 0;

	while (*names != '\0' && cs_str_next(&rest, ',', &name[n]))
		n++;
	t = cs_nest_new(name, n, &err);
	if (t == NULL)
		cs_buf_printf(&b, "!%d %s", err.exit, err.text);
	for (size_t k = 0; t != NULL && k < n; k++)
		cs_buf_printf(&b, "%.*s%zu", CS_ARG(cs_nest_leaf(t, k)->before),
		    cs_nest_leaf(t, k)->i);
	if (t != NULL)
		cs_buf_str(&b, cs_nest_end(t));
	is_str(cs_buf_get(&b), want, names);
	cs_nest_free(t);
	cs_buf_free(&b);
}

static void
trees(void)
{
	is_tree("", "{}");
	is_tree("a", "{\"a\":0}");
	is_tree("a.b", "{\"a\":{\"b\":0}}");
	is_tree("a.b,c,a.d", "{\"a\":{\"b\":0,\"d\":2},\"c\":1}");
	is_tree("a.b.c,a.d,a.b.e,f",
	    "{\"a\":{\"b\":{\"c\":0,\"e\":2},\"d\":1},\"f\":3}");
	is_tree("a.b.c.d,e.f.g", "{\"a\":{\"b\":{\"c\":{\"d\":0}}},"
				 "\"e\":{\"f\":{\"g\":1}}}");
	is_tree(".,x", "{\"\":{\"\":0},\"x\":1}");
	is_tree("a.,a.b\"", "{\"a\":{\"\":0,\"b\\\"\":1}}");
	is_tree("a,a.b", "!2 --nest: column \"a\" would be an object because "
			 "of column \"a.b\"");
	is_tree("x,a.b.c.d,a.b", "!2 --nest: column \"a.b\" would be an object "
				 "because of column \"a.b.c.d\"");
}

static void
depth(void)
{
	char name[600];
	struct cs_str s = {name, 0};
	struct cs_err err = {0};
	struct cs_nest *t;

	memset(name, '.', sizeof(name));
	s.n = CS_MAX_JSON_DEPTH - 1;
	t = cs_nest_new(&s, 1, &err);
	ok(t != NULL && cs_nest_end(t).n == CS_MAX_JSON_DEPTH,
	    "as deep as may be");
	cs_nest_free(t);
	s.n++;
	ok(cs_nest_new(&s, 1, &err) == NULL, "deeper");
	is_str(cs_str(err.text),
	    "--nest: column 1 would be nested deeper than 256", "is told");
}

static void
cells(void)
{
	static const char *const yes[] = {"{}", "[]", "[1]", "[[], {\"a\":1}]"};
	static const char *const no[] = {"", "{", "{ }", "{\"a\":1}", "[", "]",
	    "[1", "[01]", "[a]", "[1,\n2]"};
	bool good = true;

	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		good = good && cs_nest_is_json(cs_str(yes[i]));
	ok(good, "cells that are arrays or {}");
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		good = good && !cs_nest_is_json(cs_str(no[i]));
	ok(good, "and that are text");
}

/* ---- there and back ---- */

struct draw {
	uint64_t state;
};

static size_t
below(struct draw *d, size_t n)
{
	d->state = d->state * 6364136223846793005u + 1442695040888963407u;
	return (size_t)(d->state >> 33) % n;
}

/* An object of the same names in every record: shape draws them, v the
 * values. */
static void
object(struct draw *shape, struct draw *v, size_t deep, struct cs_buf *b)
{
	static const char *const value[] = {"1", "-2.50", "1e3", "true",
	    "false", "\"x, \\\"y\\\"\"", "\"007\"", "\"\xe6\x9c\x80\\n\"", "[]",
	    "{}", "null", "[1,\"a\",{\"b\":[null]}]", "123456789012345",
	    "\"a.b\"", "\" x \""};
	size_t n = 1 + below(shape, 4);

	cs_buf_putc(b, '{');
	for (size_t i = 0; i < n; i++) {
		cs_buf_printf(
		    b, "%s\"%c\":", i > 0 ? "," : "", (char)('a' + (char)i));
		if (deep < 4 && below(shape, 3) == 0)
			object(shape, v, deep + 1, b);
		else
			cs_buf_puts(
			    b, value[below(v, sizeof(value) / sizeof(*value))]);
	}
	cs_buf_putc(b, '}');
}

/* text in one form, out in the other. */
static struct cs_str
convert(struct cs_str text, enum cs_form to, struct cs_arena *a)
{
	char path[] = "/tmp/nest-XXXXXX";
	int fd = mkstemp(path);
	struct cs_err err = {.text = ""};
	struct cs_header head = {0};
	struct cs_arena one = {0};
	struct cs_rec rec = {.arena = &one};
	struct cs_refused no;
	struct cs_reader_conf rc = {0};
	struct cs_reader *r =
	    cs_reader_open(cs_in_memory("in", text), &rc, &head, &err);
	struct cs_plan_conf conf = {.in = cs_reader_form(r),
	    .out = to,
	    .delimiter = ',',
	    .has_header_line = true,
	    .is_clean = true,
	    .unites = true,
	    .nests = to == CS_FORM_JSONL};
	struct cs_plan *p = cs_plan_new(&conf, &head);
	struct cs_out *out = cs_out_create(path, &err);
	struct cs_in *in;
	struct cs_str all = {0};
	bool good = cs_plan_begin(p, out, &err);

	while (good && cs_reader_next(r, &rec, &no, &err) == CS_READ) {
		good = cs_plan_write(p, &rec, out, &err);
		cs_arena_reset(&one);
	}
	good = good && cs_plan_end(p, out, &err);
	good = cs_out_close(out, &err) && good;
	in = cs_in_open(path, &err);
	good = good && cs_in_all(in, 1 << 20, a, &all, &err);
	cs_in_close(in);
	cs_plan_free(p);
	cs_reader_close(r);
	cs_header_free(&head);
	cs_arena_free(&one);
	close(fd);
	unlink(path);
	return good ? all : cs_str(cs_arena_printf(a, "!%s", err.text));
}

static void
there_and_back(void)
{
	struct draw shape, v = {7};
	struct cs_arena a = {0};
	struct cs_buf b = {0};
	bool is_same = true;

	for (uint64_t seed = 1; seed <= 200 && is_same; seed++) {
		struct cs_str csv, again;

		cs_buf_reset(&b);
		for (int i = 0; i < 4; i++) {
			shape.state = seed;
			object(&shape, &v, 0, &b);
			cs_buf_putc(&b, '\n');
		}
		csv = convert(cs_buf_get(&b), CS_FORM_CSV, &a);
		again = convert(csv, CS_FORM_JSONL, &a);
		is_same = cs_str_eq(again, cs_buf_get(&b));
		if (!is_same)
			printf("# was:\n%.*s# is:\n%.*s# by:\n%.*s",
			    CS_ARG(cs_buf_get(&b)), CS_ARG(again), CS_ARG(csv));
		cs_arena_reset(&a);
	}
	ok(is_same, "200 times there and back");
	cs_buf_free(&b);
	cs_arena_free(&a);
}

int
main(void)
{
	trees();
	depth();
	cells();
	there_and_back();
	return done();
}
