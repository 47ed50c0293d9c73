/* text_avx2: UTF-8 checked 32 bytes at a time, for machines that have AVX2 */
#ifndef CS_TEXT_AVX2_H
#define CS_TEXT_AVX2_H

#include "base.h"

/* Bytes of whole characters at the front that are surely valid; what follows
 * (a fault, or the end) is for the caller. May be less than what is valid. */
size_t cs_utf8_valid_avx2(struct cs_str s);

#endif
