#ifndef NIGHTMILL_EXECUTORS_RANGE_H
#define NIGHTMILL_EXECUTORS_RANGE_H

/* Numbers [low, high) in one 64-bit atomic, from which the owner takes the lowest and a thief the
 * upper half. Numbers are modulo 2^32 and must keep growing: the same pair comes back only after
 * 2^32 numbers, so a compare-and-swap cannot mistake a new range for an old one.
 *
 * Whoever takes a number sees all that its first range_put was preceded by: every put releases,
 * every take and steal acquires. No fences: the race detector does not know them. */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

static inline uint64_t range_pack(uint32_t low, uint32_t high)
{
	return (uint64_t)high << 32 | low;
}

static inline uint32_t range_low(uint64_t range)
{
	return (uint32_t)range;
}

static inline uint32_t range_high(uint64_t range)
{
	return (uint32_t)(range >> 32);
}

/* How many numbers are in it, right across the wrap. */
static inline uint32_t range_size(uint64_t range)
{
	return range_high(range) - range_low(range);
}

/* Fills an empty range. Its owner alone: what another would put there at the same time would be
 * lost. */
static inline void range_put(_Atomic uint64_t *range, uint32_t low, uint32_t high)
{
	atomic_store_explicit(range, range_pack(low, high), memory_order_release);
}

/* Takes the lowest number; `*left` is how many stay. Its owner alone. False where it is empty. */
static inline bool range_take(_Atomic uint64_t *range, uint32_t *number, uint32_t *left)
{
	uint64_t seen = atomic_load_explicit(range, memory_order_acquire);
	while (range_size(seen) > 0) {
		uint64_t rest = range_pack(range_low(seen) + 1, range_high(seen));
		if (atomic_compare_exchange_weak_explicit(
			    range, &seen, rest, memory_order_acq_rel, memory_order_acquire)) {
			*number = range_low(seen);
			*left = range_size(rest);
			return true;
		}
	}
	return false;
}

/* Takes the upper half, and the last number where there is but one, as `*stolen`. Any thread. */
static inline bool range_steal(_Atomic uint64_t *range, uint64_t *stolen)
{
	uint64_t seen = atomic_load_explicit(range, memory_order_acquire);
	while (range_size(seen) > 0) {
		uint32_t middle = range_low(seen) + range_size(seen) / 2;
		uint64_t rest = range_pack(range_low(seen), middle);
		if (atomic_compare_exchange_weak_explicit(
			    range, &seen, rest, memory_order_acq_rel, memory_order_acquire)) {
			*stolen = range_pack(middle, range_high(seen));
			return true;
		}
	}
	return false;
}

#endif
