#include <stdlib.h>
#include <string.h>

#include "snapshot.h"

static bool
find_key(struct cs_snapshot *s, const char *option, struct cs_err *err)
{
	struct cs_str name = s->k->id_name;

	if (s->head.is_open) {
		s->id_col = cs_header_add(&s->head, name);
		return true;
	}
	s->id_col = cs_header_find(&s->head, name);
	return s->id_col != CS_NO_COLUMN || cs_reader_is_empty(s->reader) ||
	       cs_fail(err, CS_USAGE,
		   "%s=%s: there is no column \"%.*s\" (--id=COL names the "
		   "key)",
		   option, s->path, CS_ARG(name));
}

struct cs_snapshot *
cs_snapshot_open(
    struct cs_kit *k, const char *option, const char *path, struct cs_err *err)
{
	struct cs_snapshot *s = cs_calloc(1, sizeof(*s));
	struct cs_reader_conf conf = k->in;
	struct cs_in *in;

	s->k = k;
	s->path = path;
	s->rec.arena = &s->one;
	conf.form = CS_FORM_AUTO;
	in = cs_in_open(path, err);
	if (in != NULL)
		s->reader = cs_reader_open(in, &conf, &s->head, err);
	if (s->reader == NULL || !find_key(s, option, err)) {
		cs_snapshot_free(s);
		return NULL;
	}
	return s;
}

/* As the kit binds the run's own header. */
static void
bind_types(struct cs_snapshot *s, const struct cs_rules *rules)
{
	cs_schema_bind(&s->k->schema, &s->head);
	cs_rules_types(rules, &s->head);
}

bool
cs_snapshot_eval(struct cs_snapshot *s, const struct cs_rules *rules,
    const char *date, struct cs_err *err)
{
	if (!cs_as_of_set(&s->as_of, date, err))
		return false;
	s->conf = s->k->eval_conf;
	s->conf.as_of = &s->as_of;
	s->conf.lets = rules->lets;
	s->conf.nlets = rules->nlets;
	bind_types(s, rules);
	s->eval = cs_eval_new(&s->conf);
	return true;
}

bool
cs_snapshot_compile(
    struct cs_snapshot *s, const struct cs_rules *rules, struct cs_err *err)
{
	size_t before = s->k->diags.errors;

	/* An empty file has no columns to miss. */
	if (cs_reader_is_empty(s->reader) || cs_eval_count(s->eval) == 0)
		return true;
	err->exit = CS_USAGE;
	err->text[0] = '\0';
	if (!cs_eval_compile(s->eval, &s->head, &s->k->diags, err)) {
		if (s->k->diags.errors > before)
			cs_fail(err, CS_USAGE,
			    "%s: the rules do not fit its columns", s->path);
		return false;
	}
	/* Again: columns of JSON lines that only the rules name. */
	bind_types(s, rules);
	return true;
}

enum cs_got
cs_snapshot_next(struct cs_snapshot *s, struct cs_err *err)
{
	struct cs_refused f;
	struct cs_place at;

	cs_arena_reset(&s->one);
	switch (cs_reader_next(s->reader, &s->rec, &f, err)) {
	case CS_READ_END:
		return CS_END;
	case CS_READ_FAILED:
		return CS_FAILED;
	case CS_READ_REFUSED:
		at = (struct cs_place){s->path, f.line, 0};
		cs_fail_at(err, CS_STOP, at,
		    "%s: a snapshot must be whole (cs-ingest sorts out what "
		    "cannot be read)",
		    f.text);
		return CS_FAILED;
	case CS_READ:
		break;
	}
	at = (struct cs_place){s->path, s->rec.line, 0};
	s->id = cs_rec_text(&s->rec, s->id_col);
	if (s->id.p == NULL || s->id.n == 0) {
		cs_fail_at(err, CS_STOP, at,
		    "no key: \"%.*s\" is empty or not there (--id=COL names "
		    "it)",
		    CS_ARG(s->k->id_name));
		return CS_FAILED;
	}
	if (s->eval != NULL && cs_eval_count(s->eval) > 0 &&
	    !cs_eval_run(s->eval, &s->rec, err))
		return CS_FAILED;
	return CS_GOT;
}

void
cs_snapshot_free(struct cs_snapshot *s)
{
	if (s == NULL)
		return;
	if (s->reader != NULL)
		cs_reader_close(s->reader);
	if (s->eval != NULL)
		cs_eval_free(s->eval);
	cs_header_free(&s->head);
	cs_arena_free(&s->one);
	free(s);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool
cs_snapshot_date(const char *path, char out[16])
{
	const char *slash = strrchr(path, '/');
	struct cs_str s = cs_str(slash != NULL ? slash + 1 : path);

	for (size_t i = 0; i + 10 <= s.n; i++) {
		struct cs_str piece = {s.p + i, 10};
		struct cs_time t;

		if ((i > 0 && is_digit(s.p[i - 1])) ||
		    (i + 10 < s.n && is_digit(s.p[i + 10])) ||
		    cs_time_parse(piece, &t) != CS_DATE_OK)
			continue;
		cs_civil_print(out, t.civil);
		return true;
	}
	return false;
}
