/* opt: option tables, getopt_long behind them */
#ifndef CS_OPT_H
#define CS_OPT_H

#include "base.h"
#include "msg.h"

struct cs_opt {
	const char *name; /* long name; NULL ends a table */
	char letter;      /* 0: none */
	/* NULL: takes none; "FILE": needs one; "[ID]": may have one (=ID). */
	const char *arg;
	int id;           /* > 0, unique in the command; common ones < 1000 */
	const char *help; /* one line */
};

/* The options of all commands, ended by name NULL. */
const struct cs_opt *cs_opt_common(void);

typedef bool cs_opt_fn(void *self, const struct cs_opt *opt, const char *arg,
    struct cs_err *err);
/* Goes through argv with both tables; calls f for each option. *first is the
 * index of the first operand. Unknown option or missing argument: false, exit
 * 2, with the nearest name. */
bool cs_opt_parse(int argc, char **argv, const struct cs_opt *common,
    const struct cs_opt *own, cs_opt_fn *f, void *self, int *first,
    struct cs_err *err);
/* Prints the list of options for --help into b. */
void cs_opt_help(struct cs_buf *b, const struct cs_opt *common,
    const struct cs_opt *own);

#endif
