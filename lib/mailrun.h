/* mailrun: one customer after another through gates, priority and rendering
 *
 * Knows what a run must remember from row to row: who got a mail already, and
 * how often each answer was given. Writes nothing. */
#ifndef CS_MAILRUN_H
#define CS_MAILRUN_H

#include "letter.h"

/* How often a mail stopped for a reason (the word before the colon). */
struct cs_mailrun_count {
	const struct cs_mail *mail; /* NULL: the customer has no address */
	enum cs_mail_gate gate;
	struct cs_str reason;
	struct cs_str id, detail; /* of the first */
	uint64_t n;
};

struct cs_mailrun {
	/* Set by the caller before cs_mailrun_begin. */
	const struct cs_mailplan *plan;
	const struct cs_letters *letters;
	struct cs_mail_gates gates;
	size_t email, name, account; /* columns, or CS_NO_COLUMN */

	/* The present customer: by mail. */
	struct cs_mail_person *who;
	struct cs_mail_decision *decision;
	size_t chosen;		 /* the mail that goes, or CS_NO_MAIL */
	struct cs_letter letter; /* of the mail that goes */
	bool is_partly;		 /* some mail lacked a field or was refused */

	/* The run so far. */
	uint64_t sent, promos;
	struct cs_mailrun_count *count;
	size_t ncounts;

	struct cs_mailbox *to;
	bool *passed;
	size_t capcounts;
	struct cs_map served, promo, counted;
	struct cs_arena arena;
};

void cs_mailrun_begin(struct cs_mailrun *r);
void cs_mailrun_free(struct cs_mailrun *r);
/* Sets who and where for each mail; texts live in arena or in rec. The caller
 * then sets who[i].when, unknown and why for mails with a condition. */
void cs_mailrun_look(struct cs_mailrun *r, struct cs_rec *rec, struct cs_str id,
    struct cs_arena *arena);
/* The gates, the choice and the letter. One mail a customer; one promo mail an
 * address; an id that stands in a second row gets nothing there. *stop is the
 * mail whose condition is unknown though it says Missing: error (CS_NO_MAIL:
 * none): the run must end, nothing else is filled then. */
void cs_mailrun_decide(
    struct cs_mailrun *r, struct cs_arena *arena, size_t *stop);

#endif
