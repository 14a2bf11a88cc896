/* Samples of LANES blocks at a time, 4 or 8: for reduce_samples.c and reduce_wide.c, each of which
 * says how many. Of 8 the second four stand in the upper halves of registers, and go the same way
 * as the first. */

#include <string.h>
#if LANES == 8
#include <immintrin.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "stages/thumbnail/jpeg/reduce_private.h"

typedef float lanes_real __attribute__((vector_size(4 * LANES)));
typedef int32_t lanes_whole __attribute__((vector_size(4 * LANES)));
typedef uint32_t lanes_word __attribute__((vector_size(4 * LANES)));

#if LANES == 8

#define LANES_INLINE inline __attribute__((always_inline, target("avx2")))
#define LANES_EACH(value)                                              \
	{                                                              \
		value, value, value, value, value, value, value, value \
	}
#define LANES_OF(i) ((i) < 4 ? (i) : (i) + 4)
#define LANES_SHUFFLE(one, two, i, j, k, l)                                                   \
	__builtin_shufflevector(one, two, LANES_OF(i), LANES_OF(j), LANES_OF(k), LANES_OF(l), \
		LANES_OF(i) + 4, LANES_OF(j) + 4, LANES_OF(k) + 4, LANES_OF(l) + 4)
#define LANES_CALL(name) _mm256_##name
#define LANES_SHIFT _mm256_srli_si256
#define LANES_ZERO _mm256_setzero_si256()
typedef __m256i lanes_row_bytes;
typedef __m256 lanes_packed;

#else

#define LANES_INLINE inline __attribute__((always_inline))
#define LANES_EACH(value)                  \
	{                                  \
		value, value, value, value \
	}
#define LANES_SHUFFLE __builtin_shufflevector
#ifdef __SSE2__
#define LANES_CALL(name) _mm_##name
#define LANES_SHIFT _mm_srli_si128
#define LANES_ZERO _mm_setzero_si128()
typedef __m128i lanes_row_bytes;
typedef __m128 lanes_packed;
#endif

#endif

enum { LANES_MASK = 16 }; /* where a word has its mask */

/* Added to each sample, so that it is rounded when its fraction is cut off. */
static const lanes_real lanes_middle = LANES_EACH(REDUCE_MIDDLE + 0.5F);

/* Where a frequency stands in the zigzag, by `v` and `u`. */
static const uint8_t positions[REDUCE_FREQUENCIES][REDUCE_FREQUENCIES] = {
	{ 0, 1, 5, 6, 14, 15 },
	{ 2, 4, 7, 13, 16 },
	{ 3, 8, 12, 17 },
	{ 9, 11, 18 },
	{ 10, 19 },
	{ 20 },
};

static LANES_INLINE lanes_real lanes_all(float value)
{
	return (lanes_real)LANES_EACH(value);
}

/* Four words in front of the `number`th of block `i`, and of the one that goes beside it. */
#if LANES == 8
static LANES_INLINE lanes_word lanes_words(
	const uint32_t *const ends[LANES], uint32_t i, uint32_t number)
{
	const void *first = ends[i] - number - 4;
	const void *second = ends[i + 4] - number - 4;
	return (lanes_word)_mm256_inserti128_si256(
		_mm256_castsi128_si256(_mm_loadu_si128(first)), _mm_loadu_si128(second), 1);
}
#else
static LANES_INLINE lanes_word lanes_words(
	const uint32_t *const ends[LANES], uint32_t i, uint32_t number)
{
	lanes_word words;
	memcpy(&words, ends[i] - number - 4, sizeof(words));
	return words;
}
#endif

/* Coefficients of as many blocks, by position. */
struct lanes_group {
	lanes_whole at[REDUCE_WORDS];
};

