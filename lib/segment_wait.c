#include "segment_wait.h"

void
cs_segment_wait_start(struct cs_segment_wait *w, struct cs_segment_run *run,
    size_t memory, bool only_wishes)
{
	*w = (struct cs_segment_wait){.run = run, .only_wishes = only_wishes};
	if (run->best != NULL)
		w->hold = cs_hold_new(memory);
}

bool
cs_segment_wait_put(
    struct cs_segment_wait *w, struct cs_rec *rec, struct cs_err *err)
{
	cs_buf_reset(&w->note);
	cs_segment_run_freeze(w->run, &w->note);
	if (w->only_wishes)
		cs_buf_str(&w->note, cs_best_wishes(w->run->best));
	return cs_hold_put(
	    w->hold, cs_buf_get(&w->note), w->only_wishes ? NULL : rec, err);
}

enum cs_got
cs_segment_wait_next(struct cs_segment_wait *w, struct cs_rec *rec,
    struct cs_str *wishes, struct cs_err *err)
{
	struct cs_str note;
	enum cs_got got;
	size_t n;

	if (!w->is_over)
		cs_segment_run_close(w->run);
	w->is_over = true;
	got = cs_hold_next(w->hold, &note, rec, err);
	if (got != CS_GOT)
		return got;
	n = cs_segment_run_thaw(w->run, note.p);
	*wishes = (struct cs_str){note.p + n, note.n - n};
	return CS_GOT;
}

void
cs_segment_wait_free(struct cs_segment_wait *w)
{
	cs_hold_free(w->hold);
	cs_buf_free(&w->note);
}
