#include <stdlib.h>

#include "eval_int.h"
#include "prelude.h"

/* --- jq's own meaning --------------------------------------------------- */

/* The words that jq does not have (dates, lists) go through the same host
 * calls, so a plain program is an evaluator without rules. */
struct cs_plain {
	struct cs_ref ev;
	struct cs_owner owner;
	struct cs_diags diags;
};

static void
no_column(void *self, const struct cs_expr *at, const struct cs_str *names,
    size_t n, size_t *col, size_t *used, struct cs_str *key)
{
	(void)self;
	(void)at;
	(void)n;
	*col = CS_JQ_NONE;
	*used = 1;
	*key = names[0];
}

static void
no_pattern(void *self, const struct cs_expr *at, struct cs_str pattern,
    struct cs_str flags)
{
	(void)self;
	(void)at;
	(void)pattern;
	(void)flags;
}

static bool
print_plain(struct cs_plain *p, const struct cs_expr *e)
{
	struct cs_jq_names names = {&p->ev, no_column, cs_eval_on_whole,
	    cs_eval_on_var, cs_eval_on_list, no_pattern};
	struct cs_jq_print pr = {.out = &p->ev.program,
	    .sites = &p->ev.sites,
	    .names = &names,
	    .arena = &p->ev.run};

	p->ev.at = &p->owner;
	p->ev.owner = &p->owner;
	p->ev.diags = &p->diags;
	cs_jq_print_plain(&pr, e);
	return p->diags.errors == 0;
}

struct cs_plain *
cs_plain_compile(const struct cs_expr *e, const struct cs_eval_conf *conf,
    struct cs_err *err)
{
	struct cs_plain *p = cs_calloc(1, sizeof(*p));
	struct cs_buf text = {0};

	p->ev.conf = conf;
	if (!print_plain(p, e)) {
		cs_fail_at(
		    err, CS_USAGE, p->diags.v[0].at, "%s", p->diags.v[0].text);
		cs_plain_free(p);
		return NULL;
	}
	cs_prelude_put(&text, cs_buf_get(&p->ev.program));
	cs_buf_str(&text, cs_buf_get(&p->ev.program));
	p->ev.host = (struct cs_jq_host){&p->ev, cs_eval_note, cs_eval_call};
	p->ev.jq = cs_eval_start_jq(
	    conf, cs_buf_z(&text), &p->ev.host, &p->ev.run, err);
	cs_buf_free(&text);
	if (p->ev.jq != NULL)
		return p;
	cs_plain_free(p);
	return NULL;
}

bool
cs_plain_run(struct cs_plain *p, struct cs_str json, cs_plain_output *f,
    void *self, struct cs_err *err)
{
	struct cs_buf b = {0};
	enum cs_jq_state s;

	if (!cs_jq_begin_json(p->ev.jq, json))
		return cs_fail(
		    err, CS_STOP, "libjq does not take: %.*s", CS_ARG(json));
	cs_jq_start(p->ev.jq);
	while ((s = cs_jq_next_json(p->ev.jq, &b)) == CS_JQ_OUTPUT) {
		f(self, cs_buf_get(&b));
		cs_buf_reset(&b);
	}
	if (s == CS_JQ_FAILED)
		cs_fail(err, CS_PARTLY, "%.*s", CS_ARG(cs_buf_get(&b)));
	cs_buf_free(&b);
	return s == CS_JQ_END;
}

void
cs_plain_free(struct cs_plain *p)
{
	if (p == NULL)
		return;
	cs_jq_free(p->ev.jq);
	free(p->ev.sites.v);
	free(p->ev.look);
	free(p->ev.fault);
	free(p->owner.cols.v);
	free(p->owner.lets.v);
	cs_map_free(&p->ev.told);
	cs_buf_free(&p->ev.program);
	cs_buf_free(&p->ev.answer);
	cs_arena_free(&p->ev.run);
	cs_arena_free(&p->ev.one);
	cs_arena_free(&p->ev.work);
	cs_diags_free(&p->diags);
	free(p);
}
