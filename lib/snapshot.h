/* snapshot: a dated file of records beside the run's inputs
 *
 * An older state that the run compares with, or one of a row of them: it has a
 * header, a date its rules call today, and an evaluator of its own. Its form is
 * found by itself. It must be whole: a record that cannot be read, or a fault
 * of its bytes, ends the run. */
#ifndef CS_SNAPSHOT_H
#define CS_SNAPSHOT_H

#include "kit.h"

struct cs_snapshot {
	const char *path;
	struct cs_header head;
	struct cs_as_of as_of;
	struct cs_eval *eval; /* NULL until cs_snapshot_eval */
	struct cs_rec rec;    /* the present record */
	struct cs_str id;     /* its key, not empty */
	/* snapshot.c's own */
	struct cs_kit *k;
	struct cs_reader *reader;
	struct cs_eval_conf conf;
	struct cs_arena one;
	size_t id_col;
};

/* Opens path. option is how messages call it ("--old"). NULL with err: what
 * cs_reader_open says, or no column of the key (exit 2). */
struct cs_snapshot *cs_snapshot_open(
    struct cs_kit *k, const char *option, const char *path, struct cs_err *err);
/* Its evaluator, with the Lets of rules, at a date (YYYY-MM-DD or RFC 3339):
 * add expressions, then compile. False with err (exit 2): not a date. */
bool cs_snapshot_eval(struct cs_snapshot *s, const struct cs_rules *rules,
    const char *date, struct cs_err *err);
/* False: err, or findings in k->diags (exit 2). */
bool cs_snapshot_compile(
    struct cs_snapshot *s, const struct cs_rules *rules, struct cs_err *err);
/* The next record, run through the evaluator if there is one. */
enum cs_got cs_snapshot_next(struct cs_snapshot *s, struct cs_err *err);
/* NULL is fine. */
void cs_snapshot_free(struct cs_snapshot *s);

/* The first YYYY-MM-DD in the last part of a path, a day that exists and no
 * digit beside it, into out (11 bytes). False: none. */
bool cs_snapshot_date(const char *path, char out[16]);

#endif
