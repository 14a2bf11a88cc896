#ifndef NIGHTMILL_STAGES_FILES_CHECK_H
#define NIGHTMILL_STAGES_FILES_CHECK_H

#include "pipeline/options/option.h"

/* Adds what is wrong with a `files` mapping beyond its single rows: patterns, roots that overlap,
 * limits that let nothing through. Looks at no file. */
void check_settings(const struct option_plugin *self, struct problems *problems);

#endif
