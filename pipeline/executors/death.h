#ifndef NIGHTMILL_EXECUTORS_DEATH_H
#define NIGHTMILL_EXECUTORS_DEATH_H

/* How a worker process ended, and whose fault that is. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

#include "pipeline/executors/limits.h"
#include "pipeline/support/error.h"

/* Why main killed it. */
enum death_cause {
	DEATH_OWN, /* main did not */
	DEATH_STOPPED,
	DEATH_NONSENSE,
	DEATH_CLOSED,
	DEATH_TIMEOUT,
	DEATH_LATE, /* it was not ready in time */
};

struct death {
	enum death_cause cause;
	int status;     /* of wait() */
	int64_t micros; /* that it held an item; negative: it held none */
	struct rusage usage;
	bool lost;           /* it was not to be waited for: how it ended is not known */
	bool memory_was_out; /* the kernel has killed some process for that, while this one lived */
};

/* The error of the item that it held. Crashes and what our limits end blame the item; a timeout, a
 * kill that is not main's and the system's memory the moment. */
void death_describe(const struct death *death, const struct limits *limits, struct error *error);

/* The worker itself failed, rather than that an item was over a limit. */
bool death_is_crash(const struct death *death, const struct limits *limits);

#endif
