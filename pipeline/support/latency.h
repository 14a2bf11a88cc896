#ifndef NIGHTMILL_SUPPORT_LATENCY_H
#define NIGHTMILL_SUPPORT_LATENCY_H

/* Does a thread wait for a server or a disk whenever it looks at a file? Told by its own looks: by
 * how long they take, and by how often it had to wait, which tells a server that is far away from a
 * processor that is busy with others. All zero is a measurement that has not begun. One thread. */

#include <stdbool.h>
#include <stdint.h>

struct latency {
	uint64_t rest;                /* looks that are not measured */
	uint64_t looks, nanos, waits; /* so far */
	int64_t since_nanos;
	uint64_t since_waits;
};

/* Looks follow, and nothing else that takes time, until latency_pause, which is told how many. */
void latency_resume(struct latency *latency);
void latency_pause(struct latency *latency, uint64_t looks);

/* After latency_pause: true where there were enough looks to tell, and they took 50 us and more in
 * the mean, one of eight at least a wait. Once there were enough, later ones are judged anew. */
bool latency_is_high(struct latency *latency);

#endif
