#include <stdlib.h>
#include <string.h>

#include "hold.h"
#include "segment_moves.h"
#include "set.h"

enum cause { STAY, DATA, RULES, BOTH, NEW, GONE };
static const char *const cause_name[] = {
    "stay", "data", "rules", "both", "new", "gone"};

/* Places: a segment's or level's number, or one of these. NOWHERE comes last
 * in the table, as the empty name. */
#define NOWHERE UINT32_MAX
#define REFUSED (UINT32_MAX - 1) /* Missing: error */
#define FOREIGN (UINT32_MAX - 2) /* a name only the old rules have */

/* What stands with an id. */
struct was {
	uint32_t from, now; /* under the old rules, under today's */
	bool is_seen;
};

/* The old state under one set of rules. */
struct view {
	struct cs_segments plan;
	struct cs_eval *eval;
	struct cs_segment_run run;
	size_t axis;
};

struct move {
	uint32_t from, to;
	uint32_t cause;
};

struct cs_moves {
	struct cs_kit *k;
	struct cs_moves_conf conf;
	const struct cs_segment_run *run;
	size_t axis;
	struct cs_reader *reader; /* of the old state */
	struct cs_rules old_rules;
	struct cs_as_of as_of;
	struct cs_eval_conf eval_conf[2];
	/* Today's rules, and the old ones (if has_rules). */
	struct view today, old;
	bool has_rules;
	uint32_t *as_new; /* a place under the old rules -> today's */
	struct cs_arena one;
	struct cs_set ids;
	struct cs_hold *later; /* is_each: the old records */
	uint64_t left_out;     /* of them: Missing: error */
	/* By place under the old rules, NOWHERE last: ids, and those seen. */
	uint64_t *ids_at, *seen_at;
	struct cs_map map; /* struct move -> count */
	uint64_t *count;
	size_t count_cap;
	size_t slot[3];
};

bool
cs_moves_ready(const struct cs_moves_conf *c, bool is_moves, struct cs_kit *k,
    struct cs_err *err)
{
	if (!is_moves)
		return (c->old == NULL && c->nold_rules == 0 &&
			   c->old_as_of == NULL && !c->is_each) ||
		       cs_fail(err, CS_USAGE,
			   "--old, --old-rules, --old-as-of and --each go with "
			   "--moves");
	if (c->old == NULL)
		return cs_fail(
		    err, CS_USAGE, "--moves needs --old=FILE, the older state");
	if (strcmp(c->old, "-") == 0)
		return cs_fail(err, CS_USAGE,
		    "--old=-: standard input is for the newer state");
	cs_kit_reads(k, c->old);
	for (size_t i = 0; i < c->nold_rules; i++)
		cs_kit_reads(k, c->old_rules[i]);
	return true;
}

/* --- places and causes --------------------------------------------------- */

static size_t
places(const struct view *v)
{
	return v->axis == CS_NO_SEGMENT ? v->plan.n : v->plan.axis[v->axis].n;
}

static struct cs_str
name_of(const struct cs_segments *p, size_t axis, uint32_t place)
{
	if (place == NOWHERE)
		return CS_S("");
	return axis == CS_NO_SEGMENT ? p->v[place].stanza->name
				     : p->axis[axis].level[place].stanza->name;
}

static uint32_t
place_of(const struct cs_segment_run *r, size_t axis)
{
	size_t at = axis == CS_NO_SEGMENT ? r->first : r->level[axis];

	return at == CS_NO_SEGMENT ? NOWHERE : (uint32_t)at;
}

static const struct view *
from_view(const struct cs_moves *m)
{
	return m->has_rules ? &m->old : &m->today;
}

static enum cause
cause_of(const struct cs_moves *m, struct was was, uint32_t to)
{
	uint32_t from = was.from == NOWHERE ? NOWHERE : m->as_new[was.from];

	return from == to	 ? STAY
	       : was.now == from ? DATA
	       : was.now == to	 ? RULES
				 : BOTH;
}

/* --- the old state ------------------------------------------------------- */

