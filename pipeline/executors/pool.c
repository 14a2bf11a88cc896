#include "pipeline/executors/pool.h"

#include <assert.h>
#include <stdlib.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/clock.h"

enum {
	POOL_DYING_MICROS = 500000,    /* between a closed socket and the death that is the cause */
	POOL_FAREWELL_MICROS = 5000000 /* for children to close what they opened */
};

void pool_finish(struct pool *pool, const struct outcome *outcome, uint32_t window)
{
	const uint32_t room = CHILD_HELD * pool->count;
	assert(pool->ready_count < room);
	uint32_t last = (pool->ready_first + pool->ready_count++) % room;
	pool->ready[last] = (struct pool_outcome){ .outcome = *outcome, .window = window };
}

bool pool_collect(struct pool *pool, struct outcome *outcome, uint32_t *window)
{
	if (pool->ready_count == 0)
		return false;
	*outcome = pool->ready[pool->ready_first].outcome;
	*window = pool->ready[pool->ready_first].window;
	pool->ready_first = (pool->ready_first + 1) % (CHILD_HELD * pool->count);
	pool->ready_count--;
	return true;
}

bool pool_take(struct pool *pool, struct taken *taken)
{
	if (pool->again_count == 0)
		return backlog_take(&pool->front->backlog, taken);
	*taken = pool->again[--pool->again_count];
	return true;
}

bool pool_failed(struct pool *pool, struct error *err)
{
	if (pool->gone < pool->count && !pool->broken)
		return false;
	*err = pool->error;
	return true;
}

/* It takes a further item where it has fewer than `items`. */
static bool pool_takes(const struct pool *pool, const struct child *child, uint32_t items)
{
	const uint64_t most = (uint64_t)pool->making.limits.recycle;
	return child->state == CHILD_READY && child->held_count < items &&
	       (most == 0 || child->handed < most);
}

/* Brings every ready child to `items` in hand, as far as there are items. */
static void pool_fill(struct pool *pool, uint32_t items)
{
	for (uint32_t i = 0; i < pool->count; i++) {
		struct child *child = &pool->children[i];
		struct taken taken;
		while (pool_takes(pool, child, items) && pool_take(pool, &taken))
			child_hand(child, &taken);
	}
}

static void pool_recall(struct pool *pool, struct child *child)
{
	struct taken taken[CHILD_HELD];
	uint32_t count = child_recall(child, taken);
	for (uint32_t i = 0; i < count; i++)
		pool->again[pool->again_count++] = taken[i];
}

/* Where one child has nothing to do, no item waits behind another that another child works on. */
static void pool_level(struct pool *pool)
{
	uint32_t idle = 0;
	for (uint32_t i = 0; i < pool->count; i++)
		idle += pool_takes(pool, &pool->children[i], 1);
	for (uint32_t i = 0; i < pool->count && pool->again_count < idle; i++) {
		struct child *child = &pool->children[i];
		if (child->state == CHILD_READY && child->held_count == CHILD_HELD)
			pool_recall(pool, child);
	}
	if (pool->again_count > 0)
		pool_fill(pool, 1);
}

static void pool_recall_all(struct pool *pool)
{
	for (uint32_t i = 0; i < pool->count; i++)
		if (pool->children[i].state == CHILD_READY)
			pool_recall(pool, &pool->children[i]);
}

/* Asks children that have had their share to make room for fresh ones, where there is more to do.
 */
static void pool_retire(struct pool *pool)
{
	if (pool->making.limits.recycle == 0 ||
		pool->front->backlog.unstarted + pool->again_count == 0)
		return;
	for (uint32_t i = 0; i < pool->count; i++) {
		struct child *child = &pool->children[i];
		if (child->state != CHILD_READY || child->held_count > 0 ||
			pool_takes(pool, child, 1))
			continue;
		child->state = CHILD_RETIRING;
		child->act_micros = clock_micros() + POOL_FAREWELL_MICROS;
		child_dismiss(child);
	}
}

