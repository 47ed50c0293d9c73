/* kit_opts: the common command line, --help and --version */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit_private.h"
#include "split.h"
#include "num.h"
#include "text.h"

#ifndef CSOPS_LIBS
#define CSOPS_LIBS "libjq ?, libcsv ?, zlib ?"
#endif

static bool
has_word(const char *words, struct cs_str w)
{
	struct cs_str rest = cs_str(words), piece;

	while (cs_str_next(&rest, ' ', &piece))
		if (cs_str_eq(piece, w))
			return true;
	return false;
}

static bool
word_of(const char *option, const char *arg, const char *words, size_t *i,
    struct cs_err *err)
{
	struct cs_str rest = cs_str(words), piece, v[8], near;
	size_t n = 0;

	while (n < 8 && cs_str_next(&rest, ' ', &piece)) {
		if (cs_str_is(piece, arg)) {
			*i = n;
			return true;
		}
		v[n++] = piece;
	}
	near = cs_nearest(cs_str(arg), v, n);
	if (near.p != NULL)
		return cs_fail(err, CS_USAGE,
		    "--%s=%s is not one of: %s (did you mean %.*s?)", option,
		    arg, words, CS_ARG(near));
	return cs_fail(
	    err, CS_USAGE, "--%s=%s is not one of: %s", option, arg, words);
}

static bool
split_pair(const char *option, const char *arg, struct cs_str *name,
    const char **value, struct cs_err *err)
{
	const char *eq = strchr(arg, '=');

	if (eq == NULL || eq == arg)
		return cs_fail(
		    err, CS_USAGE, "--%s=%s: NAME=... is needed", option, arg);
	*name = (struct cs_str){arg, (size_t)(eq - arg)};
	*value = eq + 1;
	return true;
}

static bool
set_output(struct cs_kit *k, const char *arg, struct cs_err *err)
{
	const char *forms = k->cmd->forms, *colon = strchr(arg, ':');
	struct cs_str head = cs_str(arg);

	k->out_word = arg;
	if (colon != NULL)
		head.n = (size_t)(colon - arg);
	if (forms != NULL && has_word(forms, head)) {
		k->p->out_asked = CS_FORM_AUTO;
		/* jsonl may be both a form of the command's and a common. */
		if (k->cmd->output != CS_OUT_OWN)
			return true;
		cs_form_parse(arg, &k->p->out_asked);
		return true;
	}
	if ((k->cmd->output != CS_OUT_OWN || forms == NULL) &&
	    cs_form_parse(arg, &k->p->out_asked) &&
	    k->p->out_asked != CS_FORM_AUTO)
		return true;
	if (k->cmd->output == CS_OUT_OWN && forms != NULL)
		return cs_fail(err, CS_USAGE,
		    "\"%s\" is not a form (%s); to write a file: > %s", arg,
		    forms, arg);
	return cs_fail(err, CS_USAGE,
	    "\"%s\" is not a form (csv tsv jsonl table excel%s%s); to write a "
	    "file: > %s",
	    arg, forms ? " " : "", forms ? forms : "", arg);
}

static bool
set_delimiter(struct cs_kit *k, const char *arg, struct cs_err *err)
{
	if (strcmp(arg, "tab") == 0 || strcmp(arg, "\\t") == 0)
		k->in.delimiter = '\t';
	else if (strlen(arg) == 1 && !strchr("\"\r\n", arg[0]))
		k->in.delimiter = (unsigned char)arg[0];
	else
		return cs_fail(err, CS_USAGE,
		    "--delimiter=%s: one character of one byte is needed, or "
		    "tab",
		    arg);
	return true;
}

static bool
set_input(struct cs_kit *k, const char *arg, struct cs_err *err)
{
	static const enum cs_form form[] = {
	    CS_FORM_AUTO, CS_FORM_CSV, CS_FORM_TSV, CS_FORM_JSONL};
	size_t i;

	if (!word_of("input", arg, "auto csv tsv jsonl", &i, err))
		return false;
	k->in.form = form[i];
	return true;
}

