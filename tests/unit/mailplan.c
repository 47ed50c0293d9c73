/* Mails, gates and the choice: lib/mailplan */
#include <unistd.h>

#include "mailplan.h"
#include "tap.h"

struct fixture {
	struct cs_arena run;
	struct cs_rules rules;
	struct cs_diags diags;
	struct cs_mailplan plan;
	struct cs_header head;
	struct cs_rec rec;
	char path[64];
};

static void
build(struct fixture *f, const char *text, bool is_stateless)
{
	const char *files[] = {f->path};
	struct cs_err err = {0};
	FILE *out = fopen(f->path, "wb");

	if (out == NULL || fputs(text, out) < 0 || fclose(out) != 0)
		exit(3);
	cs_diags_free(&f->diags);
	f->diags = (struct cs_diags){0};
	f->rules = (struct cs_rules){0};
	if (!cs_rules_load(&f->rules, files, 1, &f->run, &f->diags, &err))
		exit(3);
	cs_mailplan_build(
	    &f->plan, &f->rules, is_stateless, &f->run, &f->diags);
}

static void
order(struct fixture *f)
{
	struct cs_mail_decision d[4] = {0};
	bool passed[4] = {true, false, true, true};
	struct cs_mailplan *p = &f->plan;

	build(f,
	    "Mail: a\nPriority: 5\nWhen: true\nClass: promo\n\n"
	    "Mail: b\nPriority: 9\nWhen: true\nClass: operational\n\n"
	    "Mail: c\nWhen: true\nMissing: error\n\n"
	    "Mail: d\nPriority: 5\nWhen: true\nTemplate: x\n\n"
	    "Segment: s\nWhen: true\n",
	    false);
	ok(f->diags.n == 0 && p->n == 4, "four mails, other kinds passed over");
	ok(p->order[0] == 1 && p->order[1] == 0 && p->order[2] == 3 &&
		p->order[3] == 2,
	    "by priority, equal ones as in the file, absent is 0");
	ok(p->has_promo && p->has_stop, "has promo and Missing: error");
	ok(p->v[0].class == CS_MAIL_PROMO &&
		p->v[1].class == CS_MAIL_OPERATIONAL &&
		p->v[2].class == CS_MAIL_SERVICE,
	    "classes; absent is service");
	is_str(p->v[2].base, "c", "template is the mail's name");
	is_str(p->v[3].base, "x", "or what Template says");
	for (size_t i = 0; i < 4; i++)
		cs_mail_stop(
		    &d[i], CS_GATE_SEND, CS_S("send"), CS_S("why"), CS_S(""));
	ok(cs_mailplan_choose(p, passed, d, &f->run) == 0,
	    "the best of those that passed");
	is_str(d[2].reason, "lost_to:a", "the third lost");
	is_str(d[3].reason, "lost_to:a", "the equal one behind it lost");
	is_str(d[3].detail, "why", "and still says why it matched");
	is_str(d[0].reason, "send", "the winner goes");
	passed[0] = passed[2] = passed[3] = false;
	ok(cs_mailplan_choose(p, passed, d, &f->run) == CS_NO_MAIL, "none");
}

static void
later(struct fixture *f)
{
	build(f, "Mail: a\nWhen: true\nRepeat: once\n", false);
	if (ok(f->diags.n == 1 && f->diags.v[0].at.line == 3, "Repeat: once"))
		is_str(cs_str(f->diags.v[0].text),
		    "Repeat: once needs the sent log, which this version does "
		    "not have; --stateless: whoever runs it sees to that",
		    "its text");
	build(f, "Mail: a\nWhen: true\nRepeat: once\n", true);
	ok(f->diags.n == 0, "Repeat: once, stateless");
	build(f, "Mail: a\nWhen: true\nRepeat: monthly\ncooldown: 3d\n", true);
	ok(f->diags.n == 2, "others need the log in any case");
	build(f, "Mail: a\nWhen: true\n", false);
	ok(f->diags.n == 0, "without Repeat all is well");
}

/* The reason for mail 0 of the present plan. */
static const char *
gate(struct fixture *f, const char *day, struct cs_mail_person who,
    struct cs_str *detail)
{
	static char reason[100];
	struct cs_mail_gates g = {.consent_col = CS_NO_COLUMN};
	struct cs_mail_decision d;
	struct cs_civil c;

	if (cs_zone_civil(cs_str(day), &c) != CS_DATE_OK)
		exit(3);
	g.today = cs_civil_days(c);
	g.wants_consent = cs_header_find(&f->head, CS_S("ok")) == 1;
	g.consent_col = 1;
	who.rec = &f->rec;
	if (who.unknown.p == NULL)
		who.unknown = CS_S("");
	who.why = CS_S("the why");
	cs_mailplan_gates(&g, &f->plan.v[0], &who, &f->run, &d);
	if (detail != NULL)
		*detail = d.until;
	snprintf(reason, sizeof(reason), "%.*s", CS_ARG(d.reason));
	return reason;
}

static void
is_gate(struct fixture *f, const char *day, struct cs_mail_person who,
    const char *want, const char *what)
{
	is_str(cs_str(gate(f, day, who, NULL)), want, what);
}