/* `number`th in front of the end, to `number` + 3, of each block. */
static LANES_INLINE void lanes_turn(
	const uint32_t *const ends[LANES], uint32_t number, lanes_word turned[4])
{
	lanes_word block[4];
	for (uint32_t i = 0; i < 4; i++)
		block[i] = lanes_words(ends, i, number);
	const lanes_word upper = LANES_SHUFFLE(block[0], block[1], 2, 6, 3, 7);
	const lanes_word lower = LANES_SHUFFLE(block[0], block[1], 0, 4, 1, 5);
	const lanes_word other_upper = LANES_SHUFFLE(block[2], block[3], 2, 6, 3, 7);
	const lanes_word other_lower = LANES_SHUFFLE(block[2], block[3], 0, 4, 1, 5);
	turned[0] = LANES_SHUFFLE(upper, other_upper, 2, 3, 6, 7);
	turned[1] = LANES_SHUFFLE(upper, other_upper, 0, 1, 4, 5);
	turned[2] = LANES_SHUFFLE(lower, other_lower, 2, 3, 6, 7);
	turned[3] = LANES_SHUFFLE(lower, other_lower, 0, 1, 4, 5);
}

/* The values that words stand for: those that begin with a 0 are negative. */
static LANES_INLINE lanes_whole lanes_value(lanes_word word)
{
	const lanes_whole mask = (lanes_whole)(word >> LANES_MASK);
	const lanes_whole bits = (lanes_whole)word & mask;
	return bits - (mask & ~(bits > mask >> 1));
}

static LANES_INLINE void lanes_load(
	const uint32_t *const ends[LANES], uint32_t mean, uint32_t last, struct lanes_group *group)
{
	lanes_word words[REDUCE_WORDS];
	for (uint32_t i = 0; i <= last; i += 4)
		lanes_turn(ends, i, words + i);
	group->at[0] = (lanes_whole)((words[0] + mean) << 16) >> 16;
	for (uint32_t i = 1; i <= last; i++)
		group->at[i] = lanes_value(words[i]);
}

/* Column `u` of the frequencies to the rows of samples. */
static LANES_INLINE void lanes_column(const struct reduce *reduce, const struct lanes_group *group,
	const struct reduce_shape shape, const uint32_t u, lanes_real column[REDUCE_SIDE])
{
	const uint32_t down = shape.down;
#pragma GCC unroll 4
	for (uint32_t i = 0; i < reduce_half(down); i++) {
		lanes_real parts[2] = { { 0 }, { 0 } };
#pragma GCC unroll 6
		for (uint32_t v = 0; v <= reduce_highest(down); v++) {
			const uint32_t position = positions[v][u];
			if (reduce_needs(shape, u, v))
				parts[v % 2] +=
					__builtin_convertvector(group->at[position], lanes_real) *
					lanes_all(reduce->columns[position][i]);
		}
		column[i] = parts[0] + parts[1];
		column[down - 1 - i] = parts[0] - parts[1];
	}
}

/* Row `y` of the samples, out of the columns. */
static LANES_INLINE void lanes_row(const struct reduce *reduce,
	lanes_real columns[REDUCE_FREQUENCIES][REDUCE_SIDE], const uint32_t across,
	const uint32_t y, lanes_real row[REDUCE_SIDE])
{
#pragma GCC unroll 4
	for (uint32_t i = 0; i < reduce_half(across); i++) {
		lanes_real parts[2] = { lanes_middle, { 0 } };
#pragma GCC unroll 6
		for (uint32_t u = 0; u <= reduce_highest(across); u++)
			parts[u % 2] += columns[u][y] * lanes_all(reduce->rows[u][i]);
		row[i] = parts[0] + parts[1];
		row[across - 1 - i] = parts[0] - parts[1];
	}
}

#if LANES == 8 || defined(__SSE2__)
/* Four bytes of each block: samples of two rows of numbers each. */
static LANES_INLINE lanes_row_bytes lanes_bytes(const lanes_real row[4], const uint32_t count)
{
	lanes_row_bytes whole[4];
#pragma GCC unroll 4
	for (uint32_t x = 0; x < 4; x++)
		whole[x] = x < count ? LANES_CALL(cvttps_epi32)(LANES_CALL(min_ps)(
					       (lanes_packed)row[x], LANES_CALL(set1_ps)(255.5F)))
				     : LANES_ZERO;
	return LANES_CALL(packus_epi16)(LANES_CALL(packs_epi32)(whole[0], whole[1]),
		LANES_CALL(packs_epi32)(whole[2], whole[3]));
}

