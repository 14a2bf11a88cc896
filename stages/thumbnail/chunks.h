#ifndef NIGHTMILL_STAGES_THUMBNAIL_CHUNKS_H
#define NIGHTMILL_STAGES_THUMBNAIL_CHUNKS_H

/* What a JPEG, PNG or WebP is put together from, read from files that may say anything.
 *
 *     struct chunks chunks = chunks_of_png(data, length);
 *     struct chunk chunk;
 *     while (chunks_next(&chunks, &chunk)) ...
 *
 * A chunk that claims more than there is ends the walk, and so does the first scan of a JPEG. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum chunks_kind { CHUNKS_JPEG, CHUNKS_PNG, CHUNKS_WEBP };

struct chunks {
	enum chunks_kind kind;
	const unsigned char *data; /* borrowed */
	size_t length, at;
};

struct chunk {
	uint32_t name; /* of a JPEG's segment its marker (0xE1), else CHUNK_NAME("iCCP") */
	const unsigned char *data; /* what is inside */
	size_t length;
};

#define CHUNK_NAME(text)                                                                    \
	((uint32_t)(text)[0] << 24 | (uint32_t)(text)[1] << 16 | (uint32_t)(text)[2] << 8 | \
		(uint32_t)(text)[3])

struct chunks chunks_of_jpeg(const unsigned char *data, size_t length);
struct chunks chunks_of_png(const unsigned char *data, size_t length);
struct chunks chunks_of_webp(const unsigned char *data, size_t length);

/* The next one; false at the end. */
bool chunks_next(struct chunks *chunks, struct chunk *chunk);

/* `bytes` (1 to 4) with the first one the highest, or the lowest. */
uint32_t chunks_big(const unsigned char *data, unsigned bytes);
uint32_t chunks_little(const unsigned char *data, unsigned bytes);

#endif
