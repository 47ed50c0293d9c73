/* out: every write checked, faults told once and kept */
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "buf.h"
#include "out.h"
#include "tap.h"

static char dir[] = "/tmp/csops-out-XXXXXX";

static const char *
path_of(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static bool
file_is(const char *path, struct cs_str want)
{
	struct cs_buf b = {0};
	FILE *f = fopen(path, "r");
	bool same;
	int c;

	if (f == NULL)
		return false;
	while ((c = getc(f)) != EOF)
		cs_buf_putc(&b, (char)c);
	fclose(f);
	same = cs_str_eq(cs_buf_get(&b), want);
	cs_buf_free(&b);
	return same;
}

static mode_t
mode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_mode & 07777 : 0;
}

/* Runs f in a child; its status. */
static int
in_child(void (*f)(void))
{
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		f();
		_exit(99);
	}
	waitpid(child, &status, 0);
	return status;
}

static void
test_create(void)
{
	struct cs_err err;
	struct cs_out *o;
	mode_t old = umask(0);

	o = cs_out_create(path_of("new"), &err);
	umask(old);
	is_str(cs_str(cs_out_name(o)), path_of("new"), "the name");
	ok(cs_out_fd(o) > 2, "the descriptor");
	cs_out_puts(o, "a,");
	cs_out_putc(o, 'b');
	cs_out_str(o, CS_S("\n"));
	cs_out_add(o, "\0c", 2);
	cs_out_add(o, NULL, 0);
	ok(file_is(path_of("new"), CS_S("")), "held back");
	ok(cs_out_flush(o, &err), "flush");
	ok(file_is(path_of("new"), CS_S("a,b\n\0c")), "  writes");
	cs_out_puts(o, "d");
	ok(!cs_out_failed(o) && cs_out_close(o, &err), "close");
	ok(file_is(path_of("new"), CS_S("a,b\n\0cd")), "  writes the rest");
	ok(mode_of(path_of("new")) == 0600, "created 0600");

	o = cs_out_create(path_of("new"), &err);
	ok(o != NULL && cs_out_close(o, &err) &&
		file_is(path_of("new"), CS_S("")),
	    "a plain file is emptied");
}

static void
refused(const char *path, const char *reason)
{
	char want[512];
	struct cs_err err = {0};

	snprintf(want, sizeof(want), "%s: %s", path, reason);
	ok(cs_out_create(path, &err) == NULL && err.exit == CS_STOP,
	    "not created: %s", reason);
	is_str(cs_str(err.text), want, "  the reason");
}

static void
test_refused(void)
{
	char target[256];

	snprintf(target, sizeof(target), "%s", path_of("new"));
	if (symlink(target, path_of("link")) == -1 ||
	    symlink("nowhere", path_of("loose")) == -1)
		abort();
	refused(path_of("link"), "is a symbolic link, not followed");
	refused(path_of("loose"), "is a symbolic link, not followed");
	ok(access(path_of("nowhere"), F_OK) == -1, "  nothing was made");
	refused(dir, "is a directory");
	refused(path_of("no/file"), "No such file or directory");
	unlink(path_of("link"));
	unlink(path_of("loose"));
}

static void
test_big(void)
{
	struct cs_buf b = {0};
	struct cs_err err;
	struct cs_out *o = cs_out_create(path_of("big"), &err);
	size_t steps[] = {1, 7, 65536, 131071, 131072, 131073, 1 << 20, 3};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		size_t from = b.n;

		for (size_t k = 0; k < steps[i]; k++)
			cs_buf_putc(&b, (char)(k * 31 + i));
		cs_out_add(o, b.p + from, steps[i]);
	}
	ok(cs_out_close(o, &err) && file_is(path_of("big"), cs_buf_get(&b)),
	    "small and big pieces in order");
	cs_buf_free(&b);
	unlink(path_of("big"));
}

static void
test_full(void)
{
	struct cs_err err = {0};
	struct cs_out *o = cs_out_create("/dev/full", &err);

	if (o == NULL) {
		skip("/dev/full", err.text);
		return;
	}
	cs_out_puts(o, "x");
	ok(!cs_out_failed(o), "nothing is wrong before the write");
	ok(!cs_out_flush(o, &err) && err.exit == CS_STOP, "/dev/full: 3");
	is_str(cs_str(err.text), "/dev/full: No space left on device",
	    "  the reason");
	ok(cs_out_failed(o), "  which stays");
	cs_out_puts(o, "y");
	err.text[0] = '\0';
	ok(!cs_out_close(o, &err), "  until close");
	is_str(cs_str(err.text), "/dev/full: No space left on device",
	    "  with the same reason");
}

/* The write that crosses the limit is short, the next one fails. */
static void
file_limit(void)
{
	struct rlimit l = {100000, 100000};
	struct cs_err err;
	struct cs_out *o = cs_out_create(path_of("cut"), &err);
	char block[4096] = {0};

	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &l);
	for (int i = 0; i < 100 && !cs_out_failed(o); i++)
		cs_out_add(o, block, sizeof(block));
	if (!cs_out_failed(o) || cs_out_close(o, &err))
		_exit(1);
	_exit(strstr(err.text, "/cut: File too large") == NULL);
}

