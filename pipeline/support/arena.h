#ifndef NIGHTMILL_SUPPORT_ARENA_H
#define NIGHTMILL_SUPPORT_ARENA_H

/* Memory that is given back all at once: a window's records, a config's tree. Not for several
 * threads at a time. Running out of memory ends the program with a message and status 1: no caller
 * could go on. */

#include <stddef.h>

struct arena {
	struct arena_block *blocks; /* newest first */
	char *next;
	size_t left;
};

/* An arena that owns nothing yet; all zero is the same. */
void arena_init(struct arena *arena);

/* The next `bytes` bytes come from one block, no larger than that: for an arena that stays small,
 * where there are many of them. */
void arena_reserve(struct arena *arena, size_t bytes);

/* What arena_alloc takes for so many; less than that where there is no such number. */
size_t arena_rounded(size_t bytes);

/* `bytes` zeroed bytes, aligned for any type, owned by the arena. Never NULL. */
void *arena_alloc(struct arena *arena, size_t bytes);

/* A copy of `length` bytes, with a NUL behind them that `length` does not count. Never NULL. */
char *arena_copy(struct arena *arena, const void *data, size_t length);

/* printf into the arena. Never NULL. */
char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Forgets everything in it but keeps one block for the next use. */
void arena_reset(struct arena *arena);

/* Bytes held from the system. */
size_t arena_bytes(const struct arena *arena);

/* Gives all memory back. The arena may be used again as after arena_init. */
void arena_finish(struct arena *arena);

/* malloc, calloc and realloc that end the program with a message and status 1 instead of returning
 * NULL. */
void *memory_alloc(size_t bytes);
void *memory_zeroed(size_t count, size_t bytes);
void *memory_resize(void *old, size_t bytes);

/* `count` times `bytes`, not zeroed, at a multiple of `alignment`, which divides `bytes`. */
void *memory_aligned(size_t count, size_t bytes, size_t alignment);

/* The same for what is looked at here and there, in pages as large as the system has: so many small
 * ones would have to be looked up, too. */
void *memory_large(size_t bytes);

#endif
