#include "pipeline/worker.h"

#include <stdlib.h>
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
	struct notes *notes;
	size_t count;
	struct worker_stage stages[];
};

static bool worker_open_stage(const struct worker_setup *setup, size_t index,
	struct worker_stage *stage, struct error *err)
{
	const struct plan_stage *planned = &setup->plan->tail[index];
	stage->place.first_part = planned->first_part;
	stage->place.temporary = -1;
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

bool worker_open(const void *context, uint32_t number, void **worker, struct error *err)
{
	const struct worker_setup *setup = context;
	size_t count = setup->plan->tail_count;
	struct worker *made = memory_zeroed(1, sizeof(*made) + count * sizeof(made->stages[0]));
	made->number = number;
	made->notes = setup->notes;
	for (; made->count < count; made->count++) {
		made->stages[made->count].place.number = number;
		if (!worker_open_stage(setup, made->count, &made->stages[made->count], err)) {
			worker_close(made);
			return false;
		}
	}
	*worker = made;
	return true;
}

void worker_process(void *worker, const struct item *item, struct outcome *outcome)
{
	const struct worker *self = worker;
	int64_t started = clock_micros();
	*outcome = outcome_of(item, OUTCOME_MADE);
	outcome->worker = self->number;
	notes_set(self->notes, self->number, item->id);
	for (size_t i = 0; i < self->count && outcome->status == OUTCOME_MADE; i++) {
		outcome->stage = (uint32_t)i;
		self->stages[i].plugin->process(self->stages[i].state, item, outcome);
	}
	notes_set(self->notes, self->number, (struct digest){ 0 });
	outcome->micros = clock_micros() - started;
}

void worker_close(void *worker)
{
	struct worker *self = worker;
	if (!self)
		return;
	for (size_t i = 0; i < self->count; i++) {
		self->stages[i].plugin->close(self->stages[i].state);
		if (self->stages[i].place.temporary >= 0)
			close(self->stages[i].place.temporary);
	}
	free(self);
}
