#ifndef NIGHTMILL_STAGES_PAIR_PAST_H
#define NIGHTMILL_STAGES_PAIR_PAST_H

/* Rounds that were drawn elsewhere, from a store: who had whom before there was a ledger. */

#include "stages/pair/lists.h"

struct past_pair {
	uint32_t giver, receiver;
	uint32_t round; /* its number in the list of names */
};

/* All zero is one that was not read. */
struct past {
	const char **names; /* of the rounds, the latest first */
	uint32_t *counts;   /* each one's place in the history, from 1; 0: it does not count */
	size_t count;
	struct past_pair *pairs; /* of those who take part, in the order of the rows */
	size_t pair_count, room;
	struct arena arena; /* owns the names' texts */
	bool read;
};

/* Reads the store, once. Those who take no part any more are left out; it is told where no one is
 * left. */
bool past_read(struct past *past, const struct settings_pairs *from, const struct people *people,
	const struct head_place *place, struct error *err);

/* Adds the pairs of rounds that count. */
void past_add(const struct past *past, struct lists *lists);

void past_finish(struct past *past);

#endif
