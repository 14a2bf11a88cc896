#include "stages/thumbnail/unfilter.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

enum unfilter_kind { UNFILTER_NONE, UNFILTER_SUB, UNFILTER_UP, UNFILTER_MEAN, UNFILTER_PAETH };

static void unfilter_up(const struct unfilter *one)
{
	for (size_t i = 0; i < one->count; i++)
		one->row[i] = (uint8_t)(one->filtered[i] + one->above[i]);
}

#if defined(__SSE2__)

/* A pixel is read and written as four bytes whatever it has, and what is too much is overwritten by
 * the next one. Three bytes that are put together in memory wait for each other at every pixel,
 * which takes six times as long. */

static inline __m128i unfilter_load(const uint8_t *at)
{
	return _mm_loadu_si32(at);
}

static inline void unfilter_store(uint8_t *at, __m128i pixel, size_t bytes)
{
	if (bytes == 1)
		*at = (uint8_t)_mm_cvtsi128_si32(pixel);
	else
		_mm_storeu_si32(at, pixel);
}

static inline __m128i unfilter_away(__m128i lanes)
{
	return _mm_max_epi16(lanes, _mm_sub_epi16(_mm_setzero_si128(), lanes));
}

static inline __m128i unfilter_choose(__m128i mask, __m128i yes, __m128i no)
{
	return _mm_or_si128(_mm_and_si128(mask, yes), _mm_andnot_si128(mask, no));
}

/* Left, above or the one between, whichever is nearest to left + above - between. */
static inline __m128i unfilter_predict(__m128i left, __m128i above, __m128i between)
{
	const __m128i by_left = _mm_sub_epi16(above, between);
	const __m128i by_above = _mm_sub_epi16(left, between);
	const __m128i to_left = unfilter_away(by_left), to_above = unfilter_away(by_above);
	const __m128i to_between = unfilter_away(_mm_add_epi16(by_left, by_above));
	const __m128i least = _mm_min_epi16(to_between, _mm_min_epi16(to_left, to_above));
	const __m128i other = unfilter_choose(_mm_cmpeq_epi16(least, to_above), above, between);
	return unfilter_choose(_mm_cmpeq_epi16(least, to_left), left, other);
}

static inline void unfilter_paeth(const struct unfilter *one, const size_t bytes)
{
	const __m128i zero = _mm_setzero_si128();
	__m128i left = zero, between = zero;
	for (size_t i = 0; i < one->count; i += bytes) {
		const __m128i above = _mm_unpacklo_epi8(unfilter_load(one->above + i), zero);
		const __m128i guess = unfilter_predict(left, above, between);
		const __m128i filtered = _mm_unpacklo_epi8(unfilter_load(one->filtered + i), zero);
		left = _mm_add_epi8(filtered, guess);
		between = above;
		unfilter_store(one->row + i, _mm_packus_epi16(left, left), bytes);
	}
}

static inline void unfilter_sub(const struct unfilter *one, const size_t bytes)
{
	__m128i left = _mm_setzero_si128();
	for (size_t i = 0; i < one->count; i += bytes) {
		left = _mm_add_epi8(left, unfilter_load(one->filtered + i));
		unfilter_store(one->row + i, left, bytes);
	}
}

/* The processor's mean rounds up, PNG's down. */
static inline void unfilter_mean(const struct unfilter *one, const size_t bytes)
{
	const __m128i ones = _mm_set1_epi8(1);
	__m128i left = _mm_setzero_si128();
	for (size_t i = 0; i < one->count; i += bytes) {
		const __m128i above = unfilter_load(one->above + i);
		const __m128i odd = _mm_and_si128(_mm_xor_si128(left, above), ones);
		const __m128i mean = _mm_sub_epi8(_mm_avg_epu8(left, above), odd);
		left = _mm_add_epi8(mean, unfilter_load(one->filtered + i));
		unfilter_store(one->row + i, left, bytes);
	}
}

#else

static inline uint8_t unfilter_predict(int left, int above, int between)
{
	const int guess = left + above - between;
	const int to_left = abs(guess - left), to_above = abs(guess - above);
	const int to_between = abs(guess - between);
	if (to_left <= to_above && to_left <= to_between)
		return (uint8_t)left;
	return (uint8_t)(to_above <= to_between ? above : between);
}

static inline void unfilter_paeth(const struct unfilter *one, const size_t bytes)
{
	for (size_t i = 0; i < one->count; i++) {
		const int left = i < bytes ? 0 : one->row[i - bytes];
		const int between = i < bytes ? 0 : one->above[i - bytes];
		const uint8_t guess = unfilter_predict(left, one->above[i], between);
		one->row[i] = (uint8_t)(one->filtered[i] + guess);
	}
}

static inline void unfilter_sub(const struct unfilter *one, const size_t bytes)
{
	for (size_t i = 0; i < one->count; i++)
		one->row[i] = (uint8_t)(one->filtered[i] + (i < bytes ? 0 : one->row[i - bytes]));
}

static inline void unfilter_mean(const struct unfilter *one, const size_t bytes)
{
	for (size_t i = 0; i < one->count; i++) {
		const int left = i < bytes ? 0 : one->row[i - bytes];
		one->row[i] = (uint8_t)(one->filtered[i] + (left + one->above[i]) / 2);
	}
}

#endif

static inline void unfilter_by(const struct unfilter *one, uint8_t filter, const size_t bytes)
{
	switch ((enum unfilter_kind)filter) {
	case UNFILTER_NONE:
		memcpy(one->row, one->filtered, one->count);
		break;
	case UNFILTER_SUB:
		unfilter_sub(one, bytes);
		break;
	case UNFILTER_UP:
		unfilter_up(one);
		break;
	case UNFILTER_MEAN:
		unfilter_mean(one, bytes);
		break;
	case UNFILTER_PAETH:
		unfilter_paeth(one, bytes);
		break;
	}
}

/* Constant numbers of bytes are worth a loop of their own. */
void unfilter_row(const struct unfilter *one, uint8_t filter, uint32_t pixel)
{
	assert(filter <= UNFILTER_MOST && (pixel == 1 || pixel == 3 || pixel == 4));
	if (pixel == 1)
		unfilter_by(one, filter, 1);
	else if (pixel == 3)
		unfilter_by(one, filter, 3);
	else
		unfilter_by(one, filter, 4);
}
