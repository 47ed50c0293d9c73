/* the files of templates: BASE.txt, BASE.html, partials */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "in.h"
#include "template_private.h"
#include "text.h"

static const char hidden[] =
    "<div style=\"display:none;max-height:0;overflow:hidden\">";

bool
cs_tfile_name(struct cs_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
			(c >= 'A' && c <= 'Z') || c == '.' || c == '_' ||
			c == '-'))
			return false;
	}
	return s.n > 0 && s.p[0] != '.';
}

/* CR LF becomes LF, a BOM goes. */
static struct cs_str
clean(struct cs_arena *a, struct cs_str s)
{
	char *to;
	size_t i, n = 0;

	if (cs_str_starts(s, CS_S("\xef\xbb\xbf"))) {
		s.p += 3;
		s.n -= 3;
	}
	to = cs_arena_alloc(a, s.n + 1);
	for (i = 0; i < s.n; i++)
		if (s.p[i] != '\r' || i + 1 == s.n || s.p[i + 1] != '\n')
			to[n++] = s.p[i];
	return (struct cs_str){to, n};
}

/* First byte that may not stand in a template; s.n when all may. */
static size_t
bad_byte(struct cs_str s, const char **why)
{
	size_t i, utf8 = cs_utf8_valid(s);

	for (i = 0; i < utf8; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c < ' ' && c != '\n' && c != '\t') || c == 0x7f) {
			*why = "a control character";
			return i;
		}
	}
	*why = "not UTF-8";
	return utf8;
}

static bool
read_file(struct cs_templates *set, struct cs_tfile *f, struct cs_diags *diags,
    struct cs_err *err)
{
	struct cs_in *in;
	struct cs_str all;
	struct cs_tsource src = {.file = f->path};
	struct stat st;
	const char *why;
	size_t bad;
	bool is_read;

	if (stat(f->path, &st) != 0 && errno == ENOENT)
		return true;
	in = cs_in_open(f->path, err);
	if (in == NULL)
		return false;
	is_read = cs_in_all(in, CS_MAX_TEMPLATE, &set->arena, &all, err);
	cs_in_close(in);
	if (!is_read)
		return false;
	f->text = clean(&set->arena, all);
	bad = bad_byte(f->text, &why);
	if (bad < f->text.n) {
		src.begin = f->text.p;
		if (diags != NULL)
			cs_diag(diags, CS_ERROR, "syntax",
			    cs_tplace(&src, f->text.p + bad), "%s", why);
		f->text.n = bad;
		f->is_told = true;
	}
	return true;
}

struct cs_tfile *
cs_tfile(struct cs_templates *set, struct cs_str name, struct cs_diags *diags,
    struct cs_err *err)
{
	struct cs_tfile *f;
	size_t i;

	for (i = 0; i < set->nfiles; i++)
		if (cs_str_eq(set->file[i]->name, name))
			return set->file[i];
	f = cs_arena_array(&set->arena, 1, sizeof(*f));
	f->name = cs_keep(&set->arena, name);
	f->path =
	    cs_arena_printf(&set->arena, "%s/%.*s", set->dir, CS_ARG(name));
	if (!read_file(set, f, diags, err))
		return NULL;
	set->file = cs_grow(
	    set->file, set->nfiles, &set->capfiles, sizeof(struct cs_tfile *));
	set->file[set->nfiles++] = f;
	return f;
}

/* --- the header block --- */

enum { H_SUBJECT, H_PREHEADER, H_FROM, H_REPLY_TO, H_CC, H_LIST_ID, H_NAMED };

static const char *const named[H_NAMED] = {
    "Subject", "Preheader", "From", "Reply-To", "Cc", "List-Id"};

struct loading {
	struct cs_templates *set;
	struct cs_diags *diags;
	struct cs_template_mail *mail;
	struct cs_tfile *file;
	struct cs_str value[H_NAMED];
	size_t morecap;
};

static struct cs_tsource
source(const struct cs_tfile *f, struct cs_str s)
{
	return (struct cs_tsource){
	    .text = s, .file = f->path, .begin = f->text.p};
}

