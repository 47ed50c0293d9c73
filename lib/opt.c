#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "opt.h"

static const struct cs_opt common[] = {
    {"input", 'i', "FORM", CS_OPT_INPUT,
	"form of the input: auto csv tsv jsonl"},
    {"output", 'o', "FORM", CS_OPT_OUTPUT,
	"form of the output: csv tsv jsonl table excel"},
    {"delimiter", 'd', "C", CS_OPT_DELIMITER,
	"delimiter of the input (tab, \\t accepted)"},
    {"rules", 'r', "FILE", CS_OPT_RULES,
	"rule file, repeatable; std:NAME is a shipped one"},
    {"schema", 'S', "FILE", CS_OPT_SCHEMA,
	"Table Schema of the input: types of its columns"},
    {"as-of", 0, "DATE", CS_OPT_AS_OF,
	"the day rules call today (YYYY-MM-DD or RFC 3339)"},
    {"tz", 0, "ZONE", CS_OPT_TZ, "zone of civil dates ($TZ, else Asia/Tokyo)"},
    {"arg", 0, "NAME=VALUE", CS_OPT_ARG, "$NAME in rules, as text"},
    {"list", 0, "NAME=FILE", CS_OPT_LIST,
	"in_list(\"NAME\") in rules: one value a line"},
    {"id", 0, "COL", CS_OPT_ID, "the column that is a record's key (id)"},
    {"columns", 0, "A,B", CS_OPT_COLUMNS, "columns of the output"},
    {"no-header", 0, NULL, CS_OPT_NO_HEADER,
	"the input has no header: columns are c1, c2 ..."},
    {"header", 0, "A,B", CS_OPT_HEADER, "names for an input without a header"},
    {"rejects", 0, "FILE", CS_OPT_REJECTS, "write refused records there"},
    {"on-error", 0, "WORD", CS_OPT_ON_ERROR,
	"a record that cannot be read: refuse (go on) or stop"},
    {"why", 0, "[ID]", CS_OPT_WHY,
	"reasons: as a column, or the report of one record"},
    {"engine", 0, "NAME", CS_OPT_ENGINE, "fast, ref (libjq, libcsv) or both"},
    {"threads", 'j', "N", CS_OPT_THREADS, "use up to N threads (1)"},
    {"quiet", 'q', NULL, CS_OPT_QUIET, "no summary"},
    {"verbose", 'v', NULL, CS_OPT_VERBOSE, "say more"},
    {"strict", 0, NULL, CS_OPT_STRICT, "unknowns make the exit code 1"},
    {"progress", 0, "WHEN", CS_OPT_PROGRESS, "auto, always or never"},
    {"color", 0, "WHEN", CS_OPT_COLOR, "auto, always or never"},
    {"flush", 0, NULL, CS_OPT_FLUSH, "write each record at once"},
    {"help", 'h', NULL, CS_OPT_HELP, "this text"},
    {"version", 'V', NULL, CS_OPT_VERSION, "version, libraries and engines"},
    {NULL, 0, NULL, 0, NULL},
};

static size_t
count(const struct cs_opt *o)
{
	size_t n = 0;

	while (o != NULL && o[n].name != NULL)
		n++;
	return n;
}

/* Both tables as one array, and in getopt's form. */
struct table {
	const struct cs_opt **opt;
	struct option *longs;
	char *shorts;
	size_t n;
};

static void
table_make(struct table *t, const struct cs_opt *own)
{
	size_t nown = count(own), ncommon = count(common);
	char *s;

	t->n = nown + ncommon;
	t->opt = cs_calloc(t->n, sizeof(*t->opt));
	t->longs = cs_calloc(t->n + 1, sizeof(*t->longs));
	t->shorts = s = cs_calloc(t->n * 2 + 3, 1);
	/* '-': operands come in their place, POSIXLY_CORRECT or not. ':': a
	 * missing argument is told apart. */
	*s++ = '-';
	*s++ = ':';
	for (size_t i = 0; i < t->n; i++) {
		const struct cs_opt *o = i < nown ? &own[i] : &common[i - nown];

		t->opt[i] = o;
		t->longs[i].name = o->name;
		t->longs[i].has_arg = o->arg == NULL	 ? no_argument
				      : o->arg[0] == '[' ? optional_argument
							 : required_argument;
		t->longs[i].val = o->id;
		if (o->letter != 0) {
			*s++ = o->letter;
			if (o->arg != NULL)
				*s++ = ':';
		}
	}
}

