/* exact: sums and products of decimal numbers, without rounding
 *
 * Money must come out as a person with paper would have it, whatever the order
 * of the rows. A sum is a whole number of 1e-18, in 128 bits: up to 1.7e20 of
 * any currency. */
#ifndef CS_EXACT_H
#define CS_EXACT_H

#include "buf.h"

#define CS_EXACT_PLACES 18

typedef __int128 cs_exact_sum;

/* v * 10^-places. */
struct cs_exact {
	__int128 v;
	int places;
};

/* A number of JSON's grammar. False when s is none, or does not fit: more than
 * 18 decimals, or 38 digits. */
bool cs_exact_parse(struct cs_str s, struct cs_exact *x);
/* *x *= y; false when it does not fit. */
bool cs_exact_mul(struct cs_exact *x, struct cs_exact y);
/* *sum += x; false, and *sum is as it was, when it does not fit. */
bool cs_exact_add(cs_exact_sum *sum, struct cs_exact x);
/* Without trailing zeros and exponent: JSON's grammar too. */
void cs_exact_print(struct cs_buf *b, cs_exact_sum sum);

#endif
