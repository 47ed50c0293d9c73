/* eval: a rule and records, by both engines, and explained
 *
 * The input is the rule, a line ---, and records as a file has them (CSV with a
 * header, JSON lines). Any difference between the engines aborts. */
#include <string.h>

#include "explain.h"
#include "fuzz.h"
#include "json.h"
#include "reader.h"
#include "zone.h"

const unsigned fuzz_each = 12; /* libjq compiles for milliseconds */

/* Small: libjq compiles for milliseconds, and its own limits are not ours. */
enum { MAX_INPUT = 1024, MAX_RULE = 300, MAX_RECORDS = 4 };

struct fuzz {
	struct cs_arena run;
	struct cs_as_of as_of;
	struct cs_eval *ev;
	struct cs_explain *x;
	size_t number;
};

/* The engines' disagreement is ours; that libjq ran too long is not. */
static void
check_err(const struct cs_err *err)
{
	must(strstr(err->text, "engines differ") == NULL, "%s", err->text);
}

static void
explain(struct fuzz *f, struct cs_rec *rec)
{
	const struct cs_reason *v = NULL;
	struct cs_buf b = {0};
	size_t n = cs_explain_get(f->x, rec, &v);

	cs_explain_text(&b, v, n);
	cs_buf_reset(&b);
	cs_explain_json(&b, v, n, true);
	must(cs_json_check(cs_buf_get(&b), NULL, NULL),
	    "the reasons are no JSON: %s", cs_buf_z(&b));
	cs_buf_free(&b);
}

static void
run(struct fuzz *f, struct cs_reader *r)
{
	struct cs_arena one = {0};
	struct cs_rec rec = {.arena = &one};
	struct cs_refused refused;
	struct cs_buf b = {0};
	struct cs_err err = {0};
	enum cs_read got;

	for (size_t i = 0; i < MAX_RECORDS; i++) {
		cs_arena_reset(&one);
		got = cs_reader_next(r, &rec, &refused, &err);
		if (got != CS_READ && got != CS_READ_REFUSED)
			break;
		if (got == CS_READ_REFUSED)
			continue;
		if (!cs_eval_run(f->ev, &rec, &err)) {
			check_err(&err);
			break;
		}
		cs_buf_reset(&b);
		cs_val_put_json(&b, cs_eval_get(f->ev, f->number));
		must(cs_json_check(cs_buf_get(&b), NULL, NULL),
		    "the value is no JSON: %s", cs_buf_z(&b));
		if (f->x != NULL)
			explain(f, &rec);
	}
	cs_buf_free(&b);
	cs_arena_free(&one);
}

static struct cs_expr *
parse(struct fuzz *f, struct cs_str rule, enum cs_role role)
{
	struct cs_pair *pair = cs_arena_alloc(&f->run, sizeof(*pair));
	struct cs_diags diags = {0};
	struct cs_expr *e;

	*pair = cs_expr_pair(rule, "-e", &f->run);
	e = cs_expr_parse(pair, role, &f->run, &diags);
	cs_diags_free(&diags);
	return e;
}

static void
evaluate(struct fuzz *f, struct cs_str rule, struct cs_str data)
{
	static const struct cs_arg arg = {CS_S("plan"), CS_S("a")};
	struct cs_list list = {.name = CS_S("won")};
	struct cs_eval_conf conf = {.engine = CS_ENGINE_BOTH,
	    .as_of = &f->as_of,
	    .args = &arg,
	    .nargs = 1,
	    .lists = &list,
	    .nlists = 1,
	    .cpu_seconds = 1};
	struct cs_reader_conf how = {0};
	struct cs_expr *e = parse(f, rule, CS_CONDITION);
	bool is_condition = e != NULL;
	struct cs_header head = {0};
	struct cs_diags diags = {0};
	struct cs_err err = {0};
	struct cs_reader *r;

	if (e == NULL && (e = parse(f, rule, CS_VALUE)) == NULL)
		return;
	r = cs_reader_open(cs_in_memory("fuzz", data), &how, &head, &err);
	if (r == NULL) {
		cs_header_free(&head);
		return;
	}
	cs_set_add(&list.set, CS_S("a"), NULL);
	f->ev = cs_eval_new(&conf);
	f->number =
	    cs_eval_add(f->ev, e, is_condition ? CS_CONDITION : CS_VALUE, "-e");
	if (is_condition)
		f->x = cs_explain_new(f->ev, e, "-e");
	if (cs_eval_compile(f->ev, &head, &diags, &err))
		run(f, r);
	else
		must(diags.errors > 0, "libjq refuses %.*s: %s", CS_ARG(rule),
		    err.text);
	cs_explain_free(f->x);
	cs_eval_free(f->ev);
	cs_reader_close(r);
	cs_header_free(&head);
	cs_set_free(&list.set);
	cs_diags_free(&diags);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char part[] = "\n---\n";
	struct cs_str rule = {(const char *)data, size}, rest;
	struct fuzz f = {0};
	struct cs_err err;
	const char *p;

	if (size > MAX_INPUT ||
	    (p = memmem(data, size, part, strlen(part))) == NULL)
		return 0;
	rule.n = (size_t)(p - rule.p);
	rest = (struct cs_str){p + strlen(part), size - rule.n - strlen(part)};
	if (rule.n > MAX_RULE)
		return 0;
	must(cs_zone_set("Asia/Tokyo", &err) &&
		 cs_as_of_set(&f.as_of, "2026-03-31T12:00:00+09:00", &err),
	    "%s", err.text);
	evaluate(&f, rule, rest);
	cs_arena_free(&f.run);
	return 0;
}

/* libjq itself loses a few bytes where some programs fail. */
const char *__lsan_default_suppressions(void);
const char *
__lsan_default_suppressions(void)
{
	return "leak:libjq.so";
}
