/* stanza: any bytes as a rule file, in its three forms: lines, CSV, JSON */
#include "fuzz.h"
#include "stanza.h"

const unsigned fuzz_each = 500;

enum { MAX_INPUT = 8192 };

/* Every byte of a value has a place in the file, in rising order. */
static void
check_pair(const struct cs_pair *p, size_t lines)
{
	struct cs_place was = {0}, at;
	struct cs_pair part;

	for (size_t i = 0; i <= p->value.n; i++) {
		at = cs_pair_place(p, i);
		must(at.line >= 1 && at.line <= lines && at.col >= 1,
		    "byte %zu of \"%.*s\" is at %zu:%zu of %zu lines", i,
		    CS_ARG(p->key), at.line, at.col, lines);
		must(at.line > was.line ||
			 (at.line == was.line && at.col >= was.col),
		    "byte %zu of \"%.*s\" stands at %zu:%zu, before %zu:%zu", i,
		    CS_ARG(p->key), at.line, at.col, was.line, was.col);
		was = at;
	}
	part = cs_pair_part(p, p->value.n / 3, p->value.n);
	must(part.value.n <= p->value.n, "a part is longer");
	for (size_t i = 0; i <= part.value.n; i++)
		cs_pair_place(&part, i);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cs_arena run = {0};
	struct cs_diags diags = {0};
	struct cs_raw_stanzas s = {0};
	size_t lines = 1;

	if (size > MAX_INPUT)
		return 0;
	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n' || data[i] == '\r';
	cs_stanzas_read((struct cs_str){(const char *)data, size}, "fuzz", &run,
	    &s, &diags);
	for (size_t i = 0; i < s.n; i++) {
		must(s.v[i].n > 0, "a stanza without a key");
		for (size_t k = 0; k < s.v[i].n; k++)
			if (!s.v[i].pair[k].is_faulty)
				check_pair(&s.v[i].pair[k], lines);
	}
	for (size_t i = 0; i < diags.n; i++)
		must(diags.v[i].text != NULL && diags.v[i].text[0] != '\0',
		    "a fault without words");
	cs_diags_free(&diags);
	cs_arena_free(&run);
	return 0;
}
