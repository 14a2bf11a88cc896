#include <stdlib.h>
#include <string.h>

#include "tests/fakes/jpeg_streams_private.h"

unsigned stream_draw(struct stream *stream, unsigned below)
{
	stream->seed = stream->seed * 1664525 + 1013904223;
	return (unsigned)((uint64_t)stream->seed * below >> 32);
}

void stream_byte(struct stream *stream, unsigned byte)
{
	if (stream->length == stream->room) {
		stream->room = stream->room * 2 + 4096;
		stream->bytes = realloc(stream->bytes, stream->room);
		if (!stream->bytes)
			abort();
	}
	stream->bytes[stream->length++] = (unsigned char)byte;
}

void stream_word(struct stream *stream, unsigned word)
{
	stream_byte(stream, word >> 8);
	stream_byte(stream, word & 255);
}

void stream_marker(struct stream *stream, unsigned marker)
{
	for (stream_byte(stream, 0xFF); stream_draw(stream, 8) == 0;)
		stream_byte(stream, 0xFF);
	stream_byte(stream, marker);
}

static void stream_bits(struct stream *stream, uint32_t bits, uint32_t count)
{
	while (count-- > 0) {
		stream->bits = stream->bits << 1 | (bits >> count & 1);
		if (++stream->bit_count < 8)
			continue;
		stream_byte(stream, stream->bits & 255);
		if ((stream->bits & 255) == 255)
			stream_byte(stream, 0);
		stream->bit_count = 0;
	}
}

static void stream_fill(struct stream *stream)
{
	while (stream->bit_count != 0)
		stream_bits(stream, 1, 1);
}

/* Codes of any lengths, in their order, that leave the one of ones alone free. */
static void stream_codes(struct stream *stream, struct stream_table *table)
{
	uint32_t room = (1U << STREAM_LONGEST) - 1, code = 0;
	unsigned counts[STREAM_LONGEST + 1] = { 0 };
	for (unsigned left = table->count; left > 0; left--) {
		unsigned length = 1 + stream_draw(stream, STREAM_LONGEST);
		while (1U << (STREAM_LONGEST - length) > room - (left - 1))
			length++;
		room -= 1U << (STREAM_LONGEST - length);
		counts[length]++;
	}
	for (unsigned length = 1, at = 0; length <= STREAM_LONGEST; length++, code <<= 1)
		for (unsigned i = 0; i < counts[length]; i++, at++) {
			table->lengths[at] = (uint8_t)length;
			table->codes[at] = code++;
		}
}

static void stream_add(struct stream *stream, struct stream_table *table, unsigned symbol)
{
	if (table->count == STREAM_SYMBOLS || memchr(table->symbols, (int)symbol, table->count))
		return;
	const unsigned at = stream_draw(stream, table->count + 1);
	table->symbols[table->count++] = table->symbols[at];
	table->symbols[at] = (uint8_t)symbol;
}

void stream_choose(
	struct stream *stream, const struct stream_scan *scan, struct stream_table *table)
{
	const unsigned most = scan->high != 0 ? 1 : 15 - scan->low;
	table->count = 0;
	stream_add(stream, table, 0);
	if (scan->from == 0) {
		for (unsigned i = stream_draw(stream, 16); i > 0; i--)
			stream_add(stream, table, stream_draw(stream, 16));
	} else {
		stream_add(stream, table, STREAM_ZEROS);
		for (unsigned i = stream_draw(stream, 30); i > 0; i--)
			stream_add(stream, table,
				stream_draw(stream, stream_draw(stream, 16) + 1) << 4 |
					stream_draw(stream, most + 1));
		if (stream_draw(stream, 8) == 0)
			stream_add(stream, table, stream_draw(stream, 256));
	}
	stream_codes(stream, table);
}

static void stream_write_table(
	struct stream *stream, const struct stream_table *table, unsigned number)
{
	stream_marker(stream, 0xC4);
	stream_word(stream, 2 + 17 + table->count);
	stream_byte(stream, number);
	for (unsigned length = 1, at = 0; length <= STREAM_LONGEST; length++) {
		const unsigned from = at;
		while (at < table->count && table->lengths[at] == length)
			at++;
		stream_byte(stream, at - from);
	}
	for (unsigned i = 0; i < table->count; i++)
		stream_byte(stream, table->symbols[i]);
}

static void stream_symbol(struct stream *stream, const struct stream_table *table, unsigned at)
{
	stream_bits(stream, table->codes[at], table->lengths[at]);
}

/* Where a block of a scan begins: behind a restart marker, if one is due. */
static void stream_begin_mcu(struct stream *stream)
{
	if (stream->interval == 0 || stream->left-- != 0)
		return;
	stream_fill(stream);
	stream_byte(stream, 0xFF);
	stream_byte(stream, 0xD0 + (stream->restarts++ & 7));
	stream->left = stream->interval - 1;
}

