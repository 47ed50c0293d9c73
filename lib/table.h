/* table: summaries (counts, funnels, findings) in any output form */
#ifndef CS_TABLE_H
#define CS_TABLE_H

#include "out.h"
#include "rec.h"

struct cs_table;

/* Columns by name, left to right. */
struct cs_table *cs_table_new(const char *const *columns, size_t n);
/* One more column on the right (names from the data: axes, --by). */
void cs_table_column(struct cs_table *t, struct cs_str name);
/* One row; v has one value a column. Texts are copied. Numbers print as whole
 * numbers or with up to 6 decimals; null is an empty cell. */
void cs_table_row(struct cs_table *t, const struct cs_val *v);
/* Only these columns, in this order (a list "a,b"): the last step. Unknown
 * name: false, exit 2, suggestion. */
bool cs_table_select(struct cs_table *t, struct cs_str columns,
    struct cs_err *err);
size_t cs_table_rows(const struct cs_table *t);
/* csv, tsv, jsonl, table (aligned; East Asian widths; numbers to the right;
 * controls as escapes) or excel. */
bool cs_table_print(const struct cs_table *t, enum cs_form form,
    struct cs_out *out, struct cs_err *err);
void cs_table_free(struct cs_table *t);

/* Would a spreadsheet take the text for a formula (= + - @ TAB CR or a
 * full-width sign at its front, and neither a number nor a date)? The excel
 * form writes ' before it. */
bool cs_is_formula(struct cs_str text);

#endif