#define WHO(...) ((struct cs_mail_person){__VA_ARGS__})
#define YES WHO(.when = CS_MAIL_YES)

static void
record(struct fixture *f, const char *shop, const char *consent)
{
	cs_header_free(&f->head);
	f->head = (struct cs_header){0};
	cs_header_add(&f->head, CS_S("shop"));
	if (consent != NULL)
		cs_header_add(&f->head, CS_S("ok"));
	f->rec = (struct cs_rec){
	    .head = &f->head, .form = CS_FORM_CSV, .arena = &f->run};
	f->rec.cell = cs_arena_array(&f->run, 2, sizeof(struct cs_str));
	f->rec.val = cs_arena_array(&f->run, 2, sizeof(struct cs_val));
	f->rec.touched = cs_arena_array(&f->run, 2, 1);
	f->rec.cell[0] = cs_str(shop);
	f->rec.cell[1] = cs_str(consent ? consent : "");
	f->rec.n = 2;
}

static void
gates(struct fixture *f)
{
	struct cs_str until;

	record(f, "s", NULL);
	build(f,
	    "Mail: a\nWhen: true\nFrom-date: 2026-04-01\n"
	    "To-date: 2026-04-30\nRequires: shop\n",
	    false);
	cs_mailplan_bind(&f->plan, &f->head, &f->diags);
	ok(f->diags.n == 0, "Requires is bound");
	is_gate(f, "2026-03-31", YES, "not_yet", "the day before");
	gate(f, "2026-03-31", YES, &until);
	is_str(until, "2026-04-01", "free from then on");
	is_gate(f, "2026-04-01", YES, "send", "the first day");
	is_gate(f, "2026-04-30", YES, "send", "the last day");
	is_gate(f, "2026-05-01", YES, "expired", "the day after");
	is_gate(f, "2026-05-01",
	    WHO(.when = CS_MAIL_YES, .address = CS_ADDRESS_NONE), "no_address",
	    "the address comes first");
	is_gate(f, "2026-04-01", WHO(.when = CS_MAIL_NO), "no_match", "no");
	is_gate(f, "2026-04-01",
	    WHO(.when = CS_MAIL_UNKNOWN, .unknown = CS_S("pv")), "unknown:pv",
	    "unknown with its column");
	is_gate(f, "2026-04-01", WHO(.when = CS_MAIL_UNKNOWN), "unknown",
	    "unknown without");
	record(f, " \xe3\x80\x80", NULL);
	is_gate(f, "2026-04-01", YES, "missing_field:shop",
	    "a blank cell is missing");
	build(f, "Mail: a\nWhen: true\nMissing: yes\n", false);
	is_gate(f, "2026-04-01", WHO(.when = CS_MAIL_UNKNOWN), "send",
	    "Missing: yes");
	build(f, "Mail: a\nWhen: true\nMissing: no\n", false);
	is_gate(f, "2026-04-01", WHO(.when = CS_MAIL_UNKNOWN), "no_match",
	    "Missing: no");
	build(f, "Mail: a\nWhen: true\nEnabled: draft\n", false);
	is_gate(f, "2026-04-01", YES, "disabled", "a draft");
	build(f, "Mail: a\nWhen: true\nRequires: shop, shoop\n", false);
	cs_mailplan_bind(&f->plan, &f->head, &f->diags);
	if (ok(f->diags.n == 1, "an unknown column"))
		is_str(cs_str(f->diags.v[0].text),
		    "unknown column \"shoop\" (did you mean \"shop\"?)",
		    "its text");
	build(f, "Mail: a\nWhen: true\nRequires: zzzzzz\n", false);
	cs_mailplan_bind(&f->plan, &f->head, &f->diags);
	if (ok(f->diags.n == 1, "another"))
		is_str(cs_str(f->diags.v[0].text), "unknown column \"zzzzzz\"",
		    "its text");
}

static void
consent(struct fixture *f)
{
	static const struct {
		const char *cell;
		bool is_given;
	} cases[] = {{"2026-01-01", true}, {"yes", true}, {"1", true},
	    {"customer", true}, {"", false}, {" ", false}, {"no", false},
	    {"False", false}, {"0", false}, {"いいえ", false}};

	build(f, "Mail: a\nWhen: true\nClass: promo\n", false);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		record(f, "s", cases[i].cell);
		is_gate(f, "2026-04-01", YES,
		    cases[i].is_given ? "send" : "no_consent", cases[i].cell);
	}
	build(f, "Mail: a\nWhen: true\nClass: service\n", false);
	is_gate(f, "2026-04-01", YES, "send", "service asks for none");
}

int
main(void)
{
	struct fixture f = {.path = "/tmp/cs-mailplan.XXXXXX"};
	struct cs_err err;
	int fd = mkstemp(f.path);

	if (fd < 0 || close(fd) != 0 || !cs_zone_set("Asia/Tokyo", &err))
		return 1;
	order(&f);
	later(&f);
	gates(&f);
	consent(&f);
	unlink(f.path);
	cs_diags_free(&f.diags);
	cs_header_free(&f.head);
	cs_arena_free(&f.run);
	return done();
}
