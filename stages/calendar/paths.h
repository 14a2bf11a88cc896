#ifndef NIGHTMILL_STAGES_CALENDAR_PATHS_H
#define NIGHTMILL_STAGES_CALENDAR_PATHS_H

/* The iCalendar files that a config means. */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "pipeline/options/option.h"
#include "pipeline/support/error.h"

struct calendar_paths {
	char **list;
	size_t count, room;
};

/* Fills in the files: those named, and all *.ics below those that are folders, by their names.
 * Files and folders whose names start with a dot are left out; links are followed only where they
 * are named. ERROR_MISSING where one is not there, or a folder has none. */
bool calendar_paths_find(
	struct calendar_paths *paths, const struct option_list *named, struct error *err);

/* Opens a file for reading; what is no regular file is an error. NULL and `err`. */
FILE *calendar_paths_open(const char *path, struct error *err);

void calendar_paths_finish(struct calendar_paths *paths);

#endif
