#include "stages/pair/random.h"

#include <endian.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 64 };

void random_init(struct random *random, const unsigned char seed[RANDOM_SEED_BYTES])
{
	/* Else libsodium takes its slow, plain implementation. */
	if (sodium_init() < 0)
		abort();
	memcpy(random->key, seed, RANDOM_SEED_BYTES);
	random->block = 0;
	random->next = RANDOM_NUMBERS;
}

/* A nonce of its own for every 2^32 blocks (256 GiB) would be needed beyond them; no draw comes
 * near: its budget ends it first. */
void random_refill(struct random *random)
{
	static const unsigned char nonce[crypto_stream_chacha20_ietf_NONCEBYTES];
	memset(random->numbers, 0, sizeof(random->numbers));
	unsigned char *bytes = (unsigned char *)random->numbers;
	crypto_stream_chacha20_ietf_xor_ic(
		bytes, bytes, sizeof(random->numbers), nonce, random->block, random->key);
	random->block += sizeof(random->numbers) / BLOCK_BYTES;
	for (size_t i = 0; i < RANDOM_NUMBERS; i++)
		random->numbers[i] = le32toh(random->numbers[i]);
	random->next = 0;
}

uint64_t random_below_large(struct random *random, uint64_t bound)
{
	const uint64_t least = -bound % bound;
	uint64_t number;
	do {
		number = random_next(random);
		number |= (uint64_t)random_next(random) << 32;
	} while (number < least);
	return number % bound;
}
