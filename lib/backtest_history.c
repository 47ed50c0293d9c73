/* Dated snapshots against what came later: was there a warning, how early? */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "backtest_private.h"
#include "set.h"

#define NEVER INT32_MIN

/* What is kept of a key, its bands' first days behind it. */
struct fate {
	int32_t day;	 /* of the outcome, if yes */
	int32_t last;	 /* day of the last snapshot that had the key; NEVER */
	uint8_t outcome; /* enum cs_answer */
	bool is_counted; /* in the tally */
	bool is_seen;	 /* in a snapshot before its outcome */
};

struct file {
	const char *path;
	char date[16];
	struct cs_auc auc;
	bool has_auc;
	uint64_t n;
};

struct cs_history {
	struct cs_kit *k;
	struct file *file;
	size_t n, cap;
	struct cs_set keys;
	size_t *place; /* of the keys, in order of first sight */
	size_t nplaces, places_cap;
	size_t nbands;
	uint64_t strangers; /* records whose key the inputs do not have */
	struct cs_case *v;  /* of the present snapshot */
	size_t nv, cap_v;
};

/* --- the files ---------------------------------------------------------- */

static void
add_file(struct cs_history *h, const char *path, const char *date)
{
	struct file *f;

	h->file = cs_grow(h->file, h->n, &h->cap, sizeof(*h->file));
	f = &h->file[h->n++];
	*f = (struct file){.path = path};
	memcpy(f->date, date, sizeof(f->date));
	cs_kit_reads(h->k, path);
}

static bool
add_directory(struct cs_history *h, const char *path, struct cs_err *err)
{
	DIR *dir = opendir(path);
	size_t before = h->n;
	struct dirent *e;
	char date[16];

	if (dir == NULL)
		return cs_fail(err, CS_STOP, "%s: %s", path, strerror(errno));
	while ((e = readdir(dir)) != NULL) {
		const char *name =
		    cs_arena_printf(&h->k->run, "%s/%s", path, e->d_name);
		struct stat st;

		if (cs_snapshot_date(name, date) && stat(name, &st) == 0 &&
		    S_ISREG(st.st_mode))
			add_file(h, name, date);
	}
	closedir(dir);
	return h->n > before ||
	       cs_fail(err, CS_USAGE,
		   "--history=%s: no file there has a date in its name "
		   "(YYYY-MM-DD)",
		   path);
}

static int
by_date(const void *a, const void *b)
{
	const struct file *x = a, *y = b;
	int c = strcmp(x->date, y->date);

	return c != 0 ? c : strcmp(x->path, y->path);
}

static bool
add_path(struct cs_history *h, const char *path, struct cs_err *err)
{
	struct stat st;
	char date[16];

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return add_directory(h, path, err);
	if (!cs_snapshot_date(path, date))
		return cs_fail(err, CS_USAGE,
		    "--history=%s: its name has no date (YYYY-MM-DD)", path);
	add_file(h, path, date);
	return true;
}

struct cs_history *
cs_history_new(
    struct cs_kit *k, const char *const *path, size_t n, struct cs_err *err)
{
	struct cs_history *h = cs_calloc(1, sizeof(*h));

	h->k = k;
	for (size_t i = 0; i < n; i++)
		if (!add_path(h, path[i], err)) {
			cs_history_free(h);
			return NULL;
		}
	qsort(h->file, h->n, sizeof(*h->file), by_date);
	return h;
}

/* --- outcomes ----------------------------------------------------------- */

static struct fate
get(const struct cs_history *h, size_t at)
{
	struct fate f;

	memcpy(&f, cs_set_extra(&h->keys, at), sizeof(f));
	return f;
}

static void
put(struct cs_history *h, size_t at, const struct fate *f)
{
	memcpy(cs_set_extra(&h->keys, at), f, sizeof(*f));
}

static char *
band_place(const struct cs_history *h, size_t at, size_t band)
{
	return (char *)cs_set_extra(&h->keys, at) + sizeof(struct fate) +
	       band * sizeof(int32_t);
}

/* The day on which a key was first seen in a band, or NEVER. */
static int32_t
first_day(const struct cs_history *h, size_t at, size_t band)
{
	int32_t day;

	memcpy(&day, band_place(h, at, band), sizeof(day));
	return day;
}

