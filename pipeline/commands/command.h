#ifndef NIGHTMILL_COMMANDS_COMMAND_H
#define NIGHTMILL_COMMANDS_COMMAND_H

/* One verb of the command line, one file. */

#include <stddef.h>

#include "pipeline/support/error.h"

struct command {
	const char *name;
	const char *usage;                 /* "run CONFIG [options]" and its options, a line each */
	const char *summary;               /* one sentence */
	int (*run)(int argc, char **argv); /* argv[0] is the verb; returns the exit status */
};

/* pipeline/commands/table.c, NULL-terminated. */
extern const struct command *const commands[];

enum exit_status {
	EXIT_FINE = 0,
	EXIT_INTERNAL = 1,
	EXIT_USAGE = 2,
	EXIT_ITEMS_FAILED = 3,
	EXIT_HALTED = 4,
	EXIT_OUT_OF_TIME = 5,
	EXIT_NO_PAIRING = 6,
	EXIT_LOCKED = 11,
	EXIT_SIGNAL = 128, /* plus the signal's number */
};

/* The exit status for an error that ends a command. */
int command_status(const struct error *err);

/* Prints "nightmill: what: text" to standard error, safe for a terminal. `what` may be NULL. */
void command_complain(const char *what, const struct error *err);

/* Prints bytes to standard output, safe for a terminal: names may hold anything. */
void command_print(const char *data, size_t length);

#endif
