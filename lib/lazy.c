#include <bsd/stdlib.h>
#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>

#include "lazy.h"

void *
cs_lazy_open(
    const char *soname, const struct cs_lazy_name *names, size_t n, void *table)
{
	void *lib = dlopen(soname, RTLD_NOW | RTLD_LOCAL);

	for (size_t i = 0; lib != NULL && i < n; i++) {
		void *p = dlsym(lib, names[i].name);

		if (p == NULL)
			return NULL; /* not closed: that would lose dlerror */
		*(void **)((char *)table + names[i].at) = p;
	}
	return lib;
}

void *
cs_lazy_need(
    const char *soname, const struct cs_lazy_name *names, size_t n, void *table)
{
	void *lib = cs_lazy_open(soname, names, n, table);

	if (lib == NULL) {
		dprintf(STDERR_FILENO, "%s: %s\n", getprogname(), dlerror());
		_exit(CS_STOP);
	}
	return lib;
}
