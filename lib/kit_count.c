/* kit_count: what went wrong how often, the rejects file, the summary */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "kit_private.h"
#include "text.h"

enum { RAW_MAX = 64 << 10 };

/* Faults of one rule that the summary tells apart. */
enum { TEXTS = 5 };
static const char others[] = "other faults of that kind";

/* How many texts an expression has in the summary. */
static size_t
texts_of(const struct cs_kit_tally *t, size_t expr)
{
	size_t n = 0;

	for (size_t i = 0; i < t->ncounts; i++)
		n += t->count[i].expr == expr && t->count[i].text.p != NULL;
	return n;
}

/* The line of (label, column or text), made on first sight. A text may quote
 * the value: after a few of a rule the others are counted together. A thread
 * does not know which these few are, and keeps all of its batch. */
static size_t
line_of(struct cs_kit *k, size_t expr, struct cs_str column, struct cs_str text)
{
	struct cs_kit_tally *t = &k->p->tally;
	const char *label = cs_eval_label(k->eval, expr);
	struct cs_buf key = {0};
	bool is_new;
	size_t i;

	for (;;) {
		cs_buf_reset(&key);
		cs_buf_add(&key, &expr, sizeof(expr));
		cs_buf_putc(&key, text.p ? 't' : 'c');
		cs_buf_str(&key, text.p ? text : column);
		if (text.p == NULL || text.p == others || k->p->is_part ||
		    cs_map_find(&t->count_map, cs_buf_get(&key)) != SIZE_MAX ||
		    texts_of(t, expr) < TEXTS)
			break;
		text = cs_str(others);
	}
	i = cs_map_add(&t->count_map, cs_buf_get(&key), &is_new);
	cs_buf_free(&key);
	if (is_new) {
		t->count =
		    cs_grow(t->count, i, &t->counts_cap, sizeof(*t->count));
		t->count[i] = (struct cs_kit_count){.expr = expr,
		    .label = cs_keep(&t->arena, cs_str(label)),
		    .column = cs_keep(&t->arena, column),
		    .text = cs_keep(&t->arena, text)};
		t->ncounts = i + 1;
	}
	return i;
}

/* The report of one record tells of that record only. */
static bool
is_told(struct cs_kit *k)
{
	return k->why_id.p == NULL || cs_kit_is_why(k, k->p->rec);
}

/* Keeps the first examples. Of one batch several lines may become one ("other
 * faults"), so they do not always come in order. */
static void
add_example(struct cs_kit_tally *t, struct cs_kit_count *c, struct cs_str id,
    uint64_t at)
{
	size_t i = c->nexamples;

	if (i == CS_EXAMPLES && at > c->at[i - 1])
		return;
	if (i == CS_EXAMPLES)
		i--;
	else
		c->nexamples++;
	for (; i > 0 && at < c->at[i - 1]; i--) {
		c->at[i] = c->at[i - 1];
		c->example[i] = c->example[i - 1];
	}
	c->at[i] = at;
	c->example[i] = cs_keep(&t->arena, id);
}

static void
count_line(struct cs_kit *k, size_t line)
{
	struct cs_kit_tally *t = &k->p->tally;
	struct cs_kit_count *c = &t->count[line];
	struct cs_str id;

	c->n++;
	if (k->verbose == 0 || c->nexamples == CS_EXAMPLES || k->p->rec == NULL)
		return;
	id = cs_kit_id(k, k->p->rec);
	if (id.n > 0)
		add_example(t, c, id, ++t->events);
}

static void
count_fault(struct cs_kit *k, size_t expr, struct cs_str text)
{
	if (is_told(k))
		count_line(k, line_of(k, expr, (struct cs_str){0}, text));
}

/* An unknown. On real data there is one in most records, nearly always because
 * of the same column, whose line is remembered. */
