#include "pipeline/commands/command.h"

#include <stddef.h>

extern const struct command command_run, command_check, command_explain, command_history,
	command_failures, command_prune, command_help, command_list, command_schema,
	command_version, command_bench, command_advise;

const struct command *const commands[] = {
	&command_run,
	&command_check,
	&command_explain,
	&command_bench,
	&command_advise,
	&command_history,
	&command_failures,
	&command_prune,
	&command_help,
	&command_list,
	&command_schema,
	&command_version,
	NULL,
};
