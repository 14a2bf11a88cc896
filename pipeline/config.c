#include "pipeline/config.h"

#include <string.h>

#include "pipeline/executor.h"
#include "pipeline/source.h"
#include "pipeline/stage.h"
#include "pipeline/store.h"

enum { CONFIG_NAME_BYTES = 64, CONFIG_STAGES = 64 };

static const char *const config_checks[] = { "times", "strict", NULL };

#define SETTINGS struct config_on_error
static const struct option config_on_error_options[] = {
	{ "halt", SHARE(halt), .fallback = "100%",
		.help = "More newly failed items than this halt the run: a number, or a percentage "
			"of what was finished, which counts from 100 items on. 0 halts at the "
			"first "
			"one, 100% never." },
	{ "retries", INTEGER(retries), RANGE(0, 100), .fallback = "2",
		.help = "How often an item is tried again within one run, where its failure was "
			"not "
			"its own fault." },
	{ "backoff", DURATION(backoff), RANGE(0, 3600), .fallback = "1s",
		.help = "Wait before the first of these retries; it doubles with each." },
	{ .name = NULL },
};
#undef SETTINGS

#define SETTINGS struct config
const struct option config_options[] = {
	{ "name", TEXT(name),
		.help = "Name of the job: small letters, digits and hyphens. State, lock and "
			"temporary folders are named after it." },
	{ "stores", NAMED_PLUGINS(stores, store_plugins), .fallback = "{}",
		.help = "Tables that sources and stages read from and write to, each under a name "
			"of "
			"your own." },
	{ "source", PLUGIN(source, sources), .help = "Where the items come from." },
	{ "stages", PLUGINS(stages, stages), RANGE(1, CONFIG_STAGES),
		.help = "What is done with each item, in this order." },
	{ "executor", PLUGIN(executor, executors), .fallback = "work-stealing",
		.help = "What gives the items to workers." },
	{ "state", FILE_PATH(state), .fallback = "",
		.help = "Where what was done is remembered, on a local disk; without it, "
			"state/NAME.db." },
	{ "on_error", GROUP(on_error, config_on_error_options), .fallback = "{}",
		.help = "When a run stops early, and how often an item is tried." },
	{ "check", CHOICE(check, config_checks), .fallback = "times",
		.help = "What tells that a file is as it was: times is size and modification time, "
			"strict adds change time and inode." },
	{ "max_time", DURATION(max_time), .fallback = "0s",
		.help = "How long a run may take before it stops by itself; 0s is no limit." },
	{ .name = NULL },
};
#undef SETTINGS

static bool config_is_name(const char *name)
{
	size_t length = strlen(name);
	return length > 0 && length <= CONFIG_NAME_BYTES && *name != '-' &&
	       !name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")];
}

/* Keys with x- are the user's own, a place for what anchors are put on. */
static void config_drop_own_keys(struct yaml_node *root)
{
	size_t kept = 0;
	for (size_t i = 0; root->kind == YAML_MAP && i < root->count; i++) {
		if (!strncmp(root->keys[i]->text, "x-", 2))
			continue;
		root->keys[kept] = root->keys[i];
		root->values[kept++] = root->values[i];
	}
	if (root->kind == YAML_MAP)
		root->count = kept;
}

static void config_fill(struct config *config, struct arena *arena, struct problems *problems)
{
	const struct yaml_node *name = yaml_get(config->node, "name");
	if (config->name && !name->broken && !config_is_name(config->name))
		problems_add(problems, name->place,
			"'name': expected small letters, digits and hyphens, at most %d; found "
			"'%s'",
			CONFIG_NAME_BYTES, name->secret ? "***" : config->name);
	if (config->name && config->state && !*config->state)
		config->state = arena_printf(arena, "state/%s.db", config->name);
}

bool config_parse(struct arena *arena, struct yaml_node *root, struct config *config,
	struct problems *problems)
{
	size_t before = problems->count;
	config_drop_own_keys(root);
	*config = (struct config){ .place = root->place, .node = root };
	option_parse(config_options, root, root->place, config, arena, problems);
	config_fill(config, arena, problems);
	return problems->count == before;
}

