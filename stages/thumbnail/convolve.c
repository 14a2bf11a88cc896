#include "stages/thumbnail/convolve.h"

#include <stdbool.h>

#include "stages/thumbnail/kernel.h"
#include "stages/thumbnail/surface.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum {
	CONVOLVE_FIRST = KERNEL_BITS - CONVOLVE_FRACTION, /* bits to drop: bytes to 16 bits */
	CONVOLVE_BYTE = KERNEL_BITS + CONVOLVE_FRACTION,  /* 16 bits to bytes */
	CONVOLVE_FINE = KERNEL_BITS                       /* 16 bits to 16 bits */
};

/* Constant lengths are what lets a compiler use vectors without being asked. */
struct convolve_sums {
	int32_t of[SURFACE_BLOCK];
};

static inline int32_t convolve_shift(int32_t sum, int bits)
{
	return (sum + (1 << (bits - 1))) >> bits;
}

static inline int16_t convolve_wide(int32_t value)
{
	return (int16_t)(value < INT16_MIN ? INT16_MIN : value > INT16_MAX ? INT16_MAX : value);
}

static void convolve_begin(const struct convolve *rows, struct convolve_sums *sums)
{
	for (int i = 0; i < SURFACE_BLOCK; i++)
		sums->of[i] = rows->offset;
}

static void convolve_add_bytes(
	const struct convolve *rows, size_t at, struct convolve_sums *restrict sums)
{
	const uint8_t *restrict row = rows->first + at;
	convolve_begin(rows, sums);
	for (uint32_t k = 0; k < rows->count; k++, row += rows->stride)
		for (int i = 0; i < SURFACE_BLOCK; i++)
			sums->of[i] += rows->weights[k] * (int16_t)row[i];
}

static void convolve_add_wides(
	const struct convolve *rows, size_t at, struct convolve_sums *restrict sums)
{
	const uint8_t *row = rows->first + at * sizeof(int16_t);
	convolve_begin(rows, sums);
	for (uint32_t k = 0; k < rows->count; k++, row += rows->stride) {
		const int16_t *restrict samples = (const int16_t *)(const void *)row;
		for (int i = 0; i < SURFACE_BLOCK; i++)
			sums->of[i] += rows->weights[k] * samples[i];
	}
}

static void convolve_plain_bytes(const struct convolve *rows, size_t samples, int16_t *restrict out)
{
	for (size_t at = 0; at < samples; at += SURFACE_BLOCK, out += SURFACE_BLOCK) {
		struct convolve_sums sums;
		convolve_add_bytes(rows, at, &sums);
		for (int i = 0; i < SURFACE_BLOCK; i++)
			out[i] = convolve_wide(convolve_shift(sums.of[i], CONVOLVE_FIRST));
	}
}

static void convolve_plain_wides(const struct convolve *rows, size_t samples, uint8_t *restrict out)
{
	for (size_t at = 0; at < samples; at += SURFACE_BLOCK, out += SURFACE_BLOCK) {
		struct convolve_sums sums;
		convolve_add_wides(rows, at, &sums);
		for (int i = 0; i < SURFACE_BLOCK; i++) {
			const int32_t value = convolve_shift(sums.of[i], CONVOLVE_BYTE);
			out[i] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
		}
	}
}

static void convolve_plain_fine(const struct convolve *rows, size_t samples, int16_t *restrict out)
{
	for (size_t at = 0; at < samples; at += SURFACE_BLOCK, out += SURFACE_BLOCK) {
		struct convolve_sums sums;
		convolve_add_wides(rows, at, &sums);
		for (int i = 0; i < SURFACE_BLOCK; i++)
			out[i] = convolve_wide(convolve_shift(sums.of[i], CONVOLVE_FINE));
	}
}

const struct convolve_calls convolve_plain = { convolve_plain_bytes, convolve_plain_wides,
	convolve_plain_fine };

#if defined(__x86_64__)

#define CONVOLVE_AVX2 __attribute__((target("avx2")))
#define CONVOLVE_INLINE inline __attribute__((always_inline, target("avx2")))

enum { CONVOLVE_LANES = 16, CONVOLVE_VECTORS = SURFACE_BLOCK / CONVOLVE_LANES };

/* Sums of a block: of each vector of 16 samples the lower and the upper half, as unpacking leaves
 * them. */
struct convolve_block {
	__m256i low[CONVOLVE_VECTORS], high[CONVOLVE_VECTORS];
};

static CONVOLVE_INLINE __m256i convolve_load(const uint8_t *row, int vector, const bool wide)
{
	if (wide)
		return _mm256_loadu_si256((const __m256i *)(const void *)row + vector);
	return _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(const void *)row + vector));
}

