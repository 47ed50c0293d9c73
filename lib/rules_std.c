/* Where the shipped rules are. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rules.h"
#include "rules_load.h"

const char *
cs_datadir(struct cs_arena *run)
{
	const char *dir = getenv("CSOPS_DATADIR");
	char exe[4096], *slash;
	ssize_t n;

	if (dir != NULL && dir[0] != '\0')
		return dir;
	n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	if (n > 0) {
		exe[n] = '\0';
		slash = strrchr(exe, '/');
		if (slash != NULL)
			*slash = '\0';
		dir = cs_arena_printf(run, "%s/../share/csops", exe);
		if (access(dir, R_OK | X_OK) == 0)
			return dir;
	}
	return CSOPS_DATADIR;
}

static int
is_rule_file(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	return n > 6 && strcmp(d->d_name + n - 6, ".rules") == 0;
}

/* Appends the names in one directory. */
static void
list_std(struct cs_buf *b, const char *dir)
{
	struct dirent **d;
	int n = scandir(dir, &d, is_rule_file, alphasort);

	for (int i = 0; i < n; i++) {
		cs_buf_printf(b, " std:%.*s", (int)strlen(d[i]->d_name) - 6,
		    d[i]->d_name);
		free(d[i]);
	}
	if (n >= 0)
		free(d);
}

bool
cs_rules_std(const char *name, const char **path, struct cs_arena *run,
    struct cs_err *err)
{
	static const char *const parts[] = {"rules", "stages", "maps"};
	const char *dir = cs_datadir(run);
	struct cs_buf b = {0};

	for (size_t i = 0;
	     i < sizeof(parts) / sizeof(*parts) && strchr(name, '/') == NULL;
	     i++) {
		*path =
		    cs_arena_printf(run, "%s/%s/%s.rules", dir, parts[i], name);
		if (access(*path, F_OK) == 0)
			return true;
	}
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		list_std(&b, cs_arena_printf(run, "%s/%s", dir, parts[i]));
	if (b.n > 0)
		cs_fail(err, CS_USAGE, "no rules std:%s; there are%s", name,
		    cs_buf_z(&b));
	else
		cs_fail(err, CS_USAGE, "no rules std:%s, and none at all in %s",
		    name, dir);
	cs_buf_free(&b);
	return false;
}
