/* lazy: shared libraries that are loaded when they are first needed
 *
 * Finding, mapping and relocating libjq, oniguruma, zlib and ISA-L took a
 * command more time than reading a thousand rows, and most runs need none of
 * them. The table of a library is a struct of pointers to its functions:
 *
 *	struct api { __typeof__(inflate) *inflate; };
 *	static const struct cs_lazy_name names[] = {
 *		{"inflate", offsetof(struct api, inflate)}};
 */
#ifndef CS_LAZY_H
#define CS_LAZY_H

#include "base.h"

struct cs_lazy_name {
	const char *name;
	size_t at; /* of its pointer in the table */
};

/* Loads the library soname ("libz.so.1") and puts the addresses of its n names
 * into table. What dlclose wants; NULL: it, or a name in it, is not there
 * (dlerror says why). Loading it again is cheap. */
void *cs_lazy_open(const char *soname, const struct cs_lazy_name *names,
    size_t n, void *table);
/* The same; a library that is not there ends the program with 3 and the
 * loader's words, as a missing library does that is linked. */
void *cs_lazy_need(const char *soname, const struct cs_lazy_name *names,
    size_t n, void *table);

#endif
