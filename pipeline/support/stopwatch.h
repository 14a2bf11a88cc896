#ifndef NIGHTMILL_SUPPORT_STOPWATCH_H
#define NIGHTMILL_SUPPORT_STOPWATCH_H

/* Where the time of one thread goes: a stopwatch that runs for one of several numbered purposes at
 * any moment. Purposes are entered and left like functions; each of these reads the clock once, or
 * takes a time that was read anyway. Nothing is locked, nothing allocated.
 *
 *     stopwatch_enter(watch, STATE_COMMIT);
 *     ...
 *     stopwatch_leave(watch);
 *
 * The figures stand on a board, which may lie in memory that processes share: whoever reads it
 * there has to doubt it. What is entered on an empty stack is the base, what is entered on that is
 * a root: a trace keeps roots with all that lies in them, or not at all. */

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STOPWATCH_DEPTH = 8, STOPWATCH_LABEL = 48 };

struct stopwatch_sum {
	_Atomic int64_t nanos;  /* by itself: without what was entered meanwhile */
	_Atomic uint64_t times; /* entered */
};

/* A span of a trace, which has ended. */
struct stopwatch_span {
	int64_t from_nanos, nanos;   /* clock_now_nanos() */
	int64_t root_nanos;          /* of the root that it lies in */
	uint32_t root;               /* its number, from 1 */
	uint16_t purpose, depth;     /* depth 1: the root itself */
	char label[STOPWATCH_LABEL]; /* of roots: what it was for; "" */
};

struct stopwatch_board {
	_Atomic uint32_t spans;   /* that are kept; whole ones of roots that have ended */
	_Atomic uint32_t roots;   /* that there were */
	_Atomic int64_t rarer;    /* nanoseconds: roots shorter than this were kept by chance, in
				     proportion to their length; 1: all were kept */
	_Atomic uint64_t dropped; /* spans for which there was no room */
	_Atomic uint32_t thread;  /* gettid() of whoever ran it last */
};

/* What a board has room for. */
struct stopwatch_size {
	uint32_t purposes;
	uint32_t spans; /* 0: no trace */
};

struct stopwatch {
	struct stopwatch_board *board; /* NULL: it does not run, and all functions do nothing */
	struct stopwatch_size size;
	int64_t since_nanos; /* when what is on top was begun or gone on with */
	uint32_t depth;
	struct {
		int64_t from_nanos;
		uint32_t purpose;
	} stack[STOPWATCH_DEPTH];
	uint32_t count, first; /* spans kept; the first of the root that is open */
	char label[STOPWATCH_LABEL];
};

/* Bytes of a board, a multiple of what keeps boards of two threads from each other. All zero is an
 * empty one. */
size_t stopwatch_bytes(struct stopwatch_size size);

/* Where the board has its sums (size.purposes of them) and spans. */
struct stopwatch_sum *stopwatch_sums(struct stopwatch_board *board);
struct stopwatch_span *stopwatch_spans(struct stopwatch_board *board, struct stopwatch_size size);

/* Starts, with `base` for all that is not entered. The board goes on from what it has. */
void stopwatch_start(struct stopwatch *watch, struct stopwatch_board *board,
	struct stopwatch_size size, uint32_t base);

/* Accounts for the time up to now and runs no more. */
void stopwatch_stop(struct stopwatch *watch);

/* The clock's time is `now` (clock_now_nanos()). */
void stopwatch_enter_at(struct stopwatch *watch, uint32_t purpose, int64_t now);

/* Leaves whatever was entered since the stack was `depth` deep. */
void stopwatch_leave_at(struct stopwatch *watch, uint32_t depth, int64_t now);

/* As enter_at and leave_at, of the purpose on top. `watch` may be NULL. */
void stopwatch_enter(struct stopwatch *watch, uint32_t purpose);
void stopwatch_leave(struct stopwatch *watch);

/* Leaves what is on top and enters another by one look at the clock. */
void stopwatch_change(struct stopwatch *watch, uint32_t purpose);

/* Says what the next root is for, where anyone wants to know: any bytes, which are cut. */
void stopwatch_label(struct stopwatch *watch, const char *label, size_t length);

#endif
