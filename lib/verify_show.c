#include <stdlib.h>

#include "table.h"
#include "verify_show.h"

static void
put(struct cs_out *out, const char *head, struct cs_str text)
{
	struct cs_str line;

	cs_out_puts(out, head);
	cs_out_puts(out, ":\n");
	while (cs_str_next(&text, '\n', &line)) {
		if (line.n == 0)
			continue;
		cs_out_puts(out, "  ");
		cs_out_str(out, line);
		cs_out_putc(out, '\n');
	}
}

/* In order of the source. */
static int
by_place(const void *a, const void *b)
{
	const struct cs_expr *x = *(const struct cs_expr *const *)a;
	const struct cs_expr *y = *(const struct cs_expr *const *)b;

	return (x->from > y->from) - (x->from < y->from);
}

/* What libjq evaluates of e, in this expression or its Lets. */
static void
put_leaves(
    struct cs_out *out, const struct cs_expr *e, const struct cs_eval *alone)
{
	size_t n = cs_eval_leaves(alone), i;
	const struct cs_expr **v;
	struct cs_buf b = {0};

	if (n == 0) {
		put(out, "engine", CS_S("native"));
		return;
	}
	if (n == 1 && cs_eval_leaf(alone, 0) == e) {
		put(out, "engine", CS_S("libjq, for all of it"));
		return;
	}
	put(out, "engine",
	    CS_S("native, but for the leaves, which are libjq's"));
	v = cs_calloc(n, sizeof(struct cs_expr *));
	for (i = 0; i < n; i++)
		v[i] = cs_eval_leaf(alone, i);
	qsort(v, n, sizeof(struct cs_expr *), by_place);
	for (i = 0; i < n; i++) {
		cs_expr_print(&b, v[i]);
		cs_buf_putc(&b, '\n');
	}
	put(out, "leaves", cs_buf_get(&b));
	free(v);
	cs_buf_free(&b);
}

void
cs_show_expression(struct cs_out *out, const struct cs_expr *e,
    const struct cs_eval *alone, bool with_prelude)
{
	struct cs_buf b = {0};

	cs_expr_print(&b, e);
	put(out, "expression", cs_buf_get(&b));
	cs_buf_reset(&b);
	cs_expr_draw(&b, e);
	put(out, "tree", cs_buf_get(&b));
	cs_buf_free(&b);
	if (with_prelude)
		put(out, "prelude", cs_str(cs_eval_prelude()));
	put_leaves(out, e, alone);
	put(out, "jq", cs_eval_program(alone));
}

static void
put_member(struct cs_buf *b, const char *name, struct cs_val v)
{
	cs_buf_printf(b, "%s\"%s\":", b->n > 0 ? "," : "{", name);
	cs_val_put_json(b, v);
}

void
cs_show_json(
    struct cs_out *out, const struct cs_expr *e, const struct cs_eval *alone)
{
	struct cs_buf b = {0}, text = {0};

	cs_expr_print(&text, e);
	put_member(&b, "expression", cs_val_text(cs_buf_get(&text)));
	put_member(&b, "engine",
	    cs_val_text(
		cs_eval_is_native(alone, 0) ? CS_S("native") : CS_S("libjq")));
	put_member(&b, "program", cs_val_text(cs_eval_program(alone)));
	cs_out_str(out, cs_buf_get(&b));
	cs_buf_free(&text);
	cs_buf_free(&b);
}

void
cs_show_record_json(struct cs_out *out, struct cs_rec *rec, struct cs_str id,
    struct cs_val value, struct cs_explain *x)
{
	struct cs_buf b = {0};
	const struct cs_reason *v;
	size_t n;

	cs_buf_printf(&b, ",\"line\":%zu", rec->line);
	put_member(&b, "file", cs_val_text(cs_str(rec->file)));
	put_member(&b, "id", id.n > 0 ? cs_val_text(id) : cs_val_null());
	put_member(&b, "value", value);
	cs_buf_puts(&b, ",\"reasons\":");
	if (x != NULL) {
		n = cs_explain_get(x, rec, &v);
		cs_explain_json(&b, v, n, true);
	} else {
		cs_buf_puts(&b, "null");
	}
	cs_buf_puts(&b, "}\n");
	cs_out_str(out, cs_buf_get(&b));
	cs_buf_free(&b);
}

void
cs_show_reasons(struct cs_out *out, struct cs_explain *x, struct cs_rec *rec)
{
	static const char *const columns[] = {
	    "answer", "decided", "condition", "value", "needs"};
	struct cs_table *t = cs_table_new(columns, 5);
	const struct cs_reason *v;
	struct cs_buf b = {0}, needs = {0};
	struct cs_err err;
	size_t n = cs_explain_get(x, rec, &v);

	for (size_t i = 0; i < n; i++) {
		struct cs_val row[] = {cs_val_text(cs_reason_answer(&v[i])),
		    cs_val_text(v[i].decided ? CS_S("yes") : CS_S("no")),
		    cs_val_text(v[i].condition), cs_val_text(v[i].value),
		    cs_val_text(cs_reason_needs(&v[i], &needs))};

		cs_table_row(t, row);
	}
	/* A failed write is sticky: out tells it at its end. */
	cs_table_print(t, CS_FORM_TABLE, out, &err);
	cs_table_free(t);
	cs_explain_text(&b, v, n);
	if (b.n > 0)
		put(out, "because", cs_buf_get(&b));
	cs_buf_free(&needs);
	cs_buf_free(&b);
}
