#include "stages/thumbnail/jpeg/scan.h"

#include "stages/thumbnail/jpeg/ahead.h"
#include "stages/thumbnail/jpeg/scan_private.h"

void scan_begin(struct scan *scan, const uint8_t *from, const uint8_t *end)
{
	scan->flat = &scan->flats[0];
	scan->left = scan->interval;
	scan->restarts = 0;
	scan->stream = (struct scan_stream){ .last = { 0 } };
	ahead_reset(scan);
	flat_begin(scan->flat, &scan->stream.reader, from, end);
}

bool scan_is_due(const struct flat *flat, uint32_t restarts)
{
	return flat->end - flat->from >= 2 && flat->from[1] == 0xD0 + (restarts & 7);
}

static bool scan_restart(struct scan *scan)
{
	struct flat *flat = scan->flat;
	if (!flat_finished(flat, &scan->stream.reader) || !scan_is_due(flat, scan->restarts))
		return false;
	scan->restarts++;
	scan->left = scan->interval;
	scan->stream = (struct scan_stream){ .last = { 0 } };
	if (scan->ahead.active)
		ahead_restart(scan);
	else
		flat_begin(flat, &scan->stream.reader, flat->from + 2, flat->end);
	return true;
}

/* Across the restart marker, where the next MCU stands behind one. */
static bool scan_cross(struct scan *scan)
{
	return scan->interval == 0 || scan->left > 0 || scan_restart(scan);
}

/* Of `most` MCUs those in front of the next restart marker. */
static uint32_t scan_until_marker(const struct scan *scan, uint32_t most)
{
	return scan->interval != 0 && scan->left < most ? scan->left : most;
}

static void scan_count(struct scan *scan, uint32_t mcus)
{
	if (scan->interval != 0)
		scan->left -= mcus;
}

uint32_t scan_stretch(struct scan *scan, uint32_t most)
{
	if (!scan_cross(scan))
		return 0;
	const uint32_t stretch = scan_until_marker(scan, most);
	scan_count(scan, stretch);
	return stretch;
}

/* MCUs whose words stand in front of `end`, from number `mcu` of the row on, to samples. */
static void scan_reduce(const struct scan *scan, const uint32_t *end,
	const int32_t mean[SCAN_COMPONENTS], uint32_t mcu, uint32_t count)
{
	for (uint32_t i = 0; i < scan->count; i++) {
		const struct scan_component *component = &scan->components[i];
		const struct reduce *reduce = &component->reduce;
		const uint32_t across = component->across;
		struct reduce_words words = { end - component->words, across, scan->mcu_words,
			(uint32_t)mean[i] };
		uint8_t *samples = component->samples + (size_t)mcu * across * reduce->across;
		for (uint32_t y = 0; y < component->down; y++) {
			reduce_words(reduce, &words, count * across, samples, component->stride);
			words.end -= (size_t)across * reduce->words;
			samples += reduce->down * component->stride;
		}
	}
}

/* MCUs that were read ahead. */
static uint32_t scan_take(struct scan *scan, uint32_t mcu, uint32_t most)
{
	struct scan_ahead *ahead = &scan->ahead;
	const uint32_t count = ahead->ready < most ? ahead->ready : most;
	scan_reduce(scan, ahead_end(scan, ahead->taken), ahead->mean, mcu, count);
	ahead->taken += count;
	ahead->ready -= count;
	return count;
}

/* MCUs that are read now; 0: none can be. */
static uint32_t scan_read(struct scan *scan, uint32_t mcu, uint32_t most)
{
	static const int32_t mean[SCAN_COMPONENTS];
	uint32_t *end = scan->words + SCAN_BELOW + SCAN_ROOM;
	const uint32_t room = SCAN_ROOM / scan->mcu_words;
	const uint32_t some = scan_until_marker(scan, most < room ? most : room);
	const uint32_t count = ahead_read(scan, end, some);
	scan_count(scan, count);
	scan_reduce(scan, end, mean, mcu, count);
	return count;
}

/* Comes to a restart marker, or to where MCUs were read ahead. */
static bool scan_arrive(struct scan *scan)
{
	if (scan->interval == 0)
		ahead_meet(scan);
	return scan_cross(scan);
}

bool scan_row(struct scan *scan)
{
	uint32_t mcu = 0;
	while (mcu < scan->mcus) {
		const uint32_t most = scan->mcus - mcu;
		if (scan->ahead.ready == 0 && !scan_arrive(scan))
			return false;
		const uint32_t count = scan->ahead.ready > 0 ? scan_take(scan, mcu, most)
							     : scan_read(scan, mcu, most);
		if (count == 0)
			return false;
		mcu += count;
	}
	return true;
}