static void
closed_stdout(void)
{
	struct cs_err err;
	struct cs_out *o = cs_out_stdout();

	close(1);
	cs_out_puts(o, "x");
	if (cs_out_close(o, &err))
		_exit(1);
	_exit(err.exit == CS_STOP &&
		      strcmp(err.text, "stdout: Bad file descriptor") == 0
		  ? 0
		  : 2);
}

static void
closed_but_unused(void)
{
	struct cs_err err;
	struct cs_out *o = cs_out_stdout();

	close(1);
	_exit(!cs_out_close(o, &err));
}

/* With standard output closed, a file must not take its place. */
static void
not_in_place(void)
{
	struct cs_err err;
	struct cs_out *o;

	close(1);
	o = cs_out_create(path_of("place"), &err);
	_exit(o == NULL || cs_out_fd(o) < 3);
}

static void
reader_gone(void)
{
	struct cs_err err;
	struct cs_out *o = cs_out_stdout();
	sigset_t set;
	int p[2];

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (pipe(p) == -1 || dup2(p[1], 1) == -1)
		_exit(1);
	close(p[0]);
	close(p[1]);
	cs_out_puts(o, "x");
	cs_out_flush(o, &err);
	_exit(2);
}

static void
ignore(int sig)
{
	(void)sig;
}

/* A slow reader and a timer: writes are short and interrupted. */
static void
test_pipe(void)
{
	struct itimerval often = {{0, 200}, {0, 200}}, never = {0};
	struct sigaction sa = {.sa_handler = ignore}; /* no SA_RESTART */
	struct cs_out *o;
	struct cs_err err;
	char piece[1000];
	int p[2], status = -1, saved = dup(1);
	bool good;
	pid_t child;

	fflush(stdout);
	if (pipe(p) == -1 || (child = fork()) == -1)
		abort();
	if (child == 0) {
		size_t sum = 0, n = 0;
		ssize_t got;

		close(p[1]);
		while ((got = read(p[0], piece, sizeof(piece))) > 0) {
			for (ssize_t i = 0; i < got; i++, n++)
				sum += (unsigned char)piece[i] != n % 251;
			usleep(50);
		}
		_exit(sum != 0 || n != 251 * 4000);
	}
	close(p[0]);
	dup2(p[1], 1);
	close(p[1]);
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	o = cs_out_stdout();
	for (size_t i = 0; i < 251; i++)
		piece[i] = (char)i;
	for (size_t i = 0; i < 4000; i++)
		cs_out_add(o, piece, 251);
	good = cs_out_close(o, &err);
	setitimer(ITIMER_REAL, &never, NULL);
	while (waitpid(child, &status, 0) == -1 && errno == EINTR)
		;
	dup2(saved, 1);
	close(saved);
	ok(good, "1 MB into a slow pipe under signals");
	ok(status == 0, "  arrives whole");
}

static void
test_memory(void)
{
	struct cs_buf b = {0};
	struct cs_out *o = cs_out_memory();
	size_t n = 300 << 10;
	char *big = cs_calloc(n, 1);
	struct cs_err err;

	cs_out_puts(o, "a");
	cs_out_add(o, big, n);
	ok(cs_out_flush(o, &err) && !cs_out_failed(o), "memory: no fault");
	cs_out_swap(o, &b);
	ok(b.n == n + 1 && b.p[0] == 'a', "memory: all of it");
	cs_out_puts(o, "second");
	cs_out_swap(o, &b);
	ok(cs_str_is(cs_buf_get(&b), "second"), "memory: what came since");
	cs_out_puts(o, "dropped");
	cs_out_drop(o);
	cs_out_puts(o, "third");
	cs_out_swap(o, &b);
	ok(cs_str_is(cs_buf_get(&b), "third"),
	    "memory: where the first was, without what was dropped");
	ok(cs_out_fd(o) == -1 && cs_out_close(o, &err),
	    "memory: closed without a fault");
	free(big);
	cs_buf_free(&b);
}

int
main(void)
{
	int status;

	if (mkdtemp(dir) == NULL)
		abort();
	test_create();
	test_memory();
	test_refused();
	test_big();
	test_full();
	test_pipe();
	ok(in_child(file_limit) == 0, "a short write, then a failed one: told");
	ok(in_child(closed_stdout) == 0, "closed stdout: 3 and the reason");
	ok(in_child(closed_but_unused) == 0,
	    "closed stdout to which nothing was said is fine");
	ok(in_child(not_in_place) == 0, "a file never becomes fd 1");
	status = in_child(reader_gone);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE,
	    "reader gone: SIGPIPE, even when it was ignored");
	unlink(path_of("new"));
	unlink(path_of("cut"));
	unlink(path_of("place"));
	rmdir(dir);
	return done();
}
