#ifndef NIGHTMILL_EXECUTORS_AUTO_H
#define NIGHTMILL_EXECUTORS_AUTO_H

/* How many workers there are: what the option says, or as many as CPUs and memory of this process
 * allow. */

#include <stdint.h>

#include "pipeline/options/option.h"
#include "pipeline/support/text.h"

enum { AUTO_MOST = 1024 };

/* The first settings of every executor that has workers. */
struct auto_settings {
	struct option_number workers;
	const char *root; /* in front of /proc and /sys; NULL, as always outside tests: nothing */
};

extern const char *const auto_words[];

/* The row of the option. */
#define AUTO_WORKERS(field)                                                                      \
	{                                                                                        \
		.name = "workers", NUMBER_OR_WORD(field, auto_words), RANGE(1, AUTO_MOST),       \
		.fallback = "auto",                                                              \
		.help = "How many items are worked on at a time; auto: as many as CPUs, quotas " \
			"and memory of this process allow, looked at again every two seconds."   \
	}

/* The rows of an executor that has no other option. */
extern const struct option auto_options[];

/* For executor_plugin.workers; `settings` starts with a struct auto_settings. */
uint32_t auto_workers(const void *settings, struct text *why);

struct auto_facts {
	uint32_t cpus; /* that the scheduler may put this process on */
	double quota;  /* CPUs; 0: none */
	double memory; /* bytes that are free; 0: not known */
	double worker; /* bytes that a worker took at most so far; 0: not known */
	double held;   /* bytes that workers hold now: what is free is beyond that */
};

/* `root` stands in front of /proc and /sys ("" outside tests). */
struct auto_facts auto_look(const char *root);

/* What `auto` means for these: a quota below 2 is rounded up, above down; 1 to AUTO_MOST. */
uint32_t auto_count(const struct auto_facts *facts);

/* The most workers that `auto` can ever mean for this machine; else as auto_workers. For
 * executor_plugin.most. */
uint32_t auto_most(const void *settings);

/* Adds "8 cpus, cgroup quota 4.0, memory allows 11". */
void auto_explain_limits(const struct auto_facts *facts, struct text *why);

/* Adds "4 workers: 8 cpus, cgroup quota 4.0, memory allows 11". */
void auto_explain(const struct auto_facts *facts, struct text *why);

#endif
