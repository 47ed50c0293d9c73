#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bsd/stdlib.h>
#include <jq.h>

#include "arena.h"
#include "expr_jq.h"

enum { TICKS = 20 }; /* looks of the guard in a second */

/* Seen by the signal handler: written only in single stores. */
struct guard {
	volatile sig_atomic_t is_running;
	volatile sig_atomic_t ticks; /* in this run */
	sig_atomic_t limit;
	size_t pages, most_pages; /* of the process, when the run began; more */
	const char *volatile label;
	const char *volatile file;
	volatile size_t line;
	unsigned seconds, mebibytes;
	bool is_armed;
	timer_t timer;
};

struct cs_jq {
	jq_state *jq;
	const struct cs_jq_host *host;
	struct cs_buf errors; /* what libjq said at compile */
	jv *key;
	size_t nkeys, keys_cap;
	jv input;
	jv pending;	       /* the last message that was a call */
	struct cs_arena arena; /* for messages */
	struct guard guard;
};

/* --- the guard ---------------------------------------------------------- */

static void
tell(const char *z)
{
	ssize_t r;

	if (z == NULL)
		return;
	r = write(STDERR_FILENO, z, strlen(z));
	(void)r;
}

static void
tell_number(size_t n)
{
	char digits[24];
	size_t i = sizeof(digits);

	digits[--i] = '\0';
	do
		digits[--i] = (char)('0' + n % 10);
	while ((n /= 10) != 0);
	tell(digits + i);
}

/* Pages of memory the process has; 0: not known. As a handler may: by hand. */
static size_t
resident(void)
{
	char text[64];
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd == -1 ? -1 : read(fd, text, sizeof(text) - 1);
	size_t pages = 0;
	char *p;

	if (fd != -1)
		close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	p = strchr(text, ' ');
	while (p != NULL && *++p >= '0' && *p <= '9')
		pages = pages * 10 + (size_t)(*p - '0');
	return pages;
}

static void
stop(const struct guard *g, size_t most, const char *unit)
{
	tell(getprogname());
	tell(": ");
	if (g->file != NULL) {
		tell(g->file);
		tell(":");
		tell_number(g->line);
		tell(": ");
	}
	tell(g->label);
	tell(g->label ? ": more than " : "more than ");
	tell_number(most);
	tell(unit);
	_exit(CS_STOP);
}

/* libjq cannot be interrupted and may hold malloc's lock: only write and
 * _exit are safe here. */
static void
on_tick(int sig, siginfo_t *si, void *context)
{
	struct guard *g;
	int keep = errno;

	(void)sig;
	(void)context;
	if (si->si_code != SI_TIMER)
		return;
	g = si->si_value.sival_ptr;
	if (!g->is_running)
		return;
	if (g->ticks++ == 0)
		g->pages = resident();
	else if (resident() > g->pages + g->most_pages)
		stop(g, g->mebibytes,
		    " MiB of memory for one record; stopped\n");
	if (g->ticks >= g->limit)
		stop(
		    g, g->seconds, " s of computing for one record; stopped\n");
	errno = keep;
}

bool
cs_jq_guard(
    struct cs_jq *q, unsigned seconds, unsigned mebibytes, struct cs_err *err)
{
	struct guard *g = &q->guard;
	struct sigaction sa = {
	    .sa_sigaction = on_tick, .sa_flags = SA_SIGINFO | SA_RESTART};
	struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL,
	    .sigev_signo = SIGVTALRM,
	    .sigev_value.sival_ptr = g};
	struct itimerspec every = {
	    .it_interval = {.tv_nsec = 1000000000L / TICKS},
	    .it_value = {.tv_nsec = 1000000000L / TICKS}};

	if (g->is_armed)
		return true;
	g->seconds = seconds;
	g->mebibytes = mebibytes;
	g->most_pages =
	    ((size_t)mebibytes << 20) / (size_t)sysconf(_SC_PAGESIZE);
	g->limit = seconds < INT_MAX / TICKS ? (int)seconds * TICKS : INT_MAX;
	sigemptyset(&sa.sa_mask);
	if (sigaction(SIGVTALRM, &sa, NULL) != 0 ||
	    timer_create(CLOCK_PROCESS_CPUTIME_ID, &ev, &g->timer) != 0)
		return cs_fail(
		    err, CS_STOP, "no timer for rules: %s", strerror(errno));
	g->is_armed = true;
	if (timer_settime(g->timer, 0, &every, NULL) != 0)
		return cs_fail(
		    err, CS_STOP, "no timer for rules: %s", strerror(errno));
	return true;
}

