#ifndef NIGHTMILL_EXECUTORS_FOOTPRINT_H
#define NIGHTMILL_EXECUTORS_FOOTPRINT_H

/* What workers take of memory, as the kernel counts it. */

#include <stdbool.h>
#include <sys/types.h>

/* Bytes; 0: not known. */
struct footprint {
	double held;   /* by all workers, now */
	double worker; /* by one worker, at most so far */
};

/* Bytes that process `pid` (0: this one) has in memory, now and at most so far. `root` stands in
 * front of /proc. False where the kernel does not say. */
bool footprint_of(const char *root, pid_t pid, double *now, double *most);

#endif
