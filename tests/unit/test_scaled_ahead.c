/* Scans that are hard to read ahead. */

#include "stages/thumbnail/jpeg/scaled.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/jpegs_checks.h"

/* All symbols but the last of AC take an even number of bits, value included. That one takes 17,
 * and stands in the first block alone: so each MCU behind it begins at an odd bit, and what begins
 * at an even one stays there. All bits can be read either way, or nearly all, since there never
 * are seven ones in a row. */
enum { SYMBOLS = 8, ODD = SYMBOLS, QUANT = 6, SIDE = 512, QUANTS = 64, WIDE = 65500, HIGH = 24 };

struct symbol {
	unsigned value, length, code; /* length and code of its code */
};

static const struct symbol means[SYMBOLS] = { { 0, 2, 0x0 }, { 2, 2, 0x1 }, { 4, 2, 0x2 },
	{ 1, 3, 0x6 }, { 6, 4, 0xE }, { 3, 5, 0x1E }, { 8, 6, 0x3E }, { 5, 7, 0x7E } };
static const struct symbol others[SYMBOLS + 1] = { { 0x00, 2, 0x0 }, { 0x02, 2, 0x1 },
	{ 0x12, 2, 0x2 }, { 0x01, 3, 0x6 }, { 0x22, 4, 0xE }, { 0x11, 5, 0x1E }, { 0x32, 6, 0x3E },
	{ 0x21, 7, 0x7E }, { 0x31, 16, 0xFE00 } };

struct stream {
	unsigned char *bytes;
	size_t length;
	unsigned bits; /* of the byte behind `length` */
	uint32_t seed;
};

static uint32_t draw(struct stream *stream, uint32_t below)
{
	stream->seed = stream->seed * 1664525 + 1013904223;
	return (stream->seed >> 8) % below;
}

static void add_bits(struct stream *stream, unsigned value, unsigned count)
{
	while (count-- > 0) {
		unsigned char *at = &stream->bytes[stream->length];
		*at = (unsigned char)(*at << 1 | (value >> count & 1));
		stream->bits = (stream->bits + 1) % 8;
		stream->length += stream->bits == 0;
	}
}

/* Its value is above zero, or below. */
static void add_symbol(struct stream *stream, const struct symbol *symbol, bool above)
{
	const unsigned size = symbol->value & 15;
	add_bits(stream, symbol->code, symbol->length);
	if (size > 0)
		add_bits(stream, above, 1);
	if (size > 1)
		add_bits(stream, draw(stream, 2), size - 1);
}

/* With fewer than `most` coefficients. */
static void add_block(struct stream *stream, bool first, uint32_t most)
{
	add_symbol(stream, &means[draw(stream, 2)], draw(stream, 2));
	if (first)
		add_symbol(stream, &others[ODD], true);
	for (uint32_t i = draw(stream, most); i > 0; i--)
		add_symbol(stream, &others[1 + draw(stream, 3)], draw(stream, 2));
	add_symbol(stream, &others[0], false);
}

static void add_bytes(struct stream *stream, const void *bytes, size_t length)
{
	memcpy(stream->bytes + stream->length, bytes, length);
	stream->length += length;
}

static void add_table(
	struct stream *stream, unsigned number, const struct symbol *symbols, size_t count)
{
	const unsigned char head[] = { 0xFF, 0xC4, 0, (unsigned char)(19 + count),
		(unsigned char)number };
	unsigned char lengths[16] = { 0 };
	for (size_t i = 0; i < count; i++)
		lengths[symbols[i].length - 1]++;
	add_bytes(stream, head, sizeof(head));
	add_bytes(stream, lengths, sizeof(lengths));
	for (size_t i = 0; i < count; i++)
		add_bits(stream, symbols[i].value, 8);
}