static bool
given_twice(const char *option, struct cs_str name, struct cs_err *err)
{
	return cs_fail(
	    err, CS_USAGE, "--%s=%.*s is given twice", option, CS_ARG(name));
}

static bool
add_arg(struct cs_kit *k, const char *arg, struct cs_err *err)
{
	struct cs_kit_private *p = k->p;
	struct cs_str name;
	const char *value = NULL;

	if (!split_pair("arg", arg, &name, &value, err))
		return false;
	if (cs_utf8_valid(cs_str(value)) != strlen(value))
		return cs_fail(err, CS_USAGE, "--arg=%s: not UTF-8", arg);
	for (size_t i = 0; i < p->nargs; i++)
		if (cs_str_eq(p->args[i].name, name))
			return given_twice("arg", name, err);
	p->args = cs_grow(p->args, p->nargs, &p->args_cap, sizeof(*p->args));
	p->args[p->nargs++] = (struct cs_arg){name, cs_str(value)};
	return true;
}

static bool
add_list(struct cs_kit *k, const char *arg, struct cs_err *err)
{
	struct cs_kit_private *p = k->p;
	struct cs_str name;
	const char *value = NULL;
	size_t cap = p->lists_cap;

	if (!split_pair("list", arg, &name, &value, err))
		return false;
	for (size_t i = 0; i < p->nlists; i++)
		if (cs_str_eq(p->lists[i].name, name))
			return given_twice("list", name, err);
	p->lists = cs_grow(p->lists, p->nlists, &cap, sizeof(*p->lists));
	p->list_file = cs_grow(
	    p->list_file, p->nlists, &p->lists_cap, sizeof(*p->list_file));
	p->lists[p->nlists] = (struct cs_list){.name = name};
	p->list_file[p->nlists++] = value;
	return true;
}

static void
add_text(const char ***v, size_t *n, size_t *cap, const char *arg)
{
	*v = cs_grow(*v, *n, cap, sizeof(**v));
	(*v)[(*n)++] = arg;
}

void
cs_kit_rule_file(struct cs_kit *k, const char *path)
{
	add_text(&k->rule_files, &k->nrule_files, &k->p->rules_cap, path);
}

static bool
common(struct cs_kit *k, const struct cs_opt *o, const char *arg,
    struct cs_err *err)
{
	static const enum cs_when when[] = {
	    CS_WHEN_AUTO, CS_WHEN_ALWAYS, CS_WHEN_NEVER};
	struct cs_kit_private *p = k->p;
	long long n;
	size_t i;

