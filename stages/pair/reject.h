#ifndef NIGHTMILL_STAGES_PAIR_REJECT_H
#define NIGHTMILL_STAGES_PAIR_REJECT_H

/* Draws of all people by chance, thrown away at the first pair that is not allowed: what is left is
 * exactly uniform over all that are. With lambda forbidden cells for each giver it takes about
 * e^lambda tries, most of which end early. */

#include <stdbool.h>
#include <stdint.h>

#include "stages/pair/random.h"
#include "stages/pair/shape.h"

struct reject_result {
	uint32_t *place;   /* room for as many columns as the board has */
	uint32_t *scratch; /* a number for each of the rules' people, all zero, handed back so */
	uint64_t tries;
};

/* Fills in the result within `most` tries. False where all of them failed: then `place` is any
 * order. */
bool reject_draw(const struct cells *cells, struct shape shape, struct random *random,
	uint64_t most, struct reject_result *result);

#endif
