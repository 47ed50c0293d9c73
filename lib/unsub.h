/* unsub: unsubscribe links that nobody can forge (RFC 8058, R10 R11)
 *
 * A token names the list (the class) and the recipient's id and is signed with
 * HMAC-SHA256: BASE64URL(class ":" id) "." BASE64URL(first 15 bytes of the
 * signature). Whoever holds the key can check it and write the suppression
 * line. */
#ifndef CS_UNSUB_H
#define CS_UNSUB_H

#include "arena.h"
#include "buf.h"
#include "msg.h"

#define CS_MIN_KEY ((size_t)16) /* bytes in a key file */

struct cs_unsub_key {
	unsigned char block[64]; /* the key as HMAC pads it */
};

/* Reads a key file (blanks at its end are not part of the key). Exit 2 when it
 * is too short, 3 when it cannot be read. *is_open: others than the owner may
 * read it. */
bool cs_unsub_read(struct cs_unsub_key *k, const char *path, bool *is_open,
    struct cs_err *err);
/* HMAC-SHA256 (RFC 2104) of a text. */
void cs_unsub_hmac(
    const struct cs_unsub_key *k, struct cs_str text, unsigned char out[32]);
void cs_unsub_set(struct cs_unsub_key *k, struct cs_str key);
/* Appends the token. */
void cs_unsub_token(struct cs_buf *b, const struct cs_unsub_key *k,
    const char *class, struct cs_str id);

#endif
