/* fuzz: what a fuzz target is
 *
 * One file a target, tests/fuzz/NAME.c with LLVMFuzzerTestOneInput, and one
 * folder of inputs, tests/fuzz/corpus/NAME/. The Makefile builds it with
 * replay.c (any compiler: the corpus and mutations of it, in make check and
 * make fuzz) and, with make fuzz-build, as a libFuzzer program (clang). */
#ifndef CS_FUZZ_H
#define CS_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base.h"

/* How many mutations of each file of the corpus make check runs: about a second
 * of them. */
extern const unsigned fuzz_each;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold whatever the input. */
#define must(cond, ...)                                                        \
	do {                                                                   \
		if (!(cond)) {                                                 \
			fprintf(stderr, "%s:%d: ", __FILE__, __LINE__);        \
			fprintf(stderr, __VA_ARGS__);                          \
			fputc('\n', stderr);                                   \
			abort();                                               \
		}                                                              \
	} while (0)

#endif