static struct cs_place
place(const struct loading *l, const char *p)
{
	struct cs_tsource s = source(l->file, l->file->text);

	return cs_tplace(&s, p);
}

/* "Name" of a line "Name: value"; absent when the line is none. */
static struct cs_str
header_name(struct cs_str line)
{
	size_t n;

	for (n = 0; n < line.n && line.p[n] != ':'; n++) {
		char c = line.p[n];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
			(c >= 'A' && c <= 'Z') || c == '-'))
			return (struct cs_str){NULL, 0};
	}
	if (n == 0 || n == line.n)
		return (struct cs_str){NULL, 0};
	return (struct cs_str){line.p, n};
}

static int
find_named(struct cs_str name)
{
	int i;

	for (i = 0; i < H_NAMED && !cs_str_isi(name, named[i]); i++)
		;
	return i;
}

static bool
is_rule(struct cs_str line)
{
	while (line.n > 0 &&
	       (line.p[line.n - 1] == ' ' || line.p[line.n - 1] == '\t'))
		line.n--;
	return cs_str_is(line, "---");
}

static void
unknown_header(struct loading *l, struct cs_str name)
{
	struct cs_str names[H_NAMED], near;
	size_t i;

	for (i = 0; i < H_NAMED; i++)
		names[i] = cs_str(named[i]);
	near = cs_nearest(name, names, H_NAMED);
	/* Bcc is no slip of the pen for Cc. */
	if (near.p != NULL && name.n > 3)
		cs_diag(l->diags, CS_ERROR, "syntax", place(l, name.p),
		    "unknown header \"%.*s\" (did you mean \"%.*s\"?)",
		    CS_ARG(name), CS_ARG(near));
	else
		cs_diag(l->diags, CS_ERROR, "syntax", place(l, name.p),
		    "header \"%.*s\" may not stand in a template; these may: "
		    "Subject Preheader From Reply-To Cc List-Id X-*",
		    CS_ARG(name));
}

/* X-Name: value */
static void
more_header(struct loading *l, struct cs_str name, struct cs_str val)
{
	struct cs_template_mail *m = l->mail;
	struct cs_tsource src = source(l->file, val);
	struct cs_template_field *f;
	size_t i;

	for (i = 0; i < m->nmore; i++)
		if (cs_str_isi(name, cs_keepz(&l->set->arena, m->more[i].name)))
			cs_diag(l->diags, CS_ERROR, "syntax", place(l, name.p),
			    "header \"%.*s\" stands twice", CS_ARG(name));
	if (m->nmore == l->morecap) {
		/* In the arena, as the mail has no end of its own. */
		size_t cap = l->morecap ? 2 * l->morecap : 8;

		f = cs_arena_array(&l->set->arena, cap, sizeof(*f));
		if (m->nmore > 0)
			memcpy(f, m->more, m->nmore * sizeof(*f));
		m->more = f;
		l->morecap = cap;
	}
	f = &m->more[m->nmore++];
	f->name = name;
	f->value = cs_tnew(l->set, CS_TEMPLATE_HEADER);
	cs_tparse(f->value, &src, l->diags);
}

static void
header_line(struct loading *l, struct cs_str line)
{
	struct cs_str name = header_name(line), val;
	int which;

	if (cs_str_trim(line).n == 0 || cs_str_starts(line, CS_S("{{!")))
		return;
	if (name.p == NULL) {
		cs_diag(l->diags, CS_ERROR, "syntax", place(l, line.p),
		    "not a header (Name: value on one line) before ---");
		return;
	}
	val = cs_str_trim(
	    (struct cs_str){name.p + name.n + 1, line.n - name.n - 1});
	which = find_named(name);
	if (which == H_NAMED &&
	    (name.n < 3 || !cs_str_isi((struct cs_str){name.p, 2}, "x-") ||
		name.n > 60)) {
		unknown_header(l, name);
		return;
	}
	if (val.n == 0) {
		cs_diag(l->diags, CS_ERROR, "syntax", place(l, name.p),
		    "header \"%.*s\" is empty", CS_ARG(name));
		return;
	}
	if (which == H_NAMED) {
		more_header(l, name, val);
		return;
	}
	if (l->value[which].p != NULL)
		cs_diag(l->diags, CS_ERROR, "syntax", place(l, name.p),
		    "header \"%.*s\" stands twice", CS_ARG(name));
	l->value[which] = val;
}

