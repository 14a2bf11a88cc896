/* `nightmill pair repair`: as few people as can be get another one. */

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stages/pair/mend.h"
#include "stages/pair/verbs.h"

/* The words name exactly those who are gone, or new. */
static bool repair_named(const struct slot *ids, const uint32_t *numbers, uint32_t count,
	const char *const *words, size_t word_count)
{
	if (word_count != count)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		const struct slot *id = &ids[numbers[i]];
		bool named = false;
		for (size_t k = 0; k < word_count && !named; k++)
			named = strlen(words[k]) == id->length &&
				memcmp(words[k], id->data, id->length) == 0;
		if (!named)
			return false;
	}
	return true;
}

/* People are never taken out or let in by accident. */
static bool repair_agreed(const struct pair_state *state, const struct record *kept,
	const struct round_difference *difference, const struct head_words *words,
	struct error *err)
{
	const struct people *people = &state->round.people;
	if (words->yes && !words->add_count && !words->remove_count)
		return true;
	if (repair_named(kept->ids, difference->gone, difference->gone_count, words->remove,
		    words->remove_count) &&
		repair_named(people->ids, difference->fresh, difference->fresh_count, words->add,
			words->add_count))
		return true;
	round_changed(&state->round, kept, difference, err);
	err->code = ERROR_USAGE;
	return error_where(err, "name them with --remove and --add, or say --yes");
}

/* Whom everyone of `record` gives to in `kept`; UINT32_MAX for those who need another. */
static uint32_t *repair_carry(const struct record *record, const struct record *kept)
{
	uint32_t *receiver = memory_alloc(((size_t)record->rules.people + 1) * sizeof(*receiver));
	for (uint32_t i = 0; i < record->rules.people; i++) {
		const struct slot *id = &record->ids[i];
		const uint32_t before = record_find(kept, id->data, id->length);
		receiver[i] = UINT32_MAX;
		if (before == UINT32_MAX)
			continue;
		const struct slot *to = &kept->ids[kept->receiver[before]];
		receiver[i] = record_find(record, to->data, to->length);
	}
	return receiver;
}

static bool repair_draw(struct pair_state *state, const struct record *kept,
	const struct round_difference *difference, struct error *err)
{
	struct record *record = &state->record;
	struct random random;
	const uint32_t people = record->rules.people;
	record->receiver = repair_carry(record, kept);
	uint32_t *before = memory_alloc(((size_t)people + 1) * sizeof(*before));
	memcpy(before, record->receiver, people * sizeof(*before));
	randombytes_buf(record->seed, RANDOM_SEED_BYTES);
	random_init(&random, record->seed);
	const bool fine = mend_draw(&record->rules, record->shape.kind == SHAPE_SINGLE, &random,
				  record->receiver) ||
			  fail(err, ERROR_NO_PAIRING,
				  "round '%s' cannot be repaired by small changes: draw another",
				  state->round.pair->settings->round);
	uint32_t changed = 0, moved = 0;
	for (uint32_t i = 0; i < people && fine; i++) {
		const bool was =
			record_find(kept, record->ids[i].data, record->ids[i].length) != UINT32_MAX;
		changed += was && record->receiver[i] != before[i];
		moved += was && before[i] != UINT32_MAX && record->receiver[i] != before[i];
	}
	free(before);
	if (!fine || !round_put(&state->round, record, ROUND_REPAIRED, err))
		return false;
	printf("round '%s': %u gone, %u new; %u of %u get another one to give to, %u of them only "
	       "to make room\nthe next run writes to these and to the new ones\n",
		state->round.pair->settings->round, difference->gone_count, difference->fresh_count,
		changed, people, moved);
	return true;
}

bool verbs_repair(void *state, const struct head_words *words, int *status, struct error *err)
{
	(void)status;
	struct pair_state *self = state;
	struct record kept = { 0 };
	struct round_difference difference;
	bool found = false;
	if (self->round.pair->shape.kind == SHAPE_GROUPS)
		return fail(err, ERROR_USAGE,
			"groups are not repaired: draw another round for those who are there");
	if (!people_sort(&self->round.people, err) || !round_load(&self->round, &kept, &found, err))
		return false;
	if (!found)
		return verbs_no_round(self, err);
	bool fine = true;
	if (round_same(&self->round, &kept, &difference))
		printf("the same people take part: there is nothing to repair\n");
	else
		fine = repair_agreed(self, &kept, &difference, words, err) &&
		       round_rules(&self->round, &self->record, err) &&
		       repair_draw(self, &kept, &difference, err);
	round_difference_finish(&difference);
	record_finish(&kept);
	return fine;
}
