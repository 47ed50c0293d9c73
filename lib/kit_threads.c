/* kit_threads: -j N: the records of an input by several threads
 *
 * The main thread reads, cuts the bytes into batches of whole rows and writes
 * what became of them, in order. Each worker is a kit of its own (evaluator,
 * plan, header, self), so nothing is shared but what is only read: rules,
 * lists, readers. What a batch counted goes with it, so that a run which ends
 * in the middle tells of the records before that and of no others.
 *
 * A cut is a guess (reader_cut). Each worker indexes its batch at once, then
 * waits until all batches before it were found to end with a row, and says the
 * same, or the contrary, of its own; only then it does the records. From a
 * wrong cut on no batch is done: the main thread gives the bytes back to the
 * input and does some records itself, as it does with what cannot be cut at
 * all, when everything before is written.
 *
 * Memory: 2 N batches, of BATCH bytes each, and what they become. */
#include <pthread.h>
#include <stdlib.h>

#include "kit_private.h"
#include "num.h"

/* A million customers through cs-score -j 2 take 0.80, 0.76, 0.75, 0.86 s of
 * CPU with 64, 128, 256, 512 KiB; the less the better for caches and memory.
 * CS_BATCH sets it for tests. */
enum { BATCH = 128 << 10 };
/* So many batches a thread are read ahead. */
enum { AHEAD = 2 };
/* After wrong cuts, one behind the other, the main thread reads 2, 4, 8 ...
 * batches before it cuts again: so little is done twice. */
enum { MOST_DOUBLINGS = 8 };

struct batch {
	struct cs_cut cut;
	struct cs_reader *reader; /* it was cut out of */
	bool is_done;
	bool is_right; /* no cut was wrong so far */
	/* What a worker made of it. */
	struct cs_buf out, rejects;
	struct cs_kit_tally tally;
	struct cs_part_stats stats;
	uint64_t records, refused, unread, guarded;
	uint64_t *misfits; /* by column; NULL: none */
	bool is_partly, is_good;
	struct cs_err err;
};

struct worker {
	struct cs_kit_team *team;
	struct cs_kit kit;
	struct cs_kit_private p;
	uint64_t guarded;	/* told so far */
	struct cs_reader *part; /* of the last batch */
	pthread_t thread;
	bool is_running;
};

struct cs_kit_team {
	struct cs_kit *k;
	size_t size; /* bytes of a batch */
	struct worker *worker;
	size_t nworkers;
	/* A ring; batch i is at i % n. Of all batches so many were filled by
	 * the main thread, taken by a worker, found right or wrong, written by
	 * the main thread. */
	struct batch *batch;
	size_t n;
	uint64_t filled, taken, checked, written;
	size_t lines;  /* physical ones in the batches checked */
	bool is_wrong; /* a cut behind them */
	bool is_over;
	size_t doublings;
	/* Over all but batch, n, written, doublings, and what a worker made of
	 * a batch. */
	pthread_mutex_t lock;
	pthread_cond_t has_work, has_checked, has_done;
};

static size_t
batch_size(void)
{
	const char *z = getenv("CS_BATCH");
	long long n;

	return z != NULL && cs_num_whole(cs_str(z), 1, 1 << 30, &n) ? (size_t)n
								    : BATCH;
}

bool
cs_kit_is_divided(const struct cs_kit *k)
{
	const struct cs_kit_private *p = k->p;

	if (p->threads < 2 || k->cmd->twin == NULL || p->has_whole_opt ||
	    k->word != NULL)
		return false;
	/* An answer per record, or the end at one, or one that is sought. */
	if (p->is_flush || p->is_stop || k->why_id.p != NULL)
		return false;
	/* JSON lines add to the columns that the others have. */
	for (size_t i = 0; i < p->nreaders && p->nreaders > 1; i++)
		if (cs_reader_form(p->readers[i]) == CS_FORM_JSONL)
			return false;
	/* A table that waits for all its records. */
	if (k->plan != NULL && k->out_form == CS_FORM_TABLE)
		return false;
	/* libjq's guard looks at the time of the whole process. */
	return cs_eval_count(k->eval) == 0 ||
	       (k->eval_conf.engine == CS_ENGINE_FAST &&
		   cs_eval_leaves(k->eval) == 0);
}

/* --- workers ------------------------------------------------------------ */

