#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <csv.h>

#include "split_ref.h"

/* A waiting line: places in the buffers below. */
struct waiting {
	size_t text, text_n;
	size_t raw, raw_n; /* raw_n 0: the text */
	size_t line, bad;
};

/* One cell of the record being walked: places from the record's start. */
struct span {
	size_t at, n;
};

/* Where the walk over a record stands. */
enum walk_state { AT_CELL, IN_PLAIN, IN_QUOTES, AFTER_QUOTE };

struct cs_split {
	cs_line_fn *next;
	void *self;
	struct cs_split_conf conf;
	struct csv_parser strict, loose;

	/* Lines read and not yet done with; the first `head` are done. */
	struct waiting *q;
	size_t head, qn, qcap;
	struct cs_buf text, raw;
	bool is_held;
	size_t held;
	enum cs_got source; /* CS_GOT while there may be more */
	struct cs_err err;

	/* The record at hand, our walk. */
	enum walk_state state;
	size_t begin;  /* of the cell at hand */
	size_t opened; /* line of the last opening quote */
	bool has_bare, has_junk;
	struct span *span;
	size_t spans, span_cap;

	/* The record at hand, libcsv's answer. */
	struct cs_buf cells;
	size_t *end; /* of each cell in cells */
	size_t ends, end_cap;
	bool is_row;

	struct cs_str *cell, *raw_cell;
	size_t row_cap;

	bool has_met_end; /* inside quotes */
};

/* No blank is special to us. A CR alone is data; the one before LF never
 * reaches libcsv as the end of an unquoted line. */
static int
no_space(unsigned char c)
{
	(void)c;
	return 0;
}

static int
is_lf(unsigned char c)
{
	return c == '\n';
}

static void
parser_new(struct cs_split *s, struct csv_parser *p, unsigned char options)
{
	if (csv_init(p, options) != 0)
		cs_nomem();
	csv_set_delim(p, (unsigned char)s->conf.delimiter);
	csv_set_quote(p, (unsigned char)s->conf.quote);
	csv_set_space_func(p, no_space);
	csv_set_term_func(p, is_lf);
}

/* After a fault a parser is dead: a fresh one. */
static void
parsers_renew(struct cs_split *s)
{
	csv_free(&s->strict);
	csv_free(&s->loose);
	parser_new(s, &s->strict, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL);
	parser_new(s, &s->loose, CSV_REPALL_NL);
}

struct cs_split *
cs_split_new(cs_line_fn *next, void *self)
{
	struct cs_split *s = cs_calloc(1, sizeof(*s));
	struct cs_split_conf none = {0};

	s->next = next;
	s->self = self;
	s->source = CS_GOT;
	cs_split_set(s, &none);
	return s;
}

void
cs_split_set(struct cs_split *s, const struct cs_split_conf *conf)
{
	s->conf = *conf;
	if (s->conf.delimiter == 0)
		s->conf.delimiter = ',';
	if (s->conf.quote == 0)
		s->conf.quote = '"';
	if (s->conf.max_cell == 0)
		s->conf.max_cell = CS_MAX_CELL;
	if (s->conf.max_record == 0)
		s->conf.max_record = CS_MAX_RECORD;
	if (s->conf.max_columns == 0)
		s->conf.max_columns = CS_MAX_COLUMNS;
	parsers_renew(s);
}

void
cs_split_free(struct cs_split *s)
{
	if (s == NULL)
		return;
	csv_free(&s->strict);
	csv_free(&s->loose);
	cs_buf_free(&s->text);
	cs_buf_free(&s->raw);
	cs_buf_free(&s->cells);
	free(s->q);
	free(s->span);
	free(s->end);
	free(s->cell);
	free(s->raw_cell);
	free(s);
}

static struct cs_str
line_text(const struct cs_split *s, size_t i)
{
	return (struct cs_str){s->text.p + s->q[i].text, s->q[i].text_n};
}

/* Takes one more line from the source into the queue. */
static enum cs_got
pull(struct cs_split *s)
{
	struct cs_line in = {0};
	struct waiting *w;

	if (s->source != CS_GOT)
		return s->source;
	s->source = s->next(s->self, &in, &s->err);
	if (s->source != CS_GOT)
		return s->source;
	s->q = cs_grow(s->q, s->qn, &s->qcap, sizeof(*s->q));
	w = &s->q[s->qn++];
	*w = (struct waiting){s->text.n, in.text.n, 0, 0, in.line, in.bad};
	cs_buf_str(&s->text, in.text);
	if (in.raw.p != in.text.p && in.raw.n > 0) {
		w->raw = s->raw.n;
		w->raw_n = in.raw.n;
		cs_buf_str(&s->raw, in.raw);
	}
	return CS_GOT;
}

