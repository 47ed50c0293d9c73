#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "letter.h"
#include "text.h"

/* The templates of one mail, keys of its stanza before those of its files. */
struct parts {
	struct cs_template_mail file;
	struct cs_template *subject, *from, *reply_to, *to;
	bool is_loaded;
};

struct cs_letters {
	struct cs_letters_conf conf;
	const struct cs_mailplan *plan;
	struct cs_arena arena;
	struct cs_templates *set;  /* of mails */
	struct cs_templates *urls; /* of --unsub-url */
	struct cs_template *url;   /* NULL: none */
	struct parts *v;	   /* by mail */
	struct cs_mailbox sender;
	long zone;     /* of Date, seconds east */
	char date[40]; /* RFC 3339 */
};

/* --- compiling --- */

/* A key of the stanza as a template; NULL when it is absent. */
static struct cs_template *
from_key(struct cs_letters *l, const struct cs_mail *m, const char *key,
    struct cs_diags *diags)
{
	const struct cs_kv *kv = cs_stanza_get(m->stanza, key);

	if (kv == NULL)
		return NULL;
	return cs_template_compile(l->set, kv->pair, CS_TEMPLATE_HEADER, diags);
}

static void
count_hole(void *self, struct cs_str name, struct cs_place at)
{
	(void)name, (void)at;
	++*(size_t *)self;
}

static bool
is_constant(const struct cs_template *t)
{
	size_t holes = 0;

	cs_template_holes(t, count_hole, &holes);
	return holes == 0;
}

/* A sender without holes is checked once, when the run begins. */
static void
check_mailbox(struct cs_letters *l, const struct cs_template *t,
    const char *what, const struct cs_mail *m, struct cs_diags *diags)
{
	struct cs_template_env env = {
	    .as_of = l->conf.as_of, .arena = &l->arena};
	struct cs_template_fault fault;
	struct cs_buf b = {0};
	struct cs_mailbox box;

	if (t == NULL || !is_constant(t) ||
	    !cs_template_render(t, &env, &b, &fault))
		return;
	if (!cs_mailbox_parse(cs_buf_get(&b), &l->arena, &box) ||
	    cs_address_check(box.addr) != CS_ADDRESS_OK)
		cs_diag(diags, CS_ERROR, "syntax", m->stanza->at,
		    "mail %.*s: %s is not one address: %s", CS_ARG(m->name),
		    what, cs_buf_z(&b));
	cs_buf_free(&b);
}

static void
check_needed(struct cs_letters *l, const struct cs_mail *m,
    const struct parts *p, struct cs_diags *diags)
{
	if (p->file.text == NULL)
		return; /* told already: there is no template */
	if (p->subject == NULL)
		cs_diag(diags, CS_ERROR, "syntax", m->stanza->at,
		    "mail %.*s has no Subject: write it here, or before --- "
		    "in %s/%.*s.txt",
		    CS_ARG(m->name), l->conf.dir, CS_ARG(m->base));
	if (p->from == NULL && l->conf.sender.p == NULL && l->conf.needs_from)
		cs_diag(diags, CS_ERROR, "syntax", m->stanza->at,
		    "mail %.*s has no From: write it here, or give "
		    "--sender='NAME <ADDRESS>'",
		    CS_ARG(m->name));
	check_mailbox(l, p->from, "From", m, diags);
	check_mailbox(l, p->reply_to, "Reply-To", m, diags);
}

static bool
load_mail(
    struct cs_letters *l, size_t i, struct cs_diags *diags, struct cs_err *err)
{
	const struct cs_mail *m = &l->plan->v[i];
	struct parts *p = &l->v[i];

	if (!m->is_enabled)
		return true; /* an unfinished draft must not stop the others */
	p->to = from_key(l, m, "to", diags);
	p->subject = from_key(l, m, "subject", diags);
	p->from = from_key(l, m, "from", diags);
	p->reply_to = from_key(l, m, "reply-to", diags);
	if (!cs_template_load(l->set, m->base,
		cs_stanza_place(m->stanza, "template"), &p->file, diags, err))
		return false;
	p->is_loaded = true;
	if (p->subject == NULL)
		p->subject = p->file.subject;
	if (p->from == NULL)
		p->from = p->file.from;
	if (p->reply_to == NULL)
		p->reply_to = p->file.reply_to;
	check_needed(l, m, p, diags);
	return true;
}

static bool
is_uri_byte(unsigned char c)
{
	return c > ' ' && c < 0x7f && c != '<' && c != '>' && c != '"' &&
	       c != '\\';
}

