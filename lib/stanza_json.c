/* Rule files as JSON: one object a stanza. */
#include <string.h>

#include "json.h"
#include "stanza_read.h"

struct objects {
	struct cs_reading *r;
	struct cs_str bytes;
	/* The last place that was asked for: places are asked in order. */
	size_t offset;
	struct cs_place at;
};

static struct cs_place
place(struct objects *o, const char *p)
{
	size_t offset = (size_t)(p - o->bytes.p);

	if (offset < o->offset) {
		o->offset = 0;
		o->at = (struct cs_place){o->r->file, 1, 1};
	}
	for (; o->offset < offset; o->offset++) {
		o->at.col++;
		if (o->bytes.p[o->offset] == '\n') {
			o->at.line++;
			o->at.col = 1;
		}
	}
	return o->at;
}

static size_t
find_control(struct cs_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
			return i;
	}
	return s.n;
}

static void
take_text(struct objects *o, struct cs_str key, struct cs_place key_at,
    struct cs_str raw)
{
	struct cs_str text = cs_json_text(o->r->run, raw);
	struct cs_pair p;
	size_t bad = find_control(text);

	raw = (struct cs_str){raw.p + 1, raw.n - 2};
	p = cs_pair_raw(
	    key, key_at, CS_PAIR_JSON, text, raw, place(o, raw.p), o->r->run);
	if (bad < text.n) {
		p.is_faulty = true;
		cs_diag(o->r->diags, CS_ERROR, "syntax", p.value_at[0],
		    "a control character (0x%02x) in a rule file",
		    (unsigned char)text.p[bad]);
	}
	cs_reading_pair(o->r, p);
}

static void
take_value(struct objects *o, struct cs_str key, struct cs_place key_at,
    struct cs_str value, bool is_inner)
{
	struct cs_str item, none;
	struct cs_pair p;
	size_t pos = 0;

	switch (cs_json_kind(value)) {
	case CS_JSON_NULL:
		return;
	case CS_JSON_STRING:
		take_text(o, key, key_at, value);
		return;
	case CS_JSON_ARRAY: /* the key several times */
		if (is_inner)
			break;
		while (cs_json_next(value, &pos, &none, &item))
			take_value(o, key, key_at, item, true);
		return;
	case CS_JSON_OBJECT:
		break;
	case CS_JSON_FALSE:
	case CS_JSON_TRUE:
	case CS_JSON_NUMBER:
		cs_reading_pair(
		    o->r, cs_pair_raw(key, key_at, CS_PAIR_JSON, value, value,
			      place(o, value.p), o->r->run));
		return;
	}
	p = cs_pair_raw(key, key_at, CS_PAIR_JSON, CS_S(""), CS_S(""),
	    place(o, value.p), o->r->run);
	p.is_faulty = true;
	cs_reading_pair(o->r, p);
	cs_diag(o->r->diags, CS_ERROR, "type", p.value_at[0],
	    "the value of \"%.*s\" is text, a number, true or false",
	    CS_ARG(key));
}

static void
take_object(struct objects *o, struct cs_str object)
{
	struct cs_str key, value;
	size_t pos = 0;

	if (cs_json_kind(object) != CS_JSON_OBJECT) {
		cs_diag(o->r->diags, CS_ERROR, "syntax", place(o, object.p),
		    "a stanza in JSON is an object, one a line");
		return;
	}
	while (cs_json_next(object, &pos, &key, &value)) {
		struct cs_place at = place(o, key.p);

		take_value(o, cs_str_trim(cs_json_text(o->r->run, key)), at,
		    value, false);
	}
	cs_reading_end(o->r);
}

static size_t
skip_white(struct cs_str s, size_t i)
{
	while (i < s.n && strchr(" \t\r\n", s.p[i]))
		i++;
	return i;
}

void
cs_stanzas_json(struct cs_reading *r, struct cs_str bytes)
{
	struct objects o = {.r = r, .bytes = bytes, .at = {r->file, 1, 1}};
	size_t i = skip_white(bytes, 0);

	while (i < bytes.n) {
		struct cs_str rest = {bytes.p + i, bytes.n - i};
		const char *why, *eol;
		size_t end, at;

		if (rest.p[0] == '#' || !cs_json_first(rest, &end, &at, &why)) {
			if (rest.p[0] != '#')
				cs_diag(r->diags, CS_ERROR, "syntax",
				    place(&o, rest.p + at), "not JSON: %s",
				    why);
			rest.p += rest.p[0] == '#' ? 0 : at;
			rest.n = bytes.n - (size_t)(rest.p - bytes.p);
			eol = cs_str_chr(rest, '\n');
			end = eol ? (size_t)(eol - bytes.p) - i : bytes.n - i;
		} else {
			take_object(&o, (struct cs_str){rest.p, end});
		}
		i = skip_white(bytes, i + end);
	}
}
