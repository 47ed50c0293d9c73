/* Templates: lib/template */
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"
#include "template.h"
#include "text.h"

struct fixture {
	struct cs_arena run, one;
	struct cs_templates *set;
	struct cs_header head;
	struct cs_rec rec;
	struct cs_diags diags;
	struct cs_as_of as_of;
	char dir[64];
};

static void
fresh(struct fixture *f)
{
	cs_templates_free(f->set);
	cs_diags_free(&f->diags);
	cs_header_free(&f->head);
	f->head = (struct cs_header){0};
	f->diags = (struct cs_diags){0};
	f->set = cs_templates_new(f->dir);
}

/* A record of name, value, name, value ... (NULL at the end). */
static void
record(struct fixture *f, enum cs_form form, const char *const *v)
{
	size_t n = 0;

	f->head.is_open = form == CS_FORM_JSONL;
	f->rec =
	    (struct cs_rec){.head = &f->head, .form = form, .arena = &f->one};
	f->rec.cell = cs_arena_array(&f->one, 32, sizeof(struct cs_str));
	f->rec.val = cs_arena_array(&f->one, 32, sizeof(struct cs_val));
	f->rec.touched = cs_arena_array(&f->one, 32, 1);
	for (; v[2 * n] != NULL; n++) {
		size_t col = cs_header_add(&f->head, cs_str(v[2 * n]));

		f->rec.cell[col] = cs_str(v[2 * n + 1]);
	}
	f->rec.n = n;
}

static struct cs_template *
compile(struct fixture *f, const char *text, enum cs_template_part part)
{
	struct cs_pair *p = cs_arena_array(&f->run, 1, sizeof(*p));

	*p = cs_template_pair(cs_str(text), "t", &f->run);
	return cs_template_compile(f->set, p, part, &f->diags);
}

static bool
render(struct fixture *f, const struct cs_template *t, struct cs_buf *out,
    struct cs_template_fault *fault)
{
	struct cs_template_env env = {
	    .rec = &f->rec, .as_of = &f->as_of, .arena = &f->one};

	env.special[CS_TEMPLATE_UNSUBSCRIBE_URL] = CS_S("https://x.jp/?a&b");
	cs_buf_reset(out);
	return cs_template_render(t, &env, out, fault);
}

static const char *const csv[] = {"name", "山田 <太郎>", "shop", "A&B \"雑貨\"",
    "n", "12345", "neg", "-1234567.50", "rate", "0.0525", "empty", "", "blank",
    "\xe3\x80\x80 ", "day", "2026-04-01", "time", "2026-03-31T20:05:09Z", "one",
    "1", "corp", "株式会社エックス", "kana", "ｶﾅ１", "lines", "a\r\nb", "a.b",
    "dotted", "word", "abc", "big", "123456789012345678", NULL};

static void
gives(struct fixture *f, const char *text, enum cs_template_part part,
    const char *want)
{
	struct cs_buf out = {0}, what = {0};
	struct cs_template_fault fault = {0};
	struct cs_template *t;

	cs_escape(&what, cs_str(text));
	fresh(f);
	record(f, CS_FORM_CSV, csv);
	cs_templates_offer(f->set, CS_TEMPLATE_UNSUBSCRIBE_URL);
	t = compile(f, text, part);
	cs_templates_bind(f->set, &f->head, &f->diags);
	if (f->diags.n > 0)
		is_str(cs_str(f->diags.v[0].text), want, cs_buf_z(&what));
	else if (!render(f, t, &out, &fault))
		is_str(fault.detail, want, cs_buf_z(&what));
	else
		is_str(cs_buf_get(&out), want, cs_buf_z(&what));
	cs_buf_free(&out);
	cs_buf_free(&what);
}

static void
text(struct fixture *f, const char *t, const char *want)
{
	gives(f, t, CS_TEMPLATE_TEXT, want);
}

static void
html(struct fixture *f, const char *t, const char *want)
{
	gives(f, t, CS_TEMPLATE_HTML, want);
}

