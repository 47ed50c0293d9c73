/* The test suites of jq and gojq.
 *
 * 1. As `cs-check eval --jq` runs them: every case that the grammar takes gives
 *    jq's answer; the refused ones are tests/expr/refused.txt, exactly.
 * 2. Under the three-valued meaning of rules, by libjq (ref), natively (fast)
 *    and both: every case whose answer is not jq's, and every one that cannot
 * be asked, is a line of tests/expr/differs.txt with that answer, exactly.
 *
 * With an argument (refused, differs) it prints that list as it is now; the
 * reasons of differs.txt are kept by hand. */
#include "eval.h"
#include "json.h"
#include "json_ref.h"
#include "reader.h"
#include "tap.h"

struct one {
	struct cs_str place; /* "jq/rules-jq.test:12" */
	struct cs_str program, input;
	struct cs_str *want; /* canonical JSON */
	size_t nwant;
	bool must_fail;	      /* jq itself refuses the program */
	struct cs_expr *expr; /* under jq's meaning; NULL: refused */
	struct cs_str word;   /* what it was refused for */
	struct cs_str answer; /* three-valued; absent: as jq's */
};

struct suites {
	struct cs_arena arena;
	struct one *v;
	size_t n, cap;
};

static bool
slurp(const char *path, struct cs_arena *a, struct cs_str *s)
{
	FILE *f = fopen(path, "rb");
	struct cs_buf b = {0};
	char block[4096];
	size_t n;

	if (f == NULL)
		return false;
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		cs_buf_add(&b, block, n);
	fclose(f);
	*s = cs_keep(a, cs_buf_get(&b));
	cs_buf_free(&b);
	return true;
}

/* libjq's own compact text: equal values, equal texts. Not JSON (jq reads
 * NaN): as it stands. */
static struct cs_str
canonical(struct cs_arena *a, struct cs_str json)
{
	struct cs_buf b = {0};
	struct cs_str s = json;

	if (cs_json_check(json, NULL, NULL) &&
	    cs_json_ref_compact(json, true, &b))
		s = cs_keep(a, cs_buf_get(&b));
	cs_buf_free(&b);
	return s;
}

static struct one *
add(struct suites *s, const char *file, size_t line)
{
	s->v = cs_grow(s->v, s->n, &s->cap, sizeof(*s->v));
	s->v[s->n] = (struct one){
	    .place = cs_str(cs_arena_printf(&s->arena, "%s:%zu", file, line))};
	return &s->v[s->n++];
}

static void
want(struct suites *s, struct one *c, struct cs_str json)
{
	struct cs_str *v = cs_arena_array(&s->arena, c->nwant + 1, sizeof(*v));

	if (c->nwant > 0)
		memcpy(v, c->want, c->nwant * sizeof(*v));
	v[c->nwant++] = canonical(&s->arena, json);
	c->want = v;
}

/* Blocks parted by empty lines: program, input, outputs. */
static void
jq_file(struct suites *s, const char *file, struct cs_str rest)
{
	struct cs_str line;
	struct one *c = NULL;
	bool must_fail = false;

	for (size_t n = 1; cs_str_next(&rest, '\n', &line); n++) {
		if (line.n == 0) {
			c = NULL;
			must_fail = false;
		} else if (cs_str_starts(line, CS_S("%%FAIL"))) {
			must_fail = true;
		} else if (c == NULL) {
			c = add(s, file, n);
			c->program = line;
			c->must_fail = must_fail;
		} else if (c->input.p == NULL) {
			c->input = line;
		} else {
			want(s, c, line);
		}
	}
}

/* Several inputs, an output each: a case each, FILE:LINE/1 ... */
static void
part_inputs(struct suites *s)
{
	struct one whole = s->v[s->n - 1];
	struct cs_str rest = whole.input;
	size_t end, n = 0;

	while (cs_json_first(rest, &end, NULL, NULL)) {
		rest.p += end;
		rest.n -= end;
		n++;
	}
	if (n < 2 || n != whole.nwant)
		return;
	s->n--;
	rest = whole.input;
	for (size_t i = 0; i < n; i++) {
		struct one *c = add(s, "", i);

		*c = whole;
		c->place = cs_str(cs_arena_printf(
		    &s->arena, "%.*s/%zu", CS_ARG(whole.place), i + 1));
		cs_json_first(rest, &end, NULL, NULL);
		c->input = (struct cs_str){rest.p, end};
		c->want = &whole.want[i];
		c->nwant = 1;
		rest.p += end;
		rest.n -= end;
	}
}

