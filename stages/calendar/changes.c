#include "stages/calendar/changes.h"

#include <stdlib.h>

#include "pipeline/support/arena.h"

/* An occurrence may be named in UTC, or in another zone than its meeting: the moment counts. */
static struct digest changes_digest(const struct event *event, const struct times *times)
{
	const struct text *uid = &event->texts[EVENT_UID];
	const int64_t when[] = { times->kind,
		times->kind == TIMES_ZONED ? times_utc(times) : times->local };
	return digest_mix(digest_of(uid->data, uid->length), digest_of(when, sizeof(when)));
}

static int changes_compare(const void *a, const void *b)
{
	const struct digest *left = a, *right = b;
	if (left->high != right->high)
		return left->high < right->high ? -1 : 1;
	return (left->low > right->low) - (left->low < right->low);
}

void changes_add(struct changes *changes, const struct event *event)
{
	if (changes->count == changes->room) {
		changes->room = changes->room ? changes->room * 2 : 64;
		changes->list =
			memory_resize(changes->list, changes->room * sizeof(*changes->list));
	}
	changes->list[changes->count++] = changes_digest(event, &event->recurrence);
}

void changes_sort(struct changes *changes)
{
	if (changes->count > 1)
		qsort(changes->list, changes->count, sizeof(*changes->list), changes_compare);
}

bool changes_has(const struct changes *changes, const struct event *event, int64_t local)
{
	struct times times = event->start;
	times.local = local;
	const struct digest wanted = changes_digest(event, &times);
	return changes->count > 0 && bsearch(&wanted, changes->list, changes->count,
					     sizeof(*changes->list), changes_compare);
}

void changes_finish(struct changes *changes)
{
	free(changes->list);
}
