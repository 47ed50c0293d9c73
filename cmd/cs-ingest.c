/* cs-ingest: raw export -> clean records */
#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "encode.h"
#include "kit.h"
#include "mapping.h"
#include "num.h"
#include "schema_check.h"
#include "schema_infer.h"
#include "stamp.h"
#include "text.h"

enum {
	OPT_ENCODING = CS_OPT_OWN,
	OPT_OUTPUT_ENCODING,
	OPT_MAP,
	OPT_SKIP,
	OPT_QUOTE,
	OPT_DROP_REST,
	OPT_RENAME,
	OPT_CLEAN,
	OPT_DIALECT,
	OPT_INFER,
	OPT_SOURCE,
	OPT_DIFF,
	OPT_APPLY,
	OPT_OLD,
	OPT_SORTED,
	OPT_NEST,
	OPT_MAX_REJECTS,
	OPT_STAMP
};

static const struct cs_opt opts[] = {
    {"encoding", 0, "NAME", OPT_ENCODING,
	"encoding of the input (sjis, eucjp ...); default: found"},
    {"output-encoding", 0, "NAME", OPT_OUTPUT_ENCODING,
	"for old tools: CSV in cp932 ...; what it lacks refuses the row"},
    {"map", 'm', "FILE", OPT_MAP, "map file: Column:, From:, Type: ..."},
    {"skip", 0, "N", OPT_SKIP, "pass over N lines at the start"},
    {"quote", 0, "C", OPT_QUOTE, "quote character of the input (\")"},
    {"drop-rest", 0, NULL, OPT_DROP_REST, "only the map's columns, as mapped"},
    {"rename-duplicates", 0, NULL, OPT_RENAME,
	"columns of one name become a, a_2, a_3"},
    {"dialect", 0, NULL, OPT_DIALECT,
	"print what was found as JSON, read no further"},
    {"clean", 0, "WORDS", OPT_CLEAN,
	"trim,nfkc,blank,control,variants; ja: all of them"},
    {"infer", 0, NULL, OPT_INFER, "print a Table Schema that fits the data"},
    {"source", 0, "COL", OPT_SOURCE, "add a column with the input's name"},
    {"nest", 0, NULL, OPT_NEST,
	"with -o jsonl: columns a.b become objects, [1,2] an array"},
    {"max-rejects", 0, "N", OPT_MAX_REJECTS,
	"N or N%: end with 3 when more records are refused"},
    {"stamp", 0, "COL", OPT_STAMP,
	"tell the newest date of the column and its age"},
    {"diff", 0, NULL, OPT_DIFF, "what changed since --old=FILE: a change set"},
    {"apply", 0, NULL, OPT_APPLY, "change sets and --old=FILE: the new state"},
    {"old", 0, "FILE", OPT_OLD, "the older state, for --diff and --apply"},
    {"sorted", 0, NULL, OPT_SORTED,
	"both are in order of the key's bytes: little memory"},
    {NULL, 0, NULL, 0, NULL},
};

struct ingest {
	bool drop_rest, is_dialect, is_infer;
	struct cs_clean clean;
	struct cs_checks *checks;
	struct cs_infer *infer;
	const char *source; /* --source, NULL: no such column */
	size_t source_slot;
	bool is_nest, is_stamped;
	const char *stamp; /* --stamp, NULL: none */
	size_t stamp_col;  /* CS_NO_COLUMN: the map sets it */
	const struct cs_mapped *stamp_map;
	struct cs_stamp newest;
	struct cs_mapping map;
	bool is_diff;
	struct cs_change_conf change_conf;
	struct cs_change *change; /* --diff, --apply */
};

