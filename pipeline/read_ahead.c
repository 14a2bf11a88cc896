#include "pipeline/read_ahead.h"

#include <stdlib.h>

#include "pipeline/input.h"

enum {
	/* Beyond what is in hand; the page cache may drop it again where memory is short. */
	READ_AHEAD_ITEMS = 64,
	READ_AHEAD_BYTES = 32 << 20,
	/* After so many in a row that were in memory, one of as many is looked at. */
	READ_AHEAD_WARM = 16
};

struct read_ahead {
	const struct plan_stage *stage; /* that reads files */
	struct input *input;
	struct text path;
	uint32_t warm; /* in a row that were in memory, or passed over because of that */
};

static const struct plan_stage *read_ahead_stage(const struct plan *plan)
{
	for (size_t i = 0; i < plan->tail_count; i++)
		if (plan->tail[i].plugin->reads)
			return &plan->tail[i];
	return NULL;
}

struct read_ahead *read_ahead_open(const struct plan *plan)
{
	const struct plan_stage *stage = read_ahead_stage(plan);
	struct input *input;
	struct error err;
	if (!stage || !input_open(plan->roots, plan->links, &input, &err))
		return NULL;
	struct read_ahead *ahead = memory_zeroed(1, sizeof(*ahead));
	ahead->stage = stage;
	ahead->input = input;
	return ahead;
}

static void read_ahead_item(struct read_ahead *ahead, const struct item *item)
{
	const struct plan_stage *stage = ahead->stage;
	const bool passed = ahead->warm >= READ_AHEAD_WARM && ahead->warm % READ_AHEAD_WARM != 0;
	text_clear(&ahead->path);
	if (!passed && (!stage->plugin->reads(stage->prepared, item, &ahead->path) ||
			       !input_ahead(ahead->input, ahead->path.data, ahead->path.length,
				       READ_AHEAD_BYTES)))
		ahead->warm = 0;
	else
		ahead->warm++;
}

void read_ahead_step(struct read_ahead *ahead, struct windows *windows)
{
	const struct item *item;
	while (ahead &&
		(item = windows_look_ahead(windows, READ_AHEAD_ITEMS, READ_AHEAD_BYTES)) != NULL)
		read_ahead_item(ahead, item);
}

void read_ahead_close(struct read_ahead *ahead)
{
	if (!ahead)
		return;
	input_close(ahead->input);
	text_finish(&ahead->path);
	free(ahead);
}
