#include <stdlib.h>
#include <string.h>

#include "segment_best.h"

/* Wishes as bytes: the row, the id, then for each segment its number, the
 * length of its values, and the values. */
struct head {
	uint64_t row;
	size_t id;
};
struct wish {
	size_t segment, bytes;
};
/* A value: its rank among kinds, then a double, or a length and a text. */
enum kind { FALSE, TRUE, NUMBER, TEXT, UNKNOWN };

/* One who is within a limit for now. */
struct guest {
	char *p;
	size_t n;
	size_t at; /* where the wish stands that brought it there */
};

/* The guests of a segment, the last of them at the front: a heap. */
struct room {
	struct guest *v;
	size_t n, cap;
	uint64_t wished;
};

struct taken {
	uint64_t row;
	size_t segment;
};

struct cs_best {
	const struct cs_segments *plan;
	struct room *room; /* by segment */
	struct cs_buf wishes;
	struct taken *taken; /* by row */
	size_t ntaken, next;
};

struct cs_best *
cs_best_new(const struct cs_segments *plan)
{
	struct cs_best *b;

	if (!plan->has_limit)
		return NULL;
	b = cs_calloc(1, sizeof(*b));
	b->plan = plan;
	b->room = cs_calloc(plan->n, sizeof(*b->room));
	return b;
}

void
cs_best_begin(struct cs_best *b, uint64_t row, struct cs_str id)
{
	struct head h = {row, id.n};

	cs_buf_reset(&b->wishes);
	cs_buf_add(&b->wishes, &h, sizeof(h));
	cs_buf_str(&b->wishes, id);
}

static void
put_value(struct cs_buf *b, struct cs_val v)
{
	enum kind kind = v.kind == CS_BOOL   ? (v.yes ? TRUE : FALSE)
			 : v.kind == CS_NUM  ? NUMBER
			 : v.kind == CS_TEXT ? TEXT
					     : UNKNOWN;

	cs_buf_putc(b, (char)kind);
	if (kind == NUMBER)
		cs_buf_add(b, &v.num, sizeof(v.num));
	if (kind == TEXT) {
		cs_buf_add(b, &v.text.n, sizeof(v.text.n));
		cs_buf_str(b, v.text);
	}
}

void
cs_best_wish(struct cs_best *b, size_t segment, const struct cs_val *value)
{
	struct wish w = {segment, 0};
	size_t at = b->wishes.n;

	cs_buf_add(&b->wishes, &w, sizeof(w));
	for (size_t i = 0; i < b->plan->v[segment].norder; i++)
		put_value(&b->wishes, value[i]);
	w.bytes = b->wishes.n - at - sizeof(w);
	memcpy(b->wishes.p + at, &w, sizeof(w));
}

static size_t
first_wish(const char *p)
{
	struct head h;

	memcpy(&h, p, sizeof(h));
	return sizeof(h) + h.id;
}

struct cs_str
cs_best_wishes(const struct cs_best *b)
{
	struct cs_str all = cs_buf_get(&b->wishes);

	if (all.n > 0 && all.n == first_wish(all.p))
		all.n = 0;
	return all;
}

static struct wish
wish_at(const char *p)
{
	struct wish w;

	memcpy(&w, p, sizeof(w));
	return w;
}

/* The value at *p, and behind it. */
static struct cs_val
next_value(const char **p, enum kind *kind)
{
	struct cs_val v = {0};
	size_t n;

	*kind = (enum kind) * (*p)++;
	if (*kind == NUMBER) {
		memcpy(&v.num, *p, sizeof(v.num));
		v.kind = CS_NUM;
		*p += sizeof(v.num);
	} else if (*kind == TEXT) {
		memcpy(&n, *p, sizeof(n));
		v = cs_val_text((struct cs_str){*p + sizeof(n), n});
		*p += sizeof(n) + n;
	} else if (*kind != UNKNOWN) {
		v = cs_val_bool(*kind == TRUE);
	}
	return v;
}

/* The order of two wishes for one segment; values begin at x and y. */
static int
compare_values(const struct cs_segment *g, const char *x, const char *y)
{
	for (size_t i = 0; i < g->norder; i++) {
		enum kind kx, ky;
		struct cs_val vx = next_value(&x, &kx);
		struct cs_val vy = next_value(&y, &ky);
		int c = (kx > ky) - (kx < ky);

		if (c == 0 && kx == NUMBER)
			c = (vx.num > vy.num) - (vx.num < vy.num);
		else if (c == 0 && kx == TEXT)
			c = cs_str_cmp(vx.text, vy.text);
		if (c == 0)
			continue;
		/* The unknown stands last, whichever way it goes. */
		return kx == UNKNOWN || ky == UNKNOWN || !g->order[i].is_desc
			   ? c
			   : -c;
	}
	return 0;
}

static int
compare(const struct cs_segment *g, const char *x, size_t x_at, const char *y,
    size_t y_at)
{
	struct head hx, hy;
	int c = compare_values(
	    g, x + x_at + sizeof(struct wish), y + y_at + sizeof(struct wish));

	if (c != 0)
		return c;
	memcpy(&hx, x, sizeof(hx));
	memcpy(&hy, y, sizeof(hy));
	c = cs_str_cmp((struct cs_str){x + sizeof(hx), hx.id},
	    (struct cs_str){y + sizeof(hy), hy.id});
	return c != 0 ? c : (hx.row > hy.row) - (hx.row < hy.row);
}

