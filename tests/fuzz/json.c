/* json: any lines as JSON, by the scanner, by the strict check behind which
 * libjq's parser stands, and by the reader with its three engines */
#include "../diff/json_both.h"
#include "fuzz.h"

const unsigned fuzz_each = 150;

enum { MAX_INPUT = 4096 };

/* On a copy of exactly that size. */
static void
exactly(struct diff *f, struct cs_str s)
{
	char *z = cs_calloc(s.n, 1);

	if (s.n > 0)
		memcpy(z, s.p, s.n);
	must(one_text(f, (struct cs_str){z, s.n}),
	    "the scanner differs from the check");
	free(z);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cs_str all = {(const char *)data, size}, rest = all, line;
	struct diff f = {.asks_libjq = true};

	if (size > MAX_INPUT)
		return 0;
	exactly(&f, all);
	while (size > 0 && cs_str_next(&rest, '\n', &line))
		exactly(&f, line);
	cs_buf_str(&f.lines, all);
	must(both_readers(&f), "the engines of the reader differ");
	forget(&f);
	cs_arena_free(&f.arena);
	cs_buf_free(&f.lines);
	return 0;
}
