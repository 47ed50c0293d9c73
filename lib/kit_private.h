/* kit_private: what the files of the kit share and commands do not see */
#ifndef CS_KIT_PRIVATE_H
#define CS_KIT_PRIVATE_H

#include <sys/types.h>

#include "kit.h"

/* One line of the summary in the making: a rule and why it was unknown. */
struct cs_kit_count {
	size_t expr; /* its number, the order of the summary */
	struct cs_str label;
	struct cs_str column; /* the empty column, or absent: see text */
	struct cs_str text;   /* first fault's text, absent for an unknown */
	uint64_t n;
	struct cs_str example[3]; /* ids, for -v */
	size_t nexamples;
};

enum cs_when { CS_WHEN_AUTO, CS_WHEN_ALWAYS, CS_WHEN_NEVER };

struct cs_kit_private {
	/* The request, as options come in. */
	const char *as_of_text, *tz_text;
	enum cs_form out_asked;
	enum cs_when progress;
	bool is_help, is_version, is_flush, is_stop, has_engine;
	size_t files_cap, rules_cap, args_cap, lists_cap;
	struct cs_arg *args;
	size_t nargs;
	struct cs_list *lists;
	const char **list_file;
	size_t nlists;
	const char *rejects_path;

	/* The run. */
	struct cs_reader **readers;
	size_t nreaders;
	struct cs_in **ins; /* of the readers, for fds; closed with them */
	/* Every plain file this run reads or writes: none may be both. */
	struct cs_kit_file {
		dev_t dev;
		ino_t ino;
	} *used;
	size_t nused, used_cap;
	struct cs_out *rejects;
	struct cs_rec *rec; /* the present record */
	/* By expression: the record (turn) it was last counted for, and the
	 * column that was empty then with its line of count. */
	struct cs_kit_asked {
		uint64_t turn;
		size_t col;
		size_t line; /* + 1; 0: none yet */
		/* kit_blame: is the first empty column always it? */
		enum { CS_FLAT_UNTRIED, CS_FLAT_NO, CS_FLAT_YES } flat;
	} *asked;
	size_t nasked;
	uint64_t turn;
	struct cs_kit_blame *blame; /* made when it is needed */
	struct cs_map count_map;
	struct cs_kit_count *count;
	size_t ncounts, counts_cap;
	struct cs_map reason_map; /* refusals by reason */
	uint64_t *reason_n;
	size_t reasons_cap;
	uint64_t refusals_shown;
	bool is_progress_decided, has_progress, progress_shown;
	long long progress_ms;
};

/* kit_opts: the command line into k; kit_count: counters and the summary. */
bool cs_kit_options(struct cs_kit *k, int argc, char **argv,
    struct cs_err *err);
void cs_kit_help(struct cs_kit *k, struct cs_buf *b);
void cs_kit_version(struct cs_kit *k, struct cs_buf *b);
void cs_kit_count_reset(struct cs_kit *k);
void cs_kit_summary(struct cs_kit *k);
/* The first empty column of expression i; *sure: it is why i is unknown. */
size_t cs_kit_first_empty(struct cs_kit *k, size_t i, bool *sure);
void cs_kit_blame_free(struct cs_kit_blame *b);
void cs_kit_progress(struct cs_kit *k, bool last);
/* The reader's refusal: the same as cs_kit_refuse for what is no record. */
bool cs_kit_refused(struct cs_kit *k, const char *file,
    const struct cs_refused *r, struct cs_err *err);

#endif
