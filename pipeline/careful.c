#include "pipeline/careful.h"

#include <assert.h>

static const struct executor_plugin *careful_plugin(void)
{
	size_t i = 0;
	while (executors[i] && !executor_of(executors[i])->isolates)
		i++;
	assert(executors[i]);
	return executor_of(executors[i]);
}

static void *careful_settings(struct careful *careful)
{
	struct problems problems = { 0 };
	const struct place nowhere = { .file = "defaults" };
	const struct plugin *plugin = &careful->plugin->plugin;
	void *settings = arena_alloc(&careful->arena, plugin->settings_bytes);
	bool fine =
		option_parse(plugin->options, NULL, nowhere, settings, &careful->arena, &problems);
	assert(fine); /* every option of an executor has a default */
	(void)fine;
	problems_finish(&problems);
	return settings;
}

bool careful_open(struct careful *careful, const struct work *work, struct error *err)
{
	struct work alone = *work;
	alone.wake = -1;
	careful->plugin = careful_plugin();
	return careful->plugin->open(careful_settings(careful), 1, &alone, &careful->executor, err);
}

void careful_process(struct careful *careful, const struct item *item, struct outcome *outcome)
{
	*outcome = outcome_of(item, OUTCOME_CANCELLED);
	careful->plugin->give(careful->executor, item, 1);
	enum executor_event event;
	do
		event = careful->plugin->next(careful->executor, false, outcome, INT64_MAX);
	while (event != EXECUTOR_OUTCOME && event != EXECUTOR_IDLE);
}

void careful_close(struct careful *careful)
{
	if (careful->executor) {
		careful->plugin->stop(careful->executor, STOP_NOW);
		careful->plugin->close(careful->executor);
	}
	careful->executor = NULL;
	arena_finish(&careful->arena);
}
