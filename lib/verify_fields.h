/* verify_fields: what stands in each column of the data (cs-check fields) */
#ifndef CS_VERIFY_FIELDS_H
#define CS_VERIFY_FIELDS_H

#include "table.h"

/* Distinct values of one column are counted up to here; 16 bytes each. */
#define CS_MAX_DISTINCT ((size_t)1 << 20)

/* The zero value is ready. */
struct cs_fields {
	struct cs_field *v; /* by column */
	size_t n, cap;
	uint64_t records;
};

void cs_fields_add(struct cs_fields *f, struct cs_rec *rec);
/* column,type,filled,empty,distinct,example,path. type: text number boolean
 * date time json, mixed where a column has several, empty where it has none.
 * distinct ends in + where there are more than were counted. */
struct cs_table *cs_fields_table(
    struct cs_fields *f, const struct cs_header *head);
void cs_fields_free(struct cs_fields *f);

#endif
