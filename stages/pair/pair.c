/* The head stage `pair`: who gives to whom, or who meets whom, drawn once a round. */

#include "stages/pair/pair.h"

#include <stdlib.h>
#include <string.h>

#include "stages/pair/settings.h"
#include "stages/pair/state.h"

static bool pair_open(
	const void *prepared, const struct head_place *place, void **state, struct error *err)
{
	(void)err;
	struct pair_state *made = memory_zeroed(1, sizeof(*made));
	made->round.pair = prepared;
	made->round.place = place;
	*state = made;
	return true;
}

static bool pair_step(void *state, const struct item *records, size_t count, struct head_out *out,
	struct error *err)
{
	(void)out;
	struct pair_state *self = state;
	if (self->round.people.hoard.count + count >= UINT32_MAX / 2)
		return fail(err, ERROR_LIMIT, "too many people for one draw");
	for (size_t i = 0; i < count; i++)
		people_add(&self->round.people, &records[i], self->round.place->fields);
	return true;
}

static void pair_find_members(struct pair_state *state)
{
	const struct record *record = &state->record;
	const uint32_t people = record->rules.people, most = record->shape.size + 1;
	state->members = memory_alloc((size_t)people * most * sizeof(*state->members));
	memset(state->members, 0xff, (size_t)people * most * sizeof(*state->members));
	for (uint32_t i = 0; i < people; i++) {
		uint32_t *group = &state->members[(size_t)record->receiver[i] * most];
		for (uint32_t k = 0; k < most; k++) {
			if (group[k] != UINT32_MAX)
				continue;
			group[k] = i;
			break;
		}
	}
}

/* The round's draw, old or new. */
static bool pair_settle(struct pair_state *state, struct error *err)
{
	struct round *round = &state->round;
	struct round_difference difference;
	bool found;
	if (!people_sort(&round->people, err) || !round_load(round, &state->record, &found, err))
		return false;
	if (!found) {
		if (!round_draw(round, &state->record, err))
			return false;
	} else {
		bool fine = round_same(round, &state->record, &difference);
		if (!fine)
			round_changed(round, &state->record, &difference, err);
		round_difference_finish(&difference);
		if (!fine)
			return false;
	}
	if (state->record.shape.kind == SHAPE_GROUPS)
		pair_find_members(state);
	return state->settled = true;
}

/* The other ones' keys, in as many slots as the stage adds. */
static void pair_fill(const struct pair_state *state, uint32_t person, struct slot *slots)
{
	const struct record *record = &state->record;
	const size_t adds = state->round.pair->adds;
	memset(slots, 0, adds * sizeof(*slots));
	if (record->shape.kind != SHAPE_GROUPS) {
		slots[0] = record->ids[record->receiver[person]];
		slots[0].secret = true;
		return;
	}
	const uint32_t most = record->shape.size + 1;
	const uint32_t *group = &state->members[(size_t)record->receiver[person] * most];
	size_t filled = 0;
	for (uint32_t k = 0; k < most && filled < adds; k++) {
		if (group[k] == person || group[k] == UINT32_MAX)
			continue;
		slots[filled] = record->ids[group[k]];
		slots[filled++].secret = false;
	}
}

static bool pair_finish(void *state, struct head_out *out, bool *more, struct error *err)
{
	struct pair_state *self = state;
	struct hoard *hoard = &self->round.people.hoard;
	struct arena arena = { 0 };
	if (!self->settled) {
		*more = pair_settle(self, err);
		return *more; /* the ledger is committed before the first leaves */
	}
	for (size_t i = 0; i < HEAD_WINDOW && self->given < hoard->count; i++, self->given++) {
		struct slot slots[RULES_COLUMNS];
		const struct item record = hoard_get(hoard, self->given, &arena);
		pair_fill(self, self->round.people.number[self->given], slots);
		head_give(out, &record, slots);
	}
	arena_finish(&arena);
	*more = self->given < hoard->count;
	return true;
}

static void pair_close(void *state)
{
	struct pair_state *self = state;
	if (!self)
		return;
	record_finish(&self->record);
	people_finish(&self->round.people);
	past_finish(&self->round.past);
	arena_finish(&self->round.arena);
	free(self->members);
	free(self);
}

static const struct head_stage pair_head = {
	.ledger = true,
	.open = pair_open,
	.step = pair_step,
	.finish = pair_finish,
	.close = pair_close,
	.verbs = pair_verbs,
};

const struct stage_plugin pair_stage = {
	.plugin = { "pair", "Draws who gives to whom, or who meets whom, once a round.",
		settings_options, sizeof(struct settings) },
	.head = &pair_head,
	.prepare = settings_prepare,
};
