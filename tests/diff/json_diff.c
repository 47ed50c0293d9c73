/* json_diff: the JSON scanner against the strict check and libjq's parser
 *
 *	json_diff [seed=N] [seconds=N] [-v]
 *
 * Texts are made from the grammar, mutated, cut everywhere, or thrown together
 * from the bytes that matter. The scanner, on every instruction set, with and
 * without keys it has learned, must take just what cs_json_check takes and is
 * an object, and see the members that cs_json_next sees; libjq must see the
 * same values in them. Then the lines go through the reader, with the scanner
 * and without: records, columns and refusals must be the same. Each text is in
 * memory of just its size, so that a sanitizer sees a read outside. */

#include "../unit/tap.h"
#include "json_both.h"

enum { LINES = 24 };

#include "choice.h"
#include "runs.h"

static void
put(struct diff *f, const char *z)
{
	cs_buf_puts(&f->b, z);
}

/* --- texts -------------------------------------------------------------- */

static void
white(struct diff *f)
{
	static const char *const some[] = {" ", "  ", "\t", "\r", " \t ", "\n"};

	if (once_in(f, 12))
		put(f, PICK(f, some));
}

/* Characters of a JSON text, good ones; the length is often near a border of
 * the vector code. */
static void
letters(struct diff *f)
{
	static const char *const piece[] = {"\xe6\x9c\x80\xe5\xa4\xa7",
	    "\xc3\xa9", "\xef\xbf\xbd", "\xf0\x9f\x98\x80", "\xee\x80\x80",
	    "\xf4\x8f\xbf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
	    "\xf0\x90\x80\x80", "\x7f", "\\n", "\\\"", "\\\\", "\\/", "\\u00e9",
	    "\\ud83d\\ude00", "\\u0000", "\\uDBFF\\uDFFF", "{", "}", "[", "]",
	    ":", ",", "'", "x"};
	static const size_t border[] = {0, 1, 2, 7, 8, 9, 13, 14, 15, 16, 17,
	    29, 30, 31, 32, 33, 47, 48, 49, 63, 64, 65, 127, 128, 130};
	size_t n = once_in(f, 3) ? PICK(f, border) : below(f, 12);
	size_t end = f->b.n + n, rare = 1 + below(f, 30);

	while (f->b.n < end)
		if (once_in(f, rare))
			put(f, PICK(f, piece));
		else
			cs_buf_putc(&f->b, (char)('a' + below(f, 26)));
}

static void
number(struct diff *f)
{
	static const char *const some[] = {"0", "-0", "1", "-1", "12",
	    "1234567", "0.5", "1e5", "1E+5", "-1.25e-3", "123456789012345",
	    "1234567890123456", "12345678901234567", "0.1234567890123456789",
	    "1e308", "3.0", "10000000000000000000000000000000000000000"};

	if (once_in(f, 2))
		put(f, PICK(f, some));
	else
		cs_buf_printf(&f->b, "%llu",
		    (unsigned long long)(draw(f) >> below(f, 64)));
}

static void value(struct diff *f);

static void
key(struct diff *f)
{
	static const char *const known[] = {"id", "a", "b", "c", "plan",
	    "sixteen_bytes_ab", "thirteen_byte", "fourteen_bytes",
	    "twenty_nine_bytes_of_a_key_ab", "thirty_bytes_of_a_key_abcdefgh",
	    "a_key_that_is_longer_than_32_bytes_is", "", "\\u0061", "a\\\\b"};

	cs_buf_putc(&f->b, '"');
	if (once_in(f, 5))
		letters(f);
	else
		put(f, PICK(f, known));
	cs_buf_putc(&f->b, '"');
}

static void
object(struct diff *f)
{
	size_t n = below(f, f->depth == 0 ? 14 : 4);
	bool is_wide = once_in(f, 4);

