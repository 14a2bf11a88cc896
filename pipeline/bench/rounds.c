#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/bench/bench.h"

enum {
	ROUNDS_LONG = 2000000,  /* us that one worker may need for all items */
	ROUNDS_SHORT = 1000000, /* us below which the items are given several times */
	ROUNDS_REPEATS = 1000,
	ROUNDS_EACH = 4 /* items for each worker at least */
};

/* The pages of one file leave the cache. Where it may be done, the kernel's names of files follow.
 */
static void rounds_cool(const struct workload *workload)
{
	char path[PATH_MAX];
	for (size_t i = 0; workload->path && i < workload->count; i++) {
		if (!workload->path(workload, i, path, sizeof(path)))
			continue;
		int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		if (file < 0)
			continue;
		posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
		close(file);
	}
	int file = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);
	if (file < 0)
		return;
	if (write(file, "3", 1) != 1)
		fprintf(stderr, "nightmill: only the sources' own pages could be dropped\n");
	close(file);
}

static bool rounds_run(struct bench *bench, struct measure *measure, const struct bench_case *which,
	int64_t most_micros, struct measured *measured)
{
	const struct measure_case what = {
		.workload = bench->workload,
		.count = bench->workload->count,
		.plugin = which->plugin,
		.settings = which->settings,
		.workers = which->workers,
		.most_micros = most_micros,
	};
	if (bench->cold)
		rounds_cool(bench->workload);
	return measure_run(measure, &what, measured);
}

/* The same items again under other ids, so that their temporary files don't meet. */
static void rounds_repeat(struct workload *workload, size_t times)
{
	size_t count = workload->count;
	struct item *items = arena_alloc(&workload->arena, times * count * sizeof(*items));
	for (size_t i = 0; i < times * count; i++) {
		items[i] = workload->items[i % count];
		items[i].ticket = (uint32_t)i;
		items[i].id.low += i / count;
	}
	workload->items = items;
	workload->count = times * count;
}

/* One worker has done `measured` in at most two seconds: that many items are enough, or too few. */
static void rounds_settle(struct bench *bench, const struct measured *measured)
{
	struct workload *workload = bench->workload;
	size_t least = 1;
	for (size_t i = 0; i < bench->count; i++)
		if (least < (size_t)bench->cases[i].workers * ROUNDS_EACH)
			least = (size_t)bench->cases[i].workers * ROUNDS_EACH;
	size_t count = measured->items > least ? (size_t)measured->items : least;
	if (count < workload->count)
		workload->count = count;
	bench->distinct = workload->count;
	if (bench->cold || measured->items < workload->count || measured->wall_micros <= 0 ||
		measured->wall_micros >= ROUNDS_SHORT)
		return;
	int64_t times = ROUNDS_SHORT / measured->wall_micros + 1;
	rounds_repeat(workload, times < ROUNDS_REPEATS ? (size_t)times : ROUNDS_REPEATS);
}

/* Reads all that is to be in the page cache. Stopped after two seconds where the number of items is
 * ours to choose. */
static bool rounds_warm_up(
	struct bench *bench, const struct bench_setup *setup, int wake, struct error *err)
{
	struct measured measured;
	struct measure *measure;
	bool free_choice = !setup->items && !bench->workload->tiny;
	if (!measure_open(&measure, bench->workload->count, wake, err))
		return false;
	bool finished = rounds_run(
		bench, measure, &bench->cases[0], free_choice ? ROUNDS_LONG : 0, &measured);
	measure_close(measure);
	if (!finished)
		return fail(err, ERROR_NONE, "stopped");
	if (!measured.fine)
		return fail(err, ERROR_CRASHED, "%s: %s", bench->cases[0].plugin->plugin.name,
			measured.trouble);
	bench->distinct = bench->workload->count;
	if (free_choice)
		rounds_settle(bench, &measured);
	return true;
}

static void rounds_tell(const struct bench *bench, const struct bench_setup *setup,
	const struct bench_case *which, uint32_t round)
{
	if (setup->tell)
		fprintf(stderr, "\r\033[Kround %u of %u: %s, %u worker%s", round + 1, bench->rounds,
			which->plugin->plugin.name, which->workers, which->workers == 1 ? "" : "s");
}

static void rounds_keep_spans(
	struct bench *bench, struct bench_case *which, const struct measure *measure)
{
	size_t bytes = bench->workload->count * sizeof(*which->spans);
	if (bench->workload->tiny)
		return;
	which->spans = arena_alloc(&bench->arena, bytes);
	memcpy(which->spans, measure_spans(measure), bytes);
}

/* There and back again by turns, so that a machine that becomes slower or faster treats all alike.
 */
static bool rounds_one(struct bench *bench, const struct bench_setup *setup,
	struct measure *measure, uint32_t round)
{
	for (size_t i = 0; i < bench->count; i++) {
		size_t place = round % 2 ? bench->count - 1 - i : i;
		struct bench_case *which = &bench->cases[place];
		rounds_tell(bench, setup, which, round);
		if (!rounds_run(bench, measure, which, 0, &which->measured[round]))
			return false;
		if (round + 1 == bench->rounds)
			rounds_keep_spans(bench, which, measure);
	}
	bench->done++;
	return true;
}

bool bench_measure(
	struct bench *bench, const struct bench_setup *setup, int wake, struct error *err)
{
	struct measure *measure = NULL;
	if (setup->tell)
		fprintf(stderr, "\r\033[Kwarming up");
	bool fine = rounds_warm_up(bench, setup, wake, err) &&
		    measure_open(&measure, bench->workload->count, wake, err);
	for (uint32_t round = 0; fine && round < bench->rounds; round++)
		fine = rounds_one(bench, setup, measure, round) || fail(err, ERROR_NONE, "stopped");
	measure_close(measure);
	if (setup->tell)
		fprintf(stderr, "\r\033[K");
	return fine;
}