/* Bytes of one block beside each other. */
static LANES_INLINE lanes_row_bytes lanes_weave(lanes_row_bytes bytes)
{
	const lanes_row_bytes even = LANES_CALL(unpacklo_epi8)(bytes, LANES_SHIFT(bytes, 8));
	return LANES_CALL(unpacklo_epi8)(even, LANES_SHIFT(even, 8));
}

/* Of the first four blocks, then of the second four. */
#if LANES == 8
static LANES_INLINE void lanes_store(
	const lanes_row_bytes bytes[2], const uint32_t across, uint8_t *samples)
{
	const __m128i first = _mm256_castsi256_si128(bytes[0]);
	const __m128i second = _mm256_extracti128_si256(bytes[0], 1);
	if (across == 8) {
		const __m256i lower = _mm256_permute2x128_si256(bytes[0], bytes[1], 0x20);
		const __m256i upper = _mm256_permute2x128_si256(bytes[0], bytes[1], 0x31);
		memcpy(samples, &lower, sizeof(lower));
		memcpy(samples + sizeof(lower), &upper, sizeof(upper));
		return;
	}
	memcpy(samples, &first, (size_t)across * 4);
	memcpy(samples + (size_t)across * 4, &second, (size_t)across * 4);
}
#else
static LANES_INLINE void lanes_store(
	const lanes_row_bytes bytes[2], const uint32_t across, uint8_t *samples)
{
	memcpy(samples, bytes, (size_t)across * 4);
}
#endif

/* A row of `across` samples of each of the blocks. */
static LANES_INLINE void lanes_put(
	const lanes_real row[REDUCE_SIDE], const uint32_t across, uint8_t *samples)
{
	lanes_row_bytes bytes[2] = { lanes_bytes(row, across < 4 ? across : 4) };
	if (across == 2)
		bytes[0] = LANES_CALL(unpacklo_epi8)(bytes[0], LANES_SHIFT(bytes[0], 4));
	if (across >= 4)
		bytes[0] = lanes_weave(bytes[0]);
	if (across == 8) {
		const lanes_row_bytes right = lanes_weave(lanes_bytes(row + 4, 4));
		bytes[1] = LANES_CALL(unpackhi_epi32)(bytes[0], right);
		bytes[0] = LANES_CALL(unpacklo_epi32)(bytes[0], right);
	}
	lanes_store(bytes, across, samples);
}
#else
static LANES_INLINE void lanes_put(
	const lanes_real row[REDUCE_SIDE], const uint32_t across, uint8_t *samples)
{
	for (uint32_t i = 0; i < across * LANES; i++) {
		const float sample = row[i % across][i / across];
		samples[i] = (uint8_t)(sample < 0 ? 0 : sample > 255 ? 255 : sample);
	}
}
#endif

static LANES_INLINE void lanes_samples(const struct reduce *reduce, const struct lanes_group *group,
	const struct reduce_place *place, const struct reduce_shape shape)
{
	const uint32_t across = shape.across, down = shape.down;
	lanes_real columns[REDUCE_FREQUENCIES][REDUCE_SIDE];
	uint8_t bytes[REDUCE_SIDE * LANES] = { 0 };
#pragma GCC unroll 6
	for (uint32_t u = 0; u <= reduce_highest(across); u++)
		lanes_column(reduce, group, shape, u, columns[u]);
#pragma GCC unroll 4
	for (uint32_t y = 0; y < down; y++) {
		uint8_t *to = place->samples + y * place->stride;
		const bool whole = place->blocks == LANES;
		lanes_real row[REDUCE_SIDE];
		lanes_row(reduce, columns, across, y, row);
		lanes_put(row, across, whole ? to : bytes);
		if (!whole)
			memcpy(to, bytes, (size_t)place->blocks * across);
	}
}

static LANES_INLINE void lanes_ends(struct reduce_walk *walk, const struct reduce_words *words,
	uint32_t size, const uint32_t *ends[LANES])
{
#pragma GCC unroll 8
	for (uint32_t i = 0; i < LANES; i++) {
		ends[i] = walk->end;
		reduce_step(walk, words, size);
	}
}
