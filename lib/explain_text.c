/* explain_text: reasons in words and as JSON */
#include <math.h>

#include "explain.h"

/* A text that would be lost among the words, in quotes. */
static bool
is_bare_text(struct cs_str s)
{
	return s.n > 0 && s.p[0] != ' ' && s.p[s.n - 1] != ' ';
}

static void
put_value(struct cs_buf *b, const struct cs_reason *r)
{
	if (r->seen.kind == CS_NULL) {
		cs_buf_puts(b, r->answer == CS_ANSWER_UNKNOWN ? " is unknown"
							      : " is empty");
		return;
	}
	cs_buf_puts(b, " is ");
	if (r->seen.kind == CS_TEXT && !is_bare_text(r->seen.text))
		cs_val_put_json(b, r->seen);
	else
		cs_buf_str(b, r->value);
	if (r->days.kind != CS_NUM)
		return;
	if (r->days.num < 0)
		cs_buf_printf(b, " (in %.0f days)", -r->days.num);
	else
		cs_buf_printf(b, " (%.0f days ago)", r->days.num);
}

static void
put_reason(struct cs_buf *b, const struct cs_reason *r)
{
	if (r->column.p != NULL) {
		cs_buf_printf(b, "%.*s is empty", CS_ARG(r->column));
		return;
	}
	cs_buf_str(b, r->subject);
	put_value(b, r);
	if (r->fault.p != NULL && r->seen.kind == CS_NULL) {
		cs_buf_printf(b, ": %.*s", CS_ARG(r->fault));
		return;
	}
	if (r->fault.p != NULL)
		cs_buf_printf(b, " (%.*s)", CS_ARG(r->fault));
	if (r->needs.n > 0)
		cs_buf_printf(b, ", needs %.*s", CS_ARG(r->needs));
}

/* Does one before say the same? A Let may stand in two places. */
static bool
is_told(const struct cs_reason *v, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (v[k].decided && cs_str_eq(v[k].condition, v[i].condition) &&
		    cs_str_eq(v[k].needs, v[i].needs))
			return true;
	return false;
}

void
cs_explain_text(struct cs_buf *b, const struct cs_reason *v, size_t n)
{
	size_t i, written = 0;
	bool is_all_constant = true;

	for (i = 0; i < n; i++)
		if (v[i].decided && !v[i].is_constant)
			is_all_constant = false;
	for (i = 0; i < n; i++) {
		if (!v[i].decided || is_told(v, i) ||
		    (v[i].is_constant && !is_all_constant))
			continue;
		if (written++ > 0)
			cs_buf_puts(b, "; ");
		put_reason(b, &v[i]);
	}
}

struct cs_str
cs_reason_answer(const struct cs_reason *r)
{
	switch (r->answer) {
	case CS_ANSWER_YES:
		return CS_S("yes");
	case CS_ANSWER_NO:
		return CS_S("no");
	default:
		return CS_S("unknown");
	}
}

struct cs_str
cs_explain_column(const struct cs_reason *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (v[i].decided && v[i].column.p != NULL &&
		    v[i].answer == CS_ANSWER_UNKNOWN)
			return v[i].column;
	return (struct cs_str){0};
}

struct cs_str
cs_reason_needs(const struct cs_reason *r, struct cs_buf *b)
{
	bool is_plain = r->column.p == NULL || cs_str_eq(r->column, r->subject);

	if (r->fault.p == NULL && is_plain)
		return r->needs;
	cs_buf_reset(b);
	cs_buf_str(b, r->needs);
	cs_buf_puts(b, b->n > 0 ? " (" : "(");
	if (r->fault.p != NULL)
		cs_buf_str(b, r->fault);
	else
		cs_buf_printf(b, "%.*s is empty", CS_ARG(r->column));
	cs_buf_putc(b, ')');
	return cs_buf_get(b);
}

static void
put_member(struct cs_buf *b, const char *name, struct cs_val v)
{
	cs_buf_printf(b, ",\"%s\":", name);
	cs_val_put_json(b, v);
}

/* "" and absent are null. */
static struct cs_val
text_or_null(struct cs_str s)
{
	return s.n > 0 ? cs_val_text(s) : cs_val_null();
}

static void
put_json(struct cs_buf *b, const struct cs_reason *r, bool all)
{
	cs_buf_puts(b, "{\"condition\":");
	cs_val_put_json(b, cs_val_text(r->condition));
	put_member(b, "answer", cs_val_text(cs_reason_answer(r)));
	if (all)
		put_member(b, "decided", cs_val_bool(r->decided));
	put_member(b, "value", r->seen);
	put_member(b, "needs", text_or_null(r->needs));
	put_member(b, "distance",
	    isnan(r->distance) ? cs_val_null() : cs_val_num(r->distance));
	put_member(b, "column", text_or_null(r->column));
	put_member(b, "fault", text_or_null(r->fault));
	cs_buf_putc(b, '}');
}

void
cs_explain_json(struct cs_buf *b, const struct cs_reason *v, size_t n, bool all)
{
	size_t i, written = 0;

	cs_buf_putc(b, '[');
	for (i = 0; i < n; i++) {
		if (!all && !v[i].decided)
			continue;
		if (written++ > 0)
			cs_buf_putc(b, ',');
		put_json(b, &v[i], all);
	}
	cs_buf_putc(b, ']');
}
