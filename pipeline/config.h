#ifndef NIGHTMILL_CONFIG_H
#define NIGHTMILL_CONFIG_H

/* The YAML file as settings: what the user asked for, checked row by row, not yet resolved into a
 * plan. */

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/options/option.h"
#include "pipeline/support/arena.h"
#include "pipeline/support/problems.h"
#include "pipeline/support/text.h"

/* `on_error`: when a run stops early, and how often an item whose failure is the moment's is tried.
 */
struct config_on_error {
	struct option_share
		halt; /* newly failed items; a percentage counts from 100 finished items on */
	int retries;  /* within one run, beyond the first try */
	struct option_duration backoff; /* before the first retry; doubles with each */
};

enum config_check { CONFIG_CHECK_TIMES, CONFIG_CHECK_STRICT };

struct config {
	const char *name;
	struct option_plugins stores;
	struct option_plugin source;
	struct option_plugins stages;
	struct option_plugin executor;
	const char *state; /* path of the state, filled in from the name where it was not given */
	struct config_on_error on_error;
	int check;                       /* enum config_check */
	struct option_duration max_time; /* 0: none */
	struct place place;              /* of the file's top */
	const struct yaml_node *node;    /* the file, for option_complain and config_canonical */
};

/* The rows of a config's top level. */
extern const struct option config_options[];

/* Reads and checks `path` ("-": standard input), after applying `sets` ("path=value", as --set
 * gives them). Keys at the top that start with x- are the user's own. The arena owns everything in
 * `config`. False where `problems` has grown. */
bool config_read(struct arena *arena, const char *path, const char *const *sets, size_t set_count,
	struct config *config, struct problems *problems);

/* The same from a tree, whose keys with x- it removes. */
bool config_parse(struct arena *arena, struct yaml_node *root, struct config *config,
	struct problems *problems);

/* Puts another executor (by its YAML word; NULL: the config's) and number of workers (as typed;
 * NULL: the config's, taken over where both executors have the option) into `config`. */
bool config_replace_executor(struct config *config, const char *name, const char *workers,
	struct arena *arena, struct problems *problems);

/* Adds the config with all defaults resolved, as YAML that reads back as the same config. */
void config_canonical(const struct config *config, struct text *text);

#endif
