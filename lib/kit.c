#include <bsd/stdlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "encode.h"
#include "kit_private.h"

static bool
print_and_close(struct cs_kit *k, struct cs_buf *b, struct cs_err *err)
{
	cs_out_str(k->out, cs_buf_get(b));
	return cs_out_close(k->out, err);
}

/* --help and --version: the whole run. */
static int
tell(struct cs_kit *k)
{
	struct cs_buf b = {0};
	struct cs_err err;
	int code = CS_OK;

	if (k->p->is_help)
		cs_kit_help(k, &b);
	else
		cs_kit_version(k, &b);
	if (!print_and_close(k, &b, &err)) {
		cs_say("%s", err.text);
		code = err.exit;
	}
	cs_buf_free(&b);
	return code;
}

/* What the command line says stands above the environment. */
static bool
engine_env(struct cs_kit *k, struct cs_err *err)
{
	static const char *const name[] = {"CS_EXPR", "CS_SPLIT", "CS_JSON"};
	static const char *const word[] = {"fast", "ref", "both"};
	enum cs_engine *const engine[] = {
	    &k->eval_conf.engine, &k->in.split, &k->in.json};

	for (size_t i = 0; i < 3; i++) {
		const char *v = getenv(name[i]);
		size_t w = 0;

		if (v == NULL || *v == '\0')
			continue;
		while (w < 3 && strcmp(v, word[w]) != 0)
			w++;
		if (w == 3)
			return cs_fail(err, CS_USAGE,
			    "%s=%s is not one of: fast ref both", name[i], v);
		if (!k->p->has_engine)
			*engine[i] = (enum cs_engine)w;
	}
	return true;
}

/* One value a line; line ends and a BOM are not part of it. */
static bool
load_list(struct cs_list *l, const char *path, struct cs_err *err)
{
	struct cs_in *in = cs_in_open(path, err);
	bool is_first = true;
	enum cs_got got;
	struct cs_str line;

	if (in == NULL)
		return false;
	while ((got = cs_in_line(in, &line, err)) == CS_GOT) {
		if (is_first && cs_str_starts(line, CS_S("\xef\xbb\xbf"))) {
			line.p += 3;
			line.n -= 3;
		}
		is_first = false;
		if (line.n > 0 && line.p[line.n - 1] == '\n')
			line.n--;
		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		if (line.n > 0)
			cs_set_add(&l->set, line, NULL);
	}
	cs_in_close(in);
	return got == CS_END;
}

/* What does not need the data: zone, date, rules, lists. */
static bool
prepare(struct cs_kit *k, struct cs_err *err)
{
	struct cs_kit_private *p = k->p;

	if (!cs_zone_set(p->tz_text, err) ||
	    !cs_as_of_set(&k->as_of, p->as_of_text, err))
		return false;
	if (p->as_of_text == NULL && k->verbose > 0)
		cs_kit_note(k, "as of %s (the clock; zone %s)", k->as_of.now,
		    cs_zone_name());
	for (size_t i = 0; i < p->nlists; i++)
		if (!load_list(&p->lists[i], p->list_file[i], err))
			return false;
	if (!cs_rules_load(&k->rules, k->rule_files, k->nrule_files, &k->run,
		&k->diags, err))
		return false;
	if (k->schema_file != NULL &&
	    !cs_schema_load(
		&k->schema, k->schema_file, &k->run, &k->diags, err))
		return false;
	k->eval_conf.as_of = &k->as_of;
	k->eval_conf.args = p->args;
	k->eval_conf.nargs = p->nargs;
	k->eval_conf.lists = p->lists;
	k->eval_conf.nlists = p->nlists;
	if (k->has_why && k->cmd->no_why != NULL)
		return cs_fail(err, CS_USAGE, "--why does not go with %s (%s)",
		    k->cmd->name, k->cmd->no_why);
	if (k->cmd->ready != NULL && !k->cmd->ready(k->self, k, err))
		return false;
	k->eval_conf.lets = k->rules.lets;
	k->eval_conf.nlets = k->rules.nlets;
	return true;
}

static bool
is_used(const struct cs_kit *k, const struct stat *st)
{
	for (size_t i = 0; i < k->p->nused; i++)
		if (S_ISREG(st->st_mode) && k->p->used[i].dev == st->st_dev &&
		    k->p->used[i].ino == st->st_ino)
			return true;
	return false;
}

static void
use(struct cs_kit *k, const struct stat *st)
{
	struct cs_kit_private *p = k->p;

	if (!S_ISREG(st->st_mode))
		return;
	p->used = cs_grow(p->used, p->nused, &p->used_cap, sizeof(*p->used));
	p->used[p->nused++] = (struct cs_kit_file){st->st_dev, st->st_ino};
}

