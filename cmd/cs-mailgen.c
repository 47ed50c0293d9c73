/* cs-mailgen: who gets which mail today, and why */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "decision.h"
#include "explain.h"
#include "kit.h"
#include "mailrun.h"
#include "spool.h"

enum {
	OPT_TEMPLATES = CS_OPT_OWN,
	OPT_EMAIL,
	OPT_NAME,
	OPT_ACCOUNT,
	OPT_SENDER,
	OPT_DOMAIN,
	OPT_CONSENT,
	OPT_SUPPRESS,
	OPT_MAX_AGE,
	OPT_MISSING,
	OPT_UNSUB,
	OPT_KEY,
	OPT_DECISIONS,
	OPT_STATELESS
};

static const struct cs_opt opts[] = {
    {"templates", 't', "DIR", OPT_TEMPLATES,
	"templates (templates/ beside the first rule file)"},
    {"stateless", 0, NULL, OPT_STATELESS,
	"whoever runs it sees to it that nobody gets a mail twice"},
    {"email", 0, "COL", OPT_EMAIL, "the column of the address (email)"},
    {"name", 0, "COL", OPT_NAME, "the column of the person's name (name)"},
    {"account", 0, "COL", OPT_ACCOUNT,
	"the column of the person's account (account)"},
    {"sender", 0, "MAILBOX", OPT_SENDER,
	"From of mails that name none: 'NAME <ADDRESS>'"},
    {"domain", 0, "NAME", OPT_DOMAIN,
	"right side of Message-ID (the domain of From)"},
    {"consent", 0, "COL", OPT_CONSENT,
	"class promo goes where this column holds consent; none: everybody "
	"has agreed"},
    {"suppress", 0, "FILE", OPT_SUPPRESS, "who must not get mail, repeatable"},
    {"suppress-max-age", 0, "TIME", OPT_MAX_AGE,
	"stop when a suppression file is older: 48h, 2d"},
    {"missing", 0, "WORD", OPT_MISSING,
	"a hole without value: skip the mail, empty, or error (stop)"},
    {"unsub-url", 0, "URL", OPT_UNSUB, "https://..., {{token}} in it or added"},
    {"key-file", 0, "FILE", OPT_KEY, "the key that signs {{token}}"},
    {"decisions", 0, "FILE", OPT_DECISIONS,
	"write the decisions there, beside the mails"},
    {NULL, 0, NULL, 0, NULL},
};

enum form { FORM_JSONL, FORM_MBOX, FORM_DECISIONS, FORM_WHY };

struct mailgen {
	/* The request. */
	const char *dir;
	struct cs_str email, name, account, consent;
	struct cs_letters_conf conf;
	struct cs_unsub_key key;
	const char *key_path;
	const char **suppress_path;
	size_t nsuppress, suppress_cap;
	struct cs_duration max_age;
	bool has_max_age, is_missing_error, is_stateless;
	const char *decisions_path;

	/* The run. */
	enum form form;
	struct cs_mailplan plan;
	struct cs_letters *letters;
	struct cs_suppress *suppress;
	struct cs_mailrun run;
	size_t *when;		     /* expression, by mail */
	struct cs_explain **explain; /* by mail; NULL: nobody reads it */
	struct cs_spool *spool;	     /* standard output */
	struct cs_out *file;	     /* --decisions */
	struct cs_spool *file_spool;
	struct cs_decision_form rows;
	struct cs_table *why;
};

static bool
set_missing(struct mailgen *g, const char *arg, struct cs_err *err)
{
	g->is_missing_error = strcmp(arg, "error") == 0;
	g->conf.missing =
	    strcmp(arg, "empty") == 0 ? CS_TEMPLATE_EMPTY : CS_TEMPLATE_SKIP;
	if (strcmp(arg, "skip") == 0 || strcmp(arg, "empty") == 0 ||
	    g->is_missing_error)
		return true;
	return cs_fail(
	    err, CS_USAGE, "--missing=%s is not one of: skip empty error", arg);
}

