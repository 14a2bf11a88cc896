#include "stages/pair/people.h"

#include <stdlib.h>
#include <string.h>

void people_add(struct people *people, const struct item *record, const struct fields *fields)
{
	hoard_add(&people->hoard, record, fields);
}

static int people_compare(const void *a, const void *b, void *ids)
{
	const struct slot *left = (const struct slot *)ids + *(const uint32_t *)a;
	const struct slot *right = (const struct slot *)ids + *(const uint32_t *)b;
	const uint32_t least = left->length < right->length ? left->length : right->length;
	const int order = memcmp(left->data, right->data, least);
	return order ? order : (left->length > right->length) - (left->length < right->length);
}

static bool people_same(const struct slot *a, const struct slot *b)
{
	return a->length == b->length && memcmp(a->data, b->data, a->length) == 0;
}

/* `order`: record numbers in the order of the keys in `raw`. */
static void people_number(struct people *people, const struct slot *raw, const uint32_t *order)
{
	for (uint32_t i = 0; i < people->count; i++) {
		people->ids[i] = raw[order[i]];
		people->number[order[i]] = i;
		hashes_add(
			&people->index, hashes_of(people->ids[i].data, people->ids[i].length), i);
	}
}

bool people_sort(struct people *people, struct error *err)
{
	const uint32_t count = people->count = (uint32_t)people->hoard.count;
	struct slot *raw = memory_zeroed((size_t)count + 1, sizeof(*raw));
	uint32_t *order = memory_alloc((count + 1) * sizeof(*order));
	struct arena arena = { 0 };
	bool sorted = true;
	people->ids = memory_zeroed((size_t)count + 1, sizeof(*people->ids));
	people->number = memory_alloc((count + 1) * sizeof(*people->number));
	for (uint32_t i = 0; i < count; i++) {
		const struct item record = hoard_get(&people->hoard, i, &arena);
		raw[i] = (struct slot){ record.key, (uint32_t)record.key_length, false };
		order[i] = i;
		sorted = sorted && (i == 0 || people_compare(&order[i - 1], &order[i], raw) < 0);
		arena_reset(&arena);
	}
	if (!sorted)
		qsort_r(order, count, sizeof(*order), people_compare, raw);
	people_number(people, raw, order);
	arena_finish(&arena);
	free(raw);
	free(order);
	for (uint32_t i = 1; i < count; i++)
		if (people_same(&people->ids[i - 1], &people->ids[i]))
			return fail(err, ERROR_USAGE, "'%.*s' takes part twice",
				(int)people->ids[i].length, people->ids[i].data);
	return true;
}

uint32_t people_find(const struct people *people, const char *id, size_t length)
{
	const struct slot wanted = { id, (uint32_t)length, false };
	struct hashes_walk walk = hashes_find(&people->index, hashes_of(id, length));
	for (uint32_t number; hashes_next(&people->index, &walk, &number);)
		if (people_same(&people->ids[number], &wanted))
			return number;
	return UINT32_MAX;
}

/* Numbers for bytes, from 1. */
struct people_words {
	struct arena arena;
	struct hashes index;
	struct slot *list;
	uint32_t count, room;
};

static uint32_t people_word(struct people_words *words, const char *data, uint32_t length)
{
	const struct slot wanted = { data, length, false };
	const uint64_t hash = hashes_of(data, length);
	if (words->count == words->room) {
		words->room = words->room * 2 + 64;
		words->list = memory_resize(words->list, words->room * sizeof(*words->list));
	}
	struct hashes_walk walk = hashes_find(&words->index, hash);
	for (uint32_t number; hashes_next(&words->index, &walk, &number);)
		if (people_same(&words->list[number], &wanted))
			return number + 1;
	words->list[words->count] =
		(struct slot){ arena_copy(&words->arena, data, length), length, false };
	hashes_add(&words->index, hash, words->count);
	return ++words->count;
}

static void people_words_finish(struct people_words *words)
{
	arena_finish(&words->arena);
	hashes_finish(&words->index);
	free(words->list);
}

/* The record of each number: the other way round than people->number. */
static uint32_t *people_records(const struct people *people)
{
	uint32_t *records = memory_alloc((people->count + 1) * sizeof(*records));
	for (uint32_t i = 0; i < people->count; i++)
		records[people->number[i]] = i;
	return records;
}

uint32_t *people_values(const struct people *people, size_t field, bool blank_counts)
{
	uint32_t *values = memory_alloc((people->count + 1) * sizeof(*values));
	uint32_t *records = people_records(people);
	struct people_words words = { 0 };
	struct arena arena = { 0 };
	for (uint32_t i = 0; i < people->count; i++) {
		const struct item record = hoard_get(&people->hoard, records[i], &arena);
		const struct slot *slot = &record.slots[field];
		values[i] = slot->data     ? people_word(&words, slot->data, slot->length)
			    : blank_counts ? people_word(&words, "", 0)
					   : 0;
		arena_reset(&arena);
	}
	arena_finish(&arena);
	people_words_finish(&words);
	free(records);
	return values;
}

uint32_t *people_values_of_all(const struct people *people, const size_t *fields, size_t count)
{
	uint32_t *all = people_values(people, fields[0], true);
	for (size_t f = 1; f < count; f++) {
		struct people_words words = { 0 };
		uint32_t *one = people_values(people, fields[f], true);
		for (uint32_t i = 0; i < people->count; i++) {
			const uint32_t both[] = { all[i], one[i] };
			all[i] = people_word(&words, (const char *)both, sizeof(both));
		}
		people_words_finish(&words);
		free(one);
	}
	return all;
}

void people_finish(struct people *people)
{
	hoard_finish(&people->hoard);
	hashes_finish(&people->index);
	free(people->ids);
	free(people->number);
	*people = (struct people){ 0 };
}
