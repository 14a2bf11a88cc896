/* `nightmill pair check CONFIG STORE`: a draw that was made elsewhere. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stages/pair/faults.h"
#include "stages/pair/lists.h"
#include "stages/pair/verbs.h"

/* A pair of a list that is to be judged. */
struct elsewhere {
	const struct record *record;
	uint32_t *receiver;
	uint32_t twice, strangers;
};

static bool elsewhere_row(void *context, const struct store_row *row, struct error *err)
{
	struct elsewhere *list = context;
	uint32_t number[2];
	(void)err;
	for (int i = 0; i < 2; i++)
		number[i] = row->values[i].data ? record_find(list->record, row->values[i].data,
							  row->values[i].length)
						: UINT32_MAX;
	if (number[0] == UINT32_MAX || number[1] == UINT32_MAX)
		list->strangers++;
	else if (list->receiver[number[0]] != UINT32_MAX)
		list->twice++;
	else
		list->receiver[number[0]] = number[1];
	return true;
}

static const struct stores_entry *elsewhere_store(
	const struct pair_state *state, const char *name, struct error *err)
{
	const struct stores *stores = state->round.place->stores;
	for (size_t i = 0; i < stores->count; i++)
		if (strcmp(stores->list[i].name, name) == 0)
			return &stores->list[i];
	fail(err, ERROR_USAGE, "the config has no store '%s'", name);
	return NULL;
}

bool elsewhere_check(struct pair_state *state, const char *name, int *status, struct error *err)
{
	struct record *record = &state->record;
	const struct stores_entry *entry = elsewhere_store(state, name, err);
	if (record->shape.kind == SHAPE_GROUPS)
		return fail(err, ERROR_USAGE, "groups have no givers and receivers to check");
	const uint32_t people = record->rules.people;
	struct elsewhere list = { .record = record };
	list.receiver = memory_alloc(((size_t)people + 1) * sizeof(uint32_t));
	memset(list.receiver, 0xff, ((size_t)people + 1) * sizeof(uint32_t));
	const struct store_sink sink = { elsewhere_row, &list };
	const struct lists_query query = { entry, settings_pair, 2 };
	const bool fine = entry && lists_walk(&query, &sink, state->round.place, err);
	uint32_t without = 0;
	for (uint32_t i = 0; i < people; i++)
		without += list.receiver[i] == UINT32_MAX;
	*status = PAIR_BROKEN;
	if (fine && (without || list.twice || list.strangers))
		printf("%u people give to no one, %u rows name a giver twice, %u someone who takes "
		       "no part\n",
			without, list.twice, list.strangers);
	else if (fine)
		*status = faults_report(state, record, list.receiver) ? 0 : PAIR_BROKEN;
	free(list.receiver);
	return fine;
}
