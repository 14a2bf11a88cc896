#include "tests/fakes/work_fake.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pipeline/support/arena.h"

enum {
	WORK_FAKE_SLOTS = 3,
	WORK_FAKE_KEY_BYTES = 48,
	WORK_FAKE_WIDE = 97,
	WORK_FAKE_WIDE_BYTES = 700000,
	WORK_FAKE_SOCKET = 3, /* of a worker process */
	WORK_FAKE_BELL,
	WORK_FAKE_BITE = 1 << 20,
	WORK_FAKE_BITES = 4096
};

struct work_fake_worker {
	const struct work_fake *fake;
	uint32_t number;
};

static bool work_fake_open(const void *context, uint32_t number, void **worker, struct error *err)
{
	const struct work_fake *fake = context;
	if (fake->crash_in_open)
		abort();
	if (number < 32 && fake->refuse_workers & 1U << number) {
		atomic_fetch_add(&fake->shared->refused, 1);
		return fail(err, ERROR_MISSING, "no such tool: \"%s\"", "convert");
	}
	struct work_fake_worker *made = memory_zeroed(1, sizeof(*made));
	*made = (struct work_fake_worker){ .fake = fake, .number = number };
	atomic_fetch_add(&fake->shared->opened, 1);
	if (number < WORK_PIDS)
		atomic_store(&fake->shared->pids[number], (int32_t)getpid());
	*worker = made;
	return true;
}

static void work_fake_close(void *worker)
{
	const struct work_fake_worker *self = worker;
	atomic_fetch_add(&self->fake->shared->closed, 1);
	free(worker);
}

static void work_fake_wait(struct work_shared *shared)
{
	sem_post(&shared->begun);
	while (sem_wait(&shared->gate) != 0 && errno == EINTR)
		;
}

/* The memory that it takes hangs on a chain, so that it can be given back. */
static bool work_fake_eat(struct error *err)
{
	void **chain = NULL, **bite;
	for (int i = 0; i < WORK_FAKE_BITES && (bite = malloc(WORK_FAKE_BITE)); i++) {
		*bite = chain;
		chain = bite;
	}
	while (chain) {
		bite = chain;
		chain = (void **)*bite;
		free(bite);
	}
	return fail(err, ERROR_MEMORY, "no memory left to eat");
}

static bool work_fake_open_files(struct error *err)
{
	int first = dup(2), last = first;
	while (last >= 0 && last < WORK_FAKE_BITES)
		last = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int number = errno;
	close_range((unsigned)first, ~0U, 0);
	return fail_errno(err, number, "cannot open one more");
}

/* The compiler must not see that it never ends. */
static uint64_t work_fake_sink(volatile uint64_t depth)
{
	volatile char room[4096] = { 0 };
	room[depth % sizeof(room)] = 1;
	return depth == 0 ? 0 : work_fake_sink(depth + 1) + (uint64_t)room[0];
}

/* Over every descriptor that it has from main, and over the answer. */
static void work_fake_babble(struct outcome *outcome)
{
	static const char bytes[300] = "babble";
	for (int file = WORK_FAKE_SOCKET; file <= WORK_FAKE_BELL; file++)
		if (write(file, bytes, sizeof(bytes)) < 0 && errno == EBADF)
			abort();
	memset(outcome, bytes[0], sizeof(*outcome));
}

static void work_fake_die(enum work_deed deed)
{
	switch (deed) {
	case WORK_SEGV:
		raise(SIGSEGV);
		break;
	case WORK_TRAP:
		raise(SIGTRAP);
		break;
	case WORK_KILL:
		raise(SIGKILL);
		break;
	case WORK_ABORT:
		abort();
	case WORK_EXIT_0:
		_exit(0);
	case WORK_EXIT_3:
		_exit(3);
	case WORK_DEEP:
		if (work_fake_sink(1) > 0)
			abort();
		break;
	case WORK_SPIN:
		for (volatile uint32_t turns = 0;; turns++)
			;
	case WORK_STOP:
		raise(SIGSTOP);
		break;
	case WORK_CLOSE:
		close_range(3, ~0U, 0);
		break;
	default:
		break;
	}
	for (;;)
		pause();
}

static void work_fake_do(const struct work_fake_worker *self, enum work_deed deed,
	const struct item *item, struct outcome *outcome)
{
	switch (deed) {
	case WORK_NOTHING:
		break;
	case WORK_FAIL:
		outcome->status = OUTCOME_FAILED;
		fail(&outcome->error, ERROR_DAMAGED, "\"%.*s\" is cut short", (int)item->key_length,
			item->key);
		break;
	case WORK_GARBAGE:
		outcome->ticket++;
		break;
	case WORK_BABBLE:
		work_fake_babble(outcome);
		break;
	case WORK_EAT:
		outcome->status = OUTCOME_FAILED;
		work_fake_eat(&outcome->error);
		break;
	case WORK_FILES:
		outcome->status = OUTCOME_FAILED;
		work_fake_open_files(&outcome->error);
		break;
	case WORK_WAIT:
		work_fake_wait(self->fake->shared);
		break;
	default:
		work_fake_die(deed);
	}
}

/* All that a worker can see of the item goes into the outcome, so that a byte lost on the way
 * shows. */
