#include "stamp.h"

static bool
is_later(const struct cs_time *a, const struct cs_time *b)
{
	const int x[] = {a->civil.year, a->civil.month, a->civil.day, a->hour,
	    a->minute, a->second};
	const int y[] = {b->civil.year, b->civil.month, b->civil.day, b->hour,
	    b->minute, b->second};

	for (size_t i = 0; i < sizeof(x) / sizeof(*x); i++)
		if (x[i] != y[i])
			return x[i] > y[i];
	return false;
}

void
cs_stamp_see(struct cs_stamp *s, struct cs_val v)
{
	struct cs_time t;

	if (v.kind == CS_NULL || (v.kind == CS_TEXT && v.text.n == 0)) {
		s->empty++;
		return;
	}
	if (v.kind != CS_TEXT || cs_time_parse(v.text, &t) != CS_DATE_OK) {
		s->others++;
		return;
	}
	if (t.has_zone)
		t = cs_zone_local(cs_time_epoch(&t));
	if (s->dates++ == 0 || is_later(&t, &s->newest))
		s->newest = t;
}

void
cs_stamp_tell(
    const struct cs_stamp *s, const struct cs_as_of *as_of, struct cs_buf *b)
{
	char date[16];
	long days;

	if (s->dates > 0) {
		days = cs_civil_days(as_of->today) -
		       cs_civil_days(s->newest.civil);
		cs_civil_print(date, s->newest.civil);
		cs_buf_printf(b, "%s (%ld day%s %s %s)", date,
		    days < 0 ? -days : days, days == 1 || days == -1 ? "" : "s",
		    days < 0 ? "after" : "before", as_of->date);
	} else
		cs_buf_puts(b, "no date");
	if (s->empty > 0)
		cs_buf_printf(b, ", %ju empty", (uintmax_t)s->empty);
	if (s->others > 0)
		cs_buf_printf(b, ", %ju no date", (uintmax_t)s->others);
}
