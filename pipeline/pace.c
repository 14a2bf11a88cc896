#include "pipeline/pace.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/support/arena.h"
#include "pipeline/windows.h"

enum { PACE_MINUTE_MICROS = 60000000, PACE_LEAST_ROOM = 16 };

struct pace_waiting {
	struct pace_waiting *next;
	struct arena arena;
	struct item item;
};

static uint32_t log_place(const struct pace_log *log, uint32_t number)
{
	return (log->first + number) % log->room;
}

/* When one more may begin. */
static int64_t log_due(const struct pace_log *log)
{
	if (log->most == 0 || log->count < log->most)
		return INT64_MIN;
	return log->times[log->first] + PACE_MINUTE_MICROS;
}

static void log_grow(struct pace_log *log)
{
	const uint32_t doubled = log->room ? log->room * 2 : PACE_LEAST_ROOM;
	const uint32_t room = doubled < log->most ? doubled : log->most;
	int64_t *times = memory_alloc(room * sizeof(*times));
	for (uint32_t i = 0; i < log->count; i++)
		times[i] = log->times[log_place(log, i)];
	free(log->times);
	log->times = times;
	log->room = room;
	log->first = 0;
}

static void log_add(struct pace_log *log, int64_t now)
{
	if (log->most == 0)
		return;
	if (log->count == log->most) {
		log->first = log_place(log, 1);
		log->count--;
	} else if (log->count == log->room)
		log_grow(log);
	log->times[log_place(log, log->count++)] = now;
}

void pace_open(struct pace *pace, uint32_t per_minute, uint32_t key_per_minute)
{
	*pace = (struct pace){ .all.most = per_minute, .key_most = key_per_minute };
}

static uint32_t pace_new_key(struct pace *pace, const char *name)
{
	if (pace->key_count == pace->key_room) {
		pace->key_room = pace->key_room * 2 + PACE_LEAST_ROOM;
		pace->keys = memory_resize(pace->keys, pace->key_room * sizeof(*pace->keys));
		pace->active = memory_resize(pace->active, pace->key_room * sizeof(*pace->active));
	}
	const size_t length = strlen(name) + 1;
	struct pace_key *key = &pace->keys[pace->key_count];
	*key = (struct pace_key){ .name = memory_alloc(length), .log.most = pace->key_most };
	memcpy(key->name, name, length);
	hashes_add(&pace->by_name, hashes_of(name, length), (uint32_t)pace->key_count);
	return (uint32_t)pace->key_count++;
}

/* Without a limit for keys all share one. */
static uint32_t pace_key(struct pace *pace, const char *name)
{
	uint32_t number;
	if (!name || pace->key_most == 0)
		name = "";
	struct hashes_walk walk = hashes_find(&pace->by_name, hashes_of(name, strlen(name) + 1));
	while (hashes_next(&pace->by_name, &walk, &number))
		if (strcmp(pace->keys[number].name, name) == 0)
			return number;
	return pace_new_key(pace, name);
}

void pace_add(struct pace *pace, const struct item *item, const char *name)
{
	struct pace_waiting *waiting = memory_zeroed(1, sizeof(*waiting));
	arena_reserve(&waiting->arena, item_bytes(item));
	item_copy(&waiting->item, item, &waiting->arena);
	const uint32_t number = pace_key(pace, name);
	struct pace_key *key = &pace->keys[number];
	if (key->first)
		*key->end = waiting;
	else {
		key->first = waiting;
		pace->active[pace->active_count++] = number;
	}
	key->end = &waiting->next;
	pace->count++;
}

/* The key is last in turn from now on, or has nothing more that waits. */
static void pace_pass_on(struct pace *pace, size_t turn)
{
	const uint32_t number = pace->active[turn];
	memmove(&pace->active[turn], &pace->active[turn + 1],
		(pace->active_count - turn - 1) * sizeof(*pace->active));
	if (pace->keys[number].first)
		pace->active[pace->active_count - 1] = number;
	else
		pace->active_count--;
}

static void pace_free(struct pace_waiting *waiting)
{
	if (waiting)
		arena_finish(&waiting->arena);
	free(waiting);
}

const struct item *pace_take(struct pace *pace, int64_t now)
{
	pace_free(pace->taken);
	pace->taken = NULL;
	if (log_due(&pace->all) > now)
		return NULL;
	for (size_t i = 0; i < pace->active_count && !pace->taken; i++) {
		struct pace_key *key = &pace->keys[pace->active[i]];
		if (log_due(&key->log) > now)
			continue;
		/* Those without a key have no limit of one. */
		if (*key->name)
			log_add(&key->log, now);
		log_add(&pace->all, now);
		pace->taken = key->first;
		key->first = key->first->next;
		pace->count--;
		pace_pass_on(pace, i);
	}
	return pace->taken ? &pace->taken->item : NULL;
}

int64_t pace_due(const struct pace *pace)
{
	int64_t due = INT64_MAX;
	for (size_t i = 0; i < pace->active_count; i++) {
		const int64_t one = log_due(&pace->keys[pace->active[i]].log);
		due = one < due ? one : due;
	}
	const int64_t all = log_due(&pace->all);
	return due < all ? all : due;
}

void pace_close(struct pace *pace)
{
	pace_free(pace->taken);
	for (size_t i = 0; i < pace->key_count; i++) {
		struct pace_key *key = &pace->keys[i];
		for (struct pace_waiting *waiting = key->first, *next; waiting; waiting = next) {
			next = waiting->next;
			pace_free(waiting);
		}
		free(key->name);
		free(key->log.times);
	}
	free(pace->keys);
	free(pace->active);
	free(pace->all.times);
	hashes_finish(&pace->by_name);
	*pace = (struct pace){ 0 };
}