/* NOLINTNEXTLINE(readability-function-size): the parameters are config.h's. */
bool config_read(struct arena *arena, const char *path, const char *const *sets, size_t set_count,
	struct config *config, struct problems *problems)
{
	size_t before = problems->count;
	struct yaml_node *root = yaml_read(arena, path, problems);
	if (!root)
		return false;
	for (size_t i = 0; i < set_count; i++)
		yaml_set(arena, root, sets[i], problems);
	return config_parse(arena, root, config, problems) && problems->count == before;
}

static const struct plugin *config_find_executor(const char *name, struct problems *problems)
{
	enum { MOST = 64 };
	const char *names[MOST];
	size_t count = 0;
	for (; executors[count] && count < MOST; count++) {
		names[count] = executors[count]->name;
		if (!strcmp(names[count], name))
			return executors[count];
	}
	struct text text = { 0 };
	text_addf(&text, "unknown executor '%s'", name);
	const char *nearest = text_nearest(name, names, count);
	if (nearest)
		text_addf(&text, " (did you mean '%s'?)", nearest);
	for (size_t i = 0; !nearest && i < count; i++)
		text_addf(&text, "%s%s", i ? ", " : "; known are: ", names[i]);
	problems_add(problems, (struct place){ "--executor", 0, 0 }, "%s", text.data);
	text_finish(&text);
	return NULL;
}

/* The text of --workers as a node; NULL and a problem where it is none or the executor has no such
 * option. An executor without workers stays alone whatever the number: so one command line compares
 * all executors. */
static bool config_workers_node(const struct plugin *plugin, const char *workers,
	struct arena *arena, struct yaml_node **node, struct problems *problems)
{
	struct place place = { "--workers", 0, 0 };
	if (option_find(plugin->options, "workers")) {
		*node = yaml_parse(arena, place.file, workers, strlen(workers), problems);
		if (*node)
			(*node)->place = place;
		return *node;
	}
	if (!strcmp(workers, "auto") ||
		(*workers && strspn(workers, "0123456789") == strlen(workers)))
		return true;
	problems_add(problems, place, "expected a number or auto, found '%s'", workers);
	return false;
}

/* The options that `plugin` gets: all of them where it is the one of the config already, else
 * workers alone. `workers` replaces what is there. */
static struct yaml_node *config_executor_node(const struct option_plugin *old,
	const struct plugin *plugin, struct yaml_node *workers, struct arena *arena)
{
	const struct yaml_node *from = old->node;
	struct yaml_node *node = arena_alloc(arena, sizeof(*node));
	size_t room = (from ? from->count : 0) + 1;
	*node = (struct yaml_node){ .kind = YAML_MAP, .text = "" };
	node->place = from ? from->place : (struct place){ "--executor", 0, 0 };
	node->keys = arena_alloc(arena, room * sizeof(*node->keys));
	node->values = arena_alloc(arena, room * sizeof(*node->values));
	for (size_t i = 0; from && i < from->count; i++) {
		bool is_workers = !strcmp(from->keys[i]->text, "workers");
		bool is_kept = plugin == old->plugin ||
			       (is_workers && option_find(plugin->options, "workers"));
		if (!is_kept || (is_workers && workers))
			continue;
		node->keys[node->count] = from->keys[i];
		node->values[node->count++] = from->values[i];
	}
	if (workers) {
		struct yaml_node *key = arena_alloc(arena, sizeof(*key));
		*key = *workers;
		key->kind = YAML_SCALAR;
		key->text = "workers";
		node->keys[node->count] = key;
		node->values[node->count++] = workers;
	}
	return node;
}

bool config_replace_executor(struct config *config, const char *name, const char *workers,
	struct arena *arena, struct problems *problems)
{
	const struct plugin *plugin =
		name ? config_find_executor(name, problems) : config->executor.plugin;
	struct yaml_node *node = NULL;
	if (!plugin || (workers && !config_workers_node(plugin, workers, arena, &node, problems)))
		return false;
	node = config_executor_node(&config->executor, plugin, node, arena);
	void *settings = arena_alloc(arena, plugin->settings_bytes);
	if (!option_parse(plugin->options, node, node->place, settings, arena, problems))
		return false;
	config->executor = (struct option_plugin){
		plugin,
		settings,
		node,
		NULL,
		config->executor.place,
	};
	return true;
}

void config_canonical(const struct config *config, struct text *text)
{
	option_canonical(config_options, config, config->node, 0, text);
}
