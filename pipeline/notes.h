#ifndef NIGHTMILL_NOTES_H
#define NIGHTMILL_NOTES_H

/* The items in hand, noted in a small mapped file beside the state, for executors whose workers
 * share main's process: a crash there ends the run and tells nobody which item it was. The next run
 * finds the notes and treats those items with care. A note survives the process, not a power cut,
 * which is no crash of ours. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/support/digest.h"
#include "pipeline/support/error.h"

struct notes;

/* Opens `state`.hand for `workers` workers; what a run before this one left noted becomes
 * suspected, and stays noted until it is cleared. Only under the state's lock. */
bool notes_open(const char *state, uint32_t workers, struct notes **notes, struct error *err);

/* How many items are suspected. */
size_t notes_suspects(const struct notes *notes);

/* True where the item was in hand when a run ended badly. */
bool notes_suspected(const struct notes *notes, struct digest id);

/* The item is under suspicion no longer. */
void notes_clear(struct notes *notes, struct digest id);

/* No item is under suspicion any longer: the whole source was walked, what is left of them is gone.
 */
void notes_clear_all(struct notes *notes);

/* Notes what worker number `worker` has in hand; an empty digest: nothing. Called by the worker,
 * each in its own place. `notes` may be NULL: nothing is noted. */
void notes_set(struct notes *notes, uint32_t worker, struct digest id);

/* Unmaps. Removes the file where nothing is noted in it. NULL is allowed. */
void notes_close(struct notes *notes);

#endif
