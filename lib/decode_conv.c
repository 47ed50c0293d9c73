#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "decode_private.h"
#include "text.h"

struct cs_conv {
	enum cs_set set;
	size_t unit; /* bytes in a code unit */
	iconv_t cd;
	struct cs_buf euc; /* JIS, EUC: the line as iconv takes it */
};

static enum cs_set
set_of(const char *name, size_t *unit)
{
	static const struct {
		const char *name;
		enum cs_set set;
		size_t unit;
	} known[] = {
	    {"UTF-8", CS_UTF8, 1},
	    {"UTF-16LE", CS_UNITS, 2},
	    {"UTF-16BE", CS_UNITS, 2},
	    {"UTF-32LE", CS_UNITS, 4},
	    {"UTF-32BE", CS_UNITS, 4},
	    {"CP932", CS_CP932, 1},
	    {"EUC-JP-MS", CS_EUC, 1},
	    {"ISO-2022-JP", CS_JIS, 1},
	};

	*unit = 1;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(name, known[i].name) == 0) {
			*unit = known[i].unit;
			return known[i].set;
		}
	return CS_OTHER;
}

struct cs_conv *
cs_conv_open(const char *name)
{
	struct cs_conv *c = cs_calloc(1, sizeof(*c));

	c->cd = (iconv_t)-1;
	c->set = set_of(name, &c->unit);
	if (c->set == CS_UTF8)
		return c;
	/* iconv's own ISO-2022-JP knows neither (1) nor half-width kana. */
	c->cd = iconv_open("UTF-8", c->set == CS_JIS ? "EUC-JP-MS" : name);
	if (c->cd != (iconv_t)-1)
		return c;
	free(c);
	return NULL;
}

void
cs_conv_close(struct cs_conv *c)
{
	if (c == NULL)
		return;
	if (c->cd != (iconv_t)-1)
		iconv_close(c->cd);
	cs_buf_free(&c->euc);
	free(c);
}

enum cs_set
cs_conv_set(const struct cs_conv *c)
{
	return c->set;
}

bool
cs_is_ascii(struct cs_str s)
{
	const uint64_t high = 0x8080808080808080u;
	unsigned char rest = 0;
	size_t i = 0;
	uint64_t w;

	for (; s.n - i >= sizeof(w); i += sizeof(w)) {
		memcpy(&w, s.p + i, sizeof(w));
		if (w & high)
			return false;
	}
	for (; i < s.n; i++)
		rest |= (unsigned char)s.p[i];
	return rest < 0x80;
}

bool
cs_is_cp932_pair(const unsigned char *p, size_t n)
{
	return n > 1 && (cs_in_range(p[0], 0x81, 0x9f) || p[0] >= 0xe0) &&
	       p[0] <= 0xfc && cs_in_range(p[1], 0x40, 0xfc) && p[1] != 0x7f;
}

/* Bytes of the CS_EUC character at p by its form alone, 1 if it has none. */
size_t
cs_euc_length(const unsigned char *p, size_t n)
{
	if (n > 2 && p[0] == 0x8f && cs_in_range(p[1], 0xa1, 0xfe) &&
	    cs_in_range(p[2], 0xa1, 0xfe))
		return 3;
	if (n > 1 && (p[0] == 0x8e || cs_in_range(p[0], 0xa1, 0xfe)) &&
	    cs_in_range(p[1], 0xa1, 0xfe))
		return 2;
	return 1;
}

/* Bytes to pass over where nothing decodes: a whole character of the right
 * form, so that its second byte is not taken for a first one. */
static size_t
bad_length(const struct cs_conv *c, const char *at, size_t n)
{
	const unsigned char *p = (const unsigned char *)at;

	if (c->set == CS_CP932 && cs_is_cp932_pair(p, n))
		return 2;
	if (c->set == CS_EUC || c->set == CS_JIS)
		return cs_euc_length(p, n);
	return c->unit < n ? c->unit : n;
}

