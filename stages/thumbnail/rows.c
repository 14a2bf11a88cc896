#include "stages/thumbnail/rows.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "stages/thumbnail/freedesktop.h"

static int rows_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	const int letter = tolower((unsigned char)c);
	return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

static bool rows_hex_colour(const char *digits, struct colour *colour)
{
	const size_t length = strlen(digits);
	if (length != 3 && length != 6 && length != 8)
		return false;
	uint8_t bytes[4] = { 0, 0, 0, 255 };
	const size_t each = length == 3 ? 1 : 2;
	for (size_t i = 0; i < length / each; i++) {
		const int high = rows_digit(digits[i * each]);
		const int low = rows_digit(digits[i * each + each - 1]);
		if (high < 0 || low < 0)
			return false;
		bytes[i] = (uint8_t)(high * 16 + low);
	}
	*colour = (struct colour){ bytes[0], bytes[1], bytes[2], bytes[3] };
	return true;
}

bool rows_colour(const char *text, struct colour *colour)
{
	if (text[0] == '#')
		return rows_hex_colour(text + 1, colour);
	if (strcmp(text, "white") == 0)
		*colour = (struct colour){ 255, 255, 255, 255 };
	else if (strcmp(text, "black") == 0)
		*colour = (struct colour){ 0, 0, 0, 255 };
	else if (strcmp(text, "transparent") == 0)
		*colour = (struct colour){ 255, 255, 255, 0 };
	else
		return false;
	return true;
}

/* What one size is complained of with. */
struct rows_check {
	const struct rows_settings *settings;
	const struct stage_setup *setup;
	size_t number;
};

static const struct rows_size *rows_size_at(const struct rows_settings *settings, size_t number)
{
	return (const struct rows_size *)settings->sizes.items + number;
}

static void rows_complain(const struct rows_check *check, const char *option, const char *text)
{
	const struct option_plugin *self = check->setup->self;
	const struct place nowhere = { .file = NULL };
	char path[64];
	snprintf(path, sizeof(path), "sizes.%zu.%s", check->number, option);
	option_complain(check->setup->problems, self->node,
		self->node ? self->node->place : nowhere, path, "%s", text);
}

static bool rows_is_name(const char *name)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
	const size_t length = strlen(name);
	return length >= 1 && length <= 64 && strspn(name, allowed) == length;
}

static void rows_check_name(const struct rows_check *check)
{
	const char *name = rows_size_at(check->settings, check->number)->name;
	if (!rows_is_name(name))
		rows_complain(check, "name",
			"a size's name has 1 to 64 letters, digits, '_' and '-' only");
	for (size_t i = 0; i < check->number; i++)
		if (strcmp(rows_size_at(check->settings, i)->name, name) == 0) {
			rows_complain(check, "name", "this name is taken by a size above");
			return;
		}
}

static void rows_check_sides(const struct rows_check *check)
{
	const struct rows_size *size = rows_size_at(check->settings, check->number);
	const bool width = size->width.word < 0, height = size->height.word < 0;
	if (check->settings->layout == LAYOUT_FREEDESKTOP) {
		if (freedesktop_side(size->name) == 0)
			rows_complain(check, "name",
				"sizes of this layout are normal, large, x-large and xx-large");
		return;
	}
	const bool both =
		size->fit == FIT_COVER || size->fit == FIT_CONTAIN || size->fit == FIT_FILL;
	if (!width && !height)
		rows_complain(check, "width", "a size needs a width, a height or both");
	else if (both && !(width && height))
		rows_complain(check, "fit", "cover, contain and fill need a width and a height");
}

/* What was not there in the first version takes part only where it is used. */
static struct digest rows_mix(struct digest recipe, const char *name, int value, int usual)
{
	if (value == usual)
		return recipe;
	const struct digest what = digest_of(name, strlen(name));
	return digest_mix(recipe, digest_mix(what, digest_of(&value, sizeof(value))));
}

static unsigned rows_keep(const struct rows_check *check, const struct rows_size *row)
{
	static const char *const words[] = { "icc", "exif", "copyright", "xmp" };
	unsigned bits = 0;
	for (size_t i = 0; i < row->keep.count; i++) {
		size_t word = 0;
		while (word < 4 && strcmp(words[word], row->keep.items[i]) != 0)
			word++;
		bits |= word < 4 ? 1U << word : 0;
		if (word == 4)
			rows_complain(check, "keep", "icc, exif, copyright and xmp can be kept");
	}
	return bits;
}

/* The extension that only the picture decides is one for all sizes. */
static void rows_check_format(const struct rows_check *check)
{
	const struct rows_size *size = rows_size_at(check->settings, check->number);
	for (size_t i = 0; i < check->number; i++) {
		const int other = rows_size_at(check->settings, i)->format;
		if ((size->format == FORMAT_SAME && other == FORMAT_AUTO) ||
			(size->format == FORMAT_AUTO && other == FORMAT_SAME)) {
			rows_complain(check, "format",
				"same and auto cannot both be asked for: put one of them into a "
				"stage of its own");
			return;
		}
	}
	if (size->animated && size->format != FORMAT_WEBP)
		rows_complain(check, "animated", "only webp can be animated");
	if (size->animated && size->budget.bytes > 0)
		rows_complain(check, "budget", "a size that is animated has no budget");
}

