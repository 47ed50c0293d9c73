/* schema_private: what the files of schema share */
#ifndef CS_SCHEMA_PRIVATE_H
#define CS_SCHEMA_PRIVATE_H

#include "date.h"
#include "schema.h"

/* A day, a time of day, or both, as text said it. */
struct cs_moment {
	struct cs_civil civil;
	int hour, minute, second;
	struct cs_str
	    fraction; /* digits behind the second's point, or absent */
	bool has_zone;
	int offset; /* minutes east of UTC */
};

/* Is a pattern made of letters that are known? *at: the first that is not. */
bool cs_pattern_ok(struct cs_str pattern, enum cs_field_type t, size_t *at);
/* What a text under a pattern says. */
bool cs_moment_pattern(
    struct cs_str pattern, struct cs_str s, struct cs_moment *m);
/* HH:MM[:SS[.f]] and the like; is_loose takes 9:00, 3 pm too. */
bool cs_moment_time(struct cs_str s, bool is_loose, struct cs_moment *m);
/* A day and a time in any form that has one meaning only. */
bool cs_moment_any(struct cs_arena *a, struct cs_str s, enum cs_field_type t,
    struct cs_moment *m);
/* A kanji day with a time behind it, if t is a datetime. */
bool cs_moment_ja(struct cs_arena *a, struct cs_str s, enum cs_field_type t,
    struct cs_moment *m);
/* The ISO text of it. */
struct cs_str cs_moment_text(
    struct cs_arena *a, const struct cs_moment *m, enum cs_field_type t);

#endif
