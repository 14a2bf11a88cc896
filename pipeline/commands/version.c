#include "pipeline/commands/command.h"

#include <stdio.h>

static int version_run(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	printf("nightmill %s\n", NIGHTMILL_VERSION);
	return EXIT_FINE;
}

const struct command command_version = {
	.name = "version",
	.usage = "version",
	.summary = "print the version",
	.run = version_run,
};
