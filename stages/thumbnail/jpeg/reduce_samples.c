#include "stages/thumbnail/jpeg/reduce.h"

#define LANES 4
#include "stages/thumbnail/jpeg/reduce_lanes.h"

/* Rounded as libjpeg does it at 1/8. */
static uint8_t reduce_mean(const struct reduce *reduce, uint32_t mean)
{
	const int32_t value = ((int16_t)mean * reduce->quant + 4 + 8 * REDUCE_MIDDLE) >> 3;
	return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

static LANES_INLINE uint32_t reduce_blocks(uint32_t done, uint32_t count)
{
	return count - done < LANES ? count - done : LANES;
}

static LANES_INLINE void reduce_words_of(const struct reduce *reduce,
	const struct reduce_words *words, uint32_t count, struct reduce_place place,
	const struct reduce_shape shape)
{
	place.walk = (struct reduce_walk){ words->end, 0 };
	uint32_t done = reduce_wide(reduce, words, count, &place);
	for (; done < count; done += place.blocks) {
		const uint32_t *ends[LANES];
		struct lanes_group group;
		place.blocks = reduce_blocks(done, count);
		lanes_ends(&place.walk, words, reduce->words, ends);
		lanes_load(ends, words->mean, shape.last, &group);
		lanes_samples(reduce, &group, &place, shape);
		place.samples += (size_t)shape.across * LANES;
	}
}

static LANES_INLINE void reduce_values_of(const struct reduce *reduce, const int16_t *values,
	uint32_t count, struct reduce_place place, const struct reduce_shape shape)
{
	const size_t kept = shape.last + 1;
	for (uint32_t done = 0; done < count; done += place.blocks) {
		struct lanes_group group;
		place.blocks = reduce_blocks(done, count);
		size_t blocks[LANES];
		for (uint32_t i = 0; i < LANES; i++)
			blocks[i] = i < place.blocks ? i * kept : 0;
		for (size_t i = 0; i < kept; i++) {
			const int16_t *one = values + i;
			group.at[i] = (lanes_whole){ one[0], one[blocks[1]], one[blocks[2]],
				one[blocks[3]] };
		}
		lanes_samples(reduce, &group, &place, shape);
		place.samples += (size_t)shape.across * LANES;
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

#define REDUCE_WORDS_CASE(across, down, last, fine)                                    \
	case REDUCE_KEY(across, down, fine):                                           \
		reduce_words_of(reduce, words, count,                                  \
			(struct reduce_place){ .samples = samples, .stride = stride }, \
			(struct reduce_shape){ across, down, last, fine });            \
		break;

void reduce_words(const struct reduce *reduce, const struct reduce_words *words, uint32_t count,
	uint8_t *samples, size_t stride)
{
	switch (REDUCE_KEY(reduce->across, reduce->down, reduce->fine)) {
		REDUCE_SHAPES(REDUCE_WORDS_CASE)
	default:
		reduce_word_means(reduce, words, count, samples);
		break;
	}
}

#define REDUCE_VALUES_CASE(across, down, last, fine)                                   \
	case REDUCE_KEY(across, down, fine):                                           \
		reduce_values_of(reduce, values, count,                                \
			(struct reduce_place){ .samples = samples, .stride = stride }, \
			(struct reduce_shape){ across, down, last, fine });            \
		break;

void reduce_values(const struct reduce *reduce, const int16_t *values, uint32_t count,
	uint8_t *samples, size_t stride)
{
	switch (REDUCE_KEY(reduce->across, reduce->down, reduce->fine)) {
		REDUCE_SHAPES(REDUCE_VALUES_CASE)
	default:
		for (uint32_t i = 0; i < count; i++)
			samples[i] = reduce_mean(reduce, (uint16_t)values[i]);
		break;
	}
}
