/* reader_private: what the files of the reader share */
#ifndef CS_READER_PRIVATE_H
#define CS_READER_PRIVATE_H

#include <stdio.h>

#include "reader.h"
#include "split_ref.h"

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
	size_t lines;  /* physical lines taken so far */
	size_t width;  /* columns of this file (CSV) */
	size_t *place; /* file's column -> run's; NULL: the same */
	/* The raw bytes cannot go out as they are: another delimiter or quote
	 * than the run's, or another order. */
	bool is_foreign;
	struct cs_str *cell, *raw_cell; /* in the run's order, if placed */
	struct cs_buf raw; /* a record built anew, or a refused one */
	struct cs_arena arena;
};

/* Says what is wrong, for people. */
#define CS_REFUSED_TEXT(f, ...)                                                \
	snprintf((f)->text, sizeof((f)->text), __VA_ARGS__)

/* Fills what all refusals have and counts; the text is the caller's. */
enum cs_read cs_reader_refuse(struct cs_reader *r, struct cs_refused *f,
    size_t line, const char *reason, struct cs_str raw);
/* NUL and bytes that are not UTF-8: the reason, or NULL when all is well. bad
 * is the count of places that did not decode. */
const char *cs_reader_bad_bytes(
    struct cs_reader *r, struct cs_str text, size_t bad, struct cs_refused *f);
/* Room for the values of rec->n columns. */
void cs_reader_values(struct cs_rec *rec);

/* reader_csv.c, reader_json.c: cs_reader_next of a form. */
enum cs_read cs_reader_csv(struct cs_reader *r, struct cs_rec *rec,
    struct cs_refused *f, struct cs_err *err);
enum cs_read cs_reader_json(struct cs_reader *r, struct cs_rec *rec,
    struct cs_refused *f, struct cs_err *err);

#endif