static bool
find_axis(struct cs_moves *m, const struct cs_segments *p, size_t *axis,
    struct cs_err *err)
{
	*axis = CS_NO_SEGMENT;
	if (m->conf.axis.p == NULL)
		return p->n > 0 ||
		       cs_fail(err, CS_USAGE,
			   "--moves: there is no Segment: in the rules "
			   "(--moves=AXIS follows the levels of an axis)");
	for (size_t i = 0; i < p->naxes; i++)
		if (cs_str_eq(p->axis[i].name, m->conf.axis))
			*axis = i;
	return *axis != CS_NO_SEGMENT ||
	       cs_fail(err, CS_USAGE,
		   "--moves=%.*s: there is no axis of that name in the rules",
		   CS_ARG(m->conf.axis));
}

/* Builds and compiles; faults of the rules go to diags. */
static bool
start_view(struct cs_moves *m, struct view *v, const struct cs_rules *rules,
    struct cs_eval_conf *conf, struct cs_err *err)
{
	struct cs_kit *k = m->k;

	cs_segments_build(&v->plan, rules, &k->head, &k->run, &k->diags);
	if (!find_axis(m, &v->plan, &v->axis, err))
		return false;
	*conf = k->eval_conf;
	conf->as_of = &m->as_of;
	conf->lets = rules->lets;
	conf->nlets = rules->nlets;
	v->eval = cs_eval_new(conf);
	cs_segment_run_start(&v->run, k, &v->plan, v->eval, false);
	err->text[0] = '\0';
	return cs_eval_count(v->eval) == 0 ||
	       cs_eval_compile(v->eval, &k->head, &k->diags, err) ||
	       (k->diags.errors > 0 && err->text[0] == '\0');
}

/* Where a place under the old rules stands among today's. */
static void
map_places(struct cs_moves *m)
{
	const struct view *v = from_view(m);
	size_t n = places(v), now = places(&m->today);

	m->as_new = cs_calloc(n + 1, sizeof(*m->as_new));
	m->ids_at = cs_calloc(n + 1, sizeof(*m->ids_at));
	m->seen_at = cs_calloc(n + 1, sizeof(*m->seen_at));
	for (uint32_t i = 0; i < n; i++) {
		m->as_new[i] = FOREIGN;
		for (uint32_t j = 0; j < now; j++)
			if (cs_str_eq(name_of(&v->plan, v->axis, i),
				name_of(&m->today.plan, m->today.axis, j)))
				m->as_new[i] = j;
	}
}

static struct cs_place
place(const struct cs_rec *rec)
{
	return (struct cs_place){rec->file, rec->line, 0};
}

static bool
key_of(struct cs_moves *m, struct cs_rec *rec, struct cs_str *key,
    struct cs_err *err)
{
	*key = cs_kit_id(m->k, rec);
	return key->n > 0 ||
	       cs_fail_at(err, CS_STOP, place(rec),
		   "no key: \"%.*s\" is empty or not there (--id=COL names it)",
		   CS_ARG(m->k->id_name));
}

static bool
twice(const struct cs_rec *rec, struct cs_str key, struct cs_err *err)
{
	return cs_fail_at(err, CS_STOP, place(rec),
	    "the key \"%.*s\" stands twice", CS_ARG(key));
}

/* The state of one view, behind a byte that says whether there is one. */
static bool
ask_view(struct view *v, struct cs_rec *rec, struct cs_str key,
    struct cs_buf *note, struct cs_err *err)
{
	const struct cs_stanza *stop;

	if (!cs_eval_run(v->eval, rec, err))
		return false;
	if (cs_segment_run_ask(&v->run, key, &stop)) {
		cs_buf_putc(note, 1);
		cs_segment_run_freeze(&v->run, note);
	} else {
		cs_buf_putc(note, 0);
	}
	return true;
}

static uint32_t
thaw_view(struct view *v, const char **p)
{
	if (*(*p)++ == 0)
		return REFUSED;
	*p += cs_segment_run_thaw(&v->run, *p);
	return place_of(&v->run, v->axis);
}

/* Asks one old record. It waits: with limits its place is not known yet. */
static bool
ask_old(struct cs_moves *m, struct cs_rec *rec, struct cs_hold *hold,
    struct cs_buf *note, struct cs_err *err)
{
	struct cs_str key;
	bool is_new;

