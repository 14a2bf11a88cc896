#include "stages/pair/board.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/support/arena.h"
#include "stages/pair/count.h"
#include "stages/pair/reject.h"
#include "stages/pair/walk.h"

/* Of single steps, over all tries: a few seconds. */
static const double board_steps = 1 << 30;
static const double board_most_tries = 1 << 27;
static const double bits_per_nat = 1.4426950408889634; /* log2(e) */

/* One piece of a board that is drawn by itself. */
struct board_part {
	struct cells cells;
	const uint32_t *match; /* a draw of it: a column for each row; NULL: none known */
	double lambda;
};

void board_reason_of(struct draw_reason *reason, enum draw_obstacle obstacle, uint32_t person)
{
	reason->obstacle = obstacle;
	reason->givers = memory_alloc(sizeof(*reason->givers));
	reason->givers[0] = person;
	reason->giver_count = 1;
}

static bool board_fail(struct board *board, enum draw_obstacle obstacle)
{
	board->result->reason.obstacle = obstacle;
	return false;
}

/* The number of tries that the budget of steps allows: one ends after about n / lambda of them. */
static uint64_t board_tries(const struct board *board, const struct board_part *part)
{
	if (board->request->tries)
		return board->request->tries;
	const double tries = board_steps * (part->lambda + 1) / part->cells.count;
	return (uint64_t)(tries < board_most_tries ? tries : board_most_tries);
}

/* Expected are e^lambda tries. Where that is far beyond the budget, none is begun. */
static bool board_worth_trying(const struct board_part *part, uint64_t tries)
{
	const double budget_bits = 64 - __builtin_clzll(tries | 1);
	return part->lambda * bits_per_nat < budget_bits + 1;
}

static void board_note_groups(
	const struct board *board, const struct board_part *part, const uint32_t *place)
{
	const uint32_t count = part->cells.count, size = board->request->shape.size;
	uint32_t *group = &board->result->groups;
	for (uint32_t i = 0; i < count;) {
		const struct shape_range range = shape_range(count, size, i);
		for (; i < range.end; i++)
			board->result->receiver[part->cells.givers[place[i]]] = *group;
		++*group;
	}
}

/* Writes a draw of the part to the result. */
static void board_note(
	const struct board *board, const struct board_part *part, const uint32_t *place)
{
	const struct cells *cells = &part->cells;
	uint32_t *receiver = board->result->receiver;
	const enum shape_kind kind = board->request->shape.kind;
	if (kind == SHAPE_GROUPS)
		board_note_groups(board, part, place);
	for (uint32_t i = 0; kind == SHAPE_ANY && i < cells->count; i++)
		receiver[cells->givers[i]] = cells->receivers[place[i]];
	for (uint32_t i = 0; kind == SHAPE_SINGLE && i < cells->count; i++)
		receiver[cells->givers[place[i]]] = cells->receivers[place[(i + 1) % cells->count]];
}

static void board_add_forced(struct draw_result *result, uint32_t giver)
{
	result->forced[result->forced_count++] = giver;
}

static bool board_count(struct board *board, const struct board_part *part, uint32_t *place)
{
	const struct shape shape = board->request->shape;
	bool forced[COUNT_MOST_ANY] = { false };
	const uint64_t draws = count_draw(&part->cells, shape, &board->random, place, forced);
	if (draws == 0)
		return board_fail(
			board, shape.kind == SHAPE_GROUPS ? DRAW_NO_GROUPS : DRAW_NO_LOOP);
	board->result->draws = draws;
	for (uint32_t i = 0; i < part->cells.count; i++)
		if (forced[i])
			board_add_forced(board->result, part->cells.givers[i]);
	return true;
}

static bool board_search(struct board *board, const struct board_part *part,
	enum draw_method *method, uint32_t *place)
{
	const struct shape shape = board->request->shape;
	const uint64_t tries = board_tries(board, part);
	struct reject_result result = { .place = place, .scratch = board->scratch };
	*method = DRAW_REJECTED;
	if (board_worth_trying(part, tries)) {
		const bool found = reject_draw(&part->cells, shape, &board->random, tries, &result);
		board->result->tries += result.tries;
		if (found)
			return true;
	}
	for (uint32_t i = 0; i < part->cells.count; i++)
		place[i] = i;
	for (uint32_t i = part->cells.count; i > 1; i--) {
		const uint32_t other = random_below(&board->random, i), kept = place[other];
		place[other] = place[i - 1];
		place[i - 1] = kept;
	}
	*method = DRAW_WALKED;
	return walk_draw(&part->cells, shape, &board->random, part->match, place) ||
	       board_fail(board, DRAW_NOT_FOUND);
}

static bool board_draw_part(struct board *board, const struct board_part *part)
{
	const uint32_t count = part->cells.count;
	const enum shape_kind kind = board->request->shape.kind;
	if (count == 0)
		return true;
	uint32_t *place = memory_alloc(count * sizeof(*place));
	enum draw_method method = DRAW_COUNTED;
	const bool fine = count <= count_most(kind) ? board_count(board, part, place)
						    : board_search(board, part, &method, place);
	if (fine) {
		board->result->people[method] += count;
		board_note(board, part, place);
	}
	free(place);
	return fine;
}