static void
holes(struct fixture *f)
{
	text(f, "{{name}} 様", "山田 <太郎> 様");
	text(f, "{{ name }}|{{name}}", "山田 <太郎>|山田 <太郎>");
	text(f, "no tag } }} {", "no tag } }} {");
	html(f, "{{name}} {{shop}}",
	    "山田 &lt;太郎&gt; A&amp;B &quot;雑貨&quot;");
	html(f, "{{{name}}} {{&name}}", "山田 <太郎> 山田 <太郎>");
	text(f, "{{{name}}}}", "山田 <太郎>}");
	text(f, "{{a.b}}", "dotted");
	text(f, "{{lines}}", "a\nb");
	html(f, "{{lines}}", "a\nb");
	gives(f, "{{lines}}", CS_TEMPLATE_HEADER, "a\r\nb");
	gives(f, "?s={{shop}}", CS_TEMPLATE_URL,
	    "?s=A%26B%20%22%E9%9B%91%E8%B2%A8%22");
	html(f, "{{unsubscribe_url}}", "https://x.jp/?a&amp;b");
	text(f, "a {{! a comment with }and \" }} b", "a  b");
	text(f, "a\n  {{! alone\n on two lines }}  \nb", "a\nb");
	text(f, "{{! first }}\nb", "b");
	text(f, "a\n{{! last }}", "a\n");
	text(f, "{{name}} {{! not alone }}\nb", "山田 <太郎> \nb");
}

static void
fallbacks(struct fixture *f)
{
	text(f, "{{empty|\"ご担当者\"}} 様", "ご担当者 様");
	text(f, "{{blank | \"x\"}}", "x");
	text(f, "{{name|\"x\"}}", "山田 <太郎>");
	text(f, "{{empty|default:\"a \\\"b\\\" \\\\ }}\"}}", "a \"b\" \\ }}");
	text(f, "{{empty|num|\"0\"}}/{{empty|\"1234\"|num}}", "0/1,234");
	text(f, "{{empty|\"\"}}.", ".");
	html(f, "{{empty|\"<b>\"}}", "&lt;b&gt;");
	text(f, "{{empty}}", "empty is empty (t)");
	text(f, "a {{blank|num}}", "blank is empty (t)");
}

static void
filters(struct fixture *f)
{
	text(f, "{{n|num}} {{neg|num}} {{neg|num:0}} {{one|num:2}}",
	    "12,345 -1,234,567.50 -1,234,568 1.00");
	text(f, "{{big|num}} {{big|yen}}",
	    "123,456,789,012,345,678 123,456,789,012,345,678円");
	text(f, "{{n|yen}} {{neg|yen}} {{n|man}} {{n|man:2}} {{one|man}}",
	    "12,345円 -1,234,568円 1.2万円 1.23万円 0万円");
	text(f, "{{rate|pct}} {{rate|pct:1}} {{rate|pct:2}}", "5% 5.2% 5.25%");
	text(f, "{{word|num}}", "word \"abc\" is not a number (t)");
	text(f, "{{day|date}} {{day|date:\"M/D(曜) YYYY-MM-DD\"}}",
	    "2026年4月1日 4/1(水) 2026-04-01");
	text(f, "{{day|date:wareki}} {{day|date:\"MMM D, ddd dddd MMMM\"}}",
	    "令和8年4月1日 Apr 1, Wed Wednesday April");
	text(f, "{{time|date:\"YYYY-MM-DD HH:mm:ss H\"}}",
	    "2026-04-01 05:05:09 5");
	text(f,
	    "{{day|add:1mo|date:\"M月D日\"}} {{day|add:-1d}} {{day|add:2w}}",
	    "5月1日 2026-03-31 2026-04-15");
	text(f, "{{day|days_until}} {{day|days_since}}", "-2 2");
	text(f, "{{word|date}}", "word \"abc\" is not a date (YYYY-MM-DD) (t)");
	text(f, "{{one|plural:\"item\",\"items\"}} {{n|plural:\"a\",\"b\"}}",
	    "item b");
	text(f, "{{corp|trunc:4}} {{corp|trunc:8}} {{corp|trunc:1}}",
	    "株式会… 株式会社エックス …");
	text(f, "{{word|upper}} {{kana|nfkc}} {{word|upper|lower}}",
	    "ABC カナ1 abc");
	text(f, "{{name|sama}} {{corp|sama}} {{corp|sama|sama}}",
	    "山田 <太郎> 様 株式会社エックス 御中 株式会社エックス 御中");
	html(f, "{{name|html}} {{shop|url}} {{shop|json}}",
	    "山田 &lt;太郎&gt; A%26B%20%22%E9%9B%91%E8%B2%A8%22 "
	    "&quot;A&amp;B \\&quot;雑貨\\&quot;&quot;");
}

