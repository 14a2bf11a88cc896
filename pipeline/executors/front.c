#include "pipeline/executors/front.h"

#include <assert.h>
#include <time.h>

#include "pipeline/executors/nap.h"
#include "pipeline/support/clock.h"

enum {
	MICROS_PER_SECOND = 1000000,
	NANOS_PER_MICRO = 1000,
	FRONT_ROW = 64,          /* outcomes */
	FRONT_LOOK_MICROS = 1000 /* between two looks at work.wake where items are worked on here */
};

void front_given(struct front *front)
{
	assert(!front->stopped);
	front->hungry_told = false;
}

int64_t front_doze(int64_t deadline)
{
	const int64_t end = deadline > 0 ? clock_micros() + NAP_MICROS : 0;
	return end < deadline ? end : deadline;
}

bool front_poll(
	const struct front *front, struct pollfd *descriptors, nfds_t count, int64_t deadline)
{
	descriptors[0] = (struct pollfd){ .fd = front->work.wake, .events = POLLIN };
	int64_t left = deadline == INT64_MAX ? 0 : deadline - clock_micros();
	if (left < 0)
		left = 0;
	const struct timespec timeout = {
		.tv_sec = left / MICROS_PER_SECOND,
		.tv_nsec = left % MICROS_PER_SECOND * NANOS_PER_MICRO,
	};
	int ready = ppoll(descriptors, count, deadline == INT64_MAX ? NULL : &timeout, NULL);
	if (ready > 0)
		return descriptors[0].revents != 0;
	for (nfds_t i = 0; i < count; i++)
		descriptors[i].revents = 0;
	return false;
}

/* An outcome that needs no waiting: a finished item, or one that will not be started any more. */
static bool front_collect(struct front *front, struct outcome *outcome)
{
	uint32_t window;
	struct taken taken;
	if (front->calls->collect(front->executor, outcome, &window)) {
		front->outcomes++;
		backlog_return(&front->backlog, window);
		return true;
	}
	if (!front->stopped && !front->failed)
		return false;
	if (!front->calls->take(front->executor, &taken))
		return false;
	*outcome = outcome_of(taken.item, OUTCOME_CANCELLED);
	backlog_return(&front->backlog, taken.window);
	return true;
}

bool front_adapt(struct front *front, int64_t now, struct text *why)
{
	struct governor *governor = &front->governor;
	struct governor_facts facts = { .micros = now, .outcomes = front->outcomes };
	if (!governor_is_due(governor, now) || front->stopped || front->failed)
		return false;
	governor_look(governor->root, &facts);
	const struct footprint footprint = front->calls->footprint(front->executor);
	facts.limits.worker = footprint.worker;
	facts.limits.held = footprint.held;
	if (!governor_judge(governor, &facts, why))
		return false;
	front->calls->limit(front->executor, governor->workers);
	return true;
}

static bool front_is_hungry(const struct front *front, bool more)
{
	if (!more || front->hungry_told || front->stopped || front->failed)
		return false;
	return front->backlog.busy < EXECUTOR_WINDOWS && front->calls->hungry(front->executor);
}

static bool front_is_idle(const struct front *front, bool more)
{
	return front->backlog.outstanding == 0 && (!more || front->stopped || front->failed);
}

/* What there is to say where no outcome is ready and main is not woken; EXECUTOR_OUTCOME: nothing.
 */
static enum executor_event front_pending(struct front *front, bool more, int64_t deadline)
{
	struct error error;
	if (!front->failed && !front->stopped && front->calls->failed(front->executor, &error)) {
		front->error = error;
		return EXECUTOR_FAILED;
	}
	if (front_is_hungry(front, more))
		return EXECUTOR_HUNGRY;
	if (front_is_idle(front, more))
		return EXECUTOR_IDLE;
	return deadline <= clock_micros() ? EXECUTOR_DEADLINE : EXECUTOR_OUTCOME;
}

static enum executor_event front_tell(struct front *front, enum executor_event event)
{
	front->failed |= event == EXECUTOR_FAILED;
	front->hungry_told |= event == EXECUTOR_HUNGRY;
	return event;
}

/* After a row of outcomes a signal and the deadline get their turn, or they would wait for as long
 * as outcomes come faster than main takes them. */
static enum executor_event front_interrupted(struct front *front, int64_t deadline)
{
	struct pollfd wake;
	const int64_t now = clock_micros();
	if (front->row < FRONT_ROW && now < deadline &&
		now - front->looked_micros < FRONT_LOOK_MICROS)
		return EXECUTOR_OUTCOME;
	front->row = 0;
	front->looked_micros = now;
	if (front->work.wake >= 0 && front_poll(front, &wake, 1, 0))
		return EXECUTOR_WOKEN;
	return deadline <= now ? EXECUTOR_DEADLINE : EXECUTOR_OUTCOME;
}

/* A caller that was told HUNGRY, gave nothing and waits for nothing else would wait for ever. */
static bool front_can_end(const struct front *front, int64_t deadline)
{
	return front->backlog.outstanding > 0 || front->work.wake >= 0 || deadline != INT64_MAX;
}

enum executor_event front_next(
	struct front *front, bool more, struct outcome *outcome, int64_t deadline)
{
	if (front->row >= (front->serves ? 1 : FRONT_ROW)) {
		enum executor_event event = front_interrupted(front, deadline);
		if (event != EXECUTOR_OUTCOME)
			return event;
	}
	for (;;) {
		if (front_collect(front, outcome)) {
			front->row++;
			return EXECUTOR_OUTCOME;
		}
		front->row = 0;
		enum executor_event event = front_pending(front, more, deadline);
		bool none = event == EXECUTOR_OUTCOME;
		assert(!none || front_can_end(front, deadline));
		bool woken = front->calls->wait(front->executor, none ? deadline : 0);
		if (front_collect(front, outcome)) {
			front->row++;
			return EXECUTOR_OUTCOME;
		}
		if (woken)
			return EXECUTOR_WOKEN;
		if (!none)
			return front_tell(front, event);
	}
}
