#ifndef NIGHTMILL_STAGES_THUMBNAIL_PROCESS_H
#define NIGHTMILL_STAGES_THUMBNAIL_PROCESS_H

/* What a worker does with an item: reads its file, has its thumbnails made, writes them to
 * temporary files. */

#include <stdbool.h>

#include "pipeline/stage.h"
#include "pipeline/template.h"
#include "stages/thumbnail/maker.h"
#include "stages/thumbnail/paths.h"

/* Read-only, shared by all workers. */
struct process_setup {
	struct maker_setup maker;
	struct template from, focus; /* the latter empty: none is given */
	struct option_list roots;
	bool links;
	bool gives;                 /* the bytes become slots, nothing is written */
	const struct paths *paths;  /* of the outputs; NULL: no manifest is wanted */
	const struct paths *tagged; /* thumbnails say what they were made of; NULL: they do not */
	bool keep_mtime;            /* outputs get the source's time of modification */
};

/* The words for what its time goes to, for stage_plugin.spendings. */
extern const char *const process_spendings[];

struct process;

/* `setup` and `place` are borrowed until close. */
bool process_open(const struct process_setup *setup, const struct workplace *place,
	struct process **process, struct error *err);

/* As stage_plugin.reads. */
void process_reads(const struct process_setup *setup, const struct item *item, struct text *path);

/* As stage_plugin.process. */
void process_item(struct process *process, const struct item *item, struct outcome *outcome);

/* NULL is allowed. */
void process_close(struct process *process);

#endif
