#ifndef NIGHTMILL_STAGES_THUMBNAIL_VIPS_LOAD_H
#define NIGHTMILL_STAGES_THUMBNAIL_VIPS_LOAD_H

/* Which of libvips' loaders reads what: always from memory, and only the one for what the first
 * bytes say. */

#include <stdbool.h>
#include <stddef.h>

#include "stages/thumbnail/sniff.h"
#include "stages/thumbnail/vips_library.h"

struct vips_load_job {
	const struct vips_library *vips;
	enum sniff_kind kind;
	const unsigned char *data; /* borrowed for as long as the image lives */
	size_t length;
	bool keep;    /* what is damaged as far as it goes */
	bool preview; /* heif: the smaller picture in the file, if there is one */
	int page;     /* from 0; of kinds that have pages */
	int pages;    /* from there on, one below the other; -1: all */
	double scale; /* of what has no size of its own */
};

/* Gives an image. False: it cannot be read. */
bool vips_load(const struct vips_load_job *job, VipsImage **image);

#endif