/* Drops the lines that are done, when that frees much or all. */
static void
drop_done(struct cs_split *s)
{
	size_t text, raw = 0;

	if (s->is_held || s->head == 0)
		return;
	if (s->head == s->qn) {
		s->head = s->qn = s->text.n = s->raw.n = 0;
		return;
	}
	text = s->q[s->head].text;
	if (text < s->text.n / 2 || s->head < s->qn / 2)
		return;
	for (size_t i = 0; i < s->head; i++)
		if (s->q[i].raw_n > 0)
			raw = s->q[i].raw + s->q[i].raw_n;
	memmove(s->text.p, s->text.p + text, s->text.n - text);
	s->text.n -= text;
	if (raw > 0)
		memmove(s->raw.p, s->raw.p + raw, s->raw.n - raw);
	s->raw.n -= raw;
	for (size_t i = s->head; i < s->qn; i++) {
		s->q[i - s->head] = s->q[i];
		s->q[i - s->head].text -= text;
		if (s->q[i].raw_n > 0)
			s->q[i - s->head].raw -= raw;
	}
	s->qn -= s->head;
	s->head = 0;
}

struct cs_str
cs_split_ahead(struct cs_split *s, size_t lines, size_t bytes, bool *is_all)
{
	size_t at;

	drop_done(s);
	at = s->head < s->qn ? s->q[s->head].text : s->text.n;
	while (s->qn - s->head < lines && s->text.n - at < bytes)
		if (pull(s) != CS_GOT)
			break;
	*is_all = s->source == CS_END;
	return (struct cs_str){s->text.p ? s->text.p + at : "", s->text.n - at};
}

enum cs_got
cs_split_line(struct cs_split *s, struct cs_line *line, struct cs_err *err)
{
	enum cs_got got;
	struct waiting *w;

	drop_done(s);
	if (s->head == s->qn) {
		/* Nothing waits: the line need not be kept. */
		if (s->source == CS_GOT)
			s->source = s->next(s->self, line, &s->err);
		got = s->source;
		if (got == CS_FAILED)
			*err = s->err;
		return got;
	}
	w = &s->q[s->head];
	line->text = line->raw = line_text(s, s->head++);
	if (w->raw_n > 0)
		line->raw = (struct cs_str){s->raw.p + w->raw, w->raw_n};
	line->line = w->line;
	line->bad = w->bad;
	return CS_GOT;
}

bool
cs_split_is_idle(const struct cs_split *s)
{
	return s->head == s->qn && !s->is_held && s->source == CS_GOT;
}

bool
cs_split_met_end(const struct cs_split *s)
{
	return s->has_met_end;
}

void
cs_split_hold(struct cs_split *s)
{
	drop_done(s);
	s->is_held = true;
	s->held = s->head;
}

void
cs_split_back(struct cs_split *s)
{
	s->head = s->held;
	s->is_held = false;
}

void
cs_split_go_on(struct cs_split *s)
{
	s->is_held = false;
}

struct cs_str
cs_line_body(struct cs_str line, struct cs_str *eol)
{
	size_t n = line.n;

	if (n > 0 && line.p[n - 1] == '\n') {
		n--;
		if (n > 0 && line.p[n - 1] == '\r')
			n--;
	}
	if (eol != NULL)
		*eol = (struct cs_str){line.p + n, line.n - n};
	line.n = n;
	return line;
}

/* Over the limit cells are only counted: a line of commas must not cost more
 * memory than it has bytes. */
static void
push_span(struct cs_split *s, size_t end)
{
	if (s->spans > s->conf.max_columns) {
		s->spans++;
		return;
	}
	s->span = cs_grow(s->span, s->spans, &s->span_cap, sizeof(*s->span));
	s->span[s->spans++] = (struct span){s->begin, end - s->begin};
}

/* Goes on with our own walk over the record: body are its bytes from `at`
 * (counted from the record's start) to the end of a physical line. */
static void
walk(struct cs_split *s, struct cs_str body, size_t at, size_t line)
{
	enum walk_state st = s->state;

	for (size_t i = 0; i < body.n; i++) {
		int c = (unsigned char)body.p[i];

		if (st == IN_QUOTES) {
			const char *q =
			    memchr(body.p + i, s->conf.quote, body.n - i);

			if (q == NULL)
				break;
			i = (size_t)(q - body.p);
			st = AFTER_QUOTE;
		} else if (c == s->conf.delimiter) {
			push_span(s, at + i);
			s->begin = at + i + 1;
			st = AT_CELL;
		} else if (c == s->conf.quote) {
			if (st == AT_CELL)
				s->opened = line;
			else if (st == IN_PLAIN)
				s->has_bare = true;
			st = st == IN_PLAIN ? IN_PLAIN : IN_QUOTES;
		} else if (st == AFTER_QUOTE) {
			s->has_junk = true;
			break;
		} else
			st = IN_PLAIN;
	}
	s->state = st;
}

