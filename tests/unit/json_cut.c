/* json_cut: where texts begin and end, whatever the layout and the pieces */
#include "json_cut.h"
#include "tap.h"

static bool
is_white(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void
show(struct cs_buf *b, const struct cs_json_cut *c, struct cs_str s)
{
	while (s.n > 0 && is_white(s.p[s.n - 1]))
		s.n--;
	cs_buf_printf(b, "%s%zu:%.*s%s", b->n > 0 ? " " : "", c->line,
	    CS_ARG(s), c->why != NULL ? "!" : "");
}

/* All texts of s, given in pieces that end at n bytes and at its end (step 0),
 * or of step bytes each. */
static struct cs_str
cut_at(struct cs_buf *b, struct cs_str s, size_t n, size_t step)
{
	struct cs_json_cut c = {0};
	struct cs_buf text = {0};
	size_t begin = 0, end = step > 0 ? step : n, from, used;

	cs_buf_reset(b);
	for (;; end = step > 0 ? end + step : s.n) {
		end = end < s.n ? end : s.n;
		while (begin < end) {
			struct cs_str rest = {s.p + begin, end - begin};
			bool is_text = cs_json_cut(&c, rest, &from, &used);

			cs_buf_add(&text, rest.p + from, used - from);
			begin += used;
			if (is_text) {
				show(b, &c, cs_buf_get(&text));
				cs_buf_reset(&text);
			}
		}
		if (end == s.n)
			break;
	}
	if (cs_json_cut_end(&c))
		show(b, &c, cs_buf_get(&text));
	if (c.is_array)
		cs_buf_printf(b, " [%zu", c.array_line);
	cs_buf_free(&text);
	cs_json_cut_free(&c);
	return cs_buf_get(b);
}

struct test {
	const char *s, *want;
};

static const struct test good[] = {
    {"", ""},
    {" \n\n", ""},
    {"{\"a\":1}\n{\"a\":2}\n", "1:{\"a\":1} 2:{\"a\":2}"},
    {"{}{} {}\n\n{}", "1:{} 1:{} 1:{} 3:{}"},
    {"{\n\"a\": {\n}\n}\n{}", "1:{\n\"a\": {\n}\n} 5:{}"},
    {"[]", ""},
    {"[ \n ]\n{}", "3:{}"},
    {"[{},{}]", "1:{} 1:{}"},
    {"[\n{},\n{}\n]\n[{}]\n", "2:{} 3:{} 5:{}"},
    {"[{}\n,{}\n]{}", "1:{} 2:{} 3:{}"},
    {"[{\"a\":[{},{}]},{}]", "1:{\"a\":[{},{}]} 1:{}"},
    /* What looks like structure, in texts. */
    {"[{\"a\":\"}],{\"},{\"a\\\"}\":\"\\\\\"}]",
	"1:{\"a\":\"}],{\"} 1:{\"a\\\"}\":\"\\\\\"}"},
    /* Lines that begin with { and go on. */
    {"{\"a\":\n{}}\n{\"a\":[\n{},\n{}]}",
	"1:{\"a\":\n{}} 3:{\"a\":[\n{},\n{}]}"},
    {"{\n\"a\": [\n{\n},\n{\n}\n]\n}\n{}",
	"1:{\n\"a\": [\n{\n},\n{\n}\n]\n} 9:{}"},
};

static const struct test bad[] = {
    /* No object: to the end of its line, or in an array of its place. */
    {"x\n{}\n\"a {\n{}", "1:x 2:{} 3:\"a { 4:{}"},
    {"[1]\n[1,\n{}", "1:[1] 2:[1, 3:{}"},
    {"[{},1,[{},2],\"a,]\",{}]", "1:{} 1:1 1:[{},2] 1:\"a,]\" 1:{}"},
    {"[{},x\n{},{}]", "1:{} 1:x 2:{} 2:{}"},
    /* What follows an object on its line. */
    {"{} x\n{},\n{}", "1:{} x 2:{}, 3:{}"},
    {"[{} x,{} {},{}]", "1:{} x 1:{} {} 1:{}"},
    /* Commas. */
    {"[{}\n{}]", "1:{} 2:{}!"},
    {"[{},]", "1:{} 1:]!"},
    {"[{},,{}]\n{}", "1:{} 1:,! 1:{} 2:{}"},
    {"[\n,{}]", "2:,! 2:{}"},
    /* A fault inside does not move the end. */
    {"{\"a\":1,}{01}\n{a:'}", "1:{\"a\":1,} 1:{01} 2:{a:'}"},
    /* Brackets that do not fit: up to the next line that is a record. */
    {"{\"a\":1\n{}\n{\"a\":[1\n{}\n{\"a\":{\n{}",
	"1:{\"a\":1 2:{} 3:{\"a\":[1 4:{} 5:{\"a\":{ 6:{}"},
    {"{\"a\":\n{}\n{}", "1:{\"a\":\n{} 3:{}"},
    {"[\n{\"a\":1,\n{},\n{\"b\":[2},\n{}]",
	"2:{\"a\":1, 3:{} 4:{\"b\":[2} 5:{}"},
    {"[{\"a\":{\"b\":1},{}]\n{}", "1:{\"a\":{\"b\":1},{} 2:{}"},
    {"[{\"a\":[1]]},{}]", "1:{\"a\":[1] 1:},{}]"},
    /* Deeper lines are its own, and so are items without indentation. */
    {" {\n  \"a\": [\n   {}\n   {}\n  ]\n }\n {}",
	"1:{\n  \"a\": [\n   {}\n   {}\n  ]\n } 7:{}"},
    {"{\n\"a\": [\n{\n}\n{\n}\n]\n}\n{}",
	"1:{\n\"a\": [\n{\n}\n{\n}\n]\n} 9:{}"},
    {"{\n\"a\": 1\n{\n}", "1:{\n\"a\": 1 3:{\n}"},
    /* A text in quotes ends with its line, whatever it ends in. */
    {"{\"a\":\"x:\n{}\n[{\"a\":\"[\n{}]",
	"1:{\"a\":\"x: 2:{} 3:{\"a\":\"[ 4:{}"},
    {"{\"a\":\"x\\\n{}", "1:{\"a\":\"x\\ 2:{}"},
    /* The end comes too early. */
    {"{\"a\":", "1:{\"a\":"},
    {"[{}", "1:{} [1"},
    {"{}\n[{\"a\":", "1:{} 2:{\"a\": [2"},
    {"[", " [1"},
    /* More closed than was open. */
    {"{}]\n]}\n{}", "1:{}] 2:]} 3:{}"},
};

/* Is the answer the same however it comes? A [ that may be an array is judged
 * by what stands behind it in the piece. */
static void
try_all(const struct test *v, size_t n, bool cuts)
{
	struct cs_buf b = {0}, again = {0};

	for (size_t i = 0; i < n; i++) {
		struct cs_str s = cs_str(v[i].s), got = cut_at(&b, s, s.n, 0);
		bool is_same = true;

		is_str(got, v[i].want, v[i].s);
		for (size_t at = 0; cuts && at <= s.n; at++)
			is_same =
			    is_same && cs_str_eq(got, cut_at(&again, s, at, 0));
		is_same = is_same &&
			  (!cuts || cs_str_eq(got, cut_at(&again, s, 0, 1)));
		ok(is_same, "the same in pieces");
	}
	cs_buf_free(&b);
	cs_buf_free(&again);
}

/* More brackets than are followed: memory stays what it is. */
static void
deep(void)
{
	struct cs_json_cut c = {0};
	struct cs_buf s = {0};
	size_t from, used;

	cs_buf_putc(&s, '{');
	memset(cs_buf_room(&s, 1 << 20), '[', 1 << 20);
	s.n += 1 << 20;
	ok(!cs_json_cut(&c, cs_buf_get(&s), &from, &used),
	    "a million brackets");
	ok(c.open.n == 64 << 10, "not all are kept");
	ok(cs_json_cut(&c, CS_S("1\n{}\n"), &from, &used) && used == 2,
	    "the next line is a record");
	cs_buf_free(&s);
	cs_json_cut_free(&c);
}

int
main(void)
{
	size_t n = sizeof(bad) / sizeof(*bad);

	try_all(good, sizeof(good) / sizeof(*good), true);
	try_all(bad, 1, true);
	try_all(bad + 1, 1, false);
	try_all(bad + 2, n - 2, true);
	deep();
	return done();
}
