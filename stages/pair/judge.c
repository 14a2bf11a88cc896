#include <stdlib.h>

#include "pipeline/support/arena.h"
#include "stages/pair/board.h"

enum { SMALL_BOARD = 2048 /* looked at whole, whatever the rules */ };

/* More than half of all people who keep apart from each other: no one else need be looked at. */
static bool judge_shared(
	const struct cells *cells, uint32_t *scratch, struct board_verdict *verdict)
{
	bool found = false;
	for (size_t i = 0; i < cells->rules->column_count && !found; i++) {
		const uint32_t *column = cells->rules->columns[i];
		for (uint32_t row = 0; row < cells->count; row++) {
			const uint32_t value = column[cells->givers[row]];
			if (value == 0 || ++scratch[value] <= cells->count / 2 || found)
				continue;
			if (scratch[value] <= cells->count - scratch[value])
				continue;
			found = true;
			verdict->column = (uint32_t)i;
			verdict->value = value;
		}
		for (uint32_t row = 0; row < cells->count; row++)
			scratch[column[cells->givers[row]]] = 0;
	}
	return found;
}

/* A giver whom a of the receivers, a + b <= n, are forbidden to, b being the most givers that are
 * forbidden to one receiver, is in no group that can give to too few: such a group has more than
 * n - a members, and all of them would be forbidden to someone. With one to spare there is still a
 * draw after any two are paired. */
static uint32_t judge_tight(
	const struct cells *cells, const struct cells_load *load, uint32_t *tight)
{
	uint32_t count = 0;
	for (uint32_t row = 0; row < cells->count; row++) {
		const uint64_t forbidden = (uint64_t)load->by_giver[row] + load->most_by_receiver;
		if (cells->count <= SMALL_BOARD || forbidden >= cells->count)
			tight[count++] = row;
	}
	return count;
}

static void judge_graph(
	const struct cells *cells, const struct cells_load *load, struct board_verdict *verdict)
{
	uint32_t *tight = memory_alloc((cells->count + 1) * sizeof(*tight));
	const uint32_t count = judge_tight(cells, load, tight);
	verdict->answer = BOARD_UNSURE;
	if ((uint64_t)count * cells->count <= graph_most_cells)
		verdict->answer =
			graph_solve(cells, tight, count, &verdict->split, &verdict->reason)
				? BOARD_SPLIT
				: BOARD_NONE;
	free(tight);
}

void board_judge(const struct cells *cells, uint32_t *scratch, struct board_verdict *verdict)
{
	struct cells_load load;
	cells_measure(cells, scratch, &load);
	*verdict = (struct board_verdict){
		.answer = BOARD_SURE,
		.lambda = (double)load.all / (cells->count ? cells->count : 1),
	};
	const uint64_t most = (uint64_t)load.most_by_giver + load.most_by_receiver;
	if (most >= cells->count) {
		if (cells->count > SMALL_BOARD && judge_shared(cells, scratch, verdict))
			verdict->answer = BOARD_SHARED;
		else
			judge_graph(cells, &load, verdict);
	}
	free(load.by_giver);
}

void board_verdict_finish(struct board_verdict *verdict)
{
	graph_split_finish(&verdict->split);
	graph_reason_finish(&verdict->reason);
}
