#ifndef NIGHTMILL_STAGES_MAIL_TRANSPORTS_SECRET_H
#define NIGHTMILL_STAGES_MAIL_TRANSPORTS_SECRET_H

/* A password, which stands in no config. */

#include <stdbool.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/error.h"
#include "pipeline/support/yaml.h"

/* True where nothing is given at this key of `map`, or something that came from the environment. */
bool secret_from_environment(const struct yaml_node *map, const char *key);

/* Reads the first line of a file that only its owner (this user or root) may read; in `arena`. */
bool secret_from_file(
	const char *path, struct arena *arena, const char **secret, struct error *err);

#endif
