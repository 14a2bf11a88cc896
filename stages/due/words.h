#ifndef NIGHTMILL_STAGES_DUE_WORDS_H
#define NIGHTMILL_STAGES_DUE_WORDS_H

/* How long it is until the start, in words of seven languages: "tomorrow", "in 3 Stunden". */

#include <stddef.h>
#include <stdint.h>

#include "pipeline/support/text.h"

enum words_unit { WORDS_DAYS, WORDS_HOURS, WORDS_MINUTES, WORDS_UNITS };

enum words_change { WORDS_MOVED, WORDS_CHANGED, WORDS_CANCELLED, WORDS_RESTORED, WORDS_CHANGES };

/* The number of the language whose code `tag` (any bytes) begins with, up to a hyphen or
 * underscore; English where it is none of them. */
size_t words_language(const char *tag, size_t length);

/* Adds "in 7 days"; no days is "today", one is "tomorrow". */
void words_add_left(struct text *text, size_t language, enum words_unit unit, int64_t number);

/* "moved", "changed", "cancelled", "on again". */
const char *words_change(size_t language, enum words_change change);

#endif