static void
gojq_file(struct suites *s, const char *file, struct cs_str rest)
{
	struct cs_str line, key, v, item, none;
	size_t pos, at;

	for (size_t n = 1; cs_str_next(&rest, '\n', &line); n++) {
		struct one *c = line.n > 0 ? add(s, file, n) : NULL;

		pos = 0;
		while (c != NULL && cs_json_next(line, &pos, &key, &v)) {
			if (cs_str_is(key, "\"program\""))
				c->program = cs_json_text(&s->arena, v);
			if (cs_str_is(key, "\"input\""))
				c->input = cs_json_text(&s->arena, v);
			at = 0;
			while (cs_str_is(key, "\"expected\"") &&
			       cs_json_next(v, &at, &none, &item))
				want(s, c, item);
		}
		if (c != NULL)
			part_inputs(s);
	}
}

static bool
load(struct suites *s)
{
	static const char *const files[] = {"jq/rules-jq.test",
	    "jq/rules-manual-1.6.test", "jq/rules-onig.test",
	    "jq/rules-optional.test", "jq/other-jq.test",
	    "jq/other-manual-1.6.test", "jq/other-base64.test",
	    "jq/fail-jq.test", "gojq/cases.jsonl"};
	const char *shared = getenv("CSOPS_SHARED");

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		struct cs_str text;

		if (!slurp(cs_arena_printf(&s->arena, "%s/suites/%s",
			       shared ? shared : "../shared", files[i]),
			&s->arena, &text))
			return false;
		if (strncmp(files[i], "gojq", 4) == 0)
			gojq_file(s, files[i], text);
		else
			jq_file(s, files[i], text);
	}
	return true;
}

/* --- jq's meaning ------------------------------------------------------- */

/* The word at the place of the fault: reduce, range, +=, ... */
static struct cs_str
word_at(struct suites *s, struct cs_str program, struct cs_place at)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
	static const char signs[] = "=|+-*/%?.:!<>&";
	size_t from = at.col - 1, n;
	struct cs_str line = {0};

	for (size_t i = 0; i < at.line; i++)
		cs_str_next(&program, '\n', &line);
	if (from >= line.n)
		return CS_S("end");
	n = from + (line.p[from] == '@' || line.p[from] == '$');
	while (n < line.n && strchr(letters, line.p[n]) != NULL)
		n++;
	if (n == from)
		while (n < line.n && strchr(signs, line.p[n]) != NULL)
			n++;
	n += n == from;
	return cs_keep(&s->arena, (struct cs_str){line.p + from, n - from});
}

static void
parse(struct suites *s, struct one *c)
{
	struct cs_pair *pair = cs_arena_alloc(&s->arena, sizeof(*pair));
	struct cs_diags d = {0};

	*pair = cs_expr_pair(c->program, NULL, &s->arena);
	c->expr = cs_expr_parse(pair, CS_PLAIN, &s->arena, &d);
	if (c->expr == NULL)
		c->word = word_at(s, c->program, d.v[0].at);
	cs_diags_free(&d);
}

struct outputs {
	struct suites *s;
	const struct one *c;
	size_t n;
	bool is_good;
};

static void
output(void *self, struct cs_str json)
{
	struct outputs *o = self;
	struct cs_str got = canonical(&o->s->arena, json);

	if (o->n >= o->c->nwant || !cs_str_eq(o->c->want[o->n], got)) {
		printf("# %.*s: output %zu is %.*s\n", CS_ARG(o->c->place),
		    o->n + 1, CS_ARG(got));
		o->is_good = false;
	}
	o->n++;
}

/* The input may hold several values, or (gojq) none. */
static bool
run_plain(struct suites *s, const struct one *c)
{
	struct cs_eval_conf conf = {0};
	struct cs_err err = {0};
	struct outputs o = {s, c, 0, true};
	struct cs_plain *p = cs_plain_compile(c->expr, &conf, &err);
	struct cs_str rest = c->input;
	size_t end;

	if (p == NULL) {
		printf("# %s\n", err.text);
		return false;
	}
	while (cs_json_first(rest, &end, NULL, NULL)) {
		struct cs_str json = {rest.p, end};

		if (!cs_plain_run(p, json, output, &o, &err)) {
			printf("# %s\n", err.text);
			o.is_good = false;
		}
		rest.p += end;
		rest.n -= end;
	}
	/* What jq reads and JSON is not (NaN) stays out: no outputs. */
	for (size_t i = 0; i < rest.n; i++)
		if (strchr(" \t\r\n", rest.p[i]) == NULL) {
			cs_plain_free(p);
			return true;
		}
	cs_plain_free(p);
	return o.is_good && o.n == c->nwant;
}

