/* expr: one expression of RULES.md as a tree; parse, check, print back
 *
 * The grammar is jq's (RULES, Syntax), the names are an allow list. The tree
 * lives in the arena that was handed in. */
#ifndef CS_EXPR_H
#define CS_EXPR_H

#include "arena.h"
#include "buf.h"
#include "msg.h"
#include "stanza.h"

enum cs_op {
	CS_E_NULL, /* null */
	CS_E_TRUE,
	CS_E_FALSE,
	CS_E_NUMBER,   /* num, text = as written */
	CS_E_TEXT,     /* text = decoded literal without interpolation */
	CS_E_INTERP,   /* "a\(x)b": list of CS_E_TEXT and expressions in turn;
			  text = format name ("@json") or absent */
	CS_E_FORMAT,   /* @json alone: text */
	CS_E_SELF,     /* . */
	CS_E_FIELD,    /* a.name, .name: a (NULL is .), text */
	CS_E_INDEX,    /* a[b] */
	CS_E_SLICE,    /* a[b:c], b or c may be NULL */
	CS_E_EACH,     /* a[] */
	CS_E_OPTIONAL, /* a?: see cs_expr_is_step_optional */
	CS_E_VAR,      /* $name: text without the $ */
	CS_E_CALL,     /* text(list...) */
	CS_E_NEG,      /* -a */
	CS_E_PIPE,     /* a | b */
	CS_E_COMMA,    /* a, b */
	CS_E_ALT,      /* a // b */
	CS_E_OR,
	CS_E_AND,
	CS_E_EQ,
	CS_E_NE,
	CS_E_LT,
	CS_E_LE,
	CS_E_GT,
	CS_E_GE,
	CS_E_ADD,
	CS_E_SUB,
	CS_E_MUL,
	CS_E_DIV,
	CS_E_MOD,
	CS_E_IF,    /* list = cond, then, cond, then ..., else; always odd,
		       a missing else is CS_E_SELF (jq) */
	CS_E_AS,    /* a as b | c; b is a pattern: VAR, ARRAY or OBJECT, the
		       same shape as the expression of that text: [$a, $b] is
		       ARRAY with a = COMMA; {k: $v, $w} is OBJECT with list;
		       a key VAR without brackets binds that name (its value
		       NULL or a pattern for the member) */
	CS_E_ARRAY, /* [a]; a NULL is [] */
	CS_E_OBJECT /* list = key, value, key, value ...; a key is TEXT,
		       INTERP or any expression (in brackets); a value NULL
		       means "the member (or variable) of that name" */
};

struct cs_expr {
	enum cs_op op;
	/* Number of the node in its expression, in order of the source: the
	 * authority's program names a failing place by it. */
	unsigned id;
	size_t from, to;    /* bytes of the source it covers, with the brackets
			       around it */
	bool in_brackets;   /* stood in ( ) */
	unsigned height;    /* 1 for a leaf; at most CS_MAX_EXPR_CHAIN */
	struct cs_place at; /* where it begins; operators: the operator */
	struct cs_expr *a, *b, *c;
	struct cs_expr **list;
	size_t n;
	struct cs_str text;
	double num;
};

/* The longest chain of operands (a or b or c ...) and the deepest tree: what
 * recursion over a tree must bear. Nesting of brackets: CS_MAX_EXPR_DEPTH. */
#define CS_MAX_EXPR_CHAIN 1024

/* What an expression is for. */
enum cs_role {
	CS_CONDITION, /* boolean or null is needed */
	CS_VALUE,     /* one value of any kind */
	CS_PLAIN      /* cs-check eval --jq: any number of outputs */
};

/* Parses the value of a rule key, or text from the command line (make a pair
 * with cs_expr_pair). Faults (code "syntax" or "type") go to diags, the first
 * of each expression; NULL then. Also checks what the tree alone shows: names
 * of functions (with a suggestion) and their numbers of arguments, several
 * values where one is needed, an operand of and/or/not/if that can never be
 * yes/no, parentheses that RULES asks for; not for CS_PLAIN, where jq's own
 * precedence and meaning hold. */
