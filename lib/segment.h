/* segment: Segment, Capacity, Axis, Level, Cell and Gate stanzas as one ordered
 * plan
 *
 * Pure decisions: the caller asks the conditions and hands the answers in. */
#ifndef CS_SEGMENT_H
#define CS_SEGMENT_H

#include "rules.h"

/* A text with {{column}} holes: Action, Owner. */
struct cs_fill {
	struct cs_fill_piece {
		struct cs_str text; /* literal, when col is CS_NO_COLUMN */
		size_t col;
	} * piece;
	size_t n; /* 0: the key is absent */
};

struct cs_segment {
	const struct cs_stanza *stanza;
	const struct cs_kv *when;
	size_t expr; /* set by the caller: the condition's number */
	struct cs_fill action, owner;
	/* At most so many records, of Limit: and a Capacity: the lower;
	 * CS_NO_LIMIT: none. */
	uint64_t limit;
	double capacity;	      /* what the Capacity: gives, or -1 */
	const struct cs_order *order; /* which are the best; NULL: by id */
	size_t norder;
	size_t order_expr; /* set by the caller: the first one's number */
};
#define CS_NO_LIMIT UINT64_MAX

struct cs_level {
	const struct cs_stanza *stanza;
	const struct cs_kv *when;
	size_t expr; /* set by the caller */
};

struct cs_axis {
	struct cs_str name;
	struct cs_level *level;
	size_t n;
};

struct cs_cell {
	size_t level[2]; /* of the first and the second axis */
	struct cs_fill action, owner;
};

/* What may not be done with some records, whatever segment or cell says it. */
struct cs_gate {
	const struct cs_stanza *stanza;
	const struct cs_kv *when;
	size_t expr;		/* set by the caller */
	struct cs_str *forbids; /* actions, * for any text */
	size_t n;
};

struct cs_segments {
	struct cs_segment *v;
	size_t n;
	struct cs_axis *axis;
	size_t naxes;
	struct cs_cell *cell;
	size_t ncells;
	struct cs_gate *gate;
	size_t ngates;
	const struct cs_stanza **capacity;
	size_t ncapacities;
	bool has_action, has_owner; /* somewhere in the files */
	bool has_limit, has_capacity;
};

#define CS_NO_SEGMENT SIZE_MAX

/* Builds the plan, in the arena. Unknown levels of a Cell, unknown {{columns}}
 * (closed header), a Capacity of no segment: diags. */
void cs_segments_build(struct cs_segments *s, const struct cs_rules *rules,
    struct cs_header *head, struct cs_arena *run, struct cs_diags *diags);
/* The first of n answers that is true, or CS_NO_SEGMENT. */
size_t cs_segment_first(const bool *yes, size_t n);
/* The Cell stanza of two levels, NULL if there is none. */
const struct cs_cell *cs_segments_cell(
    const struct cs_segments *s, size_t level0, size_t level1);
/* The segment called name, or CS_NO_SEGMENT. */
size_t cs_segments_find(const struct cs_segments *s, struct cs_str name);
/* Does the gate forbid this action? A pattern is all of the text, * in it any
 * piece; ASCII letters without case. The condition is another matter. */
bool cs_gate_forbids(
    const struct cs_gate *g, struct cs_str action, struct cs_arena *a);
/* The filled text, in the record's arena; absent when f is. */
struct cs_str cs_fill_text(const struct cs_fill *f, struct cs_rec *rec);

#endif