static void
on_cell(void *p, size_t n, void *self)
{
	struct cs_split *s = self;

	if (s->ends > s->conf.max_columns)
		return;
	cs_buf_add(&s->cells, p, n);
	s->end = cs_grow(s->end, s->ends, &s->end_cap, sizeof(*s->end));
	s->end[s->ends++] = s->cells.n;
}

static void
on_row(int c, void *self)
{
	struct cs_split *s = self;

	(void)c;
	s->is_row = true;
}

static bool
feed(struct cs_split *s, struct csv_parser *p, struct cs_str bytes)
{
	size_t n, block = csv_get_buffer_size(p);

	if (bytes.n == 0)
		return true;
	/* libcsv grows by one block each time: by 4096 bytes a cell of 16 MiB
	 * is copied 4096 times. */
	csv_set_blk_size(p, bytes.n > block ? bytes.n : block);
	n = csv_parse(p, bytes.p, bytes.n, on_cell, on_row, s);
	if (n != bytes.n && csv_error(p) == CSV_ENOMEM)
		cs_nomem();
	return n == bytes.n;
}

static void
record_new(struct cs_split *s)
{
	s->state = AT_CELL;
	s->begin = s->opened = s->spans = s->ends = s->cells.n = 0;
	s->has_bare = s->has_junk = s->is_row = false;
}

/* Refuses `lines` lines at the head of the queue. */
static enum cs_split_got
refuse(struct cs_split *s, struct cs_row *row, size_t lines, const char *reason)
{
	const struct waiting *w = &s->q[s->head + lines - 1];
	struct cs_str whole = line_text(s, s->head);

	parsers_renew(s);
	whole.n = w->text + w->text_n - s->q[s->head].text;
	row->text = cs_line_body(whole, &row->eol);
	row->line = s->q[s->head].line;
	row->lines = lines;
	row->first = s->head;
	row->reason = reason;
	for (size_t i = 0; i < lines; i++)
		row->bad += s->q[s->head + i].bad;
	s->head += lines;
	return CS_SPLIT_REFUSED;
}

#define WHY(row, ...) snprintf((row)->why, sizeof((row)->why), __VA_ARGS__)

/* A quote is at fault: the first line goes, the rest is read again. */
static enum cs_split_got
refuse_quote(struct cs_split *s, struct cs_row *row, bool is_end)
{
	if (is_end)
		WHY(row, "the quote opened on line %zu is never closed",
		    s->opened);
	else
		WHY(row, "text after a closing quote (opened on line %zu)",
		    s->opened);
	return refuse(s, row, 1, "quote");
}

/* Which of the limits does the record of n lines break? */
static bool
is_long(struct cs_split *s, struct cs_row *row, size_t size)
{
	size_t from = 0, open = s->state == IN_QUOTES ? size - s->begin : 0;

	if (size > s->conf.max_record) {
		WHY(row, "the record is over %zu bytes", s->conf.max_record);
		return true;
	}
	if (s->spans > s->conf.max_columns) {
		WHY(row, "%zu cells, the limit is %zu", s->spans,
		    s->conf.max_columns);
		return true;
	}
	for (size_t i = 0; i < s->ends; i++) {
		if (s->end[i] - from > s->conf.max_cell) {
			WHY(row, "cell %zu is over %zu bytes", i + 1,
			    s->conf.max_cell);
			return true;
		}
		from = s->end[i];
	}
	/* Half: every quote of an open cell may be one of a pair. */
	if (open / 2 > s->conf.max_cell) {
		WHY(row,
		    "cell %zu is over %zu bytes (quote opened on line %zu)",
		    s->spans + 1, s->conf.max_cell, s->opened);
		return true;
	}
	return false;
}

/* Feeds the queue's line i to libcsv. A fault of the strict parser that is
 * only a bare quote gives the record to the loose one, from its start. */
static bool
feed_line(struct cs_split *s, size_t i, bool *is_loose)
{
	struct cs_str eol, body = cs_line_body(line_text(s, i), &eol);
	struct csv_parser *p = *is_loose ? &s->loose : &s->strict;

	if (!feed(s, p, body)) {
		if (*is_loose || !s->has_bare)
			return false;
		*is_loose = true;
		s->ends = s->cells.n = 0;
		for (size_t k = s->head; k < i; k++)
			if (!feed(s, &s->loose, line_text(s, k)))
				return false;
		if (!feed(s, &s->loose, body))
			return false;
		p = &s->loose;
	}
	/* Inside quotes the line end is data as it stands. */
	return feed(s, p, s->state == IN_QUOTES ? eol : CS_S("\n"));
}

