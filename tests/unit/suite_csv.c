/* csv-spectrum and csv-test-data through the reader, against their JSON */
#include "json_ref.h"
#include "reader.h"
#include "suite.h"
#include "text.h"

/* One record as a JSON object, or as an array when there is no header. */
static void
put_record(struct cs_buf *b, const struct cs_rec *rec, bool is_object)
{
	cs_buf_putc(b, is_object ? '{' : '[');
	for (size_t i = 0; i < rec->n; i++) {
		if (i > 0)
			cs_buf_putc(b, ',');
		if (is_object) {
			cs_text_json(b, cs_header_name(rec->head, i));
			cs_buf_putc(b, ':');
		}
		cs_text_json(b, cs_rec_cell(rec, i));
	}
	cs_buf_putc(b, is_object ? '}' : ']');
}

/* Reads a whole file; returns how many records were refused. */
static uint64_t
read_csv(const char *path, bool has_header, struct cs_buf *b)
{
	struct cs_err err = {0};
	struct cs_header head = {0};
	struct cs_arena a = {0};
	struct cs_rec rec = {.arena = &a};
	struct cs_refused f;
	struct cs_reader_conf conf = {.no_header = !has_header};
	struct cs_in *in = cs_in_open(path, &err);
	struct cs_reader *r =
	    in ? cs_reader_open(in, &conf, &head, &err) : NULL;
	uint64_t refused = UINT64_MAX;
	enum cs_read got;

	cs_buf_putc(b, '[');
	while (r != NULL &&
	       (got = cs_reader_next(r, &rec, &f, &err)) <= CS_READ_REFUSED) {
		if (got == CS_READ_REFUSED)
			continue;
		if (b->n > 1)
			cs_buf_putc(b, ',');
		put_record(b, &rec, has_header);
		cs_arena_reset(&a);
	}
	cs_buf_putc(b, ']');
	if (r != NULL)
		refused = cs_reader_stats(r)->refused;
	cs_reader_close(r);
	cs_header_free(&head);
	cs_arena_free(&a);
	return refused;
}

/* Is what was read what the suite's JSON says? */
static bool
is_same(struct suite *s, struct cs_str got, struct cs_str want)
{
	struct cs_buf a = {0}, b = {0};
	bool same = cs_json_ref_compact(got, true, &a) &&
		    cs_json_ref_compact(want, true, &b) &&
		    cs_str_eq(cs_buf_get(&a), cs_buf_get(&b));

	(void)s;
	if (!same)
		printf("# got:  %s\n# want: %s\n", cs_buf_z(&a), cs_buf_z(&b));
	cs_buf_free(&a);
	cs_buf_free(&b);
	return same;
}

static void
one(struct suite *s, const char *suite, const char *folder, const char *name,
    bool has_header)
{
	const char *id = cs_arena_printf(&s->arena, "%s/%s", suite, name);
	const char *root = suite_folder(s, suite);
	size_t stem = strlen(name) - 4; /* .csv */
	struct cs_str want;
	struct cs_buf got = {0};
	uint64_t refused;

	refused =
	    read_csv(cs_arena_printf(&s->arena, "%s/%s/%s", root, folder, name),
		has_header, &got);
	/* bad-* break RFC 4180: a record must be refused. */
	if (strncmp(name, "bad-", 4) == 0)
		suite_case(s, id, refused == 1);
	else {
		want = suite_read(
		    &s->arena, cs_arena_printf(&s->arena, "%s/json/%.*s.json",
				   root, (int)stem, name));
		if (want.p == NULL)
			ok(refused == 0, "%s: no JSON, nothing refused", id);
		else
			suite_case(s, id,
			    refused == 0 && is_same(s, cs_buf_get(&got), want));
	}
	cs_buf_free(&got);
}

static void
all(struct suite *s, const char *suite, const char *folder, bool has_header,
    size_t want)
{
	const char *root = suite_folder(s, suite);
	struct dirent **names;
	size_t n, seen = 0;

	if (root == NULL)
		return;
	n = suite_names(
	    cs_arena_printf(&s->arena, "%s/%s", root, folder), &names);
	for (size_t i = 0; i < n; i++) {
		if (strstr(names[i]->d_name, ".csv") != NULL) {
			one(s, suite, folder, names[i]->d_name, has_header);
			seen++;
		}
		free(names[i]);
	}
	free(names);
	ok(seen == want, "%s: %zu files of %zu", suite, seen, want);
}

int
main(void)
{
	struct suite s = {0};

	if (!suite_begin(&s, "tests/suites/csv-deviations.txt"))
		return done();
	if (suite_folder(&s, "csv-spectrum") == NULL ||
	    suite_folder(&s, "csv-test-data") == NULL) {
		skip("csv-spectrum, csv-test-data",
		    "the shared suites are not here");
		cs_arena_free(&s.arena);
		return done();
	}
	all(&s, "csv-spectrum", "csvs", true, 11);
	all(&s, "csv-test-data", "csv", false, 13);
	return suite_done(&s);
}
