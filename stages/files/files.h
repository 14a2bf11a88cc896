#ifndef NIGHTMILL_STAGES_FILES_FILES_H
#define NIGHTMILL_STAGES_FILES_FILES_H

#include "pipeline/source.h"

enum files_links { FILES_LINKS_IGNORE, FILES_LINKS_FOLLOW };
enum files_empty { FILES_EMPTY_ERROR, FILES_EMPTY_OK };

/* What the user may set. */
struct files_settings {
	struct option_list roots;
	struct option_list include, exclude;
	bool hidden;
	int links;                               /* enum files_links */
	struct option_bytes min_size, max_size;  /* most of 0: no limit */
	struct option_duration min_age, max_age; /* the same */
	int empty;                               /* enum files_empty */
};

/* The slots of its records, in their order. */
enum files_slot {
	FILES_ROOT,
	FILES_PATH,
	FILES_DIR,
	FILES_NAME,
	FILES_STEM,
	FILES_EXT,
	FILES_SLOTS
};

extern const struct source_plugin files_source;

#endif
