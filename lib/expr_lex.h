/* expr_lex: tokens of the rule language, for the parser only; knows the wrong
 * spellings people bring from other languages and from full-width keyboards */
#ifndef CS_EXPR_LEX_H
#define CS_EXPR_LEX_H

#include "msg.h"
#include "stanza.h"

enum cs_tok {
	CS_T_END,
	CS_T_BAD,     /* a fault was told; nothing more will come */
	CS_T_FIELD,   /* .name: text is name */
	CS_T_QUOTE,   /* the " that opens a text; the parser reads on */
	CS_T_FORMAT,  /* @name: text with the @ */
	CS_T_NUMBER,  /* text, num */
	CS_T_VAR,     /* $name: text is name */
	CS_T_NAME,    /* text */
	CS_T_KEYWORD, /* text; never before an operand: and, then ... */
	CS_T_DOT,
	CS_T_QUESTION,
	CS_T_COMMA,
	CS_T_SEMICOLON,
	CS_T_COLON,
	CS_T_PIPE,
	CS_T_ALT,
	CS_T_EQ,
	CS_T_NE,
	CS_T_LT,
	CS_T_LE,
	CS_T_GT,
	CS_T_GE,
	CS_T_ADD,
	CS_T_SUB,
	CS_T_MUL,
	CS_T_DIV,
	CS_T_MOD,
	CS_T_OPEN, /* ( */
	CS_T_CLOSE,
	CS_T_OPEN_SQUARE,
	CS_T_CLOSE_SQUARE,
	CS_T_OPEN_BRACE,
	CS_T_CLOSE_BRACE
};

struct cs_token {
	enum cs_tok kind;
	size_t from, to; /* bytes of the source */
	struct cs_str text;
	double num;
};

struct cs_lex {
	const struct cs_pair *pair; /* for places */
	struct cs_str s;
	struct cs_diags *diags;
	size_t at; /* where reading goes on */
	bool failed;
	struct cs_token tok;  /* the present token */
	struct cs_token last; /* the one before */
	/* Places are asked for each node, mostly forwards: the line of the
	 * last one, so that long values do not cost their square. */
	size_t line, line_from, scanned;
};

/* The next token becomes lex->tok. A fault is told once and gives CS_T_BAD
 * from then on. */
void cs_lex_next(struct cs_lex *lex);
/* Is the token this keyword or name? */
bool cs_lex_is(const struct cs_token *t, const char *word);
/* The place of a byte. */
struct cs_place cs_lex_place(struct cs_lex *lex, size_t offset);
/* Marks the lexer failed (after cs_diag); returns NULL, for `return`. */
void *cs_lex_stop(struct cs_lex *lex);
/* The bytes of a token. */
struct cs_str cs_lex_text(const struct cs_lex *lex, const struct cs_token *t);
/* The path that begins at byte `at` (.a.b), or ".x": for hints. */
struct cs_str cs_lex_path(const struct cs_lex *lex, size_t at);

#endif