static void
faults(struct fixture *f)
{
	text(f, "{{nmae}}",
	    "{{nmae}}: unknown column \"nmae\" (did you mean \"name\"?)");
	text(f, "{{name|お客様}}",
	    "{{name|お客様}}: no filter \"お客様\"; for a fallback write "
	    "{{name|\"お客様\"}}");
	text(f, "{{name|“お客様”}}",
	    "{{name|“お客様”}}: no filter \"“お客様”\"; for a fallback write "
	    "{{name|\"お客様\"}}");
	text(f, "{{name|uper}}",
	    "{{name|uper}}: no filter \"uper\" (did you mean \"upper\"?)");
	text(f, "{{name｜num}}",
	    "{{name｜num}}: write | instead of the full-width ｜");
	text(f, "｛｛name｝｝", "full-width ｛｛: write {{");
	text(f, "{{name", "{{name: no }} on this line");
	text(f, "{{name\n}}", "{{name: no }} on this line");
	text(f, "{{{name}}", "{{{name}}: no }}} on this line");
	text(f, "{{name|\"x}}", "{{name|\"x}}: no }} on this line");
	text(f, "{{na\"me|\"x}}", "{{na\"me|\"x}}: a quote is not closed");
	text(f,
	    "{{n|num|num|num|num|num|num|num|num|num|num|num|num|num|num|num|"
	    "num|"
	    "num}}",
	    "{{n|num|num|num|num|num|num|num|num|num|num|num|num|num|num|num|"
	    "num|"
	    "num}}: too many filters");
	text(f, "{{}}", "{{}}: no name");
	text(f, "{{ | num }}", "{{ | num }}: no name");
	text(f, "{{n|trunc}}", "{{n|trunc}}: trunc takes 1 argument");
	text(f, "{{n|upper:1}}", "{{n|upper:1}}: upper takes no argument");
	text(f, "{{n|num:1,2}}", "{{n|num:1,2}}: num takes at most 1 argument");
	text(f, "{{n|plural:\"a\"}}",
	    "{{n|plural:\"a\"}}: plural takes 2 arguments");
	text(f, "{{n|num:x}}",
	    "{{n|num:x}}: \"x\" is not a whole number, as num needs it");
	text(f, "{{day|add:3}}",
	    "{{day|add:3}}: \"3\" is no duration: 3mo, 10d, 2w");
	text(f, "{{n|num x}}",
	    "{{n|num x}}: no filter \"num x\"; for a fallback write "
	    "{{n|\"num x\"}}");
	text(f, "{{n|\"a\" b}}", "{{n|\"a\" b}}: \"b\" is left over");
	text(f, "{{#items}}x{{/items}}",
	    "{{#items}}: sections and conditions are not in this version");
	text(f, "{{#if pv >= 1}}",
	    "{{#if pv >= 1}}: sections and conditions are not in this version");
	text(f, "{{else}}",
	    "{{else}}: sections and conditions are not in this version");
	text(f, "{{=<% %>=}}",
	    "{{=<% %>=}}: sections and conditions are not in this version");
	gives(
	    f, "{{>x}}", CS_TEMPLATE_HEADER, "{{>x}}: no partials in a header");
	text(f, "{{>../x}}",
	    "{{>../x}}: a partial's name is made of A-Z a-z 0-9 . _ -");
}

