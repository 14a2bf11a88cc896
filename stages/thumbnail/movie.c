#include "stages/thumbnail/movie.h"

#include <assert.h>
#include <stdlib.h>

#include <webp/mux.h>

#include "stages/thumbnail/webp_writer.h"

struct movie {
	WebPAnimEncoder *encoder;
	WebPConfig config;
	int millis; /* so far */
	struct surface wide;
};

static bool movie_fail(const struct movie *movie, struct error *err)
{
	const char *why = movie && movie->encoder ? WebPAnimEncoderGetError(movie->encoder) : "";
	return fail(err, ERROR_MEMORY, "encoding animated webp: %s", why[0] ? why : "no memory");
}

static bool movie_open(struct movie *made, const struct encode_job *job,
	const struct movie_time *time, struct error *err)
{
	WebPAnimEncoderOptions options;
	if (!webp_writer_configure(job->size, &made->config) ||
		!WebPAnimEncoderOptionsInit(&options))
		return fail(err, ERROR_INTERNAL, "another libwebp than the one compiled for");
	options.anim_params.loop_count = (int)(time->loops < 65535 ? time->loops : 65535);
	made->encoder =
		WebPAnimEncoderNew((int)job->surface->width, (int)job->surface->height, &options);
	return made->encoder || movie_fail(made, err);
}

bool movie_add(struct movie **movie, const struct encode_job *job, const struct movie_time *time,
	struct error *err)
{
	struct movie *made = *movie;
	assert(!job->chroma);
	if (!made)
		made = *movie = calloc(1, sizeof(*made));
	if (!made)
		return movie_fail(NULL, err);
	if (!made->encoder && !movie_open(made, job, time, err))
		return false;
	const bool grey = job->surface->channels == 1;
	if (grey && !surface_widen(job->surface, &made->wide, err))
		return false;
	WebPPicture picture;
	if (!WebPPictureInit(&picture))
		return fail(err, ERROR_INTERNAL, "another libwebp than the one compiled for");
	picture.use_argb = 1;
	const bool done = webp_writer_import(&picture, grey ? &made->wide : job->surface) &&
			  WebPAnimEncoderAdd(made->encoder, &picture, made->millis, &made->config);
	WebPPictureFree(&picture);
	made->millis += (int)time->millis;
	return done || movie_fail(made, err);
}

bool movie_finish(
	struct movie *movie, const struct encode_job *job, struct text *out, struct error *err)
{
	WebPData data;
	WebPDataInit(&data);
	text_clear(out);
	const bool done = WebPAnimEncoderAdd(movie->encoder, NULL, movie->millis, NULL) &&
			  WebPAnimEncoderAssemble(movie->encoder, &data);
	if (done) {
		text_add(out, data.bytes, data.size);
		webp_writer_extend(job, out);
	}
	WebPDataClear(&data);
	return done || movie_fail(movie, err);
}

void movie_close(struct movie *movie)
{
	if (!movie)
		return;
	WebPAnimEncoderDelete(movie->encoder);
	surface_finish(&movie->wide);
	free(movie);
}