static bool
option(
    void *self, struct cs_kit *k, int id, const char *arg, struct cs_err *err)
{
	struct mailgen *g = self;

	(void)k;
	switch (id) {
	case OPT_TEMPLATES:
		g->dir = arg;
		break;
	case OPT_EMAIL:
		g->email = cs_str(arg);
		break;
	case OPT_NAME:
		g->name = cs_str(arg);
		break;
	case OPT_ACCOUNT:
		g->account = cs_str(arg);
		break;
	case OPT_SENDER:
		g->conf.sender = cs_str(arg);
		break;
	case OPT_DOMAIN:
		g->conf.domain = cs_str(arg);
		break;
	case OPT_CONSENT:
		g->consent = cs_str(arg);
		break;
	case OPT_SUPPRESS:
		g->suppress_path = cs_grow(g->suppress_path, g->nsuppress,
		    &g->suppress_cap, sizeof(*g->suppress_path));
		g->suppress_path[g->nsuppress++] = arg;
		break;
	case OPT_MAX_AGE:
		g->has_max_age = true;
		if (!cs_duration_parse(cs_str(arg), &g->max_age))
			return cs_fail(err, CS_USAGE,
			    "--suppress-max-age=%s is no duration: 48h, 2d",
			    arg);
		break;
	case OPT_MISSING:
		return set_missing(g, arg, err);
	case OPT_UNSUB:
		g->conf.unsub = cs_str(arg);
		break;
	case OPT_KEY:
		g->key_path = arg;
		break;
	case OPT_DECISIONS:
		g->decisions_path = arg;
		break;
	case OPT_STATELESS:
		g->is_stateless = true;
		break;
	}
	return true;
}

/* --- before the data --- */

static bool
pick_form(struct mailgen *g, struct cs_kit *k, struct cs_err *err)
{
	const char *word = k->out_word;
	bool is_why = k->has_why && k->why_id.p != NULL;

	if (word == NULL || strcmp(word, "jsonl") == 0)
		g->form = FORM_JSONL;
	else if (strcmp(word, "mbox") == 0)
		g->form = FORM_MBOX;
	else if (strcmp(word, "decisions") == 0)
		g->form = FORM_DECISIONS;
	else if (!is_why)
		return cs_fail(err, CS_USAGE,
		    "-o %s goes with --why=ID; mails are written as jsonl, "
		    "mbox or decisions",
		    word);
	if (is_why) {
		if (g->form == FORM_MBOX || g->form == FORM_DECISIONS)
			k->out_word = NULL;
		g->form = FORM_WHY;
		k->output = CS_OUT_TABLE;
	}
	if (k->columns.p != NULL &&
	    (g->form == FORM_JSONL || g->form == FORM_MBOX))
		return cs_fail(err, CS_USAGE,
		    "--columns goes with -o decisions and --why=ID");
	return true;
}

/* "templates/" from a shell's completion: messages show one slash. */
static const char *
without_slashes(const char *dir, struct cs_arena *run)
{
	size_t n = strlen(dir);

	while (n > 1 && dir[n - 1] == '/')
		n--;
	return cs_keepz(run, (struct cs_str){dir, n});
}

