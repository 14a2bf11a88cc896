#include "pipeline/executors/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

enum {
	LIMITS_MICROS = 1000000,
	LIMITS_SACRIFICE = 500,
	LIMITS_SACRIFICE_MOST = 1000,
	LIMITS_USUAL = 256 /* descriptors of source, state and libraries */
};

/* A sanitizer's shadow takes terabytes of address space. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LIMITS_SHADOWED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
	__has_feature(memory_sanitizer)
#define LIMITS_SHADOWED 1
#endif
#endif
#ifndef LIMITS_SHADOWED
#define LIMITS_SHADOWED 0
#endif

/* Both bounds, so that the worker cannot raise it again; a bound that is tighter stays. */
static bool limits_bind(
	__rlimit_resource_t resource, const char *name, rlim_t most, struct error *err)
{
	struct rlimit limit;
	if (getrlimit(resource, &limit) != 0)
		return fail_errno(err, errno, "cannot read the limit '%s'", name);
	if (limit.rlim_max == RLIM_INFINITY || limit.rlim_max > most)
		limit.rlim_max = most;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(resource, &limit) != 0)
		return fail_errno(err, errno, "cannot set the limit '%s'", name);
	return true;
}

/* What the process has from main is not the item's. 0 where /proc does not say. */
static rlim_t limits_inherited(void)
{
	char line[128];
	rlim_t pages = 0;
	FILE *file = fopen("/proc/self/statm", "re");
	if (file && fgets(line, sizeof(line), file))
		pages = strtoul(line, NULL, 10);
	if (file)
		fclose(file);
	return pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

/* A kernel that does not let it, or has no /proc, chooses as it likes. */
static void limits_offer(void)
{
	char text[32] = "";
	int file = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);
	if (file < 0)
		return;
	if (read(file, text, sizeof(text) - 1) > 0) {
		long score = strtol(text, NULL, 10) + LIMITS_SACRIFICE;
		if (score > LIMITS_SACRIFICE_MOST)
			score = LIMITS_SACRIFICE_MOST;
		snprintf(text, sizeof(text), "%ld", score);
		if (pwrite(file, text, strlen(text), 0) < 0)
			errno = 0;
	}
	close(file);
}

bool limits_enter(const struct limits *limits, struct error *err)
{
	limits_offer();
	const rlim_t memory = (rlim_t)limits->memory.bytes;
	if (!limits_bind(RLIMIT_CORE, "core", 0, err))
		return false;
	if (memory && !LIMITS_SHADOWED &&
		!limits_bind(RLIMIT_AS, "memory", limits_inherited() + memory, err))
		return false;
	return !limits->files || limits_bind(RLIMIT_NOFILE, "files", (rlim_t)limits->files, err);
}

bool limits_make_room(uint32_t more, struct error *err)
{
	const rlim_t needed = (rlim_t)more + LIMITS_USUAL;
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return fail_errno(err, errno, "cannot read the limit 'files'");
	if (limit.rlim_cur >= needed)
		return true;
	if (limit.rlim_max < needed)
		return fail(err, ERROR_USAGE,
			"they need %lu descriptors, and this process may have %lu: take fewer, or "
			"raise the hard limit (ulimit -Hn)",
			(unsigned long)needed, (unsigned long)limit.rlim_max);
	limit.rlim_cur = needed;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		return fail_errno(err, errno, "cannot set the limit 'files'");
	return true;
}

void limits_arm(const struct limits *limits)
{
	const int64_t micros = limits->cpu.micros;
	const struct itimerval timer = {
		.it_value = { .tv_sec = micros / LIMITS_MICROS, .tv_usec = micros % LIMITS_MICROS },
	};
	if (micros)
		setitimer(ITIMER_PROF, &timer, NULL);
}

void limits_judge(const struct limits *limits, struct outcome *outcome)
{
	if (outcome->status != OUTCOME_FAILED || outcome->error.code != ERROR_MEMORY)
		return;
	const struct error cause = outcome->error;
	const bool files = strstr(cause.text, strerror(EMFILE)) != NULL;
	if (files && limits->files)
		fail(&outcome->error, ERROR_LIMIT, "over the %d descriptors of 'files': %.400s",
			limits->files, cause.text);
	if (files || !limits->memory.bytes)
		return;
	struct text allowed = { .data = NULL };
	text_add_bytes(&allowed, (double)limits->memory.bytes);
	fail(&outcome->error, ERROR_LIMIT, "over the %s of 'memory': %.400s", allowed.data,
		cause.text);
	text_finish(&allowed);
}

uint64_t limits_kills(const char *root)
{
	static const char word[] = "oom_kill ";
	char line[128];
	uint64_t kills = 0;
	struct text path = { .data = NULL };
	text_addf(&path, "%s/proc/vmstat", root);
	FILE *file = fopen(path.data, "re");
	text_finish(&path);
	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, word, strlen(word)) == 0)
			kills = strtoull(line + strlen(word), NULL, 10);
	if (file)
		fclose(file);
	return kills;
}
