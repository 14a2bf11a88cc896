#ifndef NIGHTMILL_FLOW_QUEUE_H
#define NIGHTMILL_FLOW_QUEUE_H

/* What a head stage handed on and the next has not taken yet: chunks of records, one for each call,
 * whose memory is used again. For flow.c; main's thread only. */

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/item.h"
#include "pipeline/support/arena.h"
#include "pipeline/support/error.h"

/* What one call of a stage handed on. */
struct flow_chunk {
	struct flow_chunk *next;
	struct arena arena; /* owns what the items point to */
	struct item *items;
	const struct error **refused; /* one for each item; NULL: it was not */
	size_t count, room;
	size_t taken; /* of the items, by the next stage */
};

/* All zero is empty. */
struct flow_chunks {
	struct flow_chunk *used, *spare; /* whose items were taken; to be filled again */
};

struct flow_queue {
	struct flow_chunk *first, **end;
	size_t waiting; /* items */
	bool ended;     /* nothing will be added any more */
};

void flow_queue_init(struct flow_queue *queue);
void flow_queue_finish(struct flow_queue *queue);

/* Takes the chunk. */
void flow_queue_add(struct flow_queue *queue, struct flow_chunk *chunk);

/* Copies up to `most` items, and why they were refused (`refused` may be NULL), and returns how
 * many. What they point to stays until flow_chunks_reuse. */
size_t flow_queue_take(struct flow_queue *queue, struct flow_chunks *chunks, size_t most,
	struct item *items, const struct error **refused);

/* An empty chunk, for flow_queue_add. */
struct flow_chunk *flow_chunk_new(struct flow_chunks *chunks);

/* Room for one more item, not cleared; it was not refused. Borrowed until the next. */
struct item *flow_chunk_add(struct flow_chunk *chunk);

/* What the items of the last take pointed to is not needed any more. */
void flow_chunks_reuse(struct flow_chunks *chunks);
void flow_chunks_finish(struct flow_chunks *chunks);

#endif