/* Is there a line --- further down? */
static bool
has_rule(struct cs_str s)
{
	struct cs_str line;

	while (cs_str_next(&s, '\n', &line))
		if (is_rule(line))
			return true;
	return false;
}

/* Reads the header block; what follows is the body. */
static struct cs_str
header_block(struct loading *l)
{
	struct cs_str rest = l->file->text, line, first = rest;
	bool is_block;

	cs_str_next(&first, '\n', &line);
	is_block = is_rule(line) || header_name(line).p != NULL ||
		   cs_str_starts(line, CS_S("{{!"));
	if (!is_block || !has_rule(rest)) {
		if (find_named(header_name(line)) < H_NAMED)
			cs_diag(l->diags, CS_ERROR, "syntax", place(l, rest.p),
			    "the header block has no end: put --- alone on a "
			    "line behind it");
		return rest;
	}
	while (cs_str_next(&rest, '\n', &line) && !is_rule(line))
		header_line(l, line);
	return rest.p ? rest : (struct cs_str){"", 0};
}

static struct cs_template *
header_template(struct loading *l, int which)
{
	struct cs_tsource src = source(l->file, l->value[which]);
	struct cs_template *t;

	if (l->value[which].p == NULL)
		return NULL;
	t = cs_tnew(l->set, CS_TEMPLATE_HEADER);
	cs_tparse(t, &src, l->diags);
	return t;
}

/* --- the two parts --- */

static void
load_text(struct loading *l)
{
	struct cs_str body = header_block(l);
	struct cs_tsource src = source(l->file, body);
	struct cs_template_mail *m = l->mail;

	m->subject = header_template(l, H_SUBJECT);
	m->from = header_template(l, H_FROM);
	m->reply_to = header_template(l, H_REPLY_TO);
	m->cc = header_template(l, H_CC);
	m->list_id = header_template(l, H_LIST_ID);
	if (cs_text_is_blank(body))
		cs_diag(l->diags, CS_ERROR, "syntax",
		    (struct cs_place){l->file->path, 0, 0},
		    "the text part is empty");
	m->text = cs_tnew(l->set, CS_TEMPLATE_TEXT);
	m->text->is_body = true;
	cs_tparse(m->text, &src, l->diags);
}

static void
add_literal(struct cs_template *t, const char *z)
{
	t->step = cs_grow(t->step, t->n, &t->cap, sizeof(*t->step));
	t->step[t->n++] =
	    (struct cs_tstep){.kind = CS_T_TEXT, .text = cs_str(z)};
}

/* Bytes up to behind <body ...>; 0 when there is no such tag. */
static size_t
behind_body(struct cs_str s)
{
	size_t i;

	for (i = 0; i + 6 < s.n; i++) {
		if (!cs_str_isi((struct cs_str){s.p + i, 5}, "<body") ||
		    (s.p[i + 5] != '>' && s.p[i + 5] != ' ' &&
			s.p[i + 5] != '\n'))
			continue;
		while (i < s.n && s.p[i] != '>')
			i++;
		return i < s.n ? i + 1 : 0;
	}
	return 0;
}

