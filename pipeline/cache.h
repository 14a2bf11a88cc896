#ifndef NIGHTMILL_CACHE_H
#define NIGHTMILL_CACHE_H

/* A cache in front of a store, in the words of HTTP caching (RFC 9111, RFC 5861): an answer is
 * fresh for its freshness lifetime (`ttl`), as long as the store's validator is the one that it was
 * loaded under; a stale one is loaded again, and served only while the store has errors, if
 * `stale_if_error` says so. There is one way in, cache_get_many: what is missing is loaded there
 * and nowhere else. Main's thread only. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/item.h"
#include "pipeline/options/option.h"
#include "pipeline/store.h"
#include "pipeline/support/stopwatch.h"

enum cache_validate {
	CACHE_VALIDATE_NONE,
	CACHE_VALIDATE_TIMES,
	CACHE_VALIDATE_HASH,
	CACHE_VALIDATE_VERSION
};

/* Settings of every cache; a policy's rows leave out those that mean nothing to it, which stay 0.
 */
struct cache_settings {
	int entries; /* at most; 0: any number */
	struct option_bytes bytes;
	struct option_duration ttl;            /* 0: as long as the run */
	struct option_duration negative_ttl;   /* of "no such row"; 0: not kept */
	struct option_duration stale_if_error; /* 0: never */
	int validate;                          /* enum cache_validate */
	struct option_plugin behind;           /* a struct cache_tier_plugin, or none */
};

enum { CACHE_NONE = UINT32_MAX };

/* The order in which entries may be evicted, by their numbers. */
struct cache_link {
	uint32_t newer, older; /* CACHE_NONE: there is none */
	bool visited;
};

struct cache_order {
	struct cache_link *links; /* by number */
	uint32_t newest, oldest;
	uint32_t hand; /* for policies that go round */
};

/* A policy. Those that keep nothing, or everything, have no functions. */
struct cache_plugin {
	struct plugin plugin;
	bool whole; /* every row is loaded at once, by a scan */
	void (*hit)(struct cache_order *order, uint32_t number);
	/* Which goes next; there is one at least. */
	uint32_t (*victim)(struct cache_order *order);
};

/* Puts an entry in front of the newest, and takes one out. */
void cache_order_add(struct cache_order *order, uint32_t number);
void cache_order_remove(struct cache_order *order, uint32_t number);

/* What the tier behind a cache did. */
struct cache_counts_shared {
	const char *name; /* NULL: there is none, and the rest is 0 */
	uint64_t hits, misses;
	uint64_t unreadable, changed, expired; /* was there, but not to be served: damaged or of
						  another format; of another validator; too old */
	uint64_t secret;                       /* keys that were kept from it */
	uint64_t puts;                         /* answers that it was given */
	uint64_t calls, failures;              /* round trips */
	int64_t micros;                        /* of all of them together */
};

/* What happened so far. Keys are counted once a window. */
struct cache_counts {
	const char *name;  /* of the store; borrowed */
	const char *cache; /* the policy's */
	const char *as;    /* what the stage calls it */
	uint64_t records;  /* that were looked up for */
	uint64_t keys;     /* asked for: hits + negative_hits + stale_serves +
			      shared.hits + misses */
	uint64_t hits, negative_hits, stale_serves, misses;
	uint64_t loads, loaded_keys; /* calls of the store, and keys in them; a scan is one */
	uint64_t failed_loads;
	uint64_t idle_windows;                      /* that needed no load */
	uint64_t evictions, revalidations, changes; /* changes: of the validator */
	uint64_t entries, bytes;                    /* now */
	int64_t load_micros;                        /* of all loads together */
	uint64_t sampled_keys; /* asked of the store for the sake of measuring, past a cache */
	uint64_t samples;      /* calls for that */
	int64_t sampled_micros;
	int64_t age_sum_micros, age_most_micros; /* of hits, at use */
	struct cache_counts_shared shared;
	bool by_key; /* a load costs by its keys (the store has an index), else by itself */
};

/* The time that the store would have taken for what the cache answered, by the loads (or samples)
 * that were measured, less what loading took beyond that. May be negative. */
int64_t cache_saved_micros(const struct cache_counts *counts);

enum cache_found { CACHE_FOUND, CACHE_MISSING, CACHE_SEVERAL };

struct cache_answer {
	enum cache_found found;
	const struct slot *values; /* FOUND: as many as the query's columns */
};

/* What a cache stands in front of. Borrowed until close. */
struct cache_setup {
	const char *name, *as; /* for the counts */
	const struct store_plugin *store_plugin;
	void *store, *prepared;
	size_t columns;         /* of the query */
	struct digest table;    /* the table and what is asked of it, the same for every host that
				   asks the same; read only where there is a tier */
	int64_t (*clock)(void); /* microseconds; NULL: the monotonic clock */
	int64_t (*wall)(void);  /* microseconds since 1970; NULL: the system's */
	/* Something that costs time and is no failure. May be NULL. */
	void (*note)(void *context, const char *what, const struct error *err);
	void *context;
	struct stopwatch *watch; /* where time goes, to the cache (a tier included) and, behind it,
				    the store; may be NULL */
	uint32_t cache_spending, store_spending;
};

struct cache;

struct cache *cache_open(const struct option_plugin *chosen, const struct cache_setup *setup);

/* One that loads every key once and keeps all: its counts are those of the work itself. */
struct cache *cache_open_measuring(const struct cache_setup *setup);

/* Fills in an answer for each key; keys differ from each other. Answers are valid until the next
 * call. False where the store has an error that no stale answer makes up for. */
bool cache_get_many(struct cache *cache, const struct slot *keys, size_t count,
	struct cache_answer *answers, struct error *err);

/* Counts up to date; valid until close. */
struct cache_counts *cache_counts(struct cache *cache);

/* NULL is allowed. */
void cache_close(struct cache *cache);

/* The cache whose head `plugin` is. */
static inline const struct cache_plugin *cache_of(const struct plugin *plugin)
{
	return (const struct cache_plugin *)(const void *)plugin;
}

/* pipeline/caches/table.c, NULL-terminated. */
extern const struct plugin *const caches[];

#endif
