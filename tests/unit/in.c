/* in: lines, windows, gzip and every way it breaks */
#include <sys/time.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>
#include <zlib.h>

#include "in.h"
#include "tap.h"

static char dir[] = "/tmp/csops-in-XXXXXX";

static const char *
path_of(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static const char *
write_file(const char *name, struct cs_str s)
{
	const char *path = path_of(name);
	FILE *f = fopen(path, "w");

	if (f == NULL || fwrite(s.p, 1, s.n, f) != s.n || fclose(f) != 0)
		abort();
	return path;
}

/* One gzip member. */
static void
pack(struct cs_buf *b, struct cs_str s)
{
	z_stream z = {0};
	size_t space = s.n + s.n / 8 + 1024;

	deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
	z.next_in = (Bytef *)s.p;
	z.avail_in = (uInt)s.n;
	z.next_out = (Bytef *)cs_buf_room(b, space);
	z.avail_out = (uInt)space;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		abort();
	b->n += space - z.avail_out;
	deflateEnd(&z);
}

/* All lines, each followed by "|"; how it ended, and the fault's text. */
struct seen {
	struct cs_buf text;
	size_t lines;
	enum cs_got end;
	struct cs_err err;
};

static struct seen
read_all(struct cs_in *in)
{
	struct seen s = {0};
	struct cs_str line;

	while ((s.end = cs_in_line(in, &line, &s.err)) == CS_GOT) {
		cs_buf_str(&s.text, line);
		cs_buf_putc(&s.text, '|');
		s.lines++;
	}
	/* The end stays the end. */
	if (cs_in_line(in, &line, &s.err) != s.end)
		abort();
	cs_in_close(in);
	return s;
}

static struct seen
read_memory(struct cs_str bytes)
{
	return read_all(cs_in_memory("m", bytes));
}

static void
lines_are(struct cs_str bytes, const char *want, size_t lines)
{
	struct seen s = read_memory(bytes);
	struct cs_buf what = {0};

	cs_escape(&what, bytes);
	ok(s.end == CS_END && s.lines == lines, "%zu lines in \"%s\"", lines,
	    cs_buf_z(&what));
	is_str(cs_buf_get(&s.text), want, "  and their bytes");
	cs_buf_free(&s.text);
	cs_buf_free(&what);
}

static void
test_lines(void)
{
	struct seen s;

	lines_are(CS_S(""), "", 0);
	lines_are(CS_S("\n"), "\n|", 1);
	lines_are(CS_S("a"), "a|", 1);
	lines_are(CS_S("a\n"), "a\n|", 1);
	lines_are(CS_S("a\r\nb\n\nc"), "a\r\n|b\n|\n|c|", 4);
	lines_are(CS_S("\x1f"), "\x1f|", 1);
	s = read_memory(CS_S("a\0b\n\0"));
	ok(cs_str_eq(cs_buf_get(&s.text), CS_S("a\0b\n|\0|")), "NUL is data");
	cs_buf_free(&s.text);
	s = read_memory((struct cs_str){0});
	ok(s.end == CS_END && s.lines == 0, "absent bytes are an empty input");
	cs_buf_free(&s.text);
}

static void
test_peek(void)
{
	struct cs_in *in = cs_in_memory("m", CS_S("abc\ndef\n"));
	struct cs_str line;
	struct cs_err err;

	is_str(cs_in_peek(in, 2), "abc\ndef\n", "peek shows what it has");
	is_str(cs_in_peek(in, 1000), "abc\ndef\n", "peek past the end");
	cs_in_skip(in, 2);
	ok(cs_in_line(in, &line, &err) == CS_GOT, "a line after skip");
	is_str(line, "c\n", "  is the rest");
	is_str(cs_in_peek(in, 4), "def\n", "peek after a line");
	ok(cs_in_taken(in) == 8, "taken counts bytes of the source");
	ok(cs_in_fd(in) == -1 && !cs_in_is_gzip(in), "memory has no fd");
	is_str(cs_str(cs_in_name(in)), "m", "the name");
	cs_in_close(in);
}

/* Many blocks, lines of odd lengths. */
static void
big_text(struct cs_buf *b, size_t n)
{
	uint32_t x = 12345;

	while (b->n < n) {
		x = x * 1664525u + 1013904223u;
		cs_buf_putc(b, x >> 25 ? (char)(' ' + (x >> 20) % 90) : '\n');
	}
	cs_buf_puts(b, "\nend");
}

static bool
same_lines(const struct seen *s, struct cs_str all)
{
	size_t at = 0, from = 0;

	for (size_t i = 0; i < s->lines; i++) {
		const char *lf = memchr(all.p + from, '\n', all.n - from);
		size_t n = lf ? (size_t)(lf - all.p) + 1 - from : all.n - from;

		if (s->text.n - at < n + 1 ||
		    memcmp(s->text.p + at, all.p + from, n) != 0)
			return false;
		at += n + 1;
		from += n;
	}
	return from == all.n && at == s->text.n;
}

static void
test_blocks(void)
{
	struct cs_buf all = {0}, gz = {0};
	struct cs_str t;
	struct seen s;
	struct cs_in *in;

	big_text(&all, 3u << 20);
	t = cs_buf_get(&all);
	s = read_memory(t);
	ok(s.end == CS_END && same_lines(&s, t), "3 MiB, plain");
	cs_buf_free(&s.text);
	in = cs_in_memory("m", t);
	ok(cs_in_peek(in, 2u << 20).n >= 2u << 20, "a peek of many blocks");
	s = read_all(in);
	ok(s.end == CS_END && same_lines(&s, t), "  loses nothing");
	cs_buf_free(&s.text);

	/* Members end in the middle of lines; one is empty. */
	pack(&gz, (struct cs_str){t.p, 1000003});
	pack(&gz, CS_S(""));
	pack(&gz, (struct cs_str){t.p + 1000003, t.n - 1000003});
	in = cs_in_memory("m", cs_buf_get(&gz));
	ok(cs_in_is_gzip(in), "gzip is seen");
	s = read_all(in);
	ok(s.end == CS_END && same_lines(&s, t), "3 MiB, three members");
	cs_buf_free(&s.text);
	cs_buf_free(&gz);
	cs_buf_free(&all);
}

static void
fails(struct cs_str bytes, const char *text, const char *fault)
{
	struct seen s = read_memory(bytes);

	ok(s.end == CS_FAILED && s.err.exit == CS_STOP, "%s: fails with 3",
	    fault);
	is_str(cs_str(s.err.text), fault, "  the reason");
	is_str(cs_buf_get(&s.text), text, "  after the good lines");
	cs_buf_free(&s.text);
}

static void
fails_with(
    struct cs_buf *gz, struct cs_str tail, const char *text, const char *fault)
{
	size_t n = gz->n;

	cs_buf_str(gz, tail);
	fails(cs_buf_get(gz), text, fault);
	gz->n = n;
}

static void
test_cuts(struct cs_str gz)
{
	size_t wrong = 0, rows = 0;

	for (size_t n = 2; n < gz.n; n++) {
		struct seen s = read_memory((struct cs_str){gz.p, n});

		wrong += s.end != CS_FAILED ||
			 strcmp(s.err.text,
			     "m: gzip data ends too early (cut file?)") != 0 ||
			 !cs_str_starts(CS_S("a,1\n|b,22\n|c,333|"),
			     cs_buf_get(&s.text)) ||
			 s.lines > 2;
		rows += s.lines;
		cs_buf_free(&s.text);
	}
	ok(wrong == 0, "cut at every byte: told, whole lines only");
	ok(rows > 0, "  and lines before the cut are given");
}

static void
test_gzip_faults(void)
{
	struct cs_str text = CS_S("a,1\nb,22\nc,333");
	struct cs_buf gz = {0}, bad = {0}, all = {0};
	struct seen s;

	pack(&gz, text);
	s = read_memory(cs_buf_get(&gz));
	is_str(cs_buf_get(&s.text), "a,1\n|b,22\n|c,333|", "a good member");
	cs_buf_free(&s.text);
	test_cuts(cs_buf_get(&gz));
	fails((struct cs_str){gz.p, 5}, "",
	    "m: gzip data ends too early (cut file?)");

	cs_buf_str(&bad, cs_buf_get(&gz));
	bad.p[bad.n - 8] ^= 1;
	fails(cs_buf_get(&bad), "a,1\n|b,22\n|c,333|",
	    "m: gzip checksum does not match (damaged file?)");
	bad.p[bad.n - 8] ^= 1;
	bad.p[bad.n - 4] ^= 1;
	fails(cs_buf_get(&bad), "a,1\n|b,22\n|c,333|",
	    "m: gzip checksum does not match (damaged file?)");
	bad.p[bad.n - 4] ^= 1;
	bad.p[10] = (char)(bad.p[10] | 6); /* block type 3 is none */
	fails(cs_buf_get(&bad), "",
	    "m: gzip data is damaged (invalid block type)");
	bad.p[2] = 7;
	fails(cs_buf_get(&bad), "",
	    "m: gzip data is damaged (unknown compression method)");

	fails_with(&gz, CS_S("junk"), "a,1\n|b,22\n|c,333|",
	    "m: junk after the gzip data");
	fails_with(&gz, CS_S("\x1f"), "a,1\n|b,22\n|c,333|",
	    "m: junk after the gzip data");
	fails_with(&gz, CS_S("\0\0\0"), "a,1\n|b,22\n|c,333|",
	    "m: zero bytes after the gzip data (padding?)");
	fails_with(&gz, CS_S("\0"), "a,1\n|b,22\n|c,333|",
	    "m: zero bytes after the gzip data (padding?)");
	fails_with(&gz, CS_S("\0\0x"), "a,1\n|b,22\n|c,333|",
	    "m: junk after the gzip data");
	fails_with(&gz, CS_S("\x1f\x8b"), "a,1\n|b,22\n|",
	    "m: gzip data ends too early (cut file?)");

	big_text(&all, 1u << 20);
	cs_buf_reset(&gz);
	pack(&gz, cs_buf_get(&all));
	gz.p[gz.n / 2] ^= 0x10;
	s = read_memory(cs_buf_get(&gz));
	ok(s.end == CS_FAILED && s.lines > 1000 &&
		strncmp(s.err.text, "m: gzip ", 8) == 0,
	    "a flipped bit in the middle is told: %s", s.err.text);
	cs_buf_free(&s.text);
	cs_buf_free(&bad);
	cs_buf_free(&gz);
	cs_buf_free(&all);
}

/* The same bytes read by zlib and by ISA-L, where that is built in. */
static bool
is_same_by_both(struct cs_str gz, size_t *faults)
{
	struct seen a, b;
	bool same;

	setenv("CS_GZIP", "zlib", 1);
	a = read_memory(gz);
	setenv("CS_GZIP", "isal", 1);
	b = read_memory(gz);
	unsetenv("CS_GZIP");
	same = a.end == b.end &&
	       cs_str_eq(cs_buf_get(&a.text), cs_buf_get(&b.text)) &&
	       (a.end != CS_FAILED || strcmp(a.err.text, b.err.text) == 0);
	*faults += a.end == CS_FAILED;
	if (!same)
		printf("# zlib: %zu bytes, %s\n# isal: %zu bytes, %s\n",
		    a.text.n, a.end == CS_FAILED ? a.err.text : "good",
		    b.text.n, b.end == CS_FAILED ? b.err.text : "good");
	cs_buf_free(&a.text);
	cs_buf_free(&b.text);
	return same;
}

/* Members of `bytes` unpacked bytes, damaged in turns of all kinds. */
static void
test_engines(size_t bytes, int turns)
{
	struct cs_buf text = {0}, gz = {0}, bad = {0};
	size_t wrong = 0, faults = 0, first;
	uint32_t x = 99;

	big_text(&text, bytes);
	pack(&gz, cs_buf_get(&text));
	first = gz.n;
	pack(&gz, CS_S("a,b\nc"));
	ok(is_same_by_both(cs_buf_get(&gz), &faults) && faults == 0,
	    "%zu bytes: zlib and ISA-L agree", bytes);
	for (int i = 0; i < turns; i++) {
		size_t n, span = i % 4 == 0 ? 64 : i % 4 == 1 ? first : gz.n;

		cs_buf_reset(&bad);
		cs_buf_str(&bad, cs_buf_get(&gz));
		x = x * 1664525u + 1013904223u;
		n = (x >> 4) % (span < gz.n ? span : gz.n);
		if (i % 5 == 0)
			bad.n = n < 2 ? 2 : n;
		else
			bad.p[n < 2 ? 2 : n] ^= (char)(1 << (x >> 29));
		if (i % 7 == 0)
			cs_buf_puts(&bad, "junk");
		wrong += !is_same_by_both(cs_buf_get(&bad), &faults);
	}
	ok(wrong == 0 && faults > (size_t)turns / 2,
	    "  and on %d damaged ones, %zu with a fault", turns, faults);
	cs_buf_free(&text);
	cs_buf_free(&gz);
	cs_buf_free(&bad);
}

/* Header flags that have no meaning: zlib refuses them. */
static void
test_flags(void)
{
	struct cs_buf gz = {0};
	size_t faults = 0;

	pack(&gz, CS_S("a\n"));
	gz.p[3] = (char)0xe0;
	ok(is_same_by_both(cs_buf_get(&gz), &faults) && faults == 1,
	    "unknown flags in the header are refused by both");
	cs_buf_free(&gz);
}

/* A packed input on standard input that begins in the middle of a file. */
static void
test_offset(void)
{
	struct cs_buf all = {0}, text = {0};
	struct cs_err err;
	struct seen s;
	int fd;

	cs_buf_puts(&all, "before");
	big_text(&text, 1u << 20);
	pack(&all, cs_buf_get(&text));
	all.p[all.n - 8] ^= 1;
	fd = open(write_file("plain", cs_buf_get(&all)), O_RDONLY);
	if (fd == -1 || dup2(fd, 0) == -1 || lseek(0, 6, SEEK_SET) != 6)
		abort();
	close(fd);
	s = read_all(cs_in_open("-", &err));
	ok(s.end == CS_FAILED && same_lines(&s, cs_buf_get(&text)),
	    "from the middle of a file: all lines, then the fault");
	is_str(cs_str(s.err.text),
	    "stdin: gzip checksum does not match (damaged file?)",
	    "  the reason");
	cs_buf_free(&s.text);
	cs_buf_free(&all);
	cs_buf_free(&text);
}

/* Closed while there is more, at every stage of the thread. */
static void
test_early_close(void)
{
	struct cs_buf text = {0}, gz = {0};
	int p[2];
	struct cs_err err;
	struct cs_in *in;
	size_t seen = 0;
	pid_t child;

	big_text(&text, 3u << 20);
	pack(&gz, cs_buf_get(&text));
	for (size_t n = 0; n < 40; n++) {
		in = cs_in_memory("m", cs_buf_get(&gz));
		for (size_t i = 0; i < n; i++) {
			struct cs_str b = cs_in_peek(in, 1);

			seen += b.n;
			cs_in_skip(in, b.n);
		}
		cs_in_close(in);
	}
	ok(seen > 3u << 20, "closed before the end, %zu bytes seen", seen);

	/* A writer that says no more, but does not leave either. */
	if (pipe(p) == -1 || (child = fork()) == -1)
		abort();
	if (child == 0) {
		close(p[0]);
		if (write(p[1], gz.p, gz.n / 2) == -1)
			_exit(1);
		pause();
		_exit(0);
	}
	close(p[1]);
	if (dup2(p[0], 0) == -1)
		abort();
	close(p[0]);
	in = cs_in_open("-", &err);
	ok(cs_in_peek(in, 1u << 20).n >= 1u << 20, "half of a pipe is read");
	cs_in_close(in);
	ok(true, "  and closed while it has nothing to give");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	cs_buf_free(&text);
	cs_buf_free(&gz);
}

static void
ignore(int sig)
{
	(void)sig;
}

/* stdin fed byte by byte, with a timer that interrupts the reads. */
static void
test_pipe(struct cs_str bytes, const char *want, const char *what)
{
	struct itimerval often = {{0, 300}, {0, 300}}, never = {0};
	struct sigaction sa = {.sa_handler = ignore}; /* no SA_RESTART */
	struct cs_err err;
	struct seen s;
	pid_t child;
	int p[2];

	if (pipe(p) == -1 || (child = fork()) == -1)
		abort();
	if (child == 0) {
		close(p[0]);
		for (size_t i = 0; i < bytes.n; i++) {
			if (write(p[1], bytes.p + i, 1) != 1)
				_exit(1);
			usleep(500);
		}
		_exit(0);
	}
	close(p[1]);
	if (dup2(p[0], 0) == -1)
		abort();
	close(p[0]);
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	s = read_all(cs_in_open("-", &err));
	setitimer(ITIMER_REAL, &never, NULL);
	waitpid(child, NULL, 0);
	is_str(cs_buf_get(&s.text), want, what);
	ok(s.end == CS_END, "  and a clean end");
	cs_buf_free(&s.text);
}

static void
cannot_open(const char *path, const char *want)
{
	struct cs_err err = {0};
	struct cs_in *in = cs_in_open(path, &err);

	ok(in == NULL && err.exit == CS_STOP, "%s: not opened", want);
	is_str(cs_str(err.text), want, "  the reason");
}

static void
test_open(void)
{
	char want[512];
	struct cs_err err;
	struct cs_in *in;
	struct seen s;

	snprintf(want, sizeof(want), "%s: is a directory", dir);
	cannot_open(dir, want);
	snprintf(want, sizeof(want), "%s: No such file or directory",
	    path_of("none"));
	cannot_open(path_of("none"), want);
	cannot_open("", ": No such file or directory");
	/* Page 0 is not mapped: read fails with EIO. */
	cannot_open("/proc/self/mem", "/proc/self/mem: Input/output error");

	in = cs_in_open(write_file("plain", CS_S("x\ny")), &err);
	is_str(cs_str(cs_in_name(in)), path_of("plain"), "name of a file");
	ok(cs_in_fd(in) > 2, "fd of a file");
	s = read_all(in);
	is_str(cs_buf_get(&s.text), "x\n|y|", "lines of a file");
	cs_buf_free(&s.text);
	in = cs_in_open(write_file("empty", CS_S("")), &err);
	s = read_all(in);
	ok(s.end == CS_END && s.lines == 0, "an empty file");
	cs_buf_free(&s.text);
}

/* Runs f in a child; its exit code. */
static int
in_child(int (*f)(void))
{
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0)
		_exit(f());
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int
closed_stdin(void)
{
	struct cs_err err;

	close(0);
	return cs_in_open("-", &err) != NULL ||
	       strcmp(err.text, "stdin: Bad file descriptor") != 0;
}

static int
closed_all(void)
{
	struct cs_err err;
	struct cs_in *in;

	close(0);
	close(1);
	close(2);
	in = cs_in_open(path_of("plain"), &err);
	return in == NULL || cs_in_fd(in) < 3 || fcntl(1, F_GETFD) != -1;
}

static void
test_limit(void)
{
	struct cs_buf b = {0};
	struct cs_in *in;
	struct cs_str line;
	struct cs_err err;

	cs_buf_puts(&b, "first\n");
	memset(cs_buf_room(&b, CS_MAX_RECORD + 1), 'x', CS_MAX_RECORD + 1);
	b.n += CS_MAX_RECORD + 1;
	b.p[6 + CS_MAX_RECORD - 1] = '\n';
	in = cs_in_memory("m", cs_buf_get(&b));
	cs_in_line(in, &line, &err);
	ok(cs_in_line(in, &line, &err) == CS_GOT && line.n == CS_MAX_RECORD,
	    "a line of the limit");
	ok(cs_in_line(in, &line, &err) == CS_GOT && line.n == 1 &&
		cs_in_line(in, &line, &err) == CS_END,
	    "  and the one after it");
	cs_in_close(in);
	b.p[6 + CS_MAX_RECORD - 1] = 'x';
	in = cs_in_memory("m", cs_buf_get(&b));
	ok(cs_in_line(in, &line, &err) == CS_GOT && line.n == 6,
	    "the line before a line over the limit");
	ok(cs_in_line(in, &line, &err) == CS_FAILED && err.exit == CS_STOP,
	    "a line over the limit, at the end of the input");
	is_str(cs_str(err.text),
	    "m: a line is over the limit of 67108864 bytes", "  the reason");
	ok(cs_in_line(in, &line, &err) == CS_FAILED, "  which stays");
	cs_in_close(in);
	cs_buf_free(&b);
}

static void
test_all(void)
{
	struct cs_arena a = {0};
	struct cs_in *in = cs_in_memory("m", CS_S("12345"));
	struct cs_str all;
	struct cs_err err;
	struct cs_buf gz = {0};

	ok(cs_in_all(in, 5, &a, &all, &err), "all of it, at the limit");
	is_str(all, "12345", "  the bytes");
	ok(cs_in_all(in, 5, &a, &all, &err) && all.n == 0 && all.p != NULL,
	    "  and then nothing");
	cs_in_close(in);
	in = cs_in_memory("m", CS_S("12345"));
	ok(!cs_in_all(in, 4, &a, &all, &err), "one over the limit");
	is_str(
	    cs_str(err.text), "m: over the limit of 4 bytes", "  the reason");
	cs_in_close(in);
	pack(&gz, CS_S("12345"));
	in = cs_in_memory("m", (struct cs_str){gz.p, gz.n - 1});
	ok(!cs_in_all(in, 100, &a, &all, &err), "not all of a cut file");
	is_str(cs_str(err.text), "m: gzip data ends too early (cut file?)",
	    "  the reason");
	cs_in_close(in);
	cs_buf_free(&gz);
	cs_arena_free(&a);
}

/* Pairs of bytes swapped; a lone last byte becomes "?". */
static size_t
swap(void *self, struct cs_str raw, bool last, struct cs_buf *out)
{
	size_t i = 0;

	++*(int *)self;
	for (; raw.n - i >= 2; i += 2) {
		cs_buf_putc(out, raw.p[i + 1]);
		cs_buf_putc(out, raw.p[i]);
	}
	if (last && i < raw.n) {
		cs_buf_putc(out, '?');
		i++;
	}
	return i;
}

static void
test_filter(void)
{
	struct cs_buf gz = {0};
	struct cs_in *in;
	struct seen s;
	int calls = 0;

	in = cs_in_memory("m", CS_S("##ba\ndfc\nx"));
	cs_in_peek(in, 100);
	cs_in_skip(in, 2);
	cs_in_set_filter(in, swap, &calls);
	s = read_all(in);
	is_str(cs_buf_get(&s.text), "abd\n|cfx\n|", "the start");
	ok(s.end == CS_END && calls > 0, "  through the filter");
	cs_buf_free(&s.text);

	in = cs_in_memory("m", CS_S("baa\nx"));
	cs_in_set_filter(in, swap, &calls);
	s = read_all(in);
	is_str(cs_buf_get(&s.text), "ab\n|a?|", "a lone last byte");
	cs_buf_free(&s.text);

	pack(&gz, CS_S("baa\nx"));
	gz.n--;
	in = cs_in_memory("m", cs_buf_get(&gz));
	cs_in_set_filter(in, swap, &calls);
	s = read_all(in);
	is_str(cs_buf_get(&s.text), "ab\n|", "before a cut");
	ok(s.end == CS_FAILED, "  a filtered input fails too");
	cs_buf_free(&s.text);
	cs_buf_free(&gz);
}

/* Bytes that begin as gzip does are bytes here, shown where they lie. */
static void
test_bytes(void)
{
	struct cs_str s = CS_S("\x1f\x8b,a\nb"), line;
	struct cs_in *in = cs_in_bytes("m", s);
	struct cs_err err;

	ok(cs_in_peek(in, 100).p == s.p && cs_in_peek(in, 100).n == s.n,
	    "bytes are not copied");
	ok(!cs_in_is_gzip(in) && cs_in_line(in, &line, &err) == CS_GOT &&
		cs_str_eq(line, CS_S("\x1f\x8b,a\n")),
	    "bytes are not inflated");
	ok(cs_in_line(in, &line, &err) == CS_GOT && cs_str_is(line, "b") &&
		cs_in_line(in, &line, &err) == CS_END,
	    "bytes: the last line, the end");
	cs_in_close(in);
}

int
main(void)
{
	struct cs_buf gz = {0};

	if (mkdtemp(dir) == NULL)
		abort();
	test_lines();
	test_peek();
	test_blocks();
	test_gzip_faults();
	test_engines(40, 2000);
	test_engines(200000, 150);
	test_engines(1500000, 40);
	test_flags();
	test_offset();
	test_early_close();
	test_pipe(CS_S("id,name\n1,\xe4\xbd\x90\n\n2"),
	    "id,name\n|1,\xe4\xbd\x90\n|\n|2|", "a pipe, byte by byte");
	pack(&gz, CS_S("a\nb\n"));
	pack(&gz, CS_S("c\n"));
	test_pipe(cs_buf_get(&gz), "a\n|b\n|c\n|", "a gzip pipe");
	cs_buf_free(&gz);
	test_bytes();
	test_open();
	ok(in_child(closed_stdin) == 0, "closed stdin is told");
	ok(in_child(closed_all) == 0, "a file never becomes fd 0, 1 or 2");
	test_limit();
	test_all();
	test_filter();
	unlink(path_of("plain"));
	unlink(path_of("empty"));
	rmdir(dir);
	return done();
}
