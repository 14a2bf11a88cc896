#include "pipeline/plan.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/ledger.h"
#include "pipeline/stage_adds.h"
#include "pipeline/support/clock.h"

enum { PLAN_FIELDS = 1024, PLAN_NANOS = 1000000000 };

/* Of the stage and all options that affect bytes; with `limits` also of those that refuse items. */
static struct digest plan_stage_digest(const struct plan_stage *stage, bool limits)
{
	struct digest name =
		digest_of(stage->plugin->plugin.name, strlen(stage->plugin->plugin.name));
	struct digest rows = option_digest(stage->plugin->plugin.options, stage->settings, limits);
	struct digest version = digest_of(&stage->plugin->version, sizeof(stage->plugin->version));
	struct digest digest = digest_mix(digest_mix(name, rows), version);
	return stage->plugin->recipe ? digest_mix(digest, stage->plugin->recipe(stage->prepared))
				     : digest;
}

static bool plan_note_act(
	struct plan *plan, struct plan_stage *stage, const struct stage_setup *setup)
{
	const struct stage_act *act = stage->plugin->act;
	if (plan->act) {
		stage_complain(setup, "", "nothing may stand behind %s, which acts on the world",
			plan->act->plugin->plugin.name);
		return false;
	}
	if (act && act->live(stage->prepared))
		plan->act = stage;
	if (!plan->act || plan->parts == 0)
		return true;
	stage_complain(setup, "",
		"%s acts on the world once and for all, files are made again whenever it takes: "
		"they need a config of their own",
		stage->plugin->plugin.name);
	return false;
}

static bool plan_add_stage(
	struct plan *plan, const struct option_plugin *chosen, const struct stage_setup *setup)
{
	struct plan_stage *stage = &plan->tail[plan->tail_count];
	*stage = (struct plan_stage){
		.plugin = stage_of(chosen->plugin),
		.settings = chosen->settings,
		.first_part = (uint32_t)plan->parts,
		.first_added = setup->fields->count,
	};
	if (!stage->plugin->prepare(chosen->settings, setup, &stage->prepared))
		return false;
	stage->parts = stage->plugin->parts(stage->prepared);
	stage->output_root = stage->plugin->output_root(stage->prepared);
	if (stage->output_root && option_is_home(stage->output_root)) {
		stage_complain(
			setup, "to", "folder '%s': %s", stage->output_root, OPTION_HOME_HINT);
		return false;
	}
	stage->adds = setup->adds->count;
	plan->verdict = digest_mix(plan->verdict, plan_stage_digest(stage, true));
	plan->parts += stage->parts;
	plan->tail_count++;
	if (plan->parts <= ITEM_PARTS)
		return plan_note_act(plan, stage, setup);
	problems_add(setup->problems, chosen->node ? chosen->node->place : plan->config->place,
		"the stages make %zu outputs of an item, at most %d are possible", plan->parts,
		ITEM_PARTS);
	return false;
}

/* True where `folder` is `inner` or one of the folders above it. */
static bool plan_holds(const char *folder, const char *inner)
{
	char outer_path[PATH_MAX], inner_path[PATH_MAX];
	if (!realpath(folder, outer_path) || !realpath(inner, inner_path))
		return false;
	size_t length = strlen(outer_path);
	if (strcmp(outer_path, "/") == 0)
		return true;
	return strncmp(outer_path, inner_path, length) == 0 &&
	       (inner_path[length] == '\0' || inner_path[length] == '/');
}

/* Outputs below a root are left out by the source; a root below the outputs would feed on itself.
 */
static bool plan_check_roots(const struct plan *plan, struct problems *problems)
{
	size_t before = problems->count;
	const struct option_plugin *source = &plan->config->source;
	for (size_t s = 0; s < plan->tail_count; s++) {
		const char *folder = plan->tail[s].output_root;
		for (size_t r = 0; folder && r < plan->roots.count; r++)
			if (plan_holds(folder, plan->roots.items[r]))
				option_complain(problems, source->node, plan->config->place,
					"roots",
					"root '%s' lies in the output folder '%s': what is made "
					"would be read again",
					plan->roots.items[r], folder);
	}
	return problems->count == before;
}

/* A plan in the making. */
struct plan_making {
	struct plan *plan;
	struct arena *arena;
	struct problems *problems;
	const char **names; /* of all fields so far */
	size_t count;
	bool *used, *used_by_tail;
	struct digest upstream; /* see struct stage_setup */
};

