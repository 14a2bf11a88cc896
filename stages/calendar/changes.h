#ifndef NIGHTMILL_STAGES_CALENDAR_CHANGES_H
#define NIGHTMILL_STAGES_CALENDAR_CHANGES_H

/* The occurrences that a file has events of their own for, so that the meeting's rule does not give
 * them. 16 bytes each. */

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/support/digest.h"
#include "stages/calendar/event.h"

struct changes {
	struct digest *list;
	size_t count, room;
};

/* Notes that `event`, whose `changes` is set, stands for an occurrence. */
void changes_add(struct changes *changes, const struct event *event);

/* To be called after the last was added. */
void changes_sort(struct changes *changes);

/* True where another event stands for the occurrence of `event` at `local`. */
bool changes_has(const struct changes *changes, const struct event *event, int64_t local);

void changes_finish(struct changes *changes);

#endif
