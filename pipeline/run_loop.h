#ifndef NIGHTMILL_RUN_LOOP_H
#define NIGHTMILL_RUN_LOOP_H

/* The main loop of a run: one thread that fills windows, gives them, pulls outcomes, records them
 * and watches signals and time, in small steps so that none of these waits for another. */

#include <stdbool.h>
#include <stdint.h>

#include "pipeline/careful.h"
#include "pipeline/executor.h"
#include "pipeline/notes.h"
#include "pipeline/pace.h"
#include "pipeline/read_ahead.h"
#include "pipeline/recorder.h"
#include "pipeline/retries.h"
#include "pipeline/run.h"
#include "pipeline/times.h"
#include "pipeline/windows.h"
#include "pipeline/worker.h"
#include "pipeline/support/text.h"

/* What is under way of a plan that acts on the world. */
struct acting {
	struct pace pace;       /* what waits for its turn */
	size_t in_hand;         /* given, and no outcome yet */
	struct deeds_end *ends; /* outcomes that are not written down yet, as many as workers */
	size_t end_count;
	bool eager;  /* more outcomes may be ready: they are taken first */
	bool killed; /* workers were killed over what they had in hand */
	struct arena scratch;
};

struct run {
	const struct plan *plan;
	const struct run_options *options;
	struct survey survey;
	struct recorder recorder;
	struct windows windows;
	struct read_ahead *ahead; /* NULL: no file is read */
	struct retries retries;
	struct acting acting;
	const struct executor_plugin *plugin;
	struct executor *executor;
	struct worker_setup setup, noting; /* alike, but that the second notes what is in hand */
	struct work_needs *needs;          /* of the plan; work borrows it */
	struct notes *notes;               /* NULL: the executor isolates its workers */
	struct careful careful;            /* open where the run before ended badly */
	struct times *times;               /* where the time goes */
	struct progress *progress;
	struct text why_workers; /* so many as now.workers */
	uint32_t most_workers;   /* that there may be at some time of the run */
	struct state_run last;   /* the last one that finished; number 0: none */
	struct state_run now;
	uint64_t given; /* items, first attempts only */
	uint64_t new_failures;
	uint64_t unreadable; /* folders and the like, told by the source */
	uint64_t doubts;     /* deeds of which nobody knows how they ended */
	int wake;
	int signals; /* that came so far */
	bool hungry, stopping;
	bool limited;   /* --limit ended the walk */
	bool abandoned; /* workers that cannot be stopped are left behind */
	int64_t started_micros;
	int64_t give_up_micros; /* when what is in hand is not waited for any more */
	int status;
};

/* Works until nothing is left, or the run has been stopped and what was in hand has come back. */
void run_loop(struct run *run);

/* Notes why and stops: nothing more is given, what is in hand is finished. The run's status becomes
 * EXIT_HALTED, or EXIT_INTERNAL where the error is. */
void run_halt(struct run *run, const char *what, const struct error *err);

/* Brings the figures of lookups up to date, for progress and summary. */
void run_note_lookups(struct run *run);

/* For struct survey_options: sleeps; false at once where a signal has come or max_time has passed.
 */
bool run_pause(void *context, int64_t micros);

/* The same: something that the source could not read. `context` is the run. */
void run_complain(void *context, const char *what, const struct error *err);

/* The same for something that people should know, and no failure. */
void run_note(void *context, const char *what, const struct error *err);

#endif
