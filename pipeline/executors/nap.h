#ifndef NIGHTMILL_EXECUTORS_NAP_H
#define NIGHTMILL_EXECUTORS_NAP_H

/* How main sleeps, and so what a worker wakes it for. Main that has just taken outcomes naps first:
 * where items are short, the next look finds many at once, and none of them costs a system call.
 * What sleeps is told by an atomic number; main sets it and looks once more, a worker adds what it
 * has and reads it: one of both sees the other, if all four are sequentially consistent. */

enum nap {
	NAP_AWAKE,  /* for nothing */
	NAP_DOZES,  /* for a ring half full, or by a worker that has nothing to do */
	NAP_SLEEPS, /* for any outcome */
};

enum { NAP_MICROS = 5000 };

#endif