size_t
cs_bad_utf8_length(struct cs_str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	unsigned char lo = p[0] == 0xe0 ? 0xa0 : p[0] == 0xf0 ? 0x90 : 0x80;
	unsigned char hi = p[0] == 0xed ? 0x9f : p[0] == 0xf4 ? 0x8f : 0xbf;
	size_t want, n = 1;

	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 1;
	want = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	while (n < want && n < s.n && cs_in_range(p[n], lo, hi)) {
		lo = 0x80;
		hi = 0xbf;
		n++;
	}
	return n;
}

size_t
cs_mend_utf8(struct cs_str s, struct cs_buf *out)
{
	size_t bad = 0;

	for (;;) {
		size_t n = cs_utf8_valid(s);

		cs_buf_add(out, s.p, n);
		if (n == s.n)
			return bad;
		s.p += n;
		s.n -= n;
		n = cs_bad_utf8_length(s);
		cs_buf_puts(out, "\xef\xbf\xbd");
		bad++;
		s.p += n;
		s.n -= n;
	}
}

/* What the converter still holds: some sets wait for a combining mark. */
static void
flush_iconv(struct cs_conv *c, struct cs_buf *out)
{
	size_t space = 64;
	char *to = cs_buf_room(out, space);

	iconv(c->cd, NULL, NULL, &to, &space);
	out->n = (size_t)(to - out->p);
}

static size_t
run_iconv(struct cs_conv *c, struct cs_str s, const char *hole, size_t most,
    struct cs_buf *out, size_t *left)
{
	char *from = (char *)s.p;
	size_t n = s.n, bad = 0;

	if (left != NULL)
		*left = 0;
	iconv(c->cd, NULL, NULL, NULL, NULL);
	while (n > 0 && bad < most) {
		size_t space = n + n / 2 + 16, rc;
		char *to = cs_buf_room(out, space);

		rc = iconv(c->cd, &from, &n, &to, &space);
		out->n = (size_t)(to - out->p);
		if (rc != (size_t)-1 || errno == E2BIG)
			continue;
		if (errno == EINVAL && left != NULL) {
			*left = n;
			break;
		}
		rc = errno == EINVAL ? n : bad_length(c, from, n);
		flush_iconv(c, out);
		cs_buf_puts(out, hole);
		bad++;
		from += rc;
		n -= rc;
	}
	flush_iconv(c, out);
	return bad;
}

/* Where the escape sequence at s leads; its length in *n. */
enum jis { ROMAN, KANA, KANJI, MORE_KANJI, NO_ESCAPE };

