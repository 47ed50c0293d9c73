/* expr_native_node: what the files of expr_native share
 *
 * The form is a tree of nodes walked by three functions: cs_nat_cond answers
 * yes, no or unknown in a register, cs_nat_value fills a value, cs_nat_stream
 * gives the items of a generator. Why not bytecode or closures: most of a rule
 * is `column against constant` under and/or, which are one node each here, so
 * there is little left to dispatch, and a switch inlines its leaves where an
 * indirect call would not. Tables of such conditions are not walked at all but
 * where a value is odd: expr_native_grid. */
#ifndef CS_EXPR_NATIVE_NODE_H
#define CS_EXPR_NATIVE_NODE_H

#include "expr_native.h"
#include "hash.h"
#include "re.h"

enum node_op {
	/* values */
	N_CONST, /* k */
	N_SELF,	 /* the input */
	N_COL,	 /* column */
	N_FIELD, /* a.name */
	N_AT,	 /* a[b] */
	N_LET,	 /* Let number let */
	N_LEAF,	 /* libjq's, number let; at is all of it */
	N_PIPE,	 /* a | b */
	N_ALT,	 /* a // b */
	N_IF,	 /* list, as CS_E_IF */
	N_CAT,	 /* interpolation: list */
	N_ONE,	 /* the one value of stream a */
	N_ADD,
	N_ARITH, /* cmp is the operator */
	N_NEG,
	N_MATH, /* math of the input */
	N_TONUMBER,
	N_TOSTRING,
	N_LENGTH,
	N_TYPE,
	N_TYPE_REC, /* of the record itself */
	N_CASE,	    /* ascii_downcase, ascii_upcase (is_left) */
	N_TRIM,	    /* ltrimstr (is_left), rtrimstr: a */
	N_SPLIT,    /* a */
	N_NFKC,
	N_DAYS,	  /* from a to b; NULL is today */
	N_MONTHS, /* the same */
	N_WEEKDAY,
	N_BUCKET, /* salt a, id b or column */
	/* conditions */
	N_TRUTH, /* a, which may be no yes/no */
	N_NOT,
	N_AND, /* list */
	N_OR,
	N_IS_NULL,
	N_IS_GIVEN,
	N_NUM_LT, /* column against number k, in order of cs_op */
	N_NUM_LE,
	N_NUM_GT,
	N_NUM_GE,
	N_NUM_EQ,
	N_NUM_NE,
	N_TEXT_EQ, /* column against text k, which is no date */
	N_TEXT_NE,
	N_CMP,	    /* a cmp b */
	N_CMP_DATE, /* the same, one side is written as a date */
	N_ANY,	    /* stream a, condition b of its items */
	N_ALL,
	N_IN_TEXTS,   /* set */
	N_IN_NUMBERS, /* list of constants */
	N_IN,	      /* stream a; is_date */
	N_IN_LIST,    /* set: in_list, the input or column */
	N_IN_LAST,    /* days a < b */
	N_STARTS,     /* startswith (is_left), endswith: a */
	N_CONTAINS,   /* a */
	N_TEST,	      /* re */
	N_HAS,	      /* key a */
	N_HAS_REC,    /* of the record itself: k */
	/* streams */
	N_EACH,
	N_COMMA,
	N_SELECT /* the input if a */
};

/* Hot members first. */
struct node {
	enum node_op op;
	/* Its place among the answers that equal nodes of the whole table share
	 * for a record; 0: none. */
	uint32_t shared;
	size_t col; /* or CS_JQ_NONE */
	struct cs_val k;
	enum cs_op cmp;
	bool is_stream; /* may give none or several */
	bool is_fixed;	/* needs nothing but its input */
	bool reads;	/* needs its input */
	bool looks;	/* at a Let */
	bool has_leaf;
	bool is_left, is_date;
	bool may_lack;		  /* N_EACH: what has no items has none */
	const struct cs_expr *at; /* for faults; NULL under a postfix ? */
	struct node *a, *b;
	struct node **list;
	size_t n;
	const uint32_t *ids; /* N_AND, N_OR: shared of the list */
	size_t let;
	size_t key;	  /* equal nodes have equal ones; 0: not known yet */
	const char *name; /* of the function, for messages */
	double (*math)(double);
	const struct cs_set *set;
	struct cs_re *re;
};

struct look {
	size_t owner, let;
};

struct own {
	struct node *root;
	bool is_condition;
	bool is_not_mine; /* for this record */
	uint64_t stamp;	  /* of the record v is for */
	struct cs_val v;
};

struct grid;

struct cs_native {
	struct cs_native_conf conf;
	size_t n; /* expressions; Lets follow */
	struct own *own;
	struct cs_arena run;  /* nodes */
	struct cs_set **sets; /* of N_IN_TEXTS, to free */
	size_t nsets, sets_cap;
	struct cs_re **res; /* to free */
	size_t nres, res_cap;
	struct cs_civil today;
	bool has_today;
	struct cs_map keys;  /* of nodes */
	uint32_t *shared_of; /* by key */
	size_t shared_cap;
	size_t nshared;		     /* places in use; place 0 stays UNSEEN */
	size_t places;		     /* of the two that follow */
	struct grid *grid;	     /* NULL: there is none */
	struct cs_native_word *word; /* with grid */
	/* this record */
	uint64_t stamp;
	bool is_seen_used;
	unsigned char *seen; /* answers of conditions, or UNSEEN; of values,
				UNSEEN or not */
	struct cs_val *value;
	struct cs_rec *rec; /* never NULL */
	struct cs_rec none;
	bool is_null; /* the record is null */
	size_t owner; /* being computed */
	bool is_not_mine;
	struct cs_arena one;
	bool is_one_used;
	struct cs_buf text; /* scratch for texts */
	struct cs_native_fault *fault;
	size_t nfaults, faults_cap;
	struct look *look;
	size_t nlooks, looks_cap;
};