static void
count_unknown(struct cs_kit *k, size_t expr)
{
	struct cs_kit_asked *a = &k->p->asked[expr];
	size_t col, line;
	bool sure;

	if (!is_told(k))
		return;
	col = cs_kit_first_empty(k, expr, &sure);
	if (sure && a->line > 0 && a->col == col) {
		count_line(k, a->line - 1);
		return;
	}
	line = line_of(k, expr, cs_kit_empty(k, expr), (struct cs_str){0});
	if (sure) {
		a->col = col;
		a->line = line + 1;
	}
	count_line(k, line);
}

/* A fault's text, and where in the rule: "type: text against number in
 * .logins >= 3". Long places are cut. */
static struct cs_str
fault_text(struct cs_kit *k, const struct cs_eval_fault *f)
{
	enum { LONG = 60 };
	struct cs_buf b = {0};
	struct cs_str text, place = {0};
	size_t from;

	if (f->at == NULL || !cs_str_starts(f->text, CS_S("type: ")))
		return f->text; /* the others name what they are about */
	cs_buf_str(&b, f->text);
	cs_buf_puts(&b, " in ");
	from = b.n;
	cs_expr_print(&b, f->at);
	place = (struct cs_str){b.p + from, b.n - from};
	if (place.n > LONG) {
		for (place.n = LONG; (place.p[place.n] & 0xc0) == 0x80;)
			place.n--;
		b.n = from + place.n;
		cs_buf_puts(&b, " ...");
	}
	text = cs_keep(&k->one, cs_buf_get(&b));
	cs_buf_free(&b);
	return text;
}

/* Counts the unknown or the faults of expression i, once per record. */
static void
note(struct cs_kit *k, size_t i, bool is_unknown)
{
	struct cs_kit_private *p = k->p;
	const struct cs_eval_fault *f;
	size_t n;

	if (p->asked[i].turn == p->turn)
		return;
	p->asked[i].turn = p->turn;
	n = cs_eval_is_calm(k->eval) ? 0 : cs_eval_faults(k->eval, i, &f);
	for (size_t j = 0; j < n; j++)
		count_fault(k, i, fault_text(k, &f[j]));
	if (is_unknown && n == 0)
		count_unknown(k, i);
}

static void
note_unknown(struct cs_kit *k, size_t i, bool is_unknown)
{
	if (is_unknown || !cs_eval_is_calm(k->eval))
		note(k, i, is_unknown);
}

void
cs_kit_count_reset(struct cs_kit *k)
{
	struct cs_kit_private *p = k->p;
	size_t n = cs_eval_count(k->eval), i;

	p->turn++;
	if (p->nasked >= n)
		return;
	p->asked = cs_realloc(p->asked, n, sizeof(*p->asked));
	for (i = p->nasked; i < n; i++)
		p->asked[i] = (struct cs_kit_asked){0};
	p->nasked = n;
}

enum cs_answer
cs_kit_ask(struct cs_kit *k, size_t i)
{
	enum cs_answer a = cs_eval_ask(k->eval, i);

	note_unknown(k, i, a == CS_UNKNOWN);
	return a;
}

size_t
cs_kit_next(const struct cs_kit *k, size_t i, size_t end)
{
	return cs_eval_next(k->eval, i, end);
}

struct cs_val
cs_kit_value(struct cs_kit *k, size_t i)
{
	struct cs_val v = cs_eval_get(k->eval, i);

	note_unknown(k, i, v.kind == CS_NULL);
	return v;
}

struct cs_val
cs_kit_cell(struct cs_kit *k, size_t i)
{
	struct cs_val v = cs_eval_get(k->eval, i);

	note_unknown(k, i, false);
	return v;
}

/* Counts a value of the wrong kind, once per record. */
static void
note_kind(struct cs_kit *k, size_t i, const char *needed, struct cs_val v)
{
	static const char *const kind[] = {
	    "null", "yes/no", "a number", "text", "a list or object"};
	enum { QUOTED = 40 };
	char text[96];

	if (k->p->asked[i].turn != k->p->turn) {
		if (v.kind == CS_TEXT && v.text.n <= QUOTED)
			snprintf(text, sizeof(text),
			    "%s is needed, not \"%.*s\"", needed,
			    CS_ARG(v.text));
		else
			snprintf(text, sizeof(text), "%s is needed, not %s",
			    needed, kind[v.kind]);
		count_fault(k, i, cs_str(text));
	}
	note_unknown(k, i, false);
}

