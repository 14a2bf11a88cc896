/* forked: worker processes, one socket each. A worker's death costs the item that it held and
 * nothing else. */

#include <assert.h>
#include <poll.h>
#include <stdlib.h>

#include "pipeline/executors/auto.h"
#include "pipeline/executors/child.h"
#include "pipeline/executors/front.h"
#include "pipeline/support/arena.h"
#include "pipeline/support/clock.h"

enum {
	FORKED_ROW = 64,
	FORKED_CHANCES = 3, /* deaths in a row that an item which was not begun is not blamed for */
	FORKED_REST_MICROS = 100000, /* before the second restart in a row; doubles */
	FORKED_REST_MOST_MICROS = 5000000,
	FORKED_DYING_MICROS = 1000000, /* between a closed socket and the death that is the cause */
	FORKED_FAREWELL_MICROS = 5000000 /* for children to close what they opened */
};

struct forked_outcome {
	struct outcome outcome;
	uint32_t window;
};

struct executor {
	struct front front;
	struct child *children;
	uint32_t count;
	uint32_t gone;       /* children in that state */
	struct taken *again; /* taken back from children, or sent to one that died before it */
	uint32_t again_count;
	struct forked_outcome *ready; /* a ring of CHILD_HELD for each child */
	uint32_t ready_first, ready_count;
	struct pollfd *descriptors; /* work.wake, then socket and process of each child */
	bool now;                   /* stopped without waiting for items in hand */
	struct error error;         /* the first that a child had before it was ready */
};

static void forked_finish(struct executor *executor, const struct outcome *outcome, uint32_t window)
{
	const uint32_t room = CHILD_HELD * executor->count;
	assert(executor->ready_count < room);
	uint32_t last = (executor->ready_first + executor->ready_count++) % room;
	executor->ready[last] = (struct forked_outcome){ .outcome = *outcome, .window = window };
}

static bool forked_collect(struct executor *executor, struct outcome *outcome, uint32_t *window)
{
	if (executor->ready_count == 0)
		return false;
	*outcome = executor->ready[executor->ready_first].outcome;
	*window = executor->ready[executor->ready_first].window;
	executor->ready_first = (executor->ready_first + 1) % (CHILD_HELD * executor->count);
	executor->ready_count--;
	return true;
}

static bool forked_take(struct executor *executor, struct taken *taken)
{
	if (executor->again_count == 0)
		return backlog_take(&executor->front.backlog, taken);
	*taken = executor->again[--executor->again_count];
	return true;
}

static bool forked_hungry(struct executor *executor)
{
	return executor->front.backlog.unstarted + executor->again_count == 0;
}

static bool forked_failed(struct executor *executor, struct error *err)
{
	if (executor->gone < executor->count)
		return false;
	*err = executor->error;
	return true;
}

/* Brings every ready child to `items` in hand, as far as there are items. */
static void forked_fill(struct executor *executor, uint32_t items)
{
	for (uint32_t i = 0; i < executor->count; i++) {
		struct child *child = &executor->children[i];
		struct taken taken;
		while (child->state == CHILD_READY && child->held_count < items &&
			forked_take(executor, &taken))
			child_hand(child, &taken);
	}
}

static void forked_recall(struct executor *executor, struct child *child)
{
	struct taken taken[CHILD_HELD];
	uint32_t count = child_recall(child, taken);
	for (uint32_t i = 0; i < count; i++)
		executor->again[executor->again_count++] = taken[i];
}

/* Where one child has nothing to do, no item waits behind another that another child works on. */
static void forked_level(struct executor *executor)
{
	uint32_t idle = 0;
	for (uint32_t i = 0; i < executor->count; i++) {
		const struct child *child = &executor->children[i];
		idle += child->state == CHILD_READY && child->held_count == 0;
	}
	for (uint32_t i = 0; i < executor->count && executor->again_count < idle; i++) {
		struct child *child = &executor->children[i];
		if (child->state == CHILD_READY && child->held_count == CHILD_HELD)
			forked_recall(executor, child);
	}
	if (executor->again_count > 0)
		forked_fill(executor, 1);
}

static void forked_feed(struct executor *executor)
{
	if (executor->front.stopped || executor->front.failed)
		return;
	for (uint32_t items = 1; items <= CHILD_HELD; items++)
		forked_fill(executor, items);
	forked_level(executor);
	for (uint32_t i = 0; i < executor->count; i++)
		if (executor->children[i].state == CHILD_READY)
			child_flush(&executor->children[i]);
}

static void forked_lose_child(
	struct executor *executor, struct child *child, const struct error *error)
{
	child->state = CHILD_GONE;
	executor->gone++;
	if (executor->error.code == ERROR_NONE)
		executor->error = *error;
}

static int64_t forked_rest_micros(uint32_t failures)
{
	int64_t rest = failures > 0 ? FORKED_REST_MICROS : 0;
	while (failures-- > 1 && rest < FORKED_REST_MOST_MICROS)
		rest *= 2;
	return rest < FORKED_REST_MOST_MICROS ? rest : FORKED_REST_MOST_MICROS;
}

