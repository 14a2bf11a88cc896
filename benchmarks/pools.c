/* pools: what does an item that does nothing cost in GLib's thread pool and as an OpenMP task? Of
 * ITEMS items in each of ROUNDS rounds it prints "NAME WORKERS NANOSECONDS". Called by
 * benchmarks/executors.
 *
 *     make benchmarks && build/release/benchmarks/pools [ROUNDS] */

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ITEMS = 200000, NANOS_PER_SECOND = 1000000000 };

static int pools_done; /* by all threads, atomic */

static double pools_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * NANOS_PER_SECOND + (double)now.tv_nsec;
}

static void pools_work(gpointer item, gpointer context)
{
	(void)item;
	(void)context;
	g_atomic_int_inc(&pools_done);
}

static double pools_glib(int workers)
{
	double start = pools_now();
	GThreadPool *pool = g_thread_pool_new(pools_work, NULL, workers, TRUE, NULL);
	for (int i = 1; i <= ITEMS; i++)
		g_thread_pool_push(pool, GINT_TO_POINTER(i), NULL);
	g_thread_pool_free(pool, FALSE, TRUE);
	return (pools_now() - start) / ITEMS;
}

/* One thread makes the tasks and then helps, as is usual. */
static double pools_openmp(int workers)
{
	(void)workers; /* where there is no OpenMP */
	double start = pools_now();
#pragma omp parallel num_threads(workers)
#pragma omp single
	for (int i = 1; i <= ITEMS; i++) {
#pragma omp task firstprivate(i)
		pools_work(GINT_TO_POINTER(i), NULL);
	}
	return (pools_now() - start) / ITEMS;
}

static void pools_round(const char *name, double (*measure)(int workers), int workers)
{
	g_atomic_int_set(&pools_done, 0);
	double nanos = measure(workers);
	if (g_atomic_int_get(&pools_done) != ITEMS) {
		fprintf(stderr, "%s did %d of %d items\n", name, g_atomic_int_get(&pools_done),
			ITEMS);
		exit(EXIT_FAILURE);
	}
	printf("%s %d %.1f\n", name, workers, nanos);
}

int main(int argc, char **argv)
{
	static const int counts[] = { 1, 2, 4 };
	long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 5;
	for (long round = 0; round < rounds; round++)
		for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
			pools_round("GThreadPool", pools_glib, counts[i]);
			pools_round("OpenMP-tasks", pools_openmp, counts[i]);
		}
	return 0;
}
