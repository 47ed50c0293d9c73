#include <stdlib.h>
#include <string.h>

#include "decode.h"
#include "decode_private.h"
#include "text.h"

enum { PEEK = 3 << 20 }; /* bytes looked at before deciding */

struct cs_decode {
	char name[64];
	char reason[256];
	struct cs_conv *conv;
	enum cs_set set;
	struct cs_conv_table *table; /* NULL: iconv does it all */
	bool is_twin;		     /* table is another's */
	bool is_filtered;	     /* lines come as UTF-8 already */
	bool is_ascii_plain;	     /* 7-bit bytes are ASCII in it */
	struct cs_buf line;
};

/* Names that people and programs use, without regard to case, - and _. */
static const struct alias {
	const char *alias, *name;
} aliases[] = {
    {"utf8", "UTF-8"},
    {"utf8sig", "UTF-8"},
    {"utf8bom", "UTF-8"},
    {"ascii", "UTF-8"},
    {"usascii", "UTF-8"},
    {"utf16", "UTF-16"},
    {"utf16le", "UTF-16LE"},
    {"utf16be", "UTF-16BE"},
    {"utf32", "UTF-32"},
    {"utf32le", "UTF-32LE"},
    {"utf32be", "UTF-32BE"},
    {"sjis", "CP932"},
    {"shiftjis", "CP932"},
    {"xsjis", "CP932"},
    {"mskanji", "CP932"},
    {"ms932", "CP932"},
    {"windows31j", "CP932"},
    {"cswindows31j", "CP932"},
    {"windows932", "CP932"},
    {"cp932", "CP932"},
    {"932", "CP932"},
    {"eucjp", "EUC-JP-MS"},
    {"xeucjp", "EUC-JP-MS"},
    {"eucjpms", "EUC-JP-MS"},
    {"eucjpwin", "EUC-JP-MS"},
    {"ujis", "EUC-JP-MS"},
    {"cp51932", "EUC-JP-MS"},
    {"jis", "ISO-2022-JP"},
    {"iso2022jp", "ISO-2022-JP"},
    {"csiso2022jp", "ISO-2022-JP"},
    {"iso2022jpms", "ISO-2022-JP"},
    {"cp50220", "ISO-2022-JP"},
    {"cp50221", "ISO-2022-JP"},
};

const char *
cs_decode_alias(const char *written)
{
	char folded[64];
	size_t n = 0;

	for (const char *c = written; *c != '\0'; c++)
		if (*c != '-' && *c != '_' && n < sizeof(folded))
			folded[n++] = *c;
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (cs_str_isi((struct cs_str){folded, n}, aliases[i].alias))
			return aliases[i].name;
	return NULL;
}

/* The name that the user gave, as iconv takes it. UTF-16 and UTF-32 without an
 * order look for it. */
static bool
take_forced(struct cs_in *in, const char *forced, struct cs_verdict *v)
{
	const char *name = cs_decode_alias(forced);
	struct cs_str text;
	const struct cs_mark *mark;
	size_t unit;

	cs_verdict_set(v, name ? name : forced, "given by --encoding");
	if (name == NULL)
		return strchr(forced, '/') == NULL && forced[0] != '\0' &&
		       strlen(forced) < sizeof(v->name);
	if (strcmp(name, "UTF-16") != 0 && strcmp(name, "UTF-32") != 0)
		return true;
	unit = strcmp(name, "UTF-16") == 0 ? 2 : 4;
	text = cs_in_peek(in, PEEK);
	mark = cs_decode_mark(text);
	if (mark != NULL && strncmp(mark->name, name, 6) == 0)
		name = mark->name;
	else
		name = cs_decode_guess_units(text, unit);
	cs_verdict_set(v, name ? name : cs_decode_unit_name(unit, true),
	    "given by --encoding");
	return true;
}

/* Python writes euc_kr where iconv writes EUC-KR. */
static const char *
with_dashes(char *name)
{
	for (char *c = name; *c != '\0'; c++)
		if (*c == '_')
			*c = '-';
	return name;
}

static size_t
filter(void *self, struct cs_str raw, bool last, struct cs_buf *out)
{
	struct cs_decode *d = self;
	size_t left;

	cs_conv_run(d->conv, raw, "\xff", SIZE_MAX, out, &left);
	if (left > 0 && last) {
		cs_buf_putc(out, '\xff');
		left = 0;
	}
	return raw.n - left;
}

/* iconv's converter for the name in v, NULL if it knows none. */
static struct cs_conv *
open_conv(struct cs_verdict *v)
{
	struct cs_conv *c = cs_conv_open(v->name);

	return c ? c : cs_conv_open(with_dashes(v->name));
}

/* How lines and blocks are to be decoded. */
static void
prepare(struct cs_decode *d, struct cs_in *in)
{
	d->set = cs_conv_set(d->conv);
	if (d->set == CS_UTF8)
		return;
	d->is_filtered = !cs_conv_has_lines(d->conv);
	d->is_ascii_plain = cs_conv_keeps_ascii(d->conv);
	if (d->is_filtered)
		cs_in_set_filter(in, filter, d);
	else
		d->table = cs_conv_table_new(d->conv);
}

