/* json_both: a JSON text by the scanner and by the strict check, lines by the
 * reader with and without the scanner, compared
 *
 * json_diff and the fuzz target bring the texts. */
#ifndef CS_TESTS_JSON_BOTH_H
#define CS_TESTS_JSON_BOTH_H

#include <stdio.h>
#include <stdlib.h>

#include "hash.h"
#include "json.h"
#include "json_ref.h"
#include "json_scan.h"
#include "reader.h"
#include "text.h"

enum { SETS = 2, DEEP = 100 };

static const char *const set_name[SETS] = {"words", "SSE2"};

struct diff {
	uint64_t state; /* of the generator of random numbers */
	struct cs_buf b;
	struct cs_json_members cold[SETS], warm[SETS];
	struct cs_map names; /* the numbers the warm ones are given */
	struct cs_arena arena;
	struct cs_buf lines; /* for the reader */
	size_t depth;	     /* of the text being made */
	uint64_t texts, made, taken, bytes, values, records, refused;
	bool asks_libjq; /* of the next text too */
	bool is_loud;
};

/* --- one text ----------------------------------------------------------- */

static bool
told(const struct diff *f, struct cs_str s, const char *who, const char *what)
{
	struct cs_buf b = {0};

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= 0x20 && s.p[i] < 0x7f && s.p[i] != '\\')
			cs_buf_putc(&b, s.p[i]);
		else
			cs_buf_printf(&b, "\\x%02x", (unsigned char)s.p[i]);
	printf("# %s: %s\n# %s\n", who, what, cs_buf_z(&b));
	cs_buf_free(&b);
	(void)f;
	return false;
}

static size_t
depth_of(struct cs_str s)
{
	size_t most = 0, depth = 0;

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '{' || s.p[i] == '[')
			most = ++depth > most ? depth : most;
		else if ((s.p[i] == '}' || s.p[i] == ']') && depth > 0)
			depth--;
	return most;
}

static struct cs_str
key_name(struct diff *f, const struct cs_json_member *m)
{
	return cs_json_text(
	    &f->arena, (struct cs_str){m->key.p - 1, m->key.n + 2});
}

/* Are the scanner's members those that the plain walk sees, and is what it
 * foresaw true? */
static bool
members(struct diff *f, struct cs_str s, const struct cs_json_members *m,
    const char *who)
{
	struct cs_str k, v;
	size_t pos = 0, i = 0;

	for (; cs_json_next(s, &pos, &k, &v); i++) {
		const struct cs_json_member *x = &m->v[i];

		if (i >= m->n)
			return told(f, s, who, "too few members");
		if (x->key.p != k.p + 1 || x->key.n != k.n - 2)
			return told(f, s, who, "another key");
		if (x->value.p != v.p || x->value.n != v.n)
			return told(f, s, who, "another value");
		if (x->number == CS_JSON_UNKNOWN &&
		    x->has_escapes != (cs_str_chr(k, '\\') != NULL))
			return told(f, s, who, "has_escapes");
		if (x->number != CS_JSON_UNKNOWN &&
		    x->number != cs_map_find(&f->names, key_name(f, x)))
			return told(f, s, who, "another number");
	}
	return i == m->n || told(f, s, who, "too many members");
}

static void
learn(struct diff *f, struct cs_json_members *m)
{
	bool is_new = false;

	for (size_t i = 0; i < m->n; i++) {
		if (m->v[i].number != CS_JSON_UNKNOWN)
			continue;
		is_new = true;
		m->v[i].number = (uint32_t)cs_map_add(
		    &f->names, key_name(f, &m->v[i]), NULL);
	}
	if (is_new)
		cs_json_learn(m);
}

/* Every value by itself, as libjq prints it, put together: the whole as libjq
 * prints it. */
static bool
by_libjq(struct diff *f, struct cs_str s, const struct cs_json_members *m)
{
	struct cs_buf whole = {0}, parts = {0}, again = {0};
	bool good = cs_json_ref_compact(s, true, &whole);

	cs_buf_putc(&parts, '{');
	for (size_t i = 0; i < m->n && good; i++) {
		cs_buf_puts(&parts, i > 0 ? ",\"" : "\"");
		cs_buf_str(&parts, m->v[i].key);
		cs_buf_puts(&parts, "\":");
		good = cs_json_ref_compact(m->v[i].value, true, &parts);
		f->values++;
	}
	cs_buf_putc(&parts, '}');
	good = good && cs_json_ref_compact(cs_buf_get(&parts), true, &again) &&
	       cs_str_eq(cs_buf_get(&whole), cs_buf_get(&again));
	cs_buf_free(&whole);
	cs_buf_free(&parts);
	cs_buf_free(&again);
	return good || told(f, s, "libjq", "refuses it or sees other values");
}

