/* Text that waits, in memory and in a file: lib/backlog */
#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>

#include "backlog.h"
#include "buf.h"
#include "tap.h"

/* Piece i: its length goes from nothing to more than is read at once. */
static struct cs_str
piece(struct cs_buf *b, size_t i)
{
	size_t n = i % 7 == 0 ? 0 : i * i * 37 % 1000;

	if (i == 50)
		n = 600 << 10;
	cs_buf_reset(b);
	for (size_t k = 0; k < n; k++)
		cs_buf_putc(b, (char)(i + k));
	return cs_buf_get(b);
}

/* Do 100 pieces come out as they were put in? */
static void
in_order(size_t memory, const char *what)
{
	struct cs_backlog *b = cs_backlog_new(memory);
	struct cs_buf want = {0};
	struct cs_str got;
	struct cs_err err;
	size_t good = 0;

	for (size_t i = 0; i < 100; i++)
		good += cs_backlog_put(b, piece(&want, i), &err);
	ok(good == 100, "%s: all are taken", what);
	for (good = 0; good < 100; good++)
		if (cs_backlog_next(b, &got, &err) != CS_GOT ||
		    !cs_str_eq(got, piece(&want, good)))
			break;
	ok(good == 100, "%s: and come out in order", what);
	ok(cs_backlog_next(b, &got, &err) == CS_END, "%s: then the end", what);
	ok(cs_backlog_next(b, &got, &err) == CS_END, "%s: again", what);
	cs_backlog_free(b);
	cs_buf_free(&want);
}

static size_t
files_in(const char *dir)
{
	DIR *d = opendir(dir);
	size_t n = 0;

	while (d != NULL && readdir(d) != NULL)
		n++;
	if (d != NULL)
		closedir(d);
	return n;
}

static void
no_name(void)
{
	char dir[] = "/tmp/csops-backlog.XXXXXX";
	struct cs_backlog *b = cs_backlog_new(0);
	struct cs_err err;

	if (mkdtemp(dir) == NULL || setenv("TMPDIR", dir, 1) != 0)
		exit(1);
	ok(cs_backlog_put(b, CS_S("x"), &err), "a file in $TMPDIR");
	ok(files_in(dir) == 2, "nothing is seen in the folder");
	cs_backlog_free(b);
	ok(remove(dir) == 0, "the folder is empty behind it");
	unsetenv("TMPDIR");
}

static void
faults(void)
{
	struct cs_backlog *b = cs_backlog_new(4);
	struct rlimit old, none;
	struct cs_err err;
	bool is_good;

	setenv("TMPDIR", "/nowhere/at/all", 1);
	ok(!cs_backlog_put(b, CS_S("12345"), &err) && err.exit == CS_STOP,
	    "no such folder");
	is_str(cs_str(err.text),
	    "the file for what waits, in /nowhere/at/all (TMPDIR names another "
	    "folder): No such file or directory",
	    "it is named");
	unsetenv("TMPDIR");
	cs_backlog_free(b);

	b = cs_backlog_new(4);
	signal(SIGXFSZ, SIG_IGN);
	fflush(stdout);
	getrlimit(RLIMIT_FSIZE, &old);
	none = old;
	none.rlim_cur = 3;
	setrlimit(RLIMIT_FSIZE, &none);
	is_good = cs_backlog_put(b, CS_S("12345"), &err);
	setrlimit(RLIMIT_FSIZE, &old);
	ok(!is_good && err.exit == CS_STOP, "a full disk is a fault");
	is_str(cs_str(err.text),
	    "the file for what waits, in /tmp (TMPDIR names another folder): "
	    "File too large",
	    "its text");
	cs_backlog_free(b);
}

int
main(void)
{
	struct cs_backlog *b = cs_backlog_new(1);
	struct cs_str got;
	struct cs_err err;

	ok(cs_backlog_next(b, &got, &err) == CS_END, "nothing was put in");
	cs_backlog_free(b);
	cs_backlog_free(NULL);
	in_order(SIZE_MAX, "in memory");
	in_order(10000, "in the file");
	in_order(0, "each in the file");
	no_name();
	faults();
	return done();
}
