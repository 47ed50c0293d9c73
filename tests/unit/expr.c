/* The expression parser: tests/expr/(parse|errors).test, the jq and gojq suites as
 * grammar, limits from both sides. */
#include <ctype.h>
#include <errno.h>

#include "expr.h"
#include "json.h"
#include "tap.h"
#include "text.h"

/* --- helpers ----------------------------------------------------------- */

static struct cs_expr *
parse(struct cs_str text, enum cs_role role, struct cs_arena *a,
    struct cs_diags *d)
{
	struct cs_pair *p = cs_arena_alloc(a, sizeof(*p));

	*p = cs_expr_pair(text, NULL, a);
	return cs_expr_parse(p, role, a, d);
}

/* The normal form, or the message with its place: "1:5: text". */
static struct cs_str
outcome(struct cs_str text, enum cs_role role, struct cs_arena *a)
{
	struct cs_diags d = {0};
	struct cs_buf b = {0};
	struct cs_expr *e = parse(text, role, a, &d);
	struct cs_str s;

	if (e != NULL)
		cs_expr_print(&b, e);
	else if (d.n == 1)
		cs_buf_printf(&b, "%zu:%zu: %s", d.v[0].at.line,
		    d.v[0].at.col, d.v[0].text);
	else
		cs_buf_printf(&b, "%zu findings", d.n);
	if (e != NULL && d.n > 0)
		cs_buf_puts(&b, " (and findings)");
	s = cs_keep(a, cs_buf_get(&b));
	cs_buf_free(&b);
	cs_diags_free(&d);
	return s;
}

/* parse(print(tree)) is the same tree? */
static bool
is_round(struct cs_str text, enum cs_role role, struct cs_arena *a)
{
	struct cs_diags d = {0};
	struct cs_buf b = {0}, again = {0};
	struct cs_expr *e = parse(text, role, a, &d), *f = NULL;
	bool same = true;

	if (e != NULL) {
		cs_expr_print(&b, e);
		f = parse(cs_buf_get(&b), role, a, &d);
		same = f != NULL && cs_expr_equal(e, f);
		if (f != NULL)
			cs_expr_print(&again, f);
		same = same && cs_str_eq(cs_buf_get(&b), cs_buf_get(&again));
		if (!same)
			printf("# %.*s\n# -> %s\n# %s\n", CS_ARG(text),
			    cs_buf_z(&b), d.n ? d.v[0].text : "differs");
	}
	cs_buf_free(&b);
	cs_buf_free(&again);
	cs_diags_free(&d);
	return same;
}

static bool
slurp(const char *path, struct cs_buf *b)
{
	FILE *f = fopen(path, "rb");
	char block[4096];
	size_t n;

	if (f == NULL)
		return false;
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		cs_buf_add(b, block, n);
	fclose(f);
	return true;
}

/* Two characters \n in a test file stand for a newline, \xNN for a byte. */
static struct cs_str
unescaped(struct cs_str s, struct cs_arena *a)
{
	char *p = cs_arena_alloc(a, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		if (i + 1 < s.n && s.p[i] == '%' && s.p[i + 1] == 'n') {
			p[n++] = '\n';
			i++;
		} else if (i + 3 < s.n && s.p[i] == '%' &&
		    s.p[i + 1] == 'x') {
			char hex[3] = {s.p[i + 2], s.p[i + 3], '\0'};

			p[n++] = (char)strtoul(hex, NULL, 16);
			i += 3;
		} else
			p[n++] = s.p[i];
	return (struct cs_str){p, n};
}

/* --- table files ------------------------------------------------------- */

static const struct {
	const char *word;
	enum cs_role role;
} roles[] = {
    {"condition", CS_CONDITION},
    {"value", CS_VALUE},
    {"plain", CS_PLAIN},
};

/* Blocks: a line "condition: EXPR" (value, plain; several share one outcome), then
 * "= NORMAL FORM" or "! LINE:COL: MESSAGE". # is a comment. %n and %xNN in
 * EXPR stand for bytes. */
static void
run_table(const char *path)
{
	struct cs_arena a = {0};
	struct cs_buf b = {0};
	struct cs_str rest, line, text = {0};
	enum cs_role role = CS_VALUE;
	size_t n = 0;

	if (!slurp(path, &b)) {
		ok(false, "%s: %s", path, strerror(errno));
		return;
	}
	rest = cs_buf_get(&b);
	while (cs_str_next(&rest, '\n', &line)) {
		const char *colon = cs_str_chr(line, ':');
		struct cs_str want, got;
		char name[400];

		n++;
		if (line.n == 0 || line.p[0] == '#')
			continue;
		if (line.p[0] != '=' && line.p[0] != '!') {
			size_t r = 0, k = colon ? (size_t)(colon - line.p) : 0;

			while (r < 3 &&
			    !cs_str_is((struct cs_str){line.p, k},
				roles[r].word))
				r++;
			if (r == 3 || line.n < k + 2) {
				ok(false, "%s:%zu: no expression", path, n);
				break;
			}
			role = roles[r].role;
			text = unescaped((struct cs_str){line.p + k + 2,
					     line.n - k - 2},
			    &a);
			continue;
		}
		want = (struct cs_str){line.p + 2, line.n - 2};
		snprintf(name, sizeof(name), "%s:%zu %.*s", path, n,
		    CS_ARG(text));
		got = outcome(text, role, &a);
		is_str(got, cs_keepz(&a, want), name);
		if (line.p[0] == '=')
			ok(is_round(text, role, &a), "%s:%zu round", path, n);
		cs_arena_reset(&a);
	}
	cs_buf_free(&b);
	cs_arena_free(&a);
}

int
main(int argc, char **argv)
{
	if (argc == 3) {
		struct cs_arena a = {0};
		struct cs_str s = outcome(unescaped(cs_str(argv[2]), &a),
		    argv[1][0] == 'c'	  ? CS_CONDITION
			: argv[1][0] == 'v' ? CS_VALUE
					    : CS_PLAIN,
		    &a);
		printf("%.*s\n", CS_ARG(s));
		is_round(unescaped(cs_str(argv[2]), &a), CS_PLAIN, &a);
		return 0;
	}
	run_table("tests/expr/parse.test");
	return done();
}