/* Whether a death costs what the child held as number `index`: what was begun may have changed the
 * world and is never done twice. The first of those that were not begun only where that happens
 * again and again. */
static bool forked_costs(const struct child *child, uint32_t index)
{
	return child_has_begun(child, index) || (index == 0 && child->failures >= FORKED_CHANCES);
}

static void forked_settle_held(
	struct executor *executor, struct child *child, const struct error *death)
{
	for (uint32_t i = 0; i < child->held_count; i++) {
		const struct taken *taken = &child->held[i].taken;
		struct outcome outcome = outcome_of(taken->item, OUTCOME_CANCELLED);
		outcome.worker = child->number;
		if (!executor->now && !forked_costs(child, i)) {
			executor->again[executor->again_count++] = *taken;
			continue;
		}
		if (!executor->now) {
			outcome.status = OUTCOME_FAILED;
			outcome.micros = clock_micros() - child->since_micros;
			outcome.error = *death;
		}
		forked_finish(executor, &outcome, taken->window);
	}
	child->held_count = 0;
}

static void forked_bury(struct executor *executor, struct child *child)
{
	struct error death;
	if (!child_bury(child, &death))
		return;
	forked_settle_held(executor, child, &death);
	if (!child->served || executor->front.stopped) {
		error_where(&death, "worker %u could not start", child->number);
		forked_lose_child(executor, child, &death);
		return;
	}
	child->state = CHILD_RESTING;
	child->act_micros = clock_micros() + forked_rest_micros(child->failures++);
}

static bool forked_heed_outcome(
	struct executor *executor, struct child *child, const struct outcome *outcome)
{
	const struct item *item = child->held_count > 0 ? child->held[0].taken.item : NULL;
	if (!item || !digest_equal(item->id, outcome->id) || item->attempt != outcome->attempt ||
		item->ticket != outcome->ticket)
		return false;
	forked_finish(executor, outcome, child->held[0].taken.window);
	child_release(child);
	child->failures = 0;
	return true;
}

/* False where the reply makes no sense at this moment. */
static bool forked_heed(
	struct executor *executor, struct child *child, const struct wire_reply *reply)
{
	if (!wire_reply_sound(reply))
		return false;
	if (reply->kind == WIRE_OUTCOME)
		return forked_heed_outcome(executor, child, &reply->outcome);
	if (child->state != CHILD_STARTING)
		return reply->kind == WIRE_READY && child->state == CHILD_DOOMED;
	child->served = child->served || reply->kind == WIRE_READY;
	if (reply->kind == WIRE_READY)
		child->state = CHILD_READY;
	else if (executor->error.code == ERROR_NONE)
		executor->error = reply->outcome.error;
	return true;
}

static void forked_hear(struct executor *executor, struct child *child)
{
	bool open = child_read(child);
	struct wire_reply reply;
	bool sound = true;
	while (sound && child_reply(child, &reply))
		sound = forked_heed(executor, child, &reply);
	if (child->state == CHILD_DOOMED)
		return;
	if (!sound) {
		child_doom(child, "worker gave an answer that makes no sense");
	} else if (!open) {
		/* Most likely it is dying, and how says more than a kill would. */
		child->state = CHILD_DOOMED;
		child->act_micros = clock_micros() + FORKED_DYING_MICROS;
	}
}

/* A dead child may have left answers in its socket: they are heard before it is buried. */
static void forked_attend(struct executor *executor, struct child *child, short heard, short died)
{
	if ((heard || died) && !child->reason)
		forked_hear(executor, child);
	if (died)
		forked_bury(executor, child);
}

static void forked_start(struct executor *executor, struct child *child)
{
	struct error error;
	if (!child_start(child, &executor->front.work, &error))
		forked_lose_child(executor, child, &error);
}

/* What is due for a child by the clock. */
static void forked_act(struct executor *executor, struct child *child)
{
	if (child->state == CHILD_RESTING)
		forked_start(executor, child);
	else if (child->state == CHILD_DOOMED)
		child_doom(child, "worker closed its socket");
}

/* Does what is due by the clock; returns when the next such moment is. */
static int64_t forked_act_all(struct executor *executor)
{
	int64_t next = INT64_MAX;
	const int64_t now = clock_micros();
	for (uint32_t i = 0; i < executor->count; i++) {
		struct child *child = &executor->children[i];
		bool resting = child->state == CHILD_RESTING && !executor->front.stopped;
		if (!resting && child->state != CHILD_DOOMED)
			continue;
		if (child->act_micros <= now)
			forked_act(executor, child);
		else if (child->act_micros < next)
			next = child->act_micros;
	}
	return next;
}