/* Two rows at a time: their samples side by side, multiplied by the pair of weights, and added. */
static CONVOLVE_INLINE void convolve_pair(struct convolve_block *sums, const uint8_t *row,
	const uint8_t *next, __m256i weights, const bool wide)
{
	for (int i = 0; i < CONVOLVE_VECTORS; i++) {
		const __m256i upper = convolve_load(row, i, wide);
		const __m256i lower = convolve_load(next, i, wide);
		sums->low[i] = _mm256_add_epi32(sums->low[i],
			_mm256_madd_epi16(_mm256_unpacklo_epi16(upper, lower), weights));
		sums->high[i] = _mm256_add_epi32(sums->high[i],
			_mm256_madd_epi16(_mm256_unpackhi_epi16(upper, lower), weights));
	}
}

/* An odd last row goes with itself, and a weight of nothing. */
static CONVOLVE_INLINE struct convolve_block convolve_sum(
	const struct convolve *rows, size_t at, const bool wide, const int bits)
{
	struct convolve_block sums;
	const __m256i half = _mm256_set1_epi32(rows->offset + (1 << (bits - 1)));
	for (int i = 0; i < CONVOLVE_VECTORS; i++)
		sums.low[i] = sums.high[i] = half;
	const uint8_t *row = rows->first + (wide ? at * sizeof(int16_t) : at);
	for (uint32_t k = 0; k < rows->count; k += 2, row += 2 * rows->stride) {
		const bool pair = k + 1 < rows->count;
		const uint32_t lower = pair ? (uint16_t)rows->weights[k + 1] : 0;
		const uint32_t both = (uint16_t)rows->weights[k] | lower << 16;
		convolve_pair(&sums, row, pair ? row + rows->stride : row,
			_mm256_set1_epi32((int32_t)both), wide);
	}
	for (int i = 0; i < CONVOLVE_VECTORS; i++) {
		sums.low[i] = _mm256_srai_epi32(sums.low[i], bits);
		sums.high[i] = _mm256_srai_epi32(sums.high[i], bits);
	}
	return sums;
}

/* Packing undoes what unpacking did to the order. */
static CONVOLVE_INLINE void convolve_store(const struct convolve_block *sums, int16_t *out)
{
	for (int i = 0; i < CONVOLVE_VECTORS; i++)
		_mm256_storeu_si256((__m256i *)(void *)out + i,
			_mm256_packs_epi32(sums->low[i], sums->high[i]));
}

static CONVOLVE_AVX2 void convolve_avx2_bytes(
	const struct convolve *rows, size_t samples, int16_t *restrict out)
{
	for (size_t at = 0; at < samples; at += SURFACE_BLOCK) {
		const struct convolve_block sums = convolve_sum(rows, at, false, CONVOLVE_FIRST);
		convolve_store(&sums, out + at);
	}
}

static CONVOLVE_AVX2 void convolve_avx2_fine(
	const struct convolve *rows, size_t samples, int16_t *restrict out)
{
	for (size_t at = 0; at < samples; at += SURFACE_BLOCK) {
		const struct convolve_block sums = convolve_sum(rows, at, true, CONVOLVE_FINE);
		convolve_store(&sums, out + at);
	}
}

static CONVOLVE_AVX2 void convolve_avx2_wides(
	const struct convolve *rows, size_t samples, uint8_t *restrict out)
{
	for (size_t at = 0; at < samples; at += SURFACE_BLOCK, out += SURFACE_BLOCK) {
		const struct convolve_block sums = convolve_sum(rows, at, true, CONVOLVE_BYTE);
		for (int i = 0; i < CONVOLVE_VECTORS; i += 2) {
			const __m256i one = _mm256_packs_epi32(sums.low[i], sums.high[i]);
			const __m256i two = _mm256_packs_epi32(sums.low[i + 1], sums.high[i + 1]);
			const __m256i bytes = _mm256_packus_epi16(one, two);
			_mm256_storeu_si256((__m256i *)(void *)out + i / 2,
				_mm256_permute4x64_epi64(bytes, 0xD8));
		}
	}
}

static const struct convolve_calls convolve_avx2 = { convolve_avx2_bytes, convolve_avx2_wides,
	convolve_avx2_fine };

const struct convolve_calls *convolve_best(void)
{
	return __builtin_cpu_supports("avx2") ? &convolve_avx2 : &convolve_plain;
}

#else

const struct convolve_calls *convolve_best(void)
{
	return &convolve_plain;
}

#endif
