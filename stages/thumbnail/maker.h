#ifndef NIGHTMILL_STAGES_THUMBNAIL_MAKER_H
#define NIGHTMILL_STAGES_THUMBNAIL_MAKER_H

/* From the bytes of one picture to the bytes of its thumbnails, in memory alone. One maker belongs
 * to one worker. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/item.h"
#include "pipeline/support/error.h"
#include "pipeline/support/text.h"
#include "stages/thumbnail/description.h"
#include "stages/thumbnail/freedesktop.h"
#include "stages/thumbnail/regions.h"
#include "stages/thumbnail/size.h"

struct maker;

/* Read-only, shared by all workers. */
struct maker_setup {
	const struct size *sizes;
	size_t count; /* 1 to ITEM_PARTS */
	struct limits limits;
	struct reading reading;
};

/* What a maker does, one after the other. */
enum maker_doing { MAKER_DECODES, MAKER_RESAMPLES, MAKER_ENCODES };

/* What is to be made of which bytes. */
struct maker_job {
	const unsigned char *data; /* INPUT_PADDING zero bytes follow */
	size_t length;
	uint64_t due;                      /* a bit for each size */
	const struct regions_point *focus; /* borrowed; NULL: the picture may say */
	struct freedesktop_tags *tags; /* borrowed; go into each PNG, completed by what is known of
					  the picture; NULL: none */
	struct description *describe;  /* borrowed; NULL: not wanted. All sizes are made then, and
					  described, but only those due are emitted */
	/* Takes the bytes of one thumbnail (borrowed); false ends the job. */
	bool (*emit)(void *context, size_t size, const struct text *bytes, struct error *err);
	/* Told whenever it goes over to something else. May be NULL. */
	void (*begins)(void *context, enum maker_doing doing);
	void *context;
};

/* What became of it. */
struct maker_result {
	bool ignored; /* no picture, or a kind that is not asked for; `why` says which */
	char why[64];
	char late[ITEM_LATE_BYTES]; /* the extension that `same` or `auto` stands for; "" */
	uint64_t pixels;            /* of the source at full size */
};

/* `setup` is borrowed until close. */
struct maker *maker_open(const struct maker_setup *setup);

/* Decodes once, at a scale that follows from the picture and all configured sizes (never from those
 * due), and emits every due size. False: an error of the item, or what emit said. */
bool maker_run(struct maker *maker, const struct maker_job *job, struct maker_result *result,
	struct error *err);

/* NULL is allowed. */
void maker_close(struct maker *maker);

#endif