/* -t DIR, or templates/ beside the first rule file. */
static bool
find_templates(struct mailgen *g, struct cs_kit *k, struct cs_err *err)
{
	struct stat st;

	if (g->dir == NULL) {
		const char *file = k->rule_files[0];
		const char *slash = strrchr(file, '/');

		if (strncmp(file, "std:", 4) == 0)
			g->dir = cs_arena_printf(
			    &k->run, "%s/templates", cs_datadir(&k->run));
		else
			g->dir = cs_arena_printf(&k->run, "%.*stemplates",
			    slash ? (int)(slash - file + 1) : 0, file);
	}
	g->dir = without_slashes(g->dir, &k->run);
	if (stat(g->dir, &st) != 0)
		return cs_fail(err, CS_STOP, "%s: %s (-t DIR: the templates)",
		    g->dir, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return cs_fail(err, CS_STOP,
		    "%s: not a directory (-t DIR: the templates)", g->dir);
	g->conf.dir = g->dir;
	return true;
}

static bool
load_key(struct mailgen *g, struct cs_kit *k, struct cs_err *err)
{
	bool is_open;

	if (g->key_path == NULL)
		return true;
	if (g->conf.unsub.p == NULL)
		return cs_fail(
		    err, CS_USAGE, "--key-file goes with --unsub-url");
	if (!cs_unsub_read(&g->key, g->key_path, &is_open, err))
		return false;
	if (is_open)
		cs_kit_note(
		    k, "%s: others may read the key; chmod 600", g->key_path);
	g->conf.key = &g->key;
	return true;
}

/* Do the customers come from standard input? */
static bool
is_stdin(const struct cs_kit *k)
{
	bool is_named = k->nfiles == 0;

	for (size_t i = 0; i < k->nfiles; i++)
		is_named |= strcmp(k->files[i], "-") == 0;
	return is_named;
}

static bool
load_suppression(struct mailgen *g, struct cs_kit *k, struct cs_err *err)
{
	g->suppress = cs_suppress_new();
	for (size_t i = 0; i < g->nsuppress; i++) {
		if (strcmp(g->suppress_path[i], "-") == 0 && is_stdin(k))
			return cs_fail(err, CS_USAGE,
			    "--suppress=-: standard input holds the "
			    "customers");
		if (!cs_suppress_load(g->suppress, g->suppress_path[i],
			g->has_max_age ? &g->max_age : NULL, &k->as_of,
			&k->diags, err))
			return false;
	}
	return true;
}

/* Says what is read besides the rules and the customers. */
static void
tell_reads(const struct mailgen *g, struct cs_kit *k)
{
	DIR *d = opendir(g->dir);
	const struct dirent *e;

	for (size_t i = 0; i < g->nsuppress; i++)
		cs_kit_reads(k, g->suppress_path[i]);
	if (g->key_path != NULL)
		cs_kit_reads(k, g->key_path);
	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL)
		cs_kit_reads(
		    k, cs_arena_printf(&k->run, "%s/%s", g->dir, e->d_name));
	closedir(d);
}

static bool
ready(void *self, struct cs_kit *k, struct cs_err *err)
{
	struct mailgen *g = self;

	if (!pick_form(g, k, err))
		return false;
	cs_mailplan_build(
	    &g->plan, &k->rules, g->is_stateless, &k->run, &k->diags);
	if (g->plan.n == 0 && k->diags.errors == 0)
		return cs_fail(
		    err, CS_USAGE, "no Mail: in the rules (-r FILE)");
	if (g->plan.n == 0)
		return true;
	if (g->plan.has_promo && g->consent.p == NULL)
		return cs_fail(err, CS_USAGE,
		    "class promo needs --consent=COL (a column with a date, a "
		    "basis or yes), or --consent=none: everybody has agreed");
	g->conf.as_of = &k->as_of;
	g->conf.needs_from = g->form == FORM_MBOX;
	if (!find_templates(g, k, err))
		return false;
	tell_reads(g, k);
	if (!load_key(g, k, err) || !load_suppression(g, k, err))
		return false;
	g->letters = cs_letters_new(&g->conf, &g->plan, &k->diags, err);
	return g->letters != NULL;
}

/* --- the header is known --- */

/* A column that may be absent unless it was asked for. */
static bool
may_have(struct cs_kit *k, struct cs_str asked, const char *usual,
    const char *opt, size_t *col, struct cs_err *err)
{
	if (asked.p != NULL)
		return cs_kit_need(k, asked, opt, col, err);
	*col = k->head.is_open ? cs_header_add(&k->head, cs_str(usual))
			       : cs_header_find(&k->head, cs_str(usual));
	return true;
}

static bool
find_columns(struct mailgen *g, struct cs_kit *k, struct cs_err *err)
{
	struct cs_mailrun *r = &g->run;
	bool needs_email = false;

	for (size_t i = 0; i < g->plan.n; i++)
		needs_email |= cs_stanza_get(g->plan.v[i].stanza, "to") == NULL;
	if (!cs_kit_need(k, k->id_name, "--id", &k->id, err) ||
	    !may_have(k, g->email, "email", "--email", &r->email, err) ||
	    !may_have(k, g->name, "name", "--name", &r->name, err) ||
	    !may_have(k, g->account, "account", "--account", &r->account, err))
		return false;
	if (needs_email && r->email == CS_NO_COLUMN &&
	    !cs_kit_need(k, CS_S("email"), "--email", &r->email, err))
		return false;
	r->plan = &g->plan;
	r->letters = g->letters;
	r->gates.today = cs_civil_days(k->as_of.today);
	r->gates.suppress = g->suppress;
	r->gates.wants_consent =
	    g->consent.p != NULL && !cs_str_is(g->consent, "none");
	cs_mailrun_begin(r);
	return !r->gates.wants_consent ||
	       cs_kit_need(
		   k, g->consent, "--consent", &r->gates.consent_col, err);
}

