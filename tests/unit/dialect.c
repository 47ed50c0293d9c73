/* Delimiter, quote, titles and header from a sample: lib/dialect */
#include "dialect.h"
#include "tap.h"

static struct cs_dialect
find(const char *text, bool is_all, bool is_top)
{
	struct cs_dialect_conf conf = {.is_top = is_top};
	struct cs_dialect d;

	cs_dialect_find(cs_str(text), is_all, &conf, &d);
	return d;
}

static void
delimiters(void)
{
	static const struct {
		const char *text;
		int delimiter;
		size_t width;
	} t[] = {
	    {"", ',', 0},
	    {"\n\r\n", ',', 0},
	    {"one\n1\n", ',', 1},
	    {"a,b\n1,2\n", ',', 2},
	    {"a;b\n1,5;2,5\n", ';', 2},
	    {"a\tb,c\n1\t2,3\n", ',', 2},
	    {"a|b|c\n1|2|3", '|', 3},
	    {"\"a;b;c\",d\n\"x;y\",1\n", ',', 2},
	    {"note\na; b\nc; d\ne; f\n", ',', 1},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		struct cs_dialect d = find(t[i].text, true, false);

		ok(d.delimiter == t[i].delimiter && d.width == t[i].width &&
			d.quote == '"',
		    "delimiter of sample %zu: %c, %zu cells", i, d.delimiter,
		    d.width);
	}
}

static void
titles(void)
{
	struct cs_dialect d;

	d = find("T\nid,n\na,1\nb,2\n", true, false);
	ok(d.titles == 1 && d.width == 2 && d.records == 4, "one title line");
	d = find("T\nid,n\na,1\nb,2\n", true, true);
	ok(d.titles == 0 && d.width == 1, "is_top: it is the header");
	d = find("\n\"T\nU\"\n\nid,n\na,1\nb,2\n", true, false);
	ok(d.titles == 4, "a title over two lines, blank lines around it");
	d = find("T\nid,n\na,1\n", true, false);
	ok(d.titles == 0, "one record is too few");
	d = find("T\nid,n\na,1\nb,2,3\nc,3\n", true, false);
	ok(d.titles == 0, "a row of another width below");
	d = find("T\nid,n\na,1,\nb,2\n", true, false);
	ok(d.titles == 1, "but for surplus empty cells");
	d = find("T\nid,n\na,1\nb,2\nc,3,4", false, false);
	ok(d.titles == 1, "a row cut off by the sample says nothing");
	d = find("T\nid,n\na,1\nb,2\nc,3,4", true, false);
	ok(d.titles == 0, "the same at the end says something");
	d = find("T\nid,id\na,1\nb,2\n", true, false);
	ok(d.titles == 0, "names must differ");
	d = find("T\nid,5\na,1\nb,2\n", true, false);
	ok(d.titles == 0, "names are no figures");
	d = find("T,\n,\nid,n\na,x\nb,y\n", true, false);
	ok(d.titles == 2, "filled up to two cells with an empty row");
	d = find("T,\nid,n\na,x\nb,y\n", true, false);
	ok(d.titles == 0, "without it a name may be missing");
	d = find("a,b\nT,\nid,n\na,x\n", true, false);
	ok(d.titles == 0, "a full first row is the header");
}

static void
header_lines(void)
{
	struct cs_dialect d;

	d = find("T,,,\na,b,,\n,d,e,f\nx,y,1,2\nx,y,3,4\n", true, false);
	ok(d.has_two_lines && d.titles == 1 && d.width == 4 && !d.is_headless,
	    "two lines below a title");
	d = find("a,b,,\n,d,e,f\nx,y,1,2\nx,y,3,4\n", true, true);
	ok(!d.has_two_lines && d.width == 4, "is_top: one line");
	d = find(
	    "a,,,b,,\nx,y,z,x,y,z\n1,2,3,4,5,6\n1,2,3,4,5,6\n", true, false);
	ok(d.has_two_lines, "the same names below each");
	d = find("a,,,b,\nx,y,z,x,y\n1,2,3,4,5\n1,2,3,4,5\n", true, false);
	ok(!d.has_two_lines, "fewer below the last");
	d = find("a,,b,\nx,y,x,y\n1,2,3,4\n5,6,7,8\n1,2", false, false);
	ok(d.has_two_lines, "a row cut off by the sample says nothing");
	d = find(",a,,b\nx,y,z,w\n1,2,3,4\n5,6,7,8\n", true, false);
	ok(!d.has_two_lines, "the first name is missing");
	d = find("T,,\nid,n,m\na,b,c\n", true, false);
	ok(d.titles == 1, "one record below names, line 1 cannot be a header");
}

