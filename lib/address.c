#include <string.h>

#include "address.h"

enum { MAX_LOCAL = 64, MAX_LABEL = 63, MAX_ADDRESS = 254 };

static bool
is_alnum(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z');
}

/* RFC 5322 atext */
static bool
is_atext(unsigned char c)
{
	return is_alnum(c) ||
	       (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

static bool
is_dot_atom(struct cs_str s)
{
	bool is_start = true;
	size_t i;

	for (i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '.' && is_start)
			return false;
		if (c != '.' && c < 0x80 && !is_atext(c))
			return false;
		is_start = c == '.';
	}
	return !is_start;
}

static bool
is_quoted(struct cs_str s)
{
	size_t i;

	if (s.n < 2 || s.p[0] != '"' || s.p[s.n - 1] != '"')
		return false;
	for (i = 1; i < s.n - 1; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < ' ' || c == 0x7f || c == '"')
			return false;
		if (c == '\\' && ++i == s.n - 1)
			return false;
	}
	return true;
}

static bool
is_domain(struct cs_str s)
{
	struct cs_str label;

	if (s.n == 0)
		return false;
	while (cs_str_next(&s, '.', &label)) {
		size_t i;

		if (label.n == 0 || label.n > MAX_LABEL || label.p[0] == '-' ||
		    label.p[label.n - 1] == '-')
			return false;
		for (i = 0; i < label.n; i++) {
			unsigned char c = (unsigned char)label.p[i];

			if (c < 0x80 && c != '-' && !is_alnum(c))
				return false;
		}
	}
	return true;
}

static bool
is_ascii(struct cs_str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

struct cs_str
cs_address_domain(struct cs_str s)
{
	size_t i = s.n;

	while (i > 0 && s.p[i - 1] != '@')
		i--;
	if (i == 0)
		return (struct cs_str){NULL, 0};
	return (struct cs_str){s.p + i, s.n - i};
}

enum cs_address
cs_address_check(struct cs_str s)
{
	struct cs_str domain = cs_address_domain(s), local;

	if (cs_str_trim(s).n == 0)
		return CS_ADDRESS_NONE;
	if (domain.p == NULL || s.n > MAX_ADDRESS)
		return CS_ADDRESS_BAD;
	local = (struct cs_str){s.p, s.n - domain.n - 1};
	if (local.n == 0 || local.n > MAX_LOCAL || !is_domain(domain))
		return CS_ADDRESS_BAD;
	if (!is_dot_atom(local) && !is_quoted(local))
		return CS_ADDRESS_BAD;
	return is_ascii(s) ? CS_ADDRESS_OK : CS_ADDRESS_EAI;
}

const char *
cs_address_reason(enum cs_address a)
{
	switch (a) {
	case CS_ADDRESS_NONE:
		return "no_address";
	case CS_ADDRESS_BAD:
		return "bad_address";
	case CS_ADDRESS_EAI:
		return "eai_address";
	case CS_ADDRESS_OK:
		break;
	}
	return "";
}

struct cs_str
cs_address_norm(struct cs_arena *a, struct cs_str s)
{
	char *p;
	size_t i;

	s = cs_str_trim(s);
	p = cs_keepz(a, s);
	for (i = 0; i < s.n; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] - 'A' + 'a');
	return (struct cs_str){p, s.n};
}

/* "a \"b\" c" without its quotes. */
static struct cs_str
unquote(struct cs_str s, struct cs_arena *a)
{
	size_t i, n = 0;
	char *p;

	if (s.n < 2 || s.p[0] != '"' || s.p[s.n - 1] != '"')
		return s;
	p = cs_arena_alloc(a, s.n);
	for (i = 1; i < s.n - 1; i++) {
		if (s.p[i] == '\\' && i + 2 < s.n)
			i++;
		p[n++] = s.p[i];
	}
	return (struct cs_str){p, n};
}

/* Bytes up to the comma that ends a mailbox, or all. */
static size_t
mailbox_end(struct cs_str s)
{
	bool in_quotes = false, in_angle = false;
	size_t i;

	for (i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (in_quotes && c == '\\' && i + 1 < s.n)
			i++;
		else if (c == '"')
			in_quotes = !in_quotes;
		else if (!in_quotes && (c == '<' || c == '>'))
			in_angle = c == '<';
		else if (!in_quotes && !in_angle && c == ',')
			break;
	}
	return i;
}

bool
cs_mailbox_next(struct cs_str *rest, struct cs_arena *a, struct cs_mailbox *m)
{
	struct cs_str one, addr;
	size_t n;

	do {
		if (rest->p == NULL || rest->n == 0)
			return false;
		n = mailbox_end(*rest);
		one = cs_str_trim((struct cs_str){rest->p, n});
		n += n < rest->n;
		rest->p += n;
		rest->n -= n;
	} while (one.n == 0);
	m->name = (struct cs_str){NULL, 0};
	m->addr = one;
	if (one.p[one.n - 1] != '>')
		return true;
	/* The last < begins the address: a name may hold one too. */
	for (n = one.n; n > 0 && one.p[n - 1] != '<'; n--)
		;
	if (n == 0)
		return true;
	addr = (struct cs_str){one.p + n, one.n - n - 1};
	m->addr = cs_str_trim(addr);
	m->name = unquote(cs_str_trim((struct cs_str){one.p, n - 1}), a);
	return true;
}

/* "Shop, Support <a@b.jp>": one mailbox whose name was not quoted. */
static bool
is_one_with_name(struct cs_str s)
{
	size_t i;

	if (s.n == 0 || s.p[s.n - 1] != '>')
		return false;
	for (i = 0; i < s.n && s.p[i] != '<'; i++)
		if (s.p[i] == '@' || s.p[i] == '"')
			return false;
	return memchr(s.p + i, ',', s.n - i) == NULL;
}

bool
cs_mailbox_parse(struct cs_str s, struct cs_arena *a, struct cs_mailbox *m)
{
	struct cs_mailbox more;
	const char *open;

	s = cs_str_trim(s);
	if (is_one_with_name(s)) {
		open = memchr(s.p, '<', s.n);
		if (open == NULL)
			return false;
		m->name =
		    cs_str_trim((struct cs_str){s.p, (size_t)(open - s.p)});
		m->addr = cs_str_trim((struct cs_str){
		    open + 1, (size_t)(s.p + s.n - 1 - (open + 1))});
		return true;
	}
	return cs_mailbox_next(&s, a, m) && !cs_mailbox_next(&s, a, &more);
}
