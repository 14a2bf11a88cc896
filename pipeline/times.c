#include "pipeline/times.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pipeline/head.h"
#include "pipeline/support/clock.h"

enum {
	TIMES_SPANS_MAIN = 32768, /* room in a trace: 3 MiB */
	TIMES_SPANS_WORKERS = 65536,
	TIMES_SPANS_LEAST = 512, /* of each worker */
	TIMES_OTHERS = 2,        /* boards beside the workers' */
};

struct times {
	const struct plan *plan;
	struct arena arena;
	struct stopwatch main;
	struct stopwatch_size size, main_size;
	char *boards;
	size_t main_bytes, worker_bytes;
	uint32_t workers;
	int64_t started_nanos;
	struct times_row *rows;
};

uint32_t times_head(size_t head)
{
	return (uint32_t)(TIMES_FIXED + head * TIMES_HEAD_EACH);
}

uint32_t times_tail(const struct plan *plan, size_t tail)
{
	return (uint32_t)(times_head(plan->head_count) + tail * TIMES_TAIL_EACH);
}

/* What comes from the command line stands nowhere: beside what is around it. */
static int times_line(struct place place, int around)
{
	return place.line > 0 ? place.line : around;
}

static int times_top(const struct times *times)
{
	return times_line(times->plan->config->place, 1);
}

static void times_name(
	struct times *times, uint32_t purpose, uint32_t parent, int line, const char *name)
{
	times->rows[purpose] = (struct times_row){
		.name = name,
		.line = line,
		.parent = parent,
		.waits = purpose == TIMES_WAIT || purpose == TIMES_PACE || purpose == TIMES_IDLE ||
			 purpose == TIMES_SYNC,
		.worker = parent == TIMES_IDLE || (parent != purpose && times->rows[parent].worker),
	};
}

static int times_store_line(const struct times *times, const char *store, int around)
{
	const struct option_plugins *stores = &times->plan->config->stores;
	for (size_t i = 0; i < stores->count; i++)
		if (strcmp(stores->items[i].name, store) == 0)
			return times_line(stores->items[i].place, around);
	return around;
}

static void times_name_store(
	struct times *times, uint32_t purpose, uint32_t parent, const char *store)
{
	times_name(times, purpose, parent, times_store_line(times, store, times->rows[parent].line),
		arena_printf(&times->arena, "stores.%s", store));
}

static void times_name_source(struct times *times)
{
	const struct option_plugin *source = &times->plan->config->source;
	const struct source_plugin *plugin = times->plan->source;
	times_name(times, TIMES_SOURCE, TIMES_RUN, times_line(source->place, times_top(times)),
		arena_printf(&times->arena, "source.%s", source->plugin->name));
	if (plugin->store)
		times_name_store(
			times, TIMES_SOURCE_STORE, TIMES_SOURCE, plugin->store(source->settings));
}

static void times_name_state(struct times *times)
{
	static const struct {
		enum times_purpose purpose;
		const char *name;
	} names[] = {
		{ TIMES_JUDGE, "state (judge)" },
		{ TIMES_CLAIM, "state (claim)" },
		{ TIMES_RECORD, "state (record)" },
		{ TIMES_COMMIT, "state (commit)" },
		{ TIMES_SYNC, "state (wait for sync)" },
	};
	const struct yaml_node *node = yaml_get(times->plan->config->node, "state");
	const int line = node ? times_line(node->place, times_top(times)) : times_top(times);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		times_name(times, names[i].purpose, TIMES_RUN, line, names[i].name);
}

static void times_name_run(struct times *times)
{
	const struct option_plugin *executor = &times->plan->config->executor;
	const int top = times_top(times), line = times_line(executor->place, top);
	const char *name = executor->plugin->name;
	times_name(times, TIMES_RUN, TIMES_RUN, top, "run");
	times_name(times, TIMES_WAIT, TIMES_RUN, line,
		arena_printf(&times->arena, "executor.%s (main waits)", name));
	times_name(times, TIMES_IDLE, TIMES_IDLE, line,
		arena_printf(&times->arena, "executor.%s (workers)", name));
	times->rows[TIMES_IDLE].worker = true;
	times_name(times, TIMES_ITEM, TIMES_IDLE, line,
		arena_printf(&times->arena, "executor.%s (items)", name));
}

static const char *times_stage_name(struct times *times, size_t stage)
{
	return arena_printf(&times->arena, "stages.%zu.%s", stage,
		times->plan->config->stages.items[stage].plugin->name);
}

static int times_stage_line(const struct times *times, size_t stage)
{
	return times_line(times->plan->config->stages.items[stage].place, times_top(times));
}

static void times_name_head(struct times *times, size_t head)
{
	const struct plan_head *planned = &times->plan->head[head];
	const uint32_t own = times_head(head);
	const char *name = times_stage_name(times, head);
	const int line = times_stage_line(times, head);
	struct head_uses uses = { .store = NULL };
	times_name(times, own, TIMES_RUN, line, name);
	if (!planned->plugin->head->uses)
		return;
	planned->plugin->head->uses(planned->prepared, &uses);
	const uint32_t cache = own + TIMES_HEAD_CACHE;
	times_name(times, cache, own, times_line(uses.cache->place, line),
		arena_printf(&times->arena, "%s.cache.%s", name, uses.cache->plugin->name));
	times_name_store(times, own + TIMES_HEAD_STORE, cache, uses.store);
}

