/* Sets of many texts: lib/set */
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

#include "set.h"
#include "tap.h"

static void
first_steps(void)
{
	struct cs_set set = {0};
	char text[] = "one";
	bool is_new = false;
	size_t one, place;

	ok(cs_set_find(&set, CS_S("x")) == SIZE_MAX, "the empty set has none");
	one = cs_set_add(&set, cs_str(text), &is_new);
	ok(is_new && set.n == 1, "one is new");
	memcpy(text, "two", 3);
	ok(cs_set_find(&set, CS_S("one")) == one, "it has its own copy");
	ok(!cs_set_has(&set, CS_S("two")), "and only that");
	ok(cs_set_add(&set, CS_S("one"), &is_new) == one && !is_new,
	    "again: the same place");
	place = cs_set_add(&set, CS_S("on"), &is_new);
	ok(is_new && place != one, "a beginning is another text");
	ok(!cs_set_has(&set, CS_S("")), "the empty text is one too");
	cs_set_add(&set, CS_S(""), &is_new);
	ok(is_new && cs_set_has(&set, CS_S("")) && set.n == 3, "when added");
	cs_set_add(&set, CS_S("a\0b"), NULL);
	ok(cs_set_has(&set, CS_S("a\0b")) && !cs_set_has(&set, CS_S("a\0c")) &&
		!cs_set_has(&set, CS_S("a")),
	    "a NUL does not end a text");
	cs_set_free(&set);
	ok(set.n == 0 && !cs_set_has(&set, CS_S("one")), "free empties");
	cs_set_add(&set, CS_S("again"), NULL);
	ok(cs_set_has(&set, CS_S("again")), "and leaves it usable");
	cs_set_free(&set);
}

/* Lengths around those where the length itself takes a byte more. */
static void
lengths(void)
{
	static const size_t n[] = {0, 1, 127, 128, 129, 255, 256, 16383, 16384,
	    16385, 2097151, 2097152};
	static char text[2097153];
	struct cs_set set = {.extra = 3};
	size_t wrong = 0, count = sizeof(n) / sizeof(n[0]);

	memset(text, 0xff, sizeof(text));
	for (size_t i = 0; i < count; i++) {
		size_t at = cs_set_add(&set, (struct cs_str){text, n[i]}, NULL);

		memcpy(cs_set_extra(&set, at), &i, 1);
	}
	for (size_t i = 0; i < count; i++) {
		size_t at = cs_set_find(&set, (struct cs_str){text, n[i]});
		const unsigned char *c;

		if (at == SIZE_MAX) {
			wrong++;
			continue;
		}
		c = cs_set_extra(&set, at);
		wrong += c[0] != i || c[1] != 0 || c[2] != 0;
	}
	ok(wrong == 0 && set.n == count, "all lengths, each with its bytes");
	ok(!cs_set_has(&set, (struct cs_str){text, 130}), "no other length");
	cs_set_free(&set);
	ok(set.extra == 3, "the size of the bytes stays");
}

static struct cs_str
mail(char *text, size_t size, size_t i)
{
	return (struct cs_str){
	    text, (size_t)snprintf(text, size, "u%07zu.a@example.co.jp", i)};
}

#if !defined(__SANITIZE_ADDRESS__)
static long
peak(void)
{
	struct rusage u;

	return getrusage(RUSAGE_SELF, &u) == 0 ? u.ru_maxrss : -1;
}
#endif

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Issue of the lists: a million values of an ordinary length, 25 bytes here, in
 * 64 MB for all of the process. */
static void
million(void)
{
	const size_t n = 1000000;
	struct cs_set set = {0};
	size_t wrong = 0, found = 0;
	char text[40];
	double begin;

	for (size_t i = 0; i < n; i++) {
		bool is_new;

		cs_set_add(&set, mail(text, sizeof(text), i), &is_new);
		wrong += !is_new;
	}
#if defined(__SANITIZE_ADDRESS__)
	skip("a million in 64 MB", "the sanitizer itself takes more");
#else
	ok(peak() > 0 && peak() < 64 << 10, "a million in 64 MB: %ld KiB",
	    peak());
#endif
	for (size_t i = 0; i < n; i++) {
		bool is_new;

		cs_set_add(&set, mail(text, sizeof(text), i), &is_new);
		wrong += is_new;
	}
	ok(wrong == 0 && set.n == n, "each is new once");
	begin = seconds();
	for (size_t i = 0; i < 2 * n; i++)
		found += cs_set_has(
		    &set, mail(text, sizeof(text), i * 7919 % (2 * n)));
	printf("# %.0f ns a lookup, its text made with printf\n",
	    (seconds() - begin) * 1e9 / (double)(2 * n));
	ok(found == n, "each is found, and none of a million others");
	cs_set_free(&set);
}

int
main(void)
{
	million(); /* first: the peak is the process's */
	first_steps();
	lengths();
	return done();
}
