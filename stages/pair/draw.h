#ifndef NIGHTMILL_STAGES_PAIR_DRAW_H
#define NIGHTMILL_STAGES_PAIR_DRAW_H

/* The draw: rules and a seed in, who gives to whom out; or why there is none. The same rules and
 * seed give the same draw on every machine, as long as DRAW_VERSION is the same. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stages/pair/random.h"
#include "stages/pair/rules.h"
#include "stages/pair/shape.h"

enum { DRAW_VERSION = 1, DRAW_FIXES = 12 };

enum draw_method {
	DRAW_FORCED,   /* the rules leave one way only */
	DRAW_COUNTED,  /* all draws were counted, one taken: exactly uniform */
	DRAW_REJECTED, /* whole draws, thrown away until one is allowed: exactly uniform */
	DRAW_WALKED,   /* found and shaken: near-uniform */
	DRAW_METHODS
};

struct draw_request {
	struct rules *rules; /* `rounds` is lowered where `soft` lets old history go */
	struct shape shape;
	const unsigned char *seed; /* RANDOM_SEED_BYTES */
	uint64_t tries;            /* whole draws at most; 0: as many as a second or so takes */
	bool soft; /* history gives way where there is no draw: the oldest round first */
};

enum draw_obstacle {
	DRAW_GROUP,      /* `givers` may give to no one but `receivers`, who are too few */
	DRAW_SHARED,     /* the same, of the people who share a value of a column */
	DRAW_ALONE,      /* `givers`, one person: no one to be paired with */
	DRAW_MUST_LOOP,  /* must pairs close a loop that leaves others out (`givers`: one of it) */
	DRAW_MUST_APART, /* a must pair of two who are not within the same group */
	DRAW_NO_LOOP,    /* there is no single loop, as counting shows */
	DRAW_NO_GROUPS,  /* there are no such groups, as counting shows */
	DRAW_NOT_FOUND,  /* none was found within the budget; there may be one */
};

/* A single rule without which there would be a draw. */
struct draw_fix {
	enum {
		FIX_HISTORY, /* giver and receiver were drawn in `round` */
		FIX_PAIR,    /* giver and receiver are on a list */
		FIX_SHARED,  /* giver's value of column number `column` */
		FIX_ROUNDS,  /* the history of `round` and of older rounds */
		FIX_COLUMN,  /* the whole column number `column` */
		FIX_MUST,    /* giver has to give to receiver */
	} kind;
	uint32_t giver, receiver, round, column;
};

/* Why there is no draw. All numbers are people. */
struct draw_reason {
	enum draw_obstacle obstacle;
	uint32_t *givers, *receivers;
	uint32_t giver_count, receiver_count;
	uint32_t column;                   /* DRAW_SHARED */
	struct draw_fix fixes[DRAW_FIXES]; /* oldest history first */
	uint32_t fix_count;                /* of these */
	uint32_t all_fixes;                /* how many there are */
};

struct draw_result {
	uint32_t *receiver; /* of each person; for groups: the number of the group, from 0 */
	uint32_t groups;    /* how many, for groups */
	uint32_t people[DRAW_METHODS]; /* how many were drawn by each method */
	uint64_t draws; /* how many there are, where one board was counted; 0: not known */
	uint64_t tries; /* whole draws that were thrown away, and the last ones */
	double lambda;  /* forbidden cells for each giver, oneself included; the most of a board */
	uint32_t *forced; /* givers whose receiver the rules leave no choice about */
	uint32_t forced_count;
	uint32_t rounds_dropped; /* of history, by `soft` */
	struct draw_reason reason;
};

/* False where there is no draw: result->reason says why. The result is the caller's to finish, in
 * both cases. */
bool draw_run(const struct draw_request *request, struct draw_result *result);

void draw_finish(struct draw_result *result);

#endif
