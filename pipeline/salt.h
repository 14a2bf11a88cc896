#ifndef NIGHTMILL_SALT_H
#define NIGHTMILL_SALT_H

/* Digests of what is secret: keyed, so that no one who has the state alone can find out what it is
 * by trying what it may be (a receiver is one of the givers). Main's thread only. */

#include <stdbool.h>
#include <stdint.h>

#include "pipeline/ledger_key.h"
#include "pipeline/support/error.h"
#include "pipeline/support/text.h"

struct salt {
	const char *state; /* the path of the state, borrowed; set by who begins, the rest 0 */
	bool look_only;    /* nothing is done to the world */
	bool ready;
	unsigned char key[LEDGER_KEY_BYTES];
};

/* The digest of `text` under the key of the ledger beside the state, which is read at the first
 * call. A key that is missing is an error, but when only looking: then nothing was done yet that
 * the digest could be compared with. */
bool salt_digest(struct salt *salt, const struct text *text, uint64_t *digest, struct error *err);

#endif