void
cs_kit_reads(struct cs_kit *k, const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0)
		use(k, &st);
}

bool
cs_kit_output_ok(struct cs_kit *k, const char *path, struct cs_err *err)
{
	struct stat st;

	if (strcmp(path, "-") == 0)
		return cs_fail(err, CS_USAGE,
		    "- is no file to write to (./- is one of that name)");
	if (stat(path, &st) == 0 && is_used(k, &st))
		return cs_fail(
		    err, CS_USAGE, "%s is both input and output", path);
	return true;
}

struct cs_out *
cs_kit_create(struct cs_kit *k, const char *path, struct cs_err *err)
{
	struct cs_out *o;
	struct stat st;

	if (!cs_kit_output_ok(k, path, err))
		return NULL;
	o = cs_out_create(path, err);
	if (o != NULL && fstat(cs_out_fd(o), &st) == 0)
		use(k, &st);
	return o;
}

/* Standard output sent into a file that is read. */
static bool
stdout_ok(struct cs_kit *k, struct cs_err *err)
{
	struct stat st;

	return fstat(STDOUT_FILENO, &st) != 0 || !is_used(k, &st) ||
	       cs_fail(err, CS_USAGE, "stdout is both input and output");
}

/* Made when the request is known to be understood: an exit with 2 leaves the
 * file as it was. */
static bool
open_rejects(struct cs_kit *k, struct cs_err *err)
{
	struct cs_kit_private *p = k->p;

	if (p->rejects_path == NULL)
		return true;
	p->rejects = cs_kit_create(k, p->rejects_path, err);
	if (p->rejects == NULL) {
		cs_out_drop(k->out); /* the header waits there */
		return false;
	}
	cs_out_puts(p->rejects, "file,line,column,reason,value,raw\n");
	return true;
}

static bool
open_one(struct cs_kit *k, const char *path, struct cs_err *err)
{
	struct cs_kit_private *p = k->p;
	struct cs_in *in = cs_in_open(path, err);
	struct cs_reader *r;

	if (in == NULL)
		return false;
	r = cs_reader_open(in, &k->in, &k->head, err);
	if (r == NULL)
		return false;
	p->ins[p->nreaders] = in;
	p->readers[p->nreaders++] = r;
	if (cs_reader_is_empty(r))
		return true;
	if (k->in_form == CS_FORM_AUTO) {
		k->in_form = cs_reader_form(r);
		k->delimiter = cs_reader_delimiter(r);
	}
	return true;
}

static size_t
count_stdin(const char **path, size_t n)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += strcmp(path[i], "-") == 0;
	return found;
}

/* What one reads of standard input the next does not see. */
static bool
stdin_once(const struct cs_kit *k, struct cs_err *err)
{
	size_t n = count_stdin(k->rule_files, k->nrule_files) +
		   count_stdin(k->p->list_file, k->p->nlists) +
		   count_stdin(k->files, k->nfiles);

	n += k->schema_file != NULL && strcmp(k->schema_file, "-") == 0;
	n += k->nfiles == 0 && k->wants_readers && k->reads_stdin;
	return n < 2 ||
	       cs_fail(err, CS_USAGE,
		   "standard input is wanted %zu times: name a file", n);
}

/* Opens all inputs and reads their headers: nothing is written before. */
static bool
open_inputs(struct cs_kit *k, struct cs_err *err)
{
	struct cs_kit_private *p = k->p;
	bool is_good = true;

	if (!k->wants_readers || (k->nfiles == 0 && !k->reads_stdin))
		return true;
	p->readers = cs_calloc(k->nfiles + 1, sizeof(struct cs_reader *));
	p->ins = cs_calloc(k->nfiles + 1, sizeof(struct cs_in *));
	if (k->nfiles == 0)
		is_good = open_one(k, "-", err);
	for (size_t i = 0; i < k->nfiles && is_good; i++)
		is_good = open_one(k, k->files[i], err);
	return is_good;
}

/* What is read is known: nothing of it may be written. */
static bool
outputs_ok(struct cs_kit *k, struct cs_err *err)
{
	for (size_t i = 0; i < k->nfiles; i++)
		cs_kit_reads(k,
		    strcmp(k->files[i], "-") == 0 ? "/dev/stdin" : k->files[i]);
	for (size_t i = 0; i < k->nrule_files; i++)
		cs_kit_reads(k, k->rule_files[i]);
	if (k->schema_file != NULL)
		cs_kit_reads(k, k->schema_file);
	for (size_t i = 0; i < k->p->nlists; i++)
		cs_kit_reads(k, k->p->list_file[i]);
	if (k->nfiles == 0 && k->wants_readers && k->reads_stdin)
		cs_kit_reads(k, "/dev/stdin");
	return stdout_ok(k, err) &&
	       (k->p->rejects_path == NULL ||
		   cs_kit_output_ok(k, k->p->rejects_path, err));
}

