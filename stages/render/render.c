/* The tail stage `render`: a text from a template and the record's fields. */

#include "stages/render/render.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/template.h"
#include "stages/render/dates.h"
#include "stages/render/pages.h"

enum { RENDER_VERSION = 1, RENDER_MOST_BYTES = 64 << 20 };

enum render_target { RENDER_AUTO, RENDER_TEXT, RENDER_HTML, RENDER_CSV };

static const char *const render_targets[] = { "auto", "text", "html", "csv", NULL };

struct render_settings {
	const char *template, *fallback, *as, *language;
	int target; /* enum render_target */
};

#define SETTINGS struct render_settings
static const struct option render_options[] = {
	{ "template", TEMPLATE(template), .affects = AFFECTS_BYTES,
		.help = "The template's file. A {slot} in its path picks one of all files that fit "
			"when the plan is made; letters, digits, _ and - may stand for it." },
	{ "fallback", TEXT(fallback), .fallback = "", .affects = AFFECTS_BYTES,
		.help = "The slot's value whose template stands for values that have none of "
			"their own. Needed where the path has a slot." },
	{ "as", TEXT(as), .help = "The new field that holds the text." },
	{ "target", CHOICE(target, render_targets), .fallback = "auto", .affects = AFFECTS_BYTES,
		.help = "What the text is, and so how values are escaped in it. auto goes by the "
			"end of the template's name: .html, .csv, anything else is text." },
	{ "language", TEMPLATE(language), .fallback = "en", .affects = AFFECTS_BYTES,
		.help = "The language of dates: en, de, es, fr, it, nl or pt. Any other is en." },
	{ .name = NULL },
};
#undef SETTINGS

struct render {
	struct pages pages;
	struct template language;
	enum render_target target;
	const struct fields *fields;
};

struct render_worker {
	const struct render *render;
	const struct workplace *place;
	struct text text, language;
};

static bool render_prepare(const void *settings, const struct stage_setup *setup, void **prepared)
{
	const struct render_settings *rows = settings;
	struct render *render = arena_alloc(setup->arena, sizeof(*render));
	struct error err;
	render->target = (enum render_target)rows->target;
	render->fields = setup->fields;
	const bool language = template_compile(
		rows->language, setup->fields, NULL, setup->arena, &render->language, &err);
	if (!language)
		stage_complain(setup, "language", "%s", err.text);
	const bool pages = pages_read(&render->pages, rows->template, rows->fallback, setup);
	*prepared = render;
	return stage_add_field(setup, rows->as, "as") && language && pages;
}

static struct digest render_recipe(const void *prepared)
{
	const struct render *render = prepared;
	return render->pages.recipe;
}

static size_t render_parts(const void *prepared)
{
	(void)prepared;
	return 0;
}

static const char *render_output_root(const void *prepared)
{
	(void)prepared;
	return NULL;
}

static bool render_open(
	const void *prepared, const struct workplace *place, void **worker, struct error *err)
{
	(void)err;
	struct render_worker *made = memory_zeroed(1, sizeof(*made));
	made->render = prepared;
	made->place = place;
	*worker = made;
	return true;
}

static size_t render_language(struct render_worker *worker, const struct item *item)
{
	text_clear(&worker->language);
	template_expand(
		&worker->render->language, item->slots, item->slot_count, NULL, &worker->language);
	const size_t language = dates_language(worker->language.data, worker->language.length);
	return language == SIZE_MAX ? 0 : language;
}

static void render_process(void *state, const struct item *item, struct outcome *outcome)
{
	struct render_worker *worker = state;
	const struct render *render = worker->render;
	const struct pages_entry *entry = pages_pick(&render->pages, item);
	const enum page_target targets[] = {
		[RENDER_AUTO] = entry->target,
		[RENDER_TEXT] = PAGE_TEXT,
		[RENDER_HTML] = PAGE_HTML,
		[RENDER_CSV] = PAGE_CSV,
	};
	const struct page_record record = {
		.slots = item->slots,
		.count = item->slot_count,
		.names = render->fields->names,
		.target = targets[render->target],
		.language = render_language(worker, item),
	};
	bool secret = false;
	text_clear(&worker->text);
	if (!page_add(&entry->page, &record, &worker->text, &secret, &outcome->error)) {
		outcome->status = OUTCOME_FAILED;
		return;
	}
	if (worker->text.length > RENDER_MOST_BYTES) {
		outcome->status = OUTCOME_FAILED;
		fail(&outcome->error, ERROR_LIMIT, "a text of %zu bytes, %d are possible",
			worker->text.length, RENDER_MOST_BYTES);
		return;
	}
	worker->place->added[0] =
		(struct slot){ worker->text.data, (uint32_t)worker->text.length, secret };
}

static void render_close(void *state)
{
	struct render_worker *worker = state;
	if (!worker)
		return;
	text_finish(&worker->text);
	text_finish(&worker->language);
	free(worker);
}

const struct stage_plugin render_stage = {
	.plugin = { "render", "A text from a template and the record's fields.", render_options,
		sizeof(struct render_settings) },
	.version = RENDER_VERSION,
	.prepare = render_prepare,
	.recipe = render_recipe,
	.parts = render_parts,
	.output_root = render_output_root,
	.open = render_open,
	.process = render_process,
	.close = render_close,
};