static void add_head(struct stream *stream, unsigned width, unsigned height, unsigned sampling)
{
	static const unsigned char head[] = { 0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0 };
	static const unsigned char scan[] = { 0xFF, 0xDA, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0 };
	const unsigned char frame[] = { 0xFF, 0xC0, 0, 17, 8, (unsigned char)(height >> 8),
		(unsigned char)height, (unsigned char)(width >> 8), (unsigned char)width, 3, 1,
		(unsigned char)sampling, 0, 2, 0x11, 0, 3, 0x11, 0 };
	add_bytes(stream, head, sizeof(head));
	memset(stream->bytes + stream->length, QUANT, QUANTS);
	stream->length += QUANTS;
	add_bytes(stream, frame, sizeof(frame));
	add_table(stream, 0, means, SYMBOLS);
	add_table(stream, 0x10, others, SYMBOLS + 1);
	add_bytes(stream, scan, sizeof(scan));
}

static void add_end(struct stream *stream)
{
	while (stream->bits != 0)
		add_bits(stream, 1, 1);
	add_bytes(stream, "\xFF\xD9", 2);
}

/* 4:4:4, or 4:2:0. */
static struct stream out_of_step(bool halved, uint32_t seed)
{
	enum { BLOCKS = SIDE / 8 * SIDE / 8 * 3, MOST = 1024 + BLOCKS * 8 };
	struct stream stream = { .bytes = calloc(1, MOST), .seed = seed };
	const int blocks = halved ? BLOCKS / 2 : BLOCKS;
	assert_non_null(stream.bytes);
	add_head(&stream, SIDE, SIDE, halved ? 0x22 : 0x11);
	for (int i = 0; i < blocks; i++)
		add_block(&stream, i == 0, 6);
	add_end(&stream);
	assert_true(stream.length < MOST);
	return stream;
}

/* 111000, again and again: as it stands 20 coefficients, and from an even bit on hardly any until a
 * block ends. */
static void add_long_block(struct stream *stream, bool first)
{
	add_symbol(stream, &means[0], false);
	if (first)
		add_symbol(stream, &others[ODD], true);
	for (int i = 0; i < 19; i++)
		add_bits(stream, 0x38, 6);
	add_symbol(stream, &others[0], false);
}

/* 4:4:4 in long rows, of which parts take many bytes and others hardly any: while one place stands
 * nearly where it was, the other comes to the end of what it may read. */
static struct stream uneven(uint32_t seed)
{
	enum { MCUS = (WIDE + 7) / 8 * HIGH / 8, MCU = 100 };
	struct stream stream = { .bytes = calloc(1, 1024 + MCUS * MCU), .seed = seed };
	uint32_t most = 1, left = 0;
	assert_non_null(stream.bytes);
	add_head(&stream, WIDE, HIGH, 0x11);
	for (int i = 0; i < MCUS * 3; i++) {
		if (i % 3 == 0 && left-- == 0) {
			most = most == 1 ? 30 : 1;
			left = draw(&stream, most == 1 ? 3000 : 1200);
		}
		if (seed % 2 == 0)
			add_block(&stream, false, most);
		else
			add_long_block(&stream, i == 0);
	}
	add_end(&stream);
	return stream;
}

static void check(struct scaled *scaled)
{
	assert_non_null(scaled);
	for (uint32_t seed = 0; seed < 8; seed++) {
		const struct stream stream = out_of_step(seed % 2, seed);
		jpegs_check_bytes(scaled, stream.bytes, stream.length, JPEGS_SAME);
		free(stream.bytes);
	}
	scaled_free(scaled);
}

/* Nothing that was read ahead may count. */
static void test_out_of_step(void **state)
{
	(void)state;
	check(scaled_new(SCALED_AHEAD));
}

static void test_out_of_step_and_much_ahead(void **state)
{
	(void)state;
	check(scaled_new(JPEGS_AHEAD));
}

static void test_uneven(void **state)
{
	struct scaled *scaled = scaled_new(SCALED_AHEAD);
	(void)state;
	assert_non_null(scaled);
	for (uint32_t seed = 0; seed < 2; seed++) {
		const struct stream stream = uneven(seed);
		jpegs_check_bytes(scaled, stream.bytes, stream.length, JPEGS_SAME);
		free(stream.bytes);
	}
	scaled_free(scaled);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_out_of_step),
		cmocka_unit_test(test_out_of_step_and_much_ahead),
		cmocka_unit_test(test_uneven),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
