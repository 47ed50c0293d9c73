/* expr: any text as an expression: parsed, checked, printed, parsed again */
#include "expr.h"
#include "fuzz.h"

const unsigned fuzz_each = 100;

enum { MAX_INPUT = 4096 };

static const char *const role_name[] = {"condition", "value", "plain"};

static struct cs_expr *
parse(struct cs_arena *a, struct cs_str text, enum cs_role role,
    struct cs_diags *diags)
{
	struct cs_pair *pair = cs_arena_alloc(a, sizeof(*pair));

	*pair = cs_expr_pair(text, "-e", a);
	return cs_expr_parse(pair, role, a, diags);
}

static void
on_path(void *self, const struct cs_expr *at, const struct cs_str *names,
    size_t n, bool whole)
{
	size_t *count = self;

	must(at != NULL && (n > 0 || whole), "a path without names");
	for (size_t i = 0; i < n; i++)
		*count += names[i].n;
}

static void
on_var(void *self, const struct cs_expr *at)
{
	size_t *count = self;

	must(at->op == CS_E_VAR, "a variable that is none");
	*count += at->text.n;
}

static void
check_role(struct cs_arena *a, struct cs_str text, enum cs_role role)
{
	struct cs_diags diags = {0};
	struct cs_buf one = {0}, two = {0}, drawn = {0};
	struct cs_expr *e = parse(a, text, role, &diags), *again;
	size_t count = 0;

	must((e == NULL) == (diags.errors > 0), "%s: %zu faults",
	    role_name[role], diags.errors);
	if (e != NULL) {
		cs_expr_print(&one, e);
		again = parse(a, cs_buf_get(&one), role, &diags);
		must(again != NULL, "%s: %.*s is printed as %s: %s",
		    role_name[role], CS_ARG(text), cs_buf_z(&one),
		    diags.v[0].text);
		cs_expr_print(&two, again);
		must(cs_str_eq(cs_buf_get(&one), cs_buf_get(&two)),
		    "%s: %s is printed as %s", role_name[role], cs_buf_z(&one),
		    cs_buf_z(&two));
		must(cs_expr_equal(e, again), "%s: %s is another tree",
		    role_name[role], cs_buf_z(&one));
		cs_expr_draw(&drawn, e);
		cs_expr_paths(e, on_path, &count);
		cs_expr_dashed(e, on_path, &count);
		cs_expr_vars(e, on_var, &count);
	}
	cs_diags_free(&diags);
	cs_buf_free(&one);
	cs_buf_free(&two);
	cs_buf_free(&drawn);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cs_arena a = {0};
	struct cs_str text = {(const char *)data, size};

	if (size > MAX_INPUT)
		return 0;
	check_role(&a, text, CS_CONDITION);
	check_role(&a, text, CS_VALUE);
	check_role(&a, text, CS_PLAIN);
	cs_arena_free(&a);
	return 0;
}
