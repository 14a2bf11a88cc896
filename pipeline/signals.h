#ifndef NIGHTMILL_SIGNALS_H
#define NIGHTMILL_SIGNALS_H

/* SIGINT, SIGTERM and SIGHUP as something to wait for. */

#include <stdbool.h>

#include "pipeline/support/error.h"

/* Seconds that a run is given to end by itself after a signal. */
enum { SIGNALS_GRACE_SECONDS = 30 };

/* Installs the handlers; ignores SIGPIPE. A signal that is ignored already (nohup) stays so.
 * `*wake` becomes a descriptor that is readable when a signal has come. Where main does not get to
 * look at it (an item that hangs in main's own thread), the process ends by itself a few seconds
 * after the grace, or three seconds after a second signal. */
bool signals_open(int *wake, struct error *err);

/* Signals that came since the last call; `*number` is the first of the run. Makes `wake` unreadable
 * again. */
int signals_take(int *number);

/* The run is over, what is left is saving it: the process does not end by itself any more, unless
 * another signal comes. */
void signals_relax(void);

/* Default handling again. */
void signals_close(void);

#endif
