#include "stages/thumbnail/jpeg/ahead.h"

#include <string.h>

#include "stages/thumbnail/jpeg/scan_mcus.h"
#include "stages/thumbnail/jpeg/scan_private.h"

enum {
	AHEAD_PARTS = 16,   /* of the least that is left: after one it is most likely in step */
	AHEAD_MARKS = 32,   /* or so many MCUs */
	AHEAD_LOST = 2048,  /* bytes after which that is given up */
	AHEAD_FAILURES = 4, /* more than successes, and the picture is read at one place */
	AHEAD_DC = 1 << 29  /* less than this and what is read ahead do not overflow together */
};

void ahead_reset(struct scan *scan)
{
	struct scan_ahead *ahead = &scan->ahead;
	ahead->reads = scan_reads_of(scan);
	ahead->active = false;
	ahead->ready = 0;
	ahead->failures = 0;
	ahead->reach = FLAT_ROOM;
}

static void ahead_fail(struct scan_ahead *ahead)
{
	ahead->active = false;
	ahead->failures++;
}

/* MCUs that there is room for. */
static uint32_t ahead_room(const struct scan *scan)
{
	const uint32_t room = SCAN_AHEAD_ROOM / scan->mcu_words;
	return scan->interval != 0 && scan->interval < room ? scan->interval : room;
}

/* Bits of the window that were read. */
static int64_t ahead_position(const struct scan *scan, const struct reader *reader)
{
	return (reader->at - scan->flat->bytes) * 8 - (reader->count & 63);
}

static void ahead_mark(struct scan *scan)
{
	struct scan_ahead *ahead = &scan->ahead;
	if (ahead->mark_count == SCAN_MARKS)
		return;
	struct scan_mark *mark = &ahead->marks[ahead->mark_count++];
	mark->at = ahead_position(scan, &ahead->stream.reader);
	mark->number = ahead->count;
	memcpy(mark->last, ahead->stream.last, sizeof(mark->last));
}

static void ahead_place(struct scan_ahead *ahead, const uint8_t *at)
{
	ahead->stream = (struct scan_stream){ .reader = { .at = at } };
	ahead->count = 0;
	ahead->mark = ahead->mark_count = 0;
}

static bool ahead_mcu(struct scan *scan)
{
	struct scan_ahead *ahead = &scan->ahead;
	const struct scan_span span = { &ahead->stream, ahead_end(scan, ahead->count),
		ahead->until };
	if (ahead->reads->one(scan, &span, 1) == SCAN_FAILED)
		return false;
	ahead->count++;
	return true;
}

/* Reads until it is most likely in step: that is seen when the scan arrives. What cannot be read
 * was begun wrong. */
static bool ahead_step(struct scan *scan)
{
	struct scan_ahead *ahead = &scan->ahead;
	const struct reader *reader = &ahead->stream.reader;
	const uint8_t *begun = ahead->from;
	ahead_place(ahead, begun);
	while (ahead->mark_count < AHEAD_MARKS && reader->at <= ahead->until &&
		reader->at < begun + ahead->least / AHEAD_PARTS + 1) {
		ahead_mark(scan);
		if (ahead_mcu(scan))
			continue;
		begun = reader->at - (reader->count & 63) / 8 + 1;
		if (begun > ahead->until || begun > ahead->from + AHEAD_LOST)
			return false;
		ahead_place(ahead, begun);
	}
	return true;
}

/* Half-way to the end of the window, or as far as the words will last. */
static void ahead_anywhere(struct scan *scan)
{
	struct scan_ahead *ahead = &scan->ahead;
	struct flat *flat = scan->flat;
	struct reader *reader = &scan->stream.reader;
	if (!flat->ended && reader->at > flat->bytes + FLAT_ROOM / 4)
		flat_fill(flat, reader);
	const size_t behind = flat->ended && ahead->least < FLAT_MCU ? ahead->least : FLAT_MCU;
	ahead->until = flat->bytes + flat->length - behind;
	const ptrdiff_t left = ahead->until - reader->at;
	if (left < (ptrdiff_t)ahead->least)
		return;
	const size_t half = (size_t)left / 2;
	ahead->from = reader->at + (half < ahead->reach ? half : ahead->reach);
	ahead->active = true;
	if (!ahead_step(scan))
		ahead_fail(ahead);
}

/* The segment behind the next restart marker. */
static void ahead_behind_marker(struct scan *scan)
{
	struct scan_ahead *ahead = &scan->ahead;
	const struct flat *flat = scan->flat;
	if (!flat->ended || !scan_is_due(flat, scan->restarts))
		return;
	ahead_place(ahead, NULL);
	ahead->flat = flat == scan->flats ? &scan->flats[1] : scan->flats;
	flat_begin(ahead->flat, &ahead->stream.reader, flat->from + 2, flat->end);
	ahead->active = true;
}

static void ahead_begin(struct scan *scan)
{
	const struct scan_ahead *ahead = &scan->ahead;
	if (!ahead->reads->two || ahead->failures >= AHEAD_FAILURES)
		return;
	if (scan->interval == 0)
		ahead_anywhere(scan);
	else
		ahead_behind_marker(scan);
}

