#include "stages/thumbnail/thumbnail.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/output_path.h"
#include "stages/thumbnail/encode.h"
#include "stages/thumbnail/freedesktop.h"
#include "stages/thumbnail/paths.h"
#include "stages/thumbnail/process.h"
#include "stages/thumbnail/rows.h"

enum {
	THUMBNAIL_VERSION = 4,
	THUMBNAIL_PATH_BYTES = 255, /* most paths are shorter */
};

/* The stage with everything resolved. */
struct thumbnail {
	struct process_setup process;
	struct paths paths, manifest; /* the latter without a root: none is wanted */
	struct size sizes[ITEM_PARTS];
	struct digest manifest_recipe;
	const char *root; /* that `from` begins with, where the source has none; else NULL */
	bool freedesktop;
};

static void thumbnail_complain(
	const struct stage_setup *setup, const char *option, const char *text)
{
	const struct place nowhere = { .file = NULL };
	const struct yaml_node *node = setup->self->node;
	option_complain(setup->problems, node, node ? node->place : nowhere, option, "%s", text);
}

/* Of the outputs `root` is the folder: the manifest has to lie in it. */
static bool thumbnail_prepare_manifest(struct thumbnail *thumbnail,
	const struct rows_settings *settings, const struct stage_setup *setup)
{
	struct error err;
	if (settings->manifest[0] == '\0')
		return true;
	const char *root = thumbnail->paths.root;
	if (!paths_prepare(
		    &thumbnail->manifest, settings->manifest, setup->fields, setup->arena, &err)) {
		thumbnail_complain(setup, "manifest", err.text);
		return false;
	}
	const char *folder = thumbnail->manifest.root;
	const size_t length = strlen(root);
	if (strncmp(folder, root, length) == 0 && (folder[length] == '\0' || folder[length] == '/'))
		return true;
	thumbnail_complain(setup, "manifest", "it has to lie in the folder that `to` begins with");
	return false;
}

/* The folder in which nightmill was started. */
static const char *thumbnail_base(struct arena *arena)
{
	char folder[PATH_MAX];
	const char *here = getcwd(folder, sizeof(folder)) ? folder : "/";
	return arena_copy(arena, here, strlen(here));
}

/* Either files or fields. */
static bool thumbnail_check_target(
	const struct rows_settings *settings, const struct stage_setup *setup)
{
	const char *wrong = NULL, *option = "as";
	if (settings->to[0] == '\0' && settings->as[0] == '\0') {
		wrong = "where do thumbnails go? `to` is a path, `as` a field";
		option = "to";
	} else if (settings->to[0] && settings->as[0])
		wrong = "thumbnails go to files (`to`) or into fields (`as`): one stage for each";
	else if (settings->as[0] && settings->manifest[0])
		wrong = "a manifest tells of files: it needs `to`";
	else if (settings->as[0] && settings->layout == LAYOUT_FREEDESKTOP)
		wrong = "this layout is one of files: it needs `to`";
	if (wrong)
		thumbnail_complain(setup, option, wrong);
	return !wrong;
}

static bool thumbnail_add_fields(const struct rows_settings *settings,
	const struct stage_setup *setup, const struct size *sizes)
{
	bool fine = true;
	for (size_t i = 0; settings->as[0] && i < settings->sizes.count; i++)
		fine = stage_add_field(setup,
			       arena_printf(setup->arena, "%s.%s", settings->as, sizes[i].name),
			       "as") &&
		       fine;
	return fine;
}

/* Without roots of the source, the folder that `from` begins with. */
static bool thumbnail_prepare_roots(struct thumbnail *thumbnail,
	const struct rows_settings *settings, const struct stage_setup *setup)
{
	struct process_setup *process = &thumbnail->process;
	struct error err;
	process->links = setup->links;
	process->roots = setup->roots;
	if (setup->roots.count > 0)
		return true;
	if (!output_path_root(
		    &process->from, settings->from, setup->arena, &thumbnail->root, &err)) {
		thumbnail->root = NULL;
		if (process->gives)
			thumbnail_complain(setup, "from", err.text);
		return !process->gives;
	}
	process->roots = (struct option_list){ &thumbnail->root, 1 };
	return true;
}

