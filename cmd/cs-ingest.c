/* cs-ingest: raw export -> clean records */
#include <stdlib.h>
#include <string.h>

#include "kit.h"
#include "mapping.h"
#include "num.h"

enum {
	OPT_ENCODING = CS_OPT_OWN,
	OPT_MAP,
	OPT_SKIP,
	OPT_QUOTE,
	OPT_DROP_REST,
	OPT_RENAME
};

static const struct cs_opt opts[] = {
    {"encoding", 0, "NAME", OPT_ENCODING,
	"encoding of the input (sjis, eucjp ...); default: found"},
    {"map", 'm', "FILE", OPT_MAP, "map file: Column:, From:, Type: ..."},
    {"skip", 0, "N", OPT_SKIP, "pass over N lines at the start"},
    {"quote", 0, "C", OPT_QUOTE, "quote character of the input (\")"},
    {"drop-rest", 0, NULL, OPT_DROP_REST, "only the map's columns, as mapped"},
    {"rename-duplicates", 0, NULL, OPT_RENAME,
	"columns of one name become a, a_2, a_3"},
    {NULL, 0, NULL, 0, NULL},
};

struct ingest {
	bool drop_rest;
	struct cs_mapping map;
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
	case OPT_MAP:
		cs_kit_rule_file(k, arg);
		return true;
	case OPT_SKIP:
		if (!cs_num_whole(cs_str(arg), 0, 1000000000, &n))
			return cs_fail(err, CS_USAGE,
			    "--skip=%s: a number of lines is needed", arg);
		k->in.skip = (size_t)n;
		return true;
	case OPT_QUOTE:
		if (strlen(arg) != 1 || strchr("\r\n", arg[0]) != NULL)
			return cs_fail(err, CS_USAGE,
			    "--quote=%s: one character of one byte is needed",
			    arg);
		k->in.quote = (unsigned char)arg[0];
		return true;
	case OPT_DROP_REST:
		g->drop_rest = true;
		return true;
	default:
		k->in.rename_duplicates = true;
		return true;
	}
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
		for (size_t i = 0; i < g->map.n; i++) {
			cs_buf_puts(&list, i ? "," : "");
			cs_buf_str(&list, g->map.v[i].name);
		}
		cs_plan_columns(k->plan, cs_keep(&k->run, cs_buf_get(&list)));
	}
	cs_buf_free(&list);
}

static bool
start(void *self, struct cs_kit *k, struct cs_err *err)
{
	struct ingest *g = self;

	cs_mapping_build(&g->map, &k->rules, &k->head, &k->run, &k->diags);
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
	if (g->drop_rest)
		drop_rest(g, k);
	return true;
}

/* The text of a cell that does not fit its Type:; absent: it fits. */
static struct cs_str
misfit(struct cs_kit *k, struct cs_rec *rec, size_t col)
{
	struct cs_str cell;

	if (col == CS_NO_COLUMN || k->head.type[col] == CS_TYPE_ANY)
		return (struct cs_str){0};
	cell = cs_rec_text(rec, col);
	if (cell.n == 0 || cs_rec_val(rec, col).kind != CS_NULL)
		return (struct cs_str){0};
	return cell;
}

/* A record with a cell that does not fit is refused, not changed. */
static bool
fits(struct ingest *g, struct cs_kit *k, struct cs_rec *rec, bool *is_refused,
    struct cs_err *err)
{
	static const char *const kind[] = {"", "a text", "a number",
	    "true or false", "a date (YYYY-MM-DD)",
	    "a time (YYYY-MM-DDTHH:MM)"};

	*is_refused = false;
	for (size_t i = 0; i < g->map.n; i++) {
		const struct cs_mapped *c = &g->map.v[i];
		struct cs_str cell = misfit(k, rec, c->col);

		if (cell.n == 0)
			continue;
		/* Told with the record: not one more unknown. */
		if (k->head.misfits[c->col] > 0)
			k->head.misfits[c->col]--;
		if (*is_refused)
			continue;
		*is_refused = true;
		if (!cs_kit_refuse(k, rec, "type", c->name, cell,
			cs_arena_printf(&k->one, "%.*s is \"%.*s\", not %s",
			    CS_ARG(c->name), CS_ARG(cell),
			    kind[k->head.type[c->col]]),
			err))
			return false;
	}
	return true;
}

static void
set_cell(struct cs_kit *k, struct cs_rec *rec, const struct cs_mapped *c)
{
	struct cs_val v = cs_val_null();

	if (c->kv != NULL)
		v = cs_kit_cell(k, c->expr);
	else if (c->col != CS_NO_COLUMN)
		v = cs_rec_val(rec, c->col);
	if (v.kind == CS_NULL && c->dflt.p != NULL)
		v = cs_val_cell(c->dflt, CS_TYPE_ANY, &(bool){false});
	cs_plan_set(k->plan, c->slot, v);
}

static bool
record(void *self, struct cs_kit *k, struct cs_rec *rec, struct cs_err *err)
{
	struct ingest *g = self;
	bool is_refused;

	if (!fits(g, k, rec, &is_refused, err))
		return false;
	if (is_refused)
		return true;
	for (size_t i = 0; i < g->map.n; i++)
		if (g->map.v[i].has_slot)
			set_cell(k, rec, &g->map.v[i]);
	return cs_kit_write(k, rec, err);
}

static void *
twin(const void *self)
{
	const struct ingest *g = self;
	struct ingest *t = cs_calloc(1, sizeof(*t));

	t->drop_rest = g->drop_rest;
	return t;
}

static const struct cs_cmd cmd = {
    .name = "cs-ingest",
    .purpose = "Turns raw exports (Excel, CRMs, CP932, gzip) into clean "
	       "UTF-8 records",
    .synopsis = "[-m MAP [--drop-rest]] [--encoding=NAME] [-d C] [--skip=N] "
		"[FILE...]",
    .examples = "  cs-ingest shops.csv.gz > shops.csv\n"
		"  cs-ingest -m map.rules -o jsonl export.csv\n",
    .opts = opts,
    .no_why = "it decides nothing; -v tells how inputs were read",
    .decodes = true,
    .output = CS_OUT_RECORDS,
    .option = option,
    .start = start,
    .record = record,
    .twin = twin,
};

int
main(int argc, char **argv)
{
	struct ingest g = {0};

	return cs_kit_main(&cmd, &g, argc, argv);
}
