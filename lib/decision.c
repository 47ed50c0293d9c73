#include <stdlib.h>
#include <string.h>

#include "decision.h"
#include "rowplan.h"
#include "text.h"

enum {
	D_ID,
	D_MAIL,
	D_DECISION,
	D_GATE,
	D_REASON,
	D_DETAIL,
	D_UNTIL,
	D_PRIORITY,
	D_VARIANT
};

const char *const cs_decision_columns[CS_DECISION_COLUMNS] = {"id", "mail",
    "decision", "gate", "reason", "detail", "until", "priority", "variant"};

bool
cs_decision_form_init(struct cs_decision_form *f, enum cs_form form,
    struct cs_str columns, struct cs_err *err)
{
	struct cs_str name;

	*f = (struct cs_decision_form){.form = form};
	if (columns.p == NULL) {
		for (; f->n < CS_DECISION_COLUMNS; f->n++)
			f->col[f->n] = f->n;
		return true;
	}
	while (cs_str_next(&columns, ',', &name)) {
		size_t c = 0;

		while (c < CS_DECISION_COLUMNS &&
		       !cs_str_is(name, cs_decision_columns[c]))
			c++;
		if (c == CS_DECISION_COLUMNS || f->n == CS_DECISION_COLUMNS)
			return cs_fail(err, CS_USAGE,
			    "--columns: decisions have no column \"%.*s\": id "
			    "mail decision gate reason detail until priority "
			    "variant",
			    CS_ARG(name));
		f->col[f->n++] = c;
	}
	return true;
}

static char
delimiter(const struct cs_decision_form *f)
{
	return f->form == CS_FORM_TSV ? '\t' : ',';
}

void
cs_decision_head(struct cs_buf *b, const struct cs_decision_form *f)
{
	if (f->form == CS_FORM_JSONL)
		return;
	for (size_t i = 0; i < f->n; i++) {
		if (i > 0)
			cs_buf_putc(b, delimiter(f));
		cs_buf_puts(b, cs_decision_columns[f->col[i]]);
	}
	cs_buf_putc(b, '\n');
}

static struct cs_val
value(size_t col, struct cs_str id, const struct cs_mail *m,
    const struct cs_mail_decision *d)
{
	switch (col) {
	case D_ID:
		return cs_val_text(id);
	case D_MAIL:
		return cs_val_text(m->name);
	case D_DECISION:
		return cs_val_text(
		    d->gate == CS_GATE_SEND ? CS_S("send") : CS_S("skip"));
	case D_GATE:
		return cs_val_text(cs_str(cs_mail_gate_name(d->gate)));
	case D_REASON:
		return cs_val_text(d->reason);
	case D_DETAIL:
		return cs_val_text(d->detail);
	case D_UNTIL:
		return d->until.n ? cs_val_text(d->until) : cs_val_null();
	case D_PRIORITY:
		return cs_val_num((double)m->priority);
	default:
		return cs_val_null();
	}
}

void
cs_decision_row(struct cs_buf *b, const struct cs_decision_form *f,
    struct cs_str id, const struct cs_mail *m, const struct cs_mail_decision *d)
{
	struct cs_buf cell = {0};

	if (f->form == CS_FORM_JSONL)
		cs_buf_putc(b, '{');
	for (size_t i = 0; i < f->n; i++) {
		struct cs_val v = value(f->col[i], id, m, d);

		if (f->form == CS_FORM_JSONL) {
			cs_buf_printf(b, "%s\"%s\":", i ? "," : "",
			    cs_decision_columns[f->col[i]]);
			cs_val_put_json(b, v);
			continue;
		}
		if (i > 0)
			cs_buf_putc(b, delimiter(f));
		cs_buf_reset(&cell);
		cs_val_put_text(&cell, v);
		cs_csv_cell(b, cs_buf_get(&cell), delimiter(f));
	}
	cs_buf_puts(b, f->form == CS_FORM_JSONL ? "}\n" : "\n");
	cs_buf_free(&cell);
}

void
cs_decision_table(struct cs_table *t, struct cs_str id, const struct cs_mail *m,
    const struct cs_mail_decision *d)
{
	struct cs_val row[CS_DECISION_COLUMNS];

	for (size_t i = 0; i < CS_DECISION_COLUMNS; i++)
		row[i] = value(i, id, m, d);
	cs_table_row(t, row);
}