static void
unnamed(void)
{
	static const struct {
		const char *text;
		size_t place;
	} t[] = {
	    {"\"x\"\n\"r\",\"1\"\n\"s\",\"2\"\n", 1},
	    {"\"x\",\"y\"\n\"r\",\"1\",\"\"\n\"s\",\"1\",\"2\"\n", 1},
	    {"\"x\"\n\"r\",\"1\"\n\"r\",\"2\"\n", 0},
	    {"\"x\",\"y\"\n\"r\",\"1\",\" \"\n", 3},
	    {"\"x\",\"y\"\n\"r\",\"1\",\"\"\n", 0},
	    {"\"x\",\"y\"\n\"r\",\"1\",\"2\"\n", 0},
	    {"\"x\",\"y\"\n\"r\",\"1\",2\n\"s\",\"1\",2\n", 0},
	    {"x,y\n\"r\",\"1\",\"2\"\n\"s\",\"1\",\"2\"\n", 0},
	    {"\"x\",\"y\"\n", 0},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		struct cs_dialect d = find(t[i].text, true, false);

		ok(d.unnamed == t[i].place, "unnamed column of sample %zu: %zu",
		    i, d.unnamed);
	}
	ok(find(t[0].text, true, true).unnamed == 0, "is_top: none");
}

static void
headers(void)
{
	static const struct {
		const char *text;
		bool is_headless;
	} t[] = {
	    {"0.5,1\n2,3\n4,5\n", true},
	    {"0.5,1\n2,3\n", false},
	    {"0,0\n2,3\n4,5\n", true},
	    {"1,2\n3,4\n5,6\n", false},
	    {"2020,2019\n3,4\n5,6\n", true},
	    {"a,1,1\nb,3,4\nc,5,6\n", true},
	    {"a,1,2\nb,3,4\nc,5,6\n", false},
	    {"2020-01-01,x\n2020-01-02,y\n2020-01-03,z\n", false},
	    {"7,3\nx,y\nz,w\n", false},
	    {"5\n6.5\n7\n", false},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		struct cs_dialect d = find(t[i].text, true, false);

		ok(d.is_headless == t[i].is_headless && d.titles == 0,
		    "header of sample %zu: %s", i,
		    d.is_headless ? "none" : "there");
	}
}

static void
quotes(void)
{
	struct cs_dialect_conf conf = {.quote = '"'};
	struct cs_dialect d;
	const char *text = "a,b\n'x,1','y'\n'z','w'\n";

	ok(find(text, true, false).quote == '\'', "an apostrophe");
	cs_dialect_find(cs_str(text), true, &conf, &d);
	ok(d.quote == '"', "unless it was said");
	ok(find("a,b\n'x','y'\n'z','w'\n", true, false).quote == '"',
	    "both fit: the double quote");
	ok(find("a,b\n\"q\",'y,z'\n'z,','w'\n", true, false).quote == '"',
	    "double quotes are there");
	conf = (struct cs_dialect_conf){.delimiter = '\''};
	cs_dialect_find(cs_str("a'b\n1'2\n"), true, &conf, &d);
	ok(d.delimiter == '\'' && d.quote == '"' && d.width == 2,
	    "an apostrophe that is the delimiter");
}

/* Any bytes, cut anywhere: no fault under the sanitizers, and an answer. */
static void
noise(void)
{
	static const char sign[] = "a1,;\t|\"'\r\n \xe3\x81\x82";
	unsigned seed = 7, bad = 0;
	char text[64];

	for (size_t i = 0; i < 20000; i++) {
		struct cs_dialect_conf conf = {.is_top = i % 5 == 0};
		struct cs_dialect d;
		size_t n = i % sizeof(text);

		for (size_t k = 0; k < n; k++) {
			seed = seed * 1103515245u + 12345u;
			text[k] = sign[(seed >> 16) % (sizeof(sign) - 1)];
		}
		cs_dialect_find(
		    (struct cs_str){text, n}, i % 2 == 0, &conf, &d);
		bad += d.delimiter == 0 || d.quote == 0 ||
		       (d.records > 0) != (d.width > 0) ||
		       (d.titles > 0 && d.records < 3);
	}
	ok(bad == 0, "20,000 samples of noise have an answer");
}

int
main(void)
{
	delimiters();
	titles();
	header_lines();
	unnamed();
	headers();
	quotes();
	noise();
	return done();
}
