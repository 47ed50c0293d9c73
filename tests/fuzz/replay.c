/* replay: a fuzz target without libFuzzer
 *
 *	NAME [seed=N] [each=N] [seconds=N] [FILE...]
 *
 * Runs every file of tests/fuzz/corpus/NAME, then `each` (fuzz_each) mutations
 * of each (with seconds=N, rounds of them until the time is over). The same
 *seed gives the same inputs. What was run when it dies stands in NAME.crash
 *beside the program, to be given as FILE. Prints TAP. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "buf.h"
#include "fuzz.h"
#include "../diff/runs.h"

enum { MOST = 4096 };

/* What a signal handler must find. */
static struct {
	const uint8_t *data;
	size_t size;
	char path[512];
} now;

struct replay {
	struct cs_arena run;
	struct cs_str *file, *name;
	size_t n, cap, names_cap;
	uint64_t state;
	uint64_t runs;
};

/* --- what dies ---------------------------------------------------------- */

static void
save(void)
{
	int fd = open(now.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	ssize_t n;

	if (fd < 0)
		return;
	n = write(fd, now.data, now.size);
	n += write(STDERR_FILENO, now.path, strlen(now.path));
	n += write(STDERR_FILENO, " has the input\n", 15);
	(void)n;
	close(fd);
}

static void
on_signal(int sig)
{
	save();
	signal(sig, SIG_DFL);
	raise(sig);
}

/* ASan and UBSan end the process without a signal. */
void __sanitizer_set_death_callback(void (*f)(void)) __attribute__((weak));

static void
watch(const char *program)
{
	static const int sig[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};

	snprintf(now.path, sizeof(now.path), "%s.crash", program);
	if (__sanitizer_set_death_callback != NULL) {
		__sanitizer_set_death_callback(save);
		signal(SIGABRT, on_signal);
		return;
	}
	for (size_t i = 0; i < sizeof(sig) / sizeof(*sig); i++)
		signal(sig[i], on_signal);
}

/* On a copy of exactly that size: a sanitizer sees the byte behind it. */
static void
run(struct replay *r, struct cs_str input)
{
	uint8_t *copy = malloc(input.n ? input.n : 1);

	if (copy == NULL)
		cs_nomem();
	if (input.n > 0)
		memcpy(copy, input.p, input.n);
	now.data = copy;
	now.size = input.n;
	LLVMFuzzerTestOneInput(copy, input.n);
	r->runs++;
	free(copy);
}

/* --- mutations ---------------------------------------------------------- */

static const struct cs_str words[] = {CS_S("\""), CS_S("\\"), CS_S("("),
    CS_S(")"), CS_S("["), CS_S("]"), CS_S("{"), CS_S("}"), CS_S(","), CS_S(":"),
    CS_S("."), CS_S("|"), CS_S("$"), CS_S("#"), CS_S("?"), CS_S("\n"),
    CS_S("\r\n"), CS_S("\r"), CS_S("\n\n"), CS_S(" "), CS_S("\t"), CS_S("\0"),
    CS_S("\xff"), CS_S("\xef\xbb\xbf"), CS_S("\xc3"), CS_S("\xe6\x9c\x80"),
    CS_S("\xed\xa0\x80"), CS_S("\\u0000"), CS_S("\\ud800"), CS_S("\\("),
    CS_S("0"), CS_S("-1"), CS_S("1e309"), CS_S("-0"), CS_S("12345678901234567"),
    CS_S("null"), CS_S("true"), CS_S("false"), CS_S(" and "), CS_S(" or "),
    CS_S(" | not"), CS_S(" // "), CS_S(" == "), CS_S(" < "), CS_S(" >= "),
    CS_S(" - "), CS_S(" % "), CS_S("if "), CS_S(" then "), CS_S(" else "),
    CS_S(" end"), CS_S(".a"), CS_S(".t"), CS_S("[]"), CS_S("days_since("),
    CS_S("test("), CS_S("split("), CS_S("tostring"), CS_S("length"),
    CS_S("IN("), CS_S("any("), CS_S("2026-02-30"), CS_S("2026-03-01T00:00:00Z"),
    CS_S("Rule: "), CS_S("When: "), CS_S("---\n"), CS_S("\"\""),
    CS_S(" as $x |")};

static size_t
below(struct replay *r, size_t n)
{
	/* splitmix64 */
	uint64_t z = r->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (size_t)((z ^ z >> 31) % n);
}

/* b with the n bytes at `at` replaced by s. */
static void
put(struct cs_buf *b, size_t at, size_t n, struct cs_str s)
{
	struct cs_buf out = {0};

	cs_buf_add(&out, b->p, at);
	cs_buf_str(&out, s);
	cs_buf_add(&out, b->p + at + n, b->n - at - n);
	cs_buf_free(b);
	*b = out;
}

static void
mutate(struct replay *r, struct cs_buf *b)
{
	size_t at = below(r, b->n + 1), rest = b->n - at;
	size_t n = rest > 0 ? 1 + below(r, rest < 16 ? rest : 16) : 0;
	struct cs_str other = r->file[below(r, r->n)];
	char byte = (char)below(r, 256);
	struct cs_buf piece = {0};

	switch (below(r, 6)) {
	case 0: /* a byte */
		put(b, at, rest > 0, (struct cs_str){&byte, 1});
		break;
	case 1: /* bytes fewer */
		put(b, at, n, CS_S(""));
		break;
	case 2: /* once more */
		cs_buf_add(&piece, b->p + at, n);
		put(b, at, 0, cs_buf_get(&piece));
		break;
	case 3: /* the end of another */
		n = below(r, other.n + 1);
		put(b, at, rest, (struct cs_str){other.p + n, other.n - n});
		break;
	case 4: /* a word for what stood there */
		put(b, at, n, words[below(r, sizeof(words) / sizeof(*words))]);
		break;
	default:
		put(b, at, 0, words[below(r, sizeof(words) / sizeof(*words))]);
		break;
	}
	cs_buf_free(&piece);
}

static void
run_mutations(struct replay *r, struct cs_str input, size_t each)
{
	for (size_t i = 0; i < each; i++) {
		size_t n = 1 + below(r, 4);
		struct cs_buf b = {0};

		cs_buf_str(&b, input);
		for (size_t k = 0; k < n; k++)
			mutate(r, &b);
		if (b.n <= MOST)
			run(r, cs_buf_get(&b));
		cs_buf_free(&b);
	}
}

/* --- files -------------------------------------------------------------- */

static bool
slurp(struct replay *r, const char *path)
{
	FILE *f = fopen(path, "rb");
	struct cs_buf b = {0};
	char block[4096];
	size_t n, i = r->n;

	if (f == NULL)
		return false;
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		cs_buf_add(&b, block, n);
	fclose(f);
	r->file = cs_grow(r->file, r->n, &r->cap, sizeof(*r->file));
	r->name = cs_grow(r->name, r->n, &r->names_cap, sizeof(*r->name));
	/* In order of the names, whatever the directory's. */
	while (i > 0 && strcmp(path, r->name[i - 1].p) < 0) {
		r->file[i] = r->file[i - 1];
		r->name[i] = r->name[i - 1];
		i--;
	}
	r->file[i] = cs_keep(&r->run, cs_buf_get(&b));
	r->name[i] = cs_str(cs_keepz(&r->run, cs_str(path)));
	r->n++;
	cs_buf_free(&b);
	return true;
}

static void
read_corpus(struct replay *r, const char *program)
{
	const char *slash = strrchr(program, '/');
	const char *dir = cs_arena_printf(
	    &r->run, "tests/fuzz/corpus/%s", slash ? slash + 1 : program);
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			slurp(r,
			    cs_arena_printf(&r->run, "%s/%s", dir, e->d_name));
	if (d != NULL)
		closedir(d);
}

int
main(int argc, char **argv)
{
	struct replay r = {0};
	struct runs runs = {.seed = 1};
	unsigned long long each = fuzz_each;
	double end;

	for (int i = 1; i < argc; i++) {
		if (runs_take(&runs, argv[i]))
			continue;
		if (strncmp(argv[i], "each=", 5) == 0)
			each = strtoull(argv[i] + 5, NULL, 10);
		else if (slurp(&r, argv[i]))
			each = 0;
		else {
			fprintf(stderr,
			    "%s: usage: [seed=N] [each=N] "
			    "[seconds=N] [FILE...]\n",
			    argv[0]);
			return 2;
		}
	}
	watch(argv[0]);
	if (r.n == 0)
		read_corpus(&r, argv[0]);
	printf("# seed=%llu\n", runs.seed);
	r.state = runs.seed;
	for (size_t i = 0; i < r.n; i++)
		run(&r, r.file[i]);
	end = seconds_now() + runs.seconds;
	do
		for (size_t i = 0; i < r.n; i++)
			run_mutations(&r, r.file[i], each);
	while (each > 0 && seconds_now() < end);
	printf("%sok 1 - %zu files, %llu inputs\n1..1\n", r.n ? "" : "not ",
	    r.n, (unsigned long long)r.runs);
	free(r.file);
	free(r.name);
	cs_arena_free(&r.run);
	fflush(stdout); /* before a sanitizer ends the process */
	return r.n == 0;
}