/* The fields so far, for one who reads them. Names don't move when more are added. */
static struct fields plan_view(const struct plan_making *making, bool *used)
{
	return (struct fields){ .names = making->names, .count = making->count, .used = used };
}

static bool plan_add_fields(
	struct plan_making *making, const char *const *names, size_t count, struct place place)
{
	if (making->count + count > PLAN_FIELDS) {
		problems_add(
			making->problems, place, "records of more than %d fields", PLAN_FIELDS);
		return false;
	}
	for (size_t i = 0; i < count; i++)
		making->names[making->count++] = names[i];
	return true;
}

static bool plan_make_source(struct plan_making *making)
{
	struct plan *plan = making->plan;
	const struct option_plugin *chosen = &plan->config->source;
	const char *const *names = plan->source->fields;
	if (plan->source->check)
		plan->source->check(chosen, making->problems);
	if (plan->source->roots)
		plan->roots = plan->source->roots(chosen->settings);
	plan->links = plan->source->links && plan->source->links(chosen->settings);
	if (!names && !plan->source->describe(
			      chosen, &plan->stores, making->arena, &names, making->problems))
		return false;
	size_t count = 0;
	while (names[count])
		count++;
	bool added = plan_add_fields(making, names, count, plan->config->place);
	plan->source_fields = plan_view(making, making->used);
	return added;
}

static bool plan_make_head(struct plan_making *making, const struct option_plugin *chosen,
	const struct stage_setup *setup)
{
	struct plan *plan = making->plan;
	struct plan_head *head = &plan->head[plan->head_count++];
	*head = (struct plan_head){
		.plugin = stage_of(chosen->plugin),
		.settings = chosen->settings,
		.fields = *setup->fields,
	};
	if (plan->tail_count > 0) {
		stage_complain(setup, "",
			"%s works on all items together and must stand before %s, which works on "
			"one at a time",
			chosen->plugin->name, plan->tail[0].plugin->plugin.name);
		return false;
	}
	bool fine = head->plugin->prepare(chosen->settings, setup, &head->prepared);
	head->adds = setup->adds->count;
	return fine;
}

static bool plan_make_stage(struct plan_making *making, const struct option_plugin *chosen)
{
	struct plan *plan = making->plan;
	struct stage_setup *setup = arena_alloc(making->arena, sizeof(*setup));
	struct fields *fields = arena_alloc(making->arena, sizeof(*fields));
	bool is_head = stage_of(chosen->plugin)->head;
	*fields = plan_view(making, is_head ? making->used : making->used_by_tail);
	*setup = (struct stage_setup){
		.job = plan->config->name,
		.fields = fields,
		.adds = arena_alloc(making->arena, sizeof(*setup->adds)),
		.stores = &plan->stores,
		.roots = plan->roots,
		.links = plan->links,
		.arena = making->arena,
		.self = chosen,
		.problems = making->problems,
		.upstream = making->upstream,
	};
	bool fine = is_head ? plan_make_head(making, chosen, setup)
			    : plan_add_stage(plan, chosen, setup);
	if (fine && !is_head)
		making->upstream = digest_mix(making->upstream,
			plan_stage_digest(&plan->tail[plan->tail_count - 1], false));
	return plan_add_fields(
		       making, setup->adds->names, setup->adds->count, plan->config->place) &&
	       fine;
}

/* Whoever needs a head stage's fields would only complain of their absence where it has failed. */
static void plan_make_stages(struct plan_making *making)
{
	const struct option_plugins *chosen = &making->plan->config->stages;
	for (size_t i = 0; i < chosen->count; i++) {
		bool fine = plan_make_stage(making, &chosen->items[i]);
		if (!fine && stage_of(chosen->items[i].plugin)->head)
			return;
	}
}

static void plan_note_reads(struct plan_making *making)
{
	struct plan *plan = making->plan;
	plan->fields = plan_view(making, making->used);
	plan->read = arena_alloc(making->arena, making->count * sizeof(*plan->read));
	for (size_t i = 0; i < making->count; i++) {
		if (!making->used_by_tail[i])
			continue;
		making->used[i] = true;
		plan->read[plan->read_count++] = i;
	}
}

