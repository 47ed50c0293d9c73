#include <stdlib.h>
#include <string.h>

#include "hold.h"
#include "num.h"

/* A piece of the backlog: this, the note, the record's raw bytes, other texts
 * of it, and where its cells are. */
struct frozen {
	size_t note, text, line; /* bytes of note and of texts */
	struct cs_header *head;
	const char *file;
	size_t raw, n; /* bytes of the raw row, columns */
	uint32_t eol;
	enum cs_form form;
	enum { NO_RECORD, ENDS, CELLS, RAW_CELLS } cells;
	char quote;
};

/* A text among the texts; at is ABSENT for one that is not there. */
struct slice {
	uint32_t at, n;
};
#define ABSENT UINT32_MAX

struct cs_hold {
	struct cs_backlog *log;
	struct cs_buf piece, texts, where;
};

bool
cs_hold_memory(const char *arg, size_t *bytes, struct cs_err *err)
{
	long long mib;

	if (!cs_num_whole(cs_str(arg), 0, 1 << 20, &mib))
		return cs_fail(err, CS_USAGE,
		    "--memory=%s: a number of MiB up to 1048576 is meant", arg);
	*bytes = (size_t)mib << 20;
	return true;
}

struct cs_hold *
cs_hold_new(size_t memory)
{
	struct cs_hold *h = cs_calloc(1, sizeof(*h));

	h->log = cs_backlog_new(memory);
	return h;
}

/* Where s stands in the texts, which begin with raw: most cells are a part of
 * it. */
static void
put_slice(struct cs_hold *h, struct cs_str raw, struct cs_str s)
{
	struct slice at = {ABSENT, (uint32_t)s.n};

	if (s.p != NULL && s.p >= raw.p && s.p + s.n <= raw.p + raw.n) {
		at.at = (uint32_t)(s.p - raw.p);
	} else if (s.p != NULL) {
		at.at = (uint32_t)h->texts.n;
		cs_buf_str(&h->texts, s);
	}
	cs_buf_add(&h->where, &at, sizeof(at));
}

static void
freeze(struct cs_hold *h, struct frozen *f, const struct cs_rec *rec)
{
	cs_buf_str(&h->texts, rec->raw);
	cs_buf_str(&h->texts, rec->eol);
	f->line = rec->line;
	f->head = rec->head;
	f->file = rec->file;
	f->raw = rec->raw.n;
	f->eol = (uint32_t)rec->eol.n;
	f->n = rec->n;
	f->form = rec->form;
	f->quote = rec->quote;
	if (rec->cell == NULL) {
		/* From the row's own begin, not from the block's. */
		uint32_t before = (uint32_t)(rec->raw.p - rec->base);

		f->cells = ENDS;
		for (size_t i = 0; i < rec->n; i++) {
			uint32_t end = rec->end[i] - before;

			cs_buf_add(&h->where, &end, sizeof(end));
		}
		return;
	}
	f->cells = rec->raw_cell == NULL ? CELLS : RAW_CELLS;
	for (size_t i = 0; i < rec->n; i++)
		put_slice(h, rec->raw, rec->cell[i]);
	for (size_t i = 0; i < rec->n && rec->raw_cell != NULL; i++)
		put_slice(h, rec->raw, rec->raw_cell[i]);
}

bool
cs_hold_put(struct cs_hold *h, struct cs_str note, const struct cs_rec *rec,
    struct cs_err *err)
{
	struct frozen f = {.note = note.n};

	cs_buf_reset(&h->texts);
	cs_buf_reset(&h->where);
	if (rec != NULL)
		freeze(h, &f, rec);
	f.text = h->texts.n;
	cs_buf_reset(&h->piece);
	cs_buf_add(&h->piece, &f, sizeof(f));
	cs_buf_str(&h->piece, note);
	cs_buf_str(&h->piece, cs_buf_get(&h->texts));
	cs_buf_str(&h->piece, cs_buf_get(&h->where));
	return cs_backlog_put(h->log, cs_buf_get(&h->piece), err);
}

static struct cs_str *
get_slices(struct cs_arena *a, const char *texts, const char *where, size_t n)
{
	struct cs_str *v = cs_arena_array(a, n, sizeof(*v));
	struct slice s;

	for (size_t i = 0; i < n; i++) {
		memcpy(&s, where + i * sizeof(s), sizeof(s));
		if (s.at != ABSENT)
			v[i] = (struct cs_str){texts + s.at, s.n};
	}
	return v;
}

static void
thaw(const struct frozen *f, const char *texts, struct cs_rec *rec)
{
	struct cs_arena *a = rec->arena;
	const char *where = texts + f->text;
	uint32_t *end;

	*rec = (struct cs_rec){.head = f->head,
	    .form = f->form,
	    .file = f->file,
	    .line = f->line,
	    .raw = {texts, f->raw},
	    .eol = {texts + f->raw, f->eol},
	    .quote = f->quote,
	    .n = f->n,
	    .is_again = true,
	    .arena = a};
	rec->val = cs_arena_array(a, f->n, sizeof(*rec->val));
	rec->touched = cs_arena_array(a, f->n, 1);
	if (f->cells == ENDS) {
		end = cs_arena_array(a, f->n, sizeof(*end));
		memcpy(end, where, f->n * sizeof(*end));
		rec->base = texts;
		rec->end = end;
		return;
	}
	rec->cell = get_slices(a, texts, where, f->n);
	if (f->cells == RAW_CELLS)
		rec->raw_cell = get_slices(
		    a, texts, where + f->n * sizeof(struct slice), f->n);
}

enum cs_got
cs_hold_next(struct cs_hold *h, struct cs_str *note, struct cs_rec *rec,
    struct cs_err *err)
{
	struct cs_str piece;
	struct frozen f;
	enum cs_got got = cs_backlog_next(h->log, &piece, err);

	if (got != CS_GOT)
		return got;
	memcpy(&f, piece.p, sizeof(f));
	*note = (struct cs_str){piece.p + sizeof(f), f.note};
	if (f.cells != NO_RECORD)
		thaw(&f, note->p + note->n, rec);
	return CS_GOT;
}

void
cs_hold_free(struct cs_hold *h)
{
	if (h == NULL)
		return;
	cs_backlog_free(h->log);
	cs_buf_free(&h->piece);
	cs_buf_free(&h->texts);
	cs_buf_free(&h->where);
	free(h);
}
