/* JPEG by libjpeg-turbo: baseline and 4:2:0 unless asked for something else. */

#include "stages/thumbnail/encode.h"

#include <assert.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#include "stages/thumbnail/jpeg_scan_out.h"

enum { JPEG_CHUNK_BYTES = 16384, JPEG_SEGMENT_BYTES = 65533, JPEG_PLANES = 3 };

/* What parameters and tables follow from. */
struct jpeg_kind {
	uint32_t channels;
	bool apart, progressive;
	enum size_chroma chroma;
	int quality; /* 0: none is set yet */
};

struct jpeg_writer {
	struct jpeg_compress_struct info; /* first: libjpeg's callbacks get its address */
	struct jpeg_kind kind;            /* that it is set up for */
	struct scan_out *scan;
	struct jpeg_error_mgr errors;
	struct jpeg_destination_mgr destination;
	jmp_buf caller;
	JOCTET chunk[JPEG_CHUNK_BYTES];
	struct text *out;
	struct error *err;
};

static struct jpeg_writer *jpeg_writer_of(j_compress_ptr info)
{
	return (struct jpeg_writer *)(void *)info;
}

static void jpeg_writer_restart(j_compress_ptr info)
{
	struct jpeg_writer *writer = jpeg_writer_of(info);
	writer->destination.next_output_byte = writer->chunk;
	writer->destination.free_in_buffer = JPEG_CHUNK_BYTES;
}

static boolean jpeg_writer_full(j_compress_ptr info)
{
	struct jpeg_writer *writer = jpeg_writer_of(info);
	text_add(writer->out, writer->chunk, JPEG_CHUNK_BYTES);
	jpeg_writer_restart(info);
	return TRUE;
}

static void jpeg_writer_end(j_compress_ptr info)
{
	struct jpeg_writer *writer = jpeg_writer_of(info);
	text_add(writer->out, writer->chunk, JPEG_CHUNK_BYTES - writer->destination.free_in_buffer);
}

static void jpeg_writer_fail(j_common_ptr info)
{
	struct jpeg_writer *writer = (struct jpeg_writer *)(void *)info;
	char text[JMSG_LENGTH_MAX];
	info->err->format_message(info, text);
	fail(writer->err, ERROR_MEMORY, "encoding jpeg: %s", text);
	longjmp(writer->caller, 1);
}

void jpeg_writer_free(struct jpeg_writer *writer)
{
	if (!writer)
		return;
	jpeg_destroy_compress(&writer->info);
	scan_out_free(writer->scan);
	free(writer);
}

static bool jpeg_writer_create(struct jpeg_writer *writer, struct error *err)
{
	writer->err = err;
	writer->info.err = jpeg_std_error(&writer->errors);
	writer->errors.error_exit = jpeg_writer_fail;
	if (setjmp(writer->caller))
		return false;
	writer->scan = scan_out_new();
	if (!writer->scan)
		return fail(err, ERROR_MEMORY, "encoding jpeg: no memory");
	jpeg_create_compress(&writer->info);
	writer->destination.init_destination = jpeg_writer_restart;
	writer->destination.empty_output_buffer = jpeg_writer_full;
	writer->destination.term_destination = jpeg_writer_end;
	writer->info.dest = &writer->destination;
	return true;
}

/* NULL: no memory. */
static struct jpeg_writer *jpeg_writer_new(struct error *err)
{
	struct jpeg_writer *writer = calloc(1, sizeof(*writer));
	if (!writer)
		fail(err, ERROR_MEMORY, "encoding jpeg: no memory");
	else if (jpeg_writer_create(writer, err))
		return writer;
	jpeg_writer_free(writer);
	return NULL;
}

/* A segment for APP1; what is too long for one is left out. */
static void jpeg_writer_app1(
	struct jpeg_compress_struct *info, const struct text *head, const struct text *body)
{
	if (!encode_has(body) || body->length + head->length > JPEG_SEGMENT_BYTES)
		return;
	jpeg_write_m_header(info, JPEG_APP0 + 1, (unsigned)(head->length + body->length));
	for (size_t i = 0; i < head->length; i++)
		jpeg_write_m_byte(info, (unsigned char)head->data[i]);
	for (size_t i = 0; i < body->length; i++)
		jpeg_write_m_byte(info, (unsigned char)body->data[i]);
}

static void jpeg_writer_extra(struct jpeg_compress_struct *info, const struct encode_extra *extra)
{
	static char exif_words[] = "Exif\0", xmp_words[] = "http://ns.adobe.com/xap/1.0/";
	const struct text exif = { exif_words, sizeof(exif_words), 0 };
	const struct text xmp = { xmp_words, sizeof(xmp_words), 0 };
	jpeg_writer_app1(info, &exif, extra->exif);
	jpeg_writer_app1(info, &xmp, extra->xmp);
	if (encode_has(extra->profile))
		jpeg_write_icc_profile(info, (const JOCTET *)extra->profile->data,
			(unsigned)extra->profile->length);
}