	switch (o->id) {
	case CS_OPT_INPUT:
		return set_input(k, arg, err);
	case CS_OPT_OUTPUT:
		return set_output(k, arg, err);
	case CS_OPT_DELIMITER:
		return set_delimiter(k, arg, err);
	case CS_OPT_RULES:
		cs_kit_rule_file(k, arg);
		return true;
	case CS_OPT_SCHEMA:
		if (k->schema_file != NULL)
			return cs_fail(err, CS_USAGE,
			    "--schema=%s: there is one already, %s", arg,
			    k->schema_file);
		k->schema_file = arg;
		return true;
	case CS_OPT_AS_OF:
		p->as_of_text = arg;
		return true;
	case CS_OPT_TZ:
		p->tz_text = arg;
		return true;
	case CS_OPT_ARG:
		return add_arg(k, arg, err);
	case CS_OPT_LIST:
		return add_list(k, arg, err);
	case CS_OPT_ID:
		k->id_name = cs_str(arg);
		return true;
	case CS_OPT_COLUMNS:
		k->columns = cs_str(arg);
		return true;
	case CS_OPT_NO_HEADER:
		k->in.no_header = true;
		return true;
	case CS_OPT_HEADER:
		k->in.names = cs_str(arg);
		k->in.no_header = true;
		return true;
	case CS_OPT_REJECTS:
		p->rejects_path = arg;
		return true;
	case CS_OPT_ON_ERROR:
		if (!word_of("on-error", arg,
			k->in.decode ? "refuse stop keep" : "refuse stop", &i,
			err))
			return false;
		p->is_stop = i == 1;
		k->in.keep_bad = i == 2;
		return true;
	case CS_OPT_WHY:
		k->has_why = true;
		k->why_id = cs_str(arg);
		return true;
	case CS_OPT_ENGINE:
		if (!word_of("engine", arg, "fast ref both", &i, err))
			return false;
		k->eval_conf.engine = k->in.split = k->in.json =
		    (enum cs_engine)i;
		k->p->has_engine = true;
		return true;
	case CS_OPT_THREADS:
		if (!cs_num_whole(cs_str(arg), 1, 1024, &n))
			return cs_fail(err, CS_USAGE,
			    "--threads=%s: a whole number 1..1024 is needed",
			    arg);
		k->p->threads = (size_t)n;
		return true;
	case CS_OPT_QUIET:
		k->is_quiet = true;
		return true;
	case CS_OPT_VERBOSE:
		k->verbose++;
		return true;
	case CS_OPT_STRICT:
		k->is_strict = true;
		return true;
	case CS_OPT_PROGRESS:
		if (!word_of("progress", arg, "auto always never", &i, err))
			return false;
		p->progress = when[i];
		return true;
	case CS_OPT_COLOR: /* nothing is coloured yet; the word is checked */
		return word_of("color", arg, "auto always never", &i, err);
	case CS_OPT_FLUSH:
		p->is_flush = true;
		return true;
	case CS_OPT_HELP:
		p->is_help = true;
		return true;
	case CS_OPT_VERSION:
		p->is_version = true;
		return true;
	default:
		if (k->cmd->twin_opts == NULL ||
		    !has_word(k->cmd->twin_opts, cs_str(o->name)))
			p->has_whole_opt = true;
		return k->cmd->option(k->self, k, o->id, arg, err);
	}
}

static bool
each(void *self, const struct cs_opt *o, const char *arg, struct cs_err *err)
{
	struct cs_kit *k = self;

	if (o != NULL)
		return common(k, o, arg, err);
	add_text(&k->files, &k->nfiles, &k->p->files_cap, arg);
	return true;
}

bool
cs_kit_options(struct cs_kit *k, int argc, char **argv, struct cs_err *err)
{
	if (argc > 1 && k->cmd->words != NULL &&
	    has_word(k->cmd->words, cs_str(argv[1]))) {
		k->word = argv[1];
		argv++;
		argc--;
	}
	return cs_opt_parse(argc, argv, k->cmd->opts, each, k, err);
}

void
cs_kit_help(struct cs_kit *k, struct cs_buf *b)
{
	struct cs_str rest = cs_str(k->cmd->synopsis), line;
	const char *head = "usage: ";

	while (cs_str_next(&rest, '\n', &line)) {
		cs_buf_printf(
		    b, "%s%s %.*s\n", head, k->cmd->name, CS_ARG(line));
		head = "       ";
	}
	cs_buf_printf(b, "%s.\n\n", k->cmd->purpose);
	if (k->cmd->examples != NULL)
		cs_buf_printf(b, "%s\n", k->cmd->examples);
	cs_opt_help(b, k->cmd->opts);
	cs_buf_printf(b,
	    "\nExit: 0 done, 1 something was refused or found wrong, 2 not "
	    "understood, 3 could\nnot go on. The manual: man %s, man csops\n",
	    k->cmd->name);
}

void
cs_kit_version(struct cs_kit *k, struct cs_buf *b)
{
	struct cs_scan scan;

	cs_buf_printf(b, "%s (csops) %s\n", k->cmd->name, CSOPS_VERSION);
	cs_buf_puts(b, CSOPS_LIBS "\n");
	cs_scan_init(&scan, ',', '"', CS_SCAN_AUTO);
	cs_buf_printf(b,
	    "CSV: own, libcsv; JSON lines: own, libjq; rules: native, libjq; "
	    "vector code: %s\n",
	    cs_scan_isa_name(scan.isa));
	cs_scan_free(&scan);
}