static void
load_html(struct loading *l, struct cs_tfile *txt, struct cs_str preheader)
{
	struct cs_str all = l->file->text, line = all, first;
	struct cs_template *t = cs_tnew(l->set, CS_TEMPLATE_HTML);
	size_t cut = preheader.p ? behind_body(all) : 0;
	struct cs_tsource src;

	l->mail->html = t;
	t->is_body = true;
	cs_str_next(&line, '\n', &first);
	if (find_named(header_name(first)) < H_NAMED)
		cs_diag(l->diags, CS_ERROR, "syntax", place(l, all.p),
		    "headers stand in %.*s", CS_ARG(txt->name));
	if (cs_text_is_blank(all))
		cs_diag(l->diags, CS_ERROR, "syntax",
		    (struct cs_place){l->file->path, 0, 0},
		    "the HTML part is empty");
	if (preheader.p != NULL) {
		src = source(l->file, (struct cs_str){all.p, cut});
		cs_tparse(t, &src, l->diags);
		add_literal(t, hidden);
		src = source(txt, preheader);
		cs_tparse(t, &src, l->diags);
		add_literal(t, "</div>");
	}
	src = source(l->file, (struct cs_str){all.p + cut, all.n - cut});
	cs_tparse(t, &src, l->diags);
}

/* The nearest name of a template that is there, or absent. */
static struct cs_str
nearest_file(struct cs_templates *set, struct cs_str want)
{
	struct cs_str *names = NULL, near = {NULL, 0};
	size_t n = 0, cap = 0;
	DIR *d = opendir(set->dir);
	struct dirent *e;

	if (d == NULL)
		return near;
	while ((e = readdir(d)) != NULL) {
		struct cs_str s = cs_str(e->d_name);

		if (s.n < 5 || strcmp(s.p + s.n - 4, ".txt") != 0)
			continue;
		names = cs_grow(names, n, &cap, sizeof(*names));
		names[n++] = cs_keep(&set->arena, s);
	}
	closedir(d);
	near = cs_nearest(want, names, n);
	free(names);
	return near;
}

static void
no_text(struct cs_templates *set, const char *name, struct cs_str html,
    struct cs_place at, struct cs_diags *diags)
{
	struct cs_str near;

	if (html.p != NULL) {
		cs_diag(diags, CS_ERROR, "syntax", at,
		    "%s/%s is missing: a mail needs its text part beside the "
		    ".html",
		    set->dir, name);
		return;
	}
	near = nearest_file(set, cs_str(name));
	if (near.p != NULL)
		cs_diag(diags, CS_ERROR, "syntax", at,
		    "no template %s/%s (did you mean \"%.*s\"?)", set->dir,
		    name, CS_ARG(near));
	else
		cs_diag(diags, CS_ERROR, "syntax", at, "no template %s/%s",
		    set->dir, name);
}

bool
cs_template_load(struct cs_templates *set, struct cs_str base,
    struct cs_place at, struct cs_template_mail *m, struct cs_diags *diags,
    struct cs_err *err)
{
	struct loading l = {.set = set, .diags = diags, .mail = m};
	char *name = cs_arena_printf(&set->arena, "%.*s.txt", CS_ARG(base));
	struct cs_tfile *txt, *html;

	*m = (struct cs_template_mail){0};
	for (size_t i = 0; i < set->nloaded; i++)
		if (cs_str_eq(set->loaded[i].base, base)) {
			*m = set->loaded[i].mail;
			return true;
		}
	if (base.n == 0 || base.p[0] == '.' ||
	    memchr(base.p, '/', base.n) != NULL) {
		cs_diag(diags, CS_ERROR, "syntax", at,
		    "\"%.*s\" is no template's name: no / and no dot in front",
		    CS_ARG(base));
		return true;
	}
	txt = cs_tfile(set, cs_str(name), diags, err);
	if (txt == NULL)
		return false;
	html = cs_tfile(set,
	    cs_str(cs_arena_printf(&set->arena, "%.*s.html", CS_ARG(base))),
	    diags, err);
	if (html == NULL)
		return false;
	if (txt->text.p == NULL) {
		no_text(set, name, html->text, at, diags);
		return true;
	}
	l.file = txt;
	load_text(&l);
	if (html->text.p != NULL) {
		l.file = html;
		load_html(&l, txt, l.value[H_PREHEADER]);
	}
	set->loaded = cs_grow(
	    set->loaded, set->nloaded, &set->caploaded, sizeof(*set->loaded));
	set->loaded[set->nloaded++] = (struct cs_tloaded){base, *m};
	return true;
}
