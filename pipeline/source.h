#ifndef NIGHTMILL_SOURCE_H
#define NIGHTMILL_SOURCE_H

/* A source names the items. It runs in main alone, opens no item, and hands out small steps so that
 * main can do other things in between. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/item.h"
#include "pipeline/options/option.h"
#include "pipeline/support/arena.h"
#include "pipeline/support/error.h"
#include "pipeline/support/stopwatch.h"

struct stores;

struct source_setup {
	const struct fields *fields; /* of its records; `used` tells which are read by anyone */
	const struct stores *stores; /* of the config, see stores.h */
	const char *const *skip;     /* output folders, never to be read; `skip_count` of them */
	size_t skip_count;
	int64_t now_seconds; /* since 1970 UTC: the moment of the run, or what --now says */
	bool strict;         /* fill validator.strict */
	bool any_age; /* give also what the config leaves out for the time being, by its age */
	/* Something on the way could not be read; the source goes on with the rest. `what` names
	 * it. Borrowed. */
	void (*complain)(void *context, const char *what, const struct error *err);
	/* Something that people should know, and no failure; with ERROR_NONE as it should be. May
	 * be NULL. */
	void (*note)(void *context, const char *what, const struct error *err);
	bool (*wait)(void *context, int64_t micros); /* see struct store_setup */
	void *context;
	/* Where time goes; NULL: no one wants to know. A source that asks a store enters
	 * `store_spending` for as long. */
	struct stopwatch *watch;
	uint32_t store_spending;
};

/* What a source found, updated by every step. */
struct source_counts {
	uint64_t items;
	uint64_t bytes;    /* sum of item.bytes */
	uint64_t ignored;  /* special files, dangling links: nothing that can be read */
	uint64_t filtered; /* left out by the config: patterns, hidden, size, age, output folders */
	uint64_t young;    /* left out for the time being, since they may not be complete yet */
	int64_t young_until_nanos; /* wall time at which the last of them is old enough */
	uint64_t unreadable; /* folders that could not be listed: what is below them is not known */
	uint64_t duplicates; /* the same key a second time */
};

/* One step: at most ITEM_STEP items. The source fills key, slots, validator and bytes; main fills
 * the rest. */
struct batch {
	struct arena arena; /* owns what the items point to; main resets it between two steps */
	struct item items[ITEM_STEP];
	/* Why an item cannot go on to the tail (a lookup found nothing); NULL: it can. Set by head
	 * stages alone. */
	const struct error *refused[ITEM_STEP];
	size_t count;
};

struct source_plugin {
	struct plugin plugin;
	/* The slots of its records in their order; NULL-terminated. NULL: describe() tells. */
	const char *const *fields;
	bool validates; /* it fills in item.validator; else the digest of all that the tail reads
			   stands for it */

	/* The same where it depends on the settings, called once when the plan is made; the names
	 * live in `arena`. False where a problem was added. May be NULL. */
	bool (*describe)(const struct option_plugin *self, struct stores *stores,
		struct arena *arena, const char *const **fields, struct problems *problems);

	/* Checks what rows cannot (does not touch the world); adds to `problems` by
	 * option_complain. May be NULL. */
	void (*check)(const struct option_plugin *self, struct problems *problems);

	/* The folders below which its items' files lie, as the user wrote them; stages open files
	 * below them only. May be NULL: no files. */
	struct option_list (*roots)(const void *settings);

	/* The name of the store that it asks. May be NULL: it asks none. */
	const char *(*store)(const void *settings);

	/* True where symbolic links below the roots are followed. May be NULL: they are not. */
	bool (*links)(const void *settings);

	/* Opens it; `*source` is the caller's to close. Settings and setup are borrowed until then.
	 * A root that is missing, unreadable or empty is an error here or at the step that finds
	 * out. */
	bool (*open)(const void *settings, const struct source_setup *setup, void **source,
		struct error *err);

	/* The next items; batch->count of 0 is the end. False ends the run. The order is the same
	 * in every run over the same items. */
	bool (*step)(void *source, struct batch *batch, struct error *err);

	/* True where the item of this key is certainly not there any more; in doubt false. May be
	 * NULL: always in doubt. */
	bool (*gone)(const void *source, const char *key, size_t length);

	/* Valid until close. */
	const struct source_counts *(*counts)(const void *source);

	/* NULL is allowed. */
	void (*close)(void *source);
};

/* The source whose head `plugin` is. */
static inline const struct source_plugin *source_of(const struct plugin *plugin)
{
	return (const struct source_plugin *)(const void *)plugin;
}

/* stages/table.c: NULL-terminated, as struct plugin so that rows can refer to it. */
extern const struct plugin *const sources[];

#endif
