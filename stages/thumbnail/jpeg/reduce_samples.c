#include "stages/thumbnail/jpeg/reduce.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "stages/thumbnail/jpeg/reduce_private.h"

enum { REDUCE_MASK = 16 }; /* where a word has its mask */

/* Added to each sample, so that it is rounded when its fraction is cut off. */
static const reduce_vector reduce_middle = { REDUCE_MIDDLE + 0.5F, REDUCE_MIDDLE + 0.5F,
	REDUCE_MIDDLE + 0.5F, REDUCE_MIDDLE + 0.5F };

typedef int32_t reduce_whole __attribute__((vector_size(4 * REDUCE_LANES)));
typedef uint32_t reduce_word __attribute__((vector_size(4 * REDUCE_LANES)));

/* Where a frequency stands in the zigzag, by `v` and `u`. */
static const uint8_t positions[REDUCE_FREQUENCIES][REDUCE_FREQUENCIES] = {
	{ 0, 1, 5, 6, 14, 15 },
	{ 2, 4, 7, 13, 16 },
	{ 3, 8, 12, 17 },
	{ 9, 11, 18 },
	{ 10, 19 },
	{ 20 },
};

/* Rounded as libjpeg does it at 1/8. */
static uint8_t reduce_mean(const struct reduce *reduce, uint32_t mean)
{
	const int32_t value = ((int16_t)mean * reduce->quant + 4 + 8 * REDUCE_MIDDLE) >> 3;
	return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

/* Coefficients of four blocks, by position. */
struct reduce_group {
	reduce_whole at[REDUCE_WORDS];
};

/* `number`th in front of the end, to `number` + 3, of each block. */
static REDUCE_INLINE void reduce_turn(
	const uint32_t *const ends[REDUCE_LANES], uint32_t number, reduce_word turned[REDUCE_LANES])
{
	reduce_word block[REDUCE_LANES];
	for (uint32_t i = 0; i < REDUCE_LANES; i++)
		memcpy(&block[i], ends[i] - number - REDUCE_LANES, sizeof(*block));
	const reduce_word upper = __builtin_shufflevector(block[0], block[1], 2, 6, 3, 7);
	const reduce_word lower = __builtin_shufflevector(block[0], block[1], 0, 4, 1, 5);
	const reduce_word other_upper = __builtin_shufflevector(block[2], block[3], 2, 6, 3, 7);
	const reduce_word other_lower = __builtin_shufflevector(block[2], block[3], 0, 4, 1, 5);
	turned[0] = __builtin_shufflevector(upper, other_upper, 2, 3, 6, 7);
	turned[1] = __builtin_shufflevector(upper, other_upper, 0, 1, 4, 5);
	turned[2] = __builtin_shufflevector(lower, other_lower, 2, 3, 6, 7);
	turned[3] = __builtin_shufflevector(lower, other_lower, 0, 1, 4, 5);
}

/* The values that words stand for: those that begin with a 0 are negative. */
static REDUCE_INLINE reduce_whole reduce_value(reduce_word word)
{
	const reduce_whole mask = (reduce_whole)(word >> REDUCE_MASK);
	const reduce_whole bits = (reduce_whole)word & mask;
	return bits - (mask & ~(bits > mask >> 1));
}

static REDUCE_INLINE void reduce_load(const uint32_t *const ends[REDUCE_LANES], uint32_t mean,
	uint32_t last, struct reduce_group *group)
{
	reduce_word words[REDUCE_WORDS];
	for (uint32_t i = 0; i <= last; i += REDUCE_LANES)
		reduce_turn(ends, i, words + i);
	group->at[0] = (reduce_whole)((words[0] + mean) << 16) >> 16;
	for (uint32_t i = 1; i <= last; i++)
		group->at[i] = reduce_value(words[i]);
}

/* Samples of a block, and the last position that they need. All of it is constant where it is used.
 */
struct reduce_shape {
	uint32_t across, down, last;
};

/* Column `u` of the frequencies to the rows of samples. */
static REDUCE_INLINE void reduce_column(const struct reduce *reduce,
	const struct reduce_group *group, const struct reduce_shape shape, const uint32_t u,
	reduce_vector column[REDUCE_SIDE])
{
	const uint32_t across = shape.across, down = shape.down;
#pragma GCC unroll 4
	for (uint32_t i = 0; i < reduce_half(down); i++) {
		reduce_vector parts[2] = { { 0 }, { 0 } };
#pragma GCC unroll 6
		for (uint32_t v = 0; v <= reduce_highest(down); v++) {
			const uint32_t position = positions[v][u];
			if (reduce_needs(across, down, u, v))
				parts[v % 2] += __builtin_convertvector(
							group->at[position], reduce_vector) *
						reduce->columns[position][i];
		}
		column[i] = parts[0] + parts[1];
		column[down - 1 - i] = parts[0] - parts[1];
	}
}

/* Row `y` of the samples, out of the columns. */
static REDUCE_INLINE void reduce_row(const struct reduce *reduce,
	reduce_vector columns[REDUCE_FREQUENCIES][REDUCE_SIDE], const uint32_t across,
	const uint32_t y, reduce_vector row[REDUCE_SIDE])
{
#pragma GCC unroll 4
	for (uint32_t i = 0; i < reduce_half(across); i++) {
		reduce_vector parts[2] = { reduce_middle, { 0 } };
#pragma GCC unroll 6
		for (uint32_t u = 0; u <= reduce_highest(across); u++)
			parts[u % 2] += columns[u][y] * reduce->rows[u][i];
		row[i] = parts[0] + parts[1];
		row[across - 1 - i] = parts[0] - parts[1];
	}
}

#ifdef __SSE2__
/* Four bytes of each block: samples of two rows of numbers each. */
static REDUCE_INLINE __m128i reduce_bytes(const reduce_vector row[4], const uint32_t count)
{
	__m128i whole[4];
#pragma GCC unroll 4
	for (uint32_t x = 0; x < 4; x++)
		whole[x] = x < count ? _mm_cvttps_epi32(
					       _mm_min_ps((__m128)row[x], _mm_set1_ps(255.5F)))
				     : _mm_setzero_si128();
	return _mm_packus_epi16(
		_mm_packs_epi32(whole[0], whole[1]), _mm_packs_epi32(whole[2], whole[3]));
}

/* Bytes of one block beside each other. */
static REDUCE_INLINE __m128i reduce_weave(__m128i bytes)
{
	const __m128i even = _mm_unpacklo_epi8(bytes, _mm_srli_si128(bytes, 8));
	return _mm_unpacklo_epi8(even, _mm_srli_si128(even, 8));
}

/* A row of `across` samples of each of the four blocks. */
static REDUCE_INLINE void reduce_put(
	const reduce_vector row[REDUCE_SIDE], const uint32_t across, uint8_t *samples)
{
	__m128i bytes[2] = { reduce_bytes(row, across < 4 ? across : 4) };
	if (across == 2)
		bytes[0] = _mm_unpacklo_epi8(bytes[0], _mm_srli_si128(bytes[0], 4));
	if (across >= 4)
		bytes[0] = reduce_weave(bytes[0]);
	if (across == 8) {
		const __m128i right = reduce_weave(reduce_bytes(row + 4, 4));
		bytes[1] = _mm_unpackhi_epi32(bytes[0], right);
		bytes[0] = _mm_unpacklo_epi32(bytes[0], right);
	}
	memcpy(samples, bytes, (size_t)across * REDUCE_LANES);
}
#else
static REDUCE_INLINE void reduce_put(
	const reduce_vector row[REDUCE_SIDE], const uint32_t across, uint8_t *samples)
{
	for (uint32_t i = 0; i < across * REDUCE_LANES; i++) {
		const float sample = row[i % across][i / across];
		samples[i] = (uint8_t)(sample < 0 ? 0 : sample > 255 ? 255 : sample);
	}
}
#endif

/* Where the samples of up to four blocks go. */
struct reduce_place {
	uint8_t *samples;
	size_t stride;
	uint32_t blocks;
};

static REDUCE_INLINE void reduce_samples(const struct reduce *reduce,
	const struct reduce_group *group, const struct reduce_place *place,
	const struct reduce_shape shape)
{
	const uint32_t across = shape.across, down = shape.down;
	reduce_vector columns[REDUCE_FREQUENCIES][REDUCE_SIDE];
	uint8_t bytes[REDUCE_SIDE * REDUCE_LANES] = { 0 };
#pragma GCC unroll 6
	for (uint32_t u = 0; u <= reduce_highest(across); u++)
		reduce_column(reduce, group, shape, u, columns[u]);
#pragma GCC unroll 4
	for (uint32_t y = 0; y < down; y++) {
		uint8_t *to = place->samples + y * place->stride;
		const bool whole = place->blocks == REDUCE_LANES;
		reduce_vector row[REDUCE_SIDE];
		reduce_row(reduce, columns, across, y, row);
		reduce_put(row, across, whole ? to : bytes);
		if (!whole)
			memcpy(to, bytes, (size_t)place->blocks * across);
	}
}

/* The next block. */
struct reduce_walk {
	const uint32_t *end;
	uint32_t number; /* in its MCU */
};

static REDUCE_INLINE void reduce_step(
	struct reduce_walk *walk, const struct reduce_words *words, uint32_t size)
{
	walk->end -= size;
	if (++walk->number < words->across)
		return;
	walk->number = 0;
	walk->end -= words->mcu - (size_t)size * words->across;
}

static REDUCE_INLINE void reduce_ends(struct reduce_walk *walk, const struct reduce_words *words,
	uint32_t size, const uint32_t *ends[REDUCE_LANES])
{
#pragma GCC unroll 4
	for (uint32_t i = 0; i < REDUCE_LANES; i++) {
		ends[i] = walk->end;
		reduce_step(walk, words, size);
	}
}

static REDUCE_INLINE uint32_t reduce_blocks(uint32_t done, uint32_t count)
{
	return count - done < REDUCE_LANES ? count - done : REDUCE_LANES;
}

static REDUCE_INLINE void reduce_words_of(const struct reduce *reduce,
	const struct reduce_words *words, uint32_t count, struct reduce_place place,
	const struct reduce_shape shape)
{
	struct reduce_walk walk = { words->end, 0 };
	for (uint32_t done = 0; done < count; done += place.blocks) {
		const uint32_t *ends[REDUCE_LANES];
		struct reduce_group group;
		place.blocks = reduce_blocks(done, count);
		reduce_ends(&walk, words, reduce->words, ends);
		reduce_load(ends, words->mean, shape.last, &group);
		reduce_samples(reduce, &group, &place, shape);
		place.samples += (size_t)shape.across * REDUCE_LANES;
	}
}

static REDUCE_INLINE void reduce_values_of(const struct reduce *reduce, const int16_t *values,
	uint32_t count, struct reduce_place place, const struct reduce_shape shape)
{
	const size_t kept = shape.last + 1;
	for (uint32_t done = 0; done < count; done += place.blocks) {
		struct reduce_group group;
		place.blocks = reduce_blocks(done, count);
		size_t blocks[REDUCE_LANES];
		for (uint32_t i = 0; i < REDUCE_LANES; i++)
			blocks[i] = i < place.blocks ? i * kept : 0;
		for (size_t i = 0; i < kept; i++) {
			const int16_t *one = values + i;
			group.at[i] = (reduce_whole){ one[0], one[blocks[1]], one[blocks[2]],
				one[blocks[3]] };
		}
		reduce_samples(reduce, &group, &place, shape);
		place.samples += (size_t)shape.across * REDUCE_LANES;
		values += place.blocks * kept;
	}
}

static void reduce_word_means(const struct reduce *reduce, const struct reduce_words *words,
	uint32_t count, uint8_t *samples)
{
	struct reduce_walk walk = { words->end, 0 };
	for (uint32_t i = 0; i < count; i++) {
		samples[i] = reduce_mean(reduce, walk.end[-1] + words->mean);
		reduce_step(&walk, words, 1);
	}
}

#define REDUCE_WORDS_CASE(across, down, last)                                                      \
	case REDUCE_KEY(across, down):                                                             \
		reduce_words_of(reduce, words, count, (struct reduce_place){ samples, stride, 0 }, \
			(struct reduce_shape){ across, down, last });                              \
		break;

void reduce_words(const struct reduce *reduce, const struct reduce_words *words, uint32_t count,
	uint8_t *samples, size_t stride)
{
	switch (REDUCE_KEY(reduce->across, reduce->down)) {
		REDUCE_SHAPES(REDUCE_WORDS_CASE)
	default:
		reduce_word_means(reduce, words, count, samples);
		break;
	}
}

#define REDUCE_VALUES_CASE(across, down, last)                        \
	case REDUCE_KEY(across, down):                                \
		reduce_values_of(reduce, values, count,               \
			(struct reduce_place){ samples, stride, 0 },  \
			(struct reduce_shape){ across, down, last }); \
		break;

void reduce_values(const struct reduce *reduce, const int16_t *values, uint32_t count,
	uint8_t *samples, size_t stride)
{
	switch (REDUCE_KEY(reduce->across, reduce->down)) {
		REDUCE_SHAPES(REDUCE_VALUES_CASE)
	default:
		for (uint32_t i = 0; i < count; i++)
			samples[i] = reduce_mean(reduce, (uint16_t)values[i]);
		break;
	}
}
