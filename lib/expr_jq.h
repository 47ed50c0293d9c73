/* expr_jq: libjq behind a fence: compile a program, run it, guard it
 *
 * Nothing of jq.h leaves: values come and go as cs_val. Running out of memory
 * inside libjq ends the program like everywhere else. */
#ifndef CS_EXPR_JQ_H
#define CS_EXPR_JQ_H

#include "buf.h"
#include "msg.h"
#include "val.h"

/* What one run may use. */
#define CS_MAX_JQ_SECONDS 10
#define CS_MAX_JQ_MEMORY 1024 /* MiB more than before */

struct cs_jq;

/* A variable of the program: $name. */
struct cs_jq_arg {
	const char *name;
	struct cs_val value;
};

/* The other side of `debug` and `input` in the program. Texts in v live until
 * the call returns; CS_JSON in v is an array or object as JSON. */
struct cs_jq_host {
	void *self;
	/* The items of an array that went through debug (another value: one
	 * item). */
	void (*note)(void *self, const struct cs_val *v, size_t n);
	/* The answer to the last note whose first item was a text: input. The
	 * text of the answer must live until the next call. */
	struct cs_val (*call)(void *self, const struct cs_val *v, size_t n);
};

/* Compiles; HOME is unset meanwhile (libjq reads $HOME/.jq). False with err
 * (exit 3, libjq's words): our own mistake, or a program too large. host and
 * what args point to must outlive it. */
struct cs_jq *cs_jq_compile(const char *program, const struct cs_jq_arg *args,
    size_t n, const struct cs_jq_host *host, struct cs_err *err);
void cs_jq_free(struct cs_jq *q);

/* The run-away guard, armed with the first run: after `seconds` of the
 * process's CPU time in one run, or when the process has become `mebibytes` larger
 * in one, the program ends with exit 3 and "PROG: FILE:LINE: LABEL: more than N s of computing". */
bool cs_jq_guard(struct cs_jq *q, unsigned seconds, unsigned mebibytes,
    struct cs_err *err);
/* What the guard names; all must live until the run is over. label may change
 * during a run. */
void cs_jq_guard_place(struct cs_jq *q, const char *file, size_t line);
void cs_jq_guard_label(struct cs_jq *q, const char *label);

/* The input of the next run: null, an object of members, or JSON text that
 * cs_json_check took (false: libjq refuses it). */
void cs_jq_begin_null(struct cs_jq *q);
void cs_jq_begin_object(struct cs_jq *q);
bool cs_jq_begin_json(struct cs_jq *q, struct cs_str json);
/* A member's name, prepared once; the number for cs_jq_set. */
size_t cs_jq_key(struct cs_jq *q, struct cs_str name);
void cs_jq_set(struct cs_jq *q, size_t key, struct cs_val v);

/* The input begun becomes [n, input]; push: one more item behind. */
void cs_jq_wrap(struct cs_jq *q, size_t n);
void cs_jq_push(struct cs_jq *q, struct cs_val v);

enum cs_jq_state { CS_JQ_OUTPUT, CS_JQ_END, CS_JQ_FAILED };

/* Starts the run with the input begun. */
void cs_jq_start(struct cs_jq *q);
/* The next output; texts in *v live in the arena. A number that is not finite
 * is null. CS_JQ_FAILED: jq's runtime error, its words in v->text. */
enum cs_jq_state cs_jq_next(
    struct cs_jq *q, struct cs_arena *a, struct cs_val *v);
/* The same for an output that goes on being computed with: *is_exact is false
 * when *v is not all of it, because a number in it is not finite. */
enum cs_jq_state cs_jq_next_exact(
    struct cs_jq *q, struct cs_arena *a, struct cs_val *v, bool *is_exact);
/* The same, the output as compact JSON appended to out. */
enum cs_jq_state cs_jq_next_json(struct cs_jq *q, struct cs_buf *out);

/* The number that libjq's parser reads s as, for tonumber of what is no JSON
 * number (" 12", "007"); false when it is none. s without [ { and quotes: libjq
 * 1.6 loses the lists and objects it reads so. */
bool cs_jq_number(struct cs_str s, double *v);

#endif