	if (!key_of(m, rec, &key, err))
		return false;
	cs_set_add(&m->ids, key, &is_new);
	if (!is_new)
		return twice(rec, key, err);
	cs_buf_reset(note);
	cs_buf_add(note, &key.n, sizeof(key.n));
	cs_buf_str(note, key);
	return ask_view(&m->today, rec, key, note, err) &&
	       (!m->has_rules || ask_view(&m->old, rec, key, note, err)) &&
	       cs_hold_put(hold, cs_buf_get(note), NULL, err) &&
	       (m->later == NULL || cs_hold_put(m->later, CS_S(""), rec, err));
}

static bool
read_old(struct cs_moves *m, struct cs_hold *hold, struct cs_err *err)
{
	struct cs_rec rec = {.arena = &m->one};
	struct cs_buf note = {0};
	struct cs_refused f;
	bool is_good = true;

	while (is_good) {
		enum cs_read got = cs_reader_next(m->reader, &rec, &f, err);

		if (got == CS_READ_END)
			break;
		if (got == CS_READ_FAILED)
			is_good = false;
		else if (got == CS_READ_REFUSED)
			is_good = cs_fail_at(err, CS_STOP,
			    (struct cs_place){
				cs_reader_name(m->reader), f.line, 0},
			    "%s: the old state must be whole", f.text);
		else
			is_good = ask_old(m, &rec, hold, &note, err);
		cs_arena_reset(&m->one);
	}
	cs_buf_free(&note);
	return is_good;
}

/* All were asked: the places of each id. */
static bool
settle_old(struct cs_moves *m, struct cs_hold *hold, struct cs_err *err)
{
	size_t none = places(from_view(m)), n;
	struct cs_str note;
	enum cs_got got;

	cs_segment_run_close(&m->today.run);
	if (m->has_rules)
		cs_segment_run_close(&m->old.run);
	while ((got = cs_hold_next(hold, &note, NULL, err)) == CS_GOT) {
		const char *p = note.p + sizeof(n);
		struct was was = {0};
		struct cs_str key;

		memcpy(&n, note.p, sizeof(n));
		key = (struct cs_str){p, n};
		p += n;
		was.now = was.from = thaw_view(&m->today, &p);
		if (m->has_rules)
			was.from = thaw_view(&m->old, &p);
		if (was.from == REFUSED || was.now == REFUSED) {
			was.from = REFUSED;
			m->left_out++;
		} else {
			m->ids_at[was.from == NOWHERE ? none : was.from]++;
		}
		memcpy(cs_set_extra(&m->ids, cs_set_find(&m->ids, key)), &was,
		    sizeof(was));
	}
	return got == CS_END;
}

static bool
load_old(struct cs_moves *m, struct cs_err *err)
{
	struct cs_kit *k = m->k;
	struct cs_hold *hold = cs_hold_new(m->conf.memory);
	bool is_good;

	/* Columns of JSON lines that only the rules name. */
	cs_schema_bind(&k->schema, &k->head);
	cs_rules_types(&k->rules, &k->head);
	map_places(m);
	is_good = read_old(m, hold, err) && settle_old(m, hold, err);
	cs_hold_free(hold);
	/* The summary is about the run's records. */
	for (size_t i = 0; i < cs_header_n(&k->head); i++)
		k->head.misfits[i] = 0;
	if (is_good && m->left_out > 0) {
		cs_kit_note(k, "%s: %ju record%s left out: Missing: error",
		    m->conf.old, (uintmax_t)m->left_out,
		    m->left_out == 1 ? "" : "s");
		k->is_partly = true;
	}
	return is_good;
}

