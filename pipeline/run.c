#include "pipeline/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "pipeline/commands/command.h"
#include "pipeline/needs.h"
#include "pipeline/run_deeds.h"
#include "pipeline/run_loop.h"
#include "pipeline/run_report.h"
#include "pipeline/signals.h"
#include "pipeline/sinks.h"
#include "pipeline/support/clock.h"

enum { MICROS_PER_SECOND = 1000000, BYTES_PER_KIB = 1024, RUNS_LOOKED_AT = 10 };

/* For exit handlers, which get no argument. */
static bool run_unfinished;

static int run_fail(const char *what, const struct error *err)
{
	command_complain(what, err);
	return command_status(err);
}

/* What failed may have given up waiting because of a signal. */
static int run_failed_status(const struct error *err)
{
	int number;
	return signals_take(&number) ? EXIT_SIGNAL + number : command_status(err);
}

static int64_t run_cpu_micros(int who)
{
	struct rusage usage;
	getrusage(who, &usage);
	return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * INT64_C(1000000) +
	       usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static uint64_t run_peak_bytes(int who)
{
	struct rusage usage;
	getrusage(who, &usage);
	return (uint64_t)usage.ru_maxrss * BYTES_PER_KIB;
}

static struct state_run run_last(struct state *state)
{
	struct arena arena = { 0 };
	struct state_run *runs, last = { 0 };
	size_t count = 0;
	if (!state_runs(state, RUNS_LOOKED_AT, &arena, &runs, &count, NULL))
		count = 0;
	for (size_t i = 0; i < count && last.number == 0; i++)
		if (runs[i].finished_nanos)
			last = runs[i];
	last.name = last.executor = NULL;
	arena_finish(&arena);
	return last;
}

/* Once: how many the machine takes stands in dozens of files. */
static void run_size(struct run *run)
{
	const struct option_plugin *executor = &run->plan->config->executor;
	const struct executor_plugin *plugin = executor_of(executor->plugin);
	run->now.workers = plugin->workers(executor->settings, &run->why_workers);
	const uint32_t most = plugin->most ? plugin->most(executor->settings) : 1;
	run->most_workers = most > run->now.workers ? most : run->now.workers;
}

/* What the executor lacks is told once, while nothing has been done yet. */
static void run_notice(const struct run *run)
{
	const struct option_plugin *executor = &run->plan->config->executor;
	const struct executor_plugin *plugin = executor_of(executor->plugin);
	const char *notice = plugin->notice ? plugin->notice(executor->settings) : NULL;
	struct error what;
	if (!notice)
		return;
	fail(&what, ERROR_UNSUPPORTED, "%s", notice);
	progress_note(run->progress, plugin->plugin.name, &what);
}

static void run_open_progress(struct run *run)
{
	const struct progress_setup setup = {
		.name = run->plan->config->name,
		.config = run->options->config,
		.command = run->options->command,
		.failures = run->options->failures,
		.acts = run->plan->act,
		.executor = run->plan->config->executor.plugin->name,
		.why_workers = run->why_workers.data,
		.dry_run = run->options->dry_run,
		.last = run->last,
		.now = &run->now,
	};
	run->progress = progress_open(run->options->progress, &setup);
	if (!run->options->dry_run)
		run_notice(run);
}

static void run_prepare(struct run *run)
{
	run->last = run_last(run->survey.state);
	run->now.started_nanos = clock_wall_nanos();
	run->now.name = run->plan->config->name;
	run->now.executor = run->plan->config->executor.plugin->name;
}

static bool run_begin(struct run *run, struct error *err)
{
	if (!state_begin_run(run->survey.state, &run->now, err))
		return false;
	run->recorder.run = run->now.number;
	return true;
}

/* Where a crash would end the run, what is in hand is noted; what the run before left noted is
 * looked at in a process of its own, which is forked before there are threads. */
static bool run_open_notes(struct run *run, const struct work *work, struct error *err)
{
	/* What was in hand of a plan that acts is in doubt, and not tried at all. */
	if (run->plugin->isolates || run->plan->act)
		return true;
	if (!notes_open(run->plan->config->state, run->most_workers, &run->notes, err))
		return false;
	return notes_suspects(run->notes) == 0 || careful_open(&run->careful, work, err);
}

static bool run_open_executor(struct run *run, struct error *err)
{
	const struct plan *plan = run->plan;
	const char **temporary = memory_zeroed(plan->tail_count, sizeof(*temporary));
	for (size_t i = 0; i < plan->tail_count; i++)
		if (run->survey.outputs[i])
			temporary[i] = outputs_temporary_path(run->survey.outputs[i]);
	run->setup = (struct worker_setup){
		.plan = plan,
		.times = run->times,
		.careful = true,
		.temporary = temporary,
	};
	run->needs = needs_of(plan, temporary);
	struct work work = {
		.open = worker_open,
		.process = worker_process,
		.close = worker_close,
		.context = &run->setup,
		.needs = run->needs,
		.wake = run->wake,
	};
	run->plugin = executor_of(plan->config->executor.plugin);
	if (!run_open_notes(run, &work, err))
		return false;
	run->noting = run->setup;
	run->noting.notes = run->notes;
	run->noting.careful = false;
	work.context = &run->noting;
	return run->plugin->open(
		plan->config->executor.settings, run->now.workers, &work, &run->executor, err);
}

static void run_set_status(struct run *run)
{
	bool failed = run->new_failures || run->unreadable || run->doubts;
	bool strict = run->options->strict && run->now.known_failures;
	if (run->status == EXIT_FINE && (failed || strict))
		run->status = EXIT_ITEMS_FAILED;
	run->now.exit_status = run->status;
}

/* What stages make of all outputs together. */
static void run_conclude(struct run *run)
{
	struct error err;
	for (size_t i = 0; i < run->plan->tail_count; i++) {
		const struct plan_stage *stage = &run->plan->tail[i];
		if (stage->plugin->conclude && !stage->plugin->conclude(stage->prepared, &err))
			run_complain(run, stage->plugin->plugin.name, &err);
	}
}

/* What the head held back until everything was done. */
static void run_commit(struct run *run)
{
	struct error err;
	bool whole = run->survey.complete && !run->limited && !run->stopping && !run->abandoned;
	if (!whole || flow_commit(run->survey.flow, &err))
		return;
	run_halt(run, run->plan->config->name, &err);
	run->status = run_failed_status(&err);
	if (run->status == EXIT_USAGE)
		run->status = EXIT_HALTED;
}

static void run_finish(struct run *run)
{
	struct error err;
	struct state_run *now = &run->now;
	signals_relax();
	if (run->plan->act)
		run_deeds_finish(run);
	if (!recorder_tick(&run->recorder, true, &err))
		run_halt(run, "state", &err);
	if (run->executor && !run->abandoned)
		run->plugin->close(run->executor);
	run->executor = NULL;
	run_conclude(run);
	run_commit(run);
	if (run->notes && run->survey.complete && !run->limited && run->status == EXIT_FINE)
		notes_clear_all(run->notes);
	now->cancelled += windows_waiting(&run->windows) + run->retries.count;
	run_set_status(run);
	now->finished_nanos = clock_wall_nanos();
	now->micros = clock_micros() - run->started_micros;
	now->cpu_micros = run_cpu_micros(RUSAGE_SELF) + run_cpu_micros(RUSAGE_CHILDREN);
	uint64_t self = run_peak_bytes(RUSAGE_SELF), child = run_peak_bytes(RUSAGE_CHILDREN);
	now->peak_bytes = self > child ? self : child;
	if (!run_report_times(run, &err) || !state_put_run(run->survey.state, now, &err) ||
		!state_commit(run->survey.state, &err))
		run_halt(run, "state", &err);
	run_note_lookups(run);
	if (!run_report_files(run, &err))
		run_halt(run, "files about this run", &err);
	progress_close(run->progress, flow_counts(run->survey.flow));
}

static int run_close(struct run *run)
{
	run_unfinished = false;
	if (run->abandoned)
		_exit(run->status); /* workers that hang still hold what is freed below */
	recorder_close(&run->recorder);
	survey_close(&run->survey);
	windows_close(&run->windows);
	read_ahead_close(run->ahead);
	retries_close(&run->retries);
	signals_close();
	careful_close(&run->careful);
	notes_close(run->notes);
	free((void *)run->setup.temporary);
	free(run->needs);
	times_close(run->times);
	text_finish(&run->why_workers);
	return run->status;
}

static int run_acting(struct run *run)
{
	struct error err;
	run_open_progress(run);
	if (run_deeds_plan(run)) {
		if (run_open_executor(run, &err))
			run_loop(run);
		else
			run_halt(run, "executor", &err);
	}
	run_finish(run);
	return run->status;
}

static int run_for_real(struct run *run)
{
	struct error err;
	if (!recorder_open(&run->recorder, &run->survey, &err))
		return run_fail(run->plan->config->name, &err);
	run_prepare(run);
	if (!run_begin(run, &err))
		return run_fail(run->plan->config->name, &err);
	if (run->plan->act)
		return run_acting(run);
	if (!run_open_executor(run, &err))
		return run_fail(run->plan->config->name, &err);
	run_open_progress(run);
	run->ahead = read_ahead_open(run->plan);
	run_loop(run);
	run_finish(run);
	return run->status;
}

/* Counts what is due in the current batch, up to --limit; true where the walk may end. */
static bool run_dry_batch(struct run *run)
{
	uint64_t limit = run->options->limit;
	survey_count(&run->survey, &run->now);
	for (size_t i = 0; i < run->survey.batch.count; i++) {
		if (run->survey.verdicts[i] > FRESHNESS_DUE_END)
			continue;
		if (run->survey.verdicts[i] == FRESHNESS_REFUSED)
			run->now.failed++;
		else if (limit && run->now.made == limit)
			run->now.cancelled++;
		else {
			run->now.made++;
			if (run->plan->act)
				run_deeds_show(run, &run->survey.batch.items[i]);
		}
	}
	int number;
	if (signals_take(&number) == 0)
		return run->survey.complete || (limit && run->now.made == limit);
	run->status = EXIT_SIGNAL + number;
	return true;
}

static int run_dry(struct run *run)
{
	struct error err;
	run_prepare(run);
	run_open_progress(run);
	bool fine = true;
	do
		fine = survey_step(&run->survey, &err);
	while (fine && !run_dry_batch(run));
	if (!fine) {
		progress_note(run->progress, "source", &err);
		run->status = run_failed_status(&err);
	}
	if (run->plan->act)
		run_deeds_show_end(run);
	run->now.micros = clock_micros() - run->started_micros;
	run_set_status(run);
	run_note_lookups(run);
	if (!run_report_times(run, &err) || !run_report_files(run, &err))
		run_halt(run, "files about this run", &err);
	progress_close(run->progress, flow_counts(run->survey.flow));
	return run->status;
}

/* A library that ends the program in the middle of a run must not make it look like a success. */
static void run_ended_early(void)
{
	if (!run_unfinished)
		return;
	fputs("nightmill: the program was ended in the middle of a run, not by itself; "
	      "run it again\n",
		stderr);
	_exit(EXIT_INTERNAL);
}

static bool run_open(struct run *run, struct error *err)
{
	const struct run_options *options = run->options;
	run_size(run);
	run->times = times_open(run->plan, run->most_workers, sinks_trace(options->sinks), err);
	if (!run->times)
		return false;
	const struct survey_options survey = {
		.force = options->force,
		.retry_failed = options->retry_failed,
		.look_only = options->dry_run,
		.complain = run_complain,
		.note = run_note,
		.wait = run_pause,
		.context = run,
		.watch = times_main(run->times),
	};
	return signals_open(&run->wake, err) && survey_open(&run->survey, run->plan, &survey, err);
}

int run_plan(const struct plan *plan, const struct run_options *options)
{
	struct error err;
	if (!sinks_check(options->sinks, options->dry_run, &err))
		return run_fail(NULL, &err);
	if (plan->act && options->force) {
		fail(&err, ERROR_USAGE,
			"--force would do again what is done to the world; --retry-failed tries "
			"again what failed");
		return run_fail(plan->config->name, &err);
	}
	struct run *run = memory_zeroed(1, sizeof(*run));
	run->plan = plan;
	run->options = options;
	run->started_micros = clock_micros();
	run->give_up_micros = INT64_MAX;
	run_unfinished = true;
	atexit(run_ended_early);
	windows_open(&run->windows);
	if (!run_open(run, &err)) {
		command_complain(plan->config->name, &err);
		run->status = run_failed_status(&err);
	} else {
		run->status = options->dry_run ? run_dry(run) : run_for_real(run);
	}
	int status = run_close(run);
	free(run);
	return status;
}
