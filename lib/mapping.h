/* mapping: Column: stanzas as cs-ingest's map: names, defaults, expressions
 *
 * A map gives source columns the names that rules use. Expressions of the map
 * and of all rules see the new names. */
#ifndef CS_MAPPING_H
#define CS_MAPPING_H

#include "reader.h"
#include "rules.h"
#include "schema.h"

struct cs_mapped {
	const struct cs_stanza *stanza;
	struct cs_str name;
	size_t col;		/* in the header, CS_NO_COLUMN: made here */
	struct cs_str dflt;	/* Default:, absent if none */
	const struct cs_kv *kv; /* Expr:, NULL if none */
	size_t expr, slot;	/* set by the caller */
	bool has_slot;		/* Expr or Default: the cell is set */
	bool is_required;	/* Required: yes */
	/* What a schema says of the cell that is set, NULL: nothing. */
	const struct cs_field *field;
};

struct cs_mapping {
	struct cs_mapped *v;
	size_t n;
};

/* The From: names of each Column stanza that has several, for a run over
 * several files (reader.h); *n of them. Names and list live in the arena. */
struct cs_froms *cs_mapping_froms(
    const struct cs_rules *rules, struct cs_arena *run, size_t *n);

/* The columns of the header that no Column stanza took: how many, and in
 * *names (may be NULL) the first few of them as one text in the arena. */
size_t cs_mapping_unused(const struct cs_mapping *m,
    const struct cs_header *head, struct cs_arena *a, const char **names);

/* Reads the Column stanzas and renames the header's columns (From: first one
 * present). Findings: no From column present and neither Default nor Expr
 * ("unknown-column"; a warning where there is one of the two and a
 * column of nearly that name), a source used twice, a new name that another
 * column has
 * ("duplicate"). A stanza with a Type only, for a column that is not there, is
 * passed over. */
void cs_mapping_build(struct cs_mapping *m, const struct cs_rules *rules,
    struct cs_header *head, struct cs_arena *run, struct cs_diags *diags);
/* Finds the fields of the schema that name a column by the name that only the
 * map gives it, and whose cell the map sets: they are about what comes out, not
 * about the input (is_made). A key over one is not checked, which diags are
 * told. After build. */
void cs_mapping_schema(struct cs_mapping *m, struct cs_schema *schema,
    const struct cs_header *head, struct cs_diags *diags);

#endif
