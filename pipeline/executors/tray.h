#ifndef NIGHTMILL_EXECUTORS_TRAY_H
#define NIGHTMILL_EXECUTORS_TRAY_H

/* Memory that main and one worker process share, and nobody else: which item is begun, and replies,
 * which stay here when the process dies. Fixed records, no pointers; main copies before it looks,
 * and what a worker that runs wild writes here hurts its own items alone. */

#include <stdbool.h>
#include <stdint.h>

#include "pipeline/executors/nap.h"
#include "pipeline/executors/wire.h"
#include "pipeline/support/error.h"

enum { TRAY_ROOM = 128 }; /* replies: nobody may be owed more */

struct tray;

/* NULL where there is no memory. */
struct tray *tray_open(struct error *err);
void tray_close(struct tray *tray);

/* A process that is forked from now on has it too, or has it not, as at first. */
void tray_share(struct tray *tray, bool shared);

/* For the next process. */
void tray_clear(struct tray *tray);

/* From the worker: begins item number `number` (from 1, growing). False where main has taken it
 * back. */
bool tray_begin(struct tray *tray, uint64_t number);

/* From the worker: puts down a reply, and rings `bell` (an eventfd) where main is to be woken. */
void tray_reply(struct tray *tray, int bell, enum wire_kind kind, const struct outcome *outcome);

/* From the worker: it is about to wait for items. */
void tray_wait(struct tray *tray, int bell);

/* From main: takes back all that is not begun, up to number `last`; the number of the last one that
 * was begun. */
uint64_t tray_recall(struct tray *tray, uint64_t last);

/* From main: number `number` was begun. */
bool tray_has_begun(struct tray *tray, uint64_t number);

/* From main, which has taken `taken` replies of this process: there is one more. */
bool tray_has_reply(struct tray *tray, uint32_t taken);

/* From main, where there is one: copies it. It may be nonsense. */
void tray_take(struct tray *tray, uint32_t taken, struct wire_reply *reply);

/* From main: what the bell is to be rung for. */
void tray_set_nap(struct tray *tray, enum nap nap);

#endif
