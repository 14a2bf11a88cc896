#ifndef NIGHTMILL_COMMANDS_VERB_H
#define NIGHTMILL_COMMANDS_VERB_H

/* Verbs that stages bring along: `nightmill STAGE VERB CONFIG`. */

#include <stdio.h>

#include "pipeline/stage.h"

/* The stage called `name` where it has verbs; NULL elsewhere. */
const struct stage_plugin *verb_stage(const char *name);

/* Runs a verb of it: argv[0] is the stage's name. Returns the exit status. */
int verb_run(const struct stage_plugin *stage, int argc, char **argv);

/* Prints the verbs of all stages, a line each, as the list of commands has them. */
void verb_list(FILE *out);

#endif
