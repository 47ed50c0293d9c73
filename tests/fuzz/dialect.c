/* dialect: any bytes as an export of which nothing is known
 *
 * The first line says what is known: d and a delimiter, q and a quote, t (the
 * header is the first record), c (the sample is cut off). */
#include "dialect.h"
#include "fuzz.h"
#include "json.h"
#include "reader.h"
#include "text.h"

const unsigned fuzz_each = 300;

enum { MAX_INPUT = 4096 };

static void
set_conf(struct cs_str how, struct cs_dialect_conf *conf, bool *is_all)
{
	*conf = (struct cs_dialect_conf){0};
	*is_all = true;
	for (size_t i = 0; i < how.n; i++) {
		int next = i + 1 < how.n ? (unsigned char)how.p[i + 1] : 0;

		if (how.p[i] == 't')
			conf->is_top = true;
		else if (how.p[i] == 'c')
			*is_all = false;
		else if (how.p[i] == 'd' && next > ' ' && next < 0x7f)
			conf->delimiter = next;
		else if (how.p[i] == 'q' && next > ' ' && next < 0x7f)
			conf->quote = next;
	}
	if (conf->delimiter == conf->quote)
		conf->quote = 0;
	if (conf->delimiter == '"' || conf->delimiter == '\'')
		conf->delimiter = 0;
}

static size_t
count_lines(struct cs_str s)
{
	size_t n = 1;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '\n';
	return n;
}

static void
check(struct cs_str s, bool is_all, const struct cs_dialect_conf *conf)
{
	struct cs_dialect d, again;

	cs_dialect_find(s, is_all, conf, &d);
	cs_dialect_find(s, is_all, conf, &again);
	must(d.delimiter == again.delimiter && d.quote == again.quote &&
		 d.records == again.records && d.width == again.width &&
		 d.titles == again.titles && d.is_headless == again.is_headless,
	    "two answers for the same bytes");
	must(conf->delimiter != 0 ? d.delimiter == conf->delimiter
				  : strchr(",;\t|", d.delimiter) != NULL,
	    "delimiter %d", d.delimiter);
	must(conf->quote != 0 ? d.quote == conf->quote
			      : d.quote == '"' || d.quote == '\'',
	    "quote %d", d.quote);
	must(d.titles < count_lines(s), "%zu titles of %zu lines", d.titles,
	    count_lines(s));
	must(d.titles == 0 || !(d.is_headless || conf->is_top),
	    "titles above no header");
	must(d.records > 0 || (d.titles == 0 && !d.is_headless),
	    "something found in nothing");
}

/* As cs-ingest opens it: encoding, titles, header, the report, records. */
static void
open_all(struct cs_str s)
{
	struct cs_reader_conf conf = {.decode = true,
	    .trim_surplus = true,
	    .unites = true,
	    .rename_duplicates = true};
	struct cs_header head = {0};
	struct cs_err err = {0};
	struct cs_reader *r =
	    cs_reader_open(cs_in_memory("fuzz", s), &conf, &head, &err);
	struct cs_dialect_report report;
	struct cs_arena one = {0};
	struct cs_rec rec = {.arena = &one};
	struct cs_refused no;
	struct cs_buf b = {0};
	enum cs_read got = CS_READ;

	if (r == NULL)
		must(err.exit != 0 && err.text[0] != '\0', "no reason");
	else {
		cs_reader_report(r, &report);
		cs_dialect_json(&b, &report);
		must(cs_json_check(cs_buf_get(&b), NULL, NULL),
		    "the report is no JSON: %s", cs_buf_z(&b));
	}
	while (r != NULL && !cs_reader_is_empty(r) &&
	       (got == CS_READ || got == CS_READ_REFUSED)) {
		cs_arena_reset(&one);
		got = cs_reader_next(r, &rec, &no, &err);
		must(got != CS_READ || rec.form == CS_FORM_JSONL ||
			 rec.n == cs_header_n(&head),
		    "a record of %zu cells", rec.n);
		must(got != CS_READ || cs_utf8_valid(rec.raw) == rec.raw.n,
		    "a record that is not UTF-8");
		must(got != CS_READ_REFUSED || no.text[0] != '\0',
		    "refused without words");
	}
	cs_reader_close(r);
	cs_header_free(&head);
	cs_arena_free(&one);
	cs_buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cs_str rest = {(const char *)data, size}, how;
	struct cs_dialect_conf conf;
	bool is_all;

	if (size > MAX_INPUT || !cs_str_next(&rest, '\n', &how))
		return 0;
	if (rest.p == NULL)
		rest = CS_S("");
	set_conf(how, &conf, &is_all);
	check(rest, is_all, &conf);
	open_all(rest);
	return 0;
}
