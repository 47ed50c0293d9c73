/* reader: one input -> records (splitting, JSON lines, encodings, line numbers)
 *
 * CSV through libcsv one physical line at a time (split_ref), JSON lines
 * through json and json_ref. */
#ifndef CS_READER_H
#define CS_READER_H

#include "clean.h"
#include "decode.h"
#include "dialect.h"
#include "in.h"
#include "rec.h"

struct cs_reader;

/* Names for one and the same column, the best first. */
struct cs_froms {
	struct cs_str *name;
	size_t n;
};

struct cs_reader_conf {
	enum cs_form form; /* AUTO: told apart by content */
	int delimiter;	/* byte; 0: found among , ; tab | (comma if in doubt) */
	int quote;	/* byte; 0: the double quote (with decode: found) */
	bool no_header; /* columns are c1, c2 ... */
	struct cs_str
	    names;	   /* --header=a,b,c: implies no_header; absent: none */
	size_t skip;	   /* physical lines to pass over at the start */
	bool as_is;	   /* with decode: what comes then is the header; else
			      titles above it and its absence are found */
	bool trim_surplus; /* ingest: drop surplus EMPTY cells at a row's end */
	bool decode;	   /* ingest: detect the encoding and decode */
	const char *encoding; /* forced name, with decode; NULL: detect */
	bool keep_bad; /* ingest --on-error=keep: U+FFFD instead of refusal */
	struct cs_clean *clean; /* ingest: names and cells through it, blank
				   records left out; NULL: none */
	bool rename_duplicates; /* ingest: a, a_2, a_3 */
	bool unites; /* ingest: a later file may have other columns */
	/* ingest, several files: each takes the best name that it has, and the
	 * column is called by the best of all. */
	const struct cs_froms *froms;
	size_t nfroms;
	enum cs_engine split; /* CSV: split or split_ref (libcsv) */
	enum cs_engine json;  /* JSON lines: json or json_ref (libjq) */
};

/* Opens in (taken over: closed with the reader, also on failure). Reads the
 * header into *head when head has no columns yet (first file); else checks
 * that this file has the same set of columns and maps its order (exit 3 with
 * both names and what differs); with conf.unites its new columns come behind
 * those of *head, and records have the cells of their own file (open all files
 * before the first record is read). Empty input: is_empty, no header. A header
 * that is not UTF-8, has two columns of one name (named, exit 2), over
 * CS_MAX_COLUMNS: NULL with err. */
struct cs_reader *cs_reader_open(struct cs_in *in,
    const struct cs_reader_conf *conf, struct cs_header *head,
    struct cs_err *err);
bool cs_reader_is_empty(const struct cs_reader *r);
/* What was found: CSV, TSV or JSONL, and the delimiter of CSV and TSV. */
enum cs_form cs_reader_form(const struct cs_reader *r);
int cs_reader_delimiter(const struct cs_reader *r);
const char *cs_reader_name(const struct cs_reader *r);
/* NULL when conf.decode was off or the input is empty. */
const struct cs_decode *cs_reader_decode(const struct cs_reader *r);
/* Counts for summaries. */
struct cs_reader_stats {
	uint64_t records, refused;
	uint64_t trimmed;  /* records with surplus empty cells dropped */
	uint64_t replaced; /* places that became U+FFFD */
	size_t titles;	   /* lines above the header that were passed over */
	int quote;	   /* found to be another than the double quote; or 0 */
	bool is_headless;  /* no header was found: columns are c1, c2 ... */
	bool has_two_lines; /* the header had: their names are joined */
	size_t unnamed;	    /* the place of a column that the header does not */
	struct cs_str name; /* name, from 1, or 0; what it is called */
};
const struct cs_reader_stats *cs_reader_stats(const struct cs_reader *r);

/* What was found when r was opened, with a header of its own; what it points to
 * lives as long as the two. */
void cs_reader_report(const struct cs_reader *r, struct cs_dialect_report *d);

/* A record that cannot be read. Lives until the next call. */
struct cs_refused {
	size_t line;
	const char *reason; /* quote, cells, encoding, nul, long, json, key */
	struct cs_str column, value; /* may be absent */
	char text[512];	   /* for people: "23 cells, the header has 24" */
	struct cs_str raw; /* the bytes, line end left off */
};

enum cs_read { CS_READ, CS_READ_REFUSED, CS_READ_END, CS_READ_FAILED };
/* The next record (in *rec, memory of its arena and of the reader), or what
 * was refused, or the end, or a fault (truncated gzip: after the last good
 * record). rec->arena must be set by the caller. */
enum cs_read cs_reader_next(struct cs_reader *r, struct cs_rec *rec,
    struct cs_refused *refused, struct cs_err *err);
void cs_reader_close(struct cs_reader *r);

/* Rows cut out of an input for another thread. */
struct cs_cut {
	const struct cs_reader *of;
	struct cs_piece piece; /* bytes as they stood in the input */
};

/* Can rows be cut out of it, and has it so many bytes to come? JSON lines
 * cannot, since members add columns as they are met, nor what goes through
 * libcsv or is decoded line by line. */
bool cs_reader_can_cut(struct cs_reader *r, size_t bytes);
/* Takes bytes off the input, at most size, that are whole rows if its quotes
 * are regular: see cs_reader_part_check. False: what comes next (a row longer
 * than that, or the last and without its end; the end; a fault) must be asked
 * for with cs_reader_next. */
bool cs_reader_cut(struct cs_reader *r, size_t size, struct cs_cut *cut);
/* Gives them back. Of several the one that was taken last goes first. */
void cs_reader_uncut(struct cs_reader *r, const struct cs_cut *cut);
/* Physical lines read so far, in parts too once they were joined. */
size_t cs_reader_lines(const struct cs_reader *r);

/* A reader of those rows: its cs_reader_next gives what the whole one's would
 * have given. head is the run's or a copy of it. Several threads may do this
 * at once; cut and the whole reader must outlive it. before: a part that has
 * come to its end and is used again for this, or NULL. Then, in this order:
 * check: does it end where a row ends, if it begins where one begins? If not,
 *   the cut and those behind it are of no use and must go back. *lines:
 *   physical lines in it.
 * begin: it stands behind so many physical lines.
 * end: what it counted, for cs_reader_join. */
struct cs_reader *cs_reader_part(struct cs_reader *before,
    const struct cs_cut *cut, struct cs_header *head);
bool cs_reader_part_check(struct cs_reader *part, size_t *lines);
void cs_reader_part_begin(struct cs_reader *part, size_t lines);
struct cs_part_stats {
	struct cs_reader_stats stats;
	uint64_t cleaned[CS_CLEAN_STEPS];
	size_t lines;
};
void cs_reader_part_end(
    const struct cs_reader *part, struct cs_part_stats *stats);
/* The counts of a part, which came next, become the whole's too. */
void cs_reader_join(struct cs_reader *r, const struct cs_part_stats *part);

#endif
