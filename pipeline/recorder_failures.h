#ifndef NIGHTMILL_RECORDER_FAILURES_H
#define NIGHTMILL_RECORDER_FAILURES_H

/* The files that some stages leave for an item that failed by its own fault, for other programs to
 * see. They are no outputs: nothing depends on them, so an error with them is not told. Main's
 * thread only. */

#include "pipeline/recorder.h"

/* Writes them after a failure, removes them after a success that follows one (`failed_before`). */
void recorder_failures(struct recorder *recorder, const struct item *item,
	const struct outcome *outcome, bool failed_before);

#endif