/* Cells that did not fit their type since the last batch. */
static void
take_misfits(struct cs_kit *k, struct batch *b)
{
	size_t n = cs_header_n(&k->head);

	if (!k->head.has_types)
		return;
	if (b->misfits == NULL)
		b->misfits = cs_calloc(n, sizeof(*b->misfits));
	for (size_t i = 0; i < n; i++) {
		b->misfits[i] = k->head.misfits[i];
		k->head.misfits[i] = 0;
	}
}

static void
take_counts(struct worker *w, struct batch *b)
{
	struct cs_kit *k = &w->kit;

	cs_out_swap(k->out, &b->out);
	if (w->p.rejects != NULL)
		cs_out_swap(w->p.rejects, &b->rejects);
	b->tally = w->p.tally;
	w->p.tally = (struct cs_kit_tally){0};
	for (size_t i = 0; i < w->p.nasked; i++)
		w->p.asked[i].line = 0; /* it was one of that tally */
	b->records = k->records;
	b->refused = k->refused;
	b->unread = k->unread;
	b->is_partly = k->is_partly;
	k->records = k->refused = k->unread = 0;
	if (k->plan != NULL) {
		b->guarded = cs_plan_guarded(k->plan) - w->guarded;
		w->guarded += b->guarded;
	}
	take_misfits(k, b);
}

/* Says in its turn of batch i whether its cut is right; *before: physical lines
 * before it. */
static bool
tell(struct cs_kit_team *t, uint64_t i, bool is_right, size_t lines,
    size_t *before)
{
	pthread_mutex_lock(&t->lock);
	while (t->checked != i)
		pthread_cond_wait(&t->has_checked, &t->lock);
	t->checked++;
	t->is_wrong = t->is_wrong || !is_right;
	is_right = !t->is_wrong;
	*before = t->lines;
	t->lines += lines;
	pthread_cond_broadcast(&t->has_checked);
	pthread_mutex_unlock(&t->lock);
	return is_right;
}

static void
do_batch(struct worker *w, uint64_t i)
{
	struct batch *b = &w->team->batch[i % w->team->n];
	struct cs_kit *k = &w->kit;
	size_t lines, before;
	bool is_right;

	w->part = cs_reader_part(w->part, &b->cut, &k->head);
	is_right = cs_reader_part_check(w->part, &lines);
	b->is_right = tell(w->team, i, is_right, lines, &before);
	if (!b->is_right)
		return;
	cs_reader_part_begin(w->part, before);
	b->is_good = cs_kit_read(k, w->part, SIZE_MAX, NULL, &b->err);
	cs_reader_part_end(w->part, &b->stats);
	take_counts(w, b);
}

/* The number of the next batch to do; false: the team's end. */
static bool
next_batch(struct cs_kit_team *t, uint64_t *i)
{
	bool is_over;

	pthread_mutex_lock(&t->lock);
	while (t->taken == t->filled && !t->is_over)
		pthread_cond_wait(&t->has_work, &t->lock);
	is_over = t->is_over;
	if (!is_over)
		*i = t->taken++;
	pthread_mutex_unlock(&t->lock);
	return !is_over;
}

static void *
work(void *self)
{
	struct worker *w = self;
	struct cs_kit_team *t = w->team;
	uint64_t i;

	while (next_batch(t, &i)) {
		do_batch(w, i);
		pthread_mutex_lock(&t->lock);
		t->batch[i % t->n].is_done = true;
		pthread_cond_signal(&t->has_done);
		pthread_mutex_unlock(&t->lock);
	}
	return NULL;
}

/* --- the team ----------------------------------------------------------- */

/* A kit like k's before its command's start, and that start. */
static bool
worker_begin(struct worker *w, struct cs_kit_team *t)
{
	struct cs_kit *k = &w->kit;
	struct cs_err err;

	w->team = t;
	*k = *t->k;
	w->p = *t->k->p;
	k->p = &w->p;
	k->run = k->one = (struct cs_arena){0};
	k->diags = (struct cs_diags){0};
	k->eval = NULL;
	k->plan = NULL;
	k->records = k->refused = k->unread = 0;
	k->is_partly = false;
	w->p.is_part = true;
	w->p.progress = CS_WHEN_NEVER;
	w->p.is_progress_decided = false;
	w->p.tally = (struct cs_kit_tally){0};
	w->p.asked = NULL;
	w->p.nasked = 0;
	w->p.rec = NULL;
	w->p.blame = NULL;
	w->p.turn = 0;
	cs_header_copy(&k->head, &t->k->p->head_before);
	k->out = cs_out_memory();
	if (w->p.rejects != NULL)
		w->p.rejects = cs_out_memory();
	k->self = k->cmd->twin(t->k->self);
	if (k->self == NULL || !cs_kit_bind(k, &err))
		return false;
	cs_out_drop(k->out); /* the header of the output is the main one's */
	return true;
}

