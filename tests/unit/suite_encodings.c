/* encodings, utf8: texts in 39 encodings, 112 of broken UTF-8
 *
 * Each text of encodings is read twice: with its encoding named it must come
 * out right; found by itself it must come out right or be in doubt (exit 2),
 * and UTF-8, UTF-16, UTF-32 and the Japanese ones must be found. */
#include "decode.h"
#include "json.h"
#include "suite.h"
#include "text.h"

enum verdict { FAILED, PASSED, NOT_APPLICABLE };

struct tally {
	struct suite s;
	size_t n[3];
	size_t found, doubted;
};

/* The list's cases are not applicable, each with its reason. */
static void
count(struct tally *t, const char *id, bool is_right)
{
	bool is_listed = suite_is_listed(&t->s, id);

	t->n[is_listed ? NOT_APPLICABLE : is_right ? PASSED : FAILED]++;
	suite_case(&t->s, id, is_right);
}

/* ---- encodings ---- */

enum end { IN_DOUBT, READ };

/* All of a file in UTF-8; bad: places that did not decode. */
static enum end
decode_file(const char *path, const char *encoding, struct cs_buf *out,
    size_t *bad, char name[64])
{
	struct cs_err err = {0};
	struct cs_in *in = cs_in_open(path, &err);
	struct cs_decode *d;
	struct cs_str raw, text;

	*bad = 0;
	if (in == NULL)
		return IN_DOUBT;
	d = cs_decode_open(in, encoding, &err);
	snprintf(name, 64, "%s", d ? cs_decode_name(d) : "in doubt");
	while (d != NULL && cs_in_line(in, &raw, &err) == CS_GOT) {
		*bad += cs_decode_line(d, raw, &text);
		cs_buf_str(out, text);
	}
	cs_decode_close(d);
	cs_in_close(in);
	return d != NULL ? READ : IN_DOUBT;
}