/* The conditions; explained where somebody will read it. */
static void
add_conditions(struct mailgen *g, struct cs_kit *k)
{
	bool is_told = g->form != FORM_MBOX || g->decisions_path != NULL;

	g->when = cs_calloc(g->plan.n, sizeof(*g->when));
	g->explain = cs_calloc(g->plan.n, sizeof(*g->explain));
	for (size_t i = 0; i < g->plan.n; i++) {
		const struct cs_mail *m = &g->plan.v[i];

		if (m->when == NULL || m->when->expr == NULL || !m->is_enabled)
			continue;
		g->when[i] = cs_kit_add(k, m->stanza, m->when);
		if (is_told)
			g->explain[i] = cs_explain_new(k->eval, m->when->expr,
			    cs_eval_label(k->eval, g->when[i]));
	}
}

static bool
open_decisions(
    struct mailgen *g, struct cs_kit *k, bool holds, struct cs_err *err)
{
	if (g->decisions_path == NULL)
		return true;
	g->file = cs_kit_create(k, g->decisions_path, err);
	if (g->file == NULL)
		return false;
	g->file_spool = cs_spool_new(g->file, holds, err);
	return g->file_spool != NULL;
}

static bool
open_output(struct mailgen *g, struct cs_kit *k, struct cs_err *err)
{
	bool holds = g->is_missing_error || g->plan.has_stop;
	enum cs_form form = k->in_form;
	struct cs_buf head = {0};

	if (!cs_decision_form_init(&g->rows, form, k->columns, err))
		return false;
	cs_decision_head(&head, &g->rows);
	g->spool = cs_spool_new(k->out, holds, err);
	if (g->spool == NULL || !open_decisions(g, k, holds, err)) {
		cs_buf_free(&head);
		return false;
	}
	if (g->form == FORM_DECISIONS)
		cs_spool_str(g->spool, cs_buf_get(&head));
	if (g->file_spool != NULL)
		cs_spool_str(g->file_spool, cs_buf_get(&head));
	if (g->form == FORM_WHY)
		g->why = cs_table_new(cs_decision_columns, CS_DECISION_COLUMNS);
	cs_buf_free(&head);
	return true;
}

static bool
start(void *self, struct cs_kit *k, struct cs_err *err)
{
	struct mailgen *g = self;

	if (!find_columns(g, k, err))
		return false;
	cs_mailplan_bind(&g->plan, &k->head, &k->diags);
	cs_letters_bind(g->letters, &k->head, &k->diags);
	add_conditions(g, k);
	return k->diags.errors > 0 || open_output(g, k, err);
}

/* --- one customer --- */

/* Why mail i's condition says what it says; *column is the empty column that
 * leaves it unknown, or absent. */
static struct cs_str
explain(struct mailgen *g, struct cs_kit *k, struct cs_rec *rec, size_t i,
    struct cs_str *column)
{
	const struct cs_reason *v;
	struct cs_buf b = {0};
	struct cs_str text;
	size_t n;

	*column = (struct cs_str){0};
	if (g->explain[i] == NULL)
		return CS_S("");
	n = cs_explain_get(g->explain[i], rec, &v);
	cs_explain_text(&b, v, n);
	*column = cs_explain_column(v, n);
	text = cs_keep(&k->one, cs_buf_get(&b));
	cs_buf_free(&b);
	return text;
}

static void
ask(struct mailgen *g, struct cs_kit *k, struct cs_rec *rec, size_t i)
{
	struct cs_mail_person *w = &g->run.who[i];
	struct cs_str column;

	if (g->plan.v[i].when == NULL || !g->plan.v[i].is_enabled)
		return;
	switch (cs_kit_ask(k, g->when[i])) {
	case CS_YES:
		break;
	case CS_NO:
		w->when = CS_MAIL_NO;
		break;
	case CS_UNKNOWN:
		w->when = CS_MAIL_UNKNOWN;
		break;
	}
	w->why = explain(g, k, rec, i, &column);
	if (w->when == CS_MAIL_UNKNOWN && g->explain[i] == NULL)
		column = cs_kit_empty(k, g->when[i]);
	if (column.p != NULL)
		w->unknown = cs_keep(&k->one, column);
}

