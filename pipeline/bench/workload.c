#include "pipeline/bench/workload.h"

#include <poll.h>
#include <string.h>

#include "pipeline/support/text.h"

enum {
	WORKLOAD_SPINS_PER_MILLI = 350000, /* roughly, on a machine of these years */
	WORKLOAD_CPU_SPINS = 4 * WORKLOAD_SPINS_PER_MILLI,
	WORKLOAD_SHORT_SPINS = WORKLOAD_SPINS_PER_MILLI / 5,
	WORKLOAD_LONG = 100, /* times as long, and one in so many */
	WORKLOAD_WAIT_MILLIS = 5
};

/* What one built-in item does; its amount stands in item.bytes. */
struct workload_kind {
	const char *name;
	size_t items; /* by default at most */
	bool tiny, waits;
	uint64_t (*amount)(size_t index);
	void (*process)(void *worker, const struct item *item, struct outcome *outcome);
};

static bool workload_open_worker(
	const void *context, uint32_t number, void **worker, struct error *err)
{
	(void)context;
	(void)number;
	(void)err;
	*worker = NULL;
	return true;
}

static uint64_t workload_mix(uint64_t number)
{
	number ^= number << 13;
	number ^= number >> 7;
	return number ^ number << 17;
}

/* The same work on every machine, not the same time. */
static void workload_spin(void *worker, const struct item *item, struct outcome *outcome)
{
	(void)worker;
	uint64_t number = item->id.low | 1;
	for (uint64_t i = 0; i < item->bytes; i++)
		number = workload_mix(number);
	*outcome = outcome_of(item, OUTCOME_MADE);
	outcome->content.low = number;
}

static void workload_wait(void *worker, const struct item *item, struct outcome *outcome)
{
	(void)worker;
	poll(NULL, 0, (int)item->bytes);
	*outcome = outcome_of(item, OUTCOME_MADE);
}

static void workload_nothing(void *worker, const struct item *item, struct outcome *outcome)
{
	(void)worker;
	*outcome = outcome_of(item, OUTCOME_MADE);
}

static uint64_t workload_cpu_amount(size_t index)
{
	(void)index;
	return WORKLOAD_CPU_SPINS;
}

static uint64_t workload_io_amount(size_t index)
{
	(void)index;
	return WORKLOAD_WAIT_MILLIS;
}

/* One of each hundred is long, at a place that looks random. */
static uint64_t workload_skewed_amount(size_t index)
{
	size_t hundred = index / WORKLOAD_LONG;
	uint64_t place = workload_mix(workload_mix(hundred + 88172645463325252U)) >> 32;
	bool is_long = index % WORKLOAD_LONG == place % WORKLOAD_LONG;
	return is_long ? (uint64_t)WORKLOAD_SHORT_SPINS * WORKLOAD_LONG : WORKLOAD_SHORT_SPINS;
}

static uint64_t workload_tiny_amount(size_t index)
{
	(void)index;
	return 0;
}

static const struct workload_kind workload_kinds[] = {
	{ "cpu", 4000, false, false, workload_cpu_amount, workload_spin },
	{ "io", 2000, false, true, workload_io_amount, workload_wait },
	{ "skewed", 20000, false, false, workload_skewed_amount, workload_spin },
	{ "tiny", 200000, true, false, workload_tiny_amount, workload_nothing },
};

enum { WORKLOAD_KINDS = sizeof(workload_kinds) / sizeof(*workload_kinds) };

const char *const workload_names[] = { "cpu", "io", "skewed", "tiny", NULL };

_Static_assert(sizeof(workload_names) / sizeof(*workload_names) == WORKLOAD_KINDS + 1,
	"each kind has its name here");

static void workload_fill(struct workload *workload, const struct workload_kind *kind)
{
	struct slot *slot = arena_alloc(&workload->arena, sizeof(*slot));
	*slot = (struct slot){ .data = "item", .length = 4 };
	workload->items = arena_alloc(&workload->arena, workload->count * sizeof(*workload->items));
	for (size_t i = 0; i < workload->count; i++)
		workload->items[i] = (struct item){
			.id = { i, i },
			.attempt = 1,
			.ticket = (uint32_t)i,
			.bytes = kind->amount(i),
			.key = slot->data,
			.key_length = slot->length,
			.slots = slot,
			.slot_count = 1,
		};
}

static bool workload_unknown(const char *name, struct error *err)
{
	const char *near = text_nearest(name, workload_names, WORKLOAD_KINDS);
	if (near)
		return fail(
			err, ERROR_USAGE, "unknown workload '%s' (did you mean '%s'?)", name, near);
	return fail(err, ERROR_USAGE,
		"unknown workload '%s'; known are: config, cpu, io, skewed, tiny", name);
}

bool workload_open_built_in(
	struct workload *workload, const char *name, uint32_t items, struct error *err)
{
	*workload = (struct workload){ 0 };
	const struct workload_kind *kind = workload_kinds;
	while (kind < workload_kinds + WORKLOAD_KINDS && strcmp(kind->name, name) != 0)
		kind++;
	if (kind == workload_kinds + WORKLOAD_KINDS)
		return workload_unknown(name, err);
	workload->name = kind->name;
	workload->tiny = kind->tiny;
	workload->waits = kind->waits;
	workload->count = items ? items : kind->items;
	workload->work = (struct work){
		.open = workload_open_worker,
		.process = kind->process,
		.wake = -1,
	};
	workload_fill(workload, kind);
	return true;
}

void workload_close(struct workload *workload)
{
	if (workload->close)
		workload->close(workload);
	workload->close = NULL;
	arena_finish(&workload->arena);
}
