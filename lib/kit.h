/* kit: what every command does the same way
 *
 * Options, inputs, record loop, error policy, counters, rejects, summary,
 * progress, exit code. A command gives an option table and functions; it never
 * opens standard input and never prints results but through here. */
#ifndef CS_KIT_H
#define CS_KIT_H

#include "eval.h"
#include "opt.h"
#include "out.h"
#include "reader.h"
#include "rec.h"
#include "rowplan.h"
#include "rules.h"
#include "table.h"

struct cs_kit;

/* What the output of a run is. */
enum cs_output {
	CS_OUT_RECORDS, /* the input's records, with columns added */
	CS_OUT_TABLE,	/* a summary: aligned on a terminal, else CSV, or JSON
			   lines if the input was */
	CS_OUT_OWN	/* the command writes to kit->out itself */
};

struct cs_cmd {
	const char *name;     /* "cs-score" */
	const char *purpose;  /* one line, no full stop */
	const char *synopsis; /* usage behind the name; one line a form, parted
				 by \n; = the manual's SYNOPSIS */
	const char *examples; /* lines for --help, each ended by \n */
	const struct cs_opt *opts; /* its own, ended by name NULL; or NULL */
	const char *words;	   /* subcommands, blank between; NULL: none */
	const char *forms;  /* -o words of its own ("mbox decisions"), besides
			       or, with CS_OUT_OWN, instead of the common */
	bool decodes;	    /* inputs in any encoding, ragged ends trimmed,
			       LF out, columns united (cs-ingest) */
	const char *no_why; /* why --why does not go with it, NULL: it does */
	bool why_is_alone;  /* --why=ID needs no other record: they are read
			       but not evaluated and not given to record */
	enum cs_output output; /* kit->output begins as this */
	/* What a command does; each may be NULL. All return false with err to
	 * end the run with err->exit.
	 * option: one of its own options was given.
	 * ready: all options are known, rules are loaded, nothing is opened
	 * yet: check what is required; set output, reads_stdin, wants_readers.
	 * start: the header is known: declare columns (cs_plan_add), add
	 *   expressions (cs_kit_add). Findings go to kit->diags. Not called
	 *   when the input has no byte at all, unless empty finds another.
	 * empty: it has none: may open another input on k->head and give the
	 *   run its in_form and delimiter.
	 * record: one record; the evaluator has run on it.
	 * finish: the end of all inputs. Not called without start.
	 * end: give back what the command holds; always called, while the
	 *   evaluator is still there. */
	bool (*option)(void *self, struct cs_kit *k, int id, const char *arg,
	    struct cs_err *err);
	bool (*ready)(void *self, struct cs_kit *k, struct cs_err *err);
	bool (*empty)(void *self, struct cs_kit *k, struct cs_err *err);
	bool (*start)(void *self, struct cs_kit *k, struct cs_err *err);
	bool (*record)(void *self, struct cs_kit *k, struct cs_rec *rec,
	    struct cs_err *err);
	bool (*finish)(void *self, struct cs_kit *k, struct cs_err *err);
	void (*end)(void *self, struct cs_kit *k);
	/* With -j each thread has a kit and a self of its own, and its record
	 * is called for stretches of the records. Commands whose record looks
	 * at nothing but the one record, and at sums, have these; without twin
	 * all is done by one thread, as it is with a subcommand.
	 * twin_opts: its own options that go with that, blank between; with any
	 *   other there is one thread.
	 * twin: another self as it was before start, from malloc; start, record
	 *   and end are called with it. self is as start left it. NULL: this
	 *   run needs all its records in one place, so one thread.
	 * join: adds to self what such a twin counted. May be NULL. */
	const char *twin_opts;
	void *(*twin)(const void *self);
	void (*join)(void *self, const void *twin);
};

struct cs_kit {
	const struct cs_cmd *cmd;
	void *self;
	struct cs_arena run; /* the run's lifetime */
	struct cs_arena one; /* the record's: reset after each */

	/* The request. */
	const char *word;   /* the subcommand, NULL if none */
	const char **files; /* operands; none: standard input */
	size_t nfiles;
	const char **rule_files;
	size_t nrule_files;
	const char *schema_file;  /* -S, NULL if not given */
	struct cs_reader_conf in; /* how inputs are read; commands may add */
	const char *out_word;	  /* -o as written, NULL if not given */
	enum cs_output output;
	bool reads_stdin;   /* without operands; true unless ready clears it */
	bool wants_readers; /* false: the command reads its operands itself;
			       start gets an empty header */
	struct cs_str columns; /* --columns, absent if not given */
	struct cs_str id_name; /* --id, default "id" */
	bool has_why;
	struct cs_str why_id; /* --why=ID; absent: the added column */
	struct cs_as_of as_of;
	bool is_quiet, is_strict;
	int verbose;
	/* For cs_eval_new; eval is made of it before start. */
	struct cs_eval_conf eval_conf;

	/* Known from start on. */
	struct cs_rules rules;	 /* from ready on */
	struct cs_schema schema; /* the same; n 0: none */
	struct cs_eval *eval;
	struct cs_header head;
	enum cs_form in_form;  /* found: CSV, TSV, JSONL */
	enum cs_form out_form; /* decided; AUTO for a form of the command's */
	int delimiter;	       /* of the input; 0: none */
	size_t id;	       /* id_name's column, CS_NO_COLUMN: none */
	struct cs_diags diags; /* findings; errors end the run with 2 */
	struct cs_out *out;    /* standard output */
	struct cs_plan *plan;  /* CS_OUT_RECORDS only */
	struct cs_encode *encode; /* what its CSV is written in; NULL: UTF-8.
				     Set by an option, freed by the kit */
	uint64_t records;	  /* read and not refused by the reader */
	uint64_t refused;	  /* by the reader or the command */
	uint64_t unread;	  /* of them by the reader */
	bool is_partly;		  /* exit 1 at the end */
	bool why_needs_all; /* start may set it: not why_is_alone after all */
	struct cs_kit_private *p;
};

