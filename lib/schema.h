/* schema: Frictionless Table Schema for flat data (cs-schema(5))
 *
 * A schema says of each column what its cells may be and how they are written.
 * A cell becomes a value in canonical form: JSON numbers with the digits they
 * were given, ISO dates, true and false, null for what is missing. No text goes
 * through a double. */
#ifndef CS_SCHEMA_H
#define CS_SCHEMA_H

#include "re.h"
#include "rec.h"

enum cs_field_type {
	CS_FIELD_ANY,
	CS_FIELD_STRING,
	CS_FIELD_NUMBER,
	CS_FIELD_INTEGER,
	CS_FIELD_BOOLEAN,
	CS_FIELD_DATE,
	CS_FIELD_TIME,
	CS_FIELD_DATETIME,
	CS_FIELD_YEAR,
	CS_FIELD_YEARMONTH,
	CS_FIELD_DURATION,
	CS_FIELD_OBJECT,
	CS_FIELD_ARRAY,
	CS_FIELD_GEOPOINT
};

enum cs_field_format {
	CS_FORMAT_DEFAULT,
	CS_FORMAT_ANY,	   /* dates: every form with one meaning */
	CS_FORMAT_JA,	   /* numbers and dates: foreign.h */
	CS_FORMAT_PATTERN, /* dates: strptime's letters, in pattern */
	CS_FORMAT_EMAIL,
	CS_FORMAT_URI,
	CS_FORMAT_UUID,
	CS_FORMAT_BINARY,
	CS_FORMAT_ARRAY, /* geopoint */
	CS_FORMAT_OBJECT
};

struct cs_texts {
	struct cs_str *v;
	size_t n;
};

/* What a value must be besides its type; absent (p NULL, has_ false): not
 * asked. minimum, maximum and list are canonical texts. */
struct cs_limits {
	bool is_required, is_unique;
	struct cs_str minimum, maximum;
	bool has_min_length, has_max_length;
	size_t min_length, max_length;
	struct cs_str pattern; /* as written; re is it, for whole values */
	struct cs_re *re;
	bool has_list; /* enum */
	struct cs_texts list;
};

struct cs_field {
	struct cs_str name;
	enum cs_field_type type;
	enum cs_field_format format;
	struct cs_str pattern;
	struct cs_texts missing, yes, no;
	struct cs_str group,
	    decimal; /* groupChar (absent: none), decimalChar */
	bool is_bare;
	struct cs_limits limits;
	/* A map makes the column: no column of the input is read so. */
	bool is_made;
};

/* A column list of primaryKey or uniqueKeys, by field number. */
struct cs_key_fields {
	size_t *v;
	size_t n;
};

enum cs_fields_match {
	CS_MATCH_SUBSET, /* the data has all fields, and may have more */
	CS_MATCH_EXACT,
	CS_MATCH_EQUAL,
	CS_MATCH_SUPERSET,
	CS_MATCH_PARTIAL
};

struct cs_schema {
	const char *file;
	struct cs_field *field;
	size_t n;
	struct cs_key_fields primary; /* n 0: none */
	struct cs_key_fields *unique; /* uniqueKeys */
	size_t nunique;
	enum cs_fields_match match;
	struct cs_place foreign; /* of foreignKeys; line 0: none */
};

/* Reads a schema file. Findings (CS_ERROR, with places) go to diags; false with
 * err when the file itself cannot be read. Everything lives in the run arena
 * but the patterns: cs_schema_free. */
bool cs_schema_load(struct cs_schema *s, const char *path, struct cs_arena *run,
    struct cs_diags *diags, struct cs_err *err);
/* The same from text. */
void cs_schema_parse(struct cs_schema *s, struct cs_str text, const char *file,
    struct cs_arena *run, struct cs_diags *diags);
void cs_schema_free(struct cs_schema *s);

/* A field of type and format with everything else by default. False where the
 * format is none of the type's: why says what is expected. */
bool cs_field_make(struct cs_field *f, enum cs_field_type type,
    struct cs_str format, const char **why);
/* The same for a rule file's type word. */
bool cs_field_of_type(struct cs_field *f, enum cs_type type,
    struct cs_str format, const char **why);
/* "string" ... and back. */
bool cs_field_type_parse(struct cs_str word, enum cs_field_type *t);
const char *cs_field_type_name(enum cs_field_type t);
/* What a cell that does not fit is not: "a number", "a date (%Y/%m/%d)". In the
 * arena or fixed. */
const char *cs_field_kind(const struct cs_field *f, struct cs_arena *a);

/* The value of a cell (CSV), or of a member's raw JSON text. Null for what is
 * missing. A text that is canonical is the cell's own bytes; else it lives in
 * the arena. False: it does not fit, and v is null. */
bool cs_field_cell(const struct cs_field *f, struct cs_arena *a,
    struct cs_str cell, struct cs_val *v);
bool cs_field_json(const struct cs_field *f, struct cs_arena *a,
    struct cs_str json, struct cs_val *v);

/* Is the cell one that means nothing is there? */
bool cs_field_is_missing(const struct cs_field *f, struct cs_str cell);

/* The word of the first limit that a value breaks ("required", "minimum"), or
 * NULL; unique is asked elsewhere. *what is for people: "less than 5". */
const char *cs_field_breaks(const struct cs_field *f, const struct cs_val *v,
    struct cs_arena *a, const char **what);

/* Gives the header's columns their readings and types; those that are not there
 * yet (JSON lines) are left for a later call. */
void cs_schema_bind(const struct cs_schema *s, struct cs_header *head);
/* One column's. f must outlive the header. */
void cs_field_bind(
    const struct cs_field *f, struct cs_header *head, size_t col);

/* Are the input's columns, by their names before or after a map, and those that
 * the map makes what fieldsMatch asks? Findings go to diags. For a header that
 * is not open. */
void cs_schema_match(const struct cs_schema *s, const struct cs_header *head,
    struct cs_diags *diags);

/* -1, 0, 1: two JSON numbers by value, digit for digit. */
int cs_decimal_cmp(struct cs_str a, struct cs_str b);
/* Appends the one text that all JSON numbers of this value share. */
void cs_decimal_key(struct cs_buf *b, struct cs_str s);

#endif
