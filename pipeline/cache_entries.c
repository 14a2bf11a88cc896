#include "pipeline/cache_entries.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/support/arena.h"

enum { ENTRIES_FIRST = 64 };

void cache_order_add(struct cache_order *order, uint32_t number)
{
	order->links[number] = (struct cache_link){ CACHE_NONE, order->newest, false };
	if (order->newest != CACHE_NONE)
		order->links[order->newest].newer = number;
	else
		order->oldest = number;
	order->newest = number;
}

void cache_order_remove(struct cache_order *order, uint32_t number)
{
	const struct cache_link link = order->links[number];
	if (order->hand == number)
		order->hand = link.newer;
	if (link.newer != CACHE_NONE)
		order->links[link.newer].older = link.older;
	else
		order->newest = link.older;
	if (link.older != CACHE_NONE)
		order->links[link.older].newer = link.newer;
	else
		order->oldest = link.newer;
}

void entries_open(struct cache_entries *entries, const struct cache_plugin *policy,
	size_t most_entries, size_t most_bytes)
{
	*entries = (struct cache_entries){
		.policy = policy,
		.order = { NULL, CACHE_NONE, CACHE_NONE, CACHE_NONE },
		.most_entries = most_entries,
		.most_bytes = most_bytes,
	};
}

static bool entries_is(const struct cache_entry *entry, const struct slot *key)
{
	return entry->key_length == key->length && memcmp(entry->key, key->data, key->length) == 0;
}

static uint32_t entries_number(
	const struct cache_entries *entries, const struct slot *key, uint64_t hash)
{
	struct hashes_walk walk = hashes_find(&entries->hashes, hash);
	for (uint32_t number; hashes_next(&entries->hashes, &walk, &number);) {
		const struct cache_entry *entry = entries->list[number];
		if (entry->hash == hash && entries_is(entry, key))
			return number;
	}
	return CACHE_NONE;
}

struct cache_entry *entries_find(
	struct cache_entries *entries, const struct slot *key, uint64_t hash, bool hit)
{
	uint32_t number = entries_number(entries, key, hash);
	if (number == CACHE_NONE)
		return NULL;
	if (hit && entries->policy->hit)
		entries->policy->hit(&entries->order, number);
	return entries->list[number];
}

static size_t entries_bytes_of(
	const struct slot *key, const struct cache_answer *answer, size_t columns)
{
	size_t count = answer->found == CACHE_FOUND ? columns : 0;
	size_t bytes = sizeof(struct cache_entry) + count * sizeof(struct slot) + key->length;
	for (size_t i = 0; i < count; i++)
		bytes += answer->values[i].data ? answer->values[i].length : 0;
	return bytes;
}

static struct cache_entry *entries_make(
	const struct slot *key, const struct cache_answer *answer, size_t columns, size_t bytes)
{
	size_t count = answer->found == CACHE_FOUND ? columns : 0;
	struct cache_entry *entry = memory_alloc(bytes);
	char *next = (char *)&entry->values[count];
	*entry = (struct cache_entry){
		.bytes = bytes,
		.key = next,
		.key_length = key->length,
		.found = answer->found,
	};
	memcpy(next, key->data, key->length);
	next += key->length;
	for (size_t i = 0; i < count; i++) {
		const struct slot *value = &answer->values[i];
		entry->values[i] = *value;
		if (!value->data)
			continue;
		memcpy(next, value->data, value->length);
		entry->values[i].data = next;
		next += value->length;
	}
	return entry;
}

static void entries_lay_down(struct cache_entries *entries, uint32_t number)
{
	struct cache_entry *entry = entries->list[number];
	entries->bytes -= entry->bytes;
	entry->next = entries->graves;
	entries->graves = entry;
	entries->list[number] = NULL;
}

static void entries_remove(struct cache_entries *entries, uint32_t number)
{
	hashes_remove(&entries->hashes, entries->list[number]->hash, number);
	cache_order_remove(&entries->order, number);
	entries_lay_down(entries, number);
	entries->unused[entries->unused_count++] = number;
	entries->count--;
}

static bool entries_full(const struct cache_entries *entries, size_t more, size_t bytes)
{
	return (entries->most_entries && entries->count + more > entries->most_entries) ||
	       (entries->most_bytes && entries->bytes + bytes > entries->most_bytes);
}

static void entries_make_room(struct cache_entries *entries, size_t more, size_t bytes)
{
	while (entries->count && entries->policy->victim && entries_full(entries, more, bytes)) {
		entries_remove(entries, entries->policy->victim(&entries->order));
		entries->evictions++;
	}
}

static void entries_grow(struct cache_entries *entries)
{
	size_t old = entries->room;
	entries->room = old ? old * 2 : ENTRIES_FIRST;
	entries->list =
		memory_resize((void *)entries->list, entries->room * sizeof(*entries->list));
	entries->order.links =
		memory_resize(entries->order.links, entries->room * sizeof(*entries->order.links));
	entries->unused = memory_resize(entries->unused, entries->room * sizeof(*entries->unused));
	for (size_t i = entries->room; i-- > old;) {
		entries->list[i] = NULL;
		entries->unused[entries->unused_count++] = (uint32_t)i;
	}
}

static uint32_t entries_new(struct cache_entries *entries, uint64_t hash)
{
	if (entries->unused_count == 0)
		entries_grow(entries);
	uint32_t number = entries->unused[--entries->unused_count];
	entries->count++;
	hashes_add(&entries->hashes, hash, number);
	cache_order_add(&entries->order, number);
	return number;
}

struct cache_entry *entries_put(struct cache_entries *entries, const struct slot *key,
	uint64_t hash, const struct cache_answer *answer, size_t columns)
{
	size_t bytes = entries_bytes_of(key, answer, columns);
	if (entries->most_bytes && bytes > entries->most_bytes && entries->policy->victim)
		return NULL;
	uint32_t number = entries_number(entries, key, hash);
	if (number != CACHE_NONE)
		entries_lay_down(entries, number);
	else {
		entries_make_room(entries, 1, bytes);
		number = entries_new(entries, hash);
	}
	struct cache_entry *entry = entries_make(key, answer, columns, bytes);
	entry->hash = hash;
	entries->list[number] = entry;
	entries->bytes += bytes;
	return entry;
}

void entries_bury(struct cache_entries *entries)
{
	while (entries->graves) {
		struct cache_entry *entry = entries->graves;
		entries->graves = entry->next;
		free(entry);
	}
}

size_t entries_bytes(const struct cache_entries *entries)
{
	size_t each =
		sizeof(*entries->list) + sizeof(*entries->order.links) + sizeof(*entries->unused);
	return entries->bytes + entries->room * each + hashes_bytes(&entries->hashes);
}

void entries_finish(struct cache_entries *entries)
{
	entries_bury(entries);
	for (size_t i = 0; i < entries->room; i++)
		free(entries->list[i]);
	free((void *)entries->list);
	free(entries->order.links);
	free(entries->unused);
	hashes_finish(&entries->hashes);
	*entries = (struct cache_entries){ 0 };
}