bool
cs_kit_number(struct cs_kit *k, size_t i, double *v)
{
	struct cs_val x = cs_eval_get(k->eval, i);

	if (x.kind == CS_NUM || x.kind == CS_NULL)
		note_unknown(k, i, x.kind == CS_NULL);
	else
		note_kind(k, i, "a number", x);
	*v = x.num;
	return x.kind == CS_NUM;
}

bool
cs_kit_date(struct cs_kit *k, size_t i, struct cs_str *date)
{
	struct cs_val x = cs_eval_get(k->eval, i);
	struct cs_civil c;

	if (x.kind == CS_NULL) {
		note_unknown(k, i, true);
		return false;
	}
	if (x.kind != CS_TEXT || cs_zone_civil(x.text, &c) != CS_DATE_OK) {
		note_kind(k, i, "a date (YYYY-MM-DD)", x);
		return false;
	}
	*date = x.text;
	return true;
}

bool
cs_kit_settle(enum cs_answer a, enum cs_missing m, bool dflt, bool *stop)
{
	if (a != CS_UNKNOWN)
		return a == CS_YES;
	switch (m) {
	case CS_MISSING_NO:
		return false;
	case CS_MISSING_YES:
		return true;
	case CS_MISSING_ERROR:
		*stop = true;
		return false;
	default:
		return dflt;
	}
}

/* One line of --rejects. */
static void
reject_row(struct cs_kit *k, const char *file, size_t line, const char *reason,
    struct cs_str column, struct cs_str value, struct cs_str raw)
{
	static const char hex[] = "0123456789abcdef";
	struct cs_str rest = raw;
	struct cs_buf b = {0}, cell = {0};
	size_t cut = raw.n > RAW_MAX ? raw.n - RAW_MAX : 0;

	rest.n -= cut;
	cs_csv_cell(&b, cs_str(file), ',');
	cs_buf_printf(&b, ",%zu,", line);
	cs_csv_cell(&b, column, ',');
	cs_buf_putc(&b, ',');
	cs_csv_cell(&b, cs_str(reason), ',');
	cs_buf_putc(&b, ',');
	cs_csv_cell(&b, value, ',');
	cs_buf_putc(&b, ',');
	if (cs_utf8_valid(raw) == raw.n &&
	    memchr(raw.p ? raw.p : "", 0, raw.n) == NULL) {
		/* Cut between characters. */
		while (cut > 0 && rest.n > 0 && (raw.p[rest.n] & 0xc0) == 0x80)
			rest.n--;
		cs_buf_str(&cell, rest);
	} else {
		cs_buf_puts(&cell, "hex:");
		for (size_t i = 0; i < rest.n; i++) {
			cs_buf_putc(&cell, hex[(unsigned char)rest.p[i] >> 4]);
			cs_buf_putc(&cell, hex[rest.p[i] & 15]);
		}
	}
	if (cut > 0)
		cs_buf_printf(&cell, "...+%zu bytes", raw.n - rest.n);
	cs_csv_cell(&b, cs_buf_get(&cell), ',');
	cs_buf_putc(&b, '\n');
	cs_out_str(k->p->rejects, cs_buf_get(&b));
	cs_buf_free(&cell);
	cs_buf_free(&b);
}

/* Is there still one to show? */
static bool
is_shown(struct cs_kit *k)
{
	struct cs_kit_private *p = k->p;

	if (p->refusals_shown++ < CS_SHOWN)
		return true;
	if (p->refusals_shown == CS_SHOWN + 1)
		cs_say("more refused records are not shown one by one%s",
		    p->rejects == NULL ? " (--rejects=FILE keeps them)" : "");
	return false;
}

static void
count_reason(struct cs_kit_tally *t, struct cs_str reason, uint64_t n)
{
	bool is_new;
	size_t i = cs_map_add(&t->reason_map, reason, &is_new);

	if (is_new) {
		t->reason_n = cs_grow(
		    t->reason_n, i, &t->reasons_cap, sizeof(*t->reason_n));
		t->reason_n[i] = 0;
	}
	t->reason_n[i] += n;
}