static void forked_list(const struct child *child, struct pollfd pair[2])
{
	bool talks = child->state == CHILD_STARTING || child->state == CHILD_READY;
	pair[0] = (struct pollfd){
		.fd = talks ? child->socket : CHILD_NONE,
		.events = (short)(POLLIN | (child_is_behind(child) ? POLLOUT : 0)),
	};
	pair[1] = (struct pollfd){ .fd = child->process, .events = POLLIN };
}

static bool forked_wait(struct executor *executor, int64_t deadline)
{
	struct pollfd *descriptors = executor->descriptors;
	int64_t act = forked_act_all(executor);
	for (uint32_t i = 0; i < executor->count; i++)
		forked_list(&executor->children[i], &descriptors[1 + 2 * i]);
	bool woken = front_poll(&executor->front, descriptors, 1 + 2 * executor->count,
		act < deadline ? act : deadline);
	for (uint32_t i = 0; i < executor->count; i++)
		forked_attend(executor, &executor->children[i], descriptors[1 + 2 * i].revents,
			descriptors[2 + 2 * i].revents);
	forked_feed(executor);
	return woken;
}

static const struct front_calls forked_calls = {
	.collect = forked_collect,
	.take = forked_take,
	.hungry = forked_hungry,
	.failed = forked_failed,
	.wait = forked_wait,
};

static void forked_free(struct executor *executor)
{
	for (uint32_t i = 0; i < executor->count; i++)
		child_finish(&executor->children[i]);
	free(executor->children);
	free(executor->again);
	free(executor->ready);
	free(executor->descriptors);
	free(executor);
}

/* Waits for children to end until the deadline; true where none is left. */
static bool forked_farewell(struct executor *executor, int64_t deadline)
{
	bool all = true;
	for (uint32_t i = 0; i < executor->count; i++)
		if (executor->children[i].process != CHILD_NONE)
			all &= child_await(&executor->children[i], deadline);
	return all;
}

static void forked_close(struct executor *executor)
{
	if (!executor)
		return;
	for (uint32_t i = 0; i < executor->count; i++)
		if (executor->children[i].process != CHILD_NONE)
			child_dismiss(&executor->children[i]);
	if (!forked_farewell(executor, clock_micros() + FORKED_FAREWELL_MICROS)) {
		for (uint32_t i = 0; i < executor->count; i++)
			if (executor->children[i].process != CHILD_NONE)
				child_doom(&executor->children[i], NULL);
		forked_farewell(executor, clock_micros() + FORKED_FAREWELL_MICROS);
	}
	forked_free(executor);
}

static bool forked_make(struct executor *executor, uint32_t count, struct error *err)
{
	executor->count = count;
	executor->children = memory_zeroed(count, sizeof(*executor->children));
	executor->again = memory_zeroed(count, CHILD_HELD * sizeof(*executor->again));
	executor->ready = memory_zeroed(count, CHILD_HELD * sizeof(*executor->ready));
	executor->descriptors = memory_zeroed(1 + 2 * count, sizeof(*executor->descriptors));
	for (uint32_t i = 0; i < count; i++)
		if (!child_init(&executor->children[i], i, err))
			return false;
	return true;
}

static bool forked_open(const void *settings, uint32_t workers, const struct work *work,
	struct executor **executor, struct error *err)
{
	(void)settings;
	struct executor *made = memory_zeroed(1, sizeof(*made));
	made->front = (struct front){
		.calls = &forked_calls,
		.executor = made,
		.work = *work,
		.row_limit = FORKED_ROW,
	};
	if (!forked_make(made, workers, err)) {
		forked_free(made);
		return false;
	}
	forked_act_all(made);
	*executor = made;
	return true;
}

static void forked_give(struct executor *executor, const struct item *items, size_t count)
{
	front_given(&executor->front);
	if (count == 0)
		return;
	backlog_give(&executor->front.backlog, items, count);
	forked_feed(executor);
}

static enum executor_event forked_next(
	struct executor *executor, bool more, struct outcome *outcome, int64_t deadline)
{
	return front_next(&executor->front, more, outcome, deadline);
}

static void forked_stop(struct executor *executor, enum executor_stop how)
{
	executor->front.stopped = true;
	executor->now |= how == STOP_NOW;
	for (uint32_t i = 0; i < executor->count; i++) {
		struct child *child = &executor->children[i];
		if (child->state == CHILD_READY)
			forked_recall(executor, child);
		if (how == STOP_NOW &&
			(child->state == CHILD_STARTING || child->state == CHILD_READY))
			child_doom(child, NULL);
	}
}

static const struct error *forked_error(const struct executor *executor)
{
	return &executor->front.error;
}

const struct executor_plugin executor_forked = {
	.plugin = {
		.name = "forked",
		.summary = "Works on items in processes of their own, so that a crash costs one item.",
		.options = auto_options,
		.settings_bytes = sizeof(struct auto_settings),
	},
	.isolates = true,
	.workers = auto_workers,
	.open = forked_open,
	.give = forked_give,
	.next = forked_next,
	.stop = forked_stop,
	.error = forked_error,
	.close = forked_close,
};
