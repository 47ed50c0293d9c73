/* rec: the header of a run, and the values of one record */
#include "rec.h"
#include "tap.h"

static void
forms(void)
{
	enum cs_form f = CS_FORM_AUTO;

	ok(cs_form_parse("jsonl", &f) && f == CS_FORM_JSONL, "jsonl");
	ok(cs_form_parse("excel", &f) && f == CS_FORM_EXCEL, "excel");
	ok(!cs_form_parse("out.csv", &f), "out.csv is no form");
	is_str(cs_str(cs_form_name(CS_FORM_TSV)), "tsv", "name of tsv");
}

static void
header(void)
{
	struct cs_header h = {0};
	struct cs_err err = {0};
	size_t col = 0;

	ok(cs_header_add(&h, CS_S("id")) == 0, "first column");
	ok(cs_header_add(&h, CS_S("max_pv")) == 1, "second");
	ok(cs_header_add(&h, CS_S("id")) == 0, "known ones keep their place");
	for (int i = 0; i < 100; i++) {
		char z[16];

		snprintf(z, sizeof(z), "x%d", i);
		cs_header_add(&h, cs_str(z));
	}
	cs_header_set_type(&h, 101, CS_TYPE_TEXT);
	ok(cs_header_n(&h) == 102 && h.type[101] == CS_TYPE_TEXT &&
		h.type[100] == CS_TYPE_ANY,
	    "it grows");
	is_str(cs_header_name(&h, 1), "max_pv", "name by column");
	ok(cs_header_find(&h, CS_S("max_pv")) == 1, "found");
	ok(cs_header_find(&h, CS_S("max-pv")) == CS_NO_COLUMN, "not found");
	ok(cs_header_need(&h, CS_S("id"), &col, "--id", &err) && col == 0,
	    "needed and there");
	ok(!cs_header_need(&h, CS_S("max_pw"), &col, "--id", &err) &&
		err.exit == CS_USAGE,
	    "needed and not there");
	is_str(cs_str(err.text),
	    "unknown column \"max_pw\" in --id (did you mean \"max_pv\"?)",
	    "a near name");
	ok(!cs_header_need(&h, CS_S("zzzzzzzz"), &col, "--id", &err),
	    "nothing near");
	is_str(cs_str(err.text),
	    "unknown column \"zzzzzzzz\" in --id (the columns are id, max_pv, "
	    "x0, x1, x2, x3, x4, x5 and 94 more)",
	    "the first few names");
	h.is_open = true;
	ok(cs_header_need(&h, CS_S("zzzzzzzz"), &col, "--id", &err) &&
		col == 102,
	    "an open header takes every name");
	cs_header_free(&h);
}

static void
record(void)
{
	struct cs_header h = {0};
	struct cs_arena a = {0};
	struct cs_str cell[] = {CS_S("007"), CS_S("12"), CS_S(""), CS_S("x")};
	struct cs_val val[4];
	unsigned char touched[4] = {0};
	struct cs_rec r = {.head = &h,
	    .form = CS_FORM_CSV,
	    .cell = cell,
	    .n = 4,
	    .arena = &a,
	    .val = val,
	    .touched = touched};

	for (int i = 0; i < 5; i++) {
		char z[2] = {(char)('a' + i), '\0'};

		cs_header_add(&h, cs_str(z));
	}
	cs_header_set_type(&h, 3, CS_TYPE_NUMBER);
	ok(cs_rec_val(&r, 0).kind == CS_TEXT, "007 is text");
	ok(cs_rec_val(&r, 1).kind == CS_NUM, "12 is a number");
	is_str(cs_rec_text(&r, 1), "12", "its text");
	ok(cs_rec_val(&r, 2).kind == CS_NULL, "empty is null");
	ok(cs_rec_text(&r, 2).p != NULL, "its text is empty, not absent");
	ok(cs_rec_val(&r, 3).kind == CS_NULL && h.misfits[3] == 1,
	    "a misfit is null and counted");
	cs_rec_val(&r, 3);
	ok(h.misfits[3] == 1, "counted once");
	ok(cs_rec_val(&r, 4).kind == CS_NULL && cs_rec_text(&r, 4).p == NULL,
	    "a column behind the cells is absent");
	cell[0] = CS_S("\"a\\nb\"");
	cell[1] = CS_S("12.0");
	cell[2] = CS_S("null");
	cell[3] = (struct cs_str){0};
	memset(touched, 0, sizeof(touched));
	r.form = CS_FORM_JSONL;
	is_str(cs_rec_text(&r, 0), "a\nb", "a JSON string is unescaped");
	is_str(cs_rec_text(&r, 1), "12.0", "a JSON number is its text");
	ok(cs_rec_text(&r, 2).p == NULL, "null is absent");
	ok(cs_rec_text(&r, 3).p == NULL, "absent is absent");
	ok(cs_rec_val(&r, 0).kind == CS_TEXT, "text");
	ok(cs_rec_val(&r, 3).kind == CS_NULL && h.misfits[3] == 1,
	    "absent fits every type");
	cs_header_free(&h);
	cs_arena_free(&a);
}

int
main(void)
{
	forms();
	header();
	record();
	return done();
}