static bool
refuse(struct cs_kit *k, const char *file, size_t line, const char *reason,
    struct cs_str column, struct cs_str value, const char *text,
    struct cs_str raw, struct cs_err *err)
{
	struct cs_kit_private *p = k->p;
	struct cs_kit_tally *t = &p->tally;

	count_reason(t, cs_str(reason), 1);
	k->refused++;
	k->is_partly = true;
	if (p->rejects != NULL)
		reject_row(k, file, line, reason, column, value, raw);
	if (p->is_stop)
		return cs_fail(err, CS_PARTLY,
		    "%s:%zu: refused: %s; stopped (--on-error=stop)", file,
		    line, text);
	if (k->is_quiet)
		return true;
	if (p->is_part) {
		if (t->nsaid < CS_SHOWN)
			t->said[t->nsaid++] = cs_arena_printf(
			    &t->arena, "%s:%zu: refused: %s", file, line, text);
	} else if (is_shown(k)) {
		cs_say("%s:%zu: refused: %s", file, line, text);
	}
	return true;
}

void
cs_kit_tally_join(
    struct cs_kit *k, const struct cs_kit_tally *t, uint64_t refused)
{
	struct cs_kit_tally *sum = &k->p->tally;

	for (size_t i = 0; i < t->reason_map.n; i++)
		count_reason(sum, t->reason_map.key[i], t->reason_n[i]);
	for (size_t i = 0; i < t->ncounts; i++) {
		const struct cs_kit_count *from = &t->count[i];
		size_t line = line_of(k, from->expr, from->column, from->text);
		struct cs_kit_count *to = &sum->count[line];

		to->n += from->n;
		for (size_t j = 0; j < from->nexamples; j++)
			add_example(sum, to, from->example[j],
			    sum->events + from->at[j]);
	}
	sum->events += t->events;
	for (uint64_t i = 0; i < refused && !k->is_quiet; i++)
		if (is_shown(k))
			cs_say("%s", t->said[i]);
}

void
cs_kit_tally_free(struct cs_kit_tally *t)
{
	cs_arena_free(&t->arena);
	cs_map_free(&t->count_map);
	cs_map_free(&t->reason_map);
	free(t->count);
	free(t->reason_n);
	*t = (struct cs_kit_tally){0};
}

bool
cs_kit_refused(struct cs_kit *k, const char *file, const struct cs_refused *r,
    struct cs_err *err)
{
	k->unread++;
	return refuse(k, file, r->line, r->reason, r->column, r->value, r->text,
	    r->raw, err);
}

bool
cs_kit_refuse(struct cs_kit *k, const struct cs_rec *rec, const char *reason,
    struct cs_str column, struct cs_str value, const char *text,
    struct cs_err *err)
{
	return refuse(k, rec->file, rec->line, reason, column, value, text,
	    rec->raw, err);
}

bool
cs_kit_refuse_unknown(struct cs_kit *k, const struct cs_rec *rec,
    const struct cs_stanza *s, struct cs_err *err)
{
	char *reason =
	    cs_arena_printf(&k->one, "unknown:%.*s", CS_ARG(s->name));
	char *text = cs_arena_printf(&k->one,
	    "%s %.*s is unknown, and says Missing: error", s->kind->name,
	    CS_ARG(s->name));

	return cs_kit_refuse(
	    k, rec, reason, (struct cs_str){0}, (struct cs_str){0}, text, err);
}

void
cs_kit_note(struct cs_kit *k, const char *fmt, ...)
{
	struct cs_buf b = {0};
	va_list ap;

	if (k->is_quiet)
		return;
	va_start(ap, fmt);
	cs_buf_vprintf(&b, fmt, ap);
	va_end(ap);
	cs_say("%s", cs_buf_z(&b));
	cs_buf_free(&b);
}