static void
set_first_day(struct cs_history *h, size_t at, size_t band, int32_t day)
{
	memcpy(band_place(h, at, band), &day, sizeof(day));
}

void
cs_history_bands(struct cs_history *h, size_t nbands)
{
	h->nbands = nbands;
	h->keys.extra = sizeof(struct fate) + nbands * sizeof(int32_t);
}

bool
cs_history_outcome(struct cs_history *h, const struct cs_rec *rec,
    struct cs_str id, enum cs_answer outcome, long day, struct cs_err *err)
{
	struct cs_place place = {rec->file, rec->line, 0};
	struct fate f = {
	    .day = (int32_t)day, .last = NEVER, .outcome = (uint8_t)outcome};
	bool is_new;
	size_t at;

	if (id.n == 0)
		return cs_fail_at(err, CS_STOP, place,
		    "no key: \"%.*s\" is empty or not there (--id=COL names "
		    "it)",
		    CS_ARG(h->k->id_name));
	at = cs_set_add(&h->keys, id, &is_new);
	if (!is_new)
		return cs_fail_at(err, CS_STOP, place,
		    "the key \"%.*s\" stands twice", CS_ARG(id));
	put(h, at, &f);
	for (size_t i = 0; i < h->nbands; i++)
		set_first_day(h, at, i, NEVER);
	h->place =
	    cs_grow(h->place, h->nplaces, &h->places_cap, sizeof(*h->place));
	h->place[h->nplaces++] = at;
	return true;
}

/* --- the snapshots ------------------------------------------------------ */

struct view {
	struct cs_snapshot *snapshot;
	struct cs_scorer scorer;
	struct cs_scoring *g;
	struct cs_tally *tally;
	struct cs_leaks *leaks;
	long day;
};

static void
note_band(struct cs_history *h, size_t at, const struct view *w)
{
	size_t band = cs_tally_band(w->tally, w->g);

	if (band < h->nbands && first_day(h, at, band) == NEVER)
		set_first_day(h, at, band, (int32_t)w->day);
}

/* One record of a snapshot whose outcome is known and still to come. */
static void
one_case(struct cs_history *h, size_t at, struct fate *f, const struct view *w)
{
	bool yes = f->outcome == CS_YES;

	f->is_seen = true;
	note_band(h, at, w);
	if (w->g->result.has_score) {
		h->v = cs_grow(h->v, h->nv, &h->cap_v, sizeof(*h->v));
		h->v[h->nv++] =
		    (struct cs_case){(double)w->g->result.score, yes};
	}
	if (f->is_counted)
		return;
	f->is_counted = true;
	cs_leaks_add(w->leaks, &w->snapshot->rec, yes, &w->snapshot->as_of);
	cs_tally_add(w->tally, w->g, yes);
}

static bool
one_record(struct cs_history *h, struct view *w, struct cs_err *err)
{
	struct cs_snapshot *s = w->snapshot;
	struct cs_place place = {s->path, s->rec.line, 0};
	const struct cs_stanza *stop = NULL;
	size_t at = cs_set_find(&h->keys, s->id);
	struct fate f;

	if (at == SIZE_MAX) {
		h->strangers++;
		return true;
	}
	f = get(h, at);
	if (f.last == w->day)
		return cs_fail_at(err, CS_STOP, place,
		    "the key \"%.*s\" stands twice", CS_ARG(s->id));
	f.last = (int32_t)w->day;
	/* The day itself is no warning. */
	if (f.outcome == CS_NO || (f.outcome == CS_YES && f.day > w->day)) {
		cs_scorer_run(&w->scorer, (size_t)(w->g - w->scorer.v), &stop);
		if (stop != NULL)
			return cs_fail_at(err, CS_STOP, place,
			    "unknown: %.*s says Missing: error",
			    CS_ARG(stop->name));
		if (w->g->profile != NULL)
			one_case(h, at, &f, w);
	}
	put(h, at, &f);
	return true;
}

static bool
read_snapshot(struct cs_history *h, struct file *f, struct view *w,
    struct cs_str name, struct cs_err *err)
{
	enum cs_got got;