static void
json(struct fixture *f)
{
	static const char *const v[] = {"s", "\"a\\u3042\"", "n", "1e3", "list",
	    "[\"x\",null,2]", "none", "null", "o", "{\"a\":{\"b\":\"in\"}}",
	    "yes", "true", "void", "[]", NULL};
	static const char *const cases[][2] = {{"{{s}}", "aあ"},
	    {"{{n}} {{n|num}}", "1e3 1,000"}, {"{{list}}", "[\"x\",null,2]"},
	    {"{{list|join}} {{list|join:\", \"}}", "x、2 x, 2"},
	    {"{{list|first}} {{s|first}}", "x aあ"}, {"{{o.a.b}}", "in"},
	    {"{{o.a.c|\"-\"}} {{none|\"-\"}} {{new|\"-\"}}", "- - -"},
	    {"{{void|first|\"-\"}} {{void|join|\"-\"}}", "- -"},
	    {"{{yes}} {{s|json}} {{list|json}}",
		"true \"aあ\" [\"x\",null,2]"}};
	struct cs_buf out = {0};
	struct cs_template_fault fault;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cs_template *t;

		fresh(f);
		record(f, CS_FORM_JSONL, v);
		t = compile(f, cases[i][0], CS_TEMPLATE_TEXT);
		cs_templates_bind(f->set, &f->head, &f->diags);
		ok(render(f, t, &out, &fault), "renders");
		is_str(cs_buf_get(&out), cases[i][1], cases[i][0]);
	}
	cs_buf_free(&out);
}

/* --- files --- */

static void
file(struct fixture *f, const char *name, const char *content)
{
	char path[128];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	out = fopen(path, "wb");
	if (out == NULL || fputs(content, out) < 0 || fclose(out) != 0)
		exit(3);
}

static bool
load(struct fixture *f, const char *base, struct cs_template_mail *m)
{
	struct cs_err err = {0};
	struct cs_place at = {"mails.rules", 7, 1};

	return cs_template_load(f->set, cs_str(base), at, m, &f->diags, &err);
}

static void
is_diag(struct fixture *f, size_t i, size_t line, size_t col, const char *want)
{
	if (!ok(f->diags.n > i, "a finding: %s", want))
		return;
	is_str(cs_str(f->diags.v[i].text), want, "its text");
	ok(f->diags.v[i].at.line == line && f->diags.v[i].at.col == col,
	    "at %zu:%zu (want %zu:%zu)", f->diags.v[i].at.line,
	    f->diags.v[i].at.col, line, col);
}

static void
good_files(struct fixture *f)
{
	struct cs_template_mail m;
	struct cs_buf out = {0};
	struct cs_template_fault fault;

	file(f, "a.txt",
	    "\xef\xbb\xbfSubject: 【{{shop}}】\r\n{{! note }}\r\n\r\n"
	    "Preheader: {{name}}へ\r\nx-shop: 1\r\n---\r\n"
	    "{{name}} 様\r\n  {{>footer}}  \r\n-- {{>footer}}");
	file(f, "a.html",
	    "<html><body class=\"x\"><p>{{name}}</p>{{>footer}}</body>\n");
	file(f, "_footer.txt", "one\ntwo {{lines}}\n");
	file(f, "footer.html", "<hr>");
	fresh(f);
	record(f, CS_FORM_CSV, csv);
	ok(load(f, "a", &m) && f->diags.n == 0, "loads without a finding");
	cs_templates_bind(f->set, &f->head, &f->diags);
	ok(render(f, m.subject, &out, &fault), "subject");
	is_str(cs_buf_get(&out), "【A&B \"雑貨\"】", "subject");
	ok(render(f, m.text, &out, &fault), "text");
	is_str(cs_buf_get(&out),
	    "山田 <太郎> 様\n  one\n  two a\nb\n-- one\ntwo a\nb\n",
	    "a partial alone on its line is indented; the end has a line end");
	ok(render(f, m.html, &out, &fault), "html");
	is_str(cs_buf_get(&out),
	    "<html><body class=\"x\">"
	    "<div style=\"display:none;max-height:0;overflow:hidden\">"
	    "山田 &lt;太郎&gt;へ</div>"
	    "<p>山田 &lt;太郎&gt;</p><hr></body>\n",
	    "the preheader is hidden at the body's begin");
	ok(m.nmore == 1 && cs_str_is(m.more[0].name, "x-shop"), "X- header");
	cs_buf_free(&out);
}