static const char *
plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static void
summary_refused(struct cs_kit *k)
{
	const struct cs_kit_tally *t = &k->p->tally;
	struct cs_buf b = {0};

	for (size_t i = 0; i < t->reason_map.n; i++)
		cs_buf_printf(&b, "%s%.*s %ju", i ? ", " : "",
		    CS_ARG(t->reason_map.key[i]), (uintmax_t)t->reason_n[i]);
	cs_kit_note(k, "%ju of %ju records refused (%s)", (uintmax_t)k->refused,
	    (uintmax_t)(k->records + k->unread), cs_buf_z(&b));
	cs_buf_free(&b);
}

static void
summary_count(struct cs_kit *k, const struct cs_kit_count *c)
{
	struct cs_buf b = {0};

	for (size_t i = 0; i < c->nexamples; i++)
		cs_buf_printf(
		    &b, "%s%.*s", i ? " " : " (", CS_ARG(c->example[i]));
	if (c->nexamples > 0)
		cs_buf_puts(&b, c->n > c->nexamples ? " ...)" : ")");
	if (c->text.p != NULL)
		cs_kit_note(k, "%.*s: in %ju record%s: %.*s%s",
		    CS_ARG(c->label), (uintmax_t)c->n, plural(c->n),
		    CS_ARG(c->text), cs_buf_z(&b));
	else if (c->column.p != NULL)
		cs_kit_note(k, "%.*s: unknown in %ju record%s: %.*s is empty%s",
		    CS_ARG(c->label), (uintmax_t)c->n, plural(c->n),
		    CS_ARG(c->column), cs_buf_z(&b));
	else
		cs_kit_note(k, "%.*s: unknown in %ju record%s%s",
		    CS_ARG(c->label), (uintmax_t)c->n, plural(c->n),
		    cs_buf_z(&b));
	cs_buf_free(&b);
}

/* A header that did not stand in the first line. */
static void
summary_header(struct cs_kit *k, const struct cs_reader *r)
{
	const struct cs_reader_stats *s = cs_reader_stats(r);

	if (s->titles > 0)
		cs_kit_note(k,
		    "%s: %zu line%s above the header passed over (--skip=0 "
		    "takes line 1 for the header)",
		    cs_reader_name(r), s->titles, s->titles == 1 ? "" : "s");
	if (s->quote != 0)
		cs_kit_note(k,
		    "%s: cells are quoted with %c (--quote='\"' takes that for "
		    "text)",
		    cs_reader_name(r), s->quote);
	if (s->is_headless)
		cs_kit_note(k,
		    "%s: line 1 holds numbers, no names: columns are c1 to "
		    "c%zu (--header=a,b,c names them, --skip=0 takes line 1 "
		    "for the header)",
		    cs_reader_name(r), cs_header_n(&k->head));
	if (s->has_two_lines)
		cs_kit_note(k,
		    "%s: the header has two lines, their names are joined "
		    "(--skip=0 takes line 1 for the header)",
		    cs_reader_name(r));
	if (s->unnamed > 0)
		cs_kit_note(k,
		    "%s: records have one cell more than the header; column "
		    "%zu, without a name, is %.*s (--skip=0 refuses them)",
		    cs_reader_name(r), s->unnamed, CS_ARG(s->name));
}

/* How the inputs were read: with -v; what was changed: always. */
static void
summary_inputs(struct cs_kit *k)
{
	for (size_t i = 0; i < k->p->nreaders; i++) {
		const struct cs_reader *r = k->p->readers[i];
		const struct cs_reader_stats *s = cs_reader_stats(r);
		const struct cs_decode *d = cs_reader_decode(r);

		if (k->verbose > 0 && d != NULL)
			cs_kit_note(k, "%s: read as %s (%s)", cs_reader_name(r),
			    cs_decode_name(d), cs_decode_reason(d));
		if (k->verbose > 0 && cs_reader_delimiter(r) != 0)
			cs_kit_note(k, "%s: %s, delimiter %s, %ju record%s",
			    cs_reader_name(r), cs_form_name(cs_reader_form(r)),
			    cs_reader_delimiter(r) == '\t'
				? "tab"
				: (char[]){'"', (char)cs_reader_delimiter(r),
				      '"', 0},
			    (uintmax_t)s->records, plural(s->records));
		summary_header(k, r);
		if (s->trimmed > 0)
			cs_kit_note(k,
			    "%s: %ju record%s had surplus empty cells "
			    "at the end, dropped",
			    cs_reader_name(r), (uintmax_t)s->trimmed,
			    plural(s->trimmed));
		if (s->replaced > 0)
			cs_kit_note(k,
			    "%s: %ju place%s did not decode, now U+FFFD",
			    cs_reader_name(r), (uintmax_t)s->replaced,
			    plural(s->replaced));
	}
}

