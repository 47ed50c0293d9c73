/* rowplan: how a record becomes a line of output, decided once
 *
 * A row whose cells were not changed is copied as raw bytes and the new cells
 * appended; numbers are never re-printed, quotes never re-decided. Forms:
 * CONTRACT, Forms. */
#ifndef CS_ROWPLAN_H
#define CS_ROWPLAN_H

#include "out.h"
#include "rec.h"

struct cs_encode;
struct cs_plan;

struct cs_plan_conf {
	enum cs_form in;  /* CSV, TSV or JSONL */
	enum cs_form out; /* any but AUTO; TABLE holds all rows until the end */
	int delimiter;	  /* of CSV/TSV input and output (CSV from JSON: ,) */
	struct cs_str columns; /* --columns=a,b; absent: all */
	bool has_header_line;  /* write a header for CSV (false: input had none
				  and nobody named columns: still written) */
	bool is_clean;	       /* ingest: every record ends with LF, CSV has
				  commas */
	bool unites;	       /* ingest, JSON to a form of fixed columns: all
				  members of all records, in order of first
				  sight; the rows wait in a backlog until
				  cs_plan_end, unless columns are given */
	bool nests; /* CSV to JSON lines: columns a.b as objects (nest.h) */
	struct cs_encode *encode; /* what CSV, TSV and excel are written in;
				     NULL: UTF-8 */
};

struct cs_plan *cs_plan_new(
    const struct cs_plan_conf *conf, struct cs_header *head);
/* A column the command adds, or replaces in its place when the header has it.
 * Returns its slot. Before cs_plan_begin. */
size_t cs_plan_add(struct cs_plan *p, struct cs_str name);
/* A column of the input that may be set, record by record: where it is not, the
 * cell stays as it is, and a row with none set is copied. Before
 * cs_plan_begin. */
size_t cs_plan_over(struct cs_plan *p, size_t col);
/* Only these columns of the input come out (ingest --drop-rest, maps); NULL:
 * all. The added ones follow. Before cs_plan_begin. */
void cs_plan_keep(struct cs_plan *p, const bool *keep);
/* The columns of the output, like conf.columns. Before cs_plan_begin. */
void cs_plan_columns(struct cs_plan *p, struct cs_str columns);
/* Sets conf.nests. Before cs_plan_begin. */
void cs_plan_nest(struct cs_plan *p);
/* Checks --columns (unknown name: exit 2, suggestion) and writes the header
 * (exit 2 when conf.encode lacks a character of it).
 * JSON lines to CSV: the header waits for the first record, or with unites for
 * the last. */
bool cs_plan_begin(struct cs_plan *p, struct cs_out *out, struct cs_err *err);
/* The value of a slot for the next write; unset slots are null, but those of
 * cs_plan_over. */
void cs_plan_set(struct cs_plan *p, size_t slot, struct cs_val v);
/* The record is not written after all: its slots are unset. */
void cs_plan_forget(struct cs_plan *p);
/* Writes rec with the slots and forgets them. */
bool cs_plan_write(struct cs_plan *p, struct cs_rec *rec, struct cs_out *out,
    struct cs_err *err);
/* Why the last cs_plan_write wrote nothing: the character that conf.encode does
 * not have. Lives until the next one. */
struct cs_plan_gap {
	struct cs_str column, value; /* absent where it stands in no cell */
	uint32_t code;
};
/* NULL when it was written. */
const struct cs_plan_gap *cs_plan_gap(const struct cs_plan *p);
/* What waited (table form, unites). */
bool cs_plan_end(struct cs_plan *p, struct cs_out *out, struct cs_err *err);
/* JSON lines with --columns: is there a column behind the *i-th that no record
 * written had? Then its name; *i begins at 0. */
bool cs_plan_unseen(const struct cs_plan *p, size_t *i, struct cs_str *name);
/* Cells that excel's formula guard changed. */
uint64_t cs_plan_guarded(const struct cs_plan *p);
void cs_plan_free(struct cs_plan *p);

/* Appends a CSV cell: quoted only if it holds the delimiter, a quote, CR, LF
 * or begins or ends with a blank. A single empty cell that would make an empty
 * line is the caller's care. */
void cs_csv_cell(struct cs_buf *b, struct cs_str text, int delimiter);

#endif