static bool
is_summary_table(const struct cs_kit *k)
{
	return k->output == CS_OUT_TABLE;
}

static void
decide_form(struct cs_kit *k)
{
	if (k->p->out_asked != CS_FORM_AUTO || k->out_word != NULL)
		k->out_form = k->p->out_asked;
	else if (is_summary_table(k) && isatty(STDOUT_FILENO))
		k->out_form = CS_FORM_TABLE;
	else if (k->in_form == CS_FORM_JSONL)
		k->out_form = CS_FORM_JSONL;
	else if (!is_summary_table(k) && k->in_form == CS_FORM_TSV)
		k->out_form = CS_FORM_TSV;
	else
		k->out_form = CS_FORM_CSV;
}

/* What a rule file says of a column stands above the schema. */
static void
bind_types(struct cs_kit *k)
{
	cs_schema_bind(&k->schema, &k->head);
	cs_rules_types(&k->rules, &k->head);
}

bool
cs_kit_bind(struct cs_kit *k, struct cs_err *err)
{
	struct cs_plan_conf conf = {.in = k->in_form,
	    .delimiter = k->delimiter ? k->delimiter : ',',
	    .columns = k->columns,
	    .has_header_line = true,
	    .is_clean = k->in.decode,
	    .encode = k->encode,
	    .unites = k->in.unites};

	decide_form(k);
	conf.out = k->out_form;
	k->id = cs_header_find(&k->head, k->id_name);
	bind_types(k);
	k->eval = cs_eval_new(&k->eval_conf);
	if (k->output == CS_OUT_RECORDS)
		k->plan = cs_plan_new(&conf, &k->head);
	if (k->cmd->start != NULL && !k->cmd->start(k->self, k, err))
		return false;
	err->exit = CS_USAGE;
	err->text[0] = '\0';
	if (cs_eval_count(k->eval) > 0 &&
	    !cs_eval_compile(k->eval, &k->head, &k->diags, err))
		return false;
	if (k->diags.errors > 0)
		return false;
	/* Again: columns of JSON lines that only the rules name. */
	bind_types(k);
	return k->plan == NULL || cs_plan_begin(k->plan, k->out, err);
}

/* The header is known: what the command wants is bound, compiled, begun. */
static bool
begin(struct cs_kit *k, struct cs_err *err)
{
	if (k->p->threads > 1)
		cs_header_copy(&k->p->head_before, &k->head);
	return cs_kit_bind(k, err) && open_rejects(k, err);
}

static bool
one_record(struct cs_kit *k, struct cs_rec *rec, struct cs_err *err)
{
	k->records++;
	k->p->rec = rec;
	if (k->cmd->why_is_alone && !k->why_needs_all && k->why_id.p != NULL &&
	    !cs_kit_is_why(k, rec))
		return true;
	if (cs_eval_count(k->eval) > 0) {
		cs_kit_count_reset(k);
		if (!cs_eval_run(k->eval, rec, err))
			return false;
	}
	if (k->cmd->record != NULL && !k->cmd->record(k->self, k, rec, err))
		return false;
	if (k->p->is_flush && !cs_out_flush(k->out, err))
		return false;
	return !cs_out_failed(k->out) || cs_out_flush(k->out, err);
}

bool
cs_kit_read(struct cs_kit *k, struct cs_reader *r, size_t bytes, bool *is_end,
    struct cs_err *err)
{
	struct cs_rec rec = {.arena = &k->one};
	struct cs_refused refused;
	size_t seen = 0;

	while (seen < bytes) {
		switch (cs_reader_next(r, &rec, &refused, err)) {
		case CS_READ:
			seen += rec.raw.n + 1;
			if (!one_record(k, &rec, err))
				return false;
			break;
		case CS_READ_REFUSED:
			seen += refused.raw.n + 1;
			if (!cs_kit_refused(
				k, cs_reader_name(r), &refused, err))
				return false;
			break;
		case CS_READ_END:
			if (is_end != NULL)
				*is_end = true;
			return true;
		case CS_READ_FAILED:
			return false;
		}
		cs_arena_reset(&k->one);
		cs_kit_progress(k, false);
	}
	return true;
}

