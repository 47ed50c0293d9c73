/* dialect_private: the first records of a sample, as the two files of dialect
 * see them */
#ifndef CS_DIALECT_PRIVATE_H
#define CS_DIALECT_PRIVATE_H

#include "dialect.h"

enum {
	RECORDS = 20, /* of the sample that are looked at */
	LEAST = 3     /* header and two records below, to speak of titles */
};

/* The first records, split by one delimiter and one quote. */
struct cs_dialect_row {
	size_t line;  /* physical lines before it */
	size_t first; /* its cells begin here */
	size_t n;
	size_t quoted; /* of them, with an opening and a closing quote */
};

struct cs_dialect_rows {
	struct cs_str *cell;
	size_t cells, cap;
	size_t quoted; /* of all records */
	struct cs_dialect_row v[RECORDS];
	size_t n;
};

/* Row i's cells. */
static inline const struct cs_str *
cs_dialect_cells(const struct cs_dialect_rows *r, size_t i)
{
	return r->cell + r->v[i].first;
}

/* dialect_head.c. The row that is the header, or its first line where it has
 * two; 0 where there is nothing above it. */
size_t cs_dialect_header(const struct cs_dialect_rows *r, bool *has_two_lines);
/* Fills what the header and the rows below say: is_headless and unnamed.
 * r->n > 0. */
void cs_dialect_shape(
    const struct cs_dialect_rows *r, size_t header, struct cs_dialect *d);

#endif
