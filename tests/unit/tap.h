/* tap: the little that the unit tests share; prints TAP on stdout */
#ifndef CS_TAP_H
#define CS_TAP_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"

static int tap_n, tap_bad;

/* One test point. Returns cond. */
#define ok(cond, ...) tap_ok((cond), __FILE__, __LINE__, __VA_ARGS__)

static bool CS_PRINTF(4, 5)
tap_ok(bool cond, const char *file, int line, const char *fmt, ...)
{
	char text[512];
	__builtin_va_list ap;

	__builtin_va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	__builtin_va_end(ap);
	tap_n++;
	tap_bad += !cond;
	printf("%sok %d - %s\n", cond ? "" : "not ", tap_n, text);
	if (!cond)
		printf("# at %s:%d\n", file, line);
	return cond;
}

/* Text equal to the expected one? Shows both if not. */
static inline bool
is_str(struct cs_str got, const char *want, const char *what)
{
	bool same = cs_str_is(got, want);

	tap_ok(same, what, 0, "%s", what);
	if (!same)
		printf("# got:  %.*s\n# want: %s\n", CS_ARG(got), want);
	return same;
}

static inline void
skip(const char *what, const char *why)
{
	tap_n++;
	printf("ok %d - %s # SKIP %s\n", tap_n, what, why);
}

/* Ends the test program: the plan, and the exit code. */
static inline int
done(void)
{
	printf("1..%d\n", tap_n);
	return tap_bad != 0;
}

#endif