/* The text of --unsub-url with its token, or absent after a fault. */
static struct cs_str
unsub_text(struct cs_letters *l, struct cs_err *err)
{
	struct cs_str s = l->conf.unsub;
	bool has_hole = memmem(s.p, s.n, "{{", 2) != NULL;
	bool has_token = memmem(s.p, s.n, "{{token}}", 9) != NULL;
	size_t i, brace = 0;

	if (!cs_str_starts(s, CS_S("https://"))) {
		cs_fail(err, CS_USAGE, "--unsub-url begins with https://");
		return (struct cs_str){NULL, 0};
	}
	for (i = 0; i < s.n; i++) {
		brace += s.p[i] == '{';
		brace -= s.p[i] == '}' && brace > 0;
		if (brace == 0 && !is_uri_byte((unsigned char)s.p[i])) {
			cs_fail(err, CS_USAGE,
			    "--unsub-url holds what no URL may: %.*s",
			    CS_ARG(s));
			return (struct cs_str){NULL, 0};
		}
	}
	if (l->conf.key == NULL && (has_token || !has_hole)) {
		cs_fail(err, CS_USAGE,
		    "--unsub-url needs --key-file to sign its {{token}}");
		return (struct cs_str){NULL, 0};
	}
	if (l->conf.key == NULL || has_token)
		return s;
	return cs_str(cs_arena_printf(&l->arena, "%.*s%ct={{token}}", CS_ARG(s),
	    cs_str_chr(s, '?') ? '&' : '?'));
}

static bool
load_unsub(struct cs_letters *l, struct cs_diags *diags, struct cs_err *err)
{
	struct cs_pair *p = cs_arena_array(&l->arena, 1, sizeof(*p));
	struct cs_str text;

	l->urls = cs_templates_new(NULL);
	if (l->conf.unsub.p == NULL)
		return true;
	text = unsub_text(l, err);
	if (text.p == NULL)
		return false;
	if (l->conf.key != NULL)
		cs_templates_offer(l->urls, CS_TEMPLATE_TOKEN);
	cs_templates_offer(l->urls, CS_TEMPLATE_MAIL);
	cs_templates_offer(l->urls, CS_TEMPLATE_CLASS);
	*p = cs_template_pair(text, "--unsub-url", &l->arena);
	l->url = cs_template_compile(l->urls, p, CS_TEMPLATE_URL, diags);
	cs_templates_offer(l->set, CS_TEMPLATE_UNSUBSCRIBE_URL);
	return true;
}

static bool
load_sender(struct cs_letters *l, struct cs_err *err)
{
	struct cs_str domain = l->conf.domain, s = l->conf.sender;

	if (s.p != NULL &&
	    (!cs_mailbox_parse(s, &l->arena, &l->sender) ||
		cs_address_check(l->sender.addr) != CS_ADDRESS_OK))
		return cs_fail(err, CS_USAGE,
		    "--sender: \"%.*s\" is not NAME <ADDRESS>", CS_ARG(s));
	if (s.p != NULL && cs_mime_has_control(s))
		return cs_fail(err, CS_USAGE,
		    "--sender holds a line break or another control");
	if (domain.p != NULL &&
	    cs_address_check(cs_str(cs_arena_printf(
		&l->arena, "x@%.*s", CS_ARG(domain)))) != CS_ADDRESS_OK)
		return cs_fail(err, CS_USAGE,
		    "--domain: \"%.*s\" is not a domain", CS_ARG(domain));
	return true;
}

/* The as-of time in the zone: Date of all letters. */
static void
set_date(struct cs_letters *l)
{
	long long at = l->conf.as_of->epoch;
	struct cs_time t = cs_zone_local(at);
	long off;

	l->zone = (long)(cs_civil_days(t.civil) * 86400LL + t.hour * 3600 +
			 t.minute * 60 + t.second - at);
	off = l->zone < 0 ? -l->zone : l->zone;
	snprintf(l->date, sizeof(l->date),
	    "%04d-%02d-%02dT%02d:%02d:%02d%c%02ld:%02ld", t.civil.year,
	    t.civil.month, t.civil.day, t.hour, t.minute, t.second,
	    l->zone < 0 ? '-' : '+', off / 3600, off / 60 % 60);
}

