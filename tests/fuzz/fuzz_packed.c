/* Bytes that a shared cache gives back: an answer, or none, never a crash. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/cache_packed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { COLUMNS = 2, SUM = 4, SUM_BYTES = 16 };

static const struct packed_about about = { .table = { 1, 2 }, .columns = COLUMNS };
static const struct slot key = { "key", 3, false };

/* What is read packs to the same bytes again. */
static void fuzz_read(const struct slot *bytes)
{
	struct arena arena = { 0 };
	struct text again = { 0 };
	struct packed_answer packed;
	if (packed_read(bytes, &about, &key, &arena, &packed) == PACKED_FINE) {
		packed_add(&again, &about, &key, &packed);
		if (again.length != bytes->length ||
			memcmp(again.data, bytes->data, bytes->length) != 0)
			abort();
	}
	text_finish(&again);
	arena_finish(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slot bytes = { (const char *)data, (uint32_t)size, false };
	fuzz_read(&bytes);
	/* Once more with the checksum that belongs to it, so that what is behind is read, too. */
	struct slot none = { "", 0, false };
	const struct packed_answer empty = {
		.answer = { CACHE_FOUND, (const struct slot[]){ none, none } },
	};
	struct text head = { 0 };
	packed_add(&head, &about, &key, &empty);
	size_t fixed = head.length - (size_t)COLUMNS * 4;
	struct digest sum = digest_of(data, size);
	sum = digest_mix(sum, digest_mix(about.table, digest_of(key.data, key.length)));
	text_finish(&head);
	if (size < fixed)
		return 0;
	char *copy = memory_alloc(size + SUM + SUM_BYTES);
	memcpy(copy, "nmc\1", SUM);
	for (int i = 0; i < 8; i++) {
		copy[SUM + i] = (char)(sum.low >> 8 * i & 0xff);
		copy[SUM + 8 + i] = (char)(sum.high >> 8 * i & 0xff);
	}
	memcpy(copy + SUM + SUM_BYTES, data, size);
	bytes = (struct slot){ copy, (uint32_t)(size + SUM + SUM_BYTES), false };
	fuzz_read(&bytes);
	free(copy);
	return 0;
}
