/* zone: --tz, the tz database, the clock */
#ifndef CS_ZONE_H
#define CS_ZONE_H

#include "date.h"
#include "msg.h"

/* Makes name the zone of the process (TZ, tzset): libjq's localtime uses it
 * too. NULL: $TZ if set and not empty, else Asia/Tokyo. False (exit 2) when
 * the tz database does not know it. */
bool cs_zone_set(const char *name, struct cs_err *err);
const char *cs_zone_name(void);
/* Civil day and time in the zone of an instant. */
struct cs_time cs_zone_local(long long epoch);
/* The civil day a text means: its own date, or with a zone in it the date in
 * --tz. */
enum cs_date_fault cs_zone_civil(struct cs_str s, struct cs_civil *c);

/* The as-of point: --as-of, or the clock read once. */
struct cs_as_of {
	struct cs_civil today;
	bool has_time;   /* false for a date: no time of day is known */
	long long epoch; /* the instant; of a date: its 00:00 in the zone */
	char date[16];   /* YYYY-MM-DD */
	char now[40];    /* RFC 3339 with offset, "" when !has_time */
};
/* text NULL: the clock. False (exit 2): not YYYY-MM-DD or RFC 3339. */
bool cs_as_of_set(struct cs_as_of *a, const char *text, struct cs_err *err);

#endif