	put(f, "{");
	f->depth++;
	white(f);
	for (size_t i = 0; i < n; i++) {
		if (i > 0) {
			put(f, ",");
			white(f);
		}
		key(f);
		white(f);
		put(f, is_wide ? ": " : ":");
		white(f);
		value(f);
		white(f);
	}
	f->depth--;
	put(f, "}");
}

static void
array(struct diff *f)
{
	size_t n = below(f, 4);

	put(f, "[");
	f->depth++;
	white(f);
	for (size_t i = 0; i < n; i++) {
		put(f, i > 0 ? "," : "");
		white(f);
		value(f);
		white(f);
	}
	f->depth--;
	put(f, "]");
}

static void
value(struct diff *f)
{
	static const char *const word[] = {"true", "false", "null"};

	switch (below(f, f->depth > 6 ? 6 : 8)) {
	case 0:
	case 1:
		number(f);
		break;
	case 2:
		put(f, PICK(f, word));
		break;
	case 6:
		array(f);
		break;
	case 7:
		object(f);
		break;
	default:
		cs_buf_putc(&f->b, '"');
		letters(f);
		cs_buf_putc(&f->b, '"');
		break;
	}
}

/* As deep as the limit, or nearly. */
static void
deep(struct diff *f)
{
	size_t n = CS_MAX_JSON_DEPTH - 3 + below(f, 6);
	char close[CS_MAX_JSON_DEPTH + 8];

	put(f, "{\"a\":");
	for (size_t i = 1; i < n; i++) {
		bool is_object = once_in(f, 2);

		close[i] = is_object ? '}' : ']';
		put(f, is_object ? "{\"b\":" : "[");
	}
	put(f, "1");
	for (size_t i = n; i-- > 1;)
		cs_buf_putc(&f->b, close[i]);
	put(f, "}");
}

/* Bytes that matter, without any order. */
static void
noise(struct diff *f)
{
	static const char *const piece[] = {"{", "}", "[", "]", ":", ",", "\"",
	    "\"", "\\", "\"a\"", "\"a\":", "\"id\":", "1", "0", "-", ".", "e",
	    "true", "null", "false", "tru", " ", "\t", "\n", "\r", "\\u",
	    "d800", "\\ud83d", "\\ude00", "\xe6\x9c\x80", "\xe6", "\x80",
	    "\xff", "\xed\xa0\x80", "\xf5", "\xc0\x80", "\x1f", "\x7f", "{}",
	    "[]"};
	size_t n = below(f, 24);

	put(f, once_in(f, 3) ? "" : "{");
	for (size_t i = 0; i < n; i++)
		put(f, PICK(f, piece));
	put(f, once_in(f, 3) ? "" : "}");
}

/* Changes the text in a place or two. */
static void
mutate(struct diff *f)
{
	static const char byte[] = "{}[]:,\"\\ \t\n0123-.eEtfnu\x00\x1f\x80\xc2"
				   "\xe0\xed\xf0\xf4\xff";
	static const char *const bad[] = {"\xed\xa0\x80", "\xed\xbf\xbf",
	    "\xe0\x9f\xbf", "\xc0\x80", "\xc1\xbf", "\xf0\x8f\xbf\xbf",
	    "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe6\x9c", "\x80",
	    "\\ud800", "\\ud83d\\u0041", "\\ud83d\\ue000", "\\udc00", "\\u12",
	    "\\u12g4", "\\u@123", "\\x", "\x1f", "\x7f", "01", "-", "1.", ".5"};
	size_t times = 1 + below(f, 2);

	while (times-- > 0 && f->b.n > 0) {
		size_t at = below(f, f->b.n), n;
		const char *z;

		switch (below(f, 5)) {
		case 4: /* a fault by design */
			z = PICK(f, bad);
			n = strlen(z);
			cs_buf_room(&f->b, n);
			memmove(f->b.p + at + n, f->b.p + at, f->b.n - at);
			memcpy(f->b.p + at, z, n);
			f->b.n += n;
			break;
		case 0:
			f->b.p[at] = byte[below(f, sizeof(byte) - 1)];
			break;
		case 1: /* without it */
			memmove(f->b.p + at, f->b.p + at + 1, f->b.n - at - 1);
			f->b.n--;
			break;
		case 2: /* twice */
			cs_buf_room(&f->b, 1);
			memmove(f->b.p + at + 1, f->b.p + at, f->b.n - at);
			f->b.n++;
			break;
		default: /* a piece from elsewhere */
			n = below(f, f->b.n - at) % 9;
			memmove(
			    f->b.p + below(f, f->b.n - n + 1), f->b.p + at, n);
			break;
		}
	}
}

