#include "pipeline/executors/governor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/executors/limits.h"

enum { GOVERNOR_SECOND = 1000000, GOVERNOR_QUIET = 3, GOVERNOR_RESTS = 30 };

/* Shares of the time between two looks, and of a rate that is no worse. */
static const double governor_memory_full = 0.05, governor_memory_some = 0.10,
		    governor_disk_some = 0.40, governor_same_rate = 0.95;

/* What happened between two looks. */
struct governor_window {
	double seconds;
	double memory_some, memory_full, disk_some; /* shares; negative: not known */
	double rate;                                /* outcomes a second */
	uint64_t kills;
};

void governor_init(struct governor *governor, const void *settings, uint32_t workers)
{
	const struct auto_settings *own = settings;
	*governor = (struct governor){ .workers = workers, .most = workers };
	if (!own || own->workers.word < 0)
		return;
	const uint32_t most = auto_most(settings);
	governor->root = own->root ? own->root : "";
	governor->most = most > workers ? most : workers;
}

bool governor_is_due(const struct governor *governor, int64_t now)
{
	return governor->root && now - governor->before.micros >= GOVERNOR_MICROS;
}

/* "some avg10=0.00 avg60=0.00 avg300=0.00 total=123", a line for each kind. */
static int64_t governor_stalled(const char *root, const char *what, const char *kind)
{
	struct text path = { .data = NULL };
	static const char word[] = "total=";
	char line[256];
	int64_t total = -1;
	text_addf(&path, "%s/proc/pressure/%s", root, what);
	FILE *file = fopen(path.data, "re");
	text_finish(&path);
	while (file && fgets(line, sizeof(line), file)) {
		const char *at = strstr(line, word);
		if (at && strncmp(line, kind, strlen(kind)) == 0)
			total = strtoll(at + strlen(word), NULL, 10);
	}
	if (file)
		fclose(file);
	return total;
}

void governor_look(const char *root, struct governor_facts *facts)
{
	facts->limits = auto_look(root);
	facts->memory_some = governor_stalled(root, "memory", "some");
	facts->memory_full = governor_stalled(root, "memory", "full");
	facts->disk_some = governor_stalled(root, "io", "some");
	facts->kills = limits_kills(root);
}

static double governor_share(int64_t before, int64_t now, double seconds)
{
	return before < 0 || now < before ? -1 : (double)(now - before) / GOVERNOR_SECOND / seconds;
}

static struct governor_window governor_between(
	const struct governor_facts *before, const struct governor_facts *now)
{
	const double seconds = (double)(now->micros - before->micros) / GOVERNOR_SECOND;
	return (struct governor_window){
		.seconds = seconds,
		.memory_some = governor_share(before->memory_some, now->memory_some, seconds),
		.memory_full = governor_share(before->memory_full, now->memory_full, seconds),
		.disk_some = governor_share(before->disk_some, now->disk_some, seconds),
		.rate = (double)(now->outcomes - before->outcomes) / seconds,
		.kills = now->kills > before->kills ? now->kills - before->kills : 0,
	};
}

static bool governor_set(struct governor *governor, uint32_t workers, struct text *why)
{
	workers = workers < 1 ? 1 : workers;
	workers = workers > governor->most ? governor->most : workers;
	governor->quiet = 0;
	if (workers == governor->workers)
		return false;
	text_addf(why, "%u worker%s instead of %u: ", workers, workers == 1 ? "" : "s",
		governor->workers);
	governor->workers = workers;
	return true;
}

static void governor_add_share(struct text *why, const char *what, double share, double seconds)
{
	text_addf(why, "%s waited for memory %.0f %% of %.1f s", what, 100 * share, seconds);
}

/* Memory that is short is worth more than speed: half of the workers at once where nobody gets on.
 */
static bool governor_heed_memory(
	struct governor *governor, const struct governor_window *window, struct text *why)
{
	const uint32_t workers = governor->workers;
	governor->trying = false;
	if (window->kills > 0) {
		if (governor_set(governor, workers / 2, why))
			text_add_string(why, "memory ran out and the system killed a process");
	} else if (window->memory_full > governor_memory_full) {
		if (governor_set(governor, workers / 2, why))
			governor_add_share(why, "all tasks", window->memory_full, window->seconds);
	} else if (governor_set(governor, workers - 1, why)) {
		governor_add_share(why, "some task", window->memory_some, window->seconds);
	}
	return governor->workers != workers;
}

/* Whether fewer workers do as much on a busy disk is tried, not believed. */
static bool governor_try_fewer(
	struct governor *governor, const struct governor_window *window, struct text *why)
{
	if (!governor_set(governor, governor->workers - 1, why))
		return false;
	text_addf(why, "some task waited for a disk %.0f %% of %.1f s; fewer may do as much",
		100 * window->disk_some, window->seconds);
	governor->trying = true;
	governor->rate = window->rate;
	return true;
}

static bool governor_end_trial(
	struct governor *governor, const struct governor_window *window, struct text *why)
{
	governor->trying = false;
	governor->rests = GOVERNOR_RESTS;
	if (window->rate >= governor->rate * governor_same_rate ||
		!governor_set(governor, governor->workers + 1, why))
		return false;
	text_addf(why, "fewer made %.1f items a second and not %.1f", window->rate, governor->rate);
	return true;
}

static bool governor_grow(struct governor *governor, uint32_t ceiling, struct text *why)
{
	if (governor->workers >= ceiling || ++governor->quiet < GOVERNOR_QUIET)
		return false;
	return governor_set(governor, governor->workers + 1, why);
}

/* Within what CPUs, quota and memory allow, one more after a quiet while. */
static bool governor_follow(
	struct governor *governor, const struct governor_facts *facts, struct text *why)
{
	struct text limits = { .data = NULL };
	const uint32_t ceiling = auto_count(&facts->limits);
	const bool above = governor->workers > ceiling;
	const bool changed = above ? governor_set(governor, ceiling, why)
				   : governor_grow(governor, ceiling, why);
	if (changed) {
		auto_explain_limits(&facts->limits, &limits);
		text_addf(why, "%s%s", above ? "" : "nothing was short for a while; ", limits.data);
	}
	text_finish(&limits);
	return changed;
}

bool governor_judge(struct governor *governor, const struct governor_facts *facts, struct text *why)
{
	const struct governor_facts before = governor->before;
	governor->before = *facts;
	if (before.micros == 0 || facts->micros <= before.micros)
		return governor_follow(governor, facts, why);
	const struct governor_window window = governor_between(&before, facts);
	governor->rests -= governor->rests > 0;
	if (window.kills > 0 || window.memory_full > governor_memory_full ||
		window.memory_some > governor_memory_some)
		return governor_heed_memory(governor, &window, why);
	if (governor->trying)
		return governor_end_trial(governor, &window, why);
	if (window.disk_some > governor_disk_some && governor->rests == 0 && window.rate > 0)
		return governor_try_fewer(governor, &window, why);
	return governor_follow(governor, facts, why);
}