static void
worker_end(struct worker *w)
{
	struct cs_kit *k = &w->kit;
	struct cs_err err;

	if (k->self != NULL && k->cmd->end != NULL)
		k->cmd->end(k->self, k);
	free(k->self);
	cs_plan_free(k->plan);
	cs_kit_blame_free(w->p.blame);
	if (k->eval != NULL)
		cs_eval_free(k->eval);
	cs_reader_close(w->part);
	cs_kit_tally_free(&w->p.tally);
	free(w->p.asked);
	cs_out_close(k->out, &err);
	if (w->p.rejects != NULL)
		cs_out_close(w->p.rejects, &err);
	cs_header_free(&k->head);
	cs_diags_free(&k->diags);
	cs_arena_free(&k->run);
	cs_arena_free(&k->one);
}

/* All evaluators are made before the first thread runs: libjq's compile
 * changes the environment for a moment. Where a thread cannot be had, those
 * that could do the work. */
static void
team_begin(struct cs_kit *k, size_t size)
{
	struct cs_kit_team *t = cs_calloc(1, sizeof(*t));
	size_t most = k->p->threads, running = 0;
	bool is_good = true;

	t->k = k;
	t->size = size;
	t->n = AHEAD * most;
	t->batch = cs_calloc(t->n, sizeof(*t->batch));
	t->worker = cs_calloc(most, sizeof(*t->worker));
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->has_work, NULL);
	pthread_cond_init(&t->has_checked, NULL);
	pthread_cond_init(&t->has_done, NULL);
	k->p->team = t;
	for (; t->nworkers < most && is_good; t->nworkers++)
		is_good = worker_begin(&t->worker[t->nworkers], t);
	for (size_t i = 0; i < most && is_good; i++) {
		struct worker *w = &t->worker[i];

		w->is_running = pthread_create(&w->thread, NULL, work, w) == 0;
		is_good = w->is_running;
		running += w->is_running;
	}
	if (running == 0) {
		cs_kit_team_end(k, false);
		k->p->threads = 1;
	}
}

static void
batch_free(struct batch *b)
{
	cs_piece_free(&b->cut.piece);
	cs_buf_free(&b->out);
	cs_buf_free(&b->rejects);
	cs_kit_tally_free(&b->tally);
	free(b->misfits);
}

void
cs_kit_team_end(struct cs_kit *k, bool with_sums)
{
	struct cs_kit_team *t = k->p->team;

	if (t == NULL)
		return;
	pthread_mutex_lock(&t->lock);
	t->is_over = true;
	pthread_cond_broadcast(&t->has_work);
	pthread_mutex_unlock(&t->lock);
	for (size_t i = 0; i < t->nworkers; i++) {
		struct worker *w = &t->worker[i];

		if (w->is_running)
			pthread_join(w->thread, NULL);
		if (with_sums && k->cmd->join != NULL)
			k->cmd->join(k->self, w->kit.self);
		worker_end(w);
	}
	for (size_t i = 0; i < t->n; i++)
		batch_free(&t->batch[i]);
	pthread_mutex_destroy(&t->lock);
	pthread_cond_destroy(&t->has_work);
	pthread_cond_destroy(&t->has_checked);
	pthread_cond_destroy(&t->has_done);
	free(t->batch);
	free(t->worker);
	free(t);
	k->p->team = NULL;
}

/* --- the main thread ---------------------------------------------------- */

