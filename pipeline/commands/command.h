#ifndef NIGHTMILL_COMMANDS_COMMAND_H
#define NIGHTMILL_COMMANDS_COMMAND_H

/* One verb of the command line, one file. */

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

#endif
