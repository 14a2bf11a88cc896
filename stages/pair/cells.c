#include "stages/pair/cells.h"

#include <stdlib.h>

#include "pipeline/support/arena.h"

/* A board while it is measured. `values` counts the people with a value, `listed` the pair rules
 * against a person who receives. */
struct cells_count {
	const struct cells *cells;
	uint32_t *values, *listed;
	uint32_t *by_giver, *by_receiver;
};

/* For one column: everyone with my value on the other side, but for myself. */
static void cells_count_column(struct cells_count *count, const uint32_t *column,
	const uint32_t *mine, const uint32_t *others, uint32_t *into)
{
	const uint32_t people = count->cells->count;
	for (uint32_t i = 0; i < people; i++)
		count->values[column[others[i]]]++;
	count->values[0] = 0;
	for (uint32_t i = 0; i < people; i++) {
		const uint32_t same = count->values[column[mine[i]]];
		into[i] += same - (same && mine[i] == others[i]);
	}
	for (uint32_t i = 0; i < people; i++)
		count->values[column[others[i]]] = 0;
}

static void cells_count_pairs(struct cells_count *count)
{
	const struct cells *cells = count->cells;
	const struct rules *rules = cells->rules;
	for (uint32_t i = 0; i < cells->count && rules->first; i++) {
		const uint32_t giver = cells->givers[i];
		for (uint32_t at = rules->first[giver]; at < rules->first[giver + 1]; at++) {
			const bool counts = rules->pair_rounds[at] <= rules->rounds;
			count->by_giver[i] += counts;
			count->listed[rules->receivers[at]] += counts;
		}
	}
	for (uint32_t i = 0; i < cells->count && rules->first; i++)
		count->by_receiver[i] += count->listed[cells->receivers[i]];
	for (uint32_t i = 0; i < cells->count && rules->first; i++) {
		const uint32_t giver = cells->givers[i];
		for (uint32_t at = rules->first[giver]; at < rules->first[giver + 1]; at++)
			count->listed[rules->receivers[at]] = 0;
	}
}

static uint32_t cells_most(const uint32_t *numbers, uint32_t count)
{
	uint32_t most = 0;
	for (uint32_t i = 0; i < count; i++)
		most = numbers[i] > most ? numbers[i] : most;
	return most;
}

void cells_measure(const struct cells *cells, uint32_t *scratch, struct cells_load *load)
{
	const uint32_t people = cells->count;
	struct cells_count count = {
		.cells = cells,
		.values = scratch,
		.listed = scratch + cells->rules->people + 1,
		.by_giver = memory_alloc(people * sizeof(uint32_t) + 1),
		.by_receiver = memory_alloc(people * sizeof(uint32_t) + 1),
	};
	for (uint32_t i = 0; i < people; i++) /* oneself, or the chain that one is the end of */
		count.by_giver[i] = count.by_receiver[i] =
			cells->single || cells->givers[i] == cells->receivers[i];
	for (size_t i = 0; i < cells->rules->column_count; i++) {
		const uint32_t *column = cells->rules->columns[i];
		cells_count_column(&count, column, cells->givers, cells->receivers, count.by_giver);
		cells_count_column(
			&count, column, cells->receivers, cells->givers, count.by_receiver);
	}
	cells_count_pairs(&count);
	*load = (struct cells_load){
		.by_giver = count.by_giver,
		.most_by_giver = cells_most(count.by_giver, people),
		.most_by_receiver = cells_most(count.by_receiver, people),
	};
	for (uint32_t i = 0; i < people; i++)
		load->all += count.by_giver[i];
	free(count.by_receiver);
}
