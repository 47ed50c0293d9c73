#include <stdlib.h>
#include <string.h>

#include "stanza.h"
#include "text.h"

/* What is being read: the stanza that is open, the pair that is open. */
struct reading {
	const char *file;
	struct cs_arena *run;
	struct cs_diags *diags;
	struct cs_raw_stanza *stanza;
	size_t nstanzas, stanza_cap;
	struct cs_pair *pair;
	size_t npairs, pair_cap;
	struct cs_buf value;
	struct cs_place *at;
	size_t nat, at_cap;
	bool is_in_pair;
};

static void
end_pair(struct reading *r)
{
	struct cs_pair *p;

	if (!r->is_in_pair)
		return;
	r->is_in_pair = false;
	p = &r->pair[r->npairs - 1];
	p->value = cs_keep(r->run, cs_buf_get(&r->value));
	p->lines = r->nat;
	p->value_at = cs_arena_array(r->run, r->nat, sizeof(*r->at));
	memcpy(p->value_at, r->at, r->nat * sizeof(*r->at));
	if (p->value.n > CS_MAX_RULE)
		cs_diag(r->diags, CS_ERROR, "syntax", p->key_at,
		    "the value of \"%.*s\" has %zu bytes, more than %zu",
		    CS_ARG(p->key), p->value.n, CS_MAX_RULE);
}

static void
end_stanza(struct reading *r)
{
	struct cs_raw_stanza *s;

	end_pair(r);
	if (r->npairs == 0)
		return;
	r->stanza =
	    cs_grow(r->stanza, r->nstanzas, &r->stanza_cap, sizeof(*r->stanza));
	s = &r->stanza[r->nstanzas++];
	s->n = r->npairs;
	s->pair = cs_arena_array(r->run, s->n, sizeof(*s->pair));
	memcpy(s->pair, r->pair, s->n * sizeof(*s->pair));
	r->npairs = 0;
}

/* A line of the value; text is trimmed. Where nothing stood behind the colon
 * the value begins on the first line below. */
static void
add_line(struct reading *r, struct cs_str text, struct cs_place at)
{
	if (r->nat == 1 && r->value.n == 0)
		r->nat = 0;
	if (r->nat > 0)
		cs_buf_putc(&r->value, '\n');
	cs_buf_str(&r->value, text);
	r->at = cs_grow(r->at, r->nat, &r->at_cap, sizeof(*r->at));
	r->at[r->nat++] = at;
}

static void
begin_pair(struct reading *r, struct cs_str key, struct cs_place at)
{
	end_pair(r);
	r->pair = cs_grow(r->pair, r->npairs, &r->pair_cap, sizeof(*r->pair));
	r->pair[r->npairs++] = (struct cs_pair){.key = key, .key_at = at};
	cs_buf_reset(&r->value);
	r->nat = 0;
	r->is_in_pair = true;
}

/* The colon that Japanese keyboards give. */
#define WIDE_COLON "\xef\xbc\x9a"

static bool
is_key_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '_' || c == ' ';
}

/* Bytes of a key at the front of line, 0 when there is no colon behind it. A
 * full-width colon counts: it gets a message of its own. */
static size_t
key_length(struct cs_str line)
{
	size_t n = 0;

	while (n < line.n && is_key_byte(line.p[n]))
		n++;
	if (n == 0 || n == line.n)
		return 0;
	if (line.p[n] == ':')
		return n;
	return cs_str_starts(
		   (struct cs_str){line.p + n, line.n - n}, CS_S(WIDE_COLON))
		   ? n
		   : 0;
}

static void
no_key(struct reading *r, struct cs_str line, struct cs_place at)
{
	if (key_length(line) > 0)
		cs_diag(r->diags, CS_ERROR, "syntax", at,
		    "a full-width colon: write \":\"");
	else if (cs_str_starts(line, CS_S("\xe3\x80\x80")))
		cs_diag(r->diags, CS_ERROR, "syntax", at,
		    "a line that continues the one above begins with a plain "
		    "blank, not a full-width one");
	else if (r->npairs > 0)
		cs_diag(r->diags, CS_ERROR, "syntax", at,
		    "not \"Key: value\"; a line that continues the one above "
		    "begins with a blank");
	else
		cs_diag(r->diags, CS_ERROR, "syntax", at, "not \"Key: value\"");
}

