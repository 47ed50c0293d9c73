/* cs-check: verify rules, and try expressions, before they meet customers */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "explain.h"
#include "json_stream.h"
#include "kit.h"
#include "rules_verify.h"
#include "score.h"
#include "segment.h"
#include "stages.h"
#include "text.h"
#include "verify_fields.h"
#include "verify_show.h"

enum { OPT_EXPR = CS_OPT_OWN, OPT_JQ };

static const struct cs_opt opts[] = {
    {"expr", 'e', "EXPR", OPT_EXPR, "the expression of eval and explain"},
    {"jq", 0, NULL, OPT_JQ, "eval: jq's own meaning, any JSON values"},
    {NULL, 0, NULL, 0, NULL},
};

struct check {
	const char *text; /* -e */
	bool is_jq;
	struct cs_expr *expr;
	bool is_condition; /* it can say yes or no */
	bool is_json;	   /* explain -o jsonl */

	struct cs_eval *alone; /* the expression and nothing else */
	struct cs_plain *plain;
	struct cs_explain *explain;
	size_t number; /* of the expression in the evaluator */
	bool is_explained;
	struct cs_fields fields;
	struct cs_diags found; /* about the rule files */
};

static bool
is_word(const struct cs_kit *k, const char *word)
{
	return k->word != NULL && strcmp(k->word, word) == 0;
}

static bool
option(
    void *self, struct cs_kit *k, int id, const char *arg, struct cs_err *err)
{
	struct check *c = self;

	(void)k;
	if (id == OPT_JQ) {
		c->is_jq = true;
		return true;
	}
	if (c->text != NULL)
		return cs_fail(err, CS_USAGE, "-e is given twice");
	c->text = arg;
	return true;
}

/* --- what was asked ---------------------------------------------------- */

static void
parse(struct check *c, struct cs_kit *k)
{
	struct cs_pair *pair = cs_arena_alloc(&k->run, sizeof(*pair));
	struct cs_diags aside = {0};

	*pair = cs_expr_pair(cs_str(c->text), "-e", &k->run);
	c->expr = cs_expr_parse(
	    pair, c->is_jq ? CS_PLAIN : CS_VALUE, &k->run, &k->diags);
	if (c->expr == NULL || c->is_jq)
		return;
	c->is_condition =
	    cs_expr_parse(pair, CS_CONDITION, &k->run, &aside) != NULL;
	cs_diags_free(&aside);
}

static bool
ready_expr(struct check *c, struct cs_kit *k, struct cs_err *err)
{
	if (c->text == NULL)
		return cs_fail(
		    err, CS_USAGE, "%s needs an expression: -e EXPR", k->word);
	c->is_json = is_word(k, "explain") && k->out_word != NULL &&
		     strcmp(k->out_word, "jsonl") == 0;
	if (k->out_word != NULL && !c->is_json)
		return cs_fail(err, CS_USAGE, "-o does not go with %s%s",
		    k->word, is_word(k, "explain") ? ", but for -o jsonl" : "");
	if (c->is_jq && !is_word(k, "eval"))
		return cs_fail(err, CS_USAGE, "--jq goes with eval");
	k->output = CS_OUT_OWN;
	k->reads_stdin = false;
	k->wants_readers = !c->is_jq;
	parse(c, k);
	return true;
}

static bool
ready_rules(struct cs_kit *k, struct cs_err *err)
{
	const char *first = k->nfiles > 0 ? k->files[0] : NULL;

	if (first != NULL && strcmp(first, "-") != 0 &&
	    strpbrk(first, "./") == NULL && access(first, F_OK) != 0)
		return cs_fail(err, CS_USAGE,
		    "\"%s\" is neither a file nor one of: %s", first,
		    k->cmd->words);
	if (k->nrule_files == 0)
		return cs_fail(err, CS_USAGE,
		    "nothing to check: -r FILE names the rules (or one of: %s "
		    "comes first)",
		    k->cmd->words);
	k->reads_stdin = false;
	return true;
}

static bool
ready(void *self, struct cs_kit *k, struct cs_err *err)
{
	struct check *c = self;

	if (is_word(k, "eval") || is_word(k, "explain"))
		return ready_expr(c, k, err);
	if (c->text != NULL)
		return cs_fail(
		    err, CS_USAGE, "-e goes with eval and with explain");
	if (c->is_jq)
		return cs_fail(err, CS_USAGE, "--jq goes with eval");
	if (k->word == NULL)
		return ready_rules(k, err);
	if (k->nfiles > 1)
		return cs_fail(err, CS_USAGE, "fields takes one file");
	return true;
}

/* --- eval and explain -------------------------------------------------- */

static void
put_value(struct cs_kit *k, struct cs_val v)
{
	struct cs_buf b = {0};

	cs_val_put_json(&b, v);
	cs_buf_putc(&b, '\n');
	cs_out_str(k->out, cs_buf_get(&b));
	cs_buf_free(&b);
}