struct cs_letters *
cs_letters_new(const struct cs_letters_conf *conf,
    const struct cs_mailplan *plan, struct cs_diags *diags, struct cs_err *err)
{
	struct cs_letters *l = cs_calloc(1, sizeof(*l));
	bool is_good;

	l->conf = *conf;
	l->plan = plan;
	l->v = cs_calloc(plan->n, sizeof(*l->v));
	l->set = cs_templates_new(conf->dir);
	cs_templates_offer(l->set, CS_TEMPLATE_TODAY);
	set_date(l);
	is_good = load_sender(l, err) && load_unsub(l, diags, err);
	for (size_t i = 0; i < plan->n && is_good; i++)
		is_good = load_mail(l, i, diags, err);
	if (is_good)
		return l;
	cs_letters_free(l);
	return NULL;
}

void
cs_letters_free(struct cs_letters *l)
{
	if (l == NULL)
		return;
	cs_templates_free(l->set);
	cs_templates_free(l->urls);
	free(l->v);
	cs_arena_free(&l->arena);
	free(l);
}

void
cs_letters_bind(
    struct cs_letters *l, struct cs_header *head, struct cs_diags *diags)
{
	cs_templates_bind(l->set, head, diags);
	cs_templates_bind(l->urls, head, diags);
}

/* --- one letter --- */

/* What the making of one letter needs to know. */
struct making {
	const struct cs_letters *l;
	const struct cs_mail *mail;
	const struct parts *part;
	struct cs_template_env env;
	struct cs_mail_decision *d;
};

static bool
stop(struct making *k, const char *reason, struct cs_str detail)
{
	cs_mail_stop(k->d, CS_GATE_RENDER, cs_str(reason), detail, CS_S(""));
	return false;
}

/* Renders t into the arena; an absent t gives an absent text. */
static bool
render(struct making *k, const struct cs_template *t, struct cs_str *text)
{
	struct cs_template_fault fault;
	struct cs_buf b = {0};
	bool is_good;

	*text = (struct cs_str){NULL, 0};
	if (t == NULL)
		return true;
	is_good = cs_template_render(t, &k->env, &b, &fault);
	if (is_good)
		*text = cs_keep(k->env.arena, cs_buf_get(&b));
	cs_buf_free(&b);
	return is_good || stop(k, fault.reason, fault.detail);
}

struct cs_mailbox
cs_letters_to(const struct cs_letters *l, size_t m, struct cs_rec *rec,
    struct cs_str addr, struct cs_str name, struct cs_arena *arena)
{
	struct cs_mail_decision ignored;
	struct making k = {.l = l,
	    .env = {.rec = rec, .as_of = l->conf.as_of, .arena = arena},
	    .d = &ignored};
	struct cs_mailbox to = {{NULL, 0}, {NULL, 0}};
	struct cs_str text;

	if (l->v[m].to == NULL)
		return (struct cs_mailbox){name, cs_str_trim(addr)};
	/* A hole without value is a mail without address. */
	if (!render(&k, l->v[m].to, &text) ||
	    cs_mailbox_parse(text, arena, &to))
		return to;
	to.addr = text;
	return to;
}

static bool
one_mailbox(struct making *k, const struct cs_template *t, const char *what,
    struct cs_mailbox *m)
{
	struct cs_str text;

	if (!render(k, t, &text))
		return false;
	/* Before parsing: a line break must not look like a bad address. */
	if (cs_mime_has_control(text))
		return stop(k, "header_injection", cs_str(what));
	if (text.p == NULL || (cs_mailbox_parse(text, k->env.arena, m) &&
				  cs_address_check(m->addr) == CS_ADDRESS_OK))
		return true;
	return stop(k, "bad_value",
	    cs_str(cs_arena_printf(k->env.arena, "%s is not one address: %.*s",
		what, CS_ARG(text))));
}

static bool
copies(struct making *k, struct cs_mime *mime)
{
	struct cs_mailbox one, *v;
	struct cs_str text, rest;
	size_t n = 0;

	if (!render(k, k->part->file.cc, &text))
		return false;
	if (cs_mime_has_control(text))
		return stop(k, "header_injection", CS_S("Cc"));
	rest = text;
	while (cs_mailbox_next(&rest, k->env.arena, &one))
		n++;
	v = cs_arena_array(k->env.arena, n, sizeof(*v));
	n = 0;
	rest = text;
	while (cs_mailbox_next(&rest, k->env.arena, &one)) {
		if (cs_address_check(one.addr) != CS_ADDRESS_OK)
			return stop(k, "bad_value",
			    cs_str(cs_arena_printf(k->env.arena,
				"Cc is no address: %.*s", CS_ARG(one.addr))));
		v[n++] = one;
	}
	mime->cc = v;
	mime->ncc = n;
	return true;
}