static void
test_plain(struct suites *s)
{
	size_t refused = 0, failing = 0, passed = 0;

	for (size_t i = 0; i < s->n; i++) {
		struct one *c = &s->v[i];

		if (c->must_fail) {
			ok(c->expr == NULL, "%.*s is refused, as by jq",
			    CS_ARG(c->place));
			failing++;
		} else if (c->expr == NULL) {
			refused++;
		} else {
			passed += ok(run_plain(s, c), "%.*s", CS_ARG(c->place));
		}
	}
	printf("# %zu cases: %zu pass as jq's, %zu refused, %zu that jq "
	       "refuses too\n",
	    s->n, passed, refused, failing);
}

/* --- the meaning of rules ----------------------------------------------- */

/* [.x | (PROGRAM)]: all its outputs, for an input that is no object too. Or
 * without the brackets, which libjq alone does: NULL where that has not one. */
static const struct cs_expr *
as_rule(struct suites *s, struct one *c, bool is_list)
{
	struct cs_pair *pair = cs_arena_alloc(&s->arena, sizeof(*pair));
	struct cs_diags d = {0};
	const struct cs_expr *e;

	*pair = cs_expr_pair(cs_str(cs_arena_printf(&s->arena,
				 is_list ? "[.x | (%.*s\n)]" : ".x | (%.*s\n)",
				 CS_ARG(c->program))),
	    NULL, &s->arena);
	e = cs_expr_parse(pair, CS_VALUE, &s->arena, &d);
	if (e == NULL && is_list)
		c->answer = cs_str(
		    cs_arena_printf(&s->arena, "refused: %s", d.v[0].text));
	cs_diags_free(&d);
	return e;
}

static struct cs_str
wanted(struct suites *s, const struct one *c)
{
	struct cs_buf b = {0};
	struct cs_str text;

	for (size_t i = 0; i < c->nwant; i++) {
		cs_buf_putc(&b, i ? ',' : '[');
		cs_buf_str(&b, c->want[i]);
	}
	cs_buf_puts(&b, c->nwant ? "]" : "[]");
	text = canonical(&s->arena, cs_buf_get(&b));
	text = cs_keep(&s->arena, text);
	cs_buf_free(&b);
	return text;
}

/* The numbers of a case in the evaluator, SIZE_MAX: not there. */
struct asked {
	size_t list, alone;
};

static struct cs_str
answer(struct suites *s, const struct cs_eval *ev, size_t number)
{
	struct cs_buf out = {0};
	struct cs_str got;

	cs_val_put_json(&out, cs_eval_get(ev, number));
	got = cs_keep(&s->arena, canonical(&s->arena, cs_buf_get(&out)));
	cs_buf_free(&out);
	return got;
}

/* The one value is that of the list. */
static void
compare_alone(
    struct suites *s, struct one *c, struct cs_str list, struct cs_str alone)
{
	struct cs_str in_list =
	    cs_str(cs_arena_printf(&s->arena, "[%.*s]", CS_ARG(alone)));

	if (!cs_str_eq(list, in_list) && !cs_str_is(list, "[]"))
		c->answer = cs_str(cs_arena_printf(&s->arena,
		    "%.*s as a list, but %.*s", CS_ARG(list), CS_ARG(alone)));
}

/* The record {"x": INPUT} as the reader gives it. */
static void
run_rule(struct suites *s, struct one *c, struct cs_eval *ev,
    struct asked number, struct cs_header *head)
{
	static const struct cs_reader_conf conf = {.form = CS_FORM_JSONL};
	struct cs_arena one = {0};
	struct cs_rec rec = {.arena = &one};
	struct cs_refused refused;
	struct cs_buf b = {0};
	struct cs_reader *r;
	struct cs_err err;
	struct cs_str got;

	cs_buf_printf(&b, "{\"x\":%.*s}\n", CS_ARG(canonical(&one, c->input)));
	r = cs_reader_open(
	    cs_in_memory("case", cs_buf_get(&b)), &conf, head, &err);
	if (r == NULL || cs_reader_next(r, &rec, &refused, &err) != CS_READ) {
		c->answer = CS_S("no record");
	} else if (!cs_eval_run(ev, &rec, &err)) {
		c->answer = cs_keep(&s->arena, cs_str(err.text));
	} else {
		got = answer(s, ev, number.list);
		if (!cs_str_eq(got, wanted(s, c)))
			c->answer = got;
		if (number.alone != SIZE_MAX)
			compare_alone(s, c, got, answer(s, ev, number.alone));
	}
	if (r != NULL)
		cs_reader_close(r);
	cs_buf_free(&b);
	cs_arena_free(&one);
}

