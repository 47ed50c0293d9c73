/* val: a value with a type, and how a cell gets one (RULES, Values) */
#ifndef CS_VAL_H
#define CS_VAL_H

#include "arena.h"
#include "buf.h"

enum cs_kind_of_val { CS_NULL, CS_BOOL, CS_NUM, CS_TEXT, CS_JSON };

/* CS_NULL is RULES' unknown. The zero value is null. */
struct cs_val {
	enum cs_kind_of_val kind;
	bool yes;	    /* CS_BOOL */
	double num;	    /* CS_NUM: finite */
	struct cs_str text; /* CS_TEXT: the text; CS_NUM: how it was written
			       (absent: not from a cell); CS_JSON: an array or
			       object as strict JSON text */
};

struct cs_val cs_val_null(void);
struct cs_val cs_val_bool(bool yes);
struct cs_val cs_val_num(double v);
struct cs_val cs_val_text(struct cs_str s);

/* What a column's cells may be (Column: ... Type:). */
enum cs_type {
	CS_TYPE_ANY,
	CS_TYPE_TEXT,
	CS_TYPE_NUMBER,
	CS_TYPE_BOOLEAN,
	CS_TYPE_DATE,
	CS_TYPE_TIME,
	CS_TYPE_OWN /* what the column's own reading says (rec.h) */
};
/* "text" ... "time"; false when it is none of them. */
bool cs_type_parse(struct cs_str s, enum cs_type *t);

/* The value of a CSV cell's text under a type: empty -> null; true/false ->
 * boolean; a number by cs_num_cell; else text. A fixed type takes only what
 * fits (text: everything not empty; number: any finite JSON number; date, time:
 * text of RULES' date form, kept as text). *misfit is set when the cell is not
 * empty and does not fit: the value is null then. */
struct cs_val cs_val_cell(struct cs_str cell, enum cs_type t, bool *misfit);
/* The same in its place. */
void cs_val_set_cell(
    struct cs_val *v, struct cs_str cell, enum cs_type t, bool *misfit);
/* The value of checked JSON text; strings are unescaped into the arena. A
 * number over the double range is null. */
struct cs_val cs_val_json(
    struct cs_arena *a, struct cs_str json, enum cs_type t, bool *misfit);
/* The same in its place. */
void cs_val_set_json(struct cs_val *v, struct cs_arena *a, struct cs_str json,
    enum cs_type t, bool *misfit);

/* true and false as cs_few_bytes has them. */
#define CS_TRUE_WORD ((uint64_t)0x65757274)
#define CS_FALSE_WORD ((uint64_t)0x65736c6166)
/* Can a cell that begins like this be a number? A date cannot: where it has its
 * first dash a number has one only behind an e. */
static inline bool
cs_val_may_be_number(struct cs_str s)
{
	if (s.p[0] > '9' || (s.p[0] < '0' && s.p[0] != '-'))
		return false;
	return s.n < 5 || s.p[4] != '-' || s.p[3] > '9';
}

/* Equal in kind and value; numbers by value, CS_JSON by bytes. */
bool cs_val_eq(struct cs_val a, struct cs_val b);
/* Appends v as JSON: text quoted, a number as written if it was a JSON number,
 * else the shortest form. */
void cs_val_put_json(struct cs_buf *b, struct cs_val v);
/* Appends v as the text of a cell (not quoted for CSV): null is empty. */
void cs_val_put_text(struct cs_buf *b, struct cs_val v);

#endif
