#include "pipeline/retries.h"

#include <stdlib.h>

#include "pipeline/support/arena.h"
#include "pipeline/windows.h"

struct retry {
	struct retry *next;
	struct arena arena;
	struct item item;
	int64_t due_micros;
};

bool retries_add(struct retries *retries, const struct item *item, int64_t due_micros)
{
	if (retries->count >= RETRIES_MOST)
		return false;
	struct retry *retry = memory_zeroed(1, sizeof(*retry));
	arena_reserve(&retry->arena, item_bytes(item));
	item_copy(&retry->item, item, &retry->arena);
	retry->item.attempt = item->attempt + 1;
	retry->due_micros = due_micros;
	struct retry **at = &retries->first;
	while (*at && (*at)->due_micros <= due_micros)
		at = &(*at)->next;
	retry->next = *at;
	*at = retry;
	retries->count++;
	return true;
}

int64_t retries_due(const struct retries *retries)
{
	return retries->first ? retries->first->due_micros : INT64_MAX;
}

const struct item *retries_first(const struct retries *retries, int64_t now)
{
	return retries_due(retries) <= now ? &retries->first->item : NULL;
}

void retries_drop(struct retries *retries)
{
	struct retry *retry = retries->first;
	retries->first = retry->next;
	retries->count--;
	arena_finish(&retry->arena);
	free(retry);
}

void retries_close(struct retries *retries)
{
	while (retries->first)
		retries_drop(retries);
}