static void
bad_files(struct fixture *f)
{
	struct cs_template_mail m;

	file(f, "b.txt",
	    "Subjekt: x\nBcc: y\nSubject:\nFrom: a\nfrom: b\nnonsense\n---\n"
	    "text {{#x}}\n {{name|}} {{>loop}} {{>none}}\n");
	file(f, "_loop.txt", "{{nmae}}\n{{>loop}}\n");
	fresh(f);
	ok(load(f, "b", &m), "loads");
	is_diag(f, 0, 1, 1,
	    "unknown header \"Subjekt\" (did you mean \"Subject\"?)");
	is_diag(f, 1, 2, 1,
	    "header \"Bcc\" may not stand in a template; these may: Subject "
	    "Preheader From Reply-To Cc List-Id X-*");
	is_diag(f, 2, 3, 1, "header \"Subject\" is empty");
	is_diag(f, 3, 5, 1, "header \"from\" stands twice");
	is_diag(
	    f, 4, 6, 1, "not a header (Name: value on one line) before ---");
	is_diag(f, 5, 8, 6,
	    "{{#x}}: sections and conditions are not in this version");
	is_diag(f, 6, 9, 2,
	    "{{name|}}: no filter \"\"; for a fallback write {{name|\"\"}}");
	is_diag(f, 7, 2, 1, "{{>loop}}: partials go in a circle or too deep");
	ok(f->diags.n == 9, "nine findings");

	fresh(f);
	file(f, "c.txt", "Subject: x\ntext\n");
	load(f, "c", &m);
	is_diag(f, 0, 1, 1,
	    "the header block has no end: put --- alone on a line behind it");
	fresh(f);
	file(f, "d.txt", "---\n \n");
	load(f, "d", &m);
	is_diag(f, 0, 0, 0, "the text part is empty");
	fresh(f);
	file(f, "e.txt", "Subject: a\xff\n---\nx");
	load(f, "e", &m);
	is_diag(f, 0, 1, 11, "not UTF-8");
	fresh(f);
	file(f, "g.txt", "a\x1b");
	load(f, "g", &m);
	is_diag(f, 0, 1, 2, "a control character");
	fresh(f);
	load(f, "../etc", &m);
	is_diag(f, 0, 7, 1,
	    "\"../etc\" is no template's name: no / and no dot in front");
	fresh(f);
	file(f, "only.html", "<p>");
	load(f, "only", &m);
	ok(f->diags.n == 1 && strstr(f->diags.v[0].text, "only.txt is missing"),
	    "html alone is a fault");
}

/* A file without --- is all body; text that looks like a header may begin
 * it. */
static void
headless(struct fixture *f)
{
	struct cs_template_mail m;
	struct cs_buf out = {0};
	struct cs_template_fault fault;

	fresh(f);
	file(f, "h.txt", "お知らせ\n---\nNote: x\n");
	ok(load(f, "h", &m) && f->diags.n == 0 && m.subject == NULL,
	    "a rule in a body without header block");
	ok(render(f, m.text, &out, &fault), "renders");
	is_str(cs_buf_get(&out), "お知らせ\n---\nNote: x\n", "all of it");
	cs_buf_free(&out);
}

static void
clear(struct fixture *f)
{
	static const char *const names[] = {"a.txt", "a.html", "_footer.txt",
	    "footer.html", "b.txt", "_loop.txt", "c.txt", "d.txt", "e.txt",
	    "g.txt", "h.txt", "only.html"};
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", f->dir, names[i]);
		unlink(path);
	}
	rmdir(f->dir);
}

int
main(void)
{
	struct fixture f = {.dir = "/tmp/cs-template.XXXXXX"};
	struct cs_err err;

	if (mkdtemp(f.dir) == NULL || !cs_zone_set("Asia/Tokyo", &err) ||
	    !cs_as_of_set(&f.as_of, "2026-04-03", &err))
		return 1;
	holes(&f);
	fallbacks(&f);
	filters(&f);
	faults(&f);
	json(&f);
	good_files(&f);
	bad_files(&f);
	headless(&f);
	clear(&f);
	cs_templates_free(f.set);
	cs_diags_free(&f.diags);
	cs_header_free(&f.head);
	cs_arena_free(&f.run);
	cs_arena_free(&f.one);
	return done();
}
