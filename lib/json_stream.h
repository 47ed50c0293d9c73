/* json_stream: JSON values behind one another in an input, one at a time */
#ifndef CS_JSON_STREAM_H
#define CS_JSON_STREAM_H

#include "in.h"

/* The zero value but for in is a stream at its beginning. in is not taken
 * over. */
struct cs_json_stream {
	struct cs_in *in;
	size_t line; /* where the last value begins, from 1 */
	size_t lines;
	size_t pending; /* bytes shown, not yet taken */
};

/* The next value, checked strictly (json.h); valid until the next call. Values
 * need nothing but white space or their own brackets between them; a BOM at the
 * front is passed over. CS_FAILED: text that is no JSON (exit 1, file and
 * line), a value over CS_MAX_RECORD, or a fault of the input (exit 3); do not
 * go on then. */
enum cs_got cs_json_stream_next(
    struct cs_json_stream *s, struct cs_str *value, struct cs_err *err);

#endif
