/* split_ref: physical lines -> CSV rows, as libcsv says (the authority)
 *
 * The dialect of CONTRACT.md. Lines come one at a time from the caller, who
 * knows about files and encodings. Read ahead to find a closing quote, they
 * are fed again when the record is refused.
 *
 * libcsv says what the cells are. Where a cell was in the text, whether it was
 * quoted and where a quote was opened it does not say: that comes from our own
 * walk over the record, and the two must agree. */
#ifndef CS_SPLIT_REF_H
#define CS_SPLIT_REF_H

#include "buf.h"
#include "in.h"
#include "msg.h"

/* One physical line. */
struct cs_line {
	struct cs_str text; /* UTF-8 with the line end (the last may lack it) */
	struct cs_str raw;  /* the same before decoding; p == text.p if equal */
	size_t line;	    /* its number, from 1 */
	size_t bad;	    /* places that did not decode */
};
/* The next line; the slices live until the next call. */
typedef enum cs_got cs_line_fn(
    void *self, struct cs_line *line, struct cs_err *err);

struct cs_split_conf {
	int delimiter; /* 0: comma */
	int quote;     /* 0: the double quote */
	/* Limits; 0: CS_MAX_CELL, CS_MAX_RECORD, CS_MAX_COLUMNS. */
	size_t max_cell, max_record, max_columns;
};

/* One row, or what was refused. Lives until the next call. */
struct cs_row {
	size_t n;
	struct cs_str *cell;	 /* quotes undone */
	struct cs_str *raw_cell; /* as written; slices of text */
	struct cs_str text;	 /* without the line end */
	struct cs_str eol;	 /* "\n", "\r\n" or "" */
	size_t line;		 /* physical line it begins on */
	size_t lines;		 /* physical lines it has */
	size_t bad;		 /* places that did not decode */
	bool is_blank;		 /* nothing but a line end: one empty cell */
	/* Refused: text is the first physical line, reading goes on behind it
	 * (a record too long: behind the record, where its end is known). */
	const char *reason; /* "quote" or "long" */
	char why[160];
	size_t first; /* for cs_split_raw */
};

struct cs_split;

struct cs_split *cs_split_new(cs_line_fn *next, void *self);
/* Sets dialect and limits; before the first row. */
void cs_split_set(struct cs_split *s, const struct cs_split_conf *conf);
/* Reads ahead to `lines` lines or `bytes` bytes, whichever comes first, and
 * shows what is waiting. A fault of the source is told later, in its place. */
struct cs_str cs_split_ahead(
    struct cs_split *s, size_t lines, size_t bytes, bool *is_all);
/* One physical line, no CSV (JSON lines). */
enum cs_got cs_split_line(
    struct cs_split *s, struct cs_line *line, struct cs_err *err);

enum cs_split_got {
	CS_SPLIT_ROW,
	CS_SPLIT_REFUSED,
	CS_SPLIT_END,
	CS_SPLIT_FAILED /* of the source; a record begun is dropped */
};
enum cs_split_got cs_split_next(
    struct cs_split *s, struct cs_row *row, struct cs_err *err);

/* Has every line that was read been given in a row or refused, and may there be
 * more? Then the next row begins where the source stands. */
bool cs_split_is_idle(const struct cs_split *s);

/* Did the source end inside quotes? (Its lines are refused one by one then,
 * which more of it might have told otherwise.) */
bool cs_split_met_end(const struct cs_split *s);

/* From here on lines are kept, so that cs_split_back can return to them. */
void cs_split_hold(struct cs_split *s);
/* Returns to where cs_split_hold stood and ends the keeping. */
void cs_split_back(struct cs_split *s);
/* Ends the keeping. */
void cs_split_go_on(struct cs_split *s);

/* Appends the row's bytes before decoding, without the line end. */
void cs_split_raw(
    const struct cs_split *s, const struct cs_row *row, struct cs_buf *out);
void cs_split_free(struct cs_split *s);

/* Appends one cell: quoted if it holds delimiter, quote, CR or LF or begins or
 * ends with a blank. What cs_csv_cell of rowplan.h does. */
void cs_split_put(struct cs_buf *b, struct cs_str text, int delimiter);
/* The physical line without its end; *eol (may be NULL) is the end. CR before
 * LF belongs to it, a CR alone is data. */
struct cs_str cs_line_body(struct cs_str line, struct cs_str *eol);

#endif
