#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "mailplan.h"
#include "text.h"

const char *
cs_mail_class_name(enum cs_mail_class c)
{
	static const char *const name[] = {"promo", "service", "operational"};

	return name[c];
}

const char *
cs_mail_gate_name(enum cs_mail_gate g)
{
	static const char *const name[] = {"address", "enabled", "dates",
	    "when", "requires", "suppression", "consent", "already", "priority",
	    "cap", "render", "send"};

	return name[g];
}

/* --- the plan --- */

/* Keys whose meaning this version does not have. */
static const struct {
	const char *key, *needs;
} later[] = {
    {"cooldown", "the sent log"},
    {"after", "the sent log"},
    {"window", "send windows"},
    {"every", "the sent log"},
    {"variants", "variants"},
    {"holdout", "holdouts"},
};

static void
check_later(
    const struct cs_stanza *s, bool is_stateless, struct cs_diags *diags)
{
	struct cs_str repeat = cs_stanza_text(s, "repeat");

	for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
		const struct cs_kv *kv = cs_stanza_get(s, later[i].key);

		if (kv != NULL)
			cs_diag(diags, CS_ERROR, "unknown-key",
			    kv->pair->key_at,
			    "%.*s: needs %s, which this version does not have",
			    CS_ARG(kv->pair->key), later[i].needs);
	}
	if (repeat.p == NULL || (is_stateless && cs_str_is(repeat, "once")))
		return;
	if (cs_str_is(repeat, "once"))
		cs_diag(diags, CS_ERROR, "unknown-key",
		    cs_stanza_place(s, "repeat"),
		    "Repeat: once needs the sent log, which this version does "
		    "not have; --stateless: whoever runs it sees to that");
	else
		cs_diag(diags, CS_ERROR, "unknown-key",
		    cs_stanza_place(s, "repeat"),
		    "Repeat: %.*s needs the sent log, which this version does "
		    "not have",
		    CS_ARG(repeat));
}

static long
day_of(const struct cs_stanza *s, const char *key, long open)
{
	struct cs_str text = cs_stanza_text(s, key);
	struct cs_civil c;

	if (text.p == NULL || cs_zone_civil(text, &c) != CS_DATE_OK)
		return open; /* a bad date is a finding of the rules */
	return cs_civil_days(c);
}

static void
read_requires(struct cs_mail *m, struct cs_arena *run)
{
	struct cs_str text = cs_stanza_text(m->stanza, "requires");
	struct cs_str rest = text, item;
	size_t n = 0;

	if (text.p == NULL)
		return;
	while (cs_list_next(&rest, &item, run))
		n++;
	m->requires = cs_arena_array(run, n, sizeof(*m->requires));
	m->requires_col = cs_arena_array(run, n, sizeof(*m->requires_col));
	rest = text;
	while (cs_list_next(&rest, &item, run))
	m->requires[m->nrequires++] = item;
}

static void
read_mail(struct cs_mail *m, const struct cs_stanza *s, struct cs_arena *run)
{
	struct cs_str class = cs_stanza_text(s, "class"),
		      enabled = cs_stanza_text(s, "enabled"),
		      base = cs_stanza_text(s, "template"),
		      group = cs_stanza_text(s, "group");

	m->stanza = s;
	m->name = s->name;
	m->class = cs_str_isi(class, "promo")	      ? CS_MAIL_PROMO
		   : cs_str_isi(class, "operational") ? CS_MAIL_OPERATIONAL
						      : CS_MAIL_SERVICE;
	m->priority = (long long)cs_stanza_number(s, "priority", 0);
	m->is_draft = cs_str_isi(enabled, "draft");
	m->is_enabled = !m->is_draft && !cs_str_isi(enabled, "no");
	m->from_day = day_of(s, "from-date", LONG_MIN);
	m->to_day = day_of(s, "to-date", LONG_MAX);
	m->group = group.p ? group : CS_S("");
	m->base = base.p ? base : m->name;
	m->when = cs_stanza_get(s, "when");
	m->missing = s->missing;
	read_requires(m, run);
}

/* Insertion keeps the order of the files among equals; tables are small. */
static void
sort_order(struct cs_mailplan *p)
{
	for (size_t i = 0; i < p->n; i++) {
		size_t k = i;

		while (k > 0 &&
		       p->v[p->order[k - 1]].priority < p->v[i].priority) {
			p->order[k] = p->order[k - 1];
			k--;
		}
		p->order[k] = i;
	}
}

