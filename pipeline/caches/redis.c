/* The tier `redis`: a Redis that hosts share. */

#include "pipeline/caches/redis.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/caches/redis_link.h"
#include "pipeline/support/arena.h"

/* Larger ones are not given: a window of them would not fit into a reply. */
enum { REDIS_VALUE_MOST = 256 * 1024, REDIS_NUMBER_BYTES = 24 };

struct redis_settings {
	struct cache_tier_settings tier;
	const char *url, *prefix;
	struct option_duration timeout;
};

#define SETTINGS struct redis_settings
static const struct option redis_options[] = {
	{ "url", TEXT(url),
		.help = "Where it is: redis://[[USER:]PASSWORD@]HOST[:PORT][/DATABASE], or "
			"unix:///PATH of its socket. Leave a password to the environment "
			"(\"${NAME}\")." },
	{ "prefix", TEXT(prefix), .fallback = "nightmill",
		.help = "What the names of the values in it begin with." },
	{ "ttl", DURATION(tier.ttl), RANGE(1, 31622400), .fallback = "1h",
		.help = "How long an answer may be served from it, by this run and others; it "
			"forgets it then." },
	{ "timeout", DURATION(timeout), RANGE(0.001, 60), .fallback = "200ms",
		.help = "How long it may take to answer for a window of keys. After that the run "
			"goes on without it, and tries again after 1 s, then 2 s, up to about a "
			"minute." },
	{ "secrets", BOOLEAN(tier.secrets), .fallback = "no",
		.help = "Whether rows that were found by a secret field (a draw's receiver) go "
			"there too: whoever can read or watch it then learns of them." },
	{ .name = NULL },
};
#undef SETTINGS

struct redis {
	const struct redis_settings *settings;
	struct arena arena; /* owns the url */
	struct redis_url url;
	struct redis_link link;
	struct text names; /* of a call's values, one behind the other */
	size_t prefix_length;
};

static bool redis_check(const void *settings, struct error *err)
{
	const struct redis_settings *self = settings;
	struct arena arena = { 0 };
	struct redis_url url;
	bool fine = redis_url_parse(self->url, &arena, &url, err);
	arena_finish(&arena);
	return fine && redis_link_library(err);
}

static void *redis_open(const void *settings)
{
	struct redis *redis = memory_zeroed(1, sizeof(*redis));
	redis->settings = settings;
	redis->prefix_length = strlen(redis->settings->prefix);
	redis->link.url = &redis->url;
	redis->link.timeout_micros = redis->settings->timeout.micros;
	return redis;
}

static bool redis_ready(struct redis *redis, struct error *err)
{
	if (redis->url.shown)
		return true;
	return redis_link_library(err) &&
	       redis_url_parse(redis->settings->url, &redis->arena, &redis->url, err);
}

/* PREFIX:HEX; all names of a call are of this length. */
static size_t redis_name_length(const struct redis *redis)
{
	return redis->prefix_length + 1 + DIGEST_HEX_BYTES - 1;
}

static void redis_add_name(struct redis *redis, struct digest name)
{
	char hex[DIGEST_HEX_BYTES];
	digest_hex(name, hex);
	text_add(&redis->names, redis->settings->prefix, redis->prefix_length);
	text_addf(&redis->names, ":%s", hex);
}

static bool redis_says(const struct redis *redis, const struct redisReply *reply, struct error *err)
{
	return fail(err, ERROR_READ, "redis at %s says '%.100s'", redis->url.shown,
		reply->type == REDIS_REPLY_ERROR ? reply->str : "what makes no sense");
}

static void redis_ask(struct redis *redis, const struct digest *names, size_t count)
{
	size_t length = redis_name_length(redis);
	const char **words = memory_alloc((count + 1) * sizeof(*words));
	size_t *lengths = memory_alloc((count + 1) * sizeof(*lengths));
	text_clear(&redis->names);
	for (size_t i = 0; i < count; i++)
		redis_add_name(redis, names[i]);
	words[0] = "MGET";
	lengths[0] = 4;
	for (size_t i = 0; i < count; i++) {
		words[i + 1] = redis->names.data + i * length;
		lengths[i + 1] = length;
	}
	redis_link_add(&redis->link, (int)count + 1, words, lengths);
	free((void *)words);
	free(lengths);
}

static bool redis_get_many(void *tier, const struct digest *names, size_t count,
	struct slot *values, struct error *err)
{
	struct redis *redis = tier;
	if (!redis_ready(redis, err))
		return false;
	redis_ask(redis, names, count);
	if (!redis_link_exchange(&redis->link, err))
		return false;
	const struct redisReply *reply = redis->link.in[0];
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != count)
		return redis_says(redis, reply, err);
	for (size_t i = 0; i < count; i++) {
		const struct redisReply *value = reply->element[i];
		values[i] = (struct slot){ .data = NULL };
		if (value->type == REDIS_REPLY_STRING)
			values[i] = (struct slot){ value->str, (uint32_t)value->len, false };
	}
	return true;
}

static void redis_give(struct redis *redis, const struct cache_tier_value *value)
{
	char millis[REDIS_NUMBER_BYTES];
	int digits = snprintf(millis, sizeof(millis), "%" PRId64, value->ttl_millis);
	text_clear(&redis->names);
	redis_add_name(redis, value->name);
	const char *const words[] = { "SET", redis->names.data, value->bytes.data, "PX", millis };
	const size_t lengths[] = { 3, redis->names.length, value->bytes.length, 2, (size_t)digits };
	redis_link_add(&redis->link, 5, words, lengths);
}

static bool redis_put_many(
	void *tier, const struct cache_tier_value *values, size_t count, struct error *err)
{
	struct redis *redis = tier;
	size_t given = 0;
	if (!redis_ready(redis, err))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (values[i].bytes.length > REDIS_VALUE_MOST)
			continue;
		redis_give(redis, &values[i]);
		given++;
	}
	if (given == 0)
		return true;
	if (!redis_link_exchange(&redis->link, err))
		return false;
	for (size_t i = 0; i < given; i++)
		if (redis->link.in[i]->type == REDIS_REPLY_ERROR)
			return redis_says(redis, redis->link.in[i], err);
	return true;
}

static void redis_close(void *tier)
{
	struct redis *redis = tier;
	redis_link_close(&redis->link);
	arena_finish(&redis->arena);
	text_finish(&redis->names);
	free(redis);
}

const struct cache_tier_plugin redis_tier = {
	.plugin = { "redis", "A Redis that hosts share.", redis_options,
		sizeof(struct redis_settings) },
	.check = redis_check,
	.open = redis_open,
	.get_many = redis_get_many,
	.put_many = redis_put_many,
	.close = redis_close,
};