struct cs_expr *cs_expr_parse(const struct cs_pair *source, enum cs_role role,
    struct cs_arena *arena, struct cs_diags *diags);
/* A pair for text that did not come from a file: file is "-e" or the option's
 * name, line 1. */
struct cs_pair cs_expr_pair(
    struct cs_str text, const char *file, struct cs_arena *arena);

/* Calls f for every path that begins at the record: .a, .a.b, .["x y"]; names
 * in order, constant part only (.a[0].b gives a). `whole`: the record itself is
 * used otherwise (., keys, .[$x]), so every column is needed. */
typedef void cs_expr_path(void *self, const struct cs_expr *at,
    const struct cs_str *names, size_t n, bool whole);
void cs_expr_paths(const struct cs_expr *e, cs_expr_path *f, void *self);
/* `.max-pv` is a subtraction. Calls f for every one of one or more path steps,
 * a minus without blanks and a name or number, with the path as it would be if
 * the minus belonged to the name: {"max-pv"}, {"a", "b-1"}. The binder asks for
 * columns it does not find: if this path exists, the message is
 * `.max-pv is a subtraction: write .["max-pv"]`. A name that is no function at
 * all (pv) never gets here: the parser's message says the same. */
void cs_expr_dashed(const struct cs_expr *e, cs_expr_path *f, void *self);
/* Calls f for every $name that the expression does not bind itself. */
typedef void cs_expr_var(void *self, const struct cs_expr *at);
void cs_expr_vars(const struct cs_expr *e, cs_expr_var *f, void *self);

/* Appends the normal form: one line, single blanks, parentheses only where
 * needed, .name or .["x y"]. Parsing it gives an equal tree. */
void cs_expr_print(struct cs_buf *b, const struct cs_expr *e);
/* Appends an indented drawing, one node a line (cs-check explain). */
void cs_expr_draw(struct cs_buf *b, const struct cs_expr *e);
bool cs_expr_equal(const struct cs_expr *a, const struct cs_expr *b);
/* The comparison that says the same when its sides change places. */
enum cs_op cs_op_mirrored(enum cs_op op);

/* jq has two kinds of `a?`. Behind a step without brackets (.a.b? .[].x?) only
 * that step may fail; behind anything else, (.a.b)? too, all of a. */
bool cs_expr_is_step_optional(const struct cs_expr *e);
/* May name stand after a dot without quotes? Letters, digits, _ and any letter
 * that is not ASCII; no digit first. */
bool cs_expr_is_bare(struct cs_str name);

/* Is name(n arguments) allowed, and is it in the native subset? For the
 * printers, completions and the manual. */
struct cs_func {
	const char *name;
	int arity;
	bool native; /* in RULES' native subset */
	bool plain;  /* jq's meaning: null is not passed through */
	/* One letter an argument. Its `.` is the call's input: v one value,
	 * g any number of values, c a condition, p a pattern (literal: checked
	 * when loaded), s values that decide, and the input comes out as often.
	 * Its `.` is something inside the input: C a condition, F values. */
	const char *args;
	bool reads;	/* looks at its input (.) itself */
	bool many;	/* may give several values from one input */
	unsigned gives; /* kinds of value: CS_GIVES_ */
};
#define CS_GIVES_NULL 1u
#define CS_GIVES_BOOL 2u
#define CS_GIVES_NUMBER 4u
#define CS_GIVES_TEXT 8u
#define CS_GIVES_ARRAY 16u
#define CS_GIVES_OBJECT 32u
#define CS_GIVES_ANY 63u
const struct cs_func *cs_func_find(struct cs_str name, size_t arity);
/* All of them, for lists. */
const struct cs_func *cs_funcs(size_t *n);

#endif
