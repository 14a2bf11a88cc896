#include "stages/thumbnail/jpeg/flat.h"

#include <string.h>

/* Copies up to the next 0xFF and past it where it only was stuffed. */
static void flat_copy(struct flat *flat)
{
	const size_t room = FLAT_ROOM - flat->length;
	const size_t left = (size_t)(flat->end - flat->from);
	const size_t most = room < left ? room : left;
	const uint8_t *found = memchr(flat->from, 0xFF, most);
	const size_t plain = found ? (size_t)(found - flat->from) : most;
	memcpy(flat->bytes + flat->length, flat->from, plain);
	flat->length += plain;
	flat->from += plain;
	if (!found) {
		flat->ended = flat->from == flat->end;
	} else if (flat->end - found >= 2 && found[1] == 0) {
		flat->bytes[flat->length++] = 0xFF;
		flat->from += 2;
	} else {
		flat->ended = true;
	}
}

static void flat_load(struct flat *flat)
{
	while (!flat->ended && flat->length < FLAT_ROOM)
		flat_copy(flat);
	const uint8_t *last = flat->bytes + flat->length;
	flat->low = flat->ended ? last : last - FLAT_MCU;
	if (flat->ended)
		memset(flat->bytes + flat->length, 0, FLAT_PADDING);
}

void flat_begin(struct flat *flat, struct reader *reader, const uint8_t *from, const uint8_t *end)
{
	flat->from = from;
	flat->end = end;
	flat->ended = false;
	flat->length = READER_BEHIND;
	memset(flat->bytes, 0, READER_BEHIND);
	flat_load(flat);
	*reader = (struct reader){ .at = flat->bytes + READER_BEHIND };
}

/* Bits of the window that were not read yet; below zero where padding was read. */
static int64_t flat_left(const struct flat *flat, const struct reader *reader)
{
	const uint8_t *last = flat->bytes + flat->length;
	return (int64_t)(last - reader->at) * 8 + (reader->count & 63);
}

bool flat_fill(struct flat *flat, struct reader *reader)
{
	if (flat->ended)
		return flat_left(flat, reader) >= 0;
	const uint8_t *keep = reader->at - READER_BEHIND;
	const size_t gone = (size_t)(keep - flat->bytes);
	memmove(flat->bytes, keep, flat->length - gone);
	flat->length -= gone;
	reader->at -= gone;
	flat_load(flat);
	return true;
}

bool flat_finished(struct flat *flat, struct reader *reader)
{
	if (!flat->ended && !flat_fill(flat, reader))
		return false;
	const int64_t left = flat_left(flat, reader);
	return flat->ended && left >= 0 && left < 8;
}
