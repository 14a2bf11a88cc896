#include "pipeline/commands/verb.h"

#include <stdio.h>
#include <string.h>

#include "pipeline/commands/loaded.h"
#include "pipeline/flow.h"
#include "pipeline/head.h"
#include "pipeline/ledger.h"
#include "pipeline/run.h"
#include "pipeline/sinks.h"
#include "pipeline/state.h"

/* What a verb of the head and one of the tail have in common. */
struct verb_named {
	const char *name, *usage, *summary;
	bool writes;
	const struct head_verb *head; /* NULL: of the tail */
	const struct stage_verb *tail;
};

/* A verb at work. */
struct verb {
	struct verb_named verb;
	const struct plan_head *stage;
	struct arguments arguments;
	struct loaded loaded;
	struct state *lock; /* holds the lock of the state, where the verb writes */
	struct ledger *ledger;
	struct head_place place;
	void *state;
	struct batch batch;
};

/* The verb number `index` of a stage; false behind the last. */
static bool verb_at(const struct stage_plugin *stage, size_t index, struct verb_named *named)
{
	*named = (struct verb_named){ 0 };
	if (stage->head && stage->head->verbs) {
		const struct head_verb *verb = &stage->head->verbs[index];
		*named = (struct verb_named){ verb->name, verb->usage, verb->summary, verb->writes,
			verb, NULL };
	} else if (stage->verbs) {
		const struct stage_verb *verb = &stage->verbs[index];
		*named = (struct verb_named){ verb->name, verb->usage, verb->summary, verb->writes,
			NULL, verb };
	}
	return named->name;
}

const struct stage_plugin *verb_stage(const char *name)
{
	struct verb_named first;
	for (size_t i = 0; stages[i]; i++)
		if (strcmp(stages[i]->name, name) == 0 && verb_at(stage_of(stages[i]), 0, &first))
			return stage_of(stages[i]);
	return NULL;
}

void verb_list(FILE *out)
{
	struct verb_named verb;
	for (size_t i = 0; stages[i]; i++)
		for (size_t j = 0; verb_at(stage_of(stages[i]), j, &verb); j++)
			fprintf(out, "  %s %s: %s\n", stages[i]->name, verb.name, verb.summary);
}

static void verb_complain(void *context, const char *what, const struct error *err)
{
	(void)context;
	command_complain(what, err);
}

static bool verb_no_stage(
	const struct verb *self, const struct stage_plugin *stage, struct error *err)
{
	return fail(err, ERROR_USAGE, "'%s' has no stage '%s'", self->arguments.config,
		stage->plugin.name);
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
	return verb_no_stage(self, stage, err);
}

static bool verb_open_ledger(struct verb *self, struct error *err)
{
	const char *state = self->loaded.config.state;
	return (!self->verb.writes || state_open(state, STATE_WRITE, &self->lock, err)) &&
	       ledger_open(self->loaded.plan.ledger, self->verb.writes ? LEDGER_WRITE : LEDGER_READ,
		       &self->ledger, err);
}