static bool
read_all(struct cs_kit *k, struct cs_err *err)
{
	bool is_divided = cs_kit_is_divided(k), is_good = true;

	for (size_t i = 0; i < k->p->nreaders && is_good; i++)
		is_good =
		    is_divided
			? cs_kit_team_read(k, k->p->readers[i], err)
			: cs_kit_read(k, k->p->readers[i], SIZE_MAX, NULL, err);
	cs_kit_team_end(k, is_good);
	return is_good;
}

/* All records, then the command's end. After a fault of an input (a cut gzip)
 * the records that were read still come out, but no table is made of them: a
 * part would look like the whole. After --on-error=stop both come out. */
static bool
run(struct cs_kit *k, struct cs_err *err)
{
	struct cs_err late;
	bool is_good = read_all(k, err), is_done = true;

	is_good = is_good && cs_kit_rejects_ok(k, true, err);
	k->p->rec = NULL;
	cs_kit_progress(k, true);
	if ((is_good || err->exit == CS_PARTLY) && k->cmd->finish != NULL)
		is_done = k->cmd->finish(k->self, k, &late);
	if (is_done && k->plan != NULL)
		is_done = cs_plan_end(k->plan, k->out, &late);
	if (is_good && !is_done)
		*err = late;
	return is_good && is_done;
}

static bool
work(struct cs_kit *k, struct cs_err *err)
{
	if (!engine_env(k, err) || !prepare(k, err) || !stdin_once(k, err) ||
	    !open_inputs(k, err) || !outputs_ok(k, err))
		return false;
	if (k->in_form == CS_FORM_AUTO && k->p->nreaders > 0 &&
	    k->cmd->empty != NULL && !k->cmd->empty(k->self, k, err))
		return false;
	if (k->wants_readers && k->p->nreaders > 0 &&
	    k->in_form == CS_FORM_AUTO) {
		/* Not one byte: no output; faults in rules are still told. */
		err->exit = CS_USAGE;
		err->text[0] = '\0';
		return k->diags.errors == 0 && open_rejects(k, err);
	}
	return begin(k, err) && run(k, err);
}

/* Everything is given back, so that leak checkers can be strict. */
static void
kit_free(struct cs_kit *k)
{
	struct cs_kit_private *p = k->p;

	if (k->cmd->end != NULL)
		k->cmd->end(k->self, k);
	for (size_t i = 0; i < p->nreaders; i++)
		cs_reader_close(p->readers[i]);
	free(p->readers);
	free(p->ins);
	if (k->plan != NULL)
		cs_plan_free(k->plan);
	cs_kit_blame_free(p->blame);
	cs_encode_free(k->encode);
	if (k->eval != NULL)
		cs_eval_free(k->eval);
	for (size_t i = 0; i < p->nlists; i++)
		cs_set_free(&p->lists[i].set);
	free(p->lists);
	free(p->list_file);
	free(p->args);
	free(p->asked);
	free(p->used);
	cs_kit_tally_free(&p->tally);
	cs_header_free(&p->head_before);
	cs_header_free(&k->head);
	cs_schema_free(&k->schema);
	cs_diags_free(&k->diags);
	free(k->files);
	free(k->rule_files);
	cs_arena_free(&k->run);
	cs_arena_free(&k->one);
	free(p);
}

static void
kit_init(struct cs_kit *k, const struct cs_cmd *cmd, void *self)
{
	*k = (struct cs_kit){.cmd = cmd,
	    .self = self,
	    .output = cmd->output,
	    .reads_stdin = true,
	    .wants_readers = true,
	    .in = {.decode = cmd->decodes,
		.trim_surplus = cmd->decodes,
		.unites = cmd->decodes},
	    .id_name = cs_str("id"),
	    .id = CS_NO_COLUMN,
	    .out = cs_out_stdout(),
	    .p = cs_calloc(1, sizeof(*k->p))};
	k->eval_conf.engine = CS_ENGINE_FAST;
}

/* The end: findings, summary, the last write, the exit code. */
static int
finish(struct cs_kit *k, bool is_good, struct cs_err *err)
{
	struct cs_err late;
	int code = is_good ? CS_OK : err->exit;

	bool is_written;

	/* The output first: on a terminal the summary stands below it. */
	is_written = cs_out_close(k->out, &late);
	cs_diags_print(&k->diags);
	if (!is_good && k->diags.errors > 0 && code != CS_STOP)
		code = CS_USAGE;
	if (!is_good && err->text[0] != '\0')
		cs_say("%s", err->text);
	/* The run may have ended by the very fault that close tells. */
	if (!is_written && (is_good || strcmp(err->text, late.text) != 0))
		cs_say("%s", late.text);
	if (!is_written)
		code = late.exit;
	if (code != CS_USAGE)
		cs_kit_summary(k);
	if (k->p->rejects != NULL && !cs_out_close(k->p->rejects, &late)) {
		cs_say("%s", late.text);
		code = late.exit;
	}
	return code == CS_OK && k->is_partly ? CS_PARTLY : code;
}