static bool
is_worse(
    const struct cs_segment *g, const struct guest *x, const struct guest *y)
{
	return compare(g, x->p, x->at, y->p, y->at) > 0;
}

static void
swap(struct guest *x, struct guest *y)
{
	struct guest z = *x;

	*x = *y;
	*y = z;
}

static void
sift_up(const struct cs_segment *g, struct room *r, size_t i)
{
	while (i > 0 && is_worse(g, &r->v[i], &r->v[(i - 1) / 2])) {
		swap(&r->v[i], &r->v[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
}

static void
sift_down(const struct cs_segment *g, struct room *r)
{
	size_t i = 0;

	for (;;) {
		size_t worst = i, left = 2 * i + 1;

		if (left < r->n && is_worse(g, &r->v[left], &r->v[worst]))
			worst = left;
		if (left + 1 < r->n &&
		    is_worse(g, &r->v[left + 1], &r->v[worst]))
			worst = left + 1;
		if (worst == i)
			return;
		swap(&r->v[i], &r->v[worst]);
		i = worst;
	}
}

/* The wishes at hand are copied when a room takes them. */
static void
own(struct cs_best *b, struct guest *x)
{
	if (x->p != b->wishes.p)
		return;
	x->p = cs_realloc(NULL, x->n, 1);
	memcpy(x->p, b->wishes.p, x->n);
}

void
cs_best_enter(struct cs_best *b)
{
	struct guest x = {b->wishes.p, b->wishes.n, first_wish(b->wishes.p)};

	while (x.at < x.n) {
		struct wish w = wish_at(x.p + x.at);
		const struct cs_segment *g = &b->plan->v[w.segment];
		struct room *r = &b->room[w.segment];

		r->wished++;
		if (r->n < g->limit) {
			own(b, &x);
			r->v = cs_grow(r->v, r->n, &r->cap, sizeof(*r->v));
			r->v[r->n++] = x;
			sift_up(g, r, r->n - 1);
			return;
		}
		if (r->n > 0 && is_worse(g, &r->v[0], &x)) {
			own(b, &x);
			swap(&r->v[0], &x);
			sift_down(g, r);
		}
		x.at += sizeof(w) + wish_at(x.p + x.at).bytes;
	}
	if (x.p != b->wishes.p)
		free(x.p);
}

static int
by_row(const void *a, const void *b)
{
	const struct taken *x = a, *y = b;

	return (x->row > y->row) - (x->row < y->row);
}

void
cs_best_close(struct cs_best *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->plan->n; i++)
		n += b->room[i].n;
	b->taken = cs_calloc(n, sizeof(*b->taken));
	for (size_t i = 0; i < b->plan->n; i++)
		for (size_t j = 0; j < b->room[i].n; j++) {
			struct taken *t = &b->taken[b->ntaken++];

			memcpy(&t->row, b->room[i].v[j].p, sizeof(t->row));
			t->segment = i;
		}
	if (n > 1)
		qsort(b->taken, n, sizeof(*b->taken), by_row);
}

size_t
cs_best_taken(struct cs_best *b, uint64_t row)
{
	while (b->next < b->ntaken && b->taken[b->next].row < row)
		b->next++;
	if (b->next == b->ntaken || b->taken[b->next].row != row)
		return CS_NO_SEGMENT;
	return b->taken[b->next].segment;
}

uint64_t
cs_best_wished(const struct cs_best *b, size_t segment)
{
	return b->room[segment].wished;
}

/* The first value of a wish, the id where nothing is ordered by. */
static struct cs_val
value_at(const struct cs_segment *g, const char *p, size_t at)
{
	const char *v = p + at + sizeof(struct wish);
	struct head h;
	enum kind kind;

	if (g->norder > 0)
		return next_value(&v, &kind);
	memcpy(&h, p, sizeof(h));
	return cs_val_text((struct cs_str){p + sizeof(h), h.id});
}

bool
cs_best_cut(const struct cs_best *b, size_t segment, struct cs_val *v)
{
	const struct room *r = &b->room[segment];

	if (r->n == 0 || r->wished == r->n)
		return false;
	*v = value_at(&b->plan->v[segment], r->v[0].p, r->v[0].at);
	return true;
}

/* Where the wish for the segment stands; the end: there is none. */
static size_t
find(struct cs_str wishes, size_t segment)
{
	size_t at = wishes.n == 0 ? 0 : first_wish(wishes.p);

	while (at < wishes.n) {
		struct wish w = wish_at(wishes.p + at);

		if (w.segment == segment)
			break;
		at += sizeof(w) + w.bytes;
	}
	return at;
}

int
cs_best_compare(
    const struct cs_best *b, size_t segment, struct cs_str x, struct cs_str y)
{
	return compare(
	    &b->plan->v[segment], x.p, find(x, segment), y.p, find(y, segment));
}

bool
cs_best_value(const struct cs_best *b, size_t segment, struct cs_str wishes,
    struct cs_val *v)
{
	size_t at = find(wishes, segment);

	if (at >= wishes.n)
		return false;
	*v = value_at(&b->plan->v[segment], wishes.p, at);
	return true;
}

void
cs_best_free(struct cs_best *b)
{
	if (b == NULL)
		return;
	for (size_t i = 0; i < b->plan->n; i++) {
		for (size_t j = 0; j < b->room[i].n; j++)
			free(b->room[i].v[j].p);
		free(b->room[i].v);
	}
	free(b->room);
	free(b->taken);
	cs_buf_free(&b->wishes);
	free(b);
}
