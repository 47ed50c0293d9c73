#include <string.h>

#include "prelude.h"

enum { MAX_DEFS = 128 };

_Static_assert(CS_MAX_TEXT == 16777216, "_fits, _cat and _fitting say so");

/* One line of the prelude: def _name... */
struct def {
	struct cs_str line, name;
	bool is_used;
};

static size_t
split_prelude(struct def *v)
{
	struct cs_str rest = cs_str(CS_PRELUDE), line;
	size_t n = 0;

	while (n < MAX_DEFS && cs_str_next(&rest, '\n', &line)) {
		const char *name = line.p + sizeof("def ") - 1;

		if (line.n == 0)
			continue;
		v[n].line = (struct cs_str){line.p, line.n + 1};
		v[n].name = (struct cs_str){name, strcspn(name, "(:")};
		v[n++].is_used = false;
	}
	return n;
}

static bool
is_word(char c)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Marks the definitions that text names, and what they name. A word inside a
 * literal marks one too many at worst. */
static void
mark(struct def *v, size_t n, struct cs_str text)
{
	struct cs_str word;
	size_t i = 0, k;

	while (i < text.n) {
		size_t begin = i;

		while (i < text.n && is_word(text.p[i]))
			i++;
		word = (struct cs_str){text.p + begin, i - begin};
		if (word.n == 0)
			i++;
		else if (word.p[0] == '_')
			for (k = 0; k < n; k++)
				if (!v[k].is_used &&
				    cs_str_eq(v[k].name, word)) {
					v[k].is_used = true;
					mark(v, n, v[k].line);
				}
	}
}

void
cs_prelude_put(struct cs_buf *b, struct cs_str program)
{
	struct def v[MAX_DEFS];
	size_t n = split_prelude(v), i;

	mark(v, n, program);
	for (i = 0; i < n; i++)
		if (v[i].is_used)
			cs_buf_str(b, v[i].line);
}
