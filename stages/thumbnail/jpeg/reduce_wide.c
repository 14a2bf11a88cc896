#include "stages/thumbnail/jpeg/reduce_private.h"

#ifdef __x86_64__

#define LANES 8
#include "stages/thumbnail/jpeg/reduce_lanes.h"

static LANES_INLINE uint32_t reduce_wide_of(const struct reduce *reduce,
	const struct reduce_words *words, uint32_t count, struct reduce_place *place,
	const struct reduce_shape shape)
{
	uint32_t done = 0;
	place->blocks = LANES;
	for (; count - done >= LANES; done += LANES) {
		const uint32_t *ends[LANES];
		struct lanes_group group;
		lanes_ends(&place->walk, words, reduce->words, ends);
		lanes_load(ends, words->mean, shape.last, &group);
		lanes_samples(reduce, &group, place, shape);
		place->samples += (size_t)shape.across * LANES;
	}
	return done;
}

#define REDUCE_WIDE_CASE(across, down, last, fine)                 \
	case REDUCE_KEY(across, down, fine):                       \
		return reduce_wide_of(reduce, words, count, place, \
			(struct reduce_shape){ across, down, last, fine });

static __attribute__((target("avx2"))) uint32_t reduce_wide_by_shape(const struct reduce *reduce,
	const struct reduce_words *words, uint32_t count, struct reduce_place *place)
{
	switch (REDUCE_KEY(reduce->across, reduce->down, reduce->fine)) {
		REDUCE_SHAPES(REDUCE_WIDE_CASE)
	default:
		return 0;
	}
}

uint32_t reduce_wide(const struct reduce *reduce, const struct reduce_words *words, uint32_t count,
	struct reduce_place *place)
{
	return __builtin_cpu_supports("avx2") ? reduce_wide_by_shape(reduce, words, count, place)
					      : 0;
}

#else

uint32_t reduce_wide(const struct reduce *reduce, const struct reduce_words *words, uint32_t count,
	struct reduce_place *place)
{
	(void)reduce;
	(void)words;
	(void)count;
	(void)place;
	return 0;
}

#endif