static bool
option(
    void *self, struct cs_kit *k, int id, const char *arg, struct cs_err *err)
{
	struct ingest *g = self;
	long long n;

	switch (id) {
	case OPT_ENCODING:
		k->in.encoding = arg;
		return true;
	case OPT_OUTPUT_ENCODING:
		cs_encode_free(k->encode);
		k->encode = cs_encode_open(arg, err);
		return k->encode != NULL;
	case OPT_MAP:
		cs_kit_rule_file(k, arg);
		return true;
	case OPT_SKIP:
		if (!cs_num_whole(cs_str(arg), 0, 1000000000, &n))
			return cs_fail(err, CS_USAGE,
			    "--skip=%s: a number of lines is needed", arg);
		k->in.skip = (size_t)n;
		k->in.as_is = true;
		return true;
	case OPT_QUOTE:
		if (strlen(arg) != 1 || strchr("\r\n", arg[0]) != NULL)
			return cs_fail(err, CS_USAGE,
			    "--quote=%s: one character of one byte is needed",
			    arg);
		k->in.quote = (unsigned char)arg[0];
		return true;
	case OPT_DIALECT:
		g->is_dialect = true;
		return true;
	case OPT_CLEAN:
		k->in.clean = &g->clean;
		return cs_clean_parse(&g->clean, arg, err);
	case OPT_DROP_REST:
		g->drop_rest = true;
		return true;
	case OPT_INFER:
		g->is_infer = true;
		return true;
	case OPT_SOURCE:
		g->source = arg;
		return *arg != '\0' ||
		       cs_fail(err, CS_USAGE, "--source needs a column name");
	case OPT_NEST:
		g->is_nest = true;
		return true;
	case OPT_MAX_REJECTS:
		return cs_kit_max_rejects(k, arg, err);
	case OPT_STAMP:
		g->stamp = arg;
		return true;
	case OPT_DIFF:
		g->is_diff = true;
		return true;
	case OPT_APPLY:
		g->change_conf.is_apply = true;
		return true;
	case OPT_OLD:
		g->change_conf.old = arg;
		return true;
	case OPT_SORTED:
		g->change_conf.is_sorted = true;
		return true;
	default:
		k->in.rename_duplicates = true;
		return true;
	}
}

/* --dialect: one line of JSON for one input, of which no record is read. Names
 * that stand twice are no fault here. */
static bool
tell_dialect(struct cs_kit *k, const char *path, struct cs_err *err)
{
	struct cs_reader_conf conf = k->in;
	struct cs_header head = {0};
	struct cs_dialect_report report;
	struct cs_buf b = {0};
	struct cs_in *in = cs_in_open(path, err);
	struct cs_reader *r;

	if (in == NULL)
		return false;
	conf.rename_duplicates = true;
	r = cs_reader_open(in, &conf, &head, err);
	if (r != NULL) {
		cs_reader_report(r, &report);
		cs_dialect_json(&b, &report);
		cs_out_str(k->out, cs_buf_get(&b));
		cs_buf_free(&b);
	}
	cs_reader_close(r);
	cs_header_free(&head);
	return r != NULL;
}

static bool
tell_dialects(struct cs_kit *k, struct cs_err *err)
{
	if (k->nfiles == 0)
		return tell_dialect(k, "-", err);
	for (size_t i = 0; i < k->nfiles; i++)
		if (!tell_dialect(k, k->files[i], err))
			return false;
	return true;
}

static bool
is_change(const struct ingest *g)
{
	return g->is_diff || g->change_conf.is_apply;
}

/* Do the options for change sets go together? */
static bool
change_ready(struct ingest *g, struct cs_kit *k, struct cs_err *err)
{
	const char *old = g->change_conf.old;

	if (g->is_diff && g->change_conf.is_apply)
		return cs_fail(
		    err, CS_USAGE, "--diff or --apply, not both in one run");
	if (is_change(g) && old == NULL)
		return cs_fail(err, CS_USAGE,
		    "--old=FILE is needed: the state before the changes");
	if (!is_change(g) && (old != NULL || g->change_conf.is_sorted))
		return cs_fail(err, CS_USAGE,
		    "--old and --sorted go with --diff or --apply");
	if (!is_change(g))
		return true;
	if (k->nrule_files > 0 || g->drop_rest || g->source != NULL ||
	    k->schema_file != NULL || k->in.clean != NULL || g->is_infer)
		return cs_fail(err, CS_USAGE,
		    "--diff and --apply take records as they are: map both "
		    "states first");
	if (strcmp(old, "-") == 0)
		return cs_fail(err, CS_USAGE,
		    "--old=-: standard input is for the other state");
	cs_kit_reads(k, old);
	return true;
}

static bool
open_old(struct ingest *g, struct cs_kit *k, struct cs_err *err)
{
	g->change = cs_change_open(k, &g->change_conf, err);
	return g->change != NULL;
}

/* --output-encoding: JSON is UTF-8 by its own law, tables are for people, and
 * what --infer and --dialect print is no table of records. */
static bool
encoding_ready(struct ingest *g, struct cs_kit *k, struct cs_err *err)
{
	if (k->encode == NULL)
		return true;
	if (cs_encode_is_plain(k->encode)) {
		cs_encode_free(k->encode);
		k->encode = NULL;
		return true;
	}
	if (g->is_dialect || g->is_infer)
		return cs_fail(err, CS_USAGE,
		    "--output-encoding is for records: not with --infer or "
		    "--dialect");
	return true;
}

