#ifndef NIGHTMILL_BENCH_USAGE_H
#define NIGHTMILL_BENCH_USAGE_H

/* What processes use, as the kernel counts it. */

#include <stdint.h>
#include <sys/types.h>

struct usage {
	int64_t cpu_micros; /* user and system, of this process and of its children that were waited
			       for */
	uint64_t peak_bytes; /* of this process alone */
	uint64_t major_faults;
	uint64_t read_bytes;   /* from disk */
	int64_t queued_micros; /* that the calling thread waited for a CPU; -1: not known */
};

struct usage usage_now(void);

/* Memory that `process` and its children hold together now; pages that they may share are counted
 * once. 0: not known. */
uint64_t usage_tree_bytes(pid_t process);

/* CPU time of all processes of this machine since it was started; -1 where the kernel does not
 * tell. */
int64_t usage_machine_micros(void);

/* How long some process of this machine has waited for a disk, since it was started; -1 where the
 * kernel does not tell. */
int64_t usage_stalled_micros(void);

#endif
