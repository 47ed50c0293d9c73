#include <string.h>

#include "date.h"
#include "mime.h"
#include "text.h"

enum {
	FOLD = 78,	 /* RFC 5322: lines should not be longer */
	WORD_LINE = 76,	 /* RFC 2047: a line with an encoded-word */
	WORD = 75,	 /* RFC 2047: an encoded-word */
	WORD_FRAME = 12, /* =?UTF-8?B? and ?= */
	ENCODED_LINE = 76,
	LONG_TOKEN = 60 /* longer ASCII words are encoded, which can fold */
};

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const char *
cs_mime_reason(enum cs_mime_fault f)
{
	switch (f) {
	case CS_MIME_INJECTION:
		return "header_injection";
	case CS_MIME_LONG:
		return "too_long";
	case CS_MIME_CONTROL:
		return "control_byte";
	case CS_MIME_OK:
		break;
	}
	return "";
}

/* --- what may stand in a message --- */

bool
cs_mime_has_control(struct cs_str s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		unsigned char d = i + 1 < s.n ? (unsigned char)s.p[i + 1] : 0;
		unsigned char e = i + 2 < s.n ? (unsigned char)s.p[i + 2] : 0;

		if (c < ' ' || c == 0x7f)
			return true;
		/* U+0080..U+009F; U+2028 and U+2029, which some readers take
		 * for line ends once the word is decoded */
		if (c == 0xc2 && d >= 0x80 && d <= 0x9f)
			return true;
		if (c == 0xe2 && d == 0x80 && (e == 0xa8 || e == 0xa9))
			return true;
	}
	return false;
}

bool
cs_mime_is_name(struct cs_str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] == ':' || s.p[i] >= 0x7f)
			return false;
	return s.n > 0 && s.n <= LONG_TOKEN;
}

static enum cs_mime_fault
check_value(struct cs_str s, size_t max)
{
	if (cs_mime_has_control(s))
		return CS_MIME_INJECTION;
	return s.n > max ? CS_MIME_LONG : CS_MIME_OK;
}

static enum cs_mime_fault
check_mailbox(const struct cs_mailbox *m)
{
	enum cs_mime_fault f = check_value(m->name, CS_MAX_HEADER_VALUE);

	return f != CS_MIME_OK ? f
			       : check_value(m->addr, CS_MAX_HEADER_LINE / 2);
}

static enum cs_mime_fault
check_body(struct cs_str s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c < ' ' && c != '\n' && c != '\t') || c == 0x7f)
			return CS_MIME_CONTROL;
	}
	return s.n > CS_MAX_MAIL_PART ? CS_MIME_LONG : CS_MIME_OK;
}

static enum cs_mime_fault
check_lists(const struct cs_mime *m, const char **where)
{
	enum cs_mime_fault f = CS_MIME_OK;
	size_t i;

	*where = "Cc";
	for (i = 0; i < m->ncc && f == CS_MIME_OK; i++)
		f = check_mailbox(&m->cc[i]);
	for (i = 0; i < m->nmore && f == CS_MIME_OK; i++) {
		*where = "X-";
		f = check_value(m->more[i].value, CS_MAX_HEADER_VALUE);
	}
	return f;
}

enum cs_mime_fault
cs_mime_check(const struct cs_mime *m, const char **where)
{
	const char *unused;
	enum cs_mime_fault f;

	if (where == NULL)
		where = &unused;
	*where = "From";
	if ((f = check_mailbox(&m->from)) != CS_MIME_OK)
		return f;
	*where = "To";
	if ((f = check_mailbox(&m->to)) != CS_MIME_OK)
		return f;
	*where = "Reply-To";
	if ((f = check_mailbox(&m->reply_to)) != CS_MIME_OK)
		return f;
	*where = "Subject";
	if ((f = check_value(m->subject, CS_MAX_HEADER_VALUE)) != CS_MIME_OK)
		return f;
	/* List-Unsubscribe must stay on one line: "List-Unsubscribe: <...>" */
	*where = "List-Unsubscribe";
	if ((f = check_value(m->unsubscribe, CS_MAX_HEADER_LINE - 22)) !=
	    CS_MIME_OK)
		return f;
	if ((f = check_lists(m, where)) != CS_MIME_OK)
		return f;
	*where = "text";
	if ((f = check_body(m->text)) != CS_MIME_OK)
		return f;
	*where = "html";
	return check_body(m->html);
}

