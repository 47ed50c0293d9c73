/* Addresses and mailboxes: lib/address */
#include "address.h"
#include "msg.h"
#include "tap.h"

static void
check(const char *s, enum cs_address want)
{
	struct cs_buf b = {0};

	cs_escape(&b, cs_str(s));
	ok(cs_address_check(cs_str(s)) == want, "\"%s\" is %s", cs_buf_z(&b),
	    want == CS_ADDRESS_OK ? "an address" : cs_address_reason(want));
	cs_buf_free(&b);
}

static void
syntax(void)
{
	char local[80] = "";

	check("taro@example.jp", CS_ADDRESS_OK);
	check("taro+shop@mail.example.co.jp", CS_ADDRESS_OK);
	check("\"taro..yamada.\"@docomo.example", CS_ADDRESS_OK);
	check("\"a b\"@example.jp", CS_ADDRESS_OK);
	check("a@xn--wgv71a.jp", CS_ADDRESS_OK);
	check("a@b", CS_ADDRESS_OK);
	check("", CS_ADDRESS_NONE);
	check("  ", CS_ADDRESS_NONE);
	check("taro", CS_ADDRESS_BAD);
	check("taro@@example.jp", CS_ADDRESS_BAD);
	check("@example.jp", CS_ADDRESS_BAD);
	check("taro@", CS_ADDRESS_BAD);
	check("ta..ro@example.jp", CS_ADDRESS_BAD);
	check(".taro@example.jp", CS_ADDRESS_BAD);
	check("taro.@example.jp", CS_ADDRESS_BAD);
	check("ta ro@example.jp", CS_ADDRESS_BAD);
	check("taro@example..jp", CS_ADDRESS_BAD);
	check("taro@example.jp.", CS_ADDRESS_BAD);
	check("taro@-example.jp", CS_ADDRESS_BAD);
	check("taro@exa_mple.jp", CS_ADDRESS_BAD);
	check("taro@example.jp\nBcc: x@y.jp", CS_ADDRESS_BAD);
	check("\"a\nb\"@example.jp", CS_ADDRESS_BAD);
	check("\"a\"b\"@example.jp", CS_ADDRESS_BAD);
	check("\"a\\\"@example.jp", CS_ADDRESS_BAD);
	check("a@example.jp, b@example.jp", CS_ADDRESS_BAD);
	check("太郎 <taro@example.jp>", CS_ADDRESS_BAD);
	check("あ@example.jp", CS_ADDRESS_EAI);
	check("taro@日本.jp", CS_ADDRESS_EAI);
	memset(local, 'a', 64);
	strcpy(local + 64, "@b.jp");
	check(local, CS_ADDRESS_OK);
	memset(local, 'a', 65);
	strcpy(local + 65, "@b.jp");
	check(local, CS_ADDRESS_BAD);
}

static void
mailboxes(struct cs_arena *a)
{
	struct cs_mailbox m;
	struct cs_str rest = CS_S(
	    "a@b.jp, \"田中, \\\"花\\\"\" <c@d.jp> ,, 株式会社 <X> <e@f.jp>");

	ok(cs_mailbox_next(&rest, a, &m) && m.name.n == 0, "bare");
	is_str(m.addr, "a@b.jp", "bare address");
	ok(cs_mailbox_next(&rest, a, &m), "quoted name");
	is_str(m.name, "田中, \"花\"", "quotes undone, comma kept");
	is_str(m.addr, "c@d.jp", "its address");
	ok(cs_mailbox_next(&rest, a, &m), "third");
	is_str(m.name, "株式会社 <X>", "a name with angle brackets");
	is_str(m.addr, "e@f.jp", "the last pair is the address");
	ok(!cs_mailbox_next(&rest, a, &m), "end");
	ok(!cs_mailbox_parse(CS_S("a@b.jp, c@d.jp"), a, &m), "two are not one");
	ok(cs_mailbox_parse(CS_S("店舗, 担当 <c@d.jp>"), a, &m), "one");
	is_str(m.name, "店舗, 担当", "its name");
	is_str(m.addr, "c@d.jp", "its address");
	ok(cs_mailbox_parse(CS_S("\"a, b\" <c@d.jp>"), a, &m), "quoted");
	is_str(m.name, "a, b", "its name");
	ok(!cs_mailbox_parse(CS_S("a <x@y.jp>, b <c@d.jp>"), a, &m), "two");
	ok(!cs_mailbox_parse(CS_S(" "), a, &m), "none is not one");
	is_str(cs_address_norm(a, CS_S(" Taro+A@Example.JP ")),
	    "taro+a@example.jp", "normal form");
	is_str(cs_address_domain(CS_S("\"a@b\"@c.jp")), "c.jp", "domain");
}

int
main(void)
{
	struct cs_arena a = {0};

	syntax();
	mailboxes(&a);
	cs_arena_free(&a);
	return done();
}
