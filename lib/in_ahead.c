#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "in_private.h"

/* Two blocks go round: the thread fills one while the other waits to be taken
 * or is being read. Taking swaps the block against the window, so that only
 * the tail, a piece of a line, is copied: to the room before the block. */
enum { BLOCKS = 2, TAIL = 16 << 10, SIZE = TAIL + CS_IN_BLOCK };

struct cs_ahead {
	struct cs_gzip *gzip;
	struct cs_source *source;
	pthread_t thread;
	int wake[2];
	pthread_mutex_t lock; /* for all below */
	pthread_cond_t change;
	struct cs_window block[BLOCKS];
	size_t filled, taken; /* blocks so far */
	bool is_over;	      /* nothing more will be filled */
	bool is_stopped;
};

static void *
fill(void *self)
{
	struct cs_ahead *a = self;
	bool goes_on = true;

	pthread_mutex_lock(&a->lock);
	while (goes_on) {
		struct cs_window *w = &a->block[a->filled % BLOCKS];
		size_t n = 0;

		while (a->filled - a->taken == BLOCKS && !a->is_stopped)
			pthread_cond_wait(&a->change, &a->lock);
		goes_on = !a->is_stopped;
		pthread_mutex_unlock(&a->lock);
		if (goes_on)
			goes_on =
			    cs_gzip_more(a->gzip, w->p + TAIL, CS_IN_BLOCK, &n);
		pthread_mutex_lock(&a->lock);
		if (goes_on) {
			w->at = TAIL;
			w->end = TAIL + n;
			a->filled++;
		} else
			a->is_over = true;
		pthread_cond_signal(&a->change);
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

/* Starts the thread with all signals blocked: they are the main thread's. */
static bool
start(struct cs_ahead *a)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	rc = pthread_create(&a->thread, NULL, fill, a);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc == 0;
}

static bool
has_processors(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) == 0 &&
	       CPU_COUNT(&set) > 1;
}

static void
release(struct cs_ahead *a)
{
	a->source->wake = -1;
	close(a->wake[0]);
	if (a->wake[1] != -1)
		close(a->wake[1]);
	for (size_t i = 0; i < BLOCKS; i++)
		free(a->block[i].p);
	pthread_mutex_destroy(&a->lock);
	pthread_cond_destroy(&a->change);
	free(a);
}

struct cs_ahead *
cs_ahead_start(struct cs_gzip *g, struct cs_source *s)
{
	struct cs_ahead *a;
	int wake[2];

	if (!has_processors() || pipe2(wake, O_CLOEXEC) == -1)
		return NULL;
	a = cs_calloc(1, sizeof(*a));
	a->gzip = g;
	a->source = s;
	memcpy(a->wake, wake, sizeof(wake));
	s->wake = wake[0];
	for (size_t i = 0; i < BLOCKS; i++)
		a->block[i] = cs_window_new(SIZE);
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->change, NULL);
	if (start(a))
		return a;
	release(a);
	return NULL;
}

/* The window becomes block and block an empty one; what was left in the
 * window goes before the new bytes. */
static void
exchange(struct cs_window *w, struct cs_window *block)
{
	struct cs_window old = *w;
	size_t tail = cs_held(&old);

	if (tail > TAIL) {
		cs_window_room(w, cs_held(block));
		memcpy(w->p + w->end, block->p + block->at, cs_held(block));
		w->end += cs_held(block);
		return;
	}
	*w = *block;
	w->at -= tail;
	if (tail > 0)
		memcpy(w->p + w->at, old.p + old.at, tail);
	if (old.cap != SIZE) {
		free(old.p);
		old = cs_window_new(SIZE);
	}
	*block = old;
}

bool
cs_ahead_take(struct cs_ahead *a, struct cs_window *w)
{
	bool has_block;

	pthread_mutex_lock(&a->lock);
	while (a->filled == a->taken && !a->is_over)
		pthread_cond_wait(&a->change, &a->lock);
	has_block = a->filled > a->taken;
	if (has_block) {
		exchange(w, &a->block[a->taken % BLOCKS]);
		a->taken++;
		pthread_cond_signal(&a->change);
	}
	pthread_mutex_unlock(&a->lock);
	return has_block;
}

void
cs_ahead_stop(struct cs_ahead *a)
{
	if (a == NULL)
		return;
	pthread_mutex_lock(&a->lock);
	a->is_stopped = true;
	pthread_cond_signal(&a->change);
	pthread_mutex_unlock(&a->lock);
	/* A read that waits for data ends. */
	close(a->wake[1]);
	a->wake[1] = -1;
	pthread_join(a->thread, NULL);
	release(a);
}
