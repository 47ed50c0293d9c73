/* rules: rule files with meaning: kinds, keys, owners, expressions
 *
 * One table per kind drives loading, errors, cs-rules(5) and completions. All
 * faults of all files are collected. Expressions are parsed here, so a syntax
 * error in a stanza of another command is seen too; columns are bound later
 * and only for the stanzas a command uses. */
#ifndef CS_RULES_H
#define CS_RULES_H

#include "date.h"
#include "eval.h"
#include "expr.h"
#include "schema.h"
#include "stanza.h"

enum cs_key_type {
	CS_KEY_TEXT,
	CS_KEY_NAME, /* a name of another stanza or the like */
	CS_KEY_NUMBER,
	CS_KEY_WHOLE,
	CS_KEY_CONDITION, /* an expression: yes/no */
	CS_KEY_EXPR,	  /* an expression: a value */
	CS_KEY_DURATION,
	CS_KEY_WORD,	/* one of words */
	CS_KEY_MISSING, /* no yes error, or a number for Weight rules */
	CS_KEY_ORDER,	/* expressions with asc/desc, or a word for Funnel */
	CS_KEY_LIST,	/* names, comma or blank between, quoted if needed */
	CS_KEY_RATE,	/* 0..1, or 60% */
	CS_KEY_RANGE,	/* lo..hi */
	CS_KEY_STEPS,	/* at:result at:result ..., rising */
	CS_KEY_DATE	/* YYYY-MM-DD */
};

struct cs_key {
	const char *name; /* "from-date" */
	enum cs_key_type type;
	bool is_required;
	bool is_many;	   /* may stand several times in a stanza */
	const char *words; /* CS_KEY_WORD: "yes no draft" */
	double lo, hi;	   /* CS_KEY_NUMBER, _WHOLE; lo == hi: any */
	const char *help;  /* one line for cs-rules(5) and errors */
};

struct cs_kind {
	const char *name;  /* "Segment" */
	const char *owner; /* "Score", "Axis", "Funnel" or NULL */
	bool is_owner_required;
	const char *commands; /* who uses it: "cs-segment" */
	const struct cs_key *keys;
	size_t nkeys;
	const char *help;
};

/* All kinds, for lists and manuals. */
const struct cs_kind *cs_kinds(size_t *n);

/* One piece of an Order: value: `.mrr desc`. */
struct cs_order {
	struct cs_expr *expr;
	bool is_desc;
};

/* One pair of a Steps: value. */
struct cs_score_step {
	double at, result;
};

/* A key with its value, checked. A required key is always there: an absent one
 * is told and stands as a faulty one, with an empty value. */
struct cs_kv {
	const struct cs_key *key;
	struct cs_str value;	    /* a word as the table has it, a name in
				       NFC, all else as written */
	const struct cs_pair *pair; /* places */
	bool is_faulty; /* did not fit its type, told: the run ends anyway */
	struct cs_expr *expr;	     /* CONDITION, EXPR; NULL: it had a fault */
	double num;		     /* NUMBER, WHOLE, RATE (0..1), MISSING */
	bool is_number;		     /* MISSING: num is set */
	double lo, hi;		     /* RANGE */
	struct cs_duration duration; /* DURATION */
	struct cs_order *order;	     /* ORDER of expressions */
	size_t norder;
	struct cs_score_step *steps; /* STEPS */
	size_t nsteps;
};

enum cs_missing {
	CS_MISSING_DEFAULT,
	CS_MISSING_NO,
	CS_MISSING_YES,
	CS_MISSING_ERROR,
	CS_MISSING_NUMBER /* Weight rules: cs_stanza_number(s, "missing") */
};

struct cs_stanza {
	const struct cs_kind *kind;
	struct cs_str name; /* value of the kind key, NFC; a Column's as
			       written, as headers are */
	struct cs_place at;
	const struct cs_pair *pair; /* the kind key */
	struct cs_kv *kv;
	size_t n;
	const struct cs_stanza *owner; /* the open Score, Axis, Funnel */
	enum cs_missing missing;       /* what Missing: says */
	const struct cs_field *field;  /* a Column's Format, or NULL */
};

struct cs_rules {
	struct cs_stanza **v; /* in order of files and lines */
	size_t n, cap;
	struct cs_let *lets;
	size_t nlets;
};

/* Loads all files; "std:NAME" is NAME.rules in rules, stages or maps of the
 * environment's CSOPS_DATADIR, else in ../share/csops beside the program's
 * directory, else where it was installed. Faults go to diags; a file that
 * cannot be read: false with err (exit 3); no such std: name: exit 2, with what
 * there is. */
bool cs_rules_load(struct cs_rules *r, const char *const *files, size_t n,
    struct cs_arena *run, struct cs_diags *diags, struct cs_err *err);
/* The directory of shipped rules, stages and templates (see std: above). */
const char *cs_datadir(struct cs_arena *run);
/* Adds a Segment made of -e NAME=EXPR. */
void cs_rules_add_segment(struct cs_rules *r, const char *arg,
    struct cs_arena *run, struct cs_diags *diags);
/* Gives Column: stanzas' types and formats to the header (columns it does not have are
 * passed over: the stanza may serve another command). For an open header call
 * it again when columns were added (after cs_eval_compile). */
void cs_rules_types(const struct cs_rules *r, struct cs_header *head);

bool cs_stanza_is(const struct cs_stanza *s, const char *kind);
/* The key's first value, NULL when absent. */
const struct cs_kv *cs_stanza_get(const struct cs_stanza *s, const char *key);
struct cs_str cs_stanza_text(const struct cs_stanza *s, const char *key);
/* Its number (checked when loaded), or other. */
double cs_stanza_number(
    const struct cs_stanza *s, const char *key, double other);
/* Its checked value; false when the key is absent. */
bool cs_stanza_duration(
    const struct cs_stanza *s, const char *key, struct cs_duration *d);
bool cs_stanza_range(
    const struct cs_stanza *s, const char *key, double *lo, double *hi);
/* Is a yes/no word "yes"? other when absent. */
bool cs_stanza_yes(const struct cs_stanza *s, const char *key, bool other);
/* The next value of a key that may stand several times: begin with *i = 0;
 * NULL at the end. */
const struct cs_kv *cs_stanza_each(
    const struct cs_stanza *s, const char *key, size_t *i);
/* Its place, for findings; the stanza's own when the key is absent. */
struct cs_place cs_stanza_place(const struct cs_stanza *s, const char *key);

/* Splits a list value ("a, b" or "a b"; "x, y" quoted): next item, false at
 * the end. *rest begins as the value. */
bool cs_list_next(struct cs_str *rest, struct cs_str *item, struct cs_arena *a);

#endif
