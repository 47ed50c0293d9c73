/* decode: any bytes as an export in any encoding
 *
 * The first line names the encoding (none: found, whatever comes out). Blocks,
 * lines and cuts at every place must give one text, and iconv says which. */
#include <iconv.h>

#include "decode.h"
#include "decode_private.h"
#include "encode.h"
#include "fuzz.h"
#include "text.h"

const unsigned fuzz_each = 40; /* a table is made for each */

enum { MAX_INPUT = 1024 };

/* What iconv makes of s; false where it refuses some of it. */
static bool
by_iconv(iconv_t cd, struct cs_str s, struct cs_buf *out)
{
	size_t n = s.n, space = s.n * 6 + 64;
	char *from = (char *)s.p, *at;

	cs_buf_reset(out);
	at = cs_buf_room(out, space);
	iconv(cd, NULL, NULL, NULL, NULL);
	if (iconv(cd, &from, &n, &at, &space) == (size_t)-1 ||
	    iconv(cd, NULL, NULL, &at, &space) == (size_t)-1)
		return false;
	out->n = (size_t)(at - out->p);
	return true;
}

/* Controls of EUC that iconv passes and no text has (see decode_conv.c). */
static bool
has_c1(struct cs_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c >= 0x80 && c < 0xa0 && c != 0x8e && c != 0x8f)
			return true;
	}
	return false;
}

/* iconv's own ISO-2022-JP is not ours, UTF-8 has no converter, and what has no
 * lines in its raw bytes is compared as a whole. */
static void
compare_lines(struct cs_decode *d, struct cs_str raw)
{
	const char *name = cs_decode_name(d);
	iconv_t cd = iconv_open("UTF-8", name);
	bool is_euc = strcmp(name, "EUC-JP-MS") == 0;
	bool is_jis = strcmp(name, "ISO-2022-JP") == 0;
	struct cs_buf want = {0}, got = {0};

	must(cd != (iconv_t)-1, "iconv lost %s", name);
	while (raw.n > 0) {
		const char *lf = cs_str_chr(raw, '\n');
		size_t n = lf != NULL ? (size_t)(lf + 1 - raw.p) : raw.n;
		struct cs_str line = {raw.p, n}, text;
		bool good =
		    by_iconv(cd, line, &want) && !(is_euc && has_c1(line));
		size_t bad = cs_decode_line(d, line, &text);

		must(cs_utf8_valid(text) == text.n, "%s: no UTF-8", name);
		must(is_jis || (bad == 0) == good, "%s: %zu bad, iconv: %s",
		    name, bad, good ? "good" : "bad");
		must(is_jis || !good || cs_str_eq(text, cs_buf_get(&want)),
		    "%s: another text than iconv's", name);
		if (cs_decode_has_blocks(d)) {
			cs_buf_reset(&got);
			must(cs_decode_block(d, line, &got) ==
				     (bad == 0 ? n : 0) &&
				 (bad > 0 || cs_str_eq(cs_buf_get(&got), text)),
			    "%s: a block differs from its line", name);
		}
		raw.p += n;
		raw.n -= n;
	}
	iconv_close(cd);
	cs_buf_free(&want);
	cs_buf_free(&got);
}

/* All lines at once, up to the first that does not decode. */
static void
compare_block(struct cs_decode *d, struct cs_str raw)
{
	struct cs_buf got = {0}, want = {0};
	struct cs_str rest = raw, line, text;
	size_t n, whole = 0;

	if (!cs_decode_has_blocks(d))
		return;
	n = cs_decode_block(d, raw, &got);
	while (whole < raw.n && cs_str_next(&rest, '\n', &line)) {
		line.n += whole + line.n < raw.n;
		if (cs_decode_line(d, line, &text) > 0)
			break;
		cs_buf_str(&want, text);
		whole += line.n;
	}
	must(n == whole && cs_str_eq(cs_buf_get(&got), cs_buf_get(&want)),
	    "%s: a block of %zu bytes, its lines have %zu", cs_decode_name(d),
	    n, whole);
	cs_buf_free(&got);
	cs_buf_free(&want);
}

