#ifndef NIGHTMILL_COMMANDS_ARGUMENTS_H
#define NIGHTMILL_COMMANDS_ARGUMENTS_H

/* The options of the verbs that take a config. Knows nothing of the engine: <getopt.h> and option.h
 * both have a struct option. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/commands/command.h"

enum { ARGUMENTS_SETS = 64, ARGUMENTS_KEYS = 256 };

struct arguments {
	const char *config;
	const char *item; /* the operand behind the config; NULL: none */
	const char *executor, *workers;
	const char *sets[ARGUMENTS_SETS];
	size_t set_count;
	const char *add[ARGUMENTS_KEYS], *remove[ARGUMENTS_KEYS];
	size_t add_count, remove_count;
	const char *as, *to;
	bool dry_run, force, retry_failed, strict, yes;
	uint64_t limit;
	int64_t now_seconds; /* since 1970 UTC; where has_now */
	bool has_now;
	const char *progress;                  /* as typed; NULL: not given */
	const char *profile, *trace, *metrics; /* paths; NULL: not given */
};

/* Parses the words behind the verb. `allowed` has a letter for every option that the verb takes: C
 * directory, s set, e executor, w workers, d dry-run, l limit, f force, r retry-failed, t strict, p
 * progress, y yes, A add, R remove, a as, o to, n now, P profile, T trace, M metrics; i: an item
 * may follow the config. -C is carried out at once. False after a message on standard error. */
bool arguments_parse(const struct command *command, const char *allowed, int argc, char **argv,
	struct arguments *arguments);

#endif
