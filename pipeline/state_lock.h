#ifndef NIGHTMILL_STATE_LOCK_H
#define NIGHTMILL_STATE_LOCK_H

/* One run at a time: a kernel lock on a file beside the state, which ends with the process that
 * holds it. */

#include <stdbool.h>

#include "pipeline/support/error.h"

/* Makes the folders of `path` (mode 0777 less the umask), refuses network file systems, and takes
 * the lock on `path`.lock.
 * `*lock` is a descriptor that holds it until it is closed. ERROR_LOCKED names the holder. */
bool state_lock(const char *path, int *lock, struct error *err);

#endif
