/* runs: what tests that run for a time share: seed=N seconds=N -v, and a clock
 * that nobody sets back. */
#ifndef CS_TESTS_RUNS_H
#define CS_TESTS_RUNS_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct runs {
	unsigned long long seed;
	double seconds;
	bool is_loud;
};

/* Was arg one of the three? */
static bool
runs_take(struct runs *r, const char *arg)
{
	if (strncmp(arg, "seed=", 5) == 0)
		r->seed = strtoull(arg + 5, NULL, 10);
	else if (strncmp(arg, "seconds=", 8) == 0)
		r->seconds = strtod(arg + 8, NULL);
	else if (strcmp(arg, "-v") == 0)
		r->is_loud = true;
	else
		return false;
	return true;
}

static double
seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

#endif
