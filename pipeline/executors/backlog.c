#include "pipeline/executors/backlog.h"

#include <assert.h>

/* Finished windows leave the order here and not in backlog_return, which would need the lock of
 * those who take. */
static void backlog_compact(struct backlog *backlog)
{
	size_t kept = 0;
	for (size_t i = 0; i < backlog->count; i++)
		if (backlog->list[backlog->order[i]].outstanding > 0)
			backlog->order[kept++] = backlog->order[i];
	backlog->count = kept;
}

static uint32_t backlog_free_place(const struct backlog *backlog)
{
	uint32_t place = 0;
	while (place < EXECUTOR_WINDOWS && backlog->list[place].outstanding > 0)
		place++;
	assert(place < EXECUTOR_WINDOWS);
	return place;
}

uint32_t backlog_give(struct backlog *backlog, const struct item *items, size_t count)
{
	assert(count > 0);
	backlog_compact(backlog);
	uint32_t place = backlog_free_place(backlog);
	backlog->list[place] = (struct backlog_window){
		.items = items,
		.count = count,
		.outstanding = count,
	};
	backlog->order[backlog->count++] = (uint8_t)place;
	backlog->unstarted += count;
	backlog->outstanding += count;
	backlog->busy++;
	return place;
}

bool backlog_take(struct backlog *backlog, struct taken *taken)
{
	if (backlog->unstarted == 0)
		return false;
	size_t i = 0;
	while (backlog->list[backlog->order[i]].taken == backlog->list[backlog->order[i]].count)
		i++;
	struct backlog_window *window = &backlog->list[backlog->order[i]];
	*taken = (struct taken){
		.item = &window->items[window->taken++],
		.window = backlog->order[i],
	};
	backlog->unstarted--;
	return true;
}

void backlog_return(struct backlog *backlog, uint32_t window)
{
	assert(backlog->list[window].outstanding > 0);
	backlog->outstanding--;
	if (--backlog->list[window].outstanding == 0)
		backlog->busy--;
}