static bool
must_be_found(struct cs_str encoding)
{
	static const char *const names[] = {"utf-8", "utf-16le", "utf-16be",
	    "utf-32le", "utf-32be", "shift_jis", "euc_jp", "iso-2022-jp",
	    "iso2022_jp"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (cs_str_is(encoding, names[i]))
			return true;
	return false;
}

static struct cs_str
member(struct cs_arena *a, struct cs_str object, const char *name)
{
	struct cs_str key, value;
	size_t pos = 0;

	while (cs_json_next(object, &pos, &key, &value))
		if (cs_str_is(cs_json_text(a, key), name))
			return cs_json_text(a, value);
	return CS_S("");
}

static void
one_text(struct tally *t, const char *root, struct cs_str line)
{
	struct cs_arena *a = &t->s.arena;
	const char *file = cs_keepz(a, member(a, line, "file"));
	struct cs_str encoding = member(a, line, "encoding");
	const char *path = cs_arena_printf(a, "%s/%s", root, file);
	struct cs_str want =
	    suite_read(a, cs_arena_printf(a, "%s/%.*s", root,
			      CS_ARG(member(a, line, "utf8"))));
	struct cs_buf got = {0};
	char name[64];
	enum end end;
	bool right;
	size_t bad;

	if (cs_str_starts(want, CS_S("\xef\xbb\xbf"))) {
		want.p += 3;
		want.n -= 3;
	}
	decode_file(path, cs_keepz(a, encoding), &got, &bad, name);
	right = cs_str_eq(cs_buf_get(&got), want) && want.n > 0;
	count(t, cs_arena_printf(a, "%s named", file), right);
	cs_buf_reset(&got);
	end = decode_file(path, NULL, &got, &bad, name);
	right = end == READ && bad == 0 && cs_str_eq(cs_buf_get(&got), want);
	t->found += right;
	t->doubted += end == IN_DOUBT;
	printf("# %s (%.*s): %s\n", file, CS_ARG(encoding), name);
	count(t, cs_arena_printf(a, "%s found", file),
	    right || (end == IN_DOUBT && !must_be_found(encoding)));
	cs_buf_free(&got);
}

static void
encodings(struct tally *t, const char *root)
{
	struct cs_arena *a = &t->s.arena;
	struct cs_str rest = suite_read(
			  a, cs_arena_printf(a, "%s/index.jsonl", root)),
		      line;
	size_t n = 0;

	while (cs_str_next(&rest, '\n', &line))
		if (line.n > 0) {
			one_text(t, root, line);
			n++;
		}
	ok(n == 39, "encodings: %zu texts of 39", n);
	printf("# encodings: %zu found, %zu in doubt, of %zu\n", t->found,
	    t->doubted, n);
}

/* ---- utf8 ---- */

static int
digit(char c)
{
	return c >= '0' && c <= '9'			? c - '0'
	       : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
							: -1;
}

/* Hex digits, blanks between, as bytes. */
static void
put_hex(struct cs_buf *b, struct cs_str hex)
{
	int high = -1;

	for (size_t i = 0; i < hex.n; i++) {
		int d = digit(hex.p[i]);

		if (d < 0)
			continue;
		if (high < 0)
			high = d;
		else {
			cs_buf_putc(b, (char)(high << 4 | d));
			high = -1;
		}
	}
}

/* NUM:valid:TEXT, NUM:valid hex:BYTES, or
 * NUM:invalid hex:BYTES:WITHOUT:WITH U+FFFD */
static void
one_line(struct tally *t, struct cs_decode *d, struct cs_str line)
{
	struct cs_str rest = line, num, how, bytes, without, with = {0}, text;
	struct cs_buf raw = {0}, want = {0};
	bool is_valid;
	size_t bad;

	cs_str_next(&rest, ':', &num);
	cs_str_next(&rest, ':', &how);
	cs_str_next(&rest, ':', &bytes);
	is_valid = memmem(how.p, how.n, "invalid", 7) == NULL;
	if (memmem(how.p, how.n, "hex", 3) != NULL)
		put_hex(&raw, bytes);
	else
		cs_buf_str(&raw, bytes);
	if (!is_valid && cs_str_next(&rest, ':', &without) &&
	    cs_str_next(&rest, ':', &with))
		put_hex(&want, with);
	bad = cs_decode_line(d, cs_buf_get(&raw), &text);
	count(t, cs_arena_printf(&t->s.arena, "utf8tests %.*s", CS_ARG(num)),
	    is_valid ? bad == 0 && cs_str_eq(text, cs_buf_get(&raw))
		     : bad > 0 && cs_str_eq(text, cs_buf_get(&want)));
	cs_buf_free(&raw);
	cs_buf_free(&want);
}

static void
utf8(struct tally *t, const char *root)
{
	struct cs_arena *a = &t->s.arena;
	struct cs_in *in = cs_in_memory("m", CS_S("x"));
	struct cs_err err = {0};
	struct cs_decode *d = cs_decode_open(in, "utf-8", &err);
	struct cs_str rest = suite_read(
			  a, cs_arena_printf(a, "%s/utf8tests.txt", root)),
		      line, text;
	size_t n = 0, lines = 0, good = 0;

	while (cs_str_next(&rest, '\n', &line))
		if (line.n > 0 && line.p[0] != '#') {
			one_line(t, d, line);
			n++;
		}
	ok(n == 112, "utf8tests: %zu cases of 112", n);
	rest = suite_read(a, cs_arena_printf(a, "%s/UTF-8-test.txt", root));
	while (rest.n > 0 && cs_str_next(&rest, '\n', &line)) {
		cs_decode_line(d, line, &text);
		good += cs_utf8_valid(text) == text.n;
		lines++;
	}
	count(t, "UTF-8-test.txt", lines == 300 && good == lines);
	cs_decode_close(d);
	cs_in_close(in);
}

int
main(void)
{
	struct tally t = {0};
	const char *texts, *broken;

	if (!suite_begin(&t.s, "tests/suites/encodings-not-applicable.txt"))
		return done();
	texts = suite_folder(&t.s, "encodings");
	broken = suite_folder(&t.s, "utf8");
	if (texts == NULL || broken == NULL) {
		skip("encodings, utf8", "the shared suites are not here");
		cs_arena_free(&t.s.arena);
		return done();
	}
	encodings(&t, texts);
	utf8(&t, broken);
	printf("# encodings, utf8: %zu passed, %zu failed, %zu not "
	       "applicable\n",
	    t.n[PASSED], t.n[FAILED], t.n[NOT_APPLICABLE]);
	return suite_done(&t.s);
}
