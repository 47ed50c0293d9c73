/* dialect: delimiter, quote, title lines and header, from a sample of text
 *
 * Every delimiter with every quote is tried on the first records; the one that
 * gives the most records of one width is taken. What stands above the header,
 * and whether there is a header at all, is told by the cells. All of it is
 * said only where the cells leave no doubt. */
#ifndef CS_DIALECT_H
#define CS_DIALECT_H

#include "base.h"
#include "buf.h"

struct cs_dialect_conf {
	int delimiter; /* known; 0: one of , ; tab | (comma in doubt) */
	int quote;     /* known; 0: " or, where that is plain, ' */
	bool is_top;   /* the header is the first record, whatever it holds */
};

struct cs_dialect {
	int delimiter, quote;
	size_t records; /* looked at, titles and header among them */
	size_t width;	/* cells of the header, or of the first record */
	/* Physical lines above the header, 0: none. Titles are short rows above
	 * a row of names from which on the width is constant. */
	size_t titles;
	/* Does the first record hold numbers where names should be, and the
	 * records below it numbers too? Then titles is 0. */
	bool is_headless;
	/* The header is two lines: names of the first stand over several of the
	 * second. width is that of each. */
	bool has_two_lines;
	/* The rows have one cell more than the header: the place, from 1, of
	 * the column that has no name. 0: there is none. */
	size_t unnamed;
};

/* Looks at UTF-8 text that begins at the start of a line. is_all: nothing
 * follows; else the last record, if cut off, says nothing. */
void cs_dialect_find(struct cs_str sample, bool is_all,
    const struct cs_dialect_conf *conf, struct cs_dialect *d);

/* What was found in one input, for people and scripts. */
struct cs_dialect_report {
	const char *file;
	struct cs_str form; /* "csv", "tsv", "jsonl"; absent: empty input */
	const char *encoding, *reason;
	bool has_bom;
	const char *line_end; /* "lf", "crlf", NULL: none was seen */
	bool has_header;
	size_t header_line; /* 0: none */
	size_t passed;	    /* lines above it: found or --skip */
	const struct cs_str *column;
	size_t columns;
	struct cs_dialect found;
};
/* Appends it as one line of JSON. */
void cs_dialect_json(struct cs_buf *b, const struct cs_dialect_report *r);

#endif
