#ifndef NIGHTMILL_STAGES_THUMBNAIL_JPEG_READER_H
#define NIGHTMILL_STAGES_THUMBNAIL_JPEG_READER_H

/* Bits out of bytes without stuffing, most significant first. Nothing here checks an end: the bytes
 * must go on for as long as one MCU can (see flat.h). All of it is inline, so that a reader that
 * lives on the stack stays in registers. */

#include <stdint.h>
#include <string.h>

struct reader {
	const uint8_t *at; /* next byte to load */
	uint64_t buffer;   /* `count` bits from the top down; those below are right or zero */
	uint32_t count;    /* in the lowest six bits; 0 in the next two; above them the caller's */
};

enum {
	READER_FULL = 56,  /* bits there at least after a refill */
	READER_BEHIND = 16 /* bytes before `at` that reader_back may need */
};

static inline uint64_t reader_load(const uint8_t *at)
{
	uint64_t bytes;
	memcpy(&bytes, at, sizeof(bytes));
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	bytes = __builtin_bswap64(bytes);
#endif
	return bytes;
}

static inline void reader_refill(struct reader *reader)
{
	reader->buffer |= reader_load(reader->at) >> (reader->count & 63);
	reader->at += ~reader->count >> 3 & 7;
	reader->count |= READER_FULL;
}

/* The next `bits`, 1 to 32. */
static inline uint32_t reader_peek(const struct reader *reader, uint32_t bits)
{
	return (uint32_t)(reader->buffer >> (64 - bits));
}

/* Skips what the lowest eight bits of `entry` say (0 to 63 bits, no more than there are), so that a
 * table's entry may be given as it is: what stands above them is taken off the caller's. */
static inline void reader_skip(struct reader *reader, uint32_t entry)
{
	reader->buffer <<= entry & 63;
	reader->count -= entry;
}

/* Takes the last reader_skip back. */
static inline void reader_back(struct reader *reader, uint32_t entry)
{
	const uint32_t count = reader->count + entry;
	const uint32_t ahead = count & 127;
	const uint32_t bytes = (ahead + 7) / 8;
	reader->at -= bytes;
	reader->buffer = reader_load(reader->at) << (bytes * 8 - ahead);
	reader->count = (count - ahead) | (READER_FULL - (bytes * 8 - ahead));
	reader->at += READER_FULL / 8;
}

/* The next `total` bits (0 to 31) at the lower end, and others above them. The copy is made so that
 * the compiler rotates it, instead of building that out of the shift of reader_skip. */
static inline uint64_t reader_turned(const struct reader *reader, uint32_t total)
{
	uint64_t buffer = reader->buffer;
	__asm__("" : "+r"(buffer));
	return buffer << (total & 63) | buffer >> (-total & 63);
}

/* The value that the next `total` bits (0 to 31) end with, as JPEG writes it: those that begin with
 * a 0 are negative. `mask` has as many ones as the value has bits. */
static inline int32_t reader_value(const struct reader *reader, uint32_t total, uint32_t mask)
{
	const uint32_t bits = (uint32_t)reader_turned(reader, total) & mask;
	const uint32_t positive = ((mask >> 1) - bits) >> 31;
	return (int32_t)(bits - (mask & (positive - 1)));
}

#endif
