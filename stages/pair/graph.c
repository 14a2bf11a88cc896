#include "stages/pair/graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <suitesparse/cs.h>

#include "pipeline/support/arena.h"

/* The board as CXSparse wants it: a column of the matrix for each tight giver, a row for each
 * receiver. */
struct graph {
	const struct cells *cells;
	const uint32_t *tight;
	cs_di matrix;
	cs_did *order; /* its Dulmage-Mendelsohn decomposition */
};

static void graph_grow(cs_di *matrix, int need)
{
	if (need <= matrix->nzmax)
		return;
	matrix->nzmax = need * 2;
	matrix->i = memory_resize(matrix->i, (size_t)matrix->nzmax * sizeof(int));
}

/* One more than there are tight givers is as good as any number: whatever the others take, such a
 * giver is left with a choice. */
static void graph_build(struct graph *graph, uint32_t tight_count)
{
	const uint32_t count = graph->cells->count;
	cs_di *matrix = &graph->matrix;
	*matrix = (cs_di){ .m = (int)count, .n = (int)tight_count, .nz = -1 };
	matrix->p = memory_zeroed((size_t)tight_count + 1, sizeof(int));
	matrix->nzmax = (int)tight_count + 1;
	matrix->i = memory_alloc((size_t)matrix->nzmax * sizeof(int));
	for (uint32_t i = 0; i < tight_count; i++) {
		int filled = matrix->p[i];
		const int most = filled + (int)tight_count + 1;
		for (uint32_t column = 0; column < count && filled < most; column++) {
			if (!cells_allow(graph->cells, graph->tight[i], column))
				continue;
			graph_grow(matrix, filled + 1);
			matrix->i[filled++] = (int)column;
		}
		matrix->p[i + 1] = filled;
	}
}

static int graph_compare(const void *a, const void *b)
{
	const uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
	return (left > right) - (left < right);
}

static int graph_compare_blocks(const void *a, const void *b, void *rows)
{
	const struct graph_block *left = a, *right = b;
	const uint32_t *at = rows;
	return graph_compare(&at[left->first], &at[right->first]);
}

/* Adds the numbers that `taken` does not have, in their order. */
static void graph_add_others(uint32_t *list, uint32_t filled, uint32_t count, const bool *taken)
{
	for (uint32_t i = 0; i < count; i++)
		if (!taken[i])
			list[filled++] = i;
}

/* Copies the square blocks, each in ascending order, into the split as they come. */
static void graph_copy_blocks(
	const struct graph *graph, struct graph_split *split, bool *row_taken, bool *column_taken)
{
	const cs_did *order = graph->order;
	/* The last block is no square one where receivers are left over. */
	const bool loose = order->rr[2] < graph->matrix.m;
	const int blocks = order->nb - loose;
	for (int b = 0; b < blocks; b++) {
		const int size = order->r[b + 1] - order->r[b];
		const struct graph_block block = { split->rest, (uint32_t)size };
		for (int i = 0; i < size; i++, split->rest++) {
			const uint32_t row = graph->tight[order->q[order->s[b] + i]];
			const uint32_t column = (uint32_t)order->p[order->r[b] + i];
			row_taken[row] = column_taken[column] = true;
			split->rows[split->rest] = row;
			split->columns[split->rest] = column;
		}
		qsort(split->rows + block.first, block.count, sizeof(uint32_t), graph_compare);
		qsort(split->columns + block.first, block.count, sizeof(uint32_t), graph_compare);
		if (size > 0)
			split->blocks[split->block_count++] = block;
	}
}

/* In the order of their first rows: the same whatever order the library gives. */
static void graph_split(const struct graph *graph, struct graph_split *split)
{
	const uint32_t count = graph->cells->count;
	bool *row_taken = memory_zeroed((size_t)count + 1, sizeof(bool));
	bool *column_taken = memory_zeroed((size_t)count + 1, sizeof(bool));
	*split = (struct graph_split){
		.rows = memory_alloc((count + 1) * sizeof(uint32_t)),
		.columns = memory_alloc((count + 1) * sizeof(uint32_t)),
		.blocks = memory_alloc(((size_t)graph->order->nb + 1) * sizeof(*split->blocks)),
	};
	graph_copy_blocks(graph, split, row_taken, column_taken);
	qsort_r(split->blocks, split->block_count, sizeof(*split->blocks), graph_compare_blocks,
		split->rows);
	graph_add_others(split->rows, split->rest, count, row_taken);
	graph_add_others(split->columns, split->rest, count, column_taken);
	split->match = memory_alloc((count + 1) * sizeof(uint32_t));
	memset(split->match, 0xff, (count + 1) * sizeof(uint32_t));
	for (int i = 0; i < graph->order->rr[3]; i++)
		split->match[graph->tight[graph->order->q[i]]] = (uint32_t)graph->order->p[i];
	free(row_taken);
	free(column_taken);
}

/* What an alternating walk from one giver without a receiver has reached. */
struct graph_walk {
	const int
		*giver_of; /* of each receiver: its matched giver (a column of the matrix), or -1 */
	bool *seen;        /* receivers */
	uint32_t *givers, giver_count;
	uint32_t *receivers, receiver_count;
};

