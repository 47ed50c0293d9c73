#ifndef CS_SPLIT_H
#define CS_SPLIT_H
#include "base.h"
enum cs_scan_isa { CS_SCAN_AUTO, CS_SCAN_WORD, CS_SCAN_SSE2, CS_SCAN_AVX2 };
enum { CS_SCAN_HIGH = 1, CS_SCAN_QUOTE = 2 };
struct cs_scan_row {
	uint32_t begin, first, n, text_n, lines;
	uint8_t eol_n, flags;
};
struct cs_scan {
	const char *base;
	uint32_t *end;
	struct cs_scan_row *row;
	size_t nrows, used;
	bool is_odd;
	int delimiter, quote;
	size_t cap, rcap;
};
void cs_scan_init(
    struct cs_scan *, int delimiter, int quote, enum cs_scan_isa isa);
void cs_scan_block(struct cs_scan *, struct cs_str bytes, bool is_last);
void cs_scan_free(struct cs_scan *);
#endif
