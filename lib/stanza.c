#include <stdlib.h>
#include <string.h>

#include "stanza.h"
#include "stanza_read.h"
#include "text.h"

void
cs_reading_pair(struct cs_reading *r, struct cs_pair pair)
{
	if (pair.value.n > CS_MAX_RULE) {
		pair.is_faulty = true;
		cs_diag(r->diags, CS_ERROR, "syntax", cs_pair_place(&pair, 0),
		    "the value of \"%.*s\" has %zu bytes, more than %zu",
		    CS_ARG(pair.key), pair.value.n, CS_MAX_RULE);
	}
	r->pair = cs_grow(r->pair, r->npairs, &r->pair_cap, sizeof(*r->pair));
	r->pair[r->npairs++] = pair;
}

void
cs_reading_end(struct cs_reading *r)
{
	struct cs_raw_stanza *s;

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

/* The pair that lines were added to is whole. */
static void
end_pair(struct cs_reading *r)
{
	struct cs_pair p;

	if (!r->is_in_pair)
		return;
	r->is_in_pair = false;
	p = r->open;
	p.value = cs_keep(r->run, cs_buf_get(&r->value));
	p.lines = r->nat;
	p.value_at = cs_arena_array(r->run, r->nat, sizeof(*r->at));
	memcpy(p.value_at, r->at, r->nat * sizeof(*r->at));
	cs_reading_pair(r, p);
}

/* A line of the value; text is trimmed. Where nothing stood behind the colon
 * the value begins on the first line below. */
static void
add_line(struct cs_reading *r, struct cs_str text, struct cs_place at)
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
begin_pair(struct cs_reading *r, struct cs_str key, struct cs_place at)
{
	end_pair(r);
	r->open = (struct cs_pair){.key = key, .key_at = at};
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
no_key(struct cs_reading *r, struct cs_str line, struct cs_place at)
{
	if (key_length(line) > 0)
		cs_diag(r->diags, CS_ERROR, "syntax", at,
		    "a full-width colon: write \":\"");
	else if (cs_str_starts(line, CS_S("\xe3\x80\x80")))
		cs_diag(r->diags, CS_ERROR, "syntax", at,
		    "a line that continues the one above begins with a plain "
		    "blank, not a full-width one");
	else if (r->npairs > 0 || r->is_in_pair)
		cs_diag(r->diags, CS_ERROR, "syntax", at,
		    "not \"Key: value\"; a line that continues the one above "
		    "begins with a blank");
	else
		cs_diag(r->diags, CS_ERROR, "syntax", at, "not \"Key: value\"");
}

static void
stanza_line(struct cs_reading *r, struct cs_str line, size_t number)
{
	struct cs_place at = {r->file, number, 1};
	struct cs_str text = cs_str_trim(line), key;
	const char *colon;

	if (text.n == 0) {
		end_pair(r);
		cs_reading_end(r);
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
read_lines(struct cs_reading *r, struct cs_str bytes)
{
	struct cs_str line;

	for (size_t n = 1; next_line(&bytes, &line); n++)
		stanza_line(r, line, n);
	end_pair(r);
	cs_reading_end(r);
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
check_bytes(struct cs_reading *r, struct cs_str bytes)
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
	struct cs_reading r = {.file = file, .run = run, .diags = diags};

	*s = (struct cs_raw_stanzas){0};
	if (cs_str_starts(bytes, CS_S("\xef\xbb\xbf"))) {
		bytes.p += 3;
		bytes.n -= 3;
	}
	if (!check_bytes(&r, bytes))
		return;
	switch (find_form(bytes)) {
	case FORM_STANZAS:
		read_lines(&r, bytes);
		break;
	case FORM_CSV:
		cs_stanzas_csv(&r, bytes);
		break;
	case FORM_JSON:
		cs_stanzas_json(&r, bytes);
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