/* Missing: error and --missing=error end the run before a byte is written. */
static bool
stop(struct mailgen *g, struct cs_rec *rec, size_t i, const char *why,
    struct cs_str what, struct cs_err *err)
{
	return cs_fail_at(err, CS_STOP,
	    (struct cs_place){rec->file, rec->line, 0},
	    "stop: mail %.*s for %.*s: %.*s, and %s; nothing written",
	    CS_ARG(g->plan.v[i].name), CS_ARG(g->run.who[i].id), CS_ARG(what),
	    why);
}

static bool
check_missing(struct mailgen *g, struct cs_rec *rec, struct cs_err *err)
{
	for (size_t i = 0; i < g->plan.n && g->is_missing_error; i++)
		if (cs_str_is(g->run.decision[i].reason, "missing_field"))
			return stop(g, rec, i, "--missing=error",
			    g->run.decision[i].detail, err);
	return true;
}

static void
write_letter(struct mailgen *g)
{
	struct cs_mailrun *r = &g->run;
	struct cs_buf b = {0};

	if (r->chosen != CS_NO_MAIL && g->form == FORM_JSONL)
		cs_letters_jsonl(g->letters, &b, &r->letter, r->chosen,
		    &r->who[r->chosen], r->sent);
	if (r->chosen != CS_NO_MAIL && g->form == FORM_MBOX)
		cs_mime_mbox(&b, &r->letter.mime);
	cs_spool_str(g->spool, cs_buf_get(&b));
	cs_buf_free(&b);
}

/* In order of priority: so the mails were asked. */
static void
write_rows(struct mailgen *g, struct cs_str id, bool is_why)
{
	struct cs_buf b = {0};

	for (size_t n = 0; n < g->plan.n; n++) {
		size_t i = g->plan.order[n];
		const struct cs_mail *m = &g->plan.v[i];

		if (g->form == FORM_DECISIONS || g->file_spool != NULL)
			cs_decision_row(
			    &b, &g->rows, id, m, &g->run.decision[i]);
		if (is_why)
			cs_decision_table(g->why, id, m, &g->run.decision[i]);
	}
	if (g->form == FORM_DECISIONS)
		cs_spool_str(g->spool, cs_buf_get(&b));
	if (g->file_spool != NULL)
		cs_spool_str(g->file_spool, cs_buf_get(&b));
	cs_buf_free(&b);
}

static bool
record(void *self, struct cs_kit *k, struct cs_rec *rec, struct cs_err *err)
{
	struct mailgen *g = self;
	struct cs_str id = cs_kit_id(k, rec);
	struct cs_buf what = {0};
	bool is_why;
	size_t halt;

	if (id.n == 0)
		return cs_kit_refuse(k, rec, "bad_row", k->id_name,
		    (struct cs_str){NULL, 0}, "no id", err);
	cs_mailrun_look(&g->run, rec, id, &k->one);
	for (size_t i = 0; i < g->plan.n; i++)
		ask(g, k, rec, i);
	cs_mailrun_decide(&g->run, &k->one, &halt);
	if (halt != CS_NO_MAIL) {
		cs_buf_str(&what, g->run.who[halt].unknown);
		cs_buf_puts(&what, what.n ? " is empty" : "unknown");
		stop(g, rec, halt, "the mail says Missing: error",
		    cs_buf_get(&what), err);
		cs_buf_free(&what);
		return false;
	}
	if (!check_missing(g, rec, err))
		return false;
	/* --why=ID speaks of that customer only. */
	is_why = g->why != NULL && cs_kit_is_why(k, rec);
	if (g->why == NULL || is_why)
		k->is_partly |= g->run.is_partly;
	write_letter(g);
	write_rows(g, id, is_why);
	return true;
}

/* --- the end --- */

/* Faults of data that kept a mail from somebody are told always. */
static bool
is_fault(const struct cs_mailrun_count *c)
{
	return c->gate == CS_GATE_RENDER || c->gate == CS_GATE_REQUIRES ||
	       cs_str_is(c->reason, "bad_address") ||
	       cs_str_is(c->reason, "eai_address");
}

