#include <stdlib.h>
#include <string.h>

#include "foreign.h"
#include "rules_verify.h"

/* A text such as "2026/01/01" beside a comparison: no cell that is a date is
 * like it, and < puts it anywhere. */
static void
check_day(const struct cs_expr *e, struct cs_arena *a, struct cs_diags *diags)
{
	char iso[16];
	struct cs_civil day;

	if (e->op != CS_E_TEXT || cs_looks_like_date(e->text) ||
	    !cs_foreign_date(a, e->text, &day, NULL))
		return;
	cs_civil_print(iso, day);
	cs_diag(diags, CS_WARNING, "typo-value", e->at,
	    "\"%.*s\" is compared as a text: if a date is meant, write \"%s\"",
	    CS_ARG(e->text), iso);
}

static void
check_days(const struct cs_expr *e, struct cs_arena *a, struct cs_diags *diags)
{
	if (e == NULL)
		return;
	if (e->op >= CS_E_EQ && e->op <= CS_E_GE) {
		check_day(e->a, a, diags);
		check_day(e->b, a, diags);
	}
	check_days(e->a, a, diags);
	check_days(e->b, a, diags);
	check_days(e->c, a, diags);
	for (size_t i = 0; i < e->n; i++)
		check_days(e->list[i], a, diags);
}

bool
cs_rules_bind(const struct cs_rules *rules, const struct cs_eval_conf *conf,
    struct cs_header *head, struct cs_arena *run, struct cs_diags *diags,
    struct cs_err *err)
{
	struct cs_eval *ev = cs_eval_new(conf);
	size_t before = diags->errors;
	bool is_good;

	for (size_t i = 0; i < rules->n; i++) {
		const struct cs_stanza *s = rules->v[i];
		char *label = cs_arena_printf(
		    run, "%s %.*s", s->kind->name, CS_ARG(s->name));

		for (size_t j = 0; j < s->n; j++) {
			const struct cs_kv *kv = &s->kv[j];

			check_days(kv->expr, run, diags);
			if (kv->expr != NULL)
				cs_eval_add(ev, kv->expr,
				    kv->key->type == CS_KEY_CONDITION
					? CS_CONDITION
					: CS_VALUE,
				    label);
			for (size_t o = 0; o < kv->norder; o++)
				cs_eval_add(
				    ev, kv->order[o].expr, CS_VALUE, label);
		}
	}
	is_good =
	    cs_eval_compile(ev, head, diags, err) || diags->errors > before;
	cs_eval_free(ev);
	return is_good;
}

static int
by_place(const void *a, const void *b)
{
	const struct cs_diag *x = a, *y = b;
	const char *fx = x->at.file ? x->at.file : "";
	const char *fy = y->at.file ? y->at.file : "";
	int c = strcmp(fx, fy);

	if (c != 0)
		return c;
	if (x->at.line != y->at.line)
		return x->at.line < y->at.line ? -1 : 1;
	if (x->at.col != y->at.col)
		return x->at.col < y->at.col ? -1 : 1;
	return strcmp(x->text, y->text);
}

static bool
is_same(const struct cs_diag *a, const struct cs_diag *b)
{
	return by_place(a, b) == 0 && a->severity == b->severity;
}

struct cs_table *
cs_rules_findings(struct cs_diags *diags)
{
	static const char *const columns[] = {
	    "file", "line", "severity", "code", "message", "witness"};
	static const char *const severity[] = {"error", "warning", "info"};
	struct cs_table *t = cs_table_new(columns, 6);

	if (diags->n > 1)
		qsort(diags->v, diags->n, sizeof(*diags->v), by_place);
	for (size_t i = 0; i < diags->n; i++) {
		const struct cs_diag *d = &diags->v[i];
		struct cs_val row[] = {cs_val_text(cs_str(d->at.file)),
		    cs_val_num((double)d->at.line),
		    cs_val_text(cs_str(severity[d->severity])),
		    cs_val_text(cs_str(d->code)), cs_val_text(cs_str(d->text)),
		    cs_val_null()};

		/* A Let is bound once for each that uses it. */
		if (i > 0 && is_same(d, d - 1))
			continue;
		if (d->at.file == NULL)
			row[0] = cs_val_null();
		if (d->at.line == 0)
			row[1] = cs_val_null();
		cs_table_row(t, row);
	}
	return t;
}
