/* mailplan: the Mail stanzas of a run, the gates in their order, and which mail
 * a customer gets (cs-mailgen(1), GATES)
 *
 * Pure but for the record's cells: no templates, no output. */
#ifndef CS_MAILPLAN_H
#define CS_MAILPLAN_H

#include "address.h"
#include "rec.h"
#include "rules.h"
#include "suppress.h"

enum cs_mail_class { CS_MAIL_PROMO, CS_MAIL_SERVICE, CS_MAIL_OPERATIONAL };
/* promo, service, operational */
const char *cs_mail_class_name(enum cs_mail_class c);

struct cs_mail {
	const struct cs_stanza *stanza;
	struct cs_str name;
	enum cs_mail_class class; /* Class: absent is service */
	long long priority;	  /* Priority: absent is 0 */
	bool is_enabled;	  /* Enabled: absent is yes */
	bool is_draft;
	long from_day, to_day;	  /* civil days, LONG_MIN and LONG_MAX: open */
	struct cs_str group;	  /* "" when there is none */
	struct cs_str base;	  /* of its template files */
	const struct cs_kv *when; /* NULL: everybody */
	enum cs_missing missing;
	struct cs_str *requires;
	size_t *requires_col;
	size_t nrequires;
};

struct cs_mailplan {
	struct cs_mail *v; /* in order of the files */
	size_t n;
	size_t *order; /* best first: priority, then order of the files */
	bool has_promo;
	bool has_stop; /* one says Missing: error: output must be held back */
};

/* Builds the plan. Keys of later versions and Repeat: without a sent log are
 * findings ("unknown-key"), so that no promise is passed over in silence;
 * is_stateless admits Repeat: once. Everything lives in run. */
void cs_mailplan_build(struct cs_mailplan *p, const struct cs_rules *rules,
    bool is_stateless, struct cs_arena *run, struct cs_diags *diags);
/* Binds the columns of Requires. */
void cs_mailplan_bind(
    struct cs_mailplan *p, struct cs_header *head, struct cs_diags *diags);

/* The gates, in the order in which they are passed. */
enum cs_mail_gate {
	CS_GATE_ADDRESS,
	CS_GATE_ENABLED,
	CS_GATE_DATES,
	CS_GATE_WHEN,
	CS_GATE_REQUIRES,
	CS_GATE_SUPPRESSION,
	CS_GATE_CONSENT,
	CS_GATE_ALREADY,
	CS_GATE_PRIORITY,
	CS_GATE_CAP,
	CS_GATE_RENDER,
	CS_GATE_SEND /* passed all */
};
const char *cs_mail_gate_name(enum cs_mail_gate g);

/* What became of a mail for one customer. Texts are never absent. */
struct cs_mail_decision {
	enum cs_mail_gate gate; /* the one it stopped at */
	struct cs_str reason;	/* no_match, suppressed:unsubscribed ... send */
	struct cs_str detail;	/* for people */
	struct cs_str until;	/* when it becomes free, YYYY-MM-DD, or "" */
};
void cs_mail_stop(struct cs_mail_decision *d, enum cs_mail_gate gate,
    struct cs_str reason, struct cs_str detail, struct cs_str until);

enum cs_mail_answer { CS_MAIL_NO, CS_MAIL_YES, CS_MAIL_UNKNOWN };

/* The customer as the gates see it. */
struct cs_mail_person {
	struct cs_rec *rec;
	struct cs_str id, account; /* may be absent */
	/* Of the address this mail would go to. */
	struct cs_str email; /* as it stands */
	struct cs_str norm;  /* cs_address_norm'ed */
	enum cs_address address;
	/* Of the mail's condition. */
	enum cs_mail_answer when;
	struct cs_str unknown; /* the empty column behind an unknown, or "" */
	struct cs_str why;     /* the condition explained, or "" */
};

struct cs_mail_gates {
	long today;
	const struct cs_suppress *suppress; /* NULL: none */
	bool wants_consent;		    /* --consent=COL */
	size_t consent_col;
};

/* Takes a mail through the gates up to consent. True when it passed them all:
 * d is the decision to send then. Texts live in arena or in who. */
bool cs_mailplan_gates(const struct cs_mail_gates *g, const struct cs_mail *m,
    const struct cs_mail_person *who, struct cs_arena *arena,
    struct cs_mail_decision *d);

/* Of the mails that passed (by index in the plan), the one that goes:
 * CS_NO_MAIL when none did. The others get lost_to:MAIL. */
#define CS_NO_MAIL SIZE_MAX
size_t cs_mailplan_choose(const struct cs_mailplan *p, const bool *passed,
    struct cs_mail_decision *d, struct cs_arena *arena);

#endif
