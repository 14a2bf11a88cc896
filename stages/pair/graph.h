#ifndef NIGHTMILL_STAGES_PAIR_GRAPH_H
#define NIGHTMILL_STAGES_PAIR_GRAPH_H

/* Is there any draw at all? A maximum matching by CXSparse's cs_dmperm, whose Dulmage-Mendelsohn
 * blocks also say what falls apart: pairs between two blocks are in no draw, so each block may be
 * drawn by itself; and where there is no draw, who stands in the way. */

#include <stdbool.h>
#include <stdint.h>

#include "stages/pair/cells.h"

/* Rows and columns of a board that have each other to themselves. */
struct graph_block {
	uint32_t first, count; /* within the split's rows and columns */
};

/* All rows and all columns of the board in another order: block after block, and behind them those
 * that no block holds. */
struct graph_split {
	uint32_t *rows, *columns;
	struct graph_block *blocks;
	uint32_t block_count;
	uint32_t rest;   /* where the rows and columns of no block begin */
	uint32_t *match; /* some draw: the column of each row; UINT32_MAX where a row was not
			    looked at */
};

/* Why there is no draw. */
struct graph_reason {
	/* A group that can give to too few: no part of it is such a group by itself. */
	uint32_t *rows, row_count, *columns, column_count;
	/* Rows and columns of which any cell, were it allowed, would make one more pair. */
	uint32_t *short_rows, short_row_count, *free_columns, free_column_count;
	uint32_t missing; /* pairs */
};

/* Looks at the rows `tight` (ascending) of the board: the others can always be served, whatever
 * these get. True where there is a draw: `split` is filled in; elsewhere `reason` is. */
bool graph_solve(const struct cells *cells, const uint32_t *tight, uint32_t tight_count,
	struct graph_split *split, struct graph_reason *reason);

/* How much graph_solve would have to look at: rows times columns. More is not asked for. */
static const uint64_t graph_most_cells = UINT64_C(1) << 26;

void graph_split_finish(struct graph_split *split);
void graph_reason_finish(struct graph_reason *reason);

#endif
