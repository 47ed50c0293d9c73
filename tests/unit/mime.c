/* The message writer: lib/mime */
#include "mime.h"
#include "tap.h"
#include "text.h"

static struct cs_str
header(struct cs_buf *b, const char *name, struct cs_str value)
{
	cs_buf_reset(b);
	cs_mime_unstructured(b, name, value);
	return cs_buf_get(b);
}

static struct cs_str
to(struct cs_buf *b, const char *name, const char *addr)
{
	struct cs_mailbox m = {cs_str(name), cs_str(addr)};

	cs_buf_reset(b);
	cs_mime_mailboxes(b, "To", &m, 1);
	return cs_buf_get(b);
}

/* Longest line, and longest encoded-word, of a header. */
static size_t
longest(struct cs_str s, bool of_word)
{
	struct cs_str line, word;
	size_t max = 0;

	while (cs_str_next(&s, '\n', &line)) {
		if (!of_word && line.n > max)
			max = line.n;
		while (of_word && cs_str_next(&line, ' ', &word))
			if (cs_str_starts(word, CS_S("=?")) && word.n > max)
				max = word.n;
	}
	return max;
}

static void
subjects(struct cs_buf *b)
{
	struct cs_buf s = {0};

	is_str(header(b, "Subject", CS_S("Your shop is open")),
	    "Subject: Your shop is open\n", "ASCII stays plain");
	is_str(header(b, "Subject", CS_S("")), "Subject: \n", "empty");
	is_str(header(b, "Subject", CS_S("登録商品")),
	    "Subject: =?UTF-8?B?55m76Yyy5ZWG5ZOB?=\n", "one word");
	is_str(header(b, "Subject", CS_S("a =?UTF-8?B?eA==?= b")),
	    "Subject: =?UTF-8?B?YSA9P1VURi04P0I/ZUE9PT89IGI=?=\n",
	    "what looks encoded is encoded");
	is_str(header(b, "Subject", CS_S("two  blanks")),
	    "Subject: =?UTF-8?B?dHdvICBibGFua3M=?=\n", "blanks are kept");
	for (int i = 0; i < 40; i++)
		cs_buf_puts(&s, "あ");
	header(b, "Subject", cs_buf_get(&s));
	ok(longest(cs_buf_get(b), false) <= 76, "lines of 76 at most");
	ok(longest(cs_buf_get(b), true) <= 75, "words of 75 at most");
	cs_buf_reset(&s);
	for (int i = 0; i < 30; i++)
		cs_buf_puts(&s, "a plain word ");
	cs_buf_puts(&s, "end");
	header(b, "Subject", cs_buf_get(&s));
	ok(longest(cs_buf_get(b), false) <= 78, "plain text folds at 78");
	ok(strstr(cs_buf_z(b), "=?") == NULL, "and stays plain");
	cs_buf_free(&s);
}

/* A family emoji of 25 bytes must not be cut between its people. */
static void
graphemes(struct cs_buf *b)
{
	static const char family[] =
	    "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d"
	    "\xf0\x9f\x91\xa7\xe2\x80\x8d\xf0\x9f\x91\xa6";
	struct cs_buf s = {0};

	cs_buf_puts(&s, family);
	cs_buf_puts(&s, family);
	header(b, "Subject", cs_buf_get(&s));
	is_str(cs_buf_get(b),
	    "Subject: =?UTF-8?B?8J+RqOKAjfCfkanigI3wn5Gn4oCN8J+Rpg==?=\n"
	    " =?UTF-8?B?8J+RqOKAjfCfkanigI3wn5Gn4oCN8J+Rpg==?=\n",
	    "cut between two families, not inside one");
	cs_buf_reset(&s);
	cs_buf_puts(&s, "e");
	for (int i = 0; i < 40; i++)
		cs_buf_puts(&s, "\xcc\x81");
	header(b, "Subject", cs_buf_get(&s));
	ok(longest(cs_buf_get(b), true) <= 75,
	    "a cluster larger than a word is cut between code points");
	cs_buf_free(&s);
}

