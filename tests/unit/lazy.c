#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lazy.h"
#include "tap.h"

struct api {
	double (*cos)(double);
};

static const struct cs_lazy_name names[] = {
    {"cos", offsetof(struct api, cos)},
};
static const struct cs_lazy_name missing[] = {
    {"cos", offsetof(struct api, cos)},
    {"no_such_name", offsetof(struct api, cos)},
};

/* What cs_lazy_need writes to standard error, and how it ends. */
static int
need(const char *soname, const struct cs_lazy_name *n, size_t count, char *text,
    size_t cap)
{
	int to[2], status = 0;
	size_t end = 0;
	ssize_t got;

	if (pipe(to) != 0)
		return -1;
	if (fork() == 0) {
		struct api api;

		dup2(to[1], STDERR_FILENO);
		cs_lazy_need(soname, n, count, &api);
		_exit(0);
	}
	close(to[1]);
	while ((got = read(to[0], text + end, cap - 1 - end)) > 0)
		end += (size_t)got;
	text[end] = '\0';
	close(to[0]);
	wait(&status);
	return WEXITSTATUS(status);
}

int
main(void)
{
	struct api api = {0};
	char text[400];

	ok(cs_lazy_open("libm.so.6", names, 1, &api) != NULL, "libm is there");
	ok(api.cos != NULL && api.cos(0) >= 1, "and its cos");
	ok(cs_lazy_open("libm.so.6", missing, 2, &api) == NULL, "not the name");
	ok(cs_lazy_open("libnone.so.9", names, 1, &api) == NULL, "no library");
	ok(need("libm.so.6", names, 1, text, sizeof(text)) == 0 &&
		text[0] == '\0',
	    "a library that is there: %s", text);
	ok(need("libnone.so.9", names, 1, text, sizeof(text)) == CS_STOP &&
		strstr(text, ": libnone.so.9: cannot open shared object "
			     "file: No such file or directory\n") != NULL,
	    "none ends with 3: %s", text);
	ok(need("libm.so.6", missing, 2, text, sizeof(text)) == CS_STOP &&
		strstr(text, "undefined symbol: no_such_name\n") != NULL,
	    "nor the name: %s", text);
	return done();
}
