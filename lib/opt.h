/* opt: option tables, getopt_long behind them */
#ifndef CS_OPT_H
#define CS_OPT_H

#include "base.h"
#include "msg.h"

struct cs_opt {
	const char *name; /* long name; NULL ends a table */
	char letter;	  /* 0: none */
	/* NULL: takes none; "FILE": needs one; "[ID]": may have one (=ID). */
	const char *arg;
	int id;		  /* unique in the command: CS_OPT_* or from 1000 */
	const char *help; /* one line */
};

/* The options of all commands (CONTRACT). */
enum cs_opt_id {
	CS_OPT_INPUT = 256,
	CS_OPT_OUTPUT,
	CS_OPT_DELIMITER,
	CS_OPT_RULES,
	CS_OPT_SCHEMA,
	CS_OPT_AS_OF,
	CS_OPT_TZ,
	CS_OPT_ARG,
	CS_OPT_LIST,
	CS_OPT_ID,
	CS_OPT_COLUMNS,
	CS_OPT_NO_HEADER,
	CS_OPT_HEADER,
	CS_OPT_REJECTS,
	CS_OPT_ON_ERROR,
	CS_OPT_WHY,
	CS_OPT_ENGINE,
	CS_OPT_THREADS,
	CS_OPT_QUIET,
	CS_OPT_VERBOSE,
	CS_OPT_STRICT,
	CS_OPT_PROGRESS,
	CS_OPT_COLOR,
	CS_OPT_FLUSH,
	CS_OPT_HELP,
	CS_OPT_VERSION,
	CS_OPT_OWN = 1000 /* a command's own begin here */
};

/* Called for each option in the order of the line, and with opt NULL for each
 * operand. */
typedef bool cs_opt_fn(
    void *self, const struct cs_opt *opt, const char *arg, struct cs_err *err);
/* Goes through argv (from argv[1]) with both tables, own first; own may be
 * NULL. Options and operands may mix, "--" ends the options, whatever
 * POSIXLY_CORRECT says. Unknown option or missing argument: false, exit 2, with
 * the nearest name. */
bool cs_opt_parse(int argc, char **argv, const struct cs_opt *own, cs_opt_fn *f,
    void *self, struct cs_err *err);
/* Appends the list of options for --help, own ones first. */
void cs_opt_help(struct cs_buf *b, const struct cs_opt *own);

#endif
