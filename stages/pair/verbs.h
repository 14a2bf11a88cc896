#ifndef NIGHTMILL_STAGES_PAIR_VERBS_H
#define NIGHTMILL_STAGES_PAIR_VERBS_H

/* What the files of the verbs share. */

#include "stages/pair/state.h"

enum { PAIR_BROKEN = 3 /* exit status: finished, and something is wrong */ };

/* An error that names the round. */
bool verbs_no_round(const struct pair_state *state, struct error *err);

/* repair.c: the verb. */
bool verbs_repair(void *state, const struct head_words *words, int *status, struct error *err);

/* elsewhere.c: judges the draw in a store of this name by the rules of the state's record. */
bool elsewhere_check(struct pair_state *state, const char *name, int *status, struct error *err);

#endif