static bool thumbnail_prepare_from(struct thumbnail *thumbnail,
	const struct rows_settings *settings, const struct stage_setup *setup)
{
	struct error err;
	struct process_setup *process = &thumbnail->process;
	const bool from = template_compile(
		settings->from, setup->fields, NULL, setup->arena, &process->from, &err);
	if (!from)
		thumbnail_complain(setup, "from", err.text);
	const bool focus = template_compile(
		settings->focus, setup->fields, NULL, setup->arena, &process->focus, &err);
	if (!focus)
		thumbnail_complain(setup, "focus", err.text);
	return from && thumbnail_prepare_roots(thumbnail, settings, setup) && focus;
}

static bool thumbnail_prepare_paths(struct thumbnail *thumbnail,
	const struct rows_settings *settings, const struct stage_setup *setup)
{
	struct error err;
	if (thumbnail->process.gives)
		return true;
	thumbnail->paths.from = thumbnail->manifest.from = &thumbnail->process.from;
	thumbnail->paths.base = thumbnail->manifest.base = thumbnail_base(setup->arena);
	const char *where = thumbnail->freedesktop ? arena_printf(setup->arena,
							     "%s/{size}/{hash}.{ext}", settings->to)
						   : settings->to;
	bool to = paths_prepare(&thumbnail->paths, where, setup->fields, setup->arena, &err);
	if (to)
		to = paths_check_sizes(
			&thumbnail->paths, thumbnail->sizes, settings->sizes.count, &err);
	if (!to)
		thumbnail_complain(setup, "to", err.text);
	return to && thumbnail_prepare_manifest(thumbnail, settings, setup);
}

static bool thumbnail_count_fits(
	const struct rows_settings *settings, const struct stage_setup *setup)
{
	const size_t most = settings->manifest[0] ? ITEM_PARTS - 1 : ITEM_PARTS;
	if (settings->sizes.count >= 1 && settings->sizes.count <= most)
		return true;
	thumbnail_complain(
		setup, "sizes", "there have to be 1 to 64 sizes, with a manifest 1 to 63");
	return false;
}

static bool thumbnail_prepare(
	const void *settings, const struct stage_setup *setup, void **prepared)
{
	const struct rows_settings *rows = settings;
	struct thumbnail *thumbnail = arena_alloc(setup->arena, sizeof(*thumbnail));
	if (!thumbnail_count_fits(rows, setup) || !thumbnail_check_target(rows, setup))
		return false;
	thumbnail->process.gives = rows->as[0] != '\0';
	struct reading reading;
	thumbnail->freedesktop = rows->layout == LAYOUT_FREEDESKTOP;
	const bool sizes = rows_resolve(rows, setup, THUMBNAIL_VERSION, thumbnail->sizes);
	const bool formats = rows_reading(rows, setup, &reading);
	const bool from = thumbnail_prepare_from(thumbnail, rows, setup);
	const bool paths = thumbnail_prepare_paths(thumbnail, rows, setup);
	const bool fields = thumbnail_add_fields(rows, setup, thumbnail->sizes);
	if (!from || !paths || !fields || !sizes || !formats)
		return false;
	struct process_setup *process = &thumbnail->process;
	process->paths = rows->manifest[0] ? &thumbnail->paths : NULL;
	thumbnail->manifest_recipe =
		rows_manifest_recipe(rows, thumbnail->sizes, THUMBNAIL_VERSION);
	process->tagged = thumbnail->freedesktop ? &thumbnail->paths : NULL;
	process->keep_mtime = rows->mtime == MTIME_KEEP;
	process->maker = (struct maker_setup){
		.sizes = thumbnail->sizes,
		.count = rows->sizes.count,
		.limits = {
			.pixels = (uint64_t)rows->max_pixels * 1000000,
			.memory = (uint64_t)rows->max_memory.bytes,
			.bytes = (uint64_t)rows->max_bytes.bytes,
		},
		.reading = reading,
	};
	*prepared = thumbnail;
	return true;
}

static size_t thumbnail_parts(const void *prepared)
{
	const struct thumbnail *thumbnail = prepared;
	if (thumbnail->process.gives)
		return 0;
	return thumbnail->process.maker.count + (thumbnail->manifest.root ? 1 : 0);
}

static const char *thumbnail_output_root(const void *prepared)
{
	const struct thumbnail *thumbnail = prepared;
	return thumbnail->paths.root;
}

