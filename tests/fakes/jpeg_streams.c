#include <stdlib.h>
#include <string.h>

#include "tests/fakes/jpeg_streams_private.h"

/* Bits that are open before a scan: all, or one more than after it. */
static bool stream_set(struct stream *stream, struct stream_scan *scan, unsigned open)
{
	if (open == 0)
		return false;
	if (open == STREAM_UNKNOWN) {
		scan->high = 0;
		scan->low = stream_draw(stream, stream_draw(stream, 8) == 0 ? 14 : 3);
	} else {
		scan->high = open;
		scan->low = open - 1;
	}
	for (unsigned i = 0; i < scan->count; i++)
		for (unsigned k = scan->from; k <= scan->to; k++)
			stream->components[scan->components[i]].open[k] = (uint8_t)scan->low;
	return true;
}

static bool stream_draw_means(struct stream *stream, struct stream_scan *scan)
{
	const unsigned chosen = 1 + stream_draw(stream, (1U << stream->count) - 1);
	unsigned blocks = 0, open = 0;
	*scan = (struct stream_scan){ .count = 0 };
	for (unsigned i = 0; i < stream->count; i++) {
		const struct stream_component *component = &stream->components[i];
		if ((chosen >> i & 1) == 0)
			continue;
		if (scan->count > 0 && component->open[0] != open)
			return false;
		open = component->open[0];
		blocks += component->across * component->down;
		scan->components[scan->count++] = i;
	}
	return (scan->count == 1 || blocks <= STREAM_MCU) && stream_set(stream, scan, open);
}

static bool stream_draw_band(struct stream *stream, struct stream_scan *scan)
{
	const unsigned number = stream_draw(stream, stream->count);
	const uint8_t *open = stream->components[number].open;
	unsigned from = 1 + stream_draw(stream, STREAM_POSITIONS - 1), to = from;
	while (from > 1 && open[from - 1] == open[from] && stream_draw(stream, 40) != 0)
		from--;
	while (to < STREAM_POSITIONS - 1 && open[to + 1] == open[to] &&
		stream_draw(stream, 40) != 0)
		to++;
	*scan = (struct stream_scan){
		.count = 1, .components = { number }, .from = from, .to = to
	};
	return open[0] != STREAM_UNKNOWN && stream_set(stream, scan, open[from]);
}

static bool stream_is_complete(const struct stream *stream)
{
	for (unsigned i = 0; i < stream->count; i++)
		for (unsigned k = 0; k < STREAM_POSITIONS; k++)
			if (stream->components[i].open[k] != 0)
				return false;
	return true;
}

/* How many scans; 0: too many. */
static unsigned stream_plan(struct stream *stream, struct stream_scan scans[STREAM_SCANS])
{
	unsigned count = 0;
	for (unsigned i = 0; i < stream->count; i++)
		memset(stream->components[i].open, STREAM_UNKNOWN, STREAM_POSITIONS);
	while (!stream_is_complete(stream)) {
		if (count == STREAM_SCANS)
			return 0;
		count += stream_draw(stream, 4) == 0 ? stream_draw_means(stream, &scans[count])
						     : stream_draw_band(stream, &scans[count]);
	}
	return count;
}

static void stream_write_interval(struct stream *stream)
{
	stream_marker(stream, 0xDD);
	stream_word(stream, 4);
	stream_word(stream, stream->interval);
}

/* What may stand in front of a scan. */
static void stream_write_extras(struct stream *stream)
{
	if (stream_draw(stream, 3) == 0) {
		stream->interval = stream_draw(stream, stream_draw(stream, 2) == 0 ? 4 : 40);
		stream_write_interval(stream);
	}
	if (stream_draw(stream, 8) == 0) {
		stream_marker(stream, 0xFE);
		stream_word(stream, 3);
		stream_byte(stream, stream_draw(stream, 256));
	}
}

static unsigned stream_ceil(unsigned side, unsigned part)
{
	return (side + part - 1) / part;
}

static void stream_write_frame(struct stream *stream)
{
	stream_word(stream, 0xFFD8);
	stream_marker(stream, 0xDB);
	stream_word(stream, 3 + STREAM_POSITIONS);
	stream_byte(stream, 0);
	for (unsigned i = 0; i < STREAM_POSITIONS; i++)
		stream_byte(stream, 1 + stream_draw(stream, 4));
	stream_marker(stream, 0xC2);
	stream_word(stream, 8 + 3 * stream->count);
	stream_byte(stream, 8);
	stream_word(stream, stream->height);
	stream_word(stream, stream->width);
	stream_byte(stream, stream->count);
	for (unsigned i = 0; i < stream->count; i++) {
		const struct stream_component *component = &stream->components[i];
		stream_byte(stream, i * 3 + 1);
		stream_byte(stream, component->across << 4 | component->down);
		stream_byte(stream, 0);
	}
	if (stream->interval != 0)
		stream_write_interval(stream);
}