static void
tell_count(struct cs_kit *k, const struct cs_mailrun_count *c)
{
	const char *colon = c->detail.n ? ": " : "";

	if (c->mail == NULL && (is_fault(c) || k->verbose > 0))
		cs_kit_note(k, "customers: %ju %.*s (first %.*s%s%.*s)",
		    (uintmax_t)c->n, CS_ARG(c->reason), CS_ARG(c->id), colon,
		    CS_ARG(c->detail));
	else if (c->mail != NULL && is_fault(c))
		cs_kit_note(k, "mail %.*s: %ju %.*s (first %.*s%s%.*s)",
		    CS_ARG(c->mail->name), (uintmax_t)c->n, CS_ARG(c->reason),
		    CS_ARG(c->id), colon, CS_ARG(c->detail));
	else if (k->verbose > 0)
		cs_kit_note(k, "mail %.*s: %ju %.*s", CS_ARG(c->mail->name),
		    (uintmax_t)c->n, CS_ARG(c->reason));
}

static void
summary(struct mailgen *g, struct cs_kit *k)
{
	for (size_t i = 0; i < g->run.ncounts; i++)
		tell_count(k, &g->run.count[i]);
	if (g->run.promos > 0 && g->conf.unsub.p == NULL &&
	    (g->form == FORM_JSONL || g->form == FORM_MBOX))
		cs_kit_note(k,
		    "%ju promo mails without List-Unsubscribe: give "
		    "--unsub-url and --key-file",
		    (uintmax_t)g->run.promos);
	if (k->verbose > 0)
		cs_kit_note(k, "%ju mails for %ju customers",
		    (uintmax_t)g->run.sent, (uintmax_t)k->records);
}

static bool
close_decisions(struct mailgen *g, struct cs_err *err)
{
	struct cs_out *file = g->file;

	if (file == NULL)
		return true;
	if (!cs_spool_commit(g->file_spool, err))
		return false;
	g->file = NULL;
	return cs_out_close(file, err);
}

static bool
finish(void *self, struct cs_kit *k, struct cs_err *err)
{
	struct mailgen *g = self;

	if (!cs_spool_commit(g->spool, err) || !close_decisions(g, err))
		return false;
	if (g->why != NULL && cs_table_rows(g->why) == 0)
		return cs_kit_why_missing(k, err);
	if (g->why != NULL && !cs_kit_table(k, g->why, err))
		return false;
	/* First what was asked for, then what there is to say about it. */
	if (!cs_out_flush(k->out, err))
		return false;
	if (g->why == NULL)
		summary(g, k);
	return true;
}

static void
end(void *self, struct cs_kit *k)
{
	struct mailgen *g = self;
	struct cs_err ignored;

	(void)k;
	for (size_t i = 0; g->explain != NULL && i < g->plan.n; i++)
		if (g->explain[i] != NULL)
			cs_explain_free(g->explain[i]);
	free(g->explain);
	free(g->when);
	free(g->suppress_path);
	cs_letters_free(g->letters);
	cs_suppress_free(g->suppress);
	cs_spool_free(g->spool);
	cs_spool_free(g->file_spool);
	if (g->file != NULL)
		cs_out_close(g->file, &ignored);
	if (g->why != NULL)
		cs_table_free(g->why);
	cs_mailrun_free(&g->run);
}

static const struct cs_cmd cmd = {
    .name = "cs-mailgen",
    .purpose = "Decides who gets which mail today, and writes the mails",
    .synopsis = "-r FILE... [-t DIR] [-o jsonl | mbox | decisions] "
		"[--consent=COL | none] [FILE...]",
    .examples =
	"  cs-mailgen -r mails.rules -t templates -o decisions shops.csv\n"
	"  cs-mailgen -r mails.rules -t templates --why=c0381 shops.csv\n",
    .opts = opts,
    .forms = "jsonl mbox decisions table csv",
    .output = CS_OUT_OWN,
    .option = option,
    .ready = ready,
    .start = start,
    .record = record,
    .finish = finish,
    .end = end,
};

int
main(int argc, char **argv)
{
	struct mailgen g = {0};

	return cs_kit_main(&cmd, &g, argc, argv);
}
