#ifndef NIGHTMILL_EXECUTORS_SANDBOX_H
#define NIGHTMILL_EXECUTORS_SANDBOX_H

/* What a worker process may do to the world: read what the work declares and the system's
 * libraries, write what it declares, compute. Files are Landlock's to guard, system calls a seccomp
 * filter's; both hold for the process and its threads until it ends. */

#include <stdbool.h>

#include "pipeline/executor.h"
#include "pipeline/support/error.h"

/* Shuts this process in. `abi` is the newest version of Landlock to use: sandbox_abi(), less in
 * tests, 0 none. `needs` NULL: nothing. A path that does not exist is left out. In a worker
 * process, before anything of the outside is read. */
bool sandbox_enter(const struct work_needs *needs, int abi, struct error *err);

/* The kernel's version of Landlock, 0 where it has none. */
int sandbox_abi(void);

/* What of a sandbox this kernel lacks, for people; NULL where it has all. Static text. */
const char *sandbox_lacks(void);

#endif
