#ifndef NIGHTMILL_STAGES_PAIR_RANDOM_H
#define NIGHTMILL_STAGES_PAIR_RANDOM_H

/* Numbers from a seed: the same ones on every machine (the ChaCha20 key stream, little-endian), and
 * not to be foreseen without it. */

#include <stddef.h>
#include <stdint.h>

enum { RANDOM_SEED_BYTES = 32, RANDOM_NUMBERS = 1024 };

struct random {
	unsigned char key[RANDOM_SEED_BYTES];
	uint32_t block; /* next one of the key stream, 64 bytes each */
	uint32_t numbers[RANDOM_NUMBERS];
	size_t next;
};

void random_init(struct random *random, const unsigned char seed[RANDOM_SEED_BYTES]);

/* Fills the buffer; called where it is used up. */
void random_refill(struct random *random);

static inline uint32_t random_next(struct random *random)
{
	if (random->next == RANDOM_NUMBERS)
		random_refill(random);
	return random->numbers[random->next++];
}

/* From 0 to bound - 1, each equally likely; bound is at least 1. Lemire's multiplication (ACM
 * TOMACS 29, 2019): a division only where the low half says that it may be needed. */
static inline uint32_t random_below(struct random *random, uint32_t bound)
{
	uint64_t product = (uint64_t)random_next(random) * bound;
	if ((uint32_t)product < bound) {
		const uint32_t least = -bound % bound;
		while ((uint32_t)product < least)
			product = (uint64_t)random_next(random) * bound;
	}
	return (uint32_t)(product >> 32);
}

/* The same for large bounds. */
uint64_t random_below_large(struct random *random, uint64_t bound);

#endif
