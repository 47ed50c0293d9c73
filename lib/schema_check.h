/* schema_check: records held against a schema and typed columns; cs-ingest
 *
 * Canonical values go into the row plan where they differ from the cell. For
 * unique and primaryKey every key seen is kept (set.h says how much that
 * takes). */
#ifndef CS_SCHEMA_CHECK_H
#define CS_SCHEMA_CHECK_H

#include "rowplan.h"
#include "schema.h"

struct cs_checks;

/* What is wrong with a record. */
struct cs_violation {
	const char
	    *reason; /* "type", or the constraint's word; NULL: nothing */
	struct cs_str column, value;
	const char *text; /* for people, in the record's arena */
};

/* For the columns that are bound now: those of the schema (NULL: none) and
 * those with a type or reading of their own. taken: columns another slot of the
 * plan sets; NULL: none. head, plan and schema must outlive it. */
struct cs_checks *cs_checks_new(const struct cs_schema *s,
    struct cs_header *head, struct cs_plan *plan, const bool *taken);
/* Finds the first violation; without one the plan has the canonical values, and
 * the record's keys are remembered. */
void cs_checks_record(
    struct cs_checks *c, struct cs_rec *rec, struct cs_violation *bad);
/* A value of the record that a map made, held against the column's field: v
 * becomes canonical, or bad says what is wrong. */
void cs_checks_made(struct cs_checks *c, const struct cs_field *f,
    struct cs_rec *rec, struct cs_val *v, struct cs_violation *bad);
/* Are keys remembered, so that one record has to do with another? */
bool cs_checks_has_keys(const struct cs_checks *c);
void cs_checks_free(struct cs_checks *c);

#endif
