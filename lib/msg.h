/* msg: faults, findings and the one way to stderr
 *
 * Library functions fill a struct cs_err and return false; they never print.
 * Only the kit and the commands call cs_say. Every text that leaves through
 * here has C0, C1, DEL and bidi controls and bytes that are not UTF-8 printed
 * as escapes.
 *
 * The format text of cs_fail, cs_diag and cs_say is a literal in the call:
 * tests/messages.t collects them. */
#ifndef CS_MSG_H
#define CS_MSG_H

#include "base.h"
#include "buf.h"

/* A place in a file. line and col count from 1; 0 is not known. */
struct cs_place {
	const char *file;
	size_t line, col;
};

/* One fault that ends something. */
struct cs_err {
	int exit;        /* CS_PARTLY, CS_USAGE or CS_STOP */
	char text[2048]; /* without program name and newline */
};

/* Fills e and returns false, so that callers can return it. */
bool cs_fail(struct cs_err *e, int exit, const char *fmt, ...)
    CS_PRINTF(3, 4);
/* The same with "FILE:LINE:COL: " before the text (unknown parts left out). */
bool cs_fail_at(struct cs_err *e, int exit, struct cs_place at,
    const char *fmt, ...) CS_PRINTF(4, 5);

enum cs_severity { CS_ERROR, CS_WARNING, CS_INFO };

struct cs_diag {
	struct cs_place at;
	enum cs_severity severity;
	const char *code; /* CONTRACT cs-check: "syntax", "unknown-key" ... */
	char *text;
};

/* Findings about what the user wrote, collected so that one run shows all.
 * The zero value is empty. */
struct cs_diags {
	struct cs_diag *v;
	size_t n, cap;
	size_t errors; /* how many of them are CS_ERROR */
};

/* Adds one; the same text at the same place is told once. code is a literal;
 * at.file must outlive the list. */
void cs_diag(struct cs_diags *d, enum cs_severity severity, const char *code,
    struct cs_place at, const char *fmt, ...) CS_PRINTF(5, 6);
/* Prints them in order: "PROG: FILE:LINE:COL: error: TEXT". */
void cs_diags_print(const struct cs_diags *d);
void cs_diags_free(struct cs_diags *d);

/* Prints "PROG: TEXT\n" on stderr. */
void cs_say(const char *fmt, ...) CS_PRINTF(1, 2);

/* Appends s with controls and broken bytes as escapes (\n, \t, \x1b,
 * \u202e): for messages and tables. */
void cs_escape(struct cs_buf *b, struct cs_str s);

/* The nearest of n names to what was written, or an absent text when none is
 * near enough to be meant (case, - and _ are as good as equal). For "did you
 * mean". */
struct cs_str cs_nearest(struct cs_str written, const struct cs_str *names,
    size_t n);
/* The fault of a column that is not among the n names: exit 2, with the
 * nearest name or the first few. where is what names it ("--columns"). */
bool cs_fail_column(struct cs_err *e, struct cs_str name, const char *where,
    const struct cs_str *names, size_t n);

#endif