void
cs_jq_guard_place(struct cs_jq *q, const char *file, size_t line)
{
	q->guard.file = file;
	q->guard.line = line;
}

void
cs_jq_guard_label(struct cs_jq *q, const char *label)
{
	q->guard.label = label;
}

/* --- values ------------------------------------------------------------- */

static int
jv_size(size_t n)
{
	/* libjq counts in int; a record is far below. */
	return n > INT_MAX ? INT_MAX : (int)n;
}

static jv
from_text(struct cs_str s)
{
	return jv_string_sized(s.p ? s.p : "", jv_size(s.n));
}

static jv
from_val(struct cs_val v)
{
	jv x;

	switch (v.kind) {
	case CS_BOOL:
		return jv_bool(v.yes);
	case CS_NUM:
		return jv_number(v.num);
	case CS_TEXT:
		return from_text(v.text);
	case CS_JSON:
		x = jv_parse_sized(v.text.p, jv_size(v.text.n));
		if (jv_is_valid(x))
			return x;
		/* libjq takes all that the strict check took; if it ever does
		 * not, the value is unknown. */
		jv_free(x);
		return jv_null();
	default:
		return jv_null();
	}
}

static struct cs_str
jv_text(jv x)
{
	return (struct cs_str){
	    jv_string_value(x), (size_t)jv_string_length_bytes(jv_copy(x))};
}

/* Consumes x; texts go to the arena. */
static struct cs_val
to_val(struct cs_arena *a, jv x)
{
	struct cs_val v = {0};
	jv text;

	switch (jv_get_kind(x)) {
	case JV_KIND_TRUE:
	case JV_KIND_FALSE:
		v = cs_val_bool(jv_get_kind(x) == JV_KIND_TRUE);
		break;
	case JV_KIND_NUMBER:
		if (isfinite(jv_number_value(x)))
			v = cs_val_num(jv_number_value(x));
		break;
	case JV_KIND_STRING:
		v = cs_val_text(cs_keep(a, jv_text(x)));
		break;
	case JV_KIND_ARRAY:
	case JV_KIND_OBJECT:
		text = jv_dump_string(jv_copy(x), 0);
		v.kind = CS_JSON;
		v.text = cs_keep(a, jv_text(text));
		jv_free(text);
		break;
	default:
		break;
	}
	jv_free(x);
	return v;
}

/* --- messages ----------------------------------------------------------- */

static struct cs_val *
items(struct cs_jq *q, jv m, size_t *n)
{
	struct cs_val *v;
	int i, len = 1;

	if (jv_get_kind(m) == JV_KIND_ARRAY)
		len = jv_array_length(jv_copy(m));
	*n = (size_t)len;
	v = cs_arena_array(&q->arena, *n, sizeof(*v));
	for (i = 0; i < len; i++)
		v[i] = to_val(&q->arena, jv_get_kind(m) == JV_KIND_ARRAY
					     ? jv_array_get(jv_copy(m), i)
					     : jv_copy(m));
	return v;
}

static bool
is_call(jv m)
{
	jv first;
	bool yes;

	if (jv_get_kind(m) != JV_KIND_ARRAY)
		return false;
	first = jv_array_get(jv_copy(m), 0);
	yes = jv_get_kind(first) == JV_KIND_STRING;
	jv_free(first);
	return yes;
}

static void
on_debug(void *self, jv m)
{
	struct cs_jq *q = self;
	struct cs_val *v;
	size_t n;

	if (is_call(m)) {
		jv_free(q->pending);
		q->pending = m;
		return;
	}
	v = items(q, m, &n);
	jv_free(m);
	if (q->host != NULL)
		q->host->note(q->host->self, v, n);
	cs_arena_reset(&q->arena);
}

