/* mime: one mail message as bytes (RFC 5322, 2045-2047; rules R01-R12)
 *
 * The writer takes text that is valid UTF-8 and gives ASCII: encoded-words of
 * at most 75 characters cut between characters as people see them, header
 * lines folded at 78, each part in the smallest of 7bit, quoted-printable and
 * base64. Lines end with LF. The same message gives the same bytes. */
#ifndef CS_MIME_H
#define CS_MIME_H

#include "address.h"
#include "buf.h"

#define CS_MAX_HEADER_VALUE ((size_t)16 << 10) /* bytes, decoded */
#define CS_MAX_MAIL_PART ((size_t)16 << 20)    /* bytes, decoded */
#define CS_MAX_HEADER_LINE ((size_t)998)       /* octets, RFC 5322 2.1.1 */

/* A further header: X-*, Precedence. The name is ASCII, checked by the caller
 * with cs_mime_is_name. */
struct cs_mime_field {
	struct cs_str name, value;
};

struct cs_mime {
	struct cs_mailbox from;
	struct cs_mailbox to;
	struct cs_mailbox reply_to; /* addr absent: none */
	const struct cs_mailbox *cc;
	size_t ncc;
	struct cs_str subject;
	long long date; /* instant, seconds since the epoch */
	long zone;	/* seconds east of UTC that Date is shown in */
	/* x@y without angle brackets; absent: none (no valid message then) */
	struct cs_str message_id;
	struct cs_str unsubscribe; /* https URI; absent: none */
	struct cs_str list_id;	   /* x.y; absent: none */
	bool is_auto;		   /* Auto-Submitted: auto-generated */
	const struct cs_mime_field *more;
	size_t nmore;
	struct cs_str text; /* LF line ends */
	struct cs_str html; /* absent: text only */
	/* The boundary is made from it: letters and digits, up to 40. */
	struct cs_str seed;
};

enum cs_mime_fault {
	CS_MIME_OK,
	CS_MIME_INJECTION, /* a control or line break in a header value */
	CS_MIME_LONG,	   /* over a limit above */
	CS_MIME_CONTROL	   /* a control in a body (but LF and TAB) */
};
/* header_injection, too_long, control_byte; "" for CS_MIME_OK. */
const char *cs_mime_reason(enum cs_mime_fault f);

/* May the message be written? *where (may be NULL) names the header or part
 * that may not ("Subject", "text"). Never changes or strips anything. */
enum cs_mime_fault cs_mime_check(const struct cs_mime *m, const char **where);
/* Appends the message: headers, blank line, body. It was checked. */
void cs_mime_write(struct cs_buf *b, const struct cs_mime *m);
/* The same with the mbox "From " line before it and a blank line behind. No
 * line of the message begins with "From ", so nothing needs an escape. */
void cs_mime_mbox(struct cs_buf *b, const struct cs_mime *m);

/* Is s a header's name (printable ASCII without colon and blank)? */
bool cs_mime_is_name(struct cs_str s);
/* Does s hold what no header value may: C0, DEL, C1, line separators? */
bool cs_mime_has_control(struct cs_str s);

/* The pieces, for tests: appends "Name: value\n", encoded and folded. */
void cs_mime_unstructured(
    struct cs_buf *b, const char *name, struct cs_str value);
void cs_mime_mailboxes(
    struct cs_buf *b, const char *name, const struct cs_mailbox *v, size_t n);
enum cs_mime_encoding { CS_MIME_7BIT, CS_MIME_QP, CS_MIME_BASE64 };
/* The encoding the writer picks for a part. */
enum cs_mime_encoding cs_mime_pick(struct cs_str body);
/* Appends the body in that encoding, no line end added. */
void cs_mime_encode(
    struct cs_buf *b, struct cs_str body, enum cs_mime_encoding e);
/* Wed, 01 Apr 2026 00:00:00 +0900 */
void cs_mime_date(struct cs_buf *b, long long date, long zone);

#endif
