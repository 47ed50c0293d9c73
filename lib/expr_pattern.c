#include <string.h>

#include "expr_int.h"

/* jq 1.6's sub never ends on a pattern that matches nothing, so the pattern
 * must be seen to take at least one character. Whatever this reader does not
 * know for certain counts as "may match empty". */

struct reader {
	struct cs_str s;
	size_t at;
	unsigned depth;
	bool in_doubt;
};

static bool alternatives_may_be_empty(struct reader *r);

static bool
is_next(const struct reader *r, char c)
{
	return r->at < r->s.n && r->s.p[r->at] == c;
}

static bool
doubt(struct reader *r)
{
	r->in_doubt = true;
	r->at = r->s.n;
	return true;
}

/* Past the char c; false (in doubt) when there is none. */
static bool
skip_to(struct reader *r, char c)
{
	while (r->at < r->s.n && r->s.p[r->at] != c)
		r->at++;
	if (r->at == r->s.n) {
		doubt(r);
		return false;
	}
	r->at++;
	return true;
}

/* [...]: always one character. Sets nest. */
static bool
set(struct reader *r)
{
	unsigned open = 0;

	do {
		char c = r->s.p[r->at++];

		if (c == '\\')
			r->at++;
		else if (c == '[') {
			open++;
			if (is_next(r, '^'))
				r->at++;
			if (is_next(r, ']'))
				r->at++;
		} else if (c == ']')
			open--;
	} while (open > 0 && r->at < r->s.n);
	return open > 0 ? doubt(r) : false;
}

static bool
escape(struct reader *r)
{
	char c;

	if (++r->at >= r->s.n)
		return doubt(r);
	c = r->s.p[r->at++];
	if (strchr("dDwWsShHtnrfvae", c) != NULL)
		return false;
	if (c == 'p' || c == 'P')
		return !is_next(r, '{') ? doubt(r) : !skip_to(r, '}');
	if ((c & 0x80) || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z')) {
		/* \b \A and the like have no width; \1 may have none; the
		 * rest (\x41 \Q) is not taken apart. */
		return strchr("bBAzZG", c) != NULL ? true : doubt(r);
	}
	return false;
}

static bool
group(struct reader *r)
{
	bool is_look = false, empty;

	r->at++;
	if (++r->depth > 64)
		return doubt(r);
	if (is_next(r, '?')) {
		struct cs_str rest = {r->s.p + r->at, r->s.n - r->at};

		if (cs_str_starts(rest, CS_S("?:")) ||
		    cs_str_starts(rest, CS_S("?>")))
			r->at += 2;
		else if (cs_str_starts(rest, CS_S("?=")) ||
			 cs_str_starts(rest, CS_S("?!"))) {
			r->at += 2;
			is_look = true;
		} else if (cs_str_starts(rest, CS_S("?<=")) ||
			   cs_str_starts(rest, CS_S("?<!"))) {
			r->at += 3;
			is_look = true;
		} else if (!cs_str_starts(rest, CS_S("?<")) || !skip_to(r, '>'))
			return doubt(r);
	}
	empty = alternatives_may_be_empty(r);
	if (!is_next(r, ')'))
		return doubt(r);
	r->at++;
	r->depth--;
	return empty || is_look;
}

static bool
atom(struct reader *r)
{
	char c = r->s.p[r->at];

	if (c == '(')
		return group(r);
	if (c == '[')
		return set(r);
	if (c == '\\')
		return escape(r);
	if (strchr("*+?{", c) != NULL)
		return doubt(r);
	r->at++;
	while (r->at < r->s.n && (r->s.p[r->at] & 0xc0) == 0x80)
		r->at++;
	return c == '^' || c == '$';
}

/* {n}, {n,}, {n,m}: does it begin with a number over 0? */
static bool
interval_may_be_empty(struct reader *r)
{
	bool has_digit = false, is_zero = true;

	for (r->at++;
	     r->at < r->s.n && r->s.p[r->at] >= '0' && r->s.p[r->at] <= '9';
	     r->at++) {
		has_digit = true;
		is_zero = is_zero && r->s.p[r->at] == '0';
	}
	if (!has_digit || (!is_next(r, ',') && !is_next(r, '}')))
		return doubt(r);
	return skip_to(r, '}') ? is_zero : true;
}

static bool
item_may_be_empty(struct reader *r)
{
	bool empty = atom(r);

	while (r->at < r->s.n && !r->in_doubt) {
		if (is_next(r, '+')) {
			r->at++;
			if (is_next(r, '?')) /* lazy */
				r->at++;
		} else if (is_next(r, '*') || is_next(r, '?')) {
			r->at++;
			empty = true;
		} else if (is_next(r, '{'))
			empty = interval_may_be_empty(r) || empty;
		else
			break;
	}
	return empty;
}

static bool
alternatives_may_be_empty(struct reader *r)
{
	bool any = false, all = true;

	while (r->at < r->s.n && r->s.p[r->at] != ')')
		if (r->s.p[r->at] == '|') {
			r->at++;
			any = any || all;
			all = true;
		} else if (!item_may_be_empty(r))
			all = false;
	return any || all;
}

bool
cs_expr_may_match_empty(struct cs_str pattern, bool is_extended)
{
	struct reader r = {.s = pattern};
	bool empty;

	/* Blanks and comments have no width under x; a quantifier behind them
	 * belongs to what stands before. */
	for (size_t i = 0; is_extended && i < pattern.n; i++)
		if (strchr(" \t\n\r\f\v#", pattern.p[i]) != NULL)
			return true;
	if (memchr(pattern.p, '\0', pattern.n) != NULL)
		return true;
	empty = alternatives_may_be_empty(&r);
	return empty || r.in_doubt || r.at < pattern.n;
}
