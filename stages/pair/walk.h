#ifndef NIGHTMILL_STAGES_PAIR_WALK_H
#define NIGHTMILL_STAGES_PAIR_WALK_H

/* Where a uniform draw cannot be had: some draw, and then many random exchanges that keep all
 * rules. Near-uniform at best, since such exchanges may not lead from every draw to every other. */

#include <stdbool.h>
#include <stdint.h>

#include "stages/pair/random.h"
#include "stages/pair/shape.h"

/* Makes the order in `place` a draw, or starts from `match` (a column for each row; ANY only; NULL:
 * none known) where exchanges alone do not get there, and walks on. False where no draw was found:
 * there may be one. */
bool walk_draw(const struct cells *cells, struct shape shape, struct random *random,
	const uint32_t *match, uint32_t *place);

#endif
