/* Rule files as CSV: one row a stanza. */
#include <string.h>

#include "split_ref.h"
#include "stanza_read.h"

struct table {
	struct cs_reading *r;
	struct cs_str rest; /* bytes not yet given to the splitter */
	size_t line;
	struct cs_str *key; /* the header */
	struct cs_place *key_at;
	size_t n;
	bool has_kinds; /* the header begins with Kind, Name */
	bool is_faulty; /* the header cannot be used: no row is read */
};

static enum cs_got
next_line(void *self, struct cs_line *line, struct cs_err *err)
{
	struct table *t = self;
	const char *end = cs_str_chr(t->rest, '\n');
	size_t n = end ? (size_t)(end - t->rest.p) + 1 : t->rest.n;

	(void)err;
	if (n == 0)
		return CS_END;
	line->text = line->raw = (struct cs_str){t->rest.p, n};
	line->line = ++t->line;
	line->bad = 0;
	t->rest.p += n;
	t->rest.n -= n;
	return CS_GOT;
}

/* Where a cell of the row begins, its opening quote passed over. */
static struct cs_place
cell_place(const struct table *t, const struct cs_row *row, size_t i,
    struct cs_str *raw)
{
	struct cs_place at = {t->r->file, row->line, 1};

	*raw = row->raw_cell[i];
	for (const char *p = row->text.p; p < raw->p; p++) {
		at.col++;
		if (*p == '\n') {
			at.line++;
			at.col = 1;
		}
	}
	if (raw->n >= 2 && raw->p[0] == '"' && raw->p[raw->n - 1] == '"') {
		at.col++;
		raw->p++;
		raw->n -= 2;
	}
	return at;
}

/* A copy of the cell with LF for CR LF, as stanza files have. */
static struct cs_str
cell_text(struct cs_str cell, struct cs_arena *run)
{
	struct cs_str s = cs_keep(run, cell);
	char *p = (char *)(uintptr_t)s.p;
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		if (p[i] != '\r' || i + 1 == s.n || p[i + 1] != '\n')
			p[n++] = p[i];
	return (struct cs_str){s.p, n};
}

static void
take_header(struct table *t, const struct cs_row *row)
{
	struct cs_arena *run = t->r->run;
	struct cs_str raw;

	t->n = row->n;
	t->key = cs_arena_array(run, t->n, sizeof(*t->key));
	t->key_at = cs_arena_array(run, t->n, sizeof(*t->key_at));
	for (size_t i = 0; i < t->n; i++) {
		t->key[i] = cs_str_trim(cell_text(row->cell[i], run));
		t->key_at[i] = cell_place(t, row, i, &raw);
	}
	if (t->n == 1 &&
	    (cs_str_chr(t->key[0], ';') || cs_str_chr(t->key[0], '\t'))) {
		t->is_faulty = true;
		cs_diag(t->r->diags, CS_ERROR, "syntax", t->key_at[0],
		    "a rule table has commas between its cells");
	}
	if (!cs_str_isi(t->key[0], "Kind"))
		return;
	t->has_kinds = t->n > 1 && cs_str_isi(t->key[1], "Name");
	t->is_faulty = !t->has_kinds;
	if (!t->has_kinds)
		cs_diag(t->r->diags, CS_ERROR, "syntax", t->key_at[0],
		    "the column Kind needs the column Name behind it");
}

static void
take_cell(struct table *t, const struct cs_row *row, size_t i)
{
	struct cs_str raw, text = cell_text(row->cell[i], t->r->run);
	struct cs_place at = cell_place(t, row, i, &raw);
	struct cs_pair p;

	raw = cs_keep(t->r->run, raw);
	p = cs_pair_raw(
	    t->key[i], t->key_at[i], CS_PAIR_CSV, text, raw, at, t->r->run);
	if (i == 1 && t->has_kinds) {
		p.key = cs_str_trim(cell_text(row->cell[0], t->r->run));
		p.key_at = cell_place(t, row, 0, &raw);
	} else if (i > 0 && p.value.n == 0) {
		return;
	}
	if (p.key.n > 0)
		cs_reading_pair(t->r, p);
	else if (i == 1 && t->has_kinds)
		cs_diag(t->r->diags, CS_ERROR, "syntax", p.key_at,
		    "the row has no kind");
	else
		cs_diag(t->r->diags, CS_ERROR, "syntax", t->key_at[i],
		    "a column without a name, but with cells");
}

static bool
is_empty(const struct cs_row *row)
{
	for (size_t i = 0; i < row->n; i++)
		if (cs_str_trim(row->cell[i]).n > 0)
			return false;
	return true;
}

static void
take_row(struct table *t, const struct cs_row *row)
{
	struct cs_place at = {t->r->file, row->line, 1};

	if (is_empty(row) ||
	    (t->key == NULL && row->cell[0].n > 0 && row->cell[0].p[0] == '#'))
		return;
	if (t->key == NULL) {
		take_header(t, row);
		return;
	}
	if (t->is_faulty)
		return;
	if (row->n != t->n) {
		cs_diag(t->r->diags, CS_ERROR, "syntax", at,
		    "%zu cells, the header has %zu", row->n, t->n);
		return;
	}
	for (size_t i = t->has_kinds ? 1 : 0; i < t->n; i++)
		take_cell(t, row, i);
	cs_reading_end(t->r);
}

void
cs_stanzas_csv(struct cs_reading *r, struct cs_str bytes)
{
	struct table t = {.r = r, .rest = bytes};
	struct cs_split *s = cs_split_new(next_line, &t);
	struct cs_split_conf conf = {0};
	enum cs_split_got got;
	struct cs_err err;
	struct cs_row row;

	cs_split_set(s, &conf);
	while ((got = cs_split_next(s, &row, &err)) != CS_SPLIT_END) {
		struct cs_place at = {r->file, row.line, 1};

		if (got == CS_SPLIT_FAILED)
			break;
		if (got == CS_SPLIT_ROW)
			take_row(&t, &row);
		else
			cs_diag(
			    r->diags, CS_ERROR, "syntax", at, "%s", row.why);
	}
	cs_split_free(s);
}
