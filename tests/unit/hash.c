/* hash: SipHash, SHA-256, buckets, the map */
#include <stdio.h>

#include "hash.h"
#include "tap.h"

/* Python 3.11's hash() of bytes 0, 1, 2 ... under PYTHONHASHSEED=0. */
static void
sip(void)
{
	static const struct {
		size_t n;
		uint64_t want;
	} v[] = {{1, 0x68a914128e01e473}, {7, 0x2f098ab0c751325a},
	    {8, 0xead411e67ebe2eea}, {9, 0x75927f9d95124362},
	    {15, 0xf30eb725bb91c9ea}, {16, 0x8972188433a5c5b7},
	    {63, 0x385d3e39e5f37359}};
	unsigned char key[16] = {0};
	char bytes[64];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)i;
	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++)
		ok(cs_siphash13(key, (struct cs_str){bytes, v[i].n}) ==
			v[i].want,
		    "SipHash-1-3 of %zu bytes", v[i].n);
	key[15] = 1;
	ok(cs_siphash13(key, (struct cs_str){bytes, 8}) != v[2].want,
	    "another key, another hash");
	ok(cs_hash(CS_S("a")) == cs_hash(CS_S("a")) &&
		cs_hash(CS_S("a")) != cs_hash(CS_S("b")),
	    "one key for the process");
	ok(cs_hash(CS_S("")) == cs_hash((struct cs_str){0}), "absent");
}

static void
sum_is(struct cs_str s, const char *hex, const char *base32)
{
	unsigned char sum[32];
	char got[65], text[33];

	cs_sha256(s.p, s.n, sum);
	for (size_t i = 0; i < 32; i++)
		snprintf(got + 2 * i, 3, "%02x", sum[i]);
	is_str(cs_str(got), hex, "SHA-256");
	cs_base32(sum, text);
	if (base32 != NULL)
		is_str(cs_str(text), base32, "base32");
}

/* From Python's hashlib and base64. */
static void
sha(void)
{
	static char million[1000000];

	sum_is(CS_S("abc"),
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	    "xj4bnp4pahh6uqkbidpf3lrceoyagynd");
	sum_is((struct cs_str){0},
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	    "4oymiquy7qobjgx36tejs35zeqt24qpe");
	memset(million, 'a', sizeof(million));
	sum_is((struct cs_str){million, sizeof(million)},
	    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
	    NULL);
}

static void
bucket(struct cs_str salt, struct cs_str id, unsigned want)
{
	ok(cs_bucket(salt, id) == want, "bucket %u", want);
}

/* int.from_bytes(sha256(salt + b"\0" + id).digest()[:8], "big") % 10000 */
static void
buckets(void)
{
	bucket(CS_S("salt"), CS_S("1"), 7175);
	bucket(CS_S("demo"), CS_S("S0001"), 6259);
	bucket(CS_S(""), CS_S(""), 3192);
	bucket((struct cs_str){0}, (struct cs_str){0}, 3192);
	bucket(CS_S("春"), CS_S("店舗-42"), 383);
}

static void
first_steps(void)
{
	struct cs_map m = {0};
	char text[] = "one";
	bool is_new = true;

	ok(cs_map_find(&m, CS_S("x")) == SIZE_MAX, "the empty map has nothing");
	ok(cs_map_add(&m, cs_str(text), &is_new) == 0 && is_new, "0 is new");
	memcpy(text, "two", 3);
	ok(cs_map_find(&m, CS_S("one")) == 0, "the map keeps its own copy");
	ok(cs_map_find(&m, CS_S("two")) == SIZE_MAX, "and only that");
	ok(cs_map_add(&m, CS_S("one"), &is_new) == 0 && !is_new, "0 again");
	ok(cs_map_add(&m, CS_S("o"), NULL) == 1, "a beginning is another text");
	ok(cs_map_add(&m, CS_S(""), NULL) == 2, "so is the empty text");
	ok(cs_map_add(&m, CS_S("a\0b"), NULL) == 3 &&
		cs_map_add(&m, CS_S("a\0c"), NULL) == 4,
	    "a NUL does not end a text");
	ok(cs_str_eq(m.key[3], CS_S("a\0b")), "keys by number");
	cs_map_free(&m);
	ok(m.n == 0 && m.key == NULL, "free leaves the zero value");
	ok(cs_map_add(&m, CS_S("again"), NULL) == 0, "which is usable");
	cs_map_free(&m);
}

static void
million(void)
{
	const size_t n = 1000000;
	struct cs_map m = {0};
	size_t wrong = 0;
	char text[16];

	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < n; i++) {
			struct cs_str s = {text,
			    (size_t)snprintf(text, sizeof(text), "C%07zu", i)};
			bool is_new;

			wrong += cs_map_add(&m, s, &is_new) != i ||
				 is_new != (round == 0);
		}
	ok(wrong == 0 && m.n == n, "a million texts, twice");
	ok(cs_map_find(&m, CS_S("C1000000")) == SIZE_MAX, "one that is not in");
	ok(cs_map_find(&m, CS_S("C0999999")) == 999999, "the last");
	cs_map_free(&m);
}

int
main(void)
{
	sip();
	sha();
	buckets();
	first_steps();
	million();
	return done();
}
