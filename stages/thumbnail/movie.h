#ifndef NIGHTMILL_STAGES_THUMBNAIL_MOVIE_H
#define NIGHTMILL_STAGES_THUMBNAIL_MOVIE_H

/* An animated WebP, frame by frame.
 *
 *     struct movie *movie = NULL;
 *     for (...)
 *             if (!movie_add(&movie, &job, &time, err)) ...
 *     done = movie_finish(movie, &job, &out, err);
 *     movie_close(movie);
 */

#include <stdbool.h>
#include <stdint.h>

#include "stages/thumbnail/encode.h"

struct movie;

struct movie_time {
	uint32_t millis; /* that the frame is shown */
	uint32_t loops;  /* of the whole; 0: for ever. That of the first frame counts */
};

/* Adds job->surface, whole pixels of the same shape every time. `*movie` is made by the first. */
bool movie_add(struct movie **movie, const struct encode_job *job, const struct movie_time *time,
	struct error *err);

/* Replaces what `out` holds by the file. `job` as with the last frame. */
bool movie_finish(
	struct movie *movie, const struct encode_job *job, struct text *out, struct error *err);

/* NULL is allowed. */
void movie_close(struct movie *movie);

#endif
