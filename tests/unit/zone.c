/* zone: names, DST, the as-of point */
#include <time.h>

#include "tap.h"
#include "zone.h"

static void
refused(const char *name, const char *want)
{
	struct cs_err err = {0};

	ok(!cs_zone_set(name, &err) && err.exit == CS_USAGE, "exit 2");
	is_str(cs_str(err.text), want, want);
}

static void
names(void)
{
	struct cs_err err;

	unsetenv("TZ");
	ok(cs_zone_set(NULL, &err), "the default");
	is_str(cs_str(cs_zone_name()), "Asia/Tokyo", "is Asia/Tokyo");
	setenv("TZ", "", 1);
	ok(cs_zone_set(NULL, &err), "an empty $TZ");
	is_str(cs_str(cs_zone_name()), "Asia/Tokyo", "is none");
	setenv("TZ", "Europe/Berlin", 1);
	ok(cs_zone_set(NULL, &err), "$TZ");
	is_str(cs_str(cs_zone_name()), "Europe/Berlin", "is taken");
	ok(cs_zone_set("America/New_York", &err), "--tz");
	is_str(cs_str(cs_zone_name()), "America/New_York", "goes before $TZ");
	ok(cs_zone_set("UTC", &err) && cs_zone_set("Etc/GMT+9", &err) &&
		cs_zone_set("Japan", &err),
	    "other names of the database");
	setenv("TZ", ":Asia/Seoul", 1);
	ok(cs_zone_set(NULL, &err), "a colon in $TZ");
	is_str(cs_str(cs_zone_name()), "Asia/Seoul", "is taken off");
	setenv("TZ", ":/usr/share/zoneinfo/Asia/Taipei", 1);
	ok(cs_zone_set(NULL, &err), "$TZ is a file of the database");
	is_str(cs_str(cs_zone_name()), "Asia/Taipei", "and becomes its name");

	refused("Asia/Tokio",
	    "--tz: \"Asia/Tokio\" is not a zone of the time zone database: "
	    "write a name like Asia/Tokyo, America/New_York or UTC");
	is_str(cs_str(cs_zone_name()), "Asia/Taipei", "nothing changed");
	ok(!cs_zone_set("", &err), "no name");
	ok(!cs_zone_set("Asia", &err), "a directory");
	ok(!cs_zone_set("Asia/", &err), "a directory with a slash");
	ok(!cs_zone_set("tzdata.zi", &err), "a file that is no zone");
	ok(!cs_zone_set("zone.tab", &err), "another");
	ok(!cs_zone_set("../zoneinfo/UTC", &err), "a way out");
	ok(!cs_zone_set("/usr/share/zoneinfo/Asia/Tokyo", &err), "a path");
	ok(!cs_zone_set("asia/tokyo", &err), "another case");
	ok(!cs_zone_set("JST-9", &err), "a POSIX rule");
	setenv("TZ", "JST-9", 1);
	refused(NULL, "$TZ: \"JST-9\" is not a zone of the time zone database: "
		      "write a name like Asia/Tokyo, America/New_York or UTC");
	setenv("TZDIR", "/nonexistent", 1);
	refused("Asia/Tokyo",
	    "--tz: \"Asia/Tokyo\" cannot be looked up: there is no time zone "
	    "database in /nonexistent (package tzdata); only UTC works");
	ok(cs_zone_set("UTC", &err), "UTC needs no database");
	unsetenv("TZDIR");
}

static void
local(const char *zone, long long epoch, const char *want)
{
	struct cs_err err;
	struct cs_time t;
	char got[64];

	cs_zone_set(zone, &err);
	t = cs_zone_local(epoch);
	snprintf(got, sizeof(got), "%04d-%02d-%02d %02d:%02d:%02d %+d",
	    t.civil.year, t.civil.month, t.civil.day, t.hour, t.minute,
	    t.second, t.offset);
	is_str(cs_str(got), want, want);
	ok(t.has_time && t.has_zone && cs_time_epoch(&t) == epoch, "and back");
}

/* Instants from Python's zoneinfo. */
static void
clocks(void)
{
	local("America/New_York", 1772946000, "2026-03-08 00:00:00 -18000");
	local("America/New_York", 1772953199, "2026-03-08 01:59:59 -18000");
	local("America/New_York", 1772953200, "2026-03-08 03:00:00 -14400");
	local("America/New_York", 1793505600, "2026-11-01 00:00:00 -14400");
	local("America/New_York", 1793516400, "2026-11-01 02:00:00 -18000");
	local("Asia/Tokyo", 1772290800, "2026-03-01 00:00:00 +32400");
	local("Asia/Tokyo", -618141600, "1950-06-01 00:00:00 +36000");
	local("Asia/Tokyo", 1772290799, "2026-02-28 23:59:59 +32400");
	local("UTC", 0, "1970-01-01 00:00:00 +0");
}