bool plan_make(const struct config *config, struct arena *arena, struct plan *plan,
	struct problems *problems)
{
	size_t before = problems->count;
	*plan = (struct plan){
		.config = config,
		.source = source_of(config->source.plugin),
		.ledger = ledger_path(config->state, arena),
		.now_seconds = clock_wall_nanos() / PLAN_NANOS,
	};
	struct plan_making making = {
		.plan = plan,
		.arena = arena,
		.problems = problems,
		.names = arena_alloc(arena, PLAN_FIELDS * sizeof(*making.names)),
		.used = arena_alloc(arena, PLAN_FIELDS * sizeof(*making.used)),
		.used_by_tail = arena_alloc(arena, PLAN_FIELDS * sizeof(*making.used)),
	};
	const struct option_plugin *executor = &config->executor;
	plan->limits = option_digest(executor->plugin->options, executor->settings, true);
	plan->head = arena_alloc(arena, config->stages.count * sizeof(*plan->head));
	plan->tail = arena_alloc(arena, config->stages.count * sizeof(*plan->tail));
	stores_list(&plan->stores, &config->stores, config->place, arena, problems);
	if (plan_make_source(&making))
		plan_make_stages(&making);
	if (plan->parts == 0 && !plan->act && problems->count == before)
		problems_add(problems, config->place,
			"'stages': nothing is made of an item; end with a stage that does, such as "
			"write");
	plan_note_reads(&making);
	return problems->count == before && plan_check_roots(plan, problems);
}

/* Two parts of one item in the same place: of two stages, since one stage keeps its own apart. */
static bool plan_part_twice(
	const struct plan *plan, const struct part *parts, size_t part, struct error *err)
{
	for (size_t i = 0; i < part; i++)
		if (strcmp(parts[i].path, parts[part].path) == 0)
			return fail(err, ERROR_COLLISION,
				"'%s' would be made by two stages, '%s' the later",
				parts[part].path, plan_stage_of(plan, part)->plugin->plugin.name);
	return true;
}

static bool plan_check_parts(const struct plan *plan, const struct part *parts, struct error *err)
{
	const size_t later = plan->parts ? plan->tail->parts : 0;
	for (size_t i = later; i < plan->parts; i++)
		if (!plan_part_twice(plan, parts, i, err))
			return false;
	return true;
}

bool plan_outputs(const struct plan *plan, const struct item *item, struct arena *arena,
	struct part *parts, struct error *err)
{
	for (size_t i = 0; i < plan->tail_count; i++) {
		const struct plan_stage *stage = &plan->tail[i];
		if (stage->parts && !stage->plugin->outputs(stage->prepared, item, arena,
					    parts + stage->first_part, err))
			return false;
	}
	return plan_check_parts(plan, parts, err);
}

void plan_validate(const struct plan *plan, struct item *item, struct text *scratch)
{
	if (plan->source->validates)
		return;
	text_clear(scratch);
	for (size_t i = 0; i < plan->read_count; i++) {
		size_t number = plan->read[i];
		const struct slot *slot = number < item->slot_count ? &item->slots[number] : NULL;
		uint32_t length = slot && slot->data ? slot->length : UINT32_MAX;
		text_add(scratch, &length, sizeof(length));
		if (length != UINT32_MAX)
			text_add(scratch, slot->data, length);
	}
	item->validator = (struct validator){ 0 };
	item->validator.size = digest_of(scratch->data, scratch->length).low;
}

const struct plan_stage *plan_stage_of(const struct plan *plan, size_t part)
{
	size_t i = plan->tail_count - 1;
	while (plan->tail[i].first_part > part || plan->tail[i].parts == 0)
		i--;
	return &plan->tail[i];
}

struct digest plan_verdict(const struct plan *plan, enum error_code code)
{
	bool limits = code == ERROR_LIMIT || code == ERROR_CRASHED || code == ERROR_TIMEOUT;
	return limits ? digest_mix(plan->verdict, plan->limits) : plan->verdict;
}

struct digest plan_recipe(const struct plan *plan, const struct part *parts)
{
	struct digest whole = { 0 };
	for (size_t i = 0; i < plan->parts; i++) {
		struct digest path = digest_of(parts[i].path, parts[i].length);
		whole = digest_mix(whole, digest_mix(path, parts[i].recipe));
	}
	return whole;
}

const char *plan_path(const struct part *part, const char *late, struct arena *arena)
{
	if (part->late == SIZE_MAX)
		return part->path;
	return arena_printf(
		arena, "%.*s%s%s", (int)part->late, part->path, late, part->path + part->late);
}

uint64_t plan_all_parts(const struct plan *plan)
{
	return plan->parts == ITEM_PARTS ? UINT64_MAX : (UINT64_C(1) << plan->parts) - 1;
}
