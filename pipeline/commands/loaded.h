#ifndef NIGHTMILL_COMMANDS_LOADED_H
#define NIGHTMILL_COMMANDS_LOADED_H

/* The way from a config's path to a plan, for all verbs that need one. */

#include <stdbool.h>

#include "pipeline/commands/arguments.h"
#include "pipeline/config.h"
#include "pipeline/plan.h"
#include "pipeline/run.h"

/* A config with its plan; `arena` owns both. */
struct loaded {
	struct arena arena;
	struct config config;
	struct plan plan;
};

/* Reads the config that the arguments name and makes its plan. False after all problems were
 * printed. */
bool loaded_open(struct loaded *loaded, const struct arguments *arguments);

/* What the arguments say about a run, but for `sinks`. False after a message on standard error. */
bool loaded_options(const struct arguments *arguments, struct run_options *options);

/* Says on standard error where the state would be, where there is none: the path may be relative to
 * another folder. */
void loaded_mention_state(const struct loaded *loaded);

void loaded_close(struct loaded *loaded);

#endif