static bool
encoding_fits(struct cs_kit *k, struct cs_err *err)
{
	return k->encode == NULL || k->out_form == CS_FORM_CSV ||
	       k->out_form == CS_FORM_TSV || k->out_form == CS_FORM_EXCEL ||
	       cs_fail(err, CS_USAGE,
		   "--output-encoding is for -o csv, tsv and excel: %s is "
		   "UTF-8",
		   cs_form_name(k->out_form));
}

/* The new state may be empty, a change set too. */
static bool
empty(void *self, struct cs_kit *k, struct cs_err *err)
{
	struct ingest *g = self;

	return !is_change(g) || open_old(g, k, err);
}

/* --drop-rest: the columns are the map's, in its order. */
static void
drop_rest(struct ingest *g, struct cs_kit *k)
{
	bool *keep =
	    cs_arena_array(&k->run, cs_header_n(&k->head) + 1, sizeof(*keep));
	struct cs_buf list = {0};

	for (size_t i = 0; i < g->map.n; i++)
		if (g->map.v[i].col != CS_NO_COLUMN)
			keep[g->map.v[i].col] = true;
	cs_plan_keep(k->plan, keep);
	if (k->columns.p == NULL) {
		for (size_t i = 0; i < g->map.n; i++)
			cs_names_put(&list, g->map.v[i].name);
		if (g->source != NULL)
			cs_names_put(&list, cs_str(g->source));
		cs_plan_columns(k->plan, cs_keep(&k->run, cs_buf_get(&list)));
	}
	cs_buf_free(&list);
}

/* --dialect and --infer: the output is what was seen, not the records. */
static bool
ready(void *self, struct cs_kit *k, struct cs_err *err)
{
	struct ingest *g = self;

	if (g->is_dialect) {
		k->output = CS_OUT_OWN;
		k->wants_readers = false;
	}
	if (k->nfiles > 1)
		k->in.froms =
		    cs_mapping_froms(&k->rules, &k->run, &k->in.nfroms);
	if (!encoding_ready(g, k, err) || !change_ready(g, k, err))
		return false;
	if ((g->stamp != NULL || g->is_nest) &&
	    (g->is_dialect || g->is_infer || is_change(g)))
		return cs_fail(err, CS_USAGE,
		    "--stamp and --nest go with records, not with --dialect, "
		    "--infer, --diff or --apply");
	if (!g->is_infer)
		return true;
	if (k->schema_file != NULL)
		return cs_fail(err, CS_USAGE,
		    "--infer and --schema exclude "
		    "each other");
	if (k->out_word != NULL || k->columns.p != NULL || k->nrule_files > 0 ||
	    g->drop_rest)
		return cs_fail(err, CS_USAGE,
		    "--infer looks at the input as it is: no -o, --columns, "
		    "map or --drop-rest");
	k->output = CS_OUT_OWN;
	return true;
}

/* Types, formats and constraints of the schema and of the map. */
static void
start_checks(struct ingest *g, struct cs_kit *k)
{
	const struct cs_schema *s = k->schema.n > 0 ? &k->schema : NULL;
	bool *taken =
	    cs_arena_array(&k->run, cs_header_n(&k->head) + 1, sizeof(*taken));

	for (size_t i = 0; i < g->map.n; i++)
		if (g->map.v[i].has_slot && g->map.v[i].col != CS_NO_COLUMN)
			taken[g->map.v[i].col] = true;
	g->checks = cs_checks_new(s, &k->head, k->plan, taken);
}

/* --nest and --stamp look at the columns that come out. */
static bool
start_output(struct ingest *g, struct cs_kit *k, struct cs_err *err)
{
	if (g->is_nest && (k->out_form != CS_FORM_JSONL || k->head.is_open))
		return cs_fail(err, CS_USAGE,
		    "--nest makes JSON lines of CSV: -o jsonl, and no JSON "
		    "for input");
	if (g->is_nest)
		cs_plan_nest(k->plan);
	g->stamp_col = CS_NO_COLUMN;
	for (size_t i = 0; i < g->map.n && g->stamp != NULL; i++)
		if (g->map.v[i].has_slot &&
		    cs_str_is(g->map.v[i].name, g->stamp))
			g->stamp_map = &g->map.v[i];
	g->is_stamped =
	    g->stamp_map != NULL ||
	    (g->stamp != NULL && cs_kit_need(k, cs_str(g->stamp), "--stamp",
				     &g->stamp_col, err));
	return g->stamp == NULL || g->is_stamped;
}

