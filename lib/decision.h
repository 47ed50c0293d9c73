/* decision: the answers of cs-mailgen as rows (cs-records(5)) */
#ifndef CS_DECISION_H
#define CS_DECISION_H

#include "mailplan.h"
#include "table.h"

enum { CS_DECISION_COLUMNS = 9 };
/* id mail decision gate reason detail until priority variant */
extern const char *const cs_decision_columns[CS_DECISION_COLUMNS];

/* Which columns a row shows, in order. */
struct cs_decision_form {
	enum cs_form form; /* CSV, TSV or JSONL */
	size_t col[CS_DECISION_COLUMNS];
	size_t n;
};
/* columns: names with commas between (--columns), absent: all. False (exit 2)
 * for an unknown one. */
bool cs_decision_form_init(struct cs_decision_form *f, enum cs_form form,
    struct cs_str columns, struct cs_err *err);
/* Appends the header line; nothing for JSON lines. */
void cs_decision_head(struct cs_buf *b, const struct cs_decision_form *f);
/* Appends a row. */
void cs_decision_row(struct cs_buf *b, const struct cs_decision_form *f,
    struct cs_str id, const struct cs_mail *m,
    const struct cs_mail_decision *d);
/* The same as a row of a table with all columns. */
void cs_decision_table(struct cs_table *t, struct cs_str id,
    const struct cs_mail *m, const struct cs_mail_decision *d);

#endif
