/* rec: the shared header and one record bound to it */
#ifndef CS_REC_H
#define CS_REC_H

#include "arena.h"
#include "hash.h"
#include "msg.h"
#include "split.h"
#include "val.h"

enum cs_form {
	CS_FORM_AUTO,
	CS_FORM_CSV,
	CS_FORM_TSV,
	CS_FORM_JSONL,
	CS_FORM_TABLE,
	CS_FORM_EXCEL
};
/* "csv" ...; false for another word. */
bool cs_form_parse(const char *word, enum cs_form *f);
const char *cs_form_name(enum cs_form f);

#define CS_NO_COLUMN SIZE_MAX

/* Reads a cell (JSON: a member's raw text) where a type alone does not say how;
 * false: it does not fit, and v is null. What it makes lives in the arena. */
typedef bool cs_read_fn(const void *how, struct cs_arena *a, struct cs_str cell,
    bool is_json, struct cs_val *v);

/* The columns of the run. For CSV fixed by the first file's header; for JSON
 * lines open: a member never seen before adds a column. */
struct cs_header {
	bool is_open;	     /* JSON lines */
	struct cs_map map;   /* name -> column; names live in it */
	struct cs_map alias; /* the names before cs_header_rename, same columns;
				empty if nothing was renamed */
	enum cs_type *type;  /* by column; grown with the map */
	bool has_types;	     /* is one of them not ANY? */
	uint64_t *misfits;   /* by column: cells that did not fit type */
	const void **how;    /* by column: for read; NULL: its type says all */
	cs_read_fn *read;
	size_t cap;
	struct cs_str raw; /* CSV: the header's bytes without line end */
	struct cs_str eol; /* and its line end: "\n", "\r\n" or "" */
	/* CSV: the header's cells as written, by column; NULL when the input
	 * had no header line. */
	struct cs_str *raw_name;
	struct cs_str file; /* that gave the columns; absent: none yet */
	int delimiter;	    /* of that file, and so of raw bytes; 0: JSON */
};

/* Number of columns, name of one. */
size_t cs_header_n(const struct cs_header *h);
struct cs_str cs_header_name(const struct cs_header *h, size_t col);
/* The column, or CS_NO_COLUMN. */
size_t cs_header_find(const struct cs_header *h, struct cs_str name);
/* The column, added if it is new. */
size_t cs_header_add(struct cs_header *h, struct cs_str name);
void cs_header_set_type(struct cs_header *h, size_t col, enum cs_type t);
/* The same, its cells read so; values are of the type, or of any under
 * CS_TYPE_OWN. One read serves all columns of a run. */
void cs_header_set_reading(struct cs_header *h, size_t col, enum cs_type t,
    cs_read_fn *read, const void *how);
/* New names for the n columns there are, all different. The old names still
 * find their columns (rules may use either; members of JSON lines keep arriving
 * under them). Once a run. */
void cs_header_rename(struct cs_header *h, const struct cs_str *name, size_t n);
/* *to, empty, becomes the same for another thread, with no misfits yet. What a
 * reader wrote into h once (raw, eol, file) is shared and must outlive it. */
void cs_header_copy(struct cs_header *to, const struct cs_header *h);
void cs_header_free(struct cs_header *h);
/* Fails (exit 2) with "unknown column "x" in WHERE (did you mean "y"?)" or the
 * nearest few names; only for a header that is not open. */
bool cs_header_need(struct cs_header *h, struct cs_str name, size_t *col,
    const char *where, struct cs_err *err);

/* One record. Everything in it lives until the next record. */
struct cs_rec {
	struct cs_header *head;
	enum cs_form form; /* CSV, TSV or JSONL */
	const char *file;  /* as messages show it */
	size_t line;	   /* physical line it begins on */
	struct cs_str raw; /* its bytes without the line end */
	struct cs_str eol; /* "\n", "\r\n" or "" */
	/* The first n columns are here, those behind are absent. What they
	 * hold is asked with cs_rec_cell and cs_rec_raw; it stands either in
	 * these two, by column, or, where they are NULL, in raw: cell i ends
	 * before the byte at base[end[i]]. */
	struct cs_str *cell;	 /* CSV: quotes undone; JSON: raw JSON text */
	struct cs_str *raw_cell; /* CSV: as written, quotes included */
	const char *base;
	const uint32_t *end;
	char quote;
	size_t n;
	bool is_again;		/* it waited (hold): its misfits are counted */
	struct cs_arena *arena; /* the record arena */
	struct cs_val *val;	/* typed at first touch */
	unsigned char *touched; /* is val[col] set? */
};

/* CSV: cell col < n as it is written, quotes included. */
static inline struct cs_str
cs_rec_raw(const struct cs_rec *r, size_t col)
{
	const char *p;

	if (r->cell != NULL)
		return r->raw_cell[col];
	p = col == 0 ? r->raw.p : r->base + r->end[col - 1] + 1;
	return (struct cs_str){p, (size_t)(r->base + r->end[col] - p)};
}
/* CSV: the text of cell col < n, quotes undone. JSON: the member's raw JSON
 * text, absent (p NULL) when the record has no such member. */
static inline struct cs_str
cs_rec_cell(const struct cs_rec *r, size_t col)
{
	struct cs_str raw;

	if (r->cell != NULL)
		return r->cell[col];
	raw = cs_rec_raw(r, col);
	if (raw.n == 0 || *raw.p != r->quote)
		return raw;
	return cs_unquote(raw, r->quote, r->arena);
}
/* The typed value of a column (null when absent). Remembered. */
struct cs_val cs_rec_val(struct cs_rec *r, size_t col);
/* The same in its place, col < n. */
const struct cs_val *cs_rec_touch(struct cs_rec *r, size_t col);
static inline const struct cs_val *
cs_rec_look(struct cs_rec *r, size_t col)
{
	return r->touched[col] ? &r->val[col] : cs_rec_touch(r, col);
}
/* Its text, never typed: ids, keys, template holes. A JSON string is
 * unescaped, other JSON values are their text, null and absent are absent. */
struct cs_str cs_rec_text(struct cs_rec *r, size_t col);

#endif