static struct jpeg_kind jpeg_kind_of(const struct encode_job *job)
{
	return (struct jpeg_kind){
		.channels = job->surface->channels,
		.apart = job->chroma != NULL,
		.progressive = job->size->progressive,
		.chroma = job->size->chroma,
		.quality = job->size->quality ? job->size->quality : ENCODE_JPEG_QUALITY,
	};
}

static bool jpeg_kind_equal(const struct jpeg_kind *a, const struct jpeg_kind *b)
{
	return a->channels == b->channels && a->apart == b->apart &&
	       a->progressive == b->progressive && a->chroma == b->chroma &&
	       a->quality == b->quality;
}

static void jpeg_writer_set_up(struct jpeg_writer *writer, const struct jpeg_kind *kind)
{
	struct jpeg_compress_struct *info = &writer->info;
	info->input_components = kind->apart ? JPEG_PLANES : (int)kind->channels;
	info->in_color_space = kind->channels != 1 ? JCS_RGB
			       : kind->apart       ? JCS_YCbCr
						   : JCS_GRAYSCALE;
	jpeg_set_defaults(info);
	info->raw_data_in = kind->apart;
	jpeg_set_quality(info, kind->quality, TRUE);
	if (kind->chroma == CHROMA_444)
		info->comp_info[0].h_samp_factor = info->comp_info[0].v_samp_factor = 1;
	if (kind->progressive)
		jpeg_simple_progression(info);
	writer->kind = *kind;
}

static void jpeg_writer_pixels(struct jpeg_compress_struct *info, const struct surface *surface)
{
	while (info->next_scanline < info->image_height) {
		JSAMPROW row = surface_row(surface, info->next_scanline);
		jpeg_write_scanlines(info, &row, 1);
	}
}

/* Rows from `top` on; the last one stands for those below it. */
static void jpeg_writer_point(
	const struct surface *plane, uint32_t top, uint32_t count, JSAMPROW *rows)
{
	for (uint32_t i = 0; i < count; i++)
		rows[i] = surface_row(plane, top + i < plane->height ? top + i : plane->height - 1);
}

/* Rows of MCUs. */
static void jpeg_writer_planes(struct jpeg_compress_struct *info, const struct encode_job *job)
{
	const struct surface *planes[] = { job->surface, job->chroma, job->chroma + 1 };
	JSAMPROW rows[JPEG_PLANES][2 * DCTSIZE];
	JSAMPARRAY all[] = { rows[0], rows[1], rows[2] };
	const JDIMENSION step = (JDIMENSION)info->max_v_samp_factor * DCTSIZE;
	while (info->next_scanline < info->image_height) {
		for (int c = 0; c < JPEG_PLANES; c++) {
			const uint32_t count = (uint32_t)info->comp_info[c].v_samp_factor * DCTSIZE;
			const uint32_t top = info->next_scanline / step * count;
			jpeg_writer_point(planes[c], top, count, rows[c]);
		}
		jpeg_write_raw_data(info, all, step);
	}
}

static void jpeg_writer_write(struct jpeg_writer *writer, const struct encode_job *job)
{
	struct jpeg_compress_struct *info = &writer->info;
	const struct jpeg_kind kind = jpeg_kind_of(job);
	info->image_width = job->surface->width;
	info->image_height = job->surface->height;
	if (!jpeg_kind_equal(&writer->kind, &kind))
		jpeg_writer_set_up(writer, &kind);
	jpeg_start_compress(info, TRUE);
	if (!kind.progressive)
		scan_out_take_over(writer->scan, info);
	jpeg_writer_extra(info, &job->extra);
	if (job->chroma)
		jpeg_writer_planes(info, job);
	else
		jpeg_writer_pixels(info, job->surface);
	jpeg_finish_compress(info);
}

/* False: the writer is not to be used again. */
static bool jpeg_writer_run(struct jpeg_writer *writer, const struct encode_job *job,
	struct text *out, struct error *err)
{
	writer->out = out;
	writer->err = err;
	if (setjmp(writer->caller))
		return false;
	jpeg_writer_write(writer, job);
	return true;
}

bool encode_jpeg(const struct encode_job *job, struct text *out, struct error *err)
{
	assert(job->surface->channels == 1 || job->surface->channels == 3);
	struct jpeg_writer *own = NULL, **kept = job->jpeg ? job->jpeg : &own;
	if (!*kept)
		*kept = jpeg_writer_new(err);
	if (!*kept)
		return false;
	const bool done = jpeg_writer_run(*kept, job, out, err);
	if (!done || !job->jpeg) {
		jpeg_writer_free(*kept);
		*kept = NULL;
	}
	return done;
}