static jv
on_input(jq_state *jq, void *self)
{
	struct cs_jq *q = self;
	struct cs_val *v;
	size_t n;
	jv answer;

	(void)jq;
	v = items(q, q->pending, &n);
	answer = q->host == NULL ? jv_null()
				 : from_val(q->host->call(q->host->self, v, n));
	cs_arena_reset(&q->arena);
	return answer;
}

static void
on_error(void *self, jv m)
{
	struct cs_jq *q = self;
	jv text = jq_format_error(m);

	if (jv_get_kind(text) == JV_KIND_STRING) {
		if (q->errors.n > 0)
			cs_buf_puts(&q->errors, "; ");
		cs_buf_str(&q->errors, jv_text(text));
	}
	jv_free(text);
}

static void
on_nomem(void *self)
{
	(void)self;
	cs_nomem();
}

/* --- compile ------------------------------------------------------------ */

/* libjq loads $HOME/.jq, whose definitions would replace the builtins. */
static bool
compile_without_home(struct cs_jq *q, const char *program, jv args)
{
	const char *home = getenv("HOME");
	char *keep = home ? strdup(home) : NULL;
	bool is_good;

	if (home != NULL && keep == NULL)
		cs_nomem();
	unsetenv("HOME");
	is_good = jq_compile_args(q->jq, program, args);
	if (keep != NULL && setenv("HOME", keep, 1) != 0)
		cs_nomem();
	free(keep);
	return is_good;
}

struct cs_jq *
cs_jq_compile(const char *program, const struct cs_jq_arg *args, size_t n,
    const struct cs_jq_host *host, struct cs_err *err)
{
	struct cs_jq *q = cs_calloc(1, sizeof(*q));
	jv vars;
	size_t i;

	jv_nomem_handler(on_nomem, NULL);
	q->host = host;
	q->input = jv_null();
	q->pending = jv_null();
	if ((q->jq = jq_init()) == NULL)
		cs_nomem();
	jq_set_nomem_handler(q->jq, on_nomem, NULL);
	jq_set_error_cb(q->jq, on_error, q);
	jq_set_debug_cb(q->jq, on_debug, q);
	jq_set_input_cb(q->jq, on_input, q);
	vars = jv_object();
	for (i = 0; i < n; i++)
		vars = jv_object_set(
		    vars, jv_string(args[i].name), from_val(args[i].value));
	if (compile_without_home(q, program, vars))
		return q;
	cs_fail(err, CS_STOP, "libjq does not compile the rules: %s",
	    cs_buf_z(&q->errors));
	cs_jq_free(q);
	return NULL;
}

void
cs_jq_free(struct cs_jq *q)
{
	size_t i;

	if (q == NULL)
		return;
	if (q->guard.is_armed)
		timer_delete(q->guard.timer);
	for (i = 0; i < q->nkeys; i++)
		jv_free(q->key[i]);
	free(q->key);
	jv_free(q->input);
	jv_free(q->pending);
	jq_teardown(&q->jq);
	cs_buf_free(&q->errors);
	cs_arena_free(&q->arena);
	free(q);
}

/* --- input -------------------------------------------------------------- */

void
cs_jq_begin_null(struct cs_jq *q)
{
	jv_free(q->input);
	q->input = jv_null();
}

void
cs_jq_begin_object(struct cs_jq *q)
{
	jv_free(q->input);
	q->input = jv_object();
}

bool
cs_jq_begin_json(struct cs_jq *q, struct cs_str json)
{
	jv_free(q->input);
	q->input = jv_parse_sized(json.p, jv_size(json.n));
	if (jv_is_valid(q->input))
		return true;
	cs_jq_begin_null(q);
	return false;
}

size_t
cs_jq_key(struct cs_jq *q, struct cs_str name)
{
	q->key = cs_grow(q->key, q->nkeys, &q->keys_cap, sizeof(*q->key));
	q->key[q->nkeys] = from_text(name);
	return q->nkeys++;
}

