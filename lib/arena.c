#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

enum { BLOCK = 64 << 10 };

struct cs_arena_block {
	struct cs_arena_block *next;
	size_t used, size;
	alignas(max_align_t) char mem[];
};

static struct cs_arena_block *
block(size_t size)
{
	struct cs_arena_block *b;

	if (size > SIZE_MAX - sizeof(*b))
		cs_nomem();
	b = cs_realloc(NULL, 1, sizeof(*b) + size);
	b->next = NULL;
	b->used = 0;
	b->size = size;
	return b;
}

void *
cs_arena_alloc(struct cs_arena *a, size_t n)
{
	struct cs_arena_block *b = a->head;
	size_t align = alignof(max_align_t);
	void *p;

	if (n > SIZE_MAX - align)
		cs_nomem();
	n = n == 0 ? align : (n + align - 1) & ~(align - 1);
	if (b == NULL || b->size - b->used < n) {
		b = block(n > BLOCK / 4 ? n : BLOCK);
		/* A large piece goes behind the block that still has room. */
		if (a->head != NULL && n > BLOCK / 4) {
			b->next = a->head->next;
			a->head->next = b;
		} else {
			b->next = a->head;
			a->head = b;
		}
	}
	p = b->mem + b->used;
	b->used += n;
	return p;
}

void *
cs_arena_array(struct cs_arena *a, size_t n, size_t size)
{
	void *p;

	if (size != 0 && n > SIZE_MAX / size)
		cs_nomem();
	p = cs_arena_alloc(a, n * size);
	if (n * size > 0)
		memset(p, 0, n * size);
	return p;
}

struct cs_str
cs_keep(struct cs_arena *a, struct cs_str s)
{
	char *p;

	if (s.p == NULL)
		return s;
	p = cs_arena_alloc(a, s.n + 1);
	memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return (struct cs_str){p, s.n};
}

char *
cs_keepz(struct cs_arena *a, struct cs_str s)
{
	char *p = cs_arena_alloc(a, s.n + 1);

	if (s.n > 0)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

char *
cs_arena_printf(struct cs_arena *a, const char *fmt, ...)
{
	va_list ap;
	int n;
	char *p;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		cs_nomem();
	p = cs_arena_alloc(a, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

void
cs_arena_reset(struct cs_arena *a)
{
	struct cs_arena_block *b, *next, *keep = NULL;

	for (b = a->head; b != NULL; b = next) {
		next = b->next;
		if (keep == NULL && b->size == BLOCK)
			keep = b;
		else
			free(b);
	}
	if (keep != NULL) {
		keep->next = NULL;
		keep->used = 0;
	}
	a->head = keep;
}

void
cs_arena_free(struct cs_arena *a)
{
	cs_arena_reset(a);
	free(a->head);
	a->head = NULL;
}