/* --- headers --- */

static void
base64(struct cs_buf *b, struct cs_str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t i;
	char q[4];

	for (i = 0; i < s.n; i += 3) {
		size_t left = s.n - i;
		unsigned v = (unsigned)p[i] << 16;

		if (left > 1)
			v |= (unsigned)p[i + 1] << 8;
		if (left > 2)
			v |= p[i + 2];
		q[0] = base64_digits[v >> 18];
		q[1] = base64_digits[(v >> 12) & 63];
		q[2] = left > 1 ? base64_digits[(v >> 6) & 63] : '=';
		q[3] = left > 2 ? base64_digits[v & 63] : '=';
		cs_buf_add(b, q, 4);
	}
}

/* Bytes that an encoded-word may carry when it begins in column col. */
static size_t
word_room(size_t col)
{
	size_t line = col < WORD_LINE ? WORD_LINE - col : 0;
	size_t word = line < WORD ? line : WORD;

	return word < WORD_FRAME ? 0 : (word - WORD_FRAME) / 4 * 3;
}

/* How much of s fits in room bytes, whole graphemes first; a grapheme larger
 * than a word of its own is cut between code points. 0: not even the first. */
static size_t
word_cut(struct cs_str s, size_t room)
{
	size_t n = 0, g;

	while (n < s.n) {
		struct cs_str rest = {s.p + n, s.n - n};

		g = cs_text_grapheme(rest);
		if (g > word_room(1))
			cs_utf8_next(rest, &g);
		if (n + g > room)
			break;
		n += g;
	}
	return n;
}

/* Writes s as encoded-words; *col is where the line stands. */
static void
words(struct cs_buf *b, struct cs_str s, size_t *col)
{
	bool is_first = true;

	while (s.n > 0) {
		size_t n = is_first ? word_cut(s, word_room(*col)) : 0;

		if (n == 0) {
			cs_buf_puts(b, "\n ");
			*col = 1;
			n = word_cut(s, word_room(1));
		}
		cs_buf_puts(b, "=?UTF-8?B?");
		base64(b, (struct cs_str){s.p, n});
		cs_buf_puts(b, "?=");
		*col += WORD_FRAME + (n + 2) / 3 * 4;
		s.p += n;
		s.n -= n;
		is_first = false;
	}
}

/* ASCII that means itself in a header: no encoded-word look-alike, no blank at
 * an end or two in a row (readers drop those), nothing too long to fold. */
static bool
is_plain(struct cs_str s)
{
	size_t i, token = 0;

	if (s.n == 0)
		return true;
	if (s.p[0] == ' ' || s.p[s.n - 1] == ' ')
		return false;
	for (i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c < ' ' || c >= 0x7f)
			return false;
		if (c == ' ' && s.p[i + 1] == ' ')
			return false;
		if (c == '=' && i + 1 < s.n && s.p[i + 1] == '?')
			return false;
		token = c == ' ' ? 0 : token + 1;
		if (token > LONG_TOKEN)
			return false;
	}
	return true;
}

/* Writes plain words with single blanks, folded before one that does not fit;
 * tail bytes follow without a blank. */
static void
plain(struct cs_buf *b, struct cs_str s, size_t tail, size_t *col)
{
	struct cs_str token;
	bool is_first = true;

	while (cs_str_next(&s, ' ', &token)) {
		size_t need = token.n + (s.p == NULL ? tail : 0);

		if (!is_first) {
			bool fits = *col + 1 + need <= FOLD;

			cs_buf_puts(b, fits ? " " : "\n ");
			*col = fits ? *col + 1 : 1;
		}
		cs_buf_str(b, token);
		*col += token.n;
		is_first = false;
	}
}

