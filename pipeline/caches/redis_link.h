#ifndef NIGHTMILL_CACHES_REDIS_LINK_H
#define NIGHTMILL_CACHES_REDIS_LINK_H

/* A connection to Redis on which nothing takes longer than a deadline. libhiredis, which forms
 * commands and reads replies, is loaded when it is first needed. */

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/caches/redis_url.h"
#include "pipeline/support/error.h"
#include "pipeline/support/text.h"

/* All zero but for url and timeout is one that is not connected. */
struct redis_link {
	const struct redis_url *url;
	int64_t timeout_micros; /* of one exchange, connecting included */
	redisContext *context;  /* NULL: not connected */
	struct text out;        /* commands that were not sent yet */
	size_t expected;        /* replies to them */
	struct redisReply **in; /* the replies of the last exchange */
	size_t in_count, in_room;
};

/* Loads libhiredis. */
bool redis_link_library(struct error *err);

/* Adds a command to what the next exchange sends. */
void redis_link_add(
	struct redis_link *link, int count, const char *const *words, const size_t *lengths);

/* Connects where it is not, sends all commands at once and waits for their replies: link->in, valid
 * until the next call. A reply that is an error is one; where this fails, the connection is closed
 * and the commands are forgotten. */
bool redis_link_exchange(struct redis_link *link, struct error *err);

void redis_link_close(struct redis_link *link);

#endif
