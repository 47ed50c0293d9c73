/* eval: what rules cost a row, without reading and writing
 *
 *	eval [all|first] [rounds=N] [rows=N] [ref=N] RULES CSV
 *
 * Reads the records into memory, then asks the When: of all stanzas of every
 * record, rounds times; with `first` (the default when the rules hold a
 * Segment) only up to the first yes. Prints nanoseconds a row of both engines,
 * typing of the cells included, and what was answered, so that two engines and
 * two versions can be compared. ref=N: so many rows for libjq (0: none). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "eval.h"
#include "reader.h"
#include "rules.h"

struct bench {
	struct cs_arena arena;
	struct cs_rules rules;
	struct cs_header head;
	struct cs_as_of as_of;
	/* All rows: cell after cell, as a splitter leaves them. */
	struct cs_buf text;
	uint32_t *end; /* of the cells, from the row's begin */
	size_t *at;    /* where rows begin in text */
	size_t rows, width;
	struct cs_val *val; /* of the present row */
	unsigned char *touched;
	size_t most_rows, ref_rows, rounds;
	bool is_first;
	size_t n;      /* conditions */
	uint64_t *yes; /* by condition: rows it was the answer of */
	uint64_t no_one, unknown, sum;
};

static int
fail(const char *text)
{
	fprintf(stderr, "eval: %s\n", text);
	return 2;
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
keep_row(struct bench *b, struct cs_rec *rec)
{
	uint32_t *end = b->end + b->rows * b->width;
	size_t at = b->text.n;

	b->at[b->rows] = at;
	for (size_t i = 0; i < b->width; i++) {
		if (i < rec->n)
			cs_buf_str(&b->text, cs_rec_cell(rec, i));
		end[i] = (uint32_t)(b->text.n - at);
		cs_buf_putc(&b->text, ',');
	}
}

static bool
read_rows(struct bench *b, const char *path, struct cs_err *err)
{
	struct cs_in *in = cs_in_open(path, err);
	struct cs_reader_conf conf = {0};
	struct cs_reader *r =
	    in != NULL ? cs_reader_open(in, &conf, &b->head, err) : NULL;
	struct cs_arena one = {0};
	struct cs_rec rec = {.arena = &one};
	struct cs_refused refused;
	enum cs_read got = CS_READ;
	size_t cap = 0;

	if (r == NULL)
		return false;
	b->width = cs_header_n(&b->head);
	while (
	    b->rows < b->most_rows &&
	    (got = cs_reader_next(r, &rec, &refused, err)) <= CS_READ_REFUSED) {
		if (got == CS_READ_REFUSED)
			continue;
		if (b->rows == cap) {
			cap = cap ? cap * 2 : 1024;
			b->end =
			    cs_realloc(b->end, cap * b->width, sizeof(*b->end));
			b->at = cs_realloc(b->at, cap, sizeof(*b->at));
		}
		keep_row(b, &rec);
		b->rows++;
		cs_arena_reset(&one);
	}
	cs_arena_free(&one);
	cs_reader_close(r);
	return got != CS_READ_FAILED;
}

static struct cs_eval *
evaluator(struct bench *b, struct cs_eval_conf *conf, enum cs_engine engine,
    struct cs_err *err)
{
	struct cs_diags diags = {0};
	struct cs_eval *ev;

	*conf = (struct cs_eval_conf){.engine = engine,
	    .as_of = &b->as_of,
	    .lets = b->rules.lets,
	    .nlets = b->rules.nlets};
	ev = cs_eval_new(conf);
	b->n = 0;
	for (size_t i = 0; i < b->rules.n; i++) {
		const struct cs_stanza *s = b->rules.v[i];
		const struct cs_kv *when = cs_stanza_get(s, "when");

		if (when == NULL)
			continue;
		cs_eval_add(ev, when->expr, CS_CONDITION, "rule");
		b->n++;
	}
	if (!cs_eval_compile(ev, &b->head, &diags, err)) {
		if (diags.n > 0)
			fprintf(stderr, "eval: %s\n", diags.v[0].text);
		cs_eval_free(ev);
		ev = NULL;
	}
	cs_diags_free(&diags);
	return ev;
}

/* What is timed: the answers only, without a use of them. */
static void
ask(struct bench *b, struct cs_eval *ev)
{
	uint64_t sum = 0;
	size_t i;

	if (b->is_first)
		for (i = cs_eval_next(ev, 0, b->n);
		     i < b->n && cs_eval_ask(ev, i) != CS_YES;
		     i = cs_eval_next(ev, i + 1, b->n))
			sum++;
	else
		for (i = 0; i < b->n; i++)
			sum += cs_eval_ask(ev, i);
	b->sum += sum;
}

/* Apart from it: which. */
static void
count(struct bench *b, struct cs_eval *ev)
{
	for (size_t i = 0; i < b->n; i++) {
		enum cs_answer a = cs_eval_ask(ev, i);

		b->unknown += a == CS_UNKNOWN;
		b->yes[i] += a == CS_YES;
		if (b->is_first && a == CS_YES)
			return;
	}
	b->no_one++;
}

/* Rows i .. end - 1. */
static bool
run(struct bench *b, struct cs_eval *ev, size_t i, size_t end, bool counts,
    struct cs_err *err)
{
	struct cs_rec rec = {.head = &b->head,
	    .form = CS_FORM_CSV,
	    .file = "csv",
	    .n = b->width,
	    .val = b->val,
	    .touched = b->touched,
	    .arena = &b->arena};

	for (; i < end; i++) {
		rec.base = rec.raw.p = b->text.p + b->at[i];
		rec.raw.n = b->end[i * b->width + b->width - 1];
		rec.end = b->end + i * b->width;
		memset(rec.touched, 0, b->width);
		if (!cs_eval_run(ev, &rec, err))
			return false;
		if (counts)
			count(b, ev);
		else
			ask(b, ev);
	}
	return true;
}

/* Into the cache, where rows are that were just read. */
static void
warm(struct bench *b, size_t i, size_t end)
{
	size_t last = b->at[end - 1] + b->end[end * b->width - 1];

	for (size_t k = b->at[i]; k < last; k += 64)
		b->sum += (unsigned char)b->text.p[k];
	for (size_t k = i * b->width; k < end * b->width; k += 16)
		b->sum += b->end[k];
}

/* Seconds for all rows: the sum of the best times of its batches, so that
 * others on the machine do not count. */
static bool
measure(struct bench *b, struct cs_eval *ev, size_t rows, size_t rounds,
    double *seconds, struct cs_err *err)
{
	enum { BATCH = 1000 };
	double *best = cs_calloc(rows / BATCH + 1, sizeof(*best)), t;
	bool is_good = true;

	/* Round by round, not batch by batch: or the processor would learn a
	 * batch by heart. */
	for (size_t k = 0; k < rounds; k++)
		for (size_t i = 0; is_good && i < rows; i += BATCH) {
			size_t end = i + BATCH < rows ? i + BATCH : rows;

			warm(b, i, end);
			t = now();
			is_good = run(b, ev, i, end, false, err);
			t = now() - t;
			if (k == 0 || t < best[i / BATCH])
				best[i / BATCH] = t;
		}
	*seconds = 0;
	for (size_t i = 0; i < rows; i += BATCH)
		*seconds += best[i / BATCH];
	free(best);
	return is_good;
}

static bool
engine(struct bench *b, enum cs_engine e, size_t rows, size_t rounds,
    struct cs_err *err)
{
	struct cs_eval_conf conf;
	struct cs_eval *ev = evaluator(b, &conf, e, err);
	double best = 0;
	bool is_good = ev != NULL;

	b->yes = cs_calloc(b->n, sizeof(*b->yes));
	is_good = is_good && measure(b, ev, rows, rounds, &best, err);
	b->no_one = b->unknown = 0;
	is_good = is_good && run(b, ev, 0, rows, true, err);
	if (is_good && rows > 0) {
		printf("%s %zu conditions %zu rows %.1f ns/row (best of %zu); "
		       "unknown %ju%s",
		    e == CS_ENGINE_FAST ? "fast" : "ref", b->n, rows,
		    best * 1e9 / (double)rows, rounds, (uintmax_t)b->unknown,
		    b->is_first ? "" : ", yes by condition:");
		if (b->is_first)
			printf(", none %ju, first by condition:",
			    (uintmax_t)b->no_one);
		for (size_t i = 0; i < b->n; i++)
			printf(" %ju", (uintmax_t)b->yes[i]);
		putchar('\n');
	}
	free(b->yes);
	cs_eval_free(ev);
	return is_good;
}

static bool
load(struct bench *b, const char *path, struct cs_err *err)
{
	struct cs_diags diags = {0};
	bool is_good =
	    cs_rules_load(&b->rules, &path, 1, &b->arena, &diags, err);

	if (diags.errors > 0)
		fprintf(stderr, "eval: %s\n", diags.v[0].text);
	is_good = is_good && diags.errors == 0;
	cs_diags_free(&diags);
	return is_good;
}

static bool
option(struct bench *b, const char *word, int *is_first)
{
	if (strcmp(word, "all") == 0)
		*is_first = 0;
	else if (strcmp(word, "first") == 0)
		*is_first = 1;
	else if (strncmp(word, "rounds=", 7) == 0)
		b->rounds = strtoull(word + 7, NULL, 10);
	else if (strncmp(word, "rows=", 5) == 0)
		b->most_rows = strtoull(word + 5, NULL, 10);
	else if (strncmp(word, "ref=", 4) == 0)
		b->ref_rows = strtoull(word + 4, NULL, 10);
	else
		return false;
	return true;
}

int
main(int argc, char **argv)
{
	struct bench b = {.rounds = 5, .most_rows = SIZE_MAX, .ref_rows = 2000};
	struct cs_err err = {.text = ""};
	int i = 1, is_first = -1;
	bool is_good;

	while (i < argc && option(&b, argv[i], &is_first))
		i++;
	if (argc - i != 2)
		return fail("eval [all|first] [rounds=N] [rows=N] [ref=N] "
			    "RULES CSV");
	if (!cs_zone_set("UTC", &err) ||
	    !cs_as_of_set(&b.as_of, "2026-07-01", &err) ||
	    !load(&b, argv[i], &err) || !read_rows(&b, argv[i + 1], &err))
		return fail(err.text);
	cs_rules_types(&b.rules, &b.head);
	b.val = cs_arena_array(&b.arena, b.width, sizeof(*b.val));
	b.touched = cs_arena_array(&b.arena, b.width, 1);
	b.is_first = is_first == 1;
	for (size_t k = 0; k < b.rules.n && is_first < 0; k++)
		b.is_first |= cs_stanza_is(b.rules.v[k], "Segment") ||
			      cs_stanza_is(b.rules.v[k], "Mail");
	if (b.ref_rows > b.rows)
		b.ref_rows = b.rows;
	is_good = engine(&b, CS_ENGINE_FAST, b.rows, b.rounds, &err) &&
		  (b.ref_rows == 0 ||
		      (engine(&b, CS_ENGINE_FAST, b.ref_rows, 1, &err) &&
			  engine(&b, CS_ENGINE_REF, b.ref_rows, 1, &err)));
	if (!is_good)
		return fail(err.text);
	cs_buf_free(&b.text);
	free(b.end);
	free(b.at);
	cs_header_free(&b.head);
	cs_arena_free(&b.arena);
	return 0;
}
