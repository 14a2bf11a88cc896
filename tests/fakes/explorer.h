#ifndef NIGHTMILL_TESTS_EXPLORER_H
#define NIGHTMILL_TESTS_EXPLORER_H

/* Runs players through every order in which their atomic steps can follow each other, one step of
 * one player at a time: deterministic, and complete for the sequentially consistent machine. What a
 * weaker order of memory would allow it does not see; the thread sanitizer does.
 *
 * A player's state is told by what its steps have seen, so that a state which was reached before is
 * not gone through again. States are known by 64-bit digests. */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { EXPLORER_PLAYERS = 4 };

struct explorer_play {
	uint32_t players; /* numbered from 0 */
	void (*begin)(void *context);
	void (*play)(void *context, uint32_t player);
	uint64_t (*digest)(void *context); /* of all that players share */
	void (*end)(void *context);        /* all players have ended */
	void *context;
};

struct explorer_counts {
	uint64_t states; /* that differ */
	uint64_t ends;   /* interleavings that were followed to their end */
	uint64_t steps;
};

/* All interleavings. A player that waits for ever ends the program. */
struct explorer_counts explorer_run(const struct explorer_play *play);

/* Steps of a player; called by others, they are nothing but what they do. */
uint64_t explorer_load(_Atomic uint64_t *object);
void explorer_store(_Atomic uint64_t *object, uint64_t value);
bool explorer_exchange(_Atomic uint64_t *object, uint64_t *expected, uint64_t desired);

/* The player goes on only when `ready` holds. */
void explorer_wait(bool (*ready)(void *context));

#endif
