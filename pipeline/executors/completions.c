#include "pipeline/executors/completions.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "pipeline/support/arena.h"

bool completions_open(struct completions *completions, struct error *err)
{
	*completions = (struct completions){
		.descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
		.room = PTHREAD_COND_INITIALIZER,
		.lock = PTHREAD_MUTEX_INITIALIZER,
	};
	if (completions->descriptor < 0)
		return fail_errno(err, errno, "cannot make an eventfd for the workers");
	completions->ring = memory_alloc(COMPLETIONS_ROOM * sizeof(*completions->ring));
	return true;
}

/* Call it under the lock: otherwise main could close the descriptor in between. */
static void completions_wake(struct completions *completions)
{
	if (!completions->waiting)
		return;
	completions->waiting = false;
	/* Cannot fail: the counter is far from full. */
	(void)!eventfd_write(completions->descriptor, 1);
}

void completions_push(
	struct completions *completions, const struct outcome *outcome, uint32_t window)
{
	pthread_mutex_lock(&completions->lock);
	completions->pushing++;
	while (completions->count == COMPLETIONS_ROOM && !completions->shut)
		pthread_cond_wait(&completions->room, &completions->lock);
	completions->pushing--;
	if (!completions->shut) {
		size_t last = (completions->first + completions->count++) % COMPLETIONS_ROOM;
		completions->ring[last].outcome = *outcome;
		completions->ring[last].window = window;
		completions_wake(completions);
	}
	pthread_mutex_unlock(&completions->lock);
}

bool completions_pop(struct completions *completions, struct outcome *outcome, uint32_t *window)
{
	pthread_mutex_lock(&completions->lock);
	bool found = completions->count > 0;
	completions->waiting = !found;
	if (found) {
		*outcome = completions->ring[completions->first].outcome;
		*window = completions->ring[completions->first].window;
		completions->first = (completions->first + 1) % COMPLETIONS_ROOM;
		completions->count--;
		if (completions->pushing > 0)
			pthread_cond_signal(&completions->room);
	}
	pthread_mutex_unlock(&completions->lock);
	return found;
}

void completions_poke(struct completions *completions)
{
	pthread_mutex_lock(&completions->lock);
	completions_wake(completions);
	pthread_mutex_unlock(&completions->lock);
}

void completions_heard(struct completions *completions)
{
	eventfd_t ignored;
	/* Not readable is fine: poll came back for another reason. */
	(void)!eventfd_read(completions->descriptor, &ignored);
}

void completions_shut(struct completions *completions)
{
	pthread_mutex_lock(&completions->lock);
	completions->shut = true;
	pthread_cond_broadcast(&completions->room);
	pthread_mutex_unlock(&completions->lock);
}

void completions_close(struct completions *completions)
{
	if (completions->descriptor >= 0)
		close(completions->descriptor);
	free(completions->ring);
	pthread_cond_destroy(&completions->room);
	pthread_mutex_destroy(&completions->lock);
}
