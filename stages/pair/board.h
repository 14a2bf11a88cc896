#ifndef NIGHTMILL_STAGES_PAIR_BOARD_H
#define NIGHTMILL_STAGES_PAIR_BOARD_H

/* The draw on one board: is there any, what falls apart, which method serves. Private to the draw.
 */

#include <stdbool.h>
#include <stdint.h>

#include "stages/pair/cells.h"
#include "stages/pair/draw.h"
#include "stages/pair/graph.h"
#include "stages/pair/random.h"

struct board {
	const struct draw_request *request;
	struct draw_result *result;
	struct random random;
	uint32_t *scratch; /* for cells_measure */
};

enum board_answer {
	BOARD_SURE,   /* there is a draw, whatever two people are paired first */
	BOARD_SPLIT,  /* there is a draw, and the split says what falls apart */
	BOARD_NONE,   /* there is none, and the reason says why */
	BOARD_SHARED, /* there is none: too many share the value of a column */
	BOARD_UNSURE, /* too large to say */
};

struct board_verdict {
	enum board_answer answer;
	double lambda;
	struct graph_split split;
	struct graph_reason reason;
	uint32_t column, value; /* SHARED */
};

/* Is there any draw (of shape ANY)? The verdict is the caller's to finish. */
void board_judge(const struct cells *cells, uint32_t *scratch, struct board_verdict *verdict);
void board_verdict_finish(struct board_verdict *verdict);

/* Draws all of `cells` into board->result, or fills in the result's reason and returns false. */
bool board_draw(struct board *board, const struct cells *cells);

/* Fills in people and fixes of the result's reason from a verdict without a draw. */
void board_explain(
	struct board *board, const struct cells *cells, const struct board_verdict *verdict);

/* A reason with one person in it. */
void board_reason_of(struct draw_reason *reason, enum draw_obstacle obstacle, uint32_t person);

#endif
