/* JSONTestSuite: what must be taken is taken, what must not is not */
#include "json.h"
#include "json_ref.h"
#include "json_scan.h"
#include "suite.h"

/* Our check first, then libjq's parser: the way every JSON text goes. */
static bool
is_taken(struct cs_str s)
{
	return cs_json_check(s, NULL, NULL) && cs_json_ref_check(s);
}

/* The scanner takes the objects among them, whatever it is compiled for. */
static bool
is_scanned_alike(struct cs_str s, bool taken)
{
	struct cs_json_members m = {0};
	bool want = taken && cs_json_kind(s) == CS_JSON_OBJECT;
	bool good = cs_json_scan(CS_JSON_WORDS, s, &m) == want &&
		    cs_json_scan(CS_JSON_SSE2, s, &m) == want;

	cs_json_members_free(&m);
	return good;
}

/* A checked text can be walked and printed without reading past its end. */
static void
walk(struct cs_str s)
{
	struct cs_arena a = {0};
	struct cs_buf b = {0};
	struct cs_str key, value;
	enum cs_json_kind kind = cs_json_kind(s);
	size_t pos = 0;

	if (kind == CS_JSON_OBJECT || kind == CS_JSON_ARRAY)
		while (cs_json_next(s, &pos, &key, &value)) {
			if (key.p != NULL)
				cs_json_text(&a, key);
			if (cs_json_kind(value) == CS_JSON_STRING)
				cs_json_text(&a, value);
		}
	ok(cs_json_ref_compact(s, true, &b), "and printed by libjq");
	cs_buf_free(&b);
	cs_arena_free(&a);
}

/* The text in memory of just its size, so that a sanitizer sees a read behind
 * it. */
static void
one(struct suite *s, const char *folder, const char *file)
{
	struct cs_str text = suite_read(
	    &s->arena, cs_arena_printf(&s->arena, "%s/%s", folder, file));
	char *exact = cs_calloc(text.n, 1);
	bool taken;

	if (text.n > 0)
		memcpy(exact, text.p, text.n);
	text.p = exact;
	taken = is_taken(text);
	if (file[0] == 'y' && file[1] == '_')
		suite_case(s, file, taken);
	else if (file[0] == 'n' && file[1] == '_')
		suite_case(s, file, !taken);
	else
		ok(true, "%s: %s", file, taken ? "taken" : "refused");
	ok(is_scanned_alike(text, taken), "%s: the scanner agrees", file);
	if (taken)
		walk(text);
	free(exact);
}

static void
all(struct suite *s, const char *folder, size_t want)
{
	struct dirent **names;
	size_t n = suite_names(folder, &names), seen = 0;

	for (size_t i = 0; i < n; i++) {
		if (strstr(names[i]->d_name, ".json") != NULL) {
			one(s, folder, names[i]->d_name);
			seen++;
		}
		free(names[i]);
	}
	free(names);
	ok(seen == want, "%zu texts of %zu", seen, want);
}

int
main(void)
{
	struct suite s = {0};
	const char *parsing, *transform;

	if (!suite_begin(&s, "tests/suites/json-deviations.txt"))
		return done();
	parsing = suite_folder(&s, "json-testsuite/test_parsing");
	transform = suite_folder(&s, "json-testsuite/test_transform");
	if (parsing == NULL || transform == NULL) {
		skip("JSONTestSuite", "the shared suites are not here");
		cs_arena_free(&s.arena);
		return done();
	}
	all(&s, parsing, 160);
	all(&s, transform, 11);
	return suite_done(&s);
}