/* What became of a batch becomes part of the run. */
static bool
join_batch(struct cs_kit *k, struct batch *b, struct cs_err *err)
{
	struct cs_kit_private *p = k->p;

	cs_out_str(k->out, cs_buf_get(&b->out));
	if (p->rejects != NULL)
		cs_out_str(p->rejects, cs_buf_get(&b->rejects));
	cs_kit_tally_join(k, &b->tally, b->refused);
	cs_kit_tally_free(&b->tally);
	cs_reader_join(b->reader, &b->stats);
	k->records += b->records;
	k->refused += b->refused;
	k->unread += b->unread;
	k->is_partly = k->is_partly || b->is_partly;
	p->guarded += b->guarded;
	for (size_t i = 0; b->misfits != NULL && i < cs_header_n(&k->head); i++)
		k->head.misfits[i] += b->misfits[i];
	cs_kit_progress(k, false);
	if (!b->is_good) {
		*err = b->err;
		return false;
	}
	return !cs_out_failed(k->out) || cs_out_flush(k->out, err);
}

static struct batch *
wait_for(struct cs_kit_team *t, uint64_t i)
{
	struct batch *b = &t->batch[i % t->n];

	pthread_mutex_lock(&t->lock);
	while (!b->is_done)
		pthread_cond_wait(&t->has_done, &t->lock);
	b->is_done = false;
	pthread_mutex_unlock(&t->lock);
	return b;
}

/* A wrong cut: the bytes of the batches from the oldest on go back. */
static void
take_back(struct cs_kit_team *t, struct cs_reader *r)
{
	for (uint64_t i = t->written + 1; i < t->filled; i++)
		wait_for(t, i);
	for (uint64_t i = t->filled; i-- > t->written;)
		cs_reader_uncut(r, &t->batch[i % t->n].cut);
	t->written = t->filled;
	t->doublings += t->doublings < MOST_DOUBLINGS;
}

/* Waits for the oldest batch and writes it. *is_wrong: there was a wrong cut,
 * and no batch is left. */
static bool
write_next(struct cs_kit_team *t, bool *is_wrong, struct cs_err *err)
{
	struct batch *b = wait_for(t, t->written);

	*is_wrong = !b->is_right;
	if (*is_wrong) {
		take_back(t, b->reader);
		return true;
	}
	t->written++;
	t->doublings = 0;
	return join_batch(t->k, b, err);
}

static bool
is_done(struct cs_kit_team *t)
{
	bool is_done;

	pthread_mutex_lock(&t->lock);
	is_done = t->batch[t->written % t->n].is_done;
	pthread_mutex_unlock(&t->lock);
	return is_done;
}

static bool
write_all(struct cs_kit_team *t, struct cs_err *err)
{
	bool is_wrong;

	while (t->filled > t->written)
		if (!write_next(t, &is_wrong, err))
			return false;
	return true;
}

/* Cuts batches until something comes that is not for the workers; all of them
 * are written then. */
static bool
hand_out(struct cs_kit_team *t, struct cs_reader *r, struct cs_err *err)
{
	bool is_wrong;

	pthread_mutex_lock(&t->lock);
	t->lines = cs_reader_lines(r);
	t->is_wrong = false;
	pthread_mutex_unlock(&t->lock);
	for (;;) {
		struct batch *b = &t->batch[t->filled % t->n];

		while (t->filled - t->written == t->n ||
		       (t->filled > t->written && is_done(t))) {
			if (!write_next(t, &is_wrong, err))
				return false;
			if (is_wrong)
				return true;
		}
		if (!cs_reader_cut(r, t->size, &b->cut))
			return write_all(t, err);
		b->reader = r;
		pthread_mutex_lock(&t->lock);
		t->filled++;
		pthread_cond_signal(&t->has_work);
		pthread_mutex_unlock(&t->lock);
	}
}

/* Behind what the workers cannot do there may be more of it: the main thread
 * does as much as a batch, then tries again. */
bool
cs_kit_team_read(struct cs_kit *k, struct cs_reader *r, struct cs_err *err)
{
	size_t size = batch_size();
	bool is_end = false, is_good = true;

	if (k->p->team == NULL && k->p->threads > 1 &&
	    cs_reader_can_cut(r, size))
		team_begin(k, size);
	if (k->p->team == NULL || !cs_reader_can_cut(r, 0))
		return cs_kit_read(k, r, SIZE_MAX, NULL, err);
	while (is_good && !is_end)
		is_good = hand_out(k->p->team, r, err) &&
			  cs_kit_read(k, r, size << k->p->team->doublings,
			      &is_end, err);
	return is_good;
}