static void
put_expression(struct check *c, struct cs_kit *k)
{
	if (c->is_json)
		cs_show_json(k->out, c->expr, c->alone);
	else
		cs_show_expression(k->out, c->expr, c->alone, k->verbose > 0);
}

/* Compiles the expression alone, for a record of head (NULL: null). */
static bool
compile_alone(struct check *c, struct cs_kit *k, struct cs_header *head,
    struct cs_diags *diags, struct cs_err *err)
{
	c->alone = cs_eval_new(&k->eval_conf);
	cs_eval_add(c->alone, c->expr, CS_VALUE, "-e");
	err->text[0] = '\0';
	return cs_eval_compile(c->alone, head, diags, err);
}

/* No data: the record is null. */
static bool
null_record(struct check *c, struct cs_kit *k, struct cs_err *err)
{
	const struct cs_eval_fault *v;
	size_t n;

	if (!compile_alone(c, k, NULL, &k->diags, err))
		return k->diags.errors > 0;
	if (is_word(k, "explain")) {
		put_expression(c, k);
		cs_out_puts(k->out, c->is_json ? "}\n" : "");
		return true;
	}
	if (!cs_eval_run(c->alone, NULL, err))
		return false;
	put_value(k, cs_eval_get(c->alone, 0));
	n = cs_eval_faults(c->alone, 0, &v);
	for (size_t i = 0; i < n; i++)
		cs_diag(&k->diags, CS_WARNING, "type",
		    v[i].at ? v[i].at->at : (struct cs_place){"-e", 0, 0},
		    "%.*s", CS_ARG(v[i].text));
	return true;
}

static bool
start_expr(struct check *c, struct cs_kit *k, struct cs_err *err)
{
	struct cs_diags aside = {0};
	bool is_good = true;

	if (c->expr == NULL)
		return true; /* told; the kit stops */
	if (c->is_jq) {
		c->plain = cs_plain_compile(c->expr, &k->eval_conf, err);
		return c->plain != NULL;
	}
	if (k->nfiles == 0)
		return null_record(c, k, err);
	c->number = cs_eval_add(k->eval, c->expr, CS_VALUE, "-e");
	if (is_word(k, "explain")) {
		/* The kit tells the faults when it compiles. */
		is_good = compile_alone(c, k, &k->head, &aside, err) ||
			  aside.errors > 0;
		cs_diags_free(&aside);
		if (c->is_condition)
			c->explain = cs_explain_new(k->eval, c->expr, "-e");
	}
	return is_good;
}

static void
explain_record(struct check *c, struct cs_kit *k, struct cs_rec *rec)
{
	struct cs_str id = cs_kit_id(k, rec);
	struct cs_buf b = {0};

	if (c->is_explained || (k->has_why && !cs_kit_is_why(k, rec)))
		return;
	c->is_explained = true;
	put_expression(c, k);
	if (c->is_json) {
		cs_show_record_json(
		    k->out, rec, id, cs_kit_value(k, c->number), c->explain);
		return;
	}
	cs_buf_printf(&b, "%s:%zu", rec->file, rec->line);
	if (id.n > 0) {
		cs_buf_printf(&b, ", %.*s ", CS_ARG(k->id_name));
		cs_escape(&b, id);
	}
	cs_buf_puts(&b, ":\n");
	cs_out_str(k->out, cs_buf_get(&b));
	cs_buf_free(&b);
	cs_out_puts(k->out, "  ");
	put_value(k, cs_kit_value(k, c->number));
	if (c->explain != NULL)
		cs_show_reasons(k->out, c->explain, rec);
}

/* --- eval --jq --------------------------------------------------------- */

static void
put_output(void *self, struct cs_str json)
{
	struct cs_kit *k = self;

	cs_out_str(k->out, json);
	cs_out_putc(k->out, '\n');
}

/* One input value; jq's own error ends what it gives, and the next is run. */
static bool
jq_value(struct check *c, struct cs_kit *k, struct cs_str json,
    const char *name, size_t line, struct cs_err *err)
{
	struct cs_err one;

	if (cs_plain_run(c->plain, json, put_output, k, &one))
		return !cs_out_failed(k->out) || cs_out_flush(k->out, err);
	if (one.exit != CS_PARTLY) {
		*err = one;
		return false;
	}
	if (name == NULL)
		cs_say("%s", one.text);
	else
		cs_say("%s:%zu: %s", name, line, one.text);
	k->is_partly = true;
	return true;
}

static bool
jq_file(struct check *c, struct cs_kit *k, const char *path, struct cs_err *err)
{
	struct cs_json_stream s = {.in = cs_in_open(path, err)};
	enum cs_got got;
	struct cs_str json;

	if (s.in == NULL)
		return false;
	while ((got = cs_json_stream_next(&s, &json, err)) == CS_GOT)
		if (!jq_value(c, k, json, cs_in_name(s.in), s.line, err)) {
			got = CS_FAILED;
			break;
		}
	cs_in_close(s.in);
	return got == CS_END;
}