static bool
is_one_value(struct cs_str input)
{
	return cs_json_check(input, NULL, NULL);
}

static const char *const engine_name[] = {"fast", "ref", "both"};

static void
count_rules(struct suites *s, const struct cs_eval *ev,
    const struct asked *number, enum cs_engine engine)
{
	size_t asked = 0, alone = 0, native = 0, same = 0, refused = 0,
	       apart = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct one *c = &s->v[i];

		refused += c->expr == NULL;
		if (number[i].list == SIZE_MAX) {
			apart += c->expr != NULL;
			continue;
		}
		asked++;
		same += c->answer.p == NULL;
		if (number[i].alone == SIZE_MAX)
			continue;
		alone++;
		native += cs_eval_is_native(ev, number[i].alone);
	}
	printf("# %s: %zu of %zu cases as rules: %zu give jq's answer, %zu "
	       "their own (differs.txt); %zu are not asked (differs.txt), %zu "
	       "are no expression (refused.txt, or jq refuses them too)\n",
	    engine_name[engine], asked, s->n, same, asked - same, apart,
	    refused);
	printf(
	    "# %zu asked for one value too, %zu of these native; %llu answers "
	    "compared with libjq's\n",
	    alone, native, (unsigned long long)cs_eval_compared(ev));
}

/* All cases in one evaluator: one program to compile. */
static bool
run_rules(struct suites *s, enum cs_engine engine)
{
	struct cs_as_of as_of = {0};
	struct cs_eval_conf conf = {.as_of = &as_of, .engine = engine};
	struct cs_header head = {.is_open = true};
	struct cs_eval *ev;
	struct cs_diags d = {0};
	struct cs_err err = {0};
	struct asked *number = cs_calloc(s->n, sizeof(*number));
	bool is_good;

	cs_zone_set("UTC", &err);
	cs_as_of_set(&as_of, "2026-03-01", &err);
	ev = cs_eval_new(&conf);
	for (size_t i = 0; i < s->n; i++) {
		struct one *c = &s->v[i];
		const struct cs_expr *e = NULL;

		c->answer = (struct cs_str){0};
		if (c->expr != NULL && is_one_value(c->input))
			e = as_rule(s, c, true);
		else if (c->expr != NULL)
			c->answer = CS_S("not asked: the input is not one JSON "
					 "value");
		number[i] = (struct asked){SIZE_MAX, SIZE_MAX};
		if (e == NULL)
			continue;
		number[i].list =
		    cs_eval_add(ev, e, CS_VALUE, cs_keepz(&s->arena, c->place));
		if (c->nwant == 1 && (e = as_rule(s, c, false)) != NULL)
			number[i].alone = cs_eval_add(
			    ev, e, CS_VALUE, cs_keepz(&s->arena, c->place));
	}
	cs_header_add(&head, CS_S("x"));
	is_good = cs_eval_compile(ev, &head, &d, &err);
	if (!is_good)
		printf("# %s\n", d.n ? d.v[0].text : err.text);
	for (size_t i = 0; is_good && i < s->n; i++)
		if (number[i].list != SIZE_MAX)
			run_rule(s, &s->v[i], ev, number[i], &head);
	if (is_good)
		count_rules(s, ev, number, engine);
	cs_eval_free(ev);
	cs_header_free(&head);
	cs_diags_free(&d);
	free(number);
	return is_good;
}

/* --- the lists ----------------------------------------------------------- */

static void
put_line(
    struct cs_buf *b, const struct one *c, bool is_differs, const char *reason)
{
	struct cs_buf line = {0};

	if (is_differs) {
		cs_buf_printf(&line, "%.*s %s ", CS_ARG(c->place), reason);
		cs_escape(&line, c->answer);
	} else {
		cs_buf_printf(
		    &line, "%.*s %.*s", CS_ARG(c->place), CS_ARG(c->word));
	}
	cs_buf_str(b, cs_buf_get(&line));
	cs_buf_putc(b, '\n');
	cs_buf_free(&line);
}

