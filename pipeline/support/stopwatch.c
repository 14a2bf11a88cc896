#include "pipeline/support/stopwatch.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/support/clock.h"

enum { STOPWATCH_ALIGN = 128 };

/* Roots as long as this are always kept. */
static const int64_t stopwatch_rarest = INT64_C(1) << 31;

static size_t stopwatch_round(size_t bytes)
{
	return (bytes + STOPWATCH_ALIGN - 1) / STOPWATCH_ALIGN * STOPWATCH_ALIGN;
}

static size_t stopwatch_sums_end(struct stopwatch_size size)
{
	return stopwatch_round(sizeof(struct stopwatch_board)) +
	       stopwatch_round(size.purposes * sizeof(struct stopwatch_sum));
}

size_t stopwatch_bytes(struct stopwatch_size size)
{
	return stopwatch_sums_end(size) +
	       stopwatch_round(size.spans * sizeof(struct stopwatch_span));
}

struct stopwatch_sum *stopwatch_sums(struct stopwatch_board *board)
{
	return (void *)((char *)board + stopwatch_round(sizeof(*board)));
}

struct stopwatch_span *stopwatch_spans(struct stopwatch_board *board, struct stopwatch_size size)
{
	return (void *)((char *)board + stopwatch_sums_end(size));
}

/* Only one thread writes, so nothing need be locked for that. */
static void stopwatch_add(struct stopwatch *watch, int64_t now)
{
	struct stopwatch_sum *sum =
		&stopwatch_sums(watch->board)[watch->stack[watch->depth - 1].purpose];
	const int64_t before = atomic_load_explicit(&sum->nanos, memory_order_relaxed);
	atomic_store_explicit(&sum->nanos, before + now - watch->since_nanos, memory_order_relaxed);
	watch->since_nanos = now;
}

static void stopwatch_push(struct stopwatch *watch, uint32_t purpose, int64_t now)
{
	assert(watch->depth < STOPWATCH_DEPTH && purpose < watch->size.purposes);
	struct stopwatch_sum *sum = &stopwatch_sums(watch->board)[purpose];
	const uint64_t times = atomic_load_explicit(&sum->times, memory_order_relaxed);
	atomic_store_explicit(&sum->times, times + 1, memory_order_relaxed);
	watch->stack[watch->depth].purpose = purpose;
	watch->stack[watch->depth++].from_nanos = now;
}

void stopwatch_start(struct stopwatch *watch, struct stopwatch_board *board,
	struct stopwatch_size size, uint32_t base)
{
	*watch = (struct stopwatch){ .board = board, .size = size };
	if (!board)
		return;
	watch->count = atomic_load(&board->spans);
	if (watch->count > size.spans)
		watch->count = 0;
	atomic_store(&board->thread, (uint32_t)gettid());
	if (atomic_load(&board->rarer) < 1)
		atomic_store(&board->rarer, 1);
	watch->since_nanos = clock_now_nanos();
	stopwatch_push(watch, base, watch->since_nanos);
}

void stopwatch_stop(struct stopwatch *watch)
{
	if (!watch->board)
		return;
	const int64_t now = clock_now_nanos();
	stopwatch_leave_at(watch, 1, now);
	stopwatch_add(watch, now);
	watch->board = NULL;
}

/* By the number of the root: the same answer every time, and a smaller share of roots for a larger
 * `rarer`, each of which was kept by a smaller one too. */
static bool stopwatch_keeps(uint32_t root, int64_t nanos, int64_t rarer)
{
	const uint32_t chance = root * UINT32_C(2654435769);
	return nanos >= rarer || (int64_t)chance * rarer < nanos << 32;
}

