/* reader_private: what the files of the reader share */
#ifndef CS_READER_PRIVATE_H
#define CS_READER_PRIVATE_H

#include <stdio.h>

#include "dialect.h"
#include "json_scan.h"
#include "reader.h"
#include "split.h"
#include "split_ref.h"

/* JSON lines: the members of the line at hand, and the memory of a record,
 * which the next one uses again. */
struct cs_jsonl {
	struct cs_json_members members;
	struct cs_str *cell; /* by column; all absent between records */
	struct cs_val *val;
	unsigned char *touched;
	size_t cap;	     /* of the three */
	size_t set;	     /* members that stand in cell */
	struct cs_buf again; /* both engines: the record put together */
};

struct cs_reader {
	struct cs_in *in;
	const char *name;
	struct cs_reader_conf conf;
	struct cs_header *head;
	struct cs_decode *decode;
	struct cs_split *split;
	struct cs_reader_stats stats;
	bool is_empty;
	enum cs_form form;
	int delimiter;
	struct cs_dialect dialect; /* as found, whether used or not */
	bool has_bom;
	size_t header_line; /* CSV: where it is; 0: there is none */
	size_t lines;	    /* physical lines taken so far */
	size_t width;	    /* columns of this file (CSV) */
	size_t *place;	    /* file's column -> run's; NULL: the same */
	/* The raw bytes cannot go out as they are: another delimiter or quote
	 * than the run's, or another order. */
	bool is_foreign;
	struct cs_str *cell, *raw_cell; /* in the run's order, if foreign, */
	size_t cells;			/* so many */
	struct cs_buf raw;     /* a record built anew, or a refused one */
	struct cs_buf cleaned; /* the record, by --clean */
	struct cs_jsonl jsonl;
	struct cs_arena arena;
	const struct cs_reader *whole; /* of a part; see cs_reader_part */
	struct cs_clean own_clean;     /* of a part; what it counts */

	/* reader_fast.c. A block is what was indexed and not yet skipped. */
	bool is_fast, is_decoded, has_block;
	int quote;
	size_t window; /* bytes to index next */
	struct cs_scan scan;
	size_t row;	     /* the next one, of scan */
	struct cs_str block; /* is_decoded: its bytes in the input, */
	struct cs_buf text;  /* what they decoded to, */
	size_t block_lines;  /* and the physical lines already passed */
	struct cs_val *val;  /* of the present record */
	unsigned char *touched;
};

/* Says what is wrong, for people. */
#define CS_REFUSED_TEXT(f, ...)                                                \
	snprintf((f)->text, sizeof((f)->text), __VA_ARGS__)

/* Fills what all refusals have and counts; the text is the caller's. */
enum cs_read cs_reader_refuse(struct cs_reader *r, struct cs_refused *f,
    size_t line, const char *reason, struct cs_str raw);
/* NUL and bytes that are not UTF-8: the reason, or NULL when all is well. bad
 * is the count of places of raw that did not decode. */
const char *cs_reader_bad_bytes(struct cs_reader *r, struct cs_str text,
    struct cs_str raw, size_t bad, struct cs_refused *f);
/* Room for the values of rec->n columns. */
void cs_reader_values(struct cs_rec *rec);

/* The line source of the splitter: counts and decodes. */
enum cs_got cs_reader_line(
    void *self, struct cs_line *line, struct cs_err *err);

/* reader_fast.c. After open only width columns are a row. */
void cs_reader_fast_open(struct cs_reader *r);
void cs_reader_fast_close(struct cs_reader *r);
/* Forgets the block: the input stands at the next row. */
void cs_reader_fast_leave(struct cs_reader *r);
/* Are the next bytes of the input, which are these, nothing but regular rows,
 * to their end? Then they are the block. */
bool cs_reader_fast_all(struct cs_reader *r, struct cs_str bytes);
enum cs_fast { CS_FAST_ROW, CS_FAST_NOT_MINE, CS_FAST_DIFFERS };
/* The next row as a record in the file's own order, if it is a regular one; the
 * splitter must be idle. Not mine: split_ref must be asked for the next row.
 * Differs (with err): only under CS_ENGINE_BOTH. */
enum cs_fast cs_reader_fast(
    struct cs_reader *r, struct cs_rec *rec, struct cs_err *err);

/* reader_look.c: does an input begin with a byte order mark? */
bool cs_reader_has_bom(struct cs_str head);

/* reader_clean.c, where conf.clean is set. CSV: the cells of the record cleaned
 * and, where that changed them, written anew; false: it is blank and goes.
 * JSON: the texts of the line, if it is JSON. Both live until the next record.
 */
bool cs_reader_clean(struct cs_reader *r, struct cs_rec *rec);
struct cs_str cs_reader_clean_json(
    struct cs_reader *r, struct cs_arena *a, struct cs_str s);

/* reader_csv.c, reader_json.c: cs_reader_next of a form. */
enum cs_read cs_reader_csv(struct cs_reader *r, struct cs_rec *rec,
    struct cs_refused *f, struct cs_err *err);
enum cs_read cs_reader_json(struct cs_reader *r, struct cs_rec *rec,
    struct cs_refused *f, struct cs_err *err);
void cs_reader_json_free(struct cs_jsonl *j);

#endif
