#ifndef NIGHTMILL_STAGES_PAIR_CELLS_H
#define NIGHTMILL_STAGES_PAIR_CELLS_H

/* A square board: givers one way, receivers the other; a cell is a pair that may be or not. What
 * has to be (must pairs) is not on it any more. Draws place one rook in each row and column. */

#include <stdbool.h>
#include <stdint.h>

#include "stages/pair/rules.h"

struct cells {
	const struct rules *rules;
	uint32_t count;
	const uint32_t *givers, *receivers; /* people; `count` each */
	bool single; /* number i receives by receivers[i] and gives by givers[i] (a chain of must
			pairs, or one person): one loop through all of them is wanted */
};

static inline bool cells_allow(const struct cells *cells, uint32_t row, uint32_t column)
{
	if (cells->single && row == column && cells->count > 1)
		return false;
	return rules_allow(cells->rules, cells->givers[row], cells->receivers[column]);
}

/* How many cells are forbidden, counted from above: one that two rules forbid counts twice. */
struct cells_load {
	uint32_t *by_giver; /* of each row; the caller frees it */
	uint32_t most_by_giver, most_by_receiver;
	uint64_t all;
};

/* `scratch` has room for twice rules->people + 1 numbers, all zero, and is handed back so. */
void cells_measure(const struct cells *cells, uint32_t *scratch, struct cells_load *load);

#endif