void
cs_mime_unstructured(struct cs_buf *b, const char *name, struct cs_str value)
{
	size_t col = strlen(name) + 2;

	cs_buf_puts(b, name);
	cs_buf_puts(b, ": ");
	if (is_plain(value))
		plain(b, value, 0, &col);
	else
		words(b, value, &col);
	cs_buf_putc(b, '\n');
}

/* Specials that force a quoted-string; the dot is one of them. */
static bool
has_special(struct cs_str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (strchr("()<>[]:;@\\,.\"", s.p[i]) != NULL)
			return true;
	return false;
}

/* A display name; encoded-words never stand inside quotes. */
static void
phrase(struct cs_buf *b, struct cs_str s, size_t *col)
{
	size_t i, from = b->n;

	if (!is_plain(s) || (has_special(s) && s.n > LONG_TOKEN)) {
		words(b, s, col);
		return;
	}
	if (!has_special(s)) {
		plain(b, s, 0, col);
		return;
	}
	cs_buf_putc(b, '"');
	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			cs_buf_putc(b, '\\');
		cs_buf_putc(b, s.p[i]);
	}
	cs_buf_putc(b, '"');
	*col += b->n - from;
}

static void
mailbox(struct cs_buf *b, const struct cs_mailbox *m, size_t *col)
{
	if (cs_text_is_blank(m->name)) {
		cs_buf_str(b, m->addr);
		*col += m->addr.n;
		return;
	}
	phrase(b, m->name, col);
	if (*col + m->addr.n + 3 > WORD_LINE) {
		cs_buf_puts(b, "\n ");
		*col = 1;
	} else {
		cs_buf_putc(b, ' ');
		*col += 1;
	}
	cs_buf_putc(b, '<');
	cs_buf_str(b, m->addr);
	cs_buf_putc(b, '>');
	*col += m->addr.n + 2;
}

void
cs_mime_mailboxes(
    struct cs_buf *b, const char *name, const struct cs_mailbox *v, size_t n)
{
	size_t i, col = strlen(name) + 2;

	cs_buf_puts(b, name);
	cs_buf_puts(b, ": ");
	for (i = 0; i < n; i++) {
		if (i > 0) {
			cs_buf_puts(b, ",\n ");
			col = 1;
		}
		mailbox(b, &v[i], &col);
	}
	cs_buf_putc(b, '\n');
}

static void
print_clock(struct cs_buf *b, long seconds)
{
	cs_buf_printf(b, "%02ld:%02ld:%02ld", seconds / 3600, seconds / 60 % 60,
	    seconds % 60);
}

