/* nest: columns called a.b as members of objects */
#ifndef CS_NEST_H
#define CS_NEST_H

#include "base.h"
#include "msg.h"

struct cs_nest;

/* The members in the order in which they are written: those of an object
 * stand together, where the first of them stood. */
struct cs_nest_leaf {
	size_t i;	      /* of the names */
	struct cs_str before; /* what is written before its value */
};

/* NULL with err (exit 2) when a name is also the object of another, or is
 * nested too deep. */
struct cs_nest *cs_nest_new(
    const struct cs_str *name, size_t n, struct cs_err *err);
/* The k-th of them, k < n. */
const struct cs_nest_leaf *cs_nest_leaf(const struct cs_nest *t, size_t k);
/* What is written behind the last. */
struct cs_str cs_nest_end(const struct cs_nest *t);
/* NULL is fine. */
void cs_nest_free(struct cs_nest *t);

/* Is a cell the text of an array on one line, or {}? Flattening makes such
 * texts. */
bool cs_nest_is_json(struct cs_str cell);

#endif
