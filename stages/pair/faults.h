#ifndef NIGHTMILL_STAGES_PAIR_FAULTS_H
#define NIGHTMILL_STAGES_PAIR_FAULTS_H

/* A draw judged by rules that it may not have been made by. */

#include "stages/pair/state.h"

/* Prints how a draw (`receiver`, one for everyone) stands to the rules of `record`; true where it
 * keeps them. Names givers alone. */
bool faults_report(
	const struct pair_state *state, const struct record *record, const uint32_t *receiver);

#endif