/* Where n's answer as a condition is, 0: nowhere. */
static inline uint32_t
cs_nat_place(const struct node *n)
{
	return n->shared == 0 || n->op >= N_TRUTH ? n->shared : n->shared + 1;
}

/* cs_nat_cond's answers. */
enum { NO, YES, UNKNOWN, UNSEEN };

/* expr_native_run.c. in: the input, NULL where that is the record. */
int cs_nat_cond(
    struct cs_native *m, const struct node *n, const struct cs_val *in);
void cs_nat_value(struct cs_native *m, const struct node *n,
    const struct cs_val *in, struct cs_val *out);
/* The value of n, in *room if it has no better place. */
const struct cs_val *cs_nat_ref(struct cs_native *m, const struct node *n,
    const struct cs_val *in, struct cs_val *room);
/* Takes the values of a stream; false to break off. */
struct sink {
	bool (*put)(
	    struct cs_native *m, struct sink *s, const struct cs_val *v);
};
/* False: an item of something that is not there was asked for (the prelude's
 * _u), or the sink broke off. */
bool cs_nat_stream(struct cs_native *m, const struct node *n,
    const struct cs_val *in, struct sink *s);

bool cs_nat_holds(enum cs_op op, int order);

/* expr_native_grid.c: conditions of a simple form, all at once; NULL: there is
 * none of that form. */
struct grid *cs_nat_grid_new(struct cs_native *m);
void cs_nat_grid_free(struct grid *g);
/* The answers for record r, into words. */
void cs_nat_grid_run(
    struct grid *g, struct cs_rec *r, struct cs_native_word *word);

/* expr_native_order.c: operands of and, or: cheap ones before dear ones where
 * that cannot be seen. */
void cs_nat_order(const struct cs_native *m, struct node **v, size_t n);

/* expr_native_leaf.c: N_LEAF. */
void cs_nat_leaf(struct cs_native *m, const struct node *n, struct cs_val *out);

/* expr_native_word.c: functions of values. */
void cs_nat_add(struct cs_native *m, const struct node *n,
    const struct cs_val *a, const struct cs_val *b, struct cs_val *out);
void cs_nat_arith(struct cs_native *m, const struct node *n,
    const struct cs_val *a, const struct cs_val *b, struct cs_val *out);
/* Functions of one value, the input: N_NEG .. N_NFKC, N_WEEKDAY. */
void cs_nat_word(struct cs_native *m, const struct node *n,
    const struct cs_val *v, struct cs_val *out);
/* Functions of the input and a value: N_TRIM, N_SPLIT. */
void cs_nat_word2(struct cs_native *m, const struct node *n,
    const struct cs_val *v, const struct cs_val *a, struct cs_val *out);
/* N_STARTS, N_CONTAINS. */
int cs_nat_text_cond(struct cs_native *m, const struct node *n,
    const struct cs_val *v, const struct cs_val *a);
int cs_nat_test(
    struct cs_native *m, const struct node *n, const struct cs_val *v);
/* N_DAYS, N_MONTHS; NULL is today. */
void cs_nat_days(struct cs_native *m, const struct node *n,
    const struct cs_val *from, const struct cs_val *to, struct cs_val *out);
void cs_nat_bucket(struct cs_native *m, const struct node *n,
    const struct cs_val *salt, const struct cs_val *id, struct cs_val *out);
int cs_nat_in_list(
    struct cs_native *m, const struct node *n, const struct cs_val *v);

/* expr_native_json.c: arrays and objects, which are raw JSON text. */
struct cs_val cs_nat_json_val(struct cs_native *m, struct cs_str raw);
/* Appends v as jq prints it, whatever it was written like. */
void cs_nat_put_json(
    struct cs_native *m, struct cs_buf *b, const struct cs_val *v);
/* The values of an array, or of an object's members as jq has them: the last
 * of equal keys at the place of the first. *v is in the record's arena. */
size_t cs_nat_items(
    struct cs_native *m, struct cs_str raw, const struct cs_str **v);
/* A member; absent when there is none. */
struct cs_str cs_nat_member(
    struct cs_native *m, struct cs_str raw, struct cs_str key);
bool cs_nat_is_array(const struct cs_val *v);

/* expr_native.c */
/* Room for the shared answers, none of them seen. */
void cs_nat_places(struct cs_native *m);
struct cs_arena *cs_nat_arena(struct cs_native *m);
/* The type as messages call it. */
const char *cs_nat_type(const struct cs_val *v);
/* Notes what is in m->text. */
void cs_nat_fault_text(struct cs_native *m, const struct node *n);
void cs_nat_fault(struct cs_native *m, const struct node *n, const char *fmt,
    ...) CS_PRINTF(3, 4);
/* "BEFORE{v as JSON}AFTER" */
/* May a text have size bytes? If not: *out is unknown, a fault. */
bool cs_nat_fits(
    struct cs_native *m, const struct node *n, size_t size, struct cs_val *out);
void cs_nat_fault_value(struct cs_native *m, const struct node *n,
    const char *before, const struct cs_val *v, const char *after);
/* Computes owner i for this record unless it is there. */
struct own *cs_nat_own(struct cs_native *m, size_t i);

#endif
