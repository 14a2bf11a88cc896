/* queue: what does it cost a worker to come by its next item? The range deque of work-stealing
 * against one queue under a mutex, 1 to 4 threads, items that take no time, the best of ROUNDS
 * rounds.
 *
 *     gcc -std=c11 -D_GNU_SOURCE -O2 -I. -pthread benchmarks/queue.c -o build/queue && build/queue
 */

#include <pthread.h>
#include <stdalign.h>
#include <stdio.h>
#include <time.h>

#include "pipeline/executors/range.h"

enum { ITEMS = 4000000, ROUNDS = 5, THREADS = 4, NANOS_PER_SECOND = 1000000000 };

struct queue_lane {
	alignas(64) _Atomic uint64_t range;
};

struct queue {
	struct queue_lane lanes[THREADS];
	uint32_t threads;
	pthread_barrier_t start;
	pthread_mutex_t lock;
	/* under the lock: */
	uint32_t next;
};

struct queue_thread {
	alignas(64) struct queue *queue;
	uint32_t number;
	uint64_t items;
	pthread_t thread;
};

static bool queue_steal(struct queue_thread *me)
{
	struct queue *queue = me->queue;
	for (uint32_t i = 1; i < queue->threads; i++) {
		uint64_t stolen;
		uint32_t victim = (me->number + i) % queue->threads;
		if (!range_steal(&queue->lanes[victim].range, &stolen))
			continue;
		me->items++;
		range_put(
			&queue->lanes[me->number].range, range_low(stolen) + 1, range_high(stolen));
		return true;
	}
	return false;
}

static void *queue_run_ranges(void *context)
{
	struct queue_thread *me = context;
	_Atomic uint64_t *own = &me->queue->lanes[me->number].range;
	pthread_barrier_wait(&me->queue->start);
	do {
		uint32_t number, left;
		while (range_take(own, &number, &left))
			me->items++;
	} while (queue_steal(me));
	return NULL;
}

static void *queue_run_mutex(void *context)
{
	struct queue_thread *me = context;
	struct queue *queue = me->queue;
	pthread_barrier_wait(&queue->start);
	for (bool more = true; more;) {
		pthread_mutex_lock(&queue->lock);
		more = queue->next < ITEMS;
		queue->next += more;
		pthread_mutex_unlock(&queue->lock);
		me->items += more;
	}
	return NULL;
}

static double queue_seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / NANOS_PER_SECOND;
}

/* Nanoseconds an item of one round. */
static double queue_round(void *(*run)(void *), uint32_t threads, double skew)
{
	struct queue queue = { .threads = threads, .lock = PTHREAD_MUTEX_INITIALIZER };
	struct queue_thread workers[THREADS];
	pthread_barrier_init(&queue.start, NULL, threads + 1);
	uint32_t first = 0;
	for (uint32_t i = 0; i < threads; i++) {
		double share = i == 0 && skew > 0 ? skew : (double)(i + 1) / threads;
		uint32_t end = i + 1 == threads ? ITEMS : (uint32_t)(ITEMS * share);
		end = end > first ? end : first;
		range_put(&queue.lanes[i].range, first, end);
		first = end;
		workers[i] = (struct queue_thread){ .queue = &queue, .number = i };
		pthread_create(&workers[i].thread, NULL, run, &workers[i]);
	}
	/* Before the barrier: behind it the others may be at work before main is. */
	const double start = queue_seconds();
	pthread_barrier_wait(&queue.start);
	uint64_t items = 0;
	for (uint32_t i = 0; i < threads; i++) {
		pthread_join(workers[i].thread, NULL);
		items += workers[i].items;
	}
	const double end = queue_seconds();
	pthread_barrier_destroy(&queue.start);
	if (items != ITEMS)
		fprintf(stderr, "%llu items instead of %d\n", (unsigned long long)items, ITEMS);
	return (end - start) * NANOS_PER_SECOND / ITEMS;
}

static double queue_best(void *(*run)(void *), uint32_t threads, double skew)
{
	double best = queue_round(run, threads, skew);
	for (int i = 1; i < ROUNDS; i++) {
		double nanos = queue_round(run, threads, skew);
		best = nanos < best ? nanos : best;
	}
	return best;
}

int main(void)
{
	printf("ns per item   range, even   range, one has all   mutex\n");
	for (uint32_t threads = 1; threads <= THREADS; threads++)
		printf("%u threads %15.1f %20.1f %7.1f\n", threads,
			queue_best(queue_run_ranges, threads, 0),
			queue_best(queue_run_ranges, threads, 1),
			queue_best(queue_run_mutex, threads, 0));
	return 0;
}