void
cs_mailplan_build(struct cs_mailplan *p, const struct cs_rules *rules,
    bool is_stateless, struct cs_arena *run, struct cs_diags *diags)
{
	*p = (struct cs_mailplan){0};
	p->v = cs_arena_array(run, rules->n, sizeof(*p->v));
	p->order = cs_arena_array(run, rules->n, sizeof(*p->order));
	for (size_t i = 0; i < rules->n; i++) {
		const struct cs_stanza *s = rules->v[i];

		if (!cs_stanza_is(s, "Mail"))
			continue;
		check_later(s, is_stateless, diags);
		read_mail(&p->v[p->n], s, run);
		p->has_promo |=
		    p->v[p->n].class == CS_MAIL_PROMO && p->v[p->n].is_enabled;
		p->has_stop |= p->v[p->n].missing == CS_MISSING_ERROR;
		p->n++;
	}
	sort_order(p);
}

static void
unknown_column(const struct cs_mail *m, struct cs_str name,
    const struct cs_header *head, struct cs_diags *diags)
{
	size_t n = cs_header_n(head);
	struct cs_str *names = cs_calloc(n + 1, sizeof(*names)), near;

	for (size_t i = 0; i < n; i++)
		names[i] = cs_header_name(head, i);
	near = cs_nearest(name, names, n);
	if (near.p != NULL)
		cs_diag(diags, CS_ERROR, "unknown-column",
		    cs_stanza_place(m->stanza, "requires"),
		    "unknown column \"%.*s\" (did you mean \"%.*s\"?)",
		    CS_ARG(name), CS_ARG(near));
	else
		cs_diag(diags, CS_ERROR, "unknown-column",
		    cs_stanza_place(m->stanza, "requires"),
		    "unknown column \"%.*s\"", CS_ARG(name));
	free(names);
}

void
cs_mailplan_bind(
    struct cs_mailplan *p, struct cs_header *head, struct cs_diags *diags)
{
	for (size_t i = 0; i < p->n; i++) {
		struct cs_mail *m = &p->v[i];

		for (size_t k = 0; k < m->nrequires; k++) {
			struct cs_str name = m->requires[k];

			m->requires_col[k] = head->is_open
						 ? cs_header_add(head, name)
						 : cs_header_find(head, name);
			if (m->requires_col[k] == CS_NO_COLUMN)
				unknown_column(m, name, head, diags);
		}
	}
}

/* --- the gates --- */

void
cs_mail_stop(struct cs_mail_decision *d, enum cs_mail_gate gate,
    struct cs_str reason, struct cs_str detail, struct cs_str until)
{
	*d = (struct cs_mail_decision){gate, reason, detail, until};
}

static bool
stop(struct cs_mail_decision *d, enum cs_mail_gate gate, const char *reason)
{
	cs_mail_stop(d, gate, cs_str(reason), CS_S(""), CS_S(""));
	return false;
}

static struct cs_str
join(struct cs_arena *a, const char *head, struct cs_str tail)
{
	return cs_str(cs_arena_printf(a, "%s%.*s", head, CS_ARG(tail)));
}

static struct cs_str
day_text(struct cs_arena *a, long day)
{
	char text[16];

	cs_civil_print(text, cs_days_civil(day));
	return cs_keep(a, cs_str(text));
}

/* One gate: false when the mail stops here, with d filled. */
struct passing {
	const struct cs_mail_gates *g;
	const struct cs_mail *m;
	const struct cs_mail_person *who;
	struct cs_arena *arena;
	struct cs_mail_decision *d;
};

static bool
gate_address(struct passing *p)
{
	if (p->who->address == CS_ADDRESS_OK)
		return true;
	cs_mail_stop(p->d, CS_GATE_ADDRESS,
	    cs_str(cs_address_reason(p->who->address)),
	    p->who->email.p ? p->who->email : CS_S(""), CS_S(""));
	return false;
}

static bool
gate_enabled(struct passing *p)
{
	if (p->m->is_enabled)
		return true;
	cs_mail_stop(p->d, CS_GATE_ENABLED, CS_S("disabled"),
	    p->m->is_draft ? CS_S("draft") : CS_S(""), CS_S(""));
	return false;
}

static bool
gate_dates(struct passing *p)
{
	if (p->g->today < p->m->from_day)
		cs_mail_stop(p->d, CS_GATE_DATES, CS_S("not_yet"), CS_S(""),
		    day_text(p->arena, p->m->from_day));
	else if (p->g->today > p->m->to_day)
		cs_mail_stop(p->d, CS_GATE_DATES, CS_S("expired"),
		    join(p->arena, "the last day was ",
			day_text(p->arena, p->m->to_day)),
		    CS_S(""));
	else
		return true;
	return false;
}

