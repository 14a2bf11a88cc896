/* What a child's death costs, and when another takes its place. */

#include "pipeline/executors/pool.h"

#include "pipeline/support/clock.h"

enum {
	POOL_CHANCES = 3, /* deaths in a row that an item which was not begun is not blamed for */
	POOL_REST_MICROS = 100000, /* before the second restart in a row; doubles */
	POOL_REST_MOST_MICROS = 5000000,
	POOL_MINUTE_MICROS = 60000000,
	POOL_CRASHES = 10, /* in a minute, or POOL_CRASHES_PERCENT of that minute's items */
	POOL_CRASHES_PERCENT = 5
};

static int64_t pool_rest_micros(uint32_t failures)
{
	int64_t rest = failures > 0 ? POOL_REST_MICROS : 0;
	while (failures-- > 1 && rest < POOL_REST_MOST_MICROS)
		rest *= 2;
	return rest < POOL_REST_MOST_MICROS ? rest : POOL_REST_MOST_MICROS;
}

/* Whether a death costs what the child held as number `index`: what was begun may have changed the
 * world and is never done twice. The first of those that were not begun only where that happens
 * again and again. */
static bool pool_costs(const struct child *child, uint32_t index)
{
	return child_has_begun(child, index) || (index == 0 && child->failures >= POOL_CHANCES);
}

/* The first item without a sound answer is the cause. Another that was begun is none: the child
 * went on with it before main's kill came. */
static struct outcome pool_blame(
	const struct child *child, const struct item *item, const struct error *cause)
{
	struct outcome outcome = outcome_of(item, OUTCOME_FAILED);
	outcome.worker = child->number;
	outcome.micros = clock_micros() - child->since_micros;
	if (cause) {
		outcome.error = *cause;
		return outcome;
	}
	fail(&outcome.error, ERROR_CRASHED, "worker was killed for the item before it");
	outcome.error.blame = BLAME_MOMENT;
	return outcome;
}

/* What a child still held when it died. It may have answered for some of that before a kill of
 * main's came. */
static void pool_settle(struct pool *pool, struct child *child, const struct error *death)
{
	const struct error *cause = death;
	for (uint32_t i = 0; i < child->held_count; i++) {
		const struct taken *taken = &child_held(child, i)->taken;
		struct wire_reply reply;
		const bool replied = child_left_reply(child, &reply);
		if (pool->now || (!replied && !pool_costs(child, i))) {
			pool->again[pool->again_count++] = *taken;
			continue;
		}
		if (replied && wire_reply_answers(&reply, taken->item)) {
			pool_finish(pool, &reply.outcome, taken->window);
			continue;
		}
		const struct outcome outcome =
			pool_blame(child, taken->item, replied ? death : cause);
		pool_finish(pool, &outcome, taken->window);
		cause = NULL;
	}
	child->held_count = 0;
}

void pool_lose_start(struct pool *pool, struct child *child, const struct error *error)
{
	child->state = CHILD_GONE;
	pool->gone++;
	pool_rank(pool);
	if (pool->error.code == ERROR_NONE)
		pool->error = *error;
}

/* Crash after crash: the workers themselves are at fault, or every item is. */
static void pool_count_crash(struct pool *pool, const struct error *death)
{
	const int64_t now = clock_micros();
	if (pool->minute_micros == 0 || now - pool->minute_micros > POOL_MINUTE_MICROS) {
		pool->minute_micros = now;
		pool->crashes = pool->answers = 0;
	}
	const uint32_t share = (uint32_t)((uint64_t)pool->answers * POOL_CRASHES_PERCENT / 100);
	if (++pool->crashes <= (share > POOL_CRASHES ? share : POOL_CRASHES) || pool->broken)
		return;
	pool->broken = true;
	pool->error = *death;
	error_where(&pool->error, "%u workers crashed within a minute; the last", pool->crashes);
}

void pool_lose(struct pool *pool, struct child *child, const struct death *death)
{
	struct error error;
	const bool retired = child->state == CHILD_RETIRING;
	death_describe(death, &pool->making.limits, &error);
	pool_settle(pool, child, &error);
	if (!retired && (!child->served || pool->front->stopped)) {
		error_where(&error, "worker %u could not start", child->number);
		pool_lose_start(pool, child, &error);
		return;
	}
	child->state = CHILD_RESTING;
	child->act_micros = clock_micros();
	if (retired)
		return;
	child->act_micros += pool_rest_micros(child->failures++);
	if (death_is_crash(death, &pool->making.limits))
		pool_count_crash(pool, &error);
}

void pool_give_up(struct pool *pool, struct child *child)
{
	struct death death;
	struct error error;
	child_describe_kill(child, &death);
	death_describe(&death, &pool->making.limits, &error);
	pool_settle(pool, child, &error);
}
