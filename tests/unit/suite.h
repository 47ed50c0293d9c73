/* suite: suites of others under CSOPS_SHARED, and the lists of what we answer
 * differently. A list has lines "FILE: reason"; it must be exact. */
#ifndef CS_SUITE_H
#define CS_SUITE_H

#include <dirent.h>

#include "arena.h"
#include "in.h"
#include "tap.h"

struct suite {
	struct cs_arena arena;
	const char *list; /* file of deviations */
	struct cs_str text;
	size_t listed, seen;
};

static inline struct cs_str
suite_read(struct cs_arena *a, const char *path)
{
	struct cs_err err = {0};
	struct cs_str all = {0};
	struct cs_in *in = cs_in_open(path, &err);

	if (in == NULL)
		return all;
	if (!cs_in_all(in, 64 << 20, a, &all, &err))
		all = (struct cs_str){0};
	cs_in_close(in);
	return all;
}

static inline bool
suite_begin(struct suite *s, const char *list)
{
	struct cs_str rest, line;

	s->list = list;
	s->text = rest = suite_read(&s->arena, list);
	while (cs_str_next(&rest, '\n', &line))
		s->listed += line.n > 0 && line.p[0] != '#';
	return ok(s->text.p != NULL, "the list %s is there", list);
}

/* The path of a folder of the shared suites; NULL when it is absent. */
static inline const char *
suite_folder(struct suite *s, const char *name)
{
	const char *root = getenv("CSOPS_SHARED");
	const char *path = cs_arena_printf(
	    &s->arena, "%s/suites/%s", root ? root : "../shared", name);
	DIR *d = opendir(path);

	if (d == NULL)
		return NULL;
	closedir(d);
	return path;
}

static inline bool
suite_is_listed(const struct suite *s, const char *file)
{
	struct cs_str rest = s->text, line, name = cs_str(file);

	while (cs_str_next(&rest, '\n', &line))
		if (cs_str_starts(line, name) && line.n > name.n + 2 &&
		    line.p[name.n] == ':')
			return true;
	return false;
}

/* One case: right as the suite says, or listed as a deviation. */
static inline void
suite_case(struct suite *s, const char *file, bool is_right)
{
	bool is_listed = suite_is_listed(s, file);

	s->seen += is_listed;
	ok(is_right != is_listed, "%s%s", file,
	    is_listed ? " (listed as different)" : "");
}

static inline int
suite_done(struct suite *s)
{
	ok(s->seen == s->listed, "%s: %zu listed, %zu seen", s->list, s->listed,
	    s->seen);
	cs_arena_free(&s->arena);
	return done();
}

/* Names in a folder that end so, in order. */
static inline size_t
suite_names(const char *folder, struct dirent ***names)
{
	int n = scandir(folder, names, NULL, alphasort);

	return n < 0 ? 0 : (size_t)n;
}

#endif
