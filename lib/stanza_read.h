/* stanza_read: what the readers of the three forms of rule files share */
#ifndef CS_STANZA_READ_H
#define CS_STANZA_READ_H

#include "stanza.h"

/* Stanzas that were read, and the pairs of the one that is open. */
struct cs_reading {
	const char *file;
	struct cs_arena *run;
	struct cs_diags *diags;
	struct cs_raw_stanza *stanza;
	size_t nstanzas, stanza_cap;
	struct cs_pair *pair;
	size_t npairs, pair_cap;
	/* Stanza form: the pair that is open. */
	struct cs_pair open;
	struct cs_buf value;
	struct cs_place *at;
	size_t nat, at_cap;
	bool is_in_pair;
};

/* Adds a pair to the open stanza; tells when its value is too long. */
void cs_reading_pair(struct cs_reading *r, struct cs_pair pair);
/* Closes the open stanza, if it has pairs. */
void cs_reading_end(struct cs_reading *r);

/* CSV: the header's first column is the kind, or Kind and Name. */
void cs_stanzas_csv(struct cs_reading *r, struct cs_str bytes);
/* JSON lines: the first member is the kind. */
void cs_stanzas_json(struct cs_reading *r, struct cs_str bytes);

/* A pair whose value is one run of bytes: raw, beginning at `at`, stands in the
 * file for value. Blanks at both ends are taken off. */
struct cs_pair cs_pair_raw(struct cs_str key, struct cs_place key_at,
    enum cs_pair_form form, struct cs_str value, struct cs_str raw,
    struct cs_place at, struct cs_arena *run);

#endif