static bool
gate_when(struct passing *p)
{
	bool is_unknown = p->who->when == CS_MAIL_UNKNOWN;
	struct cs_str reason = CS_S("no_match");

	if (p->who->when == CS_MAIL_YES ||
	    (is_unknown && p->m->missing == CS_MISSING_YES))
		return true;
	if (is_unknown && p->m->missing != CS_MISSING_NO)
		reason = p->who->unknown.n > 0
			     ? join(p->arena, "unknown:", p->who->unknown)
			     : CS_S("unknown");
	cs_mail_stop(p->d, CS_GATE_WHEN, reason, p->who->why, CS_S(""));
	return false;
}

static bool
gate_requires(struct passing *p)
{
	for (size_t i = 0; i < p->m->nrequires; i++) {
		struct cs_str s =
		    cs_rec_text(p->who->rec, p->m->requires_col[i]);

		if (s.p != NULL && !cs_text_is_blank(s))
			continue;
		cs_mail_stop(p->d, CS_GATE_REQUIRES,
		    join(p->arena, "missing_field:", p->m->requires[i]),
		    CS_S(""), CS_S(""));
		return false;
	}
	return true;
}

static bool
gate_suppression(struct passing *p)
{
	const struct cs_mail_person *w = p->who;
	struct cs_suppress_who who = {.email = w->norm,
	    .id = w->id,
	    .account = w->account,
	    .mail = p->m->name,
	    .group = p->m->group,
	    .is_promo = p->m->class == CS_MAIL_PROMO};
	struct cs_suppress_hit hit;

	if (p->g->suppress == NULL ||
	    !cs_suppress_find(p->g->suppress, &who, p->g->today, &hit))
		return true;
	cs_mail_stop(p->d, CS_GATE_SUPPRESSION,
	    join(p->arena, "suppressed:", hit.reason),
	    cs_str(cs_arena_printf(p->arena, "%s:%zu", hit.file, hit.line)),
	    hit.until);
	return false;
}

/* A date, a reason or a yes is consent; a word for no is not. */
static bool
is_consent(struct cs_str s)
{
	static const char *const no[] = {"no", "n", "false", "0", "off", "none",
	    "null", "いいえ", "なし", "無", "×", NULL};

	s = cs_text_trim(s);
	if (s.n == 0)
		return false;
	for (size_t i = 0; no[i] != NULL; i++)
		if (cs_str_isi(s, no[i]))
			return false;
	return true;
}

static bool
gate_consent(struct passing *p)
{
	struct cs_str s;

	if (p->m->class != CS_MAIL_PROMO || !p->g->wants_consent)
		return true;
	s = cs_rec_text(p->who->rec, p->g->consent_col);
	if (s.p != NULL && is_consent(s))
		return true;
	return stop(p->d, CS_GATE_CONSENT, "no_consent");
}

bool
cs_mailplan_gates(const struct cs_mail_gates *g, const struct cs_mail *m,
    const struct cs_mail_person *who, struct cs_arena *arena,
    struct cs_mail_decision *d)
{
	/* RULES and reference order: an opt-out is seen before anything that
	 * would tell of a person's interest. */
	static bool (*const gates[])(struct passing *) = {gate_address,
	    gate_enabled, gate_dates, gate_when, gate_requires,
	    gate_suppression, gate_consent};
	struct passing p = {g, m, who, arena, d};

	for (size_t i = 0; i < sizeof(gates) / sizeof(gates[0]); i++)
		if (!gates[i](&p))
			return false;
	cs_mail_stop(d, CS_GATE_SEND, CS_S("send"), who->why, CS_S(""));
	return true;
}

size_t
cs_mailplan_choose(const struct cs_mailplan *p, const bool *passed,
    struct cs_mail_decision *d, struct cs_arena *arena)
{
	size_t best = CS_NO_MAIL;

	for (size_t i = 0; i < p->n; i++) {
		size_t m = p->order[i];

		if (!passed[m])
			continue;
		if (best == CS_NO_MAIL) {
			best = m;
			continue;
		}
		cs_mail_stop(&d[m], CS_GATE_PRIORITY,
		    join(arena, "lost_to:", p->v[best].name), d[m].detail,
		    CS_S(""));
	}
	return best;
}
