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

struct cs_cmd {
	const char *name;     /* "cs-score" */
	const char *purpose;  /* one line */
	const char *synopsis; /* usage behind the name; = the manual's SYNOPSIS */
	const char *examples; /* two lines or so for -h */
	const struct cs_opt *opts; /* its own, ended by name NULL */
	bool is_table; /* output is a summary: its form is table on a terminal,
			  else csv, or jsonl if the input was */
	/* What a command does; each may be NULL. All return false with err to
	 * end the run.
	 * option: one of its own options was given.
	 * start: the header is known, rules are loaded: declare columns, add
	 *   expressions. Findings go to kit->diags. kit compiles afterwards.
	 *   Without any data (0 bytes) it is called too, kit->head has no
	 *   columns and is_empty is set.
	 * record: one record; kit has run the evaluator on it.
	 * finish: the end of all inputs. */
	bool (*option)(void *self, struct cs_kit *k, int id, const char *arg,
	    struct cs_err *err);
	bool (*start)(void *self, struct cs_kit *k, struct cs_err *err);
	bool (*record)(void *self, struct cs_kit *k, struct cs_rec *rec,
	    struct cs_err *err);
	bool (*finish)(void *self, struct cs_kit *k, struct cs_err *err);
};

enum cs_answer { CS_NO, CS_YES, CS_UNKNOWN };

struct cs_kit {
	const struct cs_cmd *cmd;
	void *self;
	struct cs_arena run; /* the run's lifetime */
	struct cs_arena one; /* the record's: reset after each */
	struct cs_rules rules;
	struct cs_eval *eval;
	struct cs_header head;
	bool is_empty;         /* no input had a byte */
	enum cs_form in_form;  /* found: CSV, TSV, JSONL */
	enum cs_form out_form; /* asked or decided; set before start */
	const char *out_word;  /* -o as written, NULL if not given: commands
				  with forms of their own read it */
	int delimiter;
	struct cs_as_of as_of;
	struct cs_str id_name; /* --id, default "id" */
	size_t id;             /* its column, CS_NO_COLUMN if there is none */
	bool has_why;
	struct cs_str why_id;  /* --why=ID; absent: the added column */
	bool is_quiet, is_strict;
	int verbose;
	struct cs_diags diags; /* findings; errors end the run with 2 */
	struct cs_out *out;    /* standard output */
	struct cs_plan *plan;  /* records out; NULL for is_table */
	uint64_t records;      /* read and not refused */
	uint64_t refused;
	bool is_partly;        /* exit 1 at the end */
	struct cs_kit_private *p;
};

/* Runs a command: the whole main. Returns the exit code. */
int cs_kit_main(const struct cs_cmd *cmd, void *self, int argc, char **argv);

/* Adds the expression of a key to the evaluator, under the name the summary
 * shows (kind and name of the stanza). */
size_t cs_kit_add(struct cs_kit *k, const struct cs_stanza *s,
    const struct cs_kv *kv);
/* Asks condition i of the present record. An unknown and its faults are
 * counted for the summary, per rule and column, once per record. */
enum cs_answer cs_kit_ask(struct cs_kit *k, size_t i);
/* The same for a value; null is unknown and counted. */
struct cs_val cs_kit_value(struct cs_kit *k, size_t i);
/* The answer under the stanza's Missing: no, yes as said; *stop is set for
 * Missing: error (the caller refuses the record and returns). dflt is the
 * kind's default. */
bool cs_kit_settle(enum cs_answer a, enum cs_missing m, bool dflt, bool *stop);

/* Leaves the present record out: counted, to --rejects with its raw text;
 * message unless quiet; the run ends with 1. --on-error=stop: false. reason is
 * one word ("unknown:pv1000"); text is for people. */
bool cs_kit_refuse(struct cs_kit *k, struct cs_rec *rec, const char *reason,
    struct cs_str column, struct cs_str value, const char *text,
    struct cs_err *err);
/* Writes the present record with the slots set in k->plan. */
bool cs_kit_write(struct cs_kit *k, struct cs_rec *rec, struct cs_err *err);
/* The record's id text, "" if there is no id column. */
struct cs_str cs_kit_id(struct cs_kit *k, struct cs_rec *rec);
/* A column the command needs by an option or a key: unknown is exit 2 with a
 * suggestion; where names the option ("--by"). Open headers add it. */
bool cs_kit_need(struct cs_kit *k, struct cs_str name, const char *where,
    size_t *col, struct cs_err *err);
/* Prints a table as the run's output (form decided as is_table says). */
bool cs_kit_table(struct cs_kit *k, const struct cs_table *t,
    struct cs_err *err);
/* A line of the summary on stderr: shown unless -q, also when nothing else
 * is. */
void cs_kit_note(struct cs_kit *k, const char *fmt, ...) CS_PRINTF(2, 3);
/* A file this run writes: must not be an input (exit 2). */
bool cs_kit_output_ok(struct cs_kit *k, struct cs_out *o, struct cs_err *err);

#endif
