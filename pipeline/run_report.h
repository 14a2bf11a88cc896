#ifndef NIGHTMILL_RUN_REPORT_H
#define NIGHTMILL_RUN_REPORT_H

/* What a run leaves behind about itself: where its time went, for people, for `history` and for
 * other programs. */

#include "pipeline/run_loop.h"

/* The stopwatches stop here. Tells progress where the time went and, unless it is a dry run, puts
 * it into the state, with the figures of the lookups; the caller commits. */
bool run_report_times(struct run *run, struct error *err);

/* Writes the files that were asked for (sinks.h). How the run ended is known by now. */
bool run_report_files(struct run *run, struct error *err);

#endif
