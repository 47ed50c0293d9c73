/* JSON values one behind the other, from an input. */
#include "json_stream.h"
#include "tap.h"

/* All values joined with "|", "line:" before each; the fault at the end. */
static struct cs_str
values(struct cs_buf *b, struct cs_str bytes, const char *name)
{
	struct cs_json_stream s = {.in = cs_in_memory(name, bytes)};
	struct cs_err err = {0};
	struct cs_str v;
	enum cs_got got;

	cs_buf_reset(b);
	while ((got = cs_json_stream_next(&s, &v, &err)) == CS_GOT)
		cs_buf_printf(b, "%s%zu:%.*s", b->n ? "|" : "", s.line,
		    v.n > 20 ? 20 : (int)v.n, v.p);
	if (got == CS_FAILED)
		cs_buf_printf(
		    b, "%s!%d %s", b->n ? "|" : "", err.exit, err.text);
	cs_in_close(s.in);
	return cs_buf_get(b);
}

static void
test_small(void)
{
	static const struct {
		const char *bytes, *want;
	} v[] = {
	    {"", ""},
	    {" \n\t\r\n", ""},
	    {"1", "1:1"},
	    {"1 2\n\n3", "1:1|1:2|3:3"},
	    {"[1][2]{}\"a\"null", "1:[1]|1:[2]|1:{}|1:\"a\"|1:null"},
	    {"\xef\xbb\xbf{\"a\":\n1} 2", "1:{\"a\":\n1}|2:2"},
	    {"1\n01", "1:1|!1 m:2: not JSON: a number has a leading zero"},
	    {"[1,\n2", "!1 m:2: not JSON: a comma or ] is expected"},
	    {"true false tru", "1:true|1:false|!1 m:1: not JSON: "
			       "a value is expected"},
	};
	struct cs_buf b = {0};

	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++) {
		char name[32];

		snprintf(name, sizeof(name), "input %zu", i);
		is_str(values(&b, cs_str(v[i].bytes), "m"), v[i].want, name);
	}
	cs_buf_free(&b);
}

/* Values that lie across what one look shows. */
static void
test_borders(void)
{
	struct cs_buf bytes = {0}, b = {0};
	bool well = true;

	for (size_t pad = 65530; pad < 65540; pad++) {
		struct cs_str got;

		cs_buf_reset(&bytes);
		memset(cs_buf_room(&bytes, pad), ' ', pad);
		bytes.n += pad;
		cs_buf_puts(&bytes, "12345 [6]7");
		got = values(&b, cs_buf_get(&bytes), "m");
		well = well && cs_str_is(got, "1:12345|1:[6]|1:7");
		/* A number as long as the look. */
		memset(bytes.p, '1', pad);
		bytes.n = pad;
		got = values(&b, cs_buf_get(&bytes), "m");
		well = well && cs_str_is(got, "1:11111111111111111111");
	}
	ok(well, "values across a border");
	cs_buf_free(&bytes);
	cs_buf_free(&b);
}

static void
test_limit(void)
{
	struct cs_buf bytes = {0}, b = {0};

	memset(cs_buf_room(&bytes, CS_MAX_RECORD + 1), 'x', CS_MAX_RECORD + 1);
	bytes.p[0] = bytes.p[CS_MAX_RECORD - 1] = '"';
	bytes.n = CS_MAX_RECORD;
	is_str(values(&b, cs_buf_get(&bytes), "m"), "1:\"xxxxxxxxxxxxxxxxxxx",
	    "a value of 64 MiB");
	bytes.p[CS_MAX_RECORD - 1] = 'x';
	bytes.p[CS_MAX_RECORD] = '"';
	bytes.n = CS_MAX_RECORD + 1;
	is_str(values(&b, cs_buf_get(&bytes), "m"),
	    "!3 m:1: a JSON value has more than 67108864 bytes",
	    "one byte more");
	cs_buf_free(&bytes);
	cs_buf_free(&b);
}

int
main(void)
{
	test_small();
	test_borders();
	test_limit();
	return done();
}
