/* num: numbers as text; exact, locale-free */
#ifndef CS_NUM_H
#define CS_NUM_H

#include "buf.h"

/* A whole number of one to eight digits without zeros in front, all at once:
 * most of the numbers there are. word is cs_few_bytes of them, or more bytes.
 * False: none such; *v is of no use then. */
static inline bool
cs_num_few(uint64_t word, size_t n, uint32_t *v)
{
	const uint64_t zeros = 0x3030303030303030, tens = 0x7676767676767676,
		       high = 0x8080808080808080, lows = 0x000000ff000000ff;
	bool has_zero = (word & 0xff) == '0' && n > 1;
	uint64_t w;

	/* Digits as bytes, the last one uppermost, zeros in front. */
	w = (word ^ zeros) << ((64 - 8 * n) & 63);
	word = (w | (w + tens)) & high;
	/* To pairs of digits, then to fours, then to eight. */
	w = w * 10 + (w >> 8);
	w = (w & lows) * (100 + (1000000ULL << 32)) +
	    (w >> 16 & lows) * (1 + (10000ULL << 32));
	*v = (uint32_t)(w >> 32);
	return (word == 0) & !has_zero & (n - 1 < 8);
}

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