static const char *const month_names[] = {"Jan", "Feb", "Mar", "Apr", "May",
    "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char *const day_names[] = {
    "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

static struct cs_civil
split_instant(long long at, long *seconds, const char **day)
{
	long days = (long)(at / 86400), rest = (long)(at % 86400);

	if (rest < 0) {
		rest += 86400;
		days--;
	}
	*seconds = rest;
	*day = day_names[cs_weekday(days) - 1];
	return cs_days_civil(days);
}

void
cs_mime_date(struct cs_buf *b, long long date, long zone)
{
	const char *day;
	long seconds, off = zone < 0 ? -zone : zone;
	struct cs_civil c = split_instant(date + zone, &seconds, &day);

	cs_buf_printf(b, "%s, %02d %s %04d ", day, c.day,
	    month_names[c.month - 1], c.year);
	print_clock(b, seconds);
	cs_buf_printf(b, " %c%02ld%02ld", zone < 0 ? '-' : '+', off / 3600,
	    off / 60 % 60);
}

/* --- bodies --- */

/* Lines that need no encoding at all: short, ASCII, without a blank at the end
 * and without a start that mbox or SMTP would take for its own. */
static bool
is_7bit(struct cs_str s)
{
	struct cs_str line;

	while (cs_str_next(&s, '\n', &line)) {
		size_t i;

		if (line.n > ENCODED_LINE)
			return false;
		if (line.n > 0 &&
		    (line.p[0] == '.' || cs_str_starts(line, CS_S("From ")) ||
			line.p[line.n - 1] == ' ' ||
			line.p[line.n - 1] == '\t'))
			return false;
		for (i = 0; i < line.n; i++) {
			unsigned char c = (unsigned char)line.p[i];

			/* "=_" begins every boundary of ours */
			if ((c < ' ' && c != '\t') || c >= 0x7f ||
			    (c == '=' && i + 1 < line.n &&
				line.p[i + 1] == '_'))
				return false;
		}
	}
	return true;
}

/* Must the byte at i be written =XX when it stands in column col? */
static bool
needs_hex(struct cs_str s, size_t i, size_t col)
{
	unsigned char c = (unsigned char)s.p[i];

	if (c == '=' || c >= 0x7f || (c < ' ' && c != '\t'))
		return true;
	if (c == ' ' || c == '\t')
		return i + 1 == s.n || s.p[i + 1] == '\n';
	if (col > 0)
		return false;
	return c == '.' ||
	       cs_str_starts((struct cs_str){s.p + i, s.n - i}, CS_S("From "));
}

/* Appends s as quoted-printable if b is not NULL; returns the bytes used. */
static size_t
quoted_printable(struct cs_buf *b, struct cs_str s)
{
	size_t i, col = 0, used = 0;

	for (i = 0; i < s.n; i++) {
		char c = s.p[i], out[8];
		size_t n = 0;

		if (c == '\n') {
			out[n++] = c;
			col = 0;
		} else {
			size_t w = needs_hex(s, i, col) ? 3 : 1;
			bool is_last = i + 1 == s.n || s.p[i + 1] == '\n';

			/* A soft break takes a column itself. */
			if (col + w + !is_last > ENCODED_LINE) {
				out[n++] = '=';
				out[n++] = '\n';
				col = 0;
				w = needs_hex(s, i, 0) ? 3 : 1;
			}
			col += w;
			if (w == 3) {
				unsigned char u = (unsigned char)c;

				out[n++] = '=';
				out[n++] = "0123456789ABCDEF"[u >> 4];
				out[n++] = "0123456789ABCDEF"[u & 15];
			} else {
				out[n++] = c;
			}
		}
		used += n;
		if (b != NULL)
			cs_buf_add(b, out, n);
	}
	return used;
}

static void
base64_lines(struct cs_buf *b, struct cs_str s)
{
	while (s.n > 0) {
		size_t n =
		    s.n < ENCODED_LINE / 4 * 3 ? s.n : ENCODED_LINE / 4 * 3;

		base64(b, (struct cs_str){s.p, n});
		s.p += n;
		s.n -= n;
		if (s.n > 0)
			cs_buf_putc(b, '\n');
	}
}

enum cs_mime_encoding
cs_mime_pick(struct cs_str body)
{
	size_t in_base64 = (body.n + 2) / 3 * 4;

	in_base64 += in_base64 / ENCODED_LINE;
	if (is_7bit(body))
		return CS_MIME_7BIT;
	return quoted_printable(NULL, body) <= in_base64 ? CS_MIME_QP
							 : CS_MIME_BASE64;
}

void
cs_mime_encode(struct cs_buf *b, struct cs_str body, enum cs_mime_encoding e)
{
	switch (e) {
	case CS_MIME_7BIT:
		cs_buf_str(b, body);
		break;
	case CS_MIME_QP:
		quoted_printable(b, body);
		break;
	case CS_MIME_BASE64:
		base64_lines(b, body);
		break;
	}
}

/* --- the message --- */

static const char *
encoding_name(enum cs_mime_encoding e)
{
	return e == CS_MIME_7BIT ? "7bit"
	       : e == CS_MIME_QP ? "quoted-printable"
				 : "base64";
}

/* Content headers, blank line, body. The reader of a part in a multipart drops
 * the line end before the boundary, so it gets one of its own; at the end of a
 * message base64 needs one that closes its last line. */
static void
part(struct cs_buf *b, const char *type, struct cs_str body, bool in_multi)
{
	enum cs_mime_encoding e = cs_mime_pick(body);

	cs_buf_printf(b,
	    "Content-Type: text/%s; charset=UTF-8\n"
	    "Content-Transfer-Encoding: %s\n\n",
	    type, encoding_name(e));
	cs_mime_encode(b, body, e);
	if (in_multi || (b->n > 0 && b->p[b->n - 1] != '\n'))
		cs_buf_putc(b, '\n');
}

static void
address_headers(struct cs_buf *b, const struct cs_mime *m)
{
	cs_buf_puts(b, "Date: ");
	cs_mime_date(b, m->date, m->zone);
	cs_buf_putc(b, '\n');
	cs_mime_mailboxes(b, "From", &m->from, 1);
	if (m->reply_to.addr.n > 0)
		cs_mime_mailboxes(b, "Reply-To", &m->reply_to, 1);
	cs_mime_mailboxes(b, "To", &m->to, 1);
	if (m->ncc > 0)
		cs_mime_mailboxes(b, "Cc", m->cc, m->ncc);
	cs_mime_unstructured(b, "Subject", m->subject);
	if (m->message_id.n > 0)
		cs_buf_printf(b, "Message-ID: <%.*s>\n", CS_ARG(m->message_id));
}

static void
other_headers(struct cs_buf *b, const struct cs_mime *m)
{
	size_t i;

	/* One line whatever its length: folded ones break DKIM (R12). */
	if (m->unsubscribe.n > 0)
		cs_buf_printf(b,
		    "List-Unsubscribe: <%.*s>\n"
		    "List-Unsubscribe-Post: List-Unsubscribe=One-Click\n",
		    CS_ARG(m->unsubscribe));
	if (m->list_id.n > 0)
		cs_buf_printf(b, "List-Id: <%.*s>\n", CS_ARG(m->list_id));
	if (m->is_auto)
		cs_buf_puts(b, "Auto-Submitted: auto-generated\n");
	for (i = 0; i < m->nmore; i++) {
		char name[LONG_TOKEN + 1];
		size_t n = m->more[i].name.n;

		memcpy(name, m->more[i].name.p, n);
		name[n] = '\0';
		cs_mime_unstructured(b, name, m->more[i].value);
	}
	cs_buf_puts(b, "MIME-Version: 1.0\n");
}

void
cs_mime_write(struct cs_buf *b, const struct cs_mime *m)
{
	address_headers(b, m);
	other_headers(b, m);
	if (m->html.p == NULL) {
		part(b, "plain", m->text, false);
		return;
	}
	cs_buf_printf(b,
	    "Content-Type: multipart/alternative;\n boundary=\"=_%.*s\"\n\n"
	    "--=_%.*s\n",
	    CS_ARG(m->seed), CS_ARG(m->seed));
	part(b, "plain", m->text, true);
	cs_buf_printf(b, "--=_%.*s\n", CS_ARG(m->seed));
	part(b, "html", m->html, true);
	cs_buf_printf(b, "--=_%.*s--\n", CS_ARG(m->seed));
}

void
cs_mime_mbox(struct cs_buf *b, const struct cs_mime *m)
{
	const char *day;
	long seconds;
	struct cs_civil c = split_instant(m->date, &seconds, &day);
	struct cs_str sender = m->from.addr;

	/* A blank in a quoted local part would end the sender early. */
	if (sender.n == 0 || memchr(sender.p, ' ', sender.n) != NULL)
		sender = CS_S("MAILER-DAEMON");
	cs_buf_printf(b, "From %.*s %s %s %2d ", CS_ARG(sender), day,
	    month_names[c.month - 1], c.day);
	print_clock(b, seconds);
	cs_buf_printf(b, " %04d\n", c.year);
	cs_mime_write(b, m);
	cs_buf_putc(b, '\n');
}