static void
stanza_line(struct reading *r, struct cs_str line, size_t number)
{
	struct cs_place at = {r->file, number, 1};
	struct cs_str text = cs_str_trim(line), key;
	const char *colon;

	if (text.n == 0) {
		end_stanza(r);
		return;
	}
	if (line.p[0] == '#')
		return;
	if (line.p[0] == ' ' || line.p[0] == '\t') {
		at.col = (size_t)(text.p - line.p) + 1;
		if (r->is_in_pair)
			add_line(r, text, at);
		else
			cs_diag(r->diags, CS_ERROR, "syntax", at,
			    "the line begins with a blank but continues "
			    "nothing");
		return;
	}
	colon = cs_str_chr(line, ':');
	if (colon == NULL || colon == line.p) {
		no_key(r, line, at);
		return;
	}
	key = cs_str_trim((struct cs_str){line.p, (size_t)(colon - line.p)});
	begin_pair(r, key, at);
	text = cs_str_trim(
	    (struct cs_str){colon + 1, line.n - (size_t)(colon - line.p) - 1});
	at.col = (size_t)(text.p - line.p) + 1;
	add_line(r, text, at);
}

static bool
next_line(struct cs_str *rest, struct cs_str *line)
{
	if (rest->n == 0 || !cs_str_next(rest, '\n', line))
		return false;
	if (line->n > 0 && line->p[line->n - 1] == '\r')
		line->n--;
	return true;
}

static void
read_lines(struct reading *r, struct cs_str bytes)
{
	struct cs_str line;

	for (size_t n = 1; next_line(&bytes, &line); n++)
		stanza_line(r, line, n);
	end_stanza(r);
}

enum form { FORM_STANZAS, FORM_CSV, FORM_JSON };

static enum form
find_form(struct cs_str bytes)
{
	struct cs_str line, text;

	while (next_line(&bytes, &line)) {
		text = cs_str_trim(line);
		if (text.n == 0 || line.p[0] == '#')
			continue;
		if (text.p[0] == '{' || text.p[0] == '[')
			return FORM_JSON;
		if (key_length(line) > 0)
			return FORM_STANZAS;
		if (cs_str_chr(text, ',') || !cs_str_chr(text, ' '))
			return FORM_CSV;
		return FORM_STANZAS;
	}
	return FORM_STANZAS;
}

/* Bytes that no rule may hold: the rule text goes to libjq and to terminals. */
static bool
check_bytes(struct reading *r, struct cs_str bytes)
{
	struct cs_place at = {r->file, 1, 1};
	size_t bad = cs_utf8_valid(bytes);

	for (size_t i = 0; i < bad; i++) {
		unsigned char c = (unsigned char)bytes.p[i];

		if (c == '\n') {
			at.line++;
			at.col = 1;
			continue;
		}
		if (c == '\r' && i + 1 < bytes.n && bytes.p[i + 1] == '\n')
			continue;
		if ((c < 0x20 && c != '\t') || c == 0x7f) {
			cs_diag(r->diags, CS_ERROR, "syntax", at,
			    "a control character (0x%02x) in a rule file", c);
			return false;
		}
		at.col++;
	}
	if (bad == bytes.n)
		return true;
	cs_diag(r->diags, CS_ERROR, "syntax", at,
	    "not UTF-8 (byte 0x%02x): rule files are UTF-8",
	    (unsigned char)bytes.p[bad]);
	return false;
}

void
cs_stanzas_read(struct cs_str bytes, const char *file, struct cs_arena *run,
    struct cs_raw_stanzas *s, struct cs_diags *diags)
{
	struct reading r = {.file = file, .run = run, .diags = diags};

	*s = (struct cs_raw_stanzas){0};
	if (cs_str_starts(bytes, CS_S("\xef\xbb\xbf"))) {
		bytes.p += 3;
		bytes.n -= 3;
	}
	if (!check_bytes(&r, bytes))
		return;
	switch (find_form(bytes)) {
	case FORM_STANZAS:
	case FORM_CSV:
	case FORM_JSON:
		read_lines(&r, bytes);
		break;
	}
	s->n = r.nstanzas;
	s->v = cs_arena_array(run, s->n, sizeof(*s->v));
	if (s->n > 0)
		memcpy(s->v, r.stanza, s->n * sizeof(*s->v));
	free(r.stanza);
	free(r.pair);
	free(r.at);
	cs_buf_free(&r.value);
}

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
	if (form == CS_PAIR_CSV)
		return raw.n > 1 && raw.p[0] == '"' && raw.p[1] == '"' ? 2 : 1;
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
		at.col += step;
		if (raw.p[0] == '\n') {
			at.line++;
			at.col = 1;
		}
		raw.p += step;
		raw.n -= step;
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

	while (from < to && strchr(" \t\n", v[from]))
		from++;
	while (to > from && strchr(" \t\n", v[to - 1]))
		to--;
	part.value = (struct cs_str){v + from, to - from};
	part.offset = from;
	return part;
}
