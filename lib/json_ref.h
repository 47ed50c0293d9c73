/* json_ref: the authority on JSON, libjq's parser behind the strict check */
#ifndef CS_JSON_REF_H
#define CS_JSON_REF_H

#include "buf.h"

/* Does libjq take s as one value? Pass only what cs_json_check took. */
bool cs_json_ref_check(struct cs_str s);
/* Appends s as libjq prints it, compact (-c) or with sorted keys too. False
 * when libjq refuses s. */
bool cs_json_ref_compact(struct cs_str s, bool sort_keys, struct cs_buf *out);

#endif