static bool
start(struct cs_moves *m, struct cs_err *err)
{
	struct cs_kit *k = m->k;
	const struct cs_moves_conf *c = &m->conf;
	struct cs_in *in = cs_in_open(c->old, err);

	m->reader =
	    in == NULL ? NULL : cs_reader_open(in, &k->in, &k->head, err);
	if (m->reader == NULL ||
	    !cs_kit_need(k, k->id_name, "--id", &k->id, err))
		return false;
	m->as_of = k->as_of;
	if (c->old_as_of != NULL && !cs_as_of_set(&m->as_of, c->old_as_of, err))
		return cs_fail(err, CS_USAGE,
		    "--old-as-of=%s is no date (YYYY-MM-DD or RFC 3339)",
		    c->old_as_of);
	if (m->has_rules && !cs_rules_load(&m->old_rules, c->old_rules,
				c->nold_rules, &k->run, &k->diags, err))
		return false;
	if (!find_axis(m, m->run->plan, &m->axis, err) ||
	    !start_view(m, &m->today, &k->rules, &m->eval_conf[0], err) ||
	    (m->has_rules &&
		!start_view(m, &m->old, &m->old_rules, &m->eval_conf[1], err)))
		return false;
	return k->diags.errors > 0 || load_old(m, err);
}

bool
cs_moves_start(struct cs_moves **to, struct cs_kit *k,
    const struct cs_moves_conf *conf, const struct cs_segment_run *run,
    struct cs_err *err)
{
	static const char *const columns[] = {"from", "to", "cause"};
	struct cs_moves *m;

	if (k->diags.errors > 0)
		return true; /* what is wrong is told when it is compiled */
	m = cs_calloc(1, sizeof(*m));
	m->k = k;
	m->conf = *conf;
	m->run = run;
	m->has_rules = conf->nold_rules > 0;
	m->ids.extra = sizeof(struct was);
	if (conf->is_each)
		m->later = cs_hold_new(conf->memory);
	if (!start(m, err)) {
		cs_moves_free(m);
		return false;
	}
	for (size_t i = 0; i < 3 && conf->is_each; i++)
		m->slot[i] = cs_plan_add(k->plan, cs_str(columns[i]));
	*to = m;
	return true;
}

/* --- the run's records --------------------------------------------------- */

static void
count(struct cs_moves *m, struct move move, uint64_t n)
{
	struct cs_str key = {(const char *)&move, sizeof(move)};
	bool is_new;
	size_t i;

	if (n == 0)
		return;
	i = cs_map_add(&m->map, key, &is_new);
	if (is_new) {
		m->count =
		    cs_grow(m->count, i, &m->count_cap, sizeof(*m->count));
		m->count[i] = 0;
	}
	m->count[i] += n;
}

/* Counts the move, or writes it with its record. */
static bool
tell(struct cs_moves *m, struct cs_rec *rec, struct move move,
    struct cs_err *err)
{
	const struct view *v = from_view(m);
	struct cs_plan *plan = m->k->plan;

	if (!m->conf.is_each) {
		count(m, move, 1);
		return true;
	}
	if (move.from != NOWHERE)
		cs_plan_set(plan, m->slot[0],
		    cs_val_text(name_of(&v->plan, v->axis, move.from)));
	if (move.to != NOWHERE)
		cs_plan_set(plan, m->slot[1],
		    cs_val_text(name_of(m->run->plan, m->axis, move.to)));
	cs_plan_set(
	    plan, m->slot[2], cs_val_text(cs_str(cause_name[move.cause])));
	return cs_kit_write(m->k, rec, err);
}

/* Finds the id, or makes a place for it, and marks it. */
static bool
meet(struct cs_moves *m, struct cs_str key, struct was *was, bool *is_new)
{
	size_t at = cs_set_add(&m->ids, key, is_new);
	void *extra = cs_set_extra(&m->ids, at);
	struct was mark;

	memcpy(was, extra, sizeof(*was));
	if (was->is_seen)
		return false;
	mark = *was;
	mark.is_seen = true;
	memcpy(extra, &mark, sizeof(mark));
	if (!*is_new && was->from != REFUSED)
		m->seen_at[was->from == NOWHERE ? places(from_view(m))
						: was->from]++;
	return true;
}

bool
cs_moves_record(struct cs_moves *m, struct cs_rec *rec, struct cs_err *err)
{
	struct move move = {.to = place_of(m->run, m->axis)};
	struct cs_str key;
	struct was was;
	bool is_new;

	if (!key_of(m, rec, &key, err))
		return false;
	if (!meet(m, key, &was, &is_new))
		return twice(rec, key, err);
	if (!is_new && was.from == REFUSED)
		return true;
	move.from = is_new ? NOWHERE : was.from;
	move.cause = is_new ? NEW : cause_of(m, was, move.to);
	return tell(m, rec, move, err);
}

