#ifndef NIGHTMILL_TESTS_ACT_H
#define NIGHTMILL_TESTS_ACT_H

/* The tail stage `act`: its world is a file, to which each deed adds a line, the item's id in hex
 * digits and to whom. How the world answers is said by a field of the record, a word for each
 * attempt, the last for all further ones:
 *
 *     ok          accepted
 *     later       deferred; `later:3600` for so many seconds at least
 *     never       refused
 *     lost        the line is there, and the answer got lost: in doubt
 *     unsure      no line, and no answer either: in doubt
 *     broken      an error of the item before anything is done
 *     crash       the process dies when the line is there
 *     stop        accepted, and main gets SIGTERM
 *     hang        the line is there; main gets SIGTERM again and again, and it never returns
 */

#include <sys/types.h>

#include "pipeline/stage.h"

extern const struct stage_plugin act_stage;

/* Where the tests look at what main and the workers do; called on their threads and in their
 * processes. NULL: no one looks. */
extern void (*act_point)(void);

/* The process that the signals go to. */
extern pid_t act_main;

#endif
