#ifndef NIGHTMILL_EXECUTORS_CHILD_H
#define NIGHTMILL_EXECUTORS_CHILD_H

/* One worker process and main's end of its socket. Nothing here waits for the child but
 * child_await. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "pipeline/executor.h"
#include "pipeline/executors/backlog.h"
#include "pipeline/executors/death.h"
#include "pipeline/executors/limits.h"
#include "pipeline/executors/tray.h"

enum {
	CHILD_LEAST = 2, /* items: one in work, one further that hides the way through the socket */
	CHILD_MOST = TRAY_ROOM, /* items, where they are short */
	CHILD_NONE = -1
};

enum child_state {
	CHILD_RESTING,  /* no process; to be started at act_micros */
	CHILD_STARTING, /* its worker is not open yet */
	CHILD_READY,
	CHILD_RETIRING, /* asked to end, between two items; killed at act_micros */
	CHILD_DOOMED,   /* it was killed or closed its socket: its death is waited for */
	CHILD_GONE,     /* no process, and none will come */
};

/* An item in a child's hands, or on its way there. */
struct child_item {
	struct taken taken;
	uint64_t number; /* how many were handed to this process before, plus 1 */
};

/* How every worker process is made. Borrowed by its child. */
struct child_making {
	const struct work *work;
	struct limits limits;
};

struct child {
	const struct child_making *making;
	enum child_state state;
	uint32_t number; /* of the worker */
	pid_t pid;
	int process; /* pidfd: readable once it is dead; CHILD_NONE where there is none */
	int socket;
	int bell; /* an eventfd: readable when there is news in the tray that main waits for */
	struct tray *tray;
	struct child_item held[CHILD_MOST]; /* a ring, in the order of sending */
	uint32_t held_first, held_count;    /* the first is in work */
	uint32_t depth;                     /* how many it is to hold: more where items are short */
	uint32_t answers;                   /* since depth was judged, which was at judged_micros */
	int64_t judged_micros;
	uint32_t taken;       /* replies of this process, out of the tray */
	uint64_t handed;      /* items, to this process */
	int64_t since_micros; /* when the first of `held` can have been begun at the earliest */
	struct text outbox;
	size_t sent;            /* bytes of outbox */
	enum death_cause cause; /* why main killed it */
	uint64_t kills;         /* limits_kills() when it was started */
	bool surplus;           /* there are more than the limit: it gets no item and no process */
	bool served;            /* its worker was opened, in this or an earlier process */
	uint32_t failures;      /* deaths since the last good item */
	int64_t act_micros; /* RESTING: when to start; STARTING, RETIRING and DOOMED: when to lose
			     patience */
};

/* What is kept over all of a worker's processes. child_finish gives it back once the last one was
 * buried. */
bool child_init(
	struct child *child, const struct child_making *making, uint32_t number, struct error *err);
void child_finish(struct child *child);

/* Forks. The child opens its worker, sends READY or REFUSED, and then answers every item that is
 * not taken back. Call it from main's only thread. */
bool child_start(struct child *child, struct error *err);

/* Adds an item to what is to be sent; child_flush sends. */
void child_hand(struct child *child, const struct taken *taken);

/* Takes items that it has not begun back from it; returns how many. `taken` has room for as many as
 * it holds. */
uint32_t child_recall(struct child *child, struct taken *taken);

/* What it holds as number `index`. */
const struct child_item *child_held(const struct child *child, uint32_t index);

/* It has begun with what it holds as number `index`. */
bool child_has_begun(const struct child *child, uint32_t index);

/* Forgets the first item that it holds: it was answered. */
void child_release(struct child *child);

/* Sends what the socket takes. */
void child_flush(struct child *child);

/* True where child_flush has left something. */
bool child_is_behind(const struct child *child);

/* Judges how many items it is to hold, by how fast it answered: work for two of main's naps, so
 * that short items cost neither it nor main a system call each. */
void child_judge(struct child *child, int64_t now);

/* What it says still counts: it lives, or died by itself. */
bool child_is_heard(const struct child *child);

/* There is a reply of it that still counts. */
bool child_has_reply(const struct child *child);

/* Takes such a reply. */
bool child_reply(struct child *child, struct wire_reply *reply);

/* Takes a reply that it has left behind, whether it counts or not. */
bool child_left_reply(struct child *child, struct wire_reply *reply);

/* Kills it. */
void child_doom(struct child *child, enum death_cause cause);

/* Asks it to end once it has answered what it holds. */
void child_dismiss(struct child *child);

/* How it would have died, if the kill that it got were heeded. */
void child_describe_kill(const struct child *child, struct death *death);

/* Collects a dead child and closes everything; false where it still lives. `death` says how it
 * died. State and held items are the caller's to judge. */
bool child_bury(struct child *child, struct death *death);

/* Waits for its death until `deadline` and buries it; false where it still lives. */
bool child_await(struct child *child, int64_t deadline);

#endif