static void graph_walk_from(const struct graph *graph, struct graph_walk *walk, uint32_t start)
{
	walk->giver_count = walk->receiver_count = 0;
	walk->givers[walk->giver_count++] = start;
	for (uint32_t i = 0; i < walk->giver_count; i++) {
		const uint32_t giver = walk->givers[i];
		for (int at = graph->matrix.p[giver]; at < graph->matrix.p[giver + 1]; at++) {
			const uint32_t receiver = (uint32_t)graph->matrix.i[at];
			if (walk->seen[receiver])
				continue;
			walk->seen[receiver] = true;
			walk->receivers[walk->receiver_count++] = receiver;
			walk->givers[walk->giver_count++] = (uint32_t)walk->giver_of[receiver];
		}
	}
	for (uint32_t i = 0; i < walk->receiver_count; i++)
		walk->seen[walk->receivers[i]] = false;
}

static uint32_t *graph_copy(const uint32_t *list, uint32_t count, const uint32_t *names)
{
	uint32_t *copy = memory_alloc((count + 1) * sizeof(*copy));
	for (uint32_t i = 0; i < count; i++)
		copy[i] = names ? names[list[i]] : list[i];
	qsort(copy, count, sizeof(*copy), graph_compare);
	return copy;
}

enum { STARTS_LOOKED_AT = 64 };

/* The smallest group that is too large for whom it may give to. The walk from a giver whom a
 * maximum matching leaves out reaches exactly one more giver than receivers, and no part of that is
 * too large: it would have to hold the start, and with it all that the start reaches. */
static void graph_smallest(
	const struct graph *graph, const int *giver_of, struct graph_reason *reason)
{
	const cs_did *order = graph->order;
	const size_t count = graph->cells->count + (size_t)graph->matrix.n + 2;
	struct graph_walk walk = {
		.giver_of = giver_of,
		.seen = memory_zeroed(count, sizeof(bool)),
		.givers = memory_alloc(count * sizeof(uint32_t)),
		.receivers = memory_alloc(count * sizeof(uint32_t)),
	};
	for (int i = 0; i < order->cc[1] && i < STARTS_LOOKED_AT; i++) {
		graph_walk_from(graph, &walk, (uint32_t)order->q[i]);
		if (reason->rows && walk.giver_count >= reason->row_count)
			continue;
		free(reason->rows);
		free(reason->columns);
		reason->rows = graph_copy(walk.givers, walk.giver_count, graph->tight);
		reason->row_count = walk.giver_count;
		reason->columns = graph_copy(walk.receivers, walk.receiver_count, NULL);
		reason->column_count = walk.receiver_count;
	}
	free(walk.seen);
	free(walk.givers);
	free(walk.receivers);
}

/* cs_dmperm keeps its matching on the diagonals of the blocks: p and q line up from R1 and C1 on.
 */
static void graph_explain(const struct graph *graph, struct graph_reason *reason)
{
	const cs_did *order = graph->order;
	int *giver_of = memory_alloc(((size_t)graph->matrix.m + 1) * sizeof(int));
	for (int i = 0; i < graph->matrix.m; i++)
		giver_of[order->p[i]] = i < order->rr[3] ? order->q[order->cc[1] + i] : -1;
	*reason = (struct graph_reason){ .missing = (uint32_t)order->cc[1] };
	graph_smallest(graph, giver_of, reason);
	free(giver_of);
	reason->short_row_count = (uint32_t)order->cc[2];
	reason->short_rows =
		graph_copy((const uint32_t *)order->q, reason->short_row_count, graph->tight);
	reason->free_column_count = (uint32_t)(graph->matrix.m - order->rr[2]);
	reason->free_columns = graph_copy(
		(const uint32_t *)order->p + order->rr[2], reason->free_column_count, NULL);
}

/* Running out of memory ends the program, as everywhere. */
static cs_did *graph_order(const cs_di *matrix)
{
	cs_did *order = cs_di_dmperm(matrix, 0);
	if (order)
		return order;
	fputs("nightmill: no memory for the matching\n", stderr);
	exit(1);
}

bool graph_solve(const struct cells *cells, const uint32_t *tight, uint32_t tight_count,
	struct graph_split *split, struct graph_reason *reason)
{
	struct graph graph = { .cells = cells, .tight = tight };
	graph_build(&graph, tight_count);
	graph.order = graph_order(&graph.matrix);
	const bool fine = graph.order->cc[1] == 0;
	if (fine)
		graph_split(&graph, split);
	else
		graph_explain(&graph, reason);
	cs_di_dfree(graph.order);
	free(graph.matrix.p);
	free(graph.matrix.i);
	return fine;
}

void graph_split_finish(struct graph_split *split)
{
	free(split->rows);
	free(split->columns);
	free(split->blocks);
	free(split->match);
	*split = (struct graph_split){ 0 };
}

void graph_reason_finish(struct graph_reason *reason)
{
	free(reason->rows);
	free(reason->columns);
	free(reason->short_rows);
	free(reason->free_columns);
	*reason = (struct graph_reason){ 0 };
}