static bool
run_jq(struct check *c, struct cs_kit *k, struct cs_err *err)
{
	if (k->nfiles == 0)
		return jq_value(c, k, CS_S("null"), NULL, 0, err);
	for (size_t i = 0; i < k->nfiles; i++)
		if (!jq_file(c, k, k->files[i], err))
			return false;
	return true;
}

/* --- the rules ---------------------------------------------------------- */

/* The columns: of the data, of --header, of --schema, or not known. */
static struct cs_header *
columns(struct cs_kit *k)
{
	struct cs_str rest = k->in.names, name;

	if (k->nfiles > 0)
		return &k->head;
	if (rest.p == NULL && k->schema.n == 0)
		return NULL;
	while (cs_names_next(&rest, &k->run, &name))
		cs_header_add(&k->head, name);
	if (k->in.names.p == NULL)
		for (size_t i = 0; i < k->schema.n; i++)
			cs_header_add(&k->head, k->schema.field[i].name);
	cs_schema_bind(&k->schema, &k->head);
	cs_rules_types(&k->rules, &k->head);
	return &k->head;
}

/* What cs-segment, cs-score and cs-funnel would say when they begin. Without
 * known columns every name will do. */
static void
check_plans(struct check *c, struct cs_kit *k)
{
	struct cs_header any = {.is_open = true}, *head = columns(k);
	struct cs_segments segments;
	struct cs_scores scores;
	struct cs_funnels funnels;

	cs_segments_build(&segments, &k->rules, head != NULL ? head : &any,
	    &k->run, &c->found);
	cs_scores_build(&scores, &k->rules, &k->run, &c->found);
	cs_funnels_build(&funnels, &k->rules, &k->run, &c->found);
	cs_header_free(&any);
}

static bool
start(void *self, struct cs_kit *k, struct cs_err *err)
{
	struct check *c = self;

	if (is_word(k, "eval") || is_word(k, "explain"))
		return start_expr(c, k, err);
	if (k->word != NULL)
		return true;
	/* Findings are the output here, not the end of the run. */
	c->found = k->diags;
	k->diags = (struct cs_diags){0};
	check_plans(c, k);
	return cs_rules_bind(
	    &k->rules, &k->eval_conf, columns(k), &k->run, &c->found, err);
}

static bool
record(void *self, struct cs_kit *k, struct cs_rec *rec, struct cs_err *err)
{
	struct check *c = self;

	(void)err;
	if (is_word(k, "eval"))
		put_value(k, cs_kit_value(k, c->number));
	else if (is_word(k, "explain"))
		explain_record(c, k, rec);
	else if (is_word(k, "fields"))
		cs_fields_add(&c->fields, rec);
	return true;
}

static bool
finish(void *self, struct cs_kit *k, struct cs_err *err)
{
	struct check *c = self;
	struct cs_table *t;

	if (c->plain != NULL)
		return run_jq(c, k, err);
	if (is_word(k, "explain") && k->nfiles > 0 && !c->is_explained) {
		if (k->has_why)
			return cs_kit_why_missing(k, err);
		put_expression(c, k);
	}
	if (is_word(k, "eval") || is_word(k, "explain"))
		return true;
	if (is_word(k, "fields")) {
		t = cs_fields_table(&c->fields, &k->head);
	} else {
		t = cs_rules_findings(&c->found);
		k->is_partly = k->is_partly || c->found.errors > 0;
	}
	return cs_kit_table_once(k, t, err);
}

static void
end(void *self, struct cs_kit *k)
{
	struct check *c = self;

	(void)k;
	if (c->explain != NULL)
		cs_explain_free(c->explain);
	if (c->alone != NULL)
		cs_eval_free(c->alone);
	cs_plain_free(c->plain);
	cs_fields_free(&c->fields);
	cs_diags_free(&c->found);
}

static const struct cs_cmd cmd = {
    .name = "cs-check",
    .purpose = "Checks rules against the columns of data, and tries "
	       "expressions",
    .synopsis = "-r FILE... [--header=COL,...] [DATA...]\n"
		"eval [--jq] -e EXPR [DATA...]\n"
		"explain -e EXPR [--why=ID] [DATA...]\n"
		"fields [DATA]",
    .examples = "  cs-check fields shops.csv\n"
		"  cs-check -r health.rules shops.csv\n"
		"  cs-check eval -e '.max_pv >= 1000' shops.csv\n",
    .opts = opts,
    .words = "eval explain fields",
    .output = CS_OUT_TABLE,
    .option = option,
    .ready = ready,
    .start = start,
    .record = record,
    .finish = finish,
    .end = end,
};

int
main(int argc, char **argv)
{
	struct check c = {0};

	return cs_kit_main(&cmd, &c, argc, argv);
}
