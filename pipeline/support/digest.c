#include "pipeline/support/digest.h"

#include <inttypes.h>
#include <stdio.h>

#include <xxhash.h>

static struct digest digest_from(XXH128_hash_t hash)
{
	return (struct digest){ .low = hash.low64, .high = hash.high64 };
}

struct digest digest_of(const void *data, size_t length)
{
	return digest_from(XXH3_128bits(data, length));
}

struct digest digest_mix(struct digest first, struct digest second)
{
	const uint64_t words[] = { first.low, first.high, second.low, second.high };
	return digest_of(words, sizeof(words));
}

bool digest_equal(struct digest a, struct digest b)
{
	return a.low == b.low && a.high == b.high;
}

bool digest_none(struct digest digest)
{
	return digest.low == 0 && digest.high == 0;
}

void digest_hex(struct digest digest, char hex[DIGEST_HEX_BYTES])
{
	snprintf(hex, DIGEST_HEX_BYTES, "%016" PRIx64 "%016" PRIx64, digest.high, digest.low);
}
