/* Any bytes as an iCalendar file: read twice, as the source does it, and every event unrolled. */

#include <assert.h>
#include <stdint.h>
#include <stdio.h>

#include "stages/calendar/changes.h"
#include "stages/calendar/event.h"
#include "stages/calendar/recur.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FUZZ_DAY = 86400 };

static struct zones fuzz_zones;

/* All of a file's changes, or all of its occurrences. */
static size_t fuzz_read(FILE *file, struct changes *changes, struct recur *recur)
{
	struct times_names names = { .zones = &fuzz_zones };
	struct events events;
	struct event event = { .line = 0 };
	struct error err;
	size_t count = 0;
	const int64_t from = 1774656000, until = from + 90 * (int64_t)FUZZ_DAY;
	bool end = false;
	rewind(file);
	events_start(&events, file, &names);
	for (; events_next(&events, &event, &end, &err) && !end; count++) {
		if (!recur && event.changes)
			changes_add(changes, &event);
		if (!recur || event.broken || !recur_fill(recur, &event, from, until, &err))
			continue;
		for (size_t i = 0; i < recur->count; i++) {
			assert(recur->list[i] >= from && recur->list[i] < until);
			assert(i == 0 || recur->list[i] > recur->list[i - 1]);
			changes_has(changes, &event, recur->list[i]);
		}
	}
	events_finish(&events);
	event_finish(&event);
	times_finish(&names);
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct changes changes = { 0 };
	struct recur recur = { 0 };
	FILE *file = size ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL;
	if (!file)
		return 0;
	const size_t first = fuzz_read(file, &changes, NULL);
	changes_sort(&changes);
	assert(fuzz_read(file, &changes, &recur) == first);
	recur_finish(&recur);
	changes_finish(&changes);
	fclose(file);
	return 0;
}