/* Runs a command: the whole main. Returns the exit code. */
int cs_kit_main(const struct cs_cmd *cmd, void *self, int argc, char **argv);

/* One more rule file, as -r does; from an option. */
void cs_kit_rule_file(struct cs_kit *k, const char *path);

/* --max-rejects=N or P%, from an option: the run ends with 3 as soon as more
 * records are refused; a share is asked from 1,000 records on and at the end.
 */
bool cs_kit_max_rejects(struct cs_kit *k, const char *arg, struct cs_err *err);

/* Adds the expression of a key to the evaluator, under the name the summary
 * shows: kind and name of the stanza ("segment tech"). */
size_t cs_kit_add(
    struct cs_kit *k, const struct cs_stanza *s, const struct cs_kv *kv);
/* Asks condition i of the present record. An unknown and its faults are
 * counted for the summary, per rule and column, once per record. */
enum cs_answer cs_kit_ask(struct cs_kit *k, size_t i);
/* The first of the conditions i .. end - 1 that cs_kit_ask may find to be more
 * than a no; end: none. Of many, most say no. */
size_t cs_kit_next(const struct cs_kit *k, size_t i, size_t end);
/* The same for a value; null is unknown and counted. */
struct cs_val cs_kit_value(struct cs_kit *k, size_t i);
/* The same where null is a value like another (cells of a map): only faults are
 * counted. */
struct cs_val cs_kit_cell(struct cs_kit *k, size_t i);
/* The same where only a number will do: another kind is counted as a fault
 * and unknown. */
bool cs_kit_number(struct cs_kit *k, size_t i, double *v);
/* And where only a date (RULES, Dates) will do. */
bool cs_kit_date(struct cs_kit *k, size_t i, struct cs_str *date);
/* The column whose emptiness leaves expression i unknown in the present record;
 * absent when there is none. Lives until the next call. */
struct cs_str cs_kit_empty(struct cs_kit *k, size_t i);
/* The answer under the stanza's Missing:; dflt is the kind's default for an
 * unknown. *stop is set for Missing: error (the caller refuses the record with
 * cs_kit_refuse_unknown and returns). */
bool cs_kit_settle(enum cs_answer a, enum cs_missing m, bool dflt, bool *stop);

/* In finish: rec, which waited (hold), is the present record again, and the
 * evaluator runs on it. What was asked before would be counted twice. */
bool cs_kit_again(struct cs_kit *k, struct cs_rec *rec, struct cs_err *err);

/* Leaves the present record out: counted, to --rejects with its raw text; a
 * message unless quiet; the run ends with 1. With --on-error=stop it returns
 * false (err, exit 1). reason is for machines ("cells"), text for people. */
bool cs_kit_refuse(struct cs_kit *k, const struct cs_rec *rec,
    const char *reason, struct cs_str column, struct cs_str value,
    const char *text, struct cs_err *err);
/* The same for Missing: error of stanza s: reason unknown:NAME. */
bool cs_kit_refuse_unknown(struct cs_kit *k, const struct cs_rec *rec,
    const struct cs_stanza *s, struct cs_err *err);
/* Writes the present record with the slots set in k->plan; refuses it where
 * k->encode lacks a character of it. */
bool cs_kit_write(struct cs_kit *k, struct cs_rec *rec, struct cs_err *err);
/* The record's id text; "" if there is no id column or the cell is empty. */
struct cs_str cs_kit_id(struct cs_kit *k, struct cs_rec *rec);
/* Is this the record of --why=ID? (ids compared as text) */
bool cs_kit_is_why(struct cs_kit *k, struct cs_rec *rec);
/* The error of a report that found no record: "--why=ID: no record has ...". */
bool cs_kit_why_missing(struct cs_kit *k, struct cs_err *err);
/* A column that an option names: unknown is exit 2 with a suggestion; where is
 * the option ("--by"). An open header gets it. */
bool cs_kit_need(struct cs_kit *k, struct cs_str name, const char *where,
    size_t *col, struct cs_err *err);
/* Prints a table as the run's output: form as CS_OUT_TABLE says, --columns
 * applied. */
bool cs_kit_table(struct cs_kit *k, struct cs_table *t, struct cs_err *err);
/* The same, and frees it. */
bool cs_kit_table_once(
    struct cs_kit *k, struct cs_table *t, struct cs_err *err);
/* A line of the summary on stderr, unless -q. */
void cs_kit_note(struct cs_kit *k, const char *fmt, ...) CS_PRINTF(2, 3);
/* Says that the run reads this file: no output may be it. The kit does so for
 * operands, rule files and lists. */
void cs_kit_reads(struct cs_kit *k, const char *path);
/* May path be written? Not what is read, nor another output, nor "-" (exit 2).
 * Nothing is opened. */
bool cs_kit_output_ok(struct cs_kit *k, const char *path, struct cs_err *err);
/* The same, and creates it (cs_out_create). */
struct cs_out *cs_kit_create(
    struct cs_kit *k, const char *path, struct cs_err *err);

#endif