static bool
start(void *self, struct cs_kit *k, struct cs_err *err)
{
	struct ingest *g = self;

	if (!encoding_fits(k, err))
		return false;
	if (g->is_dialect)
		return tell_dialects(k, err);
	if (g->is_infer) {
		g->infer = cs_infer_new(&k->head);
		return true;
	}
	if (is_change(g))
		return (g->change != NULL || open_old(g, k, err)) &&
		       cs_change_start(g->change, err);
	if (k->schema.foreign.line > 0)
		cs_diag(&k->diags, CS_WARNING, "type", k->schema.foreign,
		    "foreignKeys are not checked: they need the other file");
	cs_mapping_build(&g->map, &k->rules, &k->head, &k->run, &k->diags);
	cs_mapping_schema(&g->map, &k->schema, &k->head, &k->diags);
	if (k->diags.errors == 0 && !k->head.is_open)
		cs_schema_match(&k->schema, &k->head, &k->diags);
	if (g->drop_rest && g->map.n == 0)
		return k->diags.errors > 0 ||
		       cs_fail(
			   err, CS_USAGE, "--drop-rest needs a map (-m FILE)");
	cs_rules_types(&k->rules, &k->head);
	for (size_t i = 0; i < g->map.n; i++) {
		struct cs_mapped *c = &g->map.v[i];

		if (c->kv != NULL && c->kv->expr != NULL)
			c->expr = cs_kit_add(k, c->stanza, c->kv);
		if (c->has_slot)
			c->slot = cs_plan_add(k->plan, c->name);
	}
	if (g->source != NULL)
		g->source_slot = cs_plan_add(k->plan, cs_str(g->source));
	start_checks(g, k);
	if (g->drop_rest)
		drop_rest(g, k);
	return k->diags.errors > 0 || start_output(g, k, err);
}

/* A record with a cell that does not fit is refused, not changed. */
static bool
fits(struct ingest *g, struct cs_kit *k, struct cs_rec *rec, bool *is_refused,
    struct cs_err *err)
{
	struct cs_violation bad;

	cs_checks_record(g->checks, rec, &bad);
	*is_refused = bad.reason != NULL;
	return bad.reason == NULL || cs_kit_refuse(k, rec, bad.reason,
					 bad.column, bad.value, bad.text, err);
}

static struct cs_val
mapped_val(struct cs_kit *k, struct cs_rec *rec, const struct cs_mapped *c)
{
	struct cs_val v = cs_val_null();

	if (c->kv != NULL)
		v = cs_kit_cell(k, c->expr);
	else if (c->col != CS_NO_COLUMN)
		v = cs_rec_val(rec, c->col);
	if (v.kind == CS_NULL && c->dflt.p != NULL)
		v = cs_val_cell(c->dflt, CS_TYPE_ANY, &(bool){false});
	return v;
}

static bool
is_empty(const struct cs_val *v)
{
	return v->kind == CS_NULL || (v->kind == CS_TEXT && v->text.n == 0);
}

/* Fills what the map makes. A record that then lacks what is required, or has
 * what the schema does not allow there, is refused. */
static bool
fill(struct ingest *g, struct cs_kit *k, struct cs_rec *rec, bool *is_refused,
    struct cs_err *err)
{
	for (size_t i = 0; i < g->map.n; i++) {
		const struct cs_mapped *c = &g->map.v[i];
		struct cs_violation bad = {0};
		struct cs_val v;

		if (!c->has_slot && !c->is_required)
			continue;
		v = mapped_val(k, rec, c);
		if (c->is_required && is_empty(&v))
			bad =
			    (struct cs_violation){"required", c->name, CS_S(""),
				cs_arena_printf(rec->arena,
				    "%.*s is empty, and the map requires it",
				    CS_ARG(c->name))};
		else if (c->field != NULL)
			cs_checks_made(g->checks, c->field, rec, &v, &bad);
		*is_refused = bad.reason != NULL;
		if (*is_refused)
			return cs_kit_refuse(k, rec, bad.reason, bad.column,
			    bad.value, bad.text, err);
		if (c->has_slot)
			cs_plan_set(k->plan, c->slot, v);
		if (c == g->stamp_map)
			cs_stamp_see(&g->newest, v);
	}
	return true;
}

