/* group: --by=COL,...: which group a record belongs to, groups in order */
#ifndef CS_GROUP_H
#define CS_GROUP_H

#include "rec.h"

/* The zero value has no columns: everything is in one group. */
struct cs_groups {
	struct cs_str *name; /* of the columns, in the caller's arena */
	size_t *col;
	size_t n;
	bool has_own; /* the last column's text is no cell but own */
	struct cs_str own;
	struct cs_map map; /* the cells' texts, each ended by NUL */
	struct cs_buf key;
};

/* The columns' names from a list "a,b" (absent: none); col is for the caller
 * to fill (CS_NO_COLUMN until then). */
void cs_groups_init(
    struct cs_groups *g, struct cs_str list, struct cs_arena *run);
/* One more column, once, whose text the caller makes: it is in g->own when
 * cs_groups_of is called. */
void cs_groups_add_own(struct cs_groups *g, struct cs_str name);
/* The group of a record: 0, 1, 2 ... in order of first sight. An empty or
 * absent cell is a key like another. */
size_t cs_groups_of(struct cs_groups *g, struct cs_rec *rec);
/* The group with the same cells as a group of another, which has the same
 * columns; added if it is new. */
size_t cs_groups_alike(
    struct cs_groups *g, const struct cs_groups *other, size_t group);
size_t cs_groups_count(const struct cs_groups *g);
/* The groups ordered by bytes, first column first. Freed by the caller. */
size_t *cs_groups_order(const struct cs_groups *g);
/* The text of column i of a group. */
struct cs_str cs_groups_cell(const struct cs_groups *g, size_t group, size_t i);
void cs_groups_free(struct cs_groups *g);

#endif