/* Names of the board's rows and columns in another order: `order[i]` of `all`. */
static uint32_t *board_pick(const uint32_t *all, const uint32_t *order, uint32_t count)
{
	uint32_t *picked = memory_alloc((count + 1) * sizeof(*picked));
	for (uint32_t i = 0; i < count; i++)
		picked[i] = all[order[i]];
	return picked;
}

/* The split's rows [first, first + count) as a board. */
static bool board_draw_range(struct board *board, const struct cells *cells,
	const struct board_verdict *verdict, struct graph_block range)
{
	const struct graph_split *split = &verdict->split;
	uint32_t *rows = split->rows + range.first, *columns = split->columns + range.first;
	uint32_t *givers = board_pick(cells->givers, rows, range.count);
	uint32_t *receivers = board_pick(cells->receivers, columns, range.count);
	uint32_t *at = memory_alloc((cells->count + 1) * sizeof(*at));
	uint32_t *match = memory_alloc((range.count + 1) * sizeof(*match));
	struct board_part part = {
		.cells = { cells->rules, range.count, givers, receivers, cells->single },
		.match = match,
		.lambda = verdict->lambda,
	};
	for (uint32_t i = 0; i < range.count; i++)
		at[columns[i]] = i;
	for (uint32_t i = 0; i < range.count; i++) {
		const uint32_t column = split->match[rows[i]];
		if (column == UINT32_MAX)
			part.match = NULL;
		else
			match[i] = at[column];
	}
	const bool fine = board_draw_part(board, &part);
	free(givers);
	free(receivers);
	free(at);
	free(match);
	return fine;
}

/* Each block by itself, in their order; then what is left. */
static bool board_draw_split(
	struct board *board, const struct cells *cells, const struct board_verdict *verdict)
{
	const struct graph_split *split = &verdict->split;
	for (uint32_t i = 0; i < split->block_count; i++) {
		const struct graph_block block = split->blocks[i];
		if (block.count > 1) {
			if (!board_draw_range(board, cells, verdict, block))
				return false;
			continue;
		}
		const uint32_t giver = cells->givers[split->rows[block.first]];
		board->result->receiver[giver] = cells->receivers[split->columns[block.first]];
		board->result->people[DRAW_FORCED]++;
		board_add_forced(board->result, giver);
	}
	const struct graph_block rest = { split->rest, cells->count - split->rest };
	if (split->block_count != 1)
		board->result->draws = 0; /* of one part alone */
	return rest.count == 0 || board_draw_range(board, cells, verdict, rest);
}

static bool board_draw_whole(
	struct board *board, const struct cells *cells, const struct board_verdict *verdict)
{
	const enum shape_kind kind = board->request->shape.kind;
	struct board_part part = { .cells = *cells, .lambda = verdict->lambda };
	if (kind == SHAPE_SINGLE) /* oneself is never tried */
		part.lambda -= 1;
	if (kind == SHAPE_GROUPS) /* of each one's forbidden people, the chance to meet any */
		part.lambda = (part.lambda - 1) * (board->request->shape.size - 1) / 2;
	return board_draw_part(board, &part);
}

/* Groups: whether there are any is not known beforehand but for those whom no one may meet. */
static bool board_draw_groups(struct board *board, const struct cells *cells)
{
	struct cells_load load;
	cells_measure(cells, board->scratch, &load);
	bool fine = true;
	for (uint32_t i = 0; fine && i < cells->count; i++) {
		bool lonely = load.by_giver[i] >= cells->count;
		for (uint32_t j = 0; lonely && j < cells->count; j++)
			lonely = !cells_allow(cells, i, j);
		if (lonely)
			board_reason_of(&board->result->reason, DRAW_GROUP, cells->givers[i]);
		fine = !lonely;
	}
	const struct board_verdict verdict = { .lambda = (double)load.all / cells->count };
	free(load.by_giver);
	if (verdict.lambda > board->result->lambda)
		board->result->lambda = verdict.lambda;
	return fine && board_draw_whole(board, cells, &verdict);
}

bool board_draw(struct board *board, const struct cells *cells)
{
	struct draw_result *result = board->result;
	struct board_verdict verdict;
	if (cells->count == 1 && cells->givers[0] == cells->receivers[0]) {
		board_reason_of(&result->reason, DRAW_ALONE, cells->givers[0]);
		return false;
	}
	if (board->request->shape.kind == SHAPE_GROUPS)
		return board_draw_groups(board, cells);
	board_judge(cells, board->scratch, &verdict);
	if (verdict.lambda > result->lambda)
		result->lambda = verdict.lambda;
	bool fine = false;
	if (verdict.answer == BOARD_NONE || verdict.answer == BOARD_SHARED)
		board_explain(board, cells, &verdict);
	else if (verdict.answer == BOARD_SPLIT && !cells->single)
		fine = board_draw_split(board, cells, &verdict);
	else
		fine = board_draw_whole(board, cells, &verdict);
	board_verdict_finish(&verdict);
	return fine;
}
