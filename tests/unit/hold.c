/* hold: a record comes out as it was put in, from memory and from a file */
#include "hold.h"
#include "reader.h"
#include "tap.h"

/* All that can be asked of a record. */
static void
show(struct cs_buf *b, struct cs_rec *rec)
{
	cs_buf_printf(b, "%s:%zu %s<%.*s>", rec->file, rec->line,
	    cs_form_name(rec->form), CS_ARG(rec->raw));
	for (size_t i = 0; i < rec->eol.n; i++)
		cs_buf_printf(b, "%02x", rec->eol.p[i]);
	for (size_t i = 0; i < rec->n; i++) {
		struct cs_str cell = cs_rec_cell(rec, i);

		cs_buf_printf(b, "[%s%.*s", cell.p ? "" : "-", CS_ARG(cell));
		if (rec->form != CS_FORM_JSONL)
			cs_buf_printf(b, "|%.*s", CS_ARG(cs_rec_raw(rec, i)));
		cs_buf_putc(b, '|');
		cs_val_put_json(b, cs_rec_val(rec, i));
		cs_buf_putc(b, ']');
	}
	cs_buf_putc(b, '\n');
}

/* Reads, holds, and reads again; both must show the same. */
static void
round_trip(const char *what, const char *first, const char *second,
    size_t memory, enum cs_engine engine)
{
	const char *text[] = {first, second};
	struct cs_reader_conf conf = {.split = engine, .json = engine};
	struct cs_header head = {0};
	struct cs_hold *h = cs_hold_new(memory);
	struct cs_buf want = {0}, got = {0};
	struct cs_arena a = {0};
	struct cs_rec rec = {.arena = &a};
	struct cs_reader *r[2] = {NULL, NULL};
	struct cs_refused f;
	struct cs_err err = {0};
	struct cs_str note;
	uint64_t misfits;
	size_t n = 0, same = 0;

	for (size_t i = 0; i < 2 && text[i] != NULL; i++)
		r[i] = cs_reader_open(
		    cs_in_memory(i == 0 ? "one" : "two", cs_str(text[i])),
		    &conf, &head, &err);
	cs_header_add(&head, CS_S("id")); /* JSON lines have none yet */
	cs_header_set_type(
	    &head, cs_header_add(&head, CS_S("n")), CS_TYPE_NUMBER);
	for (size_t i = 0; i < 2 && r[i] != NULL; i++)
		while (cs_reader_next(r[i], &rec, &f, &err) == CS_READ) {
			show(&want, &rec);
			cs_hold_put(h, (struct cs_str){(char *)&n, sizeof(n)},
			    &rec, &err);
			cs_hold_put(h, CS_S("alone"), NULL, &err);
			n++;
			cs_arena_reset(&a);
		}
	misfits = head.misfits[1];
	while (cs_hold_next(h, &note, &rec, &err) == CS_GOT) {
		size_t i;

		if (cs_str_is(note, "alone"))
			continue;
		memcpy(&i, note.p, sizeof(i));
		same += i == same;
		show(&got, &rec);
	}
	ok(n > 0 && same == n, "%s: the notes of %zu records", what, n);
	ok(cs_str_eq(cs_buf_get(&want), cs_buf_get(&got)),
	    "%s: the records are the same", what);
	ok(head.misfits[1] == misfits, "%s: no misfit counts twice", what);
	ok(misfits > 0, "%s: and there are some", what);
	cs_hold_free(h);
	cs_reader_close(r[0]);
	if (r[1] != NULL)
		cs_reader_close(r[1]);
	cs_header_free(&head);
	cs_arena_free(&a);
	cs_buf_free(&want);
	cs_buf_free(&got);
}

int
main(void)
{
	static const char csv[] = "id,n,t\n1,2,x\r\n\"a \"\"b\"\"\",x,\"c,d\"\n"
				  ",,\n\"2\nlines\",5,y\n\"5\",\"6\",z";
	static const char other[] = "t;id;n\nx,y;1;\"2\"\n\"z;\";2;u\n";
	static const char json[] =
	    "{\"id\":1,\"n\":2}\n{ \"n\" : \"x\", \"id\":\"a\\n\","
	    "\"t\":[1, {\"b\":2}]}\r\n{}\n{\"id\":null,\"id\":5,\"n\":true}\n";

	for (size_t m = 0; m < 2; m++) {
		size_t memory = m == 0 ? 0 : CS_BACKLOG_MEMORY;

		round_trip("csv", csv, NULL, memory, CS_ENGINE_FAST);
		round_trip("csv by libcsv", csv, NULL, memory, CS_ENGINE_REF);
		round_trip("another order and delimiter", csv, other, memory,
		    CS_ENGINE_FAST);
		round_trip("JSON lines", json, NULL, memory, CS_ENGINE_FAST);
		round_trip(
		    "JSON lines by libjq", json, NULL, memory, CS_ENGINE_REF);
	}
	return done();
}