void pool_feed(struct pool *pool)
{
	if (pool->front->stopped || pool->front->failed)
		return;
	if (pool->broken) {
		pool_recall_all(pool);
		return;
	}
	for (uint32_t items = 1; items <= CHILD_HELD; items++)
		pool_fill(pool, items);
	pool_level(pool);
	for (uint32_t i = 0; i < pool->count; i++)
		if (pool->children[i].state == CHILD_READY)
			child_flush(&pool->children[i]);
	pool_retire(pool);
}

static bool pool_heed_outcome(struct pool *pool, struct child *child, const struct outcome *outcome)
{
	const struct item *item = child->held_count > 0 ? child->held[0].taken.item : NULL;
	if (!item || !digest_equal(item->id, outcome->id) || item->attempt != outcome->attempt ||
		item->ticket != outcome->ticket)
		return false;
	pool_finish(pool, outcome, child->held[0].taken.window);
	child_release(child);
	pool->answers++;
	child->failures = 0;
	return true;
}

/* False where the reply makes no sense at this moment. */
static bool pool_heed(struct pool *pool, struct child *child, const struct wire_reply *reply)
{
	if (!wire_reply_sound(reply))
		return false;
	if (reply->kind == WIRE_OUTCOME)
		return pool_heed_outcome(pool, child, &reply->outcome);
	if (child->state != CHILD_STARTING)
		return reply->kind == WIRE_READY && child->state == CHILD_DOOMED;
	child->served = child->served || reply->kind == WIRE_READY;
	if (reply->kind == WIRE_READY)
		child->state = CHILD_READY;
	else if (pool->error.code == ERROR_NONE)
		pool->error = reply->outcome.error;
	return true;
}

static void pool_hear(struct pool *pool, struct child *child)
{
	bool open = child_read(child);
	struct wire_reply reply;
	bool sound = true;
	while (sound && child_reply(child, &reply))
		sound = pool_heed(pool, child, &reply);
	if (child->state == CHILD_DOOMED)
		return;
	if (!sound) {
		child_doom(child, DEATH_NONSENSE);
	} else if (!open) {
		/* Most likely it is dying, and how says more than a kill would. */
		child->state = CHILD_DOOMED;
		child->act_micros = clock_micros() + POOL_DYING_MICROS;
	}
}

/* A dead child may have left answers in its socket: they are heard before it is buried. */
static void pool_attend(struct pool *pool, struct child *child, short heard, short died)
{
	struct death death;
	if ((heard || died) && child->cause == DEATH_OWN && child->state != CHILD_RETIRING)
		pool_hear(pool, child);
	if (died && child_bury(child, &death))
		pool_lose(pool, child, &death);
}

static void pool_start(struct pool *pool, struct child *child)
{
	struct error error;
	if (!child_start(child, &error))
		pool_lose_start(pool, child, &error);
}

/* When there is something to be done for a child by the clock. */
static int64_t pool_due(const struct pool *pool, const struct child *child)
{
	const int64_t timeout = pool->making.limits.timeout.micros;
	const bool ends = pool->front->stopped || pool->front->failed || pool->broken;
	switch (child->state) {
	case CHILD_READY:
		return timeout && child->held_count > 0 ? child->since_micros + timeout : INT64_MAX;
	case CHILD_RESTING:
		return ends ? INT64_MAX : child->act_micros;
	case CHILD_GONE:
		return INT64_MAX;
	default:
		return child->act_micros;
	}
}

/* Main may be late itself: what is answered by now is no timeout. */
static void pool_time_out(struct pool *pool, struct child *child)
{
	pool_hear(pool, child);
	if (child->state == CHILD_READY && pool_due(pool, child) <= clock_micros())
		child_doom(child, DEATH_TIMEOUT);
}

static void pool_act(struct pool *pool, struct child *child)
{
	switch (child->state) {
	case CHILD_RESTING:
		pool_start(pool, child);
		break;
	case CHILD_STARTING:
		child_doom(child, DEATH_LATE);
		break;
	case CHILD_READY:
		pool_time_out(pool, child);
		break;
	case CHILD_RETIRING:
		child_doom(child, DEATH_STOPPED);
		break;
	default:
		if (child->cause == DEATH_OWN) {
			child_doom(child, DEATH_CLOSED);
			break;
		}
		/* The kernel holds it, as it does on a dead network disk. */
		pool_give_up(pool, child);
		child->act_micros = INT64_MAX;
	}
}

