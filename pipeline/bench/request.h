#ifndef NIGHTMILL_BENCH_REQUEST_H
#define NIGHTMILL_BENCH_REQUEST_H

/* What the command line asks of `nightmill bench`. Knows nothing of the engine: <getopt.h> and
 * option.h both have a struct option. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/commands/arguments.h"

enum {
	REQUEST_WORKERS = 32, /* different numbers of workers */
	REQUEST_MOST_WORKERS = 1024,
	REQUEST_MOST_ROUNDS = 1000,
	REQUEST_MOST_ITEMS = 1000000
};

struct bench_request {
	struct arguments config; /* config and sets; config.config NULL: a built-in workload */
	const char *workload;    /* "config" or the name of a built-in one */
	const char *executors;   /* names with commas between them; NULL: all */
	uint32_t workers[REQUEST_WORKERS];
	size_t worker_count; /* 0: not given */
	uint32_t rounds;
	uint32_t items; /* 0: as many as take about two seconds */
	bool cold, json;
	const char *html; /* path; NULL: no page */
};

/* Parses the words behind the verb; -C is carried out at once. False after a message on standard
 * error. */
bool request_parse(
	const struct command *command, int argc, char **argv, struct bench_request *request);

#endif