static bool thumbnail_output_manifest(const struct thumbnail *thumbnail, struct paths_job *job,
	struct arena *arena, struct part *part, struct error *err)
{
	static const struct size nothing = { .name = "manifest" };
	job->size = &nothing;
	job->extension = "json";
	part->name = nothing.name;
	part->recipe = thumbnail->manifest_recipe;
	return paths_make(&thumbnail->manifest, job, part, arena, err);
}

static bool thumbnail_outputs(const void *prepared, const struct item *item, struct arena *arena,
	struct part *parts, struct error *err)
{
	const struct thumbnail *thumbnail = prepared;
	const size_t count = thumbnail->process.maker.count;
	struct text scratch = { .data = NULL };
	struct paths_job job = { .item = item, .scratch = &scratch };
	bool made = true;
	text_reserve(&scratch, THUMBNAIL_PATH_BYTES);
	for (size_t i = 0; i < count && made; i++) {
		job.size = &thumbnail->sizes[i];
		parts[i].name = job.size->name;
		parts[i].recipe = job.size->recipe;
		made = paths_make(&thumbnail->paths, &job, &parts[i], arena, err);
	}
	if (made && thumbnail->manifest.root)
		made = thumbnail_output_manifest(thumbnail, &job, arena, &parts[count], err);
	text_finish(&scratch);
	return made;
}

static void thumbnail_needs(const void *prepared, struct stage_needs *needs)
{
	const struct thumbnail *thumbnail = prepared;
	if (thumbnail->root)
		needs->read = thumbnail->process.roots;
}

static bool thumbnail_open(
	const void *prepared, const struct workplace *place, void **worker, struct error *err)
{
	const struct thumbnail *thumbnail = prepared;
	struct process *process;
	if (!process_open(&thumbnail->process, place, &process, err))
		return false;
	*worker = process;
	return true;
}

static void thumbnail_process(void *worker, const struct item *item, struct outcome *outcome)
{
	process_item(worker, item, outcome);
}

static void thumbnail_close(void *worker)
{
	process_close(worker);
}

/* fail/PROGRAM-VERSION/HASH.png: a picture of one pixel with the tags. */
static bool thumbnail_failure(const void *prepared, const struct item *item, struct arena *arena,
	char **path, struct text *bytes)
{
	const struct thumbnail *thumbnail = prepared;
	if (!thumbnail->freedesktop)
		return false;
	static const struct size size = { .format = FORMAT_PNG };
	struct freedesktop_tags tags = {
		.mtime = item->validator.mtime_nanos / 1000000000,
		.bytes = item->bytes,
	};
	struct surface pixel = { .pixels = NULL };
	struct error err;
	char hash[FREEDESKTOP_HASH_BYTES];
	paths_uri(&thumbnail->paths, item, &tags.uri);
	freedesktop_hash(&tags.uri, hash);
	*path = arena_printf(arena, "%s/fail/nightmill-" NIGHTMILL_VERSION "/%s.png",
		thumbnail->paths.root, hash);
	bool done = surface_shape(&pixel, 1, 1, 1, &err);
	if (done) {
		pixel.pixels[0] = 0;
		const struct encode_job job = {
			.surface = &pixel, .size = &size, .format = FORMAT_PNG, .extra.tags = &tags
		};
		done = encode_surface(&job, bytes, &err);
	}
	surface_finish(&pixel);
	text_finish(&tags.uri);
	return done;
}

static bool thumbnail_reads(const void *prepared, const struct item *item, struct text *path)
{
	const struct thumbnail *thumbnail = prepared;
	process_reads(&thumbnail->process, item, path);
	return true;
}

const struct stage_plugin thumbnail_stage = {
	.plugin = {
		.name = "thumbnail",
		.summary = "Makes pictures smaller: several sizes and formats from one decode.",
		.options = rows_options,
		.settings_bytes = sizeof(struct rows_settings),
	},
	.version = THUMBNAIL_VERSION,
	.spendings = process_spendings,
	.prepare = thumbnail_prepare,
	.parts = thumbnail_parts,
	.output_root = thumbnail_output_root,
	.outputs = thumbnail_outputs,
	.reads = thumbnail_reads,
	.needs = thumbnail_needs,
	.open = thumbnail_open,
	.process = thumbnail_process,
	.close = thumbnail_close,
	.failure = thumbnail_failure,
};