static void stream_shape(struct stream *stream)
{
	unsigned across = 1, down = 1;
	for (unsigned i = 0; i < stream->count; i++) {
		const struct stream_component *component = &stream->components[i];
		across = component->across > across ? component->across : across;
		down = component->down > down ? component->down : down;
	}
	stream->across = stream_ceil(stream->width, 8 * across);
	stream->down = stream_ceil(stream->height, 8 * down);
	for (unsigned i = 0; i < stream->count; i++) {
		struct stream_component *component = &stream->components[i];
		component->width = stream_ceil(stream->width * component->across, 8 * across);
		component->height = stream_ceil(stream->height * component->down, 8 * down);
		component->stride = component->width;
		component->maps = calloc(
			(size_t)component->width * component->height, sizeof(*component->maps));
		if (!component->maps)
			abort();
	}
}

static struct jpegs_file stream_finish(struct stream *stream)
{
	stream_marker(stream, 0xD9);
	for (unsigned i = 0; i < stream->count; i++)
		free(stream->components[i].maps);
	return (struct jpegs_file){ stream->bytes, stream->length, stream->first };
}

struct jpegs_file jpeg_stream(uint32_t seed)
{
	struct stream stream = { .seed = seed };
	struct stream_scan scans[STREAM_SCANS];
	unsigned count = 0;
	stream.width = 1 + stream_draw(&stream, 60);
	stream.height = 1 + stream_draw(&stream, 60);
	stream.count = stream_draw(&stream, 3) == 0 ? 1 : STREAM_COMPONENTS;
	for (unsigned i = 0; i < stream.count; i++) {
		stream.components[i].across = 1U << stream_draw(&stream, i == 0 ? 3 : 2);
		stream.components[i].down = 1U << stream_draw(&stream, i == 0 ? 3 : 2);
	}
	stream_shape(&stream);
	while (count == 0)
		count = stream_plan(&stream, scans);
	stream_write_frame(&stream);
	for (unsigned i = 0; i < count; i++) {
		for (unsigned k = 0; k < scans[i].count; k++)
			stream_choose(&stream, &scans[i], &scans[i].tables[k]);
		stream_write_extras(&stream);
		stream_write_scan(&stream, &scans[i]);
	}
	return stream_finish(&stream);
}

/* A grey picture with these scans. */
static struct jpegs_file stream_write_all(
	struct stream *stream, const struct stream_scan *scans, size_t count)
{
	stream->count = 1;
	stream->components[0].across = stream->components[0].down = 1;
	stream_shape(stream);
	stream_write_frame(stream);
	for (size_t i = 0; i < count; i++)
		stream_write_scan(stream, &scans[i]);
	return stream_finish(stream);
}

/* One symbol, whose code is that many zeros. */
static struct stream_table stream_only(unsigned symbol, unsigned length)
{
	return (struct stream_table){
		.count = 1, .symbols = { (uint8_t)symbol }, .lengths = { (uint8_t)length }
	};
}

struct jpegs_file jpeg_stream_of_corrections(void)
{
	/* 2 to the 13th blocks: the run is as short as its symbol allows. */
	struct stream stream = { .seed = 1, .width = 1024, .height = 512 };
	const struct stream_scan scans[] = {
		{ .count = 1, .tables = { stream_only(0, 1) } },
		{ .count = 1, .from = 1, .to = 63, .low = 1, .tables = { stream_only(0x01, 1) } },
		{ .count = 1, .from = 1, .to = 63, .high = 1, .tables = { stream_only(0xD0, 1) } },
	};
	return stream_write_all(&stream, scans, sizeof(scans) / sizeof(*scans));
}

struct jpegs_file jpeg_stream_of_long_symbols(void)
{
	struct stream stream = { .seed = 1, .width = 200, .height = 100 };
	const struct stream_scan scans[] = {
		{ .count = 1, .tables = { stream_only(0, 1) } },
		{ .count = 1, .from = 1, .to = 62, .low = 1, .tables = { stream_only(0x01, 16) } },
		{ .count = 1, .from = 63, .to = 63, .low = 1, .tables = { stream_only(0, 16) } },
		{ .count = 1, .from = 1, .to = 63, .high = 1, .tables = { stream_only(0x01, 16) } },
	};
	return stream_write_all(&stream, scans, sizeof(scans) / sizeof(*scans));
}

struct jpegs_file jpeg_stream_of_overlong_runs(uint32_t seed, unsigned interval)
{
	struct stream stream = { .seed = seed, .width = 40, .height = 40, .overlong = true };
	const struct stream_scan scans[] = {
		{ .count = 1, .tables = { stream_only(0, 1) } },
		{ .count = 1,
			.from = 1,
			.to = 63,
			.tables = { stream_only(interval == 0 ? 0x50 : 0x30, 1) } },
	};
	stream.interval = interval;
	return stream_write_all(&stream, scans, sizeof(scans) / sizeof(*scans));
}