static enum jis
escape(struct cs_str s, size_t *n)
{
	static const struct {
		const char *bytes;
		enum jis to;
	} known[] = {
	    {"\033(B", ROMAN},
	    {"\033(J", ROMAN},
	    {"\033(I", KANA},
	    {"\033$@", KANJI},
	    {"\033$B", KANJI},
	    {"\033$(B", KANJI},
	    {"\033$(O", KANJI},
	    {"\033$(Q", KANJI},
	    {"\033$(D", MORE_KANJI},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (cs_str_starts(s, cs_str(known[i].bytes))) {
			*n = strlen(known[i].bytes);
			return known[i].to;
		}
	*n = 1;
	return NO_ESCAPE;
}

/* ISO-2022-JP to EUC-JP-MS, which knows the characters that Windows adds to
 * it. What has no meaning becomes FF, which CS_EUC does not know either. */
static struct cs_str
jis_to_euc(struct cs_conv *c, struct cs_str s)
{
	enum jis state = ROMAN, next;
	struct cs_buf *b = &c->euc;
	size_t n;

	cs_buf_reset(b);
	for (; s.n > 0; s.p += n, s.n -= n) {
		unsigned char p = (unsigned char)s.p[0];

		n = 1;
		if (p == '\033' && (next = escape(s, &n)) != NO_ESCAPE)
			state = next;
		else if (p >= 0x80 || p == '\033')
			cs_buf_putc(b, '\xff');
		else if (state == ROMAN || p <= ' ' || p == 0x7f)
			cs_buf_putc(b, s.p[0]);
		else if (state == KANA) {
			cs_buf_putc(b, '\x8e');
			cs_buf_putc(b, (char)(p | 0x80));
		} else if (s.n < 2 ||
			   !cs_in_range((unsigned char)s.p[1], 0x21, 0x7e))
			cs_buf_putc(b, '\xff');
		else {
			if (state == MORE_KANJI)
				cs_buf_putc(b, '\x8f');
			cs_buf_putc(b, (char)(p | 0x80));
			cs_buf_putc(b, (char)((unsigned char)s.p[1] | 0x80));
			n = 2;
		}
	}
	return cs_buf_get(b);
}

/* CS_EUC with FF in place of bytes that no character of it has: iconv passes
 * them as controls, and so would take much of CS_CP932 for CS_EUC. */
static struct cs_str
without_c1(struct cs_conv *c, struct cs_str s)
{
	struct cs_buf *b = &c->euc;

	cs_buf_reset(b);
	cs_buf_str(b, s);
	for (size_t i = 0; i < b->n; i++) {
		unsigned char p = (unsigned char)b->p[i];

		if (cs_in_range(p, 0x80, 0x9f) && p != 0x8e && p != 0x8f)
			b->p[i] = '\xff';
	}
	return cs_buf_get(b);
}

size_t
cs_conv_run(struct cs_conv *c, struct cs_str s, const char *hole, size_t most,
    struct cs_buf *out, size_t *left)
{
	if (c->set == CS_JIS)
		s = jis_to_euc(c, s);
	if (c->set == CS_EUC)
		s = without_c1(c, s);
	return run_iconv(c, s, hole, most, out, left);
}

/* Has the start of s a hole? If not, *left is the length of the character
 * that it cuts. */
static bool
has_hole(struct cs_conv *c, struct cs_str s, size_t n, size_t *left)
{
	struct cs_buf out = {0};
	size_t holes =
	    cs_conv_run(c, (struct cs_str){s.p, n}, "", 1, &out, left);

	cs_buf_free(&out);
	return holes > 0;
}

size_t
cs_conv_where(struct cs_conv *c, struct cs_str s, size_t *n)
{
	size_t lo = 0, hi = s.n + 1, left = 0;

	/* The shortest start with a hole, hi, ends with what shows it. */
	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (has_hole(c, s, mid, &left))
			hi = mid;
		else
			lo = mid;
	}
	has_hole(c, s, lo, &left);
	*n = (hi <= s.n ? hi : s.n) - (lo - left);
	return lo - left;
}

bool
cs_conv_keeps_ascii(struct cs_conv *c)
{
	struct cs_buf out = {0};
	bool good = true;

	for (int i = 0; i < 128 && good; i++) {
		char b = (char)i;
		cs_buf_reset(&out);
		good = run_iconv(c, (struct cs_str){&b, 1}, "", SIZE_MAX, &out,
			   NULL) == 0 &&
		       out.n == 1 && out.p[0] == b;
	}
	cs_buf_free(&out);
	return good;
}

bool
cs_conv_has_lines(struct cs_conv *c)
{
	struct cs_buf out = {0};
	bool good;

	run_iconv(c, CS_S("\n"), "", SIZE_MAX, &out, NULL);
	good = out.n == 1 && out.p[0] == '\n';
	cs_buf_free(&out);
	return good;
}

bool
cs_conv_is_bytewise(struct cs_conv *c)
{
	char out[16];

	if (c->set == CS_UTF8 || c->set == CS_JIS)
		return false;
	for (int i = 0; i < 256; i++) {
		char b = (char)i, *from = &b, *to = out;
		size_t n = 1, space = sizeof(out);

		iconv(c->cd, NULL, NULL, NULL, NULL);
		if (iconv(c->cd, &from, &n, &to, &space) == (size_t)-1) {
			if (errno != EILSEQ)
				return false; /* the first of several */
		} else if (to == out)
			return false; /* held back, or a shift */
	}
	return true;
}
