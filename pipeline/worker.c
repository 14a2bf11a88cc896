#include "pipeline/worker.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/clock.h"
#include "pipeline/support/files.h"

struct worker_stage {
	const struct stage_plugin *plugin;
	struct workplace place;
	void *state;
};

struct worker {
	uint32_t number;
	uint32_t first_spending; /* purpose of the first stage */
	struct stopwatch watch;
	struct notes *notes;
	struct slot *slots; /* of the item in hand, with room for what the stages add; NULL: they
			       add nothing */
	size_t slot_count;
	size_t count;
	struct worker_stage stages[];
};

static bool worker_open_stage(
	const struct worker_setup *setup, struct worker *worker, size_t index, struct error *err)
{
	const struct plan_stage *planned = &setup->plan->tail[index];
	struct worker_stage *stage = &worker->stages[index];
	stage->place = (struct workplace){
		.temporary = -1,
		.number = worker->number,
		.first_part = planned->first_part,
		.added = planned->adds ? worker->slots + planned->first_added : NULL,
		.watch = &worker->watch,
		.first_spending = times_tail(setup->plan, index) + 1,
	};
	if (setup->temporary[index]) {
		stage->place.temporary = files_open_folder(setup->temporary[index], err);
		if (stage->place.temporary < 0)
			return false;
	}
	if (planned->plugin->open(planned->prepared, &stage->place, &stage->state, err)) {
		stage->plugin = planned->plugin;
		return true;
	}
	if (stage->place.temporary >= 0)
		close(stage->place.temporary);
	return false;
}

static bool worker_adds(const struct plan *plan)
{
	for (size_t i = 0; i < plan->tail_count; i++)
		if (plan->tail[i].adds)
			return true;
	return false;
}

static void worker_start_watch(const struct worker_setup *setup, struct worker *worker)
{
	worker->first_spending = times_tail(setup->plan, 0);
	if (!setup->times)
		return;
	const uint32_t number = setup->careful ? TIMES_CAREFUL : worker->number;
	stopwatch_start(&worker->watch, times_board(setup->times, number), times_size(setup->times),
		TIMES_IDLE);
}

bool worker_open(const void *context, uint32_t number, void **worker, struct error *err)
{
	const struct worker_setup *setup = context;
	size_t count = setup->plan->tail_count;
	struct worker *made = memory_zeroed(1, sizeof(*made) + count * sizeof(made->stages[0]));
	made->number = number;
	made->notes = setup->notes;
	made->slot_count = setup->plan->fields.count;
	if (worker_adds(setup->plan))
		made->slots = memory_alloc(made->slot_count * sizeof(*made->slots));
	for (; made->count < count; made->count++) {
		if (!worker_open_stage(setup, made, made->count, err)) {
			worker_close(made);
			return false;
		}
	}
	worker_start_watch(setup, made);
	*worker = made;
	return true;
}

/* The item with room for the slots that are added to it. */
static struct item worker_widen(const struct worker *self, const struct item *item)
{
	struct item wide = *item;
	if (!self->slots)
		return wide;
	const size_t count =
		item->slot_count < self->slot_count ? item->slot_count : self->slot_count;
	memset(self->slots, 0, self->slot_count * sizeof(*self->slots));
	if (count > 0)
		memcpy(self->slots, item->slots, count * sizeof(*self->slots));
	wide.slots = self->slots;
	wide.slot_count = self->slot_count;
	return wide;
}

/* One look at the clock for each stage, and one before them all. */
static int64_t worker_walk(
	struct worker *self, int64_t now, const struct item *item, struct outcome *outcome)
{
	struct stopwatch *watch = &self->watch;
	for (size_t i = 0; i < self->count && outcome->status == OUTCOME_MADE; i++) {
		outcome->stage = (uint32_t)i;
		const uint32_t depth = watch->depth;
		stopwatch_enter_at(
			watch, self->first_spending + (uint32_t)i * TIMES_TAIL_EACH, now);
		self->stages[i].plugin->process(self->stages[i].state, item, outcome);
		now = clock_now_nanos();
		stopwatch_leave_at(watch, depth, now);
	}
	return now;
}

void worker_process(void *worker, const struct item *item, struct outcome *outcome)
{
	enum { NANOS_PER_MICRO = 1000 };
	struct worker *self = worker;
	const int64_t started = clock_now_nanos();
	const uint32_t depth = self->watch.depth;
	stopwatch_label(&self->watch, item->key, item->key_length);
	stopwatch_enter_at(&self->watch, TIMES_ITEM, started);
	const struct item wide = worker_widen(self, item);
	*outcome = outcome_of(item, OUTCOME_MADE);
	outcome->worker = self->number;
	outcome->deed.verdict = DEED_UNTOUCHED;
	notes_set(self->notes, self->number, item->id);
	const int64_t ended = worker_walk(self, started, &wide, outcome);
	notes_set(self->notes, self->number, (struct digest){ 0 });
	stopwatch_leave_at(&self->watch, depth, ended);
	outcome->micros = (ended - started) / NANOS_PER_MICRO;
}

void worker_close(void *worker)
{
	struct worker *self = worker;
	if (!self)
		return;
	stopwatch_stop(&self->watch);
	for (size_t i = 0; i < self->count; i++) {
		self->stages[i].plugin->close(self->stages[i].state);
		if (self->stages[i].place.temporary >= 0)
			close(self->stages[i].place.temporary);
	}
	free(self->slots);
	free(self);
}