/* Makes room by being choosier, among the roots before the one that is open. */
static void stopwatch_thin(struct stopwatch *watch, struct stopwatch_span *spans)
{
	int64_t rarer = atomic_load_explicit(&watch->board->rarer, memory_order_relaxed);
	const uint32_t wanted = watch->size.spans / 2, open = watch->count - watch->first;
	uint32_t kept = watch->first;
	while (kept > 0 && kept + open > wanted && rarer < stopwatch_rarest) {
		uint32_t from = 0;
		rarer *= 2;
		for (kept = 0; from < watch->first; from++)
			if (stopwatch_keeps(spans[from].root, spans[from].root_nanos, rarer))
				spans[kept++] = spans[from];
		watch->first = kept;
	}
	memmove(&spans[kept], &spans[watch->count - open], open * sizeof(*spans));
	watch->count = kept + open;
	atomic_store_explicit(&watch->board->rarer, rarer, memory_order_relaxed);
	atomic_store_explicit(&watch->board->spans, kept, memory_order_release);
}

/* A root has ended, whose spans all stand behind each other. */
static void stopwatch_end_root(struct stopwatch *watch, struct stopwatch_span *spans, int64_t nanos)
{
	struct stopwatch_board *board = watch->board;
	const int64_t rarer = atomic_load_explicit(&board->rarer, memory_order_relaxed);
	const uint32_t root = atomic_load_explicit(&board->roots, memory_order_relaxed) + 1;
	atomic_store_explicit(&board->roots, root, memory_order_relaxed);
	if (!stopwatch_keeps(root, nanos, rarer))
		watch->count = watch->first;
	for (; watch->first < watch->count; watch->first++) {
		spans[watch->first].root = root;
		spans[watch->first].root_nanos = nanos;
	}
	atomic_store_explicit(&board->spans, watch->count, memory_order_release);
}

/* What is on top, as a span. */
static void stopwatch_trace(struct stopwatch *watch, int64_t now)
{
	struct stopwatch_span *spans = stopwatch_spans(watch->board, watch->size);
	const uint32_t depth = watch->depth - 1;
	const int64_t from = watch->stack[depth].from_nanos;
	if (watch->count == watch->size.spans)
		stopwatch_thin(watch, spans);
	if (watch->count < watch->size.spans) {
		struct stopwatch_span *span = &spans[watch->count++];
		*span = (struct stopwatch_span){
			.from_nanos = from,
			.nanos = now - from,
			.purpose = (uint16_t)watch->stack[depth].purpose,
			.depth = (uint16_t)depth,
		};
		if (depth == 1)
			memcpy(span->label, watch->label, sizeof(span->label));
	} else
		atomic_fetch_add_explicit(&watch->board->dropped, 1, memory_order_relaxed);
	if (depth > 1)
		return;
	stopwatch_end_root(watch, spans, now - from);
	watch->label[0] = '\0';
}

void stopwatch_enter_at(struct stopwatch *watch, uint32_t purpose, int64_t now)
{
	if (!watch->board)
		return;
	stopwatch_add(watch, now);
	stopwatch_push(watch, purpose, now);
}

void stopwatch_leave_at(struct stopwatch *watch, uint32_t depth, int64_t now)
{
	while (watch->board && watch->depth > depth) {
		stopwatch_add(watch, now);
		if (watch->size.spans)
			stopwatch_trace(watch, now);
		watch->depth--;
	}
}

void stopwatch_enter(struct stopwatch *watch, uint32_t purpose)
{
	if (watch && watch->board)
		stopwatch_enter_at(watch, purpose, clock_now_nanos());
}

void stopwatch_leave(struct stopwatch *watch)
{
	if (watch && watch->board)
		stopwatch_leave_at(watch, watch->depth - 1, clock_now_nanos());
}

void stopwatch_change(struct stopwatch *watch, uint32_t purpose)
{
	if (!watch || !watch->board)
		return;
	const int64_t now = clock_now_nanos();
	stopwatch_leave_at(watch, watch->depth - 1, now);
	stopwatch_enter_at(watch, purpose, now);
}

void stopwatch_label(struct stopwatch *watch, const char *label, size_t length)
{
	if (!watch || !watch->board || watch->size.spans == 0)
		return;
	if (length >= sizeof(watch->label))
		length = sizeof(watch->label) - 1;
	memset(watch->label, 0, sizeof(watch->label));
	memcpy(watch->label, label, length);
}