static bool
more_headers(struct making *k, struct cs_mime *mime)
{
	const struct cs_template_mail *file = &k->part->file;
	struct cs_mime_field *v =
	    cs_arena_array(k->env.arena, file->nmore, sizeof(*v));

	for (size_t i = 0; i < file->nmore; i++) {
		v[i].name = file->more[i].name;
		if (!render(k, file->more[i].value, &v[i].value))
			return false;
	}
	mime->more = v;
	mime->nmore = file->nmore;
	return true;
}

static struct cs_str
format(struct cs_arena *a, struct cs_str head, const char *between,
    struct cs_str tail)
{
	return cs_str(cs_arena_printf(
	    a, "%.*s%s%.*s", CS_ARG(head), between, CS_ARG(tail)));
}

/* Message-ID and boundary come from the key alone: the same mail to the same
 * customer is the same message, whatever day it is made. */
static void
identify(struct making *k, struct cs_letter *out, struct cs_str id)
{
	static const char space[] = "csops-mail"; /* and its NUL */
	struct cs_arena *a = k->env.arena;
	struct cs_str domain = k->l->conf.domain;
	struct cs_buf b = {0};
	unsigned char sum[32];
	char hash[33];

	out->key = cs_str(cs_arena_printf(
	    a, "%.*s/%.*s/", CS_ARG(k->mail->name), CS_ARG(id)));
	cs_buf_add(&b, space, sizeof(space));
	cs_buf_str(&b, out->key);
	cs_sha256(b.p, b.n, sum);
	cs_buf_free(&b);
	cs_base32(sum, hash);
	out->hash = cs_keep(a, cs_str(hash));
	out->mime.seed = out->hash;
	if (domain.p == NULL)
		domain = cs_address_domain(out->mime.from.addr);
	if (domain.p == NULL)
		return;
	out->mime.message_id = format(a, out->hash, "@", domain);
	if (k->mail->class == CS_MAIL_PROMO && out->mime.list_id.p == NULL)
		out->mime.list_id = format(a, CS_S("promo"), ".", domain);
}

/* The link for List-Unsubscribe and for {{unsubscribe_url}}: not for mails
 * that must go whatever the customer likes. */
static bool
unsubscribe(
    struct making *k, const struct cs_mail_person *who, struct cs_str *url)
{
	const char *class = cs_mail_class_name(k->mail->class);
	struct cs_buf b = {0};

	*url = (struct cs_str){NULL, 0};
	if (k->l->url == NULL)
		return true;
	if (k->l->conf.key != NULL)
		cs_unsub_token(&b, k->l->conf.key, class, who->id);
	k->env.special[CS_TEMPLATE_TOKEN] =
	    cs_keep(k->env.arena, cs_buf_get(&b));
	cs_buf_free(&b);
	k->env.special[CS_TEMPLATE_MAIL] = k->mail->name;
	k->env.special[CS_TEMPLATE_CLASS] = cs_str(class);
	if (!render(k, k->l->url, url))
		return false;
	k->env.special[CS_TEMPLATE_UNSUBSCRIBE_URL] = *url;
	return true;
}

static bool
fill(struct making *k, const struct cs_mail_person *who, struct cs_mime *mime)
{
	struct cs_str url;

	if (!unsubscribe(k, who, &url))
		return false;
	if (k->mail->class != CS_MAIL_OPERATIONAL)
		mime->unsubscribe = url;
	mime->is_auto = k->mail->class != CS_MAIL_PROMO;
	mime->from = k->l->sender;
	if (!one_mailbox(k, k->part->from, "From", &mime->from) ||
	    !one_mailbox(k, k->part->reply_to, "Reply-To", &mime->reply_to) ||
	    !copies(k, mime) || !more_headers(k, mime) ||
	    !render(k, k->part->file.list_id, &mime->list_id) ||
	    !render(k, k->part->subject, &mime->subject) ||
	    !render(k, k->part->file.text, &mime->text) ||
	    !render(k, k->part->file.html, &mime->html))
		return false;
	if (cs_text_is_blank(mime->subject))
		return stop(k, "missing_field", CS_S("Subject is empty"));
	if (cs_text_is_blank(mime->text))
		return stop(k, "missing_field", CS_S("the text part is empty"));
	return true;
}

bool
cs_letters_make(const struct cs_letters *l, size_t m,
    const struct cs_mail_person *who, const struct cs_mailbox *to,
    struct cs_arena *arena, struct cs_letter *out, struct cs_mail_decision *d)
{
	struct making k = {.l = l,
	    .mail = &l->plan->v[m],
	    .part = &l->v[m],
	    .env = {.rec = who->rec,
		.as_of = l->conf.as_of,
		.arena = arena,
		.missing = l->conf.missing},
	    .d = d};
	enum cs_mime_fault f;
	const char *where;

