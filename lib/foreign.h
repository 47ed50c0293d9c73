/* foreign: numbers and dates as Japanese files write them, text to text
 *
 * Full-width forms are folded by NFKC first. Nothing goes through a double:
 * what a number says is what comes out, digit for digit. Blanks at the ends do
 * not count. */
#ifndef CS_FOREIGN_H
#define CS_FOREIGN_H

#include "arena.h"
#include "date.h"

/* The JSON number of 1,200 (groups of three), a yen sign before, the character
 * for yen behind, a percent sign behind (12% is 0.12), a minus before, also as
 * a black or white triangle. In the arena. Absent: it is none of these. */
struct cs_str cs_foreign_number(struct cs_arena *a, struct cs_str s);

/* The day of 2020-4-1, 2020/4/1, 2020.4.1, kanji dates of both calendars with
 * eras from Meiji to Reiwa, their first year also by its own character, and
 * M T S H R before Y.M.D. A day outside of its era is no day; the day on which
 * an era gave way to the next has both names. *rest is what follows the day,
 * without blanks; where it is not wanted rest is NULL, and nothing may follow.
 */
bool cs_foreign_date(struct cs_arena *a, struct cs_str s, struct cs_civil *c,
    struct cs_str *rest);

#endif