static struct digest rows_recipe(
	const struct rows_check *check, const struct rows_size *size, uint32_t version)
{
	const struct rows_settings *settings = check->settings;
	const uint32_t numbers[2] = { version, (uint32_t)settings->on_damage };
	struct digest stage = digest_mix(digest_of(numbers, sizeof(numbers)),
		digest_of(settings->from, strlen(settings->from)));
	stage = rows_mix(stage, "layout", settings->layout, LAYOUT_TEMPLATE);
	stage = rows_mix(stage, "frame", settings->frame, 1);
	stage = rows_mix(stage, "preview", settings->preview, PREVIEW_IGNORE);
	stage = rows_mix(stage, "intent", settings->intent, MAP_RELATIVE);
	stage = rows_mix(stage, "black_point", settings->black_point, true);
	if (size->crop == CROP_FOCUS)
		stage = digest_mix(stage, digest_of(settings->focus, strlen(settings->focus)));
	return digest_mix(stage, option_digest(rows_size_options, size, false));
}

struct digest rows_manifest_recipe(
	const struct rows_settings *settings, const struct size *sizes, uint32_t version)
{
	struct digest recipe = digest_mix(digest_of(&version, sizeof(version)),
		digest_of(settings->to, strlen(settings->to)));
	for (size_t i = 0; i < settings->sizes.count; i++)
		recipe = digest_mix(digest_mix(recipe, sizes[i].recipe),
			digest_of(sizes[i].name, strlen(sizes[i].name)));
	return recipe;
}

static void rows_resolve_size(const struct rows_check *check, uint32_t version, struct size *size)
{
	const struct rows_size *row = rows_size_at(check->settings, check->number);
	*size = (struct size){
		.name = row->name,
		.width = row->width.word < 0 ? (uint32_t)row->width.number : 0,
		.height = row->height.word < 0 ? (uint32_t)row->height.number : 0,
		.fit = (enum size_fit)row->fit,
		.enlarge = row->enlarge,
		.quality = row->quality.word < 0 ? (int)row->quality.number : 0,
		.format = (enum size_format)row->format,
		.colour = (enum size_colour)row->colour,
		.crop = (enum size_crop)row->crop,
		.sharpen = row->sharpen,
		.keep = rows_keep(check, row),
		.animated = row->animated,
		.linear = row->linear,
		.progressive = row->progressive,
		.lossless = row->lossless,
		.chroma = (enum size_chroma)row->chroma,
		.effort_given = row->effort.word < 0,
		.effort = (int)row->effort.number,
		.budget = (uint64_t)row->budget.bytes,
		.recipe = rows_recipe(check, row, version),
	};
	if (check->settings->layout == LAYOUT_FREEDESKTOP) {
		size->width = size->height = freedesktop_side(row->name);
		size->format = FORMAT_PNG;
	}
	if (!rows_colour(row->background, &size->background))
		rows_complain(check, "background",
			"a colour is #rgb, #rrggbb, #rrggbbaa, white, black or transparent");
}

bool rows_resolve(const struct rows_settings *settings, const struct stage_setup *setup,
	uint32_t version, struct size *sizes)
{
	const size_t before = setup->problems->count;
	for (size_t i = 0; i < settings->sizes.count; i++) {
		const struct rows_check check = { settings, setup, i };
		rows_check_name(&check);
		rows_check_sides(&check);
		rows_check_format(&check);
		rows_resolve_size(&check, version, &sizes[i]);
	}
	return setup->problems->count == before;
}

/* The bits that a word stands for; 0: it is none. */
static uint32_t rows_format(const char *word)
{
	const uint32_t all = (UINT32_C(1) << SNIFF_KINDS) - (UINT32_C(1) << SNIFF_JPEG);
	if (strcmp(word, "common") == 0)
		return all & ~(uint32_t)SNIFF_DOCUMENTS;
	for (uint32_t kind = SNIFF_JPEG; kind < SNIFF_KINDS; kind++)
		if (strcmp(word, sniff_words[kind]) == 0)
			return UINT32_C(1) << kind;
	return 0;
}

static void rows_complain_format(const struct stage_setup *setup, size_t number, const char *word)
{
	const struct option_plugin *self = setup->self;
	const struct place nowhere = { .file = NULL };
	char path[64];
	snprintf(path, sizeof(path), "formats.%zu", number);
	const char *nearest =
		text_nearest(word, sniff_words + SNIFF_JPEG, SNIFF_KINDS - SNIFF_JPEG);
	option_complain(setup->problems, self->node, self->node ? self->node->place : nowhere, path,
		"'%s' is no format that is known%s%s%s", word, nearest ? " (did you mean '" : "",
		nearest ? nearest : "", nearest ? "'?)" : "");
}

bool rows_reading(const struct rows_settings *settings, const struct stage_setup *setup,
	struct reading *reading)
{
	const size_t before = setup->problems->count;
	*reading = (struct reading){
		.frame = (uint32_t)settings->frame - 1,
		.keep = settings->on_damage == DAMAGE_KEEP,
		.previews = settings->preview == PREVIEW_USE,
		.intent = (enum size_intent)settings->intent,
		.clip_black = !settings->black_point,
	};
	for (size_t i = 0; i < settings->formats.count; i++) {
		const uint32_t bits = rows_format(settings->formats.items[i]);
		if (bits == 0)
			rows_complain_format(setup, i, settings->formats.items[i]);
		reading->formats |= bits;
	}
	return setup->problems->count == before;
}
