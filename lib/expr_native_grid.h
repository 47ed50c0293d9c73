/* expr_native_grid: what making it and asking it share */
#ifndef CS_EXPR_NATIVE_GRID_H
#define CS_EXPR_NATIVE_GRID_H

#include "expr_native_node.h"

/* For each condition: yes, and not no. */
typedef uint64_t pair __attribute__((vector_size(16)));
enum { IS_YES, MAY_BE };

/* What a column's values must be if they are not odd. */
enum sort { ANY, YES_NO, NUMBERS, TEXTS };

/* Ranges begin at marks: the first has none, so it is below all. */
struct text_mark {
	uint64_t head; /* the first eight bytes, the first uppermost */
	struct cs_str text;
};

struct line {
	/* Of the null, then of no and yes or of the ranges: words pairs for the
	 * column's own parts, then as many for each layer. */
	pair *row;
	size_t col;
	enum sort sort;
	bool is_dated; /* texts that are no dates are odd */
	size_t n;      /* marks */
	/* The least whole number of each range as its digits, like digits_of;
	 * to fill up fours: none is so large. */
	uint64_t *digits;
	double *number;
	struct text_mark *text;
	uint64_t *lookers; /* conditions that look at this column */
	/* While the grid is made. */
	struct cs_val *mark;
	size_t cap;
	size_t values; /* rows */
};

struct grid {
	size_t words; /* of a bit a condition */
	size_t layers;
	struct line *line; /* in order of sort */
	size_t nlines, cap;
	size_t begin[TEXTS + 2]; /* by sort */
	size_t most_col;
	pair *open;	     /* by layer: conditions without a part in it */
	uint64_t *outside;   /* conditions that are not in the grid */
	const pair **chosen; /* by line: the row of this record's value */
};

static inline size_t
stride(const struct grid *g)
{
	return g->words * (1 + g->layers);
}

static inline uint64_t
head_of(struct cs_str s)
{
	return __builtin_bswap64(cs_few_bytes(s.p, s.n < 8 ? s.n : 8));
}

#endif
