#ifndef NIGHTMILL_RUN_H
#define NIGHTMILL_RUN_H

/* One run of a plan: source, judgement, executor, outputs, state. */

#include <stdbool.h>
#include <stdint.h>

#include "pipeline/plan.h"
#include "pipeline/progress.h"
#include "pipeline/sink.h"

struct run_options {
	const char *config;             /* its path, for messages */
	const char *command, *failures; /* for messages: "run" and "failures", or a stage's verbs */
	enum progress_mode progress;
	bool dry_run, force, retry_failed, strict;
	uint64_t limit;           /* of items given to the executor; 0: none */
	const char *const *sinks; /* the files that are wanted, see sinks.h */
	bool yes;                 /* deeds go although the guards would halt */
};

/* Runs the plan to its end and returns the exit status. */
int run_plan(const struct plan *plan, const struct run_options *options);

#endif
