#include "pipeline/executors/pool.h"

#include <stdlib.h>
#include <sys/eventfd.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/clock.h"

enum {
	POOL_DESCRIPTORS = 3,          /* of each child: socket, process, bell */
	POOL_READY = 16,               /* outcomes, at first */
	POOL_DYING_MICROS = 500000,    /* between a closed socket and the death that is the cause */
	POOL_FAREWELL_MICROS = 5000000 /* for children to close what they opened */
};

void pool_finish(struct pool *pool, const struct outcome *outcome, uint32_t window)
{
	if (pool->ready_count == pool->ready_room) {
		pool->ready_room = pool->ready_room ? 2 * pool->ready_room : POOL_READY;
		pool->ready = memory_resize(pool->ready, pool->ready_room * sizeof(*pool->ready));
	}
	pool->ready[pool->ready_count++] =
		(struct pool_outcome){ .outcome = *outcome, .window = window };
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
	return child->state == CHILD_READY && !child->surplus && child->held_count < items &&
	       child->held_count < child->depth && (most == 0 || child->handed < most);
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

/* First one item for each, then two, and so on: nobody has many while another has none. */
static void pool_share_out(struct pool *pool)
{
	for (uint32_t items = 1; items <= CHILD_MOST; items *= 2)
		pool_fill(pool, items);
}

static void pool_recall(struct pool *pool, struct child *child)
{
	pool->again_count += child_recall(child, &pool->again[pool->again_count]);
}

/* Where one child has nothing to do, no item waits behind another that another child works on. */
static void pool_level(struct pool *pool)
{
	uint32_t idle = 0;
	for (uint32_t i = 0; i < pool->count; i++)
		idle += pool_takes(pool, &pool->children[i], 1);
	for (uint32_t i = 0; i < pool->count && pool->again_count < idle; i++) {
		struct child *child = &pool->children[i];
		if (child->state == CHILD_READY && child->held_count > 1)
			pool_recall(pool, child);
	}
	if (pool->again_count > 0)
		pool_share_out(pool);
}

static void pool_recall_all(struct pool *pool)
{
	for (uint32_t i = 0; i < pool->count; i++)
		if (pool->children[i].state == CHILD_READY)
			pool_recall(pool, &pool->children[i]);
}

/* Asks children that are too many to end, and those that have had their share to make room for
 * fresh ones where there is more to do. */
static void pool_retire(struct pool *pool)
{
	const bool more = pool->front->backlog.unstarted + pool->again_count > 0;
	const bool recycles = pool->making.limits.recycle > 0 && more;
	for (uint32_t i = 0; i < pool->count; i++) {
		struct child *child = &pool->children[i];
		if (child->state != CHILD_READY || child->held_count > 0 ||
			(!child->surplus && (!recycles || pool_takes(pool, child, 1))))
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
	const int64_t now = clock_micros();
	for (uint32_t i = 0; i < pool->count; i++)
		child_judge(&pool->children[i], now);
	pool_share_out(pool);
	pool_level(pool);
	for (uint32_t i = 0; i < pool->count; i++)
		if (pool->children[i].state == CHILD_READY)
			child_flush(&pool->children[i]);
	pool_retire(pool);
}

/* False where the reply makes no sense at this moment. */
static bool pool_heed(struct pool *pool, struct child *child, const struct wire_reply *reply)
{
	if (reply->kind == WIRE_OUTCOME)
		return false;
	if (child->state != CHILD_STARTING)
		return reply->kind == WIRE_READY && child->state == CHILD_DOOMED;
	child->served = child->served || reply->kind == WIRE_READY;
	if (reply->kind == WIRE_READY)
		child->state = CHILD_READY;
	else if (pool->error.code == ERROR_NONE)
		pool->error = reply->outcome.error;
	return true;
}

/* Heeds what a child says, up to the first outcome. */
static bool pool_hear(
	struct pool *pool, struct child *child, struct outcome *outcome, uint32_t *window)
{
	struct wire_reply reply;
	while (child_reply(child, &reply)) {
		const struct taken *first = &child_held(child, 0)->taken;
		if (child->held_count > 0 && wire_reply_answers(&reply, first->item)) {
			outcome_copy(outcome, &reply.outcome);
			*window = first->window;
			child_release(child);
			pool->answers++;
			child->failures = 0;
			return true;
		}
		if (!wire_reply_sound(&reply) || !pool_heed(pool, child, &reply)) {
			child->taken--; /* it is looked at once more, when what it costs is settled
					 */
			child_doom(child, DEATH_NONSENSE);
		}
	}
	return false;
}

bool pool_collect(struct pool *pool, struct outcome *outcome, uint32_t *window)
{
	if (pool->ready_count > 0) {
		pool->ready_count--;
		*outcome = pool->ready[pool->ready_count].outcome;
		*window = pool->ready[pool->ready_count].window;
		return true;
	}
	for (uint32_t i = 0; i < pool->count; i++) {
		if (pool_hear(pool, &pool->children[pool->place], outcome, window))
			return pool->took = true;
		pool->place = (pool->place + 1) % pool->count;
	}
	/* Now, not when main waits: what is handed out may be the last, and main wants to hear
	 * that. */
	pool_feed(pool);
	return false;
}

/* What a dead child has left in its tray is heard before it is buried. */
static void pool_attend(struct pool *pool, struct child *child, const struct pollfd news[3])
{
	struct death death;
	eventfd_t rung;
	if (news[2].revents)
		(void)!eventfd_read(child->bell, &rung);
	if (child_has_reply(child))
		return;
	if (news[1].revents) {
		if (child_bury(child, &death))
			pool_lose(pool, child, &death);
	} else if (news[0].revents & (POLLHUP | POLLERR) && child->state != CHILD_DOOMED) {
		/* Most likely it is dying, and how says more than a kill would. */
		child->state = CHILD_DOOMED;
		child->act_micros = clock_micros() + POOL_DYING_MICROS;
	}
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
		return ends || child->surplus ? INT64_MAX : child->act_micros;
	case CHILD_GONE:
		return INT64_MAX;
	default:
		return child->act_micros;
	}
}

/* Main may be late itself: what is answered by now is no timeout. */
static void pool_time_out(struct child *child)
{
	if (!child_has_reply(child))
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
		pool_time_out(child);
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

static void pool_list(const struct child *child, struct pollfd news[3])
{
	bool talks = child->state == CHILD_STARTING || child->state == CHILD_READY;
	news[0] = (struct pollfd){
		.fd = talks ? child->socket : CHILD_NONE,
		.events = child_is_behind(child) ? POLLOUT : 0,
	};
	news[1] = (struct pollfd){ .fd = child->process, .events = POLLIN };
	news[2] = (struct pollfd){ .fd = talks ? child->bell : CHILD_NONE, .events = POLLIN };
}

/* Lists what is to be polled and tells every child what to wake main for; true where one has
 * something to say already. */
static bool pool_doze(struct pool *pool, bool nap)
{
	bool heard = false;
	for (uint32_t i = 0; i < pool->count; i++) {
		struct child *child = &pool->children[i];
		pool_list(child, &pool->descriptors[1 + POOL_DESCRIPTORS * i]);
		tray_set_nap(child->tray, nap ? NAP_DOZES : NAP_SLEEPS);
		heard |= child_has_reply(child);
	}
	return heard;
}

bool pool_wait(struct pool *pool, int64_t deadline)
{
	const int64_t act = pool_act_all(pool);
	const bool nap = pool->took;
	pool->took = false;
	if (pool_doze(pool, nap) || pool->ready_count > 0 || pool->gone == pool->count)
		deadline = 0;
	deadline = nap ? front_doze(deadline) : deadline;
	bool woken = front_poll(pool->front, pool->descriptors, 1 + POOL_DESCRIPTORS * pool->count,
		act < deadline ? act : deadline);
	for (uint32_t i = 0; i < pool->count; i++)
		pool_attend(pool, &pool->children[i], &pool->descriptors[1 + POOL_DESCRIPTORS * i]);
	return woken;
}

/* The first that can be are those that may work. */
void pool_rank(struct pool *pool)
{
	uint32_t rank = 0;
	for (uint32_t i = 0; i < pool->count; i++) {
		struct child *child = &pool->children[i];
		child->surplus = rank >= pool->limit;
		rank += child->state != CHILD_GONE;
		if (child->surplus && child->state == CHILD_READY)
			pool_recall(pool, child);
	}
}

void pool_limit(struct pool *pool, uint32_t workers)
{
	pool->limit = workers;
	pool_rank(pool);
}

struct footprint pool_footprint(struct pool *pool)
{
	struct footprint all = { 0 };
	for (uint32_t i = 0; i < pool->count; i++) {
		const struct child *child = &pool->children[i];
		double now, most;
		if (child->process == CHILD_NONE ||
			!footprint_of(pool->front->governor.root, child->pid, &now, &most))
			continue;
		all.held += now > pool->base ? now - pool->base : 0;
		if (most - pool->base > pool->worker)
			pool->worker = most - pool->base;
	}
	all.worker = pool->worker;
	return all;
}

bool pool_open(struct pool *pool, struct error *err)
{
	const struct governor *governor = &pool->front->governor;
	const uint32_t count = governor->most;
	double most;
	if (!limits_make_room(POOL_DESCRIPTORS * count, err))
		return error_where(err, "%u workers", count);
	if (governor->root)
		footprint_of(governor->root, 0, &pool->base, &most);
	pool->children = memory_zeroed(count, sizeof(*pool->children));
	pool->again = memory_zeroed(count, CHILD_MOST * sizeof(*pool->again));
	pool->descriptors =
		memory_zeroed(1 + POOL_DESCRIPTORS * (size_t)count, sizeof(*pool->descriptors));
	for (; pool->count < count; pool->count++)
		if (!child_init(&pool->children[pool->count], &pool->making, pool->count, err)) {
			child_finish(&pool->children[pool->count]);
			return false;
		}
	pool_limit(pool, governor->workers);
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
