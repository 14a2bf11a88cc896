#ifndef NIGHTMILL_EXECUTORS_AUTO_H
#define NIGHTMILL_EXECUTORS_AUTO_H

/* How many workers there are: what the option says, or as many as this process may use CPUs. */

#include <stdint.h>

#include "pipeline/options/option.h"

enum { AUTO_MOST = 1024 };

/* The settings of every executor that has workers. */
struct auto_settings {
	struct option_number workers;
};

extern const struct option auto_options[];

/* For executor_plugin.workers; `settings` is a struct auto_settings. */
uint32_t auto_workers(const void *settings);

/* The number of CPUs that the scheduler may put this process on. */
uint32_t auto_affinity(void);

/* The CPU quota of this process's control groups in CPUs: the tightest of its own and of all their
 * ancestors, in cgroup v1 and v2. 0: none. `root` stands in front of /proc and /sys ("" outside
 * tests). */
double auto_quota(const char *root);

/* What `auto` means for these: a quota below 2 is rounded up, above down. 1 to AUTO_MOST. */
uint32_t auto_count(uint32_t affinity, double quota);

#endif
