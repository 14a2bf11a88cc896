#ifndef NIGHTMILL_SUPPORT_DIGEST_H
#define NIGHTMILL_SUPPORT_DIGEST_H

/* 128-bit digests by XXH3 (not for security): item ids, recipes, contents of files. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct digest {
	uint64_t low, high;
};

/* The digest of `length` bytes at once. */
struct digest digest_of(const void *data, size_t length);

/* Mixes two digests, order matters. */
struct digest digest_mix(struct digest first, struct digest second);

bool digest_equal(struct digest a, struct digest b);

/* All zero: no digest. */
bool digest_none(struct digest digest);

enum { DIGEST_HEX_BYTES = 33 };

/* Writes 32 lower-case hexadecimal digits and a NUL to `hex`. */
void digest_hex(struct digest digest, char hex[DIGEST_HEX_BYTES]);

#endif
