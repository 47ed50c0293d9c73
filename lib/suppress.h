/* suppress: who must not get mail (suppression files, cs-mailgen(1))
 *
 * CSV, TSV or JSON lines with the columns type,value,reason,scope,since,until;
 * type and value are needed, the order is free. One record that is not
 * understood stops the run: a line passed over would mail somebody who said
 * no. */
#ifndef CS_SUPPRESS_H
#define CS_SUPPRESS_H

#include "date.h"
#include "msg.h"
#include "zone.h"

struct cs_suppress;

struct cs_suppress *cs_suppress_new(void);
void cs_suppress_free(struct cs_suppress *s);
/* Adds the records of a file. Faults of records go to diags; false with err
 * when the file cannot be read (exit 3), or is older at as_of than max_age
 * (NULL: any age; exit 3). s must outlive diags. */
bool cs_suppress_load(struct cs_suppress *s, const char *path,
    const struct cs_duration *max_age, const struct cs_as_of *as_of,
    struct cs_diags *diags, struct cs_err *err);
size_t cs_suppress_count(const struct cs_suppress *s);

/* A mail about to go to somebody. Texts may be absent. */
struct cs_suppress_who {
	struct cs_str email; /* cs_address_norm'ed */
	struct cs_str id, account;
	struct cs_str mail, group; /* names, for scopes mail: and group: */
	bool is_promo;
};

struct cs_suppress_hit {
	struct cs_str reason; /* as the file says; "listed" when it is empty */
	struct cs_str until;  /* YYYY-MM-DD, the last day; "" for ever */
	const char *file;
	size_t line;
};

/* Is there a record that forbids it on that day? Looked for by email, sha256,
 * domain, id, account; the first in file order of the first kind that has one.
 * Scope promo holds for class promo only, all for every class; a bounce holds
 * for everything whatever its scope. The hit lives as long as s. */
bool cs_suppress_find(const struct cs_suppress *s,
    const struct cs_suppress_who *who, long today, struct cs_suppress_hit *hit);

#endif
