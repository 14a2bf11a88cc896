#ifndef NIGHTMILL_SINKS_H
#define NIGHTMILL_SINKS_H

/* The files that a run leaves for other programs: where the time went, and how it ended. Main's
 * thread only. */

#include <stdbool.h>

#include "pipeline/sink.h"
#include "pipeline/support/error.h"

/* Looks whether every file that is wanted can be written, before anything is done. `paths` has one
 * for each of enum sink_number; NULL: not wanted. */
bool sinks_check(const char *const paths[SINKS], bool dry_run, struct error *err);

/* True where one of them wants single spans. */
bool sinks_trace(const char *const paths[SINKS]);

/* Writes what is wanted: each file whole, or left as it was before. The first error, after having
 * tried all. */
bool sinks_write(const char *const paths[SINKS], const struct sink_facts *facts, struct error *err);

#endif