static enum cs_split_got
row_done(struct cs_split *s, struct cs_row *row, size_t lines)
{
	struct cs_str whole = line_text(s, s->head);
	const struct waiting *w = &s->q[s->head + lines - 1];
	size_t from = 0;

	whole.n = w->text + w->text_n - s->q[s->head].text;
	row->text = cs_line_body(whole, &row->eol);
	row->line = s->q[s->head].line;
	row->lines = lines;
	row->first = s->head;
	row->is_blank = row->text.n == 0;
	for (size_t i = 0; i < lines; i++)
		row->bad += s->q[s->head + i].bad;
	if (s->row_cap < s->spans) {
		s->row_cap = s->spans * 2;
		s->cell = cs_realloc(s->cell, s->row_cap, sizeof(*s->cell));
		s->raw_cell =
		    cs_realloc(s->raw_cell, s->row_cap, sizeof(*s->cell));
	}
	row->n = s->spans;
	row->cell = s->cell;
	row->raw_cell = s->raw_cell;
	for (size_t i = 0; i < s->spans; i++) {
		row->raw_cell[i] =
		    (struct cs_str){row->text.p + s->span[i].at, s->span[i].n};
		row->cell[i] = (struct cs_str){"", 0};
		if (i < s->ends && s->end[i] > from)
			row->cell[i] = (struct cs_str){
			    s->cells.p + from, s->end[i] - from};
		from = i < s->ends ? s->end[i] : from;
	}
	s->head += lines;
	return CS_SPLIT_ROW;
}

enum cs_split_got
cs_split_next(struct cs_split *s, struct cs_row *row, struct cs_err *err)
{
	bool is_loose = false;

	*row = (struct cs_row){0};
	drop_done(s);
	record_new(s);
	for (size_t i = s->head;; i++) {
		struct cs_str body;
		size_t at, size;
		enum cs_got got = i < s->qn ? CS_GOT : pull(s);

		if (got == CS_FAILED) {
			*err = s->err;
			return CS_SPLIT_FAILED;
		}
		if (got == CS_END && i == s->head)
			return CS_SPLIT_END;
		if (got == CS_END) {
			s->has_met_end = true;
			return refuse_quote(s, row, true);
		}
		body = cs_line_body(line_text(s, i), NULL);
		at = s->q[i].text - s->q[s->head].text;
		size = at + body.n;
		walk(s, body, at, s->q[i].line);
		if (s->has_junk || !feed_line(s, i, &is_loose))
			return refuse_quote(s, row, false);
		if (s->state == IN_QUOTES) {
			/* The end may never come: only the first line goes. */
			if (is_long(s, row, size))
				return refuse(s, row, 1, "long");
			continue;
		}
		push_span(s, size);
		if (is_long(s, row, size))
			return refuse(s, row, i - s->head + 1, "long");
		/* libcsv shows no cell of a blank line. */
		if (!s->is_row || (s->ends != s->spans && size > 0))
			return refuse_quote(s, row, false);
		if (is_loose)
			parsers_renew(s);
		return row_done(s, row, i - s->head + 1);
	}
}

void
cs_split_raw(
    const struct cs_split *s, const struct cs_row *row, struct cs_buf *out)
{
	size_t begin = out->n;
	struct cs_str all;

	for (size_t i = row->first; i < row->first + row->lines; i++)
		if (s->q[i].raw_n > 0)
			cs_buf_add(out, s->raw.p + s->q[i].raw, s->q[i].raw_n);
		else
			cs_buf_str(out, line_text(s, i));
	all = (struct cs_str){out->p + begin, out->n - begin};
	out->n = begin + cs_line_body(all, NULL).n;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

void
cs_split_put(struct cs_buf *b, struct cs_str text, int delimiter)
{
	bool is_plain = true;
	const char *q;

	for (size_t i = 0; i < text.n && is_plain; i++) {
		char c = text.p[i];

		is_plain =
		    c != (char)delimiter && c != '"' && c != '\n' && c != '\r';
	}
	if (text.n > 0 && (is_blank(text.p[0]) || is_blank(text.p[text.n - 1])))
		is_plain = false;
	if (is_plain) {
		cs_buf_str(b, text);
		return;
	}
	cs_buf_putc(b, '"');
	while ((q = cs_str_chr(text, '"')) != NULL) {
		size_t n = (size_t)(q - text.p) + 1;

		cs_buf_add(b, text.p, n);
		cs_buf_putc(b, '"');
		text.p += n;
		text.n -= n;
	}
	cs_buf_str(b, text);
	cs_buf_putc(b, '"');
}
