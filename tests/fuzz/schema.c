/* schema: any bytes as a schema (up to a form feed), then cells, one a line */
#include "foreign.h"
#include "fuzz.h"
#include "num.h"
#include "schema.h"
#include "text.h"

const unsigned fuzz_each = 500;

enum { MAX_INPUT = 8192 };

/* Canonical means: JSON's numbers, and dates that RULES read. */
static void
check_value(const struct cs_field *f, const struct cs_val *v)
{
	struct cs_time t;

	switch (f->type) {
	case CS_FIELD_NUMBER:
	case CS_FIELD_INTEGER:
	case CS_FIELD_YEAR:
		must(v->kind == CS_NUM && cs_num_is_json(v->text),
		    "\"%.*s\" is no JSON number", CS_ARG(v->text));
		must(cs_decimal_cmp(v->text, v->text) == 0,
		    "\"%.*s\" is not itself", CS_ARG(v->text));
		break;
	case CS_FIELD_BOOLEAN:
		must(v->kind == CS_BOOL, "no boolean");
		break;
	case CS_FIELD_DATE:
	case CS_FIELD_DATETIME:
		must(v->kind == CS_TEXT &&
			 cs_time_parse(v->text, &t) == CS_DATE_OK &&
			 t.has_time == (f->type == CS_FIELD_DATETIME),
		    "\"%.*s\" is no ISO date", CS_ARG(v->text));
		break;
	default:
		break;
	}
}

static void
check_cell(const struct cs_schema *s, struct cs_arena *a, struct cs_str cell)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct cs_field *f = &s->field[i];
		struct cs_val v;
		const char *what;

		if (!cs_field_cell(f, a, cell, &v)) {
			must(v.kind == CS_NULL, "a value that does not fit");
			must(cs_field_kind(f, a) != NULL, "no kind");
		} else if (v.kind != CS_NULL) {
			check_value(f, &v);
			cs_field_breaks(f, &v, a, &what);
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cs_str all = {(const char *)data, size}, text, cell;
	struct cs_arena run = {0}, one = {0};
	struct cs_diags diags = {0};
	struct cs_schema s;

	if (size == 0 || size > MAX_INPUT)
		return 0;
	cs_str_next(&all, '\f', &text);
	cs_schema_parse(&s, text, "fuzz", &run, &diags);
	for (size_t i = 0; i < diags.n; i++)
		must(diags.v[i].text != NULL && diags.v[i].text[0] != '\0' &&
			 diags.v[i].at.line > 0,
		    "a fault without words or place");
	while (diags.errors == 0 && cs_str_next(&all, '\n', &cell)) {
		/* Readers give valid UTF-8 without NUL only. */
		if (cs_utf8_valid(cell) != cell.n ||
		    cs_str_chr(cell, '\0') != NULL)
			continue;
		check_cell(&s, &one, cell);
		cs_arena_reset(&one);
	}
	cs_schema_free(&s);
	cs_diags_free(&diags);
	cs_arena_free(&one);
	cs_arena_free(&run);
	return 0;
}