static void
table_free(struct table *t)
{
	free(t->opt);
	free(t->longs);
	free(t->shorts);
}

static bool
unknown_long(const struct table *t, const char *written, struct cs_err *err)
{
	struct cs_str *names = cs_calloc(t->n, sizeof(*names));
	struct cs_str name = cs_str(written + 2), near;
	const char *eq = cs_str_chr(name, '=');

	if (eq != NULL)
		name.n = (size_t)(eq - name.p);
	for (size_t i = 0; i < t->n; i++)
		names[i] = cs_str(t->opt[i]->name);
	near = cs_nearest(name, names, t->n);
	free(names);
	for (size_t i = 0; i < t->n; i++)
		if (cs_str_is(name, t->opt[i]->name))
			return cs_fail(err, CS_USAGE,
			    "option --%s takes no argument", t->opt[i]->name);
	for (size_t i = 0, n = 0; i < t->n; i++)
		if (cs_str_starts(cs_str(t->opt[i]->name), name) && ++n > 1)
			return cs_fail(err, CS_USAGE,
			    "option --%.*s could be several (see --help)",
			    CS_ARG(name));
	if (near.p == NULL)
		return cs_fail(err, CS_USAGE,
		    "unknown option --%.*s (see --help)", CS_ARG(name));
	return cs_fail(err, CS_USAGE,
	    "unknown option --%.*s (did you mean --%.*s?)", CS_ARG(name),
	    CS_ARG(near));
}

static bool
unknown_short(int c, struct cs_err *err)
{
	if (c == 'H' || c == 'n')
		return cs_fail(err, CS_USAGE,
		    "unknown option -%c (an input without a header: "
		    "--no-header)",
		    c);
	return cs_fail(err, CS_USAGE, "unknown option -%c (see --help)", c);
}

static const struct cs_opt *
table_find(const struct table *t, int c)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->opt[i]->id == c || (c < 256 && t->opt[i]->letter == c))
			return t->opt[i];
	return NULL;
}

static bool
one(const struct table *t, int c, char **argv, cs_opt_fn *f, void *self,
    struct cs_err *err)
{
	const struct cs_opt *o;

	if (c == 1)
		return f(self, NULL, optarg, err);
	if (c == ':') {
		o = table_find(t, optopt);
		return cs_fail(err, CS_USAGE, "option --%s needs %s",
		    o != NULL ? o->name : argv[optind - 1],
		    o != NULL ? o->arg : "an argument");
	}
	if (c == '?') {
		const char *written = argv[optind - 1];

		if (optopt != 0 && optopt < 256)
			return unknown_short(optopt, err);
		return unknown_long(t,
		    cs_str_starts(cs_str(written), CS_S("--")) ? written
							       : "--?",
		    err);
	}
	o = table_find(t, c);
	return f(self, o, optarg, err);
}

bool
cs_opt_parse(int argc, char **argv, const struct cs_opt *own, cs_opt_fn *f,
    void *self, struct cs_err *err)
{
	struct table t;
	bool good = true;
	int c;

	table_make(&t, own);
	opterr = 0;
	optind = 0; /* GNU: begin anew, also when called twice */
	while (good &&
	       (c = getopt_long(argc, argv, t.shorts, t.longs, NULL)) != -1)
		good = one(&t, c, argv, f, self, err);
	for (; good && optind < argc; optind++)
		good = f(self, NULL, argv[optind], err);
	table_free(&t);
	return good;
}

static void
help_one(struct cs_buf *b, const struct cs_opt *o)
{
	size_t from = b->n, width;

	if (o->letter != 0)
		cs_buf_printf(b, "  -%c, --%s", o->letter, o->name);
	else
		cs_buf_printf(b, "      --%s", o->name);
	if (o->arg != NULL && o->arg[0] == '[')
		cs_buf_printf(
		    b, "[=%.*s]", (int)strlen(o->arg) - 2, o->arg + 1);
	else if (o->arg != NULL)
		cs_buf_printf(b, "=%s", o->arg);
	width = b->n - from;
	cs_buf_printf(
	    b, "%*s%s\n", width < 26 ? (int)(28 - width) : 2, "", o->help);
}

void
cs_opt_help(struct cs_buf *b, const struct cs_opt *own)
{
	for (; own != NULL && own->name != NULL; own++)
		help_one(b, own);
	if (b->n > 0)
		cs_buf_puts(b, "\n");
	for (const struct cs_opt *o = common; o->name != NULL; o++)
		help_one(b, o);
}
