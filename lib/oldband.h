/* oldband: the bands that an older output of cs-score has, by key
 *
 * Hysteresis is about the band that a record was given, which may itself have
 * been held, so it is read and not computed again. Memory: the keys and 4 bytes
 * for each score of each. */
#ifndef CS_OLDBAND_H
#define CS_OLDBAND_H

#include "score.h"
#include "snapshot.h"

struct cs_oldband;

/* Has any score a Hysteresis? */
bool cs_oldband_applies(const struct cs_scores *scores);
/* Reads NAME_band of all scores that have a Hysteresis. NULL with err: path
 * cannot be read, a key stands twice (exit 3), no such column (exit 2). */
struct cs_oldband *cs_oldband_read(struct cs_kit *k, const char *path,
    const struct cs_scores *scores, struct cs_err *err);
/* The band of score i; absent: no such record, or it had none. */
struct cs_str cs_oldband_get(
    const struct cs_oldband *o, struct cs_str id, size_t i);
/* NULL is fine. */
void cs_oldband_free(struct cs_oldband *o);

#endif
