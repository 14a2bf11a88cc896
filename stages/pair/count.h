#ifndef NIGHTMILL_STAGES_PAIR_COUNT_H
#define NIGHTMILL_STAGES_PAIR_COUNT_H

/* Small boards: all draws are counted, and one of them is taken, each exactly as likely. */

#include <stdint.h>

#include "stages/pair/random.h"
#include "stages/pair/shape.h"

enum { COUNT_MOST_ANY = 20, COUNT_MOST_SINGLE = 16, COUNT_MOST_GROUPS = 16 };

/* The largest board of this kind that is counted. */
uint32_t count_most(enum shape_kind kind);

/* The number of draws of a board of at most count_most() rows; where there is one, `place` (as many
 * columns as the board has) is filled in. `forced`, one for each row, may be NULL: SINGLE sets
 * those true that give to the same one in every loop. */
uint64_t count_draw(const struct cells *cells, struct shape shape, struct random *random,
	uint32_t *place, bool *forced);

#endif
