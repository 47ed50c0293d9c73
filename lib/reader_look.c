/* reader_look: what was found in an input (--dialect) */
#include "reader_private.h"

bool
cs_reader_has_bom(struct cs_str head)
{
	return cs_str_starts(head, CS_S("\xef\xbb\xbf")) ||
	       cs_str_starts(head, CS_S("\xff\xfe")) ||
	       cs_str_starts(head, CS_S("\xfe\xff")) ||
	       cs_str_starts(head, CS_S("\0\0\xfe\xff"));
}

static const char *
line_end(struct cs_str eol)
{
	if (eol.n == 0)
		return NULL;
	return eol.n == 2 ? "crlf" : "lf";
}

void
cs_reader_report(const struct cs_reader *r, struct cs_dialect_report *d)
{
	*d = (struct cs_dialect_report){.file = r->name, .has_bom = r->has_bom};
	if (r->is_empty)
		return;
	d->form = cs_str(cs_form_name(r->form));
	if (r->decode != NULL) {
		d->encoding = cs_decode_name(r->decode);
		d->reason = cs_decode_reason(r->decode);
	}
	if (r->form == CS_FORM_JSONL)
		return;
	d->found = r->dialect;
	d->found.delimiter = r->delimiter;
	d->found.quote = r->conf.quote != 0 ? r->conf.quote : '"';
	d->found.has_two_lines = r->stats.has_two_lines;
	d->found.unnamed = r->stats.unnamed;
	d->line_end = line_end(r->head->eol);
	d->has_header = r->header_line > 0;
	d->header_line = r->header_line;
	d->passed = r->conf.skip + r->stats.titles;
	d->column = r->head->map.key;
	d->columns = cs_header_n(r->head);
}