static struct digest work_fake_digest(const struct item *item)
{
	struct digest whole = digest_of(item->key, item->key_length);
	const uint64_t numbers[] = { item->attempt, item->due, item->validator.size,
		(uint64_t)item->validator.mtime_nanos, item->validator.strict, item->known.low,
		item->known.high, item->bytes, item->slot_count };
	whole = digest_mix(whole, digest_of(numbers, sizeof(numbers)));
	for (size_t i = 0; i < item->slot_count; i++) {
		const struct slot *slot = &item->slots[i];
		const uint64_t facts[] = { slot->data != NULL, slot->secret };
		whole = digest_mix(whole, digest_of(facts, sizeof(facts)));
		if (slot->data)
			whole = digest_mix(whole, digest_of(slot->data, slot->length));
	}
	return whole;
}

static void work_fake_process(void *worker, const struct item *item, struct outcome *outcome)
{
	const struct work_fake_worker *self = worker;
	atomic_fetch_add(&self->fake->shared->started[item->ticket], 1);
	*outcome = outcome_of(item, OUTCOME_MADE);
	outcome->worker = self->number;
	outcome->made = item->due;
	outcome->content = work_fake_digest(item);
	uint8_t deed = item->attempt == 1 ? self->fake->deeds[item->ticket] : WORK_NOTHING;
	work_fake_do(self, deed, item, outcome);
}

struct work work_fake_work(const struct work_fake *fake, int wake)
{
	return (struct work){
		.open = work_fake_open,
		.process = work_fake_process,
		.close = work_fake_close,
		.context = fake,
		.wake = wake,
	};
}

/* One slot is there, one absent, one secret; of some items one is larger than a socket's buffer. */
static void work_fake_fill(struct work_fake *fake, uint32_t ticket)
{
	struct item *item = &fake->items[ticket];
	char *key = memory_zeroed(1, WORK_FAKE_KEY_BYTES);
	snprintf(key, WORK_FAKE_KEY_BYTES, "folder/item %u.jpg", ticket);
	struct slot *slots = memory_zeroed(WORK_FAKE_SLOTS, sizeof(*slots));
	size_t length = ticket % WORK_FAKE_WIDE == 50 ? WORK_FAKE_WIDE_BYTES : ticket % 40;
	char *data = memory_alloc(length + 1);
	memset(data, (int)(ticket % 251), length);
	slots[0] = (struct slot){ .data = data, .length = (uint32_t)length };
	slots[1] = (struct slot){ .data = NULL, .secret = ticket % 2 };
	slots[2] = (struct slot){ .data = key, .length = 6, .secret = true };
	*item = (struct item){
		.id = digest_of(key, strlen(key)),
		.attempt = 1,
		.ticket = ticket,
		.due = ticket | 1,
		.validator = { .size = ticket, .mtime_nanos = -5, .strict = 7 },
		.known = { .low = ticket, .high = 9 },
		.bytes = 1000 + ticket,
		.key = key,
		.key_length = strlen(key),
		.slots = slots,
		.slot_count = ticket % 13 ? WORK_FAKE_SLOTS : 0,
	};
}

static size_t work_fake_shared_bytes(size_t count)
{
	return sizeof(struct work_shared) + (count + 1) * (sizeof(uint32_t) + 1);
}

struct work_fake *work_fake_new(size_t count)
{
	struct work_fake *fake = memory_zeroed(1, sizeof(*fake));
	fake->count = count;
	fake->shared = mmap(NULL, work_fake_shared_bytes(count), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (fake->shared == MAP_FAILED)
		abort();
	sem_init(&fake->shared->gate, 1, 0);
	sem_init(&fake->shared->begun, 1, 0);
	fake->deeds = (uint8_t *)&fake->shared->started[count + 1];
	fake->items = memory_zeroed(count + 1, sizeof(*fake->items));
	for (uint32_t i = 0; i < count; i++)
		work_fake_fill(fake, i);
	return fake;
}

void work_fake_free(struct work_fake *fake)
{
	if (!fake)
		return;
	for (size_t i = 0; i < fake->count; i++) {
		const struct item *item = &fake->items[i];
		free((void *)item->slots[0].data);
		free((void *)item->key);
		free((void *)item->slots);
	}
	munmap(fake->shared, work_fake_shared_bytes(fake->count));
	free(fake->items);
	free(fake);
}

void work_fake_release(struct work_fake *fake, size_t times)
{
	while (times-- > 0)
		sem_post(&fake->shared->gate);
}

bool work_fake_has_begun(struct work_fake *fake)
{
	return sem_trywait(&fake->shared->begun) == 0;
}

void *work_fake_settings(const struct plugin *plugin, const char *yaml, struct arena *arena)
{
	const struct place nowhere = { .file = "settings" };
	struct problems problems = { 0 };
	const struct yaml_node *map =
		*yaml ? yaml_parse(arena, nowhere.file, yaml, strlen(yaml), &problems) : NULL;
	void *settings = arena_alloc(arena, plugin->settings_bytes);
	if ((*yaml && !map) ||
		!option_parse(plugin->options, map, nowhere, settings, arena, &problems))
		abort();
	problems_finish(&problems);
	return settings;
}
