/* template_private: what the files of template share; for nobody else */
#ifndef CS_TEMPLATE_PRIVATE_H
#define CS_TEMPLATE_PRIVATE_H

#include "date.h"
#include "template.h"

/* A value on its way through the filters. */
struct cs_tvalue {
	struct cs_str text; /* absent: missing */
	bool is_json;	    /* text is JSON that is no string: 3, true, [..] */
	bool is_escaped;    /* |html has escaped it already */
};

struct cs_targ {
	struct cs_str text;
	long long num;		 /* kind n */
	struct cs_duration span; /* kind d */
	bool is_negative;	 /* kind d */
};

/* A filter turns a value that is not missing into another; returns NULL, or
 * why it cannot ("not a number"). */
typedef const char *cs_tapply(struct cs_tvalue *v, const struct cs_targ *arg,
    size_t n, const struct cs_template_env *env);

struct cs_tfilter {
	const char *name;
	/* A letter for each argument: t text, n number, d duration; behind a
	 * ? they may be left out. */
	const char *args;
	cs_tapply *apply; /* NULL: the fallback */
	const char *help;
};
const struct cs_tfilter *cs_tfilters(size_t *n);

struct cs_tcall {
	const struct cs_tfilter *filter;
	struct cs_targ *arg;
	size_t n;
};

/* A name that holes use; bound once for all of them. */
struct cs_tfield {
	struct cs_str name;
	size_t col;	     /* CS_NO_COLUMN: none */
	int special;	     /* -1: none */
	size_t first_col;    /* JSON: column of the name's first piece */
	struct cs_str *path; /* and the members behind it */
	size_t npath;
};

enum cs_tkind { CS_T_TEXT, CS_T_HOLE };

struct cs_tstep {
	enum cs_tkind kind;
	struct cs_str text; /* TEXT: as is; HOLE: the tag's source */
	/* HOLE */
	struct cs_place at;
	size_t field;
	bool is_raw;
	struct cs_tcall *call;
	size_t ncalls;
};

struct cs_template {
	struct cs_templates *set;
	enum cs_template_part part;
	bool is_body; /* ends with a line end */
	struct cs_tstep *step;
	size_t n, cap;
	struct cs_template *next; /* all of a set, newest first */
};

/* A file of the directory, read once. */
struct cs_tfile {
	struct cs_str name; /* base name */
	const char *path;   /* as messages show it */
	struct cs_str text; /* absent: there is no such file */
	bool is_told;	    /* its faults are among the findings already */
};

/* What a base name was loaded to: mails may share their templates. */
struct cs_tloaded {
	struct cs_str base;
	struct cs_template_mail mail;
};

struct cs_templates {
	struct cs_arena arena;
	const char *dir;
	struct cs_tfile **file;
	size_t nfiles, capfiles;
	struct cs_tfield *field;
	size_t nfields, capfields;
	struct cs_tloaded *loaded;
	size_t nloaded, caploaded;
	struct cs_template *all;
	bool is_offered[CS_TEMPLATE_SPECIALS];
};

/* Text with places: part of a file, or of a rule file's value. */
struct cs_tsource {
	struct cs_str text;
	const char *file;  /* and */
	const char *begin; /* first byte of the file's text, or */
	const struct cs_pair *pair;
};
struct cs_place cs_tplace(const struct cs_tsource *s, const char *p);

/* A template without steps, in the set. */
struct cs_template *cs_tnew(
    struct cs_templates *set, enum cs_template_part part);
/* Appends the steps of a source. NULL diags: do not tell faults. */
void cs_tparse(
    struct cs_template *t, const struct cs_tsource *s, struct cs_diags *diags);
/* The file of the set's directory, never NULL; its text is absent when it is
 * not there. NULL with err when it cannot be read. Faults of its bytes (UTF-8,
 * NUL) go to diags. */
struct cs_tfile *cs_tfile(struct cs_templates *set, struct cs_str name,
    struct cs_diags *diags, struct cs_err *err);
/* Is s a name that a file may have (no slash, not hidden)? */
bool cs_tfile_name(struct cs_str s);
size_t cs_tfield(struct cs_templates *set, struct cs_str name);
/* Appends s with what is special in a URL or in HTML escaped. */
void cs_turl(struct cs_buf *b, struct cs_str s);
void cs_thtml(struct cs_buf *b, struct cs_str s);

#endif
