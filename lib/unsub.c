#include <string.h>
#include <sys/stat.h>

#include "hash.h"
#include "in.h"
#include "unsub.h"

enum { MAX_KEY = 4096, SIGNATURE = 15 };

void
cs_unsub_set(struct cs_unsub_key *k, struct cs_str key)
{
	unsigned char sum[32];

	memset(k->block, 0, sizeof(k->block));
	if (key.n > sizeof(k->block)) {
		cs_sha256(key.p, key.n, sum);
		memcpy(k->block, sum, sizeof(sum));
	} else {
		memcpy(k->block, key.p, key.n);
	}
}

bool
cs_unsub_read(
    struct cs_unsub_key *k, const char *path, bool *is_open, struct cs_err *err)
{
	struct cs_in *in = cs_in_open(path, err);
	struct cs_arena a = {0};
	struct cs_str key;
	struct stat st;
	bool is_good;

	if (in == NULL)
		return false;
	*is_open = fstat(cs_in_fd(in), &st) == 0 && S_ISREG(st.st_mode) &&
		   (st.st_mode & 077) != 0;
	is_good = cs_in_all(in, MAX_KEY, &a, &key, err);
	cs_in_close(in);
	while (is_good && key.n > 0 && strchr(" \t\r\n", key.p[key.n - 1]))
		key.n--;
	if (is_good && key.n < CS_MIN_KEY)
		is_good = cs_fail(err, CS_USAGE,
		    "%s: the key has %zu bytes, at least %zu are needed", path,
		    key.n, CS_MIN_KEY);
	if (is_good)
		cs_unsub_set(k, key);
	cs_arena_free(&a);
	return is_good;
}

void
cs_unsub_hmac(
    const struct cs_unsub_key *k, struct cs_str text, unsigned char out[32])
{
	struct cs_buf b = {0};
	unsigned char inner[32];

	for (size_t i = 0; i < sizeof(k->block); i++)
		cs_buf_putc(&b, (char)(k->block[i] ^ 0x36));
	cs_buf_str(&b, text);
	cs_sha256(b.p, b.n, inner);
	cs_buf_reset(&b);
	for (size_t i = 0; i < sizeof(k->block); i++)
		cs_buf_putc(&b, (char)(k->block[i] ^ 0x5c));
	cs_buf_add(&b, inner, sizeof(inner));
	cs_sha256(b.p, b.n, out);
	cs_buf_free(&b);
}

/* Without padding, as RFC 4648 5 allows. */
static void
base64url(struct cs_buf *b, const unsigned char *p, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno"
				     "pqrstuvwxyz0123456789-_";

	for (size_t i = 0; i < n; i += 3) {
		unsigned v = (unsigned)p[i] << 16;

		v |= i + 1 < n ? (unsigned)p[i + 1] << 8 : 0;
		v |= i + 2 < n ? p[i + 2] : 0;
		cs_buf_putc(b, digits[v >> 18]);
		cs_buf_putc(b, digits[(v >> 12) & 63]);
		if (i + 1 < n)
			cs_buf_putc(b, digits[(v >> 6) & 63]);
		if (i + 2 < n)
			cs_buf_putc(b, digits[v & 63]);
	}
}

void
cs_unsub_token(struct cs_buf *b, const struct cs_unsub_key *k,
    const char *class, struct cs_str id)
{
	unsigned char sum[32];
	struct cs_buf text = {0};

	cs_buf_printf(&text, "%s:", class);
	cs_buf_str(&text, id);
	base64url(b, (const unsigned char *)text.p, text.n);
	cs_unsub_hmac(k, cs_buf_get(&text), sum);
	cs_buf_putc(b, '.');
	base64url(b, sum, SIGNATURE);
	cs_buf_free(&text);
}