static bool
record(void *self, struct cs_kit *k, struct cs_rec *rec, struct cs_err *err)
{
	struct ingest *g = self;
	bool is_refused;

	if (g->is_infer) {
		cs_infer_record(g->infer, rec);
		return true;
	}
	if (g->change != NULL)
		return cs_change_record(g->change, rec, err);
	if (!fits(g, k, rec, &is_refused, err))
		return false;
	if (!is_refused && !fill(g, k, rec, &is_refused, err))
		return false;
	if (is_refused)
		return true;
	if (g->stamp != NULL && g->stamp_col != CS_NO_COLUMN)
		cs_stamp_see(&g->newest, cs_rec_val(rec, g->stamp_col));
	if (g->source != NULL)
		cs_plan_set(
		    k->plan, g->source_slot, cs_val_text(cs_str(rec->file)));
	return cs_kit_write(k, rec, err);
}

/* What --clean did, step by step, below the summary. */
static void
tell_cleaned(const struct cs_clean *c, struct cs_kit *k)
{
	for (size_t i = 0; i < CS_CLEAN_STEPS; i++) {
		if (c->n[i] == 0)
			continue;
		if (i == CS_CLEAN_BLANK)
			cs_kit_note(k, "clean blank: %ju record%s left out",
			    (uintmax_t)c->n[i], c->n[i] == 1 ? "" : "s");
		else
			cs_kit_note(k, "clean %s: %ju cell%s changed",
			    cs_clean_word((enum cs_clean_step)i),
			    (uintmax_t)c->n[i], c->n[i] == 1 ? "" : "s");
	}
}

/* The input's columns that the map says nothing about. */
static void
tell_unused(const struct ingest *g, struct cs_kit *k)
{
	const char *names;
	size_t n;

	if (k->verbose == 0 || g->map.n == 0)
		return;
	n = cs_mapping_unused(&g->map, &k->head, &k->run, &names);
	if (n > 0)
		cs_kit_note(k, "%zu column%s not in the map, %s: %s", n,
		    n == 1 ? "" : "s", g->drop_rest ? "left out" : "kept",
		    names);
}

static void
tell_stamp(const struct ingest *g, struct cs_kit *k)
{
	struct cs_buf b = {0};

	if (!g->is_stamped)
		return;
	cs_stamp_tell(&g->newest, &k->as_of, &b);
	cs_kit_note(k, "newest %s: %s", g->stamp, cs_buf_z(&b));
	cs_buf_free(&b);
}

static bool
finish(void *self, struct cs_kit *k, struct cs_err *err)
{
	struct ingest *g = self;

	if (g->is_infer)
		cs_infer_print(g->infer, k->out);
	return g->change == NULL || cs_change_finish(g->change, err);
}

static void
end(void *self, struct cs_kit *k)
{
	struct ingest *g = self;

	tell_unused(g, k);
	tell_cleaned(&g->clean, k);
	tell_stamp(g, k);
	cs_checks_free(g->checks);
	cs_infer_free(g->infer);
	cs_change_free(g->change);
}

static void *
twin(const void *self)
{
	const struct ingest *g = self;
	struct ingest *t;

	if (cs_checks_has_keys(g->checks))
		return NULL;
	t = cs_calloc(1, sizeof(*t));
	t->drop_rest = g->drop_rest;
	t->source = g->source;
	return t;
}

static const struct cs_cmd cmd = {
    .name = "cs-ingest",
    .purpose = "Turns raw exports (Excel, CRMs, CP932, gzip) into clean "
	       "UTF-8 records",
    .synopsis = "[-m MAP [--drop-rest]] [--encoding=NAME] [-d C] [--skip=N] "
		"[FILE...]\n--infer [FILE...]\n"
		"--diff|--apply --old=FILE [--id=COL] [--sorted] [FILE...]",
    .examples = "  cs-ingest shops.csv.gz > shops.csv\n"
		"  cs-ingest -m map.rules -o jsonl export.csv\n",
    .opts = opts,
    .no_why = "it decides nothing; -v tells how inputs were read",
    .decodes = true,
    .output = CS_OUT_RECORDS,
    .option = option,
    .ready = ready,
    .empty = empty,
    .start = start,
    .record = record,
    .finish = finish,
    .end = end,
    .twin_opts = "encoding map skip quote drop-rest rename-duplicates clean "
		 "source",
    .twin = twin,
};

int
main(int argc, char **argv)
{
	struct ingest g = {0};

	return cs_kit_main(&cmd, &g, argc, argv);
}
