/* table: summaries in every form */
#include <unistd.h>

#include "table.h"
#include "tap.h"

static void
print(const struct cs_table *t, enum cs_form form, const char *want,
    const char *what)
{
	char path[] = "/tmp/table-XXXXXX", got[2048];
	int fd = mkstemp(path);
	struct cs_err err = {0};
	struct cs_out *out = cs_out_create(path, &err);
	ssize_t n;

	ok(cs_table_print(t, form, out, &err), "printed: %s", what);
	cs_out_close(out, &err);
	n = read(fd, got, sizeof(got));
	close(fd);
	unlink(path);
	is_str((struct cs_str){got, n < 0 ? 0 : (size_t)n}, want, what);
}

static void
forms(void)
{
	const char *const name[] = {"segment", "count", "share"};
	struct cs_table *t = cs_table_new(name, 3);
	struct cs_val v[] = {cs_val_text(CS_S("\xe4\xb8\x8a\xe4\xbd\x8d")),
	    cs_val_num(1200), cs_val_num(1.0 / 3)};

	print(t, CS_FORM_CSV, "segment,count,share\n", "no rows, CSV");
	print(t, CS_FORM_TABLE, "segment  count  share\n", "no rows, table");
	print(t, CS_FORM_JSONL, "", "no rows, JSON lines");
	cs_table_row(t, v);
	v[0] = cs_val_text(CS_S("a,\n\"b"));
	v[1] = cs_val_num(7);
	v[2] = cs_val_null();
	cs_table_row(t, v);
	v[0] = cs_val_text(CS_S("=x"));
	cs_table_row(t, v);
	ok(cs_table_rows(t) == 3, "three rows");
	print(t, CS_FORM_CSV,
	    "segment,count,share\n\xe4\xb8\x8a\xe4\xbd\x8d,1200,0.333333\n"
	    "\"a,\n\"\"b\",7,\n=x,7,\n",
	    "CSV");
	print(t, CS_FORM_TSV,
	    "segment\tcount\tshare\n\xe4\xb8\x8a\xe4\xbd\x8d\t1200\t0.333333\n"
	    "\"a,\n\"\"b\"\t7\t\n=x\t7\t\n",
	    "TSV");
	print(t, CS_FORM_EXCEL,
	    "\xef\xbb\xbfsegment,count,share\r\n"
	    "\xe4\xb8\x8a\xe4\xbd\x8d,1200,0.333333\r\n"
	    "\"a,\n\"\"b\",7,\r\n'=x,7,\r\n",
	    "excel");
	print(t, CS_FORM_JSONL,
	    "{\"segment\":\"\xe4\xb8\x8a\xe4\xbd\x8d\",\"count\":1200,"
	    "\"share\":0.333333}\n"
	    "{\"segment\":\"a,\\n\\\"b\",\"count\":7,\"share\":null}\n"
	    "{\"segment\":\"=x\",\"count\":7,\"share\":null}\n",
	    "JSON lines");
	print(t, CS_FORM_TABLE,
	    "segment  count     share\n"
	    "\xe4\xb8\x8a\xe4\xbd\x8d      1200  0.333333\n"
	    "a,\\n\"b       7\n=x           7\n",
	    "table");
	cs_table_free(t);
}

static void
more_columns(void)
{
	const char *const name[] = {"n"};
	struct cs_table *t = cs_table_new(name, 1);
	struct cs_val v[2] = {0};

	v[0] =
	    (struct cs_val){.kind = CS_NUM, .num = 1.5, .text = CS_S("1.50")};
	cs_table_row(t, v);
	v[0] = cs_val_null();
	cs_table_row(t, v);
	print(t, CS_FORM_CSV, "n\n1.50\n\"\"\n",
	    "a written number stays, a lone empty cell shows");
	cs_table_free(t);
	t = cs_table_new(name, 1);
	cs_table_column(t, CS_S("x\ty"));
	v[0] = cs_val_bool(true);
	cs_table_row(t, v);
	print(t, CS_FORM_TABLE, "n     x\\ty\ntrue\n", "a name is escaped");
	print(t, CS_FORM_JSONL, "{\"n\":true,\"x\\ty\":null}\n", "in JSON");
	cs_table_free(t);
}

static void
formulas(void)
{
	static const char *const yes[] = {"=1", "+81-3", "-x", "@a", "\tx",
	    "\rx",
	    "\xef\xbc\x9d"
	    "1",
	    "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0", "-1,000", "+5",
	    "--5"};
	static const char *const no[] = {"", "a=1", "-5", "-1.5e3", " =1",
	    "2026-01-01", "-12345678901234567890", "'=1"};

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		ok(cs_is_formula(cs_str(yes[i])), "formula %d", (int)i);
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		ok(!cs_is_formula(cs_str(no[i])), "no formula %d", (int)i);
}

int
main(void)
{
	forms();
	more_columns();
	formulas();
	return done();
}
