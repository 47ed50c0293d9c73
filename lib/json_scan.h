/* json_scan: the members of one JSON line, in one pass (the fast engine)
 *
 * Takes exactly the objects that cs_json_check takes, and shows their members
 * on the way. Of what it does not take it says nothing more: json says where
 * the fault is. */
#ifndef CS_JSON_SCAN_H
#define CS_JSON_SCAN_H

#include "arena.h"

#define CS_JSON_UNKNOWN UINT32_MAX

struct cs_json_member {
	struct cs_str key;   /* between the quotes, as written */
	struct cs_str value; /* as written */
	uint32_t number;  /* of the key, if it was as expected; else UNKNOWN */
	bool has_escapes; /* in key; said of an unknown one only */
};

/* A key met before: lines of one source name their members in one order, so the
 * key that comes next is mostly known, and comparing is cheaper than reading.
 */
struct cs_json_key {
	struct cs_str text; /* its quotes and colon too; absent: not met */
	uint32_t next;	    /* came behind it, or UNKNOWN */
};

/* The zero value is empty and usable. */
struct cs_json_members {
	struct cs_json_member *v; /* as they come, also those of one name */
	size_t n, cap;
	size_t unknown;		 /* so many of them have no number */
	struct cs_json_key *key; /* by the caller's number; see cs_json_learn */
	size_t keys, key_cap;
	uint32_t first;
	struct cs_arena arena; /* of their texts */
};

/* The instruction sets the scanner is written for; all give one answer. What
 * this machine does not have is done by words. */
enum cs_json_set { CS_JSON_WORDS, CS_JSON_SSE2 };
enum cs_json_set cs_json_set_best(void);

/* Is s an object as cs_json_check wants it, white space around it allowed, of
 * at most CS_MAX_COLUMNS members with values of at most CS_MAX_CELL bytes?
 * Then m has its members, slices of s. Does not read outside s. */
bool cs_json_scan(
    enum cs_json_set set, struct cs_str s, struct cs_json_members *m);
/* Takes the members that the caller has numbered (small numbers, one for each
 * name) for what lines are expected to be. */
void cs_json_learn(struct cs_json_members *m);
void cs_json_members_free(struct cs_json_members *m);

#endif
