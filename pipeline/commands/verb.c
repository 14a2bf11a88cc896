#include "pipeline/commands/verb.h"

#include <stdio.h>
#include <string.h>

#include "pipeline/commands/loaded.h"
#include "pipeline/flow.h"
#include "pipeline/head.h"
#include "pipeline/ledger.h"
#include "pipeline/state.h"

/* A verb at work. */
struct verb {
	const struct head_verb *verb;
	const struct plan_head *stage;
	struct arguments arguments;
	struct loaded loaded;
	struct state *lock; /* holds the lock of the state, where the verb writes */
	struct ledger *ledger;
	struct head_place place;
	void *state;
	struct batch batch;
};

const struct stage_plugin *verb_stage(const char *name)
{
	for (size_t i = 0; stages[i]; i++) {
		const struct stage_plugin *stage = stage_of(stages[i]);
		if (stage->head && stage->head->verbs && strcmp(stages[i]->name, name) == 0)
			return stage;
	}
	return NULL;
}

void verb_list(FILE *out)
{
	for (size_t i = 0; stages[i]; i++) {
		const struct stage_plugin *stage = stage_of(stages[i]);
		if (!stage->head || !stage->head->verbs)
			continue;
		for (const struct head_verb *verb = stage->head->verbs; verb->name; verb++)
			fprintf(out, "  %s %s: %s\n", stages[i]->name, verb->name, verb->summary);
	}
}

static void verb_complain(void *context, const char *what, const struct error *err)
{
	(void)context;
	command_complain(what, err);
}

static bool verb_find_stage(
	struct verb *self, const struct stage_plugin *stage, size_t *index, struct error *err)
{
	const struct plan *plan = &self->loaded.plan;
	for (*index = 0; *index < plan->head_count; (*index)++) {
		self->stage = &plan->head[*index];
		if (self->stage->plugin == stage)
			return true;
	}
	return fail(err, ERROR_USAGE, "'%s' has no stage '%s'", self->arguments.config,
		stage->plugin.name);
}

static bool verb_open_stage(struct verb *self, struct error *err)
{
	const bool writes = self->verb->writes;
	const char *state = self->loaded.config.state;
	if ((writes && !state_open(state, STATE_WRITE, &self->lock, err)) ||
		!ledger_open(ledger_path(state, &self->loaded.arena),
			writes ? LEDGER_WRITE : LEDGER_READ, &self->ledger, err))
		return false;
	self->place = (struct head_place){
		.fields = &self->stage->fields,
		.stores = &self->loaded.plan.stores,
		.ledger = self->ledger,
		.look_only = !writes,
		.complain = verb_complain,
		.note = verb_complain,
	};
	return self->stage->plugin->head->open(
		self->stage->prepared, &self->place, &self->state, err);
}

/* Takes the records that reached the stage. */
static bool verb_step(struct verb *self, struct error *err)
{
	struct batch *batch = &self->batch;
	size_t kept = 0;
	for (size_t i = 0; i < batch->count; i++)
		if (!batch->refused[i])
			batch->items[kept++] = batch->items[i];
	return kept == 0 ||
	       self->stage->plugin->head->step(self->state, batch->items, kept, NULL, err);
}

/* The source and the stages in front of this one. */
static bool verb_feed(struct verb *self, size_t index, struct error *err)
{
	struct plan plan = self->loaded.plan;
	struct source_setup setup = { .complain = verb_complain, .note = verb_complain };
	struct flow *flow = NULL;
	plan.head_count = index;
	bool complete = false, fine = flow_open(&plan, &setup, FLOW_LOOK, &flow, err);
	while (fine && !complete) {
		arena_reset(&self->batch.arena);
		fine = flow_step(flow, &self->batch, &complete, err) && verb_step(self, err);
	}
	flow_close(flow);
	return fine;
}

static bool verb_do(
	struct verb *self, const struct stage_plugin *stage, int *status, struct error *err)
{
	size_t index;
	const struct arguments *arguments = &self->arguments;
	const struct head_words words = {
		.operand = arguments->item,
		.add = arguments->add,
		.remove = arguments->remove,
		.add_count = arguments->add_count,
		.remove_count = arguments->remove_count,
		.yes = arguments->yes,
	};
	return verb_find_stage(self, stage, &index, err) && verb_open_stage(self, err) &&
	       verb_feed(self, index, err) && self->verb->run(self->state, &words, status, err) &&
	       (!self->verb->writes || ledger_commit(self->ledger, err));
}

static int verb_command(struct verb *self, const struct stage_plugin *stage, int argc, char **argv)
{
	struct error err;
	int status = EXIT_FINE;
	const struct command command = {
		.name = stage->plugin.name,
		.usage = self->verb->usage,
		.summary = self->verb->summary,
	};
	if (!arguments_parse(&command, "CsiyAR", argc, argv, &self->arguments) ||
		!loaded_open(&self->loaded, &self->arguments))
		return EXIT_USAGE;
	if (!verb_do(self, stage, &status, &err)) {
		command_complain(NULL, &err);
		status = command_status(&err);
	}
	stage->head->close(self->state);
	ledger_close(self->ledger);
	state_close(self->lock);
	arena_finish(&self->batch.arena);
	loaded_close(&self->loaded);
	return status;
}

int verb_run(const struct stage_plugin *stage, int argc, char **argv)
{
	struct verb self = { .verb = stage->head->verbs };
	const char *name = argc > 1 ? argv[1] : "";
	while (self.verb->name && strcmp(self.verb->name, name) != 0)
		self.verb++;
	if (self.verb->name)
		return verb_command(&self, stage, argc - 1, argv + 1);
	fprintf(stderr, "nightmill %s: %s '%s'; there are:", stage->plugin.name,
		*name ? "unknown verb" : "which verb?", name);
	for (const struct head_verb *verb = stage->head->verbs; verb->name; verb++)
		fprintf(stderr, "%s %s", verb == stage->head->verbs ? "" : ",", verb->name);
	fputs("\n", stderr);
	return EXIT_USAGE;
}
