/* change: two states of a table -> what changed, and back
 *
 * A change set holds the records of the new state that are new or not as they
 * were, and the old ones that are gone: `_change` says add, update or delete,
 * `_changed` the columns. The run's inputs are the new state (diff) or the
 * change set (apply); the old state is one file more. Its columns stand in the
 * run's header behind the others.
 *
 * Keys are texts, and a key that stands twice ends the run. Cells are compared
 * as text, in JSON lines values by their JSON text without blanks and with
 * plain strings; a cell of CSV that is empty is the same as one that is not
 * there, in JSON lines null, "" and absent are three things. */
#ifndef CS_CHANGE_H
#define CS_CHANGE_H

#include "kit.h"

struct cs_change;

struct cs_change_conf {
	const char *old;
	bool is_apply;
	bool is_sorted; /* both by key bytes: merged in constant memory */
};

/* Opens the old state, which must be of the kit's form (of any when the kit
 * has none yet: it gets it). NULL with err. */
struct cs_change *cs_change_open(
    struct cs_kit *k, const struct cs_change_conf *conf, struct cs_err *err);
/* The header of the run is known: the key's column, slots, what comes out.
 * Without is_sorted diff reads the old state into memory here. */
bool cs_change_start(struct cs_change *c, struct cs_err *err);
/* A record of the run's inputs. */
bool cs_change_record(
    struct cs_change *c, struct cs_rec *rec, struct cs_err *err);
/* The end of the inputs: deleted ones, or the rest of the old state and what
 * is added. */
bool cs_change_finish(struct cs_change *c, struct cs_err *err);
/* NULL is fine. Before the kit's header is freed. */
void cs_change_free(struct cs_change *c);

#endif
