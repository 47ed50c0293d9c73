/* kit_refuse: records left out: told, kept, counted, and how many may be */
#include <stdio.h>
#include <string.h>

#include "kit_private.h"
#include "num.h"
#include "text.h"

enum { RAW_MAX = 64 << 10 };
/* Of each reason the summary shows so many. */
enum {
	EXAMPLES =
	    sizeof(((struct cs_kit_reason *)NULL)->example) / sizeof(char *)
};
/* A share says little before so many records were read. */
enum { ENOUGH = 1000 };

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

/* The count of a reason, made on first sight. */
static struct cs_kit_reason *
reason_of(struct cs_kit_tally *t, struct cs_str reason)
{
	bool is_new;
	size_t i = cs_map_add(&t->reason_map, reason, &is_new);

	if (is_new) {
		t->reason =
		    cs_grow(t->reason, i, &t->reasons_cap, sizeof(*t->reason));
		t->reason[i] = (struct cs_kit_reason){0};
	}
	return &t->reason[i];
}

static void
count_reason(struct cs_kit *k, const char *reason, const char *file,
    size_t line, const char *text)
{
	struct cs_kit_tally *t = &k->p->tally;
	struct cs_kit_reason *r = reason_of(t, cs_str(reason));

	if (r->n++ == 0)
		r->text = cs_arena_printf(&t->arena, "%s", text);
	if (r->n <= EXAMPLES)
		r->example[r->n - 1] =
		    cs_arena_printf(&t->arena, "%s:%zu", file, line);
	if (k->refused++ == 0)
		k->p->first_refused =
		    cs_arena_printf(&t->arena, "%s:%zu: %s", file, line, text);
	k->is_partly = true;
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

void
cs_kit_reasons_join(
    struct cs_kit *k, const struct cs_kit_tally *t, uint64_t refused)
{
	struct cs_kit_tally *sum = &k->p->tally;

	for (size_t i = 0; i < t->reason_map.n; i++) {
		const struct cs_kit_reason *from = &t->reason[i];
		struct cs_kit_reason *to = reason_of(sum, t->reason_map.key[i]);

		if (to->n == 0)
			to->text =
			    cs_arena_printf(&sum->arena, "%s", from->text);
		for (size_t j = 0; j < from->n && to->n + j < EXAMPLES; j++)
			to->example[to->n + j] = cs_arena_printf(
			    &sum->arena, "%s", from->example[j]);
		to->n += from->n;
	}
	for (uint64_t i = 0; i < refused && !k->is_quiet; i++)
		if (is_shown(k))
			cs_say("%s", t->said[i]);
}

bool
cs_kit_max_rejects(struct cs_kit *k, const char *arg, struct cs_err *err)
{
	struct cs_str s = cs_str(arg);
	struct cs_kit_max *m = &k->p->max;
	long long n = 0;

	*m = (struct cs_kit_max){.text = arg};
	if (s.n > 0 && s.p[s.n - 1] == '%') {
		m->is_percent = true;
		s.n--;
		if (cs_num_parse(s, &m->n) && m->n >= 0 && m->n <= 100)
			return true;
	} else if (cs_num_whole(s, 0, INT64_MAX, &n)) {
		m->n = (double)n;
		return true;
	}
	return cs_fail(err, CS_USAGE,
	    "--max-rejects=%s: a number of records is needed, or 0%% to 100%% "
	    "of them",
	    arg);
}

bool
cs_kit_rejects_ok(struct cs_kit *k, bool is_end, struct cs_err *err)
{
	const struct cs_kit_max *m = &k->p->max;
	uint64_t all = k->records + k->unread;
	double limit = m->n;

	if (m->text == NULL || k->refused == 0)
		return true;
	if (m->is_percent) {
		if (!is_end && all < ENOUGH)
			return true;
		limit = m->n / 100 * (double)all;
	}
	if ((double)k->refused <= limit)
		return true;
	return cs_fail(err, CS_STOP,
	    "%ju of %ju records refused, over --max-rejects=%s; the first: %s",
	    (uintmax_t)k->refused, (uintmax_t)all, m->text,
	    k->p->first_refused);
}

static bool
refuse(struct cs_kit *k, const char *file, size_t line, const char *reason,
    struct cs_str column, struct cs_str value, const char *text,
    struct cs_str raw, struct cs_err *err)
{
	struct cs_kit_private *p = k->p;
	struct cs_kit_tally *t = &p->tally;

	count_reason(k, reason, file, line, text);
	if (p->rejects != NULL)
		reject_row(k, file, line, reason, column, value, raw);
	if (p->is_stop)
		return cs_fail(err, CS_PARTLY,
		    "%s:%zu: refused: %s; stopped (--on-error=stop)", file,
		    line, text);
	if (p->is_part && t->nsaid < CS_SHOWN)
		t->said[t->nsaid++] = cs_arena_printf(
		    &t->arena, "%s:%zu: refused: %s", file, line, text);
	else if (!p->is_part && !k->is_quiet && is_shown(k))
		cs_say("%s:%zu: refused: %s", file, line, text);
	return cs_kit_rejects_ok(k, false, err);
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
	/* What was set for it must not come out with the next record. */
	if (k->plan != NULL)
		cs_plan_forget(k->plan);
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

/* Of those that were not all shown: the first few of each reason. */
static void
tell_examples(
    struct cs_kit *k, struct cs_str reason, const struct cs_kit_reason *r)
{
	struct cs_buf b = {0};

	for (size_t i = 0; i < EXAMPLES && i < r->n; i++)
		cs_buf_printf(&b, "%s%s", i > 0 ? ", " : "", r->example[i]);
	cs_buf_puts(&b, r->n > EXAMPLES ? " ..." : "");
	cs_kit_note(k, "%.*s: %s%s %s", CS_ARG(reason), cs_buf_z(&b),
	    r->n == 1 ? ":" : "; the first:", r->text);
	cs_buf_free(&b);
}

void
cs_kit_summary_refused(struct cs_kit *k)
{
	const struct cs_kit_tally *t = &k->p->tally;
	struct cs_buf b = {0};

	if (k->refused == 0)
		return;
	for (size_t i = 0; i < t->reason_map.n; i++)
		cs_buf_printf(&b, "%s%.*s %ju", i ? ", " : "",
		    CS_ARG(t->reason_map.key[i]), (uintmax_t)t->reason[i].n);
	cs_kit_note(k, "%ju of %ju records refused (%s)", (uintmax_t)k->refused,
	    (uintmax_t)(k->records + k->unread), cs_buf_z(&b));
	cs_buf_free(&b);
	for (size_t i = 0; k->refused > CS_SHOWN && i < t->reason_map.n; i++)
		tell_examples(k, t->reason_map.key[i], &t->reason[i]);
}
