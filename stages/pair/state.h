#ifndef NIGHTMILL_STAGES_PAIR_STATE_H
#define NIGHTMILL_STAGES_PAIR_STATE_H

/* The stage at work; shared with its verbs. */

#include "pipeline/head.h"
#include "stages/pair/record.h"
#include "stages/pair/round.h"

struct pair_state {
	struct round round;
	struct record record;
	uint32_t *members; /* for groups: size + 1 people of each, UINT32_MAX where there are
			      fewer */
	bool settled;
	size_t given; /* records */
};

/* `nightmill pair verify|repair|check`; each gets a struct pair_state that has seen all records. */
extern const struct head_verb pair_verbs[];

#endif