/* The reason that the list has for a case, "?" if it has none. */
static const char *
reason_of(struct suites *s, struct cs_str list, struct cs_str place)
{
	struct cs_str line, first, word;

	while (cs_str_next(&list, '\n', &line))
		if (cs_str_next(&line, ' ', &first) &&
		    cs_str_eq(first, place) && cs_str_next(&line, ' ', &word))
			return cs_keepz(&s->arena, word);
	return "?";
}

/* A reason is explained at the top: "# WORD: why". */
static bool
is_explained(struct cs_str list, const char *reason)
{
	struct cs_str line;

	while (cs_str_next(&list, '\n', &line))
		if (cs_str_starts(line, CS_S("# ")) &&
		    line.n > strlen(reason) + 3 &&
		    strncmp(line.p + 2, reason, strlen(reason)) == 0 &&
		    line.p[2 + strlen(reason)] == ':')
			return true;
	return false;
}

static struct cs_str
without_comments(struct cs_arena *a, struct cs_str list)
{
	struct cs_buf b = {0};
	struct cs_str line, s;

	while (cs_str_next(&list, '\n', &line))
		if (line.n > 0 && line.p[0] != '#') {
			cs_buf_str(&b, line);
			cs_buf_putc(&b, '\n');
		}
	s = cs_keep(a, cs_buf_get(&b));
	cs_buf_free(&b);
	return s;
}

/* Shows the lines that only one of the two has. */
static void
show_only(struct cs_str a, struct cs_str b, const char *whose)
{
	struct cs_str line, other, rest;

	while (cs_str_next(&a, '\n', &line)) {
		bool is_there = false;

		rest = b;
		while (!is_there && cs_str_next(&rest, '\n', &other))
			is_there = cs_str_eq(line, other);
		if (!is_there)
			printf("# only %s: %.*s\n", whose, CS_ARG(line));
	}
}

/* Tests it, or prints it as it is now. engine: whose answers, for messages. */
static void
test_list(struct suites *s, bool is_differs, bool is_print, const char *engine)
{
	const char *path =
	    is_differs ? "tests/expr/differs.txt" : "tests/expr/refused.txt";
	struct cs_str file = {0}, list = CS_S("");
	struct cs_buf b = {0};
	bool is_known = true;

	if (slurp(path, &s->arena, &file))
		list = without_comments(&s->arena, file);
	for (size_t i = 0; i < s->n; i++) {
		struct one *c = &s->v[i];
		const char *reason = "";

		if (is_differs ? c->answer.p == NULL
			       : c->expr != NULL || c->must_fail)
			continue;
		if (is_differs) {
			reason = reason_of(s, list, c->place);
			if (!is_print && !is_explained(file, reason)) {
				printf("# %.*s: no reason \"%s\"\n",
				    CS_ARG(c->place), reason);
				is_known = false;
			}
		}
		put_line(&b, c, is_differs, reason);
	}
	if (is_print) {
		fputs(cs_buf_z(&b), stdout);
	} else {
		if (is_differs)
			ok(is_known, "%s: every reason is explained", path);
		if (!ok(cs_str_eq(cs_buf_get(&b), list), "%s is exact%s", path,
			engine)) {
			show_only(cs_buf_get(&b), list, "now");
			show_only(list, cs_buf_get(&b), "listed");
		}
	}
	cs_buf_free(&b);
}

/* libjq itself loses a few bytes where some of the programs fail. */
const char *__lsan_default_suppressions(void);
const char *
__lsan_default_suppressions(void)
{
	return "leak:libjq.so";
}

int
main(int argc, char **argv)
{
	struct suites s = {0};

	if (!load(&s)) {
		skip("the suites of jq and gojq", "not there");
		free(s.v);
		cs_arena_free(&s.arena);
		return done();
	}
	for (size_t i = 0; i < s.n; i++)
		parse(&s, &s.v[i]);
	if (argc > 1 && strcmp(argv[1], "refused") == 0) {
		test_list(&s, false, true, "");
	} else if (argc > 1) {
		run_rules(&s, CS_ENGINE_REF);
		test_list(&s, true, true, "");
	} else {
		test_plain(&s);
		test_list(&s, false, false, "");
		ok(run_rules(&s, CS_ENGINE_REF), "all cases as rules by libjq");
		test_list(&s, true, false, " under ref");
		ok(run_rules(&s, CS_ENGINE_FAST), "natively");
		test_list(&s, true, false, " under fast");
		ok(run_rules(&s, CS_ENGINE_BOTH), "and both compared");
		test_list(&s, true, false, " under both");
	}
	free(s.v);
	cs_arena_free(&s.arena);
	return argc > 1 ? 0 : done();
}