static void stream_mean(
	struct stream *stream, const struct stream_scan *scan, const struct stream_table *table)
{
	if (scan->high != 0) {
		stream_bits(stream, stream_draw(stream, 2), 1);
		return;
	}
	const unsigned at = stream_draw(stream, table->count);
	stream_symbol(stream, table, at);
	stream_bits(stream, stream_draw(stream, 1U << table->symbols[at]), table->symbols[at]);
}

static void stream_means(struct stream *stream, const struct stream_scan *scan)
{
	const struct stream_component *only = &stream->components[scan->components[0]];
	const bool alone = scan->count == 1;
	const size_t mcus =
		alone ? (size_t)only->width * only->height : (size_t)stream->across * stream->down;
	for (size_t i = 0; i < mcus; i++) {
		stream_begin_mcu(stream);
		for (unsigned c = 0; c < scan->count; c++) {
			const struct stream_component *component =
				&stream->components[scan->components[c]];
			const unsigned blocks = alone ? 1 : component->across * component->down;
			for (unsigned b = 0; b < blocks; b++)
				stream_mean(stream, scan, &scan->tables[c]);
		}
	}
}

/* Where a symbol takes the position, which is that of a zero; above `to`: too far. Where bits are
 * refined, `ones` counts those that are passed and are not zero. */
static unsigned stream_target(const struct stream_scan *scan, uint64_t map, unsigned position,
	unsigned zeros, unsigned *ones)
{
	*ones = 0;
	for (; position <= scan->to; position++) {
		if (scan->high != 0 && (map >> position & 1) != 0)
			++*ones;
		else if (zeros-- == 0)
			break;
	}
	return position;
}

static void stream_correct(struct stream *stream, unsigned count)
{
	while (count-- > 0)
		stream_bits(stream, stream_draw(stream, 2), 1);
}

/* One symbol of a block, of which `blocks` come up to the next marker. False: it does not fit
 * there. */
static bool stream_step(struct stream *stream, const struct stream_scan *scan, uint64_t *map,
	unsigned *position, size_t blocks)
{
	const struct stream_table *table = &scan->tables[0];
	const unsigned at = stream_draw(stream, table->count);
	const unsigned run = table->symbols[at] >> 4, size = table->symbols[at] & 15;
	if (size == 0 && run != 15) {
		const size_t room = stream->overlong ? SIZE_MAX : blocks;
		const size_t most = room < 2U << run ? room : (2U << run) - 1;
		if (most < 1U << run)
			return false;
		stream->run = (1U << run) + stream_draw(stream, (unsigned)most - (1U << run) + 1);
		stream_symbol(stream, table, at);
		stream_bits(stream, stream->run, run);
		return true;
	}
	unsigned ones = 0;
	const unsigned target = stream_target(scan, *map, *position, run, &ones);
	if (target > scan->to || size > (scan->high != 0 ? 1 : 15 - scan->low))
		return false;
	stream_symbol(stream, table, at);
	stream_bits(stream, stream_draw(stream, 1U << size), size);
	stream_correct(stream, ones);
	*map |= (uint64_t)(size != 0) << target;
	*position = target + 1;
	return true;
}

static void stream_block(
	struct stream *stream, const struct stream_scan *scan, uint64_t *map, size_t blocks)
{
	unsigned position = scan->from, ones = 0;
	while (stream->run == 0 && position <= scan->to)
		stream_step(stream, scan, map, &position, blocks);
	if (stream->run == 0)
		return;
	stream->run--;
	stream_target(scan, *map, position, STREAM_POSITIONS, &ones);
	stream_correct(stream, ones);
}

static void stream_band(struct stream *stream, const struct stream_scan *scan)
{
	const struct stream_component *component = &stream->components[scan->components[0]];
	size_t left = (size_t)component->width * component->height;
	for (size_t y = 0; y < component->height; y++)
		for (size_t x = 0; x < component->width; x++, left--) {
			stream_begin_mcu(stream);
			const size_t next = stream->left + 1;
			stream_block(stream, scan, &component->maps[y * component->stride + x],
				stream->interval != 0 && next < left ? next : left);
		}
}

void stream_write_scan(struct stream *stream, const struct stream_scan *scan)
{
	const bool ac = scan->from != 0;
	for (unsigned i = 0; i < scan->count && (ac || scan->high == 0); i++)
		stream_write_table(stream, &scan->tables[i], (unsigned)ac << 4 | i);
	stream_marker(stream, 0xDA);
	stream_word(stream, 6 + 2 * scan->count);
	stream_byte(stream, scan->count);
	for (unsigned i = 0; i < scan->count; i++) {
		stream_byte(stream, scan->components[i] * 3 + 1);
		stream_byte(stream, ac ? i : i << 4);
	}
	stream_byte(stream, scan->from);
	stream_byte(stream, scan->to);
	stream_byte(stream, scan->high << 4 | scan->low);
	stream->run = 0;
	if (stream->first == 0)
		stream->first = stream->length;
	stream->left = stream->interval;
	stream->restarts = 0;
	if (ac)
		stream_band(stream, scan);
	else
		stream_means(stream, scan);
	stream_fill(stream);
}
