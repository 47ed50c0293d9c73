/* json_cut: where the records of a JSON input begin and end
 *
 * One object a line, several on one, objects over several lines, arrays of
 * objects: whatever the layout, brackets and texts are followed and what
 * should be an object is cut out; whether it is one others say. So a fault
 * inside an object does not move its end. Where the brackets themselves do not
 * fit, a text ends
 *  - before a line that begins with { no deeper than the text's first line did,
 *    where by the grammar no object can stand;
 *  - in an array, before a ] that nothing in the text opened;
 * and a text in quotes always ends with its line. What is no object ends with
 * its line, in an array before the comma or ]. */
#ifndef CS_JSON_CUT_H
#define CS_JSON_CUT_H

#include "buf.h"

enum cs_json_cut_state {
	CS_CUT_BETWEEN,
	CS_CUT_OBJECT, /* { or more is open */
	CS_CUT_BEHIND, /* it was closed; what follows on its line? */
	CS_CUT_ITEM,   /* of an array, no object, or with more behind it */
	CS_CUT_LINE,   /* outside of an array, the same */
	CS_CUT_SIGN    /* a comma or ] where a value should be */
};

/* What an array may go on with. */
enum cs_json_cut_want {
	CS_CUT_FIRST, /* a value or ] */
	CS_CUT_VALUE,
	CS_CUT_COMMA, /* or ] */
	CS_CUT_ANY    /* after a fault */
};

/* The zero value stands at the beginning. */
struct cs_json_cut {
	size_t lines; /* line ends passed */
	/* Of the text at hand, or given last. */
	size_t line;	 /* where it begins, from 1 */
	const char *why; /* what is wrong with the place it stands in */

	bool is_array;	   /* in one, whose records these are */
	size_t array_line; /* where it begins */
	enum cs_json_cut_want want;

	enum cs_json_cut_state state;
	bool is_on_line; /* has something stood on this line? */
	size_t blanks;	 /* if not: so many bytes */
	size_t indent;	 /* blanks before the line the text begins on */
	bool is_block;	 /* nothing but { stands on that line */
	bool is_in_text, is_escaped;
	char last;	    /* sign of the text that was no blank */
	struct cs_buf open; /* its brackets that are open */
};

/* Goes on with s, the bytes behind those used before. True: a text ends, it is
 * s[*from] to s[*used - 1], behind what was left of it before; blanks around it
 * may be part of it. False: s is used up, and what stands from *from on belongs
 * to a text not ended yet. */
bool cs_json_cut(
    struct cs_json_cut *c, struct cs_str s, size_t *from, size_t *used);
/* At the end of the input: ends the text at hand; false: there is none. */
bool cs_json_cut_end(struct cs_json_cut *c);
/* May a record begin on the next line, with nothing before it? For a caller
 * who finds the end of one by himself and says so with cs_json_cut_line. */
bool cs_json_cut_is_free(const struct cs_json_cut *c);
/* A whole line was a record, and maybe a comma behind it. */
void cs_json_cut_line(struct cs_json_cut *c, bool has_comma);
void cs_json_cut_free(struct cs_json_cut *c);

#endif
