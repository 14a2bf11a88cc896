/* overhead: what does an executor cost an item? 100,000 items that take no time through every
 * executor, in windows of 4096, given as main is told that it is hungry; microseconds of wall clock
 * an item, the best of ROUNDS rounds. And what does it cost to know where the time goes?
 *
 *     make benchmarks && build/release/benchmarks/overhead */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "pipeline/executor.h"
#include "pipeline/support/arena.h"
#include "pipeline/support/clock.h"
#include "pipeline/support/stopwatch.h"

enum { ITEMS = 100000, WINDOW = 4096, ROUNDS = 3 };

static bool overhead_open(const void *context, uint32_t number, void **worker, struct error *err)
{
	(void)context;
	(void)number;
	(void)err;
	*worker = NULL;
	return true;
}

static void overhead_process(void *worker, const struct item *item, struct outcome *outcome)
{
	(void)worker;
	*outcome = outcome_of(item, OUTCOME_MADE);
}

static struct item *overhead_items(void)
{
	static const struct slot path = { .data = "folder/picture.jpg", .length = 18 };
	struct item *items = memory_zeroed(ITEMS, sizeof(*items));
	for (uint32_t i = 0; i < ITEMS; i++)
		items[i] = (struct item){
			.id = { i, i },
			.attempt = 1,
			.ticket = i,
			.key = path.data,
			.key_length = path.length,
			.slots = &path,
			.slot_count = 1,
		};
	return items;
}

static double overhead_round(
	const struct executor_plugin *plugin, uint32_t workers, const struct item *items)
{
	const struct work work = {
		.open = overhead_open,
		.process = overhead_process,
		.wake = -1,
	};
	struct executor *executor;
	struct outcome outcome;
	struct error err;
	if (!plugin->open(NULL, workers, &work, &executor, &err)) {
		fprintf(stderr, "%s: %s\n", plugin->plugin.name, err.text);
		exit(EXIT_FAILURE);
	}
	const int64_t start = clock_micros();
	size_t given = 0;
	enum executor_event event;
	while ((event = plugin->next(executor, given < ITEMS, &outcome, INT64_MAX)) !=
		EXECUTOR_IDLE) {
		if (event != EXECUTOR_HUNGRY)
			continue;
		size_t count = ITEMS - given < WINDOW ? ITEMS - given : WINDOW;
		plugin->give(executor, items + given, count);
		given += count;
	}
	const int64_t end = clock_micros();
	plugin->close(executor);
	return (double)(end - start) / ITEMS;
}

static double overhead_cpu_nanos(void)
{
	struct timespec now;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)clock_nanos(&now);
}

/* What it costs to know where time goes: nanoseconds of CPU time for a span, which is entered and
 * left. */
static double overhead_span(uint32_t room)
{
	enum { SPANS = 1000000 };
	const struct stopwatch_size size = { 2, room };
	struct stopwatch_board *board = memory_zeroed(1, stopwatch_bytes(size));
	struct stopwatch watch;
	stopwatch_start(&watch, board, size, 0);
	const double start = overhead_cpu_nanos();
	for (int i = 0; i < SPANS; i++) {
		stopwatch_enter(&watch, 1);
		stopwatch_leave(&watch);
	}
	const double end = overhead_cpu_nanos();
	stopwatch_stop(&watch);
	free(board);
	return (end - start) / SPANS;
}

static double overhead_best_span(uint32_t room)
{
	double best = overhead_span(room);
	for (int i = 1; i < ROUNDS; i++) {
		double next = overhead_span(room);
		best = next < best ? next : best;
	}
	return best;
}

int main(void)
{
	static const uint32_t workers[] = { 1, 2, 4 };
	struct item *items = overhead_items();
	printf("us per item, with 1, 2 and 4 workers\n");
	for (size_t i = 0; executors[i]; i++) {
		const struct executor_plugin *plugin = (const struct executor_plugin *)executors[i];
		printf("%-14s", plugin->plugin.name);
		for (size_t j = 0; j < sizeof(workers) / sizeof(*workers); j++) {
			double best = overhead_round(plugin, workers[j], items);
			for (int round = 1; round < ROUNDS; round++) {
				double micros = overhead_round(plugin, workers[j], items);
				best = micros < best ? micros : best;
			}
			printf(" %8.2f", best);
		}
		printf("\n");
	}
	printf("to know where time goes: %.0f ns a span, %.0f with --trace\n",
		overhead_best_span(0), overhead_best_span(32768));
	free(items);
	return 0;
}
