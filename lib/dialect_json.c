/* dialect_json: what was found, as --dialect prints it */
#include "dialect.h"
#include "text.h"

static void
member(struct cs_buf *b, const char *name)
{
	cs_buf_putc(b, b->n > 0 ? ',' : '{');
	cs_text_json(b, cs_str(name));
	cs_buf_putc(b, ':');
}

static void
put_text(struct cs_buf *b, const char *name, struct cs_str s)
{
	member(b, name);
	if (s.p == NULL)
		cs_buf_puts(b, "null");
	else
		cs_text_json(b, s);
}

static void
put_bool(struct cs_buf *b, const char *name, bool is_so)
{
	member(b, name);
	cs_buf_puts(b, is_so ? "true" : "false");
}

static void
put_count(struct cs_buf *b, const char *name, size_t n)
{
	member(b, name);
	cs_buf_printf(b, "%zu", n);
}

/* A sign of the dialect; 0: there is none. */
static void
put_sign(struct cs_buf *b, const char *name, int c)
{
	char sign = (char)c;

	put_text(b, name, (struct cs_str){c != 0 ? &sign : NULL, 1});
}

void
cs_dialect_json(struct cs_buf *b, const struct cs_dialect_report *r)
{
	const struct cs_dialect *d = &r->found;
	struct cs_buf line = {0};

	put_text(&line, "file", cs_str(r->file));
	put_text(&line, "form", r->form);
	put_text(&line, "encoding", cs_str(r->encoding));
	put_text(&line, "reason", cs_str(r->reason));
	put_bool(&line, "bom", r->has_bom);
	put_sign(&line, "delimiter", d->delimiter);
	put_sign(&line, "quote", d->quote);
	put_text(&line, "line_end", cs_str(r->line_end));
	put_bool(&line, "header", r->has_header);
	member(&line, "header_line");
	if (r->header_line > 0)
		cs_buf_printf(&line, "%zu", r->header_line);
	else
		cs_buf_puts(&line, "null");
	put_count(&line, "header_lines",
	    r->has_header ? 1 + (size_t)d->has_two_lines : 0);
	member(&line, "unnamed");
	if (d->unnamed > 0)
		cs_buf_printf(&line, "%zu", d->unnamed);
	else
		cs_buf_puts(&line, "null");
	put_count(&line, "preamble", r->passed);
	member(&line, "columns");
	cs_buf_putc(&line, '[');
	for (size_t i = 0; i < r->columns; i++) {
		cs_buf_puts(&line, i > 0 ? "," : "");
		cs_text_json(&line, r->column[i]);
	}
	cs_buf_putc(&line, ']');
	put_count(&line, "records", d->records);
	cs_buf_puts(&line, "}\n");
	cs_buf_str(b, cs_buf_get(&line));
	cs_buf_free(&line);
}