	*out = (struct cs_letter){0};
	k.env.special[CS_TEMPLATE_TODAY] = cs_str(l->conf.as_of->date);
	out->mime.date = l->conf.as_of->epoch;
	out->mime.zone = l->zone;
	out->mime.to = *to;
	if (!fill(&k, who, &out->mime))
		return false;
	identify(&k, out, who->id);
	f = cs_mime_check(&out->mime, &where);
	if (f == CS_MIME_OK)
		return true;
	return stop(&k, cs_mime_reason(f), cs_str(where));
}

/* --- its record --- */

static void
member(struct cs_buf *b, const char *name, struct cs_str s)
{
	cs_buf_printf(b, "%s\"%s\":", b->p[b->n - 1] == '{' ? "" : ",", name);
	if (s.p == NULL)
		cs_buf_puts(b, "null");
	else
		cs_text_json(b, s);
}

static void
mailbox(struct cs_buf *b, const char *name, const struct cs_mailbox *m)
{
	cs_buf_printf(b, ",\"%s\":", name);
	if (m->addr.p == NULL) {
		cs_buf_puts(b, "null");
		return;
	}
	cs_buf_putc(b, '{');
	member(b, "name",
	    cs_text_is_blank(m->name) ? (struct cs_str){NULL, 0} : m->name);
	member(b, "email", m->addr);
	cs_buf_putc(b, '}');
}

/* Headers that have no member of their own. */
static void
headers(struct cs_buf *b, const struct cs_mime *m)
{
	cs_buf_puts(b, ",\"headers\":{");
	if (m->unsubscribe.p != NULL) {
		cs_buf_puts(b, "\"List-Unsubscribe\":\"<");
		cs_buf_str(b, m->unsubscribe); /* a URL: nothing to escape */
		cs_buf_puts(b, ">\"");
		member(b, "List-Unsubscribe-Post",
		    CS_S("List-Unsubscribe=One-Click"));
	}
	if (m->list_id.p != NULL) {
		struct cs_buf id = {0};

		cs_buf_printf(&id, "<%.*s>", CS_ARG(m->list_id));
		member(b, "List-Id", cs_buf_get(&id));
		cs_buf_free(&id);
	}
	if (m->is_auto)
		member(b, "Auto-Submitted", CS_S("auto-generated"));
	for (size_t i = 0; i < m->nmore; i++) {
		struct cs_buf name = {0};

		cs_buf_str(&name, m->more[i].name);
		member(b, cs_buf_z(&name), m->more[i].value);
		cs_buf_free(&name);
	}
	cs_buf_putc(b, '}');
}

void
cs_letters_jsonl(const struct cs_letters *l, struct cs_buf *b,
    const struct cs_letter *letter, size_t m, const struct cs_mail_person *who,
    uint64_t seq)
{
	const struct cs_mail *mail = &l->plan->v[m];
	const struct cs_mime *mime = &letter->mime;
	const struct cs_as_of *as_of = l->conf.as_of;
	struct cs_str none = {NULL, 0};

	cs_buf_puts(b, "{\"v\":1");
	member(b, "key", letter->key);
	member(b, "message_id", mime->message_id);
	member(b, "mail", mail->name);
	member(b, "variant", none);
	member(b, "class", cs_str(cs_mail_class_name(mail->class)));
	cs_buf_printf(b, ",\"priority\":%lld", mail->priority);
	member(b, "id", who->id);
	member(b, "account", who->account);
	mailbox(b, "to", &mime->to);
	mailbox(b, "from", &mime->from);
	mailbox(b, "reply_to", &mime->reply_to);
	if (mime->ncc > 0) {
		cs_buf_puts(b, ",\"cc\":[");
		for (size_t i = 0; i < mime->ncc; i++) {
			cs_buf_puts(b, i ? ",{" : "{");
			member(b, "name", mime->cc[i].name);
			member(b, "email", mime->cc[i].addr);
			cs_buf_putc(b, '}');
		}
		cs_buf_putc(b, ']');
	}
	member(b, "subject", mime->subject);
	member(b, "text", mime->text);
	member(b, "html", mime->html);
	headers(b, mime);
	member(b, "date", cs_str(l->date));
	member(b, "why", who->why);
	cs_buf_printf(b, ",\"campaign_row\":%zu", mail->stanza->at.line);
	member(b, "run", cs_str(as_of->has_time ? as_of->now : as_of->date));
	cs_buf_printf(b, ",\"seq\":%ju}\n", (uintmax_t)seq);
}
