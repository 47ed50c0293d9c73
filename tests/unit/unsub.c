/* Unsubscribe tokens: lib/unsub */
#include "tap.h"
#include "unsub.h"

static void
hmac(struct cs_str key, struct cs_str text, const char *want, const char *what)
{
	struct cs_unsub_key k;
	unsigned char sum[32];
	char hex[65];

	cs_unsub_set(&k, key);
	cs_unsub_hmac(&k, text, sum);
	for (size_t i = 0; i < 32; i++)
		snprintf(hex + 2 * i, 3, "%02x", sum[i]);
	is_str(cs_str(hex), want, what);
}

int
main(void)
{
	char long_key[131];
	struct cs_unsub_key k;
	struct cs_buf b = {0};

	/* RFC 4231, cases 2 and 6 */
	hmac(CS_S("Jefe"), CS_S("what do ya want for nothing?"),
	    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
	    "a short key");
	memset(long_key, 0xaa, sizeof(long_key));
	hmac((struct cs_str){long_key, sizeof(long_key)},
	    CS_S("Test Using Larger Than Block-Size Key - Hash Key First"),
	    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
	    "a key longer than a block");
	cs_unsub_set(&k, CS_S("0123456789abcdef"));
	cs_unsub_token(&b, &k, "promo", CS_S("c1"));
	is_str(cs_buf_get(&b), "cHJvbW86YzE.qtakkvJwkMQGg76yjWHF", "a token");
	cs_buf_free(&b);
	return done();
}