static int
is_others(const struct cs_kit_count *c)
{
	return cs_str_is(c->text, others);
}

/* By rule, then the more frequent first, then by what is told. */
static int
by_rule(const void *a, const void *b)
{
	const struct cs_kit_count *x = a, *y = b;
	int c;

	if (x->expr != y->expr)
		return x->expr < y->expr ? -1 : 1;
	if (is_others(x) != is_others(y))
		return is_others(x) - is_others(y);
	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	c = cs_str_cmp(x->column, y->column);
	return c != 0 ? c : cs_str_cmp(x->text, y->text);
}

void
cs_kit_summary(struct cs_kit *k)
{
	struct cs_kit_tally *t = &k->p->tally;
	uint64_t misfits = 0, guarded = k->p->guarded;

	summary_inputs(k);

	if (k->refused > 0)
		summary_refused(k);
	if (t->ncounts > 1)
		qsort(t->count, t->ncounts, sizeof(*t->count), by_rule);
	for (size_t i = 0; i < t->ncounts; i++)
		summary_count(k, &t->count[i]);
	for (size_t i = 0; i < cs_header_n(&k->head); i++) {
		if (k->head.misfits == NULL || k->head.misfits[i] == 0)
			continue;
		misfits += k->head.misfits[i];
		cs_kit_note(k,
		    "column %.*s: %ju cells do not fit its type, "
		    "taken as unknown",
		    CS_ARG(cs_header_name(&k->head, i)),
		    (uintmax_t)k->head.misfits[i]);
	}
	if (k->is_strict && (t->ncounts > 0 || misfits > 0))
		k->is_partly = true;
	if (k->plan != NULL)
		guarded += cs_plan_guarded(k->plan);
	if (guarded > 0)
		cs_kit_note(k,
		    "%ju cell%s that begin%s like a formula got a ' in front",
		    (uintmax_t)guarded, plural(guarded),
		    guarded == 1 ? "s" : "");
}

/* Asked once: a look at the terminal costs a system call. */
static bool
wants_progress(struct cs_kit_private *p)
{
	const char *term;

	if (p->is_progress_decided)
		return p->has_progress;
	p->is_progress_decided = true;
	term = getenv("TERM");
	p->has_progress =
	    p->progress == CS_WHEN_ALWAYS ||
	    (p->progress == CS_WHEN_AUTO && isatty(STDERR_FILENO) &&
		term != NULL && strcmp(term, "dumb") != 0);
	return p->has_progress;
}

void
cs_kit_progress(struct cs_kit *k, bool last)
{
	struct cs_kit_private *p = k->p;
	struct timespec t;
	long long ms;

	if (!wants_progress(p))
		return;
	clock_gettime(CLOCK_MONOTONIC, &t);
	ms = t.tv_sec * 1000LL + t.tv_nsec / 1000000;
	if (p->progress_ms == 0)
		p->progress_ms = ms;
	if (!last && ms - p->progress_ms < 500)
		return;
	if (last && p->progress == CS_WHEN_AUTO && !p->progress_shown)
		return; /* short work shows nothing */
	p->progress_ms = ms;
	p->progress_shown = true;
	dprintf(STDERR_FILENO, "\r%s: %ju records%s", k->cmd->name,
	    (uintmax_t)(k->records + k->unread), last ? "\n" : "");
}