static void times_name_tail(struct times *times, size_t tail)
{
	const struct plan_stage *planned = &times->plan->tail[tail];
	const size_t stage = times->plan->head_count + tail;
	const uint32_t own = times_tail(times->plan, tail);
	const char *name = times_stage_name(times, stage);
	const int line = times_stage_line(times, stage);
	times_name(times, own, TIMES_ITEM, line, name);
	const char *const *spendings = planned->plugin->spendings;
	for (uint32_t i = 0; spendings && spendings[i] && i < STAGE_SPENDINGS; i++) {
		times_name(times, own + 1 + i, own, line,
			arena_printf(&times->arena, "%s.%s", name, spendings[i]));
		times->rows[own + 1 + i].waits = planned->plugin->waits >> i & 1;
	}
	if (planned == times->plan->act)
		times_name(times, TIMES_PACE, TIMES_RUN, line,
			arena_printf(&times->arena, "%s (main waits for its turn)", name));
}

static void times_name_all(struct times *times)
{
	times->rows = arena_alloc(&times->arena, times->size.purposes * sizeof(*times->rows));
	for (uint32_t i = 0; i < times->size.purposes; i++)
		times_name(times, i, i, times_top(times), "");
	times_name_run(times);
	times_name_source(times);
	times_name_state(times);
	for (size_t i = 0; i < times->plan->head_count; i++)
		times_name_head(times, i);
	for (size_t i = 0; i < times->plan->tail_count; i++)
		times_name_tail(times, i);
}

static void times_set_room(struct times *times, bool trace)
{
	uint32_t spans = TIMES_SPANS_WORKERS / times->workers;
	times->size.purposes = times->main_size.purposes =
		times_tail(times->plan, times->plan->tail_count);
	times->size.spans = spans < TIMES_SPANS_LEAST ? TIMES_SPANS_LEAST : spans;
	times->main_size.spans = TIMES_SPANS_MAIN;
	if (!trace)
		times->size.spans = times->main_size.spans = 0;
	times->main_bytes = stopwatch_bytes(times->main_size);
	times->worker_bytes = stopwatch_bytes(times->size);
}

static size_t times_bytes(const struct times *times)
{
	return times->main_bytes + (times->workers + 1) * times->worker_bytes;
}

struct times *times_open(const struct plan *plan, uint32_t workers, bool trace, struct error *err)
{
	struct times *times = memory_zeroed(1, sizeof(*times));
	times->plan = plan;
	times->workers = workers;
	times_set_room(times, trace);
	void *boards = mmap(NULL, times_bytes(times), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (boards == MAP_FAILED) {
		fail_errno(err, errno, "no memory to note where time goes");
		free(times);
		return NULL;
	}
	times->boards = boards;
	times_name_all(times);
	stopwatch_start(&times->main, times_board_at(times, 0), times->main_size, TIMES_RUN);
	times->started_nanos = times->main.since_nanos;
	return times;
}

struct stopwatch *times_main(struct times *times)
{
	return &times->main;
}

size_t times_boards(const struct times *times)
{
	return times->workers + TIMES_OTHERS;
}

struct stopwatch_board *times_board_at(const struct times *times, size_t index)
{
	size_t offset = index ? times->main_bytes + (index - 1) * times->worker_bytes : 0;
	return (void *)(times->boards + offset);
}

struct stopwatch_size times_size_at(const struct times *times, size_t index)
{
	return index ? times->size : times->main_size;
}

struct stopwatch_board *times_board(const struct times *times, uint32_t number)
{
	if (number == TIMES_CAREFUL)
		number = times->workers;
	else if (number >= times->workers)
		return NULL;
	return times_board_at(times, number + 1);
}

struct stopwatch_size times_size(const struct times *times)
{
	return times->size;
}

int64_t times_started(const struct times *times)
{
	return times->started_nanos;
}

void times_stop(struct times *times)
{
	stopwatch_stop(&times->main);
}

/* Adds a board to the rows. A worker on main's own thread works while main seems to wait for it,
 * and waits while main works. */
static void times_add_board(struct times *times, struct stopwatch_board *board, bool worker)
{
	const uint32_t main = atomic_load(&times_board_at(times, 0)->thread);
	const bool inside = worker && atomic_load(&board->thread) == main;
	struct stopwatch_sum *sums = stopwatch_sums(board);
	for (uint32_t i = 0; i < times->size.purposes; i++) {
		const int64_t nanos = atomic_load(&sums[i].nanos);
		if (inside && i == TIMES_IDLE)
			continue;
		times->rows[i].self_nanos += nanos;
		times->rows[i].times += atomic_load(&sums[i].times);
		if (inside)
			times->rows[TIMES_WAIT].self_nanos -= nanos;
	}
}

/* Whoever is entered from another has a larger number, but for the item and those behind the wait
 * of main. */
static void times_sum_up(struct times *times)
{
	for (uint32_t i = 0; i < times->size.purposes; i++)
		times->rows[i].all_nanos = times->rows[i].self_nanos;
	for (uint32_t i = times->size.purposes; i-- > 0;)
		if (times->rows[i].parent != i)
			times->rows[times->rows[i].parent].all_nanos += times->rows[i].all_nanos;
}

const struct times_row *times_rows(struct times *times, size_t *count)
{
	for (uint32_t i = 0; i < times->size.purposes; i++) {
		times->rows[i].self_nanos = 0;
		times->rows[i].times = 0;
	}
	for (size_t i = 0; i < times_boards(times); i++)
		times_add_board(times, times_board_at(times, i), i > 0);
	times_sum_up(times);
	*count = times->size.purposes;
	return times->rows;
}

void times_close(struct times *times)
{
	if (!times)
		return;
	munmap(times->boards, times_bytes(times));
	arena_finish(&times->arena);
	free(times);
}
