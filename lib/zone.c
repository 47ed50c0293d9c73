#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "zone.h"

static const char *
database(void)
{
	const char *dir = getenv("TZDIR");

	return dir != NULL && dir[0] != '\0' ? dir : "/usr/share/zoneinfo";
}

/* Names of the database only: no way out of its directory. */
static bool
is_plain_name(const char *name)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz"
				      "0123456789_+-/";
	size_t n = strlen(name);

	return n > 0 && n < 256 && strspn(name, letters) == n &&
	       name[0] != '/' && name[n - 1] != '/' &&
	       strstr(name, "//") == NULL;
}

static bool
is_zone_file(const char *name)
{
	char path[PATH_MAX], magic[4];
	struct stat st;
	ssize_t n;
	int fd;

	if (snprintf(path, sizeof(path), "%s/%s", database(), name) >=
	    (int)sizeof(path))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return false;
	n = fstat(fd, &st) == 0 && S_ISREG(st.st_mode)
		? read(fd, magic, sizeof(magic))
		: -1;
	close(fd);
	return n == sizeof(magic) && memcmp(magic, "TZif", 4) == 0;
}

/* What $TZ may be beside a name: ":NAME", or the path of a file of the
 * database (":/etc/localtime" is a habit that saves stat calls). path holds
 * the result if it is one. */
static const char *
name_in_environment(const char *tz, char path[PATH_MAX])
{
	char dir[PATH_MAX];
	size_t n;

	if (tz[0] == ':')
		tz++;
	if (tz[0] != '/' || realpath(tz, path) == NULL ||
	    realpath(database(), dir) == NULL)
		return tz;
	n = strlen(dir);
	if (strncmp(path, dir, n) != 0 || path[n] != '/')
		return tz;
	return path + n + 1;
}

/* Why a name was not taken; from is --tz or $TZ. */
static bool
unknown_zone(const char *from, const char *name, struct cs_err *err)
{
	if (access(database(), X_OK) != 0)
		return cs_fail(err, CS_USAGE,
		    "%s: \"%s\" cannot be looked up: there is no time zone "
		    "database in %s (package tzdata); only UTC works",
		    from, name, database());
	return cs_fail(err, CS_USAGE,
	    "%s: \"%s\" is not a zone of the time zone database: write a name "
	    "like Asia/Tokyo, America/New_York or UTC",
	    from, name);
}

bool
cs_zone_set(const char *name, struct cs_err *err)
{
	char path[PATH_MAX];
	const char *from = "--tz";

	if (name == NULL) {
		const char *tz = getenv("TZ");

		name = "Asia/Tokyo";
		if (tz != NULL && tz[0] != '\0') {
			from = "$TZ";
			name = name_in_environment(tz, path);
		}
	}
	if (!is_plain_name(name) ||
	    (strcmp(name, "UTC") != 0 && !is_zone_file(name)))
		return unknown_zone(from, name, err);
	if (setenv("TZ", name, 1) != 0)
		cs_nomem();
	tzset();
	return true;
}

const char *
cs_zone_name(void)
{
	const char *name = getenv("TZ");

	return name != NULL ? name : "";
}

struct cs_time
cs_zone_local(long long epoch)
{
	time_t t = (time_t)epoch;
	struct cs_time r = {.has_time = true, .has_zone = true};
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL) /* a year that no int holds */
		return r;
	r.civil =
	    (struct cs_civil){tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday};
	r.hour = tm.tm_hour;
	r.minute = tm.tm_min;
	r.second = tm.tm_sec;
	r.offset = (int)tm.tm_gmtoff;
	return r;
}

enum cs_date_fault
cs_zone_civil(struct cs_str s, struct cs_civil *c)
{
	struct cs_time t;
	enum cs_date_fault fault = cs_time_parse(s, &t);

	*c = t.civil;
	if (fault == CS_DATE_OK && t.has_zone)
		*c = cs_zone_local(cs_time_epoch(&t)).civil;
	return fault;
}

/* The first instant of a civil day. Searched, because 00:00 does not exist
 * where the clocks are put forward at midnight. */
static long long
day_begin(struct cs_civil day)
{
	const long long widest = 26 * 3600; /* wider than any offset */
	long days = cs_civil_days(day);
	long long lo = days * 86400LL - widest, hi = lo + 2 * widest;

	while (hi - lo > 1) {
		long long mid = lo + (hi - lo) / 2;

		if (cs_civil_days(cs_zone_local(mid).civil) < days)
			lo = mid;
		else
			hi = mid;
	}
	return hi;
}

static void
set_instant(struct cs_as_of *a, long long epoch)
{
	struct cs_time t = cs_zone_local(epoch);
	int offset = abs(t.offset);

	a->today = t.civil;
	a->has_time = true;
	a->epoch = epoch;
	cs_civil_print(a->date, t.civil);
	snprintf(a->now, sizeof(a->now), "%sT%02d:%02d:%02d%c%02d:%02d",
	    a->date, t.hour, t.minute, t.second, t.offset < 0 ? '-' : '+',
	    offset / 3600, offset / 60 % 60);
}

bool
cs_as_of_set(struct cs_as_of *a, const char *text, struct cs_err *err)
{
	struct timespec now;
	struct cs_time t;

	*a = (struct cs_as_of){0};
	if (text == NULL) {
		clock_gettime(CLOCK_REALTIME, &now);
		set_instant(a, now.tv_sec);
		return true;
	}
	switch (cs_time_parse(cs_str(text), &t)) {
	case CS_DATE_FORM:
		return cs_fail(err, CS_USAGE,
		    "--as-of: \"%s\" is not a date: write YYYY-MM-DD, or a "
		    "time "
		    "with its zone like 2026-03-01T09:00:00+09:00",
		    text);
	case CS_DATE_NO_DAY:
		return cs_fail(err, CS_USAGE,
		    "--as-of: the day of \"%s\" does not exist", text);
	case CS_DATE_OK:
		break;
	}
	if (t.has_time && !t.has_zone)
		return cs_fail(err, CS_USAGE,
		    "--as-of: \"%s\" has no zone: put Z or an offset like "
		    "+09:00 behind it, or write the date alone",
		    text);
	if (t.has_time) {
		set_instant(a, cs_time_epoch(&t));
		return true;
	}
	a->today = t.civil;
	a->epoch = day_begin(t.civil);
	cs_civil_print(a->date, t.civil);
	return true;
}
