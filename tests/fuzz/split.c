/* split: any bytes as CSV, by the scanner and by split_ref (libcsv)
 *
 * The first line says how: delimiter, quote, then two signs for the bytes of
 * the first block and of the others (blank: 1), and up to two for the limits of
 * columns and of bytes in a cell. The rest is the text. */
#include "../diff/split_both.h"
#include "fuzz.h"

const unsigned fuzz_each = 150;

enum { MAX_INPUT = 2048 };

static size_t
sign(struct cs_str how, size_t i)
{
	return i < how.n ? 1 + (unsigned char)(how.p[i] - ' ') : 0;
}

/* What cs_split_set takes: two different bytes, no line ends. */
static bool
set_signs(struct diff *f, struct cs_str how)
{
	int delimiter = how.n > 0 ? (unsigned char)how.p[0] : ',';
	int quote = how.n > 1 ? (unsigned char)how.p[1] : '"';

	f->conf = (struct cs_split_conf){.delimiter = delimiter,
	    .quote = quote,
	    .max_columns = sign(how, 4),
	    .max_cell = sign(how, 5)};
	return delimiter > 0 && delimiter < 0x80 && quote > 0 && quote < 0x80 &&
	       delimiter != quote && delimiter != '\r' && quote != '\r';
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cs_str rest = {(const char *)data, size}, how;
	struct diff f = {0};

	if (size > MAX_INPUT || !cs_str_next(&rest, '\n', &how) ||
	    !set_signs(&f, how))
		return 0;
	cs_buf_add(&f.text, rest.p, rest.p != NULL ? rest.n : 0);
	new_scan(&f, CS_SCAN_WORD); /* its limits say what is odd */
	ask_ref(&f);
	for (enum cs_scan_isa isa = CS_SCAN_WORD; isa <= CS_SCAN_AVX2; isa++) {
		size_t first = sign(how, 2), others = sign(how, 3);

		new_scan(&f, isa);
		if (f.scan.isa != isa)
			continue;
		f.how = "all at once, or blocks of";
		f.how_n = others;
		must(read_in_blocks(&f, f.text.n, f.text.n) &&
			 read_in_blocks(&f, first, others > 0 ? others : 64),
		    "the scanner differs from split_ref");
	}
	free_diff(&f);
	return 0;
}
