#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "decode.h"
#include "decode_private.h"
#include "encode.h"

/* A character's bytes; n is 0 where it has none. */
struct code {
	char bytes[3];
	unsigned char n;
};

enum { PLANE = 1 << 16, LONGEST = 8 };

struct cs_encode {
	char name[64];
	bool is_plain;
	struct cs_str mark;
	iconv_t cd;
	struct code *table; /* [PLANE], NULL: iconv does it all */
};

/* The bytes of one character, or of ASCII; 0 where it has none. */
static size_t
ask(iconv_t cd, const char *utf8, size_t n, char to[LONGEST])
{
	char *from = (char *)utf8, *at = to;
	size_t space = LONGEST;

	iconv(cd, NULL, NULL, NULL, NULL);
	if (iconv(cd, &from, &n, &at, &space) == (size_t)-1 ||
	    iconv(cd, NULL, NULL, &at, &space) == (size_t)-1)
		return 0;
	return (size_t)(at - to);
}

/* A character of two or three bytes in UTF-8. */
static size_t
put_utf8(char to[3], unsigned c)
{
	if (c < 0x800) {
		to[0] = (char)(0xc0 | c >> 6);
		to[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	to[0] = (char)(0xe0 | c >> 12);
	to[1] = (char)(0x80 | (c >> 6 & 0x3f));
	to[2] = (char)(0x80 | (c & 0x3f));
	return 3;
}

/* All that cd has beyond ASCII: neither set leaves the basic plane. iconv has
 * bytes of EUC for C1 controls that decode takes for no text. */
static struct code *
make_table(iconv_t cd, bool is_euc)
{
	struct code *v = cs_calloc(PLANE, sizeof(*v));
	char utf8[3], to[LONGEST];

	for (unsigned c = is_euc ? 0xa0 : 0x80; c < PLANE; c++) {
		size_t n;

		if (c == 0xd800)
			c = 0xe000; /* surrogates */
		n = ask(cd, utf8, put_utf8(utf8, c), to);
		if (n > sizeof(v->bytes))
			continue;
		memcpy(v[c].bytes, to, n);
		v[c].n = (unsigned char)n;
	}
	return v;
}

/* iconv's name, and how it is done. False: none, or one that would put a mark
 * before each text. */
static bool
set_name(struct cs_encode *e, const char *written)
{
	static const struct {
		const char *name, *little;
		struct cs_str mark;
	} marked[] = {
	    {"UTF-16", "UTF-16LE", CS_S("\xff\xfe")},
	    {"UTF-32", "UTF-32LE", CS_S("\xff\xfe\0\0")},
	};
	const char *name = cs_decode_alias(written);
	char to[LONGEST];

	if (name == NULL)
		name = written;
	if (name[0] == '\0' || strchr(name, '/') != NULL ||
	    strlen(name) >= sizeof(e->name))
		return false;
	for (size_t i = 0; i < sizeof(marked) / sizeof(*marked); i++)
		if (strcmp(name, marked[i].name) == 0) {
			name = marked[i].little;
			e->mark = marked[i].mark;
			break;
		}
	memcpy(e->name, name, strlen(name) + 1);
	e->is_plain = strcmp(name, "UTF-8") == 0;
	e->cd = iconv_open(name, "UTF-8");
	return e->cd != (iconv_t)-1 && cs_decode_mark((struct cs_str){to,
					   ask(e->cd, "\n", 1, to)}) == NULL;
}

struct cs_encode *
cs_encode_open(const char *name, struct cs_err *err)
{
	struct cs_encode *e = cs_calloc(1, sizeof(*e));
	bool is_euc;

	e->cd = (iconv_t)-1;
	if (!set_name(e, name)) {
		cs_fail(err, CS_USAGE,
		    "unknown encoding \"%s\" (iconv -l lists the names)", name);
		cs_encode_free(e);
		return NULL;
	}
	is_euc = strcmp(e->name, "EUC-JP-MS") == 0;
	if (is_euc || strcmp(e->name, "CP932") == 0)
		e->table = make_table(e->cd, is_euc);
	return e;
}

const char *
cs_encode_name(const struct cs_encode *e)
{
	return e->name;
}

bool
cs_encode_is_plain(const struct cs_encode *e)
{
	return e->is_plain;
}

struct cs_str
cs_encode_mark(const struct cs_encode *e)
{
	return e->mark;
}

static bool
is_tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* The character at p, which is not ASCII, and its length in *used; one without
 * bytes where the set has it not, or it is broken or beyond the basic plane. */
static inline const struct code *
look_up(
    const struct code *table, const unsigned char *p, size_t n, size_t *used)
{
	static const struct code none;
	unsigned c;

	if (n > 2 && p[0] >> 4 == 0xe && is_tail(p[1]) && is_tail(p[2])) {
		*used = 3;
		c = (p[0] & 0xfu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
		return c < 0x800 ? &none : &table[c];
	}
	*used = 2;
	if (n < 2 || p[0] >> 5 != 6 || !is_tail(p[1]))
		return &none;
	c = (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
	return c < 0x80 ? &none : &table[c];
}

static size_t
by_table(const struct code *table, struct cs_str text, struct cs_buf *out)
{
	const unsigned char *p = (const unsigned char *)text.p;
	char *at = cs_buf_room(out, 2 * text.n + 16);
	size_t i = 0, used;

	while (i < text.n) {
		const struct code *c;

		if (p[i] < 0x80) {
			used = cs_copy_ascii(at, p + i, text.n - i);
			at += used;
			i += used;
			continue;
		}
		c = look_up(table, p + i, text.n - i, &used);
		if (c->n == 0)
			return i;
		memcpy(at, c, sizeof(*c));
		at += c->n;
		i += used;
	}
	out->n = (size_t)(at - out->p);
	return text.n;
}

/* One call of iconv, out growing; without from: back to the first state. */
static bool
step(iconv_t cd, char **from, size_t *n, struct cs_buf *out)
{
	size_t rc;

	do {
		size_t space = 4 * *n + 16;
		char *to = cs_buf_room(out, space);

		rc = iconv(cd, from, n, &to, &space);
		out->n = (size_t)(to - out->p);
	} while (rc == (size_t)-1 && errno == E2BIG);
	return rc != (size_t)-1;
}

static size_t
by_iconv(iconv_t cd, struct cs_str text, struct cs_buf *out)
{
	char *from = (char *)text.p;
	size_t n = text.n, none = 0, first = out->n;

	iconv(cd, NULL, NULL, NULL, NULL);
	if (step(cd, &from, &n, out) && step(cd, NULL, &none, out))
		return text.n;
	out->n = first;
	return text.n - n;
}

size_t
cs_encode_text(struct cs_encode *e, struct cs_str text, struct cs_buf *out)
{
	if (e->table != NULL)
		return by_table(e->table, text, out);
	return by_iconv(e->cd, text, out);
}

void
cs_encode_free(struct cs_encode *e)
{
	if (e == NULL)
		return;
	if (e->cd != (iconv_t)-1)
		iconv_close(e->cd);
	free(e->table);
	free(e);
}
