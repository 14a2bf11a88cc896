#include "pipeline/run.h"

#include <stdio.h>
#include <string.h>

#include "pipeline/commands/loaded.h"

extern const struct command command_run;

static int run_command(int argc, char **argv)
{
	struct arguments arguments;
	struct loaded loaded;
	struct run_options options;
	if (!arguments_parse(&command_run, "CsewdlfrtpnPTMy", argc, argv, &arguments) ||
		!loaded_options(&arguments, &options) || !loaded_open(&loaded, &arguments))
		return EXIT_USAGE;
	const char *const files[SINKS] = {
		[SINK_PROFILE] = arguments.profile,
		[SINK_TRACE] = arguments.trace,
		[SINK_METRICS] = arguments.metrics,
	};
	options.sinks = files;
	int status = run_plan(&loaded.plan, &options);
	loaded_close(&loaded);
	return status;
}

const struct command command_run = {
	.name = "run",
	.usage =
		"run CONFIG [options]\n"
		"  --executor NAME   sequential, threads, forked or work-stealing\n"
		"  --workers N|auto  how many workers\n"
		"  --dry-run         tell what would be made, change nothing\n"
		"  --limit N         give at most N items to the workers\n"
		"  --force           make everything again\n"
		"  --retry-failed    try known failures again\n"
		"  --strict          known failures are an error too\n"
		"  --yes             act on the world although a guard would halt\n"
		"  --progress MODE   auto, plain, json or none\n"
		"  --now TIME        plan as at this time (2026-03-28T03:30:00+01:00), for trials\n"
		"  --profile FILE    where the time went, for callgrind_annotate or KCachegrind\n"
		"  --trace FILE      the same as a timeline, for Perfetto\n"
		"  --metrics FILE    figures for Prometheus (node_exporter's textfile collector)\n"
		"  --set path=value  override a value of the config\n"
		"  -C DIR            start in this folder",
	.summary = "do what is due",
	.run = run_command,
};