struct cs_decode *
cs_decode_open(struct cs_in *in, const char *forced, struct cs_err *err)
{
	struct cs_str text = cs_in_peek(in, forced ? 4 : PEEK);
	const struct cs_mark *mark;
	struct cs_conv *conv;
	struct cs_decode *d;
	struct cs_verdict v;

	if (forced == NULL &&
	    !cs_decode_decide((struct cs_sample){text, text.n >= PEEK}, &v)) {
		cs_fail(err, CS_USAGE,
		    "%s: cannot tell the encoding (tried UTF-8, CP932, "
		    "EUC-JP-MS); give --encoding=NAME",
		    cs_in_name(in));
		return NULL;
	}
	if ((forced != NULL && !take_forced(in, forced, &v)) ||
	    (conv = open_conv(&v)) == NULL) {
		cs_fail(err, CS_USAGE,
		    "unknown encoding \"%s\" (iconv -l lists the names)",
		    forced ? forced : v.name);
		return NULL;
	}
	d = cs_calloc(1, sizeof(*d));
	d->conv = conv;
	memcpy(d->name, v.name, sizeof(d->name));
	memcpy(d->reason, v.reason, sizeof(d->reason));
	mark = cs_decode_mark(cs_in_peek(in, 4));
	if (mark != NULL && strcmp(mark->name, d->name) == 0)
		cs_in_skip(in, mark->n);
	prepare(d, in);
	return d;
}

const char *
cs_decode_name(const struct cs_decode *d)
{
	return d->name;
}

const char *
cs_decode_reason(const struct cs_decode *d)
{
	return d->reason;
}

bool
cs_decode_is_plain(const struct cs_decode *d)
{
	return d->set == CS_UTF8 || d->is_filtered;
}

bool
cs_decode_has_blocks(const struct cs_decode *d)
{
	return cs_decode_is_plain(d) || d->table != NULL;
}

/* Bytes of raw up to the end of the last whole line in its first n. */
static size_t
whole_lines(struct cs_str raw, size_t n)
{
	const char *lf = n > 0 ? memrchr(raw.p, '\n', n) : NULL;

	return lf ? (size_t)(lf + 1 - raw.p) : 0;
}

size_t
cs_decode_block(struct cs_decode *d, struct cs_str raw, struct cs_buf *out)
{
	size_t n;

	if (!cs_decode_is_plain(d))
		return cs_conv_table_run(d->table, raw, out);
	n = cs_utf8_valid(raw);
	if (n < raw.n)
		n = whole_lines(raw, n);
	cs_buf_add(out, raw.p, n);
	return n;
}

/* Is the line, as it is, the text? */
static bool
is_text(const struct cs_decode *d, struct cs_str raw)
{
	if (cs_decode_is_plain(d))
		return cs_utf8_valid(raw) == raw.n;
	return d->is_ascii_plain && cs_is_ascii(raw) &&
	       (d->set != CS_JIS || cs_str_chr(raw, '\033') == NULL);
}

size_t
cs_decode_line(struct cs_decode *d, struct cs_str raw, struct cs_str *text)
{
	size_t bad = 0;

	*text = raw;
	if (raw.n == 0 || is_text(d, raw))
		return 0;
	cs_buf_reset(&d->line);
	if (cs_decode_is_plain(d))
		bad = cs_mend_utf8(raw, &d->line);
	else if (d->table == NULL ||
		 cs_conv_table_run(d->table, raw, &d->line) < raw.n)
		bad = cs_conv_run(
		    d->conv, raw, "\xef\xbf\xbd", SIZE_MAX, &d->line, NULL);
	*text = cs_buf_get(&d->line);
	return bad;
}

struct cs_decode *
cs_decode_twin(const struct cs_decode *d)
{
	struct cs_decode *twin = cs_calloc(1, sizeof(*twin));

	memcpy(twin->name, d->name, sizeof(twin->name));
	memcpy(twin->reason, d->reason, sizeof(twin->reason));
	if (d->table != NULL)
		twin->conv = cs_conv_open(d->name);
	twin->table = d->table;
	twin->is_twin = true;
	twin->set = d->set;
	twin->is_filtered = d->is_filtered;
	twin->is_ascii_plain = d->is_ascii_plain;
	return twin;
}

size_t
cs_decode_where(struct cs_decode *d, struct cs_str raw, size_t *n)
{
	struct cs_str rest = raw, line;
	size_t at = 0;

	*n = 0;
	if (d->is_filtered)
		return 0;
	if (cs_decode_is_plain(d)) {
		at = cs_utf8_valid(raw);
		if (at < raw.n)
			*n = cs_bad_utf8_length(
			    (struct cs_str){raw.p + at, raw.n - at});
		return at;
	}
	while (cs_str_next(&rest, '\n', &line)) {
		at = cs_conv_where(d->conv, line, n);
		if (at < line.n)
			return at + (size_t)(line.p - raw.p);
	}
	return raw.n;
}

void
cs_decode_close(struct cs_decode *d)
{
	if (d == NULL)
		return;
	cs_conv_close(d->conv);
	if (!d->is_twin)
		cs_conv_table_free(d->table);
	cs_buf_free(&d->line);
	free(d);
}
