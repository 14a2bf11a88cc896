#include "pipeline/executors/completions.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdalign.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pipeline/support/arena.h"

enum {
	COMPLETIONS_LINE = 64, /* bytes of a cache line */
	COMPLETIONS_STEP = 16, /* outcomes that main takes before it tells the worker of the room */
	COMPLETIONS_MOST =
		4096, /* outcomes in all rings together, as far as COMPLETIONS_ROOM_LEAST allows */
	COMPLETIONS_ROOM_LEAST = 32,
	COMPLETIONS_ROOM_MOST = 512
};

struct completion {
	struct outcome outcome;
	uint32_t window;
};

/* Numbers of outcomes, modulo 2^32: those in [taken, pushed) wait for main. */
struct completions_ring {
	alignas(COMPLETIONS_LINE) _Atomic uint32_t pushed; /* by the worker */
	uint32_t known_taken;                              /* the worker's: `taken`, or less */
	_Atomic uint32_t full; /* the futex of a worker that waits for room: 1 */
	alignas(COMPLETIONS_LINE) _Atomic uint32_t taken;   /* by main, told now and then */
	uint32_t next;                                      /* main's: what it takes next */
	uint32_t known_pushed;                              /* main's: `pushed`, or less */
	alignas(COMPLETIONS_LINE) struct completion *slots; /* completions.room of them */
};

bool completions_open(struct completions *completions, uint32_t workers, struct error *err)
{
	*completions = (struct completions){
		.descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
		.room = COMPLETIONS_ROOM_MOST,
	};
	if (completions->descriptor < 0)
		return fail_errno(err, errno, "cannot make an eventfd for the workers");
	completions->count = workers;
	completions->rings = memory_aligned(workers, sizeof(*completions->rings), COMPLETIONS_LINE);
	while (completions->room > COMPLETIONS_ROOM_LEAST &&
		(uint64_t)completions->room * workers > COMPLETIONS_MOST)
		completions->room /= 2;
	for (uint32_t i = 0; i < workers; i++)
		completions->rings[i] = (struct completions_ring){
			.slots = memory_alloc(completions->room * sizeof(struct completion)),
		};
	return true;
}

static void completions_wake(struct completions *completions)
{
	/* Cannot fail: the counter is far from full. */
	if (atomic_exchange(&completions->nap, NAP_AWAKE) != NAP_AWAKE)
		(void)!eventfd_write(completions->descriptor, 1);
}

static uint32_t completions_used(struct completions_ring *ring)
{
	uint32_t pushed = atomic_load_explicit(&ring->pushed, memory_order_relaxed);
	return pushed - ring->known_taken;
}

static bool completions_is_half_full(
	const struct completions *completions, struct completions_ring *ring)
{
	if (completions_used(ring) >= completions->room / 2)
		ring->known_taken = atomic_load_explicit(&ring->taken, memory_order_acquire);
	return completions_used(ring) >= completions->room / 2;
}

/* The flag is up before the last look: main sees it, or this sees main's room. */
static void completions_wait_for_room(
	struct completions *completions, struct completions_ring *ring)
{
	completions_wake(completions);
	while (!atomic_load(&completions->shut)) {
		atomic_store(&ring->full, 1);
		ring->known_taken = atomic_load(&ring->taken);
		if (completions_used(ring) < completions->room || atomic_load(&completions->shut))
			break;
		syscall(SYS_futex, &ring->full, FUTEX_WAIT_PRIVATE, 1, NULL, NULL, 0);
	}
	atomic_store(&ring->full, 0);
}

void completions_push(struct completions *completions, uint32_t worker,
	const struct outcome *outcome, uint32_t window)
{
	struct completions_ring *ring = &completions->rings[worker];
	if (completions_used(ring) == completions->room)
		ring->known_taken = atomic_load_explicit(&ring->taken, memory_order_acquire);
	if (completions_used(ring) == completions->room)
		completions_wait_for_room(completions, ring);
	if (atomic_load_explicit(&completions->shut, memory_order_relaxed))
		return;
	const uint32_t number = atomic_load_explicit(&ring->pushed, memory_order_relaxed);
	struct completion *slot = &ring->slots[number % completions->room];
	outcome_copy(&slot->outcome, outcome);
	slot->window = window;
	atomic_store(&ring->pushed, number + 1);
	const uint32_t nap = atomic_load(&completions->nap);
	if (nap == NAP_SLEEPS || (nap == NAP_DOZES && completions_is_half_full(completions, ring)))
		completions_wake(completions);
}

/* A worker that waits is let go once half of its ring is free, so that both don't switch for each
 * outcome. */
static void completions_tell_room(struct completions_ring *ring, uint32_t room)
{
	atomic_store(&ring->taken, ring->next);
	if (!atomic_load(&ring->full) || ring->known_pushed - ring->next > room / 2)
		return;
	atomic_store(&ring->full, 0);
	syscall(SYS_futex, &ring->full, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static bool completions_take(const struct completions *completions, struct completions_ring *ring,
	struct outcome *outcome, uint32_t *window)
{
	if (ring->next == ring->known_pushed) {
		ring->known_pushed = atomic_load(&ring->pushed);
		if (ring->next == ring->known_pushed)
			return false;
	}
	const struct completion *slot = &ring->slots[ring->next++ % completions->room];
	outcome_copy(outcome, &slot->outcome);
	*window = slot->window;
	if (ring->next % COMPLETIONS_STEP == 0 || ring->next == ring->known_pushed)
		completions_tell_room(ring, completions->room);
	return true;
}

/* Stays with a ring while it has something: its lines are here. */
static bool completions_search(
	struct completions *completions, struct outcome *outcome, uint32_t *window)
{
	for (uint32_t i = 0; i < completions->count; i++) {
		struct completions_ring *ring = &completions->rings[completions->place];
		if (completions_take(completions, ring, outcome, window))
			return true;
		completions->place = (completions->place + 1) % completions->count;
	}
	return false;
}

bool completions_pop(struct completions *completions, struct outcome *outcome, uint32_t *window)
{
	bool found = completions_search(completions, outcome, window);
	if (!found) {
		completions->dozes = completions->took;
		completions->took = false;
		atomic_store(&completions->nap, completions->dozes ? NAP_DOZES : NAP_SLEEPS);
		found = completions_search(completions, outcome, window);
	}
	if (!found)
		return false;
	completions->took = true;
	if (atomic_load_explicit(&completions->nap, memory_order_relaxed) != NAP_AWAKE)
		atomic_store(&completions->nap, NAP_AWAKE);
	return true;
}

void completions_poke(struct completions *completions)
{
	if (atomic_load(&completions->nap) != NAP_AWAKE)
		completions_wake(completions);
}

void completions_heard(struct completions *completions)
{
	eventfd_t ignored;
	/* Not readable is fine: poll came back for another reason. */
	(void)!eventfd_read(completions->descriptor, &ignored);
}

void completions_shut(struct completions *completions)
{
	atomic_store(&completions->shut, true);
	for (uint32_t i = 0; i < completions->count; i++) {
		atomic_store(&completions->rings[i].full, 0);
		syscall(SYS_futex, &completions->rings[i].full, FUTEX_WAKE_PRIVATE, 1, NULL, NULL,
			0);
	}
}

void completions_close(struct completions *completions)
{
	if (completions->descriptor >= 0)
		close(completions->descriptor);
	for (uint32_t i = 0; completions->rings && i < completions->count; i++)
		free(completions->rings[i].slots);
	free(completions->rings);
}
