#include "pipeline/bench/usage.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { USAGE_BLOCK = 512, USAGE_KIB = 1024 };

static void usage_add(struct usage *usage, int who)
{
	struct rusage kernel;
	getrusage(who, &kernel);
	usage->cpu_micros += (kernel.ru_utime.tv_sec + kernel.ru_stime.tv_sec) * INT64_C(1000000) +
			     kernel.ru_utime.tv_usec + kernel.ru_stime.tv_usec;
	usage->major_faults += (uint64_t)kernel.ru_majflt;
	usage->read_bytes += (uint64_t)kernel.ru_inblock * USAGE_BLOCK;
	if (who == RUSAGE_SELF)
		usage->peak_bytes = (uint64_t)kernel.ru_maxrss * USAGE_KIB;
}

/* Of this thread: time on a CPU and time waiting for one, in nanoseconds. */
static int64_t usage_queued_micros(void)
{
	long long run, queued = -1;
	FILE *file = fopen("/proc/thread-self/schedstat", "re");
	/* NOLINTNEXTLINE(cert-err34-c): the kernel's numbers. */
	if (file && fscanf(file, "%lld %lld", &run, &queued) != 2)
		queued = -1;
	if (file)
		fclose(file);
	return queued < 0 ? -1 : queued / 1000;
}

struct usage usage_now(void)
{
	struct usage usage = { .queued_micros = usage_queued_micros() };
	usage_add(&usage, RUSAGE_SELF);
	usage_add(&usage, RUSAGE_CHILDREN);
	return usage;
}

/* Pages that several processes hold count for each of them in part. */
static uint64_t usage_bytes(long process)
{
	char path[64], line[128];
	unsigned long kib = 0;
	snprintf(path, sizeof(path), "/proc/%ld/smaps_rollup", process);
	FILE *file = fopen(path, "re");
	while (file && kib == 0 && fgets(line, sizeof(line), file))
		/* NOLINTNEXTLINE(cert-err34-c): the kernel's numbers. */
		if (sscanf(line, "Pss: %lu kB", &kib) != 1)
			kib = 0;
	if (file)
		fclose(file);
	return (uint64_t)kib * USAGE_KIB;
}

uint64_t usage_tree_bytes(pid_t process)
{
	char path[64];
	long child;
	uint64_t bytes = usage_bytes(process);
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", process, process);
	FILE *file = fopen(path, "re");
	/* NOLINTNEXTLINE(cert-err34-c): the kernel's numbers. */
	while (file && fscanf(file, "%ld", &child) == 1)
		bytes += usage_bytes(child);
	if (file)
		fclose(file);
	return bytes;
}

int64_t usage_stalled_micros(void)
{
	char line[256];
	long long total = -1;
	FILE *file = fopen("/proc/pressure/io", "re");
	if (!file)
		return -1;
	const char *at = fgets(line, sizeof(line), file) ? strstr(line, "total=") : NULL;
	/* NOLINTNEXTLINE(cert-err34-c): the kernel's numbers. */
	if (!at || sscanf(at, "total=%lld", &total) != 1)
		total = -1;
	fclose(file);
	return total;
}

int64_t usage_machine_micros(void)
{
	/* user, nice, system, idle, waiting, interrupts, soft interrupts */
	unsigned long long ticks[7] = { 0 };
	FILE *file = fopen("/proc/stat", "re");
	if (!file)
		return -1;
	/* NOLINTNEXTLINE(cert-err34-c): the kernel's numbers. */
	int got = fscanf(file, "cpu %llu %llu %llu %llu %llu %llu %llu", &ticks[0], &ticks[1],
		&ticks[2], &ticks[3], &ticks[4], &ticks[5], &ticks[6]);
	fclose(file);
	if (got != 7)
		return -1;
	unsigned long long busy = ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6];
	return (int64_t)busy * (1000000 / sysconf(_SC_CLK_TCK));
}
