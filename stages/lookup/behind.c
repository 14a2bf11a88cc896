#include "stages/lookup/behind.h"

#include "pipeline/cache_tier.h"

static const struct cache_settings *behind_settings(const struct option_plugin *cache)
{
	return cache->plugin->settings_bytes ? cache->settings : NULL;
}

const struct option_plugin *behind_of(const struct option_plugin *cache)
{
	const struct cache_settings *settings = behind_settings(cache);
	return settings && settings->behind.plugin ? &settings->behind : NULL;
}

static const struct {
	const char *name;
	enum store_version version;
} behind_kinds[] = {
	[CACHE_VALIDATE_TIMES] = { "times", STORE_TIMES },
	[CACHE_VALIDATE_HASH] = { "hash", STORE_HASH },
	[CACHE_VALIDATE_VERSION] = { "version", STORE_VERSION },
};

static void behind_complain(const struct option_plugin *cache, const struct stage_setup *setup,
	const char *option, const char *why)
{
	struct text path = { 0 };
	text_addf(&path, "cache.%s.%s", cache->plugin->name, option);
	stage_complain(setup, path.data, "%s", why);
	text_finish(&path);
}

static bool behind_check_validate(const struct option_plugin *cache,
	const struct store_plugin *store, const struct stage_setup *setup)
{
	int validate = behind_settings(cache)->validate;
	struct text why = { 0 };
	if (validate == CACHE_VALIDATE_NONE)
		return true;
	unsigned bit = 1U << behind_kinds[validate].version;
	if (!(store->versions & bit))
		text_addf(&why, "a %s store cannot tell its '%s'", store->plugin.name,
			behind_kinds[validate].name);
	else if (behind_of(cache) && !(store->lasting & bit))
		text_addf(&why,
			"the '%s' of a %s store means nothing to other runs: with `behind`, leave "
			"it to `ttl`",
			behind_kinds[validate].name, store->plugin.name);
	bool fine = why.length == 0;
	if (!fine)
		behind_complain(cache, setup, "validate", why.data);
	text_finish(&why);
	return fine;
}

bool behind_check(const struct option_plugin *cache, const struct stores_entry *entry,
	const struct stage_setup *setup)
{
	const struct option_plugin *behind = behind_of(cache);
	struct error err = { 0 };
	struct text option = { 0 };
	if (!behind_settings(cache))
		return true;
	bool fine = behind_check_validate(cache, entry->plugin, setup);
	if (!behind || cache_tier_of(behind->plugin)->check(behind->settings, &err))
		return fine;
	text_addf(&option, "behind.%s.url", behind->plugin->name);
	behind_complain(cache, setup, option.data, err.text);
	text_finish(&option);
	return false;
}

struct digest behind_table(
	const struct stores_entry *entry, void *store, const struct store_query *query)
{
	struct text text = { 0 };
	store_add_part(&text, entry->plugin->plugin.name);
	entry->plugin->identify(store, &text);
	store_add_part(&text, entry->columns.list[query->key].name);
	for (size_t i = 0; i < query->column_count; i++)
		store_add_part(&text, entry->columns.list[query->columns[i]].name);
	struct digest digest = digest_of(text.data, text.length);
	text_finish(&text);
	return digest;
}