/* Does what is due by the clock; returns when the next such moment is. */
static int64_t pool_act_all(struct pool *pool)
{
	int64_t next = INT64_MAX;
	const int64_t now = clock_micros();
	for (uint32_t i = 0; i < pool->count; i++) {
		struct child *child = &pool->children[i];
		if (pool_due(pool, child) <= now)
			pool_act(pool, child);
		const int64_t due = pool_due(pool, child);
		next = due < next ? due : next;
	}
	return next;
}

static void pool_list(const struct child *child, struct pollfd pair[2])
{
	bool talks = child->state == CHILD_STARTING || child->state == CHILD_READY;
	pair[0] = (struct pollfd){
		.fd = talks ? child->socket : CHILD_NONE,
		.events = (short)(POLLIN | (child_is_behind(child) ? POLLOUT : 0)),
	};
	pair[1] = (struct pollfd){ .fd = child->process, .events = POLLIN };
}

bool pool_wait(struct pool *pool, int64_t deadline)
{
	struct pollfd *descriptors = pool->descriptors;
	int64_t act = pool_act_all(pool);
	if (pool->ready_count > 0)
		act = 0; /* heard just now */
	for (uint32_t i = 0; i < pool->count; i++)
		pool_list(&pool->children[i], &descriptors[1 + 2 * i]);
	bool woken = front_poll(
		pool->front, descriptors, 1 + 2 * pool->count, act < deadline ? act : deadline);
	for (uint32_t i = 0; i < pool->count; i++)
		pool_attend(pool, &pool->children[i], descriptors[1 + 2 * i].revents,
			descriptors[2 + 2 * i].revents);
	pool_feed(pool);
	return woken;
}

bool pool_open(struct pool *pool, uint32_t count, struct error *err)
{
	pool->count = count;
	pool->children = memory_zeroed(count, sizeof(*pool->children));
	pool->again = memory_zeroed(count, CHILD_HELD * sizeof(*pool->again));
	pool->ready = memory_zeroed(count, CHILD_HELD * sizeof(*pool->ready));
	pool->descriptors = memory_zeroed(1 + 2 * count, sizeof(*pool->descriptors));
	for (uint32_t i = 0; i < count; i++)
		if (!child_init(&pool->children[i], &pool->making, i, err)) {
			pool->count = i;
			return false;
		}
	pool_act_all(pool);
	return true;
}

void pool_stop(struct pool *pool, bool now)
{
	pool->now |= now;
	pool_recall_all(pool);
	for (uint32_t i = 0; now && i < pool->count; i++) {
		struct child *child = &pool->children[i];
		if (child->state == CHILD_STARTING || child->state == CHILD_READY)
			child_doom(child, DEATH_STOPPED);
	}
}

/* Waits for children to end until the deadline; true where none is left. */
static bool pool_farewell(struct pool *pool, int64_t deadline)
{
	bool all = true;
	for (uint32_t i = 0; i < pool->count; i++)
		if (pool->children[i].process != CHILD_NONE)
			all &= child_await(&pool->children[i], deadline);
	return all;
}

static void pool_end(struct pool *pool)
{
	for (uint32_t i = 0; i < pool->count; i++)
		if (pool->children[i].process != CHILD_NONE)
			child_dismiss(&pool->children[i]);
	if (pool_farewell(pool, clock_micros() + POOL_FAREWELL_MICROS))
		return;
	for (uint32_t i = 0; i < pool->count; i++)
		if (pool->children[i].process != CHILD_NONE)
			child_doom(&pool->children[i], DEATH_STOPPED);
	pool_farewell(pool, clock_micros() + POOL_FAREWELL_MICROS);
}

void pool_close(struct pool *pool)
{
	pool_end(pool);
	for (uint32_t i = 0; i < pool->count; i++)
		child_finish(&pool->children[i]);
	free(pool->children);
	free(pool->again);
	free(pool->ready);
	free(pool->descriptors);
}
