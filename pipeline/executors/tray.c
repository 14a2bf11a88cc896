#include "pipeline/executors/tray.h"

#include <errno.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <sys/mman.h>

enum { TRAY_LINE = 64 /* bytes of a cache line */ };

struct tray {
	/* The last item that is decided: the worker raises it to begin an item, main to take back
	 * those that were not begun. */
	alignas(TRAY_LINE) _Atomic uint64_t decided;
	alignas(TRAY_LINE) _Atomic uint32_t nap; /* enum nap: main's, ended by the worker */
	_Atomic uint32_t replied;                /* by this process, modulo 2^32 */
	alignas(TRAY_LINE) struct wire_reply replies[TRAY_ROOM];
};

_Static_assert((TRAY_ROOM & (TRAY_ROOM - 1)) == 0, "numbers wrap");

struct tray *tray_open(struct error *err)
{
	void *map = mmap(NULL, sizeof(struct tray), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED) {
		fail_errno(err, errno, "cannot map memory that is shared with a worker");
		return NULL;
	}
	tray_share(map, false);
	return map;
}

void tray_close(struct tray *tray)
{
	if (tray)
		munmap(tray, sizeof(*tray));
}

void tray_share(struct tray *tray, bool shared)
{
	madvise(tray, sizeof(*tray), shared ? MADV_DOFORK : MADV_DONTFORK);
}

void tray_clear(struct tray *tray)
{
	atomic_store(&tray->decided, 0);
	atomic_store(&tray->replied, 0);
	atomic_store(&tray->nap, NAP_SLEEPS);
}

bool tray_begin(struct tray *tray, uint64_t number)
{
	uint64_t seen = atomic_load(&tray->decided);
	return seen < number && atomic_compare_exchange_strong(&tray->decided, &seen, number);
}

static void tray_ring(struct tray *tray, int bell)
{
	/* Can fail only where the bell rings already. */
	if (atomic_exchange(&tray->nap, NAP_AWAKE) != NAP_AWAKE)
		(void)!eventfd_write(bell, 1);
}

void tray_reply(struct tray *tray, int bell, enum wire_kind kind, const struct outcome *outcome)
{
	const uint32_t number = atomic_load_explicit(&tray->replied, memory_order_relaxed);
	wire_fill_reply(&tray->replies[number % TRAY_ROOM], kind, outcome);
	atomic_store(&tray->replied, number + 1);
	if (atomic_load(&tray->nap) == NAP_SLEEPS)
		tray_ring(tray, bell);
}

void tray_wait(struct tray *tray, int bell)
{
	if (atomic_load(&tray->nap) != NAP_AWAKE)
		tray_ring(tray, bell);
}

uint64_t tray_recall(struct tray *tray, uint64_t last)
{
	uint64_t seen = atomic_load(&tray->decided);
	while (seen < last && !atomic_compare_exchange_weak(&tray->decided, &seen, last))
		;
	return seen;
}

bool tray_has_begun(struct tray *tray, uint64_t number)
{
	return number <= atomic_load(&tray->decided);
}

bool tray_has_reply(struct tray *tray, uint32_t taken)
{
	return atomic_load(&tray->replied) != taken;
}

void tray_take(struct tray *tray, uint32_t taken, struct wire_reply *reply)
{
	const struct wire_reply *slot = &tray->replies[taken % TRAY_ROOM];
	reply->mark = slot->mark;
	reply->kind = slot->kind;
	outcome_copy(&reply->outcome, &slot->outcome);
}

void tray_set_nap(struct tray *tray, enum nap nap)
{
	atomic_store(&tray->nap, nap);
}
