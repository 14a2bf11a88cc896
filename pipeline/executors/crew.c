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
	member->rank = atomic_fetch_add(&crew->ranks, 1);
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

/* A thread counts as usable before it can fail. */
static int crew_start_one(struct crew *crew)
{
	struct crew_member *member = &crew->members[crew->started];
	*member = (struct crew_member){ .crew = crew, .number = crew->started };
	pthread_mutex_lock(&crew->lock);
	crew->usable++;
	pthread_mutex_unlock(&crew->lock);
	int number = pthread_create(&member->thread, NULL, crew_run, member);
	if (number == 0) {
		crew->started++;
		return 0;
	}
	pthread_mutex_lock(&crew->lock);
	crew->usable--;
	pthread_mutex_unlock(&crew->lock);
	return number;
}

static int crew_start(struct crew *crew, uint32_t count)
{
	int number = 0;
	sigset_t before;
	crew_block_signals(&before);
	while (crew->started < count && number == 0)
		number = crew_start_one(crew);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return number;
}

bool crew_open(struct crew *crew, const struct governor *governor, struct error *err)
{
	double most;
	pthread_mutex_init(&crew->lock, NULL);
	crew->most = governor->most;
	crew->root = governor->root;
	atomic_store(&crew->limit, governor->workers);
	if (crew->root)
		footprint_of(crew->root, 0, &crew->base, &most);
	if (!completions_open(&crew->completions, crew->most, err))
		return false;
	crew->members = memory_zeroed(crew->most, sizeof(*crew->members));
	int number = crew_start(crew, governor->workers);
	if (number != 0)
		return fail_errno(err, number, "cannot start %u threads", governor->workers);
	return true;
}

void crew_fill(struct crew *crew, uint32_t workers)
{
	/* Where a thread cannot be started, there are fewer. */
	crew_start(crew, workers < crew->most ? workers : crew->most);
}

struct footprint crew_footprint(const struct crew *crew)
{
	double now, most;
	if (!crew->root || crew->started == 0 || !footprint_of(crew->root, 0, &now, &most) ||
		crew->base <= 0)
		return (struct footprint){ 0 };
	return (struct footprint){
		.held = now > crew->base ? now - crew->base : 0,
		.worker = most > crew->base ? (most - crew->base) / crew->started : 0,
	};
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