static bool verb_open_stage(struct verb *self, struct error *err)
{
	if (!verb_open_ledger(self, err))
		return false;
	self->place = (struct head_place){
		.fields = &self->stage->fields,
		.stores = &self->loaded.plan.stores,
		.job = self->loaded.config.name,
		.ledger = self->ledger,
		.now_seconds = self->loaded.plan.now_seconds,
		.look_only = !self->verb.writes,
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

static bool verb_do_head(struct verb *self, const struct stage_plugin *stage,
	const struct head_words *words, int *status, struct error *err)
{
	size_t index;
	return verb_find_stage(self, stage, &index, err) && verb_open_stage(self, err) &&
	       verb_feed(self, index, err) && self->verb.head->run(self->state, words, status, err);
}

/* "state/x.db" to "state/x.VERB.db". */
static const char *verb_state(struct verb *self)
{
	const char *state = self->loaded.config.state;
	size_t length = strlen(state);
	if (length > 3 && strcmp(state + length - 3, ".db") == 0)
		length -= 3;
	return arena_printf(&self->loaded.arena, "%.*s.%s.db", (int)length, state, self->verb.name);
}

/* A run of what the verb puts in place of the config's source and stages. */
static bool verb_do_run(
	struct verb *self, const struct stage_desk *desk, int *status, struct error *err)
{
	const char *const no_files[SINKS] = { NULL };
	struct problems problems = { 0 };
	struct run_options options;
	struct stage_derived derived;
	struct config config = self->loaded.config;
	struct plan plan;
	if (!loaded_options(&self->arguments, &options)) {
		*status = EXIT_USAGE;
		return true;
	}
	if (!self->verb.tail->derive(desk, &self->loaded.arena, &derived, err) ||
		!state_open(config.state, STATE_WRITE, &self->lock, err))
		return false;
	config.stores = (struct option_plugins){ 0 };
	config.source = derived.source;
	config.stages = (struct option_plugins){ &derived.stage, 1 };
	config.state = verb_state(self);
	options.sinks = no_files;
	options.command = arena_printf(
		&self->loaded.arena, "%s %s", derived.stage.plugin->name, self->verb.name);
	options.failures = derived.failures;
	*status = EXIT_USAGE;
	if (plan_make(&config, &self->loaded.arena, &plan, &problems)) {
		plan.ledger = self->loaded.plan.ledger;
		*status = run_plan(&plan, &options);
	}
	problems_print(&problems);
	problems_finish(&problems);
	return true;
}

static const struct option_plugin *verb_self(
	const struct verb *self, const struct plan_stage *stage)
{
	const struct option_plugins *all = &self->loaded.config.stages;
	size_t i = 0;
	while (all->items[i].settings != stage->settings)
		i++;
	return &all->items[i];
}

static bool verb_do_tail(struct verb *self, const struct stage_plugin *stage,
	const struct head_words *words, int *status, struct error *err)
{
	const struct plan *plan = &self->loaded.plan;
	size_t i = 0;
	while (i < plan->tail_count && plan->tail[i].plugin != stage)
		i++;
	if (i == plan->tail_count)
		return verb_no_stage(self, stage, err);
	struct stage_desk desk = {
		.prepared = plan->tail[i].prepared,
		.self = verb_self(self, &plan->tail[i]),
		.job = self->loaded.config.name,
		.config = self->arguments.config,
	};
	if (self->verb.tail->derive)
		return verb_do_run(self, &desk, status, err);
	if (!verb_open_ledger(self, err))
		return false;
	desk.ledger = self->ledger;
	return self->verb.tail->run(&desk, words, status, err);
}

static bool verb_do(
	struct verb *self, const struct stage_plugin *stage, int *status, struct error *err)
{
	const struct arguments *arguments = &self->arguments;
	const struct head_words words = {
		.operand = arguments->item,
		.add = arguments->add,
		.remove = arguments->remove,
		.add_count = arguments->add_count,
		.remove_count = arguments->remove_count,
		.as = arguments->as,
		.to = arguments->to,
		.limit = arguments->limit,
		.yes = arguments->yes,
	};
	const bool done = self->verb.head ? verb_do_head(self, stage, &words, status, err)
					  : verb_do_tail(self, stage, &words, status, err);
	return done && (!self->verb.writes || ledger_commit(self->ledger, err));
}

static int verb_command(struct verb *self, const struct stage_plugin *stage, int argc, char **argv)
{
	struct error err;
	int status = EXIT_FINE;
	const struct command command = {
		.name = stage->plugin.name,
		.usage = self->verb.usage,
		.summary = self->verb.summary,
	};
	/* What only verbs of the tail take, or those that are runs. */
	const char *allowed = self->verb.head           ? "CsiyARn"
			      : self->verb.tail->derive ? "Csyewdlrp"
							: "CsiyARnalo";
	if (!arguments_parse(&command, allowed, argc, argv, &self->arguments) ||
		!loaded_open(&self->loaded, &self->arguments))
		return EXIT_USAGE;
	if (!verb_do(self, stage, &status, &err)) {
		command_complain(NULL, &err);
		status = command_status(&err);
	}
	if (self->verb.head && self->state)
		stage->head->close(self->state);
	ledger_close(self->ledger);
	state_close(self->lock);
	arena_finish(&self->batch.arena);
	loaded_close(&self->loaded);
	return status;
}

int verb_run(const struct stage_plugin *stage, int argc, char **argv)
{
	struct verb self = { .arguments = { 0 } };
	const char *name = argc > 1 ? argv[1] : "";
	for (size_t i = 0; verb_at(stage, i, &self.verb); i++)
		if (strcmp(self.verb.name, name) == 0)
			return verb_command(&self, stage, argc - 1, argv + 1);
	fprintf(stderr, "nightmill %s: %s '%s'; there are:", stage->plugin.name,
		*name ? "unknown verb" : "which verb?", name);
	for (size_t i = 0; verb_at(stage, i, &self.verb); i++)
		fprintf(stderr, "%s %s", i ? "," : "", self.verb.name);
	fputs("\n", stderr);
	return EXIT_USAGE;
}