/* s has memory of just its size. */
static bool
one_text(struct diff *f, struct cs_str s)
{
	bool want =
	    cs_json_check(s, NULL, NULL) && cs_json_kind(s) == CS_JSON_OBJECT;

	f->texts++;
	f->bytes += s.n;
	f->taken += want;
	for (int set = 0; set < SETS; set++)
		for (int is_warm = 0; is_warm < 2; is_warm++) {
			struct cs_json_members *m =
			    is_warm ? &f->warm[set] : &f->cold[set];
			bool got = cs_json_scan((enum cs_json_set)set, s, m);

			if (got != want)
				return told(f, s, set_name[set],
				    got ? "takes it" : "refuses it");
			if (got && !members(f, s, m, set_name[set]))
				return false;
			if (got && is_warm)
				learn(f, m);
		}
	return !want || depth_of(s) > DEEP || !f->asks_libjq ||
	       by_libjq(f, s, &f->cold[0]);
}

/* --- the reader --------------------------------------------------------- */

static void
show(struct cs_buf *b, const struct cs_rec *rec)
{
	cs_buf_printf(b, "%zu:", rec->line);
	for (size_t i = 0; i < rec->n; i++) {
		struct cs_str s = cs_rec_cell(rec, i);

		cs_buf_puts(b, s.p == NULL ? "-" : "=");
		cs_buf_str(b, s);
	}
	cs_buf_str(b, rec->raw);
	cs_buf_str(b, rec->eol);
}

static void
read_lines(struct diff *f, enum cs_engine engine, struct cs_buf *b)
{
	struct cs_reader_conf conf = {.form = CS_FORM_JSONL, .json = engine};
	struct cs_header head = {0};
	struct cs_err err = {0};
	struct cs_arena one = {0};
	struct cs_rec rec = {.arena = &one};
	struct cs_refused no;
	enum cs_read got;
	struct cs_reader *r = cs_reader_open(
	    cs_in_memory("in", cs_buf_get(&f->lines)), &conf, &head, &err);

	cs_buf_reset(b);
	while (r != NULL &&
	       (got = cs_reader_next(r, &rec, &no, &err)) != CS_READ_END) {
		if (got == CS_READ_FAILED)
			break;
		if (got == CS_READ)
			show(b, &rec);
		else {
			cs_buf_printf(
			    b, "%zu!%s: %s: ", no.line, no.reason, no.text);
			cs_buf_str(b, no.raw);
		}
		f->records += got == CS_READ;
		f->refused += got == CS_READ_REFUSED;
		cs_arena_reset(&one);
	}
	cs_buf_puts(b, err.text);
	for (size_t i = 0; i < cs_header_n(&head); i++) {
		cs_buf_putc(b, '|');
		cs_buf_str(b, cs_header_name(&head, i));
	}
	cs_reader_close(r);
	cs_header_free(&head);
	cs_arena_free(&one);
}

static bool
both_readers(struct diff *f)
{
	struct cs_buf fast = {0}, ref = {0}, both = {0};
	bool good;

	read_lines(f, CS_ENGINE_FAST, &fast);
	read_lines(f, CS_ENGINE_REF, &ref);
	read_lines(f, CS_ENGINE_BOTH, &both);
	good = cs_str_eq(cs_buf_get(&fast), cs_buf_get(&ref)) &&
	       cs_str_eq(cs_buf_get(&fast), cs_buf_get(&both));
	if (!good) {
		told(f, cs_buf_get(&f->lines), "reader", "the lines");
		told(f, cs_buf_get(&fast), "reader", "fast");
		told(f, cs_buf_get(&ref), "reader", "ref");
		told(f, cs_buf_get(&both), "reader", "both");
	}
	cs_buf_free(&fast);
	cs_buf_free(&ref);
	cs_buf_free(&both);
	return good;
}

static void
forget(struct diff *f)
{
	for (int set = 0; set < SETS; set++) {
		cs_json_members_free(&f->cold[set]);
		cs_json_members_free(&f->warm[set]);
	}
	cs_map_free(&f->names);
	cs_arena_reset(&f->arena);
}

#endif
