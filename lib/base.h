/* base: text slices, exit codes, limits, memory that never fails */
#ifndef CS_BASE_H
#define CS_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define CSOPS_VERSION "0.1.0"

/* Exit codes of every command (CONTRACT). */
enum cs_exit {
	CS_OK = 0,    /* done */
	CS_PARTLY = 1, /* done, but something was refused or found wrong */
	CS_USAGE = 2, /* the request was not understood; nothing written */
	CS_STOP = 3   /* could not go on: open, read, write, memory, stop */
};

/* Who does a thing for which there is an authority: our own code, the authority
 * (libcsv, libjq), or the two side by side, stopping at a difference. */
enum cs_engine { CS_ENGINE_FAST, CS_ENGINE_REF, CS_ENGINE_BOTH };

/* Named limits; each is documented in csops(7) and tested on both sides. */
#define CS_MAX_CELL ((size_t)16 << 20)     /* bytes in one cell */
#define CS_MAX_RECORD ((size_t)64 << 20)   /* bytes in one record */
#define CS_MAX_COLUMNS ((size_t)16384)
#define CS_MAX_JSON_DEPTH 256
#define CS_MAX_RULES ((size_t)10000)       /* stanzas in all rule files */
#define CS_MAX_RULE ((size_t)64 << 10)     /* bytes in one rule value */
#define CS_MAX_EXPR_DEPTH 256              /* nesting in one expression */
#define CS_MAX_TEXT CS_MAX_CELL            /* bytes in a text a rule makes */
#define CS_MAX_LETS ((size_t)1000)         /* Let: stanzas in use */
#define CS_MAX_LET_CHAIN 4096              /* operands, Lets put in */
#define CS_MAX_TEMPLATE ((size_t)1 << 20)  /* bytes in one template */

#define CS_PRINTF(f, a) __attribute__((format(printf, f, a)))

/* A piece of text: bytes and a length, never NUL-terminated by promise. The
 * zero value is the absent text (p == NULL); an empty text has p != NULL. */
struct cs_str {
	const char *p;
	size_t n;
};

/* The slice of a string literal. */
#define CS_S(lit) ((struct cs_str){"" lit, sizeof(lit) - 1})

/* For printf("%.*s", CS_ARG(s)); text over 1 GiB is cut. */
#define CS_ARG(s) ((s).n > (1u << 30) ? (int)(1u << 30) : (int)(s).n), \
	((s).p ? (s).p : "")

/* The slice of a NUL-terminated string; NULL gives the absent text. */
struct cs_str cs_str(const char *z);
bool cs_str_eq(struct cs_str a, struct cs_str b);
/* Equal to the NUL-terminated z? */
bool cs_str_is(struct cs_str a, const char *z);
/* Equal to z, ASCII letters compared without case. */
bool cs_str_isi(struct cs_str a, const char *z);
/* Order by bytes, the shorter first when one begins the other. */
int cs_str_cmp(struct cs_str a, struct cs_str b);
bool cs_str_starts(struct cs_str a, struct cs_str head);
/* First place of byte c, or NULL. */
const char *cs_str_chr(struct cs_str a, char c);
/* The first n <= 8 bytes as a number, the first one lowest. Nothing behind them
 * is read, and nothing depends on n but one jump. */
static inline uint64_t
cs_few_bytes(const char *p, size_t n)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	const unsigned char *c = (const unsigned char *)p;
	uint32_t a, b;
	uint64_t whole;

	if (n == 8) {
		memcpy(&whole, p, 8);
		return whole;
	}
	if (n >= 4) {
		memcpy(&a, p, 4);
		memcpy(&b, p + n - 4, 4);
		return a | (uint64_t)b << (8 * n - 32);
	}
	if (n == 0)
		return 0;
	return c[0] | (uint64_t)c[n / 2] << (8 * (n / 2)) |
	       (uint64_t)c[n - 1] << (8 * (n - 1));
#else
	uint64_t v = 0;

	while (n > 0)
		v = v << 8 | (unsigned char)p[--n];
	return v;
#endif
}
/* Without blanks and tabs (ASCII) at both ends. */
struct cs_str cs_str_trim(struct cs_str a);
/* Takes the text up to sep off the front of *rest; false when *rest is
 * absent. "a,b" gives "a", then "b", then false. */
bool cs_str_next(struct cs_str *rest, char sep, struct cs_str *piece);

/* realloc for n products of size; never returns NULL: running out of memory
 * prints a message and ends the program with CS_STOP. n * size may be 0. */
void *cs_realloc(void *p, size_t n, size_t size);
/* The same from nothing, zeroed. */
void *cs_calloc(size_t n, size_t size);
/* The end of the program when memory is out. */
_Noreturn void cs_nomem(void);

/* Grows the array *v (of *cap elements of size) to hold n + 1 elements. */
void *cs_grow(void *v, size_t n, size_t *cap, size_t size);

#endif
