/* address: mail addresses, and a name with an address (RFC 5321, 5322)
 *
 * Pure: looks at bytes, never at the network. */
#ifndef CS_ADDRESS_H
#define CS_ADDRESS_H

#include "arena.h"

enum cs_address {
	CS_ADDRESS_OK,
	CS_ADDRESS_NONE, /* empty or blank */
	CS_ADDRESS_BAD,	 /* not local@domain by RFC 5321 */
	CS_ADDRESS_EAI	 /* right but for letters that need SMTPUTF8 */
};

/* Is s one bare address? Local part: dot-atom or quoted, at most 64 bytes;
 * domain: labels of letters, digits and hyphens (A-labels included), at most
 * 63 bytes each; 254 in all. Blanks around s are a fault: trim first. */
enum cs_address cs_address_check(struct cs_str s);
/* The reason word of a fault ("no_address" ...), "" for CS_ADDRESS_OK. */
const char *cs_address_reason(enum cs_address a);
/* What the kit compares: all letters small (ASCII), +tag kept, blanks around
 * it gone. In the arena. */
struct cs_str cs_address_norm(struct cs_arena *a, struct cs_str s);
/* The part behind the last @, absent when there is none. A slice of s. */
struct cs_str cs_address_domain(struct cs_str s);

/* Somebody with a name. name may be absent or empty; UTF-8, decoded. */
struct cs_mailbox {
	struct cs_str name;
	struct cs_str addr;
};

/* Takes one mailbox off the front of a list ("a@b.jp, 山田 <c@d.jp>, ..."). The
 * name may be quoted ("" and \ undone) or bare, also with @ and dots in it.
 * *rest begins as the list; false at its end. The address is not checked.
 * Slices of *rest, or copies in the arena when quotes were undone. */
bool cs_mailbox_next(
    struct cs_str *rest, struct cs_arena *a, struct cs_mailbox *m);
/* The only mailbox of s: false when there is none or more than one. A bare name
 * may hold commas here. */
bool cs_mailbox_parse(
    struct cs_str s, struct cs_arena *a, struct cs_mailbox *m);

#endif
