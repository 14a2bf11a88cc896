#include "pipeline/support/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { ARENA_BLOCK_BYTES = 64 * 1024 };

struct arena_block {
	struct arena_block *older;
	size_t bytes; /* behind this header */
	alignas(max_align_t) char data[];
};

static void memory_gone(size_t bytes)
{
	fprintf(stderr, "nightmill: out of memory (%zu bytes wanted)\n", bytes);
	exit(1);
}

void *memory_alloc(size_t bytes)
{
	return memory_resize(NULL, bytes);
}

void *memory_zeroed(size_t count, size_t bytes)
{
	void *memory = calloc(count ? count : 1, bytes ? bytes : 1);
	if (!memory)
		memory_gone(count * bytes);
	return memory;
}

void *memory_aligned(size_t count, size_t bytes, size_t alignment)
{
	void *made = bytes > 0 && count <= SIZE_MAX / bytes
			     ? aligned_alloc(alignment, count * bytes)
			     : NULL;
	if (!made)
		memory_gone(count * bytes);
	return made;
}

void *memory_resize(void *old, size_t bytes)
{
	void *memory = realloc(old, bytes ? bytes : 1);
	if (!memory)
		memory_gone(bytes);
	return memory;
}

void arena_init(struct arena *arena)
{
	*arena = (struct arena){ 0 };
}

static void arena_use(struct arena *arena, struct arena_block *block)
{
	arena->next = block->data;
	arena->left = block->bytes;
}

void arena_reserve(struct arena *arena, size_t bytes)
{
	if (bytes <= arena->left)
		return;
	struct arena_block *block = memory_alloc(sizeof(*block) + bytes);
	block->older = arena->blocks;
	block->bytes = bytes;
	arena->blocks = block;
	arena_use(arena, block);
}

size_t arena_rounded(size_t bytes)
{
	const size_t align = alignof(max_align_t);
	return bytes ? (bytes + align - 1) & ~(align - 1) : align;
}

void *arena_alloc(struct arena *arena, size_t bytes)
{
	const size_t rounded = arena_rounded(bytes);
	if (rounded < bytes)
		memory_gone(bytes);
	if (rounded > arena->left)
		arena_reserve(arena, rounded > ARENA_BLOCK_BYTES ? rounded : ARENA_BLOCK_BYTES);
	void *memory = arena->next;
	arena->next += rounded;
	arena->left -= rounded;
	return memset(memory, 0, rounded);
}

char *arena_copy(struct arena *arena, const void *data, size_t length)
{
	char *copy = arena_alloc(arena, length + 1);
	if (length)
		memcpy(copy, data, length);
	return copy;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list list, again;
	va_start(list, format);
	va_copy(again, list);
	int length = vsnprintf(NULL, 0, format, list);
	va_end(list);
	char *text = arena_alloc(arena, (size_t)length + 1);
	vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	return text;
}

void arena_reset(struct arena *arena)
{
	if (!arena->blocks)
		return;
	struct arena_block *block = arena->blocks->older;
	while (block) {
		struct arena_block *older = block->older;
		free(block);
		block = older;
	}
	arena->blocks->older = NULL;
	arena_use(arena, arena->blocks);
}

size_t arena_bytes(const struct arena *arena)
{
	size_t bytes = 0;
	for (const struct arena_block *block = arena->blocks; block; block = block->older)
		bytes += sizeof(*block) + block->bytes;
	return bytes;
}

void arena_finish(struct arena *arena)
{
	arena_reset(arena);
	free(arena->blocks);
	arena_init(arena);
}

void *memory_large(size_t bytes)
{
	enum { PAGE = 2 << 20 };
	if (bytes < PAGE)
		return memory_alloc(bytes);
	void *memory = memory_aligned((bytes + PAGE - 1) / PAGE, PAGE, PAGE);
	madvise(memory, bytes, MADV_HUGEPAGE); /* where it can't be had, it is slower */
	return memory;
}
