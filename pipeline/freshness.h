#ifndef NIGHTMILL_FRESHNESS_H
#define NIGHTMILL_FRESHNESS_H

/* Is what was made of an item still what a run would make of it? In the words of HTTP caching: the
 * validator is size and modification time, a remembered result is fresh while validator and recipe
 * are as they were and the outputs are there. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/plan.h"
#include "pipeline/state.h"
#include "pipeline/support/arena.h"

/* Why an item is due or is not. */
enum freshness {
	FRESHNESS_NEW,     /* not remembered */
	FRESHNESS_CHANGED, /* the source's size differs, or it was refused as it was */
	FRESHNESS_TOUCHED, /* only its times differ, or were too new: its content is compared */
	FRESHNESS_RECIPE,  /* options that affect the bytes, or the paths, are others */
	FRESHNESS_OUTPUT_MISSING, /* an output is gone */
	FRESHNESS_FAILED,         /* failed before, for a reason that may have passed */
	FRESHNESS_COLLIDED,       /* another item had its output path: judged anew every time */
	FRESHNESS_SOON,           /* a deed that was put off, whose time comes within this run */
	FRESHNESS_FORCED,         /* --force, --retry-failed */
	FRESHNESS_INVALID,        /* its outputs have no valid paths: an error without any work */
	FRESHNESS_REFUSED,        /* a head stage has an error for it: the same */
	FRESHNESS_DUE_END,        /* those above are due, those below are not */
	FRESHNESS_UP_TO_DATE,
	FRESHNESS_SETTLED, /* up to date, but only the rows of its outputs say so: its own is to be
			      brought up to date */
	FRESHNESS_KNOWN_FAILURE, /* failed before, and nothing that it depended on has changed */
	FRESHNESS_KNOWN_IGNORED, /* the same for what was ignored */
	FRESHNESS_DOUBT,         /* a deed that was begun, and no one knows how it ended */
	FRESHNESS_WAITING,       /* a deed whose time has not come */
};

/* Words for people: "new", "changed source", ... */
const char *freshness_word(enum freshness freshness);

/* All that a judgement rests on. Everything is borrowed. */
struct freshness_case {
	const struct plan *plan;
	struct state *state;            /* asked for the outputs where the recipe is another */
	const struct state_item *found; /* what is remembered of the item */
	const struct part *parts;       /* what the plan makes of it */
	struct arena *arena;            /* for what is needed on the way */
	bool force, retry_failed;
	/* Is the output of part number `part` there, at `path`? */
	bool (*present)(void *context, size_t part, const char *path);
	void *context;
};

/* Fills in `*verdict`, item->due and item->known. False is an error of the state. */
bool freshness_judge(const struct freshness_case *judged, struct item *item,
	enum freshness *verdict, struct error *err);

/* The validator to remember for an item: what the worker saw when it opened the source, or, where
 * the source's time is so close to that moment that a later change could carry it too, one that is
 * not trusted. File systems stamp with the kernel's tick (10 ms at most); those that keep whole
 * seconds only are taken to be off by two (FAT). */
struct validator freshness_validator(const struct item *item, const struct outcome *outcome);

#endif
