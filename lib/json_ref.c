#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include <jv.h>

#include "json_ref.h"

static void
out_of_memory(void *self)
{
	(void)self;
	cs_nomem();
}

/* The one value of s, or an invalid jv. jv_parse_sized would read past the end
 * of s to build its message; the parser object does not. */
static jv
parse(struct cs_str s)
{
	jv_parser *p;
	jv v, more;

	if (s.n > INT_MAX)
		return jv_invalid();
	jv_nomem_handler(out_of_memory, NULL);
	p = jv_parser_new(0);
	jv_parser_set_buf(p, s.p ? s.p : "", (int)s.n, 0);
	v = jv_parser_next(p);
	if (jv_is_valid(v)) {
		more = jv_parser_next(p);
		if (jv_is_valid(more) || jv_invalid_has_msg(jv_copy(more))) {
			jv_free(v);
			v = jv_invalid();
		}
		jv_free(more);
	}
	jv_parser_free(p);
	return v;
}

bool
cs_json_ref_check(struct cs_str s)
{
	jv v = parse(s);
	bool good = jv_is_valid(v);

	jv_free(v);
	return good;
}

bool
cs_json_ref_compact(struct cs_str s, bool sort_keys, struct cs_buf *out)
{
	jv v = parse(s), text;

	if (!jv_is_valid(v)) {
		jv_free(v);
		return false;
	}
	text = jv_dump_string(v, sort_keys ? JV_PRINT_SORTED : 0);
	cs_buf_add(out, jv_string_value(text),
	    (size_t)jv_string_length_bytes(jv_copy(text)));
	jv_free(text);
	return true;
}