void
cs_jq_set(struct cs_jq *q, size_t key, struct cs_val v)
{
	q->input = jv_object_set(q->input, jv_copy(q->key[key]), from_val(v));
}

void
cs_jq_wrap(struct cs_jq *q, size_t n)
{
	q->input = JV_ARRAY(jv_number((double)n), q->input);
}

void
cs_jq_push(struct cs_jq *q, struct cs_val v)
{
	q->input = jv_array_append(q->input, from_val(v));
}

/* --- run ---------------------------------------------------------------- */

void
cs_jq_start(struct cs_jq *q)
{
	q->guard.ticks = 0;
	jq_start(q->jq, q->input, 0);
	q->input = jv_null();
}

/* Consumes x, which is invalid: the end or an error. */
static enum cs_jq_state
ended(struct cs_arena *a, struct cs_buf *b, jv x, struct cs_str *text)
{
	jv m;

	if (!jv_invalid_has_msg(jv_copy(x))) {
		jv_free(x);
		return CS_JQ_END;
	}
	m = jv_invalid_get_msg(x);
	if (jv_get_kind(m) != JV_KIND_STRING)
		m = jv_string_concat(
		    jv_string("(not a string): "), jv_dump_string(m, 0));
	if (a != NULL)
		*text = cs_keep(a, jv_text(m));
	else
		cs_buf_str(b, jv_text(m));
	jv_free(m);
	return CS_JQ_FAILED;
}

/* Consumes x. */
static bool
is_finite(jv x)
{
	bool yes = true;
	int i, n;

	switch (jv_get_kind(x)) {
	case JV_KIND_NUMBER:
		yes = isfinite(jv_number_value(x));
		break;
	case JV_KIND_ARRAY:
		n = jv_array_length(jv_copy(x));
		for (i = 0; i < n && yes; i++)
			yes = is_finite(jv_array_get(jv_copy(x), i));
		break;
	case JV_KIND_OBJECT:
		for (i = jv_object_iter(x); jv_object_iter_valid(x, i) && yes;
		     i = jv_object_iter_next(x, i))
			yes = is_finite(jv_object_iter_value(x, i));
		break;
	default:
		break;
	}
	jv_free(x);
	return yes;
}

enum cs_jq_state
cs_jq_next_exact(
    struct cs_jq *q, struct cs_arena *a, struct cs_val *v, bool *is_exact)
{
	enum cs_jq_state state = CS_JQ_OUTPUT;
	jv x;

	*v = cs_val_null();
	*is_exact = true;
	/* The printing of a value is guarded too: one list may stand in it a
	 * million times. */
	q->guard.is_running = 1;
	x = jq_next(q->jq);
	if (jv_is_valid(x)) {
		*is_exact = is_finite(jv_copy(x));
		*v = to_val(a, x);
	} else
		state = ended(a, NULL, x, &v->text);
	q->guard.is_running = 0;
	return state;
}

enum cs_jq_state
cs_jq_next(struct cs_jq *q, struct cs_arena *a, struct cs_val *v)
{
	bool is_exact;

	return cs_jq_next_exact(q, a, v, &is_exact);
}

enum cs_jq_state
cs_jq_next_json(struct cs_jq *q, struct cs_buf *out)
{
	enum cs_jq_state state = CS_JQ_OUTPUT;
	jv x, text;

	q->guard.is_running = 1;
	x = jq_next(q->jq);
	if (jv_is_valid(x)) {
		text = jv_dump_string(x, 0);
		cs_buf_str(out, jv_text(text));
		jv_free(text);
	} else
		state = ended(NULL, out, x, NULL);
	q->guard.is_running = 0;
	return state;
}

bool
cs_jq_number(struct cs_str s, double *v)
{
	jv x = jv_parse_sized(s.p ? s.p : "", jv_size(s.n));
	bool is_number = jv_is_valid(x) && jv_get_kind(x) == JV_KIND_NUMBER;

	if (is_number)
		*v = jv_number_value(x);
	jv_free(x);
	return is_number;
}
