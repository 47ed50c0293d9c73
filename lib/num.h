/* num: numbers as text; exact, locale-free */
#ifndef CS_NUM_H
#define CS_NUM_H

#include "buf.h"

/* Is s a number of JSON's grammar, whole? */
bool cs_num_is_json(struct cs_str s);
/* The value of a number of JSON's grammar (nearest double, over the range:
 * HUGE_VAL). False when s is none. */
bool cs_num_parse(struct cs_str s, double *v);
/* RULES, Values: may the CSV cell s be a number? A JSON number with at most 15
 * digits from the first non-zero to the last (of the mantissa), finite, not
 * -0. On true *v is its value. */
bool cs_num_cell(struct cs_str s, double *v);
/* A number a person wrote: [-]digits[.digits], for options and rule keys
 * (Points: 30, From: 70.5). Leading + and zeros allowed, no exponent. */
bool cs_num_person(struct cs_str s, double *v);
/* A whole number lo..hi written in digits (sign allowed). */
bool cs_num_whole(struct cs_str s, long long lo, long long hi, long long *v);
/* Shortest text that reads back as v ("1", "0.1", "1e+300"); JSON's grammar,
 * laid out as jq 1.6 does. v must be finite. */
void cs_num_print(struct cs_buf *b, double v);
/* At most 6 decimals, half to even on the exact value, trailing zeros and
 * "-0" removed: scores and rates. v must be finite. */
void cs_num_print6(struct cs_buf *b, double v);

#endif
