#include "pipeline/stores.h"

#include <assert.h>
#include <string.h>

void stores_list(struct stores *stores, const struct option_plugins *chosen, struct place around,
	struct arena *arena, struct problems *problems)
{
	*stores = (struct stores){ .arena = arena, .around = around, .problems = problems };
	stores->list = arena_alloc(arena, chosen->count * sizeof(*stores->list));
	for (size_t i = 0; i < chosen->count; i++) {
		const struct option_plugin *item = &chosen->items[i];
		stores->list[stores->count++] = (struct stores_entry){
			.name = item->name,
			.plugin = store_of(item->plugin),
			.settings = item->settings,
			.node = item->node,
		};
	}
}

static void stores_copy_columns(
	struct stores_entry *entry, const struct store_columns *columns, struct arena *arena)
{
	struct store_column *list = arena_alloc(arena, columns->count * sizeof(*list));
	for (size_t i = 0; i < columns->count; i++) {
		const char *name = columns->list[i].name;
		list[i] = columns->list[i];
		list[i].name = arena_copy(arena, name, strlen(name));
	}
	entry->columns = (struct store_columns){ list, columns->count, columns->key };
}

static void stores_describe(struct stores *stores, struct stores_entry *entry)
{
	const struct store_setup setup = { .complain = NULL };
	struct error err = { 0 };
	void *store = NULL;
	entry->described = true;
	if (entry->plugin->open(entry->settings, &setup, &store, &err)) {
		stores_copy_columns(entry, entry->plugin->columns(store), stores->arena);
	} else {
		entry->broken = true;
		problems_add(stores->problems, entry->node ? entry->node->place : stores->around,
			"store '%s': %s", entry->name, err.text);
	}
	entry->plugin->close(store);
}

static const struct stores_entry *stores_unknown(
	const struct stores *stores, const char *name, struct error *err)
{
	const char **names = arena_alloc(stores->arena, (stores->count + 1) * sizeof(*names));
	for (size_t i = 0; i < stores->count; i++)
		names[i] = stores->list[i].name;
	const char *nearest = text_nearest(name, names, stores->count);
	if (nearest)
		fail(err, ERROR_USAGE, "unknown store '%s' (did you mean '%s'?)", name, nearest);
	else
		fail(err, ERROR_USAGE, "unknown store '%s': `stores` has %s", name,
			stores->count ? "no such name" : "none");
	return NULL;
}

const struct stores_entry *stores_find(struct stores *stores, const char *name, struct error *err)
{
	for (size_t i = 0; i < stores->count; i++) {
		struct stores_entry *entry = &stores->list[i];
		if (strcmp(entry->name, name) != 0)
			continue;
		if (!entry->described)
			stores_describe(stores, entry);
		err->text[0] = '\0';
		return entry->broken ? NULL : entry;
	}
	return stores_unknown(stores, name, err);
}

const struct stores_entry *stores_get(const struct stores *stores, const char *name)
{
	size_t i = 0;
	while (i < stores->count && strcmp(stores->list[i].name, name) != 0)
		i++;
	assert(i < stores->count);
	return &stores->list[i];
}
