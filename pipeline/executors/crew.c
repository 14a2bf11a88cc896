#include "pipeline/executors/crew.h"

#include <signal.h>
#include <stdlib.h>

#include "pipeline/support/arena.h"

static void crew_refused(struct crew *crew, const struct error *error)
{
	pthread_mutex_lock(&crew->lock);
	if (crew->error.code == ERROR_NONE)
		crew->error = *error;
	crew->usable--;
	pthread_mutex_unlock(&crew->lock);
	completions_poke(&crew->completions);
}

static void *crew_run(void *context)
{
	struct crew_member *member = context;
	struct crew *crew = member->crew;
	struct error error;
	if (!crew->work.open(crew->work.context, member->number, &member->worker, &error)) {
		crew_refused(crew, &error);
		return NULL;
	}
	crew->serve(crew->executor, member);
	if (crew->work.close)
		crew->work.close(member->worker);
	return NULL;
}

/* Signals are main's business; a fault belongs to the thread that makes it. */
static void crew_block_signals(sigset_t *before)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS };
	sigset_t blocked;
	sigfillset(&blocked);
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		sigdelset(&blocked, faults[i]);
	pthread_sigmask(SIG_SETMASK, &blocked, before);
}

static int crew_start(struct crew *crew, uint32_t count)
{
	int number = 0;
	while (crew->started < count && number == 0) {
		struct crew_member *member = &crew->members[crew->started];
		*member = (struct crew_member){ .crew = crew, .number = crew->started };
		number = pthread_create(&member->thread, NULL, crew_run, member);
		if (number == 0)
			crew->started++;
	}
	return number;
}

bool crew_open(struct crew *crew, uint32_t count, struct error *err)
{
	pthread_mutex_init(&crew->lock, NULL);
	crew->usable = count;
	if (!completions_open(&crew->completions, count, err))
		return false;
	crew->members = memory_zeroed(count, sizeof(*crew->members));
	sigset_t before;
	crew_block_signals(&before);
	int number = crew_start(crew, count);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (number != 0)
		return fail_errno(err, number, "cannot start %u threads", count);
	return true;
}

void crew_process(struct crew_member *member, const struct taken *taken)
{
	struct crew *crew = member->crew;
	struct outcome outcome;
	crew->work.process(member->worker, taken->item, &outcome);
	completions_push(&crew->completions, member->number, &outcome, taken->window);
}

void crew_close(struct crew *crew)
{
	completions_shut(&crew->completions);
	for (uint32_t i = 0; i < crew->started; i++)
		pthread_join(crew->members[i].thread, NULL);
	completions_close(&crew->completions);
	pthread_mutex_destroy(&crew->lock);
	free(crew->members);
}

bool crew_failed(struct crew *crew, struct error *err)
{
	pthread_mutex_lock(&crew->lock);
	bool failed = crew->usable == 0;
	if (failed)
		*err = crew->error;
	pthread_mutex_unlock(&crew->lock);
	return failed;
}

bool crew_wait(struct crew *crew, const struct front *front, int64_t deadline)
{
	struct pollfd descriptors[2];
	if (crew->completions.dozes)
		deadline = front_doze(deadline);
	descriptors[1] = (struct pollfd){ .fd = crew->completions.descriptor, .events = POLLIN };
	bool woken = front_poll(front, descriptors, 2, deadline);
	if (descriptors[1].revents)
		completions_heard(&crew->completions);
	return woken;
}
