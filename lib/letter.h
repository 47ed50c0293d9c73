/* letter: one mail for one customer: templates rendered, addressed, signed
 * (cs-mailgen(1)) */
#ifndef CS_LETTER_H
#define CS_LETTER_H

#include "mailplan.h"
#include "mime.h"
#include "template.h"
#include "unsub.h"

struct cs_letters; /* what all letters of a run share */

struct cs_letters_conf {
	const char *dir;      /* of the templates */
	struct cs_str sender; /* --sender: From of mails without one */
	struct cs_str domain; /* --domain: absent: that of From */
	struct cs_str unsub;  /* --unsub-url: absent: none */
	const struct cs_unsub_key *key; /* --key-file: NULL: none */
	enum cs_template_missing missing;
	const struct cs_as_of *as_of;
	bool needs_from; /* a message without sender is no message */
};

/* Loads and compiles the templates and keys of all enabled mails. Faults go to
 * diags; NULL with err when a file cannot be read (exit 3). conf's texts and
 * plan must outlive it. */
struct cs_letters *cs_letters_new(const struct cs_letters_conf *conf,
    const struct cs_mailplan *plan, struct cs_diags *diags, struct cs_err *err);
void cs_letters_free(struct cs_letters *l);
/* Binds holes to columns. */
void cs_letters_bind(
    struct cs_letters *l, struct cs_header *head, struct cs_diags *diags);

/* Where mail m goes: its To:, else addr with name. The address is trimmed, not
 * checked. Absent when there is none. */
struct cs_mailbox cs_letters_to(const struct cs_letters *l, size_t m,
    struct cs_rec *rec, struct cs_str addr, struct cs_str name,
    struct cs_arena *arena);

struct cs_letter {
	struct cs_mime mime;
	struct cs_str key;  /* MAIL/ID/occasion */
	struct cs_str hash; /* of key: Message-ID, boundary */
};
/* Makes the letter of mail m for who; texts live in arena. False: it stops at
 * the gate render, d says why. */
bool cs_letters_make(const struct cs_letters *l, size_t m,
    const struct cs_mail_person *who, const struct cs_mailbox *to,
    struct cs_arena *arena, struct cs_letter *out, struct cs_mail_decision *d);

/* Appends the record of a letter: one JSON line (cs-records(5)). */
void cs_letters_jsonl(const struct cs_letters *l, struct cs_buf *b,
    const struct cs_letter *letter, size_t m, const struct cs_mail_person *who,
    uint64_t seq);

#endif
