#include "pipeline/bench/planned.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/bench/sample.h"
#include "pipeline/bench/scratch.h"
#include "pipeline/needs.h"
#include "pipeline/support/clock.h"
#include "pipeline/worker.h"

enum { PLANNED_ITEMS = 4096 };

/* A stage that notes the time it takes and leaves the rest to the real one. */
struct planned_stage {
	struct stage_plugin plugin;
	const struct stage_plugin *real;
	void *prepared; /* the real one's */
	size_t index;
	const struct workload *workload;
};

struct planned_worker {
	const struct planned_stage *stage;
	void *state;
};

struct planned {
	const struct plan *plan;
	struct plan timed;         /* the same with stages that note their time */
	struct worker_setup setup; /* for `timed` */
	struct work_needs *needs;  /* of the plan, with the scratch folders */
	struct planned_stage *stages;
	struct scratch *scratches; /* `scratch_count`, one for each output root */
	size_t scratch_count;
	const struct scratch **places; /* of each stage; NULL: it makes no files */
	size_t path_slot;              /* SIZE_MAX: the items are no files */
};

static bool planned_open_stage(
	const void *prepared, const struct workplace *place, void **worker, struct error *err)
{
	const struct planned_stage *stage = prepared;
	void *state = NULL;
	if (!stage->real->open(stage->prepared, place, &state, err))
		return false;
	struct planned_worker *made = memory_alloc(sizeof(*made));
	*made = (struct planned_worker){ stage, state };
	*worker = made;
	return true;
}

static void planned_process(void *worker, const struct item *item, struct outcome *outcome)
{
	const struct planned_worker *self = worker;
	const struct planned_stage *stage = self->stage;
	int64_t started = clock_micros();
	stage->real->process(self->state, item, outcome);
	size_t place = stage->index < WORKLOAD_STAGES ? stage->index : WORKLOAD_STAGES - 1;
	atomic_fetch_add(&stage->workload->times->stage_micros[place], clock_micros() - started);
}

static void planned_close_stage(void *worker)
{
	struct planned_worker *self = worker;
	if (self)
		self->stage->real->close(self->state);
	free(self);
}

static void planned_time_stage(struct planned *planned, struct workload *workload, size_t index)
{
	struct plan_stage *planned_as = &planned->timed.tail[index];
	struct planned_stage *stage = &planned->stages[index];
	*stage = (struct planned_stage){
		.plugin = *planned_as->plugin,
		.real = planned_as->plugin,
		.prepared = planned_as->prepared,
		.index = index,
		.workload = workload,
	};
	stage->plugin.open = planned_open_stage;
	stage->plugin.process = planned_process;
	stage->plugin.close = planned_close_stage;
	planned_as->plugin = &stage->plugin;
	planned_as->prepared = stage;
	if (index >= WORKLOAD_STAGES)
		return;
	workload->stages[index] = stage->plugin.plugin.name;
	workload->stage_count = index + 1;
}

static void planned_time(struct planned *planned, struct workload *workload)
{
	const struct plan *plan = planned->plan;
	size_t bytes = plan->tail_count * sizeof(*plan->tail);
	planned->timed = *plan;
	planned->timed.tail = arena_alloc(&workload->arena, bytes);
	memcpy(planned->timed.tail, plan->tail, bytes);
	planned->stages =
		arena_alloc(&workload->arena, plan->tail_count * sizeof(*planned->stages));
	for (size_t i = 0; i < plan->tail_count; i++)
		planned_time_stage(planned, workload, i);
}

/* Two stages may write below one root. */
static const struct scratch *planned_scratch(
	struct planned *planned, size_t stage, struct error *err)
{
	const struct plan_stage *tail = planned->plan->tail;
	for (size_t i = 0; i < stage; i++)
		if (tail[i].output_root &&
			strcmp(tail[i].output_root, tail[stage].output_root) == 0)
			return planned->places[i];
	struct scratch *scratch = &planned->scratches[planned->scratch_count++];
	return scratch_open(scratch, tail[stage].output_root, planned->plan->config->name, err)
		       ? scratch
		       : NULL;
}

static bool planned_open_places(struct planned *planned, struct arena *arena, struct error *err)
{
	const struct plan *plan = planned->plan;
	planned->scratches = arena_alloc(arena, plan->tail_count * sizeof(*planned->scratches));
	planned->places = arena_alloc(arena, plan->tail_count * sizeof(*planned->places));
	const char **temporary = arena_alloc(arena, plan->tail_count * sizeof(*temporary));
	for (size_t i = 0; i < plan->tail_count; i++) {
		if (!plan->tail[i].output_root)
			continue;
		planned->places[i] = planned_scratch(planned, i, err);
		if (!planned->places[i])
			return false;
		temporary[i] = planned->places[i]->path.data;
	}
	planned->setup = (struct worker_setup){ .plan = &planned->timed, .temporary = temporary };
	planned->needs = needs_of(plan, temporary);
	return true;
}

static void planned_discard(struct workload *workload, const struct outcome *outcome)
{
	const struct planned *planned = workload->own;
	for (uint32_t part = 0; part < planned->plan->parts; part++) {
		char name[STAGE_TEMPORARY_BYTES];
		if (!(outcome->made >> part & 1))
			continue;
		const struct plan_stage *stage = plan_stage_of(planned->plan, part);
		stage_temporary(outcome->id, outcome->attempt, part, name);
		unlinkat(planned->places[stage - planned->plan->tail]->folder, name, 0);
	}
}

static bool planned_path(const struct workload *workload, size_t index, char *path, size_t room)
{
	const struct planned *planned = workload->own;
	if (planned->path_slot == SIZE_MAX)
		return false;
	const struct slot *slot = &workload->items[index].slots[planned->path_slot];
	if (!slot->data || slot->length >= room)
		return false;
	memcpy(path, slot->data, slot->length);
	path[slot->length] = '\0';
	return true;
}

static size_t planned_path_slot(const struct plan *plan)
{
	for (size_t i = 0; i < plan->fields.count; i++)
		if (strcmp(plan->fields.names[i], "path") == 0)
			return i;
	return SIZE_MAX;
}

static void planned_close(struct workload *workload)
{
	struct planned *planned = workload->own;
	for (size_t i = 0; i < planned->scratch_count; i++)
		scratch_close(&planned->scratches[i]);
	planned->scratch_count = 0;
	free(planned->needs);
}

static bool planned_sample(
	struct workload *workload, const struct plan *plan, uint32_t items, struct error *err)
{
	size_t room = items ? items : PLANNED_ITEMS;
	workload->items = arena_alloc(&workload->arena, room * sizeof(*workload->items));
	struct sample sample = {
		.items = workload->items,
		.room = room,
		.arena = &workload->arena,
	};
	bool fine = sample_take(&sample, plan, err);
	workload->count = sample.count;
	return fine;
}

bool planned_open(
	struct workload *workload, const struct plan *plan, uint32_t items, struct error *err)
{
	*workload = (struct workload){ .name = "config" };
	if (!planned_sample(workload, plan, items, err))
		return false;
	struct planned *planned = arena_alloc(&workload->arena, sizeof(*planned));
	planned->plan = plan;
	planned->path_slot = planned_path_slot(plan);
	planned_time(planned, workload);
	workload->own = planned;
	workload->close = planned_close;
	workload->discard = planned_discard;
	workload->path = planned_path;
	if (!planned_open_places(planned, &workload->arena, err))
		return false;
	workload->work = (struct work){
		.open = worker_open,
		.process = worker_process,
		.close = worker_close,
		.context = &planned->setup,
		.needs = planned->needs,
		.wake = -1,
	};
	return true;
}