/* Cut in two anywhere: the same characters and the same holes. */
static void
compare_cuts(const char *name, struct cs_str raw)
{
	struct cs_conv *c = cs_conv_open(name);
	struct cs_buf want = {0}, got = {0};
	enum cs_set set;
	size_t bad, left;

	if (c == NULL)
		return;
	set = cs_conv_set(c);
	if (set == CS_UNITS || set == CS_CP932 || set == CS_EUC) {
		bad = cs_conv_run(c, raw, "?", SIZE_MAX, &want, NULL);
		for (size_t i = 0; i <= raw.n; i++) {
			struct cs_str a = {raw.p, i}, b = raw;
			size_t n;

			cs_buf_reset(&got);
			n = cs_conv_run(c, a, "?", SIZE_MAX, &got, &left);
			b.p += i - left;
			b.n -= i - left;
			n += cs_conv_run(c, b, "?", SIZE_MAX, &got, NULL);
			must(n == bad &&
				 cs_str_eq(cs_buf_get(&got), cs_buf_get(&want)),
			    "%s: cut at %zu: %zu bad of %zu", name, i, n, bad);
		}
	}
	cs_conv_close(c);
	cs_buf_free(&want);
	cs_buf_free(&got);
}

/* What the decoder says of all lines of an input. */
static void
read_all(const char *name, struct cs_str raw, struct cs_buf *b)
{
	struct cs_err err = {0};
	struct cs_in *in = cs_in_memory("fuzz", raw);
	struct cs_decode *d = cs_decode_open(in, name, &err);
	struct cs_str line, text;

	cs_buf_reset(b);
	if (d == NULL) {
		must(err.exit == CS_USAGE && err.text[0] != '\0',
		    "no reason for the refusal");
		cs_buf_puts(b, err.text);
	} else {
		cs_buf_printf(
		    b, "%s %s\n", cs_decode_name(d), cs_decode_reason(d));
		while (cs_in_line(in, &line, &err) == CS_GOT) {
			cs_buf_printf(
			    b, "%zu ", cs_decode_line(d, line, &text));
			must(cs_utf8_valid(text) == text.n, "no UTF-8");
			cs_buf_str(b, text);
		}
	}
	cs_decode_close(d);
	cs_in_close(in);
}

/* CP932 that decodes goes back to something that decodes to it. */
static void
there_and_back(struct cs_decode *d, struct cs_str raw)
{
	static struct cs_encode *e; /* made in five milliseconds */
	struct cs_buf once = {0}, back = {0};
	struct cs_err err;
	struct cs_str text;

	if (e == NULL)
		e = cs_encode_open("CP932", &err);
	must(e != NULL, "%s", err.text);
	if (cs_str_chr(raw, '\n') == NULL &&
	    cs_decode_line(d, raw, &text) == 0) {
		cs_buf_str(&once, text);
		text = cs_buf_get(&once);
		must(cs_encode_text(e, text, &back) == text.n &&
			 cs_decode_line(d, cs_buf_get(&back), &text) == 0 &&
			 cs_str_eq(text, cs_buf_get(&once)),
		    "%s: does not come back", cs_decode_name(d));
	}
	cs_buf_free(&once);
	cs_buf_free(&back);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cs_str rest = {(const char *)data, size}, how;
	struct cs_buf one = {0}, two = {0};
	char name[32];

	if (size > MAX_INPUT || !cs_str_next(&rest, '\n', &how) ||
	    how.n >= sizeof(name))
		return 0;
	if (rest.p == NULL)
		rest = CS_S("");
	memcpy(name, how.p, how.n);
	name[how.n] = '\0';
	read_all(how.n > 0 ? name : NULL, rest, &one);
	read_all(how.n > 0 ? name : NULL, rest, &two);
	must(cs_str_eq(cs_buf_get(&one), cs_buf_get(&two)),
	    "two answers for the same bytes");
	cs_decode_guess(rest);
	cs_buf_free(&one);
	cs_buf_free(&two);
	if (strchr(name, '/') == NULL && strlen(name) == how.n)
		compare_cuts(name, rest);
	if (strcmp(name, "CP932") == 0 || strcmp(name, "EUC-JP-MS") == 0 ||
	    strcmp(name, "WINDOWS-1252") == 0 ||
	    strcmp(name, "ISO-2022-JP") == 0) {
		struct cs_in *in = cs_in_memory("fuzz", CS_S("x"));
		struct cs_err err;
		struct cs_decode *d = cs_decode_open(in, name, &err);

		compare_lines(d, rest);
		compare_block(d, rest);
		if (name[0] == 'C')
			there_and_back(d, rest);
		cs_decode_close(d);
		cs_in_close(in);
	}
	return 0;
}
