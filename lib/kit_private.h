/* kit_private: what the files of the kit share and commands do not see */
#ifndef CS_KIT_PRIVATE_H
#define CS_KIT_PRIVATE_H

#include <sys/types.h>

#include "kit.h"

#define CS_EXAMPLES 3

/* One line of the summary in the making: a rule and why it was unknown. */
struct cs_kit_count {
	size_t expr; /* its number, the order of the summary */
	struct cs_str label;
	struct cs_str column; /* the empty column, or absent: see text */
	struct cs_str text;   /* first fault's text, absent for an unknown */
	uint64_t n;
	struct cs_str example[CS_EXAMPLES]; /* ids, for -v; the first ones */
	uint64_t at[CS_EXAMPLES];	    /* when: see events */
	size_t nexamples;
};

/* Refusals shown one by one; the rest is in the summary and --rejects. */
#define CS_SHOWN 10

/* What a run, or a thread in one batch, found wrong. The zero value is
 * empty. */
struct cs_kit_tally {
	struct cs_arena arena; /* of the texts here */
	struct cs_map count_map;
	struct cs_kit_count *count; /* in order of first sight */
	size_t ncounts, counts_cap;
	uint64_t events; /* examples so far, in the order of the records */
	struct cs_map reason_map; /* refusals by reason */
	uint64_t *reason_n;
	size_t reasons_cap;
	/* A thread's first messages: the main one prints them in their turn. */
	const char *said[CS_SHOWN];
	size_t nsaid;
};

enum cs_when { CS_WHEN_AUTO, CS_WHEN_ALWAYS, CS_WHEN_NEVER };

struct cs_kit_private {
	/* The request, as options come in. */
	const char *as_of_text, *tz_text;
	enum cs_form out_asked;
	enum cs_when progress;
	bool is_help, is_version, is_flush, is_stop, has_engine;
	bool has_whole_opt; /* one that cmd->twin_opts does not name */
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
	} * used;
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
	} * asked;
	size_t nasked;
	uint64_t turn;
	struct cs_kit_blame *blame; /* made when it is needed */
	struct cs_kit_tally tally;
	uint64_t refusals_shown;
	uint64_t guarded; /* excel: cells that the threads' plans guarded */

	/* -j N, see kit_threads. */
	size_t threads;
	bool is_part; /* this is the kit of a thread, not of the run */
	struct cs_header head_before; /* start; the threads begin with it */
	struct cs_kit_team *team;

	bool is_progress_decided, has_progress, progress_shown;
	long long progress_ms;
};

/* Binds what the command wants to the header, compiles, and lets the plan write
 * its header to k->out. */
bool cs_kit_bind(struct cs_kit *k, struct cs_err *err);
/* Records of r, until it has ended (*is_end may be NULL) or so many bytes were
 * read. */
bool cs_kit_read(struct cs_kit *k, struct cs_reader *r, size_t bytes,
    bool *is_end, struct cs_err *err);

/* kit_threads: may records of this run be divided among threads? (Not every
 * input can be, see cs_reader_can_cut.) From cs_kit_bind on. */
bool cs_kit_is_divided(const struct cs_kit *k);
/* All of r, by k->p->team, which is made when it is first worth it. */
bool cs_kit_team_read(
    struct cs_kit *k, struct cs_reader *r, struct cs_err *err);
/* Ends the threads. with_sums: the command gets what they counted, which it
 * needs for finish. */
void cs_kit_team_end(struct cs_kit *k, bool with_sums);

/* kit_opts: the command line into k; kit_count: counters and the summary. */
bool cs_kit_options(
    struct cs_kit *k, int argc, char **argv, struct cs_err *err);
void cs_kit_help(struct cs_kit *k, struct cs_buf *b);
void cs_kit_version(struct cs_kit *k, struct cs_buf *b);
void cs_kit_count_reset(struct cs_kit *k);
void cs_kit_summary(struct cs_kit *k);
/* The first empty column of expression i; *sure: it is why i is unknown. */
size_t cs_kit_first_empty(struct cs_kit *k, size_t i, bool *sure);
void cs_kit_blame_free(struct cs_kit_blame *b);
void cs_kit_progress(struct cs_kit *k, bool last);
/* The tally of a batch, whose records follow those counted in k so far, becomes
 * part of k's; the messages of its refusals are shown. */
void cs_kit_tally_join(
    struct cs_kit *k, const struct cs_kit_tally *t, uint64_t refused);
void cs_kit_tally_free(struct cs_kit_tally *t);
/* The reader's refusal: the same as cs_kit_refuse for what is no record. */
bool cs_kit_refused(struct cs_kit *k, const char *file,
    const struct cs_refused *r, struct cs_err *err);

#endif
