/* stanza: rule files as keys and values with places; no meaning yet (RULES,
 * Rule files: stanzas, the same as CSV, the same as JSON lines) */
#ifndef CS_STANZA_H
#define CS_STANZA_H

#include "arena.h"
#include "msg.h"

/* How the bytes of the file became the value. */
enum cs_pair_form {
	CS_PAIR_LINES, /* stanza lines, options: as they stand */
	CS_PAIR_CSV,   /* inside a quoted cell: "" stands for " */
	CS_PAIR_JSON   /* inside a JSON string: escapes */
};

struct cs_pair {
	struct cs_str key;   /* as written */
	struct cs_str value; /* trimmed; continuation lines joined with \n,
				each without the blanks it began with */
	struct cs_place key_at;
	/* Where each line of value stands: line k of the value is physical
	 * line at[k].line and begins in column at[k].col (bytes, from 1). */
	struct cs_place *value_at;
	size_t lines;
	bool is_faulty; /* the value cannot be used; told already */
	/* CSV and JSON: the value as it stands in the file; value_at[0] is
	 * where raw begins. */
	enum cs_pair_form form;
	struct cs_str raw;
	/* A part of another pair's value (cs_pair_part): all places are asked
	 * there. */
	const struct cs_pair *whole;
	size_t offset;
};

struct cs_raw_stanza {
	struct cs_pair *pair; /* the first says the kind */
	size_t n;
};

struct cs_raw_stanzas {
	struct cs_raw_stanza *v;
	size_t n;
};

/* Reads the bytes of a rule file (form told apart by content: `{` begins JSON
 * lines; a first line without "Key:" but with a comma or no blank is CSV). All
 * faults go to diags (code "syntax"); what could be read is in *s. bytes and
 * file must outlive everything. */
void cs_stanzas_read(struct cs_str bytes, const char *file,
    struct cs_arena *run, struct cs_raw_stanzas *s, struct cs_diags *diags);

/* The place of byte `offset` of the value: for errors inside an expression. */
struct cs_place cs_pair_place(const struct cs_pair *p, size_t offset);
/* Bytes from..to of the value as a pair of their own, blanks trimmed. p must
 * outlive it. */
struct cs_pair cs_pair_part(const struct cs_pair *p, size_t from, size_t to);

#endif
