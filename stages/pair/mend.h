#ifndef NIGHTMILL_STAGES_PAIR_MEND_H
#define NIGHTMILL_STAGES_PAIR_MEND_H

/* The smallest repair of a draw: people have gone and come, and as few as can be get another
 * receiver. */

#include <stdbool.h>
#include <stdint.h>

#include "stages/pair/random.h"
#include "stages/pair/rules.h"
#include "stages/pair/shape.h"

/* More people than this are not looked at all together. */
enum { MEND_MOST = 20000 };

/* `receiver` has, for each of rules->people, whom they give to now, or UINT32_MAX where that one is
 * gone or they are new. Fills those in and changes others where it must; must pairs are kept to.
 * For one loop (`single`) `receiver` held one before people went. False where there is no way: then
 * `receiver` is as before. */
bool mend_draw(const struct rules *rules, bool single, struct random *random, uint32_t *receiver);

#endif
