#include <stdlib.h>
#include <string.h>

#include "pipeline/support/arena.h"
#include "stages/pair/board.h"

enum { FIXES_LOOKED_AT = 1 << 16 };

/* Rules that forbid one cell each, while they are gathered. */
struct explain {
	const struct cells *cells;
	struct draw_fix *list;
	uint32_t count;
};

static void explain_add(struct explain *explain, struct draw_fix fix)
{
	if (explain->count < FIXES_LOOKED_AT)
		explain->list[explain->count++] = fix;
}

/* Adds the rule that alone forbids this cell; nothing where there are two, or none. */
static void explain_cell(struct explain *explain, uint32_t giver, uint32_t receiver)
{
	const struct rules *rules = explain->cells->rules;
	struct draw_fix fix = { .giver = giver, .receiver = receiver };
	int against = giver == receiver ? 2 : 0;
	for (uint32_t i = 0; i < rules->column_count; i++) {
		const uint32_t value = rules->columns[i][giver];
		if (value == 0 || value != rules->columns[i][receiver])
			continue;
		fix.kind = FIX_SHARED;
		fix.column = i;
		against++;
	}
	const uint32_t end = rules->first ? rules->first[giver + 1] : 0;
	for (uint32_t at = rules->first ? rules->first[giver] : 0; at < end; at++) {
		if (rules->receivers[at] != receiver || rules->pair_rounds[at] > rules->rounds)
			continue;
		fix.round = rules->pair_rounds[at];
		fix.kind = fix.round ? FIX_HISTORY : FIX_PAIR;
		against++;
	}
	if (against == 1)
		explain_add(explain, fix);
}

/* Oldest history first, then lists, then what people share. */
static int explain_compare(const void *a, const void *b)
{
	const struct draw_fix *left = a, *right = b;
	if (left->kind != right->kind)
		return left->kind < right->kind ? -1 : 1;
	if (left->round != right->round)
		return left->round > right->round ? -1 : 1;
	if (left->column != right->column)
		return left->column < right->column ? -1 : 1;
	if (left->giver != right->giver)
		return left->giver < right->giver ? -1 : 1;
	return (left->receiver > right->receiver) - (left->receiver < right->receiver);
}

/* True where an earlier fix is the same rule: two people share a value in both directions, and with
 * others. */
static bool explain_known(const struct explain *explain, uint32_t index, uint32_t kept)
{
	const struct draw_fix *fix = &explain->list[index];
	const struct rules *rules = explain->cells->rules;
	for (uint32_t i = 0; fix->kind == FIX_SHARED && i < kept; i++) {
		const struct draw_fix *other = &explain->list[i];
		const uint32_t *column = rules->columns[fix->column];
		if (other->kind == FIX_SHARED && other->column == fix->column &&
			column[other->giver] == column[fix->giver])
			return true;
	}
	return false;
}

static void explain_keep(struct explain *explain, struct draw_reason *reason)
{
	uint32_t kept = 0;
	qsort(explain->list, explain->count, sizeof(*explain->list), explain_compare);
	for (uint32_t i = 0; i < explain->count; i++)
		if (!explain_known(explain, i, kept))
			explain->list[kept++] = explain->list[i];
	reason->all_fixes = kept;
	reason->fix_count = kept < DRAW_FIXES ? kept : DRAW_FIXES;
	memcpy(reason->fixes, explain->list, reason->fix_count * sizeof(*reason->fixes));
}

/* One pair is missing: any cell from a giver who is short to a receiver who is free would do. */
static void explain_cells(struct explain *explain, const struct graph_reason *reason)
{
	const struct cells *cells = explain->cells;
	for (uint32_t i = 0; i < reason->short_row_count; i++)
		for (uint32_t j = 0; j < reason->free_column_count; j++)
			explain_cell(explain, cells->givers[reason->short_rows[i]],
				cells->receivers[reason->free_columns[j]]);
}

static bool explain_would_do(struct board *board, const struct cells *cells, struct rules *rules)
{
	struct cells changed = *cells;
	struct board_verdict verdict;
	changed.rules = rules;
	board_judge(&changed, board->scratch, &verdict);
	const bool fine = verdict.answer == BOARD_SURE || verdict.answer == BOARD_SPLIT;
	board_verdict_finish(&verdict);
	return fine;
}

/* More pairs are missing: a whole rule of the config at a time. */
static void explain_rules(struct board *board, struct explain *explain)
{
	struct rules rules = *explain->cells->rules;
	for (bool found = false; !found && rules.rounds > 0;) {
		const uint32_t round = rules.rounds--;
		found = explain_would_do(board, explain->cells, &rules);
		if (found)
			explain_add(explain, (struct draw_fix){ FIX_ROUNDS, .round = round });
	}
	for (uint32_t i = 0; i < explain->cells->rules->column_count; i++) {
		rules = *explain->cells->rules;
		rules.columns[i] = rules.columns[--rules.column_count];
		if (explain_would_do(board, explain->cells, &rules))
			explain_add(explain, (struct draw_fix){ FIX_COLUMN, .column = i });
	}
}

static void explain_shared(
	const struct cells *cells, const struct board_verdict *verdict, struct draw_reason *reason)
{
	const uint32_t *column = cells->rules->columns[verdict->column];
	reason->obstacle = DRAW_SHARED;
	reason->column = verdict->column;
	reason->givers = memory_alloc((cells->count + 1) * sizeof(uint32_t));
	reason->receivers = memory_alloc((cells->count + 1) * sizeof(uint32_t));
	for (uint32_t i = 0; i < cells->count; i++) {
		if (column[cells->givers[i]] == verdict->value)
			reason->givers[reason->giver_count++] = cells->givers[i];
		if (column[cells->receivers[i]] != verdict->value)
			reason->receivers[reason->receiver_count++] = cells->receivers[i];
	}
}

static uint32_t *explain_people(const uint32_t *list, uint32_t count, const uint32_t *people)
{
	uint32_t *named = memory_alloc((count + 1) * sizeof(*named));
	for (uint32_t i = 0; i < count; i++)
		named[i] = people[list[i]];
	return named;
}

void board_explain(
	struct board *board, const struct cells *cells, const struct board_verdict *verdict)
{
	struct draw_reason *reason = &board->result->reason;
	const struct graph_reason *graph = &verdict->reason;
	struct explain explain = {
		.cells = cells,
		.list = memory_alloc(FIXES_LOOKED_AT * sizeof(*explain.list)),
	};
	if (verdict->answer == BOARD_SHARED) {
		explain_shared(cells, verdict, reason);
		explain_rules(board, &explain);
	} else {
		reason->obstacle = DRAW_GROUP;
		reason->giver_count = graph->row_count;
		reason->receiver_count = graph->column_count;
		reason->givers = explain_people(graph->rows, graph->row_count, cells->givers);
		reason->receivers =
			explain_people(graph->columns, graph->column_count, cells->receivers);
		if (graph->missing == 1)
			explain_cells(&explain, graph);
		else
			explain_rules(board, &explain);
	}
	explain_keep(&explain, reason);
	free(explain.list);
}
