#ifndef NIGHTMILL_PLAN_H
#define NIGHTMILL_PLAN_H

/* A config resolved: names have become numbers, templates are compiled, stages have agreed on what
 * they hand on. Read-only once made, shared by all workers. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/config.h"
#include "pipeline/item.h"
#include "pipeline/source.h"
#include "pipeline/stage.h"
#include "pipeline/stores.h"

struct plan_head {
	const struct stage_plugin *plugin;
	const void *settings;
	void *prepared;
	struct fields fields; /* of the records that reach it */
	size_t adds;          /* fields behind these */
};

struct plan_stage {
	const struct stage_plugin *plugin;
	const void *settings;
	void *prepared;
	uint32_t first_part; /* number of its first part within the item */
	size_t parts;
	const char *output_root; /* NULL: it makes no files */
	size_t first_added;      /* number of the first field that it adds */
	size_t adds;
};

struct plan {
	const struct config *config;
	const struct source_plugin *source;
	struct stores stores;
	struct fields source_fields; /* of the source's records */
	struct plan_head *head;
	size_t head_count;
	struct fields fields; /* of the records that reach the tail, and what it adds */
	size_t *read;         /* numbers of those that the tail reads */
	size_t read_count;
	struct option_list roots; /* of the source */
	bool links;               /* symbolic links below them may be followed */
	struct plan_stage *tail;
	size_t tail_count;
	const struct plan_stage *act; /* the stage that acts on the world; NULL: none does */
	size_t parts;                 /* of all stages together */
	struct digest verdict; /* of all that a stage refuses by: recipes, limits, versions */
	struct digest limits;  /* of the executor's limits */
	const char *ledger;    /* its path: beside the state */
	int64_t now_seconds;   /* the moment to plan for, since 1970 UTC: when it was made */
};

/* Makes the plan of a config that was read without problems. `arena` owns it; `config` is borrowed.
 * False where `problems` has grown. Opens stores to see what columns they have, and looks whether
 * an output folder holds a source's root. */
bool plan_make(const struct config *config, struct arena *arena, struct plan *plan,
	struct problems *problems);

/* Fills parts[0 .. plan->parts) for an item; paths in `arena`. An error is the item's. */
bool plan_outputs(const struct plan *plan, const struct item *item, struct arena *arena,
	struct part *parts, struct error *err);

/* Fills in the validator of an item whose source doesn't: a digest of all slots that the tail
 * reads, which is left in `scratch`. */
void plan_validate(const struct plan *plan, struct item *item, struct text *scratch);

/* The stage that makes part number `part`. */
const struct plan_stage *plan_stage_of(const struct plan *plan, size_t part);

/* What a failure with this code depended on: the plan's verdict, and for what an executor's limits
 * may have caused those limits too. */
struct digest plan_verdict(const struct plan *plan, enum error_code code);

/* The digest of all parts, paths and recipes in their order: what an item that is up to date was
 * made as. */
struct digest plan_recipe(const struct plan *plan, const struct part *parts);

/* The real path of a part, with `late` put in where the plan left room, in `arena`. */
const char *plan_path(const struct part *part, const char *late, struct arena *arena);

/* The bits of all parts. */
uint64_t plan_all_parts(const struct plan *plan);

#endif
