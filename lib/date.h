/* date: civil days and the texts that name them (RULES, Dates)
 *
 * A civil day is a count of days since 1970-01-01 in the proleptic Gregorian
 * calendar. Years 0000..9999. */
#ifndef CS_DATE_H
#define CS_DATE_H

#include "base.h"

struct cs_civil {
	int year, month, day;
};

/* What a text of RULES' date form says. */
struct cs_time {
	struct cs_civil civil;
	int hour, minute, second;
	bool has_time; /* T or a blank and HH:MM followed */
	bool has_zone; /* Z or +HH:MM followed */
	int offset;    /* seconds east of UTC, if has_zone */
};

enum cs_date_fault { CS_DATE_OK, CS_DATE_FORM, CS_DATE_NO_DAY };

int cs_days_in_month(int year, int month);
long cs_civil_days(struct cs_civil c);
struct cs_civil cs_days_civil(long days);
/* 1 = Monday .. 7. */
int cs_weekday(long days);
/* YYYY-MM-DD, or that with T or one blank and HH:MM[:SS[.f]] and no zone, Z or
 * +HH:MM (t and z too, second 60 too, as RFC 3339 has it). CS_DATE_NO_DAY: the
 * form is right, the day does not exist. */
enum cs_date_fault cs_time_parse(struct cs_str s, struct cs_time *t);
/* Does s begin with NNNN-NN-NN and is nothing or T or a blank behind it (day
 * existing or not)? For "text that looks like a date". */
bool cs_looks_like_date(struct cs_str s);
/* Seconds since the epoch of a time with a zone (or taken as UTC). */
long long cs_time_epoch(const struct cs_time *t);
/* (Y-y)*12 + (M-m), minus 1 if D < min(d, days in month M): whole months from
 * `from` to `to`, signed. */
long cs_months_between(struct cs_civil from, struct cs_civil to);
/* n months later, the day clamped to the month's last. */
struct cs_civil cs_add_months(struct cs_civil c, long n);

/* A duration of one unit: 30d, 12h, 4w, 1mo (RULES: Within, windows). */
struct cs_duration {
	long n;	   /* 1 or more */
	char unit; /* 'h', 'd', 'w', 'm' (months) */
};
bool cs_duration_parse(struct cs_str s, struct cs_duration *d);
/* The last day still inside the duration that begins on `days`: that day and
 * 30 more for 30d; hours count as begun days, months clamp. */
long cs_duration_end(struct cs_duration d, long days);

/* YYYY-MM-DD into out (11 bytes). */
void cs_civil_print(char out[16], struct cs_civil c);

/* Calendar periods. The name of the one that a day is in: 2026-W10 (ISO 8601: a
 * week belongs to the year that its Thursday is in; 0000-W00 is the one before
 * the year 0), 2026-03, 2026-Q1, 2026. Of one kind, the order of bytes is that
 * of time. */
enum cs_period {
	CS_PERIOD_WEEK,
	CS_PERIOD_MONTH,
	CS_PERIOD_QUARTER,
	CS_PERIOD_YEAR
};
/* "week", "month", "quarter", "year"; false for another word. */
bool cs_period_parse(const char *word, enum cs_period *p);
void cs_period_print(char out[16], enum cs_period p, struct cs_civil c);

#endif