static void
names(struct cs_buf *b)
{
	char name[400];

	is_str(to(b, "", "a@b.jp"), "To: a@b.jp\n", "no name");
	is_str(to(b, "\xe3\x80\x80 ", "a@b.jp"), "To: a@b.jp\n", "blank name");
	is_str(to(b, "Taro Yamada", "a@b.jp"), "To: Taro Yamada <a@b.jp>\n",
	    "no needless quotes");
	is_str(to(b, "Yamada, T.", "a@b.jp"), "To: \"Yamada, T.\" <a@b.jp>\n",
	    "comma and dot are quoted");
	is_str(to(b, "a\"b\\c", "a@b.jp"), "To: \"a\\\"b\\\\c\" <a@b.jp>\n",
	    "quote and backslash escaped");
	is_str(to(b, "山田, 太郎", "a@b.jp"),
	    "To: =?UTF-8?B?5bGx55SwLCDlpKrpg44=?= <a@b.jp>\n",
	    "Japanese is an encoded-word, never inside quotes");
	memset(name, 'x', 300);
	name[300] = '\0';
	to(b, name, "a@b.jp");
	ok(longest(cs_buf_get(b), false) <= 76, "300 letters fold");
	name[299] = ',';
	to(b, name, "a@b.jp");
	ok(longest(cs_buf_get(b), false) <= 76, "also with a special");
}

static void
pick(const char *body, enum cs_mime_encoding want, const char *what)
{
	ok(cs_mime_pick(cs_str(body)) == want, "%s", what);
}

static struct cs_str
qp(struct cs_buf *b, const char *body)
{
	cs_buf_reset(b);
	cs_mime_encode(b, cs_str(body), CS_MIME_QP);
	return cs_buf_get(b);
}

static void
bodies(struct cs_buf *b)
{
	char line[100];

	pick("hello\nworld\n", CS_MIME_7BIT, "plain ASCII");
	pick("", CS_MIME_7BIT, "empty");
	pick("From here\n", CS_MIME_QP, "From at a line start");
	pick(".\n", CS_MIME_QP, "a dot at a line start");
	pick("a \nb\n", CS_MIME_QP, "a blank at a line end");
	pick("--=_x\n", CS_MIME_QP, "what could be a boundary");
	pick("caf\xc3\xa9 and a lot of plain words\n", CS_MIME_QP,
	    "few letters beyond ASCII");
	pick("日本語の本文です。\n", CS_MIME_BASE64, "Japanese");
	memset(line, 'a', 77);
	line[77] = '\0';
	pick(line + 1, CS_MIME_7BIT, "76 in a line");
	pick(line, CS_MIME_QP, "77 in a line");
	is_str(qp(b, line + 1), line + 1, "76 need no soft break");
	qp(b, line);
	ok(longest(cs_buf_get(b), false) <= 76, "77 are broken");
	is_str(qp(b, "From a\nx From b\n.c\n"), "=46rom a\nx From b\n=2Ec\n",
	    "From and dot escaped");
	is_str(qp(b, "a \nb\t\nc "), "a=20\nb=09\nc=20", "blanks at ends");
	is_str(qp(b, "1=2"), "1=3D2", "equals sign");
	memset(line, 'a', 75);
	strcpy(line + 75, "From b");
	qp(b, line);
	ok(strstr(cs_buf_z(b), "\nFrom") == NULL, "no From after a soft break");
	cs_buf_reset(b);
	memset(line, 'a', 60);
	line[60] = '\0';
	cs_mime_encode(b, cs_str(line), CS_MIME_BASE64);
	ok(longest(cs_buf_get(b), false) == 76 && b->n == 81,
	    "base64 in lines of 76");
}

static struct cs_mime
message(void)
{
	return (struct cs_mime){
	    .from = {CS_S("店舗サポート"), CS_S("support@example.jp")},
	    .to = {CS_S("山田 太郎"), CS_S("taro@example.com")},
	    .subject = CS_S("登録商品が23点になりました"),
	    .date = 1774969200,
	    .zone = 32400,
	    .message_id = CS_S("abc@example.jp"),
	    .unsubscribe = CS_S("https://example.jp/u?t=1"),
	    .list_id = CS_S("promo.example.jp"),
	    .is_auto = true,
	    .text = CS_S("Hello\nFrom us\n"),
	    .html = CS_S("<p>Hello</p>\n"),
	    .seed = CS_S("abc"),
	};
}

