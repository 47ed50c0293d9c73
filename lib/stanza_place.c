/* Where a byte of a value stands in its file. */
#include "stanza.h"
#include "stanza_read.h"

static size_t
hex4(const char *p)
{
	size_t v = 0;

	for (int i = 0; i < 4; i++) {
		char c = p[i];

		v = v << 4 |
		    (size_t)(c <= '9' ? c - '0' : ((c | 0x20) - 'a' + 10));
	}
	return v;
}

/* Bytes of raw text at p that stand for one piece of the value, and the bytes
 * of that piece in *n. */
static size_t
raw_step(enum cs_pair_form form, struct cs_str raw, size_t *n)
{
	size_t cp;

	*n = 1;
	if (form == CS_PAIR_CSV) /* "" and CR LF */
		return raw.n > 1 && ((raw.p[0] == '"' && raw.p[1] == '"') ||
					(raw.p[0] == '\r' && raw.p[1] == '\n'))
			   ? 2
			   : 1;
	if (raw.p[0] != '\\' || raw.n < 2)
		return 1;
	if (raw.p[1] != 'u' || raw.n < 6)
		return 2;
	cp = hex4(raw.p + 2);
	*n = cp < 0x80 ? 1 : cp < 0x800 ? 2 : 3;
	if (cp < 0xd800 || cp > 0xdbff)
		return 6;
	*n = 4;
	return raw.n < 12 ? raw.n : 12;
}

static void
pass(struct cs_str *raw, size_t step, struct cs_place *at)
{
	at->col += step;
	if (raw->p[step - 1] == '\n') {
		at->line++;
		at->col = 1;
	}
	raw->p += step;
	raw->n -= step;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

struct cs_pair
cs_pair_raw(struct cs_str key, struct cs_place key_at, enum cs_pair_form form,
    struct cs_str value, struct cs_str raw, struct cs_place at,
    struct cs_arena *run)
{
	struct cs_pair p = {.key = key, .key_at = key_at, .form = form};

	while (value.n > 0 && is_blank(value.p[0]) && raw.n > 0) {
		size_t n;

		pass(&raw, raw_step(form, raw, &n), &at);
		value.p++;
		value.n--;
	}
	while (value.n > 0 && is_blank(value.p[value.n - 1]))
		value.n--;
	p.value = value;
	p.raw = raw;
	p.lines = 1;
	p.value_at = cs_arena_array(run, 1, sizeof(at));
	p.value_at[0] = at;
	return p;
}

/* The place of a byte of a value that stands in the file in other bytes. */
static struct cs_place
raw_place(const struct cs_pair *p, size_t offset)
{
	struct cs_place at = p->value_at[0];
	struct cs_str raw = p->raw;

	while (raw.n > 0) {
		size_t n, step = raw_step(p->form, raw, &n);

		if (offset < n)
			break;
		offset -= n;
		pass(&raw, step, &at);
	}
	return at;
}

struct cs_place
cs_pair_place(const struct cs_pair *p, size_t offset)
{
	struct cs_place at;
	size_t line = 0, from = 0;

	for (; p->whole != NULL; p = p->whole)
		offset += p->offset;
	if (p->lines == 0)
		return p->key_at;
	if (p->form != CS_PAIR_LINES)
		return raw_place(p, offset);
	if (offset > p->value.n)
		offset = p->value.n;
	for (size_t i = 0; i < offset && line + 1 < p->lines; i++)
		if (p->value.p[i] == '\n') {
			line++;
			from = i + 1;
		}
	at = p->value_at[line];
	at.col += offset - from;
	return at;
}

struct cs_pair
cs_pair_part(const struct cs_pair *p, size_t from, size_t to)
{
	struct cs_pair part = {.key = p->key, .key_at = p->key_at, .whole = p};
	const char *v = p->value.p;

	while (from < to && is_blank(v[from]))
		from++;
	while (to > from && is_blank(v[to - 1]))
		to--;
	part.value = (struct cs_str){v + from, to - from};
	part.offset = from;
	return part;
}
