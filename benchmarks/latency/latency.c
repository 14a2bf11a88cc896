/* Preloaded, it makes the calls by which files and folders are looked at take LATENCY_MICROS, as
 * over a network: what waits is the thread that calls, and no other. benchmarks/rerun builds it. */

#include <dirent.h>
#include <dlfcn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void latency_wait(void)
{
	const char *wanted = getenv("LATENCY_MICROS");
	const long micros = wanted ? strtol(wanted, NULL, 10) : 0;
	const struct timespec span = { micros / 1000000, micros % 1000000 * 1000 };
	nanosleep(&span, NULL);
}

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): the system's have none */
int fstatat(int folder, const char *path, struct stat *status, int flags)
{
	latency_wait();
	return (int)syscall(SYS_newfstatat, folder, path, status, flags);
}

/* The one that finds the end has nothing to ask for. */
ssize_t getdents64(int folder, void *buffer, size_t length)
{
	const ssize_t got = syscall(SYS_getdents64, folder, buffer, length);
	if (got)
		latency_wait();
	return got;
}

/* readdir asks within the library. */
DIR *fdopendir(int folder)
{
	DIR *(*real)(int) = (DIR * (*)(int)) dlsym(RTLD_NEXT, "fdopendir");
	latency_wait();
	return real(folder);
}

long syscall(long number, ...)
{
	static long (*real)(long, ...);
	long values[6];
	va_list list;
	va_start(list, number);
	for (int i = 0; i < 6; i++)
		values[i] = va_arg(list, long);
	va_end(list);
	if (!real)
		real = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	if (number == SYS_openat2)
		latency_wait();
	return real(number, values[0], values[1], values[2], values[3], values[4], values[5]);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
