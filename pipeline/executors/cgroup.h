#ifndef NIGHTMILL_EXECUTORS_CGROUP_H
#define NIGHTMILL_EXECUTORS_CGROUP_H

/* What this process's control groups leave it: the tightest limit of its own group and of all their
 * ancestors, in cgroup v1 and v2. `root` stands in front of /proc and /sys ("" outside tests). */

/* CPUs; 0: no quota. */
double cgroup_quota(const char *root);

/* Bytes that are still free, at least 1; 0: no limit. */
double cgroup_memory(const char *root);

#endif
