/* libjq's functions, under their own names, from a libjq that the first call
 * loads (see lazy.h): whoever calls jv_copy() need not know. */
#include <jq.h>
#include <jv.h>
#include <pthread.h>
#include <stddef.h>

#include "lazy.h"

/* F(type, name, parameters, arguments) */
/* clang-format off */
#define API(F) \
	F(int, jq_compile_args, (jq_state *q, const char *s, jv v), (q, s, v)) \
	F(jv, jq_format_error, (jv v), (v)) \
	F(jq_state *, jq_init, (void), ()) \
	F(jv, jq_next, (jq_state *q), (q)) \
	F(void, jq_set_debug_cb, (jq_state *q, jq_msg_cb f, void *p), (q, f, p)) \
	F(void, jq_set_error_cb, (jq_state *q, jq_msg_cb f, void *p), (q, f, p)) \
	F(void, jq_set_input_cb, (jq_state *q, jq_input_cb f, void *p), (q, f, p)) \
	F(void, jq_set_nomem_handler, (jq_state *q, void (*f)(void *), void *p), \
	    (q, f, p)) \
	F(void, jq_start, (jq_state *q, jv v, int flags), (q, v, flags)) \
	F(void, jq_teardown, (jq_state **q), (q)) \
	F(jv, jv_array, (void), ()) \
	F(jv, jv_array_append, (jv a, jv v), (a, v)) \
	F(jv, jv_array_get, (jv a, int i), (a, i)) \
	F(int, jv_array_length, (jv a), (a)) \
	F(jv, jv_bool, (int i), (i)) \
	F(jv, jv_copy, (jv v), (v)) \
	F(jv, jv_dump_string, (jv v, int flags), (v, flags)) \
	F(void, jv_free, (jv v), (v)) \
	F(jv_kind, jv_get_kind, (jv v), (v)) \
	F(jv, jv_invalid, (void), ()) \
	F(jv, jv_invalid_get_msg, (jv v), (v)) \
	F(int, jv_invalid_has_msg, (jv v), (v)) \
	F(void, jv_nomem_handler, (jv_nomem_handler_f f, void *p), (f, p)) \
	F(jv, jv_null, (void), ()) \
	F(jv, jv_number, (double d), (d)) \
	F(double, jv_number_value, (jv v), (v)) \
	F(jv, jv_object, (void), ()) \
	F(int, jv_object_iter, (jv o), (o)) \
	F(int, jv_object_iter_next, (jv o, int i), (o, i)) \
	F(int, jv_object_iter_valid, (jv o, int i), (o, i)) \
	F(jv, jv_object_iter_value, (jv o, int i), (o, i)) \
	F(jv, jv_object_set, (jv o, jv k, jv v), (o, k, v)) \
	F(jv, jv_parse_sized, (const char *s, int n), (s, n)) \
	F(void, jv_parser_free, (jv_parser *p), (p)) \
	F(jv_parser *, jv_parser_new, (int flags), (flags)) \
	F(jv, jv_parser_next, (jv_parser *p), (p)) \
	F(void, jv_parser_set_buf, \
	    (jv_parser *p, const char *s, int n, int more), (p, s, n, more)) \
	F(jv, jv_string, (const char *s), (s)) \
	F(jv, jv_string_concat, (jv a, jv b), (a, b)) \
	F(int, jv_string_length_bytes, (jv v), (v)) \
	F(jv, jv_string_sized, (const char *s, int n), (s, n)) \
	F(const char *, jv_string_value, (jv v), (v))

struct api {
#define F(type, name, params, args) __typeof__(name) *name;
	API(F)
#undef F
};

static const struct cs_lazy_name names[] = {
#define F(type, name, params, args) {#name, offsetof(struct api, name)},
	API(F)
#undef F
};
/* clang-format on */

/* The same for the whole process, like the library itself. */
static struct api api;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
load(void)
{
	cs_lazy_need(
	    "libjq.so.1", names, sizeof(names) / sizeof(names[0]), &api);
}

static const struct api *
lib(void)
{
	pthread_once(&once, load);
	return &api;
}

#define F(type, name, params, args)                                            \
	type name params                                                       \
	{                                                                      \
		return lib()->name args;                                       \
	}
API(F)
#undef F
