/* template: mail templates compiled to a list of steps (cs-templates(5))
 *
 * Templates are compiled when the run begins and checked whole: every fault of
 * every file goes to the findings, with file, line and column. Rendering knows
 * no clock, no random and no files. The language is Mustache's {{name}} with
 * filters behind bars; sections will be further kinds of steps. */
#ifndef CS_TEMPLATE_H
#define CS_TEMPLATE_H

#include "msg.h"
#include "rec.h"
#include "stanza.h"
#include "zone.h"

/* Where a piece is used: decides how values are escaped. */
enum cs_template_part {
	CS_TEMPLATE_HEADER, /* one line; no partials; nothing is escaped */
	CS_TEMPLATE_TEXT,   /* nothing is escaped */
	CS_TEMPLATE_HTML,   /* & < > " ' */
	CS_TEMPLATE_URL	    /* everything but unreserved characters as %XX */
};

/* Names that templates may use besides columns; a column of the name wins. */
enum cs_template_special {
	CS_TEMPLATE_UNSUBSCRIBE_URL, /* unsubscribe_url */
	CS_TEMPLATE_TODAY,	     /* today: the as-of date */
	CS_TEMPLATE_TOKEN,	     /* token: only in --unsub-url */
	CS_TEMPLATE_MAIL,	     /* mail: name of the Mail stanza */
	CS_TEMPLATE_CLASS,	     /* class: promo, service, operational */
	CS_TEMPLATE_SPECIALS
};

struct cs_templates; /* all templates of a run, with their fields and files */
struct cs_template;  /* one compiled piece; lives as long as the set */

/* dir is where templates and partials lie; NULL: there are none. Nothing is
 * read yet. */
struct cs_templates *cs_templates_new(const char *dir);
void cs_templates_free(struct cs_templates *set);
/* Says that values of this name will be given to cs_template_render. */
void cs_templates_offer(
    struct cs_templates *set, enum cs_template_special which);

/* Compiles the value of a rule key, or of an option (make a pair with
 * cs_template_pair). Faults go to diags ("syntax"); never NULL. Text and places
 * of the pair must outlive the set. */
struct cs_template *cs_template_compile(struct cs_templates *set,
    const struct cs_pair *source, enum cs_template_part part,
    struct cs_diags *diags);
/* A pair for text that did not come from a file; where names the option. Both
 * must outlive it. */
struct cs_pair cs_template_pair(
    struct cs_str text, const char *where, struct cs_arena *arena);

struct cs_template_field {
	struct cs_str name; /* "X-Campaign" */
	struct cs_template *value;
};

/* What the files of one mail say; parts that are absent are NULL. */
struct cs_template_mail {
	struct cs_template *subject, *from, *reply_to, *cc, *list_id;
	struct cs_template_field *more; /* X-* */
	size_t nmore;
	struct cs_template *text; /* NULL only when faults were found */
	struct cs_template *html; /* the Preheader: is in it, hidden */
};
/* Loads BASE.txt and, if it is there, BASE.html with the partials they use. at
 * is the place that asks for them (for a missing file). Faults go to diags;
 * false with err (exit 3) only when a file that is there cannot be read. */
bool cs_template_load(struct cs_templates *set, struct cs_str base,
    struct cs_place at, struct cs_template_mail *m, struct cs_diags *diags,
    struct cs_err *err);

/* Binds the names of all holes to columns. A closed header must have them:
 * "unknown-column" with a suggestion, at each hole. */
void cs_templates_bind(
    struct cs_templates *set, struct cs_header *head, struct cs_diags *diags);

/* What a hole without value and without fallback does. */
enum cs_template_missing {
	CS_TEMPLATE_SKIP, /* render fails with missing_field */
	CS_TEMPLATE_EMPTY /* nothing is written in its place */
};

struct cs_template_env {
	struct cs_rec *rec;
	const struct cs_as_of *as_of;
	struct cs_arena *arena; /* scratch, and details of faults */
	enum cs_template_missing missing;
	struct cs_str special[CS_TEMPLATE_SPECIALS];
};

struct cs_template_fault {
	const char *reason;   /* missing_field, bad_value, too_long */
	struct cs_str field;  /* the hole's name */
	struct cs_str detail; /* "shop is empty (a.txt:3:5)" */
};

/* Appends the rendered piece. False with fault: nothing more is appended, what
 * was appended is of no use. Bodies (text, html) end with a line end, CR LF in
 * values becomes LF; other controls are kept for cs_mime_check to refuse. */
bool cs_template_render(const struct cs_template *t,
    const struct cs_template_env *env, struct cs_buf *out,
    struct cs_template_fault *fault);
/* The names of the columns a piece uses: calls f for each hole. */
typedef void cs_template_hole(
    void *self, struct cs_str name, struct cs_place at);
void cs_template_holes(
    const struct cs_template *t, cs_template_hole *f, void *self);

#endif
