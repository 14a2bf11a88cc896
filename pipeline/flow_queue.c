#include "pipeline/flow_queue.h"

#include <stdlib.h>

#include "pipeline/head.h"

void flow_queue_init(struct flow_queue *queue)
{
	*queue = (struct flow_queue){ .end = &queue->first };
}

struct flow_chunk *flow_chunk_new(struct flow_chunks *chunks)
{
	struct flow_chunk *chunk = chunks->spare;
	if (!chunk)
		return memory_zeroed(1, sizeof(*chunk));
	chunks->spare = chunk->next;
	arena_reset(&chunk->arena);
	chunk->next = NULL;
	chunk->count = chunk->taken = 0;
	return chunk;
}

static void flow_chunk_free(struct flow_chunk *chunk)
{
	while (chunk) {
		struct flow_chunk *next = chunk->next;
		arena_finish(&chunk->arena);
		free(chunk->items);
		free((void *)chunk->refused);
		free(chunk);
		chunk = next;
	}
}

struct item *flow_chunk_add(struct flow_chunk *chunk)
{
	if (chunk->count == chunk->room) {
		chunk->room = chunk->room ? chunk->room * 2 : HEAD_WINDOW;
		chunk->items = memory_resize(chunk->items, chunk->room * sizeof(*chunk->items));
		chunk->refused = memory_resize(
			(void *)chunk->refused, chunk->room * sizeof(*chunk->refused));
	}
	chunk->refused[chunk->count] = NULL;
	return &chunk->items[chunk->count++];
}

void flow_queue_add(struct flow_queue *queue, struct flow_chunk *chunk)
{
	*queue->end = chunk;
	queue->end = &chunk->next;
	queue->waiting += chunk->count;
}

size_t flow_queue_take(struct flow_queue *queue, struct flow_chunks *chunks, size_t most,
	struct item *items, const struct error **refused)
{
	size_t count = 0;
	while (count < most && queue->first) {
		struct flow_chunk *chunk = queue->first;
		for (; count < most && chunk->taken < chunk->count; chunk->taken++) {
			if (refused)
				refused[count] = chunk->refused[chunk->taken];
			items[count++] = chunk->items[chunk->taken];
		}
		if (chunk->taken < chunk->count)
			break;
		queue->first = chunk->next;
		if (!queue->first)
			queue->end = &queue->first;
		chunk->next = chunks->used;
		chunks->used = chunk;
	}
	queue->waiting -= count;
	return count;
}

void flow_chunks_reuse(struct flow_chunks *chunks)
{
	while (chunks->used) {
		struct flow_chunk *chunk = chunks->used;
		chunks->used = chunk->next;
		chunk->next = chunks->spare;
		chunks->spare = chunk;
	}
}

void flow_queue_finish(struct flow_queue *queue)
{
	flow_chunk_free(queue->first);
}

void flow_chunks_finish(struct flow_chunks *chunks)
{
	flow_chunks_reuse(chunks);
	flow_chunk_free(chunks->spare);
}