static void
make(struct diff *f)
{
	cs_buf_reset(&f->b);
	f->depth = 0;
	switch (below(f, 16)) {
	case 0:
		noise(f);
		return;
	case 1:
		value(f);
		return;
	case 2:
		if (once_in(f, 8))
			deep(f);
		else
			noise(f);
		break;
	default:
		white(f);
		object(f);
		white(f);
	}
	if (once_in(f, 3))
		mutate(f);
}

static bool
exact(struct diff *f, const char *p, size_t n)
{
	char *z = cs_calloc(n, 1);
	bool good;

	if (n > 0)
		memcpy(z, p, n);
	f->asks_libjq = once_in(f, 4);
	good = one_text(f, (struct cs_str){z, n});
	free(z);
	return good;
}

/* --- rounds ------------------------------------------------------------- */

static bool
one_round(struct diff *f)
{
	bool is_cut = once_in(f, 4), good = true;

	forget(f);
	cs_buf_reset(&f->lines);
	for (size_t i = 0; i < LINES && good; i++) {
		make(f);
		f->made++;
		good = exact(f, f->b.p, f->b.n);
		/* Cut at every place. */
		for (size_t n = 0; i == 0 && is_cut && n < f->b.n && good; n++)
			good = exact(f, f->b.p, n) &&
			       exact(f, f->b.p + n, f->b.n - n);
		cs_buf_str(&f->lines, cs_buf_get(&f->b));
		cs_buf_puts(&f->lines, once_in(f, 6) ? "\r\n" : "\n");
	}
	return good && both_readers(f);
}

int
main(int argc, char **argv)
{
	struct diff *f = cs_calloc(1, sizeof(*f));
	struct runs run = {.seed = 1, .seconds = 4};
	double end;
	size_t rounds = 0;
	bool good = true;
	int i;

	for (i = 1; i < argc; i++)
		if (!runs_take(&run, argv[i])) {
			fputs("usage: json_diff [seed=N] [seconds=N] [-v]\n",
			    stderr);
			return 2;
		}
	f->is_loud = run.is_loud;
	printf("# seed=%llu\n", run.seed);
	end = seconds_now() + run.seconds;
	do {
		/* A seed of its own for each round, so that one that fails can
		 * be had again without those before it. */
		f->state = run.seed + rounds;
		good = one_round(f);
		if (!good)
			printf("# seed=%llu does it\n", run.seed + rounds);
		rounds++;
	} while (good && seconds_now() < end);
	ok(good, "%llu texts, %llu taken, on %d instruction sets",
	    (unsigned long long)f->texts, (unsigned long long)f->taken, SETS);
	ok(f->taken > f->made / 4 && f->taken < f->texts - f->taken / 4,
	    "a good part is taken, a good part is not");
	ok(f->values > 0 && f->records > 0 && f->refused > 0,
	    "%llu values by libjq, %llu records and %llu refusals by the "
	    "reader",
	    (unsigned long long)f->values, (unsigned long long)f->records,
	    (unsigned long long)f->refused);
	if (f->is_loud)
		printf("# %zu rounds, %llu bytes\n", rounds,
		    (unsigned long long)f->bytes);
	forget(f);
	cs_arena_free(&f->arena);
	cs_buf_free(&f->b);
	cs_buf_free(&f->lines);
	free(f);
	i = done();
	fflush(stdout); /* before a sanitizer ends the process */
	return i;
}