static void
day(const char *zone, const char *text, const char *want)
{
	struct cs_err err;
	struct cs_civil c;
	char got[16] = "fault";

	cs_zone_set(zone, &err);
	if (cs_zone_civil(cs_str(text), &c) == CS_DATE_OK)
		cs_civil_print(got, c);
	is_str(cs_str(got), want, text);
}

static void
days(void)
{
	day("Asia/Tokyo", "2026-03-01", "2026-03-01");
	day("Asia/Tokyo", "2026-03-01T23:59", "2026-03-01");
	day("Asia/Tokyo", "2026-02-28T15:00Z", "2026-03-01");
	day("Asia/Tokyo", "2026-02-28T14:59:59.999Z", "2026-02-28");
	day("America/New_York", "2026-03-09T03:59:59Z", "2026-03-08");
	day("America/New_York", "2026-03-08T04:59:59Z", "2026-03-07");
	day("America/New_York", "2026-03-09T04:00:00Z", "2026-03-09");
	day("UTC", "2026-03-01T08:59+09:00", "2026-02-28");
	day("UTC", "2026/03/01", "fault");
	day("UTC", "2026-02-30", "fault");
}

static void
as_of(const char *zone, const char *text, const char *date, const char *now,
    long long epoch)
{
	struct cs_err err = {0};
	struct cs_as_of a;

	cs_zone_set(zone, &err);
	if (!ok(cs_as_of_set(&a, text, &err), "as of %s in %s", text, zone)) {
		printf("# %s\n", err.text);
		return;
	}
	is_str(cs_str(a.date), date, "its date");
	is_str(cs_str(a.now), now, "its time");
	if (!ok(a.epoch == epoch && a.has_time == (now[0] != '\0') &&
		    cs_civil_days(a.today) * 86400LL / 86400 ==
			cs_civil_days(a.today),
		"its instant"))
		printf("# got %lld, want %lld\n", a.epoch, epoch);
}

static void
no_as_of(const char *text, const char *want)
{
	struct cs_err err = {0};
	struct cs_as_of a;

	ok(!cs_as_of_set(&a, text, &err) && err.exit == CS_USAGE, "exit 2");
	is_str(cs_str(err.text), want, want);
}

static void
points(void)
{
	struct cs_err err;
	struct cs_as_of a;
	struct cs_time t;
	time_t before, after;

	as_of("Asia/Tokyo", "2026-03-01", "2026-03-01", "", 1772290800);
	as_of("America/New_York", "2026-03-08", "2026-03-08", "", 1772946000);
	as_of("America/New_York", "2026-11-01", "2026-11-01", "", 1793505600);
	/* Days whose 00:00 the clocks leave out begin at 01:00. */
	as_of("Africa/Cairo", "2023-04-28", "2023-04-28", "", 1682632800);
	as_of("America/Sao_Paulo", "2018-11-04", "2018-11-04", "", 1541300400);
	as_of("Asia/Tokyo", "2026-02-28T15:00:00Z", "2026-03-01",
	    "2026-03-01T00:00:00+09:00", 1772290800);
	as_of("America/New_York", "2026-03-01T09:00:00.5+09:00", "2026-02-28",
	    "2026-02-28T19:00:00-05:00", 1772323200);
	as_of("America/St_Johns", "2026-01-01 12:00Z", "2026-01-01",
	    "2026-01-01T08:30:00-03:30", 1767268800);
	no_as_of("2026/03/01",
	    "--as-of: \"2026/03/01\" is not a date: write YYYY-MM-DD, or a "
	    "time with its zone like 2026-03-01T09:00:00+09:00");
	no_as_of(
	    "2026-02-29", "--as-of: the day of \"2026-02-29\" does not exist");
	no_as_of("2026-03-01T09:00",
	    "--as-of: \"2026-03-01T09:00\" has no zone: put Z or an offset "
	    "like +09:00 behind it, or write the date alone");

	before = time(NULL);
	ok(cs_as_of_set(&a, NULL, &err) && a.has_time, "the clock");
	after = time(NULL);
	ok(a.epoch >= before && a.epoch <= after, "is now");
	ok(cs_time_parse(cs_str(a.now), &t) == CS_DATE_OK && t.has_zone &&
		cs_time_epoch(&t) == a.epoch,
	    "and says so in RFC 3339");
}

int
main(void)
{
	names();
	clocks();
	days();
	points();
	return done();
}