int
cs_kit_main(const struct cs_cmd *cmd, void *self, int argc, char **argv)
{
	struct cs_kit k;
	struct cs_err err = {.exit = CS_STOP};
	int code;

	setprogname(cmd->name);
	kit_init(&k, cmd, self);
	if (cmd->option == NULL && cmd->opts != NULL)
		return CS_STOP; /* a table without a reader is our mistake */
	if (!cs_kit_options(&k, argc, argv, &err)) {
		cs_say("%s", err.text);
		code = err.exit;
		cs_out_close(k.out, &err);
	} else if (k.p->is_help || k.p->is_version) {
		code = tell(&k);
	} else {
		code = finish(&k, work(&k, &err), &err);
	}
	kit_free(&k);
	return code;
}

size_t
cs_kit_add(struct cs_kit *k, const struct cs_stanza *s, const struct cs_kv *kv)
{
	struct cs_str profile = cs_stanza_text(s, "profile");
	char *label = cs_arena_printf(&k->run, "%s %.*s%s%.*s", s->kind->name,
	    CS_ARG(s->name), profile.p ? "/" : "", CS_ARG(profile));
	enum cs_role role =
	    kv->key->type == CS_KEY_CONDITION ? CS_CONDITION : CS_VALUE;

	label[0] = (char)(label[0] | 0x20); /* kinds are ASCII words */
	return cs_eval_add(k->eval, kv->expr, role, label);
}

bool
cs_kit_write(struct cs_kit *k, struct cs_rec *rec, struct cs_err *err)
{
	const struct cs_plan_gap *gap;
	char text[300];

	if (!cs_plan_write(k->plan, rec, k->out, err))
		return false;
	gap = cs_plan_gap(k->plan);
	if (gap == NULL)
		return true;
	snprintf(text, sizeof(text),
	    "U+%04X in column \"%.*s\" does not exist in %s",
	    (unsigned)gap->code, CS_ARG(gap->column),
	    cs_encode_name(k->encode));
	return cs_kit_refuse(
	    k, rec, "encoding", gap->column, gap->value, text, err);
}

bool
cs_kit_again(struct cs_kit *k, struct cs_rec *rec, struct cs_err *err)
{
	k->p->rec = rec;
	cs_kit_count_reset(k);
	return cs_eval_run(k->eval, rec, err);
}

struct cs_str
cs_kit_id(struct cs_kit *k, struct cs_rec *rec)
{
	struct cs_str s = {0};

	/* A member of JSON lines comes when it comes; a column nobody has must
	 * not stand in the header. */
	if (k->id == CS_NO_COLUMN && k->head.is_open)
		k->id = cs_header_find(&k->head, k->id_name);
	if (k->id != CS_NO_COLUMN)
		s = cs_rec_text(rec, k->id);
	return s.p ? s : CS_S("");
}

bool
cs_kit_is_why(struct cs_kit *k, struct cs_rec *rec)
{
	return k->has_why && k->why_id.p != NULL &&
	       cs_str_eq(cs_kit_id(k, rec), k->why_id);
}

bool
cs_kit_why_missing(struct cs_kit *k, struct cs_err *err)
{
	if (k->id == CS_NO_COLUMN)
		return cs_fail(err, CS_USAGE,
		    "--why=%.*s: there is no column \"%.*s\" (--id=COL names "
		    "the key)",
		    CS_ARG(k->why_id), CS_ARG(k->id_name));
	return cs_fail(err, CS_PARTLY, "--why=%.*s: no record has this %.*s",
	    CS_ARG(k->why_id), CS_ARG(k->id_name));
}

bool
cs_kit_need(struct cs_kit *k, struct cs_str name, const char *where,
    size_t *col, struct cs_err *err)
{
	if (k->head.is_open) {
		*col = cs_header_add(&k->head, name);
		return true;
	}
	return cs_header_need(&k->head, name, col, where, err);
}

bool
cs_kit_table(struct cs_kit *k, struct cs_table *t, struct cs_err *err)
{
	if (k->columns.p != NULL && !cs_table_select(t, k->columns, err))
		return false;
	return cs_table_print(t, k->out_form, k->out, err);
}

bool
cs_kit_table_once(struct cs_kit *k, struct cs_table *t, struct cs_err *err)
{
	bool is_good = cs_kit_table(k, t, err);

	cs_table_free(t);
	return is_good;
}