/* The bytes for the next MCU. */
static bool ahead_fill(struct scan *scan)
{
	struct scan_ahead *ahead = &scan->ahead;
	if (scan->interval == 0 && flat_due(scan->flat, &scan->stream.reader))
		ahead->active = false;
	if (ahead->active && scan->interval != 0 && !flat_go_on(ahead->flat, &ahead->stream.reader))
		ahead_fail(ahead);
	return flat_go_on(scan->flat, &scan->stream.reader);
}

/* Whether both can be read at once: until the first comes to where the second began. */
static bool ahead_goes_on(const struct scan *scan)
{
	const struct scan_ahead *ahead = &scan->ahead;
	if (!ahead->active || ahead->count == ahead_room(scan))
		return false;
	return scan->interval != 0 ||
	       (ahead->stream.reader.at <= ahead->until && scan->stream.reader.at <= ahead->from);
}

static uint32_t ahead_read_two(struct scan *scan, const struct scan_span *span, uint32_t most)
{
	struct scan_ahead *ahead = &scan->ahead;
	const uint32_t room = ahead_room(scan) - ahead->count;
	const struct scan_span other = { &ahead->stream, ahead_end(scan, ahead->count),
		scan->interval == 0 ? ahead->until : ahead->flat->low };
	const struct scan_stream stream = scan->stream;
	if (scan->interval == 0)
		ahead_mark(scan);
	const uint32_t count = ahead->reads->two(scan, span, &other, most < room ? most : room);
	if (count != SCAN_FAILED) {
		ahead->count += count;
		return count;
	}
	ahead_fail(ahead);
	scan->stream = stream;
	return ahead->reads->one(scan, span, most);
}

/* The first place may be behind the next mark once its reader is behind this. */
static const uint8_t *ahead_next(const struct scan *scan)
{
	const struct scan_ahead *ahead = &scan->ahead;
	return scan->flat->bytes + ahead->marks[ahead->mark].at / 8;
}

uint32_t ahead_read(struct scan *scan, uint32_t *end, uint32_t most)
{
	struct scan_ahead *ahead = &scan->ahead;
	if (!ahead->active)
		ahead_begin(scan);
	struct scan_span span = { &scan->stream, end, scan->flat->low };
	uint32_t count;
	if (ahead->active && scan->interval == 0) {
		span.until = ahead_next(scan);
		most = scan->stream.reader.at <= span.until ? most : 1;
	}
	if (ahead_goes_on(scan))
		count = ahead_read_two(scan, &span, most);
	else
		count = ahead->reads->one(scan, &span, most);
	return count == SCAN_FAILED || !ahead_fill(scan) ? 0 : count;
}

static void ahead_adopt(struct scan *scan, uint32_t taken)
{
	struct scan_ahead *ahead = &scan->ahead;
	scan->stream.reader = ahead->stream.reader;
	for (uint32_t i = 0; i < SCAN_COMPONENTS; i++)
		scan->stream.last[i] = ahead->mean[i] + ahead->stream.last[i];
	ahead->taken = taken;
	ahead->ready = ahead->count - taken;
	ahead->failures -= ahead->failures > 0 ? 1 : 0;
	ahead->active = false;
}

static bool ahead_fits(struct scan *scan, const struct scan_mark *mark)
{
	for (uint32_t i = 0; i < SCAN_COMPONENTS; i++) {
		const int64_t last = scan->stream.last[i];
		if (last > AHEAD_DC || last < -AHEAD_DC)
			return false;
		scan->ahead.mean[i] = (int32_t)last - mark->last[i];
	}
	return true;
}

/* Whether no more was read than there is. */
static bool ahead_sound(struct scan *scan)
{
	return !scan->flat->ended || flat_fill(scan->flat, &scan->ahead.stream.reader);
}

/* Where the room was filled before the scan arrived, next time the way is as far as that takes. */
static void ahead_learn(struct scan *scan)
{
	struct scan_ahead *ahead = &scan->ahead;
	if (ahead->count == ahead_room(scan))
		ahead->reach = (size_t)(ahead->stream.reader.at - ahead->from);
	else if (ahead->reach < FLAT_ROOM)
		ahead->reach += ahead->reach / 8;
}

void ahead_meet(struct scan *scan)
{
	struct scan_ahead *ahead = &scan->ahead;
	if (!ahead->active || scan->stream.reader.at < ahead->from)
		return;
	const int64_t at = ahead_position(scan, &scan->stream.reader);
	const struct scan_mark *mark = ahead->marks + ahead->mark;
	while (mark < ahead->marks + ahead->mark_count && mark->at < at)
		mark++;
	ahead->mark = (uint32_t)(mark - ahead->marks);
	if (ahead->mark == ahead->mark_count || !ahead_sound(scan)) {
		ahead_fail(ahead);
	} else if (mark->at == at && ahead_fits(scan, mark)) {
		ahead_learn(scan);
		ahead_adopt(scan, mark->number);
	}
}

void ahead_restart(struct scan *scan)
{
	static const struct scan_mark mark;
	ahead_fits(scan, &mark);
	scan->left = scan->interval - scan->ahead.count;
	scan->flat = scan->ahead.flat;
	ahead_adopt(scan, 0);
}
