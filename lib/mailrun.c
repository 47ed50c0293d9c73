#include <stdlib.h>
#include <string.h>

#include "mailrun.h"

void
cs_mailrun_begin(struct cs_mailrun *r)
{
	size_t n = r->plan->n;

	r->who = cs_calloc(n, sizeof(*r->who));
	r->to = cs_calloc(n, sizeof(*r->to));
	r->decision = cs_calloc(n, sizeof(*r->decision));
	r->passed = cs_calloc(n, sizeof(*r->passed));
}

void
cs_mailrun_free(struct cs_mailrun *r)
{
	free(r->who);
	free(r->to);
	free(r->decision);
	free(r->passed);
	free(r->count);
	cs_map_free(&r->served);
	cs_map_free(&r->promo);
	cs_map_free(&r->counted);
	cs_arena_free(&r->arena);
}

static struct cs_str
cell(struct cs_rec *rec, size_t col)
{
	return col == CS_NO_COLUMN ? (struct cs_str){NULL, 0}
				   : cs_rec_text(rec, col);
}

void
cs_mailrun_look(struct cs_mailrun *r, struct cs_rec *rec, struct cs_str id,
    struct cs_arena *arena)
{
	struct cs_str email = cell(rec, r->email), name = cell(rec, r->name),
		      account = cell(rec, r->account);

	for (size_t i = 0; i < r->plan->n; i++) {
		struct cs_mail_person *w = &r->who[i];

		r->to[i] =
		    cs_letters_to(r->letters, i, rec, email, name, arena);
		*w = (struct cs_mail_person){.rec = rec,
		    .id = id,
		    .account = account,
		    .email = r->to[i].addr,
		    .norm = cs_address_norm(arena, r->to[i].addr),
		    .address = cs_address_check(r->to[i].addr),
		    .when = CS_MAIL_YES,
		    .unknown = CS_S(""),
		    .why = CS_S("")};
	}
}

/* What one person may get in one run, over all of the rows. */
static bool
is_free(const struct cs_mailrun *r, size_t i, struct cs_mail_decision *d)
{
	const struct cs_mail_person *w = &r->who[i];

	if (cs_map_find(&r->served, w->id) != SIZE_MAX)
		cs_mail_stop(d, CS_GATE_ALREADY, CS_S("already_sent"),
		    CS_S("this id stood in a row before"), CS_S(""));
	else if (r->plan->v[i].class == CS_MAIL_PROMO &&
		 cs_map_find(&r->promo, w->norm) != SIZE_MAX)
		cs_mail_stop(d, CS_GATE_CAP, CS_S("capped:promo 1/run"),
		    CS_S("this address got a promo mail in this run"),
		    CS_S(""));
	else
		return true;
	return false;
}

static void
remember(struct cs_mailrun *r, size_t i)
{
	cs_map_add(&r->served, r->who[i].id, NULL);
	r->sent++;
	if (r->plan->v[i].class != CS_MAIL_PROMO)
		return;
	cs_map_add(&r->promo, r->who[i].norm, NULL);
	r->promos++;
}

static void
count(struct cs_mailrun *r, size_t i, bool is_customer)
{
	const struct cs_mail_decision *d = &r->decision[i];
	const char *colon = cs_str_chr(d->reason, ':');
	struct cs_str word = d->reason;
	struct cs_buf key = {0};
	bool is_new;
	size_t k;

	if (colon != NULL)
		word.n = (size_t)(colon - word.p);
	cs_buf_printf(&key, "%zu:", is_customer ? SIZE_MAX : i);
	cs_buf_str(&key, word);
	k = cs_map_add(&r->counted, cs_buf_get(&key), &is_new);
	cs_buf_free(&key);
	if (is_new) {
		r->count = cs_grow(
		    r->count, r->ncounts, &r->capcounts, sizeof(*r->count));
		r->count[r->ncounts++] = (struct cs_mailrun_count){
		    .mail = is_customer ? NULL : &r->plan->v[i],
		    .gate = d->gate,
		    .reason = cs_keep(&r->arena, word),
		    .id = cs_keep(&r->arena, r->who[i].id),
		    .detail = cs_keep(&r->arena, d->detail)};
	}
	r->count[k].n++;
}

/* A customer without address is one customer, not one of each mail. */
static void
count_all(struct cs_mailrun *r)
{
	bool is_counted = false;

	for (size_t n = 0; n < r->plan->n; n++) {
		size_t i = r->plan->order[n];
		enum cs_mail_gate gate = r->decision[i].gate;

		if (gate == CS_GATE_RENDER || gate == CS_GATE_REQUIRES)
			r->is_partly = true;
		if (gate != CS_GATE_ADDRESS)
			count(r, i, false);
		else if (!is_counted)
			count(r, i, true);
		is_counted |= gate == CS_GATE_ADDRESS;
	}
}

void
cs_mailrun_decide(struct cs_mailrun *r, struct cs_arena *arena, size_t *stop)
{
	size_t best;

	*stop = CS_NO_MAIL;
	r->chosen = CS_NO_MAIL;
	r->is_partly = false;
	for (size_t i = 0; i < r->plan->n; i++) {
		const struct cs_mail *m = &r->plan->v[i];

		r->passed[i] = cs_mailplan_gates(
		    &r->gates, m, &r->who[i], arena, &r->decision[i]);
		if (!r->passed[i] && m->missing == CS_MISSING_ERROR &&
		    r->decision[i].gate == CS_GATE_WHEN &&
		    r->who[i].when == CS_MAIL_UNKNOWN) {
			*stop = i;
			return;
		}
	}
	best = cs_mailplan_choose(r->plan, r->passed, r->decision, arena);
	if (best != CS_NO_MAIL && is_free(r, best, &r->decision[best]) &&
	    cs_letters_make(r->letters, best, &r->who[best], &r->to[best],
		arena, &r->letter, &r->decision[best])) {
		r->chosen = best;
		remember(r, best);
	}
	count_all(r);
}
