/* schema_infer: a Table Schema that the data itself passes
 *
 * Every column begins with all candidates; a cell strikes out those it does not
 * fit. What is left is the type, the narrowest first. Codes with leading zeros
 * and numbers of more than 15 digits stay strings, JSON strings too. Nothing of
 * the records is kept. */
#ifndef CS_SCHEMA_INFER_H
#define CS_SCHEMA_INFER_H

#include "out.h"
#include "schema.h"

struct cs_infer;

struct cs_infer *cs_infer_new(struct cs_header *head);
void cs_infer_record(struct cs_infer *g, struct cs_rec *rec);
void cs_infer_print(struct cs_infer *g, struct cs_out *out);
void cs_infer_free(struct cs_infer *g);

#endif
