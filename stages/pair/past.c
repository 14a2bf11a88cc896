#include "stages/pair/past.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/support/hashes.h"

/* The store while it is read. */
struct past_reading {
	struct past *past;
	const struct people *people;
	struct hashes hashes; /* of the names */
	size_t room, rows;
	bool rounds;      /* rows have a third value */
	struct slot only; /* else all are of this round */
};

static uint32_t past_round(struct past_reading *reading, const struct slot *slot)
{
	struct past *past = reading->past;
	const char *name = slot->data ? slot->data : "";
	const size_t length = slot->data ? strnlen(name, slot->length) : 0;
	const uint64_t hash = hashes_of(name, length);
	struct hashes_walk walk = hashes_find(&reading->hashes, hash);
	for (uint32_t number; hashes_next(&reading->hashes, &walk, &number);)
		if (strlen(past->names[number]) == length &&
			memcmp(past->names[number], name, length) == 0)
			return number;
	if (past->count == reading->room) {
		reading->room = reading->room * 2 + 16;
		past->names =
			memory_resize((void *)past->names, reading->room * sizeof(*past->names));
	}
	past->names[past->count] = arena_copy(&past->arena, name, length);
	hashes_add(&reading->hashes, hash, (uint32_t)past->count);
	return (uint32_t)past->count++;
}

static bool past_row(void *context, const struct store_row *row, struct error *err)
{
	struct past_reading *reading = context;
	struct past *past = reading->past;
	uint32_t numbers[2];
	(void)err;
	reading->rows++;
	for (int i = 0; i < 2; i++) {
		const struct slot *slot = &row->values[i];
		numbers[i] = slot->data ? people_find(reading->people, slot->data, slot->length)
					: UINT32_MAX;
	}
	/* A round counts even where no one is left of it. */
	const uint32_t round =
		past_round(reading, reading->rounds ? &row->values[2] : &reading->only);
	if (numbers[0] == UINT32_MAX || numbers[1] == UINT32_MAX)
		return true;
	if (past->pair_count == past->room) {
		past->room = past->room * 2 + 256;
		past->pairs = memory_resize(past->pairs, past->room * sizeof(*past->pairs));
	}
	past->pairs[past->pair_count++] = (struct past_pair){ numbers[0], numbers[1], round };
	return true;
}

struct past_name {
	const char *name;
	uint32_t number;
};

static int past_compare(const void *a, const void *b)
{
	const struct past_name *x = a, *y = b;
	return strverscmp(y->name, x->name);
}

/* The latest first, whatever the order of the rows. */
static void past_sort(struct past *past)
{
	struct past_name *sorted = memory_alloc((past->count + 1) * sizeof(*sorted));
	uint32_t *place = memory_alloc((past->count + 1) * sizeof(*place));
	for (uint32_t i = 0; i < past->count; i++)
		sorted[i] = (struct past_name){ past->names[i], i };
	qsort(sorted, past->count, sizeof(*sorted), past_compare);
	for (uint32_t i = 0; i < past->count; i++) {
		past->names[i] = sorted[i].name;
		place[sorted[i].number] = i;
	}
	for (size_t i = 0; i < past->pair_count; i++)
		past->pairs[i].round = place[past->pairs[i].round];
	free(sorted);
	free(place);
}

bool past_read(struct past *past, const struct settings_pairs *from, const struct people *people,
	const struct head_place *place, struct error *err)
{
	struct past_reading reading = {
		.past = past,
		.people = people,
		.rounds = from->rounds,
	};
	const struct store_sink sink = { past_row, &reading };
	if (!from->store || past->read)
		return true;
	reading.only =
		(struct slot){ from->store->name, (uint32_t)strlen(from->store->name), false };
	const struct lists_query query = { from->store, settings_pair, from->rounds ? 3 : 2 };
	const bool fine = lists_walk(&query, &sink, place, err);
	hashes_finish(&reading.hashes);
	if (!fine)
		return false;
	past_sort(past);
	past->counts = memory_zeroed(past->count + 1, sizeof(*past->counts));
	past->read = true;
	if (reading.rows && !past->pair_count) {
		struct error note;
		fail(&note, ERROR_USAGE, "of none of its %zu pairs both take part", reading.rows);
		place->note(place->context, from->store->name, &note);
	}
	return true;
}

void past_add(const struct past *past, struct lists *lists)
{
	for (size_t i = 0; i < past->pair_count; i++) {
		const struct past_pair *pair = &past->pairs[i];
		const uint32_t round = past->counts[pair->round];
		if (round && pair->giver != pair->receiver)
			lists_add(lists, (struct rules_pair){ pair->giver, pair->receiver, round });
	}
}

void past_finish(struct past *past)
{
	free((void *)past->names);
	free(past->counts);
	free(past->pairs);
	arena_finish(&past->arena);
	*past = (struct past){ 0 };
}
