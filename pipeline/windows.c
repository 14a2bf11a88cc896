#include "pipeline/windows.h"

#include <assert.h>
#include <stdlib.h>

#include "pipeline/support/clock.h"

enum { TICKET_INDEX_BITS = 24, MICROS_PER_SECOND = 1000000 };

static_assert(WINDOW_MOST < (1 << TICKET_INDEX_BITS), "an index fits into a ticket");

void item_copy(struct item *copy, const struct item *item, struct arena *arena)
{
	*copy = *item;
	copy->key = arena_copy(arena, item->key, item->key_length);
	struct slot *slots = arena_alloc(arena, item->slot_count * sizeof(*slots));
	for (size_t i = 0; i < item->slot_count; i++) {
		slots[i] = item->slots[i];
		if (!slots[i].data)
			continue;
		uintptr_t at = (uintptr_t)slots[i].data, key = (uintptr_t)item->key;
		bool within = at >= key && at + slots[i].length <= key + item->key_length;
		slots[i].data = within ? copy->key + (at - key)
				       : arena_copy(arena, slots[i].data, slots[i].length);
	}
	copy->slots = slots;
}

size_t item_bytes(const struct item *item)
{
	size_t bytes = arena_rounded(item->key_length + 1) +
		       arena_rounded(item->slot_count * sizeof(*item->slots));
	for (size_t i = 0; i < item->slot_count; i++)
		if (item->slots[i].data)
			bytes += arena_rounded(item->slots[i].length + 1);
	return bytes;
}

void windows_open(struct windows *windows)
{
	*windows = (struct windows){ .room = WINDOW_LEAST };
}

static bool window_free(const struct window *window)
{
	return !window->given || window->outstanding == 0;
}

static void window_begin(struct window *window, size_t room)
{
	if (window->room != room) {
		window->items = memory_resize(window->items, room * sizeof(*window->items));
		window->states = memory_resize(window->states, room * sizeof(*window->states));
		window->room = room;
	}
	arena_reset(&window->arena);
	window->count = 0;
	window->given = false;
}

static void windows_begin(struct windows *windows)
{
	for (size_t i = 0; !windows->filling && i < EXECUTOR_WINDOWS; i++)
		if (window_free(&windows->list[i]))
			windows->filling = &windows->list[i];
	if (windows->filling)
		window_begin(windows->filling, windows->room);
}

bool windows_have_room(struct windows *windows, size_t count)
{
	if (!windows->filling)
		windows_begin(windows);
	const struct window *window = windows->filling;
	return window && window->room - window->count >= count &&
	       (window->count < WINDOW_LEAST || arena_bytes(&window->arena) < WINDOW_BYTES);
}

void windows_add(struct windows *windows, const struct item *item)
{
	struct window *window = windows->filling;
	assert(window && window->count < window->room);
	struct item *copy = &window->items[window->count];
	item_copy(copy, item, &window->arena);
	copy->ticket =
		(uint32_t)(window - windows->list) << TICKET_INDEX_BITS | (uint32_t)window->count;
	window->states[window->count++] = WINDOW_UNDER_WAY;
}

size_t windows_waiting(const struct windows *windows)
{
	return windows->filling ? windows->filling->count : 0;
}

const struct item *windows_give(struct windows *windows, size_t *count)
{
	struct window *window = windows->filling;
	int64_t now = clock_micros();
	bool fast = now - windows->given_micros < MICROS_PER_SECOND;
	if (fast && window->count == window->room && windows->room < WINDOW_MOST)
		windows->room *= 2;
	windows->given_micros = now;
	window->given = true;
	window->number = windows->given++;
	window->outstanding = window->count;
	windows->filling = NULL;
	*count = window->count;
	return window->items;
}

/* NULL: all its items have come back, and it was used again. */
static struct window *windows_numbered(struct windows *windows, uint64_t number)
{
	for (size_t i = 0; i < EXECUTOR_WINDOWS; i++) {
		struct window *window = &windows->list[i];
		if (window->given && window->number == number)
			return window;
	}
	return NULL;
}

/* The next that is under way and has not been looked at. */
static const struct item *window_look_ahead(struct window *window, struct windows_ahead *ahead)
{
	while (ahead->index < window->count) {
		const size_t index = ahead->index++;
		if (window->states[index] != WINDOW_UNDER_WAY)
			continue;
		window->states[index] = WINDOW_AHEAD;
		ahead->items++;
		ahead->bytes += window->items[index].bytes;
		return &window->items[index];
	}
	return NULL;
}

const struct item *windows_look_ahead(struct windows *windows, size_t items, uint64_t bytes)
{
	struct windows_ahead *ahead = &windows->ahead;
	if (ahead->items >= items || ahead->bytes >= bytes)
		return NULL;
	for (; ahead->number < windows->given; ahead->number++, ahead->index = 0) {
		struct window *window = windows_numbered(windows, ahead->number);
		const struct item *item = window ? window_look_ahead(window, ahead) : NULL;
		if (item)
			return item;
	}
	return NULL;
}

static struct window *windows_of(struct windows *windows, const struct outcome *outcome)
{
	return &windows->list[(outcome->ticket >> TICKET_INDEX_BITS) % EXECUTOR_WINDOWS];
}

static size_t windows_index(const struct outcome *outcome)
{
	return outcome->ticket & ((1U << TICKET_INDEX_BITS) - 1);
}

const struct item *windows_find(struct windows *windows, const struct outcome *outcome)
{
	const struct window *window = windows_of(windows, outcome);
	size_t index = windows_index(outcome);
	if (!window->given || index >= window->count || window->states[index] == WINDOW_DONE)
		return NULL;
	const struct item *item = &window->items[index];
	bool same = digest_equal(item->id, outcome->id) && item->attempt == outcome->attempt;
	return same ? item : NULL;
}

void windows_release(struct windows *windows, const struct outcome *outcome)
{
	struct window *window = windows_of(windows, outcome);
	const size_t index = windows_index(outcome);
	if (window->states[index] == WINDOW_AHEAD) {
		windows->ahead.items--;
		windows->ahead.bytes -= window->items[index].bytes;
	}
	window->states[index] = WINDOW_DONE;
	window->outstanding--;
}

void windows_close(struct windows *windows)
{
	for (size_t i = 0; i < EXECUTOR_WINDOWS; i++) {
		arena_finish(&windows->list[i].arena);
		free(windows->list[i].items);
		free(windows->list[i].states);
	}
	windows_open(windows);
}