	if (!cs_snapshot_eval(w->snapshot, &h->k->rules, f->date, err))
		return false;
	cs_scorer_build(&w->scorer, &h->k->rules, h->k);
	w->g = &w->scorer.v[cs_scorer_find(&w->scorer, name)];
	cs_scorer_bind(&w->scorer, w->g->score, w->snapshot->eval, h->k);
	if (!cs_snapshot_compile(w->snapshot, &h->k->rules, err))
		return false;
	cs_leaks_bind(w->leaks, &w->snapshot->head, w->snapshot->eval);
	w->day = cs_civil_days(w->snapshot->as_of.today);
	h->nv = 0;
	while ((got = cs_snapshot_next(w->snapshot, err)) == CS_GOT)
		if (!one_record(h, w, err))
			return false;
	f->n = h->nv;
	f->has_auc = cs_auc(h->v, h->nv, &f->auc);
	return got == CS_END;
}

bool
cs_history_read(struct cs_history *h, struct cs_str name, struct cs_tally *t,
    struct cs_leaks *l, struct cs_err *err)
{
	bool is_good = true;

	t->records = h->nplaces;
	for (size_t i = 0; i < h->n && is_good; i++) {
		struct view w = {.tally = t, .leaks = l};

		w.snapshot =
		    cs_snapshot_open(h->k, "--history", h->file[i].path, err);
		if (w.snapshot == NULL)
			return false;
		is_good = read_snapshot(h, &h->file[i], &w, name, err);
		cs_scorer_free(&w.scorer);
		cs_snapshot_free(w.snapshot);
	}
	return is_good;
}

/* --- the figures -------------------------------------------------------- */

static int
by_days(const void *a, const void *b)
{
	const int32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The smallest of n sorted numbers that a share q of them do not exceed. */
static struct cs_val
quantile(const int32_t *v, size_t n, size_t quarters)
{
	size_t i = (n * quarters + 3) / 4;

	return n == 0 ? cs_val_null() : cs_val_num(v[i > 0 ? i - 1 : 0]);
}

struct warning {
	struct cs_share warned; /* of the outcomes, were in the band before */
	struct cs_share ever;	/* of those ever in the band, had it */
	int32_t *lead;
	size_t n;
};

static struct warning
warning_of(const struct cs_history *h, size_t band)
{
	struct warning w = {.lead = cs_calloc(h->nplaces, sizeof(*w.lead))};

	for (size_t i = 0; i < h->nplaces; i++) {
		struct fate f = get(h, h->place[i]);
		int32_t day = first_day(h, h->place[i], band);

		if (f.outcome == CS_YES && f.is_seen) {
			w.warned.n++;
			w.warned.yes += day != NEVER;
		}
		if (day == NEVER)
			continue;
		w.ever.n++;
		w.ever.yes += f.outcome == CS_YES;
		if (f.outcome == CS_YES)
			w.lead[w.n++] = f.day - day;
	}
	qsort(w.lead, w.n, sizeof(*w.lead), by_days);
	return w;
}

void
cs_history_rows(
    struct cs_history *h, const struct cs_tally *t, struct cs_table *table)
{
	struct warning *w = cs_calloc(h->nbands, sizeof(*w));

	for (size_t i = 0; i < h->n; i++)
		cs_backtest_auc(table, "snapshot", cs_str(h->file[i].date),
		    h->file[i].has_auc ? &h->file[i].auc : NULL, h->file[i].n);
	for (size_t i = 0; i < h->nbands; i++) {
		w[i] = warning_of(h, i);
		cs_backtest_share(table, "warned", t->band[i], &w[i].warned);
	}
	for (size_t i = 0; i < h->nbands; i++)
		cs_backtest_row(table, "lead", t->band[i],
		    quantile(w[i].lead, w[i].n, 2),
		    quantile(w[i].lead, w[i].n, 1),
		    quantile(w[i].lead, w[i].n, 3), w[i].n);
	for (size_t i = 0; i < h->nbands; i++) {
		cs_backtest_share(table, "ever", t->band[i], &w[i].ever);
		free(w[i].lead);
	}
	free(w);
	if (h->strangers > 0)
		cs_kit_note(h->k,
		    "%ju record%s of the snapshots left out: the inputs do not "
		    "have the key",
		    (uintmax_t)h->strangers, h->strangers == 1 ? "" : "s");
}

void
cs_history_free(struct cs_history *h)
{
	if (h == NULL)
		return;
	free(h->file);
	cs_set_free(&h->keys);
	free(h->place);
	free(h->v);
	free(h);
}
