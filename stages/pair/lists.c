#include "stages/pair/lists.h"

#include <stdlib.h>
#include <string.h>

/* A store while it is read. */
struct lists_reading {
	struct lists *lists;
	const struct settings_pairs *pairs;
	const struct people *people;
	const struct head_place *place;
};

void lists_add(struct lists *lists, struct rules_pair pair)
{
	if (lists->count == lists->room) {
		lists->room = lists->room * 2 + 256;
		lists->list = memory_resize(lists->list, lists->room * sizeof(*lists->list));
	}
	lists->list[lists->count++] = pair;
}

static bool lists_stranger(
	const struct lists_reading *reading, const struct slot *slot, struct error *err)
{
	struct error stranger;
	fail(&stranger, ERROR_USAGE, "'%.*s' takes no part", (int)slot->length,
		slot->data ? slot->data : "");
	if (reading->pairs->required) {
		*err = stranger;
		return error_where(err, "store '%s'", reading->pairs->store->name);
	}
	reading->place->note(reading->place->context, reading->pairs->store->name, &stranger);
	return true;
}

static bool lists_row(void *context, const struct store_row *row, struct error *err)
{
	struct lists_reading *reading = context;
	uint32_t numbers[2];
	for (int i = 0; i < 2; i++) {
		const struct slot *slot = &row->values[i];
		numbers[i] = slot->data ? people_find(reading->people, slot->data, slot->length)
					: UINT32_MAX;
		if (numbers[i] == UINT32_MAX)
			return lists_stranger(reading, slot, err);
	}
	const struct rules_pair pair = { numbers[0], numbers[1], 0 };
	const struct rules_pair back = { numbers[1], numbers[0], 0 };
	lists_add(reading->lists, pair);
	if (reading->pairs->both_ways)
		lists_add(reading->lists, back);
	return true;
}

bool lists_walk(const struct lists_query *query, const struct store_sink *sink,
	const struct head_place *place, struct error *err)
{
	const struct store_plugin *plugin = query->entry->plugin;
	const struct store_setup setup = { place->complain, place->context, place->note,
		place->wait };
	size_t columns[LISTS_COLUMNS] = { 0 };
	void *store = NULL, *prepared = NULL;
	bool more = true, fine = plugin->open(query->entry->settings, &setup, &store, err);
	for (size_t i = 0; fine && i < query->count; i++)
		fine = store_find_column(plugin->columns(store), query->names[i], &columns[i], err);
	const struct store_query asked = {
		.key = columns[0],
		.columns = columns,
		.column_count = query->count,
	};
	fine = fine && plugin->prepare(store, &asked, &prepared, err);
	while (fine && more)
		fine = plugin->scan(prepared, HEAD_WINDOW, sink, &more, err);
	if (prepared)
		plugin->release(prepared);
	plugin->close(store);
	return fine;
}

bool lists_read(struct lists *lists, const struct settings_pairs *pairs,
	const struct people *people, const struct head_place *place, struct error *err)
{
	struct lists_reading reading = { lists, pairs, people, place };
	const struct store_sink sink = { lists_row, &reading };
	const struct lists_query query = { pairs->store, settings_pair, 2 };
	return !pairs->store || lists_walk(&query, &sink, place, err);
}

static void lists_add_groups(
	struct lists *lists, const struct record *record, const uint32_t *number, uint32_t round)
{
	const uint32_t people = record->rules.people, most = record->shape.size + 1;
	uint32_t *members = memory_alloc((size_t)people * most * sizeof(*members));
	uint32_t *counts = memory_zeroed(people, sizeof(*counts));
	for (uint32_t i = 0; i < people; i++) {
		const uint32_t group = record->receiver[i];
		for (uint32_t k = 0; k < counts[group] && number[i] != UINT32_MAX; k++) {
			const uint32_t other = members[(size_t)group * most + k];
			if (number[other] != UINT32_MAX)
				lists_add(lists,
					(struct rules_pair){ number[i], number[other], round });
		}
		if (counts[group] < most)
			members[(size_t)group * most + counts[group]++] = i;
	}
	free(members);
	free(counts);
}

void lists_add_draw(struct lists *lists, const struct record *record, const struct people *people,
	uint32_t round)
{
	const uint32_t count = record->rules.people;
	uint32_t *number = memory_alloc((count + 1) * sizeof(*number));
	for (uint32_t i = 0; i < count; i++)
		number[i] = people_find(people, record->ids[i].data, record->ids[i].length);
	if (record->shape.kind == SHAPE_GROUPS)
		lists_add_groups(lists, record, number, round);
	for (uint32_t i = 0; i < count && record->shape.kind != SHAPE_GROUPS; i++) {
		const uint32_t receiver = number[record->receiver[i]];
		if (number[i] != UINT32_MAX && receiver != UINT32_MAX)
			lists_add(lists, (struct rules_pair){ number[i], receiver, round });
	}
	free(number);
}

void lists_finish(struct lists *lists)
{
	free(lists->list);
	*lists = (struct lists){ 0 };
}