void
cs_moves_refused(struct cs_moves *m, struct cs_rec *rec)
{
	struct cs_str key = cs_kit_id(m->k, rec);
	struct was was;
	bool is_new;

	if (key.n > 0)
		meet(m, key, &was, &is_new);
}

/* --- the end ------------------------------------------------------------- */

/* The old records that nobody met. */
static bool
write_gone(struct cs_moves *m, struct cs_err *err)
{
	struct cs_rec rec = {.arena = &m->one};
	struct cs_str note;
	struct was was;
	enum cs_got got;

	while ((got = cs_hold_next(m->later, &note, &rec, err)) == CS_GOT) {
		size_t at = cs_set_find(&m->ids, cs_kit_id(m->k, &rec));

		memcpy(&was, cs_set_extra(&m->ids, at), sizeof(was));
		if (!was.is_seen && was.from != REFUSED &&
		    !tell(m, &rec, (struct move){was.from, NOWHERE, GONE}, err))
			return false;
		cs_arena_reset(&m->one);
	}
	return got == CS_END;
}

static int
by_move(const void *a, const void *b, void *map)
{
	const struct cs_map *keys = map;
	struct move x, y;

	memcpy(&x, keys->key[*(const size_t *)a].p, sizeof(x));
	memcpy(&y, keys->key[*(const size_t *)b].p, sizeof(y));
	if (x.from != y.from)
		return x.from < y.from ? -1 : 1;
	if (x.to != y.to)
		return x.to < y.to ? -1 : 1;
	return x.cause < y.cause ? -1 : x.cause > y.cause;
}

static struct cs_table *
table(struct cs_moves *m)
{
	static const char *const columns[] = {
	    "from", "to", "cause", "count", "share"};
	struct cs_table *t = cs_table_new(columns, 5);
	size_t *order = cs_calloc(m->map.n, sizeof(*order));
	const struct view *v = from_view(m);
	uint64_t all = 0;

	for (size_t i = 0; i < m->map.n; i++) {
		order[i] = i;
		all += m->count[i];
	}
	if (m->map.n > 1)
		qsort_r(order, m->map.n, sizeof(*order), by_move, &m->map);
	for (size_t i = 0; i < m->map.n; i++) {
		uint64_t n = m->count[order[i]];
		struct move move;

		memcpy(&move, m->map.key[order[i]].p, sizeof(move));
		cs_table_row(
		    t, (struct cs_val[]){
			   cs_val_text(name_of(&v->plan, v->axis, move.from)),
			   cs_val_text(name_of(m->run->plan, m->axis, move.to)),
			   cs_val_text(cs_str(cause_name[move.cause])),
			   cs_val_num((double)n),
			   cs_val_num((double)n / (double)all)});
	}
	free(order);
	return t;
}

bool
cs_moves_finish(struct cs_moves *m, struct cs_err *err)
{
	size_t none = places(from_view(m));
	struct cs_table *t;
	bool is_good;

	if (m->conf.is_each)
		return write_gone(m, err);
	for (size_t i = 0; i <= none; i++)
		count(m,
		    (struct move){
			i == none ? NOWHERE : (uint32_t)i, NOWHERE, GONE},
		    m->ids_at[i] - m->seen_at[i]);
	t = table(m);
	is_good = cs_kit_table(m->k, t, err);
	cs_table_free(t);
	return is_good;
}

void
cs_moves_free(struct cs_moves *m)
{
	struct view *v;

	if (m == NULL)
		return;
	for (size_t i = 0; i < 2; i++) {
		v = i == 0 ? &m->today : &m->old;
		cs_segment_run_free(&v->run);
		if (v->eval != NULL)
			cs_eval_free(v->eval);
	}
	if (m->reader != NULL)
		cs_reader_close(m->reader);
	cs_hold_free(m->later);
	cs_set_free(&m->ids);
	cs_map_free(&m->map);
	cs_arena_free(&m->one);
	free(m->as_new);
	free(m->ids_at);
	free(m->seen_at);
	free(m->count);
	free(m);
}
