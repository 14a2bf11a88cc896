#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/bench/bench.h"
#include "pipeline/bench/planned.h"
#include "pipeline/bench/report.h"
#include "pipeline/bench/request.h"
#include "pipeline/commands/loaded.h"
#include "pipeline/signals.h"
#include "pipeline/support/files.h"

extern const struct command command_bench;

enum { BENCH_PAGE_MODE = 0644 };

static int bench_fail(const char *what, const struct error *err)
{
	command_complain(what, err);
	return command_status(err);
}

static int bench_report(const struct bench *bench, const struct bench_request *request)
{
	struct recommendation recommendation;
	struct text text = { 0 };
	struct error err;
	int status = EXIT_FINE;
	recommend(bench, &recommendation);
	if (request->json)
		report_json(bench, &recommendation, false, &text);
	else
		report_table(bench, &recommendation, &text);
	fputs(text.data, stdout);
	text_clear(&text);
	if (request->html) {
		report_page(bench, &recommendation, &text);
		if (!files_replace(request->html, text.data, text.length, BENCH_PAGE_MODE, &err))
			status = bench_fail(request->html, &err);
	}
	text_finish(&text);
	return status;
}

static int bench_measured(struct bench *bench, const struct bench_setup *setup,
	const struct bench_request *request, int wake)
{
	struct error err;
	int number = 0;
	if (!bench_plan(bench, setup))
		return EXIT_USAGE;
	bool fine = bench_measure(bench, setup, wake, &err);
	signals_take(&number);
	if (number)
		return EXIT_SIGNAL + number;
	if (!fine)
		return bench_fail(bench->name, &err);
	bench_count(bench);
	return bench_report(bench, request);
}

static int bench_workload(
	const struct bench_request *request, const struct loaded *loaded, int wake)
{
	struct workload workload;
	struct error err;
	struct bench bench = {
		.name = loaded ? loaded->config.name : request->workload,
		.workload = &workload,
	};
	const struct bench_setup setup = {
		.config = loaded ? &loaded->config : NULL,
		.executors = request->executors,
		.workers = request->workers,
		.worker_count = request->worker_count,
		.items = request->items,
		.rounds = request->rounds,
		.cold = request->cold,
		.tell = isatty(STDERR_FILENO),
	};
	bool opened =
		loaded ? planned_open(&workload, &loaded->plan, request->items, &err)
		       : workload_open_built_in(&workload, request->workload, request->items, &err);
	int status = opened ? bench_measured(&bench, &setup, request, wake)
			    : bench_fail(bench.name, &err);
	workload_close(&workload);
	bench_close(&bench);
	return status;
}

/* Signals are ours before there is anything to be removed. */
static int bench_watched(const struct bench_request *request, const struct loaded *loaded)
{
	struct error err;
	int wake;
	if (!signals_open(&wake, &err))
		return bench_fail("bench", &err);
	int status = bench_workload(request, loaded, wake);
	signals_close();
	return status;
}

static int bench_command(int argc, char **argv)
{
	struct bench_request request;
	struct loaded loaded;
	if (!request_parse(&command_bench, argc, argv, &request))
		return EXIT_USAGE;
	if (!request.config.config)
		return bench_watched(&request, NULL);
	if (!loaded_open(&loaded, &request.config))
		return EXIT_USAGE;
	int status = EXIT_USAGE;
	if (loaded.plan.act) {
		struct error err;
		fail(&err, ERROR_USAGE, "'%s' acts on the world: to measure it would do that",
			request.config.config);
		command_complain(NULL, &err);
	} else
		status = bench_watched(&request, &loaded);
	loaded_close(&loaded);
	return status;
}

const struct command command_bench = {
	.name = "bench",
	.usage = "bench CONFIG [options], or bench --workload cpu|io|skewed|tiny [options]\n"
		 "  --executors A,B   those to compare (all); sequential always is\n"
		 "  --workers 1,2,4   how many workers each of them gets (1, 2, 4, ... and more "
		 "than CPUs)\n"
		 "  --rounds N        how often everything is measured, in turn (5)\n"
		 "  --items N         how many items (as many as take one worker two seconds)\n"
		 "  --cold            drop the files from the page cache before each measurement\n"
		 "  --json            figures as JSON instead of a table\n"
		 "  --html FILE       write a page with plots, which needs no network\n"
		 "  --set path=value  override a value of the config\n"
		 "  -C DIR            start in this folder\n"
		 "It makes real outputs in a folder of its own beside yours and removes them; "
		 "outputs and\n"
		 "state stay as they are.",
	.summary = "compare executors and numbers of workers",
	.run = bench_command,
};