static void
whole(struct cs_buf *b)
{
	struct cs_mime m = message();

	cs_buf_reset(b);
	cs_mime_mbox(b, &m);
	is_str(cs_buf_get(b),
	    "From support@example.jp Tue Mar 31 15:00:00 2026\n"
	    "Date: Wed, 01 Apr 2026 00:00:00 +0900\n"
	    "From: =?UTF-8?B?5bqX6IiX44K144Od44O844OI?= <support@example.jp>\n"
	    "To: =?UTF-8?B?5bGx55SwIOWkqumDjg==?= <taro@example.com>\n"
	    "Subject: "
	    "=?UTF-8?B?55m76Yyy5ZWG5ZOB44GMMjPngrnjgavjgarjgorjgb7jgZfjgZ8="
	    "?=\n"
	    "Message-ID: <abc@example.jp>\n"
	    "List-Unsubscribe: <https://example.jp/u?t=1>\n"
	    "List-Unsubscribe-Post: List-Unsubscribe=One-Click\n"
	    "List-Id: <promo.example.jp>\n"
	    "Auto-Submitted: auto-generated\n"
	    "MIME-Version: 1.0\n"
	    "Content-Type: multipart/alternative;\n boundary=\"=_abc\"\n\n"
	    "--=_abc\n"
	    "Content-Type: text/plain; charset=UTF-8\n"
	    "Content-Transfer-Encoding: quoted-printable\n\n"
	    "Hello\n=46rom us\n\n"
	    "--=_abc\n"
	    "Content-Type: text/html; charset=UTF-8\n"
	    "Content-Transfer-Encoding: 7bit\n\n"
	    "<p>Hello</p>\n\n"
	    "--=_abc--\n\n",
	    "a whole message in an mbox");
}

static void
fault(struct cs_mime m, enum cs_mime_fault want, const char *where)
{
	const char *at = "";
	enum cs_mime_fault got = cs_mime_check(&m, &at);

	ok(got == want && (want == CS_MIME_OK || strcmp(at, where) == 0),
	    "%s: %s", where, want ? cs_mime_reason(want) : "fine");
}

static void
faults(void)
{
	struct cs_mime m = message();
	struct cs_buf big = {0};
	struct cs_mime_field x = {CS_S("X-Shop"), CS_S("a\rb")};

	fault(m, CS_MIME_OK, "message");
	m.to.name = CS_S("Taro\nBcc: all@example.jp");
	fault(m, CS_MIME_INJECTION, "To");
	m.to.name = CS_S("Taro\tYamada");
	fault(m, CS_MIME_INJECTION, "To");
	m.to.name = CS_S("a\xe2\x80\xa8"
			 "b");
	fault(m, CS_MIME_INJECTION, "To");
	m.to.name = CS_S("山田\xc2\x85");
	fault(m, CS_MIME_INJECTION, "To");
	m = message();
	m.subject = (struct cs_str){"a\0b", 3};
	fault(m, CS_MIME_INJECTION, "Subject");
	m = message();
	m.text = CS_S("a\rb");
	fault(m, CS_MIME_CONTROL, "text");
	m.text = CS_S("a\tb\n\xe2\x80\xa8");
	fault(m, CS_MIME_OK, "text");
	m.html = CS_S("\x1b[0m");
	fault(m, CS_MIME_CONTROL, "html");
	m = message();
	m.more = &x;
	m.nmore = 1;
	fault(m, CS_MIME_INJECTION, "X-");
	m = message();
	while (big.n < CS_MAX_HEADER_LINE - 22)
		cs_buf_putc(&big, 'x');
	m.unsubscribe = cs_buf_get(&big);
	fault(m, CS_MIME_OK, "List-Unsubscribe");
	cs_buf_putc(&big, 'x');
	m.unsubscribe = cs_buf_get(&big);
	fault(m, CS_MIME_LONG, "List-Unsubscribe");
	m = message();
	while (big.n < CS_MAX_HEADER_VALUE)
		cs_buf_putc(&big, 'x');
	m.subject = cs_buf_get(&big);
	fault(m, CS_MIME_OK, "Subject");
	cs_buf_putc(&big, 'x');
	m.subject = cs_buf_get(&big);
	fault(m, CS_MIME_LONG, "Subject");
	cs_buf_free(&big);
}

static void
dates(struct cs_buf *b)
{
	cs_buf_reset(b);
	cs_mime_date(b, 0, -12600);
	is_str(cs_buf_get(b), "Wed, 31 Dec 1969 20:30:00 -0330",
	    "before the epoch, west of UTC");
	ok(cs_mime_is_name(CS_S("X-Shop")), "a header name");
	ok(!cs_mime_is_name(CS_S("X Shop")), "no blank in it");
	ok(!cs_mime_is_name(CS_S("X:")), "no colon in it");
}

int
main(void)
{
	struct cs_buf b = {0};

	subjects(&b);
	graphemes(&b);
	names(&b);
	bodies(&b);
	whole(&b);
	faults();
	dates(&b);
	cs_buf_free(&b);
	return done();
}
