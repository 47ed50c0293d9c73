/* snapshot: the date in a file's name */
#include "snapshot.h"
#include "tap.h"

static void
is_dated(const char *path, const char *want)
{
	char date[16] = "";
	bool has = cs_snapshot_date(path, date);

	ok(has == (want != NULL) && (!has || strcmp(date, want) == 0), "%s: %s",
	    path, has ? date : "no date");
}

int
main(void)
{
	is_dated("2026-03-01.csv", "2026-03-01");
	is_dated("shops-2026-03-01.csv.gz", "2026-03-01");
	is_dated("/data/2025-01-01/shops_2026-03-01", "2026-03-01");
	is_dated("2024-02-29", "2024-02-29");
	is_dated("a2026-02-30-2026-03-02", "2026-03-02");
	is_dated("2026-01-02-to-2026-03-02", "2026-01-02");
	is_dated("v1-2026-03-01T0900.csv", "2026-03-01");
	is_dated("/data/2026-03-01/shops.csv", NULL);
	is_dated("12026-03-01", NULL);
	is_dated("2026-03-011", NULL);
	is_dated("2026-3-1", NULL);
	is_dated("2026-03-1", NULL);
	is_dated("20260301", NULL);
	is_dated("", NULL);
	return done();
}
