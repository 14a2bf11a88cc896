#include "pipeline/bench/sample.h"

#include <stdio.h>
#include <stdlib.h>

#include "pipeline/flow.h"
#include "pipeline/windows.h"

static bool sample_before(const struct item *a, const struct item *b)
{
	return a->id.high != b->id.high ? a->id.high < b->id.high : a->id.low < b->id.low;
}

static int sample_compare(const void *a, const void *b)
{
	return sample_before(a, b) ? -1 : sample_before(b, a);
}

/* The items are a heap with the greatest id on top; moves the one at `at` down to its place. */
static void sample_sink(struct sample *sample, size_t at)
{
	struct item sinking = sample->items[at];
	for (size_t below; (below = 2 * at + 1) < sample->count; at = below) {
		if (below + 1 < sample->count &&
			sample_before(&sample->items[below], &sample->items[below + 1]))
			below++;
		if (!sample_before(&sinking, &sample->items[below]))
			break;
		sample->items[at] = sample->items[below];
	}
	sample->items[at] = sinking;
}

static void sample_add(struct sample *sample, const struct item *item)
{
	sample->seen++;
	if (sample->count < sample->room) {
		item_copy(&sample->items[sample->count++], item, sample->arena);
		if (sample->count == sample->room)
			for (size_t i = sample->count; i-- > 0;)
				sample_sink(sample, i);
	} else if (sample_before(item, sample->items)) {
		item_copy(sample->items, item, sample->arena);
		sample_sink(sample, 0);
	}
}

static void sample_add_batch(struct sample *sample, const struct plan *plan, struct batch *batch)
{
	struct part parts[ITEM_PARTS];
	for (size_t i = 0; i < batch->count; i++) {
		struct item *item = &batch->items[i];
		item->id = digest_of(item->key, item->key_length);
		item->attempt = 1;
		item->due = plan_all_parts(plan);
		if (!batch->refused[i] && plan_outputs(plan, item, &batch->arena, parts, NULL))
			sample_add(sample, item);
	}
}

static void sample_complain(void *context, const char *what, const struct error *err)
{
	(void)context;
	fprintf(stderr, "nightmill: %s: %s\n", what, err->text);
}

static bool sample_walk(
	struct sample *sample, const struct plan *plan, struct flow *flow, struct error *err)
{
	struct batch *batch = memory_zeroed(1, sizeof(*batch));
	bool fine = true, complete = false;
	while (fine && !complete) {
		arena_reset(&batch->arena);
		fine = flow_step(flow, batch, &complete, err);
		if (fine)
			sample_add_batch(sample, plan, batch);
	}
	arena_finish(&batch->arena);
	free(batch);
	return fine;
}

bool sample_take(struct sample *sample, const struct plan *plan, struct error *err)
{
	const char *skip[ITEM_PARTS];
	struct source_setup setup = { .skip = skip, .complain = sample_complain };
	for (size_t i = 0; i < plan->tail_count; i++)
		if (plan->tail[i].output_root)
			skip[setup.skip_count++] = plan->tail[i].output_root;
	struct flow *flow = NULL;
	bool fine = flow_open(plan, &setup, FLOW_LOOK, &flow, err) &&
		    sample_walk(sample, plan, flow, err);
	flow_close(flow);
	if (!fine)
		return false;
	if (sample->count == 0)
		return fail(err, ERROR_MISSING, "the source gives no item");
	qsort(sample->items, sample->count, sizeof(*sample->items), sample_compare);
	for (size_t i = 0; i < sample->count; i++)
		sample->items[i].ticket = (uint32_t)i;
	return true;
}
