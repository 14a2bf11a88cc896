#ifndef NIGHTMILL_STAGES_PAIR_SHAPE_H
#define NIGHTMILL_STAGES_PAIR_SHAPE_H

/* Three kinds of draw, each a sequence of a board's columns (`place`) in which some neighbours must
 * be allowed:
 *   any     row i gives to place[i];
 *   single  place[i] gives to place[i + 1], the last to the first: one loop;
 *   groups  the sequence is cut into groups, all of whose members must be allowed to meet. */

#include <stdbool.h>
#include <stdint.h>

#include "stages/pair/cells.h"

enum shape_kind { SHAPE_ANY, SHAPE_SINGLE, SHAPE_GROUPS };

struct shape {
	enum shape_kind kind;
	uint32_t size; /* GROUPS: 2 or 3 people; those who are left over make groups one larger */
};

/* How `count` people fall into groups of `size`: the first `larger` groups have one more, all
 * others `size`, but for the last where five people want to be threes (3 and 2) and two are all
 * there are. The number of groups; 0: there is only one person. */
uint32_t shape_groups(uint32_t count, uint32_t size, uint32_t *larger);

/* Where the group of position `at` begins and ends, for a sequence of `count` people. */
struct shape_range {
	uint32_t first, end;
};
struct shape_range shape_range(uint32_t count, uint32_t size, uint32_t at);

#endif
