#include "pipeline/support/latency.h"

#include <sys/resource.h>

#include "pipeline/support/clock.h"

enum {
	LATENCY_ENOUGH = 64,
	LATENCY_WAITING_SHARE = 8,
	LATENCY_HIGH_NANOS = 50000,
	LATENCY_REST = 7 * LATENCY_ENOUGH /* after fast ones: a call for each costs them 1 % */
};

/* How often the thread has waited so far for anything but a processor. */
static uint64_t latency_waits(void)
{
	struct rusage usage;
	getrusage(RUSAGE_THREAD, &usage);
	return (uint64_t)usage.ru_nvcsw;
}

void latency_resume(struct latency *latency)
{
	if (latency->rest)
		return;
	latency->since_waits = latency_waits();
	latency->since_nanos = clock_now_nanos();
}

void latency_pause(struct latency *latency, uint64_t looks)
{
	if (latency->rest) {
		latency->rest -= looks < latency->rest ? looks : latency->rest;
		return;
	}
	latency->nanos += (uint64_t)(clock_now_nanos() - latency->since_nanos);
	latency->waits += latency_waits() - latency->since_waits;
	latency->looks += looks;
}

bool latency_is_high(struct latency *latency)
{
	const struct latency found = *latency;
	if (found.looks < LATENCY_ENOUGH)
		return false;
	const bool high = found.nanos >= found.looks * LATENCY_HIGH_NANOS &&
			  found.waits >= found.looks / LATENCY_WAITING_SHARE;
	*latency = (struct latency){ .rest = high ? 0 : LATENCY_REST };
	return high;
}
